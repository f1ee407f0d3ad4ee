/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/memory.c - the memory of simulated hardware: one arena behind a struct ptw_mem.
 *
 * Blocks are never split or joined: a size has its own queue of free blocks, first in, first out, so that a freed
 * table stays poisoned for as long as the arena has room. That leaves dangling pointers the least chance to look right.
 */
#include <ptw/sim.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMORY_ASAN 1
#endif
#endif
#ifdef MEMORY_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

#define DIRT 0xa5   /* in what is handed out: odd and with high bits, so that it looks present to most formats */
#define POISON 0xdf /* in what was taken back */
#define ADDRESS_LIE UINT64_C(0x5555000000000000) /* the offset that must not be used when there is a va hook */

static void *need(void *p)
{
    if (p == NULL) {
        fputs("ptw-sim: out of host memory\n", stderr);
        abort();
    }
    return p;
}

static void complain(struct ptw_sim_memory *m, const char *what)
{
    if (m->violation == NULL)
        m->violation = what;
}

static struct ptw_sim_block *block_at(const struct ptw_sim_memory *m, ptw_oa pa)
{
    /* Simulated processors look while another thread allocates. */
    if (pa < PTW_SIM_PA || pa - PTW_SIM_PA >= __atomic_load_n(&m->used, __ATOMIC_RELAXED))
        return NULL;
    uint32_t owner = m->owner[(pa - PTW_SIM_PA) / PTW_SIM_BLOCK_MIN];
    return owner == 0 ? NULL : &m->block[owner - 1];
}

/* A block that was used before, or the next piece of the arena; NULL if neither is left. */
static struct ptw_sim_block *take(struct ptw_sim_memory *m, size_t bytes)
{
    unsigned order = ptw_high_bit(bytes);
    size_t offset = (m->used + bytes - 1) & ~(bytes - 1);

    if (offset + bytes <= m->arena_bytes && m->blocks < m->blocks_max) {
        struct ptw_sim_block *b = &m->block[m->blocks++];
        *b = (struct ptw_sim_block){.offset = offset, .bytes = bytes};
        for (size_t i = offset; i < offset + bytes; i += PTW_SIM_BLOCK_MIN)
            m->owner[i / PTW_SIM_BLOCK_MIN] = m->blocks;
        __atomic_store_n(&m->used, offset + bytes, __ATOMIC_RELAXED);
        return b;
    }
    if (m->free_first[order] == 0)
        return NULL;
    struct ptw_sim_block *b = &m->block[m->free_first[order] - 1];
    m->free_first[order] = b->next;
    if (b->next == 0)
        m->free_last[order] = 0;
    return b;
}

static void *hook_alloc(void *ctx, size_t bytes, ptw_oa *pa)
{
    struct ptw_sim_memory *m = ctx;

    if (bytes < PTW_SIM_BLOCK_MIN || bytes > PTW_SIM_BLOCK_MAX || (bytes & (bytes - 1)) != 0) {
        complain(m, "a table of a size that is no power of two from 64 bytes to 1 MiB was asked for");
        return NULL;
    }
    if (m->allocating != NULL)
        m->allocating(m->observer);
    bool refuse = m->fail_after == 0 || (m->limit != 0 && m->outstanding >= m->limit);
    if (m->fail_after > 0)
        m->fail_after--;
    struct ptw_sim_block *b = refuse ? NULL : take(m, bytes);
    if (b == NULL) {
        m->failures++;
        return NULL;
    }
    b->live = true;
    b->next = 0;
    m->allocs++;
    m->outstanding++;
    m->outstanding_bytes += bytes;
    ASAN_UNPOISON_MEMORY_REGION(m->arena + b->offset, bytes);
    memset(m->arena + b->offset, (m->options & PTW_SIM_ZEROED) != 0 ? 0 : DIRT, bytes);
    if (m->behind != NULL)
        memset(m->behind + b->offset, POISON, bytes);
    *pa = PTW_SIM_PA + b->offset;
    return m->arena + b->offset;
}

static void hook_free(void *ctx, void *va, ptw_oa pa, size_t bytes)
{
    struct ptw_sim_memory *m = ctx;
    struct ptw_sim_block *b = block_at(m, pa);

    if (b == NULL || pa != PTW_SIM_PA + b->offset) {
        complain(m, "something was freed that is no table");
        return;
    }
    if (!b->live) {
        complain(m, "a table was freed twice");
        return;
    }
    if (b->bytes != bytes)
        complain(m, "a table was freed with another size than it was allocated with");
    if (va != m->arena + b->offset)
        complain(m, "a table was freed with a va that is not its pa's");
    if (m->freeing != NULL)
        m->freeing(m->observer, pa, b->bytes);
    b->live = false;
    m->frees++;
    m->outstanding--;
    m->outstanding_bytes -= b->bytes;
    memset(m->arena + b->offset, POISON, b->bytes);
    ASAN_POISON_MEMORY_REGION(m->arena + b->offset, b->bytes);

    unsigned order = ptw_high_bit(b->bytes);
    uint32_t number = (uint32_t)(b - m->block) + 1;
    b->next = 0;
    if (m->free_last[order] != 0)
        m->block[m->free_last[order] - 1].next = number;
    else
        m->free_first[order] = number;
    m->free_last[order] = number;
}

