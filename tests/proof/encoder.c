/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tests/proof/encoder.c - what the contract (ptw/format.h) says of an encoder, for one format and one of its encoders.
 *
 * Every proof is about every configuration that ptw_configure() accepts, and every level, size, address, attribute
 * and word. Each function proof_NAME is one proof. scripts/prove compiles this file for each format that it finds:
 *
 *   FORMAT  the format, ptw_NAME
 *   BASES   initializers of configurations, one for each encoder that FORMAT chooses from (tests/proof/encoders.c)
 *   BASE    the number of the one that this proof is about
 */
#include "proof.h"
#include "walk/descent.h"

extern const struct ptw_format FORMAT;
const struct ptw_format *const ptw_formats[] = {&FORMAT, NULL};

static const struct ptw_config bases[] = {BASES};
#define BASES_COUNT (sizeof bases / sizeof *bases)

struct ptw_config nondet_config(void);

/* -------------------------------------------------------------------------------------------- what is given ------ */

/* Any configuration of the encoder, and the encoder. The pointer comes from a constant configuration, so that CBMC knows
 * the functions behind it. */
static const struct ptw_encoder *encoder_of(const struct ptw_config *c)
{
    struct ptw_geometry g;

    return ptw_configure(&FORMAT, c, &g, NULL) == PTW_OK ? g.encoder : NULL;
}

static const struct ptw_encoder *any_geometry(struct ptw_geometry *g)
{
    const struct ptw_encoder *e = encoder_of(&bases[BASE]);
    struct ptw_config c = nondet_config();

    c.granule = bases[BASE].granule; /* it only chooses the encoder, which is chosen */
    assume(ptw_configure(&FORMAT, &c, g, NULL) == PTW_OK);
    assume(g->encoder == e);
    g->encoder = e;
    return e;
}

static bool fits(const struct ptw_encoder *e, ptw_word w)
{
    return (w & ~ptw_low_mask(8 * e->word_bytes)) == 0;
}

/* Any level at which leaves may be made, and a size. */
static void any_size(const struct ptw_geometry *g, unsigned *level, unsigned *order)
{
    *level = (unsigned)any();
    *order = (unsigned)any();
    assume(*level <= g->max_leaf && *level < PTW_LEVELS_MAX && *order < 16);
    assume((g->orders[*level] >> *order & 1) != 0);
}

/* Any output address of a leaf of that size. */
static ptw_oa any_oa(const struct ptw_encoder *e, const struct ptw_geometry *g, unsigned level, unsigned order)
{
    const uint64_t within = (ptw_span(e, level) << order) - 1;
    const ptw_oa oa = any();

    assume((oa & within) == 0 && oa <= g->oa_last && within <= g->oa_last - oa);
    return oa;
}

/* Any slot of any leaf that the format can make. */
struct made {
    ptw_attr attr; /* as asked for */
    unsigned level, order;
    ptw_oa oa;      /* of the whole leaf */
    ptw_oa slot_oa; /* of this slot */
    ptw_word bits, w;
};

/* The size of the whole leaf, less one. */
static uint64_t within(const struct ptw_encoder *e, const struct made *m)
{
    return (ptw_span(e, m->level) << m->order) - 1;
}

static struct made any_leaf_with(const struct ptw_encoder *e, const struct ptw_geometry *g, ptw_attr attr)
{
    struct made m = {.attr = attr};
    const uint64_t slot = any();

    any_size(g, &m.level, &m.order);
    assume(slot >> m.order == 0);
    m.oa = any_oa(e, g, m.level, m.order);
    m.slot_oa = m.oa + (slot << ptw_level_shift(e, m.level));
    assume(e->bits(g, attr, m.level, m.order, &m.bits));
    m.w = e->leaf(g, m.slot_oa, m.bits, m.level, m.order);
    return m;
}

static struct made any_leaf(const struct ptw_encoder *e, const struct ptw_geometry *g)
{
    return any_leaf_with(e, g, any());
}

