/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The shapes of tables: what each configuration makes (levels, widths, root), what is refused and why, and that the
 * edges of the shape work: first, last and boundary addresses, concatenated and x4 roots, the top of the space, the
 * canonical hole, two-level tables.
 */
#include "conformance.h"

#include <ptw/arm64.h>
#include <ptw/riscv.h>
#include <ptw/x86.h>

/* ------------------------------------------------------------------------------------- configurations -------- */

/* What a configuration must make: the numbers are the manuals'. */
static const struct shape {
    const char *format, *keys;
    unsigned levels, ia, oa, max_leaf;
    size_t root_bytes; /* whole granules where hardware indexes with all of the level's bits */
} shapes[] = {
    {"ept", "", 4, 48, 52, 2, 4096},
    {"ept", "levels=5", 5, 57, 52, 2, 4096},
    {"ept", "oa=46,leaf=0x200000", 4, 48, 46, 1, 4096},
    {"ept", "leaf=0x1000", 4, 48, 52, 0, 4096},
    {"ept", "granule=0x1000", 4, 48, 52, 2, 4096},
    {"x86-64", "", 4, 48, 52, 2, 4096},
    {"x86-64", "levels=5,oa=40", 5, 57, 40, 2, 4096},
    {"npt", "", 4, 48, 52, 2, 4096},
    {"npt", "levels=5", 5, 57, 52, 2, 4096},
    {"npt", "levels=5,ia=52", 5, 52, 52, 2, 4096},
    {"x86-64", "oa=51,c-bit=51", 4, 48, 51, 2, 4096},
    {"x86-64", "levels=5,cet=1", 5, 57, 52, 2, 4096},
    {"vtd-fs", "", 4, 48, 52, 2, 4096},
    {"vtd-fs", "levels=5,oa=46,leaf=0x200000", 5, 57, 46, 1, 4096},
    {"amdv2", "levels=5", 5, 57, 52, 2, 4096},
    {"amdv2", "giov=1", 4, 48, 52, 2, 4096},
    {"amdv2", "giov=1,ia=40", 4, 40, 52, 2, 4096},
    {"x86-pae", "", 3, 32, 52, 1, 64},
    {"x86-pae", "oa=36,leaf=0x1000", 3, 32, 36, 0, 64},
    {"x86-32", "", 2, 32, 32, 1, 4096},
    {"x86-32", "pse=0", 2, 32, 32, 0, 4096},
    {"ept", "ia=40", 4, 40, 52, 2, 4096},
    {"ept", "levels=5,ia=49", 5, 49, 52, 2, 4096},
    {"vtd-ss", "", 4, 48, 52, 2, 4096},
    {"vtd-ss", "levels=3,oa=46", 3, 39, 46, 2, 4096},
    {"vtd-ss", "levels=3,ia=31,leaf=0x200000", 3, 31, 52, 1, 4096},
    {"vtd-ss", "levels=5,ia=56", 5, 56, 52, 2, 4096},
    {"amdv1", "", 4, 48, 52, 2, 4096},
    {"amdv1", "levels=1", 1, 21, 52, 0, 4096},
    {"amdv1", "levels=2,groups=1", 2, 30, 52, 1, 4096},
    {"amdv1", "levels=3", 3, 39, 52, 2, 4096},
    {"amdv1", "groups=1", 4, 48, 52, 2, 4096},
    {"amdv1", "leaf=0x8000000000", 4, 48, 52, 3, 4096},
    {"amdv1", "levels=5", 5, 57, 52, 2, 4096},
    {"amdv1", "levels=5,leaf=0x1000000000000", 5, 57, 52, 4, 4096},
    {"amdv1", "levels=5,groups=1,leaf=0x10000000000000", 5, 57, 52, 4, 4096},
    {"amdv1", "levels=6", 6, 64, 52, 2, 4096},
    {"amdv1", "levels=6,ia=58", 6, 58, 52, 2, 4096},
    {"arm64-s2", "", 3, 40, 48, 2, 8192},
    {"arm64-s2", "ipa=25", 2, 25, 48, 1, 128},
    {"arm64-s2", "ipa=30", 2, 30, 48, 1, 4096},
    {"arm64-s2", "ipa=31", 2, 31, 48, 1, 8192},
    {"arm64-s2", "ipa=34", 2, 34, 48, 1, 65536},
    {"arm64-s2", "ipa=35", 3, 35, 48, 2, 256},
    {"arm64-s2", "ipa=39", 3, 39, 48, 2, 4096},
    {"arm64-s2", "ipa=42", 3, 42, 48, 2, 32768},
    {"arm64-s2", "ipa=43", 3, 43, 48, 2, 65536},
    {"arm64-s2", "ipa=44", 4, 44, 48, 2, 256},
    {"arm64-s2", "ipa=48", 4, 48, 48, 2, 4096},
    {"arm64-s2", "ipa=31,levels=3", 3, 31, 48, 2, 64},
    {"arm64-s2", "ipa=40,levels=4", 4, 40, 48, 2, 64},
    {"arm64-s2", "ipa=43,levels=4", 4, 43, 48, 2, 128},
    {"arm64-s2", "ipa=49,oa=52,lpa2=1", 4, 49, 52, 3, 8192},
    {"arm64-s2", "ipa=52,oa=52,lpa2=1", 4, 52, 52, 3, 65536},
    {"arm64-s2", "ipa=52,oa=52,lpa2=1,levels=5", 5, 52, 52, 3, 128},
    {"arm64-s2", "ipa=24,ttst=1", 2, 24, 48, 1, 64},
    {"arm64-s2", "granule=0x4000,ipa=25", 1, 25, 48, 0, 16384},
    {"arm64-s2", "granule=0x4000,ipa=16,ttst=1", 1, 16, 48, 0, 64},
    {"arm64-s2", "granule=0x4000,ipa=29", 1, 29, 48, 0, 262144},
    {"arm64-s2", "granule=0x4000,ipa=30", 2, 30, 48, 1, 256},
    {"arm64-s2", "granule=0x4000", 2, 40, 48, 1, 262144},
    {"arm64-s2", "granule=0x4000,ipa=41", 3, 41, 48, 1, 256},
    {"arm64-s2", "granule=0x4000,ipa=48", 3, 48, 48, 1, 32768},
    {"arm64-s2", "granule=0x4000,ipa=51,oa=52,lpa2=1", 3, 51, 52, 2, 262144},
    {"arm64-s2", "granule=0x4000,ipa=49,oa=52,lpa2=1,levels=4", 4, 49, 52, 2, 64},
    {"arm64-s2", "granule=0x4000,ipa=52,oa=52,lpa2=1", 4, 52, 52, 2, 256},
    {"arm64-s2", "granule=0x10000,ipa=29", 1, 29, 48, 0, 65536},
    {"arm64-s2", "granule=0x10000,ipa=17,ttst=1", 1, 17, 48, 0, 64},
    {"arm64-s2", "granule=0x10000,ipa=33", 1, 33, 48, 0, 1048576},
    {"arm64-s2", "granule=0x10000,ipa=46", 2, 46, 48, 1, 1048576},
    {"arm64-s2", "granule=0x10000,ipa=48", 3, 48, 48, 1, 512},
    {"arm64-s2", "granule=0x10000,ipa=52,oa=52", 3, 52, 52, 2, 8192},
    {"arm64-s1", "", 4, 48, 48, 2, 4096},
    {"arm64-s1", "ia=25", 2, 25, 48, 1, 128},
    {"arm64-s1", "ia=39,oa=40", 3, 39, 40, 2, 4096},
    {"arm64-s1", "ia=40", 4, 40, 48, 2, 64},
    {"arm64-s1", "ia=52,oa=52,lpa2=1", 5, 52, 52, 3, 128},
    {"arm64-s1", "ia=48,lpa2=1", 4, 48, 48, 3, 4096},
    {"arm64-s1", "ia=22,ttst=1", 2, 22, 48, 1, 64},
    {"arm64-s1", "granule=0x4000", 4, 48, 48, 1, 64},
    {"arm64-s1", "granule=0x4000,ia=47", 3, 47, 48, 1, 16384},
    {"arm64-s1", "granule=0x4000,ia=25", 1, 25, 48, 0, 16384},
    {"arm64-s1", "granule=0x4000,ia=52,oa=52,lpa2=1", 4, 52, 52, 2, 256},
    {"arm64-s1", "granule=0x10000", 3, 48, 48, 1, 512},
    {"arm64-s1", "granule=0x10000,ia=52,oa=52", 3, 52, 52, 2, 8192},
    {"arm64-s1", "granule=0x10000,ia=17,ttst=1", 1, 17, 48, 0, 64},
    {"arm-lpae-s1", "", 3, 32, 40, 2, 64},
    {"arm-lpae-s1", "ia=30", 2, 30, 40, 1, 4096},
    {"arm-lpae-s2", "", 3, 40, 40, 2, 8192},
    {"arm-lpae-s2", "ipa=34", 2, 34, 40, 1, 65536},
    {"arm-lpae-s2", "oa=36", 3, 40, 36, 2, 8192},
    {"riscv-sv39x4", "", 3, 41, 56, 2, 16384},
    {"riscv-sv48x4", "", 4, 50, 56, 3, 16384},
    {"riscv-sv57x4", "", 5, 59, 56, 4, 16384},
    {"riscv-sv48x4", "oa=44,leaf=0x200000", 4, 50, 44, 1, 16384},
    {"riscv-sv39x4", "levels=3,ia=41", 3, 41, 56, 2, 16384},
    {"arm-v7s", "", 2, 32, 32, 1, 16384},
    {"arm-v7s", "leaf=0x1000", 2, 32, 32, 0, 16384},
    {"arm-v7s", "groups=1,leaf=0x10000", 2, 32, 32, 0, 16384},
    {"arm-v7s", "groups=1,leaf=0x1000000", 2, 32, 32, 1, 16384},
    {"arm-v7s", "mtk=1", 2, 34, 35, 1, 65536},
    {"arm-v7s", "mtk=1,ia=32,oa=33", 2, 32, 33, 1, 16384},
    {"dart-t8020", "", 2, 36, 36, 0, 16384},
    {"dart-t8020", "ia=32,oa=32", 2, 32, 32, 0, 16384},
    {"dart-t8020", "granule=0x1000", 2, 30, 36, 0, 4096},
    {"dart-t8020", "granule=0x1000,ia=31", 2, 31, 36, 0, 8192},
    {"dart-t8020", "granule=0x1000,ia=32", 2, 32, 36, 0, 16384},
    {"dart-t6000", "", 2, 36, 42, 0, 16384},
    {"dart-t8110", "oa=36", 2, 36, 36, 0, 16384},
    {"dart-t8110", "levels=3", 3, 47, 42, 0, 16384},
    {"dart-t8110", "levels=3,ia=37", 3, 37, 42, 0, 16384},
    {"s390-zpci", "levels=2", 2, 31, 64, 0, 16384},
    {"s390-zpci", "", 3, 42, 64, 0, 16384},
    {"s390-zpci", "frame1m=1", 3, 42, 64, 1, 16384},
    {"s390-zpci", "levels=4,oa=48", 4, 53, 48, 0, 16384},
    {"s390-zpci", "levels=5,ia=64", 5, 64, 64, 0, 16384},
};

