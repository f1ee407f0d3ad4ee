/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/stage1.h - VMSAv8-64 stage 1 and VMSAv8-32 long descriptors, one entry at one level; what is shared with
 * stage 2 is in vmsa.h.
 *
 *   63 62 61 60  59  58:56 55 54  53  52   51  50 47:12   11 10 9:8 7:6     5  4:2      1:0
 *   .  hints         soft  SD UXN PXN Cont DBM GP address nG AF SH  AP[2:1] NS AttrIndx 01  leaf above level 0 (block)
 *                                                                                       11  leaf at level 0 (page)
 *   NS APTable   PXN                              address                               11  table
 *            UXNTable
 *
 * D: a leaf with DBM is writable, and a store clears its AP[2] (read-only), so that D is a bit that is 0. A leaf that
 * lost W but is dirty keeps it in SD, a software bit (where Linux has its own, too). Seen in one source: bits 62:59 are
 * hints, 63 is ignored. General knowledge of the architecture: nG must be 0 where there is one range.
 */
#ifndef ARCH_ARM64_STAGE1_H
#define ARCH_ARM64_STAGE1_H

#include "vmsa.h"

#define S1_ATTRINDX_SHIFT 2U
#define S1_ATTRINDX PTW_BITS(4, 2)
#define S1_USER PTW_BIT(6)      /* AP[1] */
#define S1_READ_ONLY PTW_BIT(7) /* AP[2] */
#define S1_NG PTW_BIT(11)
#define S1_GP PTW_BIT(50)
#define S1_PXN PTW_BIT(53)
#define S1_XN PTW_BIT(54)
#define S1_SOFT_DIRTY PTW_BIT(55)
#define S1_SOFT PTW_BITS(58, 56)
#define S1_NO_X_UX_USER_TABLE PTW_BITS(61, 59) /* APTable[0], UXNTable, PXNTable: in the order of the rights */
#define S1_XN_TABLE PTW_BIT(60)                /* what UXNTable is with one range */
#define S1_READ_ONLY_TABLE PTW_BIT(62)         /* APTable[1] */

/* PTW_MT nibble -> index into PTW_ARM64_MAIR (15: none), and back. */
#define S1_MT_ENCODE UINT64_C(0xfffffff651f32f40)
#define S1_MT_DECODE 0x48714360U
/* The same for PTW_ARM64_MAIR_LINUX. */
#define S1_LINUX_ENCODE UINT64_C(0xfffffffff4f32ff0)
#define S1_LINUX_DECODE 0x44464300U

static inline bool s1_has(const struct ptw_geometry *g, uint64_t option)
{
    return (g->options & option) != 0;
}

/* One range: XN is for all. Two: UXN for EL0, PXN above. Long descriptors of VMSAv8-32: XN for all, PXN beside it. */
static inline ptw_word s1_no_execute(const struct ptw_geometry *g, ptw_attr attr)
{
    if (s1_has(g, PTW_OPT_ARM64_EL2))
        return (~attr & PTW_X) << 52;
    if (s1_has(g, ARM64_OPT_LPAE))
        return (~attr & PTW_UX) << 51 | (attr >> 1 & ~attr & PTW_X) << 51;
    return (~attr & (PTW_X | PTW_UX)) << 51;
}

static inline ptw_attr s1_execute(const struct ptw_geometry *g, ptw_word w)
{
    if (s1_has(g, PTW_OPT_ARM64_EL2))
        return (~w & S1_XN) >> 52;
    if (s1_has(g, ARM64_OPT_LPAE))
        w |= w >> 1 & S1_PXN;
    return (~w & (S1_XN | S1_PXN)) >> 51;
}

/* nG does not exist where there is one range. */
static inline ptw_word s1_not_global(const struct ptw_geometry *g, ptw_attr attr)
{
    return s1_has(g, PTW_OPT_ARM64_EL2) ? 0 : (~attr & PTW_GLOBAL) << 6;
}

