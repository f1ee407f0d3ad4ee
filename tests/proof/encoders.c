/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tests/proof/encoders.c - which encoders the configurations of FORMAT choose from. Prints a line for each: the format's
 * name, and a configuration that chooses it, as a C initializer for tests/proof/encoder.c. For the host.
 */
#include <inttypes.h>
#include <stdio.h>

#include <ptw/ptw.h>

extern const struct ptw_format FORMAT;
const struct ptw_format *const ptw_formats[] = {&FORMAT, NULL};

static const struct ptw_encoder *found[64];
static size_t found_count;

static void look_at(const struct ptw_config *c)
{
    struct ptw_geometry g;

    if (ptw_configure(&FORMAT, c, &g, NULL) != PTW_OK)
        return;
    for (size_t i = 0; i < found_count; i++)
        if (found[i] == g.encoder)
            return;
    if (found_count == sizeof found / sizeof *found)
        return;
    found[found_count++] = g.encoder;
    printf("%s\t{.levels=%u,.granule=%" PRIu64 ",.options=%" PRIu64 "}\n", FORMAT.name, c->levels, c->granule,
           c->options);
}

/* The defaults first, then every subset of the format's options. */
static void look_at_options(struct ptw_config c)
{
    unsigned n = 0;

    look_at(&c);
    while (FORMAT.options[n].key != NULL)
        n++;
    for (uint64_t subset = 0; subset >> n == 0; subset++) {
        c.options = 0;
        for (unsigned i = 0; i < n; i++)
            c.options |= (subset >> i & 1) != 0 ? FORMAT.options[i].bit : 0;
        look_at(&c);
    }
}

int main(void)
{
    struct ptw_config c = FORMAT.defaults;

    look_at_options(c);
    for (c.levels = FORMAT.levels_min; c.levels <= FORMAT.levels_max; c.levels++) {
        c.granule = 0;
        look_at_options(c);
        for (unsigned bits = 10; bits <= 20; bits++) {
            c.granule = UINT64_C(1) << bits;
            look_at_options(c);
        }
    }
    return found_count == 0;
}
