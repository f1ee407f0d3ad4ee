/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim_arm_mmus.h - simulated MMUs for tables that the library made, set up with the register words that the library
 * gives for them, and what a walk must find at a leaf with given attributes. For the tests of the Arm family's walks.
 */
#ifndef TEST_SIM_ARM_MMUS_H
#define TEST_SIM_ARM_MMUS_H

#include "sim_arm.h"

#include <ptw/arm.h>
#include <ptw/arm64.h>

#define MMUS 2 /* a table has the registers of a processor, and often those of an SMMU */

static inline bool option(const struct fixture *f, uint64_t bit)
{
    return (f->t.geo.options & bit) != 0;
}

static inline size_t stage1_mmus(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    const struct ptw_arm64_parameters p = {.walks = PTW_ARM64_COHERENT, .asid = 0};
    const struct ptw_smmuv3_cd_parameters cd_p = {.walks = PTW_ARM64_COHERENT, .asid = 0x1234};
    const bool upper = option(f, PTW_OPT_UPPER), el2 = option(f, PTW_OPT_ARM64_EL2);
    const struct ptw_table *lower_table = upper ? NULL : &f->t, *upper_table = upper ? &f->t : NULL;
    const struct ptw_smmuv3_s1 s1 = {.cd_table = 0x880000000, .walks = PTW_ARM64_COHERENT, .strw = el2 ? 2 : 0};
    const uint64_t cpu = (option(f, PTW_OPT_ARM64_BTI) ? 0 : PTW_SIM_ARM64_NO_BTI) |
                         (option(f, PTW_OPT_ARM64_TTST) ? 0 : PTW_SIM_ARM64_NO_TTST);
    struct ptw_arm64_registers regs;
    uint64_t ste[PTW_SMMUV3_WORDS], cd[PTW_SMMUV3_WORDS];

    expect_status(ptw_arm64_words(lower_table, upper_table, &p, &regs), PTW_OK);
    mmu[0] = (struct ptw_sim_mmu){.walker = el2 ? &ptw_sim_arm64_el2 : &ptw_sim_arm64_s1, .reg = {cpu}};
    mmu[0].reg[PTW_SIM_ARM64_TTBR0] = regs.ttbr0;
    mmu[0].reg[PTW_SIM_ARM64_TTBR1] = regs.ttbr1;
    mmu[0].reg[PTW_SIM_ARM64_TCR] = regs.tcr;
    mmu[0].reg[PTW_SIM_ARM64_MAIR] = regs.mair;
    expect_status(ptw_smmuv3_cd(lower_table, upper_table, &cd_p, cd), PTW_OK);
    expect_status(ptw_smmuv3_ste(&s1, NULL, NULL, 1, ste), PTW_OK);
    mmu[1] = (struct ptw_sim_mmu){.walker = &ptw_sim_smmuv3_s1, .reg = {cpu}};
    memcpy(mmu[1].reg + PTW_SIM_SMMUV3_STE, ste, 2 * sizeof(*ste));
    memcpy(mmu[1].reg + PTW_SIM_SMMUV3_CD, cd, 4 * sizeof(*cd));
    return 2;
}

