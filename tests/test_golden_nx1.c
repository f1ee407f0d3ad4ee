/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Golden words of the NX-1, the example of a format outside of the library: see golden.h. */
#include "golden.h"

#include "examples/custom-format/nx1.h"

static const struct golden nx1_golden[] = {
    {"page, RW", "", 0, false, 0x20030000, RW, 0x000000002003000f},
    {"page, RW, written", "ad=1", 0, false, 0x20030000, RW | PTW_AD, 0x000000002003006f},
    {"64M, RX, read", "ad=1", 1, false, 0x24000000, RX | PTW_A, 0x0000000024000037},
    {"highest page, device, soft", "", 0, false, 0x3fffffff0000, PTW_R | PTW_W | PTW_MT_UC | PTW_SOFT(9),
     0x09003fffffff020f},
    {"not snooped", "", 0, false, 0x3fffffff0000, PTW_R | PTW_W | PTW_X | PTW_MT_NC, 0x00003fffffff011f},
    {"16 pages", "groups=1", GROUP(0, 4), false, 0x20100000, RW, 0x000000002010008f},
    {"table", "", 1, true, 0x80002000, 0, 0x0000000080002002},
    {"table of tables", "", 2, true, 0x3fffffffe000, 0, 0x00003fffffffe002},
};

static const struct refused nx1_refused[] = {
    {"empty", "", ANY_LEVEL, HOLE, 0x0000000000000001},
    {"never filled", "", ANY_LEVEL, HOLE, 0x0000000000000000},
    {"type 1, whatever else is set", "", ANY_LEVEL, HOLE, 0xfffffffffffffffd},
    {"table at level 0", "", 0, HOLE, 0x0000000080002002},
    {"leaf at level 2", "", 2, ILLEGAL, 0x000000000000000f},
    {"no R", "", 0, ILLEGAL, 0x000000002003000b},
    {"MT 3", "", 0, ILLEGAL, 0x000000002003030f},
    {"misaligned 64M", "", 1, ILLEGAL, 0x000000002003000f},
    {"G in a 64M leaf", "groups=1", 1, ILLEGAL, 0x000000002400008f},
    {"beyond oa", "oa=40", 0, ILLEGAL, 0x000001000000000f},
    {"table beyond oa", "oa=40", 1, ILLEGAL, 0x0000010000000002},
    {"rights in a table", "", 1, ILLEGAL, 0x0000000080002006},
    {"bit 63", "", 0, ILLEGAL, 0x800000002003000f},
};

static const struct request nx1_requests[] = {
    {"W without R", "", PTW_W},
    {"nothing", "", 0},
    {"unprivileged execution", "", RWX | PTW_UX},
    {"write-through", "", RW | PTW_MT_WT},
    {"a fifth software bit", "", RW | PTW_SOFT(16)},
};

static const struct suite all[] = {
    {&nx1, TABLE(nx1_golden), TABLE(nx1_refused), TABLE(nx1_requests)},
    {&nx1_run_time, TABLE(nx1_golden), TABLE(nx1_refused), TABLE(nx1_requests)},
};

int main(void)
{
    return golden_run(TABLE(all));
}
