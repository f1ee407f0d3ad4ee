/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * laws.h - the encoders against the format pages: every combination of level, group, attributes, A, D, software bits and
 * output bit is either refused or reads back as it was given; no reserved bit is ever set, and every reserved bit that
 * somebody else has set is objected to; empty words, marks, tables and leaves never alias.
 *
 * What the pages say is written down a second time, as one law per configuration, in a file for each architecture
 * (test_encoders_x86.c, ...); nothing is asked of the encoders about themselves.
 */
#ifndef TEST_LAWS_H
#define TEST_LAWS_H

#define TEST_LITERAL_RIGHTS
#include "conformance.h"

#define LAW_LEVELS PTW_LEVELS_MAX

struct law {
    const struct ptw_format *format;
    const char *keys;
    ptw_attr flags;               /* USER, GLOBAL and own bits that are attributes here */
    ptw_attr exclusive;           /* of these, W included, one at most */
    ptw_attr stays_dirty;         /* a leaf with one of these can't be clean */
    bool (*legal)(ptw_attr attr); /* what else keeps them apart; NULL: nothing */
    ptw_word leaf[LAW_LEVELS];    /* reserved bits of a leaf, by level */
    ptw_word table[LAW_LEVELS];   /* and of a table entry */
    ptw_word leaf_never;          /* legal, but with a meaning that this library does not know: never set */
    ptw_word table_never;
    ptw_word single;     /* bits that are a field by themselves: not reserved means no objection, to none of them */
    ptw_word hole_zero;  /* A, D, rights and whatever may mean "present": 0 in every mark */
    ptw_word sets_d;     /* what hardware changes in a writable clean leaf when it is written to; 0: it does not */
    unsigned oa;         /* output bits */
    unsigned granule;    /* log2 of the smallest leaf; 0: 12 */
    unsigned bytes;      /* of an entry; 0: 8 */
    unsigned table_bits; /* log2 of the alignment of the tables that entries point to; 0: the granule */
    unsigned hint_bits;  /* the hint knows tables below 2^this; 0: all */
    bool big_endian;
    ptw_word orders
        [LAW_LEVELS]; /* sizes of leaves with all features on: leaf_orders(); 0 at a level up to the largest leaf: 1 */
    /* What hardware takes for present; NULL: bit 0 is set. */
    bool (*present)(ptw_word w, unsigned level);
    ptw_word (*unknown)(unsigned level); /* ignored by hardware at this level only and lost by carry; NULL: none */
    ptw_word hole_set;                   /* 1 in every hole that this library makes */
    uint16_t types;                      /* bit n: PTW_MT(n) is legal */
    uint16_t rwx;                        /* bit i: the combination i of PTW_R, PTW_W, PTW_X, PTW_UX is legal */
    bool always_dirty;                   /* a writable leaf can't be clean */
    ptw_attr always;                     /* A and D that every leaf has, whatever it was made with */
    bool always_protects;                /* no write passes a read-only leaf (x86 supervisors can, and set D) */
    bool breaks, negative;
};

#define TYPE(t) (1U << ((t) >> PTW_MT_SHIFT))

/* One law with the geometry that its configuration makes. */
struct trial {
    const struct law *law;
    struct ptw_geometry geo;
    const struct ptw_encoder *e;
};

static unsigned granule(const struct law *law)
{
    return law->granule != 0 ? law->granule : 12;
}

static unsigned table_bits(const struct law *law)
{
    return law->table_bits != 0 ? law->table_bits : granule(law);
}

/* A quarter of the bits. */
static uint64_t sparse64(void)
{
    uint64_t half = random64();

    return half & random64();
}

static void broken(const struct trial *t, const char *what, ptw_attr attr, unsigned level, ptw_word w)
{
    fail_msg("%s: %s (attributes 0x%" PRIx64 ", level %u, word 0x%016" PRIx64 ")", t->law->format->name, what, attr,
             level, w);
}

