/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * script_decode.c - from an operation's eight bytes to a step with addresses and attributes for one table.
 *
 *   from   negative | big | giga giga | mega mega | page page     an offset from the anchor: {0, 1, 2, 511} pages, ...
 *   to     0 | length code              or            1 | big | giga giga | mega mega | page page     the other end
 *
 * All steps of a script share few coordinates, so that ranges touch, overlap and repeat each other.
 */
#include "script.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LEAVES_AT_ONCE 1100U /* a step makes about this many leaves at most */
#define BITMAP_BITS_MAX 4096U

/* ------------------------------------------------------------------------------------------ operations --- */

/* How often each operation comes, in 64ths. */
static const struct {
    const char *name;
    unsigned share;
} codes[SCRIPT_CODES] = {
    [SCRIPT_MAP] = {"map", 14},
    [SCRIPT_UNMAP] = {"unmap", 6},
    [SCRIPT_PROTECT] = {"protect", 4},
    [SCRIPT_CUT] = {"cut", 3},
    [SCRIPT_SPLIT_TO] = {"split_to", 2},
    [SCRIPT_MERGE] = {"merge", 4},
    [SCRIPT_DIRTY] = {"dirty", 4},
    [SCRIPT_AGE] = {"age", 2},
    [SCRIPT_TRANSLATE] = {"translate", 1},
    [SCRIPT_NEXT_RUN] = {"next_run", 1},
    [SCRIPT_CURSOR_TRANSLATE] = {"cursor_translate", 2},
    [SCRIPT_CURSOR_MAP] = {"cursor_map", 3},
    [SCRIPT_CURSOR_UNMAP] = {"cursor_unmap", 2},
    [SCRIPT_ACCESS] = {"access", 6},
    [SCRIPT_SYNC] = {"sync", 2},
    [SCRIPT_ANNOTATE] = {"annotate", 2},
    [SCRIPT_AUDIT] = {"audit", 1},
    [SCRIPT_FAIL_ALLOC] = {"fail_alloc", 1},
    [SCRIPT_REMAP] = {"remap", 2},
    [SCRIPT_RELAX] = {"relax", 1},
    [SCRIPT_TRIM] = {"trim", 1},
};

enum script_code script_code_of(const struct script_op *op)
{
    unsigned at = op->code % 64U, code = 0;

    while (at >= codes[code].share)
        at -= codes[code++].share;
    return (enum script_code)code;
}

const char *script_name_of(enum script_code code)
{
    return codes[code].name;
}

uint8_t script_byte_of(enum script_code code)
{
    unsigned byte = 0;

    for (unsigned i = 0; i < (unsigned)code; i++)
        byte += codes[i].share;
    return (uint8_t)byte;
}

/* ------------------------------------------------------------------------------------------- addresses --- */

/* What two tables that play the same script have in common. */
struct space {
    ptw_addr half;     /* bytes of the space, or of each half of a sign-extended one; a power of two; 0: 2^64 */
    bool halves, high; /* high: the space ends at 2^64 instead of beginning at 0 */
    unsigned root_shift, table_shift, big_shift, oa_bits, max_leaf;
    unsigned shift[PTW_LEVELS_MAX]; /* log2 of what a leaf covers, by level: 12, 21, 30 ... or as the granule has it */
};

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static struct space space_of(const struct script_player *p)
{
    const struct ptw_geometry *a = &p->f->t.geo, *b = p->peer == NULL ? a : &p->peer->t.geo;
    struct space s = {.half = (a->ia_mask < b->ia_mask ? a->ia_mask : b->ia_mask) + 1};

    s.halves = a->ia_sign != 0 && b->ia_sign != 0;
    s.high = a->ia_sign == 0 && a->ia_bias != 0;
    if ((a->ia_sign | b->ia_sign) != 0)
        s.half /= 2;
    s.max_leaf = least(a->max_leaf, b->max_leaf);
    s.oa_bits = least(a->oa_bits, b->oa_bits);
    s.root_shift = least(ptw_level_shift(a->encoder, a->top), ptw_level_shift(b->encoder, b->top));
    const struct ptw_geometry *wide = a->root_bits > b->root_bits ? a : b;
    s.table_shift = wide->root_bits > 9 ? ptw_level_shift(wide->encoder, wide->top) + 9 : s.root_shift + 1;
    s.big_shift = s.max_leaf == 4 ? 48 : 39;
    for (unsigned level = 0; level < PTW_LEVELS_MAX; level++)
        s.shift[level] = least(ptw_level_shift(a->encoder, level), 63);
    return s;
}

