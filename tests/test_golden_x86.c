/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Golden words of the x86 formats: see golden.h. Those of registers and of structures that lead to tables are in
 * test_hardware_x86.c. */
#include "golden.h"

#include <ptw/x86.h>

#define M46 "oa=46"          /* a processor with 46 physical address bits */
#define C51 "oa=51,c-bit=51" /* memory encryption */

/* ---------------------------------------------------------------------------------------------------- x86-64 --- */

static const struct golden x86_64_golden[] = {
    {"X-01", M46, 0, false, 0x0000000123456000, RW | PTW_USER | PTW_AD, 0x8000000123456067},
    {"X-02", M46, 0, false, 0x00000000fee00000, RW | PTW_AD | PTW_GLOBAL | PTW_MT_UC, 0x80000000fee0017b},
    {"X-03", M46, 0, false, 0x1000, RWX | PTW_USER | PTW_AD | PTW_X86_PAT_HIGH, 0x00000000000010e7},
    {"X-04", M46, 1, false, 0x40000000, RWX | PTW_AD | PTW_GLOBAL, 0x00000000400001e3},
    {"X-05", M46, 1, false, 0x40000000, RWX | PTW_AD | PTW_GLOBAL | PTW_X86_PAT_HIGH, 0x00000000400011e3},
    {"X-06", M46, 2, false, 0x0000008000000000, RW | PTW_USER | PTW_AD, 0x80000080000000e7},
    {"X-07", M46, 3, true, 0x102000, 0, 0x0000000000102027},
    {"X-08", "oa=46,cet=1", 0, false, 0x7000, PTW_R | PTW_USER | PTW_AD | PTW_X86_SHADOW_STACK, 0x8000000000007065},
    {"X-08 without CET", M46, 0, false, 0x7000, PTW_R | PTW_USER | PTW_AD, 0x8000000000007065},
    {"X-08 not a shadow stack", "oa=46,cet=1", 0, false, 0x7000, PTW_R | PTW_USER | PTW_AD, 0x8400000000007025},
    {"X-09", M46, 0, false, 0x200000, RWX | PTW_USER | PTW_AD | PTW_X86_PKEY(5), 0x2800000000200067},
    {"X-10", C51, 0, false, 0x3000, RW | PTW_AD, 0x8008000000003063},
    {"X-10 shared", C51, 0, false, 0x3000, RW | PTW_AD | PTW_X86_SHARED, 0x8000000000003063},
    {"X-10 table", C51, 3, true, 0x102000, 0, 0x0008000000102027},
};

static const struct refused x86_64_refused[] = {
    {"X-R1", M46, ANY_LEVEL, HOLE, 0xfffffffffffffffe},     {"X-R2", M46, 3, ILLEGAL, 0x00000000001020a7},
    {"X-R3", M46, 1, ILLEGAL, 0x00000000400021e3},          {"X-R4", M46, 0, ILLEGAL, 0x0000400000000067},
    {"X-R5", "oa=46,nx=0", 0, ILLEGAL, 0x8000000123456067}, {"no 1G leaf", "leaf=0x200000", 2, ILLEGAL, 0x80000000e7},
    {"no 2M leaf", "leaf=0x1000", 1, ILLEGAL, 0x400000e7},
};

static const struct request x86_64_requests[] = {
    {"no page without R", M46, PTW_W | PTW_X | PTW_USER},
    {"no execute-only page", M46, PTW_X | PTW_USER},
    {"no absent X without nx", "oa=46,nx=0", RW | PTW_USER},
    {"no shadow stack without cet", M46, PTW_R | PTW_AD | PTW_X86_SHADOW_STACK},
    {"no writable shadow stack", "oa=46,cet=1", RW | PTW_AD | PTW_X86_SHADOW_STACK},
    {"nothing to share without a C-bit", M46, RW | PTW_X86_SHARED},
    {"no protection key without pkeys", "oa=46,pkeys=0", RW | PTW_X86_PKEY(5)},
};

/* ------------------------------------------------------------------------------------------------------- npt --- */

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
    {"protection keys are not attributes", M46, RWX | PTW_X86_PKEY(1)},
};

/* ------------------------------------------------------------------------------------------- PAE and 32-bit --- */

