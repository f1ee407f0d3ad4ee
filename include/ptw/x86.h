/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/x86.h - the x86 formats.
 *
 *   ptw_ept      Intel EPT, 4 and 5 levels.              Intel SDM vol 3C, "VMX Support for Address Translation"
 *   ptw_x86_64   4- and 5-level paging, stage 1.         Intel SDM vol 3A, "Paging"; AMD APM vol 2, chapter 5
 *   ptw_npt      the same words as AMD nested tables.    AMD APM vol 2, 15.25
 *   ptw_vtd_fs   the same words as VT-d first stage.     Intel VT-d specification, 3.6 and 9.7
 *   ptw_amdv2    the same words as AMD IOMMU guest       AMD IOMMU specification (48882), 2.2.6
 *                tables (v2), below a GCR3 table
 *   ptw_x86_pae  PAE paging of 32-bit processors         Intel SDM vol 3A, "Paging"
 *   ptw_x86_32   32-bit paging                           the same
 *
 * All but the last have 4 KiB tables of 512 entries and leaves of 4 KiB, 2 MiB and (not PAE) 1 GiB: levels 0, 1, 2.
 *
 * Configuration (defaults in brackets): levels [4] or 5; ia [48, 57 with 5 levels; EPT and NPT may have less, down to 40
 * and 49]; oa [52], the processor's physical width M; leaf [1G]: largest leaf that the processor has. In formats with
 * words of x86-64, hardware always sets A and D (ad is fixed at 1).
 *
 * And for devices, with shapes of their own, at the end of this page:
 *
 *   ptw_vtd_ss  Intel VT-d second stage
 *   ptw_amdv1   AMD IOMMU v1 (host) tables
 *
 * The registers and structures that point hardware at a table, and back: ptw/x86_hardware.h, which this page includes.
 */
#ifndef PTW_X86_H
#define PTW_X86_H

#include <ptw/format.h>
#include <ptw/x86_hardware.h>

/* ------------------------------------------------------------------------------------------------------ EPT --- */

/*
 * EPT. Legal rights: R, RW, RX, RWX; X alone with exec-only. Memory types WB, WT, WP, NC (WC), UC.
 * Empty entries carry "suppress #VE", so that a stray access stays a VM exit.
 * Option ad [0]: EPTP bit 6 is set. Without it hardware sets neither A nor D.
 * With mbec, X is for fetches from supervisor pages of the guest and UX for those from its user pages: any of the two
 * goes with R, and with exec-only also without.
 */
extern const struct ptw_format ptw_ept;

#define PTW_OPT_EPT_EXEC_ONLY PTW_OPT_OWN(0) /* "exec-only" [0]: IA32_VMX_EPT_VPID_CAP bit 0 */
#define PTW_OPT_EPT_SSS PTW_OPT_OWN(1)       /* "sss" [0]: PTW_EPT_SHADOW_STACK exists (EPTP bit 7) */
#define PTW_OPT_EPT_MBEC PTW_OPT_OWN(2)      /* "mbec" [0]: mode-based execute control (secondary control bit 22) */
#define PTW_OPT_EPT_PW PTW_OPT_OWN(3)        /* "pw" [0]: PTW_EPT_PAGING_WRITE exists (tertiary control bit 2) */
#define PTW_OPT_EPT_VGP PTW_OPT_OWN(4)       /* "vgp" [0]: PTW_EPT_VERIFY_PAGING exists (tertiary control bit 3) */
#define PTW_OPT_EPT_SPP PTW_OPT_OWN(5)       /* "spp" [0]: PTW_EPT_SUBPAGE exists (secondary control bit 23) */

#define PTW_EPT_IPAT PTW_BIT(32)          /* the entry's memory type is final: the guest's PAT is ignored */
#define PTW_EPT_SUPPRESS_VE PTW_BIT(33)   /* a violation on this leaf is a VM exit, not a #VE */
#define PTW_EPT_VERIFY_PAGING PTW_BIT(34) /* the guest tables that lead here are verified */
#define PTW_EPT_PAGING_WRITE PTW_BIT(35)  /* the processor may set A and D of guest tables here without W; needs R */
#define PTW_EPT_SHADOW_STACK PTW_BIT(37)  /* supervisor shadow-stack accesses are allowed, with R; W may be absent */
#define PTW_EPT_SUBPAGE PTW_BIT(38)       /* 128-byte write permissions; hardware looks at it in 4 KiB leaves only */

