/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the manuals say of the Arm formats: see laws.h. The masks are those of the tables of reserved bits. */
#include "laws.h"

#include <ptw/arm64.h>

#define ARM_DEVICE (TYPE(PTW_MT_UC) | TYPE(PTW_MT_DEV_NGNRE) | TYPE(PTW_MT_DEV_NGRE) | TYPE(PTW_MT_DEV_GRE))
#define ARM_TYPES (ARM_DEVICE | TYPE(PTW_MT_WB) | TYPE(PTW_MT_WT) | TYPE(PTW_MT_NC))
#define ARM_TYPES_FWB (ARM_DEVICE | TYPE(PTW_MT_WB) | TYPE(PTW_MT_NC) | TYPE(PTW_MT_INHERIT))

#define ARM_FLAGS (PTW_ARM64_OUTER_SHAREABLE | PTW_ARM64_NON_SHAREABLE)

#define ARM_LAW                                                                                                        \
    .format = &ptw_arm64_s2, .rwx = 0xff, .flags = ARM_FLAGS, .exclusive = ARM_FLAGS, .oa = 48,                        \
    .leaf = {ARM_RES0, ARM_RES0 | 0x1ef000, ARM_RES0 | 0x3ffef000}, .table_never = PTW_BITS(63, 48) | PTW_BITS(11, 2), \
    .hole_zero = PTW_BIT(51) | 0x4c1, .breaks = true, .always_protects = true, .present = arm_present,                 \
    .unknown = arm_unknown
#define ARM_RES0 (PTW_BIT(63) | PTW_BIT(53) | PTW_BITS(49, 48) | PTW_BIT(11))
#define ARM_NEVER (PTW_BITS(62, 59) | PTW_BIT(52))

/* 01 at the last level is a translation fault; bit 16 of a block (nT) is a hint. */
static bool arm_present(ptw_word w, unsigned level)
{
    return level == 0 ? (w & 3) == 3 : (w & 1) != 0;
}

static ptw_word arm_unknown(unsigned level)
{
    return level > 0 ? 0x10000 : 0;
}

static const struct law all[] = {
    {ARM_LAW, .keys = "", .types = ARM_TYPES, .leaf_never = ARM_NEVER | PTW_BIT(51), .always_dirty = true},
    {ARM_LAW, .keys = "ipa=48,ad=1", .types = ARM_TYPES, .leaf_never = ARM_NEVER, .sets_d = 0x80},
    {ARM_LAW, .keys = "fwb=1,ad=1", .types = ARM_TYPES_FWB, .leaf_never = ARM_NEVER | 0x20, .sets_d = 0x80},
};

static const struct limits of_others[] = {
    {&ptw_arm64_s2, 0x7800000000001003, PTW_RIGHTS},
};

int main(void)
{
    return laws_run(all, COUNT(all), of_others, COUNT(of_others));
}
