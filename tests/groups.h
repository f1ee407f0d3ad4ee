/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * groups.h - what the tests of groups share: every group that a table can make, one after the other, what its slots must
 * say, and formats made here that break before they make, or have tables smaller than a group.
 */
#ifndef TEST_GROUPS_H
#define TEST_GROUPS_H

#include "conformance.h"

#include "examples/custom-format/nx1.h"

#include <ptw/arm64.h>
#include <ptw/x86.h>

/* 2^order slots of a table at `level`, and where they go. */
struct group {
    unsigned level, order;
    uint64_t n, slot, size; /* slots, the bytes of one, and of all */
    ptw_addr addr;
    ptw_oa oa;
};

/* ---------------------------------------------------------------------------------------- what there is ------ */

static inline unsigned table_bits(const struct fixture *f, unsigned level)
{
    return level == f->t.geo.top ? f->t.geo.root_bits : ptw_level_bits(f->t.geo.encoder, level);
}

static inline bool makes_order(const struct fixture *f, unsigned level, unsigned order)
{
    return (f->t.geo.orders[level] >> order & 1) != 0 && order <= table_bits(f, level);
}

static inline bool makes_groups(const struct fixture *f)
{
    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++)
        for (unsigned order = 1; order < 16; order++)
            if (makes_order(f, level, order))
                return true;
    return false;
}

static inline bool breaks_groups(const struct fixture *f)
{
    return ptw_breaks_groups(&f->t.geo);
}

/* A live group may become single slots, and they one. */
static inline bool regroups(const struct fixture *f)
{
    return makes_groups(f) && !(hitless(f) && breaks_groups(f));
}

static inline bool cannot_regroup(const struct fixture *f)
{
    return makes_groups(f) && !regroups(f);
}

static inline bool regroups_with_ad(const struct fixture *f)
{
    return regroups(f) && fixture_has_ad(f);
}

static inline bool makes_groups_read_only(const struct fixture *f)
{
    return makes_groups(f) && has_read_only(f);
}

static inline bool makes_groups_with_ad(const struct fixture *f)
{
    return makes_groups(f) && fixture_has_ad(f);
}

/* Nothing is left and nothing went wrong; the next one gets memory that nobody had before. */
static inline void end_of_group(struct fixture *f)
{
    const char *why;

    empty_all(f);
    why = hardware_check(&f->hardware, &f->t, false);
    if (why == NULL)
        why = ptw_sim_memory_uncleaned(&f->memory);
    if (why != NULL)
        fail_msg("%s", why);
    expect_status(fixture_reopen(f), PTW_OK);
}

/* Each level, each order: near the beginning of the space, and at its very end. The table is emptied after each. */
static inline void each_group(struct fixture *f, void (*run)(struct fixture *f, const struct group *g))
{
    const ptw_oa oa_last = f->t.geo.oa_last;

    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++)
        for (unsigned order = 1; order < 16; order++) {
            struct group g = {.level = level, .order = order, .n = UINT64_C(1) << order, .slot = span(f, level)};
            ptw_addr end;

            if (!makes_order(f, level, order))
                continue;
            g.size = g.slot << order;
            g.addr = end = ptw_last(&f->t) - (g.size - 1);
            g.oa = oa_last - (g.size - 1);
            run(f, &g);
            end_of_group(f);
            if (g.size > f->t.geo.ia_mask / 2)
                continue;
            g.addr = ptw_first(&f->t) + g.size;
            g.oa = oa_last / 4 >= g.size ? 3 * g.size : g.oa;
            if (g.addr == end)
                continue;
            run(f, &g);
            end_of_group(f);
        }
}

/* -------------------------------------------------------------------------------------- what slots say ------- */

static inline ptw_addr slot_addr(const struct group *g, uint64_t i)
{
    return g->addr + i * g->slot;
}

static inline void *group_slot(struct fixture *f, const struct group *g, uint64_t i)
{
    return (unsigned char *)slot_at(f, g->addr, g->level) + i * f->t.geo.encoder->word_bytes;
}

static inline ptw_word group_word(struct fixture *f, const struct group *g, uint64_t i)
{
    return hardware_load(&f->t, group_slot(f, g, i));
}

