/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * invariants_moves.c - each change of an entry that others could see, in the step that makes it: see invariants.h.
 *
 *   EMPTY  -> leaf, table that is complete, mark           leaf   -> the same with other rights, A, D; EMPTY; mark; its parts
 *   mark   -> EMPTY, mark, table of such                   table  -> EMPTY; mark; the leaf that its leaves are
 *   any    -> LOCKED -> what the one before could become, by whoever has locked it
 *   any    -> DEAD, in a table whose entry is locked or gone -> what it was, by whoever has locked that entry
 */
#include "invariants.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum state { EMPTY, MARK, LEAF, TABLE, LOCKED, DEAD };

/* One change. */
struct move {
    struct invariants_table *in;
    const void *slot;
    uint64_t index;
    ptw_addr first, last; /* places that the slot covers */
    ptw_word old, now;    /* `old`: before it was locked, if it was */
    enum state from, to;
    bool unlocks, paid; /* it was locked; hardware has been made to forget it since */
    struct invariants_task *task;
};

/* ------------------------------------------------------------------------------------------------- words --- */

static const struct ptw_encoder *encoder(const struct invariants *v)
{
    return v->t->geo.encoder;
}

static ptw_word to_word(const struct invariants *v, uint64_t raw)
{
    const struct ptw_encoder *e = encoder(v);

    if (e->big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))
        return raw;
    return e->word_bytes == 8 ? __builtin_bswap64(raw) : __builtin_bswap32((uint32_t)raw);
}

static enum state state_of(const struct invariants *v, ptw_word w, unsigned level)
{
    const struct ptw_encoder *e = encoder(v);

    switch (e->kind(&v->t->geo, w, level)) {
    case PTW_TABLE:
        return TABLE;
    case PTW_LEAF:
        return LEAF;
    case PTW_MARKED:
        return e->mark_type(w, level) == PTW_MARK_LOCKED ? LOCKED
               : e->mark_type(w, level) == PTW_MARK_DEAD ? DEAD
                                                         : MARK;
    case PTW_EMPTY:
    default:
        return EMPTY;
    }
}

static unsigned order_of(const struct invariants *v, ptw_word w, unsigned level)
{
    return encoder(v)->leaf_orders(level) > 1 ? encoder(v)->order(w, level) : 0;
}

static ptw_attr attr_of(const struct invariants *v, ptw_word w, unsigned level)
{
    return encoder(v)->attr(&v->t->geo, w, level);
}

/* Where the first byte of the slot over `place` goes. */
static ptw_oa oa_of(const struct invariants *v, ptw_word w, unsigned level, ptw_addr place)
{
    const uint64_t slots = ptw_low_mask(order_of(v, w, level)) << ptw_level_shift(encoder(v), level);

    return encoder(v)->oa(&v->t->geo, w, level) + (place & slots);
}

static unsigned child_level(const struct invariants *v, ptw_word w, unsigned level)
{
    return encoder(v)->table_level == NULL ? level - 1 : encoder(v)->table_level(w, level);
}

static void broken(struct invariants *v, unsigned number, const struct move *m, const char *why)
{
    char text[sizeof(v->message) - 8];

    (void)snprintf(text, sizeof(text),
                   "place 0x%" PRIx64 ", level %u, slot %" PRIu64 ", 0x%" PRIx64 " -> 0x%" PRIx64 ": %s", m->first,
                   m->in->level, m->index, m->old, m->now, why);
    (void)ptw_sim_fail(invariants_say(v, number, text));
}

/* ------------------------------------------------------------------------------------------------ tables --- */

static struct invariants_table *table_at(const struct invariants *v, ptw_oa pa)
{
    const struct ptw_sim_memory *m = v->memory;
    const uint32_t owner = ptw_sim_memory_at(m, pa) == NULL ? 0 : m->owner[(pa - PTW_SIM_PA) / PTW_SIM_BLOCK_MIN];

    return owner == 0 || owner > v->tables ? NULL : &v->table[owner - 1];
}

/* The table that the slot is in; NULL: none that anybody could see. */
static struct invariants_table *table_of(const struct invariants *v, const void *slot)
{
    const uint64_t offset = (uint64_t)((const unsigned char *)slot - v->memory->arena);
    const uint32_t owner = offset < v->memory->used ? v->memory->owner[offset / PTW_SIM_BLOCK_MIN] : 0;

