/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What the cursor and ptw_visit promise, for every format of the format table: exactly the entries that are there, each
 * once, a TABLE before what is below it; skip, restart and stop at any point; what the caller changes between two steps
 * is seen; broken tables end in FAULTED and nothing runs forever.
 *
 * What should be delivered is computed here by recursion over the table's memory.
 */
#include "conformance.h"

#define LIST_MAX 200000

struct list {
    size_t n;
    struct ptw_entry e[LIST_MAX];
};

/* ------------------------------------------------------------------------------- what should be there -------- */

struct request {
    ptw_addr first, last; /* as places */
    uint64_t flags;
    unsigned min_level;
};

static void add(struct list *l, const struct ptw_entry *e)
{
    assert_true(l->n < LIST_MAX);
    l->e[l->n++] = *e;
}

/* All entries of the table at `pa` that touch the range, in the order of a cursor; a group, whose copies are equal but
 * for their addresses here, as its first slot. As deep as the table has levels. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void expect_table(struct fixture *f, const struct request *r, struct list *l, ptw_oa pa, unsigned level,
                         ptw_addr start, ptw_attr limits)
{
    const struct ptw_encoder *enc = f->t.geo.encoder;
    unsigned bits = level == f->t.geo.top ? f->t.geo.root_bits : ptw_level_bits(enc, level);
    uint64_t size = span(f, level);

    for (uint64_t i = 0; i < UINT64_C(1) << bits; i++) {
        ptw_addr place = start + i * size;
        struct ptw_entry e = {.level = level, .table_pa = pa, .index = (unsigned)i, .limits = limits};

        if (place > r->last || place + size - 1 < r->first)
            continue;
        e.addr = (place ^ f->t.geo.ia_sign) - f->t.geo.ia_bias;
        e.slot = ptw_sim_memory_at(&f->memory, pa + i * enc->word_bytes);
        e.word = hardware_load(&f->t, e.slot);
        e.kind = enc->kind(&f->t.geo, e.word, level);
        if (e.kind == PTW_LEAF && enc->leaf_orders(level) > 1 && enc->order(e.word, level) != 0) {
            e.order = enc->order(e.word, level);
            e.index &= ~(unsigned)ptw_low_mask(e.order);
            e.addr -= (i - e.index) * size;
            e.slot = ptw_sim_memory_at(&f->memory, pa + e.index * enc->word_bytes);
            e.word = hardware_load(&f->t, e.slot);
            i |= ptw_low_mask(e.order);
        }
        if (e.kind == PTW_TABLE || e.kind == PTW_LEAF || (r->flags & PTW_VISIT_HOLES) != 0)
            add(l, &e);
        if (e.kind != PTW_TABLE || level <= r->min_level)
            continue;
        expect_table(f, r, l, enc->table_pa(&f->t.geo, e.word, level), level - 1, place,
                     limits & enc->limits(&f->t.geo, e.word, level));
        e.post = true;
        if ((r->flags & PTW_VISIT_POST) != 0)
            add(l, &e);
    }
}

static const struct list *expected(struct fixture *f, const struct request *r)
{
    static struct list l;

    l.n = 0;
    expect_table(f, r, &l, f->t.root_pa, f->t.geo.top, 0, PTW_RIGHTS);
    return &l;
}

static bool same_entry(const struct ptw_entry *a, const struct ptw_entry *b)
{
    return a->addr == b->addr && a->word == b->word && a->kind == b->kind && a->level == b->level &&
           a->order == b->order && a->slot == b->slot && a->table_pa == b->table_pa && a->index == b->index &&
           a->post == b->post && a->limits == b->limits;
}

/* A few leaves and groups of every size, holes, marks and tables, at the ends of the space and in the middle. */
static void grow(struct fixture *f)
{
    const struct ptw_encoder *enc = f->t.geo.encoder;
    ptw_addr last = ptw_last(&f->t) - page(f) + 1;

    for (unsigned i = 0; i < 12; i++) {
        unsigned level = (unsigned)(random64() % (f->t.geo.max_leaf + 1));
        uint64_t slots = f->t.geo.ia_mask / 2 / span(f, level);
        uint64_t size = span(f, level) << random64() % 6;
        ptw_addr addr = random64() % (slots + 1) * span(f, level) & ~(size - 1);

        (void)ptw_map(&f->t, addr, size, size, RW, 0, &f->g);
    }
    (void)ptw_map(&f->t, 0, 0, 3 * page(f), RW, 0, &f->g);
    (void)ptw_map(&f->t, last - 5 * page(f), 0, 6 * page(f), RO, PTW_MAX_LEVEL(0), &f->g);
    (void)ptw_unmap(&f->t, last - 2 * page(f), page(f), 0, NULL, &f->g);
    plant(f, last - 2 * page(f), enc->mark(PTW_MARK_USER, 0, 0));
    ptw_gather_sync(&f->g);
}

