/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/stage2.h - VMSAv8-64 stage 2, 4 KiB granule, one entry at one level. Arm ARM (DDI 0487), D8.
 *
 *   63 62:59 58:57 56 55 54 53 52   51  47:12    11   10 9:8 7:6  5:2     1:0
 *   0  .     soft  SD .  XN 0  Cont DBM address  FnXS AF SH  S2AP MemAttr 01  leaf above level 0 (block)
 *                                                                         11  leaf at level 0 (page)
 *                                       address                           11  table
 *
 * Our levels 3, 2, 1, 0 are the architecture's 0, 1, 2, 3. D: with DBM, S2AP[1] (write) is what hardware sets on the
 * first store, so S2AP[1] is D; a leaf that lost W but is dirty keeps it in SD, a software bit.
 */
#ifndef ARCH_ARM64_STAGE2_H
#define ARCH_ARM64_STAGE2_H

#include <ptw/arm64.h>

#define S2_VALID PTW_BIT(0)
#define S2_TYPE PTW_BITS(1, 0)
#define S2_BLOCK UINT64_C(1)
#define S2_PAGE UINT64_C(3)
#define S2_TABLE UINT64_C(3)
#define S2_MEMATTR_SHIFT 2U
#define S2_MEMATTR PTW_BITS(5, 2)
#define S2_READ PTW_BIT(6)
#define S2_WRITE PTW_BIT(7)
#define S2_SH_SHIFT 8U
#define S2_SH PTW_BITS(9, 8)
#define S2_AF PTW_BIT(10)
#define S2_FNXS PTW_BIT(11)
#define S2_ADDRESS PTW_BITS(47, 12)
#define S2_NT PTW_BIT(16) /* in blocks: a hint to the TLB */
#define S2_DBM PTW_BIT(51)
#define S2_CONTIGUOUS PTW_BIT(52)
#define S2_XN0 PTW_BIT(53)
#define S2_XN PTW_BIT(54)
#define S2_SOFT_DIRTY PTW_BIT(56)
#define S2_SOFT PTW_BITS(58, 57)
#define S2_RES0 PTW_BIT(63)

#define S2_MARK_TYPE PTW_BITS(5, 2)
#define S2_MARK_PAYLOAD PTW_BITS(50, 12)

/* PTW_MT nibble -> MemAttr, with a bit per legal type; and back: a mix of inner and outer reads as the weaker one. */
#define S2_MT_ENCODE UINT64_C(0x3210050af)
#define S2_MT_LEGAL 0x1dbU
#define S2_MT_DECODE UINT64_C(0x0134113433348764)
#define S2_MT_RESERVED 0x1110U
/* The same with HCR_EL2.FWB set. */
#define S2_FWB_ENCODE UINT64_C(0x7321005006)
#define S2_FWB_LEGAL 0x3d9U
#define S2_FWB_DECODE UINT64_C(0x4444444490348764)
#define S2_FWB_RESERVED 0xff10U

static inline ptw_word s2_empty(unsigned level)
{
    (void)level;
    return 0;
}

static inline enum ptw_kind s2_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    if ((w & S2_VALID) == 0)
        return w == 0 ? PTW_EMPTY : PTW_MARKED;
    if (level == 0)
        return (w & S2_TYPE) == S2_PAGE ? PTW_LEAF : PTW_MARKED; /* 01 here is a translation fault: a foreign hole */
    return (w & S2_TYPE) == S2_BLOCK ? PTW_LEAF : PTW_TABLE;
}

/* A block's 01 is part of a table's 11, so that above level 0 no mask can tell: the hint says no there. */
static inline ptw_word s2_table_hint(unsigned level)
{
    (void)level;
    return S2_TABLE;
}

static inline ptw_word s2_leaf_hint(unsigned level)
{
    return level == 0 ? S2_PAGE : ~UINT64_C(0);
}

static inline ptw_word s2_leaf_orders(unsigned level)
{
    return level <= 2 ? 1 : 0;
}

/* Inner shareable is 11, outer 10, non-shareable 00; the two attribute bits clear what they name. */
static inline ptw_word s2_shareability(ptw_attr attr)
{
    if ((attr & PTW_ARM64_NON_SHAREABLE) != 0)
        return 0;
    return (attr & PTW_ARM64_OUTER_SHAREABLE) != 0 ? 2 : 3;
}

