/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Three threads at one table (PTW_SHARED), with the library's own epochs, over all formats. Each owns pages: a whole table of
 * level 0, and every third page of three others. What it does to its own pages it knows afterwards, to the page and to the
 * right; cut, split, merge, trim, age and dirty go over everybody's. After each round the table is sound (support/invariants.h). Meant for ThreadSanitizer, too: a table that is freed
 * too early is written over.
 */
#include "conformance.h"

#include "support/invariants.h"

#include <ptw/epoch.h>

#include <pthread.h>
#include <sched.h>

#define THREADS 3U
#define TABLES (2 * THREADS) /* the first three have one owner each */
#define ROUNDS 3U            /* at the end of each the table is at rest */
#define STEPS 1000U
#define PAGES_MAX 8192U

struct page {
    bool mapped, writable;
};

struct actor;

struct play {
    struct fixture *f;
    struct ptw_table t;
    struct ptw_epochs epochs;
    struct ptw_epoch_reader reader[THREADS];
    pthread_mutex_t memory; /* the simulated memory is one thread's at a time */
    ptw_addr base;
    uint64_t pages; /* of a table */
    struct page page[TABLES][PAGES_MAX];
};

struct actor {
    struct play *p;
    unsigned me;
    uint64_t seed;
    struct ptw_gather g;
    struct ptw_sink sink;
    uint64_t given; /* bytes that the sink got */
    char wrong[160];
};

/* An operation on pages [first, first + n) of a table. */
struct part {
    unsigned table;
    uint64_t first, n;
};

static uint64_t chance(struct actor *a, uint64_t below)
{
    a->seed = a->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (a->seed >> 33) % below;
}

static void complain(struct actor *a, const char *what, ptw_status status)
{
    if (a->wrong[0] == '\0')
        (void)snprintf(a->wrong, sizeof(a->wrong), "%s: %s", what, ptw_status_name(status));
}

static ptw_addr addr_of(const struct play *p, const struct part *part)
{
    return p->base + part->table * span(p->f, 1) + part->first * page(p->f);
}

static ptw_oa oa_of(const struct play *p, ptw_addr addr)
{
    return addr - p->base + 8 * span(p->f, 1);
}

/* ------------------------------------------------------------------------------------------- operations ------ */

typedef struct ptw_result operation(struct actor *a, ptw_addr addr, uint64_t size);

static struct ptw_result do_map(struct actor *a, ptw_addr addr, uint64_t size)
{
    return ptw_map(&a->p->t, addr, oa_of(a->p, addr), size, RW, PTW_SHARED, &a->g);
}

static struct ptw_result do_map_small(struct actor *a, ptw_addr addr, uint64_t size)
{
    return ptw_map(&a->p->t, addr, oa_of(a->p, addr), size, RW, PTW_SHARED | PTW_MAX_LEVEL(0), &a->g);
}

static struct ptw_result do_unmap(struct actor *a, ptw_addr addr, uint64_t size)
{
    return ptw_unmap(&a->p->t, addr, size, PTW_SHARED, &a->sink, &a->g);
}

static struct ptw_result do_unmap_and_freeze(struct actor *a, ptw_addr addr, uint64_t size)
{
    return ptw_unmap(&a->p->t, addr, size, PTW_SHARED | PTW_FREEZE, &a->sink, &a->g);
}

static struct ptw_result do_take_w(struct actor *a, ptw_addr addr, uint64_t size)
{
    return ptw_protect(&a->p->t, addr, size, instead_of_w(a->p->f), PTW_W, PTW_SHARED, &a->g);
}

static struct ptw_result do_give_w(struct actor *a, ptw_addr addr, uint64_t size)
{
    return ptw_protect(&a->p->t, addr, size, PTW_R | PTW_W, 0, PTW_SHARED, &a->g);
}

static struct ptw_result do_cut(struct actor *a, ptw_addr addr, uint64_t size)
{
    (void)size;
    return ptw_cut(&a->p->t, addr, PTW_SHARED, &a->g);
}

static struct ptw_result do_split(struct actor *a, ptw_addr addr, uint64_t size)
{
    return ptw_split_to(&a->p->t, addr, size, PTW_SHARED, &a->g);
}

static struct ptw_result do_merge(struct actor *a, ptw_addr addr, uint64_t size)
{
    return ptw_merge(&a->p->t, addr, size, PTW_SHARED, &a->g);
}

static struct ptw_result do_trim(struct actor *a, ptw_addr addr, uint64_t size)
{
    return ptw_trim(&a->p->t, addr, size, PTW_SHARED, &a->g);
}

