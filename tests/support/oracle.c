/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* oracle.c - the flat model of a page table, as a sorted list of runs: see oracle.h. */
#include "oracle.h"

#include "invariants.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What "the same memory" means to ptw_map: all attributes that it does not simply replace or join. */
#define REPLACED (PTW_RIGHTS | PTW_SOFT_MASK)

__attribute__((format(printf, 2, 3))) static const char *say(struct oracle *o, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(o->message, sizeof(o->message), format, args);
    va_end(args);
    return o->message;
}

void oracle_init(struct oracle *o, const struct fixture *f)
{
    memset(o, 0, sizeof(*o));
    o->e = f->t.geo.encoder;
    o->blind = fixture_blind_ad(f);
}

void oracle_fini(struct oracle *o)
{
    free(o->run);
    memset(o, 0, sizeof(*o));
}

void oracle_reset(struct oracle *o)
{
    o->count = 0;
}

static ptw_oa mark_of(unsigned type, uint64_t payload)
{
    return (ptw_oa)type << 60U | payload; /* a payload has 60 bits at most */
}

/* -------------------------------------------------------------------------------------------- the list --- */

/* The number of the first run that ends at or after `addr`. */
static size_t find(const struct oracle *o, ptw_addr addr)
{
    size_t low = 0, high = o->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (o->run[middle].last < addr)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert(struct oracle *o, size_t at, struct oracle_run run)
{
    if (o->count == o->room) {
        o->room = o->room == 0 ? 64 : 2 * o->room;
        o->run = realloc(o->run, o->room * sizeof(*o->run));
        if (o->run == NULL)
            abort();
    }
    memmove(&o->run[at + 1], &o->run[at], (o->count - at) * sizeof(*o->run));
    o->run[at] = run;
    o->count++;
}

/* Makes `addr` the beginning of a run if it is inside one; answers the number of the first run from there. */
static size_t boundary(struct oracle *o, ptw_addr addr)
{
    size_t i = find(o, addr);

    if (i == o->count || o->run[i].first >= addr)
        return i;
    struct oracle_run right = o->run[i];
    right.oa += right.marked ? 0 : addr - right.first;
    right.first = addr;
    o->run[i].last = addr - 1;
    insert(o, i + 1, right);
    return i + 1;
}

/* Makes both ends boundaries: the runs of [first, last] are numbers [*from, answer). */
static size_t isolate(struct oracle *o, ptw_addr first, ptw_addr last, size_t *from)
{
    *from = boundary(o, first);
    return last == UINT64_MAX ? o->count : boundary(o, last + 1);
}

static bool continues(const struct oracle_run *a, const struct oracle_run *b)
{
    return a->marked == b->marked && a->last + 1 == b->first && a->last != UINT64_MAX &&
           a->oa + (a->marked ? 0 : b->first - a->first) == b->oa && a->attr == b->attr;
}

/* Joins what continues among the runs from one before `from` to one after `to`. */
static void tidy(struct oracle *o, size_t from, size_t to)
{
    size_t out = from == 0 ? 0 : from - 1;
    size_t end = to + 1 < o->count ? to + 1 : o->count;
    size_t i = out + 1;

    if (o->count < 2)
        return;
    for (; i < end; i++) {
        if (continues(&o->run[out], &o->run[i]))
            o->run[out].last = o->run[i].last;
        else
            o->run[++out] = o->run[i];
    }
    if (out + 1 < i) {
        memmove(&o->run[out + 1], &o->run[i], (o->count - i) * sizeof(*o->run));
        o->count -= i - out - 1;
    }
}

const struct oracle_run *oracle_next(const struct oracle *o, ptw_addr addr)
{
    size_t i = find(o, addr);
    return i < o->count ? &o->run[i] : NULL;
}

const struct oracle_run *oracle_at(const struct oracle *o, ptw_addr addr)
{
    const struct oracle_run *run = oracle_next(o, addr);
    return run != NULL && run->first <= addr ? run : NULL;
}

uint64_t oracle_bytes(const struct oracle *o)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < o->count; i++) {
        if (!o->run[i].marked)
            bytes += o->run[i].last - o->run[i].first + 1;
    }
    return bytes;
}

bool oracle_equal(const struct oracle *a, const struct oracle *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct oracle_run *x = &a->run[i], *y = &b->run[i];
        if (x->first != y->first || x->last != y->last || x->oa != y->oa || x->attr != y->attr ||
            x->marked != y->marked)
            return false;
    }
    return true;
}