static void *hook_va(void *ctx, ptw_oa pa)
{
    return ptw_sim_memory_at(ctx, pa);
}

static void hook_clean(void *ctx, void *va, size_t bytes)
{
    struct ptw_sim_memory *m = ctx;
    uintptr_t offset = (uintptr_t)va - (uintptr_t)m->arena;
    const struct ptw_sim_block *b = offset < m->used ? block_at(m, PTW_SIM_PA + offset) : NULL;

    if (b == NULL || !b->live || bytes == 0 || offset + bytes > b->offset + b->bytes) {
        complain(m, "lines were cleaned that are not in one live table");
        return;
    }
    m->cleans++;
    m->cleaned_bytes += bytes;
    memcpy(m->behind + offset, m->arena + offset, bytes);
}

void ptw_sim_memory_init(struct ptw_sim_memory *m, size_t arena_bytes, unsigned options)
{
    memset(m, 0, sizeof(*m));
    m->options = options;
    m->arena_bytes =
        arena_bytes == 0 ? PTW_SIM_ARENA : (arena_bytes + PTW_SIM_BLOCK_MAX - 1) & ~(PTW_SIM_BLOCK_MAX - 1);
    m->arena = need(aligned_alloc(PTW_SIM_BLOCK_MAX, m->arena_bytes));
    if ((options & PTW_SIM_INCOHERENT) != 0)
        m->behind = need(aligned_alloc(PTW_SIM_BLOCK_MAX, m->arena_bytes));
    m->blocks_max = (uint32_t)(m->arena_bytes / 1024);
    m->block = need(calloc(m->blocks_max, sizeof(*m->block)));
    m->owner = need(calloc(m->arena_bytes / PTW_SIM_BLOCK_MIN, sizeof(*m->owner)));
    m->hooks = (struct ptw_mem){.alloc = hook_alloc, .free = hook_free, .ctx = m};
    if ((options & PTW_SIM_VA_HOOK) != 0) {
        m->hooks.va = hook_va;
        m->hooks.offset = ADDRESS_LIE;
    } else {
        m->hooks.offset = (uint64_t)(uintptr_t)m->arena - PTW_SIM_PA;
    }
    if ((options & PTW_SIM_INCOHERENT) != 0)
        m->hooks.clean = hook_clean;
    m->fail_after = -1;
    ASAN_POISON_MEMORY_REGION(m->arena, m->arena_bytes);
}

void ptw_sim_memory_fini(struct ptw_sim_memory *m)
{
    ASAN_UNPOISON_MEMORY_REGION(m->arena, m->arena_bytes);
    free(m->arena);
    free(m->behind);
    free(m->block);
    free(m->owner);
    memset(m, 0, sizeof(*m));
}

void ptw_sim_memory_reset(struct ptw_sim_memory *m)
{
    ASAN_POISON_MEMORY_REGION(m->arena, m->used);
    memset(m->owner, 0, m->used / PTW_SIM_BLOCK_MIN * sizeof(*m->owner));
    memset(m->free_first, 0, sizeof(m->free_first));
    memset(m->free_last, 0, sizeof(m->free_last));
    m->used = 0;
    m->blocks = 0;
    m->outstanding = m->outstanding_bytes = 0;
    m->allocs = m->frees = m->cleans = m->cleaned_bytes = m->failures = m->limit = 0;
    m->fail_after = -1;
    m->violation = NULL;
}

void *ptw_sim_memory_at(const struct ptw_sim_memory *m, ptw_oa pa)
{
    const struct ptw_sim_block *b = block_at(m, pa);
    return b != NULL && b->live ? m->arena + (pa - PTW_SIM_PA) : NULL;
}

void *ptw_sim_memory_behind(const struct ptw_sim_memory *m, ptw_oa pa)
{
    const struct ptw_sim_block *b = block_at(m, pa);
    return b != NULL && b->live && m->behind != NULL ? m->behind + (pa - PTW_SIM_PA) : NULL;
}

const char *ptw_sim_memory_violation(const struct ptw_sim_memory *m)
{
    return m->violation;
}

const char *ptw_sim_memory_uncleaned(const struct ptw_sim_memory *m)
{
    if (m->behind == NULL)
        return NULL;
    for (uint32_t i = 0; i < m->blocks; i++) {
        const struct ptw_sim_block *b = &m->block[i];
        if (b->live && memcmp(m->arena + b->offset, m->behind + b->offset, b->bytes) != 0)
            return "a table was written and not cleaned";
    }
    return NULL;
}
