/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/sim_schedule.h: that every order is run, and once; that a failure is found and can be repeated; that the reduction
 * leaves out no final state.
 */
#include "conformance.h"

#include <ptw/sim_schedule.h>

/* --------------------------------------------------------------------------------------- counts of orders --- */

#define LOG 64

/* Tasks of some steps each, which write down their order. Task i touches variable[i], or all the same one. */
struct steps {
    unsigned n[PTW_SIM_TASKS];
    char variable[PTW_SIM_TASKS];
    bool same, read_only;
    char order[LOG];
    unsigned done;
    uint64_t seen[LOG]; /* orders, as numbers in base 4 */
    unsigned orders;
    bool twice;
};

struct stepper {
    struct steps *s;
    unsigned number;
};

static void make_steps(void *ctx)
{
    const struct stepper *me = ctx;
    struct steps *s = me->s;

    for (unsigned i = 0; i < s->n[me->number]; i++) {
        ptw_sim_point(&s->variable[s->same ? 0 : me->number], !s->read_only);
        s->order[s->done++] = (char)me->number;
    }
}

static void forget_order(void *ctx)
{
    ((struct steps *)ctx)->done = 0;
}

/* No order comes twice; only those of up to LOG are remembered. */
static const char *note_order(void *ctx)
{
    struct steps *s = ctx;
    uint64_t order = 0;

    for (unsigned i = 0; i < s->done; i++)
        order = order * 4 + (uint64_t)s->order[i];
    for (unsigned i = 0; i < s->orders; i++)
        s->twice = s->twice || s->seen[i] == order;
    if (s->orders < LOG)
        s->seen[s->orders++] = order;
    return s->twice ? "the same order was run twice" : NULL;
}

static struct ptw_sim_schedule of_steps(struct steps *s, struct stepper *me, unsigned tasks)
{
    struct ptw_sim_schedule schedule = {
        .tasks = tasks, .setup = forget_order, .check = note_order, .ctx = s, .preemptions = PTW_SIM_ANY};

    for (unsigned i = 0; i < tasks; i++) {
        me[i] = (struct stepper){s, i};
        schedule.task[i] = (struct ptw_sim_task){make_steps, &me[i]};
    }
    s->orders = 0;
    s->twice = false;
    return schedule;
}

static uint64_t choose_of(uint64_t n, uint64_t k)
{
    uint64_t c = 1;

    for (uint64_t i = 1; i <= k; i++)
        c = c * (n - k + i) / i;
    return c;
}

static void all_orders_of_two_tasks_are_run_once(void **state)
{
    (void)state;
    for (unsigned a = 0; a <= 4; a++)
        for (unsigned b = 0; b <= 4; b++) {
            struct steps s = {.n = {a, b}};
            struct stepper me[2];
            struct ptw_sim_schedule schedule = of_steps(&s, me, 2);
            assert_true(ptw_sim_explore(&schedule));
            assert_true(schedule.complete && schedule.pruned == 0);
            assert_int_equal(schedule.runs, choose_of(a + b, a));
            assert_int_equal(schedule.steps, schedule.runs * (a + b));
        }
}

static void all_orders_of_three_tasks_are_run_once(void **state)
{
    struct steps s = {.n = {2, 2, 3}};
    struct stepper me[3];
    struct ptw_sim_schedule schedule = of_steps(&s, me, 3);

    (void)state;
    assert_true(ptw_sim_explore(&schedule));
    assert_int_equal(schedule.runs, choose_of(7, 3) * choose_of(4, 2)); /* 7! / (2! 2! 3!) */
}

/* Two tasks of a and b steps. No preemption: one before the other. One: each may also be interrupted at a - 1 or b - 1
 * places, by all of the other. */
static void preemptions_are_bounded(void **state)
{
    const unsigned a = 5, b = 4;
    struct steps s = {.n = {a, b}};
    struct stepper me[2];
    struct ptw_sim_schedule schedule = of_steps(&s, me, 2);

    (void)state;
    schedule.preemptions = 0;
    assert_true(ptw_sim_explore(&schedule));
    assert_int_equal(schedule.runs, 2);
    schedule = of_steps(&s, me, 2);
    schedule.preemptions = 1;
    assert_true(ptw_sim_explore(&schedule));
    assert_int_equal(schedule.runs, a + b);
    assert_true(schedule.complete);
    schedule = of_steps(&s, me, 2);
    schedule.preemptions = a + b;
    assert_true(ptw_sim_explore(&schedule));
    assert_int_equal(schedule.runs, choose_of(a + b, a));
}

