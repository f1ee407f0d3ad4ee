/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/x86/vtd_ss.c - VT-d second stage as a format: its engine, its configurations, the names of its bits. */
#include "vtd_ss.h"

#include "arch/fields.h"
#include "walk/configure.h"
#include "walk/ops.h"

PTW_DEFINE_OPS(vtd_ss_ops, &vtd_ss_encoder)

static const struct ptw_option vtd_ss_options[] = {
    {"ad", PTW_OPT_AD, "hardware sets accessed and dirty (SSADE in the PASID entry)"},
    {"snp", PTW_OPT_VTD_SNP, "bit 11 forces snooping (ECAP.SC), else it is reserved"},
    {"tm", PTW_OPT_VTD_TM, "bit 62 hints at transient mappings (ECAP.DT), else it is reserved"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static const struct ptw_field vtd_ss_fields[] = {
    {"R", 0, 0, PTW_FIELD_ANY, LEAF | TABLE, "read"},
    {"W", 1, 1, PTW_FIELD_ANY, LEAF | TABLE, "write"},
    {"reserved", 2, 2, PTW_FIELD_ANY, LEAF | TABLE, "must be 0 (execute in old revisions)"},
    {"EMT", 5, 3, PTW_FIELD_ANY, LEAF, "memory type, if enabled in the PASID entry, else ignored"},
    {"IPAT", 6, 6, PTW_FIELD_ANY, LEAF, "ignore PAT, if memory types are enabled, else ignored"},
    {"ignored", 6, 3, PTW_FIELD_ANY, TABLE, "ignored; reserved in old revisions"},
    {"ignored", 7, 7, LEVELS_0, LEAF, "ignored"},
    {"PS", 7, 7, LEVELS_UP, LEAF | TABLE, "1 is a leaf, 0 points to a table"},
    {"A", 8, 8, PTW_FIELD_ANY, LEAF | TABLE, "accessed, if SSADE is set, else ignored"},
    {"D", 9, 9, PTW_FIELD_ANY, LEAF, "dirty, if SSADE is set, else ignored"},
    {"ignored", 9, 9, PTW_FIELD_ANY, TABLE, "ignored"},
    {"ignored", 10, 10, PTW_FIELD_ANY, LEAF | TABLE, "ignored"},
    {"SNP", 11, 11, PTW_FIELD_ANY, LEAF, "snooped, whatever the request says; reserved without ECAP.SC"},
    {"reserved", 11, 11, PTW_FIELD_ANY, TABLE, "must be 0"},
    {"address", 51, 12, LEVELS_0, LEAF, "output address bits 51:12"},
    {"reserved", 20, 12, LEVELS_1, LEAF, "must be 0"},
    {"address", 51, 21, LEVELS_1, LEAF, "output address bits 51:21"},
    {"reserved", 29, 12, LEVELS_2, LEAF, "must be 0"},
    {"address", 51, 30, LEVELS_2, LEAF, "output address bits 51:30"},
    {"table", 51, 12, PTW_FIELD_ANY, TABLE, "address of the next table"},
    {"soft", 61, 52, PTW_FIELD_ANY, LEAF, "software bits"},
    {"ignored", 61, 52, PTW_FIELD_ANY, TABLE, "ignored"},
    {"TM", 62, 62, PTW_FIELD_ANY, LEAF, "transient mapping; reserved without ECAP.DT"},
    {"reserved", 62, 62, PTW_FIELD_ANY, TABLE, "must be 0"},
    {"ignored", 63, 63, PTW_FIELD_ANY, LEAF | TABLE, "ignored"},
    {"mark type", 7, 4, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark payload", 62, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

static ptw_status vtd_ss_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    const struct ptw_shape shape = {
        .encoder = &vtd_ss_encoder, .ops = &vtd_ss_ops, .root_bits = 9, .ia_max = 57, .oa_max = 52, .leaf_top = 2};

    g->attr_legal = PTW_R | PTW_W | PTW_AD | ((c->options & PTW_OPT_VTD_SNP) != 0 ? PTW_VTD_SNP : 0) |
                    ((c->options & PTW_OPT_VTD_TM) != 0 ? PTW_VTD_TM : 0);
    g->rwx_legal = 0x0e;
    return ptw_configure_shape(&shape, c, g, why);
}

const struct ptw_format ptw_vtd_ss = {
    .name = "vtd-ss",
    .summary = "Intel VT-d second stage, device addresses; Intel VT-d specification, 3.7 and 9.8",
    .defaults = {.levels = 4, .oa = 52},
    .levels_min = 3,
    .levels_max = 5,
    .options = vtd_ss_options,
    .fields = vtd_ss_fields,
    .configure = vtd_ss_configure,
};
