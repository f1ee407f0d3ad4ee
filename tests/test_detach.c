/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What ptw_detach promises, for every format: a table goes with all that is below it, unread, in one step; what stands in
 * its place, or beside it, stays; leaves come to the sink at the sync, or with PTW_FREEZE at once.
 */
#include "conformance.h"

#define OWNER 1U /* a payload that every mark has room for */
#define ATTR attr_of(f)

static ptw_attr attr_of(const struct fixture *f)
{
    return within(f, RW | PTW_SOFT(1) | PTW_AD);
}

struct counting {
    struct ptw_sink sink;
    struct fixture *f;
    uint64_t bytes;
    bool wrong;
};

static void count_leaf(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct counting *c = (struct counting *)sink;

    c->bytes += ptw_leaf_size(&c->f->t, leaf);
    c->wrong = c->wrong || leaf->oa != output_for(c->f, 1) + (leaf->addr - input_for(c->f, 1)) ||
               ptw_leaf_attr(&c->f->t, leaf) != read_back(c->f, attr_of(c->f));
}

/* A whole table of smallest leaves, and a page in a table beside it. */
static ptw_addr map_table(struct fixture *f)
{
    const ptw_addr addr = input_for(f, 1);

    expect_done(ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), ATTR, PTW_MAX_LEVEL(0), &f->g));
    expect_done(ptw_map(&f->t, addr + span(f, 1), 0, page(f), ATTR, 0, &f->g));
    fixture_sync(f);
    return addr;
}

static void detach_takes_a_table_out(struct fixture *f)
{
    const ptw_addr addr = map_table(f);
    const uint64_t outstanding = f->memory.outstanding;
    const unsigned long generation = f->t.generation;

    expect_done(ptw_detach(&f->t, addr + 3 * page(f) + 1, 1, 0, NULL, &f->g));
    expect_hole(f, addr);
    expect_hole(f, addr + span(f, 1) - 1);
    expect_leaf(f, addr + span(f, 1), 0, 0, ATTR);
    expect_owed(f, PTW_OWED_TRANSLATION | PTW_OWED_STRUCT, addr, addr + span(f, 1) - 1);
    assert_int_equal(f->g.inval.levels, PTW_BIT(1));
    assert_true(f->t.generation != generation);
    assert_int_equal(f->memory.outstanding, outstanding);
    fixture_sync(f);
    assert_int_equal(f->memory.outstanding, outstanding - 1);
    expect_result(ptw_detach(&f->t, addr, 1, 0, NULL, &f->g), PTW_SPURIOUS, addr);
    assert_true(ptw_gather_empty(&f->g));
}

/* All tables below the root's entries, whatever their levels. */
static void detach_takes_all_levels(struct fixture *f)
{
    const unsigned top = f->t.geo.top;
    const ptw_addr addr = map_table(f);

    expect_done(ptw_detach(&f->t, addr, top, 0, NULL, &f->g));
    (void)ptw_detach(&f->t, addr + span(f, 1), top, 0, NULL, &f->g);
    fixture_sync(f);
    assert_int_equal(f->memory.outstanding, 1);
}

/* A large leaf fits where smaller ones were. */
static void a_large_leaf_can_come_next(struct fixture *f)
{
    const ptw_addr addr = map_table(f);

    expect_done(ptw_detach(&f->t, addr, 1, 0, NULL, &f->g));
    expect_done(ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), ATTR, 0, &f->g));
    assert_int_equal(leaves_of(f)->leaf[0].level, 1);
    expect_result(ptw_detach(&f->t, addr, 1, 0, NULL, &f->g), PTW_SPURIOUS, addr);
    expect_leaf(f, addr, output_for(f, 1), 1, ATTR);
}

static void leaves_come_at_the_sync(struct fixture *f)
{
    struct counting c = {.sink = {.leaf = count_leaf}, .f = f};
    const ptw_addr addr = map_table(f);

    expect_done(ptw_detach(&f->t, addr, 1, 0, &c.sink, &f->g));
    assert_true(c.bytes == 0);
    fixture_sync(f);
    assert_true(c.bytes == span(f, 1) && !c.wrong);
}

