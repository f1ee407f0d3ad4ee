/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * script_ops.c - one step of a script: calls the walker, asks the oracle what must come out, compares. Each function
 * is the contract of one operation of ptw.h, written once more as a check.
 *
 * Where leaf sizes matter (which leaf sticks out, how far a D reaches) they are read by hand before the call.
 */
#include "script.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define AUDIT_TABLES 12U /* tables that are always audited: see play_audit */
#define WALK_LEAVES 300000U /* more leaves in one range are a mistake of the script's sizes */

static const char *unexpected(struct script_player *p, const char *what, struct ptw_result got, struct ptw_result want)
{
    return script_say(p, "%s answers {%s, 0x%" PRIx64 "} instead of {%s, 0x%" PRIx64 "}", what,
                      ptw_status_name(got.status), got.next, ptw_status_name(want.status), want.next);
}

static const char *wrong_status(struct script_player *p, const char *what, ptw_status got, ptw_status want)
{
    return script_say(p, "%s answers %s instead of %s", what, ptw_status_name(got), ptw_status_name(want));
}

static bool must_not_break(const struct script_player *p)
{
    return (p->f->t.geo.options & PTW_OPT_HITLESS) != 0 && p->f->t.geo.encoder->break_before_make;
}

/* The entry at `addr`, by hand. */
static struct hardware_leaf look(struct script_player *p, ptw_addr addr)
{
    struct hardware_leaf leaf = {0};
    hardware_walk(&p->f->hardware, &p->f->t, addr, &leaf);
    return leaf;
}

static bool sticks_out(const struct hardware_leaf *leaf, ptw_addr first, ptw_addr last)
{
    return leaf->kind == PTW_LEAF && (leaf->addr < first || leaf->last > last);
}

/* ------------------------------------------------------------------------------------ what must be so --- */

/* What an operation must leave alone when it says that it did nothing. */
struct quiet {
    struct ptw_inval inval;
    uint64_t retired, allocs, failures, invalidations;
};

static struct quiet quiet_now(const struct script_player *p)
{
    const struct fixture *f = p->f;
    return (struct quiet){f->g.inval, f->g.retired, f->memory.allocs, f->memory.failures, f->hardware.invalidations};
}

static bool quiet_since(const struct script_player *p, const struct quiet *before)
{
    struct quiet now = quiet_now(p);
    bool inval = now.inval.reasons == before->inval.reasons &&
                 (now.inval.reasons == 0 || (now.inval.first == before->inval.first &&
                                             now.inval.last == before->inval.last &&
                                             now.inval.levels == before->inval.levels));
    return inval && now.retired == before->retired && now.allocs == before->allocs &&
           now.invalidations == before->invalidations;
}

/*
 * An operation that stopped early for want of memory, or because it must not break: is that so, and where? On NULL,
 * *done is the last address of what must be done, and `any` whether that is anything.
 */
static const char *check_stop(struct script_player *p, const char *what, const struct script_step *s,
                              struct ptw_result r, const struct quiet *before, bool *any)
{
    *any = r.next != s->addr;
    if (r.status == PTW_NOMEM && p->f->memory.failures == before->failures)
        return script_say(p, "%s answers NOMEM, but no allocation failed", what);
    if (r.status == PTW_BISECT) {
        struct hardware_leaf leaf = look(p, r.next);
        if (!must_not_break(p) || leaf.kind != PTW_LEAF || leaf.level == 0)
            return script_say(p, "%s answers BISECT at 0x%" PRIx64 ", where nothing needs to be broken", what, r.next);
    }
    if (r.next < s->addr || r.next > s->last)
        return script_say(p, "%s stops at 0x%" PRIx64 ", outside of its range", what, r.next);
    if ((r.next & ptw_low_mask(p->f->t.geo.encoder->granule)) != 0)
        return script_say(p, "%s stops at 0x%" PRIx64 ", which is no page", what, r.next);
    return NULL;
}

static bool stopped(struct ptw_result r)
{
    return r.status == PTW_NOMEM || r.status == PTW_BISECT;
}

/* The call was wrong on purpose: the right refusal, and nothing happened. */
static const char *check_refusal(struct script_player *p, const char *what, const struct script_step *s,
                                 struct ptw_result r, const struct quiet *before)
{
    bool range = s->wrong == SCRIPT_ADDR_OUTSIDE || s->wrong == SCRIPT_SIZE_OUTSIDE || s->wrong == SCRIPT_OA_OUTSIDE;
    struct ptw_result want = {range ? PTW_RANGE : PTW_INVAL, s->addr};

    if (r.status != want.status || r.next != want.next)
        return unexpected(p, what, r, want);
    return quiet_since(p, before) ? NULL : script_say(p, "%s refuses, but did something", what);
}

/* ------------------------------------------------------------------------------------------------- map --- */

/* The level of the leaf that should be made first, over nothing but holes. */
static unsigned largest_fit(const struct script_player *p, const struct script_step *s)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    unsigned cap = (unsigned)(s->flags >> 8U) & 0xffU, best = 0;

    cap = cap == 0 || cap - 1U > g->max_leaf ? g->max_leaf : cap - 1U;
    for (unsigned level = 0; level <= cap; level++) {
        ptw_addr offset = ptw_low_mask(ptw_level_shift(g->encoder, level));
        if (g->encoder->leaf_orders(level) != 0 && ((s->addr | s->oa) & offset) == 0 && s->last - s->addr >= offset)
            best = level;
    }
    return best;
}

