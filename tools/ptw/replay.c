/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/replay.c - `ptw replay`: lives a recorded guest's life on one table. Until the first round mark the guest
 * boots and nobody logs: a fault maps the largest leaf, writable if it must be, and later faults in it are spurious.
 * From then on dirty pages are known exactly: large leaves are not writable, a write splits the one it hits (2 MiB)
 * and gives W to the page (wp) or, where D bits tell pages apart, to the whole block (dbit). A mark ends the round:
 * harvest and clear, sync, merge what was split. replay_guest.c acts, replay_oracle.c knows, replay_check.c compares.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "replay_hardware.h"
#include "replay_report.h"
#include "svg.h"

/* What --self-test-fault breaks. */
enum self_test { TEST_NONE, TEST_OA, TEST_DIRTY, TEST_LEAK };

/* Where the host has room for a guest: from 4 GiB up, or below it for tables that reach no further. And how much RAM a
 * guest may be given. */
#define HOST_MIN (UINT64_C(4) << 30U)
#define HOST_MIN_NARROW (UINT64_C(16) << 20U)
#define MEMORY_MAX (UINT64_C(64) << 30U)

struct options {
    struct guest_options guest;
    struct ptw_geometry geo;
    const char *file, *svg;
    uint64_t memory; /* bytes that are RAM, touched or not */
    enum self_test self_test;
    bool verbose;
};

struct run {
    const struct options *options;
    struct trace trace;
    struct guest_ram ram;
    struct guest guest;
    struct oracle oracle;
    struct checker checker;
    struct report report;
    struct picture picture;
    uint64_t splits_before; /* of the period that runs */
};

static const char usage_text[] =
    "usage: ptw replay [OPTION ...] FILE --format FORMAT\n"
    "\n"
    "Lives a recorded guest's page faults and dirty rounds on one table and checks every translation and every\n"
    "dirty page against a flat record of what must be true. FILE may be - for standard input.\n"
    "\n"
    "  -F, --format FORMAT   the table's format; `ptw formats` lists them\n"
    "  -c, --config K=V,...  the table's configuration (--dirty dbit sets ad=1 unless it is given)\n"
    "  -d, --dirty wp|dbit   find dirty pages by write protection (the default) or by the D bit\n"
    "  -l, --leaf SIZE       no leaf larger than this: 4k, 2m, 1g (the default is the format's largest)\n"
    "  -m, --memory SIZE     this much memory is RAM in one piece, whether the trace touches it or not; without it\n"
    "                        RAM is what the trace touches, and blocks that it touches all over are in one piece\n"
    "  -s, --svg OUT         draw the leaves and the dirty pages of every round\n"
    "  -v, --verbose         print every round, not a choice of them\n"
    "      --self-test-fault oa|dirty|leak\n"
    "                        break something half-way, to see that it is found: an entry leads elsewhere, a page\n"
    "                        is written that the trace does not write, a table is never given back\n"
    "  -h, --help            this text\n"
    "\n"
    "A trace is a row of 64-bit little-endian records: bits 31:0 the guest frame (4 KiB), bits 63:36 microseconds,\n"
    "bits 35:32 what happens: 0 first touch, read; 1 first touch, write; 2 write to a write-protected page; 3 a\n"
    "dirty round begins (frame 0). Until the first round nobody logs, and dirty pages are as coarse as leaves.\n"
    "\n"
    "Exit status: 0 if all is as it must be, 1 if there is a mismatch, 2 for bad input.\n";

enum { OPTION_SELF_TEST = 256 };

static const struct option long_options[] = {
    {"format", required_argument, NULL, 'F'}, {"config", required_argument, NULL, 'c'},
    {"dirty", required_argument, NULL, 'd'},  {"leaf", required_argument, NULL, 'l'},
    {"memory", required_argument, NULL, 'm'}, {"svg", required_argument, NULL, 's'},
    {"verbose", no_argument, NULL, 'v'},      {"self-test-fault", required_argument, NULL, OPTION_SELF_TEST},
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
};

