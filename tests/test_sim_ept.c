/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The simulated EPT walk: its words one by one, and that it finds what the library maps. */
#include "sim_agreement.h"
#include "sim_words.h"

#include <ptw/sim_x86.h>
#include <ptw/x86.h>

#define CAP_EXEC_ONLY 0x1U
#define MBEC PTW_BIT(22)
#define PW PTW_BIT(2)
#define A 0x100U
#define D 0x200U
#define ALL BOTH(R | W | X)

/* 4 and 5 levels, UC, WB, 2M, 1G, A and D, shadow stacks. */
#define CAP (PTW_BIT(6) | PTW_BIT(7) | PTW_BIT(8) | PTW_BIT(14) | PTW_BIT(16) | PTW_BIT(17) | PTW_BIT(21) | PTW_BIT(23))
#define EPT(eptp, cap, secondary, tertiary)                                                                            \
    {                                                                                                                  \
        {&ptw_sim_ept, {(eptp), (cap), (secondary), (tertiary), 46}},                                                  \
        {                                                                                                              \
            0, 0x102507, 0x102507, 0x102507, 0x102507                                                                  \
        }                                                                                                              \
    }

static const struct setup ad = EPT(0x101066, CAP, 0, 0);
static const struct setup no_ad = EPT(0x101026, CAP, 0, 0);
static const struct setup exec_only = EPT(0x101066, CAP | CAP_EXEC_ONLY, 0, 0);
static const struct setup mbec = EPT(0x101066, CAP, MBEC, 0);
static const struct setup mbec_exec_only = EPT(0x101066, CAP | CAP_EXEC_ONLY, MBEC, 0);
static const struct setup pw = EPT(0x101066, CAP | CAP_EXEC_ONLY, 0, PW);
static const struct setup small = EPT(0x101066, CAP & ~(PTW_BIT(16) | PTW_BIT(17)), 0, 0);

