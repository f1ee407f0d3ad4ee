/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Golden words: entries written out by hand from the architecture manuals, with the attributes and the address that
 * they stand for. The encoders must make exactly these words and read exactly these attributes back, and must refuse,
 * with a reason, every word that hardware faults on. One table of cases per format; ids are those of the format pages.
 *
 * Levels are the library's: 0 holds the smallest leaves.
 */
#include "conformance.h"

#include <ptw/arm64.h>
#include <ptw/riscv.h>
#include <ptw/x86.h>

/* A leaf (`table` false) or a table entry, with what is in it and the exact word. */
struct golden {
    const char *id;
    const char *keys;
    unsigned level;
    bool table;
    ptw_oa pa;
    ptw_attr attr;
    ptw_word word;
};

/* Why a word is no translation: hardware takes it for a hole, or the architecture forbids it. */
enum refusal { HOLE, ILLEGAL };

struct refused {
    const char *id;
    const char *keys;
    unsigned level;
    enum refusal how;
    ptw_word word;
};

/* Attributes that a format can't express. */
struct request {
    const char *id;
    const char *keys;
    ptw_attr attr;
};

#define M46 "oa=46" /* a processor with 46 physical address bits */
#define ANY_LEVEL 99U

/* ---------------------------------------------------------------------------------------------------- x86-64 --- */

/*
 * Not in this release: X-10 (the C-bit is no attribute, only an address bit of the caller's), X-11, X-12 and X-R6
 * (32-bit and PAE paging).
 */
static const struct golden x86_64_golden[] = {
    {"X-01", M46, 0, false, 0x0000000123456000, RW | PTW_USER | PTW_AD, 0x8000000123456067},
    {"X-02", M46, 0, false, 0x00000000fee00000, RW | PTW_AD | PTW_GLOBAL | PTW_MT_UC, 0x80000000fee0017b},
    {"X-03", M46, 0, false, 0x1000, RWX | PTW_USER | PTW_AD | PTW_X86_PAT_HIGH, 0x00000000000010e7},
    {"X-04", M46, 1, false, 0x40000000, RWX | PTW_AD | PTW_GLOBAL, 0x00000000400001e3},
    {"X-05", M46, 1, false, 0x40000000, RWX | PTW_AD | PTW_GLOBAL | PTW_X86_PAT_HIGH, 0x00000000400011e3},
    {"X-06", M46, 2, false, 0x0000008000000000, RW | PTW_USER | PTW_AD, 0x80000080000000e7},
    {"X-07", M46, 3, true, 0x102000, 0, 0x0000000000102027},
    {"X-08", M46, 0, false, 0x7000, PTW_R | PTW_USER | PTW_AD, 0x8000000000007065},
    {"X-09", M46, 0, false, 0x200000, RWX | PTW_USER | PTW_AD | PTW_X86_PKEY(5), 0x2800000000200067},
};

static const struct refused x86_64_refused[] = {
    {"X-R1", M46, ANY_LEVEL, HOLE, 0xfffffffffffffffe},     {"X-R2", M46, 3, ILLEGAL, 0x00000000001020a7},
    {"X-R3", M46, 1, ILLEGAL, 0x00000000400021e3},          {"X-R4", M46, 0, ILLEGAL, 0x0000400000000067},
    {"X-R5", "oa=46,nx=0", 0, ILLEGAL, 0x8000000123456067},
};

static const struct request x86_64_requests[] = {
    {"no page without R", M46, PTW_W | PTW_X | PTW_USER},
    {"no execute-only page", M46, PTW_X | PTW_USER},
    {"no absent X without nx", "oa=46,nx=0", RW | PTW_USER},
};

/* ------------------------------------------------------------------------------------------------------- npt --- */

/* Not in this release: N-08 (nCR3 is a register, and holds a C-bit). */
static const struct golden npt_golden[] = {
    {"N-01", M46, 0, false, 0x123456000, RWX | PTW_AD, 0x0000000123456067},
    {"N-02", M46, 0, false, 0x123456000, RX | PTW_A, 0x0000000123456025},
    {"N-03", M46, 0, false, 0x123456000, RW | PTW_AD, 0x8000000123456067},
    {"N-04", M46, 0, false, 0xfee00000, RW | PTW_AD | PTW_MT_UC, 0x80000000fee0007f},
    {"N-05", M46, 1, false, 0x40000000, RWX, 0x0000000040000087},
    {"N-06", M46, 2, false, 0x8000000000, RWX | PTW_AD, 0x00000080000000e7},
    {"N-07", M46, 3, true, 0x102000, 0, 0x0000000000102027},
};

