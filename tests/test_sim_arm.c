/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The simulated walks of 32-bit Arm and of DARTs, entry by entry: words written out by hand from the manuals, ids as in
 * test_golden_arm.c and test_golden_arm64.c. Agreement with the library: test_sim_arm_agreement.c.
 */
#include "sim_arm.h"

#define S_ALL (S_RW | S_X)
#define ALL (S_RW | S_X | U_RW | U_X)

/* ---------------------------------------------------------------------------------------- short descriptors --- */

#define CLIENT 0x55555555
#define AFE PTW_SIM_ARM_SCTLR_AFE

#define SHORT(name, ttbcr, sctlr, dacr, cpu)                                                                           \
    static const struct ptw_sim_mmu name = {.walker = &ptw_sim_arm_short,                                              \
                                            .reg = {0x8000404a, 0x8000804a, ttbcr, sctlr, dacr, cpu}}

SHORT(afe, 0, AFE, CLIENT, 0);
SHORT(ap, 0, 0, CLIENT, 0);
SHORT(no_pxn, 0, AFE, CLIENT, PTW_SIM_ARM_SHORT_NO_PXN);
SHORT(ha, 0, AFE | PTW_SIM_ARM_SCTLR_HA, CLIENT, 0);
SHORT(wxn32, 0, AFE | PTW_SIM_ARM64_SCTLR_WXN, CLIENT, 0);
SHORT(uwxn, 0, AFE | PTW_SIM_ARM_SCTLR_UWXN, CLIENT, 0);
SHORT(no_domains, 0, AFE, 0, 0);
SHORT(manager, 0, AFE, 3 << 2 * 5, 0);
SHORT(two_tables, 2, AFE, CLIENT, 0);
SHORT(pd0, 1 << 4, AFE, CLIENT, 0);
SHORT(pd1, 1 | 1 << 5, AFE, CLIENT, 0);
SHORT(eae, PTW_SIM_ARM_TTBCR_EAE, AFE, CLIENT, 0);
SHORT(mtk, 0, 0, 0, 32);
SHORT(mtk_34, 0, 0, 0, 34); /* the root is aligned to 16K, not to 64K */

#define L2 UINT64_C(0x80000401) /* 3.1/1 */

