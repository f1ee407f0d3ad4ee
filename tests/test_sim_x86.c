/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The simulated page walks of x86 paging and of AMD's nested paging: their words one by one, the rights of each mode, and
 * that they find what the library maps. */
#include "sim_agreement.h"
#include "sim_words.h"

#include <ptw/sim_x86.h>
#include <ptw/x86.h>

#define PG PTW_BIT(31)
#define WP PTW_BIT(16)
#define PSE PTW_BIT(4)
#define PAE PTW_BIT(5)
#define PGE PTW_BIT(7)
#define LA57 PTW_BIT(12)
#define SMEP PTW_BIT(20)
#define SMAP PTW_BIT(21)
#define PKE PTW_BIT(22)
#define PKS PTW_BIT(24)
#define LME PTW_BIT(8)
#define NXE PTW_BIT(11)
#define A 0x20U
#define D 0x40U
#define ALL (R | W | X | UR | UW | UX)

#define TABLES                                                                                                         \
    {                                                                                                                  \
        0, 0x102027, 0x102027, 0x102027, 0x102027                                                                      \
    }
#define LONG(cr4, efer, cpu)                                                                                           \
    {                                                                                                                  \
        {&ptw_sim_x86, {PG | WP, 0x101000, PAE | LA57 | (cr4), LME | (efer), (cpu)}}, TABLES                           \
    }
#define NPT(efer, cpu)                                                                                                 \
    {                                                                                                                  \
        {&ptw_sim_npt, {0, 0x101000, PAE | LA57, LME | (efer), (cpu)}}, TABLES                                         \
    }

static const struct setup x86 = LONG(PGE, NXE, 46);
static const struct setup wide = LONG(PGE, NXE, 0);
static const struct setup no_nx = LONG(0, 0, 46);
static const struct setup amd = LONG(0, NXE, 46 | PTW_SIM_X86_AMD);
static const struct setup no_1g = LONG(0, NXE, 46 | PTW_SIM_X86_NO_1G);
static const struct setup c_bit = LONG(0, NXE, 51 | PTW_SIM_X86_C_BIT(51));
static const struct setup npt = NPT(NXE, 46);
static const struct setup npt_no_nx = NPT(0, 46);
static const struct setup npt_c_bit = NPT(NXE, 47 | PTW_SIM_X86_C_BIT(51));
static const struct setup pae = {{&ptw_sim_x86_32, {PG | WP, 0x5020, PAE, NXE, 46}}, {0, 0x102027, 0x5001}};
static const struct setup pae_no_nx = {{&ptw_sim_x86_32, {PG | WP, 0x5020, PAE, 0, 46}}, {0, 0x102027, 0x5001}};
static const struct setup plain = {{&ptw_sim_x86_32, {PG | WP, 0x5000, PSE, 0, 46}}, {0, 0x102027}};
static const struct setup no_pse = {{&ptw_sim_x86_32, {PG | WP, 0x5000, 0, 0, 46}}, {0, 0x102027}};
static const struct setup m36 = {{&ptw_sim_x86_32, {PG | WP, 0x5000, PSE, 0, 36}}, {0, 0x102027}};
static const struct setup no_pse36 = {{&ptw_sim_x86_32, {PG | WP, 0x5000, PSE, 0, 46 | PTW_SIM_X86_NO_PSE36}},
                                      {0, 0x102027}};

