/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * test_random.c - random operation scripts against the flat oracle, for every format; a script that fails is shrunk and
 * printed. Also: the same script means the same on two formats, and planted faults are found and shrunk.
 *
 *   PTW_RANDOM_OPS   operations for each of the four main formats (default 1000000); the other cases, of which each
 *                    format has some, get a tenth, and 300000 at most
 *   PTW_SEED         repeats a run (the seed is printed)
 *   PTW_CASE         only these formats ("ept-4,nx1")
 */
#include "support/script.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <ptw/arm64.h>
#include <ptw/riscv.h>
#include <ptw/x86.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define SCRIPT_OPS 300U
#define SHRUNK_MAX 4U /* a planted fault must shrink to this */

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL || *text == '\0' ? otherwise : strtoull(text, NULL, 0);
}

static uint64_t first_seed(void)
{
    static uint64_t seed;

    if (seed == 0) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        seed = number_from("PTW_SEED", (uint64_t)now.tv_sec * 1000003U + (uint64_t)now.tv_nsec + (uint64_t)getpid());
        print_message("seed: PTW_SEED=0x%" PRIx64 "\n", seed);
    }
    return seed;
}

static uint64_t operations(const struct format_case *kase)
{
    uint64_t n = number_from("PTW_RANDOM_OPS", 1000000);

    if (kase->main)
        return n;
    return n / 10 < 300000 ? n / 10 : 300000;
}

/* Shrinks, prints, fails. */
static void report(struct script_player *p, struct script_op *ops, size_t n, uint64_t seed, const char *why)
{
    char message[sizeof(p->message)];

    snprintf(message, sizeof(message), "%s", why);
    n = script_shrink(p, ops, n);
    fprintf(stderr, "%s: PTW_SEED=0x%" PRIx64 ": %s; shrunk to %zu operations:\n", p->f->kase->name, seed, message, n);
    script_print(p, ops, n, stderr);
    script_player_fini(p);
    fail_msg("%s: %s", p->f->kase->name, message);
}

/* Half of the scripts are for a table that is shared. */
static enum script_sharing sharing_of(uint64_t seed)
{
    seed = (seed ^ seed >> 33) * UINT64_C(0xff51afd7ed558ccd) >> 62;
    return seed < 2 ? SCRIPT_EXCLUSIVE : seed == 2 ? SCRIPT_SHARED : SCRIPT_RECLAIMED;
}

static void random_operations_agree_with_the_oracle(struct fixture *f)
{
    struct script_op ops[SCRIPT_OPS];
    struct script_player p;
    uint64_t seed = first_seed(), n = operations(f->kase);

    script_player_init(&p, f);
    while (p.steps < n) {
        uint64_t from = seed;
        p.sharing = sharing_of(seed);
        script_random(&seed, ops, SCRIPT_OPS);
        const char *why = script_play(&p, ops, SCRIPT_OPS);
        if (why != NULL)
            report(&p, ops, SCRIPT_OPS, from, why);
    }
    script_player_fini(&p);
    assert_int_equal(fixture_reopen(f), PTW_OK);
}

/* ------------------------------------------------------------------- the same script on two formats (107) --- */

static const struct format_case alike[] = {
    {"ept", &ptw_ept, "ad=1", false, false, 0},
    {"x86-64", &ptw_x86_64, "", false, false, 0},
    {"arm64-s2-48", &ptw_arm64_s2, "ipa=48,levels=4,ad=1", false, false, 0},
    {"sv48x4 with 1G leaves", &ptw_riscv_sv48x4, "ad=1,leaf=0x40000000", false, false, 0},
    {"sv57x4 with 1G leaves", &ptw_riscv_sv57x4, "ad=1,leaf=0x40000000", false, false, 0},
    {"ept with 5 levels", &ptw_ept, "ad=1,levels=5", false, false, 0},
};

/* Marks are words of one format, and how many tables a map needs depends on the levels: both are left out. */
static void leave_out_the_particular(struct script_op *ops, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        enum script_code code = script_code_of(&ops[i]);
        if (code == SCRIPT_ANNOTATE || code == SCRIPT_FAIL_ALLOC)
            ops[i].code = script_byte_of(SCRIPT_TRANSLATE);
    }
}

struct two {
    struct fixture f[2];
    struct script_player p[2];
    const char *why;
};

static bool two_differ(void *ctx, const struct script_op *ops, size_t n)
{
    struct two *two = ctx;

    two->why = script_play(&two->p[0], ops, n);
    if (two->why == NULL)
        two->why = script_play(&two->p[1], ops, n);
    if (two->why == NULL && two->p[0].results != two->p[1].results)
        two->why = "the same script gets different answers";
    if (two->why == NULL && !oracle_equal(&two->p[0].o, &two->p[1].o))
        two->why = "the same script leaves different tables";
    return two->why != NULL;
}

static void two_formats_agree(const struct format_case *a, const struct format_case *b, uint64_t n)
{
    struct two *two = calloc(1, sizeof(*two));
    struct script_op ops[SCRIPT_OPS];
    uint64_t seed = first_seed();

    assert_non_null(two);
    assert_int_equal(fixture_open(&two->f[0], a), PTW_OK);
    assert_int_equal(fixture_open(&two->f[1], b), PTW_OK);
    for (unsigned i = 0; i < 2; i++) {
        script_player_init(&two->p[i], &two->f[i]);
        two->p[i].peer = &two->f[1 - i];
    }
    while (two->p[0].steps < n) {
        uint64_t from = seed;
        script_random(&seed, ops, SCRIPT_OPS);
        leave_out_the_particular(ops, SCRIPT_OPS);
        if (!two_differ(two, ops, SCRIPT_OPS))
            continue;
        size_t left = script_shrink_while(two_differ, two, ops, SCRIPT_OPS);
        for (unsigned i = 0; i < 2; i++)
            script_print(&two->p[i], ops, left, stderr);
        (void)two_differ(two, ops, left);
        fail_msg("%s and %s: PTW_SEED=0x%" PRIx64 ": %s", a->name, b->name, from, two->why);
    }
    for (unsigned i = 0; i < 2; i++) {
        script_player_fini(&two->p[i]);
        fixture_close(&two->f[i]);
    }
    free(two);
}