static inline bool s2_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order, ptw_word *bits)
{
    unsigned type = (unsigned)((attr & PTW_MT_MASK) >> PTW_MT_SHIFT);
    bool fwb = (g->options & PTW_OPT_ARM64_FWB) != 0;
    ptw_word memattr = ((fwb ? S2_FWB_ENCODE : S2_MT_ENCODE) >> (4 * type)) & 15;
    ptw_word write = 0;

    (void)order;
    if ((attr & ~g->attr_legal) != 0 || (((fwb ? S2_FWB_LEGAL : S2_MT_LEGAL) >> type) & 1) == 0 ||
        (attr & PTW_ARM64_OUTER_SHAREABLE & (attr >> 1)) != 0)
        return false;
    if ((attr & PTW_W) == 0)
        write = (attr & PTW_D) != 0 ? S2_SOFT_DIRTY : 0;
    else if ((g->options & PTW_OPT_AD) == 0)
        write = S2_WRITE;
    else
        write = S2_DBM | ((attr & PTW_D) != 0 ? S2_WRITE : 0);
    *bits = (level == 0 ? S2_PAGE : S2_BLOCK) | memattr << S2_MEMATTR_SHIFT | (attr & PTW_R) << 6 | write |
            s2_shareability(attr) << S2_SH_SHIFT | (attr & PTW_A) << 4 | (~attr & PTW_X) << 52 |
            (attr & PTW_SOFT_MASK) << 41;
    return true;
}

static inline ptw_word s2_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order)
{
    (void)g, (void)level, (void)order;
    return oa | bits;
}

static inline ptw_oa s2_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    return w & S2_ADDRESS & (~UINT64_C(0) << (12 + 9 * level));
}

static inline unsigned s2_order(ptw_word w, unsigned level)
{
    (void)w, (void)level;
    return 0;
}

static inline ptw_attr s2_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    bool fwb = (g->options & PTW_OPT_ARM64_FWB) != 0;
    ptw_attr type = ((fwb ? S2_FWB_DECODE : S2_MT_DECODE) >> (4 * ((w & S2_MEMATTR) >> S2_MEMATTR_SHIFT))) & 15;
    ptw_word sh = (w & S2_SH) >> S2_SH_SHIFT;

    (void)level;
    return (w & S2_READ) >> 6 | ((w & (S2_WRITE | S2_DBM)) != 0 ? PTW_W : 0) | (~w & S2_XN) >> 52 | (w & S2_AF) >> 4 |
           ((w & (S2_WRITE | S2_SOFT_DIRTY)) != 0 ? PTW_D : 0) | type << PTW_MT_SHIFT | (w & S2_SOFT) >> 41 |
           (sh == 2 ? PTW_ARM64_OUTER_SHAREABLE : 0) | (sh < 2 ? PTW_ARM64_NON_SHAREABLE : 0);
}

/* The contiguous hint speaks of neighbours that the new leaf may not have, nT of blocks only: both are dropped. */
static inline ptw_word s2_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    (void)level, (void)to_order;
    return (w & ~(S2_ADDRESS | S2_TYPE | S2_CONTIGUOUS)) | (to_level == 0 ? S2_PAGE : S2_BLOCK);
}

static inline ptw_word s2_table(const struct ptw_geometry *g, ptw_oa pa, unsigned level)
{
    (void)g, (void)level;
    return pa | S2_TABLE;
}

static inline ptw_oa s2_table_pa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return w & S2_ADDRESS;
}

/* Stage 2 has no hierarchical permissions. */
static inline ptw_attr s2_limits(ptw_word w, unsigned level)
{
    (void)w, (void)level;
    return PTW_RIGHTS;
}

static inline ptw_word s2_dirty(ptw_word w)
{
    return w & (S2_WRITE | S2_SOFT_DIRTY);
}

static inline ptw_word s2_accessed(ptw_word w)
{
    return w & S2_AF;
}

/* Only a leaf with DBM stays writable when S2AP[1] is taken away. */
static inline struct ptw_update s2_clean_op(ptw_word w)
{
    return (struct ptw_update){(w & S2_DBM) != 0 ? ~(S2_WRITE | S2_SOFT_DIRTY) : ~S2_SOFT_DIRTY, 0};
}

static inline struct ptw_update s2_old_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~S2_AF, 0};
}

/* Without DBM S2AP[1] is the right to write and nothing else. */
static inline ptw_word s2_ad_mask(ptw_word w)
{
    return S2_AF | S2_SOFT_DIRTY | ((w & S2_DBM) != 0 ? S2_WRITE : 0);
}

static inline ptw_word s2_ad_join(ptw_word bits, ptw_word w)
{
    ptw_word dirty = (bits & S2_DBM) != 0 ? S2_WRITE : S2_SOFT_DIRTY;

    bits |= w & S2_AF;
    return s2_dirty(w) != 0 && s2_dirty(bits) == 0 ? bits | dirty : bits;
}

static inline ptw_word s2_volatile_loss(ptw_word w)
{
    return (w & (S2_DBM | S2_WRITE)) == S2_DBM ? S2_WRITE : 0;
}

