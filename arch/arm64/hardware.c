/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/hardware.c - TTBRn, TCR, MAIR and VTTBR, VTCR for a table, and the table that they name
 * (ptw/arm64_hardware.h). Arm ARM (DDI 0487), D8 "Translation table walks", D24.
 */
#include "hardware.h"

#include "granules.h"

#define BOTH(registers, structure, clause)                                                                             \
    {                                                                                                                  \
        registers ": " clause, structure ": " clause                                                                   \
    }

/* Why words are refused: as registers, and as SMMU structures. */
enum objection {
    S1_OFF,
    S1_GRANULE,
    S1_WIDTH,
    S1_NO_LEVEL,
    S1_OUTPUT,
    S1_BASE,
    S1_MAIR,
    S2_GRANULE,
    S2_WIDTH,
    S2_START,
    S2_NO_LEVEL,
    S2_OUTPUT,
    S2_OUTPUT_NARROW,
    S2_OTHER,
    S2_BASE,
};

static const char *const clauses[][2] = {
    [S1_OFF] = BOTH("TCR", "CD", "EPD0 or EPD1 turns the walks of this range off"),
    [S1_GRANULE] = BOTH("TCR", "CD", "TG0 or TG1 is reserved"),
    [S1_WIDTH] = BOTH("TCR", "CD", "T0SZ or T1SZ is not what this granule and DS allow (12 or 16 ... 39, 47 or 48)"),
    [S1_NO_LEVEL] = BOTH("TCR", "CD", "T0SZ or T1SZ above 42 with the 4K granule is not supported"),
    [S1_OUTPUT] = BOTH("TCR", "CD", "IPS 7 is reserved"),
    [S1_BASE] = BOTH("TTBR", "CD", "the base is not aligned to the size of its table, or beyond the output width"),
    [S1_MAIR] = BOTH("MAIR", "CD", "no layout of memory types that this library has"),
    [S2_GRANULE] = BOTH("VTCR_EL2", "STE", "TG0 3 is reserved"),
    [S2_WIDTH] = BOTH("VTCR_EL2", "STE", "T0SZ is not what this granule and DS allow (12 or 16 ... 39, 47 or 48)"),
    [S2_START] = BOTH("VTCR_EL2", "STE", "the start level (SL0, SL2) cannot translate the width that T0SZ says"),
    [S2_NO_LEVEL] = BOTH("VTCR_EL2", "STE", "start level 3 with the 4K granule is not supported"),
    [S2_OUTPUT] = BOTH("VTCR_EL2", "STE", "PS 7 is reserved"),
    [S2_OUTPUT_NARROW] = BOTH("VTCR_EL2", "STE", "PS is too narrow for T0SZ or the start level"),
    [S2_OTHER] = BOTH("VTCR_EL2", "STE", "AssuredOnly, S2PIE, S2POE and D128 are not supported"),
    [S2_BASE] =
        BOTH("VTTBR_EL2", "STE", "the base is not aligned to the size of its tables, or beyond the output width"),
};

static const unsigned pa_bits[] = {32, 36, 40, 42, 44, 48, 52};
#define PA_WIDTHS (sizeof(pa_bits) / sizeof(pa_bits[0]))

/* The code of the next width that there is. */
static uint64_t ps_of(unsigned oa_bits)
{
    uint64_t ps = 0;

    while (ps < PS_52 && pa_bits[ps] < oa_bits)
        ps++;
    return ps;
}

/* log2 of granules by the code in TG0, and in TG1; 0 is reserved. */
static const unsigned tg0_granule[4] = {12, 16, 14, 0};
static const unsigned tg1_granule[4] = {0, 14, 12, 16};

static uint64_t tg_of(const unsigned codes[4], unsigned granule)
{
    uint64_t code = 0;

    while (codes[code] != granule)
        code++;
    return code;
}

static bool walks_encode(const struct ptw_arm64_walks *w, uint64_t *bits)
{
    if (w->inner > 3 || w->outer > 3 || w->shareable > 3 || w->shareable == 1)
        return false;
    *bits = (uint64_t)w->inner << 8 | (uint64_t)w->outer << 10 | (uint64_t)w->shareable << 12;
    return true;
}

