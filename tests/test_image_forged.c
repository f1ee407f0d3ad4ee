/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Images that somebody made up, with a right sum: what they say and may not is refused, whatever the format, and the
 * table is empty after it.
 */
#include "image_stream.h"

/* What an image's items may not say: numbers behind the header of the table itself, and the sum. */
struct forgery {
    const char *what;
    uint64_t item[6];
    unsigned n;
    const char *why; /* NULL: any */
};

static void forge(struct fixture *f, const struct forgery *forgery, struct stream *s)
{
    export_whole(f, s);
    s->used = (size_t)8 * HEADER;
    for (unsigned i = 0; i < forgery->n; i++)
        put_number(s, forgery->item[i]);
    seal(s);
}

static ptw_word a_leaf(const struct fixture *f, ptw_oa oa, unsigned level)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_word bits = 0;

    assert_true(e->bits(&f->t.geo, RW, level, 0, &bits));
    return e->leaf(&f->t.geo, oa, bits, level, 0);
}

static void forged_images_are_refused(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const unsigned top = f->t.geo.top;
    const uint64_t slots = UINT64_C(1) << f->t.geo.root_bits;
    const struct forgery forgeries[] = {
        {"no slots", {EMPTY(0)}, 1, "an item of none or of too many slots"},
        {"one slot too many", {EMPTY(slots + 1)}, 1, "an item of none or of too many slots"},
        {"absurdly many slots", {~UINT64_C(3)}, 1, "an item of none or of too many slots"},
        {"absurdly many words", {~UINT64_C(2)}, 1, "an item of none or of too many slots"},
        {"no tables", {2}, 1, "an item of none or of too many slots"},
        {"an unknown kind", {EMPTY(1) | 3}, 1, "an item of an unknown kind"},
        {"words that do not come", {WORDS(slots)}, 1, NULL},
        {"an empty word", {WORDS(1), e->empty(top)}, 2, "a word that is neither leaf nor mark"},
        {"something behind the root", {EMPTY(slots), EMPTY(1)}, 2, "the sum is wrong"},
    };
    struct elsewhere *there = elsewhere_open(f);
    struct stream s;

    for (size_t i = 0; i < COUNT(forgeries); i++) {
        forge(f, &forgeries[i], &s);
        expect_refused(there, &s, forgeries[i].why, forgeries[i].what);
        free(s.bytes);
    }
    elsewhere_close(there);
}

static void tables_only_where_there_are_levels(struct fixture *f)
{
    const unsigned top = f->t.geo.top;
    const ptw_word table = f->t.geo.encoder->table(&f->t.geo, f->t.root_pa, top);
    const struct forgery forgeries[] = {
        {"a word that points to a table", {WORDS(1), table}, 2, "a word that is neither leaf nor mark"},
        {"two tables at once", {TABLE + EMPTY(1)}, 1, f->t.geo.root_bits == 0 ? NULL : "a table of several slots"},
        {"a table that is not filled", {TABLE}, 1, NULL},
    };
    struct elsewhere *there = elsewhere_open(f);
    struct stream s;

    for (size_t i = 0; i < COUNT(forgeries); i++) {
        forge(f, &forgeries[i], &s);
        expect_refused(there, &s, forgeries[i].why, forgeries[i].what);
        free(s.bytes);
    }
    export_whole(f, &s);
    s.used = (size_t)8 * HEADER;
    for (unsigned level = 0; level <= top; level++)
        put_number(&s, TABLE);
    expect_refused(there, &s, "a table below the lowest level", "a table too deep");
    free(s.bytes);
    elsewhere_close(there);
}

/* An item that stands in the first slot of a table at level 0. */
static void forge_at_level_0(struct fixture *f, ptw_word w, struct stream *s)
{
    export_whole(f, s);
    s->used = (size_t)8 * HEADER;
    for (unsigned level = 0; level < f->t.geo.top; level++)
        put_number(s, TABLE);
    put_number(s, WORDS(1));
    put_number(s, w);
}

