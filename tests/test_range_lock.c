/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/range_lock.h: who waits for whom, and threads that count under ranges. In every order of steps:
 * tests/test_scheduled_locks.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ptw/range_lock.h>

#include <pthread.h>
#include <sched.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define R PTW_RANGE_READ
#define W PTW_RANGE_WRITE

static struct ptw_range_lock lock;

static int begin(void **state)
{
    (void)state;
    ptw_range_lock_init(&lock);
    return 0;
}

/* Whatever a test did, nothing is left. */
static int end(void **state)
{
    (void)state;
    assert_null(lock.oldest);
    assert_null(lock.newest);
    assert_int_equal(lock.spin, 0);
    return 0;
}

static void who_is_in_conflict_with_whom(void **state)
{
    static const struct {
        uint64_t first, last;
        bool overlaps; /* [10, 20] */
    } ranges[] = {{0, 9, false},
                  {0, 10, true},
                  {10, 10, true},
                  {12, 15, true},
                  {10, 20, true},
                  {0, UINT64_MAX, true},
                  {20, 20, true},
                  {20, UINT64_MAX, true},
                  {21, UINT64_MAX, false},
                  {UINT64_MAX, UINT64_MAX, false},
                  {0, 0, false}};

    (void)state;
    for (size_t i = 0; i < COUNT(ranges); i++)
        for (unsigned modes = 0; modes < 4; modes++) {
            const enum ptw_range_mode a = (modes & 1U) != 0 ? W : R, b = (modes & 2U) != 0 ? W : R;
            struct ptw_range_hold held, other;
            const bool excluded = ranges[i].overlaps && (a == W || b == W);

            ptw_range_lock_take(&lock, &held, 10, 20, a);
            assert_int_equal(ptw_range_lock_try(&lock, &other, ranges[i].first, ranges[i].last, b), !excluded);
            if (!excluded)
                ptw_range_lock_give(&lock, &other);
            ptw_range_lock_give(&lock, &held);
            assert_null(lock.oldest);
        }
}

static void ranges_are_given_back_in_any_order(void **state)
{
    static const unsigned orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    struct ptw_range_hold hold[3], all;

    (void)state;
    for (size_t o = 0; o < COUNT(orders); o++) {
        for (unsigned i = 0; i < 3; i++)
            ptw_range_lock_take(&lock, &hold[i], 10U * i, 10U * i + 9U, W);
        for (unsigned i = 0; i < 3; i++) {
            assert_false(ptw_range_lock_try(&lock, &all, 0, UINT64_MAX, R));
            ptw_range_lock_give(&lock, &hold[orders[o][i]]);
        }
        assert_true(ptw_range_lock_try(&lock, &all, 0, UINT64_MAX, W));
        ptw_range_lock_give(&lock, &all);
    }
}

/* A take that waits, while the hook looks at the lock and then lets it go on. */
struct queue {
    struct ptw_range_hold held, other;
    unsigned asked;
    bool reader_waits, disjoint_goes;
};

static void look_at_the_queue(void *ctx)
{
    struct queue *q = ctx;

    if (++q->asked != 3)
        return;
    q->reader_waits = !ptw_range_lock_try(&lock, &q->other, 20, 25, R);
    q->disjoint_goes = ptw_range_lock_try(&lock, &q->other, 30, 35, W);
    ptw_range_lock_give(&lock, &q->other);
    ptw_range_lock_give(&lock, &q->held);
}

/* [0, 9] is read; a writer waits for [0, 25]; a reader of [20, 25], where nobody is, does not go before the writer. */
static void nobody_overtakes_one_that_waits(void **state)
{
    struct queue q = {0};
    struct ptw_range_hold writer;

    (void)state;
    lock.relax = look_at_the_queue;
    lock.relax_ctx = &q;
    ptw_range_lock_take(&lock, &q.held, 0, 9, R);
    ptw_range_lock_take(&lock, &writer, 0, 25, W);
    assert_int_equal(q.asked, 3);
    assert_true(q.reader_waits && q.disjoint_goes);
    ptw_range_lock_give(&lock, &writer);
}

/* ------------------------------------------------------------------------------------------------- threads --- */

#define CELLS 16
#define THREADS 4
#define ROUNDS 4000

/* Plain memory, so that ThreadSanitizer sees what the lock does not keep apart. */
struct cell {
    uint64_t a, b;
};

struct worker {
    uint64_t random;
    uint64_t writes[CELLS];
    bool bad;
};

static struct cell cell[CELLS];
static struct worker worker[THREADS];

static void yield(void *ctx)
{
    (void)ctx;
    sched_yield();
}

