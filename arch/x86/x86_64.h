/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/x86/x86_64.h - x86-64 4- and 5-level paging and its kin (x86.h), one entry at one level.
 * Intel SDM vol 3A, "Paging"; AMD APM vol 2, chapters 5 and 15.25.
 *
 *   63 62:59 58:52 51:12              12  11:9 8 7   6 5 4   3   2  1  0
 *   NX PKEY  soft  address                 .   G PAT D A PCD PWT US RW P  leaf, level 0
 *   NX PKEY  soft  address (21 or 30) PAT  .   G 1   D A PCD PWT US RW P  leaf above
 *   NX             address                     0 0   . A PCD PWT US RW P  table
 *
 * U/S of formats that must have it set everywhere is in ptw_geometry.leaf_or, and so is a C-bit: a bit of the address
 * field above all address bits, which a leaf that is shared lacks.
 *
 * X86_CET, 0 or 1, is defined before this is included. With 1, bit 58 is no software bit but the D of leaves without W,
 * because W = 0 with D = 1 is a shadow-stack page. That is an engine of its own, so that others need not ask.
 */
#ifndef ARCH_X86_X86_64_H
#define ARCH_X86_X86_64_H

#include "arch/x86/interrupts.h"
#include "arch/x86/x86.h"

#define X86_P PTW_BIT(0)
#define X86_RW PTW_BIT(1)
#define X86_US PTW_BIT(2)
#define X86_CACHE_SHIFT 3U
#define X86_CACHE PTW_BITS(4, 3) /* PWT and PCD: the low bits of the PAT index */
#define X86_A PTW_BIT(5)
#define X86_D PTW_BIT(6)
#define X86_PS PTW_BIT(7)  /* above level 0 */
#define X86_PAT PTW_BIT(7) /* at level 0 */
#define X86_PAT_LARGE PTW_BIT(12)
#define X86_G PTW_BIT(8)
#define X86_EA PTW_BIT(10)
#define X86_ADDRESS PTW_BITS(51, 12)
#define X86_SOFT_BITS (X86_CET ? 6U : 7U)
#define X86_SOFT PTW_BITS(51 + X86_SOFT_BITS, 52)
#define X86_SOFT_DIRTY (X86_CET ? PTW_BIT(58) : 0)
#define X86_PKEY PTW_BITS(62, 59)
#define X86_NX PTW_BIT(63)
#define X86_EA_SHIFT 29U /* PTW_X86_EXTENDED_ACCESSED is bit 39 */

#define X86_MARK_TYPE PTW_BITS(62, 59)
#define X86_MARK_PAYLOAD PTW_BITS(50, 12)
/* A hole's address field may be used speculatively (L1TF); this bit keeps it out of memory, where caches compare it. Seen
 * in one source. */
#define X86_MARK_NO_MEMORY PTW_BIT(51)

/* PTW_MT nibble -> PAT index 0 ... 3 as after reset (15: none), and back. */
#define X86_MT_ENCODE UINT64_C(0xffffffffff23ff10)
#define X86_MT_DECODE UINT64_C(0x4510)

static inline ptw_word x86_empty(unsigned level)
{
    (void)level;
    return 0;
}

static inline enum ptw_kind x86_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    if ((w & X86_P) == 0)
        return w == 0 ? PTW_EMPTY : PTW_MARKED;
    return level == 0 || (w & X86_PS) != 0 ? PTW_LEAF : PTW_TABLE;
}

static inline ptw_word x86_table_hint(unsigned level)
{
    (void)level;
    return X86_P;
}

static inline ptw_word x86_leaf_hint(unsigned level)
{
    return level == 0 ? X86_P : X86_P | X86_PS;
}

static inline ptw_word x86_leaf_orders(unsigned level)
{
    return level <= 2 ? 1 : 0;
}

/* Where the PAT bit of a leaf is. */
static inline ptw_word x86_pat(unsigned level)
{
    return level == 0 ? X86_PAT : X86_PAT_LARGE;
}

static inline bool x86_is_shadow_stack(ptw_word w)
{
    return X86_CET && (w & (X86_RW | X86_D)) == X86_D;
}

/* Where the D of a leaf lives. */
static inline ptw_word x86_dirty_bit(ptw_attr attr)
{
    if (X86_CET && (attr & PTW_X86_SHADOW_STACK) != 0)
        return X86_D;
    if (X86_CET && (attr & (PTW_W | PTW_D)) == PTW_D)
        return X86_SOFT_DIRTY;
    return (attr & PTW_D) >> 1;
}

