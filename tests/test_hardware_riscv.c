/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Registers and IOMMU structures of RISC-V: golden words (ids as in test_golden_riscv.c), refusals, and the way back. */
#include "registers.h"

#include <ptw/sim.h>

#include <ptw/riscv.h>

/* ------------------------------------------------------------------------------------------ satp, hgatp ------- */

static const struct {
    const char *id;
    const struct ptw_format *format;
    unsigned asid;
    ptw_oa root;
    uint64_t word;
} golden_words[] = {
    {"6/11", &ptw_riscv_sv48, 5, 0x80006000, 0x9000500000080006},
    {"6/12", &ptw_riscv_sv32, 5, 0x80006000, 0x81480006},
    {"Sv39", &ptw_riscv_sv39, 0xffff, 0xfffffffffff000, 0x8fffffffffffffff},
    {"Sv57", &ptw_riscv_sv57, 0, 0x1000, 0xa000000000000001},
    {"Sv32", &ptw_riscv_sv32, 0x1ff, 0x3fffff000, 0xffffffff},
    {"7/6", &ptw_riscv_sv39x4, 3, 0x88004000, 0x8000300000088004},
    {"7/7", &ptw_riscv_sv57x4, 0x3fff, 0x88004000, 0xa3fff00000088004},
    {"7/8", &ptw_riscv_sv32x4, 3, 0x88004000, 0x80c88004},
    {"Sv48x4", &ptw_riscv_sv48x4, 0, 0x4000, 0x9000000000000004},
};

static bool is_gstage(const struct ptw_format *format)
{
    return strstr(format->name, "x4") != NULL;
}

static unsigned xlen_of(const struct ptw_format *format)
{
    return strstr(format->name, "sv32") != NULL ? 32 : 64;
}

static void golden_words_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(golden_words); i++) {
        const struct ptw_format *format = golden_words[i].format;
        const struct ptw_table t = table_at(format, "", golden_words[i].root);
        const unsigned xlen = xlen_of(format);
        struct ptw_root root;
        uint64_t word = 0;

        if (is_gstage(format)) {
            expect_status(ptw_riscv_hgatp(&t, golden_words[i].asid, &word), PTW_OK);
            expect_status(ptw_riscv_satp(&t, 0, &word), PTW_UNSUPPORTED);
            expect_status(ptw_riscv_gstage_root(word, xlen, &root, NULL), PTW_OK);
        } else {
            expect_status(ptw_riscv_satp(&t, golden_words[i].asid, &word), PTW_OK);
            expect_status(ptw_riscv_hgatp(&t, 0, &word), PTW_UNSUPPORTED);
            expect_status(ptw_riscv_root(word, xlen, &root, NULL), PTW_OK);
        }
        expect_word(golden_words[i].id, word, golden_words[i].word);
        expect_root(golden_words[i].id, &root, &t, 0);
    }
}

static void parameters_are_checked(void **state)
{
    static const struct {
        const struct ptw_format *format;
        unsigned id;
    } too_large[] = {
        {&ptw_riscv_sv39, 0x10000}, {&ptw_riscv_sv32, 0x200}, {&ptw_riscv_sv39x4, 0x4000}, {&ptw_riscv_sv32x4, 0x80}};
    const struct ptw_table high = table_at(&ptw_riscv_sv32, "", 0x400000000);
    uint64_t word = UNTOUCHED;

    (void)state;
    for (size_t i = 0; i < COUNT(too_large); i++) {
        const struct ptw_table t = table_at(too_large[i].format, "", 0x88004000);

        if (is_gstage(too_large[i].format))
            expect_status(ptw_riscv_hgatp(&t, too_large[i].id, &word), PTW_INVAL);
        else
            expect_status(ptw_riscv_satp(&t, too_large[i].id, &word), PTW_INVAL);
    }
    expect_status(ptw_riscv_satp(&high, 0, &word), PTW_RANGE);
    expect_word("nothing is written", word, UNTOUCHED);
}