static void make(const struct shape *s, struct fixture *f, struct format_case *kase)
{
    *kase = (struct format_case){s->format, ptw_format_find(s->format), s->keys, false, false, 0};
    if (kase->format == NULL)
        fail_msg("there is no format %s", s->format);
    if (fixture_open(f, kase) != PTW_OK)
        fail_msg("%s \"%s\" is refused", s->format, s->keys);
}

static bool has_halves(const struct shape *s)
{
    return strcmp(s->format, "x86-64") == 0 || strcmp(s->format, "vtd-fs") == 0 ||
           (strcmp(s->format, "amdv2") == 0 && strstr(s->keys, "giov=1") == NULL);
}

static void check_shape(const struct shape *s, const struct fixture *f)
{
    const struct ptw_geometry *g = &f->t.geo;

    if (g->top + 1 != s->levels || g->ia_bits != s->ia || g->oa_bits != s->oa || g->max_leaf != s->max_leaf)
        fail_msg("%s \"%s\": levels %u, ia %u, oa %u, largest leaf at level %u", s->format, s->keys, g->top + 1,
                 g->ia_bits, g->oa_bits, g->max_leaf);
    if (f->memory.outstanding_bytes != s->root_bytes)
        fail_msg("%s \"%s\": a root of %" PRIu64 " bytes", s->format, s->keys, f->memory.outstanding_bytes);
    assert_int_equal(f->t.root_pa & (f->memory.outstanding_bytes - 1), 0);
    assert_int_equal(f->memory.outstanding, 1);
    assert_int_equal(g->oa_last, ptw_low_mask(s->oa));
    assert_int_equal(ptw_first(&f->t), 0);
    assert_int_equal(ptw_last(&f->t), has_halves(s) ? ~UINT64_C(0) : ptw_low_mask(s->ia));
}