static struct ptw_result do_age(struct actor *a, ptw_addr addr, uint64_t size)
{
    return ptw_age(&a->p->t, addr, size, PTW_SHARED | PTW_CLEAR, NULL, &a->g);
}

static struct ptw_result do_dirty(struct actor *a, ptw_addr addr, uint64_t size)
{
    return ptw_dirty(&a->p->t, addr, size, PTW_SHARED | PTW_CLEAR, NULL, &a->g);
}

static ptw_oa elsewhere_of(const struct play *p, ptw_addr addr)
{
    return oa_of(p, addr) + TABLES * span(p->f, 1);
}

static struct ptw_result do_send(struct actor *a, ptw_addr addr, uint64_t size)
{
    return ptw_remap(&a->p->t, addr, elsewhere_of(a->p, addr), size, PTW_SHARED, &a->g);
}

static struct ptw_result do_send_back(struct actor *a, ptw_addr addr, uint64_t size)
{
    return ptw_remap(&a->p->t, addr, oa_of(a->p, addr), size, PTW_SHARED, &a->g);
}

static void sync_outside(struct actor *a)
{
    const ptw_status status = ptw_gather_sync(&a->g);

    if (status != PTW_OK)
        complain(a, "sync", status);
}

/* All of it, with as many calls as it takes. */
static ptw_status all_of(struct actor *a, operation *op, const struct part *part)
{
    const ptw_addr addr = addr_of(a->p, part);
    const uint64_t size = part->n * page(a->p->f);
    struct ptw_result r = {PTW_AGAIN, addr};

    while (r.status == PTW_AGAIN || r.status == PTW_YIELD) {
        if (r.status == PTW_YIELD)
            sync_outside(a);
        ptw_epoch_enter(&a->p->reader[a->me]);
        r = op(a, r.next, size - (r.next - addr));
        ptw_epoch_leave(&a->p->reader[a->me]);
        if (r.status == PTW_AGAIN)
            sched_yield();
    }
    return r.status;
}

/* ------------------------------------------------------------------------------------------ one's own pages --- */

static bool is_mine(const struct actor *a, unsigned table, uint64_t index)
{
    return table < THREADS ? table == a->me : index % THREADS == a->me;
}

/* All of the table that it owns, a part of it, or one page elsewhere. */
static struct part choose(struct actor *a)
{
    const uint64_t pages = a->p->pages;
    struct part part = {.table = a->me, .first = 0, .n = pages};

    switch (chance(a, 4)) {
    case 0:
        return part;
    case 1:
        part.first = chance(a, pages);
        part.n = 1 + chance(a, pages - part.first);
        return part;
    default:
        part.table = THREADS + (unsigned)chance(a, TABLES - THREADS);
        part.first = chance(a, pages / THREADS) * THREADS + a->me;
        part.n = 1;
        return part;
    }
}

static uint64_t mapped_pages(const struct actor *a, const struct part *part)
{
    uint64_t n = 0;

    for (uint64_t i = 0; i < part->n; i++)
        n += a->p->page[part->table][part->first + i].mapped;
    return n;
}

static void now_is(const struct actor *a, const struct part *part, bool mapped, bool writable, bool if_mapped)
{
    for (uint64_t i = 0; i < part->n; i++) {
        struct page *page = &a->p->page[part->table][part->first + i];
        if (!if_mapped || page->mapped)
            *page = (struct page){mapped, writable};
    }
}

static void change_mine(struct actor *a)
{
    const struct part part = choose(a);
    ptw_status status;
    uint64_t bytes;

    switch (chance(a, 7)) {
    case 6: /* there and back, up to the first hole */
        if (hitless(a->p->f))
            return;
        status = all_of(a, do_send, &part);
        if (status == PTW_OK || status == PTW_NOENT)
            status = all_of(a, do_send_back, &part);
        if (status == PTW_NOENT && mapped_pages(a, &part) != part.n)
            status = PTW_OK;
        break;
    case 0:
    case 1:
        status = all_of(a, chance(a, 2) == 0 ? do_map : do_map_small, &part);
        now_is(a, &part, true, true, false);
        break;
    case 2:
    case 3:
        bytes = mapped_pages(a, &part) * page(a->p->f);
        a->given = 0;
        status = all_of(a, chance(a, 2) == 0 ? do_unmap : do_unmap_and_freeze, &part);
        sync_outside(a);
        if (a->given != bytes)
            complain(a, "the sink did not get what was mapped", status);
        now_is(a, &part, false, false, false);
        break;
    case 4:
        if (!has_read_only(a->p->f))
            return;
        status = all_of(a, do_take_w, &part);
        now_is(a, &part, true, false, true);
        break;
    default:
        status = all_of(a, do_give_w, &part);
        now_is(a, &part, true, true, true);
        break;
    }
    if (status != PTW_OK && status != PTW_SPURIOUS)
        complain(a, "a change of one's own pages", status);
}

