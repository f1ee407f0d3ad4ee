/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the manual says of the 64-bit descriptors of Arm: see laws.h. The masks are those of the tables of reserved bits
 * (DDI 0487, D8.3). */
#include "laws.h"

#include <ptw/arm64.h>

#define ARM_DEVICE (TYPE(PTW_MT_UC) | TYPE(PTW_MT_DEV_NGNRE) | TYPE(PTW_MT_DEV_NGRE) | TYPE(PTW_MT_DEV_GRE))
#define ARM_TYPES (ARM_DEVICE | TYPE(PTW_MT_WB) | TYPE(PTW_MT_WT) | TYPE(PTW_MT_NC))
#define ARM_TYPES_FWB (ARM_DEVICE | TYPE(PTW_MT_WB) | TYPE(PTW_MT_NC) | TYPE(PTW_MT_INHERIT))
#define ARM_TYPES_LINUX (TYPE(PTW_MT_WB) | TYPE(PTW_MT_NC) | TYPE(PTW_MT_UC) | TYPE(PTW_MT_DEV_NGNRE))

#define SHARED (PTW_ARM64_OUTER_SHAREABLE | PTW_ARM64_NON_SHAREABLE)
#define CONTIGUOUS PTW_BIT(52)
#define DBM PTW_BIT(51)
#define PBHA PTW_BITS(62, 59)

/* Address bits of a leaf that must be 0: below its size, but not bit 16 of a block (nT), and below the granule. */
#define BELOW(size) (PTW_BITS((size)-1, 12) & ~PTW_BIT(16))

/* Bits that are reserved in tables and leaves alike: 50:48, with LPA2 50. With 64K 49:48 always are. */
#define LEAVES(res, ...)                                                                                               \
    {                                                                                                                  \
        LEAVES_(res, __VA_ARGS__, 0, 0)                                                                                \
    }
#define LEAVES_(res, l0, l1, l2, l3, ...) (res) | (l0), (res) | (l1), (res) | (l2), (res) | (l3)
#define TABLES(res)                                                                                                    \
    {                                                                                                                  \
        0, res, res, res, res                                                                                          \
    }

#define K4(res) .leaf = LEAVES(res, 0, BELOW(21), BELOW(30)), .orders = {0x11, 0x11, 0x11, 1}, .present = present_4k
#define K4_LPA2(res)                                                                                                   \
    .leaf = LEAVES(res, 0, BELOW(21), BELOW(30), BELOW(39) | CONTIGUOUS), .orders = {0x11, 0x11, 0x11, 1},             \
    .present = present_4k_lpa2, .oa = 52, .hint_bits = 50, .table = TABLES(PTW_BIT(50)),                               \
    .table_never = PTW_BITS(63, 51) | PTW_BITS(11, 10) | PTW_BITS(7, 2)
#define K16(res)                                                                                                       \
    .granule = 14, .leaf = LEAVES(res, BELOW(14), BELOW(25)), .orders = {0x81, 0x21, 1}, .present = present_large
#define K16_LPA2(res)                                                                                                  \
    .granule = 14, .leaf = LEAVES(res, BELOW(14), BELOW(25), BELOW(36) | CONTIGUOUS), .orders = {0x81, 0x21, 1},       \
    .present = present_wide, .oa = 52, .hint_bits = 50, .table = TABLES(PTW_BIT(50) | PTW_BITS(13, 12)),               \
    .table_never = PTW_BITS(63, 51) | PTW_BITS(11, 10) | PTW_BITS(7, 2)
#define K64(res)                                                                                                       \
    .granule = 16, .leaf = LEAVES(res, BELOW(16), BELOW(29)), .orders = {0x21, 0x21, 1}, .present = present_large
#define LPA(size) (BELOW(size) & ~PTW_BITS(15, 12))
#define K64_LPA(res)                                                                                                   \
    .granule = 16, .leaf = LEAVES(res, 0, LPA(29), LPA(42) | CONTIGUOUS), .orders = {0x21, 0x21, 1},                   \
    .present = present_wide, .oa = 52, .hint_bits = 48, .table = TABLES(PTW_BITS(50, 48)), .table_never = TABLE_NEVER
#define NARROW .oa = 48, .table = TABLES(PTW_BITS(50, 48)), .table_never = TABLE_NEVER
#define NARROW_AT(n) .oa = 48, .table = TABLES(PTW_BITS(50, 48) | PTW_BITS((n)-1, 12)), .table_never = TABLE_NEVER
#define TABLE_NEVER (PTW_BITS(63, 51) | PTW_BITS(11, 2))

#define STAGE(f, own, rights)                                                                                          \
    .format = &(f), .flags = (own), .rwx = (rights), .exclusive = SHARED, .hole_zero = DBM | 0x4c1, .breaks = true,    \
    .always_protects = true

/* 01 is a translation fault at the last level and where no block is supported. */
static bool present_4k(ptw_word w, unsigned level)
{
    return level == 0 || level == 3 ? (w & 3) == 3 : (w & 1) != 0;
}

