/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Registers and structures of x86 hardware, bit by bit: each reserved bit of a word that leads to a table is refused, and
 * each capability bit counts. Golden words and the rest are in test_hardware_x86.c.
 */
#include "conformance.h"

#include <ptw/x86.h>

#define ROOT UINT64_C(0x103000)

/* ------------------------------------------------------------------------------------------------- reserved bits --- */

/* The words of one kind: what a table comes from. */
struct words {
    uint64_t w[8];
};

typedef ptw_status reader(const struct words *in, struct ptw_root *root, const char **why);

static ptw_status read_cr3(const struct words *in, struct ptw_root *root, const char **why)
{
    return ptw_x86_root(&(struct ptw_x86_registers){.cr3 = in->w[0]}, root, why);
}

static ptw_status read_eptp(const struct words *in, struct ptw_root *root, const char **why)
{
    return ptw_ept_root(&(struct ptw_ept_registers){.eptp = in->w[0]}, root, why);
}

static ptw_status read_context(const struct words *in, struct ptw_root *root, const char **why)
{
    return ptw_vtd_context_root(in->w, NULL, root, why);
}

static ptw_status read_first(const struct words *in, struct ptw_root *root, const char **why)
{
    return ptw_vtd_pasid_root(in->w, 1, NULL, root, why);
}

static ptw_status read_second(const struct words *in, struct ptw_root *root, const char **why)
{
    return ptw_vtd_pasid_root(in->w, 2, NULL, root, why);
}

static ptw_status read_dte(const struct words *in, struct ptw_root *root, const char **why)
{
    return ptw_amd_root(in->w, root, why);
}

/* Word 4 is the GCR3 entry. */
static ptw_status read_gcr3(const struct words *in, struct ptw_root *root, const char **why)
{
    return ptw_amd_guest_root(in->w, in->w[4], 0, 0, root, why);
}

#define ALL (~UINT64_C(0))
#define OVER PTW_BITS(63, 52) /* no address reaches there */

static const struct {
    const char *id;
    reader *read;
    uint64_t legal[8];
    uint64_t reserved[8];
    uint64_t ignored[8];
} kinds[] = {
    {"CR3", read_cr3, {ROOT}, {OVER & ~PTW_BITS(62, 61) & ~PTW_BIT(63)}, {PTW_BITS(62, 61) | PTW_BITS(11, 0)}},
    {"EPTP", read_eptp, {ROOT | 0x1e}, {OVER | PTW_BITS(11, 8)}, {PTW_BITS(7, 6)}},
    {"context entry",
     read_context,
     {ROOT | 1, 2},
     {OVER | PTW_BITS(11, 4), PTW_BIT(7) | PTW_BITS(63, 24)},
     {PTW_BITS(2, 1), PTW_BITS(23, 8) | PTW_BITS(6, 3)}},
    {"PASID entry, second stage",
     read_second,
     {ROOT | 0x89},
     {OVER | PTW_BITS(11, 10), 0, 0, ALL, ALL, ALL, ALL, ALL},
     {PTW_BIT(9) | PTW_BIT(5) | PTW_BIT(1), ALL, ALL}},
    {"PASID entry, first stage",
     read_first,
     {0x41, 0, ROOT},
     {PTW_BITS(11, 10), 0, OVER | PTW_BITS(11, 8), ALL, ALL, ALL, ALL, ALL},
     {PTW_BITS(63, 12) | PTW_BIT(9) | PTW_BITS(5, 1), ALL, PTW_BITS(7, 4) | PTW_BITS(2, 0)}},
    {"DTE",
     read_dte,
     {ROOT | 0x603},
     {PTW_BIT(63) | PTW_BITS(6, 2), PTW_BIT(42)},
     {PTW_BITS(62, 52), ~PTW_BIT(42), ALL, ALL}},
    {"GCR3 entry", read_gcr3, {PTW_BIT(55) | 3, 0, 0, 0, ROOT | 1}, {0, 0, 0, 0, OVER | PTW_BITS(11, 1)}, {0}},
};

static void each_reserved_bit_is_refused_and_no_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++)
        for (unsigned n = 0; n < 8 * 64; n++) {
            const uint64_t bit = PTW_BIT(n % 64);
            const bool reserved = (kinds[i].reserved[n / 64] & bit) != 0;
            struct words in;
            struct ptw_root root = {0};
            const char *why = "";

            if (!reserved && (kinds[i].ignored[n / 64] & bit) == 0)
                continue;
            memcpy(in.w, kinds[i].legal, sizeof(in.w));
            in.w[n / 64] |= bit;
            if (kinds[i].read(&in, &root, &why) != (reserved ? PTW_INVAL : PTW_OK))
                fail_msg("%s, word %u, bit %u: %s %s", kinds[i].id, n / 64, n % 64, reserved ? "reserved" : "legal",
                         why);
            if (root.pa != (reserved ? 0 : ROOT))
                fail_msg("%s, word %u, bit %u: another root", kinds[i].id, n / 64, n % 64);
        }
}