static const struct word words[] = {
    {"E-01", &ad, 0, 0x0000000123456037, LEAF, 0x123456000, ALL, A, D, 12, 6},
    {"E-01 without A and D", &no_ad, 0, 0x0000000123456037, LEAF, 0x123456000, ALL, 0, 0, 12, 6},
    {"E-02", &ad, 0, 0x8000000123456337, LEAF, 0x123456000, ALL, A, D, 12, 6},
    {"E-03", &ad, 0, 0x00000000fee00043, LEAF, 0xfee00000, BOTH(R | W), A, D, 12, 8},
    {"E-04", &ad, 1, 0x00000000400000b7, LEAF, 0x40000000, ALL, A, D, 21, 6},
    {"E-05", &ad, 2, 0x00000080000000f5, LEAF, 0x8000000000, BOTH(R | X), A, D, 30, 14},
    {"E-06", &ad, 3, 0x0000000000102007, TABLE, 0x102000, 0, A, 0, 0, 0},
    {"E-06 at L5", &ad, 4, 0x0000000000102007, TABLE, 0x102000, 0, A, 0, 0, 0},
    {"E-06 without A and D", &no_ad, 3, 0x0000000000102007, TABLE, 0x102000, 0, 0, 0, 0, 0},
    {"E-07", &mbec, 3, 0x0000000000102507, TABLE, 0x102000, 0, A, 0, 0, 0},
    {"E-08", &mbec, 0, 0x0000000000005431, LEAF, 0x5000, BOTH(R) | UX, A, D, 12, 6},
    {"MBEC, supervisor only", &mbec, 0, 0x0000000000005035, LEAF, 0x5000, BOTH(R) | X, A, D, 12, 6},
    {"E-09", &exec_only, 0, 0x0000000000006034, LEAF, 0x6000, BOTH(X), A, D, 12, 6},
    {"E-10", &ad, 0, 0x1000000000007031, LEAF, 0x7000, BOTH(R), A, D, 12, 6},
    {"E-11", &ad, 0, 0x00000000d000000b, LEAF, 0xd0000000, BOTH(R | W), A, D, 12, 1},
    {"E-14", &pw, 0, 0x0400000000008031, LEAF, 0x8000, BOTH(R), A, D, 12, 6},
    {"ignored in a leaf", &ad, 0, 0xfff0000000005cb7, LEAF, 0x5000, ALL, A, D, 12, 6},
    {"ignored in a table entry", &ad, 2, 0xfff0000000102f07, TABLE, 0x102000, 0, A, 0, 0, 0},

    {"E-R1", &ad, 0, 0x0000000123456032, RESERVED, 0, 0, 0, 0, 0, 0},
    {"E-R1 in a table entry", &ad, 2, 0x0000000000102002, RESERVED, 0, 0, 0, 0, 0, 0},
    {"E-R2", &exec_only, 0, 0x0000000123456036, RESERVED, 0, 0, 0, 0, 0, 0},
    {"E-R3", &ad, 0, 0x0000000123456017, RESERVED, 0, 0, 0, 0, 0, 0},
    {"memory type 3", &ad, 1, 0x000000004000009f, RESERVED, 0, 0, 0, 0, 0, 0},
    {"memory type 7", &ad, 2, 0x00000080000000bf, RESERVED, 0, 0, 0, 0, 0, 0},
    {"E-R4", &ad, 1, 0x00000000400010b7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"1 GiB, bit 29", &ad, 2, 0x00000000200000b7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"E-R5", &ad, 3, 0x0000000000102087, RESERVED, 0, 0, 0, 0, 0, 0},
    {"E-R5 at L5", &ad, 4, 0x0000000000102087, RESERVED, 0, 0, 0, 0, 0, 0},
    {"E-R6", &ad, 1, 0x0000000000102037, RESERVED, 0, 0, 0, 0, 0, 0},
    {"IPAT in a table entry", &ad, 3, 0x0000000000102047, RESERVED, 0, 0, 0, 0, 0, 0},
    {"E-R7", &ad, 0, 0x0000000000006034, RESERVED, 0, 0, 0, 0, 0, 0},
    {"execute-only table entry", &ad, 1, 0x0000000000102004, RESERVED, 0, 0, 0, 0, 0, 0},
    {"E-R8", &ad, 0, 0x8000000000000000, ABSENT, 0, 0, 0, 0, 0, 0},
    {"E-R8 at L5", &mbec, 4, 0x8000000000000000, ABSENT, 0, 0, 0, 0, 0, 0},
    {"E-R9 without MBEC", &exec_only, 0, 0x0000000000005430, ABSENT, 0, 0, 0, 0, 0, 0},
    {"E-R9", &mbec_exec_only, 0, 0x0000000000005430, LEAF, 0x5000, UX, A, D, 12, 6},
    {"E-R9 without execute-only", &mbec, 0, 0x0000000000005430, RESERVED, 0, 0, 0, 0, 0, 0},
    {"bit 46", &ad, 0, 0x0000400000005037, RESERVED, 0, 0, 0, 0, 0, 0},
    {"bit 51 of a table entry", &ad, 2, 0x0008000000102007, RESERVED, 0, 0, 0, 0, 0, 0},
    {"no 2 MiB", &small, 1, 0x00000000400000b7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"no 1 GiB", &small, 2, 0x00000080000000f7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"PW without R", &pw, 0, 0x0400000000006034, RESERVED, 0, 0, 0, 0, 0, 0},
    {"PW without R, not on", &exec_only, 0, 0x0400000000006034, LEAF, 0x6000, BOTH(X), A, D, 12, 6},
};

static void each_word_does_what_the_manual_says(void **state)
{
    (void)state;
    check_words(words, COUNT(words));
}

static void tables_above_take_rights_away(void **state)
{
    (void)state;
    for (unsigned level = 0; level <= 2; level++) {
        const uint64_t leaf = level == 0 ? 0x437 : 0x4b7;

        equal("R", "rights", rights_below("R", &exec_only, level, leaf, 0x102001), BOTH(R));
        equal("RX", "rights", rights_below("RX", &ad, level, leaf, 0x102005), BOTH(R | X));
        equal("X", "rights", rights_below("X", &exec_only, level, leaf, 0x102004), BOTH(X));
        equal("XU", "rights", rights_below("XU", &mbec, level, leaf, 0x102403), BOTH(R | W) | UX);
        equal("XS", "rights", rights_below("XS", &mbec, level, leaf, 0x102007), BOTH(R | W) | X);
    }
}

