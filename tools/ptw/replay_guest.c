/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tools/ptw/replay_guest.c - faults, dirty rounds and the end of a guest, on one table (replay_guest.h). */
#include "replay_guest.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "replay_hardware.h"
#include "replay_oracle.h"

#define LARGEST_TABLE ((size_t)1 << 20U)

uint64_t guest_clock(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

uint64_t guest_clock_cost(void)
{
    uint64_t least = UINT64_MAX;

    for (int i = 0; i < 1000; i++) {
        const uint64_t start = guest_clock();
        const uint64_t cost = guest_clock() - start;

        least = cost < least ? cost : least;
    }
    return least;
}

static void watch_add(struct guest *guest, enum guest_call call, uint64_t start, uint64_t units)
{
    struct stopwatch *w = &guest->watch[call];

    w->ns += guest_clock() - start;
    w->units += units;
    w->calls++;
}

/* Notes an answer that is not what was asked for; the checks will find what it broke. */
static void expect(struct guest *guest, ptw_status status, ptw_status also, const char *call)
{
    if (status == PTW_OK || status == also)
        return;
    guest->refusals++;
    guest->last_refusal = status;
    guest->refused_call = call;
}

static void sync_owed(struct guest *guest)
{
    if (!ptw_gather_empty(&guest->gather))
        ptw_gather_sync(&guest->gather);
}

static void count_invalidation(void *ctx, const struct ptw_inval *inval)
{
    struct guest *guest = ctx;

    guest->invalidations += inval->reasons != 0;
}

/* Each touched block may need one table at each level, and a merge holds what it took out until its sync. */
uint64_t guest_table_room(const struct ptw_geometry *geo, const struct guest_ram *ram)
{
    const uint64_t table_bytes = UINT64_C(1) << geo->encoder->granule;
    uint64_t blocks = PTW_GATHER_TABLES;

    for (size_t i = 0; i < ram->slots; i++)
        blocks += (ram->slot[i].frames >> ram->levels.page_shift[1]) + PTW_LEVELS_MAX;
    return blocks * 2 * table_bytes + 2 * LARGEST_TABLE;
}

ptw_oa guest_table_base(const struct ptw_geometry *geo, const struct guest_ram *ram)
{
    const struct ram_slot *last = &ram->slot[ram->slots - 1];
    const ptw_oa end = (ram->host + last->gfn + last->frames) << geo->encoder->granule;

    return (end + LARGEST_TABLE - 1) / LARGEST_TABLE * LARGEST_TABLE;
}

static bool make_bitmaps(struct guest *guest)
{
    const struct guest_ram *ram = guest->ram;
    uint64_t words = 0;

    guest->slot_words = calloc(ram->slots + 1, sizeof(*guest->slot_words));
    if (guest->slot_words == NULL)
        return false;
    for (size_t i = 0; i < ram->slots; i++) {
        guest->slot_words[i] = words;
        words += (ram->slot[i].frames + 63) / 64;
    }
    guest->slot_words[ram->slots] = words;
    if (words >= SIZE_MAX / sizeof(*guest->bitmap))
        return false;
    guest->bitmap = calloc((size_t)words + 1, sizeof(*guest->bitmap));
    return guest->bitmap != NULL;
}

/* The widest rights that have a read-only twin; a watched D starts clear, one that nobody watches is set. */
static ptw_status choose_attributes(struct guest *guest)
{
    static const ptw_attr rights[] = {PTW_R | PTW_X, PTW_R};
    const struct ptw_geometry *g = &guest->table.geo;
    ptw_word bits = 0;

    for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
        const ptw_attr attr = rights[i] | PTW_MT_WB | PTW_A | (guest->dbit ? 0 : PTW_D);

        guest->base_attr = attr;
        if (g->encoder->bits(g, attr, 0, 0, &bits) && g->encoder->bits(g, attr | PTW_W, 0, 0, &bits))
            return PTW_OK;
    }
    return PTW_UNSUPPORTED;
}

static ptw_status start_table(struct guest *guest, const struct guest_options *options)
{
    const struct ptw_mem mem = guest_memory_hooks(&guest->memory);
    const struct ptw_hw hw = {.invalidate = count_invalidation, .ctx = guest};
    ptw_status status = ptw_init(&guest->table, options->format, &options->config, &mem, &hw);

    if (status != PTW_OK)
        return status;
    ptw_gather_init(&guest->gather, &guest->table);
    status = choose_attributes(guest);
    if (status == PTW_OK && guest->dbit)
        status = ptw_dirty(&guest->table, 0, 0, PTW_ALL, NULL, &guest->gather).status;
    if (status != PTW_OK)
        ptw_destroy(&guest->table);
    return status;
}

