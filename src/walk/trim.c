/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/trim.c - giving back tables that have become empty. */
#include "walk/descent.h"
#include "walk/owe.h"

/* Is the table `child`, to which `e` points, an empty one that may be given back? */
static bool is_nothing(const struct ptw_table *t, const struct ptw_entry *e, void *child)
{
    const unsigned below = ptw_child_level(t->geo.encoder, e->word, e->level);

    return below + 1U == e->level && ptw_table_is_empty(t, child, below); /* levels are left out: not ours */
}

/* Takes the empty table `child` out, which `e` points to, among other threads. False: it is not empty, or somebody's. */
static bool trim_shared(struct ptw_table *t, const struct ptw_entry *e, void *child, struct ptw_gather *g)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    ptw_word w = e->word;

    if (!ptw_lock_entry(t, e->slot, &w, e->level, g))
        return false;
    if (!ptw_table_freeze(t, child, e->level - 1U, NULL)) {
        ptw_put(t, enc, e->slot, e->word);
        ptw_owe_unlocked(enc, t, ptw_place_of(&t->geo, e->addr), ptw_entry_last(t, e), e->level, g);
        return false;
    }
    ptw_unlink_frozen(t, e, child, enc->empty(e->level), g);
    return true;
}

ptw_status ptw_trim_tables(struct ptw_table *t, struct ptw_span_of *span, bool inside, uint64_t flags,
                           struct ptw_gather *g)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    struct ptw_cursor c;
    struct ptw_entry e;
    ptw_status status;
    bool changed = false;

    (void)ptw_cursor_init(&c, t, 0, 0, PTW_ALL | PTW_VISIT_POST | PTW_VISIT_MIN_LEVEL(1));
    c.place = span->first;
    c.last = span->last;
    while ((status = ptw_cursor_next(&c, &e)) == PTW_OK) {
        const ptw_addr first = ptw_place_of(&t->geo, e.addr), last = ptw_entry_last(t, &e);
        /* Behind the last slot of a table comes the entry that points to it. */
        const bool table_ends = e.level != t->geo.top && ptw_offset(enc, e.level + 1U, last + 1U) == 0;
        const bool wanted = ptw_is_through(&e) && !(inside && (first < span->first || last > span->last));
        void *child = ptw_is_through(&e) ? ptw_child(t, enc, e.word, e.level) : NULL;

        if (ptw_is_through(&e) && child == NULL) {
            status = PTW_FAULTED;
            break;
        }
        if (wanted && is_nothing(t, &e, child)) {
            if (!ptw_gather_room(g)) {
                span->first = first > span->first ? first : span->first;
                return PTW_YIELD;
            }
            if (!ptw_is_shared(flags)) {
                ptw_unlink_table(t, &e, child, enc->empty(e.level), g);
                changed = true;
            } else if (trim_shared(t, &e, child, g)) {
                changed = true;
            }
        }
        if (ptw_spend(&g->budget, 1) && (ptw_is_through(&e) || e.kind != PTW_TABLE) && last < span->last &&
            !table_ends) {
            span->first = last + 1U;
            return PTW_YIELD;
        }
    }
    if (status == PTW_FAULTED) {
        const ptw_addr first = ptw_place_of(&t->geo, e.addr);

        span->first = first > span->first ? first : span->first;
        return status;
    }
    return changed ? PTW_OK : PTW_SPURIOUS;
}

struct ptw_result ptw_trim(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags, struct ptw_gather *g)
{
    struct ptw_span_of span;
    ptw_status status = ptw_range(t, addr, size, flags, &span);

    if (status == PTW_OK)
        status = ptw_mode_check(t, flags);
    if (status == PTW_OK && ptw_is_shared(flags) && t->sleeps)
        status = PTW_UNSUPPORTED;
    if (status != PTW_OK)
        return ptw_done(status, addr);
    status = ptw_trim_tables(t, &span, false, flags, g);
    return ptw_done(status, ptw_addr_of(&t->geo, span.first));
}
