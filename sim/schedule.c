/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/schedule.c - every order of steps, depth first: each run repeats the choices of the one before it up to the last
 * that can be another, takes the other, and goes on with the same task for as long as it can.
 *
 * The reduction does two things. Where no step that follows in a run depends on the one that was chosen, there is nothing to
 * be gained from another choice: alternatives are noted after a run, for each two steps of different tasks that depend on
 * each other, at the first of them (dynamic partial-order reduction, Flanagan and Godefroid 2005, for all such pairs). And a
 * task that was tried at a node sleeps in what is tried there after it, until a step is done that depends on its own: before
 * that, running it would only do the same steps in another order (sleep sets). When all that could go on sleep, the run is
 * superfluous.
 */
#include "sim/tasks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 100000

/* One choice of the run. Masks of tasks. */
struct node {
    unsigned chosen;
    unsigned can_go_on;
    unsigned wanted; /* to be tried */
    unsigned tried;
    unsigned asleep;
    unsigned preemptions; /* before this choice */
};

struct explorer {
    struct ptw_sim_schedule *s;
    unsigned (*choose)(struct explorer *x, const struct tasks_step *next, unsigned mask);
    struct node *node;
    size_t nodes, nodes_room;
    uint8_t *choice;         /* of this run */
    struct tasks_step *step; /* that each was about */
    size_t choices, choices_room, steps_room;
    size_t fresh;        /* the first choice that is not the same as in the run before */
    bool superfluous;    /* this run */
    const char *failure; /* of the choosing */
    uint64_t random;
    unsigned stay;    /* by chance: a task is left in one of 2^stay choices */
    const char *seed; /* what is left of it */
    uint64_t repeat;  /* how often its task still runs */
    const uint8_t *bytes, *bytes_end;
};

static void *grow(void *array, size_t used, size_t *room, size_t size)
{
    if (used < *room)
        return array;
    *room = *room == 0 ? 256 : 2 * *room;
    array = realloc(array, *room * size);
    if (array == NULL) {
        fputs("ptw-sim: out of host memory\n", stderr);
        abort();
    }
    return array;
}

static void fail(struct explorer *x, const char *why)
{
    if (x->failure == NULL)
        x->failure = why;
}

static unsigned previous(const struct explorer *x)
{
    return x->choices == 0 ? PTW_SIM_TASKS : x->choice[x->choices - 1];
}

/* The task that ran last if it is in the mask, or the first that is. */
static unsigned preferred(const struct explorer *x, unsigned mask)
{
    unsigned last = previous(x);

    return last < PTW_SIM_TASKS && (mask >> last & 1U) != 0 ? last : (unsigned)__builtin_ctz(mask);
}

/* ------------------------------------------------------------------------------------------- depth first --- */

static bool depends(const struct tasks_step *a, const struct tasks_step *b)
{
    return a->address == NULL || b->address == NULL || (a->address == b->address && (a->write || b->write));
}

static bool reduces(const struct explorer *x)
{
    return x->s->reduce && x->s->preemptions == PTW_SIM_ANY;
}

/* Who sleeps after the last choice. */
static unsigned still_asleep(const struct explorer *x, const struct tasks_step *next)
{
    const struct node *before = &x->node[x->choices - 1];
    unsigned mask = before->asleep | before->tried;

    for (unsigned i = 0; i < x->s->tasks; i++)
        if (depends(&next[i], &x->step[x->choices - 1]))
            mask &= ~(1U << i);
    return mask;
}

/* Was the choice at node `i` a preemption, if it was `task`? */
static bool preempts(const struct explorer *x, size_t i, unsigned task)
{
    unsigned last = i == 0 ? task : x->node[i - 1].chosen;

    return task != last && (x->node[i].can_go_on >> last & 1U) != 0;
}

/* A choice that no run before has come to. */
static unsigned choose_new(struct explorer *x, const struct tasks_step *next, unsigned mask)
{
    struct node n = {.can_go_on = mask};
    const size_t i = x->nodes;

    if (i > 0) {
        n.preemptions = x->node[i - 1].preemptions + (preempts(x, i - 1, x->node[i - 1].chosen) ? 1U : 0U);
        n.asleep = reduces(x) ? still_asleep(x, next) : 0;
    }
    if ((mask & ~n.asleep) == 0) {
        x->superfluous = true;
        return preferred(x, mask);
    }
    n.chosen = preferred(x, mask & ~n.asleep);
    n.wanted = reduces(x) ? 0 : mask;
    x->node = grow(x->node, x->nodes, &x->nodes_room, sizeof(*x->node));
    x->node[x->nodes++] = n;
    return n.chosen;
}

