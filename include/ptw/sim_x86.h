/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/sim_x86.h - simulated page walks (ptw/sim.h) of x86 processors and of their IOMMUs.
 *
 *   ptw_sim_x86         4- and 5-level paging            Intel SDM vol 3A, "Paging"; AMD APM vol 2, chapter 5
 *   ptw_sim_x86_32      32-bit and PAE paging            the same
 *   ptw_sim_npt         nested paging                    AMD APM vol 2, 15.25
 *   ptw_sim_ept         EPT                              Intel SDM vol 3C, "VMX Support for Address Translation"
 *   ptw_sim_vtd_legacy  VT-d second stage, legacy mode   Intel VT-d specification, 3.7, 9.3 and 9.8
 *   ptw_sim_vtd_ss      VT-d second stage, scalable mode the same, 9.6
 *   ptw_sim_vtd_fs      VT-d first stage                 Intel VT-d specification, 3.6, 9.6 and 9.7
 *   ptw_sim_amdv1       AMD IOMMU host tables            AMD IOMMU specification (48882), 2.2.2 and 2.2.3
 *   ptw_sim_amdv2       AMD IOMMU guest tables           AMD IOMMU specification (48882), 2.2.6
 *
 * Registers are the words that hardware is given. Those that switch the walk off, or that hardware refuses, end it at
 * its start as PTW_SIM_RESERVED. Addresses above the physical width are reserved bits here, too. What a walk does not
 * know:
 *
 *   linear-address masking (the caller takes the tag off), HLAT, shadow-stack accesses, guest-mode execute trap,
 *   sub-page write permissions, paging-write and verify-guest-paging accesses, MTRRs; of a nested walk either stage by
 *   itself: an access to a guest's tables is a PTW_SIM_WRITE where hardware counts it as one.
 *
 * A is set in the tables above even if the walk ends in a fault; in a leaf only by an access that is granted.
 */
#ifndef PTW_SIM_X86_H
#define PTW_SIM_X86_H

#include <ptw/sim.h>

/*
 * ptw_sim_x86, ptw_sim_x86_32, and ptw_sim_npt: there CR3 is nCR3, CR4 and EFER are the host's at VMRUN and the others but
 * CPU say nothing. ptw_sim_x86_32 walks as CR4.PAE says. A PDPTE of PAE paging is read by each walk, as nested hardware
 * does; other processors load all four with CR3 and raise #GP for what is PTW_SIM_RESERVED here (seen in one source).
 * type: 4 * PAT + 2 * PCD + PWT of the leaf, an index into the PAT; of npt into the host's.
 */
enum ptw_sim_x86_register {
    PTW_SIM_X86_CR0,
    PTW_SIM_X86_CR3,
    PTW_SIM_X86_CR4,
    PTW_SIM_X86_EFER,
    PTW_SIM_X86_CPU,    /* what CPUID says, as below */
    PTW_SIM_X86_PKRU,   /* with CR4.PKE */
    PTW_SIM_X86_PKRS,   /* IA32_PKRS, with CR4.PKS */
    PTW_SIM_X86_RFLAGS, /* of interest is AC (bit 18), with CR4.SMAP */
    PTW_SIM_X86_REGISTERS
};

#define PTW_SIM_X86_MAXPHYADDR PTW_BITS(7, 0)      /* CPUID 0x80000008 EAX[7:0], less what encryption takes; 0: 52 */
#define PTW_SIM_X86_C_BIT(n) ((uint64_t)(n) << 8U) /* CPUID 0x8000001f EBX[5:0]; 0: none */
#define PTW_SIM_X86_AMD PTW_BIT(16)                /* bit 8 of entries above 1 GiB is reserved; npt: always */
#define PTW_SIM_X86_NO_1G PTW_BIT(17)              /* CPUID 0x80000001 EDX[26] is 0: no leaves of 1 GiB */
#define PTW_SIM_X86_NO_PSE36 PTW_BIT(18)           /* CPUID 1 EDX[17] is 0: 4 MiB leaves lie below 4 GiB */

