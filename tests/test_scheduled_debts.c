/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Two threads that do the same to a page (PTW_SHARED), each in its own way, and a core that has known the page before: in every
 * order of their steps, whoever comes second finds nothing to do, and may still rely on it after his own sync. The other's
 * may not have happened yet. And where a format breaks before it makes, nobody's change of a size is seen before it is paid.
 *
 *   PTW_RANDOM_OPS   orders of each pair at most, up to a bound of its own
 */
#include "sim/port_sim.h" /* before any header of the library: it stands for PTW_PORT_HEADER */

#include "conformance.h"

#include "support/invariants.h"
#include "support/toy.h"

#include "walk/internal.h"

#define PAGE UINT64_C(0x1000)
#define OUT UINT64_C(0x80000)
#define ELSEWHERE UINT64_C(0xc0000)
#define HERE 1U
#define TRIES 3
#define RUNS_MAX 3000

struct task;

/* An operation on a range that holds HERE. */
struct operation {
    const char *name;
    struct ptw_result (*run)(struct task *k);
    bool reshapes; /* it has not the effect, but is in its way */
};

/* Operations of one effect. */
struct effect {
    const char *name;
    const struct operation *operation; /* ends with one without a name */
    bool empty;                        /* the table is empty before ... */
    bool emptied;                      /* ... and has tables without leaves, that are remembered */
    unsigned access;                   /* this one ... */
    bool works;                        /* ... works, or faults, after the sync */
    bool resizes;                      /* all is mapped as before, but faults for a moment */
    bool moves;                        /* it goes ELSEWHERE */
};

struct task {
    const struct operation *op;
    struct ptw_gather g;
};

static struct world {
    struct ptw_sim_memory memory;
    struct ptw_sim_core core[2]; /* the second has known nothing */
    struct ptw_sim_cores cores;
    struct ptw_table t;
    struct task task[2];
    const struct effect *effect;
    uint64_t options;
    bool large;
    ptw_status relaxed;
    struct invariants rules;
} world;

static struct ptw_result protect_page(struct task *k)
{
    return ptw_protect(&world.t, HERE * PAGE, PAGE, 0, PTW_W, PTW_SHARED, &k->g);
}

static struct ptw_result protect_table(struct task *k)
{
    return ptw_protect(&world.t, 0, 8 * PAGE, 0, PTW_W, PTW_SHARED, &k->g);
}

static struct ptw_result write_protect(struct task *k)
{
    return ptw_dirty(&world.t, 0, 8 * PAGE, PTW_SHARED | PTW_WRITE_PROTECT | PTW_CLEAR, NULL, &k->g);
}

static struct ptw_result unmap_page(struct task *k)
{
    return ptw_unmap(&world.t, HERE * PAGE, PAGE, PTW_SHARED, NULL, &k->g);
}

static struct ptw_result unmap_pages(struct task *k)
{
    return ptw_unmap(&world.t, 0, 4 * PAGE, PTW_SHARED, NULL, &k->g);
}

static struct ptw_result unmap_table(struct task *k)
{
    return ptw_unmap(&world.t, 0, 8 * PAGE, PTW_SHARED, NULL, &k->g);
}

static struct ptw_result unmap_subtree(struct task *k)
{
    return ptw_unmap(&world.t, 0, 64 * PAGE, PTW_SHARED, NULL, &k->g);
}

static struct ptw_result map_page(struct task *k)
{
    return ptw_map(&world.t, HERE * PAGE, OUT + HERE * PAGE, PAGE, PTW_R | PTW_W, PTW_SHARED, &k->g);
}

static struct ptw_result map_pages(struct task *k)
{
    return ptw_map(&world.t, 0, OUT, 8 * PAGE, PTW_R | PTW_W, PTW_SHARED | PTW_MAX_LEVEL(0), &k->g);
}

static struct ptw_result map_leaf(struct task *k)
{
    return ptw_map(&world.t, 0, OUT, 8 * PAGE, PTW_R | PTW_W, PTW_SHARED, &k->g);
}

static struct ptw_result cut(struct task *k)
{
    return ptw_cut(&world.t, HERE * PAGE, PTW_SHARED, &k->g);
}

static struct ptw_result split(struct task *k)
{
    return ptw_split_to(&world.t, 0, 8 * PAGE, PTW_SHARED, &k->g);
}

static struct ptw_result merge(struct task *k)
{
    return ptw_merge(&world.t, 0, 8 * PAGE, PTW_SHARED, &k->g);
}

static struct ptw_result trim(struct task *k)
{
    return ptw_trim(&world.t, 0, 64 * PAGE, PTW_SHARED, &k->g);
}

