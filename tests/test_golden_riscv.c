/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Golden words of the RISC-V formats: see golden.h. */
#include "golden.h"

#include <ptw/riscv.h>

#define SS PTW_RISCV_SHADOW_STACK

/* -------------------------------------------------------------------------------------- Sv39, Sv48, Sv57 ------- */

/* Elsewhere: 11, 12 (satp: test_hardware_riscv.c). */
static const struct golden stage1_golden[] = {
    {"6/1", "ad=1", 0, false, 0x80001000, RW | PTW_AD, 0x00000000200004c7},
    {"6/2", "", 0, false, 0x80001000, RX | PTW_USER | PTW_A, 0x000000002000045b},
    {"6/3", "", 1, false, 0x80200000, RWX | PTW_GLOBAL | PTW_AD, 0x00000000200800ef},
    {"6/4", "pbmt=1", 2, false, 0x100000000, RW | PTW_AD | PTW_MT_UC, 0x40000000400000c7},
    {"6/5", "pbmt=1", 0, false, 0x80003000, RW | PTW_AD | PTW_MT_NC | PTW_SOFT(1), 0x2000000020000dc7},
    {"6/6", "groups=1", GROUP(0, 4), false, 0x80010000, RW | PTW_AD, 0x80000000200060c7},
    {"6/7", "", 1, true, 0x80005000, 0, 0x0000000020001401},
    {"6/8", "", 0, false, 0xfffffffffff000, RO | PTW_A, 0x003ffffffffffc43},
    {"shadow stack", "zicfiss=1", 0, false, 0x80001000, RW | SS | PTW_AD, 0x00000000200004c5},
    {"shadow stack of a user", "zicfiss=1", 1, false, 0x80200000, RW | SS | PTW_USER, 0x0000000020080015},
};

static const struct refused stage1_refused[] = {
    {"V=0", "", ANY_LEVEL, HOLE, 0x00000000200004c6},
    {"W without R", "", 0, ILLEGAL, 0x00000000200004c5},
    {"misaligned superpage", "", 1, ILLEGAL, 0x00000000200004cf},
    {"reserved bit 54", "", ANY_LEVEL, ILLEGAL, 0x00400000200004c7},
    {"PBMT 3", "pbmt=1", 0, ILLEGAL, 0x60000000200004c7},
    {"N with PPN[3:0] 0000", "groups=1", 0, ILLEGAL, 0x80000000200040c7},
    {"A in a pointer", "", 1, ILLEGAL, 0x0000000020001441},
    {"W and X without R", "zicfiss=1", 0, ILLEGAL, 0x00000000200004cd},
    {"PBMT without Svpbmt", "", 0, ILLEGAL, 0x40000000200004c7},
    {"PBMT in a pointer", "pbmt=1", 1, ILLEGAL, 0x4000000020001401},
    {"6/6 without Svnapot", "", 0, ILLEGAL, 0x80000000200060c7},
    {"N with PPN[3:0] 0100", "groups=1", 0, ILLEGAL, 0x80000000200050c7},
    {"N with PPN[3:0] 1001", "groups=1", 0, ILLEGAL, 0x80000000200064c7},
    {"N above level 0", "groups=1", 1, ILLEGAL, 0x80000000200800c7},
    {"N in a pointer", "groups=1", 1, ILLEGAL, 0x8000000020001401},
    {"pointer at the last level", "", 0, ILLEGAL, 0x0000000020001401},
    {"bit 59 without Svrsw60t59b", "", 0, ILLEGAL, 0x08000000200004c7},
    {"bit 60 in a pointer without Svrsw60t59b", "", 1, ILLEGAL, 0x1000000020001401},
    {"bit 58 with Svrsw60t59b", "rsw60=1", 0, ILLEGAL, 0x04000000200004c7},
};

static const struct request stage1_requests[] = {
    {"W without R", "", PTW_W},
    {"WX without R", "", PTW_W | PTW_X},
    {"no rights are a pointer", "", 0},
    {"NC without Svpbmt", "", RWX | PTW_MT_NC},
    {"WT", "pbmt=1", RWX | PTW_MT_WT},
    {"shadow stack without Zicfiss", "", RW | SS},
    {"shadow stack without W", "zicfiss=1", RO | SS},
    {"shadow stack without R", "zicfiss=1", PTW_W | SS},
    {"shadow stack with X", "zicfiss=1", RWX | SS},
    {"W without R with Zicfiss", "zicfiss=1", PTW_W},
};

/* ------------------------------------------------------------------------------------------------- Sv32 -------- */

static const struct golden sv32_golden[] = {
    {"6/9", "ad=1", 0, false, 0x3fffff000, RW | PTW_AD, 0xfffffcc7},
    {"6/10", "", 1, false, 0x80400000, RX | PTW_A, 0x2010004b},
    {"table", "", 1, true, 0x80005000, 0, 0x20001401},
    {"6/2 in 32 bits", "", 0, false, 0x80001000, RX | PTW_USER | PTW_A, 0x2000045b},
    {"shadow stack", "zicfiss=1", 0, false, 0x80001000, RW | SS | PTW_AD, 0x200004c5},
};

