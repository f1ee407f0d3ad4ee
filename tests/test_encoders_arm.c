/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What is known of Arm's short descriptors and of Apple's DART: see laws.h. */
#include "laws.h"

#include <ptw/arm.h>

#define V7S_TYPES (TYPE(PTW_MT_WB) | TYPE(PTW_MT_WT) | TYPE(PTW_MT_NC) | TYPE(PTW_MT_UC) | TYPE(PTW_MT_DEV_NGNRE))
#define V7S_FLAGS (PTW_GLOBAL | PTW_ARM_V7S_NON_SHAREABLE)

#define V7S_LAW                                                                                                        \
    .format = &ptw_arm_v7s, .types = V7S_TYPES, .hole_zero = 3, .bytes = 4, .table_bits = 10, .orders = {0x11, 0x11},  \
    .always = PTW_AD, .always_protects = true, .breaks = true

static bool v7s_is_present(ptw_word w, unsigned level)
{
    return (w & 3) != 0 && (level == 0 || (w & 3) != 3);
}

static bool v7s_is_present_with_pxn(ptw_word w, unsigned level)
{
    (void)level;
    return (w & 3) != 0;
}

/* What would be AP and XN without the extension, and a part of the domain. */
static ptw_word v7s_mtk_unused(unsigned level)
{
    return level == 0 ? 0x8001 : 0x8dc0;
}

#define DART_LAW .rwx = 0x0e, .hole_zero = 0xfff, .always = PTW_AD, .always_protects = true, .breaks = true
#define T8020_LAW(m, low)                                                                                              \
    .format = &ptw_dart_t8020, .types = TYPE(PTW_MT_WB), .oa = (m), DART_LAW, .leaf = {PTW_BITS(39, m) | (low)},       \
    .table = {0, PTW_BITS(39, m) | (low)}, .leaf_never = PTW_BITS(63, 52) | PTW_BITS(11, 9) | PTW_BITS(6, 2),          \
    .table_never = PTW_BITS(63, 40) | PTW_BITS(11, 1)
#define T6000_LAW(m)                                                                                                   \
    .types = TYPE(PTW_MT_WB) | TYPE(PTW_MT_NC), .oa = (m), .granule = 14, DART_LAW,                                    \
    .leaf = {PTW_BITS(63, 52) | PTW_BITS(39, (m)-4)}, .table = {0, PTW_BITS(39, (m)-4), PTW_BITS(39, (m)-4)},          \
    .leaf_never = PTW_BITS(9, 4), .table_never = PTW_BITS(63, 40) | PTW_BITS(9, 1)

static const struct law all[] = {
    {V7S_LAW, .keys = "", .rwx = 0xaa, .flags = V7S_FLAGS | PTW_USER, .oa = 32, .table = {0, 0x14},
     .table_never = 0x3fc, .present = v7s_is_present},
    {V7S_LAW, .keys = "groups=1,pxn=1", .rwx = 0xa00a, .flags = V7S_FLAGS | PTW_USER, .oa = 32, .table = {0, 0x10},
     .table_never = 0x3fc, .present = v7s_is_present_with_pxn},
    {V7S_LAW, .keys = "groups=1,ns=1", .rwx = 0xaa, .flags = V7S_FLAGS | PTW_USER, .oa = 32, .table = {0, 0x14},
     .table_never = 0x3f4, .present = v7s_is_present},
    {V7S_LAW, .keys = "groups=1,mtk=1", .rwx = 0x08, .flags = V7S_FLAGS, .oa = 35, .table = {0, 0x4},
     .table_never = 0x1cc, .present = v7s_is_present, .unknown = v7s_mtk_unused},
    {T8020_LAW(36, 0), .keys = "granule=4096"},
    {T8020_LAW(32, 0x3000), .keys = "oa=32", .granule = 14},
    {&ptw_dart_t6000, "", T6000_LAW(42)},
    {&ptw_dart_t8110, "levels=3,oa=36", T6000_LAW(36)},
};

static const struct limits of_others[] = {
    {&ptw_arm_v7s, 0x80000405, PTW_RIGHTS & ~PTW_X},
    {&ptw_dart_t8020, 0x80000c003, PTW_RIGHTS},
};

int main(void)
{
    return laws_run(all, COUNT(all), of_others, COUNT(of_others));
}
