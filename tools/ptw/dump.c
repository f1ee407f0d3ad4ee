/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/dump.c - `ptw dump`: every leaf of a page table that is in a memory image or core file.
 *
 * The tables come from strangers. Nothing in them is trusted: each entry is examined (entry_objection) before the
 * cursor goes below it, and the number of tables visited has a limit, because a few tables that share their children
 * can stand for 2^40 leaves.
 */
#include <inttypes.h>
#include <string.h>

#include "entry.h"

#define LIMIT_DEFAULT (UINT64_C(1) << 20U) /* 2 TiB in pages of 4 KiB */

/* One line of output: a leaf, or a run of leaves with --merge. */
struct row {
    ptw_addr addr;
    ptw_oa oa;
    uint64_t size; /* 0: no row */
    ptw_attr own, granted;
    unsigned level;
};

struct dump {
    struct table_args args;
    struct entry_path path;
    uint64_t limit;
    uint64_t visits;
    bool merge;
    const char *range_text;
    struct row row; /* not printed yet */

    /* The words of the last attributes printed: neighbours mostly have the same. */
    struct row words_of;
    char words[ENTRY_ATTRS_CHARS];
};

static void print_help(void)
{
    (void)fputs(
        "usage: ptw dump -i FILE[@PA] {-F FORMAT -r ROOT | REGISTERS} [OPTION ...]\n\n"
        "Prints every leaf of a page table: input address (va), output address (oa), size, rights and\n"
        "attributes. Rights are what the leaf grants below the tables above it: r w x and u (user), or -.\n"
        "Attributes are words with commas: memory type, a (accessed), d (dirty), g (global), soft=..., and the\n"
        "format's own. Stops with status 2 and one line at an entry that the architecture forbids, that leads\n"
        "out of the file, or back to a table above it.\n\n" TABLE_ARGS_HELP
        "  -R, --range FIRST-LAST  only leaves that touch these input addresses\n"
        "  -m, --merge             one line for neighbours with consecutive output and equal attributes\n"
        "  -l, --limit N           give up after N visits of tables, counting shared ones each time [1M]\n"
        "  -h, --help              this text\n\n" REGISTER_ARGS_HELP "\n"
        "Example: ptw dump -i vmcore -F x86-64 -r 0x3c5e000 --merge\n",
        stdout);
}

static void print_row(struct dump *d, const struct row *row)
{
    char rights[5];
    char size[CLI_SIZE_CHARS];

    if (d->words[0] == '\0' || d->words_of.own != row->own || d->words_of.granted != row->granted ||
        d->words_of.level != row->level) {
        entry_attrs(d->args.format, &d->args.table.geo, row->own, row->granted, row->level, d->words);
        d->words_of = *row;
    }
    cli_rights(row->granted, rights);
    if (d->args.tsv) {
        (void)printf("0x%016" PRIx64 "\t0x%016" PRIx64 "\t0x%" PRIx64 "\t%s\t%s\n", row->addr, row->oa, row->size,
                     rights, d->words);
        return;
    }
    cli_size(row->size, size);
    (void)printf("0x%016" PRIx64 "  0x%016" PRIx64 "  %5s  %s    %s\n", row->addr, row->oa, size, rights, d->words);
}

static void flush_row(struct dump *d)
{
    if (d->row.size != 0)
        print_row(d, &d->row);
    d->row.size = 0;
}

static bool continues(const struct row *row, const struct row *next)
{
    return row->size != 0 && row->addr + row->size == next->addr && row->oa + row->size == next->oa &&
           row->own == next->own && row->granted == next->granted;
}

static void add_leaf(struct dump *d, const struct ptw_entry *e)
{
    const struct ptw_geometry *geo = &d->args.table.geo;
    const ptw_attr own = geo->encoder->attr(geo, e->word, e->level);
    const struct row row = {.addr = e->addr,
                            .oa = ptw_entry_oa(&d->args.table, e),
                            .size = UINT64_C(1) << (ptw_level_shift(geo->encoder, e->level) + e->order),
                            .own = own,
                            .granted = entry_granted(own, e->limits),
                            .level = e->level};

    if (d->merge && continues(&d->row, &row)) {
        d->row.size += row.size;
        return;
    }
    flush_row(d);
    d->row = row;
}

