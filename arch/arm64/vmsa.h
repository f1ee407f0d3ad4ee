/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/vmsa.h - what stage 1 and stage 2 of VMSAv8-64 share of one entry at one level: type, addresses, groups,
 * tables, marks. Arm ARM (DDI 0487), D8. Written once for all granules: ARM64_GRANULE is defined before the inclusion.
 *
 *   ARM64_GRANULE  our levels  the manual's    leaves            groups of     address   when wide
 *   12 (4K)        0 ... 4     3, 2, 1, 0, -1  4K 2M 1G (512G)   16 16 16 -    47:12     49:12 and 51:50 in 9:8
 *   14 (16K)       0 ... 3     3, 2, 1, 0      16K 32M (64G)     128 32 -      47:14     49:14 and 51:50 in 9:8
 *   16 (64K)       0 ... 2     3, 2, 1         64K 512M (4T)     32 32 -       47:16     47:16 and 51:48 in 15:12
 *
 * Wide: output addresses above 48 bits: FEAT_LPA2 (TCR_ELx.DS or VTCR_EL2.DS is 1), with 64K FEAT_LPA. Only then there
 * are the leaves in brackets.
 */
#ifndef ARCH_ARM64_VMSA_H
#define ARCH_ARM64_VMSA_H

#include "granules.h"

#define VMSA_VALID PTW_BIT(0)
#define VMSA_TYPE PTW_BITS(1, 0)
#define VMSA_BLOCK UINT64_C(1)
#define VMSA_PAGE UINT64_C(3)
#define VMSA_TABLE UINT64_C(3)
#define VMSA_SH_SHIFT 8U
#define VMSA_SH PTW_BITS(9, 8)
#define VMSA_AF PTW_BIT(10)
#define VMSA_NT PTW_BIT(16) /* in blocks, FEAT_BBM: a hint to the TLB */
#define VMSA_DBM PTW_BIT(51)
#define VMSA_CONTIGUOUS PTW_BIT(52)

/* Bit 11 is part of no right and no address; software states of others (Realm monitors, swap entries) leave it 0. */
#define VMSA_MARK PTW_BIT(11)
#define VMSA_MARK_TYPE PTW_BITS(5, 2)
#define VMSA_MARK_PAYLOAD PTW_BITS(50, 12)

#define VMSA_INDEX (ARM64_GRANULE - 3U)

/* The address field, and the one for the high bits of wide addresses: bits VMSA_HIGH_OA and up stand at VMSA_HIGH_AT. */
#if ARM64_GRANULE == 16
#define VMSA_LOW PTW_BITS(47, 16)
#define VMSA_HIGH PTW_BITS(15, 12)
#define VMSA_HIGH_OA 48U
#define VMSA_HIGH_AT 12U
#else
#define VMSA_LOW PTW_BITS(49, ARM64_GRANULE)
#define VMSA_HIGH PTW_BITS(9, 8)
#define VMSA_HIGH_OA 50U
#define VMSA_HIGH_AT 8U
#endif

#if ARM64_GRANULE == 12
#define VMSA_TOP 4U
#define VMSA_MIN_TOP 1U
#define VMSA_BLOCK_TOP 2U /* the highest level with leaves that are not wide; one more when wide */
#elif ARM64_GRANULE == 14
#define VMSA_TOP 3U
#define VMSA_MIN_TOP 0U
#define VMSA_BLOCK_TOP 1U
#else
#define VMSA_TOP 2U
#define VMSA_MIN_TOP 0U
#define VMSA_BLOCK_TOP 1U
#endif

static inline bool vmsa_is_wide(const struct ptw_geometry *g)
{
    return (g->options & ARM64_OPT_WIDE) != 0;
}

static inline unsigned vmsa_shift(unsigned level)
{
    return ARM64_GRANULE + level * VMSA_INDEX;
}

static inline ptw_word vmsa_empty(unsigned level)
{
    (void)level;
    return 0;
}

static inline bool vmsa_has_blocks(const struct ptw_geometry *g, unsigned level)
{
    return level <= VMSA_BLOCK_TOP || (level == VMSA_BLOCK_TOP + 1 && vmsa_is_wide(g));
}

/* 01 is a translation fault in a table of level 0 and wherever there are no blocks: a foreign hole. */
static inline enum ptw_kind vmsa_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if ((w & VMSA_VALID) == 0)
        return w == 0 ? PTW_EMPTY : PTW_MARKED;
    if ((w & VMSA_TYPE) == VMSA_TABLE)
        return level == 0 ? PTW_LEAF : PTW_TABLE;
    return level == 0 || !vmsa_has_blocks(g, level) ? PTW_MARKED : PTW_LEAF;
}

