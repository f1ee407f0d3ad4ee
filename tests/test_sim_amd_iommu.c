/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The simulated page walks of the AMD IOMMU: their words one by one, and that they find what the library maps. */
#include "sim_agreement.h"
#include "sim_words.h"

#include <ptw/sim_x86.h>
#include <ptw/x86.h>

#define A 0x20U
#define D 0x40U
#define RW BOTH(R | W)

/* Six levels, every one a step. */
#define V1_TABLES                                                                                                      \
    {                                                                                                                  \
        0, 0x6000000000102201, 0x6000000000102401, 0x6000000000102601, 0x6000000000102801, 0x6000000000102a01          \
    }
#define DTE6 UINT64_C(0x6000000000101c03)
#define HAD UINT64_C(0x180)
#define V2_DTE UINT64_C(0x7cc0000000000003)
#define V2_TABLES                                                                                                      \
    {                                                                                                                  \
        0, 0x102027, 0x102027, 0x102027, 0x102027                                                                      \
    }
#define NX PTW_BIT(3)
#define EFR (PTW_BIT(11) | PTW_BIT(12) | NX) /* HATS 2, GATS 1, NXSup */

static const struct setup v1 = {{&ptw_sim_amdv1, {DTE6 | HAD, 0, 0, 0, EFR}}, V1_TABLES};
static const struct setup v1_noad = {{&ptw_sim_amdv1, {DTE6, 0, 0, 0, EFR}}, V1_TABLES};
static const struct setup v1_ro = {{&ptw_sim_amdv1, {DTE6 & ~PTW_BIT(62), 0, 0, 0, EFR}}, V1_TABLES};
static const struct setup v2 = {{&ptw_sim_amdv2, {V2_DTE, PTW_BIT(54), 0x101001, 1, EFR}}, V2_TABLES};
static const struct setup v2_no_nx = {{&ptw_sim_amdv2, {V2_DTE, PTW_BIT(54), 0x101001, 1, PTW_BIT(12)}}, V2_TABLES};
static const struct setup v2_c_bit = {{&ptw_sim_amdv2, {V2_DTE, PTW_BIT(54), 0x8000000101001, 1, EFR, 51}}, V2_TABLES};

