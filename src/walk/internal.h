/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/internal.h - what the walker's files share: the cold paths, compiled once over the run-time encoder. The
 * hooks of struct ptw_mem and struct ptw_hw are called only from here, so that a format's object has no indirect call. */
#ifndef WALK_INTERNAL_H
#define WALK_INTERNAL_H

#include <ptw/ptw.h>

/* A range as places, inclusive: address & ia_mask. */
struct ptw_span_of {
    ptw_addr first, last;
};

/* ------------------------------------------------------------------------------------- table.c: memory --- */

/* The table at `pa` through the user's hook, which there is; NULL where no table can be. */
void *ptw_table_va(const struct ptw_table *t, ptw_oa pa);
/* The bytes of a table at `level`, the root's included; it is aligned to that. */
size_t ptw_table_bytes(const struct ptw_table *t, unsigned level);

void ptw_clean_lines(const struct ptw_table *t, void *slot, uint64_t bytes);

/* A new table for `level`, out of the reserve if there is one: filled with empty words and cleaned, or raw. NULL: none. */
void *ptw_table_new(const struct ptw_table *t, struct ptw_reserve *r, unsigned level, ptw_oa *pa);
void *ptw_table_new_raw(const struct ptw_table *t, struct ptw_reserve *r, unsigned level, ptw_oa *pa);
void ptw_table_free(const struct ptw_table *t, void *table, ptw_oa pa, unsigned level);

/* A table with all that it points to, which nobody can reach any more. */
struct ptw_subtree {
    void *table;
    ptw_oa pa;
    unsigned level;
    ptw_addr first;        /* the place where it began */
    struct ptw_sink *sink; /* NULL, or gets every leaf in it */
};

/* Frees it, and takes one from the budget for each table. False: the budget is spent and a part is left, which still begins
 * with this table. */
bool ptw_subtree_free(const struct ptw_table *t, const struct ptw_subtree *s, uint64_t *budget);

/* Hands each leaf of a subtree that is unlinked, but in which others may still be, to the sink, and makes every slot dead
 * that is no table. */
void ptw_subtree_freeze(const struct ptw_table *t, const struct ptw_subtree *s, struct ptw_gather *g);

/* How many of the `n` slots from `first` on are empty before one is not. */
uint64_t ptw_empty_slots(const struct ptw_table *t, void *table, unsigned level, uint64_t first, uint64_t n);

/* True if the table at `level` has nothing but empty words. */
bool ptw_table_is_empty(const struct ptw_table *t, void *table, unsigned level);

/* --------------------------------------------------------------------------------------------- reserve.c --- */

/* Adds so many tables at each level. PTW_OK; PTW_NOMEM: nothing is added. */
ptw_status ptw_reserve_tables(struct ptw_reserve *r, const uint64_t count[PTW_LEVELS_MAX]);

/* A table for `level` out of the reserve; NULL: there is none. */
void *ptw_reserve_take(struct ptw_reserve *r, unsigned level, ptw_oa *pa);

/* ---------------------------------------------------------------------------------------------- gather.c --- */

/* Calls the sink. */
void ptw_sink_leaf(struct ptw_sink *sink, const struct ptw_leaf *leaf);

/* Makes g->inval one that [low, high] may widen: for gathers with a gap (ptw_gather_apart). */
void ptw_gather_near(struct ptw_gather *g, ptw_addr low, ptw_addr high);

/* Is something that was taken out of [addr, addr + size) owed, besides g->inval? */
bool ptw_gather_breaks(const struct ptw_gather *g, ptw_addr addr, uint64_t size);

/* The gather owes no invalidation any more; somebody else does, or (not `as_it_is`) nobody. */
void ptw_gather_taken(struct ptw_gather *g, bool as_it_is);

/* Makes hardware forget. */
void ptw_invalidate(const struct ptw_table *t, struct ptw_inval *inval);

/* Invalidates what is owed, and frees nothing: what an operation may do on its way. */
void ptw_gather_pay(struct ptw_gather *g);

/* May one subtree more go to the gather? If it is full and the budget is limited, it is synced; not if the table is shared,
 * because that waits. False: that is not enough. */
bool ptw_gather_room(struct ptw_gather *g);

/* Hands the unlinked subtree to the gather; what it is owed is noted already. Syncs first if the gather is full. */
void ptw_retire(struct ptw_gather *g, const struct ptw_subtree *s);

/* `next` takes the place of the TABLE entry `e`, whose table `child` one level down goes to the gather. */
void ptw_unlink_table(struct ptw_table *t, const struct ptw_entry *e, void *child, ptw_word next, struct ptw_gather *g);

