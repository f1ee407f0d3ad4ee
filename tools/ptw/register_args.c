/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tools/ptw/register_args.c - from register words to a table's format, configuration and root (register_args.h). */
#include "register_args.h"

#include <string.h>

#include <ptw/arm64.h>
#include <ptw/riscv.h>
#include <ptw/x86.h>

#define GIVEN(name) (1U << (unsigned)(name))

static const char *const names[REGISTERS] = {
    [REGISTER_CR0] = "--cr0",     [REGISTER_CR3] = "--cr3",     [REGISTER_CR4] = "--cr4",
    [REGISTER_EFER] = "--efer",   [REGISTER_EPTP] = "--eptp",   [REGISTER_TTBR0] = "--ttbr0",
    [REGISTER_TTBR1] = "--ttbr1", [REGISTER_TCR] = "--tcr",     [REGISTER_TCR_EL2] = "--tcr-el2",
    [REGISTER_MAIR] = "--mair",   [REGISTER_VTTBR] = "--vttbr", [REGISTER_VTCR] = "--vtcr",
    [REGISTER_SATP] = "--satp",   [REGISTER_HGATP] = "--hgatp", [REGISTER_XLEN] = "--xlen",
};

static ptw_status x86_root(const uint64_t *value, struct ptw_root *root, const char **why)
{
    const struct ptw_x86_registers regs = {.cr0 = value[REGISTER_CR0],
                                           .cr3 = value[REGISTER_CR3],
                                           .cr4 = value[REGISTER_CR4],
                                           .efer = value[REGISTER_EFER]};

    return ptw_x86_root(&regs, root, why);
}

static ptw_status ept_root(const uint64_t *value, struct ptw_root *root, const char **why)
{
    const struct ptw_ept_registers regs = {.eptp = value[REGISTER_EPTP]};

    return ptw_ept_root(&regs, root, why);
}

static ptw_status arm64_root(const uint64_t *value, bool el2, bool upper, struct ptw_root *root, const char **why)
{
    const struct ptw_arm64_registers regs = {.ttbr0 = value[REGISTER_TTBR0],
                                             .ttbr1 = value[REGISTER_TTBR1],
                                             .tcr = value[el2 ? REGISTER_TCR_EL2 : REGISTER_TCR],
                                             .mair = value[REGISTER_MAIR],
                                             .el2 = el2};

    return ptw_arm64_root(&regs, upper, root, why);
}

static ptw_status lower_root(const uint64_t *value, struct ptw_root *root, const char **why)
{
    return arm64_root(value, false, false, root, why);
}

static ptw_status upper_root(const uint64_t *value, struct ptw_root *root, const char **why)
{
    return arm64_root(value, false, true, root, why);
}

static ptw_status el2_root(const uint64_t *value, struct ptw_root *root, const char **why)
{
    return arm64_root(value, true, false, root, why);
}

static ptw_status s2_root(const uint64_t *value, struct ptw_root *root, const char **why)
{
    const struct ptw_arm64_s2_registers regs = {.vttbr = value[REGISTER_VTTBR], .vtcr = value[REGISTER_VTCR]};

    return ptw_arm64_s2_root(&regs, root, why);
}

static unsigned xlen(const uint64_t *value)
{
    return value[REGISTER_XLEN] == 32 || value[REGISTER_XLEN] == 64 ? (unsigned)value[REGISTER_XLEN] : 0;
}

static ptw_status satp_root(const uint64_t *value, struct ptw_root *root, const char **why)
{
    return ptw_riscv_root(value[REGISTER_SATP], xlen(value), root, why);
}

static ptw_status hgatp_root(const uint64_t *value, struct ptw_root *root, const char **why)
{
    return ptw_riscv_gstage_root(value[REGISTER_HGATP], xlen(value), root, why);
}

/* Which registers name a table: those that must be there and those that may be. The first has the root in it. */
static const struct {
    enum register_name base, with; /* `with` is `base` if that is enough */
    unsigned may;
    ptw_status (*root)(const uint64_t *value, struct ptw_root *root, const char **why);
} sets[] = {
    {REGISTER_CR3, REGISTER_CR3, GIVEN(REGISTER_CR0) | GIVEN(REGISTER_CR4) | GIVEN(REGISTER_EFER), x86_root},
    {REGISTER_EPTP, REGISTER_EPTP, 0, ept_root},
    {REGISTER_TTBR0, REGISTER_TCR, GIVEN(REGISTER_MAIR), lower_root},
    {REGISTER_TTBR1, REGISTER_TCR, GIVEN(REGISTER_MAIR), upper_root},
    {REGISTER_TTBR0, REGISTER_TCR_EL2, GIVEN(REGISTER_MAIR), el2_root},
    {REGISTER_VTTBR, REGISTER_VTCR, 0, s2_root},
    {REGISTER_SATP, REGISTER_SATP, GIVEN(REGISTER_XLEN), satp_root},
    {REGISTER_HGATP, REGISTER_HGATP, GIVEN(REGISTER_XLEN), hgatp_root},
};
#define SETS (sizeof(sets) / sizeof(sets[0]))

int register_args_take(struct register_args *args, int option, const char *value)
{
    const unsigned name = (unsigned)(option - REGISTER_ARGS_FIRST);

    if ((args->given & GIVEN(name)) != 0)
        return cli_fail("%s is given twice", names[name]);
    args->given |= GIVEN(name);
    return cli_number_or_fail(value, names[name], &args->value[name]) ? CLI_OK : CLI_BAD;
}

/* Why no set is all of what is given: a register that is missing, or one too many. */
static int no_set(unsigned given)
{
    unsigned extra = 0;

    for (size_t i = 0; i < SETS; i++) {
        const unsigned all = GIVEN(sets[i].base) | GIVEN(sets[i].with) | sets[i].may;

        if ((given & GIVEN(sets[i].base)) == 0)
            continue;
        if ((given & ~all) == 0)
            return cli_fail("%s needs %s", names[sets[i].base],
                            sets[i].base == REGISTER_TTBR0 ? "--tcr or --tcr-el2" : names[sets[i].with]);
        extra = extra == 0 ? given & ~all : extra;
    }
    for (unsigned name = 0; name < REGISTERS; name++) {
        if (extra == 0 && (given & GIVEN(name)) != 0)
            return cli_fail("%s alone names no table: give --cr3, --ttbr0, --ttbr1, --vttbr, ... with it", names[name]);
        if ((extra & GIVEN(name)) != 0)
            return cli_fail("%s does not belong to the other registers; give those of one table", names[name]);
    }
    return CLI_BAD;
}

int register_args_root(const struct register_args *args, struct ptw_root *root)
{
    struct register_args a = *args;
    const char *why = "";

    if ((a.given & GIVEN(REGISTER_XLEN)) == 0)
        a.value[REGISTER_XLEN] = 64;
    for (size_t i = 0; i < SETS; i++) {
        const unsigned must = GIVEN(sets[i].base) | GIVEN(sets[i].with);
        ptw_status status;

        if ((a.given & must) != must || (a.given & ~(must | sets[i].may)) != 0)
            continue;
        status = sets[i].root(a.value, root, &why);
        return status == PTW_OK ? CLI_OK : cli_fail("%s", why);
    }
    return no_set(a.given);
}