/* W moves D between its two places; a dirty leaf stays dirty. */
static inline ptw_word s2_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    bool writable = (w & (S2_WRITE | S2_DBM)) != 0;
    bool hardware = (g->options & PTW_OPT_AD) != 0;

    if ((remove & PTW_W) != 0 && (add & PTW_W) == 0 && writable)
        w = (w & ~(S2_WRITE | S2_DBM)) | ((w & S2_WRITE) != 0 ? S2_SOFT_DIRTY : 0);
    if ((add & PTW_W) != 0 && !writable)
        w = (w & ~S2_SOFT_DIRTY) | (hardware ? S2_DBM : S2_WRITE) | ((w & S2_SOFT_DIRTY) != 0 ? S2_WRITE : 0);
    w = (w & ~((remove & PTW_R) << 6 | (remove & PTW_SOFT_MASK) << 41)) | (remove & PTW_X) << 52;
    return (w | (add & PTW_R) << 6 | (add & PTW_SOFT_MASK) << 41) & ~((add & PTW_X) << 52);
}

static inline unsigned s2_payload_bits(unsigned level)
{
    (void)level;
    return 39;
}

static inline ptw_word s2_mark(unsigned type, uint64_t payload, unsigned level)
{
    (void)level;
    return (ptw_word)type << 2 | payload << 12;
}

static inline unsigned s2_mark_type(ptw_word w, unsigned level)
{
    (void)level;
    return (w & ~(S2_MARK_TYPE | S2_MARK_PAYLOAD)) != 0 ? (unsigned)PTW_MARK_FOREIGN
                                                        : (unsigned)((w & S2_MARK_TYPE) >> 2);
}

static inline uint64_t s2_mark_payload(ptw_word w, unsigned level)
{
    (void)level;
    return (w & S2_MARK_PAYLOAD) >> 12;
}

/* Bits 63 (RES0) and 11 (FnXS without FEAT_XS): seen in one source each. */
static inline const char *s2_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    unsigned memattr = (unsigned)((w & S2_MEMATTR) >> S2_MEMATTR_SHIFT);
    bool fwb = (g->options & PTW_OPT_ARM64_FWB) != 0;

    if ((w & PTW_BITS(47, 12) & ~g->oa_last) != 0)
        return "an address bit above the output address width: address size fault";
    if (s2_kind(g, w, level) == PTW_TABLE)
        return (w & PTW_BITS(50, 48)) != 0 ? "bits 50:48 of a table entry are reserved" : NULL;
    if (level > 2)
        return "type 01 (a block) is reserved at this level";
    if (level > g->max_leaf)
        return "a block of a size that the configuration does not have";
    if ((w & PTW_BITS(50, 48)) != 0 || (w & S2_RES0) != 0)
        return "bits 63 and 50:48 are reserved";
    if ((w & S2_ADDRESS & ~(s2_oa(g, w, level) | (level == 0 ? 0 : S2_NT))) != 0)
        return level == 1 ? "bits 20:17 and 15:12 of a 2M block are reserved"
                          : "bits 29:17 and 15:12 of a 1G block are reserved";
    if (((fwb ? S2_FWB_RESERVED : S2_MT_RESERVED) >> memattr & 1) != 0)
        return "MemAttr (bits 5:2) has a reserved value";
    if ((w & S2_SH) == UINT64_C(1) << S2_SH_SHIFT)
        return "SH (bits 9:8) = 01 is reserved";
    if ((w & S2_FNXS) != 0)
        return "bit 11 (FnXS) is reserved without FEAT_XS";
    return (w & S2_XN0) != 0 ? "bit 53 is reserved without FEAT_XNX" : NULL;
}

static const struct ptw_encoder s2_encoder = {
    .name = "arm64-s2",
    .granule = 12,
    .index_bits0 = 9,
    .index_bits = 9,
    .max_level = 3,
    .min_top = 1,
    .word_bytes = 8,
    .break_before_make = true,
    .linear_bits = 64,
    .positive = true,
    .soft_bits = 2,
    .table_hint_mask = S2_TYPE,
    .table_hint = s2_table_hint,
    .table_address = S2_ADDRESS,
    .leaf_hint = s2_leaf_hint,
    .empty = s2_empty,
    .kind = s2_kind,
    .leaf_orders = s2_leaf_orders,
    .bits = s2_bits,
    .leaf = s2_leaf,
    .oa = s2_oa,
    .order = s2_order,
    .attr = s2_attr,
    .carry = s2_carry,
    .table = s2_table,
    .table_pa = s2_table_pa,
    .limits = s2_limits,
    .dirty = s2_dirty,
    .accessed = s2_accessed,
    .clean_op = s2_clean_op,
    .old_op = s2_old_op,
    .ad_mask = s2_ad_mask,
    .ad_join = s2_ad_join,
    .volatile_loss = s2_volatile_loss,
    .rights = s2_rights,
    .payload_bits = s2_payload_bits,
    .mark = s2_mark,
    .mark_type = s2_mark_type,
    .mark_payload = s2_mark_payload,
    .illegal = s2_illegal,
};

#endif
