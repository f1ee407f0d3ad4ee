/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/x86/hardware.c - CR3, nCR3 and EPTP, from a table and back. Intel SDM vol 3A, "Paging", and vol 3C, "VMX Support for
 * Address Translation"; AMD APM vol 2, 5 and 15.25.
 *
 *          63   62:61  60:M  M-1:12  11:8  7    6   5:3         2:0
 *   CR3    keep LAM    0     root    PCID, or PCD (4) and PWT (3); the root of PAE is bits 31:5, of 32-bit paging 31:12
 *   nCR3   0    0      0     root    0     0    0   PCD PWT 0   0
 *   EPTP   0    0      0     root    0     SSS  A/D levels - 1  memory type
 */
#include "hardware.h"

/* Mode bits: all were seen in one source. */
#define CR0_PE PTW_BIT(0)
#define CR0_WP PTW_BIT(16)
#define CR0_PG PTW_BIT(31)
#define CR4_PSE PTW_BIT(4)
#define CR4_PAE PTW_BIT(5)
#define CR4_LA57 PTW_BIT(12)
#define CR4_PCIDE PTW_BIT(17)
#define CR4_PKE PTW_BIT(22)
#define CR4_CET PTW_BIT(23)
#define CR4_PKS PTW_BIT(24)
#define EFER_LME PTW_BIT(8)
#define EFER_LMA PTW_BIT(10)
#define EFER_NXE PTW_BIT(11)

#define CR3_PWT PTW_BIT(3)
#define CR3_PCD PTW_BIT(4)
#define CR3_PCID PTW_BITS(11, 0)
#define CR3_LAM PTW_BITS(62, 61) /* these two and bit 63: seen in one source */
#define CR3_KEEP PTW_BIT(63)
#define CR3_PAE PTW_BITS(31, 5)
#define CR3_32 PTW_BITS(31, 12)
#define PSE36_BITS 40U

#define EPTP_TYPE PTW_BITS(2, 0)
#define EPTP_UC 0U
#define EPTP_WB 6U
#define EPTP_WALK_SHIFT 3U
#define EPTP_AD PTW_BIT(6)
#define EPTP_SSS PTW_BIT(7)
#define EPTP_RESERVED PTW_BITS(11, 8)

/* IA32_VMX_EPT_VPID_CAP; bits 7 and 23 were seen in one source each. */
#define CAP_EXEC_ONLY PTW_BIT(0)
#define CAP_WALK(levels) PTW_BIT((levels) + 2U)
#define CAP_UC PTW_BIT(8)
#define CAP_WB PTW_BIT(14)
#define CAP_2M PTW_BIT(16)
#define CAP_1G PTW_BIT(17)
#define CAP_AD PTW_BIT(21)
#define CAP_SSS PTW_BIT(23)

#define SECONDARY_MBEC PTW_BIT(22)
#define SECONDARY_SPP PTW_BIT(23)
#define TERTIARY_PW PTW_BIT(2)
#define TERTIARY_VGP PTW_BIT(3)

/* ------------------------------------------------------------------------------------------------ from tables --- */

/* The registers of a table with words of x86-64, all but CR3's low bits. table_or is the C-bit and nothing else. */
static void long_mode(const struct ptw_table *t, struct ptw_x86_registers *regs)
{
    regs->cr0 = CR0_PE | CR0_WP | CR0_PG;
    regs->cr3 = t->root_pa | t->geo.table_or;
    regs->cr4 = CR4_PAE | hw_if(t->geo.top == 4, CR4_LA57);
    regs->efer = EFER_LME | EFER_LMA | hw_if(hw_has(t, PTW_OPT_X86_NX), EFER_NXE);
    regs->maxphyaddr = t->geo.oa_bits;
    regs->c_bit = t->geo.table_or != 0 ? ptw_low_bit(t->geo.table_or) : 0;
}

static bool is_cr3(const struct ptw_x86_cr3 *how, bool is_long)
{
    if (how->pcide)
        return is_long && how->pcid <= CR3_PCID && !how->pwt && !how->pcd;
    return how->pcid == 0 && !how->keep;
}

