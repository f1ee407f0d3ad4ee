/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/arm64/stage2_4k.c - the engine of stage 2 with the 4 KiB granule. */
#define ARM64_GRANULE 12
#include "stage2.h"

#include "walk/ops.h"

PTW_DEFINE_OPS(s2_ops, &s2_encoder)

const struct ptw_arm64_engine ptw_arm64_s2_4k = {&s2_encoder, &s2_ops};
