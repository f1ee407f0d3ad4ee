/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/arm64/stage2.c - VMSAv8-64 stage 2 as a format: its engine, start levels and concatenation, bit names. */
#include "stage2.h"

#include "arch/fields.h"
#include "walk/configure.h"
#include "walk/ops.h"

PTW_DEFINE_OPS(s2_ops, &s2_encoder)

static const struct ptw_option s2_options[] = {
    {"ad", PTW_OPT_AD, "hardware sets AF and dirty state (VTCR_EL2.HA and HD)"},
    {"fwb", PTW_OPT_ARM64_FWB, "MemAttr as with HCR_EL2.FWB"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static const struct ptw_field s2_fields[] = {
    {"valid", 0, 0, PTW_FIELD_ANY, PTW_FIELD_ANY, "if 0, hardware ignores all other bits"},
    {"type", 1, 1, LEVELS_0, LEAF, "1 is a page"},
    {"type", 1, 1, LEVELS_UP, LEAF | TABLE, "0 is a block, 1 points to a table"},
    {"MemAttr", 5, 2, PTW_FIELD_ANY, LEAF, "memory type; its meaning depends on HCR_EL2.FWB"},
    {"S2AP[0]", 6, 6, PTW_FIELD_ANY, LEAF, "read"},
    {"S2AP[1]", 7, 7, PTW_FIELD_ANY, LEAF, "write; with DBM: dirty"},
    {"SH", 9, 8, PTW_FIELD_ANY, LEAF, "0 non-shareable, 2 outer, 3 inner shareable"},
    {"AF", 10, 10, PTW_FIELD_ANY, LEAF, "accessed"},
    {"FnXS", 11, 11, PTW_FIELD_ANY, LEAF, "with FEAT_XS, else reserved"},
    {"ignored", 11, 2, PTW_FIELD_ANY, TABLE, "ignored"},
    {"address", 47, 12, LEVELS_0, LEAF, "output address bits 47:12"},
    {"reserved", 15, 12, LEVELS_1 | LEVELS_2, LEAF, "must be 0"},
    {"nT", 16, 16, LEVELS_1 | LEVELS_2, LEAF, "with FEAT_BBM: may not be cached in TLBs"},
    {"reserved", 20, 17, LEVELS_1, LEAF, "must be 0"},
    {"address", 47, 21, LEVELS_1, LEAF, "output address bits 47:21"},
    {"reserved", 29, 17, LEVELS_2, LEAF, "must be 0"},
    {"address", 47, 30, LEVELS_2, LEAF, "output address bits 47:30"},
    {"table", 47, 12, PTW_FIELD_ANY, TABLE, "address of the next table"},
    {"reserved", 50, 48, PTW_FIELD_ANY, LEAF | TABLE, "must be 0 without LPA2"},
    {"DBM", 51, 51, PTW_FIELD_ANY, LEAF, "writable; hardware sets S2AP[1] on the first write"},
    {"Contiguous", 52, 52, PTW_FIELD_ANY, LEAF, "one of 16 adjacent entries that may be cached as one"},
    {"XN[0]", 53, 53, PTW_FIELD_ANY, LEAF, "with FEAT_XNX, else reserved"},
    {"XN", 54, 54, PTW_FIELD_ANY, LEAF, "no instruction fetch"},
    {"software", 55, 55, PTW_FIELD_ANY, LEAF, "software (NS in Realm tables)"},
    {"SD", 56, 56, PTW_FIELD_ANY, LEAF, "dirty but no longer writable (software)"},
    {"soft", 58, 57, PTW_FIELD_ANY, LEAF, "software bits"},
    {"hints", 62, 59, PTW_FIELD_ANY, LEAF, "implementation-defined if VTCR_EL2.HWU says so, else ignored"},
    {"reserved", 63, 63, PTW_FIELD_ANY, LEAF, "must be 0"},
    {"ignored", 63, 51, PTW_FIELD_ANY, TABLE, "ignored"},
    {"mark type", 5, 2, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark payload", 50, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

#define S2_IA_MIN 25U /* T0SZ <= 39 without FEAT_TTST */
#define S2_IA_MAX 48U
#define S2_CONCATENATE 4U /* up to 2^4 tables side by side at the root */
#define S2_OFFSET 12U
#define S2_INDEX 9U

/* The fewest levels that reach `ia` bits with concatenation; that is also what small output widths make mandatory. */
static unsigned s2_fewest_levels(unsigned ia)
{
    unsigned levels = 2;

    while (ia > S2_OFFSET + levels * S2_INDEX + S2_CONCATENATE)
        levels++;
    return levels;
}

static ptw_status s2_configure(const struct ptw_config *config, struct ptw_geometry *g, const char **why)
{
    struct ptw_config c = *config;
    struct ptw_shape shape = {.encoder = &s2_encoder, .ops = &s2_ops, .ia_max = S2_IA_MAX, .oa_max = 48, .leaf_top = 2};
    unsigned below;

    if (c.ia < S2_IA_MIN || c.ia > S2_IA_MAX) {
        *why = "ipa: 25 ... 48 bits";
        return PTW_INVAL;
    }
    if (c.levels == 0)
        c.levels = s2_fewest_levels(c.ia);
    below = S2_OFFSET + (c.levels - 1) * S2_INDEX;
    if (c.levels < 2 || c.levels > 4 || c.ia <= below || c.ia > below + S2_INDEX + S2_CONCATENATE) {
        *why = "levels: this start level cannot translate that many ipa bits (DDI 0487, start levels)";
        return PTW_INVAL;
    }
    if (c.ia > c.oa || (c.levels == 4 && c.oa < 44)) {
        *why = "oa: ipa must not be wider, and a fourth level needs 44 bits";
        return PTW_INVAL;
    }
    shape.root_bits = c.ia - below;
    g->attr_legal = PTW_R | PTW_W | PTW_X | PTW_AD | PTW_MT_MASK | PTW_ARM64_OUTER_SHAREABLE | PTW_ARM64_NON_SHAREABLE;
    g->rwx_legal = 0xff;
    return ptw_configure_shape(&shape, &c, g, why);
}

const struct ptw_format ptw_arm64_s2 = {
    .name = "arm64-s2",
    .summary = "VMSAv8-64 stage 2, 4K granule, intermediate physical addresses; Arm ARM DDI 0487, D8",
    .defaults = {.ia = 40, .oa = 48},
    .levels_min = 2,
    .levels_max = 4,
    .options = s2_options,
    .fields = s2_fields,
    .configure = s2_configure,
};
