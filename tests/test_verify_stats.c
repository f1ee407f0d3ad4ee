/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What ptw_verify and ptw_stats promise, for every format of the format table: a table that this library wrote passes,
 * whatever was done to it; each kind of corruption is found, at the right entry, with a reason; the smallest scratch is
 * enough; nothing is changed. The counts of stats are those of the simulated hardware.
 *
 * "A table that is misaligned" can't be planted: in these formats an entry has no bits for it.
 */
#include "conformance.h"

#define SCRATCH 64

/* Verifies with room for `n` addresses. The bound leaves room for what a test links twice, so that it is found. */
static ptw_status audit(struct fixture *f, size_t n, struct ptw_finding *finding)
{
    static ptw_oa scratch[SCRATCH];
    struct ptw_finding none;

    return ptw_verify(&f->t, scratch, n, f->memory.outstanding + 4, finding != NULL ? finding : &none);
}

/* A leaf of each size, a table full of pages, pages at both ends, a user's mark. */
static void grow(struct fixture *f)
{
    ptw_addr last = ptw_last(&f->t) - page(f) + 1;

    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++)
        expect_done(ptw_map(&f->t, input_for(f, level), output_for(f, level), span(f, level), RW, 0, &f->g));
    (void)ptw_map(&f->t, last, 0, page(f), RO, PTW_MAX_LEVEL(0), &f->g);
    expect_done(ptw_map(&f->t, 0, page(f), 40 * page(f), within(f, RWX), PTW_MAX_LEVEL(0), &f->g)); /* no groups */
    expect_done(ptw_unmap(&f->t, 7 * page(f), page(f), 0, NULL, &f->g));
    plant(f, 7 * page(f), f->t.geo.encoder->mark(PTW_MARK_USER, 0, 0));
    ptw_gather_sync(&f->g);
}

static void own_tables_pass(struct fixture *f)
{
    struct snapshot s;

    expect_status(audit(f, 2, NULL), PTW_OK);
    grow(f);
    s = snapshot_take(f);
    for (size_t n = 2; n <= SCRATCH; n += n < 8 ? 1 : 7)
        expect_status(audit(f, n, NULL), PTW_OK);
    expect_unchanged(f, &s);
    if (can_cut(f)) {
        expect_status(ptw_merge(&f->t, 0, 0, PTW_ALL, &f->g).status, PTW_SPURIOUS);
        expect_done(ptw_cut(&f->t, input_for(f, 1) + page(f), 0, &f->g));
    }
    expect_done(ptw_protect(&f->t, 0, 0, within(f, PTW_SOFT(3)) | instead_of_w(f), PTW_W, PTW_ALL, &f->g));
    expect_status(audit(f, 3, NULL), PTW_OK);
}

static void scratch_must_have_room_for_two(struct fixture *f)
{
    struct ptw_finding finding;
    ptw_oa room[2];

    expect_status(ptw_verify(&f->t, room, 0, 9, &finding), PTW_INVAL);
    expect_status(ptw_verify(&f->t, room, 1, 9, &finding), PTW_INVAL);
    expect_status(ptw_verify(&f->t, NULL, 0, 9, &finding), PTW_INVAL);
    expect_status(ptw_verify(&f->t, room, 2, 9, &finding), PTW_OK);
}

/* ------------------------------------------------------------------------------------------ corruption ------- */

/* `w` in the slot of `addr` at `level`: found, there, with a reason; the old word back, and nothing is. */
static void expect_found(struct fixture *f, ptw_addr addr, unsigned level, ptw_word w)
{
    void *slot = slot_at(f, addr, level);
    ptw_word good = hardware_load(&f->t, slot);
    ptw_addr start = addr & ~(span(f, level) - 1);
    const size_t rooms[] = {2, 5, SCRATCH};

    store(f, slot, w);
    for (size_t i = 0; i < COUNT(rooms); i++) {
        struct ptw_finding finding = {.why = NULL};

        expect_status(audit(f, rooms[i], &finding), PTW_FAULTED);
        assert_true(finding.why != NULL && strlen(finding.why) > 8);
        if (finding.entry.level != level || finding.entry.addr != start || finding.entry.word != w)
            fail_msg("\"%s\" at level %u 0x%" PRIx64 ", wanted level %u 0x%" PRIx64 " word 0x%" PRIx64, finding.why,
                     finding.entry.level, finding.entry.addr, level, start, w);
        assert_ptr_equal(finding.entry.slot, slot);
    }
    store(f, slot, good);
    expect_status(audit(f, 2, NULL), PTW_OK);
}

