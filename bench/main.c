/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* bench/main.c - ptw-bench: the command line, the list of cases, and the work's surroundings: one core, memory. */
#define _GNU_SOURCE
#include "bench.h"

#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPAN (UINT64_C(64) << 30U)
#define RANDOMS (UINT64_C(1) << 20U)
#define SECOND_BYTES (UINT64_C(34) << 20U) /* tables of the second thread */

const struct bench_case *const bench_cases[] = {&bench_page,
                                                &bench_2m,
                                                &bench_1g,
                                                &bench_cursor,
                                                &bench_run,
                                                &bench_gib,
                                                &bench_span,
                                                &bench_random,
                                                &bench_translate,
                                                &bench_translate_cursor,
                                                &bench_dirty_none,
                                                &bench_dirty_some,
                                                &bench_dirty_all,
                                                &bench_incoherent,
                                                &bench_relax,
                                                &bench_page_shared,
                                                &bench_run_shared,
                                                &bench_gib_shared,
                                                &bench_dirty_none_shared,
                                                &bench_queue,
                                                &bench_ranges,
                                                &bench_threads,
                                                NULL};

static const struct floor *const floors[] = {
    &floor_ept, &floor_x86_64, &floor_arm64_s2, &floor_riscv_sv48x4, &floor_vtd_ss, &floor_amdv1, NULL};

static const char help[] =
    "Usage: ptw-bench [OPTION]...\n"
    "Measures the library against hand-written code that does the same work, in the same run.\n"
    "\n"
    "  -f, --format FORMAT   ept (default), x86-64, arm64-s2, riscv-sv48x4, vtd-ss, amdv1\n"
    "  -r, --rows GLOB       only rows whose name matches, for example 'dirty-*'\n"
    "  -n, --rounds N        measure each row N times (default: as many as suit the row)\n"
    "  -q, --quick           a tenth of the rounds\n"
    "  -j, --json            one JSON object a line\n"
    "  -l, --list            list the rows\n"
    "  -c, --cpu N           run on processor N (default: the last one that is allowed)\n"
    "      --compiler        print the compiler's name and major version\n"
    "      --instructions ROW N\n"
    "                        do the row's work N times inside of bench_measured(), without a clock, for a tool that\n"
    "                        counts; prints the row and how many operations that was\n"
    "      --floor, --loop   with --instructions: the floor's work, or the bench's own loop without any work\n"
    "      --each-format     map, translate, dirty and unmap on every format and engine, once each inside of\n"
    "                        bench_measured(), without a clock; prints a line for each call of it\n"
    "  -h, --help            print this\n"
    "\n"
    "Exit status: 0, whether targets are met or not; 1 if library and floor disagree; 2 for bad usage.\n";

static int usage(const char *what, const char *value)
{
    fprintf(stderr, "ptw-bench: %s%s; --help lists the options\n", what, value);
    return 2;
}

/* The last processor that is allowed, but for one; -1: there is none. */
static int last_cpu(int but)
{
    cpu_set_t set;
    int cpu = -1;

    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return -1;
    for (int i = 0; i < CPU_SETSIZE; i++) {
        if (i != but && CPU_ISSET((unsigned)i, &set))
            cpu = i;
    }
    return cpu;
}

/* Pins this process; the processor's number, or -1. */
static int pin(int cpu)
{
    cpu_set_t set;

    if (cpu < 0)
        return -1;
    CPU_ZERO(&set);
    CPU_SET((unsigned)cpu, &set);
    return sched_setaffinity(0, sizeof(set), &set) == 0 ? cpu : -1;
}

/* Page numbers below the span in no order: a one-to-one mix of counting. */
static bool make_random(struct bench *b)
{
    uint64_t mask = b->span / BENCH_PAGE - 1U;
    unsigned half = ptw_high_bit(mask + 1U) / 2U;

    b->random = b->randoms != 0 ? calloc((size_t)b->randoms, sizeof(*b->random)) : NULL;
    if (b->random == NULL)
        return false;
    for (uint64_t i = 0; i < b->randoms; i++) {
        uint64_t v = i;

        for (unsigned turn = 0; turn < 4; turn++) {
            v = (v * UINT64_C(0x9e3779b97f4a7c15) + turn) & mask;
            v ^= v >> half;
        }
        b->random[i] = (uint32_t)v;
    }
    return true;
}

static const struct floor *find_floor(const char *name)
{
    for (size_t i = 0; floors[i] != NULL; i++) {
        if (strcmp(floors[i]->format->name, name) == 0)
            return floors[i];
    }
    return NULL;
}

static void list_rows(void)
{
    for (size_t i = 0; bench_cases[i] != NULL; i++) {
        for (const struct bench_step *step = bench_cases[i]->steps; step->run != NULL; step++) {
            if (step->row != NULL)
                printf("%s\n", step->row);
        }
    }
}