static inline size_t stage2_mmus(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    const struct ptw_arm64_s2_parameters p = {.walks = PTW_ARM64_COHERENT, .vmid = 3};
    const struct ptw_smmuv3_s2 s2 = {.walks = PTW_ARM64_COHERENT, .vmid = 3};
    const uint64_t cpu = (option(f, PTW_OPT_ARM64_XNX) ? 0 : PTW_SIM_ARM64_NO_XNX) |
                         (option(f, PTW_OPT_ARM64_XS) ? 0 : PTW_SIM_ARM64_NO_XS) |
                         (option(f, PTW_OPT_ARM64_TTST) ? 0 : PTW_SIM_ARM64_NO_TTST) |
                         (option(f, PTW_OPT_ARM64_REALM) ? PTW_SIM_ARM64_REALM : 0);
    struct ptw_arm64_s2_registers regs;
    uint64_t ste[PTW_SMMUV3_WORDS];

    expect_status(ptw_arm64_s2_words(&f->t, &p, &regs), PTW_OK);
    mmu[0] = (struct ptw_sim_mmu){.walker = &ptw_sim_arm64_s2, .reg = {cpu, regs.vttbr, regs.vtcr}};
    mmu[0].reg[PTW_SIM_ARM64_HCR] = option(f, PTW_OPT_ARM64_FWB) ? PTW_SIM_ARM64_HCR_FWB : 0;
    if (option(f, PTW_OPT_ARM64_REALM))
        return 1;
    expect_status(ptw_smmuv3_ste(NULL, &f->t, &s2, 1, ste), PTW_OK);
    mmu[1] = (struct ptw_sim_mmu){.walker = &ptw_sim_smmuv3_s2, .reg = {cpu}};
    memcpy(mmu[1].reg + PTW_SIM_SMMUV3_STE, ste, 4 * sizeof(*ste));
    return 2;
}

/* The library makes no registers for long descriptors of 32-bit Arm. */
static inline size_t lpae_mmus(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    const uint64_t tsz = 32U - f->t.geo.ia_bits;

    *mmu = (struct ptw_sim_mmu){.reg = {0, f->t.root_pa}};
    if (f->format == &ptw_arm_lpae_s2) {
        mmu->walker = &ptw_sim_arm_lpae_s2;
        mmu->reg[PTW_SIM_ARM_VTCR] = (tsz & 0x1fU) | (f->t.geo.top - 1ULL) << 6;
        return 1;
    }
    mmu->walker = option(f, PTW_OPT_ARM64_EL2) ? &ptw_sim_arm_lpae_hyp : &ptw_sim_arm_lpae_s1;
    mmu->reg[PTW_SIM_ARM_TTBCR] = PTW_SIM_ARM_TTBCR_EAE | tsz | PTW_BIT(23); /* EPD1 */
    mmu->reg[PTW_SIM_ARM_MAIR] = PTW_ARM64_MAIR;
    return 1;
}

static inline size_t short_mmus(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    const struct ptw_arm_v7s_walks walks = {.inner = 1, .outer = 1, .shareable = true};
    uint32_t ttbr0;

    *mmu = (struct ptw_sim_mmu){.walker = &ptw_sim_arm_short, .reg = {f->t.root_pa}};
    if (option(f, PTW_OPT_ARM_V7S_MTK)) {
        mmu->reg[PTW_SIM_ARM_SHORT_CPU] = f->t.geo.ia_bits;
        return 1;
    }
    expect_status(ptw_arm_v7s_ttbr0(&f->t, &walks, &ttbr0), PTW_OK);
    mmu->reg[PTW_SIM_ARM_SHORT_TTBR0] = ttbr0;
    mmu->reg[PTW_SIM_ARM_SHORT_SCTLR] = PTW_SIM_ARM_SCTLR_AFE;
    mmu->reg[PTW_SIM_ARM_SHORT_DACR] = 0x55555555;
    mmu->reg[PTW_SIM_ARM_SHORT_CPU] = option(f, PTW_OPT_ARM_V7S_PXN) ? 0 : PTW_SIM_ARM_SHORT_NO_PXN;
    return 1;
}

static inline size_t dart_mmus(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    uint32_t word;

    *mmu = (struct ptw_sim_mmu){.walker = f->format == &ptw_dart_t8020   ? &ptw_sim_dart_t8020
                                          : f->format == &ptw_dart_t6000 ? &ptw_sim_dart_t6000
                                                                         : &ptw_sim_dart_t8110};
    for (unsigned n = 0; n < 4 && ptw_dart_ttbr(&f->t, n, &word) == PTW_OK; n++)
        mmu->reg[PTW_SIM_DART_TTBR + n] = word;
    expect_status(ptw_dart_tcr(&f->t, &word), PTW_OK);
    mmu->reg[PTW_SIM_DART_TCR] = word;
    mmu->reg[PTW_SIM_DART_PAGE] = f->t.geo.encoder->granule;
    if (f->format == &ptw_dart_t8110)
        mmu->reg[PTW_SIM_DART_PARAMS3] = (uint64_t)f->t.geo.oa_bits << 24 | (uint64_t)f->t.geo.ia_bits << 16;
    return 1;
}