static const struct {
    uint64_t word;
    unsigned xlen;
    bool gstage;
    ptw_status status;
    const char *why;
} refused[] = {
    {0, 64, false, PTW_NOENT, "satp: MODE is Bare, there is no table"},
    {0, 32, false, PTW_NOENT, "satp: MODE is Bare"},
    {1, 64, false, PTW_INVAL, "satp: MODE is Bare, but"},
    {0x7fffffff, 32, false, PTW_INVAL, "satp: MODE is Bare, but"},
    {0x180000000, 32, false, PTW_INVAL, "satp: with XLEN 32"},
    {0x80000001, 16, false, PTW_INVAL, "satp: XLEN"},
    {0x1000000000000001, 64, false, PTW_INVAL, "satp: MODE is reserved"},
    {0xb000000000000001, 64, false, PTW_INVAL, "satp: MODE is reserved"},
    {0xf000000000000001, 64, false, PTW_INVAL, "satp: MODE is reserved"},
    {0, 64, true, PTW_NOENT, "hgatp: MODE is Bare, there is no table"},
    {0x100000000000, 64, true, PTW_INVAL, "hgatp: MODE is Bare, but"},
    {0x8000300000088005, 64, true, PTW_INVAL, "hgatp: PPN[1:0]"},
    {0x80c88006, 32, true, PTW_INVAL, "hgatp: PPN[1:0]"},
    {0x8400300000088004, 64, true, PTW_INVAL, "hgatp: the bits between"},
    {0xa0c88004, 32, true, PTW_INVAL, "hgatp: the bits between"},
    {0xb000000000088004, 64, true, PTW_INVAL, "hgatp: MODE is reserved"},
    {0x180c88004, 32, true, PTW_INVAL, "hgatp: with XLEN 32"},
    {0x80c88004, 16, true, PTW_INVAL, "hgatp: XLEN"},
};

static void words_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct ptw_root root = {.pa = UNTOUCHED};
        const char *why = "";
        ptw_status status = refused[i].gstage ? ptw_riscv_gstage_root(refused[i].word, refused[i].xlen, &root, &why)
                                              : ptw_riscv_root(refused[i].word, refused[i].xlen, &root, &why);

        expect_refusal(refused[i].why, status, refused[i].status, &why, refused[i].why);
        expect_word("nothing is written", root.pa, UNTOUCHED);
    }
}

/* ------------------------------------------------------------------------------------------------- IOMMU ------ */

static void golden_words_of_the_iommu(void **state)
{
    const struct ptw_table first = table_at(&ptw_riscv_sv39, "", 0x80020000);
    const struct ptw_table second = table_at(&ptw_riscv_sv48x4, "", 0x88008000);
    const struct ptw_table first_ad = table_at(&ptw_riscv_sv39, "ad=1", 0x80020000);
    const struct ptw_table second_ad = table_at(&ptw_riscv_sv48x4, "ad=1", 0x88008000);
    struct ptw_riscv_dc_parameters p = {.pscid = 0x12, .gscid = 6};
    uint64_t dc[4], pc[2], word;
    ptw_oa pa;

    (void)state;
    expect_status(ptw_riscv_iommu_ddtp(0x80010000, 3, &word), PTW_OK);
    expect_word("8.5/1", word, 0x20004004);
    expect_status(ptw_riscv_iommu_ddt(0x80011000, &word), PTW_OK);
    expect_word("8.5/2", word, 0x20004401);
    expect_status(ptw_riscv_iommu_ddt_next(word, &pa, NULL), PTW_OK);
    expect_word("8.5/2", pa, 0x80011000);
    expect_status(ptw_riscv_iommu_dc(&first, &second, &p, dc), PTW_OK);
    expect_word("8.5/3", dc[0], 0x1);
    expect_word("8.5/6", dc[1], 0x9000600000088008);
    expect_word("8.5/7", dc[2], 0x12000);
    expect_word("8.5/8", dc[3], 0x8000000000080020);
    expect_status(ptw_riscv_iommu_dc(&first_ad, &second_ad, &p, dc), PTW_OK);
    expect_word("8.5/4", dc[0], 0x181);
    p.tc = PTW_RISCV_TC_DPE | PTW_RISCV_TC_SADE;
    p.pdt = 0x80021000;
    p.pdt_levels = 3;
    expect_status(ptw_riscv_iommu_dc(NULL, &second_ad, &p, dc), PTW_OK);
    expect_word("8.5/5", dc[0], 0x3a1);
    expect_word("8.5/9", dc[3], 0x3000000000080021);
    expect_status(ptw_riscv_iommu_pc(&first, 9, PTW_RISCV_PC_ENS | PTW_RISCV_PC_SUM, pc), PTW_OK);
    expect_word("8.5/10", pc[0], 0x9007);
    expect_word("8.5/8", pc[1], 0x8000000000080020);
}