    return owner == 0 || owner > v->tables || !v->table[owner - 1].known ? NULL : &v->table[owner - 1];
}

static const unsigned char *first_slot(const struct invariants *v, const struct invariants_table *in)
{
    return v->memory->arena + v->memory->block[in - v->table].offset;
}

static ptw_oa pa_of(const struct invariants *v, const struct invariants_table *in)
{
    return PTW_SIM_PA + v->memory->block[in - v->table].offset;
}

static uint64_t index_of(const struct invariants *v, const struct invariants_table *in, const void *slot)
{
    return (uint64_t)((const unsigned char *)slot - first_slot(v, in)) / encoder(v)->word_bytes;
}

/* Does the entry above still point to the table, or is it locked by somebody who has not decided yet? *locked is that word. */
static bool is_above(const struct invariants *v, const struct invariants_table *in, ptw_word *locked)
{
    const struct invariants_table *above = in->above == NULL ? NULL : table_of(v, in->above);
    ptw_word w;

    *locked = 0;
    if (above == NULL)
        return in->above == NULL;
    w = hardware_load(v->t, in->above);
    if (state_of(v, w, above->level) == LOCKED) {
        *locked = w;
        w = above->was[index_of(v, above, in->above)];
    }
    return state_of(v, w, above->level) == TABLE && encoder(v)->table_pa(&v->t->geo, w, above->level) == pa_of(v, in);
}

static bool is_linked(const struct invariants *v, const struct invariants_table *in)
{
    ptw_word locked;

    while (in != NULL && is_above(v, in, &locked)) {
        if (in->above == NULL)
            return true;
        in = table_of(v, in->above);
    }
    return false;
}

static struct invariants_table *know(struct invariants *v, ptw_oa pa, unsigned level, ptw_addr first, const void *above)
{
    struct invariants_table *in;
    const uint64_t bits = above == NULL ? v->t->geo.root_bits : ptw_level_bits(encoder(v), level);

    v->tables = v->memory->blocks;
    v->most = v->tables > v->most ? v->tables : v->most;
    in = table_at(v, pa);
    if (in == NULL)
        return NULL;
    in->known = true;
    in->level = level;
    in->first = first;
    in->above = above;
    in->entries = PTW_BIT(bits);
    if (in->room < in->entries) {
        in->room = in->entries;
        in->was = realloc(in->was, (size_t)in->room * sizeof(*in->was));
        if (in->was == NULL)
            abort();
    }
    return in;
}

/* ------------------------------------------------------------------------------- an entry that can be seen --- */

static void link_table(struct invariants *v, const struct move *m);

/* Does the leaf go where pages go, or may go? */
static bool is_sent(const struct invariants *v, const struct move *m)
{
    const ptw_oa offset = oa_of(v, m->now, m->in->level, m->first) - m->first;
    bool moved = false;

    for (unsigned i = 0; i < PTW_SIM_TASKS; i++)
        moved = moved || v->task[i].moves;
    return offset == v->out || (moved && offset == v->moved);
}

/* An entry that has come by itself, or with its table. */
static void check_new(struct invariants *v, const struct move *m)
{
    const struct ptw_geometry *g = &v->t->geo;
    const unsigned level = m->in->level;
    const char *illegal = m->to == LEAF || m->to == TABLE ? encoder(v)->illegal(g, m->now, level) : NULL;

    if (m->to == LOCKED || m->to == DEAD)
        broken(v, INVARIANT_OWNER, m, "a table comes with a slot that is locked or dead");
    if (illegal != NULL)
        broken(v, INVARIANT_LEGAL, m, illegal);
    if (m->to == LEAF && encoder(v)->leaf_orders(level) == 0)
        broken(v, INVARIANT_LEGAL, m, "no leaf can stand at this level");
    if (m->to == LEAF && v->linear && !is_sent(v, m))
        broken(v, INVARIANT_READER, m, "a leaf goes where nobody has sent it");
    if (m->to == TABLE)
        link_table(v, m);
}

static void fill_move(const struct invariants *v, struct invariants_table *in, uint64_t index, struct move *m)
{
    m->in = in;
    m->index = index;
    m->slot = first_slot(v, in) + index * encoder(v)->word_bytes;
    m->first = in->first + (index << ptw_level_shift(encoder(v), in->level));
    m->last = m->first + ptw_low_mask(ptw_level_shift(encoder(v), in->level));
}

