/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/dump_json.c - `ptw dump -o json`: one object, written as the table is walked, an element of an array a line.
 *
 *   schema   1; grows when a member changes its meaning or goes
 *   format, config, root, first, last    which table, as -F, -c and -r name it, and which input addresses
 *   leaves   [{va, oa, size, level, order, rights, type, attrs, accessed, dirty}, ...], order only of a group;
 *            with --merge in their place
 *   runs     [{va, oa, size, leaves, rights, type, attrs, accessed, dirty}, ...], leaves being their number
 *   marks    [{va, size, level, type, payload}, ...]; of type 0 (not made by the library) the payload is all of the entry
 *   error    {file, va, level, entry, at, why}, only if the walk ended at a broken entry: what follows it is missing
 *
 * Addresses, sizes, payloads and entries are strings of hexadecimal digits, because 64 bits do not fit into numbers.
 */
#include <inttypes.h>
#include <string.h>

#include "dump.h"

/* ------------------------------------------------------------------------------------------------- strings --- */

/* How many bytes the UTF-8 character at `p` has; 0: it is none. A zero ends the text, so nothing behind it is read. */
static size_t utf8_length(const unsigned char *p)
{
    const size_t length = p[0] < 0x80 ? 1 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3 : 4;

    if (length == 4 && (p[0] < 0xf0 || p[0] > 0xf4))
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0U) != 0x80)
            return 0;
    }
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xf0 && p[1] < 0x90)) /* longer than needed */
        return 0;
    if ((p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf4 && p[1] > 0x8f)) /* surrogates; beyond the last character */
        return 0;
    return length;
}

/* A string of `length` bytes of `text`, in quotes. File names may be anything: what is not UTF-8 becomes U+FFFD. */
static void put_string(const char *text, size_t length)
{
    const unsigned char *p = (const unsigned char *)text;
    const unsigned char *end = p + length;

    (void)putchar('"');
    while (p < end) {
        const size_t bytes = utf8_length(p);

        if (bytes == 0)
            (void)fputs("\\ufffd", stdout);
        else if (*p < 0x20 || *p == 0x7f)
            (void)printf("\\u%04x", *p);
        else if (*p == '"' || *p == '\\')
            (void)printf("\\%c", *p);
        else
            (void)fwrite(p, 1, bytes, stdout);
        p += bytes == 0 ? 1 : bytes;
    }
    (void)putchar('"');
}

static void put_name(const char *name, const char *text)
{
    (void)printf("\"%s\": ", name);
    put_string(text, strlen(text));
}

/* Begins another element of the array at hand. */
static void begin_element(struct dump *d)
{
    (void)fputs(d->elements++ == 0 ? "\n    {" : ",\n    {", stdout);
}

static void begin_array(struct dump *d, const char *name)
{
    (void)printf("  \"%s\": [", name);
    d->elements = 0;
}

static void end_array(const struct dump *d)
{
    (void)fputs(d->elements == 0 ? "]" : "\n  ]", stdout);
}

static const char *boolean(bool value)
{
    return value ? "true" : "false";
}

/* ------------------------------------------------------------------------------------------------- members --- */

static void put_config(const struct dump *d)
{
    const struct ptw_geometry *geo = &d->args.table.geo;
    const char *comma = "";

    (void)printf("  \"config\": {\"levels\": %u, \"ia\": %u, \"oa\": %u, \"granule\": \"0x%" PRIx64
                 "\", \"c-bit\": %u, \"options\": {",
                 geo->top + 1U, geo->ia_bits, geo->oa_bits, UINT64_C(1) << geo->encoder->granule, d->args.config.c_bit);
    for (const struct ptw_option *o = d->args.format->options; o->key != NULL; o++) {
        (void)fputs(comma, stdout);
        put_string(o->key, strlen(o->key));
        (void)printf(": %s", boolean((geo->options & o->bit) != 0));
        comma = ", ";
    }
    (void)fputs("}},\n", stdout);
}

static void json_begin(struct dump *d)
{
    (void)fputs("{\n  \"schema\": 1,\n  ", stdout);
    put_name("format", d->args.format->name);
    (void)fputs(",\n", stdout);
    put_config(d);
    (void)printf("  \"root\": \"0x%" PRIx64 "\",\n  \"first\": \"0x%016" PRIx64 "\",\n  \"last\": \"0x%016" PRIx64
                 "\",\n",
                 d->args.root, d->first, d->last);
    begin_array(d, d->merge ? "runs" : "leaves");
}

/* The words that text has, as an array, but for the memory type, a and d, which are members of their own. */
static void put_words(const char *words)
{
    const char *comma = "";

    (void)fputs(", \"attrs\": [", stdout);
    for (const char *p = strchr(words, ','); p != NULL; p = strchr(p, ',')) {
        const size_t length = strcspn(++p, ",");

        (void)fputs(comma, stdout);
        put_string(p, length);
        comma = ", ";
    }
    (void)fputs("]", stdout);
}

static void json_row(struct dump *d, const struct dump_row *row)
{
    char rights[5];

    cli_rights(row->granted, rights);
    begin_element(d);
    (void)printf("\"va\": \"0x%016" PRIx64 "\", \"oa\": \"0x%016" PRIx64 "\", \"size\": \"0x%" PRIx64 "\"", row->addr,
                 row->oa, row->size);
    if (d->merge)
        (void)printf(", \"leaves\": %" PRIu64, row->leaves);
    else
        (void)printf(", \"level\": %u", row->level);
    if (!d->merge && row->order != 0)
        (void)printf(", \"order\": %u", row->order);
    (void)printf(", \"rights\": \"%s\", \"type\": \"%s\"", rights, cli_memory_type(row->own));
    put_words(dump_words(d, row->own & ~PTW_AD, row->granted, row->level));
    (void)printf(", \"accessed\": %s, \"dirty\": %s}", boolean((row->own & PTW_A) != 0),
                 boolean((row->own & PTW_D) != 0));
}

static void json_begin_marks(struct dump *d)
{
    end_array(d);
    (void)fputs(",\n", stdout);
    begin_array(d, "marks");
}

static void json_mark(struct dump *d, const struct dump_mark *mark)
{
    begin_element(d);
    (void)printf("\"va\": \"0x%016" PRIx64 "\", \"size\": \"0x%" PRIx64
                 "\", \"level\": %u, \"type\": %u, \"payload\": \"0x%" PRIx64 "\"}",
                 mark->addr, mark->size, mark->level, mark->type, mark->payload);
}

static void json_end(struct dump *d)
{
    const struct ptw_entry *e = &d->broken;

    end_array(d);
    if (d->is_broken) {
        const ptw_oa where = entry_where(&d->args.table, e);

        (void)fputs(",\n  \"error\": {", stdout);
        put_name("file", image_file_of(&d->args.image, where));
        (void)printf(", \"va\": \"0x%016" PRIx64 "\", \"level\": %u, \"entry\": \"0x%016" PRIx64
                     "\", \"at\": \"0x%" PRIx64 "\", ",
                     e->addr, e->level, e->word, where);
        put_name("why", d->why);
        (void)putchar('}');
    }
    (void)fputs("\n}\n", stdout);
}

const struct dump_output dump_json = {
    .begin = json_begin, .row = json_row, .begin_marks = json_begin_marks, .mark = json_mark, .end = json_end};