static inline bool s1_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order, ptw_word *bits)
{
    const unsigned type = (unsigned)((attr & PTW_MT_MASK) >> PTW_MT_SHIFT);
    const uint64_t encode = s1_has(g, PTW_OPT_ARM64_LINUX_MAIR) ? S1_LINUX_ENCODE : S1_MT_ENCODE;
    const ptw_word index = encode >> (4 * type) & 15;
    ptw_word write = 0;

    if ((attr & ~g->attr_legal) != 0 || (g->rwx_legal >> (attr & 15) & 1) == 0 || index == 15 || !vmsa_sh_is_one(attr))
        return false;
    if ((attr & PTW_W) == 0)
        write = S1_READ_ONLY | ((attr & PTW_D) != 0 ? S1_SOFT_DIRTY : 0);
    else if (s1_has(g, PTW_OPT_AD))
        write = VMSA_DBM | ((attr & PTW_D) != 0 ? 0 : S1_READ_ONLY);
    *bits = vmsa_form(level, order) | index << S1_ATTRINDX_SHIFT | g->leaf_or | (attr & PTW_USER) << 2 | write |
            vmsa_sh_bits(g, attr) | (attr & PTW_A) << 4 | s1_not_global(g, attr) | (attr & PTW_ARM64_GUARDED) << 16 |
            s1_no_execute(g, attr) | (attr & PTW_SOFT_MASK) << 40;
    return true;
}

/* A valid word whose AP[2] is 0, as bit 0. Also of the OR of eight (AP[2]: of their AND): too much rather than too
 * little. */
static inline ptw_word s1_stores_at_once(ptw_word w)
{
    return w & ~(w >> 7) & VMSA_VALID;
}

static inline ptw_attr s1_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    const unsigned index = (unsigned)((w & S1_ATTRINDX) >> S1_ATTRINDX_SHIFT);
    const ptw_attr type = (s1_has(g, PTW_OPT_ARM64_LINUX_MAIR) ? S1_LINUX_DECODE : S1_MT_DECODE) >> (4 * index) & 15;
    const ptw_attr attr = PTW_R | s1_stores_at_once(w) << 1 | (w & VMSA_DBM) >> 50 | s1_execute(g, w) |
                          (w & S1_USER) >> 2 | (~w & S1_NG) >> 6 | (w & VMSA_AF) >> 4 | s1_stores_at_once(w) << 7 |
                          ((w & S1_SOFT_DIRTY) != 0 ? PTW_D : 0) | type << PTW_MT_SHIFT | (w & S1_SOFT) >> 40 |
                          vmsa_sh_attr(w) | (w & S1_GP) >> 16;

    (void)level;
    return attr & g->attr_legal;
}

/* With one range, and in VMSAv8-32, bit 60 (XNTable) is for all fetches; with one range bits 61 and 59 mean nothing. */
static inline ptw_attr s1_limits(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    ptw_attr taken = (w & S1_READ_ONLY_TABLE) >> 61;

    (void)level;
    if (s1_has(g, PTW_OPT_ARM64_EL2 | ARM64_OPT_LPAE))
        taken |= (w & S1_XN_TABLE) >> 57 | (w & S1_XN_TABLE) >> 58;
    if (!s1_has(g, PTW_OPT_ARM64_EL2))
        taken |= (w & S1_NO_X_UX_USER_TABLE) >> 57;
    return PTW_RIGHTS & ~taken;
}

static inline ptw_word s1_dirty(ptw_word w)
{
    return s1_stores_at_once(w) | (w & S1_SOFT_DIRTY);
}

static inline ptw_word s1_accessed(ptw_word w)
{
    return w & VMSA_AF;
}

/* Only a leaf with DBM stays writable when AP[2] is set. */
static inline struct ptw_update s1_clean_op(ptw_word w)
{
    return (struct ptw_update){~S1_SOFT_DIRTY, (w & VMSA_DBM) != 0 ? S1_READ_ONLY : 0};
}

