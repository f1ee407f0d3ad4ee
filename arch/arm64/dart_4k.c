/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/arm64/dart_4k.c - Apple DART's engine for 4 KiB pages; the formats are in dart.c. */
#define DART_GRANULE 12
#include "dart.h"

#include "walk/ops.h"

PTW_DEFINE_OPS(dart_4k_ops, &dart_encoder)

const struct ptw_shape ptw_dart_4k_shape = {
    .encoder = &dart_encoder, .ops = &dart_4k_ops, .root_bits = 9, .ia_max = 32, .oa_max = 36, .leaf_top = 0};
