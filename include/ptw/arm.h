/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/arm.h - short descriptors of 32-bit Arm and of IOMMUs, and Apple's DART.
 *
 *   ptw_arm_v7s                     VMSAv7 short descriptors.            Arm ARM (DDI 0406), B3.5 "Short-descriptor ..."
 *   ptw_dart_t8020, ptw_dart_t6000, ptw_dart_t8110
 *                                   Apple DART, three generations of entries. No manual: what drivers agree on.
 *
 * Hardware updates nothing in these tables, and their entries have no place for A and D: a leaf always reads as accessed
 * and dirty, whatever it was made with. ptw_dirty() works with PTW_WRITE_PROTECT; ptw_age() is PTW_UNSUPPORTED.
 * No software bits.
 */
#ifndef PTW_ARM_H
#define PTW_ARM_H

#include <ptw/ptw.h>

/*
 * arm-v7s: entries of 4 bytes. The root has 4096 (16 KiB), a table of level 0 256 (1 KiB). Leaves: sections of 1 MiB and
 * small pages of 4 KiB; with groups supersections of 16 MiB and large pages of 64 KiB, which are 16 equal entries.
 *
 * Configuration (defaults in brackets): leaf [the largest]; ia is 32, with mtk 32 ... 34 [34]; oa [32; with mtk 35, at
 * least 32]. Memory of tables must be in reach of oa. Options groups [0], hitless [0], and:
 *
 *   "pxn" [0]  the privileged execute-never attribute exists: type 11 at the root is a section that has it. Pages have
 *              none of their own, so it is never made, and a section with it that is cut becomes execute-never pages.
 *   "ns" [0]   sections and table entries have NS (non-secure) set; else it is written as 0.
 *   "mtk" [0]  MediaTek's extension: output bits 32, 33, 34 stand in bits 9, 4, 5, in place of access permissions. A
 *              leaf is always readable and writable, never executable, and neither PTW_USER nor privileged.
 *
 * Rights: AP[2:1] with SCTLR.AFE=1, as IOMMUs have it. R always; W, X and PTW_USER as wanted. With pxn X and PTW_UX are
 * both there or both not. AP[0], the access flag, is always written as 1: verify and decode object to a leaf without it.
 * PTW_GLOBAL is nG=0. Memory types, without TEX remap: WB, WT, NC, UC (strongly ordered), DEV_NGNRE (device); a mix of
 * inner and outer cacheability reads as the weaker one. Domains are written as 0; those of others stay where a section
 * stays a section. A supersection of others beyond 4 GiB reads back and is objected to.
 */
extern const struct ptw_format ptw_arm_v7s;

#define PTW_OPT_ARM_V7S_PXN PTW_OPT_OWN(0)
#define PTW_OPT_ARM_V7S_NS PTW_OPT_OWN(1)
#define PTW_OPT_ARM_V7S_MTK PTW_OPT_OWN(2)

#define PTW_ARM_V7S_NON_SHAREABLE PTW_BIT(32) /* S = 0; shareable if it is not given */

/*
 * DART: tables of one page; leaves of one page at level 0, and no others.
 *
 *                   granule       levels  ia                       oa
 *   dart-t8020      [16K] or 4K   2       16K: 26 ... [36]         [36], at least 32
 *                                         4K: 22 ... [30], 31, 32
 *   dart-t6000      16K           2       26 ... [36]              [42], at least 32
 *   dart-t8110      16K           [2], 3  26 ... [36]; 37 ... [47] [42], at least 32
 *
 * 4K with 31 and 32 input bits: the root is two or four tables side by side, one for each TTBR of the stream, aligned to
 * the page. dart-t8110 with levels=3 is TCR's FOUR_LEVEL. (With the entries of t6000 and t8110 addresses are multiples
 * of 16 KiB.) Option hitless [0].
 *
 * Rights: R, W or both. Memory types: WB; NC with t6000 and t8110. Filling a hole is owed nothing. Entries with a
 * subpage range (SP_START, SP_END) are never made; one that does not cover its page is objected to.
 */
extern const struct ptw_format ptw_dart_t8020;
extern const struct ptw_format ptw_dart_t6000;
extern const struct ptw_format ptw_dart_t8110;

/*
 * Registers, and the way back. PTW_OK; of those that make words PTW_UNSUPPORTED for a table of another format, PTW_INVAL
 * for a parameter that does not fit its field, PTW_RANGE for a root that it does not reach; of those that read words
 * PTW_NOENT if they name no table, PTW_INVAL if they are illegal, PTW_UNSUPPORTED if no format here has such a table.
 * Otherwise nothing is written, but one clause to *why (if why is not NULL).
 */

/* How hardware reads short descriptors: 0 not cached, 1 write-back, write-allocate, 2 write-through, 3 write-back. */
struct ptw_arm_v7s_walks {
    unsigned inner, outer;
    bool shareable;           /* S */
    bool not_outer_shareable; /* NOS */
};

/* TTBR0, for TTBCR = 0 (EAE and N are 0). Not with mtk, which places more address bits there. Seen in one source. */
ptw_status ptw_arm_v7s_ttbr0(const struct ptw_table *t, const struct ptw_arm_v7s_walks *walks, uint32_t *ttbr0);
ptw_status ptw_arm_v7s_root(uint32_t ttbr0, uint32_t ttbcr, struct ptw_root *root, const char **why);

/*
 * TTBR number `n` of a stream, and its TCR with translation on and all bypasses off. n is 0, or one of the tables side by
 * side at the root: with 4K pages and 31 or 32 input bits 0 ... 1 or 0 ... 3.
 */
ptw_status ptw_dart_ttbr(const struct ptw_table *t, unsigned n, uint32_t *ttbr);
ptw_status ptw_dart_tcr(const struct ptw_table *t, uint32_t *tcr);

/* The table of TTBR 0 of a DART whose format is known; its page size is the caller's to say (granule, ia). */
ptw_status ptw_dart_root(const struct ptw_format *format, uint32_t ttbr, uint32_t tcr, struct ptw_root *root,
                         const char **why);

#endif
