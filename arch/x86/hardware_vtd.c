/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/x86/hardware_vtd.c - what points VT-d at tables, and back. Intel VT-d specification, 3.4 and 9.
 *
 *   legacy    RTADDR_REG -> root entry (bus) -> context entry (devfn) -> table
 *   scalable  RTADDR_REG -> root entry (bus) -> context entry (devfn) -> directory -> PASID entry -> tables
 *
 * Bits are numbered in their own 64-bit word.
 */
#include "hardware.h"

#define PRESENT PTW_BIT(0)
#define FPD PTW_BIT(1)

/* ------------------------------------------------------------------------------- VT-d: the way to the tables --- */

#define RTADDR_SCALABLE PTW_BIT(10)

ptw_status ptw_vtd_rtaddr(ptw_oa root_table, bool scalable, uint64_t *rtaddr)
{
    if (!hw_is_address(root_table))
        return PTW_INVAL;
    *rtaddr = root_table | hw_if(scalable, RTADDR_SCALABLE);
    return PTW_OK;
}

ptw_status ptw_vtd_root_entry(ptw_oa context_table, uint64_t entry[2])
{
    if (!hw_is_address(context_table))
        return PTW_INVAL;
    entry[0] = context_table | PRESENT;
    entry[1] = 0;
    return PTW_OK;
}

ptw_status ptw_vtd_scalable_root_entry(ptw_oa lower, ptw_oa upper, uint64_t entry[2])
{
    if ((lower != PTW_VTD_NONE && !hw_is_address(lower)) || (upper != PTW_VTD_NONE && !hw_is_address(upper)))
        return PTW_INVAL;
    entry[0] = lower == PTW_VTD_NONE ? 0 : lower | PRESENT;
    entry[1] = upper == PTW_VTD_NONE ? 0 : upper | PRESENT;
    return PTW_OK;
}

#define SCALABLE_DEVICE_TLB PTW_BIT(2)
#define SCALABLE_PASID PTW_BIT(3)
#define SCALABLE_PAGE_REQUESTS PTW_BIT(4)
#define SCALABLE_PDTS_SHIFT 9U
#define SCALABLE_RID_PRIVILEGED PTW_BIT(20)

ptw_status ptw_vtd_scalable_context(const struct ptw_vtd_scalable_context *how, uint64_t entry[4])
{
    if (!hw_is_address(how->directory) || how->directory_bits < 7 || how->directory_bits > 14 ||
        how->rid_pasid > HW_PASID_MAX)
        return PTW_INVAL;
    entry[0] = how->directory | PRESENT | hw_if(how->quiet, FPD) | hw_if(how->device_tlb, SCALABLE_DEVICE_TLB) |
               hw_if(how->pasid, SCALABLE_PASID) | hw_if(how->page_requests, SCALABLE_PAGE_REQUESTS) |
               (uint64_t)(how->directory_bits - 7) << SCALABLE_PDTS_SHIFT;
    entry[1] = how->rid_pasid | hw_if(how->rid_privileged, SCALABLE_RID_PRIVILEGED);
    entry[2] = 0;
    entry[3] = 0;
    return PTW_OK;
}

ptw_status ptw_vtd_pasid_directory(ptw_oa pasid_table, bool quiet, uint64_t *entry)
{
    if (!hw_is_address(pasid_table))
        return PTW_INVAL;
    *entry = pasid_table | PRESENT | hw_if(quiet, FPD);
    return PTW_OK;
}

/* -------------------------------------------------------------------------- VT-d: context and PASID entries --- */

#define TT_SHIFT 2U
enum { TT_UNTRANSLATED, TT_DEVICE_TLB, TT_PASS, TT_RESERVED };

#define CONTEXT_LOW_RESERVED PTW_BITS(11, 4)
#define CONTEXT_HIGH_RESERVED (PTW_BIT(7) | PTW_BITS(63, 24))
#define CONTEXT_DOMAIN_SHIFT 8U

