/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The simulated walks of VMSAv8-64: where each entry is read, what of the input it decides about, and registers that
 * are refused. Both stages; words by hand from the manual.
 */
#include "sim_arm64.h"

EL1(hard, [PTW_SIM_ARM64_TCR] = TCR_4K);
EL1(secure, [PTW_SIM_ARM64_TCR] = TCR_4K, [PTW_SIM_ARM64_CPU] = PTW_SIM_ARM64_SECURE);
EL1(k16, [PTW_SIM_ARM64_TCR] = TCR_16K);
EL1(k16_lpa2, [PTW_SIM_ARM64_TCR] = TCR_16K_LPA2);
EL1(k64, [PTW_SIM_ARM64_TCR] = TCR_64K_LPA);
EL1(lpa2, [PTW_SIM_ARM64_TCR] = TCR_LPA2);
EL1(both, [PTW_SIM_ARM64_TCR] = TCR_BOTH);
EL1(tagged, [PTW_SIM_ARM64_TCR] = TCR_BOTH | PTW_BIT(37) | PTW_BIT(38));
EL1(small, [PTW_SIM_ARM64_TCR] = 0x1500803522); /* T0SZ 34: 30 bits, a root of 512 entries at level 2 */

#define S2(name, ...) static const struct ptw_sim_mmu name = {.walker = &ptw_sim_arm64_s2, .reg = {__VA_ARGS__}}

S2(s2_40, 0, 0x0005000880004000, 0x802a3558);  /* 2.9/11, 2.9/13: two tables at level 1 */
S2(s2_52, 0, 0x0005000880004000, 0x3800e350c); /* 2.9/12: level -1 */
S2(s2_ttst, 0, 0x80000000, 0x800435e8);        /* T0SZ 40, SL0 3: 24 bits at level 3, eight tables */
S2(s2_no_ttst, PTW_SIM_ARM64_NO_TTST, 0x80000000, 0x800435e8);
S2(s2_16k_0, 0, 0x80000000, 0x18006b5cc);      /* T0SZ 12, SL0 3, DS: level 0 */
S2(s2_64k_3, 0, 0x80000000, 0x800275df);       /* T0SZ 31, SL0 3 */
S2(s2_misfit, 0, 0x80000000, 0x802a3518);      /* T0SZ 24, SL0 0: 40 bits at level 2 */
S2(s2_misaligned, 0, 0x880005000, 0x802a3558); /* for one table, not for two */
S2(s2_pa36, 36, 0x80000000, 0x802a3558);       /* 40 bits in, 36 implemented */
S2(s2_pa42_l0, 42, 0x80000000, 0x802a3596);    /* T0SZ 22, SL0 2: 42 bits at level 0 */
S2(s2_pa40_16k, 40, 0x80000000, 0x8002b598);   /* T0SZ 24, SL0 2: 40 bits of 16K at level 1 */
S2(s2_pa42_16k, 42, 0x80000000, 0x8002b598);
S2(s2_pa43_64k, 43, 0x80000000, 0x80027595); /* T0SZ 21, SL0 2: 43 bits of 64K at level 1 */
S2(s2_pa44_64k, 44, 0x80000000, 0x80027595);
S2(s2_pie, 0, 0x80000000, 0x10802a3558);
S2(s2_tg, 0, 0x80000000, 0x802af558);
S2(s2_wide, 0, 0x10000004000, 0x80293558); /* PS 36 */

