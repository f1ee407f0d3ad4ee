/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* script_reports.c - script steps that look: dirty and age with their bitmaps, translate, next_run, and the audits. */
#include "script_steps.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define AUDIT_TABLES 12U /* tables that are always audited: see step_audit */

/* ------------------------------------------------------------------------------------- dirty and age --- */

/* The whole pages of [*first, *last] that lie in the bitmap; false: there are none. */
static bool clip(const struct script_step *s, ptw_addr *first, ptw_addr *last, ptw_addr page)
{
    if (s->bitmap_bits == 0)
        return true;
    ptw_addr base = s->bitmap_base, span = (s->bitmap_bits << s->bitmap_shift) - 1;
    ptw_addr end = base + span < base ? UINT64_MAX : base + span;
    if (base > UINT64_MAX - (page - 1) || end < page - 1) /* inside the last page of all, or not even the first */
        return false;
    base = (base + page - 1) & ~(page - 1);
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

/* Not W, where nothing else makes the leaf one. */
static bool can_lose(const struct script_player *p, ptw_attr attr, ptw_attr bit)
{
    return bit != PTW_W || fixture_legal(p->f, attr & ~PTW_W);
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

    for (unsigned n = 0; n < STEP_LEAVES; n++) {
        const struct oracle_run *run = oracle_next(&p->o, from);
        if (run == NULL || run->first > last)
            break;
        ptw_addr end = run->last;
        if ((run->attr & bit) != 0) { /* the oracle's: the entry itself is changed already */
            struct hardware_leaf leaf = step_look(p, run->first > from ? run->first : from);
            ptw_addr a = leaf.addr > first ? leaf.addr : first, b = leaf.last < last ? leaf.last : last;
            set_bits(s, words, a, b);
            found += (b >> page) - (a >> page) + 1;
            if ((s->flags & PTW_CLEAR) != 0 && can_lose(p, run->attr, bit) &&
                ((s->flags & PTW_WIDEN) != 0 || !step_sticks_out(&leaf, first, last)))
                oracle_change(&p->o, leaf.addr, leaf.last, ~bit, 0);
            end = leaf.last;
        }
        if (end >= last)
            break;
        from = end + 1;
    }
    return found;
}

static const char *check_round(struct script_player *p, const struct script_step *s, ptw_attr bit,
                               const struct ptw_bitmap *got, const char *what)
{
    const size_t words = (size_t)(s->bitmap_bits / 64 + 2);
    uint64_t found = 0;
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
    for (size_t i = 0; why == NULL && s->bitmap_bits != 0 && i < words; i++) {
        uint64_t bad = (s->flags & PTW_PEEK) != 0 ? got->words[i] & ~want[i] : got->words[i] ^ want[i];
        if (bad != 0)
            why = script_say(p, "%s: bit %" PRIu64 " of the bitmap is %s", what, (uint64_t)i * 64 + ptw_low_bit(bad),
                             (got->words[i] & bad & -bad) != 0 ? "set" : "not set");
    }
    free(want);
    return why;
}

static struct ptw_result call_round(struct script_player *p, const struct script_step *s, void *with)
{
    return s->code == SCRIPT_DIRTY ? ptw_dirty(&p->f->t, s->addr, s->size, s->flags, with, &p->f->g)
                                   : ptw_age(&p->f->t, s->addr, s->size, s->flags, with, &p->f->g);
}

const char *step_round(struct script_player *p, struct script_step *s)
{
    bool dirty = s->code == SCRIPT_DIRTY, protect = (s->flags & PTW_WRITE_PROTECT) != 0;
    const char *what = dirty ? "dirty" : "age";
    struct step_quiet before = step_quiet_now(p);
    struct ptw_bitmap bitmap = {.bits = s->bitmap_bits, .base = s->bitmap_base, .shift = s->bitmap_shift};

    bitmap.words = s->bitmap_bits == 0 ? NULL : calloc((size_t)(s->bitmap_bits / 64 + 2), sizeof(*bitmap.words));
    struct ptw_bitmap *given = s->no_bitmap ? NULL : &bitmap;
    struct ptw_result r = step_again(p, s, call_round, given);
    const char *why = NULL;
    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT) {
        why = step_check_refusal(p, what, s, r, &before);
    } else if (!protect && !fixture_has_ad(p->f)) {
        if (r.status != PTW_UNSUPPORTED)
            why = step_wrong_status(p, what, r.status, PTW_UNSUPPORTED);
    } else if (r.status != PTW_OK) {
        why = step_wrong_status(p, what, r.status, PTW_OK);
    } else {
        why = check_round(p, s, !dirty ? PTW_A : protect ? PTW_W : PTW_D, &bitmap, what);
        if (why == NULL && (s->flags & PTW_CLEAR) == 0 && !step_quiet_since(p, &before))
            why = script_say(p, "%s only looks, but did something", what);
    }
    free(bitmap.words);
    return why;
}

/* --------------------------------------------------------------------------------------------- reading --- */

const char *step_translate(struct script_player *p, struct script_step *s)
{
    return invariants_say(&p->rules, INVARIANT_PAGES, oracle_compare_translate(&p->o, p->f, s->addr));
}

const char *step_next_run(struct script_player *p, struct script_step *s)
{
    return invariants_say(&p->rules, INVARIANT_PAGES, oracle_compare_next_run(&p->o, p->f, s->addr, s->last));
}

/* --------------------------------------------------------------------------------------------- audits --- */

/* A look at every slot of every table. Of large tables only one in eight is looked at, or the test would do nothing
 * else; a script that is replayed to find its fault always is. */
const char *step_audit(struct script_player *p, struct script_step *s)
{
    ptw_oa scratch[64];
    struct ptw_finding finding = {0};

    (void)s;
    if (!p->thorough && p->f->memory.outstanding > AUDIT_TABLES && p->f->memory.allocs % 8 != 0)
        return NULL;
    const char *why = invariants_rest(&p->rules);
    if (why != NULL)
        return why;
    ptw_status status = ptw_verify(&p->f->t, scratch, 64, p->f->memory.outstanding, &finding);
    if (status != PTW_OK)
        return script_say(p, "verify: %s: 0x%" PRIx64 " level %u word 0x%" PRIx64 ": %s", ptw_status_name(status),
                          finding.entry.addr, finding.entry.level, finding.entry.word,
                          finding.why == NULL ? "?" : finding.why);
    const struct ptw_geometry *g = &p->f->t.geo;
    why = oracle_compare_next_run(&p->o, p->f, ptw_first(&p->f->t),
                                  g->ia_sign == 0 ? ptw_last(&p->f->t) : g->ia_sign - 1);
    if (why == NULL && g->ia_sign != 0)
        why = oracle_compare_next_run(&p->o, p->f, 0 - g->ia_sign, UINT64_MAX);
    return why != NULL ? why : invariants_say(&p->rules, INVARIANT_PAGES, oracle_compare_visit(&p->o, p->f, &p->rules));
}