#define AW_OF(levels) ((levels)-2U)
#define PASID_AW_SHIFT 2U
#define PASID_PGTT_SHIFT 6U
enum { PGTT_FIRST = 1, PGTT_SECOND = 2, PGTT_NESTED = 3, PGTT_PASS = 4 };
#define PASID_SSADE PTW_BIT(9)
#define PASID_RESERVED_0 PTW_BITS(11, 10) /* seen in one source, as are bits 11:8 of word 2 */
#define PASID_PWSNP PTW_BIT(23)           /* word 1 */
#define PASID_PGSNP PTW_BIT(24)
#define PASID_SRE PTW_BIT(0) /* word 2 */
#define PASID_FSPM_SHIFT 2U
#define PASID_WPE PTW_BIT(4)
#define PASID_EAFE PTW_BIT(7)
#define PASID_RESERVED_2 PTW_BITS(11, 8)

#define CAP_2M PTW_BIT(34)
#define CAP_1G PTW_BIT(35)
#define CAP_FIRST_1G PTW_BIT(56)
#define CAP_FIRST_5 PTW_BIT(60)
#define ECAP_DEVICE_TLB PTW_BIT(2)
#define ECAP_SNOOP PTW_BIT(7)
#define ECAP_SSADS PTW_BIT(45)

static bool is_levels(unsigned levels)
{
    return levels >= 3 && levels <= 5;
}

/* AW for pass-through is the largest there is: seen in one source. */
ptw_status ptw_vtd_context(const struct ptw_table *t, const struct ptw_vtd_context *how, uint64_t entry[2])
{
    const uint64_t tt = t == NULL ? TT_PASS : how->device_tlb ? TT_DEVICE_TLB : TT_UNTRANSLATED;

    if (t != NULL && (!hw_is(t, &ptw_vtd_ss) || hw_has(t, PTW_OPT_AD)))
        return PTW_UNSUPPORTED;
    if (how->domain > HW_DOMAIN_MAX || (t == NULL && (!is_levels(how->levels) || how->device_tlb)))
        return PTW_INVAL;
    if (t != NULL && !hw_is_address(t->root_pa))
        return PTW_RANGE;
    entry[0] = (t != NULL ? t->root_pa : 0) | PRESENT | hw_if(how->quiet, FPD) | tt << TT_SHIFT;
    entry[1] = AW_OF(t != NULL ? t->geo.top + 1 : how->levels) | (uint64_t)how->domain << CONTEXT_DOMAIN_SHIFT;
    return PTW_OK;
}

/* Pass-through has the AW of legacy mode: seen in one source. */
static uint64_t pasid_low(const struct ptw_table *first, const struct ptw_table *second,
                          const struct ptw_vtd_pasid *how)
{
    if (second != NULL)
        return second->root_pa | hw_if(hw_has(second, PTW_OPT_AD), PASID_SSADE) |
               (uint64_t)AW_OF(second->geo.top + 1) << PASID_AW_SHIFT |
               (uint64_t)(first != NULL ? PGTT_NESTED : PGTT_SECOND) << PASID_PGTT_SHIFT;
    if (first != NULL)
        return (uint64_t)PGTT_FIRST << PASID_PGTT_SHIFT;
    return (uint64_t)PGTT_PASS << PASID_PGTT_SHIFT | (uint64_t)AW_OF(how->levels) << PASID_AW_SHIFT;
}

static uint64_t pasid_first(const struct ptw_table *first, const struct ptw_vtd_pasid *how)
{
    if (first == NULL)
        return 0;
    return first->root_pa | hw_if(how->supervisor, PASID_SRE) | hw_if(how->write_protection, PASID_WPE) |
           hw_if(hw_has(first, PTW_OPT_VTD_EA), PASID_EAFE) | (uint64_t)(first->geo.top - 3) << PASID_FSPM_SHIFT;
}