static const struct hand shorts[] = {
    {"3.1/2", &afe, 0xfff12345, READ, 1, {0x80131c0e}, PTW_SIM_LEAF, 0x80112345, ALL, 0, 0},
    {"3.1/3", &afe, 0x12345678, READ, 1, {0x81071c0e}, PTW_SIM_LEAF, 0x81345678, ALL, 0, 0},
    {"3.1/4", &afe, 0x12345678, READ, 2, {L2, 0x80001c7e}, PTW_SIM_LEAF, 0x80001678, ALL, 0, 0},
    {"3.1/5", &afe, 0x12345678, READ, 2, {L2, 0x80011c3d}, PTW_SIM_LEAF, 0x80015678, ALL, 0, 0},
    {"3.1/6", &afe, 0x12345678, READ | USER, 2, {L2, 0x80001e7f}, PTW_SIM_LEAF, 0x80001678, S_R | U_R, 0, 0},
    {"3.1/6", &afe, 0x12345678, WRITE, 2, {L2, 0x80001e7f}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"3.1/6", &afe, 0x12345678, FETCH, 2, {L2, 0x80001e7f}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"3.1/7", &afe, 0, READ, 1, {0x10030c16}, PTW_SIM_LEAF, 0x10000000, S_RW | U_RW, 0, 0},
    {"3.1/8", &mtk, 0x12345678, WRITE, 2, {L2, 0x80001e4e}, PTW_SIM_LEAF, 0x180001678, S_RW | U_RW, 0, 0},
    {"3.1/8", &mtk, 0x12345678, FETCH, 2, {L2, 0x80001e4e}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"all three bits", &mtk, 0, READ, 1, {0x80131e3e}, PTW_SIM_LEAF, 0x780100000, S_RW | U_RW, 0, 0},
    {"a wide supersection", &afe, 1, READ, 1, {0x81671e4e}, PTW_SIM_LEAF, 0x2681000001, ALL, 0, 0},
    {"large page, XN", &afe, 0, READ, 2, {L2, 0x80019c3d}, PTW_SIM_LEAF, 0x80010000, S_RW | U_RW, 0, 0},
    {"section, PXN", &afe, 0, READ, 1, {0x80131c0f}, PTW_SIM_LEAF, 0x80100000, S_RW | U_RW | U_X, 0, 0},
    {"table, PXN", &afe, 0, READ, 2, {L2 | 4, 0x80001c7e}, PTW_SIM_LEAF, 0x80001000, S_RW | U_RW | U_X, 0, 0},
    {"privileged", &afe, 0, READ, 2, {L2, 0x80001c5e}, PTW_SIM_LEAF, 0x80001000, S_ALL, 0, 0},
    {"privileged", &afe, 0, READ | USER, 2, {L2, 0x80001c5e}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"AP 000", &ap, 0, READ, 2, {L2, 0x80001c4e}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"AP 001", &ap, 0, READ, 2, {L2, 0x80001c5e}, PTW_SIM_LEAF, 0x80001000, S_ALL, 0, 0},
    {"AP 010", &ap, 0, READ, 2, {L2, 0x80001c6e}, PTW_SIM_LEAF, 0x80001000, S_ALL | U_R | U_X, 0, 0},
    {"AP 011", &ap, 0, READ, 2, {L2, 0x80001c7e}, PTW_SIM_LEAF, 0x80001000, ALL, 0, 0},
    {"AP 100", &ap, 0, READ, 2, {L2, 0x80001e4e}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"AP 101", &ap, 0, READ, 2, {L2, 0x80001e5e}, PTW_SIM_LEAF, 0x80001000, S_R | S_X, 0, 0},
    {"AP 110", &ap, 0, READ, 2, {L2, 0x80001e6e}, PTW_SIM_LEAF, 0x80001000, S_R | S_X | U_R | U_X, 0, 0},
    {"AP 111", &ap, 0, READ, 2, {L2, 0x80001e7e}, PTW_SIM_LEAF, 0x80001000, S_R | S_X | U_R | U_X, 0, 0},
    {"WXN", &wxn32, 0, READ, 2, {L2, 0x80001c7e}, PTW_SIM_LEAF, 0x80001000, S_RW | U_RW, 0, 0},
    {"UWXN", &uwxn, 0, READ, 2, {L2, 0x80001c7e}, PTW_SIM_LEAF, 0x80001000, S_RW | U_RW | U_X, 0, 0},
    {"AP[0] clear", &afe, 0, READ, 1, {0x8013180e}, PTW_SIM_UNSET, 0, 0, 0, 0},
    {"HA, a section", &ha, 0, READ, 1, {0x8013180e}, PTW_SIM_LEAF, 0x80100000, ALL, PTW_BIT(10), 0},
    {"HA, a page", &ha, 0, READ, 2, {L2, 0x80001c6e}, PTW_SIM_LEAF, 0x80001000, ALL, PTW_BIT(4), 0},
    {"no access to a domain", &no_domains, 0, READ, 1, {0x80131c0e}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"a manager's domain", &manager, 0, FETCH | USER, 1, {0x80139cbe}, PTW_SIM_LEAF, 0x80100000, ALL, 0, 0},
    {"a page has its table's", &manager, 0, WRITE, 2, {L2 | 5 << 5, 0x80001e7f}, PTW_SIM_LEAF, 0x80001000, ALL, 0, 0},

    {"type 00, L1", &afe, 0, READ, 1, {0x80131c0c}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"type 00, L2", &afe, 0, READ, 2, {L2, 0x80001c7c}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"type 11 without PXN", &no_pxn, 0, READ, 1, {0x80131c0f}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"PXN of a table without PXN", &no_pxn, 0, READ, 1, {L2 | 4}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"bit 4 of a table", &afe, 0, READ, 1, {L2 | 16}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"bit 6 of a large page", &afe, 0, READ, 2, {L2, 0x80011c7d}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"EAE", &eae, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"PD0", &pd0, 0, READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"PD1", &pd1, 0x80000000, READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"PD1, TTBR0", &pd1, 0x7fffffff, READ, 1, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"33 bits", &afe, PTW_BIT(32), READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"33 bits", &mtk, PTW_BIT(32), READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"a misaligned root", &mtk_34, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
};

static void short_descriptors(void **state)
{
    (void)state;
    check_hands(shorts, COUNT(shorts));
}

/* --------------------------------------------------------------------------------------- long descriptors --- */

#define LONG(name, ttbcr, sctlr)                                                                                       \
    static const struct ptw_sim_mmu name = {.walker = &ptw_sim_arm_lpae_s1,                                            \
                                            .reg = {0, 0x80000000, 0x90000000, ttbcr, PTW_BITS(7, 0), sctlr}}
#define EAE PTW_SIM_ARM_TTBCR_EAE

LONG(whole, EAE, 0);
LONG(lpae_wxn, EAE, PTW_SIM_ARM64_SCTLR_WXN);
LONG(lpae_uwxn, EAE, PTW_SIM_ARM_SCTLR_UWXN);
LONG(low_2g, EAE | 1, 0);                 /* TTBR1 has the other half */
LONG(high_1g, EAE | 2 << 16, 0);          /* TTBR1 has the last GiB */
LONG(gap, EAE | 2 | 2 << 16, 0);          /* a GiB each, at both ends */
LONG(only_low, EAE | 1 | PTW_BIT(23), 0); /* EPD1 */
LONG(no_eae, 0, 0);

static const struct ptw_sim_mmu hyp = {.walker = &ptw_sim_arm_lpae_hyp, .reg = {0, 0x80000000, 0, 3, 0xff}};
static const struct ptw_sim_mmu lpae_s2 = {.walker = &ptw_sim_arm_lpae_s2, .reg = {0, 0x80004000, 0x80003558}};
static const struct ptw_sim_mmu lpae_s2_sign = {.walker = &ptw_sim_arm_lpae_s2, .reg = {0, 0x80004000, 0x80003548}};
static const struct ptw_sim_mmu lpae_s2_sl = {.walker = &ptw_sim_arm_lpae_s2, .reg = {0, 0x80004000, 0x80003518}};

#define T UINT64_C(0x0000000040001003)
#define P UINT64_C(0x0000000040001f83) /* read-only, all may fetch but user, who may not read */

static const struct hand longs[] = {
    {"3.2/1", &whole, 0x12345, WRITE | USER, 2, {T, 0x0040008040200f41}, PTW_SIM_LEAF, 0x8040212345, S_RW | U_RW, 0, 0},
    {"3.2/1", &whole, 0x12345, FETCH | USER, 2, {T, 0x0040008040200f41}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"3.2/2", &lpae_s2, 0x123, READ, 3, {T, T, 0x00000000400017ff}, PTW_SIM_LEAF, 0x40001123, ALL, 0, 0},
    {"privileged", &whole, 0, READ, 3, {T, T, P}, PTW_SIM_LEAF, 0x40001000, S_R | S_X, 0, 0},
    {"PXN", &whole, 0, READ, 3, {T, T, 0x0020000040001fc3}, PTW_SIM_LEAF, 0x40001000, S_R | U_R | U_X, 0, 0},
    {"a writer's", &whole, 0, READ, 3, {T, T, 0x0000000040001f43}, PTW_SIM_LEAF, 0x40001000, ALL, 0, 0},
    {"WXN", &lpae_wxn, 0, READ, 3, {T, T, 0x0000000040001f43}, PTW_SIM_LEAF, 0x40001000, S_RW | U_RW, 0, 0},
    {"UWXN", &lpae_uwxn, 0, READ, 3, {T, T, 0x0000000040001f43}, PTW_SIM_LEAF, 0x40001000, S_RW | U_RW | U_X, 0, 0},
    {"XNTable", &whole, 0, READ, 3, {T | PTW_BIT(60), T, P}, PTW_SIM_LEAF, 0x40001000, S_R, 0, 0},
    {"AF clear", &whole, 0, READ, 3, {T, T, 0x0000000040001b83}, PTW_SIM_UNSET, 0, 0, 0, 0},
    {"Hyp mode", &hyp, 0x1fffffff, FETCH, 1, {0x00000000400007c1}, PTW_SIM_LEAF, 0x401fffff, S_R | S_X, 0, 0},
    {"Hyp mode, AP[1]", &hyp, 0, FETCH, 1, {0x0000000040000781}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"Hyp mode, 30 bits", &hyp, 0x20000000, READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"output bit 40", &whole, 0, READ, 3, {T, T, 0x0000010040001f83}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"output bit 40 of a table", &whole, 0, READ, 1, {T | PTW_BIT(40)}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"bit 50", &whole, 0, READ, 3, {T, T, 0x0004000040001f83}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"bit 51", &whole, 0, READ, 3, {T, T, 0x0008000040001f83}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"bit 16 of a block", &whole, 0, READ, 2, {T, 0x0040008040210f41}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"EAE 0", &no_eae, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"33 bits", &whole, PTW_BIT(32), READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"in no range", &gap, 0x40000000, READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"EPD1", &only_low, 0x80000000, READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"stage 2: XNX", &lpae_s2, 0, READ, 3, {T, T, 0x00200000400017ff}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"stage 2: XN", &lpae_s2, 0, READ, 3, {T, T, 0x00400000400017ff}, PTW_SIM_LEAF, 0x40001000, S_RW | U_RW, 0, 0},
    {"stage 2: no R, no fetch", &lpae_s2, 0, FETCH, 3, {T, T, 0x000000004000173f}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"stage 2: S", &lpae_s2_sign, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"stage 2: SL0", &lpae_s2_sl, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"stage 2: 41 bits", &lpae_s2, PTW_BIT(40), READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
};

static void long_descriptors(void **state)
{
    (void)state;
    check_hands(longs, COUNT(longs));
}

/* ------------------------------------------------------------------------------------------------- DART --- */

#define DART(name, generation, ttbr, tcr, page, params3)                                                               \
    static const struct ptw_sim_mmu name = {.walker = &ptw_sim_dart_##generation,                                      \
                                            .reg = {ttbr, 0, 0, (ttbr) + 3, tcr, page, params3}}

DART(t8020, t8020, 0x80800008, 0x80, 0, 0); /* 5/9 */
DART(t8020_4k, t8020, 0x80800008, 0x80, 12, 0);
DART(t6000, t6000, 0x80800008, 0x80, 0, 0);
DART(t8110, t8110, 0x10000009, 1, 0, 0); /* 5/10 */
DART(t8110_four, t8110, 0x10000009, 9, 0, 0);
DART(t8110_36, t8110, 0x10000009 & 0xfffff, 1, 0, 36 << 24 | 33 << 16);
DART(off, t8020, 0x80800008, 0, 0, 0);
DART(bypass, t8110, 0x10000009, 3, 0, 0);
DART(remap, t8110, 0x10000009, 0x81, 0, 0);
DART(no_ttbr, t8020, 0x00800008, 0x80, 0, 0);
DART(bit_1, t8110, 0x1000000b, 1, 0, 0);
DART(misaligned_root, t8020, 0x80800009, 0x80, 0, 0);

#define D8 UINT64_C(0x000000080000c001) /* 5/4 */
#define D6 UINT64_C(0x0000001000000801) /* 5/8 */

static const struct hand darts[] = {
    {"5/1", &t8020, 0x1234, WRITE, 2, {D8, 0x000fff0800004003}, PTW_SIM_LEAF, 0x800005234, S_RW, 0, 0},
    {"5/1, a fetch", &t8020, 0, FETCH | USER, 2, {D8, 0x000fff0800004003}, PTW_SIM_LEAF, 0x800004000, S_RW, 0, 0},
    {"5/2", &t8020, 0, READ, 2, {D8, 0x000fff0800004083}, PTW_SIM_LEAF, 0x800004000, S_R, 0, 0},
    {"5/2", &t8020, 0, WRITE, 2, {D8, 0x000fff0800004083}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"5/3", &t8020, 0, WRITE, 2, {D8, 0x000fff0800004103}, PTW_SIM_LEAF, 0x800004000, PTW_SIM_W, 0, 0},
    {"5/3", &t8020, 0, READ, 2, {D8, 0x000fff0800004103}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"neither", &t8020, 0, READ, 2, {D8, 0x000fff0800004183}, PTW_SIM_DENIED, 0, 0, 0, 0},
    {"SP_DIS in a table", &t8020, 0, READ, 2, {D8 | 2, 0x000fff0800004003}, PTW_SIM_LEAF, 0x800004000, S_RW, 0, 0},
    {"SP_DIS, a range", &t8020, 0, READ, 2, {D8, 0x0000000800004003}, PTW_SIM_LEAF, 0x800004000, S_RW, 0, 0},
    {"no SP_DIS, the page", &t8020, 0, READ, 2, {D8, 0x000fff0800004001}, PTW_SIM_LEAF, 0x800004000, S_RW, 0, 0},
    {"5/5", &t6000, 0x1234, WRITE, 2, {D6, 0x000fff1000000401}, PTW_SIM_LEAF, 0x10000005234, S_RW, 0, 0},
    {"5/6", &t8110, 0, READ, 2, {D6, 0x000fff1000000405}, PTW_SIM_LEAF, 0x10000004000, S_R, 0, 0},
    {"5/7", &t8110, 0, READ, 2, {D6, 0x000fff3ffffffc03}, PTW_SIM_LEAF, 0x3ffffffc000, S_RW, 0, 0},
    {"FOUR_LEVEL",
     &t8110_four,
     PTW_BIT(46),
     READ,
     3,
     {D6, D6, 0x000fff1000000401},
     PTW_SIM_LEAF,
     0x10000004000,
     S_RW,
     0,
     0},
    {"4K, the fourth TTBR",
     &t8020_4k,
     0xc0001234,
     READ,
     2,
     {D8, 0x000fff0800004003},
     PTW_SIM_LEAF,
     0x800004234,
     S_RW,
     0,
     0},

    {"zero", &t8020, 0, READ, 1, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"bit 0 clear", &t8020, 0, READ, 2, {D8, 0x000fff0800004002}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"above 36 bits", &t8020, 0, READ, 2, {D8, 0x000fff1000000003}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"above 42 bits", &t6000, 0, READ, 2, {D6, 0x000fff4000000401}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"above PARAMS3's", &t8110_36, 0, READ, 1, {D6}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"input above PARAMS3's", &t8110_36, PTW_BIT(33), READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"input above one TTBR's", &t8110, PTW_BIT(36), READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"the second TTBR", &t8020_4k, 0x40000000, READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"a fifth TTBR", &t8020_4k, PTW_BIT(32), READ, 0, {0}, PTW_SIM_BEYOND, 0, 0, 0, 0},
    {"below the page", &t8020, 0, READ, 2, {D8, 0x000fff0800005003}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"bit 11", &t8020, 0, READ, 2, {D8, 0x000fff0800004803}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"bit 2", &t8020, 0, READ, 2, {D8, 0x000fff0800004007}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"bit 4", &t6000, 0, READ, 2, {D6, 0x000fff1000000411}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"a table with rights", &t6000, 0, READ, 1, {D6 | 4}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"half a page", &t6000, 0, READ, 2, {D6, 0x0007ff1000000401}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"half a page", &t8020, 0, READ, 2, {D8, 0x8000fff800004001 & ~PTW_BITS(39, 36)}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"off", &off, 0, READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"bypass", &bypass, 0, READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"remap", &remap, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"TTBR not valid", &no_ttbr, 0, READ, 0, {0}, PTW_SIM_ABSENT, 0, 0, 0, 0},
    {"TTBR, bit 1", &bit_1, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
    {"a misaligned root", &misaligned_root, 0, READ, 0, {0}, PTW_SIM_RESERVED, 0, 0, 0, 0},
};

static void dart_entries(void **state)
{
    (void)state;
    check_hands(darts, COUNT(darts));
}

/* -------------------------------------------------------------------------------------- spans and entries --- */

/* After the words (to the first 0; none: at the start): the next entry, or what the last one decides about. */
static const struct {
    const char *id;
    const struct ptw_sim_mmu *mmu;
    uint64_t addr, word[3], entry, first, last, type;
} shapes[] = {
    {"TTBR0", &afe, 0xfff00000, {0}, 0x80007ffc, 0, 0, 0},
    {"a page table", &afe, 0x123ff000, {L2}, 0x800007fc, 0x12300000, 0x123fffff, 0},
    {"N = 2, TTBR0", &two_tables, 0x3ff00000, {0}, 0x80004ffc, 0, 0, 0},
    {"N = 2, TTBR1", &two_tables, 0x40000000, {0}, 0x80009000, 0, 0, 0},
    {"section", &afe, 0x12345678, {0x80131c0e}, 0, 0x12300000, 0x123fffff, 0x107},
    {"supersection", &afe, 0x12345678, {0x81071c0e}, 0, 0x12000000, 0x12ffffff, 0x107},
    {"small page", &afe, 0x12345678, {L2, 0x80001c7e}, 0, 0x12345000, 0x12345fff, 0x107},
    {"large page", &afe, 0x12345678, {L2, 0x80011c3d}, 0, 0x12340000, 0x1234ffff, 0x107},
    {"a device", &afe, 0, {0x10030c16}, 0, 0, 0xfffff, 0x101},
    {"NS", &afe, 0, {L2 | 8, 0x80001c7e}, 0, 0, 0xfff, 0x507},
    {"NS", &afe, 0, {0x801b1c0e}, 0, 0, 0xfffff, 0x507},
    {"4 entries", &whole, 0xc0000000, {0}, 0x80000018, 0, 0, 0},
    {"a level less", &gap, 0x3fe00000, {0}, 0x80000ff8, 0, 0, 0},
    {"TTBR1 of 1 GiB", &gap, 0xffe00000, {0}, 0x90000ff8, 0, 0, 0},
    {"TTBR1 after 2 GiB", &low_2g, 0x80000000, {0}, 0x90000010, 0, 0, 0},
    {"TTBR1, the last GiB", &high_1g, 0xc0200000, {0}, 0x90000008, 0, 0, 0},
    {"TTBR0 before it", &high_1g, 0xbfffffff, {0}, 0x80000010, 0, 0, 0},
    {"two tables", &lpae_s2, 0xffc0000000, {0}, 0x80005ff8, 0, 0, 0},
    {"2M block", &whole, 0x12345678, {T, 0x0040008040200f41}, 0, 0x12200000, 0x123fffff, 0x3ff},
    {"stage 2", &lpae_s2, 0, {T, T, 0x00000000400017ff}, 0, 0, 0xfff, 0x30f},
    {"t8020", &t8020, 0xf12345678, {0}, 0x80000bc48, 0, 0, 0},
    {"t8020, a page", &t8020, 0xf12345678, {D8, 0x000fff0800004003}, 0, 0xf12344000, 0xf12347fff, 0},
    {"t8110", &t8110, 0, {0}, 0x10000008000, 0, 0, 0},
    {"not cached", &t8110, 0, {D6, 0x000fff3ffffffc03}, 0, 0, 0x3fff, 1},
};

static void entries_and_spans(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        struct ptw_sim_walk w;
        enum ptw_sim_outcome outcome = ptw_sim_walk_start(&w, shapes[i].mmu, shapes[i].addr, READ);

        for (unsigned step = 0; step < 3 && shapes[i].word[step] != 0; step++) {
            assert_int_equal(outcome, PTW_SIM_ENTRY);
            outcome = ptw_sim_walk_step(&w, shapes[i].word[step]);
        }
        assert_int_equal(outcome, shapes[i].entry != 0 ? PTW_SIM_ENTRY : PTW_SIM_LEAF);
        if (shapes[i].entry != 0)
            expect_number(shapes[i].id, "entry", w.entry, shapes[i].entry);
        expect_number(shapes[i].id, "first", w.first, shapes[i].first);
        expect_number(shapes[i].id, "last", w.last, shapes[i].last);
        expect_number(shapes[i].id, "type", w.type, shapes[i].type);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_descriptors),
        cmocka_unit_test(long_descriptors),
        cmocka_unit_test(dart_entries),
        cmocka_unit_test(entries_and_spans),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
