/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Golden words of the 64-bit descriptors of Arm: see golden.h. */
#include "golden.h"

#include <ptw/arm64.h>

#define NON_SHAREABLE PTW_ARM64_NON_SHAREABLE
#define G16 "granule=0x4000"
#define G64 "granule=0x10000"

/* ------------------------------------------------------------------------------------------------- arm64-s1 --- */

/*
 * Elsewhere: 1.12/6 (limits: test_encoders_arm64.c). 13, 14: test_hardware_arm64.c.
 * Writable words without DBM are dirty from the start.
 */
#define KERNEL (PTW_GLOBAL | PTW_A) /* nG and AF */

static const struct golden arm64_s1_golden[] = {
    {"1.12/1", "", 0, false, 0x80001000, RWX | PTW_D | KERNEL, 0x0040000080001703},
    {"1.12/2", "", 0, false, 0x123456000, RO | PTW_UX | PTW_USER | PTW_A, 0x0020000123456fc3},
    {"1.12/3", "", 1, false, 0x40000000, RW | PTW_D | KERNEL | PTW_MT_DEV_NGNRE | PTW_ARM64_OUTER_SHAREABLE,
     0x0060000040000605},
    {"1.12/4", "", GROUP(2, 4), false, 0x4000000000, RWX | PTW_D | KERNEL, 0x0050004000000701},
    {"1.12/5", "", 1, true, 0x812345000, 0, 0x0000000812345003},
    {"1.12/5", "", 3, true, 0x812345000, 0, 0x0000000812345003},
    {"1.12/7", G64 ",oa=52", 0, false, 0xf000012340000, RWX | PTW_D | KERNEL, 0x004000001234f703},
    {"1.12/8", G64 ",oa=52", 2, false, 0x8040000000000, RWX | PTW_D | KERNEL, 0x0040040000008701},
    {"1.12/9", "lpa2=1,oa=52", 0, false, 0xeabcdef012000, RWX | PTW_D | KERNEL, 0x0042abcdef012703},
    {"1.12/10", "lpa2=1,oa=52,ia=52", 3, false, 0x4008000000000, RWX | PTW_D | KERNEL, 0x0040008000000501},
    {"1.12/11", G16 ",ad=1", 1, false, 0x102000000, RW | KERNEL, 0x0068000102000781},
    {"1.12/12", G16 ",ad=1", 1, false, 0x102000000, RW | PTW_D | KERNEL, 0x0068000102000701},
    {"EL2: AP[1] is 1, nG and PXN are 0", "el2=1", 0, false, 0x80001000, RX | PTW_A, 0x00000000800017c3},
    {"EL2: XN", "el2=1", 0, false, 0x80001000, RW | PTW_AD, 0x0040000080001743},
    {"guarded", "bti=1", 0, false, 0x80001000, RX | KERNEL | PTW_ARM64_GUARDED, 0x0044000080001783},
    {"a group of 128", G16, GROUP(0, 7), false, 0x80200000, RO | PTW_A, 0x0070000080200f83},
    {"a group of 32", G64, GROUP(0, 5), false, 0x80200000, RO | PTW_A, 0x0070000080200f83},
};

static const struct refused arm64_s1_refused[] = {
    {"bit 0 clear", "", ANY_LEVEL, HOLE, 0x0040000080001702},
    {"01 at the last level", "", 0, HOLE, 0x0040000080001701},
    {"4K, block at level 0 of the manual", "", 3, HOLE, 0x0040008000000701},
    {"16K, block at level 1 of the manual", G16, 2, HOLE, 0x0040001000000701},
    {"64K, block at level 1 of the manual", G64, 2, HOLE, 0x0040040000000701},
    {"4K, block at level -1 of the manual", "lpa2=1,ia=52,oa=52", 4, HOLE, 0x0040000000000501},
    {"16K, block at level 0 of the manual", G16, 3, HOLE, 0x0040000000000701},
    {"16K, block at level 0 of the manual", G16 ",lpa2=1,ia=52,oa=52", 3, HOLE, 0x0040000000000501},
    {"a misaligned block", "", 1, ILLEGAL, 0x0040000040100701},
    {"output bit 48", "", 0, ILLEGAL, 0x0041000000000703},
    {"a wide address in narrow tables", G64, 0, ILLEGAL, 0x004000001234f703},
    {"a wide table in narrow ones", G64, 1, ILLEGAL, 0x000000001234f003},
    {"an address bit below the granule", G16, 0, ILLEGAL, 0x0040000080001703},
    {"SH 01", "", 0, ILLEGAL, 0x0040000080001503},
    {"SH 01", G64 ",oa=52", 0, ILLEGAL, 0x0040000080000503},
    {"GP without FEAT_BTI", "", 0, ILLEGAL, 0x0044000080001703},
    {"Contiguous where it must be 0", "lpa2=1,oa=52", 3, ILLEGAL, 0x0050008000000501},
    {"Contiguous where it must be 0", G16 ",lpa2=1,oa=52", 2, ILLEGAL, 0x0050001000000501},
    {"Contiguous where it must be 0", G64 ",oa=52", 2, ILLEGAL, 0x0050040000000701},
    {"EL2: AP[1] clear", "el2=1", 0, ILLEGAL, 0x0000000080001703},
    {"EL2: PXN", "el2=1", 0, ILLEGAL, 0x0020000080001743},
    {"EL2: nG", "el2=1", 0, ILLEGAL, 0x0000000080001f43},
};

