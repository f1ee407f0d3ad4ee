/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/arm64_walk.h - what the walks of long descriptors share: VMSAv8-64, SMMUv3 and LPAE, both stages.
 *
 *   registers --arm64_decode--> struct arm64_setup --..._start--> the first entry
 *              (each walker's)                     --..._step---> the next, a fault, or a leaf:
 *                                                                 ..._s1_leaf, ..._s2_leaf, ..._finish
 *
 * A setup is decoded anew for each step, so that a walk holds nothing but what the entries said. Levels count from
 * the last: level l is the architecture's 3 - l. What other files see has the library's prefix.
 */
#ifndef PTW_SIM_ARM64_WALK_H
#define PTW_SIM_ARM64_WALK_H

#include <ptw/sim_arm64.h>

struct arm64_setup {
    uint64_t base;    /* of the root, as the register has it */
    unsigned granule; /* log2 of a page and of a table; 0: a reserved value of TGn */
    unsigned ia, oa;  /* input and output bits; oa 0: a reserved value of IPS or PS */
    unsigned pa;      /* output bits that are implemented */
    unsigned start;   /* the root's level */
    unsigned sh;      /* shareability, where entries have none (ds) */
    uint64_t mair;
    uint64_t reserved_leaf, reserved_table; /* bits that must be 0, besides those of the address */

    bool stage2, one_range, aarch32, upper, big_endian;
    bool ds;                      /* the layout of LPA2 */
    bool ha, hd, no_af_fault;     /* hd: with ha only */
    bool epd, e0pd, tbi;          /* of the range that the address is in */
    bool hpd, wxn, uwxn, pan, gp; /* stage 1 */
    bool fwb, xnx, xs;            /* stage 2 */
    bool ttst, block_nt, secure, realm;
};

/* Of a walk's own[]: bits 63:59 of the tables above, joined; the address without its tag. */
enum { ARM64_LIMITS, ARM64_ADDR };

enum ptw_sim_outcome ptw_sim_arm64_fault(struct ptw_sim_walk *w, enum ptw_sim_outcome outcome, const char *why);

/* Pieces of registers: bits hi ... lo; the log2 of the granule of TG0's codes; the width of the codes of IPS and PS. */
static inline uint64_t arm64_field(uint64_t word, unsigned hi, unsigned lo)
{
    return word >> lo & (~UINT64_C(0) >> (63U - (hi - lo)));
}

static inline bool arm64_bit(uint64_t word, unsigned bit)
{
    return (word >> bit & 1U) != 0;
}

unsigned ptw_sim_arm64_granule(uint64_t tg0);
unsigned ptw_sim_arm64_width(uint64_t ps);

/* What register 0 says. */
void ptw_sim_arm64_cpu(struct arm64_setup *s, uint64_t cpu);

/* The base in a TTBR of 64 bits: with 52-bit output addresses bits 51:48 are in 5:2. */
uint64_t ptw_sim_arm64_ttbr(const struct arm64_setup *s, uint64_t ttbr);

/* Caps `oa` by what is implemented and by the layout, and drops `ds` where the granule has no such layout. */
void ptw_sim_arm64_cap_output(struct arm64_setup *s);

/* PTW_SIM_ENTRY, or what is wrong with the range 64 - txsz. */
enum ptw_sim_outcome ptw_sim_arm64_input_width(struct ptw_sim_walk *w, struct arm64_setup *s, unsigned txsz);

/* log2 of the input bytes that an entry at `level` stands for. */
unsigned ptw_sim_arm64_shift(const struct arm64_setup *s, unsigned level);

/*
 * A walker is what reads its registers: PTW_SIM_ENTRY with all of the setup and own[ARM64_ADDR], or a fault. The start
 * of a walk and its steps are then the same for all.
 */
typedef enum ptw_sim_outcome arm64_decode(struct ptw_sim_walk *w, struct arm64_setup *s);

enum ptw_sim_outcome ptw_sim_arm64_start(struct ptw_sim_walk *w, arm64_decode *decode);
enum ptw_sim_outcome ptw_sim_arm64_step(struct ptw_sim_walk *w, arm64_decode *decode, uint64_t word);

/* For decoders, last: from what the registers say to the root's level, of VMSAv8-64. `sl` is SL0, with SL2 as bit 2. */
enum ptw_sim_outcome ptw_sim_arm64_s1_shape(struct ptw_sim_walk *w, struct arm64_setup *s, unsigned txsz);
enum ptw_sim_outcome ptw_sim_arm64_s2_shape(struct ptw_sim_walk *w, struct arm64_setup *s, unsigned txsz, unsigned sl);

/* The start level of a stage 2 fits its width, concatenating at most 16 tables. */
bool ptw_sim_arm64_s2_level_fits(const struct arm64_setup *s);

/* A leaf's rights, type, AF and D, and the access against them. */
enum ptw_sim_outcome ptw_sim_arm64_s1_leaf(struct ptw_sim_walk *w, const struct arm64_setup *s);
enum ptw_sim_outcome ptw_sim_arm64_s2_leaf(struct ptw_sim_walk *w, const struct arm64_setup *s);
enum ptw_sim_outcome ptw_sim_arm64_finish(struct ptw_sim_walk *w, const struct arm64_setup *s);

#endif