static const struct refused npt_refused[] = {
    {"N-R1", M46, 0, ILLEGAL, 0x0000000123456063},
    {"N-R2", M46, ANY_LEVEL, HOLE, 0x8000000000000000},
    {"N-R3", M46, 3, ILLEGAL, 0x0000000000102127},
    {"N-R4", M46, 1, ILLEGAL, 0x0000000040002087},
};

static const struct request npt_requests[] = {
    {"user is not an attribute", M46, RWX | PTW_USER},
    {"global is not an attribute", M46, RWX | PTW_GLOBAL},
};

/* ------------------------------------------------------------------------------------------------------- ept --- */

/*
 * Not in this release: E-07, E-08 (mode-based execute control), E-10 (supervisor shadow stack), E-12, E-13 (the EPTP is
 * a register), E-14 (paging-write).
 */
static const struct golden ept_golden[] = {
    {"E-01", "oa=46,ad=1", 0, false, 0x123456000, RWX, 0x0000000123456037},
    {"E-02", "oa=46,ad=1", 0, false, 0x123456000, RWX | PTW_AD | PTW_EPT_SUPPRESS_VE, 0x8000000123456337},
    {"E-03", "oa=46,ad=1", 0, false, 0xfee00000, RW | PTW_MT_UC | PTW_EPT_IPAT, 0x00000000fee00043},
    {"E-04", "oa=46,ad=1", 1, false, 0x40000000, RWX, 0x00000000400000b7},
    {"E-05", "oa=46,ad=1", 2, false, 0x8000000000, RX | PTW_EPT_IPAT, 0x00000080000000f5},
    {"E-06", "oa=46,ad=1", 3, true, 0x102000, 0, 0x0000000000102007},
    {"E-09", "oa=46,ad=1,exec-only=1", 0, false, 0x6000, PTW_X, 0x0000000000006034},
    {"E-11", "oa=46,ad=1", 0, false, 0xd0000000, RW | PTW_MT_NC, 0x00000000d000000b},
};

static const struct refused ept_refused[] = {
    {"E-R1", M46, 0, ILLEGAL, 0x0000000123456032}, {"E-R2", M46, 0, ILLEGAL, 0x0000000123456036},
    {"E-R3", M46, 0, ILLEGAL, 0x0000000123456017}, {"E-R4", M46, 1, ILLEGAL, 0x00000000400010b7},
    {"E-R5", M46, 3, ILLEGAL, 0x0000000000102087}, {"E-R6", M46, 1, ILLEGAL, 0x0000000000102037},
    {"E-R7", M46, 0, ILLEGAL, 0x0000000000006034}, {"E-R8", M46, ANY_LEVEL, HOLE, 0x8000000000000000},
    {"E-R9", M46, 0, HOLE, 0x0000000000005430},
};

static const struct request ept_requests[] = {
    {"E-R1", "oa=46,exec-only=1", PTW_W},
    {"E-R2", "oa=46,exec-only=1", PTW_W | PTW_X},
    {"E-R3", M46, RWX | PTW_MT_UC_MINUS},
    {"E-R7", M46, PTW_X},
    {"no rights are no leaf", "oa=46,exec-only=1", 0},
};

/* ------------------------------------------------------------------------------------------------- arm64-s2 --- */

/*
 * Not in this release: 5 (XN[0] needs FEAT_XNX), 8 (LPA2), 10 (Realm), 11, 12, 13 (VTCR_EL2 and VTTBR_EL2 are
 * registers). Writable words without DBM are dirty from the start.
 */
static const struct golden arm64_s2_golden[] = {
    {"2.9/1", "", 0, false, 0x880000000, RWX | PTW_AD, 0x00000008800007ff},
    {"2.9/2", "", 0, false, 0x09000000, RW | PTW_AD | PTW_MT_DEV_NGNRE, 0x00400000090007c7},
    {"2.9/3", "fwb=1", 1, false, 0x100200000, RX | PTW_A, 0x0000000100200759},
    {"2.9/4", "fwb=1", 2, false, 0x4040000000, RWX | PTW_AD | PTW_MT_INHERIT, 0x00000040400007dd},
    {"2.9/6", "ad=1", 0, false, 0x80004000, RW | PTW_A, 0x004800008000477f},
    {"2.9/7", "ad=1", 0, false, 0x80004000, RW | PTW_AD, 0x00480000800047ff},
    {"2.9/9", "", 1, true, 0x300007000, 0, 0x0000000300007003},
    {"2.9/9", "ipa=48", 3, true, 0x300007000, 0, 0x0000000300007003},
};