static const struct request arm64_s1_requests[] = {
    {"no leaf without R", "", PTW_W | PTW_X},
    {"no inheriting", "", RWX | PTW_MT_INHERIT},
    {"no x86 type", "", RWX | PTW_MT_WP},
    {"no write-through in Linux's MAIR", "linux-mair=1", RWX | PTW_MT_WT},
    {"EL2 has no user", "el2=1", RW | PTW_USER},
    {"EL2 has no second X", "el2=1", RX | PTW_UX},
    {"EL2 has no global", "el2=1", RW | PTW_GLOBAL},
    {"no guard without FEAT_BTI", "", RX | PTW_ARM64_GUARDED},
    {"no shareability with LPA2", "lpa2=1", RW | NON_SHAREABLE},
    {"one shareability", "", RW | NON_SHAREABLE | PTW_ARM64_OUTER_SHAREABLE},
};

/* ------------------------------------------------------------------------------------------------- arm64-s2 --- */

/* Elsewhere: 11, 12, 13 (VTCR_EL2 and VTTBR_EL2: test_hardware_arm64.c). */
static const struct golden arm64_s2_golden[] = {
    {"2.9/1", "", 0, false, 0x880000000, RWX | PTW_AD, 0x00000008800007ff},
    {"2.9/2", "", 0, false, 0x09000000, RW | PTW_AD | PTW_MT_DEV_NGNRE, 0x00400000090007c7},
    {"2.9/3", "fwb=1", 1, false, 0x100200000, RX | PTW_A, 0x0000000100200759},
    {"2.9/4", "fwb=1", 2, false, 0x4040000000, RWX | PTW_AD | PTW_MT_INHERIT, 0x00000040400007dd},
    {"2.9/5", "xnx=1", 0, false, 0x80003000, RW | PTW_UX | PTW_AD, 0x00200000800037ff},
    {"2.9/6", "ad=1", 0, false, 0x80004000, RW | PTW_A, 0x004800008000477f},
    {"2.9/7", "ad=1", 0, false, 0x80004000, RW | PTW_AD, 0x00480000800047ff},
    {"2.9/8", "lpa2=1,oa=52", 0, false, 0xd000000001000, RWX | PTW_AD, 0x00010000000017ff},
    {"2.9/9", "", 1, true, 0x300007000, 0, 0x0000000300007003},
    {"2.9/9", "ipa=48", 3, true, 0x300007000, 0, 0x0000000300007003},
    {"2.9/10", "realm=1,fwb=1", 0, false, 0x90001000, RWX | PTW_AD | PTW_ARM64_NS | NON_SHAREABLE, 0x00800000900014db},
    {"XN 00", "xnx=1", 0, false, 0x80003000, RWX | PTW_UX | PTW_AD, 0x00000000800037ff},
    {"XN 10", "xnx=1", 0, false, 0x80003000, RW | PTW_AD, 0x00400000800037ff},
    {"XN 11", "xnx=1", 0, false, 0x80003000, RWX | PTW_AD, 0x00600000800037ff},
    {"FnXS", "xs=1", 0, false, 0x80003000, RWX | PTW_AD | PTW_ARM64_FNXS, 0x0000000080003fff},
    {"a group of 16", "", GROUP(0, 4), false, 0x80010000, RWX | PTW_AD, 0x00100000800107ff},
    {"a wide table", "lpa2=1,oa=52", 1, true, 0xd000000001000, 0, 0x0001000000001303},
    {"a wide table", G64 ",oa=52", 1, true, 0xf000000010000, 0, 0x000000000001f003},
};