EL1(no_tg, [PTW_SIM_ARM64_TCR] = TCR_4K | 3 << 14);
EL1(no_ips, [PTW_SIM_ARM64_TCR] = TCR_4K | PTW_BITS(34, 32));
EL1(txsz_15, [PTW_SIM_ARM64_TCR] = TCR_4K - 1);
EL1(txsz_48, [PTW_SIM_ARM64_TCR] = TCR_4K + 32);
EL1(txsz_49, [PTW_SIM_ARM64_TCR] = TCR_4K + 33);
EL1(txsz_48_64k, [PTW_SIM_ARM64_TCR] = TCR_64K_LPA + 32);
EL1(txsz_40, [PTW_SIM_ARM64_TCR] = TCR_4K + 24, [PTW_SIM_ARM64_CPU] = PTW_SIM_ARM64_NO_TTST);
EL1(lpa2_txsz_11, [PTW_SIM_ARM64_TCR] = TCR_LPA2 - 1);
EL1_AT(misaligned, 0x80000800, [PTW_SIM_ARM64_TCR] = TCR_4K);
EL1_AT(asid_cnp, 0xffff000080000001, [PTW_SIM_ARM64_TCR] = TCR_4K);
EL1_AT(ttbr_bit_2, 0x80000004, [PTW_SIM_ARM64_TCR] = TCR_4K);
EL1_AT(ttbr_52, 0x002a000081230014, [PTW_SIM_ARM64_TCR] = TCR_LPA2); /* 1.12/14 */
EL1_AT(ttbr_52_bit_1, 0x81230002, [PTW_SIM_ARM64_TCR] = TCR_LPA2);
EL1_AT(ttbr_above, 0x180000000, [PTW_SIM_ARM64_TCR] = TCR_4K & ~PTW_BITS(34, 32));

static const struct {
    struct hand h;
    uint64_t first, last, type;
} spans[] = {
    {{"4K L3", &hard, 0x7654321, READ, 4, {T, T, T, P}, .outcome = PTW_SIM_LEAF}, 0x7654000, 0x7654fff, 0x3ff},
    {{"4K L3 group", &hard, 0x7651321, READ, 4, {T, T, T, P | PTW_BIT(52)}, .outcome = PTW_SIM_LEAF},
     0x7650000,
     0x765ffff,
     0x3ff},
    {{"4K L2", &hard, 0x7654321, READ, 3, {T, T, 0x0060000040000605}, .outcome = PTW_SIM_LEAF},
     0x7600000,
     0x77fffff,
     0x204},
    {{"4K L1 group", &hard, 0x400012345, READ, 2, {T, 0x0050004000000701}, .outcome = PTW_SIM_LEAF},
     0x400000000,
     0x7ffffffff,
     0x3ff},
    {{"4K L0, of SH0", &lpa2, 5, READ, 2, {T, 0x0040008000000501}, .outcome = PTW_SIM_LEAF}, 0, 0x7fffffffff, 0x3ff},
    {{"16K L3", &k16, 0x7654321, READ, 4, {T16, T16, T16, 0x80000703}, .outcome = PTW_SIM_LEAF},
     0x7654000,
     0x7657fff,
     0x3ff},
    {{"16K L3 group", &k16, 0x7600321, READ, 4, {T16, T16, T16, 0x0010000080000703}, .outcome = PTW_SIM_LEAF},
     0x7600000,
     0x77fffff,
     0x3ff},
    {{"16K L2", &k16, 0x7654321, READ, 3, {T16, T16, 0x80000701}, .outcome = PTW_SIM_LEAF},
     0x6000000,
     0x7ffffff,
     0x3ff},
    {{"16K L2 group", &k16, 0x41654321, READ, 3, {T16, T16, 0x0010000080000701}, .outcome = PTW_SIM_LEAF},
     0x40000000,
     0x7fffffff,
     0x3ff},
    {{"16K L1", &k16_lpa2, 1, READ, 2, {T16, 0x1000000501}, .outcome = PTW_SIM_LEAF}, 0, 0xfffffffff, 0x3ff},
    {{"64K L3 group", &k64, 0x7600321, READ, 3, {T64, T64, 0x0010000080000703}, .outcome = PTW_SIM_LEAF},
     0x7600000,
     0x77fffff,
     0x3ff},
    {{"64K L2", &k64, 0x27654321, READ, 2, {T64, 0x80000701}, .outcome = PTW_SIM_LEAF}, 0x20000000, 0x3fffffff, 0x3ff},
    {{"64K L2 group", &k64, 0x27654321, READ, 2, {T64, 0x0010000420000701}, .outcome = PTW_SIM_LEAF},
     0,
     0x3ffffffff,
     0x3ff},
    {{"64K L1", &k64, 1, READ, 1, {0x8701}, .outcome = PTW_SIM_LEAF}, 0, 0x3ffffffffff, 0x3ff},
    {{"a hole at 4K L1", &hard, 0x7654321, READ, 2, {T, 2}, .outcome = PTW_SIM_ABSENT}, 0, 0x3fffffff, 0},
    {{"TTBR1", &both, 0xfffffffffffff123, READ, 4, {T, T, T, P}, .outcome = PTW_SIM_LEAF},
     0xfffffffffffff000,
     ~UINT64_C(0),
     0x3ff},
    {{"without its tag", &tagged, 0x12ffffffffffffff, READ, 4, {T, T, T, P}, .outcome = PTW_SIM_LEAF},
     0xfffffffffffff000,
     ~UINT64_C(0),
     0x3ff},
    {{"Normal-NC", &hard, 0, READ, 4, {T, T, T, P | 4 << 2}, .outcome = PTW_SIM_LEAF}, 0, 0xfff, 0x244},
    {{"NS", &secure, 0, READ, 4, {T, T, T, P | PTW_BIT(5)}, .outcome = PTW_SIM_LEAF}, 0, 0xfff, 0x7ff},
    {{"NSTable", &secure, 0, READ, 4, {T, T | PTW_BIT(63), T, P}, .outcome = PTW_SIM_LEAF}, 0, 0xfff, 0x7ff},
    {{"GP", &hard, 0, READ, 4, {T, T, T, P | PTW_BIT(50)}, .outcome = PTW_SIM_LEAF}, 0, 0xfff, 0xbff},
};