/* The configuration that widths and granule make, all checked; narrow granules without `ds` put out 48 bits at most. */
static void widths(struct ptw_config *c, unsigned granule, unsigned tsz, uint64_t ps, bool ds)
{
    const unsigned oa_max = granule == 16 || ds ? 52 : 48;

    c->granule = UINT64_C(1) << granule;
    c->ia = 64U - tsz;
    c->oa = pa_bits[ps] < oa_max ? pa_bits[ps] : oa_max;
    c->options |= ds && granule != 16 ? PTW_OPT_ARM64_LPA2 : 0;
    c->options |= tsz > 39 ? PTW_OPT_ARM64_TTST : 0;
}

static bool width_is_legal(unsigned granule, unsigned tsz, bool ds)
{
    return tsz >= (granule == 16 || ds ? 12U : 16U) && tsz <= (granule == 16 ? 47U : 48U);
}

/* The address in TTBR or VTTBR, an SMMU's is whole. False if such a table cannot stand
 * there. */
static bool base_of(uint64_t ttbr, enum arm64_words whose, const struct ptw_geometry *geo, ptw_oa *pa)
{
    const uint64_t bytes = UINT64_C(8) << geo->root_bits;

    if (whose == ARM64_SMMU)
        *pa = ttbr;
    else if (geo->oa_bits == 52)
        *pa = (ttbr & (PTW_BITS(47, 6) | PTW_BIT(1))) | (ttbr & PTW_BITS(5, 2)) << 46;
    else
        *pa = ttbr & PTW_BITS(47, 1);
    return (*pa & ((bytes > 64 ? bytes : 64) - 1U)) == 0 && *pa <= geo->oa_last;
}

/* ------------------------------------------------------------------------------------------------- stage 1 --- */

static bool is_stage1(const struct ptw_table *t)
{
    return t == NULL || t->format == &ptw_arm64_s1;
}

