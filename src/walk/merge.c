/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/merge.c - one leaf for a table of equal ones, and holes for empty tables: the inverse of cut.
 *
 * From the bottom up, so that what was merged can merge again. D must not be lost while hardware still walks the old
 * table: it is taken out, the gather synced, and only then are A and D of the parts read for the new leaf. A table
 * that must not fault gets the new leaf in one step, dirty if it is writable.
 */
#include "walk/slot.h"

/* A table that was taken out for a leaf which is not made yet. */
struct taken {
    void *slot, *child;
    ptw_oa pa;
    ptw_addr first;
};

/* Tables are taken out in batches of one level, so that one sync serves many. */
#define BATCH 32U

struct folding {
    struct ptw_table *t;
    struct ptw_gather *g;
    unsigned max_level;
    bool changed;
    unsigned level; /* of the entries in `taken` */
    unsigned used;
    struct taken taken[BATCH];
};

/* Is `w` the leaf that continues the run `first` at `oa`, with equal bits but A and D? */
static bool continues(const struct ptw_table *t, ptw_word first, ptw_word w, ptw_oa oa, unsigned level)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    const ptw_word mask = enc->ad_mask(first) | enc->ad_mask(w);

    return enc->kind(&t->geo, w, level) == PTW_LEAF && enc->oa(&t->geo, w, level) == oa &&
           ((enc->carry(w, level, level, 0) ^ enc->carry(first, level, level, 0)) & ~mask) == 0 &&
           ((enc->attr(&t->geo, w, level) ^ enc->attr(&t->geo, first, level)) & ~PTW_AD) == 0;
}

/* Are all entries of the child leaves that continue each other? Where words can be counted up, that is one compare. */
static bool is_uniform(const struct ptw_table *t, void *child, unsigned level)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    const uint64_t n = UINT64_C(1) << ptw_level_bits(enc, level);
    const uint64_t span = ptw_span(enc, level);
    const ptw_word first = ptw_load(enc, child);
    const ptw_word same = ~enc->ad_mask(first);
    const ptw_word step = enc->linear_bits != 0 ? enc->leaf(&t->geo, span, 0, level, 0) : 0;
    const ptw_oa oa = enc->oa(&t->geo, first, level);

    /* The run is aligned, and as long as a leaf one level up: no carry, if its two ends have none. */
    const bool linear = ptw_is_linear(enc, oa, (n - 1U) * span);

    if (ptw_offset(enc, level + 1U, oa) != 0)
        return false;
    for (uint64_t i = 1; i < n; i++) {
        ptw_word w = ptw_load(enc, ptw_slot(enc, child, i));
        bool plain = linear && ((w ^ (first + i * step)) & same) == 0;
        if (!plain && !continues(t, first, w, oa + i * span, level))
            return false;
    }
    return true;
}

/* The new leaf's word: the first part's bits, with the A and D of all parts. */
static ptw_word joined(const struct ptw_table *t, void *child, unsigned level)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    const uint64_t n = UINT64_C(1) << ptw_level_bits(enc, level);
    const ptw_word first = ptw_load(enc, child);
    ptw_word all = first ^ enc->inverted;

    for (uint64_t i = 1; i < n; i++)
        all |= ptw_load(enc, ptw_slot(enc, child, i)) ^ enc->inverted;
    all ^= enc->inverted;
    return enc->leaf(&t->geo, enc->oa(&t->geo, first, level),
                     enc->ad_join(enc->carry(first, level, level + 1U, 0), all), level + 1U, 0);
}

/* `w`, dirty if it can become so: for a leaf whose parts hardware may still be writing to. */
static ptw_word dirtied(const struct ptw_table *t, ptw_word w, unsigned level)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    ptw_word dirty;

    if (enc->volatile_loss(w) == 0 || !enc->bits(&t->geo, enc->attr(&t->geo, w, level) | PTW_AD, level, 0, &dirty))
        return w;
    return enc->leaf(&t->geo, enc->oa(&t->geo, w, level), enc->ad_join(enc->carry(w, level, level, 0), dirty), level,
                     0);
}

static void put(const struct ptw_table *t, void *slot, ptw_word w)
{
    ptw_publish(t->geo.encoder, slot, w);
    ptw_clean(t, t->geo.encoder, slot, 1);
}

