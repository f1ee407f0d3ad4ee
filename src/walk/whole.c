/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/whole.c - PTW_ALL_OR_NOTHING: what can go wrong is found, and the memory is there, before the first write.
 *
 *   map            look at everything in the way, cut the leaves at the ends, set the tables aside that the holes need
 *   unmap, protect cut the leaves at the ends: in between nothing fails
 *
 * Leaves that were cut stay so: no translation has changed. Among other threads a map cannot look first, but what it made
 * out of holes it can take back.
 */
#include "walk/descent.h"
#include "walk/map.h"
#include "walk/owe.h"

/* What a map will find. */
struct survey {
    const struct ptw_mapping *m;
    struct {
        uint64_t needed;                    /* tables */
        ptw_addr counted;                   /* the slot above whose table was counted last */
    } level[PTW_LEVELS_MAX];                /* not two arrays: compilers would call memset */
    bool first_sticks_out, last_sticks_out; /* leaves with other rights */
    uint64_t room;                          /* so many tables more may go to the gather */
};

/* Tables from `at` up to below `level` for [place, last], which comes behind what was counted before. */
static void count_tables(const struct ptw_table *t, struct survey *s, ptw_addr place, ptw_addr last, unsigned at,
                         unsigned level)
{
    for (unsigned below = at; below < level; below++) {
        const unsigned shift = ptw_level_shift(t->geo.encoder, below + 1U);

        s->level[below].needed +=
            (last >> shift) - (place >> shift) + (s->level[below].counted != place >> shift ? 1U : 0);
        s->level[below].counted = last >> shift;
    }
}

/* The hole at `level`, of which the map gets [place, last], needs tables down to where its leaves are. */
static void survey_hole(const struct ptw_table *t, struct survey *s, ptw_addr place, ptw_addr last, unsigned level)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const struct ptw_mapping *m = s->m;
    const unsigned max = m->max_level < level ? m->max_level : level;

    for (;;) {
        const uint64_t left = last - place + 1U;
        const ptw_oa oa = m->oa + (place - m->place);
        const unsigned at = ptw_leaf_level(e, place, oa, left, max);
        /* All that follows is of this level, or what is in the same table: larger leaves may begin behind it. */
        const bool stays =
            at >= max || e->leaf_orders(at + 1U) == 0 || ptw_offset(e, at + 1U, place) != ptw_offset(e, at + 1U, oa);
        const uint64_t table = stays ? left : ptw_span(e, at + 1U) - ptw_offset(e, at + 1U, place);
        const uint64_t whole = left & ~(ptw_span(e, at) - 1U);
        const uint64_t bytes = table < whole ? table : whole;

        count_tables(t, s, place, place + (bytes - 1U), at, level);
        if (bytes == left)
            return;
        place += bytes;
    }
}

/* As ptw_map_leaf() will treat it. */
static ptw_status survey_leaf(const struct ptw_table *t, struct survey *s, const struct ptw_entry *entry,
                              const struct ptw_span_of *inside)
{
    const struct ptw_mapping *m = s->m;
    const ptw_addr first = ptw_place_of(&t->geo, entry->addr), last = ptw_entry_last(t, entry);
    const ptw_attr differs = (t->geo.encoder->attr(&t->geo, entry->word, entry->level) ^ m->attr) & ~PTW_AD;

    if (t->geo.encoder->leaf_orders(entry->level) == 0)
        return PTW_FAULTED;
    if ((m->flags & PTW_IF_EMPTY) != 0 || (differs & ~ptw_changeable(t)) != 0 ||
        ptw_entry_oa(t, entry) + (inside->first - first) != m->oa + (inside->first - m->place))
        return PTW_EXISTS;
    if (differs != 0 && (first != inside->first || last != inside->last)) {
        if ((m->flags & PTW_STRICT) != 0)
            return PTW_BISECT;
        s->first_sticks_out = s->first_sticks_out || first != inside->first;
        s->last_sticks_out = s->last_sticks_out || last != inside->last;
    }
    return PTW_OK;
}

/* Will an empty table give way to a leaf? */
static bool gives_way(const struct ptw_table *t, const struct survey *s, const struct ptw_entry *entry,
                      const struct ptw_span_of *inside)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const struct ptw_mapping *m = s->m;
    const unsigned max = m->max_level < entry->level ? m->max_level : entry->level;
    void *child = ptw_child(t, e, entry->word, entry->level);

    return child != NULL &&
           ptw_leaf_level(e, inside->first, m->oa + (inside->first - m->place), inside->last - inside->first + 1U,
                          max) == entry->level &&
           ptw_table_is_empty(t, child, ptw_child_level(e, entry->word, entry->level));
}