/* ---------------------------------------------------------------------------------------------- everybody's --- */

static void change_shape(struct actor *a)
{
    static operation *const shape[] = {do_cut, do_split, do_merge, do_trim, do_age, do_dirty};
    struct part part = {.table = (unsigned)chance(a, TABLES), .first = 0, .n = a->p->pages};
    operation *op = shape[chance(a, COUNT(shape))];

    if (op == do_cut)
        part.first = chance(a, part.n), part.n = 1;
    const ptw_status status = all_of(a, op, &part);
    if (status != PTW_OK && status != PTW_SPURIOUS && (status != PTW_UNSUPPORTED || fixture_has_ad(a->p->f)))
        complain(a, "a change of the shape", status);
}

static void look(struct actor *a, const struct part *part)
{
    struct play *p = a->p;
    const ptw_addr addr = addr_of(p, part);
    struct ptw_leaf leaf = {0};
    ptw_status status = PTW_AGAIN;

    while (status == PTW_AGAIN) {
        ptw_epoch_enter(&p->reader[a->me]);
        status = ptw_translate(&p->t, addr, &leaf);
        ptw_epoch_leave(&p->reader[a->me]);
        if (status == PTW_AGAIN)
            sched_yield();
    }
    if (status != PTW_OK && status != PTW_NOENT)
        complain(a, "translate", status);
    const ptw_oa oa = leaf.oa + (addr - leaf.addr);
    if (status == PTW_OK && oa != oa_of(p, addr) &&
        (oa != elsewhere_of(p, addr) || is_mine(a, part->table, part->first)))
        complain(a, "translate goes elsewhere", status);
    if (!is_mine(a, part->table, part->first))
        return;
    const struct page *page = &p->page[part->table][part->first];
    if ((status == PTW_OK) != page->mapped)
        complain(a, "one's own page is not as one left it", status);
    if (status == PTW_OK && has_read_only(p->f) && ((ptw_leaf_attr(&p->t, &leaf) & PTW_W) != 0) != page->writable)
        complain(a, "one's own page has other rights than one gave it", status);
}

static void relax_mine(struct actor *a)
{
    struct part part = choose(a);
    ptw_status status = PTW_AGAIN;

    part.n = 1;
    while (status == PTW_AGAIN) {
        ptw_epoch_enter(&a->p->reader[a->me]);
        status = ptw_relax(&a->p->t, addr_of(a->p, &part), PTW_A, 0);
        ptw_epoch_leave(&a->p->reader[a->me]);
    }
    if (status != PTW_OK && status != PTW_SPURIOUS &&
        (status != PTW_NOENT || a->p->page[part.table][part.first].mapped))
        complain(a, "relax", status);
}

static void *act(void *arg)
{
    struct actor *a = arg;

    for (unsigned i = 0; i < STEPS && a->wrong[0] == '\0'; i++) {
        struct part part = choose(a);
        const uint64_t what = chance(a, 8);

        if (what < 4)
            change_mine(a);
        else if (what < 6)
            change_shape(a);
        else if (what == 6)
            relax_mine(a);
        part.n = 1;
        look(a, &part);
        part.first = chance(a, a->p->pages);
        look(a, &part);
        if (chance(a, 4) == 0)
            sync_outside(a);
    }
    sync_outside(a);
    return NULL;
}

/* ------------------------------------------------------------------------------------------ around all of it --- */

static void take(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct actor *a = (struct actor *)(void *)((unsigned char *)sink - offsetof(struct actor, sink));

    a->given += ptw_leaf_size(&a->p->t, leaf);
}

static void *locked_alloc(void *ctx, size_t bytes, ptw_oa *pa)
{
    struct play *p = ctx;
    pthread_mutex_lock(&p->memory);
    void *table = p->f->memory.hooks.alloc(p->f->memory.hooks.ctx, bytes, pa);
    pthread_mutex_unlock(&p->memory);
    return table;
}

static void locked_free(void *ctx, void *va, ptw_oa pa, size_t bytes)
{
    struct play *p = ctx;
    pthread_mutex_lock(&p->memory);
    p->f->memory.hooks.free(p->f->memory.hooks.ctx, va, pa, bytes);
    pthread_mutex_unlock(&p->memory);
}

