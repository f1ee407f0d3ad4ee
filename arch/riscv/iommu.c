/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/riscv/iommu.c - device and process contexts and directory entries of the RISC-V IOMMU for tables, and the tables
 * that they name (ptw/riscv.h). IOMMU specification, "Device-Context fields", "Process-Context fields".
 */
#include "hardware.h"

#define DIRECTORY_PPN_SHIFT 10U /* in ddtp and directory entries */
#define DIRECTORY_PPN PTW_BITS(53, 10)

#define TC_V PTW_BIT(0)
#define TC_PDTV PTW_BIT(5)
#define TC_GADE PTW_BIT(7)
#define TC_SBE PTW_BIT(10)
#define TC_SXL PTW_BIT(11)
#define TC_RESERVED (PTW_BITS(63, 32) | PTW_BITS(23, 12))
#define TC_PARAMETERS                                                                                                  \
    (PTW_RISCV_TC_EN_ATS | PTW_RISCV_TC_EN_PRI | PTW_RISCV_TC_T2GPA | PTW_RISCV_TC_DTF | PTW_RISCV_TC_PRPR |           \
     PTW_RISCV_TC_SADE | PTW_RISCV_TC_DPE)
#define TA_PSCID_SHIFT 12U
#define TA_RESERVED (PTW_BITS(39, 32) | PTW_BITS(11, 0)) /* above are RCID and MCID */
#define PSCID_BITS 20U
#define GSCID_BITS 16U
#define PC_V PTW_BIT(0)
#define FSC_RESERVED PTW_BITS(59, 44)

/* Bare: no table. Compilers would make a call of memset out of a whole one. */
static void set_bare(struct ptw_root *root)
{
    root->format = NULL;
    root->config.levels = 0;
    root->config.ia = 0;
    root->config.oa = 0;
    root->config.granule = 0;
    root->config.leaf = 0;
    root->config.c_bit = 0;
    root->config.options = 0;
    root->pa = 0;
}

static bool is_first_stage(const struct ptw_table *t)
{
    return t == NULL || t->format == &ptw_riscv_sv32 || mode_of(first_stage, t) != 0;
}

static bool is_second_stage(const struct ptw_table *t)
{
    return t == NULL || t->format == &ptw_riscv_sv32x4 || mode_of(second_stage, t) != 0;
}

/* iosatp or iohgatp without its GSCID, and Bare for NULL. */
static bool iommu_atp(const struct ptw_table *t, const struct ptw_format *const formats[MODES], uint64_t *word)
{
    uint64_t mode, ppn;

    *word = 0;
    if (t == NULL)
        return true;
    mode = mode_of(formats, t);
    if (!ppn_of(t->root_pa, PPN64, &ppn))
        return false;
    *word = (mode != 0 ? mode : MODE_FIRST) << MODE64_SHIFT | ppn;
    return true;
}

static bool has_ad(const struct ptw_table *t)
{
    return t != NULL && (t->geo.options & PTW_OPT_AD) != 0;
}

/* What the bits of a tc need of each other. That PRPR needs EN_PRI and T2GPA a second stage: general knowledge. */
static const char *tc_objection(uint64_t tc, bool second)
{
    if ((tc & (PTW_RISCV_TC_EN_PRI | PTW_RISCV_TC_T2GPA)) != 0 && (tc & PTW_RISCV_TC_EN_ATS) == 0)
        return "tc: EN_PRI or T2GPA without EN_ATS";
    if ((tc & PTW_RISCV_TC_PRPR) != 0 && (tc & PTW_RISCV_TC_EN_PRI) == 0)
        return "tc: PRPR without EN_PRI";
    if ((tc & PTW_RISCV_TC_T2GPA) != 0 && !second)
        return "tc: T2GPA without a second stage";
    if ((tc & PTW_RISCV_TC_DPE) != 0 && (tc & TC_PDTV) == 0)
        return "tc: DPE without PDTV";
    return NULL;
}