static void forged_words_are_refused(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    struct elsewhere *there = elsewhere_open(f);
    struct stream s;

    if (e->word_bytes == 4) {
        forge_at_level_0(f, a_leaf(f, page(f), 0) | PTW_BIT(32), &s);
        expect_refused(there, &s, "a word that is wider than an entry", "a wide word");
        free(s.bytes);
    }
    if (ptw_mark_bits(&f->t) != 0)
        for (unsigned type = PTW_MARK_LOCKED; type <= PTW_MARK_DEAD; type++) {
            forge_at_level_0(f, e->mark(type, 0, 0), &s);
            expect_refused(there, &s, "a mark of somebody at work", "a transient mark");
            free(s.bytes);
        }
    elsewhere_close(there);
}

/* NULL, or why verify, map or the output width speak against this leaf of one slot. */
static const char *objection_to(const struct fixture *f, ptw_word w)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const ptw_oa oa = e->oa(&f->t.geo, w, 0);
    ptw_word bits;

    if (e->illegal(&f->t.geo, w, 0) != NULL)
        return e->illegal(&f->t.geo, w, 0);
    if (!e->bits(&f->t.geo, e->attr(&f->t.geo, w, 0), 0, 0, &bits))
        return "attributes that this configuration does not have";
    return oa > f->t.geo.oa_last || oa % page(f) != 0 ? "an output address that is misaligned or too wide" : NULL;
}

/* All leaves that differ in one bit or two from one that is right. How many were refused. */
static unsigned refuse_leaves(struct fixture *f, struct elsewhere *there)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    unsigned refused = 0;
    struct stream s;

    for (unsigned high = 0; high < 8 * e->word_bytes; high++)
        for (unsigned low = 0; low <= high; low++) {
            const ptw_word w = a_leaf(f, 0, 0) ^ (PTW_BIT(high) | PTW_BIT(low));
            const char *why;

            if (e->kind(&f->t.geo, w, 0) != PTW_LEAF || (e->leaf_orders(0) > 1 && e->order(w, 0) != 0))
                continue;
            why = objection_to(&there->f, w);
            if (why == NULL)
                continue;
            forge_at_level_0(f, w, &s);
            expect_refused(there, &s, why, "a leaf that cannot be mapped");
            free(s.bytes);
            refused++;
        }
    return refused;
}

static unsigned refused_by_import; /* of what no illegal() spoke against, in all cases */

static const char *no_objection(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    (void)w;
    (void)level;
    return NULL;
}

/* By illegal(), and where that is blind. */
static void leaves_that_cannot_be_mapped_are_refused(struct fixture *f)
{
    struct elsewhere *there = elsewhere_open(f);
    struct ptw_encoder blind = *f->t.geo.encoder;

    (void)refuse_leaves(f, there);
    blind.illegal = no_objection;
    there->f.t.geo.encoder = &blind;
    refused_by_import += refuse_leaves(f, there);
    there->f.t.geo.encoder = f->t.geo.encoder;
    elsewhere_close(there);
}

/* A leaf larger than the configuration makes; at a level that has no leaves at all. */
static void larger_leaves_are_refused(struct fixture *f)
{
    struct elsewhere *there = elsewhere_open(f);
    struct stream s;
    struct ptw_config config = f->config;

    fill_a_little(f);
    fill_a_block(f);
    export_whole(f, &s);
    config.leaf = page(f);
    ptw_destroy(&there->f.t);
    if (ptw_init(&there->f.t, f->format, &config, &there->f.memory.hooks, &there->f.hardware.hooks) == PTW_OK &&
        there->f.t.geo.max_leaf == 0) {
        s.used -= 8;
        s.bytes[8 * 6 + 2] = 0; /* max_leaf in the header */
        seal(&s);
        expect_refused(there, &s, "a leaf at a level that has none", "a large leaf");
    }
    free(s.bytes);
    elsewhere_close(there);
}

static bool has_groups(const struct fixture *f)
{
    return f->t.geo.orders[0] > 1;
}

