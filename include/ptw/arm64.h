/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/arm64.h - the 64-bit Arm formats.
 *
 *   ptw_arm64_s2  VMSAv8-64 stage 2, 4 KiB granule.      Arm ARM (DDI 0487), D8 "The AArch64 Virtual Memory System"
 *
 * Tables of 512 entries; leaves of 4 KiB, 2 MiB and 1 GiB (levels 0, 1, 2; the architecture calls them 3, 2, 1). The
 * root may be up to 16 concatenated tables: one piece of memory, aligned to its size.
 *
 * Configuration (defaults in brackets): ipa [40] bits, 25 ... 48; levels [as few as the width allows, concatenating]:
 * 2, 3 or 4, that is start level 2, 1 or 0; oa [48]; leaf [1G].
 * Option ad [0]: VTCR_EL2.HA and HD are set, hardware sets AF, and the write permission of writable-clean leaves.
 *
 * Break-before-make is needed to change the size of a live translation; the walker sees to it.
 */
#ifndef PTW_ARM64_H
#define PTW_ARM64_H

#include <ptw/format.h>

/*
 * Rights: any combination of R, W, X. Without ad a writable leaf reads back as dirty. Memory types WB, WT (not with
 * fwb), NC, UC, DEV_NGNRE, DEV_NGRE, DEV_GRE; INHERIT with fwb only.
 */
extern const struct ptw_format ptw_arm64_s2;

#define PTW_OPT_ARM64_FWB PTW_OPT_OWN(0) /* "fwb" [0]: HCR_EL2.FWB is set, MemAttr has its other meaning */

/* Shareability; inner shareable if neither is given. */
#define PTW_ARM64_OUTER_SHAREABLE PTW_BIT(32)
#define PTW_ARM64_NON_SHAREABLE PTW_BIT(33)

#endif
