/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* bench/floor_vtd_ss.c - the floors of the second stage of Intel VT-d, 4 levels. */
#include "floor.h"

#include <ptw/x86.h>

static const struct floor_format F = {
    .levels = 4,
    .root_bits = 9,
    .ia_bits = 48,
    .oa_bits = 52,
    .table = 3, /* R, W */
    .table_mask = 0x83,
    .table_value = 3,
    .leaf_mask = 1, /* R: the bench has no write-only leaves */
    .leaf_value = 1,
    .large_mask = 0x81,
    .large_value = 0x81,
    .address = PTW_BITS(51, 12),
    .dirty = PTW_BIT(9),
    .readable = PTW_BIT(0),
    .writable = PTW_BIT(1),
    .soft_bits = 10,
    .soft_shift = 36,
};

#include "floor_bulk.h"

const struct floor floor_vtd_ss = {
    .format = &ptw_vtd_ss,
    .ops = FLOOR_OPS,
    .dirty = PTW_BIT(9),
    .trim = floor_trim,
    .sync = floor_sync,
};
