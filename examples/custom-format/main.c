/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A format of one's own (nx1.c), plugged in twice: with an engine that is made for it at build time, and at run time.
 * Both build a table in an arena of their own, an accelerator reads and writes through it, and in the end both have
 * given the same answers and left the same bytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nx1.h"

#define PAGE UINT64_C(0x10000)
#define TABLE_BYTES 0x2000U
#define ARENA_TABLES 16U
#define ARENA_PA UINT64_C(0x80000000) /* where the device sees the arena */

#define BUFFER UINT64_C(0x10000000)    /* device address of a buffer of 128 MiB */
#define BUFFER_PA UINT64_C(0x20000000) /* and where it is in memory */
#define BUFFER_BYTES UINT64_C(0x8000000)
#define HOLE_AT (BUFFER + 3 * PAGE)

#define LOOKUPS 3U
static const ptw_addr looked_up[LOOKUPS] = {HOLE_AT - 8, HOLE_AT, BUFFER + BUFFER_BYTES - 8};

struct arena {
    _Alignas(TABLE_BYTES) unsigned char bytes[ARENA_TABLES * TABLE_BYTES];
    size_t used;
};

/* What the library and the device answered. */
struct answers {
    uint64_t statuses[4];
    ptw_oa oa[LOOKUPS];
    uint64_t leaf_bytes[LOOKUPS];
    uint64_t device_pa[2];
    uint64_t dirty;
    uint64_t bitmap[BUFFER_BYTES / PAGE / 64];
};

/* Tables are powers of two, aligned to their size; here all are 8 KiB. What is freed is not used again. */
static void *table_alloc(void *ctx, size_t bytes, ptw_oa *pa)
{
    struct arena *arena = ctx;
    void *va = arena->bytes + arena->used;

    if (bytes != TABLE_BYTES || arena->used == sizeof(arena->bytes))
        return NULL;
    *pa = ARENA_PA + arena->used;
    arena->used += bytes;
    return va;
}

static void table_free(void *ctx, void *va, ptw_oa pa, size_t bytes)
{
    (void)ctx, (void)va, (void)pa, (void)bytes;
}

/* An entry as the device reads it: little-endian. */
static uint64_t device_read(const unsigned char *slot)
{
    uint64_t entry = 0;

    for (unsigned i = 0; i < 8; i++)
        entry |= (uint64_t)slot[i] << (8 * i);
    return entry;
}

/*
 * The accelerator writes to a device address: its MMU walks the table as its manual says, without the library, and sets
 * A and D. Answers the address in memory, or 0 for a fault.
 */
static uint64_t device_write(struct arena *arena, uint64_t table, uint64_t addr)
{
    for (unsigned shift = 36; shift >= 16; shift -= 10) {
        unsigned char *slot = arena->bytes + (table - ARENA_PA) + (addr >> shift & 0x3ff) * 8;
        const uint64_t entry = device_read(slot);

        if ((entry & 3) == 3 && (entry & 8) != 0) { /* a leaf that may be written */
            *slot |= 0x60;
            return (entry & UINT64_C(0x3fffffff0000)) | (addr & ((UINT64_C(1) << shift) - 1));
        }
        if ((entry & 3) != 2)
            return 0;
        table = entry & UINT64_C(0x3fffffffe000);
    }
    return 0;
}

static void look_up(const struct ptw_table *t, unsigned n, struct answers *a)
{
    struct ptw_leaf leaf;

    if (ptw_translate(t, looked_up[n], &leaf) != PTW_OK)
        return;
    a->oa[n] = leaf.oa + (looked_up[n] - leaf.addr);
    a->leaf_bytes[n] = ptw_leaf_size(t, &leaf);
}

/* The same life of a table in any format of the NX-1. False: there is no table. */
static bool live(const struct ptw_format *format, struct arena *arena, struct answers *a)
{
    const struct ptw_mem mem = {
        .alloc = table_alloc, .free = table_free, .ctx = arena, .offset = (uintptr_t)arena->bytes - ARENA_PA};
    struct ptw_bitmap bitmap = {.words = a->bitmap, .bits = BUFFER_BYTES / PAGE, .base = BUFFER, .shift = 16};
    struct ptw_config config = format->defaults;
    struct ptw_table t;
    struct ptw_gather g;

    if (ptw_config_set(format, &config, "ad", 1) != PTW_OK || ptw_init(&t, format, &config, &mem, NULL) != PTW_OK)
        return false;
    ptw_gather_init(&g, &t);
    a->statuses[0] = ptw_map(&t, BUFFER, BUFFER_PA, BUFFER_BYTES, PTW_R | PTW_W | PTW_MT_WB, 0, &g).status;
    a->statuses[1] = ptw_unmap(&t, HOLE_AT, PAGE, 0, NULL, &g).status; /* cuts a leaf of 64 MiB */
    ptw_gather_sync(&g);
    for (unsigned n = 0; n < LOOKUPS; n++)
        look_up(&t, n, a);

    a->device_pa[0] = device_write(arena, t.root_pa, HOLE_AT + PAGE + 0x123);
    a->device_pa[1] = device_write(arena, t.root_pa, HOLE_AT);
    a->statuses[2] = ptw_dirty(&t, BUFFER, BUFFER_BYTES, PTW_CLEAR, &bitmap, &g).status;
    ptw_gather_sync(&g);
    a->dirty = bitmap.found;
    a->statuses[3] = ptw_dirty(&t, BUFFER, BUFFER_BYTES, PTW_PEEK, NULL, &g).status; /* nothing is dirty any more */
    ptw_destroy(&t);
    return true;
}

static void show(const char *name, const struct arena *arena, const struct answers *a)
{
    printf("%s\n", name);
    for (unsigned i = 0; i < LOOKUPS; i++)
        if (a->leaf_bytes[i] != 0)
            printf("  0x%08" PRIx64 " -> 0x%08" PRIx64 " in a leaf of %" PRIu64 " KiB\n", looked_up[i], a->oa[i],
                   a->leaf_bytes[i] / 1024);
        else
            printf("  0x%08" PRIx64 " -> nothing\n", looked_up[i]);
    printf("  the device wrote to 0x%08" PRIx64 "; %" PRIu64 " page is dirty; %zu tables\n", a->device_pa[0], a->dirty,
           arena->used / TABLE_BYTES);
}

int main(void)
{
    static struct arena arenas[2];
    static struct answers answers[2];

    if (!live(&nx1, &arenas[0], &answers[0]) || !live(&nx1_run_time, &arenas[1], &answers[1]))
        return EXIT_FAILURE;
    show("specialised at build time:", &arenas[0], &answers[0]);
    show("plugged in at run time:", &arenas[1], &answers[1]);

    const bool same = memcmp(&answers[0], &answers[1], sizeof(answers[0])) == 0;
    const bool image = memcmp(arenas[0].bytes, arenas[1].bytes, sizeof(arenas[0].bytes)) == 0;
    printf("same answers: %s; same memory: %s\n", same ? "yes" : "no", image ? "yes" : "no");
    return same && image && answers[0].device_pa[0] == BUFFER_PA + 4 * PAGE + 0x123 && answers[0].device_pa[1] == 0 &&
                   answers[0].dirty == 1
               ? EXIT_SUCCESS
               : EXIT_FAILURE;
}
