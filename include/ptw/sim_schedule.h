/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/sim_schedule.h - runs a few tasks in every order that their steps can be in.
 *
 *   static void writer(void *ctx) { ... ptw_sim_point(&x, false); old = x; ptw_sim_point(&x, true); x = old + 1; }
 *
 *   struct ptw_sim_schedule s = {
 *       .task = {{writer, &a}, {writer, &b}}, .tasks = 2, .setup = setup, .check = check, .preemptions = PTW_SIM_ANY};
 *   if (!ptw_sim_explore(&s))
 *       puts(s.failure);                  and ptw_sim_replay(&s, s.seed) does that one run again
 *
 * A step is what a task does from one point to the next; what it does before its first point belongs to no step and must
 * touch nothing that another task touches. One task runs at a time, so that a step is never interrupted and every run is
 * sequentially consistent: reorderings by processors are not explored. Tasks are threads that hand a token over, which
 * AddressSanitizer, ThreadSanitizer and Valgrind understand. One exploration at a time in a program.
 *
 * A library of page tables becomes a task by port_sim.h, which makes each access to an entry a point; simulated
 * processors (ptw/sim_mmu.h) have points at each entry that they read or change, and locks.
 */
#ifndef PTW_SIM_SCHEDULE_H
#define PTW_SIM_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PTW_SIM_TASKS 8
#define PTW_SIM_SEED 4096
#define PTW_SIM_ANY (~0U) /* preemptions: as many as there can be */

struct ptw_sim_task {
    void (*run)(void *ctx);
    void *ctx;
};

struct ptw_sim_schedule {
    /* What to run. */
    struct ptw_sim_task task[PTW_SIM_TASKS];
    unsigned tasks;
    void (*setup)(void *ctx);        /* NULL, or called before each run: must make the same state each time */
    const char *(*check)(void *ctx); /* NULL, or called after each run: NULL, or a clause that says what is wrong */
    void *ctx;                       /* of both */

    /*
     * How. A preemption is a switch away from a task that could have gone on.
     * `reduce`: of runs that differ only in the order of steps which do not depend on each other - other addresses, or
     * both only read - one is enough (dynamic partial-order reduction with sleep sets). That is sound if all that tasks
     * share is touched under a point that names it, or in an order that such points decide. It is ignored where
     * preemptions are bounded: both together would leave out classes of runs that the bound allows.
     */
    unsigned preemptions; /* 0: tasks run one after the other; PTW_SIM_ANY: no bound */
    bool reduce;
    bool quiet;         /* do not print failures to stderr */
    uint64_t runs_max;  /* stop after so many; 0: no bound */
    uint64_t steps_max; /* a run of more steps is a failure (two tasks wait for each other in a loop); 0: 100000 */

    /* What came of it: set by each of the four functions below. */
    uint64_t runs;   /* complete ones, without those that `reduce` found to be superfluous when they were under way */
    uint64_t pruned; /* those */
    uint64_t steps;  /* of all of them */
    bool complete;   /* every order that `preemptions` allows was run */
    const char *failure;
    char seed[PTW_SIM_SEED]; /* of the failure: the tasks in order of their steps, "a3b12a" is aaabbbbbbbbbbbba */
};

/* Runs all orders, depth first: first the tasks one after the other. Stops at the first failure. True: there was none. */
bool ptw_sim_explore(struct ptw_sim_schedule *s);

/* `runs` orders chosen by chance out of `seed`, which is printed with a failure; s->seed replays the one run. */
bool ptw_sim_explore_random(struct ptw_sim_schedule *s, uint64_t runs, uint64_t seed);

/* The one run that `seed` says, setup() and check() included. A seed that does not fit is a failure. */
bool ptw_sim_replay(struct ptw_sim_schedule *s, const char *seed);

/*
 * One run in the order that `n` bytes say, whatever they are: for fuzzers. b & 7 chooses among the tasks that can go
 * on, which then does (b >> 3) + 1 steps, if it can. After the last byte each task goes on for as long as it can.
 */
bool ptw_sim_run_bytes(struct ptw_sim_schedule *s, const uint8_t *bytes, size_t n);

/*
 * In a task: the next step begins here, and reads or writes at `address` first. Steps of two tasks depend on each other if
 * they name the same address - the pointers are compared, not what they span - and one of them writes. NULL depends on
 * everything. Outside of a run a point does nothing.
 */
void ptw_sim_point(const volatile void *address, bool write);

/*
 * In a task: like a point at the word of 4 or 8 bytes at `p`, but the step can be done only while the word is not `v`. For
 * loops that wait for another task: `while ((seen = load(p)) == v) ptw_sim_wait_while(p, sizeof(*p), v, false)` has an end
 * in every order. If all tasks wait, that is a failure, and this call does not return: it ends its task. Outside of a run
 * it only yields.
 */
void ptw_sim_wait_while(const volatile void *p, size_t bytes, uint64_t v, bool write);

/* In a task: this run has failed. The run goes on; the first reason counts. True outside of a run: nobody was told. */
bool ptw_sim_fail(const char *why);

/* The number of the task that this is; PTW_SIM_TASKS outside of a run. */
unsigned ptw_sim_task_number(void);

/*
 * A lock that tasks can wait for, and threads outside of a run, too (they spin). To take it is a step that writes to it. If
 * all tasks wait, that is a failure, and no lock holds any more, so that the run can end.
 */
struct ptw_sim_lock {
    unsigned held;
};

void ptw_sim_lock_take(struct ptw_sim_lock *lock);
void ptw_sim_lock_give(struct ptw_sim_lock *lock);

#endif