/* What the tests run over: laws_run's. */
static const struct law *laws;
static size_t laws_count;

static void each_law(void (*check)(const struct trial *t))
{
    for (const struct law *law = laws; law < laws + laws_count; law++) {
        struct trial t = {law, configured(law->format, law->keys), NULL};

        t.e = t.geo.encoder;
        check(&t);
    }
}

/* ------------------------------------------------------------------------------------- every combination ------- */

static bool lawful(const struct law *law, ptw_attr attr, unsigned soft_bits)
{
    ptw_attr rwx = attr & PTW_RWX;
    ptw_attr flags = attr & ~(PTW_RWX | PTW_AD | PTW_MT_MASK | PTW_SOFT_MASK);

    return (law->rwx >> rwx & 1) != 0 && (law->types >> ((attr & PTW_MT_MASK) >> PTW_MT_SHIFT) & 1) != 0 &&
           (flags & ~law->flags) == 0 && (law->exclusive == 0 || (attr & law->exclusive) != law->exclusive) &&
           (law->legal == NULL || law->legal(attr)) && (attr & PTW_SOFT_MASK) >> (PTW_SOFT_SHIFT + soft_bits) == 0;
}

/* Equal but that A and D may be more than was given, where the law says that all leaves, or writable ones, have them. */
static bool same_attr(const struct law *law, ptw_attr got, ptw_attr given)
{
    given |= law->always;
    if ((law->always_dirty && (given & PTW_W) != 0) || (given & law->stays_dirty) != 0)
        given |= PTW_D;
    return got == given;
}

/* The slot number `slot` of a leaf of 2^order slots at `oa`. */
static void check_slot(const struct trial *t, ptw_attr attr, unsigned level, unsigned order, ptw_oa oa, ptw_oa slot)
{
    ptw_word bits, w;

    assert_true(t->e->bits(&t->geo, attr, level, order, &bits));
    w = t->e->leaf(&t->geo, oa + (slot << ptw_level_shift(t->e, level)), bits, level, order);
    if (t->e->kind(&t->geo, w, level) != PTW_LEAF || t->e->order(w, level) != order)
        broken(t, "a leaf is no leaf, or of another size", attr, level, w);
    if (t->e->oa(&t->geo, w, level) != oa)
        broken(t, "another address comes back", attr, level, w);
    if (!same_attr(t->law, t->e->attr(&t->geo, w, level), attr))
        broken(t, "other attributes come back", attr, level, w);
    if ((w & (t->law->leaf[level] | t->law->leaf_never)) != 0)
        broken(t, "a reserved bit is set", attr, level, w);
    if (t->e->illegal(&t->geo, w, level) != NULL)
        broken(t, t->e->illegal(&t->geo, w, level), attr, level, w);
    if ((t->e->dirty(w) != 0) != ((t->e->attr(&t->geo, w, level) & PTW_D) != 0) ||
        (t->e->accessed(w) != 0) != (((attr | t->law->always) & PTW_A) != 0))
        broken(t, "dirty() or accessed() disagrees with attr()", attr, level, w);
}

static void check_word(const struct trial *t, ptw_attr attr, unsigned level, ptw_oa oa)
{
    for (unsigned order = 0; t->geo.orders[level] >> order != 0; order++) {
        const ptw_oa of_group = oa & ~ptw_low_mask(ptw_level_shift(t->e, level) + order);

        if ((t->geo.orders[level] >> order & 1) == 0)
            continue;
        check_slot(t, attr, level, order, of_group, 0);
        if (order == 0)
            continue;
        check_slot(t, attr, level, order, of_group, 1);
        check_slot(t, attr, level, order, of_group, ptw_low_mask(order));
    }
}

