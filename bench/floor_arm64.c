/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* bench/floor_arm64.c - the floors of Arm stage 2, 4 KiB granule, 40 bits: 3 levels, two root tables. */
#include "floor.h"

#include <ptw/arm64.h>

static const struct floor_format F = {
    .levels = 3,
    .root_bits = 10,
    .ia_bits = 40,
    .oa_bits = 48,
    .table = 3,
    .table_mask = 3,
    .table_value = 3,
    .leaf_mask = 3,
    .leaf_value = 3,
    .large_mask = 3,
    .large_value = 1,
    .address = PTW_BITS(47, 12),
    .dirty = PTW_BIT(7) | PTW_BIT(56), /* S2AP[1], and where it is kept without W */
    .readable = PTW_BIT(6),
    .writable = PTW_BIT(7),
    .soft_bits = 2,
    .soft_shift = 41,
};

#include "floor_bulk.h"

const struct floor floor_arm64_s2 = {
    .format = &ptw_arm64_s2,
    .ops = FLOOR_OPS,
    .dirty = PTW_BIT(7),
    .trim = floor_trim,
    .sync = floor_sync,
};