/* The word that a fresh leaf with `attr` would have in the place of `m`. */
static ptw_word fresh(const struct ptw_encoder *e, const struct ptw_geometry *g, const struct made *m, ptw_attr attr)
{
    ptw_word bits = 0;

    prove(e->bits(g, attr, m->level, m->order, &bits), "attributes that were read back can be written");
    return e->leaf(g, m->slot_oa, bits, m->level, m->order);
}

static ptw_word any_word(const struct ptw_encoder *e)
{
    const ptw_word w = any();

    assume(fits(e, w));
    return w;
}

static ptw_word updated(ptw_word w, struct ptw_update u)
{
    return (w & u.keep) | u.set;
}

/* More A and D than given is legal, where a format has no other leaf; less never is. */
static bool reads_as(ptw_attr got, ptw_attr given)
{
    return (given & ~got) == 0 && (got & ~given & ~PTW_AD) == 0;
}

/* Does the format know tables whose hardware sets A and D? Of others nobody asks dirty() and accessed(). */
static bool has_ad(void)
{
    for (const struct ptw_option *o = FORMAT.options; o->key != NULL; o++)
        if (o->bit == PTW_OPT_AD)
            return true;
    return false;
}

/* VT-d: no translation may lead to its interrupts. map makes such a leaf, verify objects to it, and so does illegal(), which
 * it does at that address only. */
static bool meets_interrupts(const struct ptw_encoder *e, const struct ptw_geometry *g, const struct made *m)
{
    const ptw_oa first = UINT64_C(0xfee00000), last = UINT64_C(0xfeefffff);
    ptw_word bits;

    return m->oa <= last && m->oa + within(e, m) >= first && e->bits(g, m->attr, 0, 0, &bits) &&
           e->illegal(g, e->leaf(g, first, bits, 0, 0), 0) != NULL;
}

/* ---------------------------------------------------------------------------------------------------- leaves ----- */

/* Every leaf is legal and reads back: what it is, its size, its address in every slot, its attributes. */
void proof_leaf(void)
{
    struct ptw_geometry g;
    const struct ptw_encoder *e = any_geometry(&g);
    const struct made m = any_leaf(e, &g);
    const ptw_attr attr = e->attr(&g, m.w, m.level);

    prove(fits(e, m.w), "a leaf fits into an entry");
    prove(e->kind(&g, m.w, m.level) == PTW_LEAF, "a leaf is a leaf");
    prove(m.w != e->empty(m.level), "a leaf is not the empty word");
    prove(e->order(m.w, m.level) == m.order, "the size of a leaf reads back");
    prove(e->oa(&g, m.w, m.level) == m.oa, "the address of the whole leaf reads back from every slot");
    prove(reads_as(attr, m.attr), "attributes read back");
    prove(e->illegal(&g, m.w, m.level) == NULL || meets_interrupts(e, &g, &m), "a leaf is legal");
    prove((e->dirty(m.w) != 0) == ((attr & PTW_D) != 0) || (e->dirty(m.w) == 0 && !has_ad()),
          "dirty() is the D of attr()");
    prove((e->accessed(m.w) != 0) == ((attr & PTW_A) != 0) || (e->accessed(m.w) == 0 && !has_ad()),
          "accessed() is the A of attr()");
    prove(fresh(e, &g, &m, attr) == m.w, "attributes that were read back make the same word");
    reached();
}

/* What the configuration does not have is refused, and the verdict does not depend on level or size. */
void proof_verdict(void)
{
    struct ptw_geometry g;
    const struct ptw_encoder *e = any_geometry(&g);
    const unsigned level = (unsigned)any(), order = (unsigned)any();
    const ptw_attr attr = any();
    ptw_word bits, bits0;
    const bool legal = e->bits(&g, attr, 0, 0, &bits0);

    assume(level <= e->max_level && order < 16 && (e->leaf_orders(level) >> order & 1) != 0);
    prove(e->bits(&g, attr, level, order, &bits) == legal, "the verdict is the same at every level and size");
    prove(!legal || (attr & ~g.attr_legal) == 0, "attributes that the configuration does not have are refused");
    prove(!legal || (g.rwx_legal >> (attr & PTW_RWX) & 1) != 0, "rights that are not legal are refused");
    prove(legal || (attr & ~PTW_RWX) != 0 || (g.rwx_legal >> attr & 1) == 0, "legal rights alone are accepted");
    prove(legal || !e->bits(&g, attr | PTW_AD, 0, 0, &bits) || (PTW_AD & ~g.attr_legal) != 0,
          "A and D make nothing legal");
    reached();
}

