/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* script_ranges.c - script steps that make, take and change leaves of a range: map, unmap, protect. */
#include "script_steps.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------- map --- */

/* The level of the leaf that should be made first, over nothing but holes; and the largest of its orders. */
static unsigned largest_fit(const struct script_player *p, const struct script_step *s, unsigned *order)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    unsigned cap = (unsigned)(s->flags >> 8U) & 0xffU, best = 0;

    cap = cap == 0 || cap - 1U > g->max_leaf ? g->max_leaf : cap - 1U;
    for (unsigned level = 0; level <= cap; level++) {
        ptw_addr offset = ptw_low_mask(ptw_level_shift(g->encoder, level));
        if (g->encoder->leaf_orders(level) != 0 && ((s->addr | s->oa) & offset) == 0 && s->last - s->addr >= offset)
            best = level;
    }
    *order = 0;
    for (unsigned n = 1; g->orders[best] >> n != 0; n++) {
        ptw_addr offset = ptw_low_mask(ptw_level_shift(g->encoder, best) + n);
        if ((g->orders[best] >> n & 1) != 0 && ((s->addr | s->oa) & offset) == 0 && s->last - s->addr >= offset)
            *order = n;
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
        ptw_word w = hardware_load(&p->f->t, ptw_sim_memory_at(&p->f->memory, pa + index * e->word_bytes));
        if (e->kind(g, w, l) != PTW_TABLE)
            return false;
        pa = e->table_pa(g, w, l);
        if (l == level)
            break;
    }
    for (uint64_t i = 0; i < PTW_BIT(ptw_level_bits(e, level - 1)); i++) {
        ptw_word w = hardware_load(&p->f->t, ptw_sim_memory_at(&p->f->memory, pa + i * e->word_bytes));
        if (e->kind(g, w, level - 1) == PTW_TABLE)
            return true;
    }
    return false;
}

/* Does an entry of the group that is asked for point to a table? Then single leaves are made, too. */
static bool has_tables_in_group(struct script_player *p, ptw_addr addr, unsigned level, unsigned order)
{
    for (uint64_t i = 0; order != 0 && i >> order == 0; i++)
        if (step_look(p, addr + (i << ptw_level_shift(p->f->t.geo.encoder, level))).level < level)
            return true;
    return false;
}

const char *step_map(struct script_player *p, struct script_step *s)
{
    step_break_before_map(p, s);
    struct step_quiet before = step_quiet_now(p);
    const struct oracle_run *run = oracle_next(&p->o, s->addr);
    bool holes = s->wrong == SCRIPT_RIGHT && (run == NULL || run->first > s->last);
    unsigned order, best = largest_fit(p, s, &order);
    bool decided =
        holes && (best == 0 || !has_tables_below(p, s->addr, best)) && !has_tables_in_group(p, s->addr, best, order);
    struct ptw_result want, r = ptw_map(&p->f->t, s->addr, s->oa, s->size, s->attr, s->flags, &p->f->g);
    bool too_high = (s->flags >> 8U & 0xffU) > p->f->t.geo.max_leaf + 1U;

    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT)
        return step_check_refusal(p, "map", s, r, &before);
    if (too_high && r.status == PTW_INVAL) /* as good as leaves that are not too high */
        return step_quiet_since(p, &before) ? NULL : script_say(p, "map refuses, but did something");
    if ((s->flags & PTW_REPLACE) != 0 && step_must_not_break(p))
        return r.status == PTW_UNSUPPORTED && step_quiet_since(p, &before)
                   ? NULL
                   : step_wrong_status(p, "map with REPLACE of a hitless table", r.status, PTW_UNSUPPORTED);
    if (step_stopped(r)) {
        bool any;
        const char *why = step_check_stop(p, "map", s, r, &before, &any);
        if (why != NULL || !any)
            return why;
        want = oracle_map(&p->o, s->addr, r.next - 1, s->oa, s->attr, s->flags);
        return want.status == PTW_EXISTS ? step_unexpected(p, "map", r, want) : NULL;
    }
    want = oracle_map(&p->o, s->addr, s->last, s->oa, s->attr, s->flags);
    if (r.status != want.status || (r.status == PTW_EXISTS && r.next != want.next))
        return step_unexpected(p, "map", r, want);
    if (r.status == PTW_SPURIOUS && !step_quiet_since(p, &before))
        return script_say(p, "map answers SPURIOUS, but did something");
    struct hardware_leaf made = step_look(p, s->addr);
    if (decided && (made.level != best || made.order != order))
        return script_say(p, "map makes a leaf of level %u, order %u where level %u, order %u fits", made.level,
                          made.order, best, order);
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
                               .level = leaf->level,
                               .order = leaf->order,
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

void step_reach(struct script_player *p, const struct script_step *s, ptw_addr *first, ptw_addr *last, bool *any,
                struct ptw_result *want)
{
    struct hardware_leaf low = step_look(p, s->addr), high = step_look(p, s->last);

