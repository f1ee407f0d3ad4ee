/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/runtime.c - the engine once more, over the encoder that the table names at run time: for formats that are
 * plugged in without being compiled in (geometries without ops). Correct for every encoder, several times slower. */
#include "walk/runtime.h"

#include "walk/ops.h"

PTW_DEFINE_OPS(runtime_ops, t->geo.encoder)

const struct ptw_ops *ptw_runtime_ops(void)
{
    return &runtime_ops;
}
