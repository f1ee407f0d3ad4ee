/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What gathers hold, for every format: ranges that lie apart are invalidated one by one and nothing between them is, as far as
 * there is room; what is owed before a break is found in any of them; what is abandoned is forgotten; and a table that is
 * destroyed while something is owed traps in builds with assertions.
 */
#include "conformance.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* ----------------------------------------------------------------------------------------------- ranges --- */

/* What the hook was told. */
struct heard {
    struct ptw_hw hw;
    struct ptw_inval inval[2 * PTW_GATHER_RANGES];
    size_t n;
};

static void hear(void *ctx, const struct ptw_inval *inval)
{
    struct heard *h = ctx;

    assert_true(h->n < COUNT(h->inval));
    h->inval[h->n++] = *inval;
    h->hw.invalidate(h->hw.ctx, inval);
}

static void listen(struct fixture *f, struct heard *h, uint64_t gap)
{
    ptw_gather_sync(&f->g);
    h->n = 0;
    h->hw = f->t.hw;
    f->t.hw = (struct ptw_hw){.invalidate = hear, .ctx = h};
    ptw_gather_apart(&f->g, gap);
}

static void stop_listening(struct fixture *f, const struct heard *h)
{
    ptw_gather_sync(&f->g);
    f->t.hw = h->hw;
    ptw_gather_apart(&f->g, ~UINT64_C(0));
}

/* The hook has heard of [first, last] alone in one call. */
static void expect_heard_at(const struct heard *h, ptw_addr first, ptw_addr last, int line)
{
    for (size_t i = 0; i < h->n; i++)
        if (h->inval[i].first == first && h->inval[i].last == last)
            return;
    print_error("nothing invalidates [0x%" PRIx64 ", 0x%" PRIx64 "] alone\n", first, last);
    _fail(__FILE__, line);
}
#define expect_heard(h, first, last) expect_heard_at((h), (first), (last), __LINE__)

/* Pages with three holes between each, of the smallest leaves. */
static ptw_addr page_at(const struct fixture *f, uint64_t i)
{
    return ptw_first(&f->t) + 4 * i * page(f);
}

static void map_pages(struct fixture *f, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        expect_done(ptw_map(&f->t, page_at(f, i), i * page(f), page(f), RW, 0, &f->g));
}

static void unmap_page(struct fixture *f, uint64_t i)
{
    expect_done(ptw_unmap(&f->t, page_at(f, i), page(f), 0, NULL, &f->g));
}

static bool has_room(const struct fixture *f)
{
    return f->t.geo.ia_mask / page(f) > UINT64_C(8) * PTW_GATHER_RANGES;
}

/* As many as there is room for, each alone; how many are still to come is said. */
static void ranges_apart_are_invalidated_one_by_one(struct fixture *f)
{
    struct heard h;

    map_pages(f, PTW_GATHER_RANGES);
    listen(f, &h, page(f));
    for (uint64_t i = 0; i < PTW_GATHER_RANGES; i++)
        unmap_page(f, (i * 5 + 3) % PTW_GATHER_RANGES);
    assert_int_equal(h.n, 0);
    ptw_gather_sync(&f->g);
    assert_true(ptw_gather_empty(&f->g));
    assert_int_equal(h.n, PTW_GATHER_RANGES);
    for (uint64_t i = 0; i < PTW_GATHER_RANGES; i++) {
        expect_heard(&h, page_at(f, i), page_at(f, i) + (page(f) - 1));
        assert_int_equal(h.inval[i].reasons, PTW_OWED_TRANSLATION);
        assert_int_equal(h.inval[i].levels, 1);
        assert_int_equal(h.inval[i].rest, PTW_GATHER_RANGES - 1 - i);
    }
    stop_listening(f, &h);
}

