/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * test_alloc_failure.c - the memory hook fails at every point where it is called: the first time, the second time, and
 * so on until the operation gets through. After each failure the answer is NOMEM, what is before `next` is done and the
 * rest as it was, nothing is lost or leaked, and the same call from `next` on finishes the work.
 *
 * All scenes play around one large leaf L of the format's largest size (1G, 512G ...):
 *
 *        |<- pages ->|<------------- L, from addr span to 2 * span ------------->|
 */
#include "support/formats.h"
#include "support/oracle.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define POINTS_MAX 64 /* no scene allocates more often */

static uint64_t page(const struct fixture *f)
{
    return UINT64_C(1) << ptw_level_shift(f->t.geo.encoder, 0);
}

static uint64_t large(const struct fixture *f)
{
    return UINT64_C(1) << ptw_level_shift(f->t.geo.encoder, f->t.geo.max_leaf);
}

static ptw_attr usual(const struct fixture *f)
{
    return fixture_attr(f) & ~PTW_D;
}

/* One operation on a range, to be called again with the rest of it. */
struct scene {
    const char *name;
    bool with_leaf; /* L is mapped beforehand */
    void (*range)(const struct fixture *f, ptw_addr *addr, uint64_t *size);
    struct ptw_result (*call)(struct fixture *f, ptw_addr addr, uint64_t size);
    void (*apply)(struct oracle *o, const struct fixture *f, ptw_addr first, ptw_addr last);
    unsigned tables_for_each_level; /* how many tables it must ask for, for each level that L has above 0 */
    bool all_or_nothing;            /* answers for its address, not for a prefix */
};

/* ---------------------------------------------------------------------------------------------- ranges --- */

/* Two pages before L, and a little of L. */
static void over_the_edge(const struct fixture *f, ptw_addr *addr, uint64_t *size)
{
    *addr = large(f) - 2 * page(f);
    *size =
        2 * page(f) + (f->t.geo.max_leaf > 1 ? UINT64_C(1) << ptw_level_shift(f->t.geo.encoder, 1) : 0) + 3 * page(f);
}

/* Everything of L but its first and its last page. */
static void inside(const struct fixture *f, ptw_addr *addr, uint64_t *size)
{
    *addr = large(f) + page(f);
    *size = large(f) - 2 * page(f);
}

static void one_page(const struct fixture *f, ptw_addr *addr, uint64_t *size)
{
    *addr = large(f) + 5 * page(f);
    *size = page(f);
}

/* -------------------------------------------------------------------------------------------- operations --- */

static struct ptw_result call_map(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_map(&f->t, addr, addr, size, usual(f), 0, &f->g);
}

static struct ptw_result call_map_whole(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_map(&f->t, addr, addr, size, usual(f), PTW_ALL_OR_NOTHING, &f->g);
}

static void apply_map(struct oracle *o, const struct fixture *f, ptw_addr first, ptw_addr last)
{
    assert_int_not_equal(oracle_map(o, first, last, first, usual(f), 0).status, PTW_EXISTS);
}

static struct ptw_result call_map_read_only(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_map(&f->t, addr, addr, size, usual(f) & ~PTW_W, 0, &f->g);
}

static struct ptw_result call_map_read_only_whole(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_map(&f->t, addr, addr, size, usual(f) & ~PTW_W, PTW_ALL_OR_NOTHING, &f->g);
}

static void apply_map_read_only(struct oracle *o, const struct fixture *f, ptw_addr first, ptw_addr last)
{
    assert_int_not_equal(oracle_map(o, first, last, first, usual(f) & ~PTW_W, 0).status, PTW_EXISTS);
}

static struct ptw_result call_unmap(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_unmap(&f->t, addr, size, 0, NULL, &f->g);
}

static struct ptw_result call_unmap_whole(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_unmap(&f->t, addr, size, PTW_ALL_OR_NOTHING, NULL, &f->g);
}

static void ignore_leaf(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    (void)sink;
    (void)leaf;
}

static struct ptw_result call_unmap_sink(struct fixture *f, ptw_addr addr, uint64_t size)
{
    struct ptw_sink sink = {.leaf = ignore_leaf};
    return ptw_unmap(&f->t, addr, size, 0, &sink, &f->g);
}

static void apply_unmap(struct oracle *o, const struct fixture *f, ptw_addr first, ptw_addr last)
{
    (void)f;
    oracle_remove(o, first, last);
}

static struct ptw_result call_protect(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_protect(&f->t, addr, size, PTW_R, PTW_W, 0, &f->g);
}

