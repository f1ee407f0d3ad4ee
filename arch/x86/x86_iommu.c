/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/x86/x86_iommu.c - VT-d first stage and AMD IOMMU guest tables: words and engine of x86-64. */
#include "arch/fields.h"
#include "arch/x86/x86.h"

/* ------------------------------------------------------------------------------------------ VT-d first stage --- */

static const struct ptw_option vtd_fs_options[] = {
    {"ad", PTW_OPT_AD, "hardware sets accessed and dirty (always 1)"},
    {"ea", PTW_OPT_VTD_EA, "hardware sets extended-accessed, bit 10 (PASID entry EAFE)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static const struct ptw_field vtd_fs_fields[] = {
    {"P", 0, 0, PTW_FIELD_ANY, PTW_FIELD_ANY, "present; if 0, hardware ignores all other bits"},
    {"RW", 1, 1, PTW_FIELD_ANY, LEAF | TABLE, "writes allowed"},
    {"US", 2, 2, PTW_FIELD_ANY, LEAF | TABLE, "user requests allowed"},
    {"PWT", 3, 3, PTW_FIELD_ANY, LEAF | TABLE, "bit 0 of the PAT index, with memory-type support"},
    {"PCD", 4, 4, PTW_FIELD_ANY, LEAF | TABLE, "bit 1 of the PAT index, with memory-type support"},
    {"A", 5, 5, PTW_FIELD_ANY, LEAF | TABLE, "accessed"},
    {"D", 6, 6, PTW_FIELD_ANY, LEAF, "dirty"},
    {"ignored", 6, 6, PTW_FIELD_ANY, TABLE, "ignored"},
    {"PAT", 7, 7, LEVELS_0, LEAF, "bit 2 of the PAT index, with memory-type support"},
    {"PS", 7, 7, LEVELS_UP, LEAF | TABLE, "1 is a leaf, 0 points to a table"},
    {"G", 8, 8, PTW_FIELD_ANY, LEAF, "global, in some revisions"},
    {"ignored", 8, 8, PTW_FIELD_ANY, TABLE, "ignored"},
    {"ignored", 9, 9, PTW_FIELD_ANY, LEAF | TABLE, "ignored"},
    {"EA", 10, 10, PTW_FIELD_ANY, LEAF | TABLE, "extended-accessed, if enabled, else ignored"},
    {"ignored", 11, 11, PTW_FIELD_ANY, LEAF | TABLE, "ignored"},
    {"address", 51, 12, LEVELS_0, LEAF, "output address bits 51:12"},
    {"PAT", 12, 12, LEVELS_1 | LEVELS_2, LEAF, "bit 2 of the PAT index, with memory-type support"},
    {"reserved", 20, 13, LEVELS_1, LEAF, "must be 0"},
    {"address", 51, 21, LEVELS_1, LEAF, "output address bits 51:21"},
    {"reserved", 29, 13, LEVELS_2, LEAF, "must be 0"},
    {"address", 51, 30, LEVELS_2, LEAF, "output address bits 51:30"},
    {"table", 51, 12, PTW_FIELD_ANY, TABLE, "address of the next table"},
    {"soft", 58, 52, PTW_FIELD_ANY, LEAF, "software bits"},
    {"ignored", 62, 59, PTW_FIELD_ANY, LEAF, "ignored"},
    {"ignored", 62, 52, PTW_FIELD_ANY, TABLE, "ignored"},
    {"XD", 63, 63, PTW_FIELD_ANY, LEAF | TABLE, "ignored; no instruction fetch in old revisions"},
    {"mark type", 62, 59, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark", 51, 51, PTW_FIELD_ANY, HOLE, "1 in marks (software)"},
    {"mark payload", 50, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

static ptw_status vtd_fs_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    const struct x86_variant variant = {.attr = (c->options & PTW_OPT_VTD_EA) != 0 ? PTW_X86_EXTENDED_ACCESSED : 0,
                                        .rules = X86_NX_IGNORED | X86_NO_INTERRUPT_RANGE,
                                        .user = true,
                                        .sign_extended = true};

    return ptw_x86_configure(&variant, c, g, why);
}

const struct ptw_format ptw_vtd_fs = {
    .name = "vtd-fs",
    .summary = "Intel VT-d first stage, scalable mode; VT-d specification, 3.6 and 9.7",
    .defaults = {.levels = 4, .oa = 52, .options = PTW_OPT_AD},
    .levels_min = 4,
    .levels_max = 5,
    .options = vtd_fs_options,
    .fields = vtd_fs_fields,
    .configure = vtd_fs_configure,
};

/* -------------------------------------------------------------------------------------------- AMD IOMMU v2 --- */

static const struct ptw_option amdv2_options[] = {
    {"ad", PTW_OPT_AD, "hardware sets accessed and dirty (always 1)"},
    {"nx", PTW_OPT_X86_NX, "bit 63 is no-execute (EFR.NXSup)"},
    {"giov", PTW_OPT_AMDV2_GIOV, "unsigned input: PASID 0 through DTE.GIOV"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static const struct ptw_field amdv2_fields[] = {
    {"P", 0, 0, PTW_FIELD_ANY, PTW_FIELD_ANY, "present; if 0, hardware ignores all other bits"},
    {"RW", 1, 1, PTW_FIELD_ANY, LEAF | TABLE, "writes allowed"},
    {"US", 2, 2, PTW_FIELD_ANY, LEAF | TABLE, "user requests allowed"},
    {"PWT", 3, 3, PTW_FIELD_ANY, LEAF | TABLE, "write 0"},
    {"PCD", 4, 4, PTW_FIELD_ANY, LEAF | TABLE, "write 0"},
    {"A", 5, 5, PTW_FIELD_ANY, LEAF | TABLE, "accessed"},
    {"D", 6, 6, PTW_FIELD_ANY, LEAF, "dirty"},
    {"ignored", 6, 6, PTW_FIELD_ANY, TABLE, "ignored"},
    {"PAT", 7, 7, LEVELS_0, LEAF, "write 0"},
    {"PS", 7, 7, LEVELS_UP, LEAF | TABLE, "1 is a leaf, 0 points to a table"},
    {"G", 8, 8, PTW_FIELD_ANY, LEAF, "write 0"},
    {"ignored", 8, 8, PTW_FIELD_ANY, TABLE, "ignored"},
    {"available", 11, 9, PTW_FIELD_ANY, LEAF | TABLE, "software"},
    {"address", 51, 12, LEVELS_0, LEAF, "output address bits 51:12; a C-bit is one of them"},
    {"PAT", 12, 12, LEVELS_1 | LEVELS_2, LEAF, "write 0"},
    {"reserved", 20, 13, LEVELS_1, LEAF, "must be 0"},
    {"address", 51, 21, LEVELS_1, LEAF, "output address bits 51:21; a C-bit is one of them"},
    {"reserved", 29, 13, LEVELS_2, LEAF, "must be 0"},
    {"address", 51, 30, LEVELS_2, LEAF, "output address bits 51:30; a C-bit is one of them"},
    {"table", 51, 12, PTW_FIELD_ANY, TABLE, "address of the next table; a C-bit is one of them"},
    {"soft", 58, 52, PTW_FIELD_ANY, LEAF, "software bits"},
    {"available", 62, 59, PTW_FIELD_ANY, LEAF, "software"},
    {"available", 62, 52, PTW_FIELD_ANY, TABLE, "software"},
    {"NX", 63, 63, PTW_FIELD_ANY, LEAF | TABLE, "no instruction fetch"},
    {"mark type", 62, 59, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark", 51, 51, PTW_FIELD_ANY, HOLE, "1 in marks (software)"},
    {"mark payload", 50, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

static const struct ptw_attr_name amdv2_attr_names[] = {
    {"shared", PTW_X86_SHARED},
    {NULL, 0},
};

/* All facts of this format were seen in one source. */
static ptw_status amdv2_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    const struct x86_variant variant = {
        .user = true, .sign_extended = (c->options & PTW_OPT_AMDV2_GIOV) == 0, .has_c_bit = true};

    return ptw_x86_configure(&variant, c, g, why);
}

const struct ptw_format ptw_amdv2 = {
    .name = "amdv2",
    .summary = "AMD IOMMU guest tables (v2), below a GCR3 table; AMD IOMMU specification (48882), 2.2.6",
    .defaults = {.levels = 4, .oa = 52, .options = PTW_OPT_AD | PTW_OPT_X86_NX},
    .levels_min = 4,
    .levels_max = 5,
    .options = amdv2_options,
    .fields = amdv2_fields,
    .attr_names = amdv2_attr_names,
    .configure = amdv2_configure,
};
