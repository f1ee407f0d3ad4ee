/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/stage2.h - VMSAv8-64 stage 2, one entry at one level; what it shares with stage 1 is in vmsa.h.
 *
 *   63 62:59 58:57 56 55 54:53 52   51  47:12    11   10 9:8 7:6  5:2     1:0
 *   0  .     soft  SD NS XN    Cont DBM address  FnXS AF SH  S2AP MemAttr 01  leaf above level 0 (block)
 *                                                                         11  leaf at level 0 (page)
 *                                       address                           11  table
 *
 * D: with DBM, S2AP[1] (write) is what hardware sets on the first store, so S2AP[1] is D; a leaf that lost W but is
 * dirty keeps it in SD, a software bit. NS (Realm) and FnXS (FEAT_XS) are attributes on request. Seen in one source:
 * DBM, FnXS, hints, bit 63 and the reserved values of MemAttr but 0100 with FWB. General knowledge: AMEC.
 */
#ifndef ARCH_ARM64_STAGE2_H
#define ARCH_ARM64_STAGE2_H

#include "vmsa.h"

#define S2_MEMATTR_SHIFT 2U
#define S2_MEMATTR PTW_BITS(5, 2)
#define S2_READ PTW_BIT(6)
#define S2_WRITE PTW_BIT(7)
#define S2_FNXS PTW_BIT(11)
#define S2_XN0 PTW_BIT(53)
#define S2_XN PTW_BIT(54)
#define S2_NS PTW_BIT(55)
#define S2_SOFT_DIRTY PTW_BIT(56)
#define S2_SOFT PTW_BITS(58, 57)
#define S2_AMEC PTW_BIT(63) /* Realm, NS = 0, FEAT_MEC; reserved otherwise */
#define S2_RES0 PTW_BIT(50)

/* PTW_MT nibble -> MemAttr, with a bit per legal type; and back: a mix of inner and outer reads as the weaker one. */
#define S2_MT_ENCODE UINT64_C(0x3210050af)
#define S2_MT_LEGAL 0x1dbU
#define S2_MT_DECODE UINT64_C(0x0134113433348764)
#define S2_MT_RESERVED 0x1110U
/* The same with HCR_EL2.FWB set. */
#define S2_FWB_ENCODE UINT64_C(0x7321005006)
#define S2_FWB_LEGAL 0x3d9U
#define S2_FWB_DECODE UINT64_C(0x4444444490348764)
#define S2_FWB_RESERVED 0xff10U

static inline bool s2_has(const struct ptw_geometry *g, uint64_t option)
{
    return (g->options & option) != 0;
}

/* XN from PTW_X and PTW_UX. With FEAT_XNX 00 is both, 01 EL0 only, 10 none, 11 EL1 only; without it XN[0] is 0. */
static inline ptw_word s2_no_execute(const struct ptw_geometry *g, ptw_attr attr)
{
    if (!s2_has(g, PTW_OPT_ARM64_XNX))
        return (~attr & PTW_X) << 52;
    return (~attr & PTW_UX) << 51 | ((attr ^ attr >> 1) & PTW_X) << 51;
}

static inline ptw_attr s2_execute(const struct ptw_geometry *g, ptw_word w)
{
    if (!s2_has(g, PTW_OPT_ARM64_XNX))
        return (~w & S2_XN) >> 52;
    return (~w & S2_XN) >> 51 | (~(w ^ w >> 1) & S2_XN0) >> 51;
}

static inline bool s2_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order, ptw_word *bits)
{
    unsigned type = (unsigned)((attr & PTW_MT_MASK) >> PTW_MT_SHIFT);
    bool fwb = s2_has(g, PTW_OPT_ARM64_FWB);
    ptw_word memattr = ((fwb ? S2_FWB_ENCODE : S2_MT_ENCODE) >> (4 * type)) & 15;
    ptw_word write = 0;

    if ((attr & ~g->attr_legal) != 0 || (((fwb ? S2_FWB_LEGAL : S2_MT_LEGAL) >> type) & 1) == 0 ||
        !vmsa_sh_is_one(attr))
        return false;
    if ((attr & PTW_W) == 0)
        write = (attr & PTW_D) != 0 ? S2_SOFT_DIRTY : 0;
    else if (!s2_has(g, PTW_OPT_AD))
        write = S2_WRITE;
    else
        write = VMSA_DBM | ((attr & PTW_D) != 0 ? S2_WRITE : 0);
    *bits = vmsa_form(level, order) | memattr << S2_MEMATTR_SHIFT | (attr & PTW_R) << 6 | write |
            vmsa_sh_bits(g, attr) | (attr & PTW_A) << 4 | (attr & PTW_ARM64_FNXS) >> 25 | s2_no_execute(g, attr) |
            (attr & PTW_ARM64_NS) << 20 | (attr & PTW_SOFT_MASK) << 41;
    return true;
}

