/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Registers and SMMUv3 structures of Arm: golden words (ids as in test_golden_arm64.c), refusals, and the way back. */
#include "registers.h"

#include <ptw/sim.h>

#include <ptw/arm64.h>

#define G16 "granule=0x4000"
#define G64 "granule=0x10000"

#define COHERENT                                                                                                       \
    {                                                                                                                  \
        PTW_ARM64_WB_WA, PTW_ARM64_WB_WA, PTW_ARM64_SH_INNER, false                                                    \
    }

static const struct ptw_arm64_walks coherent = COHERENT;

/* ------------------------------------------------------------------------------------------------- stage 1 --- */

static void golden_words_of_stage_1(void **state)
{
    const struct ptw_table plain = table_at(&ptw_arm64_s1, "ad=1", 0x80000000);
    const struct ptw_table wide = table_at(&ptw_arm64_s1, "lpa2=1,oa=52", 0x5000081230000);
    const struct ptw_arm64_parameters p = {.walks = COHERENT, .asid = 0x2a, .wide_asid = true};
    struct ptw_arm64_registers regs;

    (void)state;
    expect_status(ptw_arm64_words(&plain, NULL, &p, &regs), PTW_OK);
    expect_word("1.12/13", regs.tcr, 0x0000019500803510);
    expect_word("MAIR", regs.mair, PTW_ARM64_MAIR);
    expect_status(ptw_arm64_words(&wide, NULL, &p, &regs), PTW_OK);
    expect_word("1.12/14", regs.ttbr0, 0x002a000081230014);
}

static void two_ranges_share_a_tcr(void **state)
{
    const struct ptw_table lower = table_at(&ptw_arm64_s1, "ia=39", 0x80000000);
    const struct ptw_table upper = table_at(&ptw_arm64_s1, "upper=1," G16, 0x90000000);
    const struct ptw_arm64_parameters p = {.walks = COHERENT, .asid = 7, .cnp = true};
    struct ptw_arm64_registers regs;

    (void)state;
    expect_status(ptw_arm64_words(&lower, &upper, &p, &regs), PTW_OK);
    expect_word("both", regs.tcr, 0x0000000575103519);
    expect_word("TTBR0", regs.ttbr0, 0x0007000080000001);
    expect_word("TTBR1", regs.ttbr1, 0x0000000090000001);
    expect_status(ptw_arm64_words(NULL, &upper, &p, &regs), PTW_OK);
    expect_word("upper alone: EPD0 and A1", regs.tcr, 0x0000000575500080);
    expect_word("upper alone: the ASID is in TTBR1", regs.ttbr1, 0x0007000090000001);
}

static void one_range_has_the_form_of_el2(void **state)
{
    const struct ptw_table t = table_at(&ptw_arm64_s1, "el2=1,ad=1,lpa2=1,oa=52,ia=52", 0x80000000);
    struct ptw_arm64_parameters p = {.walks = COHERENT};
    struct ptw_arm64_registers regs;
    struct ptw_root root;

    (void)state;
    expect_status(ptw_arm64_words(&t, NULL, &p, &regs), PTW_OK);
    expect_word("TCR_EL2", regs.tcr, 0x0000000180e6350c);
    assert_true(regs.el2);
    expect_status(ptw_arm64_root(&regs, false, &root, NULL), PTW_OK);
    expect_root("TCR_EL2", &root, &t, 0);
    expect_status(ptw_arm64_root(&regs, true, &root, NULL), PTW_NOENT);
    p.asid = 1;
    expect_status(ptw_arm64_words(&t, NULL, &p, &regs), PTW_INVAL);
}

/* Configurations that registers can say, with roots aligned for all of them. */
static const char *const stage1_keys[] = {
    "",
    "ad=1",
    "ia=25,oa=32",
    "ia=39,oa=36",
    "ia=22,ttst=1",
    "linux-mair=1",
    "upper=1",
    "upper=1,ia=39,oa=44",
    "upper=1," G16,
    "upper=1," G64 ",oa=52,ia=52",
    "lpa2=1,oa=52,ia=52",
    "lpa2=1",
    G16,
    G16 ",ia=16,ttst=1",
    G16 ",lpa2=1,ia=52,oa=52",
    G64,
    G64 ",ia=52,oa=52",
    G64 ",ia=17,ttst=1,oa=40",
    "el2=1",
    "el2=1," G64 ",ia=42",
};