static struct ptw_result remap_page(struct task *k)
{
    return ptw_remap(&world.t, HERE * PAGE, ELSEWHERE + HERE * PAGE, PAGE, PTW_SHARED, &k->g);
}

static struct ptw_result remap_table(struct task *k)
{
    return ptw_remap(&world.t, 0, ELSEWHERE, 8 * PAGE, PTW_SHARED, &k->g);
}

static struct ptw_result replace_page(struct task *k)
{
    return ptw_map(&world.t, HERE * PAGE, ELSEWHERE + HERE * PAGE, PAGE, PTW_R | PTW_W, PTW_SHARED | PTW_REPLACE,
                   &k->g);
}

static struct ptw_result replace_table(struct task *k)
{
    return ptw_map(&world.t, 0, ELSEWHERE, 8 * PAGE, PTW_R | PTW_W, PTW_SHARED | PTW_REPLACE, &k->g);
}

static struct ptw_result nothing(struct task *k)
{
    (void)k;
    return (struct ptw_result){PTW_SPURIOUS, 0};
}

static const struct operation taking_w[] = {{"protect a page", protect_page, false},
                                            {"protect a table", protect_table, false},
                                            {"write-protect", write_protect, false},
                                            {NULL, NULL, false}};
static const struct operation unmapping[] = {{"unmap a page", unmap_page, false},
                                             {"unmap pages", unmap_pages, false},
                                             {"unmap a table", unmap_table, false},
                                             {"unmap a subtree", unmap_subtree, false},
                                             {NULL, NULL, false}};
static const struct operation mapping[] = {{"map a page", map_page, false},
                                           {"map a table", map_pages, false},
                                           {"map a large leaf", map_leaf, false},
                                           {NULL, NULL, false}};

static const struct operation mapping_where_tables_are[] = {{"trim", trim, true},
                                                            {"merge", merge, true},
                                                            {"map a page", map_page, false},
                                                            {"map a table", map_pages, false},
                                                            {NULL, NULL, false}};

static const struct operation resizing[] = {{"nothing", nothing, false},
                                            {"cut", cut, false},
                                            {"split", split, false},
                                            {"merge", merge, false},
                                            {NULL, NULL, false}};

static const struct operation moving[] = {{"remap a page", remap_page, false},
                                          {"remap a table", remap_table, false},
                                          {"replace a page", replace_page, false},
                                          {"replace a table", replace_table, false},
                                          {NULL, NULL, false}};

static const struct effect effects[] = {
    {"W is gone", taking_w, false, false, PTW_SIM_WRITE, false, false, false},
    {"nothing is mapped", unmapping, false, false, PTW_SIM_READ, false, false, false},
    {"it is mapped", mapping, true, false, PTW_SIM_READ, true, false, false},
    {"it is mapped where empty tables were", mapping_where_tables_are, true, true, PTW_SIM_READ, true, false, false},
    {"it has another size", resizing, false, false, PTW_SIM_READ, true, true, false},
    {"it goes elsewhere", moving, false, false, PTW_SIM_READ, true, false, true},
};

/* ------------------------------------------------------------------------------------------------- a run --- */

/* Can the page be used? Where others may have it, or tables, locked it faults for a moment: then a walk without a TLB says so, too; if
 * hardware remembers that, until they have paid, which check() looks at. */
static bool is_used(void)
{
    const struct effect *effect = world.effect;
    const bool locks = effect->emptied || effect->moves;

    for (unsigned i = 0; i < (locks ? 4U : 1U); i++) {
        const struct ptw_sim_answer a = ptw_sim_access(&world.core[0], HERE * PAGE, effect->access);

        if (a.outcome == PTW_SIM_LEAF)
            return a.out == (effect->moves ? ELSEWHERE : OUT) + HERE * PAGE;
        if (locks && ((world.options & TOY_HOLES) != 0 ||
                      ptw_sim_look(&world.cores, HERE * PAGE, effect->access).outcome != PTW_SIM_LEAF))
            return true;
    }
    return false;
}