/* ----------------------------------------------------------------------------------------------- the life --- */

/* Breaks what the self test wants broken; the oracle is not told. */
static void self_test(struct run *run)
{
    const struct ptw_mem mem = guest_memory_hooks(&run->guest.memory);
    size_t i = 0;
    ptw_oa pa = 0;

    while (i + 1 < run->ram.pages && (!run->oracle.page[i].mapped || run->oracle.page[i].dirty))
        i++;
    if (run->options->self_test == TEST_OA)
        (void)hardware_corrupt(&run->guest.table, guest_address(&run->guest, i));
    else if (run->options->self_test == TEST_DIRTY)
        (void)guest_touch(&run->guest, i, true);
    else if (run->options->self_test == TEST_LEAK)
        (void)mem.alloc(mem.ctx, (size_t)1 << run->guest.table.geo.encoder->granule, &pa);
}

/* What the picture shows of a period's end: leaf by leaf as the table has them, and the harvested bitmaps. */
static void draw_leaves(struct run *run, size_t row)
{
    const unsigned granule = run->guest.table.geo.encoder->granule;
    struct ptw_cursor cursor;
    struct ptw_entry e;

    if (run->options->svg == NULL || ptw_cursor_init(&cursor, &run->guest.table, 0, 0, PTW_ALL) != PTW_OK)
        return;
    while (ptw_cursor_next(&cursor, &e) == PTW_OK) {
        if (e.kind == PTW_LEAF)
            picture_leaf(&run->picture, row, e.addr >> granule, UINT64_C(1) << run->ram.levels.page_shift[e.level],
                         e.level);
    }
}

static void draw_dirty(struct run *run, size_t row)
{
    if (run->options->svg == NULL)
        return;
    for (size_t i = 0; i < run->ram.slots; i++) {
        const uint64_t *words = run->guest.bitmap + run->guest.slot_words[i];

        for (uint64_t bit = 0; bit < run->ram.slot[i].frames; bit++) {
            if ((words[bit / 64] >> (bit % 64) & 1U) != 0)
                picture_dirty(&run->picture, row, run->ram.slot[i].gfn + bit);
        }
    }
}

/* A period is over, because a round begins or the trace ends. */
static void end_period(struct run *run, bool last)
{
    const size_t index = run->report.rows++;
    struct report_row *row = &run->report.row[index];

    if (index == (run->trace.rounds + 1) / 2)
        self_test(run);
    check_translations(&run->checker);
    check_table(&run->checker);
    row->end = run->checker.stats;
    draw_leaves(run, index);

    guest_harvest(&run->guest, !last);
    check_dirty(&run->checker);
    row->dirty = run->guest.found;
    row->splits = run->guest.splits - run->splits_before;
    run->splits_before = run->guest.splits;
    draw_dirty(run, index);
    if (!last) {
        guest_merge(&run->guest);
        oracle_round(&run->oracle);
        guest_harvest(&run->guest, false);
        check_dirty(&run->checker);
        check_translations(&run->checker);
        check_table(&run->checker);
    }
    row->merged = run->checker.stats;
    if (run->report.rows == (run->trace.rounds > 0 ? run->trace.rounds : 1))
        draw_leaves(run, PICTURE_MERGED);
}

static void touch(struct run *run, struct trace_record record)
{
    struct report *report = &run->report;
    const size_t index = ram_find(&run->ram, record.gfn);
    const bool write = record.op != TRACE_READ;
    const unsigned todo = oracle_touch(&run->oracle, index, write);
    const unsigned done = guest_touch(&run->guest, index, write);

    report->mapped += (done & FAULT_MAPS) != 0;
    report->granted += (done & FAULT_GRANTS) != 0;
    report->split += (done & FAULT_SPLITS) != 0;
    report->spurious += done == 0;
    report->row[report->rows].faults++;
    check_fault(&run->checker, index, done, todo);
}

