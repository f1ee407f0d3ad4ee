/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the manuals say of the RISC-V formats: see laws.h. The masks are those of the tables of reserved bits. */
#include "laws.h"

#include <ptw/riscv.h>

#define RISCV_TYPES TYPE(PTW_MT_WB)
#define RISCV_TYPES_PBMT (RISCV_TYPES | TYPE(PTW_MT_NC) | TYPE(PTW_MT_UC))
#define SS PTW_RISCV_SHADOW_STACK

/* The low PPN bits of a superpage, N above level 0, and what the configuration reserves. */
#define RISCV_LAW(reserved)                                                                                            \
    .rwx = 0xba, .oa = 56,                                                                                             \
    .leaf = {(reserved), (reserved) | N | PTW_BITS(18, 10), (reserved) | N | PTW_BITS(27, 10),                         \
             (reserved) | N | PTW_BITS(36, 10), (reserved) | N | PTW_BITS(45, 10)},                                    \
    .orders = {0x11}, .negative = true, .always_protects = true
#define POINTER(reserved) .table = {0, (reserved) | 0xd0, (reserved) | 0xd0, (reserved) | 0xd0, (reserved) | 0xd0}
#define RISCV32_LAW                                                                                                    \
    .types = RISCV_TYPES, .rwx = 0xba, .oa = 34, .bytes = 4, .leaf = {0, PTW_BITS(19, 10)}, .table = {0, 0xd0},        \
    .negative = true, .always_protects = true

/* G-stage ignores G, which is never set. Nothing but U, in table entries, and G keep stage 1 from having the same. */
#define GSTAGE .leaf_never = PTW_BIT(5), .table_never = PTW_BIT(5), .hole_zero = 0xcf
#define STAGE1 .flags = PTW_USER | PTW_GLOBAL, .table_never = PTW_BIT(5), .hole_zero = 0xff
#define STAGE1_ZICFISS                                                                                                 \
    .flags = PTW_USER | PTW_GLOBAL | SS, .legal = shadow_stack, .table_never = PTW_BIT(5), .hole_zero = 0xff

#define N PTW_BIT(63)
#define PBMT PTW_BITS(62, 61)
#define RSW60 PTW_BITS(60, 59)
#define RES0 PTW_BITS(58, 54)
#define ALL_RES0 (RES0 | RSW60)

/* A shadow stack has just R and W. */
static bool shadow_stack(ptw_attr attr)
{
    return (attr & SS) == 0 || (attr & PTW_RWX) == (PTW_R | PTW_W);
}

/* With Svnapot: a slot that leaves its group loses N. */
static ptw_word group_marker(unsigned level)
{
    return level == 0 ? N : 0;
}