static bool present_large(ptw_word w, unsigned level)
{
    return level == 0 || level >= 2 ? (w & 3) == 3 : (w & 1) != 0;
}

static bool present_4k_lpa2(ptw_word w, unsigned level)
{
    return level == 0 || level == 4 ? (w & 3) == 3 : (w & 1) != 0;
}

static bool present_wide(ptw_word w, unsigned level)
{
    return level == 0 || level == 3 ? (w & 3) == 3 : (w & 1) != 0;
}

/* A block's bit 16 (nT) is a hint. */
static ptw_word no_groups(unsigned level)
{
    return level > 0 ? 0x10000 : 0;
}

/* Carried to a single slot a leaf is no part of a group any more. */
static ptw_word groups(unsigned level)
{
    return CONTIGUOUS | no_groups(level);
}

#define SINGLE(never) .leaf_never = (never) | CONTIGUOUS, .unknown = no_groups
#define GROUPS(never) .leaf_never = (never), .unknown = groups

/* Stage 2: bits 63 (AMEC in Realms), 53 (XN[0]) and 11 (FnXS) are reserved unless an option says otherwise. */
#define S2_RES (PTW_BIT(63) | PTW_BIT(53) | PTW_BIT(11) | PTW_BIT(50))
#define B49_48 PTW_BITS(49, 48)

/* Stage 1: NS and bit 63 are of other states. */
#define S1_FLAGS (PTW_USER | PTW_GLOBAL)
#define S1_NEVER (PTW_BIT(63) | PBHA | PTW_BIT(5))
#define GP PTW_BIT(50)
#define ONE_RANGE (PTW_BIT(53) | PTW_BIT(11)) /* PXN and nG */

#define AD .sets_d = 0x80
#define NO_AD .always_dirty = true

#define LPAE .oa = 40, .table = TABLES(PTW_BITS(50, 40)), .table_never = TABLE_NEVER

static const struct law all[] = {
    {STAGE(ptw_arm64_s2, SHARED, 0xff), K4(S2_RES | B49_48), NARROW, SINGLE(PBHA | DBM), NO_AD, .keys = "",
     .types = ARM_TYPES},
    {STAGE(ptw_arm64_s2, SHARED, 0xff), K4(S2_RES | B49_48), NARROW, SINGLE(PBHA), AD, .keys = "ipa=48,ad=1",
     .types = ARM_TYPES},
    {STAGE(ptw_arm64_s2, SHARED, 0xff), K4(S2_RES | B49_48), NARROW, SINGLE(PBHA | 0x20), AD, .keys = "fwb=1,ad=1",
     .types = ARM_TYPES_FWB},
    {STAGE(ptw_arm64_s2, SHARED, 0xffff), K4((S2_RES & ~PTW_BIT(53)) | B49_48), NARROW, GROUPS(PBHA), AD,
     .keys = "groups=1,ad=1,xnx=1", .types = ARM_TYPES},
    {STAGE(ptw_arm64_s2, SHARED | PTW_ARM64_NS, 0xff), K4((S2_RES & ~PTW_BIT(63)) | B49_48), NARROW,
     SINGLE(PBHA | DBM | 0x20 | PTW_BIT(63)), NO_AD, .keys = "realm=1,fwb=1", .types = ARM_TYPES_FWB},
    {STAGE(ptw_arm64_s2, PTW_ARM64_FNXS, 0xff), K4_LPA2(S2_RES & ~PTW_BIT(11)), SINGLE(PBHA | DBM), NO_AD,
     .keys = "lpa2=1,oa=52,ipa=52,levels=5,xs=1", .types = ARM_TYPES},
    {STAGE(ptw_arm64_s2, SHARED, 0xff), K16(S2_RES | B49_48), NARROW_AT(14), GROUPS(PBHA), AD,
     .keys = "granule=0x4000,ad=1,groups=1", .types = ARM_TYPES},
    {STAGE(ptw_arm64_s2, 0, 0xff), K16_LPA2(S2_RES), SINGLE(PBHA), AD,
     .keys = "granule=0x4000,lpa2=1,oa=52,ipa=52,ad=1", .types = ARM_TYPES},
    {STAGE(ptw_arm64_s2, SHARED, 0xff), K64(S2_RES | B49_48), NARROW_AT(16), SINGLE(PBHA), AD,
     .keys = "granule=0x10000,ipa=48,ad=1", .types = ARM_TYPES},
    {STAGE(ptw_arm64_s2, SHARED, 0xff), K64_LPA(S2_RES | B49_48), GROUPS(PBHA | DBM), NO_AD,
     .keys = "granule=0x10000,oa=52,ipa=52,groups=1", .types = ARM_TYPES},

    {STAGE(ptw_arm64_s1, SHARED | S1_FLAGS, 0xaaaa), K4(GP | B49_48), NARROW, SINGLE(S1_NEVER | DBM), NO_AD, .keys = "",
     .types = ARM_TYPES},
    {STAGE(ptw_arm64_s1, SHARED | S1_FLAGS | PTW_ARM64_GUARDED, 0xaaaa), K4(B49_48), NARROW, SINGLE(S1_NEVER), AD,
     .keys = "ad=1,bti=1,upper=1", .types = ARM_TYPES},
    {STAGE(ptw_arm64_s1, SHARED, 0xaa), K4(GP | B49_48 | ONE_RANGE), NARROW, SINGLE(S1_NEVER), AD, .keys = "el2=1,ad=1",
     .types = ARM_TYPES},
    {STAGE(ptw_arm64_s1, SHARED | S1_FLAGS, 0xaaaa), K4(GP | B49_48), NARROW, GROUPS(S1_NEVER | DBM), NO_AD,
     .keys = "linux-mair=1,groups=1", .types = ARM_TYPES_LINUX},
    {STAGE(ptw_arm64_s1, S1_FLAGS, 0xaaaa), K4_LPA2(GP), GROUPS(S1_NEVER), AD,
     .keys = "lpa2=1,oa=52,ia=52,ad=1,groups=1", .types = ARM_TYPES},
    {STAGE(ptw_arm64_s1, SHARED | S1_FLAGS, 0xaaaa), K16(GP | B49_48), NARROW_AT(14), SINGLE(S1_NEVER), AD,
     .keys = "granule=0x4000,ad=1", .types = ARM_TYPES},
    {STAGE(ptw_arm64_s1, S1_FLAGS, 0xaaaa), K16_LPA2(GP), GROUPS(S1_NEVER | DBM), NO_AD,
     .keys = "granule=0x4000,lpa2=1,oa=52,ia=52,groups=1", .types = ARM_TYPES},
    {STAGE(ptw_arm64_s1, SHARED | S1_FLAGS, 0xaaaa), K64(GP | B49_48), NARROW_AT(16), GROUPS(S1_NEVER), AD,
     .keys = "granule=0x10000,ad=1,groups=1", .types = ARM_TYPES},
    {STAGE(ptw_arm64_s1, SHARED | S1_FLAGS, 0xaaaa), K64_LPA(GP | B49_48), SINGLE(S1_NEVER | DBM), NO_AD,
     .keys = "granule=0x10000,oa=52,ia=52", .types = ARM_TYPES},

    {STAGE(ptw_arm_lpae_s1, SHARED | S1_FLAGS, 0xaa0a), K4(PTW_BITS(51, 40)), LPAE, SINGLE(S1_NEVER), NO_AD, .keys = "",
     .types = ARM_TYPES},
    {STAGE(ptw_arm_lpae_s1, SHARED, 0xaa), K4(PTW_BITS(51, 40) | ONE_RANGE), LPAE, GROUPS(S1_NEVER), NO_AD,
     .keys = "el2=1,groups=1", .types = ARM_TYPES},
    {STAGE(ptw_arm_lpae_s2, SHARED, 0xff), K4(S2_RES | PTW_BITS(51, 40)), LPAE, GROUPS(PBHA), NO_AD, .keys = "groups=1",
     .types = ARM_TYPES},
};