static const struct word words[] = {
    {"A-01", &v1, 0, 0x6000000123456001, LEAF, 0x123456000, RW, A, D, 12, 0},
    {"A-01 without HAD", &v1_noad, 0, 0x6000000123456001, LEAF, 0x123456000, RW, 0, 0, 12, 0},
    {"A-01, IW not in the DTE", &v1_ro, 0, 0x6000000123456001, LEAF, 0x123456000, BOTH(R), 0, 0, 12, 0},
    {"A-02", &v1, 0, 0x7000000123456001, LEAF, 0x123456000, RW, A, D, 12, 0},
    {"A-03", &v1, 0, 0x2000000123456001, LEAF, 0x123456000, BOTH(R), A, D, 12, 0},
    {"A-04", &v1, 1, 0x7000000040000001, LEAF, 0x40000000, RW, A, D, 21, 0},
    {"A-05", &v1, 2, 0x6000000000102401, TABLE, 0x102000, 0, A, 0, 0, 0},
    {"A-06", &v1, 0, 0x6000000000002e01, LEAF, 0x2000, RW, A, D, 13, 0},
    {"A-07", &v1, 0, 0x6000000000103e01, LEAF, 0x100000, RW, A, D, 15, 0},
    {"A-08", &v1, 0, 0x600000001237fe01, LEAF, 0x12300000, RW, A, D, 20, 0},
    {"A-09", &v1, 1, 0x60000000401ffe01, LEAF, 0x40000000, RW, A, D, 22, 0},
    {"A-10", &v1, 2, 0x60000000bffffe01, LEAF, 0x80000000, RW, A, D, 31, 0},
    {"512 GiB", &v1, 3, 0x6000008000000001, LEAF, 0x8000000000, RW, A, D, 39, 0},
    {"256 TiB", &v1, 4, 0x6001000000000001, LEAF, 0x1000000000000, RW, A, D, 48, 0},
    {"2^52 bytes", &v1, 4, 0x6007fffffffffe01, LEAF, 0, RW, A, D, 52, 0},
    {"A-11", &v1, 3, 0x6000000000102201, TABLE, 0x102000, 0, A, 0, 0, 0},
    {"A-12", &v1, 0, 0x7000000123456061, LEAF, 0x123456000, RW, A, D, 12, 0},
    {"A-R1", &v1, 0, 0x7000000123456000, ABSENT, 0, 0, 0, 0, 0, 0},
    {"A-R1 above", &v1, 5, 0x7000000123456a00, ABSENT, 0, 0, 0, 0, 0, 0},
    {"A-R2", &v1, 1, 0x6000000000102401, RESERVED, 0, 0, 0, 0, 0, 0},
    {"A-R3", &v1, 1, 0x6000000000103e01, RESERVED, 0, 0, 0, 0, 0, 0},
    {"a size of the next level", &v1, 0, 0x60000000000ffe01, RESERVED, 0, 0, 0, 0, 0, 0},
    {"A-R4", &v1, 0, 0x6010000123456001, RESERVED, 0, 0, 0, 0, 0, 0},
    {"bit 60 of a table entry", &v1, 2, 0x7000000000102401, RESERVED, 0, 0, 0, 0, 0, 0},
    {"A-R5", &v1, 0, 0x0000000123456001, LEAF, 0x123456000, 0, A, D, 12, 0},
    {"a leaf at level 6", &v1, 5, 0x6000000000000001, RESERVED, 0, 0, 0, 0, 0, 0},
    {"misaligned", &v1, 1, 0x6000000040001001, RESERVED, 0, 0, 0, 0, 0, 0},
    {"G-01", &v2, 0, 0x0000000123456067, LEAF, 0x123456000, BOTH(R | W | X), A, D, 12, 0},
    {"G-02", &v2, 0, 0x0000000123456025, LEAF, 0x123456000, BOTH(R | X), A, D, 12, 0},
    {"G-02 with NX", &v2, 0, 0x8000000123456025, LEAF, 0x123456000, BOTH(R), A, D, 12, 0},
    {"NX without NXSup", &v2_no_nx, 0, 0x8000000123456025, RESERVED, 0, 0, 0, 0, 0, 0},
    {"G-03", &v2, 1, 0x00000000400000e7, LEAF, 0x40000000, BOTH(R | W | X), A, D, 21, 0},
    {"G-04", &v2, 2, 0x00000080000000e7, LEAF, 0x8000000000, BOTH(R | W | X), A, D, 30, 0},
    {"G-05", &v2, 4, 0x0000000000102027, TABLE, 0x102000, 0, A, 0, 0, 0},
    {"C-bit, v2", &v2_c_bit, 0, 0x0008000123456067, LEAF, 0x123456000, BOTH(R | W | X), A, D, 12, 0},
    {"G-R1", &v2, 0, 0x0000000123456063, LEAF, 0x123456000, R | W | X, A, D, 12, 0},
    {"G-R2", &v2, 0, 0x0000000123456066, ABSENT, 0, 0, 0, 0, 0, 0},
    {"G-R3", &v2, 3, 0x00000000001020a7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"G-R4", &v2, 1, 0x00000000400020e7, RESERVED, 0, 0, 0, 0, 0, 0},
};

static void each_word_does_what_the_manual_says(void **state)
{
    (void)state;
    check_words(words, COUNT(words));
}

static void tables_above_take_rights_away(void **state)
{
    (void)state;
    equal("AMD IR", "rights", rights_below("IR", &v1, 0, 0x6000000000000001, 0x2000000000102201), BOTH(R));
    equal("AMD IW", "rights", rights_below("IW", &v1, 1, 0x6000000000000001, 0x4000000000102401), BOTH(W));
    equal("AMD guest", "rights", rights_below("US", &v2, 0, 0x67, 0x102023), R | W | X);
}