static void stage_1_words_lead_back_to_the_table(void **state)
{
    const struct ptw_arm64_parameters p = {.walks = COHERENT};
    const struct ptw_smmuv3_cd_parameters cd_p = {.walks = COHERENT, .asid = 0xffff};

    (void)state;
    for (size_t i = 0; i < COUNT(stage1_keys); i++) {
        const char *keys = stage1_keys[i];
        const bool upper = strstr(keys, "upper") != NULL, wide = strstr(keys, "oa=52") != NULL;
        const bool el2 = strstr(keys, "el2") != NULL;
        struct ptw_table t = table_at(&ptw_arm64_s1, keys, wide ? 0xf000081230000 : 0x81230000);
        struct ptw_arm64_registers regs;
        uint64_t cd[PTW_SMMUV3_WORDS];
        struct ptw_root root;
        const char *why = "";

        expect_status(ptw_arm64_words(upper ? NULL : &t, upper ? &t : NULL, &p, &regs), PTW_OK);
        if (ptw_arm64_root(&regs, upper, &root, &why) != PTW_OK)
            fail_msg("\"%s\": %s", keys, why);
        expect_root(keys, &root, &t, 0);
        expect_status(ptw_smmuv3_cd(upper ? NULL : &t, upper ? &t : NULL, &cd_p, cd), PTW_OK);
        if (ptw_smmuv3_cd_root(cd, el2, upper, &root, &why) != PTW_OK)
            fail_msg("\"%s\": %s", keys, why);
        expect_root(keys, &root, &t, 0);
        if (!el2)
            expect_status(ptw_arm64_root(&regs, !upper, &root, &why), PTW_NOENT);
    }
}

static void stage_1_parameters_are_checked(void **state)
{
    const struct ptw_table lower = table_at(&ptw_arm64_s1, "", 0x80000000);
    const struct ptw_table ad = table_at(&ptw_arm64_s1, "ad=1,upper=1", 0x80000000);
    const struct ptw_table stage2 = table_at(&ptw_arm64_s2, "", 0x80000000);
    const struct ptw_table high = table_at(&ptw_arm64_s1, "oa=32", 0x100000000);
    struct ptw_arm64_parameters p = {.walks = COHERENT};
    struct ptw_arm64_registers regs;

    (void)state;
    memset(&regs, 0x5a, sizeof(regs));
    expect_status(ptw_arm64_words(&stage2, NULL, &p, &regs), PTW_UNSUPPORTED);
    expect_status(ptw_arm64_words(NULL, NULL, &p, &regs), PTW_INVAL);
    expect_status(ptw_arm64_words(NULL, &lower, &p, &regs), PTW_INVAL);
    expect_status(ptw_arm64_words(&ad, NULL, &p, &regs), PTW_INVAL);
    expect_status(ptw_arm64_words(&lower, &ad, &p, &regs), PTW_INVAL);
    expect_status(ptw_arm64_words(&high, NULL, &p, &regs), PTW_RANGE);
    p.asid = 0x100;
    expect_status(ptw_arm64_words(&lower, NULL, &p, &regs), PTW_INVAL);
    p.asid = 0;
    p.walks.shareable = 1;
    expect_status(ptw_arm64_words(&lower, NULL, &p, &regs), PTW_INVAL);
    p.walks = coherent;
    p.walks.inner = 4;
    expect_status(ptw_arm64_words(&lower, NULL, &p, &regs), PTW_INVAL);
    expect_word("nothing is written", regs.tcr, UNTOUCHED);
    expect_word("nothing is written", regs.ttbr0, UNTOUCHED);
}

