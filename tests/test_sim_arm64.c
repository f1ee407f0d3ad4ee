/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The simulated walks of VMSAv8-64 stage 1, entry by entry: words written out by hand from the manual, ids as in
 * test_golden_arm64.c. Geometry and registers: test_sim_arm64_shape.c. Stage 2 and SMMUv3: test_sim_arm64_s2.c.
 * Agreement with the library: test_sim_arm_agreement.c.
 */
#include "sim_arm64.h"

EL1(hard, [PTW_SIM_ARM64_TCR] = TCR_4K);
EL1(soft, [PTW_SIM_ARM64_TCR] = TCR_4K_SOFT);
EL1(af_only, [PTW_SIM_ARM64_TCR] = TCR_4K_HA);
EL1(wxn, [PTW_SIM_ARM64_TCR] = TCR_4K, [PTW_SIM_ARM64_SCTLR] = PTW_SIM_ARM64_SCTLR_WXN);
EL1(hpd, [PTW_SIM_ARM64_TCR] = TCR_4K | PTW_BIT(41));
EL1(no_bti, [PTW_SIM_ARM64_TCR] = TCR_4K, [PTW_SIM_ARM64_CPU] = PTW_SIM_ARM64_NO_BTI);
EL1(nt, [PTW_SIM_ARM64_TCR] = TCR_4K, [PTW_SIM_ARM64_CPU] = PTW_SIM_ARM64_BLOCK_NT);
EL1(ips32, [PTW_SIM_ARM64_TCR] = TCR_4K & ~PTW_BITS(34, 32));
EL1(pa40, [PTW_SIM_ARM64_TCR] = TCR_4K, [PTW_SIM_ARM64_CPU] = 40);
EL1(k16, [PTW_SIM_ARM64_TCR] = TCR_16K);
EL1(k16_lpa2, [PTW_SIM_ARM64_TCR] = TCR_16K_LPA2);
EL1(k64, [PTW_SIM_ARM64_TCR] = TCR_64K_LPA);
EL1(k64_48, [PTW_SIM_ARM64_TCR] = TCR_64K_LPA, [PTW_SIM_ARM64_CPU] = 48);
EL1(lpa2, [PTW_SIM_ARM64_TCR] = TCR_LPA2);
EL1(both, [PTW_SIM_ARM64_TCR] = TCR_BOTH);
EL1(tagged, [PTW_SIM_ARM64_TCR] = TCR_BOTH | PTW_BIT(37) | PTW_BIT(38));
EL1(tagged_data, [PTW_SIM_ARM64_TCR] = TCR_BOTH | PTW_BIT(37) | PTW_BIT(51));
EL1(e0pd, [PTW_SIM_ARM64_TCR] = TCR_BOTH | PTW_BIT(56));

static const struct ptw_sim_mmu el2 = {
    .walker = &ptw_sim_arm64_el2,
    .reg = {[PTW_SIM_ARM64_TTBR0] = 0x80000000, [PTW_SIM_ARM64_TCR] = 0x80e53510, [PTW_SIM_ARM64_MAIR] = 0xff},
};

static const struct ptw_sim_mmu el2_tagged = {
    .walker = &ptw_sim_arm64_el2,
    .reg = {[PTW_SIM_ARM64_TTBR0] = 0x80000000, [PTW_SIM_ARM64_TCR] = 0x80e53510 | PTW_BIT(20) | PTW_BIT(24)},
};