/* ------------------------------------------------------------------------------------------ bare changes --- */

static void drop(struct oracle *o, ptw_addr first, ptw_addr last, bool marked)
{
    size_t from, to = isolate(o, first, last, &from), out = from;

    for (size_t i = from; i < to; i++) {
        if (o->run[i].marked != marked)
            o->run[out++] = o->run[i];
    }
    if (out == to) {
        tidy(o, from, to + 1);
        return;
    }
    memmove(&o->run[out], &o->run[to], (o->count - to) * sizeof(*o->run));
    o->count -= to - out;
    tidy(o, from, out + 1);
}

static void add_run(struct oracle *o, struct oracle_run run)
{
    drop(o, run.first, run.last, false);
    drop(o, run.first, run.last, true);
    size_t at = find(o, run.first);
    insert(o, at, run);
    tidy(o, at, at + 2);
}

void oracle_put(struct oracle *o, ptw_addr first, ptw_addr last, ptw_oa oa, ptw_attr attr)
{
    add_run(o, (struct oracle_run){.first = first, .last = last, .oa = oa, .attr = attr});
}

void oracle_remove(struct oracle *o, ptw_addr first, ptw_addr last)
{
    drop(o, first, last, false);
}

void oracle_change(struct oracle *o, ptw_addr first, ptw_addr last, ptw_attr keep, ptw_attr set)
{
    size_t from, to = isolate(o, first, last, &from);

    for (size_t i = from; i < to; i++) {
        if (!o->run[i].marked)
            o->run[i].attr = (o->run[i].attr & keep) | set;
    }
    tidy(o, from, to + 1);
}

/* -------------------------------------------------------------------------------------- the operations --- */

/* Is the run, from `from` on, another translation than oa and attr? */
static bool differs(const struct oracle_run *run, ptw_addr from, ptw_oa oa, ptw_attr attr)
{
    return run->oa + (from - run->first) != oa || ((run->attr ^ attr) & ~(REPLACED | PTW_AD)) != 0;
}

/* Where [first, last] meets something that the new mapping cannot live with; true if it does. */
static bool conflict(const struct oracle *o, ptw_addr first, ptw_addr last, ptw_oa oa, ptw_attr attr, uint64_t flags,
                     ptw_addr *where)
{
    for (size_t i = find(o, first); i < o->count && o->run[i].first <= last; i++) {
        const struct oracle_run *run = &o->run[i];
        ptw_addr from = run->first > first ? run->first : first;
        if (run->marked || (flags & PTW_IF_EMPTY) != 0 ||
            ((flags & PTW_REPLACE) == 0 && differs(run, from, oa + (from - first), attr))) {
            *where = from;
            return true;
        }
    }
    return false;
}

/* The end of what is the same from `at` on, a run or a hole; the run, or NULL. */
static const struct oracle_run *stretch(const struct oracle *o, ptw_addr at, ptw_addr last, ptw_addr *end)
{
    const struct oracle_run *run = oracle_next(o, at);
    bool hole = run == NULL || run->first > at;

    *end = run == NULL || run->first > last ? last : hole ? run->first - 1 : run->last;
    *end = *end < last ? *end : last;
    return hole ? NULL : run;
}

struct ptw_result oracle_map(struct oracle *o, ptw_addr first, ptw_addr last, ptw_oa oa, ptw_attr attr, uint64_t flags)
{
    struct ptw_result result = {PTW_SPURIOUS, 0};
    ptw_addr where = 0, end;

    if (conflict(o, first, last, oa, attr, flags, &where)) {
        result = (struct ptw_result){PTW_EXISTS, where};
        if (where == first || (flags & PTW_ALL_OR_NOTHING) != 0)
            return result;
        last = where - 1;
    }
    for (ptw_addr at = first;; at = end + 1) {
        const struct oracle_run *run = stretch(o, at, last, &end);
        bool anew = run == NULL || differs(run, at, oa + (at - first), attr);
        if (anew || ((run->attr ^ attr) & REPLACED) != 0) {
            if (result.status == PTW_SPURIOUS)
                result.status = PTW_OK;
            oracle_put(o, at, end, oa + (at - first), anew ? attr : attr | (run->attr & PTW_AD));
        }
        if (end == last)
            return result;
    }
}

struct ptw_result oracle_remap(struct oracle *o, ptw_addr first, ptw_addr last, ptw_oa oa)
{
    struct ptw_result result = {PTW_SPURIOUS, 0};
    ptw_addr end;

