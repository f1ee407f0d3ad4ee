/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What only x86 formats have, in whole tables: shadow-stack pages and the D bit beside them, the memory-encryption bit,
 * user-execute-only pages, PSE-36, MMIO holes of TDX, bits that a configuration ignores.
 */
#include "conformance.h"

#include <ptw/x86.h>

#define SHADOW (PTW_R | PTW_USER | PTW_AD | PTW_X86_SHADOW_STACK)

/* Runs `run` in a table of its own. */
static void in_table(const struct ptw_format *format, const char *keys, void (*run)(struct fixture *f))
{
    const struct format_case kase = {format->name, format, keys, false, false, 0};
    struct fixture f;
    const char *why;

    expect_status(fixture_open(&f, &kase), PTW_OK);
    run(&f);
    why = fixture_finish(&f);
    fixture_close(&f);
    if (why != NULL)
        fail_msg("%s \"%s\": %s", format->name, keys, why);
}

static void map(struct fixture *f, ptw_addr addr, uint64_t size, ptw_attr attr, uint64_t flags)
{
    expect_done(ptw_map(&f->t, addr, addr, size, attr, flags, &f->g));
}

/* The word that translates `addr`. */
static ptw_word word_at(struct fixture *f, ptw_addr addr)
{
    struct ptw_leaf leaf;

    expect_status(ptw_translate(&f->t, addr, &leaf), PTW_OK);
    return leaf.word;
}

/* ---------------------------------------------------------------------------------------- shadow stacks ------ */

/* Read-only with D set is a shadow stack: no ordinary page may look so, not for a moment, and D must not be lost. */
static void lose_and_regain_w(struct fixture *f)
{
    map(f, 0x1000, 0x1000, RW | PTW_AD, 0);
    expect_done(ptw_protect(&f->t, 0x1000, 0x1000, 0, PTW_W, 0, &f->g));
    assert_int_equal(word_at(f, 0x1000) & 0x42, 0);
    expect_leaf(f, 0x1000, 0x1000, 0, RO | PTW_AD);
    expect_done(ptw_dirty(&f->t, 0x1000, 0x1000, 0, NULL, &f->g));
    expect_done(ptw_protect(&f->t, 0x1000, 0x1000, PTW_W, 0, 0, &f->g));
    assert_int_equal(word_at(f, 0x1000) & 0x42, 0x42);
    expect_leaf(f, 0x1000, 0x1000, 0, RW | PTW_AD);

    map(f, 0x2000, 0x1000, RO | PTW_AD, 0);
    assert_int_equal(word_at(f, 0x2000) & 0x42, 0);
    expect_done(ptw_dirty(&f->t, 0x2000, 0x1000, PTW_CLEAR, NULL, &f->g));
    expect_leaf(f, 0x2000, 0x2000, 0, RO | PTW_A);
}

static void page_that_loses_w_is_no_shadow_stack(void **state)
{
    (void)state;
    in_table(&ptw_x86_64, "cet=1", lose_and_regain_w);
}

static void clean_a_shadow_stack(struct fixture *f)
{
    uint64_t words[1] = {0};
    struct ptw_bitmap bitmap = {.words = words, .bits = 64, .base = 0, .shift = 12};

    map(f, 0x1000, 0x1000, SHADOW, 0);
    for (unsigned round = 0; round < 2; round++) {
        words[0] = 0;
        expect_done(ptw_dirty(&f->t, 0, 0x4000, PTW_CLEAR, &bitmap, &f->g));
        assert_int_equal(words[0], 2);
        expect_leaf(f, 0x1000, 0x1000, 0, SHADOW);
    }
    expect_done(ptw_protect(&f->t, 0x1000, 0x1000, PTW_W, 0, 0, &f->g));
    expect_leaf(f, 0x1000, 0x1000, 0, RW | PTW_USER | PTW_AD);
}

static void shadow_stacks_are_always_dirty(void **state)
{
    (void)state;
    in_table(&ptw_x86_64, "cet=1", clean_a_shadow_stack);
}

