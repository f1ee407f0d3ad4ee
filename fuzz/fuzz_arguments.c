/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fuzz_arguments.c - every public operation of ptw.h, in a small table of any case of the format table, with whatever
 * arguments: addresses and sizes at and around the limits, any flags, attributes, levels, budgets. A refusal (INVAL,
 * RANGE, UNSUPPORTED) leaves every byte of every table as it was; the table is always one that verify accepts; nothing
 * leaks.
 *
 * Memory is scarce on purpose: a senseless range then ends in NOMEM instead of never.
 */
#include "input.h"

#include <inttypes.h>
#include <string.h>

#define TABLES_MAX 12U
#define CALLS_MAX 40U
#define ENTRIES_MAX 4096U /* that a cursor of the input is asked for */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct play {
    struct fixture *f;
    struct input *in;
    struct ptw_cursor held;
    struct ptw_reserve reserve;
};

/* What all operations take. */
struct arguments {
    ptw_addr addr;
    uint64_t size, flags;
    uint8_t how;
};

static bool refused(ptw_status status)
{
    return status == PTW_INVAL || status == PTW_RANGE || status == PTW_UNSUPPORTED;
}

static struct ptw_result of_one(ptw_status status)
{
    return (struct ptw_result){status, 0};
}

/* ------------------------------------------------------------------------------------------- arguments ------- */

/* Near a boundary of this table: its ends, a slot of some level, the output width; or anything at all. */
static uint64_t take_near(struct play *p)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    const uint8_t how = take_byte(p->in);
    const uint64_t slot = UINT64_C(1) << ptw_level_shift(g->encoder, (how >> 4U) % (g->top + 1));
    const uint64_t few = take_byte(p->in);

    switch (how & 15U) {
    case 0:
        return take_raw(p->in);
    case 1:
        return take_number(p->in);
    case 2:
        return ptw_last(&p->f->t) + 1 - few * slot;
    case 3:
        return ptw_first(&p->f->t) - few;
    case 4:
        return g->ia_mask - few;
    case 5:
        return (g->ia_mask >> 1U) + 1 - few * slot;
    case 6:
        return g->oa_last + 1 - few * slot;
    case 7:
        return few * slot + (slot >> 1U);
    case 8:
        return 0 - few * slot;
    default:
        return ptw_first(&p->f->t) + few * slot;
    }
}

static uint64_t take_size(struct play *p)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    const uint8_t how = take_byte(p->in);
    const uint64_t slot = UINT64_C(1) << ptw_level_shift(g->encoder, (how >> 4U) % (g->top + 1));

    return (how & 3U) == 0 ? take_near(p) : ((how >> 2U & 3U) + UINT64_C(1)) * slot;
}

static uint64_t take_flags(struct play *p)
{
    const uint8_t how = take_byte(p->in);
    uint64_t flags = 0;

    if ((how & 1) != 0)
        flags |= take_byte(p->in);
    if ((how & 2) != 0)
        flags |= PTW_MAX_LEVEL(take_byte(p->in) & 15U);
    if ((how & 16) != 0 && p->f->t.shared)
        flags |= PTW_SHARED | ((how & 32) != 0 ? PTW_FREEZE : 0);
    if ((how & 12) == 12)
        flags |= take_raw(p->in);
    return flags;
}

static ptw_attr take_attr(struct play *p)
{
    const uint8_t how = take_byte(p->in);
    const ptw_attr usual = fixture_fit(PTW_R | PTW_W) & p->f->t.geo.attr_legal;

    switch (how & 7U) {
    case 0:
        return take_raw(p->in);
    case 1:
        return take_number(p->in);
    case 2:
        return PTW_MT(how >> 4U) | usual;
    case 3:
        return usual | (ptw_attr)take_byte(p->in) << 16U;
    case 4:
        return usual ^ PTW_BIT(how >> 3U);
    case 5:
        return fixture_fit(PTW_R) | PTW_A;
    default:
        return usual | PTW_AD;
    }
}

/* ------------------------------------------------------------------------------------------- operations ------ */

static void count_leaf(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    (void)sink;
    must(leaf->level < PTW_LEVELS_MAX, "a sink gets a leaf at a level that is none");
}

