/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim_tables.h - tables for the tests of simulated page walks (sim_agreement.h), and walks through them.
 *
 * A table gets leaves of every size and group that it can have, at both ends and in the middle of its input range, with all
 * kinds of attributes; large ones are then cut. A flat list says what must be there.
 */
#ifndef TEST_SIM_TABLES_H
#define TEST_SIM_TABLES_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/formats.h"

/* How a format's registers and attributes look to the walk. */
struct reading {
    const struct ptw_format *format;
    void (*registers)(const struct fixture *f, struct ptw_sim_mmu *mmu);
    unsigned (*rights)(const struct fixture *f, ptw_attr attr); /* PTW_SIM_R ... of a leaf */
    uint64_t (*type)(ptw_attr attr);
    bool global; /* PTW_GLOBAL is seen */
    bool svade;  /* without "ad" a missing A or D is a fault */
    bool (*apart)(const struct fixture *f, ptw_word word,
                  unsigned level); /* NULL, or words they differ about, and may */
    ptw_attr with_a;               /* own attributes that hardware sets together with A, where the table has them */
};

#define AGREEMENT_MAX 1200U
#define AGREEMENT_ATTRS 160U
#define AGREEMENT_ROUNDS 12U

struct mapped {
    ptw_addr place, size; /* a place is an address without its sign extension */
    ptw_oa oa;
    ptw_attr attr;
};

struct agreement {
    struct fixture *f;
    const struct reading *reading;
    struct ptw_sim_mmu mmu;
    struct mapped map[AGREEMENT_MAX];
    size_t n;
    ptw_attr attr[AGREEMENT_ATTRS];
    size_t attrs;
    ptw_addr next[4], end[4]; /* free places: upwards, downwards, upwards, downwards */
    uint64_t random;
};

/* What an access that is granted sets. */
static inline ptw_attr set_by(const struct agreement *a, unsigned access)
{
    if (!fixture_has_ad(a->f))
        return 0;
    return ((access & PTW_SIM_WRITE) != 0 ? PTW_AD : PTW_A) | (a->reading->with_a & a->f->t.geo.attr_legal);
}

static inline uint64_t any_number(struct agreement *a)
{
    a->random = a->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return a->random ^ a->random >> 29;
}

static inline ptw_addr addr_of(const struct agreement *a, ptw_addr place)
{
    return (place ^ a->f->t.geo.ia_sign) - a->f->t.geo.ia_bias;
}

/* ---------------------------------------------------------------------------------------------- walks ------ */

static inline uint64_t read_entry(const struct ptw_sim_memory *m, const struct ptw_sim_walk *w)
{
    const unsigned char *byte = ptw_sim_memory_at(m, w->entry);
    uint64_t word = 0;

    if (byte == NULL)
        fail_msg("the walk reads an entry at 0x%" PRIx64 ", where no table is", w->entry);
    for (unsigned i = 0; i < w->entry_bytes; i++)
        word |= (uint64_t)byte[i] << 8 * (w->big_endian ? w->entry_bytes - 1 - i : i);
    return word;
}

static inline void write_entry(const struct ptw_sim_memory *m, const struct ptw_sim_walk *w, uint64_t word)
{
    unsigned char *byte = ptw_sim_memory_at(m, w->at), *behind = ptw_sim_memory_behind(m, w->at);

    for (unsigned i = 0; i < w->entry_bytes; i++) {
        unsigned at = w->big_endian ? w->entry_bytes - 1 - i : i;
        byte[at] = (unsigned char)(word >> 8 * i);
        if (behind != NULL)
            behind[at] = byte[at];
    }
}

/* One access; with `update` the entries become what hardware makes of them. */
static inline enum ptw_sim_outcome walk(const struct agreement *a, ptw_addr addr, unsigned access, bool update,
                                        struct ptw_sim_walk *w)
{
    enum ptw_sim_outcome outcome = ptw_sim_walk_start(w, &a->mmu, addr, access);

    while (outcome == PTW_SIM_ENTRY) {
        outcome = ptw_sim_walk_step(w, read_entry(&a->f->memory, w));
        if (update)
            write_entry(&a->f->memory, w, (w->word & ~w->clear) | w->set);
    }
    return outcome;
}

/* ----------------------------------------------------------------------------------------- what is mapped --- */

