/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * invariants.c - what must hold when no operation is under way: see invariants.h.
 *
 * The table is read by hand: index, load, kind, down. Nothing of src/walk/ is asked but for ptw_stats, which is what is checked.
 */
#include "invariants.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *invariants_violation(const struct invariants *v)
{
    return v->found ? v->message : NULL;
}

const char *invariants_say(struct invariants *v, unsigned number, const char *why)
{
    if (why == NULL || v->found)
        return invariants_violation(v);
    v->found = true;
    v->number = number;
    (void)snprintf(v->message, sizeof(v->message), "I%u: %s", number, why);
    return v->message;
}

/* ---------------------------------------------------------------------------------------------- the tree --- */

/* Where a walk by hand stands. */
struct spot {
    const unsigned char *slot;
    ptw_word w;
    ptw_addr place; /* the slot's */
    unsigned level;
    uint64_t index;
};

struct count {
    struct ptw_stats stats;
    bool gathered; /* in a table that waits to be freed: others may have left anything there but broken entries */
};

static const char *wrong(struct invariants *v, unsigned number, const struct spot *s, const char *why)
{
    char text[sizeof(v->message) - 8];
    const struct ptw_geometry *g = &v->t->geo;

    (void)snprintf(text, sizeof(text), "0x%" PRIx64 ", level %u, slot %" PRIu64 ", 0x%" PRIx64 ": %s",
                   (s->place ^ g->ia_sign) - g->ia_bias, s->level, s->index, s->w, why);
    return invariants_say(v, number, text);
}

static uint64_t entries_at(const struct invariants *v, unsigned level, bool root)
{
    const struct ptw_geometry *g = &v->t->geo;

    return PTW_BIT(root ? g->root_bits : ptw_level_bits(g->encoder, level));
}

/* The number of the block that begins at `pa`, or -1. */
static int64_t block_at(const struct invariants *v, ptw_oa pa)
{
    const struct ptw_sim_memory *m = v->memory;
    uint32_t owner;

    if (ptw_sim_memory_at(m, pa) == NULL)
        return -1;
    owner = m->owner[(pa - PTW_SIM_PA) / PTW_SIM_BLOCK_MIN];
    return m->block[owner - 1].offset == pa - PTW_SIM_PA ? (int64_t)owner - 1 : -1;
}

/* The slots of a group say the same but for A and D. */
static const char *check_group(struct invariants *v, const struct spot *s, unsigned order)
{
    const struct ptw_geometry *g = &v->t->geo;
    const struct ptw_encoder *e = g->encoder;
    const uint64_t at = s->index & ptw_low_mask(order);
    const unsigned char *first = s->slot - at * e->word_bytes;
    const ptw_attr attr = e->attr(g, s->w, s->level);

    if (at != 0) /* it was looked at with its first slot */
        first = s->slot - e->word_bytes;
    for (uint64_t i = 0; i >> (at != 0 ? 0 : order) == 0; i++) {
        const ptw_word w = hardware_load(v->t, first + i * e->word_bytes);

        if (e->kind(g, w, s->level) != PTW_LEAF || e->order(w, s->level) != order ||
            e->oa(g, w, s->level) != e->oa(g, s->w, s->level) || ((e->attr(g, w, s->level) ^ attr) & ~PTW_AD) != 0)
            return wrong(v, INVARIANT_LEGAL, s, "the slots of a group disagree");
    }
    return NULL;
}

static const char *check_leaf(struct invariants *v, const struct spot *s, struct count *c)
{
    const struct ptw_geometry *g = &v->t->geo;
    const struct ptw_encoder *e = g->encoder;
    const unsigned order = e->leaf_orders(s->level) > 1 ? e->order(s->w, s->level) : 0;

    if (e->leaf_orders(s->level) == 0)
        return wrong(v, INVARIANT_LEGAL, s, "no leaf can stand at this level");
    if (e->oa(g, s->w, s->level) > g->oa_last)
        return wrong(v, INVARIANT_LEGAL, s, "a leaf goes where no output address is");
    if ((s->index & ptw_low_mask(order)) == 0)
        c->stats.leaves[s->level]++;
    c->stats.groups[s->level] += order != 0 && (s->index & ptw_low_mask(order)) == 0;
    return order == 0 || c->gathered ? NULL : check_group(v, s, order);
}