    *first = s->addr;
    *last = s->last;
    *any = true;
    *want = (struct ptw_result){PTW_OK, 0};
    if ((s->flags & PTW_ALL) != 0)
        return;
    if ((s->flags & PTW_WIDEN) != 0) {
        *first = low.kind == PTW_LEAF ? low.addr : s->addr;
        *last = high.kind == PTW_LEAF ? high.last : s->last;
    } else if ((s->flags & PTW_STRICT) != 0 && step_sticks_out(&low, s->addr, s->last)) {
        *want = (struct ptw_result){PTW_BISECT, s->addr};
        *any = false;
    } else if ((s->flags & PTW_STRICT) != 0 && step_sticks_out(&high, s->addr, s->last)) {
        *want = (struct ptw_result){PTW_BISECT, high.addr};
        *last = high.addr - 1;
    }
}

const char *step_unmap(struct script_player *p, struct script_step *s)
{
    struct step_quiet before = step_quiet_now(p);
    struct ptw_result want;
    ptw_addr first, last;
    bool any;

    step_reach(p, s, &first, &last, &any, &want);
    struct checking_sink sink = {.sink = {.leaf = sink_leaf}, .p = p, .first = first, .last = last};
    struct ptw_result r = ptw_unmap(&p->f->t, s->addr, s->size, s->flags, s->sink ? &sink.sink : NULL, &p->f->g);
    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT)
        return step_check_refusal(p, "unmap", s, r, &before);
    if (sink.why != NULL)
        return sink.why;
    if (step_stopped(r) && (s->flags & (PTW_STRICT | PTW_WIDEN)) == 0) {
        const char *why = step_check_stop(p, "unmap", s, r, &before, &any);
        if (why != NULL)
            return why;
        last = any ? r.next - 1 : last;
    } else if (r.status != want.status || (r.status != PTW_OK && r.next != want.next)) {
        return step_unexpected(p, "unmap", r, want);
    }
    uint64_t bytes = any ? mapped_bytes(&p->o, first, last) : 0;
    if (s->sink && sink.bytes != bytes)
        return script_say(p, "the sink gets 0x%" PRIx64 " bytes instead of 0x%" PRIx64, sink.bytes, bytes);
    if (any)
        oracle_remove(&p->o, first, last);
    return NULL;
}

/* --------------------------------------------------------------------------------------------- protect --- */

/* Could this turn a legal combination of rights into an illegal one? */
static bool protect_legal(const struct script_player *p, ptw_attr add, ptw_attr remove)
{
    if (((add | remove) & ~((PTW_RIGHTS | PTW_SOFT_MASK) & p->f->t.geo.attr_legal)) != 0)
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

const char *step_protect(struct script_player *p, struct script_step *s)
{
    struct step_quiet before = step_quiet_now(p);
    struct ptw_result want;
    ptw_addr first, last;
    bool any, strict = (s->flags & PTW_STRICT) != 0;

    step_reach(p, s, &first, &last, &any, &want);
    struct ptw_result r = ptw_protect(&p->f->t, s->addr, s->size, s->attr, s->remove, s->flags, &p->f->g);
    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT)
        return step_check_refusal(p, "protect", s, r, &before);
    if (!protect_legal(p, s->attr, s->remove)) {
        want = (struct ptw_result){PTW_INVAL, s->addr};
        if (r.status != want.status || r.next != want.next || !step_quiet_since(p, &before))
            return step_unexpected(p, "protect of an illegal combination", r, want);
        return NULL;
    }
    if (step_stopped(r) && !strict) {
        const char *why = step_check_stop(p, "protect", s, r, &before, &any);
        if (why == NULL && any)
            oracle_protect(&p->o, first, r.next - 1, s->attr, s->remove);
        return why;
    }
    if (want.status == PTW_BISECT && r.status != PTW_BISECT && !would_change(p, want.next, s)) {
        /* A leaf that is right already need not be cut; the one at the other end may still be in the way. */
        any = true;
        last = s->last;
        want.status = PTW_OK;
        struct hardware_leaf high = step_look(p, s->last);
        if (step_sticks_out(&high, s->addr, s->last) && would_change(p, s->last, s))
            return script_say(p, "protect: a leaf sticks out and is changed in spite of STRICT");
    } else if (r.status == PTW_BISECT && want.status == PTW_BISECT && r.next != want.next &&
               !would_change(p, want.next, s)) {
        struct hardware_leaf high = step_look(p, s->last);
        want.next = high.addr;
        last = high.addr - 1;
        any = true;
    }
    if (any) {
        ptw_status status = oracle_protect(&p->o, first, last, s->attr, s->remove).status;
        want.status = want.status == PTW_BISECT ? PTW_BISECT : status;
    }
    if (r.status != want.status || (r.status == PTW_BISECT && r.next != want.next))
        return step_unexpected(p, "protect", r, want);
    if (r.status == PTW_SPURIOUS && !step_quiet_since(p, &before))
        return script_say(p, "protect answers SPURIOUS, but did something");
    return NULL;
}
