/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * registers.h - for the tests of register words and structures (test_hardware_*.c): tables whose root has the address
 * that a golden word wants, and the way back from words to a table that translates.
 */
#ifndef TEST_REGISTERS_H
#define TEST_REGISTERS_H

#define TEST_LITERAL_RIGHTS
#include "conformance.h"

#define UNTOUCHED UINT64_C(0x5a5a5a5a5a5a5a5a) /* what must still be there where nothing may be written */

/* One root for all: as large as the largest. */
static inline void *registers_va(void *ctx, ptw_oa pa)
{
    static _Alignas(65536) unsigned char root[1 << 20];

    (void)ctx, (void)pa;
    return root;
}

/* A table of the format with these keys ("ad=1,levels=5") whose root is at `pa`: nothing but its shape is real. */
static inline struct ptw_table table_at(const struct ptw_format *format, const char *keys, ptw_oa pa)
{
    const struct ptw_mem mem = {.va = registers_va};
    struct ptw_config config = format->defaults;
    struct ptw_table t;

    assert_true(format_config(format, keys, &config));
    if (ptw_open(&t, format, &config, &mem, NULL, pa) != PTW_OK)
        fail_msg("%s \"%s\" cannot be opened at 0x%" PRIx64, format->name, keys, pa);
    return t;
}

static inline void expect_word(const char *id, uint64_t got, uint64_t want)
{
    if (got != want)
        fail_msg("%s: 0x%016" PRIx64 ", wanted 0x%016" PRIx64, id, got, want);
}

/* `root` names the table `t`: address, format and shape. Options that no word says (`unsaid`) may differ. */
static inline void expect_root(const char *id, const struct ptw_root *root, const struct ptw_table *t, uint64_t unsaid)
{
    struct ptw_geometry geo;
    const char *why = "";

    assert_ptr_equal(root->format, t->format);
    expect_word(id, root->pa, t->root_pa);
    if (ptw_configure(root->format, &root->config, &geo, &why) != PTW_OK)
        fail_msg("%s: the configuration is refused: %s", id, why);
    assert_ptr_equal(geo.encoder, t->geo.encoder);
    assert_int_equal(geo.top, t->geo.top);
    assert_int_equal(geo.root_bits, t->geo.root_bits);
    assert_int_equal(geo.ia_bits, t->geo.ia_bits);
    assert_true(geo.ia_bias == t->geo.ia_bias && geo.ia_sign == t->geo.ia_sign);
    assert_true(geo.oa_bits >= t->geo.oa_bits);
    expect_word(id, geo.options & ~unsaid, t->geo.options & ~unsaid);
}

/* Words are refused with this status and a clause that has `part`. (A pointer to the clause: arguments have no order.) */
static inline void expect_refusal(const char *id, ptw_status status, ptw_status want, const char **why,
                                  const char *part)
{
    if (status != want)
        fail_msg("%s: status %s, wanted %s", id, ptw_status_name(status), ptw_status_name(want));
    if (*why == NULL || strstr(*why, part) == NULL)
        fail_msg("%s: the reason is \"%s\", without \"%s\"", id, *why != NULL ? *why : "(none)", part);
}

#endif