/* `addr` is translated to `oa` by a leaf of 2^order slots at `level`. */
static inline void expect_unit_at(struct fixture *f, ptw_addr addr, ptw_oa oa, unsigned level, unsigned order,
                                  ptw_attr attr, const char *file, int line)
{
    const uint64_t size = span(f, level) << order;
    struct hardware_leaf leaf;
    enum hardware_answer answer = hardware_walk(&f->hardware, &f->t, addr, &leaf);

    if (answer == HARDWARE_OK && leaf.oa + (addr - leaf.addr) == oa && leaf.level == level && leaf.order == order &&
        leaf.addr == (addr & ~(size - 1)) && leaf.last == leaf.addr + (size - 1) && leaf.attr == read_back(f, attr))
        return;
    if (answer != HARDWARE_OK)
        print_error("0x%" PRIx64 " is not mapped\n", addr);
    else
        print_error("0x%" PRIx64 " -> 0x%" PRIx64 " level %u order %u attributes 0x%" PRIx64 ", wanted 0x%" PRIx64
                    " level %u order %u attributes 0x%" PRIx64 "\n",
                    addr, leaf.oa + (addr - leaf.addr), leaf.level, leaf.order, leaf.attr, oa, level, order,
                    read_back(f, attr));
    _fail(file, line);
}

/* Slots [from, to) of the group's window: as one group, as single slots, or holes. */
static inline void expect_group_at(struct fixture *f, const struct group *g, ptw_attr attr, const char *file, int line)
{
    for (uint64_t i = 0; i < g->n; i++)
        expect_unit_at(f, slot_addr(g, i), g->oa + i * g->slot, g->level, g->order, attr, file, line);
}
#define expect_group(f, g, attr) expect_group_at((f), (g), (attr), __FILE__, __LINE__)

static inline void expect_singles_at(struct fixture *f, const struct group *g, uint64_t from, uint64_t to,
                                     ptw_attr attr, const char *file, int line)
{
    for (uint64_t i = from; i < to; i++)
        expect_unit_at(f, slot_addr(g, i), g->oa + i * g->slot, g->level, 0, attr, file, line);
}
#define expect_singles(f, g, from, to, attr) expect_singles_at((f), (g), (from), (to), (attr), __FILE__, __LINE__)

static inline void expect_holes_at(struct fixture *f, const struct group *g, uint64_t from, uint64_t to,
                                   const char *file, int line)
{
    for (uint64_t i = from; i < to; i++)
        expect_hole_at(f, slot_addr(g, i), file, line);
}
#define expect_holes(f, g, from, to) expect_holes_at((f), (g), (from), (to), __FILE__, __LINE__)

static inline void map_group(struct fixture *f, const struct group *g, ptw_attr attr)
{
    expect_done(ptw_map(&f->t, g->addr, g->oa, g->size, attr, 0, &f->g));
    expect_group(f, g, attr);
    ptw_gather_sync(&f->g);
}

/* Slots [from, to), one by one: single ones. */
static inline void map_singles(struct fixture *f, const struct group *g, uint64_t from, uint64_t to, ptw_attr attr)
{
    for (uint64_t i = from; i < to; i++)
        expect_done(ptw_map(&f->t, slot_addr(g, i), g->oa + i * g->slot, g->slot, attr, 0, &f->g));
    expect_singles(f, g, from, to, attr);
    ptw_gather_sync(&f->g);
}

/* Hardware sets A and D in one of the copies. */
static inline void write_through(struct fixture *f, const struct group *g, uint64_t i)
{
    assert_true(hardware_mark_ad(&f->hardware, &f->t, slot_addr(g, i), PTW_AD));
}

/* --------------------------------------------------------------------------------------- formats made here --- */

/* The format `like`, with an encoder that says this about breaking; served by the run-time engine. */
static inline uint64_t breaking(const struct ptw_format *like, struct ptw_encoder *copy, bool before_make, bool groups,
                                const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    uint64_t status = like->configure(c, g, why);

    if (status != PTW_OK)
        return status;
    *copy = *g->encoder;
    copy->break_before_make = before_make;
    copy->break_groups = groups;
    g->encoder = copy;
    g->ops = NULL;
    return PTW_OK;
}

