/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Every order of the steps of one operation of the library, its sync included, and of a simulated core that reads and
 * writes at the same pages through its TLB. In each of them:
 *
 *   - what the core wrote before the sync was over is reported by the operation, or is in D of the leaf afterwards; what it
 *     wrote later is in D. Otherwise the access faulted, and only where the operation is allowed to make it fault
 *   - every access that went through went to the right place, through tables that are not freed
 *   - after the sync nothing is used that is gone, and what the core still remembers is what the table says
 *
 * So it is with all combinations of break-before-make, hitless, and hardware that remembers holes. Faults that are planted
 * - an exchange that is a load and a store, an invalidation that does not happen - are found.
 *
 *   PTW_RANDOM_OPS   runs for each combination at most, for slow tools
 */
#include "sim/port_sim.h" /* before any header of the library: it stands for PTW_PORT_HEADER */

#include "conformance.h"

#include "support/toy.h"

#define PAGE UINT64_C(0x1000)
#define BLOCK UINT64_C(0x8000)
#define PAGES 8                /* those of the first block; nothing else is mapped */
#define OUT UINT64_C(0x700000) /* where the block goes */
#define HERE 1                 /* the page that is accessed */
#define ALL_OF_THEM ((1U << PAGES) - 1)

struct world;

enum gap { NEVER, IF_IT_BREAKS, UNLESS_HITLESS };

struct operation {
    const char *name;
    struct ptw_result (*run)(struct world *w);
    bool breaks;    /* refused on hitless tables of formats that break before they make */
    unsigned pages; /* of the pages (a mask) it changes ... */
    unsigned after; /* ... what may be done there after the sync: PTW_SIM_READ, PTW_SIM_WRITE */
    bool large;     /* the block is one leaf, not eight */
    enum gap gap;   /* when the pages may fault during the operation, whatever is done */
    bool protects;  /* it is by W that writes are noticed, not by D */
    bool exchanges; /* a torn exchange would lose D */
};

/* How the core has come to know the page before. */
enum warmth { COLD, HAS_READ, HAS_WRITTEN, WARMTHS };

struct world {
    struct ptw_sim_memory memory;
    struct ptw_sim_core core[1];
    struct ptw_sim_cores cores;
    struct ptw_table t;
    struct ptw_gather g;
    struct ptw_sink sink;
    const struct operation *op;
    const unsigned *accesses; /* of the core's task, up to a 0 */
    enum warmth warmth;
    uint64_t options;
    bool forgets_nothing; /* planted: invalidations do not happen */

    ptw_status status;
    char synced;
    bool began_synced;              /* the access under way began after the sync */
    unsigned written, written_late; /* masks of pages: before and after the sync */
    unsigned reported;
    unsigned reached; /* bit i: a run ended in state i */
};

static struct world world;

/* -------------------------------------------------------------------------------------------- operations --- */

static void take(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct world *w = &world;

    (void)sink;
    if ((ptw_leaf_attr(&w->t, leaf) & PTW_D) != 0)
        w->reported |= (leaf->level == 0 ? 1U : ALL_OF_THEM) << leaf->addr / PAGE;
}

static struct ptw_result unmap_page(struct world *w)
{
    return ptw_unmap(&w->t, HERE * PAGE, PAGE, 0, &w->sink, &w->g);
}

static struct ptw_result unmap_block(struct world *w)
{
    return ptw_unmap(&w->t, 0, BLOCK, 0, &w->sink, &w->g);
}

static struct ptw_result take_w(struct world *w)
{
    return ptw_protect(&w->t, HERE * PAGE, PAGE, 0, PTW_W, 0, &w->g);
}

static struct ptw_result take_w_of_block(struct world *w)
{
    return ptw_protect(&w->t, 0, BLOCK, 0, PTW_W, 0, &w->g);
}

static struct ptw_result give_x(struct world *w)
{
    return ptw_protect(&w->t, HERE * PAGE, PAGE, PTW_X, 0, 0, &w->g);
}

static struct ptw_result harvest(struct world *w, uint64_t flags)
{
    uint64_t pages = 0;
    struct ptw_bitmap bitmap = {.words = &pages, .bits = PAGES, .shift = 12};
    struct ptw_result result = ptw_dirty(&w->t, 0, BLOCK, flags, &bitmap, &w->g);

    w->reported |= (unsigned)pages;
    return result;
}

static struct ptw_result clear_d(struct world *w)
{
    return harvest(w, PTW_CLEAR);
}

static struct ptw_result write_protect(struct world *w)
{
    return harvest(w, PTW_CLEAR | PTW_WRITE_PROTECT);
}

static struct ptw_result clear_a(struct world *w)
{
    return ptw_age(&w->t, 0, BLOCK, PTW_CLEAR, NULL, &w->g);
}

