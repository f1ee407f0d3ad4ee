/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tools/ptw/entry.c - one page-table entry, explained (entry.h). */
#include "entry.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

const char *entry_kind_name(enum ptw_kind kind)
{
    static const char *const names[] = {"empty", "mark", "table", "leaf"};

    return names[kind];
}

/* ------------------------------------------------------------------------------------------ names of bits --- */

bool entry_has_field(const struct ptw_field *field, unsigned level, enum ptw_kind kind)
{
    return (field->levels >> level & 1) != 0 && (field->kinds >> kind & 1) != 0;
}

uint64_t entry_field_value(const struct ptw_field *field, ptw_word word)
{
    return (word & PTW_BITS(field->hi, field->lo)) >> field->lo;
}

ptw_word entry_unnamed_bits(const struct ptw_format *format, ptw_word word, unsigned level, enum ptw_kind kind)
{
    for (const struct ptw_field *f = format->fields; f->name != NULL; f++) {
        if (entry_has_field(f, level, kind))
            word &= ~PTW_BITS(f->hi, f->lo);
    }
    return word;
}

/* Several fields of an entry may share a name ("ignored"); only then does it need its place to be told apart. */
static bool name_is_shared(const struct ptw_format *format, const struct ptw_field *field, unsigned level,
                           enum ptw_kind kind)
{
    for (const struct ptw_field *f = format->fields; f->name != NULL; f++) {
        if (f != field && entry_has_field(f, level, kind) && strcmp(f->name, field->name) == 0)
            return true;
    }
    return false;
}

/* Fields wider than this are addresses and payloads, which are printed otherwise. */
#define NARROW 16

void entry_print_bits(FILE *out, const struct ptw_format *format, ptw_word word, unsigned level, enum ptw_kind kind)
{
    ptw_word unnamed = entry_unnamed_bits(format, word, level, kind);

    for (const struct ptw_field *f = format->fields; f->name != NULL; f++) {
        const uint64_t value = entry_field_value(f, word);

        if (!entry_has_field(f, level, kind) || value == 0 || f->hi - f->lo >= NARROW)
            continue;
        (void)fprintf(out, " %s", f->name);
        if (name_is_shared(format, f, level, kind))
            (void)fprintf(out, "[%u]", f->lo);
        if (f->hi != f->lo)
            (void)fprintf(out, "=0x%" PRIx64, value);
    }
    for (; unnamed != 0; unnamed &= unnamed - 1U)
        (void)fprintf(out, " bit%u?", ptw_low_bit(unnamed));
}

/* --------------------------------------------------------------------------------------------- attributes --- */

ptw_attr entry_granted(ptw_attr own, ptw_attr limits)
{
    return own & (limits | ~PTW_RIGHTS);
}

static void append(char out[ENTRY_ATTRS_CHARS], const char *format, ...) __attribute__((format(printf, 2, 3)));
static void append(char out[ENTRY_ATTRS_CHARS], const char *format, ...)
{
    const size_t used = strlen(out);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(out + used, ENTRY_ATTRS_CHARS - used, format, args);
    va_end(args);
}

/* Appends ",name" or ",name=value" with the name as one lower-case word. */
static void append_field(char out[ENTRY_ATTRS_CHARS], const struct ptw_field *field, uint64_t value)
{
    char name[32];
    size_t n = 0;

    for (; field->name[n] != '\0' && n + 1U < sizeof(name); n++) {
        const int c = tolower((unsigned char)field->name[n]);

        name[n] = (char)(isgraph(c) && c != ',' ? c : '-');
    }
    name[n] = '\0';
    if (field->hi == field->lo && value != 0)
        append(out, ",%s", name);
    else
        append(out, ",%s=0x%" PRIx64, name, value);
}

/* A format's own attributes have no names of their own, but encoding the leaf with and without them shows where they
 * are stored, and that field has a name. */
static void append_own(const struct ptw_format *format, const struct ptw_geometry *geo, ptw_attr attr, unsigned level,
                       char out[ENTRY_ATTRS_CHARS])
{
    const size_t before = strlen(out);
    ptw_attr own = attr & ~ptw_low_mask(PTW_OWN_SHIFT);
    ptw_word with = 0;
    ptw_word without = 0;

    for (const struct ptw_attr_name *n = format->attr_names; n != NULL && n->name != NULL; n++) {
        if ((own & n->attr) == 0)
            continue;
        append(out, ",%s", n->name);
        own &= ~n->attr;
    }
    if (own == 0)
        return;
    if (geo->encoder->bits(geo, attr, level, 0, &with) && geo->encoder->bits(geo, attr & ~own, level, 0, &without)) {
        for (const struct ptw_field *f = format->fields; f->name != NULL; f++) {
            if (entry_has_field(f, level, PTW_LEAF) && entry_field_value(f, with ^ without) != 0)
                append_field(out, f, entry_field_value(f, with));
        }
    }
    if (strlen(out) == before)
        append(out, ",own=0x%" PRIx64, own >> PTW_OWN_SHIFT);
}

