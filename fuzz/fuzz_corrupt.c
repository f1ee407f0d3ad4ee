/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fuzz_corrupt.c - a table that somebody else broke: a few words of the input's stand anywhere in a small memory. First
 * all readers, which must end and change nothing; then operations that change the table, which must end and stay in
 * memory.
 *
 *   | root | tables that the input's words may point to | tables that the library allocates |  nothing: va answers NULL
 *
 * How many words point into the memory is limited: each of them in a table that is linked many times multiplies the
 * work.
 */
#include "input.h"

#include <ptw/image.h>

#include <string.h>

#define BASE UINT64_C(0x40000000)
#define TABLES 6U /* that words may point to */
#define SPARE 3U  /* that may be allocated */
#define WORDS_MAX 48U
#define CALLS_MAX 12U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
    struct ptw_table t;
    struct ptw_gather g;
    unsigned char *memory;
    size_t bytes, table_bytes, root_bytes;
    unsigned spare; /* tables still to be given */
    unsigned links; /* words that may still point into the memory */
};

/* ------------------------------------------------------------------------------------------------- hooks ----- */

static void *hook_alloc(void *ctx, size_t bytes, ptw_oa *pa)
{
    struct world *w = ctx;

    if (w->spare == 0 || bytes > w->table_bytes)
        return NULL;
    *pa = BASE + w->bytes - w->spare-- * w->table_bytes;
    return w->memory + (*pa - BASE);
}

/* A broken table may be freed many times, also its root: nothing is given out again. */
static void hook_free(void *ctx, void *va, ptw_oa pa, size_t bytes)
{
    const struct world *w = ctx;

    must(va == w->memory + (pa - BASE) && bytes <= w->bytes - (pa - BASE), "something was freed that is no table");
}

static void *hook_va(void *ctx, ptw_oa pa)
{
    const struct world *w = ctx;
    const size_t bytes = pa == BASE ? w->root_bytes : w->table_bytes;

    if (pa < BASE || pa - BASE > w->bytes - bytes || pa % PTW_SIM_BLOCK_MIN != 0)
        return NULL;
    return w->memory + (pa - BASE);
}

static void hook_invalidate(void *ctx, const struct ptw_inval *inval)
{
    (void)ctx;
    must(inval->first <= inval->last, "an invalidation that ends before it begins");
}

/* ------------------------------------------------------------------------------------------------- world ----- */

static size_t bytes_at(const struct ptw_geometry *g, unsigned level)
{
    const unsigned bits = level == g->top ? g->root_bits : ptw_level_bits(g->encoder, level);
    size_t bytes = (size_t)g->encoder->word_bytes << bits;

    if (level == g->top && g->encoder->root_align != 0 && bytes < (size_t)1 << g->encoder->root_align)
        bytes = (size_t)1 << g->encoder->root_align;
    return bytes < PTW_SIM_BLOCK_MIN ? PTW_SIM_BLOCK_MIN : bytes;
}

static void world_init(struct world *w, const struct format_case *kase)
{
    struct ptw_config config = kase->format->defaults;
    const struct ptw_mem mem = {.alloc = hook_alloc, .free = hook_free, .va = hook_va, .ctx = w};
    const struct ptw_hw hw = {.invalidate = hook_invalidate, .ctx = w};
    struct ptw_geometry g;

    must(format_config(kase->format, kase->keys, &config) && ptw_configure(kase->format, &config, &g, NULL) == PTW_OK,
         "a case that is no configuration");
    w->root_bytes = w->table_bytes = bytes_at(&g, g.top);
    for (unsigned level = 0; level < g.top; level++)
        w->table_bytes = bytes_at(&g, level) > w->table_bytes ? bytes_at(&g, level) : w->table_bytes;
    w->bytes = (1 + TABLES + SPARE) * w->table_bytes;
    w->memory = aligned_alloc(w->table_bytes, w->bytes);
    if (w->memory == NULL)
        abort();
    must(ptw_open(&w->t, kase->format, &config, &mem, &hw, BASE) == PTW_OK, "a root that cannot be reached");
    if (kase->run_time)
        w->t.geo.ops = NULL;
    ptw_gather_init(&w->g, &w->t);
    w->spare = SPARE;
    (void)ptw_share(&w->t, NULL, PTW_SHARE_MARKS);
    w->links = g.top > 3 ? 4 : 6;
}

/* Could this word be read as one that points into the memory? */
static bool is_link(const struct world *w, ptw_word word)
{
    const struct ptw_encoder *e = w->t.geo.encoder;

    for (unsigned level = 1; level <= w->t.geo.top; level++)
        if (e->kind(&w->t.geo, word, level) == PTW_TABLE && e->table_pa(&w->t.geo, word, level) - BASE < w->bytes)
            return true;
    return false;
}