static struct ptw_result call_protect_whole(struct fixture *f, ptw_addr addr, uint64_t size)
{
    return ptw_protect(&f->t, addr, size, PTW_R, PTW_W, PTW_ALL_OR_NOTHING, &f->g);
}

static void apply_protect(struct oracle *o, const struct fixture *f, ptw_addr first, ptw_addr last)
{
    (void)f;
    oracle_protect(o, first, last, PTW_R, PTW_W);
}

static struct ptw_result call_cut(struct fixture *f, ptw_addr addr, uint64_t size)
{
    (void)size;
    return ptw_cut(&f->t, addr, 0, &f->g);
}

static struct ptw_result call_split_to(struct fixture *f, ptw_addr addr, uint64_t size)
{
    /* One level down: to the last page a large leaf is too many tables for one test. */
    return ptw_split_to(&f->t, addr, size, PTW_MAX_LEVEL(f->t.geo.max_leaf - 1), &f->g);
}

static void apply_nothing(struct oracle *o, const struct fixture *f, ptw_addr first, ptw_addr last)
{
    (void)o;
    (void)f;
    (void)first;
    (void)last;
}

static const struct scene scenes[] = {
    {"map", false, over_the_edge, call_map, apply_map, 2, false},
    {"map with other rights inside of a leaf", true, inside, call_map_read_only, apply_map_read_only, 1, false},
    {"unmap inside of a leaf", true, inside, call_unmap, apply_unmap, 1, false},
    {"unmap inside of a leaf, with a sink", true, inside, call_unmap_sink, apply_unmap, 1, false},
    {"unmap of one page of a leaf", true, one_page, call_unmap, apply_unmap, 1, false},
    {"protect inside of a leaf", true, inside, call_protect, apply_protect, 1, false},
    {"cut", true, one_page, call_cut, apply_nothing, 1, true},
    {"map, all or nothing", false, over_the_edge, call_map_whole, apply_map, 2, true},
    {"map with other rights, all or nothing", true, inside, call_map_read_only_whole, apply_map_read_only, 1, true},
    {"unmap, all or nothing", true, inside, call_unmap_whole, apply_unmap, 1, true},
    {"protect, all or nothing", true, inside, call_protect_whole, apply_protect, 1, true},
};

/* ---------------------------------------------------------------------------------------------- playing --- */

static void check(struct oracle *o, struct fixture *f, const char *when)
{
    struct ptw_stats stats;
    const char *why;

    ptw_gather_sync(&f->g);
    why = oracle_compare_by_hand(o, f);
    if (why == NULL)
        why = hardware_check(&f->hardware, &f->t, false);
    if (why != NULL)
        fail_msg("%s: %s", when, why);
    assert_int_equal(ptw_stats(&f->t, &stats), PTW_OK);
    assert_int_equal(stats.tables, f->memory.outstanding);
}

static void begin(struct oracle *o, struct fixture *f, const struct scene *scene)
{
    assert_int_equal(fixture_reopen(f), PTW_OK);
    oracle_reset(o);
    if (scene->with_leaf) {
        assert_int_equal(ptw_map(&f->t, large(f), large(f), large(f), usual(f), 0, &f->g).status, PTW_OK);
        oracle_put(o, large(f), 2 * large(f) - 1, large(f), usual(f));
    }
    check(o, f, "before");
}

/* The n-th allocation fails. Answers whether it did; if so, the call is repeated for the rest. */
static bool fail_at(struct oracle *o, struct fixture *f, const struct scene *scene, int64_t n)
{
    ptw_addr addr, last;
    uint64_t size;

    begin(o, f, scene);
    scene->range(f, &addr, &size);
    last = addr + (size - 1);
    f->memory.fail_after = n;
    struct ptw_result r = scene->call(f, addr, size);
    bool failed = f->memory.failures != 0;
    f->memory.fail_after = -1;
    if (failed) {
        assert_int_equal(r.status, PTW_NOMEM);
        assert_true(r.next >= addr && r.next <= last && r.next % page(f) == 0);
        if (scene->all_or_nothing)
            assert_true(r.next == addr);
        if (r.next != addr)
            scene->apply(o, f, addr, r.next - 1);
        check(o, f, "after the failure");
        addr = r.next;
        r = scene->call(f, addr, last - addr + 1);
    }
    assert_int_equal(r.status, PTW_OK);
    scene->apply(o, f, addr, last);
    check(o, f, "in the end");
    const char *why = fixture_finish(f);
    if (why != NULL)
        fail_msg("%s", why);
    return failed;
}