static void merge_beside_shadow_stacks(struct fixture *f)
{
    const uint64_t large = span(f, 1);

    map(f, 0, large - 0x1000, RO | PTW_USER | PTW_AD, 0);
    map(f, large - 0x1000, 0x1000, SHADOW, 0);
    expect_status(ptw_merge(&f->t, 0, large, 0, &f->g).status, PTW_SPURIOUS);
    map(f, large, large, SHADOW, PTW_MAX_LEVEL(0));
    expect_done(ptw_merge(&f->t, large, large, 0, &f->g));
    expect_leaf(f, large, large, 1, SHADOW);
    expect_done(ptw_unmap(&f->t, large, 0x1000, 0, NULL, &f->g));
    expect_leaf(f, 2 * large - 0x1000, 2 * large - 0x1000, 0, SHADOW);
}

static void shadow_stacks_merge_among_themselves_only(void **state)
{
    (void)state;
    in_table(&ptw_x86_64, "cet=1", merge_beside_shadow_stacks);
}

/* --------------------------------------------------------------------------------------------- the C-bit ----- */

#define C_BIT PTW_BIT(47)

static void cut_and_merge_encrypted(struct fixture *f)
{
    const uint64_t large = span(f, 1);

    map(f, 0, large, RW | PTW_AD, 0);
    map(f, large, large, RW | PTW_AD | PTW_X86_SHARED, 0);
    for (unsigned round = 0; round < 2; round++) {
        assert_int_equal(word_at(f, 0x3000) & C_BIT, C_BIT);
        assert_int_equal(word_at(f, large + 0x3000) & C_BIT, 0);
        expect_leaf(f, 0x3000, 0x3000, round == 0, RW | PTW_AD);
        expect_leaf(f, large + 0x3000, large + 0x3000, round == 0, RW | PTW_AD | PTW_X86_SHARED);
        if (round == 0)
            expect_done(ptw_split_to(&f->t, 0, 2 * large, 0, &f->g));
    }
    expect_done(ptw_merge(&f->t, 0, 2 * large, 0, &f->g));
    expect_leaf(f, 0x3000, 0x3000, 1, RW | PTW_AD);
    expect_leaf(f, large + 0x3000, large + 0x3000, 1, RW | PTW_AD | PTW_X86_SHARED);
    expect_result(ptw_map(&f->t, 0, 0, large, RW | PTW_AD | PTW_X86_SHARED, 0, &f->g), PTW_EXISTS, 0);
    expect_result(ptw_map(&f->t, 4 * large, C_BIT, large, RW, 0, &f->g), PTW_RANGE, 4 * large);
    assert_int_equal(hardware_load(&f->t, slot_at(f, 0, 2)) & C_BIT, C_BIT);
}

static void cut_and_merge_keep_the_c_bit(void **state)
{
    (void)state;
    in_table(&ptw_x86_64, "oa=47,c-bit=47", cut_and_merge_encrypted);
    in_table(&ptw_x86_64, "oa=47,c-bit=47,cet=1,hitless=1", cut_and_merge_encrypted);
    in_table(&ptw_npt, "oa=47,c-bit=47", cut_and_merge_encrypted);
    in_table(&ptw_amdv2, "oa=47,c-bit=47", cut_and_merge_encrypted);
}

/* A table of somebody who does not encrypt his tables, or not all. */
static void read_without_c_bit(struct fixture *f)
{
    void *slot;

    map(f, 0x1000, 0x1000, RW, 0);
    for (unsigned level = 3; level > 0; level--) {
        slot = slot_at(f, 0x1000, level);
        store(f, slot, hardware_load(&f->t, slot) & ~C_BIT);
        assert_null(f->t.geo.encoder->illegal(&f->t.geo, hardware_load(&f->t, slot), level));
        expect_leaf(f, 0x1000, 0x1000, 0, RW);
        (void)word_at(f, 0x1000);
    }
}

static void tables_without_the_c_bit_are_read(void **state)
{
    (void)state;
    in_table(&ptw_npt, "oa=47,c-bit=47", read_without_c_bit);
}

/* ------------------------------------------------------------------------------------------------- EPT ------- */