static struct ptw_result cut(struct world *w)
{
    return ptw_cut(&w->t, HERE * PAGE, &w->g);
}

static struct ptw_result merge(struct world *w)
{
    return ptw_merge(&w->t, 0, BLOCK, 0, &w->g);
}

static struct ptw_result map_over_the_same(struct world *w)
{
    return ptw_map(&w->t, HERE * PAGE, OUT + HERE * PAGE, PAGE, PTW_R | PTW_W | PTW_X, 0, &w->g);
}

static struct ptw_result map_over_with_less(struct world *w)
{
    return ptw_map(&w->t, HERE * PAGE, OUT + HERE * PAGE, PAGE, PTW_R, 0, &w->g);
}

#define PAGE_HERE (1U << HERE)

static const struct operation operations[] = {
    {"unmap a page", unmap_page, .pages = PAGE_HERE, .exchanges = true},
    {"unmap a table", unmap_block, .pages = ALL_OF_THEM, .exchanges = true},
    {"unmap a large leaf", unmap_block, .pages = ALL_OF_THEM, .large = true, .exchanges = true},
    {"unmap a part", unmap_page, .pages = PAGE_HERE, .large = true, .breaks = true, .exchanges = true},
    {"protect", take_w, .pages = PAGE_HERE, .after = PTW_SIM_READ, .exchanges = true},
    {"protect a large leaf", take_w_of_block, .pages = ALL_OF_THEM, .after = PTW_SIM_READ, .large = true,
     .exchanges = true},
    {"protect a part", take_w, .pages = PAGE_HERE, .after = PTW_SIM_READ, .large = true, .breaks = true,
     .gap = IF_IT_BREAKS, .exchanges = true},
    {"add a right", give_x, .exchanges = true},
    {"dirty", clear_d, .pages = 0},
    {"dirty, a large leaf", clear_d, .large = true},
    {"write-protect", write_protect, .pages = ALL_OF_THEM, .after = PTW_SIM_READ, .protects = true},
    {"write-protect a large leaf", write_protect, .pages = ALL_OF_THEM, .after = PTW_SIM_READ, .large = true,
     .protects = true},
    {"age", clear_a, .exchanges = true},
    {"age, a large leaf", clear_a, .large = true, .exchanges = true},
    {"cut", cut, .large = true, .breaks = true, .gap = IF_IT_BREAKS, .exchanges = true},
    {"merge", merge, .breaks = true, .gap = UNLESS_HITLESS},
    {"map over the same", map_over_the_same, .exchanges = true},
    {"map over with less", map_over_with_less, .pages = PAGE_HERE, .after = PTW_SIM_READ, .exchanges = true},
};

/* ------------------------------------------------------------------------------------------------- the two --- */

static void operate(void *ctx)
{
    struct world *w = ctx;

    w->status = w->op->run(w).status;
    ptw_gather_sync(&w->g);
    ptw_sim_point(&w->synced, true);
    w->synced = 1;
}

static void access_pages(void *ctx)
{
    struct world *w = ctx;

    for (const unsigned *access = w->accesses; *access != 0; access++) {
        ptw_sim_point(&w->synced, false);
        w->began_synced = w->synced != 0;
        (void)ptw_sim_access(&w->core[0], HERE * PAGE, *access);
    }
}

/* May the access be done at HERE when the operation is over? */
static bool stays_allowed(const struct world *w, unsigned access)
{
    return (w->op->pages >> HERE & 1U) == 0 || (w->op->after & access) != 0;
}

static bool may_fault(const struct world *w, unsigned access)
{
    return !stays_allowed(w, access) ||
           (!w->began_synced && ((w->op->gap == IF_IT_BREAKS && (w->options & TOY_BREAKS) != 0) ||
                                 (w->op->gap == UNLESS_HITLESS && (w->options & PTW_OPT_HITLESS) == 0)));
}

/* The access touches its page now: an invalidation still waits for it. */
static void touch(void *ctx, const struct ptw_sim_core *core, const struct ptw_sim_answer *answer)
{
    struct world *w = ctx;
    unsigned page = 1U << answer->addr / PAGE;

    (void)core;
    ptw_sim_point(&w->synced, false);
    if (answer->outcome != PTW_SIM_LEAF) {
        if (!may_fault(w, answer->access))
            (void)ptw_sim_fail("an access faulted that is allowed all the time");
        return;
    }
    if (answer->out != OUT + answer->addr)
        (void)ptw_sim_fail("an access went to another place");
    if (w->synced && !stays_allowed(w, answer->access))
        (void)ptw_sim_fail("what is gone was used after the sync");
    if ((answer->access & PTW_SIM_WRITE) != 0)
        *(w->synced ? &w->written_late : &w->written) |= page;
}

