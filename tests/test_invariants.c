/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The checker of invariants (support/invariants.h) finds what it is there for: each number is violated on purpose - by words
 * written by hand, by memory that is taken or given behind the library's back, by a TLB that is not told - and that number, and
 * no other, is found. Nothing is found without.
 *
 *   page 0 ... 7    a table of small leaves, the second half not writable, the last without the ceiling
 *   page 8 ... 15   one large leaf
 *   page 16 ... 23  a hole
 *   page 24 ... 31  a table of two groups
 */
#include "conformance.h"

#include "support/invariants.h"
#include "support/oracle.h"
#include "support/toy.h"

#define PAGE UINT64_C(0x1000)
#define OUT UINT64_C(0x80000)
#define CEILING PTW_SOFT(1)
#define OWNER 1U
#define ELSE 2U /* somebody else */

static struct world {
    struct ptw_sim_memory memory;
    struct ptw_sim_core core[2];
    struct ptw_sim_cores cores;
    struct ptw_table t;
    struct ptw_gather g;
    struct invariants rules;
    void (*plant)(void);
} world;

/* ------------------------------------------------------------------------------------------- words by hand --- */

static const struct ptw_encoder *e(void)
{
    return world.t.geo.encoder;
}

static ptw_word *root_slot(void)
{
    return world.t.root;
}

/* The slot at level 1, and that at level 0 below it, of a page. */
static ptw_word *large_slot(unsigned page)
{
    return (ptw_word *)ptw_sim_memory_at(&world.memory, e()->table_pa(&world.t.geo, *root_slot(), 2)) + page / 8;
}

static ptw_word *small_slot(unsigned page)
{
    return (ptw_word *)ptw_sim_memory_at(&world.memory, e()->table_pa(&world.t.geo, *large_slot(page), 1)) + page % 8;
}

static ptw_word leaf(unsigned page, ptw_attr attr, unsigned level, unsigned order)
{
    ptw_word bits = 0;

    assert_true(e()->bits(&world.t.geo, attr | PTW_R | PTW_A, level, order, &bits));
    return e()->leaf(&world.t.geo, OUT + page * PAGE, bits, level, order);
}

/* Stores, and tells the checker. */
static void put(ptw_word *slot, ptw_word w)
{
    const ptw_word old = *slot;

    *slot = w;
    invariants_stored(&world.rules, slot, sizeof(*slot), old, w);
}

static ptw_word locked_by(uint64_t owner, unsigned level)
{
    return e()->mark(PTW_MARK_LOCKED, owner, level);
}

static ptw_word dead(void)
{
    return e()->mark(PTW_MARK_DEAD, 0, 0);
}

static ptw_word *new_table(size_t bytes, ptw_oa *pa)
{
    ptw_word *table = world.memory.hooks.alloc(world.memory.hooks.ctx, bytes, pa);

    assert_non_null(table);
    memset(table, 0, bytes);
    return table;
}

/* A table of pages 8 to 15, with what the large leaf has, but for `but` of its last page. */
static ptw_word parts(ptw_attr but, unsigned page)
{
    ptw_oa pa;
    ptw_word *table = new_table(64, &pa);

    for (unsigned i = 0; i < 8; i++)
        table[i] = leaf(i < 7 ? 8 + i : page, (PTW_W | PTW_D | CEILING) & (i < 7 ? ~(ptw_attr)0 : ~but), 0, 0);
    return e()->table(&world.t.geo, pa, 1);
}

static void map(unsigned page, unsigned n, ptw_attr attr, uint64_t flags)
{
    if (ptw_map(&world.t, page * PAGE, OUT + page * PAGE, n * PAGE, attr | PTW_R | PTW_A, flags, &world.g).status !=
        PTW_OK)
        abort();
}

