/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* image_stream.h - what the tests of export and import share: an image in memory, numbers in it, a table with a bit of
 * everything, and a second one whose tables lie elsewhere. */
#ifndef TEST_IMAGE_STREAM_H
#define TEST_IMAGE_STREAM_H

#include "conformance.h"

#include <ptw/image.h>

/* ------------------------------------------------------------------------------------------------ streams ---- */

#define HEADER 12U /* numbers before the items */

/* Items. */
#define EMPTY(n) ((uint64_t)(n) << 2)
#define WORDS(n) ((uint64_t)(n) << 2 | 1)
#define TABLE ((uint64_t)1 << 2 | 2)

/* An image in memory, and the way to it and from it. */
struct stream {
    struct ptw_image_writer w;
    struct ptw_image_reader r;
    unsigned char *bytes;
    size_t used, room, at;
    size_t writes_left; /* how many writes are taken */
    ptw_oa add;         /* relocation */
    uint64_t relocated; /* how many times it was asked */
    uint64_t refuse_at; /* the time it says no, from 1 */
};

static inline bool stream_write(struct ptw_image_writer *w, const void *bytes, size_t n)
{
    struct stream *s = (struct stream *)((char *)w - offsetof(struct stream, w));

    assert_true(n != 0 && n % 8 == 0);
    if (s->writes_left == 0)
        return false;
    s->writes_left--;
    if (s->used + n > s->room) {
        s->room = 2 * (s->used + n);
        s->bytes = realloc(s->bytes, s->room);
        assert_non_null(s->bytes);
    }
    memcpy(s->bytes + s->used, bytes, n);
    s->used += n;
    return true;
}

static inline bool stream_read(struct ptw_image_reader *r, void *bytes, size_t n)
{
    struct stream *s = (struct stream *)((char *)r - offsetof(struct stream, r));

    assert_true(n != 0);
    if (n > s->used - s->at)
        return false;
    memcpy(bytes, s->bytes + s->at, n);
    s->at += n;
    return true;
}

static inline bool stream_relocate(struct ptw_image_reader *r, ptw_oa *oa, uint64_t size)
{
    struct stream *s = (struct stream *)((char *)r - offsetof(struct stream, r));

    assert_true(size != 0 && (*oa & (size - 1)) == 0);
    *oa += s->add;
    return ++s->relocated != s->refuse_at;
}

static inline void stream_init(struct stream *s)
{
    memset(s, 0, sizeof(*s));
    s->w.write = stream_write;
    s->r.read = stream_read;
    s->writes_left = SIZE_MAX;
}

static inline uint64_t number_at(const struct stream *s, size_t i)
{
    uint64_t value = 0;

    for (unsigned byte = 8; byte-- != 0;)
        value = value << 8 | s->bytes[8 * i + byte];
    return value;
}

static inline void put_number(struct stream *s, uint64_t value)
{
    unsigned char bytes[8];

    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(value >> 8U * i);
    assert_true(stream_write(&s->w, bytes, sizeof(bytes)));
}

/* Puts the sum behind what there is, as ptw/image.h defines it. */
static inline void seal(struct stream *s)
{
    const size_t n = s->used / 8;
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        sum = (sum ^ number_at(s, i)) * UINT64_C(0x9e3779b97f4a7c15);
        sum ^= sum >> 32;
    }
    put_number(s, sum);
}

static inline void export_whole(struct fixture *f, struct stream *s)
{
    stream_init(s);
    expect_status(ptw_export(&f->t, &s->w), PTW_OK);
}

/* ------------------------------------------------------------------------------------------------- tables ---- */

static inline void fill_at(struct fixture *f, ptw_addr addr, ptw_oa oa, uint64_t size, ptw_attr attr, uint64_t flags)
{
    struct ptw_result r = ptw_map(&f->t, ptw_first(&f->t) + addr, oa, size, attr, flags, &f->g);

    if (r.status != PTW_OK && r.status != PTW_EXISTS && r.status != PTW_SPURIOUS)
        fail_msg("map answers %s", ptw_status_name(r.status));
}

/* Pages from 1 on, among them other rights, software bits, A and D, and a group where there are such. */
static inline void fill_pages(struct fixture *f)
{
    fill_at(f, page(f), 9 * page(f), 3 * page(f), has_read_only(f) ? RO : RW, PTW_MAX_LEVEL(0));
    fill_at(f, 6 * page(f), 7 * page(f), page(f), within(f, RW | PTW_SOFT(1)), 0);
    fill_at(f, 7 * page(f), 6 * page(f), page(f), RW | PTW_A, 0);
    fill_at(f, 8 * page(f), 5 * page(f), page(f), RW | PTW_AD, 0);
    fill_at(f, 32 * page(f), 64 * page(f), 64 * page(f), RW | PTW_AD, 0);
    if (fixture_has_ad(f))
        (void)hardware_mark_ad(&f->hardware, &f->t, ptw_first(&f->t) + 33 * page(f), PTW_AD);
}

