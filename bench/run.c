/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/run.c - rounds: both sides in turn, each step timed by itself, and the first round compared.
 *
 * In the other mode one row's step runs without a clock inside of bench_measured(), for a tool that counts its
 * instructions (callgrind --toggle-collect=bench_measured).
 */
#include "bench.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEPS (sizeof(((struct bench_case *)0)->steps) / sizeof(((struct bench_case *)0)->steps[0]))

/* The samples of one case: by step, side and round. */
struct samples {
    unsigned rounds;
    uint64_t *value[STEPS][2];
};

static uint64_t now(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000U + (uint64_t)ts.tv_nsec;
}

/* What reading the clock twice costs, to be taken off each time. */
static uint64_t clock_cost(void)
{
    uint64_t least = ~UINT64_C(0);

    for (unsigned i = 0; i < 1000; i++) {
        uint64_t start = now(), took = now() - start;
        if (took < least)
            least = took;
    }
    return least;
}

static bool wanted(const struct bench *b, const struct bench_step *step)
{
    return step->row != NULL && fnmatch(b->glob, step->row, 0) == 0;
}

/* False after a message if a step has failed. */
static bool went_well(const struct bench_side *s, const struct bench_step *step)
{
    const char *row = step->row == NULL ? "a preparing step" : step->row;
    const char *side = s->floor ? "floor" : "library";

    if (s->wrong != NULL)
        fprintf(stderr, "ptw-bench: %s: %s (%s): %s\n", s->bench->floor->format->name, row, side, s->wrong);
    else if (s->failed != PTW_OK)
        fprintf(stderr, "ptw-bench: %s: %s (%s): an operation failed, statuses %#llx\n", s->bench->floor->format->name,
                row, side, (unsigned long long)s->failed);
    return s->wrong == NULL && s->failed == PTW_OK;
}

/* All steps of one side once. `sample`: times go to index `round`; otherwise answers and digests go to `seen`. */
static bool play(struct bench_side *s, const struct bench_case *c, struct samples *samples, unsigned round,
                 uint64_t cost, uint64_t (*seen)[2])
{
    for (size_t i = 0; c->steps[i].run != NULL; i++) {
        const struct bench_step *step = &c->steps[i];
        uint64_t start = now(), answer = step->run(s), took = now() - start;

        if (!went_well(s, step))
            return false;
        if (seen != NULL) {
            seen[i][0] = step->kind == BENCH_COUNT ? 0 : answer;
            seen[i][1] = step->compare ? bench_digest(s) : 0;
        } else if (step->kind == BENCH_COUNT) {
            samples->value[i][s->floor][round] = answer;
        } else if (step->kind == BENCH_TIME) {
            samples->value[i][s->floor][round] = (took > cost ? took - cost : 0) * 1000U / s->ops;
        }
    }
    return true;
}