static ptw_word take_word(struct world *w, struct input *in)
{
    const struct ptw_geometry *g = &w->t.geo;
    const struct ptw_encoder *e = g->encoder;
    const uint8_t how = take_byte(in);
    const unsigned level = (how >> 3U) % (g->top + 1);
    ptw_word bits = 0;

    switch (how & 7U) {
    case 0:
    case 1:
    case 2:
        return level == 0 ? take_raw(in) : e->table(g, BASE + take_byte(in) % (1 + TABLES) * w->table_bytes, level);
    case 3:
    case 4:
        if (e->leaf_orders(level) == 0 || !e->bits(g, take_byte(in) & PTW_RWX, level, 0, &bits))
            return take_raw(in);
        return e->leaf(g, (ptw_oa)take_byte(in) << ptw_level_shift(e, level) & g->oa_last, bits, level, 0);
    case 5:
        if (e->payload_bits(level) == 0)
            return take_raw(in);
        return e->mark(1 + take_byte(in) % (PTW_MARK_TYPES - 1), take_byte(in) & ptw_low_mask(e->payload_bits(level)),
                       level);
    case 6:
        return e->table(g, BASE, g->top) ^ take_number(in);
    default:
        return take_raw(in);
    }
}

static void plant(struct world *w, struct input *in)
{
    const struct ptw_encoder *e = w->t.geo.encoder;
    const size_t slots = w->table_bytes / e->word_bytes;

    must(slots != 0, "tables without slots");
    for (size_t i = 0; i < slots; i++)
        hardware_store(&w->t, w->memory + i * e->word_bytes, e->empty(w->t.geo.top > 0 ? 1 : 0));
    for (size_t at = w->table_bytes; at < w->bytes; at += w->table_bytes)
        memcpy(w->memory + at, w->memory, w->table_bytes);
    for (unsigned n = take_byte(in) % WORDS_MAX; n != 0 && in->left != 0; n--) {
        const uint8_t table = take_byte(in);
        const size_t slot = (table & 128) != 0 ? take_byte(in) * (slots / 256 + 1) : take_byte(in) & 7U;
        const unsigned copies = 1U << ((table >> 4U & 3U) == 3 ? 4U : 0U); /* groups */
        ptw_word word = take_word(w, in) & ptw_low_mask(8 * e->word_bytes);

        for (unsigned i = 0; i < copies; i++) {
            if (is_link(w, word) && w->links-- == 0) {
                w->links = 0;
                break;
            }
            hardware_store(
                &w->t, w->memory + (table & 15U) % (1 + TABLES) * w->table_bytes + (slot + i) % slots * e->word_bytes,
                word);
        }
    }
}

/* ----------------------------------------------------------------------------------------------- readers ----- */

static bool count_write(struct ptw_image_writer *writer, const void *bytes, size_t n)
{
    (void)writer;
    return n != 0 && bytes != NULL;
}

static enum ptw_visit visit_on(struct ptw_visitor *v, const struct ptw_entry *e)
{
    (void)v;
    return e->level == 2 && e->index % 3 == 1 ? PTW_VISIT_SKIP : PTW_VISIT_ON;
}

static void read_one_by_one(struct world *w)
{
    struct ptw_cursor c;
    struct ptw_entry e;
    ptw_status status;
    uint64_t payload;
    ptw_addr last = 0;

    must(ptw_cursor_init(&c, &w->t, 0, 0, PTW_ALL | PTW_VISIT_POST) == PTW_OK, "a cursor that does not begin");
    while ((status = ptw_cursor_next(&c, &e)) != PTW_NOENT) {
        must(status == PTW_OK || status == PTW_FAULTED, "a status that a cursor has not");
        must((e.addr & w->t.geo.ia_mask) >= last || e.post, "a cursor that goes back");
        last = e.addr & w->t.geo.ia_mask;
        if (e.kind == PTW_LEAF && w->t.geo.encoder->leaf_orders(e.level) != 0)
            (void)ptw_entry_oa(&w->t, &e);
        (void)ptw_mark_at(&w->t, e.word, e.level, &payload);
    }
}

