/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Tables that the library made, walked by the simulated walkers of the Arm family with the register words that the
 * library gives: every address goes where it was mapped, with those rights and no others, and nowhere else.
 */
#include "sim_arm_mmus.h"

#define G16 "granule=0x4000"
#define G64 "granule=0x10000"

/* What the table of all formats has not. */
static const struct format_case more_cases[] = {
    {"s1-bti", &ptw_arm64_s1, "bti=1,ad=1,ia=42", false, false, 0},
    {"s1-25", &ptw_arm64_s1, "ia=25", false, false, 0},
    {"s1-ttst", &ptw_arm64_s1, "ia=22,ttst=1", false, false, 0},
    {"s1-upper-16k", &ptw_arm64_s1, "upper=1,ad=1," G16 ",ia=47,groups=1", false, false, 0},
    {"s1-upper-64k", &ptw_arm64_s1, "upper=1," G64 ",oa=52,ia=52,groups=1", false, false, 0},
    {"s1-upper-39", &ptw_arm64_s1, "upper=1,ia=39,oa=44,ad=1", false, false, 0},
    {"s1-lpa2-groups", &ptw_arm64_s1, "lpa2=1,ia=50,oa=52,ad=1,groups=1", false, false, 0},
    {"s1-lpa2-48", &ptw_arm64_s1, "lpa2=1,ad=1", false, false, 0},
    {"s1-16k-ttst", &ptw_arm64_s1, G16 ",ia=16,ttst=1", false, false, 0},
    {"s1-64k-ttst", &ptw_arm64_s1, G64 ",ia=17,ttst=1,oa=40", false, false, 0},
    {"s1-el2-64k", &ptw_arm64_s1, "el2=1,ia=42,groups=1," G64, false, false, 0},
    {"s2-xnx", &ptw_arm64_s2, "xnx=1,ad=1", false, false, 0},
    {"s2-fwb", &ptw_arm64_s2, "fwb=1,xs=1,ipa=44,levels=4", false, false, 0},
    {"s2-realm", &ptw_arm64_s2, "realm=1,fwb=1,xnx=1,ad=1", false, false, 0},
    {"s2-25", &ptw_arm64_s2, "ipa=25,levels=2", false, false, 0},
    {"s2-43", &ptw_arm64_s2, "ipa=43,levels=3,ad=1,groups=1", false, false, 0},
    {"s2-lpa2-concatenated", &ptw_arm64_s2, "ipa=52,oa=52,lpa2=1,levels=4,ad=1,groups=1", false, false, 0},
    {"s2-16k-1", &ptw_arm64_s2, G16 ",ipa=29,levels=1,groups=1", false, false, 0},
    {"s2-16k-48", &ptw_arm64_s2, G16 ",ipa=48,ad=1", false, false, 0},
    {"s2-16k-52", &ptw_arm64_s2, G16 ",ipa=52,oa=52,lpa2=1,levels=4", false, false, 0},
    {"s2-64k-52", &ptw_arm64_s2, G64 ",ipa=52,oa=52,ad=1", false, false, 0},
    {"s2-64k-46", &ptw_arm64_s2, G64 ",ipa=46,levels=2,oa=52,groups=1", false, false, 0},
    {"lpae-s1", &ptw_arm_lpae_s1, "", false, false, 0},
    {"lpae-s1-25", &ptw_arm_lpae_s1, "ia=25,groups=1", false, false, 0},
    {"lpae-s2-40", &ptw_arm_lpae_s2, "ipa=40,levels=3,groups=1", false, false, 0},
    {"lpae-s2-34", &ptw_arm_lpae_s2, "ipa=34,levels=2", false, false, 0},
    {"v7s-pxn", &ptw_arm_v7s, "pxn=1,groups=1", false, false, 0},
    {"v7s-mtk-32", &ptw_arm_v7s, "mtk=1,ia=32,oa=35", false, false, 0},
    {"dart-4k-30", &ptw_dart_t8020, "granule=4096", false, false, 0},
    {"dart-t8110", &ptw_dart_t8110, "", false, false, 0},
};