/* Bytes of a leaf at `level`; entries of a level-0 table. */
static uint64_t bytes_at(const struct space *s, unsigned level)
{
    return UINT64_C(1) << s->shift[level];
}

static uint64_t pages_of_table(const struct space *s)
{
    return bytes_at(s, 1) >> s->shift[0];
}

static ptw_addr anchor_of(const struct space *s, uint8_t anchor, bool *upper)
{
    const ptw_addr at[] = {0,
                           UINT64_C(1) << s->root_shift,
                           5 * bytes_at(s, 2),
                           0 /* the end */,
                           UINT64_C(1) << s->table_shift,
                           bytes_at(s, 2) / 2,
                           0,
                           0};

    *upper = s->halves && (anchor & 8) != 0;
    return at[anchor % 8] & (s->half - 1);
}

static ptw_addr offset_of(const struct space *s, uint8_t byte)
{
    const ptw_addr small[] = {0, 1, 2, pages_of_table(s) - 1}, giga = byte >> 4 & 3;

    return small[byte & 3] << s->shift[0] | small[(byte >> 2) & 3] << s->shift[1] | giga << s->shift[2] |
           ((byte & 0x40) != 0 ? UINT64_C(1) << s->big_shift : 0);
}

static uint64_t length_of(const struct space *s, uint8_t code, ptw_addr place)
{
    const uint64_t n = pages_of_table(s), page = bytes_at(s, 0);
    const uint64_t pages[] = {1, 1, 1, 2, 3, 8, 64, n - 1, n, n + 1, 2 * n, n * n};

    if (code % 16 < COUNT(pages))
        return pages[code % 16] * page;
    switch (code % 16) {
    case 12: /* to the next boundary of a leaf at level 1 */
        return bytes_at(s, 1) - (place & ptw_low_mask(s->shift[1]));
    case 13:
        return bytes_at(s, 2) - (place & ptw_low_mask(s->shift[2]));
    case 14:
        return bytes_at(s, 1) - (place & ptw_low_mask(s->shift[1])) + page;
    default:
        return bytes_at(s, 2) + page;
    }
}

/* The range, inside of one half of the space. Answers the anchor's address, for the output address. */
static ptw_addr decode_range(const struct script_player *p, const struct script_op *op, const struct space *space,
                             struct script_step *s)
{
    bool upper, negative = (op->from & 0x80) != 0 || op->anchor % 8 == 3;
    ptw_addr anchor = anchor_of(space, op->anchor, &upper);
    ptw_addr base = upper || space->high ? 0 - space->half : 0;
    ptw_addr offset = offset_of(space, op->from);
    ptw_addr a = (anchor + (negative ? 0 - offset : offset)) & (space->half - 1), b;

    if ((op->to & 0x80) == 0) {
        b = a + length_of(space, op->to, a);
    } else {
        offset = offset_of(space, op->to);
        b = (anchor + (negative ? 0 - offset : offset)) & (space->half - 1);
        if (b < a) {
            ptw_addr c = a;
            a = b;
            b = c;
        }
        b = b == a ? a + bytes_at(space, 0) : b;
    }
    if (b - 1 > space->half - 1 || b - 1 < a)
        b = space->half;
    (void)p;
    s->addr = base + a;
    s->size = b - a;
    s->last = s->addr + (s->size - 1);
    return base + anchor;
}

/* Makes the range so short that about LEAVES_AT_ONCE leaves at `level` cover it; seldom many more. */
static void limit_size(const struct script_op *op, const struct space *space, struct script_step *s, unsigned level)
{
    uint64_t leaves = (op->extra & 31) == 30 ? 32 * LEAVES_AT_ONCE : LEAVES_AT_ONCE;
    uint64_t most = leaves << space->shift[least(level, 4)];

    if (s->size > most) {
        s->size = most;
        s->last = s->addr + (s->size - 1);
    }
}

/* log2 of what a leaf at `level` covers, in the one of the two tables where it is more. */
static unsigned least_shift(const struct script_player *p, unsigned level)
{
    unsigned a = ptw_level_shift(p->f->t.geo.encoder, level);
    unsigned b = p->peer == NULL ? a : ptw_level_shift(p->peer->t.geo.encoder, level);

    return a > b ? a : b;
}

