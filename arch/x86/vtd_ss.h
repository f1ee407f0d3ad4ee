/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/x86/vtd_ss.h - VT-d second stage, legacy and scalable mode, one entry at one level. Intel VT-d specification
 * (rev 4.1), 3.7 and 9.8.
 *
 *   63 62 61:52 51:12    11  10 9 8 7  6    5:3 2 1 0
 *   .  TM soft  address  SNP .  D A PS IPAT EMT 0 W R   leaf (address from bit 12, 21 or 30)
 *   .  0  .     address  0   .  . A 0  .    .   0 W R   table
 *
 * IPAT and EMT mean something under features that this library does not know (ECAP.MTS): kept, never set. There is no
 * execute right. Bit 2, X in old revisions, counts as present and is then objected to.
 */
#ifndef ARCH_X86_VTD_SS_H
#define ARCH_X86_VTD_SS_H

#include "arch/x86/interrupts.h"

#include <ptw/x86.h>

#define VTD_R PTW_BIT(0)
#define VTD_W PTW_BIT(1)
#define VTD_RW (VTD_R | VTD_W)
#define VTD_OLD_X PTW_BIT(2)
#define VTD_PS PTW_BIT(7) /* a leaf above level 0; ignored at level 0 */
#define VTD_A PTW_BIT(8)
#define VTD_D PTW_BIT(9)
#define VTD_SNP PTW_BIT(11)
#define VTD_ADDRESS PTW_BITS(51, 12)
#define VTD_SOFT PTW_BITS(61, 52)
#define VTD_TM PTW_BIT(62)

#define VTD_MARK_TYPE PTW_BITS(7, 4)
#define VTD_MARK_PAYLOAD PTW_BITS(62, 12)

static inline ptw_word vtd_ss_empty(unsigned level)
{
    (void)level;
    return 0;
}

static inline enum ptw_kind vtd_ss_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    if ((w & (VTD_RW | VTD_OLD_X)) == 0)
        return w == 0 ? PTW_EMPTY : PTW_MARKED;
    return level == 0 || (w & VTD_PS) != 0 ? PTW_LEAF : PTW_TABLE;
}

static inline ptw_word vtd_ss_table_hint(unsigned level)
{
    (void)level;
    return VTD_RW;
}

static inline ptw_word vtd_ss_leaf_hint(unsigned level)
{
    return level == 0 ? VTD_R : VTD_R | VTD_PS;
}

static inline ptw_word vtd_ss_leaf_orders(unsigned level)
{
    return level <= 2 ? 1 : 0;
}

static inline bool vtd_ss_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order,
                               ptw_word *bits)
{
    (void)order;
    if ((attr & ~g->attr_legal) != 0 || ((g->rwx_legal >> (attr & VTD_RW)) & 1) == 0)
        return false;
    *bits = (attr & VTD_RW) | (level == 0 ? 0 : VTD_PS) | (attr & PTW_AD) << 2 | (attr & PTW_SOFT_MASK) << 36 |
            (attr & PTW_VTD_SNP) >> 21 | (attr & PTW_VTD_TM) << 29;
    return true;
}

static inline ptw_word vtd_ss_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level,
                                   unsigned order)
{
    (void)g, (void)level, (void)order;
    return oa | bits;
}

static inline ptw_oa vtd_ss_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    return w & VTD_ADDRESS & (~UINT64_C(0) << (12 + 9 * level));
}

static inline unsigned vtd_ss_order(ptw_word w, unsigned level)
{
    (void)w, (void)level;
    return 0;
}

static inline ptw_attr vtd_ss_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return (w & VTD_RW) | (w & (VTD_A | VTD_D)) >> 2 | (w & VTD_SOFT) >> 36 | (w & VTD_SNP) << 21 | (w & VTD_TM) >> 29;
}

static inline ptw_word vtd_ss_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    (void)level, (void)to_order;
    return (w & ~(VTD_ADDRESS | VTD_PS)) | (to_level == 0 ? 0 : VTD_PS);
}

static inline ptw_word vtd_ss_table(const struct ptw_geometry *g, ptw_oa pa, unsigned level)
{
    (void)g, (void)level;
    return pa | VTD_RW;
}

static inline ptw_oa vtd_ss_table_pa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return w & VTD_ADDRESS;
}

static inline ptw_attr vtd_ss_limits(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return (w & VTD_RW) | PTW_X | PTW_UX | PTW_USER | PTW_GLOBAL;
}

static inline ptw_word vtd_ss_dirty(ptw_word w)
{
    return w & VTD_D;
}

static inline ptw_word vtd_ss_accessed(ptw_word w)
{
    return w & VTD_A;
}

static inline struct ptw_update vtd_ss_clean_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~VTD_D, 0};
}

static inline struct ptw_update vtd_ss_old_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~VTD_A, 0};
}

static inline ptw_word vtd_ss_ad_mask(ptw_word w)
{
    (void)w;
    return VTD_A | VTD_D;
}