/* All that the format can express of rights, A, D and one memory type or own attribute at a time. */
static inline void collect_attributes(struct agreement *a)
{
    const struct ptw_geometry *g = &a->f->t.geo;
    ptw_attr list[4096] = {0};
    size_t n = 0;

    for (ptw_attr rights = 0; rights < 64; rights++)
        for (unsigned ad = 0; ad < 4; ad++)
            for (unsigned more = 0; more < 10 + 32; more++) {
                ptw_attr own = more < 10 ? PTW_MT(more) : PTW_BIT(PTW_OWN_SHIFT + more - 10) & g->attr_legal;
                ptw_attr attr = rights | own | (ad & 1U ? PTW_A : 0) | (ad & 2U ? PTW_D : 0);
                if ((more < 10 || own != 0) && fixture_legal(a->f, attr) && n < 4096)
                    list[n++] = attr;
            }
    assert_true(n > 0);
    for (; a->attrs < AGREEMENT_ATTRS; a->attrs++)
        a->attr[a->attrs] = list[any_number(a) % n];
}

/* A free place for a leaf in one of the four regions; false: no room there. */
static inline bool take_place(struct agreement *a, unsigned region, uint64_t size, ptw_addr *place)
{
    const bool down = (region & 1U) != 0;
    const ptw_addr low = down ? a->end[region] : a->next[region], high = down ? a->next[region] : a->end[region];
    const ptw_addr first = down ? (high - (size - 1)) & ~(size - 1) : (low + size - 1) & ~(size - 1);

    if (high < low || high - low < size - 1 || first < low || first > high || high - first < size - 1)
        return false;
    if (down ? first == low : first + (size - 1) == high)
        return false; /* nothing would be left */
    *place = first;
    a->next[region] = down ? first - 1 : first + size;
    return true;
}

static inline ptw_oa any_output(struct agreement *a, uint64_t size)
{
    const ptw_oa last = a->f->t.geo.oa_last & ~(size - 1);
    const ptw_oa oa = any_number(a) % 8 == 0 ? last : any_number(a) & last;

    return oa > UINT64_C(0xfeefffff) || oa + (size - 1) < UINT64_C(0xfee00000) ? oa : last; /* VT-d's interrupts */
}

static inline void map_one(struct agreement *a, unsigned region, uint64_t size)
{
    struct mapped *m = &a->map[a->n];

    if (a->n == AGREEMENT_MAX || size - 1 > a->f->t.geo.oa_last || !take_place(a, region, size, &m->place))
        return;
    m->size = size;
    m->oa = any_output(a, size);
    m->attr = a->attr[a->n % AGREEMENT_ATTRS];
    const ptw_status status = ptw_map(&a->f->t, addr_of(a, m->place), m->oa, size, m->attr, 0, &a->f->g).status;
    if (status != PTW_OK)
        fail_msg("map of 0x%" PRIx64 " bytes at 0x%" PRIx64 " to 0x%" PRIx64 " with 0x%" PRIx64 ": %s", size,
                 addr_of(a, m->place), m->oa, m->attr, ptw_status_name(status));
    a->n++;
}

static inline void map_all(struct agreement *a)
{
    const struct ptw_geometry *g = &a->f->t.geo;
    const ptw_addr quarter = (g->ia_mask >> 2) + 1;

    for (unsigned i = 0; i < 4; i++) {
        const ptw_addr first = i * quarter, last = first + (quarter - 1);
        a->next[i] = (i & 1U) != 0 ? last : first;
        a->end[i] = (i & 1U) != 0 ? first : last;
    }
    for (unsigned round = 0; round < AGREEMENT_ROUNDS; round++)
        for (unsigned level = 0; level <= g->max_leaf; level++)
            for (unsigned order = 0; order < 16; order++)
                if ((g->orders[level] >> order & 1U) != 0)
                    for (unsigned region = 0; region < 4; region++)
                        map_one(a, region, UINT64_C(1) << (ptw_level_shift(g->encoder, level) + order));
}

/* Takes one page out of the middle of every third large leaf. */
static inline void cut_some(struct agreement *a)
{
    const uint64_t page = UINT64_C(1) << ptw_level_shift(a->f->t.geo.encoder, 0);
    const size_t n = a->n;

    for (size_t i = 0; i < n && a->n < AGREEMENT_MAX; i += 3) {
        struct mapped *m = &a->map[i];
        const uint64_t half = m->size / 2;
        if (m->size < 2 * page)
            continue;
        if (ptw_unmap(&a->f->t, addr_of(a, m->place + half), page, 0, NULL, &a->f->g).status != PTW_OK)
            fail_msg("a page can't be taken out of the leaf at 0x%" PRIx64, addr_of(a, m->place));
        if (half > page)
            a->map[a->n++] = (struct mapped){m->place + half + page, half - page, m->oa + half + page, m->attr};
        m->size = half;
    }
}

static inline const struct mapped *mapping_of(const struct agreement *a, ptw_addr place)
{
    for (size_t i = 0; i < a->n; i++)
        if (place >= a->map[i].place && place - a->map[i].place < a->map[i].size)
            return &a->map[i];
    return NULL;
}

#endif
