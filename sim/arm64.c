/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/arm64.c - one entry after the other of long descriptors, both stages: which kind it is, where it points, what of
 * the input it decides about. Arm ARM (DDI 0487) D8.2, D8.3, D8.5, D8.7; see arm64_walk.h.
 *
 *   63                              50 49            granule    11 10  9 8             2 1 0
 *   | attributes, limits of a table   | address             | 0 |nG AF SH | attributes  |t v|   t v: 11 table or page
 *                                                                       DS: OA[51:50]                01 block
 */
#include "arm64_walk.h"

#define AF PTW_BIT(10)
#define DBM PTW_BIT(51)
#define CONTIGUOUS PTW_BIT(52)
#define AP2 PTW_BIT(7) /* stage 1: 1 is read-only. Stage 2: S2AP[1], 1 is writable */
#define NT PTW_BIT(16)
#define TABLE_LIMITS PTW_BITS(63, 59)

enum ptw_sim_outcome ptw_sim_arm64_fault(struct ptw_sim_walk *w, enum ptw_sim_outcome outcome, const char *why)
{
    w->why = why;
    return outcome;
}

/* -------------------------------------------------------------------------------------------- registers --- */

unsigned ptw_sim_arm64_granule(uint64_t tg0)
{
    static const unsigned granule[4] = {12, 16, 14, 0};

    return granule[tg0 & 3U];
}

unsigned ptw_sim_arm64_width(uint64_t ps)
{
    static const unsigned width[8] = {32, 36, 40, 42, 44, 48, 52, 0};

    return width[ps & 7U];
}

void ptw_sim_arm64_cpu(struct arm64_setup *s, uint64_t cpu)
{
    s->pa = (cpu & PTW_SIM_ARM64_PA_BITS) != 0 ? (unsigned)(cpu & PTW_SIM_ARM64_PA_BITS) : 52;
    s->ttst = (cpu & PTW_SIM_ARM64_NO_TTST) == 0;
    s->xnx = (cpu & PTW_SIM_ARM64_NO_XNX) == 0;
    s->gp = (cpu & PTW_SIM_ARM64_NO_BTI) == 0;
    s->xs = (cpu & PTW_SIM_ARM64_NO_XS) == 0;
    s->block_nt = (cpu & PTW_SIM_ARM64_BLOCK_NT) != 0;
    s->secure = (cpu & PTW_SIM_ARM64_SECURE) != 0;
    s->realm = (cpu & PTW_SIM_ARM64_REALM) != 0;
}

static bool wide_layout(const struct arm64_setup *s)
{
    return s->ds || (s->granule == 16 && s->oa > 48);
}

uint64_t ptw_sim_arm64_ttbr(const struct arm64_setup *s, uint64_t ttbr)
{
    if (s->oa <= 48)
        return ttbr & PTW_BITS(47, 1);
    return (ttbr & (PTW_BITS(47, 6) | PTW_BIT(1))) | arm64_field(ttbr, 5, 2) << 48;
}

void ptw_sim_arm64_cap_output(struct arm64_setup *s)
{
    if (s->granule == 16)
        s->ds = false;
    if (s->oa > s->pa)
        s->oa = s->pa;
    if (s->oa > 48 && s->granule != 16 && !s->ds)
        s->oa = 48;
}

enum ptw_sim_outcome ptw_sim_arm64_input_width(struct ptw_sim_walk *w, struct arm64_setup *s, unsigned txsz)
{
    const unsigned least = s->granule == 16 || s->ds ? 12 : 16;
    const unsigned most = !s->ttst ? 39 : s->granule == 16 ? 47 : 48;

    if (txsz < least || txsz > most)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "TCR: TxSZ is out of range");
    s->ia = 64 - txsz;
    return PTW_SIM_ENTRY;
}

/* ----------------------------------------------------------------------------------------- one entry --- */

static unsigned index_bits(const struct arm64_setup *s)
{
    return s->granule - 3;
}

unsigned ptw_sim_arm64_shift(const struct arm64_setup *s, unsigned level)
{
    return s->granule + index_bits(s) * level;
}