/* ---------------------------------------------------------------------------------------------- shared.c --- */

struct ptw_unit;

/* PTW_UNSUPPORTED if the flags ask for what this table cannot do. */
ptw_status ptw_mode_check(const struct ptw_table *t, uint64_t flags);

/* Takes a leaf out, of which a slot holds `w`; *last is its last word. False: it has changed, look again. */
bool ptw_unit_take_shared(const struct ptw_table *t, const struct ptw_unit *u, ptw_word w, struct ptw_gather *g,
                          ptw_word *last);

/* The same, but every slot of it is LOCKED until ptw_unit_make(). */
bool ptw_unit_lock(const struct ptw_table *t, const struct ptw_unit *u, ptw_word w, struct ptw_gather *g,
                   ptw_word *last);

/* Makes leaves of 2^order slots, which go to `oa`, in slots that are paid for, and locked, or empty with nobody else at work. */
void ptw_unit_make(struct ptw_table *t, const struct ptw_unit *u, unsigned order, ptw_word bits, ptw_oa oa,
                   struct ptw_gather *g);

/* Longer than anybody has an entry locked; a mark in a broken table is nobody's. */
#define PTW_WAITS_MAX 1000000U

/* What is done to a leaf in place. */
struct ptw_change {
    ptw_attr add, remove;
    ptw_word ad; /* bits of a leaf whose A and D are joined, if `joins` */
    bool joins;
};

/* Does it to all slots of a group. PTW_OK; PTW_AGAIN: somebody else is at it. PTW_UNSUPPORTED: its pages would fault for a
 * moment, and must not. */
ptw_status ptw_group_change(const struct ptw_table *t, const struct ptw_unit *u, const struct ptw_change *c,
                            struct ptw_gather *g);

/* Single slots for a group, of which nobody sees a part. As above. */
ptw_status ptw_group_split(struct ptw_table *t, const struct ptw_unit *u, struct ptw_gather *g);

/* The TABLE entry *w of `slot` is locked. False: it has changed. */
bool ptw_lock_entry(const struct ptw_table *t, void *slot, ptw_word *w, unsigned level, struct ptw_gather *g);

/* Makes every slot of a table dead, whose parent entry is locked, and writes to `copy` (a table of the same level) what they
 * were; without a copy only empty slots will do. False: they will not, or somebody is at work there; all is as it was. */
bool ptw_table_freeze(const struct ptw_table *t, void *table, unsigned level, void *copy);
void ptw_table_thaw(const struct ptw_table *t, void *table, unsigned level, void *copy, uint64_t n);

/* ptw_unlink_table() for a parent entry that is locked and a table that is frozen: what is owed is paid before `next` is
 * there, because others may need what comes next. */
void ptw_unlink_frozen(struct ptw_table *t, const struct ptw_entry *e, void *child, ptw_word next,
                       struct ptw_gather *g);

/* Others may have made some of what is in [first, end), places: what they owe to hardware must be done, too, before the pages
 * can be used. */
void ptw_join(const struct ptw_table *t, ptw_addr first, ptw_addr end, struct ptw_gather *g);

/* ----------------------------------------------------------------------------------------------- range.c --- */

/* Checks the range of an operation and turns it into places. PTW_OK, PTW_INVAL or PTW_RANGE. */
ptw_status ptw_range(const struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags, struct ptw_span_of *span);

/* The same for an operation that sends its range to `oa`, which must be one of the table's, too. */
ptw_status ptw_output_check(const struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size, uint64_t flags,
                            struct ptw_span_of *span);

/* Why a map is refused that the hot path would not take: PTW_OK if it need not be. */
ptw_status ptw_map_check(const struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size, ptw_attr attr,
                         uint64_t flags);

/* PTW_INVAL if adding and removing these rights can make an illegal combination out of a legal one. */
ptw_status ptw_rights_check(const struct ptw_table *t, ptw_attr add, ptw_attr remove);

/* ------------------------------------------------------------------------------------------------- cut.c --- */

/* Replaces the leaf in `slot` at `level`, which covers `place`, by a table of leaves one level down with the same
 * translation; a group by single slots. PTW_OK (shared: or it has changed, look again), PTW_NOMEM, PTW_BISECT, PTW_AGAIN,
 * PTW_UNSUPPORTED. */
ptw_status ptw_cut_slot(struct ptw_table *t, void *slot, unsigned level, ptw_addr place, uint64_t flags,
                        struct ptw_gather *g);

