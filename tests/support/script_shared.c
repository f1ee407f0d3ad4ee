/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * script_shared.c - what the steps on a shared table need: calls that go on after the gather was full, and sinks whose
 * leaves may come with any later sync.
 */
#include "script_steps.h"

#include <inttypes.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------- calls --- */

bool step_is_shared(const struct script_step *s)
{
    return (s->flags & PTW_SHARED) != 0;
}

bool step_is_whole(const struct script_step *s)
{
    return (s->flags & PTW_ALL_OR_NOTHING) != 0;
}

/* The end of what can be done in one call from `addr` on: what was called with PTW_ALL goes on half by half. */
static ptw_addr end_of(const struct script_player *p, const struct script_step *s, ptw_addr addr)
{
    const struct ptw_geometry *g = &p->f->t.geo;

    if ((s->flags & PTW_ALL) == 0)
        return s->last;
    return addr < g->ia_sign ? g->ia_sign - 1 : ptw_last(&p->f->t);
}

/* What is left of *s from `next` on. */
static void go_on(const struct script_player *p, const struct script_step *s, ptw_addr next, struct script_step *rest)
{
    const bool all = (s->flags & PTW_ALL) != 0 && next == ptw_first(&p->f->t);

    *rest = *s;
    if (all)
        return;
    rest->flags &= ~PTW_ALL;
    rest->oa += next - s->addr;
    rest->addr = next;
    rest->last = end_of(p, s, next);
    rest->size = rest->last - next + 1;
}

struct ptw_result step_again(struct script_player *p, const struct script_step *s, step_call *call, void *with)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    struct script_step rest = *s;
    struct ptw_result r;

    p->stopped = false;
    fixture_sets_aside(step_is_whole(s));
    for (;;) {
        r = call(p, &rest, with);
        if (s->wrong == SCRIPT_RIGHT && (rest.flags & PTW_ALL) == 0)
            (void)invariants_answer(&p->rules, rest.addr, rest.last, r, &p->f->g);
        const bool full = r.status == PTW_YIELD && p->f->t.shared && p->f->g.retired == PTW_GATHER_TABLES;
        const bool half = r.status <= PTW_SPURIOUS && p->stopped && (s->flags & PTW_ALL) != 0 && g->ia_sign != 0 &&
                          (rest.flags & PTW_ALL) == 0 && rest.last == g->ia_sign - 1;

        if (!full && !half)
            break;
        p->stopped = true;
        if (full)
            fixture_sync(p->f);
        go_on(p, s, half ? 0 - g->ia_sign : s->code == SCRIPT_MAP && step_is_whole(s) ? s->addr : r.next, &rest);
    }
    if (p->stopped && r.status == PTW_SPURIOUS)
        r.status = PTW_OK;
    return r;
}

/* ------------------------------------------------------------------------------------------------- sinks --- */

static void sink_leaf(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct script_sink *c = (struct script_sink *)sink;
    const struct ptw_table *t = &c->p->f->t;
    const struct hardware_leaf as = {.addr = leaf->addr,
                                     .last = leaf->addr + (ptw_leaf_size(t, leaf) - 1),
                                     .oa = leaf->oa,
                                     .attr = ptw_leaf_attr(t, leaf),
                                     .word = leaf->word,
                                     .level = leaf->level,
                                     .order = leaf->order,
                                     .kind = PTW_LEAF};

    if (c->p->sink_why != NULL)
        return;
    c->p->sink_why = oracle_compare_leaf(&c->left, &as);
    if (c->p->sink_why == NULL && c->ordered && c->any && as.addr < c->behind)
        c->p->sink_why = script_say(c->p, "the sink gets 0x%" PRIx64 " out of order", as.addr);
    c->any = true;
    c->behind = as.last + 1;
    oracle_remove(&c->left, as.addr, as.last);
}

struct script_sink *script_sink_new(struct script_player *p, ptw_addr first, ptw_addr last, bool ordered)
{
    struct script_sink *c = NULL;

    for (unsigned i = 0; i < SCRIPT_SINKS; i++)
        if (p->sink[i].left.count == 0)
            c = &p->sink[i];
    if (c == NULL) { /* all are waiting */
        fixture_sync(p->f);
        c = &p->sink[0];
    }
    if (c->left.e == NULL)
        oracle_init(&c->left, p->f);
    oracle_reset(&c->left);
    c->sink.leaf = sink_leaf;
    c->p = p;
    c->under_way = true;
    c->ordered = ordered;
    c->any = false;
    for (const struct oracle_run *run = oracle_next(&p->o, first); run != NULL && run->first <= last;) {
        const ptw_addr a = run->first > first ? run->first : first, b = run->last < last ? run->last : last;

        if (!run->marked && a <= b)
            oracle_put(&c->left, a, b, run->oa + (a - run->first), run->attr);
        if (run->last >= last)
            break;
        run = oracle_next(&p->o, run->last + 1);
    }
    return c;
}

void script_sink_wrote(struct script_player *p, ptw_addr first, ptw_addr last)
{
    for (unsigned i = 0; i < SCRIPT_SINKS; i++)
        if (p->sink[i].under_way && p->sink[i].left.count != 0)
            oracle_change(&p->sink[i].left, first, last, ~(ptw_attr)0, PTW_AD);
}

void script_sinks_rest(struct script_player *p)
{
    for (unsigned i = 0; i < SCRIPT_SINKS; i++)
        p->sink[i].under_way = false;
}

const char *script_sinks_check(struct script_player *p)
{
    for (unsigned i = 0; p->sink_why == NULL && p->f->g.retired == 0 && i < SCRIPT_SINKS; i++)
        if (p->sink[i].left.count != 0)
            p->sink_why = script_say(p, "a sink has not got what was mapped at 0x%" PRIx64 " by the sync",
                                     p->sink[i].left.run[0].first);
    return p->sink_why;
}

void script_sinks_reset(struct script_player *p)
{
    for (unsigned i = 0; i < SCRIPT_SINKS; i++)
        if (p->sink[i].left.e != NULL)
            oracle_reset(&p->sink[i].left);
    p->sink_why = NULL;
}