static void an_entry_decides_about_its_span(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(spans); i++) {
        struct ptw_sim_walk w;

        assert_int_equal(feed(&w, &spans[i].h), spans[i].h.outcome);
        expect_number(spans[i].h.id, "first", w.first, spans[i].first);
        expect_number(spans[i].h.id, "last", w.last, spans[i].last);
        expect_number(spans[i].h.id, "type", w.type, spans[i].type);
    }
}

/* Where the entries of a walk are. */
static const struct {
    const char *id;
    const struct ptw_sim_mmu *mmu;
    uint64_t addr;
    uint64_t word[5], entry[5]; /* to the first entry that is 0 */
} entries_read[] = {
    {"4K", &hard, 0x123456789abc, {T, T, T, P}, {0x80000120, 0x812345688, 0x812345598, 0x812345c48}},
    {"4K, L-1",
     &lpa2,
     0x9123456789abc,
     {T, T, T, T, 2},
     {0x80000048, 0x812345120, 0x812345688, 0x812345598, 0x812345c48}},
    {"16K", &k16, 0xf23456789abc, {T16, T16, T16, 2}, {0x80000008, 0x812347918, 0x812345158, 0x812344f10}},
    {"64K", &k64, 0xf23456789abc, {T64, T64, 2}, {0x800001e0, 0x812348d10, 0x81234b3c0}},
    {"TTBR1", &both, 0xffff800000000000, {2}, {0x90000800}},
    {"30 bits", &small, 0x3fe00000, {2}, {0x80000ff8}},
    {"52-bit TTBR", &ttbr_52, 0, {2}, {0x5000081230000}},
    {"ASID and CnP", &asid_cnp, 0, {2}, {0x80000000}},
    {"two tables", &s2_40, 0xffc0000000, {2}, {0x880005ff8}},
    {"stage 2, L-1", &s2_52, 0xf000000000000, {T, 2}, {0x880004078, 0x812345000}},
    {"eight tables at L3", &s2_ttst, 0xfff000, {2}, {0x80007ff8}},
    {"16K, stage 2, L0", &s2_16k_0, 0xf800000000000, {2}, {0x800000f8}},
};

static void entries_are_read_where_they_are(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(entries_read); i++) {
        const char *id = entries_read[i].id;
        struct ptw_sim_walk w;

        assert_int_equal(ptw_sim_walk_start(&w, entries_read[i].mmu, entries_read[i].addr, READ), PTW_SIM_ENTRY);
        for (unsigned step = 0; step < 5 && entries_read[i].entry[step] != 0; step++) {
            expect_number(id, "entry", w.entry, entries_read[i].entry[step]);
            assert_int_equal(w.entry_bytes, 8);
            assert_true(!w.big_endian);
            (void)ptw_sim_walk_step(&w, entries_read[i].word[step]);
            expect_number(id, "at", w.at, entries_read[i].entry[step]);
        }
    }
}