/* Looks at everything in the range. On failure *next is what stands in the way. */
static ptw_status survey_range(struct ptw_table *t, struct survey *s, ptw_addr addr, ptw_addr *next)
{
    const struct ptw_span_of range = {s->m->place, s->m->place + (s->m->size - 1U)};
    struct ptw_cursor c;
    struct ptw_entry entry;
    ptw_status status = ptw_cursor_init(&c, t, addr, s->m->size, PTW_VISIT_HOLES);

    while (status == PTW_OK && (status = ptw_cursor_next(&c, &entry)) == PTW_OK) {
        const ptw_addr first = ptw_place_of(&t->geo, entry.addr), last = ptw_entry_last(t, &entry);
        const struct ptw_span_of inside = {first > range.first ? first : range.first,
                                           last < range.last ? last : range.last};

        *next = ptw_addr_of(&t->geo, inside.first);
        if (entry.kind == PTW_EMPTY)
            survey_hole(t, s, inside.first, inside.last, entry.level);
        else if (entry.kind == PTW_LEAF)
            status = survey_leaf(t, s, &entry, &inside);
        else if (entry.kind == PTW_MARKED)
            status = PTW_EXISTS;
        else if (gives_way(t, s, &entry, &inside)) {
            if (s->room == 0)
                return PTW_YIELD;
            s->room--;
            ptw_cursor_skip(&c);
        }
    }
    return status == PTW_NOENT ? PTW_OK : status;
}

static ptw_status cut_ends(struct ptw_table *t, ptw_addr addr, uint64_t size, bool first, bool last, uint64_t flags,
                           struct ptw_gather *g)
{
    ptw_status status = first ? ptw_cut(t, addr, flags, g).status : PTW_OK;

    if (last && (status == PTW_OK || status == PTW_SPURIOUS))
        status = ptw_cut(t, addr + size, flags, g).status;
    return status == PTW_SPURIOUS ? PTW_OK : status;
}

/* Maps what was looked at. The tables come from the caller's reserve if he has one, else from one that is made here. */
static struct ptw_result map_surveyed(struct ptw_table *t, struct survey *s, ptw_addr addr, struct ptw_gather *g)
{
    const struct ptw_mapping *m = s->m;
    const uint64_t budget = g->budget;
    struct ptw_reserve *const given = g->reserve, own;
    struct ptw_result r = {PTW_OK, addr};
    uint64_t needed[PTW_LEVELS_MAX];

    for (unsigned level = 0; level < PTW_LEVELS_MAX; level++)
        needed[level] = s->level[level].needed;
    ptw_reserve_init(&own, t);
    if (given == NULL)
        r.status = ptw_reserve_tables(&own, needed);
    for (unsigned level = 0; given != NULL && level < PTW_LEVELS_MAX; level++)
        if (given->count[level] < needed[level])
            r.status = PTW_NOMEM;
    if (r.status == PTW_OK) {
        g->budget = ~UINT64_C(0);
        g->reserve = given != NULL ? given : &own;
        r = t->ops->map(t, addr, m->oa, m->size, m->attr, m->flags, g);
        g->reserve = given;
        g->budget = budget;
    }
    ptw_reserve_release(&own);
    return r;
}

/* Among others: takes the leaves out that a map has made of holes. Nobody else is at work on them, but may be on a table
 * around. */
static void take_back(struct ptw_table *t, struct ptw_span_of span, struct ptw_gather *g)
{
    const struct ptw_encoder *e = t->geo.encoder;

    for (unsigned waits = 0; waits < PTW_WAITS_MAX; waits++) {
        struct ptw_at at;
        struct ptw_unit u;
        ptw_word w = ptw_find_entry(e, t, span.first, &at);
        ptw_addr end = span.first | (ptw_span(e, at.level) - 1U);

        if (ptw_is_busy(e, t, w, at.level)) {
            ptw_pause_while(e, ptw_at_slot(e, &at), w);
            continue;
        }
        if (e->kind(&t->geo, w, at.level) == PTW_LEAF) {
            ptw_unit_at(e, t, ptw_at_slot(e, &at), w, at.level, span.first, &u);
            if (!ptw_unit_take_shared(t, &u, w, g, &w))
                continue;
            ptw_clean(t, e, u.slot, u.n);
            ptw_owe(g, t, u.first, u.last, u.level, PTW_OWED_TRANSLATION);
            end = u.last;
        }
        if (end >= span.last)
            return;
        span.first = end + 1U;
        waits = 0;
    }
}

static struct ptw_result map_shared(struct ptw_table *t, const struct ptw_mapping *m, ptw_addr addr,
                                    struct ptw_gather *g)
{
    const uint64_t budget = g->budget;
    struct ptw_result r;