/* One more: an unmap and a protect pay for those that there are. */
static void a_range_too_many_pays_for_the_others(struct fixture *f)
{
    const uint64_t n = PTW_GATHER_RANGES;
    struct heard h;

    for (unsigned how = 0; how < (has_read_only(f) ? 3U : 2U); how++) {
        map_pages(f, n + 1);
        listen(f, &h, page(f));
        for (uint64_t i = 0; i < n; i++)
            unmap_page(f, i);
        if (how == 0)
            unmap_page(f, n);
        else if (how == 1)
            expect_done(ptw_unmap(&f->t, page_at(f, n), 2 * page(f), 0, NULL, &f->g));
        else
            expect_done(ptw_protect(&f->t, page_at(f, n), page(f), instead_of_w(f), PTW_W, 0, &f->g));
        assert_int_equal(h.n, n);
        for (uint64_t i = 0; i < n; i++)
            expect_heard(&h, page_at(f, i), page_at(f, i) + (page(f) - 1));
        stop_listening(f, &h);
        assert_int_equal(h.n, n + 1);
        assert_true(h.inval[n].first == page_at(f, n));
        empty_all(f);
    }
}

/* What is near to one of them makes that wider, whichever it is; what is not near to the last one is not lost. */
static void what_is_near_is_one_range(struct fixture *f)
{
    struct heard h;

    map_pages(f, 12);
    expect_done(ptw_map(&f->t, page_at(f, 1) + page(f), 64 * page(f), 3 * page(f), RW, 0, &f->g));
    listen(f, &h, page(f));
    unmap_page(f, 1);
    unmap_page(f, 8);
    unmap_page(f, 11);
    expect_done(ptw_unmap(&f->t, page_at(f, 1) + 2 * page(f), page(f), 0, NULL, &f->g)); /* a page between */
    unmap_page(f, 2);                                                                    /* and one more */
    stop_listening(f, &h);
    assert_int_equal(h.n, 3);
    expect_heard(&h, page_at(f, 1), page_at(f, 2) + (page(f) - 1));
    expect_heard(&h, page_at(f, 8), page_at(f, 8) + (page(f) - 1));
    expect_heard(&h, page_at(f, 11), page_at(f, 11) + (page(f) - 1));
}

/* The first and the last page of the space, and the two at a canonical hole, are far from each other. */
static void ends_of_the_space_are_apart(struct fixture *f)
{
    const ptw_addr first = ptw_first(&f->t), last = ptw_last(&f->t) - (page(f) - 1);
    struct heard h;

    expect_done(ptw_map(&f->t, last, page(f), page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, first, 0, page(f), RW, 0, &f->g));
    listen(f, &h, 16 * page(f));
    expect_done(ptw_unmap(&f->t, last, page(f), 0, NULL, &f->g));
    expect_done(ptw_unmap(&f->t, first, page(f), 0, NULL, &f->g));
    stop_listening(f, &h);
    assert_int_equal(h.n, 2);
    expect_heard(&h, first, first + (page(f) - 1));
    expect_heard(&h, last, ptw_last(&f->t));
}

/* A cursor that is held, maps of hardware that remembers holes, and addresses that are none of the table's. */
static void all_forms_keep_ranges_apart(struct fixture *f)
{
    struct ptw_cursor c;
    struct heard h;

    map_pages(f, 4);
    expect_status(ptw_cursor_init(&c, &f->t, 0, 0, PTW_ALL), PTW_OK);
    listen(f, &h, page(f));
    for (uint64_t i = 0; i < 4; i++)
        expect_status(ptw_cursor_unmap(&c, page_at(f, i), &f->g), PTW_OK);
    ptw_gather_sync(&f->g);
    assert_int_equal(h.n, 4);
    h.n = 0;
    for (uint64_t i = 0; i < 4; i++)
        expect_status(i % 2 != 0 ? ptw_cursor_map(&c, page_at(f, i), i * page(f), RW, &f->g)
                                 : ptw_map(&f->t, page_at(f, i), i * page(f), page(f), RW, 0, &f->g).status,
                      PTW_OK);
    if (f->t.geo.ia_sign == 0 && f->t.geo.ia_mask != ~UINT64_C(0))
        expect_status(ptw_unmap(&f->t, ptw_last(&f->t) + 1, page(f), 0, NULL, &f->g).status, PTW_RANGE);
    ptw_gather_sync(&f->g);
    assert_int_equal(h.n, owed_for_holes(f) != 0 ? 4 : 0);
    stop_listening(f, &h);
}