/* ---------------------------------------------------------------------------------------- the sequence ------- */

static void compare(struct fixture *f, ptw_addr addr, uint64_t size, const struct request *r)
{
    const struct list *want = expected(f, r);
    struct ptw_cursor c;
    struct ptw_entry e;

    expect_status(ptw_cursor_init(&c, &f->t, addr, size, r->flags), PTW_OK);
    for (size_t i = 0; i < want->n; i++) {
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
        if (!same_entry(&e, &want->e[i]))
            fail_msg("entry %zu: 0x%" PRIx64 " level %u kind %d post %d, wanted 0x%" PRIx64 " level %u kind %d post %d",
                     i, e.addr, e.level, (int)e.kind, e.post, want->e[i].addr, want->e[i].level, (int)want->e[i].kind,
                     want->e[i].post);
    }
    expect_status(ptw_cursor_next(&c, &e), PTW_NOENT);
    expect_status(ptw_cursor_next(&c, &e), PTW_NOENT);
}

static void cur_preorder_exact(struct fixture *f)
{
    const uint64_t flags[] = {0, PTW_VISIT_HOLES, PTW_VISIT_POST, PTW_VISIT_HOLES | PTW_VISIT_POST};

    grow(f);
    for (size_t i = 0; i < COUNT(flags); i++)
        for (unsigned min = 0; min <= f->t.geo.top; min++) {
            struct request r = {0, f->t.geo.ia_mask, flags[i] | PTW_ALL | PTW_VISIT_MIN_LEVEL(min), min};

            compare(f, 0, 0, &r);
        }
}

/* Ranges of any alignment: the entry that holds the first address comes first, the one that holds the last, last. */
static void qry_unaligned_end(struct fixture *f)
{
    grow(f);
    for (unsigned i = 0; i < 40; i++) {
        uint64_t reach = i % 2 == 0 ? f->t.geo.ia_mask / 2 + 1 : 8 * span(f, 1);
        ptw_addr addr = random64() % reach, size = random64() % (reach - addr) + 1;
        struct request r = {addr, addr + size - 1, i % 3 == 0 ? PTW_VISIT_POST : 0, 0};

        compare(f, addr, size, &r);
        r.last = r.first;
        r.flags = PTW_VISIT_HOLES;
        compare(f, addr, 1, &r);
    }
}

/* One coherent word for each level on the way to an address, also where the way ends in a mark. */
static void qry_path_levels(struct fixture *f)
{
    ptw_addr addr = 5 * page(f);
    ptw_word locked = f->t.geo.encoder->mark(PTW_MARK_LOCKED, 0, 0);
    struct ptw_cursor c;
    struct ptw_entry e;
    struct ptw_leaf leaf;

    expect_done(ptw_map(&f->t, 0, 0, page(f), RW, 0, &f->g));
    plant(f, addr, locked);
    expect_status(ptw_cursor_init(&c, &f->t, addr, 1, PTW_VISIT_HOLES), PTW_OK);
    for (unsigned level = f->t.geo.top; level > 0; level--) {
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
        assert_true(e.level == level && e.kind == PTW_TABLE);
        assert_int_equal(e.word, hardware_load(&f->t, slot_at(f, addr, level)));
    }
    expect_status(ptw_cursor_next(&c, &e), PTW_OK);
    assert_true(e.level == 0 && e.kind == PTW_MARKED && e.word == locked && e.addr == addr);
    expect_status(ptw_cursor_next(&c, &e), PTW_NOENT);
    expect_status(ptw_translate(&f->t, addr, &leaf), PTW_AGAIN); /* nothing follows from that */
    assert_true(leaf.word == locked && leaf.level == 0 && leaf.oa == 0 && leaf.addr == addr);
}

/* -------------------------------------------------------------------------------------- skip, restart -------- */

