/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sim/port_sim.c - exchanges of entries as steps of the scheduler, and the planted fault: see port_sim.h. */
#include "sim/port_sim.h"

bool ptw_sim_torn_exchanges;

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

static uint64_t torn_exchange(void *p, size_t bytes, uint64_t v)
{
    ptw_sim_point(p, false);
    uint64_t old = load(p, bytes);
    ptw_sim_point(p, true);
    store(p, bytes, v);
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
    ptw_sim_point(p, true);
    store(p, bytes, v);
    return true;
}

uint64_t ptw_sim_exchange(void *p, size_t bytes, uint64_t v)
{
    if (ptw_sim_torn_exchanges)
        return torn_exchange(p, bytes, v);
    ptw_sim_point(p, true);
    if (bytes == 8)
        return __atomic_exchange_n((uint64_t *)p, v, __ATOMIC_ACQ_REL);
    return __atomic_exchange_n((uint32_t *)p, (uint32_t)v, __ATOMIC_ACQ_REL);
}

bool ptw_sim_compare_exchange(void *p, size_t bytes, void *expected, uint64_t v)
{
    if (ptw_sim_torn_exchanges)
        return torn_compare_exchange(p, bytes, expected, v);
    ptw_sim_point(p, true);
    if (bytes == 8)
        return __atomic_compare_exchange_n((uint64_t *)p, (uint64_t *)expected, v, false, __ATOMIC_ACQ_REL,
                                           __ATOMIC_ACQUIRE);
    return __atomic_compare_exchange_n((uint32_t *)p, (uint32_t *)expected, (uint32_t)v, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
}
