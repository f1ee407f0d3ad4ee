/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What ptw_protect promises, for every format of the format table: rights and software bits change and nothing else
 * does; what a lost right owes; holes are skipped; requests that could make an illegal leaf are refused whatever is
 * mapped; and that every operation keeps the software bits, the memory type, A and D that it was not told to change.
 */
#include "conformance.h"

/* ------------------------------------------------------------------------------------------- in place -------- */

/* One step of a leaf's life: what is asked, what it answers, what it owes, what the leaf is afterwards. */
struct step {
    ptw_attr add, remove;
    ptw_status status;
    uint64_t owed;
    ptw_attr after;
};

/* From RWX, SOFT(1), A and D; A, D and the memory type never change. Without X the first two are left out. */
static const struct step steps[] = {
    {PTW_R, PTW_X, PTW_OK, PTW_OWED_EXEC, PTW_R | PTW_W | PTW_SOFT(1)},
    {PTW_R, PTW_X, PTW_SPURIOUS, 0, PTW_R | PTW_W | PTW_SOFT(1)},
    {PTW_R, PTW_W, PTW_OK, PTW_OWED_WRITE, PTW_R | PTW_SOFT(1)},
    {PTW_R, PTW_W, PTW_SPURIOUS, 0, PTW_R | PTW_SOFT(1)},
    {PTW_SOFT(2), 0, PTW_OK, 0, PTW_R | PTW_SOFT(3)},
    {PTW_SOFT(2), PTW_SOFT(1), PTW_OK, 0, PTW_R | PTW_SOFT(2)},
    {PTW_R | PTW_W, 0, PTW_OK, 0, PTW_R | PTW_W | PTW_SOFT(2)},
    {PTW_R | PTW_W, 0, PTW_SPURIOUS, 0, PTW_R | PTW_W | PTW_SOFT(2)},
    {PTW_R | PTW_X, PTW_W, PTW_OK, PTW_OWED_WRITE, PTW_R | PTW_X | PTW_SOFT(2)},
    {PTW_R | PTW_W, PTW_SOFT(3), PTW_OK, 0, PTW_R | PTW_W | PTW_X},
};

static bool can_lack_x(const struct fixture *f)
{
    return fixture_legal(f, PTW_R | PTW_W) && fixture_legal(f, PTW_R);
}

static void protect_changes_only_what_it_is_told(struct fixture *f)
{
    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++) {
        ptw_addr addr = map_block(f, level, within(f, RWX | PTW_SOFT(1) | PTW_AD));
        uint64_t allocs = f->memory.allocs;

        for (const struct step *s = steps + (within(f, PTW_X) != 0 ? 0 : 2); s < steps + COUNT(steps); s++) {
            ptw_attr add = within(f, s->add), remove = within(f, s->remove);

            expect_status(ptw_protect(&f->t, addr, span(f, level), add, remove, 0, &f->g).status,
                          (add | remove) != 0 ? s->status : PTW_SPURIOUS);
            expect_leaf(f, addr, output_for(f, level), level, within(f, s->after | PTW_AD));
            expect_owed(f, s->owed, addr, addr + span(f, level) - 1);
            if (s->owed != 0)
                assert_int_equal(f->g.inval.levels, PTW_BIT(level));
            ptw_gather_sync(&f->g);
        }
        assert_int_equal(f->memory.allocs, allocs);
        empty_all(f);
    }
}

/* Young or old, clean or dirty: rights come and go, and A and D are as they were. */
static void protect_keeps_accessed_and_dirty(struct fixture *f)
{
    static const ptw_attr ad[] = {0, PTW_A, PTW_D, PTW_AD};

    for (size_t i = 0; i < COUNT(ad); i++) {
        ptw_addr addr = map_block(f, 0, RW | ad[i]);
        ptw_attr kept = read_back(f, RW | ad[i]) & PTW_AD; /* what can't be clean stays dirty when W goes */

        expect_done(ptw_protect(&f->t, addr, page(f), instead_of_w(f), PTW_W, 0, &f->g));
        expect_leaf(f, addr, output_for(f, 0), 0, RO | kept);
        expect_done(ptw_protect(&f->t, addr, page(f), PTW_R | PTW_W, 0, 0, &f->g));
        expect_leaf(f, addr, output_for(f, 0), 0, RW | kept);
        empty_all(f);
    }
}

