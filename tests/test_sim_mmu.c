/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* ptw/sim_mmu.h: what an access does, what a core remembers, and what makes it forget. */
#include "sim_world.h"

static void walks_set_a_and_d(void **state)
{
    static struct world w;

    (void)state;
    make_world(&w, 0, false);
    expect_out(&w, 0x10, PTW_SIM_READ, false);
    assert_int_equal(w.bottom[0] & (A | D), A);
    expect_out(&w, 0x20, PTW_SIM_READ, true);
    expect_out(&w, 0x30, PTW_SIM_WRITE, false); /* D was not known to be set */
    assert_int_equal(w.bottom[0] & (A | D), A | D);
    expect_out(&w, 0x40, PTW_SIM_WRITE, true);
    expect_out(&w, LARGE + 0x5123, PTW_SIM_WRITE, false);
    expect_out(&w, LARGE + 0x1123, PTW_SIM_READ, true);
    assert_int_equal(w.middle[1] & (A | D), A | D);
    expect_fault(&w, 0x2000, PTW_SIM_WRITE, PTW_SIM_DENIED);
    expect_fault(&w, 0x2000, PTW_SIM_FETCH, PTW_SIM_DENIED);
    assert_int_equal(w.bottom[2] & (A | D), 0);
    expect_out(&w, 0x2008, PTW_SIM_READ, false);
    expect_fault(&w, HOLE, PTW_SIM_READ, PTW_SIM_ABSENT);
    expect_fault(&w, FAR, PTW_SIM_READ, PTW_SIM_ABSENT);
    expect_fault(&w, UINT64_C(1) << 21, PTW_SIM_READ, PTW_SIM_BEYOND);
    assert_int_equal(w.core[0].hits, 3);
    assert_null(ptw_sim_check(&w.cores));
    assert_null(ptw_sim_check_sizes(&w.cores));
    end_world(&w);
}

static void a_look_changes_nothing(void **state)
{
    static struct world w;

    (void)state;
    make_world(&w, 0, false);
    struct ptw_sim_answer a = ptw_sim_look(&w.cores, 0x1004, PTW_SIM_WRITE);
    assert_true(a.outcome == PTW_SIM_LEAF && a.out == OUT + 0x1004 && a.level == 0);
    assert_int_equal(ptw_sim_look(&w.cores, HOLE, PTW_SIM_READ).outcome, PTW_SIM_ABSENT);
    assert_true(w.bottom[1] == ((OUT + 0x1000) | LEAF | R | W) && w.core[0].used == 0);
    end_world(&w);
}

/* Whatever is done in the table, until an invalidation: a leaf goes on to translate, a table to be walked through. */
static void what_was_seen_is_used_until_it_is_invalidated(void **state)
{
    static struct world w;

    (void)state;
    make_world(&w, 0, false);
    expect_out(&w, 0, PTW_SIM_READ, false);
    w.bottom[0] = 0;
    w.root[0] = 0;
    expect_out(&w, 0, PTW_SIM_READ, true);
    expect_out(&w, 0x1000, PTW_SIM_WRITE, false); /* through tables that are not linked any more */
    assert_int_equal(w.bottom[1] & D, D);
    assert_non_null(ptw_sim_check(&w.cores));
    invalidate(&w, 0, 0xfff, PTW_OWED_TRANSLATION, 1);
    expect_fault(&w, 0, PTW_SIM_READ, PTW_SIM_ABSENT);
    expect_out(&w, 0x1000, PTW_SIM_READ, true);
    assert_string_equal(ptw_sim_check(&w.cores), "a core remembers a table that is not linked");
    invalidate(&w, 0, 0x3ffff, PTW_OWED_STRUCT, 4);
    expect_fault(&w, 0x1000, PTW_SIM_READ, PTW_SIM_ABSENT);
    assert_null(ptw_sim_check(&w.cores));
    end_world(&w);
}