static void live_with_user_execution(struct fixture *f)
{
    map(f, 0x1000, 0x1000, PTW_UX, 0);
    assert_int_equal(word_at(f, 0x1000) & 0x407, 0x400);
    expect_leaf(f, 0x1000, 0x1000, 0, PTW_UX);
    expect_done(ptw_protect(&f->t, 0x1000, 0x1000, PTW_R | PTW_X, PTW_UX, 0, &f->g));
    expect_leaf(f, 0x1000, 0x1000, 0, PTW_R | PTW_X);
    assert_true((f->g.inval.reasons & PTW_OWED_RIGHTS) != 0);
    expect_done(ptw_unmap(&f->t, 0x1000, 0x1000, 0, NULL, &f->g));
    expect_hole(f, 0x1000);
}

static void user_execution_alone_is_a_page(void **state)
{
    (void)state;
    in_table(&ptw_ept, "mbec=1,exec-only=1", live_with_user_execution);
}

static void plant_mmio_hole(struct fixture *f)
{
    const ptw_addr shared = PTW_TDX_SHARED_BIT(4) | 0xfee00000;

    map(f, shared + 0x1000, 0x1000, RW, 0);
    plant(f, shared, 0);
    expect_hole(f, shared);
    assert_int_equal(f->t.geo.encoder->kind(&f->t.geo, 0, 0), PTW_MARKED);
    assert_int_equal(f->t.geo.encoder->mark_type(0, 0), PTW_MARK_FOREIGN);
    expect_result(ptw_map(&f->t, shared, 0, 0x1000, RW, 0, &f->g), PTW_EXISTS, shared);
}

static void mmio_hole_of_tdx_is_a_foreign_mark(void **state)
{
    (void)state;
    assert_int_equal(PTW_TDX_SHARED_BIT(4), PTW_BIT(47));
    assert_int_equal(PTW_TDX_SHARED_BIT(5), PTW_BIT(51));
    in_table(&ptw_ept, "", plant_mmio_hole);
}

/* -------------------------------------------------------------------------------------------- 32-bit --------- */

/* Tables that are 4 GiB further up than they are. */
static struct ptw_mem near;

static void *alloc_far(void *ctx, size_t bytes, ptw_oa *pa)
{
    void *table = near.alloc(ctx, bytes, pa);

    *pa += PTW_BIT(32);
    return table;
}

static void free_far(void *ctx, void *va, ptw_oa pa, size_t bytes)
{
    near.free(ctx, va, pa - PTW_BIT(32), bytes);
}

/* An entry of four bytes has no room for their addresses. */
static void map_with_far_tables(struct fixture *f)
{
    const uint64_t before = f->memory.outstanding;

    near = f->t.mem;
    f->t.mem.alloc = alloc_far;
    f->t.mem.free = free_far;
    expect_result(ptw_map(&f->t, 0x1000, 0x1000, 0x1000, RW, 0, &f->g), PTW_NOMEM, 0x1000);
    f->t.mem = near;
    assert_int_equal(f->memory.outstanding, before);
    assert_int_equal(leaves_of(f)->n, 0);
}

static void tables_beyond_the_output_bits_are_given_back(void **state)
{
    (void)state;
    in_table(&ptw_x86_32, "", map_with_far_tables);
    in_table(&ptw_ept, "oa=32", map_with_far_tables);
}

#define ABOVE_4G 0x404060e7 /* X-11 of the golden words: at 0x340400000 */

static void read_above_4g(struct fixture *f)
{
    struct ptw_leaf leaf;
    struct snapshot s;

    plant(f, 0x400000, ABOVE_4G);
    expect_status(ptw_translate(&f->t, 0x523456, &leaf), PTW_OK);
    assert_true(leaf.oa == UINT64_C(0x340400000) && leaf.level == 1);
    expect_done(ptw_protect(&f->t, 0x400000, 0x400000, 0, PTW_W, 0, &f->g));
    expect_leaf(f, 0x400000, UINT64_C(0x340400000), 1, RX | PTW_USER | PTW_AD);
    s = snapshot_take(f);
    expect_result(ptw_unmap(&f->t, 0x400000, 0x1000, 0, NULL, &f->g), PTW_BISECT, 0x400000);
    expect_status(ptw_cut(&f->t, 0x401000, 0, &f->g).status, PTW_BISECT);
    expect_result(ptw_map(&f->t, 0x800000, PTW_BIT(32), 0x400000, RW, 0, &f->g), PTW_RANGE, 0x800000);
    expect_unchanged(f, &s);
    expect_done(ptw_unmap(&f->t, 0x400000, 0x400000, 0, NULL, &f->g));
    expect_hole(f, 0x400000);
}

