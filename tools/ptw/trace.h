/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/trace.h - a recorded guest: every page fault in order, as `ptw replay` reads it.
 *
 * Little-endian 64-bit records:   63        36 35   32 31              0
 *                                +------------+-------+-----------------+
 *                                |  time, us  |  op   | 4K guest frame  |
 *                                +------------+-------+-----------------+
 */
#ifndef PTW_TOOL_TRACE_H
#define PTW_TOOL_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_PAGE_SHIFT 12U

enum trace_op {
    TRACE_READ = 0,  /* the first access to a page, a read */
    TRACE_WRITE = 1, /* the first access to a page, a write */
    TRACE_AGAIN = 2, /* a write to a page that is write-protected: first read, or a round began since its last write */
    TRACE_ROUND = 3, /* a dirty round begins: every page is write-protected; the frame is 0 */
    TRACE_OPS
};

struct trace_record {
    enum trace_op op;
    uint32_t gfn;  /* guest frame number, 4 KiB */
    uint32_t time; /* microseconds since the start, 28 bits */
};

struct trace {
    unsigned char *bytes;
    size_t records;

    /* Every frame that a record touches, ascending, each once. */
    uint32_t *frames;
    size_t pages;

    size_t rounds, faults; /* records of TRACE_ROUND, and all others */
};

/*
 * Reads a whole trace ("-": standard input) and checks its sense: whole records, a known operation, time that never
 * runs backwards, round marks with frame 0, each page touched first once and written "again" only after that and
 * while it was not writable yet. False after one line on stderr that names the file and the byte offset; then nothing
 * is held.
 */
bool trace_read(struct trace *trace, const char *path);
void trace_free(struct trace *trace);

struct trace_record trace_record(const struct trace *trace, size_t index);

#endif
