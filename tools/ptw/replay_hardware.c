/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/replay_hardware.c - sets A and D as hardware does (replay_hardware.h). No format is known here: the new
 * word is the old leaf's, carried over and joined with the A and D of a leaf that the encoder makes dirty.
 */
#include "replay_hardware.h"

#include <string.h>

/* The entry's word <-> what stands in memory: the entry's own byte order. */
static uint64_t memory_order(const struct ptw_encoder *e, uint64_t v)
{
    const bool host_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

    if (e->big_endian == host_big)
        return v;
    return e->word_bytes == sizeof(uint64_t) ? __builtin_bswap64(v) : __builtin_bswap32((uint32_t)v);
}

static bool replace_entry(const struct ptw_encoder *e, void *slot, ptw_word from, ptw_word to)
{
    uint64_t expected = memory_order(e, from);
    uint32_t expected32 = (uint32_t)expected;

    if (e->word_bytes == sizeof(uint64_t))
        return PTW_COMPARE_EXCHANGE((uint64_t *)slot, &expected, memory_order(e, to));
    return PTW_COMPARE_EXCHANGE((uint32_t *)slot, &expected32, (uint32_t)memory_order(e, to));
}

/* The leaf that translates `addr`. */
static bool find_leaf(struct ptw_table *t, ptw_addr addr, struct ptw_entry *entry)
{
    struct ptw_cursor c;

    if (ptw_cursor_init(&c, t, addr, 1, 0) != PTW_OK)
        return false;
    while (ptw_cursor_next(&c, entry) == PTW_OK) {
        if (entry->kind == PTW_LEAF)
            return true;
    }
    return false;
}

bool hardware_write(struct ptw_table *t, ptw_addr addr)
{
    const struct ptw_geometry *g = &t->geo;
    const struct ptw_encoder *e = g->encoder;
    struct ptw_entry at;

    while (find_leaf(t, addr, &at)) {
        const unsigned order = e->order(at.word, at.level);
        const ptw_attr attr = e->attr(g, at.word, at.level);
        const ptw_oa oa = e->oa(g, at.word, at.level);
        ptw_word bits = 0;
        ptw_word dirty = 0;

        if ((attr & at.limits & PTW_W) == 0 || !e->bits(g, attr | PTW_AD, at.level, order, &bits))
            return false;
        dirty = e->leaf(g, oa, bits, at.level, order);
        bits = e->ad_join(ptw_carry(e, g, at.word, at.level, at.level, order), dirty);
        if (replace_entry(e, at.slot, at.word, e->leaf(g, oa, bits, at.level, order)))
            return true;
    }
    return false;
}

bool hardware_corrupt(struct ptw_table *t, ptw_addr addr)
{
    const struct ptw_geometry *g = &t->geo;
    const struct ptw_encoder *e = g->encoder;
    struct ptw_entry at;
    unsigned order = 0;
    ptw_oa oa = 0;

    if (!find_leaf(t, addr, &at))
        return false;
    order = e->order(at.word, at.level);
    oa = e->oa(g, at.word, at.level) ^ (UINT64_C(1) << ptw_level_shift(e, at.level));
    return replace_entry(e, at.slot, at.word,
                         e->leaf(g, oa, ptw_carry(e, g, at.word, at.level, at.level, order), at.level, order));
}
