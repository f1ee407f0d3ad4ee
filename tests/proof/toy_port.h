/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tests/proof/toy_port.h - read before ptw/port.h: every access to an entry goes to the memory of tests/proof/toy_memory.h.
 * A slot's address is a number in that memory, never a pointer to follow. */
#ifndef PROOF_TOY_PORT_H
#define PROOF_TOY_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint64_t toy_load(const void *slot);
void toy_store(void *slot, uint64_t w);
uint64_t toy_exchange(void *slot, uint64_t w);
bool toy_compare_exchange(void *slot, uint64_t *expected, uint64_t w);

#define PTW_LOAD(p) toy_load(p)
#define PTW_STORE(p, v) toy_store((p), (v))
#define PTW_PUBLISH(p, v) toy_store((p), (v))
#define PTW_EXCHANGE(p, v) toy_exchange((p), (v))
#define PTW_COMPARE_EXCHANGE(p, expected, v) toy_compare_exchange((p), (uint64_t *)(void *)(expected), (v))

#define PTW_ASSERT(cond) __CPROVER_assert(cond, "PTW_ASSERT")

/* It is false, and what it guards is left out. */
#define NEVER(cond) (__CPROVER_assert(!(cond), "small tables have no eight entries"), false)

#endif
