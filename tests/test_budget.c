/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Budgets, for every format: an operation that stops with PTW_YIELD and is called again from `next` until it is done
 * leaves the same table as one that never stops, goes over its budget by no more than a table, and always gets on.
 */
#include "conformance.h"

#define TINY 3U

/* How often the loop below was sent back. */
static unsigned yields;

struct job {
    const char *name;
    struct ptw_result (*run)(struct fixture *f, ptw_addr addr, uint64_t size);
    bool (*wants)(const struct fixture *f);
};

static ptw_oa oa_of(const struct fixture *f, ptw_addr addr)
{
    return (addr - span(f, 1)) + 3 * page(f);
}

static struct ptw_result run_map(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_map(&f->t, addr, oa_of(f, addr), size, RW, 0, &f->g);
}

static struct ptw_result run_remap(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_remap(&f->t, addr, oa_of(f, addr) + 4 * page(f), size, 0, &f->g);
}

static struct ptw_result run_protect(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_protect(&f->t, addr, size, within(f, PTW_SOFT(1)), 0, 0, &f->g);
}

static struct ptw_result run_dirty(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_dirty(&f->t, addr, size, PTW_CLEAR, NULL, &f->g);
}

static struct ptw_result run_age(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_age(&f->t, addr, size, PTW_CLEAR, NULL, &f->g);
}

static struct ptw_result run_unmap(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_unmap(&f->t, addr, size, 0, NULL, &f->g);
}

static void ignore_leaf(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    (void)sink;
    (void)leaf;
}

static struct ptw_result run_unmap_sink(struct fixture *f, ptw_addr addr, uint64_t size)
{
    struct ptw_sink sink = {.leaf = ignore_leaf};

    return ptw_unmap(&f->t, addr, size, 0, &sink, &f->g);
}

static struct ptw_result run_trim(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_trim(&f->t, addr, size, 0, &f->g);
}

static struct ptw_result run_annotate(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_annotate(&f->t, addr, size, 7, 0, 0, &f->g);
}

static bool has_marks(const struct fixture *f)
{
    return ptw_mark_bits(&f->t) != 0;
}

/* Until it is done; every step but those that only free gets further. */
static void run_in_steps(struct fixture *f, const struct job *job, ptw_addr addr, uint64_t size, uint64_t budget)
{
    struct ptw_result r;
    unsigned stuck = 0;

    for (;;) {
        ptw_gather_budget(&f->g, budget);
        r = job->run(f, addr, size);
        if (r.status != PTW_YIELD)
            break;
        yields++;
        assert_true(r.next >= addr && r.next - addr < size);
        stuck = r.next == addr ? stuck + 1 : 0;
        assert_true(stuck < 2000);
        size -= r.next - addr;
        addr = r.next;
    }
    if (r.status != PTW_SPURIOUS)
        expect_done(r);
    do
        ptw_gather_budget(&f->g, budget);
    while (ptw_gather_sync(&f->g) == PTW_YIELD);
    ptw_gather_budget(&f->g, ~UINT64_C(0));
    expect_coherent(f, false);
}

/* All that both tables translate is the same, leaf by leaf. */
static void expect_equal_tables(struct fixture *a, struct fixture *b)
{
    static struct leaves of_a;
    const struct leaves *of_b;

    of_a = *leaves_of(a);
    of_b = leaves_of(b);
    assert_int_equal(of_a.n, of_b->n);
    for (size_t i = 0; i < of_a.n; i++) {
        assert_int_equal(of_a.leaf[i].addr, of_b->leaf[i].addr);
        assert_int_equal(of_a.leaf[i].oa, of_b->leaf[i].oa);
        assert_int_equal(of_a.leaf[i].attr, of_b->leaf[i].attr);
        assert_int_equal(of_a.leaf[i].level, of_b->leaf[i].level);
        assert_int_equal(of_a.leaf[i].order, of_b->leaf[i].order);
        assert_int_equal(of_a.leaf[i].kind, of_b->leaf[i].kind);
    }
}