static void check_rights(struct invariants *v, const struct move *m, ptw_attr before)
{
    const ptw_attr added = attr_of(v, m->now, m->in->level) & PTW_RIGHTS & ~before;

    if ((added & ~m->task->adds) != 0)
        broken(v, INVARIANT_RIGHTS, m, "a right that nobody was asked to add");
    if (added != 0 && m->task->relaxes && (before & m->task->ceiling) != m->task->ceiling)
        broken(v, INVARIANT_CEILING, m, "a right that the owner has not allowed");
}

/* All entries of a table that has just been linked, in the place of `m`, if there is one. Recursion ends with the levels. */
static void check_table(struct invariants *v, struct invariants_table *in, const struct move *above)
{
    const ptw_word empty = encoder(v)->empty(in->level);
    const unsigned char *slot = first_slot(v, in);
    struct move m = {.task = above != NULL ? above->task : &v->task[PTW_SIM_TASKS],
                     .from = above != NULL ? above->from : EMPTY,
                     .old = empty};

    for (uint64_t i = 0; i < in->entries; i++, slot += encoder(v)->word_bytes) {
        m.now = hardware_load(v->t, slot);
        if (m.now == empty && m.from != MARK)
            continue;
        fill_move(v, in, i, &m);
        m.to = state_of(v, m.now, in->level);
        if (m.to != EMPTY)
            check_new(v, &m);
        if (m.to == LEAF && m.from == EMPTY)
            check_rights(v, &m, 0);
        if (m.from == MARK && (m.to != MARK || encoder(v)->mark_type(m.now, in->level) !=
                                                   encoder(v)->mark_type(above->old, above->in->level)))
            broken(v, INVARIANT_SHAPE, &m, "a table takes the place of a mark that it does not have");
    }
}

/* A TABLE entry has come. */
static void link_table(struct invariants *v, const struct move *m)
{
    const ptw_oa pa = encoder(v)->table_pa(&v->t->geo, m->now, m->in->level);
    const unsigned level = child_level(v, m->now, m->in->level);
    struct invariants_table *in = table_at(v, pa);

    if (in != NULL && in->known) {
        broken(v, INVARIANT_PARENT, m, "a table that was linked before");
        return;
    }
    if (level + 1 != m->in->level) {
        broken(v, INVARIANT_CHILD, m, "a level is left out");
        return;
    }
    in = know(v, pa, level, m->first, m->slot);
    if (in == NULL) {
        broken(v, INVARIANT_FREE, m, "it leads to memory that is no table");
        return;
    }
    if (v->memory->block[in - v->table].bytes != in->entries * encoder(v)->word_bytes)
        broken(v, INVARIANT_CHILD, m, "the table has another size than one at that level");
    check_table(v, in, m);
}

/* ------------------------------------------------------------------------------------ locked and dead --- */

static ptw_word locked_word(const struct invariants *v, const struct invariants_task *task, unsigned level)
{
    const struct ptw_encoder *e = encoder(v);

    return e->mark(PTW_MARK_LOCKED, task->owner & ptw_low_mask(e->payload_bits(level)), level);
}

static void lock(struct invariants *v, struct move *m)
{
    struct invariants_task *task = m->task;

    if (m->now != locked_word(v, task, m->in->level))
        broken(v, INVARIANT_OWNER, m, "locked for somebody else");
    if (task->locks == INVARIANTS_LOCKS) {
        broken(v, INVARIANT_OWNER, m, "one task has too many entries locked");
        return;
    }
    task->lock[task->locks].slot = m->slot;
    task->lock[task->locks++].paid = false;
    m->in->was[m->index] = m->old;
}

/* The entry was locked: by this task? Then the move is one from what it was before. */
static bool unlock(struct invariants *v, struct move *m)
{
    struct invariants_task *task = m->task;

    for (unsigned i = 0; i < task->locks; i++)
        if (task->lock[i].slot == m->slot) {
            m->unlocks = true;
            m->paid = task->lock[i].paid;
            task->lock[i] = task->lock[--task->locks];
            m->old = m->in->was[m->index];
            m->from = state_of(v, m->old, m->in->level);
            return true;
        }
    broken(v, INVARIANT_OWNER, m, "somebody else has locked it");
    return false;
}