/* A kind of access that a remembered leaf does not answer is no fault: it walks again. */
static void a_right_that_was_given_is_seen_without_an_invalidation(void **state)
{
    static struct world w;

    (void)state;
    make_world(&w, 0, false);
    expect_out(&w, 0x2000, PTW_SIM_READ, false);
    w.bottom[2] |= W;
    expect_out(&w, 0x2000, PTW_SIM_WRITE, false);
    expect_out(&w, 0x2000, PTW_SIM_WRITE, true);
    assert_null(ptw_sim_check(&w.cores));
    end_world(&w);
}

static void holes_are_remembered_where_the_architecture_lets_it(void **state)
{
    static struct world w;

    (void)state;
    for (unsigned holes = 0; holes < 2; holes++) {
        make_world(&w, 0, holes != 0);
        expect_fault(&w, HOLE, PTW_SIM_READ, PTW_SIM_ABSENT);
        expect_fault(&w, FAR, PTW_SIM_READ, PTW_SIM_ABSENT);
        assert_null(ptw_sim_check(&w.cores));
        w.bottom[3] = (OUT + HOLE) | LEAF | R;
        if (holes != 0) {
            expect_fault(&w, HOLE, PTW_SIM_READ, PTW_SIM_ABSENT);
            assert_string_equal(ptw_sim_check(&w.cores), "a core remembers a hole that was filled");
            invalidate(&w, HOLE, HOLE + 0xfff, PTW_OWED_TRANSLATION, 1); /* that is not why */
            expect_fault(&w, HOLE, PTW_SIM_READ, PTW_SIM_ABSENT);
            invalidate(&w, HOLE, HOLE + 0xfff, PTW_OWED_MAKE, 1);
        }
        expect_out(&w, HOLE, PTW_SIM_READ, false);
        assert_null(ptw_sim_check(&w.cores));
        end_world(&w);
    }
}

/* Bits: what is still remembered. */
enum { SMALL0 = 1, SMALL1 = 2, BIG = 4, BOTTOM = 8, MIDDLE = 16, HOLE0 = 32, HOLE2 = 64, ALL = 127 };

static unsigned remembered(const struct ptw_sim_core *core)
{
    unsigned bits = 0;

    for (unsigned i = 0; i < core->used; i++) {
        const struct ptw_sim_seen *s = &core->seen[i];
        bits |= s->kind == PTW_SIM_SEEN_TABLE  ? s->level == 1 ? BOTTOM : MIDDLE
                : s->kind == PTW_SIM_SEEN_HOLE ? s->level == 0 ? HOLE0 : HOLE2
                : s->level == 1                ? BIG
                : s->first == 0                ? SMALL0
                                               : SMALL1;
    }
    return bits;
}

