/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/formats.c - `ptw formats`: one line a format, or one format with its configuration keys. Everything is
 * asked of the formats themselves.
 */
#include <getopt.h>
#include <inttypes.h>
#include <string.h>

#include "cli.h"

static void print_help(void)
{
    (void)fputs(
        "usage: ptw formats [FORMAT ...]\n\n"
        "Lists the page-table formats, a line each: name, levels, input and output bits, page sizes, and\n"
        "whether hardware sets accessed and dirty (A/D); [defaults]. With FORMAT, also its configuration keys.\n\n"
        "  -h, --help   this text\n",
        stdout);
}

/* The lowest and the highest number of input bits that any configuration gives. */
static void input_bits(const struct ptw_format *f, unsigned *low, unsigned *high)
{
    *low = 64;
    *high = 0;
    for (unsigned levels = f->levels_min; levels <= f->levels_max; levels++) {
        for (unsigned ia = 1; ia <= 64; ia++) {
            struct ptw_config config = f->defaults;
            struct ptw_geometry geo;

            config.levels = levels;
            config.ia = ia;
            if (ptw_configure(f, &config, &geo, NULL) != PTW_OK)
                continue;
            *low = geo.ia_bits < *low ? geo.ia_bits : *low;
            *high = geo.ia_bits > *high ? geo.ia_bits : *high;
        }
    }
}

/* "levels 4-5 [4]": a range and the default, or the only value. */
static void print_range(const char *name, unsigned low, unsigned high, unsigned by_default, int width)
{
    char text[40];

    if (low == high)
        (void)snprintf(text, sizeof(text), "%u", low);
    else
        (void)snprintf(text, sizeof(text), "%u-%u [%u]", low, high, by_default);
    (void)printf("  %s %-*s", name, width, text);
}

/* "4K,2M,1G": every size that one leaf, or a group of slots that act as one, can have. "4K-1G" if it is every power of
 * two from there to there. */
static void page_sizes(const struct ptw_geometry *geo, char *out, size_t room)
{
    uint64_t sizes = 0;
    size_t used = 0;

    for (unsigned level = 0; level <= geo->max_leaf; level++)
        sizes |= geo->encoder->leaf_orders(level) << ptw_level_shift(geo->encoder, level);
    while (sizes != 0 && used < room) {
        const uint64_t lowest = sizes & (0 - sizes);
        const uint64_t rest = sizes & (sizes + lowest); /* without the run of ones that begins there */
        const uint64_t highest = UINT64_C(1) << ptw_high_bit(sizes ^ rest);
        const bool run = highest > 4U * lowest;
        char size[CLI_SIZE_CHARS];

        cli_size(lowest, size);
        used += (size_t)snprintf(out + used, room - used, "%s%s", used == 0 ? "" : ",", size);
        if (run && used < room) {
            cli_size(highest, size);
            used += (size_t)snprintf(out + used, room - used, "-%s", size);
        }
        sizes = run ? rest : sizes ^ lowest;
    }
}

static bool can_configure_ad(const struct ptw_format *f, bool on)
{
    struct ptw_config config = f->defaults;
    struct ptw_geometry geo;

    config.options = on ? config.options | PTW_OPT_AD : config.options & ~PTW_OPT_AD;
    return ptw_configure(f, &config, &geo, NULL) == PTW_OK;
}

static const char *ad_word(const struct ptw_format *f)
{
    const bool by_default = (f->defaults.options & PTW_OPT_AD) != 0;

    if (!can_configure_ad(f, !by_default))
        return by_default ? "always" : "never";
    return by_default ? "ad=0|1 [1]" : "ad=0|1 [0]";
}

static int print_line(const struct ptw_format *f)
{
    struct ptw_geometry geo;
    char sizes[128] = "";
    unsigned low = 0;
    unsigned high = 0;

    if (cli_configure(f, &f->defaults, &geo) != CLI_OK)
        return CLI_BAD;
    input_bits(f, &low, &high);
    page_sizes(&geo, sizes, sizeof(sizes));
    (void)printf("%-14s", f->name);
    print_range("levels", f->levels_min, f->levels_max, geo.top + 1U, 7);
    print_range("in", low, high, geo.ia_bits, 10);
    print_range("out", geo.oa_bits, geo.oa_bits, geo.oa_bits, 2);
    (void)printf("  pages %-22s  A/D %s\n", sizes, ad_word(f));
    return CLI_OK;
}

static int print_details(const struct ptw_format *f)
{
    struct ptw_geometry geo;

    if (cli_configure(f, &f->defaults, &geo) != CLI_OK || print_line(f) != CLI_OK)
        return CLI_BAD;
    (void)printf("  %s\n", f->summary);
    (void)printf("  %-12s number of levels, %u ... %u [%u]\n", "levels", f->levels_min, f->levels_max, geo.top + 1U);
    (void)printf("  %-12s input bits, also called ipa [%u]\n", "ia", geo.ia_bits);
    (void)printf("  %-12s output bits [%u]\n", "oa", geo.oa_bits);
    (void)printf("  %-12s bytes of the smallest leaf [%" PRIu64 "K]\n", "granule",
                 (UINT64_C(1) << geo.encoder->granule) >> 10U);
    (void)printf("  %-12s bytes of the largest leaf that the hardware has, 4K, 2M ... [the largest above]\n", "leaf");
    for (const struct ptw_option *o = f->options; o->key != NULL; o++)
        (void)printf("  %-12s 0 or 1 [%d]: %s\n", o->key, (f->defaults.options & o->bit) != 0, o->help);
    return CLI_OK;
}

static int print_all(void)
{
    for (size_t i = 0; ptw_formats[i] != NULL; i++) {
        if (print_line(ptw_formats[i]) != CLI_OK)
            return CLI_BAD;
    }
    return CLI_OK;
}

int cmd_formats(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    int answer = 0;

    opterr = 0;
    while ((answer = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (answer != 'h')
            return cli_option_error(answer, argv, "formats");
        print_help();
        return CLI_OK;
    }
    if (optind == argc)
        return print_all();
    for (int i = optind; i < argc; i++) {
        const struct ptw_format *f = cli_format(argv[i]);

        if (f == NULL || print_details(f) != CLI_OK)
            return CLI_BAD;
    }
    return CLI_OK;
}
