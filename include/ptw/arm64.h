/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/arm64.h - the 64-bit descriptors of Arm.
 *
 *   ptw_arm64_s1     VMSAv8-64 stage 1: EL1&0, EL2&0, EL2  Arm ARM (DDI 0487), D8 "The AArch64 Virtual Memory System"
 *   ptw_arm64_s2     VMSAv8-64 stage 2                     as above
 *   ptw_arm_lpae_s1  VMSAv8-32 stage 1, long descriptors   G5 "The AArch32 Virtual Memory System Architecture"
 *   ptw_arm_lpae_s2  VMSAv8-32 stage 2, long descriptors   as above
 *
 * An SMMUv3 walks the same tables: CD.HA and CD.HD, STE.S2HA and S2HD are option ad.
 *
 *   granule  entries  leaves and groups of them (levels 0, 1, 2, 3; the architecture's 3, 2, 1, 0)
 *   4K       512      4K 64K, 2M 32M, 1G 16G, with lpa2 512G
 *   16K      2048     16K 2M, 32M 1G, with lpa2 64G
 *   64K      8192     64K 2M, 512M 16G, with oa above 48 4T
 *
 * Configuration (defaults in brackets): granule [4K], 16K or 64K; leaf [the largest].
 * Options of all: ad [0] (not lpae), TCR_ELx.HA and HD, or VTCR_EL2's: hardware sets AF and makes writable-clean leaves
 * dirty; without it a writable leaf reads back as dirty. groups [0]: the contiguous hint. hitless [0]. bbm2 [0] (not lpae):
 * below.
 *
 * What reads back otherwise: a leaf with DBM is writable even where hardware does not update DBM leaves. Permission
 * indirection (PIE), permission overlays (POE) and D128 are not supported: TCR2_ELx.PIE, VTCR_EL2.S2PIE and the rest must
 * be off. NS (stage 1, Secure and Realm EL2) and PBHA are never set, and kept where others set them.
 *
 * ptw/arm64_hardware.h makes the register words for a table, and finds the table that register words name.
 *
 * Break-before-make is needed to change the size of a live translation, or Contiguous; the walker sees to it. With FEAT_BBM
 * hardware bears more: ID_AA64MMFR2_EL1.BBM of a processor, SMMU_IDR3.BBML of an SMMUv3. What counts is the lowest level of all
 * that walk the table.
 *
 *   level 0   two sizes of one translation must not meet in TLBs: a live leaf becomes a hole first
 *   level 1   they may while the block has nT (bit 16). There is no option for it: what is remembered without nT must be
 *             invalidated before the size changes, as with a hole, and where nT itself makes a block fault (some implementations,
 *             seen in one source) it is one
 *   level 2   they may: option bbm2. Cut, split and groups in tables that are live, and merges of hitless tables, take one step,
 *             pages do not fault, and what is owed can wait for the sync. Until then TLBs may have both sizes: a
 *             processor that answers with a TLB conflict abort must not be among those that walk the table, unless
 *             whoever has set the option handles it.
 *
 * With bbm2, too, another output address, memory type or shareability comes through a hole and a sync, GLOBAL is not added to
 * what is live, and the entry of an empty table is a hole, and forgotten, before it is a leaf.
 */
#ifndef PTW_ARM64_H
#define PTW_ARM64_H

#include <ptw/format.h>

/* Of both stages of VMSAv8-64. */
#define PTW_OPT_ARM64_LPA2 PTW_OPT_OWN(1) /* "lpa2" [0]: TCR_ELx.DS or VTCR_EL2.DS is 1 (4K, 16K); no shareability */
#define PTW_OPT_ARM64_TTST PTW_OPT_OWN(2) /* "ttst" [0]: FEAT_TTST, ia below 25: from 16 (16K), 17 (64K), 22 (4K) */

/* Shareability of all formats; inner shareable if neither is given. */
#define PTW_ARM64_OUTER_SHAREABLE PTW_BIT(32)
#define PTW_ARM64_NON_SHAREABLE PTW_BIT(33)

/*
 * Stage 1. ia [48]: 64 - TxSZ, 25 ... 48, up to 52 with lpa2 or the 64K granule; levels follows from it. oa [48], up to
 * 52 with lpa2 or the 64K granule. The root is one granule or less, at least 64 bytes, aligned to its size.
 *
 * Without el2 for the regimes with two ranges, EL1&0 and EL2&0. R is always part of the rights. X: PXN is 0; UX: UXN is
 * 0, which can be without USER; USER: AP[1]; GLOBAL: nG is 0. Hardware fetches nothing above EL0 from a page with W and
 * USER, and with SCTLR_ELx.WXN nothing at all from one with W, whatever X and UX say (seen in one source). Three
 * software bits.
 *
 * Memory types are indices into MAIR_ELx, which is the user's to program: PTW_ARM64_MAIR, WB NGNRE NC UC WT NGRE GRE,
 * or with linux-mair that of today's Linux: WB, tagged WB (reads as WB), NC, UC, NGNRE. An index that the table
 * has not reads as UC.
 */
extern const struct ptw_format ptw_arm64_s1;

#define PTW_OPT_ARM64_EL2 PTW_OPT_OWN(6)        /* "el2" [0]: EL2 alone, one range: no USER, UX, GLOBAL */
#define PTW_OPT_ARM64_BTI PTW_OPT_OWN(7)        /* "bti" [0]: FEAT_BTI, PTW_ARM64_GUARDED is an attribute */
#define PTW_OPT_ARM64_LINUX_MAIR PTW_OPT_OWN(8) /* "linux-mair" [0]: memory types as Linux lays them out */

#define PTW_ARM64_GUARDED PTW_BIT(34) /* GP: branches must land on BTI */

/* The bytes of NGRE and GRE are seen in one source, that of WT is general knowledge of the architecture. */
#define PTW_ARM64_MAIR UINT64_C(0x000c08bb004404ff)
#define PTW_ARM64_MAIR_LINUX UINT64_C(0x000000040044f0ff)

/*
 * Stage 2. ipa [40] bits, 25 ... 48, up to 52 with lpa2 or the 64K granule, and not wider than oa [48]. levels [as few
 * as the width allows, concatenating]: start levels 3 ... -1 are 1 ... 5 levels (4K: from 2 on). The root may be up to
 * 16 concatenated tables: one piece of memory, aligned to its size.
 *
 * Rights: any combination of R, W, X and, with xnx, UX. Memory types WB, WT (not with fwb), NC, UC, DEV_NGNRE,
 * DEV_NGRE, DEV_GRE; INHERIT with fwb only. Two software bits.
 */
extern const struct ptw_format ptw_arm64_s2;

#define PTW_OPT_ARM64_FWB PTW_OPT_OWN(0)   /* "fwb" [0]: HCR_EL2.FWB is set, MemAttr has its other meaning */
#define PTW_OPT_ARM64_XNX PTW_OPT_OWN(3)   /* "xnx" [0]: FEAT_XNX, X is for EL1 and UX for EL0; else X is for both */
#define PTW_OPT_ARM64_XS PTW_OPT_OWN(4)    /* "xs" [0]: FEAT_XS, PTW_ARM64_FNXS is an attribute */
#define PTW_OPT_ARM64_REALM PTW_OPT_OWN(5) /* "realm" [0]: a Realm's table, PTW_ARM64_NS is an attribute */

#define PTW_ARM64_NS PTW_BIT(35)   /* the output address is Non-secure; nothing is fetched there, whatever X says */
#define PTW_ARM64_FNXS PTW_BIT(36) /* clears the XS attribute of stage 1 */

/*
 * What the monitor TF-RMM (2026) keeps in the holes of a Realm's table; other monitors place it elsewhere (seen in one
 * source). To this library such words are marks of type PTW_MARK_FOREIGN, and only bit 0 says that they are holes.
 */
enum ptw_arm64_hipas { PTW_ARM64_UNASSIGNED = 0, PTW_ARM64_ASSIGNED = 1, PTW_ARM64_ASSIGNED_DEVICE = 3 };
enum ptw_arm64_ripas { PTW_ARM64_RIPAS_EMPTY = 0, PTW_ARM64_RIPAS_RAM = 1, PTW_ARM64_RIPAS_DESTROYED = 2 };

PTW_INLINE unsigned ptw_arm64_hipas(ptw_word hole)
{
    return (unsigned)(hole >> 3) & 7U;
}

PTW_INLINE unsigned ptw_arm64_ripas(ptw_word hole)
{
    return (unsigned)(hole >> 1) & 3U;
}

/*
 * Long descriptors of VMSAv8-32 (LPAE), granule 4K, oa at most 40 [40]. Without ad, lpa2, bti.
 *
 * Stage 1: ia [32]: 32 - T0SZ or 32 - T1SZ, 25 ... 32; addresses of TTBR1's range are the caller's to subtract. With
 * el2 for Hyp mode. Rights as ptw_arm64_s1, but XN is for both privileges: X without UX is refused.
 * PTW_ARM64_MAIR is MAIR1:MAIR0.
 * Stage 2: ipa [40]: 32 - T0SZ, 25 ... 40; levels 2 or 3.
 */
extern const struct ptw_format ptw_arm_lpae_s1;
extern const struct ptw_format ptw_arm_lpae_s2;

#include <ptw/arm64_hardware.h>

#endif