static const struct {
    const char *id;
    struct ptw_arm64_registers regs;
    bool upper;
    ptw_status status;
    const char *why;
} stage1_refused[] = {
    {"EPD0", {.tcr = 0x500803590}, false, PTW_NOENT, "TCR: EPD0"},
    {"EPD1", {.tcr = 0x580803510}, true, PTW_NOENT, "TCR: EPD0 or EPD1"},
    {"TG0 3", {.tcr = 0x50080f510}, false, PTW_INVAL, "TCR: TG0"},
    {"TG1 0", {.tcr = 0x535103510}, true, PTW_INVAL, "TCR: TG0 or TG1"},
    {"T0SZ 15", {.tcr = 0x50080350f}, false, PTW_INVAL, "TCR: T0SZ"},
    {"T0SZ 12 with DS", {.tcr = 0x80000050080350c}, false, PTW_OK, ""},
    {"T0SZ 11 with DS", {.tcr = 0x80000050080350b}, false, PTW_INVAL, "TCR: T0SZ"},
    {"T0SZ 12 with 64K", {.tcr = 0x50080750c}, false, PTW_OK, ""},
    {"T0SZ 49", {.tcr = 0x50080b531}, false, PTW_INVAL, "TCR: T0SZ"},
    {"T0SZ 48 with 16K", {.tcr = 0x50080b530}, false, PTW_OK, ""},
    {"T0SZ 48 with 64K", {.tcr = 0x500807530}, false, PTW_INVAL, "TCR: T0SZ"},
    {"T0SZ 48 with 4K", {.tcr = 0x500803530}, false, PTW_UNSUPPORTED, "TCR: T0SZ"},
    {"IPS 7", {.tcr = 0x700803510}, false, PTW_INVAL, "TCR: IPS 7"},
    {"a misaligned base", {.tcr = 0x500803510, .ttbr0 = 0x80000800}, false, PTW_INVAL, "TTBR: the base"},
    {"CnP is no address", {.tcr = 0x500803510, .ttbr0 = 0xffff000080000001}, false, PTW_OK, ""},
    {"bit 2 without 52 bits", {.tcr = 0x500803510, .ttbr0 = 0x80000004}, false, PTW_INVAL, "TTBR: the base"},
    {"bit 2 with 52 bits", {.tcr = 0x600807510, .ttbr0 = 0x80000004}, false, PTW_OK, ""},
    {"bit 1 with 52 bits", {.tcr = 0x600807510, .ttbr0 = 0x80000002}, false, PTW_INVAL, "TTBR: the base"},
    {"beyond IPS", {.tcr = 0x000803510, .ttbr0 = 0x180000000}, false, PTW_INVAL, "TTBR: the base"},
    {"MAIR of Linux", {.tcr = 0x500803510, .mair = 0x40044ffff}, false, PTW_OK, ""},
    {"MAIR of nobody", {.tcr = 0x500803510, .mair = 0x4444}, false, PTW_UNSUPPORTED, "MAIR: "},
};

static void stage_1_words_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(stage1_refused); i++) {
        struct ptw_root root = {.pa = UNTOUCHED};
        const char *why = "";
        ptw_status status = ptw_arm64_root(&stage1_refused[i].regs, stage1_refused[i].upper, &root, &why);

        expect_refusal(stage1_refused[i].id, status, stage1_refused[i].status, &why, stage1_refused[i].why);
        assert_true((root.pa == UNTOUCHED) == (status != PTW_OK));
    }
}

static void mair_says_how_types_are_laid_out(void **state)
{
    struct ptw_arm64_registers regs = {.tcr = 0x500803510, .mair = PTW_ARM64_MAIR_LINUX};
    struct ptw_root root;

    (void)state;
    expect_status(ptw_arm64_root(&regs, false, &root, NULL), PTW_OK);
    assert_true((root.config.options & PTW_OPT_ARM64_LINUX_MAIR) != 0);
    regs.mair = PTW_ARM64_MAIR & 0xffff; /* 0x04ff, as small hypervisors have it */
    expect_status(ptw_arm64_root(&regs, false, &root, NULL), PTW_OK);
    assert_true((root.config.options & PTW_OPT_ARM64_LINUX_MAIR) == 0);
}

