/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The order of effects, looked at from the hooks in the middle of each operation:
 *
 *   hitless     a page that was mapped before and is after, is mapped at every moment in between
 *   publish     what hardware that does not look into caches can reach was written back before it could be reached
 *   break       where a format must break, hardware is told to forget while the entry is a hole
 *   free        a table is given back after hardware was told, never before
 *   log         what becomes of one page when its leaf changes size or output: with each demand of architectures, and with
 *               hardware that bears two sizes side by side
 */
#include "conformance.h"

static const struct format_case hitless_cases[] = {
    {"ept", NULL, "ad=1,hitless=1", false, false, PTW_SIM_INCOHERENT},
    {"x86-64", NULL, "hitless=1", false, false, PTW_SIM_INCOHERENT},
    {"npt", NULL, "hitless=1,levels=5", false, false, PTW_SIM_INCOHERENT},
    {"vtd-fs", NULL, "hitless=1", false, false, PTW_SIM_INCOHERENT},
    {"amdv2", NULL, "hitless=1,giov=1,oa=51,c-bit=51", false, false, PTW_SIM_INCOHERENT},
    {"x86-64", NULL, "hitless=1,cet=1", false, false, PTW_SIM_INCOHERENT},
    {"riscv-sv39x4", NULL, "ad=1,hitless=1", false, false, PTW_SIM_INCOHERENT},
    {"riscv-sv48x4", NULL, "hitless=1", false, false, PTW_SIM_INCOHERENT},
    {"vtd-ss", NULL, "levels=3,ad=1,hitless=1", false, false, PTW_SIM_INCOHERENT},
    {"amdv1", NULL, "hitless=1", false, false, PTW_SIM_INCOHERENT},
    {"arm64-s2", NULL, "ad=1,hitless=1,bbm2=1", false, false, PTW_SIM_INCOHERENT},
    {"arm64-s1", NULL, "hitless=1,bbm2=1", false, false, PTW_SIM_INCOHERENT},
};

static const struct format_case breaking_cases[] = {
    {"arm64-s2", NULL, "ad=1", false, false, PTW_SIM_INCOHERENT},
    {"arm64-s2", NULL, "ipa=48", false, false, PTW_SIM_INCOHERENT},
    {"arm64-s2", NULL, "ipa=30,ad=1", false, false, PTW_SIM_INCOHERENT},
};

/* ------------------------------------------------------------------------------------------- operations ------ */

/* Each changes something about the pages of two large leaves from input_for(1) on, but not where they go. */
static void op_cut(struct fixture *f)
{
    expect_done(ptw_cut(&f->t, input_for(f, 1) + 5 * page(f), 0, &f->g));
}

static void op_merge(struct fixture *f)
{
    expect_done(ptw_merge(&f->t, input_for(f, 1), 2 * span(f, 1), 0, &f->g));
}

static void op_split_to(struct fixture *f)
{
    expect_done(ptw_split_to(&f->t, input_for(f, 1), 2 * span(f, 1), 0, &f->g));
}

static void op_protect_part(struct fixture *f)
{
    expect_done(ptw_protect(&f->t, input_for(f, 1) + page(f), 3 * page(f), instead_of_w(f), PTW_W, 0, &f->g));
}

static void op_map_rights(struct fixture *f)
{
    expect_done(ptw_map(&f->t, input_for(f, 1), output_for(f, 1), 2 * span(f, 1), RW, 0, &f->g));
}

static void op_write_protect(struct fixture *f)
{
    expect_done(ptw_dirty(&f->t, 0, 0, PTW_ALL | PTW_WRITE_PROTECT | PTW_CLEAR, NULL, &f->g));
}

static void op_unmap_neighbour(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1) + 2 * span(f, 1);

    expect_done(ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), RW, 0, &f->g));
    expect_done(ptw_unmap(&f->t, addr + page(f), span(f, 1) - page(f), 0, NULL, &f->g));
    expect_done(ptw_unmap(&f->t, addr, page(f), 0, NULL, &f->g));
}

