/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/arm64_hardware.h - the words that point Arm's hardware at a table, and the way back. Part of ptw/arm64.h.
 *
 *   ptw_arm64_words      a table of ptw_arm64_s1, or two      ->  TTBR0, TTBR1, TCR, MAIR      DDI 0487, D24 (registers)
 *   ptw_arm64_s2_words   a table of ptw_arm64_s2              ->  VTTBR_EL2, VTCR_EL2
 *   ptw_smmuv3_cd        as ptw_arm64_words                   ->  an SMMUv3's context descriptor        IHI 0070, 5.4
 *   ptw_smmuv3_ste       a CD table, a stage-2 table or both  ->  its stream table entry                IHI 0070, 5.2
 *   ..._root             the words                            ->  struct ptw_root, for ptw_open
 *
 * Those that make words answer PTW_OK; PTW_UNSUPPORTED for a table of another format; PTW_INVAL for a parameter that
 * does not fit its field, or for two tables that can't share a register; PTW_RANGE for a
 * root that its field does not reach. Then they have written nothing.
 *
 * Those that read words answer PTW_OK; PTW_NOENT for words that say that there is no table (EPDn, V or Config);
 * PTW_INVAL for words that the architecture forbids; PTW_UNSUPPORTED for what is legal but no format here. Then *root is
 * as it was, and *why (if why is not NULL) is one clause that names the register. Fields that say nothing of the tables
 * (ASID, cacheability) are not looked at. What no word says is 0 in root->config.options and the caller's to add before
 * ptw_open: bti; fwb, xnx, xs, realm; groups, hitless, bbm2.
 */
#ifndef PTW_ARM64_HARDWARE_H
#define PTW_ARM64_HARDWARE_H

#include <ptw/ptw.h>

/* How hardware reads and writes the tables: the values of IRGN, ORGN and SH. */
enum ptw_arm64_cacheability { PTW_ARM64_NC = 0, PTW_ARM64_WB_WA = 1, PTW_ARM64_WT = 2, PTW_ARM64_WB = 3 };
enum ptw_arm64_shareability { PTW_ARM64_SH_NON = 0, PTW_ARM64_SH_OUTER = 2, PTW_ARM64_SH_INNER = 3 };

/* The usual one, for memory that processors and walkers see coherently: {1, 1, 3}. For variables; their initialisers list the four. */
#define PTW_ARM64_COHERENT ((struct ptw_arm64_walks){PTW_ARM64_WB_WA, PTW_ARM64_WB_WA, PTW_ARM64_SH_INNER, false})

struct ptw_arm64_walks {
    unsigned inner, outer; /* enum ptw_arm64_cacheability */
    unsigned shareable;    /* enum ptw_arm64_shareability */
    bool set_af;           /* HA without HD, for a table without ad: hardware sets AF and no dirty state */
};

/* ------------------------------------------------------------------------------------------------- stage 1 --- */

struct ptw_arm64_parameters {
    struct ptw_arm64_walks walks;
    unsigned asid; /* 8 bits, with wide_asid 16; 0 in EL2 alone. In TTBR0 if there is one, else in TTBR1, with A1 */
    bool wide_asid;
    bool cnp; /* TTBRn.CnP: other processors use the same tables under this ASID */
};

/* TCR_EL1, or TCR_EL2 with HCR_EL2.E2H = 1; with el2 set TCR_EL2 with E2H = 0. MAIR_EL1 or _EL2; 0: not known. */
struct ptw_arm64_registers {
    uint64_t ttbr0, ttbr1, tcr, mair;
    bool el2;
};

/*
 * The registers of a regime. `lower` is the table of TTBR0, `upper` (option upper) that of TTBR1; either may be NULL:
 * then its walks are off (EPDn). Tables in one regime must agree in oa, ad, linux-mair, and lpa2 but for the 64K granule.
 * A table with option el2 makes the registers of EL2 alone, and `upper` must be NULL.
 *
 * From a table come base, TxSZ, TGn, IPS (the next width that there is), DS, HA and HD (both, with ad) and MAIR. Fields
 * that have to do with neither are 0: TBI, HPD, E0PD and so on are the caller's to set.
 */
ptw_status ptw_arm64_words(const struct ptw_table *lower, const struct ptw_table *upper,
                           const struct ptw_arm64_parameters *p, struct ptw_arm64_registers *regs);

/*
 * The table of TTBR0, or with `upper` of TTBR1. HPD, TBI and EPD of the other range are not looked at: with TBI the
 * caller clears or extends bits 63:56 of an address; with HPD hardware ignores the limits of tables above a leaf. ad if
 * HA and HD are set. linux-mair if MAIR says so: each byte of it that is not 0 must be one of PTW_ARM64_MAIR_LINUX (or
 * 0xff for tagged memory, byte 1), or else of PTW_ARM64_MAIR.
 */
ptw_status ptw_arm64_root(const struct ptw_arm64_registers *regs, bool upper, struct ptw_root *root, const char **why);

/* ------------------------------------------------------------------------------------------------- stage 2 --- */

struct ptw_arm64_s2_parameters {
    struct ptw_arm64_walks walks;
    unsigned vmid; /* 8 bits, with wide_vmid 16 */
    bool wide_vmid;
    bool cnp;
};

