/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * oracle.h - the flat model of a page table: which page goes where, with which attributes. No levels and no tables.
 *
 * It is a sorted list of runs, so that a terabyte costs as much as a page:
 *
 *   [first, last] -> oa, attr (A and D included: two pages that differ in D are two runs)
 *
 * Neighbours that continue each other are always joined, hence equal tables have equal lists. The functions named as
 * the walker's operations apply what ptw.h promises; what depends on leaf sizes (how far a hardware write sets D,
 * what WIDEN takes) is told by the caller, leaf by leaf.
 */
#ifndef TEST_ORACLE_H
#define TEST_ORACLE_H

#include "formats.h"

struct oracle_run {
    ptw_addr first, last;
    ptw_oa oa; /* of a mark: its type and payload */
    ptw_attr attr;
    bool marked; /* holes that carry a mark */
};

struct oracle {
    struct oracle_run *run;
    size_t count, room;
    const struct ptw_encoder *e; /* says what a mark's word means */
    ptw_attr blind;              /* A and D bits that this format does not read back as given: not compared */
    char message[256];
};

/* For the table of a fixture that is open. */
void oracle_init(struct oracle *o, const struct fixture *f);
void oracle_fini(struct oracle *o);
void oracle_reset(struct oracle *o);

/* The first run (marked or not) that ends at or after `addr`, or NULL. */
const struct oracle_run *oracle_next(const struct oracle *o, ptw_addr addr);
/* The run that holds `addr`, or NULL. */
const struct oracle_run *oracle_at(const struct oracle *o, ptw_addr addr);
/* All bytes mapped (2^64 reads as 0). */
uint64_t oracle_bytes(const struct oracle *o);
bool oracle_equal(const struct oracle *a, const struct oracle *b);

/* Bare changes of [first, last]. */
void oracle_put(struct oracle *o, ptw_addr first, ptw_addr last, ptw_oa oa, ptw_attr attr);
void oracle_remove(struct oracle *o, ptw_addr first, ptw_addr last); /* marks stay */
void oracle_change(struct oracle *o, ptw_addr first, ptw_addr last, ptw_attr keep, ptw_attr set);

/* The operations: what must come out, applied as far as that goes. `last` is inclusive. Of the flags those count that do
 * not speak of leaf sizes. */
struct ptw_result oracle_map(struct oracle *o, ptw_addr first, ptw_addr last, ptw_oa oa, ptw_attr attr, uint64_t flags);
struct ptw_result oracle_remap(struct oracle *o, ptw_addr first, ptw_addr last, ptw_oa oa);
struct ptw_result oracle_annotate(struct oracle *o, ptw_addr first, ptw_addr last, unsigned type, uint64_t payload,
                                  uint64_t flags);
struct ptw_result oracle_protect(struct oracle *o, ptw_addr first, ptw_addr last, ptw_attr add, ptw_attr remove);

/* What became one leaf has A and D of all its parts. False: it was not one translation. */
bool oracle_join(struct oracle *o, ptw_addr first, ptw_addr last);

/*
 * Comparisons of the table with the oracle; NULL or what differs.
 *   leaf       one leaf or mark that somebody found
 *   by_hand    all of the table, read with hardware_visit; cheap
 *   translate  ptw_translate on `addr`
 *   next_run   ptw_next_run over [first, last], and its clipping
 *   visit      all of the table by ptw_visit; also the order and the kinds of the entries; in their order they are told to the
 *              checker of invariants
 */
const char *oracle_compare_leaf(struct oracle *o, const struct hardware_leaf *leaf);
const char *oracle_compare_by_hand(struct oracle *o, struct fixture *f);
const char *oracle_compare_translate(struct oracle *o, struct fixture *f, ptw_addr addr);
const char *oracle_compare_next_run(struct oracle *o, struct fixture *f, ptw_addr first, ptw_addr last);
struct invariants;
const char *oracle_compare_visit(struct oracle *o, struct fixture *f, struct invariants *rules);

#endif
