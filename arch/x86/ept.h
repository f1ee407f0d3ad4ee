/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/x86/ept.h - Intel EPT, one entry at one level. Intel SDM vol 3C, "VMX Support for Address Translation".
 *
 *   63 62 61  60  59 58 57  56:52 51:12    11 10 9 8 7  6    5:3 2 1 0
 *   VE .  SPP SSS .  PW VGP soft  address  .  XU D A PS IPAT MT  X W R   leaf (address from bit 12, 21 or 30)
 *                                 address     XU . A 0  0    0   X W R   table
 *
 * XU, VGP, PW, SSS and SPP exist with an option each and are ignored otherwise. With XU (mode-based execute control) an
 * entry that has nothing but XU is present.
 */
#ifndef ARCH_X86_EPT_H
#define ARCH_X86_EPT_H

#include <ptw/x86.h>

#define EPT_R PTW_BIT(0)
#define EPT_W PTW_BIT(1)
#define EPT_X PTW_BIT(2)
#define EPT_RWX (EPT_R | EPT_W | EPT_X)
#define EPT_MT_SHIFT 3U
#define EPT_MT PTW_BITS(5, 3)
#define EPT_IPAT PTW_BIT(6)
#define EPT_PS PTW_BIT(7) /* a leaf above level 0; ignored at level 0 */
#define EPT_A PTW_BIT(8)
#define EPT_D PTW_BIT(9)
#define EPT_XU PTW_BIT(10)
#define EPT_XU_SHIFT 7U /* PTW_UX is bit 3 */
#define EPT_ADDRESS PTW_BITS(51, 12)
#define EPT_SOFT PTW_BITS(56, 52)
#define EPT_PW PTW_BIT(58)
#define EPT_SUPPRESS_VE PTW_BIT(63)
/* VGP, PW, SSS, SPP, and how far to the left of their attributes they are. */
#define EPT_FEATURES (PTW_BITS(58, 57) | PTW_BITS(61, 60))
#define EPT_FEATURES_SHIFT 23U
_Static_assert(PTW_EPT_PAGING_WRITE << EPT_FEATURES_SHIFT == EPT_PW, "attributes are where EPT_FEATURES_SHIFT says");

#define EPT_MARK_TYPE PTW_BITS(7, 4)
#define EPT_MARK_PAYLOAD PTW_BITS(62, 12)

/* Memory types: PTW_MT nibble -> EPT value (15: none), and back; EPT's reserved values 2, 3 and 7 read as UC. */
#define EPT_MT_ENCODE UINT64_C(0xfffffffffff01546)
#define EPT_MT_DECODE UINT64_C(0x40214434)
#define EPT_MT_RESERVED 0x8cU

/* The idle value that keeps a stray access a VM exit even where EPT violations may become #VE. */
static inline ptw_word ept_empty(unsigned level)
{
    (void)level;
    return EPT_SUPPRESS_VE;
}

/* One of bits 2:0 is set, or XU where it exists: seldom the only one, hence looked at last. */
static inline bool ept_present(const struct ptw_geometry *g, ptw_word w)
{
    _Static_assert(PTW_OPT_EPT_MBEC == EPT_XU, "the option is the bit");
    return PTW_LIKELY((w & EPT_RWX) != 0) || (w & g->options & EPT_XU) != 0;
}

static inline enum ptw_kind ept_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if (!ept_present(g, w))
        return w == ept_empty(level) ? PTW_EMPTY : PTW_MARKED;
    return level == 0 || (w & EPT_PS) != 0 ? PTW_LEAF : PTW_TABLE;
}

static inline ptw_word ept_table_hint(unsigned level)
{
    (void)level;
    return EPT_RWX;
}

static inline ptw_word ept_leaf_hint(unsigned level)
{
    return level == 0 ? EPT_R : EPT_R | EPT_PS;
}

static inline ptw_word ept_leaf_orders(unsigned level)
{
    return level <= 2 ? 1 : 0;
}