static void skip_leaves_the_table_out(struct fixture *f)
{
    struct ptw_cursor c;
    struct ptw_entry e;

    expect_done(ptw_map(&f->t, 0, 0, 3 * page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, span(f, 1), page(f), 3 * page(f), RW, PTW_MAX_LEVEL(0), &f->g));
    expect_status(ptw_cursor_init(&c, &f->t, 0, 2 * span(f, 1), PTW_VISIT_POST), PTW_OK);
    do {
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
        if (e.level == 1 && e.addr == 0)
            ptw_cursor_skip(&c);
    } while (e.level > 0);
    assert_int_equal(e.addr, span(f, 1));
    ptw_cursor_skip(&c); /* means nothing after a leaf */
    expect_status(ptw_cursor_next(&c, &e), PTW_OK);
    assert_int_equal(e.addr, span(f, 1) + page(f));
}

/* A restart after any entry, or after all: the sequence is the same as without. */
static void restart_every(struct fixture *f, unsigned every, uint64_t flags)
{
    struct request r = {0, f->t.geo.ia_mask, flags, 0};
    const struct list *want = expected(f, &r);
    struct ptw_cursor c;
    struct ptw_entry e;

    expect_status(ptw_cursor_init(&c, &f->t, 0, 0, flags | PTW_ALL), PTW_OK);
    for (size_t i = 0; i < want->n; i++) {
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
        if (!same_entry(&e, &want->e[i]))
            fail_msg("entry %zu: 0x%" PRIx64 " level %u post %d, wanted 0x%" PRIx64 " level %u post %d", i, e.addr,
                     e.level, e.post, want->e[i].addr, want->e[i].level, want->e[i].post);
        if (i % every == 0)
            ptw_cursor_restart(&c);
    }
    expect_status(ptw_cursor_next(&c, &e), PTW_NOENT);
}

static void cur_restart_no_dup(struct fixture *f)
{
    grow(f);
    for (unsigned every = 1; every <= 5; every++) {
        restart_every(f, every, 0);
        restart_every(f, every, PTW_VISIT_HOLES);
    }
}

static void restart_keeps_second_visits(struct fixture *f)
{
    grow(f);
    for (unsigned every = 1; every <= 5; every++) {
        restart_every(f, every, PTW_VISIT_POST);
        restart_every(f, every, PTW_VISIT_POST | PTW_VISIT_HOLES);
    }
}

/* --------------------------------------------------------------------------- changes by the caller ----------- */

/* A hole that the caller fills with a table when he gets it: the cursor goes down there. */
static void cur_descend_new_table(struct fixture *f)
{
    struct ptw_cursor c;
    struct ptw_entry e;
    bool filled = false;

    expect_done(ptw_map(&f->t, 0, 0, page(f), RW, 0, &f->g));
    expect_status(ptw_cursor_init(&c, &f->t, span(f, 1), span(f, 1), PTW_VISIT_HOLES), PTW_OK);
    do {
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
        if (e.kind == PTW_EMPTY && e.level == 1) {
            expect_done(ptw_map(&f->t, e.addr, 0, page(f), RW, 0, &f->g));
            filled = true;
        }
    } while (e.level > 0);
    assert_true(filled);
    assert_true(e.kind == PTW_LEAF && e.addr == span(f, 1));
    for (uint64_t i = 1; i < entries(f, 0); i++)
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
    expect_status(ptw_cursor_next(&c, &e), PTW_NOENT);
}

/* A table that the caller unlinks when he gets it: nothing below it comes, not even its second visit. */
static void unlinked_table_is_not_descended(struct fixture *f)
{
    struct ptw_cursor c;
    struct ptw_entry e;

    expect_done(ptw_map(&f->t, span(f, 1), 0, 3 * page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, 2 * span(f, 1), page(f), 3 * page(f), RW, PTW_MAX_LEVEL(0), &f->g));
    expect_status(ptw_cursor_init(&c, &f->t, span(f, 1), 2 * span(f, 1), PTW_VISIT_POST), PTW_OK);
    do
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
    while (e.level > 1);
    expect_done(ptw_unmap(&f->t, e.addr, span(f, 1), 0, NULL, &f->g));
    ptw_gather_sync(&f->g);
    expect_status(ptw_cursor_next(&c, &e), PTW_OK);
    assert_true(e.level == 1 && e.addr == 2 * span(f, 1) && !e.post);
}

