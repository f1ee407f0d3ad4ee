/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Golden words of Arm's short descriptors and of Apple's DART: see golden.h. */
#include "golden.h"

#include <ptw/arm.h>

/* Leaves of these formats always read as accessed and dirty. */

/* -------------------------------------------------------------------------------------------------- arm-v7s --- */

#define V7S_USER_RW (RW | PTW_AD | PTW_USER)

static const struct golden arm_v7s_golden[] = {
    {"3.1/1", "", 1, true, 0x80000400, 0, 0x80000401},
    {"3.1/2", "", 1, false, 0x80100000, V7S_USER_RW | PTW_X, 0x80131c0e},
    {"3.1/3", "groups=1", GROUP(1, 4), false, 0x81000000, V7S_USER_RW | PTW_X, 0x81071c0e},
    {"3.1/4", "", 0, false, 0x80001000, V7S_USER_RW | PTW_X, 0x80001c7e},
    {"3.1/5", "groups=1", GROUP(0, 4), false, 0x80010000, V7S_USER_RW | PTW_X, 0x80011c3d},
    {"3.1/6", "", 0, false, 0x80001000, RO | PTW_AD | PTW_USER, 0x80001e7f},
    {"3.1/7", "", 1, false, 0x10000000, V7S_USER_RW | PTW_MT_DEV_NGNRE, 0x10030c16},
    {"3.1/8", "mtk=1", 0, false, 0x180001000, RW | PTW_AD, 0x80001e4e},
    {"3.1/1 non-secure", "ns=1", 1, true, 0x80000400, 0, 0x80000409},
    {"3.1/2 non-secure", "ns=1", 1, false, 0x80100000, V7S_USER_RW | PTW_X, 0x801b1c0e},
    {"3.1/2 with PXN", "pxn=1", 1, false, 0x80100000, V7S_USER_RW | PTW_X | PTW_UX, 0x80131c0e},
    {"output bits 33 and 34", "mtk=1", 1, false, 0x600000000, RW | PTW_AD, 0x0003103e},
};

static const struct refused arm_v7s_refused[] = {
    {"section, type 00", "", 1, HOLE, 0x80131c0c},
    {"small page, type 00", "", 0, HOLE, 0x80001c7c},
    {"type 11 without PXN", "", 1, HOLE, 0x80131c0f},
    {"supersection at 0x81100000: output bit 32", "groups=1", 1, ILLEGAL, 0x81171c0e},
    {"access flag 0", "", 0, ILLEGAL, 0x80001c6e},
    {"access flag 0 in a section", "", 1, ILLEGAL, 0x8013180e},
    {"reserved TEX, C, B", "", 0, ILLEGAL, 0x80001cfe},
    {"bit 4 of a table", "", 1, ILLEGAL, 0x80000411},
    {"PXN of a table without PXN", "", 1, ILLEGAL, 0x80000405},
    {"output bit 34 of 34", "mtk=1,oa=34", 0, ILLEGAL, 0x80001c6e},
};

static const struct request arm_v7s_requests[] = {
    {"no rights", "", 0},
    {"write without read", "", PTW_W},
    {"execute without read", "", PTW_X},
    {"UX without PXN", "", RX | PTW_UX},
    {"UX without X: pages have no PXN", "pxn=1", RO | PTW_UX},
    {"X without UX", "pxn=1", RX},
    {"read-only with MediaTek's extension", "mtk=1", RO},
    {"user with MediaTek's extension", "mtk=1", RW | PTW_USER},
    {"no x86 type", "", RW | PTW_MT_WP},
    {"no software bits", "", RW | PTW_SOFT(1)},
};

/* ------------------------------------------------------------------------------------------------------ dart --- */