static const struct law all[] = {
    {&ptw_riscv_sv39, "", STAGE1, .types = RISCV_TYPES, RISCV_LAW(N | PBMT | ALL_RES0), POINTER(N | PBMT | ALL_RES0)},
    {&ptw_riscv_sv48, "ad=1,zicfiss=1", STAGE1_ZICFISS, .types = RISCV_TYPES, RISCV_LAW(N | PBMT | ALL_RES0),
     POINTER(N | PBMT | ALL_RES0), .sets_d = 0x80},
    {&ptw_riscv_sv57, "ad=1,pbmt=1,groups=1,zicfiss=1", STAGE1_ZICFISS, .types = RISCV_TYPES_PBMT, RISCV_LAW(ALL_RES0),
     POINTER(N | PBMT | ALL_RES0), .sets_d = 0x80, .unknown = group_marker},
    {&ptw_riscv_sv32, "", STAGE1, RISCV32_LAW},
    {&ptw_riscv_sv32, "ad=1,zicfiss=1", STAGE1_ZICFISS, RISCV32_LAW, .sets_d = 0x80},

    {&ptw_riscv_sv39x4, "", GSTAGE, .types = RISCV_TYPES, RISCV_LAW(N | PBMT | ALL_RES0), POINTER(N | PBMT | ALL_RES0)},
    {&ptw_riscv_sv48x4, "ad=1", GSTAGE, .types = RISCV_TYPES, RISCV_LAW(N | PBMT | ALL_RES0),
     POINTER(N | PBMT | ALL_RES0), .sets_d = 0x80},
    {&ptw_riscv_sv57x4, "ad=1,pbmt=1,groups=1", GSTAGE, .types = RISCV_TYPES_PBMT, RISCV_LAW(ALL_RES0),
     POINTER(N | PBMT | ALL_RES0), .sets_d = 0x80, .unknown = group_marker},
    {&ptw_riscv_sv32x4, "ad=1", GSTAGE, RISCV32_LAW, .sets_d = 0x80},

    /* Bits 60:59 are software's, but not this library's. */
    {&ptw_riscv_sv39, "rsw60=1", .types = RISCV_TYPES, .flags = PTW_USER | PTW_GLOBAL, RISCV_LAW(N | PBMT | RES0),
     POINTER(N | PBMT | RES0), .leaf_never = RSW60, .table_never = PTW_BIT(5) | RSW60, .hole_zero = 0xff},
    {&ptw_riscv_sv39x4, "rsw60=1,groups=1", .types = RISCV_TYPES, RISCV_LAW(PBMT | RES0), POINTER(N | PBMT | RES0),
     .leaf_never = PTW_BIT(5) | RSW60, .table_never = PTW_BIT(5) | RSW60, .hole_zero = 0xcf, .unknown = group_marker},
};

static const struct limits of_others[] = {
    {&ptw_riscv_sv48x4, 0x401, PTW_RIGHTS},
    {&ptw_riscv_sv39, 0x421, PTW_RIGHTS}, /* G: what is below is global, and loses nothing */
    {&ptw_riscv_sv32, 0x421, PTW_RIGHTS},
};

/* ---------------------------------------------------------------------------------------- beyond the laws ------- */

#define PA UINT64_C(0x80001000)

static ptw_word leaf_of(const struct ptw_geometry *geo, ptw_attr attr)
{
    ptw_word bits;

    assert_true(geo->encoder->bits(geo, attr, 0, 0, &bits));
    return geo->encoder->leaf(geo, PA, bits, 0, 0);
}

/* From a shadow stack, or what is W alone without Zicfiss: the attributes after a change of rights. */
static void expect_rights(const struct ptw_geometry *geo, ptw_word w, ptw_attr add, ptw_attr remove, ptw_attr want)
{
    const struct ptw_encoder *e = geo->encoder;

    w = e->rights(geo, w, add, remove);
    assert_int_equal(e->kind(geo, w, 1), PTW_LEAF); /* where R=W=X=0 would be a table */
    assert_int_equal(e->attr(geo, w, 0), want);
    assert_int_equal(e->oa(geo, w, 0), PA);
}

static void a_shadow_stack_without_w_is_an_ordinary_page_that_can_be_read(void **state)
{
    const struct ptw_format *const formats[] = {&ptw_riscv_sv39, &ptw_riscv_sv32};

    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        const struct ptw_geometry geo = configured(formats[i], "ad=1,zicfiss=1");
        const ptw_word w = leaf_of(&geo, RW | SS | PTW_USER | PTW_A);

        expect_rights(&geo, w, 0, PTW_W, RO | PTW_USER | PTW_A);
        expect_rights(&geo, w, PTW_R, PTW_W, RO | PTW_USER | PTW_A);
        expect_rights(&geo, w, PTW_X, PTW_R | PTW_W, PTW_X | PTW_USER | PTW_A);
        expect_rights(&geo, w, PTW_SOFT(1), PTW_W | PTW_USER, RO | PTW_A | PTW_SOFT(1));
    }
}