static const struct golden pae_golden[] = {
    {"X-12", M46, 2, true, 0x5000, 0, 0x0000000000005001},
    {"a table of the root's", M46, 1, true, 0x102000, 0, 0x0000000000102027},
    {"as X-01, software bits", M46, 0, false, 0x123456000, RW | PTW_USER | PTW_AD | PTW_SOFT(5), 0x8000000123456a67},
    {"as X-05", M46, 1, false, 0x40000000, RWX | PTW_AD | PTW_GLOBAL | PTW_X86_PAT_HIGH, 0x00000000400011e3},
};

static const struct refused pae_refused[] = {
    {"X-R1", M46, ANY_LEVEL, HOLE, 0xfffffffffffffffe},
    {"X-R5", "oa=46,nx=0", 0, ILLEGAL, 0x8000000123456067},
    {"X-R6", M46, 2, ILLEGAL, 0x0000000000005003},
    {"no NX in the root", M46, 2, ILLEGAL, 0x8000000000005001},
    {"no page in the root", M46, 2, ILLEGAL, 0x0000000000000081},
    {"no 2M leaf", "leaf=0x1000", 1, ILLEGAL, 0x00000000400001e3},
    {"no software bits up there", M46, 0, ILLEGAL, 0x0010000123456067},
    {"no protection keys", M46, 1, ILLEGAL, 0x0800000000200067},
};

static const struct request pae_requests[] = {
    {"three software bits", M46, RW | PTW_SOFT(8)},
    {"no absent X without nx", "oa=46,nx=0", RW | PTW_USER},
};

static const struct golden x86_32_golden[] = {
    {"X-11", "", 1, false, 0x340400000, RWX | PTW_USER | PTW_AD, 0x404060e7},
    {"an uncached large page", "pse36=0", 1, false, 0xfec00000, RWX | PTW_AD | PTW_MT_UC | PTW_X86_PAT_HIGH,
     0xfec010fb},
    {"a page", "", 0, false, 0xfffff000, RWX | PTW_AD | PTW_GLOBAL | PTW_X86_PAT_HIGH | PTW_SOFT(7), 0xffffffe3},
    {"a read-only page", "", 0, false, 0x5000, RX | PTW_USER | PTW_A, 0x00005025},
    {"a table", "", 1, true, 0xfffff000, 0, 0xfffff027},
};

static const struct refused x86_32_refused[] = {
    {"X-R1", "", ANY_LEVEL, HOLE, 0xfffffffe},
    {"bit 21 of a large page", "", 1, ILLEGAL, 0x406060e7},
    {"X-11 without PSE-36", "pse36=0", 1, ILLEGAL, 0x404060e7},
    {"no 4M leaf", "leaf=0x1000", 1, ILLEGAL, 0x404000e7},
};

static const struct request x86_32_requests[] = {
    {"X is always there", "", RW | PTW_USER},
    {"three software bits", "", RWX | PTW_SOFT(8)},
};

/* ----------------------------------------------------------------------------------------- VT-d first stage --- */

static const struct golden vtd_fs_golden[] = {
    {"F-01", M46, 0, false, 0x123456000, RWX | PTW_AD, 0x0000000123456067},
    {"F-02", M46, 0, false, 0x123456000, RX | PTW_A, 0x0000000123456025},
    {"F-03", "oa=46,ea=1", 0, false, 0x123456000, RWX | PTW_AD | PTW_X86_EXTENDED_ACCESSED, 0x0000000123456467},
    {"F-04", M46, 1, false, 0x40000000, RWX | PTW_AD, 0x00000000400000e7},
    {"F-05", M46, 2, false, 0x8000000000, RX | PTW_A, 0x00000080000000a5},
    {"F-06", M46, 3, true, 0x102000, 0, 0x0000000000102027},
    {"before the interrupts", M46, 0, false, 0xfedff000, RWX | PTW_AD, 0x00000000fedff067},
    {"behind the interrupts", M46, 0, false, 0xfef00000, RWX | PTW_AD, 0x00000000fef00067},
};

static const struct refused vtd_fs_refused[] = {
    {"F-R1", M46, 0, ILLEGAL, 0x0000000123456063},
    {"F-R2", M46, ANY_LEVEL, HOLE, 0x0000000123456066},
    {"F-R3", M46, 3, ILLEGAL, 0x00000000001020a7},
    {"F-R4", M46, 1, ILLEGAL, 0x00000000400020e7},
    {"interrupts, first page", M46, 0, ILLEGAL, 0x00000000fee00067},
    {"interrupts, last page", M46, 0, ILLEGAL, 0x00000000feeff067},
    {"interrupts in a 2M leaf", M46, 1, ILLEGAL, 0x00000000fee000e7},
    {"interrupts in a 1G leaf", M46, 2, ILLEGAL, 0x00000000c00000e7},
    {"HAW", M46, 0, ILLEGAL, 0x0000400123456067},
};

