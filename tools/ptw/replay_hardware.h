/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/replay_hardware.h - the processor that `ptw replay` plays, as far as a table sees it: a write sets A and D
 * in the leaf that allows it, by one atomic update of the entry.
 */
#ifndef PTW_TOOL_REPLAY_HARDWARE_H
#define PTW_TOOL_REPLAY_HARDWARE_H

#include <ptw/ptw.h>

/* True: the write went through and its leaf is dirty. False: it faults. */
bool hardware_write(struct ptw_table *t, ptw_addr addr);

/* Overwrites the entry of the leaf at `addr` with one that leads to the neighbour of where it should (for
 * --self-test-fault). False if there is no leaf. */
bool hardware_corrupt(struct ptw_table *t, ptw_addr addr);

#endif