static int add_entry(struct dump *d, const struct ptw_entry *e, ptw_status status)
{
    char why[ENTRY_WHY_CHARS] = "it cannot be read";

    entry_path_note(&d->path, e);
    if (entry_objection(&d->args, &d->path, e, why) || status == PTW_FAULTED) {
        flush_row(d);
        return entry_fail(&d->args, e, why);
    }
    if (e->kind == PTW_LEAF) {
        add_leaf(d, e);
        return CLI_OK;
    }
    if (++d->visits > d->limit) {
        flush_row(d);
        (void)snprintf(why, sizeof(why), "more than %" PRIu64 " tables visited; see --limit and --range", d->limit);
        return entry_fail(&d->args, e, why);
    }
    return CLI_OK;
}

static int dump_entries(struct dump *d, struct ptw_cursor *c)
{
    struct ptw_entry e;

    for (;;) {
        const ptw_status status = ptw_cursor_next(c, &e);

        if (status == PTW_NOENT)
            break;
        if (add_entry(d, &e, status) != CLI_OK || ferror(stdout) != 0)
            return CLI_BAD;
    }
    flush_row(d);
    return CLI_OK;
}

/* Starts the cursor over --range FIRST-LAST, or over everything. */
static int start_cursor(struct dump *d, struct ptw_cursor *c)
{
    const char *dash = NULL;
    char first_text[64];
    ptw_addr first = 0;
    ptw_addr last = 0;

    if (d->range_text == NULL)
        return ptw_cursor_init(c, &d->args.table, 0, 0, PTW_ALL) == PTW_OK ? CLI_OK : cli_fail("the table is empty");
    dash = strchr(d->range_text, '-');
    if (dash == NULL || (size_t)(dash - d->range_text) >= sizeof(first_text))
        return cli_fail("bad range '%s': FIRST-LAST is meant, two addresses", d->range_text);
    (void)snprintf(first_text, sizeof(first_text), "%.*s", (int)(dash - d->range_text), d->range_text);
    if (!cli_number_or_fail(first_text, "the range", &first) || !cli_number_or_fail(dash + 1, "the range", &last))
        return CLI_BAD;
    if (last < first || last - first == UINT64_MAX)
        return cli_fail("bad range '%s': FIRST-LAST is meant, two addresses", d->range_text);
    if (ptw_cursor_init(c, &d->args.table, first, last - first + 1U, 0) != PTW_OK)
        return cli_fail("range '%s' holds addresses that the table cannot translate", d->range_text);
    return CLI_OK;
}

static int dump(struct dump *d)
{
    struct ptw_cursor cursor;

    if (table_args_open(&d->args) != CLI_OK || start_cursor(d, &cursor) != CLI_OK)
        return CLI_BAD;
    if (!d->args.tsv)
        (void)printf("%-18s  %-18s  %5s  %-6s  %s\n", "va", "oa", "size", "rights", "attrs");
    d->visits = 1; /* the root */
    return dump_entries(d, &cursor);
}

static int take_option(struct dump *d, int option, const char *value)
{
    switch (option) {
    case 'R':
        d->range_text = value;
        return CLI_OK;
    case 'm':
        d->merge = true;
        return CLI_OK;
    case 'l':
        return cli_number_or_fail(value, "the limit", &d->limit) ? CLI_OK : CLI_BAD;
    default:
        return table_args_take(&d->args, option, value);
    }
}

static int run(struct dump *d, int argc, char **argv)
{
    static const struct option options[] = {TABLE_ARGS_LONG,
                                            {"range", required_argument, NULL, 'R'},
                                            {"merge", no_argument, NULL, 'm'},
                                            {"limit", required_argument, NULL, 'l'},
                                            {NULL, 0, NULL, 0}};
    int answer = 0;

    while ((answer = getopt_long(argc, argv, TABLE_ARGS_SHORT "R:ml:", options, NULL)) != -1) {
        if (answer == 'h') {
            print_help();
            return CLI_OK;
        }
        if (answer == ':' || answer == '?')
            return cli_option_error(answer, argv, "dump");
        if (take_option(d, answer, optarg) != CLI_OK)
            return CLI_BAD;
    }
    if (optind != argc)
        return cli_fail("dump takes no argument '%s'; ptw dump --help shows how", argv[optind]);
    return dump(d);
}

int cmd_dump(int argc, char **argv)
{
    struct dump d = {.limit = LIMIT_DEFAULT};
    int status = table_args_begin(&d.args, argc);

    if (status == CLI_OK)
        status = run(&d, argc, argv);
    table_args_close(&d.args);
    return status;
}
