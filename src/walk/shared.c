/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/shared.c - what many threads at one table need besides compare-exchange (docs/concurrency.md).
 *
 * LOCKED in an entry keeps it, and the group that it begins or the table that it pointed to, for one thread; DEAD is in every
 * slot of a table that nobody may change any more. Whoever meets one of them answers PTW_AGAIN. Who has locked an entry
 * goes on without taking a lock or memory until it is unlocked, so that nobody waits for long.
 */
#include "walk/descent.h"
#include "walk/owe.h"

ptw_status ptw_share(struct ptw_table *t, const struct ptw_reclaim *reclaim, uint64_t flags)
{
    for (unsigned level = 0; level <= t->geo.top; level++)
        if (t->geo.encoder->payload_bits(level) == 0)
            return PTW_UNSUPPORTED;
    t->shared = true;
    t->plain_shared = t->plain;
    t->sleeps = (flags & PTW_SHARE_SLEEPS) != 0;
    t->marked = t->marked || (flags & PTW_SHARE_MARKS) != 0;
    if (reclaim != NULL)
        t->reclaim = *reclaim;
    return PTW_OK;
}

ptw_status ptw_mode_check(const struct ptw_table *t, uint64_t flags)
{
    if (!ptw_is_shared(flags))
        return PTW_OK;
    return !t->shared || ((flags & PTW_REPLACE) != 0 && !ptw_may_lock_leaves(t)) ? PTW_UNSUPPORTED : PTW_OK;
}

/* ------------------------------------------------------------------------------------------------ entries --- */

bool ptw_lock_entry(const struct ptw_table *t, void *slot, ptw_word *w, unsigned level, struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const bool won = ptw_compare_exchange(e, slot, w, ptw_locked_word(e, level, g));

    if (won)
        ptw_clean(t, e, slot, 1);
    return won;
}

/* Writes every entry on the way to `place` back: others may have put it there, and not have written it back yet. */
static void clean_way(const struct ptw_table *t, ptw_addr place)
{
    const struct ptw_encoder *e = t->geo.encoder;

    for (unsigned level = t->geo.top + 1U; level-- > 0;) {
        struct ptw_at at;

        ptw_descend(e, t, place, level, &at);
        ptw_clean(t, e, ptw_at_slot(e, &at), 1);
        if (at.level > level)
            return;
    }
}

void ptw_join(const struct ptw_table *t, ptw_addr first, ptw_addr end, struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;

    if (end == first)
        return;
    if (e->negative_caching)
        ptw_owe_below(g, t, first, end - 1U, t->geo.top, PTW_OWED_MAKE);
    for (ptw_addr place = first; t->mem.clean != NULL; place = (place | (ptw_span(e, 1) - 1U)) + 1U) {
        clean_way(t, place);
        if (end - 1U <= (place | (ptw_span(e, 1) - 1U)))
            break;
    }
}

/* ------------------------------------------------------------------------------------------------- groups --- */

/* Locks the group. False: it is none any more, or somebody else's. *first is what its first slot was. */
static bool lock_group(const struct ptw_table *t, const struct ptw_unit *u, struct ptw_gather *g, ptw_word *first)
{
    const struct ptw_encoder *e = t->geo.encoder;

    *first = ptw_load(e, u->slot);
    do {
        if (e->kind(&t->geo, *first, u->level) != PTW_LEAF || ptw_order(e, t, *first, u->level) != u->order ||
            e->oa(&t->geo, *first, u->level) != u->oa)
            return false;
    } while (!ptw_lock_entry(t, u->slot, first, u->level, g)); /* hardware has set A or D: it only adds */
    return true;
}

/* Takes out all slots of a locked group but the first, which stays locked: `hole` is in them then. The leaf's last word. */
static ptw_word empty_group(const struct ptw_table *t, const struct ptw_unit *u, ptw_word first, ptw_word hole)
{
    const struct ptw_encoder *e = t->geo.encoder;
    ptw_word all = first ^ e->inverted;

    for (uint64_t i = 1; i < u->n; i++)
        all |= ptw_exchange(e, ptw_slot(e, u->slot, i), hole) ^ e->inverted;
    ptw_clean(t, e, u->slot, u->n);
    return ptw_joined(e, t, first, all, u->level, u->order);
}

bool ptw_unit_take_shared(const struct ptw_table *t, const struct ptw_unit *u, ptw_word w, struct ptw_gather *g,
                          ptw_word *last)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const ptw_word empty = e->empty(u->level);

    if (u->order == 0) {
        *last = w;
        return ptw_compare_exchange(e, u->slot, last, empty);
    }
    if (!lock_group(t, u, g, &w))
        return false;
    *last = empty_group(t, u, w, empty);
    ptw_put(t, e, u->slot, empty);
    return true;
}

