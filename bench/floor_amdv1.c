/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* bench/floor_amdv1.c - the floors of the v1 tables of the AMD IOMMU, 4 levels. */
#include "floor.h"

#include <ptw/x86.h>

static const struct floor_format F = {
    .levels = 4,
    .root_bits = 9,
    .ia_bits = 48,
    .oa_bits = 52,
    .table = PTW_BITS(62, 61) | 1U, /* IR, IW, PR; Next Level is the level of the entry */
    .table_mask = 0xe01,
    .table_value = 1,
    .table_level = 0x200,
    .leaf_mask = 1, /* PR: the bench has no leaves of other sizes at level 0 */
    .leaf_value = 1,
    .large_mask = 0xe01,
    .large_value = 1,
    .address = PTW_BITS(51, 12),
    .dirty = PTW_BIT(6),
    .readable = PTW_BIT(61),
    .writable = PTW_BIT(62),
    .soft_bits = 4,
    .soft_shift = -15,
};

#include "floor_bulk.h"

const struct floor floor_amdv1 = {
    .format = &ptw_amdv1,
    .ops = FLOOR_OPS,
    .dirty = PTW_BIT(6),
    .trim = floor_trim,
    .sync = floor_sync,
};
