/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Golden words of the x86 formats: see golden.h. */
#include "golden.h"

#include <ptw/x86.h>

#define M46 "oa=46" /* a processor with 46 physical address bits */

/* ---------------------------------------------------------------------------------------------------- x86-64 --- */

/*
 * Not in this release: X-10 (the C-bit is no attribute, only an address bit of the caller's), X-11, X-12 and X-R6
 * (32-bit and PAE paging).
 */
static const struct golden x86_64_golden[] = {
    {"X-01", M46, 0, false, 0x0000000123456000, RW | PTW_USER | PTW_AD, 0x8000000123456067},
    {"X-02", M46, 0, false, 0x00000000fee00000, RW | PTW_AD | PTW_GLOBAL | PTW_MT_UC, 0x80000000fee0017b},
    {"X-03", M46, 0, false, 0x1000, RWX | PTW_USER | PTW_AD | PTW_X86_PAT_HIGH, 0x00000000000010e7},
    {"X-04", M46, 1, false, 0x40000000, RWX | PTW_AD | PTW_GLOBAL, 0x00000000400001e3},
    {"X-05", M46, 1, false, 0x40000000, RWX | PTW_AD | PTW_GLOBAL | PTW_X86_PAT_HIGH, 0x00000000400011e3},
    {"X-06", M46, 2, false, 0x0000008000000000, RW | PTW_USER | PTW_AD, 0x80000080000000e7},
    {"X-07", M46, 3, true, 0x102000, 0, 0x0000000000102027},
    {"X-08", M46, 0, false, 0x7000, PTW_R | PTW_USER | PTW_AD, 0x8000000000007065},
    {"X-09", M46, 0, false, 0x200000, RWX | PTW_USER | PTW_AD | PTW_X86_PKEY(5), 0x2800000000200067},
};

static const struct refused x86_64_refused[] = {
    {"X-R1", M46, ANY_LEVEL, HOLE, 0xfffffffffffffffe},     {"X-R2", M46, 3, ILLEGAL, 0x00000000001020a7},
    {"X-R3", M46, 1, ILLEGAL, 0x00000000400021e3},          {"X-R4", M46, 0, ILLEGAL, 0x0000400000000067},
    {"X-R5", "oa=46,nx=0", 0, ILLEGAL, 0x8000000123456067},
};

static const struct request x86_64_requests[] = {
    {"no page without R", M46, PTW_W | PTW_X | PTW_USER},
    {"no execute-only page", M46, PTW_X | PTW_USER},
    {"no absent X without nx", "oa=46,nx=0", RW | PTW_USER},
};

/* ------------------------------------------------------------------------------------------------------- npt --- */

/* Not in this release: N-08 (nCR3 is a register, and holds a C-bit). */
static const struct golden npt_golden[] = {
    {"N-01", M46, 0, false, 0x123456000, RWX | PTW_AD, 0x0000000123456067},
    {"N-02", M46, 0, false, 0x123456000, RX | PTW_A, 0x0000000123456025},
    {"N-03", M46, 0, false, 0x123456000, RW | PTW_AD, 0x8000000123456067},
    {"N-04", M46, 0, false, 0xfee00000, RW | PTW_AD | PTW_MT_UC, 0x80000000fee0007f},
    {"N-05", M46, 1, false, 0x40000000, RWX, 0x0000000040000087},
    {"N-06", M46, 2, false, 0x8000000000, RWX | PTW_AD, 0x00000080000000e7},
    {"N-07", M46, 3, true, 0x102000, 0, 0x0000000000102027},
};

static const struct refused npt_refused[] = {
    {"N-R1", M46, 0, ILLEGAL, 0x0000000123456063},
    {"N-R2", M46, ANY_LEVEL, HOLE, 0x8000000000000000},
    {"N-R3", M46, 3, ILLEGAL, 0x0000000000102127},
    {"N-R4", M46, 1, ILLEGAL, 0x0000000040002087},
};

static const struct request npt_requests[] = {
    {"user is not an attribute", M46, RWX | PTW_USER},
    {"global is not an attribute", M46, RWX | PTW_GLOBAL},
};

/* ------------------------------------------------------------------------------------------------------- ept --- */

/*
 * Not in this release: E-07, E-08 (mode-based execute control), E-10 (supervisor shadow stack), E-12, E-13 (the EPTP is
 * a register), E-14 (paging-write).
 */
