/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/riscv/hardware.h - what registers (hardware.c) and the IOMMU's structures (iommu.c) share: MODE, PPN, and how both
 * say why they refuse words.
 */
#ifndef ARCH_RISCV_HARDWARE_H
#define ARCH_RISCV_HARDWARE_H

#include <ptw/riscv.h>

#define PAGE_SHIFT 12U
#define PPN64 PTW_BITS(43, 0)
#define GSTAGE_ROOT_MASK UINT64_C(3) /* PPN[1:0] of a root of 16 KiB */

/* MODE in words of 64 bits. In those of 32 bits it is one bit; the IOMMU has 8 for Sv32, too. */
#define MODE64_SHIFT 60U
#define MODE_FIRST 8U
#define ASID64_SHIFT 44U /* of an iohgatp: GSCID */

/* The formats of 64-bit words by MODE, from MODE_FIRST on. */
static const struct ptw_format *const first_stage[] = {&ptw_riscv_sv39, &ptw_riscv_sv48, &ptw_riscv_sv57};
static const struct ptw_format *const second_stage[] = {&ptw_riscv_sv39x4, &ptw_riscv_sv48x4, &ptw_riscv_sv57x4};
#define MODES 3U

static inline ptw_status refuse(const char **why, const char *clause)
{
    if (why != NULL)
        *why = clause;
    return PTW_INVAL;
}

static inline ptw_status none(const char **why, const char *clause)
{
    (void)refuse(why, clause);
    return PTW_NOENT;
}

static inline struct ptw_root root_of(const struct ptw_format *format, uint64_t ppn)
{
    return (struct ptw_root){.format = format, .config = format->defaults, .pa = ppn << PAGE_SHIFT};
}

/* The MODE of a format in a 64-bit word, or 0. */
static inline uint64_t mode_of(const struct ptw_format *const formats[MODES], const struct ptw_table *t)
{
    for (uint64_t i = 0; i < MODES; i++)
        if (t->format == formats[i])
            return MODE_FIRST + i;
    return 0;
}

/* The format of a 64-bit word's MODE, or NULL. */
static inline const struct ptw_format *format_of(const struct ptw_format *const formats[MODES], uint64_t word)
{
    const uint64_t mode = word >> MODE64_SHIFT;

    return mode >= MODE_FIRST && mode < MODE_FIRST + MODES ? formats[mode - MODE_FIRST] : NULL;
}

/* The root's page number, if a field of the width of `mask` holds it. */
static inline bool ppn_of(ptw_oa pa, uint64_t mask, uint64_t *ppn)
{
    *ppn = pa >> PAGE_SHIFT;
    return (*ppn & ~mask) == 0 && (pa & PTW_BITS(PAGE_SHIFT - 1, 0)) == 0;
}

#endif