/* Another level, or a group taken apart or made, has the word of a fresh leaf there: no bit is lost. One of the two leaves
 * is a part of the other. */
void proof_carry(void)
{
    struct ptw_geometry g;
    const struct ptw_encoder *e = any_geometry(&g);
    const struct made from = any_leaf(e, &g), to = any_leaf_with(e, &g, from.attr);

    assume(((from.oa ^ to.oa) & ~(within(e, &from) | within(e, &to))) == 0);
    prove(e->leaf(&g, from.slot_oa, ptw_carry(e, &g, from.w, from.level, from.level, from.order), from.level,
                  from.order) == from.w,
          "a leaf that is carried to where it is stays as it is");
    prove(e->leaf(&g, to.slot_oa, ptw_carry(e, &g, from.w, from.level, to.level, to.order), to.level, to.order) == to.w,
          "a leaf that is carried elsewhere is as a fresh one");
    reached();
}

/* The hot paths count words up instead of encoding each. */
void proof_linear(void)
{
    struct ptw_geometry g;
    const struct ptw_encoder *e = any_geometry(&g);
    const struct made m = any_leaf(e, &g);
    const uint64_t n = any();

    assume(m.order == 0 && ptw_offset(e, m.level, n) == 0 && n <= g.oa_last - m.oa);
    assume(ptw_is_linear(e, m.oa, n));
    prove(e->leaf(&g, m.oa + n, m.bits, m.level, 0) == m.w + e->leaf(&g, n, 0, m.level, 0),
          "the words of consecutive leaves count up");
    reached();
}

/* ---------------------------------------------------------------------------------------------------- tables ----- */

static uint64_t table_bytes(const struct ptw_encoder *e, unsigned level)
{
    const uint64_t bytes = (uint64_t)e->word_bytes << ptw_level_bits(e, level);

    return bytes < 64 ? 64 : bytes;
}

/* An entry that points to a table is legal, reads back and hides nothing below it. */
void proof_table(void)
{
    struct ptw_geometry g;
    const struct ptw_encoder *e = any_geometry(&g);
    const unsigned level = (unsigned)any();
    const ptw_oa pa = any();

    assume(level > 0 && level <= g.top && pa <= g.oa_last && (pa & (table_bytes(e, level - 1) - 1)) == 0);
    const ptw_word w = e->table(&g, pa, level);

    prove(fits(e, w), "a table entry fits into an entry");
    prove(e->kind(&g, w, level) == PTW_TABLE, "a table entry is a table entry");
    prove(w != e->empty(level), "a table entry is not the empty word");
    prove(e->table_pa(&g, w, level) == pa, "the address of a table reads back");
    prove(e->illegal(&g, w, level) == NULL, "a table entry is legal");
    prove((w & e->table_hint_mask) == e->table_hint(level) ||
              (e->table_address != 0 && (pa & ~(e->table_address << e->table_address_shift)) != 0),
          "a table entry of this library has the hint, if its address is where the mask is");
    prove((~e->limits(&g, w, level) & PTW_RIGHTS & g.attr_legal) == 0,
          "a table entry of this library leaves all rights");
    prove(e->table_level == NULL || e->table_level(w, level) == level - 1, "a table entry leaves out no level");
    reached();
}

/* ----------------------------------------------------------------------------------------------------- words ----- */