static void tables_may_leave_levels_out(void **state)
{
    struct ptw_sim_walk w;

    (void)state;
    reach("A-11", &v1, 0x7fc0001ff123, PTW_SIM_READ, 3, &w);
    equal("A-11", "outcome", ptw_sim_walk_step(&w, 0x6000000000102201), PTW_SIM_ABSENT);
    reach("A-11", &v1, 0x7f80001ff123, PTW_SIM_READ, 3, &w);
    equal("A-11", "outcome", ptw_sim_walk_step(&w, 0x6000000000102201), PTW_SIM_ENTRY);
    equal("A-11", "level", w.level, 0);
    equal("A-11", "entry", w.entry, 0x102ff8);
    equal("A-11", "first", w.first, 0x7f8000000000);
    equal("A-11", "last", w.last, 0x7fffffffffff);
    equal("A-11", "outcome", ptw_sim_walk_step(&w, 0x6000000123456001), PTW_SIM_LEAF);
    equal("A-11", "out", w.out, 0x123456123);
    equal("A-11", "first", w.first, 0x7f80001ff000);
}

static void structures_and_addresses(void **state)
{
    struct setup s;

    (void)state;
    starts("A-13", (s = with(&v1, 0, 0x6000000000102603), &s), 0x7fffffffff, 0x102ff8, 2);
    starts("A-14", (s = with(&v1, 0, 0x6000000000102783), &s), 0, 0x102000, 2);
    refuses("40 bits", &s, 0x8000000000, PTW_SIM_BEYOND);
    starts("6 levels", &v1, ~UINT64_C(0), 0x1013f8, 5);
    starts("1 level", (s = with(&v1, 0, 0x6000000000102203), &s), 0x1ff000, 0x102ff8, 0);
    refuses("22 bits", &s, 0x200000, PTW_SIM_BEYOND);
    refuses("Mode 0", (s = with(&v1, 0, 0x6000000000102003), &s), 0, RESERVED);
    refuses("Mode 7", (s = with(&v1, 0, 0x6000000000102e03), &s), 0, RESERVED);
    refuses("no V", (s = with(&v1, 0, DTE6 & ~UINT64_C(1)), &s), 0, RESERVED);
    refuses("no TV", (s = with(&v1, 0, DTE6 & ~UINT64_C(2)), &s), 0, RESERVED);
    refuses("bit 2", (s = with(&v1, 0, DTE6 | 4U), &s), 0, RESERVED);
    refuses("HAD 1", (s = with(&v1, 0, DTE6 | 0x80U), &s), 0, RESERVED);
    refuses("HATS 1", (s = with(&v1, PTW_SIM_AMD_EFR, PTW_BIT(10)), &s), 0, RESERVED);
    refuses("HATS 3", (s = with(&v1, PTW_SIM_AMD_EFR, 3U << 10), &s), 0, RESERVED);
    starts("G-06", (s = with(&v2, PTW_SIM_AMD_GCR3, 0x102001), &s), 0xff00000000000000, 0x102800, 4);
    starts("4 levels", (s = with(&v2, PTW_SIM_AMD_DTE_2, 0), &s), 0xffff800000000000, 0x101800, 3);
    refuses("not canonical", &s, 0x800000000000, PTW_SIM_BEYOND);
    s.mmu.reg[PTW_SIM_AMD_PASID] = 0;
    starts("PASID 0", &s, 0x800000000000, 0x101800, 3);
    refuses("PASID 0, 49 bits", &s, 0xffff800000000000, PTW_SIM_BEYOND);
    s.mmu.reg[PTW_SIM_AMD_DTE_0] &= ~PTW_BIT(54);
    refuses("no GIOV", &s, 0, RESERVED);
    refuses("no GV", (s = with(&v2, 0, V2_DTE & ~PTW_BIT(55)), &s), 0, RESERVED);
    refuses("no GATS", (s = with(&v2, PTW_SIM_AMD_EFR, 0), &s), 0, RESERVED);
    refuses("GCR3 not valid", (s = with(&v2, PTW_SIM_AMD_GCR3, 0x101000), &s), 0, RESERVED);
}