/* ------------------------------------------------------------------------------------------- modes and capabilities --- */

#define PG PTW_BIT(31)
#define PAE PTW_BIT(5)

static void processor_modes_have_their_format(void **state)
{
    static const struct {
        struct ptw_x86_registers regs;
        const struct ptw_format *format;
        unsigned levels;
    } modes[] = {
        {{.cr0 = PG, .cr3 = ROOT, .cr4 = PAE, .efer = PTW_BIT(8)}, &ptw_x86_64, 4},  /* LME */
        {{.cr0 = PG, .cr3 = ROOT, .cr4 = PAE, .efer = PTW_BIT(10)}, &ptw_x86_64, 4}, /* LMA */
        {{.cr0 = PG, .cr3 = ROOT, .cr4 = PAE | PTW_BIT(12), .efer = 0x500}, &ptw_x86_64, 5},
        {{.cr0 = PG, .cr3 = ROOT, .cr4 = PAE, .efer = PTW_BIT(11)}, &ptw_x86_pae, 3},
        {{.cr0 = PG, .cr3 = ROOT | 0x18}, &ptw_x86_32, 2},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(modes); i++) {
        struct ptw_root root = {0};

        assert_int_equal(ptw_x86_root(&modes[i].regs, &root, NULL), PTW_OK);
        assert_ptr_equal(root.format, modes[i].format);
        assert_int_equal(root.config.levels, modes[i].levels);
        assert_true(root.pa == ROOT);
    }
}

#define SIZE_2M UINT64_C(0x200000)
#define SAGAW(n) PTW_BIT(8U + (n))
#define MGAW48 (UINT64_C(47) << 16)

/* `aw`: AW or, of a first stage, FSPM. */
static const struct {
    const char *id;
    unsigned stage, aw;
    uint64_t cap, ecap;
    uint64_t leaf, options;
    unsigned levels, ia;
} vtd[] = {
    {"4K", 2, 2, SAGAW(2) | MGAW48, 1, 0x1000, 0, 4, 0},
    {"2M", 2, 2, SAGAW(2) | MGAW48 | PTW_BIT(34), 1, SIZE_2M, 0, 4, 0},
    {"1G", 2, 2, SAGAW(2) | MGAW48 | PTW_BITS(35, 34), 1, 0, 0, 4, 0},
    {"3 levels", 2, 1, SAGAW(1) | MGAW48 | PTW_BITS(35, 34), 1, 0, 0, 3, 0},
    {"5 levels", 2, 3, SAGAW(3) | UINT64_C(56) << 16 | PTW_BITS(35, 34), 1, 0, 0, 5, 0},
    {"40 bits", 2, 2, SAGAW(2) | UINT64_C(39) << 16 | PTW_BITS(35, 34), 1, 0, 0, 4, 40},
    {"snoop control", 2, 2, 0, PTW_BIT(7), 0, PTW_OPT_VTD_SNP, 4, 0},
    {"device TLBs", 2, 2, 0, PTW_BIT(2), 0, PTW_OPT_VTD_TM, 4, 0},
    {"first stage", 1, 0, 1, 1, SIZE_2M, PTW_OPT_AD, 4, 0},
    {"first stage, 1G", 1, 0, PTW_BIT(56), 1, 0, PTW_OPT_AD, 4, 0},
    {"first stage, 5 levels", 1, 1, PTW_BIT(60), 1, SIZE_2M, PTW_OPT_AD, 5, 0},
};

static void each_capability_of_vtd_counts(void **state)
{
    const struct ptw_vtd_registers ssads = {.ecap = PTW_BIT(45)}, no_ssads = {.ecap = ~PTW_BIT(45)};
    const uint64_t ad[8] = {ROOT | 0x289};
    struct ptw_root root = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(vtd); i++) {
        const struct ptw_vtd_registers regs = {.cap = vtd[i].cap, .ecap = vtd[i].ecap};
        const uint64_t first[8] = {0x41, 0, ROOT | vtd[i].aw << 2}, second[8] = {ROOT | 0x81 | vtd[i].aw << 2};
        const char *why = NULL;

        if (ptw_vtd_pasid_root(vtd[i].stage == 1 ? first : second, vtd[i].stage, &regs, &root, &why) != PTW_OK)
            fail_msg("%s: %s", vtd[i].id, why);
        if (root.config.leaf != vtd[i].leaf || root.config.options != vtd[i].options ||
            root.config.levels != vtd[i].levels || root.config.ia != vtd[i].ia)
            fail_msg("%s: another configuration", vtd[i].id);
    }
    assert_int_equal(ptw_vtd_pasid_root(ad, 2, &ssads, &root, NULL), PTW_OK);
    assert_true((root.config.options & PTW_OPT_AD) != 0);
    assert_int_equal(ptw_vtd_pasid_root(ad, 2, &no_ssads, &root, NULL), PTW_INVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reserved_bit_is_refused_and_no_other),
        cmocka_unit_test(processor_modes_have_their_format),
        cmocka_unit_test(each_capability_of_vtd_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
