/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Two threads at one table (PTW_SHARED): every pair of the operations of scheduled_pairs.h on one page, one table or
 * one subtree, from several beginnings, in the orders of their steps.
 *
 *   PTW_RANDOM_OPS   from a million on: ten times as many orders; below ten thousand: one of each kind
 */
#include "scheduled_pairs.h"

#include "conformance.h"

#include <ptw/x86.h>

#define RUNS_MAX 40

/* -------------------------------------------------------------------------------------------- all pairs --- */

/* How much time there is: PTW_RANDOM_OPS is few thousands where everything is slow, and millions in long runs. */
static uint64_t operations_wanted(void)
{
    const char *ops = getenv("PTW_RANDOM_OPS");

    return ops == NULL ? 100000 : strtoull(ops, NULL, 10);
}

static bool is_slow(void)
{
    return operations_wanted() < 10000;
}

static uint64_t runs_wanted; /* of each pair, about */

/* Operations on single pages have few steps: nearly all of their orders are run. */
static uint64_t runs_max(const struct operation *a, const struct operation *b)
{
    if (is_slow())
        return 1;
    return runs_wanted * (a->pages <= 1 && b->pages <= 1 ? 10 : 1) * (operations_wanted() >= 1000000 ? 10 : 1);
}

static void explore_pair(const struct operation *a, const struct operation *b, enum beginning beginning, uint64_t *runs,
                         uint64_t *complete)
{
    const struct operation *const ops[] = {a, b};
    struct ptw_sim_schedule s = schedule_of(ops, 2, beginning);
    const struct world *w = &world;
    bool right;

    s.runs_max = runs_max(a, b);
    right = ptw_sim_explore(&s);
    *runs += s.runs;
    *complete += right && s.complete;
    if (right && !s.complete) { /* what few switches can do, and what chance can */
        s.reduce = false;
        s.preemptions = 2;
        right = ptw_sim_explore(&s);
        *runs += s.runs;
        right = right && ptw_sim_explore_random(&s, s.runs_max, 1);
        *runs += s.runs;
    }
    if (!right)
        fail_msg("\"%s\" (%s, %u pages, reported %" PRIx64 ") and \"%s\" (%s, %u pages, reported %" PRIx64
                 ") from beginning %d, options %" PRIx64 ": %s, seed %s",
                 a->name, ptw_status_name(w->task[0].last.status), w->task[0].done, w->task[0].reported, b->name,
                 ptw_status_name(w->task[1].last.status), w->task[1].done, w->task[1].reported, (int)beginning,
                 w->options, s.failure, s.seed);
}

static void explore_all(uint64_t options, bool syncs)
{
    uint64_t runs = 0, complete = 0, pairs = 0;

    if (is_slow() && (options != 0 || syncs))
        skip();
    world.format = &toy_format;
    world.options = options;
    world.syncs = syncs;
    runs_wanted = RUNS_MAX;
    for (size_t a = 0; a < OPERATIONS; a++)
        for (size_t b = a; b < OPERATIONS; b++)
            for (unsigned i = 0; i < BEGINNINGS; i++, pairs++)
                explore_pair(&operations[a], &operations[b], (enum beginning)i, &runs, &complete);
    print_message("%" PRIu64 " pairs, %" PRIu64 " of them in all orders, %" PRIu64 " runs\n", pairs, complete, runs);
}

static void every_page_ends_as_after_one_and_the_other(void **state)
{
    (void)state;
    explore_all(0, false);
}

static void the_same_where_formats_break(void **state)
{
    (void)state;
    explore_all(TOY_BREAKS, false);
}

static void the_same_with_groups(void **state)
{
    (void)state;
    explore_all(PTW_OPT_GROUPS, false);
}

static void the_same_with_groups_where_formats_break(void **state)
{
    (void)state;
    explore_all(PTW_OPT_GROUPS | TOY_BREAKS, false);
}

static void nothing_is_freed_while_the_other_is_inside(void **state)
{
    (void)state;
    explore_all(0, true);
}

/* Whoever is in a table while another freezes all of it has many steps to be found at. */
static void nobody_passes_what_is_frozen(void **state)
{
    uint64_t runs = 0, complete = 0;

    (void)state;
    world.format = &toy_format;
    world.options = 0;
    world.syncs = false;
    runs_wanted = 10 * RUNS_MAX;
    for (size_t a = 0; a < OPERATIONS; a++)
        for (size_t b = 0; b < OPERATIONS && operations[a].run == merge && operations[a].pages == 8; b++)
            explore_pair(&operations[b], &operations[a], SMALL_LEAVES, &runs, &complete);
    print_message("%" PRIu64 " runs\n", runs);
}

/* Nobody gives up, and orders are those that chance makes: each task gets on now and then. Then all come to their end, in not
 * many steps: who answers PTW_AGAIN waits for somebody who gets on. */
static void everybody_gets_through_where_everybody_gets_on(void **state)
{
    uint64_t runs = 0;

    (void)state;
    world.format = &toy_format;
    world.options = TOY_BREAKS;
    world.syncs = false;
    world.patient = true;
    for (size_t a = 0; a < OPERATIONS; a++)
        for (size_t b = a; b < OPERATIONS; b++)
            for (unsigned i = 0; i < BEGINNINGS; i++) {
                const struct operation *const ops[] = {&operations[a], &operations[b],
                                                       &operations[(a + b) % OPERATIONS]};
                struct ptw_sim_schedule s = schedule_of(ops, 3, (enum beginning)i);

                s.steps_max = 20000;
                if (!ptw_sim_explore_random(&s, is_slow() ? 1 : 3, 1 + a))
                    fail_msg("\"%s\", \"%s\" and \"%s\" from beginning %u: %s, seed %s", ops[0]->name, ops[1]->name,
                             ops[2]->name, i, s.failure, s.seed);
                runs += s.runs;
            }
    world.patient = false;
    print_message("%" PRIu64 " runs\n", runs);
}

/* The large leaf is a group of eight slots: whatever happens to it happens to all of them. */
static void groups_change_as_a_whole(void **state)
{
    uint64_t runs = 0, complete = 0;

    (void)state;
    world.format = &ptw_amdv1;
    world.options = PTW_OPT_GROUPS;
    world.syncs = false;
    runs_wanted = RUNS_MAX;
    for (size_t a = 0; a < OPERATIONS; a++)
        for (size_t b = a; b < OPERATIONS; b++)
            if (is_possible(&operations[a]) && is_possible(&operations[b]))
                explore_pair(&operations[a], &operations[b], LARGE_LEAVES, &runs, &complete);
    print_message("%" PRIu64 " runs\n", runs);
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
    invariants_fini(&world.rules);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_ends_as_after_one_and_the_other),
        cmocka_unit_test(the_same_where_formats_break),
        cmocka_unit_test(the_same_with_groups),
        cmocka_unit_test(the_same_with_groups_where_formats_break),
        cmocka_unit_test(nothing_is_freed_while_the_other_is_inside),
        cmocka_unit_test(nobody_passes_what_is_frozen),
        cmocka_unit_test(everybody_gets_through_where_everybody_gets_on),
        cmocka_unit_test(groups_change_as_a_whole),
    };

    return cmocka_run_group_tests_name("scheduled_pairs", tests, make_memory, end_memory) != 0;
}
