/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim_agreement.h - two readings of a manual agree: what the library maps, the simulated page walk finds; and of any word,
 * whatever its bits, encoder and walk say the same.
 *
 * The walk is pointed at the table by the registers that the library's own functions make, and sees nothing but memory.
 */
#ifndef TEST_SIM_AGREEMENT_H
#define TEST_SIM_AGREEMENT_H

#include "sim_tables.h"

/* ----------------------------------------------------------------------------------------- comparison ------ */

static inline enum ptw_sim_outcome expected(const struct agreement *a, const struct mapped *m, unsigned access)
{
    const unsigned need = (access & 7U) << ((access & PTW_SIM_USER) != 0 ? 3U : 0);

    if (m == NULL)
        return PTW_SIM_ABSENT;
    if ((a->reading->rights(a->f, m->attr) & need) == 0)
        return PTW_SIM_DENIED;
    if (a->reading->svade && !fixture_has_ad(a->f) &&
        ((m->attr & PTW_A) == 0 || ((access & PTW_SIM_WRITE) != 0 && (m->attr & PTW_D) == 0)))
        return PTW_SIM_UNSET;
    return PTW_SIM_LEAF;
}

static inline void check_found(const struct agreement *a, const struct mapped *m, const struct ptw_sim_walk *w,
                               ptw_addr place)
{
    const bool changes = (set_by(a, w->access) & ~m->attr) != 0;

    if (w->out != m->oa + (place - m->place))
        fail_msg("0x%" PRIx64 " goes to 0x%" PRIx64 ", mapped to 0x%" PRIx64, w->addr, w->out,
                 m->oa + (place - m->place));
    if (w->rights != a->reading->rights(a->f, m->attr))
        fail_msg("0x%" PRIx64 " has rights 0x%x, mapped with 0x%" PRIx64, w->addr, w->rights, m->attr);
    if (w->type != a->reading->type(m->attr))
        fail_msg("0x%" PRIx64 " has type %" PRIu64 ", mapped with 0x%" PRIx64, w->addr, w->type, m->attr);
    if (w->global != (a->reading->global && (m->attr & PTW_GLOBAL) != 0))
        fail_msg("0x%" PRIx64 " is%s global", w->addr, w->global ? "" : " not");
    if (changes != (((w->word & ~w->clear) | w->set) != w->word))
        fail_msg("0x%" PRIx64 ": A and D are%s set, mapped with 0x%" PRIx64, w->addr, changes ? " not" : "", m->attr);
    if (w->addr < w->first || w->addr > w->last || mapping_of(a, place + (w->last - w->addr)) != m ||
        mapping_of(a, place - (w->addr - w->first)) != m)
        fail_msg("0x%" PRIx64 ": the leaf covers [0x%" PRIx64 ", 0x%" PRIx64 "]", w->addr, w->first, w->last);
}

static inline void probe(const struct agreement *a, ptw_addr place)
{
    static const unsigned access[] = {1, 2, 4, 9, 10, 12};
    const struct mapped *m = mapping_of(a, place);

    for (size_t i = 0; i < sizeof(access) / sizeof(access[0]); i++) {
        struct ptw_sim_walk w;
        const enum ptw_sim_outcome got = walk(a, addr_of(a, place), access[i], false, &w);
        if (got != expected(a, m, access[i]))
            fail_msg("0x%" PRIx64 ", access %u: %d (%s), wanted %d; attributes 0x%" PRIx64 ", word 0x%" PRIx64, w.addr,
                     access[i], (int)got, w.why == NULL ? "no fault" : w.why, (int)expected(a, m, access[i]),
                     m == NULL ? 0 : m->attr, w.word);
        if (got == PTW_SIM_LEAF)
            check_found(a, m, &w, place);
    }
}

/* Where something is mapped, beside it, and anywhere. */
static inline void probe_all(struct agreement *a)
{
    const ptw_addr mask = a->f->t.geo.ia_mask;

    for (size_t i = 0; i < a->n; i++) {
        const struct mapped m = a->map[i];
        const ptw_addr at[] = {0, m.size - 1, m.size / 2, any_number(a) & (m.size - 1), m.size, UINT64_C(0) - 1};
        for (size_t j = 0; j < sizeof(at) / sizeof(at[0]); j++)
            probe(a, (m.place + at[j]) & mask);
        probe(a, any_number(a) & mask);
    }
}

/* Addresses that the table can't translate. */
static inline void probe_beyond(const struct agreement *a)
{
    const struct ptw_geometry *g = &a->f->t.geo;

    for (unsigned bit = 20; bit < 64; bit++) {
        const ptw_addr addr[] = {PTW_BIT(bit), PTW_BIT(bit) - 1, ~PTW_BIT(bit)};
        for (size_t i = 0; i < 3; i++) {
            struct ptw_sim_walk w;
            if (addr[i] + g->ia_bias > g->ia_mask && walk(a, addr[i], PTW_SIM_READ, false, &w) != PTW_SIM_BEYOND)
                fail_msg("0x%" PRIx64 " is no address of the table, and walks", addr[i]);
        }
    }
}

/* What an access leaves in the entry, the library reads. */
static inline void access_each(const struct agreement *a, unsigned access)
{
    for (size_t i = 0; i < a->n; i++) {
        const struct mapped *m = &a->map[i];
        const ptw_addr addr = addr_of(a, m->place + (m->size - 1));
        struct ptw_sim_walk w;
        struct ptw_leaf before, after;

        assert_int_equal(ptw_translate(&a->f->t, addr, &before), PTW_OK);
        const ptw_attr was = ptw_leaf_attr(&a->f->t, &before);
        const bool granted = walk(a, addr, access, true, &w) == PTW_SIM_LEAF;
        assert_int_equal(ptw_translate(&a->f->t, addr, &after), PTW_OK);
        const ptw_attr is = ptw_leaf_attr(&a->f->t, &after);
        if (is != (granted ? was | set_by(a, access) : was))
            fail_msg("0x%" PRIx64 ", access %u: attributes 0x%" PRIx64 " become 0x%" PRIx64, addr, access, was, is);
    }
}