static void configurations_make_the_shapes_of_the_manuals(void **state)
{
    struct format_case kase;
    struct fixture f;

    (void)state;
    for (const struct shape *s = shapes; s < shapes + COUNT(shapes); s++) {
        make(s, &f, &kase);
        check_shape(s, &f);
        assert_null(fixture_finish(&f));
        fixture_close(&f);
    }
}

static const struct {
    const char *format, *keys;
} impossible[] = {
    {"ept", "levels=6"},
    {"ept", "levels=3"},
    {"ept", "ia=49"},
    {"ept", "levels=5,ia=58"},
    {"ept", "oa=53"},
    {"ept", "granule=0x10000"},
    {"ept", "leaf=0x3000"},
    {"ept", "leaf=0x4000"},
    {"ept", "leaf=0x800"},
    {"ept", "leaf=0x8000000000"},
    {"x86-64", "levels=6"},
    {"x86-64", "levels=2"},
    {"x86-64", "ia=64"},
    {"x86-64", "oa=57"},
    {"x86-64", "granule=0x4000"},
    {"x86-64", "leaf=0x400000"},
    {"x86-64", "ad=0"},
    {"x86-64", "c-bit=51"},
    {"x86-64", "oa=46,c-bit=45"},
    {"x86-64", "oa=51,c-bit=52"},
    {"ept", "oa=46,c-bit=47"},
    {"vtd-fs", "oa=46,c-bit=47"},
    {"vtd-fs", "ad=0"},
    {"vtd-fs", "ia=40"},
    {"amdv2", "levels=3"},
    {"x86-pae", "levels=2"},
    {"x86-pae", "ia=31"},
    {"x86-pae", "leaf=0x40000000"},
    {"x86-pae", "ad=0"},
    {"x86-32", "oa=36"},
    {"x86-32", "leaf=0x200000"},
    {"x86-32", "pse=0,leaf=0x400000"},
    {"x86-32", "ad=0"},
    {"npt", "ia=49"},
    {"npt", "ia=39"},
    {"npt", "levels=5,ia=48"},
    {"ept", "ia=39"},
    {"ept", "levels=5,ia=48"},
    {"x86-64", "ia=40"},
    {"x86-64", "levels=5,ia=52"},
    {"npt", "levels=5,ia=58"},
    {"arm-v7s", "levels=3"},
    {"arm-v7s", "ia=31"},
    {"arm-v7s", "ia=33"},
    {"arm-v7s", "oa=33"},
    {"arm-v7s", "leaf=0x10000"},
    {"arm-v7s", "mtk=1,ia=35"},
    {"arm-v7s", "mtk=1,oa=36"},
    {"dart-t8020", "levels=3"},
    {"dart-t8020", "ia=37"},
    {"dart-t8020", "ia=25"},
    {"dart-t8020", "oa=37"},
    {"dart-t8020", "granule=0x1000,ia=33"},
    {"dart-t8020", "granule=0x10000"},
    {"dart-t8020", "leaf=0x2000000"},
    {"dart-t6000", "granule=0x1000"},
    {"dart-t6000", "oa=43"},
    {"dart-t6000", "levels=3"},
    {"dart-t8110", "levels=3,ia=36"},
    {"dart-t8110", "levels=3,ia=48"},
    {"s390-zpci", "levels=1"},
    {"s390-zpci", "levels=6"},
    {"s390-zpci", "ia=41"},
    {"s390-zpci", "leaf=0x100000"},
    {"vtd-ss", "levels=2"},
    {"vtd-ss", "levels=6"},
    {"vtd-ss", "levels=3,ia=40"},
    {"vtd-ss", "ia=39"},
    {"vtd-ss", "oa=53"},
    {"vtd-ss", "leaf=0x8000000000"},
    {"amdv1", "levels=7"},
    {"amdv1", "ia=49"},
    {"amdv1", "levels=6,ia=57"},
    {"amdv1", "oa=53"},
    {"amdv1", "leaf=0x2000"},
    {"amdv1", "leaf=0x1000000000000"},
    {"amdv1", "levels=6,leaf=0x200000000000000"},
    {"amdv1", "levels=6,groups=1,leaf=0x20000000000000"},
    {"arm64-s2", "ipa=24"},
    {"arm64-s2", "ipa=49"},
    {"arm64-s2", "ipa=52"},
    {"arm64-s2", "levels=5"},
    {"arm64-s2", "levels=1"},
    {"arm64-s2", "ipa=40,levels=2"},
    {"arm64-s2", "ipa=35,levels=2"},
    {"arm64-s2", "ipa=44,levels=3"},
    {"arm64-s2", "ipa=30,levels=3"},
    {"arm64-s2", "ipa=39,levels=4"},
    {"arm64-s2", "oa=49"},
    {"arm64-s2", "oa=52"},
    {"arm64-s2", "ipa=44,oa=40"},
    {"arm64-s2", "ipa=40,levels=4,oa=40"},
    {"arm64-s2", "granule=0x8000"},
    {"arm64-s2", "granule=0x10000,lpa2=1"},
    {"arm64-s2", "granule=0x10000,ipa=48,oa=42"},
    {"arm64-s2", "granule=0x10000,ipa=43,oa=43,levels=3"},
    {"arm64-s2", "granule=0x10000,ipa=52"},
    {"arm64-s2", "granule=0x4000,ipa=24"},
    {"arm64-s2", "granule=0x4000,ipa=15,ttst=1"},
    {"arm64-s2", "granule=0x4000,ipa=41,oa=41"},
    {"arm64-s2", "granule=0x4000,ipa=48,levels=4"},
    {"arm64-s2", "granule=0x4000,ipa=48,oa=52,lpa2=1,levels=4"},
    {"arm64-s2", "granule=0x4000,ipa=30,levels=1"},
    {"arm64-s2", "granule=0x4000,leaf=0x1000000000"},
    {"arm64-s2", "lpa2=1,ipa=48,levels=5"},
    {"arm64-s2", "lpa2=1,ipa=52"},
    {"arm64-s2", "ipa=21,ttst=1"},
    {"arm64-s2", "leaf=0x10000"},
    {"arm64-s1", "ia=24"},
    {"arm64-s1", "ia=49"},
    {"arm64-s1", "ia=39,levels=4"},
    {"arm64-s1", "oa=49"},
    {"arm64-s1", "granule=0x10000,lpa2=1"},
    {"arm64-s1", "el2=1,upper=1"},
    {"arm64-s1", "leaf=0x8000000000"},
    {"arm-lpae-s1", "ia=33"},
    {"arm-lpae-s1", "ia=24"},
    {"arm-lpae-s1", "oa=41"},
    {"arm-lpae-s1", "granule=0x4000"},
    {"arm-lpae-s2", "ipa=41"},
    {"arm-lpae-s2", "ipa=39,levels=4"},
    {"arm64-s2", "leaf=0x8000000000"},
    {"riscv-sv39x4", "levels=4"},
    {"riscv-sv39x4", "ia=39"},
    {"riscv-sv48x4", "ia=51"},
    {"riscv-sv57x4", "oa=57"},
    {"riscv-sv39x4", "leaf=0x8000000000"},
    {"riscv-sv57x4", "granule=0x200000"},
};