/* Elsewhere: 9, 10 (TTBR: test_hardware_arm.c). */
static const struct golden dart_t8020_golden[] = {
    {"5/1", "", 0, false, 0x800004000, RW | PTW_AD, 0x000fff0800004003},
    {"5/2", "", 0, false, 0x800004000, RO | PTW_AD, 0x000fff0800004083},
    {"5/3", "", 0, false, 0x800004000, PTW_W | PTW_AD, 0x000fff0800004103},
    {"5/4", "", 1, true, 0x80000c000, 0, 0x000000080000c001},
    {"5/1 with 4K pages", "granule=4096", 0, false, 0x800003000, RW | PTW_AD, 0x000fff0800003003},
};

static const struct golden dart_t6000_golden[] = {
    {"5/5", "", 0, false, 0x10000004000, RW | PTW_AD, 0x000fff1000000401},
    {"5/6", "", 0, false, 0x10000004000, RO | PTW_AD, 0x000fff1000000405},
    {"5/7", "", 0, false, 0x3ffffffc000, RW | PTW_AD | PTW_MT_NC, 0x000fff3ffffffc03},
    {"5/8", "", 1, true, 0x10000008000, 0, 0x0000001000000801},
};

static const struct refused dart_t8020_refused[] = {
    {"zero", "", ANY_LEVEL, HOLE, 0x0000000000000000},     {"bit 0 clear", "", ANY_LEVEL, HOLE, 0x000fff0800004002},
    {"output bit 36", "", 0, ILLEGAL, 0x000fff1000000003}, {"not page aligned", "", 0, ILLEGAL, 0x000fff0800005003},
    {"no permission", "", 0, ILLEGAL, 0x000fff0800004183}, {"part of a page", "", 0, ILLEGAL, 0x0007ff0800004001},
};

static const struct refused dart_t6000_refused[] = {
    {"zero", "", ANY_LEVEL, HOLE, 0x0000000000000000},
    {"bit 0 clear", "", ANY_LEVEL, HOLE, 0x000fff1000000400},
    {"output bit 42", "", 0, ILLEGAL, 0x000fff4000000401},
    {"output bit 36 of 36", "oa=36", 0, ILLEGAL, 0x000fff0100000401},
    {"no permission", "", 0, ILLEGAL, 0x000fff100000040d},
    {"part of a page", "", 0, ILLEGAL, 0x001fff1000000401},
};

static const struct request dart_t8020_requests[] = {
    {"no permission", "", 0},
    {"execute", "", RX},
    {"not cached", "", RW | PTW_MT_NC},
    {"no software bits", "", RW | PTW_SOFT(1)},
};

static const struct request dart_t6000_requests[] = {
    {"no permission", "", 0},
    {"execute", "", RWX},
    {"device", "", RW | PTW_MT_UC},
    {"write-through", "", RW | PTW_MT_WT},
};

/* M1's allocator sets SP_DIS in tables, Linux does not. */
static void either_form_of_a_table_is_read(void **state)
{
    struct ptw_geometry geo = configured(&ptw_dart_t8020, "");

    (void)state;
    assert_int_equal(geo.encoder->kind(&geo, 0x80000c003, 1), PTW_TABLE);
    assert_int_equal(geo.encoder->table_pa(&geo, 0x80000c003, 1), 0x80000c000);
    assert_null(geo.encoder->illegal(&geo, 0x80000c003, 1));
}

/* PA[35:32] in bits 23:20, PA[39:36] in bits 8:5. */
static void supersections_of_others_reach_40_bits(void **state)
{
    struct ptw_geometry geo = configured(&ptw_arm_v7s, "");

    (void)state;
    assert_int_equal(geo.encoder->oa(&geo, 0x81271c6e, 1), 0x3281000000);
    assert_int_equal(geo.encoder->order(0x81271c6e, 1), 4);
}