/* A group in the first slots of a table at level 0 and nothing else, of which every slot is legal by itself: its first
 * `n` slots are there, the last of them with the bits of `last`. */
static void forge_group(struct fixture *f, unsigned order, uint64_t n, ptw_attr last, struct stream *s)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const ptw_oa oa = page(f) << order;
    ptw_word bits = 0, last_bits = 0;

    assert_true(e->bits(&f->t.geo, RW, 0, order, &bits) && e->bits(&f->t.geo, last, 0, order, &last_bits));
    forge_at_level_0(f, e->leaf(&f->t.geo, oa, n == 1 ? last_bits : bits, 0, order), s);
    for (uint64_t i = 1; i < n; i++) {
        put_number(s, WORDS(1));
        put_number(s, e->leaf(&f->t.geo, oa + i * page(f), i == n - 1 ? last_bits : bits, 0, order));
    }
    for (unsigned level = 0; level <= f->t.geo.top; level++) {
        const uint64_t slots = level == f->t.geo.top ? UINT64_C(1) << f->t.geo.root_bits : entries(f, level);
        const uint64_t used = level == 0 ? n : 1;

        if (slots != used)
            put_number(s, EMPTY(slots - used));
    }
    seal(s);
}

static void groups_must_be_whole(struct fixture *f)
{
    const unsigned order = ptw_low_bit(f->t.geo.orders[0] & ~1U);
    const uint64_t slots = UINT64_C(1) << order;
    struct elsewhere *there = elsewhere_open(f);
    struct stream s;

    for (uint64_t n = 1; n < slots; n++) {
        forge_group(f, order, n, RW, &s);
        expect_refused(there, &s, "the slots of a group disagree", "a part of a group");
        free(s.bytes);
    }
    if (has_read_only(f)) {
        forge_group(f, order, slots, RO, &s);
        expect_refused(there, &s, "the slots of a group disagree", "a group of two minds");
        free(s.bytes);
    }
    forge_group(f, order, slots, RW, &s);
    expect_status(ptw_import(&there->f.t, &s.r, NULL), PTW_OK);
    expect_sound(&there->f);
    free(s.bytes);
    elsewhere_close(there);
}

static bool has_groups_and_makes_none(const struct fixture *f)
{
    return f->t.geo.encoder->leaf_orders(0) > 1 && f->t.geo.orders[0] == 1;
}

static void groups_that_this_configuration_does_not_make_are_refused(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const unsigned order = ptw_low_bit(e->leaf_orders(0) & ~UINT64_C(1));
    const char *why;
    ptw_word bits = 0;
    struct elsewhere *there = elsewhere_open(f);
    struct stream s;

    forge_group(f, order, UINT64_C(1) << order, RW, &s);
    assert_true(e->bits(&f->t.geo, RW, 0, order, &bits));
    why = e->illegal(&f->t.geo, e->leaf(&f->t.geo, page(f) << order, bits, 0, order), 0);
    expect_refused(there, &s, why != NULL ? why : "a group of a size that this configuration does not make", "a group");
    free(s.bytes);
    elsewhere_close(there);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"forged_images_are_refused", forged_images_are_refused, NULL},
        {"tables_only_where_there_are_levels", tables_only_where_there_are_levels, has_tables},
        {"forged_words_are_refused", forged_words_are_refused, NULL},
        {"leaves_that_cannot_be_mapped_are_refused", leaves_that_cannot_be_mapped_are_refused, NULL},
        {"groups_that_this_configuration_does_not_make_are_refused",
         groups_that_this_configuration_does_not_make_are_refused, has_groups_and_makes_none},
        {"larger_leaves_are_refused", larger_leaves_are_refused, has_large_leaves},
        {"groups_must_be_whole", groups_must_be_whole, has_groups},
    };
    const int failed = formats_run("image_forged", tests, COUNT(tests));

    if (refused_by_import == 0 && getenv("PTW_CASE") == NULL) {
        fprintf(stderr, "test_image_forged: no leaf was left for the import to refuse by itself\n");
        return 1;
    }
    return failed;
}