/* Is there a table inside of the slot that is asked for, other than the one that it may point to itself? Those are not
 * given up for a larger leaf, even if they are empty. */
static bool has_tables_below(struct script_player *p, ptw_addr addr, unsigned level)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    const struct ptw_encoder *e = g->encoder;
    ptw_oa pa = p->f->t.root_pa;

    for (unsigned l = g->top;; l--) {
        ptw_addr index = ((addr & g->ia_mask) >> ptw_level_shift(e, l)) &
                         ptw_low_mask(l == g->top ? g->root_bits : ptw_level_bits(e, l));
        ptw_word w = hardware_load(&p->f->t, memory_at(&p->f->memory, pa + index * e->word_bytes));
        if (e->kind(w, l) != PTW_TABLE)
            return false;
        pa = e->table_pa(g, w, l);
        if (l == level)
            break;
    }
    for (uint64_t i = 0; i < PTW_BIT(ptw_level_bits(e, level - 1)); i++) {
        ptw_word w = hardware_load(&p->f->t, memory_at(&p->f->memory, pa + i * e->word_bytes));
        if (e->kind(w, level - 1) == PTW_TABLE)
            return true;
    }
    return false;
}

/*
 * Where valid entries must be broken first, an unmap is not over before its sync: the TLB may still hold what a map
 * would now change. That sync is the owner's duty.
 */
static void break_before_map(struct script_player *p, const struct script_step *s)
{
    const struct ptw_inval *inval = &p->f->g.inval;

    if (p->f->t.geo.encoder->break_before_make && inval->reasons != 0 && inval->first <= s->last &&
        s->addr <= inval->last)
        ptw_gather_sync(&p->f->g);
}

static const char *play_map(struct script_player *p, struct script_step *s)
{
    break_before_map(p, s);
    struct quiet before = quiet_now(p);
    const struct oracle_run *run = oracle_next(&p->o, s->addr);
    bool holes = s->wrong == SCRIPT_RIGHT && (run == NULL || run->first > s->last);
    unsigned best = largest_fit(p, s);
    bool decided = holes && (best == 0 || !has_tables_below(p, s->addr, best));
    struct ptw_result want, r = ptw_map(&p->f->t, s->addr, s->oa, s->size, s->attr, s->flags, &p->f->g);
    bool too_high = (s->flags >> 8U & 0xffU) > p->f->t.geo.max_leaf + 1U;

    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT)
        return check_refusal(p, "map", s, r, &before);
    if (too_high && r.status == PTW_INVAL) /* as good as leaves that are not too high */
        return quiet_since(p, &before) ? NULL : script_say(p, "map refuses, but did something");
    if (stopped(r)) {
        bool any;
        const char *why = check_stop(p, "map", s, r, &before, &any);
        if (why != NULL || !any)
            return why;
        want = oracle_map(&p->o, s->addr, r.next - 1, s->oa, s->attr);
        return want.status == PTW_EXISTS ? unexpected(p, "map", r, want) : NULL;
    }
    want = oracle_map(&p->o, s->addr, s->last, s->oa, s->attr);
    if (r.status != want.status || (r.status == PTW_EXISTS && r.next != want.next))
        return unexpected(p, "map", r, want);
    if (r.status == PTW_SPURIOUS && !quiet_since(p, &before))
        return script_say(p, "map answers SPURIOUS, but did something");
    unsigned level = look(p, s->addr).level;
    if (decided && level != best)
        return script_say(p, "map makes a leaf of level %u where %u fits", level, best);
    return NULL;
}

/* ----------------------------------------------------------------------------------------------- unmap --- */

struct checking_sink {
    struct ptw_sink sink; /* first: the callback gets its address */
    struct script_player *p;
    ptw_addr first, last; /* where leaves may come from */
    ptw_addr behind;      /* first address that the next leaf may have */
    bool any;
    uint64_t bytes;
    const char *why;
};

static void sink_leaf(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct checking_sink *c = (struct checking_sink *)sink;
    const struct ptw_table *t = &c->p->f->t;
    struct hardware_leaf as = {.addr = leaf->addr,
                               .last = leaf->addr + (ptw_leaf_size(t, leaf) - 1),
                               .oa = leaf->oa,
                               .attr = ptw_leaf_attr(t, leaf),
                               .word = leaf->word,
                               .level = (unsigned)leaf->level,
                               .kind = PTW_LEAF};

    if (c->why != NULL)
        return;
    c->why = oracle_compare_leaf(&c->p->o, &as);
    if (c->why != NULL)
        return;
    if ((c->any && as.addr < c->behind) || as.addr < c->first || as.last > c->last)
        c->why = script_say(c->p, "the sink gets 0x%" PRIx64 " out of order or out of range", as.addr);
    c->any = true;
    c->behind = as.last + 1;
    c->bytes += as.last - as.addr + 1;
}

/* Bytes mapped in [first, last]. */
static uint64_t mapped_bytes(const struct oracle *o, ptw_addr first, ptw_addr last)
{
    uint64_t bytes = 0;

    for (const struct oracle_run *run = oracle_next(o, first); run != NULL && run->first <= last;) {
        ptw_addr a = run->first > first ? run->first : first, b = run->last < last ? run->last : last;
        bytes += run->marked ? 0 : b - a + 1;
        if (run->last >= last)
            break;
        run = oracle_next(o, run->last + 1);
    }
    return bytes;
}

