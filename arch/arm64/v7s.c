/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/arm64/v7s.c - VMSAv7 short descriptors as a format: its engine, its options, bit names. */
#include "v7s.h"

#include "arch/fields.h"
#include "walk/configure.h"
#include "walk/ops.h"

PTW_DEFINE_OPS(v7s_ops, &v7s_encoder)

static const struct ptw_option v7s_options[] = {
    {"groups", PTW_OPT_GROUPS, "large pages (64K) and supersections (16M)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {"mtk", PTW_OPT_ARM_V7S_MTK, "MediaTek's extension: 35 output bits, 34 input bits, no permissions"},
    {"ns", PTW_OPT_ARM_V7S_NS, "sections and table entries are non-secure"},
    {"pxn", PTW_OPT_ARM_V7S_PXN, "the privileged execute-never attribute exists"},
    {NULL, 0, NULL},
};

static const struct ptw_field v7s_fields[] = {
    {"type", 1, 0, PTW_FIELD_ANY, HOLE, "0: hardware ignores all other bits; 3 faults at level 1 without PXN"},
    {"XN", 0, 0, LEVELS_0, LEAF, "small page: no instruction fetch; large page: 1"},
    {"type", 1, 1, LEVELS_0, LEAF, "1 is a small page; 0 a large page, which is 16 equal entries"},
    {"B", 2, 2, LEVELS_0, LEAF, "memory type with C and TEX"},
    {"C", 3, 3, LEVELS_0, LEAF, "memory type with B and TEX"},
    {"AP[0]", 4, 4, LEVELS_0, LEAF, "access flag, 0: every access faults; MediaTek: output bit 33"},
    {"AP[1]", 5, 5, LEVELS_0, LEAF, "unprivileged access; MediaTek: output bit 34"},
    {"TEX", 8, 6, LEVELS_0, LEAF, "memory type with C and B (small page)"},
    {"AP[2]", 9, 9, LEVELS_0, LEAF, "read-only; MediaTek: output bit 32"},
    {"S", 10, 10, LEVELS_0, LEAF, "shareable"},
    {"nG", 11, 11, LEVELS_0, LEAF, "not global: tagged with an ASID"},
    {"address", 31, 12, LEVELS_0, LEAF,
     "output address bits 31:12; large page: 31:16, with XN in bit 15, TEX in 14:12"},

    {"type", 1, 0, LEVELS_1, TABLE, "1 points to a table"},
    {"PXN", 2, 2, LEVELS_1, TABLE, "no privileged instruction fetch below; must be 0 where PXN does not exist"},
    {"NS", 3, 3, LEVELS_1, TABLE, "non-secure"},
    {"reserved", 4, 4, LEVELS_1, TABLE, "must be 0; MediaTek: address bit 33"},
    {"domain", 8, 5, LEVELS_1, TABLE, "domain of the pages below; MediaTek: bit 5 is address bit 34"},
    {"impdef", 9, 9, LEVELS_1, TABLE, "implementation defined; MediaTek: address bit 32"},
    {"table", 31, 10, LEVELS_1, TABLE, "address of the next table"},

    {"PXN", 0, 0, LEVELS_1, LEAF, "no privileged instruction fetch; must be 0 where PXN does not exist"},
    {"type", 1, 1, LEVELS_1, LEAF, "1 is a section"},
    {"B", 2, 2, LEVELS_1, LEAF, "memory type with C and TEX"},
    {"C", 3, 3, LEVELS_1, LEAF, "memory type with B and TEX"},
    {"XN", 4, 4, LEVELS_1, LEAF, "no instruction fetch; MediaTek: output bit 33"},
    {"domain", 8, 5, LEVELS_1, LEAF,
     "domain; supersection: output address bits 39:36; MediaTek: bit 5 is output bit 34"},
    {"impdef", 9, 9, LEVELS_1, LEAF, "implementation defined; MediaTek: output bit 32"},
    {"AP[0]", 10, 10, LEVELS_1, LEAF, "access flag, 0: every access faults"},
    {"AP[1]", 11, 11, LEVELS_1, LEAF, "unprivileged access"},
    {"TEX", 14, 12, LEVELS_1, LEAF, "memory type with C and B"},
    {"AP[2]", 15, 15, LEVELS_1, LEAF, "read-only"},
    {"S", 16, 16, LEVELS_1, LEAF, "shareable"},
    {"nG", 17, 17, LEVELS_1, LEAF, "not global: tagged with an ASID"},
    {"super", 18, 18, LEVELS_1, LEAF, "a supersection, which is 16 equal entries"},
    {"NS", 19, 19, LEVELS_1, LEAF, "non-secure"},
    {"address", 31, 20, LEVELS_1, LEAF, "output address bits 31:20; supersection: 31:24, and 35:32 in bits 23:20"},

    {"mark type", 5, 2, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark payload", 31, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

#define V7S_IA 32U
#define V7S_IA_MTK 34U

static ptw_status v7s_configure(const struct ptw_config *config, struct ptw_geometry *g, const char **why)
{
    const bool mtk = (config->options & PTW_OPT_ARM_V7S_MTK) != 0;
    struct ptw_shape shape = {.encoder = &v7s_encoder, .ops = &v7s_ops, .ia_max = V7S_IA, .oa_max = 32, .leaf_top = 1};
    struct ptw_config c = *config;

    if (mtk) {
        shape.ia_max = V7S_IA_MTK;
        shape.oa_max = 35;
    }
    if (c.ia == 0)
        c.ia = shape.ia_max;
    if (c.oa == 0)
        c.oa = shape.oa_max;
    if (c.ia < V7S_IA || c.ia > shape.ia_max) {
        *why = mtk ? "ia: 32 ... 34 bits" : "ia: 32 bits, without mtk";
        return PTW_INVAL;
    }
    shape.root_bits = c.ia - 20U;
    g->attr_legal = PTW_R | PTW_W | PTW_GLOBAL | PTW_AD | PTW_MT_MASK | PTW_ARM_V7S_NON_SHAREABLE;
    g->rwx_legal = 0x0008;
    if (!mtk) {
        g->attr_legal |= PTW_X | PTW_USER;
        g->rwx_legal = 0x00aa;
        if ((c.options & PTW_OPT_ARM_V7S_PXN) != 0) {
            g->attr_legal |= PTW_UX;
            g->rwx_legal = 0xa00a;
        }
    }
    if ((c.options & PTW_OPT_ARM_V7S_NS) != 0)
        g->table_or = V7S_TABLE_NS;
    return ptw_configure_shape(&shape, &c, g, why);
}

const struct ptw_format ptw_arm_v7s = {
    .name = "arm-v7s",
    .summary = "VMSAv7 short descriptors, 4-byte entries, IOMMUs and 32-bit CPUs; Arm ARM DDI 0406, B3.5",
    .defaults = {.levels = 2},
    .levels_min = 2,
    .levels_max = 2,
    .options = v7s_options,
    .fields = v7s_fields,
    .configure = v7s_configure,
};
