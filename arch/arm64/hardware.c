/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/hardware.c - TTBRn, TCR and MAIR for a table of stage 1, or two, and the table that they name
 * (ptw/arm64_hardware.h). Arm ARM (DDI 0487), D8 "Translation table walks", D24.
 */
#include "hardware_fields.h"

/* Why words are refused: as registers, and as SMMU structures. */
enum objection {
    S1_OFF,
    S1_GRANULE,
    S1_WIDTH,
    S1_NO_LEVEL,
    S1_OUTPUT,
    S1_BASE,
    S1_MAIR,
};

static const char *const clauses[][2] = {
    [S1_OFF] = BOTH("TCR", "CD", "EPD0 or EPD1 turns the walks of this range off"),
    [S1_GRANULE] = BOTH("TCR", "CD", "TG0 or TG1 is reserved"),
    [S1_WIDTH] = BOTH("TCR", "CD", "T0SZ or T1SZ is not what this granule and DS allow (12 or 16 ... 39, 47 or 48)"),
    [S1_NO_LEVEL] = BOTH("TCR", "CD", "T0SZ or T1SZ above 42 with the 4K granule is not supported"),
    [S1_OUTPUT] = BOTH("TCR", "CD", "IPS 7 is reserved"),
    [S1_BASE] = BOTH("TTBR", "CD", "the base is not aligned to the size of its table, or beyond the output width"),
    [S1_MAIR] = BOTH("MAIR", "CD", "no layout of memory types that this library has"),
};

static bool is_stage1(const struct ptw_table *t)
{
    return t == NULL || t->format == &ptw_arm64_s1;
}

/* True if a TCR can say both. */
static bool agree(const struct ptw_table *lower, const struct ptw_table *upper)
{
    const uint64_t shared = PTW_OPT_AD | PTW_OPT_ARM64_LINUX_MAIR;
    const bool large = lower->geo.encoder->granule == 16 || upper->geo.encoder->granule == 16;

    return !has(lower, PTW_OPT_ARM64_EL2) && lower->geo.oa_bits == upper->geo.oa_bits &&
           ((lower->geo.options ^ upper->geo.options) & shared) == 0 &&
           (large || has(lower, PTW_OPT_ARM64_LPA2) == has(upper, PTW_OPT_ARM64_LPA2));
}

/* TnSZ, TGn and how the walks are done, at TTBR0's place; of no table EPDn alone. */
static uint64_t half(const struct ptw_table *t, const unsigned codes[4], uint64_t walks)
{
    if (t == NULL)
        return TCR_EPD;
    return (64U - t->geo.ia_bits) | walks | tg_of(codes, t->geo.encoder->granule) << TCR_TG_SHIFT;
}

ptw_status ptw_arm64_regime(const struct ptw_table *lower, const struct ptw_table *upper,
                            const struct ptw_arm64_walks *walks, uint64_t *tcr, uint64_t *mair)
{
    const struct ptw_table *any = lower != NULL ? lower : upper;
    uint64_t walk_bits;
    bool ds;

    if (!is_stage1(lower) || !is_stage1(upper))
        return PTW_UNSUPPORTED;
    if (any == NULL || !walks_encode(walks, &walk_bits) || (lower != NULL && has(lower, PTW_OPT_UPPER)) ||
        (upper != NULL && !has(upper, PTW_OPT_UPPER)) || (lower != NULL && upper != NULL && !agree(lower, upper)))
        return PTW_INVAL;
    if ((lower != NULL && lower->root_pa > lower->geo.oa_last) ||
        (upper != NULL && upper->root_pa > upper->geo.oa_last))
        return PTW_RANGE;
    ds = (lower != NULL && has(lower, PTW_OPT_ARM64_LPA2)) || (upper != NULL && has(upper, PTW_OPT_ARM64_LPA2));
    *tcr = half(lower, tg0_granule, walk_bits) | half(upper, tg1_granule, walk_bits) << TCR_HALF |
           ps_of(any->geo.oa_bits) << TCR_IPS_SHIFT | (ds ? TCR_DS : 0) |
           (has(any, PTW_OPT_AD) ? TCR_HA | TCR_HD
            : walks->set_af      ? TCR_HA
                                 : 0);
    *mair = has(any, PTW_OPT_ARM64_LINUX_MAIR) ? PTW_ARM64_MAIR_LINUX : PTW_ARM64_MAIR;
    return PTW_OK;
}

/* TCR_EL2 with one range, from TCR_EL1's form and back. */
static uint64_t to_tcr_el2(uint64_t tcr)
{
    return (tcr & (TCR_TSZ | TCR_WALKS | PTW_BITS(15, 14))) | (tcr >> TCR_IPS_SHIFT & 7) << TCR_EL2_PS_SHIFT |
           ((tcr & TCR_HA) != 0 ? TCR_EL2_HA : 0) | ((tcr & TCR_HD) != 0 ? TCR_EL2_HD : 0) |
           ((tcr & TCR_DS) != 0 ? TCR_EL2_DS : 0) | TCR_EL2_RES1;
}

static uint64_t from_tcr_el2(uint64_t tcr)
{
    return (tcr & (TCR_TSZ | TCR_WALKS | PTW_BITS(15, 14))) | (tcr >> TCR_EL2_PS_SHIFT & 7) << TCR_IPS_SHIFT |
           ((tcr & TCR_EL2_HA) != 0 ? TCR_HA : 0) | ((tcr & TCR_EL2_HD) != 0 ? TCR_HD : 0) |
           ((tcr & TCR_EL2_DS) != 0 ? TCR_DS : 0);
}