/*
 * How far an operation reaches that takes leaves whole, cuts them or stops at them. Afterwards [s->addr, *last] is
 * what it must have done (WIDEN moves both), or nothing is (*any false), and *want the answer but for NOMEM.
 */
static void reach(struct script_player *p, const struct script_step *s, ptw_addr *first, ptw_addr *last, bool *any,
                  struct ptw_result *want)
{
    struct hardware_leaf low = look(p, s->addr), high = look(p, s->last);

    *first = s->addr;
    *last = s->last;
    *any = true;
    *want = (struct ptw_result){PTW_OK, 0};
    if ((s->flags & PTW_ALL) != 0)
        return;
    if ((s->flags & PTW_WIDEN) != 0) {
        *first = low.kind == PTW_LEAF ? low.addr : s->addr;
        *last = high.kind == PTW_LEAF ? high.last : s->last;
    } else if ((s->flags & PTW_STRICT) != 0 && sticks_out(&low, s->addr, s->last)) {
        *want = (struct ptw_result){PTW_BISECT, s->addr};
        *any = false;
    } else if ((s->flags & PTW_STRICT) != 0 && sticks_out(&high, s->addr, s->last)) {
        *want = (struct ptw_result){PTW_BISECT, high.addr};
        *last = high.addr - 1;
    }
}

/* Marks are skipped, but those in a table that the range covers whole go with it. */
static void drop_marks(struct script_player *p, ptw_addr first, ptw_addr last)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    const struct oracle_run *run;

    for (ptw_addr at = first; (run = oracle_next(&p->o, at)) != NULL && run->first <= last;) {
        const struct oracle_run mark = *run;
        unsigned level = 0;
        while (ptw_low_mask(ptw_level_shift(g->encoder, level)) != mark.last - mark.first)
            level++;
        ptw_addr span = ptw_low_mask(ptw_level_shift(g->encoder, level + 1));
        if (level < g->top && (mark.first & ~span) >= first && (mark.first | span) <= last)
            oracle_unmark(&p->o, mark.first, mark.last);
        if (mark.last >= last)
            return;
        at = mark.last + 1;
    }
}

static const char *play_unmap(struct script_player *p, struct script_step *s)
{
    struct checking_sink sink = {.sink = {.leaf = sink_leaf}, .p = p};
    struct quiet before = quiet_now(p);
    struct ptw_result want;
    ptw_addr first, last;
    bool any;

    reach(p, s, &first, &last, &any, &want);
    sink.first = first;
    sink.last = last;
    struct ptw_result r = ptw_unmap(&p->f->t, s->addr, s->size, s->flags, s->sink ? &sink.sink : NULL, &p->f->g);
    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT)
        return check_refusal(p, "unmap", s, r, &before);
    if (sink.why != NULL)
        return sink.why;
    if (stopped(r) && (s->flags & (PTW_STRICT | PTW_WIDEN)) == 0) {
        const char *why = check_stop(p, "unmap", s, r, &before, &any);
        if (why != NULL)
            return why;
        last = any ? r.next - 1 : last;
    } else if (r.status != want.status || (r.status != PTW_OK && r.next != want.next)) {
        return unexpected(p, "unmap", r, want);
    }
    uint64_t bytes = any ? mapped_bytes(&p->o, first, last) : 0;
    if (s->sink && sink.bytes != bytes)
        return script_say(p, "the sink gets 0x%" PRIx64 " bytes instead of 0x%" PRIx64, sink.bytes, bytes);
    if (any) {
        oracle_remove(&p->o, first, last);
        drop_marks(p, s->addr, last < s->last ? last : s->last);
    }
    return NULL;
}

/* --------------------------------------------------------------------------------------------- protect --- */

/* Could this turn a legal combination of rights into an illegal one? */
static bool protect_legal(const struct script_player *p, ptw_attr add, ptw_attr remove)
{
    if (((add | remove) & ~(PTW_RIGHTS | PTW_SOFT_MASK)) != 0)
        return false;
    for (ptw_attr rwx = 0; rwx < 8; rwx++) {
        if (fixture_legal(p->f, rwx | PTW_MT_WB) && !fixture_legal(p->f, (((rwx & ~remove) | add)) | PTW_MT_WB))
            return false;
    }
    return true;
}

/* Would the leaf at `addr` change at all? If not, nobody can tell whether it was looked at. */
static bool would_change(struct script_player *p, ptw_addr addr, const struct script_step *s)
{
    const struct oracle_run *run = oracle_at(&p->o, addr);
    return run != NULL && !run->marked && ((run->attr & ~s->remove) | s->attr) != run->attr;
}