/* A slot dies, or comes back: the entry above is locked by this task; or (it dies) nothing leads to the table any more. */
static void check_dead(struct invariants *v, const struct move *m)
{
    ptw_word locked;
    const bool linked = is_above(v, m->in, &locked);
    const bool mine = linked && locked != 0 && locked == locked_word(v, m->task, table_of(v, m->in->above)->level);

    if (m->to == DEAD && linked && !mine)
        broken(v, INVARIANT_DEAD, m, "a slot dies in a table whose entry is not locked");
    if (m->to == DEAD)
        m->in->was[m->index] = m->old;
    else if (!mine)
        broken(v, INVARIANT_DEAD, m, "a dead slot comes back in a table whose entry is not locked");
    else if (m->now != m->in->was[m->index])
        broken(v, INVARIANT_DEAD, m, "a dead slot comes back as something else");
}

/* --------------------------------------------------------------------------------------- legal moves --- */

/* Do the leaf `w`, over `place`, and a part or a whole of it say the same? */
static bool same_leaf(const struct invariants *v, ptw_word a, unsigned a_level, ptw_word b, unsigned b_level,
                      ptw_addr place)
{
    const ptw_addr inside = place & ptw_low_mask(ptw_level_shift(encoder(v), a_level));

    return oa_of(v, a, a_level, place - inside) + inside == oa_of(v, b, b_level, place) &&
           ((attr_of(v, a, a_level) ^ attr_of(v, b, b_level)) & ~PTW_AD) == 0;
}

/* A leaf became a table, or a table a leaf: every slot below is a part of it, and D of the parts is in the leaf or the other way
 * round (A may be lost in a race). Among others the slots are dead by then. */
static void check_parts(struct invariants *v, const struct move *m, ptw_word leaf, ptw_word table, bool merged)
{
    const unsigned level = m->in->level, below = level - 1;
    struct invariants_table *in = table_at(v, encoder(v)->table_pa(&v->t->geo, table, level));
    ptw_attr any = 0, all = PTW_D;

    if (in == NULL || !in->known)
        return;
    for (uint64_t i = 0; i < in->entries; i++) {
        const ptw_addr place = m->first + (i << ptw_level_shift(encoder(v), below));
        ptw_word w = hardware_load(v->t, first_slot(v, in) + i * encoder(v)->word_bytes);

        if (state_of(v, w, below) == DEAD)
            w = in->was[i];
        if (state_of(v, w, below) != LEAF || !same_leaf(v, leaf, level, w, below, place)) {
            broken(v, INVARIANT_SHAPE, m, "not the same translation");
            return;
        }
        any |= attr_of(v, w, below) & PTW_D;
        all &= attr_of(v, w, below);
    }
    if (merged ? (any & ~attr_of(v, leaf, level)) != 0 : (attr_of(v, leaf, level) & PTW_D & ~all) != 0)
        broken(v, INVARIANT_DIRTY, m, "D is lost on the way");
}

/* Where the format breaks before it makes: it was locked or, among nobody, empty, and forgotten. */
static void check_break(struct invariants *v, const struct move *m, bool group)
{
    if ((group ? ptw_breaks_groups(&v->t->geo) : ptw_breaks_sizes(&v->t->geo)) && !(m->unlocks && m->paid))
        broken(v, INVARIANT_SIZES, m, "the size changes before hardware has forgotten the old one");
}

/* The slots of a group change together: who has the first one locked may change them. A and D anybody may, and relax adds. */
static void check_group(struct invariants *v, const struct move *m)
{
    const unsigned level = m->in->level;
    const uint64_t at = m->index & ptw_low_mask(order_of(v, m->old, level));
    const unsigned char *first = (const unsigned char *)m->slot - at * encoder(v)->word_bytes;
    const ptw_attr changed = m->to == LEAF ? attr_of(v, m->old, level) ^ attr_of(v, m->now, level) : ~(ptw_attr)0;
    const bool same = m->to == LEAF && order_of(v, m->now, level) == order_of(v, m->old, level) &&
                      (changed & (m->task->relaxes ? ~(PTW_AD | m->task->adds) : ~PTW_AD)) == 0;

    if (m->task == &v->task[PTW_SIM_TASKS] || m->task->over) /* a sync, after the grace period */
        return;
    if (same || m->unlocks || hardware_load(v->t, first) == locked_word(v, m->task, level))
        return;
    broken(v, INVARIANT_OWNER, m, "a slot of a group changes whose first slot is not locked");
}

