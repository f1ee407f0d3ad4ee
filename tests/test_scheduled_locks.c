/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/epoch.h and ptw/range_lock.h with a step at each access to a word that threads share, in every order: nothing is freed
 * under a reader, writers exclude, readers share, nobody is overtaken, and each wait ends. And the same with faults planted,
 * which must be found.
 */
#include "sim/port_sim.h" /* before any header of the library: it stands for PTW_PORT_HEADER */

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <ptw/epoch.h>
#include <ptw/range_lock.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define TASKS 3

/* Every order, or as many as a slow tool has time for (PTW_RANDOM_OPS). */
static void explore(struct ptw_sim_schedule *s, const char *name)
{
    const char *bound = getenv("PTW_RANDOM_OPS");

    s->preemptions = PTW_SIM_ANY;
    s->reduce = true;
    s->runs_max = bound == NULL ? 0 : strtoull(bound, NULL, 10);
    if (!ptw_sim_explore(s))
        fail_msg("%s: %s, seed %s", name, s->failure, s->seed);
    assert_true(s->complete || s->runs_max != 0);
    print_message("%s: %" PRIu64 " runs, %" PRIu64 " superfluous ones\n", name, s->runs, s->pruned);
}

static void expect_failure(struct ptw_sim_schedule *s, const char *name, const char *failure)
{
    s->preemptions = PTW_SIM_ANY;
    s->reduce = true;
    s->quiet = true;
    if (ptw_sim_explore(s))
        fail_msg("%s: not found", name);
    assert_string_equal(s->failure, failure);
}

/* -------------------------------------------------------------------------------------------- grace periods --- */

#define OBJECTS 4
#define NOWHERE "a reader is at what was freed"

enum fault { NONE, TOKEN_BEFORE_UNLINK, TOKEN_TOO_SMALL, LOAD_BEFORE_ENTER, USE_AFTER_LEAVE, FAULTS };

static const char *const fault_names[FAULTS] = {[TOKEN_BEFORE_UNLINK] = "token before unlink",
                                                [TOKEN_TOO_SMALL] = "token of one epoch",
                                                [LOAD_BEFORE_ENTER] = "load before enter",
                                                [USE_AFTER_LEAVE] = "use after leave"};

/* shared says which object can be reached; each writer links another and frees the one that it unlinked. */
static struct {
    struct ptw_epochs epochs;
    struct ptw_epoch_reader reader[TASKS];
    struct ptw_reclaim reclaim;
    uint32_t shared;
    uint32_t freed[OBJECTS];
    enum fault fault;
    unsigned seen; /* over all runs: which objects were used (a mask), and whether any was freed */
    bool freed_any;
} g;

static uint32_t number[OBJECTS] = {0, 1, 2, 3};

static void set_up_epochs(void *ctx)
{
    (void)ctx;
    ptw_epochs_init(&g.epochs, g.reader, TASKS);
    ptw_epochs_reclaim(&g.epochs, &g.reclaim);
    g.shared = 0;
    for (unsigned i = 0; i < OBJECTS; i++)
        g.freed[i] = 0;
}

static void use(uint32_t object)
{
    ptw_sim_point(&g.freed[object], false);
    g.seen |= 1U << object;
    if (g.freed[object] != 0)
        (void)ptw_sim_fail(NOWHERE);
}

static void read_once(struct ptw_epoch_reader *me)
{
    uint32_t object = g.fault == LOAD_BEFORE_ENTER ? PTW_LOAD(&g.shared) : 0;

    ptw_epoch_enter(me);
    if (g.fault != LOAD_BEFORE_ENTER)
        object = PTW_LOAD(&g.shared);
    if (g.fault != USE_AFTER_LEAVE)
        use(object);
    ptw_epoch_leave(me);
    if (g.fault == USE_AFTER_LEAVE)
        use(object);
}

static void reads(void *reader)
{
    read_once(reader);
}

static void reads_twice(void *reader)
{
    read_once(reader);
    read_once(reader);
}

