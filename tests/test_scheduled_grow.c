/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A table that grows under two threads that both need one level more, and a third that takes all of the old range out, old root
 * included, or reads there: in the orders of their steps. There is one root in the end, with both pages, nobody reads another
 * level than a table has, and nothing is freed while somebody is inside.
 */
#include "sim/port_sim.h" /* before any header of the library: it stands for PTW_PORT_HEADER */

#include "conformance.h"

#include "support/toy.h"

#include "walk/runtime.h"

#include <ptw/sim_schedule.h>

#define PAGE UINT64_C(0x1000)
#define OLD 64U /* pages of the old range: two levels of eight entries */
#define TASKS 3U
#define TRIES 8U

struct world;

struct task {
    struct world *w;
    struct ptw_sim_lock inside;
    struct ptw_table grown; /* by this task, if it comes first */
    ptw_status status;
};

static struct world {
    struct ptw_sim_memory memory;
    struct ptw_table t;
    uint64_t current; /* which table: 0 the first one, 1 + i that of task i */
    struct task task[TASKS];
    bool takes_out; /* the third task */
} world;

static struct ptw_table *table_of(struct world *w, uint64_t current)
{
    return current == 0 ? &w->t : &w->task[current - 1].grown;
}

static void wait_for_the_others(void *ctx, uint64_t token)
{
    struct world *w = ctx;

    (void)token;
    for (unsigned i = 0; i < TASKS; i++) {
        ptw_sim_lock_take(&w->task[i].inside);
        ptw_sim_lock_give(&w->task[i].inside);
    }
}

static uint64_t token(void *ctx)
{
    (void)ctx;
    return 0;
}

/* One level more, and published, unless somebody was faster than this task. */
static ptw_status grow(struct task *k, uint64_t current)
{
    struct world *w = k->w;
    struct ptw_table *t = table_of(w, current);
    struct ptw_config c = t->format->defaults;
    ptw_status status;

    c.levels = t->geo.top + 2U;
    status = ptw_grow_over(t, &c, &k->grown);
    if (status != PTW_OK)
        return status;
    if (!PTW_COMPARE_EXCHANGE(&w->current, &current, (uint64_t)(k - w->task) + 1U))
        ptw_grow_undo(&k->grown);
    return PTW_AGAIN;
}

static ptw_addr page_of(const struct task *k)
{
    return (OLD + (uint64_t)(k - world.task)) * PAGE;
}

/* Reads the old range, with the table that it finds. */
static ptw_status look(const struct world *w, const struct ptw_table *t)
{
    struct ptw_leaf leaf;
    const ptw_status status = ptw_translate(t, PAGE, &leaf);

    if (status == PTW_OK ? leaf.oa + (PAGE - leaf.addr) != PAGE : status != PTW_NOENT || !w->takes_out)
        (void)ptw_sim_fail("a page of the old range is not what anybody made it");
    return status;
}

/* Maps a page behind the end of the old table. */
static void map_beyond(void *ctx)
{
    struct task *k = ctx;
    struct ptw_gather g;

    k->status = PTW_AGAIN;
    for (unsigned i = 0; i < TRIES && k->status == PTW_AGAIN; i++) {
        ptw_sim_lock_take(&k->inside);
        const uint64_t current = PTW_LOAD(&k->w->current);
        struct ptw_table *t = table_of(k->w, current);

        ptw_gather_init(&g, t);
        (void)look(k->w, t);
        k->status = ptw_map(t, page_of(k), page_of(k), PAGE, PTW_R | PTW_W, PTW_SHARED, &g).status;
        if (k->status == PTW_RANGE)
            k->status = grow(k, current);
        ptw_sim_lock_give(&k->inside);
        (void)ptw_gather_sync(&g);
    }
}

static void work_in_the_old_range(void *ctx)
{
    struct task *k = ctx;
    struct ptw_gather g;

    k->status = PTW_AGAIN;
    for (unsigned i = 0; i < TRIES && k->status == PTW_AGAIN; i++) {
        ptw_sim_lock_take(&k->inside);
        struct ptw_table *t = table_of(k->w, PTW_LOAD(&k->w->current));

        ptw_gather_init(&g, t);
        if (k->w->takes_out)
            k->status = ptw_unmap(t, 0, OLD * PAGE, PTW_SHARED, NULL, &g).status;
        else
            k->status = look(k->w, t);
        ptw_sim_lock_give(&k->inside);
        (void)ptw_gather_sync(&g);
    }
}

