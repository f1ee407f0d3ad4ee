/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tools/ptw/replay_report.c - progress, the table of rounds and the summary of `ptw replay` (replay_report.h). */
#include "replay_report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#define ROWS_SHOWN 16U
#define BAR_WIDTH 24U
#define PROGRESS_NS UINT64_C(100000000)

bool report_init(struct report *report, const struct trace *trace, bool all_rows)
{
    *report = (struct report){.trace = trace, .all_rows = all_rows, .clock_cost = guest_clock_cost()};
    report->row = calloc(trace->rounds + 1, sizeof(*report->row));
    return report->row != NULL;
}

void report_free(struct report *report)
{
    free(report->row);
    *report = (struct report){0};
}

/* ----------------------------------------------------------------------------------------------- progress --- */

/* How many characters of the terminal's line are in use. */
static int line_used;

static bool use_colour(void)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return (no_colour == NULL || no_colour[0] == '\0') && term != NULL && strcmp(term, "dumb") != 0;
}

void report_progress_end(void)
{
    if (line_used > 0)
        (void)fprintf(stderr, "\r%*s\r", line_used, "");
    line_used = 0;
}

static void draw_progress(const struct report *report, size_t record, uint64_t checks)
{
    static const char full[] = "########################";
    static const char rest[] = "........................";
    const size_t done = record * BAR_WIDTH / report->trace->records;
    const bool colour = use_colour();
    char tail[80];

    (void)snprintf(tail, sizeof(tail), "] %3zu %%  round %zu of %zu, %" PRIu64 " checks",
                   record * 100 / report->trace->records, report->rows, report->trace->rounds, checks);
    (void)fprintf(stderr, "\rreplay [%s%.*s%s%.*s%s", colour ? "\033[36m" : "", (int)done, full,
                  colour ? "\033[0m" : "", (int)(BAR_WIDTH - done), rest, tail);
    line_used = (int)(strlen("replay [") + BAR_WIDTH + strlen(tail));
    (void)fflush(stderr);
}

void report_progress(const struct report *report, size_t record, uint64_t checks)
{
    static int terminal = -1;
    static uint64_t drawn;
    uint64_t now = 0;

    if (terminal < 0)
        terminal = isatty(STDERR_FILENO);
    if (!terminal || record % 256 != 0)
        return;
    now = guest_clock();
    if (now - drawn < PROGRESS_NS)
        return;
    drawn = now;
    draw_progress(report, record, checks);
}

void report_note(const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    report_progress_end();
    (void)cli_fail("%s", text);
}

/* -------------------------------------------------------------------------------------------------- tables --- */

static void size_of_level(const struct ptw_geometry *g, unsigned level, char out[CLI_SIZE_CHARS])
{
    cli_size(UINT64_C(1) << ptw_level_shift(g->encoder, level), out);
}

void report_head(const struct guest *guest, const char *file)
{
    const struct ptw_table *t = &guest->table;
    char leaf[CLI_SIZE_CHARS];

    size_of_level(&t->geo, guest->max_level, leaf);
    (void)printf("%s on %s: %u levels, %u bits in, %u bits out; leaves up to %s; dirty pages by %s\n", file,
                 t->format->name, t->geo.top + 1, t->geo.ia_bits, t->geo.oa_bits, leaf,
                 guest->dbit ? "D bits" : "write protection");
    (void)printf("%zu pages of RAM in %zu slots:", guest->ram->pages, guest->ram->slots);
    for (unsigned level = guest->max_level + 1; level-- > 0;) {
        const size_t n = ram_blocks(guest->ram, level, guest->max_level);

        size_of_level(&t->geo, level, leaf);
        if (n != 0)
            (void)printf(" %zu of %s", n, leaf);
    }
    (void)printf("\n\n");
}

/* The highest level that ever had a leaf. */
static unsigned highest_leaf(const struct report *report)
{
    unsigned top = 0;

    for (size_t i = 0; i < report->rows; i++) {
        for (unsigned level = top + 1; level < PTW_LEVELS_MAX; level++) {
            if (report->row[i].end.leaves[level] + report->row[i].merged.leaves[level] != 0)
                top = level;
        }
    }
    return top;
}

static void print_table_head(const struct guest *guest, unsigned top)
{
    const int width = (int)(top + 1) * 9 + 8;

    (void)printf("%38s|%*s|%*s\n", "", width, "leaves when the round ended", width, "after its merge");
    (void)printf("%6s%9s%9s%8s%6s|", "round", "seconds", "faults", "dirty", "split");
    for (unsigned half = 0; half < 2; half++) {
        for (unsigned level = 0; level <= top; level++) {
            char size[CLI_SIZE_CHARS];

            size_of_level(&guest->table.geo, level, size);
            (void)printf("%9s", size);
        }
        (void)printf("%8s%s", "tables", half == 0 ? "|" : "\n");
    }
}