    for (ptw_addr at = first;; at = end + 1) {
        const struct oracle_run *run = stretch(o, at, last, &end);
        if (run == NULL || run->marked)
            return (struct ptw_result){PTW_NOENT, at};
        if (run->oa + (at - run->first) != oa + (at - first)) {
            result.status = PTW_OK;
            oracle_put(o, at, end, oa + (at - first), run->attr);
        }
        if (end == last)
            return result;
    }
}

struct ptw_result oracle_annotate(struct oracle *o, ptw_addr first, ptw_addr last, unsigned type, uint64_t payload,
                                  uint64_t flags)
{
    struct ptw_result result = {PTW_SPURIOUS, 0};
    ptw_addr end;

    for (ptw_addr at = first;; at = end + 1) {
        const struct oracle_run *run = stretch(o, at, last, &end);
        bool marked = run != NULL && run->marked;
        if (run != NULL && (flags & PTW_IF_EMPTY) != 0 && (marked || type != 0))
            return (struct ptw_result){PTW_EXISTS, at};
        if (type == 0 ? marked : !marked || run->oa != mark_of(type, payload)) {
            result.status = PTW_OK;
            if (type == 0)
                drop(o, at, end, true);
            else
                add_run(o, (struct oracle_run){.first = at, .last = end, .oa = mark_of(type, payload), .marked = true});
        }
        if (end == last)
            return result;
    }
}

struct ptw_result oracle_protect(struct oracle *o, ptw_addr first, ptw_addr last, ptw_attr add, ptw_attr remove)
{
    struct ptw_result result = {PTW_SPURIOUS, 0};
    size_t from, to = isolate(o, first, last, &from);

    for (size_t i = from; i < to; i++) {
        ptw_attr attr = (o->run[i].attr & ~remove) | add;
        if (o->run[i].marked || attr == o->run[i].attr)
            continue;
        o->run[i].attr = attr;
        result.status = PTW_OK;
    }
    tidy(o, from, to + 1);
    return result;
}

bool oracle_join(struct oracle *o, ptw_addr first, ptw_addr last)
{
    const struct oracle_run *begin = oracle_at(o, first);
    ptw_attr ad = 0;

    if (begin == NULL || begin->marked)
        return false;
    ptw_oa oa = begin->oa + (first - begin->first);
    ptw_attr attr = begin->attr & ~PTW_AD;
    for (ptw_addr at = first; at <= last && at >= first;) {
        const struct oracle_run *run = oracle_at(o, at);
        if (run == NULL || run->marked || run->oa + (at - run->first) != oa + (at - first) ||
            (run->attr & ~PTW_AD) != attr)
            return false;
        ad |= run->attr & PTW_AD;
        if (run->last >= last)
            break;
        at = run->last + 1;
    }
    oracle_change(o, first, last, ~(ptw_attr)0, ad);
    return true;
}

/* ----------------------------------------------------------------------------------------- comparisons --- */

const char *oracle_compare_leaf(struct oracle *o, const struct hardware_leaf *leaf)
{
    const struct oracle_run *run = oracle_at(o, leaf->addr);
    bool marked = leaf->kind != PTW_LEAF;

    if (run == NULL)
        return say(o, "%s at 0x%" PRIx64 " (level %u), where nothing should be", marked ? "a mark" : "a leaf",
                   leaf->addr, leaf->level);
    if (run->marked != marked)
        return say(o, "%s at 0x%" PRIx64 " instead of %s", marked ? "a mark" : "a leaf", leaf->addr,
                   marked ? "a leaf" : "a mark");
    if (run->last < leaf->last)
        return say(o, "the entry at 0x%" PRIx64 " (level %u) reaches beyond 0x%" PRIx64 ", where something else begins",
                   leaf->addr, leaf->level, run->last);
    if (marked)
        return mark_of(o->e->mark_type(leaf->word, leaf->level), o->e->mark_payload(leaf->word, leaf->level)) == run->oa
                   ? NULL
                   : say(o, "the mark at 0x%" PRIx64 " was changed", leaf->addr);
    if (leaf->oa != run->oa + (leaf->addr - run->first))
        return say(o, "0x%" PRIx64 " goes to 0x%" PRIx64 " instead of 0x%" PRIx64, leaf->addr, leaf->oa,
                   run->oa + (leaf->addr - run->first));
    if (((leaf->attr ^ run->attr) & ~o->blind) != 0)
        return say(o, "0x%" PRIx64 " (level %u) has the attributes 0x%" PRIx64 " instead of 0x%" PRIx64, leaf->addr,
                   leaf->level, leaf->attr, run->attr);
    return NULL;
}