static void a_shadow_stack_gets_no_right_that_would_make_it_an_ordinary_page(void **state)
{
    const struct ptw_geometry geo = configured(&ptw_riscv_sv48, "zicfiss=1");
    const ptw_word w = leaf_of(&geo, RW | SS | PTW_AD);

    (void)state;
    expect_rights(&geo, w, PTW_R, 0, RW | SS | PTW_AD);
    expect_rights(&geo, w, PTW_R | PTW_W, 0, RW | SS | PTW_AD);
    expect_rights(&geo, w, PTW_X, 0, RW | SS | PTW_AD);
    expect_rights(&geo, w, PTW_R | PTW_W | PTW_USER, PTW_X, RW | SS | PTW_USER | PTW_AD);
}

static void w_alone_stays_what_it_is_where_it_is_reserved(void **state)
{
    const struct ptw_geometry geo = configured(&ptw_riscv_sv39x4, "");
    const ptw_word w = 0x200004d5;

    (void)state;
    expect_rights(&geo, w, 0, PTW_W, PTW_W | PTW_AD);
    expect_rights(&geo, w, PTW_R | PTW_X, 0, PTW_W | PTW_AD);
}

/* A group has one word in all of its slots, and each names the whole group; a slot that leaves it has its own page. */
static void the_slots_of_a_group_are_equal(void **state)
{
    const struct ptw_geometry geo = configured(&ptw_riscv_sv48x4, "groups=1,pbmt=1");
    const struct ptw_encoder *e = geo.encoder;
    ptw_word first, bits;

    (void)state;
    assert_true(e->break_groups);
    assert_true(e->bits(&geo, RW | PTW_AD | PTW_MT_NC | PTW_SOFT(2), 0, 4, &bits));
    first = e->leaf(&geo, 0x88010000, bits, 0, 4);
    for (ptw_oa slot = 0; slot < 16; slot++) {
        const ptw_oa oa = 0x88010000 + (slot << 12);
        const ptw_word w = e->leaf(&geo, oa, bits, 0, 4), alone = e->leaf(&geo, oa, e->carry(w, 0, 0, 0), 0, 0);

        assert_int_equal(w, first);
        assert_int_equal(e->oa(&geo, w, 0), 0x88010000);
        assert_int_equal(e->order(w, 0), 4);
        assert_int_equal(e->order(alone, 0), 0);
        assert_int_equal(e->oa(&geo, alone, 0), oa);
        assert_int_equal(e->attr(&geo, alone, 0), e->attr(&geo, w, 0));
        assert_int_equal(e->leaf(&geo, oa, e->carry(alone, 0, 0, 4), 0, 4), first);
    }
}

/* What other systems may have written: N makes a group of it whatever the pattern, and only at level 0. */
static void n_is_a_group_at_level_0(void **state)
{
    const struct ptw_geometry geo = configured(&ptw_riscv_sv39, "");
    const ptw_word n = PTW_BIT(63) | 0x200044c7;

    (void)state;
    assert_int_equal(geo.encoder->order(n, 0), 4);
    assert_int_equal(geo.encoder->oa(&geo, n, 0), 0x80010000);
    assert_int_equal(geo.encoder->order(n, 1), 0);
    assert_non_null(geo.encoder->illegal(&geo, n, 0));
    assert_non_null(geo.encoder->illegal(&geo, n, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shadow_stack_without_w_is_an_ordinary_page_that_can_be_read),
        cmocka_unit_test(a_shadow_stack_gets_no_right_that_would_make_it_an_ordinary_page),
        cmocka_unit_test(w_alone_stays_what_it_is_where_it_is_reserved),
        cmocka_unit_test(the_slots_of_a_group_are_equal),
        cmocka_unit_test(n_is_a_group_at_level_0),
    };
    const int failed = cmocka_run_group_tests_name("beyond the laws", tests, NULL, NULL);

    return failed + laws_run(all, COUNT(all), of_others, COUNT(of_others)) != 0;
}