static void impossible_configurations_are_refused_with_a_reason(void **state)
{
    struct ptw_sim_memory memory;

    (void)state;
    ptw_sim_memory_init(&memory, 0, 0);
    for (size_t i = 0; i < COUNT(impossible); i++) {
        const struct ptw_format *format = ptw_format_find(impossible[i].format);
        struct ptw_config config = format->defaults;
        const char *why = NULL;
        struct ptw_geometry geo;
        struct ptw_table t;
        ptw_status status;

        assert_true(format_config(format, impossible[i].keys, &config));
        status = ptw_configure(format, &config, &geo, &why);
        if (status != PTW_INVAL && status != PTW_UNSUPPORTED)
            fail_msg("%s \"%s\": %s", format->name, impossible[i].keys, ptw_status_name(status));
        if (why == NULL || strlen(why) < 8)
            fail_msg("%s \"%s\" is refused without a reason", format->name, impossible[i].keys);
        expect_status(ptw_configure(format, &config, &geo, NULL), status);
        expect_status(ptw_init(&t, format, &config, &memory.hooks, NULL), status);
        assert_int_equal(memory.allocs, 0);
    }
    ptw_sim_memory_fini(&memory);
}

static void keys_are_found_by_name(void **state)
{
    struct ptw_config config = ptw_ept.defaults;

    (void)state;
    expect_status(ptw_config_set(&ptw_ept, &config, "colour", 1), PTW_NOENT);
    expect_status(ptw_config_set(&ptw_ept, &config, "fwb", 1), PTW_NOENT);
    expect_status(ptw_config_set(&ptw_ept, &config, "", 1), PTW_NOENT);
    expect_status(ptw_config_set(&ptw_ept, &config, "ad", 2), PTW_INVAL);
    expect_status(ptw_config_set(&ptw_ept, &config, "ia", 65), PTW_INVAL);
    expect_status(ptw_config_set(&ptw_ept, &config, "ad", 1), PTW_OK);
    expect_status(ptw_config_set(&ptw_ept, &config, "ipa", 48), PTW_OK);
    expect_status(ptw_config_set(&ptw_ept, &config, "levels", 4), PTW_OK);
    assert_int_equal(config.options & PTW_OPT_AD, PTW_OPT_AD);
    assert_int_equal(config.ia, 48);
    assert_int_equal(config.levels, 4);
    expect_status(ptw_config_set(&ptw_ept, &config, "ad", 0), PTW_OK);
    assert_int_equal(config.options & PTW_OPT_AD, 0);
}

