/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/merge.c - one leaf for a table of equal ones, and holes for empty tables: the inverse of cut.
 *
 * Where the format has groups, slots side by side become one: what stays a table gets the largest that fit.
 * From the bottom up, so that what was merged can merge again. D must not be lost while hardware still walks the old
 * table: it is taken out, the gather synced, and only then are A and D of the parts read for the new leaf. A table
 * that must not fault gets the new leaf in one step, dirty if it is writable.
 */
#include "walk/descent.h"
#include "walk/owe.h"

/* What was taken out for a leaf that is not made yet: a table, or (child NULL) the slots of a group to be. */
struct taken {
    struct ptw_unit unit; /* of the new leaf */
    ptw_word word;        /* of the slots that were taken out, joined */
    void *child;
    ptw_oa pa; /* of the child */
};

/* One sync serves many leaves of one level. */
#define BATCH 32U

struct folding {
    struct ptw_table *t;
    struct ptw_gather *g;
    struct ptw_span_of span;
    unsigned max_level, max_mark; /* no leaf above this, no mark */
    bool shared, changed;
    unsigned used;
    struct taken taken[BATCH];
};

/* The output address of slot `i` of a table, whose word is `w`. */
static ptw_oa slot_oa(const struct ptw_table *t, ptw_word w, uint64_t i, unsigned level)
{
    return ptw_slot_oa(t->geo.encoder, t, w, level, i << ptw_level_shift(t->geo.encoder, level));
}

/* Is `w`, in slot `i`, the leaf that continues the run `first` at `oa`, with equal bits but A and D? */
static bool continues(const struct ptw_table *t, ptw_word first, ptw_word w, uint64_t i, ptw_oa oa, unsigned level)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    const ptw_word mask = enc->ad_mask(first) | enc->ad_mask(w);

    return enc->kind(&t->geo, w, level) == PTW_LEAF && slot_oa(t, w, i, level) == oa &&
           ((ptw_carry(enc, &t->geo, w, level, level, 0) ^ ptw_carry(enc, &t->geo, first, level, level, 0)) & ~mask) ==
               0 &&
           ((enc->attr(&t->geo, w, level) ^ enc->attr(&t->geo, first, level)) & ~PTW_AD) == 0;
}

/* Are the `n` slots from `begin` of the table leaves that continue each other, and can one leaf be made of them? Where
 * words can be counted up, that is one compare for each. */
static bool is_uniform(const struct ptw_table *t, void *table, uint64_t begin, uint64_t n, unsigned level)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    const uint64_t span = ptw_span(enc, level);
    const ptw_word first = ptw_load(enc, ptw_slot(enc, table, begin));
    const ptw_word same = ~enc->ad_mask(first);
    const ptw_word step = enc->linear_bits != 0 ? enc->leaf(&t->geo, span, 0, level, 0) : 0;
    const ptw_oa oa = slot_oa(t, first, begin, level);
    /* The run is aligned, and as long as it is: no carry, if its two ends have none. */
    const bool linear = ptw_order(enc, t, first, level) == 0 && ptw_is_linear(enc, oa, (n - 1U) * span);

    if ((oa & (n * span - 1U)) != 0)
        return false;
    for (uint64_t i = 1; i < n; i++) {
        ptw_word w = ptw_load(enc, ptw_slot(enc, table, begin + i));
        bool plain = linear && ((w ^ (first + i * step)) & same) == 0;
        if (!plain && !continues(t, first, w, begin + i, oa + i * span, level))
            return false;
    }
    return true;
}

/* The word of the `n` slots from `first` on, which go to `oa`, single ones or groups: as a single one, with A and D of
 * all. */
static ptw_word joined(const struct ptw_table *t, void *first, uint64_t n, ptw_oa oa, unsigned level)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    const ptw_word invert = enc->inverted;
    const ptw_word w = ptw_load(enc, first);
    ptw_word all = w ^ invert;

    for (uint64_t i = 1; i < n; i++)
        all |= ptw_load(enc, ptw_slot(enc, first, i)) ^ invert;
    return enc->leaf(&t->geo, oa, enc->ad_join(ptw_carry(enc, &t->geo, w, level, level, 0), all ^ invert), level, 0);
}

