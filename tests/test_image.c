/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Export and import: for every format a table with a bit of everything goes through an image into memory where its
 * tables lie elsewhere, and is the same entry by entry. Images that are short or damaged leave the table empty.
 */
#include "image_stream.h"
#include "support/script.h"

#include <ptw/x86.h>

/* ---------------------------------------------------------------------------------------------- round trip ---- */

/* Exports, imports elsewhere, compares, exports again. */
static void go_round(struct fixture *f)
{
    struct elsewhere *there = elsewhere_open(f);
    struct stream s, again;
    const char *why = NULL;

    export_whole(f, &s);
    expect_status(ptw_import(&there->f.t, &s.r, &why), PTW_OK);
    assert_string_equal(why, "");
    assert_int_equal(s.at, s.used);
    assert_int_equal(there->f.t.marked, f->t.marked);
    assert_int_equal(there->f.memory.outstanding, f->memory.outstanding + 1);
    expect_same_entries(f, &there->f);
    expect_sound(&there->f);
    export_whole(&there->f, &again);
    assert_int_equal(again.used, s.used);
    assert_memory_equal(again.bytes, s.bytes, s.used);
    free(again.bytes);
    free(s.bytes);
    elsewhere_close(there);
}

static void what_is_imported_is_the_same_table(struct fixture *f)
{
    fill(f);
    go_round(f);
}

static void an_empty_table_is_a_short_image(struct fixture *f)
{
    struct stream s;

    go_round(f);
    export_whole(f, &s);
    assert_int_equal(s.used, 8 * (HEADER + 2));
    free(s.bytes);
}

static void random_tables_survive(struct fixture *f)
{
    static struct script_player p;
    struct script_op ops[60];
    uint64_t seed = UINT64_C(0x5eed0f1a6e5);

    script_player_init(&p, f);
    for (unsigned i = 0; i < 6; i++) {
        const char *why;

        script_random(&seed, ops, COUNT(ops));
        why = script_play(&p, ops, COUNT(ops));
        if (why != NULL)
            fail_msg("%s", why);
        ptw_gather_sync(&f->g);
        if (f->t.root != NULL)
            go_round(f);
    }
    script_player_fini(&p);
    assert_int_equal(fixture_reopen(f), PTW_OK);
}

/* ------------------------------------------------------------------------------------------------ failures ---- */

static void imports_into_an_empty_table_only(struct fixture *f)
{
    struct snapshot before;
    struct stream s;
    const char *why = NULL;

    fill_a_little(f);
    export_whole(f, &s);
    before = snapshot_take(f);
    expect_status(ptw_import(&f->t, &s.r, &why), PTW_EXISTS);
    assert_string_equal(why, "the table is not empty");
    assert_int_equal(s.at, 0);
    expect_unchanged(f, &before);
    free(s.bytes);
}

static void every_allocation_may_fail(struct fixture *f)
{
    struct elsewhere *there = elsewhere_open(f);
    const int64_t tables = (int64_t)(fill(f), f->memory.outstanding) - 1;
    struct stream s;

    export_whole(f, &s);
    for (int64_t n = 0; n <= tables; n++) {
        s.at = 0;
        there->f.memory.fail_after = n;
        expect_status(ptw_import(&there->f.t, &s.r, NULL), n < tables ? PTW_NOMEM : PTW_OK);
        there->f.memory.fail_after = -1;
        if (n < tables)
            expect_empty_table(there);
    }
    expect_same_entries(f, &there->f);
    free(s.bytes);
    elsewhere_close(there);
}

static void every_write_may_be_refused(struct fixture *f)
{
    struct snapshot before;
    struct stream s;
    size_t n = 0;
    ptw_status status;

    fill(f);
    before = snapshot_take(f);
    do {
        stream_init(&s);
        s.writes_left = n++;
        status = ptw_export(&f->t, &s.w);
        assert_true(status == PTW_OK || (status == PTW_NOMEM && s.writes_left == 0));
        free(s.bytes);
    } while (status != PTW_OK);
    assert_true(n > 1);
    expect_unchanged(f, &before);
}

