/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * scheduled_pairs.h - operations with PTW_SHARED as tasks of ptw/sim_schedule.h, two or three of them at one table
 * that has had one of six beginnings, and what must be so when they are done, in whatever order their steps were. In
 * each of them:
 *
 *   - every page ends as if one operation had been done on it after the other, in one of their orders
 *   - each change of an entry is one that is allowed to whoever makes it, and the table is sound in the end; D that was set
 *     is in the leaf, or somebody has reported it (support/invariants.h)
 */
#ifndef TEST_SCHEDULED_PAIRS_H
#define TEST_SCHEDULED_PAIRS_H

#include "sim/port_sim.h" /* before any header of the library: it stands for PTW_PORT_HEADER */

#include "support/invariants.h"
#include "support/toy.h"

#include "walk/runtime.h"
#include "walk/slot.h"

#include <stdlib.h>

#include <ptw/sim.h>

#define PAGE UINT64_C(0x1000)
#define PAGES 64 /* three levels of eight entries: 8 pages are a table, 64 a subtree */
#define OUT UINT64_C(0x80000)
#define ELSEWHERE UINT64_C(0xc0000)
#define TRIES 3 /* calls that answered PTW_AGAIN, before a task gives up, if it ever does */
#define MARK PTW_MARK_USER
#define CEILING PTW_SOFT(1) /* the page may be given W */
#define TASKS_MAX 3

struct page {
    bool mapped, writable, marked;
    bool fixed; /* mapped without the ceiling: relax is refused */
    bool moved; /* it goes ELSEWHERE */
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
    struct task task[TASKS_MAX];
    unsigned tasks;
    enum beginning beginning;
    const struct ptw_format *format;
    uint64_t options;
    struct page before[PAGES];
    struct invariants rules;
    bool marks;                              /* one of the tasks makes marks */
    bool syncs;                              /* tasks sync, and wait for each other before they free */
    bool patient;                            /* tasks do not give up */
    const char *(*settled)(struct world *w); /* NULL, or one more check: all is paid, and the table is still there */
} world;

/* -------------------------------------------------------------------------------------------- operations --- */

static inline struct ptw_result map_small(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_map(&k->w->t, addr, OUT + addr, size, PTW_R | PTW_W | CEILING, PTW_SHARED | PTW_MAX_LEVEL(0), &k->g);
}

static inline struct ptw_result map_large(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_map(&k->w->t, addr, OUT + addr, size, PTW_R | PTW_W | CEILING, PTW_SHARED, &k->g);
}

static inline struct ptw_result unmap(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_unmap(&k->w->t, addr, size, PTW_SHARED, &k->sink, &k->g);
}

static inline struct ptw_result unmap_and_freeze(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_unmap(&k->w->t, addr, size, PTW_SHARED | PTW_FREEZE, &k->sink, &k->g);
}

/* PTW_NOENT stands for: no table was there, and nothing is done. */
static inline struct ptw_result detach_table(struct task *k, ptw_addr addr, uint64_t flags)
{
    struct ptw_result r = ptw_detach(&k->w->t, addr + PAGE, 1, PTW_SHARED | flags, &k->sink, &k->g);

    return (struct ptw_result){r.status == PTW_SPURIOUS ? PTW_NOENT : r.status, addr};
}

static inline struct ptw_result detach(struct task *k, ptw_addr addr, uint64_t size)
{
    (void)size;
    return detach_table(k, addr, 0);
}

static inline struct ptw_result detach_and_freeze(struct task *k, ptw_addr addr, uint64_t size)
{
    (void)size;
    return detach_table(k, addr, PTW_FREEZE);
}

static inline bool is_detach(const struct operation *op)
{
    return op->run == detach || op->run == detach_and_freeze;
}

/* A table of this format is eight pages: then detach has the range that the list says. */
static inline bool is_possible(const struct operation *op)
{
    return !is_detach(op) || world.format == &toy_format;
}

static inline struct ptw_result take_w(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_protect(&k->w->t, addr, size, 0, PTW_W, PTW_SHARED, &k->g);
}

static inline struct ptw_result take_w_for_good(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_protect(&k->w->t, addr, size, 0, PTW_W | CEILING, PTW_SHARED, &k->g);
}