static void *locked_va(void *ctx, ptw_oa pa)
{
    struct play *p = ctx;
    pthread_mutex_lock(&p->memory);
    void *table = p->f->memory.hooks.va(p->f->memory.hooks.ctx, pa);
    pthread_mutex_unlock(&p->memory);
    return table;
}

static void cleaned(void *ctx, void *va, size_t bytes)
{
    (void)ctx, (void)va, (void)bytes;
}

static void let_others_run(void *ctx)
{
    (void)ctx;
    sched_yield();
}

static void set_up(struct play *p, struct fixture *f)
{
    const struct ptw_mem *hooks = &f->memory.hooks;
    struct ptw_mem mem = *hooks;
    struct ptw_reclaim reclaim;

    memset(p, 0, sizeof(*p));
    p->f = f;
    assert_int_equal(pthread_mutex_init(&p->memory, NULL), 0);
    mem.alloc = locked_alloc;
    mem.free = locked_free;
    mem.va = hooks->va != NULL ? locked_va : NULL;
    mem.clean = hooks->clean != NULL ? cleaned : NULL;
    mem.ctx = p;
    expect_status(ptw_init(&p->t, f->format, &f->config, &mem, NULL), PTW_OK);
    if (f->kase->run_time)
        p->t.ops = f->t.ops;
    ptw_epochs_init(&p->epochs, p->reader, THREADS);
    p->epochs.relax = let_others_run;
    ptw_epochs_reclaim(&p->epochs, &reclaim);
    expect_status(ptw_share(&p->t, &reclaim, 0), PTW_OK);
    p->base = ptw_first(&p->t);
    p->pages = entries(f, 0);
}

/* `outstanding`: tables that are somebody else's. */
static void check_rest(struct play *p, uint64_t outstanding)
{
    struct invariants rules = {0};

    invariants_init(&rules, &p->f->memory, false);
    invariants_begin(&rules, &p->t);
    rules.elsewhere = outstanding;
    if (invariants_rest(&rules) != NULL)
        fail_msg("%s", invariants_violation(&rules));
    invariants_fini(&rules);
    for (unsigned table = 0; table < TABLES; table++)
        for (uint64_t i = 0; i < p->pages; i++) {
            const struct part part = {.table = table, .first = i, .n = 1};
            struct ptw_leaf leaf;
            const ptw_status status = ptw_translate(&p->t, addr_of(p, &part), &leaf);
            assert_int_equal(status, p->page[table][i].mapped ? PTW_OK : PTW_NOENT);
        }
}

static void run_round(struct actor *actor)
{
    pthread_t thread[THREADS];

    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, act, &actor[i]), 0);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    for (unsigned i = 0; i < THREADS; i++)
        if (actor[i].wrong[0] != '\0')
            fail_msg("thread %u: %s", i, actor[i].wrong);
}

static void pages_are_as_their_owners_left_them(struct fixture *f)
{
    static struct play p;
    struct actor actor[THREADS];
    const uint64_t outstanding = f->memory.outstanding;

    set_up(&p, f);
    for (unsigned i = 0; i < THREADS; i++) {
        memset(&actor[i], 0, sizeof(actor[i]));
        actor[i].p = &p;
        actor[i].me = i;
        actor[i].seed = i + 1;
        actor[i].sink.leaf = take;
        ptw_gather_init(&actor[i].g, &p.t);
        actor[i].g.owner = i + 1;
    }
    for (unsigned round = 0; round < ROUNDS; round++) {
        run_round(actor);
        check_rest(&p, outstanding);
    }
    ptw_destroy(&p.t);
    assert_int_equal(f->memory.outstanding, outstanding);
    pthread_mutex_destroy(&p.memory);
}

/* Room for the tables, marks to lock with, and pages that may fault for a moment. */
static bool is_shareable(const struct fixture *f)
{
    struct ptw_table t = f->t;

    return has_tables(f) && !hitless(f) && ptw_share(&t, NULL, 0) == PTW_OK && entries(f, 0) <= PAGES_MAX &&
           ptw_last(&f->t) - ptw_first(&f->t) >= 16 * span(f, 1) - 1 && f->t.geo.oa_last >= 16 * span(f, 1);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"pages_are_as_their_owners_left_them", pages_are_as_their_owners_left_them, is_shareable}};

    return formats_run("shared_threads", tests, COUNT(tests)) != 0;
}