void entry_attrs(const struct ptw_format *format, const struct ptw_geometry *geo, ptw_attr own, ptw_attr granted,
                 unsigned level, char out[ENTRY_ATTRS_CHARS])
{
    out[0] = '\0';
    append(out, "%s%s%s%s%s", cli_memory_type(own), (granted & PTW_UX) != 0 ? ",ux" : "",
           (own & PTW_A) != 0 ? ",a" : "", (own & PTW_D) != 0 ? ",d" : "", (granted & PTW_GLOBAL) != 0 ? ",g" : "");
    if ((own & PTW_SOFT_MASK) != 0)
        append(out, ",soft=0x%" PRIx64, (own & PTW_SOFT_MASK) >> PTW_SOFT_SHIFT);
    append_own(format, geo, own, level, out);
}

/* -------------------------------------------------------------------------------------------- objections --- */

ptw_oa entry_where(const struct ptw_table *t, const struct ptw_entry *e)
{
    return e->table_pa + (uint64_t)e->index * t->geo.encoder->word_bytes;
}

void entry_path_note(struct entry_path *path, const struct ptw_entry *e)
{
    /* What lies below is of another way down. */
    path->known = (path->known & ~0U << e->level) | 1U << e->level;
    path->table[e->level] = e->table_pa;
}

static uint64_t table_bytes(const struct ptw_geometry *geo, unsigned level)
{
    const unsigned bits = level == geo->top ? geo->root_bits : ptw_level_bits(geo->encoder, level);

    return (uint64_t)geo->encoder->word_bytes << bits;
}

static bool say(char why[ENTRY_WHY_CHARS], const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool say(char why[ENTRY_WHY_CHARS], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(why, ENTRY_WHY_CHARS, format, args);
    va_end(args);
    return true;
}

unsigned entry_child_level(const struct ptw_geometry *geo, const struct ptw_entry *e)
{
    return geo->encoder->table_level != NULL ? geo->encoder->table_level(e->word, e->level) : e->level - 1U;
}

static bool table_objection(const struct table_args *args, const struct entry_path *path, const struct ptw_entry *e,
                            char why[ENTRY_WHY_CHARS])
{
    const struct ptw_geometry *geo = &args->table.geo;
    const ptw_oa child = geo->encoder->table_pa(geo, e->word, e->level);
    unsigned below = 0;
    uint64_t bytes = 0;
    uint64_t present = 0;

    if (e->level == 0)
        return say(why, "it points to a table, but below level 0 there is none");
    below = entry_child_level(geo, e);
    bytes = table_bytes(geo, below);
    for (unsigned level = e->level; level <= geo->top; level++) {
        if ((path->known >> level & 1U) != 0 && child - path->table[level] < table_bytes(geo, level))
            return say(why,
                       "a cycle: it points back to the table 0x%" PRIx64 " of level %u, through which it was reached",
                       path->table[level], level);
    }
    present = image_present(&args->image, child, bytes);
    if (present == 0)
        return say(why, "it points to a table of level %u at 0x%" PRIx64 ", which is outside of the file", below,
                   child);
    if (present < bytes)
        return say(why,
                   "it points to a table of level %u at 0x%" PRIx64
                   ", which is cut off by the end of the image: that has 0x%" PRIx64 " of its 0x%" PRIx64 " bytes",
                   below, child, present, bytes);
    return false;
}

bool entry_objection(const struct table_args *args, const struct entry_path *path, const struct ptw_entry *e,
                     char why[ENTRY_WHY_CHARS])
{
    const struct ptw_geometry *geo = &args->table.geo;
    const char *illegal = NULL;

    if (e->kind != PTW_TABLE && e->kind != PTW_LEAF)
        return false;
    illegal = geo->encoder->illegal(geo, e->word, e->level);
    if (illegal != NULL)
        return say(why, "%s", illegal);
    if (e->kind == PTW_TABLE)
        return table_objection(args, path, e, why);
    if (geo->encoder->leaf_orders(e->level) == 0 || e->level > geo->max_leaf)
        return say(why, "a leaf at a level that has none");
    return false;
}

int entry_fail(const struct table_args *args, const struct ptw_entry *e, const char *why)
{
    const ptw_oa where = entry_where(&args->table, e);

    return cli_fail("%s: address 0x%016" PRIx64 ", level %u, entry 0x%016" PRIx64 " at 0x%" PRIx64 ": %s",
                    image_file_of(&args->image, where), e->addr, e->level, e->word, where, why);
}