/* A bit of everything that a table can have. */
static inline void fill(struct fixture *f)
{
    const ptw_addr last = ptw_last(&f->t) - ptw_first(&f->t);

    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++)
        fill_at(f, input_for(f, level), output_for(f, level), span(f, level), RW, 0);
    fill_at(f, last - (page(f) - 1), f->t.geo.oa_last - (page(f) - 1), page(f), RW, 0);
    fill_pages(f);
    if (has_tables(f) && last / span(f, 1) > 3) { /* a table with nothing in it */
        fill_at(f, 3 * span(f, 1), 0, page(f), RW, 0);
        (void)ptw_unmap(&f->t, ptw_first(&f->t) + 3 * span(f, 1), page(f), 0, NULL, &f->g);
    }
    if (ptw_mark_bits(&f->t) != 0)
        expect_done(ptw_annotate(&f->t, ptw_first(&f->t) + 100 * page(f), 3 * page(f), 5, 1, 0, &f->g));
    ptw_gather_sync(&f->g);
}

/* A few entries at the ends of the smallest number of tables. */
static inline void fill_a_little(struct fixture *f)
{
    fill_at(f, 0, page(f), 2 * page(f), RW, PTW_MAX_LEVEL(0));
    fill_at(f, 40 * page(f), 80 * page(f), page(f), has_read_only(f) ? RO : RW, 0);
    ptw_gather_sync(&f->g);
}

/* The largest leaf. */
static inline void fill_a_block(struct fixture *f)
{
    const unsigned level = f->t.geo.max_leaf;

    if (level != 0)
        fill_at(f, input_for(f, level), output_for(f, level), span(f, level), RW, 0);
    ptw_gather_sync(&f->g);
}

/* A second table like that of `f`, empty, whose tables will lie elsewhere. */
struct elsewhere {
    struct fixture f;
    void *spare;
    ptw_oa spare_pa;
    size_t spare_bytes;
};

static inline struct elsewhere *elsewhere_open(const struct fixture *f)
{
    struct elsewhere *there = calloc(1, sizeof(*there));

    assert_non_null(there);
    expect_status(fixture_open(&there->f, f->kase), PTW_OK);
    ptw_destroy(&there->f.t);
    ptw_sim_memory_reset(&there->f.memory);
    there->spare_bytes = 4096;
    there->spare = there->f.memory.hooks.alloc(there->f.memory.hooks.ctx, there->spare_bytes, &there->spare_pa);
    assert_non_null(there->spare);
    expect_status(ptw_init(&there->f.t, f->format, &f->config, &there->f.memory.hooks, &there->f.hardware.hooks),
                  PTW_OK);
    there->f.t.geo.ops = f->t.geo.ops;
    there->f.t.ops = f->t.ops;
    assert_true(there->f.t.root_pa != f->t.root_pa);
    return there;
}

static inline void elsewhere_close(struct elsewhere *there)
{
    const char *why;

    there->f.memory.hooks.free(there->f.memory.hooks.ctx, there->spare, there->spare_pa, there->spare_bytes);
    why = fixture_finish(&there->f);
    fixture_close(&there->f);
    free(there);
    if (why != NULL)
        fail_msg("the imported table: %s", why);
}

/* Nothing but an empty root, and nothing leaked. */
static inline void expect_empty_table(struct elsewhere *there)
{
    assert_int_equal(there->f.memory.outstanding, 2);
    assert_int_equal(leaves_of(&there->f)->n, 0);
    assert_false(there->f.t.marked);
}

static inline void expect_sound(struct fixture *f)
{
    struct ptw_finding finding;
    ptw_oa scratch[16];

    if (ptw_verify(&f->t, scratch, COUNT(scratch), f->memory.outstanding, &finding) != PTW_OK)
        fail_msg("verify: %s", finding.why);
}

/* Entry by entry, holes and tables too; words but those of tables, whose addresses differ. */
static inline void expect_same_entries(struct fixture *a, struct fixture *b)
{
    struct ptw_cursor ca, cb;
    struct ptw_entry x, y;

    expect_status(ptw_cursor_init(&ca, &a->t, 0, 0, PTW_ALL | PTW_VISIT_HOLES | PTW_VISIT_POST), PTW_OK);
    expect_status(ptw_cursor_init(&cb, &b->t, 0, 0, PTW_ALL | PTW_VISIT_HOLES | PTW_VISIT_POST), PTW_OK);
    for (;;) {
        const ptw_status status = ptw_cursor_next(&ca, &x);

        expect_status(ptw_cursor_next(&cb, &y), status);
        if (status != PTW_OK)
            break;
        if (x.addr != y.addr || x.kind != y.kind || x.level != y.level || x.order != y.order || x.index != y.index ||
            x.post != y.post || x.limits != y.limits || (x.kind != PTW_TABLE && x.word != y.word))
            fail_msg("0x%" PRIx64 ", level %u: 0x%" PRIx64 " and 0x%" PRIx64, x.addr, x.level, x.word, y.word);
    }
}

static inline void expect_refused(struct elsewhere *there, struct stream *s, const char *want, const char *what)
{
    const char *why = NULL;

    s->at = 0;
    expect_status(ptw_import(&there->f.t, &s->r, &why), PTW_INVAL);
    if (why == NULL || *why == '\0' || (want != NULL && strcmp(why, want) != 0))
        fail_msg("%s: refused because \"%s\"", what, why == NULL ? "" : why);
    expect_empty_table(there);
}

#endif