static const char *play_protect(struct script_player *p, struct script_step *s)
{
    struct quiet before = quiet_now(p);
    struct ptw_result want;
    ptw_addr first, last;
    bool any, strict = (s->flags & PTW_STRICT) != 0;

    reach(p, s, &first, &last, &any, &want);
    struct ptw_result r = ptw_protect(&p->f->t, s->addr, s->size, s->attr, s->remove, s->flags, &p->f->g);
    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT)
        return check_refusal(p, "protect", s, r, &before);
    if (!protect_legal(p, s->attr, s->remove)) {
        want = (struct ptw_result){PTW_INVAL, s->addr};
        if (r.status != want.status || r.next != want.next || !quiet_since(p, &before))
            return unexpected(p, "protect of an illegal combination", r, want);
        return NULL;
    }
    if (stopped(r) && !strict) {
        const char *why = check_stop(p, "protect", s, r, &before, &any);
        if (why == NULL && any)
            oracle_protect(&p->o, first, r.next - 1, s->attr, s->remove);
        return why;
    }
    if (want.status == PTW_BISECT && r.status != PTW_BISECT && !would_change(p, want.next, s)) {
        /* A leaf that is right already need not be cut; the one at the other end may still be in the way. */
        any = true;
        last = s->last;
        want.status = PTW_OK;
        struct hardware_leaf high = look(p, s->last);
        if (sticks_out(&high, s->addr, s->last) && would_change(p, s->last, s))
            return script_say(p, "protect: a leaf sticks out and is changed in spite of STRICT");
    } else if (r.status == PTW_BISECT && want.status == PTW_BISECT && r.next != want.next &&
               !would_change(p, want.next, s)) {
        struct hardware_leaf high = look(p, s->last);
        want.next = high.addr;
        last = high.addr - 1;
        any = true;
    }
    if (any) {
        ptw_status status = oracle_protect(&p->o, first, last, s->attr, s->remove).status;
        want.status = want.status == PTW_BISECT ? PTW_BISECT : status;
    }
    if (r.status != want.status || (r.status == PTW_BISECT && r.next != want.next))
        return unexpected(p, "protect", r, want);
    if (r.status == PTW_SPURIOUS && !quiet_since(p, &before))
        return script_say(p, "protect answers SPURIOUS, but did something");
    return NULL;
}

/* ---------------------------------------------------------------------------- cut, split_to and merge --- */

static const char *play_cut(struct script_player *p, struct script_step *s)
{
    struct quiet before = quiet_now(p);
    struct hardware_leaf old = s->wrong == SCRIPT_RIGHT ? look(p, s->addr) : (struct hardware_leaf){0};
    struct ptw_result r = ptw_cut(&p->f->t, s->addr, &p->f->g);
    bool already = old.kind != PTW_LEAF || old.addr == s->addr;

    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT)
        return check_refusal(p, "cut", s, r, &before);
    if (already && (r.status != PTW_SPURIOUS || !quiet_since(p, &before)))
        return wrong_status(p, "cut at a boundary", r.status, PTW_SPURIOUS);
    if (already)
        return NULL;
    if (stopped(r)) {
        bool any;
        return r.next == s->addr ? check_stop(p, "cut", s, r, &before, &any)
                                 : unexpected(p, "cut", r, (struct ptw_result){r.status, s->addr});
    }
    if (r.status != PTW_OK)
        return wrong_status(p, "cut", r.status, PTW_OK);
    old = look(p, s->addr);
    return old.addr == s->addr ? NULL : script_say(p, "after cut the leaf still begins at 0x%" PRIx64, old.addr);
}

/* The highest level of a leaf in [first, last]; -1: no leaf. */
static int highest_leaf(struct script_player *p, ptw_addr first, ptw_addr last)
{
    int highest = -1;

    for (unsigned n = 0; n < WALK_LEAVES; n++) {
        const struct oracle_run *run = oracle_next(&p->o, first);
        if (run == NULL || run->first > last)
            break;
        struct hardware_leaf leaf = look(p, run->first > first ? run->first : first);
        if (leaf.kind == PTW_LEAF && (int)leaf.level > highest)
            highest = (int)leaf.level;
        if (leaf.last >= last)
            break;
        first = leaf.last + 1;
    }
    return highest;
}

static const char *play_split_to(struct script_player *p, struct script_step *s)
{
    struct quiet before = quiet_now(p);
    int level = (int)((s->flags >> 8U) & 0xffU) - 1;

    level = level < 0 ? 0 : level;
    bool needed = s->wrong == SCRIPT_RIGHT && highest_leaf(p, s->addr, s->last) > level;
    struct ptw_result r = ptw_split_to(&p->f->t, s->addr, s->size, s->flags, &p->f->g);
    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT)
        return check_refusal(p, "split_to", s, r, &before);
    if (stopped(r)) {
        bool any;
        const char *why = check_stop(p, "split_to", s, r, &before, &any);
        if (why != NULL || !any)
            return why;
        return highest_leaf(p, s->addr, r.next - 1) > level ? script_say(p, "split_to left a large leaf behind") : NULL;
    }
    if (r.status != (needed ? PTW_OK : PTW_SPURIOUS))
        return wrong_status(p, "split_to", r.status, needed ? PTW_OK : PTW_SPURIOUS);
    if (r.status == PTW_SPURIOUS && !quiet_since(p, &before))
        return script_say(p, "split_to answers SPURIOUS, but did something");
    return highest_leaf(p, s->addr, s->last) > level ? script_say(p, "split_to left a large leaf") : NULL;
}

