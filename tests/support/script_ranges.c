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

static struct ptw_result call_map(struct script_player *p, const struct script_step *s, void *with)
{
    (void)with;
    return ptw_map(&p->f->t, s->addr, s->oa, s->size, s->attr, s->flags, &p->f->g);
}

/* What the first leaf of a map into holes must be. False: that depends on what else is there. */
static bool decides(struct script_player *p, const struct script_step *s, unsigned *level, unsigned *order)
{
    const unsigned end = step_look(p, s->addr).level;

    *level = largest_fit(p, s, order);
    if (step_is_shared(s)) { /* groups in new tables that are filled whole only; tables stay even if they are empty */
        *level = *level < end ? *level : end;
        const ptw_addr whole = ptw_low_mask(ptw_level_shift(p->f->t.geo.encoder, *level + 1));
        if (end == *level || (s->addr & whole) != 0 || s->last - s->addr < whole)
            *order = 0;
        return true;
    }
    return (*level == 0 || !has_tables_below(p, s->addr, *level)) && !has_tables_in_group(p, s->addr, *level, *order);
}

const char *step_map(struct script_player *p, struct script_step *s)
{
    step_break_before_map(p, s);
    struct step_quiet before = step_quiet_now(p);
    const struct oracle_run *run = oracle_next(&p->o, s->addr);
    bool holes = s->wrong == SCRIPT_RIGHT && (run == NULL || run->first > s->last);
    unsigned order = 0, best = 0;
    bool decided = holes && decides(p, s, &best, &order);
    struct ptw_result want, r = step_again(p, s, call_map, NULL);
    bool too_high = (s->flags >> 8U & 0xffU) > p->f->t.geo.max_leaf + 1U;

    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT)
        return step_check_refusal(p, "map", s, r, &before);
    if (too_high && r.status == PTW_INVAL) /* as good as leaves that are not too high */
        return step_quiet_since(p, &before) ? NULL : script_say(p, "map refuses, but did something");
    if ((s->flags & PTW_REPLACE) != 0 && (step_is_shared(s) || step_is_whole(s) || step_keeps_outputs(p)))
        return step_check_unsupported(p, "map with REPLACE", r, &before);
    if (step_is_whole(s) && step_is_shared(s) && (s->flags & PTW_IF_EMPTY) == 0)
        return step_check_unsupported(p, "map of all or nothing", r, &before);
    if (step_is_whole(s) && r.status == PTW_UNSUPPORTED && p->f->t.shared)
        return NULL; /* more empty tables in the way than a gather holds */
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
    if (r.status == PTW_SPURIOUS && !step_spurious_since(p, s, &before))
        return script_say(p, "map answers SPURIOUS, but did something");
    struct hardware_leaf made = step_look(p, s->addr);
    if (decided && (made.level != best || made.order != order))
        return script_say(p, "map makes a leaf of level %u, order %u where level %u, order %u fits", made.level,
                          made.order, best, order);
    return NULL;
}

/* ----------------------------------------------------------------------------------------------- unmap --- */

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
        *want = (struct ptw_result){PTW_BISECT, step_is_whole(s) ? s->addr : high.addr};
        *last = high.addr - 1;
        *any = !step_is_whole(s);
    }
}

static struct ptw_result call_unmap(struct script_player *p, const struct script_step *s, void *with)
{
    return ptw_unmap(&p->f->t, s->addr, s->size, s->flags, with, &p->f->g);
}

/* The sink has had all that was mapped in [first, last] and nothing else, or will get it with the sync. */
static const char *check_sink(struct script_player *p, const struct script_step *s, struct script_sink *sink, bool any,
                              ptw_addr first, ptw_addr last)
{
    const bool late = step_is_shared(s) && (s->flags & PTW_FREEZE) == 0;
    const ptw_addr top = UINT64_MAX;

    if (p->sink_why != NULL)
        return p->sink_why;
    if (any && first != 0)
        oracle_remove(&sink->left, 0, first - 1);
    if (any && last != top)
        oracle_remove(&sink->left, last + 1, top);
    if (!any)
        oracle_reset(&sink->left);
    if (!late && sink->left.count != 0)
        return script_say(p, "the sink has not got what was mapped at 0x%" PRIx64, sink->left.run[0].first);
    return NULL;
}

