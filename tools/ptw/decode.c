/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tools/ptw/decode.c - `ptw decode FORMAT LEVEL WORD`: every bit of one entry by name, and what it all amounts to. */
#include <inttypes.h>
#include <string.h>

#include "entry.h"

struct decode {
    const struct ptw_format *format;
    struct ptw_geometry geo;
    ptw_word word;
    unsigned level;
    enum ptw_kind kind;
};

static void print_help(void)
{
    (void)fputs("usage: ptw decode FORMAT LEVEL WORD [--config K=V,...]\n\n"
                "Names every bit of the page-table entry WORD, as it reads in a table of LEVEL (0 holds the smallest\n"
                "leaves), and says what it is: empty, mark, table or leaf, with addresses, rights and attributes, and\n"
                "which rule of the architecture it breaks, if any. WORD is a number as read in native byte order.\n\n"
                "  -c, --config K=V,...   configuration: levels=5,leaf=2M,...; `ptw formats FORMAT` lists the keys\n"
                "  -h, --help             this text\n\n"
                "Example: ptw decode x86-64 1 0x80000000002001e3\n",
                stdout);
}

static void print_field(const char *bits, const char *name, uint64_t value, const char *meaning)
{
    (void)printf("  %-6s  %-14s  0x%-14" PRIx64 "  %s\n", bits, name, value, meaning);
}

static void bits_text(unsigned hi, unsigned lo, char out[8])
{
    if (hi == lo)
        (void)snprintf(out, 8, "%u", lo & 63U);
    else
        (void)snprintf(out, 8, "%u:%u", hi & 63U, lo & 63U);
}

/* Fields that are set, or wider than a bit, have a line each; single bits that are not set share one. */
static void print_fields(const struct decode *d)
{
    const char *separator = "  not set ";
    char bits[8];

    for (const struct ptw_field *f = d->format->fields; f->name != NULL; f++) {
        const uint64_t value = entry_field_value(f, d->word);

        if (!entry_has_field(f, d->level, d->kind) || (value == 0 && f->hi == f->lo))
            continue;
        bits_text(f->hi, f->lo, bits);
        print_field(bits, f->name, value, f->meaning);
    }
    for (ptw_word rest = entry_unnamed_bits(d->format, d->word, d->level, d->kind); rest != 0; rest &= rest - 1U) {
        bits_text(ptw_low_bit(rest), ptw_low_bit(rest), bits);
        print_field(bits, "unknown", 1, "set, but this format has no name for it here");
    }
    for (const struct ptw_field *f = d->format->fields; f->name != NULL; f++) {
        if (!entry_has_field(f, d->level, d->kind) || f->hi != f->lo || entry_field_value(f, d->word) != 0)
            continue;
        (void)printf("%s%s[%u]", separator, f->name, f->lo);
        separator = ", ";
    }
    if (separator[0] == ',')
        (void)putchar('\n');
}

static void print_leaf(const struct decode *d)
{
    const struct ptw_encoder *e = d->geo.encoder;
    const ptw_attr attr = e->attr(&d->geo, d->word, d->level);
    char rights[5];
    char attrs[ENTRY_ATTRS_CHARS];

    cli_rights(attr, rights);
    entry_attrs(d->format, &d->geo, attr, attr, d->level, attrs);
    (void)printf("output    0x%016" PRIx64 "\nrights    %s\nattrs     %s\n", e->oa(&d->geo, d->word, d->level), rights,
                 attrs);
}

static void print_table(const struct decode *d)
{
    const struct ptw_encoder *e = d->geo.encoder;
    const ptw_attr limits = e->limits(&d->geo, d->word, d->level);
    char rights[5];

    cli_rights(limits, rights);
    (void)printf("table at  0x%016" PRIx64 "\nrights    %s at most, below\n", e->table_pa(&d->geo, d->word, d->level),
                 rights);
}

