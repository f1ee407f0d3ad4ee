/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/port.h: the bit helpers at their edges, and the entry atomics: each is one access of its full width, and a
 * compare-exchange that loses says what was there.
 */
#include "conformance.h"

static void bits_are_inclusive_at_both_ends(void **state)
{
    (void)state;
    assert_true(PTW_BIT(0) == 1 && PTW_BIT(63) == UINT64_C(0x8000000000000000));
    assert_true(PTW_BITS(63, 0) == ~UINT64_C(0) && PTW_BITS(0, 0) == 1 && PTW_BITS(63, 63) == PTW_BIT(63));
    for (unsigned hi = 0; hi < 64; hi++)
        for (unsigned lo = 0; lo <= hi; lo++)
            for (unsigned n = 0; n < 64; n++)
                assert_int_equal(PTW_BITS(hi, lo) >> n & 1, n >= lo && n <= hi);
}

static void low_mask_has_that_many_bits(void **state)
{
    uint64_t want = 0;

    (void)state;
    for (unsigned n = 0; n <= 64; n++) {
        assert_int_equal(ptw_low_mask(n), want);
        want = want << 1 | 1;
    }
    assert_int_equal(ptw_low_mask(200), ~UINT64_C(0));
}

static void lowest_and_highest_bit(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 64; n++) {
        assert_int_equal(ptw_low_bit(PTW_BIT(n)), n);
        assert_int_equal(ptw_high_bit(PTW_BIT(n)), n);
        assert_int_equal(ptw_low_bit(~UINT64_C(0) << n), n);
        assert_int_equal(ptw_high_bit(~UINT64_C(0) >> n), 63 - n);
    }
}

static void atomics_touch_their_entry_only(void **state)
{
    uint64_t wide[3] = {1, 2, 3}, expected = 5;
    uint32_t narrow[3] = {1, 2, 3}, seen = 2;

    (void)state;
    PTW_STORE(&wide[1], ~UINT64_C(0));
    assert_int_equal(PTW_LOAD(&wide[1]), ~UINT64_C(0));
    PTW_PUBLISH(&wide[1], UINT64_C(7));
    assert_int_equal(PTW_EXCHANGE(&wide[1], UINT64_C(8)), 7);
    assert_false(PTW_COMPARE_EXCHANGE(&wide[1], &expected, UINT64_C(9)));
    assert_true(expected == 8 && wide[1] == 8);
    assert_true(PTW_COMPARE_EXCHANGE(&wide[1], &expected, UINT64_C(9)));
    assert_true(wide[0] == 1 && wide[1] == 9 && wide[2] == 3);

    assert_true(PTW_COMPARE_EXCHANGE(&narrow[1], &seen, UINT32_C(0xffffffff)));
    assert_int_equal(PTW_EXCHANGE(&narrow[1], UINT32_C(4)), UINT32_C(0xffffffff));
    assert_true(narrow[0] == 1 && narrow[1] == 4 && narrow[2] == 3);
}

/* Memory types, software bits and the formats' own bits do not overlap each other or the rights. */
static void attributes_are_disjoint(void **state)
{
    const ptw_attr parts[] = {PTW_R, PTW_W, PTW_X, PTW_USER, PTW_GLOBAL, PTW_A, PTW_D, PTW_MT_MASK, PTW_SOFT_MASK};
    ptw_attr all = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(parts); i++) {
        assert_int_equal(all & parts[i], 0);
        all |= parts[i];
    }
    assert_int_equal(all >> PTW_OWN_SHIFT, 0);
    assert_int_equal(PTW_MT_INHERIT & ~PTW_MT_MASK, 0);
    assert_int_equal(PTW_SOFT(0xffff), PTW_SOFT_MASK);
    assert_int_equal(PTW_RIGHTS & PTW_AD, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_are_inclusive_at_both_ends), cmocka_unit_test(low_mask_has_that_many_bits),
        cmocka_unit_test(lowest_and_highest_bit),          cmocka_unit_test(atomics_touch_their_entry_only),
        cmocka_unit_test(attributes_are_disjoint),
    };

    return cmocka_run_group_tests_name("port", tests, NULL, NULL) != 0;
}
