/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/x86/x86_cet.c - the engine for x86-64 tables of processors with shadow stacks. */
#define X86_CET 1
#include "x86_64.h"

#include "walk/ops.h"

PTW_DEFINE_OPS(x86_ops, &x86_encoder)

void ptw_x86_cet_engine(struct ptw_shape *shape)
{
    shape->encoder = &x86_encoder;
    shape->ops = &x86_ops;
}