static inline ptw_word vtd_ss_ad_join(ptw_word bits, ptw_word w)
{
    return bits | (w & (VTD_A | VTD_D));
}

static inline ptw_word vtd_ss_volatile_loss(ptw_word w)
{
    return (w & (VTD_W | VTD_D)) == VTD_W ? VTD_D : 0;
}

/* A leaf that only W keeps present keeps W: without it the leaf would be a hole, with R in its place a leak. */
static inline ptw_word vtd_ss_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    ptw_word changed =
        (w & ~((remove & VTD_RW) | (remove & PTW_SOFT_MASK) << 36)) | (add & VTD_RW) | (add & PTW_SOFT_MASK) << 36;

    (void)g;
    return (changed & VTD_RW) != 0 ? changed : w;
}

static inline unsigned vtd_ss_payload_bits(unsigned level)
{
    (void)level;
    return 51;
}

/* Bits 2:0, 8 and 9 stay 0. */
static inline ptw_word vtd_ss_mark(unsigned type, uint64_t payload, unsigned level)
{
    (void)level;
    return (ptw_word)type << 4 | payload << 12;
}

static inline unsigned vtd_ss_mark_type(ptw_word w, unsigned level)
{
    (void)level;
    return (w & ~(VTD_MARK_TYPE | VTD_MARK_PAYLOAD)) != 0 ? (unsigned)PTW_MARK_FOREIGN
                                                          : (unsigned)((w & VTD_MARK_TYPE) >> 4);
}

static inline uint64_t vtd_ss_mark_payload(ptw_word w, unsigned level)
{
    (void)level;
    return (w & VTD_MARK_PAYLOAD) >> 12;
}

/* Reserved bits. The width of the address, and bits 20:12 and 29:12 of large leaves: seen in one source. */
static inline const char *vtd_ss_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if ((w & VTD_OLD_X) != 0)
        return "bit 2 is reserved";
    if ((w & VTD_ADDRESS & ~g->oa_last) != 0)
        return "an address bit above the host address width is reserved";
    if (vtd_ss_kind(g, w, level) == PTW_TABLE)
        return (w & (VTD_SNP | VTD_TM)) != 0 ? "bits 11 and 62 of a table entry are reserved" : NULL;
    if (level > 2)
        return "bit 7 is reserved at this level: no leaf can stand here";
    if (level > g->max_leaf)
        return "bit 7 asks for a leaf size that the configuration does not have";
    if ((w & VTD_ADDRESS & ~vtd_ss_oa(g, w, level)) != 0)
        return level == 1 ? "bits 20:12 of a 2M leaf are reserved" : "bits 29:12 of a 1G leaf are reserved";
    if ((w & VTD_SNP) != 0 && (g->options & PTW_OPT_VTD_SNP) == 0)
        return "bit 11 (SNP) is reserved without snoop control";
    if ((w & VTD_TM) != 0 && (g->options & PTW_OPT_VTD_TM) == 0)
        return "bit 62 (TM) is reserved without device TLBs";
    return x86_interrupts_illegal(vtd_ss_oa(g, w, level), level);
}

/* That holes are not remembered, without caching mode: seen in one source. */
static const struct ptw_encoder vtd_ss_encoder = {
    .name = "vtd-ss",
    .granule = 12,
    .index_bits0 = 9,
    .index_bits = 9,
    .max_level = 4,
    .min_top = 2,
    .word_bytes = 8,
    .linear_bits = 64,
    .zero_extended = true,
    .positive = true,
    .soft_bits = 10,
    .table_hint_mask = VTD_RW | VTD_PS,
    .table_hint = vtd_ss_table_hint,
    .table_address = VTD_ADDRESS,
    .leaf_hint = vtd_ss_leaf_hint,
    .empty = vtd_ss_empty,
    .kind = vtd_ss_kind,
    .leaf_orders = vtd_ss_leaf_orders,
    .bits = vtd_ss_bits,
    .leaf = vtd_ss_leaf,
    .oa = vtd_ss_oa,
    .order = vtd_ss_order,
    .attr = vtd_ss_attr,
    .carry = vtd_ss_carry,
    .table = vtd_ss_table,
    .table_pa = vtd_ss_table_pa,
    .limits = vtd_ss_limits,
    .dirty = vtd_ss_dirty,
    .accessed = vtd_ss_accessed,
    .clean_op = vtd_ss_clean_op,
    .old_op = vtd_ss_old_op,
    .ad_mask = vtd_ss_ad_mask,
    .ad_join = vtd_ss_ad_join,
    .volatile_loss = vtd_ss_volatile_loss,
    .rights = vtd_ss_rights,
    .payload_bits = vtd_ss_payload_bits,
    .mark = vtd_ss_mark,
    .mark_type = vtd_ss_mark_type,
    .mark_payload = vtd_ss_mark_payload,
    .illegal = vtd_ss_illegal,
};

#endif
