/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/x86/amdv1.h - AMD IOMMU v1 (host) tables, one entry at one level. AMD I/O Virtualization Technology
 * specification (48882), 2.2.
 *
 *   63 62 61 60 59 58:52 51:12            11:9 8:7 6 5 4:1  0
 *   .  IW IR FC U  0     address          0    .   D A soft PR  leaf of the level's default size
 *   .  IW IR FC U  0     address 0 1 .. 1 7    .   D A soft PR  leaf of 2^s bytes: bits s-2:12 are 1, bit s-1 is 0
 *   .  IW IR 0  0  0     address          NL   .   . A .    PR  table
 *
 * Next Level (NL), 1 ... 6, is the architecture's number of the table below, one more than ours; it may be any lower
 * level. A leaf of 2^s bytes is a group of equal slots at the level whose default size is the next below. With NL = 7
 * the run of ones goes from bit 9 to bit s-2, so that adding bit 9 carries through it: see amdv1_oa.
 * What U means exactly is not verified: it is kept, and never set.
 */
#ifndef ARCH_X86_AMDV1_H
#define ARCH_X86_AMDV1_H

#include <ptw/x86.h>

#define AMDV1_PR PTW_BIT(0)
#define AMDV1_SOFT PTW_BITS(4, 1)
#define AMDV1_A PTW_BIT(5)
#define AMDV1_D PTW_BIT(6)
#define AMDV1_NL_SHIFT 9U
#define AMDV1_NL PTW_BITS(11, 9)
#define AMDV1_ADDRESS PTW_BITS(51, 12)
#define AMDV1_FC PTW_BIT(60)
#define AMDV1_IR PTW_BIT(61)
#define AMDV1_IW PTW_BIT(62)
#define AMDV1_RIGHTS_SHIFT 61U
#define AMDV1_RIGHTS (AMDV1_IR | AMDV1_IW)

#define AMDV1_MARK_TYPE PTW_BITS(4, 1)
#define AMDV1_MARK_PAYLOAD PTW_BITS(60, 12)

static inline ptw_word amdv1_empty(unsigned level)
{
    (void)level;
    return 0;
}

static inline unsigned amdv1_next_level(ptw_word w)
{
    return (unsigned)((w & AMDV1_NL) >> AMDV1_NL_SHIFT);
}

/* A table can't be at level 0: Next Level 1 ... 6 there is a broken leaf. */
static inline enum ptw_kind amdv1_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    if ((w & AMDV1_PR) == 0)
        return w == 0 ? PTW_EMPTY : PTW_MARKED;
    return level == 0 || ((amdv1_next_level(w) + 1U) & 7U) < 2 ? PTW_LEAF : PTW_TABLE;
}

static inline ptw_word amdv1_table_hint(unsigned level)
{
    return AMDV1_PR | (ptw_word)level << AMDV1_NL_SHIFT;
}

/* Next Level 0 is what a mask can't see: above level 0 only groups are hinted at. */
static inline ptw_word amdv1_leaf_hint(unsigned level)
{
    return level == 0 ? AMDV1_PR : AMDV1_PR | AMDV1_NL;
}

/* At level 4 up to all that the address field has. */
static inline ptw_word amdv1_leaf_orders(unsigned level)
{
    return level < 4 ? 0x1ff : level == 4 ? 0x1f : 0;
}

static inline bool amdv1_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order,
                              ptw_word *bits)
{
    (void)level;
    if ((attr & ~g->attr_legal) != 0 || ((g->rwx_legal >> (attr & (PTW_R | PTW_W))) & 1) == 0)
        return false;
    *bits = AMDV1_PR | (attr & (PTW_R | PTW_W)) << AMDV1_RIGHTS_SHIFT | (attr & PTW_AD) >> 1 |
            (attr & PTW_SOFT_MASK) >> 15 | (attr & PTW_AMDV1_FC) << 28 | (order == 0 ? 0 : AMDV1_NL);
    return true;
}