static bool number(const char *text, unsigned long most, unsigned long *n)
{
    char *end;

    *n = strtoul(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == 0 && *n <= most;
}

/* Twice the tables of the span, for two sides and what they leave lying about, and some more. */
static bool make_memory(struct bench *b, uint64_t span, uint64_t randoms)
{
    uint64_t bytes = (span / 512U) * 9U / 4U + (UINT64_C(32) << 20U) + SECOND_BYTES;

    b->span = span;
    b->randoms = randoms;
    if (bytes <= SIZE_MAX && bench_arena_init(&b->arena, (size_t)bytes) && make_random(b)) {
        bench_arena_split(&b->arena, &b->second, SECOND_BYTES);
        return true;
    }
    fprintf(stderr, "ptw-bench: needs %llu MiB of memory\n", (unsigned long long)(bytes >> 20U));
    return false;
}

static int run_all(struct bench *b, int cpu)
{
    int status = 0;

    cpu = cpu < 0 ? last_cpu(-1) : cpu;
    b->second_cpu = last_cpu(cpu);
    cpu = pin(cpu);
    if (!make_memory(b, SPAN, RANDOMS))
        return 1;
    bench_report_head(b, cpu);
    for (size_t i = 0; bench_cases[i] != NULL; i++)
        status |= bench_run_case(b, bench_cases[i]);
    bench_report_end(b);
    return status;
}

/* Smaller tables: the count per operation is the same, and a tool that counts is slow. */
static int run_instructions(struct bench *b, const char *row, unsigned long n, enum bench_counted counted)
{
    return make_memory(b, BENCH_1G, 4096) ? bench_instructions(b, row, n, counted) : 1;
}

enum long_option { OPTION_COMPILER = 256, OPTION_INSTRUCTIONS, OPTION_FLOOR, OPTION_LOOP, OPTION_EACH_FORMAT };

static const struct option options[] = {{"format", required_argument, NULL, 'f'},
                                        {"rows", required_argument, NULL, 'r'},
                                        {"rounds", required_argument, NULL, 'n'},
                                        {"quick", no_argument, NULL, 'q'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"list", no_argument, NULL, 'l'},
                                        {"cpu", required_argument, NULL, 'c'},
                                        {"compiler", no_argument, NULL, OPTION_COMPILER},
                                        {"instructions", required_argument, NULL, OPTION_INSTRUCTIONS},
                                        {"floor", no_argument, NULL, OPTION_FLOOR},
                                        {"loop", no_argument, NULL, OPTION_LOOP},
                                        {"each-format", no_argument, NULL, OPTION_EACH_FORMAT},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};

int main(int argc, char **argv)
{
    static struct bench b = {.floor = &floor_ept, .glob = "*"};
    const char *row = NULL;
    enum bench_counted counted = BENCH_COUNT_LIBRARY;
    unsigned long n;
    int option, cpu = -1;

    while ((option = getopt_long(argc, argv, "f:r:n:qjlc:h", options, NULL)) != -1) {
        switch (option) {
        case 'f':
            b.floor = find_floor(optarg);
            if (b.floor == NULL)
                return usage("no such format: ", optarg);
            break;
        case 'r':
            b.glob = optarg;
            break;
        case 'n':
            if (!number(optarg, 1000000, &n) || n == 0)
                return usage("not a number of rounds: ", optarg);
            b.rounds = (unsigned)n;
            break;
        case 'q':
            b.quick = true;
            break;
        case 'j':
            b.json = true;
            break;
        case 'l':
            list_rows();
            return 0;
        case 'c':
            if (!number(optarg, CPU_SETSIZE - 1, &n))
                return usage("not a processor: ", optarg);
            cpu = (int)n;
            break;
        case OPTION_COMPILER:
            printf("%s\n", bench_compiler_key());
            return 0;
        case OPTION_INSTRUCTIONS:
            row = optarg;
            break;
        case OPTION_FLOOR:
            counted = BENCH_COUNT_FLOOR;
            break;
        case OPTION_LOOP:
            counted = BENCH_COUNT_LOOP;
            break;
        case OPTION_EACH_FORMAT:
            return make_memory(&b, BENCH_1G, 1) ? bench_each_format(&b) : 1;
        case 'h':
            fputs(help, stdout);
            return 0;
        default:
            return usage("bad usage", "");
        }
    }
    if (row != NULL) {
        if (optind + 1 != argc || !number(argv[optind], 1000000, &n) || n == 0)
            return usage("--instructions takes a row and a number", "");
        return run_instructions(&b, row, n, counted);
    }
    if (optind != argc)
        return usage("what is this: ", argv[optind]);
    return run_all(&b, cpu);
}
