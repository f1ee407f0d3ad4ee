/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* script_changes.c - script steps that send leaves elsewhere, grant rights, put marks and give tables back. */
#include "script_steps.h"

#include <inttypes.h>

static struct ptw_result call_remap(struct script_player *p, const struct script_step *s, void *with)
{
    (void)with;
    return ptw_remap(&p->f->t, s->addr, s->oa, s->size, s->flags, &p->f->g);
}

const char *step_remap(struct script_player *p, struct script_step *s)
{
    step_break_before_map(p, s);
    struct step_quiet before = step_quiet_now(p);
    struct ptw_result want, r;
    ptw_addr first, last;
    bool any;

    step_reach(p, s, &first, &last, &any, &want);
    r = step_again(p, s, call_remap, NULL);
    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT)
        return step_check_refusal(p, "remap", s, r, &before);
    if (step_keeps_outputs(p))
        return r.status == PTW_UNSUPPORTED && step_quiet_since(p, &before)
                   ? NULL
                   : step_wrong_status(p, "remap of a hitless table", r.status, PTW_UNSUPPORTED);
    if (r.status == PTW_NOMEM || r.status == PTW_BISECT) {
        const char *why = r.status == PTW_BISECT && (s->flags & PTW_STRICT) != 0
                              ? NULL
                              : step_check_stop(p, "remap", s, r, &before, &any);
        if (why != NULL || r.next == s->addr)
            return why;
        want = oracle_remap(&p->o, s->addr, r.next - 1, s->oa);
        return want.status == PTW_NOENT ? step_unexpected(p, "remap", r, want) : NULL;
    }
    want = oracle_remap(&p->o, s->addr, s->last, s->oa);
    if (r.status != want.status || (r.status == PTW_NOENT && r.next != want.next))
        return step_unexpected(p, "remap", r, want);
    if (r.status == PTW_SPURIOUS && !step_spurious_since(p, s, &before))
        return script_say(p, "remap answers SPURIOUS, but did something");
    return NULL;
}

/* What relax must answer, with the leaf or hole that is there. */
static ptw_status relaxed(const struct script_player *p, const struct script_step *s, const struct hardware_leaf *leaf)
{
    const struct oracle_run *run = oracle_at(&p->o, s->addr);
    const ptw_attr rights = s->attr & PTW_RWX;

    if ((rights & ~p->f->t.geo.attr_legal) != 0)
        return PTW_INVAL;
    if (run == NULL || run->marked)
        return PTW_NOENT;
    if ((leaf->attr & s->remove) != s->remove)
        return PTW_DENIED;
    if ((leaf->attr | s->attr) == leaf->attr)
        return PTW_SPURIOUS;
    return fixture_legal(p->f, (leaf->attr & PTW_RWX) | rights | PTW_MT_WB) ? PTW_OK : PTW_INVAL;
}

const char *step_relax(struct script_player *p, struct script_step *s)
{
    const struct hardware_leaf leaf = step_look(p, s->addr);
    const ptw_status want = relaxed(p, s, &leaf);
    struct step_quiet before = step_quiet_now(p);
    const ptw_status got = ptw_relax(&p->f->t, s->addr, s->attr, s->remove);

    p->results = p->results * 31 + got;
    if (got != want)
        return step_wrong_status(p, "relax", got, want);
    if (!step_quiet_since(p, &before))
        return script_say(p, "relax owes something, or took memory");
    if (got == PTW_OK)
        oracle_change(&p->o, leaf.addr, leaf.last, ~(ptw_attr)0, s->attr);
    return NULL;
}

static struct ptw_result call_annotate(struct script_player *p, const struct script_step *s, void *with)
{
    (void)with;
    return ptw_annotate(&p->f->t, s->addr, s->size, s->number, s->payload, s->flags, &p->f->g);
}