struct ptw_arm64_s2_registers {
    uint64_t vttbr, vtcr;
};

/* The registers of a guest. From the table come base, T0SZ, SL0 and SL2, TG0, PS, DS, HA and HD; with realm NSA. */
ptw_status ptw_arm64_s2_words(const struct ptw_table *t, const struct ptw_arm64_s2_parameters *p,
                              struct ptw_arm64_s2_registers *regs);
ptw_status ptw_arm64_s2_root(const struct ptw_arm64_s2_registers *regs, struct ptw_root *root, const char **why);

/* ------------------------------------------------------------------------------------------------- SMMUv3 ---- */

#define PTW_SMMUV3_WORDS                                                                                               \
    8 /* doublewords of a context descriptor and of a stream table entry, little-endian in memory */

/* Bits of a CD's doubleword 0 that are the caller's. 36 ... 40 are seen in one source. */
#define PTW_SMMUV3_CD_AFFD PTW_BIT(35)
#define PTW_SMMUV3_CD_WXN PTW_BIT(36)
#define PTW_SMMUV3_CD_UWXN PTW_BIT(37)
#define PTW_SMMUV3_CD_TBI0 PTW_BIT(38)
#define PTW_SMMUV3_CD_TBI1 PTW_BIT(39)
#define PTW_SMMUV3_CD_PAN PTW_BIT(40)
#define PTW_SMMUV3_CD_S PTW_BIT(44)    /* stall */
#define PTW_SMMUV3_CD_R PTW_BIT(45)    /* record faults */
#define PTW_SMMUV3_CD_A PTW_BIT(46)    /* abort faulting transactions */
#define PTW_SMMUV3_CD_ASET PTW_BIT(47) /* the ASID is not shared with processors */

struct ptw_smmuv3_cd_parameters {
    struct ptw_arm64_walks walks;
    unsigned asid;  /* 16 bits */
    uint64_t flags; /* PTW_SMMUV3_CD_... */
};

/* A valid CD of one or two tables, as in ptw_arm64_words(). DS, for lpa2, is seen in one source. */
ptw_status ptw_smmuv3_cd(const struct ptw_table *lower, const struct ptw_table *upper,
                         const struct ptw_smmuv3_cd_parameters *p, uint64_t cd[PTW_SMMUV3_WORDS]);

/* The table of TTB0, or with `upper` of TTB1. The STE says whether it is one of EL2 alone (STRW): `el2`. */
ptw_status ptw_smmuv3_cd_root(const uint64_t cd[PTW_SMMUV3_WORDS], bool el2, bool upper, struct ptw_root *root,
                              const char **why);

/* Stage 1 of a stream: the table of its context descriptors. */
struct ptw_smmuv3_s1 {
    ptw_oa cd_table;              /* aligned to 64 bytes, or to its size if that is larger: the caller's to see to */
    unsigned format;              /* S1Fmt: 0 linear, 1 two levels with leaves of 4K, 2 of 64K (seen in one source) */
    unsigned cd_max;              /* S1CDMax: log2 of the descriptors */
    unsigned dss;                 /* S1DSS, without a substream: 0 terminate, 1 bypass, 2 CD 0 (seen in one source) */
    struct ptw_arm64_walks walks; /* how the CDs are read */
    unsigned strw;                /* 0 NS-EL1, 2 EL2 */
    unsigned eats;                /* 0 abort ATS, 1 full, 2 split-stage */
    bool stalld;                  /* S1STALLD: no stalls */
};

/* Bits of an STE's doubleword 2 that are the caller's. */
#define PTW_SMMUV3_S2AFFD PTW_BIT(53)
#define PTW_SMMUV3_S2PTW PTW_BIT(54)
#define PTW_SMMUV3_S2S PTW_BIT(57)
#define PTW_SMMUV3_S2R PTW_BIT(58)

struct ptw_smmuv3_s2 {
    struct ptw_arm64_walks walks;
    unsigned vmid;  /* 16 bits */
    uint64_t flags; /* PTW_SMMUV3_S2... */
};

/*
 * A valid STE: stage 1 (`s1`), stage 2 (`t`, a table of ptw_arm64_s2, with `s2`) or both; the others are NULL. shcfg is
 * SHCFG: 1 uses the incoming shareability. S2FWB follows option fwb; a table with realm is PTW_UNSUPPORTED.
 */
ptw_status ptw_smmuv3_ste(const struct ptw_smmuv3_s1 *s1, const struct ptw_table *t, const struct ptw_smmuv3_s2 *s2,
                          unsigned shcfg, uint64_t ste[PTW_SMMUV3_WORDS]);

/* The stage-2 table of a stream; fwb if S2FWB is set. */
ptw_status ptw_smmuv3_s2_root(const uint64_t ste[PTW_SMMUV3_WORDS], struct ptw_root *root, const char **why);

/* Where a stream's CDs are: checks V, Config and S1Fmt. */
ptw_status ptw_smmuv3_cd_table(const uint64_t ste[PTW_SMMUV3_WORDS], ptw_oa *pa, const char **why);

#endif
