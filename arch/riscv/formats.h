/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/riscv/formats.h - what the RISC-V formats of one entry width share beyond the encoder of pte.h. */
#ifndef ARCH_RISCV_FORMATS_H
#define ARCH_RISCV_FORMATS_H

#include "arch/fields.h"
#include "pte.h"
#include "walk/configure.h"

static const struct ptw_field rv_fields[] = {
    {"V", 0, 0, PTW_FIELD_ANY, PTW_FIELD_ANY, "valid; if 0, hardware ignores all other bits"},
    {"R", 1, 1, PTW_FIELD_ANY, LEAF | TABLE, "read; R=W=X=0 points to a table"},
    {"W", 2, 2, PTW_FIELD_ANY, LEAF | TABLE, "write; alone a shadow stack with Zicfiss, else reserved without R"},
    {"X", 3, 3, PTW_FIELD_ANY, LEAF | TABLE, "execute"},
    {"U", 4, 4, PTW_FIELD_ANY, LEAF, "user; must be 1 in G-stage, where every access is a user access"},
    {"reserved", 4, 4, PTW_FIELD_ANY, TABLE, "must be 0"},
    {"G", 5, 5, PTW_FIELD_ANY, LEAF, "global; ignored in G-stage"},
    {"G", 5, 5, PTW_FIELD_ANY, TABLE, "all below is global; ignored in G-stage"},
    {"A", 6, 6, PTW_FIELD_ANY, LEAF, "accessed"},
    {"D", 7, 7, PTW_FIELD_ANY, LEAF, "dirty"},
    {"reserved", 7, 6, PTW_FIELD_ANY, TABLE, "must be 0"},
    {"soft", 9, 8, PTW_FIELD_ANY, LEAF | TABLE, "software bits (RSW)"},
    {"PPN", RV_PPN_HIGH, 10, LEVELS_UP, LEAF, "output address from bit 12; what is below the leaf's size must be 0"},
    {"PPN", RV_PPN_HIGH, 10, PTW_FIELD_ANY, TABLE, "address of the next table from bit 12"},
#if RISCV_PTE_BITS == 64
    {"PPN", RV_PPN_HIGH, 10, LEVELS_0, LEAF, "output address from bit 12; PPN[3:0] is 1000 in a group (N)"},
    {"reserved", 58, 54, PTW_FIELD_ANY, LEAF | TABLE, "must be 0"},
    {"soft60", 60, 59, PTW_FIELD_ANY, LEAF | TABLE, "software bits with Svrsw60t59b, else must be 0"},
    {"PBMT", 62, 61, PTW_FIELD_ANY, LEAF, "memory type with Svpbmt: 0 PMA, 1 NC, 2 IO; else must be 0"},
    {"N", 63, 63, LEVELS_0, LEAF, "one of 16 equal slots of a 64K leaf (Svnapot); else must be 0"},
    {"N", 63, 63, LEVELS_UP, LEAF, "must be 0"},
    {"reserved", 63, 61, PTW_FIELD_ANY, TABLE, "must be 0"},
#else
    {"PPN", RV_PPN_HIGH, 10, LEVELS_0, LEAF, "output address from bit 12"},
#endif
    {"mark type", 11, 8, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark payload", RV_PPN_HIGH, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

/* `gstage`: the root has two more index bits, inputs are zero-extended, U is in every leaf. */
static inline ptw_status rv_configure(const struct ptw_config *c, struct ptw_geometry *g, const struct ptw_ops *ops,
                                      bool gstage, const char **why)
{
    const struct ptw_shape shape = {.encoder = &rv_encoder,
                                    .ops = ops,
                                    .root_bits = RV_INDEX_BITS + (gstage ? 2U : 0U),
                                    .ia_max = 64,
                                    .oa_max = RV_PPN_HIGH + 3U,
                                    .leaf_top = RV_MAX_LEVEL,
                                    .sign_extended = RISCV_PTE_BITS == 64 && !gstage,
                                    .ia_exact = true};

    g->attr_legal = PTW_R | PTW_W | PTW_X | PTW_AD | PTW_MT(0) | (gstage ? 0 : PTW_USER | PTW_GLOBAL);
    if ((c->options & PTW_OPT_RISCV_PBMT) != 0)
        g->attr_legal |= PTW_MT_MASK;
    if ((c->options & PTW_OPT_RISCV_ZICFISS) != 0)
        g->attr_legal |= PTW_RISCV_SHADOW_STACK;
    g->rwx_legal = 0xba;
    g->leaf_or = gstage ? RV_U : 0;
    return ptw_configure_shape(&shape, c, g, why);
}

#endif