bool ptw_unit_lock(const struct ptw_table *t, const struct ptw_unit *u, ptw_word w, struct ptw_gather *g,
                   ptw_word *last)
{
    *last = w;
    if (u->order == 0)
        return ptw_lock_entry(t, u->slot, last, u->level, g);
    if (!lock_group(t, u, g, last))
        return false;
    /* All are locked, because all come back: an empty one would be a hole to others. */
    *last = empty_group(t, u, *last, ptw_load(t->geo.encoder, u->slot));
    return true;
}

void ptw_unit_make(struct ptw_table *t, const struct ptw_unit *u, unsigned order, ptw_word bits, ptw_oa oa,
                   struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const struct ptw_unit rest = {.slot = u->slot + e->word_bytes, .n = u->n - 1U, .level = u->level, .order = order};

    if (rest.n != 0)
        ptw_unit_store(e, t, &rest, bits, oa + ptw_span(e, u->level));
    ptw_put(t, e, u->slot, e->leaf(&t->geo, oa, bits, u->level, order));
    ptw_owe_make(e, t, u->first, ptw_unit_size(u), u->level, g);
}

ptw_status ptw_group_change(const struct ptw_table *t, const struct ptw_unit *u, const struct ptw_change *c,
                            struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;
    ptw_word first;

    if ((t->geo.options & PTW_OPT_HITLESS) != 0)
        return PTW_UNSUPPORTED;
    if (!lock_group(t, u, g, &first))
        return PTW_AGAIN;
    for (uint64_t i = 1; i < u->n; i++) {
        void *slot = ptw_slot(e, u->slot, i);
        ptw_word w = ptw_load(e, slot);

        while (!ptw_compare_exchange(e, slot, &w, ptw_changed(e, t, c, w, u->level))) {
        }
    }
    ptw_publish(e, u->slot, ptw_changed(e, t, c, first, u->level));
    ptw_clean(t, e, u->slot, u->n);
    ptw_owe_unlocked(e, t, u->first, u->last, u->level, g);
    return PTW_OK;
}

ptw_status ptw_group_split(struct ptw_table *t, const struct ptw_unit *u, struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const bool breaks = ptw_breaks_groups(&t->geo);
    ptw_word w;

    if ((t->geo.options & PTW_OPT_HITLESS) != 0)
        return PTW_BISECT;
    if (breaks && t->sleeps)
        return PTW_UNSUPPORTED;
    if (!ptw_unit_lock(t, u, 0, g, &w))
        return PTW_OK;
    ptw_owe(g, t, u->first, u->last, u->level, PTW_OWED_TRANSLATION);
    if (breaks)
        ptw_gather_pay(g);
    ptw_unit_make(t, u, 0, ptw_carry(e, &t->geo, w, u->level, u->level, 0), u->oa, g);
    return PTW_OK;
}

/* ------------------------------------------------------------------------------------------------- tables --- */

void ptw_table_thaw(const struct ptw_table *t, void *table, unsigned level, void *copy, uint64_t n)
{
    const struct ptw_encoder *e = t->geo.encoder;

    /* Backwards: who sees the first slot of a group may lock the group, and finds the others in their places. */
    for (uint64_t i = n; i-- > 0;)
        ptw_publish(e, ptw_slot(e, table, i), copy != NULL ? ptw_load(e, ptw_slot(e, copy, i)) : e->empty(level));
    ptw_clean(t, e, table, n);
}

bool ptw_table_freeze(const struct ptw_table *t, void *table, unsigned level, void *copy)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const ptw_word dead = e->mark(PTW_MARK_DEAD, 0, level);
    const uint64_t n = UINT64_C(1) << ptw_level_bits(e, level);

    for (uint64_t i = 0; i < n; i++) {
        void *slot = ptw_slot(e, table, i);
        ptw_word w = ptw_load(e, slot);

        do {
            if (copy == NULL ? w != e->empty(level) : ptw_is_busy(e, t, w, level)) {
                ptw_table_thaw(t, table, level, copy, i);
                return false;
            }
        } while (!ptw_compare_exchange(e, slot, &w, dead));
        if (copy != NULL)
            ptw_store(e, ptw_slot(e, copy, i), w);
    }
    ptw_clean(t, e, table, n);
    return true;
}

void ptw_unlink_frozen(struct ptw_table *t, const struct ptw_entry *e, void *child, ptw_word next, struct ptw_gather *g)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    const struct ptw_subtree s = {.table = child,
                                  .pa = enc->table_pa(&t->geo, e->word, e->level),
                                  .level = e->level - 1U,
                                  .first = ptw_place_of(&t->geo, e->addr)};

    ptw_owe(g, t, s.first, ptw_entry_last(t, e), e->level, PTW_OWED_TRANSLATION | PTW_OWED_STRUCT);
    ptw_gather_pay(g);
    ptw_put(t, enc, e->slot, next);
    if (next != enc->empty(e->level))
        ptw_owe_make(enc, t, s.first, ptw_span(enc, e->level), e->level, g);
    ptw_retire(g, &s);
}