/* A and D of the leaves that merge made: the OR of the parts; on a hitless table a writable one may be dirty. */
static const char *join_merged(struct script_player *p, ptw_addr first, ptw_addr last)
{
    for (unsigned n = 0; n < WALK_LEAVES; n++) {
        const struct oracle_run *run = oracle_next(&p->o, first);
        if (run == NULL || run->first > last)
            break;
        struct hardware_leaf leaf = look(p, run->first > first ? run->first : first);
        if (leaf.kind == PTW_LEAF && (run->last < leaf.last || (p->f->t.geo.options & PTW_OPT_HITLESS) != 0)) {
            if (!oracle_join(&p->o, leaf.addr, leaf.last))
                return script_say(p, "merge made one leaf at 0x%" PRIx64 " of what is not one translation", leaf.addr);
            if ((p->f->t.geo.options & PTW_OPT_HITLESS) != 0 && (leaf.attr & PTW_W) != 0)
                oracle_change(&p->o, leaf.addr, leaf.last, ~(ptw_attr)0, leaf.attr & PTW_D);
        }
        if (leaf.last >= last)
            break;
        first = leaf.last + 1;
    }
    return NULL;
}

struct places {
    ptw_addr first, last;
};

/* What merge should make of a table at `level`. */
enum merged { MERGED_KEPT, MERGED_EMPTY, MERGED_ONE };

static enum merged classify(struct script_player *p, const unsigned char *table, unsigned level)
{
    const struct ptw_table *t = &p->f->t;
    const struct ptw_encoder *e = t->geo.encoder;
    uint64_t n = PTW_BIT(ptw_level_bits(e, level)), empty = 0, fitting = 0;
    ptw_addr size = PTW_BIT(ptw_level_shift(e, level));
    ptw_oa oa = 0;
    ptw_attr attr = 0;

    for (uint64_t i = 0; i < n && (empty == i || fitting == i); i++) {
        ptw_word w = hardware_load(t, table + i * e->word_bytes);
        enum ptw_kind kind = e->kind(w, level);
        empty += kind == PTW_EMPTY;
        if (kind != PTW_LEAF)
            continue;
        ptw_attr now = e->attr(&t->geo, w, level) & ~PTW_AD;
        if (i == 0) {
            oa = e->oa(&t->geo, w, level);
            attr = now;
        }
        fitting += e->oa(&t->geo, w, level) == oa + i * size && now == attr;
    }
    if (empty == n)
        return MERGED_EMPTY;
    unsigned up = level + 1;
    bool leaf_there = e->leaf_orders(up) != 0 && up <= t->geo.max_leaf && (oa & (n * size - 1)) == 0;
    return fitting == n && leaf_there ? MERGED_ONE : MERGED_KEPT;
}

/* No table that lies whole in [first, last] could still be folded. Recursion ends with the levels. */
static const char *check_merged(struct script_player *p, const unsigned char *table, unsigned level, ptw_addr place,
                                const struct places *range, unsigned cap)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    const struct ptw_encoder *e = g->encoder;
    uint64_t n = PTW_BIT(level == g->top ? g->root_bits : ptw_level_bits(e, level));
    ptw_addr size = PTW_BIT(ptw_level_shift(e, level));

    for (uint64_t i = 0; level > 0 && i < n; i++) {
        ptw_addr begin = place + i * size, end = begin + (size - 1);
        ptw_word w = hardware_load(&p->f->t, table + i * e->word_bytes);
        if (begin > range->last || end < range->first || e->kind(w, level) != PTW_TABLE)
            continue;
        const unsigned char *child = memory_at(&p->f->memory, e->table_pa(g, w, level));
        if (child == NULL)
            return script_say(p, "merge linked a table that is not there");
        const char *why = check_merged(p, child, level - 1, begin, range, cap);
        if (why != NULL)
            return why;
        enum merged m = begin < range->first || end > range->last || level > cap ? MERGED_KEPT
                                                                                : classify(p, child, level - 1);
        if (m != MERGED_KEPT)
            return script_say(p, "merge left a table at place 0x%" PRIx64 " (entry at level %u) that is %s", begin,
                              level, m == MERGED_EMPTY ? "empty" : "one leaf");
    }
    return NULL;
}

static const char *play_merge(struct script_player *p, struct script_step *s)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    struct quiet before = quiet_now(p);
    uint64_t generation = p->f->t.generation;
    unsigned cap = (unsigned)(s->flags >> 8U) & 0xffU;
    struct ptw_result r = ptw_merge(&p->f->t, s->addr, s->size, s->flags, &p->f->g);
    p->results = p->results * 31 + (r.status == PTW_SPURIOUS ? PTW_OK : r.status); /* more levels, more empty tables */
    if (s->wrong != SCRIPT_RIGHT)
        return check_refusal(p, "merge", s, r, &before);
    if (must_not_break(p)) {
        bool ok = r.status == PTW_UNSUPPORTED && quiet_since(p, &before);
        return ok ? NULL : wrong_status(p, "merge of a hitless table", r.status, PTW_UNSUPPORTED);
    }
    ptw_status want = p->f->t.generation != generation ? PTW_OK : PTW_SPURIOUS; /* were tables unlinked? */
    if (r.status != want)
        return wrong_status(p, "merge", r.status, want);
    if (r.status == PTW_SPURIOUS && !quiet_since(p, &before))
        return script_say(p, "merge answers SPURIOUS, but did something");
    const char *why = r.status == PTW_OK ? join_merged(p, s->addr, s->last) : NULL;
    if (why != NULL)
        return why;
    struct places range = {s->addr & g->ia_mask, s->last & g->ia_mask};
    return check_merged(p, memory_at(&p->f->memory, p->f->t.root_pa), g->top, 0, &range,
                        cap == 0 ? PTW_LEVELS_MAX : cap - 1U);
}