/* ------------------------------------------------------------------------------------------------ walks --- */

static char who[80]; /* the configuration and the walker, for messages */

/* What hardware reads: an incoherent one what was cleaned. */
static unsigned char *memory(struct fixture *f, ptw_oa pa)
{
    const bool incoherent = (f->memory.options & PTW_SIM_INCOHERENT) != 0;
    void *at = incoherent ? ptw_sim_memory_behind(&f->memory, pa) : ptw_sim_memory_at(&f->memory, pa);

    if (at == NULL)
        fail_msg("%s: a walk reads 0x%" PRIx64 ", where there is no table", who, pa);
    return at;
}

static uint64_t load(struct fixture *f, const struct ptw_sim_walk *w)
{
    const unsigned char *at = memory(f, w->entry);
    uint64_t word = 0;

    for (unsigned i = 0; i < w->entry_bytes; i++)
        word |= (uint64_t)at[i] << 8 * (w->big_endian ? w->entry_bytes - 1 - i : i);
    return word;
}

static enum ptw_sim_outcome walk(struct fixture *f, const struct ptw_sim_mmu *mmu, uint64_t addr, unsigned access,
                                 struct ptw_sim_walk *w)
{
    enum ptw_sim_outcome outcome = ptw_sim_walk_start(w, mmu, addr, access);

    while (outcome == PTW_SIM_ENTRY)
        outcome = ptw_sim_walk_step(w, load(f, w));
    return outcome;
}

/* One leaf that was mapped. */
struct mapped {
    ptw_addr addr;
    ptw_oa oa;
    uint64_t size;
    unsigned level;
    ptw_attr attr;
};

static void expect_at(struct fixture *f, const struct ptw_sim_mmu *mmu, const struct mapped *m, uint64_t addr,
                      unsigned access)
{
    const struct wanted want = wanted_for(f, m->attr);
    const bool unset = !want.accessed && !fixture_has_ad(f), granted = permitted(f, want.rights, access);
    const enum ptw_sim_outcome right = unset ? PTW_SIM_UNSET : granted ? PTW_SIM_LEAF : PTW_SIM_DENIED;
    struct ptw_sim_walk w;
    const enum ptw_sim_outcome outcome = walk(f, mmu, addr, access, &w);

    if (outcome != right)
        fail_msg("%s: 0x%" PRIx64 " (word 0x%" PRIx64 ", attributes 0x%" PRIx64 "), access %u: %s (%s), wanted %s", who,
                 addr, w.word, m->attr, access, outcome_name(outcome), w.why != NULL ? w.why : "", outcome_name(right));
    expect_number(who, "first", w.first, m->addr);
    expect_number(who, "last", w.last, m->addr + (m->size - 1));
    expect_number(who, "level", w.at_level, m->level);
    if (!unset && !want.accessed)
        expect_number(who, "A is set", w.set & ~w.word & ~PTW_BIT(7), PTW_BIT(10));
    if (outcome != PTW_SIM_LEAF)
        return;
    expect_number(who, "output", w.out, m->oa + (addr - m->addr));
    expect_number(who, "rights", w.rights, want.rights);
    expect_number(who, "type", w.type, want.type);
    if (f->format != &ptw_arm64_s2 && f->format != &ptw_arm_lpae_s2)
        expect_number(who, "global", w.global, want.global);
}

/* A store leaves A and D behind, as the library reads them; a fault and a read no D. */
static void expect_dirty_after_a_store(struct fixture *f, const struct ptw_sim_mmu *mmu, const struct mapped *m)
{
    const unsigned access = permitted(f, wanted_for(f, m->attr).rights, WRITE) ? WRITE : READ;
    const ptw_attr had = read_back(f, m->attr) & PTW_AD;
    struct ptw_sim_walk w;

    if (!fixture_has_ad(f))
        return;
    (void)walk(f, mmu, m->addr, access, &w);
    store(f, ptw_sim_memory_at(&f->memory, w.at), (w.word & ~w.clear) | w.set);
    expect_leaf(f, m->addr, m->oa, m->level, m->attr | had | PTW_A | (access == WRITE ? PTW_D : 0));
    (void)walk(f, mmu, m->addr, access, &w);
    expect_number(who, "nothing more", (w.word & ~w.clear) | w.set, w.word);
}

