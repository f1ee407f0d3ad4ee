/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The simulated page walks of Intel VT-d: their words one by one, and that they find what the library maps. */
#include "sim_agreement.h"
#include "sim_words.h"

#include <ptw/sim_x86.h>
#include <ptw/x86.h>

#define SS_A 0x100U
#define SS_D 0x200U
#define A 0x20U
#define D 0x40U
#define EA 0x400U
#define RW BOTH(R | W)

/* CAP: MGAW 57, all widths, 2M and 1G in the second stage, 1G and 5 levels in the first. ECAP: SC, DT, SSADS. */
#define CAP (UINT64_C(56) << 16 | PTW_BITS(11, 9) | PTW_BIT(34) | PTW_BIT(35) | PTW_BIT(56) | PTW_BIT(60))
#define ECAP (PTW_BIT(2) | PTW_BIT(7) | PTW_BIT(45))
#define SSADE PTW_BIT(9)
#define SRE PTW_BIT(0)
#define WPE PTW_BIT(4)
#define EAFE PTW_BIT(7)
#define SS_TABLES                                                                                                      \
    {                                                                                                                  \
        0, 0x102003, 0x102003, 0x102003, 0x102003                                                                      \
    }
#define SCALABLE(pasid, cap, ecap)                                                                                     \
    {                                                                                                                  \
        {&ptw_sim_vtd_ss, {0, 0, 0x10108d | (pasid), 0, (cap), (ecap), 46}}, SS_TABLES                                 \
    }
#define FIRST(pasid, cap)                                                                                              \
    {                                                                                                                  \
        {&ptw_sim_vtd_fs, {0, 0, 0x41, 0x101004 | (pasid), (cap), ECAP, 46}},                                          \
        {                                                                                                              \
            0, 0x102027, 0x102027, 0x102027, 0x102027                                                                  \
        }                                                                                                              \
    }

static const struct setup ss = SCALABLE(SSADE, CAP, ECAP);
static const struct setup legacy = {{&ptw_sim_vtd_legacy, {0x101001, 0x503, 0, 0, CAP, ECAP, 46}}, SS_TABLES};
static const struct setup bare = SCALABLE(0, CAP & ~(PTW_BIT(34) | PTW_BIT(35)), 0);
static const struct setup fs = FIRST(0, CAP);
static const struct setup fs_ea = FIRST(EAFE, CAP);
static const struct setup fs_sre = FIRST(SRE, CAP);
static const struct setup fs_wpe = FIRST(SRE | WPE, CAP);
static const struct setup fs_no_1g = FIRST(0, CAP & ~PTW_BIT(56));

