/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/hardware.h - what registers (hardware.c, hardware_s2.c) and an SMMUv3's structures (smmuv3.c) share. The
 * SMMU's fields are those of TCR_EL1 and VTCR_EL2, moved: all checks are made on these two.
 */
#ifndef ARCH_ARM64_HARDWARE_H
#define ARCH_ARM64_HARDWARE_H

#include <ptw/arm64.h>

/* Whose words are spoken of in *why. */
enum arm64_words { ARM64_REGISTERS, ARM64_SMMU };

/* TCR_EL1, the half of TTBR0; that of TTBR1 is the same 16 bits higher, but for the code of the granule. Seen in one
 * source: A1, AS, IRGN, ORGN. */
#define TCR_TSZ PTW_BITS(5, 0)
#define TCR_A1 PTW_BIT(22)
#define TCR_EPD PTW_BIT(7)
#define TCR_WALKS PTW_BITS(13, 8) /* IRGN, ORGN, SH */
#define TCR_TG_SHIFT 14U
#define TCR_HALF 16U
#define TCR_IPS_SHIFT 32U
#define TCR_AS PTW_BIT(36)
#define TCR_HA PTW_BIT(39)
#define TCR_HD PTW_BIT(40)
#define TCR_DS PTW_BIT(59)

/* TCR_EL2 with one range, VTCR_EL2. */
#define TCR_EL2_PS_SHIFT 16U
#define TCR_EL2_HA PTW_BIT(21)
#define TCR_EL2_HD PTW_BIT(22)
#define TCR_EL2_DS PTW_BIT(32)
#define TCR_EL2_RES1 (PTW_BIT(23) | PTW_BIT(31))
#define VTCR_SL0_SHIFT 6U
#define VTCR_VS PTW_BIT(19)
#define VTCR_NSA PTW_BIT(30)
#define VTCR_RES1 PTW_BIT(31)
#define VTCR_SL2 PTW_BIT(33)
#define VTCR_OTHER_FORMATS (PTW_BIT(34) | PTW_BITS(38, 36)) /* AssuredOnly (seen in one source), S2PIE, S2POE, D128 */

#define PS_52 6U

/* Says why; `why` may be NULL. */
static inline ptw_status arm64_refuse(const char **why, ptw_status status, const char *clause)
{
    if (why != NULL)
        *why = clause;
    return status;
}

/* TTBR's address field: with 52 output bits, 51:48 stand at 5:2. */
static inline uint64_t arm64_base(ptw_oa pa, uint64_t ps)
{
    return ps == PS_52 ? (pa & PTW_BITS(47, 6)) | pa >> 48 << 2 : pa;
}

/* What all tables of a regime say: TCR_EL1, and MAIR; the bases are the tables' own. */
ptw_status ptw_arm64_regime(const struct ptw_table *lower, const struct ptw_table *upper,
                            const struct ptw_arm64_walks *walks, uint64_t *tcr, uint64_t *mair);

/* The table of TTBR0 or TTBR1 under a TCR_EL1; an SMMU's `regs` have whole addresses as bases. */
ptw_status ptw_arm64_regime_root(const struct ptw_arm64_registers *regs, bool one_range, bool upper,
                                 enum arm64_words whose, struct ptw_root *root, const char **why);

/* VTCR_EL2, but for VS. */
ptw_status ptw_arm64_s2_control(const struct ptw_table *t, const struct ptw_arm64_walks *walks, uint64_t *vtcr);

ptw_status ptw_arm64_s2_control_root(const struct ptw_arm64_s2_registers *regs, enum arm64_words whose,
                                     struct ptw_root *root, const char **why);

#endif