/* The verdict is the law's, at every level that has leaves. */
static void check_attr(const struct trial *t, ptw_attr attr)
{
    bool legal = lawful(t->law, attr, t->e->soft_bits);
    ptw_word bits;

    for (unsigned level = 0; level <= t->geo.max_leaf; level++) {
        if (t->e->bits(&t->geo, attr, level, 0, &bits) != legal)
            broken(t, legal ? "legal attributes are refused" : "illegal attributes are accepted", attr, level, 0);
        if (legal)
            check_word(t, attr, level, UINT64_C(0x5a) << ptw_level_shift(t->e, level) & t->geo.oa_last);
    }
}

/* The i-th of the 2^17 combinations of rights, A, D, memory type and the first own bits; what else is an attribute here
 * comes along in a quarter of them, and one bit by itself in another. */
static ptw_attr combination(const struct law *law, unsigned i)
{
    ptw_attr low = i & 0xffU, type = i >> 8 & 0xfU, own = i >> 12 & 0x1fU;
    ptw_attr more = law->flags & ~ptw_low_mask(PTW_OWN_SHIFT + 5), mix = i * UINT64_C(0x9e3779b97f4a7c15);

    more = (mix >> 62) == 0 ? more & mix << 6 : (mix >> 62) == 1 ? more & (~more + 1) : 0;
    return low | PTW_MT(type) | own << PTW_OWN_SHIFT | more;
}

static void check_roundtrip(const struct trial *t)
{
    for (unsigned i = 0; i < 1U << 17; i++)
        check_attr(t, combination(t->law, i));
}

static void geo_roundtrip_all_levels(void **state)
{
    (void)state;
    each_law(check_roundtrip);
}

/* A lawful combination to vary something else on. */
static ptw_attr plain(const struct law *law)
{
    return (law->rwx & 1U << 3) != 0 ? PTW_R | PTW_W : PTW_R | PTW_W | PTW_X;
}

static void check_soft_bits(const struct trial *t)
{
    for (unsigned n = 0; n < 16; n++)
        check_attr(t, plain(t->law) | PTW_SOFT(PTW_BIT(n)));
    for (unsigned n = 0; n < 1U << t->e->soft_bits; n++)
        check_attr(t, plain(t->law) | PTW_AD | PTW_SOFT((ptw_attr)n));
}

static void check_unknown_attributes(const struct trial *t)
{
    for (unsigned n = 0; n < 64; n++)
        if (n >= 12 && (n < PTW_SOFT_SHIFT || n >= PTW_OWN_SHIFT) && (t->law->flags >> n & 1) == 0)
            check_attr(t, plain(t->law) | PTW_BIT(n));
}

static void every_output_bit_reads_back(const struct trial *t)
{
    for (unsigned level = 0; level <= t->geo.max_leaf; level++)
        for (unsigned bit = ptw_level_shift(t->e, level); bit < t->law->oa; bit++) {
            check_word(t, plain(t->law), level, PTW_BIT(bit));
            check_word(t, plain(t->law), level, t->geo.oa_last + 1 - PTW_BIT(bit));
        }
}

/* Words of neighbours count up, unless `linear_bits` says that a carry could lie between them. */
static void words_count_up(const struct trial *t)
{
    const unsigned linear = t->e->linear_bits;

    for (unsigned level = 0; level <= t->geo.max_leaf; level++)
        for (unsigned bit = ptw_level_shift(t->e, level) + 1; bit < t->law->oa; bit++) {
            const ptw_oa span = PTW_BIT(ptw_level_shift(t->e, level)), oa = PTW_BIT(bit) - span;
            ptw_word bits, w;

            assert_true(t->e->bits(&t->geo, plain(t->law), level, 0, &bits));
            w = t->e->leaf(&t->geo, oa, bits, level, 0);
            if ((linear == 64 || (linear != 0 && bit < linear)) &&
                t->e->leaf(&t->geo, oa + span, bits, level, 0) != w + t->e->leaf(&t->geo, span, 0, level, 0))
                broken(t, "words do not count up", plain(t->law), level, w);
        }
}