static void op_map_over_an_empty_table(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1) + 2 * span(f, 1);

    expect_done(ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), RW, 0, &f->g));
    expect_done(ptw_unmap(&f->t, addr, span(f, 1), 0, NULL, &f->g));
}

static void (*const operations[])(struct fixture *f) = {
    op_cut,      op_merge,         op_split_to,     op_merge,      op_protect_part,    op_map_rights,
    op_split_to, op_merge,         op_protect_part, op_map_rights, op_unmap_neighbour, op_map_over_an_empty_table,
    op_split_to, op_write_protect, op_map_rights,   op_merge,
};

static void map_two_leaves(struct fixture *f)
{
    expect_done(ptw_map(&f->t, input_for(f, 1), output_for(f, 1), 2 * span(f, 1), RW, PTW_MAX_LEVEL(1), &f->g));
    ptw_gather_sync(&f->g);
}

static void run_all(struct fixture *f)
{
    for (size_t i = 0; i < COUNT(operations); i++) {
        operations[i](f);
        if (i % 2 != 0)
            ptw_gather_sync(&f->g);
    }
}

/* ---------------------------------------------------------------------------------------------- hitless ------ */

static void expect_no_gap(struct spy *s, enum spy_event event)
{
    struct fixture *f = s->f;
    static const uint64_t pages[] = {0, 1, 5, 511, 512, 600, 1023};

    (void)event;
    for (size_t i = 0; i < COUNT(pages); i++) {
        struct hardware_leaf leaf;
        ptw_addr addr = input_for(f, 1) + pages[i] * page(f);

        assert_int_equal(hardware_walk(&f->hardware, &f->t, addr, &leaf), HARDWARE_OK);
        assert_int_equal(leaf.oa + (addr - leaf.addr), output_for(f, 1) + pages[i] * page(f));
    }
}

static void watch_for_gaps(struct fixture *f)
{
    struct spy s;

    map_two_leaves(f);
    spy_begin(&s, f, expect_no_gap);
    run_all(f);
    ptw_gather_sync(&f->g);
    spy_end(&s);
    assert_true(s.looks[SPY_ALLOC] >= 4 && s.looks[SPY_CLEAN] >= 10 && s.looks[SPY_INVALIDATE] >= 4);
}

static void map_nonfaultable_no_gap(void **state)
{
    (void)state;
    each_case(hitless_cases, COUNT(hitless_cases), watch_for_gaps);
}

/* Can hardware make a clean read-only leaf dirty? (x86 with CR0.WP = 0.) */
static bool read_only_can_become_dirty(const struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_word bits;

    assert_true(e->bits(&f->t.geo, RO | PTW_A, 1, 0, &bits));
    return e->volatile_loss(e->leaf(&f->t.geo, 0, bits, 1, 0)) != 0;
}

/* The old table may still be written through when the new leaf is there: what could become dirty is so from the start. */
static void merge_and_look_at_dirty(struct fixture *f)
{
    const ptw_attr read_only = RO | PTW_A | (read_only_can_become_dirty(f) ? PTW_D : 0);
    ptw_addr addr = input_for(f, 1);

    expect_done(ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), RW | PTW_A, PTW_MAX_LEVEL(0), &f->g));
    expect_done(ptw_map(&f->t, addr + span(f, 1), output_for(f, 1) + span(f, 1), span(f, 1), RO | PTW_A,
                        PTW_MAX_LEVEL(0), &f->g));
    ptw_gather_sync(&f->g);
    expect_done(ptw_merge(&f->t, addr, 2 * span(f, 1), 0, &f->g));
    expect_leaf(f, addr, output_for(f, 1), 1, RW | PTW_AD);
    expect_leaf(f, addr + span(f, 1), output_for(f, 1) + span(f, 1), 1, read_only);
    assert_true((f->g.inval.reasons & PTW_OWED_STRUCT) != 0 && f->g.retired == 2);
}

static void hitless_merge_dirties_writable_leaves(void **state)
{
    (void)state;
    each_case(hitless_cases, COUNT(hitless_cases), merge_and_look_at_dirty);
}