static void an_invalidation_covers_what_it_says_and_no_more(void **state)
{
    static const struct {
        uint64_t first, last, reasons, levels;
        unsigned gone;
    } cases[] = {
        {0, 0xfff, PTW_OWED_TRANSLATION, 1, SMALL0},
        {0x1fff, 0x1fff, PTW_OWED_RIGHTS, 1, SMALL1},
        {0, 0x1000, PTW_OWED_DIRTY, 1, SMALL0 | SMALL1},
        {0, 0x1fffff, PTW_OWED_AGE, 1, SMALL0 | SMALL1},
        {0, 0x1fffff, PTW_OWED_TRANSLATION, 2, BIG},
        {0, 0x1fffff, PTW_OWED_TRANSLATION, 3, SMALL0 | SMALL1 | BIG},
        {0, 0x1fffff, PTW_OWED_TRANSLATION, 4, 0},
        {0, 0x7fff, PTW_OWED_STRUCT, 2, SMALL0 | SMALL1 | BOTTOM | HOLE0},
        {0x8000, 0xffff, PTW_OWED_STRUCT | PTW_OWED_TRANSLATION, 2, BIG},
        {0x8000, 0x8fff, PTW_OWED_STRUCT, 4, BIG | MIDDLE},
        {0, 0x3ffff, PTW_OWED_STRUCT | PTW_OWED_TRANSLATION, 4, ALL & ~HOLE2},
        {0, 0x1fffff, PTW_OWED_MAKE, 1, HOLE0},
        {0, 0x1fffff, PTW_OWED_MAKE, 4, HOLE2},
        {0, 0x1fffff, PTW_OWED_MAKE | PTW_OWED_TRANSLATION, 5, HOLE0 | HOLE2 | SMALL0 | SMALL1},
        {0, 0x1fffff, PTW_OWED_MAKE | PTW_OWED_TRANSLATION | PTW_OWED_STRUCT, 7, ALL},
        {0x80000, ~UINT64_C(0), PTW_OWED_STRUCT, 7, 0},
    };
    static struct world w;

    (void)state;
    make_world(&w, 0, true);
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (unsigned n = 0; n < 2; n++) { /* every core */
            ptw_sim_forget(&w.core[n], 0);
            assert_int_equal(w.core[n].used, 0);
            (void)ptw_sim_access(&w.core[n], 0, PTW_SIM_READ);
            (void)ptw_sim_access(&w.core[n], 0x1000, PTW_SIM_READ);
            (void)ptw_sim_access(&w.core[n], LARGE, PTW_SIM_READ);
            (void)ptw_sim_access(&w.core[n], HOLE, PTW_SIM_READ);
            (void)ptw_sim_access(&w.core[n], FAR, PTW_SIM_READ);
            assert_int_equal(remembered(&w.core[n]), ALL);
        }
        invalidate(&w, cases[i].first, cases[i].last, cases[i].reasons, cases[i].levels);
        assert_int_equal(remembered(&w.core[0]), ALL & ~cases[i].gone);
        assert_int_equal(remembered(&w.core[1]), ALL & ~cases[i].gone);
    }
    assert_int_equal(w.cores.invalidations, COUNT(cases));
    assert_null(ptw_sim_violation(&w.cores));
    invalidate(&w, 1, 0, PTW_OWED_AGE, 1);
    assert_non_null(ptw_sim_violation(&w.cores));
    end_world(&w);
}

static void the_oldest_goes_when_there_is_no_more_room(void **state)
{
    static struct world w;
    ptw_oa pa;

    (void)state;
    make_world(&w, 0, false);
    for (unsigned i = 1; i < 8; i++) { /* seven more tables of eight leaves */
        uint64_t *table = make_table(&w, &pa);
        w.root[i] = w.root[0];
        w.middle[i] = pa | VALID;
        for (unsigned k = 0; k < 8; k++)
            table[k] = (OUT + i * 0x8000 + k * 0x1000) | LEAF | R | W;
    }
    expect_out(&w, 0, PTW_SIM_READ, false);
    assert_int_equal(w.core[0].used, 3); /* two tables, one leaf */
    for (unsigned i = 1; i < 8; i++)
        for (unsigned k = 0; k < 8; k++)
            expect_out(&w, i * 0x8000 + k * 0x1000, PTW_SIM_READ, false);
    assert_int_equal(w.core[0].used, PTW_SIM_TLB);
    expect_out(&w, 0, PTW_SIM_READ, true);       /* two tables were older */
    expect_out(&w, 0x1000, PTW_SIM_READ, false); /* and come back */
    expect_out(&w, 0, PTW_SIM_READ, false);
    expect_out(&w, 0x3f000, PTW_SIM_READ, true);
    ptw_sim_forget(&w.core[0], 7);
    assert_true(w.core[0].used > PTW_SIM_TLB / 4 && w.core[0].used < PTW_SIM_TLB * 3 / 4);
    end_world(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_set_a_and_d),
        cmocka_unit_test(a_look_changes_nothing),
        cmocka_unit_test(what_was_seen_is_used_until_it_is_invalidated),
        cmocka_unit_test(a_right_that_was_given_is_seen_without_an_invalidation),
        cmocka_unit_test(holes_are_remembered_where_the_architecture_lets_it),
        cmocka_unit_test(an_invalidation_covers_what_it_says_and_no_more),
        cmocka_unit_test(the_oldest_goes_when_there_is_no_more_room),
    };

    return cmocka_run_group_tests_name("sim_mmu", tests, NULL, NULL) != 0;
}