static const struct refused arm64_s2_refused[] = {
    {"bit 0 clear", "", ANY_LEVEL, HOLE, 0x00000008800007fe},
    {"01 at the last level", "", 0, HOLE, 0x00000008800007fd},
    {"monitor state", "realm=1", ANY_LEVEL, HOLE, 0x000000000000000a},
    {"software tag", "", ANY_LEVEL, HOLE, 0x1000000000000000},
    {"MemAttr 0100 with FWB", "fwb=1", 0, ILLEGAL, 0x00000008800007d3},
    {"MemAttr 1111 with FWB", "fwb=1", 0, ILLEGAL, 0x00000008800007ff},
    {"MemAttr 1100 without FWB", "", 0, ILLEGAL, 0x00000008800007f3},
    {"2.9/5 without FEAT_XNX", "", 0, ILLEGAL, 0x00200000800037ff},
    {"FnXS without FEAT_XS", "", 0, ILLEGAL, 0x0000000080003fff},
    {"SH 01", "", 0, ILLEGAL, 0x00000008800005ff},
    {"block at level 0 of the manual", "ipa=48", 3, HOLE, 0x00000080000007fd},
    {"block at level -1 of the manual", "lpa2=1,ipa=52,oa=52,levels=5", 4, HOLE, 0x00000000000004fd},
    {"output bit 48", "", 0, ILLEGAL, 0x00010000000007ff},
    {"a bit 63 that is no AMEC", "realm=1", 0, ILLEGAL, 0x80800000900017ff},
};

static const struct request arm64_s2_requests[] = {
    {"no inheriting without FWB", "", RWX | PTW_MT_INHERIT},
    {"no write-through with FWB", "fwb=1", RWX | PTW_MT_WT},
    {"no x86 type", "", RWX | PTW_MT_UC_MINUS},
    {"no second X without FEAT_XNX", "", RW | PTW_UX},
    {"no NS outside of Realms", "", RW | PTW_ARM64_NS},
    {"no FnXS without FEAT_XS", "", RW | PTW_ARM64_FNXS},
    {"no user", "", RW | PTW_USER},
};

/* -------------------------------------------------------------------------------------------------- arm-lpae --- */

static const struct golden lpae_s1_golden[] = {
    {"3.2/1", "", 1, false, 0x8040200000, RW | PTW_USER | PTW_AD, 0x0040008040200f41},
    {"PXN beside XN", "", 0, false, 0x40001000, RO | PTW_UX | PTW_USER | PTW_A, 0x0020000040001fc3},
    {"neither", "", 0, false, 0x40001000, RX | PTW_UX | PTW_A, 0x0000000040001f83},
    {"Hyp mode", "el2=1", 0, false, 0x40001000, RX | PTW_A, 0x00000000400017c3},
    {"table", "", 2, true, 0x40001000, 0, 0x0000000040001003},
};

static const struct refused lpae_s1_refused[] = {
    {"output bit 40", "", 0, ILLEGAL, 0x0000010040001f83},
    {"bit 50", "", 0, ILLEGAL, 0x0004000040001f83},
    {"bit 51", "", 0, ILLEGAL, 0x0008000040001f83},
    {"bit 16 of a block", "", 1, ILLEGAL, 0x0040008040210f41},
};

static const struct request lpae_s1_requests[] = {
    {"no X without UX", "", RX},
    {"no shareability of two kinds", "", RW | NON_SHAREABLE | PTW_ARM64_OUTER_SHAREABLE},
};

static const struct golden lpae_s2_golden[] = {
    {"3.2/2", "", 0, false, 0x40001000, RWX | PTW_AD, 0x00000000400017ff},
};

static const struct refused lpae_s2_refused[] = {
    {"output bit 40", "", 0, ILLEGAL, 0x00000100400017ff},
    {"bit 51", "", 0, ILLEGAL, 0x00080000400017ff},
    {"bit 53", "", 0, ILLEGAL, 0x00200000400017ff},
};

static const struct request lpae_s2_requests[] = {
    {"no inheriting", "", RWX | PTW_MT_INHERIT},
};

/* ------------------------------------------------------------------------------------- what is not an entry --- */