/* The entry is read again before the descent: another table in it is followed, the old one is not. */
static void cur_reread_before_step(struct fixture *f)
{
    ptw_addr addr = span(f, 1);
    struct ptw_cursor c;
    struct ptw_entry e;
    ptw_word a, b;
    void *slot;

    expect_done(ptw_map(&f->t, addr, 0, page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, 2 * addr + 7 * page(f), 0, page(f), RW, 0, &f->g));
    slot = slot_at(f, addr, 1);
    a = hardware_load(&f->t, slot);
    b = hardware_load(&f->t, slot_at(f, 2 * addr, 1));
    expect_status(ptw_cursor_init(&c, &f->t, addr, span(f, 1), 0), PTW_OK);
    do
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
    while (e.level > 1);
    assert_int_equal(e.word, a);
    store(f, slot, b);
    expect_status(ptw_cursor_next(&c, &e), PTW_OK);
    assert_true(e.level == 0 && e.addr == addr + 7 * page(f));
    expect_status(ptw_cursor_next(&c, &e), PTW_NOENT);
    store(f, slot, a);
}

/* A leaf that is cut when it is delivered: its parts come, and go on behind it. */
static void cut_leaf_is_descended(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1);
    struct ptw_cursor c;
    struct ptw_entry e;

    expect_done(ptw_map(&f->t, addr, output_for(f, 1), 2 * span(f, 1), RW, PTW_MAX_LEVEL(1), &f->g));
    expect_status(ptw_cursor_init(&c, &f->t, addr, 2 * span(f, 1), 0), PTW_OK);
    do
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
    while (e.kind == PTW_TABLE);
    assert_int_equal(e.level, 1);
    expect_done(ptw_cut(&f->t, addr + page(f), 0, &f->g));
    for (uint64_t i = 0; i < entries(f, 0); i++) {
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
        assert_true(e.level == 0 && e.addr == addr + i * page(f));
    }
    expect_status(ptw_cursor_next(&c, &e), PTW_OK);
    assert_true(e.level == 1 && e.addr == addr + span(f, 1));
}

/* ---------------------------------------------------------------------------------------------- visit -------- */

struct script {
    struct ptw_visitor v;
    enum ptw_visit answer;
    ptw_addr at; /* the leaf where `answer` is given; all others get ON */
    bool always;
    unsigned leaves, calls;
};

static enum ptw_visit follow(struct ptw_visitor *v, const struct ptw_entry *e)
{
    struct script *s = (struct script *)v;

    s->calls++;
    s->leaves += e->kind == PTW_LEAF;
    return s->always || (e->kind == PTW_LEAF && e->addr == s->at) ? s->answer : PTW_VISIT_ON;
}

static void visit_answers(struct fixture *f)
{
    struct script all = {.v = {follow}, .answer = PTW_VISIT_ON, .always = true};
    struct script stop = {.v = {follow}, .answer = PTW_VISIT_STOP, .at = 3 * page(f)};
    struct script restart = {.v = {follow}, .answer = PTW_VISIT_RESTART, .at = 3 * page(f)};
    struct script skip = {.v = {follow}, .answer = PTW_VISIT_SKIP, .always = true};

    expect_done(ptw_map(&f->t, 0, page(f), 9 * page(f), RW, 0, &f->g));
    expect_done(ptw_visit(&f->t, 0, 0, PTW_ALL, &all.v));
    assert_int_equal(all.leaves, 9);
    expect_result(ptw_visit(&f->t, 0, 0, PTW_ALL, &stop.v), PTW_SPURIOUS, 3 * page(f));
    assert_int_equal(stop.leaves, 4);
    expect_done(ptw_visit(&f->t, 0, 0, PTW_ALL, &restart.v));
    assert_int_equal(restart.leaves, 9);
    expect_done(ptw_visit(&f->t, 0, 0, PTW_ALL, &skip.v));
    assert_true(skip.leaves == 0 && skip.calls == 1);
    expect_result(ptw_visit(&f->t, 16, 0, 0, &all.v), PTW_INVAL, 16);
}

/* A visitor who always asks to start again comes to an end all the same. */
static void cur_progress_guard(struct fixture *f)
{
    struct script s = {.v = {follow}, .answer = PTW_VISIT_RESTART, .always = true};
    struct ptw_result r;

    grow(f);
    r = ptw_visit(&f->t, 0, 0, PTW_ALL | PTW_VISIT_HOLES, &s.v);
    assert_true(r.status == PTW_OK || r.status == PTW_FAULTED);
    assert_true(s.calls < LIST_MAX);
}

/* ------------------------------------------------------------------------------- foreign and broken tables --- */

