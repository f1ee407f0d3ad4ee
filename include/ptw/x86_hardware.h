/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/x86_hardware.h - what points x86 hardware at a table: registers and in-memory structures, from a table and back.
 *
 *   processor   CR3        x86-64, x86-pae, x86-32    ptw_x86_cr3()           ptw_x86_root()
 *               nCR3       npt                        ptw_npt_ncr3()          ptw_npt_root()
 *               EPTP       ept                        ptw_ept_eptp()          ptw_ept_root()
 *   Intel VT-d  context    vtd-ss                     ptw_vtd_context()       ptw_vtd_context_root()
 *               PASID      vtd-ss, vtd-fs             ptw_vtd_pasid()         ptw_vtd_pasid_root()
 *   AMD IOMMU   DTE        amdv1                      ptw_amd_dte()           ptw_amd_root()
 *               GCR3       amdv2                      ptw_amd_gcr3()          ptw_amd_guest_root()
 *
 * From a table: PTW_OK; PTW_UNSUPPORTED if the table has another format, or promises what the structure can't have;
 * PTW_INVAL for a parameter out of bounds; PTW_RANGE if the root lies where the field does not reach. Only with PTW_OK is
 * anything written. The words are values: to store them in the right order, to flush and to invalidate is the caller's.
 *
 * And back: PTW_OK, and ptw_open() takes *root; PTW_INVAL for words that hardware refuses or faults on; PTW_NOENT for legal
 * ones that name no table; PTW_UNSUPPORTED for tables that no format here is for. Then *root is as it was, and *why (if why
 * is not NULL) is one clause. What is not known (a 0 in the fields that say so) is taken to be there: such a table reads
 * well, and ptw_verify finds less.
 */
#ifndef PTW_X86_HARDWARE_H
#define PTW_X86_HARDWARE_H

#include <ptw/ptw.h>

/* ------------------------------------------------------------------------------------------------------- CR3 --- */

/*
 * Intel SDM vol 3A, "Paging". If cr0, cr4 and efer are all 0, only CR3 is known: x86-64 with four levels. If cr0 and efer
 * are 0, EFER is not known: with CR4.PAE it is long mode, with NX. Else all registers count as they are.
 */
struct ptw_x86_registers {
    uint64_t cr0, cr3, cr4, efer;
    unsigned maxphyaddr; /* physical address bits; 0: not known */
    unsigned c_bit;      /* number of the memory-encryption bit (AMD SME and SEV), in long mode; 0: none */
};

/* What CR3 says besides the root. */
struct ptw_x86_cr3 {
    bool pcide;    /* CR4.PCIDE: CR3 has a PCID; long mode only */
    unsigned pcid; /* 0 ... 4095, with pcide */
    bool keep;     /* bit 63, with pcide: loading CR3 keeps what the TLB has of this PCID (seen in one source) */
    bool pwt, pcd; /* the memory type of the root's own accesses, without pcide */
};

/*
 * regs: cr3 is complete. cr0, cr4 and efer have the bits that the table needs and no others (LMA is for a virtual
 * machine's state, a processor sets it itself): CR4.PKE, PKS or PGE, as the table's attributes want them, are the
 * caller's. CR0.WP is among them: without it the supervisor writes where W is not. A C-bit of the table's is set in CR3.
 * `how` NULL: all 0. PTW_RANGE: the root of a 32-bit format must lie below 4 GiB.
 */
ptw_status ptw_x86_cr3(const struct ptw_table *t, const struct ptw_x86_cr3 *how, struct ptw_x86_registers *regs);

/* x86-64 with 4 or 5 levels, x86-pae or x86-32. PTW_NOENT: paging is off. */
ptw_status ptw_x86_root(const struct ptw_x86_registers *regs, struct ptw_root *root, const char **why);

/* ---------------------------------------------------------------------------------------------- nCR3 and EPTP --- */

