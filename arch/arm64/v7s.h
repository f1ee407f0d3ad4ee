/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/v7s.h - VMSAv7 short descriptors, one entry at one level. Arm ARM (DDI 0406), B3.5.1. v7s_bits.h draws it.
 *
 * AP[0] is the access flag (SCTLR.AFE=1); where it stands depends on the level, which accessed() does not know, so that
 * it is always 1. TEX, S and nG of pages are seen in one source. With MediaTek's extension bits 9, 4, 5 are address bits
 * and AP and XN do not exist.
 */
#ifndef ARCH_ARM64_V7S_H
#define ARCH_ARM64_V7S_H

#include "v7s_bits.h"

static inline ptw_word v7s_empty(unsigned level)
{
    (void)level;
    return 0;
}

/* Type 11 at level 1 faults where PXN does not exist ("reserved": seen in one source): a hole of others. */
static inline enum ptw_kind v7s_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if ((w & V7S_TYPE) == 0)
        return w == 0 ? PTW_EMPTY : PTW_MARKED;
    if (level == 0 || (w & V7S_TYPE) == V7S_SECTION)
        return PTW_LEAF;
    if ((w & V7S_TYPE) == V7S_TABLE)
        return PTW_TABLE;
    return (g->options & PTW_OPT_ARM_V7S_PXN) != 0 ? PTW_LEAF : PTW_MARKED;
}

static inline ptw_word v7s_table_hint(unsigned level)
{
    (void)level;
    return V7S_TABLE;
}

static inline ptw_word v7s_leaf_hint(unsigned level)
{
    return level == 0 ? V7S_PAGE : ~UINT64_C(0);
}

static inline ptw_word v7s_leaf_orders(unsigned level)
{
    return level <= 1 ? PTW_BIT(0) | PTW_BIT(V7S_ORDER) : 0;
}

static inline bool v7s_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order, ptw_word *bits)
{
    unsigned type = (unsigned)((attr & PTW_MT_MASK) >> PTW_MT_SHIFT);
    ptw_word tex_cb = V7S_MT_ENCODE >> (4 * type) & 7, small;

    if ((attr & ~g->attr_legal) != 0 || (g->rwx_legal >> (attr & PTW_RWX) & 1) == 0 || (V7S_MT_LEGAL >> type & 1) == 0)
        return false;
    small = (tex_cb & 3) << 2 | (tex_cb & 4) << (V7S_TEX_SHIFT - 2) | ((attr & PTW_GLOBAL) == 0 ? V7S_NG : 0) |
            ((attr & PTW_ARM_V7S_NON_SHAREABLE) == 0 ? V7S_S : 0);
    if (!v7s_mtk(g))
        small |= V7S_AF | ((attr & PTW_W) == 0 ? V7S_RO : 0) | ((attr & PTW_USER) != 0 ? V7S_USER : 0) |
                 ((attr & PTW_X) == 0 ? V7S_XN : 0);
    *bits = v7s_from_small(small, level, order);
    return true;
}

/* NS is here and not in bits(), as carry() does not know whether a page that becomes a section gets it; the step from leaf
 * to leaf, which is asked for with no bits, has none. What carry() took for AP and XN is no attribute with MediaTek's
 * extension. */
static inline ptw_word v7s_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order)
{
    ptw_word w = oa & PTW_BITS(31, 12) & ~UINT64_C(0) << ((level == 0 ? 12U : 20U) + order);

    if (v7s_mtk(g)) {
        bits &= ~(level != 0 ? V7S_MTK_SECTION : order != 0 ? V7S_MTK_LARGE : V7S_MTK_PAGE);
        w |= (oa >> 32 & 1) << V7S_MTK_32 | (oa >> 33 & 1) << V7S_MTK_33 | (oa >> 34 & 1) << V7S_MTK_34;
    }
    return w | bits | (level != 0 && bits != 0 ? v7s_section_ns(g) : 0);
}

/* Output bits from 32 on. */
static inline ptw_oa v7s_oa_high(const struct ptw_geometry *g, ptw_word w, bool super)
{
    if (v7s_mtk(g))
        return (w >> V7S_MTK_32 & 1) << 32 | (w >> V7S_MTK_33 & 1) << 33 | (w >> V7S_MTK_34 & 1) << 34;
    return super ? (w & V7S_SUPER_LOW) << 12 | (w & V7S_SUPER_HIGH) << 31 : 0;
}

static inline ptw_oa v7s_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    unsigned order = v7s_order(w, level);

    return (w & PTW_BITS(31, 12) & ~UINT64_C(0) << ((level == 0 ? 12U : 20U) + order)) |
           v7s_oa_high(g, w, level != 0 && order != 0);
}

