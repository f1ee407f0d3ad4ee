/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/arm_short.c - short descriptors of 32-bit Arm, and MediaTek's extension. DDI 0406 B3.5.
 *
 *                31      24 23  20 19 18 17 16  15  14 12 11 10 9 8    5  4 3 2 1   0
 *   section      | base         |NS 0 nG  S AP2| TEX   | AP   |  |domain|XN C B 1 PXN|   1 MiB
 *   supersection | base    |35:32 NS 1 nG S AP2| TEX   | AP   |  |39:36 |XN C B 1 PXN|  16 MiB, 16 equal entries
 *   table        | base                                  9:10 |  |domain| 0 NS PXN 01|
 *                31             16  15  14 12 11 10  9   8 6  5 4  3 2 1 0
 *   large page   | base           |XN   TEX  nG  S  AP2   0   AP   C B 0 1 |            64 KiB, 16 equal entries
 *   small page   | base                     |nG  S  AP2  TEX  AP   C B 1 XN|             4 KiB
 */
#include <ptw/sim_arm64.h>

enum { DOMAIN, PAGE_LIMITS }; /* of own[]: the domain; NS and PXN of the table entry above, where they stand there */

#define TABLE_PXN PTW_BIT(2)
#define TABLE_NS PTW_BIT(3)
#define SUPERSECTION PTW_BIT(18)
#define TTBCR_PD0 4U /* PD1: 5 */

enum { DOMAIN_CLIENT = 1, DOMAIN_MANAGER = 3 };

/* What the five kinds of leaves say, at the same places. */
struct leaf {
    uint64_t base;
    unsigned shift;       /* log2 of the bytes it covers */
    unsigned mem;         /* TEX:C:B */
    unsigned ap;          /* AP[2:0] */
    uint64_t access_flag; /* the bit of AP[0] */
    bool xn, pxn, s, ng, ns;
};

static uint64_t field(uint64_t word, unsigned hi, unsigned lo)
{
    return word >> lo & (~UINT64_C(0) >> (63U - (hi - lo)));
}

static bool bit(uint64_t word, unsigned n)
{
    return (word >> n & 1U) != 0;
}

static uint64_t reg(const struct ptw_sim_walk *w, enum ptw_sim_arm_short_register r)
{
    return w->mmu->reg[r];
}

static unsigned mtk_bits(const struct ptw_sim_walk *w)
{
    return (unsigned)(reg(w, PTW_SIM_ARM_SHORT_CPU) & PTW_SIM_ARM_SHORT_MTK);
}

static bool has_pxn(const struct ptw_sim_walk *w)
{
    return (reg(w, PTW_SIM_ARM_SHORT_CPU) & PTW_SIM_ARM_SHORT_NO_PXN) == 0 && mtk_bits(w) == 0;
}

static bool sctlr(const struct ptw_sim_walk *w, uint64_t flag)
{
    return (reg(w, PTW_SIM_ARM_SHORT_SCTLR) & flag) != 0;
}

static enum ptw_sim_outcome fault(struct ptw_sim_walk *w, enum ptw_sim_outcome outcome, const char *why)
{
    w->why = why;
    return outcome;
}

static void decides_about(struct ptw_sim_walk *w, unsigned shift)
{
    const uint64_t mask = ptw_low_mask(shift);

    w->first = w->addr & ~mask;
    w->last = w->addr | mask;
}

static enum ptw_sim_outcome read_entry(struct ptw_sim_walk *w, uint64_t table, uint64_t index)
{
    w->entry = table + 4 * index;
    w->entry_bytes = 4;
    w->big_endian = mtk_bits(w) == 0 && sctlr(w, PTW_SIM_ARM64_SCTLR_EE);
    return PTW_SIM_ENTRY;
}

/* MediaTek's output bits 32, 33 and 34. */
static uint64_t mtk_high(const struct ptw_sim_walk *w, uint64_t word)
{
    if (mtk_bits(w) == 0)
        return 0;
    return field(word, 9, 9) << 32 | field(word, 4, 4) << 33 | field(word, 5, 5) << 34;
}

/* ------------------------------------------------------------------------------------------------ start --- */

static enum ptw_sim_outcome start_mtk(struct ptw_sim_walk *w)
{
    const uint64_t base = reg(w, PTW_SIM_ARM_SHORT_TTBR0) & PTW_BITS(31, 14);

    if (mtk_bits(w) < 32 || mtk_bits(w) > 34)
        return fault(w, PTW_SIM_RESERVED, "the number of input bits is not 32, 33 or 34");
    if (w->addr >> mtk_bits(w) != 0)
        return fault(w, PTW_SIM_BEYOND, "the input address has too many bits");
    if ((base & ptw_low_mask(mtk_bits(w) - 18U)) != 0)
        return fault(w, PTW_SIM_RESERVED, "TTBR0: the base is not aligned to the root's size");
    return read_entry(w, base, w->addr >> 20);
}

/* TTBCR.N: TTBR0 has the addresses whose highest N bits are 0, in a table of 16K >> N; TTBR1, always 16K, the
 * others. */
