/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * conformance.h - what the conformance tests share beyond tests/support/: shorthands over the fixture, expectations
 * that name the caller's line, and a snapshot of a whole table to prove that a call changed nothing.
 *
 * What is in a table is always read by the simulated hardware, never by the walker that is under test. Everything
 * here is static inline: each test program is one file.
 */
#ifndef TEST_CONFORMANCE_H
#define TEST_CONFORMANCE_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/formats.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Attributes that every format of the format table can express, with or without X where X is no choice. Tests of
 * encoders alone have no fixture and mean them literally. */
#ifdef TEST_LITERAL_RIGHTS
#define FIT(attr) (attr)
#else
#define FIT(attr) fixture_fit(attr)
#endif
#define RO FIT(PTW_R | PTW_MT_WB)
#define RW FIT(PTW_R | PTW_W | PTW_MT_WB)
#define RX FIT(PTW_R | PTW_X | PTW_MT_WB)
#define RWX FIT(PTW_R | PTW_W | PTW_X | PTW_MT_WB)

/* ------------------------------------------------------------------------------------------- shorthands ------ */

/* Bytes that a leaf at `level` covers, and that the smallest one does. */
static inline uint64_t span(const struct fixture *f, unsigned level)
{
    return UINT64_C(1) << ptw_level_shift(f->t.geo.encoder, level);
}

static inline uint64_t page(const struct fixture *f)
{
    return span(f, 0);
}

/* Entries of a table at `level` that is not the root. */
static inline uint64_t entries(const struct fixture *f, unsigned level)
{
    return UINT64_C(1) << ptw_level_bits(f->t.geo.encoder, level);
}

/* Input and output addresses aligned to a leaf at `level`; different ones, in reach of every format that has it. */
static inline ptw_addr input_for(const struct fixture *f, unsigned level)
{
    return level == f->t.geo.top && f->t.geo.root_bits == 0 ? 0 : span(f, level);
}

static inline ptw_oa output_for(const struct fixture *f, unsigned level)
{
    return 6 * span(f, level);
}

/* There are tables below the root. */
static inline bool has_tables(const struct fixture *f)
{
    return f->t.geo.top > 0;
}

static inline bool has_tables_and_ad(const struct fixture *f)
{
    return has_tables(f) && fixture_has_ad(f);
}

/* `attr` without the rights and software bits that the format does not know: devices fetch no instructions. */
static inline ptw_attr within(const struct fixture *f, ptw_attr attr)
{
    return attr & (f->t.geo.attr_legal | ~(PTW_RWX | PTW_SOFT(3)));
}

static inline bool has_soft_bits(const struct fixture *f)
{
    return within(f, PTW_SOFT(3)) == PTW_SOFT(3);
}

/* There are marks for those who work on a table at the same time. */
static inline bool can_share(const struct fixture *f)
{
    for (unsigned level = 0; level <= f->t.geo.top; level++)
        if (f->t.geo.encoder->payload_bits(level) == 0)
            return false;
    return true;
}

static inline bool can_share_tables(const struct fixture *f)
{
    return has_tables(f) && can_share(f);
}

/* What must be added when W is taken away: R where W alone is a leaf and no right at all is none. */
static inline ptw_attr instead_of_w(const struct fixture *f)
{
    return fixture_legal(f, PTW_W) && !fixture_legal(f, 0) ? PTW_R : 0;
}

static inline bool has_large_leaves(const struct fixture *f)
{
    return f->t.geo.max_leaf >= 1;
}

/* X can be given and taken away. */
static inline bool can_choose_x(const struct fixture *f)
{
    return fixture_legal(f, PTW_R | PTW_W) && fixture_legal(f, PTW_R | PTW_W | PTW_X);
}

/* A live translation changes its size through a hole; its output. */
static inline bool must_break(const struct fixture *f)
{
    return ptw_breaks_sizes(&f->t.geo);
}

static inline bool must_break_outputs(const struct fixture *f)
{
    return f->t.geo.encoder->break_before_make;
}