/* One life of a table: once in one go, once three entries at a time. */
static void steps_end_where_one_call_does(struct fixture *f)
{
    static const struct job jobs[] = {
        {"map", run_map, NULL},
        {"remap", run_remap, can_break},
        {"protect", run_protect, has_soft_bits},
        {"dirty", run_dirty, fixture_has_ad},
        {"age", run_age, fixture_has_ad},
        {"unmap", run_unmap, NULL},
        {"map", run_map, NULL},
        {"unmap_sink", run_unmap_sink, NULL},
        {"trim", run_trim, NULL},
        {"annotate", run_annotate, has_marks},
    };
    const ptw_addr addr = span(f, 1);
    const uint64_t size = entries(f, 0) * page(f) * 2 + 5 * page(f);
    struct fixture whole;

    if (!has_tables(f) || ptw_last(&f->t) - addr < size || oa_of(f, addr + size) + 8 * page(f) > f->t.geo.oa_last)
        return;
    expect_status(fixture_open(&whole, f->kase), PTW_OK);
    yields = 0;
    for (size_t i = 0; i < COUNT(jobs); i++) {
        if (jobs[i].wants != NULL && !jobs[i].wants(f))
            continue;
        run_in_steps(&whole, &jobs[i], addr, size, ~UINT64_C(0));
        assert_int_equal(yields == 0, i == 0);
        run_in_steps(f, &jobs[i], addr, size, i % 2 == 0 ? TINY : 0);
        expect_equal_tables(f, &whole);
        if (jobs[i].run == run_trim)
            assert_int_equal(f->memory.outstanding, whole.memory.outstanding);
    }
    assert_null(fixture_finish(&whole));
    fixture_close(&whole);
}

/* What is looked at in one call: a table more than the budget at most. */
static void a_step_is_short(struct fixture *f)
{
    const uint64_t n = entries(f, 0), size = 4 * n * page(f);
    const ptw_addr addr = span(f, 1);
    uint64_t found = 0;

    if (f->t.geo.top == 0 || ptw_last(&f->t) - addr < size || oa_of(f, addr + size) > f->t.geo.oa_last)
        return;
    expect_done(ptw_map(&f->t, addr, oa_of(f, addr), size, RW | PTW_AD, 0, &f->g));
    for (ptw_addr at = addr;;) {
        struct ptw_bitmap count = {.words = NULL};
        struct ptw_result r;

        ptw_gather_budget(&f->g, 1);
        r = ptw_dirty(&f->t, at, size - (at - addr), PTW_WRITE_PROTECT, &count, &f->g);
        found += count.found;
        assert_true(count.found <= n);
        if (r.status != PTW_YIELD)
            break;
        at = r.next;
    }
    assert_int_equal(found, 4 * n);
    ptw_gather_budget(&f->g, ~UINT64_C(0));
}

/* Split and merge in steps are the inverse of each other. */
static void split_and_merge_in_steps(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 1, RW | PTW_AD);
    const uint64_t size = 2 * span(f, 1);
    ptw_addr at;
    struct ptw_result r;
    unsigned n = 0;

    if (ptw_last(&f->t) - addr < size)
        return;
    expect_done(
        ptw_map(&f->t, addr + span(f, 1), output_for(f, 1) + 2 * span(f, 1), span(f, 1), RW | PTW_AD, 0, &f->g));
    for (at = addr;; at = r.next, n++) {
        ptw_gather_budget(&f->g, 1);
        r = ptw_split_to(&f->t, at, size - (at - addr), 0, &f->g);
        if (r.status != PTW_YIELD)
            break;
    }
    assert_true(n >= 2);
    (void)ptw_gather_sync(&f->g);
    assert_int_equal(bytes_at(f, 1), 0);
    for (at = addr, n = 0;; at = r.next, n++) {
        ptw_gather_budget(&f->g, 1);
        r = ptw_merge(&f->t, at, size - (at - addr), PTW_MAX_LEVEL(1), &f->g);
        if (r.status != PTW_YIELD)
            break;
    }
    assert_int_equal(n, 1);
    ptw_gather_budget(&f->g, ~UINT64_C(0));
    (void)ptw_gather_sync(&f->g);
    assert_int_equal(bytes_at(f, 0), 0);
    assert_int_equal(bytes_at(f, 1), size);
}