/* ------------------------------------------------------------------------------------- dirty and age --- */

/* The whole pages of [*first, *last] that lie in the bitmap; false: there are none. */
static bool clip(const struct script_step *s, ptw_addr *first, ptw_addr *last, ptw_addr page)
{
    if (s->bitmap_bits == 0)
        return true;
    ptw_addr base = s->bitmap_base, span = (s->bitmap_bits << s->bitmap_shift) - 1;
    ptw_addr end = base + span < base ? UINT64_MAX : base + span;
    base = (base + page - 1) & ~(page - 1);
    if (end < page - 1)
        return false;
    if (end != UINT64_MAX)
        end = ((end + 1) & ~(page - 1)) - 1;
    *first = *first > base ? *first : base;
    *last = *last < end ? *last : end;
    return *first <= *last;
}

static void set_bits(const struct script_step *s, uint64_t *words, ptw_addr first, ptw_addr last)
{
    uint64_t to = (last - s->bitmap_base) >> s->bitmap_shift;

    for (uint64_t i = (first - s->bitmap_base) >> s->bitmap_shift; s->bitmap_bits != 0 && i <= to; i++)
        words[i / 64] |= PTW_BIT(i % 64);
}

/*
 * What the round must report, and what it takes away from the oracle. A leaf is dirty as a whole; of one that sticks
 * out (of the range or of the bitmap) only the part inside is reported, and it keeps its state unless WIDEN.
 */
static uint64_t expect_round(struct script_player *p, const struct script_step *s, ptw_attr bit, ptw_addr first,
                             ptw_addr last, uint64_t *words)
{
    unsigned page = p->f->t.geo.encoder->granule;
    uint64_t found = 0;
    ptw_addr from = first;

    for (unsigned n = 0; n < WALK_LEAVES; n++) {
        const struct oracle_run *run = oracle_next(&p->o, from);
        if (run == NULL || run->first > last)
            break;
        struct hardware_leaf leaf = look(p, run->first > from ? run->first : from);
        if (leaf.kind == PTW_LEAF && (run->attr & bit) != 0) { /* the entry itself is changed already */
            ptw_addr a = leaf.addr > first ? leaf.addr : first, b = leaf.last < last ? leaf.last : last;
            set_bits(s, words, a, b);
            found += (b >> page) - (a >> page) + 1;
            if ((s->flags & PTW_CLEAR) != 0 && ((s->flags & PTW_WIDEN) != 0 || !sticks_out(&leaf, first, last)))
                oracle_change(&p->o, leaf.addr, leaf.last, ~bit, 0);
        }
        if (leaf.last >= last)
            break;
        from = leaf.last + 1;
    }
    return found;
}

static const char *check_round(struct script_player *p, const struct script_step *s, ptw_attr bit,
                               const struct ptw_bitmap *got, const char *what)
{
    uint64_t words = s->bitmap_bits / 64 + 2, found = 0;
    uint64_t *want = calloc(words, sizeof(*want));
    ptw_addr first = s->addr, last = s->last;
    const char *why = NULL;

    if (want == NULL)
        abort();
    if (clip(s, &first, &last, UINT64_C(1) << p->f->t.geo.encoder->granule))
        found = expect_round(p, s, bit, first, last, want);
    if (s->no_bitmap) {
        /* nobody counts; what was taken away shows in the table */
    } else if ((s->flags & PTW_PEEK) != 0) {
        if ((found != 0) != (got->found != 0))
            why = script_say(p, "%s, PEEK: found %" PRIu64 ", but %" PRIu64 " pages are", what, got->found, found);
    } else if (got->found != found) {
        why = script_say(p, "%s: found %" PRIu64 " pages instead of %" PRIu64, what, got->found, found);
    }
    for (uint64_t i = 0; why == NULL && s->bitmap_bits != 0 && i < words; i++) {
        uint64_t bad = (s->flags & PTW_PEEK) != 0 ? got->words[i] & ~want[i] : got->words[i] ^ want[i];
        if (bad != 0)
            why = script_say(p, "%s: bit %" PRIu64 " of the bitmap is %s", what, i * 64 + ptw_low_bit(bad),
                             (got->words[i] & bad & -bad) != 0 ? "set" : "not set");
    }
    free(want);
    return why;
}

static const char *play_round(struct script_player *p, struct script_step *s)
{
    bool dirty = s->code == SCRIPT_DIRTY, protect = (s->flags & PTW_WRITE_PROTECT) != 0;
    const char *what = dirty ? "dirty" : "age";
    struct quiet before = quiet_now(p);
    struct ptw_bitmap bitmap = {.bits = s->bitmap_bits, .base = s->bitmap_base, .shift = s->bitmap_shift};

    bitmap.words = s->bitmap_bits == 0 ? NULL : calloc(s->bitmap_bits / 64 + 2, sizeof(*bitmap.words));
    struct ptw_bitmap *given = s->no_bitmap ? NULL : &bitmap;
    struct ptw_result r = dirty ? ptw_dirty(&p->f->t, s->addr, s->size, s->flags, given, &p->f->g)
                                : ptw_age(&p->f->t, s->addr, s->size, s->flags, given, &p->f->g);
    const char *why = NULL;
    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT) {
        why = check_refusal(p, what, s, r, &before);
    } else if (!protect && !fixture_has_ad(p->f)) {
        if (r.status != PTW_UNSUPPORTED)
            why = wrong_status(p, what, r.status, PTW_UNSUPPORTED);
    } else if (r.status != PTW_OK) {
        why = wrong_status(p, what, r.status, PTW_OK);
    } else {
        why = check_round(p, s, !dirty ? PTW_A : protect ? PTW_W : PTW_D, &bitmap, what);
        if (why == NULL && (s->flags & PTW_CLEAR) == 0 && !quiet_since(p, &before))
            why = script_say(p, "%s only looks, but did something", what);
    }
    free(bitmap.words);
    return why;
}