static void reduction_runs_one_order_of_independent_steps_and_all_of_dependent_ones(void **state)
{
    (void)state;
    for (unsigned same = 0; same < 2; same++)
        for (unsigned read_only = 0; read_only < 2; read_only++) {
            struct steps s = {.n = {3, 2, 2}, .same = same != 0, .read_only = read_only != 0};
            struct stepper me[3];
            struct ptw_sim_schedule schedule = of_steps(&s, me, 3);
            schedule.reduce = true;
            assert_true(ptw_sim_explore(&schedule));
            assert_true(schedule.complete);
            assert_int_equal(schedule.runs, s.same && !s.read_only ? choose_of(7, 3) * choose_of(4, 2) : 1);
        }
}

static void runs_may_be_bounded(void **state)
{
    struct steps s = {.n = {4, 4}};
    struct stepper me[2];
    struct ptw_sim_schedule schedule = of_steps(&s, me, 2);

    (void)state;
    schedule.runs_max = 7;
    assert_true(ptw_sim_explore(&schedule));
    assert_true(schedule.runs == 7 && !schedule.complete);
}

/* ------------------------------------------------------------------------------------------------- failures --- */

static unsigned counter, increments;

static void increment(void *ctx)
{
    unsigned old;

    (void)ctx;
    ptw_sim_point(&counter, false);
    old = counter;
    ptw_sim_point(&counter, true);
    counter = old + 1;
    increments++;
}

static void clear_counter(void *ctx)
{
    (void)ctx;
    counter = increments = 0;
}

static const char *no_update_is_lost(void *ctx)
{
    (void)ctx;
    return counter == increments ? NULL : "an update was lost";
}

static struct ptw_sim_schedule of_increments(void)
{
    return (struct ptw_sim_schedule){.task = {{increment, NULL}, {increment, NULL}},
                                     .tasks = 2,
                                     .setup = clear_counter,
                                     .check = no_update_is_lost,
                                     .preemptions = PTW_SIM_ANY,
                                     .quiet = true};
}

static void a_lost_update_is_found_and_repeated(void **state)
{
    struct ptw_sim_schedule s = of_increments();
    char seed[PTW_SIM_SEED];

    (void)state;
    assert_false(ptw_sim_explore(&s));
    assert_string_equal(s.failure, "an update was lost");
    assert_string_equal(s.seed, "ab2a"); /* the second run: the first one has no switch but at an end */
    assert_true(s.runs == 2 && !s.complete);
    memcpy(seed, s.seed, sizeof(seed));
    assert_false(ptw_sim_replay(&s, seed));
    assert_string_equal(s.failure, "an update was lost");
    assert_string_equal(s.seed, seed);
    assert_true(counter == 1 && increments == 2 && s.runs == 1);
    assert_true(ptw_sim_replay(&s, "a2b2"));
    assert_true(ptw_sim_replay(&s, "b2a2"));
    s = of_increments();
    s.reduce = true;
    assert_false(ptw_sim_explore(&s));
    s = of_increments();
    s.preemptions = 0;
    assert_true(ptw_sim_explore(&s));
}

static void seeds_that_do_not_fit_are_refused(void **state)
{
    static const char *const seeds[] = {"", "a2", "a2b3", "a3b2", "c", "a2b2a", "ab2a ", "2", "a2b2+"};
    struct ptw_sim_schedule s = of_increments();

    (void)state;
    for (size_t i = 0; i < COUNT(seeds); i++) {
        assert_false(ptw_sim_replay(&s, seeds[i]));
        assert_true(strncmp(s.failure, "the seed does not fit", 21) == 0);
    }
}

