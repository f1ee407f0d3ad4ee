/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The simulated page walk of RISC-V: its words one by one, and that it finds what the library maps. */
#include "sim_agreement.h"
#include "sim_words.h"

#include <ptw/riscv.h>
#include <ptw/sim_riscv.h>

#define ADUE PTW_BIT(61)
#define PBMTE PTW_BIT(62)
#define SSE PTW_BIT(3)
#define SUM PTW_BIT(18)
#define MXR PTW_BIT(19)
#define V_A 0x40U
#define V_D 0x80U

#define POINTER 0x20001401U /* to a table at 0x80005000 */
#define POINTERS                                                                                                       \
    {                                                                                                                  \
        0, POINTER, POINTER, POINTER, POINTER                                                                          \
    }
#define SV57 UINT64_C(0xa000000000080006)
#define SV39X4 UINT64_C(0x8000300000088004)
#define ALL (PTW_SIM_RISCV_SVNAPOT)

/* Svadu; Svade; Svade with nothing more than the base; Sv32; the same for G-stage. */
static const struct setup adu = {{&ptw_sim_riscv, {SV57, ADUE | PBMTE, SUM, ALL}}, POINTERS};
static const struct setup ade = {{&ptw_sim_riscv, {SV57, PBMTE, SUM, ALL}}, POINTERS};
static const struct setup no_sum = {{&ptw_sim_riscv, {SV57, ADUE, 0, 0}}, POINTERS};
static const struct setup mxr = {{&ptw_sim_riscv, {SV57, ADUE, MXR, 0}}, POINTERS};
static const struct setup sse = {{&ptw_sim_riscv, {SV57, ADUE | SSE, 0, 0}}, POINTERS};
static const struct setup rsw60 = {{&ptw_sim_riscv, {SV57, ADUE, 0, PTW_SIM_RISCV_SVRSW60}}, POINTERS};
static const struct setup sv32 = {{&ptw_sim_riscv, {0x81480006, ADUE, 0, PTW_SIM_RISCV_RV32}}, POINTERS};
static const struct setup sv39x4 = {{&ptw_sim_riscv_gstage, {SV39X4, ADUE | PBMTE, 0, ALL}}, POINTERS};
static const struct setup g_mxr = {{&ptw_sim_riscv_gstage, {SV39X4, ADUE, MXR, 0}}, POINTERS};
static const struct setup g_sse = {{&ptw_sim_riscv_gstage, {SV39X4, ADUE | SSE, 0, 0}}, POINTERS};
static const struct setup g_ade = {{&ptw_sim_riscv_gstage, {SV39X4, 0, 0, 0}}, POINTERS};