/* Tables of others may limit rights: the limits of all tables on the way are joined. */
static void limits_are_joined(struct fixture *f)
{
    const struct ptw_encoder *enc = f->t.geo.encoder;
    ptw_addr addr = span(f, 1);
    void *low, *high;
    struct ptw_cursor c;
    struct ptw_entry e;
    ptw_attr want;

    expect_done(ptw_map(&f->t, addr, 0, page(f), RW, 0, &f->g));
    low = slot_at(f, addr, 1);
    high = slot_at(f, addr, 2);
    store(f, low, hardware_load(&f->t, low) & ~PTW_BIT(1));   /* W, where a table can say so */
    store(f, high, hardware_load(&f->t, high) | PTW_BIT(63)); /* NX on x86 */
    want = enc->limits(&f->t.geo, hardware_load(&f->t, low), 1) & enc->limits(&f->t.geo, hardware_load(&f->t, high), 2);
    assert_true(want != PTW_RIGHTS);
    expect_status(ptw_cursor_init(&c, &f->t, addr, page(f), 0), PTW_OK);
    do {
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
        ptw_attr left = e.level == 0   ? want
                        : e.level == 1 ? enc->limits(&f->t.geo, hardware_load(&f->t, high), 2)
                                       : PTW_RIGHTS;
        assert_int_equal(e.limits & f->t.geo.attr_legal, left & f->t.geo.attr_legal);
    } while (e.kind == PTW_TABLE);
}

static bool tables_have_limits(const struct fixture *f)
{
    const struct ptw_encoder *enc = f->t.geo.encoder;

    return f->t.geo.top >= 2 && enc->kind(&f->t.geo, enc->table(&f->t.geo, 0x1000, 1) & ~PTW_BIT(1), 1) == PTW_TABLE &&
           enc->limits(&f->t.geo, enc->table(&f->t.geo, 0x1000, 1) & ~PTW_BIT(1), 1) != PTW_RIGHTS;
}

/* A table entry that points to where no table can be: FAULTED with the entry, once, and on behind it. */
static void unreachable_table_faults_and_goes_on(struct fixture *f)
{
    ptw_addr addr = span(f, 1);
    struct script count = {.v = {follow}, .answer = PTW_VISIT_ON, .always = true};
    struct ptw_cursor c;
    struct ptw_entry e;
    struct ptw_leaf leaf;
    void *slot;
    ptw_word good, bad;

    expect_done(ptw_map(&f->t, addr, 0, page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, 2 * addr, page(f), page(f), RW, 0, &f->g));
    slot = slot_at(f, addr, 1);
    good = hardware_load(&f->t, slot);
    bad = f->t.geo.encoder->table(&f->t.geo, PTW_SIM_PA - 0x10000, 1);
    store(f, slot, bad);
    expect_status(ptw_cursor_init(&c, &f->t, 0, 4 * addr, 0), PTW_OK);
    while (ptw_cursor_next(&c, &e) == PTW_OK)
        assert_true(e.kind == PTW_TABLE);
    assert_true(e.word == bad && e.addr == addr && e.level == 1 && e.slot == slot);
    do
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
    while (e.kind == PTW_TABLE);
    assert_int_equal(e.addr, 2 * addr);
    expect_result(ptw_visit(&f->t, 0, 0, PTW_ALL, &count.v), PTW_FAULTED, addr);
    expect_status(ptw_translate(&f->t, addr + page(f), &leaf), PTW_FAULTED);
    assert_true(leaf.addr == addr && leaf.word == bad && leaf.level == 1);
    store(f, slot, good);
}

static bool reaches_by_hook(const struct fixture *f)
{
    return f->memory.hooks.va != NULL;
}

/* ------------------------------------------------------------------------------------ one page at a time ----- */

