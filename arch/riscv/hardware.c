/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/riscv/hardware.c - satp and hgatp for a table, and the table that they name (ptw/riscv.h). Privileged
 * specification, "Supervisor-Level ISA", "Hypervisor Extension".
 */
#include "hardware.h"

#define PPN32 PTW_BITS(21, 0)
#define MODE32 PTW_BIT(31)
#define ASID32_SHIFT 22U
#define ASID64_BITS 16U
#define ASID32_BITS 9U
#define VMID64_BITS 14U
#define VMID32_BITS 7U

static ptw_status atp(const struct ptw_table *t, const struct ptw_format *const formats[MODES],
                      const struct ptw_format *narrow, unsigned id, const unsigned id_bits[2], uint64_t *word)
{
    const bool is_narrow = t->format == narrow;
    const uint64_t mode = is_narrow ? MODE32 : mode_of(formats, t) << MODE64_SHIFT;
    uint64_t ppn;

    if (mode == 0)
        return PTW_UNSUPPORTED;
    if (id >> id_bits[is_narrow] != 0)
        return PTW_INVAL;
    if (!ppn_of(t->root_pa, is_narrow ? PPN32 : PPN64, &ppn))
        return PTW_RANGE;
    *word = mode | (uint64_t)id << (is_narrow ? ASID32_SHIFT : ASID64_SHIFT) | ppn;
    return PTW_OK;
}

ptw_status ptw_riscv_satp(const struct ptw_table *t, unsigned asid, uint64_t *satp)
{
    static const unsigned bits[2] = {ASID64_BITS, ASID32_BITS};

    return atp(t, first_stage, &ptw_riscv_sv32, asid, bits, satp);
}

ptw_status ptw_riscv_hgatp(const struct ptw_table *t, unsigned vmid, uint64_t *hgatp)
{
    static const unsigned bits[2] = {VMID64_BITS, VMID32_BITS};

    return atp(t, second_stage, &ptw_riscv_sv32x4, vmid, bits, hgatp);
}

ptw_status ptw_riscv_root(uint64_t satp, unsigned xlen, struct ptw_root *root, const char **why)
{
    const struct ptw_format *format = format_of(first_stage, satp);
    const bool bare = (xlen == 32 ? satp & MODE32 : satp >> MODE64_SHIFT) == 0;

    if (xlen != 32 && xlen != 64)
        return refuse(why, "satp: XLEN is 32 or 64");
    if (xlen == 32 && satp >> 32 != 0)
        return refuse(why, "satp: with XLEN 32 it has 32 bits");
    if (satp != 0 && bare)
        return refuse(why, "satp: MODE is Bare, but another field is not 0");
    if (bare)
        return none(why, "satp: MODE is Bare, there is no table");
    if (xlen == 32)
        *root = root_of(&ptw_riscv_sv32, satp & PPN32);
    else if (format != NULL)
        *root = root_of(format, satp & PPN64);
    else
        return refuse(why, "satp: MODE is reserved; 8 Sv39, 9 Sv48 and 10 Sv57 are legal");
    return PTW_OK;
}

ptw_status ptw_riscv_gstage_root(uint64_t hgatp, unsigned xlen, struct ptw_root *root, const char **why)
{
    const struct ptw_format *format = format_of(second_stage, hgatp);
    const bool bare = (xlen == 32 ? hgatp & MODE32 : hgatp >> MODE64_SHIFT) == 0;

    if (xlen != 32 && xlen != 64)
        return refuse(why, "hgatp: XLEN is 32 or 64");
    if (xlen == 32 && hgatp >> 32 != 0)
        return refuse(why, "hgatp: with XLEN 32 it has 32 bits");
    if (hgatp != 0 && bare)
        return refuse(why, "hgatp: MODE is Bare, but another field is not 0");
    if (bare)
        return none(why, "hgatp: MODE is Bare, there is no table");
    if (xlen == 64 && format == NULL)
        return refuse(why, "hgatp: MODE is reserved; 8 Sv39x4, 9 Sv48x4 and 10 Sv57x4 are legal");
    if ((hgatp & (xlen == 32 ? PTW_BITS(30, 29) : PTW_BITS(59, 58))) != 0)
        return refuse(why, "hgatp: the bits between MODE and VMID must be 0");
    if ((hgatp & GSTAGE_ROOT_MASK) != 0)
        return refuse(why, "hgatp: PPN[1:0] must be 0, the root has 16 KiB");
    *root = xlen == 32 ? root_of(&ptw_riscv_sv32x4, hgatp & PPN32) : root_of(format, hgatp & PPN64);
    return PTW_OK;
}