static inline bool ept_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order, ptw_word *bits)
{
    ptw_word type = (EPT_MT_ENCODE >> (4 * ((attr & PTW_MT_MASK) >> PTW_MT_SHIFT))) & 15;

    (void)order;
    if ((attr & ~g->attr_legal) != 0 || ((g->rwx_legal >> (attr & PTW_RWX)) & 1) == 0 || type == 15 ||
        (attr & (PTW_R | PTW_EPT_PAGING_WRITE)) == PTW_EPT_PAGING_WRITE)
        return false;
    *bits = (attr & EPT_RWX) | (attr & PTW_UX) << EPT_XU_SHIFT | type << EPT_MT_SHIFT | (level == 0 ? 0 : EPT_PS) |
            (attr & PTW_AD) << 2 | (attr & PTW_SOFT_MASK) << 36 | (attr & PTW_EPT_IPAT) >> 26 |
            (attr & PTW_EPT_SUPPRESS_VE) << 30 | (attr & EPT_FEATURES >> EPT_FEATURES_SHIFT) << EPT_FEATURES_SHIFT;
    return true;
}

static inline ptw_word ept_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order)
{
    (void)g, (void)level, (void)order;
    return oa | bits;
}

static inline ptw_oa ept_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    return w & EPT_ADDRESS & (~UINT64_C(0) << (12 + 9 * level));
}

static inline unsigned ept_order(ptw_word w, unsigned level)
{
    (void)w, (void)level;
    return 0;
}

static inline ptw_attr ept_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    ptw_attr type = (EPT_MT_DECODE >> (4 * ((w & EPT_MT) >> EPT_MT_SHIFT))) & 15;

    ptw_attr attr = (w & EPT_RWX) | (w & EPT_XU) >> EPT_XU_SHIFT | type << PTW_MT_SHIFT | (w & (EPT_A | EPT_D)) >> 2 |
                    (w & EPT_SOFT) >> 36 | (w & EPT_IPAT) << 26 | (w & EPT_SUPPRESS_VE) >> 30 |
                    (w & EPT_FEATURES) >> EPT_FEATURES_SHIFT;

    (void)level;
    return attr & g->attr_legal;
}

static inline ptw_word ept_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    (void)level, (void)to_order;
    return (w & ~(EPT_ADDRESS | EPT_PS)) | (to_level == 0 ? 0 : EPT_PS);
}

static inline ptw_word ept_table(const struct ptw_geometry *g, ptw_oa pa, unsigned level)
{
    (void)level;
    return pa | EPT_RWX | g->table_or;
}

static inline ptw_oa ept_table_pa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return w & EPT_ADDRESS;
}

static inline ptw_attr ept_limits(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return (w & EPT_RWX) | (w & EPT_XU) >> EPT_XU_SHIFT | PTW_USER | PTW_GLOBAL;
}

static inline ptw_word ept_dirty(ptw_word w)
{
    return w & EPT_D;
}

static inline ptw_word ept_accessed(ptw_word w)
{
    return w & EPT_A;
}

static inline struct ptw_update ept_clean_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~EPT_D, 0};
}

static inline struct ptw_update ept_old_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~EPT_A, 0};
}

static inline ptw_word ept_ad_mask(ptw_word w)
{
    (void)w;
    return EPT_A | EPT_D;
}

static inline ptw_word ept_ad_join(ptw_word bits, ptw_word w)
{
    return bits | (w & (EPT_A | EPT_D));
}

/* Hardware sets D in a writable leaf only; a write that an EPT forbids does not reach the flags. */
static inline ptw_word ept_volatile_loss(ptw_word w)
{
    return (w & (EPT_W | EPT_D)) == EPT_W ? EPT_D : 0;
}

static inline ptw_word ept_right_bits(ptw_attr rights)
{
    return (rights & EPT_RWX) | (rights & PTW_UX) << EPT_XU_SHIFT | (rights & PTW_SOFT_MASK) << 36;
}

static inline ptw_word ept_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    ptw_word changed = (w & ~ept_right_bits(remove)) | ept_right_bits(add);

    if ((changed & EPT_R) == 0) /* PW needs R */
        changed &= ~((g->attr_legal & PTW_EPT_PAGING_WRITE) << EPT_FEATURES_SHIFT);
    return ept_present(g, changed) ? changed : w; /* W alone, a misconfiguration, must not become a hole */
}