static const struct golden ept_golden[] = {
    {"E-01", "oa=46,ad=1", 0, false, 0x123456000, RWX, 0x0000000123456037},
    {"E-02", "oa=46,ad=1", 0, false, 0x123456000, RWX | PTW_AD | PTW_EPT_SUPPRESS_VE, 0x8000000123456337},
    {"E-03", "oa=46,ad=1", 0, false, 0xfee00000, RW | PTW_MT_UC | PTW_EPT_IPAT, 0x00000000fee00043},
    {"E-04", "oa=46,ad=1", 1, false, 0x40000000, RWX, 0x00000000400000b7},
    {"E-05", "oa=46,ad=1", 2, false, 0x8000000000, RX | PTW_EPT_IPAT, 0x00000080000000f5},
    {"E-06", "oa=46,ad=1", 3, true, 0x102000, 0, 0x0000000000102007},
    {"E-09", "oa=46,ad=1,exec-only=1", 0, false, 0x6000, PTW_X, 0x0000000000006034},
    {"E-11", "oa=46,ad=1", 0, false, 0xd0000000, RW | PTW_MT_NC, 0x00000000d000000b},
};

static const struct refused ept_refused[] = {
    {"E-R1", M46, 0, ILLEGAL, 0x0000000123456032}, {"E-R2", M46, 0, ILLEGAL, 0x0000000123456036},
    {"E-R3", M46, 0, ILLEGAL, 0x0000000123456017}, {"E-R4", M46, 1, ILLEGAL, 0x00000000400010b7},
    {"E-R5", M46, 3, ILLEGAL, 0x0000000000102087}, {"E-R6", M46, 1, ILLEGAL, 0x0000000000102037},
    {"E-R7", M46, 0, ILLEGAL, 0x0000000000006034}, {"E-R8", M46, ANY_LEVEL, HOLE, 0x8000000000000000},
    {"E-R9", M46, 0, HOLE, 0x0000000000005430},
};

static const struct request ept_requests[] = {
    {"E-R1", "oa=46,exec-only=1", PTW_W},
    {"E-R2", "oa=46,exec-only=1", PTW_W | PTW_X},
    {"E-R3", M46, RWX | PTW_MT_UC_MINUS},
    {"E-R7", M46, PTW_X},
    {"no rights are no leaf", "oa=46,exec-only=1", 0},
};

/* ----------------------------------------------------------------------------------------------- VT-d and AMD --- */

/* Not in this release: V-09 ... V-14 (context and PASID entries are no page-table entries). */
static const struct golden vtd_ss_golden[] = {
    {"V-01", M46, 0, false, 0x123456000, RW, 0x0000000123456003},
    {"V-02", "oa=46,snp=1", 0, false, 0x123456000, RW | PTW_VTD_SNP, 0x0000000123456803},
    {"V-03", "oa=46,snp=1", 1, false, 0x40000000, RW | PTW_VTD_SNP, 0x0000000040000883},
    {"V-04", M46, 2, false, 0x8000000000, RO, 0x0000008000000081},
    {"V-05", M46, 1, true, 0x102000, 0, 0x0000000000102003},
    {"V-06", "oa=46,ad=1", 0, false, 0x123456000, RW | PTW_AD, 0x0000000123456303},
    {"V-07", "oa=46,tm=1", 0, false, 0x123456000, RW | PTW_VTD_TM, 0x4000000123456003},
    {"V-08", M46, 0, false, 0x123456000, PTW_W, 0x0000000123456002},
    {"a 2M leaf below the interrupts", M46, 1, false, 0xfec00000, RW, 0x00000000fec00083},
};

static const struct refused vtd_ss_refused[] = {
    {"V-R1", "oa=46,snp=1", 0, HOLE, 0x0000000123456800},
    {"V-R2", M46, 3, ILLEGAL, 0x0000000000102083},
    {"V-R3", M46, 1, ILLEGAL, 0x0000000040001083},
    {"V-R4", M46, 1, ILLEGAL, 0x0000000000102803},
    {"V-R5", M46, 0, ILLEGAL, 0x0000400000000003},
    {"SNP without ECAP.SC", "oa=46,tm=1", 0, ILLEGAL, 0x0000000123456803},
    {"TM without ECAP.DT", "oa=46,snp=1", 0, ILLEGAL, 0x4000000123456003},
    {"bit 2", M46, 0, ILLEGAL, 0x0000000123456007},
    {"the first interrupt page", M46, 0, ILLEGAL, 0x00000000fee00003},
    {"the last interrupt page", M46, 0, ILLEGAL, 0x00000000feeff003},
    {"2M over the interrupts", M46, 1, ILLEGAL, 0x00000000fee00083},
    {"1G over the interrupts", M46, 2, ILLEGAL, 0x00000000c0000083},
};