static void live(struct run *run)
{
    for (size_t i = 0; i < run->trace.records; i++) {
        const struct trace_record record = trace_record(&run->trace, i);

        report_progress(&run->report, i, run->checker.checks);
        if (record.op != TRACE_ROUND) {
            touch(run, record);
            continue;
        }
        end_period(run, false);
        run->checker.round++;
        run->report.row[run->report.rows].begin = record.time;
    }
    end_period(run, true);
    guest_tear_down(&run->guest, &run->checker.sink);
    check_end(&run->checker);
    report_progress_end();
}

/* ------------------------------------------------------------------------------------------ before and after --- */

static bool start_picture(struct run *run)
{
    const struct ram_slot *last = &run->ram.slot[run->ram.slots - 1];
    struct picture_shape shape = {.first = run->ram.slot[0].gfn,
                                  .end = last->gfn + last->frames,
                                  .periods = run->trace.rounds + 1,
                                  .page_shift = TRACE_PAGE_SHIFT,
                                  .levels = run->guest.max_level + 1};

    if (run->options->svg == NULL)
        return true;
    for (unsigned level = 0; level < shape.levels; level++)
        shape.level_frames[level] = UINT64_C(1) << run->ram.levels.page_shift[level];
    return picture_init(&run->picture, &shape);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static int write_picture(struct run *run)
{
    const struct options *o = run->options;
    const struct guest *guest = &run->guest;
    char title[256], subtitle[256], verdict[256];
    FILE *out = NULL;
    bool written = false;

    if (o->svg == NULL)
        return CLI_OK;
    for (size_t i = 0; i < run->report.rows; i++)
        picture_period(&run->picture, i, (double)run->report.row[i].begin / 1e6, run->report.row[i].splits);
    (void)snprintf(title, sizeof(title), "%s, lived on %s", base_name(o->file), o->guest.format->name);
    (void)snprintf(subtitle, sizeof(subtitle),
                   "Dirty pages found by %s. %zu pages of RAM, %zu faults, %zu dirty rounds in %.1f s; %" PRIu64
                   " large leaves split, %" PRIu64 " merged back.",
                   guest->dbit ? "D bits" : "write protection", run->ram.pages, run->trace.faults, run->trace.rounds,
                   (double)trace_record(&run->trace, run->trace.records - 1).time / 1e6, guest->splits, guest->merges);
    (void)snprintf(verdict, sizeof(verdict),
                   "%" PRIu64 " checks against a flat record of every page, %" PRIu64 " mismatches. At most %" PRIu64
                   " tables at once, none left at the end.",
                   run->checker.checks, run->checker.mismatches, guest->memory.peak_tables);
    out = fopen(o->svg, "w");
    if (out == NULL)
        return cli_fail("%s: %s", o->svg, strerror(errno));
    written = picture_write(&run->picture, &(struct picture_text){title, subtitle, verdict}, out);
    if (fclose(out) != 0 || !written)
        return cli_fail("%s: the picture cannot be written: %s", o->svg, strerror(errno));
    (void)printf("picture: %s\n\n", o->svg);
    return CLI_OK;
}

/* The guest and everything that watches it, or CLI_BAD after one line. */
static int start_guest(struct run *run)
{
    const struct guest_options *o = &run->options->guest;
    const ptw_status status = guest_init(&run->guest, o, &run->ram);

    if (status == PTW_UNSUPPORTED && o->dbit)
        return cli_fail("format %s has no D bit in this configuration; use --dirty wp", o->format->name);
    if (status == PTW_INVAL)
        return cli_fail("format %s cannot make pages writable and read-only as a guest needs it", o->format->name);
    if (status != PTW_OK)
        return cli_fail("format %s: no table can be made: %s", o->format->name, ptw_status_name(status));
    checker_init(&run->checker, &run->guest, &run->oracle);
    if (oracle_init(&run->oracle, &run->ram, o->max_level, o->dbit) &&
        report_init(&run->report, &run->trace, run->options->verbose) && start_picture(run))
        return CLI_OK;
    ptw_destroy(&run->guest.table);
    return cli_fail("not enough memory");
}

/* The guest's RAM, if the format's addresses can hold it. */
static int lay_out_ram(struct run *run)
{
    const struct ptw_geometry *g = &run->options->geo;
    const uint64_t last_in = (g->ia_sign != 0 ? g->ia_sign - 1 : g->ia_mask) >> TRACE_PAGE_SHIFT;
    struct ram_levels levels = {.top = g->max_leaf < RAM_LEVELS ? g->max_leaf : RAM_LEVELS - 1};
    const uint64_t host_min = g->oa_last < HOST_MIN ? HOST_MIN_NARROW : HOST_MIN;
    uint64_t last_frame = 0;
    ptw_oa last_out = 0;

    for (unsigned level = 0; level < RAM_LEVELS; level++)
        levels.page_shift[level] = ptw_level_shift(g->encoder, level) - g->encoder->granule;
    if (!ram_init(&run->ram, &levels, run->trace.frames, run->trace.pages, run->options->memory >> TRACE_PAGE_SHIFT,
                  host_min >> TRACE_PAGE_SHIFT))
        return cli_fail("not enough memory");
    if (run->ram.pages == 0)
        return cli_fail("%s: no record touches a page", run->options->file);
    last_frame = run->ram.page[run->ram.pages - 1].gfn;
    if (last_frame > last_in)
        return cli_fail("format %s: guest frame 0x%" PRIx64 " is beyond the table's %u input bits",
                        run->options->guest.format->name, last_frame, g->ia_bits);
    last_out = guest_table_base(g, &run->ram) + guest_table_room(g, &run->ram) - 1;
    if (last_out > g->oa_last)
        return cli_fail("format %s: the guest and its tables need the host's memory up to 0x%" PRIx64
                        ", beyond the table's %u output bits",
                        run->options->guest.format->name, last_out, g->oa_bits);
    return CLI_OK;
}

static int replay(const struct options *options)
{
    struct run run = {.options = options};
    int status = CLI_OK;

    if (!trace_read(&run.trace, options->file))
        return CLI_BAD;
    status = lay_out_ram(&run);
    if (status == CLI_OK)
        status = start_guest(&run);
    if (status == CLI_OK) {
        report_head(&run.guest, base_name(options->file));
        live(&run);
        status = write_picture(&run);
        report_summary(&run.report, &run.checker);
        if (status == CLI_OK && run.checker.mismatches != 0)
            status = CLI_FINDING;
    }
    picture_free(&run.picture);
    report_free(&run.report);
    oracle_free(&run.oracle);
    guest_free(&run.guest);
    ram_free(&run.ram);
    trace_free(&run.trace);
    return status;
}

/* ------------------------------------------------------------------------------------------------- options --- */

/* What the command line says, before it is known to make sense. */
struct words {
    const char *format, *config, *dirty, *leaf, *memory, *self_test;
};

static int choose_dirty(struct options *o, const char *word)
{
    if (word == NULL || strcmp(word, "wp") == 0)
        return CLI_OK;
    if (strcmp(word, "dbit") != 0)
        return cli_fail("--dirty is wp or dbit, not '%s'", word);
    o->guest.dbit = true;
    /* A format without this key either always has D bits or never; making the table tells. */
    (void)ptw_config_set(o->guest.format, &o->guest.config, "ad", 1);
    return CLI_OK;
}

static int choose_leaf(struct options *o, const char *word)
{
    const struct ptw_encoder *e = o->geo.encoder;
    uint64_t bytes = 0;
    char sizes[128] = "";
    size_t used = 0;

    o->guest.max_level = o->geo.max_leaf < RAM_LEVELS ? o->geo.max_leaf : RAM_LEVELS - 1;
    if (word == NULL)
        return CLI_OK;
    if (!cli_number_or_fail(word, "--leaf", &bytes))
        return CLI_BAD;
    for (unsigned level = 0; level <= o->geo.max_leaf && level < RAM_LEVELS; level++) {
        const uint64_t size = UINT64_C(1) << ptw_level_shift(e, level);
        char name[CLI_SIZE_CHARS];

        if (size == bytes) {
            o->guest.max_level = level;
            return CLI_OK;
        }
        cli_size(size, name);
        used += (size_t)snprintf(sizes + used, sizeof(sizes) - used, "%s%s", level > 0 ? ", " : "", name);
    }
    return cli_fail("format %s has no leaves of %s; it has %s", o->guest.format->name, word, sizes);
}

static int choose_memory(struct options *o, const char *word)
{
    if (word == NULL)
        return CLI_OK;
    if (!cli_number_or_fail(word, "--memory", &o->memory))
        return CLI_BAD;
    if (o->memory > MEMORY_MAX || o->memory % (1U << TRACE_PAGE_SHIFT) != 0)
        return cli_fail("--memory is a multiple of 4K and at most 64G, not '%s'", word);
    return CLI_OK;
}

static int choose_self_test(struct options *o, const char *word)
{
    static const struct {
        const char *word;
        enum self_test test;
    } tests[] = {{"oa", TEST_OA}, {"dirty", TEST_DIRTY}, {"leak", TEST_LEAK}};

    if (word == NULL)
        return CLI_OK;
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (strcmp(word, tests[i].word) == 0) {
            o->self_test = tests[i].test;
            return CLI_OK;
        }
    }
    return cli_fail("--self-test-fault is oa, dirty or leak, not '%s'", word);
}

