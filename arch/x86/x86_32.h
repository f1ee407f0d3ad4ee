/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/x86/x86_32.h - 32-bit paging, one entry of four bytes at one level. Intel SDM vol 3A, "Paging".
 *
 *   31:22     21 20:13     12  11:9 8 7   6 5 4   3   2  1  0
 *   address                    soft G PAT D A PCD PWT US RW P  leaf, level 0
 *   address   0  39:32     PAT soft G 1   D A PCD PWT US RW P  leaf, level 1 (4 MiB)
 *   address                    .    . 0   . A PCD PWT US RW P  table
 */
#ifndef ARCH_X86_X86_32_H
#define ARCH_X86_X86_32_H

#include "legacy.h"

#define X32_ADDRESS PTW_BITS(31, 12)
#define X32_LARGE PTW_BITS(31, 22)      /* the address field of a 4 MiB leaf */
#define X32_LARGE_HIGH PTW_BITS(20, 13) /* address bits 39:32 (PSE-36) */
#define X32_LARGE_SHIFT 19U
#define X32_LARGE_RESERVED PTW_BIT(21)

/* No bit is left over that would keep the processor's speculation out of the memory that the payload seems to name. */
#define X32_MARK_TYPE PTW_BITS(11, 8)
#define X32_MARK_TYPE_SHIFT 8U
#define X32_MARK_PAYLOAD PTW_BITS(31, 12)

static inline bool x32_has_large(const struct ptw_geometry *g)
{
    return (g->options & PTW_OPT_X86_PSE) != 0;
}

static inline enum ptw_kind x32_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if ((w & X86_P) == 0)
        return w == 0 ? PTW_EMPTY : PTW_MARKED;
    return level == 0 || ((w & X86_PS) != 0 && x32_has_large(g)) ? PTW_LEAF : PTW_TABLE;
}

/* Bit 7 makes a leaf only with pse: the hint says no at level 1. */
static inline ptw_word x32_leaf_hint(unsigned level)
{
    return level == 0 ? X86_P : ~UINT64_C(0);
}

static inline ptw_word x32_leaf_orders(unsigned level)
{
    return level <= 1 ? 1 : 0;
}

static inline ptw_word x32_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order)
{
    (void)g, (void)order;
    if (level == 0)
        return oa | bits;
    return (oa & X32_LARGE) | (oa >> X32_LARGE_SHIFT & X32_LARGE_HIGH) | bits;
}

static inline ptw_oa x32_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    return level == 0 ? w & X32_ADDRESS : (w & X32_LARGE) | (w & X32_LARGE_HIGH) << X32_LARGE_SHIFT;
}

static inline ptw_oa x32_table_pa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return w & X32_ADDRESS;
}

static inline unsigned x32_payload_bits(unsigned level)
{
    (void)level;
    return 20;
}

static inline ptw_word x32_mark(unsigned type, uint64_t payload, unsigned level)
{
    (void)level;
    return (ptw_word)type << X32_MARK_TYPE_SHIFT | payload << 12;
}

static inline unsigned x32_mark_type(ptw_word w, unsigned level)
{
    (void)level;
    return (w & ~(X32_MARK_TYPE | X32_MARK_PAYLOAD)) != 0 ? (unsigned)PTW_MARK_FOREIGN
                                                          : (unsigned)((w & X32_MARK_TYPE) >> X32_MARK_TYPE_SHIFT);
}

static inline uint64_t x32_mark_payload(ptw_word w, unsigned level)
{
    (void)level;
    return (w & X32_MARK_PAYLOAD) >> 12;
}

/* Table entries and 4 KiB leaves have no reserved bits. */
static inline const char *x32_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if (level == 0 || x32_kind(g, w, level) != PTW_LEAF)
        return NULL;
    if (level > g->max_leaf)
        return "bit 7 asks for a leaf size that the configuration does not have";
    if ((w & X32_LARGE_RESERVED) != 0)
        return "bit 21 of a 4M leaf is reserved";
    if ((w & X32_LARGE_HIGH) != 0 && (g->options & PTW_OPT_X86_PSE36) == 0)
        return "bits 20:13 of a 4M leaf are reserved without PSE-36";
    return NULL;
}

static const struct ptw_encoder x32_encoder = {
    .name = "x86-32",
    .granule = 12,
    .index_bits0 = 10,
    .index_bits = 10,
    .max_level = 1,
    .min_top = 1,
    .word_bytes = 4,
    .linear_bits = 32,
    .zero_extended = true,
    .positive = true,
    .soft_bits = LEGACY_SOFT_BITS,
    .table_hint_mask = X86_P | X86_PS,
    .table_hint = x86_table_hint,
    .table_address = X32_ADDRESS,
    .leaf_hint = x32_leaf_hint,
    .empty = x86_empty,
    .kind = x32_kind,
    .leaf_orders = x32_leaf_orders,
    .bits = legacy_bits,
    .leaf = x32_leaf,
    .oa = x32_oa,
    .order = x86_order,
    .attr = legacy_attr,
    .carry = x86_carry,
    .table = x86_table,
    .table_pa = x32_table_pa,
    .limits = x86_limits,
    .dirty = x86_dirty,
    .accessed = x86_accessed,
    .clean_op = x86_clean_op,
    .old_op = x86_old_op,
    .ad_mask = x86_ad_mask,
    .ad_join = x86_ad_join,
    .volatile_loss = x86_volatile_loss,
    .rights = legacy_rights,
    .payload_bits = x32_payload_bits,
    .mark = x32_mark,
    .mark_type = x32_mark_type,
    .mark_payload = x32_mark_payload,
    .illegal = x32_illegal,
};

#endif
