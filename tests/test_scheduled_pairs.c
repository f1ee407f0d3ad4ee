/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Two threads at one table (PTW_SHARED): every pair of operations on one page, one table or one subtree, from several
 * beginnings, in the orders of their steps. In each of them:
 *
 *   - every page ends as if the one operation had been done on it after the other, in either order
 *   - each change of an entry is one that is allowed to whoever makes it, and the table is sound in the end; D that was set is
 *     in the leaf, or one of the two has reported it (support/invariants.h)
 *
 *   PTW_RANDOM_OPS   from a million on: ten times as many orders; below ten thousand: one of each kind
 */
#include "sim/port_sim.h" /* before any header of the library: it stands for PTW_PORT_HEADER */

#include "conformance.h"

#include "support/invariants.h"
#include "support/toy.h"

#include "walk/runtime.h"

#include <ptw/x86.h>

#define PAGE UINT64_C(0x1000)
#define PAGES 64 /* three levels of eight entries: 8 pages are a table, 64 a subtree */
#define OUT UINT64_C(0x80000)
#define TRIES 3 /* calls that answered PTW_AGAIN, before a task gives up */
#define MARK PTW_MARK_USER
#define CEILING PTW_SOFT(1) /* the page may be given W */
#define RUNS_MAX 40

struct page {
    bool mapped, writable, marked;
    bool fixed; /* mapped without the ceiling: relax is refused */
};

struct world;
struct task;

struct operation {
    const char *name;
    struct ptw_result (*run)(struct task *task, ptw_addr addr, uint64_t size);
    unsigned first, pages;
    bool (*apply)(struct page *p); /* to a page that it was done to; false: it would not have gone on there */
    bool breaks;                   /* locks what it breaks: not if the sync may sleep */
    ptw_attr adds;                 /* rights that a page may get */
};

struct task {
    struct world *w;
    const struct operation *op;
    struct ptw_sink sink;
    struct ptw_gather g;
    struct ptw_result last;
    unsigned done; /* pages from op->first on */
    bool over;     /* it has returned */
    uint64_t reported;
    struct ptw_sim_lock inside;
};

enum beginning { NOTHING, EMPTY_TABLES, SMALL_LEAVES, LARGE_LEAVES, SOME_LEAVES, MARKS, BEGINNINGS };

static struct world {
    struct ptw_sim_memory memory;
    struct ptw_table t;
    struct task task[2];
    enum beginning beginning;
    const struct ptw_format *format;
    uint64_t options;
    struct page before[PAGES];
    struct invariants rules;
    bool marks; /* one of the two makes or takes marks */
    bool syncs; /* tasks sync, and wait for each other before they free */
    uint64_t runs_max;
} world;

/* -------------------------------------------------------------------------------------------- operations --- */

static struct ptw_result map_small(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_map(&k->w->t, addr, OUT + addr, size, PTW_R | PTW_W | CEILING, PTW_SHARED | PTW_MAX_LEVEL(0), &k->g);
}

static struct ptw_result map_large(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_map(&k->w->t, addr, OUT + addr, size, PTW_R | PTW_W | CEILING, PTW_SHARED, &k->g);
}

static struct ptw_result unmap(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_unmap(&k->w->t, addr, size, PTW_SHARED, &k->sink, &k->g);
}

static struct ptw_result unmap_and_freeze(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_unmap(&k->w->t, addr, size, PTW_SHARED | PTW_FREEZE, &k->sink, &k->g);
}

static struct ptw_result take_w(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_protect(&k->w->t, addr, size, 0, PTW_W, PTW_SHARED, &k->g);
}

static struct ptw_result take_w_for_good(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_protect(&k->w->t, addr, size, 0, PTW_W | CEILING, PTW_SHARED, &k->g);
}

static struct ptw_result give_w(struct task *k, ptw_addr addr, uint64_t size)
{
    (void)size;
    return (struct ptw_result){ptw_relax(&k->w->t, addr, PTW_W, CEILING), addr};
}

