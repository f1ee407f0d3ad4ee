/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the manuals say of the RISC-V formats: see laws.h. The masks are those of the tables of reserved bits. */
#include "laws.h"

#include <ptw/riscv.h>

#define RISCV_TYPES TYPE(PTW_MT_WB)
#define RISCV_TYPES_PBMT (RISCV_TYPES | TYPE(PTW_MT_NC) | TYPE(PTW_MT_UC))
#define SS PTW_RISCV_SHADOW_STACK

/* The low PPN bits of a superpage, N above level 0, and what the configuration reserves. */
#define RISCV_LAW(reserved)                                                                                            \
    .rwx = 0xba, .oa = 56,                                                                                             \
    .leaf = {(reserved), (reserved) | N | PTW_BITS(18, 10), (reserved) | N | PTW_BITS(27, 10),                         \
             (reserved) | N | PTW_BITS(36, 10), (reserved) | N | PTW_BITS(45, 10)},                                    \
    .orders = {0x11}, .negative = true, .always_protects = true
#define POINTER(reserved) .table = {0, (reserved) | 0xd0, (reserved) | 0xd0, (reserved) | 0xd0, (reserved) | 0xd0}
#define RISCV32_LAW                                                                                                    \
    .types = RISCV_TYPES, .rwx = 0xba, .oa = 34, .bytes = 4, .leaf = {0, PTW_BITS(19, 10)}, .table = {0, 0xd0},        \
    .negative = true, .always_protects = true

/* G-stage ignores G, which is never set. Nothing but U, in table entries, and G keep stage 1 from having the same. */
#define GSTAGE .leaf_never = PTW_BIT(5), .table_never = PTW_BIT(5), .hole_zero = 0xcf
#define STAGE1 .flags = PTW_USER | PTW_GLOBAL, .table_never = PTW_BIT(5), .hole_zero = 0xff
#define STAGE1_ZICFISS                                                                                                 \
    .flags = PTW_USER | PTW_GLOBAL | SS, .legal = shadow_stack, .table_never = PTW_BIT(5), .hole_zero = 0xff

#define N PTW_BIT(63)
#define PBMT PTW_BITS(62, 61)
#define RSW60 PTW_BITS(60, 59)
#define RES0 PTW_BITS(58, 54)
#define ALL_RES0 (RES0 | RSW60)

/* A shadow stack has just R and W. */
static bool shadow_stack(ptw_attr attr)
{
    return (attr & SS) == 0 || (attr & PTW_RWX) == (PTW_R | PTW_W);
}

/* With Svnapot: a slot that leaves its group loses N. */
static ptw_word group_marker(unsigned level)
{
    return level == 0 ? N : 0;
}

static const struct law all[] = {
    {&ptw_riscv_sv39, "", STAGE1, .types = RISCV_TYPES, RISCV_LAW(N | PBMT | ALL_RES0), POINTER(N | PBMT | ALL_RES0)},
    {&ptw_riscv_sv48, "ad=1,zicfiss=1", STAGE1_ZICFISS, .types = RISCV_TYPES, RISCV_LAW(N | PBMT | ALL_RES0),
     POINTER(N | PBMT | ALL_RES0), .sets_d = 0x80},
    {&ptw_riscv_sv57, "ad=1,pbmt=1,groups=1,zicfiss=1", STAGE1_ZICFISS, .types = RISCV_TYPES_PBMT, RISCV_LAW(ALL_RES0),
     POINTER(N | PBMT | ALL_RES0), .sets_d = 0x80, .unknown = group_marker},
    {&ptw_riscv_sv32, "", STAGE1, RISCV32_LAW},
    {&ptw_riscv_sv32, "ad=1,zicfiss=1", STAGE1_ZICFISS, RISCV32_LAW, .sets_d = 0x80},

    {&ptw_riscv_sv39x4, "", GSTAGE, .types = RISCV_TYPES, RISCV_LAW(N | PBMT | ALL_RES0), POINTER(N | PBMT | ALL_RES0)},
    {&ptw_riscv_sv48x4, "ad=1", GSTAGE, .types = RISCV_TYPES, RISCV_LAW(N | PBMT | ALL_RES0),
     POINTER(N | PBMT | ALL_RES0), .sets_d = 0x80},
    {&ptw_riscv_sv57x4, "ad=1,pbmt=1,groups=1", GSTAGE, .types = RISCV_TYPES_PBMT, RISCV_LAW(ALL_RES0),
     POINTER(N | PBMT | ALL_RES0), .sets_d = 0x80, .unknown = group_marker},
    {&ptw_riscv_sv32x4, "ad=1", GSTAGE, RISCV32_LAW, .sets_d = 0x80},

    /* Bits 60:59 are software's, but not this library's. */
    {&ptw_riscv_sv39, "rsw60=1", .types = RISCV_TYPES, .flags = PTW_USER | PTW_GLOBAL, RISCV_LAW(N | PBMT | RES0),
     POINTER(N | PBMT | RES0), .leaf_never = RSW60, .table_never = PTW_BIT(5) | RSW60, .hole_zero = 0xff},
    {&ptw_riscv_sv39x4, "rsw60=1,groups=1", .types = RISCV_TYPES, RISCV_LAW(PBMT | RES0), POINTER(N | PBMT | RES0),
     .leaf_never = PTW_BIT(5) | RSW60, .table_never = PTW_BIT(5) | RSW60, .hole_zero = 0xcf, .unknown = group_marker},
};

static const struct limits of_others[] = {
    {&ptw_riscv_sv48x4, 0x401, PTW_RIGHTS},
    {&ptw_riscv_sv39, 0x421, PTW_RIGHTS}, /* G: what is below is global, and loses nothing */
    {&ptw_riscv_sv32, 0x421, PTW_RIGHTS},
};

int main(void)
{
    return laws_run(all, COUNT(all), of_others, COUNT(of_others));
}
