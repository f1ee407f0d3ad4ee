/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The encoders against the format pages: every combination of level, attributes, A, D, software bits and output bit is
 * either refused or reads back as it was given; no reserved bit is ever set, and every reserved bit that somebody else
 * has set is objected to; empty words, marks, tables and leaves never alias.
 *
 * What the pages say is written down a second time here, as one law per configuration; nothing is asked of the
 * encoders about themselves.
 */
#include "conformance.h"

#include <ptw/arm64.h>
#include <ptw/riscv.h>
#include <ptw/x86.h>

#define LAW_LEVELS 5

struct law {
    const struct ptw_format *format;
    const char *keys;
    ptw_attr flags;             /* USER, GLOBAL and own bits that are attributes here */
    ptw_attr exclusive;         /* of these, one at most */
    ptw_word leaf[LAW_LEVELS];  /* reserved bits of a leaf, by level */
    ptw_word table[LAW_LEVELS]; /* and of a table entry */
    ptw_word leaf_never;        /* legal, but with a meaning that this library does not know: never set */
    ptw_word table_never;
    ptw_word hole_zero;   /* A, D, rights and whatever may mean "present": 0 in every mark */
    ptw_word sets_d;      /* what hardware changes in a writable clean leaf when it is written to; 0: it does not */
    unsigned oa;          /* output bits */
    uint16_t types;       /* bit n: PTW_MT(n) is legal */
    uint8_t rwx;          /* bit i: the combination i of PTW_R, PTW_W, PTW_X is legal */
    bool always_dirty;    /* a writable leaf can't be clean */
    bool always_protects; /* no write passes a read-only leaf (x86 supervisors can, and set D) */
    bool breaks, negative;
};

#define TYPE(t) (1U << ((t) >> PTW_MT_SHIFT))
#define X86_TYPES (TYPE(PTW_MT_WB) | TYPE(PTW_MT_WT) | TYPE(PTW_MT_UC_MINUS) | TYPE(PTW_MT_UC))
#define EPT_TYPES (TYPE(PTW_MT_WB) | TYPE(PTW_MT_WT) | TYPE(PTW_MT_WP) | TYPE(PTW_MT_NC) | TYPE(PTW_MT_UC))
#define ARM_DEVICE (TYPE(PTW_MT_UC) | TYPE(PTW_MT_DEV_NGNRE) | TYPE(PTW_MT_DEV_NGRE) | TYPE(PTW_MT_DEV_GRE))
#define ARM_TYPES (ARM_DEVICE | TYPE(PTW_MT_WB) | TYPE(PTW_MT_WT) | TYPE(PTW_MT_NC))
#define ARM_TYPES_FWB (ARM_DEVICE | TYPE(PTW_MT_WB) | TYPE(PTW_MT_NC) | TYPE(PTW_MT_INHERIT))
#define RISCV_TYPES TYPE(PTW_MT_WB)
#define RISCV_TYPES_PBMT (RISCV_TYPES | TYPE(PTW_MT_NC) | TYPE(PTW_MT_UC))

#define X86_FLAGS (PTW_USER | PTW_GLOBAL | PTW_X86_PAT_HIGH | PTW_X86_PKEY_MASK)
#define EPT_FLAGS (PTW_EPT_IPAT | PTW_EPT_SUPPRESS_VE)
#define ARM_FLAGS (PTW_ARM64_OUTER_SHAREABLE | PTW_ARM64_NON_SHAREABLE)

#define NX PTW_BIT(63)
#define OVER(m) PTW_BITS(51, m) /* address bits above a physical width of m */

#define EPT_LAW(m)                                                                                                     \
    .types = EPT_TYPES, .flags = EPT_FLAGS, .oa = (m),                                                                 \
    .leaf_never = PTW_BIT(10) | PTW_BITS(58, 57) | PTW_BITS(61, 60), .table_never = PTW_BIT(10), .hole_zero = 0x707,   \
    .always_protects = true