/* Small pages, large pages, sections and supersections have their attributes in different places. */
static void every_size_carries_to_every_other(void **state)
{
    static const struct {
        unsigned level, order;
    } size[] = {{0, 0}, {0, 4}, {1, 0}, {1, 4}};
    static const ptw_attr attr[] = {RW, RO | PTW_USER, RX | PTW_GLOBAL, RWX | PTW_MT_DEV_NGNRE,
                                    RW | PTW_MT_NC | PTW_ARM_V7S_NON_SHAREABLE};
    struct ptw_geometry geo = configured(&ptw_arm_v7s, "groups=1,ns=1");
    const struct ptw_encoder *e = geo.encoder;

    (void)state;
    for (size_t i = 0; i < COUNT(size) * COUNT(size) * COUNT(attr); i++) {
        unsigned from = i % 4, to = i / 4 % 4;
        ptw_word bits, w;

        assert_true(e->bits(&geo, attr[i / 16], size[from].level, size[from].order, &bits));
        w = e->leaf(&geo, 0x42000000, bits, size[from].level, size[from].order);
        bits = e->carry(w, size[from].level, size[to].level, size[to].order);
        w = e->leaf(&geo, 0x43000000, bits, size[to].level, size[to].order);
        assert_int_equal(e->order(w, size[to].level), size[to].order);
        assert_int_equal(e->oa(&geo, w, size[to].level), 0x43000000);
        assert_int_equal(e->attr(&geo, w, size[to].level), attr[i / 16] | PTW_AD);
        assert_null(e->illegal(&geo, w, size[to].level));
    }
}

/* What a page cannot say is taken away, not granted. */
static void a_cut_section_keeps_no_right_that_pxn_took(void **state)
{
    struct ptw_geometry geo = configured(&ptw_arm_v7s, "pxn=1");
    const struct ptw_encoder *e = geo.encoder;
    ptw_word w = 0x80131c0f;

    (void)state;
    assert_int_equal(e->attr(&geo, w, 1) & PTW_RWX, PTW_R | PTW_W | PTW_UX);
    w = e->leaf(&geo, 0x80101000, e->carry(w, 1, 0, 0), 0, 0);
    assert_int_equal(e->attr(&geo, w, 0) & PTW_RWX, PTW_R | PTW_W);
}

/* Bits 9, 4, 5 are no permissions with MediaTek's extension. */
static void rights_leave_addresses_alone(void **state)
{
    struct ptw_geometry geo = configured(&ptw_arm_v7s, "mtk=1");
    const struct ptw_encoder *e = geo.encoder;
    ptw_word bits, w;

    (void)state;
    assert_true(e->bits(&geo, RW, 0, 0, &bits));
    w = e->leaf(&geo, 0x700001000, bits, 0, 0);
    w = ptw_change_rights(&geo, e, w, 0, PTW_R | PTW_W | PTW_GLOBAL, 0);
    assert_int_equal(e->oa(&geo, w, 0), 0x700001000);
    assert_int_equal(e->attr(&geo, w, 0), RW | PTW_GLOBAL | PTW_AD);
    w = e->leaf(&geo, 0x100000, e->carry(w, 0, 1, 0), 1, 0);
    assert_int_equal(e->oa(&geo, w, 1), 0x100000);
    assert_int_equal(e->attr(&geo, w, 1), RW | PTW_GLOBAL | PTW_AD);
}

static const struct suite all[] = {
    {&ptw_arm_v7s, TABLE(arm_v7s_golden), TABLE(arm_v7s_refused), TABLE(arm_v7s_requests)},
    {&ptw_dart_t8020, TABLE(dart_t8020_golden), TABLE(dart_t8020_refused), TABLE(dart_t8020_requests)},
    {&ptw_dart_t6000, TABLE(dart_t6000_golden), TABLE(dart_t6000_refused), TABLE(dart_t6000_requests)},
    {&ptw_dart_t8110, TABLE(dart_t6000_golden), TABLE(dart_t6000_refused), TABLE(dart_t6000_requests)},
};

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(either_form_of_a_table_is_read),
        cmocka_unit_test(supersections_of_others_reach_40_bits),
        cmocka_unit_test(every_size_carries_to_every_other),
        cmocka_unit_test(a_cut_section_keeps_no_right_that_pxn_took),
        cmocka_unit_test(rights_leave_addresses_alone),
    };

    return golden_run(TABLE(all)) | (cmocka_run_group_tests(tests, NULL, NULL) != 0);
}
