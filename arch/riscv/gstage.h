/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/riscv/gstage.h - RISC-V G-stage, one entry at one level. RISC-V privileged specification, "Hypervisor Extension"
 * and "Supervisor-Level ISA".
 *
 *   63 62:61 60:54 53:10     9:8  7 6 5 4 3 2 1 0
 *   N  PBMT  0     PPN       soft D A G U X W R V   leaf: PA = PPN << 12; U must be 1, G is written 0
 *   0  0     0     PPN       .    0 0 0 0 0 0 0 1   table
 */
#ifndef ARCH_RISCV_GSTAGE_H
#define ARCH_RISCV_GSTAGE_H

#include <ptw/riscv.h>

#define RV_V PTW_BIT(0)
#define RV_R PTW_BIT(1)
#define RV_W PTW_BIT(2)
#define RV_X PTW_BIT(3)
#define RV_RWX (RV_R | RV_W | RV_X)
#define RV_U PTW_BIT(4)
#define RV_G PTW_BIT(5)
#define RV_A PTW_BIT(6)
#define RV_D PTW_BIT(7)
#define RV_SOFT PTW_BITS(9, 8)
#define RV_PPN PTW_BITS(53, 10)
#define RV_RESERVED PTW_BITS(60, 54)
#define RV_PBMT_SHIFT 61U
#define RV_PBMT PTW_BITS(62, 61)
#define RV_N PTW_BIT(63)

#define RV_MARK_TYPE PTW_BITS(11, 8)
#define RV_MARK_PAYLOAD PTW_BITS(53, 12)

/* PTW_MT nibble -> PBMT (15: none), and back; the reserved value 3 reads as UC. */
#define RV_MT_ENCODE UINT64_C(0xfffffffffff21ff0)
#define RV_MT_DECODE UINT64_C(0x4430)

static inline ptw_word rv_empty(unsigned level)
{
    (void)level;
    return 0;
}

/* At level 0 a pointer faults; it counts as a leaf there, and illegal() objects. */
static inline enum ptw_kind rv_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    if ((w & RV_V) == 0)
        return w == 0 ? PTW_EMPTY : PTW_MARKED;
    return level == 0 || (w & RV_RWX) != 0 ? PTW_LEAF : PTW_TABLE;
}

static inline ptw_word rv_table_hint(unsigned level)
{
    (void)level;
    return RV_V;
}

static inline ptw_word rv_leaf_hint(unsigned level)
{
    return level == 0 ? RV_V : RV_V | RV_R;
}

static inline ptw_word rv_leaf_orders(unsigned level)
{
    (void)level;
    return 1;
}

static inline bool rv_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order, ptw_word *bits)
{
    ptw_word type = (RV_MT_ENCODE >> (4 * ((attr & PTW_MT_MASK) >> PTW_MT_SHIFT))) & 15;

    (void)level, (void)order;
    if ((attr & ~g->attr_legal) != 0 || ((g->rwx_legal >> (attr & 7)) & 1) == 0 || type == 15)
        return false;
    *bits = RV_V | (attr & 7) << 1 | RV_U | (attr & PTW_AD) | (attr & PTW_SOFT_MASK) >> 8 | type << RV_PBMT_SHIFT;
    return true;
}

static inline ptw_word rv_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order)
{
    (void)g, (void)level, (void)order;
    return oa >> 2 | bits;
}

static inline ptw_oa rv_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    return (w & RV_PPN) << 2 & (~UINT64_C(0) << (12 + 9 * level));
}

static inline unsigned rv_order(ptw_word w, unsigned level)
{
    (void)w, (void)level;
    return 0;
}

static inline ptw_attr rv_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    ptw_attr type = (RV_MT_DECODE >> (4 * ((w & RV_PBMT) >> RV_PBMT_SHIFT))) & 15;

    (void)g, (void)level;
    return (w & RV_RWX) >> 1 | (w & (RV_A | RV_D)) | (w & RV_SOFT) << 8 | type << PTW_MT_SHIFT;
}

static inline ptw_word rv_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    (void)level, (void)to_level, (void)to_order;
    return w & ~RV_PPN;
}

static inline ptw_word rv_table(const struct ptw_geometry *g, ptw_oa pa, unsigned level)
{
    (void)g, (void)level;
    return pa >> 2 | RV_V;
}

static inline ptw_oa rv_table_pa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return (w & RV_PPN) << 2;
}

static inline ptw_attr rv_limits(ptw_word w, unsigned level)
{
    (void)w, (void)level;
    return PTW_RIGHTS;
}

static inline ptw_word rv_dirty(ptw_word w)
{
    return w & RV_D;
}

static inline ptw_word rv_accessed(ptw_word w)
{
    return w & RV_A;
}

static inline struct ptw_update rv_clean_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~RV_D, 0};
}

