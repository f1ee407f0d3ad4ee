/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/each_format.c - map, translate, dirty and unmap on every format, and once more with each option and granule that
 * chooses another engine: no floor and no clock, for a tool that counts instructions.
 *
 * 1024 pages of the smallest size in tables that are there, not in order. Every call of bench_measured() is said in a line
 * of its own: the table, the row, "ptw" or "loop" (the bench's own instructions, which are in the other), operations.
 */
#include "bench.h"

#include <stdio.h>
#include <string.h>

#define PAGES UINT64_C(1024)
#define STRIDE UINT64_C(37) /* odd: meets every page */
#define OA (BENCH_1G * 2U)
#define ENGINES 8U /* of one format */

static uint64_t page_of(const struct bench_side *s)
{
    return UINT64_C(1) << s->t.geo.encoder->granule;
}

/* Not at 0, if there is room. */
static ptw_addr base_of(const struct bench_side *s)
{
    const ptw_addr first = ptw_first(&s->t);

    return ptw_last(&s->t) - first > 2U * BENCH_1G ? first + BENCH_1G : first;
}

static ptw_addr nth(const struct bench_side *s, uint64_t i)
{
    return i * STRIDE % PAGES * page_of(s);
}

static uint64_t map_one(struct bench_side *s)
{
    const ptw_addr base = base_of(s);
    const uint64_t page = page_of(s);
    const ptw_attr attr = s->attr[0];
    ptw_status failed = PTW_OK;

    for (uint64_t i = 0; i < PAGES; i++)
        failed |= ptw_map(&s->t, base + nth(s, i), OA + nth(s, i), page, attr, 0, &s->g).status;
    s->failed = failed;
    s->ops = PAGES;
    return 0;
}

static uint64_t unmap_one(struct bench_side *s)
{
    const ptw_addr base = base_of(s);
    const uint64_t page = page_of(s);
    ptw_status failed = PTW_OK;

    for (uint64_t i = 0; i < PAGES; i++)
        failed |= ptw_unmap(&s->t, base + nth(s, i), page, 0, NULL, &s->g).status;
    s->failed = failed;
    s->ops = PAGES;
    return 0;
}

static uint64_t translate(struct bench_side *s)
{
    const ptw_addr base = base_of(s);
    ptw_status failed = PTW_OK;
    struct ptw_leaf leaf;

    for (uint64_t i = 0; i < PAGES; i++)
        failed |= ptw_translate(&s->t, base + nth(s, i), &leaf);
    s->failed = failed;
    s->ops = PAGES;
    return 0;
}

static uint64_t dirty(struct bench_side *s)
{
    const ptw_addr base = base_of(s);
    struct ptw_bitmap bitmap = {.words = s->bitmap, .bits = PAGES, .base = base, .shift = s->t.geo.encoder->granule};

    s->failed = ptw_dirty(&s->t, base, PAGES * page_of(s), PTW_CLEAR, &bitmap, &s->g).status;
    s->ops = PAGES;
    return 0;
}

static const struct bench_step rows[] = {{"map", NULL, 0, BENCH_TIME, false, map_one},
                                         {"translate", NULL, 0, BENCH_TIME, false, translate},
                                         {"dirty", NULL, 0, BENCH_TIME, false, dirty},
                                         {"unmap", NULL, 0, BENCH_TIME, false, unmap_one},
                                         {NULL, NULL, 0, BENCH_TIME, false, NULL}};

static int failure(const char *name, const char *what)
{
    fprintf(stderr, "ptw-bench: %s: %s\n", name, what);
    return 1;
}

/* The widest rights that the format has. Without D: nothing is dirty. */
static bool choose_attr(struct bench_side *s, bool ad)
{
    static const ptw_attr rights[] = {PTW_R | PTW_W | PTW_X, PTW_R | PTW_W};
    const struct ptw_geometry *g = &s->t.geo;
    ptw_word bits;

    for (size_t i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
        s->attr[0] = rights[i] | PTW_MT_WB | PTW_A | (ad ? 0 : PTW_D);
        if (g->encoder->bits(g, s->attr[0], 0, 0, &bits))
            return true;
    }
    return false;
}

/* Everything once, counted; then the loops alone. */
static int count(struct bench_side *s, const char *name, bool ad)
{
    (void)map_one(s); /* makes the tables */
    (void)unmap_one(s);
    s->sync(&s->g);
    for (unsigned turn = 0; turn < 2; turn++) {
        s->t.ops = turn == 0 ? s->t.geo.ops : &bench_nothing;
        for (const struct bench_step *row = rows; row->run != NULL; row++) {
            if (row->run == dirty && !ad)
                continue;
            (void)bench_measured(row, s);
            if (s->failed != PTW_OK) {
                fprintf(stderr, "ptw-bench: %s: %s fails, statuses %#llx\n", name, row->row,
                        (unsigned long long)s->failed);
                return 1;
            }
            s->sync(&s->g);
            printf("%s %s %s %llu\n", name, row->row, turn == 0 ? "ptw" : "loop", (unsigned long long)s->ops);
        }
    }
    return 0;
}

static int count_table(struct bench *b, const struct ptw_format *format, const struct ptw_config *config,
                       const char *name)
{
    struct bench_side *s = &b->side[BENCH_LIBRARY];
    const bool ad = (config->options & PTW_OPT_AD) != 0;
    struct ptw_mem mem;
    int status;

    memset(s, 0, sizeof(*s));
    s->sync = ptw_gather_sync;
    s->memory.arena = &b->arena; /* one thread: there is no second */
    bench_arena_hooks(&s->memory, false, &mem);
    if (ptw_init(&s->t, format, config, &mem, NULL) != PTW_OK)
        return failure(name, "no table");
    ptw_gather_init(&s->g, &s->t);
    status = choose_attr(s, ad) ? count(s, name, ad) : failure(name, "it has neither rwx nor rw-");
    s->t.ops = s->t.geo.ops;
    ptw_destroy(&s->t);
    return status;
}

struct engines {
    const struct ptw_ops *seen[ENGINES];
    unsigned used;
};

/* Counts a configuration, if it is one and its engine is new. */
static int count_engine(struct bench *b, struct engines *engines, const struct ptw_format *format,
                        const struct ptw_config *config, const char *name)
{
    struct ptw_geometry geo;

    if (ptw_configure(format, config, &geo, NULL) != PTW_OK)
        return 0;
    for (unsigned i = 0; i < engines->used; i++) {
        if (engines->seen[i] == geo.ops)
            return 0;
    }
    if (engines->used == ENGINES)
        return failure(name, "too many engines");
    engines->seen[engines->used++] = geo.ops;
    return count_table(b, format, config, name);
}

static int count_format(struct bench *b, const struct ptw_format *format)
{
    struct engines engines = {.used = 0};
    struct ptw_config plain = format->defaults;
    struct ptw_geometry geo;
    char name[64];
    int status;

    plain.options |= PTW_OPT_AD;
    if (ptw_configure(format, &plain, &geo, NULL) != PTW_OK)
        plain = format->defaults;
    status = count_engine(b, &engines, format, &plain, format->name);
    for (const struct ptw_option *option = format->options; option->key != NULL; option++) {
        struct ptw_config config = plain;

        config.options ^= option->bit;
        (void)snprintf(name, sizeof(name), "%s,%s=%d", format->name, option->key, (config.options & option->bit) != 0);
        status |= count_engine(b, &engines, format, &config, name);
    }
    for (unsigned shift = 12; shift <= 16; shift += 2) {
        struct ptw_config config = plain;

        config.granule = UINT64_C(1) << shift;
        (void)snprintf(name, sizeof(name), "%s,granule=%lluK", format->name, (unsigned long long)config.granule >> 10U);
        status |= count_engine(b, &engines, format, &config, name);
    }
    return status;
}

int bench_each_format(struct bench *b)
{
    int status = 0;

    for (size_t i = 0; ptw_formats[i] != NULL; i++)
        status |= count_format(b, ptw_formats[i]);
    return status;
}