static inline ptw_word amdv1_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level,
                                  unsigned order)
{
    const ptw_word offset = ptw_low_mask(12 + 9 * level + order);

    (void)g;
    return order == 0 ? oa | bits : (oa & ~offset) | (offset >> 1 & AMDV1_ADDRESS) | bits;
}

static inline ptw_oa amdv1_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    return w & (w + (UINT64_C(1) << AMDV1_NL_SHIFT)) & AMDV1_ADDRESS & (~UINT64_C(0) << (12 + 9 * level));
}

/* log2 of the slots that the size code gives, wherever the word stands: legal at this level if leaf_orders() has it. */
static inline int amdv1_coded_order(ptw_word w, unsigned level)
{
    return (int)ptw_low_bit(~(w >> AMDV1_NL_SHIFT)) - 2 - 9 * (int)level;
}

static inline unsigned amdv1_order(ptw_word w, unsigned level)
{
    const int order = amdv1_coded_order(w, level);

    return order < 0 ? 0 : order > 8 ? 8 : (unsigned)order;
}

static inline ptw_attr amdv1_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return (w & AMDV1_RIGHTS) >> AMDV1_RIGHTS_SHIFT | (w & (AMDV1_A | AMDV1_D)) << 1 | (w & AMDV1_SOFT) << 15 |
           (w & AMDV1_FC) >> 28;
}

static inline ptw_word amdv1_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    (void)level, (void)to_level;
    return (w & ~(AMDV1_ADDRESS | AMDV1_NL)) | (to_order == 0 ? 0 : AMDV1_NL);
}

static inline ptw_word amdv1_table(const struct ptw_geometry *g, ptw_oa pa, unsigned level)
{
    (void)g;
    return pa | AMDV1_PR | (ptw_word)level << AMDV1_NL_SHIFT | AMDV1_RIGHTS;
}

static inline ptw_oa amdv1_table_pa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return w & AMDV1_ADDRESS;
}

/* Level skipping is seen in one source. */
static inline unsigned amdv1_table_level(ptw_word w, unsigned level)
{
    (void)level;
    return amdv1_next_level(w) - 1U;
}

static inline ptw_attr amdv1_limits(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return (w & AMDV1_RIGHTS) >> AMDV1_RIGHTS_SHIFT | PTW_X | PTW_UX | PTW_USER | PTW_GLOBAL;
}

static inline ptw_word amdv1_dirty(ptw_word w)
{
    return w & AMDV1_D;
}

static inline ptw_word amdv1_accessed(ptw_word w)
{
    return w & AMDV1_A;
}

static inline struct ptw_update amdv1_clean_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~AMDV1_D, 0};
}

static inline struct ptw_update amdv1_old_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~AMDV1_A, 0};
}

static inline ptw_word amdv1_ad_mask(ptw_word w)
{
    (void)w;
    return AMDV1_A | AMDV1_D;
}

static inline ptw_word amdv1_ad_join(ptw_word bits, ptw_word w)
{
    return bits | (w & (AMDV1_A | AMDV1_D));
}

static inline ptw_word amdv1_volatile_loss(ptw_word w)
{
    return (w & (AMDV1_IW | AMDV1_D)) == AMDV1_IW ? AMDV1_D : 0;
}

static inline ptw_word amdv1_right_bits(ptw_attr rights)
{
    return (rights & (PTW_R | PTW_W)) << AMDV1_RIGHTS_SHIFT | (rights & PTW_SOFT_MASK) >> 15;
}

static inline ptw_word amdv1_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    (void)g;
    return (w & ~amdv1_right_bits(remove)) | amdv1_right_bits(add);
}

static inline unsigned amdv1_payload_bits(unsigned level)
{
    (void)level;
    return 49;
}

/* Bits 0, 5, 6, 61 and 62 stay 0. */
static inline ptw_word amdv1_mark(unsigned type, uint64_t payload, unsigned level)
{
    (void)level;
    return (ptw_word)type << 1 | payload << 12;
}