/* --------------------------------------------------------------------------------------------- reading --- */

static const char *play_translate(struct script_player *p, struct script_step *s)
{
    return oracle_compare_translate(&p->o, p->f, s->addr);
}

static const char *play_next_run(struct script_player *p, struct script_step *s)
{
    return oracle_compare_next_run(&p->o, p->f, s->addr, s->last);
}

static const char *play_cursor_translate(struct script_player *p, struct script_step *s)
{
    struct ptw_leaf held = {0}, fresh = {0};
    ptw_status status = ptw_cursor_translate(&p->cursor, s->addr, &held);
    ptw_status want = ptw_translate(&p->f->t, s->addr, &fresh);

    if (status != want)
        return wrong_status(p, "cursor_translate", status, want);
    if (held.addr != fresh.addr || held.oa != fresh.oa || held.word != fresh.word || held.level != fresh.level)
        return script_say(p, "cursor_translate and translate differ at 0x%" PRIx64, s->addr);
    return s->wrong == SCRIPT_RIGHT ? oracle_compare_translate(&p->o, p->f, s->addr) : NULL;
}

static const char *play_cursor_map(struct script_player *p, struct script_step *s)
{
    break_before_map(p, s);
    struct quiet before = quiet_now(p);
    ptw_status status = ptw_cursor_map(&p->cursor, s->addr, s->oa, s->attr, &p->f->g);
    struct ptw_result r = {status, s->addr};

    p->results = p->results * 31 + status;
    if (s->wrong != SCRIPT_RIGHT)
        return check_refusal(p, "cursor_map", s, r, &before);
    if (stopped(r)) {
        bool any;
        return check_stop(p, "cursor_map", s, r, &before, &any);
    }
    struct ptw_result want = oracle_map(&p->o, s->addr, s->last, s->oa, s->attr);
    if (status == PTW_SPURIOUS && !quiet_since(p, &before))
        return script_say(p, "cursor_map answers SPURIOUS, but did something");
    return status == want.status ? NULL : wrong_status(p, "cursor_map", status, want.status);
}

static const char *play_cursor_unmap(struct script_player *p, struct script_step *s)
{
    struct quiet before = quiet_now(p);
    ptw_status status = ptw_cursor_unmap(&p->cursor, s->addr, &p->f->g);
    struct ptw_result r = {status, s->addr};

    p->results = p->results * 31 + status;
    if (s->wrong != SCRIPT_RIGHT)
        return check_refusal(p, "cursor_unmap", s, r, &before);
    if (stopped(r)) {
        bool any;
        return check_stop(p, "cursor_unmap", s, r, &before, &any);
    }
    if (status != PTW_OK)
        return wrong_status(p, "cursor_unmap", status, PTW_OK);
    oracle_remove(&p->o, s->addr, s->last);
    return NULL;
}

/* -------------------------------------------------------------------------------------------- hardware --- */

static const char *play_access(struct script_player *p, struct script_step *s)
{
    const struct oracle_run *run = oracle_at(&p->o, s->addr);
    bool owed = !ptw_gather_empty(&p->f->g);
    enum hardware_answer want = HARDWARE_OK;
    struct hardware_leaf leaf;
    enum hardware_answer got = hardware_access(&p->f->hardware, &p->f->t, s->addr, s->attr, &leaf);

    if (run == NULL || run->marked)
        want = HARDWARE_ABSENT;
    else if ((run->attr & s->attr) != s->attr)
        want = HARDWARE_DENIED;
    if (leaf.slot == NULL && owed)
        return NULL; /* the TLB may remember for as long as the gather is not synced */
    if (got != want)
        return script_say(p, "hardware gets answer %d instead of %d at 0x%" PRIx64, (int)got, (int)want, s->addr);
    if (got == HARDWARE_OK && leaf.slot != NULL && fixture_has_ad(p->f))
        oracle_change(&p->o, leaf.addr, leaf.last, ~(ptw_attr)0, (s->attr & PTW_W) != 0 ? PTW_AD : PTW_A);
    return NULL;
}

static const char *play_sync(struct script_player *p, struct script_step *s)
{
    (void)s;
    ptw_gather_sync(&p->f->g);
    return ptw_gather_empty(&p->f->g) ? NULL : script_say(p, "the gather is not empty after sync");
}

