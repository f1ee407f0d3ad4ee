/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/s390/zpci.h - zPCI I/O translation tables, one entry at one level. Bit 0 is the lowest here.
 *
 *   63:14 table          . 9 P  8 .  7:6 TO=0  5 I  4 .  3:2 TT  1:0 TL=3    region-third, -second, -first: levels 2 ... 4
 *   63:11 page table  10 FC=0 P    .           I    .    TT=0    .           segment: level 1
 *   63:20 frame       10 FC=1 P    .           I    .    TT=0    .           the same as a leaf (seen in one source)
 *   63:12 frame       10 I    P    .                                         page: level 0
 *
 * I: invalid. P: no writes, here and below (the "below" is seen in one source). TT is the level, less one. Tables of
 * regions-second and -first are seen in one source.
 */
#ifndef ARCH_S390_ZPCI_H
#define ARCH_S390_ZPCI_H

#include <ptw/s390.h>

#define ZPCI_TL PTW_BITS(1, 0)
#define ZPCI_TT_SHIFT 2U
#define ZPCI_TT PTW_BITS(3, 2)
#define ZPCI_INVALID PTW_BIT(5)
#define ZPCI_TO PTW_BITS(7, 6)
#define ZPCI_PROTECTED PTW_BIT(9)
#define ZPCI_FC PTW_BIT(10)           /* segment entries */
#define ZPCI_PAGE_INVALID PTW_BIT(10) /* page entries */
#define ZPCI_REGION_ADDRESS PTW_BITS(63, 14)
#define ZPCI_SEGMENT_ADDRESS PTW_BITS(63, 11)
#define ZPCI_FRAME1M PTW_BITS(63, 20)
#define ZPCI_FRAME PTW_BITS(63, 12)

/* Drivers look at the invalid bit only; that hardware ignores all others then is stated nowhere. */
#define ZPCI_MARK_TYPE_SHIFT 12U
#define ZPCI_MARK_PAYLOAD_SHIFT 16U

static inline ptw_word zpci_empty(unsigned level)
{
    return level == 0 ? ZPCI_PAGE_INVALID : ZPCI_INVALID;
}

static inline enum ptw_kind zpci_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    if ((w & zpci_empty(level)) != 0)
        return w == zpci_empty(level) ? PTW_EMPTY : PTW_MARKED;
    return level == 0 || (level == 1 && (w & ZPCI_FC) != 0) ? PTW_LEAF : PTW_TABLE;
}

static inline ptw_word zpci_type(unsigned level)
{
    return (ptw_word)(level - 1U) << ZPCI_TT_SHIFT;
}

/* FC is no part of a region entry, but 0 in those of this library. */
static inline ptw_word zpci_table_hint(unsigned level)
{
    return zpci_type(level) | (level > 1 ? ZPCI_TL : 0);
}

/* A leaf is one by a bit that is 0, so that no mask can tell: this one never hits a leaf. */
static inline ptw_word zpci_leaf_hint(unsigned level)
{
    (void)level;
    return ~UINT64_C(0);
}

static inline ptw_word zpci_leaf_orders(unsigned level)
{
    return level <= 1 ? 1 : 0;
}

static inline bool zpci_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order,
                             ptw_word *bits)
{
    (void)order;
    if ((attr & ~g->attr_legal) != 0 || (g->rwx_legal >> (attr & PTW_RWX) & 1) == 0)
        return false;
    *bits = ((attr & PTW_W) == 0 ? ZPCI_PROTECTED : 0) | (level == 0 ? 0 : ZPCI_FC);
    return true;
}

static inline ptw_word zpci_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order)
{
    (void)g, (void)level, (void)order;
    return oa | bits;
}

static inline ptw_word zpci_frame(unsigned level)
{
    return level == 0 ? ZPCI_FRAME : ZPCI_FRAME1M;
}

static inline ptw_oa zpci_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    return w & zpci_frame(level);
}

static inline unsigned zpci_order(ptw_word w, unsigned level)
{
    (void)w, (void)level;
    return 0;
}

static inline ptw_attr zpci_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return PTW_R | PTW_AD | ((w & ZPCI_PROTECTED) == 0 ? PTW_W : 0);
}

static inline ptw_word zpci_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    (void)to_order;
    if (level == to_level)
        return w & ~zpci_frame(level);
    return (w & ZPCI_PROTECTED) | (to_level == 0 ? 0 : ZPCI_FC);
}

static inline ptw_word zpci_table(const struct ptw_geometry *g, ptw_oa pa, unsigned level)
{
    (void)g;
    return pa | zpci_table_hint(level);
}

static inline ptw_oa zpci_table_pa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    return w & (level == 1 ? ZPCI_SEGMENT_ADDRESS : ZPCI_REGION_ADDRESS);
}

