/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * hardware.c - the tests' simulated MMU: see hardware.h.
 *
 * A walk here is the textbook loop: index, load, look at the kind, go down. It knows the geometry's numbers and the
 * encoder's functions for one entry, and shares no line with src/walk/.
 */
#include "hardware.h"

#include <string.h>

static void complain(struct hardware *h, const char *what)
{
    if (h->violation == NULL)
        h->violation = what;
}

static bool overlaps(const struct hardware_seen *s, ptw_addr first, ptw_addr last)
{
    return s->first <= last && first <= s->last;
}

/* ------------------------------------------------------------------------------------------------- hooks --- */

static bool forgets(const struct hardware_seen *s, const struct ptw_inval *inval)
{
    if (!overlaps(s, inval->first, inval->last))
        return false;
    if (s->kind == PTW_TABLE)
        return (inval->reasons & PTW_OWED_STRUCT) != 0;
    if ((inval->reasons & PTW_OWED_STRUCT) != 0) /* a table went, with all that was below it */
        return inval->levels >> s->level != 0;
    return (inval->levels & PTW_BIT(s->level)) != 0;
}

static void write_through_old_tables(struct hardware *h);
static void write_somewhere(void *ctx);

#define ALL_REASONS                                                                                                    \
    (PTW_OWED_TRANSLATION | PTW_OWED_RIGHTS | PTW_OWED_DIRTY | PTW_OWED_AGE | PTW_OWED_STRUCT | PTW_OWED_MAKE)

static bool translates(const struct ptw_geometry *g, ptw_addr addr)
{
    return addr + g->ia_bias <= g->ia_mask;
}

/* What hardware can be asked to forget: whole pages of the table's inputs, at levels that it has, for reasons that
 * there are. */
static void look_at_inval(struct hardware *h, const struct ptw_inval *inval)
{
    const struct ptw_geometry *g = &h->gather->t->geo;

    if (inval->reasons == 0 || (inval->reasons & ~(uint64_t)ALL_REASONS) != 0)
        complain(h, "an invalidation without a reason, or for one that there is not");
    if (inval->first > inval->last)
        complain(h, "an invalidation whose bounds are upside down");
    if (((inval->first | (inval->last + 1)) & ptw_low_mask(g->encoder->granule)) != 0)
        complain(h, "an invalidation of a part of a page");
    if (!translates(g, inval->first) || !translates(g, inval->last))
        complain(h, "an invalidation of what the table does not translate");
    if (inval->levels == 0 || inval->levels >> g->top > 1)
        complain(h, "an invalidation at no level of the table");
}

static void hook_invalidate(void *ctx, const struct ptw_inval *inval)
{
    struct hardware *h = ctx;

    write_through_old_tables(h);
    write_somewhere(h);
    if (h->gather != NULL)
        look_at_inval(h, inval);
    h->log[h->invalidations++ % HARDWARE_LOG] = *inval;
    h->last = *inval;
    h->reasons |= inval->reasons;
    for (uint64_t i = 0; h->gather != NULL && i < h->gather->retired; i++) {
        if (ptw_sim_memory_at(h->memory, h->gather->table[i].pa) == NULL)
            complain(h, "a table was freed before its invalidation");
    }
    for (unsigned i = 0; i < h->seen;) {
        if (forgets(&h->tlb[i], inval))
            h->tlb[i] = h->tlb[--h->seen];
        else
            i++;
    }
    h->next = 0;
}

static void hook_freeing(void *ctx, ptw_oa pa, size_t bytes)
{
    struct hardware *h = ctx;

    for (unsigned i = 0; i < h->seen; i++) {
        if (h->tlb[i].kind == PTW_TABLE && h->tlb[i].oa >= pa && h->tlb[i].oa - pa < bytes)
            complain(h, "a table was freed while a walk cache still points at it");
    }
}

void hardware_init(struct hardware *h, struct ptw_sim_memory *m, const struct ptw_gather *g)
{
    memset(h, 0, sizeof(*h));
    h->hooks = (struct ptw_hw){.invalidate = hook_invalidate, .ctx = h};
    h->memory = m;
    h->gather = g;
    m->freeing = hook_freeing;
    m->allocating = write_somewhere;
    m->observer = h;
}

void hardware_reset(struct hardware *h)
{
    hardware_init(h, h->memory, h->gather);
}