/* ---------------------------------------------------------------------------------------------- addresses --- */

/* The same word whether wide or not: an address that is not has no high bits. */
static inline ptw_word vmsa_place(ptw_oa oa)
{
    if (PTW_LIKELY(oa >> VMSA_HIGH_OA == 0))
        return oa;
    return (oa & VMSA_LOW) | oa >> VMSA_HIGH_OA << VMSA_HIGH_AT;
}

static inline ptw_oa vmsa_address(const struct ptw_geometry *g, ptw_word w)
{
    if (PTW_LIKELY(!vmsa_is_wide(g)))
        return w & VMSA_LOW;
    return (w & VMSA_LOW) | (w & VMSA_HIGH) << (VMSA_HIGH_OA - VMSA_HIGH_AT);
}

/* No high bits in a table entry that the hint knows: its address is one mask then. */
#define VMSA_TABLE_HINT (VMSA_TYPE | VMSA_HIGH)

static inline ptw_word vmsa_table_hint(unsigned level)
{
    (void)level;
    return VMSA_TABLE;
}

static inline ptw_word vmsa_table(const struct ptw_geometry *g, ptw_oa pa, unsigned level)
{
    (void)g, (void)level;
    return vmsa_place(pa) | VMSA_TABLE;
}

/* Asks what the hint asks, so that compilers ask once. */
static inline ptw_oa vmsa_table_pa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)level;
    return PTW_LIKELY((w & VMSA_TABLE_HINT) == VMSA_TABLE) ? w & VMSA_LOW : vmsa_address(g, w);
}

/* Above level 0 no mask can tell a block from a table: the hint says no there. */
static inline ptw_word vmsa_leaf_hint(unsigned level)
{
    return level == 0 ? VMSA_PAGE : ~UINT64_C(0);
}

static inline ptw_word vmsa_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order)
{
    (void)g, (void)level, (void)order;
    return vmsa_place(oa) | bits;
}

/* log2 of the slots that the contiguous hint joins; 0: it must not be set. Seen in one source: the 16 of 1G blocks, the
 * groups of 16K and 64K, and where there are none. */
static inline unsigned vmsa_group(unsigned level)
{
    if (level > VMSA_BLOCK_TOP)
        return 0;
    return ARM64_GRANULE == 12 ? 4 : ARM64_GRANULE == 14 && level == 0 ? 7 : 5;
}

static inline ptw_word vmsa_leaf_orders(unsigned level)
{
    if (level > VMSA_BLOCK_TOP + 1)
        return 0;
    return UINT64_C(1) | UINT64_C(1) << vmsa_group(level);
}

static inline unsigned vmsa_order(ptw_word w, unsigned level)
{
    return (w & VMSA_CONTIGUOUS) != 0 ? vmsa_group(level) : 0;
}

static inline ptw_oa vmsa_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    const unsigned order = vmsa_order(w, level);

    if (PTW_LIKELY(order == 0))
        return vmsa_address(g, w) & ~UINT64_C(0) << vmsa_shift(level);
    return vmsa_address(g, w) & ~UINT64_C(0) << (vmsa_shift(level) + order);
}

/* Type and group of a new leaf. */
static inline ptw_word vmsa_form(unsigned level, unsigned order)
{
    return (level == 0 ? VMSA_PAGE : VMSA_BLOCK) | (order != 0 ? VMSA_CONTIGUOUS : 0);
}

/* Without nT, which is of blocks only. In 9:8 either SH is kept or high address bits, which the new leaf has as well:
 * whoever asks makes a part, or the whole, of the same aligned area. */
static inline ptw_word vmsa_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    const ptw_word field = PTW_BITS(49, 12) | VMSA_TYPE | VMSA_CONTIGUOUS;

    (void)level;
    return (w & ~field) | vmsa_form(to_level, to_order);
}

/* ------------------------------------------------------------------------------------------- shareability --- */

/* Inner shareable is 11, outer 10, non-shareable 00; the two attribute bits clear what they name. LPA2 has no SH. */
static inline ptw_word vmsa_sh_bits(const struct ptw_geometry *g, ptw_attr attr)
{
    if (ARM64_GRANULE < 16 && vmsa_is_wide(g))
        return 0;
    if ((attr & PTW_ARM64_NON_SHAREABLE) != 0)
        return 0;
    return UINT64_C(2) << VMSA_SH_SHIFT | ((attr & PTW_ARM64_OUTER_SHAREABLE) != 0 ? 0 : PTW_BIT(VMSA_SH_SHIFT));
}