static void eptp_and_addresses(void **state)
{
    struct setup s;

    (void)state;
    starts("E-12", (s = with(&ad, 0, 0x10205e), &s), 0xffffffffffff, 0x102ff8, 3);
    starts("E-13", (s = with(&ad, 0, 0x102066), &s), 0x1ffffffffffffff, 0x102ff8, 4);
    starts("UC", (s = with(&ad, 0, 0x102018), &s), 0, 0x102000, 3);
    refuses("49 bits", &s, 0x1000000000000, PTW_SIM_BEYOND);
    refuses("58 bits", &ad, 0x200000000000000, PTW_SIM_BEYOND);
    refuses("type 1", (s = with(&ad, 0, 0x102019), &s), 0, RESERVED);
    refuses("3 levels", (s = with(&ad, 0, 0x102016), &s), 0, RESERVED);
    refuses("6 levels", (s = with(&ad, 0, 0x10202e), &s), 0, RESERVED);
    refuses("bit 8", (s = with(&ad, 0, 0x10211e), &s), 0, RESERVED);
    refuses("bit 46", (s = with(&ad, 0, 0x40000010201e), &s), 0, RESERVED);
    refuses("bit 63", (s = with(&ad, 0, 0x800000000010201e), &s), 0, RESERVED);
    starts("shadow stacks", (s = with(&ad, 0, 0x10209e), &s), 0, 0x102000, 3);
    s.mmu.reg[PTW_SIM_EPT_CAP] = CAP & ~PTW_BIT(23);
    refuses("no shadow stacks", &s, 0, RESERVED);
    refuses("no A and D", (s = with(&ad, PTW_SIM_EPT_CAP, CAP & ~PTW_BIT(21)), &s), 0, RESERVED);
    refuses("no 5 levels", (s = with(&ad, PTW_SIM_EPT_CAP, CAP & ~PTW_BIT(7)), &s), 0, RESERVED);
    refuses("no WB", (s = with(&ad, PTW_SIM_EPT_CAP, CAP & ~PTW_BIT(14)), &s), 0, RESERVED);
}

/* ------------------------------------------------------------------------------------------- agreement ------ */

static void registers(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    struct ptw_ept_registers regs = {0};

    assert_int_equal(ptw_ept_eptp(&f->t, PTW_MT_WB, &regs), PTW_OK);
    mmu->walker = &ptw_sim_ept;
    mmu->reg[PTW_SIM_EPT_EPTP] = regs.eptp;
    mmu->reg[PTW_SIM_EPT_CAP] = regs.cap;
    mmu->reg[PTW_SIM_EPT_SECONDARY] = regs.secondary;
    mmu->reg[PTW_SIM_EPT_TERTIARY] = regs.tertiary;
    mmu->reg[PTW_SIM_EPT_MAXPHYADDR] = f->t.geo.oa_bits;
}

static unsigned rights(const struct fixture *f, ptw_attr attr)
{
    const ptw_attr ux = (f->t.geo.options & PTW_OPT_EPT_MBEC) != 0 ? PTW_UX : PTW_X;

    return BOTH(((attr & PTW_R) != 0 ? R : 0) | ((attr & PTW_W) != 0 ? W : 0)) | ((attr & PTW_X) != 0 ? X : 0) |
           ((attr & ux) != 0 ? UX : 0);
}

static uint64_t type(ptw_attr attr)
{
    const ptw_attr mt = attr & PTW_MT_MASK;
    const uint64_t ipat = (attr & PTW_EPT_IPAT) != 0 ? 8 : 0;

    return ipat + (mt == PTW_MT_WB ? 6 : mt == PTW_MT_WP ? 5 : mt == PTW_MT_WT ? 4 : mt == PTW_MT_NC ? 1 : 0);
}

static const struct reading readings[] = {{&ptw_ept, registers, rights, type, false, false, NULL, 0}};

static const struct format_case more_cases[] = {
    {"ept-all", &ptw_ept, "ad=1,levels=5,oa=46,sss=1,mbec=1,pw=1,vgp=1,spp=1", false, false, 0},
    {"ept-4k", &ptw_ept, "leaf=0x1000,exec-only=1,pw=1", false, false, 0},
};

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_does_what_the_manual_says),
        cmocka_unit_test(tables_above_take_rights_away),
        cmocka_unit_test(eptp_and_addresses),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    failed += agreement_run("sim-ept", readings, COUNT(readings), more_cases, COUNT(more_cases));
    return failed != 0;
}