/* --------------------------------------------------------------------------------------- reading by hand --- */

ptw_word hardware_load(const struct ptw_table *t, const void *slot)
{
    const unsigned char *byte = slot;
    unsigned n = t->geo.encoder->word_bytes;
    ptw_word w = 0;

    if (n == 8 && t->geo.encoder->big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))
        return *(const uint64_t *)slot;
    for (unsigned i = 0; i < n; i++)
        w |= (ptw_word)byte[i] << 8 * (t->geo.encoder->big_endian ? n - 1 - i : i);
    return w;
}

void hardware_store(const struct ptw_table *t, void *slot, ptw_word w)
{
    unsigned char *byte = slot;
    unsigned n = t->geo.encoder->word_bytes;

    for (unsigned i = 0; i < n; i++)
        byte[t->geo.encoder->big_endian ? n - 1 - i : i] = (unsigned char)(w >> 8 * i);
}

static unsigned table_bits(const struct ptw_geometry *g, unsigned level)
{
    return level == g->top ? g->root_bits : ptw_level_bits(g->encoder, level);
}

static ptw_addr place_to_addr(const struct ptw_geometry *g, ptw_addr place)
{
    return (place ^ g->ia_sign) - g->ia_bias;
}

/* A and D of all slots of the group that `slot`, number `index` of its table, is part of. */
static ptw_attr group_ad(const struct ptw_table *t, const unsigned char *slot, ptw_addr index, unsigned level,
                         unsigned order)
{
    const struct ptw_encoder *e = t->geo.encoder;
    ptw_attr ad = 0;

    slot -= (index & ptw_low_mask(order)) * e->word_bytes;
    for (uint64_t i = 0; i >> order == 0; i++)
        ad |= e->attr(&t->geo, hardware_load(t, slot + i * e->word_bytes), level) & PTW_AD;
    return ad;
}

static void fill_leaf(const struct ptw_table *t, struct hardware_leaf *leaf, ptw_addr place, unsigned level)
{
    const struct ptw_encoder *e = t->geo.encoder;
    unsigned shift = ptw_level_shift(e, level);

    leaf->level = level;
    leaf->order = 0;
    leaf->oa = leaf->attr = 0;
    leaf->kind = e->kind(&t->geo, leaf->word, level);
    if (leaf->kind == PTW_LEAF) {
        leaf->order = e->leaf_orders(level) > 1 ? e->order(leaf->word, level) : 0;
        leaf->oa = e->oa(&t->geo, leaf->word, level);
        leaf->attr = e->attr(&t->geo, leaf->word, level);
        if (leaf->order != 0)
            leaf->attr |= group_ad(t, leaf->slot, place >> shift, level, leaf->order);
        shift += leaf->order;
    }
    leaf->addr = place_to_addr(&t->geo, place & ~ptw_low_mask(shift));
    leaf->last = leaf->addr + ptw_low_mask(shift);
}

static void remember(struct hardware *h, const struct hardware_seen *s)
{
    unsigned i = h->seen < HARDWARE_TLB ? h->seen++ : h->next++ % HARDWARE_TLB;
    h->tlb[i] = *s;
}

static void remember_table(struct hardware *h, const struct ptw_table *t, ptw_addr place, unsigned level, ptw_oa pa)
{
    ptw_addr span = ptw_low_mask(ptw_level_shift(t->geo.encoder, level));
    struct hardware_seen s = {.oa = pa, .level = level, .kind = PTW_TABLE};

    s.first = place_to_addr(&t->geo, place & ~span);
    s.last = s.first + span;
    for (unsigned i = 0; i < h->seen; i++) {
        if (h->tlb[i].kind == PTW_TABLE && h->tlb[i].level == level && h->tlb[i].first == s.first)
            return;
    }
    remember(h, &s);
}

/* The walk of hardware_walk, which also notes the tables that it came through if `note`. */
static enum hardware_answer walk(struct hardware *h, const struct ptw_table *t, ptw_addr addr,
                                 struct hardware_leaf *leaf, bool note)
{
    const struct ptw_encoder *e = t->geo.encoder;
    ptw_addr place = addr & t->geo.ia_mask;
    ptw_oa pa = t->root_pa;