static const struct limits of_others[] = {
    {&ptw_arm64_s2, 0x7800000000001003, PTW_RIGHTS},
    {&ptw_arm64_s1, 0x4800000812345003, PTW_RIGHTS & ~(PTW_X | PTW_W)}, /* 1.12/6 */
    {&ptw_arm64_s1, 0x1000000812345003, PTW_RIGHTS & ~PTW_UX},
    {&ptw_arm64_s1, 0x2000000812345003, PTW_RIGHTS & ~PTW_USER},
    {&ptw_arm64_s1, 0x8000000812345003, PTW_RIGHTS},
};

/* With one range, and in VMSAv8-32, bit 60 is XNTable, for all fetches; with one range bits 61 and 59 mean nothing. */
static void limits_are_those_of_the_regime(void **state)
{
    static const struct {
        const struct ptw_format *format;
        const char *keys;
        ptw_word entry;
        ptw_attr taken;
    } cases[] = {
        {&ptw_arm64_s1, "el2=1", 0x1000000812345003, PTW_X | PTW_UX},
        {&ptw_arm64_s1, "el2=1", 0x6800000812345003, PTW_W},
        {&ptw_arm64_s1, "el2=1", 0x2800000812345003, 0},
        {&ptw_arm_lpae_s1, "el2=1", 0x7800000012345003, PTW_W | PTW_X | PTW_UX},
        {&ptw_arm_lpae_s1, "", 0x1000000012345003, PTW_X | PTW_UX},
        {&ptw_arm_lpae_s1, "", 0x0800000012345003, PTW_X},
        {&ptw_arm_lpae_s1, "", 0x6000000012345003, PTW_W | PTW_USER},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct ptw_geometry geo = configured(cases[i].format, cases[i].keys);

        assert_int_equal(PTW_RIGHTS & ~geo.encoder->limits(&geo, cases[i].entry, 1), cases[i].taken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_those_of_the_regime),
    };
    const int failed = cmocka_run_group_tests_name("beyond the laws", tests, NULL, NULL);

    return failed + laws_run(all, COUNT(all), of_others, COUNT(of_others)) != 0;
}
