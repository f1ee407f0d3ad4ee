/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/arm64/stage2.c - VMSAv8-64 stage 2 as a format: start levels and concatenation, names of bits. */
#include "granules.h"

#include "arch/fields.h"

static const struct ptw_option s2_options[] = {
    {"ad", PTW_OPT_AD, "hardware sets AF and dirty state (VTCR_EL2.HA and HD)"},
    {"bbm2", PTW_OPT_BBM2, "two sizes of one translation may meet in TLBs (FEAT_BBM level 2)"},
    {"fwb", PTW_OPT_ARM64_FWB, "MemAttr as with HCR_EL2.FWB"},
    {"groups", PTW_OPT_GROUPS, "aligned neighbours become groups (the contiguous hint)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {"lpa2", PTW_OPT_ARM64_LPA2, "52-bit layout of 4K and 16K granules (VTCR_EL2.DS)"},
    {"realm", PTW_OPT_ARM64_REALM, "a Realm's table: bit 55 is NS"},
    {"ttst", PTW_OPT_ARM64_TTST, "less than 25 input bits (FEAT_TTST)"},
    {"xnx", PTW_OPT_ARM64_XNX, "instruction fetches by EL0 and EL1 are told apart (FEAT_XNX)"},
    {"xs", PTW_OPT_ARM64_XS, "bit 11 is FnXS (FEAT_XS)"},
    {NULL, 0, NULL},
};

const struct ptw_field ptw_arm64_s2_fields[] = {
    {"valid", 0, 0, PTW_FIELD_ANY, PTW_FIELD_ANY, "if 0, hardware ignores all other bits"},
    {"type", 1, 1, LEVELS_0, LEAF, "1 is a page"},
    {"type", 1, 1, LEVELS_UP, LEAF | TABLE, "0 is a block, 1 points to a table"},
    {"MemAttr", 5, 2, PTW_FIELD_ANY, LEAF, "memory type; its meaning depends on HCR_EL2.FWB"},
    {"S2AP[0]", 6, 6, PTW_FIELD_ANY, LEAF, "read"},
    {"S2AP[1]", 7, 7, PTW_FIELD_ANY, LEAF, "write; with DBM: dirty"},
    {"ignored", 7, 2, PTW_FIELD_ANY, TABLE, "ignored"},
    {"SH", 9, 8, PTW_FIELD_ANY, LEAF, "0 non-shareable, 2 outer, 3 inner shareable; with lpa2 address bits 51:50"},
    {"address", 9, 8, PTW_FIELD_ANY, TABLE, "with lpa2 address bits 51:50, else ignored"},
    {"AF", 10, 10, PTW_FIELD_ANY, LEAF, "accessed"},
    {"FnXS", 11, 11, PTW_FIELD_ANY, LEAF, "with FEAT_XS, else reserved"},
    {"ignored", 11, 10, PTW_FIELD_ANY, TABLE, "ignored"},
    {"low address", 15, 12, PTW_FIELD_ANY, LEAF | TABLE, "address bits 15:12; 64K granule: bits 51:48, or 0"},
    {"address", 47, 16, LEVELS_0, LEAF, "output address bits 47:16"},
    {"nT", 16, 16, LEVELS_UP, LEAF, "with FEAT_BBM: may not be cached in TLBs"},
    {"address", 47, 17, LEVELS_UP, LEAF, "output address from the block's size up, below it 0"},
    {"table", 47, 16, PTW_FIELD_ANY, TABLE, "address of the next table, bits 47:16"},
    {"high address", 49, 48, PTW_FIELD_ANY, LEAF | TABLE, "with lpa2 address bits 49:48, else must be 0"},
    {"reserved", 50, 50, PTW_FIELD_ANY, LEAF | TABLE, "must be 0"},
    {"DBM", 51, 51, PTW_FIELD_ANY, LEAF, "writable; hardware sets S2AP[1] on the first write"},
    {"Contiguous", 52, 52, PTW_FIELD_ANY, LEAF, "one of 16, 32 or 128 adjacent entries that may be cached as one"},
    {"XN[0]", 53, 53, PTW_FIELD_ANY, LEAF, "with FEAT_XNX: EL0 and EL1 differ (01 EL0 only, 11 EL1 only); else 0"},
    {"XN", 54, 54, PTW_FIELD_ANY, LEAF, "no instruction fetch"},
    {"NS", 55, 55, PTW_FIELD_ANY, LEAF, "Realm: the output is Non-secure; else software"},
    {"SD", 56, 56, PTW_FIELD_ANY, LEAF, "dirty but no longer writable (software)"},
    {"soft", 58, 57, PTW_FIELD_ANY, LEAF, "software bits"},
    {"hints", 62, 59, PTW_FIELD_ANY, LEAF, "implementation-defined if VTCR_EL2.HWU says so, else ignored"},
    {"AMEC", 63, 63, PTW_FIELD_ANY, LEAF, "Realm with FEAT_MEC; else must be 0"},
    {"ignored", 63, 51, PTW_FIELD_ANY, TABLE, "ignored"},
    {"mark type", 5, 2, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark", 11, 11, PTW_FIELD_ANY, HOLE, "1 in marks of this library (software)"},
    {"mark payload", 50, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

#define S2_CONCATENATE 4U /* up to 2^4 tables side by side at the root */

/* The lowest root that reaches `ia` bits with concatenation; small output widths make just that mandatory. */
static unsigned s2_lowest_root(const struct ptw_encoder *e, unsigned ia)
{
    unsigned top = e->min_top;

    while (ia > ptw_level_shift(e, top + 1) + S2_CONCATENATE)
        top++;
    return top;
}

/* Where concatenation is mandatory instead: what a root at the level would not need the bits for, or oa has not. Seen
 * in one source. */
static unsigned s2_oa_needed(const struct ptw_encoder *e, unsigned top)
{
    switch (e->granule) {
    case 12:
        return top == 4 ? 49 : top == 3 ? 44 : 0;
    case 14:
        return top == 3 ? 49 : top == 2 ? 42 : 0;
    default:
        return top == 2 ? 44 : 0;
    }
}

ptw_status ptw_arm64_s2_configure(const struct ptw_config *config, struct ptw_geometry *g, const char **why)
{
    static const struct ptw_arm64_engine *const engine[3] = {&ptw_arm64_s2_4k, &ptw_arm64_s2_16k, &ptw_arm64_s2_64k};
    struct ptw_config c = *config;
    struct ptw_shape shape = {.encoder = NULL};
    ptw_status status = ptw_arm64_choose(engine, &c, &shape, g, why);
    const struct ptw_encoder *e = shape.encoder;
    unsigned below;

    if (status != PTW_OK)
        return status;
    if (c.levels == 0)
        c.levels = s2_lowest_root(e, c.ia) + 1;
    if (c.levels - 1 < e->min_top || c.levels - 1 > e->max_level) {
        *why = "levels: this granule has no such start level";
        return PTW_INVAL;
    }
    below = ptw_level_shift(e, c.levels - 1);
    if (c.ia <= below || c.ia > below + ptw_level_bits(e, c.levels - 1) + S2_CONCATENATE) {
        *why = "levels: this start level cannot translate that many ipa bits (DDI 0487, start levels)";
        return PTW_INVAL;
    }
    /* A guest of VMSAv8-32 may have 40 bits whatever the output width (general knowledge). */
    if ((c.ia > c.oa && (c.options & ARM64_OPT_LPAE) == 0) || c.oa < s2_oa_needed(e, c.levels - 1) ||
        (e->granule == 14 && c.levels == 4 && c.ia < 49)) {
        *why = "oa: ipa must not be wider, and small widths must concatenate tables rather than have another level";
        return PTW_INVAL;
    }
    shape.root_bits = c.ia - below;
    g->attr_legal |= PTW_R | PTW_W | PTW_X | PTW_AD | PTW_MT_MASK;
    g->attr_legal |= (c.options & PTW_OPT_ARM64_XNX) != 0 ? PTW_UX : 0;
    g->attr_legal |= (c.options & PTW_OPT_ARM64_REALM) != 0 ? PTW_ARM64_NS : 0;
    g->attr_legal |= (c.options & PTW_OPT_ARM64_XS) != 0 ? PTW_ARM64_FNXS : 0;
    g->rwx_legal = (c.options & PTW_OPT_ARM64_XNX) != 0 ? 0xffff : 0xff;
    return ptw_configure_shape(&shape, &c, g, why);
}

const struct ptw_format ptw_arm64_s2 = {
    .name = "arm64-s2",
    .summary = "VMSAv8-64 stage 2, intermediate physical addresses; Arm ARM DDI 0487, D8",
    .defaults = {.ia = 40, .oa = 48},
    .levels_min = 1,
    .levels_max = 5,
    .options = s2_options,
    .fields = ptw_arm64_s2_fields,
    .configure = ptw_arm64_s2_configure,
};