static void set_up(void *ctx)
{
    struct world *w = ctx;
    struct ptw_config c = toy_format.defaults;
    struct ptw_sim_mmu mmu;

    ptw_sim_memory_reset(&w->memory);
    invariants_init(&w->rules, &w->memory, true);
    c.options |= PTW_OPT_AD | PTW_OPT_GROUPS;
    if (ptw_init(&w->t, &toy_format, &c, &w->memory.hooks, NULL) != PTW_OK || ptw_share(&w->t, NULL, 0) != PTW_OK)
        abort();
    mmu = toy_mmu(&w->t);
    ptw_sim_cores_init(&w->cores, w->core, 2, &mmu, &w->memory);
    w->cores.break_before_make = true;
    ptw_gather_init(&w->g, &w->t);
    for (unsigned i = 0; i < 8; i++) /* one by one, or they were groups */
        map(i, 1, (i < 4 ? PTW_W | PTW_D : 0) | (i < 7 ? CEILING : 0), 0);
    map(8, 8, PTW_W | PTW_D | CEILING, 0);
    map(24, 8, PTW_W | PTW_D | CEILING, PTW_MAX_LEVEL(0));
    ptw_gather_sync(&w->g);
    w->rules.linear = true;
    w->rules.out = OUT;
    w->rules.task[0].owner = OWNER;
    w->rules.task[0].ceiling = CEILING;
    invariants_begin(&w->rules, &w->t);
}

static void at_rest(void)
{
    (void)invariants_rest(&world.rules);
}

/* ------------------------------------------------------------------------------- the moves of an entry --- */

static void goes_elsewhere(void)
{
    world.rules.linear = false;
    put(small_slot(1), leaf(2, PTW_W, 0, 0));
}

static void becomes_another_table(void)
{
    ptw_oa pa;

    (void)new_table(64, &pa);
    put(large_slot(0), e()->table(&world.t.geo, pa, 1));
}

static void mark_becomes_a_leaf(void)
{
    put(small_slot(1), e()->mark(PTW_MARK_USER, 1, 0));
    put(small_slot(1), leaf(1, 0, 0, 0));
}

static void group_is_made_where_others_look(void)
{
    put(small_slot(0), e()->empty(0));
    put(small_slot(0), leaf(0, PTW_W, 0, 2));
}

/* ------------------------------------------------------------------------------------------- the structure --- */

static void second_parent(void)
{
    *large_slot(16) = *large_slot(0);
    at_rest();
}

static void second_parent_is_stored(void)
{
    put(large_slot(16), *large_slot(0));
}

static void table_of_another_size(void)
{
    ptw_oa pa;

    (void)new_table(128, &pa);
    *large_slot(16) = e()->table(&world.t.geo, pa, 1);
    at_rest();
}

static void table_of_another_size_is_stored(void)
{
    ptw_oa pa;

    (void)new_table(128, &pa);
    put(large_slot(16), e()->table(&world.t.geo, pa, 1));
}

static void table_is_nowhere(void)
{
    *large_slot(16) = e()->table(&world.t.geo, PTW_SIM_PA + 0x100000, 1);
    at_rest();
}

static void table_is_freed_that_is_linked(void)
{
    world.memory.hooks.free(world.memory.hooks.ctx, small_slot(0), e()->table_pa(&world.t.geo, *large_slot(0), 1), 64);
}

static void reserved_bit(void)
{
    *small_slot(0) |= PTW_BIT(50);
    at_rest();
}

static void reserved_bit_is_stored(void)
{
    put(small_slot(0), *small_slot(0) | PTW_BIT(50));
}

static void slots_of_a_group_disagree(void)
{
    *small_slot(25) = leaf(25, 0, 0, 2);
    at_rest();
}

static void table_is_lost(void)
{
    ptw_oa pa;

    (void)new_table(64, &pa);
    at_rest();
}

static void counts_of_another_table(void)
{
    static ptw_word other[8];

    world.t.root = other; /* the address of the true one stays */
    at_rest();
}

/* ----------------------------------------------------------------------------------------- locked and dead --- */

static void left_locked(void)
{
    *small_slot(0) = locked_by(OWNER, 0);
    at_rest();
}

static void left_dead(void)
{
    *small_slot(0) = dead();
    at_rest();
}

