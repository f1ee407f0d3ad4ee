/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/guest_ram.h - the replayed guest's RAM, and where the host keeps it.
 *
 * RAM is every page that the trace touches, and what --memory adds. An aligned block (2 MiB, 1 GiB, ...) that is RAM
 * throughout is one block of the host's memory too, so that one large leaf can map it. Pages of other blocks are
 * scattered: no two neighbours are neighbours in the host, so that no larger leaf may ever map them.
 *
 *   guest    |  block, all RAM  |  block, all RAM  | r .  r r . r |  (nothing)  | ...      r: a page that is RAM
 *   level            1                  1            0    0 0   0
 *   slots    |<------------------- slot 0 ----------------------->|             |<- slot 1
 */
#ifndef PTW_TOOL_GUEST_RAM_H
#define PTW_TOOL_GUEST_RAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RAM_LEVELS 6U

/* How large the leaves of a level are: 4 KiB pages, as a shift. page_shift[0] is 0. */
struct ram_levels {
    unsigned top; /* the highest level that has leaves */
    unsigned page_shift[RAM_LEVELS];
};

struct ram_page {
    uint32_t gfn;
    uint8_t level; /* the largest leaf that the host's memory allows here */
};

/* A run of blocks of level 1 that hold RAM, as a hypervisor registers memory: with one dirty bitmap. */
struct ram_slot {
    uint64_t gfn, frames; /* whole blocks */
    size_t page, pages;   /* the RAM in it: ram->page[page] and so on */
};

struct guest_ram {
    struct ram_levels levels;
    struct ram_page *page; /* ascending */
    size_t pages;
    struct ram_slot *slot;
    size_t slots;
    uint64_t host; /* the host's frame for guest frame 0; aligned as the largest block in use */
};

/* RAM is the `pages` frames, ascending, and the first `extra` frames. `host_min` is the lowest host frame that may be
 * used. False if there is not enough memory. */
bool ram_init(struct guest_ram *ram, const struct ram_levels *levels, const uint32_t *frames, size_t pages,
              uint64_t extra, uint64_t host_min);
void ram_free(struct guest_ram *ram);

/* The index of a frame that is RAM. */
size_t ram_find(const struct guest_ram *ram, uint32_t gfn);

/* The host's frame behind page `index`. */
uint64_t ram_host(const struct guest_ram *ram, size_t index);

/* The first index of the aligned block of `level` around page `index`, and how many pages a block of it has: right
 * for levels up to the page's own. */
size_t ram_block(const struct guest_ram *ram, size_t index, unsigned level);
size_t ram_block_pages(const struct guest_ram *ram, unsigned level);

/* How many pages, and how many blocks, have `level` as theirs; levels above `max` count as `max`. */
size_t ram_blocks(const struct guest_ram *ram, unsigned level, unsigned max);

#endif