/* A, too: that is for the general form. */
static struct ptw_result give_w_and_a(struct task *k, ptw_addr addr, uint64_t size)
{
    (void)size;
    return (struct ptw_result){ptw_relax(&k->w->t, addr, PTW_W | PTW_A, CEILING), addr};
}

static bool is_relax(const struct operation *op)
{
    return op->run == give_w || op->run == give_w_and_a;
}

static struct ptw_result cut(struct task *k, ptw_addr addr, uint64_t size)
{
    (void)size;
    return ptw_cut(&k->w->t, addr, PTW_SHARED, &k->g);
}

static struct ptw_result split(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_split_to(&k->w->t, addr, size, PTW_SHARED, &k->g);
}

static struct ptw_result merge(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_merge(&k->w->t, addr, size, PTW_SHARED, &k->g);
}

static struct ptw_result trim(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_trim(&k->w->t, addr, size, PTW_SHARED, &k->g);
}

static struct ptw_result annotate(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_annotate(&k->w->t, addr, size, MARK, 5, PTW_SHARED, &k->g);
}

static struct ptw_result take_marks(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_annotate(&k->w->t, addr, size, 0, 0, PTW_SHARED, &k->g);
}

static struct ptw_result harvest(struct task *k, ptw_addr addr, uint64_t size, uint64_t flags)
{
    uint64_t words[1] = {0};
    struct ptw_bitmap bitmap = {.words = words, .bits = PAGES, .shift = 12};
    struct ptw_result result = ptw_dirty(&k->w->t, addr, size, PTW_SHARED | PTW_CLEAR | flags, &bitmap, &k->g);

    k->reported |= words[0];
    return result;
}

static struct ptw_result clear_d(struct task *k, ptw_addr addr, uint64_t size)
{
    return harvest(k, addr, size, 0);
}

static struct ptw_result write_protect(struct task *k, ptw_addr addr, uint64_t size)
{
    return harvest(k, addr, size, PTW_WRITE_PROTECT);
}

static struct ptw_result clear_a(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_age(&k->w->t, addr, size, PTW_SHARED | PTW_CLEAR, NULL, &k->g);
}

static bool is_unmapped(struct page *p);
static bool is_marked(struct page *p);

/* May page 1 be a hole at any time? What somebody has locked is none. */
static bool may_be_hole(const struct task *k)
{
    const struct task *other = &k->w->task[k == &k->w->task[0] ? 1 : 0];

    return !k->w->before[1].mapped || other->op->apply == is_unmapped || other->op->apply == is_marked;
}

static struct ptw_result look(struct task *k, ptw_addr addr, uint64_t size)
{
    struct ptw_leaf leaf = {0};
    struct ptw_run run;
    ptw_status status = ptw_translate(&k->w->t, addr, &leaf);

    (void)size;
    if (status == PTW_OK && leaf.oa + (addr - leaf.addr) != OUT + addr)
        (void)ptw_sim_fail("translate went to another place");
    if (status == PTW_NOENT && !may_be_hole(k))
        (void)ptw_sim_fail("translate took a locked entry for a hole");
    if (status != PTW_OK && status != PTW_NOENT && status != PTW_AGAIN)
        (void)ptw_sim_fail("translate found something broken");
    status = ptw_next_run(&k->w->t, 0, PAGES * PAGE - 1, &run);
    if (status == PTW_OK && run.oa != OUT + run.addr)
        (void)ptw_sim_fail("next_run went to another place");
    return (struct ptw_result){PTW_OK, addr};
}

static bool is_mapped(struct page *p)
{
    if (p->marked)
        return false;
    *p = (struct page){.mapped = true, .writable = true};
    return true;
}

static bool is_unmapped(struct page *p)
{
    p->mapped = p->writable = p->fixed = false;
    return true;
}