/* The user's marks have no operation of their own yet: written into the hole as the table's owner may. */
static const char *play_mark(struct script_player *p, struct script_step *s)
{
    const struct ptw_encoder *e = p->f->t.geo.encoder;
    struct hardware_leaf hole = look(p, s->addr);
    unsigned bits;

    if (hole.kind != PTW_EMPTY || hole.level > 1)
        return NULL;
    bits = e->payload_bits(hole.level);
    if (bits == 0)
        return NULL;
    ptw_word word = e->mark(s->number, s->addr & ptw_low_mask(bits), hole.level);
    hardware_store(&p->f->t, hole.slot, word);
    if (p->f->t.mem.clean != NULL)
        p->f->t.mem.clean(p->f->t.mem.ctx, hole.slot, e->word_bytes);
    oracle_mark(&p->o, hole.addr, hole.last, word);
    return NULL;
}

static const char *play_unmark(struct script_player *p, struct script_step *s)
{
    struct hardware_leaf mark = look(p, s->addr);

    if (mark.kind != PTW_MARKED)
        return NULL;
    hardware_store(&p->f->t, mark.slot, p->f->t.geo.encoder->empty(mark.level));
    if (p->f->t.mem.clean != NULL)
        p->f->t.mem.clean(p->f->t.mem.ctx, mark.slot, p->f->t.geo.encoder->word_bytes);
    oracle_unmark(&p->o, mark.addr, mark.last);
    return NULL;
}

static const char *play_fail_alloc(struct script_player *p, struct script_step *s)
{
    p->f->memory.fail_after = s->number;
    return NULL;
}

/* --------------------------------------------------------------------------------------------- audits --- */

static bool count_entry(void *ctx, const struct hardware_leaf *leaf)
{
    struct ptw_stats *stats = ctx;

    if (leaf->kind == PTW_LEAF)
        stats->leaves[leaf->level]++;
    else
        stats->marks++;
    return true;
}

static const char *check_stats(struct script_player *p)
{
    struct fixture *f = p->f;
    struct ptw_stats by_hand = {0};
    struct ptw_stats stats = {0};

    if (ptw_stats(&f->t, &stats) != PTW_OK)
        return script_say(p, "stats fails");
    by_hand.tables = hardware_visit(&f->hardware, &f->t, count_entry, &by_hand);
    if (memcmp(stats.leaves, by_hand.leaves, sizeof(stats.leaves)) != 0 || stats.marks != by_hand.marks ||
        stats.tables != by_hand.tables)
        return script_say(p, "stats counts otherwise than by hand");
    if (f->g.retired == 0 &&
        (stats.tables != f->memory.outstanding || stats.table_bytes != f->memory.outstanding_bytes))
        return script_say(p, "%" PRIu64 " tables are linked, %" PRIu64 " are allocated", stats.tables,
                          f->memory.outstanding);
    return NULL;
}

/* A look at every slot of every table. Of large tables only one in eight is looked at, or the test would do nothing
 * else; a script that is replayed to find its fault always is. */
static const char *play_audit(struct script_player *p, struct script_step *s)
{
    ptw_oa scratch[64];
    struct ptw_finding finding = {0};

    (void)s;
    if (!p->thorough && p->f->memory.outstanding > AUDIT_TABLES && p->f->memory.allocs % 8 != 0)
        return NULL;
    const char *why = check_stats(p);
    if (why != NULL)
        return why;
    ptw_status status = ptw_verify(&p->f->t, scratch, 64, p->f->memory.outstanding, &finding);
    if (status != PTW_OK)
        return script_say(p, "verify: %s: 0x%" PRIx64 " level %u word 0x%" PRIx64 ": %s", ptw_status_name(status),
                          finding.entry.addr, finding.entry.level, finding.entry.word,
                          finding.why == NULL ? "?" : finding.why);
    const struct ptw_geometry *g = &p->f->t.geo;
    why = oracle_compare_next_run(&p->o, p->f, 0, g->ia_sign == 0 ? g->ia_mask : g->ia_sign - 1);
    if (why == NULL && g->ia_sign != 0)
        why = oracle_compare_next_run(&p->o, p->f, 0 - g->ia_sign, UINT64_MAX);
    return why != NULL ? why : oracle_compare_visit(&p->o, p->f);
}

const char *script_step_play(struct script_player *p, struct script_step *s)
{
    static const char *(*const play[SCRIPT_CODES])(struct script_player *, struct script_step *) = {
        [SCRIPT_MAP] = play_map,
        [SCRIPT_UNMAP] = play_unmap,
        [SCRIPT_PROTECT] = play_protect,
        [SCRIPT_CUT] = play_cut,
        [SCRIPT_SPLIT_TO] = play_split_to,
        [SCRIPT_MERGE] = play_merge,
        [SCRIPT_DIRTY] = play_round,
        [SCRIPT_AGE] = play_round,
        [SCRIPT_TRANSLATE] = play_translate,
        [SCRIPT_NEXT_RUN] = play_next_run,
        [SCRIPT_CURSOR_TRANSLATE] = play_cursor_translate,
        [SCRIPT_CURSOR_MAP] = play_cursor_map,
        [SCRIPT_CURSOR_UNMAP] = play_cursor_unmap,
        [SCRIPT_ACCESS] = play_access,
        [SCRIPT_SYNC] = play_sync,
        [SCRIPT_MARK] = play_mark,
        [SCRIPT_UNMARK] = play_unmark,
        [SCRIPT_AUDIT] = play_audit,
        [SCRIPT_FAIL_ALLOC] = play_fail_alloc,
    };
    return play[s->code](p, s);
}