static ptw_oa decode_oa(const struct script_op *op, const struct space *space, const struct script_step *s,
                        ptw_addr anchor)
{
    const uint64_t n = pages_of_table(space);
    const uint64_t pages[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, n, n * n, (uint64_t)-1, 3 * n, 0, 2};
    const ptw_oa last = ptw_low_mask(space->oa_bits);
    ptw_addr away = (s->addr - anchor) & (space->half - 1);
    ptw_oa oa;

    if (away >= space->half / 2) /* before the anchor, or before the end of the space for an anchor at its beginning */
        away -= space->half;
    if (op->oa % 16 == 14) /* ends with the last output address */
        return last + 1 - s->size;
    oa = ((UINT64_C(1) << (space->oa_bits - 1)) + away + (pages[op->oa % 16] << space->shift[0])) & last;
    return oa > last + 1 - s->size ? last + 1 - s->size : oa; /* outputs may be no wider than inputs */
}

/* ------------------------------------------------------------------------------------------ attributes --- */

static bool legal(const struct script_player *p, ptw_attr attr)
{
    return fixture_legal(p->f, attr) && (p->peer == NULL || fixture_legal(p->peer, attr));
}

/* The byte's wishes one after the other, each kept if the format can express it. */
static ptw_attr decode_attr(const struct script_player *p, uint8_t byte)
{
    static const ptw_attr rights[] = {
        PTW_R | PTW_W | PTW_X, PTW_R | PTW_W, PTW_R, PTW_R | PTW_X, PTW_X, 0, PTW_R | PTW_W | PTW_X | PTW_USER, PTW_W};
    static const ptw_attr more[] = {PTW_MT_UC, PTW_SOFT(1), PTW_BIT(32)};
    ptw_attr attr = rights[(byte & 3) | (byte & 0x80) >> 5];

    if (!legal(p, attr))
        attr = legal(p, PTW_R | PTW_W) ? PTW_R | PTW_W : PTW_R | PTW_W | PTW_X;
    for (unsigned i = 0; i < COUNT(more); i++) {
        if ((byte & (0x10 << i)) != 0 && legal(p, (attr & ~(more[i] & PTW_MT_MASK)) | more[i]))
            attr |= more[i];
    }
    return attr | ((byte & 4) != 0 ? PTW_D : 0) | ((byte & 8) != 0 ? PTW_A : 0);
}

/* ---------------------------------------------------------------------------------- each operation's own --- */

static void decode_map(const struct script_player *p, const struct script_op *op, const struct space *space,
                       struct script_step *s, ptw_addr anchor)
{
    unsigned cap = (op->flags & 0x0c) == 0x0c ? op->flags & 3 : PTW_LEVELS_MAX;

    limit_size(op, space, s, space->max_leaf);
    if (s->size > UINT64_C(1) << (space->oa_bits - 2)) /* a space may be larger than what it can go to */
        s->size = UINT64_C(1) << (space->oa_bits - 2);
    s->last = s->addr + (s->size - 1);
    s->oa = decode_oa(op, space, s, anchor);
    if (s->oa > ptw_low_mask(space->oa_bits) - (s->size - 1)) /* one that is just as large leaves no room for a shift */
        s->oa = (ptw_low_mask(space->oa_bits) + 1) - s->size;
    s->attr = decode_attr(p, op->attr);
    if (cap < PTW_LEVELS_MAX)
        s->flags = PTW_MAX_LEVEL(cap);
    if ((op->flags & 0x30) == 0x30)
        s->flags |= (op->flags & 0x40) != 0 ? PTW_REPLACE : PTW_IF_EMPTY;
    unsigned aligned = s->oa == s->addr ? 63 : ptw_low_bit(s->oa ^ s->addr);
    unsigned level = least(cap, space->max_leaf);
    while (level > 0 && aligned < least_shift(p, level))
        level--;
    limit_size(op, space, s, level);
}

static void decode_edges(const struct script_op *op, struct script_step *s)
{
    switch (op->flags & 7) {
    case 0:
        s->flags = PTW_STRICT;
        break;
    case 1:
        s->flags = PTW_WIDEN;
        break;
    default:
        s->flags = 0;
    }
}

