/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/riscv.c - Sv32, Sv39, Sv48, Sv57 under satp, and with two more bits at the root and every access a user's, the same
 * under hgatp.
 *
 *     63  62 61 60     54 53              10 9   8  7   6   5   4   3   2   1   0
 *   | N  | PBMT | reserved |      PPN       | RSW | D | A | G | U | X | W | R | V |      Sv32: PPN is 31:10, V ... RSW the
 *                                                                                        same, and nothing above
 *
 * RISC-V privileged specification: "Virtual Address Translation Process", "Svnapot", "Svpbmt", "Svadu", "Hypervisor
 * Extension".
 */
#include "step.h"

#include <ptw/sim_riscv.h>

#define PTE_V PTW_BIT(0)
#define PTE_R PTW_BIT(1)
#define PTE_W PTW_BIT(2)
#define PTE_X PTW_BIT(3)
#define PTE_RWX (PTE_R | PTE_W | PTE_X)
#define PTE_U PTW_BIT(4)
#define PTE_G PTW_BIT(5)
#define PTE_A PTW_BIT(6)
#define PTE_D PTW_BIT(7)
#define PTE_PPN PTW_BITS(53, 10)
#define PTE_RESERVED PTW_BITS(60, 54)
#define PTE_RSW60 PTW_BITS(60, 59)
#define PTE_PBMT_SHIFT 61U
#define PTE_N PTW_BIT(63)

#define ENVCFG_SSE PTW_BIT(3)
#define ENVCFG_ADUE PTW_BIT(61)
#define ENVCFG_PBMTE PTW_BIT(62)
#define STATUS_SUM PTW_BIT(18)
#define STATUS_MXR PTW_BIT(19)

#define GROUP_SHIFT 16U /* the one size of Svnapot: 64 KiB, PPN[3:0] = 1000 */
#define GROUP_CODE 8U

/* The walker's own. */
#define OWN_STAGE2 0 /* G-stage */
#define OWN_GLOBAL 1 /* a table entry had G */

static bool has(const struct ptw_sim_walk *w, enum ptw_sim_riscv_register n, uint64_t bit)
{
    return (w->mmu->reg[n] & bit) != 0;
}

static bool rv32(const struct ptw_sim_walk *w)
{
    return has(w, PTW_SIM_RISCV_EXTENSIONS, PTW_SIM_RISCV_RV32);
}

static unsigned index_bits(const struct ptw_sim_walk *w)
{
    return rv32(w) ? 10 : 9;
}

static unsigned shift_of(const struct ptw_sim_walk *w, unsigned level)
{
    return 12 + level * index_bits(w);
}

/* ---------------------------------------------------------------------------------------------- start ------ */

/* The levels of satp.MODE or hgatp.MODE; 0: Bare, or no mode. */
static unsigned levels_of(const struct ptw_sim_walk *w)
{
    const uint64_t atp = w->mmu->reg[PTW_SIM_RISCV_ATP];

    if (rv32(w))
        return atp >> 31 == 1 ? 2 : 0;
    return atp >> 60 >= 8 && atp >> 60 <= 10 ? (unsigned)(atp >> 60) - 5 : 0;
}

/* The root's table; `extra` index bits more than other tables. */
static enum ptw_sim_outcome start_at_root(struct ptw_sim_walk *w, unsigned levels, unsigned extra)
{
    const uint64_t ppn = w->mmu->reg[PTW_SIM_RISCV_ATP] & (rv32(w) ? PTW_BITS(21, 0) : PTW_BITS(43, 0));

    w->entry_bytes = rv32(w) ? 4 : 8;
    return step_down(w, levels - 1, ppn << 12, shift_of(w, levels - 1), index_bits(w) + extra);
}

static enum ptw_sim_outcome start(struct ptw_sim_walk *w)
{
    const unsigned levels = levels_of(w);

    if (levels == 0)
        return step_refuse(w, "satp.MODE is Bare or none that exists");
    const unsigned width = shift_of(w, levels);
    const uint64_t top = w->addr >> (width - 1);
    if (rv32(w) ? w->addr >> width != 0 : top != 0 && top != ~UINT64_C(0) >> (width - 1))
        return step_fault(w, PTW_SIM_BEYOND, "the address is not sign-extended, or wider than 32 bits");
    return start_at_root(w, levels, 0);
}

static enum ptw_sim_outcome gstage_start(struct ptw_sim_walk *w)
{
    const uint64_t atp = w->mmu->reg[PTW_SIM_RISCV_ATP];
    const unsigned levels = levels_of(w);

    if (levels == 0)
        return step_refuse(w, "hgatp.MODE is Bare or none that exists");
    if ((atp & (rv32(w) ? PTW_BITS(30, 29) : PTW_BITS(59, 58))) != 0)
        return step_refuse(w, "a reserved bit is set in hgatp");
    if ((atp & 3U) != 0)
        return step_refuse(w, "the root is not aligned to 16 KiB");
    if (w->addr >> (shift_of(w, levels) + 2) != 0)
        return step_fault(w, PTW_SIM_BEYOND, "the guest physical address is wider than the tables");
    w->own[OWN_STAGE2] = 1;
    return start_at_root(w, levels, 2);
}

/* -------------------------------------------------------------------------------------------- entries ------ */

static uint64_t pbmt(uint64_t word)
{
    return word >> PTE_PBMT_SHIFT & 3U;
}

/* W alone: a page that ordinary accesses may read only. */
static bool shadow_stack(const struct ptw_sim_walk *w, uint64_t word)
{
    return (word & PTE_RWX) == PTE_W && w->own[OWN_STAGE2] == 0 && has(w, PTW_SIM_RISCV_ENVCFG, ENVCFG_SSE);
}

