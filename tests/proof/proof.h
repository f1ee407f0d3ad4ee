/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tests/proof/proof.h - the words of the proofs: any(), assume(), prove(). For CBMC; docs/proofs.md says how they are run. */
#ifndef PROOF_PROOF_H
#define PROOF_PROOF_H

#include <ptw/ptw.h>

/* Any value at all. */
uint64_t nondet_any(void);

#define any() nondet_any()
#define any_flag() ((nondet_any() & 1) != 0)

/* What follows is about the cases in which `condition` holds. */
#define assume(condition) __CPROVER_assume(condition)

/* It holds in all of them. */
#define prove(condition, claim) __CPROVER_assert(condition, claim)

/* A proof about no case at all proves nothing: this claim is false, and must turn out so. */
#define reached() __CPROVER_assert(false, "reached")

#endif
