/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sim_world.h - for tests of ptw/sim_mmu.h: two cores and tables of the toy MMU, made by hand. */
#ifndef TEST_SIM_WORLD_H
#define TEST_SIM_WORLD_H

#include "conformance.h"

#include "support/toy.h"

#define VALID UINT64_C(1)
#define LEAF UINT64_C(3)
#define R UINT64_C(4)
#define W UINT64_C(8)
#define A UINT64_C(0x20)
#define D UINT64_C(0x40)
#define OUT UINT64_C(0x700000)

/* Three levels: root[0] -> middle, middle[0] -> bottom, middle[1] a leaf of 32 KiB, bottom[0 ... 1] leaves, then holes. */
struct world {
    struct ptw_sim_memory memory;
    struct ptw_sim_core core[2];
    struct ptw_sim_cores cores;
    uint64_t *root, *middle, *bottom;
    ptw_oa root_pa, middle_pa, bottom_pa;
};

#define LARGE UINT64_C(0x8000) /* the address of the large leaf */
#define HOLE UINT64_C(0x3000)  /* in the bottom table */
#define FAR UINT64_C(0x40000)  /* below another entry of the root */

static inline uint64_t *make_table(struct world *w, ptw_oa *pa)
{
    uint64_t *table = w->memory.hooks.alloc(&w->memory, 64, pa);

    memset(table, 0, 64);
    return table;
}

static inline void make_world(struct world *w, unsigned options, bool holes)
{
    struct ptw_sim_mmu mmu = {holes ? &toy_walker_of_holes : &toy_walker, {0, 3, 1}};

    ptw_sim_memory_init(&w->memory, PTW_SIM_BLOCK_MAX, options);
    w->root = make_table(w, &w->root_pa);
    w->middle = make_table(w, &w->middle_pa);
    w->bottom = make_table(w, &w->bottom_pa);
    w->root[0] = w->middle_pa | VALID;
    w->middle[0] = w->bottom_pa | VALID;
    w->middle[1] = OUT | LARGE | LEAF | R | W;
    w->bottom[0] = OUT | LEAF | R | W;
    w->bottom[1] = (OUT + 0x1000) | LEAF | R | W;
    w->bottom[2] = (OUT + 0x2000) | LEAF | R;
    mmu.reg[0] = w->root_pa;
    ptw_sim_cores_init(&w->cores, w->core, 2, &mmu, &w->memory);
}

static inline void end_world(struct world *w)
{
    ptw_sim_cores_fini(&w->cores);
    assert_null(w->memory.freeing);
    ptw_sim_memory_fini(&w->memory);
}

static inline void expect_out(struct world *w, uint64_t addr, unsigned access, bool remembered)
{
    struct ptw_sim_answer a = ptw_sim_access(&w->core[0], addr, access);

    assert_int_equal(a.outcome, PTW_SIM_LEAF);
    assert_int_equal(a.out, OUT + addr);
    assert_int_equal(a.remembered, remembered);
}

static inline void expect_fault(struct world *w, uint64_t addr, unsigned access, enum ptw_sim_outcome outcome)
{
    struct ptw_sim_answer a = ptw_sim_access(&w->core[0], addr, access);

    assert_int_equal(a.outcome, outcome);
    assert_non_null(a.why);
}

static inline void invalidate(struct world *w, uint64_t first, uint64_t last, uint64_t reasons, uint64_t levels)
{
    struct ptw_inval inval = {.first = first, .last = last, .reasons = reasons, .levels = levels};

    w->cores.hooks.invalidate(w->cores.hooks.ctx, &inval);
}

#endif
