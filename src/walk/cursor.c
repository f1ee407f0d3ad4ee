/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/cursor.c - walking all entries in order, without recursion: the cursor, and visit on top of it.
 *
 * The state is the next place, the level of the table it is looked up in, and the tables on the path down to there.
 * SLOT delivers an entry; DESCEND reads it once more, to go down if it is (or has become) a TABLE; POST delivers a
 * TABLE again on the way up. After a restart the path is walked anew, and what was delivered is passed in silence.
 */
#include "walk/descent.h"

enum { START, SLOT, DESCEND, POST, END };

ptw_status ptw_cursor_init(struct ptw_cursor *c, struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags)
{
    c->t = t; /* field by field: at some optimisation levels compilers make a memset of a whole one */
    c->generation = PTW_GET(&t->generation);
    c->held = NULL;
    c->held_first = 0;
    c->place = 0;
    c->last = t->geo.ia_mask;
    c->flags = flags;
    c->resumed = false;
    c->resume_post = false;
    c->state = START;
    c->order = 0;
    c->min_level = (unsigned)(flags >> 20U) & 0xfU;
    if ((flags & PTW_ALL) != 0)
        return PTW_OK;
    c->state = END;
    if (size == 0)
        return PTW_INVAL;
    if (!ptw_range_exists(&t->geo, addr, size))
        return PTW_RANGE;
    c->place = ptw_place_of(&t->geo, addr);
    c->last = c->place + (size - 1U);
    c->state = START;
    return PTW_OK;
}

static uint64_t index_at(const struct ptw_cursor *c, unsigned level)
{
    const struct ptw_encoder *e = c->t->geo.encoder;
    uint64_t index = c->place >> ptw_level_shift(e, level);

    return level == c->t->geo.top ? index : index & ptw_low_mask(ptw_level_bits(e, level));
}

/* What stands in the slot of c->place at c->level. */
static void read_entry(const struct ptw_cursor *c, struct ptw_entry *e, bool post)
{
    const struct ptw_encoder *enc = c->t->geo.encoder;

    e->level = c->level;
    e->order = 0;
    e->index = (unsigned)index_at(c, c->level);
    e->slot = ptw_slot(enc, c->path[c->level].table, e->index);
    e->table_pa = c->path[c->level].pa;
    e->limits = c->path[c->level].limits;
    e->addr = ptw_addr_of(&c->t->geo, c->place - ptw_offset(enc, c->level, c->place));
    e->word = ptw_load(enc, e->slot);
    e->kind = enc->kind(&c->t->geo, e->word, c->level);
    e->post = post;
    if (e->kind == PTW_LEAF && enc->leaf_orders(c->level) > 1) {
        struct ptw_unit u;
        ptw_unit_at(enc, c->t, e->slot, e->word, c->level, c->place, &u);
        e->order = u.order;
        e->index &= ~(unsigned)(u.n - 1U);
        e->slot = u.slot;
        e->addr = ptw_addr_of(&c->t->geo, u.first);
        e->word = ptw_unit_word(enc, c->t, &u, e->word);
    }
}

static void begin_at_root(struct ptw_cursor *c)
{
    c->level = c->t->geo.top;
    c->path[c->level].table = c->t->root;
    c->path[c->level].pa = c->t->root_pa;
    c->path[c->level].limits = PTW_RIGHTS;
    c->path[c->level].above = c->level;
    c->order = 0;
    c->state = SLOT;
}

/* Behind the entry at c->level: the next one of this table, or up. */
static void step(struct ptw_cursor *c)
{
    const struct ptw_encoder *e = c->t->geo.encoder;
    const ptw_addr end = c->place | ((ptw_span(e, c->level) << c->order) - 1U);
    const bool more = end < c->last;
    const bool in_root = c->path[c->level].above == c->level; /* it began there; ptw_grow_top may have put one above */
    const bool table_ends = (index_at(c, c->level) | ptw_low_mask(c->order)) + 1U == ptw_entries(c->t, e, c->level);

    c->order = 0;
    if (!in_root && (table_ends || !more)) {
        c->level = c->path[c->level].above;
        c->state = POST;
    } else if (more) {
        c->place = end + 1U;
        c->state = SLOT;
    } else {
        c->state = END;
    }
}

