/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/granules.h - the formats of VMSAv8-64 and VMSAv8-32 long descriptors are configurations of six engines:
 * two stages, three granules. What their configure() functions share.
 */
#ifndef ARCH_ARM64_GRANULES_H
#define ARCH_ARM64_GRANULES_H

#include <ptw/arm64.h>

#include "walk/configure.h"

/* What configure() tells an encoder beside the user's options. */
#define ARM64_OPT_WIDE PTW_OPT_OWN(32) /* output addresses above 48 bits: LPA2, or LPA with the 64K granule */
#define ARM64_OPT_LPAE PTW_OPT_OWN(33) /* VMSAv8-32 long descriptors */

struct ptw_arm64_engine {
    const struct ptw_encoder *encoder;
    const struct ptw_ops *ops;
};

extern const struct ptw_arm64_engine ptw_arm64_s1_4k, ptw_arm64_s1_16k, ptw_arm64_s1_64k;
extern const struct ptw_arm64_engine ptw_arm64_s2_4k, ptw_arm64_s2_16k, ptw_arm64_s2_64k;

extern const struct ptw_field ptw_arm64_s1_fields[], ptw_arm64_s2_fields[];

/*
 * Chooses the engine by the granule (`engine`: of 4K, 16K, 64K) and checks what both stages limit alike: granule, lpa2,
 * input width. Fills the shape but its root, the option ARM64_OPT_WIDE, and the shareability of g->attr_legal.
 */
ptw_status ptw_arm64_choose(const struct ptw_arm64_engine *const engine[3], struct ptw_config *c,
                            struct ptw_shape *shape, struct ptw_geometry *g, const char **why);

/* The configure() of either stage, for all of its formats. */
ptw_status ptw_arm64_s1_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why);
ptw_status ptw_arm64_s2_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why);

#endif