static void every_allocation_may_fail(struct fixture *f)
{
    struct oracle o;

    oracle_init(&o, f);
    for (size_t i = 0; i < COUNT(scenes); i++) {
        int64_t n = 0;
        while (n < POINTS_MAX && fail_at(&o, f, &scenes[i], n))
            n++;
        if (n < (int64_t)scenes[i].tables_for_each_level * f->t.geo.max_leaf || n == POINTS_MAX)
            fail_msg("%s: %d allocations are not what this scene must have", scenes[i].name, (int)n);
    }
    oracle_fini(&o);
    assert_int_equal(fixture_reopen(f), PTW_OK);
}

/* split_to goes on behind each table that it made: its `next` is the leaf that could not be split. */
static void split_to_goes_on_where_memory_ended(struct fixture *f)
{
    const struct scene scene = {"split_to", true, inside, call_split_to, apply_nothing, 1, false};
    struct oracle o;
    int64_t n = 0;

    oracle_init(&o, f);
    while (n < POINTS_MAX && fail_at(&o, f, &scene, n))
        n++;
    assert_int_equal(n, 1);
    oracle_fini(&o);
    assert_int_equal(fixture_reopen(f), PTW_OK);
}

/* With no memory at all: what was split comes together again. */
static void merge_needs_no_memory(struct fixture *f)
{
    const struct scene scene = {.with_leaf = true};
    struct oracle o;

    oracle_init(&o, f);
    begin(&o, f, &scene);
    assert_int_equal(ptw_cut(&f->t, large(f) + page(f), 0, &f->g).status, PTW_OK);
    f->memory.fail_after = 0;
    assert_int_equal(ptw_merge(&f->t, 0, 0, PTW_ALL, &f->g).status, PTW_OK);
    f->memory.fail_after = -1;
    assert_int_equal(f->memory.failures, 0);
    if ((f->t.geo.options & PTW_OPT_HITLESS) != 0) /* hardware may be making it dirty */
        oracle_change(&o, large(f), 2 * large(f) - 1, ~(ptw_attr)0, (usual(f) & PTW_W) != 0 ? PTW_D : 0);
    check(&o, f, "after the merge");
    struct ptw_leaf leaf;
    assert_int_equal(ptw_translate(&f->t, large(f), &leaf), PTW_OK);
    assert_int_equal(leaf.level, f->t.geo.max_leaf);
    oracle_fini(&o);
}

static void init_without_memory_leaves_nothing(struct fixture *f)
{
    struct ptw_table t;

    f->memory.fail_after = 0;
    assert_int_equal(ptw_init(&t, f->format, &f->config, &f->memory.hooks, NULL), PTW_NOMEM);
    f->memory.fail_after = -1;
    assert_int_equal(f->memory.outstanding, 1); /* the fixture's own root */
}

/* A table that must not be broken, of a format that must break, has no cuts: BISECT, not NOMEM. */
static bool may_not_cut(const struct fixture *f)
{
    return f->t.geo.max_leaf > 0 && (f->t.geo.options & PTW_OPT_HITLESS) != 0 && ptw_breaks_sizes(&f->t.geo);
}

static bool may_cut(const struct fixture *f)
{
    return f->t.geo.max_leaf > 0 && !may_not_cut(f) && fixture_legal(f, PTW_R | PTW_MT_WB);
}

static void without_cuts_no_memory_is_asked_for(struct fixture *f)
{
    const struct scene scene = {.with_leaf = true};
    struct oracle o;

    oracle_init(&o, f);
    begin(&o, f, &scene);
    uint64_t allocs = f->memory.allocs;
    assert_int_equal(ptw_cut(&f->t, large(f) + page(f), 0, &f->g).status, PTW_BISECT);
    assert_int_equal(ptw_unmap(&f->t, large(f) + page(f), page(f), 0, NULL, &f->g).status, PTW_BISECT);
    assert_int_equal(ptw_protect(&f->t, large(f) + page(f), page(f), 0, PTW_W, 0, &f->g).status, PTW_BISECT);
    assert_int_equal(f->memory.allocs, allocs);
    check(&o, f, "in the end");
    oracle_fini(&o);
}

int main(void)
{
    const struct format_test tests[] = {
        {"every_allocation_may_fail", every_allocation_may_fail, may_cut},
        {"split_to_goes_on_where_memory_ended", split_to_goes_on_where_memory_ended, may_cut},
        {"merge_needs_no_memory", merge_needs_no_memory, may_cut},
        {"without_cuts_no_memory_is_asked_for", without_cuts_no_memory_is_asked_for, may_not_cut},
        {"init_without_memory_leaves_nothing", init_without_memory_leaves_nothing, NULL},
    };
    return formats_run("alloc_failure", tests, COUNT(tests));
}
