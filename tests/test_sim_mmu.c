/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/sim_mmu.h, with the toy MMU and tables made by hand: what a core remembers, what makes it forget, what is a
 * violation. With the library: no write is lost while threads write and one thread harvests.
 */
#include "conformance.h"

#include "support/toy.h"

#include <pthread.h>
#include <sched.h>

#define VALID UINT64_C(1)
#define LEAF UINT64_C(3)
#define R UINT64_C(4)
#define W UINT64_C(8)
#define A UINT64_C(0x20)
#define D UINT64_C(0x40)
#define OUT UINT64_C(0x700000)

/* Three levels: root[0] -> middle, middle[0] -> bottom, middle[1] a leaf of 32 KiB, bottom[0 ... 1] leaves, then holes. */
struct world {
    struct ptw_sim_memory memory;
    struct ptw_sim_core core[2];
    struct ptw_sim_cores cores;
    uint64_t *root, *middle, *bottom;
    ptw_oa root_pa, middle_pa, bottom_pa;
};

#define LARGE UINT64_C(0x8000) /* the address of the large leaf */
#define HOLE UINT64_C(0x3000)  /* in the bottom table */
#define FAR UINT64_C(0x40000)  /* below another entry of the root */

static uint64_t *make_table(struct world *w, ptw_oa *pa)
{
    uint64_t *table = w->memory.hooks.alloc(&w->memory, 64, pa);

    memset(table, 0, 64);
    return table;
}

static void make_world(struct world *w, unsigned options, bool holes)
{
    struct ptw_sim_mmu mmu = {holes ? &toy_walker_of_holes : &toy_walker, {0, 3, 1}};

    ptw_sim_memory_init(&w->memory, PTW_SIM_BLOCK_MAX, options);
    w->root = make_table(w, &w->root_pa);
    w->middle = make_table(w, &w->middle_pa);
    w->bottom = make_table(w, &w->bottom_pa);
    w->root[0] = w->middle_pa | VALID;
    w->middle[0] = w->bottom_pa | VALID;
    w->middle[1] = OUT | LARGE | LEAF | R | W;
    w->bottom[0] = OUT | LEAF | R | W;
    w->bottom[1] = (OUT + 0x1000) | LEAF | R | W;
    w->bottom[2] = (OUT + 0x2000) | LEAF | R;
    mmu.reg[0] = w->root_pa;
    ptw_sim_cores_init(&w->cores, w->core, 2, &mmu, &w->memory);
}

static void end_world(struct world *w)
{
    ptw_sim_cores_fini(&w->cores);
    assert_null(w->memory.freeing);
    ptw_sim_memory_fini(&w->memory);
}

static void expect_out(struct world *w, uint64_t addr, unsigned access, bool remembered)
{
    struct ptw_sim_answer a = ptw_sim_access(&w->core[0], addr, access);

    assert_int_equal(a.outcome, PTW_SIM_LEAF);
    assert_int_equal(a.out, OUT + addr);
    assert_int_equal(a.remembered, remembered);
}

static void expect_fault(struct world *w, uint64_t addr, unsigned access, enum ptw_sim_outcome outcome)
{
    struct ptw_sim_answer a = ptw_sim_access(&w->core[0], addr, access);

    assert_int_equal(a.outcome, outcome);
    assert_non_null(a.why);
}

static void invalidate(struct world *w, uint64_t first, uint64_t last, uint64_t reasons, uint64_t levels)
{
    struct ptw_inval inval = {first, last, reasons, levels};

    w->cores.hooks.invalidate(w->cores.hooks.ctx, &inval);
}

/* ------------------------------------------------------------------------------------------------ accesses --- */

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

/* ------------------------------------------------------------------------------------- what is found wrong --- */

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

/* ----------------------------------------------------------------------------------------------- in parallel --- */

static struct world both;
static uint64_t lost;

static void write_once(void *core)
{
    if (ptw_sim_access(core, 0x123, PTW_SIM_WRITE).outcome != PTW_SIM_LEAF)
        (void)ptw_sim_fail("the write faulted");
}

static void forget_both(void *ctx)
{
    (void)ctx;
    ptw_sim_forget(&both.core[0], 0);
    ptw_sim_forget(&both.core[1], 0);
    both.bottom[0] = OUT | LEAF | R | W;
    both.core[0].lost = both.core[1].lost = 0;
}