static struct ptw_result do_map(struct play *p, const struct arguments *a)
{
    const ptw_oa oa = (a->how & 64) != 0 ? a->addr : take_near(p);
    const ptw_attr attr = take_attr(p);
    const struct ptw_result r = ptw_map(&p->f->t, a->addr, oa, a->size, attr, a->flags, &p->f->g);

    must(fixture_legal(p->f, attr) || refused(r.status), "attributes that cannot be expressed were mapped");
    return r;
}

static struct ptw_sink sink = {.leaf = count_leaf};

static struct ptw_result do_unmap(struct play *p, const struct arguments *a)
{
    return ptw_unmap(&p->f->t, a->addr, a->size, a->flags, (a->how & 64) != 0 ? &sink : NULL, &p->f->g);
}

static struct ptw_result do_protect(struct play *p, const struct arguments *a)
{
    const ptw_attr add = take_attr(p), remove = take_attr(p);

    return ptw_protect(&p->f->t, a->addr, a->size, (a->how & 64) != 0 ? add : add & PTW_RWX, remove & ~add, a->flags,
                       &p->f->g);
}

static struct ptw_result do_remap(struct play *p, const struct arguments *a)
{
    return ptw_remap(&p->f->t, a->addr, take_near(p), a->size, a->flags, &p->f->g);
}

static struct ptw_result do_relax(struct play *p, const struct arguments *a)
{
    const ptw_attr add = take_attr(p);

    return of_one(ptw_relax(&p->f->t, a->addr, (a->how & 64) != 0 ? add : add & (PTW_RWX | PTW_AD),
                            (a->how & 128) != 0 ? take_attr(p) : 0));
}

static struct ptw_result do_annotate(struct play *p, const struct arguments *a)
{
    const unsigned type = take_byte(p->in);

    return ptw_annotate(&p->f->t, a->addr, a->size, (a->how & 64) != 0 ? type : type % PTW_MARK_TYPES,
                        (a->how & 128) != 0 ? take_number(p->in) : 0, a->flags, &p->f->g);
}

static struct ptw_result do_round(struct play *p, const struct arguments *a)
{
    uint64_t words[5] = {0};
    struct ptw_bitmap bitmap = {.words = (a->how & 64) != 0 ? words : NULL};

    bitmap.bits = take_byte(p->in);
    bitmap.base = take_near(p);
    bitmap.shift = take_byte(p->in) & 127U;
    const struct ptw_result r = (a->how & 128) != 0 ? ptw_dirty(&p->f->t, a->addr, a->size, a->flags, &bitmap, &p->f->g)
                                                    : ptw_age(&p->f->t, a->addr, a->size, a->flags,
                                                              (a->how & 32) != 0 ? &bitmap : NULL, &p->f->g);
    must(words[4] == 0, "a bit beyond the bitmap was set");
    return r;
}

static struct ptw_result do_cut(struct play *p, const struct arguments *a)
{
    return ptw_cut(&p->f->t, a->addr, a->flags, &p->f->g);
}

static struct ptw_result do_split_to(struct play *p, const struct arguments *a)
{
    return ptw_split_to(&p->f->t, a->addr, a->size, a->flags, &p->f->g);
}

static struct ptw_result do_merge(struct play *p, const struct arguments *a)
{
    return ptw_merge(&p->f->t, a->addr, a->size, a->flags, &p->f->g);
}

static struct ptw_result do_trim(struct play *p, const struct arguments *a)
{
    return ptw_trim(&p->f->t, a->addr, a->size, a->flags, &p->f->g);
}

static struct ptw_result do_detach(struct play *p, const struct arguments *a)
{
    return ptw_detach(&p->f->t, a->addr, a->how % (PTW_LEVELS_MAX + 1U), a->flags, (a->how & 64) != 0 ? &sink : NULL,
                      &p->f->g);
}

static struct ptw_result do_read(struct play *p, const struct arguments *a)
{
    const struct ptw_table *t = &p->f->t;
    uint64_t payload;
    struct ptw_leaf leaf;
    struct ptw_run run;
    const ptw_status status = ptw_translate(t, a->addr, &leaf);