/* What was dirty before, in one part, is so in the leaf, also where hardware could not make it so now. */
static void merge_with_one_dirty_part(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1);

    expect_done(ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), RO | PTW_A, PTW_MAX_LEVEL(0), &f->g));
    assert_true(hardware_mark_ad(&f->hardware, &f->t, addr + 5 * page(f), PTW_AD));
    expect_done(ptw_merge(&f->t, addr, span(f, 1), 0, &f->g));
    expect_leaf(f, addr, output_for(f, 1), 1, RO | PTW_AD);
}

static void hitless_merge_keeps_the_d_of_every_part(void **state)
{
    (void)state;
    each_case(hitless_cases, COUNT(hitless_cases), merge_with_one_dirty_part);
}

/* A page that is sent elsewhere is where it was, or is there already. */
static void expect_old_or_new(struct spy *s, enum spy_event event)
{
    struct fixture *f = s->f;
    const ptw_oa now = output_for(f, 1), then = now + 4 * span(f, 1);
    struct hardware_leaf leaf;

    (void)event;
    assert_int_equal(hardware_walk(&f->hardware, &f->t, input_for(f, 1), &leaf), HARDWARE_OK);
    assert_true(leaf.oa == now || leaf.oa == then);
}

static void remap_and_watch(struct fixture *f, uint64_t size, unsigned level)
{
    const ptw_addr addr = input_for(f, 1);
    const ptw_oa now = output_for(f, 1), then = now + 4 * span(f, 1);
    struct spy s;

    expect_done(ptw_map(&f->t, addr, now, size, RW | PTW_A, PTW_MAX_LEVEL(level), &f->g));
    ptw_gather_sync(&f->g);
    assert_true(hardware_mark_ad(&f->hardware, &f->t, addr, PTW_AD));
    spy_begin(&s, f, expect_old_or_new);
    expect_done(ptw_remap(&f->t, addr, then, size, 0, &f->g));
    ptw_gather_sync(&f->g);
    spy_end(&s);
    assert_true(s.looks[SPY_CLEAN] != 0 && s.looks[SPY_INVALIDATE] != 0);
    expect_leaf(f, addr, then, level, RW | PTW_AD);
    expect_coherent(f, false);
    expect_done(ptw_unmap(&f->t, addr, size, 0, NULL, &f->g));
    ptw_gather_sync(&f->g);
}

static void remap_each_size(struct fixture *f)
{
    if (!can_move(f)) /* with bbm2 other sizes come without a gap, other outputs do not */
        return;
    remap_and_watch(f, page(f), 0);
    remap_and_watch(f, span(f, 1), 1);
}

static void hitless_remap_has_no_gap(void **state)
{
    (void)state;
    each_case(hitless_cases, COUNT(hitless_cases), remap_each_size);
}

static void remap_a_group(struct fixture *f)
{
    const unsigned order = ptw_high_bit(f->t.geo.orders[0] & 0xffU);
    const ptw_addr addr = input_for(f, 1);
    const uint64_t size = page(f) << order;

    assert_true(order != 0);
    if (!f->t.geo.encoder->break_groups) {
        remap_and_watch(f, size, 0);
        return;
    }
    expect_done(ptw_map(&f->t, addr, output_for(f, 1), size, RW, PTW_MAX_LEVEL(0), &f->g));
    expect_result(ptw_remap(&f->t, addr, output_for(f, 1) + 4 * span(f, 1), size, 0, &f->g), PTW_BISECT, addr);
    expect_leaf(f, addr, output_for(f, 1), 0, RW);
}

static void hitless_remap_of_a_group_has_no_gap_either(void **state)
{
    static const struct format_case cases[] = {
        {"amdv1", NULL, "ad=1,groups=1,hitless=1", false, false, PTW_SIM_INCOHERENT},
        {"riscv-sv39x4", NULL, "ad=1,groups=1,hitless=1", false, false, PTW_SIM_INCOHERENT},
    };

    (void)state;
    each_case(cases, COUNT(cases), remap_a_group);
}

/* ---------------------------------------------------------------------------------------------- publish ------ */

/* Follows an address through memory as it is without the processor's caches: to a hole or to `oa`, and through nothing
 * that was not written yet. */