static inline struct ptw_result give_w(struct task *k, ptw_addr addr, uint64_t size)
{
    (void)size;
    return (struct ptw_result){ptw_relax(&k->w->t, addr, PTW_W, CEILING), addr};
}

/* A, too: that is for the general form. */
static inline struct ptw_result give_w_and_a(struct task *k, ptw_addr addr, uint64_t size)
{
    (void)size;
    return (struct ptw_result){ptw_relax(&k->w->t, addr, PTW_W | PTW_A, CEILING), addr};
}

static inline bool is_relax(const struct operation *op)
{
    return op->run == give_w || op->run == give_w_and_a;
}

static inline struct ptw_result cut(struct task *k, ptw_addr addr, uint64_t size)
{
    (void)size;
    return ptw_cut(&k->w->t, addr, PTW_SHARED, &k->g);
}

static inline struct ptw_result split(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_split_to(&k->w->t, addr, size, PTW_SHARED, &k->g);
}

static inline struct ptw_result merge(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_merge(&k->w->t, addr, size, PTW_SHARED, &k->g);
}

static inline struct ptw_result trim(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_trim(&k->w->t, addr, size, PTW_SHARED, &k->g);
}

static inline struct ptw_result annotate(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_annotate(&k->w->t, addr, size, MARK, 5, PTW_SHARED, &k->g);
}

static inline struct ptw_result take_marks(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_annotate(&k->w->t, addr, size, 0, 0, PTW_SHARED, &k->g);
}

static inline struct ptw_result harvest(struct task *k, ptw_addr addr, uint64_t size, uint64_t flags)
{
    uint64_t words[1] = {0};
    struct ptw_bitmap bitmap = {.words = words, .bits = PAGES, .shift = 12};
    struct ptw_result result = ptw_dirty(&k->w->t, addr, size, PTW_SHARED | PTW_CLEAR | flags, &bitmap, &k->g);

    k->reported |= words[0];
    return result;
}

static inline struct ptw_result clear_d(struct task *k, ptw_addr addr, uint64_t size)
{
    return harvest(k, addr, size, 0);
}

static inline struct ptw_result write_protect(struct task *k, ptw_addr addr, uint64_t size)
{
    return harvest(k, addr, size, PTW_WRITE_PROTECT);
}

static inline struct ptw_result clear_a(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_age(&k->w->t, addr, size, PTW_SHARED | PTW_CLEAR, NULL, &k->g);
}

static inline bool is_unmapped(struct page *p);
static inline bool is_marked(struct page *p);
static inline bool is_gone(struct page *p);

/* Is there a task, other than `k`, that does this to pages? */
static inline bool somebody_else(const struct task *k, bool (*apply)(struct page *p))
{
    const struct world *w = k->w;

    for (unsigned i = 0; i < w->tasks; i++)
        if (&w->task[i] != k && w->task[i].op->apply == apply)
            return true;
    return false;
}

/* May the page be a hole at any time? What somebody has locked is none. */
static inline bool may_be_hole(const struct task *k, unsigned page)
{
    return !k->w->before[page].mapped || somebody_else(k, is_unmapped) || somebody_else(k, is_marked) ||
           somebody_else(k, is_gone);
}

static inline struct ptw_result send_elsewhere(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_remap(&k->w->t, addr, ELSEWHERE + addr, size, PTW_SHARED, &k->g);
}

/* With D, which is lost otherwise. */
static inline struct ptw_result replace(struct task *k, ptw_addr addr, uint64_t size)
{
    return ptw_map(&k->w->t, addr, ELSEWHERE + addr, size, PTW_R | PTW_W | PTW_AD | CEILING,
                   PTW_SHARED | PTW_REPLACE | PTW_MAX_LEVEL(0), &k->g);
}

static inline bool moves(const struct operation *op)
{
    return op->run == send_elsewhere || op->run == replace;
}

static inline bool is_moved_by_somebody(const struct world *w)
{
    for (unsigned i = 0; i < w->tasks; i++)
        if (moves(w->task[i].op))
            return true;
    return false;
}

/* Is it where somebody has sent it? */
static inline bool is_right_place(const struct world *w, ptw_addr addr, ptw_oa oa)
{
    return oa == OUT + addr || (oa == ELSEWHERE + addr && is_moved_by_somebody(w));
}