/* ----------------------------------------------------------------------------------------------- tables --- */

#define ATTRS 4096
#define PLACES 24

/* All that the format can express: rights, types, A and D, each own bit. */
struct attributes {
    size_t n;
    ptw_attr attr[ATTRS];
};

static void collect(const struct fixture *f, struct attributes *all)
{
    const ptw_attr own = f->t.geo.attr_legal & ~(PTW_RIGHTS | PTW_AD | PTW_MT_MASK | PTW_SOFT_MASK);

    all->n = 0;
    for (ptw_attr base = 0; base < 1U << (PTW_MT_SHIFT + 4); base++)
        for (unsigned bit = PTW_OWN_SHIFT - 1; bit < 40; bit++) {
            const ptw_attr attr = base | (bit >= PTW_OWN_SHIFT ? PTW_BIT(bit) & own : 0);

            if ((bit >= PTW_OWN_SHIFT && attr == base) || !fixture_legal(f, attr) || all->n == ATTRS)
                continue;
            all->attr[all->n++] = attr;
        }
    assert_true(all->n != 0);
}

static uint64_t rng(void)
{
    static uint64_t state = 1;

    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return state ^ state >> 29;
}

static bool overlaps(const struct mapped *m, size_t n, ptw_addr addr, uint64_t size)
{
    for (size_t i = 0; i < n; i++)
        if (addr <= m[i].addr + (m[i].size - 1) && m[i].addr <= addr + (size - 1))
            return true;
    return false;
}

/* Leaves of one size at both ends of the range, in the middle, side by side, and anywhere. */
static size_t map_some(struct fixture *f, unsigned level, unsigned order, const struct attributes *all,
                       struct mapped *m)
{
    const uint64_t size = span(f, level) << order, count = f->t.geo.ia_mask / size + 1;
    const uint64_t outputs = f->t.geo.oa_last / size + 1;
    const uint64_t places[] = {0, count - 1, count / 2, count / 2 - 1, 1};
    size_t n = 0;

    for (size_t i = 0; i < PLACES; i++) {
        const uint64_t place = (i < COUNT(places) ? places[i] : rng()) % count;
        const ptw_addr addr = ptw_first(&f->t) + place * size;

        if (overlaps(m, n, addr, size))
            continue;
        m[n] = (struct mapped){.addr = addr, .size = size, .level = level};
        m[n].oa = (i == 0 ? outputs - 1 : i == 1 ? 0 : rng() % outputs) * size;
        m[n].attr = all->attr[rng() % all->n];
        if (has_soft_bits(f) && i % 2 != 0)
            m[n].attr |= PTW_SOFT(3);
        expect_done(ptw_map(&f->t, addr, m[n].oa, size, m[n].attr, 0, &f->g));
        n++;
    }
    ptw_gather_sync(&f->g);
    return n;
}

static void expect_hole_for(struct fixture *f, const struct ptw_sim_mmu *mmu, const struct mapped *m, size_t n,
                            uint64_t addr)
{
    const bool inside = addr >= ptw_first(&f->t) && addr <= ptw_last(&f->t);
    struct ptw_sim_walk w;
    enum ptw_sim_outcome outcome;

    if (overlaps(m, n, addr, 1))
        return;
    outcome = walk(f, mmu, addr, READ, &w);
    if (outcome == (inside ? PTW_SIM_ABSENT : PTW_SIM_BEYOND) || (!inside && outcome == PTW_SIM_ABSENT))
        return;
    fail_msg("%s: 0x%" PRIx64 " is %s", who, addr, outcome_name(outcome));
}