static inline bool hitless(const struct fixture *f)
{
    return (f->t.geo.options & PTW_OPT_HITLESS) != 0;
}

/* The size of a live translation may change. */
static inline bool can_break(const struct fixture *f)
{
    return !(hitless(f) && must_break(f));
}

/* Its output may. */
static inline bool can_move(const struct fixture *f)
{
    return !(hitless(f) && must_break_outputs(f));
}

/* There are large leaves, and they can be cut: the default of unmap, protect and map. */
static inline bool can_cut(const struct fixture *f)
{
    return has_large_leaves(f) && can_break(f);
}

/* W can be taken away: there are read-only leaves (not with MediaTek's short descriptors). */
static inline bool has_read_only(const struct fixture *f)
{
    return fixture_legal(f, RO);
}

static inline bool has_read_only_tables(const struct fixture *f)
{
    return has_tables(f) && has_read_only(f);
}

static inline bool has_large_read_only(const struct fixture *f)
{
    return has_large_leaves(f) && has_read_only(f);
}

static inline bool can_cut_read_only(const struct fixture *f)
{
    return can_cut(f) && has_read_only(f);
}

/* What a map of holes owes here. */
static inline uint64_t owed_for_holes(const struct fixture *f)
{
    return f->t.geo.encoder->negative_caching ? PTW_OWED_MAKE : 0;
}

/* Of which size the leaf must be that a map makes at (addr, oa) with `left` bytes to go: the largest that both
 * alignments, what is left, the configuration and the cap allow. */
struct leaf_size {
    unsigned level, order;
};

static inline struct leaf_size largest_leaf(const struct fixture *f, ptw_addr addr, ptw_oa oa, uint64_t left,
                                            unsigned cap)
{
    struct leaf_size best = {0, 0};

    for (unsigned level = 0; level <= cap && level <= f->t.geo.max_leaf; level++)
        for (unsigned order = 0; order < 16; order++) {
            uint64_t size = span(f, level) << order;
            unsigned bits = level == f->t.geo.top ? f->t.geo.root_bits : ptw_level_bits(f->t.geo.encoder, level);

            if ((f->t.geo.orders[level] >> order & 1) != 0 && order <= bits && ((addr | oa) & (size - 1)) == 0 &&
                left >= size)
                best = (struct leaf_size){level, order};
        }
    return best;
}

/* The same sequence in every run (a linear congruential generator with its high bits mixed into the low ones). */
static inline uint64_t random64(void)
{
    static uint64_t seed = UINT64_C(0x2545f4914f6cdd1d);

    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return seed ^ seed >> 29 ^ seed << 31;
}

/* A format's geometry under "key=value,..."; the test fails if that is no configuration. */
static inline struct ptw_geometry configured(const struct ptw_format *format, const char *keys)
{
    struct ptw_config config = format->defaults;
    struct ptw_geometry geo;
    const char *why = NULL;

    if (!format_config(format, keys, &config))
        fail_msg("%s: \"%s\" is no configuration", format->name, keys);
    if (ptw_configure(format, &config, &geo, &why) != PTW_OK)
        fail_msg("%s: \"%s\" is refused: %s", format->name, keys, why != NULL ? why : "(no reason)");
    return geo;
}

/* --------------------------------------------------------------------------------------- expectations -------- */

/* What a word reads back as when it was made from `attr`: a writable leaf that can't be clean is dirty. */
static inline ptw_attr read_back(const struct fixture *f, ptw_attr attr)
{
    return attr | fixture_added_ad(f, attr);
}

/* What a merge makes of leaves that have, all together, `attr`: in a hitless table hardware may be making it dirty. */
static inline ptw_attr merged(const struct fixture *f, ptw_attr attr)
{
    return hitless(f) && (attr & PTW_W) != 0 ? attr | PTW_D : attr;
}

