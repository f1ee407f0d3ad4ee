/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Hardware that sets D at any moment, as a second thread, against one thread of operations: no D is ever lost, for
 * every format of the format table that tracks it.
 *
 * The hardware counts how often it made a clean page dirty. D goes away in two ways only: a harvest reports it, or an
 * unmap shows it to the sink. So the two counts of each page are equal at the end, whatever the threads did.
 */
#include "conformance.h"

#include "walk/slot.h"

#include <pthread.h>
#include <sched.h>

#define PAGES 128
#define ROUNDS 120

struct race {
    struct fixture *f;
    void *slot[PAGES];
    uint64_t set[PAGES];      /* by hardware */
    uint64_t reported[PAGES]; /* to the operations */
    bool failed;              /* an operation did not answer OK or SPURIOUS; said when the other thread is gone */
    uint64_t passes;          /* of hardware over all pages */
    int stop;
};

/* Finds clean pages that may be written and writes to them, until it is told to stop. */
static void *hardware_writes(void *arg)
{
    struct race *r = arg;
    const struct ptw_encoder *e = r->f->t.geo.encoder;

    for (; __atomic_load_n(&r->stop, __ATOMIC_ACQUIRE) == 0; __atomic_add_fetch(&r->passes, 1, __ATOMIC_RELEASE))
        for (unsigned i = 0; i < PAGES; i++) {
            ptw_word w = ptw_load(e, r->slot[i]);
            ptw_word d = e->kind(&r->f->t.geo, w, 0) == PTW_LEAF ? e->volatile_loss(w) : 0;

            if (d != 0 && ptw_compare_exchange(e, r->slot[i], &w, w ^ d))
                r->set[i]++;
        }
    return NULL;
}

/* Lets hardware come to every page at least once. */
static void wait_for_hardware(const struct race *r)
{
    uint64_t now = __atomic_load_n(&r->passes, __ATOMIC_ACQUIRE);

    while (__atomic_load_n(&r->passes, __ATOMIC_ACQUIRE) < now + 2)
        sched_yield();
}

static void note(struct race *r, struct ptw_result result)
{
    r->failed = r->failed || (result.status != PTW_OK && result.status != PTW_SPURIOUS);
}

static void harvest(struct race *r)
{
    struct fixture *f = r->f;
    uint64_t words[PAGES / 64] = {0};
    struct ptw_bitmap seen = {.words = words, .bits = PAGES, .base = 0, .shift = ptw_level_shift(f->t.geo.encoder, 0)};

    note(r, ptw_dirty(&f->t, 0, PAGES * page(f), PTW_CLEAR, &seen, &f->g));
    ptw_gather_sync(&f->g);
    for (unsigned i = 0; i < PAGES; i++)
        r->reported[i] += words[i / 64] >> (i % 64) & 1;
}

/* All that changes a leaf in place, between two harvests. */
static void churn(struct race *r, unsigned round)
{
    struct fixture *f = r->f;
    struct ptw_table *t = &f->t;
    uint64_t size = PAGES * page(f), few = size / 4, part = round % 4 * few;
    ptw_attr soft = round % 2 == 0 ? PTW_SOFT(1) : PTW_SOFT(2);

    note(r, ptw_protect(t, 0, size, soft, PTW_SOFT(3) & ~soft, 0, &f->g));
    note(r, ptw_protect(t, part, few, instead_of_w(f), PTW_W, 0, &f->g));
    note(r, ptw_age(t, 0, size, PTW_CLEAR, NULL, &f->g));
    note(r, ptw_protect(t, part, few, PTW_R | PTW_W, 0, 0, &f->g));
    note(r, ptw_map(t, 0, page(f), size, RW | PTW_A | (PTW_SOFT(3) & ~soft), 0, &f->g));
    note(r, ptw_dirty(t, part, few, PTW_WRITE_PROTECT | PTW_CLEAR, NULL, &f->g));
    note(r, ptw_protect(t, part, few, PTW_R | PTW_W, 0, 0, &f->g));
}

struct taker {
    struct ptw_sink sink;
    struct race *race;
};

static void take(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    struct race *r = ((struct taker *)sink)->race;

    if ((ptw_leaf_attr(&r->f->t, leaf) & PTW_D) != 0)
        r->reported[leaf->addr / page(r->f)]++;
}

/* All pages out, to the sink, and in again, clean, in the same slots. */
static void remap(struct race *r, struct ptw_sink *sink)
{
    struct fixture *f = r->f;

    note(r, ptw_unmap(&f->t, 0, PAGES * page(f), 0, sink, &f->g));
    ptw_gather_sync(&f->g);
    note(r, ptw_map(&f->t, 0, page(f), PAGES * page(f), RW, 0, &f->g));
}

static void hw_ad_vs_every_op(struct fixture *f)
{
    static struct race r;
    struct taker taker = {.sink = {take}, .race = &r};
    pthread_t hardware;

    memset(&r, 0, sizeof(r));
    r.f = f;
    expect_done(ptw_map(&f->t, 0, page(f), PAGES * page(f), RW | PTW_SOFT(1), PTW_MAX_LEVEL(0), &f->g));
    for (unsigned i = 0; i < PAGES; i++)
        r.slot[i] = slot_at(f, i * page(f), 0);
    assert_int_equal(pthread_create(&hardware, NULL, hardware_writes, &r), 0);
    for (unsigned round = 0; round < ROUNDS; round++) { /* all pages are clean when one begins */
        if (round % 2 == 0)
            churn(&r, round);
        else
            remap(&r, &taker.sink);
        wait_for_hardware(&r);
        harvest(&r);
    }
    note(&r, ptw_unmap(&f->t, 0, PAGES * page(f), 0, &taker.sink, &f->g));
    __atomic_store_n(&r.stop, 1, __ATOMIC_RELEASE);
    assert_int_equal(pthread_join(hardware, NULL), 0);
    assert_false(r.failed);
    for (unsigned i = 0; i < PAGES; i++) {
        assert_true(r.set[i] > 0);
        if (r.set[i] != r.reported[i])
            fail_msg("page %u was written %" PRIu64 " times and reported %" PRIu64 " times", i, r.set[i],
                     r.reported[i]);
    }
}

/* The hardware of this test writes to the caches, where an incoherent walker would not. */
static bool tracks_coherently(const struct fixture *f)
{
    return fixture_has_ad(f) && f->memory.hooks.clean == NULL;
}

int main(void)
{
    static const struct format_test tests[] = {{"hw_ad_vs_every_op", hw_ad_vs_every_op, tracks_coherently}};

    return formats_run("race", tests, COUNT(tests)) != 0;
}
