/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* bench/floor_x86_64.c - the floors of x86-64 paging, 4 levels. */
#include "floor.h"

#include <ptw/x86.h>

static const struct floor_format F = {
    .levels = 4,
    .root_bits = 9,
    .ia_bits = 48,
    .oa_bits = 52,
    .bias = PTW_BIT(47), /* canonical addresses */
    .table = 0x27,       /* P, RW, US, A */
    .table_mask = 0x81,
    .table_value = 1,
    .leaf_mask = 1,
    .leaf_value = 1,
    .large_mask = 0x81,
    .large_value = 0x81,
    .address = PTW_BITS(51, 12),
    .dirty = PTW_BIT(6),
    .writable = PTW_BIT(1),
    .soft_bits = 7,
    .soft_shift = 36,
};

#include "floor_bulk.h"

const struct floor floor_x86_64 = {
    .format = &ptw_x86_64,
    .ops = FLOOR_OPS,
    .dirty = PTW_BIT(6),
    .trim = floor_trim,
    .sync = floor_sync,
};