static void geo_soft_bits_and_addresses(void **state)
{
    (void)state;
    each_law(words_count_up);
    each_law(check_soft_bits);
    each_law(check_unknown_attributes);
    each_law(every_output_bit_reads_back);
}

/* ------------------------------------------------------------------------------------------ reserved bits ------- */

static void check_tables(const struct trial *t)
{
    for (unsigned level = 1; level <= t->geo.top; level++)
        for (unsigned bit = table_bits(t->law); bit < t->law->oa; bit++) {
            ptw_word w = t->e->table(&t->geo, PTW_BIT(bit), level);

            if (t->e->kind(&t->geo, w, level) != PTW_TABLE || t->e->table_pa(&t->geo, w, level) != PTW_BIT(bit))
                broken(t, "a table entry does not read back", 0, level, w);
            if ((w & (t->law->table[level] | t->law->table_never)) != 0 || t->e->illegal(&t->geo, w, level) != NULL)
                broken(t, "a table entry has a reserved bit", 0, level, w);
            if ((w & t->e->table_hint_mask) != t->e->table_hint(level) &&
                (t->law->hint_bits == 0 || bit < t->law->hint_bits))
                broken(t, "an own table misses the hint", 0, level, w);
            if ((~t->e->limits(&t->geo, w, level) & PTW_RIGHTS & t->geo.attr_legal) != 0)
                broken(t, "a table entry limits rights", 0, level, w);
        }
}

/* To reserved bits there is an objection, to others there is none. A bit that makes a leaf of a table is neither. */
static void object_to_each(const struct trial *t, ptw_word w, ptw_word reserved, unsigned level)
{
    const enum ptw_kind kind = t->e->kind(&t->geo, w, level);

    assert_null(t->e->illegal(&t->geo, w, level));
    for (unsigned bit = 0; bit < 8 * t->e->word_bytes; bit++) {
        const ptw_word with = w | PTW_BIT(bit);
        const bool objection = t->e->illegal(&t->geo, with, level) != NULL;

        if ((reserved >> bit & 1) != 0 && !objection)
            broken(t, "no objection to a reserved bit", 0, level, with);
        if (((~reserved & t->law->single) >> bit & 1) != 0 && objection && t->e->kind(&t->geo, with, level) == kind)
            broken(t, t->e->illegal(&t->geo, with, level), 0, level, with);
    }
}

static void check_objections(const struct trial *t)
{
    ptw_word bits;

    for (unsigned level = 0; level <= t->geo.top; level++) {
        if (level > 0)
            object_to_each(t, t->e->table(&t->geo, PTW_BIT(table_bits(t->law)), level), t->law->table[level], level);
        if (level > t->geo.max_leaf)
            continue;
        assert_true(t->e->bits(&t->geo, plain(t->law), level, 0, &bits));
        object_to_each(t, t->e->leaf(&t->geo, 0, bits, level, 0), t->law->leaf[level], level);
    }
}

static void geo_reserved_bits(void **state)
{
    (void)state;
    each_law(check_tables);
    each_law(check_objections);
}

/* ------------------------------------------------------------------------------------------ holes and marks ---- */

static void check_empty(const struct trial *t)
{
    for (unsigned level = 0; level <= t->geo.top; level++) {
        ptw_word w = t->e->empty(level);

        if (t->e->kind(&t->geo, w, level) != PTW_EMPTY || (w & t->law->hole_zero) != 0)
            broken(t, "the empty word is not empty", 0, level, w);
        if ((w & t->law->hole_set) != t->law->hole_set)
            broken(t, "an empty entry lacks a bit (suppress #VE)", 0, level, w);
        if (t->e->dirty(w) != 0 || t->e->accessed(w) != 0 || t->e->volatile_loss(w) != 0)
            broken(t, "an empty entry is more than that", 0, level, w);
    }
}

static void geo_empty_pattern(void **state)
{
    (void)state;
    each_law(check_empty);
}