static enum ptw_sim_outcome start(struct ptw_sim_walk *w)
{
    const uint64_t ttbcr = reg(w, PTW_SIM_ARM_SHORT_TTBCR);
    const unsigned n = (unsigned)field(ttbcr, 2, 0);
    const bool upper = n != 0 && w->addr >> (32U - n) != 0;
    const unsigned low = upper ? 14 : 14 - n;
    const uint64_t ttbr = reg(w, upper ? PTW_SIM_ARM_SHORT_TTBR1 : PTW_SIM_ARM_SHORT_TTBR0);

    w->level = 1;
    if (mtk_bits(w) != 0)
        return start_mtk(w);
    if (bit(ttbcr, 31))
        return fault(w, PTW_SIM_RESERVED, "TTBCR: EAE is 1, the tables are long descriptors");
    if (w->addr >> 32 != 0)
        return fault(w, PTW_SIM_BEYOND, "the input address has more than 32 bits");
    if (bit(ttbcr, TTBCR_PD0 + upper))
        return fault(w, PTW_SIM_ABSENT, "TTBCR: PD0 or PD1 turns the walks of this range off");
    if ((ttbr & PTW_BITS(13, 7) & ptw_low_mask(low)) != 0)
        return fault(w, PTW_SIM_RESERVED, "TTBR: the base is not aligned to the root's size");
    return read_entry(w, ttbr & PTW_BITS(31, low), w->addr >> 20);
}

/* ---------------------------------------------------------------------------------------------- the leaf --- */

/* AP[2:0] without an access flag: [0] for privileged accesses, [1] for the others. AP 100 is reserved. */
static const unsigned char of_ap[8] = {
    0,
    PTW_SIM_R | PTW_SIM_W,
    PTW_SIM_R | PTW_SIM_W | PTW_SIM_UR,
    PTW_SIM_R | PTW_SIM_W | PTW_SIM_UR | PTW_SIM_UW,
    0,
    PTW_SIM_R,
    PTW_SIM_R | PTW_SIM_UR,
    PTW_SIM_R | PTW_SIM_UR,
};

/* With one (SCTLR.AFE) AP[2:1] says what AP[2:1]:1 says without. */
static unsigned data_rights(const struct ptw_sim_walk *w, const struct leaf *l)
{
    if (!sctlr(w, PTW_SIM_ARM_SCTLR_AFE))
        return of_ap[l->ap];
    return of_ap[l->ap | 1U];
}

static unsigned fetch_rights(const struct ptw_sim_walk *w, const struct leaf *l, unsigned data)
{
    bool xn = l->xn || l->pxn || (data & PTW_SIM_R) == 0;
    bool uxn = l->xn || (data & PTW_SIM_UR) == 0;

    if (sctlr(w, PTW_SIM_ARM_SCTLR_UWXN))
        xn = xn || (data & PTW_SIM_UW) != 0;
    if (sctlr(w, PTW_SIM_ARM64_SCTLR_WXN)) {
        xn = xn || (data & PTW_SIM_W) != 0;
        uxn = uxn || (data & PTW_SIM_UW) != 0;
    }
    return (xn ? 0 : PTW_SIM_X) | (uxn ? 0 : PTW_SIM_UX);
}

/* The access flag is AP[0]; it is checked before the domain and the rights. */
static bool flag_is_missing(struct ptw_sim_walk *w, const struct leaf *l)
{
    if (!sctlr(w, PTW_SIM_ARM_SCTLR_AFE) || (l->ap & 1U) != 0)
        return false;
    if (!sctlr(w, PTW_SIM_ARM_SCTLR_HA))
        return true;
    w->set = l->access_flag;
    return false;
}

static enum ptw_sim_outcome grant(struct ptw_sim_walk *w)
{
    unsigned need = w->access & (PTW_SIM_READ | PTW_SIM_WRITE | PTW_SIM_FETCH);

    if ((w->access & PTW_SIM_USER) != 0)
        need *= PTW_SIM_UR / PTW_SIM_R;
    if ((w->rights & need) != need)
        return fault(w, PTW_SIM_DENIED, "the leaf denies this access");
    return PTW_SIM_LEAF;
}

static enum ptw_sim_outcome grant_mtk(struct ptw_sim_walk *w)
{
    w->rights = PTW_SIM_R | PTW_SIM_W | PTW_SIM_UR | PTW_SIM_UW;
    return grant(w);
}

static enum ptw_sim_outcome grant_client(struct ptw_sim_walk *w, const struct leaf *l)
{
    const uint64_t domain = reg(w, PTW_SIM_ARM_SHORT_DACR) >> 2 * w->own[DOMAIN] & 3U;

    if (flag_is_missing(w, l))
        return fault(w, PTW_SIM_UNSET, "AP[0], the access flag, is clear");
    if (domain != DOMAIN_CLIENT && domain != DOMAIN_MANAGER)
        return fault(w, PTW_SIM_DENIED, "DACR: no access to the leaf's domain");
    if (!sctlr(w, PTW_SIM_ARM_SCTLR_AFE) && l->ap == 4)
        return fault(w, PTW_SIM_RESERVED, "AP[2:0] is 100");
    w->rights = data_rights(w, l);
    w->rights |= fetch_rights(w, l, w->rights);
    if (domain == DOMAIN_MANAGER) /* nothing is checked, XN included */
        w->rights = PTW_SIM_R | PTW_SIM_W | PTW_SIM_X | PTW_SIM_UR | PTW_SIM_UW | PTW_SIM_UX;
    return grant(w);
}

