/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/replay_oracle.h - what must be true in `ptw replay`: one flat record per page of RAM, kept without the
 * library and without a tree. It is told what the guest does, and says for each page where it leads, whether it may be
 * written, how large the leaf around it is, and whether it was written since the round began. It says as well what the
 * hypervisor has to do about each fault.
 */
#ifndef PTW_TOOL_REPLAY_ORACLE_H
#define PTW_TOOL_REPLAY_ORACLE_H

#include "guest_ram.h"

/* What a fault makes the hypervisor do; none of it: the fault was spurious. */
#define FAULT_MAPS 1U   /* there was nothing */
#define FAULT_SPLITS 2U /* a write into a large leaf while writes are logged */
#define FAULT_GRANTS 4U /* the write right is given */

struct oracle_page {
    uint64_t host; /* the frame that it leads to */
    uint8_t leaf;  /* level of the leaf that maps it now */
    uint8_t block; /* level of the leaf that maps it when it is merged */
    bool mapped, writable, dirty;
};

struct oracle {
    const struct guest_ram *ram; /* where RAM is and what stands behind it; never changes */
    struct oracle_page *page;
    bool dbit;    /* dirty pages are found by their D bit, not by write protection */
    bool logging; /* a round has begun: dirty pages are known exactly */
};

/* Leaves are no larger than those of level `max_level`. False if there is not enough memory. */
bool oracle_init(struct oracle *oracle, const struct guest_ram *ram, unsigned max_level, bool dbit);
void oracle_free(struct oracle *oracle);

/* The guest touches page `index`. Returns the FAULT_... bits of what has to happen. */
unsigned oracle_touch(struct oracle *oracle, size_t index, bool write);

/* A round has begun: no page is dirty, and what was split is merged. */
void oracle_round(struct oracle *oracle);

#endif
