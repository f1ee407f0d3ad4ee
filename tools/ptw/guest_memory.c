/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tools/ptw/guest_memory.c - an arena for page tables with a free list for each size (guest_memory.h). */
#include "guest_memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define UNIT_SHIFT 12U
#define LARGEST_TABLE ((size_t)1 << 20U)
#define FREED_PATTERN 0xa5

bool guest_memory_init(struct guest_memory *m, uint64_t capacity, ptw_oa base)
{
    const size_t mapped = (size_t)(capacity + LARGEST_TABLE);
    void *room = MAP_FAILED;

    *m = (struct guest_memory){.base = base, .capacity = (size_t)capacity};
    if (capacity <= SIZE_MAX - LARGEST_TABLE)
        room = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED)
        return false;
    m->mapping = room;
    m->mapped = mapped;
    m->arena = m->mapping + (LARGEST_TABLE - (uintptr_t)room % LARGEST_TABLE) % LARGEST_TABLE;
    m->in_use = calloc(m->capacity >> UNIT_SHIFT, sizeof(*m->in_use));
    if (m->in_use != NULL)
        return true;
    guest_memory_free(m);
    return false;
}

void guest_memory_free(struct guest_memory *m)
{
    if (m->mapping != NULL)
        (void)munmap(m->mapping, m->mapped);
    free(m->in_use);
    *m = (struct guest_memory){0};
}

/* log2 of the room that a table of `bytes` gets: at least one unit. */
static unsigned size_shift(size_t bytes)
{
    unsigned shift = UNIT_SHIFT;

    while (((size_t)1 << shift) < bytes)
        shift++;
    return shift;
}

/* Room at the arena's end. The arena's two addresses are aligned as the largest table is. */
static unsigned char *take_new(struct guest_memory *m, unsigned shift)
{
    const size_t mask = ((size_t)1 << shift) - 1U;
    const size_t start = (m->used + mask) & ~mask;

    if (start > m->capacity || m->capacity - start <= mask)
        return NULL;
    m->used = start + mask + 1U;
    return m->arena + start;
}

/* The first word of a freed table is the link to the next. */
static unsigned char *take_freed(struct guest_memory *m, unsigned shift)
{
    unsigned char *table = m->freed[shift];

    if (table != NULL)
        memcpy(&m->freed[shift], table, sizeof(m->freed[shift]));
    return table;
}

static void *take(void *ctx, size_t bytes, ptw_oa *pa)
{
    struct guest_memory *m = ctx;
    const unsigned shift = size_shift(bytes);
    unsigned char *table = shift < GUEST_MEMORY_SIZES ? take_freed(m, shift) : NULL;

    if (table == NULL && shift < GUEST_MEMORY_SIZES)
        table = take_new(m, shift);
    if (table == NULL)
        return NULL;
    *pa = m->base + (uint64_t)(table - m->arena);
    m->in_use[(size_t)(table - m->arena) >> UNIT_SHIFT] = (uint8_t)shift;
    m->made++;
    m->tables++;
    m->bytes += bytes;
    if (m->tables > m->peak_tables)
        m->peak_tables = m->tables;
    if (m->bytes > m->peak_bytes)
        m->peak_bytes = m->bytes;
    return table;
}

static void give_back(void *ctx, void *va, ptw_oa pa, size_t bytes)
{
    struct guest_memory *m = ctx;
    const uint64_t start = pa - m->base;
    const unsigned shift = size_shift(bytes);

    if (pa < m->base || start >= m->capacity || va != m->arena + start || start % ((size_t)1 << UNIT_SHIFT) != 0 ||
        shift >= GUEST_MEMORY_SIZES || m->in_use[start >> UNIT_SHIFT] != shift) {
        m->bad_frees++;
        return;
    }
    m->in_use[start >> UNIT_SHIFT] = 0;
    m->returned++;
    m->tables--;
    m->bytes -= bytes;
    memset(va, FREED_PATTERN, (size_t)1 << shift);
    memcpy(va, &m->freed[shift], sizeof(m->freed[shift]));
    m->freed[shift] = va;
}

struct ptw_mem guest_memory_hooks(struct guest_memory *m)
{
    return (struct ptw_mem){
        .alloc = take, .free = give_back, .ctx = m, .offset = (uint64_t)(uintptr_t)m->arena - m->base};
}