static inline ptw_attr s2_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    bool fwb = s2_has(g, PTW_OPT_ARM64_FWB);
    ptw_attr type = ((fwb ? S2_FWB_DECODE : S2_MT_DECODE) >> (4 * ((w & S2_MEMATTR) >> S2_MEMATTR_SHIFT))) & 15;
    ptw_attr attr = (w & S2_READ) >> 6 | ((w & (S2_WRITE | VMSA_DBM)) != 0 ? PTW_W : 0) | s2_execute(g, w) |
                    (w & VMSA_AF) >> 4 | ((w & (S2_WRITE | S2_SOFT_DIRTY)) != 0 ? PTW_D : 0) | type << PTW_MT_SHIFT |
                    (w & S2_SOFT) >> 41 | vmsa_sh_attr(w) | (w & S2_FNXS) << 25 | (w & S2_NS) >> 20;

    (void)level;
    return attr & g->attr_legal;
}

/* Stage 2 has no hierarchical permissions. */
static inline ptw_attr s2_limits(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)w, (void)level;
    return PTW_RIGHTS;
}

static inline ptw_word s2_dirty(ptw_word w)
{
    return w & (S2_WRITE | S2_SOFT_DIRTY);
}

static inline ptw_word s2_accessed(ptw_word w)
{
    return w & VMSA_AF;
}

/* Only a leaf with DBM stays writable when S2AP[1] is taken away. */
static inline struct ptw_update s2_clean_op(ptw_word w)
{
    return (struct ptw_update){(w & VMSA_DBM) != 0 ? ~(S2_WRITE | S2_SOFT_DIRTY) : ~S2_SOFT_DIRTY, 0};
}

static inline struct ptw_update s2_old_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~VMSA_AF, 0};
}

/* Without DBM S2AP[1] is the right to write and nothing else. */
static inline ptw_word s2_ad_mask(ptw_word w)
{
    return VMSA_AF | S2_SOFT_DIRTY | ((w & VMSA_DBM) != 0 ? S2_WRITE : 0);
}

static inline ptw_word s2_ad_join(ptw_word bits, ptw_word w)
{
    ptw_word dirty = (bits & VMSA_DBM) != 0 ? S2_WRITE : S2_SOFT_DIRTY;

    bits |= w & VMSA_AF;
    return s2_dirty(w) != 0 && s2_dirty(bits) == 0 ? bits | dirty : bits;
}

static inline ptw_word s2_volatile_loss(ptw_word w)
{
    return (w & (VMSA_DBM | S2_WRITE)) == VMSA_DBM ? S2_WRITE : 0;
}

/* W moves D between its two places; a dirty leaf stays dirty. */
static inline ptw_word s2_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    bool writable = (w & (S2_WRITE | VMSA_DBM)) != 0;
    ptw_attr execute = (s2_execute(g, w) & ~remove) | add;

    if ((remove & PTW_W) != 0 && (add & PTW_W) == 0 && writable)
        w = (w & ~(S2_WRITE | VMSA_DBM)) | ((w & S2_WRITE) != 0 ? S2_SOFT_DIRTY : 0);
    if ((add & PTW_W) != 0 && !writable)
        w = (w & ~S2_SOFT_DIRTY) | (s2_has(g, PTW_OPT_AD) ? VMSA_DBM : S2_WRITE) |
            ((w & S2_SOFT_DIRTY) != 0 ? S2_WRITE : 0);
    w &= ~((remove & PTW_R) << 6 | (remove & PTW_SOFT_MASK) << 41 | S2_XN | S2_XN0);
    return w | (add & PTW_R) << 6 | (add & PTW_SOFT_MASK) << 41 | s2_no_execute(g, execute);
}

static inline const char *s2_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    const bool mec = s2_has(g, PTW_OPT_ARM64_REALM) && (w & S2_NS) == 0;
    const ptw_word reserved = S2_RES0 | (mec ? 0 : S2_AMEC) | (s2_has(g, PTW_OPT_ARM64_XNX) ? 0 : S2_XN0) |
                              (s2_has(g, PTW_OPT_ARM64_XS) ? 0 : S2_FNXS);
    const unsigned memattr = (unsigned)((w & S2_MEMATTR) >> S2_MEMATTR_SHIFT);
    const unsigned none = s2_has(g, PTW_OPT_ARM64_FWB) ? S2_FWB_RESERVED : S2_MT_RESERVED;
    const char *why = vmsa_illegal(g, w, level, reserved);

    if (why != NULL || vmsa_kind(g, w, level) == PTW_TABLE)
        return why;
    return (none >> memattr & 1) != 0 ? "MemAttr (bits 5:2) has a reserved value" : NULL;
}

static const struct ptw_encoder s2_encoder = {
    VMSA_ENCODER,
    .name = "arm64-s2",
    .zero_extended = true,
    .soft_bits = 2,
    .bits = s2_bits,
    .attr = s2_attr,
    .limits = s2_limits,
    .dirty = s2_dirty,
    .accessed = s2_accessed,
    .clean_op = s2_clean_op,
    .old_op = s2_old_op,
    .ad_mask = s2_ad_mask,
    .ad_join = s2_ad_join,
    .volatile_loss = s2_volatile_loss,
    .rights = s2_rights,
    .illegal = s2_illegal,
};

#endif