static void check_mark(const struct trial *t, unsigned type, uint64_t payload, unsigned level)
{
    ptw_word w = t->e->mark(type, payload, level);

    if (t->e->kind(&t->geo, w, level) != PTW_MARKED || w == t->e->empty(level))
        broken(t, "a mark is no mark", type, level, w);
    if (t->e->mark_type(w, level) != type || t->e->mark_payload(w, level) != payload)
        broken(t, "another mark comes back", type, level, w);
    if ((w & t->law->hole_zero) != 0 || t->e->dirty(w) != 0 || t->e->accessed(w) != 0 || t->e->volatile_loss(w) != 0)
        broken(t, "hardware could change a mark", type, level, w);
    if ((w & t->law->hole_set) != t->law->hole_set)
        broken(t, "a mark lacks a bit (suppress #VE)", type, level, w);
}

static void check_marks(const struct trial *t)
{
    for (unsigned level = 0; level <= t->geo.top; level++) {
        unsigned width = t->e->payload_bits(level);
        uint64_t most = ptw_low_mask(width);

        assert_true(width <= 60);
        for (unsigned type = PTW_MARK_LOCKED; type < PTW_MARK_TYPES && width > 0; type++) {
            check_mark(t, type, 0, level);
            check_mark(t, type, most, level);
            for (unsigned bit = 0; bit < width; bit++)
                check_mark(t, type, PTW_BIT(bit), level);
            for (unsigned i = 0; i < 200; i++)
                check_mark(t, type, random64() & most, level);
        }
    }
}

static bool present(const struct law *law, ptw_word w, unsigned level)
{
    return law->present != NULL ? law->present(w, level) : (w & 1) != 0;
}

/* Bits of other features, and what is ignored or a hint at some levels only. */
static ptw_word unknown_bits(const struct law *law, unsigned level)
{
    return law->leaf_never | (law->unknown != NULL ? law->unknown(level) : 0);
}

/* Does carry, at the leaf's own level and order, give `w` back for one of the leaf's slots? */
static bool carries_all(const struct trial *t, ptw_word w, unsigned level)
{
    const unsigned order = t->e->order(w, level);
    const ptw_word bits = ptw_carry(t->e, &t->geo, w, level, level, order);
    ptw_oa oa = t->e->oa(&t->geo, w, level);

    for (ptw_oa slot = 0; slot >> order == 0; slot++, oa += UINT64_C(1) << ptw_level_shift(t->e, level))
        if (t->e->leaf(&t->geo, oa, bits, level, order) == w)
            return true;
    return false;
}

/* Hints tell the truth when they say yes, and every word is of exactly one kind: what hardware sees as present is. */
static void check_random_word(const struct trial *t, ptw_word w, unsigned level)
{
    enum ptw_kind kind = t->e->kind(&t->geo, w, level);
    ptw_word hint = t->e->leaf_hint(level);

    if ((kind == PTW_EMPTY || kind == PTW_MARKED) == present(t->law, w, level))
        broken(t, "present and hole are confused", 0, level, w);
    if ((kind == PTW_EMPTY) != (w == t->e->empty(level)))
        broken(t, "a second empty word", 0, level, w);
    if (level > 0 && (w & t->e->table_hint_mask) == t->e->table_hint(level) && kind != PTW_TABLE)
        broken(t, "the table hint lies", 0, level, w);
    if ((w & hint) == hint && kind != PTW_LEAF)
        broken(t, "the leaf hint lies", 0, level, w);
    if (kind == PTW_LEAF && (w & unknown_bits(t->law, level)) == 0 && t->e->illegal(&t->geo, w, level) == NULL &&
        !carries_all(t, w, level))
        broken(t, "carry loses a bit of a legal leaf", 0, level, w);
}

static void check_random_words(const struct trial *t)
{
    const ptw_word word = ptw_low_mask(8 * t->e->word_bytes);

    for (unsigned i = 0; i < 100000; i++)
        for (unsigned level = 0; level <= t->geo.top; level++) {
            ptw_word w = random64() & word;

            check_random_word(t, w, level);
            check_random_word(t, w & sparse64(), level);
            check_random_word(t, w & ~(t->law->leaf[level] | unknown_bits(t->law, level)), level);
        }
}

