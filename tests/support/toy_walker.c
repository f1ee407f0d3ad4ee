/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tests/support/toy_walker.c - the page walk of the toy MMU: see toy.h. */
#include "support/toy.h"

enum { ROOT, LEVELS, CONTROL };

static enum ptw_sim_outcome fault(struct ptw_sim_walk *w, enum ptw_sim_outcome outcome, const char *why)
{
    w->why = why;
    return outcome;
}

static enum ptw_sim_outcome want(struct ptw_sim_walk *w, uint64_t table, unsigned level)
{
    w->level = level;
    w->entry = table + (w->addr >> (12 + 3 * level) & 7) * 8;
    w->entry_bytes = 8;
    w->big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    return PTW_SIM_ENTRY;
}

static enum ptw_sim_outcome start(struct ptw_sim_walk *w)
{
    const unsigned levels = (unsigned)w->mmu->reg[LEVELS];

    if (w->addr >> (12 + 3 * levels) != 0)
        return fault(w, PTW_SIM_BEYOND, "more address bits than the levels have");
    return want(w, w->mmu->reg[ROOT], levels - 1);
}

static enum ptw_sim_outcome leaf(struct ptw_sim_walk *w, uint64_t word, uint64_t offset)
{
    const bool sets = (w->mmu->reg[CONTROL] & 1) != 0, write = (w->access & PTW_SIM_WRITE) != 0;

    if ((word >> 48 | (word & (offset & ~UINT64_C(0xfff))) | (word & 0xe00)) != 0 || (word & 4) == 0 ||
        ((word & 0x80) != 0 && w->level != 0))
        return fault(w, PTW_SIM_RESERVED, "a reserved bit of a leaf, or R is 0");
    w->rights = (unsigned)(word >> 2 & 7);
    if ((w->access & 7 & ~w->rights) != 0)
        return fault(w, PTW_SIM_DENIED, "a right is missing");
    if ((word & 0x20) == 0 || (write && (word & 0x40) == 0)) {
        if (!sets)
            return fault(w, PTW_SIM_UNSET, "A or D is 0");
        w->set = write ? 0x60 : 0x20;
    }
    w->out = (word & UINT64_C(0xfffffffff000)) + (w->addr & offset);
    return PTW_SIM_LEAF;
}

static enum ptw_sim_outcome step(struct ptw_sim_walk *w, uint64_t word)
{
    const unsigned level = w->level;
    const uint64_t offset = (UINT64_C(0x1000) << 3 * level) - 1;

    w->first = w->addr & ~offset;
    w->last = w->addr | offset;
    if ((word & 1) == 0)
        return fault(w, PTW_SIM_ABSENT, "bit 0 is 0");
    if ((word & 2) != 0)
        return level <= 1 ? leaf(w, word, offset) : fault(w, PTW_SIM_RESERVED, "a leaf at level 2");
    if (level == 0 || (word & 0x3c) != 0 || word >> 48 != 0)
        return fault(w, PTW_SIM_RESERVED, "a reserved bit of a table entry, or one at level 0");
    return want(w, word & UINT64_C(0xffffffffffc0), level - 1);
}

static const char *const registers[] = {"root", "levels", "control", NULL};

const struct ptw_sim_walker toy_walker = {"toy", "tests/support/toy.h", registers, false, start, step};
const struct ptw_sim_walker toy_walker_of_holes = {"toy-holes", "tests/support/toy.h", registers, true, start, step};

struct ptw_sim_mmu toy_mmu(const struct ptw_table *t)
{
    return (struct ptw_sim_mmu){
        .walker = (t->geo.options & TOY_HOLES) != 0 ? &toy_walker_of_holes : &toy_walker,
        .reg = {[ROOT] = t->root_pa, [LEVELS] = t->geo.top + 1, [CONTROL] = (t->geo.options & PTW_OPT_AD) != 0}};
}
