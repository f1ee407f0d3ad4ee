/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/x86/hardware_amd.c - what points the AMD IOMMU at tables, and back. AMD I/O Virtualization Technology (48882), 2.2.
 *
 *   device table entry (requester id) -> host table
 *                                     -> GCR3 tables -> guest table of a PASID
 *
 * Bits are numbered in their own 64-bit word.
 */
#include "hardware.h"

#define GCR3_VALID PTW_BIT(0)

/* Word 0. */
#define DTE_V PTW_BIT(0)
#define DTE_TV PTW_BIT(1)
#define DTE_RESERVED_0 (PTW_BITS(6, 2) | PTW_BIT(63))
#define DTE_HAD (UINT64_C(3) << 7) /* 1 and 2 are not verified: 0 or 3 it is */
#define DTE_MODE_SHIFT 9U
#define DTE_PPR PTW_BIT(52)
#define DTE_GPRP PTW_BIT(53)
#define DTE_GIOV PTW_BIT(54)
#define DTE_GV PTW_BIT(55)
#define DTE_GLX_SHIFT 56U
#define DTE_IR PTW_BIT(61)
#define DTE_IW PTW_BIT(62)
/* Word 1. */
#define DTE_IOTLB PTW_BIT(32)
#define DTE_RESERVED_1 PTW_BIT(42)
/* Word 2: the levels of guest tables, 0 is four, 1 is five. Seen in one source. */
#define DTE_GUEST_LEVELS_SHIFT 54U

/* The GCR3 root is cut in three: address bits 14:12, 30:15 and 51:31. */
static uint64_t gcr3_low(ptw_oa gcr3)
{
    return hw_field(gcr3, 14, 12) << 58;
}

static uint64_t gcr3_high(ptw_oa gcr3)
{
    return hw_field(gcr3, 30, 15) << 16 | hw_field(gcr3, 51, 31) << 43;
}

static bool is_dte(const struct ptw_amd_dte *how)
{
    if (how->domain > HW_DOMAIN_MAX || (how->rights & ~(PTW_R | PTW_W)) != 0)
        return false;
    if (how->guest_levels == 0)
        return how->gcr3 == 0 && how->glx == 0 && !how->giov && !how->gprp;
    return (how->guest_levels == 4 || how->guest_levels == 5) && hw_is_address(how->gcr3) && how->glx <= 2;
}

ptw_status ptw_amd_dte(const struct ptw_table *t, const struct ptw_amd_dte *how, uint64_t dte[4])
{
    uint64_t host = 0;

    if (t != NULL && !hw_is(t, &ptw_amdv1))
        return PTW_UNSUPPORTED;
    if (!is_dte(how))
        return PTW_INVAL;
    if (t != NULL) {
        if (!hw_is_address(t->root_pa))
            return PTW_RANGE;
        host = t->root_pa | (uint64_t)(t->geo.top + 1) << DTE_MODE_SHIFT | hw_if(hw_has(t, PTW_OPT_AD), DTE_HAD);
    }
    dte[0] = DTE_V | DTE_TV | host | hw_if(how->ppr, DTE_PPR) | hw_if(how->gprp, DTE_GPRP) |
             hw_if(how->giov, DTE_GIOV) | hw_if(how->guest_levels != 0, DTE_GV) | (uint64_t)how->glx << DTE_GLX_SHIFT |
             gcr3_low(how->gcr3) | hw_if((how->rights & PTW_R) != 0, DTE_IR) |
             hw_if((how->rights & PTW_W) != 0, DTE_IW);
    dte[1] = how->domain | hw_if(how->iotlb, DTE_IOTLB) | gcr3_high(how->gcr3);
    dte[2] = hw_if(how->guest_levels == 5, UINT64_C(1) << DTE_GUEST_LEVELS_SHIFT);
    dte[3] = 0;
    return PTW_OK;
}

/* What is wrong with, or missing in, what host and guest tables share. */
static ptw_status check_dte(const uint64_t dte[4], const char **why)
{
    if ((dte[0] & DTE_V) == 0)
        return hw_refuse(why, PTW_NOENT, "V is 0: accesses pass untranslated");
    if ((dte[0] & DTE_TV) == 0)
        return hw_refuse(why, PTW_NOENT, "TV is 0: the entry says nothing of translation");
    if ((dte[0] & DTE_RESERVED_0) != 0 || (dte[1] & DTE_RESERVED_1) != 0)
        return hw_refuse(why, PTW_INVAL, "bits 6:2, 63 and 106 of a device table entry are reserved");
    return PTW_OK;
}

