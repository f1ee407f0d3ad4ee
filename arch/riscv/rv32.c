/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/riscv/rv32.c - RISC-V Sv32 and its G-stage as formats: 4-byte entries, 34-bit outputs. */
#define RISCV_PTE_BITS 32
#include "formats.h"
#include "walk/ops.h"

PTW_DEFINE_OPS(rv32_ops, &rv_encoder)

/* G-stage has all but the first. */
static const struct ptw_option rv32_options[] = {
    {"zicfiss", PTW_OPT_RISCV_ZICFISS, "W without R and X is a shadow stack (menvcfg.SSE)"},
    {"ad", PTW_OPT_AD, "hardware sets A and D (Svadu, menvcfg.ADUE)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static ptw_status rv32_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    return rv_configure(c, g, &rv32_ops, false, why);
}

static ptw_status rv32_x4_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    return rv_configure(c, g, &rv32_ops, true, why);
}

const struct ptw_format ptw_riscv_sv32 = {
    .name = "riscv-sv32",
    .summary = "RISC-V stage 1, 32-bit virtual addresses; privileged specification, Supervisor-Level ISA",
    .defaults = {.levels = 2, .oa = 34},
    .levels_min = 2,
    .levels_max = 2,
    .options = rv32_options,
    .fields = rv_fields,
    .configure = rv32_configure,
};

const struct ptw_format ptw_riscv_sv32x4 = {
    .name = "riscv-sv32x4",
    .summary = "RISC-V G-stage, 34-bit guest physical addresses; privileged specification, Hypervisor Extension",
    .defaults = {.levels = 2, .oa = 34},
    .levels_min = 2,
    .levels_max = 2,
    .options = &rv32_options[1],
    .fields = rv_fields,
    .configure = rv32_x4_configure,
};
