/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/sim_mmu.h with several cores at work: two that set D at the same moment, in every order; and threads that write
 * while another cuts, merges, unmaps and harvests, and loses no write.
 */
#include "sim_world.h"

#include <pthread.h>
#include <sched.h>

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
        (void)ptw_cut(&s->t, addr, 0, &s->g);
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
        cmocka_unit_test(two_cores_set_d_in_every_order),
        cmocka_unit_test(no_write_is_lost_between_threads),
    };

    return cmocka_run_group_tests_name("sim_threads", tests, NULL, NULL) != 0;
}
