/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/arm64/granules.c - the part of a configuration that both stages of VMSAv8-64 have: granule and widths. */
#include "granules.h"

#define KIB UINT64_C(1024)

ptw_status ptw_arm64_choose(const struct ptw_arm64_engine *const engine[3], struct ptw_config *c,
                            struct ptw_shape *shape, struct ptw_geometry *g, const char **why)
{
    const unsigned which = c->granule == 0 || c->granule == 4 * KIB ? 0 : c->granule == 16 * KIB ? 1 : 2;
    const bool large = which == 2;
    const bool lpa2 = (c->options & PTW_OPT_ARM64_LPA2) != 0;
    const bool wide = large ? c->oa > 48 : lpa2;
    unsigned ia_min = 25; /* TxSZ <= 39 */

    if (large && c->granule != 64 * KIB) {
        *why = "granule: 4K, 16K or 64K";
        return PTW_INVAL;
    }
    if (large && lpa2) {
        *why = "lpa2: not with the 64K granule, which has 52 bits without it";
        return PTW_INVAL;
    }
    shape->encoder = engine[which]->encoder;
    shape->ops = engine[which]->ops;
    shape->ia_max = large || lpa2 ? 52 : 48;
    shape->oa_max = shape->ia_max;
    shape->leaf_top = (which == 0 ? 2U : 1U) + (wide ? 1U : 0U);
    if ((c->options & PTW_OPT_ARM64_TTST) != 0)
        ia_min = shape->encoder->min_top == 0 ? (large ? 17 : 16) : ptw_level_shift(shape->encoder, 1) + 1U;
    if (c->ia < ia_min || c->ia > shape->ia_max) {
        *why = "ia: 25 ... 48 bits; up to 52 with lpa2 or the 64K granule, less than 25 with ttst";
        return PTW_INVAL;
    }
    if (wide)
        c->options |= ARM64_OPT_WIDE;
    g->attr_legal |= large || !lpa2 ? PTW_ARM64_OUTER_SHAREABLE | PTW_ARM64_NON_SHAREABLE : 0;
    return PTW_OK;
}