static inline ptw_attr v7s_memory_type(ptw_word small)
{
    ptw_word tex_cb = (small & V7S_TEX) >> (V7S_TEX_SHIFT - 2) | (small & V7S_CB) >> 2;

    return ((tex_cb & 16) == 0 ? V7S_MT_DECODE : V7S_MT_MIXED) >> (4 * (tex_cb & 15)) & 15;
}

static inline ptw_attr v7s_execute(const struct ptw_geometry *g, ptw_word w, ptw_word small, unsigned level)
{
    ptw_attr both = (small & V7S_XN) == 0 ? g->attr_legal & (PTW_X | PTW_UX) : 0;

    return level != 0 && (w & V7S_PXN) != 0 ? both & ~PTW_X : both;
}

static inline ptw_attr v7s_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    ptw_word small = v7s_as_small(w, level);
    ptw_attr attr = PTW_R | PTW_AD | v7s_memory_type(small) << PTW_MT_SHIFT | ((small & V7S_NG) == 0 ? PTW_GLOBAL : 0) |
                    ((small & V7S_S) == 0 ? PTW_ARM_V7S_NON_SHAREABLE : 0);

    if (v7s_mtk(g))
        return attr | PTW_W;
    return attr | ((small & V7S_RO) == 0 ? PTW_W : 0) | ((small & V7S_USER) != 0 ? PTW_USER : 0) |
           v7s_execute(g, w, small, level);
}

static inline ptw_word v7s_address(unsigned level, unsigned order)
{
    return level != 0 ? PTW_BITS(31, 20) | (order != 0 ? V7S_SUPER_HIGH : 0)
                      : PTW_BITS(31, 12) & ~UINT64_C(0) << (12 + order);
}

/* Pages take domain, NS and PXN from the table entry: domain and NS cannot follow, and PXN becomes XN. */
static inline ptw_word v7s_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    unsigned order = v7s_order(w, level);
    ptw_word small = v7s_as_small(w, level), pxn = level != 0 ? w & V7S_PXN : 0;

    if (level == to_level && order == to_order)
        return w & ~v7s_address(level, order);
    if (to_level == 0)
        return v7s_from_small(small | (pxn != 0 ? V7S_XN : 0), to_level, to_order);
    return v7s_from_small(small, to_level, to_order) | pxn | (level != 0 ? w & (V7S_NS | V7S_IMPDEF) : 0);
}

/* With the extension a table's address has output bits 32 to 34 in the same places. */
static inline ptw_word v7s_table(const struct ptw_geometry *g, ptw_oa pa, unsigned level)
{
    ptw_word w = (pa & V7S_TABLE_BASE) | V7S_TABLE | g->table_or;

    (void)level;
    if (v7s_mtk(g))
        w |= (pa >> 32 & 1) << V7S_MTK_32 | (pa >> 33 & 1) << V7S_MTK_33 | (pa >> 34 & 1) << V7S_MTK_34;
    return w;
}

static inline ptw_oa v7s_table_pa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)level;
    return (w & V7S_TABLE_BASE) | v7s_oa_high(g, w, false);
}

static inline ptw_attr v7s_limits(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return (w & V7S_TABLE_PXN) != 0 ? PTW_RIGHTS & ~PTW_X : PTW_RIGHTS;
}

/* Every leaf is accessed and dirty. */
static inline ptw_word v7s_present(ptw_word w)
{
    return w & V7S_TYPE;
}

static inline struct ptw_update v7s_keep(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~UINT64_C(0), 0};
}

static inline ptw_word v7s_none(ptw_word w)
{
    (void)w;
    return 0;
}

static inline ptw_word v7s_ad_join(ptw_word bits, ptw_word w)
{
    (void)w;
    return bits;
}

/* RO, XN and nG are set to take something away. X and UX come and go together. */
static inline ptw_word v7s_rights_at(const struct ptw_geometry *g, ptw_word w, unsigned level, ptw_attr add,
                                     ptw_attr remove)
{
    const ptw_attr there = v7s_mtk(g) ? PTW_GLOBAL : PTW_RIGHTS; /* the other bits are address bits */
    const ptw_attr gone = remove & there, come = add & there;
    ptw_word on = ((gone & PTW_W) != 0 ? V7S_RO : 0) | ((gone & PTW_X) != 0 ? V7S_XN : 0) |
                  ((gone & PTW_GLOBAL) != 0 ? V7S_NG : 0) | ((come & PTW_USER) != 0 ? V7S_USER : 0);
    ptw_word off = ((come & PTW_W) != 0 ? V7S_RO : 0) | ((come & PTW_X) != 0 ? V7S_XN : 0) |
                   ((come & PTW_GLOBAL) != 0 ? V7S_NG : 0) | ((gone & PTW_USER) != 0 ? V7S_USER : 0);
    unsigned order = v7s_order(w, level);

    if (level != 0 && (come & PTW_X) != 0)
        w &= ~V7S_PXN;
    return (w & ~v7s_place(off, level, order)) | v7s_place(on, level, order);
}