/* To be masked with the geometry's attr_legal. */
static inline ptw_attr vmsa_sh_attr(ptw_word w)
{
    ptw_word sh = (w & VMSA_SH) >> VMSA_SH_SHIFT;

    return (sh == 2 ? PTW_ARM64_OUTER_SHAREABLE : 0) | (sh < 2 ? PTW_ARM64_NON_SHAREABLE : 0);
}

static inline bool vmsa_sh_is_one(ptw_attr attr)
{
    return (attr & (PTW_ARM64_OUTER_SHAREABLE | PTW_ARM64_NON_SHAREABLE)) !=
           (PTW_ARM64_OUTER_SHAREABLE | PTW_ARM64_NON_SHAREABLE);
}

/* -------------------------------------------------------------------------------------------------- marks --- */

static inline unsigned vmsa_payload_bits(unsigned level)
{
    (void)level;
    return 39;
}

static inline ptw_word vmsa_mark(unsigned type, uint64_t payload, unsigned level)
{
    (void)level;
    return VMSA_MARK | (ptw_word)type << 2 | payload << 12;
}

static inline unsigned vmsa_mark_type(ptw_word w, unsigned level)
{
    (void)level;
    return (w & ~(VMSA_MARK_TYPE | VMSA_MARK_PAYLOAD)) != VMSA_MARK ? (unsigned)PTW_MARK_FOREIGN
                                                                    : (unsigned)((w & VMSA_MARK_TYPE) >> 2);
}

static inline uint64_t vmsa_mark_payload(ptw_word w, unsigned level)
{
    (void)level;
    return (w & VMSA_MARK_PAYLOAD) >> 12;
}

/* ------------------------------------------------------------------------------------------------ illegal --- */

/* What a table entry and a leaf of either stage must not be. `reserved`: bits of a leaf. */
static inline const char *vmsa_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level, ptw_word reserved)
{
    const ptw_word below_granule = PTW_BITS(ARM64_GRANULE, 12) & ~PTW_BIT(ARM64_GRANULE);
    const bool lpae = (g->options & ARM64_OPT_LPAE) != 0;

    if ((vmsa_address(g, w) & ~g->oa_last) != 0)
        return "an address bit above the output address width: address size fault";
    if ((w & PTW_BITS(49, 48) & ~VMSA_LOW) != 0 || (w & below_granule & ~(vmsa_is_wide(g) ? VMSA_HIGH : 0)) != 0)
        return "bits 49:48, and address bits below the granule, are reserved";
    if (vmsa_kind(g, w, level) == PTW_TABLE)
        return (w & PTW_BIT(50)) != 0 ? "bit 50 of a table entry is reserved" : NULL;
    if (level > g->max_leaf)
        return "a block of a size that the configuration does not have";
    if ((w & ptw_low_mask(vmsa_shift(level)) & ~ptw_low_mask(ARM64_GRANULE) & ~(lpae ? 0 : VMSA_NT)) != 0)
        return "address bits below the block's size are reserved, but for bit 16 (nT)";
    if ((w & reserved) != 0 || (lpae && (w & PTW_BITS(51, 50)) != 0))
        return "a bit is set that is reserved in this configuration: 5, 11, 50, 51, 53 or 63";
    if ((w & VMSA_CONTIGUOUS) != 0 && vmsa_group(level) == 0)
        return "bit 52 (Contiguous) must be 0 at this level";
    if ((w & VMSA_SH) == UINT64_C(1) << VMSA_SH_SHIFT && (ARM64_GRANULE == 16 || !vmsa_is_wide(g)))
        return "SH (bits 9:8) = 01 is reserved";
    return NULL;
}

/* The part of an encoder that is the same for both stages. */
#define VMSA_ENCODER                                                                                                   \
    .granule = ARM64_GRANULE, .index_bits0 = VMSA_INDEX, .index_bits = VMSA_INDEX, .max_level = VMSA_TOP,              \
    .min_top = VMSA_MIN_TOP, .word_bytes = 8, .break_before_make = true, .break_groups = true,                         \
    .linear_bits = VMSA_HIGH_OA, .positive = true, .table_hint_mask = VMSA_TABLE_HINT, .table_hint = vmsa_table_hint,  \
    .table_address = VMSA_LOW, .leaf_hint = vmsa_leaf_hint, .empty = vmsa_empty, .kind = vmsa_kind,                    \
    .leaf_orders = vmsa_leaf_orders, .leaf = vmsa_leaf, .oa = vmsa_oa, .order = vmsa_order, .carry = vmsa_carry,       \
    .table = vmsa_table, .table_pa = vmsa_table_pa, .payload_bits = vmsa_payload_bits, .mark = vmsa_mark,              \
    .mark_type = vmsa_mark_type, .mark_payload = vmsa_mark_payload

#endif