static enum ptw_sim_outcome found(struct ptw_sim_walk *w, const struct leaf *l)
{
    const uint64_t mask = ptw_low_mask(l->shift);

    decides_about(w, l->shift);
    w->out = l->base | mtk_high(w, w->word) | (w->addr & mask);
    w->type = (sctlr(w, PTW_SIM_ARM_SCTLR_TRE) ? l->mem & 7U : l->mem) | (l->s ? PTW_SIM_ARM_SHORT_S : 0) |
              (l->ns ? PTW_SIM_ARM64_TYPE_NS : 0);
    w->global = !l->ng;
    return mtk_bits(w) != 0 ? grant_mtk(w) : grant_client(w, l);
}

static unsigned mem_of(uint64_t tex, uint64_t word)
{
    return (unsigned)(tex << 2 | field(word, 3, 2));
}

static enum ptw_sim_outcome step_section(struct ptw_sim_walk *w, uint64_t word)
{
    const bool super = (word & SUPERSECTION) != 0;
    struct leaf l = {
        .shift = super ? 24 : 20,
        .base = super ? (word & PTW_BITS(31, 24)) : (word & PTW_BITS(31, 20)),
        .mem = mem_of(field(word, 14, 12), word),
        .ap = (unsigned)(field(word, 11, 10) | field(word, 15, 15) << 2),
        .access_flag = PTW_BIT(10),
        .xn = bit(word, 4),
        .pxn = bit(word, 0),
        .s = bit(word, 16),
        .ng = bit(word, 17),
        .ns = bit(word, 19),
    };

    if (bit(word, 0) && !has_pxn(w))
        return fault(w, PTW_SIM_RESERVED, "type 11 where there is no PXN");
    w->own[DOMAIN] = super ? 0 : field(word, 8, 5);
    if (super && mtk_bits(w) != 0 && field(word, 23, 20) != 0)
        return fault(w, PTW_SIM_RESERVED, "bits 23:20 of a supersection with MediaTek's extension");
    if (super && mtk_bits(w) == 0) /* seen in one source */
        l.base |= field(word, 23, 20) << 32 | field(word, 8, 5) << 36;
    return found(w, &l);
}

static enum ptw_sim_outcome step_table(struct ptw_sim_walk *w, uint64_t word)
{
    if (mtk_bits(w) == 0 && bit(word, 4))
        return fault(w, PTW_SIM_RESERVED, "bit 4 of a table entry is set");
    if ((word & TABLE_PXN) != 0 && !has_pxn(w))
        return fault(w, PTW_SIM_RESERVED, "PXN of a table entry where there is no PXN");
    w->own[DOMAIN] = field(word, 8, 5);
    w->own[PAGE_LIMITS] = word & (TABLE_NS | TABLE_PXN);
    w->level = 0;
    return read_entry(w, (word & PTW_BITS(31, 10)) | mtk_high(w, word), w->addr >> 12 & 0xffU);
}

static enum ptw_sim_outcome step_page(struct ptw_sim_walk *w, uint64_t word)
{
    const bool small = bit(word, 1);
    struct leaf l = {
        .shift = small ? 12 : 16,
        .base = small ? (word & PTW_BITS(31, 12)) : (word & PTW_BITS(31, 16)),
        .mem = mem_of(small ? field(word, 8, 6) : field(word, 14, 12), word),
        .ap = (unsigned)(field(word, 5, 4) | field(word, 9, 9) << 2),
        .access_flag = PTW_BIT(4),
        .xn = small ? bit(word, 0) : bit(word, 15),
        .pxn = (w->own[PAGE_LIMITS] & TABLE_PXN) != 0,
        .s = bit(word, 10),
        .ng = bit(word, 11),
        .ns = (w->own[PAGE_LIMITS] & TABLE_NS) != 0,
    };

    if (!small && field(word, 8, 6) != 0)
        return fault(w, PTW_SIM_RESERVED, "bits 8:6 of a large page are set");
    return found(w, &l);
}

static enum ptw_sim_outcome step(struct ptw_sim_walk *w, uint64_t word)
{
    decides_about(w, w->level == 1 ? 20 : 12);
    if ((word & 3U) == 0)
        return fault(w, PTW_SIM_ABSENT, "type 00");
    if (w->level == 0)
        return step_page(w, word);
    return (word & 3U) == 1 ? step_table(w, word) : step_section(w, word);
}

static const char *const registers[] = {"TTBR0", "TTBR1", "TTBCR", "SCTLR", "DACR", "CPU", NULL};

const struct ptw_sim_walker ptw_sim_arm_short = {
    .name = "arm-short",
    .manual = "Arm ARM (DDI 0406) B3.5",
    .registers = registers,
    .start = start,
    .step = step,
};