/* A page is unmapped, and others far away: who maps it again must break before he makes. */
static void a_break_is_found_in_any_range(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const bool breaks = e->break_before_make || (e->break_groups && (f->t.geo.options & PTW_OPT_GROUPS) != 0);
    struct heard h;

    map_pages(f, 3);
    listen(f, &h, page(f));
    for (uint64_t i = 0; i < 3; i++)
        unmap_page(f, i);
    expect_done(ptw_map(&f->t, page_at(f, 0), 99 * page(f), page(f), RW, 0, &f->g));
    assert_int_equal(h.n, breaks ? 3 : 0);
    stop_listening(f, &h);
}

/* ------------------------------------------------------------------------------------------ forgetting --- */

static void what_is_abandoned_is_forgotten(struct fixture *f)
{
    struct heard h;

    listen(f, &h, page(f));
    expect_done(ptw_map(&f->t, 0, 0, span(f, 1), RW, PTW_MAX_LEVEL(0), &f->g));
    expect_done(ptw_map(&f->t, span(f, 1) + 4 * page(f), 0, page(f), RW, 0, &f->g));
    ptw_gather_sync(&f->g);
    h.n = 0;
    expect_done(ptw_unmap(&f->t, 0, span(f, 1), 0, NULL, &f->g));
    expect_done(ptw_unmap(&f->t, span(f, 1) + 4 * page(f), page(f), 0, NULL, &f->g));
    assert_int_equal(f->g.retired, 1);
    ptw_gather_abandon(&f->g);
    assert_true(ptw_gather_empty(&f->g));
    assert_int_equal(h.n, 0);
    stop_listening(f, &h);
    assert_int_equal(h.n, 0);
}

/* In a process of its own: does it end by itself? */
static bool survives(struct fixture *f, void (*run)(struct fixture *f))
{
    int status = 0;
    const pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGILL, SIG_DFL);
        signal(SIGTRAP, SIG_DFL);
        run(f);
        _exit(0);
    }
    assert_true(waitpid(child, &status, 0) == child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void drop_an_invalidation(struct fixture *f)
{
    (void)ptw_unmap(&f->t, 0, page(f), 0, NULL, &f->g);
    ptw_gather_init(&f->g, &f->t);
    ptw_destroy(&f->t);
}

static void drop_a_table(struct fixture *f)
{
    (void)ptw_unmap(&f->t, 0, span(f, 1), 0, NULL, &f->g);
    f->t.hw.invalidate = NULL;
    f->g.budget = 0;
    (void)ptw_map(&f->t, span(f, 1), 0, page(f), RW, 0, &f->g);
    ptw_gather_init(&f->g, &f->t);
    ptw_destroy(&f->t);
}

static void drop_nothing(struct fixture *f)
{
    (void)ptw_unmap(&f->t, 0, span(f, 1), 0, NULL, &f->g);
    ptw_gather_sync(&f->g);
    ptw_gather_init(&f->g, &f->t);
    ptw_destroy(&f->t);
}

static void a_gather_that_is_dropped_is_noticed(struct fixture *f)
{
#ifdef NDEBUG
    const bool noticed = false;
#else
    const bool noticed = true;
#endif

    expect_done(ptw_map(&f->t, 0, 0, page(f), RW, 0, &f->g));
    ptw_gather_sync(&f->g);
    assert_true(survives(f, drop_nothing));
    assert_true(survives(f, drop_an_invalidation) == !noticed);
    assert_true(survives(f, drop_a_table) == !noticed);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"ranges_apart_are_invalidated_one_by_one", ranges_apart_are_invalidated_one_by_one, has_room},
        {"a_range_too_many_pays_for_the_others", a_range_too_many_pays_for_the_others, has_room},
        {"what_is_near_is_one_range", what_is_near_is_one_range, has_room},
        {"ends_of_the_space_are_apart", ends_of_the_space_are_apart, has_room},
        {"all_forms_keep_ranges_apart", all_forms_keep_ranges_apart, has_room},
        {"a_break_is_found_in_any_range", a_break_is_found_in_any_range, has_room},
        {"what_is_abandoned_is_forgotten", what_is_abandoned_is_forgotten, has_tables},
        {"a_gather_that_is_dropped_is_noticed", a_gather_that_is_dropped_is_noticed, has_tables},
    };

    return formats_run("gather", tests, COUNT(tests));
}
