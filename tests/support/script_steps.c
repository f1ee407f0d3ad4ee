/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* script_steps.c - what the checks of a script's steps share, the steps on single pages, and the table of all steps. */
#include "script_steps.h"

#include <inttypes.h>

const char *step_unexpected(struct script_player *p, const char *what, struct ptw_result got, struct ptw_result want)
{
    return script_say(p, "%s answers {%s, 0x%" PRIx64 "} instead of {%s, 0x%" PRIx64 "}", what,
                      ptw_status_name(got.status), got.next, ptw_status_name(want.status), want.next);
}

const char *step_wrong_status(struct script_player *p, const char *what, ptw_status got, ptw_status want)
{
    return script_say(p, "%s answers %s instead of %s", what, ptw_status_name(got), ptw_status_name(want));
}

bool step_keeps_sizes(const struct script_player *p)
{
    return (p->f->t.geo.options & PTW_OPT_HITLESS) != 0 && ptw_breaks_sizes(&p->f->t.geo);
}

bool step_keeps_outputs(const struct script_player *p)
{
    return (p->f->t.geo.options & PTW_OPT_HITLESS) != 0 && p->f->t.geo.encoder->break_before_make;
}

bool step_must_not_move(const struct script_player *p, const struct script_step *s)
{
    return step_keeps_outputs(p) || (step_is_shared(s) && (p->f->t.geo.options & PTW_OPT_HITLESS) != 0);
}

/* May the leaf be in the way for good, because it must not be broken? */
static bool cannot_be_cut(const struct script_player *p, const struct hardware_leaf *leaf)
{
    const struct ptw_geometry *g = &p->f->t.geo;

    if (leaf->kind != PTW_LEAF || (g->options & PTW_OPT_HITLESS) == 0)
        return false;
    return leaf->order != 0 ? ptw_breaks_groups(g) : ptw_breaks_sizes(g) && leaf->level != 0;
}

struct hardware_leaf step_look(struct script_player *p, ptw_addr addr)
{
    struct hardware_leaf leaf = {0};
    hardware_walk(&p->f->hardware, &p->f->t, addr, &leaf);
    return leaf;
}

bool step_sticks_out(const struct hardware_leaf *leaf, ptw_addr first, ptw_addr last)
{
    return leaf->kind == PTW_LEAF && (leaf->addr < first || leaf->last > last);
}

struct step_quiet step_quiet_now(const struct script_player *p)
{
    const struct fixture *f = p->f;
    return (struct step_quiet){f->g.inval, f->g.retired, f->memory.allocs, f->memory.failures,
                               f->hardware.invalidations};
}

static bool is_quiet(const struct script_player *p, const struct step_quiet *before, bool shared)
{
    struct step_quiet now = step_quiet_now(p);
    bool inval =
        now.inval.reasons == before->inval.reasons &&
        (now.inval.reasons == 0 || (now.inval.first == before->inval.first && now.inval.last == before->inval.last &&
                                    now.inval.levels == before->inval.levels));
    /* Among other threads more is owed: for what others did and may not have paid for yet. */
    inval = inval || (shared && (before->inval.reasons & ~now.inval.reasons) == 0 &&
                      now.inval.first <= before->inval.first && now.inval.last >= before->inval.last);
    return inval && now.retired == before->retired && now.allocs == before->allocs &&
           now.invalidations == before->invalidations;
}

bool step_quiet_since(const struct script_player *p, const struct step_quiet *before)
{
    return is_quiet(p, before, false);
}

bool step_spurious_since(const struct script_player *p, const struct script_step *s, const struct step_quiet *before)
{
    return is_quiet(p, before, step_is_shared(s));
}

void step_break_before_map(struct script_player *p, const struct script_step *s)
{
    const struct ptw_inval *inval = &p->f->g.inval;

    const struct ptw_geometry *g = &p->f->t.geo;
    bool breaks = g->encoder->break_before_make || (g->encoder->break_groups && (g->options & PTW_OPT_GROUPS) != 0);

    if (breaks && inval->reasons != 0 && inval->first <= s->last && s->addr <= inval->last)
        fixture_sync(p->f);
}

const char *step_check_unsupported(struct script_player *p, const char *what, struct ptw_result r,
                                   const struct step_quiet *before)
{
    return r.status == PTW_UNSUPPORTED && step_quiet_since(p, before)
               ? NULL
               : step_wrong_status(p, what, r.status, PTW_UNSUPPORTED);
}

const char *step_check_stop(struct script_player *p, const char *what, const struct script_step *s, struct ptw_result r,
                            const struct step_quiet *before, bool *any)
{
    *any = r.next != s->addr && !step_is_whole(s);
    if (r.status == PTW_NOMEM && p->f->memory.failures == before->failures)
        return script_say(p, "%s answers NOMEM, but no allocation failed", what);
    if (r.status == PTW_BISECT && !step_is_whole(s)) {
        struct hardware_leaf leaf = step_look(p, r.next);
        if (!cannot_be_cut(p, &leaf))
            return script_say(p, "%s answers BISECT at 0x%" PRIx64 ", where nothing needs to be broken", what, r.next);
    }
    if (r.next < s->addr || r.next > s->last)
        return script_say(p, "%s stops at 0x%" PRIx64 ", outside of its range", what, r.next);
    if ((r.next & ptw_low_mask(p->f->t.geo.encoder->granule)) != 0)
        return script_say(p, "%s stops at 0x%" PRIx64 ", which is no page", what, r.next);
    return NULL;
}

