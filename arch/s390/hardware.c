/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/s390/hardware.c - the IOTA of a zPCI function for a table, and the table that it names (ptw/s390.h). */
#include <ptw/s390.h>

#define IOTA_ROOT PTW_BITS(63, 12)
#define IOTA_ENABLED PTW_BIT(11)
#define IOTA_KEY_SHIFT 5U
#define IOTA_KEY_MAX 15U
#define IOTA_DT_SHIFT 2U /* designation type: 0 segment table ... 3 region-first; 4 a frame. 0, 2 ... 4: one source */
#define IOTA_DT_FRAME 4U
#define IOTA_FRAME_SIZE PTW_BITS(1, 0)
#define ROOT_BYTES UINT64_C(0x4000)
#define LEVELS_OF_SEGMENT_TABLE 2U

static ptw_status refuse(const char **why, ptw_status status, const char *clause)
{
    if (why != NULL)
        *why = clause;
    return status;
}

ptw_status ptw_s390_iota(const struct ptw_table *t, unsigned key, uint64_t *iota)
{
    if (t->format != &ptw_s390_zpci)
        return PTW_UNSUPPORTED;
    if (key > IOTA_KEY_MAX)
        return PTW_INVAL;
    *iota = t->root_pa | IOTA_ENABLED | (uint64_t)key << IOTA_KEY_SHIFT |
            (uint64_t)(t->geo.top + 1U - LEVELS_OF_SEGMENT_TABLE) << IOTA_DT_SHIFT;
    return PTW_OK;
}

ptw_status ptw_s390_root(uint64_t iota, struct ptw_root *root, const char **why)
{
    const unsigned designation = (unsigned)(iota >> IOTA_DT_SHIFT) & 7U;

    if ((iota & IOTA_ENABLED) == 0)
        return refuse(why, PTW_NOENT, "IOTA: translation is not enabled");
    if (designation == IOTA_DT_FRAME)
        return refuse(why, PTW_NOENT, "IOTA: it designates a frame, not a table");
    if (designation > IOTA_DT_FRAME)
        return refuse(why, PTW_INVAL, "IOTA: designation types are 0 ... 4");
    if ((iota & IOTA_FRAME_SIZE) != 0)
        return refuse(why, PTW_INVAL, "IOTA: a frame size, but it designates a table");
    if ((iota & IOTA_ROOT & (ROOT_BYTES - 1U)) != 0)
        return refuse(why, PTW_INVAL, "IOTA: the root must be aligned to 16 KiB");
    root->format = &ptw_s390_zpci;
    root->config = ptw_s390_zpci.defaults;
    root->config.levels = designation + LEVELS_OF_SEGMENT_TABLE;
    root->pa = iota & IOTA_ROOT;
    return PTW_OK;
}
