/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/arm64/hardware_arm.c - TTBR0 of short descriptors, TTBR and TCR of Apple's DART (ptw/arm.h). */
#include <ptw/arm.h>

#include "hardware.h"

/* TTBR0, Arm ARM (DDI 0406), B4.1.154. The inner cacheability is in two pieces. Seen in one source. */
#define V7S_BASE PTW_BITS(31, 14)
#define V7S_S PTW_BIT(1)
#define V7S_NOS PTW_BIT(5)
#define V7S_OUTER_SHIFT 3U
#define V7S_INNER_HIGH PTW_BIT(0)
#define V7S_INNER_LOW PTW_BIT(6)
#define V7S_TTBCR_EAE PTW_BIT(31)
#define V7S_TTBCR_N PTW_BITS(2, 0)

ptw_status ptw_arm_v7s_ttbr0(const struct ptw_table *t, const struct ptw_arm_v7s_walks *walks, uint32_t *ttbr0)
{
    if (t->format != &ptw_arm_v7s || (t->geo.options & PTW_OPT_ARM_V7S_MTK) != 0)
        return PTW_UNSUPPORTED;
    if (walks->inner > 3 || walks->outer > 3)
        return PTW_INVAL;
    if ((t->root_pa & ~V7S_BASE) != 0)
        return PTW_RANGE;
    *ttbr0 = (uint32_t)(t->root_pa | (walks->shareable ? V7S_S : 0) | (walks->not_outer_shareable ? V7S_NOS : 0) |
                        (uint64_t)walks->outer << V7S_OUTER_SHIFT | ((walks->inner & 1) != 0 ? V7S_INNER_LOW : 0) |
                        ((walks->inner & 2) != 0 ? V7S_INNER_HIGH : 0));
    return PTW_OK;
}

static void root_of(const struct ptw_format *format, ptw_oa pa, struct ptw_root *root)
{
    root->format = format;
    root->config = format->defaults;
    root->pa = pa;
}

ptw_status ptw_arm_v7s_root(uint32_t ttbr0, uint32_t ttbcr, struct ptw_root *root, const char **why)
{
    if ((ttbcr & V7S_TTBCR_EAE) != 0)
        return arm64_refuse(why, PTW_UNSUPPORTED, "TTBCR: EAE is 1, the tables have long descriptors");
    if ((ttbcr & V7S_TTBCR_N) != 0)
        return arm64_refuse(why, PTW_UNSUPPORTED, "TTBCR: N is not 0, TTBR0 has a part of the addresses");
    if ((ttbr0 & PTW_BITS(13, 7)) != 0)
        return arm64_refuse(why, PTW_INVAL, "TTBR0: the root must be aligned to 16 KiB");
    root_of(&ptw_arm_v7s, ttbr0 & V7S_BASE, root);
    return PTW_OK;
}

/* DART: no manual; several TTBRs of a stream are seen in one source. T8020 and T6000 have the address from bit 12 at
 * bit 0, T8110 from bit 14 at bit 2. */
#define DART_TTBR_VALID PTW_BIT(31)
#define DART_TTBR_BASE PTW_BITS(30, 0)
#define DART_TTBR_SHIFT 12U
#define DART_TCR_TRANSLATE PTW_BIT(7)
#define DART_TCR_BYPASS PTW_BIT(8)
#define T8110_TTBR_VALID PTW_BIT(0)
#define T8110_TTBR_BASE PTW_BITS(29, 2)
#define T8110_TCR_TRANSLATE PTW_BIT(0)
#define T8110_TCR_BYPASS PTW_BIT(1)
#define T8110_TCR_FOUR_LEVEL PTW_BIT(3)

static bool is_t8110(const struct ptw_format *format)
{
    return format == &ptw_dart_t8110;
}

static bool is_dart(const struct ptw_format *format)
{
    return format == &ptw_dart_t8020 || format == &ptw_dart_t6000 || is_t8110(format);
}

ptw_status ptw_dart_ttbr(const struct ptw_table *t, unsigned n, uint32_t *ttbr)
{
    const struct ptw_geometry *geo = &t->geo;
    const unsigned bits = geo->encoder->index_bits;
    ptw_oa pa;

    if (!is_dart(t->format))
        return PTW_UNSUPPORTED;
    if (n >= UINT64_C(1) << (geo->root_bits > bits ? geo->root_bits - bits : 0))
        return PTW_INVAL;
    pa = t->root_pa + ((ptw_oa)n << geo->encoder->granule);
    if ((pa >> DART_TTBR_SHIFT & ~(is_t8110(t->format) ? T8110_TTBR_BASE : DART_TTBR_BASE)) != 0)
        return PTW_RANGE;
    *ttbr = (uint32_t)(pa >> DART_TTBR_SHIFT | (is_t8110(t->format) ? T8110_TTBR_VALID : DART_TTBR_VALID));
    return PTW_OK;
}

ptw_status ptw_dart_tcr(const struct ptw_table *t, uint32_t *tcr)
{
    if (!is_dart(t->format))
        return PTW_UNSUPPORTED;
    *tcr = (uint32_t)(!is_t8110(t->format) ? DART_TCR_TRANSLATE
                                           : T8110_TCR_TRANSLATE | (t->geo.top == 2 ? T8110_TCR_FOUR_LEVEL : 0));
    return PTW_OK;
}

ptw_status ptw_dart_root(const struct ptw_format *format, uint32_t ttbr, uint32_t tcr, struct ptw_root *root,
                         const char **why)
{
    const bool t8110 = is_t8110(format);

    if (!is_dart(format))
        return arm64_refuse(why, PTW_UNSUPPORTED, "format: none of the DARTs");
    if ((tcr & (t8110 ? T8110_TCR_TRANSLATE : DART_TCR_TRANSLATE)) == 0 ||
        (tcr & (t8110 ? T8110_TCR_BYPASS : DART_TCR_BYPASS)) != 0)
        return arm64_refuse(why, PTW_NOENT, "TCR: the stream is not translated");
    if ((ttbr & (t8110 ? T8110_TTBR_VALID : DART_TTBR_VALID)) == 0)
        return arm64_refuse(why, PTW_NOENT, "TTBR: it is not valid");
    if (t8110 && (ttbr & ~(T8110_TTBR_BASE | T8110_TTBR_VALID)) != 0)
        return arm64_refuse(why, PTW_INVAL, "TTBR: bits 31:30 and 1 are not 0");
    root_of(format, (ttbr & (t8110 ? T8110_TTBR_BASE : DART_TTBR_BASE)) << DART_TTBR_SHIFT, root);
    if (t8110 && (tcr & T8110_TCR_FOUR_LEVEL) != 0) {
        root->config.levels = 3;
        root->config.ia = 47;
    }
    return PTW_OK;
}