static inline bool x86_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order, ptw_word *bits)
{
    ptw_word index = (X86_MT_ENCODE >> (4 * ((attr & PTW_MT_MASK) >> PTW_MT_SHIFT))) & 15;
    ptw_word always = g->leaf_or & ~((attr & PTW_X86_SHARED) != 0 ? X86_ADDRESS : 0);

    (void)order;
    if ((attr & ~g->attr_legal) != 0 || ((g->rwx_legal >> (attr & PTW_RWX)) & 1) == 0 || index == 15 ||
        (X86_CET && (attr & PTW_X86_SHADOW_STACK) != 0 && (attr & PTW_W) != 0))
        return false;
    *bits = X86_P | always | (attr & PTW_W) | (attr & PTW_USER) >> 2 | index << X86_CACHE_SHIFT | (attr & PTW_A) >> 1 |
            x86_dirty_bit(attr) | (level == 0 ? 0 : X86_PS) | (attr & PTW_GLOBAL) << 3 | (attr & PTW_SOFT_MASK) << 36 |
            (attr & PTW_X86_PKEY_MASK) << 26 | (attr & PTW_X86_EXTENDED_ACCESSED) >> X86_EA_SHIFT |
            (~attr & PTW_X) << 61 | ((attr & PTW_X86_PAT_HIGH) != 0 ? x86_pat(level) : 0);
    return true;
}

static inline ptw_word x86_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order)
{
    (void)g, (void)level, (void)order;
    return oa | bits;
}

static inline ptw_oa x86_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    return w & g->oa_last & (~UINT64_C(0) << (12 + 9 * level));
}

static inline unsigned x86_order(ptw_word w, unsigned level)
{
    (void)w, (void)level;
    return 0;
}

static inline ptw_attr x86_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    ptw_attr type = (X86_MT_DECODE >> (4 * ((w & X86_CACHE) >> X86_CACHE_SHIFT))) & 15;
    ptw_attr attr = PTW_R | (w & X86_RW) | (w & X86_US) << 2 | type << PTW_MT_SHIFT | (w & (X86_A | X86_D)) << 1 |
                    (w & X86_SOFT_DIRTY) >> 51 | (w & X86_G) >> 3 | (w & X86_SOFT) >> 36 | (w & X86_PKEY) >> 26 |
                    (w & X86_EA) << X86_EA_SHIFT | (~w & X86_NX) >> 61 |
                    ((g->options & X86_NX_IGNORED) != 0 ? PTW_X : 0) |
                    ((w & x86_pat(level)) != 0 ? PTW_X86_PAT_HIGH : 0) |
                    ((~w & g->leaf_or & X86_ADDRESS) != 0 ? PTW_X86_SHARED : 0) |
                    (x86_is_shadow_stack(w) ? PTW_X86_SHADOW_STACK : 0);

    return attr & g->attr_legal;
}

static inline ptw_word x86_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    ptw_word kept = w & ~(X86_ADDRESS | X86_PS);

    (void)to_order;
    return kept | (to_level == 0 ? 0 : X86_PS) | ((w & x86_pat(level)) != 0 ? x86_pat(to_level) : 0);
}

/* A is set beforehand: hardware never has to write to a table entry. */
static inline ptw_word x86_table(const struct ptw_geometry *g, ptw_oa pa, unsigned level)
{
    (void)level;
    return pa | X86_P | X86_RW | X86_US | X86_A | g->table_or;
}

static inline ptw_oa x86_table_pa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)level;
    return w & g->oa_last & (~UINT64_C(0) << 12);
}

static inline ptw_attr x86_limits(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return PTW_R | PTW_UX | PTW_GLOBAL | (w & X86_RW) | (w & X86_US) << 2 | (~w & X86_NX) >> 61;
}

static inline ptw_word x86_dirty(ptw_word w)
{
    return w & (X86_D | X86_SOFT_DIRTY);
}

static inline ptw_word x86_accessed(ptw_word w)
{
    return w & X86_A;
}

/* A shadow-stack page must keep its D. */
static inline struct ptw_update x86_clean_op(ptw_word w)
{
    return (struct ptw_update){~(X86_SOFT_DIRTY | (x86_is_shadow_stack(w) ? 0 : X86_D)), 0};
}

static inline struct ptw_update x86_old_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~X86_A, 0};
}

static inline ptw_word x86_ad_mask(ptw_word w)
{
    return X86_A | X86_SOFT_DIRTY | (X86_CET && (w & X86_RW) == 0 ? 0 : X86_D);
}

static inline ptw_word x86_ad_join(ptw_word bits, ptw_word w)
{
    if (!X86_CET || (bits & X86_RW) != 0)
        return bits | (w & (X86_A | X86_D)) | ((w & X86_SOFT_DIRTY) != 0 ? X86_D : 0);
    return bits | (w & X86_A) | (x86_dirty(w) != 0 && x86_dirty(bits) == 0 ? X86_SOFT_DIRTY : 0);
}

/* RW does not matter: a supervisor with CR0.WP = 0 writes, and sets D, through a read-only leaf. With CET WP is 1. */
static inline ptw_word x86_volatile_loss(ptw_word w)
{
    ptw_word writable = X86_P | (X86_CET ? X86_RW : 0);

    return (w & (writable | X86_D)) == writable ? X86_D : 0;
}