/*
 * TDX: the shared EPT of a trust domain is an ordinary ptw_ept whose guest physical addresses carry this bit (47 with 4
 * levels, GPAW 48; 51 with 5 levels, GPAW 52: seen in one source). An MMIO hole there, whose accesses shall become #VE
 * in the guest, is the word 0: this library neither makes it nor takes it for empty, it reads as a mark of type
 * PTW_MARK_FOREIGN.
 */
#define PTW_TDX_SHARED_BIT(levels) ((levels) == 5 ? PTW_BIT(51) : PTW_BIT(47))

/* --------------------------------------------------------------------------------------- x86-64 and its kin --- */

/*
 * x86-64, stage 1. R is always part of the rights; X can be absent with nx [1] (EFER.NXE). Memory types by PWT and PCD
 * with the reset value of the PAT: WB, WT, UC-, UC. Seven software bits.
 *
 * A leaf without W that has D set is a shadow-stack page to processors with CR4.CET. With cet [0] the library therefore
 * keeps the D of a leaf that loses W in a software bit of its own (bit 58, where Linux has it, too; six software bits
 * are left) and brings it back with W, and PTW_X86_SHADOW_STACK makes a shadow-stack page: R without W, always dirty.
 * What protect gives W becomes an ordinary page. Without cet do not use a table on a processor with CR4.CET.
 *
 * c-bit [0]: number of the memory-encryption bit (AMD SME and SEV), above all address bits: oa must not reach it. Set in
 * every table entry, and in every leaf without PTW_X86_SHARED.
 *
 * A mark's payload stands in the address field, with bit 51 set. Processors with L1TF may not look at bits above their
 * physical width (from memory, no source): on them a payload should not be the number of a frame that others must not
 * read. The same holds for EPT, where no such bit is set.
 *
 * NPT: U/S is set in every entry, input is zero-extended, PTW_USER, PTW_GLOBAL and protection keys are no attributes, no
 * cet. Memory types are those of the host's PAT; how they combine with the guest's is not verified, but that WB leaves
 * the guest's as it is. With guest-mode execute trap (GMET, seen in one source) on, pages that the guest's supervisor
 * executes need U/S = 0, which this format does not make: a table of it is then executable for the guest's user mode only.
 */
extern const struct ptw_format ptw_x86_64;
extern const struct ptw_format ptw_npt;

#define PTW_OPT_X86_NX PTW_OPT_OWN(0) /* "nx" [1]: bit 63 is no-execute, not reserved */
#define PTW_OPT_X86_PKEYS                                                                                              \
    PTW_OPT_OWN(1) /* "pkeys" [1]: protection keys are attributes (CR4.PKE or PKS); else bits 62:59 are nothing */
#define PTW_OPT_X86_CET PTW_OPT_OWN(2) /* "cet" [0]: shadow-stack pages (CR4.CET) */

#define PTW_X86_PAT_HIGH PTW_BIT(32)           /* PAT entries 4 ... 7 instead of 0 ... 3 (the same types after reset) */
#define PTW_X86_PKEY(n) ((ptw_attr)(n) << 33U) /* protection key 0 ... 15 (stage 1) */
#define PTW_X86_PKEY_MASK PTW_BITS(36, 33)
#define PTW_X86_SHADOW_STACK PTW_BIT(37) /* with cet */
#define PTW_X86_SHARED PTW_BIT(38)       /* with c-bit: this leaf's memory is not encrypted */