static const struct request vtd_ss_requests[] = {
    {"no rights are no leaf", M46, 0},
    {"execute is not an attribute", M46, RWX},
    {"no memory types", M46, RW | PTW_MT_UC},
    {"SNP without ECAP.SC", "oa=46,tm=1", RW | PTW_VTD_SNP},
    {"TM without ECAP.DT", "oa=46,snp=1", RW | PTW_VTD_TM},
};

#define GROUPS "levels=6,groups=1,leaf=0x10000000000000"

/* Not in this release: A-13, A-14 (the device table entry). Sizes without an id: the table of encoded sizes. */
static const struct golden amdv1_golden[] = {
    {"A-01", "", 0, false, 0x123456000, RW, 0x6000000123456001},
    {"A-02", "", 0, false, 0x123456000, RW | PTW_AMDV1_FC, 0x7000000123456001},
    {"A-03", "", 0, false, 0x123456000, RO, 0x2000000123456001},
    {"A-04", "", 1, false, 0x40000000, RW | PTW_AMDV1_FC, 0x7000000040000001},
    {"A-05", "", 2, true, 0x102000, 0, 0x6000000000102401},
    {"A-06", GROUPS, GROUP(0, 1), false, 0x2000, RW, 0x6000000000002e01},
    {"16K", GROUPS, GROUP(0, 2), false, 0x4000, RW, 0x6000000000005e01},
    {"A-07", GROUPS, GROUP(0, 3), false, 0x100000, RW, 0x6000000000103e01},
    {"64K", GROUPS, GROUP(0, 4), false, 0x200000, RW, 0x6000000000207e01},
    {"A-08", GROUPS, GROUP(0, 8), false, 0x12300000, RW, 0x600000001237fe01},
    {"A-09", GROUPS, GROUP(1, 1), false, 0x40000000, RW, 0x60000000401ffe01},
    {"8M", GROUPS, GROUP(1, 2), false, 0x40000000, RW, 0x60000000403ffe01},
    {"A-10", GROUPS, GROUP(2, 1), false, 0x80000000, RW, 0x60000000bffffe01},
    {"2^51 bytes", GROUPS, GROUP(4, 3), false, 0x8000000000000, RW, 0x600bfffffffffe01},
    {"2^52 bytes", GROUPS, GROUP(4, 4), false, 0, RW, 0x6007fffffffffe01},
    {"A-11", "", SKIPS_TO(3, 0), true, 0x102000, 0, 0x6000000000102201},
    {"A-12", "ad=1", 0, false, 0x123456000, RW | PTW_AMDV1_FC | PTW_AD, 0x7000000123456061},
    {"A-R5", "", 0, false, 0x123456000, 0, 0x0000000123456001},
};

static const struct refused amdv1_refused[] = {
    {"A-R1", "levels=6", ANY_LEVEL, HOLE, 0x7000000123456000},
    {"A-R2", "", 1, ILLEGAL, 0x6000000000102401},
    {"A-R3", "", 1, ILLEGAL, 0x6000000000103e01},
    {"A-R4", "", 0, ILLEGAL, 0x6010000123456001},
    {"a table at the lowest level", "", 0, ILLEGAL, 0x6000000000102201},
    {"2M is too much for a group of 4K", "", 0, ILLEGAL, 0x60000000400ffe01},
    {"2^53 bytes", "levels=5,leaf=0x10000000000000,groups=1", 4, ILLEGAL, 0x600ffffffffffe01},
    {"no leaf in the highest table", "levels=6,leaf=0x1000000000000", 5, ILLEGAL, 0x6000000000000001},
    {"no group there either", "levels=6,leaf=0x1000000000000", 5, ILLEGAL, 0x6000000000002e01},
    {"a 2M leaf in between", "", 1, ILLEGAL, 0x6000000040001001},
    {"bit 46 of 46", M46, 0, ILLEGAL, 0x6000400000000001},
};

static const struct request amdv1_requests[] = {
    {"execute is not an attribute", "", RWX},
    {"no memory types", "", RW | PTW_MT_UC},
};

static const struct suite all[] = {
    {&ptw_x86_64, TABLE(x86_64_golden), TABLE(x86_64_refused), TABLE(x86_64_requests)},
    {&ptw_npt, TABLE(npt_golden), TABLE(npt_refused), TABLE(npt_requests)},
    {&ptw_ept, TABLE(ept_golden), TABLE(ept_refused), TABLE(ept_requests)},
    {&ptw_vtd_ss, TABLE(vtd_ss_golden), TABLE(vtd_ss_refused), TABLE(vtd_ss_requests)},
    {&ptw_amdv1, TABLE(amdv1_golden), TABLE(amdv1_refused), TABLE(amdv1_requests)},
};

int main(void)
{
    return golden_run(TABLE(all));
}