/* The first bit of a leaf that illegal() objects to; there is one in every format but in none the same. */
static ptw_word with_a_reserved_bit(struct fixture *f, ptw_word w, unsigned level)
{
    const struct ptw_encoder *e = f->t.geo.encoder;

    for (unsigned n = 0; n < 64; n++) {
        ptw_word bad = w ^ PTW_BIT(n);

        if (e->kind(&f->t.geo, bad, level) == e->kind(&f->t.geo, w, level) && e->illegal(&f->t.geo, bad, level) != NULL)
            return bad;
    }
    fail_msg("no reserved bit at level %u", level);
    return 0;
}

static void reserved_bits_are_found(struct fixture *f)
{
    grow(f);
    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++) {
        ptw_addr addr = input_for(f, level);
        ptw_word w = hardware_load(&f->t, slot_at(f, addr, level));

        expect_found(f, addr, level, with_a_reserved_bit(f, w, level));
    }
}

/* Where a width is configured that leaves address bits, a leaf must not use them, nor may a table entry. */
static void outputs_that_are_too_wide_are_found(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_oa far = f->t.geo.oa_last + 1;
    ptw_word bits;

    assert_true(f->t.geo.oa_bits < 48);
    grow(f);
    assert_true(e->bits(&f->t.geo, RW | PTW_AD, 0, 0, &bits));
    expect_found(f, 3 * page(f), 0, e->leaf(&f->t.geo, far, bits, 0, 0));
    assert_true(e->bits(&f->t.geo, RW | PTW_AD, 1, 0, &bits));
    expect_found(f, input_for(f, 1), 1, e->leaf(&f->t.geo, far, bits, 1, 0));
}

/* A leaf where there are none, and a pointer where there is nothing below. */
static void entries_at_the_wrong_level_are_found(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_word bits, table = e->table(&f->t.geo, PTW_SIM_PA, 1);

    grow(f);
    assert_true(e->bits(&f->t.geo, RW | PTW_AD, 1, 0, &bits));
    for (unsigned level = 2; level <= f->t.geo.top; level++)
        if (e->leaf_orders(level) == 0 && e->kind(&f->t.geo, e->leaf(&f->t.geo, 0, bits, 1, 0), level) == PTW_LEAF)
            expect_found(f, 0, level, e->leaf(&f->t.geo, 0, bits, 1, 0));
    if (e->kind(&f->t.geo, table, 0) == PTW_TABLE ||
        (e->kind(&f->t.geo, table, 0) == PTW_LEAF && e->order(table, 0) == 0 &&
         e->illegal(&f->t.geo, table, 0) != NULL))
        expect_found(f, 3 * page(f), 0, table);
}

static void transient_marks_are_found(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;

    grow(f);
    for (unsigned level = 0; level <= f->t.geo.top; level++) {
        ptw_addr addr = level == 0 ? 50 * page(f) : 0;

        if (level > 0 && e->kind(&f->t.geo, hardware_load(&f->t, slot_at(f, addr, level)), level) != PTW_TABLE)
            continue;
        expect_found(f, addr, level, e->mark(PTW_MARK_LOCKED, 0, level));
        expect_found(f, addr, level, e->mark(PTW_MARK_DEAD, 0, level));
    }
}

/* Two entries of one level that point to the same table: the second one in order is the finding. */
static void table_linked_twice_is_found(struct fixture *f)
{
    ptw_addr twin = input_for(f, 1) + span(f, 1);

    grow(f);
    if (hardware_load(&f->t, slot_at(f, twin, 1)) != f->t.geo.encoder->empty(1))
        fail_msg("0x%" PRIx64 " is in use", twin);
    expect_found(f, twin, 1, hardware_load(&f->t, slot_at(f, 0, 1)));
}