static uint64_t address(const struct arm64_setup *s, uint64_t word)
{
    if (s->ds)
        return (word & PTW_BITS(49, 0) & ~ptw_low_mask(s->granule)) | arm64_field(word, 9, 8) << 50;
    if (wide_layout(s))
        return (word & PTW_BITS(47, 16)) | arm64_field(word, 15, 12) << 48;
    return word & PTW_BITS(47, 0) & ~ptw_low_mask(s->granule);
}

/* Bits around the address that are RES0 in every kind of entry. */
static uint64_t reserved_around(const struct arm64_setup *s)
{
    uint64_t reserved = s->ds ? 0 : PTW_BITS(49, 48);

    if (s->granule > 12 && !(s->granule == 16 && wide_layout(s)))
        reserved |= ptw_low_mask(s->granule) & ~ptw_low_mask(12);
    return reserved;
}

static enum ptw_sim_outcome read_next(struct ptw_sim_walk *w, const struct arm64_setup *s, uint64_t table)
{
    const unsigned shift = ptw_sim_arm64_shift(s, w->level);
    const unsigned bits = w->level == s->start ? s->ia - shift : index_bits(s);

    w->entry = table + 8 * (w->own[ARM64_ADDR] >> shift & ptw_low_mask(bits));
    w->entry_bytes = 8;
    w->big_endian = s->big_endian;
    return PTW_SIM_ENTRY;
}

static enum ptw_sim_outcome read_root(struct ptw_sim_walk *w, const struct arm64_setup *s)
{
    const uint64_t bytes = UINT64_C(8) << (s->ia - ptw_sim_arm64_shift(s, s->start));
    const uint64_t align = bytes < 64 && !s->aarch32 ? 64 : bytes;

    if (s->base >> s->oa != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_BEYOND, "TTBR: the base is wider than the output address");
    if ((s->base & (align - 1)) != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "TTBR: the base is not aligned to the root's size");
    w->level = s->start;
    return read_next(w, s, s->base);
}

static void decides_about(struct ptw_sim_walk *w, unsigned shift)
{
    w->first = w->own[ARM64_ADDR] & ~ptw_low_mask(shift);
    w->last = w->own[ARM64_ADDR] | ptw_low_mask(shift);
}

static enum ptw_sim_outcome step_table(struct ptw_sim_walk *w, const struct arm64_setup *s, uint64_t word)
{
    const uint64_t next = address(s, word);

    if ((word & (reserved_around(s) | s->reserved_table)) != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "a bit of a table entry is set that must be 0");
    if (next >> s->oa != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_BEYOND, "a table entry's address is wider than the output address");
    if (!s->stage2)
        w->own[ARM64_LIMITS] |= word & TABLE_LIMITS;
    w->level--;
    return read_next(w, s, next);
}

/* Level 3 of the architecture has pages and no blocks. */
static bool has_blocks(const struct arm64_setup *s, unsigned level)
{
    switch (s->granule) {
    case 12:
        return level == 1 || level == 2 || (level == 3 && s->ds);
    case 14:
        return level == 1 || (level == 2 && s->ds);
    default:
        return level == 1 || (level == 2 && s->pa == 52);
    }
}

/* log2 of the slots of a group; 0: Contiguous must be 0. The number at the 4K granule's level 1 is general
 * knowledge. */
static unsigned group_order(const struct arm64_setup *s, unsigned level)
{
    switch (s->granule) {
    case 12:
        return level <= 2 ? 4 : 0;
    case 14:
        return level == 0 ? 7 : level == 1 ? 5 : 0;
    default:
        return level <= 1 ? 5 : 0;
    }
}

static enum ptw_sim_outcome check_group(struct ptw_sim_walk *w, const struct arm64_setup *s, uint64_t out,
                                        unsigned shift)
{
    const unsigned order = group_order(s, w->level);

    if (order == 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "Contiguous must be 0 at this level");
    if (shift + order > s->ia)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "a contiguous group is larger than the input range");
    if (((out ^ w->own[ARM64_ADDR]) >> shift & ptw_low_mask(order)) != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "the address of a contiguous entry does not fit its slot");
    decides_about(w, shift + order);
    return PTW_SIM_LEAF;
}