    if (addr + t->geo.ia_bias > t->geo.ia_mask)
        return HARDWARE_NO_ADDRESS;
    for (unsigned level = t->geo.top;; level--) {
        ptw_addr index = (place >> ptw_level_shift(e, level)) & ptw_low_mask(table_bits(&t->geo, level));
        leaf->slot = ptw_sim_memory_at(h->memory, pa + index * e->word_bytes);
        if (leaf->slot == NULL) {
            complain(h, "an entry points to memory that is no table");
            leaf->word = e->empty(level);
            fill_leaf(t, leaf, place, level);
            return HARDWARE_ABSENT;
        }
        leaf->word = hardware_load(t, leaf->slot);
        if (e->kind(&t->geo, leaf->word, level) != PTW_TABLE || level == 0) {
            fill_leaf(t, leaf, place, level);
            return leaf->kind == PTW_LEAF ? HARDWARE_OK : HARDWARE_ABSENT;
        }
        pa = e->table_pa(&t->geo, leaf->word, level);
        if (note)
            remember_table(h, t, place, level, pa);
    }
}

enum hardware_answer hardware_walk(struct hardware *h, const struct ptw_table *t, ptw_addr addr,
                                   struct hardware_leaf *leaf)
{
    return walk(h, t, addr, leaf, false);
}

uint64_t hardware_visit(struct hardware *h, const struct ptw_table *t, hardware_entry *entry, void *ctx)
{
    const struct ptw_encoder *e = t->geo.encoder;
    struct {
        unsigned char *table;
        size_t index;
    } path[PTW_LEVELS_MAX] = {{NULL, 0}};
    unsigned level = t->geo.top;
    ptw_addr place = 0;
    uint64_t tables = 1;

    path[level].table = ptw_sim_memory_at(h->memory, t->root_pa);
    for (;;) {
        if (path[level].index == (size_t)1 << table_bits(&t->geo, level)) {
            if (level == t->geo.top)
                return tables;
            level++;
            path[level].index++;
            continue;
        }
        ptw_addr span = ptw_low_mask(ptw_level_shift(e, level));
        place = (place & ~(span | ptw_low_mask(table_bits(&t->geo, level)) << ptw_level_shift(e, level))) |
                (ptw_addr)path[level].index << ptw_level_shift(e, level);
        struct hardware_leaf leaf = {.slot = path[level].table + path[level].index * e->word_bytes};
        leaf.word = hardware_load(t, leaf.slot);
        if (leaf.word == e->empty(level)) {
            path[level].index++;
            continue;
        }
        fill_leaf(t, &leaf, place, level);
        if (leaf.kind == PTW_TABLE && level > 0) {
            path[level - 1].table = ptw_sim_memory_at(h->memory, e->table_pa(&t->geo, leaf.word, level));
            path[level - 1].index = 0;
            if (path[level - 1].table != NULL) {
                tables++;
                level--;
                continue;
            }
            complain(h, "an entry points to memory that is no table");
        } else if (!entry(ctx, &leaf)) {
            return tables;
        }
        path[level].index += (size_t)1 << leaf.order;
    }
}

/* ---------------------------------------------------------------------------------------------- accesses --- */

/* What hardware writes, an incoherent walker sees as well as the processor. */
static void add_ad(const struct hardware *h, const struct ptw_table *t, struct hardware_leaf *leaf, ptw_attr ad)
{
    const struct ptw_encoder *e = t->geo.encoder;
    ptw_word with;

    if (!e->bits(&t->geo, e->attr(&t->geo, leaf->word, leaf->level) | ad, leaf->level, leaf->order, &with))
        return;
    with = e->leaf(&t->geo, leaf->oa, with, leaf->level, leaf->order);
    leaf->word = e->ad_join(leaf->word, with);
    leaf->attr |= e->attr(&t->geo, leaf->word, leaf->level) & PTW_AD;
    hardware_store(t, leaf->slot, leaf->word);
    if (h->memory->behind != NULL)
        hardware_store(t, h->memory->behind + ((unsigned char *)leaf->slot - h->memory->arena), leaf->word);
}

bool hardware_mark_ad(struct hardware *h, const struct ptw_table *t, ptw_addr addr, ptw_attr ad)
{
    struct hardware_leaf leaf;

    if (hardware_walk(h, t, addr, &leaf) != HARDWARE_OK)
        return false;
    add_ad(h, t, &leaf, ad);
    return true;
}