#define X86_LAW(m) .types = X86_TYPES, .oa = (m), .hole_zero = 0x67, .sets_d = 0x40
#define ARM_LAW                                                                                                        \
    .format = &ptw_arm64_s2, .rwx = 0xff, .flags = ARM_FLAGS, .exclusive = ARM_FLAGS, .oa = 48,                        \
    .leaf = {ARM_RES0, ARM_RES0 | 0x1ef000, ARM_RES0 | 0x3ffef000}, .table_never = PTW_BITS(63, 48) | PTW_BITS(11, 2), \
    .hole_zero = PTW_BIT(51) | 0x4c1, .breaks = true, .always_protects = true
#define ARM_RES0 (PTW_BIT(63) | PTW_BIT(53) | PTW_BITS(49, 48) | PTW_BIT(11))
#define ARM_NEVER (PTW_BITS(62, 59) | PTW_BIT(52))
#define RISCV_LAW(res0)                                                                                                \
    .rwx = 0xba, .oa = 56,                                                                                             \
    .leaf = {(res0), (res0) | PTW_BITS(18, 10), (res0) | PTW_BITS(27, 10), (res0) | PTW_BITS(36, 10),                  \
             (res0) | PTW_BITS(45, 10)},                                                                               \
    .table = {0, RISCV_POINTER, RISCV_POINTER, RISCV_POINTER, RISCV_POINTER}, .leaf_never = PTW_BIT(5),                \
    .table_never = PTW_BIT(5), .hole_zero = 0xcf, .negative = true, .always_protects = true
#define RISCV_POINTER (PTW_BITS(63, 54) | 0xd0)
#define RISCV_RES0 (PTW_BIT(63) | PTW_BITS(60, 54))

/* The masks are those of the table "reserved-bit masks" of the format pages. */
static const struct law laws[] = {
    {&ptw_ept, "oa=46", .rwx = 0xaa, EPT_LAW(46), .leaf = {OVER(46), OVER(46) | 0x1ff000, OVER(46) | 0x3ffff000},
     .table = {0, OVER(46) | 0x78, OVER(46) | 0x78, OVER(46) | 0x78}},
    {&ptw_ept, "levels=5,ad=1,exec-only=1", .rwx = 0xba, EPT_LAW(52), .sets_d = 0x200,
     .leaf = {0, 0x1ff000, 0x3ffff000}, .table = {0, 0x78, 0x78, 0x78, 0x78}},
    {&ptw_x86_64, "oa=46", .rwx = 0xaa, X86_LAW(46), .flags = X86_FLAGS,
     .leaf = {OVER(46), OVER(46) | 0x1fe000, OVER(46) | 0x3fffe000}, .table = {0, OVER(46), OVER(46), OVER(46)},
     .table_never = 0x100},
    {&ptw_x86_64, "levels=5,nx=0", .rwx = 0xa0, X86_LAW(52), .flags = X86_FLAGS,
     .leaf = {NX, NX | 0x1fe000, NX | 0x3fffe000}, .table = {0, NX, NX, NX, NX}, .table_never = 0x100},
    {&ptw_npt, "oa=46", .rwx = 0xaa, X86_LAW(46), .flags = PTW_X86_PAT_HIGH,
     .leaf = {OVER(46), OVER(46) | 0x1fe000, OVER(46) | 0x3fffe000},
     .table = {0, OVER(46), OVER(46), OVER(46) | 0x100}},
    {&ptw_npt, "levels=5,nx=0", .rwx = 0xa0, X86_LAW(52), .flags = PTW_X86_PAT_HIGH,
     .leaf = {NX, NX | 0x1fe000, NX | 0x3fffe000}, .table = {0, NX, NX, NX | 0x100, NX | 0x100}},
    {ARM_LAW, .keys = "", .types = ARM_TYPES, .leaf_never = ARM_NEVER | PTW_BIT(51), .always_dirty = true},
    {ARM_LAW, .keys = "ipa=48,ad=1", .types = ARM_TYPES, .leaf_never = ARM_NEVER, .sets_d = 0x80},
    {ARM_LAW, .keys = "fwb=1,ad=1", .types = ARM_TYPES_FWB, .leaf_never = ARM_NEVER | 0x20, .sets_d = 0x80},
    {&ptw_riscv_sv39x4, "", .types = RISCV_TYPES, RISCV_LAW(RISCV_RES0 | PTW_BITS(62, 61))},
    {&ptw_riscv_sv48x4, "ad=1", .types = RISCV_TYPES, RISCV_LAW(RISCV_RES0 | PTW_BITS(62, 61)), .sets_d = 0x80},
    {&ptw_riscv_sv57x4, "ad=1,pbmt=1", .types = RISCV_TYPES_PBMT, RISCV_LAW(RISCV_RES0), .sets_d = 0x80},
};

