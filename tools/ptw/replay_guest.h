/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/replay_guest.h - the hypervisor that `ptw replay` plays: what it does on each fault and at each dirty
 * round, all of it by the library and without knowing the format. Every call is timed by its kind.
 */
#ifndef PTW_TOOL_REPLAY_GUEST_H
#define PTW_TOOL_REPLAY_GUEST_H

#include "guest_memory.h"
#include "guest_ram.h"

/* Kinds of calls, for the times. */
enum guest_call {
    CALL_LOOKUP,
    CALL_MAP,
    CALL_MAP_LARGE,
    CALL_MAP_AGAIN,
    CALL_PROTECT,
    CALL_PROTECT_BLOCK,
    CALL_SPLIT,
    CALL_DIRTY,
    CALL_WITHHOLD,
    CALL_MERGE,
    CALL_UNMAP,
    CALLS
};

/* Time spent in one kind of call; `units` is what the time is divided by: calls, or the pages or tables they covered. */
struct stopwatch {
    uint64_t calls, units, ns;
};

struct guest {
    struct ptw_table table;
    struct ptw_gather gather;
    struct guest_memory memory;
    const struct guest_ram *ram;
    ptw_attr base_attr; /* of every leaf: rights without W, memory type, A; D if no D bit is watched */
    unsigned max_level;
    bool dbit, logging;

    uint64_t *bitmap;     /* the slots' dirty bitmaps, one after the other */
    uint64_t *slot_words; /* where each slot's begins; one more entry than slots: the end */
    uint64_t found;       /* dirty pages of the last harvest, as the library counts them */

    uint64_t invalidations;  /* how often the hardware was told to forget */
    uint64_t splits, merges; /* large leaves made tables, and tables made large leaves */
    uint64_t refusals;       /* calls of the library that did not do what was asked */
    ptw_status last_refusal;
    const char *refused_call;
    struct stopwatch watch[CALLS];
};

struct guest_options {
    const struct ptw_format *format;
    struct ptw_config config;
    unsigned max_level; /* no leaf above it */
    bool dbit;
};

/* An empty table for this RAM. PTW_OK, PTW_NOMEM, or what ptw_init said; PTW_UNSUPPORTED: no D bit to watch, or rights
 * that this needs cannot be expressed. On failure nothing is held. */
ptw_status guest_init(struct guest *guest, const struct guest_options *options, const struct guest_ram *ram);
void guest_free(struct guest *guest);

/* Where the host keeps the tables: behind the guest's RAM; and how many bytes they need at most. */
ptw_oa guest_table_base(const struct ptw_geometry *geo, const struct guest_ram *ram);
uint64_t guest_table_room(const struct ptw_geometry *geo, const struct guest_ram *ram);

/* The guest touches page `index`, with or without a fault: the FAULT_... bits (replay_oracle.h) of what was done. */
unsigned guest_touch(struct guest *guest, size_t index, bool write);

/* Which pages were written: fills the bitmaps and `found`. With `clear` a round begins: writes are noticed again. */
void guest_harvest(struct guest *guest, bool clear);

/* After a harvest: what was split becomes large again, and while writes are logged large leaves are not writable. */
void guest_merge(struct guest *guest);

/* Takes every leaf out; the sink sees each. */
void guest_tear_down(struct guest *guest, struct ptw_sink *sink);

/* Where page `index` is in the guest, and the bitmap word and bit of a frame of a slot. */
ptw_addr guest_address(const struct guest *guest, size_t index);

/* Nanoseconds of a clock that never jumps; what reading it costs by itself. */
uint64_t guest_clock(void);
uint64_t guest_clock_cost(void);

#endif