static const struct hand golden[] = {
    {"1.12/1", &hard, 0x1234, READ, 4, {T, T, T, P}, PTW_SIM_LEAF, 0x80001234, S_RW | S_X, 0, 0},
    {"1.12/2",
     &hard,
     0,
     FETCH | USER,
     4,
     {T, T, T, 0x0020000123456fc3},
     PTW_SIM_LEAF,
     0x123456000,
     S_R | U_R | U_X,
     0,
     0},
    {"1.12/3", &hard, 0x123456, WRITE, 3, {T, T, 0x0060000040000605}, PTW_SIM_LEAF, 0x40123456, S_RW, 0, 0},
    {"1.12/4", &hard, 0x400012345, READ, 2, {T, 0x0050004000000701}, PTW_SIM_LEAF, 0x4000012345, S_RW | S_X, 0, 0},
    {"1.12/6", &hard, 0, READ, 4, {0x4800000812345003, T, T, P}, PTW_SIM_LEAF, 0x80001000, S_R, 0, 0},
    {"1.12/6", &hard, 0, WRITE, 4, {T, 0x4800000812345003, T, P}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"1.12/7", &k64, 0xffff, READ, 3, {T64, T64, 0x004000001234f703}, PTW_SIM_LEAF, 0xf00001234ffff, S_RW | S_X, 0, 0},
    {"1.12/8", &k64, 0x3ffffffffff, READ, 1, {0x0040040000008701}, PTW_SIM_LEAF, 0x807ffffffffff, S_RW | S_X, 0, 0},
    {"1.12/9", &lpa2, 0, READ, 5, {T, T, T, T, 0x0042abcdef012703}, PTW_SIM_LEAF, 0xeabcdef012000, S_RW | S_X, 0, 0},
    {"1.12/10", &lpa2, 9, READ, 2, {T, 0x0040008000000501}, PTW_SIM_LEAF, 0x4008000000009, S_RW | S_X, 0, 0},
    {"1.12/11", &k16, 1, READ, 3, {T16, T16, 0x0068000102000781}, PTW_SIM_LEAF, 0x102000001, S_RW, 0, 0},
    {"1.12/11", &k16, 1, WRITE, 3, {T16, T16, 0x0068000102000781}, PTW_SIM_LEAF, 0x102000001, S_RW, 0, AP2},
    {"1.12/12", &k16, 1, WRITE, 3, {T16, T16, 0x0068000102000701}, PTW_SIM_LEAF, 0x102000001, S_RW, 0, AP2},
    {"PA 51:48 in TTBR", &k64, 0, READ, 1, {0x0040000000000701}, PTW_SIM_LEAF, 0, S_RW | S_X, 0, 0},
    {"EL2", &el2, 0x10, READ, 4, {T, T, T, 0x00000000800017c3}, PTW_SIM_LEAF, 0x80001010, S_R | S_X, 0, 0},
    {"EL2: XN", &el2, 0, WRITE | USER, 4, {T, T, T, 0x0040000080001743}, PTW_SIM_LEAF, 0x80001000, S_RW, 0, 0},
};

static void golden_words_translate(void **state)
{
    (void)state;
    check_hands(golden, COUNT(golden));
}