static const struct request vtd_fs_requests[] = {
    {"X is always there", M46, RW},
    {"user is not an attribute", M46, RWX | PTW_USER},
    {"no memory type but WB", M46, RWX | PTW_MT_UC},
    {"no extended-accessed without ea", M46, RWX | PTW_X86_EXTENDED_ACCESSED},
};

/* --------------------------------------------------------------------------------------------- AMD IOMMU v2 --- */

static const struct golden amdv2_golden[] = {
    {"G-01", M46, 0, false, 0x123456000, RWX | PTW_AD, 0x0000000123456067},
    {"G-02", M46, 0, false, 0x123456000, RX | PTW_A, 0x0000000123456025},
    {"G-03", M46, 1, false, 0x40000000, RWX | PTW_AD, 0x00000000400000e7},
    {"G-04", M46, 2, false, 0x8000000000, RWX | PTW_AD, 0x00000080000000e7},
    {"G-05", "oa=46,levels=5", 4, true, 0x102000, 0, 0x0000000000102027},
    {"G-01 with a C-bit", C51, 0, false, 0x123456000, RWX | PTW_AD, 0x0008000123456067},
    {"G-05 with a C-bit", C51, 3, true, 0x102000, 0, 0x0008000000102027},
};

static const struct refused amdv2_refused[] = {
    {"G-R1", M46, 0, ILLEGAL, 0x0000000123456063},
    {"G-R2", M46, ANY_LEVEL, HOLE, 0x0000000123456066},
    {"G-R3", M46, 3, ILLEGAL, 0x00000000001020a7},
    {"G-R4", M46, 1, ILLEGAL, 0x00000000400020e7},
};

static const struct request amdv2_requests[] = {
    {"user is not an attribute", M46, RWX | PTW_USER},
    {"no memory type but WB", M46, RWX | PTW_MT_UC},
};

/* ------------------------------------------------------------------------------------------------------- ept --- */

/* E-07 is here without the A that hardware sets. */
static const struct golden ept_golden[] = {
    {"E-01", "oa=46,ad=1", 0, false, 0x123456000, RWX, 0x0000000123456037},
    {"E-02", "oa=46,ad=1", 0, false, 0x123456000, RWX | PTW_AD | PTW_EPT_SUPPRESS_VE, 0x8000000123456337},
    {"E-03", "oa=46,ad=1", 0, false, 0xfee00000, RW | PTW_MT_UC | PTW_EPT_IPAT, 0x00000000fee00043},
    {"E-04", "oa=46,ad=1", 1, false, 0x40000000, RWX, 0x00000000400000b7},
    {"E-05", "oa=46,ad=1", 2, false, 0x8000000000, RX | PTW_EPT_IPAT, 0x00000080000000f5},
    {"E-06", "oa=46,ad=1", 3, true, 0x102000, 0, 0x0000000000102007},
    {"E-07", "oa=46,ad=1,mbec=1", 3, true, 0x102000, 0, 0x0000000000102407},
    {"E-08", "oa=46,mbec=1", 0, false, 0x5000, PTW_R | PTW_UX, 0x0000000000005431},
    {"E-09", "oa=46,ad=1,exec-only=1", 0, false, 0x6000, PTW_X, 0x0000000000006034},
    {"E-10", "oa=46,sss=1", 0, false, 0x7000, PTW_R | PTW_EPT_SHADOW_STACK, 0x1000000000007031},
    {"E-11", "oa=46,ad=1", 0, false, 0xd0000000, RW | PTW_MT_NC, 0x00000000d000000b},
    {"E-14", "oa=46,pw=1", 0, false, 0x8000, PTW_R | PTW_EPT_PAGING_WRITE, 0x0400000000008031},
    {"E-R9 with MBEC", "oa=46,mbec=1,exec-only=1", 0, false, 0x5000, PTW_UX, 0x0000000000005430},
    {"VGP and SPP", "oa=46,vgp=1,spp=1", 0, false, 0x8000, RWX | PTW_EPT_VERIFY_PAGING | PTW_EPT_SUBPAGE,
     0x2200000000008037},
};

