/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/smmuv3.c - what an SMMUv3's stream table entry and context descriptor say of the walks of VMSAv8-64; the walks
 * are those of arm64_walk.h. SMMUv3 (IHI 0070) 5.2 "Stream Table Entry", 5.4 "Context Descriptor".
 */
#include "arm64_walk.h"

#define STE_V PTW_BIT(0)
#define STE_S1 PTW_BIT(1) /* of Config, where STE_ON is set */
#define STE_S2 PTW_BIT(2)
#define STE_ON PTW_BIT(3)

#define TABLE_BASE PTW_BITS(51, 4)

enum { STRW_EL1 = 0, STRW_EL2 = 2 };

/* Config: 4 bypass, 5 stage 1, 6 stage 2, 7 both; bit 2 clear: abort. */
static bool stage_is_on(uint64_t ste0, uint64_t stage)
{
    return (ste0 & STE_V) != 0 && (ste0 & STE_ON) != 0 && (ste0 & stage) != 0;
}

/* ---------------------------------------------------------------------------------------------- stage 1 --- */

static const char *refuse_s1(const uint64_t *ste, const uint64_t *cd)
{
    const uint64_t strw = arm64_field(ste[1], 31, 30);

    if (strw != STRW_EL1 && strw != STRW_EL2)
        return "STE: STRW is a reserved value";
    if (!arm64_bit(cd[0], 41))
        return "CD: AA64 is 0, short and long descriptors of 32-bit Arm are not simulated for an SMMU";
    return arm64_bit(cd[1], 3) ? "CD: HAFT is not simulated" : NULL;
}

static void read_cd(struct arm64_setup *s, const uint64_t *cd)
{
    static const unsigned granule1[4] = {0, 14, 12, 16};
    const unsigned n = s->upper ? 1 : 0, at = 16 * n;

    s->granule = n == 0 ? ptw_sim_arm64_granule(arm64_field(cd[0], 7, 6)) : granule1[arm64_field(cd[0], 23, 22)];
    s->sh = (unsigned)arm64_field(cd[0], 13 + at, 12 + at);
    s->epd = !s->one_range && arm64_bit(cd[0], 14 + at);
    s->big_endian = arm64_bit(cd[0], 15);
    s->oa = ptw_sim_arm64_width(arm64_field(cd[0], 34, 32));
    s->no_af_fault = arm64_bit(cd[0], 35);
    s->wxn = arm64_bit(cd[0], 36);
    s->tbi = arm64_bit(cd[0], 38 + n);
    s->pan = !s->one_range && arm64_bit(cd[0], 40);
    s->hd = arm64_bit(cd[0], 42);
    s->ha = arm64_bit(cd[0], 43);
    s->hpd = arm64_bit(cd[1 + n], 1);
    s->e0pd = n == 0 && !s->one_range && arm64_bit(cd[1], 2);
    s->ds = arm64_bit(cd[2], 58); /* seen in one source */
    s->base = cd[1 + n] & TABLE_BASE;
}

static enum ptw_sim_outcome setup_s1(struct ptw_sim_walk *w, struct arm64_setup *s)
{
    const uint64_t *ste = w->mmu->reg + PTW_SIM_SMMUV3_STE, *cd = w->mmu->reg + PTW_SIM_SMMUV3_CD;
    const char *why;

    if (!stage_is_on(ste[0], STE_S1))
        return ptw_sim_arm64_fault(w, PTW_SIM_ABSENT, "STE: V or Config says that there is no stage 1");
    if (!arm64_bit(cd[0], 31))
        return ptw_sim_arm64_fault(w, PTW_SIM_ABSENT, "CD: V is 0");
    why = refuse_s1(ste, cd);
    if (why != NULL)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, why);
    *s = (struct arm64_setup){.mair = cd[3], .one_range = arm64_field(ste[1], 31, 30) == STRW_EL2};
    s->upper = !s->one_range && arm64_bit(w->addr, 55);
    ptw_sim_arm64_cpu(s, w->mmu->reg[PTW_SIM_ARM64_CPU]);
    read_cd(s, cd);
    return ptw_sim_arm64_s1_shape(w, s, (unsigned)arm64_field(cd[0], s->upper ? 21 : 5, s->upper ? 16 : 0));
}

static enum ptw_sim_outcome start_s1(struct ptw_sim_walk *w)
{
    return ptw_sim_arm64_start(w, setup_s1);
}

static enum ptw_sim_outcome step_s1(struct ptw_sim_walk *w, uint64_t word)
{
    return ptw_sim_arm64_step(w, setup_s1, word);
}

static const char *const registers_s1[] = {"SMMU", "STE[0]", "STE[1]", "CD[0]", "CD[1]", "CD[2]", "CD[3]", NULL};

const struct ptw_sim_walker ptw_sim_smmuv3_s1 = {
    .name = "smmuv3-s1",
    .manual = "SMMUv3 (IHI 0070) 5.4",
    .registers = registers_s1,
    .start = start_s1,
    .step = step_s1,
};

/* ---------------------------------------------------------------------------------------------- stage 2 --- */

static enum ptw_sim_outcome setup_s2(struct ptw_sim_walk *w, struct arm64_setup *s)
{
    const uint64_t *ste = w->mmu->reg + PTW_SIM_SMMUV3_STE;
    const uint64_t vtcr = ste[2] >> 32; /* bits 18:0 are VTCR_EL2's */
    const unsigned sl = (unsigned)(arm64_field(vtcr, 7, 6) | arm64_field(ste[3], 2, 2) << 2);

    if (!stage_is_on(ste[0], STE_S2))
        return ptw_sim_arm64_fault(w, PTW_SIM_ABSENT, "STE: V or Config says that there is no stage 2");
    if (!arm64_bit(ste[2], 51))
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "STE: S2AA64 is 0, LPAE is not simulated for an SMMU");
    if (arm64_bit(ste[2], 59))
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "STE: S2HAFT is not simulated");
    *s = (struct arm64_setup){.stage2 = true};
    ptw_sim_arm64_cpu(s, w->mmu->reg[PTW_SIM_ARM64_CPU]);
    s->granule = ptw_sim_arm64_granule(arm64_field(vtcr, 15, 14));
    s->oa = ptw_sim_arm64_width(arm64_field(vtcr, 18, 16));
    s->sh = (unsigned)arm64_field(vtcr, 13, 12);
    s->fwb = arm64_bit(ste[1], 25);
    s->big_endian = arm64_bit(ste[2], 52);
    s->no_af_fault = arm64_bit(ste[2], 53);
    s->hd = arm64_bit(ste[2], 55);
    s->ha = arm64_bit(ste[2], 56);
    s->ds = arm64_bit(ste[3], 3);
    s->base = ste[3] & TABLE_BASE;
    return ptw_sim_arm64_s2_shape(w, s, (unsigned)arm64_field(vtcr, 5, 0), sl);
}

static enum ptw_sim_outcome start_s2(struct ptw_sim_walk *w)
{
    return ptw_sim_arm64_start(w, setup_s2);
}

static enum ptw_sim_outcome step_s2(struct ptw_sim_walk *w, uint64_t word)
{
    return ptw_sim_arm64_step(w, setup_s2, word);
}

static const char *const registers_s2[] = {"SMMU", "STE[0]", "STE[1]", "STE[2]", "STE[3]", NULL};

const struct ptw_sim_walker ptw_sim_smmuv3_s2 = {
    .name = "smmuv3-s2",
    .manual = "SMMUv3 (IHI 0070) 5.2",
    .registers = registers_s2,
    .start = start_s2,
    .step = step_s2,
};