const char *step_annotate(struct script_player *p, struct script_step *s)
{
    struct step_quiet before = step_quiet_now(p);
    struct ptw_result want, r;
    ptw_addr first, last;
    bool any;

    if (ptw_mark_bits(&p->f->t) == 0 || (p->peer != NULL && ptw_mark_bits(&p->peer->t) == 0))
        return NULL;
    step_reach(p, s, &first, &last, &any, &want);
    const bool unmarked = step_is_shared(s) && s->number != 0 && !p->f->t.marked;
    r = step_again(p, s, call_annotate, NULL);
    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT)
        return unmarked ? NULL : step_check_refusal(p, "annotate", s, r, &before);
    if (unmarked) /* the first mark is made with nobody else inside */
        return r.status == PTW_UNSUPPORTED && step_quiet_since(p, &before)
                   ? NULL
                   : step_wrong_status(p, "annotate", r.status, PTW_UNSUPPORTED);
    if (r.status == PTW_NOMEM || r.status == PTW_BISECT) {
        const char *why = r.status == PTW_BISECT && (s->flags & PTW_STRICT) != 0 && s->number != 0
                              ? NULL
                              : step_check_stop(p, "annotate", s, r, &before, &any);
        if (why != NULL || r.next == s->addr)
            return why;
        want = oracle_annotate(&p->o, s->addr, r.next - 1, s->number, s->payload, s->flags);
        return want.status == PTW_EXISTS ? step_unexpected(p, "annotate", r, want) : NULL;
    }
    want = oracle_annotate(&p->o, s->addr, s->last, s->number, s->payload, s->flags);
    if (r.status != want.status || (r.status == PTW_EXISTS && r.next != want.next))
        return step_unexpected(p, "annotate", r, want);
    if (r.status == PTW_SPURIOUS && !step_spurious_since(p, s, &before))
        return script_say(p, "annotate answers SPURIOUS, but did something");
    return NULL;
}

/* An empty table that the range touches, below this one. Recursion ends with the levels. */
static bool leaves_an_empty_table(const struct script_player *p, const unsigned char *table, unsigned level,
                                  ptw_addr place, ptw_addr first, ptw_addr last)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    const struct ptw_encoder *e = g->encoder;
    const uint64_t n = PTW_BIT(level == g->top ? g->root_bits : ptw_level_bits(e, level));
    bool empty = true;

    for (uint64_t i = 0; i < n; i++) {
        const ptw_addr begin = place + (i << ptw_level_shift(e, level));
        const ptw_word w = hardware_load(&p->f->t, table + i * e->word_bytes);

        empty = empty && w == e->empty(level);
        if (level == 0 || e->kind(g, w, level) != PTW_TABLE || begin > last ||
            begin + (PTW_BIT(ptw_level_shift(e, level)) - 1) < first)
            continue;
        if (leaves_an_empty_table(p, ptw_sim_memory_at(&p->f->memory, e->table_pa(g, w, level)), level - 1, begin,
                                  first, last))
            return true;
    }
    return empty && level != g->top;
}

static struct ptw_result call_trim(struct script_player *p, const struct script_step *s, void *with)
{
    (void)with;
    return ptw_trim(&p->f->t, s->addr, s->size, s->flags, &p->f->g);
}

const char *step_trim(struct script_player *p, struct script_step *s)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    struct step_quiet before = step_quiet_now(p);
    const uint64_t generation = p->f->t.generation;
    struct ptw_result r = step_again(p, s, call_trim, NULL);
    ptw_status want;

    p->results = p->results * 31 + (r.status == PTW_SPURIOUS ? PTW_OK : r.status); /* more levels, more empty tables */
    if (s->wrong != SCRIPT_RIGHT)
        return step_check_refusal(p, "trim", s, r, &before);
    want = p->f->t.generation != generation ? PTW_OK : PTW_SPURIOUS;
    if (r.status != want)
        return step_wrong_status(p, "trim", r.status, want);
    if (r.status == PTW_SPURIOUS && !step_spurious_since(p, s, &before))
        return script_say(p, "trim answers SPURIOUS, but did something");
    if (leaves_an_empty_table(p, ptw_sim_memory_at(&p->f->memory, p->f->t.root_pa), g->top, 0, s->addr & g->ia_mask,
                              s->last & g->ia_mask))
        return script_say(p, "trim left an empty table");
    return NULL;
}
