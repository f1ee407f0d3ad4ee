/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/riscv.h - the RISC-V formats.
 *
 *   ptw_riscv_sv32, ptw_riscv_sv39, ptw_riscv_sv48, ptw_riscv_sv57
 *               stage 1: virtual addresses (satp), or the VS-stage of a guest (vsatp).
 *                                                    RISC-V privileged specification, "Supervisor-Level ISA"
 *   ptw_riscv_sv32x4, ptw_riscv_sv39x4, ptw_riscv_sv48x4, ptw_riscv_sv57x4
 *               G-stage: guest physical addresses (hgatp).
 *                                                    RISC-V privileged specification, "Hypervisor Extension"
 *
 *              inputs                         root            leaves                               outputs
 *   sv32       32 bits                        4 KiB           4K 4M                                34 bits
 *   sv39 ...   39, 48, 57 bits, sign-extended 4 KiB           4K 64K (groups) 2M 1G, 512G, 256T    56 bits
 *   sv32x4     34 bits                        16 KiB, aligned as sv32
 *   sv39x4 ... 41, 50, 59 bits                16 KiB, aligned as sv39 ...
 *
 * Every level may hold leaves. Entries are 4 bytes in the two Sv32 formats and 8 in the others.
 *
 * Configuration (defaults in brackets): oa [56; Sv32: 34]; leaf [the root's level]. levels and ia are the format's and
 * may only be said as they are.
 * Option ad [0]: menvcfg.ADUE (for a VS-stage henvcfg.ADUE) is set (Svadu), hardware sets A and D. Without it an access
 * to a leaf without A, or a write to one without D, faults (Svade): map with PTW_A, and PTW_D where writes are allowed.
 * Option groups [0], not Sv32: Svnapot. Sixteen slots, all equal, may be made one 64 KiB leaf.
 *
 * Hardware may remember holes: filling one is owed an SFENCE or HFENCE (PTW_OWED_MAKE). With Svvptc the new entry is
 * seen within a bounded time and the caller may drop it, as may one that takes a spurious fault. A change of one size to
 * another needs no hole in between; a group that becomes single slots, or single slots that become a group, does.
 *
 * RISC-V IOMMU (IOMMU specification, "Device context" and "Translation process") walks the same tables:
 *
 *   first stage   (iosatp)   sv32 ... sv57. A request is a user's unless it asks for more: map with PTW_USER. Not
 *                            zicfiss: W alone is reserved for devices. ad if tc.SADE is set.
 *   second stage  (iohgatp)  sv32x4 ... sv57x4. ad if tc.GADE is set.
 *   both                     Without ad, A and D have to be there from the beginning, as above. pbmt if
 *                            capabilities.Svpbmt is set, and hitless for devices that can't repeat a request.
 */
#ifndef PTW_RISCV_H
#define PTW_RISCV_H

#include <ptw/format.h>

/*
 * Stage 1. Rights: none of the reserved ones (W without R), and at least one of R, W, X: V with R=W=X=0 is a table.
 * PTW_USER is U: the supervisor reads and writes such a leaf only under SUM and never executes it, PTW_X says what the
 * X bit says. PTW_GLOBAL is G of the leaf; a G in a table entry, which this library never sets, makes global whatever
 * is below it and is not shown by the leaves' attributes, nor by the limits of the entry: those take no right away.
 * Memory types WB ("as the PMAs say"); NC and UC (IO) with pbmt. Two software bits (RSW).
 */
extern const struct ptw_format ptw_riscv_sv32;
extern const struct ptw_format ptw_riscv_sv39;
extern const struct ptw_format ptw_riscv_sv48;
extern const struct ptw_format ptw_riscv_sv57;

/* G-stage. As stage 1, but U is always set and G never: PTW_USER and PTW_GLOBAL are not attributes. */
extern const struct ptw_format ptw_riscv_sv32x4;
extern const struct ptw_format ptw_riscv_sv39x4;
extern const struct ptw_format ptw_riscv_sv48x4;
extern const struct ptw_format ptw_riscv_sv57x4;

#define PTW_OPT_RISCV_PBMT PTW_OPT_OWN(0)    /* "pbmt" [0], not Sv32: menvcfg.PBMTE is set (Svpbmt) */
#define PTW_OPT_RISCV_RSW60 PTW_OPT_OWN(1)   /* "rsw60" [0], not Sv32: Svrsw60t59b. Bits 60:59 are kept, not reserved */
#define PTW_OPT_RISCV_ZICFISS PTW_OPT_OWN(2) /* "zicfiss" [0], stage 1: menvcfg.SSE (senvcfg.SSE for users) is set */

/*
 * A shadow stack (zicfiss): only with the rights R and W, which then mean loads, and shadow-stack accesses instead of
 * stores. The entry has W without R and X. Adding rights to it changes nothing; taking W away makes it an ordinary page
 * that can be read, which adding W makes an ordinary writable one: to be a shadow stack again it must be unmapped first.
 */
#define PTW_RISCV_SHADOW_STACK PTW_BIT(32)

#endif