static void operate(void *ctx)
{
    struct task *k = ctx;
    const struct effect *effect = world.effect;
    struct ptw_result result = {PTW_AGAIN, 0};

    for (unsigned i = 0; i < TRIES && result.status == PTW_AGAIN; i++)
        result = k->op->run(k);
    if (result.status == PTW_AGAIN)
        return;
    if (result.status != PTW_OK && result.status != PTW_SPURIOUS)
        (void)ptw_sim_fail(ptw_status_name(result.status));
    invariants_over(&world.rules);
    ptw_gather_pay(&k->g); /* tables are freed at the end, when nobody is inside */
    if (k->op->reshapes)
        return;
    if (effect->resizes) { /* a walk, next to what is remembered: for the page, or for its D */
        (void)ptw_sim_access(&world.core[0], (HERE + 1) * PAGE, PTW_SIM_WRITE);
        (void)ptw_sim_access(&world.core[1], HERE * PAGE, PTW_SIM_READ);
        return;
    }
    if (effect->emptied) /* a walk from the root, past what others have locked */
        (void)ptw_sim_access(&world.core[1], HERE * PAGE, effect->access);
    if (is_used() != effect->works)
        (void)ptw_sim_fail(effect->works ? "the page cannot be used after the sync"
                                         : "the page is used after the sync");
}

static void invalidate(void *ctx, const struct ptw_inval *inval)
{
    struct world *w = ctx;

    ptw_sim_invalidate(&w->cores, inval);
    invariants_paid(&w->rules, inval);
}

/* All is as it is to be before the first step. */
static void watch(struct world *w)
{
    w->rules.linear = true;
    w->rules.out = OUT;
    w->rules.moved = ELSEWHERE;
    for (unsigned i = 0; i < 2; i++) {
        w->rules.task[i].owner = w->task[i].g.owner;
        w->rules.task[i].moves = w->effect->moves;
    }
    invariants_begin(&w->rules, &w->t);
    ptw_sim_watch = (struct ptw_sim_watch){invariants_stored, &w->rules};
}

/* Leaves that came and went: unmaps of single pages leave the tables. */
static void empty_tables(struct world *w, struct ptw_gather *g)
{
    if (ptw_map(&w->t, HERE * PAGE, OUT + HERE * PAGE, PAGE, PTW_R, 0, g).status != PTW_OK ||
        ptw_unmap(&w->t, HERE * PAGE, PAGE, 0, NULL, g).status != PTW_OK)
        abort();
}

static void set_up(void *ctx)
{
    struct world *w = ctx;
    struct ptw_config c = toy_format.defaults;
    struct ptw_sim_mmu mmu;
    struct ptw_gather g;
    const struct ptw_hw hw = {invalidate, w};

    ptw_sim_memory_reset(&w->memory);
    invariants_init(&w->rules, &w->memory, true);
    c.levels = 3;
    c.options |= PTW_OPT_AD | w->options;
    if (ptw_init(&w->t, &toy_format, &c, &w->memory.hooks, &hw) != PTW_OK || ptw_share(&w->t, NULL, 0) != PTW_OK)
        abort();
    mmu = toy_mmu(&w->t);
    ptw_sim_cores_init(&w->cores, w->core, 2, &mmu, &w->memory);
    w->cores.break_before_make = w->t.geo.encoder->break_before_make;
    w->cores.sizes_may_meet = (w->t.geo.options & PTW_OPT_BBM2) != 0;
    ptw_gather_init(&g, &w->t);
    if (!w->effect->empty &&
        ptw_map(&w->t, 0, OUT, 8 * PAGE, PTW_R | PTW_W, w->large ? 0 : PTW_MAX_LEVEL(0), &g).status != PTW_OK)
        abort();
    if (w->effect->emptied)
        empty_tables(w, &g);
    ptw_gather_sync(&g);
    (void)ptw_sim_access(&w->core[0], HERE * PAGE, w->effect->access);
    for (unsigned i = 0; i < 2; i++) {
        ptw_gather_init(&w->task[i].g, &w->t);
        w->task[i].g.owner = i + 1;
    }
    watch(w);
}

static const char *check(void *ctx)
{
    struct world *w = ctx;

    ptw_gather_sync(&w->task[0].g);
    ptw_gather_sync(&w->task[1].g);
    const char *why = invariants_cores(&w->rules, &w->cores);

    if (why == NULL)
        why = invariants_rest(&w->rules);
    if (why != NULL)
        return why;
    ptw_sim_forget(&w->core[0], 0);
    ptw_sim_forget(&w->core[1], 0);
    invariants_end(&w->rules);
    ptw_destroy(&w->t);
    return w->memory.outstanding != 0 ? "a table was not freed" : ptw_sim_violation(&w->cores);
}

/* PTW_RANDOM_OPS is few thousands where everything is slow, and millions in long runs. */
static uint64_t runs_max(void)
{
    const char *bound = getenv("PTW_RANDOM_OPS");
    const uint64_t n = bound == NULL ? RUNS_MAX : strtoull(bound, NULL, 10);

    return n >= 1000000 ? 10 * RUNS_MAX : n < RUNS_MAX ? n : RUNS_MAX;
}