/* A sync and a destroy free a few tables at a time. */
static void freeing_is_budgeted(struct fixture *f)
{
    const ptw_addr at[] = {0, span(f, 1), 5 * span(f, 1), span(f, 2), ptw_last(&f->t) - (page(f) - 1)};
    uint64_t before;
    unsigned steps = 0;

    for (unsigned round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT(at); i++)
            if (at[i] + f->t.geo.ia_bias <= f->t.geo.ia_mask)
                expect_status(ptw_map(&f->t, at[i], output_for(f, 0), page(f), RW, 0, &f->g).status, PTW_OK);
        ptw_gather_sync(&f->g);
        before = f->memory.outstanding;
        assert_true(before > 2);
        if (round == 1)
            break;
        expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, NULL, &f->g));
        assert_int_equal(f->memory.outstanding, before);
        for (ptw_gather_budget(&f->g, 1); ptw_gather_sync(&f->g) == PTW_YIELD; ptw_gather_budget(&f->g, 1), steps++)
            assert_int_equal(f->g.inval.reasons, 0);
        ptw_gather_budget(&f->g, ~UINT64_C(0));
        assert_true(steps >= 1);
        assert_int_equal(f->memory.outstanding, 1);
    }
    for (steps = 0; ptw_destroy_step(&f->t, 1) == PTW_YIELD; steps++) {
        assert_true(f->memory.outstanding < before);
        before = f->memory.outstanding;
    }
    assert_true(steps >= 1);
    assert_int_equal(f->memory.outstanding, 0);
    expect_status(ptw_destroy_step(&f->t, 1), PTW_OK);
    expect_status(ptw_init(&f->t, f->format, &f->config, &f->memory.hooks, &f->hardware.hooks), PTW_OK);
}

/* More subtrees than the gather holds, and a budget that does not allow to free them all at once. */
static void a_full_gather_is_emptied_in_steps(struct fixture *f)
{
    const uint64_t n = entries(f, 1) - 2 < 2 * PTW_GATHER_TABLES ? entries(f, 1) - 2 : 2 * PTW_GATHER_TABLES;
    const ptw_addr addr = span(f, 2);
    struct ptw_result r;
    ptw_addr at = addr;
    unsigned steps = 0;

    if (f->t.geo.top < 2 || n <= PTW_GATHER_TABLES || ptw_last(&f->t) - addr < span(f, 2))
        return;
    for (uint64_t i = 0; i < n; i++)
        expect_done(ptw_map(&f->t, addr + i * span(f, 1) + page(f), output_for(f, 0), page(f), RW, 0, &f->g));
    ptw_gather_sync(&f->g);
    for (;; steps++) {
        assert_true(steps < 1000);
        ptw_gather_budget(&f->g, 1);
        r = ptw_unmap(&f->t, at, n * span(f, 1) - (at - addr), 0, NULL, &f->g);
        if (r.status != PTW_YIELD)
            break;
        at = r.next;
    }
    expect_done(r);
    assert_true(steps >= n - 1);
    ptw_gather_budget(&f->g, ~UINT64_C(0));
    expect_status(ptw_gather_sync(&f->g), PTW_OK);
    empty_all(f);
}

static bool has_three_levels(const struct fixture *f)
{
    return f->t.geo.top > 1;
}

static bool can_cut_and_merge(const struct fixture *f)
{
    return has_large_leaves(f) && can_break(f) && (f->t.geo.orders[1] & 1) != 0;
}

int main(void)
{
    static const struct format_test tests[] = {
        {"steps_end_where_one_call_does", steps_end_where_one_call_does, NULL},
        {"a_step_is_short", a_step_is_short, NULL},
        {"split_and_merge_in_steps", split_and_merge_in_steps, can_cut_and_merge},
        {"freeing_is_budgeted", freeing_is_budgeted, has_three_levels},
        {"a_full_gather_is_emptied_in_steps", a_full_gather_is_emptied_in_steps, has_three_levels},
    };

    return formats_run("budget", tests, COUNT(tests)) != 0;
}
