/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* script_shape.c - script steps that change leaf sizes and no translation: cut, split_to, merge. */
#include "script_steps.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------------------- cut, split_to and merge --- */

const char *step_cut(struct script_player *p, struct script_step *s)
{
    struct step_quiet before = step_quiet_now(p);
    struct hardware_leaf old = s->wrong == SCRIPT_RIGHT ? step_look(p, s->addr) : (struct hardware_leaf){0};
    struct ptw_result r = ptw_cut(&p->f->t, s->addr, s->flags & PTW_SHARED, &p->f->g);
    bool already = old.kind != PTW_LEAF || old.addr == s->addr;

    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT)
        return step_check_refusal(p, "cut", s, r, &before);
    if (already && (r.status != PTW_SPURIOUS || !step_quiet_since(p, &before)))
        return step_wrong_status(p, "cut at a boundary", r.status, PTW_SPURIOUS);
    if (already)
        return NULL;
    if (step_stopped(r)) {
        bool any;
        return r.next == s->addr ? step_check_stop(p, "cut", s, r, &before, &any)
                                 : step_unexpected(p, "cut", r, (struct ptw_result){r.status, s->addr});
    }
    if (r.status != PTW_OK)
        return step_wrong_status(p, "cut", r.status, PTW_OK);
    old = step_look(p, s->addr);
    return old.addr == s->addr ? NULL : script_say(p, "after cut the leaf still begins at 0x%" PRIx64, old.addr);
}

/* The largest leaf in [first, last]: twice its level, one more for a group; -1: no leaf. */
static int highest_leaf(struct script_player *p, ptw_addr first, ptw_addr last)
{
    int highest = -1;

    for (unsigned n = 0; n < STEP_LEAVES; n++) {
        const struct oracle_run *run = oracle_next(&p->o, first);
        if (run == NULL || run->first > last)
            break;
        struct hardware_leaf leaf = step_look(p, run->first > first ? run->first : first);
        int size = 2 * (int)leaf.level + (leaf.order != 0);
        if (leaf.kind == PTW_LEAF && size > highest)
            highest = size;
        if (leaf.last >= last)
            break;
        first = leaf.last + 1;
    }
    return highest;
}

static struct ptw_result call_split_to(struct script_player *p, const struct script_step *s, void *with)
{
    (void)with;
    return ptw_split_to(&p->f->t, s->addr, s->size, s->flags, &p->f->g);
}

const char *step_split_to(struct script_player *p, struct script_step *s)
{
    struct step_quiet before = step_quiet_now(p);
    int level = (int)((s->flags >> 8U) & 0xffU) - 1;

    level = level < 0 ? 0 : 2 * level;
    bool needed = s->wrong == SCRIPT_RIGHT && highest_leaf(p, s->addr, s->last) > level;
    struct ptw_result r = step_again(p, s, call_split_to, NULL);
    p->results = p->results * 31 + r.status;
    if (s->wrong != SCRIPT_RIGHT)
        return step_check_refusal(p, "split_to", s, r, &before);
    if (step_stopped(r)) {
        bool any;
        const char *why = step_check_stop(p, "split_to", s, r, &before, &any);
        if (why != NULL || !any)
            return why;
        return highest_leaf(p, s->addr, r.next - 1) > level ? script_say(p, "split_to left a large leaf behind") : NULL;
    }
    if (r.status != (needed ? PTW_OK : PTW_SPURIOUS))
        return step_wrong_status(p, "split_to", r.status, needed ? PTW_OK : PTW_SPURIOUS);
    if (r.status == PTW_SPURIOUS && !step_spurious_since(p, s, &before))
        return script_say(p, "split_to answers SPURIOUS, but did something");
    return highest_leaf(p, s->addr, s->last) > level ? script_say(p, "split_to left a large leaf") : NULL;
}