ptw_status ptw_vtd_pasid(const struct ptw_table *first, const struct ptw_table *second, const struct ptw_vtd_pasid *how,
                         uint64_t entry[8])
{
    const bool for_first = how->snoop_pages || how->supervisor || how->write_protection;

    if ((first != NULL && !hw_is(first, &ptw_vtd_fs)) || (second != NULL && !hw_is(second, &ptw_vtd_ss)))
        return PTW_UNSUPPORTED;
    if (how->domain > HW_DOMAIN_MAX || (first == NULL && for_first) ||
        (first == NULL && second == NULL && !is_levels(how->levels)))
        return PTW_INVAL;
    if ((first != NULL && !hw_is_address(first->root_pa)) || (second != NULL && !hw_is_address(second->root_pa)))
        return PTW_RANGE;
    entry[0] = pasid_low(first, second, how) | PRESENT | hw_if(how->quiet, FPD);
    entry[1] = how->domain | hw_if(how->snoop_walks, PASID_PWSNP) | hw_if(how->snoop_pages, PASID_PGSNP);
    entry[2] = pasid_first(first, how);
    entry[3] = 0;
    entry[4] = 0;
    entry[5] = 0;
    entry[6] = 0;
    entry[7] = 0;
    return PTW_OK;
}

/* ------------------------------------------------------------------------------------------- VT-d: and back --- */

/* What is known; what isn't is taken to be there. MGAW is the highest input bit, not the number of bits. */
struct vtd_known {
    uint64_t cap, ecap;
    unsigned haw, mgaw;
};

static struct vtd_known vtd_known(const struct ptw_vtd_registers *regs)
{
    struct vtd_known known = {.cap = ~UINT64_C(0), .ecap = ~UINT64_C(0), .haw = HW_OA_MAX, .mgaw = 64};

    if (regs != NULL && regs->cap != 0) {
        known.cap = regs->cap;
        known.mgaw = (unsigned)hw_field(regs->cap, 21, 16) + 1;
    }
    if (regs != NULL && regs->ecap != 0)
        known.ecap = regs->ecap;
    if (regs != NULL && regs->haw != 0)
        known.haw = regs->haw;
    return known;
}

/* A second-stage table from its address, the code of its width and SSADE. */
static ptw_status second_root(ptw_oa pa, unsigned aw, bool ad, const struct vtd_known *known, struct ptw_root *root,
                              const char **why)
{
    struct ptw_config c = {.options = ptw_vtd_ss.defaults.options};
    const unsigned levels = aw + 2, shift = 12 + 9 * (levels - 1);

    if (aw < 1 || aw > 3)
        return hw_refuse(why, PTW_INVAL, "AW: 0 and 4 ... 7 are no widths");
    if ((known->cap & PTW_BIT(8 + aw)) == 0)
        return hw_refuse(why, PTW_INVAL, "AW: a width that the hardware does not have (CAP.SAGAW)");
    if (ad && (known->ecap & ECAP_SSADS) == 0)
        return hw_refuse(why, PTW_INVAL, "SSADE: the hardware has no A and D (ECAP.SSADS)");
    if (!hw_is_width(known->haw))
        return hw_refuse(why, PTW_INVAL, "haw: 32 ... 52 bits");
    if ((pa & ~ptw_low_mask(known->haw)) != 0)
        return hw_refuse(why, PTW_INVAL, "the table has address bits above the host address width");
    if (known->mgaw <= shift)
        return hw_refuse(why, PTW_UNSUPPORTED, "AW: a root of which the hardware uses one entry (CAP.MGAW)");
    c.levels = levels;
    c.ia = known->mgaw < shift + 9 ? known->mgaw : 0;
    c.oa = known->haw;
    if ((known->cap & CAP_1G) == 0)
        c.leaf = PTW_BIT((known->cap & CAP_2M) != 0 ? 21 : 12);
    c.options |= hw_if(ad, PTW_OPT_AD) | hw_if((known->ecap & ECAP_SNOOP) != 0, PTW_OPT_VTD_SNP) |
                 hw_if((known->ecap & ECAP_DEVICE_TLB) != 0, PTW_OPT_VTD_TM);
    return hw_found(root, why, &ptw_vtd_ss, &c, pa);
}