static void expect_written_back(struct spy *s, ptw_addr addr, ptw_oa oa)
{
    struct fixture *f = s->f;
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_oa pa = f->t.root_pa;

    for (unsigned level = f->t.geo.top;; level--) {
        unsigned bits = level == f->t.geo.top ? f->t.geo.root_bits : ptw_level_bits(e, level);
        ptw_addr index = addr >> ptw_level_shift(e, level) & ptw_low_mask(bits);
        const void *behind = ptw_sim_memory_behind(&f->memory, pa + index * e->word_bytes);
        ptw_word w;

        assert_non_null(behind);
        w = hardware_load(&f->t, behind);
        if (e->kind(&f->t.geo, w, level) == PTW_LEAF &&
            e->oa(&f->t.geo, w, level) + (addr & (span(f, level) - 1)) != oa)
            fail_msg("level %u of 0x%" PRIx64 " was never written back: 0x%016" PRIx64, level, addr, w);
        if (e->kind(&f->t.geo, w, level) == PTW_MARKED)
            fail_msg("level %u of 0x%" PRIx64 " holds what nobody wrote: 0x%016" PRIx64, level, addr, w);
        if (e->kind(&f->t.geo, w, level) != PTW_TABLE || level == 0)
            return;
        pa = e->table_pa(&f->t.geo, w, level);
    }
}

static void expect_published_in_order(struct spy *s, enum spy_event event)
{
    (void)event;
    for (unsigned i = 0; i < 3; i++)
        for (uint64_t j = 0; j < 512; j += 37) {
            uint64_t at = j * page(s->f), whole = span(s->f, 1);

            expect_written_back(s, input_for(s->f, 1) + i * whole + at, output_for(s->f, 1) + i % 2 * whole + at);
        }
}

static void watch_publishing(struct fixture *f)
{
    struct spy s;

    spy_begin(&s, f, expect_published_in_order);
    map_two_leaves(f);
    run_all(f);
    ptw_gather_sync(&f->g);
    spy_end(&s);
    assert_true(s.looks[SPY_CLEAN] >= 10);
}

static void tables_are_written_back_before_they_are_reached(void **state)
{
    (void)state;
    each_case(hitless_cases, COUNT(hitless_cases), watch_publishing);
    each_case(breaking_cases, COUNT(breaking_cases), watch_publishing);
}

/* ------------------------------------------------------------------------------------------------ break ------ */

/* Notes whether the page was a hole at every invalidation. */
struct breaking {
    struct spy spy;
    ptw_addr addr;
    unsigned holes;
};

static void count_holes(struct spy *s, enum spy_event event)
{
    struct breaking *b = (struct breaking *)s;
    struct hardware_leaf leaf;

    if (event == SPY_INVALIDATE && hardware_walk(&s->f->hardware, &s->f->t, b->addr, &leaf) == HARDWARE_ABSENT)
        b->holes++;
}

/* Hardware that walked through the table must have forgotten it when the leaf comes. */
static void watch_a_leaf_for_an_empty_table(struct fixture *f, struct breaking *b)
{
    unsigned holes;

    b->addr = input_for(f, 1) + 2 * span(f, 1);
    expect_done(ptw_map(&f->t, b->addr, output_for(f, 1), page(f), RW, 0, &f->g));
    expect_done(ptw_unmap(&f->t, b->addr, page(f), 0, NULL, &f->g));
    ptw_gather_sync(&f->g);
    holes = b->holes;
    expect_done(ptw_map(&f->t, b->addr, output_for(f, 1), span(f, 1), RW, 0, &f->g));
    assert_int_equal(b->holes, holes + 1);
    expect_leaf(f, b->addr, output_for(f, 1), 1, RW);
}

static void watch_breaks(struct fixture *f)
{
    struct breaking b = {.addr = input_for(f, 1) + 7 * page(f)};

    map_two_leaves(f);
    spy_begin(&b.spy, f, count_holes);
    op_cut(f);
    assert_true(b.holes == 1 && b.spy.looks[SPY_INVALIDATE] == 1);
    op_merge(f);
    assert_true(b.holes == 2 && b.spy.looks[SPY_INVALIDATE] == 2);
    ptw_gather_sync(&f->g);
    op_split_to(f);
    assert_int_equal(b.holes, 3);
    expect_leaf(f, b.addr, output_for(f, 1) + 7 * page(f), 0, RW);
    watch_a_leaf_for_an_empty_table(f, &b);
    spy_end(&b.spy);
}

