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
 *
 * And for devices, with shapes of their own, at the end of this page:
 *
 *   ptw_vtd_ss  Intel VT-d second stage
 *   ptw_amdv1   AMD IOMMU v1 (host) tables
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

/*
 * VT-d second stage: device addresses, 3, 4 or 5 levels [4] (AW 1, 2, 3) of 39, 48, 57 bits; ia may be less, as MGAW is.
 * Intel VT-d specification, 3.7 and 9.8. `oa` is the host address width.
 *
 * Legal rights: R, W, RW. There is no X, and no memory type but PTW_MT_WB. Without R and W a leaf would be a hole: a
 * ptw_protect that removes W must add R, and a write-only leaf can't be write-protected (ptw_dirty with
 * PTW_WRITE_PROTECT leaves it writable and reports it each time). A leaf over the interrupt range
 * (0xfee00000 ... 0xfeefffff) faults: ptw_verify objects to it, ptw_map does not. Other software may take only a word of
 * 0 for empty: no marks in tables that are shared with it.
 * Owed by the caller: with caching mode (CAP.CM) an invalidation of what was mapped, with CAP.RWBF a flush of the write
 * buffer.
 * Option ad [0]: SSADE is set in the PASID entry (scalable mode). Without it hardware sets neither A nor D.
 */
extern const struct ptw_format ptw_vtd_ss;

#define PTW_OPT_VTD_SNP PTW_OPT_OWN(0) /* "snp" [0]: ECAP.SC; PTW_VTD_SNP is an attribute */
#define PTW_OPT_VTD_TM PTW_OPT_OWN(1)  /* "tm" [0]: ECAP.DT; PTW_VTD_TM is an attribute */

#define PTW_VTD_SNP PTW_BIT(32) /* accesses through this leaf are snooped, whatever the device says */
#define PTW_VTD_TM PTW_BIT(33)  /* a hint to device TLBs: this mapping does not live long */

/*
 * AMD IOMMU v1: device addresses, 1 ... 6 levels [4] (the Mode of the device table entry) of 21, 30, 39, 48, 57, 64 bits.
 * AMD I/O Virtualization Technology (48882), 2.2.
 *
 * Legal rights: none, R, W, RW. A leaf without rights is present and denies every access. There is no X, and no memory
 * type but PTW_MT_WB. Leaves stand at levels 0 ... 4. With groups [0] a leaf may be any power of two: 8 KiB are two equal
 * entries at level 0, 4 MiB two at level 1, up to 2^52 bytes. leaf [1G, with groups 256G]: leaves of 512 GiB have an
 * erratum (seen in one source); who asks for larger leaves gets these, too.
 * Table entries may leave levels out (seen in one source): such tables are read, never made.
 * Encrypted memory (SME): the C-bit is part of both addresses. The output addresses of maps have it, so that oa counts
 * it; ptw_mem.alloc answers with it, and ptw_mem.offset, or va, takes it off.
 * Owed by the caller: with NpCache (a virtual IOMMU) an invalidation of what was mapped.
 * Option ad [0]: HAD is 3 in the device table entry. Without it hardware sets neither A nor D.
 */
extern const struct ptw_format ptw_amdv1;

#define PTW_AMDV1_FC PTW_BIT(32) /* force coherent: accesses through this leaf are snooped */

#endif