static void leaf_to_leaf(struct invariants *v, const struct move *m)
{
    const unsigned level = m->in->level;
    const bool resizes = order_of(v, m->old, level) != order_of(v, m->now, level);
    const ptw_attr changed = attr_of(v, m->old, level) ^ attr_of(v, m->now, level);

    if (oa_of(v, m->old, level, m->first) != oa_of(v, m->now, level, m->first) &&
        !(m->task->moves && m->unlocks && m->paid))
        broken(v, INVARIANT_MOVE, m, "a leaf becomes one that goes elsewhere");
    if ((changed & ~(PTW_RIGHTS | PTW_AD | PTW_SOFT_MASK)) != 0)
        broken(v, INVARIANT_MOVE, m, "a leaf becomes one of another memory type");
    if (resizes)
        check_break(v, m, true);
    if (resizes && (changed & ~PTW_AD) != 0)
        broken(v, INVARIANT_SHAPE, m, "not the same translation");
    check_rights(v, m, attr_of(v, m->old, level));
}

static void from_leaf(struct invariants *v, struct move *m)
{
    if (v->t->shared && order_of(v, m->old, m->in->level) != 0)
        check_group(v, m);
    if (m->to == LEAF)
        leaf_to_leaf(v, m);
    if (m->to != TABLE)
        return;
    check_break(v, m, false);
    check_parts(v, m, m->old, m->now, false);
}

static void from_table(struct invariants *v, const struct move *m)
{
    if (m->to == TABLE) {
        if (!m->unlocks || m->now != m->old)
            broken(v, INVARIANT_MOVE, m, "a table becomes another table");
        return;
    }
    if (m->unlocks && !m->paid)
        broken(v, INVARIANT_OWNER, m, "unlocked before hardware has forgotten the table");
    if (m->to == LEAF) {
        check_break(v, m, false);
        check_parts(v, m, m->now, m->old, true);
    }
}

static void from_mark(struct invariants *v, const struct move *m)
{
    if (m->to == LEAF)
        broken(v, INVARIANT_MOVE, m, "a mark becomes a leaf");
}

static void from_empty(struct invariants *v, const struct move *m)
{
    if (m->to != LEAF)
        return;
    check_rights(v, m, 0);
    if (v->t->shared && order_of(v, m->now, m->in->level) != 0)
        broken(v, INVARIANT_MOVE, m, "a group is made where others look");
}

/* Does the task work on this page at all? A leaf counts as a whole. */
static void check_range(struct invariants *v, const struct move *m)
{
    const unsigned order = m->from == LEAF ? order_of(v, m->old, m->in->level) : 0;
    const ptw_addr mask = ptw_low_mask(ptw_level_shift(encoder(v), m->in->level) + order);

    if ((m->first & ~mask) > m->task->last || (m->last | mask) < m->task->first)
        broken(v, INVARIANT_RANGE, m, "outside of what the operation is on");
    if (m->to == EMPTY && m->from == LEAF && (m->first < m->task->first || m->last > m->task->last))
        broken(v, INVARIANT_RANGE, m, "a leaf is taken out that sticks out of the operation's range");
}

static void check_move(struct invariants *v, struct move *m)
{
    if (m->from == LOCKED && !unlock(v, m))
        return;
    if (m->from == DEAD || m->to == DEAD) {
        check_dead(v, m);
        return;
    }
    if (m->to == LOCKED) {
        if (v->t->shared && m->from == LEAF && order_of(v, m->old, m->in->level) != 0 &&
            (m->index & ptw_low_mask(order_of(v, m->old, m->in->level))) != 0)
            check_group(v, m);
        lock(v, m);
        return;
    }
    check_range(v, m);
    if (m->from != TABLE || m->to != TABLE)
        check_new(v, m);
    if (m->from == LEAF)
        from_leaf(v, m);
    else if (m->from == TABLE)
        from_table(v, m);
    else if (m->from == MARK)
        from_mark(v, m);
    else
        from_empty(v, m);
}

void invariants_stored(void *ctx, const void *slot, size_t bytes, uint64_t old, uint64_t now)
{
    struct invariants *v = ctx;
    struct invariants_table *in = table_of(v, slot);

    if (in == NULL || old == now || v->found)
        return;
    struct move m = {.task = &v->task[ptw_sim_task_number()]};
    fill_move(v, in, index_of(v, in, slot), &m);
    m.old = to_word(v, old);
    m.now = to_word(v, now);
    if (bytes != encoder(v)->word_bytes)
        broken(v, INVARIANT_MOVE, &m, "a store of another width than an entry's");
    m.from = state_of(v, m.old, in->level);
    m.to = state_of(v, m.now, in->level);
    check_move(v, &m);
}