static void reads_nested(void *reader)
{
    ptw_epoch_enter(reader);
    read_once(reader);
    read_once(reader);
    ptw_epoch_leave(reader);
}

/* Links object `next`, and returns a token for what was there; *old says what. */
static uint64_t replace(uint32_t next, uint32_t *old)
{
    uint64_t before = g.fault == TOKEN_BEFORE_UNLINK ? g.reclaim.token(g.reclaim.ctx) : 0, token;

    *old = PTW_EXCHANGE(&g.shared, next);
    if (g.fault == TOKEN_BEFORE_UNLINK)
        return before;
    token = g.reclaim.token(g.reclaim.ctx);
    return g.fault == TOKEN_TOO_SMALL ? token - 2 : token;
}

static void free_object(uint32_t object)
{
    ptw_sim_point(&g.freed[object], true);
    g.freed[object] = 1;
    g.freed_any = true;
}

static void replaces_and_waits(void *next)
{
    uint32_t old;
    uint64_t token = replace(*(uint32_t *)next, &old);

    g.reclaim.wait(g.reclaim.ctx, token);
    free_object(old);
}

/* Asks twice, and frees it if it may. */
static void replaces_and_asks(void *next)
{
    uint32_t old;
    uint64_t token = replace(*(uint32_t *)next, &old);

    for (unsigned i = 0; i < 2; i++)
        if (g.reclaim.over(g.reclaim.ctx, token)) {
            free_object(old);
            return;
        }
}

static const struct epoch_case {
    const char *name;
    struct ptw_sim_task task[TASKS];
    unsigned tasks;
} epoch_cases[] = {
    {"a section, a wait", {{reads, &g.reader[0]}, {replaces_and_waits, &number[1]}}, 2},
    {"two sections, a wait", {{reads_twice, &g.reader[0]}, {replaces_and_waits, &number[1]}}, 2},
    {"nested sections, a wait", {{reads_nested, &g.reader[0]}, {replaces_and_waits, &number[1]}}, 2},
    {"two sections, a question", {{reads_twice, &g.reader[0]}, {replaces_and_asks, &number[1]}}, 2},
    {"two readers, a wait", {{reads, &g.reader[0]}, {reads, &g.reader[1]}, {replaces_and_waits, &number[1]}}, 3},
    {"a section, two questions",
     {{reads, &g.reader[0]}, {replaces_and_asks, &number[1]}, {replaces_and_asks, &number[2]}},
     3},
    {"a section, a wait, a question",
     {{reads, &g.reader[0]}, {replaces_and_waits, &number[1]}, {replaces_and_asks, &number[2]}},
     3},
};

static struct ptw_sim_schedule of_epochs(const struct epoch_case *c, enum fault fault)
{
    struct ptw_sim_schedule s = {.tasks = c->tasks, .setup = set_up_epochs};

    g.fault = fault;
    for (unsigned i = 0; i < c->tasks; i++)
        s.task[i] = c->task[i];
    return s;
}

static void nothing_is_freed_under_a_reader(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(epoch_cases); i++) {
        struct ptw_sim_schedule s = of_epochs(&epoch_cases[i], NONE);

        g.seen = 0;
        g.freed_any = false;
        explore(&s, epoch_cases[i].name);
        assert_true(!s.complete || (g.freed_any && (g.seen & 3U) == 3U));
    }
}

static void faults_around_grace_periods_are_found(void **state)
{
    (void)state;
    for (unsigned fault = NONE + 1; fault < FAULTS; fault++) {
        struct ptw_sim_schedule s = of_epochs(&epoch_cases[fault == TOKEN_BEFORE_UNLINK ? 6 : 0], fault);

        expect_failure(&s, fault_names[fault], NOWHERE);
    }
}

/* ---------------------------------------------------------------------------------------------------- ranges --- */

/* The lock once more, with faults: in take nobody waits, or not for those that wait; who waits for several goes on after the
 * first; nobody is told. */
static enum { DOES_NOT_WAIT, BARGES, GOES_TOO_EARLY, IS_NOT_TOLD } planted;
static size_t *word_of_the_list;