static void decode_protect(const struct script_player *p, const struct script_op *op, struct script_step *s)
{
    static const struct {
        ptw_attr add, remove;
    } change[] = {{0, PTW_W},         {PTW_W, 0},       {0, PTW_X},         {PTW_X, 0},
                  {PTW_R | PTW_W, 0}, {0, PTW_SOFT(1)}, {PTW_SOFT(1), 0},   {PTW_SOFT(1), PTW_W},
                  {PTW_R, PTW_W},     {PTW_W, PTW_X},   {0, PTW_W | PTW_X}, {0, PTW_R},
                  {0, PTW_R | PTW_W}, {PTW_X, PTW_R},   {PTW_USER, 0},      {0, 0}};

    decode_edges(op, s);
    if (op->flags == 0xf7)
        s->flags = PTW_ALL;
    s->attr = change[op->attr % 16].add;
    s->remove = change[op->attr % 16].remove;
    if (p->peer != NULL) { /* what is legal differs; these are legal in all formats */
        s->attr = (s->attr & PTW_SOFT(1)) | ((s->attr & PTW_W) != 0 ? PTW_R | PTW_W : 0);
        s->remove &= PTW_W | PTW_SOFT(1);
    }
}

/* A large leaf split to its last page is half a million entries: one level at a time is the rule. */
static void decode_split(const struct script_player *p, const struct script_op *op, const struct space *space,
                         struct script_step *s)
{
    unsigned level = op->flags & 3;
    struct ptw_leaf leaf;

    for (int end = 0; end < 2; end++) {
        if (ptw_translate(&p->f->t, end == 0 ? s->addr : s->last, &leaf) == PTW_OK && leaf.level > level + 1)
            level = (unsigned)leaf.level - 1;
    }
    level = least(level, p->f->t.geo.max_leaf);
    limit_size(op, space, s, level);
    if (s->size > UINT64_C(4) << space->shift[level + 1] && (op->extra & 31) != 30)
        level++;
    s->flags = level == 0 && (op->flags & 4) != 0 ? 0 : PTW_MAX_LEVEL(level);
}

static void decode_merge(const struct script_op *op, struct script_step *s)
{
    if ((op->flags & 0xc0) == 0xc0)
        s->flags = PTW_ALL;
    if ((op->flags & 0x0c) == 0x0c)
        s->flags |= PTW_MAX_LEVEL(op->flags & 3);
}

/* Bitmaps of a whole space: into the hole between two halves, from there on, and all of 2^64. */
static void decode_wide_bitmap(unsigned which, struct script_step *s)
{
    s->bitmap_shift = which == 0 ? 37 : 53;
    s->bitmap_base = which == 1 ? UINT64_C(1) << 53 : 0;
    s->bitmap_bits = which == 0 ? 1500 : which == 1 ? 2047 : 2048;
}

static void decode_round(const struct script_op *op, const struct space *space, struct script_step *s)
{
    static const int coarser[] = {0, 0, 0, 1, 6, 9, -1, -3, 12, 18, 0, 0, 0, 0, 0, 0};
    const ptw_addr page = bytes_at(space, 0), mega = bytes_at(space, 1);
    const ptw_addr before[] = {0, 0, page, 3 * page, mega, 0, 0, 0};
    const ptw_addr behind[] = {0, 0, 0, 0, 0, page, mega / 2, page / 8};

    if (s->code == SCRIPT_DIRTY && (op->flags & 1) != 0)
        s->flags |= PTW_WRITE_PROTECT;
    if ((op->flags & 2) != 0)
        s->flags |= PTW_CLEAR;
    else if ((op->flags & 4) != 0)
        s->flags |= PTW_PEEK;
    if ((op->flags & 0x38) == 0x38)
        s->flags |= PTW_WIDEN;
    if ((op->flags & 0xc0) == 0xc0)
        s->flags |= PTW_ALL;
    s->no_bitmap = (op->attr & 7) == 0;
    if ((op->attr & 3) == 0)
        return;
    s->bitmap_shift = space->shift[0] + (unsigned)coarser[op->attr >> 4];
    s->bitmap_base = s->addr - before[(op->attr >> 2) & 3] + behind[(op->oa >> 2) & 7];
    if (s->bitmap_base > s->last || s->bitmap_base + before[(op->attr >> 2) & 3] < s->addr)
        s->bitmap_base = s->addr;
    s->bitmap_base &= ~ptw_low_mask(s->bitmap_shift);
    s->bitmap_bits = ((s->last - s->bitmap_base) >> s->bitmap_shift) + 1;
    if ((op->oa & 3) == 3)
        s->bitmap_bits = 1 + s->bitmap_bits / 2;
    else if ((op->oa & 3) == 2)
        s->bitmap_bits = 2 * s->bitmap_bits + 5;
    if (s->bitmap_bits > BITMAP_BITS_MAX)
        s->bitmap_bits = BITMAP_BITS_MAX - 3;
    if ((s->flags & PTW_ALL) != 0 && (op->oa & 0x30) == 0x30)
        decode_wide_bitmap(op->oa >> 6 & 3, s);
}