/*
 * VT-d first stage (scalable mode). Legal rights: RX and RWX, because there is no way to take X away. Memory type WB.
 * U/S is set in every entry. Input is sign-extended, but addresses that software hands out to devices must stay in the
 * lower half. oa is the host address width. Translations to 0xfee00000 ... 0xfeefffff (interrupts) fault; map makes
 * them, verify objects. Owed by the caller: an invalidation where rights were added, as with vtd-ss.
 *
 * AMD IOMMU guest tables: rights as x86-64, nx [1] is EFR.NXSup. Memory type WB, U/S set in every entry, c-bit as above.
 * With a PASID that is not 0, input is sign-extended. giov [0]: for PASID 0 through DTE.GIOV, where it is unsigned and
 * uses all bits; a table for both must stay in the lower half and may be either. Owed by the caller: as with amdv1.
 */
extern const struct ptw_format ptw_vtd_fs;
extern const struct ptw_format ptw_amdv2;

#define PTW_OPT_VTD_EA PTW_OPT_OWN(3)     /* "ea" [0]: PTW_X86_EXTENDED_ACCESSED exists (PASID entry EAFE) */
#define PTW_OPT_AMDV2_GIOV PTW_OPT_OWN(4) /* "giov" [0]: unsigned input */

/* Set by hardware together with A. Leaves with and without it differ for map, merge and next_run. */
#define PTW_X86_EXTENDED_ACCESSED PTW_BIT(39)

/* ------------------------------------------------------------------------------------------- 32-bit formats --- */

/*
 * The formats of 32-bit guests, above all for readers. Attributes as x86-64 (no protection keys), with three software
 * bits (11:9). Input is 32 bits, unsigned.
 *
 * x86-pae: three levels; the root is four entries in 32 bytes, aligned to 32 (the library allocates 64), which limit no
 * rights. Leaves of 4 KiB and 2 MiB. nx [1] as x86-64. Hardware loads the root's entries with CR3: a changed one counts
 * from the next load, unless the table is nested (seen in one source).
 *
 * x86-32: two levels of 1024 entries of 4 bytes. X is always part of the rights. pse [1] (CR4.PSE): leaves of 4 MiB;
 * without it bit 7 of a table entry is ignored. pse36 [1]: such leaves of others may lie above 4 GiB, up to 40 bits, in
 * bits 20:13, and are read so; that those above the processor's width are reserved is not looked at. The library makes no
 * leaf above 4 GiB, and does not cut one. Tables must lie below 4 GiB.
 */
extern const struct ptw_format ptw_x86_pae;
extern const struct ptw_format ptw_x86_32;

#define PTW_OPT_X86_PSE PTW_OPT_OWN(5)   /* "pse" [1] */
#define PTW_OPT_X86_PSE36 PTW_OPT_OWN(6) /* "pse36" [1]: without it bits 21:13 of a 4 MiB leaf are reserved */

/*
 * VT-d second stage: device addresses, 3, 4 or 5 levels [4] (AW 1, 2, 3) of 39, 48, 57 bits; ia may be less, as MGAW is.
 * Intel VT-d specification, 3.7 and 9.8. `oa` is the host address width.
 *
 * Legal rights: R, W, RW. There is no X, and no memory type but PTW_MT_WB. Without R and W a leaf would be a hole: a
 * ptw_protect that removes W must add R, and a write-only leaf can't be write-protected (ptw_dirty with
 * PTW_WRITE_PROTECT leaves it writable and reports it each time). A leaf over the interrupt range
 * (0xfee00000 ... 0xfeefffff) faults: ptw_verify objects to it, ptw_map does not. Other software may take only a word of
 * 0 for empty: no marks in tables that are shared with it.
 * Owed by the caller: where rights were added an invalidation, without which faults may persist (from knowledge of the
 * manual), with caching mode (CAP.CM, seen in one source) one of what was mapped, with CAP.RWBF a flush of the write
 * buffer. Some processors must not find read-only leaves below a first stage (an erratum, seen in one source).
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
 * Owed by the caller: where rights were added an invalidation, and with NpCache (a virtual IOMMU) one of what was mapped
 * (both seen in one source).
 * Option ad [0]: HAD is 3 in the device table entry. Without it hardware sets neither A nor D.
 */
extern const struct ptw_format ptw_amdv1;

#define PTW_AMDV1_FC PTW_BIT(32) /* force coherent: accesses through this leaf are snooped */

#endif
