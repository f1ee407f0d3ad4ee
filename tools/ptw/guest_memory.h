/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/guest_memory.h - where the tables of `ptw replay` live: one arena that is mapped once, at an offset from
 * the addresses that hardware would see. Each table is aligned to its size; what is given back waits in a list of its
 * size, filled with a pattern, so that whoever reads a freed table reads nonsense.
 */
#ifndef PTW_TOOL_GUEST_MEMORY_H
#define PTW_TOOL_GUEST_MEMORY_H

#include <ptw/ptw.h>

#define GUEST_MEMORY_SIZES 32U

struct guest_memory {
    unsigned char *mapping, *arena; /* what was mapped; the arena begins at its first multiple of 1 MiB */
    size_t mapped, capacity, used;
    ptw_oa base;     /* the arena's first byte as hardware sees it, a multiple of 1 MiB */
    uint8_t *in_use; /* for each 4 KiB of the arena: log2 of the table that begins there, or 0 */
    void *freed[GUEST_MEMORY_SIZES];

    uint64_t tables, bytes;           /* outstanding */
    uint64_t peak_tables, peak_bytes; /* the most that were outstanding at once */
    uint64_t made, returned;          /* tables handed out and taken back, over all time */
    uint64_t bad_frees;               /* tables taken back that were not out, or not of that size */
};

/* Reserves `capacity` bytes (only what is used costs memory), seen by hardware at `base`. False: no memory. */
bool guest_memory_init(struct guest_memory *m, uint64_t capacity, ptw_oa base);
void guest_memory_free(struct guest_memory *m);

/* The hooks that the library wants. */
struct ptw_mem guest_memory_hooks(struct guest_memory *m);

#endif