/* ------------------------------------------------------------------------------------------- agreement ------ */

static void amd_host(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    const struct ptw_amd_dte how = {.domain = 5, .rights = PTW_R | PTW_W};
    uint64_t dte[4];

    assert_int_equal(ptw_amd_dte(&f->t, &how, dte), PTW_OK);
    mmu->walker = &ptw_sim_amdv1;
    mmu->reg[PTW_SIM_AMD_DTE_0] = dte[0];
    mmu->reg[PTW_SIM_AMD_EFR] = EFR;
}

static void amd_guest(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    const bool giov = (f->t.geo.options & PTW_OPT_AMDV2_GIOV) != 0;
    const struct ptw_amd_dte how = {
        .rights = PTW_R | PTW_W, .guest_levels = f->t.geo.top + 1, .gcr3 = 0x1000, .giov = giov};
    uint64_t dte[4];

    assert_int_equal(ptw_amd_dte(NULL, &how, dte), PTW_OK);
    assert_int_equal(ptw_amd_gcr3(&f->t, &mmu->reg[PTW_SIM_AMD_GCR3]), PTW_OK);
    mmu->walker = &ptw_sim_amdv2;
    mmu->reg[PTW_SIM_AMD_DTE_0] = dte[0];
    mmu->reg[PTW_SIM_AMD_DTE_2] = dte[2];
    mmu->reg[PTW_SIM_AMD_PASID] = giov ? 0 : 7;
    mmu->reg[PTW_SIM_AMD_EFR] = (f->t.geo.options & PTW_OPT_X86_NX) != 0 ? EFR : EFR & ~NX;
    mmu->reg[PTW_SIM_AMD_C_BIT] = f->config.c_bit;
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

static uint64_t type(ptw_attr attr)
{
    (void)attr;
    return 0;
}

/* Guest tables: the library objects to an entry without U/S, the walk denies it every access. */
static bool without_us(const struct fixture *f, ptw_word word, unsigned level)
{
    (void)f, (void)level;
    return (word & 4U) == 0;
}

/* Sizes that the table's configuration does not have: the hardware has all. */
static bool other_size(const struct fixture *f, ptw_word word, unsigned level)
{
    const unsigned next = (unsigned)(word >> 9) & 7U;

    if (next == 7)
        return (f->t.geo.options & PTW_OPT_GROUPS) == 0;
    return next == 0 && level > f->t.geo.max_leaf;
}

static const struct reading readings[] = {
    {&ptw_amdv1, amd_host, rights, type, false, false, other_size, 0},
    {&ptw_amdv2, amd_guest, rights, type, false, false, without_us, 0},
};

static const struct format_case more_cases[] = {
    {"amdv2-c-bit", &ptw_amdv2, "c-bit=51,oa=51", false, false, 0},
    {"amdv2-no-nx", &ptw_amdv2, "nx=0,levels=5", false, false, 0},
    {"amdv1-2", &ptw_amdv1, "levels=2,groups=1,ad=1", false, false, 0},
    {"amdv1-5", &ptw_amdv1, "levels=5,groups=1,ad=1,leaf=0x1000000000000", false, false, 0},
};

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_does_what_the_manual_says),
        cmocka_unit_test(tables_above_take_rights_away),
        cmocka_unit_test(tables_may_leave_levels_out),
        cmocka_unit_test(structures_and_addresses),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    failed += agreement_run("sim-amd", readings, COUNT(readings), more_cases, COUNT(more_cases));
    return failed != 0;
}
