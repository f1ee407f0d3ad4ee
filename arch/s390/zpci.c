/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/s390/zpci.c - zPCI I/O translation tables as a format: its engine, its four depths, bit names. */
#include "zpci.h"

#include "arch/fields.h"
#include "walk/configure.h"
#include "walk/ops.h"

PTW_DEFINE_OPS(zpci_ops, &zpci_encoder)

#define REGIONS 0xfc /* all above level 1 */

static const struct ptw_option zpci_options[] = {
    {"frame1m", PTW_OPT_ZPCI_FRAME1M, "segment entries may be 1M leaves (FC)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static const struct ptw_field zpci_fields[] = {
    {"TL", 1, 0, REGIONS, TABLE, "table length; must be 3"},
    {"unknown", 1, 0, LEVELS_1, LEAF | TABLE, "written as 0"},
    {"TT", 3, 2, LEVELS_UP, LEAF | TABLE, "0 segment entry, 1 region-third, 2 region-second, 3 region-first"},
    {"unknown", 4, 4, LEVELS_UP, LEAF | TABLE, "written as 0"},
    {"I", 5, 5, LEVELS_UP, PTW_FIELD_ANY, "invalid"},
    {"TO", 7, 6, REGIONS, TABLE, "table offset; must be 0"},
    {"unknown", 8, 8, REGIONS, TABLE, "written as 0"},
    {"unknown", 8, 6, LEVELS_1, LEAF | TABLE, "written as 0"},
    {"unknown", 8, 0, LEVELS_0, LEAF, "written as 0"},
    {"P", 9, 9, PTW_FIELD_ANY, LEAF | TABLE, "no writes, here and below"},
    {"I", 10, 10, LEVELS_0, PTW_FIELD_ANY, "invalid"},
    {"FC", 10, 10, LEVELS_1, LEAF | TABLE, "1 is a 1M leaf"},
    {"unknown", 13, 10, REGIONS, TABLE, "written as 0"},
    {"unknown", 11, 11, LEVELS_0, LEAF, "written as 0"},
    {"unknown", 19, 11, LEVELS_1, LEAF, "written as 0"},
    {"table", 63, 11, LEVELS_1, TABLE, "address of the page table"},
    {"table", 63, 14, REGIONS, TABLE, "address of the next table"},
    {"address", 63, 12, LEVELS_0, LEAF, "output address bits 63:12"},
    {"address", 63, 20, LEVELS_1, LEAF, "output address bits 63:20"},
    {"mark type", 15, 12, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark payload", 63, 16, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

static ptw_status zpci_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    const struct ptw_shape shape = {.encoder = &zpci_encoder,
                                    .ops = &zpci_ops,
                                    .root_bits = 11,
                                    .ia_max = 64,
                                    .oa_max = 64,
                                    .leaf_top = (c->options & PTW_OPT_ZPCI_FRAME1M) != 0 ? 1 : 0,
                                    .ia_exact = true};

    g->attr_legal = PTW_R | PTW_W | PTW_AD;
    g->rwx_legal = 0x000a;
    return ptw_configure_shape(&shape, c, g, why);
}

const struct ptw_format ptw_s390_zpci = {
    .name = "s390-zpci",
    .summary = "zPCI I/O translation tables, big-endian; IBM Z, as Linux and QEMU have them",
    .defaults = {.levels = 3, .oa = 64},
    .levels_min = 2,
    .levels_max = 5,
    .options = zpci_options,
    .fields = zpci_fields,
    .configure = zpci_configure,
};