static inline struct ptw_update rv_old_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~RV_A, 0};
}

static inline ptw_word rv_ad_mask(ptw_word w)
{
    (void)w;
    return RV_A | RV_D;
}

static inline ptw_word rv_ad_join(ptw_word bits, ptw_word w)
{
    return bits | (w & (RV_A | RV_D));
}

/* D of a G-stage leaf may be set speculatively for VS-stage walks, but only where W allows the write. */
static inline ptw_word rv_volatile_loss(ptw_word w)
{
    return (w & (RV_W | RV_D)) == RV_W ? RV_D : 0;
}

static inline ptw_word rv_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    ptw_word changed =
        (w & ~((remove & 7) << 1 | (remove & PTW_SOFT_MASK) >> 8)) | (add & 7) << 1 | (add & PTW_SOFT_MASK) >> 8;

    (void)g;
    return (changed & RV_RWX) != 0 ? changed : w; /* W alone, which is reserved, must not become a pointer */
}

static inline unsigned rv_payload_bits(unsigned level)
{
    (void)level;
    return 42;
}

static inline ptw_word rv_mark(unsigned type, uint64_t payload, unsigned level)
{
    (void)level;
    return (ptw_word)type << 8 | payload << 12;
}

static inline unsigned rv_mark_type(ptw_word w, unsigned level)
{
    (void)level;
    return (w & ~(RV_MARK_TYPE | RV_MARK_PAYLOAD)) != 0 ? (unsigned)PTW_MARK_FOREIGN
                                                        : (unsigned)((w & RV_MARK_TYPE) >> 8);
}

static inline uint64_t rv_mark_payload(ptw_word w, unsigned level)
{
    (void)level;
    return (w & RV_MARK_PAYLOAD) >> 12;
}

/* "Pointers at level 0 fault" is seen in one source. */
static inline const char *rv_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if ((w & RV_RESERVED) != 0)
        return "bits 60:54 are reserved";
    if ((((w & RV_PPN) << 2) & ~g->oa_last) != 0)
        return "a PPN bit above the physical address width";
    if ((w & RV_RWX) == 0 && level == 0)
        return "a pointer (R=W=X=0) at level 0 faults";
    if (rv_kind(g, w, level) == PTW_TABLE)
        return (w & (RV_N | RV_PBMT | RV_D | RV_A | RV_U)) != 0 ? "N, PBMT, D, A and U of a pointer are reserved"
                                                                : NULL;
    if ((w & (RV_R | RV_W)) == RV_W)
        return "bit 2 (W) without bit 1 (R) is reserved";
    if (level > g->max_leaf)
        return "a leaf of a size that the configuration does not have";
    if (((w & RV_PPN) << 2) != rv_oa(g, w, level))
        return "a misaligned superpage: low PPN bits are not 0";
    if ((w & RV_U) == 0)
        return "bit 4 (U) is 0: every guest access faults";
    if ((w & RV_N) != 0)
        return "bit 63 (N) is reserved without Svnapot";
    if ((w & RV_PBMT) == RV_PBMT)
        return "PBMT (bits 62:61) = 3 is reserved";
    return (w & RV_PBMT) != 0 && (g->options & PTW_OPT_RISCV_PBMT) == 0 ? "PBMT (bits 62:61) is reserved without Svpbmt"
                                                                        : NULL;
}

static const struct ptw_encoder rv_encoder = {
    .name = "riscv-gstage",
    .granule = 12,
    .index_bits0 = 9,
    .index_bits = 9,
    .max_level = 4,
    .min_top = 2,
    .word_bytes = 8,
    .negative_caching = true,
    .linear_bits = 64,
    .positive = true,
    .soft_bits = 2,
    .table_hint_mask = RV_V | RV_RWX,
    .table_hint = rv_table_hint,
    .table_address = RV_PPN,
    .table_address_shift = 2,
    .leaf_hint = rv_leaf_hint,
    .empty = rv_empty,
    .kind = rv_kind,
    .leaf_orders = rv_leaf_orders,
    .bits = rv_bits,
    .leaf = rv_leaf,
    .oa = rv_oa,
    .order = rv_order,
    .attr = rv_attr,
    .carry = rv_carry,
    .table = rv_table,
    .table_pa = rv_table_pa,
    .limits = rv_limits,
    .dirty = rv_dirty,
    .accessed = rv_accessed,
    .clean_op = rv_clean_op,
    .old_op = rv_old_op,
    .ad_mask = rv_ad_mask,
    .ad_join = rv_ad_join,
    .volatile_loss = rv_volatile_loss,
    .rights = rv_rights,
    .payload_bits = rv_payload_bits,
    .mark = rv_mark,
    .mark_type = rv_mark_type,
    .mark_payload = rv_mark_payload,
    .illegal = rv_illegal,
};

#endif