static const struct word words[] = {
    {"V-01", &ss, 0, 0x0000000123456003, LEAF, 0x123456000, RW, SS_A, SS_D, 12, 0},
    {"V-01 in legacy mode", &legacy, 0, 0x0000000123456003, LEAF, 0x123456000, RW, 0, 0, 12, 0},
    {"V-02", &ss, 0, 0x0000000123456803, LEAF, 0x123456000, RW, SS_A, SS_D, 12, 0},
    {"V-03", &ss, 1, 0x0000000040000883, LEAF, 0x40000000, RW, SS_A, SS_D, 21, 0},
    {"V-04", &ss, 2, 0x0000008000000081, LEAF, 0x8000000000, BOTH(R), SS_A, SS_D, 30, 0},
    {"V-05", &ss, 1, 0x0000000000102003, TABLE, 0x102000, 0, SS_A, 0, 0, 0},
    {"V-05 in legacy mode", &legacy, 1, 0x0000000000102003, TABLE, 0x102000, 0, 0, 0, 0, 0},
    {"V-06", &ss, 0, 0x0000000123456303, LEAF, 0x123456000, RW, SS_A, SS_D, 12, 0},
    {"V-07", &ss, 0, 0x4000000123456003, LEAF, 0x123456000, RW, SS_A, SS_D, 12, 0},
    {"V-08", &ss, 0, 0x0000000123456002, LEAF, 0x123456000, BOTH(W), SS_A, SS_D, 12, 0},
    {"ignored in a leaf", &ss, 0, 0xbff0000000005483, LEAF, 0x5000, RW, SS_A, SS_D, 12, 0},
    {"ignored in a table entry", &ss, 3, 0xbff0000000102603, TABLE, 0x102000, 0, SS_A, 0, 0, 0},
    {"V-R1", &ss, 0, 0x0000000123456800, ABSENT, 0, 0, 0, 0, 0, 0},
    {"V-R1 above", &ss, 4, 0x4000400000102fff & ~UINT64_C(3), ABSENT, 0, 0, 0, 0, 0, 0},
    {"V-R2", &ss, 3, 0x0000000000102083, RESERVED, 0, 0, 0, 0, 0, 0},
    {"V-R3", &ss, 1, 0x0000000040001083, RESERVED, 0, 0, 0, 0, 0, 0},
    {"V-R4", &ss, 1, 0x0000000000102803, RESERVED, 0, 0, 0, 0, 0, 0},
    {"V-R5", &ss, 0, 0x0000400000000003, RESERVED, 0, 0, 0, 0, 0, 0},
    {"TM in a table entry", &ss, 1, 0x4000000000102003, RESERVED, 0, 0, 0, 0, 0, 0},
    {"SNP without SC", &bare, 0, 0x0000000123456803, RESERVED, 0, 0, 0, 0, 0, 0},
    {"TM without DT", &bare, 0, 0x4000000123456003, RESERVED, 0, 0, 0, 0, 0, 0},
    {"no 2 MiB", &bare, 1, 0x0000000040000083, RESERVED, 0, 0, 0, 0, 0, 0},
    {"no 1 GiB", &bare, 2, 0x0000008000000083, RESERVED, 0, 0, 0, 0, 0, 0},
    {"interrupts", &ss, 0, 0x00000000fee00003, RESERVED, 0, 0, 0, 0, 0, 0},
    {"interrupts, end", &ss, 0, 0x00000000feeff003, RESERVED, 0, 0, 0, 0, 0, 0},
    {"before interrupts", &ss, 0, 0x00000000fedff003, LEAF, 0xfedff000, RW, SS_A, SS_D, 12, 0},
    {"behind interrupts", &ss, 0, 0x00000000fef00003, LEAF, 0xfef00000, RW, SS_A, SS_D, 12, 0},
    {"over interrupts", &ss, 2, 0x00000000c0000083, RESERVED, 0, 0, 0, 0, 0, 0},
    {"F-01", &fs, 0, 0x0000000123456067, LEAF, 0x123456000, UR | UW | UX, A, D, 12, 0},
    {"F-01 with SRE", &fs_sre, 0, 0x0000000123456067, LEAF, 0x123456000, BOTH(R | W | X), A, D, 12, 0},
    {"F-02", &fs, 0, 0x0000000123456025, LEAF, 0x123456000, UR | UX, A, D, 12, 0},
    {"F-02 with SRE", &fs_sre, 0, 0x0000000123456025, LEAF, 0x123456000, R | W | X | UR | UX, A, D, 12, 0},
    {"F-02 with WPE", &fs_wpe, 0, 0x0000000123456025, LEAF, 0x123456000, BOTH(R | X), A, D, 12, 0},
    {"F-03", &fs_ea, 0, 0x0000000123456467, LEAF, 0x123456000, UR | UW | UX, A | EA, D, 12, 0},
    {"F-04", &fs, 1, 0x00000000400000e7, LEAF, 0x40000000, UR | UW | UX, A, D, 21, 0},
    {"F-05", &fs, 2, 0x00000080000000a5, LEAF, 0x8000000000, UR | UX, A, D, 30, 0},
    {"F-06", &fs, 3, 0x0000000000102027, TABLE, 0x102000, 0, A, 0, 0, 0},
    {"F-06 with EAFE", &fs_ea, 3, 0x0000000000102027, TABLE, 0x102000, 0, A | EA, 0, 0, 0},
    {"ignored", &fs, 0, 0xfff0000000005e1f, LEAF, 0x5000, UR | UW | UX, A, D, 12, 0},
    {"F-R1", &fs, 0, 0x0000000123456063, LEAF, 0x123456000, 0, A, D, 12, 0},
    {"F-R2", &fs, 0, 0x0000000123456066, ABSENT, 0, 0, 0, 0, 0, 0},
    {"F-R3", &fs, 3, 0x00000000001020a7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"F-R4", &fs, 1, 0x00000000400020e7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"first stage, bit 46", &fs, 0, 0x0000400000000067, RESERVED, 0, 0, 0, 0, 0, 0},
    {"no 1 GiB, first stage", &fs_no_1g, 2, 0x00000080000000a5, RESERVED, 0, 0, 0, 0, 0, 0},
};

