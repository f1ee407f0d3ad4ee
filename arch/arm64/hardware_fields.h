/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/hardware_fields.h - fields that the registers of stage 1 (hardware.c) and stage 2 (hardware_s2.c) share:
 * widths, granules, how walks are done, bases. And how both say why they refuse words.
 */
#ifndef ARCH_ARM64_HARDWARE_FIELDS_H
#define ARCH_ARM64_HARDWARE_FIELDS_H

#include "hardware.h"

/* A clause for registers, and for an SMMU's structures: by enum arm64_words. */
#define BOTH(registers, structure, clause)                                                                             \
    {                                                                                                                  \
        registers ": " clause, structure ": " clause                                                                   \
    }

static const unsigned pa_bits[] = {32, 36, 40, 42, 44, 48, 52};
#define PA_WIDTHS (sizeof(pa_bits) / sizeof(pa_bits[0]))

/* The code of the next width that there is. */
static inline uint64_t ps_of(unsigned oa_bits)
{
    uint64_t ps = 0;

    while (ps < PS_52 && pa_bits[ps] < oa_bits)
        ps++;
    return ps;
}

/* log2 of granules by the code in TG0, and in TG1; 0 is reserved. */
static const unsigned tg0_granule[4] = {12, 16, 14, 0};
static const unsigned tg1_granule[4] = {0, 14, 12, 16};

static inline uint64_t tg_of(const unsigned codes[4], unsigned granule)
{
    uint64_t code = 0;

    while (codes[code] != granule)
        code++;
    return code;
}

static inline bool walks_encode(const struct ptw_arm64_walks *w, uint64_t *bits)
{
    if (w->inner > 3 || w->outer > 3 || w->shareable > 3 || w->shareable == 1)
        return false;
    *bits = (uint64_t)w->inner << 8 | (uint64_t)w->outer << 10 | (uint64_t)w->shareable << 12;
    return true;
}

/* The configuration that widths and granule make, all checked; narrow granules without `ds` put out 48 bits at most. */
static inline void widths(struct ptw_config *c, unsigned granule, unsigned tsz, uint64_t ps, bool ds)
{
    const unsigned oa_max = granule == 16 || ds ? 52 : 48;

    c->granule = UINT64_C(1) << granule;
    c->ia = 64U - tsz;
    c->oa = pa_bits[ps] < oa_max ? pa_bits[ps] : oa_max;
    c->options |= ds && granule != 16 ? PTW_OPT_ARM64_LPA2 : 0;
    c->options |= tsz > 39 ? PTW_OPT_ARM64_TTST : 0;
}

static inline bool width_is_legal(unsigned granule, unsigned tsz, bool ds)
{
    return tsz >= (granule == 16 || ds ? 12U : 16U) && tsz <= (granule == 16 ? 47U : 48U);
}

/* The address in TTBR or VTTBR, an SMMU's is whole. False if such a table cannot stand there. */
static inline bool base_of(uint64_t ttbr, enum arm64_words whose, const struct ptw_geometry *geo, ptw_oa *pa)
{
    const uint64_t bytes = UINT64_C(8) << geo->root_bits;

    if (whose == ARM64_SMMU)
        *pa = ttbr;
    else if (geo->oa_bits == 52)
        *pa = (ttbr & (PTW_BITS(47, 6) | PTW_BIT(1))) | (ttbr & PTW_BITS(5, 2)) << 46;
    else
        *pa = ttbr & PTW_BITS(47, 1);
    return (*pa & ((bytes > 64 ? bytes : 64) - 1U)) == 0 && *pa <= geo->oa_last;
}

static inline bool has(const struct ptw_table *t, uint64_t option)
{
    return (t->geo.options & option) != 0;
}

#endif