static const struct word words[] = {
    {"6/1", &adu, 0, 0x200004c7, LEAF, 0x80001000, R | W, 0, 0, 12, 0},
    {"6/2 user", &adu, 0, 0x2000045b, LEAF, 0x80001000, R | UR | UX, 0, 0, 12, 0},
    {"6/2 without SUM", &no_sum, 0, 0x2000045b, LEAF, 0x80001000, UR | UX, 0, 0, 12, 0},
    {"6/3", &adu, 1, 0x200800ef, LEAF, 0x80200000, R | W | X, 0, 0, 21, 0},
    {"6/4", &adu, 2, 0x40000000400000c7, LEAF, 0x100000000, R | W, 0, 0, 30, 2},
    {"6/5", &adu, 0, 0x2000000020000dc7, LEAF, 0x80003000, R | W, 0, 0, 12, 1},
    {"6/6", &adu, 0, 0x80000000200060c7, LEAF, 0x80010000, R | W, 0, 0, 16, 0},
    {"6/7", &adu, 1, POINTER, TABLE, 0x80005000, 0, 0, 0, 0, 0},
    {"6/7 at the root", &adu, 4, POINTER, TABLE, 0x80005000, 0, 0, 0, 0, 0},
    {"6/8", &adu, 0, 0x003ffffffffffc43, LEAF, 0xfffffffffff000, R, 0, 0, 12, 0},
    {"512G aligned", &adu, 3, 0x00000020000000cf, LEAF, 0x8000000000, R | W | X, 0, 0, 39, 0},
    {"256T", &adu, 4, 0x00004000000000cf, LEAF, 0x1000000000000, R | W | X, 0, 0, 48, 0},
    {"6/9", &sv32, 0, 0xfffffcc7, LEAF, 0x3fffff000, R | W, 0, 0, 12, 0},
    {"6/10", &sv32, 1, 0x2010004b, LEAF, 0x80400000, R | X, 0, 0, 22, 0},
    {"Sv32 pointer", &sv32, 1, 0xfffffc01, TABLE, 0x3fffff000, 0, 0, 0, 0, 0},
    {"Sv32 misaligned", &sv32, 1, 0x2010044b, RESERVED, 0, 0, 0, 0, 0, 0},

    {"A and D by hardware", &adu, 0, 0x20000407, LEAF, 0x80001000, R | W, V_A, V_D, 12, 0},
    {"D by hardware", &adu, 0, 0x20000447, LEAF, 0x80001000, R | W, 0, V_D, 12, 0},
    {"execute-only", &adu, 0, 0x20000449, LEAF, 0x80001000, X, 0, 0, 12, 0},
    {"execute-only with MXR", &mxr, 0, 0x20000449, LEAF, 0x80001000, R | X, 0, 0, 12, 0},
    {"shadow stack", &sse, 0, 0x200004c5, LEAF, 0x80001000, R, 0, 0, 12, 0},
    {"bits 60:59", &rsw60, 0, 0x18000000200004c7, LEAF, 0x80001000, R | W, 0, 0, 12, 0},

    {"6/R1", &adu, 0, 0x200004c6, ABSENT, 0, 0, 0, 0, 0, 0},
    {"6/R1 above", &adu, 3, 0x200004c6, ABSENT, 0, 0, 0, 0, 0, 0},
    {"6/R2", &adu, 0, 0x200004c5, RESERVED, 0, 0, 0, 0, 0, 0},
    {"W and X without R", &sse, 0, 0x200004cd, RESERVED, 0, 0, 0, 0, 0, 0},
    {"6/R3", &adu, 1, 0x200004cf, RESERVED, 0, 0, 0, 0, 0, 0},
    {"6/R4", &adu, 0, 0x00400000200004c7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"bit 59", &adu, 0, 0x08000000200004c7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"bit 58 with rsw60", &rsw60, 0, 0x04000000200004c7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"6/R5", &adu, 0, 0x60000000200004c7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"PBMT without PBMTE", &no_sum, 0, 0x20000000200004c7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"6/R6", &adu, 0, 0x80000000200040c7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"N without Svnapot", &no_sum, 0, 0x80000000200060c7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"N at level 1", &adu, 1, 0x80000000200020c7, RESERVED, 0, 0, 0, 0, 0, 0},
    {"6/R7", &adu, 1, 0x20001441, RESERVED, 0, 0, 0, 0, 0, 0},
    {"D in a pointer", &adu, 1, 0x20001481, RESERVED, 0, 0, 0, 0, 0, 0},
    {"U in a pointer", &adu, 1, 0x20001411, RESERVED, 0, 0, 0, 0, 0, 0},
    {"PBMT in a pointer", &adu, 1, 0x2000000020001401, RESERVED, 0, 0, 0, 0, 0, 0},
    {"N in a pointer", &adu, 1, 0x8000000020001401, RESERVED, 0, 0, 0, 0, 0, 0},
    {"a pointer at level 0", &adu, 0, POINTER, RESERVED, 0, 0, 0, 0, 0, 0},

    {"7/1", &sv39x4, 0, 0x220004df, LEAF, 0x88001000, BOTH(R | W | X), 0, 0, 12, 0},
    {"7/2", &sv39x4, 1, 0x22080053, LEAF, 0x88200000, BOTH(R), 0, 0, 21, 0},
    {"7/3", &sv39x4, 2, 0x40000000500000d7, LEAF, 0x140000000, BOTH(R | W), 0, 0, 30, 2},
    {"7/4", &sv39x4, 1, 0x22001c01, TABLE, 0x88007000, 0, 0, 0, 0, 0},
    {"7/5", &sv39x4, 0, 0x80000000220060d7, LEAF, 0x88010000, BOTH(R | W), 0, 0, 16, 0},
    {"G-stage with MXR", &g_mxr, 0, 0x22000459, LEAF, 0x88001000, BOTH(R | X), 0, 0, 12, 0},
    {"G-stage without U", &sv39x4, 0, 0x220004cf, LEAF, 0x88001000, 0, 0, 0, 12, 0},
    {"7/R2", &sv39x4, 0, 0x220004d5, RESERVED, 0, 0, 0, 0, 0, 0},
    {"no shadow stacks in G-stage", &g_sse, 0, 0x220004d5, RESERVED, 0, 0, 0, 0, 0, 0},
    {"7/R3", &sv39x4, 1, 0x220004df, RESERVED, 0, 0, 0, 0, 0, 0},
};