/* Spoils a good step. Answers false if this operation can't be wrong in this way. */
static bool spoil(const struct script_player *p, enum script_wrong wrong, struct script_step *s)
{
    const struct ptw_geometry *g = &p->f->t.geo;
    const uint64_t page = UINT64_C(1) << g->encoder->granule;
    bool one = s->code == SCRIPT_CUT || s->code == SCRIPT_CURSOR_MAP || s->code == SCRIPT_CURSOR_UNMAP;
    bool map = s->code == SCRIPT_MAP || s->code == SCRIPT_CURSOR_MAP || s->code == SCRIPT_REMAP;

    switch (wrong) {
    case SCRIPT_ADDR_MISALIGNED:
        s->addr += 8;
        return true;
    case SCRIPT_SIZE_MISALIGNED:
        s->size -= 1;
        return !one;
    case SCRIPT_SIZE_ZERO:
        s->size = 0;
        return !one;
    case SCRIPT_ADDR_OUTSIDE:
        s->addr = g->ia_sign != 0 ? g->ia_sign : g->ia_bias != 0 ? 0 - g->ia_bias - page : g->ia_mask + 1;
        return s->addr != 0;
    case SCRIPT_SIZE_OUTSIDE:
        s->size = (g->ia_sign != 0 ? g->ia_sign : g->ia_mask + 1) + page;
        if (g->ia_mask == UINT64_MAX && g->ia_sign == 0) /* no size is that large, but there is an end */
            s->size -= s->addr;
        return !one && s->size > page;
    case SCRIPT_ATTR_ILLEGAL:
        s->attr = (s->addr & page) != 0 ? PTW_BIT(63) : ~(ptw_attr)0;
        return map && s->code != SCRIPT_REMAP;
    case SCRIPT_OA_MISALIGNED:
        s->oa += 1;
        return map;
    case SCRIPT_OA_OUTSIDE:
        s->oa = ptw_low_mask(g->oa_bits) - (page - 1);
        if (s->code == SCRIPT_CURSOR_MAP)
            s->oa += page;
        return map && (s->code == SCRIPT_CURSOR_MAP ? s->oa != 0 : s->size > page); /* 64 bits have nothing beyond */
    default:
        return false;
    }
}

static bool can_be_wrong(enum script_code code)
{
    return code <= SCRIPT_AGE || code == SCRIPT_CURSOR_MAP || code == SCRIPT_CURSOR_UNMAP || code == SCRIPT_ANNOTATE ||
           code == SCRIPT_REMAP || code == SCRIPT_TRIM;
}

/* Few types and payloads, so that equal ones meet. Type 0 takes marks away. */
static void decode_annotate(const struct script_player *p, const struct script_op *op, const struct space *space,
                            struct script_step *s)
{
    const unsigned bits = ptw_mark_bits(&p->f->t), others = p->peer == NULL ? bits : ptw_mark_bits(&p->peer->t);

    limit_size(op, space, s, 1);
    if ((op->flags & 0x18) == 0x18)
        s->flags = PTW_IF_EMPTY;
    else if ((op->flags & 7) == 0)
        s->flags = PTW_STRICT;
    s->number = op->attr % 4U == 3 ? 0 : PTW_MARK_USER + (op->attr >> 2 & 3) * 4U;
    s->payload = s->number == 0 ? 0 : (op->oa & 3) * 5U & ptw_low_mask(least(bits, others));
}

static void decode_remap(const struct script_op *op, const struct space *space, struct script_step *s, ptw_addr anchor)
{
    limit_size(op, space, s, 0); /* one page off, and every leaf has to be cut */
    if (s->size > UINT64_C(1) << (space->oa_bits - 2))
        s->size = UINT64_C(1) << (space->oa_bits - 2);
    s->last = s->addr + (s->size - 1);
    s->oa = decode_oa(op, space, s, anchor);
    if (s->oa > ptw_low_mask(space->oa_bits) - (s->size - 1))
        s->oa = (ptw_low_mask(space->oa_bits) + 1) - s->size;
    if ((op->flags & 7) == 0)
        s->flags = PTW_STRICT;
}

