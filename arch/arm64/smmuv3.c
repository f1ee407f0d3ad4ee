/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/smmuv3.c - context descriptors and stream table entries of an SMMUv3 (ptw/arm64_hardware.h). SMMUv3
 * architecture (IHI 0070), 5.2 "Stream Table Entry", 5.4 "Context Descriptor". Both are 64 bytes; what is not named
 * here is 0.
 */
#include "hardware.h"

/* Context descriptor. Each half of doubleword 0 has TCR's fields in another order. */
#define CD_TG_SHIFT 6U
#define CD_EPD PTW_BIT(14)
#define CD_V PTW_BIT(31)
#define CD_AA64 PTW_BIT(41)
#define CD_HD PTW_BIT(42) /* HD is the lower one, other than in TCR */
#define CD_HA PTW_BIT(43)
#define CD_ASID_SHIFT 48U
#define CD_FLAGS (PTW_BITS(40, 35) | PTW_BITS(47, 44))
#define CD_TTB PTW_BITS(51, 4)
#define CD2_DS PTW_BIT(58) /* seen in one source */

/* Stream table entry. */
#define STE_V PTW_BIT(0)
#define STE_CONFIG_S1 PTW_BIT(1)
#define STE_CONFIG_S2 PTW_BIT(2)
#define STE_CONFIG_ON PTW_BIT(3) /* 0: abort */
#define STE_S1FMT_SHIFT 4U
#define STE_S1CONTEXTPTR PTW_BITS(51, 6) /* to bit 55 in newer revisions, as S2TTB */
#define STE_S1CDMAX_SHIFT 59U
#define STE1_S2FWB PTW_BIT(25)
#define STE1_S1STALLD PTW_BIT(27)
#define STE2_VTCR_SHIFT 32U /* VTCR_EL2, 18:0 */
#define STE2_S2AA64 PTW_BIT(51)
#define STE2_S2ENDI PTW_BIT(52)
#define STE2_S2HD PTW_BIT(55)
#define STE2_S2HA PTW_BIT(56)
#define STE2_FLAGS (PTW_SMMUV3_S2AFFD | PTW_SMMUV3_S2PTW | PTW_SMMUV3_S2S | PTW_SMMUV3_S2R)
#define STE3_S2SL0_2 PTW_BIT(2)
#define STE3_S2DS PTW_BIT(3)
#define STE3_S2TTB PTW_BITS(51, 4)

static void clear(uint64_t words[PTW_SMMUV3_WORDS])
{
    for (unsigned i = 0; i < PTW_SMMUV3_WORDS; i++)
        words[i] = 0;
}

/* -------------------------------------------------------------------------------------- context descriptor --- */

static uint64_t cd_half(uint64_t tcr)
{
    return (tcr & (TCR_TSZ | TCR_WALKS)) | (tcr >> TCR_TG_SHIFT & 3) << CD_TG_SHIFT |
           ((tcr & TCR_EPD) != 0 ? CD_EPD : 0);
}

static uint64_t tcr_half(uint64_t cd)
{
    return (cd & (TCR_TSZ | TCR_WALKS)) | (cd >> CD_TG_SHIFT & 3) << TCR_TG_SHIFT | ((cd & CD_EPD) != 0 ? TCR_EPD : 0);
}

ptw_status ptw_smmuv3_cd(const struct ptw_table *lower, const struct ptw_table *upper,
                         const struct ptw_smmuv3_cd_parameters *p, uint64_t cd[PTW_SMMUV3_WORDS])
{
    uint64_t tcr, mair;
    ptw_status status = ptw_arm64_regime(lower, upper, &p->walks, &tcr, &mair);

    if (status != PTW_OK)
        return status;
    if (p->asid > 0xffff || (p->flags & ~CD_FLAGS) != 0)
        return PTW_INVAL;
    clear(cd);
    cd[0] = cd_half(tcr) | cd_half(tcr >> TCR_HALF) << TCR_HALF | CD_V | (tcr & UINT64_C(7) << TCR_IPS_SHIFT) |
            CD_AA64 | ((tcr & TCR_HD) != 0 ? CD_HD : 0) | ((tcr & TCR_HA) != 0 ? CD_HA : 0) | p->flags |
            (uint64_t)p->asid << CD_ASID_SHIFT;
    cd[1] = lower != NULL ? lower->root_pa : 0;
    cd[2] = (upper != NULL ? upper->root_pa : 0) | ((tcr & TCR_DS) != 0 ? CD2_DS : 0);
    cd[3] = mair;
    return PTW_OK;
}

