/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/s390.h - DMA address translation of PCI functions on IBM Z.
 *
 *   ptw_s390_zpci  zPCI I/O translation tables.              No public manual: what Linux and QEMU agree on.
 *
 * Big-endian entries of 8 bytes. Tables above level 0 (segment, region-third, -second, -first) have 2048 entries
 * (16 KiB), page tables 256 (2 KiB). Leaves are pages of 4 KiB and, with frame1m, frames of 1 MiB. A word of zero is a
 * valid entry: an empty one is 0x400 in a page table and 0x20 above.
 *
 * Configuration (defaults in brackets): levels [3] 2 ... 5, that is a segment, region-third, region-second or
 * region-first root: ia is then 31, 42, 53 or 64 and may only be said as it is; oa [64], at least 32. Options hitless
 * [0] and frame1m [0].
 *
 * Hardware sets neither A nor D, and entries have no place for them: a leaf always reads as accessed and dirty, whatever
 * it was made with. ptw_dirty() works with PTW_WRITE_PROTECT; ptw_age() is PTW_UNSUPPORTED. No software bits.
 *
 * Some functions remember holes (the "refresh" bit of their CLP group): filling one is owed an RPCIT (PTW_OWED_MAKE),
 * which the caller may drop for the others. No break-before-make rule is known.
 */
#ifndef PTW_S390_H
#define PTW_S390_H

#include <ptw/ptw.h>

/* Rights: R, with or without W. Memory type WB only. */
extern const struct ptw_format ptw_s390_zpci;

#define PTW_OPT_ZPCI_FRAME1M                                                                                           \
    PTW_OPT_OWN(0) /* "frame1m" [0]: segment entries may be 1 MiB leaves (seen in one source) */

/*
 * The IOTA that registers a table with MPCIFC; `key` is the storage key of table accesses, 0 ... 15 (seen in one source).
 * PTW_OK; PTW_UNSUPPORTED: a table of another format; PTW_INVAL: the key. Then nothing is written.
 */
ptw_status ptw_s390_iota(const struct ptw_table *t, unsigned key, uint64_t *iota);

/*
 * The table of an IOTA. PTW_OK; PTW_NOENT: translation is off, or it designates a frame and no table; PTW_INVAL: a
 * designation that does not exist or a misaligned root. Then *root is as it was, and *why (if why is not NULL) is one
 * clause. frame1m is the caller's to add.
 */
ptw_status ptw_s390_root(uint64_t iota, struct ptw_root *root, const char **why);

#endif