static bool has(const struct ptw_table *t, uint64_t option)
{
    return (t->geo.options & option) != 0;
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

/* ------------------------------------------------------------------------------------------------- stage 2 --- */

/* SL0 counts from the lowest start level that it can name; 4K has one more below 0, and one with SL2 instead. */
static unsigned sl0_levels(unsigned granule)
{
    return granule == 12 ? 2 : 1;
}

ptw_status ptw_arm64_s2_control(const struct ptw_table *t, const struct ptw_arm64_walks *walks, uint64_t *vtcr)
{
    const struct ptw_geometry *geo = &t->geo;
    const unsigned granule = geo->encoder->granule;
    uint64_t walk_bits, start;

    if (t->format != &ptw_arm64_s2)
        return PTW_UNSUPPORTED;
    if (!walks_encode(walks, &walk_bits))
        return PTW_INVAL;
    if (t->root_pa > geo->oa_last)
        return PTW_RANGE;
    start = (uint64_t)(geo->top + 1U - sl0_levels(granule)) << VTCR_SL0_SHIFT;
    if (granule == 12 && geo->top == 4)
        start = VTCR_SL2;
    *vtcr = (64U - geo->ia_bits) | start | walk_bits | tg_of(tg0_granule, granule) << TCR_TG_SHIFT |
            ps_of(geo->oa_bits) << TCR_EL2_PS_SHIFT |
            (has(t, PTW_OPT_AD) ? TCR_EL2_HA | TCR_EL2_HD
             : walks->set_af    ? TCR_EL2_HA
                                : 0) |
            (has(t, PTW_OPT_ARM64_REALM) ? VTCR_NSA : 0) | VTCR_RES1 | (has(t, PTW_OPT_ARM64_LPA2) ? TCR_EL2_DS : 0);
    return PTW_OK;
}

ptw_status ptw_arm64_s2_words(const struct ptw_table *t, const struct ptw_arm64_s2_parameters *p,
                              struct ptw_arm64_s2_registers *regs)
{
    uint64_t vtcr;
    ptw_status status = ptw_arm64_s2_control(t, &p->walks, &vtcr);

    if (status != PTW_OK)
        return status;
    if (p->vmid > (p->wide_vmid ? 0xffffU : 0xffU))
        return PTW_INVAL;
    regs->vttbr = (uint64_t)p->vmid << 48 | arm64_base(t->root_pa, vtcr >> TCR_EL2_PS_SHIFT & 7) | (p->cnp ? 1 : 0);
    regs->vtcr = vtcr | (p->wide_vmid ? VTCR_VS : 0);
    return PTW_OK;
}

/* Levels by SL0 and SL2: 0 if the pair is reserved. */
static unsigned s2_levels(uint64_t vtcr, unsigned granule)
{
    const unsigned sl0 = (unsigned)(vtcr >> VTCR_SL0_SHIFT) & 3U;
    const bool ds = (vtcr & TCR_EL2_DS) != 0;

    if (granule == 12 && ds && (vtcr & VTCR_SL2) != 0)
        return sl0 == 0 ? 5 : 0;
    if (granule == 12)
        return sl0 == 3 ? 1 : sl0 + 2U;
    if (sl0 == 3)
        return granule == 14 && ds ? 4 : 0;
    return sl0 + 1U;
}

/* Whether a root with so many levels, up to 16 tables of it side by side, translates `ia` bits. */
static bool s2_start_fits(unsigned levels, unsigned granule, unsigned ia)
{
    const unsigned below = granule + (levels - 1U) * (granule - 3U);

    return levels != 0 && ia > below && ia <= below + granule - 3U + 4U;
}

ptw_status ptw_arm64_s2_control_root(const struct ptw_arm64_s2_registers *regs, enum arm64_words whose,
                                     struct ptw_root *root, const char **why)
{
    const unsigned granule = tg0_granule[regs->vtcr >> TCR_TG_SHIFT & 3];
    const unsigned tsz = (unsigned)(regs->vtcr & TCR_TSZ);
    const uint64_t ps = regs->vtcr >> TCR_EL2_PS_SHIFT & 7;
    const bool ds = (regs->vtcr & TCR_EL2_DS) != 0;
    struct ptw_config c = ptw_arm64_s2.defaults;
    struct ptw_geometry geo;
    ptw_oa pa;

    if ((regs->vtcr & VTCR_OTHER_FORMATS) != 0)
        return arm64_refuse(why, PTW_UNSUPPORTED, clauses[S2_OTHER][whose]);
    if (granule == 0)
        return arm64_refuse(why, PTW_INVAL, clauses[S2_GRANULE][whose]);
    if (!width_is_legal(granule, tsz, ds))
        return arm64_refuse(why, PTW_INVAL, clauses[S2_WIDTH][whose]);
    if (ps >= PA_WIDTHS)
        return arm64_refuse(why, PTW_INVAL, clauses[S2_OUTPUT][whose]);
    c.levels = s2_levels(regs->vtcr, granule);
    if (!s2_start_fits(c.levels, granule, 64U - tsz))
        return arm64_refuse(why, PTW_INVAL, clauses[S2_START][whose]);
    if (granule == 12 && c.levels == 1)
        return arm64_refuse(why, PTW_UNSUPPORTED, clauses[S2_NO_LEVEL][whose]);
    widths(&c, granule, tsz, ps, ds);
    c.options |= (regs->vtcr & TCR_EL2_HA) != 0 && (regs->vtcr & TCR_EL2_HD) != 0 ? PTW_OPT_AD : 0;
    if (ptw_configure(&ptw_arm64_s2, &c, &geo, NULL) != PTW_OK)
        return arm64_refuse(why, PTW_UNSUPPORTED, clauses[S2_OUTPUT_NARROW][whose]);
    if (!base_of(regs->vttbr, whose, &geo, &pa))
        return arm64_refuse(why, PTW_INVAL, clauses[S2_BASE][whose]);
    root->format = &ptw_arm64_s2;
    root->config = c;
    root->pa = pa;
    return PTW_OK;
}

ptw_status ptw_arm64_s2_root(const struct ptw_arm64_s2_registers *regs, struct ptw_root *root, const char **why)
{
    return ptw_arm64_s2_control_root(regs, ARM64_REGISTERS, root, why);
}