static void chance_finds_it_and_the_same_chance_again(void **state)
{
    struct ptw_sim_schedule s = of_increments(), again = of_increments();

    (void)state;
    assert_false(ptw_sim_explore_random(&s, 1000, 42));
    assert_false(ptw_sim_explore_random(&again, 1000, 42));
    assert_int_equal(s.runs, again.runs);
    assert_string_equal(s.seed, again.seed);
    assert_false(ptw_sim_replay(&again, s.seed));
}

/* Whatever the bytes are, they are an order: too few, too many, steps that there are not. */
static void bytes_say_the_order(void **state)
{
    static const struct {
        uint8_t bytes[6];
        size_t n;
        bool right;
    } cases[] = {
        {{0}, 0, true},                         /* a2b2 */
        {{0}, 1, true},                         /* the same task goes on */
        {{0, 1 | 1 << 3}, 2, false},            /* ab2a */
        {{1, 0, 1, 0}, 4, false},               /* baba */
        {{3, 2, 5, 4}, 4, false},               /* round and round */
        {{1 | 31 << 3, 1, 1}, 3, true},         /* b2a2 */
        {{0 | 1 << 3, 0xff, 0, 1, 2}, 5, true}, /* a2b2, and more than is needed */
    };
    struct ptw_sim_schedule s = of_increments();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(ptw_sim_run_bytes(&s, cases[i].bytes, cases[i].n), cases[i].right);
        assert_true(s.runs == 1 && s.steps == 4);
    }
    assert_false(ptw_sim_run_bytes(&s, cases[2].bytes, cases[2].n));
    assert_string_equal(s.seed, "ab2a");
    assert_false(ptw_sim_replay(&s, "ab2a"));
}

static void fails(void *ctx)
{
    (void)ctx;
    ptw_sim_point(&counter, true);
    (void)ptw_sim_fail("the task says so");
    (void)ptw_sim_fail("and once more");
}

static void tasks_say_what_is_wrong(void **state)
{
    struct ptw_sim_schedule s = {.task = {{fails, NULL}}, .tasks = 1, .quiet = true};

    (void)state;
    assert_false(ptw_sim_explore(&s));
    assert_string_equal(s.failure, "the task says so");
    assert_string_equal(s.seed, "a");
    assert_true(ptw_sim_fail("outside of a run nobody hears it"));
}

static void waits_for_the_counter(void *ctx)
{
    (void)ctx;
    do
        ptw_sim_point(&counter, false);
    while (counter == 0);
}

static void increment_late(void *ctx)
{
    for (unsigned i = 0; i < 120; i++)
        ptw_sim_point(ctx, true);
    counter = 1;
}

static void a_run_without_an_end_is_a_failure(void **state)
{
    char other;
    struct ptw_sim_schedule s = {.task = {{waits_for_the_counter, NULL}, {increment_late, &other}},
                                 .tasks = 2,
                                 .setup = clear_counter,
                                 .preemptions = PTW_SIM_ANY,
                                 .steps_max = 10000,
                                 .quiet = true};

    (void)state;
    assert_false(ptw_sim_explore(&s));
    assert_string_equal(s.failure, "a run of too many steps");
}

static unsigned runs_so_far;

static void looks_at_the_past(void *ctx)
{
    (void)ctx;
    for (unsigned i = 0; i < 1 + runs_so_far % 2; i++)
        ptw_sim_point(&counter, true);
}

static void count_runs(void *ctx)
{
    (void)ctx;
    runs_so_far++;
}

static void a_task_that_is_not_the_same_each_time_is_a_failure(void **state)
{
    struct ptw_sim_schedule s = {.task = {{looks_at_the_past, NULL}, {looks_at_the_past, NULL}},
                                 .tasks = 2,
                                 .setup = count_runs,
                                 .preemptions = PTW_SIM_ANY,
                                 .quiet = true};

    (void)state;
    assert_false(ptw_sim_explore(&s));
    assert_non_null(strstr(s.failure, "led to another run"));
}

/* ---------------------------------------------------------------------------------------------------- locks --- */

static struct ptw_sim_lock lock[2];

static void increment_locked(void *ctx)
{
    ptw_sim_lock_take(&lock[0]);
    increment(ctx);
    ptw_sim_lock_give(&lock[0]);
}

