/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* ptw/sim_mmu.h: what is a violation, and what the checks of remembered things find. */
#include "sim_world.h"

static void stale_leaves_are_found(void **state)
{
    static const struct {
        uint64_t word;
        const char *why;
    } cases[] = {
        {0, "a core still translates what is not mapped"},
        {(OUT + 0x1000) | LEAF | R | A | D, "a core still allows what the table does not"},
        {(OUT + 0x5000) | LEAF | R | W | A | D, "a core translates to another place than the table"},
        {(OUT + 0x1000) | LEAF | R | W | A, "a core remembers A or D that the table has not"},
        {(OUT + 0x1000) | LEAF | R | W | D, "a core remembers A or D that the table has not"},
    };
    static struct world w;

    (void)state;
    make_world(&w, 0, false);
    for (size_t i = 0; i < COUNT(cases); i++) {
        w.bottom[1] = (OUT + 0x1000) | LEAF | R | W;
        ptw_sim_forget(&w.core[1], 0);
        (void)ptw_sim_access(&w.core[1], 0x1000, PTW_SIM_WRITE);
        assert_null(ptw_sim_check(&w.cores));
        w.bottom[1] = cases[i].word;
        assert_string_equal(ptw_sim_check(&w.cores), cases[i].why);
        w.cores.ages_late = true;
        assert_int_equal(ptw_sim_check(&w.cores) == NULL, i == 4); /* A alone may be late */
        w.cores.ages_late = false;
    }
    end_world(&w);
}

/* All of a remembered large leaf is compared, with what may be small ones now. */
static void a_stale_part_of_a_large_leaf_is_found(void **state)
{
    static struct world w;
    ptw_oa pa;

    (void)state;
    make_world(&w, 0, false);
    expect_out(&w, LARGE, PTW_SIM_READ, false);
    uint64_t *cut = make_table(&w, &pa);
    for (unsigned i = 0; i < 8; i++)
        cut[i] = (OUT + LARGE + i * 0x1000) | LEAF | R | A;
    w.middle[1] = pa | VALID;
    assert_null(ptw_sim_check(&w.cores));
    cut[7] = 0;
    assert_string_equal(ptw_sim_check(&w.cores), "a core still translates what is not mapped");
    end_world(&w);
}

static void two_sizes_of_one_address_are_found(void **state)
{
    static struct world w;
    ptw_oa pa;

    (void)state;
    for (unsigned other = 0; other < 2; other++) {
        make_world(&w, 0, false);
        w.cores.break_before_make = true;
        expect_out(&w, LARGE, PTW_SIM_READ, false);
        uint64_t *cut = make_table(&w, &pa);
        for (unsigned i = 0; i < 8; i++)
            cut[i] = (OUT + LARGE + i * 0x1000) | LEAF | R | W | A;
        w.middle[1] = pa | VALID;
        assert_null(ptw_sim_check_sizes(&w.cores));
        (void)ptw_sim_access(&w.core[other], LARGE + 0x3000, PTW_SIM_WRITE);
        assert_non_null(ptw_sim_check_sizes(&w.cores));
        assert_int_equal(ptw_sim_violation(&w.cores) == NULL, other == 1); /* found at once in one core */
        end_world(&w);
    }
}

/* Where sizes may meet, two of them are fine, and two outputs or types are not. */
static void two_outputs_are_found_where_sizes_may_meet(void **state)
{
    static struct world w;
    ptw_oa pa;

    (void)state;
    for (unsigned other = 0; other < 2; other++)
        for (unsigned moves = 0; moves < 2; moves++) {
            make_world(&w, 0, false);
            w.cores.break_before_make = true;
            w.cores.sizes_may_meet = true;
            expect_out(&w, LARGE, PTW_SIM_READ, false);
            uint64_t *cut = make_table(&w, &pa);
            for (unsigned i = 0; i < 8; i++)
                cut[i] = (OUT + LARGE + (i ^ moves) * 0x1000) | LEAF | R | W | A;
            w.middle[1] = pa | VALID;
            (void)ptw_sim_access(&w.core[other], LARGE + 0x3000, PTW_SIM_WRITE);
            assert_int_equal(ptw_sim_check_sizes(&w.cores) != NULL, moves);
            assert_int_equal(ptw_sim_violation(&w.cores) != NULL, moves != 0 && other == 0);
            end_world(&w);
        }
}