static const struct refused arm64_s2_refused[] = {
    {"bit 0 clear", "", ANY_LEVEL, HOLE, 0x00000008800007fe},
    {"01 at the last level", "", 0, HOLE, 0x00000008800007fd},
    {"monitor state", "", ANY_LEVEL, HOLE, 0x000000000000000a},
    {"software tag", "", ANY_LEVEL, HOLE, 0x1000000000000000},
    {"MemAttr 0100 with FWB", "fwb=1", 0, ILLEGAL, 0x00000008800007d3},
    {"MemAttr 1111 with FWB", "fwb=1", 0, ILLEGAL, 0x00000008800007ff},
    {"MemAttr 1100 without FWB", "", 0, ILLEGAL, 0x00000008800007f3},
    {"2.9/5 without FEAT_XNX", "", 0, ILLEGAL, 0x00200000800037ff},
    {"SH 01", "", 0, ILLEGAL, 0x00000008800005ff},
    {"block at level 0", "ipa=48", 3, ILLEGAL, 0x00000080000007fd},
    {"output bit 48", "", 0, ILLEGAL, 0x00010000000007ff},
};

static const struct request arm64_s2_requests[] = {
    {"no inheriting without FWB", "", RWX | PTW_MT_INHERIT},
    {"no write-through with FWB", "fwb=1", RWX | PTW_MT_WT},
    {"no x86 type", "", RWX | PTW_MT_UC_MINUS},
};

/* --------------------------------------------------------------------------------------------- riscv x4 ------- */

/* Not in this release: 5 (Svnapot), 6, 7, 8 (hgatp is a register), 9 (the operand of a fence). */
static const struct golden riscv_golden[] = {
    {"7/1", "ad=1", 0, false, 0x88001000, RWX | PTW_AD, 0x00000000220004df},
    {"7/2", "ad=1", 1, false, 0x88200000, PTW_R | PTW_A, 0x0000000022080053},
    {"7/3", "ad=1,pbmt=1", 2, false, 0x140000000, RW | PTW_AD | PTW_MT_UC, 0x40000000500000d7},
    {"7/4", "ad=1", 1, true, 0x88007000, 0, 0x0000000022001c01},
};

static const struct refused riscv_refused[] = {
    {"U=0", "", 0, ILLEGAL, 0x00000000220004cf},
    {"W without R", "", 0, ILLEGAL, 0x00000000220004d5},
    {"misaligned superpage", "", 1, ILLEGAL, 0x00000000220004df},
    {"V=0", "", ANY_LEVEL, HOLE, 0x00000000220004de},
    {"pointer at the last level", "", 0, ILLEGAL, 0x0000000022001c01},
    {"reserved bit 54", "", 0, ILLEGAL, 0x00400000220004df},
    {"PBMT without Svpbmt", "", 0, ILLEGAL, 0x40000000220004df},
    {"PBMT 3", "pbmt=1", 0, ILLEGAL, 0x60000000220004df},
    {"A in a pointer", "", 1, ILLEGAL, 0x0000000022001c41},
    {"7/5 without Svnapot", "", 0, ILLEGAL, 0x80000000220060d7},
};

static const struct request riscv_requests[] = {
    {"W without R", "", PTW_W},
    {"WX without R", "", PTW_W | PTW_X},
    {"no rights are a pointer", "", 0},
    {"U is always set", "", RWX | PTW_USER},
    {"NC without Svpbmt", "", RWX | PTW_MT_NC},
    {"WT", "pbmt=1", RWX | PTW_MT_WT},
};

/* ------------------------------------------------------------------------------------------------- the suites --- */

#define TABLE(t) (t), sizeof(t) / sizeof((t)[0])

static const struct suite {
    const struct ptw_format *format;
    const struct golden *golden;
    size_t goldens;
    const struct refused *refused;
    size_t refuseds;
    const struct request *request;
    size_t requests;
} suites[] = {
    {&ptw_x86_64, TABLE(x86_64_golden), TABLE(x86_64_refused), TABLE(x86_64_requests)},
    {&ptw_npt, TABLE(npt_golden), TABLE(npt_refused), TABLE(npt_requests)},
    {&ptw_ept, TABLE(ept_golden), TABLE(ept_refused), TABLE(ept_requests)},
    {&ptw_arm64_s2, TABLE(arm64_s2_golden), TABLE(arm64_s2_refused), TABLE(arm64_s2_requests)},
    {&ptw_riscv_sv39x4, TABLE(riscv_golden), TABLE(riscv_refused), TABLE(riscv_requests)},
    {&ptw_riscv_sv48x4, TABLE(riscv_golden), TABLE(riscv_refused), TABLE(riscv_requests)},
    {&ptw_riscv_sv57x4, TABLE(riscv_golden), TABLE(riscv_refused), TABLE(riscv_requests)},
};
#define SUITES (sizeof(suites) / sizeof(suites[0]))