/* ------------------------------------------------------------------------------------------------- stage 2 --- */

static void golden_words_of_stage_2(void **state)
{
    const struct ptw_table narrow = table_at(&ptw_arm64_s2, "ipa=40,oa=40", 0x880004000);
    const struct ptw_table wide = table_at(&ptw_arm64_s2, "ipa=52,oa=52,lpa2=1,levels=5", 0x880004000);
    const struct ptw_table high = table_at(&ptw_arm64_s2, "ipa=40,oa=40", PTW_BIT(40));
    struct ptw_arm64_s2_parameters p = {.walks = COHERENT, .vmid = 5, .wide_vmid = true};
    struct ptw_arm64_s2_registers regs;

    (void)state;
    p.walks.set_af = true;
    expect_status(ptw_arm64_s2_words(&narrow, &p, &regs), PTW_OK);
    expect_word("2.9/11", regs.vtcr, 0x00000000802a3558);
    p.walks = PTW_ARM64_COHERENT;
    expect_word("2.9/13", regs.vttbr, 0x0005000880004000);
    expect_status(ptw_arm64_s2_words(&wide, &p, &regs), PTW_OK);
    expect_word("2.9/12", regs.vtcr, 0x00000003800e350c);
    p.wide_vmid = false;
    p.vmid = 0x100;
    regs.vtcr = UNTOUCHED;
    expect_status(ptw_arm64_s2_words(&wide, &p, &regs), PTW_INVAL);
    p.vmid = 0;
    expect_status(ptw_arm64_s2_words(&high, &p, &regs), PTW_RANGE);
    p.walks.shareable = 1;
    expect_status(ptw_arm64_s2_words(&wide, &p, &regs), PTW_INVAL);
    expect_word("nothing is written", regs.vtcr, UNTOUCHED);
}

/* Each start level of each granule, one table and as many side by side as there may be. */
static const char *const stage2_keys[] = {
    "ipa=34,levels=2",
    "ipa=25,levels=2",
    "ipa=31,levels=2",
    "ipa=31,levels=3",
    "ipa=40,ad=1",
    "ipa=43,levels=3",
    "ipa=44,levels=4",
    "ipa=48,levels=4",
    "ipa=52,oa=52,lpa2=1,levels=4",
    "ipa=52,oa=52,lpa2=1,levels=5",
    G16 ",ipa=29,levels=1",
    G16 ",ipa=26,levels=2",
    G16 ",ipa=40,oa=40",
    G16 ",ipa=48",
    G16 ",ipa=51,oa=52,lpa2=1,levels=3",
    G16 ",ipa=52,oa=52,lpa2=1,levels=4",
    G64 ",ipa=33,levels=1",
    G64 ",ipa=46,levels=2",
    G64 ",ipa=48,levels=3",
    G64 ",ipa=52,oa=52",
    G64 ",ipa=17,ttst=1",
};

static void stage_2_words_lead_back_to_the_table(void **state)
{
    const struct ptw_arm64_s2_parameters p = {.walks = COHERENT};
    const struct ptw_smmuv3_s2 s2 = {.walks = COHERENT, .vmid = 0xffff};

    (void)state;
    for (size_t i = 0; i < COUNT(stage2_keys); i++) {
        const char *keys = stage2_keys[i];
        const bool wide = strstr(keys, "oa=52") != NULL;
        struct ptw_table t = table_at(&ptw_arm64_s2, keys, wide ? 0xf000081200000 : 0x81200000);
        struct ptw_arm64_s2_registers regs;
        uint64_t ste[PTW_SMMUV3_WORDS];
        struct ptw_root root;
        const char *why = "";

        expect_status(ptw_arm64_s2_words(&t, &p, &regs), PTW_OK);
        if (ptw_arm64_s2_root(&regs, &root, &why) != PTW_OK)
            fail_msg("\"%s\": %s", keys, why);
        expect_root(keys, &root, &t, 0);
        expect_status(ptw_smmuv3_ste(NULL, &t, &s2, 0, ste), PTW_OK);
        if (ptw_smmuv3_s2_root(ste, &root, &why) != PTW_OK)
            fail_msg("\"%s\": %s", keys, why);
        expect_root(keys, &root, &t, 0);
    }
}

