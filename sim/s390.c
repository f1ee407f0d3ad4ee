/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/s390.c - zPCI: DMA addresses through region, segment and page tables that an IOTA names.
 *
 *   IOTA -> region-first -> region-second -> region-third -> segment -> page     11 index bits each, the page table 8
 *           level 4         level 3          level 2         level 1    level 0
 *
 * There is no public manual. What is here is what Linux and QEMU agree on, or one of them does: bits count from the lowest.
 */
#include "step.h"

#include <ptw/sim_s390.h>

#define ENTRY_LENGTH PTW_BITS(1, 0) /* of regions: TL */
#define ENTRY_TYPE PTW_BITS(3, 2)   /* of regions and segments: TT */
#define ENTRY_TYPE_SHIFT 2U
#define ENTRY_INVALID PTW_BIT(5)    /* of regions and segments */
#define ENTRY_OFFSET PTW_BITS(7, 6) /* of regions: TO */
#define ENTRY_PROTECTED PTW_BIT(9)
#define SEGMENT_FRAME PTW_BIT(10)
#define PAGE_INVALID PTW_BIT(10)

#define IOTA_ENABLED PTW_BIT(11)

#define OWN_PROTECTED 0 /* an entry above is write-protected */

#define SEGMENT_SHIFT 20U

static unsigned shift_of(unsigned level)
{
    return level == 0 ? 12 : SEGMENT_SHIFT + 11 * (level - 1);
}

static enum ptw_sim_outcome start(struct ptw_sim_walk *w)
{
    const uint64_t iota = w->mmu->reg[PTW_SIM_ZPCI_IOTA];
    const unsigned designation = (unsigned)(iota >> 2) & 7U, top = designation + 1;

    if ((iota & IOTA_ENABLED) == 0)
        return step_refuse(w, "translation is not enabled in the IOTA");
    if (designation > 3)
        return step_refuse(w, "the IOTA designates no table");
    if ((iota & PTW_BITS(13, 12)) != 0)
        return step_refuse(w, "the root is not aligned to 16 KiB");
    if (w->addr < w->mmu->reg[PTW_SIM_ZPCI_PBA] || w->addr > w->mmu->reg[PTW_SIM_ZPCI_PAL])
        return step_fault(w, PTW_SIM_BEYOND, "the address is not in the range that is registered");
    if (top < 4 && w->addr >> (shift_of(top) + 11) != 0)
        return step_fault(w, PTW_SIM_BEYOND, "the address is wider than the tables");
    w->entry_bytes = 8;
    w->big_endian = true;
    return step_down(w, top, iota & PTW_BITS(63, 14), shift_of(top), 11);
}

static enum ptw_sim_outcome found(struct ptw_sim_walk *w, uint64_t word)
{
    const unsigned shift = shift_of(w->level);
    const unsigned rights = PTW_SIM_R | (w->own[OWN_PROTECTED] == 0 ? PTW_SIM_W : 0);

    return step_leaf(w, word & ~ptw_low_mask(shift), shift, step_both(rights));
}

static enum ptw_sim_outcome step_page(struct ptw_sim_walk *w, uint64_t word)
{
    return (word & PAGE_INVALID) != 0 ? step_fault(w, PTW_SIM_ABSENT, "the page entry is invalid") : found(w, word);
}

static enum ptw_sim_outcome step_segment(struct ptw_sim_walk *w, uint64_t word)
{
    if ((word & SEGMENT_FRAME) == 0)
        return step_down(w, 0, word & PTW_BITS(63, 11), 12, 8);
    if ((w->mmu->reg[PTW_SIM_ZPCI_FEATURES] & PTW_SIM_ZPCI_FRAME1M) == 0)
        return step_fault(w, PTW_SIM_RESERVED, "a 1 MiB frame, which the function does not have");
    return found(w, word);
}

static enum ptw_sim_outcome step_region(struct ptw_sim_walk *w, uint64_t word)
{
    if ((word & ENTRY_LENGTH) != ENTRY_LENGTH || (word & ENTRY_OFFSET) != 0)
        return step_fault(w, PTW_SIM_RESERVED, "the table below is not of full length");
    return step_down(w, w->level - 1, word & PTW_BITS(63, 14), shift_of(w->level - 1), 11);
}

static enum ptw_sim_outcome step(struct ptw_sim_walk *w, uint64_t word)
{
    step_span(w, shift_of(w->level));
    if (w->level > 0 && (word & ENTRY_INVALID) != 0)
        return step_fault(w, PTW_SIM_ABSENT, "the region or segment entry is invalid");
    if (w->level > 0 && (word & ENTRY_TYPE) >> ENTRY_TYPE_SHIFT != w->level - 1)
        return step_fault(w, PTW_SIM_RESERVED, "the entry is of another level's type");
    w->own[OWN_PROTECTED] |= word & ENTRY_PROTECTED;
    if (w->level == 0)
        return step_page(w, word);
    return w->level == 1 ? step_segment(w, word) : step_region(w, word);
}

static const char *const registers[] = {"IOTA", "PBA", "PAL", "FEATURES", NULL};

const struct ptw_sim_walker ptw_sim_zpci = {
    .name = "zpci",
    .manual = "none public: Linux and QEMU",
    .registers = registers,
    .remembers_holes = true,
    .start = start,
    .step = step,
};
