/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/arm64/stage2_16k.c - the engine of stage 2 with the 16 KiB granule. */
#define ARM64_GRANULE 14
#include "stage2.h"

#include "walk/ops.h"

PTW_DEFINE_OPS(s2_ops, &s2_encoder)

const struct ptw_arm64_engine ptw_arm64_s2_16k = {&s2_encoder, &s2_ops};
