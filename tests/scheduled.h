/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * scheduled.h - one operation of the library, its sync included, and a simulated core that reads and writes at the same pages
 * through its TLB: in every order of their steps. In each of them:
 *
 *   - what the core wrote before the sync was over is reported by the operation, or is in D of the leaf afterwards; what it
 *     wrote later is in D (support/invariants.h: each of these under its number, and each change of an entry). Otherwise the
 *     access faulted, and only where the operation is allowed to make it fault
 *   - every access that went through went to the right place, through tables that are not freed
 *   - after the sync nothing is used that is gone, and what the core still remembers is what the table says
 *
 * Formats are served by the run-time engine: it is the one that has steps (sim/port_sim.h).
 *
 *   PTW_RANDOM_OPS   runs for each combination at most, for slow tools
 */
#ifndef TEST_SCHEDULED_H
#define TEST_SCHEDULED_H

#include "scheduled_operations.h"

/* ------------------------------------------------------------------------------------------------- the two --- */

static inline void operate(void *ctx)
{
    struct world *w = ctx;

    w->status = w->op->run(w).status;
    ptw_gather_sync(&w->g);
    ptw_sim_point(&w->synced, true);
    if (w->op->protects && (w->rules.written & ~(uint64_t)w->reported) != 0) /* W is what says it */
        (void)ptw_sim_fail(invariants_written(&w->rules, INVARIANT_DIRTY, w->reported));
    invariants_copied(&w->rules, w->reported);
    w->synced = 1;
}

static inline void access_pages(void *ctx)
{
    struct world *w = ctx;

    for (const unsigned *access = w->accesses; *access != 0; access++) {
        ptw_sim_point(&w->synced, false);
        w->began_synced = w->synced != 0;
        (void)ptw_sim_access(&w->core[0], here(w), *access);
    }
}

/* May the access be done at HERE when the operation is over? */
static inline bool stays_allowed(const struct world *w, unsigned access)
{
    return (w->op->pages >> HERE & 1U) == 0 || (w->op->after & access) != 0;
}

static inline bool may_fault(const struct world *w, unsigned access)
{
    return !stays_allowed(w, access) ||
           (!w->began_synced && ((w->op->gap == IF_IT_BREAKS && ptw_breaks_sizes(&w->t.geo)) ||
                                 (w->op->gap == UNLESS_HITLESS && (w->machine->options & PTW_OPT_HITLESS) == 0)));
}

/* The access touches its page now: an invalidation still waits for it. */
static inline void touch(void *ctx, const struct ptw_sim_core *core, const struct ptw_sim_answer *answer)
{
    struct world *w = ctx;
    const uint64_t page = UINT64_C(1) << answer->addr / w->machine->page;

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
    if (w->began_synced)
        w->rules.accessed |= page;
    if ((answer->access & PTW_SIM_WRITE) != 0) {
        *(w->synced ? &w->wrote_late : &w->wrote) = true;
        invariants_wrote(&w->rules, page);
    }
}

static inline void invalidate(void *ctx, const struct ptw_inval *inval)
{
    struct world *w = ctx;

    if (!w->forgets_nothing)
        ptw_sim_invalidate(&w->cores, inval);
    invariants_paid(&w->rules, inval);
}

static inline void set_up(void *ctx)
{
    struct world *w = ctx;
    struct ptw_config c = w->machine->format->defaults;
    struct ptw_sim_mmu mmu = {0};
    const struct ptw_hw hw = {invalidate, w};

    ptw_sim_memory_reset(&w->memory);
    invariants_init(&w->rules, &w->memory, true);
    c.levels = w->machine->levels;
    c.options |= w->machine->options;
    w->sink.leaf = take;
    w->synced = 0;
    w->wrote = w->wrote_late = w->began_synced = false;
    w->reported = 0;
    if (ptw_init(&w->t, w->machine->format, &c, &w->memory.hooks, &hw) != PTW_OK)
        abort();
    w->machine->registers(&w->t, &mmu);
    ptw_sim_cores_init(&w->cores, w->core, 1, &mmu, &w->memory);
    w->cores.break_before_make = w->t.geo.encoder->break_before_make;
    w->cores.sizes_may_meet = (w->t.geo.options & PTW_OPT_BBM2) != 0;
    ptw_gather_init(&w->g, &w->t);
    if (ptw_map(&w->t, 0, OUT, w->machine->block, PTW_R | PTW_W, w->op->large ? 0 : PTW_MAX_LEVEL(0), &w->g).status !=
        PTW_OK)
        abort();
    ptw_gather_sync(&w->g);
    if (w->warmth != COLD)
        (void)ptw_sim_access(&w->core[0], here(w), w->warmth == HAS_READ ? PTW_SIM_READ : PTW_SIM_WRITE);
    w->cores.did = touch;
    w->cores.ctx = w;
    w->rules.linear = true;
    w->rules.out = OUT;
    invariants_begin(&w->rules, &w->t);
    ptw_sim_watch = (struct ptw_sim_watch){invariants_stored, &w->rules};
}

/* ------------------------------------------------------------------------------------------------- the check --- */