static void geo_kind_disjoint(void **state)
{
    (void)state;
    each_law(check_marks);
    each_law(check_random_words);
}

/* ------------------------------------------------------------------------------------------ changes in place --- */

static ptw_word made_group(const struct trial *t, ptw_attr attr, unsigned level, unsigned order, ptw_oa oa)
{
    ptw_word bits;

    assert_true(t->e->bits(&t->geo, attr, level, order, &bits));
    return t->e->leaf(&t->geo, oa, bits, level, order);
}

static ptw_word made(const struct trial *t, ptw_attr attr, unsigned level, ptw_oa oa)
{
    return made_group(t, attr, level, 0, oa);
}

/* The leaf `old` of level `from` in each size that a leaf at level `to` can have. */
static void carry_to(const struct trial *t, ptw_attr attr, ptw_word old, unsigned from, unsigned to)
{
    for (unsigned order = 0; t->geo.orders[to] >> order != 0; order++) {
        ptw_word got;

        if ((t->geo.orders[to] >> order & 1) == 0)
            continue;
        got = t->e->leaf(&t->geo, 0, ptw_carry(t->e, &t->geo, old, from, to, order), to, order);
        if (got != made_group(t, attr, to, order, 0))
            broken(t, "carry changes the leaf", attr, to, got);
    }
}

/* A part of a leaf has the word that a fresh leaf of the part's size would have: nothing is lost between sizes. */
static void carry_attr(const struct trial *t, ptw_attr attr)
{
    for (unsigned from = 0; from <= t->geo.max_leaf; from++)
        for (unsigned to = 0; to <= t->geo.max_leaf; to++) {
            carry_to(t, attr, made(t, attr, from, 0), from, to);
            if (t->geo.orders[from] >> 1 != 0)
                carry_to(t, attr, made_group(t, attr, from, ptw_high_bit(t->geo.orders[from]), 0), from, to);
        }
}

static void check_carry(const struct trial *t)
{
    for (unsigned i = 0; i < 1U << 17; i++)
        if (lawful(t->law, combination(t->law, i), t->e->soft_bits))
            carry_attr(t, combination(t->law, i) | PTW_SOFT(i % (1U << t->e->soft_bits)));
}

static void carry_keeps_everything_between_levels(void **state)
{
    (void)state;
    each_law(check_carry);
}

static ptw_word updated(ptw_word w, struct ptw_update u)
{
    return (w & u.keep) | u.set;
}

/* What hardware does to a writable clean leaf makes it dirty; clean_op undoes just that, old_op takes just A away. */
static void update_attr(const struct trial *t, ptw_attr attr, unsigned level)
{
    ptw_word w = made(t, attr, level, 0), loss = t->e->volatile_loss(w), bits;
    ptw_attr is = t->e->attr(&t->geo, w, level), now;
    bool changes = (is & PTW_W) != 0 && (is & PTW_D) == 0;

    if (changes && t->law->sets_d != 0 && loss != t->law->sets_d)
        broken(t, "volatile_loss misses what hardware sets", attr, level, w);
    if (!changes && (t->law->always_protects || (is & PTW_D) != 0) && loss != 0)
        broken(t, "volatile_loss where nothing can change", attr, level, w);
    if (t->e->attr(&t->geo, updated(w, t->e->old_op(w)), level) != (is & (~PTW_A | t->law->always)))
        broken(t, "old_op does more or less than take A away", attr, level, w);
    if (t->law->always_dirty || (t->law->always & PTW_D) != 0 || (is & t->law->stays_dirty) != 0)
        return;
    now = t->e->attr(&t->geo, updated(w, t->e->clean_op(w)), level);
    if (now != (is & ~PTW_D) || t->e->dirty(updated(w, t->e->clean_op(w))) != 0)
        broken(t, "clean_op does more or less than take D away", attr, level, w);
    if (changes && t->law->sets_d != 0 && t->e->attr(&t->geo, w ^ t->law->sets_d, level) != (is | PTW_D))
        broken(t, "what hardware sets is not D", attr, level, w);

    assert_true(t->e->bits(&t->geo, attr & ~PTW_AD, level, 0, &bits));
    now = t->e->attr(&t->geo, t->e->leaf(&t->geo, 0, t->e->ad_join(bits, w), level, 0), level);
    if (now != is)
        broken(t, "ad_join loses A or D", attr, level, w);
    if (((w ^ made(t, attr & ~PTW_AD, level, 0)) & ~t->e->ad_mask(w)) != 0)
        broken(t, "A and D live outside of ad_mask", attr, level, w);
}