static const char *check_mark(struct invariants *v, const struct spot *s, struct count *c)
{
    const unsigned type = v->t->geo.encoder->mark_type(s->w, s->level);

    c->stats.marks++;
    if (c->gathered || (type != PTW_MARK_LOCKED && type != PTW_MARK_DEAD))
        return NULL;
    return wrong(v, INVARIANT_OWNER, s, type == PTW_MARK_DEAD ? "left dead" : "left locked");
}

static const char *check_tree(struct invariants *v, const struct spot *above, ptw_oa pa, struct count *c);

static const char *check_entry(struct invariants *v, const struct spot *s, struct count *c)
{
    const struct ptw_geometry *g = &v->t->geo;
    const enum ptw_kind kind = g->encoder->kind(g, s->w, s->level);
    const char *illegal = kind == PTW_MARKED ? NULL : g->encoder->illegal(g, s->w, s->level);

    if (illegal != NULL)
        return wrong(v, INVARIANT_LEGAL, s, illegal);
    switch (kind) {
    case PTW_LEAF:
        return check_leaf(v, s, c);
    case PTW_MARKED:
        return check_mark(v, s, c);
    case PTW_TABLE:
        return s->level == 0 ? wrong(v, INVARIANT_FREE, s, "a table below the lowest level")
                             : check_tree(v, s, g->encoder->table_pa(g, s->w, s->level), c);
    case PTW_EMPTY:
    default:
        return NULL;
    }
}

/* The table at `pa` and all below it. Recursion ends with the levels. `above` is the entry that points to it. */
static const char *check_tree(struct invariants *v, const struct spot *above, ptw_oa pa, struct count *c)
{
    const struct ptw_encoder *e = v->t->geo.encoder;
    const bool root = above->slot == NULL;
    const unsigned level = root                     ? above->level
                           : e->table_level != NULL ? e->table_level(above->w, above->level)
                                                    : above->level - 1;
    const uint64_t n = entries_at(v, level, root && !c->gathered);
    const int64_t block = block_at(v, pa);
    const ptw_word empty = e->empty(level);
    const ptw_addr span = PTW_BIT(ptw_level_shift(e, level));
    struct spot s = {.level = level, .place = above->place};
    const char *why = NULL;

    if (block < 0)
        return wrong(v, INVARIANT_FREE, above, "it leads to memory that is no table");
    if (level != above->level - 1 && !root)
        return wrong(v, INVARIANT_CHILD, above, "it leaves a level out");
    if (v->memory->block[block].bytes < n * e->word_bytes ||
        (v->memory->block[block].bytes > n * e->word_bytes && !root))
        return wrong(v, INVARIANT_CHILD, above, "the table has another size than one at that level");
    if (v->seen[block] != 0)
        return wrong(v, INVARIANT_PARENT, above, "a second entry that points to this table");
    v->seen[block] = 1;
    c->stats.tables++;
    c->stats.table_bytes += v->memory->block[block].bytes;
    s.slot = v->memory->arena + (pa - PTW_SIM_PA);
    for (; s.index < n && why == NULL; s.index++, s.slot += e->word_bytes, s.place += span) {
        s.w = hardware_load(v->t, s.slot);
        if (s.w != empty)
            why = check_entry(v, &s, c);
    }
    return why;
}

/* Tables that operations have taken out, and those that are set aside, in the order that ptw/ptw.h says. */
static const char *check_waiting(struct invariants *v, struct count *c)
{
    const char *why = NULL;

    c->gathered = true;
    for (unsigned n = 0; n < v->gathers; n++)
        for (uint64_t i = 0; i < v->gather[n]->retired && why == NULL; i++)
            why = check_tree(
                v,
                &(struct spot){.level = (unsigned)v->gather[n]->table[i].level, .place = v->gather[n]->table[i].first},
                v->gather[n]->table[i].pa, c);
    for (unsigned level = 0; v->reserve != NULL && level < PTW_LEVELS_MAX; level++)
        c->stats.tables += v->reserve->count[level];
    return why;
}

static const char *check_counts(struct invariants *v, const struct count *c)
{
    struct ptw_table t = *v->t;
    struct ptw_stats stats;

    if (ptw_stats(&t, &stats) != PTW_OK || stats.tables != c->stats.tables ||
        stats.table_bytes != c->stats.table_bytes || stats.marks != c->stats.marks ||
        memcmp(stats.leaves, c->stats.leaves, sizeof(stats.leaves)) != 0 ||
        memcmp(stats.groups, c->stats.groups, sizeof(stats.groups)) != 0)
        return invariants_say(v, INVARIANT_COUNTS, "ptw_stats counts otherwise than by hand");
    return NULL;
}