/* The newest thing that the TLB knows about `addr`, if it decides about the access. */
static const struct hardware_seen *lookup(const struct hardware *h, ptw_addr addr, ptw_attr need)
{
    for (unsigned i = 0; i < h->seen; i++) {
        const struct hardware_seen *s = &h->tlb[i];
        if (s->kind == PTW_TABLE || !overlaps(s, addr, addr))
            continue;
        if (s->kind != PTW_LEAF)
            return s;
        /* A right that the TLB lacks, and a D that it has not seen set, are looked up again. */
        if ((s->attr & need) == need && ((need & PTW_W) == 0 || (s->attr & PTW_D) != 0))
            return s;
    }
    return NULL;
}

static void remember_leaf(struct hardware *h, const struct hardware_leaf *leaf)
{
    struct hardware_seen s = {leaf->addr, leaf->last, leaf->oa, leaf->attr, leaf->level, leaf->kind, false};

    for (unsigned i = 0; i < h->seen; i++) {
        if (h->tlb[i].kind == leaf->kind && h->tlb[i].level == leaf->level && h->tlb[i].first == leaf->addr) {
            h->tlb[i] = s;
            return;
        }
    }
    remember(h, &s);
}

enum hardware_answer hardware_access(struct hardware *h, const struct ptw_table *t, ptw_addr addr, ptw_attr need,
                                     struct hardware_leaf *leaf)
{
    const struct hardware_seen *known = lookup(h, addr, need);
    bool sets_ad = (t->geo.options & PTW_OPT_AD) != 0;

    leaf->slot = NULL;
    if (known != NULL)
        return known->kind == PTW_LEAF ? HARDWARE_OK : HARDWARE_ABSENT;

    enum hardware_answer answer = walk(h, t, addr, leaf, true);
    if (answer == HARDWARE_ABSENT && t->geo.encoder->negative_caching)
        remember_leaf(h, leaf);
    if (answer != HARDWARE_OK)
        return answer;
    if ((leaf->attr & need) != need)
        return HARDWARE_DENIED;
    if (sets_ad && (need & PTW_W) != 0) {
        h->page[(h->pages < HARDWARE_PAGES ? h->pages++ : h->turn++) % HARDWARE_PAGES] = addr;
    }
    if (sets_ad)
        add_ad(h, t, leaf, (need & PTW_W) != 0 ? PTW_A | PTW_D : PTW_A);
    remember_leaf(h, leaf);
    return HARDWARE_OK;
}

/* ------------------------------------------------------------------------------ writes during operations --- */

static void write_leaf(struct hardware *h, struct hardware_leaf *leaf)
{
    if (leaf->kind != PTW_LEAF || (leaf->attr & PTW_W) == 0 || (h->busy->geo.options & PTW_OPT_AD) == 0)
        return;
    add_ad(h, h->busy, leaf, PTW_AD);
    if (h->wrote != NULL)
        h->wrote(h->wrote_ctx, leaf->addr, leaf->last);
}

static void write_somewhere(void *ctx)
{
    struct hardware *h = ctx;
    struct hardware_leaf leaf;

    if (h->busy == NULL || h->pages == 0 || h->busy->root == NULL)
        return;
    if (hardware_walk(h, h->busy, h->page[h->turn++ % h->pages], &leaf) == HARDWARE_OK)
        write_leaf(h, &leaf);
}

/* Until the invalidation is over, a walk cache may lead to a table that is not linked any more, and hardware sets A and
 * D there. What an earlier operation unlinked was unmapped for good; what this one merges counts. */
static void write_through_old_tables(struct hardware *h)
{
    for (unsigned i = 0; h->busy != NULL && i < h->seen; i++) {
        const struct hardware_seen *s = &h->tlb[i];
        if (s->kind != PTW_TABLE || s->level != 1 || s->stale)
            continue;
        unsigned char *table = ptw_sim_memory_at(h->memory, s->oa);
        ptw_addr index = h->turn++ & ptw_low_mask(h->busy->geo.encoder->index_bits0);
        if (table == NULL) {
            complain(h, "a table was freed while a walk cache still points at it");
            return;
        }
        struct hardware_leaf leaf = {.slot = table + index * h->busy->geo.encoder->word_bytes};
        leaf.word = hardware_load(h->busy, leaf.slot);
        fill_leaf(h->busy, &leaf, (s->first & h->busy->geo.ia_mask) + (index << h->busy->geo.encoder->granule), 0);
        write_leaf(h, &leaf);
    }
}