static void check_updates(const struct trial *t)
{
    for (unsigned level = 0; level <= t->geo.max_leaf; level++)
        for (unsigned i = 0; i < 1U << 17; i++)
            if (lawful(t->law, combination(t->law, i), t->e->soft_bits))
                update_attr(t, combination(t->law, i) | PTW_SOFT(i % (1U << t->e->soft_bits)), level);
    for (unsigned level = 1; level <= t->geo.top; level++)
        assert_int_equal(t->e->volatile_loss(t->e->empty(level)), 0);
}

/* As the walker does it with neighbours: the bits that are 0 when they hold are turned over before the OR. */
static ptw_word together(const struct trial *t, ptw_word a, ptw_word b)
{
    return ((a ^ t->e->inverted) | (b ^ t->e->inverted)) ^ t->e->inverted;
}

/* dirty() and accessed() of eight words at once: yes if it is yes for one of them. */
static void check_joined(const struct trial *t)
{
    ptw_attr clean = plain(t->law) & ~PTW_AD, dirty = plain(t->law) | PTW_AD;
    ptw_attr protected = lawful(t->law, clean & ~PTW_W, 0) ? clean & ~PTW_W : clean;
    ptw_word others = made(t, clean, 0, PTW_BIT(granule(t->law)));

    others = together(t, others, made(t, protected, 0, t->geo.oa_last & ~ptw_low_mask(granule(t->law))));
    others = together(t, others, t->e->empty(0));
    others = together(t, others, t->e->mark(PTW_MARK_USER, t->e->payload_bits(0) > 0 ? 1 : 0, 0));
    assert_int_not_equal(t->e->dirty(together(t, others, made(t, dirty, 0, 0))), 0);
    assert_int_not_equal(t->e->accessed(together(t, others, made(t, dirty, 0, 0))), 0);
    assert_int_equal(t->e->accessed(others) != 0, (t->law->always & PTW_A) != 0);
}

static void accessed_and_dirty_have_one_meaning(void **state)
{
    (void)state;
    each_law(check_updates);
    each_law(check_joined);
}

static void change_rights(const struct trial *t, ptw_attr attr, ptw_attr add, ptw_attr remove, unsigned level)
{
    ptw_word w = made(t, attr, level, 0), got;
    ptw_attr is = t->e->attr(&t->geo, w, level), want = (is & ~remove) | add;

    if ((add & remove) != 0 || !lawful(t->law, want, t->e->soft_bits))
        return;
    got = ptw_change_rights(&t->geo, t->e, w, level, add, remove);
    if (!same_attr(t->law, t->e->attr(&t->geo, got, level), want))
        broken(t, "rights does more or less than it was told", add << 32 | remove, level, got);
    if (t->e->oa(&t->geo, got, level) != 0 || t->e->kind(&t->geo, got, level) != PTW_LEAF ||
        t->e->illegal(&t->geo, got, level) != NULL)
        broken(t, "rights makes another leaf", attr, level, got);
}