static const struct hand faults[] = {
    /* Nothing is mapped. */
    {"bit 0 clear, L0", &hard, 0, READ, 1, {0x0040000080001702}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"bit 0 clear, L1", &hard, 0, READ, 2, {T, 0x0040000080001702}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"bit 0 clear, L2", &hard, 0, READ, 3, {T, T, 0x0040000080001702}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"bit 0 clear, L3", &hard, 0, READ, 4, {T, T, T, 0x0040000080001702}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"all but bit 0", &hard, 0, READ, 1, {~UINT64_C(1)}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"zero", &hard, 0, READ, 1, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"nT", &hard, 0, READ, 3, {T, T, 0x0040000040010701}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"nT where it translates", &nt, 0, READ, 3, {T, T, 0x0040000040010701}, PTW_SIM_LEAF, 0x40000000, S_RW | S_X, 0, 0},

    /* What the manual makes a translation fault. */
    {"01 at L3", &hard, 0, READ, 4, {T, T, T, 0x0040000080001701}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"4K, block at L0", &hard, 0, READ, 1, {0x0040008000000701}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"4K, block at L-1", &lpa2, 0, READ, 1, {0x0040000000000501}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"16K, block at L1", &k16, 0, READ, 2, {T16, 0x0040001000000701}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"16K, block at L0", &k16_lpa2, 0, READ, 1, {0x0040000000000501}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"64K, block at L1 of 48 bits", &k64_48, 0, READ, 1, {0x0040040000000701}, PTW_SIM_RESERVED, 0, 0, 0, 0},

    /* Reserved bits and values. */
    {"misaligned", &hard, 0, READ, 3, {T, T, 0x0040000040100701}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"output bit 48", &hard, 0, READ, 4, {T, T, T, 0x0041000000000703}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"output bit 48 of a table", &hard, 0, READ, 1, {T | PTW_BIT(48)}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"wide in a narrow leaf", &k64_48, 0, READ, 3, {T64, T64, 0x004000001234f703}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"wide in a narrow table", &k64_48, 0, READ, 1, {0x000000001234f003}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"below the granule", &k16, 0, READ, 4, {T16, T16, T16, P}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"below the granule", &k16, 0, READ, 1, {T}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"SH 01", &hard, 0, READ, 4, {T, T, T, 0x0040000080001503}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"SH 01, wide", &k64, 0, READ, 3, {T64, T64, 0x0040000080000503}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"GP without BTI", &no_bti, 0, READ, 4, {T, T, T, 0x0044000080001703}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"NS, Non-secure", &hard, 0, READ, 4, {T, T, T, P | PTW_BIT(5)}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"Contiguous, 4K L0", &lpa2, 0, READ, 2, {T, 0x0050008000000501}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"Contiguous, 16K L1", &k16_lpa2, 0, READ, 2, {T16, 0x0050001000000501}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"Contiguous, 64K L1", &k64, 0, READ, 1, {0x0050040000000701}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"another slot's", &hard, 0x2000, READ, 4, {T, T, T, P | PTW_BIT(52)}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"EL2: AP[1] clear", &el2, 0, READ, 4, {T, T, T, 0x0000000080001703}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"EL2: PXN", &el2, 0, READ, 4, {T, T, T, 0x0020000080001743}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"EL2: nG", &el2, 0, READ, 4, {T, T, T, 0x0000000080001f43}, PTW_SIM_RESERVED, 0, 0, 0, 0},

    /* Addresses. */
    {"above IPS", &ips32, 0, READ, 3, {0x80000003, 0x80000003, 0x0060000140000605}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"a table above IPS", &ips32, 0, READ, 1, {T}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"above what is implemented", &pa40, 0, READ, 2, {T, 0x0040010000000701}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"bit 48", &hard, PTW_BIT(48), READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"EPD1", &hard, ~UINT64_C(0), READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"below TTBR1's", &both, 0xfffeffffffffffff, READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"a tag without TBI", &both, 0xff00000000001000, READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"a tag", &tagged, 0xff00000000001000, READ, 4, {T, T, T, P}, PTW_SIM_LEAF, 0x80001000, S_RW | S_X, 0, 0},
    {"a tag above", &tagged, 0x00fffffffffff123, READ, 4, {T, T, T, P}, PTW_SIM_LEAF, 0x80001123, S_RW | S_X, 0, 0},
    {"TBID: a tag of data", &tagged_data, 0x0100000000000000, READ, 1, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"TBID: none of code", &tagged_data, 0x0100000000000000, FETCH, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"E0PD1", &e0pd, ~UINT64_C(0), READ | USER, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"E0PD1, EL1", &e0pd, ~UINT64_C(0), READ, 1, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},

    {"EL2: limits",
     &el2,
     0,
     READ,
     4,
     {T | PTW_BITS(62, 59), T, T, 0x0000000080001743},
     PTW_SIM_LEAF,
     0x80001000,
     S_R,
     0,
     0},
    {"EL2: a tag", &el2, PTW_BIT(63), READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"EL2: TBI, HPD",
     &el2_tagged,
     PTW_BIT(63),
     READ,
     4,
     {T | PTW_BITS(62, 59), T, T, 0x0000000080001743},
     PTW_SIM_LEAF,
     0x80001000,
     S_RW | S_X,
     0,
     0},

    /* Ignored bits. */
    {"IGN of a leaf", &hard, 0, READ, 4, {T, T, T, P | PTW_BITS(63, 55)}, PTW_SIM_LEAF, 0x80001000, S_RW | S_X, 0, 0},
    {"IGN of a table",
     &hard,
     0,
     READ,
     4,
     {T | PTW_BITS(58, 51) | PTW_BITS(11, 2), T, T, P},
     PTW_SIM_LEAF,
     0x80001000,
     S_RW | S_X,
     0,
     0},
    {"NSTable, Non-secure", &hard, 0, READ, 4, {T | PTW_BIT(63), T, T, P}, PTW_SIM_LEAF, 0x80001000, S_RW | S_X, 0, 0},
};

static void each_fault_is_of_its_kind(void **state)
{
    (void)state;
    check_hands(faults, COUNT(faults));
}

static const struct hand updates[] = {
    {"HA", &af_only, 0, READ, 4, {T, T, T, P & ~AF}, PTW_SIM_LEAF, 0x80001000, S_RW | S_X, AF, 0},
    {"HA, denied", &af_only, 0, READ | USER, 4, {T, T, T, P & ~AF}, PTW_SIM_DENIED, 0, 0, AF, 0},
    {"no HA", &soft, 0, READ, 4, {T, T, T, P & ~AF}, PTW_SIM_UNSET, 0, 0, 0, 0},
    {"no HA: before the rights", &soft, 0, READ | USER, 4, {T, T, T, P & ~AF}, PTW_SIM_UNSET, 0, 0, 0, 0},
    {"HA without HD", &af_only, 0, WRITE, 4, {T, T, T, P | AP2 | DBM}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"HD", &hard, 0, WRITE, 4, {T, T, T, P | AP2 | DBM}, PTW_SIM_LEAF, 0x80001000, S_RW | S_X, 0, AP2},
    {"HD and HA", &hard, 0, WRITE, 4, {T, T, T, (P | AP2 | DBM) & ~AF}, PTW_SIM_LEAF, 0x80001000, S_RW | S_X, AF, AP2},
    {"HD: a read", &hard, 0, READ, 4, {T, T, T, P | AP2 | DBM}, PTW_SIM_LEAF, 0x80001000, S_RW | S_X, 0, 0},
    {"HD: no DBM", &hard, 0, WRITE, 4, {T, T, T, P | AP2}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"HD: not permitted to EL0", &hard, 0, WRITE | USER, 4, {T, T, T, P | AP2 | DBM}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"HD: the table forbids it",
     &hard,
     0,
     WRITE,
     4,
     {T, T | PTW_BIT(62), T, P | AP2 | DBM},
     PTW_SIM_DENIED,
     0,
     0,
     0,
     0},
};