static enum ptw_sim_outcome step_leaf(struct ptw_sim_walk *w, const struct arm64_setup *s, uint64_t word)
{
    const unsigned shift = ptw_sim_arm64_shift(s, w->level);
    const uint64_t out = address(s, word);
    const bool nt = w->level != 0 && !s->aarch32 && (word & NT) != 0;

    if ((word & (reserved_around(s) | s->reserved_leaf)) != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "a bit of a leaf is set that must be 0");
    if ((out & ptw_low_mask(shift) & ~(nt ? NT : 0)) != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "a block's address is not aligned to its size");
    if (out >> s->oa != 0)
        return ptw_sim_arm64_fault(w, PTW_SIM_BEYOND, "a leaf's address is wider than the output address");
    if (nt && !s->block_nt)
        return ptw_sim_arm64_fault(w, PTW_SIM_ABSENT, "a block with nT: processors may fault on it");
    if (!s->ds && arm64_field(word, 9, 8) == 1)
        return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "SH is 01");
    w->out = (out & ~ptw_low_mask(shift)) | (w->addr & ptw_low_mask(shift));
    return (word & CONTIGUOUS) != 0 ? check_group(w, s, out, shift) : PTW_SIM_LEAF;
}

static enum ptw_sim_outcome step(struct ptw_sim_walk *w, const struct arm64_setup *s, uint64_t word)
{
    decides_about(w, ptw_sim_arm64_shift(s, w->level));
    switch (word & 3U) {
    case 1:
        if (w->level == 0)
            return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "type 01 at the last level: a translation fault");
        if (!has_blocks(s, w->level))
            return ptw_sim_arm64_fault(w, PTW_SIM_RESERVED, "a block where this granule has none: a translation fault");
        return step_leaf(w, s, word);
    case 3:
        return w->level == 0 ? step_leaf(w, s, word) : step_table(w, s, word);
    default:
        return ptw_sim_arm64_fault(w, PTW_SIM_ABSENT, "bit 0 is clear");
    }
}

enum ptw_sim_outcome ptw_sim_arm64_start(struct ptw_sim_walk *w, arm64_decode *decode)
{
    struct arm64_setup s;
    enum ptw_sim_outcome outcome = decode(w, &s);

    return outcome == PTW_SIM_ENTRY ? read_root(w, &s) : outcome;
}

enum ptw_sim_outcome ptw_sim_arm64_step(struct ptw_sim_walk *w, arm64_decode *decode, uint64_t word)
{
    struct arm64_setup s;
    enum ptw_sim_outcome outcome = decode(w, &s); /* as it was at the start: the registers are the same */

    if (outcome == PTW_SIM_ENTRY)
        outcome = step(w, &s, word);
    if (outcome != PTW_SIM_LEAF)
        return outcome;
    return s.stage2 ? ptw_sim_arm64_s2_leaf(w, &s) : ptw_sim_arm64_s1_leaf(w, &s);
}

/* Hardware may set AF for an access that it then denies; D is set for permitted stores alone. */
enum ptw_sim_outcome ptw_sim_arm64_finish(struct ptw_sim_walk *w, const struct arm64_setup *s)
{
    unsigned need = w->access & (PTW_SIM_READ | PTW_SIM_WRITE | PTW_SIM_FETCH);

    if ((w->access & PTW_SIM_USER) != 0 && !s->one_range)
        need *= PTW_SIM_UR / PTW_SIM_R;
    if ((w->word & AF) == 0 && s->ha)
        w->set |= AF;
    else if ((w->word & AF) == 0 && !s->no_af_fault)
        return ptw_sim_arm64_fault(w, PTW_SIM_UNSET, "AF is clear");
    if ((w->rights & need) != need)
        return ptw_sim_arm64_fault(w, PTW_SIM_DENIED, "the leaf or a table above it denies this access");
    if ((w->access & PTW_SIM_WRITE) != 0 && s->hd && (w->word & DBM) != 0) {
        w->set |= s->stage2 ? AP2 : 0;
        w->clear |= s->stage2 ? 0 : AP2;
    }
    return PTW_SIM_LEAF;
}