/* Goes down through the TABLE that was delivered last, if it still is one. PTW_FAULTED: it cannot be reached. */
static ptw_status descend(struct ptw_cursor *c, struct ptw_entry *e)
{
    const struct ptw_encoder *enc = c->t->geo.encoder;
    unsigned below;
    void *child;

    read_entry(c, e, false);
    if (e->kind != PTW_TABLE || c->level == 0) {
        step(c);
        return PTW_OK;
    }
    c->order = 0;
    below = ptw_child_level(enc, e->word, c->level);
    child = below < c->level ? ptw_child(c->t, enc, e->word, c->level) : NULL;
    if (child == NULL) {
        step(c);
        return PTW_FAULTED;
    }
    if (below < c->min_level || ptw_leaves_bits_out(enc, c->place, c->level, below)) {
        step(c); /* too low for this visit, or the range begins where the shorter way does not lead */
        return PTW_OK;
    }
    c->path[below].table = child;
    c->path[below].pa = enc->table_pa(&c->t->geo, e->word, c->level);
    c->path[below].limits = e->limits & enc->limits(&c->t->geo, e->word, c->level);
    c->path[below].above = c->level;
    c->level = below;
    c->state = SLOT;
    return PTW_OK;
}

/* Was the entry at (c->place, c->level) delivered before the last restart? */
static bool delivered(const struct ptw_cursor *c)
{
    return c->resumed && c->place == c->resume && c->level >= c->resume_level;
}

/* Moves on over empty slots of this table, but not over its last one: step() knows what follows that. */
static void pass_holes(struct ptw_cursor *c)
{
    const struct ptw_encoder *e = c->t->geo.encoder;
    const unsigned shift = ptw_level_shift(e, c->level);
    const ptw_addr first = c->place - ptw_offset(e, c->level, c->place);
    const uint64_t index = index_at(c, c->level);
    uint64_t n = ptw_entries(c->t, e, c->level) - index - 1U;
    uint64_t wanted = (c->last - first) >> shift;

    n = ptw_empty_slots(c->t, c->path[c->level].table, c->level, index, n < wanted ? n : wanted);
    if (n != 0)
        c->place = first + (n << shift);
}

/* The slot at hand: PTW_OK if it is to be delivered, PTW_NOENT if it is only passed. */
static ptw_status deliver(struct ptw_cursor *c, struct ptw_entry *e)
{
    bool wanted;

    if ((c->flags & PTW_VISIT_HOLES) == 0)
        pass_holes(c);
    read_entry(c, e, false);
    c->order = (uint8_t)e->order;
    wanted = !delivered(c);
    if (!wanted && c->resume_post && c->level == c->resume_level) {
        c->resume_post = false; /* all that is below it is done */
        c->state = POST;
        return PTW_NOENT;
    }
    if (e->kind == PTW_EMPTY || e->kind == PTW_MARKED)
        wanted = wanted && (c->flags & PTW_VISIT_HOLES) != 0;
    if (c->level > c->min_level && (wanted || e->kind == PTW_TABLE))
        c->state = DESCEND;
    else
        step(c);
    return wanted ? PTW_OK : PTW_NOENT;
}

static ptw_status deliver_post(struct ptw_cursor *c, struct ptw_entry *e)
{
    bool wanted = (c->flags & PTW_VISIT_POST) != 0;

    read_entry(c, e, true);
    step(c);
    return wanted && e->kind == PTW_TABLE ? PTW_OK : PTW_NOENT;
}

ptw_status ptw_cursor_next(struct ptw_cursor *c, struct ptw_entry *e)
{
    ptw_status status = PTW_NOENT;

    while (status == PTW_NOENT) {
        switch (c->state) {
        case START:
            begin_at_root(c);
            break;
        case SLOT:
            status = deliver(c, e);
            break;
        case DESCEND:
            if (descend(c, e) == PTW_FAULTED)
                status = PTW_FAULTED;
            break;
        case POST:
            status = deliver_post(c, e);
            break;
        case END:
        default:
            return PTW_NOENT;
        }
    }
    return status;
}

void ptw_cursor_skip(struct ptw_cursor *c)
{
    if (c->state == DESCEND)
        step(c);
}

void ptw_cursor_restart(struct ptw_cursor *c)
{
    if (c->state == START || c->state == END)
        return;
    c->resume_level = c->state == SLOT ? c->level + 1U : c->level;
    c->resume_post = c->state == POST;
    c->resume = c->place;
    c->resumed = true;
    c->state = START;
}

/* ------------------------------------------------------------------------------------------------- visit --- */

struct ptw_result ptw_visit(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags, struct ptw_visitor *v)
{
    struct ptw_cursor c;
    struct ptw_entry e;
    ptw_status status = ptw_cursor_init(&c, t, addr, size, flags);

    if (status != PTW_OK)
        return ptw_done(status, addr);
    e.addr = addr;
    while ((status = ptw_cursor_next(&c, &e)) == PTW_OK) {
        enum ptw_visit wish = v->entry(v, &e);

        if (wish == PTW_VISIT_STOP)
            return ptw_done(PTW_SPURIOUS, e.addr);
        if (wish == PTW_VISIT_SKIP)
            ptw_cursor_skip(&c);
        if (wish == PTW_VISIT_RESTART)
            ptw_cursor_restart(&c);
    }
    return ptw_done(status == PTW_NOENT ? PTW_OK : status, e.addr);
}