static inline struct ptw_result look_up(struct task *k, ptw_addr addr, uint64_t size)
{
    struct ptw_leaf leaf = {0};
    struct ptw_run run;
    ptw_status status = ptw_translate(&k->w->t, addr, &leaf);

    (void)size;
    if (status == PTW_OK && !is_right_place(k->w, addr, leaf.oa + (addr - leaf.addr)))
        (void)ptw_sim_fail("translate went to another place");
    if (status == PTW_NOENT && !may_be_hole(k, k->op->first))
        (void)ptw_sim_fail("translate took a locked entry for a hole");
    if (status != PTW_OK && status != PTW_NOENT && status != PTW_AGAIN)
        (void)ptw_sim_fail("translate found something broken");
    status = ptw_next_run(&k->w->t, 0, PAGES * PAGE - 1, &run);
    if (status == PTW_OK && !is_right_place(k->w, run.addr, run.oa))
        (void)ptw_sim_fail("next_run went to another place");
    return (struct ptw_result){PTW_OK, addr};
}

static inline bool is_mapped(struct page *p)
{
    if (p->marked || p->moved)
        return false;
    *p = (struct page){.mapped = true, .writable = true};
    return true;
}

static inline bool is_moved(struct page *p)
{
    p->moved = p->mapped;
    return p->mapped;
}

static inline bool is_replaced(struct page *p)
{
    if (p->marked)
        return false;
    *p = (struct page){.mapped = true, .writable = true, .moved = true};
    return true;
}

static inline bool is_unmapped(struct page *p)
{
    p->mapped = p->writable = p->fixed = p->moved = false;
    return true;
}

static inline bool is_gone(struct page *p)
{
    *p = (struct page){0};
    return true;
}

static inline bool has_no_w(struct page *p)
{
    p->writable = false;
    return true;
}

static inline bool has_no_w_for_good(struct page *p)
{
    p->writable = false;
    p->fixed = p->mapped;
    return true;
}

static inline bool has_w(struct page *p)
{
    p->writable = p->mapped;
    return p->mapped && !p->fixed;
}

static inline bool is_marked(struct page *p)
{
    *p = (struct page){.marked = true};
    return true;
}

static inline bool is_not_marked(struct page *p)
{
    p->marked = false;
    return true;
}

static inline bool stays(struct page *p)
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
    {"dirty, a part", clear_d, 2, 2, stays, false, 0},
    {"write-protect", write_protect, 0, 8, has_no_w, false, 0},
    {"age", clear_a, 0, 8, stays, false, 0},
    {"age a part", clear_a, 2, 2, stays, false, 0},
    {"look", look_up, 1, 0, stays, false, 0},
    {"remap a page", send_elsewhere, 1, 1, is_moved, true, 0},
    {"remap a table", send_elsewhere, 0, 8, is_moved, true, 0},
    {"detach", detach, 0, 8, is_gone, false, 0},
    {"detach, freeze", detach_and_freeze, 0, 8, is_gone, false, 0},
    {"replace a page", replace, 1, 1, is_replaced, true, PTW_R | PTW_W},
    {"replace a table", replace, 0, 8, is_replaced, true, PTW_R | PTW_W},
};
#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

/* ------------------------------------------------------------------------------------------------- a run --- */

static inline void take(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct task *k = (struct task *)(void *)((unsigned char *)sink - offsetof(struct task, sink));

    if (k->over && (k->op->run == unmap_and_freeze || k->op->run == detach_and_freeze))
        (void)ptw_sim_fail(invariants_say(&k->w->rules, INVARIANT_SINK, "a leaf comes after the freeze"));
    if ((ptw_leaf_attr(&k->w->t, leaf) & PTW_D) != 0)
        k->reported |= ptw_low_mask((unsigned)(ptw_leaf_size(&k->w->t, leaf) / PAGE)) << leaf->addr / PAGE;
}

static inline void count_done(struct task *k)
{
    k->done = k->last.status == PTW_OK || k->last.status == PTW_SPURIOUS
                  ? k->op->pages
                  : (unsigned)(k->last.next / PAGE) - k->op->first;
}

