/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * nx1.h - what a user of the format sees: as ptw/x86.h and the like, the manual of a format.
 *
 *   nx1           the MMU of the NX-1, an accelerator that does not exist: see nx1.c for its entries
 *
 * Two or three levels of 1024 entries; input addresses of 36 or 46 bits, output addresses of 46. Leaves of 64 KiB and
 * 64 MiB; with the option groups also of 1 MiB, as 16 neighbours.
 *
 * Configuration (defaults in brackets): levels [3]; ia [36 or 46, by the levels]; oa [46]; leaf [64M].
 * Options: ad [0], the MMU sets A and D; groups [0]; hitless [0].
 */
#ifndef NX1_H
#define NX1_H

#include <ptw/ptw.h>

/* Rights: R must be there, with W, X or both. Memory types WB (snooped), NC (not snooped) and UC (device). Four
 * software bits. A and D read back as they were given. The MMU does not remember holes, and bears any change of
 * size between two translations that agree. */
extern const struct ptw_format nx1;

/* The same without an engine of its own: the library's run-time engine serves it. Same tables, same answers; slower. */
extern const struct ptw_format nx1_run_time;

#endif
