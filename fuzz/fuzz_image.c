/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fuzz_image.c - bytes are the items of an image: the first chooses the case of the format table and what is done, the
 * rest comes behind a header that is right, mostly, with a sum that is right, mostly. What is refused leaves nothing;
 * what is accepted is a table that verify has nothing to say against, and that goes round once more to the same bytes.
 */
#include "input.h"

#include <ptw/image.h>

#include <string.h>

#define TABLES_MAX 40U
#define NUMBERS_MAX 8192U /* of an image that is written; the input's are fewer */
#define HEADER 12U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct stream {
    struct ptw_image_writer w;
    struct ptw_image_reader r;
    size_t used, at;
    uint64_t relocate; /* 0: nothing is said; 1: refused; otherwise added */
    unsigned char bytes[8 * NUMBERS_MAX];
};

static bool stream_write(struct ptw_image_writer *w, const void *bytes, size_t n)
{
    struct stream *s = (struct stream *)((char *)w - offsetof(struct stream, w));

    if (n > sizeof(s->bytes) - s->used)
        return false;
    memcpy(s->bytes + s->used, bytes, n);
    s->used += n;
    return true;
}

static bool stream_read(struct ptw_image_reader *r, void *bytes, size_t n)
{
    struct stream *s = (struct stream *)((char *)r - offsetof(struct stream, r));

    if (n > s->used - s->at)
        return false;
    memcpy(bytes, s->bytes + s->at, n);
    s->at += n;
    return true;
}

static bool stream_relocate(struct ptw_image_reader *r, ptw_oa *oa, uint64_t size)
{
    const struct stream *s = (struct stream *)((char *)r - offsetof(struct stream, r));

    must(size != 0 && (*oa & (size - 1)) == 0, "a misaligned leaf is to be relocated");
    *oa += s->relocate;
    return s->relocate != 1;
}

static void stream_init(struct stream *s)
{
    memset(s, 0, offsetof(struct stream, bytes));
    s->w.write = stream_write;
    s->r.read = stream_read;
}

static uint64_t number_at(const struct stream *s, size_t i)
{
    uint64_t value = 0;

    for (unsigned byte = 8; byte-- != 0;)
        value = value << 8 | s->bytes[8 * i + byte];
    return value;
}

static void put_number(struct stream *s, uint64_t value)
{
    unsigned char bytes[8];

    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(value >> 8U * i);
    (void)stream_write(&s->w, bytes, sizeof(bytes));
}

static void seal(struct stream *s)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < s->used / 8; i++) {
        sum = (sum ^ number_at(s, i)) * UINT64_C(0x9e3779b97f4a7c15);
        sum ^= sum >> 32;
    }
    put_number(s, sum);
}

/*
 * Behind the header (that of an empty table of this case) come the input's items, each from a byte: its low two bits
 * are the kind, the next two say how the rest of it is the number of slots (as it is; a byte instead; 512 less it; any
 * number).
 */
static void take_items(struct input *in, struct stream *s)
{
    while (in->left != 0 && s->used < sizeof(s->bytes) / 2) {
        const uint8_t code = take_byte(in);
        uint64_t n = code >> 4U;

        if ((code >> 2U & 3U) == 1)
            n = take_byte(in) + UINT64_C(1);
        else if ((code >> 2U & 3U) == 2)
            n = 512 - n;
        else if ((code >> 2U & 3U) == 3)
            n = take_number(in);
        put_number(s, n << 2 | (code & 3U));
        for (uint64_t i = 0; (code & 3) == 1 && i < n && in->left != 0; i++)
            put_number(s, (code & 4) != 0 ? take_raw(in) : take_number(in) | take_byte(in));
    }
}

static void go_round(struct fixture *f)
{
    static struct stream first, second;

    stream_init(&first);
    stream_init(&second);
    must(ptw_export(&f->t, &first.w) == PTW_OK, "what was imported is not exported");
    ptw_destroy(&f->t);
    must(f->memory.outstanding == 0, "tables leaked");
    must(fixture_reopen(f) == PTW_OK && ptw_import(&f->t, &first.r, NULL) == PTW_OK && first.at == first.used,
         "what was exported is not imported");
    must(ptw_export(&f->t, &second.w) == PTW_OK && second.used == first.used &&
             memcmp(second.bytes, first.bytes, first.used) == 0,
         "the second image is another one");
}

static void check(struct fixture *f, ptw_status status, const char *why)
{
    struct ptw_finding finding;
    ptw_oa scratch[8];

    must(status == PTW_OK || status == PTW_INVAL || status == PTW_NOMEM, "a status that import has not");
    must((status == PTW_OK) == (*why == '\0'), "a refusal without a reason, or a reason without one");
    must(status == PTW_OK || f->memory.outstanding == 1, "a refused image leaves tables");
    if (ptw_verify(&f->t, scratch, 8, f->memory.outstanding, &finding) != PTW_OK)
        must(false, finding.why);
    if (status == PTW_OK)
        go_round(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct stream s;
    struct input in = {data, size};
    struct fixture *f = fixture_of(take_byte(&in), TABLES_MAX);
    const uint8_t how = take_byte(&in);
    const char *why = NULL;

    stream_init(&s);
    must(ptw_export(&f->t, &s.w) == PTW_OK, "an empty table has no image");
    s.used = (how & 7) == 7 ? take_byte(&in) % (8 * HEADER) : (size_t)8 * HEADER;
    if ((how & 8) == 0)
        take_items(&in, &s);
    else if (in.left < sizeof(s.bytes) / 2)
        (void)stream_write(&s.w, in.data, in.left);
    if ((how & 16) == 0 && s.used % 8 == 0)
        seal(&s);
    if ((how & 32) != 0) {
        s.r.relocate = stream_relocate;
        s.relocate = (uint64_t)(how >> 6U) << (how & 7U ? 12U : 0U);
    }
    const ptw_status status = ptw_import(&f->t, &s.r, &why);
    check(f, status, why);
    const char *wrong = fixture_finish(f);
    must(wrong == NULL, wrong == NULL ? "" : wrong);
    return 0;
}