/* NULL, or which rule any valid entry breaks. */
static const char *broken(const struct ptw_sim_walk *w, uint64_t word)
{
    const uint64_t free_bits = has(w, PTW_SIM_RISCV_EXTENSIONS, PTW_SIM_RISCV_SVRSW60) ? PTE_RSW60 : 0;

    if ((word & PTE_RESERVED & ~free_bits) != 0)
        return "a reserved bit is set";
    if (pbmt(word) != 0 && !has(w, PTW_SIM_RISCV_ENVCFG, ENVCFG_PBMTE))
        return "PBMT is set without PBMTE";
    if (pbmt(word) == 3)
        return "PBMT is 3";
    if ((word & PTE_N) != 0 && !has(w, PTW_SIM_RISCV_EXTENSIONS, PTW_SIM_RISCV_SVNAPOT))
        return "N is set without Svnapot";
    if ((word & (PTE_R | PTE_W)) == PTE_W && !shadow_stack(w, word))
        return "W without R";
    return NULL;
}

static enum ptw_sim_outcome table(struct ptw_sim_walk *w, uint64_t word)
{
    if (w->level == 0)
        return step_fault(w, PTW_SIM_RESERVED, "a table entry at level 0");
    if ((word & (PTE_A | PTE_D | PTE_U | PTE_N)) != 0 || pbmt(word) != 0)
        return step_fault(w, PTW_SIM_RESERVED, "A, D, U, PBMT or N is set in a table entry");
    if ((word & PTE_G) != 0)
        w->own[OWN_GLOBAL] = 1;
    return step_down(w, w->level - 1, (word & PTE_PPN) << 2, shift_of(w, w->level - 1), index_bits(w));
}

/* In G-stage every access is a user's, so that without U there is no right at all. */
static unsigned granted(const struct ptw_sim_walk *w, uint64_t word)
{
    unsigned rights = 0;

    if ((word & PTE_R) != 0 || ((word & PTE_X) != 0 && has(w, PTW_SIM_RISCV_STATUS, STATUS_MXR)) ||
        shadow_stack(w, word))
        rights |= PTW_SIM_R;
    if ((word & PTE_W) != 0 && !shadow_stack(w, word))
        rights |= PTW_SIM_W;
    if ((word & PTE_X) != 0)
        rights |= PTW_SIM_X;
    if (w->own[OWN_STAGE2] != 0)
        return (word & PTE_U) != 0 ? step_both(rights) : 0;
    if ((word & PTE_U) == 0)
        return rights;
    const unsigned sum = has(w, PTW_SIM_RISCV_STATUS, STATUS_SUM) ? rights & (PTW_SIM_R | PTW_SIM_W) : 0;
    return rights << STEP_USER_SHIFT | sum;
}

/* A, and D for a write: what is missing is set with ADUE, and a fault without. */
static enum ptw_sim_outcome accessed_and_dirty(struct ptw_sim_walk *w, uint64_t word)
{
    const uint64_t need = PTE_A | ((w->access & PTW_SIM_WRITE) != 0 ? PTE_D : 0);

    if ((need & ~word) != 0 && !has(w, PTW_SIM_RISCV_ENVCFG, ENVCFG_ADUE))
        return step_fault(w, PTW_SIM_UNSET, (word & PTE_A) == 0 ? "A is not set" : "D is not set");
    w->set = need & ~word;
    return PTW_SIM_LEAF;
}

static enum ptw_sim_outcome leaf(struct ptw_sim_walk *w, uint64_t word)
{
    const uint64_t page = (word & PTE_PPN) << 2;
    const bool group = (word & PTE_N) != 0;
    const unsigned shift = group ? GROUP_SHIFT : shift_of(w, w->level);

    if (group && (w->level != 0 || (page >> 12 & 15U) != GROUP_CODE))
        return step_fault(w, PTW_SIM_RESERVED, "N is set and PPN does not say 64 KiB at level 0");
    if (!group && (page & ptw_low_mask(shift)) != 0)
        return step_fault(w, PTW_SIM_RESERVED, "a leaf is not aligned to its size");
    w->type = pbmt(word);
    w->global = w->own[OWN_STAGE2] == 0 && ((word & PTE_G) != 0 || w->own[OWN_GLOBAL] != 0);
    const enum ptw_sim_outcome outcome = step_leaf(w, page & ~ptw_low_mask(shift), shift, granted(w, word));
    return outcome == PTW_SIM_LEAF ? accessed_and_dirty(w, word) : outcome;
}

static enum ptw_sim_outcome step(struct ptw_sim_walk *w, uint64_t word)
{
    step_span(w, shift_of(w, w->level));
    if ((word & PTE_V) == 0)
        return step_fault(w, PTW_SIM_ABSENT, "V is 0");
    const char *why = broken(w, word);
    if (why != NULL)
        return step_fault(w, PTW_SIM_RESERVED, why);
    return (word & PTE_RWX) == 0 ? table(w, word) : leaf(w, word);
}

static const char *const registers[] = {"SATP", "ENVCFG", "STATUS", "EXTENSIONS", NULL};
static const char *const gstage_registers[] = {"HGATP", "ENVCFG", "STATUS", "EXTENSIONS", NULL};

const struct ptw_sim_walker ptw_sim_riscv = {
    .name = "riscv",
    .manual = "RISC-V privileged specification, Supervisor-Level ISA",
    .registers = registers,
    .remembers_holes = true,
    .start = start,
    .step = step,
};

const struct ptw_sim_walker ptw_sim_riscv_gstage = {
    .name = "riscv-gstage",
    .manual = "RISC-V privileged specification, Hypervisor Extension",
    .registers = gstage_registers,
    .remembers_holes = true,
    .start = gstage_start,
    .step = step,
};
