/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/entry.h - one page-table entry, explained from what its format says of itself: names of bits, attributes,
 * and why a reader cannot go on there. Shared by decode, dump and walk; knows no format.
 */
#ifndef PTW_TOOL_ENTRY_H
#define PTW_TOOL_ENTRY_H

#include "table_args.h"

/* "empty", "mark", "table", "leaf". */
const char *entry_kind_name(enum ptw_kind kind);

/* True if the field exists in entries of this kind at this level. */
bool entry_has_field(const struct ptw_field *field, unsigned level, enum ptw_kind kind);

/* The field's value, shifted down. */
uint64_t entry_field_value(const struct ptw_field *field, ptw_word word);

/* The set bits of `word` that no field of this kind and level names. */
ptw_word entry_unnamed_bits(const struct ptw_format *format, ptw_word word, unsigned level, enum ptw_kind kind);

/* The names of the bits that are set, each after a space: " P RW A D"; addresses left out. */
void entry_print_bits(FILE *out, const struct ptw_format *format, ptw_word word, unsigned level, enum ptw_kind kind);

/*
 * The words for a leaf's attributes but R, W, X and user: "wb,ux,a,d,g,soft=0x3,ipat". `own` is the leaf's own attr,
 * `granted` the effective one. A format's own attributes carry the name that the format gives them, else that of the
 * field that they are stored in.
 */
#define ENTRY_ATTRS_CHARS 256
void entry_attrs(const struct ptw_format *format, const struct ptw_geometry *geo, ptw_attr own, ptw_attr granted,
                 unsigned level, char out[ENTRY_ATTRS_CHARS]);

/* What a leaf grants below tables that leave `limits`. */
ptw_attr entry_granted(ptw_attr own, ptw_attr limits);

/* The physical address of an entry. */
ptw_oa entry_where(const struct ptw_table *t, const struct ptw_entry *e);

/* The level of the table that a TABLE entry above level 0 points to. */
unsigned entry_child_level(const struct ptw_geometry *geo, const struct ptw_entry *e);

/* The tables that lead to an entry, by level: what entry_objection() needs to recognise a cycle. Begins as {0}. */
struct entry_path {
    ptw_oa table[PTW_LEVELS_MAX];
    unsigned known; /* bit l: there is one at level l. Entries may leave levels out */
};

/* To be called for every entry of a cursor, in its order. */
void entry_path_note(struct entry_path *path, const struct ptw_entry *e);

/*
 * Why no reader can go on at this entry: the architecture forbids it, it leads back to a table above it, or to a table
 * that the image does not hold. False if there is nothing to object; otherwise `why` is one clause.
 */
#define ENTRY_WHY_CHARS 256
bool entry_objection(const struct table_args *args, const struct entry_path *path, const struct ptw_entry *e,
                     char why[ENTRY_WHY_CHARS]);

/* Prints the line "FILE: address, level, entry: why"; returns CLI_BAD. */
int entry_fail(const struct table_args *args, const struct ptw_entry *e, const char *why);

#endif
