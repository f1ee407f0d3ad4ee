/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/audit.c - counting and checking a whole table: stats and verify.
 *
 * No table linked twice, without memory of one's own: `scratch` holds the n lowest table addresses above a floor, as a
 * heap with the highest on top; sorted, equal neighbours are the finding. The next pass goes on above the highest.
 */
#include "walk/descent.h"

/* The bytes of the table that a TABLE entry points to. A broken entry points one level down, as far as that goes. */
static size_t child_bytes(const struct ptw_table *t, const struct ptw_entry *e)
{
    const unsigned below = ptw_child_level(t->geo.encoder, e->word, e->level);

    return ptw_table_bytes(t, below < e->level ? below : e->level - 1U);
}

ptw_status ptw_stats(struct ptw_table *t, struct ptw_stats *stats)
{
    struct ptw_cursor c;
    struct ptw_entry e;
    ptw_status status, worst = PTW_OK;

    for (unsigned level = 0; level < PTW_LEVELS_MAX; level++)
        stats->leaves[level] = stats->groups[level] = 0;
    stats->marks = 0;
    stats->tables = 1;
    stats->table_bytes = ptw_table_bytes(t, t->geo.top);
    (void)ptw_cursor_init(&c, t, 0, 0, PTW_ALL | PTW_VISIT_HOLES);
    while ((status = ptw_cursor_next(&c, &e)) != PTW_NOENT) {
        if (status == PTW_FAULTED) { /* the table that was counted just before */
            worst = PTW_FAULTED;
            stats->tables--;
            stats->table_bytes -= child_bytes(t, &e);
            continue;
        }
        if (e.kind == PTW_LEAF) {
            stats->leaves[e.level]++;
            stats->groups[e.level] += e.order != 0;
        } else if (e.kind == PTW_MARKED)
            stats->marks++;
        else if (e.kind == PTW_TABLE) {
            stats->tables++;
            stats->table_bytes += child_bytes(t, &e);
        }
    }
    return worst;
}

/* ------------------------------------------------------------------------------------------------- verify --- */

/* The n lowest addresses seen so far that are above the floor. */
struct lowest {
    ptw_oa *heap;
    size_t room, used;
    ptw_oa floor;
    bool above_floor_only;
};

static void swap(ptw_oa *a, ptw_oa *b)
{
    ptw_oa kept = *a;

    *a = *b;
    *b = kept;
}

static void sift_down(ptw_oa *heap, size_t used, size_t i)
{
    for (;;) {
        size_t child = 2 * i + 1;

        if (child >= used)
            return;
        if (child + 1 < used && heap[child + 1] > heap[child])
            child++;
        if (heap[i] >= heap[child])
            return;
        swap(&heap[i], &heap[child]);
        i = child;
    }
}

static void note(struct lowest *l, ptw_oa pa)
{
    if (l->above_floor_only && pa <= l->floor)
        return;
    if (l->used == l->room) {
        if (pa >= l->heap[0])
            return;
        l->heap[0] = pa;
        sift_down(l->heap, l->used, 0);
        return;
    }
    l->heap[l->used] = pa;
    for (size_t i = l->used++; i != 0 && l->heap[i] > l->heap[(i - 1) / 2]; i = (i - 1) / 2)
        swap(&l->heap[i], &l->heap[(i - 1) / 2]);
}

/* Sorts what was noted and finds an address that is there twice. */
static bool twice(struct lowest *l, ptw_oa *pa)
{
    for (size_t n = l->used; n > 1; n--) {
        swap(&l->heap[0], &l->heap[n - 1]);
        sift_down(l->heap, n - 1, 0);
    }
    for (size_t i = 1; i < l->used; i++) {
        if (l->heap[i] == l->heap[i - 1]) {
            *pa = l->heap[i];
            return true;
        }
    }
    return false;
}