static void invalidate(void *ctx, const struct ptw_inval *inval)
{
    struct world *w = ctx;

    if (!w->forgets_nothing)
        ptw_sim_invalidate(&w->cores, inval);
}

static void set_up(void *ctx)
{
    struct world *w = ctx;
    struct ptw_config c = toy_format.defaults;
    const struct ptw_hw hw = {invalidate, w};

    ptw_sim_memory_reset(&w->memory);
    w->memory.freeing = NULL;
    w->memory.allocating = NULL;
    c.levels = 2;
    c.options = w->options;
    w->sink.leaf = take;
    w->synced = 0;
    w->written = w->written_late = w->reported = 0;
    if (ptw_init(&w->t, &toy_format, &c, &w->memory.hooks, &hw) != PTW_OK)
        abort();
    const struct ptw_sim_mmu mmu = toy_mmu(&w->t);
    ptw_sim_cores_init(&w->cores, w->core, 1, &mmu, &w->memory);
    w->cores.break_before_make = (w->options & TOY_BREAKS) != 0;
    ptw_gather_init(&w->g, &w->t);
    if (ptw_map(&w->t, 0, OUT, BLOCK, PTW_R | PTW_W, w->op->large ? 0 : PTW_MAX_LEVEL(0), &w->g).status != PTW_OK)
        abort();
    ptw_gather_sync(&w->g);
    if (w->warmth != COLD)
        (void)ptw_sim_access(&w->core[0], HERE * PAGE, w->warmth == HAS_READ ? PTW_SIM_READ : PTW_SIM_WRITE);
    w->cores.did = touch;
    w->cores.ctx = w;
}

/* ------------------------------------------------------------------------------------------------- the check --- */

/* The pages whose leaf has D. The library is asked for nothing: the entries are read. */
static unsigned dirty_pages(const struct world *w)
{
    const uint64_t *root = w->t.root;
    const uint64_t *bottom = ptw_sim_memory_at(&w->memory, root[0] & PTW_BITS(47, 6));
    unsigned dirty = 0;

    if ((root[0] & 3) == 3)
        return (root[0] & 0x40) != 0 ? ALL_OF_THEM : 0;
    for (unsigned i = 0; (root[0] & 1) != 0 && i < PAGES; i++)
        dirty |= (bottom[i] & 0x41) == 0x41 ? 1U << i : 0;
    return dirty;
}

/* Is everything mapped that should be, and with the rights that it should have? */
static const char *check_pages(struct world *w)
{
    for (unsigned i = 0; i < PAGES; i++)
        for (unsigned access = PTW_SIM_READ; access <= PTW_SIM_WRITE; access++) {
            const bool allowed = (w->op->pages >> i & 1U) == 0 || (w->op->after & access) != 0;
            struct ptw_sim_answer a = ptw_sim_look(&w->cores, i * PAGE, access);
            if ((a.outcome == PTW_SIM_LEAF) != allowed)
                return "the table has other rights than the operation was to leave";
            if (allowed && a.out != OUT + i * PAGE)
                return "the table leads to another place";
        }
    return NULL;
}

static const char *check_dirty(const struct world *w)
{
    const unsigned dirty = dirty_pages(w);

    if ((w->written_late & ~dirty) != 0)
        return "D of a write after the sync was lost";
    if ((w->written & ~(w->op->protects ? w->reported : w->reported | dirty)) != 0)
        return "D was lost";
    return NULL;
}

static unsigned state_of(const struct world *w)
{
    return (w->written != 0 ? 1U : 0) | (w->written_late != 0 ? 2U : 0) | (w->reported != 0 ? 4U : 0) |
           (dirty_pages(w) != 0 ? 8U : 0);
}

static const char *check(void *ctx)
{
    struct world *w = ctx;
    w->reached |= 1U << state_of(w);
    const char *why = w->status == PTW_OK ? check_dirty(w) : "the operation failed";

    if (why == NULL)
        why = ptw_sim_check(&w->cores);
    if (why == NULL && w->cores.break_before_make)
        why = ptw_sim_check_sizes(&w->cores);
    if (why == NULL)
        why = check_pages(w);
    if (why != NULL)
        return why;
    (void)ptw_sim_access(&w->core[0], HERE * PAGE, PTW_SIM_WRITE); /* through what is remembered */
    why = check_dirty(w);
    ptw_sim_forget(&w->core[0], 0);
    ptw_destroy(&w->t);
    if (why == NULL)
        why = ptw_sim_violation(&w->cores);
    return why == NULL && w->memory.outstanding != 0 ? "a table was not freed" : why;
}

