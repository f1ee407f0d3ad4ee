/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/sim_arm64.h - simulated page walks of the Arm family: see ptw/sim.h.
 *
 *   ptw_sim_arm64_s1        stage 1 of EL1&0 and EL2&0: two ranges             Arm ARM (DDI 0487) D8.2 ... D8.7
 *   ptw_sim_arm64_el2       stage 1 of EL2 alone (E2H = 0): one range          as above
 *   ptw_sim_arm64_s2        stage 2                                            as above
 *   ptw_sim_smmuv3_s1, _s2  both, set up by an SMMUv3's STE and CD             SMMUv3 (IHI 0070) 5.2, 5.4
 *   ptw_sim_arm_lpae_s1     long descriptors of 32-bit Arm, PL1&0              DDI 0487 G5; DDI 0406 B3.6
 *   ptw_sim_arm_lpae_hyp    the same of Hyp mode
 *   ptw_sim_arm_lpae_s2     the same, stage 2
 *   ptw_sim_arm_short       short descriptors, and MediaTek's extension        DDI 0406 B3.5
 *   ptw_sim_dart_t8020, _t6000, _t8110      Apple DART                         no manual: what drivers agree on
 *
 * Stricter than hardware, which ignores much: an entry with a bit set that must be zero, or with a value that is
 * reserved, ends the walk in PTW_SIM_RESERVED, as an encoding does that the manual makes a translation fault. So do
 * registers that ask for what is illegal or not simulated (VTCR_EL2's S2PIE, HAFT and so on; TCR2_ELx is taken for 0).
 * Registers that say that there is no table (EPDn, V = 0) give PTW_SIM_ABSENT. A level is the library's: 0 is the
 * architecture's level 3.
 *
 * A group is believed: its one entry that was read stands for all. But its output address must fit its slot.
 */
#ifndef PTW_SIM_ARM64_H
#define PTW_SIM_ARM64_H

#include <ptw/sim.h>

/* ------------------------------------------------------------------------------ what the processor is --- */

/*
 * Register 0 of the 64-bit and LPAE walkers is none of the architecture's: it says what ID registers and the security
 * state would. 0 is a Non-secure processor (or SMMU) that has all features and 52 address bits.
 */
#define PTW_SIM_ARM64_CPU 0U
#define PTW_SIM_ARM64_PA_BITS UINT64_C(0x3f) /* implemented physical address bits; 0: 52 */
#define PTW_SIM_ARM64_NO_TTST PTW_BIT(8)     /* no input range below 25 bits */
#define PTW_SIM_ARM64_NO_XNX PTW_BIT(9)      /* XN of stage 2 is one bit */
#define PTW_SIM_ARM64_NO_BTI PTW_BIT(10)     /* GP is reserved */
#define PTW_SIM_ARM64_NO_XS PTW_BIT(11)      /* FnXS is reserved */
#define PTW_SIM_ARM64_BLOCK_NT PTW_BIT(12)   /* blocks with nT translate; else they fault, as the manual allows */
#define PTW_SIM_ARM64_SECURE PTW_BIT(13)     /* NS and NSTable count */
#define PTW_SIM_ARM64_REALM PTW_BIT(14)      /* NS of stage 2 counts (that of Realm EL2 does not) */

/* ---------------------------------------------------------------------------------------- VMSAv8-64 --- */

/*
 * Registers of arm64-s1 and arm64-el2 (which has no TTBR1). TCR is TCR_EL1's form, for EL2 alone TCR_EL2's with
 * E2H = 0. Of SCTLR_ELx: WXN and EE.
 *
 * HA sets AF, also for an access that is then denied. With HD a permitted store to a leaf with DBM clears AP[2].
 * Rights: R and W, UR and UW; X and UX are what may be fetched after all rules: neither WXN nor EL0's W is left to be
 * looked at. Of EL2 alone PTW_SIM_R, _W, _X; PTW_SIM_USER says nothing there.
 *
 * type: PTW_SIM_ARM64_ATTR is the byte of MAIR, PTW_SIM_ARM64_SH the shareability: 0 none, 2 outer, 3 inner (device and
 * Normal-NC memory is outer shareable whatever the entry says: seen in one source); with SECURE PTW_SIM_ARM64_TYPE_NS;
 * PTW_SIM_ARM64_TYPE_GP.
 */
enum ptw_sim_arm64_s1_register {
    PTW_SIM_ARM64_TTBR0 = 1,
    PTW_SIM_ARM64_TTBR1,
    PTW_SIM_ARM64_TCR,
    PTW_SIM_ARM64_MAIR,
    PTW_SIM_ARM64_SCTLR
};

#define PTW_SIM_ARM64_ATTR UINT64_C(0xff)
#define PTW_SIM_ARM64_SH_SHIFT 8U
#define PTW_SIM_ARM64_SH (UINT64_C(3) << PTW_SIM_ARM64_SH_SHIFT)
#define PTW_SIM_ARM64_TYPE_NS PTW_BIT(10)   /* the output address is Non-secure */
#define PTW_SIM_ARM64_TYPE_GP PTW_BIT(11)   /* a guarded page */
#define PTW_SIM_ARM64_TYPE_FNXS PTW_BIT(12) /* stage 2 clears XS */

/* Positions that the format page has not; general knowledge of the architecture. */
#define PTW_SIM_ARM64_SCTLR_WXN PTW_BIT(19)
#define PTW_SIM_ARM64_SCTLR_EE PTW_BIT(25)

extern const struct ptw_sim_walker ptw_sim_arm64_s1;
extern const struct ptw_sim_walker ptw_sim_arm64_el2;

/*
 * Registers of arm64-s2. Of HCR_EL2: FWB. Of SCTLR_EL2: EE. HCR_EL2.PTW is the caller's: it knows which accesses are
 * stage-1 walks (they are reads here, and writes where they set AF or D).
 *
 * HA and HD as in stage 1, but that HD sets S2AP[1]. Rights: R and UR, W and UW go together; X and UX are apart with
 * FEAT_XNX. type: PTW_SIM_ARM64_ATTR is MemAttr[3:0]; shareability, NS (Realm) and FnXS as above.
 */
enum ptw_sim_arm64_s2_register {
    PTW_SIM_ARM64_VTTBR = 1,
    PTW_SIM_ARM64_VTCR,
    PTW_SIM_ARM64_HCR,
    PTW_SIM_ARM64_S2_SCTLR
};

#define PTW_SIM_ARM64_HCR_FWB PTW_BIT(46) /* general knowledge, too */

extern const struct ptw_sim_walker ptw_sim_arm64_s2;

/*
 * Registers of smmuv3-s1: doublewords 0 and 1 of the STE, 0 ... 3 of the CD; of smmuv3-s2: 0 ... 3 of the STE. One
 * stage alone is walked: where both are on, the addresses of stage 1 and of its tables are taken for physical ones.
 * CD.PAN is obeyed; CD.UWXN and NSCFG are not. Rights and type as above.
 */
enum ptw_sim_smmuv3_register { PTW_SIM_SMMUV3_STE = 1, PTW_SIM_SMMUV3_CD = 3 };

extern const struct ptw_sim_walker ptw_sim_smmuv3_s1;
extern const struct ptw_sim_walker ptw_sim_smmuv3_s2;

/* ---------------------------------------------------------------------------------------- VMSAv8-32 --- */

/*
 * Long descriptors. Registers of arm-lpae-s1, and of arm-lpae-hyp, which has HTTBR, HTCR and so on at the same places.
 * TTBCR.EAE must be 1. MAIR is MAIR1:MAIR0. Of SCTLR: WXN, UWXN, EE.
 * Hardware sets no AF and no D. A fetch needs the right to read. type as arm64-s1 and arm64-s2.
 */
enum ptw_sim_arm_lpae_register {
    PTW_SIM_ARM_TTBR0 = 1,
    PTW_SIM_ARM_TTBR1,
    PTW_SIM_ARM_TTBCR,
    PTW_SIM_ARM_MAIR,
    PTW_SIM_ARM_SCTLR
};

#define PTW_SIM_ARM_TTBCR_EAE PTW_BIT(31)
#define PTW_SIM_ARM_SCTLR_UWXN PTW_BIT(20) /* general knowledge */

extern const struct ptw_sim_walker ptw_sim_arm_lpae_s1;
extern const struct ptw_sim_walker ptw_sim_arm_lpae_hyp;

/* Registers of arm-lpae-s2; of HSCTLR: EE. */
enum ptw_sim_arm_lpae_s2_register { PTW_SIM_ARM_VTTBR = 1, PTW_SIM_ARM_VTCR, PTW_SIM_ARM_S2_SCTLR };

extern const struct ptw_sim_walker ptw_sim_arm_lpae_s2;

/*
 * Short descriptors. TTBCR.EAE must be 0; N, PD0 and PD1 are obeyed. Of SCTLR: AFE, HA, WXN, UWXN, TRE, EE. DACR: two
 * bits for each domain; 0x55555555 for hardware that has none. What is said of TTBCR, SCTLR and DACR beyond AFE and
 * TRE is general knowledge of the architecture.
 *
 * Rights: a fetch needs the right to read. Only SCTLR.HA with AFE sets AF; no D.
 * type: PTW_SIM_ARM_SHORT_MEM is TEX[2:0]:C:B; with TRE only TEX[0]:C:B, the index into PRRR and NMRR;
 * PTW_SIM_ARM_SHORT_S; PTW_SIM_ARM64_TYPE_NS.
 */
enum ptw_sim_arm_short_register {
    PTW_SIM_ARM_SHORT_TTBR0,
    PTW_SIM_ARM_SHORT_TTBR1,
    PTW_SIM_ARM_SHORT_TTBCR,
    PTW_SIM_ARM_SHORT_SCTLR,
    PTW_SIM_ARM_SHORT_DACR,
    PTW_SIM_ARM_SHORT_CPU /* none of the architecture's */
};

#define PTW_SIM_ARM_SCTLR_HA PTW_BIT(17)
#define PTW_SIM_ARM_SCTLR_TRE PTW_BIT(28)
#define PTW_SIM_ARM_SCTLR_AFE PTW_BIT(29)

/*
 * PTW_SIM_ARM_SHORT_CPU: 0 is a processor with PXN. With MTK (the number of input bits, 32 ... 34) it is MediaTek's
 * IOMMU: bits 9, 4 and 5 of an entry are output bits 32, 33 and 34; everything may be read and written and nothing
 * fetched; of the registers only TTBR0 counts, and of that bits 31:14 (the extension seen in one source, TTBR0 in
 * none).
 */
#define PTW_SIM_ARM_SHORT_MTK UINT64_C(0x3f)
#define PTW_SIM_ARM_SHORT_NO_PXN PTW_BIT(8)

#define PTW_SIM_ARM_SHORT_MEM UINT64_C(0x1f)
#define PTW_SIM_ARM_SHORT_S PTW_BIT(8)

extern const struct ptw_sim_walker ptw_sim_arm_short;

/* --------------------------------------------------------------------------------------------- DART --- */

/*
 * Registers: as many TTBRs as the generation has (t8110: one), TCR; then PAGE, log2 of the page size of t8020 (12 or
 * 14; 0: 14), which is a constant of each DART, and PARAMS3 of t8110: widths of input and output; 0: what the levels
 * reach, and 42.
 *
 * Rights: R and W; a fetch is a read. No A, no D. type: 1 if the entry says not cached (t6000, t8110), else 0. An entry
 * whose subpage range is in use and is not the whole page is PTW_SIM_RESERVED: nobody says what its units are.
 */
enum ptw_sim_dart_register {
    PTW_SIM_DART_TTBR, /* ... + 3 */
    PTW_SIM_DART_TCR = 4,
    PTW_SIM_DART_PAGE,
    PTW_SIM_DART_PARAMS3
};

extern const struct ptw_sim_walker ptw_sim_dart_t8020;
extern const struct ptw_sim_walker ptw_sim_dart_t6000;
extern const struct ptw_sim_walker ptw_sim_dart_t8110;

#endif