/* The round that is not counted: the library and the floor must have done the same. */
static bool compare(struct bench *b, const struct bench_case *c)
{
    uint64_t seen[2][STEPS][2];

    for (unsigned side = 0; side < 2; side++) {
        if (!play(&b->side[side], c, NULL, 0, 0, seen[side]))
            return false;
    }
    for (size_t i = 0; c->steps[i].run != NULL; i++) {
        if (memcmp(seen[0][i], seen[1][i], sizeof(seen[0][i])) != 0) {
            fprintf(stderr, "ptw-bench: %s: library and floor disagree in step %zu of the case with row %s: %s\n",
                    b->floor->format->name, i, c->steps[i].row == NULL ? "(none)" : c->steps[i].row,
                    seen[0][i][0] != seen[1][i][0] ? "other answers, or another invalidation owed" : "other tables");
            return false;
        }
    }
    return true;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static void report_samples(const struct bench *b, const struct bench_case *c, const struct samples *samples)
{
    for (size_t i = 0; c->steps[i].run != NULL; i++) {
        struct bench_figures f;

        if (!wanted(b, &c->steps[i]))
            continue;
        for (unsigned side = 0; side < 2; side++) {
            uint64_t *v = samples->value[i][side];

            qsort(v, samples->rounds, sizeof(*v), by_value);
            f.min[side] = v[0];
            f.median[side] = v[samples->rounds / 2];
        }
        bench_report(b, &c->steps[i], &f);
    }
}

static bool play_rounds(struct bench *b, const struct bench_case *c, struct samples *samples)
{
    uint64_t cost = clock_cost();

    for (unsigned round = 0; round < samples->rounds; round++) {
        for (unsigned turn = 0; turn < 2; turn++) {
            if (!play(&b->side[(round + turn) & 1U], c, samples, round, cost, NULL))
                return false;
        }
    }
    return true;
}

static unsigned rounds_of(const struct bench *b, const struct bench_case *c)
{
    if (b->rounds != 0)
        return b->rounds;
    return b->quick ? (c->rounds + 9U) / 10U + 1U : c->rounds;
}

static bool set_up(struct bench *b, const struct bench_case *c)
{
    for (unsigned side = 0; side < 2; side++) {
        struct bench_side *s = &b->side[side];

        memset(s, 0, sizeof(*s));
        s->bench = b;
        s->peer = &b->side[1U - side];
        s->floor = side == BENCH_FLOOR;
        s->memory.arena = &b->arena;
        s->memory.second = &s->second;
        s->second.arena = &b->second;
        if (!bench_open(s, c)) {
            fprintf(stderr, "ptw-bench: %s: no table\n", b->floor->format->name);
            return false;
        }
        if (c->setup != NULL)
            c->setup(s);
        if (!went_well(s, &c->steps[0]))
            return false;
    }
    return true;
}

static bool tear_down(struct bench *b, const struct bench_case *c)
{
    bool well = true;

    for (unsigned side = 2; side-- > 0;) {
        if (c->teardown != NULL)
            c->teardown(&b->side[side]);
        bench_close(&b->side[side]);
        well = went_well(&b->side[side], &c->steps[0]) && well;
    }
    return well;
}

static const struct bench_step *find_step(const struct bench *b, const struct bench_case *c)
{
    for (size_t i = 0; c->steps[i].run != NULL; i++) {
        if (wanted(b, &c->steps[i]))
            return &c->steps[i];
    }
    return NULL;
}

static int skip(const struct bench *b, const struct bench_case *c, const char *why)
{
    for (size_t i = 0; c->steps[i].run != NULL; i++) {
        if (wanted(b, &c->steps[i]))
            bench_report_skip(b, &c->steps[i], why);
    }
    return 0;
}

int bench_run_case(struct bench *b, const struct bench_case *c)
{
    struct samples samples = {.rounds = rounds_of(b, c)};
    uint64_t *values;
    bool well;

    if (find_step(b, c) == NULL)
        return 0;
    if (c->threads && b->second_cpu < 0)
        return skip(b, c, "one processor only");
    values = calloc(STEPS * 2U * samples.rounds, sizeof(*values));
    if (values == NULL) {
        fprintf(stderr, "ptw-bench: no memory\n");
        return 1;
    }
    for (size_t i = 0; i < STEPS * 2U; i++)
        samples.value[i / 2U][i % 2U] = values + i * samples.rounds;
    well = set_up(b, c) && compare(b, c);
    if (well) {
        bench_arena_mark(&b->arena);
        bench_arena_mark(&b->second);
        well = play_rounds(b, c, &samples);
        bench_arena_unmark(&b->arena);
        bench_arena_unmark(&b->second);
    }
    if (well) {
        report_samples(b, c, &samples);
        well = tear_down(b, c);
    }
    free(values);
    return well ? 0 : 1;
}

/* -------------------------------------------------------------------------------------------- instructions --- */

PTW_NOINLINE uint64_t bench_measured(const struct bench_step *step, struct bench_side *s)
{
    uint64_t answer = step->run(s);

    __asm__ volatile("" ::: "memory"); /* so that the call above is not a jump out of here */
    return answer;
}

static int count_step(struct bench *b, const struct bench_case *c, const struct bench_step *wanted_step, uint64_t n,
                      enum bench_counted counted)
{
    struct bench_side *s = &b->side[counted == BENCH_COUNT_FLOOR ? BENCH_FLOOR : BENCH_LIBRARY];
    uint64_t ops = 0;

    if (!set_up(b, c))
        return 1;
    if (counted == BENCH_COUNT_LOOP)
        s->t.ops = &bench_nothing;
    for (uint64_t round = 0; round < n; round++) {
        for (size_t i = 0; c->steps[i].run != NULL; i++) {
            if (&c->steps[i] == wanted_step) {
                (void)bench_measured(wanted_step, s);
                ops += s->ops;
            } else {
                (void)c->steps[i].run(s);
            }
            if (!went_well(s, &c->steps[i]))
                return 1;
        }
    }
    printf("%s %llu\n", wanted_step->row, (unsigned long long)ops);
    return tear_down(b, c) ? 0 : 1;
}

int bench_instructions(struct bench *b, const char *row, uint64_t n, enum bench_counted counted)
{
    b->glob = row;
    for (size_t i = 0; bench_cases[i] != NULL; i++) {
        const struct bench_step *step = find_step(b, bench_cases[i]);

        if (step != NULL && step->kind == BENCH_TIME && !bench_cases[i]->threads)
            return count_step(b, bench_cases[i], step, n, counted);
    }
    fprintf(stderr, "ptw-bench: no row \"%s\"; --list names them\n", row);
    return 2;
}