    if (status == PTW_OK)
        must(ptw_leaf_size(t, &leaf) != 0 && (a->addr - leaf.addr) < ptw_leaf_size(t, &leaf),
             "a leaf that is elsewhere");
    if (status == PTW_NOENT)
        (void)ptw_mark_at(t, leaf.word, leaf.level, &payload);
    const ptw_status found = ptw_next_run(t, a->addr, a->addr + a->size, &run);
    must(found != PTW_OK || (run.addr >= a->addr && run.size - 1 <= a->addr + a->size - run.addr),
         "a run that is not clipped");
    return of_one(status);
}

static struct ptw_result do_cursor(struct play *p, const struct arguments *a)
{
    struct ptw_cursor c;
    struct ptw_entry e;
    const ptw_status status = ptw_cursor_init(&c, &p->f->t, a->addr, a->size, a->flags);

    for (unsigned i = 0; status == PTW_OK && i < ENTRIES_MAX; i++) {
        const ptw_status next = ptw_cursor_next(&c, &e);

        must(next == PTW_OK || next == PTW_NOENT, "a cursor over a table of our own has a fault");
        if (next == PTW_NOENT)
            break;
        if ((a->how & 64) != 0 && i % 3 == 0)
            ptw_cursor_skip(&c);
        if ((a->how & 128) != 0 && i % 5 == 0)
            ptw_cursor_restart(&c);
    }
    return of_one(status);
}

static enum ptw_visit visit_all(struct ptw_visitor *v, const struct ptw_entry *e)
{
    (void)v;
    return e->level == 0 && e->index % 7 == 6 ? PTW_VISIT_STOP : (enum ptw_visit)(e->index % 3);
}

static struct ptw_result do_visit(struct play *p, const struct arguments *a)
{
    struct ptw_visitor v = {.entry = visit_all};
    struct ptw_stats stats;

    must(ptw_stats(&p->f->t, &stats) == PTW_OK, "stats of a table of our own has a fault");
    must(stats.tables <= p->f->memory.outstanding, "more tables than there are");
    return ptw_visit(&p->f->t, a->addr, a->size, a->flags, &v);
}

static struct ptw_result do_held(struct play *p, const struct arguments *a)
{
    struct ptw_leaf leaf;

    switch (a->how >> 6U) {
    case 0:
        return of_one(ptw_cursor_unmap(&p->held, a->addr, &p->f->g));
    case 1:
        return of_one(ptw_cursor_translate(&p->held, a->addr, &leaf));
    default:
        return of_one(ptw_cursor_map(&p->held, a->addr, take_near(p), take_attr(p), &p->f->g));
    }
}

static struct ptw_result do_reserve(struct play *p, const struct arguments *a)
{
    const unsigned level = take_byte(p->in) % (p->f->t.geo.top + 1);

    (void)ptw_reserve_count(&p->f->t, a->addr, a->size, a->how >> 7U, level);
    if ((a->how & 64) != 0)
        return of_one(ptw_reserve(&p->reserve, a->addr, a->size, a->how >> 7U));
    ptw_gather_commit(&p->f->g, (a->how & 128) != 0 ? &p->reserve : NULL);
    return of_one(PTW_OK);
}

static struct ptw_result do_grow(struct play *p, const struct arguments *a)
{
    struct ptw_config config = p->f->config;

    ptw_gather_sync(&p->f->g);
    config.levels = p->f->t.geo.top + 1 + (a->how >> 6U);
    config.ia = take_byte(p->in) & 127U;
    return of_one(ptw_grow_top(&p->f->t, &config));
}

/* Nothing of this can be refused. */
static struct ptw_result do_other(struct play *p, const struct arguments *a)
{
    switch (a->how >> 5U) {
    case 0:
        ptw_gather_budget(&p->f->g, take_byte(p->in));
        break;
    case 1:
        ptw_gather_budget(&p->f->g, ~UINT64_C(0));
        break;
    case 2:
        p->f->memory.fail_after = take_byte(p->in) & 7;
        break;
    case 3:
        p->f->memory.fail_after = -1;
        break;
    case 4:
        ptw_gather_commit(&p->f->g, NULL);
        ptw_reserve_release(&p->reserve);
        break;
    case 5:
        (void)ptw_share(&p->f->t, NULL, take_byte(p->in) & (PTW_SHARE_SLEEPS | PTW_SHARE_MARKS));
        break;
    default:
        (void)ptw_gather_sync(&p->f->g);
    }
    return of_one(PTW_OK);
}