static bool somebody_has_it(const struct ptw_range_hold *hold)
{
    const struct ptw_range_hold *h = hold->older;

    while (h != NULL && (h->before != 0 || h->last < hold->first || hold->last < h->first))
        h = h->older;
    return h != NULL;
}

static size_t look(const size_t *before)
{
    const struct ptw_range_hold *hold =
        (const struct ptw_range_hold *)(const void *)((const char *)before - offsetof(struct ptw_range_hold, before));

    ptw_sim_point(before, false);
    if (planted == DOES_NOT_WAIT || (planted == BARGES && !somebody_has_it(hold)))
        return 0;
    return *before;
}

static void publish(size_t *p, size_t v)
{
    if (p != word_of_the_list && planted == IS_NOT_TOLD)
        return;
    ptw_sim_point(p, true);
    __atomic_store_n(p, planted == GOES_TOO_EARLY ? 0 : v, __ATOMIC_RELEASE);
}

#undef PTW_LOAD_ACQUIRE
#undef PTW_PUBLISH
#define PTW_LOAD_ACQUIRE(p) look(p)
#define PTW_PUBLISH(p, v) publish((p), (v))
#define ptw_range_lock_init faulty_init
#define ptw_range_lock_take faulty_take
#define ptw_range_lock_try faulty_try
#define ptw_range_lock_give faulty_give
#include "walk/range_lock.c" /* NOLINT(bugprone-suspicious-include): on purpose */
#undef ptw_range_lock_init
#undef ptw_range_lock_take
#undef ptw_range_lock_try
#undef ptw_range_lock_give

#define SHARED "two have what only one may have"
#define OVERTAKEN "one that waited was overtaken"

struct request {
    uint64_t first, last;
    enum ptw_range_mode mode;
    bool tries; /* and goes without, if it can't have it */
};

static struct {
    struct ptw_range_lock lock;
    struct ptw_range_hold hold[TASKS];
    const struct request *request;
    bool faulty;
    uint32_t inside;  /* a mask */
    uint32_t served;  /* a mask */
    unsigned reached; /* over all runs: a bit for each value of `inside` */
} r;

static void set_up_ranges(void *ctx)
{
    (void)ctx;
    ptw_range_lock_init(&r.lock);
    word_of_the_list = &r.lock.spin;
    r.inside = r.served = 0;
}

static bool are_in_conflict(unsigned a, unsigned b)
{
    const struct request *x = &r.request[a], *y = &r.request[b];

    return x->first <= y->last && y->first <= x->last && (x->mode == PTW_RANGE_WRITE || y->mode == PTW_RANGE_WRITE);
}

/* Who is in the list already, as a mask: who came before. */
static uint32_t who_is_there(void)
{
    uint32_t mask = 0;

    ptw_sim_point(&r.lock.spin, true);
    for (const struct ptw_range_hold *h = r.lock.oldest; h != NULL; h = h->newer)
        mask |= 1U << (h - r.hold);
    return mask;
}

static void be_inside(unsigned me, uint32_t before)
{
    ptw_sim_point(&r.inside, true);
    for (unsigned i = 0; i < TASKS; i++) {
        if (i == me || !are_in_conflict(i, me))
            continue;
        if ((r.inside >> i & 1U) != 0)
            (void)ptw_sim_fail(SHARED);
        if ((before >> i & 1U) != 0 && (r.served >> i & 1U) == 0)
            (void)ptw_sim_fail(OVERTAKEN);
    }
    r.inside |= 1U << me;
    r.served |= 1U << me;
    r.reached |= 1U << r.inside;
    ptw_sim_point(&r.inside, true);
    r.inside &= ~(1U << me);
}

