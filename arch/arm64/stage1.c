/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/arm64/stage1.c - VMSAv8-64 stage 1 as a format: regimes, widths, names of bits. */
#include "granules.h"

#include "arch/fields.h"

static const struct ptw_option s1_options[] = {
    {"ad", PTW_OPT_AD, "hardware sets AF and dirty state (TCR_ELx.HA and HD)"},
    {"bbm2", PTW_OPT_BBM2, "two sizes of one translation may meet in TLBs (FEAT_BBM level 2)"},
    {"bti", PTW_OPT_ARM64_BTI, "bit 50 is GP (FEAT_BTI)"},
    {"el2", PTW_OPT_ARM64_EL2, "EL2 alone: one range, no EL0"},
    {"groups", PTW_OPT_GROUPS, "aligned neighbours become groups (the contiguous hint)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {"linux-mair", PTW_OPT_ARM64_LINUX_MAIR, "AttrIndx as Linux programs MAIR_ELx"},
    {"lpa2", PTW_OPT_ARM64_LPA2, "52-bit layout of 4K and 16K granules (TCR_ELx.DS)"},
    {"ttst", PTW_OPT_ARM64_TTST, "less than 25 input bits (FEAT_TTST)"},
    {"upper", PTW_OPT_UPPER, "the range of TTBR1: the highest addresses"},
    {NULL, 0, NULL},
};

const struct ptw_field ptw_arm64_s1_fields[] = {
    {"valid", 0, 0, PTW_FIELD_ANY, PTW_FIELD_ANY, "if 0, hardware ignores all other bits"},
    {"type", 1, 1, LEVELS_0, LEAF, "1 is a page"},
    {"type", 1, 1, LEVELS_UP, LEAF | TABLE, "0 is a block, 1 points to a table"},
    {"AttrIndx", 4, 2, PTW_FIELD_ANY, LEAF, "memory type: which byte of MAIR_ELx"},
    {"NS", 5, 5, PTW_FIELD_ANY, LEAF, "Secure state, Realm EL2: the output is Non-secure; else must be 0"},
    {"AP[1]", 6, 6, PTW_FIELD_ANY, LEAF, "EL0 may access; in a regime with one range must be 1"},
    {"AP[2]", 7, 7, PTW_FIELD_ANY, LEAF, "read-only; with DBM: writable and not dirty"},
    {"ignored", 7, 2, PTW_FIELD_ANY, TABLE, "ignored"},
    {"SH", 9, 8, PTW_FIELD_ANY, LEAF, "0 non-shareable, 2 outer, 3 inner shareable; with lpa2 address bits 51:50"},
    {"address", 9, 8, PTW_FIELD_ANY, TABLE, "with lpa2 address bits 51:50, else ignored"},
    {"AF", 10, 10, PTW_FIELD_ANY, LEAF, "accessed"},
    {"nG", 11, 11, PTW_FIELD_ANY, LEAF, "not global; in a regime with one range must be 0"},
    {"ignored", 11, 10, PTW_FIELD_ANY, TABLE, "ignored"},
    {"low address", 15, 12, PTW_FIELD_ANY, LEAF | TABLE, "address bits 15:12; 64K granule: bits 51:48, or 0"},
    {"address", 47, 16, LEVELS_0, LEAF, "output address bits 47:16"},
    {"nT", 16, 16, LEVELS_UP, LEAF, "with FEAT_BBM: may not be cached in TLBs"},
    {"address", 47, 17, LEVELS_UP, LEAF, "output address from the block's size up, below it 0"},
    {"table", 47, 16, PTW_FIELD_ANY, TABLE, "address of the next table, bits 47:16"},
    {"high address", 49, 48, PTW_FIELD_ANY, LEAF | TABLE, "with lpa2 address bits 49:48, else must be 0"},
    {"GP", 50, 50, PTW_FIELD_ANY, LEAF, "with FEAT_BTI: branches must land on BTI; else must be 0"},
    {"reserved", 50, 50, PTW_FIELD_ANY, TABLE, "must be 0"},
    {"DBM", 51, 51, PTW_FIELD_ANY, LEAF, "writable; hardware clears AP[2] on the first write"},
    {"Contiguous", 52, 52, PTW_FIELD_ANY, LEAF, "one of 16, 32 or 128 adjacent entries that may be cached as one"},
    {"PXN", 53, 53, PTW_FIELD_ANY, LEAF, "no privileged instruction fetch; in a regime with one range must be 0"},
    {"UXN", 54, 54, PTW_FIELD_ANY, LEAF, "no instruction fetch by EL0; in a regime with one range (XN) none at all"},
    {"ignored", 58, 51, PTW_FIELD_ANY, TABLE, "ignored"},
    {"SD", 55, 55, PTW_FIELD_ANY, LEAF, "dirty but no longer writable (software)"},
    {"soft", 58, 56, PTW_FIELD_ANY, LEAF, "software bits"},
    {"hints", 62, 59, PTW_FIELD_ANY, LEAF, "implementation-defined if TCR_ELx.HWU says so, else ignored"},
    {"ignored", 63, 63, PTW_FIELD_ANY, LEAF, "ignored (Realm EL2: AMEC)"},
    {"PXNTable", 59, 59, PTW_FIELD_ANY, TABLE, "no privileged instruction fetch below"},
    {"UXNTable", 60, 60, PTW_FIELD_ANY, TABLE, "no instruction fetch by EL0 below; one range (XNTable): none at all"},
    {"APTable[0]", 61, 61, PTW_FIELD_ANY, TABLE, "no access by EL0 below"},
    {"APTable[1]", 62, 62, PTW_FIELD_ANY, TABLE, "no write below"},
    {"NSTable", 63, 63, PTW_FIELD_ANY, TABLE, "Secure state: all below is Non-secure; else must be 0"},
    {"mark type", 5, 2, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark", 11, 11, PTW_FIELD_ANY, HOLE, "1 in marks of this library (software)"},
    {"mark payload", 50, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

#define S1_IA 48U

/* The root's level: stage 1 concatenates nothing. */
static unsigned s1_top(const struct ptw_encoder *e, unsigned ia)
{
    unsigned top = 0;

    while (ia > ptw_level_shift(e, top + 1))
        top++;
    return top;
}

/* Every combination of W, X and UX with R; one range has no UX, and in VMSAv8-32 XN is for both. */
static uint16_t s1_rights_of(uint64_t options)
{
    if ((options & PTW_OPT_ARM64_EL2) != 0)
        return 0xaa;
    return (options & ARM64_OPT_LPAE) != 0 ? 0xaa0a : 0xaaaa;
}

ptw_status ptw_arm64_s1_configure(const struct ptw_config *config, struct ptw_geometry *g, const char **why)
{
    static const struct ptw_arm64_engine *const engine[3] = {&ptw_arm64_s1_4k, &ptw_arm64_s1_16k, &ptw_arm64_s1_64k};
    struct ptw_config c = *config;
    struct ptw_shape shape = {.encoder = NULL};
    const bool one_range = (c.options & PTW_OPT_ARM64_EL2) != 0;
    ptw_status status;
    unsigned levels;

    c.ia = c.ia == 0 ? S1_IA : c.ia;
    status = ptw_arm64_choose(engine, &c, &shape, g, why);
    if (status != PTW_OK)
        return status;
    levels = s1_top(shape.encoder, c.ia) + 1;
    if (c.levels != 0 && c.levels != levels) {
        *why = "levels: follows from ia and the granule";
        return PTW_INVAL;
    }
    if (one_range && (c.options & PTW_OPT_UPPER) != 0) {
        *why = "upper: EL2 has one range";
        return PTW_INVAL;
    }
    c.levels = levels;
    shape.root_bits = c.ia - ptw_level_shift(shape.encoder, levels - 1);
    g->attr_legal |= PTW_R | PTW_W | PTW_X | PTW_AD | PTW_MT_MASK;
    g->attr_legal |= one_range ? 0 : PTW_UX | PTW_USER | PTW_GLOBAL;
    g->attr_legal |= (c.options & PTW_OPT_ARM64_BTI) != 0 ? PTW_ARM64_GUARDED : 0;
    g->leaf_or = one_range ? PTW_BIT(6) : 0; /* AP[1] */
    g->rwx_legal = s1_rights_of(c.options);
    return ptw_configure_shape(&shape, &c, g, why);
}

const struct ptw_format ptw_arm64_s1 = {
    .name = "arm64-s1",
    .summary = "VMSAv8-64 stage 1 of EL1&0, EL2&0 and EL2; Arm ARM DDI 0487, D8",
    .defaults = {.oa = 48},
    .levels_min = 1,
    .levels_max = 5,
    .options = s1_options,
    .fields = ptw_arm64_s1_fields,
    .configure = ptw_arm64_s1_configure,
};
