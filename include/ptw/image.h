/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/image.h - a whole table as a stream of bytes, and back: for live update, hand-over, a test's record.
 *
 *   ptw_export(&t, &writer);          here
 *   ptw_init(&u, format, &config, &mem, &hw);
 *   ptw_import(&u, &reader, &why);    there, where tables lie at other addresses
 *
 * An image has no address of a table: the import allocates tables of its own and links them.
 */
#ifndef PTW_IMAGE_H
#define PTW_IMAGE_H

#include <ptw/ptw.h>

/*
 * An image is a sequence of numbers of 64 bits, lowest byte first, the same on every host:
 *
 *   0        "ptwimage", first letter in the lowest byte
 *   1        version: PTW_IMAGE_VERSION
 *   2 - 5    the format's name, first letter in the lowest byte of number 2; zeroes behind it, cut off after 32 letters
 *   6        shape: bits 7:0 top, 15:8 root_bits, 23:16 max_leaf, 31:24 ia_bits, 39:32 oa_bits, 47:40 word_bytes,
 *            55:48 log2 of the granule
 *   7 - 10   options, leaf_or, table_or, attr_legal: these and the shape as in struct ptw_geometry
 *   11       1 if the table is `marked`, otherwise 0
 *   items    the slots of the root in order
 *   last     a sum of all before it, which finds what went wrong on the way and does not authenticate: from 0 on, for
 *            each number, s = (s ^ number) * 0x9e3779b97f4a7c15, then s = s ^ s >> 32
 *
 * An item is a number, n << 2 | kind, that speaks of the next n (not 0) slots of one table:
 *
 *   kind 0   n empty slots
 *   kind 1   n leaves or marks: the words of n entries follow, in native order, zero-extended
 *   kind 2   a table entry (n is 1): the items of the table one level down follow, until it is full; then those of this
 *            table go on
 */
#define PTW_IMAGE_VERSION 1U

/* Where an image goes. False: no more is wanted. */
struct ptw_image_writer {
    bool (*write)(struct ptw_image_writer *w, const void *bytes, size_t n);
};

/*
 * Where an image comes from.
 *
 *   read       fills `bytes` with the next n bytes, n not 0. False: there are not as many. Nothing is asked for beyond
 *              the last number, so that more may follow in the same stream.
 *   relocate   NULL, or where the leaf of `size` bytes at *oa goes here; asked once for a group. *oa must stay a
 *              multiple of `size`, and within the output bits. False: the leaf may not come in.
 */
struct ptw_image_reader {
    bool (*read)(struct ptw_image_reader *r, void *bytes, size_t n);
    bool (*relocate)(struct ptw_image_reader *r, ptw_oa *oa, uint64_t size);
};

/*
 * Writes the image of the table, which is not changed: leaves and marks are in it as they stand, with A, D, software
 * bits, payloads and groups, and tables, empty ones too. Of a table entry nothing is in it but that it is there. What
 * hardware sets during the call may be missing; for D that matters: have hardware stopped, or take a dirty round after
 * it.
 *
 * PTW_OK; PTW_NOMEM (write() answered false), PTW_AGAIN (a mark of somebody at work), PTW_UNSUPPORTED (a table entry
 * that leaves levels out or takes rights away: not made here), PTW_FAULTED. Other than after PTW_OK, what was written
 * is no image.
 */
ptw_status ptw_export(const struct ptw_table *t, struct ptw_image_writer *w);

/*
 * Fills an empty table, just made by ptw_init with the format and configuration that the image is of. No hardware walks
 * it before the call is over; nothing is invalidated.
 *
 * The image need not be trusted: what ptw_verify would object to does not come in, nor a leaf that this configuration
 * does not make. No more is read than a full table needs, and at most one table is allocated for 8 bytes that were
 * read.
 *
 * PTW_OK; PTW_EXISTS (the table is not empty), PTW_INVAL (with one clause in *why, if why is not NULL), PTW_NOMEM. On
 * failure the table is empty, and all that was allocated is freed.
 */
ptw_status ptw_import(struct ptw_table *t, struct ptw_image_reader *r, const char **why);

#endif