ptw_status ptw_vtd_context_root(const uint64_t entry[2], const struct ptw_vtd_registers *regs, struct ptw_root *root,
                                const char **why)
{
    const struct vtd_known known = vtd_known(regs);
    const uint64_t tt = hw_field(entry[0], 3, 2);

    if ((entry[0] & PRESENT) == 0)
        return hw_refuse(why, PTW_NOENT, "the context entry is not present");
    if (tt == TT_RESERVED)
        return hw_refuse(why, PTW_INVAL, "TT: 3 is reserved");
    if ((entry[0] & CONTEXT_LOW_RESERVED) != 0)
        return hw_refuse(why, PTW_INVAL, "bits 11:4 of a context entry are reserved");
    if ((entry[1] & CONTEXT_HIGH_RESERVED) != 0)
        return hw_refuse(why, PTW_INVAL, "bits 71 and 127:88 of a context entry are reserved");
    if (tt == TT_PASS)
        return hw_refuse(why, PTW_NOENT, "TT: 2 is pass-through, without a table");
    return second_root(entry[0] & PTW_BITS(63, 12), (unsigned)hw_field(entry[1], 2, 0), false, &known, root, why);
}

static ptw_status first_root(const uint64_t entry[8], const struct vtd_known *known, struct ptw_root *root,
                             const char **why)
{
    const uint64_t mode = hw_field(entry[2], 3, 2);
    const ptw_oa pa = entry[2] & PTW_BITS(63, 12);
    struct ptw_config c = {.options = ptw_vtd_fs.defaults.options};

    if ((entry[2] & PASID_RESERVED_2) != 0)
        return hw_refuse(why, PTW_INVAL, "bits 139:136 of a PASID entry are reserved");
    if (mode > 1)
        return hw_refuse(why, PTW_INVAL, "FSPM: 2 and 3 are reserved");
    if (mode == 1 && (known->cap & CAP_FIRST_5) == 0)
        return hw_refuse(why, PTW_INVAL, "FSPM: the hardware has no five levels (CAP.FL5LP)");
    if (!hw_is_width(known->haw))
        return hw_refuse(why, PTW_INVAL, "haw: 32 ... 52 bits");
    if ((pa & ~ptw_low_mask(known->haw)) != 0)
        return hw_refuse(why, PTW_INVAL, "the table has address bits above the host address width");
    c.levels = 4 + (unsigned)mode;
    c.oa = known->haw;
    if ((known->cap & CAP_FIRST_1G) == 0)
        c.leaf = PTW_BIT(21);
    c.options |= hw_if((entry[2] & PASID_EAFE) != 0, PTW_OPT_VTD_EA);
    return hw_found(root, why, &ptw_vtd_fs, &c, pa);
}

/* Bits of old revisions (execute, supervisor execution, memory types) are left alone: each was seen in one source. */
ptw_status ptw_vtd_pasid_root(const uint64_t entry[8], unsigned stage, const struct ptw_vtd_registers *regs,
                              struct ptw_root *root, const char **why)
{
    const struct vtd_known known = vtd_known(regs);
    const uint64_t pgtt = hw_field(entry[0], 8, 6);

    if (stage != 1 && stage != 2)
        return hw_refuse(why, PTW_INVAL, "stage: 1 or 2");
    if ((entry[0] & PRESENT) == 0)
        return hw_refuse(why, PTW_NOENT, "the PASID entry is not present");
    if (pgtt < PGTT_FIRST || pgtt > PGTT_PASS)
        return hw_refuse(why, PTW_INVAL, "PGTT: 0 and 5 ... 7 are reserved");
    if ((entry[0] & PASID_RESERVED_0) != 0)
        return hw_refuse(why, PTW_INVAL, "bits 11:10 of a PASID entry are reserved");
    if ((entry[3] | entry[4] | entry[5] | entry[6] | entry[7]) != 0)
        return hw_refuse(why, PTW_INVAL, "bits 511:192 of a PASID entry are reserved");
    if (pgtt == PGTT_PASS)
        return hw_refuse(why, PTW_NOENT, "PGTT: 4 is pass-through, without a table");
    if (stage == 1 && pgtt == PGTT_SECOND)
        return hw_refuse(why, PTW_NOENT, "PGTT: 2 has a second stage only");
    if (stage == 2 && pgtt == PGTT_FIRST)
        return hw_refuse(why, PTW_NOENT, "PGTT: 1 has a first stage only");
    if (stage == 1)
        return first_root(entry, &known, root, why);
    return second_root(entry[0] & PTW_BITS(63, 12), (unsigned)hw_field(entry[0], 4, 2), (entry[0] & PASID_SSADE) != 0,
                       &known, root, why);
}
