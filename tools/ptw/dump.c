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

#include "dump.h"

#define LIMIT_DEFAULT (UINT64_C(1) << 20U) /* 2 TiB in pages of 4 KiB */
#define LIMIT_DOT 1000U                    /* more in one picture nobody can read */

static void print_help(void)
{
    (void)fputs(
        "usage: ptw dump -i FILE[@PA] {-F FORMAT -r ROOT | REGISTERS} [OPTION ...]\n\n"
        "Prints every leaf of a page table: input address (va), output address (oa), size, rights and\n"
        "attributes. Rights are what the leaf grants below the tables above it: r w x and u (user), or -.\n"
        "Attributes are words with commas: memory type, a (accessed), d (dirty), g (global), soft=..., and the\n"
        "format's own. Stops with status 2 and one line at an entry that the architecture forbids, that leads\n"
        "out of the file, or back to a table above it.\n\n" TABLE_ARGS_HELP
        "  -o, --output text|tsv|json|dot   [text]: for people, or tab-separated values, or\n"
        "                          json: one object with leaves (-m: runs), marks, and error if the table is broken;\n"
        "                          addresses and sizes are strings, \"0x1000\"\n"
        "                          dot: a Graphviz graph of the tables, leaves always summed up as runs\n"
        "  -R, --range FIRST-LAST  only leaves that touch these input addresses\n"
        "  -m, --merge             one line for neighbours with consecutive output and equal attributes\n"
        "  -l, --limit N           give up after N visits of tables, counting shared ones each time [1M];\n"
        "                          dot: rather than draw more than N tables [1000]\n"
        "  -h, --help              this text\n\n" REGISTER_ARGS_HELP "\n"
        "Example: ptw dump -i vmcore -F x86-64 -r 0x3c5e000 --merge\n",
        stdout);
}

/* ---------------------------------------------------------------------------------------------------- rows --- */

const char *dump_words(struct dump *d, ptw_attr own, ptw_attr granted, unsigned level)
{
    if (d->words[0] == '\0' || d->words_own != own || d->words_granted != granted || d->words_level != level) {
        entry_attrs(d->args.format, &d->args.table.geo, own, granted, level, d->words);
        d->words_own = own;
        d->words_granted = granted;
        d->words_level = level;
    }
    return d->words;
}

static void flush_row(struct dump *d, const struct dump_output *output)
{
    if (d->row.size != 0)
        output->row(d, &d->row);
    d->row.size = 0;
}

static bool continues(const struct dump_row *row, const struct dump_row *next)
{
    return row->size != 0 && row->addr + row->size == next->addr && row->oa + row->size == next->oa &&
           row->own == next->own && row->granted == next->granted;
}

static void add_leaf(struct dump *d, const struct dump_output *output, const struct ptw_entry *e)
{
    const struct ptw_geometry *geo = &d->args.table.geo;
    const ptw_attr own = geo->encoder->attr(geo, e->word, e->level);
    const struct dump_row row = {.addr = e->addr,
                                 .oa = ptw_entry_oa(&d->args.table, e),
                                 .size = UINT64_C(1) << (ptw_level_shift(geo->encoder, e->level) + e->order),
                                 .leaves = 1,
                                 .own = own,
                                 .granted = entry_granted(own, e->limits),
                                 .level = e->level,
                                 .order = e->order};

    if (d->merge && continues(&d->row, &row)) {
        d->row.size += row.size;
        d->row.leaves++;
        return;
    }
    flush_row(d, output);
    d->row = row;
}

unsigned dump_mark_at(const struct dump *d, const struct ptw_entry *e, uint64_t *payload)
{
    if (e->kind != PTW_MARKED || e->word == 0)
        return PTW_MARK_TYPES;
    return ptw_mark_at(&d->args.table, e->word, e->level, payload);
}

static void add_mark(struct dump *d, const struct dump_output *output, const struct ptw_entry *e)
{
    struct dump_mark mark = {.addr = e->addr,
                             .size = UINT64_C(1) << ptw_level_shift(d->args.table.geo.encoder, e->level),
                             .level = e->level};

    mark.type = dump_mark_at(d, e, &mark.payload);
    if (mark.type != PTW_MARK_TYPES)
        output->mark(d, &mark);
}

/* ---------------------------------------------------------------------------------------------------- walk --- */

void dump_note_broken(struct dump *d, const struct ptw_entry *e, const char *why)
{
    if (d->is_broken)
        return;
    d->is_broken = true;
    d->broken = *e;
    (void)snprintf(d->why, sizeof(d->why), "%s", why);
}