static unsigned choose_next(struct explorer *x, const struct tasks_step *next, unsigned mask)
{
    if (x->superfluous || x->failure != NULL)
        return preferred(x, mask);
    if (x->choices == x->nodes)
        return choose_new(x, next, mask);
    if (x->node[x->choices].can_go_on != mask) {
        fail(x,
             "the same choices led to another run: setup() does not make the same state, or a task looks at a clock");
        return preferred(x, mask);
    }
    return x->node[x->choices].chosen;
}

/* The steps before step `j` that it depends on: its task is to be tried in place of each. If that cannot go on there, or
 * sleeps, so that it would not be tried, any other may be what has to come first. */
static void want_before(struct explorer *x, size_t j)
{
    const unsigned task = x->choice[j];

    for (size_t i = 0; i < j && i < x->nodes; i++) {
        struct node *n = &x->node[i];
        if (x->choice[i] != task && depends(&x->step[i], &x->step[j]))
            n->wanted |= ((n->can_go_on & ~n->asleep) >> task & 1U) != 0 ? 1U << task : n->can_go_on;
    }
}

/* Changes the last choice that can be another. False: all were made. */
static bool go_back(struct explorer *x)
{
    for (; x->nodes > 0; x->nodes--) {
        struct node *n = &x->node[x->nodes - 1];
        n->tried |= 1U << n->chosen;
        for (unsigned i = 0; i < x->s->tasks; i++) {
            if ((n->wanted & ~(n->tried | n->asleep) & 1U << i) == 0)
                continue;
            if (preempts(x, x->nodes - 1, i) && n->preemptions >= x->s->preemptions)
                continue;
            n->chosen = i;
            x->fresh = x->nodes - 1;
            return true;
        }
    }
    return false;
}

/* --------------------------------------------------------------------------------------- chance and seeds --- */