/* 0: not of the Arm family. */
static inline size_t make_mmus(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    if (f->format == &ptw_arm64_s1)
        return stage1_mmus(f, mmu);
    if (f->format == &ptw_arm64_s2)
        return stage2_mmus(f, mmu);
    if (f->format == &ptw_arm_lpae_s1 || f->format == &ptw_arm_lpae_s2)
        return lpae_mmus(f, mmu);
    if (f->format == &ptw_arm_v7s)
        return short_mmus(f, mmu);
    if (f->format == &ptw_dart_t8020 || f->format == &ptw_dart_t6000 || f->format == &ptw_dart_t8110)
        return dart_mmus(f, mmu);
    return 0;
}

/* --------------------------------------------------------------------------------------- what must come --- */

/* What a simulated walk must find at a leaf. */
struct wanted {
    unsigned rights;
    uint64_t type;
    bool global, accessed;
};

#define BOTH(rights) ((rights) | (rights) * (PTW_SIM_UR / PTW_SIM_R))

static inline bool lpae(const struct fixture *f)
{
    return f->format == &ptw_arm_lpae_s1 || f->format == &ptw_arm_lpae_s2;
}

static inline unsigned stage1_rights(const struct fixture *f, ptw_attr attr)
{
    const bool user = (attr & PTW_USER) != 0, writable = (attr & PTW_W) != 0;
    const unsigned data = PTW_SIM_R | (writable ? PTW_SIM_W : 0);
    const bool x = (attr & PTW_X) != 0 && (lpae(f) || !(writable && user));
    const bool ux = (attr & PTW_UX) != 0 && (!lpae(f) || user);

    return (user ? BOTH(data) : data) | (x ? PTW_SIM_X : 0) | (ux ? PTW_SIM_UX : 0);
}

static inline unsigned stage2_rights(const struct fixture *f, ptw_attr attr)
{
    const unsigned data = ((attr & PTW_R) != 0 ? PTW_SIM_R : 0) | ((attr & PTW_W) != 0 ? PTW_SIM_W : 0);
    const bool ux = (attr & (option(f, PTW_OPT_ARM64_XNX) ? PTW_UX : PTW_X)) != 0;

    if ((attr & PTW_ARM64_NS) != 0 || (lpae(f) && (attr & PTW_R) == 0))
        return BOTH(data);
    return BOTH(data) | ((attr & PTW_X) != 0 ? PTW_SIM_X : 0) | (ux ? PTW_SIM_UX : 0);
}

static inline unsigned short_rights(const struct fixture *f, ptw_attr attr)
{
    const unsigned data = PTW_SIM_R | ((attr & PTW_W) != 0 ? PTW_SIM_W : 0);
    const bool user = (attr & PTW_USER) != 0;

    if (option(f, PTW_OPT_ARM_V7S_MTK))
        return BOTH(PTW_SIM_R | PTW_SIM_W);
    if ((attr & PTW_X) == 0)
        return user ? BOTH(data) : data;
    return user ? BOTH(data | PTW_SIM_X) : data | PTW_SIM_X;
}

static inline uint64_t shareability(const struct fixture *f, ptw_attr attr)
{
    const ptw_attr mt = attr & PTW_MT_MASK;

    if (mt != PTW_MT_WB && mt != PTW_MT_WT && mt != PTW_MT_INHERIT)
        return 2;
    if (!lpae(f) && option(f, PTW_OPT_ARM64_LPA2))
        return 3; /* the registers' */
    return (attr & PTW_ARM64_OUTER_SHAREABLE) != 0 ? 2 : (attr & PTW_ARM64_NON_SHAREABLE) != 0 ? 0 : 3;
}