/* A held cursor answers as the operations do, in any order of pages, also after a table that it held was unlinked. */
static void held_cursor_equals_the_operations(struct fixture *f)
{
    struct ptw_cursor c;
    struct ptw_leaf a = {0}, b = {0};

    expect_status(ptw_cursor_init(&c, &f->t, 0, 0, PTW_ALL), PTW_OK);
    for (unsigned i = 0; i < 3000; i++) {
        ptw_addr addr = random64() % 4 * span(f, 1) + random64() % 24 * page(f);
        ptw_status status = ptw_translate(&f->t, addr, &a);

        expect_status(ptw_cursor_translate(&c, addr, &b), status);
        assert_true(a.addr == b.addr && a.oa == b.oa && a.word == b.word && a.level == b.level);
        switch (random64() % 4) {
        case 0:
        case 1:
            expect_status(ptw_cursor_map(&c, addr, addr, RW, &f->g), status == PTW_OK ? PTW_SPURIOUS : PTW_OK);
            expect_leaf(f, addr, addr, 0, RW);
            break;
        case 2:
            expect_status(ptw_cursor_unmap(&c, addr, &f->g), PTW_OK);
            expect_hole(f, addr);
            break;
        default:
            if (i % 16 == 0)
                expect_done(ptw_unmap(&f->t, addr & ~(span(f, 1) - 1), span(f, 1), 0, NULL, &f->g));
            if (i % 32 == 0)
                ptw_gather_sync(&f->g);
        }
    }
    expect_status(ptw_cursor_map(&c, 1, 0, RW, &f->g), PTW_INVAL);
    expect_status(ptw_cursor_map(&c, 0, 0, RW | PTW_BIT(63), &f->g), PTW_INVAL);
    if (f->t.geo.oa_last + 1 != 0)
        expect_status(ptw_cursor_map(&c, 0, f->t.geo.oa_last + 1, RW, &f->g), PTW_RANGE);
    expect_status(ptw_cursor_unmap(&c, 8, &f->g), PTW_INVAL);
}

/* Out of range, over something else, without memory: the same answers as from the operations. */
static void held_cursor_refuses_as_the_operations(struct fixture *f)
{
    ptw_addr beyond = f->t.geo.ia_sign != 0 ? f->t.geo.ia_sign : f->t.geo.ia_mask + 1;
    struct ptw_cursor c;
    struct ptw_leaf leaf;

    expect_status(ptw_cursor_init(&c, &f->t, 0, 0, PTW_ALL), PTW_OK);
    if (beyond != 0) { /* 64 bits of input have nothing beyond */
        expect_status(ptw_cursor_map(&c, beyond, 0, RW, &f->g), PTW_RANGE);
        expect_status(ptw_cursor_unmap(&c, beyond, &f->g), PTW_RANGE);
        expect_status(ptw_cursor_translate(&c, beyond, &leaf), PTW_RANGE);
    }
    expect_status(ptw_cursor_map(&c, 0, 0, RW, &f->g), PTW_OK);
    expect_status(ptw_cursor_map(&c, 0, page(f), RW, &f->g), PTW_EXISTS);
    expect_status(ptw_cursor_map(&c, 0, 0, RO, &f->g), PTW_OK);
    expect_leaf(f, 0, 0, 0, read_back(f, RW) & ~PTW_W);
    ptw_gather_sync(&f->g);
    f->memory.fail_after = 0;
    expect_status(ptw_cursor_map(&c, 3 * span(f, 1), 0, RW, &f->g), PTW_NOMEM);
    f->memory.fail_after = -1;
    expect_status(ptw_cursor_map(&c, 3 * span(f, 1), 0, RW, &f->g), PTW_OK);
    expect_status(ptw_cursor_unmap(&c, 3 * span(f, 1), &f->g), PTW_OK);
    expect_status(ptw_cursor_unmap(&c, 3 * span(f, 1), &f->g), PTW_OK);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"cur_preorder_exact", cur_preorder_exact, NULL},
        {"qry_unaligned_end", qry_unaligned_end, has_tables},
        {"qry_path_levels", qry_path_levels, NULL},
        {"skip_leaves_the_table_out", skip_leaves_the_table_out, has_tables},
        {"cur_restart_no_dup", cur_restart_no_dup, NULL},
        {"restart_keeps_second_visits", restart_keeps_second_visits, NULL},
        {"cur_descend_new_table", cur_descend_new_table, has_tables},
        {"unlinked_table_is_not_descended", unlinked_table_is_not_descended, has_tables},
        {"cur_reread_before_step", cur_reread_before_step, has_tables},
        {"cut_leaf_is_descended", cut_leaf_is_descended, can_cut},
        {"visit_answers", visit_answers, has_tables},
        {"cur_progress_guard", cur_progress_guard, NULL},
        {"limits_are_joined", limits_are_joined, tables_have_limits},
        {"unreachable_table_faults_and_goes_on", unreachable_table_faults_and_goes_on, reaches_by_hook},
        {"held_cursor_equals_the_operations", held_cursor_equals_the_operations, has_tables},
        {"held_cursor_refuses_as_the_operations", held_cursor_refuses_as_the_operations, has_read_only_tables},
    };

    return formats_run("cursor", tests, COUNT(tests)) != 0;
}