static inline ptw_word x86_right_bits(ptw_attr rights)
{
    return (rights & PTW_W) | (rights & PTW_USER) >> 2 | (rights & PTW_GLOBAL) << 3 | (rights & PTW_SOFT_MASK) << 36;
}

static inline ptw_word x86_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    (void)g;
    if (X86_CET && (w & remove & ~add & X86_RW) != 0)
        w = (w & ~X86_D) | ((w & X86_D) != 0 ? X86_SOFT_DIRTY : 0);
    if (X86_CET && (~w & add & X86_RW) != 0)
        w = (w & ~X86_SOFT_DIRTY) | (x86_dirty(w) != 0 ? X86_D : 0);
    w = (w & ~x86_right_bits(remove)) | x86_right_bits(add);
    return (w | (remove & PTW_X) << 61) & ~((add & PTW_X) << 61);
}

static inline unsigned x86_payload_bits(unsigned level)
{
    (void)level;
    return 39;
}

static inline ptw_word x86_mark(unsigned type, uint64_t payload, unsigned level)
{
    (void)level;
    return (ptw_word)type << 59 | X86_MARK_NO_MEMORY | payload << 12;
}

static inline unsigned x86_mark_type(ptw_word w, unsigned level)
{
    (void)level;
    return (w & ~(X86_MARK_TYPE | X86_MARK_PAYLOAD)) != X86_MARK_NO_MEMORY ? (unsigned)PTW_MARK_FOREIGN
                                                                           : (unsigned)((w & X86_MARK_TYPE) >> 59);
}

static inline uint64_t x86_mark_payload(ptw_word w, unsigned level)
{
    (void)level;
    return (w & X86_MARK_PAYLOAD) >> 12;
}

/* Reserved bits. Bit 8 of the two highest levels' table entries is reserved on AMD only (seen in one source). */
static inline const char *x86_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if ((w & X86_ADDRESS & ~(g->oa_last | g->table_or)) != 0)
        return "an address bit above the physical address width is reserved";
    if ((w & X86_NX) != 0 && (g->options & (PTW_OPT_X86_NX | X86_NX_IGNORED)) == 0)
        return "bit 63 (NX) is reserved while it is not enabled (EFER.NXE)";
    if ((~w & g->leaf_or & X86_US) != 0)
        return "bit 2 (U/S) is 0: every guest access faults, and every user request of a device";
    if (x86_kind(g, w, level) == PTW_TABLE)
        return level >= 3 && (g->options & X86_TABLE_G_RESERVED) != 0 && (w & X86_G) != 0
                   ? "bit 8 is reserved at this level"
                   : NULL;
    if (level > 2)
        return "bit 7 is reserved at this level: no leaf can stand here";
    if (level > g->max_leaf)
        return "bit 7 asks for a leaf size that the configuration does not have";
    if ((w & g->oa_last & X86_ADDRESS & ~(x86_oa(g, w, level) | (level == 0 ? 0 : X86_PAT_LARGE))) != 0)
        return level == 1 ? "bits 20:13 of a 2M leaf are reserved" : "bits 29:13 of a 1G leaf are reserved";
    return (g->options & X86_NO_INTERRUPT_RANGE) != 0 ? x86_interrupts_illegal(x86_oa(g, w, level), level) : NULL;
}

/* That holes are not remembered, and that nothing must be broken before it is made: from knowledge of the manuals. Of
 * IOMMUs it was seen in one source. */
static const struct ptw_encoder x86_encoder = {
    .name = "x86-64",
    .granule = 12,
    .index_bits0 = 9,
    .index_bits = 9,
    .max_level = 4,
    .min_top = 3,
    .word_bytes = 8,
    .linear_bits = 64,
    .positive = true,
    .soft_bits = X86_SOFT_BITS,
    .table_hint_mask = X86_P | X86_PS,
    .table_hint = x86_table_hint,
    .table_address = X86_ADDRESS,
    .leaf_hint = x86_leaf_hint,
    .empty = x86_empty,
    .kind = x86_kind,
    .leaf_orders = x86_leaf_orders,
    .bits = x86_bits,
    .leaf = x86_leaf,
    .oa = x86_oa,
    .order = x86_order,
    .attr = x86_attr,
    .carry = x86_carry,
    .table = x86_table,
    .table_pa = x86_table_pa,
    .limits = x86_limits,
    .dirty = x86_dirty,
    .accessed = x86_accessed,
    .clean_op = x86_clean_op,
    .old_op = x86_old_op,
    .ad_mask = x86_ad_mask,
    .ad_join = x86_ad_join,
    .volatile_loss = x86_volatile_loss,
    .rights = x86_rights,
    .payload_bits = x86_payload_bits,
    .mark = x86_mark,
    .mark_type = x86_mark_type,
    .mark_payload = x86_mark_payload,
    .illegal = x86_illegal,
};

#endif
