/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tools/ptw/replay_oracle.c - the flat records that every answer of the library is held against (replay_oracle.h). */
#include "replay_oracle.h"

#include <stdlib.h>

bool oracle_init(struct oracle *oracle, const struct guest_ram *ram, unsigned max_level, bool dbit)
{
    *oracle = (struct oracle){.ram = ram, .dbit = dbit};
    oracle->page = calloc(ram->pages + 1, sizeof(*oracle->page));
    if (oracle->page == NULL)
        return false;
    for (size_t i = 0; i < ram->pages; i++) {
        const uint8_t level = ram->page[i].level;

        oracle->page[i].host = ram_host(ram, i);
        oracle->page[i].block = level < max_level ? level : (uint8_t)max_level;
    }
    return true;
}

void oracle_free(struct oracle *oracle)
{
    free(oracle->page);
    *oracle = (struct oracle){0};
}

/* The pages that share an aligned block of `level` with page `index`. */
struct span {
    struct oracle_page *first, *end;
};

static struct span span_of(const struct oracle *oracle, size_t index, unsigned level)
{
    struct oracle_page *first = &oracle->page[level > 0 ? ram_block(oracle->ram, index, level) : index];

    return (struct span){first, first + ram_block_pages(oracle->ram, level)};
}

/* May a leaf of this level be writable before its first write? With D bits yes, unless it would hide which of its
 * pages are written. */
static bool born_writable(const struct oracle *oracle, unsigned level)
{
    return oracle->dbit && !(oracle->logging && level > 0);
}

/* Large leaves are split level by level, and only the one on the way to the page. */
static void split(const struct oracle *oracle, size_t index)
{
    for (unsigned level = oracle->page[index].leaf; level > 0; level--) {
        const struct span s = span_of(oracle, index, level);

        for (struct oracle_page *p = s.first; p < s.end; p++)
            p->leaf = (uint8_t)(level - 1);
    }
}

unsigned oracle_touch(struct oracle *oracle, size_t index, bool write)
{
    struct oracle_page *page = &oracle->page[index];
    unsigned todo = 0;
    struct span s;

    if (!page->mapped) {
        s = span_of(oracle, index, page->block);
        for (struct oracle_page *p = s.first; p < s.end; p++) {
            p->mapped = true;
            p->leaf = page->block;
            p->writable = born_writable(oracle, page->block) || (write && !(oracle->logging && page->block > 0));
        }
        todo |= FAULT_MAPS;
    }
    if (!write)
        return todo;
    if (!page->writable) {
        if (oracle->logging && page->leaf > 0) {
            split(oracle, index);
            todo |= FAULT_SPLITS;
        }
        /* With D bits only large leaves wait for a write, and then all of the block that was split needs no fault. */
        s = span_of(oracle, index, oracle->dbit ? 1 : page->leaf);
        for (struct oracle_page *p = s.first; p < s.end; p++)
            p->writable = true;
        todo |= FAULT_GRANTS;
    }
    if (!page->dirty) { /* and then none of its leaf is */
        s = span_of(oracle, index, page->leaf);
        for (struct oracle_page *p = s.first; p < s.end; p++)
            p->dirty = true;
    }
    return todo;
}

void oracle_round(struct oracle *oracle)
{
    oracle->logging = true;
    for (size_t i = 0; i < oracle->ram->pages; i++) {
        struct oracle_page *p = &oracle->page[i];

        p->dirty = false;
        p->leaf = p->block;
        p->writable = p->mapped && born_writable(oracle, p->block);
    }
}
