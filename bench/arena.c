/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/arena.c - where tables live: one region, touched beforehand, in huge pages if the system has them (a kernel's
 * direct map is made of them, too). Pages are given out in order, freed ones first; when all are back, it starts again
 * at the front, so that each side finds the same memory. Content is not cleared. A second thread has an arena of its own,
 * the end of the same region, so that neither needs a lock: each frees only what it was given.
 */
#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#define ARENA_PA BENCH_1G /* no table is at 0 */
#define LINE 64U

bool bench_arena_init(struct bench_arena *a, size_t bytes)
{
    const size_t huge = BENCH_2M, freed_bytes = bytes / BENCH_PAGE * sizeof(*a->freed);
    void *p = mmap(NULL, bytes + huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return false;
    a->base = (unsigned char *)(((uintptr_t)p + huge - 1U) & ~(uintptr_t)(huge - 1U));
    a->pages = bytes / BENCH_PAGE;
    a->freed = malloc(freed_bytes);
    if (a->freed == NULL)
        return false;
    (void)madvise(a->base, bytes, MADV_HUGEPAGE);
    memset(a->base, 0xa5, bytes);
    memset(a->freed, 0xa5, freed_bytes);
    a->first = a->next = a->freed_count = a->live = 0;
    bench_arena_unmark(a);
    return true;
}

/* The last `bytes` become an arena of their own. */
void bench_arena_split(struct bench_arena *a, struct bench_arena *upper, uint64_t bytes)
{
    *upper = *a;
    a->pages -= bytes / BENCH_PAGE;
    upper->first = upper->next = a->pages;
    upper->freed += a->pages;
    bench_arena_unmark(upper);
}

void bench_arena_mark(struct bench_arena *a)
{
    a->marked_live = a->live;
    a->marked_next = a->next;
    a->freed_count = 0;
}

void bench_arena_unmark(struct bench_arena *a)
{
    a->marked_live = 0;
    a->marked_next = a->first;
}

/* A thread's own account. Of the hooks' one it then touches nothing: that line is written all the time. */
static _Thread_local struct bench_memory *mine;

void bench_arena_own(struct bench_memory *memory)
{
    mine = memory;
}

/* Roots may be larger than a page; they come from the front only and are never given out again before the end. */
static void *arena_alloc(void *ctx, size_t bytes, ptw_oa *pa)
{
    struct bench_memory *memory = PTW_UNLIKELY(mine != NULL) ? mine : ctx;
    struct bench_arena *a = memory->arena;
    uint64_t pages = (bytes + BENCH_PAGE - 1U) / BENCH_PAGE, page;

    if (pages == 1 && a->freed_count != 0) {
        page = a->freed[--a->freed_count];
    } else {
        page = (a->next + pages - 1U) & ~(pages - 1U);
        if (page + pages > a->pages)
            return NULL;
        a->next = page + pages;
    }
    a->live += pages;
    memory->pages += pages;
    *pa = ARENA_PA + page * BENCH_PAGE;
    return a->base + page * BENCH_PAGE;
}

static void arena_free(void *ctx, void *va, ptw_oa pa, size_t bytes)
{
    const uint64_t pages = (bytes + BENCH_PAGE - 1U) / BENCH_PAGE, page = (pa - ARENA_PA) / BENCH_PAGE;
    struct bench_memory *memory = PTW_UNLIKELY(mine != NULL) ? mine : ctx;
    struct bench_arena *a;

    (void)va;
    if (PTW_UNLIKELY(page >= memory->arena->pages)) /* at the end, when the second thread is gone */
        memory = memory->second;
    a = memory->arena;
    if (pages == 1)
        a->freed[a->freed_count++] = (uint32_t)page;
    memory->pages -= pages;
    a->live -= pages;
    if (a->live == a->marked_live) {
        a->next = a->marked_next;
        a->freed_count = 0;
    }
}

/* ----------------------------------------------------------------------------------- cleaning cache lines --- */

#if defined(__x86_64__)
static void line_clwb(unsigned char *line)
{
    __asm__ volatile("clwb %0" : "+m"(*line));
}

static void line_clflushopt(unsigned char *line)
{
    __asm__ volatile("clflushopt %0" : "+m"(*line));
}

static void line_clflush(unsigned char *line)
{
    __asm__ volatile("clflush %0" : "+m"(*line));
}

/* Inlined with a constant `clean_line`. */
PTW_INLINE void clean_lines(void *ctx, void *va, size_t bytes, void (*clean_line)(unsigned char *))
{
    struct bench_memory *memory = ctx;
    unsigned char *end = (unsigned char *)va + bytes;

    for (unsigned char *line = (unsigned char *)va - ((uintptr_t)va & (LINE - 1U)); line < end; line += LINE) {
        clean_line(line);
        memory->lines++;
    }
}

static void clean_clwb(void *ctx, void *va, size_t bytes)
{
    clean_lines(ctx, va, bytes, line_clwb);
}

static void clean_clflushopt(void *ctx, void *va, size_t bytes)
{
    clean_lines(ctx, va, bytes, line_clflushopt);
}

static void clean_clflush(void *ctx, void *va, size_t bytes)
{
    clean_lines(ctx, va, bytes, line_clflush);
}

/* Structured extended features, EBX: bit 23 CLFLUSHOPT, bit 24 CLWB. */
static unsigned clean_features(void)
{
    unsigned a, b, c, d;

    return __get_cpuid_count(7, 0, &a, &b, &c, &d) ? b : 0;
}

static void (*clean_hook(const char **name))(void *, void *, size_t)
{
    unsigned features = clean_features();

    if ((features & (1U << 24U)) != 0) {
        *name = "clwb";
        return clean_clwb;
    }
    if ((features & (1U << 23U)) != 0) {
        *name = "clflushopt";
        return clean_clflushopt;
    }
    *name = "clflush";
    return clean_clflush;
}
#else
static void clean_nothing(void *ctx, void *va, size_t bytes)
{
    struct bench_memory *memory = ctx;

    memory->lines += ((((uintptr_t)va & (LINE - 1U)) + bytes + LINE - 1U) / LINE);
}

static void (*clean_hook(const char **name))(void *, void *, size_t)
{
    *name = "nothing (only counted)";
    return clean_nothing;
}
#endif

const char *bench_clean_name(void)
{
    const char *name;

    (void)clean_hook(&name);
    return name;
}

void bench_arena_hooks(struct bench_memory *memory, bool incoherent, struct ptw_mem *mem)
{
    const char *name;

    *mem = (struct ptw_mem){.alloc = arena_alloc,
                            .free = arena_free,
                            .clean = incoherent ? clean_hook(&name) : NULL,
                            .ctx = memory,
                            .offset = (uintptr_t)memory->arena->base - ARENA_PA};
}