ptw_status ptw_smmuv3_cd_root(const uint64_t cd[PTW_SMMUV3_WORDS], bool el2, bool upper, struct ptw_root *root,
                              const char **why)
{
    const uint64_t ps = cd[0] >> TCR_IPS_SHIFT & 7;
    const struct ptw_arm64_registers regs = {
        .ttbr0 = cd[1] & CD_TTB,
        .ttbr1 = cd[2] & CD_TTB,
        .tcr = tcr_half(cd[0]) | tcr_half(cd[0] >> TCR_HALF) << TCR_HALF | ps << TCR_IPS_SHIFT |
               ((cd[0] & CD_HA) != 0 ? TCR_HA : 0) | ((cd[0] & CD_HD) != 0 ? TCR_HD : 0) |
               ((cd[2] & CD2_DS) != 0 ? TCR_DS : 0),
        .mair = cd[3],
    };

    if ((cd[0] & CD_V) == 0)
        return arm64_refuse(why, PTW_NOENT, "CD: V is 0");
    if ((cd[0] & CD_AA64) == 0)
        return arm64_refuse(why, PTW_UNSUPPORTED, "CD: AA64 is 0, the tables are those of VMSAv8-32");
    if ((cd[0] & PTW_BIT(15)) != 0)
        return arm64_refuse(why, PTW_UNSUPPORTED, "CD: ENDI is 1, the tables are big-endian");
    if (el2 && upper)
        return arm64_refuse(why, PTW_NOENT, "CD: with one range there is no TTB1");
    return ptw_arm64_regime_root(&regs, el2, upper, ARM64_SMMU, root, why);
}

/* -------------------------------------------------------------------------------------- stream table entry --- */

static bool s1_fits(const struct ptw_smmuv3_s1 *s)
{
    return (s->cd_table & ~STE_S1CONTEXTPTR) == 0 && s->format <= 2 && s->cd_max <= 31 && s->dss <= 2 &&
           s->walks.inner <= 3 && s->walks.outer <= 3 && s->walks.shareable <= 3 && s->walks.shareable != 1 &&
           (s->strw == 0 || s->strw == 2) && s->eats <= 2;
}

/* S1DSS, S1CIR, S1COR and S1CSH: seen in one source. */
static uint64_t s1_word1(const struct ptw_smmuv3_s1 *s)
{
    return (uint64_t)s->dss | (uint64_t)s->walks.inner << 2 | (uint64_t)s->walks.outer << 4 |
           (uint64_t)s->walks.shareable << 6 | (s->stalld ? STE1_S1STALLD : 0) | (uint64_t)s->eats << 28 |
           (uint64_t)s->strw << 30;
}