/* `w`, dirty if it can become so: for a leaf whose parts hardware may still be writing to. */
static ptw_word dirtied(const struct ptw_table *t, ptw_word w, unsigned level)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    ptw_word dirty;

    if (enc->volatile_loss(w) == 0 || !enc->bits(&t->geo, enc->attr(&t->geo, w, level) | PTW_D, level, 0, &dirty))
        return w;
    return enc->leaf(&t->geo, enc->oa(&t->geo, w, level),
                     enc->ad_join(ptw_carry(enc, &t->geo, w, level, level, 0), dirty), level, 0);
}

/* The leaf one level up for a whole table of leaves. */
static ptw_word one_up(const struct ptw_table *t, void *child, unsigned below)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    const ptw_oa oa = slot_oa(t, ptw_load(enc, child), 0, below);
    const ptw_word w = joined(t, child, UINT64_C(1) << ptw_level_bits(enc, below), oa, below);

    return enc->leaf(&t->geo, oa, ptw_carry(enc, &t->geo, w, below, below + 1U, 0), below + 1U, 0);
}

static void make_leaf(struct folding *f, struct taken *taken)
{
    struct ptw_table *t = f->t;
    const struct ptw_encoder *enc = t->geo.encoder;
    const struct ptw_unit *u = &taken->unit;

    if (taken->child == NULL) {
        ptw_unit_make(t, u, u->order, ptw_carry(enc, &t->geo, taken->word, u->level, u->level, u->order), u->oa, f->g);
        return;
    }
    ptw_put(t, enc, u->slot, one_up(t, taken->child, u->level - 1U));
    ptw_owe_make(enc, t, u->first, ptw_unit_size(u), u->level, f->g);
    if (t->shared) { /* somebody may be reading it */
        ptw_retire(f->g, &(struct ptw_subtree){
                             .table = taken->child, .pa = taken->pa, .level = u->level - 1U, .first = u->first});
        return;
    }
    PTW_COUNT_UP(&t->generation);
    ptw_table_free(t, taken->child, taken->pa, u->level - 1U);
}

/* The leaves for all that was taken out: hardware has forgotten it, so its A and D are final. */
static void make_leaves(struct folding *f)
{
    if (f->used == 0)
        return;
    ptw_gather_pay(f->g);
    for (unsigned i = 0; i < f->used; i++)
        make_leaf(f, &f->taken[i]);
    f->used = 0;
}

/* Room in the batch for a leaf, which comes out of `child`, if there is one: batches are of one level, so that nothing is
 * looked at that is under way. Field by field: out of a whole one compilers make a memmove. */
static struct taken *next_taken(struct folding *f, const struct ptw_unit *u, void *child, ptw_oa pa)
{
    struct taken *taken;

    if (f->used == BATCH || (f->used != 0 && f->taken[0].unit.level != u->level))
        make_leaves(f);
    taken = &f->taken[f->used++];
    taken->unit = *u;
    taken->child = child;
    taken->pa = pa;
    return taken;
}

/* The TABLE entry `e` becomes a leaf, at once or with the batch. */
static void replace_by_leaf(struct folding *f, const struct ptw_entry *e, void *child)
{
    struct ptw_table *t = f->t;
    const struct ptw_encoder *enc = t->geo.encoder;
    struct ptw_unit u = {.slot = e->slot, .n = 1, .level = e->level};

    f->changed = true;
    if ((t->geo.options & PTW_OPT_HITLESS) != 0) {
        ptw_unlink_table(t, e, child, dirtied(t, one_up(t, child, e->level - 1U), e->level), f->g);
        return;
    }
    u.first = ptw_place_of(&t->geo, e->addr);
    u.last = ptw_entry_last(t, e);
    (void)next_taken(f, &u, child, enc->table_pa(&t->geo, e->word, e->level));
    ptw_put(t, enc, e->slot, enc->empty(e->level));
    ptw_owe(f->g, t, u.first, u.last, e->level, PTW_OWED_TRANSLATION | PTW_OWED_STRUCT);
}

/* Does the TABLE entry `e`, which others wrote, take a right away that the leaves in `child` have, equal as they are? One
 * leaf instead of both would give it back. */
static bool is_limited(const struct ptw_table *t, const struct ptw_entry *e, void *child)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    const ptw_attr attr = enc->attr(&t->geo, ptw_load(enc, child), e->level - 1U);

    return (attr & PTW_RIGHTS & ~enc->limits(&t->geo, e->word, e->level)) != 0;
}

