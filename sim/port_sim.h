/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/port_sim.h - a PTW_PORT_HEADER: each access of the library to an entry is a step of ptw/sim_schedule.h.
 *
 *   cc -DPTW_PORT_HEADER='"sim/port_sim.h"' ...      and link libptw-sim.a
 *
 * The atomics are those of ptw/port.h, after a ptw_sim_point(). A pointer is evaluated twice: it has no effects.
 */
#ifndef SIM_PORT_SIM_H
#define SIM_PORT_SIM_H

#include <ptw/sim_schedule.h>

#define PTW_LOAD(p) (ptw_sim_point((p), false), __atomic_load_n((p), __ATOMIC_RELAXED))
#define PTW_STORE(p, v) ptw_sim_store((p), sizeof(*(p)), (v))
#define PTW_PUBLISH(p, v) ptw_sim_store((p), sizeof(*(p)), (v))
#define PTW_EXCHANGE(p, v) ((__typeof__(*(p)))ptw_sim_exchange((p), sizeof(*(p)), (v)))
#define PTW_COMPARE_EXCHANGE(p, expected, v) ptw_sim_compare_exchange((p), sizeof(*(p)), (expected), (v))

/* Barriers are no steps: every run is sequentially consistent. Who waits for a word is not run before it has changed, and who
 * takes one not before it is free: loops that wait have an end in every order. */
#define PTW_FENCE() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define PTW_LOAD_ACQUIRE(p) (ptw_sim_point((p), false), __atomic_load_n((p), __ATOMIC_ACQUIRE))
#define PTW_TAKE_WORD(p)                                                                                               \
    (ptw_sim_wait_while((p), sizeof(*(p)), 1, true), __atomic_exchange_n((p), 1U, __ATOMIC_ACQUIRE) == 0)
#define PTW_PAUSE_WHILE(p, v) ptw_sim_wait_while((p), sizeof(*(p)), (v), false)

/* Of entries of 4 or 8 bytes. */
void ptw_sim_store(void *p, size_t bytes, uint64_t v);
uint64_t ptw_sim_exchange(void *p, size_t bytes, uint64_t v);
bool ptw_sim_compare_exchange(void *p, size_t bytes, void *expected, uint64_t v);

/* NULL, or called at the end of each step that has stored `now` where `old` was. */
struct ptw_sim_watch {
    void (*stored)(void *ctx, const void *p, size_t bytes, uint64_t old, uint64_t now);
    void *ctx;
};
extern struct ptw_sim_watch ptw_sim_watch;

/* A planted fault, for tests of tests: while this is true both are a load and, one step later, a store. */
extern bool ptw_sim_torn_exchanges;

#endif
