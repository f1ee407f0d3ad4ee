/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * bench/floor.h - what the bench measures the library against: hand-written code that can do one work on one format.
 *
 * A floor is called exactly as the library is, through a table's `struct ptw_ops`, so that loops, call and arguments are
 * the same on both sides. It tests range, alignment and the kind of each entry on its way, does the same loads and
 * stores, and notes what is owed. It may assume the rest: its `attr` is the prepared word of a leaf at address 0, a
 * page floor knows that its size is one page, a bulk floor that ranges are whole GiB over holes. Nothing can be prepared for
 * a relax: it is given attributes, R and W of which its format can add to every leaf.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <ptw/ptw.h>

/* What the map and unmap of a floor are written for; translate, dirty and the cursor are the same in all of them. */
enum floor_work {
    FLOOR_PAGE,        /* one leaf of 4 KiB */
    FLOOR_2M,          /* one leaf of 2 MiB */
    FLOOR_1G,          /* one leaf of 1 GiB */
    FLOOR_RUN,         /* a multiple of eight pages of one table that exists */
    FLOOR_BULK,        /* whole GiB: tables are made and filled, or dropped */
    FLOOR_PAGE_SHARED, /* the same by compare-exchange */
    FLOOR_RUN_SHARED,
    FLOOR_BULK_SHARED, /* dirty looks whether each entry is a leaf; map and unmap are those of FLOOR_BULK */
    FLOOR_WORKS
};

/* The constants of one format, which the compiler folds into that format's floors. Levels are 4 KiB, 512 entries. */
struct floor_format {
    unsigned levels, root_bits; /* 2^root_bits entries in the root */
    unsigned ia_bits, oa_bits;
    ptw_addr bias;                    /* an address a exists if a + bias < 2^ia_bits */
    ptw_word empty;                   /* the empty word, of all levels */
    ptw_word table;                   /* a table entry without its address */
    ptw_word table_mask, table_value; /* (w & mask) == value: a table, at a level above 0 */
    ptw_word table_level;             /* ... added to both for each level */
    ptw_word leaf_mask, leaf_value;   /* the same for a leaf at level 0; eight at once only if mask == value */
    ptw_word large_mask, large_value; /* the same for a leaf above level 0 */
    ptw_word address;                 /* address bits of an entry ... */
    unsigned address_shift;           /* ... which are the address, shifted right by this */
    ptw_word dirty;                   /* D of a leaf */
    ptw_word readable, writable;      /* what makes a leaf so */
    unsigned soft_bits;
    int soft_shift;    /* how far to the left of their attributes software bits are */
    uint64_t map_owes; /* PTW_OWED_MAKE where hardware remembers holes */
};

struct floor {
    const struct ptw_format *format;
    const struct ptw_ops *ops[FLOOR_WORKS];
    ptw_word dirty;
    struct ptw_result (*trim)(struct ptw_table *t,
                              struct ptw_gather *g); /* drops subtrees of the root without a leaf */
    ptw_status (*sync)(struct ptw_gather *g);
};

extern const struct floor floor_ept, floor_x86_64, floor_arm64_s2, floor_riscv_sv48x4, floor_vtd_ss, floor_amdv1;

#endif