/* The mark that says what all slots of the table say. False: they do not say the same, or there is no room for it. */
static bool one_mark(const struct ptw_table *t, void *child, unsigned below, ptw_word *mark)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    const ptw_word w = ptw_load(enc, child);
    const unsigned type = enc->mark_type(w, below);

    if (type < PTW_MARK_USER || !ptw_mark_fits(enc, enc->mark_payload(w, below), below + 1U))
        return false;
    for (uint64_t i = 1; i >> ptw_level_bits(enc, below) == 0; i++)
        if (ptw_load(enc, ptw_slot(enc, child, i)) != w)
            return false;
    *mark = enc->mark(type, enc->mark_payload(w, below), below + 1U);
    return true;
}

/* What can take the place of the table `child`, to which `e` points. */
enum fold { STAYS, HOLE, LEAF };

static enum fold fold_of(const struct folding *f, const struct ptw_entry *e, void *child, ptw_word *hole)
{
    const struct ptw_encoder *enc = f->t->geo.encoder;
    const unsigned below = e->level - 1U;
    const enum ptw_kind kind = enc->kind(&f->t->geo, ptw_load(enc, child), below);

    *hole = enc->empty(e->level);
    if ((kind == PTW_EMPTY && ptw_table_is_empty(f->t, child, below)) ||
        (kind == PTW_MARKED && e->level <= f->max_mark && one_mark(f->t, child, below, hole)))
        return HOLE;
    if (kind == PTW_LEAF && e->level <= f->max_level && (f->t->geo.orders[e->level] & 1U) != 0 &&
        !is_limited(f->t, e, child) && is_uniform(f->t, child, 0, UINT64_C(1) << ptw_level_bits(enc, below), below))
        return LEAF;
    return STAYS;
}

/* The table `child`, frozen as `copy` says, among other threads. False: it stays as it was. */
static bool fold_frozen(struct folding *f, const struct ptw_entry *e, void *child, void *copy)
{
    struct ptw_table *t = f->t;
    ptw_word next;
    const enum fold fold = fold_of(f, e, copy, &next);

    if (fold == STAYS)
        return false;
    if (fold == LEAF)
        next = one_up(t, copy, e->level - 1U);
    ptw_unlink_frozen(t, e, child, next, f->g);
    return true;
}

/* The same from the beginning: the entry is locked, the table is frozen, and only then is it certain what it says. */
static ptw_status fold_shared(struct folding *f, const struct ptw_entry *e, void *child)
{
    struct ptw_table *t = f->t;
    const struct ptw_encoder *enc = t->geo.encoder;
    const unsigned below = e->level - 1U;
    ptw_word w = e->word, hole;
    ptw_oa pa = 0;
    void *copy;

    if (fold_of(f, e, child, &hole) == STAYS)
        return PTW_OK;
    if (!ptw_gather_room(f->g))
        return PTW_YIELD;
    copy = ptw_table_new_raw(t, f->g->reserve, below, &pa);
    if (copy == NULL)
        return PTW_NOMEM;
    if (ptw_lock_entry(t, e->slot, &w, e->level, f->g)) {
        const bool frozen = ptw_table_freeze(t, child, below, copy);

        if (frozen && fold_frozen(f, e, child, copy)) {
            f->changed = true;
        } else {
            if (frozen)
                ptw_table_thaw(t, child, below, copy, UINT64_C(1) << ptw_level_bits(enc, below));
            ptw_put(t, enc, e->slot, e->word);
            ptw_owe_unlocked(enc, t, ptw_place_of(&t->geo, e->addr), ptw_entry_last(t, e), e->level, f->g);
        }
    }
    ptw_table_free(t, copy, pa, below);
    return PTW_OK;
}

/* The table that `e` points to, which lies whole in the range. PTW_SPURIOUS: it stays. PTW_YIELD: the gather is full. */
static ptw_status fold(struct folding *f, const struct ptw_entry *e, void *child)
{
    ptw_word hole;
    const enum fold fold = fold_of(f, e, child, &hole);

    if (fold == STAYS)
        return PTW_SPURIOUS;
    if (f->t->shared && f->used + f->g->retired >= PTW_GATHER_TABLES)
        make_leaves(f); /* those that are groups need no room */
    if ((f->t->shared || fold == HOLE) && !ptw_gather_room(f->g))
        return PTW_YIELD;
    if (fold == LEAF) {
        replace_by_leaf(f, e, child);
        return PTW_OK;
    }
    ptw_unlink_table(f->t, e, child, hole, f->g);
    f->changed = true;
    return PTW_OK;
}

