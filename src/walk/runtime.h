/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/runtime.h - the engine for encoders that are known at run time only. */
#ifndef WALK_RUNTIME_H
#define WALK_RUNTIME_H

#include <ptw/ptw.h>

const struct ptw_ops *ptw_runtime_ops(void);

#endif
