/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/dart.c - Apple DART, three generations. No manual: what two drivers agree on, or one of them says.
 *
 *   t8020         | SP_START | SP_END |  0  | address 39:12 (36 bits)        | 0 NR NW  0 SP_DIS V|   NW 7, NR 8
 *   t6000, t8110  | SP_START | SP_END |  0  | address >> 4, 39:10 (42 bits)  | 0 NR NW   NOCACHE V|   NW 2, NR 3
 *                 63       52 51    40
 *   an input address: | TTBR | index | index | page |, of 9 or 11 bits each index; t8110 with FOUR_LEVEL has three
 *
 * The address field runs to bit 39 in one source; what is wider than the generation's output is PTW_SIM_BEYOND.
 */
#include <ptw/sim_arm64.h>

#define VALID PTW_BIT(0)
#define SUBPAGE PTW_BITS(63, 40)
#define WHOLE_PAGE PTW_BITS(51, 40) /* from 000 to fff */
#define SP_DIS PTW_BIT(1)           /* t8020 */
#define NO_CACHE PTW_BIT(1)         /* the others */
#define ADDRESS PTW_BITS(39, 10)
#define ADDRESS_SHIFT 4U

/* How a stream's registers read. */
struct dart {
    bool t8020, t8110;
    unsigned page; /* log2 */
    unsigned levels, oa;
    uint64_t no_write, no_read;
};

static enum ptw_sim_outcome fault(struct ptw_sim_walk *w, enum ptw_sim_outcome outcome, const char *why)
{
    w->why = why;
    return outcome;
}

static struct dart decode(const struct ptw_sim_mmu *mmu)
{
    const unsigned page = (unsigned)mmu->reg[PTW_SIM_DART_PAGE];
    const unsigned oa = (unsigned)(mmu->reg[PTW_SIM_DART_PARAMS3] >> 24 & 0x3fU);
    struct dart d = {.page = 14, .levels = 2, .oa = 42, .no_write = PTW_BIT(2), .no_read = PTW_BIT(3)};

    d.t8020 = mmu->walker == &ptw_sim_dart_t8020;
    d.t8110 = mmu->walker == &ptw_sim_dart_t8110;
    if (d.t8020) {
        d.page = page == 0 ? 14 : page;
        d.oa = 36;
        d.no_write = PTW_BIT(7);
        d.no_read = PTW_BIT(8);
    }
    if (d.t8110) {
        d.levels = (mmu->reg[PTW_SIM_DART_TCR] & PTW_BIT(3)) != 0 ? 3 : 2;
        d.oa = oa == 0 ? 42 : oa;
    }
    return d;
}

static unsigned shift_of(const struct dart *d, unsigned level)
{
    return d->page + (d->page - 3) * level;
}

static enum ptw_sim_outcome read_table(struct ptw_sim_walk *w, const struct dart *d, uint64_t table)
{
    w->entry = table + 8 * (w->addr >> shift_of(d, w->level) & ptw_low_mask(d->page - 3));
    w->entry_bytes = 8;
    return PTW_SIM_ENTRY;
}

/* ------------------------------------------------------------------------------------------------ start --- */

static const char *refuse_tcr(const struct dart *d, uint64_t tcr)
{
    const uint64_t on = d->t8110 ? PTW_BIT(0) : PTW_BIT(7), bypass = d->t8110 ? PTW_BIT(1) : PTW_BIT(8);

    if ((tcr & on) == 0)
        return "TCR: translation is off";
    return (tcr & bypass) != 0 ? "TCR: the stream bypasses its tables" : NULL;
}

/* t8020, t6000: bit 31 valid, 30:0 the address >> 12. t8110: bit 0 valid, 29:2 the address >> 14. */
static enum ptw_sim_outcome read_root(struct ptw_sim_walk *w, const struct dart *d, uint64_t ttbr)
{
    const uint64_t base = d->t8110 ? (ttbr & PTW_BITS(29, 2)) << 12 : (ttbr & PTW_BITS(30, 0)) << 12;

    if ((ttbr & (d->t8110 ? PTW_BIT(0) : PTW_BIT(31))) == 0)
        return fault(w, PTW_SIM_ABSENT, "TTBR: not valid");
    if (d->t8110 && (ttbr & (PTW_BITS(31, 30) | PTW_BIT(1))) != 0)
        return fault(w, PTW_SIM_RESERVED, "TTBR: a bit is set that must be 0");
    if ((base & ptw_low_mask(d->page)) != 0)
        return fault(w, PTW_SIM_RESERVED, "TTBR: the base is not aligned to the page");
    if (base >> d->oa != 0)
        return fault(w, PTW_SIM_BEYOND, "TTBR: the base is wider than the output address");
    w->level = d->levels - 1;
    return read_table(w, d, base);
}