static void a_lock_keeps_the_update(void **state)
{
    struct ptw_sim_schedule s = of_increments();

    (void)state;
    s.task[0].run = s.task[1].run = increment_locked;
    assert_true(ptw_sim_explore(&s));
    assert_true(s.complete && s.runs == 2); /* whoever is first goes through */
    s.reduce = true;
    assert_true(ptw_sim_explore(&s));
    assert_int_equal(s.runs, 2);
    increment_locked(NULL); /* outside of a run */
    assert_int_equal(lock[0].held, 0);
}

static void take_both(void *ctx)
{
    const unsigned first = *(const unsigned *)ctx;

    ptw_sim_lock_take(&lock[first]);
    ptw_sim_lock_take(&lock[1 - first]);
    ptw_sim_lock_give(&lock[first]);
    ptw_sim_lock_give(&lock[1 - first]);
}

static void a_deadlock_is_found(void **state)
{
    static unsigned number[2] = {0, 1};
    struct ptw_sim_schedule s = {.task = {{take_both, &number[0]}, {take_both, &number[1]}},
                                 .tasks = 2,
                                 .preemptions = PTW_SIM_ANY,
                                 .reduce = true,
                                 .quiet = true};

    (void)state;
    assert_false(ptw_sim_explore(&s));
    assert_string_equal(s.failure, "every task waits");
    s.task[1].ctx = &number[0];
    assert_true(ptw_sim_explore(&s));
}

/* ---------------------------------------------------------------------------------------------------- waiting --- */

static uint64_t ball;
static unsigned taken;

/* Plays the ball when it is its turn, three times. */
static void play(void *ctx)
{
    const uint64_t other = *(const uint32_t *)ctx;

    for (unsigned i = 0; i < 3; i++) {
        for (;;) {
            ptw_sim_point(&ball, false);
            if (ball != other)
                break;
            ptw_sim_wait_while(&ball, sizeof(ball), other, false);
        }
        ptw_sim_point(&ball, true);
        ball = other;
        taken++;
    }
}

static void lay_the_ball_down(void *ctx)
{
    (void)ctx;
    ball = taken = 0;
}

static const char *six_times(void *ctx)
{
    (void)ctx;
    return taken == 6 ? NULL : "the ball was not played six times";
}

static void who_waits_for_a_word_goes_on_when_it_changes(void **state)
{
    static uint32_t player[2] = {1, 0};
    struct ptw_sim_schedule s = {.task = {{play, &player[0]}, {play, &player[1]}},
                                 .tasks = 2,
                                 .setup = lay_the_ball_down,
                                 .check = six_times,
                                 .preemptions = PTW_SIM_ANY};
    uint64_t all;

    (void)state;
    assert_true(ptw_sim_explore(&s));
    assert_true(s.complete && s.runs > 1);
    all = s.runs;
    s.reduce = true;
    assert_true(ptw_sim_explore(&s));
    assert_true(s.complete && s.runs <= all);
    ptw_sim_wait_while(&ball, sizeof(ball), ball, false); /* outside of a run */
}

static void waits_for_a_word(void *ctx)
{
    const uint32_t *word = ctx;

    for (;;)
        ptw_sim_wait_while(word, sizeof(*word), *word, false);
}

static void takes_a_lock_and_waits(void *ctx)
{
    ptw_sim_lock_take(&lock[0]);
    waits_for_a_word(ctx);
}

/* Though both would wait for ever, the run ends. */
static void a_word_that_nobody_changes_is_found(void **state)
{
    static uint32_t word[2] = {7, 0};
    struct ptw_sim_schedule s = {
        .task = {{waits_for_a_word, &word[0]}, {waits_for_a_word, &word[1]}}, .tasks = 2, .quiet = true};

    (void)state;
    assert_false(ptw_sim_explore(&s));
    assert_string_equal(s.failure, "every task waits");
    s.task[0].run = s.task[1].run = takes_a_lock_and_waits;
    assert_false(ptw_sim_explore(&s));
    assert_string_equal(s.failure, "every task waits");
    ptw_sim_lock_give(&lock[0]);
}

/* ------------------------------------------------------------------------------------------------ reduction --- */

