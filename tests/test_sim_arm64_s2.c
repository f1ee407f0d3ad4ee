/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The simulated walks of VMSAv8-64 stage 2 and of the SMMUv3, entry by entry: words written out by hand from the
 * manual, ids as in test_golden_arm64.c. Geometry and registers: test_sim_arm64_shape.c.
 */
#include "sim_arm.h"

#define T UINT64_C(0x0000000300007003) /* 2.9/9 */

#define AF PTW_BIT(10)
#define S2W PTW_BIT(7)

#define ALL_DATA (S_RW | U_RW)
#define ALL (ALL_DATA | S_X | U_X)

/* VTCR_EL2: 2.9/11 has HA; and with HD; and without both. */
#define VTCR UINT64_C(0x802a3558)
#define VTCR_HD UINT64_C(0x806a3558)
#define VTCR_SOFT UINT64_C(0x800a3558)
#define VTCR_LPA2 UINT64_C(0x3800e350c) /* 2.9/12 */

#define S2(name, cpu, ...)                                                                                             \
    static const struct ptw_sim_mmu name = {                                                                           \
        .walker = &ptw_sim_arm64_s2,                                                                                   \
        .reg = {[PTW_SIM_ARM64_CPU] = (cpu), [PTW_SIM_ARM64_VTTBR] = 0x0005000880004000, __VA_ARGS__},                 \
    }
#define WITH_FWB [PTW_SIM_ARM64_HCR] = PTW_SIM_ARM64_HCR_FWB

S2(ha, 0, [PTW_SIM_ARM64_VTCR] = VTCR);
S2(hd, 0, [PTW_SIM_ARM64_VTCR] = VTCR_HD);
S2(soft, 0, [PTW_SIM_ARM64_VTCR] = VTCR_SOFT);
S2(fwb, 0, [PTW_SIM_ARM64_VTCR] = VTCR, WITH_FWB);
S2(lpa2, 0, [PTW_SIM_ARM64_VTCR] = VTCR_LPA2);
S2(no_xnx, PTW_SIM_ARM64_NO_XNX, [PTW_SIM_ARM64_VTCR] = VTCR);
S2(no_xs, PTW_SIM_ARM64_NO_XS, [PTW_SIM_ARM64_VTCR] = VTCR);
S2(realm, PTW_SIM_ARM64_REALM, [PTW_SIM_ARM64_VTCR] = VTCR, WITH_FWB);
S2(too_wide, 0, [PTW_SIM_ARM64_VTCR] = 0x8027754a); /* T0SZ 10: out of range */