/* "bbm2" says what hardware bears although the format must break: no other format has it, and not all that must break. */
static void sizes_may_meet_where_the_format_has_the_option(void **state)
{
    const struct ptw_config config = {.options = PTW_OPT_BBM2};

    (void)state;
    for (size_t i = 0; ptw_formats[i] != NULL; i++) {
        const bool has = ptw_formats[i] == &ptw_arm64_s1 || ptw_formats[i] == &ptw_arm64_s2;
        struct ptw_geometry geo;

        expect_status(ptw_configure(ptw_formats[i], NULL, &geo, NULL), PTW_OK);
        assert_int_equal(ptw_breaks_sizes(&geo), geo.encoder->break_before_make);
        assert_int_equal(ptw_breaks_groups(&geo), geo.encoder->break_before_make || geo.encoder->break_groups);
        expect_status(ptw_configure(ptw_formats[i], &config, &geo, NULL), has ? PTW_OK : PTW_INVAL);
        if (has)
            assert_true(geo.encoder->break_before_make && !ptw_breaks_sizes(&geo) && !ptw_breaks_groups(&geo));
    }
}

/* A number that is 0 means the format's default. */
static void zeroes_mean_defaults(void **state)
{
    (void)state;
    for (size_t i = 0; ptw_formats[i] != NULL; i++) {
        struct ptw_config config = {.options = ptw_formats[i]->defaults.options};
        struct ptw_geometry by_default, by_zero;

        expect_status(ptw_configure(ptw_formats[i], NULL, &by_default, NULL), PTW_OK);
        expect_status(ptw_configure(ptw_formats[i], &config, &by_zero, NULL), PTW_OK);
        assert_int_equal(by_zero.top, by_default.top);
        assert_int_equal(by_zero.ia_bits, by_default.ia_bits);
        assert_int_equal(by_zero.oa_bits, by_default.oa_bits);
        assert_int_equal(by_zero.max_leaf, by_default.max_leaf);
        assert_int_equal(by_zero.options, by_default.options);
    }
}

static void init_without_memory_leaves_nothing(struct fixture *f)
{
    struct ptw_table t;

    f->memory.fail_after = 0;
    expect_status(ptw_init(&t, f->format, &f->config, &f->memory.hooks, &f->hardware.hooks), PTW_NOMEM);
    f->memory.fail_after = -1;
    assert_int_equal(f->memory.outstanding, 1);
}