/* In these words Sv32 has MODE 8, not 1. */
static void device_contexts_lead_back_to_their_tables(void **state)
{
    static const struct ptw_format *const firsts[] = {&ptw_riscv_sv32, &ptw_riscv_sv39, &ptw_riscv_sv48,
                                                      &ptw_riscv_sv57, NULL};
    static const struct ptw_format *const seconds[] = {&ptw_riscv_sv32x4, &ptw_riscv_sv39x4, &ptw_riscv_sv48x4,
                                                       &ptw_riscv_sv57x4, NULL};

    (void)state;
    for (size_t i = 0; i < COUNT(firsts) * COUNT(seconds) * 2; i++) {
        const struct ptw_format *format1 = firsts[i / 2 % COUNT(firsts)], *format2 = seconds[i / 2 / COUNT(firsts)];
        const char *keys = i % 2 != 0 ? "ad=1" : "";
        const struct ptw_table first = table_at(format1 != NULL ? format1 : &ptw_riscv_sv39, keys, 0x80020000);
        const struct ptw_table second = table_at(format2 != NULL ? format2 : &ptw_riscv_sv39x4, keys, 0x88008000);
        const struct ptw_riscv_dc_parameters p = {.pscid = 1};
        const bool gxl = format2 == &ptw_riscv_sv32x4;
        struct ptw_root root1, root2;
        uint64_t dc[4];
        const char *why = "";
        ptw_status status =
            ptw_riscv_iommu_dc(format1 != NULL ? &first : NULL, format2 != NULL ? &second : NULL, &p, dc);

        if (gxl && format1 != NULL && format1 != &ptw_riscv_sv32) {
            expect_status(status, PTW_INVAL);
            continue;
        }
        expect_status(status, PTW_OK);
        if (ptw_riscv_iommu_dc_roots(dc, gxl, &root1, &root2, &why) != PTW_OK)
            fail_msg("case %zu: %s", i, why);
        assert_true((format1 == NULL) == (root1.format == NULL) && (format2 == NULL) == (root2.format == NULL));
        if (format1 != NULL)
            expect_root("first", &root1, &first, 0);
        if (format2 != NULL)
            expect_root("second", &root2, &second, 0);
    }
}

static void process_contexts_lead_back_to_their_tables(void **state)
{
    const struct ptw_table t = table_at(&ptw_riscv_sv48, "ad=1", 0x80020000);
    const struct ptw_riscv_dc_parameters p = {.tc = PTW_RISCV_TC_SADE, .pdt = 0x80021000, .pdt_levels = 1};
    struct ptw_root first, second;
    uint64_t dc[4], pc[2];
    const char *why = "";

    (void)state;
    expect_status(ptw_riscv_iommu_dc(NULL, NULL, &p, dc), PTW_OK);
    expect_status(ptw_riscv_iommu_dc_roots(dc, false, &first, &second, NULL), PTW_OK);
    assert_true(first.format == NULL && second.format == NULL);
    expect_status(ptw_riscv_iommu_pc(&t, 9, 0, pc), PTW_OK);
    expect_status(ptw_riscv_iommu_pc_root(pc, dc[0], &first, NULL), PTW_OK);
    expect_root("PC", &first, &t, 0);
    pc[0] &= ~UINT64_C(1);
    expect_refusal("V", ptw_riscv_iommu_pc_root(pc, dc[0], &first, &why), PTW_NOENT, &why, "V is 0");
    pc[0] |= 9;
    expect_refusal("bit 3", ptw_riscv_iommu_pc_root(pc, dc[0], &first, &why), PTW_INVAL, &why, "must be 0");
}