static void locked_for_somebody_else(void)
{
    put(small_slot(0), locked_by(ELSE, 0));
}

static void unlocked_by_somebody_else(void)
{
    world.rules.task[0].owner = ELSE;
    put(small_slot(0), locked_by(ELSE, 0));
    world.rules.task[0].owner = OWNER;
    world.rules.task[0].locks = 0;
    put(small_slot(0), e()->empty(0));
}

static void returns_with_a_lock(void)
{
    put(small_slot(0), locked_by(OWNER, 0));
    invariants_over(&world.rules);
}

static void group_changes_without_its_lock(void)
{
    put(small_slot(25), leaf(25, 0, 0, 2));
}

static void unlocked_before_it_is_paid(void)
{
    put(large_slot(0), locked_by(OWNER, 1));
    put(large_slot(0), e()->empty(1));
}

static void dies_in_a_live_table(void)
{
    put(small_slot(0), dead());
}

/* Freezes page 0 of a table that is locked; afterwards it is another one. */
static void comes_back_as_something_else(void)
{
    ptw_word *slot = small_slot(0), old = *slot;

    put(large_slot(0), locked_by(OWNER, 1));
    put(slot, dead());
    put(slot, e()->clean_op(old).keep & old);
}

static void comes_back_by_somebody_else(void)
{
    ptw_word *slot = small_slot(0), old = *slot;

    put(large_slot(0), locked_by(OWNER, 1));
    put(slot, dead());
    world.rules.task[0].owner = ELSE;
    put(slot, old);
}

/* ---------------------------------------------------------------------------------------------- translation --- */

static void nobody_has_put_it_there(void)
{
    put(small_slot(1), e()->empty(0));
    put(small_slot(1), leaf(2, PTW_W, 0, 0));
}

static void cut_goes_elsewhere(void)
{
    world.rules.linear = false;
    put(large_slot(8), parts(0, 14));
}

static void cut_loses_a_right(void)
{
    put(large_slot(8), parts(PTW_W, 15));
}

static void cut_loses_d(void)
{
    put(large_slot(8), parts(PTW_D, 15));
}

static void outside_of_the_range(void)
{
    world.rules.task[0].first = 2 * PAGE;
    world.rules.task[0].last = 4 * PAGE - 1;
    put(small_slot(1), e()->empty(0));
}

static void sticks_out_of_the_range(void)
{
    world.rules.task[0].first = 8 * PAGE;
    world.rules.task[0].last = 9 * PAGE - 1;
    put(large_slot(8), e()->empty(1));
}

static void relax_beyond_the_ceiling(void)
{
    world.rules.task[0].relaxes = true;
    put(small_slot(7), leaf(7, PTW_W, 0, 0));
}

static void right_that_nobody_adds(void)
{
    world.rules.task[0].adds = PTW_R;
    put(small_slot(4), leaf(4, PTW_W | CEILING, 0, 0));
}

static void right_in_a_new_table(void)
{
    ptw_oa pa;
    ptw_word *table = new_table(64, &pa);

    table[0] = leaf(16, PTW_W, 0, 0);
    world.rules.task[0].adds = PTW_R;
    put(large_slot(16), e()->table(&world.t.geo, pa, 1));
}

/* ----------------------------------------------------------------------------------------- dirty, accessed --- */

static void written_and_clean(void)
{
    invariants_wrote(&world.rules, 6);
    (void)invariants_written(&world.rules, INVARIANT_DIRTY, 2);
}

static void written_after_the_copy(void)
{
    invariants_wrote(&world.rules, 6);
    invariants_copied(&world.rules, 6);
    invariants_wrote(&world.rules, 4);
    (void)invariants_written(&world.rules, INVARIANT_COPY, 2);
}

static void removed_and_not_reported(void)
{
    invariants_wrote(&world.rules, 6);
    invariants_copied(&world.rules, 2);
    (void)invariants_written(&world.rules, INVARIANT_SINK, 0);
}

static void accessed_and_old(void)
{
    world.rules.accessed = 2;
    (void)invariants_accessed(&world.rules, 1);
}