/* ---------------------------------------------------------------------------------------------- edges -------- */

/* Every address that could be confused with another one at the root: around each table-sized part of it. */
static void geo_root_concat(struct fixture *f)
{
    unsigned top = f->t.geo.top;
    uint64_t n = (f->t.geo.ia_mask >> ptw_level_shift(f->t.geo.encoder, top)) + 1;
    uint64_t step = n > 1024 ? 512 : page(f) > 4096 && n > 64 ? n / 16 : 1;
    uint64_t half = f->t.geo.ia_sign;

    for (uint64_t i = 0; i < n; i += step)
        for (uint64_t j = i == 0 ? 0 : i - (step > 1); j <= i + (step > 1) && j < n; j++) {
            ptw_addr place = j * span(f, top), addr = (place ^ half) - half;

            expect_done(ptw_map(&f->t, addr, (j + 1) * page(f), page(f), RW | PTW_AD, PTW_MAX_LEVEL(0), &f->g));
            expect_leaf(f, addr, (j + 1) * page(f), 0, RW | PTW_AD);
            assert_ptr_equal(slot_at(f, addr, top), (char *)f->t.root + j * f->t.geo.encoder->word_bytes);
        }
    for (uint64_t i = 0; i < n; i += step) {
        ptw_addr place = i * span(f, top);

        expect_leaf(f, (place ^ half) - half, (i + 1) * page(f), 0, RW | PTW_AD);
    }
}

/* Calls that touch one page at `addr` are out of range, and change nothing. */
static void expect_out_of_range(struct fixture *f, ptw_addr addr, uint64_t size)
{
    struct ptw_leaf leaf = {.addr = 1, .oa = 2, .word = 3, .level = 4};
    struct ptw_cursor c;
    struct ptw_run run;
    struct snapshot s = snapshot_take(f);

    expect_result(ptw_map(&f->t, addr, 0, size, RW, 0, &f->g), PTW_RANGE, addr);
    expect_result(ptw_unmap(&f->t, addr, size, 0, NULL, &f->g), PTW_RANGE, addr);
    expect_result(ptw_unmap(&f->t, addr, size, PTW_WIDEN, NULL, &f->g), PTW_RANGE, addr);
    expect_result(ptw_protect(&f->t, addr, size, 0, PTW_W, 0, &f->g), PTW_RANGE, addr);
    expect_result(ptw_dirty(&f->t, addr, size, PTW_WRITE_PROTECT | PTW_CLEAR, NULL, &f->g), PTW_RANGE, addr);
    expect_result(ptw_split_to(&f->t, addr, size, 0, &f->g), PTW_RANGE, addr);
    if (can_break(f))
        expect_result(ptw_merge(&f->t, addr, size, 0, &f->g), PTW_RANGE, addr);
    expect_status(ptw_cursor_init(&c, &f->t, addr, size, 0), PTW_RANGE);
    if (size == page(f)) {
        expect_status(ptw_translate(&f->t, addr, &leaf), PTW_RANGE);
        assert_int_equal(leaf.addr, 1);
        expect_result(ptw_cut(&f->t, addr, 0, &f->g), PTW_RANGE, addr);
        expect_status(ptw_next_run(&f->t, addr, addr + size - 1, &run), PTW_RANGE);
    }
    expect_unchanged(f, &s);
}

static void beyond_the_input_width_is_range(struct fixture *f)
{
    uint64_t beyond = UINT64_C(1) << f->t.geo.ia_bits;

    if (f->t.geo.ia_sign != 0) {
        expect_out_of_range(f, beyond / 2, page(f));
        expect_out_of_range(f, (ptw_addr)0 - beyond / 2 - page(f), page(f));
        expect_out_of_range(f, beyond / 2 - page(f), 2 * page(f));
        expect_out_of_range(f, (ptw_addr)0 - beyond / 2 - page(f), 2 * page(f));
        expect_out_of_range(f, beyond / 2 - page(f), (ptw_addr)0 - beyond + 2 * page(f));
        expect_out_of_range(f, page(f), (ptw_addr)0 - page(f));
        return;
    }
    expect_out_of_range(f, beyond, page(f));
    expect_out_of_range(f, beyond - page(f), 2 * page(f));
    expect_out_of_range(f, (ptw_addr)0 - page(f), page(f));
    expect_out_of_range(f, 0, (ptw_addr)0 - page(f));
    expect_out_of_range(f, PTW_BIT(63), page(f));
}

static bool has_a_beyond(const struct fixture *f)
{
    return f->t.geo.ia_bits < 64;
}

/* addr + size is more than 2^64: no range at all, whatever it would wrap to. */
static void wraparound_is_range(struct fixture *f)
{
    ptw_addr last = ptw_last(&f->t) - page(f) + 1;

    expect_out_of_range(f, last, (ptw_addr)0 - page(f));
    expect_out_of_range(f, 2 * page(f), (ptw_addr)0 - page(f));
    if (ptw_last(&f->t) == ~UINT64_C(0))
        expect_out_of_range(f, last, 2 * page(f));
}