/* Writes the slots of the unit anew as leaves of 2^order slots from `oa` on, with the bits of `w`, while hardware uses
 * them: what it sets in one slot meanwhile all slots get. For formats in which each slot stands alone. */
void ptw_regroup(struct ptw_table *t, const struct ptw_unit *u, ptw_word w, ptw_oa oa, unsigned order);

/* ----------------------------------------------------------------------------------------------- remap.c --- */

/* Makes leaves in the way of a map with PTW_REPLACE its own, from `place` on as long as there are such. *bytes: how far;
 * PTW_OK (shared: maybe no way at all, look again), PTW_NOMEM, PTW_BISECT, PTW_AGAIN, PTW_FAULTED. */
ptw_status ptw_map_over(struct ptw_table *t, ptw_addr place, ptw_oa oa, uint64_t size, ptw_attr attr, uint64_t flags,
                        struct ptw_gather *g, uint64_t *bytes);

/* ----------------------------------------------------------------------------------------------- relax.c --- */

/* ptw_relax() of any leaf. */
ptw_status ptw_relax_any(struct ptw_table *t, ptw_addr addr, ptw_attr add, ptw_attr ceiling);

/* ----------------------------------------------------------------------------------------------- whole.c --- */

/* ptw_map() with PTW_ALL_OR_NOTHING. */
struct ptw_result ptw_map_whole(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size, ptw_attr attr,
                                uint64_t flags, struct ptw_gather *g);

/* ptw_unmap() and ptw_protect() with it, of a range that is checked. */
struct ptw_result ptw_unmap_whole(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,
                                  struct ptw_sink *sink, struct ptw_gather *g);
struct ptw_result ptw_protect_whole(struct ptw_table *t, ptw_addr addr, uint64_t size, ptw_attr add, ptw_attr remove,
                                    uint64_t flags, struct ptw_gather *g);

/* ------------------------------------------------------------------------------------------------ trim.c --- */

/* Gives back the tables without leaf, mark or table: those that the span touches, or (`inside`) that it covers whole. With
 * PTW_YIELD the span is what is left. */
ptw_status ptw_trim_tables(struct ptw_table *t, struct ptw_span_of *span, bool inside, uint64_t flags,
                           struct ptw_gather *g);

/* ----------------------------------------------------------------------------------------------- audit.c --- */

/* Of a leaf that a cursor delivered, in a format with groups: do all slots of a group say the same but for A and D? */
bool ptw_is_one_leaf(const struct ptw_table *t, const struct ptw_entry *e);

/* -------------------------------------------------------------------------------------------- bitmap.c ---- */

/* Reports the pages of places [first, last], which are dirty (or young), to the bitmap. */
void ptw_report(const struct ptw_table *t, struct ptw_bitmap *bitmap, ptw_addr first, ptw_addr last);

/* PTW_INVAL if the bitmap's base and shift do not fit together. NULL is fine. */
ptw_status ptw_bitmap_check(const struct ptw_bitmap *bitmap);

/* Clips a range to what the bitmap covers. False: nothing is left. */
bool ptw_bitmap_clip(const struct ptw_table *t, const struct ptw_bitmap *bitmap, struct ptw_span_of *span);

PTW_INLINE struct ptw_result ptw_done(ptw_status status, ptw_addr next)
{
    return (struct ptw_result){status, next};
}

/* Takes `n` from the budget. True: it is spent. */
PTW_INLINE bool ptw_spend(uint64_t *budget, uint64_t n)
{
    *budget = *budget > n ? *budget - n : 0;
    return PTW_UNLIKELY(*budget == 0);
}

/* Has a cursor that stops above level 0 been through the table that `e` points to? */
PTW_INLINE bool ptw_is_through(const struct ptw_entry *e)
{
    return e->kind == PTW_TABLE && (e->post || e->level == 1);
}

/* The last place of the entry. */
PTW_INLINE ptw_addr ptw_entry_last(const struct ptw_table *t, const struct ptw_entry *e)
{
    const unsigned shift = ptw_level_shift(t->geo.encoder, e->level) + e->order;

    return (e->addr & t->geo.ia_mask) | ((UINT64_C(1) << shift) - 1U);
}

/* The level that PTW_MAX_LEVEL(n) names, or `otherwise`. */
PTW_INLINE unsigned ptw_flag_level(uint64_t flags, unsigned otherwise)
{
    unsigned n = (unsigned)(flags >> 8U) & 0xffU;

    return n == 0 ? otherwise : n - 1U;
}

#endif
