/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/lpae.c - long descriptors of VMSAv8-32 as formats: narrow configurations of the 4K engines of VMSAv8-64.
 * Arm ARM (DDI 0487), G5.
 */
#include "granules.h"

static const struct ptw_option lpae_s1_options[] = {
    {"el2", PTW_OPT_ARM64_EL2, "Hyp mode: one range, no user"},
    {"groups", PTW_OPT_GROUPS, "aligned neighbours become groups (the contiguous hint)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static const struct ptw_option lpae_s2_options[] = {
    {"groups", PTW_OPT_GROUPS, "aligned neighbours become groups (the contiguous hint)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

#define LPAE_OA 40U

/* What both stages have less than VMSAv8-64. */
static bool lpae_narrow(struct ptw_config *c, unsigned ia_max, const char **why)
{
    if (c->granule != 0 && c->granule != 4096)
        *why = "granule: 4K is the only one";
    else if (c->ia > ia_max)
        *why = "ia: 25 ... 32 bits, ipa: 25 ... 40 bits";
    else if (c->oa > LPAE_OA)
        *why = "oa: 32 ... 40 bits";
    else {
        c->options |= ARM64_OPT_LPAE;
        return true;
    }
    return false;
}

static ptw_status lpae_s1_configure(const struct ptw_config *config, struct ptw_geometry *g, const char **why)
{
    struct ptw_config c = *config;

    return lpae_narrow(&c, 32, why) ? ptw_arm64_s1_configure(&c, g, why) : PTW_INVAL;
}

static ptw_status lpae_s2_configure(const struct ptw_config *config, struct ptw_geometry *g, const char **why)
{
    struct ptw_config c = *config;

    return lpae_narrow(&c, LPAE_OA, why) ? ptw_arm64_s2_configure(&c, g, why) : PTW_INVAL;
}

const struct ptw_format ptw_arm_lpae_s1 = {
    .name = "arm-lpae-s1",
    .summary = "VMSAv8-32 long descriptors (LPAE), stage 1; Arm ARM DDI 0487, G5",
    .defaults = {.ia = 32, .oa = LPAE_OA},
    .levels_min = 2,
    .levels_max = 3,
    .options = lpae_s1_options,
    .fields = ptw_arm64_s1_fields,
    .configure = lpae_s1_configure,
};

const struct ptw_format ptw_arm_lpae_s2 = {
    .name = "arm-lpae-s2",
    .summary = "VMSAv8-32 long descriptors (LPAE), stage 2; Arm ARM DDI 0487, G5",
    .defaults = {.ia = 40, .oa = LPAE_OA},
    .levels_min = 2,
    .levels_max = 3,
    .options = lpae_s2_options,
    .fields = ptw_arm64_s2_fields,
    .configure = lpae_s2_configure,
};