const char *invariants_rest(struct invariants *v)
{
    struct count c = {0};
    char text[80];
    const char *why;

    if (v->seen_room < v->memory->blocks) {
        v->seen_room = v->memory->blocks_max;
        free(v->seen);
        v->seen = malloc((size_t)v->seen_room);
        if (v->seen == NULL)
            abort();
    }
    memset(v->seen, 0, v->memory->blocks);
    why = check_tree(v, &(struct spot){.level = v->t->geo.top}, v->t->root_pa, &c);
    if (why == NULL)
        why = check_counts(v, &c);
    if (why == NULL)
        why = check_waiting(v, &c);
    if (why != NULL || c.stats.tables + v->elsewhere == v->memory->outstanding)
        return why;
    (void)snprintf(text, sizeof(text), "%" PRIu64 " tables are linked or waiting, %" PRIu64 " are allocated",
                   c.stats.tables + v->elsewhere, v->memory->outstanding);
    return invariants_say(v, INVARIANT_TABLES, text);
}

/* -------------------------------------------------------------------------------------------- hardware --- */

/* The number of what simulated hardware complains of. */
static unsigned number_of(const char *why)
{
    static const struct {
        const char *word;
        unsigned number;
    } words[] = {{"two sizes", INVARIANT_SIZES},
                 {"break-before-make", INVARIANT_SIZES},
                 {"freed", INVARIANT_WALK},
                 {"walk cache", INVARIANT_WALK},
                 {"remembers a table", INVARIANT_WALK},
                 {"remembers another table", INVARIANT_WALK},
                 {"grants a right", INVARIANT_LOST_W},
                 {"still allows", INVARIANT_LOST_W}};

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strstr(why, words[i].word) != NULL)
            return words[i].number;
    return INVARIANT_TLB;
}

const char *invariants_cores(struct invariants *v, struct ptw_sim_cores *c)
{
    const char *why = ptw_sim_check(c);

    if (why == NULL && c->break_before_make)
        why = ptw_sim_check_sizes(c);
    return why == NULL ? invariants_violation(v) : invariants_say(v, number_of(why), why);
}

const char *invariants_hardware(struct invariants *v, struct hardware *h, bool owed)
{
    const char *why = hardware_check(h, v->t, owed);

    return why == NULL ? invariants_violation(v) : invariants_say(v, number_of(why), why);
}

/* ------------------------------------------------------------------------------------ what was written --- */

void invariants_wrote(struct invariants *v, uint64_t pages)
{
    v->written |= pages;
}

void invariants_copied(struct invariants *v, uint64_t pages)
{
    v->written &= ~pages;
}

static const char *missing(struct invariants *v, unsigned number, uint64_t pages, const char *what)
{
    char text[80];

    if (pages == 0)
        return invariants_violation(v);
    (void)snprintf(text, sizeof(text), "%s was lost, of pages 0x%" PRIx64, what, pages);
    return invariants_say(v, number, text);
}

const char *invariants_written(struct invariants *v, unsigned number, uint64_t dirty)
{
    return missing(v, number, v->written & ~dirty, "D");
}

const char *invariants_accessed(struct invariants *v, uint64_t young)
{
    return missing(v, INVARIANT_AGE, v->accessed & ~young, "A");
}

/* -------------------------------------------------------------------------------------------- progress --- */

const char *invariants_answer(struct invariants *v, ptw_addr first, ptw_addr last, struct ptw_result r,
                              const struct ptw_gather *g)
{
    char text[160];
    const bool full = g->retired != 0; /* the sync, which is up to the caller, gets on */

    if (r.status == PTW_OK || r.status == PTW_SPURIOUS)
        return invariants_violation(v);
    (void)snprintf(text, sizeof(text), "%s, and to go on at 0x%" PRIx64 ", of [0x%" PRIx64 ", 0x%" PRIx64 "]",
                   ptw_status_name(r.status), r.next, first, last);
    if (r.next < first || (r.next > last && last >= first))
        return invariants_say(v, INVARIANT_FAILED, text);
    if (r.status == PTW_YIELD && r.next == first && !full)
        return invariants_say(v, INVARIANT_GETS_ON, text);
    return invariants_violation(v);
}

const char *invariants_order(struct invariants *v, ptw_addr behind, ptw_addr place)
{
    char text[80];

    if (place == behind)
        return invariants_violation(v);
    (void)snprintf(text, sizeof(text), "place 0x%" PRIx64 " after everything up to 0x%" PRIx64, place, behind);
    return invariants_say(v, INVARIANT_ORDER, text);
}