/* One law with the geometry that its configuration makes. */
struct trial {
    const struct law *law;
    struct ptw_geometry geo;
    const struct ptw_encoder *e;
};

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

static void each_law(void (*check)(const struct trial *t))
{
    for (const struct law *law = laws; law < laws + COUNT(laws); law++) {
        struct trial t = {law, configured(law->format, law->keys), NULL};

        t.e = t.geo.encoder;
        check(&t);
    }
}

/* ------------------------------------------------------------------------------------- every combination ------- */

static bool lawful(const struct law *law, ptw_attr attr, unsigned soft_bits)
{
    ptw_attr rwx = attr & (PTW_R | PTW_W | PTW_X);
    ptw_attr flags = attr & ~(PTW_R | PTW_W | PTW_X | PTW_AD | PTW_MT_MASK | PTW_SOFT_MASK);

    return (law->rwx >> rwx & 1) != 0 && (law->types >> ((attr & PTW_MT_MASK) >> PTW_MT_SHIFT) & 1) != 0 &&
           (flags & ~law->flags) == 0 && (law->exclusive == 0 || (flags & law->exclusive) != law->exclusive) &&
           (attr & PTW_SOFT_MASK) >> (PTW_SOFT_SHIFT + soft_bits) == 0;
}

/* Equal but that D may be more than was given, where the law says that a writable leaf is always dirty. */
static bool same_attr(const struct law *law, ptw_attr got, ptw_attr given)
{
    if (law->always_dirty && (given & PTW_W) != 0)
        given |= PTW_D;
    return got == given;
}

