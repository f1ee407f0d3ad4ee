/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/x86_paging.h - control registers of an x86 processor, and what paging grants under them. In all three modes (64-bit,
 * PAE, 32-bit) the same bits mean the same, so x86.c and x86_32.c share it.
 *
 * Intel SDM vol 3A, "Paging", "Determination of Access Rights".
 */
#ifndef SIM_X86_PAGING_H
#define SIM_X86_PAGING_H

#include "x86_walk.h"

#include <ptw/sim_x86.h>

#define CR0_WP PTW_BIT(16)
#define CR0_PG PTW_BIT(31)
#define CR4_PSE PTW_BIT(4)
#define CR4_PAE PTW_BIT(5)
#define CR4_PGE PTW_BIT(7)
#define CR4_LA57 PTW_BIT(12)
#define CR4_SMEP PTW_BIT(20)
#define CR4_SMAP PTW_BIT(21)
#define CR4_PKE PTW_BIT(22)
#define CR4_PKS PTW_BIT(24)
#define EFER_LME PTW_BIT(8)
#define EFER_LMA PTW_BIT(10)
#define EFER_NXE PTW_BIT(11)
#define RFLAGS_AC PTW_BIT(18)

static inline uint64_t x86_reg(const struct ptw_sim_walk *w, enum ptw_sim_x86_register n)
{
    return w->mmu->reg[n];
}

static inline bool x86_has(const struct ptw_sim_walk *w, enum ptw_sim_x86_register n, uint64_t bit)
{
    return (x86_reg(w, n) & bit) != 0;
}

static inline bool x86_long_mode(const struct ptw_sim_walk *w)
{
    return x86_has(w, PTW_SIM_X86_EFER, EFER_LME | EFER_LMA);
}

static inline unsigned x86_physical_width(const struct ptw_sim_walk *w)
{
    return step_width(x86_reg(w, PTW_SIM_X86_CPU) & PTW_SIM_X86_MAXPHYADDR, 52);
}

/* XD, which is reserved while EFER.NXE is 0. */
static inline uint64_t x86_no_xd(const struct ptw_sim_walk *w)
{
    return x86_has(w, PTW_SIM_X86_EFER, EFER_NXE) ? 0 : X86_XD;
}

/* What a walk grants, protection keys aside. `walk` is as struct x86_rules says. */
static inline unsigned x86_paging_rights(const struct ptw_sim_walk *w, uint64_t walk)
{
    const bool write = (walk & X86_RW) != 0;
    unsigned rights = PTW_SIM_R | PTW_SIM_X;

    if (write || !x86_has(w, PTW_SIM_X86_CR0, CR0_WP))
        rights |= PTW_SIM_W;
    if ((walk & X86_US) != 0) {
        rights |= PTW_SIM_UR | PTW_SIM_UX | (write ? PTW_SIM_UW : 0);
        if (x86_has(w, PTW_SIM_X86_CR4, CR4_SMAP) && !x86_has(w, PTW_SIM_X86_RFLAGS, RFLAGS_AC))
            rights &= ~(PTW_SIM_R | PTW_SIM_W);
        if (x86_has(w, PTW_SIM_X86_CR4, CR4_SMEP))
            rights &= ~PTW_SIM_X;
    }
    if ((walk & X86_XD) == 0)
        rights &= ~(PTW_SIM_X | PTW_SIM_UX);
    return rights;
}

#endif
