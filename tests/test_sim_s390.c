/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The simulated translation of DMA addresses on IBM Z: its words one by one, and that it finds what the library maps. */
#include "sim_agreement.h"
#include "sim_words.h"

#include <ptw/s390.h>
#include <ptw/sim_s390.h>

#define FRAME1M PTW_SIM_ZPCI_FRAME1M
#define TABLES                                                                                                         \
    {                                                                                                                  \
        0, 0x200000800, 0x100004007, 0x10000800b, 0x10000c00f                                                          \
    }

static const struct setup five = {{&ptw_sim_zpci, {0x10000080c, 0, ~UINT64_C(0), FRAME1M}}, TABLES};
static const struct setup bare = {{&ptw_sim_zpci, {0x10000080c, 0, ~UINT64_C(0), 0}}, TABLES};

static const struct word words[] = {
    {"9/1", &five, 2, 0x100004007, TABLE, 0x100004000, 0, 0, 0, 0, 0},
    {"9/2", &five, 3, 0x10000800b, TABLE, 0x100008000, 0, 0, 0, 0, 0},
    {"9/3", &five, 4, 0x10000c00f, TABLE, 0x10000c000, 0, 0, 0, 0, 0},
    {"9/4", &five, 1, 0x200000800, TABLE, 0x200000800, 0, 0, 0, 0, 0},
    {"9/5", &five, 1, 0x200000a00, TABLE, 0x200000800, 0, 0, 0, 0, 0},
    {"9/6", &five, 0, 0x300005000, LEAF, 0x300005000, BOTH(R | W), 0, 0, 12, 0},
    {"9/7", &five, 0, 0x300005200, LEAF, 0x300005000, BOTH(R), 0, 0, 12, 0},
    {"zero is a page", &five, 0, 0, LEAF, 0, BOTH(R | W), 0, 0, 12, 0},
    {"zero is a segment", &five, 1, 0, TABLE, 0, 0, 0, 0, 0, 0},
    {"1 MiB frame", &five, 1, 0x300100400, LEAF, 0x300100000, BOTH(R | W), 0, 0, 20, 0},
    {"1 MiB frame, protected", &five, 1, 0x300100600, LEAF, 0x300100000, BOTH(R), 0, 0, 20, 0},

    {"9/8", &five, 0, 0x300005400, ABSENT, 0, 0, 0, 0, 0, 0},
    {"invalid page", &five, 0, 0x400, ABSENT, 0, 0, 0, 0, 0, 0},
    {"invalid segment", &five, 1, 0x20, ABSENT, 0, 0, 0, 0, 0, 0},
    {"invalid region-third", &five, 2, 0x20, ABSENT, 0, 0, 0, 0, 0, 0},
    {"invalid region-second", &five, 3, 0x20, ABSENT, 0, 0, 0, 0, 0, 0},
    {"invalid region-first", &five, 4, 0x10000c02f, ABSENT, 0, 0, 0, 0, 0, 0},
    {"table offset", &five, 2, 0x100004047, RESERVED, 0, 0, 0, 0, 0, 0},
    {"table length", &five, 2, 0x100004006, RESERVED, 0, 0, 0, 0, 0, 0},
    {"region-second for region-third", &five, 2, 0x10000400b, RESERVED, 0, 0, 0, 0, 0, 0},
    {"region-third for segment", &five, 1, 0x100004007, RESERVED, 0, 0, 0, 0, 0, 0},
    {"segment for region-first", &five, 4, 0x200000800, RESERVED, 0, 0, 0, 0, 0, 0},
    {"no 1 MiB frames", &bare, 1, 0x300100400, RESERVED, 0, 0, 0, 0, 0, 0},
};

static void each_word_does_what_is_known(void **state)
{
    (void)state;
    check_words(words, COUNT(words));
}

static void write_protection_holds_below(void **state)
{
    (void)state;
    for (unsigned level = 0; level <= 4; level++) {
        struct setup s = five;
        struct ptw_sim_walk w;

        s.table[level] |= level > 0 ? 0x200U : 0;
        reach("protected above", &s, 0, PTW_SIM_WRITE, 0, &w);
        equal("protected above", "outcome", ptw_sim_walk_step(&w, 0x300005000), level > 0 ? PTW_SIM_DENIED : LEAF);
        equal("protected above", "rights", w.rights, level > 0 ? BOTH(R) : BOTH(R | W));
    }
}

static void designations_and_addresses(void **state)
{
    struct setup s;

    (void)state;
    starts("9/9", (s = with(&five, 0, 0x100000804), &s), 0x3ffffffffff, 0x100003ff8, 2);
    starts("9/10", (s = with(&five, 0, 0x100000808), &s), 0x1fffffffffffff, 0x100003ff8, 3);
    starts("9/11", &five, ~UINT64_C(0), 0x100003ff8, 4);
    starts("segment table", (s = with(&five, 0, 0x100000800), &s), 0x7fffffff, 0x100003ff8, 1);
    refuses("31 bits", &s, 0x80000000, PTW_SIM_BEYOND);
    refuses("42 bits", (s = with(&five, 0, 0x100000804), &s), 0x40000000000, PTW_SIM_BEYOND);
    refuses("53 bits", (s = with(&five, 0, 0x100000808), &s), 0x20000000000000, PTW_SIM_BEYOND);
    refuses("not enabled", (s = with(&five, 0, 0x10000000c), &s), 0, RESERVED);
    refuses("a frame", (s = with(&five, 0, 0x100000810), &s), 0, RESERVED);
    refuses("misaligned", (s = with(&five, 0, 0x10000280c), &s), 0, RESERVED);
    s = with(&five, PTW_SIM_ZPCI_PBA, 0x100000000);
    s.mmu.reg[PTW_SIM_ZPCI_PAL] = 0x1ffffffff;
    starts("PBA", &s, 0x100000000, 0x100000000, 4);
    starts("PAL", &s, 0x1ffffffff, 0x100000000, 4);
    refuses("below PBA", &s, 0xffffffff, PTW_SIM_BEYOND);
    refuses("above PAL", &s, 0x200000000, PTW_SIM_BEYOND);
}

/* ------------------------------------------------------------------------------------------- agreement ------ */

static void iota(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    mmu->walker = &ptw_sim_zpci;
    mmu->reg[PTW_SIM_ZPCI_PAL] = ~UINT64_C(0);
    mmu->reg[PTW_SIM_ZPCI_FEATURES] = (f->t.geo.options & PTW_OPT_ZPCI_FRAME1M) != 0 ? FRAME1M : 0;
    assert_int_equal(ptw_s390_iota(&f->t, 6, &mmu->reg[PTW_SIM_ZPCI_IOTA]), PTW_OK);
}

static unsigned rights(const struct fixture *f, ptw_attr attr)
{
    (void)f;
    return BOTH(R | ((attr & PTW_W) != 0 ? W : 0));
}

static uint64_t type(ptw_attr attr)
{
    (void)attr;
    return 0;
}

static const struct reading readings[] = {{&ptw_s390_zpci, iota, rights, type, false, false, NULL, 0}};

static const struct format_case more_cases[] = {
    {"s390-zpci-5-frames", &ptw_s390_zpci, "levels=5,frame1m=1", false, false, 0},
};

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_does_what_is_known),
        cmocka_unit_test(write_protection_holds_below),
        cmocka_unit_test(designations_and_addresses),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    failed += agreement_run("sim-s390", readings, COUNT(readings), more_cases, COUNT(more_cases));
    return failed != 0;
}