static const struct hand stage2[] = {
    {"2.9/1", &ha, 0x123, READ, 3, {T, T, 0x00000008800007ff}, PTW_SIM_LEAF, 0x880000123, ALL, 0, 0},
    {"2.9/2", &ha, 0, READ, 3, {T, T, 0x00400000090007c7}, PTW_SIM_LEAF, 0x09000000, ALL_DATA, 0, 0},
    {"2.9/3", &fwb, 0x12345, FETCH, 2, {T, 0x0000000100200759}, PTW_SIM_LEAF, 0x100212345, S_R | U_R | S_X | U_X, 0, 0},
    {"2.9/3", &fwb, 0, WRITE, 2, {T, 0x0000000100200759}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"2.9/4", &fwb, 0x40000001, READ, 1, {0x00000040400007dd}, PTW_SIM_LEAF, 0x4040000001, ALL, 0, 0},
    {"2.9/5", &ha, 0, FETCH | USER, 3, {T, T, 0x00200000800037ff}, PTW_SIM_LEAF, 0x80003000, ALL_DATA | U_X, 0, 0},
    {"2.9/5", &ha, 0, FETCH, 3, {T, T, 0x00200000800037ff}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"XN 10", &ha, 0, FETCH | USER, 3, {T, T, 0x00400000800037ff}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"XN 11", &ha, 0, FETCH, 3, {T, T, 0x00600000800037ff}, PTW_SIM_LEAF, 0x80003000, ALL_DATA | S_X, 0, 0},
    {"XN 11", &ha, 0, FETCH | USER, 3, {T, T, 0x00600000800037ff}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"2.9/6", &hd, 0, WRITE, 3, {T, T, 0x004800008000477f}, PTW_SIM_LEAF, 0x80004000, ALL_DATA, S2W, 0},
    {"2.9/6, a read", &hd, 0, READ, 3, {T, T, 0x004800008000477f}, PTW_SIM_LEAF, 0x80004000, ALL_DATA, 0, 0},
    {"2.9/6 without HD", &ha, 0, WRITE, 3, {T, T, 0x004800008000477f}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"2.9/7", &hd, 0, WRITE, 3, {T, T, 0x00480000800047ff}, PTW_SIM_LEAF, 0x80004000, ALL_DATA, S2W, 0},
    {"2.9/8", &lpa2, 0, READ, 5, {T, T, T, T, 0x00010000000017ff}, PTW_SIM_LEAF, 0xd000000001000, ALL, 0, 0},
    {"2.9/10", &realm, 0, WRITE, 3, {T, T, 0x00800000900014db}, PTW_SIM_LEAF, 0x90001000, ALL_DATA, 0, 0},
    {"2.9/10: no fetch", &realm, 0, FETCH, 3, {T, T, 0x00800000900014db}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"bit 55 of others", &fwb, 0, FETCH, 3, {T, T, 0x00800000900014db}, PTW_SIM_LEAF, 0x90001000, ALL, 0, 0},
    {"S2AP 00", &ha, 0, READ, 3, {T, T, 0x000000088000073f}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"S2AP 00: a fetch", &ha, 0, FETCH, 3, {T, T, 0x000000088000073f}, PTW_SIM_LEAF, 0x880000000, S_X | U_X, 0, 0},
    {"S2AP 10",
     &ha,
     0,
     WRITE | USER,
     3,
     {T, T, 0x00000008800007bf},
     PTW_SIM_LEAF,
     0x880000000,
     S_X | U_X | PTW_SIM_W | PTW_SIM_UW,
     0,
     0},
    {"S2AP 10", &ha, 0, READ, 3, {T, T, 0x00000008800007bf}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"HA", &ha, 0, READ, 3, {T, T, 0x00000008800003ff}, PTW_SIM_LEAF, 0x880000000, ALL, AF, 0},
    {"no HA", &soft, 0, READ, 3, {T, T, 0x00000008800003ff}, PTW_SIM_UNSET, 0, 0, 0, 0},
    {"a group", &ha, 0xf123, READ, 3, {T, T, 0x001000008001f7ff}, PTW_SIM_LEAF, 0x8001f123, ALL, 0, 0},
    {"IGN", &ha, 0, READ, 3, {T, T, 0x7f800008800007ff}, PTW_SIM_LEAF, 0x880000000, ALL_DATA | S_X | U_X, 0, 0},
    {"IGN of a table",
     &ha,
     0,
     READ,
     3,
     {T | PTW_BITS(63, 51) | PTW_BITS(11, 2), T, 0x00000008800007ff},
     PTW_SIM_LEAF,
     0x880000000,
     ALL,
     0,
     0},

    {"bit 0 clear", &ha, 0, READ, 3, {T, T, 0x00000008800007fe}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"bit 0 clear", &ha, 0, READ, 1, {0x00000008800007fe}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"monitor state", &realm, 0, READ, 2, {T, 0x000000000000000a}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"software tag", &ha, 0, READ, 1, {0x1000000000000000}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"01 at L3", &ha, 0, READ, 3, {T, T, 0x00000008800007fd}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"block at L-1", &lpa2, 0, READ, 1, {0x00000000000004fd}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"MemAttr 0100, FWB", &fwb, 0, READ, 3, {T, T, 0x00000008800007d3}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"MemAttr 1111, FWB", &fwb, 0, READ, 3, {T, T, 0x00000008800007ff}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"MemAttr 1100", &ha, 0, READ, 3, {T, T, 0x00000008800007f3}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"MemAttr 0100", &ha, 0, READ, 3, {T, T, 0x00000008800007d3}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"2.9/5 without XNX", &no_xnx, 0, READ, 3, {T, T, 0x00200000800037ff}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"FnXS without XS", &no_xs, 0, READ, 3, {T, T, 0x0000000880000fff}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"SH 01", &ha, 0, READ, 3, {T, T, 0x00000008800005ff}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"output bit 48", &ha, 0, READ, 3, {T, T, 0x00010000000007ff}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"bit 63", &realm, 0, READ, 3, {T, T, 0x80800000900017ff}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"bit 50", &ha, 0, READ, 3, {T, T, 0x00040008800007ff}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"above PS", &ha, 0, READ, 3, {T, T, 0x00000100000007ff}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"T0SZ 10", &too_wide, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
};

static void stage_2(void **state)
{
    (void)state;
    check_hands(stage2, COUNT(stage2));
}

static const struct {
    const char *id;
    const struct ptw_sim_mmu *mmu;
    uint64_t leaf, type;
} types[] = {
    {"Normal WB, IS", &ha, 0x00000008800007ff, 0x30f},
    {"Normal NC is OS", &ha, 0x00000008800007d7, 0x205},
    {"Device-nGnRE is OS", &ha, 0x00400000090007c7, 0x201},
    {"FWB, force WB, NSH", &fwb, 0x00000001002004db, 0x006},
    {"FWB, as stage 1", &fwb, 0x00000040400007df, 0x307},
    {"NS", &realm, 0x00800000900014db, 0x406},
    {"FnXS", &ha, 0x0000000880000fff, 0x130f},
};

static void types_of_stage_2(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        const struct hand h = {types[i].id, types[i].mmu, 0, 0, 3, {T, T, types[i].leaf}, PTW_SIM_LEAF, 0, 0, 0, 0};
        struct ptw_sim_walk w;

        assert_int_equal(feed(&w, &h), PTW_SIM_LEAF);
        expect_number(types[i].id, "type", w.type, types[i].type);
    }
}

