/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/arm64/dart.c - Apple DART as formats: three generations, two sorts of entries; the engine for 16 KiB pages. */
#define DART_GRANULE 14
#include "dart.h"

#include "arch/fields.h"
#include "walk/ops.h"

PTW_DEFINE_OPS(dart_ops, &dart_encoder)

static const struct ptw_option dart_options[] = {
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static const struct ptw_field dart_t8020_fields[] = {
    {"valid", 0, 0, PTW_FIELD_ANY, PTW_FIELD_ANY, "if 0, there is no translation"},
    {"SP_DIS", 1, 1, PTW_FIELD_ANY, LEAF | TABLE, "SP_START and SP_END are ignored"},
    {"unknown", 6, 2, LEVELS_0, LEAF, "written as 0"},
    {"NO_WRITE", 7, 7, LEVELS_0, LEAF, "no writes"},
    {"NO_READ", 8, 8, LEVELS_0, LEAF, "no reads"},
    {"unknown", 11, 9, LEVELS_0, LEAF, "written as 0"},
    {"unknown", 11, 2, LEVELS_UP, TABLE, "written as 0"},
    {"address", 35, 12, LEVELS_0, LEAF, "output address bits 35:12; bits 13:12 are 0 with 16K pages"},
    {"table", 35, 12, LEVELS_UP, TABLE, "address of the next table"},
    {"address", 39, 36, PTW_FIELD_ANY, LEAF | TABLE, "must be 0"},
    {"SP_END", 51, 40, LEVELS_0, LEAF, "last subpage that is translated"},
    {"SP_START", 63, 52, LEVELS_0, LEAF, "first subpage that is translated"},
    {"unknown", 63, 40, LEVELS_UP, TABLE, "written as 0"},
    {"mark type", 15, 12, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark payload", 63, 16, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

static const struct ptw_field dart_t6000_fields[] = {
    {"valid", 0, 0, PTW_FIELD_ANY, PTW_FIELD_ANY, "if 0, there is no translation"},
    {"NO_CACHE", 1, 1, LEVELS_0, LEAF, "memory type NC"},
    {"NO_WRITE", 2, 2, LEVELS_0, LEAF, "no writes"},
    {"NO_READ", 3, 3, LEVELS_0, LEAF, "no reads"},
    {"unknown", 9, 4, LEVELS_0, LEAF, "written as 0"},
    {"unknown", 9, 1, LEVELS_UP, TABLE, "written as 0"},
    {"address", 37, 10, LEVELS_0, LEAF, "output address bits 41:14"},
    {"table", 37, 10, LEVELS_UP, TABLE, "address bits 41:14 of the next table"},
    {"address", 39, 38, PTW_FIELD_ANY, LEAF | TABLE, "must be 0"},
    {"SP_END", 51, 40, LEVELS_0, LEAF, "last subpage that is translated"},
    {"SP_START", 63, 52, LEVELS_0, LEAF, "first subpage that is translated"},
    {"unknown", 63, 40, LEVELS_UP, TABLE, "written as 0"},
    {"mark type", 15, 12, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark payload", 63, 16, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

static const struct ptw_shape dart_16k_shape = {
    .encoder = &dart_encoder, .ops = &dart_ops, .root_bits = 11, .ia_max = 47, .oa_max = 42, .leaf_top = 0};

/* A root is one table at least, whatever ia says. */
static ptw_status dart_configure(struct ptw_shape shape, const struct ptw_config *c, struct ptw_geometry *g,
                                 const char **why)
{
    g->attr_legal |= PTW_R | PTW_W | PTW_AD;
    g->rwx_legal = 0x000e;
    return ptw_configure_shape(&shape, c, g, why);
}

/* One TTBR reaches 30 bits with 4K pages, two and four reach 31 and 32. */
static ptw_status dart_t8020_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    struct ptw_shape shape = c->granule == 4096 ? ptw_dart_4k_shape : dart_16k_shape;

    if (c->granule == 4096 && (c->ia == 31 || c->ia == 32))
        shape.root_bits = c->ia - 21;
    shape.oa_max = 36;
    return dart_configure(shape, c, g, why);
}

static ptw_status dart_t6000_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    ptw_status status;

    g->attr_legal = PTW_MT_NC;
    status = dart_configure(dart_16k_shape, c, g, why);
    g->options |= DART_T6000;
    return status;
}

const struct ptw_format ptw_dart_t8020 = {
    .name = "dart-t8020",
    .summary = "Apple DART, entries of T8020 and T8103: 16K or 4K pages, 36-bit addresses; as drivers have them",
    .defaults = {.levels = 2, .oa = 36, .granule = 0x4000},
    .levels_min = 2,
    .levels_max = 2,
    .options = dart_options,
    .fields = dart_t8020_fields,
    .configure = dart_t8020_configure,
};

const struct ptw_format ptw_dart_t6000 = {
    .name = "dart-t6000",
    .summary = "Apple DART, entries of T6000: 16K pages, 42-bit addresses; as drivers have them",
    .defaults = {.levels = 2, .oa = 42, .granule = 0x4000},
    .levels_min = 2,
    .levels_max = 2,
    .options = dart_options,
    .fields = dart_t6000_fields,
    .configure = dart_t6000_configure,
};

const struct ptw_format ptw_dart_t8110 = {
    .name = "dart-t8110",
    .summary = "Apple DART, T8110: entries of T6000, two or three levels; as drivers have them",
    .defaults = {.levels = 2, .oa = 42, .granule = 0x4000},
    .levels_min = 2,
    .levels_max = 3,
    .options = dart_options,
    .fields = dart_t6000_fields,
    .configure = dart_t6000_configure,
};