const char *step_unmap(struct script_player *p, struct script_step *s)
{
    struct step_quiet before = step_quiet_now(p);
    struct ptw_result want;
    ptw_addr first, last;
    bool any;

    step_reach(p, s, &first, &last, &any, &want);
    const bool ordered = !step_is_shared(s) || (s->flags & PTW_FREEZE) != 0;
    struct script_sink *sink = s->sink ? script_sink_new(p, first, last, ordered) : NULL;
    if (sink != NULL && p->f->g.retired == 0)
        before = step_quiet_now(p); /* a new sink may have had to sync */
    struct ptw_result r = step_again(p, s, call_unmap, sink == NULL ? NULL : &sink->sink);
    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT) {
        if (sink != NULL)
            oracle_reset(&sink->left);
        return step_check_refusal(p, "unmap", s, r, &before);
    }
    if (step_is_whole(s) && step_is_shared(s)) {
        if (sink != NULL)
            oracle_reset(&sink->left);
        return step_check_unsupported(p, "unmap of all or nothing", r, &before);
    }
    if (step_stopped(r) && (s->flags & (PTW_STRICT | PTW_WIDEN)) == 0) {
        const char *why = step_check_stop(p, "unmap", s, r, &before, &any);
        if (why != NULL)
            return why;
        last = any ? r.next - 1 : last;
    } else if (r.status != want.status || (r.status != PTW_OK && r.next != want.next)) {
        return step_unexpected(p, "unmap", r, want);
    }
    if (any)
        oracle_remove(&p->o, first, last);
    return sink == NULL ? NULL : check_sink(p, s, sink, any, first, last);
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

/* Does a leaf that would change stick out at one of the ends? */
static bool would_be_cut(struct script_player *p, const struct script_step *s)
{
    const struct hardware_leaf low = step_look(p, s->addr), high = step_look(p, s->last);

    return (s->flags & PTW_ALL) == 0 && ((step_sticks_out(&low, s->addr, s->last) && would_change(p, s->addr, s)) ||
                                         (step_sticks_out(&high, s->addr, s->last) && would_change(p, s->last, s)));
}

/* PTW_STRICT with PTW_ALL_OR_NOTHING. */
static const char *check_whole_strictly(struct script_player *p, const struct script_step *s, bool cut,
                                        struct ptw_result r)
{
    struct ptw_result want = {PTW_BISECT, s->addr};

    if (!cut)
        want = oracle_protect(&p->o, s->addr, s->last, s->attr, s->remove);
    return r.status == want.status && (!cut || r.next == want.next)
               ? NULL
               : step_unexpected(p, "protect of all or nothing", r, want);
}

static struct ptw_result call_protect(struct script_player *p, const struct script_step *s, void *with)
{
    (void)with;
    return ptw_protect(&p->f->t, s->addr, s->size, s->attr, s->remove, s->flags, &p->f->g);
}

const char *step_protect(struct script_player *p, struct script_step *s)
{
    struct step_quiet before = step_quiet_now(p);
    struct ptw_result want;
    ptw_addr first, last;
    bool any, strict = (s->flags & PTW_STRICT) != 0;
    const bool cut = would_be_cut(p, s);

    step_reach(p, s, &first, &last, &any, &want);
    struct ptw_result r = step_again(p, s, call_protect, NULL);
    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT)
        return step_check_refusal(p, "protect", s, r, &before);
    if (!protect_legal(p, s->attr, s->remove)) {
        want = (struct ptw_result){PTW_INVAL, s->addr};
        if (r.status != want.status || r.next != want.next || !step_quiet_since(p, &before))
            return step_unexpected(p, "protect of an illegal combination", r, want);
        return NULL;
    }
    if (step_is_whole(s) && step_is_shared(s))
        return step_check_unsupported(p, "protect of all or nothing", r, &before);
    if (step_is_whole(s) && strict)
        return check_whole_strictly(p, s, cut, r);
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
    if (r.status == PTW_SPURIOUS && !step_spurious_since(p, s, &before))
        return script_say(p, "protect answers SPURIOUS, but did something");
    return NULL;
}