static inline uint64_t amdv1_that_breaks(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    static struct ptw_encoder copy;

    return breaking(&ptw_amdv1, &copy, true, false, c, g, why);
}

static inline uint64_t amdv1_that_breaks_groups(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    static struct ptw_encoder copy;

    return breaking(&ptw_amdv1, &copy, false, true, c, g, why);
}

static inline uint64_t nx1_that_breaks(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    static struct ptw_encoder copy;

    return breaking(&nx1, &copy, true, true, c, g, why);
}

static inline uint64_t nx1_that_breaks_groups(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    static struct ptw_encoder copy;

    return breaking(&nx1, &copy, false, true, c, g, why);
}

/* A root of eight entries: most groups are larger. */
static inline uint64_t amdv1_with_a_small_root(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    uint64_t status = ptw_amdv1.configure(c, g, why);

    if (status != PTW_OK)
        return status;
    g->root_bits = 3;
    g->ia_bits = ptw_level_shift(g->encoder, g->top) + 3;
    g->ia_mask = ptw_low_mask(g->ia_bits);
    return PTW_OK;
}

#define GROUP_CASES 16

/* Fills in what makes a test of groups harder than the table of formats does; says how many. */
static inline size_t group_cases(struct format_case cases[GROUP_CASES])
{
    static struct ptw_format format[5];
    static const struct format_case all[] = {
        {"groups-2", &ptw_amdv1, "levels=2,groups=1,ad=1", false, false, 0},
        {"groups-run-time", &ptw_amdv1, "levels=2,groups=1,ad=1", true, false, 0},
        {"groups-va-hook", &ptw_amdv1, "levels=2,groups=1,ad=1", false, false, PTW_SIM_VA_HOOK},
        {"groups-incoherent", &ptw_amdv1, "levels=2,groups=1,ad=1", false, false, PTW_SIM_INCOHERENT},
        {"groups-hitless", &ptw_amdv1, "levels=2,groups=1,ad=1,hitless=1", false, false, PTW_SIM_INCOHERENT},
        {"small-root-2", &format[0], "levels=2,groups=1,ad=1", false, false, 0},
        {"small-root-3", &format[0], "levels=3,groups=1,ad=1", false, false, 0},
        {"breaking", &format[1], "levels=3,groups=1,ad=1", false, false, 0},
        {"breaking-hitless", &format[1], "levels=2,groups=1,ad=1,hitless=1", false, false, 0},
        {"breaking-groups", &format[2], "levels=3,groups=1,ad=1", false, false, PTW_SIM_INCOHERENT},
        {"breaking-groups-hitless", &format[2], "levels=2,groups=1,ad=1,hitless=1", false, false, 0},
        {"nx1-breaking", &format[3], "groups=1,ad=1", false, false, PTW_SIM_INCOHERENT},
        {"nx1-breaking-groups", &format[4], "groups=1,ad=1", false, false, 0},
        {"nx1-breaking-hitless", &format[3], "groups=1,ad=1,hitless=1", false, false, 0},
        {"bbm2-hitless", &ptw_arm64_s1, "groups=1,ad=1,hitless=1,bbm2=1", false, false, PTW_SIM_INCOHERENT},
    };

    format[0] = format[1] = format[2] = ptw_amdv1;
    format[3] = format[4] = nx1;
    format[0].configure = amdv1_with_a_small_root;
    format[1].configure = amdv1_that_breaks;
    format[2].configure = amdv1_that_breaks_groups;
    format[3].configure = nx1_that_breaks;
    format[4].configure = nx1_that_breaks_groups;
    for (size_t i = 0; i < COUNT(all); i++)
        cases[i] = all[i];
    return COUNT(all);
}

/* Each test over the table of formats, and over those made here. */
static inline int groups_run(const char *name, const struct format_test *tests, size_t n)
{
    struct format_case cases[GROUP_CASES];
    size_t cases_n = group_cases(cases);

    return formats_run(name, tests, n) + formats_run_over(name, tests, n, cases, cases_n) != 0;
}

#endif