static bool has_no_w(struct page *p)
{
    p->writable = false;
    return true;
}

static bool has_no_w_for_good(struct page *p)
{
    p->writable = false;
    p->fixed = p->mapped;
    return true;
}

static bool has_w(struct page *p)
{
    p->writable = p->mapped;
    return p->mapped && !p->fixed;
}

static bool is_marked(struct page *p)
{
    *p = (struct page){.marked = true};
    return true;
}

static bool is_not_marked(struct page *p)
{
    p->marked = false;
    return true;
}

static bool stays(struct page *p)
{
    (void)p;
    return true;
}

static const struct operation operations[] = {
    {"map a page", map_small, 1, 1, is_mapped, false, PTW_R | PTW_W},
    {"map a table", map_small, 0, 8, is_mapped, false, PTW_R | PTW_W},
    {"map a large leaf", map_large, 0, 8, is_mapped, false, PTW_R | PTW_W},
    {"map a subtree", map_small, 0, 16, is_mapped, false, PTW_R | PTW_W},
    {"unmap a page", unmap, 1, 1, is_unmapped, true, 0},
    {"unmap a table", unmap, 0, 8, is_unmapped, false, 0},
    {"unmap a table, freeze", unmap_and_freeze, 0, 8, is_unmapped, false, 0},
    {"unmap a subtree", unmap, 0, 64, is_unmapped, false, 0},
    {"unmap a subtree, freeze", unmap_and_freeze, 0, 64, is_unmapped, false, 0},
    {"protect a page", take_w, 1, 1, has_no_w, true, 0},
    {"protect a table", take_w, 0, 8, has_no_w, false, 0},
    {"protect a page for good", take_w_for_good, 1, 1, has_no_w_for_good, true, 0},
    {"relax", give_w, 1, 1, has_w, false, PTW_W},
    {"relax, A too", give_w_and_a, 1, 1, has_w, false, PTW_W},
    {"cut", cut, 1, 0, stays, true, 0},
    {"split", split, 0, 8, stays, true, 0},
    {"merge a table", merge, 0, 8, stays, true, 0},
    {"merge a subtree", merge, 0, 64, stays, true, 0},
    {"trim", trim, 0, 64, stays, true, 0},
    {"annotate a page", annotate, 1, 1, is_marked, true, 0},
    {"annotate a table", annotate, 0, 8, is_marked, true, 0},
    {"take marks", take_marks, 0, 64, is_not_marked, true, 0},
    {"dirty", clear_d, 0, 8, stays, false, 0},
    {"write-protect", write_protect, 0, 8, has_no_w, false, 0},
    {"age", clear_a, 0, 8, stays, false, 0},
    {"look", look, 1, 0, stays, false, 0},
};

/* ------------------------------------------------------------------------------------------------- a run --- */

static void take(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct task *k = (struct task *)(void *)((unsigned char *)sink - offsetof(struct task, sink));

    if (k->over && k->op->run == unmap_and_freeze)
        (void)ptw_sim_fail(invariants_say(&k->w->rules, INVARIANT_SINK, "a leaf comes after the freeze"));
    if ((ptw_leaf_attr(&k->w->t, leaf) & PTW_D) != 0)
        k->reported |= ptw_low_mask((unsigned)(ptw_leaf_size(&k->w->t, leaf) / PAGE)) << leaf->addr / PAGE;
}

static void count_done(struct task *k)
{
    k->done = k->last.status == PTW_OK || k->last.status == PTW_SPURIOUS
                  ? k->op->pages
                  : (unsigned)(k->last.next / PAGE) - k->op->first;
}