/* Whatever stands in an entry: it is of one kind, and the hints do not lie. */
void proof_word(void)
{
    struct ptw_geometry g;
    const struct ptw_encoder *e = any_geometry(&g);
    const unsigned level = (unsigned)any();
    const ptw_word w = any_word(e), other = any_word(e);

    assume(level <= g.top);
    const enum ptw_kind kind = e->kind(&g, w, level);
    const ptw_word hint = e->leaf_hint(level);
    /* As free_lowest() has it: what table_pa() leaves out of the field, it leaves out of every entry. */
    const ptw_word address = e->table_pa(&g, e->table_hint(1) | e->table_address, 1) >> e->table_address_shift;
    const ptw_oa pa = (w & e->table_address & address) << e->table_address_shift;

    prove(kind == PTW_EMPTY || kind == PTW_MARKED || kind == PTW_TABLE || kind == PTW_LEAF, "a word is of one kind");
    prove(kind != PTW_TABLE || level > 0, "level 0 has no tables");
    prove(fits(e, e->empty(level)), "the empty word fits into an entry");
    prove((kind == PTW_EMPTY) == (w == e->empty(level)), "a level has one empty word");
    prove(e->dirty(e->empty(level)) == 0 && e->accessed(e->empty(level)) == 0, "an empty entry has neither A nor D");
    prove(e->volatile_loss(e->empty(level)) == 0, "hardware changes no empty entry");
    if (level > 0 && (w & e->table_hint_mask) == e->table_hint(level)) {
        prove(kind == PTW_TABLE, "the hint of tables does not lie");
        prove(e->table_level == NULL || e->table_level(w, level) == level - 1, "nor of the level that it points to");
        prove(e->table_address == 0 || e->table_pa(&g, w, level) == pa, "table_address is where the address is");
    }
    if (hint != ~UINT64_C(0) && (w & other & hint) == hint)
        prove(kind == PTW_LEAF && e->kind(&g, other, level) == PTW_LEAF, "the hint of leaves does not lie");
    reached();
}

/* A leaf of somebody else, if it breaks no rule, translates to an address that exists, and keeps its meaning when it is
 * carried to where it is. */
void proof_foreign(void)
{
    struct ptw_geometry g;
    const struct ptw_encoder *e = any_geometry(&g);
    const unsigned level = (unsigned)any();
    const ptw_word w = any_word(e);

    assume(level <= g.top && level < PTW_LEVELS_MAX && e->kind(&g, w, level) == PTW_LEAF);
    assume(e->illegal(&g, w, level) == NULL);
    const unsigned order = e->order(w, level);
    const ptw_oa oa = e->oa(&g, w, level);

    prove(level <= g.max_leaf && order < 16 && (e->leaf_orders(level) >> order & 1) != 0, "such a leaf can be there");
    prove((oa & ((ptw_span(e, level) << order) - 1)) == 0, "its address is aligned");
    prove(oa <= g.oa_last || (level > 0 && !fits(e, e->leaf(&g, oa, 0, 0, 0))),
          "its address is one that leaves of the library can have, if smaller ones reach as far");

    const ptw_word single = e->leaf(&g, oa, ptw_carry(e, &g, w, level, level, 0), level, 0);
    prove(e->kind(&g, single, level) == PTW_LEAF && e->order(single, level) == 0, "carry keeps a leaf a leaf");
    prove(e->oa(&g, single, level) == oa, "carry and leaf keep the address");
    prove(e->attr(&g, single, level) == e->attr(&g, w, level), "carry keeps the attributes");
    prove(e->illegal(&g, single, level) == NULL, "carry keeps a leaf legal");
    reached();
}

/* Marks: what they hold comes back, and neither hardware nor a late change of the leaf that was there alters them. */
void proof_mark(void)
{
    struct ptw_geometry g;
    const struct ptw_encoder *e = any_geometry(&g);
    const unsigned level = (unsigned)any(), type = (unsigned)any();
    const uint64_t payload = any();

    assume(level <= g.top);
    const unsigned width = e->payload_bits(level);
    prove(width <= 60, "a payload leaves room for the type");
    assume(width > 0 && type >= PTW_MARK_LOCKED && type < PTW_MARK_TYPES && payload >> width == 0);
    const ptw_word w = e->mark(type, payload, level);

    prove(fits(e, w), "a mark fits into an entry");
    prove(e->kind(&g, w, level) == PTW_MARKED, "a mark is a mark under every configuration");
    prove(w != e->empty(level), "a mark is not the empty word");
    prove(e->mark_type(w, level) == type && e->mark_payload(w, level) == payload, "a mark reads back");
    prove(e->dirty(w) == 0 && e->accessed(w) == 0 && e->volatile_loss(w) == 0, "a mark has neither A nor D");

    const struct made m = any_leaf(e, &g);
    assume(m.level == level);
    prove((w & ~e->clean_op(m.w).keep) == 0 && (w & ~e->old_op(m.w).keep) == 0, "a late clearing of A or D misses it");
    prove((w & m.w & ~ptw_change_rights(&g, e, m.w, m.level, 0, PTW_W)) == 0, "a late removal of W misses it");
    reached();
}

