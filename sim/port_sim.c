/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sim/port_sim.c - exchanges of entries as steps of the scheduler, and the planted fault: see port_sim.h. */
#include "sim/port_sim.h"

bool ptw_sim_torn_exchanges;
struct ptw_sim_watch ptw_sim_watch;

static uint64_t load(const void *p, size_t bytes)
{
    return bytes == 8 ? __atomic_load_n((const uint64_t *)p, __ATOMIC_ACQUIRE)
                      : __atomic_load_n((const uint32_t *)p, __ATOMIC_ACQUIRE);
}

static void store(void *p, size_t bytes, uint64_t v)
{
    if (bytes == 8)
        __atomic_store_n((uint64_t *)p, v, __ATOMIC_RELEASE);
    else
        __atomic_store_n((uint32_t *)p, (uint32_t)v, __ATOMIC_RELEASE);
}

static void tell(const void *p, size_t bytes, uint64_t old, uint64_t now)
{
    if (ptw_sim_watch.stored != NULL)
        ptw_sim_watch.stored(ptw_sim_watch.ctx, p, bytes, old, now);
}

void ptw_sim_store(void *p, size_t bytes, uint64_t v)
{
    ptw_sim_point(p, true);
    const uint64_t old = ptw_sim_watch.stored == NULL ? 0 : load(p, bytes);
    store(p, bytes, v);
    tell(p, bytes, old, v);
}

static uint64_t torn_exchange(void *p, size_t bytes, uint64_t v)
{
    ptw_sim_point(p, false);
    uint64_t old = load(p, bytes);
    ptw_sim_store(p, bytes, v);
    return old;
}

static bool torn_compare_exchange(void *p, size_t bytes, void *expected, uint64_t v)
{
    ptw_sim_point(p, false);
    uint64_t old = load(p, bytes);

    if (old != load(expected, bytes)) {
        store(expected, bytes, old);
        return false;
    }
    ptw_sim_store(p, bytes, v);
    return true;
}

uint64_t ptw_sim_exchange(void *p, size_t bytes, uint64_t v)
{
    uint64_t old;

    if (ptw_sim_torn_exchanges)
        return torn_exchange(p, bytes, v);
    ptw_sim_point(p, true);
    if (bytes == 8)
        old = __atomic_exchange_n((uint64_t *)p, v, __ATOMIC_ACQ_REL);
    else
        old = __atomic_exchange_n((uint32_t *)p, (uint32_t)v, __ATOMIC_ACQ_REL);
    tell(p, bytes, old, v);
    return old;
}

bool ptw_sim_compare_exchange(void *p, size_t bytes, void *expected, uint64_t v)
{
    bool won;

    if (ptw_sim_torn_exchanges)
        return torn_compare_exchange(p, bytes, expected, v);
    ptw_sim_point(p, true);
    if (bytes == 8)
        won = __atomic_compare_exchange_n((uint64_t *)p, (uint64_t *)expected, v, false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_ACQUIRE);
    else
        won = __atomic_compare_exchange_n((uint32_t *)p, (uint32_t *)expected, (uint32_t)v, false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_ACQUIRE);
    if (won)
        tell(p, bytes, load(expected, bytes), v);
    return won;
}