/* -------------------------------------------------------------------------------------------------- TLBs --- */

static void check_cores(void)
{
    (void)invariants_cores(&world.rules, &world.cores);
}

static void remembers_what_is_gone(void)
{
    (void)ptw_sim_access(&world.core[0], PAGE, PTW_SIM_READ);
    put(small_slot(1), e()->empty(0));
    check_cores();
}

static void remembers_a_table(void)
{
    (void)ptw_sim_access(&world.core[0], 16 * PAGE, PTW_SIM_READ); /* a hole: only the tables are remembered */
    put(root_slot(), e()->empty(2));
    check_cores();
}

static void remembers_two_sizes(void)
{
    (void)ptw_sim_access(&world.core[0], 8 * PAGE, PTW_SIM_READ);
    put(large_slot(8), parts(0, 15));
    (void)ptw_sim_access(&world.core[1], 8 * PAGE, PTW_SIM_READ);
    check_cores();
}

static void remembers_w(void)
{
    (void)ptw_sim_access(&world.core[0], PAGE, PTW_SIM_WRITE);
    put(small_slot(1), leaf(1, PTW_D | CEILING, 0, 0));
    check_cores();
}

/* -------------------------------------------------------------------------------------- work and progress --- */

static void takes_memory_with_a_lock(void)
{
    ptw_oa pa;

    put(small_slot(0), locked_by(OWNER, 0));
    (void)new_table(64, &pa);
}

static void gives_memory_with_a_lock(void)
{
    ptw_oa pa;
    ptw_word *table = new_table(64, &pa);

    put(small_slot(0), locked_by(OWNER, 0));
    world.memory.hooks.free(world.memory.hooks.ctx, table, pa, 64);
}

static void waits_with_a_lock(void)
{
    put(small_slot(0), locked_by(OWNER, 0));
    invariants_waits(&world.rules);
}

static void answer(ptw_status status, ptw_addr next)
{
    (void)invariants_answer(&world.rules, PAGE, 3 * PAGE - 1, (struct ptw_result){status, next}, &world.g);
}

static void goes_on_before_the_range(void)
{
    answer(PTW_OK, 0); /* means nothing */
    answer(PTW_NOMEM, 0);
}

static void goes_on_behind_the_range(void)
{
    answer(PTW_AGAIN, 3 * PAGE);
}

static void yields_for_nothing(void)
{
    answer(PTW_YIELD, 2 * PAGE);
    answer(PTW_YIELD, PAGE);
}

static void cursor_goes_back(void)
{
    (void)invariants_order(&world.rules, PAGE, PAGE);
    (void)invariants_order(&world.rules, 2 * PAGE, PAGE);
}