static inline struct ptw_update s1_old_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~VMSA_AF, 0};
}

/* Without DBM AP[2] is the right to write and nothing else. */
static inline ptw_word s1_ad_mask(ptw_word w)
{
    return VMSA_AF | S1_SOFT_DIRTY | ((w & VMSA_DBM) != 0 ? S1_READ_ONLY : 0);
}

static inline ptw_word s1_ad_join(ptw_word bits, ptw_word w)
{
    bits |= w & VMSA_AF;
    if (s1_dirty(w) == 0 || s1_dirty(bits) != 0)
        return bits;
    return (bits & VMSA_DBM) != 0 ? bits & ~S1_READ_ONLY : bits | S1_SOFT_DIRTY;
}

static inline ptw_word s1_volatile_loss(ptw_word w)
{
    return (w & (VMSA_DBM | S1_READ_ONLY)) == (VMSA_DBM | S1_READ_ONLY) ? S1_READ_ONLY : 0;
}

/* W moves D between its two places; a dirty leaf stays dirty. */
static inline ptw_word s1_write(const struct ptw_geometry *g, ptw_word w, bool writable)
{
    const bool dirty = s1_dirty(w) != 0;

    if (writable == ((w & (S1_READ_ONLY | VMSA_DBM)) != S1_READ_ONLY))
        return w;
    w = (w & ~(VMSA_DBM | S1_SOFT_DIRTY)) | S1_READ_ONLY;
    if (!writable)
        return w | (dirty ? S1_SOFT_DIRTY : 0);
    if (s1_has(g, PTW_OPT_AD))
        w |= VMSA_DBM;
    return dirty || !s1_has(g, PTW_OPT_AD) ? w & ~S1_READ_ONLY : w;
}

static inline ptw_word s1_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    const ptw_attr execute = (s1_execute(g, w) & ~remove) | add;

    if (((add | remove) & PTW_W) != 0)
        w = s1_write(g, w, (add & PTW_W) != 0);
    w = (w & ~(S1_XN | S1_PXN)) | s1_no_execute(g, execute);
    w = (w & ~((remove & PTW_USER) << 2 | (remove & PTW_SOFT_MASK) << 40 | (add & PTW_GLOBAL) << 6)) |
        (remove & PTW_GLOBAL) << 6;
    return w | (add & PTW_USER) << 2 | (add & PTW_SOFT_MASK) << 40;
}

/* NS (bit 5) is known to nobody here: it means something in Secure and Realm EL2 tables, and is 0 in others. */
static inline const char *s1_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    const bool one_range = s1_has(g, PTW_OPT_ARM64_EL2);
    const ptw_word reserved = (s1_has(g, PTW_OPT_ARM64_BTI) ? 0 : S1_GP) | (one_range ? S1_PXN | S1_NG : 0);
    const char *why = vmsa_illegal(g, w, level, reserved);

    if (why != NULL || vmsa_kind(g, w, level) == PTW_TABLE)
        return why;
    return (w & g->leaf_or) != g->leaf_or ? "bit 6 (AP[1]) must be 1 in a regime with one range" : NULL;
}

static const struct ptw_encoder s1_encoder = {
    VMSA_ENCODER,
    .name = "arm64-s1",
    .inverted = S1_READ_ONLY,
    .soft_bits = 3,
    .bits = s1_bits,
    .attr = s1_attr,
    .limits = s1_limits,
    .dirty = s1_dirty,
    .accessed = s1_accessed,
    .clean_op = s1_clean_op,
    .old_op = s1_old_op,
    .ad_mask = s1_ad_mask,
    .ad_join = s1_ad_join,
    .volatile_loss = s1_volatile_loss,
    .rights = s1_rights,
    .illegal = s1_illegal,
};

#endif
