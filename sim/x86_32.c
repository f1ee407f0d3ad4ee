/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/x86_32.c - the two kinds of paging of 32-bit processors, as CR4.PAE says.
 *
 *   PAE     CR3[31:5] -> four PDPTEs -> 512 -> 512 entries of 8 bytes, leaves of 4 KiB and 2 MiB
 *   32-bit  CR3[31:12] -> 1024 -> 1024 entries of 4 bytes, leaves of 4 KiB and, with CR4.PSE, 4 MiB
 *
 * Intel SDM vol 3A, "32-bit paging", "PAE paging".
 */
#include "x86_paging.h"

static unsigned granted(const struct ptw_sim_walk *w, uint64_t walk, uint64_t leaf)
{
    (void)leaf;
    return x86_paging_rights(w, walk);
}

/* ----------------------------------------------------------------------------------------------- PAE ------- */

#define PAE_ROOT 2U /* the level of PDPTEs */

/* There is no A, and nothing that limits rights, in a PDPTE. */
static enum ptw_sim_outcome pae_step_root(struct ptw_sim_walk *w, uint64_t word)
{
    step_span(w, 30);
    if ((word & X86_P) == 0)
        return step_fault(w, PTW_SIM_ABSENT, "P is 0");
    if ((word & (PTW_BITS(2, 1) | PTW_BITS(8, 5) | X86_XD | PTW_BITS(62, 52) | x86_above(x86_physical_width(w)))) != 0)
        return step_fault(w, PTW_SIM_RESERVED, "a reserved bit is set in a PDPTE");
    return step_down(w, PAE_ROOT - 1, word & X86_ADDRESS, 21, 9);
}

static enum ptw_sim_outcome pae_step(struct ptw_sim_walk *w, uint64_t word)
{
    const struct x86_rules rules = {
        .max_leaf = 1,
        .reserved = PTW_BITS(62, 52) | x86_above(x86_physical_width(w)) | x86_no_xd(w),
        .used = X86_A,
        .granted = granted,
    };

    return w->level == PAE_ROOT ? pae_step_root(w, word) : x86_step(w, word, &rules);
}

/* -------------------------------------------------------------------------------------------- 32-bit ------- */

/* Bits 39:32 of the address of a 4 MiB leaf stand in bits 20:13 of the entry (PSE-36). */
#define PSE36_SHIFT 19U

static enum ptw_sim_outcome step_4m(struct ptw_sim_walk *w, uint64_t word)
{
    const unsigned width = x86_physical_width(w) < 40 ? x86_physical_width(w) : 40;
    const bool pse36 = !x86_has(w, PTW_SIM_X86_CPU, PTW_SIM_X86_NO_PSE36) && width > 32;
    const unsigned high_bits = pse36 ? width - 32 : 0;

    if ((word & PTW_BITS(21, 13 + high_bits)) != 0)
        return step_fault(w, PTW_SIM_RESERVED, "a reserved bit is set in a 4 MiB leaf");
    w->set = X86_A | ((w->access & PTW_SIM_WRITE) != 0 ? X86_D : 0);
    w->type = x86_memory_type(word, X86_LARGE_PAT);
    return step_leaf(w, (word & PTW_BITS(31, 22)) | (word & PTW_BITS(20, 13)) << PSE36_SHIFT, 22,
                     x86_paging_rights(w, w->own[X86_OWN_WALK]));
}

static enum ptw_sim_outcome plain_step(struct ptw_sim_walk *w, uint64_t word)
{
    step_span(w, w->level == 0 ? 12 : 22);
    if ((word & X86_P) == 0)
        return step_fault(w, PTW_SIM_ABSENT, "P is 0");
    w->own[X86_OWN_WALK] &= word ^ X86_XD; /* the words have no bit 63: X is always there */
    if (w->level == 1 && (word & X86_PS) != 0 && x86_has(w, PTW_SIM_X86_CR4, CR4_PSE))
        return step_4m(w, word);
    w->set = X86_A;
    if (w->level == 1)
        return step_down(w, 0, word & PTW_BITS(31, 12), 12, 10);
    if ((w->access & PTW_SIM_WRITE) != 0)
        w->set |= X86_D;
    w->type = x86_memory_type(word, X86_PAT);
    return step_leaf(w, word & PTW_BITS(31, 12), 12, x86_paging_rights(w, w->own[X86_OWN_WALK]));
}

/* ---------------------------------------------------------------------------------------------- both ------- */

static enum ptw_sim_outcome start(struct ptw_sim_walk *w)
{
    const uint64_t cr3 = x86_reg(w, PTW_SIM_X86_CR3);

    if (!x86_has(w, PTW_SIM_X86_CR0, CR0_PG))
        return step_refuse(w, "CR0.PG is not set: no paging");
    if (x86_long_mode(w))
        return step_refuse(w, "EFER.LME is set: 64-bit paging");
    if (w->addr > UINT32_MAX)
        return step_fault(w, PTW_SIM_BEYOND, "the linear address is wider than 32 bits");
    w->own[X86_OWN_WALK] = ~UINT64_C(0);
    if (x86_has(w, PTW_SIM_X86_CR4, CR4_PAE)) {
        w->entry_bytes = 8;
        return step_down(w, PAE_ROOT, cr3 & PTW_BITS(31, 5), 30, 2);
    }
    w->entry_bytes = 4;
    return step_down(w, 1, cr3 & PTW_BITS(31, 12), 22, 10);
}

static enum ptw_sim_outcome step(struct ptw_sim_walk *w, uint64_t word)
{
    const enum ptw_sim_outcome outcome = x86_has(w, PTW_SIM_X86_CR4, CR4_PAE) ? pae_step(w, word) : plain_step(w, word);

    w->global = outcome == PTW_SIM_LEAF && (word & X86_G) != 0 && x86_has(w, PTW_SIM_X86_CR4, CR4_PGE);
    return outcome;
}

static const char *const registers[] = {"CR0", "CR3", "CR4", "EFER", "CPU", "PKRU", "PKRS", "RFLAGS", NULL};

const struct ptw_sim_walker ptw_sim_x86_32 = {
    .name = "x86-32",
    .manual = "Intel SDM vol 3A, Paging",
    .registers = registers,
    .start = start,
    .step = step,
};
