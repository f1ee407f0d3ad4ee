/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw_relax, for every format: rights, A and D are added to the leaf that has its ceiling, and nothing else changes,
 * whatever hardware writes at the same moment.
 */
#include "conformance.h"

static bool has_soft_bits_and_read_only(const struct fixture *f)
{
    return has_soft_bits(f) && has_read_only(f);
}

/* At each level; the address is anywhere in the leaf. */
static void relax_never_reduces(struct fixture *f)
{
    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++) {
        const ptw_addr addr = map_block(f, level, RO), inside = addr + span(f, level) - 1;
        const ptw_attr add = within(f, PTW_W) | PTW_AD;

        if (f->t.geo.encoder->leaf_orders(level) == 0)
            continue;
        expect_status(ptw_relax(&f->t, inside, PTW_R, 0), PTW_SPURIOUS);
        expect_status(ptw_relax(&f->t, inside, add, 0), PTW_OK);
        expect_leaf(f, addr, output_for(f, level), level, RO | PTW_W | PTW_AD);
        expect_status(ptw_relax(&f->t, inside, add, 0), PTW_SPURIOUS);
        expect_status(ptw_relax(&f->t, inside, 0, 0), PTW_SPURIOUS);
        assert_true(ptw_gather_empty(&f->g));
        empty_all(f);
    }
}

/* Young is a grant of A alone; D is not touched. */
static void relax_makes_young(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 0, RO);

    expect_status(ptw_relax(&f->t, addr, PTW_A, 0), PTW_OK);
    expect_leaf(f, addr, output_for(f, 0), 0, RO | PTW_A);
}

/* All software bits of the ceiling, not some. */
static void relax_beyond_the_ceiling_is_denied(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 0, RO | PTW_SOFT(1));
    struct snapshot s = snapshot_take(f);

    expect_status(ptw_relax(&f->t, addr, PTW_W, PTW_SOFT(2)), PTW_DENIED);
    expect_status(ptw_relax(&f->t, addr, PTW_W, PTW_SOFT(3)), PTW_DENIED);
    expect_unchanged(f, &s);
    expect_status(ptw_relax(&f->t, addr, PTW_W | PTW_AD, PTW_SOFT(1)), PTW_OK);
    expect_leaf(f, addr, output_for(f, 0), 0, RW | PTW_SOFT(1) | PTW_AD);
}

static void relax_refuses_senseless_calls(struct fixture *f)
{
    const ptw_addr addr = map_block(f, 0, RO);
    struct snapshot s = snapshot_take(f);

    expect_status(ptw_relax(&f->t, addr, PTW_SOFT(1), 0), PTW_INVAL);
    expect_status(ptw_relax(&f->t, addr, PTW_MT(1), 0), PTW_INVAL);
    expect_status(ptw_relax(&f->t, addr, PTW_W, PTW_R), PTW_INVAL);
    expect_status(ptw_relax(&f->t, addr, PTW_BIT(63), 0), PTW_INVAL);
    if (must_break_outputs(f))
        expect_status(ptw_relax(&f->t, addr, PTW_GLOBAL, 0), PTW_INVAL);
    expect_status(ptw_relax(&f->t, addr + 16 * page(f), PTW_W, 0), PTW_NOENT);
    if (ptw_last(&f->t) != UINT64_MAX)
        expect_status(ptw_relax(&f->t, ptw_last(&f->t) + 1, PTW_W, 0), PTW_RANGE);
    expect_unchanged(f, &s);
}

/* What would be no legal leaf: W for one that may only be executed, say. */
static void relax_never_makes_an_illegal_leaf(struct fixture *f)
{
    for (ptw_attr from = 0; from <= PTW_RWX; from++)
        for (ptw_attr add = 1; add <= PTW_RWX; add++) {
            const ptw_attr attr = from | PTW_MT_WB, to = from | add;
            const ptw_addr addr = input_for(f, 0);
            ptw_status status;

            if ((to & ~f->t.geo.attr_legal) != 0 || !fixture_legal(f, attr))
                continue;
            expect_done(ptw_map(&f->t, addr, output_for(f, 0), page(f), attr, 0, &f->g));
            status = ptw_relax(&f->t, addr, add, 0);
            if (to == from)
                expect_status(status, PTW_SPURIOUS);
            else
                expect_status(status, fixture_legal(f, to | PTW_MT_WB) ? PTW_OK : PTW_INVAL);
            expect_leaf(f, addr, output_for(f, 0), 0, fixture_legal(f, to | PTW_MT_WB) ? to | PTW_MT_WB : attr);
            empty_all(f);
        }
}

static bool has_groups_and_ad(const struct fixture *f)
{
    return fixture_has_ad(f) && fixture_exact_ad(f) && f->t.geo.orders[0] > 1 && has_read_only(f);
}

/* A group is young when one of its slots is. */
static void relax_asks_all_slots_of_a_group(struct fixture *f)
{
    const uint64_t size = page(f) << ptw_high_bit(f->t.geo.orders[0]);
    const ptw_addr addr = size, other = addr + size - page(f);
    struct hardware_leaf leaf;

    if (size >= span(f, 1) || ptw_last(&f->t) - addr < size)
        return;
    expect_done(ptw_map(&f->t, addr, 2 * size, size, RO, PTW_MAX_LEVEL(0), &f->g));
    ptw_gather_sync(&f->g);
    assert_int_equal(hardware_access(&f->hardware, &f->t, addr, PTW_R, &leaf), HARDWARE_OK);
    expect_status(ptw_relax(&f->t, other, PTW_A, 0), PTW_SPURIOUS);
    expect_status(ptw_relax(&f->t, other, PTW_R | PTW_W, 0), PTW_OK);
    expect_leaf(f, addr, 2 * size, 0, RW | PTW_A);
    expect_leaf(f, other, 2 * size + (other - addr), 0, RW | PTW_A);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"relax_never_reduces", relax_never_reduces, has_read_only},
        {"relax_makes_young", relax_makes_young, fixture_exact_ad},
        {"relax_beyond_the_ceiling_is_denied", relax_beyond_the_ceiling_is_denied, has_soft_bits_and_read_only},
        {"relax_refuses_senseless_calls", relax_refuses_senseless_calls, has_read_only},
        {"relax_asks_all_slots_of_a_group", relax_asks_all_slots_of_a_group, has_groups_and_ad},
        {"relax_never_makes_an_illegal_leaf", relax_never_makes_an_illegal_leaf, NULL},
    };

    return formats_run("relax", tests, COUNT(tests)) != 0;
}
