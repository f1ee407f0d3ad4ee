/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/replay_report.h - what `ptw replay` tells: how far it is (on a terminal), a table of the rounds, and the
 * summary at the end.
 */
#ifndef PTW_TOOL_REPLAY_REPORT_H
#define PTW_TOOL_REPLAY_REPORT_H

#include "replay_check.h"
#include "trace.h"

/* One period of the guest's life: what lies before the first round mark, or one round. */
struct report_row {
    uint32_t begin; /* microseconds */
    uint64_t faults, dirty, splits;
    struct ptw_stats end, merged; /* at the period's end, and after the merge there */
};

struct report {
    const struct trace *trace;
    struct report_row *row; /* trace->rounds + 1 */
    size_t rows;
    uint64_t mapped, granted, split, spurious; /* faults by what they did */
    uint64_t clock_cost;
    bool all_rows;
};

bool report_init(struct report *report, const struct trace *trace, bool all_rows);
void report_free(struct report *report);

/* Says how far the run is if stderr is a terminal; may be called for every record. */
void report_progress(const struct report *report, size_t record, uint64_t checks);
void report_progress_end(void);

/* A line on stderr, out of the way of the progress. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The head of the report, and all of the rest; the last line is the verdict. */
void report_head(const struct guest *guest, const char *file);
void report_summary(const struct report *report, const struct checker *c);

#endif