static const struct refused sv32_refused[] = {
    {"V=0", "", ANY_LEVEL, HOLE, 0x200004c6},
    {"W without R", "", 0, ILLEGAL, 0x200004c5},
    {"misaligned superpage", "", 1, ILLEGAL, 0x200004cf},
    {"misaligned by half", "", 1, ILLEGAL, 0x200800cf},
    {"A in a pointer", "", 1, ILLEGAL, 0x20001441},
    {"pointer at the last level", "", 0, ILLEGAL, 0x20001401},
    {"above 32 output bits", "oa=32", 0, ILLEGAL, 0xfffffcc7},
};

static const struct request sv32_requests[] = {
    {"W without R", "", PTW_W},
    {"no rights are a pointer", "", 0},
    {"NC", "", RWX | PTW_MT_NC},
    {"shadow stack without Zicfiss", "", RW | SS},
};

/* ---------------------------------------------------------------------------------------------- G-stage ------- */

/* Elsewhere: 6, 7, 8 and the reject of an hgatp (test_hardware_riscv.c). 9 is the operand of a fence. */
static const struct golden gstage_golden[] = {
    {"7/1", "ad=1", 0, false, 0x88001000, RWX | PTW_AD, 0x00000000220004df},
    {"7/2", "ad=1", 1, false, 0x88200000, PTW_R | PTW_A, 0x0000000022080053},
    {"7/3", "ad=1,pbmt=1", 2, false, 0x140000000, RW | PTW_AD | PTW_MT_UC, 0x40000000500000d7},
    {"7/4", "ad=1", 1, true, 0x88007000, 0, 0x0000000022001c01},
    {"7/5", "ad=1,groups=1", GROUP(0, 4), false, 0x88010000, RW | PTW_AD, 0x80000000220060d7},
};

static const struct refused gstage_refused[] = {
    {"U=0", "", 0, ILLEGAL, 0x00000000220004cf},
    {"W without R", "", 0, ILLEGAL, 0x00000000220004d5},
    {"misaligned superpage", "", 1, ILLEGAL, 0x00000000220004df},
    {"V=0", "", ANY_LEVEL, HOLE, 0x00000000220004de},
    {"pointer at the last level", "", 0, ILLEGAL, 0x0000000022001c01},
    {"reserved bit 54", "", 0, ILLEGAL, 0x00400000220004df},
    {"PBMT without Svpbmt", "", 0, ILLEGAL, 0x40000000220004df},
    {"PBMT 3", "pbmt=1", 0, ILLEGAL, 0x60000000220004df},
    {"A in a pointer", "", 1, ILLEGAL, 0x0000000022001c41},
    {"7/5 without Svnapot", "", 0, ILLEGAL, 0x80000000220060d7},
    {"N with PPN[3:0] 0000", "groups=1", 0, ILLEGAL, 0x80000000220040d7},
};

static const struct request gstage_requests[] = {
    {"W without R", "", PTW_W},
    {"WX without R", "", PTW_W | PTW_X},
    {"no rights are a pointer", "", 0},
    {"U is always set", "", RWX | PTW_USER},
    {"G is ignored", "", RWX | PTW_GLOBAL},
    {"NC without Svpbmt", "", RWX | PTW_MT_NC},
    {"WT", "pbmt=1", RWX | PTW_MT_WT},
    {"no shadow stacks in G-stage", "", RW | SS},
};

static const struct golden sv32x4_golden[] = {
    {"7/1 in 32 bits", "ad=1", 0, false, 0x88001000, RWX | PTW_AD, 0x220004df},
    {"4M leaf", "ad=1", 1, false, 0x88400000, PTW_R | PTW_A, 0x22100053},
    {"7/4 in 32 bits", "ad=1", 1, true, 0x88007000, 0, 0x22001c01},
    {"the last page", "", 0, false, 0x3fffff000, RW | PTW_AD, 0xfffffcd7},
};

static const struct refused sv32x4_refused[] = {
    {"U=0", "", 0, ILLEGAL, 0x220004cf},
    {"W without R", "", 0, ILLEGAL, 0x220004d5},
    {"misaligned superpage", "", 1, ILLEGAL, 0x220004df},
    {"V=0", "", ANY_LEVEL, HOLE, 0x220004de},
    {"A in a pointer", "", 1, ILLEGAL, 0x22001c41},
};

static const struct request sv32x4_requests[] = {
    {"W without R", "", PTW_W},
    {"U is always set", "", RWX | PTW_USER},
    {"NC", "", RWX | PTW_MT_NC},
};

static const struct suite all[] = {
    {&ptw_riscv_sv39, TABLE(stage1_golden), TABLE(stage1_refused), TABLE(stage1_requests)},
    {&ptw_riscv_sv48, TABLE(stage1_golden), TABLE(stage1_refused), TABLE(stage1_requests)},
    {&ptw_riscv_sv57, TABLE(stage1_golden), TABLE(stage1_refused), TABLE(stage1_requests)},
    {&ptw_riscv_sv32, TABLE(sv32_golden), TABLE(sv32_refused), TABLE(sv32_requests)},
    {&ptw_riscv_sv39x4, TABLE(gstage_golden), TABLE(gstage_refused), TABLE(gstage_requests)},
    {&ptw_riscv_sv48x4, TABLE(gstage_golden), TABLE(gstage_refused), TABLE(gstage_requests)},
    {&ptw_riscv_sv57x4, TABLE(gstage_golden), TABLE(gstage_refused), TABLE(gstage_requests)},
    {&ptw_riscv_sv32x4, TABLE(sv32x4_golden), TABLE(sv32x4_refused), TABLE(sv32x4_requests)},
};

int main(void)
{
    return golden_run(TABLE(all));
}