static inline void expect_status_at(ptw_status got, ptw_status want, const char *file, int line)
{
    if (got == want)
        return;
    print_error("status %s, wanted %s\n", ptw_status_name(got), ptw_status_name(want));
    _fail(file, line);
}
#define expect_status(got, want) expect_status_at((got), (want), __FILE__, __LINE__)

/* Done whole: `next` means nothing then. */
#define expect_done(r) expect_status_at((r).status, PTW_OK, __FILE__, __LINE__)

static inline void expect_result_at(struct ptw_result got, ptw_status want, ptw_addr next, const char *file, int line)
{
    if (got.status == want && got.next == next)
        return;
    print_error("{%s, 0x%" PRIx64 "}, wanted {%s, 0x%" PRIx64 "}\n", ptw_status_name(got.status), got.next,
                ptw_status_name(want), next);
    _fail(file, line);
}
#define expect_result(r, status, next) expect_result_at((r), (status), (next), __FILE__, __LINE__)

/* `addr` is translated to `oa` by a leaf at `level` with these attributes. */
static inline void expect_leaf_at(struct fixture *f, ptw_addr addr, ptw_oa oa, unsigned level, ptw_attr attr,
                                  const char *file, int line)
{
    struct hardware_leaf leaf;
    enum hardware_answer answer = hardware_walk(&f->hardware, &f->t, addr, &leaf);

    if (answer == HARDWARE_OK && leaf.oa + (addr - leaf.addr) == oa && leaf.level == level &&
        leaf.attr == read_back(f, attr))
        return;
    if (answer != HARDWARE_OK)
        print_error("0x%" PRIx64 " is not mapped\n", addr);
    else
        print_error("0x%" PRIx64 " -> 0x%" PRIx64 " level %u attributes 0x%" PRIx64 ", wanted 0x%" PRIx64
                    " level %u attributes 0x%" PRIx64 "\n",
                    addr, leaf.oa + (addr - leaf.addr), leaf.level, leaf.attr, oa, level, read_back(f, attr));
    _fail(file, line);
}
#define expect_leaf(f, addr, oa, level, attr) expect_leaf_at((f), (addr), (oa), (level), (attr), __FILE__, __LINE__)

static inline void expect_hole_at(struct fixture *f, ptw_addr addr, const char *file, int line)
{
    struct hardware_leaf leaf;

    if (hardware_walk(&f->hardware, &f->t, addr, &leaf) == HARDWARE_ABSENT)
        return;
    print_error("0x%" PRIx64 " is no hole\n", addr);
    _fail(file, line);
}
#define expect_hole(f, addr) expect_hole_at((f), (addr), __FILE__, __LINE__)

/* Exactly this is owed; with no reason the bounds mean nothing. */
static inline void expect_owed_at(const struct fixture *f, uint64_t reasons, ptw_addr first, ptw_addr last,
                                  const char *file, int line)
{
    const struct ptw_inval *i = &f->g.inval;

    if (i->reasons == reasons && (reasons == 0 || (i->first == first && i->last == last)))
        return;
    print_error("owed 0x%" PRIx64 " [0x%" PRIx64 ", 0x%" PRIx64 "], wanted 0x%" PRIx64 " [0x%" PRIx64 ", 0x%" PRIx64
                "]\n",
                i->reasons, i->first, i->last, reasons, first, last);
    _fail(file, line);
}
#define expect_owed(f, reasons, first, last) expect_owed_at((f), (reasons), (first), (last), __FILE__, __LINE__)

/*
 * Syncs. All of [first, last] was invalidated since `f->hardware.invalidations` was `since`, by the operation itself or
 * now, nothing outside of [low, high] was, and these reasons at least were given.
 */