static void read_all(struct world *w, struct input *in)
{
    struct ptw_image_writer writer = {.write = count_write};
    struct ptw_visitor visitor = {.entry = visit_on};
    struct ptw_finding finding;
    struct ptw_stats stats;
    struct ptw_leaf leaf;
    struct ptw_run run;
    ptw_oa scratch[16];

    read_one_by_one(w);
    (void)ptw_verify(&w->t, scratch, 16, 256, &finding);
    (void)ptw_stats(&w->t, &stats);
    (void)ptw_visit(&w->t, 0, 0, PTW_ALL | PTW_VISIT_HOLES | PTW_VISIT_MIN_LEVEL(1), &visitor);
    (void)ptw_export(&w->t, &writer);
    (void)ptw_dirty(&w->t, 0, 0, PTW_ALL, NULL, &w->g);
    (void)ptw_dirty(&w->t, 0, 0, PTW_ALL | PTW_WRITE_PROTECT | PTW_PEEK, NULL, &w->g);
    (void)ptw_age(&w->t, 0, 0, PTW_ALL, NULL, &w->g);
    for (unsigned i = 0; i < 4; i++) {
        const ptw_addr addr = take_number(in);

        (void)ptw_translate(&w->t, addr, &leaf);
        (void)ptw_next_run(&w->t, addr, ptw_last(&w->t), &run);
    }
    must(ptw_gather_empty(&w->g), "a reader owes something");
}

static uint64_t sum_of(const struct world *w)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < w->bytes; i += 8) {
        uint64_t eight;
        memcpy(&eight, w->memory + i, sizeof(eight));
        sum = (sum ^ eight) * UINT64_C(0x100000001b3) + 1;
    }
    return sum;
}

/* ---------------------------------------------------------------------------------------------- mutators ----- */

static void count_leaf(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    (void)sink;
    (void)leaf;
}

static struct ptw_result of_one(ptw_status status)
{
    return (struct ptw_result){status, 0};
}

static struct ptw_result change(struct world *w, struct input *in)
{
    const uint64_t keep = ~ptw_low_mask(w->t.geo.encoder->granule);
    const uint8_t code = take_byte(in), attr = take_byte(in);
    const ptw_addr addr = take_number(in) & keep;
    const uint64_t size = take_number(in) & keep;
    const uint8_t bits = take_byte(in);
    const uint64_t flags = bits | ((bits & 8) != 0 && w->t.shared ? PTW_SHARED : 0);
    const ptw_attr rights = fixture_fit((attr & 7U) | PTW_R);
    static struct ptw_sink sink = {.leaf = count_leaf}; /* may be called as late as by the sync */

    ptw_gather_budget(&w->g, (attr & 8) != 0 ? take_byte(in) : ~UINT64_C(0));
    switch (code % 16) {
    case 0:
        return ptw_map(&w->t, addr, take_number(in) & keep, size, rights, flags & ~PTW_ALL, &w->g);
    case 1:
        return ptw_unmap(&w->t, addr, size, flags, (attr & 16) != 0 ? &sink : NULL, &w->g);
    case 2:
        return ptw_protect(&w->t, addr, size, attr & 2, attr >> 4U & 2, flags, &w->g);
    case 3:
        return ptw_remap(&w->t, addr, take_number(in) & keep, size, flags, &w->g);
    case 4:
        return of_one(ptw_relax(&w->t, addr, rights | PTW_A, 0));
    case 5:
        return ptw_annotate(&w->t, addr, size, attr % PTW_MARK_TYPES, 0, flags, &w->g);
    case 6:
        return ptw_dirty(&w->t, addr, size, flags, NULL, &w->g);
    case 7:
        return ptw_age(&w->t, addr, size, flags, NULL, &w->g);
    case 8:
        return ptw_cut(&w->t, addr, flags, &w->g);
    case 9:
        return ptw_split_to(&w->t, addr, size, flags | PTW_MAX_LEVEL(attr >> 5U), &w->g);
    case 10:
        return ptw_merge(&w->t, addr, size, flags, &w->g);
    case 11:
        return ptw_trim(&w->t, addr, size, flags, &w->g);
    case 12:
        return ptw_detach(&w->t, addr, (unsigned)(attr >> 5U) % (PTW_LEVELS_MAX + 1U), flags, NULL, &w->g);
    default:
        return of_one(ptw_gather_sync(&w->g));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct world w = {0};
    uint64_t before;

    world_init(&w, &format_cases[take_byte(&in) % format_cases_count]);
    plant(&w, &in);
    before = sum_of(&w);
    read_all(&w, &in);
    must(sum_of(&w) == before, "a reader wrote");
    for (unsigned i = 0; i < CALLS_MAX && in.left != 0; i++)
        must(change(&w, &in).status < PTW_STATUSES, "a status that is none");
    ptw_gather_budget(&w.g, ~UINT64_C(0));
    must(ptw_gather_sync(&w.g) == PTW_OK && ptw_gather_empty(&w.g), "a sync that does not end");
    free(w.memory);
    return 0;
}
