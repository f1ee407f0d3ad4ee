/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * golden.h - golden words: entries written out by hand from the architecture manuals, with the attributes and the
 * address that they stand for. The encoders must make exactly these words and read exactly these attributes back, and
 * must refuse, with a reason, every word that hardware faults on. One file of cases for each architecture
 * (test_golden_x86.c, ...), one table for each format; ids are those of the format pages.
 *
 * Levels are the library's: 0 holds the smallest leaves.
 */
#ifndef TEST_GOLDEN_H
#define TEST_GOLDEN_H

#define TEST_LITERAL_RIGHTS
#include "conformance.h"

/* A leaf (`table` false) or a table entry, with what is in it and the exact word. */
struct golden {
    const char *id;
    const char *keys;
    unsigned level; /* or GROUP(level, order): the first slot of a leaf of 2^order slots */
    bool table;
    ptw_oa pa;
    ptw_attr attr;
    ptw_word word;
};

#define GROUP(level, order) ((level) | (order) << 8U)

/* For a table entry that points past levels, to a table at `below`: such entries are read, never made. */
#define SKIPS_TO(level, below) ((level) | ((below) + 1U) << 8U)

/* Why a word is no translation: hardware takes it for a hole, or the architecture forbids it. */
enum refusal { HOLE, ILLEGAL };

struct refused {
    const char *id;
    const char *keys;
    unsigned level;
    enum refusal how;
    ptw_word word;
};

/* Attributes that a format can't express. */
struct request {
    const char *id;
    const char *keys;
    ptw_attr attr;
};

#define ANY_LEVEL 99U

/* All cases of one format; TABLE() writes a table and its length. */
struct suite {
    const struct ptw_format *format;
    const struct golden *golden;
    size_t goldens;
    const struct refused *refused;
    size_t refuseds;
    const struct request *request;
    size_t requests;
};

#define TABLE(t) (t), sizeof(t) / sizeof((t)[0])

/* What the tests run over: golden_run's. */
static const struct suite *suites;
static size_t suites_count;

static void same_word(const char *format, const char *id, const char *what, uint64_t got, uint64_t want)
{
    if (got != want)
        fail_msg("%s %s: %s 0x%016" PRIx64 ", wanted 0x%016" PRIx64, format, id, what, got, want);
}

static void check_leaf(const struct suite *s, const struct golden *c, const struct ptw_geometry *geo)
{
    const struct ptw_encoder *e = geo->encoder;
    const char *name = s->format->name;
    const unsigned level = c->level & 0xffU, order = c->level >> 8;
    ptw_word bits;

    if (!e->bits(geo, c->attr, level, order, &bits))
        fail_msg("%s %s: attributes 0x%" PRIx64 " are refused", name, c->id, c->attr);
    same_word(name, c->id, "leaf", e->leaf(geo, c->pa, bits, level, order), c->word);
    same_word(name, c->id, "kind", e->kind(geo, c->word, level), PTW_LEAF);
    same_word(name, c->id, "address", e->oa(geo, c->word, level), c->pa);
    same_word(name, c->id, "attributes", e->attr(geo, c->word, level), c->attr);
    same_word(name, c->id, "order", e->order(c->word, level), order);
}

static void check_table(const struct suite *s, const struct golden *c, const struct ptw_geometry *geo)
{
    const struct ptw_encoder *e = geo->encoder;
    const char *name = s->format->name;
    const unsigned level = c->level & 0xffU, skips_to = c->level >> 8;

    if (skips_to == 0)
        same_word(name, c->id, "table", e->table(geo, c->pa, level), c->word);
    if (e->table_level != NULL)
        same_word(name, c->id, "level", e->table_level(c->word, level), (skips_to != 0 ? skips_to : level) - 1U);
    same_word(name, c->id, "kind", e->kind(geo, c->word, level), PTW_TABLE);
    same_word(name, c->id, "address", e->table_pa(geo, c->word, level), c->pa);
    same_word(name, c->id, "limits", ~e->limits(geo, c->word, level) & PTW_RIGHTS & geo->attr_legal, 0);
}

static void words_are_exact(void **state)
{
    (void)state;
    for (const struct suite *s = suites; s < suites + suites_count; s++)
        for (const struct golden *c = s->golden; c < s->golden + s->goldens; c++) {
            struct ptw_geometry geo = configured(s->format, c->keys);
            const char *objection = geo.encoder->illegal(&geo, c->word, c->level & 0xffU);

            if (c->table)
                check_table(s, c, &geo);
            else
                check_leaf(s, c, &geo);
            if (objection != NULL)
                fail_msg("%s %s: a legal word is refused: %s", s->format->name, c->id, objection);
        }
}

static void check_refused(const struct suite *s, const struct refused *c, const struct ptw_geometry *geo,
                          unsigned level)
{
    const struct ptw_encoder *e = geo->encoder;
    enum ptw_kind kind = e->kind(geo, c->word, level);
    bool hole = kind == PTW_EMPTY || kind == PTW_MARKED;
    const char *objection = e->illegal(geo, c->word, level);

    if (c->how == HOLE && !hole)
        fail_msg("%s %s level %u: not a hole but kind %d", s->format->name, c->id, level, (int)kind);
    if (c->how == ILLEGAL && (objection == NULL || objection[0] == '\0'))
        fail_msg("%s %s level %u: no objection", s->format->name, c->id, level);
}

static void words_that_fault_are_refused(void **state)
{
    (void)state;
    for (const struct suite *s = suites; s < suites + suites_count; s++)
        for (const struct refused *c = s->refused; c < s->refused + s->refuseds; c++) {
            struct ptw_geometry geo = configured(s->format, c->keys);
            unsigned first = c->level == ANY_LEVEL ? 0 : c->level;
            unsigned last = c->level == ANY_LEVEL ? geo.top : c->level;

            for (unsigned level = first; level <= last; level++)
                check_refused(s, c, &geo, level);
        }
}

static void attributes_out_of_reach_are_refused(void **state)
{
    ptw_word bits;

    (void)state;
    for (const struct suite *s = suites; s < suites + suites_count; s++)
        for (const struct request *c = s->request; c < s->request + s->requests; c++) {
            struct ptw_geometry geo = configured(s->format, c->keys);

            for (unsigned level = 0; level <= geo.max_leaf; level++)
                if (geo.encoder->bits(&geo, c->attr, level, 0, &bits))
                    fail_msg("%s: \"%s\" is accepted at level %u", s->format->name, c->id, level);
        }
}

/* The main() of a file of cases. */
static int golden_run(const struct suite *cases, size_t n)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_exact),
        cmocka_unit_test(words_that_fault_are_refused),
        cmocka_unit_test(attributes_out_of_reach_are_refused),
    };

    suites = cases;
    suites_count = n;
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}

#endif