static void set_up(void *ctx)
{
    struct world *w = ctx;
    struct ptw_config c = toy_format.defaults;
    const struct ptw_reclaim reclaim = {.token = token, .wait = wait_for_the_others, .ctx = w};
    struct ptw_gather g;

    ptw_sim_memory_reset(&w->memory);
    c.levels = 2;
    if (ptw_init(&w->t, &toy_format, &c, &w->memory.hooks, NULL) != PTW_OK)
        abort();
    w->t.ops = ptw_runtime_ops();
    ptw_gather_init(&g, &w->t);
    if (ptw_map(&w->t, 0, 0, 16 * PAGE, PTW_R | PTW_W, PTW_MAX_LEVEL(0), &g).status != PTW_OK ||
        ptw_share(&w->t, &reclaim, 0) != PTW_OK)
        abort();
    (void)ptw_gather_sync(&g);
    w->current = 0;
    for (unsigned i = 0; i < TASKS; i++) {
        w->task[i].w = w;
        w->task[i].inside.held = 0;
    }
}

static const char *check(void *ctx)
{
    struct world *w = ctx;
    struct ptw_table *t = table_of(w, w->current);
    struct ptw_leaf leaf;

    for (unsigned i = 0; i < TASKS; i++)
        if (w->task[i].status != PTW_OK && w->task[i].status != PTW_SPURIOUS)
            return "a task has not got through";
    if (t->geo.top != w->t.geo.top + 1U)
        return "it has not grown by one level";
    for (unsigned i = 0; i < 2; i++)
        if (ptw_translate(t, page_of(&w->task[i]), &leaf) != PTW_OK || leaf.oa != page_of(&w->task[i]))
            return "a page behind the old end is lost";
    if ((ptw_translate(t, PAGE, &leaf) == PTW_OK) == w->takes_out)
        return "the old range is not what it should be";
    ptw_destroy(t);
    return w->memory.outstanding != 0 ? "a table was not freed" : ptw_sim_memory_violation(&w->memory);
}

static uint64_t runs_max(void)
{
    const char *bound = getenv("PTW_RANDOM_OPS");
    const uint64_t n = bound == NULL ? 100000 : strtoull(bound, NULL, 10);

    return n >= 1000000 ? 200000 : n < 10000 ? n / 10 : 10000;
}

static void explore(bool takes_out)
{
    struct ptw_sim_schedule s = {
        .task = {{map_beyond, &world.task[0]}, {map_beyond, &world.task[1]}, {work_in_the_old_range, &world.task[2]}},
        .tasks = TASKS,
        .setup = set_up,
        .check = check,
        .ctx = &world,
        .preemptions = 2,
        .runs_max = runs_max()};
    uint64_t runs;

    world.takes_out = takes_out;
    if (!ptw_sim_explore(&s))
        fail_msg("%s, seed %s", s.failure, s.seed);
    runs = s.runs;
    if (!ptw_sim_explore_random(&s, s.runs_max, 1))
        fail_msg("%s, seed %s", s.failure, s.seed);
    print_message("%" PRIu64 " runs\n", runs + s.runs);
}

static void concurrent_grow_top(void **state)
{
    (void)state;
    explore(false);
}

static void the_old_root_goes_while_others_are_in_it(void **state)
{
    (void)state;
    explore(true);
}

static int make_memory(void **state)
{
    (void)state;
    ptw_sim_memory_init(&world.memory, 64 * PTW_SIM_BLOCK_MAX, 0);
    return 0;
}

static int end_memory(void **state)
{
    (void)state;
    ptw_sim_memory_fini(&world.memory);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(concurrent_grow_top),
        cmocka_unit_test(the_old_root_goes_while_others_are_in_it),
    };

    return cmocka_run_group_tests_name("scheduled_grow", tests, make_memory, end_memory) != 0;
}