static void a_short_image_is_refused(struct fixture *f)
{
    struct elsewhere *there = elsewhere_open(f);
    struct stream s;

    fill_a_little(f);
    export_whole(f, &s);
    while (s.used-- != 0)
        expect_refused(there, &s, "the image ends too early", "a short image");
    free(s.bytes);
    elsewhere_close(there);
}

static void every_byte_counts(struct fixture *f)
{
    struct elsewhere *there = elsewhere_open(f);
    struct stream s;

    fill_a_little(f);
    export_whole(f, &s);
    for (size_t i = 0; i < s.used; i++)
        for (unsigned flip = 1; flip <= 0xff; flip = flip == 0x80 ? 0xff : flip << 1) {
            s.bytes[i] ^= (unsigned char)flip;
            expect_refused(there, &s, NULL, "a changed byte");
            s.bytes[i] ^= (unsigned char)flip;
            if (flip == 0xff)
                break;
        }
    s.at = 0;
    expect_status(ptw_import(&there->f.t, &s.r, NULL), PTW_OK);
    free(s.bytes);
    elsewhere_close(there);
}

static void another_configuration_is_refused(struct fixture *f)
{
    const struct {
        unsigned number;
        const char *why;
    } cases[] = {
        {0, "this is no image"},
        {1, "an image of another version"},
        {2, "an image of another format"},
        {5, "an image of another format"},
        {6, "an image of another configuration"},
        {7, "an image of another configuration"},
        {8, "an image of another configuration"},
        {9, "an image of another configuration"},
        {10, "an image of another configuration"},
        {11, "the header is no header"},
    };
    struct elsewhere *there = elsewhere_open(f);
    struct stream s;

    export_whole(f, &s);
    for (size_t i = 0; i < COUNT(cases); i++)
        for (unsigned byte = 0; byte < 8; byte++) {
            s.bytes[8 * cases[i].number + byte] ^= 0x10;
            s.used -= 8;
            seal(&s);
            expect_refused(there, &s, cases[i].why, "another configuration");
            s.bytes[8 * cases[i].number + byte] ^= 0x10;
        }
    free(s.bytes);
    elsewhere_close(there);
}

/* ---------------------------------------------------------------------------------------------- relocation ---- */

static void leaves_are_relocated(struct fixture *f)
{
    const ptw_oa by = f->t.geo.max_leaf == 0 ? 128 * page(f) : 2 * span(f, f->t.geo.max_leaf);
    struct elsewhere *there = elsewhere_open(f);
    const struct leaves *leaves;
    struct hardware_leaf leaf;
    struct stream s;
    uint64_t n = 0;

    fill_pages(f);
    fill_a_block(f);
    export_whole(f, &s);
    s.r.relocate = stream_relocate;
    s.add = by;
    expect_status(ptw_import(&there->f.t, &s.r, NULL), PTW_OK);
    leaves = leaves_of(f);
    for (size_t i = 0; i < leaves->n; i++) {
        if (leaves->leaf[i].kind != PTW_LEAF)
            continue;
        assert_int_equal(hardware_walk(&there->f.hardware, &there->f.t, leaves->leaf[i].addr, &leaf), HARDWARE_OK);
        assert_true(leaf.oa == leaves->leaf[i].oa + by && leaf.attr == leaves->leaf[i].attr);
        assert_true(leaf.level == leaves->leaf[i].level);
        n++;
    }
    assert_int_equal(s.relocated, n);
    expect_sound(&there->f);
    free(s.bytes);
    elsewhere_close(there);
}