/* ------------------------------------------------------------------------------------- what tasks do else --- */

void invariants_paid(struct invariants *v, const struct ptw_inval *inval)
{
    struct invariants_task *task = &v->task[ptw_sim_task_number()];

    for (unsigned i = 0; i < task->locks; i++) {
        struct invariants_table *in = table_of(v, task->lock[i].slot);
        struct move m = {.task = task};

        if (in == NULL)
            continue;
        fill_move(v, in, index_of(v, in, task->lock[i].slot), &m);
        const bool table = state_of(v, in->was[m.index], in->level) == TABLE;

        task->lock[i].paid =
            task->lock[i].paid ||
            ((inval->first & v->t->geo.ia_mask) <= m.first && (inval->last & v->t->geo.ia_mask) >= m.last &&
             (inval->reasons & (table ? PTW_OWED_STRUCT : PTW_OWED_TRANSLATION | PTW_OWED_STRUCT)) != 0 &&
             (inval->levels >> in->level & 1U) != 0);
    }
}

static void expect_no_lock(struct invariants *v, unsigned number, const char *why)
{
    if (v->task[ptw_sim_task_number()].locks != 0 && !v->found)
        (void)ptw_sim_fail(invariants_say(v, number, why));
}

void invariants_waits(struct invariants *v)
{
    expect_no_lock(v, INVARIANT_WORK, "somebody waits who has locked an entry");
}

void invariants_over(struct invariants *v)
{
    expect_no_lock(v, INVARIANT_OWNER, "an operation is over that has left an entry locked");
    v->task[ptw_sim_task_number()].over = true;
}

static void allocating(void *ctx)
{
    expect_no_lock(ctx, INVARIANT_WORK, "somebody takes memory who has locked an entry");
}

static void freeing(void *ctx, ptw_oa pa, size_t bytes)
{
    struct invariants *v = ctx;
    struct invariants_table *in = table_at(v, pa);

    (void)bytes;
    expect_no_lock(v, INVARIANT_WORK, "somebody gives memory back who has locked an entry");
    if (in == NULL || !in->known)
        return;
    if (v->t != NULL && is_linked(v, in) && !v->found)
        (void)ptw_sim_fail(invariants_say(v, INVARIANT_FREE, "a table is freed that is linked"));
    in->known = false;
}

/* --------------------------------------------------------------------------------------- begin and end --- */

static void watch(struct invariants *v, struct ptw_sim_memory *memory)
{
    const uint64_t rooms = memory->arena_bytes / PTW_SIM_BLOCK_MIN;

    if (v->table == NULL)
        v->table = calloc((size_t)rooms, sizeof(*v->table)); /* nothing that is not touched takes memory */
    if (v->table == NULL)
        abort();
    v->rooms = rooms;
    memory->allocating = allocating;
    memory->freeing = freeing;
    memory->observer = v;
}

void invariants_init(struct invariants *v, struct ptw_sim_memory *memory, bool watches)
{
    invariants_end(v);
    v->t = NULL;
    v->memory = memory;
    v->gathers = 0;
    v->reserve = NULL;
    v->elsewhere = 0;
    v->linear = false;
    v->written = v->accessed = 0;
    v->tables = 0;
    v->found = false;
    for (unsigned i = 0; i <= PTW_SIM_TASKS; i++)
        v->task[i] = (struct invariants_task){.last = ~(ptw_addr)0, .adds = PTW_RIGHTS};
    if (watches)
        watch(v, memory);
}

void invariants_fini(struct invariants *v)
{
    for (uint64_t i = 0; i < v->most; i++)
        free(v->table[i].was);
    free(v->table);
    free(v->seen);
    memset(v, 0, sizeof(*v));
}

void invariants_begin(struct invariants *v, const struct ptw_table *t)
{
    struct invariants_table *root;

    invariants_end(v);
    v->t = t;
    for (unsigned i = 0; i <= PTW_SIM_TASKS; i++)
        v->task[i].over = false;
    if (v->rooms == 0)
        return;
    root = know(v, t->root_pa, t->geo.top, 0, NULL);
    if (root != NULL)
        check_table(v, root, NULL);
}

void invariants_end(struct invariants *v)
{
    for (uint64_t i = 0; i < v->tables; i++)
        v->table[i].known = false;
}
