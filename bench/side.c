/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/side.c - a side's table: opened for a case, compared with the other side's, closed.
 *
 * The floor's table is an ordinary table of the library whose `ops` are the floor's, so that everything that is not
 * measured (cursor, stats, destroy) works on both. Beside two threads the floor is the library itself, in one.
 */
#include "bench.h"

#include <string.h>

static void forget(void *ctx, const struct ptw_inval *inval)
{
    (void)ctx, (void)inval;
}

static struct ptw_result library_trim(struct ptw_table *t, struct ptw_gather *g)
{
    return ptw_merge(t, 0, 0, PTW_ALL, g);
}

/* A leaf's word at address 0. */
static bool word_of(const struct bench_side *s, ptw_attr attr, unsigned level, ptw_word *w)
{
    const struct ptw_encoder *e = s->t.geo.encoder;
    ptw_word bits;

    if (!e->bits(&s->t.geo, attr, level, 0, &bits))
        return false;
    *w = e->leaf(&s->t.geo, 0, bits, level, 0);
    return true;
}

/* The widest rights that the format has: R, W and, if there is one, X. */
static ptw_attr widest_rights(const struct bench_side *s)
{
    return (PTW_R | PTW_W | PTW_X) & s->t.geo.attr_legal;
}

/* What the floor is given instead of attributes: that word. */
static bool prepare_floor(struct bench_side *s, ptw_attr attr)
{
    for (unsigned level = 0; level < 3; level++) {
        if (!word_of(s, attr, level, &s->attr[level]))
            return false;
    }
    return true;
}

bool bench_open(struct bench_side *s, const struct bench_case *c)
{
    const struct floor *floor = s->bench->floor;
    struct ptw_config config = floor->format->defaults;
    ptw_attr attr = PTW_A | (c->dirty ? 0 : PTW_D) | PTW_MT_WB;
    const bool by_hand = s->floor && !c->threads;
    struct ptw_hw hw = {forget, NULL};
    struct ptw_mem mem;

    bench_arena_hooks(&s->memory, c->incoherent, &mem);
    if (c->dirty)
        config.options |= PTW_OPT_AD;
    if (ptw_init(&s->t, floor->format, &config, &mem, &hw) != PTW_OK)
        return false;
    if (c->shared && ptw_share(&s->t, NULL, 0) != PTW_OK)
        return false;
    s->flags = c->shared ? PTW_SHARED : 0;
    attr = (attr | widest_rights(s)) & s->t.geo.attr_legal;
    s->attr[0] = s->attr[1] = s->attr[2] = attr;
    ptw_gather_init(&s->g, &s->t);
    if (ptw_cursor_init(&s->c, &s->t, 0, 0, PTW_ALL) != PTW_OK)
        return false;
    s->sync = by_hand ? floor->sync : ptw_gather_sync;
    s->trim = by_hand ? floor->trim : library_trim;
    if (!by_hand)
        return true;
    s->t.ops = floor->ops[c->work];
    s->c.generation = ~0UL;
    return prepare_floor(s, attr);
}

void bench_close(struct bench_side *s)
{
    s->sync(&s->g);
    s->t.ops = s->t.geo.ops;
    ptw_destroy(&s->t);
    if (s->memory.pages != 0 || s->second.pages != 0)
        s->wrong = "tables are still allocated after the table was destroyed";
}

void bench_make_tables(struct bench_side *s, ptw_addr base, uint64_t bytes, uint64_t step, uint64_t leaf)
{
    const struct ptw_ops *ops = s->t.ops;

    s->t.ops = s->t.geo.ops;
    for (ptw_addr a = base; a != base + bytes; a += step) {
        s->failed |= ptw_map(&s->t, a, 0, leaf, PTW_R, 0, &s->g).status;
        s->failed |= ptw_unmap(&s->t, a, leaf, 0, NULL, &s->g).status;
    }
    ptw_gather_sync(&s->g);
    s->t.ops = ops;
}

static uint64_t mix(uint64_t sum, uint64_t v)
{
    sum = (sum ^ v) * UINT64_C(0x9e3779b97f4a7c15);
    return sum ^ sum >> 29U;
}

/* Over every entry, with holes; of table entries everything but where the table is. */
uint64_t bench_digest(struct bench_side *s)
{
    const struct ptw_encoder *e = s->t.geo.encoder;
    struct ptw_cursor c;
    struct ptw_entry entry;
    ptw_status status = ptw_cursor_init(&c, &s->t, 0, 0, PTW_ALL | PTW_VISIT_HOLES);
    uint64_t sum = 0;

    while (status == PTW_OK && (status = ptw_cursor_next(&c, &entry)) == PTW_OK) {
        ptw_word w = entry.word;

        if (entry.kind == PTW_TABLE)
            w ^= e->table(&s->t.geo, e->table_pa(&s->t.geo, w, entry.level), entry.level);
        sum = mix(mix(mix(sum, entry.addr), entry.level * 4U + (unsigned)entry.kind), w);
    }
    if (status != PTW_NOENT)
        s->wrong = "the table can't be read to its end";
    return sum;
}

/* At which levels something is owed is not compared: one may name more of them than another. */
uint64_t bench_settle(struct bench_side *s)
{
    uint64_t sum = mix(mix(mix(0, s->g.inval.first), s->g.inval.last), s->g.inval.reasons);

    if (s->g.inval.reasons == 0)
        sum = 0;
    s->sync(&s->g);
    return sum;
}