static enum ptw_sim_outcome start(struct ptw_sim_walk *w)
{
    const uint64_t *reg = w->mmu->reg;
    const struct dart d = decode(w->mmu);
    const uint64_t n = w->addr >> shift_of(&d, d.levels);
    const unsigned ia = d.t8110 ? (unsigned)(reg[PTW_SIM_DART_PARAMS3] >> 16 & 0x3fU) : 0;
    const char *why = refuse_tcr(&d, reg[PTW_SIM_DART_TCR]);

    if (why != NULL)
        return fault(w, PTW_SIM_ABSENT, why);
    if (d.t8110 && (reg[PTW_SIM_DART_TCR] & PTW_BIT(7)) != 0)
        return fault(w, PTW_SIM_RESERVED, "TCR: streams that use another one's tables are not simulated");
    if (d.page != 12 && d.page != 14)
        return fault(w, PTW_SIM_RESERVED, "PAGE is not 0, 12 or 14");
    if (n > (d.t8110 ? 0U : 3U) || (ia != 0 && w->addr >> ia != 0))
        return fault(w, PTW_SIM_BEYOND, "the input address has too many bits");
    return read_root(w, &d, reg[PTW_SIM_DART_TTBR + n]);
}

/* -------------------------------------------------------------------------------------------- one entry --- */

static uint64_t address(const struct dart *d, uint64_t word)
{
    return d->t8020 ? word & PTW_BITS(39, 12) : (word & ADDRESS) << ADDRESS_SHIFT;
}

/* Bits without a meaning, and of an address those below the page. */
static uint64_t reserved_bits(const struct dart *d)
{
    if (!d->t8020)
        return PTW_BITS(9, 4);
    return PTW_BITS(11, 9) | PTW_BITS(6, 2) | (d->page == 14 ? PTW_BITS(13, 12) : 0);
}

/* One source sets SP_DIS in table entries too, the other nothing; both run on hardware. */
static enum ptw_sim_outcome step_table(struct ptw_sim_walk *w, const struct dart *d, uint64_t word)
{
    const uint64_t reserved = SUBPAGE | reserved_bits(d) | d->no_read | d->no_write | (d->t8020 ? 0 : NO_CACHE);

    if ((word & reserved) != 0)
        return fault(w, PTW_SIM_RESERVED, "a bit of a table entry is set that must be 0");
    w->level--;
    return read_table(w, d, address(d, word));
}

static bool uses_subpages(const struct dart *d, uint64_t word)
{
    return !(d->t8020 && (word & SP_DIS) != 0) && (word & SUBPAGE) != WHOLE_PAGE;
}

static enum ptw_sim_outcome step_leaf(struct ptw_sim_walk *w, const struct dart *d, uint64_t word)
{
    const unsigned need = (w->access & PTW_SIM_WRITE) != 0 ? PTW_SIM_W : PTW_SIM_R;

    if ((word & reserved_bits(d)) != 0)
        return fault(w, PTW_SIM_RESERVED, "a bit of a leaf is set that must be 0");
    if (uses_subpages(d, word))
        return fault(w, PTW_SIM_RESERVED, "a subpage range that is not the whole page");
    w->out = address(d, word) | (w->addr & ptw_low_mask(d->page));
    w->rights = ((word & d->no_read) != 0 ? 0 : PTW_SIM_R) | ((word & d->no_write) != 0 ? 0 : PTW_SIM_W);
    w->type = !d->t8020 && (word & NO_CACHE) != 0;
    w->global = true;
    if (w->access != 0 && (w->rights & need) == 0)
        return fault(w, PTW_SIM_DENIED, "the leaf denies this access");
    return PTW_SIM_LEAF;
}

static enum ptw_sim_outcome step(struct ptw_sim_walk *w, uint64_t word)
{
    const struct dart d = decode(w->mmu);
    const uint64_t span = ptw_low_mask(shift_of(&d, w->level));

    w->first = w->addr & ~span;
    w->last = w->addr | span;
    if ((word & VALID) == 0)
        return fault(w, PTW_SIM_ABSENT, "bit 0 is clear");
    if (address(&d, word) >> d.oa != 0)
        return fault(w, PTW_SIM_BEYOND, "an entry's address is wider than the output address");
    return w->level == 0 ? step_leaf(w, &d, word) : step_table(w, &d, word);
}

static const char *const registers[] = {"TTBR0", "TTBR1", "TTBR2", "TTBR3", "TCR", "PAGE", "PARAMS3", NULL};

const struct ptw_sim_walker ptw_sim_dart_t8020 = {
    .name = "dart-t8020",
    .manual = "none: Linux and m1n1",
    .registers = registers,
    .start = start,
    .step = step,
};

const struct ptw_sim_walker ptw_sim_dart_t6000 = {
    .name = "dart-t6000",
    .manual = "none: Linux and m1n1",
    .registers = registers,
    .start = start,
    .step = step,
};

const struct ptw_sim_walker ptw_sim_dart_t8110 = {
    .name = "dart-t8110",
    .manual = "none: Linux and m1n1",
    .registers = registers,
    .start = start,
    .step = step,
};