/* Maps, reads and unmaps [addr, addr + size), which a leaf at `level` covers whole. */
static void use_leaf(struct fixture *f, ptw_addr addr, unsigned level)
{
    uint64_t size = span(f, level);
    ptw_oa oa = output_for(f, level);
    struct ptw_leaf leaf;
    struct ptw_run run;

    expect_done(ptw_map(&f->t, addr, oa, size, RW | PTW_AD, 0, &f->g));
    expect_leaf(f, addr, oa, level, RW | PTW_AD);
    expect_leaf(f, addr + size - 1, oa + size - 1, level, RW | PTW_AD);
    expect_status(ptw_translate(&f->t, addr + size - 1, &leaf), PTW_OK);
    assert_int_equal(leaf.addr, addr);
    assert_int_equal(leaf.oa, oa);
    assert_int_equal(leaf.level, level);
    expect_status(ptw_next_run(&f->t, addr, addr + size - 1, &run), PTW_OK);
    assert_true(run.addr == addr && run.size == size && run.oa == oa && run.attr == RW);
    expect_status(ptw_map(&f->t, addr, oa, size, RW, 0, &f->g).status, PTW_SPURIOUS);
    expect_done(ptw_unmap(&f->t, addr, size, 0, NULL, &f->g));
    expect_hole(f, addr + size - 1);
    ptw_gather_sync(&f->g);
}

/* The first and the last address at which each leaf size fits, in both halves of a sign-extended space. */
static void geo_top_of_space(struct fixture *f)
{
    uint64_t half = f->t.geo.ia_sign;

    for (unsigned level = 0; level <= f->t.geo.max_leaf; level++) {
        use_leaf(f, 0, level);
        use_leaf(f, ptw_last(&f->t) - span(f, level) + 1, level);
        if (half != 0) {
            use_leaf(f, half - span(f, level), level);
            use_leaf(f, (ptw_addr)0 - half, level);
        }
    }
}

static void count_the_top_page(struct fixture *f, ptw_addr last)
{
    struct ptw_cursor c;
    struct ptw_entry e;

    expect_status(ptw_cursor_init(&c, &f->t, last, page(f), 0), PTW_OK);
    do
        expect_status(ptw_cursor_next(&c, &e), PTW_OK);
    while (e.kind == PTW_TABLE);
    assert_int_equal(e.addr, last);
    expect_status(ptw_cursor_next(&c, &e), PTW_NOENT);
    expect_status(ptw_cursor_next(&c, &e), PTW_NOENT);
}

/* Each range operation on the last page of the space alone. */
static void every_operation_reaches_the_last_page(struct fixture *f)
{
    ptw_addr last = ptw_last(&f->t) - page(f) + 1;
    uint64_t word = 0;
    struct ptw_bitmap bitmap = {.words = &word, .bits = 1, .base = last, .shift = f->t.geo.encoder->granule};

    expect_done(ptw_map(&f->t, last, page(f), page(f), RW | PTW_A | PTW_D, 0, &f->g));
    count_the_top_page(f, last);
    expect_done(ptw_dirty(&f->t, last, page(f), PTW_WRITE_PROTECT | PTW_CLEAR, &bitmap, &f->g));
    assert_int_equal(word, 1);
    assert_int_equal(bitmap.found, 1);
    expect_leaf(f, last, page(f), 0, RO | PTW_AD);
    expect_done(ptw_protect(&f->t, last, page(f), PTW_R | PTW_W, 0, 0, &f->g));
    expect_leaf(f, last, page(f), 0, RW | PTW_AD);
    expect_status(ptw_split_to(&f->t, last, page(f), 0, &f->g).status, PTW_SPURIOUS);
    expect_status(ptw_merge(&f->t, last, page(f), 0, &f->g).status, can_break(f) ? PTW_SPURIOUS : PTW_UNSUPPORTED);
    expect_status(ptw_cut(&f->t, last, 0, &f->g).status, PTW_SPURIOUS);
    expect_owed(f, PTW_OWED_WRITE | owed_for_holes(f), last, ptw_last(&f->t));
    expect_done(ptw_unmap(&f->t, last, page(f), 0, NULL, &f->g));
    expect_hole(f, last);
}

static bool expect_one_leaf(void *ctx, const struct hardware_leaf *leaf)
{
    assert_int_equal(leaf->kind, PTW_LEAF);
    return ++*(unsigned *)ctx < 2;
}

/* The arena hands out dirty memory, new and used: every other slot must hold the level's empty word all the same. */
static void geo_empty_pattern(struct fixture *f)
{
    for (unsigned round = 0; round < 4; round++) {
        unsigned n = 0;

        expect_done(ptw_map(&f->t, page(f) * 3 * round, 0, page(f), RW, 0, &f->g));
        hardware_visit(&f->hardware, &f->t, expect_one_leaf, &n);
        assert_int_equal(n, 1);
        expect_done(ptw_unmap(&f->t, 0, 0, PTW_ALL, NULL, &f->g));
        ptw_gather_sync(&f->g);
        assert_int_equal(f->memory.outstanding, 1);
        assert_int_equal(leaves_of(f)->n, 0);
    }
}