static void what_relocation_may_not_answer_is_refused(struct fixture *f)
{
    struct elsewhere *there = elsewhere_open(f);
    struct stream s;

    fill_a_little(f);
    export_whole(f, &s);
    s.r.relocate = stream_relocate;
    for (uint64_t n = 1; n <= 3; n++) {
        s.relocated = 0;
        s.refuse_at = n;
        expect_refused(there, &s, "an output address that the caller refuses", "a refused leaf");
    }
    s.refuse_at = 0;
    s.add = page(f) / 2;
    expect_refused(there, &s, "a relocated output address that is misaligned or too wide", "half a page");
    s.add = f->t.geo.oa_last - page(f) + 1; /* the first leaf still fits; with 64 bits the next goes round */
    if (f->t.geo.oa_last != ~UINT64_C(0))
        expect_refused(there, &s, "a relocated output address that is misaligned or too wide", "too high");
    free(s.bytes);
    elsewhere_close(there);
}

/* Leaves that the hook sends where the format has none: VT-d's interrupts. */
static void what_cannot_be_mapped_there_is_not_relocated_there(void **state)
{
    const struct format_case kase = {"vtd-ss", &ptw_vtd_ss, "ad=1", false, false, 0};
    struct elsewhere *there;
    struct fixture f;
    struct stream s;

    (void)state;
    expect_status(fixture_open(&f, &kase), PTW_OK);
    fill_at(&f, 0, 0, page(&f), RW, 0);
    there = elsewhere_open(&f);
    export_whole(&f, &s);
    s.r.relocate = stream_relocate;
    s.add = 0xfee00000;
    expect_refused(there, &s, NULL, "a leaf among the interrupts");
    s.at = 0;
    s.add = 0xfef00000;
    expect_status(ptw_import(&there->f.t, &s.r, NULL), PTW_OK);
    free(s.bytes);
    elsewhere_close(there);
    assert_null(fixture_finish(&f));
    fixture_close(&f);
}

/* ----------------------------------------------------------------------------------------- what has no image ---- */

static void a_mark_of_somebody_at_work_is_not_exported(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    struct stream s;

    fill_a_little(f);
    for (unsigned type = PTW_MARK_LOCKED; type <= PTW_MARK_DEAD; type++) {
        plant(f, ptw_first(&f->t) + 3 * page(f), e->mark(type, 0, 0));
        stream_init(&s);
        expect_status(ptw_export(&f->t, &s.w), PTW_AGAIN);
        free(s.bytes);
    }
    plant(f, ptw_first(&f->t) + 3 * page(f), e->empty(0));
}

static bool has_marks(const struct fixture *f)
{
    return ptw_mark_bits(&f->t) != 0;
}