ptw_status guest_init(struct guest *guest, const struct guest_options *options, const struct guest_ram *ram)
{
    struct ptw_geometry geo;
    ptw_status status = ptw_configure(options->format, &options->config, &geo, NULL);

    *guest = (struct guest){.ram = ram, .max_level = options->max_level, .dbit = options->dbit};
    if (status != PTW_OK)
        return status;
    status = PTW_NOMEM;
    if (make_bitmaps(guest) &&
        guest_memory_init(&guest->memory, guest_table_room(&geo, ram), guest_table_base(&geo, ram)))
        status = start_table(guest, options);
    if (status != PTW_OK)
        guest_free(guest);
    return status;
}

void guest_free(struct guest *guest)
{
    guest_memory_free(&guest->memory);
    free(guest->bitmap);
    free(guest->slot_words);
    guest->bitmap = NULL;
    guest->slot_words = NULL;
}

ptw_addr guest_address(const struct guest *guest, size_t index)
{
    return (ptw_addr)guest->ram->page[index].gfn << guest->table.geo.encoder->granule;
}

static unsigned block_level(const struct guest *guest, size_t index)
{
    const unsigned level = guest->ram->page[index].level;

    return level < guest->max_level ? level : guest->max_level;
}

static uint64_t level_bytes(const struct guest *guest, unsigned level)
{
    return UINT64_C(1) << ptw_level_shift(guest->table.geo.encoder, level);
}

/* Fills a hole with the largest leaf that the host's memory and the options allow. While writes are logged a large
 * leaf is not writable, so that its first write shows. */
static void map_block(struct guest *guest, size_t index, bool write)
{
    const unsigned level = block_level(guest, index);
    const uint64_t size = level_bytes(guest, level);
    const size_t first = level > 0 ? ram_block(guest->ram, index, level) : index;
    const bool writable = (write || guest->dbit) && !(guest->logging && level > 0);
    const ptw_oa oa = ram_host(guest->ram, first) << guest->table.geo.encoder->granule;
    const uint64_t start = guest_clock();
    const struct ptw_result r =
        ptw_map(&guest->table, guest_address(guest, first), oa, size, guest->base_attr | (writable ? PTW_W : 0),
                PTW_MAX_LEVEL(guest->max_level), &guest->gather);

    watch_add(guest, level > 0 ? CALL_MAP_LARGE : CALL_MAP, start, 1);
    expect(guest, r.status, PTW_OK, "map");
}

/* A write into a large leaf: its block of level 1 becomes single pages, what is around it stays as large as it can. */
static void split_block(struct guest *guest, ptw_addr addr)
{
    const uint64_t size = level_bytes(guest, 1);
    const ptw_addr block = addr & ~(size - 1U);
    const uint64_t made = guest->memory.made;
    const uint64_t start = guest_clock();

    expect(guest, ptw_cut(&guest->table, block, 0, &guest->gather).status, PTW_SPURIOUS, "cut");
    expect(guest, ptw_cut(&guest->table, block + size, 0, &guest->gather).status, PTW_SPURIOUS, "cut");
    expect(guest, ptw_split_to(&guest->table, block, size, 0, &guest->gather).status, PTW_OK, "split_to");
    sync_owed(guest);
    guest->splits += guest->memory.made - made;
    watch_add(guest, CALL_SPLIT, start, guest->memory.made - made);
}

/* Gives W: to the leaf that was written, or to all of a block that was just split if D tells its pages apart. All of
 * the rights are named, because W alone could make an illegal set of a leaf that has, say, only X. */
static void grant(struct guest *guest, const struct ptw_leaf *leaf, bool whole_block)
{
    const uint64_t size = level_bytes(guest, whole_block ? 1 : (unsigned)leaf->level);
    const ptw_attr add = (guest->base_attr & PTW_RIGHTS) | PTW_W;
    const uint64_t start = guest_clock();
    const struct ptw_result r = ptw_protect(&guest->table, leaf->addr & ~(size - 1U), size, add, 0, 0, &guest->gather);

    watch_add(guest, whole_block ? CALL_PROTECT_BLOCK : CALL_PROTECT, start, 1);
    expect(guest, r.status, PTW_OK, "protect");
}

/* A fault on a page that is as it should be: the same is mapped again, and the library must say so. */
static void map_again(struct guest *guest, const struct ptw_leaf *leaf, ptw_addr addr)
{
    const uint64_t start = guest_clock();
    const struct ptw_result r =
        ptw_map(&guest->table, addr, leaf->oa + (addr - leaf->addr), level_bytes(guest, 0),
                ptw_leaf_attr(&guest->table, leaf), PTW_MAX_LEVEL(guest->max_level), &guest->gather);

    watch_add(guest, CALL_MAP_AGAIN, start, 1);
    if (r.status != PTW_SPURIOUS)
        expect(guest, r.status == PTW_OK ? PTW_FAULTED : r.status, PTW_SPURIOUS, "map of what is mapped");
}

