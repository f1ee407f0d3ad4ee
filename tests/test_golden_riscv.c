/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Golden words of the RISC-V formats: see golden.h. */
#include "golden.h"

#include <ptw/riscv.h>

/* --------------------------------------------------------------------------------------------- riscv x4 ------- */

/* Not in this release: 5 (Svnapot), 6, 7, 8 (hgatp is a register), 9 (the operand of a fence). */
static const struct golden riscv_golden[] = {
    {"7/1", "ad=1", 0, false, 0x88001000, RWX | PTW_AD, 0x00000000220004df},
    {"7/2", "ad=1", 1, false, 0x88200000, PTW_R | PTW_A, 0x0000000022080053},
    {"7/3", "ad=1,pbmt=1", 2, false, 0x140000000, RW | PTW_AD | PTW_MT_UC, 0x40000000500000d7},
    {"7/4", "ad=1", 1, true, 0x88007000, 0, 0x0000000022001c01},
};

static const struct refused riscv_refused[] = {
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
};

static const struct request riscv_requests[] = {
    {"W without R", "", PTW_W},
    {"WX without R", "", PTW_W | PTW_X},
    {"no rights are a pointer", "", 0},
    {"U is always set", "", RWX | PTW_USER},
    {"NC without Svpbmt", "", RWX | PTW_MT_NC},
    {"WT", "pbmt=1", RWX | PTW_MT_WT},
};

static const struct suite all[] = {
    {&ptw_riscv_sv39x4, TABLE(riscv_golden), TABLE(riscv_refused), TABLE(riscv_requests)},
    {&ptw_riscv_sv48x4, TABLE(riscv_golden), TABLE(riscv_refused), TABLE(riscv_requests)},
    {&ptw_riscv_sv57x4, TABLE(riscv_golden), TABLE(riscv_refused), TABLE(riscv_requests)},
};

int main(void)
{
    return golden_run(TABLE(all));
}
