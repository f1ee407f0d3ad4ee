/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/annotate.c - marks: holes that carry a type and a payload of the table's user.
 *
 * A mark stands at the highest level whose slot the range covers whole, so that a terabyte costs as little as a page.
 * Where a range ends inside a hole or a mark above level 0, that becomes a table of such first.
 */
#include "walk/descent.h"
#include "walk/owe.h"

struct marking {
    struct ptw_table *t;
    struct ptw_gather *g;
    ptw_addr place, last; /* what is left, inclusive */
    unsigned type;
    uint64_t payload, flags;
    unsigned highest; /* no mark above this level; type 0 takes them away everywhere */
    bool changed, more;
};

unsigned ptw_mark_bits(const struct ptw_table *t)
{
    return t->geo.encoder->payload_bits(0);
}

unsigned ptw_mark_at(const struct ptw_table *t, ptw_word word, unsigned level, uint64_t *payload)
{
    const struct ptw_encoder *e = t->geo.encoder;
    unsigned type;

    if (e->kind(&t->geo, word, level) != PTW_MARKED)
        return PTW_MARK_TYPES;
    type = e->mark_type(word, level);
    *payload = type == PTW_MARK_FOREIGN ? word : e->mark_payload(word, level);
    return type;
}

/* What the slots of this level get. */
static ptw_word mark_word(const struct marking *m, unsigned level)
{
    const struct ptw_encoder *e = m->t->geo.encoder;

    return m->type == 0 ? e->empty(level) : e->mark(m->type, m->payload, level);
}

static void pass(struct marking *m, ptw_addr end)
{
    m->more = end < m->last;
    m->place = end + 1U;
}

/* The highest level at which a mark may stand for the slot of m->place. */
static unsigned covered_level(const struct marking *m)
{
    const struct ptw_encoder *e = m->t->geo.encoder;
    unsigned level = 0;

    while (level < m->highest && ptw_offset(e, level + 1U, m->place) == 0 &&
           m->last - m->place >= ptw_span(e, level + 1U) - 1U)
        level++;
    return level;
}

/* A table of slots that all say what the hole `w` says, one level up. PTW_EXISTS: a mark that does not fit there. */
static ptw_status open_hole(struct marking *m, const struct ptw_at *at, ptw_word w)
{
    struct ptw_table *t = m->t;
    const struct ptw_encoder *e = t->geo.encoder;
    const unsigned below = at->level - 1U;
    const uint64_t n = UINT64_C(1) << ptw_level_bits(e, below);
    const ptw_addr first = m->place - ptw_offset(e, at->level, m->place);
    ptw_word inside = e->empty(below);
    ptw_oa pa = 0;
    void *table;

    if (w != e->empty(at->level)) {
        const unsigned type = e->mark_type(w, at->level);

        if (type < PTW_MARK_USER || !ptw_mark_fits(e, e->mark_payload(w, at->level), below))
            return PTW_EXISTS;
        inside = e->mark(type, e->mark_payload(w, at->level), below);
    }
    table = ptw_table_new(t, m->g->reserve, below, &pa);
    if (table == NULL)
        return PTW_NOMEM;
    if (ptw_must_break(e, m->g, ptw_addr_of(&t->geo, first), ptw_span(e, at->level)))
        ptw_gather_pay(m->g); /* a leaf was here */
    for (uint64_t i = 0; i < n && inside != e->empty(below); i++)
        ptw_store(e, ptw_slot(e, table, i), inside);
    ptw_clean(t, e, table, n);
    if (!ptw_is_shared(m->flags)) {
        ptw_publish(e, ptw_at_slot(e, at), e->table(&t->geo, pa, at->level));
    } else if (!ptw_compare_exchange(e, ptw_at_slot(e, at), &w, e->table(&t->geo, pa, at->level))) {
        ptw_table_free(t, table, pa, below);
        return PTW_OK;
    }
    ptw_clean(t, e, ptw_at_slot(e, at), 1);
    ptw_owe_make(e, t, first, ptw_span(e, at->level), at->level, m->g);
    return PTW_OK;
}

/* A hole, empty or marked, at `at`. */
static ptw_status mark_hole(struct marking *m, const struct ptw_at *at, ptw_word w, unsigned covered)
{
    const struct ptw_table *t = m->t;
    const struct ptw_encoder *e = t->geo.encoder;
    const ptw_addr end = m->place | (ptw_span(e, at->level) - 1U);
    const bool marked = w != e->empty(at->level);
    const bool done = at->level <= m->highest && w == mark_word(m, at->level);

    if (marked && (m->flags & PTW_IF_EMPTY) != 0)
        return PTW_EXISTS;
    if (ptw_is_busy(e, t, w, at->level))
        return PTW_AGAIN;
    if (!done && at->level > covered)
        return open_hole(m, at, w);
    if (!done) {
        if (!ptw_replace(e, ptw_at_slot(e, at), &w, mark_word(m, at->level), ptw_is_shared(m->flags)))
            return PTW_OK;
        ptw_clean(t, e, ptw_at_slot(e, at), 1);
        m->changed = true;
    }
    pass(m, end < m->last ? end : m->last);
    return PTW_OK;
}