/* Adding rights never takes one, never moves a leaf, and costs no invalidation. */
static void relax_never_reduces(struct fixture *f)
{
    const ptw_attr from[] = {RO, RX, RW, RWX};
    static const ptw_attr add[] = {PTW_R, PTW_R | PTW_W, PTW_R | PTW_X, PTW_R | PTW_W | PTW_X};
    const ptw_attr soft = within(f, PTW_SOFT(3));

    for (size_t i = 0; i < COUNT(from); i++)
        for (size_t j = 0; j < COUNT(add); j++) {
            ptw_attr before = within(f, from[i]), more = within(f, add[j]);
            ptw_addr addr = map_block(f, 0, before | PTW_A | soft);
            ptw_attr dirty = read_back(f, before) & PTW_D, after = before | more | PTW_A | soft | dirty;
            bool same = (before | more) == before;

            expect_status(ptw_protect(&f->t, addr, page(f), more, 0, 0, &f->g).status, same ? PTW_SPURIOUS : PTW_OK);
            expect_leaf(f, addr, output_for(f, 0), 0, after);
            expect_owed(f, 0, 0, 0);
            empty_all(f);
        }
}

/* ---------------------------------------------------------------------------------------------- ranges ------- */

static void prot_skip_absent_continue(struct fixture *f)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_addr far = 2 * span(f, 1) + 7 * page(f);
    ptw_word locked = e->mark(PTW_MARK_LOCKED, 0, 0);

    expect_done(ptw_map(&f->t, page(f), 0, page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, far, page(f), page(f), RW, 0, &f->g));
    plant(f, 3 * page(f), locked);
    ptw_gather_sync(&f->g);
    expect_done(ptw_protect(&f->t, 0, 3 * span(f, 1), instead_of_w(f), PTW_W, 0, &f->g));
    expect_leaf(f, page(f), 0, 0, read_back(f, RW) & ~PTW_W);
    expect_leaf(f, far, page(f), 0, read_back(f, RW) & ~PTW_W);
    assert_int_equal(hardware_load(&f->t, slot_at(f, 3 * page(f), 0)), locked);
    expect_owed(f, PTW_OWED_WRITE, page(f), far + page(f) - 1);
    expect_status(ptw_protect(&f->t, 3 * span(f, 1), span(f, 1), instead_of_w(f), PTW_W, 0, &f->g).status,
                  PTW_SPURIOUS);
    expect_status(ptw_protect(&f->t, 0, 0, within(f, PTW_SOFT(1)), 0, PTW_ALL, &f->g).status,
                  has_soft_bits(f) ? PTW_OK : PTW_SPURIOUS);
    expect_leaf(f, far, page(f), 0, (read_back(f, RW) & ~PTW_W) | within(f, PTW_SOFT(1)));
}

/* Of everything, in both halves of the space. */
static void protect_all_reaches_both_ends(struct fixture *f)
{
    ptw_addr last = ptw_last(&f->t) - page(f) + 1;
    ptw_attr after = read_back(f, RW) & ~PTW_W;

    expect_done(ptw_map(&f->t, 0, 0, page(f), RW, 0, &f->g));
    expect_done(ptw_map(&f->t, last, page(f), page(f), RW, 0, &f->g));
    ptw_gather_sync(&f->g);
    expect_done(ptw_protect(&f->t, 12345, 678, instead_of_w(f), PTW_W, PTW_ALL, &f->g));
    expect_leaf(f, 0, 0, 0, after);
    expect_leaf(f, last, page(f), 0, after);
    expect_owed(f, PTW_OWED_WRITE, 0, ptw_last(&f->t));
}

