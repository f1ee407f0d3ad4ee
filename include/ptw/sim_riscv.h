/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/sim_riscv.h - simulated page walks (ptw/sim.h) of RISC-V.
 *
 *   ptw_sim_riscv         Sv32, Sv39, Sv48, Sv57         privileged specification, "Supervisor-Level ISA", "Svnapot",
 *                                                        "Svpbmt", "Svadu"
 *   ptw_sim_riscv_gstage  Sv32x4, Sv39x4, Sv48x4, Sv57x4 the same, "Hypervisor Extension"
 *
 * A walk with satp.MODE Bare, or a mode that does not exist, ends at its start as PTW_SIM_RESERVED. Of two stages each
 * walks by itself; where the VS-stage sets A or D, its access is a PTW_SIM_WRITE to the G-stage. Shadow-stack accesses are
 * not simulated: with SSE a shadow-stack page is one that ordinary loads may read.
 * type: PBMT (0 as the PMAs say, 1 NC, 2 IO).
 */
#ifndef PTW_SIM_RISCV_H
#define PTW_SIM_RISCV_H

#include <ptw/sim.h>

/* G-stage: ATP is hgatp, ENVCFG is menvcfg, of STATUS only MXR counts, and it is that of HS-mode. */
enum ptw_sim_riscv_register {
    PTW_SIM_RISCV_ATP,        /* satp, or vsatp */
    PTW_SIM_RISCV_ENVCFG,     /* menvcfg, of a VS-stage henvcfg: SSE (bit 3), ADUE (61), PBMTE (62) */
    PTW_SIM_RISCV_STATUS,     /* sstatus, of a VS-stage vsstatus: SUM (bit 18), MXR (19) */
    PTW_SIM_RISCV_EXTENSIONS, /* what the processor has, as below */
    PTW_SIM_RISCV_REGISTERS
};

#define PTW_SIM_RISCV_RV32 PTW_BIT(0)    /* the register ATP is 32 bits wide */
#define PTW_SIM_RISCV_SVNAPOT PTW_BIT(1) /* groups of 64 KiB */
#define PTW_SIM_RISCV_SVRSW60 PTW_BIT(2) /* Svrsw60t59b: bits 60:59 are software's */

extern const struct ptw_sim_walker ptw_sim_riscv;
extern const struct ptw_sim_walker ptw_sim_riscv_gstage;

#endif
