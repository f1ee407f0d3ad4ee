/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/dump.h - between `ptw dump` (dump.c), which walks a table, and what it prints: text and tsv, json, dot, a
 * file each (dump_text.c, dump_json.c, dump_dot.c).
 */
#ifndef PTW_TOOL_DUMP_H
#define PTW_TOOL_DUMP_H

#include "entry.h"

/* A leaf, or a run of leaves with --merge. */
struct dump_row {
    ptw_addr addr;
    ptw_oa oa;
    uint64_t size; /* 0: no row */
    uint64_t leaves;
    ptw_attr own, granted;
    unsigned level, order; /* of the first leaf */
};

struct dump_mark {
    ptw_addr addr;
    uint64_t size, payload; /* as dump_mark_at() gives it */
    unsigned level, type;
};

struct dump {
    struct table_args args;
    struct entry_path path;
    uint64_t limit;
    uint64_t visits;
    bool merge, has_limit;
    const char *range_text;
    ptw_addr first, last; /* the range */
    struct dump_row row;  /* not printed yet */

    /* The first entry at which no reader can go on, and why. */
    bool is_broken;
    struct ptw_entry broken;
    char why[ENTRY_WHY_CHARS];

    /* The words of the last attributes printed: neighbours mostly have the same. */
    ptw_attr words_own, words_granted;
    unsigned words_level;
    char words[ENTRY_ATTRS_CHARS];

    uint64_t elements; /* json: of the array that is being written */
};

/*
 * An output of rows: begin, each row in order of address, [begin_marks, each mark,] end. Marks are found by another
 * walk, so that nothing has to be remembered; NULL: no marks wanted. After a broken entry no row follows, and end()
 * finds it in the dump; its line on stderr comes after that.
 */
struct dump_output {
    void (*begin)(struct dump *d);
    void (*row)(struct dump *d, const struct dump_row *row);
    void (*begin_marks)(struct dump *d);
    void (*mark)(struct dump *d, const struct dump_mark *mark);
    void (*end)(struct dump *d);
};

extern const struct dump_output dump_text, dump_tsv, dump_json;

/* The output that is not made of rows: all tables of the range. CLI_OK, or CLI_BAD after one line. */
int dump_dot(struct dump *d);

/* The range as a cursor takes it, --range or everything; `flags` are more of PTW_VISIT_... */
ptw_status dump_cursor(struct dump *d, struct ptw_cursor *c, uint64_t flags);

/* Notes a broken entry, if it is the first. */
void dump_note_broken(struct dump *d, const struct ptw_entry *e, const char *why);

/* The type of the mark in a hole, and *payload, as ptw_mark_at(); PTW_MARK_TYPES: there is none. Where the format's empty
 * word is another, a 0 of others is no mark either. */
unsigned dump_mark_at(const struct dump *d, const struct ptw_entry *e, uint64_t *payload);

/* The words of attributes (entry_attrs), remembered until others are asked for. */
const char *dump_words(struct dump *d, ptw_attr own, ptw_attr granted, unsigned level);

#endif