/* -------------------------------------------------------------------------------------------- verdicts ------ */

/* Any word: few bits, many, or those of a word that the library makes with some turned over. */
static inline uint64_t any_word(struct agreement *a, unsigned level)
{
    const struct ptw_geometry *g = &a->f->t.geo;
    const uint64_t mask = g->encoder->word_bytes == 4 ? UINT32_MAX : ~UINT64_C(0);
    uint64_t few = any_number(a);
    ptw_word bits;

    for (unsigned i = 0; i < 3; i++)
        few &= any_number(a);
    switch (any_number(a) >> 8 & 3U) {
    case 0:
        return any_number(a) & mask;
    case 1:
        return (g->encoder->table(g, 0, level) ^ few) & mask;
    default:
        if (!g->encoder->bits(g, a->attr[any_number(a) % AGREEMENT_ATTRS], level, 0, &bits))
            fail_msg("attributes that were legal are not");
        return (g->encoder->leaf(g, 0, bits, level, 0) ^ few ^ (PTW_BIT(any_number(a) & 63U))) & mask;
    }
}

/* What the encoder says of a word, as a walk's outcome; LEAF stands for all that a leaf can end in. */
static inline enum ptw_sim_outcome verdict(const struct ptw_geometry *g, ptw_word word, unsigned level)
{
    const enum ptw_kind kind = g->encoder->kind(g, word, level);

    if (kind == PTW_EMPTY || kind == PTW_MARKED)
        return PTW_SIM_ABSENT;
    if (g->encoder->illegal(g, word, level) != NULL)
        return PTW_SIM_RESERVED;
    return kind == PTW_TABLE ? PTW_SIM_ENTRY : PTW_SIM_LEAF;
}

static inline void same_verdict(struct agreement *a, unsigned level)
{
    const struct ptw_geometry *g = &a->f->t.geo;
    const ptw_word word = any_word(a, level);
    struct ptw_sim_walk w;

    if (a->reading->apart != NULL && a->reading->apart(a->f, word, level))
        return;
    enum ptw_sim_outcome got = ptw_sim_walk_start(&w, &a->mmu, addr_of(a, 0), PTW_SIM_READ);
    while (got == PTW_SIM_ENTRY && w.level > level)
        got = ptw_sim_walk_step(&w, g->encoder->table(g, 0, w.level));
    assert_int_equal(got, PTW_SIM_ENTRY);
    got = ptw_sim_walk_step(&w, word);
    if (got == PTW_SIM_DENIED || got == PTW_SIM_UNSET)
        got = PTW_SIM_LEAF;
    if (got != verdict(g, word, level))
        fail_msg("level %u, word 0x%016" PRIx64 ": %d (%s), the encoder says %d", level, word, (int)got,
                 w.why == NULL ? "no fault" : w.why, (int)verdict(g, word, level));
    if (got == PTW_SIM_ENTRY && w.entry != g->encoder->table_pa(g, word, level))
        fail_msg("level %u, word 0x%016" PRIx64 ": the table is at 0x%" PRIx64, level, word, w.entry);
    const ptw_attr attr = got == PTW_SIM_LEAF ? g->encoder->attr(g, word, level) : 0;
    if (got == PTW_SIM_LEAF && (w.out != g->encoder->oa(g, word, level) || w.type != a->reading->type(attr) ||
                                w.rights != a->reading->rights(a->f, attr)))
        fail_msg("level %u, word 0x%016" PRIx64 ": 0x%" PRIx64 ", rights 0x%x, type %" PRIu64, level, word, w.out,
                 w.rights, w.type);
}

/* The readings of this program. */
static const struct reading *agreement_readings;
static size_t agreement_readings_count;

static inline const struct reading *reading_of(const struct fixture *f)
{
    for (size_t i = 0; i < agreement_readings_count; i++)
        if (agreement_readings[i].format == f->format)
            return &agreement_readings[i];
    return NULL;
}

static inline bool is_read_here(const struct fixture *f)
{
    return reading_of(f) != NULL;
}

static inline void the_walk_finds_what_is_mapped(struct fixture *f)
{
    struct agreement *a = calloc(1, sizeof(*a));

    assert_non_null(a);
    a->f = f;
    a->reading = reading_of(f);
    collect_attributes(a);
    map_all(a);
    cut_some(a);
    ptw_gather_sync(&f->g);
    a->reading->registers(f, &a->mmu);
    probe_all(a);
    probe_beyond(a);
    for (unsigned i = 0; i < 5000 * (f->t.geo.top + 1); i++)
        same_verdict(a, i % (f->t.geo.top + 1));
    access_each(a, PTW_SIM_READ);
    access_each(a, PTW_SIM_WRITE);
    access_each(a, PTW_SIM_WRITE | PTW_SIM_USER);
    free(a);
}

/* All cases of the table of formats that `readings` are for, and `more`. Answers how many failed. */
static inline int agreement_run(const char *group, const struct reading *readings, size_t n,
                                const struct format_case *more, size_t more_n)
{
    static const struct format_test test = {"the_walk_finds_what_is_mapped", the_walk_finds_what_is_mapped,
                                            is_read_here};

    agreement_readings = readings;
    agreement_readings_count = n;
    const int failed = formats_run(group, &test, 1);
    return failed + formats_run_over(group, &test, 1, more, more_n);
}

#endif