static const struct {
    const char *id;
    struct ptw_arm64_s2_registers regs;
    ptw_status status;
    const char *why;
} stage2_refused[] = {
    {"2.9/11, which has HA alone", {.vtcr = 0x802a3558, .vttbr = 0x5000880004000}, PTW_OK, ""},
    {"2.9: 40 bits from level 2", {.vtcr = 0x800a3518}, PTW_INVAL, "VTCR_EL2: the start level"},
    {"TG0 3", {.vtcr = 0x800af558}, PTW_INVAL, "VTCR_EL2: TG0"},
    {"T0SZ 15", {.vtcr = 0x800d354f}, PTW_INVAL, "VTCR_EL2: T0SZ"},
    {"PS 7", {.vtcr = 0x800f3558}, PTW_INVAL, "VTCR_EL2: PS 7"},
    {"PS below the input width", {.vtcr = 0x80083558}, PTW_UNSUPPORTED, "VTCR_EL2: PS"},
    {"SL2 with SL0", {.vtcr = 0x3800e354c}, PTW_INVAL, "VTCR_EL2: the start level"},
    {"64K: SL0 3", {.vtcr = 0x800d75d0}, PTW_INVAL, "VTCR_EL2: the start level"},
    {"16K: SL0 3 without DS", {.vtcr = 0x800db5d0}, PTW_INVAL, "VTCR_EL2: the start level"},
    {"4K: start level 3", {.vtcr = 0x800d35ea}, PTW_UNSUPPORTED, "VTCR_EL2: start level 3"},
    {"S2PIE", {.vtcr = 0x10800a3558}, PTW_UNSUPPORTED, "S2PIE"},
    {"AssuredOnly, which is a soft bit here", {.vtcr = 0x4800a3558}, PTW_UNSUPPORTED, "VTCR_EL2: AssuredOnly"},
    {"a base for one table of two", {.vtcr = 0x800a3558, .vttbr = 0x880001000}, PTW_INVAL, "VTTBR_EL2: the base"},
    {"CnP is no address", {.vtcr = 0x800a3558, .vttbr = 0x880004001}, PTW_OK, ""},
};

static void stage_2_words_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(stage2_refused); i++) {
        struct ptw_root root = {.pa = UNTOUCHED};
        const char *why = "";
        ptw_status status = ptw_arm64_s2_root(&stage2_refused[i].regs, &root, &why);

        expect_refusal(stage2_refused[i].id, status, stage2_refused[i].status, &why, stage2_refused[i].why);
        assert_true((root.pa == UNTOUCHED) == (status != PTW_OK));
    }
}

/* ------------------------------------------------------------------------------------------------- SMMUv3 ---- */

static void golden_words_of_stream_table_entries(void **state)
{
    struct ptw_smmuv3_s1 s1 = {.cd_table = 0x840000000, .dss = 2, .walks = coherent};
    const struct ptw_table t = table_at(&ptw_arm64_s2, "ipa=40,oa=40", 0x880004000);
    const struct ptw_table wide = table_at(&ptw_arm64_s2, "ipa=52,oa=52,lpa2=1,levels=5", 0x880004000);
    const struct ptw_smmuv3_s2 s2 = {.walks = COHERENT, .vmid = 3, .flags = PTW_SMMUV3_S2PTW | PTW_SMMUV3_S2R};
    uint64_t ste[PTW_SMMUV3_WORDS];
    ptw_oa pa;

    (void)state;
    expect_status(ptw_smmuv3_ste(&s1, NULL, NULL, 0, ste), PTW_OK);
    expect_word("4.4/1", ste[0], 0x000000084000000b);
    expect_word("4.4/3", ste[1], 0x00000000000000d6);
    expect_status(ptw_smmuv3_cd_table(ste, &pa, NULL), PTW_OK);
    expect_word("CD table", pa, 0x840000000);
    s1.cd_table = 0x840010000;
    s1.format = 2;
    s1.cd_max = 16;
    expect_status(ptw_smmuv3_ste(&s1, NULL, NULL, 0, ste), PTW_OK);
    expect_word("4.4/2", ste[0], 0x800000084001002b);
    expect_status(ptw_smmuv3_ste(NULL, &t, &s2, 0, ste), PTW_OK);
    expect_word("4.4/8", ste[0], 0x000000000000000d);
    expect_word("4.4/9", ste[2], 0x044a355800000003);
    expect_word("4.4/10", ste[3], 0x0000000880004000);
    expect_status(ptw_smmuv3_ste(&s1, &wide, &s2, 1, ste), PTW_OK);
    expect_word("4.4/11", ste[3], 0x000000088000400c);
    expect_word("both stages", ste[0], 0x800000084001002f);
    expect_word("SHCFG", ste[1], 0x00001000000000d6);
    for (unsigned i = 4; i < PTW_SMMUV3_WORDS; i++)
        expect_word("the rest", ste[i], 0);
}

