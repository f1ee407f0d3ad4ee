/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tools/ptw/guest_ram.c - which frames are RAM, in what blocks, and which host frames stand behind them. */
#include "guest_ram.h"

#include <stdlib.h>

/* A page of a block that is not all RAM is put where its number, changed in these bits, says: in the same block. */
#define SCATTER UINT64_C(0x155)

static bool collect_pages(struct guest_ram *ram, const uint32_t *frames, size_t pages, uint64_t extra)
{
    size_t skip = 0;

    while (skip < pages && frames[skip] < extra)
        skip++;
    ram->pages = (size_t)extra + pages - skip;
    ram->page = calloc(ram->pages + 1, sizeof(*ram->page));
    if (ram->page == NULL)
        return false;
    for (size_t i = 0; i < ram->pages; i++)
        ram->page[i].gfn = i < extra ? (uint32_t)i : frames[skip + i - (size_t)extra];
    return true;
}

/* Marks every aligned block of `level` that is RAM throughout; called with rising levels. */
static bool mark_blocks(struct guest_ram *ram, unsigned level)
{
    const size_t n = ram_block_pages(ram, level);
    bool found = false;

    for (size_t i = 0; i + n <= ram->pages;) {
        const uint32_t gfn = ram->page[i].gfn;

        if ((gfn & (n - 1)) != 0 || ram->page[i + n - 1].gfn != gfn + (n - 1)) {
            i++;
            continue;
        }
        for (size_t k = 0; k < n; k++)
            ram->page[i + k].level = (uint8_t)level;
        found = true;
        i += n;
    }
    return found;
}

static bool collect_slots(struct guest_ram *ram)
{
    const size_t n = ram_block_pages(ram, 1);

    ram->slot = calloc(ram->pages + 1, sizeof(*ram->slot));
    if (ram->slot == NULL)
        return false;
    for (size_t i = 0; i < ram->pages; i++) {
        const uint64_t block = ram->page[i].gfn & ~(uint64_t)(n - 1);
        struct ram_slot *slot = &ram->slot[ram->slots];

        if (ram->slots == 0 || block > slot[-1].gfn + slot[-1].frames) {
            *slot = (struct ram_slot){.gfn = block, .page = i};
            ram->slots++;
        } else {
            slot--;
        }
        slot->frames = block + n - slot->gfn;
        slot->pages++;
    }
    return true;
}

bool ram_init(struct guest_ram *ram, const struct ram_levels *levels, const uint32_t *frames, size_t pages,
              uint64_t extra, uint64_t host_min)
{
    uint64_t align = 1;

    *ram = (struct guest_ram){.levels = *levels};
    if (!collect_pages(ram, frames, pages, extra))
        return false;
    for (unsigned level = 1; level <= levels->top; level++) {
        if (mark_blocks(ram, level))
            align = (uint64_t)1 << levels->page_shift[level];
    }
    ram->host = (host_min + align - 1) / align * align;
    if (collect_slots(ram))
        return true;
    ram_free(ram);
    return false;
}

void ram_free(struct guest_ram *ram)
{
    free(ram->page);
    free(ram->slot);
    *ram = (struct guest_ram){0};
}

size_t ram_find(const struct guest_ram *ram, uint32_t gfn)
{
    size_t low = 0;
    size_t high = ram->pages;

    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;

        if (ram->page[middle].gfn <= gfn)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint64_t ram_host(const struct guest_ram *ram, size_t index)
{
    const struct ram_page *page = &ram->page[index];

    return ram->host + (page->level > 0 ? page->gfn : page->gfn ^ (SCATTER & (ram_block_pages(ram, 1) - 1U)));
}

size_t ram_block(const struct guest_ram *ram, size_t index, unsigned level)
{
    return index - (size_t)(ram->page[index].gfn & (ram_block_pages(ram, level) - 1U));
}

size_t ram_block_pages(const struct guest_ram *ram, unsigned level)
{
    return (size_t)1 << ram->levels.page_shift[level];
}

size_t ram_blocks(const struct guest_ram *ram, unsigned level, unsigned max)
{
    size_t pages = 0;

    for (size_t i = 0; i < ram->pages; i++)
        pages += (ram->page[i].level < max ? ram->page[i].level : max) == level;
    return pages >> ram->levels.page_shift[level];
}
