/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * toy.h - an MMU so small that all orders of its steps can be run: as a format for the library, and as a page walk of
 * simulated hardware. The two share this drawing and no code.
 *
 *   20     18 17     15 14     12 11        0
 *  +---------+---------+---------+-----------+    tables: 8 entries of 8 bytes; leaves of 4 KiB and of 32 KiB
 *  | level 2 | level 1 | level 0 |  offset   |    root: at level 2 or level 1
 *  +---------+---------+---------+-----------+
 *
 *   63:48     47:12         11:9 8 7 6 5 4 3 2 1 0
 *     0      address          0 S G D A X W R 1 1     leaf, at levels 0 and 1 (there bits 14:12 are 0); R is 1; S is software's
 *     0   address, 47:6 . . . . . . .  0 0 0 0 1     table, at levels 1 and 2 (bits 5:0 are 1)
 *     .         .               .  . . . . . . 0     hole; a mark of the library has its type in 11:8, its payload in 47:12
 *
 * Entries are in the host's byte order, so that tests write them as numbers. With "ad" hardware sets A and D; without it
 * A must be 1, and D for a write, or the access faults. G, at level 0 of tables with "groups": four slots side by side, of
 * which all have it, are one leaf.
 */
#ifndef TEST_TOY_H
#define TEST_TOY_H

#include <ptw/sim_mmu.h>

/* Keys: levels [3]; ad; hitless; groups; breaks, the architecture demands break-before-make; bbm2; holes, hardware remembers holes.
 * It is served by the run-time engine. */
extern const struct ptw_format toy_format;
#define TOY_BREAKS PTW_OPT_OWN(0)
#define TOY_HOLES PTW_OPT_OWN(1)

/* Registers: address of the root, levels, 1 if hardware sets A and D. */
extern const struct ptw_sim_walker toy_walker;
extern const struct ptw_sim_walker toy_walker_of_holes; /* the same, and it remembers them */

/* The walker and the registers for a table. */
struct ptw_sim_mmu toy_mmu(const struct ptw_table *t);

#endif