static const struct refused ept_refused[] = {
    {"E-R1", M46, 0, ILLEGAL, 0x0000000123456032},
    {"E-R2", M46, 0, ILLEGAL, 0x0000000123456036},
    {"E-R3", M46, 0, ILLEGAL, 0x0000000123456017},
    {"memory type 3", M46, 0, ILLEGAL, 0x000000012345601f},
    {"memory type 7", M46, 0, ILLEGAL, 0x000000012345603f},
    {"E-R4", M46, 1, ILLEGAL, 0x00000000400010b7},
    {"E-R5", M46, 3, ILLEGAL, 0x0000000000102087},
    {"E-R6", M46, 1, ILLEGAL, 0x0000000000102037},
    {"E-R7", M46, 0, ILLEGAL, 0x0000000000006034},
    {"E-R8", M46, ANY_LEVEL, HOLE, 0x8000000000000000},
    {"E-R9", M46, 0, HOLE, 0x0000000000005430},
    {"E-R9 without R", "oa=46,mbec=1", 0, ILLEGAL, 0x0000000000005430},
    {"PW without R", "oa=46,pw=1,exec-only=1", 0, ILLEGAL, 0x0400000000008034},
    {"no 1G leaf", "leaf=0x200000", 2, ILLEGAL, 0x00000080000000b7},
    {"no 2M leaf", "leaf=0x1000", 1, ILLEGAL, 0x00000000400000b7},
};

static const struct request ept_requests[] = {
    {"E-R1", "oa=46,exec-only=1", PTW_W},
    {"E-R2", "oa=46,exec-only=1", PTW_W | PTW_X},
    {"E-R3", M46, RWX | PTW_MT_UC_MINUS},
    {"E-R7", M46, PTW_X},
    {"no rights are no leaf", "oa=46,exec-only=1", 0},
    {"no UX without mbec", "oa=46,exec-only=1", RX | PTW_UX},
    {"UX alone needs exec-only", "oa=46,mbec=1", PTW_UX},
    {"W needs R, whatever else", "oa=46,mbec=1,exec-only=1", PTW_W | PTW_X | PTW_UX},
    {"no PW without pw", M46, RX | PTW_EPT_PAGING_WRITE},
    {"PW needs R", "oa=46,pw=1,exec-only=1", PTW_X | PTW_EPT_PAGING_WRITE},
    {"no SSS without sss", M46, RX | PTW_EPT_SHADOW_STACK},
};

/* ----------------------------------------------------------------------------------------------- VT-d and AMD --- */

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
    {"before the interrupts", M46, 0, false, 0xfedff000, RW, 0x00000000fedff003},
    {"behind the interrupts", M46, 0, false, 0xfef00000, RW, 0x00000000fef00003},
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
    {"no 1G leaf", "leaf=0x200000", 2, ILLEGAL, 0x0000008000000083},
    {"no 2M leaf", "leaf=0x1000", 1, ILLEGAL, 0x0000000040000083},
};

static const struct request vtd_ss_requests[] = {
    {"no rights are no leaf", M46, 0},
    {"execute is not an attribute", M46, RWX},
    {"no memory types", M46, RW | PTW_MT_UC},
    {"SNP without ECAP.SC", "oa=46,tm=1", RW | PTW_VTD_SNP},
    {"TM without ECAP.DT", "oa=46,snp=1", RW | PTW_VTD_TM},
};

#define GROUPS "levels=6,groups=1,leaf=0x10000000000000"

/* Sizes without an id: the table of encoded sizes. */
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
    {"512G: the erratum", "", 3, ILLEGAL, 0x6000008000000001},
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
    {&ptw_x86_pae, TABLE(pae_golden), TABLE(pae_refused), TABLE(pae_requests)},
    {&ptw_x86_32, TABLE(x86_32_golden), TABLE(x86_32_refused), TABLE(x86_32_requests)},
    {&ptw_vtd_fs, TABLE(vtd_fs_golden), TABLE(vtd_fs_refused), TABLE(vtd_fs_requests)},
    {&ptw_amdv2, TABLE(amdv2_golden), TABLE(amdv2_refused), TABLE(amdv2_requests)},
};

int main(void)
{
    return golden_run(TABLE(all));
}
