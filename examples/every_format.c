/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The same few calls over every format of this build: a gigabyte of memory with a device page in its middle, then what
 * became of it. Nothing here knows an architecture but through the format's own encoder.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <ptw/ptw.h>

#define GIB UINT64_C(0x40000000)
#define DEVICE (GIB / 2)

/* Tables lie at low physical addresses, because some formats can't point far: this is where the first of them is. They
 * are aligned to their size and never come back. */
static _Alignas(1U << 16U) unsigned char pool[UINT64_C(4) << 20U];

static void *table_alloc(void *ctx, size_t bytes, ptw_oa *pa)
{
    size_t *used = ctx;
    const size_t at = (*used + bytes - 1U) & ~(bytes - 1U);

    if (at + bytes > sizeof(pool))
        return NULL;
    *used = at + bytes;
    *pa = at;
    return pool + at;
}

static void table_free(void *ctx, void *va, ptw_oa pa, size_t bytes)
{
    (void)ctx;
    (void)va;
    (void)pa;
    (void)bytes;
}

/* A device's table may have no X, and not every processor's can do without it. */
static ptw_attr expressible(const struct ptw_table *t, ptw_attr attr)
{
    const ptw_attr tries[] = {attr, attr & ~PTW_X, attr | PTW_X};
    ptw_word bits;
    size_t i = 0;

    while (i < 2 && !t->geo.encoder->bits(&t->geo, tries[i], 0, 0, &bits))
        i++;
    return tries[i];
}

/* Memory on both sides, and between them the device's page, which the guest may read and write but not execute. */
static bool map_guest(struct ptw_table *t, struct ptw_gather *g)
{
    const ptw_attr memory = expressible(t, PTW_R | PTW_W | PTW_X | PTW_A | PTW_D | PTW_MT_WB);
    const ptw_attr device = expressible(t, PTW_R | PTW_W | PTW_A | PTW_D | PTW_MT_WB);
    const uint64_t page = UINT64_C(1) << t->geo.encoder->granule;
    return ptw_map(t, 0, GIB, GIB, memory, 0, g).status == PTW_OK &&
           ptw_unmap(t, DEVICE, page, 0, NULL, g).status == PTW_OK &&
           ptw_map(t, DEVICE, 3 * GIB, page, device, 0, g).status == PTW_OK;
}

static bool show(const struct ptw_format *format)
{
    size_t used = 0;
    const struct ptw_mem mem = {.alloc = table_alloc, .free = table_free, .offset = (uintptr_t)pool, .ctx = &used};
    struct ptw_table t;
    struct ptw_gather g;
    struct ptw_stats stats;
    struct ptw_run run;

    if (ptw_init(&t, format, NULL, &mem, NULL) != PTW_OK)
        return false;
    ptw_gather_init(&g, &t);
    bool good = map_guest(&t, &g);
    ptw_gather_sync(&g);
    good = good && ptw_stats(&t, &stats) == PTW_OK;
    if (good) {
        printf("%-16s %" PRIu64 " tables, %" PRIu64 " KiB; smallest leaves: %" PRIu64 ", one level up: %" PRIu64 "\n",
               format->name, stats.tables, stats.table_bytes / 1024, stats.leaves[0], stats.leaves[1]);
        for (ptw_addr a = 0; ptw_next_run(&t, a, GIB - 1, &run) == PTW_OK; a = run.addr + run.size)
            printf("    0x%09" PRIx64 " -> 0x%09" PRIx64 "  0x%09" PRIx64 " bytes %c%c%c\n", run.addr, run.oa, run.size,
                   (run.attr & PTW_R) != 0 ? 'r' : '-', (run.attr & PTW_W) != 0 ? 'w' : '-',
                   (run.attr & PTW_X) != 0 ? 'x' : '-');
    }
    ptw_destroy(&t);
    return good;
}

int main(void)
{
    bool good = true;
    for (size_t i = 0; ptw_formats[i] != NULL; i++)
        good = show(ptw_formats[i]) && good;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