static inline ptw_attr zpci_limits(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return (w & ZPCI_PROTECTED) != 0 ? PTW_RIGHTS & ~PTW_W : PTW_RIGHTS;
}

/* Every leaf is accessed and dirty. Without its level the empty word of a page table cannot be told from a 1 MiB leaf at
 * address 0, which loses. */
static inline ptw_word zpci_present(ptw_word w)
{
    return (w & ZPCI_INVALID) == 0 && w != ZPCI_PAGE_INVALID;
}

static inline struct ptw_update zpci_keep(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~UINT64_C(0), 0};
}

static inline ptw_word zpci_none(ptw_word w)
{
    (void)w;
    return 0;
}

static inline ptw_word zpci_ad_join(ptw_word bits, ptw_word w)
{
    (void)w;
    return bits;
}

static inline ptw_word zpci_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    (void)g;
    w |= (remove & PTW_W) != 0 ? ZPCI_PROTECTED : 0;
    return (add & PTW_W) != 0 ? w & ~ZPCI_PROTECTED : w;
}

static inline unsigned zpci_payload_bits(unsigned level)
{
    (void)level;
    return 48;
}

/* Both invalid bits in a page table: see zpci_present(). */
static inline ptw_word zpci_mark_base(unsigned level)
{
    return level == 0 ? ZPCI_INVALID | ZPCI_PAGE_INVALID : ZPCI_INVALID;
}

static inline ptw_word zpci_mark(unsigned type, uint64_t payload, unsigned level)
{
    return zpci_mark_base(level) | (ptw_word)type << ZPCI_MARK_TYPE_SHIFT | payload << ZPCI_MARK_PAYLOAD_SHIFT;
}

static inline unsigned zpci_mark_type(ptw_word w, unsigned level)
{
    return (w & ptw_low_mask(ZPCI_MARK_TYPE_SHIFT)) == zpci_mark_base(level) ? w >> ZPCI_MARK_TYPE_SHIFT & 15
                                                                             : PTW_MARK_FOREIGN;
}

static inline uint64_t zpci_mark_payload(ptw_word w, unsigned level)
{
    (void)level;
    return w >> ZPCI_MARK_PAYLOAD_SHIFT;
}

static inline const char *zpci_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    bool leaf = zpci_kind(g, w, level) == PTW_LEAF;

    if (((leaf ? zpci_oa(g, w, level) : zpci_table_pa(g, w, level)) & ~g->oa_last) != 0)
        return "an address bit above the output address width";
    if (level == 0)
        return NULL;
    if ((w & ZPCI_TT) != zpci_type(level))
        return "type (bits 3:2) of another level";
    if (leaf)
        return level > g->max_leaf ? "bit 10 (FC), a 1 MiB leaf: a size that the configuration does not have" : NULL;
    if (level > 1 && (w & ZPCI_TL) != ZPCI_TL)
        return "table length (bits 1:0) of a region entry must be 3";
    return level > 1 && (w & ZPCI_TO) != 0 ? "table offset (bits 7:6) of a region entry must be 0" : NULL;
}

static const struct ptw_encoder zpci_encoder = {
    .name = "s390-zpci",
    .granule = 12,
    .index_bits0 = 8,
    .index_bits = 11,
    .max_level = 4,
    .min_top = 1,
    .word_bytes = 8,
    .big_endian = true,
    .negative_caching = true,
    .linear_bits = 64,
    .zero_extended = true,
    .positive = true,
    .inverted = ZPCI_PROTECTED | ZPCI_INVALID | ZPCI_PAGE_INVALID,
    .table_hint_mask = ZPCI_FC | ZPCI_INVALID | ZPCI_TT | ZPCI_TL,
    .table_hint = zpci_table_hint,
    .leaf_hint = zpci_leaf_hint,
    .empty = zpci_empty,
    .kind = zpci_kind,
    .leaf_orders = zpci_leaf_orders,
    .bits = zpci_bits,
    .leaf = zpci_leaf,
    .oa = zpci_oa,
    .order = zpci_order,
    .attr = zpci_attr,
    .carry = zpci_carry,
    .table = zpci_table,
    .table_pa = zpci_table_pa,
    .limits = zpci_limits,
    .dirty = zpci_present,
    .accessed = zpci_present,
    .clean_op = zpci_keep,
    .old_op = zpci_keep,
    .ad_mask = zpci_none,
    .ad_join = zpci_ad_join,
    .volatile_loss = zpci_none,
    .rights = zpci_rights,
    .payload_bits = zpci_payload_bits,
    .mark = zpci_mark,
    .mark_type = zpci_mark_type,
    .mark_payload = zpci_mark_payload,
    .illegal = zpci_illegal,
};

#endif
