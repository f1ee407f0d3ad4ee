/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/arm64/stage1_64k.c - the engine of stage 1 with the 64 KiB granule. */
#define ARM64_GRANULE 16
#include "stage1.h"

#include "walk/ops.h"

PTW_DEFINE_OPS(s1_ops, &s1_encoder)

const struct ptw_arm64_engine ptw_arm64_s1_64k = {&s1_encoder, &s1_ops};