/* A hole that this library did not write says so. */
void proof_hole(void)
{
    struct ptw_geometry g;
    const struct ptw_encoder *e = any_geometry(&g);
    const unsigned level = (unsigned)any();
    const ptw_word w = any_word(e);

    assume(level <= g.top && e->payload_bits(level) > 0 && e->kind(&g, w, level) == PTW_MARKED);
    const unsigned type = e->mark_type(w, level);
    const uint64_t payload = e->mark_payload(w, level);

    prove(type < PTW_MARK_TYPES, "a hole has a type");
    prove(type == PTW_MARK_FOREIGN || payload >> e->payload_bits(level) == 0, "and a payload that fits");
    prove(type == PTW_MARK_FOREIGN || e->mark(type, payload, level) == w, "what mark() does not write is foreign");
    reached();
}

/* ------------------------------------------------------------------------------------------ changes in place ----- */

/* A and D: what takes them away, what hardware sets, where they live, how they join. */
void proof_ad(void)
{
    struct ptw_geometry g;
    const struct ptw_encoder *e = any_geometry(&g);
    const struct made m = any_leaf(e, &g);
    const ptw_attr is = e->attr(&g, m.w, m.level);
    const ptw_word clean = updated(m.w, e->clean_op(m.w)), loss = e->volatile_loss(m.w);
    const ptw_word alike = m.w ^ (any() & e->ad_mask(m.w));

    prove(updated(m.w, e->old_op(m.w)) == fresh(e, &g, &m, is & ~PTW_A), "old_op takes A away and nothing else");
    prove(clean == fresh(e, &g, &m, is & ~PTW_D), "clean_op takes D away and nothing else");

    prove(fits(e, loss) && (loss == 0 || (is & PTW_D) == 0), "hardware changes no dirty leaf");
    prove(loss == 0 || (m.w ^ loss) == fresh(e, &g, &m, is | PTW_D), "what hardware changes is D");
    prove(loss != 0 || (is & (PTW_W | PTW_D)) != PTW_W || (g.options & PTW_OPT_AD) == 0,
          "a plain store is not legal where hardware may set D");

    prove(((m.w ^ fresh(e, &g, &m, is ^ (any() & PTW_AD & g.attr_legal))) & ~e->ad_mask(m.w)) == 0,
          "A and D live in ad_mask");
    prove(e->kind(&g, alike, m.level) == PTW_LEAF && e->order(alike, m.level) == m.order &&
              e->oa(&g, alike, m.level) == m.oa && ((e->attr(&g, alike, m.level) ^ is) & ~PTW_AD) == 0,
          "words that differ in ad_mask only translate alike");
    reached();
}

/* Bits that are 0 when they hold are turned over for an OR. */
static ptw_word joined(const struct ptw_encoder *e, ptw_word a, ptw_word b)
{
    return ((a ^ e->inverted) | (b ^ e->inverted)) ^ e->inverted;
}

/* A leaf of the same attributes but A and D, at another address. */
void proof_join(void)
{
    struct ptw_geometry g;
    const struct ptw_encoder *e = any_geometry(&g);
    const struct made m = any_leaf(e, &g);
    const ptw_attr other = m.attr ^ (any() & PTW_AD);
    struct made n = m;

    n.oa = any_oa(e, &g, m.level, m.order);
    n.slot_oa = n.oa;
    assume(e->bits(&g, other, m.level, m.order, &n.bits));
    n.w = e->leaf(&g, n.slot_oa, n.bits, m.level, m.order);

    const ptw_attr both = e->attr(&g, m.w, m.level) | e->attr(&g, n.w, m.level);
    const ptw_word want = fresh(e, &g, &m, both);
    prove(e->leaf(&g, m.slot_oa, e->ad_join(m.bits, n.w), m.level, m.order) == want, "bits join A and D of a leaf");
    prove(e->ad_join(m.w, n.bits) == want, "a leaf joins A and D of bits");
    prove(e->leaf(&g, m.slot_oa, e->ad_join(m.bits, joined(e, m.w, n.w)), m.level, m.order) == want,
          "bits join A and D of several leaves");
    reached();
}