    if ((m->flags & PTW_IF_EMPTY) == 0)
        return ptw_done(PTW_UNSUPPORTED, addr);
    g->budget = ~UINT64_C(0);
    r = t->ops->map(t, addr, m->oa, m->size, m->attr, m->flags, g);
    g->budget = budget;
    if (r.status != PTW_OK && ptw_place_of(&t->geo, r.next) != m->place)
        take_back(t, (struct ptw_span_of){m->place, ptw_place_of(&t->geo, r.next) - 1U}, g);
    return r;
}

struct ptw_result ptw_map_whole(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size, ptw_attr attr,
                                uint64_t flags, struct ptw_gather *g)
{
    const unsigned wanted = ptw_flag_level(flags, t->geo.max_leaf);
    const struct ptw_mapping m = {.place = ptw_place_of(&t->geo, addr),
                                  .oa = oa,
                                  .size = size,
                                  .attr = attr,
                                  .flags = flags & ~PTW_ALL_OR_NOTHING,
                                  .max_level = wanted < t->geo.max_leaf ? wanted : t->geo.max_leaf};
    struct survey s;
    ptw_addr next = addr;
    ptw_status status = ptw_map_check(t, addr, oa, size, attr, flags);

    if (status == PTW_OK)
        status = (flags & PTW_REPLACE) != 0 ? PTW_UNSUPPORTED : ptw_mode_check(t, flags);
    if (status != PTW_OK)
        return ptw_done(status, addr);
    if (ptw_is_shared(flags))
        return map_shared(t, &m, addr, g);
    s.m = &m;
    s.first_sticks_out = s.last_sticks_out = false;
    s.room = t->shared ? PTW_GATHER_TABLES - g->retired : ~UINT64_C(0);
    for (unsigned level = 0; level < PTW_LEVELS_MAX; level++) {
        s.level[level].needed = 0;
        s.level[level].counted = ~UINT64_C(0);
    }
    status = survey_range(t, &s, addr, &next);
    if (status == PTW_YIELD && g->retired == 0)
        status = PTW_UNSUPPORTED;
    if (status == PTW_OK) {
        next = addr;
        status = cut_ends(t, addr, size, s.first_sticks_out, s.last_sticks_out, m.flags, g);
    }
    return status == PTW_OK ? map_surveyed(t, &s, addr, g) : ptw_done(status, next);
}

/* Does a leaf lie across `addr`, and would it lose or change something? */
static bool sticks_out(const struct ptw_table *t, ptw_addr addr, const struct ptw_change *c)
{
    struct ptw_leaf leaf;

    return ptw_range_exists(&t->geo, addr, 1) && ptw_translate(t, addr, &leaf) == PTW_OK && leaf.addr != addr &&
           (c == NULL || ptw_changed(t->geo.encoder, t, c, leaf.word, leaf.level) != leaf.word);
}

/* Cuts the leaves that stick out of the range and that the change changes (NULL: that are taken out). */
static ptw_status ends_first(struct ptw_table *t, ptw_addr addr, uint64_t size, const struct ptw_change *c,
                             uint64_t flags, struct ptw_gather *g)
{
    bool first, last;

    if ((flags & (PTW_ALL | PTW_WIDEN)) != 0)
        return PTW_OK;
    first = sticks_out(t, addr, c);
    last = sticks_out(t, addr + size, c);
    if ((first || last) && (flags & PTW_STRICT) != 0)
        return PTW_BISECT;
    return cut_ends(t, addr, size, first, last, flags, g);
}

struct ptw_result ptw_unmap_whole(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,
                                  struct ptw_sink *sink, struct ptw_gather *g)
{
    const ptw_status status = ptw_is_shared(flags) ? PTW_UNSUPPORTED : ends_first(t, addr, size, NULL, flags, g);
    const uint64_t budget = g->budget;
    struct ptw_result r = {status, addr};

    if (status != PTW_OK)
        return r;
    g->budget = ~UINT64_C(0);
    r = t->ops->unmap(t, addr, size, flags & ~PTW_ALL_OR_NOTHING, sink, g);
    g->budget = budget;
    return r;
}

struct ptw_result ptw_protect_whole(struct ptw_table *t, ptw_addr addr, uint64_t size, ptw_attr add, ptw_attr remove,
                                    uint64_t flags, struct ptw_gather *g)
{
    const struct ptw_change change = {.add = add, .remove = remove};
    const ptw_status status = ptw_is_shared(flags) ? PTW_UNSUPPORTED : ends_first(t, addr, size, &change, flags, g);
    const uint64_t budget = g->budget;
    struct ptw_result r = {status, addr};

    if (status != PTW_OK)
        return r;
    g->budget = ~UINT64_C(0);
    r = t->ops->protect(t, addr, size, add, remove, flags & ~PTW_ALL_OR_NOTHING, g);
    g->budget = budget;
    return r;
}