static void each_word_does_what_the_manual_says(void **state)
{
    (void)state;
    check_words(words, COUNT(words));
}

static void tables_above_take_rights_away(void **state)
{
    (void)state;
    equal("VT-d R", "rights", rights_below("R", &ss, 0, 0x3, 0x102001), BOTH(R));
    equal("VT-d W", "rights", rights_below("W", &ss, 1, 0x83, 0x102002), BOTH(W));
    equal("VT-d first stage", "rights", rights_below("RW", &fs, 0, 0x67, 0x102025), UR | UX);
    equal("VT-d first stage", "rights", rights_below("US", &fs, 1, 0xe7, 0x102023), 0);
}

static void structures_and_addresses(void **state)
{
    struct setup s;

    (void)state;
    starts("V-09, V-10", (s = with(&legacy, PTW_SIM_VTD_CONTEXT_HI, 0x502), &s), 0xffffffffffff, 0x101ff8, 3);
    refuses("49 bits", &s, 0x1000000000000, PTW_SIM_BEYOND);
    starts("3 levels", (s = with(&legacy, PTW_SIM_VTD_CONTEXT_HI, 0x501), &s), 0x7fffffffff, 0x101ff8, 2);
    refuses("40 bits", &s, 0x8000000000, PTW_SIM_BEYOND);
    s = with(&legacy, PTW_SIM_VTD_CAP, CAP & ~PTW_BIT(11));
    refuses("no 5 levels", &s, 0, RESERVED);
    s = with(&legacy, PTW_SIM_VTD_CAP, (CAP & ~(UINT64_C(63) << 16)) | UINT64_C(38) << 16);
    refuses("MGAW 39", &s, 0x8000000000, PTW_SIM_BEYOND);
    refuses("AW 0", (s = with(&legacy, PTW_SIM_VTD_CONTEXT_HI, 0x500), &s), 0, RESERVED);
    refuses("AW 4", (s = with(&legacy, PTW_SIM_VTD_CONTEXT_HI, 0x504), &s), 0, RESERVED);
    refuses("hi bit 7", (s = with(&legacy, PTW_SIM_VTD_CONTEXT_HI, 0x583), &s), 0, RESERVED);
    refuses("lo bit 4", (s = with(&legacy, PTW_SIM_VTD_CONTEXT_LO, 0x101011), &s), 0, RESERVED);
    refuses("not present", (s = with(&legacy, PTW_SIM_VTD_CONTEXT_LO, 0x101000), &s), 0, RESERVED);
    refuses("V-11", (s = with(&legacy, PTW_SIM_VTD_CONTEXT_LO, 0x9), &s), 0, RESERVED);
    refuses("root above HAW", (s = with(&legacy, PTW_SIM_VTD_CONTEXT_LO, 0x400000101001), &s), 0, RESERVED);
    starts("V-13", (s = with(&ss, PTW_SIM_VTD_PASID_0, 0x102289), &s), 0, 0x102000, 3);
    refuses("SSADE without SSADS", (s = with(&ss, PTW_SIM_VTD_ECAP, 0), &s), 0, RESERVED);
    refuses("first stage only", (s = with(&ss, PTW_SIM_VTD_PASID_0, 0x10204d), &s), 0, RESERVED);
    refuses("second stage only", (s = with(&fs, PTW_SIM_VTD_PASID_0, 0x102289), &s), 0, RESERVED);
    starts("nested", (s = with(&fs, PTW_SIM_VTD_PASID_0, 0x1022c9), &s), 0xff00000000000000, 0x101800, 4);
    starts("4 levels", (s = with(&fs, PTW_SIM_VTD_PASID_2, 0x101000), &s), 0xffff800000000000, 0x101800, 3);
    refuses("not canonical", &s, 0x800000000000, PTW_SIM_BEYOND);
    starts("F-08", (s = with(&fs, PTW_SIM_VTD_PASID_2, 0x102015), &s), 0, 0x102000, 4);
    refuses("no 5 levels", (s = with(&fs, PTW_SIM_VTD_CAP, CAP & ~PTW_BIT(60)), &s), 0, RESERVED);
    refuses("FSPM 2", (s = with(&fs, PTW_SIM_VTD_PASID_2, 0x101008), &s), 0, RESERVED);
}