/* ---------------------------------------------------------------------------------------------- SMMUv3 --- */

#define STE_S1 UINT64_C(0x000000084000000b) /* 4.4/1 */
#define CD_0 UINT64_C(0x0007e205c0003510)   /* 4.4/4 */
#define CD_AD UINT64_C(0x0007ee05c0003510)  /* 4.4/5 */
#define CD_1 UINT64_C(0x0000000880000000)   /* 4.4/6 */
#define MAIRS UINT64_C(0x00000000f404ff44)  /* 4.4/7 */

#define CD(name, ste0, ste1, cd0, cd1, cd2)                                                                            \
    static const struct ptw_sim_mmu name = {.walker = &ptw_sim_smmuv3_s1, .reg = {0, ste0, ste1, cd0, cd1, cd2, MAIRS}}
#define STE(name, ste0, ste2, ste3)                                                                                    \
    static const struct ptw_sim_mmu name = {.walker = &ptw_sim_smmuv3_s2, .reg = {0, ste0, 0, ste2, ste3}}

CD(cd, STE_S1, 0xd6, CD_0, CD_1, 0);
CD(cd_ad, STE_S1, 0xd6, CD_AD, CD_1, 0);
CD(cd_affd, STE_S1, 0xd6, CD_0 | PTW_BIT(35), CD_1, 0);
CD(cd_wxn, STE_S1, 0xd6, CD_0 | PTW_BIT(36), CD_1, 0);
CD(cd_pan, STE_S1, 0xd6, CD_0 | PTW_BIT(40), CD_1, 0);
CD(cd_had, STE_S1, 0xd6, CD_0, CD_1 | PTW_BIT(1), 0);
CD(cd_tbi, STE_S1, 0xd6, CD_0 | PTW_BIT(38), CD_1, 0);
CD(cd_e0pd, STE_S1, 0xd6, CD_0, CD_1 | PTW_BIT(2), 0);
CD(cd_el2, STE_S1, 0x800000d6, CD_0, CD_1, 0);
CD(cd_upper, STE_S1, 0xd6, (CD_0 & ~PTW_BIT(30)) | 16 << 16 | 2 << 22, CD_1, 0x890000000);
CD(cd_invalid, STE_S1, 0xd6, CD_0 & ~PTW_BIT(31), CD_1, 0);
CD(cd_tg, STE_S1, 0xd6, CD_0 | 0xc0, CD_1, 0);
CD(cd_aa32, STE_S1, 0xd6, CD_0 & ~PTW_BIT(41), CD_1, 0);
CD(cd_haft, STE_S1, 0xd6, CD_0, CD_1 | PTW_BIT(3), 0);
CD(cd_strw, STE_S1, 0xc00000d6, CD_0, CD_1, 0);
CD(cd_no_ste, STE_S1 & ~UINT64_C(1), 0xd6, CD_0, CD_1, 0);
CD(cd_no_s1, 0x0d, 0xd6, CD_0, CD_1, 0);
CD(cd_abort, 0x000000084000000b & ~UINT64_C(8), 0xd6, CD_0, CD_1, 0);