static const struct planted {
    const char *name;
    void (*plant)(void);
    unsigned number;
} planted[] = {
    {"a leaf that goes elsewhere", goes_elsewhere, INVARIANT_MOVE},
    {"a table that becomes another", becomes_another_table, INVARIANT_MOVE},
    {"a mark that becomes a leaf", mark_becomes_a_leaf, INVARIANT_MOVE},
    {"a group made where others look", group_is_made_where_others_look, INVARIANT_MOVE},
    {"a second parent", second_parent, INVARIANT_PARENT},
    {"a second parent, stored", second_parent_is_stored, INVARIANT_PARENT},
    {"a table of another size", table_of_another_size, INVARIANT_CHILD},
    {"a table of another size, stored", table_of_another_size_is_stored, INVARIANT_CHILD},
    {"a table that is nowhere", table_is_nowhere, INVARIANT_FREE},
    {"a table freed that is linked", table_is_freed_that_is_linked, INVARIANT_FREE},
    {"a reserved bit", reserved_bit, INVARIANT_LEGAL},
    {"a reserved bit, stored", reserved_bit_is_stored, INVARIANT_LEGAL},
    {"a torn group", slots_of_a_group_disagree, INVARIANT_LEGAL},
    {"a table that is lost", table_is_lost, INVARIANT_TABLES},
    {"left locked", left_locked, INVARIANT_OWNER},
    {"left dead", left_dead, INVARIANT_OWNER},
    {"locked for somebody else", locked_for_somebody_else, INVARIANT_OWNER},
    {"unlocked by somebody else", unlocked_by_somebody_else, INVARIANT_OWNER},
    {"a return with a lock", returns_with_a_lock, INVARIANT_OWNER},
    {"a group that changes without its lock", group_changes_without_its_lock, INVARIANT_OWNER},
    {"unlocked before it is paid", unlocked_before_it_is_paid, INVARIANT_OWNER},
    {"a slot that dies in a live table", dies_in_a_live_table, INVARIANT_DEAD},
    {"a slot that comes back as something else", comes_back_as_something_else, INVARIANT_DEAD},
    {"a slot brought back by somebody else", comes_back_by_somebody_else, INVARIANT_DEAD},
    {"a leaf that nobody has put there", nobody_has_put_it_there, INVARIANT_READER},
    {"a cut that goes elsewhere", cut_goes_elsewhere, INVARIANT_SHAPE},
    {"a cut that loses a right", cut_loses_a_right, INVARIANT_SHAPE},
    {"a cut that loses D", cut_loses_d, INVARIANT_DIRTY},
    {"a change outside of the range", outside_of_the_range, INVARIANT_RANGE},
    {"a leaf that sticks out", sticks_out_of_the_range, INVARIANT_RANGE},
    {"relax beyond the ceiling", relax_beyond_the_ceiling, INVARIANT_CEILING},
    {"a right that nobody adds", right_that_nobody_adds, INVARIANT_RIGHTS},
    {"a right in a new table", right_in_a_new_table, INVARIANT_RIGHTS},
    {"written, and clean", written_and_clean, INVARIANT_DIRTY},
    {"written after the copy, and clean", written_after_the_copy, INVARIANT_COPY},
    {"removed, and not reported", removed_and_not_reported, INVARIANT_SINK},
    {"accessed, and old", accessed_and_old, INVARIANT_AGE},
    {"a TLB that remembers what is gone", remembers_what_is_gone, INVARIANT_TLB},
    {"a walk through what is not linked", remembers_a_table, INVARIANT_WALK},
    {"two sizes", remembers_two_sizes, INVARIANT_SIZES},
    {"a TLB that remembers W", remembers_w, INVARIANT_LOST_W},
    {"memory taken with a lock", takes_memory_with_a_lock, INVARIANT_WORK},
    {"memory given with a lock", gives_memory_with_a_lock, INVARIANT_WORK},
    {"a wait with a lock", waits_with_a_lock, INVARIANT_WORK},
    {"an answer before the range", goes_on_before_the_range, INVARIANT_FAILED},
    {"an answer behind the range", goes_on_behind_the_range, INVARIANT_FAILED},
    {"counts of another table", counts_of_another_table, INVARIANT_COUNTS},
    {"a yield for nothing", yields_for_nothing, INVARIANT_GETS_ON},
    {"a cursor that goes back", cursor_goes_back, INVARIANT_ORDER},
};

/* --------------------------------------------------------------------------------------------------- tests --- */

static void run(void *ctx)
{
    (void)ctx;
    ptw_sim_point(NULL, true);
    world.plant();
}

/* As task 0 of a run: who it is counts. */
static const char *found_by(void (*what)(void))
{
    struct ptw_sim_schedule s = {.task = {{run, NULL}}, .tasks = 1, .setup = set_up, .ctx = &world, .quiet = true};

    world.plant = what;
    (void)ptw_sim_explore(&s);
    return invariants_violation(&world.rules);
}

static void every_violation_is_found_under_its_number(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(planted); i++) {
        const char *why = found_by(planted[i].plant);

        if (why == NULL)
            fail_msg("%s: not found", planted[i].name);
        if (world.rules.number != planted[i].number)
            fail_msg("%s: I%u was to be found: %s", planted[i].name, planted[i].number, why);
    }
}