static uint64_t next_random(struct explorer *x)
{
    x->random += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t v = x->random;
    v = (v ^ v >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    v = (v ^ v >> 27) * UINT64_C(0x94d049bb133111eb);
    return v ^ v >> 31;
}

/* The n-th of the tasks in the mask, counted round and round. */
static unsigned nth(unsigned mask, unsigned n)
{
    for (n %= (unsigned)__builtin_popcount(mask); n > 0; n--)
        mask &= mask - 1U;
    return (unsigned)__builtin_ctz(mask);
}

static unsigned choose_by_chance(struct explorer *x, const struct tasks_step *next, unsigned mask)
{
    uint64_t random = next_random(x);
    const unsigned last = previous(x);

    (void)next;
    if (last < PTW_SIM_TASKS && (mask >> last & 1U) != 0 && (random >> 32 & ((1U << x->stay) - 1U)) != 0)
        return last;
    return nth(mask, (unsigned)(random & UINT32_MAX));
}

/* A seed is letters, each with a number if it is not 1. The task of its next step, or PTW_SIM_TASKS. */
static unsigned next_of_seed(struct explorer *x)
{
    const char letter = *x->seed;
    const char *end = x->seed + 1;
    uint64_t n = 0;

    if (letter < 'a' || letter >= 'a' + PTW_SIM_TASKS)
        return PTW_SIM_TASKS;
    for (; *end >= '0' && *end <= '9'; end++)
        n = n * 10 + (uint64_t)(*end - '0');
    if (++x->repeat >= n) {
        x->seed = end;
        x->repeat = 0;
    }
    return (unsigned)(letter - 'a');
}

static unsigned choose_by_seed(struct explorer *x, const struct tasks_step *next, unsigned mask)
{
    unsigned task = next_of_seed(x);

    (void)next;
    if (task < PTW_SIM_TASKS && (mask >> task & 1U) != 0)
        return task;
    fail(x, "the seed does not fit");
    return preferred(x, mask);
}

static void write_seed(const struct explorer *x, char *seed)
{
    size_t used = 0;

    seed[0] = 0;
    for (size_t i = 0, n = 1; i < x->choices; i += n, n = 1) {
        char part[24];
        while (i + n < x->choices && x->choice[i + n] == x->choice[i])
            n++;
        int length = n == 1 ? snprintf(part, sizeof(part), "%c", 'a' + x->choice[i])
                            : snprintf(part, sizeof(part), "%c%zu", 'a' + x->choice[i], n);
        if (used + (size_t)length + 2 > PTW_SIM_SEED) {
            memcpy(seed + used, "+", 2); /* too long: fits nothing */
            return;
        }
        memcpy(seed + used, part, (size_t)length + 1);
        used += (size_t)length;
    }
}

static unsigned choose_by_bytes(struct explorer *x, const struct tasks_step *next, unsigned mask)
{
    const unsigned last = previous(x);

    (void)next;
    if (x->repeat > 0 && (mask >> last & 1U) != 0) {
        x->repeat--;
        return last;
    }
    x->repeat = 0;
    if (x->bytes == x->bytes_end)
        return preferred(x, mask);
    x->repeat = *x->bytes >> 3U;
    return nth(mask, *x->bytes++ & 7U);
}

/* -------------------------------------------------------------------------------------------------- runs --- */

static unsigned choose(void *ctx, const struct tasks_step *next, unsigned mask)
{
    struct explorer *x = ctx;
    unsigned task = x->choose(x, next, mask);

    x->choice = grow(x->choice, x->choices, &x->choices_room, 1);
    x->step = grow(x->step, x->choices, &x->steps_room, sizeof(*x->step));
    x->choice[x->choices] = (uint8_t)task;
    x->step[x->choices++] = next[task];
    return task;
}

/* False: it failed, and s->failure says how. */
static bool run(struct explorer *x, struct tasks *t)
{
    struct ptw_sim_schedule *s = x->s;

    x->choices = 0;
    x->superfluous = false;
    x->failure = NULL;
    if (s->setup != NULL)
        s->setup(s->ctx);
    s->failure = tasks_run(t, s->steps_max == 0 ? STEPS_MAX : s->steps_max, &s->steps);
    if (s->failure == NULL)
        s->failure = x->failure;
    if (s->failure == NULL && s->check != NULL)
        s->failure = s->check(s->ctx);
    if (x->superfluous)
        s->pruned++;
    else
        s->runs++;
    if (s->failure != NULL)
        write_seed(x, s->seed);
    return s->failure == NULL;
}

static struct tasks *begin(struct explorer *x)
{
    struct ptw_sim_schedule *s = x->s;

    s->runs = s->pruned = s->steps = 0;
    s->complete = false;
    s->failure = NULL;
    s->seed[0] = 0;
    return tasks_start(s->task, s->tasks, choose, x);
}

static bool end(struct explorer *x, struct tasks *t)
{
    const struct ptw_sim_schedule *s = x->s;

    tasks_stop(t);
    free(x->node);
    free(x->choice);
    free(x->step);
    if (s->failure != NULL && !s->quiet)
        fprintf(stderr, "ptw-sim: run %" PRIu64 ": %s; seed \"%s\"\n", s->runs + s->pruned, s->failure, s->seed);
    return s->failure == NULL;
}

bool ptw_sim_explore(struct ptw_sim_schedule *s)
{
    struct explorer x = {.s = s, .choose = choose_next};
    struct tasks *t = begin(&x);

    while (run(&x, t)) {
        for (size_t j = x.fresh; j < x.choices && reduces(&x); j++)
            want_before(&x, j);
        s->complete = !go_back(&x);
        if (s->complete || (s->runs_max != 0 && s->runs + s->pruned >= s->runs_max))
            break;
    }
    return end(&x, t);
}

bool ptw_sim_explore_random(struct ptw_sim_schedule *s, uint64_t runs, uint64_t seed)
{
    struct explorer x = {.s = s, .choose = choose_by_chance, .random = seed};
    struct tasks *t = begin(&x);

    do
        x.stay = (unsigned)(next_random(&x) % 8);
    while (run(&x, t) && s->runs < runs);
    if (s->failure != NULL && !s->quiet)
        fprintf(stderr, "ptw-sim: random seed %" PRIu64 "\n", seed);
    return end(&x, t);
}

bool ptw_sim_replay(struct ptw_sim_schedule *s, const char *seed)
{
    struct explorer x = {.s = s, .choose = choose_by_seed, .seed = seed};
    struct tasks *t = begin(&x);

    (void)run(&x, t);
    if (*x.seed != 0)
        s->failure = "the seed does not fit: it goes on";
    return end(&x, t);
}

bool ptw_sim_run_bytes(struct ptw_sim_schedule *s, const uint8_t *bytes, size_t n)
{
    struct explorer x = {.s = s, .choose = choose_by_bytes, .bytes = bytes, .bytes_end = bytes + n};
    struct tasks *t = begin(&x);

    (void)run(&x, t);
    return end(&x, t);
}