static void frozen_leaves_come_at_once(struct fixture *f)
{
    struct counting c = {.sink = {.leaf = count_leaf}, .f = f};
    const ptw_addr addr = map_table(f);
    struct snapshot s = snapshot_take(f);

    expect_result(ptw_detach(&f->t, addr, 1, PTW_FREEZE, &c.sink, &f->g), PTW_UNSUPPORTED, addr);
    expect_result(ptw_detach(&f->t, addr, 1, PTW_SHARED, &c.sink, &f->g), PTW_UNSUPPORTED, addr);
    expect_unchanged(f, &s);
    expect_status(fixture_share(f, true, 0), PTW_OK);
    expect_done(ptw_detach(&f->t, addr, 1, PTW_SHARED | PTW_FREEZE, &c.sink, &f->g));
    assert_true(c.bytes == span(f, 1) && !c.wrong);
    fixture_sync(f);
    assert_true(c.bytes == span(f, 1));
}

static bool has_marks(const struct fixture *f)
{
    return has_tables(f) && ptw_mark_bits(&f->t) != 0;
}

static void marks_go_too(struct fixture *f)
{
    const ptw_addr addr = map_table(f);
    uint64_t payload;
    struct ptw_leaf leaf;

    expect_done(ptw_unmap(&f->t, addr + page(f), page(f), PTW_WIDEN, NULL, &f->g));
    expect_done(ptw_annotate(&f->t, addr + page(f), page(f), PTW_MARK_USER, OWNER, 0, &f->g));
    expect_done(ptw_detach(&f->t, addr, 1, 0, NULL, &f->g));
    expect_status(ptw_translate(&f->t, addr + page(f), &leaf), PTW_NOENT);
    assert_int_equal(ptw_mark_at(&f->t, leaf.word, leaf.level, &payload), PTW_MARK_TYPES);
}

static void detach_refuses_senseless_calls(struct fixture *f)
{
    const ptw_addr addr = input_for(f, 0);
    struct snapshot s;

    expect_done(ptw_map(&f->t, addr, 0, page(f), ATTR, 0, &f->g));
    s = snapshot_take(f);
    expect_result(ptw_detach(&f->t, addr, 0, 0, NULL, &f->g), PTW_INVAL, addr);
    expect_result(ptw_detach(&f->t, addr, f->t.geo.top + 1U, 0, NULL, &f->g), PTW_INVAL, addr);
    expect_result(ptw_detach(&f->t, addr, ~0U, 0, NULL, &f->g), PTW_INVAL, addr);
    if (ptw_last(&f->t) != ~UINT64_C(0))
        expect_result(ptw_detach(&f->t, ptw_last(&f->t) + 1U, 1, 0, NULL, &f->g), PTW_RANGE, ptw_last(&f->t) + 1U);
    expect_unchanged(f, &s);
}

/* An entry above that somebody has LOCKED says nothing about what is below. */
static void detach_waits_for_whoever_has_locked_the_entry(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const ptw_addr addr = map_table(f);
    void *slot = slot_at(f, addr, 1);
    const ptw_word w = hardware_load(&f->t, slot);
    struct snapshot s;

    expect_status(fixture_share(f, true, 0), PTW_OK);
    store(f, slot, e->mark(PTW_MARK_LOCKED, OWNER, 1));
    s = snapshot_take(f);
    expect_result(ptw_detach(&f->t, addr, 1, PTW_SHARED, NULL, &f->g), PTW_AGAIN, addr);
    expect_unchanged(f, &s);
    store(f, slot, w);
    expect_done(ptw_detach(&f->t, addr, 1, PTW_SHARED, NULL, &f->g));
    fixture_sync(f);
    /* Who has taken it out may not have paid yet. */
    expect_result(ptw_detach(&f->t, addr, 1, PTW_SHARED, NULL, &f->g), PTW_SPURIOUS, addr);
    expect_owed(f, PTW_OWED_TRANSLATION | PTW_OWED_STRUCT, addr, addr + span(f, 1) - 1);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"detach_takes_a_table_out", detach_takes_a_table_out, has_tables},
        {"detach_takes_all_levels", detach_takes_all_levels, has_tables},
        {"a_large_leaf_can_come_next", a_large_leaf_can_come_next, has_large_leaves},
        {"leaves_come_at_the_sync", leaves_come_at_the_sync, has_tables},
        {"frozen_leaves_come_at_once", frozen_leaves_come_at_once, can_share_tables},
        {"marks_go_too", marks_go_too, has_marks},
        {"detach_refuses_senseless_calls", detach_refuses_senseless_calls, NULL},
        {"detach_waits_for_whoever_has_locked_the_entry", detach_waits_for_whoever_has_locked_the_entry,
         can_share_tables},
    };

    return formats_run("detach", tests, COUNT(tests)) != 0;
}