static void golden_words_of_context_descriptors(void **state)
{
    struct ptw_table t = table_at(&ptw_arm64_s1, "", 0x880000000);
    const struct ptw_smmuv3_cd_parameters p = {
        .walks = COHERENT, .asid = 7, .flags = PTW_SMMUV3_CD_R | PTW_SMMUV3_CD_A | PTW_SMMUV3_CD_ASET};
    uint64_t cd[PTW_SMMUV3_WORDS];

    (void)state;
    expect_status(ptw_smmuv3_cd(&t, NULL, &p, cd), PTW_OK);
    expect_word("4.4/4", cd[0], 0x0007e205c0003510);
    expect_word("4.4/6", cd[1], 0x0000000880000000);
    expect_word("MAIR", cd[3], PTW_ARM64_MAIR);
    t = table_at(&ptw_arm64_s1, "ad=1", 0x880000000);
    expect_status(ptw_smmuv3_cd(&t, NULL, &p, cd), PTW_OK);
    expect_word("4.4/5", cd[0], 0x0007ee05c0003510);
    for (unsigned i = 4; i < PTW_SMMUV3_WORDS; i++)
        expect_word("the rest", cd[i], 0);
}

static void structures_that_hardware_refuses(void **state)
{
    const uint64_t vector9[PTW_SMMUV3_WORDS] = {0xd, 0, 0x044a355800000003, 0x880004000};
    uint64_t words[PTW_SMMUV3_WORDS] = {0x84000000a};
    struct ptw_root root;
    const char *why = "";
    ptw_oa pa;

    (void)state;
    expect_refusal("V=0", ptw_smmuv3_cd_table(words, &pa, &why), PTW_NOENT, &why, "STE: V");
    for (uint64_t config = 0; config < 4; config++) {
        words[0] = 1 | config << 1;
        expect_refusal("Config", ptw_smmuv3_cd_table(words, &pa, &why), PTW_NOENT, &why, "STE: Config aborts");
        expect_refusal("Config", ptw_smmuv3_s2_root(words, &root, &why), PTW_NOENT, &why, "STE: Config aborts");
    }
    words[0] = 0xb;
    expect_refusal("S1 only", ptw_smmuv3_s2_root(words, &root, &why), PTW_NOENT, &why, "no stage 2");
    memcpy(words, vector9, sizeof(words));
    expect_refusal("S2 only", ptw_smmuv3_cd_table(words, &pa, &why), PTW_NOENT, &why, "no stage 1");
    expect_status(ptw_smmuv3_s2_root(words, &root, &why), PTW_OK);
    words[2] = vector9[2] | UINT64_C(3) << 46;
    expect_refusal("S2TG 3", ptw_smmuv3_s2_root(words, &root, &why), PTW_INVAL, &why, "STE: TG0");
    words[2] = vector9[2] & ~PTW_BIT(51);
    expect_refusal("S2AA64", ptw_smmuv3_s2_root(words, &root, &why), PTW_UNSUPPORTED, &why, "S2AA64");
    words[2] = vector9[2] | PTW_BIT(52);
    expect_refusal("S2ENDI", ptw_smmuv3_s2_root(words, &root, &why), PTW_UNSUPPORTED, &why, "STE: S2ENDI");
    words[2] = vector9[2];
    words[1] = PTW_BIT(25);
    expect_status(ptw_smmuv3_s2_root(words, &root, &why), PTW_OK);
    assert_true((root.config.options & PTW_OPT_ARM64_FWB) != 0);
    words[1] = 0;
    words[0] = 0x3b;
    expect_refusal("S1Fmt 3", ptw_smmuv3_cd_table(words, &pa, &why), PTW_INVAL, &why, "STE: S1Fmt");
    words[0] = vector9[0];
    words[3] = 0x880001000;
    expect_refusal("S2TTB", ptw_smmuv3_s2_root(words, &root, &why), PTW_INVAL, &why, "STE: the base");
    memset(words, 0, sizeof(words));
    words[0] = 0x0007e20540003510;
    expect_refusal("CD.V", ptw_smmuv3_cd_root(words, false, false, &root, &why), PTW_NOENT, &why, "CD: V");
    words[0] = 0x0007e205c00035d0;
    expect_refusal("CD.TG0 3", ptw_smmuv3_cd_root(words, false, false, &root, &why), PTW_INVAL, &why, "CD: TG0");
    words[0] = 0x0007e005c0003510;
    expect_refusal("AA64", ptw_smmuv3_cd_root(words, false, false, &root, &why), PTW_UNSUPPORTED, &why, "CD: AA64");
    words[0] = 0x0007e205c000b510;
    expect_refusal("ENDI", ptw_smmuv3_cd_root(words, false, false, &root, &why), PTW_UNSUPPORTED, &why, "CD: ENDI");
    words[0] = 0x0007e205c0003510;
    expect_refusal("TTB1", ptw_smmuv3_cd_root(words, true, true, &root, &why), PTW_NOENT, &why, "no TTB1");
    words[3] = 0xf404ff44;
    expect_refusal("4.4/7", ptw_smmuv3_cd_root(words, false, false, &root, &why), PTW_UNSUPPORTED, &why,
                   "memory types");
    words[3] = 0;
    words[1] = 0x10;
    expect_refusal("TTB0", ptw_smmuv3_cd_root(words, false, false, &root, &why), PTW_INVAL, &why, "CD: the base");
    expect_refusal("EPD1", ptw_smmuv3_cd_root(words, false, true, &root, &why), PTW_NOENT, &why, "CD: EPD0 or EPD1");
}

