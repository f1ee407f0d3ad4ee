/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Faults of two threads on the same page (PTW_SHARED), of every format that has marks, in every order of their steps:
 * one of them does it, the other finds it done or tries again, and the tables on the way are there once. And of two
 * who annotate a hole that has to be empty, one only.
 *
 *   PTW_RANDOM_OPS   below ten thousand: a tenth of the orders in which tables are filled
 */
#include "sim/port_sim.h" /* before any header of the library: it stands for PTW_PORT_HEADER */

#include "conformance.h"

#include "walk/runtime.h"

#define RUNS_MAX 60

struct race;

struct task {
    struct race *race;
    struct ptw_gather g;
    struct ptw_result last;
    unsigned number;
};

static struct race {
    struct fixture *f;
    struct task task[2];
    struct ptw_result (*run)(struct task *k, ptw_addr addr);
    ptw_status too_late; /* what the second one is told, if it is not to try again */
    bool beside;         /* a page beside it is mapped before: the tables are there */
} race;

/* The first page of all: what is owed for nothing there would be owed for everything. */
static ptw_addr here(const struct fixture *f)
{
    return ptw_first(&f->t);
}

static struct ptw_result map_page(struct task *k, ptw_addr addr)
{
    struct fixture *f = k->race->f;

    return ptw_map(&f->t, addr, output_for(f, 0), page(f), RW, PTW_SHARED, &k->g);
}

/* Each with a mark of his own. */
static struct ptw_result annotate_if_empty(struct task *k, ptw_addr addr)
{
    struct fixture *f = k->race->f;

    return ptw_annotate(&f->t, addr, page(f), PTW_MARK_USER + k->number, 0, PTW_SHARED | PTW_IF_EMPTY, &k->g);
}

static void act(void *ctx)
{
    struct task *k = ctx;

    k->last = k->race->run(k, here(k->race->f));
}

static void set_up(void *ctx)
{
    struct race *r = ctx;
    struct fixture *f = r->f;

    if (fixture_reopen(f) != PTW_OK)
        abort();
    f->t.ops = ptw_runtime_ops();
    ptw_gather_init(&f->g, &f->t);
    if (r->beside)
        (void)ptw_map(&f->t, here(f) + page(f), 0, page(f), RW, 0, &f->g);
    (void)ptw_gather_sync(&f->g);
    if (ptw_share(&f->t, NULL, PTW_SHARE_MARKS) != PTW_OK)
        abort();
    for (unsigned i = 0; i < 2; i++) {
        r->task[i].race = r;
        r->task[i].number = i;
        ptw_gather_init(&r->task[i].g, &f->t);
        r->task[i].g.owner = i;
    }
}

/* Is the page as the winner has left it? */
static const char *check_page(struct race *r, unsigned winner)
{
    const struct fixture *f = r->f;
    uint64_t payload = 0;
    struct ptw_leaf leaf;
    const ptw_status status = ptw_translate(&f->t, here(f), &leaf);

    if (r->run == map_page)
        return status == PTW_OK && leaf.oa == output_for(f, 0) ? NULL : "the page is not mapped";
    if (status != PTW_NOENT)
        return "the page is no hole";
    return ptw_mark_at(&f->t, leaf.word, leaf.level, &payload) == PTW_MARK_USER + winner ? NULL : "another's mark";
}

static const char *check(void *ctx)
{
    struct race *r = ctx;
    struct fixture *f = r->f;
    const unsigned winner = r->task[0].last.status == PTW_OK ? 0 : 1;
    const ptw_status other = r->task[1 - winner].last.status;
    struct ptw_stats stats;
    const char *why;

    if (r->task[winner].last.status != PTW_OK)
        return "nobody has done it";
    if (other != r->too_late && other != PTW_AGAIN)
        return other == PTW_OK ? "both have done it" : ptw_status_name(other);
    why = check_page(r, winner);
    for (unsigned i = 0; i < 2; i++)
        (void)ptw_gather_sync(&r->task[i].g);
    if (why == NULL && (ptw_stats(&f->t, &stats) != PTW_OK || stats.tables != f->t.geo.top + 1U))
        why = "there are not as many tables as there are levels";
    if (why == NULL && f->memory.outstanding != stats.tables)
        why = "a table is lost";
    ptw_destroy(&f->t);
    if (why == NULL && f->memory.outstanding != 0)
        why = "a table was not freed";
    return why != NULL ? why : hardware_violation(&f->hardware);
}

static uint64_t runs_max(void)
{
    const char *bound = getenv("PTW_RANDOM_OPS");

    return bound != NULL && strtoull(bound, NULL, 10) < 10000 ? RUNS_MAX / 10 : RUNS_MAX;
}

static void explore(struct fixture *f)
{
    struct ptw_sim_schedule s = {.task = {{act, &race.task[0]}, {act, &race.task[1]}},
                                 .tasks = 2,
                                 .setup = set_up,
                                 .check = check,
                                 .ctx = &race,
                                 .preemptions = PTW_SIM_ANY,
                                 .reduce = true};

    race.f = f;
    for (unsigned beside = 0; beside < 2; beside++) {
        race.beside = beside != 0;
        s.runs_max = race.beside ? 0 : runs_max(); /* to fill tables takes many steps */
        if (!ptw_sim_explore(&s))
            fail_msg("%s: %s, seed %s", race.beside ? "a page beside it" : "an empty table", s.failure, s.seed);
        assert_true(s.runs >= 2 && (s.complete || !race.beside));
    }
    expect_status(fixture_reopen(f), PTW_OK);
}

static void race_two_faults_same_page(struct fixture *f)
{
    race.run = map_page;
    race.too_late = PTW_SPURIOUS;
    explore(f);
}

static void annotate_if_empty_race(struct fixture *f)
{
    race.run = annotate_if_empty;
    race.too_late = PTW_EXISTS;
    explore(f);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"race_two_faults_same_page", race_two_faults_same_page, can_share_tables},
        {"annotate_if_empty_race", annotate_if_empty_race, can_share_tables},
    };

    return formats_run("scheduled_faults", tests, COUNT(tests)) != 0;
}
