/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/sim_s390.h - the simulated translation (ptw/sim.h) of DMA addresses by IBM Z.
 *
 *   ptw_sim_zpci  zPCI I/O translation tables              No public manual: what Linux and QEMU agree on.
 *
 * Entries are big-endian. Hardware sets neither A nor D; there is no X, no privilege and no memory type (type: 0).
 * An IOTA without translation, or for a frame instead of a table, ends the walk at its start as PTW_SIM_RESERVED. So does
 * an entry whose type, length or offset is not that of a full table of the level (for levels other than region-third
 * seen in one source). Bits that no source names are not looked at.
 */
#ifndef PTW_SIM_S390_H
#define PTW_SIM_S390_H

#include <ptw/sim.h>

enum ptw_sim_zpci_register {
    PTW_SIM_ZPCI_IOTA,
    PTW_SIM_ZPCI_PBA,      /* first ... */
    PTW_SIM_ZPCI_PAL,      /* ... and last DMA address that is registered */
    PTW_SIM_ZPCI_FEATURES, /* as below */
    PTW_SIM_ZPCI_REGISTERS
};

/* Segment entries may be frames of 1 MiB (seen in one source). Without it bit 0x400 of a segment entry is reserved. */
#define PTW_SIM_ZPCI_FRAME1M PTW_BIT(0)

extern const struct ptw_sim_walker ptw_sim_zpci;

#endif
