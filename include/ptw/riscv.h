/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/riscv.h - the RISC-V formats.
 *
 *   ptw_riscv_sv39x4, ptw_riscv_sv48x4, ptw_riscv_sv57x4
 *               G-stage translation of guest physical addresses.      RISC-V privileged specification, "Hypervisor"
 *
 * Tables of 512 entries; the root is 16 KiB, aligned to 16 KiB, with 2048 entries: inputs of 41, 50 and 59 bits. Every
 * level may hold leaves: 4 KiB, 2 MiB, 1 GiB, 512 GiB, 256 TiB.
 *
 * Configuration (defaults in brackets): oa [56]; leaf [the root's level]. levels and ia are the format's and may only
 * be said as they are.
 * Option ad [0]: menvcfg.ADUE is set (Svadu), hardware sets A and D. Without it an access to a leaf without A, or a
 * write to one without D, faults (Svade).
 *
 * Hardware may remember holes: filling one is owed an HFENCE (PTW_OWED_MAKE); with Svvptc the caller may drop it.
 */
#ifndef PTW_RISCV_H
#define PTW_RISCV_H

#include <ptw/format.h>

/* Rights: none of the reserved ones (W without R), and at least one: V with R=W=X=0 is a table. U is always set and G
 * never: PTW_USER and PTW_GLOBAL are not attributes. Memory types WB; NC and UC with pbmt. */
extern const struct ptw_format ptw_riscv_sv39x4;
extern const struct ptw_format ptw_riscv_sv48x4;
extern const struct ptw_format ptw_riscv_sv57x4;

#define PTW_OPT_RISCV_PBMT PTW_OPT_OWN(0) /* "pbmt" [0]: menvcfg.PBMTE is set (Svpbmt) */

#endif