static void same_word(const char *format, const char *id, const char *what, uint64_t got, uint64_t want)
{
    if (got != want)
        fail_msg("%s %s: %s 0x%016" PRIx64 ", wanted 0x%016" PRIx64, format, id, what, got, want);
}

static void check_leaf(const struct suite *s, const struct golden *c, const struct ptw_geometry *geo)
{
    const struct ptw_encoder *e = geo->encoder;
    const char *name = s->format->name;
    ptw_word bits;

    if (!e->bits(geo, c->attr, c->level, 0, &bits))
        fail_msg("%s %s: attributes 0x%" PRIx64 " are refused", name, c->id, c->attr);
    same_word(name, c->id, "leaf", e->leaf(geo, c->pa, bits, c->level, 0), c->word);
    same_word(name, c->id, "kind", e->kind(c->word, c->level), PTW_LEAF);
    same_word(name, c->id, "address", e->oa(geo, c->word, c->level), c->pa);
    same_word(name, c->id, "attributes", e->attr(geo, c->word, c->level), c->attr);
    same_word(name, c->id, "order", e->order(c->word, c->level), 0);
}

static void check_table(const struct suite *s, const struct golden *c, const struct ptw_geometry *geo)
{
    const struct ptw_encoder *e = geo->encoder;
    const char *name = s->format->name;

    same_word(name, c->id, "table", e->table(geo, c->pa, c->level), c->word);
    same_word(name, c->id, "kind", e->kind(c->word, c->level), PTW_TABLE);
    same_word(name, c->id, "address", e->table_pa(geo, c->word, c->level), c->pa);
    same_word(name, c->id, "limits", e->limits(c->word, c->level), PTW_RIGHTS);
}

static void words_are_exact(void **state)
{
    (void)state;
    for (const struct suite *s = suites; s < suites + SUITES; s++)
        for (const struct golden *c = s->golden; c < s->golden + s->goldens; c++) {
            struct ptw_geometry geo = configured(s->format, c->keys);
            const char *objection = geo.encoder->illegal(&geo, c->word, c->level);

            if (c->table)
                check_table(s, c, &geo);
            else
                check_leaf(s, c, &geo);
            if (objection != NULL)
                fail_msg("%s %s: a legal word is refused: %s", s->format->name, c->id, objection);
        }
}

static void check_refused(const struct suite *s, const struct refused *c, const struct ptw_geometry *geo,
                          unsigned level)
{
    const struct ptw_encoder *e = geo->encoder;
    enum ptw_kind kind = e->kind(c->word, level);
    bool hole = kind == PTW_EMPTY || kind == PTW_MARKED;
    const char *objection = e->illegal(geo, c->word, level);

    if (c->how == HOLE && !hole)
        fail_msg("%s %s level %u: not a hole but kind %d", s->format->name, c->id, level, (int)kind);
    if (c->how == ILLEGAL && (objection == NULL || objection[0] == '\0'))
        fail_msg("%s %s level %u: no objection", s->format->name, c->id, level);
}

static void words_that_fault_are_refused(void **state)
{
    (void)state;
    for (const struct suite *s = suites; s < suites + SUITES; s++)
        for (const struct refused *c = s->refused; c < s->refused + s->refuseds; c++) {
            struct ptw_geometry geo = configured(s->format, c->keys);
            unsigned first = c->level == ANY_LEVEL ? 0 : c->level;
            unsigned last = c->level == ANY_LEVEL ? geo.top : c->level;

            for (unsigned level = first; level <= last; level++)
                check_refused(s, c, &geo, level);
        }
}

static void attributes_out_of_reach_are_refused(void **state)
{
    ptw_word bits;

    (void)state;
    for (const struct suite *s = suites; s < suites + SUITES; s++)
        for (const struct request *c = s->request; c < s->request + s->requests; c++) {
            struct ptw_geometry geo = configured(s->format, c->keys);

            for (unsigned level = 0; level <= geo.max_leaf; level++)
                if (geo.encoder->bits(&geo, c->attr, level, 0, &bits))
                    fail_msg("%s: \"%s\" is accepted at level %u", s->format->name, c->id, level);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_exact),
        cmocka_unit_test(words_that_fault_are_refused),
        cmocka_unit_test(attributes_out_of_reach_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