static void each_word_does_what_the_manual_says(void **state)
{
    (void)state;
    check_words(words, COUNT(words));
}

static void without_ade_a_missing_a_or_d_is_a_fault(void **state)
{
    static const struct {
        uint64_t word;
        unsigned access;
        enum ptw_sim_outcome outcome;
    } cases[] = {
        {0x20000407, PTW_SIM_READ, UNSET},           {0x20000447, PTW_SIM_READ, LEAF},
        {0x20000447, PTW_SIM_WRITE, UNSET},          {0x200004c7, PTW_SIM_WRITE, LEAF},
        {0x20000443, PTW_SIM_WRITE, PTW_SIM_DENIED}, {0x20000409, PTW_SIM_FETCH, UNSET},
        {0x20000487, PTW_SIM_WRITE, UNSET},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ptw_sim_walk w;

        reach("Svade", &ade, 0, cases[i].access, 0, &w);
        equal("Svade", "outcome", ptw_sim_walk_step(&w, cases[i].word), cases[i].outcome);
        equal("Svade", "set", w.set, 0);
        reach("Svade, G-stage", &g_ade, 0, cases[i].access, 0, &w);
        equal("Svade, G-stage", "outcome", ptw_sim_walk_step(&w, cases[i].word | 0x10U), cases[i].outcome);
    }
}

static void global_comes_from_any_level_but_not_in_g_stage(void **state)
{
    struct setup global = adu;
    struct ptw_sim_walk w;

    (void)state;
    reach("G", &adu, 0, PTW_SIM_READ, 1, &w);
    ptw_sim_walk_step(&w, 0x200800ef);
    assert_true(w.global);
    reach("no G", &adu, 0, PTW_SIM_READ, 1, &w);
    ptw_sim_walk_step(&w, 0x200800cf);
    assert_false(w.global);
    global.table[3] |= 0x20U;
    reach("G above", &global, 0, PTW_SIM_READ, 1, &w);
    ptw_sim_walk_step(&w, 0x200800cf);
    assert_true(w.global);
    reach("G-stage", &sv39x4, 0, PTW_SIM_READ, 0, &w);
    ptw_sim_walk_step(&w, 0x220004ff);
    assert_false(w.global);
}

static void modes_and_addresses(void **state)
{
    struct setup s;

    (void)state;
    starts("6/11", (s = with(&adu, 0, 0x9000500000080006), &s), 0xffff800000001000, 0x80006800, 3);
    starts("Sv39", (s = with(&adu, 0, 0x8000000000080006), &s), 0x3fffffffff, 0x800067f8, 2);
    starts("Sv57", &adu, 0xff00000000000000, 0x80006800, 4);
    starts("6/12", &sv32, 0xffffffff, 0x80006ffc, 1);
    starts("7/6", &sv39x4, 0x1ffffffffff, 0x88007ff8, 2);
    starts("7/7", (s = with(&sv39x4, 0, 0xa3fff00000088004), &s), 0x7ffffffffffffff, 0x88007ff8, 4);
    s = with(&sv39x4, 0, 0x80c88004);
    s.mmu.reg[PTW_SIM_RISCV_EXTENSIONS] = PTW_SIM_RISCV_RV32;
    starts("7/8", &s, 0x3ffffffff, 0x88007ffc, 1);
    refuses("35 bits", &s, 0x400000000, PTW_SIM_BEYOND);
    refuses("not sign-extended", &adu, 0x0100000000000000, PTW_SIM_BEYOND);
    refuses("33 bits", &sv32, 0x100000000, PTW_SIM_BEYOND);
    refuses("42 bits", &sv39x4, 0x20000000000, PTW_SIM_BEYOND);
    refuses("Bare", (s = with(&adu, 0, 0), &s), 0, RESERVED);
    refuses("Sv64", (s = with(&adu, 0, 0xb000000000080006), &s), 0, RESERVED);
    refuses("Bare, 32 bits", (s = with(&sv32, 0, 0x01480006), &s), 0, RESERVED);
    refuses("hgatp Bare", (s = with(&sv39x4, 0, 0), &s), 0, RESERVED);
    refuses("hgatp bit 58", (s = with(&sv39x4, 0, SV39X4 | PTW_BIT(58)), &s), 0, RESERVED);
    refuses("7/R4", (s = with(&sv39x4, 0, 0x8000300000088005), &s), 0, RESERVED);
}

/* ------------------------------------------------------------------------------------------- agreement ------ */

static bool narrow(const struct ptw_format *format)
{
    return format == &ptw_riscv_sv32 || format == &ptw_riscv_sv32x4;
}

