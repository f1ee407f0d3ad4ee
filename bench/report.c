/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/report.c - results as a table for people, or as one JSON object per row. Integers all the way: the bench is
 * compiled like the library, where floating-point registers may be forbidden.
 */
#include "bench.h"

#include <stdio.h>

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#define COMPILER_NAME "clang"
#define COMPILER_MAJOR __clang_major__
#else
#define COMPILER "gcc " __VERSION__
#define COMPILER_NAME "gcc"
#define COMPILER_MAJOR __GNUC__
#endif

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)

#ifndef PTW_BENCH_FLAGS
#define PTW_BENCH_FLAGS ""
#endif
#ifdef __OPTIMIZE__
#define FLAG_OPTIMIZE "optimized"
#else
#define FLAG_OPTIMIZE "NOT optimized"
#endif
#ifdef NDEBUG
#define FLAG_DEBUG "no assertions"
#else
#define FLAG_DEBUG "WITH assertions"
#endif

const char *bench_compiler(void)
{
    return COMPILER;
}

/* Instruction counts are recorded by this. */
const char *bench_compiler_key(void)
{
    return COMPILER_NAME "-" TEXT(COMPILER_MAJOR);
}

static const char *flags(void)
{
    return PTW_BENCH_FLAGS[0] != 0 ? PTW_BENCH_FLAGS : FLAG_OPTIMIZE ", " FLAG_DEBUG;
}

void bench_report_head(const struct bench *b, int cpu)
{
    if (b->json)
        return;
    printf("format %s, %s\nflags  %s\n", b->floor->format->name, bench_compiler(), flags());
    if (cpu >= 0)
        printf("cpu    %d (pinned)", cpu);
    else
        printf("cpu    any (could not be pinned)");
    printf("; lines are cleaned by %s\n\n", bench_clean_name());
    printf("%-17s %-7s %9s %9s   %9s %9s   %5s %6s   %s\n", "row", "unit", "floor min", "median", "ptw min", "median",
           "ratio", "median", "target");
}

/* 12345 as "12.35" if the figure is in thousandths, else as it is. */
static const char *figure(char text[static 24], uint64_t v, bool thousandths)
{
    if (!thousandths)
        (void)snprintf(text, 24, "%llu", (unsigned long long)v);
    else
        (void)snprintf(text, 24, "%llu.%02llu", (unsigned long long)((v + 5U) / 1000U),
                       (unsigned long long)((v + 5U) / 10U % 100U));
    return text;
}

static uint64_t ratio(uint64_t a, uint64_t b)
{
    return b == 0 ? 0 : (a * 1000U + b / 2U) / b;
}

static void report_json(const struct bench *b, const struct bench_step *step, const struct bench_figures *f,
                        char text[6][24])
{
    bool met = ratio(f->min[BENCH_LIBRARY], f->min[BENCH_FLOOR]) < step->target * 10U + 5U;

    printf("{\"row\": \"%s\", \"format\": \"%s\", \"compiler\": \"%s\", \"flags\": \"%s\", \"unit\": \"%s\", "
           "\"floor_min\": %s, \"floor_median\": %s, \"min\": %s, \"median\": %s, \"ratio\": %s, "
           "\"ratio_median\": %s, ",
           step->row, b->floor->format->name, bench_compiler_key(), flags(), step->unit, text[0], text[1], text[2],
           text[3], text[4], text[5]);
    if (step->target == 0)
        printf("\"target\": null, \"met\": null}\n");
    else
        printf("\"target\": %u.%02u, \"met\": %s}\n", step->target / 100U, step->target % 100U, met ? "true" : "false");
}

void bench_report(const struct bench *b, const struct bench_step *step, const struct bench_figures *f)
{
    bool time = step->kind == BENCH_TIME;
    uint64_t by_min = ratio(f->min[BENCH_LIBRARY], f->min[BENCH_FLOOR]);
    char text[6][24];

    (void)figure(text[0], f->min[BENCH_FLOOR], time);
    (void)figure(text[1], f->median[BENCH_FLOOR], time);
    (void)figure(text[2], f->min[BENCH_LIBRARY], time);
    (void)figure(text[3], f->median[BENCH_LIBRARY], time);
    (void)figure(text[4], by_min, true);
    (void)figure(text[5], ratio(f->median[BENCH_LIBRARY], f->median[BENCH_FLOOR]), true);
    if (b->json) {
        report_json(b, step, f, text);
    } else {
        printf("%-17s %-7s %9s %9s   %9s %9s   %5s %6s   ", step->row, step->unit, text[0], text[1], text[2], text[3],
               text[4], text[5]);
        if (step->target == 0)
            printf("-\n");
        else
            printf("%u.%02u %s\n", step->target / 100U, step->target % 100U,
                   by_min < step->target * 10U + 5U ? "met" : "NOT MET");
    }
    (void)fflush(stdout);
}

void bench_report_skip(const struct bench *b, const struct bench_step *step, const char *why)
{
    if (b->json)
        printf("{\"row\": \"%s\", \"format\": \"%s\", \"skipped\": \"%s\"}\n", step->row, b->floor->format->name, why);
    else
        printf("%-17s SKIP: %s\n", step->row, why);
}

void bench_report_end(const struct bench *b)
{
    if (!b->json)
        printf(
            "\nTimes per operation, or per entry (PTE); ratio is ptw to floor, of the minima, and of the medians.\n");
}