static void operate(void *ctx)
{
    struct task *k = ctx;
    struct world *w = k->w;
    const ptw_addr end = (k->op->first + k->op->pages) * PAGE;
    ptw_addr next = k->op->first * PAGE;

    if (w->syncs)
        ptw_sim_lock_take(&k->inside);
    for (unsigned i = 0; i < TRIES; i++) {
        k->last = k->op->run(k, next, end - next);
        (void)invariants_answer(&w->rules, next, end - 1, k->last, &k->g);
        if (k->last.status != PTW_AGAIN)
            break;
        next = k->last.next;
    }
    invariants_over(&w->rules);
    k->over = true;
    if (w->syncs) {
        ptw_sim_lock_give(&k->inside);
        (void)ptw_gather_sync(&k->g);
    }
    count_done(k);
}

/* Some slots of a group may have what relax was to give, and others not, until it is called again. */
static void call_relax_again(struct task *k)
{
    if (!is_relax(k->op) || k->last.status != PTW_AGAIN)
        return;
    k->last = k->op->run(k, k->op->first * PAGE, PAGE);
    count_done(k);
}

static uint64_t token(void *ctx)
{
    (void)ctx;
    return 0;
}

/* Whoever is inside leaves first: his lock can be had. */
static void wait_for_the_other(void *ctx, uint64_t token)
{
    (void)ctx, (void)token;
    invariants_waits(&world.rules);
    for (unsigned i = 0; i < 2 && world.syncs; i++) {
        ptw_sim_lock_take(&world.task[i].inside);
        ptw_sim_lock_give(&world.task[i].inside);
    }
}

static const struct ptw_reclaim reclaim = {.token = token, .wait = wait_for_the_other};

/* Small leaves, eight of them with D, or what the beginning says. Where there are some only, nothing is writable yet. */
static void begin(struct world *w, struct ptw_gather *g)
{
    const ptw_attr attr = PTW_R | PTW_A | CEILING | (w->beginning == SOME_LEAVES ? 0 : PTW_W);
    const uint64_t cap = w->beginning == LARGE_LEAVES ? 0 : PTW_MAX_LEVEL(0);
    unsigned pages = w->beginning == NOTHING ? 0 : 16;

    for (unsigned i = 0; i < PAGES; i++)
        w->before[i] = (struct page){0};
    if (w->beginning == MARKS) {
        (void)ptw_annotate(&w->t, 0, 8 * PAGE, MARK, 5, 0, g);
        for (unsigned i = 0; i < 8; i++)
            w->before[i].marked = true;
        return;
    }
    for (unsigned i = 0; i < pages; i += 8) {
        const ptw_addr addr = i * PAGE;
        (void)ptw_map(&w->t, addr, OUT + addr, 8 * PAGE, attr | (i == 0 ? PTW_D : 0), cap, g);
        invariants_wrote(&w->rules, i == 0 ? 0xff : 0);
    }
    if (w->beginning == EMPTY_TABLES || w->beginning == SOME_LEAVES)
        for (unsigned i = 0; i < pages; i += w->beginning == EMPTY_TABLES ? 1 : 2) {
            (void)ptw_unmap(&w->t, i * PAGE, PAGE, 0, NULL, g);
            invariants_copied(&w->rules, UINT64_C(1) << i);
        }
    for (unsigned i = 0; i < pages; i++) {
        struct ptw_leaf leaf;
        w->before[i].mapped = ptw_translate(&w->t, i * PAGE, &leaf) == PTW_OK;
        w->before[i].writable = w->before[i].mapped && (attr & PTW_W) != 0;
    }
}

/* No hardware walks this table: what would be told to it is noted. */
static void forget(void *ctx, const struct ptw_inval *inval)
{
    (void)ctx;
    invariants_paid(&world.rules, inval);
}

/* What the operation of a task may do. */
static void allow(struct world *w, unsigned i)
{
    const struct operation *op = w->task[i].op;
    struct invariants_task *may = &w->rules.task[i];

    may->owner = w->task[i].g.owner;
    may->first = op->first * PAGE;
    may->last = may->first + (op->pages == 0 ? 1 : op->pages) * PAGE - 1;
    may->adds = op->adds;
    may->relaxes = is_relax(op);
    may->ceiling = CEILING;
}