/* A leaf at `at`: its slots become marks at once, so that a call that stops has not taken what it did not mark. It is cut
 * if it sticks out, or stands too high for the mark. */
static ptw_status take_leaf(struct marking *m, const struct ptw_at *at, ptw_word w, unsigned covered)
{
    struct ptw_table *t = m->t;
    const struct ptw_encoder *e = t->geo.encoder;
    struct ptw_unit u;
    bool inside;

    if (e->leaf_orders(at->level) == 0)
        return PTW_FAULTED;
    ptw_unit_at(e, t, ptw_at_slot(e, at), w, at->level, m->place, &u);
    if (ptw_is_shared(m->flags) && ptw_unit_is_torn(e, t, &u, w))
        return PTW_AGAIN;
    if (m->type == 0) {
        pass(m, u.last < m->last ? u.last : m->last);
        return PTW_OK;
    }
    if ((m->flags & PTW_IF_EMPTY) != 0)
        return PTW_EXISTS;
    inside = ptw_unit_inside(&u, m->place, m->last);
    if (!inside && (m->flags & PTW_STRICT) != 0)
        return PTW_BISECT;
    if (!inside || at->level > covered)
        return ptw_cut_slot(t, ptw_at_slot(e, at), at->level, m->place, m->flags, m->g);
    if (ptw_is_shared(m->flags) && u.order != 0)
        return ptw_group_split(t, &u, m->g);
    for (uint64_t i = 0; i < u.n; i++) {
        if (!ptw_is_shared(m->flags))
            ptw_store(e, ptw_slot(e, u.slot, i), mark_word(m, at->level));
        else if (!ptw_compare_exchange(e, u.slot, &w, mark_word(m, at->level)))
            return PTW_OK; /* look again */
    }
    ptw_clean(t, e, u.slot, u.n);
    ptw_owe(m->g, t, u.first, u.last, at->level, PTW_OWED_TRANSLATION);
    m->changed = true;
    pass(m, u.last);
    return PTW_OK;
}

/* PTW_OK: m has advanced, or the table has come nearer to what is wanted. */
static ptw_status mark_piece(struct marking *m)
{
    const struct ptw_table *t = m->t;
    const struct ptw_encoder *e = t->geo.encoder;
    const unsigned covered = covered_level(m);
    struct ptw_at at;
    ptw_word w;

    ptw_descend(e, t, m->place, covered, &at);
    w = ptw_load(e, ptw_at_slot(e, &at));
    if (at.level == covered && covered != 0 && e->kind(&t->geo, w, covered) == PTW_TABLE) {
        ptw_descend(e, t, m->place, 0, &at);
        w = ptw_load(e, ptw_at_slot(e, &at));
    }
    switch (e->kind(&t->geo, w, at.level)) {
    case PTW_EMPTY:
    case PTW_MARKED:
        return mark_hole(m, &at, w, covered);
    case PTW_LEAF:
        return take_leaf(m, &at, w, covered);
    case PTW_TABLE:
    default:
        return ptw_is_new_table(e, t, m->place, w, at.level, m->flags) ? PTW_OK : PTW_FAULTED;
    }
}

struct ptw_result ptw_annotate(struct ptw_table *t, ptw_addr addr, uint64_t size, unsigned type, uint64_t payload,
                               uint64_t flags, struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;
    struct marking m = {.t = t, .g = g, .type = type, .payload = payload, .flags = flags, .more = true};
    struct ptw_span_of span;
    ptw_status status = ptw_range(t, addr, size, flags, &span);

    if (ptw_mark_bits(t) == 0)
        return ptw_done(PTW_UNSUPPORTED, addr);
    if (type >= PTW_MARK_TYPES || (type != 0 && type < PTW_MARK_USER) || !ptw_mark_fits(e, payload, 0) ||
        (type == 0 && payload != 0))
        return ptw_done(PTW_INVAL, addr);
    if (status == PTW_OK)
        status = ptw_is_shared(flags) && type != 0 && !t->marked ? PTW_UNSUPPORTED : ptw_mode_check(t, flags);
    if (status != PTW_OK)
        return ptw_done(status, addr);
    while (m.highest < t->geo.top && (type == 0 || ptw_mark_fits(e, payload, m.highest + 1U)))
        m.highest++;
    m.place = span.first;
    m.last = span.last;
    if (type != 0 && !ptw_is_shared(flags))
        t->marked = true;
    while (m.more && status == PTW_OK) {
        status = mark_piece(&m);
        if (ptw_spend(&g->budget, 1) && status == PTW_OK && m.more)
            status = PTW_YIELD;
    }
    if (status != PTW_OK)
        return ptw_done(status, ptw_addr_of(&t->geo, m.place));
    if (type == 0 && (flags & PTW_ALL) != 0 && !ptw_is_shared(flags))
        t->marked = false;
    return ptw_done(m.changed ? PTW_OK : PTW_SPURIOUS, addr);
}
