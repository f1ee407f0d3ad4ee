/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fuzz_schedule.c - two or three threads at one table (PTW_SHARED), and maybe processors with TLBs among them: the
 * input says what they do, what the table is like before, and in which order they do their steps (ptw_sim_run_bytes).
 *
 *   options and beginning | of each of three tasks: operation, where | order
 *
 * What must be so afterwards is what tests/scheduled_pairs.h says of pairs. A processor goes through what it
 * remembers: to the right place, through tables that are not freed; what it wrote is in D or was reported; and when
 * all have synced it remembers nothing that is no longer so.
 */
#include "scheduled_pairs.h"

#include "input.h"

#include <inttypes.h>

#include <ptw/sim_mmu.h>
#include <ptw/x86.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte: options, and in the highest three bits a beginning. */
#define THREE PTW_BIT(0)
#define BREAKS PTW_BIT(1)
#define GROUPS PTW_BIT(2)
#define SYNCS PTW_BIT(3)
#define HOLES PTW_BIT(4)

/* Where a processor works: a page, and what it has done there before. */
#define HAS_READ PTW_BIT(4)
#define HAS_WRITTEN PTW_BIT(5)
#define READS_FIRST PTW_BIT(6)

static struct ptw_sim_core core[TASKS_MAX];
static struct ptw_sim_cores cores;
static struct operation chosen[TASKS_MAX];
static uint8_t where[TASKS_MAX];
static bool has_cores;

/* Somebody may map what another has unmapped before that one's sync: not allowed, where anybody remembers
 * translations. */
static bool remaps;

/* ------------------------------------------------------------------------------------------- processors --- */

static void wrote(void *ctx, const struct ptw_sim_core *c, const struct ptw_sim_answer *answer)
{
    struct world *w = ctx;

    (void)c;
    if (answer->outcome != PTW_SIM_LEAF)
        return;
    if (!is_right_place(w, answer->addr, answer->out))
        (void)ptw_sim_fail("an access went to another place");
    if ((answer->access & PTW_SIM_WRITE) != 0 && !remaps)
        invariants_wrote(&w->rules, UINT64_C(1) << answer->addr / PAGE);
}

static struct ptw_result use(struct task *k, ptw_addr addr, uint64_t size)
{
    const unsigned i = (unsigned)(k - world.task);

    (void)size;
    (void)ptw_sim_access(&core[i], addr, (where[i] & READS_FIRST) != 0 ? PTW_SIM_READ : PTW_SIM_WRITE);
    (void)ptw_sim_access(&core[i], addr ^ PAGE, PTW_SIM_WRITE);
    (void)ptw_sim_access(&core[i], addr, PTW_SIM_WRITE);
    return (struct ptw_result){PTW_OK, addr};
}

static const struct operation uses = {"use", use, 0, 0, stays, false, 0};

static void forget_everywhere(void *ctx, const struct ptw_inval *inval)
{
    ptw_sim_invalidate(ctx, inval);
    invariants_paid(&world.rules, inval);
}

/* A processor takes no part in read sections and syncs. */
static void go_on_without_sections(void *ctx)
{
    struct task *k = ctx;

    k->last = k->op->run(k, k->op->first * PAGE, 0);
    k->done = 0;
}

static void warm_up(struct world *w, unsigned i)
{
    const ptw_addr addr = w->task[i].op->first * PAGE;

    if (w->task[i].op->run != use)
        return;
    if ((where[i] & HAS_READ) != 0)
        (void)ptw_sim_access(&core[i], addr, PTW_SIM_READ);
    if ((where[i] & HAS_WRITTEN) != 0)
        (void)ptw_sim_access(&core[i], addr, PTW_SIM_WRITE);
}

static void set_up_with_cores(void *ctx)
{
    struct world *w = ctx;
    struct ptw_sim_mmu mmu;

    set_up(ctx);
    if (!has_cores)
        return;
    mmu = toy_mmu(&w->t);
    ptw_sim_cores_init(&cores, core, w->tasks, &mmu, &w->memory);
    cores.break_before_make = w->t.geo.encoder->break_before_make && !remaps;
    cores.did = wrote;
    cores.ctx = w;
    w->t.hw = (struct ptw_hw){forget_everywhere, &cores};
    for (unsigned i = 0; i < w->tasks; i++)
        warm_up(w, i);
}