/* A copy of `mmu` with these bits set in one of its registers reads its entries in the other byte order. */
static void expect_big_endian(const struct ptw_sim_mmu *mmu, unsigned reg, uint64_t bits)
{
    struct ptw_sim_mmu big = *mmu;
    struct ptw_sim_walk w;

    assert_int_equal(ptw_sim_walk_start(&w, mmu, 0, READ), PTW_SIM_ENTRY);
    assert_false(w.big_endian);
    big.reg[reg] |= bits;
    assert_int_equal(ptw_sim_walk_start(&w, &big, 0, READ), PTW_SIM_ENTRY);
    assert_true(w.big_endian);
}

static void tables_can_be_big_endian(void **state)
{
    const struct ptw_sim_mmu arm_short = {.walker = &ptw_sim_arm_short, .reg = {0x80004000}};
    const struct ptw_sim_mmu cd = {.walker = &ptw_sim_smmuv3_s1, .reg = {0, 0xb, 0, 0x7e205c0003510, 0x880000000}};
    const struct ptw_sim_mmu ste = {.walker = &ptw_sim_smmuv3_s2, .reg = {0, 0xd, 0, 0x44a355800000003, 0x880004000}};

    (void)state;
    expect_big_endian(&hard, PTW_SIM_ARM64_SCTLR, PTW_SIM_ARM64_SCTLR_EE);
    expect_big_endian(&s2_40, PTW_SIM_ARM64_S2_SCTLR, PTW_SIM_ARM64_SCTLR_EE);
    expect_big_endian(&arm_short, PTW_SIM_ARM_SHORT_SCTLR, PTW_SIM_ARM64_SCTLR_EE);
    expect_big_endian(&cd, PTW_SIM_SMMUV3_CD, PTW_BIT(15));
    expect_big_endian(&ste, PTW_SIM_SMMUV3_STE + 2, PTW_BIT(52));
}

static const struct hand refused[] = {
    {"TG0 3", &no_tg, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"IPS 7", &no_ips, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"T0SZ 15", &txsz_15, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"T0SZ 48", &txsz_48, 0, READ, 1, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"T0SZ 49", &txsz_49, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"T0SZ 48, 64K", &txsz_48_64k, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"T0SZ 40 without TTST", &txsz_40, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"T0SZ 11 with DS", &lpa2_txsz_11, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"a misaligned base", &misaligned, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"bit 2 without 52 bits", &ttbr_bit_2, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"bit 1 with 52 bits", &ttbr_52_bit_1, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"a base beyond IPS", &ttbr_above, 0, READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"T0SZ 24, SL0 0", &s2_misfit, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"SL0 3 without TTST", &s2_no_ttst, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"SL0 3, 64K", &s2_64k_3, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"a misaligned pair", &s2_misaligned, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"wider than implemented", &s2_pa36, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"level 0 with 42 bits", &s2_pa42_l0, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"16K, level 1 with 40 bits", &s2_pa40_16k, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"16K, level 1 with 42 bits", &s2_pa42_16k, 0, READ, 1, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"64K, level 1 with 43 bits", &s2_pa43_64k, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"64K, level 1 with 44 bits", &s2_pa44_64k, 0, READ, 1, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"S2PIE", &s2_pie, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"TG0 3, stage 2", &s2_tg, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"VTTBR beyond PS", &s2_wide, 0, READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"40 bits in", &s2_40, PTW_BIT(40), READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
};

static void illegal_registers_are_refused(void **state)
{
    (void)state;
    check_hands(refused, COUNT(refused));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_decides_about_its_span),
        cmocka_unit_test(entries_are_read_where_they_are),
        cmocka_unit_test(tables_can_be_big_endian),
        cmocka_unit_test(illegal_registers_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