struct comparison {
    struct oracle *o;
    const char *why;
    uint64_t leaf_bytes, mark_bytes;
};

static bool compare_entry(void *ctx, const struct hardware_leaf *leaf)
{
    struct comparison *c = ctx;

    c->why = oracle_compare_leaf(c->o, leaf);
    if (leaf->kind == PTW_LEAF)
        c->leaf_bytes += leaf->last - leaf->addr + 1;
    else
        c->mark_bytes += leaf->last - leaf->addr + 1;
    return c->why == NULL;
}

/* Everything found was right; with equal sums nothing can be missing. */
static const char *compare_sums(struct oracle *o, const struct comparison *c)
{
    uint64_t marks = 0;

    if (c->why != NULL)
        return c->why;
    for (size_t i = 0; i < o->count; i++)
        marks += o->run[i].marked ? o->run[i].last - o->run[i].first + 1 : 0;
    if (c->leaf_bytes != oracle_bytes(o))
        return say(o, "0x%" PRIx64 " bytes are mapped instead of 0x%" PRIx64, c->leaf_bytes, oracle_bytes(o));
    return marks == c->mark_bytes ? NULL : say(o, "a mark is gone");
}

const char *oracle_compare_by_hand(struct oracle *o, struct fixture *f)
{
    struct comparison c = {.o = o};

    hardware_visit(&f->hardware, &f->t, compare_entry, &c);
    return compare_sums(o, &c);
}

const char *oracle_compare_translate(struct oracle *o, struct fixture *f, ptw_addr addr)
{
    const struct oracle_run *run = oracle_at(o, addr);
    struct ptw_leaf leaf;
    ptw_status status = ptw_translate(&f->t, addr, &leaf);

    if (addr + f->t.geo.ia_bias > f->t.geo.ia_mask)
        return status == PTW_RANGE ? NULL : say(o, "translate 0x%" PRIx64 ": no RANGE", addr);
    if (status != (run != NULL && !run->marked ? PTW_OK : PTW_NOENT))
        return say(o, "translate 0x%" PRIx64 ": %s", addr, ptw_status_name(status));
    uint64_t size = ptw_leaf_size(&f->t, &leaf);
    if (addr - leaf.addr >= size || (leaf.addr & (size - 1)) != 0)
        return say(o, "translate 0x%" PRIx64 ": the slot 0x%" PRIx64 " does not hold it", addr, leaf.addr);
    if (status == PTW_OK) {
        struct hardware_leaf as = {.addr = leaf.addr,
                                   .last = leaf.addr + (size - 1),
                                   .oa = leaf.oa,
                                   .attr = ptw_leaf_attr(&f->t, &leaf),
                                   .word = leaf.word,
                                   .level = leaf.level,
                                   .kind = PTW_LEAF};
        return oracle_compare_leaf(o, &as);
    }
    if (leaf.oa != 0)
        return say(o, "translate 0x%" PRIx64 ": a hole with an output address", addr);
    if (run != NULL) {
        struct hardware_leaf as = {.addr = leaf.addr,
                                   .last = leaf.addr + (size - 1),
                                   .word = leaf.word,
                                   .level = leaf.level,
                                   .kind = PTW_MARKED};
        return oracle_compare_leaf(o, &as);
    }
    const struct oracle_run *after = oracle_next(o, leaf.addr);
    if (after != NULL && after->first <= leaf.addr + (size - 1))
        return say(o, "translate 0x%" PRIx64 ": a hole over something that is there", addr);
    return NULL;
}

/* The run from `addr` to at most `last` as next_run should give it. False: none. */
static bool expected_run(const struct oracle *o, const struct fixture *f, ptw_addr addr, ptw_addr last,
                         struct ptw_run *out)
{
    size_t i = find(o, addr);

    while (i < o->count && o->run[i].marked)
        i++;
    if (i == o->count || o->run[i].first > last)
        return false;
    const struct oracle_run *run = &o->run[i];
    out->addr = run->first > addr ? run->first : addr;
    out->oa = run->oa + (out->addr - run->first);
    out->attr = run->attr & ~PTW_AD;
    ptw_addr end = run->last;
    for (; ++i < o->count; run++) {
        const struct oracle_run *more = &o->run[i];
        if (more->marked || end == UINT64_MAX || more->first != end + 1 || (more->attr & ~PTW_AD) != out->attr ||
            more->oa != out->oa + (more->first - out->addr))
            break;
        end = more->last;
    }
    end = end < last ? end : last;
    out->size = end - out->addr + 1;
    (void)f;
    return true;
}