ptw_status ptw_arm64_words(const struct ptw_table *lower, const struct ptw_table *upper,
                           const struct ptw_arm64_parameters *p, struct ptw_arm64_registers *regs)
{
    const uint64_t asid = (uint64_t)p->asid << 48;
    uint64_t tcr, mair, ps;
    ptw_status status = ptw_arm64_regime(lower, upper, &p->walks, &tcr, &mair);
    bool el2;

    if (status != PTW_OK)
        return status;
    el2 = lower != NULL && has(lower, PTW_OPT_ARM64_EL2);
    if (p->asid > (p->wide_asid ? 0xffffU : 0xffU) || (el2 && (p->asid != 0 || p->wide_asid)))
        return PTW_INVAL;
    ps = tcr >> TCR_IPS_SHIFT & 7;
    tcr |= (p->wide_asid ? TCR_AS : 0) | (lower == NULL ? TCR_A1 : 0);
    regs->ttbr0 = lower == NULL ? 0 : asid | arm64_base(lower->root_pa, ps) | (p->cnp ? 1 : 0);
    regs->ttbr1 = upper == NULL ? 0 : (lower == NULL ? asid : 0) | arm64_base(upper->root_pa, ps) | (p->cnp ? 1 : 0);
    regs->tcr = el2 ? to_tcr_el2(tcr) : tcr;
    regs->mair = mair;
    regs->el2 = el2;
    return PTW_OK;
}

/* Each byte of `mair` that is not 0 is the layout's. */
static bool mair_is(uint64_t mair, uint64_t layout)
{
    for (unsigned i = 0; i < 64; i += 8)
        if ((mair >> i & 0xff) != 0 && ((mair ^ layout) >> i & 0xff) != 0)
            return false;
    return true;
}

/* WB with tags, of byte 1, is plain WB where memory has no tags. */
static bool mair_is_linux(uint64_t mair)
{
    return mair_is(mair, PTW_ARM64_MAIR_LINUX) || mair_is(mair, PTW_ARM64_MAIR_LINUX | 0xff00);
}

ptw_status ptw_arm64_regime_root(const struct ptw_arm64_registers *regs, bool one_range, bool upper,
                                 enum arm64_words whose, struct ptw_root *root, const char **why)
{
    const uint64_t range = upper ? regs->tcr >> TCR_HALF : regs->tcr;
    const unsigned granule = (upper ? tg1_granule : tg0_granule)[range >> TCR_TG_SHIFT & 3];
    const unsigned tsz = (unsigned)(range & TCR_TSZ);
    const uint64_t ps = regs->tcr >> TCR_IPS_SHIFT & 7;
    const bool ds = (regs->tcr & TCR_DS) != 0;
    struct ptw_config c = ptw_arm64_s1.defaults;
    struct ptw_geometry geo;
    ptw_oa pa;

    if ((range & TCR_EPD) != 0 && !one_range)
        return arm64_refuse(why, PTW_NOENT, clauses[S1_OFF][whose]);
    if (granule == 0)
        return arm64_refuse(why, PTW_INVAL, clauses[S1_GRANULE][whose]);
    if (!width_is_legal(granule, tsz, ds))
        return arm64_refuse(why, PTW_INVAL, clauses[S1_WIDTH][whose]);
    if (ps >= PA_WIDTHS)
        return arm64_refuse(why, PTW_INVAL, clauses[S1_OUTPUT][whose]);
    widths(&c, granule, tsz, ps, ds);
    c.options |= (upper ? PTW_OPT_UPPER : 0) | (one_range ? PTW_OPT_ARM64_EL2 : 0);
    c.options |= (regs->tcr & TCR_HA) != 0 && (regs->tcr & TCR_HD) != 0 ? PTW_OPT_AD : 0;
    if (mair_is_linux(regs->mair) && !mair_is(regs->mair, PTW_ARM64_MAIR))
        c.options |= PTW_OPT_ARM64_LINUX_MAIR;
    else if (!mair_is(regs->mair, PTW_ARM64_MAIR))
        return arm64_refuse(why, PTW_UNSUPPORTED, clauses[S1_MAIR][whose]);
    if (ptw_configure(&ptw_arm64_s1, &c, &geo, NULL) != PTW_OK)
        return arm64_refuse(why, PTW_UNSUPPORTED, clauses[S1_NO_LEVEL][whose]);
    if (!base_of(upper ? regs->ttbr1 : regs->ttbr0, whose, &geo, &pa))
        return arm64_refuse(why, PTW_INVAL, clauses[S1_BASE][whose]);
    root->format = &ptw_arm64_s1;
    root->config = c;
    root->pa = pa;
    return PTW_OK;
}

ptw_status ptw_arm64_root(const struct ptw_arm64_registers *regs, bool upper, struct ptw_root *root, const char **why)
{
    struct ptw_arm64_registers el1 = *regs;

    if (regs->el2 && upper)
        return arm64_refuse(why, PTW_NOENT, "TCR_EL2: with one range there is no TTBR1");
    if (regs->el2)
        el1.tcr = from_tcr_el2(regs->tcr);
    return ptw_arm64_regime_root(&el1, regs->el2, upper, ARM64_REGISTERS, root, why);
}
