/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Golden words of zPCI: see golden.h. */
#include "golden.h"

#include <ptw/s390.h>

/*
 * Elsewhere: 5 (a table of others that limits rights: test_encoders_s390.c). 9, 10, 11 (IOTA):
 * test_hardware_s390.c. Leaves always read as accessed and dirty.
 */
static const struct golden s390_golden[] = {
    {"9/1", "levels=5", 2, true, 0x100004000, 0, 0x0000000100004007},
    {"9/2", "levels=5", 3, true, 0x100008000, 0, 0x000000010000800b},
    {"9/3", "levels=5", 4, true, 0x10000c000, 0, 0x000000010000c00f},
    {"9/4", "levels=2", 1, true, 0x200000800, 0, 0x0000000200000800},
    {"9/6", "", 0, false, 0x300005000, RW | PTW_AD, 0x0000000300005000},
    {"9/7", "", 0, false, 0x300005000, RO | PTW_AD, 0x0000000300005200},
    {"1M frame", "frame1m=1", 1, false, 0x300100000, RO | PTW_AD, 0x0000000300100600},
    {"all zeroes is a page", "", 0, false, 0, RW | PTW_AD, 0},
    {"all zeroes points to a page table", "", 1, true, 0, 0, 0},
};

static const struct refused s390_refused[] = {
    {"9/8", "", 0, HOLE, 0x0000000300005400},
    {"invalid segment", "", 1, HOLE, 0x0000000000000020},
    {"invalid region", "levels=5", 4, HOLE, 0x0000000000000020},
    {"invalid page", "", 0, HOLE, 0x0000000000000400},
    {"table offset", "", 2, ILLEGAL, 0x0000000100004047},
    {"table length 2", "", 2, ILLEGAL, 0x0000000100004006},
    {"region-second for region-third", "", 2, ILLEGAL, 0x000000010000400b},
    {"1M frame without frame1m", "", 1, ILLEGAL, 0x0000000300100400},
    {"output bit 42 of 42", "oa=42", 0, ILLEGAL, 0x0000040000000000},
};

static const struct request s390_requests[] = {
    {"no rights", "", 0},
    {"write without read", "", PTW_W},
    {"execute", "", RX},
    {"not cached", "", RW | PTW_MT_NC},
    {"no software bits", "", RW | PTW_SOFT(1)},
};

static const struct suite all[] = {
    {&ptw_s390_zpci, TABLE(s390_golden), TABLE(s390_refused), TABLE(s390_requests)},
};

int main(void)
{
    return golden_run(TABLE(all));
}