/* Those that contradict each other were not delivered as one. */
bool ptw_is_one_leaf(const struct ptw_table *t, const struct ptw_entry *e)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    const ptw_attr attr = enc->attr(&t->geo, e->word, e->level);

    if (e->order != enc->order(e->word, e->level))
        return false;
    for (uint64_t i = 0; i >> e->order == 0; i++) {
        ptw_word w = ptw_load(enc, ptw_slot(enc, e->slot, i));

        if (((enc->attr(&t->geo, w, e->level) ^ attr) & ~PTW_AD) != 0 || enc->illegal(&t->geo, w, e->level) != NULL)
            return false;
    }
    return true;
}

/* NULL, or what is wrong with one entry by itself. */
static const char *check_entry(const struct ptw_table *t, const struct ptw_entry *e)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    const char *why;
    ptw_oa pa;

    if (e->kind == PTW_EMPTY)
        return NULL;
    if (e->kind == PTW_MARKED) {
        unsigned type = enc->mark_type(e->word, e->level);
        return type == PTW_MARK_LOCKED || type == PTW_MARK_DEAD ? "a transient mark was left behind" : NULL;
    }
    why = enc->illegal(&t->geo, e->word, e->level);
    if (why != NULL)
        return why;
    if (e->kind == PTW_LEAF && enc->leaf_orders(e->level) == 0)
        return "no leaf can stand at this level";
    if (e->kind == PTW_LEAF)
        return enc->leaf_orders(e->level) > 1 && !ptw_is_one_leaf(t, e) ? "the slots of a group disagree" : NULL;
    if (e->level == 0)
        return "a table entry at the lowest level";
    pa = enc->table_pa(&t->geo, e->word, e->level);
    if (pa < t->root_pa + ptw_table_bytes(t, t->geo.top) && t->root_pa < pa + child_bytes(t, e))
        return "it points back to the root"; /* which may be larger or smaller than a table here */
    if ((pa & (child_bytes(t, e) - 1U)) != 0)
        return "the table that it points to is misaligned";
    return NULL;
}

static const char too_many[] = "more tables than there can be: a table is linked many times";

/* Walks until `stop_at` is linked for the second time (NULL: never), noting tables; `found` is filled on a finding. */
static bool audit_pass(struct ptw_table *t, struct lowest *l, uint64_t tables, const ptw_oa *stop_at,
                       struct ptw_finding *found)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    struct ptw_cursor c;
    uint64_t seen = 1;
    unsigned links = 0;
    ptw_status status;

    (void)ptw_cursor_init(&c, t, 0, 0, PTW_ALL | PTW_VISIT_HOLES);
    while ((status = ptw_cursor_next(&c, &found->entry)) != PTW_NOENT) {
        const struct ptw_entry *e = &found->entry;

        found->why = status == PTW_FAULTED ? "the table that it points to cannot be reached" : check_entry(t, e);
        if (found->why != NULL)
            return true;
        if (e->kind != PTW_TABLE)
            continue;
        ptw_oa pa = enc->table_pa(&t->geo, e->word, e->level);
        if (stop_at != NULL && pa == *stop_at && ++links == 2) {
            found->why = "a table is linked twice";
            return true;
        }
        if (l != NULL)
            note(l, pa);
        if (++seen > tables) {
            found->why = too_many;
            return true;
        }
    }
    return false;
}

ptw_status ptw_verify(struct ptw_table *t, ptw_oa *scratch, size_t n, uint64_t tables, struct ptw_finding *finding)
{
    struct lowest l = {.heap = scratch, .room = n};
    ptw_oa pa;

    if (scratch == NULL || n < 2)
        return PTW_INVAL;
    do {
        l.used = 0;
        bool found = audit_pass(t, &l, tables, NULL, finding);
        if ((!found || finding->why == too_many) && twice(&l, &pa))
            found = audit_pass(t, NULL, tables, &pa, finding);
        if (found)
            return PTW_FAULTED;
        /* Equal addresses stay together: the highest one may continue beyond the room. */
        if (l.used == l.room) {
            l.floor = l.heap[l.used - 2];
            l.above_floor_only = true;
        }
    } while (l.used == l.room);
    return PTW_OK;
}
