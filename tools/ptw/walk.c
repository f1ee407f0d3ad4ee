/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/walk.c - `ptw walk`: looks addresses up like hardware does and shows each entry on the way - where it is,
 * its value, its bits - and then the answer, or the one reason why there is none.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "entry.h"

static void print_help(void)
{
    (void)fputs(
        "usage: ptw walk -i FILE[@PA] {-F FORMAT -r ROOT | REGISTERS} [OPTION ...] ADDRESS ...\n\n"
        "Looks addresses up in a page table. For each level: where the entry is, its value, its bits by name;\n"
        "then the output address with size, rights and attributes, or the reason why there is none. With\n"
        "-o tsv one line an address: va, oa, size of the leaf, rights, attributes; without an answer va, -, -,\n"
        "----, reason. Exit status: 0 if all addresses translate, 1 if one does not, 2 for bad input or an\n"
        "entry that no hardware could follow.\n\n" TABLE_ARGS_HELP
        "  -o, --output text|tsv   text for people [text], or tab-separated values for programs\n"
        "  -h, --help              this text\n\n" REGISTER_ARGS_HELP "\n"
        "Example: ptw walk -i vmcore -F x86-64 -r 0x3c5e000 0xffff888000200123\n"
        "         ptw walk -i vmcore --ttbr1 0x4157b001 --tcr 0x1b5503510 0xffff800008000000\n",
        stdout);
}

static void print_entry(const struct table_args *args, const struct ptw_entry *e)
{
    char size[CLI_SIZE_CHARS];

    cli_size(UINT64_C(1) << ptw_level_shift(args->table.geo.encoder, e->level), size);
    (void)printf("  level %u %5s  at 0x%012" PRIx64 ": 0x%016" PRIx64 "  %-*s", e->level, size,
                 entry_where(&args->table, e), e->word, e->word != 0 ? 6 : 0, entry_kind_name(e->kind));
    entry_print_bits(stdout, args->format, e->word, e->level, e->kind);
    (void)putchar('\n');
}

static void print_no_answer(const struct table_args *args, ptw_addr addr, const char *why)
{
    if (args->output == OUTPUT_TSV)
        (void)printf("0x%016" PRIx64 "\t-\t-\t----\t%s\n", addr, why);
    else
        (void)printf("  no translation: %s\n", why);
}

static void print_answer(const struct table_args *args, ptw_addr addr, const struct ptw_entry *e)
{
    const struct ptw_geometry *geo = &args->table.geo;
    const ptw_attr own = geo->encoder->attr(geo, e->word, e->level);
    const ptw_attr granted = entry_granted(own, e->limits);
    const ptw_oa oa = ptw_entry_oa(&args->table, e) + (addr - e->addr);
    const uint64_t bytes = UINT64_C(1) << (ptw_level_shift(geo->encoder, e->level) + e->order);
    char rights[5];
    char attrs[ENTRY_ATTRS_CHARS];
    char size[CLI_SIZE_CHARS];

    cli_rights(granted, rights);
    cli_size(bytes, size);
    entry_attrs(args->format, geo, own, granted, e->level, attrs);
    if (args->output == OUTPUT_TSV)
        (void)printf("0x%016" PRIx64 "\t0x%016" PRIx64 "\t0x%" PRIx64 "\t%s\t%s\n", addr, oa, bytes, rights, attrs);
    else
        (void)printf("  => 0x%016" PRIx64 "  in a leaf of %s  rights %s  attrs %s\n", oa, size, rights, attrs);
}

/* An address that the table has no place for. */
static int out_of_range(const struct table_args *args, ptw_addr addr)
{
    const struct ptw_geometry *geo = &args->table.geo;
    char why[ENTRY_WHY_CHARS];

    if (geo->ia_sign != 0)
        (void)snprintf(why, sizeof(why),
                       "not canonical: addresses are 0 ... 0x%" PRIx64 " and 0x%" PRIx64 " ... 0x%" PRIx64,
                       geo->ia_sign - 1U, 0 - geo->ia_sign, ptw_last(&args->table));
    else
        (void)snprintf(why, sizeof(why), "outside of the input range: addresses are 0x%" PRIx64 " ... 0x%" PRIx64,
                       ptw_first(&args->table), ptw_last(&args->table));
    print_no_answer(args, addr, why);
    return CLI_FINDING;
}

