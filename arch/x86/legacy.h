/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/x86/legacy.h - what leaves of PAE and of 32-bit paging have in common: the low bits of x86-64, and software bits
 * where only those are ignored.
 *
 *   11:9 8 7   6 5 4   3   2  1  0
 *   soft G PAT D A PCD PWT US RW P     7 is PS in large leaves, whose PAT is bit 12
 */
#ifndef ARCH_X86_LEGACY_H
#define ARCH_X86_LEGACY_H

#define X86_CET 0
#include "x86_64.h"

#define LEGACY_SOFT_BITS 3U
#define LEGACY_SOFT PTW_BITS(11, 9)
#define LEGACY_SOFT_SHIFT 7U /* PTW_SOFT(1) is bit 16 */

static inline bool legacy_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order,
                               ptw_word *bits)
{
    if ((attr & PTW_SOFT_MASK & ~g->attr_legal) != 0 || !x86_bits(g, attr & ~PTW_SOFT_MASK, level, order, bits))
        return false;
    *bits |= (attr & PTW_SOFT_MASK) >> LEGACY_SOFT_SHIFT;
    return true;
}

static inline ptw_attr legacy_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    return x86_attr(g, w & ~X86_SOFT, level) | (w & LEGACY_SOFT) << LEGACY_SOFT_SHIFT;
}

static inline ptw_word legacy_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    w = x86_rights(g, w, add & ~PTW_SOFT_MASK, remove & ~PTW_SOFT_MASK);
    return (w & ~((remove & PTW_SOFT_MASK) >> LEGACY_SOFT_SHIFT)) | (add & PTW_SOFT_MASK) >> LEGACY_SOFT_SHIFT;
}

#define LEGACY_ATTR (PTW_R | PTW_W | PTW_X | PTW_AD | PTW_MT_MASK | PTW_X86_PAT_HIGH | PTW_USER | PTW_GLOBAL)

#endif