static void set_up(void *ctx)
{
    static const struct ptw_hw hw = {.invalidate = forget};
    struct world *w = ctx;
    struct ptw_config c = w->format->defaults;
    struct ptw_gather g;

    ptw_sim_memory_reset(&w->memory);
    invariants_init(&w->rules, &w->memory, true);
    c.levels = 3;
    c.options |= w->options | PTW_OPT_AD;
    if (ptw_init(&w->t, w->format, &c, &w->memory.hooks, &hw) != PTW_OK)
        abort();
    w->t.ops = ptw_runtime_ops();
    ptw_gather_init(&g, &w->t);
    begin(w, &g);
    (void)ptw_gather_sync(&g);
    if (ptw_share(&w->t, &reclaim, w->marks ? PTW_SHARE_MARKS : 0) != PTW_OK)
        abort();
    for (unsigned i = 0; i < 2; i++) {
        struct task *k = &w->task[i];
        k->w = w;
        k->sink.leaf = take;
        k->reported = 0;
        k->over = false;
        k->inside.held = 0;
        ptw_gather_init(&k->g, &w->t);
        k->g.owner = i + 1;
        allow(w, i);
    }
    w->rules.linear = true;
    w->rules.out = OUT;
    invariants_begin(&w->rules, &w->t);
    ptw_sim_watch = (struct ptw_sim_watch){invariants_stored, &w->rules};
}

/* ------------------------------------------------------------------------------------------------- the check --- */

/* `widely`: relax finds a large leaf, which is all pages of a table. */
static bool applies(const struct task *k, unsigned page, struct page *p, bool widely)
{
    if (is_relax(k->op) && widely && page < 8 && k->done != 0)
        return k->op->apply(p);
    if (page < k->op->first || page >= k->op->first + k->done)
        return true;
    return k->op->apply(p);
}

/* Is `now` what is left if `a` comes first? */
static bool is_after(const struct world *w, const struct task *a, const struct task *b, unsigned page,
                     const struct page *now, bool widely)
{
    struct page p = w->before[page];

    return applies(a, page, &p, widely) && applies(b, page, &p, widely) && p.mapped == now->mapped &&
           p.writable == now->writable && p.marked == now->marked && p.fixed == now->fixed;
}

static const char *check_page(struct world *w, unsigned i, uint64_t *dirty)
{
    struct ptw_leaf leaf = {0};
    uint64_t payload;
    const ptw_status status = ptw_translate(&w->t, i * PAGE, &leaf);
    const ptw_attr attr = status == PTW_OK ? ptw_leaf_attr(&w->t, &leaf) : 0;
    struct page now = {.mapped = status == PTW_OK, .writable = (attr & PTW_W) != 0};
    now.fixed = now.mapped && (attr & CEILING) == 0;

    if (status == PTW_NOENT)
        now.marked = ptw_mark_at(&w->t, leaf.word, leaf.level, &payload) == MARK;
    else if (status != PTW_OK)
        return "a page is left locked or broken";
    if (now.mapped && leaf.oa + (i * PAGE - leaf.addr) != OUT + i * PAGE)
        return "a page goes to another place";
    const struct task *a = &w->task[0], *b = &w->task[1];
    if (!is_after(w, a, b, i, &now, false) && !is_after(w, b, a, i, &now, false) && !is_after(w, a, b, i, &now, true) &&
        !is_after(w, b, a, i, &now, true))
        return "a page is not as after the one operation and the other";
    if ((attr & PTW_D) != 0 || a->op->apply == is_marked || b->op->apply == is_marked) /* these report none */
        *dirty |= UINT64_C(1) << i;
    return NULL;
}