static bool has_two_levels(const struct fixture *f)
{
    return f->t.geo.top == 1 && can_cut_read_only(f);
}

/* The root is the parent of the smallest leaves: every operation that goes up or down a level does it there. */
static void geo_min_start_level_2(struct fixture *f)
{
    ptw_addr addr = input_for(f, 1);
    ptw_oa oa = output_for(f, 1);
    struct ptw_stats stats;
    struct ptw_bitmap seen = {.words = NULL};
    struct ptw_finding finding;
    ptw_oa scratch[8];

    expect_done(ptw_map(&f->t, addr, oa, 2 * span(f, 1), RW | PTW_AD, 0, &f->g));
    expect_done(ptw_cut(&f->t, addr + page(f), 0, &f->g));
    expect_done(ptw_dirty(&f->t, addr, span(f, 1) + page(f), PTW_WRITE_PROTECT, &seen, &f->g));
    assert_int_equal(seen.found, entries(f, 0) + 1);
    expect_status(ptw_verify(&f->t, scratch, COUNT(scratch), f->memory.outstanding, &finding), PTW_OK);
    expect_status(ptw_stats(&f->t, &stats), PTW_OK);
    assert_true(stats.leaves[0] == entries(f, 0) && stats.leaves[1] == 1 && stats.tables == 2);
    expect_done(ptw_merge(&f->t, addr, 2 * span(f, 1), 0, &f->g));
    expect_leaf(f, addr, oa, 1, RW | PTW_AD);
    expect_done(ptw_split_to(&f->t, 0, 0, PTW_ALL, &f->g));
    assert_int_equal(leaves_at(f, 0), 2 * entries(f, 0));
    expect_done(ptw_unmap(&f->t, addr + page(f), 2 * span(f, 1) - page(f), 0, NULL, &f->g));
    expect_leaf(f, addr, oa, 0, RW | PTW_AD);
    assert_int_equal(leaves_of(f)->n, 1);
}

/* A second reader of the same table, by its root's address. */
static void open_reads_what_init_made(struct fixture *f)
{
    const struct ptw_config bad = {.levels = 60};
    struct ptw_table other;
    struct ptw_leaf leaf;
    ptw_oa far = PTW_SIM_PA + ((ptw_oa)PTW_SIM_ARENA << 1);

    expect_status(ptw_open(&other, f->format, &bad, &f->memory.hooks, NULL, f->t.root_pa), PTW_INVAL);
    expect_done(ptw_map(&f->t, 0, page(f), page(f), RW, 0, &f->g));
    expect_status(ptw_open(&other, f->format, &f->config, &f->memory.hooks, NULL, f->t.root_pa), PTW_OK);
    expect_status(ptw_translate(&other, 0, &leaf), PTW_OK);
    assert_int_equal(leaf.oa, page(f));
    assert_ptr_equal(other.root, f->t.root);
    expect_status(ptw_open(&other, f->format, &f->config, &f->memory.hooks, NULL, f->t.root_pa + 16), PTW_INVAL);
    if ((f->t.geo.encoder->root_align != 0 ? f->t.geo.encoder->root_align
                                           : f->t.geo.root_bits + ptw_low_bit(f->t.geo.encoder->word_bytes)) > 12)
        expect_status(ptw_open(&other, f->format, &f->config, &f->memory.hooks, NULL, f->t.root_pa + 4096), PTW_INVAL);
    if (f->memory.hooks.va != NULL)
        expect_status(ptw_open(&other, f->format, &f->config, &f->memory.hooks, NULL, far), PTW_FAULTED);
}

int main(void)
{
    const struct CMUnitTest once[] = {
        cmocka_unit_test(configurations_make_the_shapes_of_the_manuals),
        cmocka_unit_test(impossible_configurations_are_refused_with_a_reason),
        cmocka_unit_test(keys_are_found_by_name),
        cmocka_unit_test(sizes_may_meet_where_the_format_has_the_option),
        cmocka_unit_test(zeroes_mean_defaults),
    };
    static const struct format_test tests[] = {
        {"init_without_memory_leaves_nothing", init_without_memory_leaves_nothing, NULL},
        {"geo_root_concat", geo_root_concat, NULL},
        {"beyond_the_input_width_is_range", beyond_the_input_width_is_range, has_a_beyond},
        {"wraparound_is_range", wraparound_is_range, NULL},
        {"geo_top_of_space", geo_top_of_space, NULL},
        {"every_operation_reaches_the_last_page", every_operation_reaches_the_last_page, has_read_only},
        {"geo_empty_pattern", geo_empty_pattern, NULL},
        {"geo_min_start_level_2", geo_min_start_level_2, has_two_levels},
        {"open_reads_what_init_made", open_reads_what_init_made, NULL},
    };
    int failed = cmocka_run_group_tests_name("configurations", once, NULL, NULL);

    return failed + formats_run("geometry", tests, COUNT(tests)) != 0;
}