/* ------------------------------------------------------------------------------------------------- groups --- */

/* The unit, which is uniform, becomes one group. */
static void group(struct folding *f, const struct ptw_unit *u)
{
    struct ptw_table *t = f->t;
    const struct ptw_encoder *enc = t->geo.encoder;
    const ptw_word invert = enc->inverted, w = ptw_load(enc, u->slot);
    struct taken *taken;
    ptw_word all = w ^ invert;

    f->changed = true;
    if (!ptw_breaks_groups(&t->geo)) {
        ptw_owe(f->g, t, u->first, u->last, u->level, PTW_OWED_TRANSLATION);
        ptw_regroup(t, u, joined(t, u->slot, u->n, u->oa, u->level), u->oa, u->order);
        return;
    }
    taken = next_taken(f, u, NULL, 0);
    for (uint64_t i = 0; i < u->n; i++)
        all |= ptw_exchange(enc, ptw_slot(enc, u->slot, i), enc->empty(u->level)) ^ invert;
    ptw_clean(t, enc, u->slot, u->n);
    ptw_owe(f->g, t, u->first, u->last, u->level, PTW_OWED_TRANSLATION);
    taken->word = ptw_joined(enc, t, w, all, u->level, ptw_order(enc, t, w, u->level));
}

/* Makes groups of 2^order slots in the part of a table that lies in the range. `place` is the table's. */
static void make_groups_of(struct folding *f, void *table, unsigned level, ptw_addr place, unsigned order)
{
    const struct ptw_table *t = f->t;
    const struct ptw_encoder *enc = t->geo.encoder;
    const uint64_t n = UINT64_C(1) << order, entries = ptw_entries(t, enc, level);
    struct ptw_unit u = {.n = n, .level = level, .order = order};

    for (uint64_t i = 0; i + n <= entries; i += n) {
        ptw_word w = ptw_load(enc, ptw_slot(enc, table, i));

        u.slot = ptw_slot(enc, table, i);
        u.first = place + (i << ptw_level_shift(enc, level));
        u.last = u.first + ((n << ptw_level_shift(enc, level)) - 1U);
        u.oa = slot_oa(t, w, i, level);
        if (ptw_unit_inside(&u, f->span.first, f->span.last) && enc->kind(&t->geo, w, level) == PTW_LEAF &&
            ptw_order(enc, t, w, level) < order && is_uniform(t, table, i, n, level))
            group(f, &u);
    }
}

/* Makes the largest groups in a table, whose first place is `place`. */
static void make_groups(struct folding *f, void *table, unsigned level, ptw_addr place)
{
    const unsigned orders = f->t->geo.orders[level];

    if (level > f->max_level || orders <= 1 || ptw_has_fixed_groups(f->t))
        return;
    for (unsigned order = ptw_high_bit(orders); order > 0; order--)
        if ((orders >> order & 1U) != 0)
            make_groups_of(f, table, level, place, order);
}

/* -------------------------------------------------------------------------------------------------- merge --- */

/* The TABLE entry `e`, after all that is below it. */
static ptw_status merge_entry(struct folding *f, const struct ptw_entry *e)
{
    const struct ptw_table *t = f->t;
    const struct ptw_encoder *enc = t->geo.encoder;
    const ptw_addr first = ptw_place_of(&t->geo, e->addr);
    const struct ptw_unit u = {.first = first, .last = ptw_entry_last(t, e)};
    void *child = ptw_child(t, enc, e->word, e->level);

    if (child == NULL)
        return PTW_FAULTED;
    if (ptw_child_level(enc, e->word, e->level) != e->level - 1U)
        return PTW_OK; /* levels are left out: not ours */
    if (f->used != 0 && f->taken[0].unit.level == e->level - 1U)
        make_leaves(f);
    if (f->shared)
        return ptw_unit_inside(&u, f->span.first, f->span.last) ? fold_shared(f, e, child) : PTW_OK;
    if (ptw_unit_inside(&u, f->span.first, f->span.last)) {
        const ptw_status status = fold(f, e, child);

        if (status != PTW_SPURIOUS)
            return status;
    }
    make_groups(f, child, e->level - 1U, first);
    return PTW_OK;
}

/* The bytes of the largest leaf that may be made. */
static uint64_t largest_leaf(const struct folding *f)
{
    return ptw_span(f->t->geo.encoder, f->max_level) << ptw_high_bit(f->t->geo.orders[f->max_level] | 1U);
}

