/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/x86.h - the x86 formats.
 *
 *   ptw_ept     Intel EPT, 4 and 5 levels.               Intel SDM vol 3C, "VMX Support for Address Translation"
 *   ptw_x86_64  4- and 5-level paging, stage 1.          Intel SDM vol 3A, "Paging"; AMD APM vol 2, chapter 5
 *   ptw_npt     the same words as AMD nested tables:     AMD APM vol 2, 15.25
 *               U/S is set in every entry, input is zero-extended, PTW_USER and PTW_GLOBAL are not attributes
 *
 * All have 4 KiB tables of 512 entries and leaves of 4 KiB, 2 MiB and 1 GiB (levels 0, 1, 2).
 *
 * Configuration (defaults in brackets): levels [4] or 5; ia [48, 57 with 5 levels; EPT and NPT may have less, down to 40
 * and 49]; oa [52], the processor's physical width M; leaf [1G]: largest leaf that the processor has.
 */
#ifndef PTW_X86_H
#define PTW_X86_H

#include <ptw/format.h>

/*
 * EPT. Legal rights: R, RW, RX, RWX; X alone with exec-only. Memory types WB, WT, WP, NC (WC), UC.
 * Empty entries carry "suppress #VE", so that a stray access stays a VM exit.
 * Option ad [0]: EPTP bit 6 is set. Without it hardware sets neither A nor D.
 */
extern const struct ptw_format ptw_ept;

#define PTW_OPT_EPT_EXEC_ONLY PTW_OPT_OWN(0) /* "exec-only" [0]: IA32_VMX_EPT_VPID_CAP bit 0 */

#define PTW_EPT_IPAT PTW_BIT(32)        /* the entry's memory type is final: the guest's PAT is ignored */
#define PTW_EPT_SUPPRESS_VE PTW_BIT(33) /* a violation on this leaf is a VM exit, not a #VE */

/*
 * x86-64. R is always part of the rights; X can be absent with nx [1] (EFER.NXE). Hardware always sets A and D (ad is
 * fixed at 1). A leaf that loses W keeps D, which hardware with CR4.CET set takes for a shadow-stack page: not for use
 * with CET in this version. Memory types by PWT and PCD with the reset value of the PAT: WB, WT, UC-, UC.
 */
extern const struct ptw_format ptw_x86_64;
extern const struct ptw_format ptw_npt;

#define PTW_OPT_X86_NX PTW_OPT_OWN(0) /* "nx" [1]: bit 63 is no-execute, not reserved */

#define PTW_X86_PAT_HIGH PTW_BIT(32)           /* PAT entries 4 ... 7 instead of 0 ... 3 (the same types after reset) */
#define PTW_X86_PKEY(n) ((ptw_attr)(n) << 33U) /* protection key 0 ... 15 (stage 1) */
#define PTW_X86_PKEY_MASK PTW_BITS(36, 33)

#endif