static void leaves_above_4g_are_read_and_not_cut(void **state)
{
    (void)state;
    in_table(&ptw_x86_32, "", read_above_4g);
}

static void walk_without_pse(struct fixture *f)
{
    void *slot;

    map(f, 0, 0x800000, RW, 0);
    assert_int_equal(leaves_at(f, 0), 2048);
    slot = slot_at(f, 0, 1);
    store(f, slot, hardware_load(&f->t, slot) | 0x80);
    expect_leaf(f, 0x5000, 0x5000, 0, RW);
    (void)word_at(f, 0x5000);
    expect_done(ptw_unmap(&f->t, 0, 0x400000, 0, NULL, &f->g));
    ptw_gather_sync(&f->g);
    assert_int_equal(f->memory.outstanding, 2);
}

static void without_pse_bit_7_means_nothing(void **state)
{
    (void)state;
    in_table(&ptw_x86_32, "pse=0", walk_without_pse);
}

/* -------------------------------------------------------------------------------------- bits of others ------- */

/* Leaves that this library would not write, with bits that mean something elsewhere. */
static const struct {
    const struct ptw_format *format;
    const char *keys;
    ptw_word word;
    ptw_attr attr;
} ignored[] = {
    {&ptw_vtd_fs, "", 0x8000000123456067, PTW_R | PTW_W | PTW_X | PTW_AD}, /* XD, of old revisions */
    {&ptw_vtd_fs, "", 0x0000000123456467, PTW_R | PTW_W | PTW_X | PTW_AD}, /* EA without EAFE */
    {&ptw_npt, "", 0x2800000123456167, PTW_R | PTW_W | PTW_X | PTW_AD},    /* G, and a protection key */
    {&ptw_x86_64, "pkeys=0", 0x2800000123456067, PTW_R | PTW_W | PTW_X | PTW_USER | PTW_AD},
    {&ptw_ept, "exec-only=1", 0x0400000000006034, PTW_X}, /* PW, for which R would be needed */
    {&ptw_ept, "", 0x3600000000006431, PTW_R},            /* SPP, SSS, PW, VGP and XU */
    {&ptw_vtd_ss, "", 0x800000012345647b, PTW_R | PTW_W}, /* bits 63 and 10, IPAT and EMT */
    {&ptw_amdv1, "", 0xe800000123456181, PTW_R | PTW_W},  /* bits 63 and 8:7, U */
};

static void bits_that_are_ignored_are_no_objection(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ignored); i++) {
        const struct ptw_geometry geo = configured(ignored[i].format, ignored[i].keys);
        const struct ptw_encoder *e = geo.encoder;

        if (e->kind(&geo, ignored[i].word, 0) != PTW_LEAF || e->illegal(&geo, ignored[i].word, 0) != NULL ||
            e->attr(&geo, ignored[i].word, 0) != ignored[i].attr)
            fail_msg("%s: 0x%016" PRIx64 " is read as 0x%" PRIx64, geo.encoder->name, ignored[i].word,
                     e->attr(&geo, ignored[i].word, 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_that_loses_w_is_no_shadow_stack),
        cmocka_unit_test(shadow_stacks_are_always_dirty),
        cmocka_unit_test(shadow_stacks_merge_among_themselves_only),
        cmocka_unit_test(cut_and_merge_keep_the_c_bit),
        cmocka_unit_test(tables_without_the_c_bit_are_read),
        cmocka_unit_test(user_execution_alone_is_a_page),
        cmocka_unit_test(mmio_hole_of_tdx_is_a_foreign_mark),
        cmocka_unit_test(tables_beyond_the_output_bits_are_given_back),
        cmocka_unit_test(leaves_above_4g_are_read_and_not_cut),
        cmocka_unit_test(without_pse_bit_7_means_nothing),
        cmocka_unit_test(bits_that_are_ignored_are_no_objection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