/* A table that points to a table above itself: the walk ends, and the second link is the finding. */
static void cycle_is_found(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    struct ptw_finding finding = {.why = NULL};
    ptw_addr addr = input_for(f, 1) + span(f, 1);
    void *slot;

    grow(f);
    slot = slot_at(f, addr, 1);
    store(f, slot, e->table(&f->t.geo, e->table_pa(&f->t.geo, hardware_load(&f->t, slot_at(f, 0, 2)), 2), 1));
    expect_status(audit(f, 2, &finding), PTW_FAULTED);
    assert_non_null(finding.why);
    expect_status(audit(f, SCRATCH, &finding), PTW_FAULTED);
    if (f->t.geo.root_bits >= ptw_level_bits(e, 0)) { /* a smaller root can't be read as a table of pages */
        store(f, slot, e->table(&f->t.geo, f->t.root_pa, 1));
        expect_status(audit(f, 2, &finding), PTW_FAULTED);
        assert_non_null(finding.why);
    }
    store(f, slot, e->empty(1));
    expect_status(audit(f, 2, NULL), PTW_OK);
}

static bool has_three_levels(const struct fixture *f)
{
    return f->t.geo.top >= 2;
}

/* More tables than were ever given out, though no two are the same in what scratch can hold. */
static void too_many_tables_are_found(struct fixture *f)
{
    struct ptw_finding finding = {.why = NULL};
    ptw_oa room[2];

    grow(f);
    expect_status(ptw_verify(&f->t, room, 2, f->memory.outstanding, &finding), PTW_OK);
    expect_status(ptw_verify(&f->t, room, 2, f->memory.outstanding - 1, &finding), PTW_FAULTED);
    assert_non_null(finding.why);
    assert_int_equal(finding.entry.kind, PTW_TABLE);
}

static void unreachable_table_is_found(struct fixture *f)
{
    grow(f);
    expect_found(f, 0, 1, f->t.geo.encoder->table(&f->t.geo, PTW_SIM_PA - 0x10000, 1));
}

static bool reaches_by_hook(const struct fixture *f)
{
    return f->memory.hooks.va != NULL;
}

/* What the operations answer when they meet a table that can't be reached: FAULTED, and nothing worse. */
static void operations_fault_on_an_unreachable_table(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    struct ptw_stats stats;
    void *slot;
    ptw_word good;

    grow(f);
    slot = slot_at(f, 0, 1);
    good = hardware_load(&f->t, slot);
    store(f, slot, e->table(&f->t.geo, PTW_SIM_PA - 0x10000, 1));
    expect_result(ptw_map(&f->t, 0, 0, page(f), RW, 0, &f->g), PTW_FAULTED, 0);
    expect_result(ptw_unmap(&f->t, 0, page(f), 0, NULL, &f->g), PTW_FAULTED, 0);
    expect_result(ptw_protect(&f->t, 0, page(f), instead_of_w(f), PTW_W, 0, &f->g), PTW_FAULTED, 0);
    expect_result(ptw_dirty(&f->t, 0, page(f), PTW_WRITE_PROTECT, NULL, &f->g), PTW_FAULTED, 0);
    expect_status(ptw_cut(&f->t, page(f), 0, &f->g).status, PTW_FAULTED);
    expect_status(ptw_split_to(&f->t, 0, page(f), 0, &f->g).status, PTW_FAULTED);
    expect_status(ptw_next_run(&f->t, 0, page(f), &(struct ptw_run){0}), PTW_FAULTED);
    expect_result(ptw_remap(&f->t, 0, 0, page(f), 0, &f->g), can_move(f) ? PTW_FAULTED : PTW_UNSUPPORTED, 0);
    expect_status(ptw_relax(&f->t, 0, PTW_R, 0), PTW_FAULTED);
    if (ptw_mark_bits(&f->t) != 0)
        expect_result(ptw_annotate(&f->t, 0, page(f), PTW_MARK_USER, 0, 0, &f->g), PTW_FAULTED, 0);
    expect_result(ptw_merge(&f->t, 0, span(f, 1), 0, &f->g), can_break(f) ? PTW_FAULTED : PTW_UNSUPPORTED, 0);
    expect_result(ptw_trim(&f->t, page(f), page(f), 0, &f->g), PTW_FAULTED, page(f));
    expect_status(ptw_stats(&f->t, &stats), PTW_FAULTED);
    assert_int_equal(stats.leaves[1], leaves_at(f, 1));
    f->hardware.violation = NULL; /* the simulated hardware met it, too */
    store(f, slot, good);
}