static const char *check_tables(struct world *w)
{
    const char *why = invariants_rest(&w->rules);

    if (why != NULL)
        return why;
    invariants_end(&w->rules);
    ptw_destroy(&w->t);
    return w->memory.outstanding != 0 ? "a table was not freed" : ptw_sim_memory_violation(&w->memory);
}

static bool is_answer(const struct task *k)
{
    const struct world *w = k->w;
    const struct task *other = &w->task[k == &w->task[0] ? 1 : 0];

    switch (k->last.status) {
    case PTW_OK:
    case PTW_SPURIOUS:
    case PTW_AGAIN:
        return true;
    case PTW_NOENT:
        return is_relax(k->op) && may_be_hole(k);
    case PTW_DENIED:
        return is_relax(k->op) && other->op->apply == has_no_w_for_good;
    case PTW_EXISTS:
        return k->op->apply == is_mapped && (w->beginning == MARKS || other->op->apply == is_marked);
    default:
        return false;
    }
}

static const char *check(void *ctx)
{
    struct world *w = ctx;
    uint64_t dirty = 0;
    const char *why;

    for (unsigned i = 0; i < 2; i++) {
        call_relax_again(&w->task[i]);
        if (!is_answer(&w->task[i]))
            return ptw_status_name(w->task[i].last.status);
    }
    (void)ptw_gather_sync(&w->task[0].g);
    (void)ptw_gather_sync(&w->task[1].g);
    invariants_copied(&w->rules, w->task[0].reported | w->task[1].reported);
    for (unsigned i = 0; i < PAGES; i++) {
        why = check_page(w, i, &dirty);
        if (why != NULL)
            return invariants_say(&w->rules, INVARIANT_PAGES, why);
    }
    why = invariants_written(&w->rules, INVARIANT_SINK, dirty);
    return why != NULL ? why : check_tables(w);
}

/* -------------------------------------------------------------------------------------------- all pairs --- */

/* How much time there is: PTW_RANDOM_OPS is few thousands where everything is slow, and millions in long runs. */
static uint64_t operations_wanted(void)
{
    const char *ops = getenv("PTW_RANDOM_OPS");

    return ops == NULL ? 100000 : strtoull(ops, NULL, 10);
}

static bool is_slow(void)
{
    return operations_wanted() < 10000;
}

/* Operations on single pages have few steps: nearly all of their orders are run. */
static uint64_t runs_max(const struct operation *a, const struct operation *b)
{
    if (is_slow())
        return 1;
    return world.runs_max * (a->pages <= 1 && b->pages <= 1 ? 10 : 1) * (operations_wanted() >= 1000000 ? 10 : 1);
}

static void explore_pair(const struct operation *a, const struct operation *b, enum beginning beginning, uint64_t *runs,
                         uint64_t *complete)
{
    struct world *w = &world;
    struct ptw_sim_schedule s = {.task = {{operate, &w->task[0]}, {operate, &w->task[1]}},
                                 .tasks = 2,
                                 .setup = set_up,
                                 .check = check,
                                 .ctx = w,
                                 .preemptions = PTW_SIM_ANY,
                                 .reduce = true,
                                 .runs_max = runs_max(a, b)};
    bool right;

    w->beginning = beginning;
    w->marks = a->apply == is_marked || b->apply == is_marked;
    w->task[0].op = a;
    w->task[1].op = b;
    right = ptw_sim_explore(&s);
    *runs += s.runs;
    *complete += right && s.complete;
    if (right && !s.complete) { /* what few switches can do, and what chance can */
        s.reduce = false;
        s.preemptions = 2;
        right = ptw_sim_explore(&s);
        *runs += s.runs;
        right = right && ptw_sim_explore_random(&s, s.runs_max, 1);
        *runs += s.runs;
    }
    if (!right)
        fail_msg("\"%s\" (%s, %u pages, reported %" PRIx64 ") and \"%s\" (%s, %u pages, reported %" PRIx64
                 ") from beginning %d, options %" PRIx64 ": %s, seed %s",
                 a->name, ptw_status_name(w->task[0].last.status), w->task[0].done, w->task[0].reported, b->name,
                 ptw_status_name(w->task[1].last.status), w->task[1].done, w->task[1].reported, (int)beginning,
                 w->options, s.failure, s.seed);
}

