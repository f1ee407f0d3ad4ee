/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Golden words of the Arm formats: see golden.h. */
#include "golden.h"

#include <ptw/arm64.h>

/* ------------------------------------------------------------------------------------------------- arm64-s2 --- */

/*
 * Not in this release: 5 (XN[0] needs FEAT_XNX), 8 (LPA2), 10 (Realm), 11, 12, 13 (VTCR_EL2 and VTTBR_EL2 are
 * registers). Writable words without DBM are dirty from the start.
 */
static const struct golden arm64_s2_golden[] = {
    {"2.9/1", "", 0, false, 0x880000000, RWX | PTW_AD, 0x00000008800007ff},
    {"2.9/2", "", 0, false, 0x09000000, RW | PTW_AD | PTW_MT_DEV_NGNRE, 0x00400000090007c7},
    {"2.9/3", "fwb=1", 1, false, 0x100200000, RX | PTW_A, 0x0000000100200759},
    {"2.9/4", "fwb=1", 2, false, 0x4040000000, RWX | PTW_AD | PTW_MT_INHERIT, 0x00000040400007dd},
    {"2.9/6", "ad=1", 0, false, 0x80004000, RW | PTW_A, 0x004800008000477f},
    {"2.9/7", "ad=1", 0, false, 0x80004000, RW | PTW_AD, 0x00480000800047ff},
    {"2.9/9", "", 1, true, 0x300007000, 0, 0x0000000300007003},
    {"2.9/9", "ipa=48", 3, true, 0x300007000, 0, 0x0000000300007003},
};

static const struct refused arm64_s2_refused[] = {
    {"bit 0 clear", "", ANY_LEVEL, HOLE, 0x00000008800007fe},
    {"01 at the last level", "", 0, HOLE, 0x00000008800007fd},
    {"monitor state", "", ANY_LEVEL, HOLE, 0x000000000000000a},
    {"software tag", "", ANY_LEVEL, HOLE, 0x1000000000000000},
    {"MemAttr 0100 with FWB", "fwb=1", 0, ILLEGAL, 0x00000008800007d3},
    {"MemAttr 1111 with FWB", "fwb=1", 0, ILLEGAL, 0x00000008800007ff},
    {"MemAttr 1100 without FWB", "", 0, ILLEGAL, 0x00000008800007f3},
    {"2.9/5 without FEAT_XNX", "", 0, ILLEGAL, 0x00200000800037ff},
    {"SH 01", "", 0, ILLEGAL, 0x00000008800005ff},
    {"block at level 0", "ipa=48", 3, ILLEGAL, 0x00000080000007fd},
    {"output bit 48", "", 0, ILLEGAL, 0x00010000000007ff},
};

static const struct request arm64_s2_requests[] = {
    {"no inheriting without FWB", "", RWX | PTW_MT_INHERIT},
    {"no write-through with FWB", "fwb=1", RWX | PTW_MT_WT},
    {"no x86 type", "", RWX | PTW_MT_UC_MINUS},
};

static const struct suite all[] = {
    {&ptw_arm64_s2, TABLE(arm64_s2_golden), TABLE(arm64_s2_refused), TABLE(arm64_s2_requests)},
};

int main(void)
{
    return golden_run(TABLE(all));
}
