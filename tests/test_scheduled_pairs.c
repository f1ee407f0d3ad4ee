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

/* ----------------------------------------------------------------------------- groups above level 0 --- */

#define LARGE UINT64_C(0x200000) /* a leaf at level 1; the group is two of them */

static struct ptw_result protect_the_group(struct task *k, ptw_addr addr, uint64_t size)
{
    (void)addr, (void)size;
    return ptw_protect(&k->w->t, 0, 2 * LARGE, 0, PTW_W, PTW_SHARED, &k->g);
}

static struct ptw_result cut_in_its_second_slot(struct task *k, ptw_addr addr, uint64_t size)
{
    (void)addr, (void)size;
    return ptw_cut(&k->w->t, LARGE + PAGE, PTW_SHARED, &k->g);
}

static void run_once(void *ctx)
{
    struct task *k = ctx;

    k->last = k->op->run(k, 0, 0);
    invariants_over(&k->w->rules);
}

static void set_up_a_large_group(void *ctx)
{
    struct world *w = ctx;
    struct ptw_config c = ptw_amdv1.defaults;

    ptw_sim_memory_reset(&w->memory);
    invariants_init(&w->rules, &w->memory, true);
    c.levels = 3;
    c.options |= PTW_OPT_GROUPS;
    if (ptw_init(&w->t, &ptw_amdv1, &c, &w->memory.hooks, NULL) != PTW_OK || ptw_share(&w->t, NULL, 0) != PTW_OK)
        abort();
    w->t.ops = ptw_runtime_ops();
    for (unsigned i = 0; i < 2; i++) {
        ptw_gather_init(&w->task[i].g, &w->t);
        w->task[i].w = w;
        w->task[i].g.owner = i + 1;
        w->rules.task[i].owner = i + 1;
        w->rules.task[i].last = 2 * LARGE - 1;
    }
    (void)ptw_map(&w->t, 0, 2 * LARGE, 2 * LARGE, PTW_R | PTW_W, 0, &w->task[0].g);
    w->rules.linear = true;
    w->rules.out = 2 * LARGE;
    invariants_begin(&w->rules, &w->t);
    ptw_sim_watch = (struct ptw_sim_watch){invariants_stored, &w->rules};
}

static const char *check_the_large_group(void *ctx)
{
    struct world *w = ctx;
    struct ptw_leaf leaf;

    for (unsigned i = 0; i < 2; i++) {
        if (w->task[i].last.status != PTW_OK && w->task[i].last.status != PTW_AGAIN)
            return ptw_status_name(w->task[i].last.status);
        (void)ptw_gather_sync(&w->task[i].g);
    }
    for (ptw_addr addr = 0; addr < 2 * LARGE; addr += LARGE / 2)
        if (ptw_translate(&w->t, addr, &leaf) != PTW_OK || leaf.oa + (addr - leaf.addr) != 2 * LARGE + addr ||
            ((ptw_leaf_attr(&w->t, &leaf) & PTW_W) == 0) != (w->task[0].last.status == PTW_OK))
            return "a page is not as after the one operation and the other";
    return check_tables(w);
}

/* Between its look at a group and the cut itself another thread may have taken the first slot of it: at each of the first steps
 * of the one the other gets some steps, and then no more until the first is done. */
static void a_slot_of_a_large_group_is_not_cut_alone(void **state)
{
    static const struct operation protecting = {.run = protect_the_group}, cutting = {.run = cut_in_its_second_slot};
    struct world *w = &world;
    struct ptw_sim_schedule s = {.task = {{run_once, &w->task[0]}, {run_once, &w->task[1]}},
                                 .tasks = 2,
                                 .setup = set_up_a_large_group,
                                 .check = check_the_large_group,
                                 .ctx = w};
    uint8_t order[256];

    (void)state;
    w->task[0].op = &protecting;
    w->task[1].op = &cutting;
    w->tasks = 2;
    for (size_t i = 2; i < sizeof(order); i++)
        order[i] = 31 << 3 | 1;
    for (unsigned before = 0; before < 32; before++)
        for (unsigned between = 0; between < (is_slow() ? 8 : 24); between++) {
            order[0] = (uint8_t)(before << 3 | 1);
            order[1] = (uint8_t)(between << 3);
            if (!ptw_sim_run_bytes(&s, order, sizeof(order)))
                fail_msg("%s, seed %s", s.failure, s.seed);
        }
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
        cmocka_unit_test(a_slot_of_a_large_group_is_not_cut_alone),
    };

    return cmocka_run_group_tests_name("scheduled_pairs", tests, make_memory, end_memory) != 0;
}
