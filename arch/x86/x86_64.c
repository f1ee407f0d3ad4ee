/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/x86/x86_64.c - x86-64 paging and AMD nested paging as formats, and the engine of all their kin (x86.h). */
#define X86_CET 0
#include "x86_64.h"

#include "arch/fields.h"
#include "walk/ops.h"

PTW_DEFINE_OPS(x86_ops, &x86_encoder)

static const struct ptw_option x86_options[] = {
    {"ad", PTW_OPT_AD, "hardware sets accessed and dirty (always 1)"},
    {"nx", PTW_OPT_X86_NX, "bit 63 is no-execute (EFER.NXE)"},
    {"pkeys", PTW_OPT_X86_PKEYS, "bits 62:59 are a protection key (CR4.PKE or PKS)"},
    {"cet", PTW_OPT_X86_CET, "read-only and dirty is a shadow-stack page (CR4.CET)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static const struct ptw_option npt_options[] = {
    {"ad", PTW_OPT_AD, "hardware sets accessed and dirty (always 1)"},
    {"nx", PTW_OPT_X86_NX, "bit 63 is no-execute (EFER.NXE of the host)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static const struct ptw_field x86_fields[] = {
    {"P", 0, 0, PTW_FIELD_ANY, PTW_FIELD_ANY, "present; if 0, hardware ignores all other bits"},
    {"RW", 1, 1, PTW_FIELD_ANY, LEAF | TABLE, "writes allowed"},
    {"US", 2, 2, PTW_FIELD_ANY, LEAF | TABLE, "user accesses allowed"},
    {"PWT", 3, 3, PTW_FIELD_ANY, LEAF | TABLE, "bit 0 of the PAT index"},
    {"PCD", 4, 4, PTW_FIELD_ANY, LEAF | TABLE, "bit 1 of the PAT index"},
    {"A", 5, 5, PTW_FIELD_ANY, LEAF | TABLE, "accessed"},
    {"D", 6, 6, PTW_FIELD_ANY, LEAF, "dirty"},
    {"ignored", 6, 6, PTW_FIELD_ANY, TABLE, "ignored"},
    {"PAT", 7, 7, LEVELS_0, LEAF, "bit 2 of the PAT index"},
    {"PS", 7, 7, LEVELS_UP, LEAF | TABLE, "1 is a leaf, 0 points to a table"},
    {"G", 8, 8, PTW_FIELD_ANY, LEAF, "global (ignored in nested tables)"},
    {"ignored", 8, 8, PTW_FIELD_ANY, TABLE, "ignored; reserved on AMD in the two highest levels"},
    {"available", 11, 9, PTW_FIELD_ANY, LEAF | TABLE, "software; bit 11 restarts HLAT paging in table entries"},
    {"address", 51, 12, LEVELS_0, LEAF, "output address bits 51:12; a C-bit is one of them"},
    {"PAT", 12, 12, LEVELS_1 | LEVELS_2, LEAF, "bit 2 of the PAT index"},
    {"reserved", 20, 13, LEVELS_1, LEAF, "must be 0"},
    {"address", 51, 21, LEVELS_1, LEAF, "output address bits 51:21"},
    {"reserved", 29, 13, LEVELS_2, LEAF, "must be 0"},
    {"address", 51, 30, LEVELS_2, LEAF, "output address bits 51:30"},
    {"table", 51, 12, PTW_FIELD_ANY, TABLE, "address of the next table; a C-bit is one of them"},
    {"soft", 57, 52, PTW_FIELD_ANY, LEAF, "software bits"},
    {"soft or SD", 58, 58, PTW_FIELD_ANY, LEAF, "software bit 6; with cet: dirty but no longer writable (software)"},
    {"available", 62, 52, PTW_FIELD_ANY, TABLE, "software"},
    {"PKEY", 62, 59, PTW_FIELD_ANY, LEAF, "protection key, if enabled, else software"},
    {"NX", 63, 63, PTW_FIELD_ANY, LEAF | TABLE, "no instruction fetch"},
    {"mark type", 62, 59, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark", 51, 51, PTW_FIELD_ANY, HOLE, "1 in marks: keeps speculation out of memory (software)"},
    {"mark payload", 50, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

static const struct ptw_attr_name x86_attr_names[] = {
    {"shadow-stack", PTW_X86_SHADOW_STACK},
    {"shared", PTW_X86_SHARED},
    {NULL, 0},
};

ptw_status ptw_x86_configure(const struct x86_variant *variant, const struct ptw_config *c, struct ptw_geometry *g,
                             const char **why)
{
    const ptw_word c_bit = c->c_bit != 0 ? PTW_BIT(c->c_bit & 63U) : 0;
    struct ptw_shape shape = {.encoder = &x86_encoder,
                              .ops = &x86_ops,
                              .root_bits = 9,
                              .ia_max = 57,
                              .oa_max = 52,
                              .leaf_top = 2,
                              .sign_extended = variant->sign_extended,
                              .has_c_bit = variant->has_c_bit};
    ptw_status status;

    if ((c->options & PTW_OPT_AD) == 0) {
        *why = "ad must be 1: nothing turns A and D off";
        return PTW_INVAL;
    }
    if (c->c_bit > 51 || (c->c_bit != 0 && c->oa > c->c_bit)) {
        *why = "c-bit: 51 at most, and oa must not reach it";
        return PTW_INVAL;
    }
    if ((c->options & PTW_OPT_X86_CET) != 0)
        ptw_x86_cet_engine(&shape);
    g->attr_legal = PTW_R | PTW_W | PTW_X | PTW_AD | variant->attr | (c_bit != 0 ? PTW_X86_SHARED : 0);
    g->rwx_legal = (c->options & PTW_OPT_X86_NX) != 0 ? 0xaa : 0xa0;
    g->leaf_or = (variant->user ? X86_US : 0) | c_bit;
    g->table_or = c_bit;
    status = ptw_configure_shape(&shape, c, g, why);
    g->options |= variant->rules;
    return status;
}

static ptw_status x86_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    const struct x86_variant variant = {.attr = PTW_MT_MASK | PTW_X86_PAT_HIGH | PTW_USER | PTW_GLOBAL |
                                                ((c->options & PTW_OPT_X86_PKEYS) != 0 ? PTW_X86_PKEY_MASK : 0) |
                                                ((c->options & PTW_OPT_X86_CET) != 0 ? PTW_X86_SHADOW_STACK : 0),
                                        .sign_extended = true,
                                        .has_c_bit = true};

    return ptw_x86_configure(&variant, c, g, why);
}

static ptw_status npt_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    const struct x86_variant variant = {
        .attr = PTW_MT_MASK | PTW_X86_PAT_HIGH, .rules = X86_TABLE_G_RESERVED, .user = true, .has_c_bit = true};

    return ptw_x86_configure(&variant, c, g, why);
}

const struct ptw_format ptw_x86_64 = {
    .name = "x86-64",
    .summary = "x86-64 4- and 5-level paging, stage 1; Intel SDM vol 3A, Paging",
    .defaults = {.levels = 4, .oa = 52, .options = PTW_OPT_AD | PTW_OPT_X86_NX | PTW_OPT_X86_PKEYS},
    .levels_min = 4,
    .levels_max = 5,
    .options = x86_options,
    .fields = x86_fields,
    .attr_names = x86_attr_names,
    .configure = x86_configure,
};

const struct ptw_format ptw_npt = {
    .name = "npt",
    .summary = "AMD nested paging, guest physical addresses; AMD APM vol 2, 15.25",
    .defaults = {.levels = 4, .oa = 52, .options = PTW_OPT_AD | PTW_OPT_X86_NX},
    .levels_min = 4,
    .levels_max = 5,
    .options = npt_options,
    .fields = x86_fields,
    .attr_names = x86_attr_names,
    .configure = npt_configure,
};