/* ----------------------------------------------------------------------------------------------- stats ------- */

static void expect_counts(struct fixture *f)
{
    const struct leaves *l = leaves_of(f);
    uint64_t at[PTW_LEVELS_MAX] = {0}, marks = 0;
    struct ptw_stats stats;

    for (size_t i = 0; i < l->n; i++) {
        if (l->leaf[i].kind == PTW_LEAF)
            at[l->leaf[i].level]++;
        else
            marks++;
    }
    memset(&stats, 0x55, sizeof(stats));
    expect_status(ptw_stats(&f->t, &stats), PTW_OK);
    assert_memory_equal(stats.leaves, at, sizeof(at));
    assert_int_equal(stats.marks, marks);
    assert_int_equal(stats.tables, l->tables);
    assert_int_equal(stats.tables, f->memory.outstanding);
    if (f->t.geo.root_bits >= 3) /* a smaller root lies in a block of 64 bytes */
        assert_int_equal(stats.table_bytes, f->memory.outstanding_bytes);
}

/* After anything at all: a recount by the hardware, and what the allocator has given out. */
static void stats_match_recount(struct fixture *f)
{
    expect_counts(f);
    grow(f);
    expect_counts(f);
    for (unsigned i = 0; i < 60; i++) {
        ptw_addr addr = random64() % 3 * span(f, 1) + random64() % 80 * page(f);
        uint64_t size = (random64() % 100 + 1) * page(f);

        if (i % 3 == 0)
            (void)ptw_unmap(&f->t, addr, size, PTW_WIDEN, NULL, &f->g);
        else
            (void)ptw_map(&f->t, addr, addr, size, i % 2 == 0 ? RW : RO, 0, &f->g);
        if (i % 10 == 9) {
            (void)ptw_merge(&f->t, 0, 0, PTW_ALL, &f->g);
            ptw_gather_sync(&f->g);
            expect_counts(f);
            expect_status(audit(f, 4, NULL), PTW_OK);
        }
    }
    expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, NULL, &f->g));
    ptw_gather_sync(&f->g);
    expect_counts(f);
}

/* The table of formats has full widths only: these are narrower. */
static void narrow_outputs(void **state)
{
    static const struct format_case cases[] = {
        {"ept", NULL, "oa=40,ad=1", false, false, 0},
        {"x86-64", NULL, "oa=40", false, false, 0},
        {"npt", NULL, "oa=46", false, false, 0},
        {"arm64-s2", NULL, "ipa=36,oa=40,ad=1", false, false, 0},
        {"riscv-sv48x4", NULL, "oa=44,ad=1", false, false, 0},
        {"vtd-ss", NULL, "levels=3,oa=39,ad=1", false, false, 0},
        {"amdv1", NULL, "levels=3,oa=40", false, false, 0},
        {"x86-pae", NULL, "oa=36", false, false, 0},
    };

    (void)state;
    each_case(cases, COUNT(cases), outputs_that_are_too_wide_are_found);
}

int main(void)
{
    const struct CMUnitTest once[] = {cmocka_unit_test(narrow_outputs)};
    static const struct format_test tests[] = {
        {"own_tables_pass", own_tables_pass, has_read_only_tables},
        {"scratch_must_have_room_for_two", scratch_must_have_room_for_two, NULL},
        {"reserved_bits_are_found", reserved_bits_are_found, NULL},
        {"entries_at_the_wrong_level_are_found", entries_at_the_wrong_level_are_found, NULL},
        {"transient_marks_are_found", transient_marks_are_found, NULL},
        {"table_linked_twice_is_found", table_linked_twice_is_found, has_tables},
        {"cycle_is_found", cycle_is_found, has_three_levels},
        {"too_many_tables_are_found", too_many_tables_are_found, has_tables},
        {"unreachable_table_is_found", unreachable_table_is_found, reaches_by_hook},
        {"operations_fault_on_an_unreachable_table", operations_fault_on_an_unreachable_table, reaches_by_hook},
        {"stats_match_recount", stats_match_recount, NULL},
    };
    int failed = cmocka_run_group_tests_name("narrow outputs", once, NULL, NULL);

    return failed + formats_run("verify and stats", tests, COUNT(tests)) != 0;
}