static void sizes_change_through_a_hole(void **state)
{
    (void)state;
    each_case(breaking_cases, COUNT(breaking_cases), watch_breaks);
}

/* Rights, A, D and software bits need no break: there is no hole, and nothing is paid before the caller pays. */
static void watch_changes_in_place(struct fixture *f)
{
    struct breaking b = {.addr = input_for(f, 1)};
    ptw_addr addr = input_for(f, 1);

    map_two_leaves(f);
    spy_begin(&b.spy, f, count_holes);
    expect_done(ptw_protect(&f->t, addr, span(f, 1), within(f, PTW_SOFT(1)) | instead_of_w(f), PTW_W, 0, &f->g));
    expect_done(ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), RW, 0, &f->g));
    expect_done(ptw_dirty(&f->t, addr, span(f, 1), PTW_WRITE_PROTECT | PTW_CLEAR, NULL, &f->g));
    assert_int_equal(b.spy.looks[SPY_INVALIDATE], 0);
    ptw_gather_sync(&f->g);
    assert_true(b.spy.looks[SPY_INVALIDATE] == 1 && b.holes == 0);
    spy_end(&b.spy);
}

static void changes_in_place_need_no_break(void **state)
{
    (void)state;
    each_case(breaking_cases, COUNT(breaking_cases), watch_changes_in_place);
    each_case(hitless_cases, COUNT(hitless_cases), watch_changes_in_place);
}

/* -------------------------------------------------------------------------------------------------- log ------ */

/* What changes, and in which table: a page that is a large leaf or part of one, one of a group, one of its own. */
enum change { CUT, MERGE, REMAP, REPLACE, UNGROUP, GROUP, SHARED_CUT, SHARED_UNGROUP, CHANGES };

static const char *const change_names[CHANGES] = {"cut",
                                                  "merge",
                                                  "remap",
                                                  "map with REPLACE",
                                                  "cut of a group",
                                                  "a new group",
                                                  "cut among others",
                                                  "cut of a group among others"};

/*
 * The page at each moment at which lines were written back, and '!' when hardware is told to forget: 'l' in a large leaf, 'g' in
 * a group, 'p' a leaf of its own, in capitals when it goes elsewhere; '-' a hole. What stays so is written once. One
 * letter: it is refused. NULL: there is nothing of the kind.
 */
struct logged {
    struct format_case kase;
    const char *log[CHANGES];
};

#define LOGGED(name, keys, ...)                                                                                        \
    {                                                                                                                  \
        {name, NULL, keys, false, false, PTW_SIM_INCOHERENT},                                                          \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }

static const struct logged logged[] = {
    LOGGED("arm64-s2", "ad=1,groups=1", "l-!p", "g-!l", "p-!P", "p-!P", "g-!p", "p-!g", "l-!p", "g-!p"),
    LOGGED("arm64-s2", "ad=1,groups=1,bbm2=1", "lp!", "g-!l", "p-!P", "p-!P", "gp!", "pg!", "lp!", "g-p!"),
    LOGGED("arm64-s1", "groups=1,bbm2=1", "lp!", "g-!l", "p-!P", "p-!P", "gp!", "pg!", "lp!", "g-p!"),
    LOGGED("arm64-s2", "ad=1,groups=1,hitless=1", "l", "g", "p", "p", "g", "p", "l", "g"),
    LOGGED("arm64-s2", "ad=1,groups=1,hitless=1,bbm2=1", "lp!", "gl!", "p", "p", "gp!", "pg!", "lp!", "g"),
    LOGGED("riscv-sv48", "ad=1,groups=1", "lp!", "g-!l!", "p-!P!", "p-!P!", "g-!p!", "p-!g!", "lp!", "g-!p!"),
    LOGGED("ept", "ad=1", "lp!", "p-!l", "p-!P", "p-!P", NULL, NULL, "lp!", NULL),
    LOGGED("x86-64", "hitless=1", "lp!", "pl!", "pP!", "pP!", NULL, NULL, "lp!", NULL),
};