/*
 * ptw_sim_ept. PTW_SIM_USER says that the guest's linear address is a user's: with MBEC such a fetch needs XU instead of
 * XS, nothing else depends on it. A misconfiguration is PTW_SIM_RESERVED, a violation PTW_SIM_ABSENT or
 * PTW_SIM_DENIED, whether or not "suppress #VE" is set. type: bits 2:0 memory type, bit 3 IPAT.
 */
enum ptw_sim_ept_register {
    PTW_SIM_EPT_EPTP,
    PTW_SIM_EPT_CAP,        /* IA32_VMX_EPT_VPID_CAP */
    PTW_SIM_EPT_SECONDARY,  /* secondary processor-based controls: bit 22 (MBEC) */
    PTW_SIM_EPT_TERTIARY,   /* tertiary processor-based controls: bit 2 (paging-write) */
    PTW_SIM_EPT_MAXPHYADDR, /* 0: 52 */
    PTW_SIM_EPT_REGISTERS
};

/*
 * ptw_sim_vtd_...: the legacy mode looks at the context entry, the others at the PASID entry. In second-stage entries
 * bit 2 is reserved and bits 6:3 are ignored, in which revisions differ. Without PTW_SIM_USER a request asks for
 * supervisor privilege; only a first stage knows the difference. There the right X comes with R; a second stage has none.
 * Whatever leads to 0xfee00000 ... 0xfeefffff is PTW_SIM_RESERVED (seen in one source). type: 0.
 */
enum ptw_sim_vtd_register {
    PTW_SIM_VTD_CONTEXT_LO,
    PTW_SIM_VTD_CONTEXT_HI,
    PTW_SIM_VTD_PASID_0, /* word 0 of the PASID entry: second stage */
    PTW_SIM_VTD_PASID_2, /* word 2: first stage */
    PTW_SIM_VTD_CAP,     /* CAP_REG */
    PTW_SIM_VTD_ECAP,    /* ECAP_REG */
    PTW_SIM_VTD_HAW,     /* host address width; 0: 52 */
    PTW_SIM_VTD_REGISTERS
};

/*
 * ptw_sim_amdv1 looks at the device table entry and EFR. There is no X and no privilege. An address in which index bits are
 * set that a table entry leaves out is PTW_SIM_ABSENT (level skipping: seen in one source). The C-bit of encrypted memory
 * is part of the addresses that it puts out and reads tables from.
 *
 * ptw_sim_amdv2 needs a GCR3 entry besides, and the PASID that it is of: with PASID 0, which is reached through DTE.GIOV,
 * inputs are unsigned. Without PTW_SIM_USER a request asks for supervisor privilege. (All of it seen in one source.)
 *
 * IR and IW of the device table entry limit both. type: 0.
 */
enum ptw_sim_amd_register {
    PTW_SIM_AMD_DTE_0,
    PTW_SIM_AMD_DTE_2, /* guest paging mode */
    PTW_SIM_AMD_GCR3,  /* an entry of the lowest GCR3 table */
    PTW_SIM_AMD_PASID,
    PTW_SIM_AMD_EFR,   /* extended feature register: HATS, GATS, NXSup */
    PTW_SIM_AMD_C_BIT, /* amdv2: number of the memory-encryption bit; 0: none */
    PTW_SIM_AMD_REGISTERS
};

extern const struct ptw_sim_walker ptw_sim_x86;
extern const struct ptw_sim_walker ptw_sim_x86_32;
extern const struct ptw_sim_walker ptw_sim_npt;
extern const struct ptw_sim_walker ptw_sim_ept;
extern const struct ptw_sim_walker ptw_sim_vtd_legacy;
extern const struct ptw_sim_walker ptw_sim_vtd_ss;
extern const struct ptw_sim_walker ptw_sim_vtd_fs;
extern const struct ptw_sim_walker ptw_sim_amdv1;
extern const struct ptw_sim_walker ptw_sim_amdv2;

#endif