static void check_rights(const struct trial *t)
{
    const ptw_attr soft = t->e->soft_bits > 0 ? PTW_SOFT(1) : 0;
    const ptw_attr all =
        (PTW_RIGHTS & (t->law->flags | PTW_R | PTW_W | PTW_X | (t->law->rwx > 0xff ? PTW_UX : 0))) | soft;

    for (unsigned i = 0; i < 1U << 17; i++) {
        ptw_attr attr = combination(t->law, i) | (i % 3 == 0 ? soft : 0);

        if (!lawful(t->law, attr, t->e->soft_bits))
            continue;
        for (unsigned n = 0; n < 256; n++) {
            ptw_attr add = sparse64() & all, remove = sparse64() & all;

            change_rights(t, attr, add, remove, n % (t->geo.max_leaf + 1));
        }
    }
}

static void rights_change_nothing_else(void **state)
{
    (void)state;
    each_law(check_rights);
}

/* What hardware leaves of the rights below a table entry, for entries that this library would not write. */
struct limits {
    const struct ptw_format *format;
    ptw_word entry;
    ptw_attr limits;
};
static const struct limits *limits;
static size_t limits_count;

static void tables_of_others_limit_rights(void **state)
{
    (void)state;
    for (const struct limits *c = limits; c < limits + limits_count; c++) {
        struct ptw_geometry geo = configured(c->format, "");

        assert_int_equal(geo.encoder->kind(&geo, c->entry, 1), PTW_TABLE);
        assert_int_equal(geo.encoder->limits(&geo, c->entry, 1), c->limits);
    }
}

static void check_capabilities(const struct trial *t)
{
    assert_int_equal(t->e->break_before_make, t->law->breaks);
    assert_int_equal(t->e->negative_caching, t->law->negative);
    if (t->e->zero_extended)
        assert_int_equal(t->geo.ia_bias | t->geo.ia_sign, 0);
    for (ptw_attr add = 0; add <= PTW_RWX; add++) {
        for (ptw_attr from = 0; (t->geo.rwx_grows >> add & 1U) != 0 && from <= PTW_RWX; from++)
            assert_true((t->geo.rwx_legal >> from & 1U) == 0 || (t->geo.rwx_legal >> (from | add) & 1U) != 0);
    }
    assert_int_equal(t->e->word_bytes, t->law->bytes != 0 ? t->law->bytes : 8);
    assert_int_equal(t->e->big_endian, t->law->big_endian);
    assert_int_equal(t->e->granule, granule(t->law));
    assert_int_equal(t->geo.oa_last, ptw_low_mask(t->law->oa));
    for (unsigned level = 0; level <= t->geo.max_leaf; level++)
        assert_int_equal(t->e->leaf_orders(level), t->law->orders[level] != 0 ? t->law->orders[level] : 1);
    for (unsigned level = t->geo.max_leaf + 1; level <= t->geo.top; level++)
        assert_int_equal(t->e->leaf_orders(level), t->law->orders[level]); /* made by other configurations */
}

static void capabilities_are_those_of_the_manuals(void **state)
{
    (void)state;
    each_law(check_capabilities);
}

/* The main() of a file of laws; `limits` are what tables of others leave of the rights below. */
static int laws_run(const struct law *all, size_t n, const struct limits *of_others, size_t limits_n)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(geo_roundtrip_all_levels),
        cmocka_unit_test(geo_soft_bits_and_addresses),
        cmocka_unit_test(geo_reserved_bits),
        cmocka_unit_test(geo_empty_pattern),
        cmocka_unit_test(geo_kind_disjoint),
        cmocka_unit_test(carry_keeps_everything_between_levels),
        cmocka_unit_test(accessed_and_dirty_have_one_meaning),
        cmocka_unit_test(rights_change_nothing_else),
        cmocka_unit_test(tables_of_others_limit_rights),
        cmocka_unit_test(capabilities_are_those_of_the_manuals),
    };

    laws = all;
    laws_count = n;
    limits = of_others;
    limits_count = limits_n;
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

#endif