static const char *both_wrote(void *ctx)
{
    (void)ctx;
    lost += both.core[0].lost + both.core[1].lost;
    return (both.bottom[0] & (A | D)) != (A | D) ? "D was lost" : ptw_sim_check(&both.cores);
}

/* Each core: its lock, three reads and one exchange, or two exchanges' worth when it was second. */
static void two_cores_set_d_in_every_order(void **state)
{
    struct ptw_sim_schedule s = {.task = {{write_once, &both.core[0]}, {write_once, &both.core[1]}},
                                 .tasks = 2,
                                 .setup = forget_both,
                                 .check = both_wrote,
                                 .preemptions = PTW_SIM_ANY};
    uint64_t all;

    (void)state;
    make_world(&both, 0, false);
    assert_true(ptw_sim_explore(&s));
    assert_true(s.complete && lost > 0);
    all = s.runs;
    s.reduce = true;
    lost = 0;
    assert_true(ptw_sim_explore(&s));
    assert_true(s.complete && lost > 0 && s.runs < all / 10);
    end_world(&both);
}

#define PAGES 64
#define ROUNDS 8
#define OPERATIONS 60

/* Writers count the versions of pages; the owner of the table copies those that are reported, after the sync. */
struct stress {
    struct ptw_sim_memory memory;
    struct ptw_sim_core core[2];
    struct ptw_sim_cores cores;
    struct ptw_table t;
    struct ptw_gather g;
    struct ptw_sink sink;
    uint64_t version[PAGES], copy[PAGES], gone;
    uint64_t accesses[2];
    bool misled; /* a write went to another place */
    int stop;
};

static struct stress stress;

static void page_written(void *ctx, const struct ptw_sim_core *core, const struct ptw_sim_answer *a)
{
    struct stress *s = ctx;

    (void)core;
    if (a->outcome != PTW_SIM_LEAF || (a->access & PTW_SIM_WRITE) == 0)
        return;
    if (a->out != a->addr + OUT)
        __atomic_store_n(&s->misled, true, __ATOMIC_RELAXED);
    __atomic_add_fetch(&s->version[a->addr / 0x1000], 1, __ATOMIC_RELAXED);
}

static void *write_pages(void *core)
{
    struct stress *s = &stress;
    const size_t number = (size_t)((struct ptw_sim_core *)core - s->core);
    uint64_t random = number + 1;

    while (__atomic_load_n(&s->stop, __ATOMIC_RELAXED) == 0) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        (void)ptw_sim_access(core, (random >> 33) % PAGES * 0x1000, (random >> 60) < 4 ? PTW_SIM_READ : PTW_SIM_WRITE);
        __atomic_add_fetch(&s->accesses[number], 1, __ATOMIC_RELAXED);
        if (random >> 58 == 0)
            ptw_sim_forget(core, random >> 8);
        if (random >> 59 == 1)
            sched_yield(); /* on few processors others wait for the core's lock */
    }
    return NULL;
}

/* Lets each do a few accesses at least. */
static void wait_for_writers(const struct stress *s)
{
    for (unsigned i = 0; i < 2; i++) {
        uint64_t now = __atomic_load_n(&s->accesses[i], __ATOMIC_RELAXED);
        while (__atomic_load_n(&s->accesses[i], __ATOMIC_RELAXED) < now + 8)
            sched_yield();
    }
}

static void copy_pages(struct stress *s, uint64_t pages)
{
    for (; pages != 0; pages &= pages - 1)
        s->copy[ptw_low_bit(pages)] = __atomic_load_n(&s->version[ptw_low_bit(pages)], __ATOMIC_RELAXED);
}

static void note_removed(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    (void)sink;
    if ((ptw_leaf_attr(&stress.t, leaf) & PTW_D) != 0)
        stress.gone |= ptw_low_mask((unsigned)(ptw_leaf_size(&stress.t, leaf) / 0x1000)) << (leaf->addr / 0x1000);
}

static void harvest_pages(struct stress *s)
{
    uint64_t pages = 0;
    struct ptw_bitmap bitmap = {.words = &pages, .bits = PAGES, .shift = 12};

    expect_done(ptw_dirty(&s->t, 0, PAGES * 0x1000, PTW_CLEAR, &bitmap, &s->g));
    ptw_gather_sync(&s->g);
    copy_pages(s, pages);
}