static inline unsigned amdv1_mark_type(ptw_word w, unsigned level)
{
    (void)level;
    return (w & ~(AMDV1_MARK_TYPE | AMDV1_MARK_PAYLOAD)) != 0 ? (unsigned)PTW_MARK_FOREIGN
                                                              : (unsigned)((w & AMDV1_MARK_TYPE) >> 1);
}

static inline uint64_t amdv1_mark_payload(ptw_word w, unsigned level)
{
    (void)level;
    return (w & AMDV1_MARK_PAYLOAD) >> 12;
}

static inline const char *amdv1_illegal_leaf(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    const unsigned next_level = amdv1_next_level(w);
    const int order = amdv1_coded_order(w, level);

    if (level > 4)
        return "Next Level 0 or 7 is reserved at this level: no leaf can stand here";
    if (level > g->max_leaf)
        return "a leaf size that the configuration does not have";
    if ((w & PTW_BITS(58, 52)) != 0)
        return "bits 58:52 of a leaf are reserved";
    if (next_level == 7 && (order < 1 || (amdv1_leaf_orders(level) >> order & 1) == 0))
        return "Next Level 7 with a size in bits 51:12 that this level does not have";
    if (next_level != 7 && next_level != 0)
        return "Next Level (bits 11:9) is not 0 or 7 in a table of the lowest level";
    return next_level == 0 && (w & AMDV1_ADDRESS & ~amdv1_oa(g, w, level)) != 0
               ? "Next Level 0 with an address that is not aligned to the level's default size"
               : NULL;
}

static inline const char *amdv1_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if ((w & AMDV1_ADDRESS & ~g->oa_last) != 0)
        return "an address bit above the physical address width";
    if (amdv1_kind(g, w, level) != PTW_TABLE)
        return amdv1_illegal_leaf(g, w, level);
    if ((w & PTW_BITS(60, 52)) != 0)
        return "bits 60:52 of a table entry are reserved";
    return amdv1_table_level(w, level) >= level ? "Next Level (bits 11:9) is not below the entry's own level" : NULL;
}

/* That holes are not remembered, without NpCache: seen in one source. */
static const struct ptw_encoder amdv1_encoder = {
    .name = "amdv1",
    .granule = 12,
    .index_bits0 = 9,
    .index_bits = 9,
    .max_level = 5,
    .min_top = 0,
    .word_bytes = 8,
    .root_align = 12,
    .linear_bits = 64,
    .zero_extended = true,
    .positive = true,
    .soft_bits = 4,
    .table_hint_mask = AMDV1_PR | AMDV1_NL,
    .table_hint = amdv1_table_hint,
    .table_address = AMDV1_ADDRESS,
    .leaf_hint = amdv1_leaf_hint,
    .empty = amdv1_empty,
    .kind = amdv1_kind,
    .leaf_orders = amdv1_leaf_orders,
    .bits = amdv1_bits,
    .leaf = amdv1_leaf,
    .oa = amdv1_oa,
    .order = amdv1_order,
    .attr = amdv1_attr,
    .carry = amdv1_carry,
    .table = amdv1_table,
    .table_pa = amdv1_table_pa,
    .table_level = amdv1_table_level,
    .limits = amdv1_limits,
    .dirty = amdv1_dirty,
    .accessed = amdv1_accessed,
    .clean_op = amdv1_clean_op,
    .old_op = amdv1_old_op,
    .ad_mask = amdv1_ad_mask,
    .ad_join = amdv1_ad_join,
    .volatile_loss = amdv1_volatile_loss,
    .rights = amdv1_rights,
    .payload_bits = amdv1_payload_bits,
    .mark = amdv1_mark,
    .mark_type = amdv1_mark_type,
    .mark_payload = amdv1_mark_payload,
    .illegal = amdv1_illegal,
};

#endif
