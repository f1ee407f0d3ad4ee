/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/epoch.h: what a token waits for and what it does not, alone and with threads that follow a pointer while others replace
 * what it points to. In every order of steps: tests/test_scheduled_locks.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ptw/epoch.h>

#include <pthread.h>
#include <sched.h>

#define READERS 3

static struct ptw_epochs epochs;
static struct ptw_epoch_reader reader[READERS];
static struct ptw_reclaim reclaim;

static int begin(void **state)
{
    (void)state;
    ptw_epochs_init(&epochs, reader, READERS);
    ptw_epochs_reclaim(&epochs, &reclaim);
    return 0;
}

static uint64_t take_token(void)
{
    return reclaim.token(reclaim.ctx);
}

static bool is_over(uint64_t token)
{
    return reclaim.over(reclaim.ctx, token);
}

static void a_token_is_over_at_once_where_nobody_is_inside(void **state)
{
    (void)state;
    assert_true(is_over(take_token()));
    ptw_epoch_enter(&reader[0]);
    ptw_epoch_leave(&reader[0]);
    assert_true(is_over(take_token()));
}

static void without_readers_every_token_is_over(void **state)
{
    (void)state;
    ptw_epochs_init(&epochs, NULL, 0);
    assert_true(is_over(take_token()));
    reclaim.wait(reclaim.ctx, take_token());
}

static void each_reader_that_was_inside_is_waited_for(void **state)
{
    (void)state;
    for (unsigned inside = 1; inside < 1U << READERS; inside++) {
        uint64_t token;

        for (unsigned i = 0; i < READERS; i++)
            if ((inside >> i & 1U) != 0)
                ptw_epoch_enter(&reader[i]);
        token = take_token();
        for (unsigned i = 0; i < READERS; i++)
            if ((inside >> i & 1U) != 0) {
                assert_false(is_over(token));
                ptw_epoch_leave(&reader[i]);
            }
        assert_true(is_over(token));
    }
}

static void only_the_end_of_the_outermost_section_counts(void **state)
{
    uint64_t token;

    (void)state;
    ptw_epoch_enter(&reader[0]);
    ptw_epoch_enter(&reader[0]);
    token = take_token();
    ptw_epoch_leave(&reader[0]);
    assert_false(is_over(token)); /* another epoch begins, which the next section is not entered in */
    ptw_epoch_enter(&reader[0]);
    assert_false(is_over(token));
    ptw_epoch_leave(&reader[0]);
    assert_false(is_over(token));
    ptw_epoch_leave(&reader[0]);
    assert_true(is_over(token));
}

/* Others that come and go all the time do not keep a token from being over: what they entered in goes on. */
static void readers_that_follow_on_each_other_do_not_keep_a_token(void **state)
{
    uint64_t token;
    unsigned sections = 0;

    (void)state;
    ptw_epoch_enter(&reader[0]);
    token = take_token();
    for (; !is_over(token) && sections < 10; sections++) { /* at no time is nobody inside */
        ptw_epoch_enter(&reader[(sections + 1) % 2]);
        ptw_epoch_leave(&reader[sections % 2]);
    }
    assert_true(sections > 0 && sections <= 3);
}

static void a_section_that_began_after_the_first_question_is_not_waited_for(void **state)
{
    uint64_t token;

    (void)state;
    ptw_epoch_enter(&reader[0]);
    token = take_token();
    assert_false(is_over(token));
    ptw_epoch_enter(&reader[1]);
    ptw_epoch_leave(&reader[0]);
    assert_true(is_over(token));
    assert_false(is_over(take_token()));
}

static void what_is_over_stays_over_and_counts_may_wrap(void **state)
{
    uint64_t old, token;

    (void)state;
    epochs.now = SIZE_MAX - 9;
    old = take_token();
    for (unsigned i = 0; i < 20; i++) {
        ptw_epoch_enter(&reader[i % READERS]);
        token = take_token();
        assert_false(is_over(token));
        ptw_epoch_leave(&reader[i % READERS]);
        assert_true(is_over(token));
        assert_true(is_over(old));
    }
    assert_true(epochs.now < 100);
}

/* The counts of 32 bits, seen from half of all epochs later: a token is not taken for one of the future. */
static void a_token_of_long_ago_is_over(void **state)
{
    const uint64_t token = take_token();

    (void)state;
    assert_true(is_over(token));
    ptw_epoch_enter(&reader[0]);
    epochs.now = SIZE_MAX / 2 + 1;
    assert_true(is_over(token));
    epochs.now = (size_t)0 - 2;
    assert_true(is_over(token));
}

struct patience {
    unsigned asked;
    unsigned leaves_at;
};

static void relax(void *ctx)
{
    struct patience *p = ctx;

    if (++p->asked == p->leaves_at)
        ptw_epoch_leave(&reader[1]);
}