bool step_stopped(struct ptw_result r)
{
    return r.status == PTW_NOMEM || r.status == PTW_BISECT;
}

const char *step_check_refusal(struct script_player *p, const char *what, const struct script_step *s,
                               struct ptw_result r, const struct step_quiet *before)
{
    bool range = s->wrong == SCRIPT_ADDR_OUTSIDE || s->wrong == SCRIPT_SIZE_OUTSIDE || s->wrong == SCRIPT_OA_OUTSIDE;
    struct ptw_result want = {range ? PTW_RANGE : PTW_INVAL, s->addr};

    if (r.status != want.status || r.next != want.next)
        return step_unexpected(p, what, r, want);
    return step_quiet_since(p, before) ? NULL : script_say(p, "%s refuses, but did something", what);
}

/* ------------------------------------------------------------------------------- one page with a held cursor --- */

const char *step_cursor_translate(struct script_player *p, struct script_step *s)
{
    struct ptw_leaf held = {0}, fresh = {0};
    ptw_status status = ptw_cursor_translate(&p->cursor, s->addr, &held);
    ptw_status want = ptw_translate(&p->f->t, s->addr, &fresh);

    if (status != want)
        return step_wrong_status(p, "cursor_translate", status, want);
    if (held.addr != fresh.addr || held.oa != fresh.oa || held.word != fresh.word || held.level != fresh.level)
        return script_say(p, "cursor_translate and translate differ at 0x%" PRIx64, s->addr);
    return s->wrong == SCRIPT_RIGHT ? oracle_compare_translate(&p->o, p->f, s->addr) : NULL;
}

const char *step_cursor_map(struct script_player *p, struct script_step *s)
{
    step_break_before_map(p, s);
    struct step_quiet before = step_quiet_now(p);
    ptw_status status = ptw_cursor_map(&p->cursor, s->addr, s->oa, s->attr, &p->f->g);
    struct ptw_result r = {status, s->addr};

    p->results = p->results * 31 + status;
    if (s->wrong != SCRIPT_RIGHT)
        return step_check_refusal(p, "cursor_map", s, r, &before);
    if (step_stopped(r)) {
        bool any;
        return step_check_stop(p, "cursor_map", s, r, &before, &any);
    }
    struct ptw_result want = oracle_map(&p->o, s->addr, s->last, s->oa, s->attr, 0);
    if (status == PTW_SPURIOUS && !step_quiet_since(p, &before))
        return script_say(p, "cursor_map answers SPURIOUS, but did something");
    return status == want.status ? NULL : step_wrong_status(p, "cursor_map", status, want.status);
}

const char *step_cursor_unmap(struct script_player *p, struct script_step *s)
{
    struct step_quiet before = step_quiet_now(p);
    ptw_status status = ptw_cursor_unmap(&p->cursor, s->addr, &p->f->g);
    struct ptw_result r = {status, s->addr};

    p->results = p->results * 31 + status;
    if (s->wrong != SCRIPT_RIGHT)
        return step_check_refusal(p, "cursor_unmap", s, r, &before);
    if (step_stopped(r)) {
        bool any;
        return step_check_stop(p, "cursor_unmap", s, r, &before, &any);
    }
    if (status != PTW_OK)
        return step_wrong_status(p, "cursor_unmap", status, PTW_OK);
    oracle_remove(&p->o, s->addr, s->last);
    return NULL;
}

/* -------------------------------------------------------------------------------------------- hardware --- */

const char *step_access(struct script_player *p, struct script_step *s)
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

const char *step_sync(struct script_player *p, struct script_step *s)
{
    (void)s;
    fixture_sync(p->f);
    return ptw_gather_empty(&p->f->g) ? NULL : script_say(p, "the gather is not empty after sync");
}

const char *step_fail_alloc(struct script_player *p, struct script_step *s)
{
    p->f->memory.fail_after = s->number;
    return NULL;
}

const char *script_step_play(struct script_player *p, struct script_step *s)
{
    static const char *(*const play[SCRIPT_CODES])(struct script_player *, struct script_step *) = {
        [SCRIPT_MAP] = step_map,
        [SCRIPT_UNMAP] = step_unmap,
        [SCRIPT_PROTECT] = step_protect,
        [SCRIPT_CUT] = step_cut,
        [SCRIPT_SPLIT_TO] = step_split_to,
        [SCRIPT_MERGE] = step_merge,
        [SCRIPT_DIRTY] = step_round,
        [SCRIPT_AGE] = step_round,
        [SCRIPT_TRANSLATE] = step_translate,
        [SCRIPT_NEXT_RUN] = step_next_run,
        [SCRIPT_CURSOR_TRANSLATE] = step_cursor_translate,
        [SCRIPT_CURSOR_MAP] = step_cursor_map,
        [SCRIPT_CURSOR_UNMAP] = step_cursor_unmap,
        [SCRIPT_ACCESS] = step_access,
        [SCRIPT_SYNC] = step_sync,
        [SCRIPT_ANNOTATE] = step_annotate,
        [SCRIPT_AUDIT] = step_audit,
        [SCRIPT_FAIL_ALLOC] = step_fail_alloc,
        [SCRIPT_REMAP] = step_remap,
        [SCRIPT_RELAX] = step_relax,
        [SCRIPT_TRIM] = step_trim,
    };
    return play[s->code](p, s);
}