static void structures_are_made_of_what_fits(void **state)
{
    struct ptw_smmuv3_s1 s1 = {.cd_table = 0x840000000, .walks = coherent};
    const struct ptw_table t = table_at(&ptw_arm64_s2, "", 0x880004000);
    const struct ptw_table realm = table_at(&ptw_arm64_s2, "realm=1", 0x880004000);
    const struct ptw_table stage1 = table_at(&ptw_arm64_s1, "", 0x880004000);
    struct ptw_smmuv3_s2 s2 = {.walks = COHERENT};
    struct ptw_smmuv3_cd_parameters p = {.walks = COHERENT, .asid = 0x10000};
    uint64_t words[PTW_SMMUV3_WORDS] = {UNTOUCHED};

    (void)state;
    expect_status(ptw_smmuv3_ste(NULL, NULL, NULL, 0, words), PTW_INVAL);
    expect_status(ptw_smmuv3_ste(&s1, &t, NULL, 0, words), PTW_INVAL);
    expect_status(ptw_smmuv3_ste(&s1, NULL, NULL, 4, words), PTW_INVAL);
    expect_status(ptw_smmuv3_ste(NULL, &stage1, &s2, 0, words), PTW_UNSUPPORTED);
    expect_status(ptw_smmuv3_ste(NULL, &realm, &s2, 0, words), PTW_UNSUPPORTED);
    s2.flags = PTW_BIT(55);
    expect_status(ptw_smmuv3_ste(NULL, &t, &s2, 0, words), PTW_INVAL);
    s1.cd_table = 0x840000020;
    expect_status(ptw_smmuv3_ste(&s1, NULL, NULL, 0, words), PTW_INVAL);
    expect_status(ptw_smmuv3_cd(&stage1, NULL, &p, words), PTW_INVAL);
    p.asid = 0;
    p.flags = PTW_BIT(41);
    expect_status(ptw_smmuv3_cd(&stage1, NULL, &p, words), PTW_INVAL);
    expect_status(ptw_smmuv3_cd(&t, NULL, &p, words), PTW_UNSUPPORTED);
    expect_word("nothing is written", words[0], UNTOUCHED);
}