/* A table of others: an entry that takes W away, and (AMD IOMMU v1) one that points two levels down. */
static void tables_of_others_are_unsupported(void **state)
{
    static const struct {
        const char *format, *keys;
        ptw_word clear, set;
        ptw_status status;
    } cases[] = {
        {"x86-64", "", PTW_BIT(1), 0, PTW_UNSUPPORTED},
        {"x86-64", "", 0, PTW_BIT(5), PTW_OK},
        {"ept", "ad=1", PTW_BIT(1), 0, PTW_UNSUPPORTED},
        {"amdv1", "", PTW_BITS(11, 9), PTW_BIT(9), PTW_UNSUPPORTED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct format_case kase = {
            cases[i].format, ptw_format_find(cases[i].format), cases[i].keys, false, false, 0};
        struct fixture f;
        struct stream s;
        ptw_word was;

        expect_status(fixture_open(&f, &kase), PTW_OK);
        fill_a_little(&f);
        was = hardware_load(&f.t, f.t.root);
        hardware_store(&f.t, f.t.root, (was & ~cases[i].clear) | cases[i].set);
        stream_init(&s);
        expect_status(ptw_export(&f.t, &s.w), cases[i].status);
        free(s.bytes);
        hardware_store(&f.t, f.t.root, was);
        assert_null(fixture_finish(&f));
        fixture_close(&f);
    }
}

static void a_table_that_cannot_be_reached_is_faulted(void **state)
{
    const struct format_case kase = {"ept", &ptw_ept, "ad=1", false, false, PTW_SIM_VA_HOOK};
    struct fixture f;
    struct stream s;
    ptw_word was;

    (void)state;
    expect_status(fixture_open(&f, &kase), PTW_OK);
    fill_a_little(&f);
    was = hardware_load(&f.t, f.t.root);
    hardware_store(&f.t, f.t.root, was ^ PTW_BIT(40));
    stream_init(&s);
    expect_status(ptw_export(&f.t, &s.w), PTW_FAULTED);
    free(s.bytes);
    hardware_store(&f.t, f.t.root, was);
    assert_null(fixture_finish(&f));
    fixture_close(&f);
}

/* ---------------------------------------------------------------------------------------------- by the page ---- */

/* Number by number, as ptw/image.h describes it: one page of EPT, read and write, accessed and dirty. */
static void the_image_is_what_the_header_says(void **state)
{
    const struct format_case kase = {"ept", &ptw_ept, "ad=1", false, false, 0};
    const uint64_t numbers[] = {
        UINT64_C(0x6567616d69777470), /* e g a m i w t p */
        1,
        UINT64_C(0x747065), /* t p e */
        0,
        0,
        0,
        UINT64_C(0x000c083430020903), /* granule 12, 8 bytes, 52 and 48 bits, leaves up to 2, 9 root bits, top 3 */
        PTW_OPT_AD,
        0,
        0,
        UINT64_C(0), /* attr_legal: filled in below */
        0,
        TABLE,
        TABLE,
        TABLE,
        EMPTY(5),
        WORDS(1),
        UINT64_C(0x0000000123456333), /* D, A, WB, W, R */
        EMPTY(506),
        EMPTY(511),
        EMPTY(511),
        EMPTY(511),
    };
    struct fixture f;
    struct stream s, by_hand;

    (void)state;
    expect_status(fixture_open(&f, &kase), PTW_OK);
    expect_done(ptw_map(&f.t, 0x5000, 0x123456000, 0x1000, RW | PTW_AD, 0, &f.g));
    export_whole(&f, &s);
    stream_init(&by_hand);
    for (size_t i = 0; i < COUNT(numbers); i++)
        put_number(&by_hand, i == 10 ? f.t.geo.attr_legal : numbers[i]);
    seal(&by_hand);
    for (size_t i = 0; i < by_hand.used / 8 && i < s.used / 8; i++)
        if (number_at(&s, i) != number_at(&by_hand, i))
            fail_msg("number %zu: 0x%" PRIx64 ", wanted 0x%" PRIx64, i, number_at(&s, i), number_at(&by_hand, i));
    assert_int_equal(s.used, by_hand.used);
    free(s.bytes);
    free(by_hand.bytes);
    assert_null(fixture_finish(&f));
    fixture_close(&f);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"what_is_imported_is_the_same_table", what_is_imported_is_the_same_table, NULL},
        {"an_empty_table_is_a_short_image", an_empty_table_is_a_short_image, NULL},
        {"random_tables_survive", random_tables_survive, NULL},
        {"imports_into_an_empty_table_only", imports_into_an_empty_table_only, NULL},
        {"every_allocation_may_fail", every_allocation_may_fail, NULL},
        {"every_write_may_be_refused", every_write_may_be_refused, NULL},
        {"a_short_image_is_refused", a_short_image_is_refused, NULL},
        {"every_byte_counts", every_byte_counts, NULL},
        {"another_configuration_is_refused", another_configuration_is_refused, NULL},
        {"leaves_are_relocated", leaves_are_relocated, NULL},
        {"what_relocation_may_not_answer_is_refused", what_relocation_may_not_answer_is_refused, NULL},
        {"a_mark_of_somebody_at_work_is_not_exported", a_mark_of_somebody_at_work_is_not_exported, has_marks},
    };
    const struct CMUnitTest single[] = {
        cmocka_unit_test(what_cannot_be_mapped_there_is_not_relocated_there),
        cmocka_unit_test(tables_of_others_are_unsupported),
        cmocka_unit_test(a_table_that_cannot_be_reached_is_faulted),
        cmocka_unit_test(the_image_is_what_the_header_says),
    };
    const int failed = cmocka_run_group_tests_name("image, single", single, NULL, NULL);

    return formats_run("image", tests, COUNT(tests)) != 0 || failed != 0;
}