/* ----------------------------------------------------------------------------------------------- subtrees --- */

/* Waits a moment, if the group of the slot, which holds `w`, is not yet what it says: then it must be looked at again. */
static bool group_is_locked(const struct ptw_table *t, const void *slot, ptw_word w, unsigned level, ptw_addr place)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const unsigned order = ptw_order(e, t, w, level);
    const uint64_t index = place >> ptw_level_shift(e, level) & ((UINT64_C(1) << order) - 1U);
    const void *first = (const unsigned char *)slot - index * e->word_bytes;
    const ptw_word word = ptw_load(e, first);

    if (!ptw_is_busy(e, t, word, level))
        return ptw_load(e, slot) != w;
    ptw_pause_while(e, first, word);
    return true;
}

/* Hands the leaf of which the slot holds `w` to the sink, and takes it out. False: look again. */
static bool give_leaf(const struct ptw_table *t, void *slot, ptw_word w, unsigned level, ptw_addr place,
                      struct ptw_sink *sink, struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;
    struct ptw_unit u;
    ptw_word last;

    ptw_unit_at(e, t, slot, w, level, place, &u);
    if (ptw_unit_is_torn(e, t, &u, w) && group_is_locked(t, slot, w, level, place))
        return false;
    if (!ptw_unit_take_shared(t, &u, w, g, &last))
        return false;
    ptw_sink_leaf(
        sink, &(struct ptw_leaf){
                  .addr = ptw_addr_of(&t->geo, u.first), .oa = u.oa, .word = last, .level = level, .order = u.order});
    return true;
}

/* Makes the slot dead, and hands the leaf that was in it to the sink. False: it is a table, which is *w. A slot that is never
 * unlocked is left as it is. */
static bool kill_slot(const struct ptw_table *t, void *slot, unsigned level, ptw_addr place, struct ptw_sink *sink,
                      struct ptw_gather *g, ptw_word *w)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const ptw_word dead = e->mark(PTW_MARK_DEAD, 0, level);

    for (unsigned waits = 0; waits < PTW_WAITS_MAX;) {
        enum ptw_kind kind;

        *w = ptw_load(e, slot);
        kind = e->kind(&t->geo, *w, level);
        if (kind == PTW_TABLE || *w == dead)
            return kind != PTW_TABLE;
        if (ptw_is_busy(e, t, *w, level)) {
            ptw_pause_while(e, slot, *w); /* the one wait: who has locked it needs nothing that we have */
            waits++;
        } else if (kind == PTW_LEAF && e->leaf_orders(level) != 0) {
            waits += give_leaf(t, slot, *w, level, place, sink, g) ? 0 : 1;
        } else if (ptw_compare_exchange(e, slot, w, dead)) {
            return true;
        }
    }
    return true;
}

/*
 * From the top down. The entry of a table is locked while its slots are made dead, so that no merge and no trim has frozen it
 * and thaws it again.
 */
void ptw_subtree_freeze(const struct ptw_table *t, const struct ptw_subtree *s, struct ptw_gather *g)
{
    struct {
        void *table;
        uint64_t index;
        ptw_addr first;
        ptw_word parent; /* what the entry above says when it is not locked */
    } path[PTW_LEVELS_MAX];
    const struct ptw_encoder *e = t->geo.encoder;
    unsigned level = s->level;

    path[level].table = s->table;
    path[level].index = 0;
    path[level].first = s->first;
    for (;;) {
        const uint64_t index = path[level].index;
        const ptw_addr place = path[level].first + (index << ptw_level_shift(e, level));
        void *slot = ptw_slot(e, path[level].table, index), *child;
        ptw_word w;

        if (index == ptw_entries(t, e, level)) {
            if (level == s->level)
                return;
            w = path[level++].parent;
            ptw_put(t, e, ptw_slot(e, path[level].table, path[level].index++), w);
            continue;
        }
        child = kill_slot(t, slot, level, place, s->sink, g, &w) ? NULL : ptw_child(t, e, w, level);
        if (child == NULL || ptw_child_level(e, w, level) != level - 1U) {
            path[level].index++;
            continue;
        }
        if (!ptw_lock_entry(t, slot, &w, level, g))
            continue; /* look again */
        level--;
        path[level].table = child;
        path[level].index = 0;
        path[level].first = place;
        path[level].parent = w;
    }
}