static void map_pages(struct stress *s, uint64_t addr, uint64_t size)
{
    expect_done(ptw_map(&s->t, addr, addr + OUT, size, PTW_R | PTW_W, 0, &s->g));
}

static void operate(struct stress *s, unsigned n)
{
    const uint64_t addr = n * 5 % PAGES * 0x1000, large = addr & ~UINT64_C(0x7fff);

    switch (n % 4) {
    case 0:
        harvest_pages(s);
        break;
    case 1:
        s->gone = 0;
        expect_done(ptw_unmap(&s->t, n % 8 == 1 ? addr : large, n % 8 == 1 ? 0x1000 : 0x8000, 0, &s->sink, &s->g));
        ptw_gather_sync(&s->g);
        copy_pages(s, s->gone);
        map_pages(s, n % 8 == 1 ? addr : large, n % 8 == 1 ? 0x1000 : 0x8000);
        break;
    case 2:
        (void)ptw_merge(&s->t, large, 0x8000, 0, &s->g);
        break;
    default:
        (void)ptw_cut(&s->t, addr, &s->g);
        break;
    }
    ptw_gather_sync(&s->g);
}

static void no_write_is_lost_between_threads(void **state)
{
    struct stress *s = &stress;
    struct ptw_config c = toy_format.defaults;
    pthread_t writer[2];

    (void)state;
    ptw_sim_memory_init(&s->memory, 0, 0);
    c.options = PTW_OPT_AD;
    s->sink.leaf = note_removed;
    assert_int_equal(ptw_init(&s->t, &toy_format, &c, &s->memory.hooks, NULL), PTW_OK);
    ptw_sim_cores_init(&s->cores, s->core, 2, &(struct ptw_sim_mmu){0}, &s->memory);
    s->cores.mmu = toy_mmu(&s->t);
    s->cores.did = page_written;
    s->cores.ctx = s;
    s->t.hw = s->cores.hooks;
    ptw_gather_init(&s->g, &s->t);
    map_pages(s, 0, PAGES * 0x1000);
    for (unsigned round = 0; round < ROUNDS; round++) {
        __atomic_store_n(&s->stop, 0, __ATOMIC_RELAXED);
        for (unsigned i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&writer[i], NULL, write_pages, &s->core[i]), 0);
        for (unsigned n = 0; n < OPERATIONS; n++) {
            wait_for_writers(s);
            operate(s, round * OPERATIONS + n);
        }
        __atomic_store_n(&s->stop, 1, __ATOMIC_RELAXED);
        for (unsigned i = 0; i < 2; i++)
            assert_int_equal(pthread_join(writer[i], NULL), 0);
        harvest_pages(s);
        assert_null(ptw_sim_check(&s->cores));
        assert_memory_equal(s->version, s->copy, sizeof(s->copy));
    }
    assert_true(s->core[0].hits > 0 && s->core[1].walks > 0);
    assert_false(s->misled);
    ptw_sim_forget(&s->core[0], 0);
    ptw_sim_forget(&s->core[1], 0);
    ptw_destroy(&s->t);
    assert_null(ptw_sim_violation(&s->cores));
    assert_int_equal(s->memory.outstanding, 0);
    ptw_sim_cores_fini(&s->cores);
    ptw_sim_memory_fini(&s->memory);
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
        cmocka_unit_test(stale_leaves_are_found),
        cmocka_unit_test(a_stale_part_of_a_large_leaf_is_found),
        cmocka_unit_test(two_sizes_of_one_address_are_found),
        cmocka_unit_test(a_table_that_is_freed_too_early_is_found),
        cmocka_unit_test(observers_of_one_memory_are_a_chain),
        cmocka_unit_test(an_incoherent_walk_sees_what_was_cleaned),
        cmocka_unit_test(hooks_fail_when_they_are_told_to),
        cmocka_unit_test(two_cores_set_d_in_every_order),
        cmocka_unit_test(no_write_is_lost_between_threads),
    };

    return cmocka_run_group_tests_name("sim_mmu", tests, NULL, NULL) != 0;
}