static const struct word words[] = {
    {"X-01", &x86, 0, 0x8000000123456067, LEAF, 0x123456000, R | W | UR | UW, A, D, 12, 0},
    {"X-02", &x86, 0, 0x80000000fee0017b, LEAF, 0xfee00000, R | W, A, D, 12, 3},
    {"X-03", &x86, 0, 0x00000000000010e7, LEAF, 0x1000, ALL, A, D, 12, 4},
    {"X-04", &x86, 1, 0x00000000400001e3, LEAF, 0x40000000, R | W | X, A, D, 21, 0},
    {"X-05", &x86, 1, 0x00000000400011e3, LEAF, 0x40000000, R | W | X, A, D, 21, 4},
    {"X-06", &x86, 2, 0x80000080000000e7, LEAF, 0x8000000000, R | W | UR | UW, A, D, 30, 0},
    {"X-07", &x86, 3, 0x0000000000102027, TABLE, 0x102000, 0, A, 0, 0, 0},
    {"X-07 at L5", &x86, 4, 0x0000000000102027, TABLE, 0x102000, 0, A, 0, 0, 0},
    {"X-08", &x86, 0, 0x8000000000007065, LEAF, 0x7000, R | UR, A, D, 12, 0},
    {"X-09", &x86, 0, 0x2800000000200067, LEAF, 0x200000, ALL, A, D, 12, 0},
    {"X-10", &c_bit, 0, 0x8008000000003063, LEAF, 0x3000, R | W, A, D, 12, 0},
    {"C-bit of a table", &c_bit, 1, 0x0008000000102027, TABLE, 0x102000, 0, A, 0, 0, 0},
    {"M = 52", &wide, 0, 0x000ffffffffff003, LEAF, 0xffffffffff000, R | W | X, A, D, 12, 0},
    {"ignored in a table entry", &x86, 2, 0x7ff0000000102f67, TABLE, 0x102000, 0, A, 0, 0, 0},
    {"bit 8 above, Intel", &x86, 3, 0x102127, TABLE, 0x102000, 0, A, 0, 0, 0},
    {"X-11", &plain, 1, 0x404060e7, LEAF, 0x340400000, ALL, A, D, 22, 0},
    {"4 MiB, PAT", &plain, 1, 0x404010e7, LEAF, 0x40400000, ALL, A, D, 22, 4},
    {"4 KiB in 32 bits", &plain, 0, 0xfffff085, LEAF, 0xfffff000, R | X | UR | UX, A, D, 12, 4},
    {"32-bit table entry", &plain, 1, 0xfffff027, TABLE, 0xfffff000, 0, A, 0, 0, 0},
    {"PS without CR4.PSE", &no_pse, 1, 0x102fe7, TABLE, 0x102000, 0, A, 0, 0, 0},
    {"M = 36", &m36, 1, 0x4041e0e7, LEAF, 0xf40400000, ALL, A, D, 22, 0},
    {"X-12", &pae, 2, 0x0000000000005001, TABLE, 0x5000, 0, 0, 0, 0, 0},
    {"PAE, ignored in a PDPTE", &pae, 2, 0x5e19, TABLE, 0x5000, 0, 0, 0, 0, 0},
    {"PAE, 2 MiB", &pae, 1, 0x80000000400011e3, LEAF, 0x40000000, R | W, A, D, 21, 4},

    {"X-R1", &x86, 0, 0xfffffffffffffffe, ABSENT, 0, 0, 0, 0, 0, 0},
    {"X-R1 at L5", &x86, 4, 0xfffffffffffffffe, ABSENT, 0, 0, 0, 0, 0, 0},
    {"X-R1 in PAE", &pae, 2, 0xfffffffffffffffe, ABSENT, 0, 0, 0, 0, 0, 0},
    {"X-R1 in 32 bits", &plain, 1, 0xfffffffe, ABSENT, 0, 0, 0, 0, 0, 0},
    {"X-R2", &x86, 3, 0x00000000001020a7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"X-R2 at L5", &x86, 4, 0x00000000001020a7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"X-R3", &x86, 1, 0x00000000400021e3, RESERVED, 0, 0, 0, 0, 0, 0},
    {"1 GiB, bit 29", &x86, 2, 0x00000000200000e7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"X-R4", &x86, 0, 0x0000400000000067, RESERVED, 0, 0, 0, 0, 0, 0},
    {"X-R4 in a table entry", &x86, 3, 0x0000400000102027, RESERVED, 0, 0, 0, 0, 0, 0},
    {"X-R5", &no_nx, 0, 0x8000000123456067, RESERVED, 0, 0, 0, 0, 0, 0},
    {"X-R5 in a table entry", &no_nx, 2, 0x8000000000102027, RESERVED, 0, 0, 0, 0, 0, 0},
    {"no 1 GiB leaves", &no_1g, 2, 0x80000080000000e7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"bit 8 above, AMD", &amd, 3, 0x102127, RESERVED, 0, 0, 0, 0, 0, 0},
    {"no C-bit", &x86, 0, 0x8008000000003063, RESERVED, 0, 0, 0, 0, 0, 0},
    {"X-R6", &pae, 2, 0x0000000000005003, RESERVED, 0, 0, 0, 0, 0, 0},
    {"PDPTE, bit 5", &pae, 2, 0x0000000000005021, RESERVED, 0, 0, 0, 0, 0, 0},
    {"PDPTE, bit 63", &pae, 2, 0x8000000000005001, RESERVED, 0, 0, 0, 0, 0, 0},
    {"PDPTE, bit 46", &pae, 2, 0x0000400000005001, RESERVED, 0, 0, 0, 0, 0, 0},
    {"PAE, bit 52", &pae, 0, 0x0010000000005003, RESERVED, 0, 0, 0, 0, 0, 0},
    {"PAE, bit 62", &pae, 1, 0x4000000000005003, RESERVED, 0, 0, 0, 0, 0, 0},
    {"PAE, misaligned", &pae, 1, 0x00000000400021e3, RESERVED, 0, 0, 0, 0, 0, 0},
    {"PAE without NXE", &pae_no_nx, 0, 0x8000000000005003, RESERVED, 0, 0, 0, 0, 0, 0},
    {"4 MiB, bit 21", &plain, 1, 0x406060e7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"4 MiB, M = 36", &m36, 1, 0x404200e7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"4 MiB without PSE-36", &no_pse36, 1, 0x404020e7, RESERVED, 0, 0, 0, 0, 0, 0},

    {"N-01", &npt, 0, 0x0000000123456067, LEAF, 0x123456000, ALL, A, D, 12, 0},
    {"N-02", &npt, 0, 0x0000000123456025, LEAF, 0x123456000, BOTH(R | X), A, D, 12, 0},
    {"N-03", &npt, 0, 0x8000000123456067, LEAF, 0x123456000, BOTH(R | W), A, D, 12, 0},
    {"N-04", &npt, 0, 0x80000000fee0007f, LEAF, 0xfee00000, BOTH(R | W), A, D, 12, 3},
    {"N-05", &npt, 1, 0x0000000040000087, LEAF, 0x40000000, ALL, A, D, 21, 0},
    {"N-06", &npt, 2, 0x00000080000000e7, LEAF, 0x8000000000, ALL, A, D, 30, 0},
    {"N-07", &npt, 3, 0x0000000000102027, TABLE, 0x102000, 0, A, 0, 0, 0},
    {"N-R1", &npt, 0, 0x0000000123456063, LEAF, 0x123456000, 0, A, D, 12, 0},
    {"N-R2", &npt, 2, 0x8000000000000000, ABSENT, 0, 0, 0, 0, 0, 0},
    {"N-R3", &npt, 3, 0x0000000000102127, RESERVED, 0, 0, 0, 0, 0, 0},
    {"N-R4", &npt, 1, 0x0000000040002087, RESERVED, 0, 0, 0, 0, 0, 0},
    {"NPT, PS at L5", &npt, 4, 0x00000000001020a7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"NPT without NXE", &npt_no_nx, 0, 0x8000000123456067, RESERVED, 0, 0, 0, 0, 0, 0},
    {"NPT, bit 46", &npt, 0, 0x0000400123456067, RESERVED, 0, 0, 0, 0, 0, 0},
};

