/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tools/ptw/dump_text.c - `ptw dump -o text` and `-o tsv`: a line a row. */
#include <inttypes.h>

#include "dump.h"

static void text_begin(struct dump *d)
{
    (void)d;
    (void)printf("%-18s  %-18s  %5s  %-6s  %s\n", "va", "oa", "size", "rights", "attrs");
}

static void text_row(struct dump *d, const struct dump_row *row)
{
    char rights[5];
    char size[CLI_SIZE_CHARS];

    cli_rights(row->granted, rights);
    cli_size(row->size, size);
    (void)printf("0x%016" PRIx64 "  0x%016" PRIx64 "  %5s  %s    %s\n", row->addr, row->oa, size, rights,
                 dump_words(d, row->own, row->granted, row->level));
}

static void tsv_row(struct dump *d, const struct dump_row *row)
{
    char rights[5];

    cli_rights(row->granted, rights);
    (void)printf("0x%016" PRIx64 "\t0x%016" PRIx64 "\t0x%" PRIx64 "\t%s\t%s\n", row->addr, row->oa, row->size, rights,
                 dump_words(d, row->own, row->granted, row->level));
}

static void nothing(struct dump *d)
{
    (void)d;
}

const struct dump_output dump_text = {.begin = text_begin, .row = text_row, .end = nothing};
const struct dump_output dump_tsv = {.begin = nothing, .row = tsv_row, .end = nothing};