static void check_word(const struct trial *t, ptw_attr attr, unsigned level, ptw_oa oa)
{
    ptw_word bits, w;

    assert_true(t->e->bits(&t->geo, attr, level, 0, &bits));
    w = t->e->leaf(&t->geo, oa, bits, level, 0);
    if (t->e->kind(w, level) != PTW_LEAF || t->e->order(w, level) != 0)
        broken(t, "a leaf is no leaf", attr, level, w);
    if (t->e->oa(&t->geo, w, level) != oa)
        broken(t, "another address comes back", attr, level, w);
    if (!same_attr(t->law, t->e->attr(&t->geo, w, level), attr))
        broken(t, "other attributes come back", attr, level, w);
    if ((w & (t->law->leaf[level] | t->law->leaf_never)) != 0)
        broken(t, "a reserved bit is set", attr, level, w);
    if (t->e->illegal(&t->geo, w, level) != NULL)
        broken(t, t->e->illegal(&t->geo, w, level), attr, level, w);
    if ((t->e->dirty(w) != 0) != ((t->e->attr(&t->geo, w, level) & PTW_D) != 0) ||
        (t->e->accessed(w) != 0) != ((attr & PTW_A) != 0))
        broken(t, "dirty() or accessed() disagrees with attr()", attr, level, w);
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

/* The i-th of the 2^17 combinations of rights, A, D, memory type and the own bits that formats use. */
static ptw_attr combination(unsigned i)
{
    ptw_attr low = i & 0xffU, type = i >> 8 & 0xfU, own = i >> 12 & 0x1fU;

    return low | PTW_MT(type) | own << PTW_OWN_SHIFT;
}

static void check_roundtrip(const struct trial *t)
{
    for (unsigned i = 0; i < 1U << 17; i++)
        check_attr(t, combination(i));
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
    assert_true(t->e->soft_bits >= 1);
    for (unsigned n = 0; n < 16; n++)
        check_attr(t, plain(t->law) | PTW_SOFT(PTW_BIT(n)));
    for (unsigned n = 0; n < 1U << t->e->soft_bits; n++)
        check_attr(t, plain(t->law) | PTW_AD | PTW_SOFT((ptw_attr)n));
}

static void check_unknown_attributes(const struct trial *t)
{
    for (unsigned n = 0; n < 64; n++)
        if (n != 3 && (n < 12 || (n >= 16 && n < 37)))
            continue; /* these have a meaning somewhere */
        else
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

static void geo_soft_bits_and_addresses(void **state)
{
    (void)state;
    each_law(check_soft_bits);
    each_law(check_unknown_attributes);
    each_law(every_output_bit_reads_back);
}

/* ------------------------------------------------------------------------------------------ reserved bits ------- */

static void check_tables(const struct trial *t)
{
    for (unsigned level = 1; level <= t->geo.top; level++)
        for (unsigned bit = 12; bit < t->law->oa; bit++) {
            ptw_word w = t->e->table(&t->geo, PTW_BIT(bit), level);

            if (t->e->kind(w, level) != PTW_TABLE || t->e->table_pa(&t->geo, w, level) != PTW_BIT(bit))
                broken(t, "a table entry does not read back", 0, level, w);
            if ((w & (t->law->table[level] | t->law->table_never)) != 0 || t->e->illegal(&t->geo, w, level) != NULL)
                broken(t, "a table entry has a reserved bit", 0, level, w);
            if ((w & t->e->table_hint_mask) != t->e->table_hint_value)
                broken(t, "an own table misses the hint", 0, level, w);
            if (t->e->limits(w, level) != PTW_RIGHTS)
                broken(t, "a table entry limits rights", 0, level, w);
        }
}

static void object_to_each(const struct trial *t, ptw_word w, ptw_word reserved, unsigned level)
{
    assert_null(t->e->illegal(&t->geo, w, level));
    for (unsigned bit = 0; bit < 64; bit++)
        if ((reserved >> bit & 1) != 0 && t->e->illegal(&t->geo, w | PTW_BIT(bit), level) == NULL)
            broken(t, "no objection to a reserved bit", 0, level, w | PTW_BIT(bit));
}

static void check_objections(const struct trial *t)
{
    ptw_word bits;

    for (unsigned level = 0; level <= t->geo.top; level++) {
        if (level > 0)
            object_to_each(t, t->e->table(&t->geo, 0x1000, level), t->law->table[level], level);
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

        if (t->e->kind(w, level) != PTW_EMPTY || (w & t->law->hole_zero) != 0)
            broken(t, "the empty word is not empty", 0, level, w);
        if (t->law->format == &ptw_ept && (w & PTW_BIT(63)) == 0)
            broken(t, "an empty entry does not suppress #VE", 0, level, w);
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

    if (t->e->kind(w, level) != PTW_MARKED || w == t->e->empty(level))
        broken(t, "a mark is no mark", type, level, w);
    if (t->e->mark_type(w, level) != type || t->e->mark_payload(w, level) != payload)
        broken(t, "another mark comes back", type, level, w);
    if ((w & t->law->hole_zero) != 0 || t->e->dirty(w) != 0 || t->e->accessed(w) != 0 || t->e->volatile_loss(w) != 0)
        broken(t, "hardware could change a mark", type, level, w);
    if (t->law->format == &ptw_ept && (w & PTW_BIT(63)) == 0)
        broken(t, "a mark does not suppress #VE", type, level, w);
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

/* What hardware does not take for a hole: EPT has no present bit, 01 at Arm's last level is a translation fault. */
static bool present(const struct law *law, ptw_word w, unsigned level)
{
    if (law->format == &ptw_ept)
        return (w & 7) != 0;
    return (w & 1) != 0 && (law->format != &ptw_arm64_s2 || level != 0 || (w & 3) == 3);
}

/* Bits of other features, and what is ignored (EPT's bit 7) or a hint (Arm's nT) at some levels only. */
static ptw_word unknown_bits(const struct law *law, unsigned level)
{
    ptw_word here = law->format == &ptw_ept && level == 0 ? 0x80 : law->breaks && level > 0 ? 0x10000 : 0;

    return law->leaf_never | here;
}

/* Hints tell the truth when they say yes, and every word is of exactly one kind: what hardware sees as present is. */
static void check_random_word(const struct trial *t, ptw_word w, unsigned level)
{
    enum ptw_kind kind = t->e->kind(w, level);
    ptw_word hint = t->e->leaf_hint(level);

    if ((kind == PTW_EMPTY || kind == PTW_MARKED) == present(t->law, w, level))
        broken(t, "present and hole are confused", 0, level, w);
    if ((kind == PTW_EMPTY) != (w == t->e->empty(level)))
        broken(t, "a second empty word", 0, level, w);
    if (level > 0 && (w & t->e->table_hint_mask) == t->e->table_hint_value && kind != PTW_TABLE)
        broken(t, "the table hint lies", 0, level, w);
    if ((w & hint) == hint && kind != PTW_LEAF)
        broken(t, "the leaf hint lies", 0, level, w);
    if (kind == PTW_LEAF && (w & unknown_bits(t->law, level)) == 0 && t->e->illegal(&t->geo, w, level) == NULL &&
        t->e->leaf(&t->geo, t->e->oa(&t->geo, w, level), t->e->carry(w, level, level, 0), level, 0) != w)
        broken(t, "carry loses a bit of a legal leaf", 0, level, w);
}

static void check_random_words(const struct trial *t)
{
    for (unsigned i = 0; i < 100000; i++)
        for (unsigned level = 0; level <= t->geo.top; level++) {
            ptw_word w = random64();

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

static ptw_word made(const struct trial *t, ptw_attr attr, unsigned level, ptw_oa oa)
{
    ptw_word bits;

    assert_true(t->e->bits(&t->geo, attr, level, 0, &bits));
    return t->e->leaf(&t->geo, oa, bits, level, 0);
}

/* A part of a leaf has the word that a fresh leaf of the part's size would have: nothing is lost between levels. */
static void carry_attr(const struct trial *t, ptw_attr attr)
{
    for (unsigned from = 0; from <= t->geo.max_leaf; from++)
        for (unsigned to = 0; to <= t->geo.max_leaf; to++) {
            ptw_word old = made(t, attr, from, 0), want = made(t, attr, to, 0);
            ptw_word got = t->e->leaf(&t->geo, 0, t->e->carry(old, from, to, 0), to, 0);

            if (got != want)
                broken(t, "carry changes the leaf", attr, to, got);
        }
}

static void check_carry(const struct trial *t)
{
    for (unsigned i = 0; i < 1U << 17; i++)
        if (lawful(t->law, combination(i), t->e->soft_bits))
            carry_attr(t, combination(i) | PTW_SOFT(i % (1U << t->e->soft_bits)));
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
    if (t->e->attr(&t->geo, updated(w, t->e->old_op(w)), level) != (is & ~PTW_A))
        broken(t, "old_op does more or less than take A away", attr, level, w);
    if (t->law->always_dirty)
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
            if (lawful(t->law, combination(i), t->e->soft_bits))
                update_attr(t, combination(i) | PTW_SOFT(i % (1U << t->e->soft_bits)), level);
    for (unsigned level = 1; level <= t->geo.top; level++)
        assert_int_equal(t->e->volatile_loss(t->e->empty(level)), 0);
}

/* dirty() and accessed() of eight words at once: yes if it is yes for one of them. */
static void check_joined(const struct trial *t)
{
    ptw_attr clean = plain(t->law) & ~PTW_AD, dirty = plain(t->law) | PTW_AD;
    ptw_word others = made(t, clean, 0, 0x1000) | made(t, clean & ~PTW_W, 0, t->geo.oa_last & ~UINT64_C(0xfff)) |
                      t->e->empty(0) | t->e->mark(PTW_MARK_USER, t->e->payload_bits(0) > 0 ? 1 : 0, 0);

    assert_int_not_equal(t->e->dirty(others | made(t, dirty, 0, 0)), 0);
    assert_int_not_equal(t->e->accessed(others | made(t, dirty, 0, 0)), 0);
    assert_int_equal(t->e->accessed(others), 0);
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
    got = t->e->rights(&t->geo, w, add, remove);
    if (!same_attr(t->law, t->e->attr(&t->geo, got, level), want))
        broken(t, "rights does more or less than it was told", add << 32 | remove, level, got);
    if (t->e->oa(&t->geo, got, level) != 0 || t->e->kind(got, level) != PTW_LEAF ||
        t->e->illegal(&t->geo, got, level) != NULL)
        broken(t, "rights makes another leaf", attr, level, got);
}

static void check_rights(const struct trial *t)
{
    const ptw_attr soft = PTW_SOFT(1), all = (PTW_RIGHTS & (t->law->flags | PTW_R | PTW_W | PTW_X)) | soft;

    for (unsigned i = 0; i < 1U << 17; i++) {
        ptw_attr attr = combination(i) | (i % 3 == 0 ? soft : 0);

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
static void tables_of_others_limit_rights(void **state)
{
    static const struct {
        const struct ptw_format *format;
        ptw_word entry;
        ptw_attr limits;
    } cases[] = {
        {&ptw_ept, 0x1001, PTW_RIGHTS & ~(PTW_W | PTW_X)},
        {&ptw_ept, 0x1003, PTW_RIGHTS & ~PTW_X},
        {&ptw_x86_64, 0x1025, PTW_RIGHTS & ~PTW_W},
        {&ptw_x86_64, 0x1023, PTW_RIGHTS & ~PTW_USER},
        {&ptw_x86_64, 0x8000000000001027, PTW_RIGHTS & ~PTW_X},
        {&ptw_npt, 0x8000000000001025, PTW_RIGHTS & ~(PTW_W | PTW_X)},
        {&ptw_arm64_s2, 0x7800000000001003, PTW_RIGHTS},
        {&ptw_riscv_sv48x4, 0x401, PTW_RIGHTS},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ptw_geometry geo = configured(cases[i].format, "");

        assert_int_equal(geo.encoder->kind(cases[i].entry, 1), PTW_TABLE);
        assert_int_equal(geo.encoder->limits(cases[i].entry, 1), cases[i].limits);
    }
}

static void check_capabilities(const struct trial *t)
{
    assert_int_equal(t->e->break_before_make, t->law->breaks);
    assert_int_equal(t->e->negative_caching, t->law->negative);
    assert_int_equal(t->e->word_bytes, 8);
    assert_false(t->e->big_endian);
    assert_int_equal(t->e->granule, 12);
    assert_int_equal(t->geo.oa_last, ptw_low_mask(t->law->oa));
    for (unsigned level = 0; level <= t->geo.max_leaf; level++)
        assert_int_equal(t->e->leaf_orders(level), 1);
    for (unsigned level = t->geo.max_leaf + 1; level <= t->geo.top; level++)
        assert_int_equal(t->e->leaf_orders(level), 0);
}

static void capabilities_are_those_of_the_manuals(void **state)
{
    (void)state;
    each_law(check_capabilities);
}

int main(void)
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

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