static ptw_status look_up(struct guest *guest, ptw_addr addr, struct ptw_leaf *leaf)
{
    const uint64_t start = guest_clock();
    const ptw_status status = ptw_translate(&guest->table, addr, leaf);

    watch_add(guest, CALL_LOOKUP, start, 1);
    return status;
}

static unsigned fault(struct guest *guest, size_t index, bool write)
{
    const ptw_addr addr = guest_address(guest, index);
    struct ptw_leaf leaf = {0};
    unsigned done = 0;
    ptw_status status = look_up(guest, addr, &leaf);

    if (status == PTW_NOENT) {
        map_block(guest, index, write);
        done |= FAULT_MAPS;
        status = look_up(guest, addr, &leaf);
    }
    if (status == PTW_OK && write && (ptw_leaf_attr(&guest->table, &leaf) & PTW_W) == 0) {
        const bool split = guest->logging && leaf.level > 0;

        if (split) {
            split_block(guest, addr);
            done |= FAULT_SPLITS;
            status = look_up(guest, addr, &leaf);
        }
        grant(guest, &leaf, split && guest->dbit);
        done |= FAULT_GRANTS;
    }
    expect(guest, status, PTW_OK, "translate");
    if (status == PTW_OK && done == 0)
        map_again(guest, &leaf, addr);
    sync_owed(guest);
    return done;
}

unsigned guest_touch(struct guest *guest, size_t index, bool write)
{
    const unsigned done = fault(guest, index, write);

    if (write && guest->dbit && !hardware_write(&guest->table, guest_address(guest, index)))
        expect(guest, PTW_FAULTED, PTW_OK, "write by the hardware");
    return done;
}

void guest_harvest(struct guest *guest, bool clear)
{
    const uint64_t flags = (guest->dbit ? 0 : PTW_WRITE_PROTECT) | (clear ? PTW_CLEAR : 0);
    const unsigned granule = guest->table.geo.encoder->granule;
    uint64_t start = 0;

    memset(guest->bitmap, 0, (size_t)guest->slot_words[guest->ram->slots] * sizeof(*guest->bitmap));
    guest->found = 0;
    start = guest_clock();
    for (size_t i = 0; i < guest->ram->slots; i++) {
        const struct ram_slot *slot = &guest->ram->slot[i];
        const ptw_addr base = slot->gfn << granule;
        struct ptw_bitmap bitmap = {
            .words = guest->bitmap + guest->slot_words[i], .bits = slot->frames, .base = base, .shift = granule};
        const struct ptw_result r =
            ptw_dirty(&guest->table, base, slot->frames << granule, flags, &bitmap, &guest->gather);

        expect(guest, r.status, PTW_OK, "dirty");
        guest->found += bitmap.found;
    }
    sync_owed(guest);
    watch_add(guest, CALL_DIRTY, start, guest->memory.tables);
    guest->logging = guest->logging || clear;
}

/* With D bits a large leaf has to fault on its first write, too, or the whole of it would become dirty. */
static void withhold_writes(struct guest *guest)
{
    const struct guest_ram *ram = guest->ram;
    const uint64_t start = guest_clock();

    for (size_t i = 0; i < ram->pages;) {
        const size_t first = i;
        struct ptw_result r;

        if (block_level(guest, i) == 0) {
            i++;
            continue;
        }
        while (i < ram->pages && block_level(guest, i) > 0 && ram->page[i].gfn - ram->page[first].gfn == i - first)
            i++;
        r = ptw_protect(&guest->table, guest_address(guest, first), (i - first) * level_bytes(guest, 0), PTW_R, PTW_W,
                        0, &guest->gather);
        expect(guest, r.status, PTW_SPURIOUS, "protect");
    }
    sync_owed(guest);
    watch_add(guest, CALL_WITHHOLD, start, guest->memory.tables);
}

void guest_merge(struct guest *guest)
{
    const uint64_t returned = guest->memory.returned;
    struct ptw_result r;
    uint64_t start = 0;

    if (guest->dbit)
        withhold_writes(guest);
    start = guest_clock();
    r = ptw_merge(&guest->table, 0, 0, PTW_ALL | PTW_MAX_LEVEL(guest->max_level), &guest->gather);
    sync_owed(guest);
    watch_add(guest, CALL_MERGE, start, guest->memory.returned - returned);
    guest->merges += guest->memory.returned - returned;
    expect(guest, r.status, PTW_SPURIOUS, "merge");
}

void guest_tear_down(struct guest *guest, struct ptw_sink *sink)
{
    const uint64_t start = guest_clock();

    expect(guest, ptw_unmap(&guest->table, 0, 0, PTW_ALL, sink, &guest->gather).status, PTW_OK, "unmap");
    sync_owed(guest);
    watch_add(guest, CALL_UNMAP, start, 0);
}
