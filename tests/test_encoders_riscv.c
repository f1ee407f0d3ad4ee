/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the manuals say of the RISC-V formats: see laws.h. The masks are those of the tables of reserved bits. */
#include "laws.h"

#include <ptw/riscv.h>

#define RISCV_TYPES TYPE(PTW_MT_WB)
#define RISCV_TYPES_PBMT (RISCV_TYPES | TYPE(PTW_MT_NC) | TYPE(PTW_MT_UC))

#define RISCV_LAW(res0)                                                                                                \
    .rwx = 0xba, .oa = 56,                                                                                             \
    .leaf = {(res0), (res0) | PTW_BITS(18, 10), (res0) | PTW_BITS(27, 10), (res0) | PTW_BITS(36, 10),                  \
             (res0) | PTW_BITS(45, 10)},                                                                               \
    .table = {0, RISCV_POINTER, RISCV_POINTER, RISCV_POINTER, RISCV_POINTER}, .leaf_never = PTW_BIT(5),                \
    .table_never = PTW_BIT(5), .hole_zero = 0xcf, .negative = true, .always_protects = true
#define RISCV_POINTER (PTW_BITS(63, 54) | 0xd0)
#define RISCV_RES0 (PTW_BIT(63) | PTW_BITS(60, 54))

static const struct law all[] = {
    {&ptw_riscv_sv39x4, "", .types = RISCV_TYPES, RISCV_LAW(RISCV_RES0 | PTW_BITS(62, 61))},
    {&ptw_riscv_sv48x4, "ad=1", .types = RISCV_TYPES, RISCV_LAW(RISCV_RES0 | PTW_BITS(62, 61)), .sets_d = 0x80},
    {&ptw_riscv_sv57x4, "ad=1,pbmt=1", .types = RISCV_TYPES_PBMT, RISCV_LAW(RISCV_RES0), .sets_d = 0x80},
};

static const struct limits of_others[] = {
    {&ptw_riscv_sv48x4, 0x401, PTW_RIGHTS},
};

int main(void)
{
    return laws_run(all, COUNT(all), of_others, COUNT(of_others));
}