static inline unsigned ept_payload_bits(unsigned level)
{
    (void)level;
    return 51;
}

/* Bits 2:0, 8, 9 and 10 stay 0, whatever is configured; bit 63 as in an empty entry. */
static inline ptw_word ept_mark(unsigned type, uint64_t payload, unsigned level)
{
    return ept_empty(level) | (ptw_word)type << 4 | payload << 12;
}

static inline unsigned ept_mark_type(ptw_word w, unsigned level)
{
    (void)level;
    return (w & ~(EPT_MARK_TYPE | EPT_MARK_PAYLOAD)) != EPT_SUPPRESS_VE ? (unsigned)PTW_MARK_FOREIGN
                                                                        : (unsigned)((w & EPT_MARK_TYPE) >> 4);
}

static inline uint64_t ept_mark_payload(ptw_word w, unsigned level)
{
    (void)level;
    return (w & EPT_MARK_PAYLOAD) >> 12;
}

/* "EPT misconfigurations". That paging-write needs R is from memory of a newer manual: no source was at hand. */
static inline const char *ept_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if ((w & (EPT_R | EPT_W)) == EPT_W)
        return "bit 1 (W) without bit 0 (R) is a misconfiguration";
    if ((w & EPT_R) == 0 && (g->options & PTW_OPT_EPT_EXEC_ONLY) == 0)
        return "execution (bit 2 or 10) without bit 0 (R) needs execute-only translations";
    if ((w & EPT_ADDRESS & ~g->oa_last) != 0)
        return "an address bit above the physical address width is reserved";
    if (ept_kind(g, w, level) == PTW_TABLE)
        return (w & PTW_BITS(6, 3)) != 0 ? "bits 6:3 of a table entry are reserved" : NULL;
    if (level > 2)
        return "bit 7 is reserved at this level: no leaf can stand here";
    if (level > g->max_leaf)
        return "bit 7 asks for a leaf size that the configuration does not have";
    if ((w & EPT_ADDRESS & ~ept_oa(g, w, level)) != 0)
        return level == 1 ? "bits 20:12 of a 2M leaf are reserved" : "bits 29:12 of a 1G leaf are reserved";
    if (((EPT_MT_RESERVED >> ((w & EPT_MT) >> EPT_MT_SHIFT)) & 1) != 0)
        return "memory type 2, 3 or 7 in bits 5:3 is reserved";
    if ((w & (EPT_R | EPT_PW)) == EPT_PW && (g->options & PTW_OPT_EPT_PW) != 0)
        return "bit 58 (paging-write) without bit 0 (R) is a misconfiguration";
    return NULL;
}

/* That holes, and misconfigured entries, are not remembered: seen in one source. */
static const struct ptw_encoder ept_encoder = {
    .name = "ept",
    .granule = 12,
    .index_bits0 = 9,
    .index_bits = 9,
    .max_level = 4,
    .min_top = 3,
    .word_bytes = 8,
    .linear_bits = 64,
    .zero_extended = true,
    .positive = true,
    .soft_bits = 5,
    .table_hint_mask = EPT_RWX | EPT_PS,
    .table_hint = ept_table_hint,
    .table_address = EPT_ADDRESS,
    .leaf_hint = ept_leaf_hint,
    .empty = ept_empty,
    .kind = ept_kind,
    .leaf_orders = ept_leaf_orders,
    .bits = ept_bits,
    .leaf = ept_leaf,
    .oa = ept_oa,
    .order = ept_order,
    .attr = ept_attr,
    .carry = ept_carry,
    .table = ept_table,
    .table_pa = ept_table_pa,
    .limits = ept_limits,
    .dirty = ept_dirty,
    .accessed = ept_accessed,
    .clean_op = ept_clean_op,
    .old_op = ept_old_op,
    .ad_mask = ept_ad_mask,
    .ad_join = ept_ad_join,
    .volatile_loss = ept_volatile_loss,
    .rights = ept_rights,
    .payload_bits = ept_payload_bits,
    .mark = ept_mark,
    .mark_type = ept_mark_type,
    .mark_payload = ept_mark_payload,
    .illegal = ept_illegal,
};

#endif
