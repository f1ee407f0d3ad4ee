/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/riscv/pte.h - RISC-V page tables, one entry at one level. RISC-V privileged specification, "Supervisor-Level ISA"
 * (with Svnapot, Svpbmt, Svadu, Svrsw60t59b), "Hypervisor Extension" and "Shadow Stack (Zicfiss)".
 *
 *   63 62:61 60:59 58:54 53:10         9:8  7 6 5 4 3 2 1 0
 *   N  PBMT  .     0     PPN           soft D A G U X W R V   leaf: PA = PPN << 12
 *   1  PBMT  .     0     PPN[43:4]1000 soft D A G U X W R V   each of the 16 slots of a 64 KiB leaf, all equal
 *   0  0     .     0     PPN           .    0 0 G 0 0 0 0 1   table
 *
 * Sv32 has entries of 32 bits: the same up to PPN, which ends at bit 31. RISCV_PTE_BITS, 32 or 64, is defined by who
 * includes this. G-stage differs by configuration only: U is in ptw_geometry.leaf_or, and neither U nor G is an
 * attribute.
 */
#ifndef ARCH_RISCV_PTE_H
#define ARCH_RISCV_PTE_H

#include <ptw/riscv.h>

#define RV_V PTW_BIT(0)
#define RV_R PTW_BIT(1)
#define RV_W PTW_BIT(2)
#define RV_X PTW_BIT(3)
#define RV_RWX (RV_R | RV_W | RV_X)
#define RV_U PTW_BIT(4) /* U, G, A and D stand where PTW_USER, PTW_GLOBAL, PTW_A and PTW_D do */
#define RV_G PTW_BIT(5)
#define RV_A PTW_BIT(6)
#define RV_D PTW_BIT(7)
#define RV_UGAD PTW_BITS(7, 4)
#define RV_SOFT PTW_BITS(9, 8)
#define RV_PPN PTW_BITS(RV_PPN_HIGH, 10)
#define RV_MARK_TYPE PTW_BITS(11, 8)
#define RV_MARK_PAYLOAD PTW_BITS(RV_PPN_HIGH, 12)

/* The bits above PPN; entries of 32 bits, zero-extended, have none. */
#define RV_RESERVED PTW_BITS(60, 54)
#define RV_RSW60 PTW_BITS(60, 59) /* not reserved with Svrsw60t59b */
#define RV_PBMT_SHIFT 61U
#define RV_PBMT PTW_BITS(62, 61)
#define RV_N PTW_BIT(63)
#define RV_GROUP_ORDER 4U             /* the only group: 16 slots, at level 0 */
#define RV_GROUP_PPN PTW_BITS(13, 10) /* PPN[3:0], no address then ... */
#define RV_GROUP_64K PTW_BIT(13)      /* ... but this pattern */

#if RISCV_PTE_BITS == 64
#define RV_PPN_HIGH 53U
#define RV_INDEX_BITS 9U
#define RV_MIN_TOP 2U
#define RV_MAX_LEVEL 4U
#define RV_ORDERS0 0x11U
#elif RISCV_PTE_BITS == 32
#define RV_PPN_HIGH 31U
#define RV_INDEX_BITS 10U
#define RV_MIN_TOP 1U
#define RV_MAX_LEVEL 1U
#define RV_ORDERS0 0x1U
#else
#error "RISCV_PTE_BITS must be 32 or 64"
#endif

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
    return level == 0 ? RV_ORDERS0 : 1;
}

/* W alone is a shadow-stack page, which can be read; as attributes it has R, too. */
static inline bool rv_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order, ptw_word *bits)
{
    const bool shadow = (attr & PTW_RISCV_SHADOW_STACK) != 0;
    ptw_word type = (RV_MT_ENCODE >> (4 * ((attr & PTW_MT_MASK) >> PTW_MT_SHIFT))) & 15;

    (void)level;
    if ((attr & ~g->attr_legal) != 0 || ((g->rwx_legal >> (attr & 7)) & 1) == 0 || type == 15 ||
        (shadow && (attr & 7) != (PTW_R | PTW_W)))
        return false;
    *bits = RV_V | g->leaf_or | (shadow ? RV_W : (attr & 7) << 1) | (attr & RV_UGAD) | (attr & PTW_SOFT_MASK) >> 8 |
            type << RV_PBMT_SHIFT | (order != 0 ? RV_N | RV_GROUP_64K : 0);
    return true;
}

static inline ptw_word rv_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order)
{
    (void)g, (void)level;
    return (order == 0 ? oa : oa & ~ptw_low_mask(12 + RV_GROUP_ORDER)) >> 2 | bits;
}

static inline unsigned rv_order(ptw_word w, unsigned level)
{
    return level == 0 && (w & RV_N) != 0 ? RV_GROUP_ORDER : 0;
}

static inline ptw_oa rv_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    const ptw_oa oa = (w & RV_PPN) << 2 & (~UINT64_C(0) << (12 + RV_INDEX_BITS * level));

    (void)g;
    return rv_order(w, level) == 0 ? oa : oa & ~ptw_low_mask(12 + RV_GROUP_ORDER);
}

