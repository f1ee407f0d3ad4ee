/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Live migration by write protection: a guest of 64 MiB on EPT, mapped with 2 MiB leaves. A round takes the right to
 * write from everything; the guest's first write to a page faults, and the handler gives the right back to that page
 * alone, cutting the leaf. The next round's report is the list of pages to send again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <ptw/ptw.h>
#include <ptw/x86.h>

#define PAGE UINT64_C(0x1000)
#define GUEST_BYTES (UINT64_C(64) << 20U)
#define GUEST_PAGES (GUEST_BYTES / PAGE)
#define GUEST_RAM UINT64_C(0x100000000) /* where the guest's memory is in the host */
#define GUEST_RIGHTS (PTW_R | PTW_W | PTW_X | PTW_MT_WB)

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

/* What a hypervisor does here is INVEPT, and waiting for every processor. */
static void invalidate(void *ctx, const struct ptw_inval *inval)
{
    (void)inval;
    ++*(unsigned *)ctx;
}

/* The guest writes: what hardware would do, and what the hypervisor's fault handler does then. */
static bool guest_write(struct ptw_table *t, ptw_addr gpa, struct ptw_gather *g)
{
    struct ptw_leaf leaf;
    if (ptw_translate(t, gpa, &leaf) != PTW_OK)
        return false;
    if ((ptw_leaf_attr(t, &leaf) & PTW_W) != 0)
        return true;
    return ptw_protect(t, gpa & ~(PAGE - 1), PAGE, PTW_W, 0, 0, g).status == PTW_OK;
}

/* One round: reports into `words`, starts the next. The pages may be copied when this returns, not before. */
static uint64_t round_of_dirty(struct ptw_table *t, uint64_t *words, struct ptw_gather *g)
{
    struct ptw_bitmap bitmap = {.words = words, .bits = GUEST_PAGES, .base = 0, .shift = 12};
    if (ptw_dirty(t, 0, GUEST_BYTES, PTW_WRITE_PROTECT | PTW_CLEAR, &bitmap, g).status != PTW_OK)
        return 0;
    ptw_gather_sync(g);
    return bitmap.found;
}

int main(void)
{
    static const ptw_addr writes[] = {0x1234, 0x1238, 0x200000, 0x3fff000, 0x2345678};
    static uint64_t first[GUEST_PAGES / 64], second[GUEST_PAGES / 64];
    unsigned invalidations = 0;
    const struct ptw_mem mem = {.alloc = table_alloc, .free = table_free};
    const struct ptw_hw hw = {.invalidate = invalidate, .ctx = &invalidations};
    struct ptw_table t;
    struct ptw_gather g;

    if (ptw_init(&t, &ptw_ept, NULL, &mem, &hw) != PTW_OK)
        return EXIT_FAILURE;
    ptw_gather_init(&g, &t);
    bool good = ptw_map(&t, 0, GUEST_RAM, GUEST_BYTES, GUEST_RIGHTS, 0, &g).status == PTW_OK;

    good = good && round_of_dirty(&t, first, &g) == GUEST_PAGES; /* all of it is writable: all of it is sent */
    for (size_t i = 0; good && i < sizeof(writes) / sizeof(writes[0]); i++)
        good = guest_write(&t, writes[i], &g);
    const uint64_t dirty = round_of_dirty(&t, second, &g);

    printf("%" PRIu64 " pages dirty after 5 writes, %u invalidations:", dirty, invalidations);
    for (uint64_t page = 0; page < GUEST_PAGES; page++)
        if ((second[page / 64] >> (page % 64) & 1U) != 0)
            printf(" 0x%" PRIx64, page * PAGE);
    printf("\n");

    ptw_destroy(&t);
    return good && dirty == 4 ? EXIT_SUCCESS : EXIT_FAILURE;
}
