/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/x86/ept.c - Intel EPT as a format: its engine, its configurations, the names of its bits. */
#include "ept.h"

#include "arch/fields.h"
#include "walk/configure.h"
#include "walk/ops.h"

PTW_DEFINE_OPS(ept_ops, &ept_encoder)

static const struct ptw_option ept_options[] = {
    {"ad", PTW_OPT_AD, "hardware sets accessed and dirty (EPTP bit 6)"},
    {"exec-only", PTW_OPT_EPT_EXEC_ONLY, "execute-only leaves (IA32_VMX_EPT_VPID_CAP bit 0)"},
    {"mbec", PTW_OPT_EPT_MBEC, "bit 10 is user execute, bit 2 supervisor execute (mode-based execute control)"},
    {"sss", PTW_OPT_EPT_SSS, "bit 60 is supervisor shadow stack (EPTP bit 7)"},
    {"pw", PTW_OPT_EPT_PW, "bit 58 is paging-write (tertiary control bit 2)"},
    {"vgp", PTW_OPT_EPT_VGP, "bit 57 is verify guest paging (tertiary control bit 3)"},
    {"spp", PTW_OPT_EPT_SPP, "bit 61 is sub-page write permission (secondary control bit 23)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static const struct ptw_field ept_fields[] = {
    {"R", 0, 0, PTW_FIELD_ANY, LEAF | TABLE, "read"},
    {"W", 1, 1, PTW_FIELD_ANY, LEAF | TABLE, "write"},
    {"X", 2, 2, PTW_FIELD_ANY, LEAF | TABLE, "execute (supervisor execute with mode-based execute control)"},
    {"MT", 5, 3, PTW_FIELD_ANY, LEAF, "memory type: 0 UC, 1 WC, 4 WT, 5 WP, 6 WB"},
    {"IPAT", 6, 6, PTW_FIELD_ANY, LEAF, "ignore the guest's PAT"},
    {"reserved", 6, 3, PTW_FIELD_ANY, TABLE, "must be 0"},
    {"ignored", 7, 7, LEVELS_0, LEAF, "ignored"},
    {"PS", 7, 7, LEVELS_UP, LEAF | TABLE, "1 is a leaf, 0 points to a table"},
    {"A", 8, 8, PTW_FIELD_ANY, LEAF | TABLE, "accessed, if EPTP bit 6 is set"},
    {"D", 9, 9, PTW_FIELD_ANY, LEAF, "dirty, if EPTP bit 6 is set"},
    {"ignored", 9, 9, PTW_FIELD_ANY, TABLE, "ignored"},
    {"XU", 10, 10, PTW_FIELD_ANY, LEAF | TABLE, "user execute with mode-based execute control, else ignored"},
    {"ignored", 11, 11, PTW_FIELD_ANY, LEAF | TABLE, "ignored"},
    {"address", 51, 12, LEVELS_0, LEAF, "output address bits 51:12"},
    {"reserved", 20, 12, LEVELS_1, LEAF, "must be 0"},
    {"address", 51, 21, LEVELS_1, LEAF, "output address bits 51:21"},
    {"reserved", 29, 12, LEVELS_2, LEAF, "must be 0"},
    {"address", 51, 30, LEVELS_2, LEAF, "output address bits 51:30"},
    {"table", 51, 12, PTW_FIELD_ANY, TABLE, "address of the next table"},
    {"soft", 56, 52, PTW_FIELD_ANY, LEAF, "software bits"},
    {"VGP", 57, 57, PTW_FIELD_ANY, LEAF, "verify guest paging, if enabled, else ignored"},
    {"PW", 58, 58, PTW_FIELD_ANY, LEAF, "paging-write access, if enabled, else ignored"},
    {"ignored", 59, 59, PTW_FIELD_ANY, LEAF, "ignored"},
    {"SSS", 60, 60, PTW_FIELD_ANY, LEAF, "supervisor shadow stack, if EPTP bit 7 is set, else ignored"},
    {"SPP", 61, 61, PTW_FIELD_ANY, LEAF, "sub-page write permission at level 0, if enabled, else ignored"},
    {"ignored", 62, 62, PTW_FIELD_ANY, LEAF, "ignored"},
    {"ignored", 63, 52, PTW_FIELD_ANY, TABLE, "ignored"},
    {"SVE", 63, 63, PTW_FIELD_ANY, LEAF | HOLE, "suppress #VE"},
    {"mark type", 7, 4, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark payload", 62, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

/* The attributes that exist with an option only. */
static ptw_attr ept_features(uint64_t options)
{
    return ((options & PTW_OPT_EPT_MBEC) != 0 ? PTW_UX : 0) |
           ((options & PTW_OPT_EPT_SSS) != 0 ? PTW_EPT_SHADOW_STACK : 0) |
           ((options & PTW_OPT_EPT_PW) != 0 ? PTW_EPT_PAGING_WRITE : 0) |
           ((options & PTW_OPT_EPT_VGP) != 0 ? PTW_EPT_VERIFY_PAGING : 0) |
           ((options & PTW_OPT_EPT_SPP) != 0 ? PTW_EPT_SUBPAGE : 0);
}

/* W needs R; execution without R needs the feature; without mode-based execute control there is no UX. */
static uint16_t ept_rwx(uint64_t options)
{
    const bool exec_only = (options & PTW_OPT_EPT_EXEC_ONLY) != 0;

    if ((options & PTW_OPT_EPT_MBEC) != 0)
        return exec_only ? 0xbbba : 0xaaaa;
    return exec_only ? 0xba : 0xaa;
}

static ptw_status ept_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    const struct ptw_shape shape = {
        .encoder = &ept_encoder, .ops = &ept_ops, .root_bits = 9, .ia_max = 57, .oa_max = 52, .leaf_top = 2};

    g->attr_legal =
        PTW_R | PTW_W | PTW_X | PTW_AD | PTW_MT_MASK | PTW_EPT_IPAT | PTW_EPT_SUPPRESS_VE | ept_features(c->options);
    g->rwx_legal = ept_rwx(c->options);
    g->table_or = (c->options & PTW_OPT_EPT_MBEC) != 0 ? EPT_XU : 0;
    return ptw_configure_shape(&shape, c, g, why);
}

const struct ptw_format ptw_ept = {
    .name = "ept",
    .summary = "Intel EPT, guest physical addresses; Intel SDM vol 3C, VMX Support for Address Translation",
    .defaults = {.levels = 4, .oa = 52},
    .levels_min = 4,
    .levels_max = 5,
    .options = ept_options,
    .fields = ept_fields,
    .configure = ept_configure,
};