static inline ptw_attr rv_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    ptw_attr type = (RV_MT_DECODE >> (4 * ((w & RV_PBMT) >> RV_PBMT_SHIFT))) & 15;
    ptw_attr shadow = (w & RV_RWX) == RV_W ? g->attr_legal & PTW_RISCV_SHADOW_STACK : 0;

    (void)level;
    return (w & RV_RWX) >> 1 | (w & RV_UGAD & g->attr_legal) | (w & RV_SOFT) << 8 | type << PTW_MT_SHIFT | shadow |
           (shadow != 0 ? PTW_R : 0);
}

static inline ptw_word rv_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    (void)level, (void)to_level;
    return (w & ~(RV_PPN | RV_N)) | (to_order != 0 ? RV_N | RV_GROUP_64K : 0);
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

/* A table entry takes nothing away. (Its G makes more global than the leaves say; there is no word for that.) */
static inline ptw_attr rv_limits(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)w, (void)level;
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

static inline ptw_word rv_right_bits(ptw_attr rights)
{
    return (rights & 7) << 1 | (rights & (RV_U | RV_G)) | (rights & PTW_SOFT_MASK) >> 8;
}

/*
 * W alone gets neither R nor X: that would make an ordinary page of a shadow stack. When W goes, the shadow stack becomes
 * an ordinary page that can be read, and faults on shadow-stack accesses as copy-on-write wants it. Where W alone is
 * reserved it stays as it is, and must not become a pointer.
 */
static inline ptw_word rv_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    ptw_word changed = (w & ~rv_right_bits(remove)) | rv_right_bits(add);

    if ((w & RV_RWX) != RV_W)
        return changed;
    if ((remove & ~add & PTW_W) != 0 && (g->attr_legal & PTW_RISCV_SHADOW_STACK) != 0)
        return changed | (RV_R & ~rv_right_bits(remove));
    return (changed & ~RV_RWX) | RV_W;
}

static inline unsigned rv_payload_bits(unsigned level)
{
    (void)level;
    return RV_PPN_HIGH - 11U;
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

/* The bits above PPN of a leaf. */
static inline const char *rv_illegal_high(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if ((w & RV_PBMT) == RV_PBMT)
        return "PBMT (bits 62:61) = 3 is reserved";
    if ((w & RV_PBMT) != 0 && (g->options & PTW_OPT_RISCV_PBMT) == 0)
        return "PBMT (bits 62:61) is reserved without Svpbmt";
    if ((w & RV_N) == 0)
        return NULL;
    if ((g->options & PTW_OPT_GROUPS) == 0)
        return "bit 63 (N) is reserved without Svnapot";
    if (level != 0)
        return "bit 63 (N) is reserved above level 0";
    return (w & RV_GROUP_PPN) != RV_GROUP_64K ? "bit 63 (N) with PPN[3:0] other than 1000 is reserved" : NULL;
}

/* Seen in the specification only: "pointers at level 0 fault", "every G-stage access is a user access". */
static inline const char *rv_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if ((w & RV_RESERVED & ~((g->options & PTW_OPT_RISCV_RSW60) != 0 ? RV_RSW60 : 0)) != 0)
        return (w & RV_RESERVED & ~RV_RSW60) != 0 ? "bits 58:54 are reserved"
                                                  : "bits 60:59 are reserved without Svrsw60t59b";
    if ((((w & RV_PPN) << 2) & ~g->oa_last) != 0)
        return "a PPN bit above the physical address width";
    if ((w & RV_RWX) == 0 && level == 0)
        return "a pointer (R=W=X=0) at level 0 faults";
    if (rv_kind(g, w, level) == PTW_TABLE)
        return (w & (RV_N | RV_PBMT | RV_D | RV_A | RV_U)) != 0 ? "N, PBMT, D, A and U of a pointer are reserved"
                                                                : NULL;
    if ((w & (RV_R | RV_W)) == RV_W && ((w & RV_X) != 0 || (g->attr_legal & PTW_RISCV_SHADOW_STACK) == 0))
        return "bit 2 (W) without bit 1 (R) is reserved";
    if (level > g->max_leaf)
        return "a leaf of a size that the configuration does not have";
    if (((w & RV_PPN) << 2 & ptw_low_mask(12 + RV_INDEX_BITS * level)) != 0)
        return "a misaligned superpage: low PPN bits are not 0";
    if ((w & g->leaf_or) != g->leaf_or)
        return "bit 4 (U) is 0: every guest access faults";
    return rv_illegal_high(g, w, level);
}

static const struct ptw_encoder rv_encoder = {
    .name = RISCV_PTE_BITS == 64 ? "riscv-64" : "riscv-32",
    .granule = 12,
    .index_bits0 = RV_INDEX_BITS,
    .index_bits = RV_INDEX_BITS,
    .max_level = RV_MAX_LEVEL,
    .min_top = RV_MIN_TOP,
    .word_bytes = RISCV_PTE_BITS / 8,
    .break_groups = true, /* seen in one source */
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