/* ------------------------------------------------------------------------------------------------------------- */

/* A real table, found by its registers, translates as it did. */
static void a_table_is_found_by_its_registers(void **state)
{
    const struct ptw_arm64_parameters p = {.walks = COHERENT, .asid = 3};
    const struct ptw_arm64_s2_parameters s2 = {.walks = COHERENT, .vmid = 3};
    struct ptw_sim_memory m;

    (void)state;
    ptw_sim_memory_init(&m, PTW_SIM_ARENA, 0);
    for (int upper = 0; upper < 3; upper++) {
        struct ptw_config config = upper == 2 ? ptw_arm64_s2.defaults : ptw_arm64_s1.defaults;
        const ptw_addr addr = upper == 1 ? 0xffff800012345000 : 0x12345000;
        struct ptw_arm64_registers regs;
        struct ptw_arm64_s2_registers s2_regs;
        struct ptw_table t, found;
        struct ptw_gather g;
        struct ptw_leaf leaf;
        struct ptw_root root;

        config.options |= upper == 1 ? PTW_OPT_UPPER : 0;
        expect_status(ptw_init(&t, upper == 2 ? &ptw_arm64_s2 : &ptw_arm64_s1, &config, &m.hooks, NULL), PTW_OK);
        ptw_gather_init(&g, &t);
        expect_status(ptw_map(&t, addr, 0x81000000, 0x1000, RW | PTW_A, 0, &g).status, PTW_OK);
        ptw_gather_sync(&g);
        if (upper == 2) {
            expect_status(ptw_arm64_s2_words(&t, &s2, &s2_regs), PTW_OK);
            expect_status(ptw_arm64_s2_root(&s2_regs, &root, NULL), PTW_OK);
        } else {
            expect_status(ptw_arm64_words(upper ? NULL : &t, upper ? &t : NULL, &p, &regs), PTW_OK);
            expect_status(ptw_arm64_root(&regs, upper != 0, &root, NULL), PTW_OK);
        }
        expect_status(ptw_open(&found, root.format, &root.config, &m.hooks, NULL, root.pa), PTW_OK);
        expect_status(ptw_translate(&found, addr + 0x123, &leaf), PTW_OK);
        assert_true(leaf.oa == 0x81000000);
        ptw_destroy(&t);
    }
    ptw_sim_memory_fini(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_words_of_stage_1),
        cmocka_unit_test(two_ranges_share_a_tcr),
        cmocka_unit_test(one_range_has_the_form_of_el2),
        cmocka_unit_test(stage_1_words_lead_back_to_the_table),
        cmocka_unit_test(stage_1_parameters_are_checked),
        cmocka_unit_test(stage_1_words_are_checked),
        cmocka_unit_test(mair_says_how_types_are_laid_out),
        cmocka_unit_test(golden_words_of_stage_2),
        cmocka_unit_test(stage_2_words_lead_back_to_the_table),
        cmocka_unit_test(stage_2_words_are_checked),
        cmocka_unit_test(golden_words_of_stream_table_entries),
        cmocka_unit_test(golden_words_of_context_descriptors),
        cmocka_unit_test(structures_that_hardware_refuses),
        cmocka_unit_test(structures_are_made_of_what_fits),
        cmocka_unit_test(a_table_is_found_by_its_registers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