static void protect_part_cuts(struct fixture *f)
{
    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++) {
        ptw_attr attr = within(f, RW | PTW_AD | PTW_SOFT(1));
        ptw_addr addr = map_block(f, level, attr), at = addr + 2 * span(f, level - 1);
        ptw_oa oa = output_for(f, level);
        uint64_t paid = f->hardware.invalidations;

        expect_done(ptw_protect(&f->t, at, span(f, level - 1), instead_of_w(f), PTW_W, 0, &f->g));
        assert_int_equal(leaves_of(f)->n, entries(f, level - 1));
        expect_leaf(f, at - 1, oa + (at - 1 - addr), level - 1, attr);
        expect_leaf(f, at, oa + (at - addr), level - 1, attr & ~PTW_W);
        expect_leaf(f, at + span(f, level - 1), oa + (at + span(f, level - 1) - addr), level - 1, attr);
        expect_paid(f, paid, PTW_OWED_WRITE, at, at + span(f, level - 1) - 1, addr, addr + span(f, level) - 1);
        empty_all(f);
    }
}

static void protect_part_widens_or_bisects(struct fixture *f)
{
    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++) {
        ptw_attr attr = RW | PTW_AD;
        ptw_addr addr = map_block(f, level, attr), at = addr + page(f);
        struct snapshot s = snapshot_take(f);

        expect_result(ptw_protect(&f->t, at, page(f), instead_of_w(f), PTW_W, PTW_STRICT, &f->g), PTW_BISECT, at);
        if (!can_break(f))
            expect_result(ptw_protect(&f->t, at, page(f), instead_of_w(f), PTW_W, 0, &f->g), PTW_BISECT, at);
        expect_unchanged(f, &s);
        expect_done(ptw_protect(&f->t, at, page(f), instead_of_w(f), PTW_W, PTW_WIDEN, &f->g));
        expect_leaf(f, addr, output_for(f, level), level, attr & ~PTW_W);
        expect_owed(f, PTW_OWED_WRITE, addr, addr + span(f, level) - 1);
        empty_all(f);
    }
}

/* A leaf that has the rights already is not cut for nothing. */
static void protect_part_that_is_so_already_is_spurious(struct fixture *f)
{
    ptw_addr addr = map_block(f, 1, RO | PTW_AD);
    struct snapshot s = snapshot_take(f);

    expect_status(ptw_protect(&f->t, addr + page(f), page(f), instead_of_w(f), PTW_W, PTW_WIDEN, &f->g).status,
                  PTW_SPURIOUS);
    expect_unchanged(f, &s);
}

static void protect_nomem_loses_nothing(struct fixture *f)
{
    unsigned top = f->t.geo.max_leaf;

    for (int64_t n = 0; n < (int64_t)top; n++) {
        ptw_addr addr = map_block(f, top, RW | PTW_AD), at = addr + 5 * page(f);
        struct hardware_leaf leaf;

        f->memory.fail_after = n;
        expect_result(ptw_protect(&f->t, at, page(f), instead_of_w(f), PTW_W, 0, &f->g), PTW_NOMEM, at);
        f->memory.fail_after = -1;
        for (uint64_t i = 0; i < span(f, top); i += span(f, top) / 64) {
            assert_int_equal(hardware_walk(&f->hardware, &f->t, addr + i, &leaf), HARDWARE_OK);
            assert_int_equal(leaf.attr, RW | PTW_AD);
        }
        expect_done(ptw_protect(&f->t, at, page(f), instead_of_w(f), PTW_W, 0, &f->g));
        expect_leaf(f, at, output_for(f, top) + (at - addr), 0, RO | PTW_AD);
        empty_all(f);
    }
}

/* --------------------------------------------------------------------------------------------- refusals ------ */

/* Whether every legal combination of rights stays legal, of rights that there are. */
static bool harmless(const struct fixture *f, ptw_attr add, ptw_attr remove)
{
    if (within(f, add | remove) != (add | remove))
        return false;
    for (ptw_attr rwx = 0; rwx < 8; rwx++)
        if (fixture_legal(f, rwx) && !fixture_legal(f, (rwx & ~remove) | add))
            return false;
    return true;
}