static void each_word_does_what_the_manual_says(void **state)
{
    (void)state;
    check_words(words, COUNT(words));
}

#define USER_PAGE 0x5067U
#define USER_RO 0x5065U
#define SUPER_PAGE 0x5063U
#define SUPER_RO 0x5061U
#define XD PTW_BIT(63)
#define KEY(n) ((uint64_t)(n) << 59)
#define AD_BIT(n) (UINT64_C(1) << 2 * (n))
#define WD_BIT(n) (UINT64_C(2) << 2 * (n))

static void rights_are_those_of_the_control_registers(void **state)
{
    static const struct {
        uint64_t cr0, cr4, pkru, pkrs, rflags, leaf;
        unsigned rights;
    } cases[] = {
        {WP, 0, 0, 0, 0, USER_PAGE, ALL},
        {WP, 0, 0, 0, 0, USER_RO, R | X | UR | UX},
        {0, 0, 0, 0, 0, USER_RO, R | W | X | UR | UX},
        {WP, 0, 0, 0, 0, SUPER_PAGE, R | W | X},
        {WP, 0, 0, 0, 0, SUPER_RO | XD, R},
        {0, 0, 0, 0, 0, SUPER_RO | XD, R | W},
        {WP, SMEP, 0, 0, 0, USER_PAGE, R | W | UR | UW | UX},
        {WP, SMEP, 0, 0, 0, SUPER_PAGE, R | W | X},
        {WP, SMAP, 0, 0, 0, USER_PAGE, X | UR | UW | UX},
        {WP, SMAP, 0, 0, PTW_BIT(18), USER_PAGE, ALL},
        {WP, SMAP, 0, 0, 0, SUPER_PAGE, R | W | X},
        {WP, SMEP | SMAP, 0, 0, 0, USER_PAGE | XD, UR | UW},
        {WP, PKE, AD_BIT(5), 0, 0, USER_PAGE | KEY(5), X | UX},
        {WP, PKE, WD_BIT(5), 0, 0, USER_PAGE | KEY(5), R | X | UR | UX},
        {0, PKE, WD_BIT(5), 0, 0, USER_PAGE | KEY(5), R | W | X | UR | UX},
        {WP, PKE, AD_BIT(4) | WD_BIT(6), 0, 0, USER_PAGE | KEY(5), ALL},
        {WP, PKE, AD_BIT(5), 0, 0, SUPER_PAGE | KEY(5), R | W | X},
        {WP, PKS, AD_BIT(5), 0, 0, USER_PAGE | KEY(5), ALL},
        {WP, PKS, 0, AD_BIT(15), 0, SUPER_PAGE | KEY(15), X},
        {WP, PKS, 0, WD_BIT(15), 0, SUPER_PAGE | KEY(15), R | X},
        {WP, 0, AD_BIT(5), AD_BIT(5), 0, USER_PAGE | KEY(5), ALL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct setup s = x86;
        struct ptw_sim_walk w;

        s.mmu.reg[PTW_SIM_X86_CR0] = PG | cases[i].cr0;
        s.mmu.reg[PTW_SIM_X86_CR4] |= cases[i].cr4;
        s.mmu.reg[PTW_SIM_X86_PKRU] = cases[i].pkru;
        s.mmu.reg[PTW_SIM_X86_PKRS] = cases[i].pkrs;
        s.mmu.reg[PTW_SIM_X86_RFLAGS] = cases[i].rflags;
        reach("rights", &s, 0, 0, 0, &w);
        assert_int_equal(ptw_sim_walk_step(&w, cases[i].leaf), LEAF);
        if (w.rights != cases[i].rights)
            fail_msg("case %zu: rights 0x%x, wanted 0x%x", i, w.rights, cases[i].rights);
    }
}

static void tables_above_take_rights_away(void **state)
{
    (void)state;
    for (unsigned level = 0; level <= 2; level++) {
        const uint64_t leaf = level == 0 ? 0x67 : 0xe7;

        equal("R/W", "rights", rights_below("R/W", &x86, level, leaf, 0x102025), R | X | UR | UX);
        equal("U/S", "rights", rights_below("U/S", &x86, level, leaf, 0x102023), R | W | X);
        equal("XD", "rights", rights_below("XD", &x86, level, leaf, XD | 0x102027), R | W | UR | UW);
        equal("nested, R/W", "rights", rights_below("R/W", &npt, level, leaf, 0x102025), BOTH(R | X));
        equal("nested, U/S", "rights", rights_below("U/S", &npt, level, leaf, 0x102023), 0);
        equal("nested, XD", "rights", rights_below("XD", &npt, level, leaf, XD | 0x102027), BOTH(R | W));
    }
    equal("32-bit", "rights", rights_below("32-bit", &plain, 0, 0x67, 0x102021), R | X);
    equal("PAE", "rights", rights_below("PAE", &pae, 0, 0x67, XD | 0x102025), R | UR);
}

static void global_pages_need_cr4_pge(void **state)
{
    struct ptw_sim_walk w;

    (void)state;
    reach("G", &x86, 0, PTW_SIM_READ, 1, &w);
    ptw_sim_walk_step(&w, 0x400001e3);
    assert_true(w.global);
    reach("G without PGE", &no_nx, 0, PTW_SIM_READ, 1, &w);
    ptw_sim_walk_step(&w, 0x400001e3);
    assert_false(w.global);
    reach("G in a table entry", &x86, 0, PTW_SIM_READ, 0, &w);
    ptw_sim_walk_step(&w, 0x5063);
    assert_false(w.global);
    reach("G nested", &npt, 0, PTW_SIM_READ, 0, &w);
    ptw_sim_walk_step(&w, 0x5167);
    assert_false(w.global);
}

static void roots_and_addresses(void **state)
{
    struct setup s;

    (void)state;
    starts("L5", &x86, 0xffffffffffffffff, 0x101ff8, 4);
    starts("L5, lower half", &x86, 0x00ffffffffffffff, 0x1017f8, 4);
    s = with(&x86, PTW_SIM_X86_CR4, PAE);
    starts("L4", &s, 0xffff800000000000, 0x101800, 3);
    refuses("not canonical", &s, 0x0000800000000000, PTW_SIM_BEYOND);
    refuses("not canonical", &x86, 0xfeffffffffffffff, PTW_SIM_BEYOND);
    starts("PCID", (s = with(&x86, PTW_SIM_X86_CR3, 0x8000000000101fff), &s), 0, 0x101000, 4);
    starts("C-bit", (s = with(&c_bit, PTW_SIM_X86_CR3, 0x0008000000102000), &s), 0, 0x102000, 4);
    starts("N-08", (s = with(&npt_c_bit, PTW_SIM_X86_CR3, 0x0008000000102000), &s), 0, 0x102000, 4);
    refuses("CR3 bit 46", (s = with(&x86, PTW_SIM_X86_CR3, PTW_BIT(46)), &s), 0, RESERVED);
    refuses("no paging", (s = with(&x86, PTW_SIM_X86_CR0, WP), &s), 0, RESERVED);
    refuses("no PAE", (s = with(&x86, PTW_SIM_X86_CR4, 0), &s), 0, RESERVED);
    refuses("no long mode", (s = with(&x86, PTW_SIM_X86_EFER, NXE), &s), 0, RESERVED);
    starts("nested, upper half", &npt, 0x01ffffffffffffff, 0x101ff8, 4);
    refuses("nested, 58 bits", &npt, 0x0200000000000000, PTW_SIM_BEYOND);
    refuses("host not in long mode", (s = with(&npt, PTW_SIM_X86_EFER, NXE), &s), 0, RESERVED);
    starts("PAE", &pae, 0xc0000000, 0x5038, 2);
    starts("32-bit", &plain, 0xffc00000, 0x5ffc, 1);
    refuses("33 bits", &plain, 0x100000000, PTW_SIM_BEYOND);
    refuses("no paging, 32-bit", (s = with(&plain, PTW_SIM_X86_CR0, 0), &s), 0, RESERVED);
    refuses("long mode", (s = with(&pae, PTW_SIM_X86_EFER, LME), &s), 0, RESERVED);
}

/* ------------------------------------------------------------------------------------------- agreement ------ */

static void registers(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    const bool nested = f->format == &ptw_npt;
    struct ptw_x86_registers regs = {0};

    assert_int_equal(nested ? ptw_npt_ncr3(&f->t, &regs) : ptw_x86_cr3(&f->t, NULL, &regs), PTW_OK);
    mmu->walker = nested ? &ptw_sim_npt : f->format == &ptw_x86_64 ? &ptw_sim_x86 : &ptw_sim_x86_32;
    mmu->reg[PTW_SIM_X86_CR0] = regs.cr0;
    mmu->reg[PTW_SIM_X86_CR3] = regs.cr3;
    mmu->reg[PTW_SIM_X86_CR4] = regs.cr4 | PGE;
    mmu->reg[PTW_SIM_X86_EFER] = regs.efer;
    /* 32-bit: the library reads leaves above 4 GiB, but makes none. */
    mmu->reg[PTW_SIM_X86_CPU] = (f->format == &ptw_x86_32 ? 40 : f->t.geo.oa_bits) | PTW_SIM_X86_C_BIT(f->config.c_bit);
}

static unsigned rights(const struct fixture *f, ptw_attr attr)
{
    const unsigned own = ((attr & PTW_R) != 0 ? R : 0) | ((attr & PTW_X) != 0 ? X : 0) |
                         ((attr & PTW_W) != 0 && (attr & PTW_X86_SHADOW_STACK) == 0 ? W : 0);

    return f->format == &ptw_npt || (attr & PTW_USER) != 0 ? BOTH(own) : own;
}

static uint64_t type(ptw_attr attr)
{
    const ptw_attr mt = attr & PTW_MT_MASK;
    const uint64_t high = (attr & PTW_X86_PAT_HIGH) != 0 ? 4 : 0;

    return high + (mt == PTW_MT_WT ? 1 : mt == PTW_MT_UC_MINUS ? 2 : mt == PTW_MT_UC ? 3 : 0);
}

/* NPT: the library objects to an entry without U/S, the walk denies it every access. */
static bool without_us(const struct fixture *f, ptw_word word, unsigned level)
{
    (void)f, (void)level;
    return (word & 4U) == 0;
}

static const struct reading readings[] = {
    {&ptw_x86_64, registers, rights, type, true, false, NULL, 0},
    {&ptw_x86_pae, registers, rights, type, true, false, NULL, 0},
    {&ptw_x86_32, registers, rights, type, true, false, NULL, 0},
    {&ptw_npt, registers, rights, type, false, false, without_us, 0},
};

static const struct format_case more_cases[] = {
    {"x86-64-no-nx", &ptw_x86_64, "nx=0,oa=46", false, false, 0},
    {"x86-pae-no-nx", &ptw_x86_pae, "nx=0", false, false, 0},
    {"x86-32-no-pse", &ptw_x86_32, "pse=0", false, false, 0},
    {"npt-5", &ptw_npt, "levels=5", false, false, 0},
};

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_does_what_the_manual_says),
        cmocka_unit_test(rights_are_those_of_the_control_registers),
        cmocka_unit_test(tables_above_take_rights_away),
        cmocka_unit_test(global_pages_need_cr4_pge),
        cmocka_unit_test(roots_and_addresses),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    failed += agreement_run("sim-x86", readings, COUNT(readings), more_cases, COUNT(more_cases));
    return failed != 0;
}
