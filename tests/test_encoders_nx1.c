/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the manual of the NX-1, the example of a format outside of the library, says: see laws.h. */
#include "laws.h"

#include "examples/custom-format/nx1.h"

/* Type 2 is a table where there is something below, a fault at level 0. */
static bool nx1_present(ptw_word w, unsigned level)
{
    return (w & 3) == 3 || ((w & 3) == 2 && level > 0);
}

/* G, which a single slot does not keep. */
static ptw_word nx1_group_bit(unsigned level)
{
    return level == 0 ? PTW_BIT(7) : 0;
}

#define NX1_LEAF_RES0 (PTW_BITS(63, 60) | PTW_BITS(55, 46) | PTW_BITS(15, 10))
#define NX1_TABLE_RES0 (PTW_BITS(63, 46) | PTW_BITS(12, 2))
#define NX1_LAW(address_res0)                                                                                          \
    .types = TYPE(PTW_MT_WB) | TYPE(PTW_MT_NC) | TYPE(PTW_MT_UC), .rwx = 0xaa, .granule = 16, .table_bits = 13,        \
    .leaf = {NX1_LEAF_RES0 | (address_res0), NX1_LEAF_RES0 | (address_res0) | PTW_BITS(25, 16) | PTW_BIT(7)},          \
    .table = {0, NX1_TABLE_RES0 | (address_res0), NX1_TABLE_RES0 | (address_res0)}, .orders = {0x11, 1},               \
    .hole_zero = PTW_BITS(6, 1), .hole_set = 1, .present = nx1_present, .always_protects = true

static const struct law all[] = {
    {&nx1, "", NX1_LAW(0), .oa = 46, .leaf_never = PTW_BIT(7)},
    {&nx1, "ad=1,levels=2,oa=40", NX1_LAW(PTW_BITS(45, 40)), .oa = 40, .leaf_never = PTW_BIT(7), .sets_d = 0x40},
    {&nx1, "ad=1,groups=1", NX1_LAW(0), .oa = 46, .unknown = nx1_group_bit, .sets_d = 0x40},
};

int main(void)
{
    return laws_run(all, COUNT(all), NULL, 0);
}