static void explore(const struct effect *effect, const struct operation *a, const struct operation *b)
{
    struct ptw_sim_schedule s = {.task = {{operate, &world.task[0]}, {operate, &world.task[1]}},
                                 .tasks = 2,
                                 .setup = set_up,
                                 .check = check,
                                 .ctx = &world,
                                 .preemptions = PTW_SIM_ANY,
                                 .reduce = true,
                                 .runs_max = runs_max()};

    world.effect = effect;
    world.task[0].op = a;
    world.task[1].op = b;
    if (!ptw_sim_explore(&s))
        fail_msg("%s, \"%s\" and \"%s\", options %" PRIx64 ", %s: %s, seed %s", effect->name, a->name, b->name,
                 world.options, world.large ? "large" : "small", s.failure, s.seed);
}

static void explore_all(uint64_t options)
{
    world.options = options;
    for (unsigned large = 0; large < 2; large++)
        for (size_t i = 0; i < COUNT(effects); i++)
            for (const struct operation *a = effects[i].operation; a->name != NULL; a++)
                for (const struct operation *b = a; b->name != NULL; b++) {
                    world.large = large != 0;
                    explore(&effects[i], a, b);
                }
}

static void who_comes_second_may_rely_on_it(void **state)
{
    (void)state;
    explore_all(0);
}

static void also_where_hardware_remembers_holes(void **state)
{
    (void)state;
    explore_all(TOY_HOLES);
}

static void also_where_a_format_breaks_before_it_makes(void **state)
{
    (void)state;
    explore_all(TOY_BREAKS);
}

static void also_where_its_sizes_may_meet(void **state)
{
    (void)state;
    explore_all(TOY_BREAKS | PTW_OPT_BBM2);
}

/* --------------------------------------------------------------------------------- a group that gets more --- */

#define GROUP 4 /* pages */

/* Maps the group once more, without W and with a software bit that it lacks. */
static void map_without_w(void *ctx)
{
    struct task *k = ctx;

    (void)ptw_map(&world.t, 0, OUT, GROUP * PAGE, PTW_R | PTW_SOFT(1), PTW_SHARED, &k->g);
    ptw_gather_pay(&k->g);
}

static void give_w_and_write(void *ctx)
{
    (void)ctx;
    world.relaxed = ptw_relax(&world.t, HERE * PAGE, PTW_W, 0);
    (void)ptw_sim_access(&world.core[0], HERE * PAGE, PTW_SIM_WRITE);
}

static void set_up_a_group(void *ctx)
{
    static const struct effect empty = {.empty = true, .access = PTW_SIM_READ};
    struct world *w = ctx;

    w->effect = &empty;
    w->options = PTW_OPT_GROUPS;
    set_up(ctx);
    if (ptw_map(&w->t, 0, OUT, 8 * PAGE, PTW_R, PTW_MAX_LEVEL(0), &w->task[0].g).status != PTW_OK)
        abort();
    ptw_gather_sync(&w->task[0].g);
    watch(w);
    w->rules.task[1].relaxes = true;
    w->rules.task[1].adds = PTW_W;
}

static const char *check_rights(void *ctx)
{
    struct world *w = ctx;
    struct ptw_leaf leaf;
    const char *why = "not a group any more";

    if (w->relaxed == PTW_AGAIN) /* some of the slots may have it */
        (void)ptw_relax(&w->t, HERE * PAGE, PTW_W, 0);
    if (ptw_translate(&w->t, HERE * PAGE, &leaf) == PTW_OK && leaf.order != 0)
        why = ptw_sim_check(&w->cores); /* W is remembered, and gone? */
    return why != NULL ? why : check(ctx);
}

static void what_a_group_got_meanwhile_is_paid_for(void **state)
{
    struct ptw_sim_schedule s = {.task = {{map_without_w, &world.task[0]}, {give_w_and_write, NULL}},
                                 .tasks = 2,
                                 .setup = set_up_a_group,
                                 .check = check_rights,
                                 .ctx = &world,
                                 .preemptions = PTW_SIM_ANY,
                                 .reduce = true,
                                 .runs_max = runs_max()};

    (void)state;
    if (!ptw_sim_explore(&s))
        fail_msg("%s, seed %s", s.failure, s.seed);
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
        cmocka_unit_test(who_comes_second_may_rely_on_it),
        cmocka_unit_test(also_where_hardware_remembers_holes),
        cmocka_unit_test(also_where_a_format_breaks_before_it_makes),
        cmocka_unit_test(also_where_its_sizes_may_meet),
        cmocka_unit_test(what_a_group_got_meanwhile_is_paid_for),
    };

    return cmocka_run_group_tests_name("scheduled_debts", tests, make_memory, end_memory) != 0;
}