static struct {
    struct spy spy;
    enum change change;
    const char *want;
    char text[16];
    size_t n;
} seen;

static ptw_addr logged_page(const struct fixture *f)
{
    return input_for(f, 1) + page(f);
}

static ptw_oa logged_oa(const struct fixture *f)
{
    return output_for(f, 1) + page(f);
}

static void note(char what)
{
    if (seen.n != 0 && seen.text[seen.n - 1] == what)
        return;
    assert_true(seen.n + 1 < sizeof(seen.text));
    seen.text[seen.n++] = what;
}

static void note_page(struct spy *s, enum spy_event event)
{
    struct fixture *f = s->f;
    const ptw_addr addr = logged_page(f);
    struct hardware_leaf leaf;
    char letter = '-';

    if (event == SPY_ALLOC)
        return;
    if (hardware_walk(&f->hardware, &f->t, addr, &leaf) == HARDWARE_OK) {
        const bool moved = leaf.oa + (addr - leaf.addr) != logged_oa(f);

        letter = (moved ? "PGL" : "pgl")[leaf.level != 0 ? 2 : leaf.order != 0 ? 1 : 0];
    }
    note(letter);
    if (event == SPY_INVALIDATE)
        note('!');
}

/* What the page is in before. */
static void begin_logged(struct fixture *f)
{
    const ptw_addr addr = input_for(f, 1);
    const uint64_t group = page(f) << ptw_high_bit(f->t.geo.orders[0]);

    switch (seen.change) {
    case CUT:
    case SHARED_CUT:
    case MERGE:
        expect_done(
            ptw_map(&f->t, addr, output_for(f, 1), span(f, 1), RW, seen.change == MERGE ? PTW_MAX_LEVEL(0) : 0, &f->g));
        break;
    case GROUP:
        for (uint64_t at = 0; at < group; at += page(f))
            expect_done(ptw_map(&f->t, addr + at, output_for(f, 1) + at, page(f), RW, 0, &f->g));
        break;
    case UNGROUP:
    case SHARED_UNGROUP:
        expect_done(ptw_map(&f->t, addr, output_for(f, 1), group, RW, 0, &f->g));
        break;
    default:
        expect_done(ptw_map(&f->t, logged_page(f), logged_oa(f), page(f), RW, 0, &f->g));
        break;
    }
    if (seen.change >= SHARED_CUT)
        expect_status(fixture_share(f, true, 0), PTW_OK);
    fixture_sync(f);
}

static struct ptw_result make_change(struct fixture *f)
{
    const ptw_addr addr = logged_page(f);

    switch (seen.change) {
    case MERGE:
    case GROUP:
        return ptw_merge(&f->t, input_for(f, 1), span(f, 1), 0, &f->g);
    case REMAP:
        return ptw_remap(&f->t, addr, logged_oa(f) + page(f), page(f), 0, &f->g);
    case REPLACE:
        return ptw_map(&f->t, addr, logged_oa(f) + page(f), page(f), RW, PTW_REPLACE, &f->g);
    default:
        return ptw_cut(&f->t, addr, seen.change >= SHARED_CUT ? PTW_SHARED : 0, &f->g);
    }
}

static void watch_change(struct fixture *f)
{
    ptw_status status;

    begin_logged(f);
    seen.n = 0;
    spy_begin(&seen.spy, f, note_page);
    note_page(&seen.spy, SPY_CLEAN);
    status = make_change(f).status;
    fixture_sync(f);
    spy_end(&seen.spy);
    seen.text[seen.n] = '\0';
    if (strcmp(seen.text, seen.want) != 0 || (status == PTW_OK) != (seen.n > 1))
        fail_msg("%s, %s: %s, \"%s\" instead of \"%s\"", f->format->name, change_names[seen.change],
                 ptw_status_name(status), seen.text, seen.want);
}

