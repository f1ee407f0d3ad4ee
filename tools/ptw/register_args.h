/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/register_args.h - a table named by the registers that point hardware at it: --cr3 and so on, in place of
 * --format and --root. Part of table_args.
 */
#ifndef PTW_TOOL_REGISTER_ARGS_H
#define PTW_TOOL_REGISTER_ARGS_H

#include <getopt.h>

#include "cli.h"

enum register_name {
    REGISTER_CR0,
    REGISTER_CR3,
    REGISTER_CR4,
    REGISTER_EFER,
    REGISTER_EPTP,
    REGISTER_TTBR0,
    REGISTER_TTBR1,
    REGISTER_TCR,
    REGISTER_TCR_EL2,
    REGISTER_MAIR,
    REGISTER_VTTBR,
    REGISTER_VTCR,
    REGISTER_SATP,
    REGISTER_HGATP,
    REGISTER_XLEN,
    REGISTERS
};

struct register_args {
    uint64_t value[REGISTERS];
    unsigned given; /* bit n: the register n was */
};

#define REGISTER_ARGS_FIRST 0x100 /* what getopt_long() answers for REGISTER_CR0, and so on */

/* clang-format off */
#define REGISTER_ARG(name, number) {name, required_argument, NULL, REGISTER_ARGS_FIRST + (number)}
#define REGISTER_ARGS_LONG                                                                                             \
    REGISTER_ARG("cr0", REGISTER_CR0), REGISTER_ARG("cr3", REGISTER_CR3), REGISTER_ARG("cr4", REGISTER_CR4),           \
    REGISTER_ARG("efer", REGISTER_EFER), REGISTER_ARG("eptp", REGISTER_EPTP),                                          \
    REGISTER_ARG("ttbr0", REGISTER_TTBR0), REGISTER_ARG("ttbr1", REGISTER_TTBR1), REGISTER_ARG("tcr", REGISTER_TCR),   \
    REGISTER_ARG("tcr-el2", REGISTER_TCR_EL2), REGISTER_ARG("mair", REGISTER_MAIR),                                    \
    REGISTER_ARG("vttbr", REGISTER_VTTBR), REGISTER_ARG("vtcr", REGISTER_VTCR),                                        \
    REGISTER_ARG("satp", REGISTER_SATP), REGISTER_ARG("hgatp", REGISTER_HGATP), REGISTER_ARG("xlen", REGISTER_XLEN)
#define REGISTER_ARGS_HELP                                                                                             \
    "In place of -F and -r, the registers that point hardware at the table; -c adds what they do not say:\n"           \
    "      --cr3 N             x86; [--cr4 N] [--efer N] [--cr0 N]: without them 4 levels in long mode\n"              \
    "      --eptp N            Intel EPT\n"                                                                            \
    "      --ttbr0 N, --ttbr1 N   Arm stage 1, with --tcr N, or --tcr-el2 N for EL2 alone; [--mair N]\n"               \
    "      --vttbr N           Arm stage 2, with --vtcr N\n"                                                           \
    "      --satp N, --hgatp N    RISC-V; [--xlen 32] for RV32\n"
/* clang-format on */

/* One option: its number as getopt_long() gave it. CLI_OK, or CLI_BAD after one line. */
int register_args_take(struct register_args *args, int option, const char *value);

/* The table that the registers name. CLI_OK, or CLI_BAD after one line that names the register and the rule. */
int register_args_root(const struct register_args *args, struct ptw_root *root);

#endif