static int hole(const struct table_args *args, ptw_addr addr, const struct ptw_entry *e)
{
    const struct ptw_encoder *encoder = args->table.geo.encoder;
    const unsigned type = e->kind == PTW_MARKED ? encoder->mark_type(e->word, e->level) : PTW_MARK_FOREIGN;
    char why[ENTRY_WHY_CHARS];

    if (e->kind == PTW_EMPTY)
        (void)snprintf(why, sizeof(why), "the level %u entry is not present", e->level);
    else if (type == PTW_MARK_FOREIGN)
        (void)snprintf(why, sizeof(why), "the level %u entry is not present (it holds software's bits)", e->level);
    else
        (void)snprintf(why, sizeof(why), "the level %u entry is not present (mark of type %u, payload 0x%" PRIx64 ")",
                       e->level, type, encoder->mark_payload(e->word, e->level));
    print_no_answer(args, addr, why);
    return CLI_FINDING;
}

static int broken(const struct table_args *args, ptw_addr addr, const struct ptw_entry *e, const char *why)
{
    char text[ENTRY_WHY_CHARS + 64];

    (void)snprintf(text, sizeof(text), "the level %u entry: %s", e->level, why);
    print_no_answer(args, addr, text);
    return entry_fail(args, e, why);
}

static int walk_address(struct table_args *args, ptw_addr addr)
{
    struct entry_path path = {{0}, 0};
    struct ptw_cursor cursor;
    struct ptw_entry e;

    if (args->output != OUTPUT_TSV)
        (void)printf("0x%016" PRIx64 "\n", addr);
    if (ptw_cursor_init(&cursor, &args->table, addr, 1, PTW_VISIT_HOLES) != PTW_OK)
        return out_of_range(args, addr);
    for (;;) {
        const ptw_status status = ptw_cursor_next(&cursor, &e);
        char why[ENTRY_WHY_CHARS] = "it cannot be read";

        if (status == PTW_NOENT)
            return cli_fail("address 0x%016" PRIx64 ": the walk ended without an entry", addr);
        entry_path_note(&path, &e);
        if (args->output != OUTPUT_TSV)
            print_entry(args, &e);
        if (entry_objection(args, &path, &e, why) || status == PTW_FAULTED)
            return broken(args, addr, &e, why);
        if (e.kind == PTW_LEAF) {
            print_answer(args, addr, &e);
            return CLI_OK;
        }
        if (e.kind != PTW_TABLE)
            return hole(args, addr, &e);
    }
}

/* All addresses are read before the first is walked, so that a bad number is not found after much output. */
static int walk(struct table_args *args, char **text, size_t count)
{
    ptw_addr *addr = calloc(count, sizeof(*addr));
    int worst = CLI_OK;

    if (addr == NULL)
        return cli_fail("out of memory");
    for (size_t i = 0; i < count && worst == CLI_OK; i++)
        worst = cli_number_or_fail(text[i], "an address", &addr[i]) ? CLI_OK : CLI_BAD;
    if (worst == CLI_OK)
        worst = table_args_open(args);
    if (worst == CLI_OK) {
        for (size_t i = 0; i < count && ferror(stdout) == 0; i++) {
            const int status = walk_address(args, addr[i]);

            worst = status > worst ? status : worst;
        }
    }
    free(addr);
    return worst;
}

static int run(struct table_args *args, int argc, char **argv)
{
    static const struct option options[] = {TABLE_ARGS_LONG, {NULL, 0, NULL, 0}};
    int answer = 0;

    while ((answer = getopt_long(argc, argv, TABLE_ARGS_SHORT, options, NULL)) != -1) {
        if (answer == 'h') {
            print_help();
            return CLI_OK;
        }
        if (answer == ':' || answer == '?')
            return cli_option_error(answer, argv, "walk");
        if (table_args_take(args, answer, optarg) != CLI_OK)
            return CLI_BAD;
    }
    if (optind == argc)
        return cli_fail("walk needs an ADDRESS; ptw walk --help shows how");
    return walk(args, argv + optind, (size_t)(argc - optind));
}

int cmd_walk(int argc, char **argv)
{
    struct table_args args;
    int status = table_args_begin(&args, argc, OUTPUT_TSV);

    if (status == CLI_OK)
        status = run(&args, argc, argv);
    table_args_close(&args);
    return status;
}