/* dirty(), accessed() and the W of attr() of several entries of a level-0 table at once. */
void proof_positive(void)
{
    struct ptw_geometry g;
    const struct ptw_encoder *e = any_geometry(&g);
    const struct made m = any_leaf(e, &g);
    const ptw_word all = joined(e, m.w, any_word(e));

    assume(e->positive && m.level == 0);
    prove(e->dirty(m.w) == 0 || e->dirty(all) != 0, "D of one is D of all");
    prove(e->accessed(m.w) == 0 || e->accessed(all) != 0, "A of one is A of all");
    prove((e->attr(&g, m.w, 0) & PTW_W) == 0 || (e->attr(&g, all, 0) & PTW_W) != 0, "W of one is W of all");
    reached();
}

/* Rights and software bits are added and removed, and nothing else changes. */
void proof_rights(void)
{
    struct ptw_geometry g;
    const struct ptw_encoder *e = any_geometry(&g);
    const struct made m = any_leaf(e, &g);
    const ptw_attr changeable = (PTW_RIGHTS | PTW_SOFT_MASK) & g.attr_legal;
    const ptw_attr add = any() & changeable, remove = any() & changeable & ~add;
    const ptw_attr is = e->attr(&g, m.w, m.level), want = (is & ~remove) | add;
    ptw_word bits;

    assume(e->bits(&g, want, m.level, m.order, &bits));
    const ptw_word w = ptw_change_rights(&g, e, m.w, m.level, add, remove);

    prove(reads_as(e->attr(&g, w, m.level), want), "rights are added and removed, A and D stay");
    prove(w == fresh(e, &g, &m, e->attr(&g, w, m.level)), "nothing else changes");
    reached();
}

/* ---------------------------------------------------------------------------------------------------- shapes ----- */

/* Every input bit is used once: the indices of all levels and the offset make up the place. */
static void prove_indices(const struct ptw_encoder *e, const struct ptw_geometry *g)
{
    const ptw_addr place = any();
    uint64_t sum = ptw_offset(e, 0, place);
    ptw_addr rest = place;

    assume(place <= g->ia_mask);
    for (unsigned level = PTW_LEVELS_MAX; level-- > 0;) {
        if (level > g->top)
            continue;
        uint64_t index = ptw_index(e, rest, level);
        prove(index >> (level == g->top ? g->root_bits : ptw_level_bits(e, level)) == 0,
              "an index is inside its table");
        sum += index << ptw_level_shift(e, level);
        if (level >= e->min_top)
            rest = level > e->min_top ? ptw_offset(e, level, rest) : place;
    }
    prove(sum == place, "the indices and the offset are the place");
}

/* Addresses and places are the same, one to one. */
static void prove_places(const struct ptw_geometry *g, bool upper)
{
    const ptw_addr addr = any(), place = any();
    const ptw_addr top = addr >> (g->ia_bits - 1), ones = ~UINT64_C(0) >> (g->ia_bits - 1);
    const bool exists = ptw_range_exists(g, addr, 1);

    assume(place <= g->ia_mask);
    if (g->ia_sign != 0)
        prove(exists == (top == 0 || top == ones), "a sign-extended space is both halves");
    else if (upper)
        prove(exists == (g->ia_bits == 64 || addr >= -(UINT64_C(1) << (g->ia_bits & 63))),
              "an upper space ends at the end");
    else
        prove(exists == (addr <= g->ia_mask), "a space begins at 0");
    prove(!exists || ptw_place_of(g, addr) <= g->ia_mask, "an address has a place");
    prove(!exists || ptw_addr_of(g, ptw_place_of(g, addr)) == addr, "and the place gives it back");
    prove(ptw_range_exists(g, ptw_addr_of(g, place), 1), "a place has an address");
    prove(ptw_place_of(g, ptw_addr_of(g, place)) == place, "and the address gives it back");
}

