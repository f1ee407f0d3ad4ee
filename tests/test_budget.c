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
        {"remap", run_remap, can_move},
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
    assert_int_equal(n, f->t.geo.orders[1] == 1 ? 1 : 0); /* both could become one group */
    ptw_gather_budget(&f->g, ~UINT64_C(0));
    (void)ptw_gather_sync(&f->g);
    assert_int_equal(bytes_at(f, 0), 0);
    assert_int_equal(bytes_at(f, 1), size);
}

/* A table with leaves is where a large leaf could be: smaller ones go into it, however small the budget is. */
static struct ptw_result run_map_large(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_map(&f->t, addr, addr + 5 * span(f, 1), size, RW, 0, &f->g);
}

static void map_in_steps_gets_past_a_table(struct fixture *f)
{
    const struct job job = {"map", run_map_large, NULL};
    const ptw_addr addr = input_for(f, 1);
    const ptw_oa oa = addr + 5 * span(f, 1);

    expect_done(ptw_map(&f->t, addr + page(f), oa + page(f), page(f), RW, 0, &f->g));
    run_in_steps(f, &job, addr, span(f, 1), 0);
    expect_leaf(f, addr, oa, 0, RW);
    expect_leaf(f, addr + span(f, 1) - page(f), oa + span(f, 1) - page(f), 0, RW);
}

/* The largest leaf that a merge up to `level` makes. */
static uint64_t largest_merged(const struct fixture *f, unsigned level)
{
    return span(f, level) << ptw_high_bit(f->t.geo.orders[level] | 1U);
}

static unsigned merge_cap;

static struct ptw_result run_merge(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_merge(&f->t, addr, size, PTW_MAX_LEVEL(merge_cap), &f->g);
}

/* Up to each level, groups included; and once more, when there is nothing left to do. */
static void merge_in_steps_loses_nothing(struct fixture *f)
{
    const struct job job = {"merge", run_merge, NULL};
    struct fixture whole;

    for (merge_cap = 1; merge_cap <= f->t.geo.max_leaf; merge_cap++) {
        const uint64_t unit = largest_merged(f, merge_cap), size = 2 * unit, cut = PTW_MAX_LEVEL(merge_cap - 1);

        if (f->t.geo.ia_mask / 2 < size || f->t.geo.oa_last < 2 * size || unit > span(f, merge_cap) * 16)
            continue;
        expect_status(fixture_open(&whole, f->kase), PTW_OK);
        expect_done(ptw_map(&whole.t, size, size, size, RW, cut, &whole.g));
        expect_done(ptw_map(&f->t, size, size, size, RW, cut, &f->g));
        for (unsigned round = 0; round < 2; round++) {
            run_in_steps(&whole, &job, size, size, ~UINT64_C(0));
            run_in_steps(f, &job, size, size, 0);
            expect_equal_tables(f, &whole);
        }
        assert_null(fixture_finish(&whole));
        fixture_close(&whole);
        empty_all(f);
    }
}

/* Behind the last page of the lower half comes the first address of the upper one. */
static void merge_in_steps_goes_on_in_the_upper_half(struct fixture *f)
{
    const ptw_addr half = f->t.geo.ia_sign;

    expect_done(ptw_map(&f->t, half - page(f), output_for(f, 0), page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, 0 - half, output_for(f, 0), page(f), RW, 0, &f->g));
    ptw_gather_budget(&f->g, 0);
    expect_result(ptw_merge(&f->t, 0, 0, PTW_ALL | PTW_MAX_LEVEL(0), &f->g), PTW_YIELD, 0 - half);
    ptw_gather_budget(&f->g, ~UINT64_C(0));
}

/* The last slot of a table empties it, and that the table above. */
static void trim_in_steps_loses_nothing(struct fixture *f)
{
    const struct job job = {"trim", run_trim, NULL};
    const ptw_addr last = span(f, 2) - page(f);

    expect_done(ptw_map(&f->t, last, output_for(f, 0), page(f), RW, 0, &f->g));
    expect_done(ptw_unmap(&f->t, last, page(f), 0, NULL, &f->g));
    ptw_gather_sync(&f->g);
    run_in_steps(f, &job, 0, span(f, 2) + (f->t.geo.ia_mask >= span(f, 2) ? page(f) : 0), 0);
    assert_int_equal(f->memory.outstanding, 1);
}

/* Leaves are looked at, too. */
static void trim_of_leaves_is_charged(struct fixture *f)
{
    const ptw_addr addr = input_for(f, 1);

    if (f->t.geo.ia_mask < addr + 2 * span(f, 1))
        return;
    expect_done(ptw_map(&f->t, addr, output_for(f, 1), 2 * span(f, 1), RW, PTW_MAX_LEVEL(1), &f->g));
    ptw_gather_budget(&f->g, 1);
    expect_status(ptw_trim(&f->t, addr, 2 * span(f, 1), 0, &f->g).status, PTW_YIELD);
    ptw_gather_budget(&f->g, ~UINT64_C(0));
}

/* What is not marked yet is still mapped, single slots and groups. */
static void annotate_that_stops_leaves_the_rest_mapped(struct fixture *f)
{
    const ptw_addr addr = input_for(f, 1);
    const uint64_t size = 32 * page(f);
    struct ptw_result r;
    ptw_addr at = addr;

    if (span(f, 1) < size || f->t.geo.ia_mask < addr + size)
        return;
    expect_done(ptw_map(&f->t, addr, output_for(f, 1), size, RW, 0, &f->g));
    for (;; at = r.next) {
        ptw_gather_budget(&f->g, 0);
        r = ptw_annotate(&f->t, at, size - (at - addr), 7, 3, 0, &f->g);
        if (r.status != PTW_YIELD)
            break;
        expect_leaf(f, r.next, output_for(f, 1) + (r.next - addr), 0, RW);
    }
    expect_done(r);
    ptw_gather_budget(&f->g, ~UINT64_C(0));
    ptw_gather_sync(&f->g);
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

static bool is_sign_extended(const struct fixture *f)
{
    return f->t.geo.ia_sign != 0 && can_break(f);
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
        {"map_in_steps_gets_past_a_table", map_in_steps_gets_past_a_table, has_large_leaves},
        {"merge_in_steps_loses_nothing", merge_in_steps_loses_nothing, can_cut_and_merge},
        {"merge_in_steps_goes_on_in_the_upper_half", merge_in_steps_goes_on_in_the_upper_half, is_sign_extended},
        {"trim_in_steps_loses_nothing", trim_in_steps_loses_nothing, has_three_levels},
        {"trim_of_leaves_is_charged", trim_of_leaves_is_charged, has_large_leaves},
        {"annotate_that_stops_leaves_the_rest_mapped", annotate_that_stops_leaves_the_rest_mapped, has_marks},
        {"freeing_is_budgeted", freeing_is_budgeted, has_three_levels},
        {"a_full_gather_is_emptied_in_steps", a_full_gather_is_emptied_in_steps, has_three_levels},
    };

    return formats_run("budget", tests, COUNT(tests)) != 0;
}