/* False: no reader can go on at this entry. */
static bool examine(struct dump *d, const struct ptw_entry *e, ptw_status status)
{
    char why[ENTRY_WHY_CHARS] = "it cannot be read";
    bool good = true;

    entry_path_note(&d->path, e);
    if (entry_objection(&d->args, &d->path, e, why) || status == PTW_FAULTED) {
        good = false;
    } else if (e->kind == PTW_TABLE && ++d->visits > d->limit) {
        (void)snprintf(why, sizeof(why), "more than %" PRIu64 " tables visited; see --limit and --range", d->limit);
        good = false;
    }
    if (!good)
        dump_note_broken(d, e, why);
    return good;
}

ptw_status dump_cursor(struct dump *d, struct ptw_cursor *c, uint64_t flags)
{
    if (d->range_text == NULL)
        flags |= PTW_ALL;
    return ptw_cursor_init(c, &d->args.table, d->first, d->last - d->first + 1U, flags);
}

/* Gives the output every entry of this kind, up to the first broken entry. */
static void walk(struct dump *d, const struct dump_output *output, enum ptw_kind kind,
                 void (*add)(struct dump *, const struct dump_output *, const struct ptw_entry *))
{
    struct ptw_cursor c;
    struct ptw_entry e;

    d->visits = 1; /* the root */
    if (dump_cursor(d, &c, kind == PTW_MARKED ? PTW_VISIT_HOLES : 0) != PTW_OK)
        return; /* find_range() has seen that it is */
    for (;;) {
        const ptw_status status = ptw_cursor_next(&c, &e);

        if (status == PTW_NOENT || !examine(d, &e, status) || ferror(stdout) != 0)
            return;
        if (e.kind == kind)
            add(d, output, &e);
    }
}

static void dump_rows(struct dump *d, const struct dump_output *output)
{
    output->begin(d);
    walk(d, output, PTW_LEAF, add_leaf);
    flush_row(d, output);
    if (output->begin_marks != NULL) {
        output->begin_marks(d);
        walk(d, output, PTW_MARKED, add_mark);
    }
    output->end(d);
}

/* Reads --range FIRST-LAST; without it the range is everything. */
static int find_range(struct dump *d)
{
    const char *dash = NULL;
    char first_text[64];
    struct ptw_cursor cursor;

    d->first = ptw_first(&d->args.table);
    d->last = ptw_last(&d->args.table);
    if (d->range_text == NULL)
        return CLI_OK;
    dash = strchr(d->range_text, '-');
    if (dash == NULL || (size_t)(dash - d->range_text) >= sizeof(first_text))
        return cli_fail("bad range '%s': FIRST-LAST is meant, two addresses", d->range_text);
    (void)snprintf(first_text, sizeof(first_text), "%.*s", (int)(dash - d->range_text), d->range_text);
    if (!cli_number_or_fail(first_text, "the range", &d->first) || !cli_number_or_fail(dash + 1, "the range", &d->last))
        return CLI_BAD;
    if (d->last < d->first || d->last - d->first == UINT64_MAX)
        return cli_fail("bad range '%s': FIRST-LAST is meant, two addresses", d->range_text);
    if (dump_cursor(d, &cursor, 0) != PTW_OK)
        return cli_fail("range '%s' holds addresses that the table cannot translate", d->range_text);
    return CLI_OK;
}

static int dump(struct dump *d)
{
    static const struct dump_output *const outputs[] = {
        [OUTPUT_TEXT] = &dump_text, [OUTPUT_TSV] = &dump_tsv, [OUTPUT_JSON] = &dump_json, [OUTPUT_DOT] = NULL};
    const struct dump_output *output = outputs[d->args.output];

    if (table_args_open(&d->args) != CLI_OK || find_range(d) != CLI_OK)
        return CLI_BAD;
    if (!d->has_limit)
        d->limit = output == NULL ? LIMIT_DOT : LIMIT_DEFAULT;
    if (output != NULL)
        dump_rows(d, output);
    else if (dump_dot(d) != CLI_OK)
        return CLI_BAD;
    return d->is_broken ? entry_fail(&d->args, &d->broken, d->why) : CLI_OK;
}

/* ------------------------------------------------------------------------------------------------- options --- */

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
        d->has_limit = true;
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
    struct dump d = {.limit = 0};
    int status = table_args_begin(&d.args, argc, OUTPUT_DOT);

    if (status == CLI_OK)
        status = run(&d, argc, argv);
    table_args_close(&d.args);
    return status;
}