ptw_status ptw_smmuv3_ste(const struct ptw_smmuv3_s1 *s1, const struct ptw_table *t, const struct ptw_smmuv3_s2 *s2,
                          unsigned shcfg, uint64_t ste[PTW_SMMUV3_WORDS])
{
    uint64_t vtcr = 0;
    ptw_status status;

    if ((s1 == NULL && t == NULL) || (t == NULL) != (s2 == NULL) || shcfg > 3 || (s1 != NULL && !s1_fits(s1)))
        return PTW_INVAL;
    if (t != NULL) {
        status = ptw_arm64_s2_control(t, &s2->walks, &vtcr);
        if (status != PTW_OK)
            return status;
        if ((t->geo.options & PTW_OPT_ARM64_REALM) != 0)
            return PTW_UNSUPPORTED;
        if (s2->vmid > 0xffff || (s2->flags & ~STE2_FLAGS) != 0)
            return PTW_INVAL;
    }
    clear(ste);
    ste[0] = STE_V | STE_CONFIG_ON;
    ste[1] = (uint64_t)shcfg << 44;
    if (s1 != NULL) {
        ste[0] |= STE_CONFIG_S1 | (uint64_t)s1->format << STE_S1FMT_SHIFT | s1->cd_table |
                  (uint64_t)s1->cd_max << STE_S1CDMAX_SHIFT;
        ste[1] |= s1_word1(s1);
    }
    if (t != NULL) {
        ste[0] |= STE_CONFIG_S2;
        ste[1] |= (t->geo.options & PTW_OPT_ARM64_FWB) != 0 ? STE1_S2FWB : 0;
        ste[2] = s2->vmid | (vtcr & PTW_BITS(18, 0)) << STE2_VTCR_SHIFT | STE2_S2AA64 | s2->flags |
                 ((vtcr & TCR_EL2_HD) != 0 ? STE2_S2HD : 0) | ((vtcr & TCR_EL2_HA) != 0 ? STE2_S2HA : 0);
        ste[3] = t->root_pa | ((vtcr & VTCR_SL2) != 0 ? STE3_S2SL0_2 : 0) | ((vtcr & TCR_EL2_DS) != 0 ? STE3_S2DS : 0);
    }
    return PTW_OK;
}

static ptw_status ste_is_on(uint64_t word, uint64_t stage, const char *absent, const char **why)
{
    if ((word & STE_V) == 0)
        return arm64_refuse(why, PTW_NOENT, "STE: V is 0");
    if ((word & STE_CONFIG_ON) == 0)
        return arm64_refuse(why, PTW_NOENT, "STE: Config aborts all transactions");
    if ((word & stage) == 0)
        return arm64_refuse(why, PTW_NOENT, absent);
    return PTW_OK;
}

ptw_status ptw_smmuv3_s2_root(const uint64_t ste[PTW_SMMUV3_WORDS], struct ptw_root *root, const char **why)
{
    const uint64_t vtcr = ste[2] >> STE2_VTCR_SHIFT & PTW_BITS(18, 0);
    const struct ptw_arm64_s2_registers regs = {
        .vttbr = ste[3] & STE3_S2TTB,
        .vtcr = vtcr | ((ste[2] & STE2_S2HA) != 0 ? TCR_EL2_HA : 0) | ((ste[2] & STE2_S2HD) != 0 ? TCR_EL2_HD : 0) |
                ((ste[3] & STE3_S2SL0_2) != 0 ? VTCR_SL2 : 0) | ((ste[3] & STE3_S2DS) != 0 ? TCR_EL2_DS : 0),
    };
    ptw_status status = ste_is_on(ste[0], STE_CONFIG_S2, "STE: Config has no stage 2", why);

    if (status != PTW_OK)
        return status;
    if ((ste[2] & STE2_S2AA64) == 0)
        return arm64_refuse(why, PTW_UNSUPPORTED, "STE: S2AA64 is 0, the tables are those of VMSAv8-32");
    if ((ste[2] & STE2_S2ENDI) != 0)
        return arm64_refuse(why, PTW_UNSUPPORTED, "STE: S2ENDI is 1, the tables are big-endian");
    status = ptw_arm64_s2_control_root(&regs, ARM64_SMMU, root, why);
    if (status == PTW_OK && (ste[1] & STE1_S2FWB) != 0)
        root->config.options |= PTW_OPT_ARM64_FWB;
    return status;
}

ptw_status ptw_smmuv3_cd_table(const uint64_t ste[PTW_SMMUV3_WORDS], ptw_oa *pa, const char **why)
{
    const ptw_status status = ste_is_on(ste[0], STE_CONFIG_S1, "STE: Config has no stage 1", why);

    if (status != PTW_OK)
        return status;
    if ((ste[0] >> STE_S1FMT_SHIFT & 3) == 3)
        return arm64_refuse(why, PTW_INVAL, "STE: S1Fmt 3 is reserved");
    *pa = ste[0] & STE_S1CONTEXTPTR;
    return PTW_OK;
}
