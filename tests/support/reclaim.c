/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* reclaim.c - a shared table whose reclaimer is watched: see struct watched in formats.h. */
#include "formats.h"

#include <stddef.h>

static void complain(struct fixture *f, const char *what)
{
    if (f->hardware.violation == NULL)
        f->hardware.violation = what;
}

static uint64_t token(void *ctx)
{
    struct fixture *f = ctx;
    return ++f->watched.tokens;
}

static bool over(void *ctx, uint64_t at)
{
    struct fixture *f = ctx;
    return at != f->watched.tokens;
}

static void wait_over(void *ctx, uint64_t at)
{
    struct fixture *f = ctx;

    if (!f->watched.syncing)
        complain(f, "the reclaimer was called to wait inside of an operation");
    if (at != f->watched.tokens)
        complain(f, "the reclaimer was called to wait for an old mark in time");
    f->watched.waited = true;
    f->watched.waits++;
}

#define COUNT_ASIDE 1024U

/* Tables that were set aside since fixture_sets_aside(), of which nobody may have seen any yet. */
static struct {
    bool on;
    size_t n;
    ptw_oa pa[COUNT_ASIDE];
} aside;

void fixture_sets_aside(bool on)
{
    aside.on = on;
    aside.n = 0;
}

static bool is_aside(ptw_oa pa)
{
    for (size_t i = aside.n; i-- > 0;)
        if (aside.pa[i] == pa)
            return true;
    return aside.n == COUNT_ASIDE; /* there may have been more */
}

static void *note_newest(void *ctx, size_t bytes, ptw_oa *pa)
{
    struct fixture *f = (struct fixture *)(void *)((unsigned char *)ctx - offsetof(struct fixture, memory));
    void *table = f->memory.hooks.alloc(ctx, bytes, pa);

    if (table != NULL)
        f->watched.newest = *pa;
    if (table != NULL && aside.on && aside.n < COUNT_ASIDE)
        aside.pa[aside.n++] = *pa;
    return table;
}

static void look_at_free(void *ctx, ptw_oa pa, size_t bytes)
{
    struct fixture *f = (struct fixture *)(void *)((unsigned char *)ctx - offsetof(struct fixture, hardware));

    if (f->watched.on && !f->watched.syncing && pa != f->watched.newest && !is_aside(pa))
        complain(f, "a table was freed inside of an operation");
    if (f->watched.on && f->watched.syncing && f->watched.reclaims && !f->watched.waited)
        complain(f, "a table was freed before the reclaimer had waited");
    f->watched.freeing(ctx, pa, bytes);
}

ptw_status fixture_share(struct fixture *f, bool reclaims, uint64_t flags)
{
    const struct ptw_reclaim watched = {.token = token, .over = over, .wait = wait_over, .ctx = f};
    ptw_status status = ptw_share(&f->t, reclaims ? &watched : NULL, flags);

    if (status != PTW_OK || f->watched.on)
        return status;
    f->t.mem.alloc = note_newest;
    f->watched = (struct watched){.on = true, .reclaims = reclaims, .freeing = f->memory.freeing};
    f->memory.freeing = look_at_free;
    return PTW_OK;
}

ptw_status fixture_sync(struct fixture *f)
{
    f->watched.syncing = true;
    f->watched.waited = false;
    ptw_status status = ptw_gather_sync(&f->g);
    f->watched.syncing = false;
    return status;
}