/* Makes sense of the words, the format first: the others depend on it. */
static int choose(struct options *o, const struct words *w)
{
    int status = CLI_OK;

    if (w->format == NULL)
        return cli_fail("--format is missing; `ptw formats` lists the formats");
    o->guest.format = cli_format(w->format);
    if (o->guest.format == NULL)
        return CLI_BAD;
    o->guest.config = o->guest.format->defaults;
    status = choose_dirty(o, w->dirty);
    if (status == CLI_OK && w->config != NULL)
        status = cli_config(o->guest.format, w->config, &o->guest.config);
    if (status == CLI_OK)
        status = cli_configure(o->guest.format, &o->guest.config, &o->geo);
    if (status == CLI_OK && o->geo.encoder->granule != TRACE_PAGE_SHIFT)
        status = cli_fail("format %s has no 4K leaves, and the trace's pages are that", o->guest.format->name);
    if (status == CLI_OK)
        status = choose_leaf(o, w->leaf);
    if (status == CLI_OK)
        status = choose_memory(o, w->memory);
    if (status == CLI_OK)
        status = choose_self_test(o, w->self_test);
    return status;
}

/* Reads the command line; *help is set if it only asks for the text. */
static int parse(int argc, char **argv, struct options *o, struct words *w, bool *help)
{
    int c = 0;

    opterr = 0;
    optind = 1;
    while ((c = getopt_long(argc, argv, ":F:c:d:l:m:s:vh", long_options, NULL)) != -1) {
        switch (c) {
        case 'F':
            w->format = optarg;
            break;
        case 'c':
            w->config = optarg;
            break;
        case 'd':
            w->dirty = optarg;
            break;
        case 'l':
            w->leaf = optarg;
            break;
        case 'm':
            w->memory = optarg;
            break;
        case 's':
            o->svg = optarg;
            break;
        case 'v':
            o->verbose = true;
            break;
        case OPTION_SELF_TEST:
            w->self_test = optarg;
            break;
        case 'h':
            *help = true;
            return CLI_OK;
        default:
            return cli_option_error(c, argv, "replay");
        }
    }
    if (argc - optind != 1)
        return cli_fail("one trace file is wanted, not %d; ptw replay --help shows how", argc - optind);
    o->file = argv[optind];
    return CLI_OK;
}

int cmd_replay(int argc, char **argv)
{
    struct options options = {0};
    struct words words = {0};
    bool help = false;
    int status = parse(argc, argv, &options, &words, &help);

    if (help) {
        (void)fputs(usage_text, stdout);
        return CLI_OK;
    }
    if (status == CLI_OK)
        status = choose(&options, &words);
    return status == CLI_OK ? replay(&options) : status;
}