/* All that the plants above do to the table, but rightly. */
static void do_it_right(void)
{
    ptw_word *slot = small_slot(0), old = *slot, table = *large_slot(0);
    const struct ptw_inval all = {.last = ~UINT64_C(0), .reasons = PTW_OWED_TRANSLATION | PTW_OWED_STRUCT, .levels = 7};

    put(small_slot(1), leaf(1, PTW_D | CEILING, 0, 0));
    put(small_slot(2), e()->empty(0));
    put(small_slot(2), leaf(2, PTW_W, 0, 0));
    put(small_slot(24), locked_by(OWNER, 0));
    put(small_slot(25), leaf(25, 0, 0, 2));
    put(small_slot(26), leaf(26, 0, 0, 2));
    put(small_slot(27), leaf(27, 0, 0, 2));
    put(small_slot(24), leaf(24, 0, 0, 2));
    put(large_slot(8), parts(0, 15));
    put(large_slot(0), locked_by(OWNER, 1));
    put(slot, dead());
    put(slot, old);
    put(large_slot(0), table);
    invariants_over(&world.rules);
    put(large_slot(16), e()->mark(PTW_MARK_USER, 1, 1));
    put(large_slot(16), e()->empty(1));
    ptw_word *merged = large_slot(8), parts_of_it = *merged;
    put(merged, locked_by(OWNER, 1));
    invariants_paid(&world.rules, &all);
    put(merged, leaf(8, PTW_W | PTW_D | CEILING, 1, 0));
    world.memory.hooks.free(world.memory.hooks.ctx,
                            ptw_sim_memory_at(&world.memory, e()->table_pa(&world.t.geo, parts_of_it, 1)),
                            e()->table_pa(&world.t.geo, parts_of_it, 1), 64);
    at_rest();
    check_cores();
}

static void nothing_is_found_where_nothing_is_wrong(void **state)
{
    (void)state;
    assert_null(found_by(do_it_right));
    assert_null(found_by(at_rest));
}

/* The other simulated hardware, and the list of pages. */
static void violations_of_a_fixture_are_found(struct fixture *f)
{
    struct invariants v = {0};
    struct hardware_leaf seen;
    struct oracle o;

    oracle_init(&o, f);
    invariants_init(&v, &f->memory, false);
    invariants_begin(&v, &f->t);
    v.gather[v.gathers++] = &f->g;
    expect_done(ptw_map(&f->t, 0, page(f), page(f), RW, 0, &f->g));
    fixture_sync(f);
    assert_null(invariants_rest(&v));
    assert_non_null(invariants_say(&v, INVARIANT_PAGES, oracle_compare_by_hand(&o, f)));
    assert_int_equal(v.number, INVARIANT_PAGES);
    v.found = false;
    assert_int_equal(hardware_access(&f->hardware, &f->t, 0, PTW_R, &seen), HARDWARE_OK);
    assert_null(invariants_hardware(&v, &f->hardware, false));
    expect_done(ptw_unmap(&f->t, 0, page(f), 0, NULL, &f->g));
    assert_null(invariants_hardware(&v, &f->hardware, true));
    assert_non_null(invariants_hardware(&v, &f->hardware, false));
    assert_int_equal(v.number, INVARIANT_TLB);
    fixture_sync(f);
    invariants_fini(&v);
    oracle_fini(&o);
}

static int make_memory(void **state)
{
    (void)state;
    ptw_sim_memory_init(&world.memory, 4 * PTW_SIM_BLOCK_MAX, 0);
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
    static const struct format_test tests[] = {
        {"violations_of_a_fixture_are_found", violations_of_a_fixture_are_found, NULL}};
    const struct CMUnitTest others[] = {
        cmocka_unit_test(every_violation_is_found_under_its_number),
        cmocka_unit_test(nothing_is_found_where_nothing_is_wrong),
    };
    const int failed = formats_run("invariants", tests, COUNT(tests));

    return failed + cmocka_run_group_tests_name("planted", others, make_memory, end_memory) != 0;
}