static void print_row(const struct report *report, size_t index, unsigned top)
{
    const struct report_row *row = &report->row[index];
    char name[24] = "boot";

    if (index > 0)
        (void)snprintf(name, sizeof(name), "%zu", index);
    (void)printf("%6s%9.3f%9" PRIu64 "%8" PRIu64 "%6" PRIu64 "|", name, (double)row->begin / 1e6, row->faults,
                 row->dirty, row->splits);
    for (unsigned half = 0; half < 2; half++) {
        const struct ptw_stats *stats = half == 0 ? &row->end : &row->merged;

        for (unsigned level = 0; level <= top; level++)
            (void)printf("%9" PRIu64, stats->leaves[level]);
        (void)printf("%8" PRIu64 "%s", stats->tables, half == 0 ? "|" : "\n");
    }
}

static void print_rows(const struct report *report, const struct guest *guest)
{
    const size_t shown = report->all_rows || report->rows < ROWS_SHOWN ? report->rows : ROWS_SHOWN;
    const unsigned top = highest_leaf(report);

    print_table_head(guest, top);
    for (size_t i = 0; i < shown; i++)
        print_row(report, shown > 1 ? i * (report->rows - 1) / (shown - 1) : 0, top);
    if (shown < report->rows)
        (void)printf("(%zu of %zu rows; --verbose prints all)\n", shown, report->rows);
    (void)printf("\n");
}

/* ------------------------------------------------------------------------------------------------- summary --- */

static void print_time(const char *what, const struct stopwatch *w, const char *unit, uint64_t clock_cost)
{
    const uint64_t overhead = w->calls * clock_cost;
    const uint64_t ns = w->ns > overhead ? w->ns - overhead : 0;

    if (w->units == 0)
        return;
    (void)printf("  %-36s%9" PRIu64 " calls %10.1f ns a %s\n", what, w->calls, (double)ns / (double)w->units, unit);
}

static void print_times(const struct report *report, const struct checker *c)
{
    static const struct {
        enum guest_call call;
        const char *what, *unit;
    } lines[] = {
        {CALL_LOOKUP, "translate, on a fault", "call"},
        {CALL_MAP, "map a page", "call"},
        {CALL_MAP_LARGE, "map a large leaf", "call"},
        {CALL_MAP_AGAIN, "map what is mapped", "call"},
        {CALL_PROTECT, "protect, giving W", "call"},
        {CALL_SPLIT, "cut and split_to", "new table"},
        {CALL_DIRTY, "dirty, all slots", "table in use"},
        {CALL_WITHHOLD, "protect, taking W from large leaves", "table in use"},
        {CALL_MERGE, "merge", "merged table"},
        {CALL_UNMAP, "unmap, each leaf compared", "leaf"},
    };

    (void)printf("time, without %" PRIu64 " ns for reading the clock\n", report->clock_cost);
    print_time("translate and compare, all pages", &c->translate, "page", report->clock_cost);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        print_time(lines[i].what, &c->guest->watch[lines[i].call], lines[i].unit, report->clock_cost);
    print_time("verify", &c->verify, "table in use", report->clock_cost);
    (void)printf("\n");
}

void report_summary(const struct report *report, const struct checker *c)
{
    const struct guest *guest = c->guest;
    const struct guest_memory *m = &guest->memory;

    print_rows(report, guest);
    print_times(report, c);
    (void)printf("faults        %" PRIu64 " mapped, %" PRIu64 " given W, %" PRIu64 " of them with a split, %" PRIu64
                 " spurious\n",
                 report->mapped, report->granted, report->split, report->spurious);
    (void)printf("large leaves  %" PRIu64 " split, %" PRIu64 " merged\n", guest->splits, guest->merges);
    (void)printf("hardware      %" PRIu64 " invalidations\n", guest->invalidations);
    (void)printf("table memory  at most %.1f KiB in %" PRIu64 " tables; %" PRIu64 " made, %" PRIu64 " given back\n",
                 (double)m->peak_bytes / 1024.0, m->peak_tables, m->made, m->returned);
    (void)printf("replay: %zu faults, %zu rounds, %" PRIu64 " checks, %" PRIu64 " mismatches\n", report->trace->faults,
                 report->trace->rounds, c->checks, c->mismatches);
}