static void print_mark(const struct decode *d)
{
    static const char *const types[] = {"foreign: not written by this library", "locked", "dead"};
    const unsigned type = d->geo.encoder->mark_type(d->word, d->level);

    if (type < PTW_MARK_USER)
        (void)printf("mark      type %u, %s\n", type, types[type]);
    else
        (void)printf("mark      type %u, the user's\n", type);
    if (type != PTW_MARK_FOREIGN)
        (void)printf("payload   0x%" PRIx64 "\n", d->geo.encoder->mark_payload(d->word, d->level));
}

static void print_decoded(const struct decode *d)
{
    const bool present = d->kind == PTW_TABLE || d->kind == PTW_LEAF;
    const char *illegal = present ? d->geo.encoder->illegal(&d->geo, d->word, d->level) : NULL;
    const unsigned order = d->kind == PTW_LEAF ? d->geo.encoder->order(d->word, d->level) : 0;
    char size[CLI_SIZE_CHARS];

    cli_size(UINT64_C(1) << (ptw_level_shift(d->geo.encoder, d->level) + order), size);
    (void)printf("word      0x%0*" PRIx64 "\n", (int)(2U * d->geo.encoder->word_bytes), d->word);
    (void)printf("entry     %s at level %u (%s) of %s\n", entry_kind_name(d->kind), d->level, size, d->format->name);
    print_fields(d);
    if (d->kind == PTW_LEAF)
        print_leaf(d);
    else if (d->kind == PTW_TABLE)
        print_table(d);
    else if (d->kind == PTW_MARKED)
        print_mark(d);
    if (illegal != NULL)
        (void)printf("illegal   %s\n", illegal);
    else if (present)
        (void)printf("legal     yes\n");
}

static int read_level(struct decode *d, const char *text)
{
    uint64_t level = 0;

    if (!cli_number_or_fail(text, "the level", &level))
        return CLI_BAD;
    if (level > d->geo.top)
        return cli_fail("there is no level %" PRIu64 " in this configuration of %s: levels are 0 ... %u", level,
                        d->format->name, d->geo.top);
    d->level = (unsigned)level;
    return CLI_OK;
}

static int read_word(struct decode *d, const char *text)
{
    const unsigned bits = 8U * d->geo.encoder->word_bytes;

    if (!cli_number_or_fail(text, "the word", &d->word))
        return CLI_BAD;
    if ((d->word & ~ptw_low_mask(bits)) != 0)
        return cli_fail("the word 0x%" PRIx64 " is too wide: an entry of %s has %u bits", d->word, d->format->name,
                        bits);
    return CLI_OK;
}

static int decode(const char *const config_text[], size_t configs, char **operand)
{
    struct decode d = {.format = cli_format(operand[0])};
    struct ptw_config config;

    if (d.format == NULL)
        return CLI_BAD;
    config = d.format->defaults;
    for (size_t i = 0; i < configs; i++) {
        if (cli_config(d.format, config_text[i], &config) != CLI_OK)
            return CLI_BAD;
    }
    if (cli_configure(d.format, &config, &d.geo) != CLI_OK || read_level(&d, operand[1]) != CLI_OK ||
        read_word(&d, operand[2]) != CLI_OK)
        return CLI_BAD;
    d.kind = d.geo.encoder->kind(&d.geo, d.word, d.level);
    print_decoded(&d);
    return CLI_OK;
}

#define CONFIGS_MAX 16

int cmd_decode(int argc, char **argv)
{
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    const char *config_text[CONFIGS_MAX];
    size_t configs = 0;
    int answer = 0;

    opterr = 0;
    while ((answer = getopt_long(argc, argv, ":c:h", options, NULL)) != -1) {
        if (answer == 'h') {
            print_help();
            return CLI_OK;
        }
        if (answer != 'c')
            return cli_option_error(answer, argv, "decode");
        if (configs == CONFIGS_MAX)
            return cli_fail("--config is given more than %d times", CONFIGS_MAX);
        config_text[configs++] = optarg;
    }
    if (argc - optind != 3)
        return cli_fail("decode takes FORMAT LEVEL WORD; ptw decode --help shows how");
    return decode(config_text, configs, argv + optind);
}
