/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/bench.h - one measurement: two sides that do the same work on tables of their own.
 *
 *   case    what is set up once, then steps that run in this order, once per round and side   rows_*.c
 *   step    a loop of operations; a step with a row's name is timed, the others prepare       rows_*.c
 *   side    the library or the floor: a table, a gather, a cursor                             side.c
 *   round   all steps of one side, then of the other; which one begins alternates             run.c
 *
 * Both sides go through the same loops and the same indirect call (see floor.h). In the first round, which is not
 * counted, their answers, what they owe and every entry of their tables are compared.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "floor.h"

#define BENCH_PAGE UINT64_C(4096)
#define BENCH_2M (BENCH_PAGE << 9U)
#define BENCH_1G (BENCH_PAGE << 18U)
#define BENCH_CEILING PTW_SOFT(1) /* the leaves that a relax may change have this software bit */
#define BENCH_ALONE                                                                                                    \
    _Alignas(128) /* in a cache line, and in the one that is fetched with it, that no other thread writes */
#define BENCH_LIBRARY 0U
#define BENCH_FLOOR 1U

/* A region that hands out tables, last freed first; see arena.c. */
struct bench_arena {
    unsigned char *base;
    uint64_t first, pages, next; /* pages [first, pages) of `base`; from `next` on they were never given out */
    uint32_t *freed;
    uint64_t freed_count;
    uint64_t live;                     /* pages given out now */
    uint64_t marked_live, marked_next; /* see bench_arena_mark */
};

/* One side's account with the arena; the context of its hooks. */
struct bench_memory {
    struct bench_arena *arena;
    uint64_t pages;              /* given out now */
    uint64_t lines;              /* cleaned so far */
    struct bench_memory *second; /* the second thread's, whose pages lie behind those of this one; or NULL */
};

struct bench_side {
    BENCH_ALONE struct ptw_table t;
    BENCH_ALONE struct ptw_gather g;
    struct ptw_cursor c;
    ptw_attr attr[3]; /* what a map at a level is given: attributes, or the floor's prepared word */
    uint64_t flags;   /* PTW_SHARED, or 0 */
    ptw_status (*sync)(struct ptw_gather *g);
    struct ptw_result (*trim)(struct ptw_table *t, struct ptw_gather *g);
    BENCH_ALONE struct bench_memory memory;
    BENCH_ALONE struct bench_memory second; /* the second thread's */
    BENCH_ALONE struct bench *bench;
    struct bench_side *peer;
    bool floor;

    /* What a step says of itself. */
    uint64_t ops;      /* operations, or entries, that the time is divided by */
    ptw_status failed; /* OR of all statuses */
    const char *wrong; /* a fault that no status tells */

    /* For the dirty rows. */
    uint64_t *leaves[512]; /* the level-0 tables of the first GiB */
    uint64_t bitmap[4096];
};

enum bench_kind { BENCH_PREPARE, BENCH_TIME, BENCH_COUNT };

struct bench_step {
    const char *row;                       /* NULL: not reported */
    const char *unit;                      /* "ns": per operation; "ns/PTE": per entry; else what is counted */
    unsigned target;                       /* hundredths of the floor; 0: none */
    enum bench_kind kind;                  /* COUNT: run()'s answer is the result */
    bool compare;                          /* compare the tables, entry by entry, after this step */
    uint64_t (*run)(struct bench_side *s); /* the answer is the same on both sides, but for COUNT */
};

struct bench_case {
    enum floor_work work;
    bool dirty;      /* ask for hardware A and D, and map leaves without D */
    bool incoherent; /* with a hook that cleans cache lines */
    bool shared;     /* operations with PTW_SHARED */
    bool threads;    /* needs two processors; the floor is the library in one thread */
    unsigned rounds;
    void (*setup)(struct bench_side *s); /* once, the library's side first; NULL: none */
    void (*teardown)(struct bench_side *s);
    struct bench_step steps[8]; /* ends with one that has no run() */
};

/* What was asked for on the command line, and what all cases share. */
struct bench {
    const struct floor *floor;
    const char *glob;
    unsigned rounds; /* 0: the case's own */
    bool quick, json;
    uint64_t span;    /* bytes of the large tables: 64 GiB */
    uint32_t *random; /* page numbers below span, no two the same */
    uint64_t randoms;
    BENCH_ALONE struct bench_arena arena;
    BENCH_ALONE struct bench_arena second; /* the second thread's */
    BENCH_ALONE int second_cpu;            /* its processor, or -1 */
    struct bench_side side[2];             /* BENCH_LIBRARY, BENCH_FLOOR */
};

/* Whose instructions are counted; the bare loop's are in both of the others. */
enum bench_counted { BENCH_COUNT_LIBRARY, BENCH_COUNT_FLOOR, BENCH_COUNT_LOOP };

/* What is left of many rounds of one row; times in picoseconds per operation, counts as they are. */
struct bench_figures {
    uint64_t min[2], median[2];
};

extern const struct bench_case bench_page, bench_2m, bench_1g, bench_cursor, bench_run, bench_relax;
extern const struct bench_case bench_page_shared, bench_run_shared, bench_gib_shared, bench_dirty_none_shared;
extern const struct bench_case bench_queue, bench_ranges;
extern const struct bench_case bench_gib, bench_span, bench_incoherent, bench_threads;
extern const struct bench_case bench_random, bench_translate, bench_translate_cursor;
extern const struct bench_case bench_dirty_none, bench_dirty_some, bench_dirty_all;
extern const struct bench_case *const bench_cases[]; /* ends with NULL */
extern const struct ptw_ops bench_nothing;

/* arena.c */
bool bench_arena_init(struct bench_arena *a, size_t bytes);
void bench_arena_split(struct bench_arena *a, struct bench_arena *upper, uint64_t bytes);
void bench_arena_hooks(struct bench_memory *memory, bool incoherent, struct ptw_mem *mem);
const char *bench_clean_name(void);

/* From now on this thread's tables come from `memory`, whatever the hooks' context is. NULL: no more. */
void bench_arena_own(struct bench_memory *memory);

/* From now on the arena starts again here, not at its front, whenever no more pages are given out than now. */
void bench_arena_mark(struct bench_arena *a);
void bench_arena_unmark(struct bench_arena *a);

/* side.c: an empty table for the case `c`; the end of it; tables that are there and empty: those over the leaf at each
 * `step`; a sum over all entries; what is owed, as a sum, paid. */
bool bench_open(struct bench_side *s, const struct bench_case *c);
void bench_close(struct bench_side *s);
void bench_make_tables(struct bench_side *s, ptw_addr base, uint64_t bytes, uint64_t step, uint64_t leaf);
uint64_t bench_digest(struct bench_side *s);
uint64_t bench_settle(struct bench_side *s);

/* run.c: 0, or 1 after a message when the sides disagree. */
int bench_run_case(struct bench *b, const struct bench_case *c);
int bench_instructions(struct bench *b, const char *row, uint64_t n, enum bench_counted counted);

/* Nothing but one step happens in here, so that what a tool counts in here is that step. */
uint64_t bench_measured(const struct bench_step *step, struct bench_side *s);

/* each_format.c: 0, or 1 after a message. */
int bench_each_format(struct bench *b);

/* report.c */
void bench_report_head(const struct bench *b, int cpu);
void bench_report(const struct bench *b, const struct bench_step *step, const struct bench_figures *f);
void bench_report_skip(const struct bench *b, const struct bench_step *step, const char *why);
void bench_report_end(const struct bench *b);
const char *bench_compiler(void);
const char *bench_compiler_key(void);

#endif