static const char *check_cores(struct world *w)
{
    const char *why = has_cores ? ptw_sim_check(&cores) : NULL;

    for (unsigned i = 0; i < w->tasks && has_cores; i++)
        ptw_sim_forget(&core[i], 0);
    return why;
}

/* ---------------------------------------------------------------------------------------------- the input --- */

/* The processors of the other format are not here. Operations on a page may be on any of the first two tables, those
 * on a table begin anywhere in the first. */
static const struct operation *choose(struct input *in, unsigned i)
{
    const unsigned number = take_byte(in) % (unsigned)(OPERATIONS + (world.format == &toy_format));

    where[i] = take_byte(in);
    chosen[i] = number == OPERATIONS ? uses : operations[number];
    if (!is_possible(&chosen[i]))
        chosen[i] = operations[0];
    if (chosen[i].pages <= 1)
        chosen[i].first = where[i] % 16U;
    else if (chosen[i].pages == 8) /* a harvest leaves a leaf that sticks out as it is */
        chosen[i].first = chosen[i].run == write_protect || is_detach(&chosen[i]) ? where[i] % 2U * 8U : where[i] % 9U;
    return &chosen[i];
}

static bool is_there(const struct operation *const *ops, unsigned tasks, bool (*apply)(struct page *p))
{
    for (unsigned i = 0; i < tasks; i++)
        if (ops[i]->apply == apply)
            return true;
    return false;
}

/* Formats and beginnings; the last two are large leaves that are groups. */
static enum beginning choose_table(uint8_t how)
{
    const bool amd = how >> 5U >= BEGINNINGS;

    world.format = amd ? &ptw_amdv1 : &toy_format;
    world.options = (how & GROUPS) != 0 || amd ? PTW_OPT_GROUPS : 0;
    if (!amd)
        world.options |= ((how & BREAKS) != 0 ? TOY_BREAKS : 0) | ((how & HOLES) != 0 ? TOY_HOLES : 0);
    world.syncs = (how & SYNCS) != 0;
    return amd ? LARGE_LEAVES : (enum beginning)(how >> 5U);
}

static void report(const struct ptw_sim_schedule *s)
{
    for (unsigned i = 0; i < world.tasks; i++) {
        const struct task *k = &world.task[i];
        fprintf(stderr, "task %c: \"%s\" on %u pages from %u: %s, %u done, reported %" PRIx64 "\n", 'a' + i,
                k->op->name, k->op->pages, k->op->first, ptw_status_name(k->last.status), k->done, k->reported);
    }
    fprintf(stderr, "beginning %d, %s, options 0x%" PRIx64 ", %s\n", (int)world.beginning, world.format->name,
            world.options, world.syncs ? "tasks sync" : "synced at the end");
    must(false, s->failure);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct operation *ops[TASKS_MAX];
    struct input in = {data, size};
    const uint8_t how = take_byte(&in);
    const unsigned tasks = (how & THREE) != 0 ? 3 : 2;
    const enum beginning beginning = choose_table(how);
    struct ptw_sim_schedule s;

    if (world.memory.arena == NULL)
        ptw_sim_memory_init(&world.memory, 64 * PTW_SIM_BLOCK_MAX, 0);
    for (unsigned i = 0; i < TASKS_MAX; i++)
        ops[i] = choose(&in, i);
    remaps = (is_there(ops, tasks, is_mapped) || is_there(ops, tasks, is_replaced)) &&
             (is_there(ops, tasks, is_unmapped) || is_there(ops, tasks, is_marked) || is_there(ops, tasks, is_gone));
    s = schedule_of(ops, tasks, beginning);
    s.setup = set_up_with_cores;
    has_cores = false;
    for (unsigned i = 0; i < tasks; i++)
        if (ops[i]->run == use) {
            s.task[i].run = go_on_without_sections;
            has_cores = true;
        }
    world.settled = check_cores;
    if (!ptw_sim_run_bytes(&s, in.data, in.left))
        report(&s);
    return 0;
}
