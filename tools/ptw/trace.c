/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tools/ptw/trace.c - reads a recorded guest and refuses one that no guest can have lived (trace.h). */
#include "trace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define RECORD_BYTES 8U

struct trace_record trace_record(const struct trace *trace, size_t index)
{
    const unsigned char *b = trace->bytes + index * RECORD_BYTES;
    uint64_t v = 0;

    for (unsigned i = 0; i < RECORD_BYTES; i++)
        v |= (uint64_t)b[i] << (8U * i);
    return (struct trace_record){(enum trace_op)(v >> 32U & 15U), (uint32_t)v, (uint32_t)(v >> 36U)};
}

/* The whole of a file, or of a pipe: its size is not asked for. */
static bool read_all(FILE *file, unsigned char **bytes, size_t *size)
{
    size_t room = (size_t)1 << 16U;
    size_t used = 0;
    unsigned char *buffer = malloc(room);

    while (buffer != NULL) {
        unsigned char *larger = NULL;

        used += fread(buffer + used, 1, room - used, file);
        if (used < room)
            break;
        room *= 2;
        larger = realloc(buffer, room);
        if (larger == NULL)
            free(buffer);
        buffer = larger;
    }
    *bytes = buffer;
    *size = used;
    return buffer != NULL && ferror(file) == 0;
}

static bool load(struct trace *trace, const char *path)
{
    const bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "rb");
    size_t size = 0;
    bool whole = false;
    int error = 0;

    if (file == NULL) {
        (void)cli_fail("%s: %s", path, strerror(errno));
        return false;
    }
    errno = 0;
    whole = read_all(file, &trace->bytes, &size);
    error = errno;
    if (!is_stdin)
        (void)fclose(file);
    trace->records = size / RECORD_BYTES;
    if (!whole)
        (void)cli_fail("%s: cannot be read: %s", path, error != 0 ? strerror(error) : "input error");
    else if (size % RECORD_BYTES != 0)
        (void)cli_fail("%s: offset 0x%zx: truncated, %zu of a record's %u bytes", path, size - size % RECORD_BYTES,
                       size % RECORD_BYTES, RECORD_BYTES);
    else if (size == 0)
        (void)cli_fail("%s: offset 0: no records, the file is empty", path);
    else
        return true;
    return false;
}

static int compare_frames(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static bool collect_frames(struct trace *trace)
{
    size_t n = 0;

    trace->frames = malloc(trace->records * sizeof(*trace->frames));
    if (trace->frames == NULL)
        return cli_fail("not enough memory for a trace of %zu records", trace->records) == CLI_OK;
    for (size_t i = 0; i < trace->records; i++) {
        const struct trace_record r = trace_record(trace, i);

        if (r.op == TRACE_ROUND)
            trace->rounds++;
        else
            trace->frames[n++] = r.gfn;
    }
    trace->faults = n;
    qsort(trace->frames, n, sizeof(*trace->frames), compare_frames);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || trace->frames[i] != trace->frames[trace->pages - 1])
            trace->frames[trace->pages++] = trace->frames[i];
    }
    return true;
}

/* What a page has seen: nothing, or the round of its last write plus 2, or that it was only read. */
enum { UNTOUCHED = 0, READ_ONLY = 1, WRITTEN = 2 };

/* Why this record cannot come now, or NULL. */
static const char *objection(struct trace_record r, uint32_t time, size_t *seen, size_t round)
{
    if ((unsigned)r.op >= TRACE_OPS)
        return "there are operations 0 to 3 only";
    if (r.time < time)
        return "time runs backwards";
    if (r.op == TRACE_ROUND)
        return r.gfn != 0 ? "a round mark has frame 0" : NULL;
    if (r.op != TRACE_AGAIN && *seen != UNTOUCHED)
        return "a first touch of a page that was touched before";
    if (r.op == TRACE_AGAIN && *seen == UNTOUCHED)
        return "a write to a protected page that was never touched";
    if (r.op == TRACE_AGAIN && *seen == WRITTEN + round)
        return "a write to a protected page that was written in this round already";
    *seen = r.op == TRACE_READ ? READ_ONLY : WRITTEN + round;
    return NULL;
}

static bool check_sense(const struct trace *trace, const char *path)
{
    size_t *seen = calloc(trace->pages + 1, sizeof(*seen));
    size_t round = 0;
    uint32_t time = 0;

    if (seen == NULL)
        return cli_fail("not enough memory for %zu pages", trace->pages) == CLI_OK;
    for (size_t i = 0; i < trace->records; i++) {
        const struct trace_record r = trace_record(trace, i);
        const uint32_t *frame = bsearch(&r.gfn, trace->frames, trace->pages, sizeof(*trace->frames), compare_frames);
        const size_t page = frame != NULL ? (size_t)(frame - trace->frames) : trace->pages;
        const char *why = objection(r, time, &seen[page], round);

        if (why != NULL) {
            (void)cli_fail("%s: offset 0x%zx: record %zu (operation %u, frame 0x%" PRIx32 ", %" PRIu32 " us): %s", path,
                           i * RECORD_BYTES, i, (unsigned)r.op, r.gfn, r.time, why);
            free(seen);
            return false;
        }
        round += r.op == TRACE_ROUND;
        time = r.time;
    }
    free(seen);
    return true;
}

bool trace_read(struct trace *trace, const char *path)
{
    *trace = (struct trace){0};
    if (load(trace, path) && collect_frames(trace) && check_sense(trace, path))
        return true;
    trace_free(trace);
    return false;
}

void trace_free(struct trace *trace)
{
    free(trace->bytes);
    free(trace->frames);
    *trace = (struct trace){0};
}