/* -------------------------------------------------------------------------------------------- all of them --- */

static const unsigned writes[] = {PTW_SIM_WRITE, 0}, reads[] = {PTW_SIM_READ, 0},
                      reads_and_writes[] = {PTW_SIM_READ, PTW_SIM_WRITE, 0},
                      writes_twice[] = {PTW_SIM_WRITE, PTW_SIM_WRITE, 0};
static const unsigned *const tasks[] = {writes, reads, reads_and_writes, writes_twice};

static const uint64_t formats[] = {PTW_OPT_AD,
                                   PTW_OPT_AD | TOY_BREAKS,
                                   PTW_OPT_AD | TOY_HOLES,
                                   PTW_OPT_AD | TOY_BREAKS | TOY_HOLES,
                                   PTW_OPT_AD | PTW_OPT_HITLESS,
                                   PTW_OPT_AD | PTW_OPT_HITLESS | TOY_BREAKS};

static struct ptw_sim_schedule schedule_of(struct world *w, const struct operation *op, const unsigned *accesses,
                                           enum warmth warmth, uint64_t options)
{
    const char *bound = getenv("PTW_RANDOM_OPS");

    w->op = op;
    w->accesses = accesses;
    w->warmth = warmth;
    w->options = options;
    return (struct ptw_sim_schedule){.task = {{operate, w}, {access_pages, w}},
                                     .tasks = 2,
                                     .setup = set_up,
                                     .check = check,
                                     .ctx = w,
                                     .preemptions = PTW_SIM_ANY,
                                     .reduce = true,
                                     .runs_max = bound == NULL ? 0 : strtoull(bound, NULL, 10)};
}

static bool is_refused(const struct operation *op, uint64_t options)
{
    return op->breaks && (~options & (TOY_BREAKS | PTW_OPT_HITLESS)) == 0;
}

static void no_d_is_lost_and_nothing_stale_is_used_in_any_order(void **state)
{
    struct world *w = &world;
    uint64_t runs = 0, pruned = 0;

    (void)state;
    for (size_t f = 0; f < COUNT(formats); f++)
        for (size_t o = 0; o < COUNT(operations); o++)
            for (size_t t = 0; t < COUNT(tasks) && !is_refused(&operations[o], formats[f]); t++)
                for (unsigned warmth = COLD; warmth < WARMTHS; warmth++) {
                    struct ptw_sim_schedule s = schedule_of(w, &operations[o], tasks[t], warmth, formats[f]);
                    if (!ptw_sim_explore(&s))
                        fail_msg("%s, format %zu, task %zu, warmth %u: %s, seed %s", operations[o].name, f, t, warmth,
                                 s.failure, s.seed);
                    assert_true(s.complete || s.runs_max != 0);
                    runs += s.runs;
                    pruned += s.pruned;
                }
    print_message("%" PRIu64 " runs, %" PRIu64 " superfluous ones\n", runs, pruned);
}

/* Fault m1 of the concurrency tests: a store over an entry in which hardware sets D. */
static void a_torn_exchange_is_found_wherever_there_is_one(void **state)
{
    struct world *w = &world;

    (void)state;
    for (size_t o = 0; o < COUNT(operations); o++) {
        struct ptw_sim_schedule s = schedule_of(w, &operations[o], writes, HAS_READ, PTW_OPT_AD), again = s;
        s.quiet = again.quiet = true;
        ptw_sim_torn_exchanges = true;
        bool found = !ptw_sim_explore(&s);
        if (found != operations[o].exchanges)
            fail_msg("%s: %s", operations[o].name, found ? s.failure : "not found");
        if (found) {
            assert_string_equal(s.failure, "D was lost");
            assert_false(ptw_sim_replay(&again, s.seed)); /* the same again */
            assert_string_equal(again.failure, s.failure);
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
        struct ptw_sim_schedule s = schedule_of(w, &operations[o], writes, HAS_WRITTEN, PTW_OPT_AD);
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
        struct ptw_sim_schedule s = schedule_of(w, &operations[o], writes, HAS_READ, PTW_OPT_AD);
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
    struct ptw_sim_schedule s = schedule_of(&world, &operations[0], writes, COLD, PTW_OPT_AD);

    (void)state;
    s.quiet = true;
    ptw_sim_torn_exchanges = true;
    assert_false(ptw_sim_explore_random(&s, 10000, 1));
    ptw_sim_torn_exchanges = false;
}

static int make_memory(void **state)
{
    (void)state;
    ptw_sim_memory_init(&world.memory, PTW_SIM_BLOCK_MAX, 0);
    return 0;
}

static int end_memory(void **state)
{
    (void)state;
    ptw_sim_memory_fini(&world.memory);
    return 0;
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