/* A process directory stands in place of a first stage. */
static bool directory_fits(const struct ptw_table *first, const struct ptw_riscv_dc_parameters *p, uint64_t *pdtp)
{
    uint64_t ppn;

    *pdtp = 0;
    if (p->pdt_levels == 0)
        return p->pdt == 0 && (p->tc & PTW_RISCV_TC_SADE) == 0;
    if (first != NULL || p->pdt_levels > 3 || !ppn_of(p->pdt, PPN64, &ppn))
        return false;
    *pdtp = (uint64_t)p->pdt_levels << MODE64_SHIFT | ppn;
    return true;
}

ptw_status ptw_riscv_iommu_dc(const struct ptw_table *first, const struct ptw_table *second,
                              const struct ptw_riscv_dc_parameters *p, uint64_t dc[4])
{
    const bool gxl = second != NULL && second->format == &ptw_riscv_sv32x4;
    const bool sxl = gxl || (first != NULL && first->format == &ptw_riscv_sv32);
    uint64_t iosatp, iohgatp, pdtp, tc;

    if (!is_first_stage(first) || !is_second_stage(second))
        return PTW_UNSUPPORTED;
    if ((p->tc & ~TC_PARAMETERS) != 0 || p->pscid >> PSCID_BITS != 0 || p->gscid >> GSCID_BITS != 0 ||
        !directory_fits(first, p, &pdtp) || (second == NULL && p->gscid != 0) ||
        (gxl && first != NULL && first->format != &ptw_riscv_sv32))
        return PTW_INVAL;
    if (!iommu_atp(first, first_stage, &iosatp) || !iommu_atp(second, second_stage, &iohgatp))
        return PTW_RANGE;
    tc = p->tc | TC_V | (pdtp != 0 ? TC_PDTV : 0) | (sxl ? TC_SXL : 0) | (has_ad(first) ? PTW_RISCV_TC_SADE : 0) |
         (has_ad(second) ? TC_GADE : 0);
    if (tc_objection(tc, second != NULL) != NULL)
        return PTW_INVAL;
    dc[0] = tc;
    dc[1] = iohgatp | (uint64_t)p->gscid << ASID64_SHIFT;
    dc[2] = (uint64_t)p->pscid << TA_PSCID_SHIFT;
    dc[3] = pdtp != 0 ? pdtp : iosatp;
    return PTW_OK;
}

ptw_status ptw_riscv_iommu_pc(const struct ptw_table *first, unsigned pscid, uint64_t flags, uint64_t pc[2])
{
    uint64_t iosatp;

    if (!is_first_stage(first))
        return PTW_UNSUPPORTED;
    if (pscid >> PSCID_BITS != 0 || (flags & ~(PTW_RISCV_PC_ENS | PTW_RISCV_PC_SUM)) != 0)
        return PTW_INVAL;
    if (!iommu_atp(first, first_stage, &iosatp))
        return PTW_RANGE;
    pc[0] = PC_V | flags | (uint64_t)pscid << TA_PSCID_SHIFT;
    pc[1] = iosatp;
    return PTW_OK;
}

ptw_status ptw_riscv_iommu_ddtp(ptw_oa pa, unsigned levels, uint64_t *ddtp)
{
    uint64_t ppn;

    if (levels < 1 || levels > 3 || !ppn_of(pa, PPN64, &ppn))
        return PTW_INVAL;
    *ddtp = ppn << DIRECTORY_PPN_SHIFT | (levels + 1U);
    return PTW_OK;
}

ptw_status ptw_riscv_iommu_ddt(ptw_oa pa, uint64_t *entry)
{
    uint64_t ppn;

    if (!ppn_of(pa, PPN64, &ppn))
        return PTW_INVAL;
    *entry = ppn << DIRECTORY_PPN_SHIFT | 1U;
    return PTW_OK;
}