static const struct {
    const char *id;
    uint64_t dc[4];
    bool gxl;
    ptw_status status;
    const char *why;
} contexts_refused[] = {
    {"V", {0x1000}, false, PTW_NOENT, "tc: V is 0"},
    {"bit 12", {0x1001}, false, PTW_INVAL, "tc: bits 63:32 and 23:12"},
    {"bit 20", {0x100001}, false, PTW_INVAL, "tc: bits 63:32 and 23:12"},
    {"bit 24 is custom", {0x1000001}, false, PTW_OK, ""},
    {"T2GPA without EN_ATS", {0x9, 0x9000600000088008}, false, PTW_INVAL, "EN_ATS"},
    {"EN_PRI without EN_ATS", {0x5}, false, PTW_INVAL, "EN_ATS"},
    {"T2GPA without a second stage", {0xb}, false, PTW_INVAL, "T2GPA"},
    {"PRPR without EN_PRI", {0x43}, false, PTW_INVAL, "EN_PRI"},
    {"DPE without PDTV", {0x201}, false, PTW_INVAL, "PDTV"},
    {"a misaligned root", {0x1, 0x9000600000088009}, false, PTW_INVAL, "iohgatp: PPN[1:0]"},
    {"iohgatp MODE 1", {0x1, 0x1000600000088008}, false, PTW_INVAL, "iohgatp: MODE is none"},
    {"iohgatp MODE 9 with GXL", {0x801, 0x9000600000088008}, true, PTW_INVAL, "iohgatp: with GXL"},
    {"fsc MODE 1", {0x1, 0, 0, 0x1000000000080020}, false, PTW_INVAL, "fsc: MODE is none"},
    {"fsc MODE 9 with SXL", {0x801, 0, 0, 0x9000000000080020}, false, PTW_INVAL, "fsc: with SXL"},
    {"fsc with an ASID", {0x1, 0, 0, 0x8000100000080020}, false, PTW_INVAL, "fsc: bits 59:44"},
    {"ta bit 0", {0x1, 0, 0x12001}, false, PTW_INVAL, "ta: bits 39:32"},
    {"ta bit 32", {0x1, 0, 0x100012000}, false, PTW_INVAL, "ta: bits 39:32"},
    {"ta with RCID and MCID", {0x1, 0, 0x0010010000012000}, false, PTW_OK, ""},
    {"pdtp MODE 4", {0x21, 0, 0, 0x4000000000080021}, false, PTW_INVAL, "process directory"},
    {"SBE", {0x401, 0, 0, 0x8000000000080020}, false, PTW_UNSUPPORTED, "SBE"},
};

static void structures_that_hardware_refuses(void **state)
{
    const char *why = "";
    ptw_oa pa;

    (void)state;
    for (size_t i = 0; i < COUNT(contexts_refused); i++) {
        struct ptw_root first = {.pa = UNTOUCHED}, second = {.pa = UNTOUCHED};
        ptw_status status =
            ptw_riscv_iommu_dc_roots(contexts_refused[i].dc, contexts_refused[i].gxl, &first, &second, &why);

        expect_refusal(contexts_refused[i].id, status, contexts_refused[i].status, &why, contexts_refused[i].why);
        assert_true((first.pa == UNTOUCHED && second.pa == UNTOUCHED) == (status != PTW_OK));
    }
    expect_refusal("DDT", ptw_riscv_iommu_ddt_next(0x20004403, &pa, &why), PTW_INVAL, &why, "must be 0");
    expect_refusal("DDT", ptw_riscv_iommu_ddt_next(0x20004400, &pa, &why), PTW_NOENT, &why, "V is 0");
}