static void expect_all(struct fixture *f, const struct ptw_sim_mmu *mmu, const struct mapped *m, size_t n)
{
    static const unsigned accesses[] = {READ, WRITE, FETCH, READ | USER, WRITE | USER, FETCH | USER};

    for (size_t i = 0; i < n; i++) {
        const uint64_t addrs[] = {m[i].addr, m[i].addr + (m[i].size - 1), m[i].addr + rng() % m[i].size};

        for (size_t a = 0; a < COUNT(addrs); a++)
            for (size_t k = 0; k < COUNT(accesses); k++)
                expect_at(f, mmu, &m[i], addrs[a], accesses[k]);
        expect_hole_for(f, mmu, m, n, m[i].addr - 1);
        expect_hole_for(f, mmu, m, n, m[i].addr + m[i].size);
    }
    for (unsigned i = 0; i < 32; i++)
        expect_hole_for(f, mmu, m, n, ptw_first(&f->t) + (rng() & f->t.geo.ia_mask));
}

/* Whatever is kept in a hole, hardware finds nothing there. */
static void expect_marks_are_holes(struct fixture *f, const struct ptw_sim_mmu *mmu, const struct mapped *m, size_t n)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    const ptw_addr addr = ptw_first(&f->t) + 3 * span(f, 0);
    struct hardware_leaf hole;

    if (overlaps(m, n, addr, span(f, 0)) || hardware_walk(&f->hardware, &f->t, addr, &hole) != HARDWARE_ABSENT)
        return;
    for (unsigned type = 1; type < PTW_MARK_TYPES && e->payload_bits(hole.level) != 0; type++) {
        plant(f, addr, e->mark(type, ptw_low_mask(e->payload_bits(hole.level)), hole.level));
        expect_hole_for(f, mmu, m, n, addr);
    }
    plant(f, addr, hole.word);
}

static void agree(struct fixture *f, unsigned level, unsigned order, const struct attributes *all)
{
    struct ptw_sim_mmu mmu[MMUS];
    struct mapped m[PLACES];
    size_t n, mmus;

    expect_status(fixture_reopen(f), PTW_OK);
    mmus = make_mmus(f, mmu);
    n = map_some(f, level, order, all, m);
    for (size_t i = 0; i < mmus; i++) {
        (void)snprintf(who, sizeof(who), "%s by %s, leaves at level %u of 2^%u", f->kase->name, mmu[i].walker->name,
                       level, order);
        expect_all(f, &mmu[i], m, n);
        expect_marks_are_holes(f, &mmu[i], m, n);
    }
    for (size_t i = 0; i < n; i++)
        expect_dirty_after_a_store(f, &mmu[i % mmus], &m[i]);
    ptw_destroy(&f->t);
}

static void agree_on(const struct format_case *kase)
{
    static struct attributes all;
    struct ptw_sim_mmu mmu[MMUS];
    struct fixture f;

    if (fixture_open(&f, kase) != PTW_OK)
        fail_msg("%s cannot be opened", kase->name);
    if (make_mmus(&f, mmu) != 0) {
        collect(&f, &all);
        for (unsigned level = 0; level <= f.t.geo.max_leaf; level++)
            for (unsigned order = 0; order < 16; order++)
                if ((f.t.geo.orders[level] >> order & 1) != 0 && (f.t.geo.ia_mask >> order) + 1 >= span(&f, level))
                    for (unsigned round = 0; round < 6; round++)
                        agree(&f, level, order, &all);
    }
    fixture_close(&f);
}

static void every_address_goes_where_it_was_mapped(void **state)
{
    (void)state;
    for (size_t i = 0; i < format_cases_count; i++)
        agree_on(&format_cases[i]);
}

static void and_in_more_configurations(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(more_cases); i++)
        agree_on(&more_cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_address_goes_where_it_was_mapped),
        cmocka_unit_test(and_in_more_configurations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
