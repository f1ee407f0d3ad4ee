/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/replay_check.h - holds what the library says against what the oracle says, page by page. Each comparison
 * counts as one check; the first few mismatches are printed.
 */
#ifndef PTW_TOOL_REPLAY_CHECK_H
#define PTW_TOOL_REPLAY_CHECK_H

#include "replay_guest.h"
#include "replay_oracle.h"

struct checker {
    struct ptw_sink sink; /* for the end: sees every leaf that is taken out */
    struct guest *guest;
    struct oracle *oracle;
    size_t round; /* for messages: round marks so far */
    uint64_t checks, mismatches;
    uint64_t refusals; /* of guest->refusals, how many are counted as mismatches already */
    size_t torn;       /* pages that the sink has seen taken out, or passed as not mapped */
    struct stopwatch translate, verify;
    struct ptw_stats stats; /* of the last check_table() */
};

void checker_init(struct checker *c, struct guest *guest, struct oracle *oracle);

/* After a fault: what was done is what had to be done, and the page is as it should be now. */
void check_fault(struct checker *c, size_t index, unsigned done, unsigned todo);

/* Every page of RAM leads where it should with the rights and in the leaf that it should; nothing else is mapped. */
void check_translations(struct checker *c);

/* The bitmaps of the last harvest have the oracle's dirty pages and no others. */
void check_dirty(struct checker *c);

/* The table obeys its architecture, holds the leaves that the oracle expects, and as many tables as are handed out. */
void check_table(struct checker *c);

/* After the guest is torn down with this checker's sink: every leaf was seen, only the root is left, and after
 * ptw_destroy(), which this calls, no table is outstanding. */
void check_end(struct checker *c);

#endif