/* Small programs over three variables, made from a number: each step reads or writes one of them. */
#define VARIABLES 3
#define STATES 4096

struct program {
    uint32_t code[3];
    unsigned steps;
    unsigned variable[VARIABLES], seen[3];
    bool reached[STATES];
};

struct instance {
    struct program *p;
    unsigned number;
};

static void run_program(void *ctx)
{
    const struct instance *me = ctx;
    struct program *p = me->p;
    uint32_t code = p->code[me->number];

    for (unsigned i = 0; i < p->steps; i++, code >>= 3) {
        unsigned *v = &p->variable[code % 4 % VARIABLES];
        bool write = (code >> 2 & 1) != 0;
        ptw_sim_point(v, write);
        if (write)
            *v = (me->number * 2 + i + p->seen[me->number]) % 4;
        else
            p->seen[me->number] = *v;
    }
}

static void clear_program(void *ctx)
{
    struct program *p = ctx;

    memset(p->variable, 0, sizeof(p->variable));
    memset(p->seen, 0, sizeof(p->seen));
}

static const char *note_state(void *ctx)
{
    struct program *p = ctx;
    unsigned state = 0;

    for (unsigned i = 0; i < VARIABLES; i++)
        state = state * 4 + p->variable[i];
    for (unsigned i = 0; i < 3; i++)
        state = state * 4 + p->seen[i];
    p->reached[state] = true;
    return NULL;
}

static uint64_t explore_program(struct program *p, unsigned tasks, bool reduce)
{
    struct instance me[3] = {{p, 0}, {p, 1}, {p, 2}};
    struct ptw_sim_schedule s = {.tasks = tasks,
                                 .setup = clear_program,
                                 .check = note_state,
                                 .ctx = p,
                                 .preemptions = PTW_SIM_ANY,
                                 .reduce = reduce};

    memset(p->reached, 0, sizeof(p->reached));
    for (unsigned i = 0; i < tasks; i++)
        s.task[i] = (struct ptw_sim_task){run_program, &me[i]};
    assert_true(ptw_sim_explore(&s));
    assert_true(s.complete);
    return s.runs;
}

static void reduction_reaches_the_same_final_states(void **state)
{
    static struct program p, reduced;
    uint32_t random = 1;
    uint64_t all = 0, few = 0;

    (void)state;
    for (unsigned i = 0; i < 120; i++) {
        const unsigned tasks = 2 + i % 2;
        p.steps = tasks == 2 ? 4 : 2 + (i % 32 == 1 ? 1 : 0);
        for (unsigned k = 0; k < 3; k++)
            p.code[k] = (random = random * 1664525 + 1013904223) >> 8;
        reduced = p;
        all += explore_program(&p, tasks, false);
        few += explore_program(&reduced, tasks, true);
        assert_memory_equal(p.reached, reduced.reached, sizeof(p.reached));
    }
    assert_true(few < all / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_orders_of_two_tasks_are_run_once),
        cmocka_unit_test(all_orders_of_three_tasks_are_run_once),
        cmocka_unit_test(preemptions_are_bounded),
        cmocka_unit_test(reduction_runs_one_order_of_independent_steps_and_all_of_dependent_ones),
        cmocka_unit_test(runs_may_be_bounded),
        cmocka_unit_test(a_lost_update_is_found_and_repeated),
        cmocka_unit_test(seeds_that_do_not_fit_are_refused),
        cmocka_unit_test(chance_finds_it_and_the_same_chance_again),
        cmocka_unit_test(bytes_say_the_order),
        cmocka_unit_test(tasks_say_what_is_wrong),
        cmocka_unit_test(a_run_without_an_end_is_a_failure),
        cmocka_unit_test(a_task_that_is_not_the_same_each_time_is_a_failure),
        cmocka_unit_test(a_lock_keeps_the_update),
        cmocka_unit_test(a_deadlock_is_found),
        cmocka_unit_test(who_waits_for_a_word_goes_on_when_it_changes),
        cmocka_unit_test(a_word_that_nobody_changes_is_found),
        cmocka_unit_test(reduction_reaches_the_same_final_states),
    };

    return cmocka_run_group_tests_name("sim_schedule", tests, NULL, NULL) != 0;
}
