/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* scheduled_operations.h - the operations of scheduled.h, and the world that they work on. */
#ifndef TEST_SCHEDULED_OPERATIONS_H
#define TEST_SCHEDULED_OPERATIONS_H

#include "sim/port_sim.h" /* before any header of the library: it stands for PTW_PORT_HEADER */

#include "conformance.h"

#include "support/invariants.h"

#include <ptw/sim_mmu.h>

#define PAGES 8                  /* those looked at; the block that they begin is all that is mapped */
#define OUT UINT64_C(0x80000000) /* where the block goes */
#define HERE 1                   /* the page that is accessed */
#define ALL_OF_THEM ((1U << PAGES) - 1)

/* A format, and who walks it. */
struct machine {
    const char *name;
    const struct ptw_format *format;
    unsigned levels; /* 0: the default */
    uint64_t options;
    uint64_t page, block; /* bytes of the two smallest leaves */
    ptw_attr x;           /* the right to fetch */
    void (*registers)(const struct ptw_table *t, struct ptw_sim_mmu *mmu);
};

struct world;

enum gap { NEVER, IF_IT_BREAKS, UNLESS_HITLESS };

struct operation {
    const char *name;
    struct ptw_result (*run)(struct world *w);
    bool breaks;    /* refused on hitless tables of formats that break before they make */
    unsigned pages; /* of the pages (a mask) it changes ... */
    unsigned after; /* ... what may be done there after the sync: PTW_SIM_READ, PTW_SIM_WRITE */
    bool large;     /* the block is one leaf, not eight */
    enum gap gap;   /* when the pages may fault during the operation, whatever is done */
    bool protects;  /* it is by W that writes are noticed, not by D */
    bool exchanges; /* a torn exchange would lose D */
};

/* How the core has come to know the page before. */
enum warmth { COLD, HAS_READ, HAS_WRITTEN, WARMTHS };

struct world {
    struct ptw_sim_memory memory;
    struct ptw_sim_core core[1];
    struct ptw_sim_cores cores;
    struct ptw_table t;
    struct ptw_gather g;
    struct ptw_sink sink;
    const struct operation *op;
    const struct machine *machine;
    const unsigned *accesses; /* of the core's task, up to a 0 */
    enum warmth warmth;
    bool forgets_nothing; /* planted: invalidations do not happen */

    ptw_status status;
    char synced;
    bool began_synced;      /* the access under way began after the sync */
    bool wrote, wrote_late; /* before and after the sync */
    unsigned reported;      /* a mask of pages */
    struct invariants rules;
    unsigned reached; /* bit i: a run ended in state i */
};

static struct world world;

/* -------------------------------------------------------------------------------------------- operations --- */

static inline uint64_t here(const struct world *w)
{
    return HERE * w->machine->page;
}

/* What operations on all pages go over. */
static inline uint64_t all(const struct world *w)
{
    return w->op->large ? w->machine->block : PAGES * w->machine->page;
}

static inline void take(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct world *w = &world;

    (void)sink;
    if ((ptw_leaf_attr(&w->t, leaf) & PTW_D) != 0 && leaf->addr < PAGES * w->machine->page)
        w->reported |= leaf->level == 0 ? 1U << leaf->addr / w->machine->page : ALL_OF_THEM;
}

static inline struct ptw_result unmap_page(struct world *w)
{
    return ptw_unmap(&w->t, here(w), w->machine->page, 0, &w->sink, &w->g);
}

static inline struct ptw_result unmap_block(struct world *w)
{
    return ptw_unmap(&w->t, 0, w->machine->block, 0, &w->sink, &w->g);
}

static inline struct ptw_result take_w(struct world *w)
{
    return ptw_protect(&w->t, here(w), w->machine->page, 0, PTW_W, 0, &w->g);
}

static inline struct ptw_result take_w_of_block(struct world *w)
{
    return ptw_protect(&w->t, 0, w->machine->block, 0, PTW_W, 0, &w->g);
}

static inline struct ptw_result give_x(struct world *w)
{
    return ptw_protect(&w->t, here(w), w->machine->page, w->machine->x, 0, 0, &w->g);
}

static inline struct ptw_result harvest(struct world *w, uint64_t flags)
{
    uint64_t pages[8] = {0};
    struct ptw_bitmap bitmap = {.words = pages, .bits = 512, .shift = ptw_low_bit(w->machine->page)};
    struct ptw_result result = ptw_dirty(&w->t, 0, all(w), flags, &bitmap, &w->g);

    w->reported |= (unsigned)pages[0] & ALL_OF_THEM;
    return result;
}

static inline struct ptw_result clear_d(struct world *w)
{
    return harvest(w, PTW_CLEAR);
}

static inline struct ptw_result write_protect(struct world *w)
{
    return harvest(w, PTW_CLEAR | PTW_WRITE_PROTECT);
}

static inline struct ptw_result clear_a(struct world *w)
{
    return ptw_age(&w->t, 0, all(w), PTW_CLEAR, NULL, &w->g);
}

static inline struct ptw_result cut(struct world *w)
{
    return ptw_cut(&w->t, here(w), 0, &w->g);
}

static inline struct ptw_result merge(struct world *w)
{
    return ptw_merge(&w->t, 0, w->machine->block, 0, &w->g);
}

static inline struct ptw_result map_over_the_same(struct world *w)
{
    return ptw_map(&w->t, here(w), OUT + here(w), w->machine->page, PTW_R | PTW_W | w->machine->x, 0, &w->g);
}

static inline struct ptw_result map_over_with_less(struct world *w)
{
    return ptw_map(&w->t, here(w), OUT + here(w), w->machine->page, PTW_R, 0, &w->g);
}

#define PAGE_HERE (1U << HERE)

static const struct operation operations[] = {
    {"unmap a page", unmap_page, .pages = PAGE_HERE, .exchanges = true},
    {"unmap a table", unmap_block, .pages = ALL_OF_THEM, .exchanges = true},
    {"unmap a large leaf", unmap_block, .pages = ALL_OF_THEM, .large = true, .exchanges = true},
    {"unmap a part", unmap_page, .pages = PAGE_HERE, .large = true, .breaks = true, .exchanges = true},
    {"protect", take_w, .pages = PAGE_HERE, .after = PTW_SIM_READ, .exchanges = true},
    {"protect a large leaf", take_w_of_block, .pages = ALL_OF_THEM, .after = PTW_SIM_READ, .large = true,
     .exchanges = true},
    {"protect a part", take_w, .pages = PAGE_HERE, .after = PTW_SIM_READ, .large = true, .breaks = true,
     .gap = IF_IT_BREAKS, .exchanges = true},
    {"add a right", give_x, .exchanges = true},
    {"dirty", clear_d, .pages = 0},
    {"dirty, a large leaf", clear_d, .large = true},
    {"write-protect", write_protect, .pages = ALL_OF_THEM, .after = PTW_SIM_READ, .protects = true},
    {"write-protect a large leaf", write_protect, .pages = ALL_OF_THEM, .after = PTW_SIM_READ, .large = true,
     .protects = true},
    {"age", clear_a, .exchanges = true},
    {"age, a large leaf", clear_a, .large = true, .exchanges = true},
    {"cut", cut, .large = true, .breaks = true, .gap = IF_IT_BREAKS, .exchanges = true},
    {"merge", merge, .breaks = true, .gap = UNLESS_HITLESS},
    {"map over the same", map_over_the_same, .exchanges = true},
    {"map over with less", map_over_with_less, .pages = PAGE_HERE, .after = PTW_SIM_READ, .exchanges = true},
};

#endif
