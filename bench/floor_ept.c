/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* bench/floor_ept.c - the floors of Intel EPT, 4 levels. */
#include "floor.h"

#include <ptw/x86.h>

static const struct floor_format F = {
    .levels = 4,
    .root_bits = 9,
    .ia_bits = 48,
    .oa_bits = 52,
    .empty = PTW_BIT(63), /* suppress #VE */
    .table = 7,           /* R, W, X */
    .table_mask = 0x87,
    .table_value = 7,
    .leaf_mask = 1, /* R: the bench has no execute-only leaves */
    .leaf_value = 1,
    .large_mask = 0x81,
    .large_value = 0x81,
    .address = PTW_BITS(51, 12),
    .dirty = PTW_BIT(9),
    .readable = PTW_BIT(0),
    .writable = PTW_BIT(1),
    .soft_bits = 5,
    .soft_shift = 36,
};

#include "floor_bulk.h"

const struct floor floor_ept = {
    .format = &ptw_ept,
    .ops = FLOOR_OPS,
    .dirty = PTW_BIT(9),
    .trim = floor_trim,
    .sync = floor_sync,
};