#define STE_S2 UINT64_C(0xd)                /* 4.4/8 */
#define STE_2 UINT64_C(0x044a355800000003)  /* 4.4/9 */
#define STE_3 UINT64_C(0x0000000880004000)  /* 4.4/10 */
#define STE_3B UINT64_C(0x000000088000400c) /* 4.4/11 */

STE(ste, STE_S2, STE_2, STE_3);
STE(ste_ad, STE_S2, STE_2 | PTW_BIT(55) | PTW_BIT(56), STE_3);
STE(ste_affd, STE_S2, STE_2 | PTW_BIT(53), STE_3);
STE(ste_5, STE_S2, (STE_2 & ~PTW_BITS(50, 32)) | UINT64_C(0x6350c) << 32, STE_3B);
STE(ste_aa32, STE_S2, STE_2 & ~PTW_BIT(51), STE_3);
STE(ste_tg, STE_S2, STE_2 | PTW_BITS(47, 46), STE_3);
STE(ste_misaligned, STE_S2, STE_2, 0x880001000);
STE(ste_no_s2, STE_S1, STE_2, STE_3);
STE(ste_bypass, 0x9, STE_2, STE_3);

#define P UINT64_C(0x0040000080001703) /* 1.12/1, of MAIR's attribute 0: Normal-NC */
#define T1 UINT64_C(0x0000000812345003)
#define Q UINT64_C(0x00000008800007ff) /* 2.9/1 */