const char *oracle_compare_next_run(struct oracle *o, struct fixture *f, ptw_addr first, ptw_addr last)
{
    for (ptw_addr addr = first;;) {
        struct ptw_run want = {0}, got = {0};
        bool any = expected_run(o, f, addr, last, &want);
        ptw_status status = ptw_next_run(&f->t, addr, last, &got);

        if (status != (any ? PTW_OK : PTW_NOENT))
            return say(o, "next_run [0x%" PRIx64 ", 0x%" PRIx64 "]: %s", addr, last, ptw_status_name(status));
        if (!any)
            return NULL;
        if (got.addr != want.addr || got.size != want.size || got.oa != want.oa || got.attr != want.attr)
            return say(o,
                       "next_run [0x%" PRIx64 ", 0x%" PRIx64 "]: 0x%" PRIx64 " + 0x%" PRIx64 " -> 0x%" PRIx64
                       " attr 0x%" PRIx64 " instead of 0x%" PRIx64 " + 0x%" PRIx64 " -> 0x%" PRIx64 " attr 0x%" PRIx64,
                       addr, last, got.addr, got.size, got.oa, got.attr, want.addr, want.size, want.oa, want.attr);
        if (want.addr + (want.size - 1) >= last)
            return NULL;
        addr = want.addr + want.size;
    }
}

struct comparing_visitor {
    struct ptw_visitor visitor; /* first: the callback gets its address */
    struct comparison c;
    const struct ptw_table *t;
    struct invariants *rules;
    ptw_addr behind; /* place of the first address not yet delivered */
    bool all;        /* everything was delivered */
};

static enum ptw_visit compare_visited(struct ptw_visitor *v, const struct ptw_entry *e)
{
    struct comparing_visitor *cv = (struct comparing_visitor *)v;
    struct oracle *o = cv->c.o;
    const struct ptw_geometry *g = &cv->t->geo;
    ptw_addr place = e->addr & g->ia_mask, size = PTW_BIT(ptw_level_shift(g->encoder, e->level) + e->order);
    struct hardware_leaf leaf = {
        .addr = e->addr, .word = e->word, .level = e->level, .order = e->order, .kind = e->kind};
    ptw_word first = hardware_load(cv->t, e->slot);

    leaf.last = e->addr + (size - 1);
    if ((e->order == 0 && first != e->word) || e->kind != g->encoder->kind(g, first, e->level))
        cv->c.why = say(o, "visit 0x%" PRIx64 ": not the word or the kind of its slot", e->addr);
    else if (cv->all)
        cv->c.why = say(o, "visit 0x%" PRIx64 " after everything", e->addr);
    else if (place != cv->behind)
        cv->c.why = invariants_order(cv->rules, cv->behind, place);
    else if (e->kind == PTW_EMPTY && oracle_next(o, leaf.addr) != NULL && oracle_next(o, leaf.addr)->first <= leaf.last)
        cv->c.why = say(o, "visit 0x%" PRIx64 ": a hole over something that is there", e->addr);
    if (cv->c.why != NULL)
        return PTW_VISIT_STOP;
    if (e->kind == PTW_TABLE)
        return PTW_VISIT_ON;
    cv->behind = (place + size) & g->ia_mask;
    cv->all = cv->behind == 0;
    if (e->kind == PTW_EMPTY)
        return PTW_VISIT_ON;
    if (e->kind == PTW_LEAF) {
        leaf.oa = g->encoder->oa(g, e->word, e->level);
        leaf.attr = g->encoder->attr(g, e->word, e->level);
    }
    return compare_entry(&cv->c, &leaf) ? PTW_VISIT_ON : PTW_VISIT_STOP;
}

const char *oracle_compare_visit(struct oracle *o, struct fixture *f, struct invariants *rules)
{
    struct comparing_visitor v = {.visitor = {.entry = compare_visited}, .c = {.o = o}, .t = &f->t, .rules = rules};
    struct ptw_result result = ptw_visit(&f->t, 0, 0, PTW_ALL | PTW_VISIT_HOLES, &v.visitor);

    if (v.c.why != NULL)
        return v.c.why;
    if (result.status != PTW_OK)
        return say(o, "visit: %s at 0x%" PRIx64, ptw_status_name(result.status), result.next);
    return v.all ? compare_sums(o, &v.c) : say(o, "visit stopped at place 0x%" PRIx64, v.behind);
}
