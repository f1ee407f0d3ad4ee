/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/riscv/rv64.c - RISC-V Sv39, Sv48, Sv57 and their G-stages as formats: one engine, six geometries. */
#define RISCV_PTE_BITS 64
#include "formats.h"
#include "walk/ops.h"

PTW_DEFINE_OPS(rv64_ops, &rv_encoder)

/* G-stage has all but the first. */
static const struct ptw_option rv64_options[] = {
    {"zicfiss", PTW_OPT_RISCV_ZICFISS, "W without R and X is a shadow stack (menvcfg.SSE)"},
    {"ad", PTW_OPT_AD, "hardware sets A and D (Svadu, menvcfg.ADUE)"},
    {"groups", PTW_OPT_GROUPS, "16 slots may be made one 64K leaf (Svnapot)"},
    {"pbmt", PTW_OPT_RISCV_PBMT, "page-based memory types (Svpbmt, menvcfg.PBMTE)"},
    {"rsw60", PTW_OPT_RISCV_RSW60, "bits 60:59 are software's, not reserved (Svrsw60t59b)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

static ptw_status rv64_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    return rv_configure(c, g, &rv64_ops, false, why);
}

static ptw_status rv64_x4_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    return rv_configure(c, g, &rv64_ops, true, why);
}

const struct ptw_format ptw_riscv_sv39 = {
    .name = "riscv-sv39",
    .summary = "RISC-V stage 1, 39-bit virtual addresses; privileged specification, Supervisor-Level ISA",
    .defaults = {.levels = 3, .oa = 56},
    .levels_min = 3,
    .levels_max = 3,
    .options = rv64_options,
    .fields = rv_fields,
    .configure = rv64_configure,
};

const struct ptw_format ptw_riscv_sv48 = {
    .name = "riscv-sv48",
    .summary = "RISC-V stage 1, 48-bit virtual addresses; privileged specification, Supervisor-Level ISA",
    .defaults = {.levels = 4, .oa = 56},
    .levels_min = 4,
    .levels_max = 4,
    .options = rv64_options,
    .fields = rv_fields,
    .configure = rv64_configure,
};

const struct ptw_format ptw_riscv_sv57 = {
    .name = "riscv-sv57",
    .summary = "RISC-V stage 1, 57-bit virtual addresses; privileged specification, Supervisor-Level ISA",
    .defaults = {.levels = 5, .oa = 56},
    .levels_min = 5,
    .levels_max = 5,
    .options = rv64_options,
    .fields = rv_fields,
    .configure = rv64_configure,
};

const struct ptw_format ptw_riscv_sv39x4 = {
    .name = "riscv-sv39x4",
    .summary = "RISC-V G-stage, 41-bit guest physical addresses; privileged specification, Hypervisor Extension",
    .defaults = {.levels = 3, .oa = 56},
    .levels_min = 3,
    .levels_max = 3,
    .options = &rv64_options[1],
    .fields = rv_fields,
    .configure = rv64_x4_configure,
};

const struct ptw_format ptw_riscv_sv48x4 = {
    .name = "riscv-sv48x4",
    .summary = "RISC-V G-stage, 50-bit guest physical addresses; privileged specification, Hypervisor Extension",
    .defaults = {.levels = 4, .oa = 56},
    .levels_min = 4,
    .levels_max = 4,
    .options = &rv64_options[1],
    .fields = rv_fields,
    .configure = rv64_x4_configure,
};

const struct ptw_format ptw_riscv_sv57x4 = {
    .name = "riscv-sv57x4",
    .summary = "RISC-V G-stage, 59-bit guest physical addresses; privileged specification, Hypervisor Extension",
    .defaults = {.levels = 5, .oa = 56},
    .levels_min = 5,
    .levels_max = 5,
    .options = &rv64_options[1],
    .fields = rv_fields,
    .configure = rv64_x4_configure,
};