ptw_status ptw_amd_root(const uint64_t dte[4], struct ptw_root *root, const char **why)
{
    const unsigned mode = (unsigned)hw_field(dte[0], 11, 9);
    const uint64_t had = dte[0] & DTE_HAD;
    const ptw_status status = check_dte(dte, why);
    struct ptw_config c = {.options = ptw_amdv1.defaults.options};

    if (status != PTW_OK)
        return status;
    if (mode == 0)
        return hw_refuse(why, PTW_NOENT, "Mode: 0 is no host translation");
    if (mode == 7)
        return hw_refuse(why, PTW_INVAL, "Mode: 7 is reserved");
    if (had != 0 && had != DTE_HAD)
        return hw_refuse(why, PTW_UNSUPPORTED, "HAD: neither 0 nor 3");
    c.levels = mode;
    c.oa = HW_OA_MAX;
    c.options |= hw_if(had != 0, PTW_OPT_AD);
    return hw_found(root, why, &ptw_amdv1, &c, dte[0] & HW_ADDRESS);
}

ptw_status ptw_amd_gcr3_table(ptw_oa table, uint64_t *entry)
{
    if (!hw_is_address(table))
        return PTW_INVAL;
    *entry = table | GCR3_VALID;
    return PTW_OK;
}

ptw_status ptw_amd_gcr3(const struct ptw_table *t, uint64_t *entry)
{
    if (!hw_is(t, &ptw_amdv2))
        return PTW_UNSUPPORTED;
    if (!hw_is_address(t->root_pa))
        return PTW_RANGE;
    *entry = t->root_pa | t->geo.table_or | GCR3_VALID;
    return PTW_OK;
}

/* PASID 0 with GIOV has no sign extension. That bits 11:1 and 63:52 of the GCR3 entry are 0 was seen in one source. */
ptw_status ptw_amd_guest_root(const uint64_t dte[4], uint64_t gcr3, unsigned pasid, unsigned c_bit,
                              struct ptw_root *root, const char **why)
{
    const unsigned glx = (unsigned)hw_field(dte[0], 57, 56);
    const uint64_t levels = hw_field(dte[2], 55, 54);
    const ptw_status status = check_dte(dte, why);
    struct ptw_config c = {.options = ptw_amdv2.defaults.options};

    if (status != PTW_OK)
        return status;
    if ((dte[0] & DTE_GV) == 0)
        return hw_refuse(why, PTW_NOENT, "GV is 0: no guest translation");
    if (glx == 3)
        return hw_refuse(why, PTW_INVAL, "GLX: 3 is reserved");
    if (pasid > HW_PASID_MAX || (glx < 2 && pasid >> (9 * (glx + 1)) != 0))
        return hw_refuse(why, PTW_INVAL, "pasid: more than the GCR3 tables have (GLX)");
    if (levels > 1)
        return hw_refuse(why, PTW_INVAL, "guest paging mode: neither 0 nor 1");
    if (c_bit != 0 && (c_bit < HW_OA_MIN || c_bit >= HW_OA_MAX))
        return hw_refuse(why, PTW_INVAL, "c_bit: bit 32 ... 51");
    if ((gcr3 & GCR3_VALID) == 0)
        return hw_refuse(why, PTW_NOENT, "the GCR3 entry is not valid");
    if ((gcr3 & ~(HW_ADDRESS | GCR3_VALID)) != 0)
        return hw_refuse(why, PTW_INVAL, "bits 11:1 and 63:52 of a GCR3 entry are 0");
    c.levels = 4 + (unsigned)levels;
    c.c_bit = c_bit;
    c.oa = c_bit != 0 ? c_bit : HW_OA_MAX;
    c.options |= hw_if(pasid == 0 && (dte[0] & DTE_GIOV) != 0, PTW_OPT_AMDV2_GIOV);
    gcr3 &= HW_ADDRESS & ~hw_if(c_bit != 0, PTW_BIT(c_bit));
    if ((gcr3 & ~ptw_low_mask(c.oa)) != 0)
        return hw_refuse(why, PTW_INVAL, "the table has address bits above the C-bit");
    return hw_found(root, why, &ptw_amdv2, &c, gcr3);
}