/* ------------------------------------------------------------------------------------------- agreement ------ */

static void vtd(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    const bool first = f->format == &ptw_vtd_fs, legacy_mode = !first && !fixture_has_ad(f);
    const struct ptw_vtd_context context = {.domain = 5};
    const struct ptw_vtd_pasid pasid = {.domain = 5, .snoop_walks = true};
    uint64_t entry[8] = {0};

    if (legacy_mode)
        assert_int_equal(ptw_vtd_context(&f->t, &context, entry), PTW_OK);
    else
        assert_int_equal(ptw_vtd_pasid(first ? &f->t : NULL, first ? NULL : &f->t, &pasid, entry), PTW_OK);
    mmu->walker = first ? &ptw_sim_vtd_fs : legacy_mode ? &ptw_sim_vtd_legacy : &ptw_sim_vtd_ss;
    mmu->reg[PTW_SIM_VTD_CONTEXT_LO] = entry[0];
    mmu->reg[PTW_SIM_VTD_CONTEXT_HI] = entry[1];
    mmu->reg[PTW_SIM_VTD_PASID_0] = entry[0];
    mmu->reg[PTW_SIM_VTD_PASID_2] = entry[2];
    mmu->reg[PTW_SIM_VTD_CAP] = CAP & (f->t.geo.max_leaf < 2 ? ~PTW_BIT(35) : ~UINT64_C(0));
    mmu->reg[PTW_SIM_VTD_ECAP] = PTW_BIT(45) | ((f->t.geo.options & PTW_OPT_VTD_SNP) != 0 ? PTW_BIT(7) : 0) |
                                 ((f->t.geo.options & PTW_OPT_VTD_TM) != 0 ? PTW_BIT(2) : 0);
    mmu->reg[PTW_SIM_VTD_HAW] = f->t.geo.oa_bits;
}

static unsigned plain(ptw_attr attr)
{
    return ((attr & PTW_R) != 0 ? R : 0) | ((attr & PTW_W) != 0 ? W : 0) | ((attr & PTW_X) != 0 ? X : 0);
}

static unsigned rights(const struct fixture *f, ptw_attr attr)
{
    (void)f;
    return BOTH(plain(attr));
}

/* SRE is not set: supervisor requests are not let in. */
static unsigned user_rights(const struct fixture *f, ptw_attr attr)
{
    (void)f;
    return plain(attr) << 3;
}

static uint64_t type(ptw_attr attr)
{
    (void)attr;
    return 0;
}

/* First stage: the library objects to an entry without U/S, the walk denies it every access. */
static bool without_us(const struct fixture *f, ptw_word word, unsigned level)
{
    (void)f, (void)level;
    return (word & 4U) == 0;
}

/* Bit 2 alone: the library takes it for a reserved bit of an entry, the walk for no entry. */
static bool bit_2_alone(const struct fixture *f, ptw_word word, unsigned level)
{
    (void)f, (void)level;
    return (word & 7U) == 4;
}

static const struct reading readings[] = {
    {&ptw_vtd_ss, vtd, rights, type, false, false, bit_2_alone, 0},
    {&ptw_vtd_fs, vtd, user_rights, type, false, false, without_us, PTW_X86_EXTENDED_ACCESSED},
};

static const struct format_case more_cases[] = {
    {"vtd-ss-5-legacy", &ptw_vtd_ss, "levels=5,snp=1,oa=46", false, false, 0},
    {"vtd-fs-ea", &ptw_vtd_fs, "ea=1,levels=5,oa=46", false, false, 0},
};

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_does_what_the_manual_says),
        cmocka_unit_test(tables_above_take_rights_away),
        cmocka_unit_test(structures_and_addresses),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    failed += agreement_run("sim-vtd", readings, COUNT(readings), more_cases, COUNT(more_cases));
    return failed != 0;
}