static struct ptw_result (*const operations[])(struct play *p, const struct arguments *a) = {
    do_map,      do_map,   do_map,     do_map,      do_unmap, do_protect, do_remap, do_relax,
    do_annotate, do_round, do_cut,     do_split_to, do_merge, do_trim,    do_read,  do_cursor,
    do_held,     do_held,  do_reserve, do_grow,     do_other, do_other,   do_visit, do_detach,
};

/* ------------------------------------------------------------------------------------------------ playing ---- */

/* Every byte of every table, and all that the caller could see. */
static uint64_t state_of(const struct play *p)
{
    const struct ptw_sim_memory *m = &p->f->memory;
    uint64_t sum = p->f->g.inval.reasons ^ p->f->g.retired << 8U ^ p->f->t.generation << 16U ^ m->frees << 32U;

    for (uint32_t i = 0; i < m->blocks; i++)
        for (size_t at = 0; m->block[i].live && at < m->block[i].bytes; at += 8) {
            uint64_t eight;
            memcpy(&eight, m->arena + m->block[i].offset + at, sizeof(eight));
            sum = (sum ^ eight) * UINT64_C(0x9e3779b97f4a7c15);
            sum ^= sum >> 32U;
        }
    return sum ^ m->outstanding;
}

static void check_table(const struct play *p)
{
    const int64_t fail_after = p->f->memory.fail_after;
    struct ptw_finding finding;
    ptw_oa scratch[8];

    if (ptw_verify(&p->f->t, scratch, 8, p->f->memory.outstanding, &finding) != PTW_OK &&
        strstr(finding.why, "interrupt range") == NULL) { /* VT-d: map does not look at it, the caller must */
        fprintf(stderr, "fuzz: %s: 0x%" PRIx64 ", level %u, word 0x%" PRIx64 ": %s\n", p->f->kase->name,
                finding.entry.addr, finding.entry.level, finding.entry.word, finding.why);
        must(false, "verify finds something");
    }
    must(p->f->memory.fail_after == fail_after, "verify allocates");
}

static void call(struct play *p)
{
    struct arguments a = {.how = take_byte(p->in)};
    const uint8_t number = take_byte(p->in) % (sizeof(operations) / sizeof(operations[0]));

    if (operations[number] != do_other) {
        a.addr = take_near(p);
        a.size = take_size(p);
        a.flags = take_flags(p);
    }
    const uint64_t before = operations[number] == do_grow ? 0 : state_of(p);
    const struct ptw_result r = operations[number](p, &a);
    must(r.status < PTW_STATUSES, "a status that is none");
    must(r.status != PTW_FAULTED, "a table of our own reads as broken");
    must(!refused(r.status) || operations[number] == do_grow || state_of(p) == before, "a refused call did something");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct fixture *f = fixture_of(take_byte(&in), TABLES_MAX);
    struct play p = {.f = f, .in = &in};

    must(ptw_cursor_init(&p.held, &f->t, 0, 0, PTW_ALL) == PTW_OK, "a cursor that does not begin");
    ptw_reserve_init(&p.reserve, &f->t);
    for (unsigned i = 0; i < CALLS_MAX && in.left != 0; i++) {
        call(&p);
        if (i % 8 == 7)
            check_table(&p);
    }
    f->memory.fail_after = -1;
    ptw_gather_commit(&f->g, NULL);
    ptw_gather_budget(&f->g, ~UINT64_C(0));
    must(ptw_gather_sync(&f->g) == PTW_OK, "a sync that does not end");
    check_table(&p);
    ptw_reserve_release(&p.reserve);
    if ((size & 1) != 0)
        while (ptw_destroy_step(&f->t, size % 5) == PTW_YIELD)
            continue;
    const char *wrong = fixture_finish(f);
    must(wrong == NULL, wrong == NULL ? "" : wrong);
    return 0;
}
