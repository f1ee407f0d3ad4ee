/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sim/tasks.h - threads that run one at a time, step by step, as somebody chooses: what schedule.c stands on. */
#ifndef SIM_TASKS_H
#define SIM_TASKS_H

#include <ptw/sim_schedule.h>

/* The step that a task would do next. */
struct tasks_step {
    const volatile void *address;
    const struct ptw_sim_lock *lock; /* NULL, or the step can be done only while nobody holds it */
    size_t watched;                  /* 0, or the step can be done only while so many bytes at `address` ... */
    uint64_t held;                   /* ... are not this */
    bool write;
    bool ended; /* there is none */
};

/* Which of the tasks in the mask goes on. Called by whichever thread runs at that moment. */
typedef unsigned tasks_choose(void *ctx, const struct tasks_step *next, unsigned can_go_on);

struct tasks;

struct tasks *tasks_start(const struct ptw_sim_task *task, unsigned n, tasks_choose *choose, void *ctx);
void tasks_stop(struct tasks *t);

/* One run, up to the end of all tasks. NULL, or how it failed. A run of more than `steps_max` steps is one that failed,
 * and goes on with fair choices; of more than twice as many, it ends the program. */
const char *tasks_run(struct tasks *t, uint64_t steps_max, uint64_t *steps);

#endif