/* The leaves for all tables that were taken out: hardware has forgotten them, so their A and D are final. */
static void make_leaves(struct folding *f)
{
    struct ptw_table *t = f->t;
    const struct ptw_encoder *enc = t->geo.encoder;

    if (f->used == 0)
        return;
    ptw_gather_sync(f->g);
    for (unsigned i = 0; i < f->used; i++) {
        struct taken *taken = &f->taken[i];
        put(t, taken->slot, joined(t, taken->child, f->level - 1U));
        ptw_owe_make(enc, t, taken->first, ptw_span(enc, f->level), f->level, f->g);
        t->generation++;
        ptw_table_free(t, taken->child, taken->pa, f->level - 1U);
    }
    f->used = 0;
}

/* The TABLE entry `e` becomes a hole, at once, or a leaf, at once or with the batch. */
static void replace(struct folding *f, const struct ptw_entry *e, void *child, bool leaf_wanted)
{
    struct ptw_table *t = f->t;
    const struct ptw_encoder *enc = t->geo.encoder;
    const ptw_addr first = ptw_place_of(&t->geo, e->addr);
    const ptw_oa pa = enc->table_pa(&t->geo, e->word, e->level);
    const bool at_once = !leaf_wanted || (t->geo.options & PTW_OPT_HITLESS) != 0;
    ptw_word next = enc->empty(e->level);

    if (leaf_wanted && at_once)
        next = dirtied(t, joined(t, child, e->level - 1U), e->level);
    put(t, e->slot, next);
    ptw_owe(f->g, t, first, first + (ptw_span(enc, e->level) - 1U), e->level, PTW_OWED_TRANSLATION | PTW_OWED_STRUCT);
    f->changed = true;
    if (at_once) {
        ptw_retire(f->g, child, pa, e->level - 1U);
        return;
    }
    f->level = e->level;
    f->taken[f->used++] = (struct taken){e->slot, child, pa, first};
    if (f->used == BATCH)
        make_leaves(f);
}

/* PTW_FAULTED: the table cannot be reached. */
static ptw_status fold(struct folding *f, const struct ptw_entry *e)
{
    const struct ptw_encoder *enc = f->t->geo.encoder;
    const unsigned below = e->level - 1U;
    void *child = ptw_child(f->t, enc, e->word, e->level);
    enum ptw_kind kind;

    if (f->used != 0 && e->level != f->level)
        make_leaves(f);
    if (child == NULL)
        return PTW_FAULTED;
    kind = enc->kind(&f->t->geo, ptw_load(enc, child), below);
    if (kind == PTW_EMPTY && ptw_table_is_empty(f->t, child, below))
        replace(f, e, child, false);
    else if (kind == PTW_LEAF && e->level <= f->max_level && enc->leaf_orders(e->level) != 0 &&
             is_uniform(f->t, child, below))
        replace(f, e, child, true);
    return PTW_OK;
}

struct ptw_result ptw_merge(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags, struct ptw_gather *g)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    const unsigned cap = ptw_flag_level(flags, t->geo.max_leaf);
    struct folding f;
    struct ptw_span_of span;
    struct ptw_cursor c;
    struct ptw_entry e = {.addr = addr};
    ptw_status status = ptw_range(t, addr, size, flags, &span);

    f.t = t;
    f.g = g;
    f.max_level = cap < t->geo.max_leaf ? cap : t->geo.max_leaf;
    f.used = 0;
    f.changed = false;
    if (status == PTW_OK && enc->break_before_make && (t->geo.options & PTW_OPT_HITLESS) != 0)
        status = PTW_UNSUPPORTED;
    if (status == PTW_OK)
        status = ptw_cursor_init(&c, t, addr, size, (flags & PTW_ALL) | PTW_VISIT_POST | PTW_VISIT_MIN_LEVEL(1));
    if (status != PTW_OK)
        return ptw_done(status, addr);
    while ((status = ptw_cursor_next(&c, &e)) == PTW_OK) {
        ptw_addr first = ptw_place_of(&t->geo, e.addr);
        bool inside = first >= span.first && span.last - first >= ptw_span(enc, e.level) - 1U && first <= span.last;
        if (inside && e.kind == PTW_TABLE && (e.post || e.level == 1))
            status = fold(&f, &e);
        if (status != PTW_OK)
            break;
    }
    make_leaves(&f);
    if (status == PTW_FAULTED)
        return ptw_done(status, e.addr);
    return ptw_done(f.changed ? PTW_OK : PTW_SPURIOUS, addr);
}