static void hardware_sets_a_and_d(void **state)
{
    (void)state;
    check_hands(updates, COUNT(updates));
}

#define AP1 PTW_BIT(6)
#define PXN PTW_BIT(53)
#define UXN PTW_BIT(54)
#define LEAF_AT 0x80001000,               /* P's output */
#define OPEN UINT64_C(0x0000000080001703) /* P without UXN */

static const struct hand rights[] = {
    {"AP 00", &soft, 0, READ, 4, {T, T, T, OPEN}, PTW_SIM_LEAF, LEAF_AT S_RW | S_X | U_X, 0, 0},
    {"AP 01: EL1 fetches nothing",
     &soft,
     0,
     READ,
     4,
     {T, T, T, OPEN | AP1},
     PTW_SIM_LEAF,
     LEAF_AT S_RW | U_RW | U_X,
     0,
     0},
    {"AP 10", &soft, 0, READ, 4, {T, T, T, OPEN | AP2}, PTW_SIM_LEAF, LEAF_AT S_R | S_X | U_X, 0, 0},
    {"AP 11", &soft, 0, READ, 4, {T, T, T, OPEN | AP2 | AP1}, PTW_SIM_LEAF, LEAF_AT S_R | S_X | U_R | U_X, 0, 0},
    {"UXN", &soft, 0, READ, 4, {T, T, T, OPEN | AP2 | UXN}, PTW_SIM_LEAF, LEAF_AT S_R | S_X, 0, 0},
    {"PXN", &soft, 0, READ, 4, {T, T, T, OPEN | AP2 | PXN}, PTW_SIM_LEAF, LEAF_AT S_R | U_X, 0, 0},
    {"PXNTable", &soft, 0, READ, 4, {T | PTW_BIT(59), T, T, OPEN}, PTW_SIM_LEAF, LEAF_AT S_RW | U_X, 0, 0},
    {"UXNTable", &soft, 0, READ, 4, {T, T | PTW_BIT(60), T, OPEN}, PTW_SIM_LEAF, LEAF_AT S_RW | S_X, 0, 0},
    {"APTable 01",
     &soft,
     0,
     READ,
     4,
     {T, T, T | PTW_BIT(61), OPEN | AP1},
     PTW_SIM_LEAF,
     LEAF_AT S_RW | S_X | U_X,
     0,
     0},
    {"APTable 10", &soft, 0, READ, 4, {T, T, T | PTW_BIT(62), OPEN}, PTW_SIM_LEAF, LEAF_AT S_R | S_X | U_X, 0, 0},
    {"HPD", &hpd, 0, READ, 4, {T | PTW_BITS(62, 59), T, T, OPEN}, PTW_SIM_LEAF, LEAF_AT S_RW | S_X | U_X, 0, 0},
    {"WXN", &wxn, 0, READ, 4, {T, T, T, OPEN | AP1}, PTW_SIM_LEAF, LEAF_AT S_RW | U_RW, 0, 0},
    {"WXN: what EL0 can't write", &wxn, 0, READ, 4, {T, T, T, OPEN}, PTW_SIM_LEAF, LEAF_AT S_RW | U_X, 0, 0},
    {"WXN: read-only", &wxn, 0, READ, 4, {T, T, T, OPEN | AP2}, PTW_SIM_LEAF, LEAF_AT S_R | S_X | U_X, 0, 0},
};

/* Each right alone decides about its own kind of access. */
static void rights_decide(void **state)
{
    (void)state;
    check_hands(rights, COUNT(rights));
    for (size_t i = 0; i < COUNT(rights); i++)
        for (unsigned bit = 0; bit < 6; bit++) {
            struct hand h = rights[i];

            h.access = (1U << bit % 3) | (bit >= 3 ? USER : 0);
            h.outcome = (h.rights >> bit & 1U) != 0 ? PTW_SIM_LEAF : PTW_SIM_DENIED;
            check_hand(&h);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_words_translate),
        cmocka_unit_test(each_fault_is_of_its_kind),
        cmocka_unit_test(hardware_sets_a_and_d),
        cmocka_unit_test(rights_decide),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