/* Nobody asks for it: rights stand in other bits at each level. */
static inline ptw_word v7s_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    return v7s_rights_at(g, w, 0, add, remove);
}

static inline unsigned v7s_payload_bits(unsigned level)
{
    (void)level;
    return 20;
}

static inline ptw_word v7s_mark(unsigned type, uint64_t payload, unsigned level)
{
    (void)level;
    return (ptw_word)type << 2 | payload << 12;
}

static inline unsigned v7s_mark_type(ptw_word w, unsigned level)
{
    (void)level;
    return (w & ~(V7S_MARK_TYPE | V7S_MARK_PAYLOAD)) != 0 ? (unsigned)PTW_MARK_FOREIGN
                                                          : (unsigned)((w & V7S_MARK_TYPE) >> 2);
}

static inline uint64_t v7s_mark_payload(ptw_word w, unsigned level)
{
    (void)level;
    return (w & V7S_MARK_PAYLOAD) >> 12;
}

static inline const char *v7s_illegal_table(const struct ptw_geometry *g, ptw_word w)
{
    if ((w & V7S_TABLE_ZERO) != 0 && !v7s_mtk(g))
        return "bit 4 of a table entry must be 0";
    if ((w & V7S_TABLE_PXN) != 0 && (g->options & PTW_OPT_ARM_V7S_PXN) == 0)
        return "bit 2 (PXN) of a table entry is reserved without PXN";
    return (w & g->table_or) != g->table_or ? "bit 3 (NS) of a table entry is 0, and option ns is set" : NULL;
}

static inline const char *v7s_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    ptw_word small = v7s_as_small(w, level);
    bool table = v7s_kind(g, w, level) == PTW_TABLE;

    if (((table ? v7s_table_pa(g, w, level) : v7s_oa(g, w, level)) & ~g->oa_last) != 0)
        return "an address bit above the output address width";
    if (table)
        return v7s_illegal_table(g, w);
    if (level > g->max_leaf)
        return "a leaf of a size that the configuration does not have";
    if (v7s_mtk(g) && level != 0 && (w & V7S_SUPER) != 0 && (w & V7S_SUPER_LOW) != 0)
        return "a misaligned supersection";
    if ((small & V7S_AF) == 0 && !v7s_mtk(g))
        return "AP[0], the access flag, is 0: every access faults";
    if ((small & PTW_BIT(8)) == 0 && (V7S_MT_RESERVED >> ((small & V7S_TEX) >> 4 | (small & V7S_CB) >> 2) & 1) != 0)
        return "TEX, C, B have a reserved value";
    return level != 0 && (~w & v7s_section_ns(g)) != 0 ? "bit 19 (NS) of a section is 0, and option ns is set" : NULL;
}

static const struct ptw_encoder v7s_encoder = {
    .name = "arm-v7s",
    .granule = 12,
    .index_bits0 = 8,
    .index_bits = 12,
    .max_level = 1,
    .min_top = 1,
    .word_bytes = 4,
    .break_before_make = true, /* of processors: general knowledge of the architecture */
    .break_groups = true,
    .linear_bits = 32,
    .zero_extended = true,
    .positive = true,
    .inverted = V7S_RO,
    .table_hint_mask = V7S_TYPE,
    .table_hint = v7s_table_hint,
    .leaf_hint = v7s_leaf_hint,
    .empty = v7s_empty,
    .kind = v7s_kind,
    .leaf_orders = v7s_leaf_orders,
    .bits = v7s_bits,
    .leaf = v7s_leaf,
    .oa = v7s_oa,
    .order = v7s_order,
    .attr = v7s_attr,
    .carry = v7s_carry,
    .table = v7s_table,
    .table_pa = v7s_table_pa,
    .limits = v7s_limits,
    .dirty = v7s_present,
    .accessed = v7s_present,
    .clean_op = v7s_keep,
    .old_op = v7s_keep,
    .ad_mask = v7s_none,
    .ad_join = v7s_ad_join,
    .volatile_loss = v7s_none,
    .rights = v7s_rights,
    .rights_at = v7s_rights_at,
    .payload_bits = v7s_payload_bits,
    .mark = v7s_mark,
    .mark_type = v7s_mark_type,
    .mark_payload = v7s_mark_payload,
    .illegal = v7s_illegal,
};

#endif