static void protect_refuses_what_could_be_illegal(struct fixture *f)
{
    unsigned refused = 0;

    expect_done(ptw_map(&f->t, 0, 0, page(f), within(f, RWX | PTW_AD), 0, &f->g));
    for (unsigned i = 0; i < 64; i++) {
        ptw_attr add = i & 7, remove = i >> 3;
        struct snapshot s = snapshot_take(f);

        if ((add & remove) == 0 && !harmless(f, add, remove)) {
            expect_result(ptw_protect(&f->t, 0, page(f), add, remove, 0, &f->g), PTW_INVAL, 0);
            expect_unchanged(f, &s);
            refused++;
            continue;
        }
        free(s.bytes);
        if ((add & remove) == 0)
            assert_true(ptw_protect(&f->t, 2 * page(f), page(f), add, remove, 0, &f->g).status == PTW_SPURIOUS);
    }
    if ((f->t.geo.rwx_legal & 0xffU) != 0xffU)
        assert_true(refused > 0);
}

/* On Arm a leaf of one address space becomes global by break-before-make only. */
static bool may_add_global(const struct fixture *f)
{
    return fixture_legal(f, RWX | PTW_GLOBAL) && !must_break_outputs(f);
}

static void protect_refuses_senseless_calls(struct fixture *f)
{
    const struct {
        ptw_addr addr;
        uint64_t size;
        ptw_attr add, remove;
    } calls[] = {
        {1, page(f), 0, PTW_W},
        {0, page(f) + 1, 0, PTW_W},
        {0, 0, 0, PTW_W},
        {0, page(f), PTW_A, 0},
        {0, page(f), 0, PTW_D},
        {0, page(f), PTW_MT(1), 0},
        {0, page(f), PTW_BIT(63), 0},
        {0, page(f), 0, PTW_BIT(40)},
        {0, page(f), PTW_SOFT(0x8000), 0},
        {0, page(f), fixture_legal(f, RWX | PTW_USER) ? PTW_BIT(15) : PTW_USER, 0},
        {0, page(f), 0, fixture_legal(f, RWX | PTW_USER) ? PTW_BIT(15) : PTW_USER},
        {0, page(f), may_add_global(f) ? PTW_BIT(15) : PTW_GLOBAL, 0},
    };

    expect_done(ptw_map(&f->t, 0, 0, page(f), within(f, RWX | PTW_AD), 0, &f->g));
    for (size_t i = 0; i < COUNT(calls); i++) {
        struct snapshot s = snapshot_take(f);

        expect_result(ptw_protect(&f->t, calls[i].addr, calls[i].size, calls[i].add, calls[i].remove, 0, &f->g),
                      PTW_INVAL, calls[i].addr);
        expect_unchanged(f, &s);
    }
}

/* --------------------------------------------------------------------------- what is not asked for ----------- */

/* Every memory type that the format has, with all of the software bits, through every operation that touches a leaf. */
static void soft_bits_preserved(struct fixture *f)
{
    const unsigned level = has_large_leaves(f) ? 1 : 0;
    ptw_attr soft = PTW_SOFT(ptw_low_mask(f->t.geo.encoder->soft_bits));

    for (unsigned n = 0; n < 16; n++) {
        ptw_attr attr = PTW_R | PTW_W | PTW_MT(n) | soft | PTW_AD, after;
        ptw_addr addr = input_for(f, level);

        if (!fixture_legal(f, attr))
            continue;
        (void)map_block(f, level, attr);
        expect_status(ptw_protect(&f->t, addr, span(f, level), PTW_R | PTW_W, 0, 0, &f->g).status, PTW_SPURIOUS);
        if (fixture_has_ad(f))
            expect_done(ptw_age(&f->t, addr, span(f, level), PTW_CLEAR, NULL, &f->g));
        expect_done(ptw_dirty(&f->t, addr, span(f, level), PTW_CLEAR | PTW_WRITE_PROTECT, NULL, &f->g));
        after = attr & ~(fixture_has_ad(f) ? PTW_A | PTW_W : PTW_W);
        expect_leaf(f, addr, output_for(f, level), level, after);
        if (can_cut(f)) {
            expect_done(ptw_cut(&f->t, addr + page(f), 0, &f->g));
            expect_leaf(f, addr + page(f), output_for(f, level) + page(f), 0, after);
            expect_done(ptw_merge(&f->t, addr, span(f, level), 0, &f->g));
        }
        expect_leaf(f, addr, output_for(f, level), level, after);
        empty_all(f);
    }
}

