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
#define DEVICE_BYTES UINT64_C(0x1000)

static void *table_alloc(void *ctx, size_t bytes, ptw_oa *pa)
{
    (void)ctx;
    void *va = aligned_alloc(bytes, bytes);
    *pa = (uintptr_t)va;
    return va;
}

static void table_free(void *ctx, void *va, ptw_oa pa, size_t bytes)
{
    (void)ctx;
    (void)pa;
    (void)bytes;
    free(va);
}

/* In some formats X is always part of the rights, in some it is no right at all: what comes nearest. */
static ptw_attr fitting(const struct ptw_table *t, ptw_attr attr)
{
    if ((t->geo.rwx_legal >> (attr & PTW_RWX) & 1) != 0)
        return attr;
    return (t->geo.rwx_legal >> ((attr | PTW_X) & PTW_RWX) & 1) != 0 ? attr | PTW_X : attr & ~PTW_X;
}

/* Memory on both sides, and between them the device's page, which the guest may read and write but not execute. */
static bool map_guest(struct ptw_table *t, struct ptw_gather *g)
{
    const ptw_attr memory = fitting(t, PTW_R | PTW_W | PTW_X | PTW_A | PTW_D | PTW_MT_WB);
    const ptw_attr device = fitting(t, PTW_R | PTW_W | PTW_A | PTW_D | PTW_MT_WB);
    return ptw_map(t, 0, GIB, GIB, memory, 0, g).status == PTW_OK &&
           ptw_unmap(t, DEVICE, DEVICE_BYTES, 0, NULL, g).status == PTW_OK &&
           ptw_map(t, DEVICE, 8 * GIB, DEVICE_BYTES, device, 0, g).status == PTW_OK;
}

static bool show(const struct ptw_format *format)
{
    const struct ptw_mem mem = {.alloc = table_alloc, .free = table_free};
    struct ptw_table t;
    struct ptw_gather g;
    struct ptw_stats stats;
    struct ptw_run run;

    if (ptw_configure(format, NULL, &t.geo, NULL) != PTW_OK)
        return false;
    if (t.geo.oa_bits < 47) { /* tables are where this process has its memory */
        printf("%-16s %u output bits are not enough here\n", format->name, t.geo.oa_bits);
        return true;
    }
    if (ptw_init(&t, format, NULL, &mem, NULL) != PTW_OK)
        return false;
    ptw_gather_init(&g, &t);
    bool good = map_guest(&t, &g);
    ptw_gather_sync(&g);
    good = good && ptw_stats(&t, &stats) == PTW_OK;
    if (good) {
        printf("%-16s %" PRIu64 " tables, %" PRIu64 " KiB; leaves of 4K: %" PRIu64 ", of 2M: %" PRIu64 "\n",
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