/* The sizes of leaves are those of the format, up to the one asked for. */
static void prove_leaves(const struct ptw_encoder *e, const struct ptw_geometry *g, uint64_t largest)
{
    const unsigned level = (unsigned)any(), order = (unsigned)any();

    prove(g->max_leaf <= g->top && g->orders[g->max_leaf] != 0 && (g->orders[0] & 1) != 0,
          "leaves stand at levels that are there, the smallest too");
    assume(level < PTW_LEVELS_MAX && order < 16 && (g->orders[level] >> order & 1) != 0);
    prove(level <= g->max_leaf, "no leaf is above max_leaf");
    prove((e->leaf_orders(level) >> order & 1) != 0, "leaves have sizes of the format");
    prove(order == 0 || (g->options & PTW_OPT_GROUPS) != 0, "groups are asked for");
    prove(largest == 0 || ptw_span(e, level) << order <= largest, "no leaf is larger than asked for");
}

/* Whatever the configuration: it is refused with a reason, or its geometry holds together. */
void proof_shape(void)
{
    struct ptw_config c = nondet_config();
    struct ptw_geometry g;
    const char *why = NULL;
    const ptw_status status = ptw_configure(&FORMAT, &c, &g, &why);
    const struct ptw_encoder *e = encoder_of(&bases[BASE]);
    uint64_t options = 0;
    bool known = false;

    if (status != PTW_OK) {
        prove(status == PTW_INVAL || status == PTW_UNSUPPORTED, "a refusal is INVAL or UNSUPPORTED");
        prove(why != NULL && *why != 0, "a refusal has a reason");
        return;
    }
    for (unsigned i = 0; i < BASES_COUNT; i++)
        known = known || g.encoder == encoder_of(&bases[i]);
    prove(known, "every encoder of the format is proved");
    assume(g.encoder == e);
    for (const struct ptw_option *o = FORMAT.options; o->key != NULL; o++)
        options |= o->bit;

    prove(e->word_bytes == 4 || e->word_bytes == 8, "an entry has 4 or 8 bytes");
    prove(e->max_level < PTW_LEVELS_MAX && g.top >= e->min_top && g.top <= e->max_level,
          "the root stands where it can");
    prove(c.levels == 0 || g.top == c.levels - 1, "levels are as asked for");
    prove(c.ia == 0 || g.ia_bits == c.ia, "input bits are as asked for");
    prove(c.oa == 0 || g.oa_bits == c.oa, "output bits are as asked for");
    prove(c.granule == 0 || c.granule == ptw_span(e, 0), "the granule is as asked for");
    prove((c.options & ~options) == 0 && (c.options & ~g.options) == 0, "options are as asked for");
    prove(g.oa_bits <= 64 && g.oa_last == ptw_low_mask(g.oa_bits), "oa_last is the last output address");
    prove(g.ia_bits > 0 && g.ia_bits <= 64 && g.ia_mask == ptw_low_mask(g.ia_bits), "ia_mask is the last place");
    prove(g.ia_bits > ptw_level_shift(e, g.top) && g.ia_bits <= ptw_level_shift(e, g.top) + g.root_bits,
          "the root has an entry for every input address");
    prove((uint64_t)e->word_bytes << g.root_bits <= UINT64_C(1) << 20, "the root has at most 1 MiB");
    prove((g.attr_legal & PTW_SOFT_MASK) == PTW_SOFT(ptw_low_mask(e->soft_bits)), "software bits are the lowest ones");
    prove(g.rwx_legal != 0 && (g.attr_legal & PTW_R) != 0, "some rights are legal");
    prove_leaves(e, &g, c.leaf);
    prove_places(&g, (g.options & PTW_OPT_UPPER) != 0);
    prove_indices(e, &g);
    reached();
}