static void wait_relaxes_until_the_section_ends(void **state)
{
    struct patience p = {.leaves_at = 5};

    (void)state;
    epochs.relax = relax;
    epochs.relax_ctx = &p;
    reclaim.wait(reclaim.ctx, take_token());
    assert_int_equal(p.asked, 0);
    ptw_epoch_enter(&reader[1]);
    reclaim.wait(reclaim.ctx, take_token());
    assert_int_equal(p.asked, 5);
}

/* ------------------------------------------------------------------------------------------------- threads --- */

#define OBJECTS 4
#define ROUNDS 2000
#define GONE UINT64_C(0xdead)

/* Plain memory, so that ThreadSanitizer sees an access that no grace period keeps from the next owner's. */
struct object {
    uint64_t value, copy;
};

struct stress {
    struct object *shared[OBJECTS];
    struct object pool[2][2 * OBJECTS];
    uint64_t sections[READERS];
    int stop;
    int bad;
};

static struct stress stress;

static void look_at_all(void)
{
    for (unsigned i = 0; i < OBJECTS; i++) {
        const struct object *o = __atomic_load_n(&stress.shared[i], __ATOMIC_ACQUIRE);
        if (o->value != o->copy || o->value == GONE)
            __atomic_store_n(&stress.bad, 1, __ATOMIC_RELAXED);
    }
}

static void *read_all(void *arg)
{
    struct ptw_epoch_reader *me = arg;

    while (__atomic_load_n(&stress.stop, __ATOMIC_RELAXED) == 0) {
        ptw_epoch_enter(me);
        look_at_all();
        ptw_epoch_leave(me);
        if (__atomic_add_fetch(&stress.sections[me - reader], 1, __ATOMIC_RELAXED) % 64 == 0)
            sched_yield();
    }
    return NULL;
}

static void yield(void *ctx)
{
    (void)ctx;
    sched_yield();
}

/* Each writer has a half of the slots and a pool of its own; every other round is polled for. */
static void *replace_all(void *arg)
{
    struct object *pool = arg;
    const unsigned half = pool == stress.pool[0] ? 0 : 1;

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct object **slot = &stress.shared[half * (OBJECTS / 2) + round % (OBJECTS / 2)];
        struct object *old = *slot, *new = &pool[round % (2 * OBJECTS)];
        uint64_t token;

        new->value = new->copy = round;
        __atomic_store_n(slot, new, __ATOMIC_RELEASE);
        token = reclaim.token(reclaim.ctx);
        if (round % 2 == 0)
            reclaim.wait(reclaim.ctx, token);
        else
            while (!reclaim.over(reclaim.ctx, token))
                sched_yield();
        old->value = GONE;
        old->copy = ~GONE;
    }
    return NULL;
}

static bool all_have_read(void)
{
    for (unsigned i = 0; i < READERS; i++)
        if (__atomic_load_n(&stress.sections[i], __ATOMIC_RELAXED) < 10)
            return false;
    return true;
}

static void readers_never_see_what_is_gone(void **state)
{
    static struct object first[OBJECTS];
    pthread_t readers[READERS], writers[2];

    (void)state;
    epochs.relax = yield;
    for (unsigned i = 0; i < OBJECTS; i++)
        stress.shared[i] = &first[i];
    for (unsigned i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_all, &reader[i]), 0);
    while (!all_have_read())
        sched_yield();
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&writers[i], NULL, replace_all, stress.pool[i]), 0);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_join(writers[i], NULL), 0);
    __atomic_store_n(&stress.stop, 1, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < READERS; i++)
        assert_int_equal(pthread_join(readers[i], NULL), 0);
    assert_int_equal(stress.bad, 0);
    assert_true(epochs.now > 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_token_is_over_at_once_where_nobody_is_inside, begin),
        cmocka_unit_test_setup(without_readers_every_token_is_over, begin),
        cmocka_unit_test_setup(each_reader_that_was_inside_is_waited_for, begin),
        cmocka_unit_test_setup(only_the_end_of_the_outermost_section_counts, begin),
        cmocka_unit_test_setup(readers_that_follow_on_each_other_do_not_keep_a_token, begin),
        cmocka_unit_test_setup(a_section_that_began_after_the_first_question_is_not_waited_for, begin),
        cmocka_unit_test_setup(what_is_over_stays_over_and_counts_may_wrap, begin),
        cmocka_unit_test_setup(a_token_of_long_ago_is_over, begin),
        cmocka_unit_test_setup(wait_relaxes_until_the_section_ends, begin),
        cmocka_unit_test_setup(readers_never_see_what_is_gone, begin),
    };

    return cmocka_run_group_tests_name("epoch", tests, NULL, NULL) != 0;
}