static void common_registers(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    const uint64_t options = f->t.geo.options;

    mmu->reg[PTW_SIM_RISCV_ENVCFG] = ((options & PTW_OPT_AD) != 0 ? ADUE : 0) |
                                     ((options & PTW_OPT_RISCV_PBMT) != 0 ? PBMTE : 0) |
                                     ((options & PTW_OPT_RISCV_ZICFISS) != 0 ? SSE : 0);
    mmu->reg[PTW_SIM_RISCV_STATUS] = SUM;
    mmu->reg[PTW_SIM_RISCV_EXTENSIONS] = (narrow(f->format) ? PTW_SIM_RISCV_RV32 : 0) |
                                         ((options & PTW_OPT_GROUPS) != 0 ? PTW_SIM_RISCV_SVNAPOT : 0) |
                                         ((options & PTW_OPT_RISCV_RSW60) != 0 ? PTW_SIM_RISCV_SVRSW60 : 0);
}

static void satp(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    mmu->walker = &ptw_sim_riscv;
    common_registers(f, mmu);
    assert_int_equal(ptw_riscv_satp(&f->t, 5, &mmu->reg[PTW_SIM_RISCV_ATP]), PTW_OK);
}

static void hgatp(const struct fixture *f, struct ptw_sim_mmu *mmu)
{
    mmu->walker = &ptw_sim_riscv_gstage;
    common_registers(f, mmu);
    assert_int_equal(ptw_riscv_hgatp(&f->t, 3, &mmu->reg[PTW_SIM_RISCV_ATP]), PTW_OK);
}

static unsigned plain(ptw_attr attr)
{
    return ((attr & PTW_R) != 0 ? R : 0) | ((attr & PTW_W) != 0 ? W : 0) | ((attr & PTW_X) != 0 ? X : 0);
}

static unsigned rights(const struct fixture *f, ptw_attr attr)
{
    const unsigned own = (attr & PTW_RISCV_SHADOW_STACK) != 0 ? R : plain(attr);

    (void)f;
    return (attr & PTW_USER) != 0 ? own << 3 | (own & (R | W)) : own;
}

static unsigned gstage_rights(const struct fixture *f, ptw_attr attr)
{
    (void)f;
    return BOTH(plain(attr));
}

static uint64_t type(ptw_attr attr)
{
    return (attr & PTW_MT_MASK) == PTW_MT_NC ? 1 : (attr & PTW_MT_MASK) == PTW_MT_UC ? 2 : 0;
}

/* G-stage: the library objects to a leaf without U, the walk denies it every access. */
static bool without_u(const struct fixture *f, ptw_word word, unsigned level)
{
    (void)f, (void)level;
    return (word & 0xeU) != 0 && (word & 0x10U) == 0;
}

static const struct reading readings[] = {
    {&ptw_riscv_sv32, satp, rights, type, true, true, NULL, 0},
    {&ptw_riscv_sv39, satp, rights, type, true, true, NULL, 0},
    {&ptw_riscv_sv48, satp, rights, type, true, true, NULL, 0},
    {&ptw_riscv_sv57, satp, rights, type, true, true, NULL, 0},
    {&ptw_riscv_sv32x4, hgatp, gstage_rights, type, false, true, without_u, 0},
    {&ptw_riscv_sv39x4, hgatp, gstage_rights, type, false, true, without_u, 0},
    {&ptw_riscv_sv48x4, hgatp, gstage_rights, type, false, true, without_u, 0},
    {&ptw_riscv_sv57x4, hgatp, gstage_rights, type, false, true, without_u, 0},
};

static const struct format_case more_cases[] = {
    {"sv39-zicfiss", &ptw_riscv_sv39, "ad=1,zicfiss=1", false, false, 0},
    {"sv39-groups-noad", &ptw_riscv_sv39, "groups=1,pbmt=1", false, false, 0},
    {"sv57x4-groups", &ptw_riscv_sv57x4, "groups=1,ad=1,pbmt=1,rsw60=1", false, false, 0},
    {"sv32x4-noad", &ptw_riscv_sv32x4, "", false, false, 0},
};

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_word_does_what_the_manual_says),
        cmocka_unit_test(without_ade_a_missing_a_or_d_is_a_fault),
        cmocka_unit_test(global_comes_from_any_level_but_not_in_g_stage),
        cmocka_unit_test(modes_and_addresses),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    failed += agreement_run("sim-riscv", readings, COUNT(readings), more_cases, COUNT(more_cases));
    return failed != 0;
}
