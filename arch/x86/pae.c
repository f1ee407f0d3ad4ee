/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/x86/pae.c - PAE paging as a format: its engine, its configuration, the names of its bits. */
#include "pae.h"

#include "arch/fields.h"
#include "walk/ops.h"

PTW_DEFINE_OPS(pae_ops, &pae_encoder)

static const struct ptw_option pae_options[] = {
    {"ad", PTW_OPT_AD, "hardware sets accessed and dirty (always 1)"},
    {"nx", PTW_OPT_X86_NX, "bit 63 is no-execute (EFER.NXE)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

#define LEVELS_01 (LEVELS_0 | LEVELS_1)

static const struct ptw_field pae_fields[] = {
    {"P", 0, 0, PTW_FIELD_ANY, PTW_FIELD_ANY, "present; if 0, hardware ignores all other bits"},
    {"RW", 1, 1, LEVELS_01, LEAF | TABLE, "writes allowed"},
    {"US", 2, 2, LEVELS_01, LEAF | TABLE, "user accesses allowed"},
    {"reserved", 2, 1, LEVELS_2, TABLE, "must be 0"},
    {"PWT", 3, 3, PTW_FIELD_ANY, LEAF | TABLE, "bit 0 of the PAT index"},
    {"PCD", 4, 4, PTW_FIELD_ANY, LEAF | TABLE, "bit 1 of the PAT index"},
    {"A", 5, 5, LEVELS_01, LEAF | TABLE, "accessed"},
    {"D", 6, 6, PTW_FIELD_ANY, LEAF, "dirty"},
    {"ignored", 6, 6, LEVELS_1, TABLE, "ignored"},
    {"PAT", 7, 7, LEVELS_0, LEAF, "bit 2 of the PAT index"},
    {"PS", 7, 7, LEVELS_1, LEAF | TABLE, "1 is a leaf, 0 points to a table"},
    {"G", 8, 8, PTW_FIELD_ANY, LEAF, "global"},
    {"ignored", 8, 8, LEVELS_1, TABLE, "ignored"},
    {"reserved", 8, 5, LEVELS_2, TABLE, "must be 0"},
    {"soft", 11, 9, PTW_FIELD_ANY, LEAF, "software bits"},
    {"available", 11, 9, PTW_FIELD_ANY, TABLE, "software"},
    {"address", 51, 12, LEVELS_0, LEAF, "output address bits 51:12"},
    {"PAT", 12, 12, LEVELS_1, LEAF, "bit 2 of the PAT index"},
    {"reserved", 20, 13, LEVELS_1, LEAF, "must be 0"},
    {"address", 51, 21, LEVELS_1, LEAF, "output address bits 51:21"},
    {"table", 51, 12, PTW_FIELD_ANY, TABLE, "address of the next table"},
    {"reserved", 62, 52, LEVELS_01, LEAF | TABLE, "must be 0"},
    {"NX", 63, 63, LEVELS_01, LEAF | TABLE, "no instruction fetch"},
    {"reserved", 63, 52, LEVELS_2, TABLE, "must be 0"},
    {"mark type", 62, 59, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark", 51, 51, PTW_FIELD_ANY, HOLE, "1 in marks: keeps speculation out of memory (software)"},
    {"mark payload", 50, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

static ptw_status pae_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    const struct ptw_shape shape = {.encoder = &pae_encoder,
                                    .ops = &pae_ops,
                                    .root_bits = 2,
                                    .ia_max = 32,
                                    .oa_max = 52,
                                    .leaf_top = 1,
                                    .ia_exact = true};

    if ((c->options & PTW_OPT_AD) == 0) {
        *why = "ad must be 1: nothing turns A and D off";
        return PTW_INVAL;
    }
    g->attr_legal = LEGACY_ATTR;
    g->rwx_legal = (c->options & PTW_OPT_X86_NX) != 0 ? 0xaa : 0xa0;
    return ptw_configure_shape(&shape, c, g, why);
}

const struct ptw_format ptw_x86_pae = {
    .name = "x86-pae",
    .summary = "PAE paging of 32-bit processors, stage 1; Intel SDM vol 3A, Paging",
    .defaults = {.levels = 3, .oa = 52, .options = PTW_OPT_AD | PTW_OPT_X86_NX},
    .levels_min = 3,
    .levels_max = 3,
    .options = pae_options,
    .fields = pae_fields,
    .configure = pae_configure,
};
