/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/tasks.c - tasks as threads that hand one token over: who has it runs, all others wait.
 *
 *   run:   home -> each task up to its first point, one after the other -> steps, as chosen -> home
 *
 * The task that comes to a point asks for the choice itself. So a step that stays with its task costs no switch, and all
 * that is shared is touched by the token's holder only: who waits for it sleeps at a semaphore of his own. Only one of the
 * threads runs at any time: on one processor, where the host lets them choose, so that none is woken on another one.
 */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* sched_getcpu() */
#endif

#include "sim/tasks.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

struct worker {
    struct tasks *all;
    unsigned number;
    struct ptw_sim_task task;
    pthread_t thread;
    sem_t turn;  /* the token is this one's */
    jmp_buf end; /* of the task's run: for one that waits for what will never be */
};

struct tasks {
    struct worker worker[PTW_SIM_TASKS + 1]; /* the last one used is home: the thread that asked for the run */
    unsigned n;
    struct tasks_step next[PTW_SIM_TASKS];
    unsigned begun; /* tasks that have come to their first point */
#ifdef __linux__
    cpu_set_t processors; /* of home, before and after */
#endif
    bool stuck; /* all waited for each other: locks do not hold any more */
    bool quit;
    uint64_t steps, steps_max;
    const char *failure;
    tasks_choose *choose;
    void *ctx;
};

/* The worker that this thread is, or NULL. */
static _Thread_local struct worker *self;

static void fail(struct tasks *t, const char *why)
{
    if (t->failure == NULL)
        t->failure = why;
}

static void wait_for_turn(struct worker *w)
{
    while (sem_wait(&w->turn) != 0) { /* a signal */
    }
}

static void hand_to(struct tasks *t, unsigned number)
{
    (void)sem_post(&t->worker[number].turn);
}

static bool waits(const struct tasks_step *s)
{
    if (s->lock != NULL)
        return s->lock->held != 0;
    if (s->watched == 8)
        return __atomic_load_n((const volatile uint64_t *)s->address, __ATOMIC_RELAXED) == s->held;
    return s->watched != 0 && __atomic_load_n((const volatile uint32_t *)s->address, __ATOMIC_RELAXED) == s->held;
}

static unsigned can_go_on(const struct tasks *t)
{
    unsigned mask = 0;

    for (unsigned i = 0; i < t->n; i++)
        if (!t->next[i].ended && (t->stuck || !waits(&t->next[i])))
            mask |= 1U << i;
    return mask;
}

static unsigned unended(const struct tasks *t)
{
    unsigned n = 0;

    for (unsigned i = 0; i < t->n; i++)
        n += t->next[i].ended ? 0 : 1;
    return n;
}

/* Of the tasks in the mask the one after the last that was run like this: none is forgotten. */
static unsigned in_turn(const struct tasks *t, unsigned mask)
{
    unsigned i = (unsigned)(t->steps % t->n);

    while ((mask >> i & 1U) == 0)
        i = (i + 1) % t->n;
    return i;
}

/* Who goes on: a task, or home when all have ended. */
static unsigned choose(struct tasks *t)
{
    unsigned mask;

    if (t->begun < t->n && ++t->begun < t->n)
        return t->begun;
    mask = can_go_on(t);
    if (mask == 0 && unended(t) != 0) {
        fail(t, "every task waits");
        t->stuck = true;
        mask = can_go_on(t);
    }
    if (mask == 0)
        return t->n;
    if (t->steps == 2 * t->steps_max) {
        fputs("ptw-sim: a run has no end: its tasks wait in a loop without ptw_sim_wait_while()\n", stderr);
        abort();
    }
    if (t->steps++ >= t->steps_max) {
        fail(t, "a run of too many steps");
        return in_turn(t, mask);
    }
    return t->choose(t->ctx, t->next, mask);
}

static void run_task(struct worker *w)
{
    if (setjmp(w->end) == 0)
        w->task.run(w->task.ctx);
}

static void *work(void *arg)
{
    struct worker *w = arg;
    struct tasks *t = w->all;

    self = w;
    for (;;) {
        wait_for_turn(w);
        if (t->quit)
            return NULL;
        run_task(w);
        t->next[w->number].ended = true;
        hand_to(t, choose(t));
    }
}