/* The page that is accessed, if its leaf has A, or D. */
static inline unsigned pages_with(const struct world *w, ptw_attr bit)
{
    struct ptw_leaf leaf;

    return ptw_translate(&w->t, here(w), &leaf) == PTW_OK && (ptw_leaf_attr(&w->t, &leaf) & bit) != 0 ? 1U << HERE : 0;
}

/* Is everything mapped that should be, and with the rights that it should have? */
static inline const char *check_pages(struct world *w)
{
    for (unsigned i = 0; i < PAGES; i++)
        for (unsigned access = PTW_SIM_READ; access <= PTW_SIM_WRITE; access++) {
            const bool allowed = (w->op->pages >> i & 1U) == 0 || (w->op->after & access) != 0;
            struct ptw_sim_answer a = ptw_sim_look(&w->cores, i * w->machine->page, access);
            if ((a.outcome == PTW_SIM_LEAF) != allowed)
                return "the table has other rights than the operation was to leave";
            if (allowed && a.out != OUT + i * w->machine->page)
                return "the table leads to another place";
        }
    return NULL;
}

static inline const char *check_dirty(struct world *w)
{
    const char *why =
        invariants_written(&w->rules, w->wrote_late ? INVARIANT_COPY : INVARIANT_DIRTY, pages_with(w, PTW_D));

    return why != NULL ? why : invariants_accessed(&w->rules, pages_with(w, PTW_A));
}

static inline unsigned state_of(const struct world *w)
{
    return (w->wrote ? 1U : 0) | (w->wrote_late ? 2U : 0) | (w->reported != 0 ? 4U : 0) |
           (pages_with(w, PTW_D) != 0 ? 8U : 0);
}

static inline const char *check(void *ctx)
{
    struct world *w = ctx;
    w->reached |= 1U << state_of(w);
    const char *why = w->status == PTW_OK ? check_dirty(w) : "the operation failed";

    if (why == NULL)
        why = invariants_cores(&w->rules, &w->cores);
    if (why == NULL)
        why = invariants_say(&w->rules, INVARIANT_PAGES, check_pages(w));
    if (why == NULL)
        why = invariants_rest(&w->rules);
    if (why != NULL)
        return why;
    (void)ptw_sim_access(&w->core[0], here(w), PTW_SIM_WRITE); /* through what is remembered */
    why = check_dirty(w);
    ptw_sim_forget(&w->core[0], 0);
    invariants_end(&w->rules);
    ptw_destroy(&w->t);
    if (why == NULL)
        why = ptw_sim_violation(&w->cores);
    return why == NULL && w->memory.outstanding != 0 ? "a table was not freed" : why;
}

/* -------------------------------------------------------------------------------------------- all of them --- */

static const unsigned writes[] = {PTW_SIM_WRITE, 0}, reads_and_writes[] = {PTW_SIM_READ, PTW_SIM_WRITE, 0},
                      writes_twice[] = {PTW_SIM_WRITE, PTW_SIM_WRITE, 0};
static inline struct ptw_sim_schedule schedule_of(struct world *w, const struct operation *op, const unsigned *accesses,
                                                  enum warmth warmth, const struct machine *machine)
{
    const char *bound = getenv("PTW_RANDOM_OPS");

    w->op = op;
    w->accesses = accesses;
    w->warmth = warmth;
    w->machine = machine;
    return (struct ptw_sim_schedule){.task = {{operate, w}, {access_pages, w}},
                                     .tasks = 2,
                                     .setup = set_up,
                                     .check = check,
                                     .ctx = w,
                                     .preemptions = PTW_SIM_ANY,
                                     .reduce = true,
                                     .runs_max = bound == NULL ? 0 : strtoull(bound, NULL, 10)};
}

/* Every operation with each of the tasks in the list, which ends with NULL. */
static inline void run_all_orders(const struct machine *machine, const unsigned *const *tasks)
{
    struct world *w = &world;
    uint64_t runs = 0, pruned = 0;

    for (size_t o = 0; o < COUNT(operations); o++)
        for (size_t t = 0; tasks[t] != NULL; t++)
            for (unsigned warmth = COLD; warmth < WARMTHS; warmth++) {
                struct ptw_sim_schedule s = schedule_of(w, &operations[o], tasks[t], warmth, machine);
                set_up(w);
                if (operations[o].breaks && ptw_breaks_sizes(&w->t.geo) && (machine->options & PTW_OPT_HITLESS) != 0)
                    continue;
                if (!ptw_sim_explore(&s))
                    fail_msg("%s, %s, task %zu, warmth %u: %s, seed %s", machine->name, operations[o].name, t, warmth,
                             s.failure, s.seed);
                assert_true(s.complete || s.runs_max != 0);
                runs += s.runs;
                pruned += s.pruned;
            }
    print_message("%s: %" PRIu64 " runs, %" PRIu64 " superfluous ones\n", machine->name, runs, pruned);
}

static inline int make_memory(void **state)
{
    (void)state;
    ptw_sim_memory_init(&world.memory, 4 * PTW_SIM_BLOCK_MAX, 0);
    return 0;
}

static inline int end_memory(void **state)
{
    (void)state;
    ptw_sim_memory_fini(&world.memory);
    invariants_fini(&world.rules);
    return 0;
}

#endif
