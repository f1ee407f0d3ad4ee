/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The IOTA of zPCI: golden words (ids as in test_golden_s390.c), refusals, and the way back. */
#include "registers.h"

#include <ptw/sim.h>

#include <ptw/s390.h>

static const struct {
    const char *id, *keys;
    unsigned key;
    uint64_t iota;
} golden_words[] = {
    {"segment table", "levels=2", 0, 0x100000800}, {"9/9", "levels=3", 0, 0x100000804},
    {"9/10", "levels=4", 0, 0x100000808},          {"9/11", "levels=5", 0, 0x10000080c},
    {"with a key", "levels=3", 15, 0x1000009e4},
};

static void golden_words_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(golden_words); i++) {
        const struct ptw_table t = table_at(&ptw_s390_zpci, golden_words[i].keys, 0x100000000);
        struct ptw_root root;
        uint64_t iota;

        expect_status(ptw_s390_iota(&t, golden_words[i].key, &iota), PTW_OK);
        expect_word(golden_words[i].id, iota, golden_words[i].iota);
        expect_status(ptw_s390_root(iota, &root, NULL), PTW_OK);
        expect_root(golden_words[i].id, &root, &t, 0);
    }
}

static const struct {
    uint64_t iota;
    ptw_status status;
    const char *why;
} refused[] = {
    {0x100000004, PTW_NOENT, "not enabled"},
    {0x100000810, PTW_NOENT, "a frame"},
    {0x100000814, PTW_INVAL, "designation types"},
    {0x10000081c, PTW_INVAL, "designation types"},
    {0x100000805, PTW_INVAL, "a frame size"},
    {0x100001804, PTW_INVAL, "aligned to 16 KiB"},
    {0x100002804, PTW_INVAL, "IOTA: the root must be"},
};

static void words_and_parameters_are_checked(void **state)
{
    const struct ptw_table t = table_at(&ptw_s390_zpci, "", 0x100000000);
    struct ptw_table other = t;
    uint64_t iota = UNTOUCHED;

    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct ptw_root root = {.pa = UNTOUCHED};
        const char *why = "";

        expect_refusal(refused[i].why, ptw_s390_root(refused[i].iota, &root, &why), refused[i].status, &why,
                       refused[i].why);
        expect_word("nothing is written", root.pa, UNTOUCHED);
    }
    expect_status(ptw_s390_iota(&t, 16, &iota), PTW_INVAL);
    other.format = NULL;
    expect_status(ptw_s390_iota(&other, 0, &iota), PTW_UNSUPPORTED);
    expect_word("nothing is written", iota, UNTOUCHED);
}

static void a_table_is_found_by_its_iota(void **state)
{
    struct ptw_table t, found;
    struct ptw_gather g;
    struct ptw_leaf leaf;
    struct ptw_root root;
    struct ptw_sim_memory m;
    uint64_t iota;

    (void)state;
    ptw_sim_memory_init(&m, PTW_SIM_ARENA, 0);
    expect_status(ptw_init(&t, &ptw_s390_zpci, NULL, &m.hooks, NULL), PTW_OK);
    ptw_gather_init(&g, &t);
    expect_status(ptw_map(&t, 0x12345000, 0x81000000, 0x1000, RW, 0, &g).status, PTW_OK);
    ptw_gather_sync(&g);
    expect_status(ptw_s390_iota(&t, 0, &iota), PTW_OK);
    expect_status(ptw_s390_root(iota, &root, NULL), PTW_OK);
    expect_status(ptw_open(&found, root.format, &root.config, &m.hooks, NULL, root.pa), PTW_OK);
    expect_status(ptw_translate(&found, 0x12345123, &leaf), PTW_OK);
    assert_true(leaf.oa == 0x81000000);
    ptw_destroy(&t);
    ptw_sim_memory_fini(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_words_and_back),
        cmocka_unit_test(words_and_parameters_are_checked),
        cmocka_unit_test(a_table_is_found_by_its_iota),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