/*
 * AMD APM vol 2, 15.25: regs->cr3 is nCR3 (VMCB offset 0xb0; NP_ENABLE is bit 0 at 0x90: seen in one source), the
 * others are the host's at VMRUN. PTW_UNSUPPORTED: a host outside of long mode.
 */
ptw_status ptw_npt_ncr3(const struct ptw_table *t, struct ptw_x86_registers *regs);
ptw_status ptw_npt_root(const struct ptw_x86_registers *regs, struct ptw_root *root, const char **why);

/* Intel SDM vol 3C, "VMX Support for Address Translation". */
struct ptw_ept_registers {
    uint64_t eptp;       /* VMCS field 0x201a */
    uint64_t cap;        /* IA32_VMX_EPT_VPID_CAP (MSR 0x48c); 0: not known */
    uint64_t secondary;  /* secondary processor-based controls: of interest are bits 22 (MBEC) and 23 (SPP) */
    uint64_t tertiary;   /* tertiary processor-based controls: bits 2 (paging-write) and 3 (VGP) */
    unsigned maxphyaddr; /* physical address bits; 0: not known */
};

/*
 * The EPTP, with the bits of the controls and capabilities that the table's configuration needs. `type` is the memory type
 * of walks: PTW_MT_WB or PTW_MT_UC.
 */
ptw_status ptw_ept_eptp(const struct ptw_table *t, ptw_attr type, struct ptw_ept_registers *regs);
ptw_status ptw_ept_root(const struct ptw_ept_registers *regs, struct ptw_root *root, const char **why);

/* TDX: SHARED_EPT_POINTER (TD VMCS field 0x203c) of an EPT table: a plain address (seen in one source). */
ptw_status ptw_tdx_shared_eptp(const struct ptw_table *t, uint64_t *pointer);

/* ------------------------------------------------------------------------------------------------------- VT-d --- */

#define PTW_VTD_NONE (~UINT64_C(0)) /* no such table */

/* What is known of the hardware. */
struct ptw_vtd_registers {
    uint64_t cap, ecap; /* CAP_REG and ECAP_REG; 0: not known */
    unsigned haw;       /* host address width: that of the ACPI DMAR table + 1; 0: not known */
};

/* RTADDR_REG for a root table, in legacy or in scalable mode. */
ptw_status ptw_vtd_rtaddr(ptw_oa root_table, bool scalable, uint64_t *rtaddr);

/* An entry of the root table: for legacy mode with the context table of a bus, for scalable mode with those of devfn 0x00
 * ... 0x7f and 0x80 ... 0xff, of which one may be PTW_VTD_NONE. */
ptw_status ptw_vtd_root_entry(ptw_oa context_table, uint64_t entry[2]);
ptw_status ptw_vtd_scalable_root_entry(ptw_oa lower, ptw_oa upper, uint64_t entry[2]);

/* A context entry in legacy mode. */
struct ptw_vtd_context {
    unsigned domain; /* DID: 0 ... 0xffff */
    bool device_tlb; /* TT = 1: translation requests are answered, too */
    bool quiet;      /* FPD: faults are not recorded */
    unsigned levels; /* without a table: the most levels that the hardware has, 3 ... 5 */
};

/* `t` is a vtd-ss table without "ad", or NULL: requests pass untranslated (TT = 2). */
ptw_status ptw_vtd_context(const struct ptw_table *t, const struct ptw_vtd_context *how, uint64_t entry[2]);

/* `regs` NULL: nothing is known. */
ptw_status ptw_vtd_context_root(const uint64_t entry[2], const struct ptw_vtd_registers *regs, struct ptw_root *root,
                                const char **why);

/* A context entry in scalable mode. */
struct ptw_vtd_scalable_context {
    ptw_oa directory;                      /* the PASID directory ... */
    unsigned directory_bits;               /* ... and log2 of its entries: 7 ... 14 */
    unsigned rid_pasid;                    /* the PASID of requests without one: 20 bits */
    bool rid_privileged;                   /* RID_PRIV: and those are privileged */
    bool device_tlb, pasid, page_requests; /* DTE, PASIDE, PRE */
    bool quiet;                            /* FPD */
};

