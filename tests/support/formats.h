/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * formats.h - the one table of formats and configurations that every conformance test runs over, and the fixture that
 * a test gets: an empty page table with memory, simulated hardware and a gather.
 *
 *   static void unmap_of_a_hole_is_legal(struct fixture *f) { ... assert_int_equal(...) ... }
 *
 *   static const struct format_test tests[] = {{"unmap_of_a_hole_is_legal", unmap_of_a_hole_is_legal, NULL}};
 *   int main(void) { return formats_run("unmap", tests, sizeof(tests) / sizeof(tests[0])); }
 */
#ifndef TEST_FORMATS_H
#define TEST_FORMATS_H

#include "hardware.h"
#include <ptw/sim.h>

#include <ptw/ptw.h>

struct format_case {
    const char *name;
    const struct ptw_format *format;
    const char *keys;        /* "ad=1,levels=5": what differs from the format's defaults */
    bool run_time;           /* the run-time engine serves it, not the format's own */
    bool main;               /* one of the four that long tests give most of their time */
    unsigned memory_options; /* PTW_SIM_VA_HOOK, ... */
};

extern const struct format_case format_cases[];
extern const size_t format_cases_count;

/* The case of that name, or NULL. */
const struct format_case *format_case_find(const char *name);

/* Applies "key=value,..." (numbers as strtoull reads them) to a configuration; false at the first that is refused. */
bool format_config(const struct ptw_format *format, const char *keys, struct ptw_config *config);

/* A reclaimer that looks whether the library keeps its promises: it waits in a sync only, and frees nothing that anybody
 * could have seen before it has waited. */
struct watched {
    bool on, reclaims; /* the table is shared; with a reclaimer */
    bool syncing;      /* inside of fixture_sync() */
    bool waited;       /* in this sync */
    ptw_oa newest;     /* the table that was made last: nobody may have seen it yet */
    uint64_t tokens, waits;
    void (*freeing)(void *ctx, ptw_oa pa, size_t bytes);
};

struct fixture {
    const struct format_case *kase;
    const struct ptw_format *format; /* kase's, or fixture_open_as's */
    struct ptw_config config;
    struct ptw_sim_memory memory;
    struct hardware hardware;
    struct ptw_table t;
    struct ptw_gather g;
    struct watched watched;
};

/* An empty table in fresh memory. Answers ptw_init's status; on failure only fixture_close() may follow. */
ptw_status fixture_open(struct fixture *f, const struct format_case *kase);

/* The same with another format object (a copy with a planted fault, say) or more options for the memory. */
ptw_status fixture_open_as(struct fixture *f, const struct format_case *kase, const struct ptw_format *format,
                           unsigned memory_options);

/* The operations that follow set tables aside before they begin, and may give back those that they have not used. */
void fixture_sets_aside(bool on);

/* Empties a table that is open: as fixture_open, but cheap. */
ptw_status fixture_reopen(struct fixture *f);

/* reclaim.c: ptw_share() with a reclaimer that is watched, or (`reclaims` false) without one; and ptw_gather_sync(), which
 * is how a test with a shared table has to sync. What goes wrong is a violation of the fixture's hardware. */
ptw_status fixture_share(struct fixture *f, bool reclaims, uint64_t flags);
ptw_status fixture_sync(struct fixture *f);

/* Syncs, destroys the table, and looks whether anything leaked or went wrong: NULL or a clause. */
const char *fixture_finish(struct fixture *f);

/* Gives the memory back; no checks. Right after fixture_finish, or instead of it. */
void fixture_close(struct fixture *f);

/* What a fixture's table can do; for `wants` and for tests that compute what they expect. */
bool fixture_has_ad(const struct fixture *f);
bool fixture_exact_ad(const struct fixture *f); /* A and D read back as they were given, nothing is added */
ptw_attr fixture_added_ad(const struct fixture *f, ptw_attr attr); /* A and D that a leaf of `attr` has besides */
ptw_attr fixture_blind_ad(const struct fixture *f);                /* those that any leaf may have besides */

/* `attr` with X added or dropped where the format of the fixture that was opened last leaves no choice. */
ptw_attr fixture_fit(ptw_attr attr);

/* Attributes that the format can express: the widest rights, PTW_MT_WB (or what it has), A and D set. */
ptw_attr fixture_attr(const struct fixture *f);
bool fixture_legal(const struct fixture *f, ptw_attr attr);

struct format_test {
    const char *name;
    void (*run)(struct fixture *f);
    bool (*wants)(const struct fixture *f); /* NULL: every format */
};

/* Runs each test for each case as a CMocka test called "name [case]", checks leaks and violations after each, and
 * answers what cmocka_run_group_tests does. PTW_CASE in the environment restricts it to some cases ("ept-4,nx1"). */
int formats_run(const char *group, const struct format_test *tests, size_t n);

/* The same for other cases than those of the table. */
int formats_run_over(const char *group, const struct format_test *tests, size_t n, const struct format_case *cases,
                     size_t cases_n);

#endif