ptw_status ptw_x86_cr3(const struct ptw_table *t, const struct ptw_x86_cr3 *how, struct ptw_x86_registers *regs)
{
    static const struct ptw_x86_cr3 plain = {0};
    const bool is_long = hw_is(t, &ptw_x86_64), is_pae = hw_is(t, &ptw_x86_pae), is_32 = hw_is(t, &ptw_x86_32);
    const ptw_oa field = is_long ? HW_ADDRESS : is_pae ? CR3_PAE : CR3_32;

    if (how == NULL)
        how = &plain;
    if (!is_long && !is_pae && !is_32)
        return PTW_UNSUPPORTED;
    if (!is_cr3(how, is_long))
        return PTW_INVAL;
    if ((t->root_pa & ~field) != 0)
        return PTW_RANGE;
    long_mode(t, regs);
    regs->cr3 |= how->pcid | hw_if(how->keep, CR3_KEEP) | hw_if(how->pwt, CR3_PWT) | hw_if(how->pcd, CR3_PCD);
    regs->cr4 |= hw_if(how->pcide, CR4_PCIDE) | hw_if(is_long && hw_has(t, PTW_OPT_X86_CET), CR4_CET);
    if (!is_long)
        regs->efer &= EFER_NXE;
    if (is_32) {
        regs->cr4 = hw_if(hw_has(t, PTW_OPT_X86_PSE), CR4_PSE);
        regs->efer = 0;
        regs->maxphyaddr = hw_has(t, PTW_OPT_X86_PSE36) ? PSE36_BITS : HW_OA_MIN;
    }
    return PTW_OK;
}

ptw_status ptw_npt_ncr3(const struct ptw_table *t, struct ptw_x86_registers *regs)
{
    if (!hw_is(t, &ptw_npt))
        return PTW_UNSUPPORTED;
    if (!hw_is_address(t->root_pa))
        return PTW_RANGE;
    long_mode(t, regs);
    return PTW_OK;
}

ptw_status ptw_ept_eptp(const struct ptw_table *t, ptw_attr type, struct ptw_ept_registers *regs)
{
    const bool is_wb = type == PTW_MT_WB;
    const unsigned top = t->geo.top;

    if (!hw_is(t, &ptw_ept))
        return PTW_UNSUPPORTED;
    if (!is_wb && type != PTW_MT_UC)
        return PTW_INVAL;
    if (!hw_is_address(t->root_pa))
        return PTW_RANGE;
    regs->eptp = t->root_pa | (is_wb ? EPTP_WB : EPTP_UC) | (uint64_t)top << EPTP_WALK_SHIFT |
                 hw_if(hw_has(t, PTW_OPT_AD), EPTP_AD) | hw_if(hw_has(t, PTW_OPT_EPT_SSS), EPTP_SSS);
    regs->cap = CAP_WALK(top + 1) | (is_wb ? CAP_WB : CAP_UC) | hw_if(t->geo.max_leaf >= 1, CAP_2M) |
                hw_if(t->geo.max_leaf >= 2, CAP_1G) | hw_if(hw_has(t, PTW_OPT_AD), CAP_AD) |
                hw_if(hw_has(t, PTW_OPT_EPT_SSS), CAP_SSS) | hw_if(hw_has(t, PTW_OPT_EPT_EXEC_ONLY), CAP_EXEC_ONLY);
    regs->secondary =
        hw_if(hw_has(t, PTW_OPT_EPT_MBEC), SECONDARY_MBEC) | hw_if(hw_has(t, PTW_OPT_EPT_SPP), SECONDARY_SPP);
    regs->tertiary = hw_if(hw_has(t, PTW_OPT_EPT_PW), TERTIARY_PW) | hw_if(hw_has(t, PTW_OPT_EPT_VGP), TERTIARY_VGP);
    regs->maxphyaddr = t->geo.oa_bits;
    return PTW_OK;
}

ptw_status ptw_tdx_shared_eptp(const struct ptw_table *t, uint64_t *pointer)
{
    if (!hw_is(t, &ptw_ept))
        return PTW_UNSUPPORTED;
    if (!hw_is_address(t->root_pa))
        return PTW_RANGE;
    *pointer = t->root_pa;
    return PTW_OK;
}

/* -------------------------------------------------------------------------------------------------- to tables --- */

enum mode { MODE_LONG, MODE_PAE, MODE_32 };

static bool nothing_but_cr3(const struct ptw_x86_registers *regs)
{
    return regs->cr0 == 0 && regs->cr4 == 0 && regs->efer == 0;
}

static bool efer_unknown(const struct ptw_x86_registers *regs)
{
    return regs->cr0 == 0 && regs->efer == 0;
}

static enum mode mode_of(const struct ptw_x86_registers *regs)
{
    if (nothing_but_cr3(regs))
        return MODE_LONG;
    if ((regs->cr4 & CR4_PAE) == 0)
        return MODE_32;
    return efer_unknown(regs) || (regs->efer & (EFER_LME | EFER_LMA)) != 0 ? MODE_LONG : MODE_PAE;
}

