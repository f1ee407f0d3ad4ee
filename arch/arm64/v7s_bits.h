/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/v7s_bits.h - VMSAv7 short descriptors: the bits of an entry, and a leaf's attributes as a small page has
 * them, whatever its size.
 *
 *   31:20           19 18 17 16 15  14:12 11:10 9 8:5    4  3 2 1:0
 *   base            NS 0  nG S  AP2 TEX   AP    . domain XN C B 10   section, level 1; 11: the same with PXN
 *   31:24 ext 35:32 NS 1  nG S  AP2 TEX   AP    . ext    XN C B 10   supersection: 16 equal entries
 *   31:10                                       . domain 0 NS PXN 01 table
 *
 *   31:12             11 10 9   8:6 5:4 3 2 1 0
 *   base              nG S  AP2 TEX AP  C B 1 XN             small page, level 0
 *   31:16  15 14:12   11 10 9   8:6 5:4 3 2 1 0
 *   base   XN TEX     nG S  AP2 0   AP  C B 0 1              large page: 16 equal entries
 */
#ifndef ARCH_ARM64_V7S_BITS_H
#define ARCH_ARM64_V7S_BITS_H

#include <ptw/arm.h>

#define V7S_TYPE PTW_BITS(1, 0)
#define V7S_TABLE UINT64_C(1)   /* level 1 */
#define V7S_SECTION UINT64_C(2) /* level 1 */
#define V7S_PXN PTW_BIT(0)      /* level 1, sections */
#define V7S_LARGE UINT64_C(1)   /* level 0 */
#define V7S_PAGE UINT64_C(2)    /* level 0 */

/* Attributes of a small page. */
#define V7S_XN PTW_BIT(0)
#define V7S_CB PTW_BITS(3, 2)
#define V7S_AF PTW_BIT(4)
#define V7S_USER PTW_BIT(5)
#define V7S_TEX_SHIFT 6U
#define V7S_TEX PTW_BITS(8, 6)
#define V7S_RO PTW_BIT(9)
#define V7S_S PTW_BIT(10)
#define V7S_NG PTW_BIT(11)
#define V7S_HIGH PTW_BITS(11, 4) /* those that stand 6 bits higher in a section */
#define V7S_SECTION_SHIFT 6U
#define V7S_SECTION_XN_SHIFT 4U
#define V7S_LARGE_XN_SHIFT 15U

#define V7S_IMPDEF PTW_BIT(9)
#define V7S_SUPER PTW_BIT(18)
#define V7S_NS PTW_BIT(19)
#define V7S_SUPER_LOW PTW_BITS(23, 20) /* output bits 35:32; seen in one source */
#define V7S_SUPER_HIGH PTW_BITS(8, 5)  /* output bits 39:36; seen in one source */
#define V7S_TABLE_PXN PTW_BIT(2)
#define V7S_TABLE_NS PTW_BIT(3)
#define V7S_TABLE_ZERO PTW_BIT(4)
#define V7S_TABLE_BASE PTW_BITS(31, 10)
#define V7S_ORDER 4U

/* MediaTek: where the output bits from 32 on stand (seen in one source), and what is no attribute there. */
#define V7S_MTK_32 9U
#define V7S_MTK_33 4U
#define V7S_MTK_34 5U
#define V7S_MTK_BITS (PTW_BIT(V7S_MTK_32) | PTW_BIT(V7S_MTK_33) | PTW_BIT(V7S_MTK_34))
#define V7S_MTK_SECTION (V7S_MTK_BITS | (V7S_RO | V7S_USER | V7S_AF) << V7S_SECTION_SHIFT)
#define V7S_MTK_PAGE (V7S_MTK_BITS | V7S_XN)
#define V7S_MTK_LARGE (V7S_MTK_BITS | V7S_XN << V7S_LARGE_XN_SHIFT)

#define V7S_MARK_TYPE PTW_BITS(5, 2)
#define V7S_MARK_PAYLOAD PTW_BITS(31, 12)

/* PTW_MT nibble -> TEX[0],C,B, with a bit per legal type; {TEX[1:0],C,B} back for TEX[2] = 0 and, inner and outer
 * cacheability, for TEX[2] = 1. TEX 1 with C, B, and TEX 0 with B alone are cross-checked; the rest is general knowledge
 * of the architecture. */
#define V7S_MT_ENCODE UINT64_C(0x1004027)
#define V7S_MT_LEGAL 0x5bU
#define V7S_MT_DECODE UINT64_C(0x4444444604430164)
#define V7S_MT_MIXED UINT64_C(0x0103111301033333)
#define V7S_MT_RESERVED 0xfe60U

static inline bool v7s_mtk(const struct ptw_geometry *g)
{
    return (g->options & PTW_OPT_ARM_V7S_MTK) != 0;
}

/* In every section that is made, if any. */
static inline ptw_word v7s_section_ns(const struct ptw_geometry *g)
{
    return (g->options & PTW_OPT_ARM_V7S_NS) != 0 ? V7S_NS : 0;
}

static inline unsigned v7s_order(ptw_word w, unsigned level)
{
    if (level != 0)
        return (w & V7S_SUPER) != 0 ? V7S_ORDER : 0;
    return (w & V7S_TYPE) == V7S_LARGE ? V7S_ORDER : 0;
}

/* The attributes of a leaf, as a small page has them. */
static inline ptw_word v7s_as_small(ptw_word w, unsigned level)
{
    if (level != 0)
        return (w >> V7S_SECTION_SHIFT & V7S_HIGH) | (w & V7S_CB) | (w >> V7S_SECTION_XN_SHIFT & V7S_XN);
    if ((w & V7S_TYPE) != V7S_LARGE)
        return w & (V7S_HIGH | V7S_CB | V7S_XN);
    return (w & ((V7S_HIGH & ~V7S_TEX) | V7S_CB)) | (w >> V7S_SECTION_SHIFT & V7S_TEX) |
           (w >> V7S_LARGE_XN_SHIFT & V7S_XN);
}

/* A small page's attributes where they stand in a leaf of another size. */
static inline ptw_word v7s_place(ptw_word small, unsigned level, unsigned order)
{
    if (level != 0)
        return (small & V7S_HIGH) << V7S_SECTION_SHIFT | (small & V7S_CB) | (small & V7S_XN) << V7S_SECTION_XN_SHIFT;
    if (order == 0)
        return small;
    return (small & ((V7S_HIGH & ~V7S_TEX) | V7S_CB)) | (small & V7S_TEX) << V7S_SECTION_SHIFT |
           (small & V7S_XN) << V7S_LARGE_XN_SHIFT;
}

static inline ptw_word v7s_from_small(ptw_word small, unsigned level, unsigned order)
{
    ptw_word type = level == 0 ? (order == 0 ? V7S_PAGE : V7S_LARGE) : V7S_SECTION | (order == 0 ? 0 : V7S_SUPER);

    return v7s_place(small, level, order) | type;
}

#endif