ptw_status ptw_vtd_scalable_context(const struct ptw_vtd_scalable_context *how, uint64_t entry[4]);

/* An entry of the PASID directory. */
ptw_status ptw_vtd_pasid_directory(ptw_oa pasid_table, bool quiet, uint64_t *entry);

/* An entry of a PASID table. */
struct ptw_vtd_pasid {
    /* DID: 0 ... 0xffff; not one for first stage or pass-through that a second stage uses, too (seen in one source). */
    unsigned domain;
    bool quiet;            /* FPD */
    bool snoop_walks;      /* PWSNP */
    bool snoop_pages;      /* PGSNP, with a first stage */
    bool supervisor;       /* SRE, with a first stage: supervisor requests are admitted */
    bool write_protection; /* WPE, with a first stage: supervisor requests need W (both seen in one source) */
    unsigned levels;       /* without a table: the most levels that the hardware has, 3 ... 5 */
};

/*
 * `first` is a vtd-fs table or NULL, `second` a vtd-ss table or NULL: PGTT is first stage, second stage, nested (both) or
 * pass-through (none). SSADE and EAFE are as the tables were configured. Write the first word last.
 */
ptw_status ptw_vtd_pasid(const struct ptw_table *first, const struct ptw_table *second, const struct ptw_vtd_pasid *how,
                         uint64_t entry[8]);

/* `stage` 1 or 2: of a nested entry the one or the other. PTW_NOENT: the entry does not have it. `regs` as above. */
ptw_status ptw_vtd_pasid_root(const uint64_t entry[8], unsigned stage, const struct ptw_vtd_registers *regs,
                              struct ptw_root *root, const char **why);

/* -------------------------------------------------------------------------------------------------- AMD IOMMU --- */

/* A device table entry (48882, 2.2.2). Interrupt remapping and event suppression are not part of it: the caller ORs them.
 * Of a live entry the half with V (bits 127:0) is written last to enable it, first to disable it (seen in one source). */
struct ptw_amd_dte {
    unsigned domain;       /* 0 ... 0xffff */
    ptw_attr rights;       /* PTW_R, PTW_W: what the device may do at all */
    bool iotlb;            /* I: the device has a TLB of its own (ATS) */
    bool ppr, gprp;        /* page requests; answers to them have the PASID */
    unsigned guest_levels; /* 4 or 5: GV, guest tables below a GCR3 table; 0: none, and the rest is 0, too */
    ptw_oa gcr3;           /* the GCR3 table, with the C-bit if memory is encrypted */
    unsigned glx;          /* its levels - 1: 0 ... 2, for PASIDs of 9, 18 or 20 bits */
    bool giov;             /* requests without PASID use PASID 0 */
};

/* `t` is an amdv1 table or NULL: Mode = 0, no host translation. HAD = 3 if the table has "ad". */
ptw_status ptw_amd_dte(const struct ptw_table *t, const struct ptw_amd_dte *how, uint64_t dte[4]);

/* The host table. Rights of the device are not part of it. PTW_NOENT: V, TV or Mode is 0. */
ptw_status ptw_amd_root(const uint64_t dte[4], struct ptw_root *root, const char **why);

/* An entry of the lowest GCR3 table, for an amdv2 table, and of a higher one. Seen in one source. */
ptw_status ptw_amd_gcr3(const struct ptw_table *t, uint64_t *entry);
ptw_status ptw_amd_gcr3_table(ptw_oa table, uint64_t *entry);

/* The guest table of a PASID, whose entry in the lowest GCR3 table is `gcr3`. c_bit 0: none. */
ptw_status ptw_amd_guest_root(const uint64_t dte[4], uint64_t gcr3, unsigned pasid, unsigned c_bit,
                              struct ptw_root *root, const char **why);

#endif
