/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/x86/pae.h - PAE paging, one entry at one level. Intel SDM vol 3A, "Paging".
 *
 *   63 62:52 51:12              12  11:9 8 7   6 5 4   3   2  1  0
 *   NX 0     address                soft G PAT D A PCD PWT US RW P  leaf, level 0
 *   NX 0     address (21)       PAT soft G 1   D A PCD PWT US RW P  leaf, level 1
 *   NX 0     address                .    . 0   . A PCD PWT US RW P  table, level 1
 *   0  0     address                .    0 0   0 0 PCD PWT 0  0  P  table, level 2: one of the root's four entries
 */
#ifndef ARCH_X86_PAE_H
#define ARCH_X86_PAE_H

#include "legacy.h"

#define PAE_ROOT 2U /* the root's level */
#define PAE_ROOT_RESERVED (PTW_BITS(63, 52) | PTW_BITS(8, 5) | PTW_BITS(2, 1))
#define PAE_RESERVED PTW_BITS(62, 52)

static inline enum ptw_kind pae_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    return level == PAE_ROOT && (w & X86_P) != 0 ? PTW_TABLE : x86_kind(g, w, level);
}

static inline ptw_word pae_leaf_hint(unsigned level)
{
    return level == PAE_ROOT ? ~UINT64_C(0) : x86_leaf_hint(level);
}

static inline ptw_word pae_leaf_orders(unsigned level)
{
    return level < PAE_ROOT ? 1 : 0;
}

static inline ptw_word pae_table(const struct ptw_geometry *g, ptw_oa pa, unsigned level)
{
    return level == PAE_ROOT ? pa | X86_P : x86_table(g, pa, level);
}

static inline ptw_attr pae_limits(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    return level == PAE_ROOT ? PTW_RIGHTS : x86_limits(g, w, level);
}

static inline const char *pae_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if (level == PAE_ROOT && (w & PAE_ROOT_RESERVED) != 0)
        return "bits 63:52, 8:5 and 2:1 of the root's entries are reserved";
    if ((w & PAE_RESERVED) != 0)
        return "bits 62:52 are reserved";
    if (level == PAE_ROOT && (w & X86_ADDRESS & ~g->oa_last) != 0)
        return "an address bit above the physical address width is reserved";
    return level == PAE_ROOT ? NULL : x86_illegal(g, w, level);
}

static const struct ptw_encoder pae_encoder = {
    .name = "x86-pae",
    .granule = 12,
    .index_bits0 = 9,
    .index_bits = 9,
    .max_level = PAE_ROOT,
    .min_top = PAE_ROOT,
    .word_bytes = 8,
    .root_align = 5,
    .linear_bits = 64,
    .zero_extended = true,
    .positive = true,
    .soft_bits = LEGACY_SOFT_BITS,
    .table_hint_mask = X86_P | X86_PS,
    .table_hint = x86_table_hint,
    .table_address = X86_ADDRESS,
    .leaf_hint = pae_leaf_hint,
    .empty = x86_empty,
    .kind = pae_kind,
    .leaf_orders = pae_leaf_orders,
    .bits = legacy_bits,
    .leaf = x86_leaf,
    .oa = x86_oa,
    .order = x86_order,
    .attr = legacy_attr,
    .carry = x86_carry,
    .table = pae_table,
    .table_pa = x86_table_pa,
    .limits = pae_limits,
    .dirty = x86_dirty,
    .accessed = x86_accessed,
    .clean_op = x86_clean_op,
    .old_op = x86_old_op,
    .ad_mask = x86_ad_mask,
    .ad_join = x86_ad_join,
    .volatile_loss = x86_volatile_loss,
    .rights = legacy_rights,
    .payload_bits = x86_payload_bits,
    .mark = x86_mark,
    .mark_type = x86_mark_type,
    .mark_payload = x86_mark_payload,
    .illegal = pae_illegal,
};

#endif