static void the_same_script_means_the_same_on_two_formats(void **state)
{
    (void)state;
    for (size_t i = 1; i < COUNT(alike); i++)
        two_formats_agree(&alike[0], &alike[i], number_from("PTW_RANDOM_OPS", 1000000) / 50);
}

static void the_run_time_engine_is_the_same_engine(void **state)
{
    (void)state;
    for (size_t i = 0; i < format_cases_count; i++) {
        const struct format_case *a = &format_cases[i];
        struct format_case other = *a;
        if (!a->run_time)
            continue;
        other.run_time = false;
        two_formats_agree(a, &other, number_from("PTW_RANDOM_OPS", 1000000) / 100);
    }
}

/* ----------------------------------------------------------------------------------------- planted faults --- */

/* Right encoders whose functions the wrong ones below call. */
static const struct ptw_encoder *right;
static struct ptw_encoder wrong;
static const struct ptw_format *right_format;

static uint64_t wrong_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    uint64_t status = right_format->configure(c, g, why);
    g->ops = NULL;
    g->encoder = &wrong;
    return status;
}

static ptw_word carry_without_d(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    struct ptw_update clean = right->clean_op(w);
    return right->carry((w & clean.keep) | clean.set, level, to_level, to_order);
}

static ptw_word carry_without_w(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    return right->carry(w & ~PTW_BIT(1), level, to_level, to_order);
}

static ptw_word join_without_joining(ptw_word bits, ptw_word w)
{
    (void)w;
    return bits;
}

static struct ptw_update clean_takes_a_too(ptw_word w)
{
    struct ptw_update clean = right->clean_op(w), old = right->old_op(w);
    return (struct ptw_update){clean.keep & old.keep, clean.set | old.set};
}

static struct ptw_update clean_does_nothing(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~(ptw_word)0, 0};
}

static ptw_word rights_never_removed(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    (void)remove;
    return right->rights(g, w, add, 0);
}

static ptw_word every_word_is_a_leaf(unsigned level)
{
    return level == 0 ? 0 : right->leaf_hint(level);
}

static ptw_word leaf_of_the_next_page(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level,
                                      unsigned order)
{
    return right->leaf(g, level == 0 ? oa | 0x1000 : oa, bits, level, order);
}

static void plant(unsigned number)
{
    wrong = *right;
    switch (number) {
    case 0:
        wrong.carry = carry_without_d;
        break;
    case 1:
        wrong.carry = carry_without_w;
        break;
    case 2:
        wrong.ad_join = join_without_joining;
        break;
    case 3:
        wrong.clean_op = clean_takes_a_too;
        break;
    case 4:
        wrong.clean_op = clean_does_nothing;
        break;
    case 5:
        wrong.rights = rights_never_removed;
        break;
    case 6:
        wrong.leaf_hint = every_word_is_a_leaf;
        break;
    default:
        wrong.leaf = leaf_of_the_next_page;
    }
}

/* Plays random scripts until one fails; shrinks it and answers how long the rest is. */
static size_t find_and_shrink(struct fixture *f, struct script_op *ops, struct script_player *p)
{
    uint64_t seed = 1; /* a test of the shrinker, not of luck */

    for (unsigned i = 0; i < 500; i++) {
        script_random(&seed, ops, SCRIPT_OPS);
        if (script_play(p, ops, SCRIPT_OPS) != NULL)
            return script_shrink(p, ops, SCRIPT_OPS);
    }
    (void)f;
    return 0;
}

static void planted_faults_are_found_and_shrunk(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct script_op ops[SCRIPT_OPS];
    struct ptw_geometry geo;
    struct ptw_format format = ptw_ept;

    (void)state;
    assert_non_null(f);
    right_format = &ptw_ept;
    format.configure = wrong_configure;
    assert_int_equal(ptw_configure(&ptw_ept, NULL, &geo, NULL), PTW_OK);
    right = geo.encoder;
    for (unsigned number = 0; number < 8; number++) {
        struct script_player p;
        plant(number);
        assert_int_equal(fixture_open_as(f, format_case_find("ept-4"), &format, 0), PTW_OK);
        script_player_init(&p, f);
        size_t n = find_and_shrink(f, ops, &p);
        if (n == 0)
            fail_msg("fault %u was not found", number);
        if (n > SHRUNK_MAX) {
            script_print(&p, ops, n, stderr);
            fail_msg("fault %u was shrunk to %zu operations only", number, n);
        }
        script_player_fini(&p);
        fixture_close(f);
    }
    free(f);
}

int main(void)
{
    const struct format_test tests[] = {
        {"random_operations_agree_with_the_oracle", random_operations_agree_with_the_oracle, NULL},
    };
    const struct CMUnitTest others[] = {
        cmocka_unit_test(planted_faults_are_found_and_shrunk),
        cmocka_unit_test(the_same_script_means_the_same_on_two_formats),
        cmocka_unit_test(the_run_time_engine_is_the_same_engine),
    };
    int failed = formats_run("random", tests, COUNT(tests));

    return failed + cmocka_run_group_tests_name("scripts", others, NULL, NULL);
}