/* The first stage that a fsc names under the tc. */
static ptw_status fsc_root(uint64_t fsc, uint64_t tc, struct ptw_root *first, const char **why)
{
    const bool narrow = (tc & TC_SXL) != 0;
    const struct ptw_format *format = format_of(first_stage, fsc);

    if ((fsc & FSC_RESERVED) != 0)
        return refuse(why, "fsc: bits 59:44 must be 0");
    set_bare(first);
    if (fsc >> MODE64_SHIFT == 0)
        return PTW_OK;
    if ((tc & TC_SBE) != 0) {
        (void)refuse(why, "tc: SBE is 1, big-endian tables are not supported");
        return PTW_UNSUPPORTED;
    }
    if (narrow && format == first_stage[0])
        format = &ptw_riscv_sv32;
    else if (narrow || format == NULL)
        return refuse(why, narrow ? "fsc: with SXL MODE is 0 or 8" : "fsc: MODE is none of 0, 8, 9, 10");
    *first = root_of(format, fsc & PPN64);
    first->config.options |= (tc & PTW_RISCV_TC_SADE) != 0 ? PTW_OPT_AD : 0;
    return PTW_OK;
}

static ptw_status iohgatp_root(uint64_t iohgatp, uint64_t tc, bool gxl, struct ptw_root *second, const char **why)
{
    const struct ptw_format *format = format_of(second_stage, iohgatp);

    set_bare(second);
    if (iohgatp >> MODE64_SHIFT == 0)
        return PTW_OK;
    if (gxl && format == second_stage[0])
        format = &ptw_riscv_sv32x4;
    else if (gxl || format == NULL)
        return refuse(why, gxl ? "iohgatp: with GXL MODE is 0 or 8" : "iohgatp: MODE is none of 0, 8, 9, 10");
    if ((iohgatp & GSTAGE_ROOT_MASK) != 0)
        return refuse(why, "iohgatp: PPN[1:0] must be 0, the root has 16 KiB");
    *second = root_of(format, iohgatp & PPN64);
    second->config.options |= (tc & TC_GADE) != 0 ? PTW_OPT_AD : 0;
    return PTW_OK;
}

ptw_status ptw_riscv_iommu_dc_roots(const uint64_t dc[4], bool gxl, struct ptw_root *first, struct ptw_root *second,
                                    const char **why)
{
    const char *objection = tc_objection(dc[0], dc[1] >> MODE64_SHIFT != 0);
    struct ptw_root found[2];
    ptw_status status;

    if ((dc[0] & TC_V) == 0)
        return none(why, "tc: V is 0");
    if ((dc[0] & TC_RESERVED) != 0)
        return refuse(why, "tc: bits 63:32 and 23:12 must be 0");
    if (objection != NULL)
        return refuse(why, objection);
    if ((dc[2] & TA_RESERVED) != 0)
        return refuse(why, "ta: bits 39:32 and 11:0 must be 0");
    set_bare(&found[0]);
    status = iohgatp_root(dc[1], dc[0], gxl, &found[1], why);
    if (status == PTW_OK && (dc[0] & TC_PDTV) == 0)
        status = fsc_root(dc[3], dc[0], &found[0], why);
    else if (status == PTW_OK && ((dc[3] & FSC_RESERVED) != 0 || dc[3] >> MODE64_SHIFT > 3))
        status = refuse(why, "fsc: MODE of a process directory is none of 0 ... 3, or bits 59:44 are not 0");
    if (status != PTW_OK)
        return status;
    *first = found[0];
    *second = found[1];
    return PTW_OK;
}

ptw_status ptw_riscv_iommu_pc_root(const uint64_t pc[2], uint64_t tc, struct ptw_root *first, const char **why)
{
    struct ptw_root found;
    ptw_status status;

    if ((pc[0] & PC_V) == 0)
        return none(why, "PC.ta: V is 0");
    if ((pc[0] & (PTW_BITS(63, 32) | PTW_BITS(11, 3))) != 0)
        return refuse(why, "PC.ta: bits 63:32 and 11:3 must be 0");
    status = fsc_root(pc[1], tc, &found, why);
    if (status == PTW_OK)
        *first = found;
    return status;
}

ptw_status ptw_riscv_iommu_ddt_next(uint64_t entry, ptw_oa *pa, const char **why)
{
    if ((entry & 1) == 0)
        return none(why, "device directory: V is 0");
    if ((entry & ~(DIRECTORY_PPN | 1U)) != 0)
        return refuse(why, "device directory: bits 63:54 and 9:1 must be 0");
    *pa = (entry & DIRECTORY_PPN) >> DIRECTORY_PPN_SHIFT << PAGE_SHIFT;
    return PTW_OK;
}
