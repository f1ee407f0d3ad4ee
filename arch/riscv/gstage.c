/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/riscv/gstage.c - RISC-V G-stage as formats: one engine, three depths, each with a 16 KiB root. */
#include "gstage.h"

#include "arch/fields.h"
#include "walk/configure.h"
#include "walk/ops.h"

PTW_DEFINE_OPS(rv_ops, &rv_encoder)

static const struct ptw_option rv_options[] = {
    {"ad", PTW_OPT_AD, "hardware sets A and D (Svadu, menvcfg.ADUE)"},
    {"pbmt", PTW_OPT_RISCV_PBMT, "page-based memory types (Svpbmt, menvcfg.PBMTE)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static const struct ptw_field rv_fields[] = {
    {"V", 0, 0, PTW_FIELD_ANY, PTW_FIELD_ANY, "valid; if 0, hardware ignores all other bits"},
    {"R", 1, 1, PTW_FIELD_ANY, LEAF | TABLE, "read; R=W=X=0 points to a table"},
    {"W", 2, 2, PTW_FIELD_ANY, LEAF | TABLE, "write"},
    {"X", 3, 3, PTW_FIELD_ANY, LEAF | TABLE, "execute"},
    {"U", 4, 4, PTW_FIELD_ANY, LEAF, "user; must be 1, every G-stage access is a user access"},
    {"G", 5, 5, PTW_FIELD_ANY, LEAF | TABLE, "global; ignored in G-stage"},
    {"A", 6, 6, PTW_FIELD_ANY, LEAF, "accessed"},
    {"D", 7, 7, PTW_FIELD_ANY, LEAF, "dirty"},
    {"soft", 9, 8, PTW_FIELD_ANY, LEAF | TABLE, "software bits (RSW)"},
    {"PPN", 53, 10, PTW_FIELD_ANY, LEAF, "output address bits 55:12; the low 9 per level above 0 must be 0"},
    {"PPN", 53, 10, PTW_FIELD_ANY, TABLE, "address bits 55:12 of the next table"},
    {"reserved", 60, 54, PTW_FIELD_ANY, LEAF | TABLE, "must be 0"},
    {"PBMT", 62, 61, PTW_FIELD_ANY, LEAF, "memory type with Svpbmt: 0 PMA, 1 NC, 2 IO; else must be 0"},
    {"N", 63, 63, PTW_FIELD_ANY, LEAF, "one of a group (Svnapot); else must be 0"},
    {"reserved", 7, 6, PTW_FIELD_ANY, TABLE, "must be 0"},
    {"reserved", 4, 4, PTW_FIELD_ANY, TABLE, "must be 0"},
    {"reserved", 63, 61, PTW_FIELD_ANY, TABLE, "must be 0"},
    {"mark type", 11, 8, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark payload", 53, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

static ptw_status rv_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    const struct ptw_shape shape = {.encoder = &rv_encoder,
                                    .ops = &rv_ops,
                                    .root_bits = 11,
                                    .ia_max = 59,
                                    .oa_max = 56,
                                    .leaf_top = 4,
                                    .ia_exact = true};

    g->attr_legal = PTW_R | PTW_W | PTW_X | PTW_AD | PTW_MT(0);
    if ((c->options & PTW_OPT_RISCV_PBMT) != 0)
        g->attr_legal |= PTW_MT_MASK;
    g->rwx_legal = 0xba;
    return ptw_configure_shape(&shape, c, g, why);
}

const struct ptw_format ptw_riscv_sv39x4 = {
    .name = "riscv-sv39x4",
    .summary = "RISC-V G-stage, 41-bit guest physical addresses; privileged specification, Hypervisor Extension",
    .defaults = {.levels = 3, .oa = 56},
    .levels_min = 3,
    .levels_max = 3,
    .options = rv_options,
    .fields = rv_fields,
    .configure = rv_configure,
};

const struct ptw_format ptw_riscv_sv48x4 = {
    .name = "riscv-sv48x4",
    .summary = "RISC-V G-stage, 50-bit guest physical addresses; privileged specification, Hypervisor Extension",
    .defaults = {.levels = 4, .oa = 56},
    .levels_min = 4,
    .levels_max = 4,
    .options = rv_options,
    .fields = rv_fields,
    .configure = rv_configure,
};

const struct ptw_format ptw_riscv_sv57x4 = {
    .name = "riscv-sv57x4",
    .summary = "RISC-V G-stage, 59-bit guest physical addresses; privileged specification, Hypervisor Extension",
    .defaults = {.levels = 5, .oa = 56},
    .levels_min = 5,
    .levels_max = 5,
    .options = rv_options,
    .fields = rv_fields,
    .configure = rv_configure,
};
