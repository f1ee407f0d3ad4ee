/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/riscv.h - the RISC-V formats.
 *
 *   ptw_riscv_sv32, ptw_riscv_sv39, ptw_riscv_sv48, ptw_riscv_sv57
 *               stage 1: virtual addresses (satp), or the VS-stage of a guest (vsatp).
 *                                                    RISC-V privileged specification, "Supervisor-Level ISA"
 *   ptw_riscv_sv32x4, ptw_riscv_sv39x4, ptw_riscv_sv48x4, ptw_riscv_sv57x4
 *               G-stage: guest physical addresses (hgatp).
 *                                                    RISC-V privileged specification, "Hypervisor Extension"
 *
 *              inputs                         root            leaves                               outputs
 *   sv32       32 bits                        4 KiB           4K 4M                                34 bits
 *   sv39 ...   39, 48, 57 bits, sign-extended 4 KiB           4K 64K (groups) 2M 1G, 512G, 256T    56 bits
 *   sv32x4     34 bits                        16 KiB, aligned as sv32
 *   sv39x4 ... 41, 50, 59 bits                16 KiB, aligned as sv39 ...
 *
 * Every level may hold leaves. Entries are 4 bytes in the two Sv32 formats and 8 in the others.
 *
 * Configuration (defaults in brackets): oa [56; Sv32: 34]; leaf [the root's level]. levels and ia are the format's and
 * may only be said as they are.
 * Option ad [0]: menvcfg.ADUE (for a VS-stage henvcfg.ADUE) is set (Svadu), hardware sets A and D. Without it an access
 * to a leaf without A, or a write to one without D, faults (Svade): map with PTW_A, and PTW_D where writes are allowed.
 * Option groups [0], not Sv32: Svnapot. Sixteen slots, all equal, may be made one 64 KiB leaf.
 *
 * Hardware may remember holes: filling one is owed an SFENCE or HFENCE (PTW_OWED_MAKE). With Svvptc the new entry is
 * seen within a bounded time and the caller may drop it, as may one that takes a spurious fault. A change of one size to
 * another needs no hole in between; a group that becomes single slots, or single slots that become a group, does.
 *
 * RISC-V IOMMU (IOMMU specification, "Device context" and "Translation process") walks the same tables:
 *
 *   first stage   (iosatp)   sv32 ... sv57. A request is a user's unless it asks for more: map with PTW_USER. Not
 *                            zicfiss: W alone is reserved for devices. ad if tc.SADE is set.
 *   second stage  (iohgatp)  sv32x4 ... sv57x4. ad if tc.GADE is set.
 *   both                     Without ad, A and D have to be there from the beginning, as above. pbmt if
 *                            capabilities.Svpbmt is set, and hitless for devices that can't repeat a request.
 */
#ifndef PTW_RISCV_H
#define PTW_RISCV_H

#include <ptw/ptw.h>

/*
 * Stage 1. Rights: none of the reserved ones (W without R), and at least one of R, W, X: V with R=W=X=0 is a table.
 * PTW_USER is U: the supervisor reads and writes such a leaf only under SUM and never executes it, PTW_X says what the
 * X bit says. PTW_GLOBAL is G of the leaf; a G in a table entry, which this library never sets, makes global whatever
 * is below it and is not shown by the leaves' attributes, nor by the limits of the entry: those take no right away.
 * Memory types WB ("as the PMAs say"); NC and UC (IO) with pbmt. Two software bits (RSW).
 */
extern const struct ptw_format ptw_riscv_sv32;
extern const struct ptw_format ptw_riscv_sv39;
extern const struct ptw_format ptw_riscv_sv48;
extern const struct ptw_format ptw_riscv_sv57;

/* G-stage. As stage 1, but U is always set and G never: PTW_USER and PTW_GLOBAL are not attributes. */
extern const struct ptw_format ptw_riscv_sv32x4;
extern const struct ptw_format ptw_riscv_sv39x4;
extern const struct ptw_format ptw_riscv_sv48x4;
extern const struct ptw_format ptw_riscv_sv57x4;

#define PTW_OPT_RISCV_PBMT PTW_OPT_OWN(0)    /* "pbmt" [0], not Sv32: menvcfg.PBMTE is set (Svpbmt) */
#define PTW_OPT_RISCV_RSW60 PTW_OPT_OWN(1)   /* "rsw60" [0], not Sv32: Svrsw60t59b. Bits 60:59 are kept, not reserved */
#define PTW_OPT_RISCV_ZICFISS PTW_OPT_OWN(2) /* "zicfiss" [0], stage 1: menvcfg.SSE (senvcfg.SSE for users) is set */

/*
 * A shadow stack (zicfiss): only with the rights R and W, which then mean loads, and shadow-stack accesses instead of
 * stores. The entry has W without R and X. Adding rights to it changes nothing; taking W away makes it an ordinary page
 * that can be read, which adding W makes an ordinary writable one: to be a shadow stack again it must be unmapped first.
 */
#define PTW_RISCV_SHADOW_STACK PTW_BIT(32)

/* ---------------------------------------------------------------------------- registers, IOMMU structures ------ */

/*
 * The words that point hardware at a table, and the way back.
 *
 * Those that make words answer PTW_OK; PTW_UNSUPPORTED for a table of another format; PTW_INVAL for a parameter that
 * does not fit its field; PTW_RANGE for a root that its field does not reach. Then they
 * have written nothing.
 *
 * Those that read words answer PTW_OK; PTW_NOENT for one that says that there is no table (Bare, V); PTW_INVAL for a
 * word that the specification forbids; PTW_UNSUPPORTED for big-endian tables (SBE). Then *root is as it was, and *why (if why is not NULL) is one clause that names the register. What no word
 * says is 0 in root->config.options and the caller's to add before ptw_open: ad (but for the IOMMU), pbmt, groups,
 * rsw60, zicfiss, hitless.
 */

/* satp or vsatp, whose root is a guest physical address. 16 bits of ASID; with sv32 9. */
ptw_status ptw_riscv_satp(const struct ptw_table *t, unsigned asid, uint64_t *satp);

/* hgatp. 14 bits of VMID; with sv32x4 7. */
ptw_status ptw_riscv_hgatp(const struct ptw_table *t, unsigned vmid, uint64_t *hgatp);

/* `xlen` is 32 or 64: how wide the register is. */
ptw_status ptw_riscv_root(uint64_t satp, unsigned xlen, struct ptw_root *root, const char **why);
ptw_status ptw_riscv_gstage_root(uint64_t hgatp, unsigned xlen, struct ptw_root *root, const char **why);

/* Bits of a device context's tc that are the caller's. */
#define PTW_RISCV_TC_EN_ATS PTW_BIT(1)
#define PTW_RISCV_TC_EN_PRI PTW_BIT(2) /* needs EN_ATS */
#define PTW_RISCV_TC_T2GPA PTW_BIT(3)  /* needs EN_ATS */
#define PTW_RISCV_TC_DTF PTW_BIT(4)
#define PTW_RISCV_TC_PRPR PTW_BIT(6)
#define PTW_RISCV_TC_SADE PTW_BIT(8) /* only with a process directory: its tables have ad */
#define PTW_RISCV_TC_DPE PTW_BIT(9)  /* only with a process directory */

struct ptw_riscv_dc_parameters {
    uint64_t tc;         /* PTW_RISCV_TC_... */
    unsigned pscid;      /* 20 bits */
    unsigned gscid;      /* 16 bits */
    ptw_oa pdt;          /* the root of a process directory, or 0 */
    unsigned pdt_levels; /* 1 ... 3: PD8, PD17, PD20; 0: none */
};

/*
 * A valid device context of the RISC-V IOMMU: tc, iohgatp, ta, fsc. `first` is a table of stage 1 or NULL (Bare),
 * `second` one of G-stage or NULL. With p->pdt_levels `first` must be NULL, and fsc is a pdtp. SADE and GADE are the
 * tables' option ad; SXL is set for sv32. MODE is 8 for sv32 and sv32x4 in these words; with sv32x4 fctl.GXL must be 1,
 * and `first` sv32. The extended format's words 4 ... 7 (MSIs) are not written: 0 switches them off.
 */
ptw_status ptw_riscv_iommu_dc(const struct ptw_table *first, const struct ptw_table *second,
                              const struct ptw_riscv_dc_parameters *p, uint64_t dc[4]);

#define PTW_RISCV_PC_ENS PTW_BIT(1) /* supervisor requests are allowed */
#define PTW_RISCV_PC_SUM PTW_BIT(2)

/* A valid process context: ta, fsc. flags: PTW_RISCV_PC_...; 20 bits of PSCID. */
ptw_status ptw_riscv_iommu_pc(const struct ptw_table *first, unsigned pscid, uint64_t flags, uint64_t pc[2]);

/* ddtp for a device directory of 1 ... 3 levels whose root is at `pa`, and an entry that points to its next table. */
ptw_status ptw_riscv_iommu_ddtp(ptw_oa pa, unsigned levels, uint64_t *ddtp);
ptw_status ptw_riscv_iommu_ddt(ptw_oa pa, uint64_t *entry);

/*
 * The tables of a device context; `gxl` is fctl.GXL. A stage that is Bare, and the first of a context with a process
 * directory (its contexts have it), gives a root whose format is NULL.
 */
ptw_status ptw_riscv_iommu_dc_roots(const uint64_t dc[4], bool gxl, struct ptw_root *first, struct ptw_root *second,
                                    const char **why);

/* The table of a process context in a device context whose tc is `tc`; format NULL if it is Bare. */
ptw_status ptw_riscv_iommu_pc_root(const uint64_t pc[2], uint64_t tc, struct ptw_root *first, const char **why);

/* The next table of a directory entry that is no leaf. */
ptw_status ptw_riscv_iommu_ddt_next(uint64_t entry, ptw_oa *pa, const char **why);

#endif