static inline void operate(void *ctx)
{
    struct task *k = ctx;
    struct world *w = k->w;
    const ptw_addr end = (k->op->first + k->op->pages) * PAGE;
    ptw_addr next = k->op->first * PAGE;

    if (w->syncs)
        ptw_sim_lock_take(&k->inside);
    for (unsigned i = 0; i < TRIES || w->patient; i++) {
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
static inline void call_relax_again(struct task *k)
{
    if (!is_relax(k->op) || k->last.status != PTW_AGAIN)
        return;
    k->last = k->op->run(k, k->op->first * PAGE, PAGE);
    count_done(k);
}

static inline uint64_t token(void *ctx)
{
    (void)ctx;
    return 0;
}

/* Whoever is inside leaves first: his lock can be had. */
static inline void wait_for_the_other(void *ctx, uint64_t token)
{
    (void)ctx, (void)token;
    invariants_waits(&world.rules);
    for (unsigned i = 0; i < world.tasks && world.syncs; i++) {
        ptw_sim_lock_take(&world.task[i].inside);
        ptw_sim_lock_give(&world.task[i].inside);
    }
}

static const struct ptw_reclaim reclaim = {.token = token, .wait = wait_for_the_other};

/* D stands in one slot of a group, as if hardware had set it there: it is D of all of its pages. */
static inline void leave_d_to_one_slot(struct world *w)
{
    const struct ptw_encoder *e = w->t.geo.encoder;
    struct ptw_cursor c;
    struct ptw_entry entry;

    (void)ptw_cursor_init(&c, &w->t, 0, 0, PTW_ALL);
    while (ptw_cursor_next(&c, &entry) == PTW_OK)
        for (uint64_t i = 0; i < UINT64_C(1) << entry.order && entry.order != 0; i++) {
            void *slot = ptw_slot(e, entry.slot, i);
            const ptw_word word = ptw_load(e, slot);
            const struct ptw_update clean = e->clean_op(word);

            if (i != 2)
                ptw_store(e, slot, (word & clean.keep) | clean.set);
        }
}

/* Small leaves, eight of them with D, or what the beginning says. Where there are some only, nothing is writable
 * yet. */
static inline void begin(struct world *w, struct ptw_gather *g)
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
    leave_d_to_one_slot(w);
    for (unsigned i = 0; i < pages; i++) {
        struct ptw_leaf leaf;
        w->before[i].mapped = ptw_translate(&w->t, i * PAGE, &leaf) == PTW_OK;
        w->before[i].writable = w->before[i].mapped && (attr & PTW_W) != 0;
    }
}

/* No hardware walks this table: what would be told to it is noted. */
static inline void forget(void *ctx, const struct ptw_inval *inval)
{
    (void)ctx;
    invariants_paid(&world.rules, inval);
}

/* What the operation of a task may do. */
static inline void allow(struct world *w, unsigned i)
{
    const struct operation *op = w->task[i].op;
    struct invariants_task *may = &w->rules.task[i];

    may->owner = w->task[i].g.owner;
    may->first = op->first * PAGE;
    may->last = may->first + (op->pages == 0 ? 1 : op->pages) * PAGE - 1;
    may->adds = op->adds;
    may->relaxes = is_relax(op);
    may->ceiling = CEILING;
    may->moves = moves(op);
}

static inline void set_up(void *ctx)
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
    for (unsigned i = 0; i < w->tasks; i++) {
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
    w->rules.moved = ELSEWHERE;
    invariants_begin(&w->rules, &w->t);
    ptw_sim_watch = (struct ptw_sim_watch){invariants_stored, &w->rules};
}

/* ------------------------------------------------------------------------------------------------- the check --- */

/* `widely`: relax finds a large leaf, which is all pages of a table. */
static inline bool applies(const struct task *k, unsigned page, struct page *p, bool widely)
{
    if (is_relax(k->op) && widely && page / 8 == k->op->first / 8 && k->done != 0)
        return k->op->apply(p);
    if (page < k->op->first || page >= k->op->first + k->done)
        return true;
    return k->op->apply(p);
}

/* All orders of three tasks; of fewer, those that leave the last ones where they are. */
static const unsigned char orders[][TASKS_MAX] = {{0, 1, 2}, {1, 0, 2}, {0, 2, 1}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
#define ORDERS(tasks) ((tasks) > 2 ? 6U : (tasks))

/* Is `now` what is left if the tasks come in this order? */
static inline bool is_after(const struct world *w, const unsigned char *order, unsigned page, const struct page *now,
                            bool widely)
{
    struct page p = w->before[page];

    for (unsigned i = 0; i < w->tasks; i++)
        if (!applies(&w->task[order[i]], page, &p, widely))
            return false;
    return p.mapped == now->mapped && p.writable == now->writable && p.marked == now->marked && p.fixed == now->fixed &&
           p.moved == now->moved;
}

static inline bool is_after_some_order(const struct world *w, unsigned page, const struct page *now)
{
    for (unsigned i = 0; i < 2 * ORDERS(w->tasks); i++)
        if (is_after(w, orders[i / 2], page, now, i % 2 != 0))
            return true;
    return false;
}

static inline const char *check_page(struct world *w, unsigned i, uint64_t *dirty)
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
    if (now.mapped && !is_right_place(w, i * PAGE, leaf.oa + (i * PAGE - leaf.addr)))
        return "a page goes to another place";
    now.moved = now.mapped && leaf.oa + (i * PAGE - leaf.addr) == ELSEWHERE + i * PAGE;
    if (!is_after_some_order(w, i, &now))
        return "a page is not as after the one operation and the other";
    if ((attr & PTW_D) != 0 || w->marks) /* who marks reports none */
        *dirty |= UINT64_C(1) << i;
    return NULL;
}

static inline const char *check_tables(struct world *w)
{
    const char *why = invariants_rest(&w->rules);

    if (why != NULL)
        return why;
    invariants_end(&w->rules);
    ptw_destroy(&w->t);
    return w->memory.outstanding != 0 ? "a table was not freed" : ptw_sim_memory_violation(&w->memory);
}

static inline bool is_answer(const struct task *k)
{
    const struct world *w = k->w;

    switch (k->last.status) {
    case PTW_OK:
    case PTW_SPURIOUS:
        return true;
    case PTW_AGAIN:
        return !w->patient;
    case PTW_NOENT:
        if (is_detach(k->op))
            return true;
        return (is_relax(k->op) || k->op->run == send_elsewhere) && may_be_hole(k, (unsigned)(k->last.next / PAGE));
    case PTW_DENIED:
        return is_relax(k->op) && somebody_else(k, has_no_w_for_good);
    case PTW_EXISTS:
        return (k->op->apply == is_mapped || k->op->apply == is_replaced) &&
               (w->beginning == MARKS || somebody_else(k, is_marked) ||
                (k->op->apply == is_mapped && is_moved_by_somebody(w)));
    default:
        return false;
    }
}

/* The last word of all tasks, and what they have reported. */
static inline const char *check_answers(struct world *w)
{
    for (unsigned i = 0; i < w->tasks; i++) {
        call_relax_again(&w->task[i]);
        if (!is_answer(&w->task[i]))
            return ptw_status_name(w->task[i].last.status);
    }
    for (unsigned i = 0; i < w->tasks; i++)
        (void)ptw_gather_sync(&w->task[i].g);
    for (unsigned i = 0; i < w->tasks; i++)
        invariants_copied(&w->rules, w->task[i].reported);
    return NULL;
}

static inline const char *check(void *ctx)
{
    struct world *w = ctx;
    uint64_t dirty = 0;
    const char *why = check_answers(w);

    if (why == NULL && w->settled != NULL)
        why = w->settled(w);
    for (unsigned i = 0; i < PAGES && why == NULL; i++)
        why = invariants_say(&w->rules, INVARIANT_PAGES, check_page(w, i, &dirty));
    if (why == NULL)
        why = invariants_written(&w->rules, INVARIANT_SINK, dirty);
    return why != NULL ? why : check_tables(w);
}

/* ------------------------------------------------------------------------------------------------- the tasks --- */

/* `ops` for `tasks` tasks, and the schedule that runs them from a beginning. */
static inline struct ptw_sim_schedule schedule_of(const struct operation *const *ops, unsigned tasks,
                                                  enum beginning beginning)
{
    struct world *w = &world;
    struct ptw_sim_schedule s = {
        .tasks = tasks, .setup = set_up, .check = check, .ctx = w, .preemptions = PTW_SIM_ANY, .reduce = true};

    w->tasks = tasks;
    w->beginning = beginning;
    w->marks = false;
    for (unsigned i = 0; i < tasks; i++) {
        s.task[i] = (struct ptw_sim_task){operate, &w->task[i]};
        w->task[i].op = ops[i];
        w->marks = w->marks || ops[i]->apply == is_marked;
    }
    return s;
}

#endif
