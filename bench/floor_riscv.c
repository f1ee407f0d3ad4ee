/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* bench/floor_riscv.c - the floors of RISC-V G-stage, Sv48x4. */
#include "floor.h"

#include <ptw/riscv.h>

static const struct floor_format F = {
    .levels = 4,
    .root_bits = 11,
    .ia_bits = 50,
    .oa_bits = 56,
    .table = 1, /* V */
    .table_mask = 0xf,
    .table_value = 1,
    .leaf_mask = 1,
    .leaf_value = 1,
    .large_mask = 3, /* V, R */
    .large_value = 3,
    .address = PTW_BITS(53, 10),
    .address_shift = 2,
    .dirty = PTW_BIT(7),
    .readable = PTW_BIT(1),
    .writable = PTW_BIT(2),
    .soft_bits = 2,
    .soft_shift = -8,
    .map_owes = PTW_OWED_MAKE,
};

#include "floor_bulk.h"

const struct floor floor_riscv_sv48x4 = {
    .format = &ptw_riscv_sv48x4,
    .ops = FLOOR_OPS,
    .dirty = PTW_BIT(7),
    .trim = floor_trim,
    .sync = floor_sync,
};