/* Rights of stage 1 go and come like the others, where the format has them. */
static void protect_user_and_global(struct fixture *f)
{
    ptw_attr attr = RW | PTW_USER | PTW_GLOBAL | PTW_AD;
    ptw_addr addr = map_block(f, 0, attr);

    expect_done(ptw_protect(&f->t, addr, page(f), 0, PTW_USER, 0, &f->g));
    expect_leaf(f, addr, output_for(f, 0), 0, attr & ~PTW_USER);
    expect_owed(f, PTW_OWED_ACCESS, addr, addr + page(f) - 1);
    ptw_gather_sync(&f->g);
    expect_done(ptw_protect(&f->t, addr, page(f), PTW_USER, PTW_GLOBAL, 0, &f->g));
    expect_leaf(f, addr, output_for(f, 0), 0, attr & ~PTW_GLOBAL);
}

static bool is_stage_1(const struct fixture *f)
{
    return fixture_legal(f, RW | PTW_USER | PTW_GLOBAL);
}

/* The TLB has the old right until the sync, and not after. */
static void protect_takes_effect_at_the_sync(struct fixture *f)
{
    struct hardware_leaf leaf;
    ptw_addr addr = map_block(f, 0, RW | PTW_AD);

    assert_int_equal(hardware_access(&f->hardware, &f->t, addr, PTW_W, &leaf), HARDWARE_OK);
    expect_done(ptw_protect(&f->t, addr, page(f), instead_of_w(f), PTW_W, 0, &f->g));
    assert_int_equal(hardware_access(&f->hardware, &f->t, addr, PTW_W, &leaf), HARDWARE_OK);
    assert_non_null(hardware_check(&f->hardware, &f->t, false));
    ptw_gather_sync(&f->g);
    assert_int_equal(hardware_access(&f->hardware, &f->t, addr, PTW_W, &leaf), HARDWARE_DENIED);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"protect_changes_only_what_it_is_told", protect_changes_only_what_it_is_told, can_lack_x},
        {"protect_keeps_accessed_and_dirty", protect_keeps_accessed_and_dirty, has_read_only},
        {"relax_never_reduces", relax_never_reduces, has_read_only},
        {"prot_skip_absent_continue", prot_skip_absent_continue, has_read_only_tables},
        {"protect_all_reaches_both_ends", protect_all_reaches_both_ends, has_read_only},
        {"protect_part_cuts", protect_part_cuts, can_cut_read_only},
        {"protect_part_widens_or_bisects", protect_part_widens_or_bisects, has_read_only},
        {"protect_part_that_is_so_already_is_spurious", protect_part_that_is_so_already_is_spurious,
         has_large_read_only},
        {"protect_nomem_loses_nothing", protect_nomem_loses_nothing, can_cut_read_only},
        {"protect_refuses_what_could_be_illegal", protect_refuses_what_could_be_illegal, NULL},
        {"protect_refuses_senseless_calls", protect_refuses_senseless_calls, has_read_only},
        {"soft_bits_preserved", soft_bits_preserved, has_read_only},
        {"protect_user_and_global", protect_user_and_global, is_stage_1},
        {"protect_takes_effect_at_the_sync", protect_takes_effect_at_the_sync, has_read_only},
    };

    return formats_run("protect", tests, COUNT(tests)) != 0;
}