/* What is wrong with the registers besides CR3. */
static ptw_status check_mode(const struct ptw_x86_registers *regs, const char **why)
{
    if (regs->cr0 != 0 && (regs->cr0 & CR0_PG) == 0)
        return hw_refuse(why, PTW_NOENT, "CR0.PG is 0: paging is off");
    if (mode_of(regs) == MODE_32 && (regs->efer & EFER_LMA) != 0)
        return hw_refuse(why, PTW_INVAL, "EFER.LMA without CR4.PAE: no processor is in this mode");
    if (!hw_is_width(regs->maxphyaddr))
        return hw_refuse(why, PTW_INVAL, "maxphyaddr: 32 ... 52 bits");
    if (regs->c_bit != 0 && (regs->c_bit < HW_OA_MIN || regs->c_bit >= HW_OA_MAX))
        return hw_refuse(why, PTW_INVAL, "c_bit: bit 32 ... 51");
    return PTW_OK;
}

/* The configuration that the tables of long mode share; `c` has the format's defaults. The C-bit is above all others. */
static void long_config(const struct ptw_x86_registers *regs, struct ptw_config *c)
{
    c->levels = (regs->cr4 & CR4_LA57) != 0 ? 5 : 4;
    c->oa = hw_width(regs->maxphyaddr);
    c->c_bit = regs->c_bit;
    if (c->c_bit != 0 && c->oa > c->c_bit)
        c->oa = c->c_bit;
    if (!efer_unknown(regs) && (regs->efer & EFER_NXE) == 0)
        c->options &= ~PTW_OPT_X86_NX;
}

/* The address in CR3 or nCR3, or a reason. `others` are the bits from 12 up that mean something else. */
static ptw_status long_root(const struct ptw_x86_registers *regs, uint64_t others, const struct ptw_config *c,
                            ptw_oa *pa, const char **why)
{
    const uint64_t cr3 = regs->cr3 & ~(others | PTW_BITS(11, 0) | hw_if(c->c_bit != 0, PTW_BIT(c->c_bit)));

    if ((cr3 & ~ptw_low_mask(c->oa)) != 0)
        return hw_refuse(why, PTW_INVAL, "the root has address bits above the physical address width");
    *pa = cr3;
    return PTW_OK;
}

static ptw_status x86_64_root(const struct ptw_x86_registers *regs, struct ptw_root *root, const char **why)
{
    const bool has_pcid = (regs->cr4 & CR4_PCIDE) != 0;
    struct ptw_config c = {.options = ptw_x86_64.defaults.options};
    ptw_oa pa;
    ptw_status status;

    long_config(regs, &c);
    if (!nothing_but_cr3(regs)) {
        if ((regs->cr4 & (CR4_PKE | CR4_PKS)) == 0)
            c.options &= ~PTW_OPT_X86_PKEYS;
        if ((regs->cr4 & CR4_CET) != 0)
            c.options |= PTW_OPT_X86_CET;
        if ((regs->cr3 & CR3_KEEP) != 0 && !has_pcid)
            return hw_refuse(why, PTW_INVAL, "CR3 bit 63 is reserved without CR4.PCIDE");
    }
    status = long_root(regs, CR3_LAM | CR3_KEEP, &c, &pa, why);
    return status == PTW_OK ? hw_found(root, why, &ptw_x86_64, &c, pa) : status;
}

/* Without a C-bit: the output that has it is out of range, then. */
static ptw_status pae_root(const struct ptw_x86_registers *regs, struct ptw_root *root, const char **why)
{
    struct ptw_config c = {.options = ptw_x86_pae.defaults.options};

    if (regs->cr3 >> 32 != 0)
        return hw_refuse(why, PTW_INVAL, "CR3 has 32 bits with PAE paging (EFER.LMA is 0)");
    long_config(regs, &c);
    c.levels = 3;
    c.c_bit = 0;
    return hw_found(root, why, &ptw_x86_pae, &c, regs->cr3 & CR3_PAE);
}

static ptw_status x86_32_root(const struct ptw_x86_registers *regs, struct ptw_root *root, const char **why)
{
    struct ptw_config c = {.options = ptw_x86_32.defaults.options};

    if (regs->cr3 >> 32 != 0)
        return hw_refuse(why, PTW_INVAL, "CR3 has 32 bits with 32-bit paging (CR4.PAE is 0)");
    c.levels = 2;
    c.oa = 32;
    if ((regs->cr4 & CR4_PSE) == 0)
        c.options &= ~PTW_OPT_X86_PSE;
    if (regs->maxphyaddr == HW_OA_MIN)
        c.options &= ~PTW_OPT_X86_PSE36;
    return hw_found(root, why, &ptw_x86_32, &c, regs->cr3 & CR3_32);
}

