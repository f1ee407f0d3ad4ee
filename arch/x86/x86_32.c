/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/x86/x86_32.c - 32-bit paging as a format: its engine, its configurations, the names of its bits. */
#include "x86_32.h"

#include "arch/fields.h"
#include "walk/ops.h"

PTW_DEFINE_OPS(x32_ops, &x32_encoder)

static const struct ptw_option x32_options[] = {
    {"ad", PTW_OPT_AD, "hardware sets accessed and dirty (always 1)"},
    {"pse", PTW_OPT_X86_PSE, "leaves of 4 MiB (CR4.PSE); else bit 7 of a table entry is ignored"},
    {"pse36", PTW_OPT_X86_PSE36, "leaves of 4 MiB have address bits 39:32 in 20:13"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static const struct ptw_field x32_fields[] = {
    {"P", 0, 0, PTW_FIELD_ANY, PTW_FIELD_ANY, "present; if 0, hardware ignores all other bits"},
    {"RW", 1, 1, PTW_FIELD_ANY, LEAF | TABLE, "writes allowed"},
    {"US", 2, 2, PTW_FIELD_ANY, LEAF | TABLE, "user accesses allowed"},
    {"PWT", 3, 3, PTW_FIELD_ANY, LEAF | TABLE, "bit 0 of the PAT index"},
    {"PCD", 4, 4, PTW_FIELD_ANY, LEAF | TABLE, "bit 1 of the PAT index"},
    {"A", 5, 5, PTW_FIELD_ANY, LEAF | TABLE, "accessed"},
    {"D", 6, 6, PTW_FIELD_ANY, LEAF, "dirty"},
    {"ignored", 6, 6, PTW_FIELD_ANY, TABLE, "ignored"},
    {"PAT", 7, 7, LEVELS_0, LEAF, "bit 2 of the PAT index"},
    {"PS", 7, 7, LEVELS_1, LEAF | TABLE, "1 is a leaf, 0 points to a table; ignored without pse"},
    {"G", 8, 8, PTW_FIELD_ANY, LEAF, "global"},
    {"ignored", 8, 8, PTW_FIELD_ANY, TABLE, "ignored"},
    {"soft", 11, 9, PTW_FIELD_ANY, LEAF, "software bits"},
    {"available", 11, 9, PTW_FIELD_ANY, TABLE, "software"},
    {"address", 31, 12, LEVELS_0, LEAF, "output address bits 31:12"},
    {"PAT", 12, 12, LEVELS_1, LEAF, "bit 2 of the PAT index"},
    {"address high", 20, 13, LEVELS_1, LEAF, "output address bits 39:32 (PSE-36), else must be 0"},
    {"reserved", 21, 21, LEVELS_1, LEAF, "must be 0"},
    {"address", 31, 22, LEVELS_1, LEAF, "output address bits 31:22"},
    {"table", 31, 12, PTW_FIELD_ANY, TABLE, "address of the next table"},
    {"mark type", 11, 8, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark payload", 31, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

/* Leaves are made below 4 GiB only, so that those of both sizes reach all outputs. */
static ptw_status x32_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    const struct ptw_shape shape = {.encoder = &x32_encoder,
                                    .ops = &x32_ops,
                                    .root_bits = 10,
                                    .ia_max = 32,
                                    .oa_max = 32,
                                    .leaf_top = (c->options & PTW_OPT_X86_PSE) != 0 ? 1 : 0,
                                    .ia_exact = true};

    if ((c->options & PTW_OPT_AD) == 0) {
        *why = "ad must be 1: nothing turns A and D off";
        return PTW_INVAL;
    }
    g->attr_legal = LEGACY_ATTR;
    g->rwx_legal = 0xa0;
    return ptw_configure_shape(&shape, c, g, why);
}

const struct ptw_format ptw_x86_32 = {
    .name = "x86-32",
    .summary = "32-bit paging, stage 1; Intel SDM vol 3A, Paging",
    .defaults = {.levels = 2, .oa = 32, .options = PTW_OPT_AD | PTW_OPT_X86_PSE | PTW_OPT_X86_PSE36},
    .levels_min = 2,
    .levels_max = 2,
    .options = x32_options,
    .fields = x32_fields,
    .configure = x32_configure,
};
