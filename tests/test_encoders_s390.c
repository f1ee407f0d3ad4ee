/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What is known of zPCI: see laws.h. */
#include "laws.h"

#include <ptw/s390.h>

#define ZPCI_LAW                                                                                                       \
    .format = &ptw_s390_zpci, .rwx = 0x0a, .types = TYPE(PTW_MT_WB), .leaf = {0, 0xc},                                 \
    .table = {0, 0xc, 0xc8, 0xc4, 0xc0}, .leaf_never = 0x9ff, .table_never = 0x3f10, .hole_zero = 0x200,               \
    .table_bits = 14, .big_endian = true, .orders = {1, 1}, .present = zpci_is_present, .always = PTW_AD,              \
    .always_protects = true, .negative = true

static bool zpci_is_present(ptw_word w, unsigned level)
{
    return (w & (level == 0 ? 0x400 : 0x20)) == 0;
}

static const struct law all[] = {
    {ZPCI_LAW, .keys = "levels=2", .oa = 64},
    {ZPCI_LAW, .keys = "levels=5", .oa = 64},
    {ZPCI_LAW, .keys = "levels=4,frame1m=1", .oa = 64},
};

/* The first is 9/5 of the format page. */
static const struct limits of_others[] = {
    {&ptw_s390_zpci, 0x200000a00, PTW_RIGHTS & ~PTW_W},
    {&ptw_s390_zpci, 0x200000800, PTW_RIGHTS},
};

int main(void)
{
    return laws_run(all, COUNT(all), of_others, COUNT(of_others));
}