ptw_status ptw_x86_root(const struct ptw_x86_registers *regs, struct ptw_root *root, const char **why)
{
    const ptw_status status = check_mode(regs, why);

    if (status != PTW_OK)
        return status;
    switch (mode_of(regs)) {
    case MODE_LONG:
        return x86_64_root(regs, root, why);
    case MODE_PAE:
        return pae_root(regs, root, why);
    case MODE_32:
        break;
    }
    return x86_32_root(regs, root, why);
}

/* Bits 11:0 are ignored, as in CR3: that they are reserved was seen nowhere. */
ptw_status ptw_npt_root(const struct ptw_x86_registers *regs, struct ptw_root *root, const char **why)
{
    struct ptw_config c = {.options = ptw_npt.defaults.options};
    ptw_status status = check_mode(regs, why);
    ptw_oa pa;

    if (status != PTW_OK)
        return status;
    if (mode_of(regs) != MODE_LONG)
        return hw_refuse(why, PTW_UNSUPPORTED, "nested tables of a host outside of long mode");
    long_config(regs, &c);
    status = long_root(regs, 0, &c, &pa, why);
    return status == PTW_OK ? hw_found(root, why, &ptw_npt, &c, pa) : status;
}

/* What is wrong with an EPTP; an illegal one fails VM entry. */
static const char *eptp_objection(const struct ptw_ept_registers *regs)
{
    const uint64_t eptp = regs->eptp, type = eptp & EPTP_TYPE, levels = hw_field(eptp, 5, 3) + 1;
    const uint64_t cap = regs->cap == 0 ? ~UINT64_C(0) : regs->cap;

    if (!hw_is_width(regs->maxphyaddr))
        return "maxphyaddr: 32 ... 52 bits";
    if (type != EPTP_UC && type != EPTP_WB)
        return "EPTP bits 2:0: a reserved memory type, neither UC (0) nor WB (6)";
    if (levels != 4 && levels != 5)
        return "EPTP bits 5:3: a walk length that is neither 3 nor 4";
    if ((eptp & EPTP_RESERVED) != 0)
        return "EPTP bits 11:8 are reserved";
    if ((eptp & ~ptw_low_mask(hw_width(regs->maxphyaddr))) != 0)
        return "EPTP bits above the physical address width are reserved";
    if ((cap & (type == EPTP_WB ? CAP_WB : CAP_UC)) == 0)
        return "EPTP bits 2:0: a memory type that the processor does not have";
    if ((cap & CAP_WALK((unsigned)levels)) == 0)
        return "EPTP bits 5:3: a walk length that the processor does not have";
    if ((eptp & EPTP_AD) != 0 && (cap & CAP_AD) == 0)
        return "EPTP bit 6 is reserved: the processor has no A and D";
    if ((eptp & EPTP_SSS) != 0 && (cap & CAP_SSS) == 0)
        return "EPTP bit 7 is reserved: the processor has no supervisor shadow stacks";
    return NULL;
}

ptw_status ptw_ept_root(const struct ptw_ept_registers *regs, struct ptw_root *root, const char **why)
{
    const uint64_t eptp = regs->eptp, cap = regs->cap == 0 ? ~UINT64_C(0) : regs->cap;
    const char *objection = eptp_objection(regs);
    struct ptw_config c = {.options = ptw_ept.defaults.options};

    if (objection != NULL)
        return hw_refuse(why, PTW_INVAL, objection);
    c.levels = (unsigned)hw_field(eptp, 5, 3) + 1;
    c.oa = hw_width(regs->maxphyaddr);
    if ((cap & CAP_1G) == 0)
        c.leaf = PTW_BIT((cap & CAP_2M) != 0 ? 21 : 12);
    c.options |= hw_if((eptp & EPTP_AD) != 0, PTW_OPT_AD) | hw_if((eptp & EPTP_SSS) != 0, PTW_OPT_EPT_SSS) |
                 hw_if((cap & CAP_EXEC_ONLY) != 0, PTW_OPT_EPT_EXEC_ONLY) |
                 hw_if((regs->secondary & SECONDARY_MBEC) != 0, PTW_OPT_EPT_MBEC) |
                 hw_if((regs->secondary & SECONDARY_SPP) != 0, PTW_OPT_EPT_SPP) |
                 hw_if((regs->tertiary & TERTIARY_PW) != 0, PTW_OPT_EPT_PW) |
                 hw_if((regs->tertiary & TERTIARY_VGP) != 0, PTW_OPT_EPT_VGP);
    return hw_found(root, why, &ptw_ept, &c, eptp & HW_ADDRESS);
}