/* A and D of the leaves that merge made: the OR of the parts; on a hitless table a writable one may be dirty. */
static const char *join_merged(struct script_player *p, ptw_addr first, ptw_addr last)
{
    for (unsigned n = 0; n < STEP_LEAVES; n++) {
        const struct oracle_run *run = oracle_next(&p->o, first);
        if (run == NULL || run->first > last)
            break;
        struct hardware_leaf leaf = step_look(p, run->first > first ? run->first : first);
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
    bool groups; /* groups are made, too */
};

/* The output address of slot `i` alone, be it one of a group or not. */
static ptw_oa slot_oa(const struct ptw_table *t, ptw_word w, uint64_t i, unsigned level)
{
    const struct ptw_encoder *e = t->geo.encoder;
    unsigned order = e->leaf_orders(level) > 1 ? e->order(w, level) : 0;

    return e->oa(&t->geo, w, level) + ((i & ptw_low_mask(order)) << ptw_level_shift(e, level));
}

/* What merge should make of a table at `level`. */
enum merged { MERGED_KEPT, MERGED_EMPTY, MERGED_ONE, MERGED_MARK };

/* Do all slots say the same mark, and is there room for it one level up? */
static bool is_one_mark(const struct ptw_table *t, const unsigned char *table, unsigned level)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const ptw_word w = hardware_load(t, table);

    if (e->kind(&t->geo, w, level) != PTW_MARKED || e->payload_bits(level + 1) == 0 ||
        e->mark_payload(w, level) > ptw_low_mask(e->payload_bits(level + 1)))
        return false;
    for (uint64_t i = 1; i < PTW_BIT(ptw_level_bits(e, level)); i++)
        if (hardware_load(t, table + i * e->word_bytes) != w)
            return false;
    return true;
}

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
        enum ptw_kind kind = e->kind(&t->geo, w, level);
        empty += kind == PTW_EMPTY;
        if (kind != PTW_LEAF)
            continue;
        ptw_attr now = e->attr(&t->geo, w, level) & ~PTW_AD;
        if (i == 0) {
            oa = slot_oa(t, w, i, level);
            attr = now;
        }
        fitting += slot_oa(t, w, i, level) == oa + i * size && now == attr;
    }
    if (empty == n)
        return MERGED_EMPTY;
    if (is_one_mark(t, table, level))
        return MERGED_MARK;
    unsigned up = level + 1;
    bool leaf_there = up <= t->geo.max_leaf && (t->geo.orders[up] & 1) != 0 && (oa & (n * size - 1)) == 0;
    return fitting == n && leaf_there ? MERGED_ONE : MERGED_KEPT;
}

/* Could the `n` slots from `begin` be one group, and are they not? */
static bool is_left_apart(const struct ptw_table *t, const unsigned char *table, uint64_t begin, uint64_t n,
                          unsigned level)
{
    const struct ptw_encoder *e = t->geo.encoder;
    ptw_word first = hardware_load(t, table + begin * e->word_bytes);

    if (e->kind(&t->geo, first, level) != PTW_LEAF || PTW_BIT(e->order(first, level)) >= n)
        return false;
    ptw_oa oa = slot_oa(t, first, begin, level);
    ptw_attr attr = e->attr(&t->geo, first, level) & ~PTW_AD;
    for (uint64_t i = 0; i < n; i++) {
        ptw_word w = hardware_load(t, table + (begin + i) * e->word_bytes);
        if (e->kind(&t->geo, w, level) != PTW_LEAF ||
            slot_oa(t, w, begin + i, level) != oa + (i << ptw_level_shift(e, level)) ||
            (e->attr(&t->geo, w, level) & ~PTW_AD) != attr)
            return false;
    }
    return (oa & ((n << ptw_level_shift(e, level)) - 1)) == 0;
}

/* No slots in the range that could be a group are left apart. */
static const char *check_groups(struct script_player *p, const unsigned char *table, unsigned level, ptw_addr place,
                                const struct places *range)
{
    const struct ptw_table *t = &p->f->t;
    uint64_t entries = PTW_BIT(level == t->geo.top ? t->geo.root_bits : ptw_level_bits(t->geo.encoder, level));
    unsigned shift = ptw_level_shift(t->geo.encoder, level);
    bool breaks = ptw_breaks_groups(&t->geo);

    for (unsigned order = 1; t->geo.orders[level] >> order != 0; order++) {
        uint64_t n = PTW_BIT(order);
        if ((t->geo.orders[level] >> order & 1) == 0 || (breaks && (t->geo.options & PTW_OPT_HITLESS) != 0))
            continue;
        for (uint64_t i = 0; i + n <= entries; i += n) {
            ptw_addr begin = place + (i << shift), end = begin + ((n << shift) - 1);
            if (begin >= range->first && end <= range->last && is_left_apart(t, table, i, n, level))
                return script_say(p, "merge left %u slots at place 0x%" PRIx64 " (level %u) that could be a group",
                                  (unsigned)n, begin, level);
        }
    }
    return NULL;
}