/* ---------------------------------------------------------------------------------------------- the check --- */

static const char *check_leaf(const struct hardware *h, const struct ptw_table *t, const struct hardware_seen *s,
                              const struct hardware_leaf *now)
{
    ptw_attr same = ~(PTW_RIGHTS | PTW_AD | PTW_SOFT_MASK);
    ptw_attr tracked = (t->geo.options & PTW_OPT_AD) == 0 ? 0 : h->drop_age ? PTW_D : PTW_AD;

    if (now->kind != PTW_LEAF)
        return "the TLB still translates what is unmapped";
    if (s->oa - s->first != now->oa - now->addr)
        return "the TLB translates to another place than the table";
    if (((s->attr ^ now->attr) & same) != 0)
        return "the TLB has another memory type than the table";
    if ((s->attr & ~now->attr & PTW_RIGHTS) != 0)
        return "the TLB grants a right that the table has not";
    if ((s->attr & ~now->attr & tracked) != 0)
        return "the TLB remembers A or D that was cleared in the table";
    return NULL;
}

static const char *check_table(struct hardware *h, const struct ptw_table *t, const struct hardware_seen *s)
{
    const struct ptw_encoder *e = t->geo.encoder;
    ptw_oa pa = t->root_pa;

    for (unsigned level = t->geo.top;; level--) {
        ptw_addr index =
            ((s->first & t->geo.ia_mask) >> ptw_level_shift(e, level)) & ptw_low_mask(table_bits(&t->geo, level));
        const void *slot = ptw_sim_memory_at(h->memory, pa + index * e->word_bytes);
        ptw_word w = slot == NULL ? 0 : hardware_load(t, slot);
        if (slot == NULL || e->kind(&t->geo, w, level) != PTW_TABLE)
            return "a walk cache points at a table that is not linked";
        pa = e->table_pa(&t->geo, w, level);
        if (level == s->level)
            return pa == s->oa ? NULL : "a walk cache points at another table than the tree";
    }
}

static const char *check_one(struct hardware *h, const struct ptw_table *t, const struct hardware_seen *s, bool owed)
{
    struct hardware_leaf now;

    if (s->kind == PTW_TABLE)
        return owed ? NULL : check_table(h, t, s);
    if (hardware_walk(h, t, s->first, &now) == HARDWARE_NO_ADDRESS)
        return "the TLB knows an address that the table has not";
    if (s->kind != PTW_LEAF)
        return !owed && now.kind == PTW_LEAF ? "hardware remembers a hole that was filled" : NULL;
    if (!owed)
        return check_leaf(h, t, s, &now);
    if (t->geo.encoder->break_before_make && now.kind == PTW_LEAF && now.oa - now.addr != s->oa - s->first)
        return "break-before-make: a valid entry was changed to another translation";
    if (ptw_breaks_sizes(&t->geo) && now.kind == PTW_LEAF && now.level != s->level)
        return "break-before-make: a valid entry was changed to another size";
    if (ptw_breaks_groups(&t->geo) && now.kind == PTW_LEAF && now.level == s->level &&
        now.last - now.addr != s->last - s->first)
        return "break-before-make: a group was made or split while hardware knew the old slots";
    return NULL;
}

void hardware_busy(struct hardware *h, const struct ptw_table *t)
{
    h->busy = t;
    for (unsigned i = 0; t != NULL && i < h->seen; i++)
        h->tlb[i].stale = h->tlb[i].kind == PTW_TABLE && check_table(h, t, &h->tlb[i]) != NULL;
}

const char *hardware_check(struct hardware *h, const struct ptw_table *t, bool owed)
{
    for (unsigned i = 0; i < h->seen; i++) {
        const char *why = check_one(h, t, &h->tlb[i], owed);
        if (why != NULL)
            return why;
    }
    return hardware_violation(h);
}

const char *hardware_violation(const struct hardware *h)
{
    return h->violation != NULL ? h->violation : ptw_sim_memory_violation(h->memory);
}
