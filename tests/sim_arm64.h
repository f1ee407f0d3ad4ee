/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* sim_arm64.h - words and registers that the tests of the walks of VMSAv8-64 stage 1 share. */
#ifndef TEST_SIM_ARM64_H
#define TEST_SIM_ARM64_H

#include "sim_arm.h"

#define T UINT64_C(0x0000000812345003) /* 1.12/5: a table of any level, of any granule that has it aligned */
#define T16 UINT64_C(0x0000000812344003)
#define T64 UINT64_C(0x0000000812340003)
#define P UINT64_C(0x0040000080001703) /* 1.12/1 */

#define AF PTW_BIT(10)
#define AP2 PTW_BIT(7)
#define DBM PTW_BIT(51)

/* TCR: 48 bits with 4K is 1.12/13: HA, HD, EPD1, IPS 48. */
#define TCR_4K UINT64_C(0x0000019500803510)
#define TCR_4K_SOFT UINT64_C(0x0000001500803510) /* without HA and HD */
#define TCR_4K_HA UINT64_C(0x0000009500803510)
#define TCR_16K UINT64_C(0x000001950080b510)
#define TCR_64K_LPA UINT64_C(0x0000019600807510)
#define TCR_LPA2 UINT64_C(0x080001960080350c)
#define TCR_16K_LPA2 UINT64_C(0x080001960080b50c)
#define TCR_BOTH UINT64_C(0x00000015b5103510) /* TTBR1 as TTBR0: T1SZ 16, TG1 4K */

#define EL1_AT(name, ttbr0, ...)                                                                                       \
    static const struct ptw_sim_mmu name = {                                                                           \
        .walker = &ptw_sim_arm64_s1,                                                                                   \
        .reg = {[PTW_SIM_ARM64_TTBR0] = (ttbr0),                                                                       \
                [PTW_SIM_ARM64_TTBR1] = 0x90000000,                                                                    \
                [PTW_SIM_ARM64_MAIR] = 0x44000004ff,                                                                   \
                __VA_ARGS__},                                                                                          \
    }
#define EL1(name, ...) EL1_AT(name, 0x80000000, __VA_ARGS__)

#endif