static void a_table_that_is_freed_too_early_is_found(void **state)
{
    static struct world w;

    (void)state;
    make_world(&w, 0, false);
    expect_out(&w, 0, PTW_SIM_READ, false);
    w.middle[0] = 0;
    invalidate(&w, 0, 0x7fff, PTW_OWED_TRANSLATION, 3); /* leaves only */
    w.memory.hooks.free(&w.memory, w.bottom, w.bottom_pa, 64);
    assert_string_equal(ptw_sim_violation(&w.cores), "a table was freed that a core still walks through");
    end_world(&w);

    make_world(&w, 0, false);
    expect_out(&w, 0, PTW_SIM_READ, false);
    w.middle[0] = 0;
    invalidate(&w, 0, 0x7fff, PTW_OWED_STRUCT, 2);
    w.memory.hooks.free(&w.memory, w.bottom, w.bottom_pa, 64);
    assert_null(ptw_sim_violation(&w.cores));
    w.middle[0] = w.bottom_pa | VALID; /* and is linked again */
    expect_fault(&w, 0, PTW_SIM_READ, PTW_SIM_ABSENT);
    assert_string_equal(ptw_sim_violation(&w.cores), "a walk reads memory that is no table");
    end_world(&w);
}

static void observers_of_one_memory_are_a_chain(void **state)
{
    static struct world w;
    static struct ptw_sim_core device[1];
    struct ptw_sim_cores devices;

    (void)state;
    make_world(&w, 0, false);
    ptw_sim_cores_init(&devices, device, 1, &w.cores.mmu, &w.memory);
    expect_out(&w, 0, PTW_SIM_READ, false);
    w.memory.hooks.free(&w.memory, w.bottom, w.bottom_pa, 64);
    assert_non_null(ptw_sim_violation(&w.cores));
    assert_null(ptw_sim_violation(&devices));
    ptw_sim_cores_fini(&devices);
    end_world(&w);
}

static void an_incoherent_walk_sees_what_was_cleaned(void **state)
{
    static struct world w;

    (void)state;
    make_world(&w, PTW_SIM_INCOHERENT, false);
    w.memory.hooks.clean(&w.memory, w.root, 64);
    w.memory.hooks.clean(&w.memory, w.middle, 64);
    expect_out(&w, LARGE, PTW_SIM_WRITE, false);
    assert_int_equal(w.middle[1] & (A | D), A | D); /* what it writes is seen by all */
    w.middle[1] = 0;
    ptw_sim_forget(&w.core[0], 0);
    expect_out(&w, LARGE, PTW_SIM_READ, false);
    w.memory.hooks.clean(&w.memory, &w.middle[1], 8);
    ptw_sim_forget(&w.core[0], 0);
    expect_fault(&w, LARGE, PTW_SIM_READ, PTW_SIM_ABSENT);
    end_world(&w);
}

static void hooks_fail_when_they_are_told_to(void **state)
{
    struct ptw_sim_fault never = {0}, once = {.nth = 3}, ever = {.nth = 3, .for_ever = true};

    (void)state;
    for (unsigned i = 1; i <= 5; i++) {
        assert_false(ptw_sim_fails(&never));
        assert_int_equal(ptw_sim_fails(&once), i == 3);
        assert_int_equal(ptw_sim_fails(&ever), i >= 3);
    }
    assert_true(never.failed == 0 && once.failed == 1 && ever.failed == 3 && ever.calls == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stale_leaves_are_found),
        cmocka_unit_test(a_stale_part_of_a_large_leaf_is_found),
        cmocka_unit_test(two_sizes_of_one_address_are_found),
        cmocka_unit_test(two_outputs_are_found_where_sizes_may_meet),
        cmocka_unit_test(a_table_that_is_freed_too_early_is_found),
        cmocka_unit_test(observers_of_one_memory_are_a_chain),
        cmocka_unit_test(an_incoherent_walk_sees_what_was_cleaned),
        cmocka_unit_test(hooks_fail_when_they_are_told_to),
    };

    return cmocka_run_group_tests_name("sim_mmu_checks", tests, NULL, NULL) != 0;
}
