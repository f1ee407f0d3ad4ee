/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/x86/amdv1.c - AMD IOMMU v1 tables as a format: their engine, their configurations, the names of their bits. */
#include "amdv1.h"

#include "arch/fields.h"
#include "walk/configure.h"
#include "walk/ops.h"

PTW_DEFINE_OPS(amdv1_ops, &amdv1_encoder)

static const struct ptw_option amdv1_options[] = {
    {"ad", PTW_OPT_AD, "hardware sets accessed and dirty (HAD = 3 in the device table entry)"},
    {"groups", PTW_OPT_GROUPS, "leaves of every power of two, as several equal entries"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static const struct ptw_field amdv1_fields[] = {
    {"PR", 0, 0, PTW_FIELD_ANY, PTW_FIELD_ANY, "present; if 0, hardware ignores all other bits"},
    {"soft", 4, 1, PTW_FIELD_ANY, LEAF, "software bits"},
    {"ignored", 4, 1, PTW_FIELD_ANY, TABLE, "ignored"},
    {"A", 5, 5, PTW_FIELD_ANY, LEAF | TABLE, "accessed, if HAD is 3"},
    {"D", 6, 6, PTW_FIELD_ANY, LEAF, "dirty, if HAD is 3"},
    {"ignored", 8, 7, PTW_FIELD_ANY, LEAF, "ignored"},
    {"ignored", 8, 6, PTW_FIELD_ANY, TABLE, "ignored"},
    {"NL", 11, 9, PTW_FIELD_ANY, LEAF, "Next Level: 0 is a leaf of the level's size, 7 of the size in the address"},
    {"NL", 11, 9, PTW_FIELD_ANY, TABLE, "Next Level: the table below, 1 is a table of level 0 here"},
    {"address", 51, 12, PTW_FIELD_ANY, LEAF, "output address; with NL = 7 the run of ones from bit 12 is the size"},
    {"table", 51, 12, PTW_FIELD_ANY, TABLE, "address of the next table"},
    {"reserved", 58, 52, PTW_FIELD_ANY, LEAF, "must be 0"},
    {"reserved", 60, 52, PTW_FIELD_ANY, TABLE, "must be 0"},
    {"U", 59, 59, PTW_FIELD_ANY, LEAF, "attribute that ATS replies give to the device"},
    {"FC", 60, 60, PTW_FIELD_ANY, LEAF, "force coherent: snooped, whatever the request says"},
    {"IR", 61, 61, PTW_FIELD_ANY, LEAF | TABLE, "read"},
    {"IW", 62, 62, PTW_FIELD_ANY, LEAF | TABLE, "write"},
    {"ignored", 63, 63, PTW_FIELD_ANY, LEAF | TABLE, "ignored"},
    {"mark type", 4, 1, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark payload", 60, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

#define SIZE_1G (UINT64_C(1) << 30)
#define SIZE_256G (UINT64_C(1) << 38)

/* Without a word of the user's no leaf is as large as 512 GiB, where there is an erratum (seen in one source). */
static ptw_status amdv1_configure(const struct ptw_config *config, struct ptw_geometry *g, const char **why)
{
    const struct ptw_shape shape = {.encoder = &amdv1_encoder,
                                    .ops = &amdv1_ops,
                                    .root_bits = config->levels == 6 ? 7 : 9,
                                    .ia_max = 64,
                                    .oa_max = 52,
                                    .leaf_top = 4};
    struct ptw_config c = *config;

    if (c.leaf == 0 && c.levels > 3)
        c.leaf = (c.options & PTW_OPT_GROUPS) != 0 ? SIZE_256G : SIZE_1G;
    g->attr_legal = PTW_R | PTW_W | PTW_AD | PTW_AMDV1_FC;
    g->rwx_legal = 0x0f;
    return ptw_configure_shape(&shape, &c, g, why);
}

const struct ptw_format ptw_amdv1 = {
    .name = "amdv1",
    .summary = "AMD IOMMU v1 tables, device addresses; AMD I/O Virtualization Technology (48882), 2.2",
    .defaults = {.levels = 4, .oa = 52},
    .levels_min = 1,
    .levels_max = 6,
    .options = amdv1_options,
    .fields = amdv1_fields,
    .configure = amdv1_configure,
};