/* Charges the budget for the entry `e` and the table that it led through. True: it is spent, and no leaf that can still be
 * made begins before the end of `e` and ends behind it. */
static bool may_stop_behind(const struct folding *f, const struct ptw_entry *e)
{
    const struct ptw_encoder *enc = f->t->geo.encoder;
    const uint64_t looked = ptw_is_through(e) ? UINT64_C(1) << ptw_level_bits(enc, e->level - 1U) : 1;
    const ptw_addr end = ptw_entry_last(f->t, e);

    return ptw_spend(&f->g->budget, looked) && (ptw_is_through(e) || e->kind != PTW_TABLE) &&
           e->level >= f->max_level && end < f->span.last && ((end + 1U) & (largest_leaf(f) - 1U)) == 0;
}

/* The range ends behind `e`. What is done of its table may still become groups. */
static void stop_behind(struct folding *f, const struct ptw_entry *e)
{
    const struct ptw_encoder *enc = f->t->geo.encoder;
    const ptw_addr first = ptw_place_of(&f->t->geo, e->addr) - ((ptw_addr)e->index << ptw_level_shift(enc, e->level));

    f->span.last = ptw_entry_last(f->t, e);
    make_leaves(f);
    if (!f->shared)
        make_groups(f, (unsigned char *)e->slot - (uint64_t)e->index * enc->word_bytes, e->level, first);
}

/* Stops at `e`, from which nothing has come of all that could have: whatever may still be made with it begins anew. */
static ptw_addr stop_before(struct folding *f, const struct ptw_entry *e)
{
    const ptw_addr first = ptw_place_of(&f->t->geo, e->addr) & ~(largest_leaf(f) - 1U);

    make_leaves(f);
    return ptw_addr_of(&f->t->geo, first < f->span.first ? f->span.first : first);
}

/* PTW_UNSUPPORTED, if this table cannot be merged so: what is locked faults. */
static ptw_status merge_check(const struct ptw_table *t, uint64_t flags)
{
    if (ptw_has_fixed_sizes(t) || (ptw_is_shared(flags) && !ptw_may_lock_leaves(t)))
        return PTW_UNSUPPORTED;
    return ptw_mode_check(t, flags);
}

struct ptw_result ptw_merge(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags, struct ptw_gather *g)
{
    const unsigned cap = ptw_flag_level(flags, t->geo.max_leaf);
    struct folding f;
    struct ptw_cursor c;
    struct ptw_entry e;
    ptw_status status = ptw_range(t, addr, size, flags, &f.span);

    f.t = t;
    f.g = g;
    f.max_level = cap < t->geo.max_leaf ? cap : t->geo.max_leaf;
    f.max_mark = ptw_flag_level(flags, t->geo.top);
    f.used = 0;
    f.shared = ptw_is_shared(flags);
    f.changed = false;
    if (status == PTW_OK)
        status = merge_check(t, flags);
    if (status == PTW_OK)
        status = ptw_cursor_init(&c, t, addr, size, (flags & PTW_ALL) | PTW_VISIT_POST | PTW_VISIT_MIN_LEVEL(1));
    if (status != PTW_OK)
        return ptw_done(status, addr);
    e.addr = addr;
    while ((status = ptw_cursor_next(&c, &e)) == PTW_OK) {
        if (ptw_is_through(&e))
            status = merge_entry(&f, &e);
        if (status == PTW_YIELD || status == PTW_NOMEM)
            return ptw_done(status, stop_before(&f, &e));
        if (status == PTW_OK && may_stop_behind(&f, &e))
            status = PTW_YIELD;
        if (status != PTW_OK)
            break;
    }
    if (f.used != 0 && f.taken[0].unit.level == t->geo.top)
        make_leaves(&f);
    if (status == PTW_NOENT && !f.shared)
        make_groups(&f, t->root, t->geo.top, 0);
    if (status == PTW_YIELD)
        stop_behind(&f, &e);
    make_leaves(&f);
    if (status == PTW_YIELD)
        return ptw_done(PTW_YIELD, ptw_addr_of(&t->geo, f.span.last + 1U));
    if (status == PTW_FAULTED) /* the entry may begin before the range does */
        return ptw_done(status, ptw_place_of(&t->geo, e.addr) < f.span.first ? addr : e.addr);
    return ptw_done(f.changed ? PTW_OK : PTW_SPURIOUS, addr);
}