/* No table that lies whole in [first, last] could still be folded. Recursion ends with the levels. */
static const char *check_merged(struct script_player *p, const unsigned char *table, unsigned level, ptw_addr place,
                                const struct places *range, unsigned cap)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    const struct ptw_encoder *e = g->encoder;
    uint64_t n = PTW_BIT(level == g->top ? g->root_bits : ptw_level_bits(e, level));
    ptw_addr size = PTW_BIT(ptw_level_shift(e, level));
    const char *groups = level <= cap && range->groups ? check_groups(p, table, level, place, range) : NULL;

    if (groups != NULL)
        return groups;
    for (uint64_t i = 0; level > 0 && i < n; i++) {
        ptw_addr begin = place + i * size, end = begin + (size - 1);
        ptw_word w = hardware_load(&p->f->t, table + i * e->word_bytes);
        if (begin > range->last || end < range->first || e->kind(g, w, level) != PTW_TABLE)
            continue;
        const unsigned char *child = ptw_sim_memory_at(&p->f->memory, e->table_pa(g, w, level));
        if (child == NULL)
            return script_say(p, "merge linked a table that is not there");
        const char *why = check_merged(p, child, level - 1, begin, range, cap);
        if (why != NULL)
            return why;
        enum merged m =
            begin < range->first || end > range->last || level > cap ? MERGED_KEPT : classify(p, child, level - 1);
        if (m != MERGED_KEPT)
            return script_say(p, "merge left a table at place 0x%" PRIx64 " (entry at level %u) that is %s", begin,
                              level,
                              m == MERGED_EMPTY  ? "empty"
                              : m == MERGED_MARK ? "one mark"
                                                 : "one leaf");
    }
    return NULL;
}

/* There was no memory for more: what was merged is right, and nothing is left before r.next, but for what is above a slot in
 * which the merge stopped on its way, because the gather was full. */
static const char *check_short_merge(struct script_player *p, const struct script_step *s, struct ptw_result r,
                                     const struct step_quiet *before)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    const unsigned cap = (unsigned)(s->flags >> 8U) & 0xffU;
    const ptw_addr first = (s->flags & PTW_ALL) != 0 ? ptw_first(&p->f->t) : s->addr;
    const struct places range = {first & g->ia_mask, (r.next - 1) & g->ia_mask, false};
    struct script_step all = *s;
    bool any;
    const char *why;

    all.addr = first;
    why = step_check_stop(p, "merge", &all, r, before, &any);
    if (why == NULL)
        why = join_merged(p, s->addr, s->last);
    if (why != NULL || !any || p->stopped)
        return why;
    return check_merged(p, ptw_sim_memory_at(&p->f->memory, p->f->t.root_pa), g->top, 0, &range,
                        cap == 0 ? PTW_LEVELS_MAX : cap - 1U);
}

static struct ptw_result call_merge(struct script_player *p, const struct script_step *s, void *with)
{
    (void)with;
    return ptw_merge(&p->f->t, s->addr, s->size, s->flags, &p->f->g);
}

/* A merge that stopped does not fold what is above the slot in which it did: one more over all of the range does. */
static struct ptw_result merge_again(struct script_player *p, const struct script_step *s)
{
    struct ptw_result first = step_again(p, s, call_merge, NULL), r = first;

    for (unsigned n = 0; p->stopped && r.status <= PTW_SPURIOUS && n < 64; n++)
        r = step_again(p, s, call_merge, NULL);
    return r.status == PTW_SPURIOUS ? first : r;
}

const char *step_merge(struct script_player *p, struct script_step *s)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    struct step_quiet before = step_quiet_now(p);
    uint64_t generation = p->f->t.generation;
    unsigned cap = (unsigned)(s->flags >> 8U) & 0xffU;
    struct ptw_result r = merge_again(p, s);
    p->results = p->results * 31 + (r.status == PTW_SPURIOUS ? PTW_OK : r.status); /* more levels, more empty tables */
    if (s->wrong != SCRIPT_RIGHT)
        return step_check_refusal(p, "merge", s, r, &before);
    if (step_keeps_sizes(p) || (step_is_shared(s) && (g->options & PTW_OPT_HITLESS) != 0)) {
        bool ok = r.status == PTW_UNSUPPORTED && step_quiet_since(p, &before);
        return ok ? NULL : step_wrong_status(p, "merge of a hitless table", r.status, PTW_UNSUPPORTED);
    }
    if (r.status == PTW_NOMEM && step_is_shared(s)) /* for the copy of a table */
        return check_short_merge(p, s, r, &before);
    ptw_status want = p->f->t.generation != generation ? PTW_OK : PTW_SPURIOUS; /* were tables unlinked? */
    if (r.status == PTW_OK && (g->options & PTW_OPT_GROUPS) != 0)
        want = PTW_OK; /* or groups made */
    if (r.status != want)
        return step_wrong_status(p, "merge", r.status, want);
    if (r.status == PTW_SPURIOUS && !step_spurious_since(p, s, &before))
        return script_say(p, "merge answers SPURIOUS, but did something");
    const char *why = r.status == PTW_OK ? join_merged(p, s->addr, s->last) : NULL;
    if (why != NULL)
        return why;
    struct places range = {s->addr & g->ia_mask, s->last & g->ia_mask, !step_is_shared(s)};
    return check_merged(p, ptw_sim_memory_at(&p->f->memory, p->f->t.root_pa), g->top, 0, &range,
                        cap == 0 ? PTW_LEVELS_MAX : cap - 1U);
}