static inline void expect_paid_at(struct fixture *f, uint64_t since, uint64_t reasons, ptw_addr first, ptw_addr last,
                                  ptw_addr low, ptw_addr high, const char *file, int line)
{
    struct ptw_inval all = {.first = ~UINT64_C(0)};

    fixture_sync(f);
    if (f->hardware.invalidations - since > HARDWARE_LOG)
        since = f->hardware.invalidations - HARDWARE_LOG;
    for (uint64_t i = since; i < f->hardware.invalidations; i++) {
        const struct ptw_inval *one = &f->hardware.log[i % HARDWARE_LOG];

        all.first = one->first < all.first ? one->first : all.first;
        all.last = one->last > all.last ? one->last : all.last;
        all.reasons |= one->reasons;
    }
    if ((all.reasons & reasons) == reasons && all.first <= first && all.last >= last && all.first >= low &&
        all.last <= high)
        return;
    print_error("paid 0x%" PRIx64 " [0x%" PRIx64 ", 0x%" PRIx64 "], wanted 0x%" PRIx64 " from [0x%" PRIx64
                ", 0x%" PRIx64 "] to [0x%" PRIx64 ", 0x%" PRIx64 "]\n",
                all.reasons, all.first, all.last, reasons, first, last, low, high);
    _fail(file, line);
}
#define expect_paid(f, since, reasons, first, last, low, high)                                                         \
    expect_paid_at((f), (since), (reasons), (first), (last), (low), (high), __FILE__, __LINE__)

/* ------------------------------------------------------------------------------------------- beginnings ------ */

/* Maps one leaf at `level` and starts with nothing owed. */
static inline ptw_addr map_block(struct fixture *f, unsigned level, ptw_attr attr)
{
    ptw_addr addr = input_for(f, level);

    expect_done(ptw_map(&f->t, addr, output_for(f, level), span(f, level), attr, 0, &f->g));
    expect_leaf(f, addr, output_for(f, level), level, attr);
    fixture_sync(f);
    return addr;
}

static inline void empty_all(struct fixture *f)
{
    expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, NULL, &f->g));
    fixture_sync(f);
    assert_int_equal(f->memory.outstanding, 1);
}

/* The same where marks and empty tables may be left, too. */
static inline void start_anew(struct fixture *f)
{
    (void)ptw_annotate(&f->t, 0, 0, 0, 0, PTW_ALL, &f->g);
    expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, NULL, &f->g));
    fixture_sync(f);
    (void)ptw_trim(&f->t, 0, 0, PTW_ALL, &f->g);
    fixture_sync(f);
    assert_int_equal(f->memory.outstanding, 1);
}

/* Runs the test in a table of each case; a case has the name of its format here. */
static inline void each_case(const struct format_case *cases, size_t n, void (*run)(struct fixture *f))
{
    for (size_t i = 0; i < n; i++) {
        struct format_case kase = cases[i];
        struct fixture f;
        const char *why;

        kase.format = ptw_format_find(kase.name);
        assert_non_null(kase.format);
        expect_status(fixture_open(&f, &kase), PTW_OK);
        run(&f);
        why = fixture_finish(&f);
        fixture_close(&f);
        if (why != NULL)
            fail_msg("%s \"%s\": %s", kase.name, kase.keys, why);
    }
}

/* ----------------------------------------------------------------------------------------- whole tables ------ */

#define LEAVES_MAX 40000

/* How many leaves a map makes of holes; LEAVES_MAX or more is counted no further. */
static inline uint64_t leaves_needed(const struct fixture *f, ptw_addr addr, ptw_oa oa, uint64_t size, unsigned cap)
{
    uint64_t n = 0;

    for (uint64_t done = 0; done < size && n < LEAVES_MAX; n++) {
        struct leaf_size leaf = largest_leaf(f, addr + done, oa + done, size - done, cap);

        done += span(f, leaf.level) << leaf.order;
    }
    return n;
}

/* All leaves and marks in order of place. */
struct leaves {
    size_t n;
    uint64_t tables; /* the root included */
    struct hardware_leaf leaf[LEAVES_MAX];
};

static inline bool add_to_leaves(void *ctx, const struct hardware_leaf *leaf)
{
    struct leaves *l = ctx;

    if (l->n == LEAVES_MAX)
        fail_msg("more than %d leaves", LEAVES_MAX);
    l->leaf[l->n++] = *leaf;
    return true;
}