static const struct hand smmu[] = {
    {"a CD", &cd, 0x123, READ, 4, {T1, T1, T1, P}, PTW_SIM_LEAF, 0x80001123, S_RW | S_X, 0, 0},
    {"no HA", &cd, 0, READ, 4, {T1, T1, T1, P & ~AF}, PTW_SIM_UNSET, 0, 0, 0, 0},
    {"AFFD", &cd_affd, 0, READ, 4, {T1, T1, T1, P & ~AF}, PTW_SIM_LEAF, 0x80001000, S_RW | S_X, 0, 0},
    {"HA", &cd_ad, 0, READ, 4, {T1, T1, T1, P & ~AF}, PTW_SIM_LEAF, 0x80001000, S_RW | S_X, AF, 0},
    {"HD", &cd_ad, 0, WRITE, 4, {T1, T1, T1, 0x0048000080001783}, PTW_SIM_LEAF, 0x80001000, S_RW | S_X, 0, PTW_BIT(7)},
    {"WXN", &cd_wxn, 0, READ, 4, {T1, T1, T1, P}, PTW_SIM_LEAF, 0x80001000, S_RW, 0, 0},
    {"PAN", &cd_pan, 0, READ, 4, {T1, T1, T1, P | PTW_BIT(6)}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"PAN, user", &cd_pan, 0, READ | USER, 4, {T1, T1, T1, P | PTW_BIT(6)}, PTW_SIM_LEAF, 0x80001000, U_RW, 0, 0},
    {"HAD0", &cd_had, 0, WRITE, 4, {T1 | PTW_BITS(62, 59), T1, T1, P}, PTW_SIM_LEAF, 0x80001000, S_RW | S_X, 0, 0},
    {"a tag", &cd, PTW_BIT(60), READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"TBI0", &cd_tbi, PTW_BIT(60), READ, 4, {T1, T1, T1, P}, PTW_SIM_LEAF, 0x80001000, S_RW | S_X, 0, 0},
    {"E0PD0", &cd_e0pd, 0, READ | USER, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"E0PD0, privileged", &cd_e0pd, 0, READ, 4, {T1, T1, T1, P}, PTW_SIM_LEAF, 0x80001000, S_RW | S_X, 0, 0},
    {"EL2", &cd_el2, 0, READ, 4, {T1, T1, T1, P}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"EL2, AP[1]", &cd_el2, 0, READ, 4, {T1, T1, T1, P | PTW_BIT(6)}, PTW_SIM_LEAF, 0x80001000, S_RW, 0, 0},
    {"EPD1", &cd, ~UINT64_C(0), READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"TTB1", &cd_upper, ~UINT64_C(0), READ, 4, {T1, T1, T1, P}, PTW_SIM_LEAF, 0x80001fff, S_RW | S_X, 0, 0},
    {"CD: V", &cd_invalid, 0, READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"CD: TG0 3", &cd_tg, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"CD: AA64", &cd_aa32, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"CD: HAFT", &cd_haft, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"STE: STRW 3", &cd_strw, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"STE: V", &cd_no_ste, 0, READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"STE: stage 2 alone", &cd_no_s1, 0, READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"STE: abort", &cd_abort, 0, READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},

    {"an STE", &ste, 0x123, WRITE, 3, {T, T, Q}, PTW_SIM_LEAF, 0x880000123, ALL, 0, 0},
    {"no S2HA", &ste, 0, READ, 3, {T, T, Q & ~AF}, PTW_SIM_UNSET, 0, 0, 0, 0},
    {"S2AFFD", &ste_affd, 0, READ, 3, {T, T, Q & ~AF}, PTW_SIM_LEAF, 0x880000000, ALL, 0, 0},
    {"S2HA, S2HD", &ste_ad, 0, WRITE, 3, {T, T, 0x004800008000437f}, PTW_SIM_LEAF, 0x80004000, ALL_DATA, AF | S2W, 0},
    {"L-1", &ste_5, 0, READ, 5, {T, T, T, T, 0x00010000000017ff}, PTW_SIM_LEAF, 0xd000000001000, ALL, 0, 0},
    {"S2AA64", &ste_aa32, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"S2TG 3", &ste_tg, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"S2TTB misaligned", &ste_misaligned, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"stage 1 alone", &ste_no_s2, 0, READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"bypass", &ste_bypass, 0, READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
};

static void smmuv3(void **state)
{
    struct ptw_sim_walk w;

    (void)state;
    check_hands(smmu, COUNT(smmu));
    (void)ptw_sim_walk_start(&w, &cd_upper, UINT64_C(0xffff800000000000), READ);
    expect_number("TTB1", "entry", w.entry, 0x890000800);
    (void)ptw_sim_walk_start(&w, &ste, UINT64_C(0xffc0000000), READ);
    expect_number("S2TTB", "entry", w.entry, 0x880005ff8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stage_2),
        cmocka_unit_test(types_of_stage_2),
        cmocka_unit_test(smmuv3),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