static void structures_are_made_of_what_fits(void **state)
{
    const struct ptw_table first = table_at(&ptw_riscv_sv39, "", 0x80020000);
    const struct ptw_table second = table_at(&ptw_riscv_sv39x4, "", 0x80020000);
    const struct ptw_table high = table_at(&ptw_riscv_sv39, "", PTW_BIT(56));
    static const struct ptw_riscv_dc_parameters bad[] = {
        {.pscid = 0x100000},       {.gscid = 0x10000},        {.tc = PTW_BIT(12)}, {.tc = PTW_RISCV_TC_EN_PRI},
        {.tc = PTW_RISCV_TC_DPE},  {.tc = PTW_RISCV_TC_SADE}, {.pdt = 0x1000},     {.pdt = 0x1000, .pdt_levels = 1},
        {.tc = PTW_RISCV_TC_PRPR},
    };
    const struct ptw_riscv_dc_parameters good = {.pscid = 1};
    uint64_t words[4] = {UNTOUCHED};

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        expect_status(ptw_riscv_iommu_dc(&first, &second, &bad[i], words), PTW_INVAL);
    expect_status(ptw_riscv_iommu_dc(&second, NULL, &good, words), PTW_UNSUPPORTED);
    expect_status(ptw_riscv_iommu_dc(NULL, &first, &good, words), PTW_UNSUPPORTED);
    expect_status(ptw_riscv_iommu_dc(&high, NULL, &good, words), PTW_RANGE);
    expect_status(ptw_riscv_iommu_pc(&high, 0, 0, words), PTW_RANGE);
    expect_status(ptw_riscv_iommu_pc(&second, 0, 0, words), PTW_UNSUPPORTED);
    expect_status(ptw_riscv_iommu_pc(&first, 0x100000, 0, words), PTW_INVAL);
    expect_status(ptw_riscv_iommu_pc(&first, 0, 8, words), PTW_INVAL);
    expect_status(ptw_riscv_iommu_ddtp(0x1000, 4, words), PTW_INVAL);
    expect_status(ptw_riscv_iommu_ddtp(0x1001, 1, words), PTW_INVAL);
    expect_status(ptw_riscv_iommu_ddt(UINT64_C(1) << 56, words), PTW_INVAL);
    expect_word("nothing is written", words[0], UNTOUCHED);
}

/* ------------------------------------------------------------------------------------------------------------- */

/* A real table, found by its register, translates as it did. */
static void a_table_is_found_by_its_register(void **state)
{
    struct ptw_sim_memory m;

    (void)state;
    ptw_sim_memory_init(&m, PTW_SIM_ARENA, 0);
    for (size_t i = 0; i < COUNT(golden_words); i++) {
        const struct ptw_format *format = golden_words[i].format;
        const ptw_addr addr = 0x12345000;
        struct ptw_table t, found;
        struct ptw_gather g;
        struct ptw_leaf leaf;
        struct ptw_root root;
        uint64_t word;

        expect_status(ptw_init(&t, format, NULL, &m.hooks, NULL), PTW_OK);
        ptw_gather_init(&g, &t);
        expect_status(ptw_map(&t, addr, 0x81000000, 0x1000, RW | PTW_AD, 0, &g).status, PTW_OK);
        ptw_gather_sync(&g);
        if (is_gstage(format)) {
            expect_status(ptw_riscv_hgatp(&t, 1, &word), PTW_OK);
            expect_status(ptw_riscv_gstage_root(word, xlen_of(format), &root, NULL), PTW_OK);
        } else {
            expect_status(ptw_riscv_satp(&t, 1, &word), PTW_OK);
            expect_status(ptw_riscv_root(word, xlen_of(format), &root, NULL), PTW_OK);
        }
        expect_status(ptw_open(&found, root.format, &root.config, &m.hooks, NULL, root.pa), PTW_OK);
        expect_status(ptw_translate(&found, addr + 0x123, &leaf), PTW_OK);
        assert_true(leaf.oa == 0x81000000);
        ptw_destroy(&t);
    }
    ptw_sim_memory_fini(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_words_and_back),
        cmocka_unit_test(parameters_are_checked),
        cmocka_unit_test(words_are_checked),
        cmocka_unit_test(golden_words_of_the_iommu),
        cmocka_unit_test(device_contexts_lead_back_to_their_tables),
        cmocka_unit_test(process_contexts_lead_back_to_their_tables),
        cmocka_unit_test(structures_that_hardware_refuses),
        cmocka_unit_test(structures_are_made_of_what_fits),
        cmocka_unit_test(a_table_is_found_by_its_register),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