/* Valid until the next call. */
static inline const struct leaves *leaves_of(struct fixture *f)
{
    static struct leaves l;

    l.n = 0;
    l.tables = hardware_visit(&f->hardware, &f->t, add_to_leaves, &l);
    return &l;
}

/* How many bytes the leaves at a level translate. */
static inline uint64_t bytes_at(struct fixture *f, unsigned level)
{
    const struct leaves *l = leaves_of(f);
    uint64_t bytes = 0;

    for (size_t i = 0; i < l->n; i++)
        if (l->leaf[i].level == level && l->leaf[i].kind == PTW_LEAF)
            bytes += l->leaf[i].last - l->leaf[i].addr + 1;
    return bytes;
}

/* How many leaves there are at a level. */
static inline uint64_t leaves_at(struct fixture *f, unsigned level)
{
    const struct leaves *l = leaves_of(f);
    uint64_t n = 0;

    for (size_t i = 0; i < l->n; i++)
        n += l->leaf[i].level == level && l->leaf[i].kind == PTW_LEAF;
    return n;
}

/* Writes an entry behind the walker's back, and out to memory where hardware does not look into caches. */
static inline void store(const struct fixture *f, void *slot, ptw_word w)
{
    hardware_store(&f->t, slot, w);
    if (f->memory.hooks.clean != NULL)
        f->memory.hooks.clean(f->memory.hooks.ctx, slot, f->t.geo.encoder->word_bytes);
}

/* Writes `w` over the entry where the walk for `addr` ends. */
static inline void plant(struct fixture *f, ptw_addr addr, ptw_word w)
{
    struct hardware_leaf leaf;

    (void)hardware_walk(&f->hardware, &f->t, addr, &leaf);
    store(f, leaf.slot, w);
}

/* The slot of `addr`'s entry in the table at `level`, reached by hand; the test fails if there is no such table. */
static inline void *slot_at(struct fixture *f, ptw_addr addr, unsigned level)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_addr place = addr & f->t.geo.ia_mask;
    ptw_oa pa = f->t.root_pa;

    for (unsigned l = f->t.geo.top;; l--) {
        unsigned bits = l == f->t.geo.top ? f->t.geo.root_bits : ptw_level_bits(e, l);
        ptw_addr index = place >> ptw_level_shift(e, l) & ptw_low_mask(bits);
        void *slot = ptw_sim_memory_at(&f->memory, pa + index * e->word_bytes);

        assert_non_null(slot);
        if (l == level)
            return slot;
        assert_int_equal(e->kind(&f->t.geo, hardware_load(&f->t, slot), l), PTW_TABLE);
        pa = e->table_pa(&f->t.geo, hardware_load(&f->t, slot), l);
    }
}

/* Everything that a call could have changed. */
struct snapshot {
    unsigned char *bytes;
    size_t used;
    uint64_t outstanding, allocs, frees, invalidations, generation;
    struct ptw_gather gather;
};

/* Only what is live: the rest of the arena may not be looked at. */
static inline void copy_live(const struct fixture *f, unsigned char *to)
{
    memset(to, 0, f->memory.used);
    for (uint32_t i = 0; i < f->memory.blocks; i++) {
        const struct ptw_sim_block *b = &f->memory.block[i];

        if (b->live)
            memcpy(to + b->offset, f->memory.arena + b->offset, b->bytes);
    }
}

static inline struct snapshot snapshot_take(const struct fixture *f)
{
    struct snapshot s = {malloc(f->memory.used), f->memory.used,
                         f->memory.outstanding,  f->memory.allocs,
                         f->memory.frees,        f->hardware.invalidations,
                         f->t.generation,        f->g};

    assert_non_null(s.bytes);
    copy_live(f, s.bytes);
    return s;
}