static void explore_all(uint64_t options, bool syncs)
{
    uint64_t runs = 0, complete = 0, pairs = 0;

    if (is_slow() && (options != 0 || syncs))
        skip();
    world.format = &toy_format;
    world.options = options;
    world.syncs = syncs;
    world.runs_max = RUNS_MAX;
    for (size_t a = 0; a < COUNT(operations); a++)
        for (size_t b = a; b < COUNT(operations); b++)
            for (unsigned i = 0; i < BEGINNINGS; i++, pairs++)
                explore_pair(&operations[a], &operations[b], (enum beginning)i, &runs, &complete);
    print_message("%" PRIu64 " pairs, %" PRIu64 " of them in all orders, %" PRIu64 " runs\n", pairs, complete, runs);
}

static void every_page_ends_as_after_one_and_the_other(void **state)
{
    (void)state;
    explore_all(0, false);
}

static void the_same_where_formats_break(void **state)
{
    (void)state;
    explore_all(TOY_BREAKS, false);
}

static void the_same_with_groups(void **state)
{
    (void)state;
    explore_all(PTW_OPT_GROUPS, false);
}

static void the_same_with_groups_where_formats_break(void **state)
{
    (void)state;
    explore_all(PTW_OPT_GROUPS | TOY_BREAKS, false);
}

static void nothing_is_freed_while_the_other_is_inside(void **state)
{
    (void)state;
    explore_all(0, true);
}

/* Whoever is in a table while another freezes all of it has many steps to be found at. */
static void nobody_passes_what_is_frozen(void **state)
{
    uint64_t runs = 0, complete = 0;

    (void)state;
    world.format = &toy_format;
    world.options = 0;
    world.syncs = false;
    world.runs_max = 10 * RUNS_MAX;
    for (size_t a = 0; a < COUNT(operations); a++)
        for (size_t b = 0; b < COUNT(operations) && operations[a].run == merge && operations[a].pages == 8; b++)
            explore_pair(&operations[b], &operations[a], SMALL_LEAVES, &runs, &complete);
    print_message("%" PRIu64 " runs\n", runs);
}

/* The large leaf is a group of eight slots: whatever happens to it happens to all of them. */
static void groups_change_as_a_whole(void **state)
{
    uint64_t runs = 0, complete = 0;

    (void)state;
    world.format = &ptw_amdv1;
    world.options = PTW_OPT_GROUPS;
    world.syncs = false;
    world.runs_max = RUNS_MAX;
    for (size_t a = 0; a < COUNT(operations); a++)
        for (size_t b = a; b < COUNT(operations); b++)
            explore_pair(&operations[a], &operations[b], LARGE_LEAVES, &runs, &complete);
    print_message("%" PRIu64 " runs\n", runs);
}

static int make_memory(void **state)
{
    (void)state;
    ptw_sim_memory_init(&world.memory, 64 * PTW_SIM_BLOCK_MAX, 0);
    return 0;
}

static int end_memory(void **state)
{
    (void)state;
    ptw_sim_memory_fini(&world.memory);
    invariants_fini(&world.rules);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_ends_as_after_one_and_the_other),
        cmocka_unit_test(the_same_where_formats_break),
        cmocka_unit_test(the_same_with_groups),
        cmocka_unit_test(the_same_with_groups_where_formats_break),
        cmocka_unit_test(nothing_is_freed_while_the_other_is_inside),
        cmocka_unit_test(nobody_passes_what_is_frozen),
        cmocka_unit_test(groups_change_as_a_whole),
    };

    return cmocka_run_group_tests_name("scheduled_pairs", tests, make_memory, end_memory) != 0;
}
