/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Every order of the steps of an operation and of accesses (scheduled.h), on the toy MMU, whose tables have eight entries:
 * with combinations of break-before-make, sizes that may meet nevertheless, hitless, and hardware that remembers holes. And that
 * faults are found which are planted: an exchange that is a load and a store, an invalidation that does not happen.
 */
#include "scheduled.h"

#include "support/toy.h"

static void registers(const struct ptw_table *t, struct ptw_sim_mmu *mmu)
{
    *mmu = toy_mmu(t);
}

#define TOY(options)                                                                                                   \
    {                                                                                                                  \
#options, &toy_format, 2, (options), 0x1000, 0x8000, PTW_X, registers                                          \
    }

static const struct machine plain = TOY(PTW_OPT_AD);
static const struct machine machines[] = {
    TOY(PTW_OPT_AD),
    TOY(PTW_OPT_AD | TOY_BREAKS),
    TOY(PTW_OPT_AD | TOY_HOLES),
    TOY(PTW_OPT_AD | TOY_BREAKS | TOY_HOLES),
    TOY(PTW_OPT_AD | PTW_OPT_HITLESS),
    TOY(PTW_OPT_AD | PTW_OPT_HITLESS | TOY_BREAKS),
    TOY(PTW_OPT_AD | TOY_BREAKS | PTW_OPT_BBM2),
    TOY(PTW_OPT_AD | PTW_OPT_HITLESS | TOY_BREAKS | PTW_OPT_BBM2),
};

static void no_d_is_lost_and_nothing_stale_is_used_in_any_order(void **state)
{
    static const unsigned *const tasks[] = {writes, reads_and_writes, writes_twice, NULL};

    (void)state;
    for (size_t m = 0; m < COUNT(machines); m++)
        run_all_orders(&machines[m], tasks);
}

/* Fault m1 of the concurrency tests: a store over an entry in which hardware sets D. */
static void a_torn_exchange_is_found_wherever_there_is_one(void **state)
{
    struct world *w = &world;

    (void)state;
    for (size_t o = 0; o < COUNT(operations); o++) {
        struct ptw_sim_schedule s = schedule_of(w, &operations[o], writes, HAS_READ, &plain), again = s;
        s.quiet = again.quiet = true;
        ptw_sim_torn_exchanges = true;
        bool found = !ptw_sim_explore(&s);
        if (found != operations[o].exchanges)
            fail_msg("%s: %s", operations[o].name, found ? s.failure : "not found");
        if (found) {
            assert_int_equal(w->rules.number, INVARIANT_DIRTY);
            assert_false(ptw_sim_replay(&again, s.seed)); /* the same again */
            assert_int_equal(w->rules.number, INVARIANT_DIRTY);
        }
        ptw_sim_torn_exchanges = false;
        assert_true(ptw_sim_explore(&again));
    }
}

/* Fault m6: tables are freed, and pages taken for unmapped, before hardware has forgotten them. */
static void a_forgotten_invalidation_is_found(void **state)
{
    struct world *w = &world;

    (void)state;
    w->forgets_nothing = true;
    for (size_t o = 0; o < COUNT(operations); o++) {
        struct ptw_sim_schedule s = schedule_of(w, &operations[o], writes, HAS_WRITTEN, &plain);
        const bool owes = operations[o].pages != 0 || operations[o].run == clear_d || operations[o].run == clear_a ||
                          operations[o].run == merge;
        s.quiet = true;
        assert_int_equal(!ptw_sim_explore(&s), owes);
    }
    w->forgets_nothing = false;
}

/* All orders, without the reduction, of the operations that have few steps: they end in the same states. */
static void the_reduction_leaves_no_state_out(void **state)
{
    struct world *w = &world;

    (void)state;
    for (size_t o = 0; o < COUNT(operations); o++) {
        struct ptw_sim_schedule s = schedule_of(w, &operations[o], writes, HAS_READ, &plain);
        const uint64_t bound = s.runs_max == 0 || s.runs_max > 1000 ? 1000 : s.runs_max;
        w->reached = 0;
        assert_true(ptw_sim_explore(&s));
        const unsigned reached = w->reached;
        s.reduce = false;
        s.runs_max = bound;
        w->reached = 0;
        assert_true(ptw_sim_explore(&s));
        assert_int_equal(w->reached & ~reached, 0);
        assert_true(w->reached == reached || !s.complete);
    }
}

static void chance_finds_the_torn_exchange(void **state)
{
    struct ptw_sim_schedule s = schedule_of(&world, &operations[0], writes, COLD, &plain);

    (void)state;
    s.quiet = true;
    ptw_sim_torn_exchanges = true;
    assert_false(ptw_sim_explore_random(&s, 10000, 1));
    ptw_sim_torn_exchanges = false;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_d_is_lost_and_nothing_stale_is_used_in_any_order),
        cmocka_unit_test(a_torn_exchange_is_found_wherever_there_is_one),
        cmocka_unit_test(a_forgotten_invalidation_is_found),
        cmocka_unit_test(the_reduction_leaves_no_state_out),
        cmocka_unit_test(chance_finds_the_torn_exchange),
    };

    return cmocka_run_group_tests_name("scheduled_operations", tests, make_memory, end_memory) != 0;
}
