/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Every order of the steps of an operation and of accesses (scheduled.h), on tables of architectures: each sets D in its
 * own way, or must break before it makes, or remembers holes. The core walks as the manual says, with the register words
 * that the library gives.
 */
#include "scheduled.h"

#include <ptw/arm64.h>
#include <ptw/arm64_hardware.h>
#include <ptw/riscv.h>
#include <ptw/sim_arm64.h>
#include <ptw/sim_riscv.h>
#include <ptw/sim_x86.h>
#include <ptw/x86.h>
#include <ptw/x86_hardware.h>

/* Formats are copied, with a configure() that takes their own engine away. */
static const struct ptw_format *own;

static ptw_status configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    ptw_status status = own->configure(c, g, why);

    g->ops = NULL;
    return status;
}

/* The table, as the functions for registers know its format. */
static struct ptw_table known(const struct ptw_table *t)
{
    struct ptw_table copy = *t;

    copy.format = own;
    return copy;
}

static void ept(const struct ptw_table *t, struct ptw_sim_mmu *mmu)
{
    const struct ptw_table own_table = known(t);
    struct ptw_ept_registers regs = {0};

    expect_status(ptw_ept_eptp(&own_table, PTW_MT_WB, &regs), PTW_OK);
    *mmu = (struct ptw_sim_mmu){&ptw_sim_ept, {regs.eptp, regs.cap, regs.secondary, regs.tertiary, t->geo.oa_bits}};
}

static void x86_64(const struct ptw_table *t, struct ptw_sim_mmu *mmu)
{
    const struct ptw_table own_table = known(t);
    struct ptw_x86_registers regs = {0};

    expect_status(ptw_x86_cr3(&own_table, NULL, &regs), PTW_OK);
    *mmu = (struct ptw_sim_mmu){&ptw_sim_x86, {regs.cr0, regs.cr3, regs.cr4, regs.efer, t->geo.oa_bits}};
}

static void riscv(const struct ptw_table *t, struct ptw_sim_mmu *mmu)
{
    const struct ptw_table own_table = known(t);
    *mmu = (struct ptw_sim_mmu){.walker = &ptw_sim_riscv, .reg = {[PTW_SIM_RISCV_ENVCFG] = PTW_BIT(61)}}; /* ADUE */
    expect_status(ptw_riscv_satp(&own_table, 0, &mmu->reg[PTW_SIM_RISCV_ATP]), PTW_OK);
}

static void arm64_s1(const struct ptw_table *t, struct ptw_sim_mmu *mmu)
{
    const struct ptw_table own_table = known(t);
    const struct ptw_arm64_parameters p = {.walks = PTW_ARM64_COHERENT};
    struct ptw_arm64_registers regs = {0};

    expect_status(ptw_arm64_words(&own_table, NULL, &p, &regs), PTW_OK);
    *mmu = (struct ptw_sim_mmu){.walker = &ptw_sim_arm64_s1,
                                .reg = {[PTW_SIM_ARM64_TTBR0] = regs.ttbr0,
                                        [PTW_SIM_ARM64_TTBR1] = regs.ttbr1,
                                        [PTW_SIM_ARM64_TCR] = regs.tcr,
                                        [PTW_SIM_ARM64_MAIR] = regs.mair}};
}

static void arm64_s2(const struct ptw_table *t, struct ptw_sim_mmu *mmu)
{
    const struct ptw_table own_table = known(t);
    const struct ptw_arm64_s2_parameters p = {.walks = PTW_ARM64_COHERENT, .vmid = 1};
    struct ptw_arm64_s2_registers regs = {0};

    expect_status(ptw_arm64_s2_words(&own_table, &p, &regs), PTW_OK);
    *mmu = (struct ptw_sim_mmu){.walker = &ptw_sim_arm64_s2, .reg = {PTW_SIM_ARM64_NO_XNX, regs.vttbr, regs.vtcr}};
}

/* The test notices a D that is lost, in whatever way the format spells it. */
static void a_torn_exchange_is_found(const struct machine *machine)
{
    struct ptw_sim_schedule s = schedule_of(&world, &operations[0], reads_and_writes, COLD, machine);

    s.quiet = true;
    ptw_sim_torn_exchanges = true;
    assert_false(ptw_sim_explore(&s));
    assert_int_equal(world.rules.number, INVARIANT_DIRTY);
    ptw_sim_torn_exchanges = false;
}

static void explore(const struct ptw_format *format, uint64_t options, ptw_attr x,
                    void (*registers)(const struct ptw_table *t, struct ptw_sim_mmu *mmu))
{
    static const unsigned *const tasks[] = {reads_and_writes, NULL};
    struct ptw_format copy = *format;
    const struct machine machine = {format->name, &copy, 0, options, 0x1000, 0x200000, x, registers};

    own = format;
    copy.configure = configure;
    run_all_orders(&machine, tasks);
    a_torn_exchange_is_found(&machine);
}

static void ept_in_any_order(void **state)
{
    (void)state;
    explore(&ptw_ept, PTW_OPT_AD, PTW_X, ept);
}

static void x86_64_in_any_order(void **state)
{
    (void)state;
    explore(&ptw_x86_64, PTW_OPT_AD, PTW_X, x86_64);
}

static void sv39_in_any_order(void **state)
{
    (void)state;
    explore(&ptw_riscv_sv39, PTW_OPT_AD, PTW_X, riscv);
}

static void arm64_stage_1_in_any_order(void **state)
{
    (void)state;
    explore(&ptw_arm64_s1, PTW_OPT_AD, PTW_X, arm64_s1);
}

static void arm64_stage_2_in_any_order(void **state)
{
    (void)state;
    explore(&ptw_arm64_s2, PTW_OPT_AD, PTW_X, arm64_s2);
}

static void hitless_arm64_stage_2_in_any_order(void **state)
{
    (void)state;
    explore(&ptw_arm64_s2, PTW_OPT_AD | PTW_OPT_HITLESS | PTW_OPT_BBM2, PTW_X, arm64_s2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ept_in_any_order),           cmocka_unit_test(x86_64_in_any_order),
        cmocka_unit_test(sv39_in_any_order),          cmocka_unit_test(arm64_stage_1_in_any_order),
        cmocka_unit_test(arm64_stage_2_in_any_order), cmocka_unit_test(hitless_arm64_stage_2_in_any_order),
    };

    return cmocka_run_group_tests_name("scheduled_formats", tests, make_memory, end_memory) != 0;
}