/* A monitor's states are holes to this library, and no marks of its own, whatever they are. */
static void realm_states_are_foreign_marks(void **state)
{
    const struct ptw_geometry geo = configured(&ptw_arm64_s2, "realm=1");

    (void)state;
    for (ptw_word w = 2; w < 64; w += 2)
        for (unsigned level = 0; level <= geo.top; level++) {
            const ptw_word with_address = w | PTW_BIT(55) | 0x80001000;

            assert_int_equal(geo.encoder->kind(&geo, w, level), PTW_MARKED);
            assert_int_equal(geo.encoder->mark_type(w, level), PTW_MARK_FOREIGN);
            assert_int_equal(geo.encoder->mark_type(with_address, level), PTW_MARK_FOREIGN);
        }
    assert_int_equal(ptw_arm64_hipas(0xa), PTW_ARM64_ASSIGNED);
    assert_int_equal(ptw_arm64_ripas(0xa), PTW_ARM64_RIPAS_RAM);
    assert_int_equal(ptw_arm64_hipas(0x008000008000101c), PTW_ARM64_ASSIGNED_DEVICE);
    assert_int_equal(ptw_arm64_ripas(0x008000008000101c), PTW_ARM64_RIPAS_DESTROYED);
}

/* Each type's byte of MAIR_EL1 is that of the manual. */
static void memory_types_are_bytes_of_the_mair(void **state)
{
    static const struct {
        ptw_attr type;
        uint8_t byte;
    } types[] = {{PTW_MT_WB, 0xff},        {PTW_MT_WT, 0xbb},       {PTW_MT_NC, 0x44},     {PTW_MT_UC, 0x00},
                 {PTW_MT_DEV_NGNRE, 0x04}, {PTW_MT_DEV_NGRE, 0x08}, {PTW_MT_DEV_GRE, 0x0c}};
    const struct ptw_geometry own = configured(&ptw_arm64_s1, "");
    const struct ptw_geometry linux_own = configured(&ptw_arm64_s1, "linux-mair=1");
    ptw_word bits;

    (void)state;
    for (size_t i = 0; i < COUNT(types); i++) {
        assert_true(own.encoder->bits(&own, PTW_R | types[i].type, 0, 0, &bits));
        assert_int_equal(PTW_ARM64_MAIR >> 8 * (bits >> 2 & 7) & 0xff, types[i].byte);
        if (linux_own.encoder->bits(&linux_own, PTW_R | types[i].type, 0, 0, &bits))
            assert_int_equal(PTW_ARM64_MAIR_LINUX >> 8 * (bits >> 2 & 7) & 0xff, types[i].byte);
    }
    for (unsigned index = 0; index < 8; index++) { /* tagged memory, attribute 1 of Linux, is write-back memory */
        const ptw_attr type = own.encoder->attr(&own, index << 2 | 3, 0) & PTW_MT_MASK;
        const ptw_attr of_linux = linux_own.encoder->attr(&linux_own, index << 2 | 3, 0) & PTW_MT_MASK;
        const uint64_t byte = PTW_ARM64_MAIR_LINUX >> 8 * index & 0xff;

        for (size_t i = 0; i < COUNT(types); i++) {
            if (types[i].type == type)
                assert_int_equal(PTW_ARM64_MAIR >> 8 * index & 0xff, types[i].byte);
            if (types[i].type == of_linux)
                assert_true(byte == types[i].byte || (byte == 0xf0 && of_linux == PTW_MT_WB));
        }
    }
}

static const struct suite all[] = {
    {&ptw_arm64_s1, TABLE(arm64_s1_golden), TABLE(arm64_s1_refused), TABLE(arm64_s1_requests)},
    {&ptw_arm64_s2, TABLE(arm64_s2_golden), TABLE(arm64_s2_refused), TABLE(arm64_s2_requests)},
    {&ptw_arm_lpae_s1, TABLE(lpae_s1_golden), TABLE(lpae_s1_refused), TABLE(lpae_s1_requests)},
    {&ptw_arm_lpae_s2, TABLE(lpae_s2_golden), TABLE(lpae_s2_refused), TABLE(lpae_s2_requests)},
};

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(realm_states_are_foreign_marks),
        cmocka_unit_test(memory_types_are_bytes_of_the_mair),
    };

    return golden_run(TABLE(all)) + cmocka_run_group_tests(others, NULL, NULL) != 0;
}