static void takes_a_range(void *arg)
{
    const unsigned me = (unsigned)*(uint32_t *)arg;
    const struct request *q = &r.request[me];
    const uint32_t before = who_is_there();

    if (r.faulty)
        faulty_take(&r.lock, &r.hold[me], q->first, q->last, q->mode);
    else if (!q->tries)
        ptw_range_lock_take(&r.lock, &r.hold[me], q->first, q->last, q->mode);
    else if (!ptw_range_lock_try(&r.lock, &r.hold[me], q->first, q->last, q->mode))
        return;
    be_inside(me, before);
    if (r.faulty)
        faulty_give(&r.lock, &r.hold[me]);
    else
        ptw_range_lock_give(&r.lock, &r.hold[me]);
}

static const char *nothing_is_left(void *ctx)
{
    (void)ctx;
    return r.lock.oldest != NULL || r.lock.newest != NULL || r.lock.spin != 0 ? "something is left in the lock" : NULL;
}

#define R PTW_RANGE_READ
#define W PTW_RANGE_WRITE
#define TOGETHER(a) (1U << (a))

static const struct range_case {
    const char *name;
    struct request request[TASKS];
    unsigned tasks;
    unsigned together; /* sets of tasks that must have been inside at one time in some run */
} range_cases[] = {
    {"two writers", {{0, 9, W, false}, {9, 12, W, false}}, 2, 0},
    {"two readers", {{0, 9, R, false}, {9, 12, R, false}}, 2, TOGETHER(3)},
    {"a reader and a writer", {{0, 9, R, false}, {3, 4, W, false}}, 2, 0},
    {"two writers apart", {{0, 9, W, false}, {10, UINT64_MAX, W, false}}, 2, TOGETHER(3)},
    {"a writer and one that tries", {{0, 9, W, false}, {5, 5, W, true}}, 2, 0},
    {"a writer over two writers", {{0, 9, W, false}, {10, 19, W, false}, {5, 15, W, false}}, 3, TOGETHER(3)},
    {"a writer before a writer before a writer",
     {{0, 9, W, false}, {5, 15, W, false}, {12, 19, W, false}},
     3,
     TOGETHER(5)},
    {"a writer among readers", {{0, 9, R, false}, {5, 15, R, false}, {9, 9, W, false}}, 3, TOGETHER(3)},
};

static struct ptw_sim_schedule of_ranges(const struct range_case *c)
{
    struct ptw_sim_schedule s = {.tasks = c->tasks, .setup = set_up_ranges, .check = nothing_is_left};

    r.request = c->request;
    r.reached = 0;
    for (unsigned i = 0; i < c->tasks; i++)
        s.task[i] = (struct ptw_sim_task){takes_a_range, &number[i]};
    return s;
}

static void writers_exclude_readers_share_and_nobody_is_overtaken(void **state)
{
    (void)state;
    r.faulty = false;
    for (size_t i = 0; i < COUNT(range_cases); i++) {
        struct ptw_sim_schedule s = of_ranges(&range_cases[i]);

        explore(&s, range_cases[i].name);
        assert_true(!s.complete || (r.reached & range_cases[i].together) == range_cases[i].together);
    }
}

static void faults_of_the_range_lock_are_found(void **state)
{
    static const struct {
        const char *name, *failure;
        size_t range_case;
    } faults[] = {[DOES_NOT_WAIT] = {"does not wait", SHARED, 0},
                  [BARGES] = {"barges", OVERTAKEN, 6},
                  [GOES_TOO_EARLY] = {"goes too early", SHARED, 5},
                  [IS_NOT_TOLD] = {"is not told", "every task waits", 0}};

    (void)state;
    r.faulty = true;
    for (unsigned i = 0; i < COUNT(faults); i++) {
        struct ptw_sim_schedule s = of_ranges(&range_cases[faults[i].range_case]);

        planted = i;
        expect_failure(&s, faults[i].name, faults[i].failure);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_freed_under_a_reader),
        cmocka_unit_test(faults_around_grace_periods_are_found),
        cmocka_unit_test(writers_exclude_readers_share_and_nobody_is_overtaken),
        cmocka_unit_test(faults_of_the_range_lock_are_found),
    };

    return cmocka_run_group_tests_name("scheduled_locks", tests, NULL, NULL) != 0;
}
