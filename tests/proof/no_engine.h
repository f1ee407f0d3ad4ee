/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tests/proof/no_engine.h - read before a format's source: it is compiled without its engine, which proofs of encoders do
 * not look at, in place of walk/ops.h. */
#define WALK_OPS_H

#include <ptw/ptw.h>

#define PTW_DEFINE_OPS(name, encoder) static const struct ptw_ops name;
