/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* input.h - a harness's bytes as numbers and configurations, the same way in every harness. */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include "support/formats.h"

#include <stdio.h>
#include <stdlib.h>

struct input {
    const uint8_t *data;
    size_t left;
};

static inline uint8_t take_byte(struct input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->data++;
}

static inline uint64_t take_raw(struct input *in)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < 8; i++)
        v = v << 8 | take_byte(in);
    return v;
}

/* A number as callers get them wrong: anything, or close to a power of two, from above or from below. */
static inline uint64_t take_number(struct input *in)
{
    uint8_t how = take_byte(in);
    uint64_t power = UINT64_C(1) << (take_byte(in) & 63);

    switch (how & 7) {
    case 0:
        return take_raw(in);
    case 1:
        return take_raw(in) & ~UINT64_C(0xfff);
    case 2:
        return power - 1;
    case 3:
        return 0 - power;
    case 4:
        return power + ((uint64_t)take_byte(in) << 12);
    case 5:
        return power - ((uint64_t)take_byte(in) << 12);
    case 6:
        return (uint64_t)take_byte(in) << 12;
    default:
        return power;
    }
}

static inline void must(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

static inline void take_config(struct input *in, const struct ptw_format *format, struct ptw_config *c)
{
    uint8_t which = take_byte(in);

    *c = format->defaults;
    if ((which & 1) != 0)
        c->levels = take_byte(in) & 7;
    if ((which & 2) != 0)
        c->ia = take_byte(in) & 127;
    if ((which & 4) != 0)
        c->oa = take_byte(in) & 127;
    if ((which & 8) != 0)
        c->granule = take_number(in);
    if ((which & 16) != 0)
        c->leaf = take_number(in);
    if ((which & 32) != 0)
        c->options = take_byte(in) | (uint64_t)take_byte(in) << 8;
    if ((which & 64) != 0)
        c->options |= (uint64_t)take_byte(in) << 16;
    if ((which & 128) != 0)
        c->c_bit = take_byte(in) & 63;
}

/* A format of the library. */
static inline const struct ptw_format *format_of(uint8_t number)
{
    size_t formats = 0;

    while (ptw_formats[formats] != NULL)
        formats++;
    if (formats == 0)
        abort();
    return ptw_formats[number % formats];
}

#define CASES_MAX 256U

/* An empty table of a case of the format table, in little memory, of which at most `tables` are given out. Fixtures are
 * made when they are wanted first, and kept. */
static inline struct fixture *fixture_of(uint8_t number, uint64_t tables)
{
    static struct fixture *fixtures[CASES_MAX];
    const struct format_case *kase = &format_cases[number % format_cases_count];
    struct fixture **f = &fixtures[number % format_cases_count];

    if (*f == NULL) {
        *f = calloc(1, sizeof(**f));
        if (*f == NULL)
            abort();
        ptw_sim_memory_init(&(*f)->memory, 2 * PTW_SIM_BLOCK_MAX, kase->memory_options);
        (*f)->kase = kase;
        (*f)->format = kase->format;
        (*f)->config = kase->format->defaults;
        must(format_config(kase->format, kase->keys, &(*f)->config), "a case without a configuration");
    }
    must(fixture_reopen(*f) == PTW_OK, "a case that cannot be opened");
    (*f)->memory.limit = tables;
    return *f;
}

#endif