static void step(struct worker *w, const struct tasks_step *next)
{
    struct tasks *t = w->all;
    unsigned chosen;

    t->next[w->number] = *next;
    chosen = choose(t);
    if (chosen == w->number)
        return;
    hand_to(t, chosen);
    wait_for_turn(w);
}

/* ------------------------------------------------------------------------------------------------- runs --- */

/* The threads that this one starts inherit its processors. A host that refuses is slower. */
static void stay_here(struct tasks *t)
{
#ifdef __linux__
    const int here = sched_getcpu();
    cpu_set_t one;

    CPU_ZERO(&t->processors);
    if (here < 0 || here >= CPU_SETSIZE || sched_getaffinity(0, sizeof(t->processors), &t->processors) != 0)
        return;
    CPU_ZERO(&one);
    CPU_SET((size_t)here, &one);
    (void)sched_setaffinity(0, sizeof(one), &one);
#else
    (void)t;
#endif
}

static void go_anywhere(const struct tasks *t)
{
#ifdef __linux__
    if (CPU_COUNT(&t->processors) != 0)
        (void)sched_setaffinity(0, sizeof(t->processors), &t->processors);
#else
    (void)t;
#endif
}

struct tasks *tasks_start(const struct ptw_sim_task *task, unsigned n, tasks_choose *chooser, void *ctx)
{
    struct tasks *t = calloc(1, sizeof(*t));

    if (t == NULL || n > PTW_SIM_TASKS) {
        fputs("ptw-sim: too many tasks, or out of host memory\n", stderr);
        abort();
    }
    t->n = n;
    t->choose = chooser;
    t->ctx = ctx;
    stay_here(t);
    for (unsigned i = 0; i <= n; i++) {
        t->worker[i].all = t;
        t->worker[i].number = i;
        (void)sem_init(&t->worker[i].turn, 0, 0);
    }
    for (unsigned i = 0; i < n; i++) {
        t->worker[i].task = task[i];
        if (pthread_create(&t->worker[i].thread, NULL, work, &t->worker[i]) != 0) {
            fputs("ptw-sim: the host gives no thread\n", stderr);
            abort();
        }
    }
    return t;
}

void tasks_stop(struct tasks *t)
{
    t->quit = true;
    for (unsigned i = 0; i < t->n; i++) {
        hand_to(t, i);
        pthread_join(t->worker[i].thread, NULL);
    }
    for (unsigned i = 0; i <= t->n; i++)
        (void)sem_destroy(&t->worker[i].turn);
    go_anywhere(t);
    free(t);
}

const char *tasks_run(struct tasks *t, uint64_t steps_max, uint64_t *steps)
{
    t->failure = NULL;
    t->stuck = false;
    t->steps = 0;
    t->steps_max = steps_max;
    t->begun = 0;
    for (unsigned i = 0; i < t->n; i++)
        t->next[i] = (struct tasks_step){.ended = false};
    hand_to(t, 0);
    wait_for_turn(&t->worker[t->n]);
    *steps += t->steps;
    return t->failure;
}

/* ------------------------------------------------------------------------------------ what tasks may call --- */

void ptw_sim_point(const volatile void *address, bool write)
{
    if (self != NULL)
        step(self, &(struct tasks_step){.address = address, .write = write});
}

void ptw_sim_wait_while(const volatile void *p, size_t bytes, uint64_t v, bool write)
{
    if (self == NULL) {
        sched_yield();
        return;
    }
    step(self, &(struct tasks_step){.address = p, .watched = bytes, .held = v, .write = write});
    if (self->all->stuck)
        longjmp(self->end, 1);
}

unsigned ptw_sim_task_number(void)
{
    return self == NULL ? PTW_SIM_TASKS : self->number;
}

bool ptw_sim_fail(const char *why)
{
    if (self == NULL)
        return true;
    fail(self->all, why);
    return false;
}

void ptw_sim_lock_take(struct ptw_sim_lock *lock)
{
    if (self != NULL) {
        step(self, &(struct tasks_step){.address = lock, .lock = lock, .write = true});
        lock->held = 1;
        return;
    }
    while (__atomic_exchange_n(&lock->held, 1U, __ATOMIC_ACQUIRE) != 0)
        sched_yield();
}

void ptw_sim_lock_give(struct ptw_sim_lock *lock)
{
    __atomic_store_n(&lock->held, 0U, __ATOMIC_RELEASE);
}
