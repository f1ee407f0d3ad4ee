/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* TTBR0 of short descriptors, TTBR and TCR of DARTs: golden words (ids as in test_golden_arm.c), refusals, the way back. */
#include "registers.h"

#include <ptw/arm.h>

static void ttbr0_of_short_descriptors(void **state)
{
    const struct ptw_table t = table_at(&ptw_arm_v7s, "", 0x80004000);
    const struct ptw_table mtk = table_at(&ptw_arm_v7s, "mtk=1", 0x80010000);
    const struct ptw_table high = table_at(&ptw_arm_v7s, "", 0x100004000);
    struct ptw_arm_v7s_walks walks = {.inner = 1, .outer = 1, .shareable = true};
    struct ptw_root root;
    const char *why = "";
    uint32_t ttbr0 = 0;

    (void)state;
    expect_status(ptw_arm_v7s_ttbr0(&t, &walks, &ttbr0), PTW_OK);
    expect_word("write-back, write-allocate", ttbr0, 0x8000404a);
    expect_status(ptw_arm_v7s_root(ttbr0, 0, &root, NULL), PTW_OK);
    expect_root("TTBR0", &root, &t, 0);
    walks.inner = 2;
    walks.outer = 3;
    walks.not_outer_shareable = true;
    expect_status(ptw_arm_v7s_ttbr0(&t, &walks, &ttbr0), PTW_OK);
    expect_word("write-through and write-back", ttbr0, 0x8000403b);
    expect_status(ptw_arm_v7s_ttbr0(&high, &walks, &ttbr0), PTW_RANGE);
    walks.inner = 4;
    expect_status(ptw_arm_v7s_ttbr0(&t, &walks, &ttbr0), PTW_INVAL);
    expect_status(ptw_arm_v7s_ttbr0(&mtk, &walks, &ttbr0), PTW_UNSUPPORTED);
    expect_word("nothing is written", ttbr0, 0x8000403b);
    expect_refusal("EAE", ptw_arm_v7s_root(ttbr0, 0x80000000, &root, &why), PTW_UNSUPPORTED, &why, "EAE");
    expect_refusal("N", ptw_arm_v7s_root(ttbr0, 1, &root, &why), PTW_UNSUPPORTED, &why, "N is not 0");
    expect_refusal("base", ptw_arm_v7s_root(0x80002000, 0, &root, &why), PTW_INVAL, &why, "aligned");
}

static const struct {
    const char *id;
    const struct ptw_format *format;
    const char *keys;
    ptw_oa pa;
    unsigned n;
    uint32_t ttbr, tcr;
} darts[] = {
    {"5/9", &ptw_dart_t8020, "", 0x800008000, 0, 0x80800008, 0x80},
    {"5/9", &ptw_dart_t6000, "", 0x800008000, 0, 0x80800008, 0x80},
    {"5/10", &ptw_dart_t8110, "", 0x10000008000, 0, 0x10000009, 1},
    {"FOUR_LEVEL", &ptw_dart_t8110, "levels=3,ia=47", 0x10000008000, 0, 0x10000009, 9},
    {"the fourth of four", &ptw_dart_t8020, "granule=0x1000,ia=32", 0x800008000, 3, 0x8080000b, 0x80},
};

static void ttbr_and_tcr_of_darts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(darts); i++) {
        const struct ptw_table t = table_at(darts[i].format, darts[i].keys, darts[i].pa);
        struct ptw_root root;
        uint32_t ttbr = 0, tcr = 0;

        expect_status(ptw_dart_ttbr(&t, darts[i].n, &ttbr), PTW_OK);
        expect_status(ptw_dart_tcr(&t, &tcr), PTW_OK);
        expect_word(darts[i].id, ttbr, darts[i].ttbr);
        expect_word(darts[i].id, tcr, darts[i].tcr);
        expect_status(ptw_dart_ttbr(&t, darts[i].n + 1, &ttbr), PTW_INVAL);
        if (darts[i].n != 0)
            continue;
        expect_status(ptw_dart_root(darts[i].format, ttbr, tcr, &root, NULL), PTW_OK);
        expect_root(darts[i].id, &root, &t, 0);
    }
}

static void words_of_darts_are_checked(void **state)
{
    const struct ptw_table other = table_at(&ptw_arm_v7s, "", 0x80004000);
    const struct ptw_table high = table_at(&ptw_dart_t8020, "", PTW_BIT(52));
    struct ptw_root root;
    const char *why = "";
    uint32_t word;

    (void)state;
    expect_status(ptw_dart_ttbr(&other, 0, &word), PTW_UNSUPPORTED);
    expect_status(ptw_dart_ttbr(&high, 0, &word), PTW_RANGE);
    expect_status(ptw_dart_tcr(&other, &word), PTW_UNSUPPORTED);
    expect_refusal("format", ptw_dart_root(&ptw_arm_v7s, 1, 1, &root, &why), PTW_UNSUPPORTED, &why, "format");
    expect_refusal("V", ptw_dart_root(&ptw_dart_t8020, 0x800008, 0x80, &root, &why), PTW_NOENT, &why, "TTBR");
    expect_refusal("off", ptw_dart_root(&ptw_dart_t8020, 0x80800008, 0, &root, &why), PTW_NOENT, &why, "TCR");
    expect_refusal("bypass", ptw_dart_root(&ptw_dart_t8110, 0x10000009, 3, &root, &why), PTW_NOENT, &why, "TCR");
    expect_refusal("bit 1", ptw_dart_root(&ptw_dart_t8110, 0x1000000b, 1, &root, &why), PTW_INVAL, &why, "TTBR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ttbr0_of_short_descriptors),
        cmocka_unit_test(ttbr_and_tcr_of_darts),
        cmocka_unit_test(words_of_darts_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