static inline uint64_t stage1_type(const struct fixture *f, ptw_attr attr)
{
    static const unsigned char mair[16] = {0xff, 0xbb, 0, 0x44, 0, 0, 0x04, 0x08, 0x0c};

    return mair[(attr & PTW_MT_MASK) >> PTW_MT_SHIFT] | shareability(f, attr) << PTW_SIM_ARM64_SH_SHIFT |
           ((attr & PTW_ARM64_GUARDED) != 0 ? PTW_SIM_ARM64_TYPE_GP : 0);
}

static inline uint64_t stage2_type(const struct fixture *f, ptw_attr attr)
{
    static const unsigned char without_fwb[16] = {15, 10, 0, 5, 0, 0, 1, 2, 3};
    static const unsigned char with_fwb[16] = {6, 0, 0, 5, 0, 0, 1, 2, 3, 7};
    const uint64_t mt = (attr & PTW_MT_MASK) >> PTW_MT_SHIFT;

    return (option(f, PTW_OPT_ARM64_FWB) ? with_fwb : without_fwb)[mt] |
           shareability(f, attr) << PTW_SIM_ARM64_SH_SHIFT | ((attr & PTW_ARM64_NS) != 0 ? PTW_SIM_ARM64_TYPE_NS : 0) |
           ((attr & PTW_ARM64_FNXS) != 0 ? PTW_SIM_ARM64_TYPE_FNXS : 0);
}

/* TEX:C:B without remapping. */
static inline uint64_t short_type(const struct fixture *f, ptw_attr attr)
{
    static const unsigned char mem[16] = {7, 2, 0, 4, 0, 0, 1};

    return mem[(attr & PTW_MT_MASK) >> PTW_MT_SHIFT] |
           ((attr & PTW_ARM_V7S_NON_SHAREABLE) != 0 ? 0 : PTW_SIM_ARM_SHORT_S) |
           (option(f, PTW_OPT_ARM_V7S_NS) ? PTW_SIM_ARM64_TYPE_NS : 0);
}

static inline struct wanted wanted_for(const struct fixture *f, ptw_attr attr)
{
    struct wanted want = {.accessed = (read_back(f, attr) & PTW_A) != 0, .global = true};

    if (f->format == &ptw_arm64_s1 || f->format == &ptw_arm_lpae_s1) {
        want.global = option(f, PTW_OPT_ARM64_EL2) || (attr & PTW_GLOBAL) != 0;
        want.rights = stage1_rights(f, attr);
        want.type = stage1_type(f, attr);
    } else if (f->format == &ptw_arm64_s2 || f->format == &ptw_arm_lpae_s2) {
        want.global = false;
        want.rights = stage2_rights(f, attr);
        want.type = stage2_type(f, attr);
    } else if (f->format == &ptw_arm_v7s) {
        want.global = (attr & PTW_GLOBAL) != 0;
        want.rights = short_rights(f, attr);
        want.type = short_type(f, attr);
    } else {
        want.rights = ((attr & PTW_R) != 0 ? PTW_SIM_R : 0) | ((attr & PTW_W) != 0 ? PTW_SIM_W : 0);
        want.type = (attr & PTW_MT_MASK) == PTW_MT_NC;
    }
    return want;
}

/* Who accesses says nothing where there is one privilege; a DART's fetch is a read. */
static inline bool permitted(const struct fixture *f, unsigned rights, unsigned access)
{
    const bool el2 = f->format != &ptw_arm_v7s && option(f, PTW_OPT_ARM64_EL2);
    const bool dart = f->format->name[0] == 'd';
    unsigned need = access & ~USER;

    if (dart)
        return (rights & (need == FETCH ? PTW_SIM_R : need)) != 0;
    return (rights & ((access & USER) != 0 && !el2 ? need << 3 : need)) != 0;
}

#endif