/* Sizes change without a hole where they may, outputs where neither the architecture nor the table forbid it. */
static void sizes_and_outputs_change_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(logged); i++)
        for (unsigned change = 0; change < CHANGES; change++) {
            seen.change = (enum change)change;
            seen.want = logged[i].log[change];
            if (seen.want != NULL)
                each_case(&logged[i].kase, 1, watch_change);
        }
}

/* ------------------------------------------------------------------------------------------------- free ------ */

static struct fixture *freeing; /* memory's own hook has room for one context only */
static uint64_t told;

static void expect_told(void *ctx, ptw_oa pa, size_t bytes)
{
    (void)ctx, (void)pa, (void)bytes;
    assert_true(freeing->hardware.invalidations > told);
}

/* Each operation that gives tables back has told hardware since it began. */
static void watch_frees(struct fixture *f)
{
    uint64_t frees;

    map_two_leaves(f);
    op_split_to(f);
    ptw_gather_sync(&f->g);
    freeing = f;
    f->memory.freeing = expect_told;
    told = f->hardware.invalidations;
    frees = f->memory.frees;
    op_merge(f);
    ptw_gather_sync(&f->g);
    assert_int_equal(f->memory.frees, frees + 2);
    op_cut(f);
    ptw_gather_sync(&f->g);
    told = f->hardware.invalidations;
    expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, NULL, &f->g));
    ptw_gather_sync(&f->g);
    assert_true(f->memory.frees > frees + 2);
    f->memory.freeing = NULL;
}

/* Two tables more than a gather holds, and then a sync that has no budget left. */
static void watch_a_full_gather(struct fixture *f)
{
    const ptw_addr addr = input_for(f, 1);
    const uint64_t n = PTW_GATHER_TABLES + 2;
    uint64_t frees;

    if ((ptw_last(&f->t) - addr) / span(f, 1) < n)
        return;
    for (uint64_t i = 0; i < n; i++)
        expect_done(ptw_map(&f->t, addr + i * span(f, 1), output_for(f, 1), page(f), RW, 0, &f->g));
    ptw_gather_sync(&f->g);
    freeing = f;
    f->memory.freeing = expect_told;
    told = f->hardware.invalidations;
    frees = f->memory.frees;
    for (uint64_t i = 0; i < n; i++)
        expect_done(ptw_unmap(&f->t, addr + i * span(f, 1), span(f, 1), 0, NULL, &f->g));
    assert_true(f->memory.frees > frees && f->g.retired != 0);
    told = f->hardware.invalidations;
    frees = f->memory.frees;
    f->g.budget = 0;
    (void)ptw_gather_sync(&f->g);
    assert_true(f->memory.frees > frees);
    f->g.budget = ~UINT64_C(0);
    f->memory.freeing = NULL;
}

static void a_full_gather_tells_hardware_before_it_frees(void **state)
{
    (void)state;
    each_case(hitless_cases, COUNT(hitless_cases), watch_a_full_gather);
    each_case(breaking_cases, COUNT(breaking_cases), watch_a_full_gather);
}

static void tables_are_freed_after_hardware_was_told(void **state)
{
    (void)state;
    each_case(hitless_cases, COUNT(hitless_cases), watch_frees);
    each_case(breaking_cases, COUNT(breaking_cases), watch_frees);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_nonfaultable_no_gap),
        cmocka_unit_test(hitless_merge_dirties_writable_leaves),
        cmocka_unit_test(hitless_merge_keeps_the_d_of_every_part),
        cmocka_unit_test(hitless_remap_has_no_gap),
        cmocka_unit_test(hitless_remap_of_a_group_has_no_gap_either),
        cmocka_unit_test(tables_are_written_back_before_they_are_reached),
        cmocka_unit_test(sizes_change_through_a_hole),
        cmocka_unit_test(changes_in_place_need_no_break),
        cmocka_unit_test(sizes_and_outputs_change_in_order),
        cmocka_unit_test(tables_are_freed_after_hardware_was_told),
        cmocka_unit_test(a_full_gather_tells_hardware_before_it_frees),
    };

    return cmocka_run_group_tests_name("order of effects", tests, NULL, NULL) != 0;
}
