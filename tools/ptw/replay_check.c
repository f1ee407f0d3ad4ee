/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tools/ptw/replay_check.c - every answer of the library against the flat oracle (replay_check.h). */
#include "replay_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "replay_report.h"

/* More lines would say the same. */
#define MISMATCHES_SHOWN 8U

/* Where verify notes the tables it has seen: so many in one walk. */
#define VERIFY_ROOM 4096U

static void mismatch(struct checker *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void mismatch(struct checker *c, const char *format, ...)
{
    char what[256];
    va_list args;

    c->mismatches++;
    if (c->mismatches > MISMATCHES_SHOWN)
        return;
    va_start(args, format);
    (void)vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    report_note("replay: mismatch in round %zu: %s%s", c->round, what,
                c->mismatches == MISMATCHES_SHOWN ? " (more are counted, not shown)" : "");
}

/* A call of the library that did not do what was asked is a mismatch by itself. */
static void count_refusals(struct checker *c)
{
    c->checks++;
    if (c->guest->refusals == c->refusals)
        return;
    mismatch(c, "%" PRIu64 " calls refused, the last was %s: %s", c->guest->refusals - c->refusals,
             c->guest->refused_call, ptw_status_name(c->guest->last_refusal));
    c->refusals = c->guest->refusals;
}

/* The leaf that maps page `index` is what the oracle says. */
static void check_leaf(struct checker *c, size_t index, const struct ptw_leaf *leaf)
{
    const struct oracle_page *want = &c->oracle->page[index];
    const struct ptw_table *t = &c->guest->table;
    const ptw_addr addr = guest_address(c->guest, index);
    const ptw_oa oa = leaf->oa + (addr - leaf->addr);
    const ptw_attr attr = ptw_leaf_attr(t, leaf) & ~PTW_AD;
    const ptw_attr want_attr = (c->guest->base_attr & ~PTW_AD) | (want->writable ? PTW_W : 0);

    if (oa != want->host << t->geo.encoder->granule)
        mismatch(c, "0x%" PRIx64 " leads to 0x%" PRIx64 ", not to 0x%" PRIx64, addr, oa,
                 want->host << t->geo.encoder->granule);
    else if (attr != want_attr)
        mismatch(c, "0x%" PRIx64 " has attributes 0x%" PRIx64 ", not 0x%" PRIx64, addr, attr, want_attr);
    else if (leaf->level != want->leaf)
        mismatch(c, "0x%" PRIx64 " is in a leaf of level %" PRIu32 ", not %u", addr, leaf->level, want->leaf);
}

static void check_page(struct checker *c, size_t index)
{
    const struct oracle_page *want = &c->oracle->page[index];
    const ptw_addr addr = guest_address(c->guest, index);
    struct ptw_leaf leaf;
    const ptw_status status = ptw_translate(&c->guest->table, addr, &leaf);

    c->checks++;
    if (status == PTW_OK && want->mapped)
        check_leaf(c, index, &leaf);
    else if (status != (want->mapped ? PTW_OK : PTW_NOENT))
        mismatch(c, "0x%" PRIx64 " is %s, but translate says %s", addr, want->mapped ? "mapped" : "not mapped",
                 ptw_status_name(status));
}

/* Nothing is mapped in [first, last]. */
static void check_gap(struct checker *c, ptw_addr first, ptw_addr last)
{
    struct ptw_run run;
    const ptw_status status = ptw_next_run(&c->guest->table, first, last, &run);

    c->checks++;
    if (status == PTW_OK)
        mismatch(c, "0x%" PRIx64 " is mapped, but there is no RAM", run.addr);
    else if (status != PTW_NOENT)
        mismatch(c, "next_run from 0x%" PRIx64 " says %s", first, ptw_status_name(status));
}

/* The last address that a guest can have: of a sign-extended format the lower half's. */
static ptw_addr guest_last(const struct ptw_geometry *g)
{
    return g->ia_sign != 0 ? g->ia_sign - 1 : g->ia_mask;
}

void check_translations(struct checker *c)
{
    const struct guest_ram *ram = c->guest->ram;
    const ptw_addr last = guest_last(&c->guest->table.geo);
    const uint64_t start = guest_clock();
    ptw_addr next = 0;

    for (size_t i = 0; i < ram->pages; i++) {
        const ptw_addr addr = guest_address(c->guest, i);

        if (addr != next)
            check_gap(c, next, addr - 1);
        check_page(c, i);
        next = addr + (UINT64_C(1) << c->guest->table.geo.encoder->granule);
    }
    if (next != 0 && next <= last)
        check_gap(c, next, last);
    c->translate.ns += guest_clock() - start;
    c->translate.units += ram->pages;
    c->translate.calls++;
    count_refusals(c);
}

void check_fault(struct checker *c, size_t index, unsigned done, unsigned todo)
{
    count_refusals(c);
    c->checks++;
    if (done != todo)
        mismatch(c, "the fault at 0x%" PRIx64 " was answered by %u, not %u (1 map, 2 split, 4 grant)",
                 guest_address(c->guest, index), done, todo);
    check_page(c, index);
}

/* One slot's bitmap: each bit is a page's, and where there is no RAM there is none. */
static uint64_t check_slot(struct checker *c, const struct ram_slot *slot, const uint64_t *words)
{
    size_t page = slot->page;
    uint64_t dirty = 0;

    for (uint64_t bit = 0; bit < slot->frames; bit++) {
        const bool is_ram = page < slot->page + slot->pages && c->guest->ram->page[page].gfn == slot->gfn + bit;
        const bool want = is_ram && c->oracle->page[page].dirty;
        const bool got = (words[bit / 64] >> (bit % 64) & 1U) != 0;

        if (got != want)
            mismatch(c, "frame 0x%" PRIx64 " is %s in the bitmap, but was%s written", slot->gfn + bit,
                     got ? "dirty" : "clean", want ? "" : " not");
        dirty += want;
        page += is_ram;
    }
    c->checks += slot->frames;
    return dirty;
}

void check_dirty(struct checker *c)
{
    const struct guest *guest = c->guest;
    uint64_t dirty = 0;

    for (size_t i = 0; i < guest->ram->slots; i++)
        dirty += check_slot(c, &guest->ram->slot[i], guest->bitmap + guest->slot_words[i]);
    c->checks++;
    if (dirty != guest->found)
        mismatch(c, "dirty counted %" PRIu64 " pages, but %" PRIu64 " were written", guest->found, dirty);
    count_refusals(c);
}

static void check_counts(struct checker *c)
{
    uint64_t pages[PTW_LEVELS_MAX] = {0};

    for (size_t i = 0; i < c->guest->ram->pages; i++)
        pages[c->oracle->page[i].leaf] += c->oracle->page[i].mapped;
    for (unsigned level = 0; level <= c->guest->table.geo.top; level++) {
        const uint64_t want =
            level <= c->guest->max_level ? pages[level] >> c->guest->ram->levels.page_shift[level] : 0;

        c->checks++;
        if (c->stats.leaves[level] != want)
            mismatch(c, "%" PRIu64 " leaves of level %u, not %" PRIu64, c->stats.leaves[level], level, want);
    }
    c->checks++;
    if (c->stats.tables != c->guest->memory.tables || c->stats.table_bytes != c->guest->memory.bytes)
        mismatch(c, "%" PRIu64 " tables can be reached, but %" PRIu64 " are handed out", c->stats.tables,
                 c->guest->memory.tables);
}

void check_table(struct checker *c)
{
    ptw_oa seen[VERIFY_ROOM];
    struct ptw_finding finding = {0};
    const uint64_t start = guest_clock();
    const ptw_status status = ptw_verify(&c->guest->table, seen, VERIFY_ROOM, c->guest->memory.tables, &finding);

    c->verify.ns += guest_clock() - start;
    c->verify.units += c->guest->memory.tables;
    c->verify.calls++;
    c->checks++;
    if (status != PTW_OK)
        mismatch(c, "verify: %s: 0x%" PRIx64 ", level %u, entry 0x%" PRIx64 ": %s", ptw_status_name(status),
                 finding.entry.addr, finding.entry.level, finding.entry.word,
                 finding.why != NULL ? finding.why : "no reason given");
    if (ptw_stats(&c->guest->table, &c->stats) != PTW_OK)
        mismatch(c, "stats found a broken table");
    check_counts(c);
}

/* One leaf leaves the table: it is the next that the oracle has, and its last word says what was written. */
static void see_leaf(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct checker *c = (struct checker *)(void *)sink; /* the sink is its first member */
    const struct guest *guest = c->guest;
    const bool dirty = (ptw_leaf_attr(&guest->table, leaf) & (guest->dbit ? PTW_D : PTW_W)) != 0;
    const ptw_addr end = leaf->addr + ptw_leaf_size(&guest->table, leaf);

    c->guest->watch[CALL_UNMAP].units++;
    while (c->torn < guest->ram->pages && guest_address(guest, c->torn) < leaf->addr) {
        c->checks++;
        if (c->oracle->page[c->torn].mapped)
            mismatch(c, "unmap passed 0x%" PRIx64 " by", guest_address(guest, c->torn));
        c->torn++;
    }
    while (c->torn < guest->ram->pages && guest_address(guest, c->torn) < end) {
        c->checks++;
        if (!c->oracle->page[c->torn].mapped)
            mismatch(c, "unmap took 0x%" PRIx64 ", which was not mapped", guest_address(guest, c->torn));
        else
            check_leaf(c, c->torn, leaf);
        if (dirty != c->oracle->page[c->torn].dirty)
            mismatch(c, "unmap took 0x%" PRIx64 " %s", guest_address(guest, c->torn),
                     dirty ? "as dirty, but it was not written" : "as clean, but it was written");
        c->torn++;
    }
}

void checker_init(struct checker *c, struct guest *guest, struct oracle *oracle)
{
    *c = (struct checker){.sink = {.leaf = see_leaf}, .guest = guest, .oracle = oracle};
}

void check_end(struct checker *c)
{
    struct guest *guest = c->guest;

    for (; c->torn < guest->ram->pages; c->torn++) {
        c->checks++;
        if (c->oracle->page[c->torn].mapped)
            mismatch(c, "unmap left 0x%" PRIx64 " out", guest_address(guest, c->torn));
    }
    for (size_t i = 0; i < guest->ram->pages; i++)
        c->oracle->page[i].mapped = false;
    check_translations(c);
    check_table(c);
    c->checks++;
    if (c->stats.tables != 1)
        mismatch(c, "%" PRIu64 " tables are left of an empty address space, not the root alone", c->stats.tables);
    ptw_destroy(&guest->table);
    c->checks++;
    if (guest->memory.tables != 0 || guest->memory.bytes != 0 || guest->memory.bad_frees != 0)
        mismatch(c, "%" PRIu64 " tables (%" PRIu64 " bytes) are not given back, %" PRIu64 " given back wrongly",
                 guest->memory.tables, guest->memory.bytes, guest->memory.bad_frees);
}