static void use_cells(struct worker *me, uint64_t first, uint64_t last, enum ptw_range_mode mode)
{
    for (uint64_t i = first; i <= last; i++) {
        me->bad = me->bad || cell[i].a != cell[i].b;
        if (mode == W) {
            cell[i].a++;
            me->writes[i]++;
        }
    }
    for (uint64_t i = first; i <= last && mode == W; i++)
        cell[i].b++;
}

static void *work(void *arg)
{
    struct worker *me = arg;

    for (unsigned round = 0; round < ROUNDS; round++) {
        struct ptw_range_hold hold;
        uint64_t first, last;
        enum ptw_range_mode mode;

        me->random = me->random * UINT64_C(6364136223846793005) + 1442695040888963407;
        first = (me->random >> 40) % CELLS;
        last = first + (me->random >> 50) % 4;
        last = last < CELLS ? last : CELLS - 1;
        mode = (me->random >> 60) < 8 ? R : W;
        if (round % 8 != 0)
            ptw_range_lock_take(&lock, &hold, first, last, mode);
        else if (!ptw_range_lock_try(&lock, &hold, first, last, mode))
            continue;
        use_cells(me, first, last, mode);
        if (round % 16 == 1)
            sched_yield(); /* with the range */
        ptw_range_lock_give(&lock, &hold);
    }
    return NULL;
}

static void no_count_is_lost(void **state)
{
    pthread_t thread[THREADS];

    (void)state;
    lock.relax = yield;
    for (unsigned i = 0; i < THREADS; i++) {
        worker[i].random = i + 1;
        assert_int_equal(pthread_create(&thread[i], NULL, work, &worker[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    for (unsigned c = 0; c < CELLS; c++) {
        uint64_t writes = 0;

        for (unsigned i = 0; i < THREADS; i++)
            writes += worker[i].writes[c];
        assert_true(writes > 0);
        assert_true(cell[c].a == writes && cell[c].b == writes);
    }
    for (unsigned i = 0; i < THREADS; i++)
        assert_false(worker[i].bad);
}

static int stop_reading;
static uint64_t reads;

/* At every moment one of two such threads has the range, or nearly so. */
static void *read_on(void *arg)
{
    (void)arg;
    while (__atomic_load_n(&stop_reading, __ATOMIC_RELAXED) == 0) {
        struct ptw_range_hold hold;

        ptw_range_lock_take(&lock, &hold, 0, 99, R);
        __atomic_add_fetch(&reads, 1, __ATOMIC_RELAXED);
        sched_yield();
        ptw_range_lock_give(&lock, &hold);
    }
    return NULL;
}

static void a_writer_gets_through_a_stream_of_readers(void **state)
{
    pthread_t thread[THREADS];

    (void)state;
    lock.relax = yield;
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, read_on, NULL), 0);
    while (__atomic_load_n(&reads, __ATOMIC_RELAXED) < 100)
        sched_yield();
    for (unsigned i = 0; i < 100; i++) {
        struct ptw_range_hold hold;
        uint64_t before;

        ptw_range_lock_take(&lock, &hold, i, i + 10, W);
        before = __atomic_load_n(&reads, __ATOMIC_RELAXED);
        sched_yield();
        assert_int_equal(__atomic_load_n(&reads, __ATOMIC_RELAXED), before);
        ptw_range_lock_give(&lock, &hold);
    }
    __atomic_store_n(&stop_reading, 1, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
}

/* A disjoint range is had while another one is held all the time. */
static void *count_elsewhere(void *arg)
{
    uint64_t *counter = arg;

    for (unsigned i = 0; i < ROUNDS; i++) {
        struct ptw_range_hold hold;

        ptw_range_lock_take(&lock, &hold, 100, 199, W);
        ++*counter;
        ptw_range_lock_give(&lock, &hold);
    }
    return NULL;
}

static void disjoint_ranges_do_not_wait_for_each_other(void **state)
{
    struct ptw_range_hold hold;
    uint64_t counter = 0;
    pthread_t thread[2];

    (void)state;
    lock.relax = yield;
    ptw_range_lock_take(&lock, &hold, 0, 99, W);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, count_elsewhere, &counter), 0);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    ptw_range_lock_give(&lock, &hold);
    assert_int_equal(counter, 2 * ROUNDS);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_in_conflict_with_whom, begin, end),
        cmocka_unit_test_setup_teardown(ranges_are_given_back_in_any_order, begin, end),
        cmocka_unit_test_setup_teardown(nobody_overtakes_one_that_waits, begin, end),
        cmocka_unit_test_setup_teardown(no_count_is_lost, begin, end),
        cmocka_unit_test_setup_teardown(a_writer_gets_through_a_stream_of_readers, begin, end),
        cmocka_unit_test_setup_teardown(disjoint_ranges_do_not_wait_for_each_other, begin, end),
    };

    return cmocka_run_group_tests_name("range_lock", tests, NULL, NULL) != 0;
}