static void decode_own(const struct script_player *p, const struct script_op *op, const struct space *space,
                       struct script_step *s, ptw_addr anchor)
{
    static const ptw_attr needs[] = {PTW_R, PTW_W, PTW_W, PTW_X};
    static const ptw_attr adds[] = {PTW_R, PTW_W,  PTW_R | PTW_W,          PTW_X,
                                    PTW_A, PTW_AD, PTW_R | PTW_W | PTW_AD, PTW_R | PTW_X | PTW_A};

    switch (s->code) {
    case SCRIPT_MAP:
        decode_map(p, op, space, s, anchor);
        break;
    case SCRIPT_UNMAP:
        decode_edges(op, s);
        s->sink = (op->attr & 1) != 0;
        if (op->flags == 0xf7)
            s->flags = PTW_ALL;
        break;
    case SCRIPT_PROTECT:
        decode_protect(p, op, s);
        break;
    case SCRIPT_SPLIT_TO:
        decode_split(p, op, space, s);
        break;
    case SCRIPT_MERGE:
        decode_merge(op, s);
        break;
    case SCRIPT_DIRTY:
    case SCRIPT_AGE:
        decode_round(op, space, s);
        break;
    case SCRIPT_CURSOR_MAP:
    case SCRIPT_CURSOR_UNMAP:
        s->size = bytes_at(space, 0);
        s->last = s->addr + (s->size - 1);
        s->oa = decode_oa(op, space, s, anchor);
        if (s->oa >
            ptw_low_mask(space->oa_bits) - (s->size - 1)) /* one that is just as large leaves no room for a shift */
            s->oa = (ptw_low_mask(space->oa_bits) + 1) - s->size;
        s->attr = decode_attr(p, op->attr);
        break;
    case SCRIPT_TRANSLATE:
    case SCRIPT_NEXT_RUN:
        s->addr += op->flags; /* needs no alignment */
        s->last -= op->flags;
        break;
    case SCRIPT_ACCESS:
        s->addr += op->flags; /* not only the first byte of a page */
        s->attr = needs[op->attr & 3];
        break;
    case SCRIPT_FAIL_ALLOC:
        s->number = op->attr % 6U;
        break;
    case SCRIPT_ANNOTATE:
        decode_annotate(p, op, space, s);
        break;
    case SCRIPT_REMAP:
        decode_remap(op, space, s, anchor);
        break;
    case SCRIPT_RELAX:
        s->addr += op->flags;
        s->attr = adds[op->attr % 8];
        s->remove = (op->attr & 0x18) == 0 ? PTW_SOFT(1) : 0;
        break;
    case SCRIPT_TRIM:
        if (op->flags >= 0xc0)
            s->flags = PTW_ALL;
        break;
    default:
        break;
    }
}

/* On a shared table half of the operations that have such a mode are called with it; by bits that choose nothing else. */
static void decode_mode(const struct script_player *p, const struct script_op *op, struct script_step *s)
{
    const bool has =
        s->code <= SCRIPT_AGE || s->code == SCRIPT_ANNOTATE || s->code == SCRIPT_TRIM || s->code == SCRIPT_REMAP;

    if (s->code <= SCRIPT_PROTECT && (op->extra & 7) == 2)
        s->flags |= PTW_ALL_OR_NOTHING;
    if (!p->f->t.shared || !has || (op->code & 0x40) == 0)
        return;
    s->flags |= PTW_SHARED;
    if (s->code == SCRIPT_UNMAP && (op->code & 0x80) != 0)
        s->flags |= PTW_FREEZE;
}

void script_decode(const struct script_player *p, const struct script_op *op, struct script_step *s)
{
    struct space space = space_of(p);

    memset(s, 0, sizeof(*s));
    s->code = script_code_of(op);
    ptw_addr anchor = decode_range(p, op, &space, s);
    decode_own(p, op, &space, s, anchor);
    decode_mode(p, op, s);
    if ((s->flags & PTW_ALL) != 0) { /* addr and size are ignored then: make them senseless */
        s->addr = 0;
        s->last = UINT64_MAX;
        s->size = 12345;
    } else if ((op->extra & 31) == 31 && can_be_wrong(s->code)) {
        struct script_step spoilt = *s;
        enum script_wrong wrong = (enum script_wrong)(1 + (op->extra >> 5));
        if (spoil(p, wrong, &spoilt)) {
            *s = spoilt;
            s->wrong = wrong;
        }
    }
}