static inline bool snapshot_equal(const struct fixture *f, const struct snapshot *s)
{
    struct snapshot now;
    bool same;

    if (f->memory.used != s->used)
        return false;
    now = snapshot_take(f);
    same = memcmp(s->bytes, now.bytes, s->used) == 0 && now.outstanding == s->outstanding && now.allocs == s->allocs &&
           now.frees == s->frees && now.invalidations == s->invalidations && now.generation == s->generation &&
           now.gather.inval.reasons == s->gather.inval.reasons && now.gather.retired == s->gather.retired;
    free(now.bytes);
    return same;
}

/* Nothing changed since the snapshot was taken; gives it back. */
static inline void expect_unchanged_at(const struct fixture *f, struct snapshot *s, const char *file, int line)
{
    bool same = snapshot_equal(f, s);

    free(s->bytes);
    s->bytes = NULL;
    if (same)
        return;
    print_error("the call changed something\n");
    _fail(file, line);
}
#define expect_unchanged(f, s) expect_unchanged_at((f), (s), __FILE__, __LINE__)

/* Looks that the simulated hardware, which saw some of the table, has seen nothing that is no longer so. */
static inline void expect_coherent_at(struct fixture *f, bool owed, const char *file, int line)
{
    const char *why = hardware_check(&f->hardware, &f->t, owed);

    if (why == NULL)
        return;
    print_error("%s\n", why);
    _fail(file, line);
}
#define expect_coherent(f, owed) expect_coherent_at((f), (owed), __FILE__, __LINE__)

/* ---------------------------------------------------------------------------------------------- hooks -------- */

/* Where a test gets a look into the middle of an operation: before a table is allocated, after lines were written
 * back, before hardware is told to forget. */
enum spy_event { SPY_ALLOC, SPY_CLEAN, SPY_INVALIDATE };

/* Stands between a fixture's table and its hooks; lives until spy_end(). */
struct spy {
    struct fixture *f;
    void (*look)(struct spy *s, enum spy_event event);
    unsigned looks[SPY_INVALIDATE + 1];
    struct ptw_mem mem;
    struct ptw_hw hw;
};

static inline void spy_look(struct spy *s, enum spy_event event)
{
    s->looks[event]++;
    s->look(s, event);
}

static inline void *spy_alloc(void *ctx, size_t bytes, ptw_oa *pa)
{
    struct spy *s = ctx;

    spy_look(s, SPY_ALLOC);
    return s->mem.alloc(s->mem.ctx, bytes, pa);
}

static inline void spy_free(void *ctx, void *va, ptw_oa pa, size_t bytes)
{
    struct spy *s = ctx;

    s->mem.free(s->mem.ctx, va, pa, bytes);
}

static inline void *spy_va(void *ctx, ptw_oa pa)
{
    struct spy *s = ctx;

    return s->mem.va(s->mem.ctx, pa);
}

static inline void spy_clean(void *ctx, void *va, size_t bytes)
{
    struct spy *s = ctx;

    s->mem.clean(s->mem.ctx, va, bytes);
    spy_look(s, SPY_CLEAN);
}

static inline void spy_invalidate(void *ctx, const struct ptw_inval *inval)
{
    struct spy *s = ctx;

    spy_look(s, SPY_INVALIDATE);
    s->hw.invalidate(s->hw.ctx, inval);
}

static inline void spy_begin(struct spy *s, struct fixture *f, void (*look)(struct spy *s, enum spy_event event))
{
    *s = (struct spy){.f = f, .look = look, .mem = f->t.mem, .hw = f->t.hw};
    f->t.mem.alloc = spy_alloc;
    f->t.mem.free = spy_free;
    f->t.mem.va = s->mem.va != NULL ? spy_va : NULL;
    f->t.mem.clean = s->mem.clean != NULL ? spy_clean : NULL;
    f->t.mem.ctx = s;
    f->t.hw = (struct ptw_hw){.invalidate = spy_invalidate, .ctx = s};
}

static inline void spy_end(struct spy *s)
{
    s->f->t.mem = s->mem;
    s->f->t.hw = s->hw;
}

#endif
