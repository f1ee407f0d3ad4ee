/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/svg.h - the picture of a replayed guest: address space across, dirty rounds down. Above what was mapped at
 * which leaf size, below how many pages were written. The same run draws the same bytes: there is no time of the
 * machine in it.
 *
 *   column  a block of guest memory (2 MiB, or more if there would be too many)
 *   row     a round (or several, if there are too many); row 0 is the boot before the first mark
 */
#ifndef PTW_TOOL_SVG_H
#define PTW_TOOL_SVG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PICTURE_LEVELS 6U

/* The row of what was mapped after the last merge. */
#define PICTURE_MERGED SIZE_MAX

/* One row's numbers, for its bars. */
struct picture_row {
    size_t first, last; /* rounds */
    double begin;       /* seconds */
    uint64_t dirty, splits;
};

struct picture {
    uint64_t first;         /* the first frame drawn */
    uint64_t column_frames; /* frames of a column */
    size_t columns, rows, periods;
    unsigned page_shift, levels;
    struct picture_row *row;
    uint32_t *dirty;           /* pages written, [row][column] */
    uint8_t *lowest, *largest; /* levels of the leaves there, plus one; 0: nothing mapped. [row][column], and merged */
    uint64_t level_frames[PICTURE_LEVELS];
};

/* What the picture is of. */
struct picture_shape {
    uint64_t first, end; /* frames */
    size_t periods;      /* rounds and the boot */
    unsigned page_shift, levels;
    uint64_t level_frames[PICTURE_LEVELS]; /* frames of a leaf of each level */
};

bool picture_init(struct picture *p, const struct picture_shape *shape);
void picture_free(struct picture *p);

/* A period begins at that many seconds and had so many leaves split. */
void picture_period(struct picture *p, size_t period, double begin, uint64_t splits);

/* When `period` ended, a leaf mapped these frames; this frame had been written. */
void picture_leaf(struct picture *p, size_t period, uint64_t frame, uint64_t frames, unsigned level);
void picture_dirty(struct picture *p, size_t period, uint64_t frame);

/* The three lines above the picture. */
struct picture_text {
    const char *title, *subtitle, *verdict;
};

/* False if a write failed. */
bool picture_write(const struct picture *p, const struct picture_text *text, FILE *out);

#endif
