/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tests/proof/toy_memory.h - the memory that toy tables live in, the hardware that walks them, and what both find wrong.
 *
 * Tables have numbers. 0 ... TOY_NODES - 1 are where the first state's tables lie: the root, then level by level; the ones
 * after these are what the allocator gives out, each once. The physical address of table n is (n + 1) * 64.
 *
 * One page is watched and one table, any, so that what is proved of them is proved of all. The page: every change of what
 * it translates to. The table, which stands or will stand on the way to that page: is it used after it was freed, or freed
 * before hardware was made to forget it. Hardware sets A and D of the page at a moment that nobody knows, once.
 *
 * Few branches: CBMC joins all variables behind each.
 */
#ifndef PROOF_TOY_MEMORY_H
#define PROOF_TOY_MEMORY_H

#include "proof.h"
#include "toy.h"

#if TOY_LEVELS == 2
#define TOY_NODES (1U + TOY_ENTRIES)
#else
#define TOY_NODES (1U + TOY_ENTRIES + TOY_ENTRIES * TOY_ENTRIES)
#endif
#ifndef TOY_SPARE
#define TOY_SPARE (TOY_NODES - 1U)
#endif
#define TOY_TABLES (TOY_NODES + TOY_SPARE)
#define TOY_PAGES (1U << (TOY_LEVELS * TOY_INDEX))
#define TOY_OFFSET UINT64_C(0x1000)
#define NONE 0xffU

static uint16_t words[TOY_TABLES][TOY_ENTRIES];
static uint8_t given;      /* by the allocator */
static uint32_t allocated; /* bit n: table n */
static bool allocator_fails;
static bool stored; /* to an entry on the way to the page */

/* The entry that ends a walk to the page. */
struct seen {
    uint16_t w;
    uint8_t level;
};

static struct {
    uint16_t at;               /* its address */
    uint8_t index[TOY_LEVELS]; /* its index in a table at each level */
    uint8_t path[TOY_LEVELS];  /* the tables on the way to it, by level; NONE */
    struct seen first;         /* before the operation */
    bool has_wanted;           /* the operation may map it */
    uint16_t wanted;           /* to here */
    bool hitless;              /* it must not become a hole, not for a moment */
    /* What hardware may still believe of it: bit l, of an entry at level l. */
    uint8_t gone;   /* a translation that is gone or another one */
    uint8_t table;  /* a table that is unlinked */
    uint8_t rights; /* a right that is gone */
    uint8_t clean;  /* that D is set, so that it would not set it again */
    uint8_t hole;   /* that there is no translation */
    /* One access by hardware. */
    bool access_pending, wrote;
} page;

static struct {
    uint8_t no, level;
    bool allocated, was_linked, forgotten;
} table;

/* ------------------------------------------------------------------------------------------------ the shape ------ */

static inline unsigned shift_of(unsigned level)
{
    return TOY_GRANULE + TOY_INDEX * level;
}

static inline bool is_table(ptw_word w)
{
    return (w & (TOY_P | TOY_L)) == TOY_P;
}

static inline bool is_leaf(ptw_word w)
{
    return (w & (TOY_P | TOY_L)) == (TOY_P | TOY_L);
}

static inline uint8_t child_of(ptw_word w)
{
    return (uint8_t)(((w & TOY_ADDRESS) >> TOY_GRANULE) - 1);
}

static inline bool is_mapped(struct seen s)
{
    return is_leaf(s.w);
}

static inline uint16_t oa_of(struct seen s)
{
    return (uint16_t)((s.w & TOY_ADDRESS) | (page.at & (PTW_BIT(shift_of(s.level)) - 1)));
}

static inline ptw_attr attr_of(struct seen s)
{
    return is_mapped(s) ? toy_attr(NULL, s.w, s.level) : 0;
}

static bool is_linked(void)
{
    return page.path[table.level] == table.no;
}

/* Walks to the page and keeps the path. */
static struct seen look(void)
{
    struct seen s = {.w = words[0][page.index[TOY_TOP]], .level = TOY_TOP};

    for (unsigned level = TOY_TOP; level-- > 0;) {
        const bool down = s.level == level + 1 && is_table(s.w) && child_of(s.w) < TOY_TABLES;
        const uint8_t child = down ? child_of(s.w) : NONE;
        const bool watched = child == table.no;

        s.level = (uint8_t)(down ? level : s.level);
        s.w = down ? words[child][page.index[level]] : s.w;
        page.path[level] = child;
        table.was_linked = table.was_linked || watched;
        table.level = (uint8_t)(watched ? level : table.level);
    }
    return s;
}

/* All tables that can be reached, each once. */
static uint32_t linked_below(unsigned n, unsigned level, uint32_t linked)
{
    for (unsigned i = 0; i < TOY_ENTRIES; i++) {
        const ptw_word w = words[n][i];

        if (!is_table(w))
            continue;
        prove(level > 0 && child_of(w) < TOY_TABLES, "what is linked is a table");
        assume(child_of(w) < TOY_TABLES);
        prove((linked >> child_of(w) & 1) == 0, "a table is linked once");
        linked |= UINT32_C(1) << child_of(w);
        if (level > 1)
            linked = linked_below(child_of(w), level - 1, linked);
    }
    return linked;
}

static uint32_t linked_tables(void)
{
    return linked_below(0, TOY_TOP, 1);
}

/* An entry on the way to the page has changed. */
static void note_change(ptw_word old, ptw_word w, unsigned level)
{
    const bool was_valid = (old & TOY_P) != 0, is_valid = (w & TOY_P) != 0;
    const bool same = is_valid && ((old ^ w) & (TOY_P | TOY_L | TOY_ADDRESS)) == 0;
    const bool same_leaf = same && is_leaf(w);
    const struct seen now = look();

    stored = true;
    page.gone |= (uint8_t)((was_valid && !same) << level);
    page.table |= (uint8_t)((is_table(old) && !same) << level);
    page.rights |= (uint8_t)((same_leaf && (old & ~w & TOY_W) != 0) << level);
    page.clean |= (uint8_t)((same_leaf && (old & ~w & TOY_D) != 0) << level);
    page.hole |= (uint8_t)((!was_valid && is_mapped(now)) << level);
    prove(!TOY_BREAKS || !is_valid || same || (page.gone == 0 && page.table == 0),
          "nothing is made before what was there is broken and forgotten");
    prove(!is_mapped(now) || (is_mapped(page.first) && oa_of(now) == oa_of(page.first)) ||
              (page.has_wanted && oa_of(now) == page.wanted),
          "at no moment is the page mapped to anything else");
    prove(!page.hitless || is_mapped(now), "at no moment is the page a hole");
    prove(!is_table(now.w), "what is linked is a table");
}

static void change(uint8_t n, uint8_t i, ptw_word w)
{
    const ptw_word old = words[n][i];
    const uint8_t level = n == 0                           ? TOY_TOP
                          : n == page.path[0]              ? 0
                          : n == page.path[TOY_LEVELS / 2] ? TOY_LEVELS / 2
                                                           : NONE;

    prove(w >> TOY_BITS == 0, "an entry has 16 bits");
    words[n][i] = (uint16_t)w;
    if (level != NONE && i == page.index[level])
        note_change(old, w, level);
}

/* -------------------------------------------------------------------------------------------------- accesses ----- */

/* Hardware uses the leaf for the page in the table, which it may know although it is unlinked, until it is told. */
static void hardware(void)
{
    if (!TOY_HARDWARE)
        return;
    const bool now = page.access_pending && any_flag();
    const uint8_t i = page.index[table.level];
    const uint16_t w = words[table.no][i];
    const bool known = table.allocated && (is_linked() || (table.was_linked && !table.forgotten)) && is_leaf(w);
    const bool writes = now && known && (w & TOY_W) != 0 && any_flag();

    page.access_pending = page.access_pending && !now;
    page.wrote = page.wrote || writes;
    words[table.no][i] = (uint16_t)(w | (now && known ? TOY_A : 0) | (writes ? TOY_D : 0));
}

struct at {
    uint8_t n, i;
    bool padding; /* small tables take 64 bytes */
};

static struct at find(const void *slot)
{
    const uint64_t address = (uint64_t)(uintptr_t)slot - TOY_OFFSET;
    const struct at at = {(uint8_t)((address >> TOY_GRANULE) - 1), (uint8_t)(address >> 3 & (TOY_ENTRIES - 1)),
                          (address >> 3 & 7) >= TOY_ENTRIES};

    prove((address & 7) == 0 && address >> TOY_GRANULE != 0 && address >> TOY_GRANULE <= TOY_TABLES &&
              (at.n != table.no || table.allocated),
          "an access is to an entry of a table that is not freed");
    assume(at.n < TOY_TABLES);
    return at;
}

uint64_t toy_load(const void *slot)
{
    const struct at at = find(slot);

    return at.padding ? any() : words[at.n][at.i];
}

void toy_store(void *slot, uint64_t w)
{
    const struct at at = find(slot);

    if (at.padding)
        return;
    hardware();
    change(at.n, at.i, w);
}

uint64_t toy_exchange(void *slot, uint64_t w)
{
    const struct at at = find(slot);

    hardware();
    const uint64_t old = words[at.n][at.i];
    change(at.n, at.i, w);
    return old;
}

bool toy_compare_exchange(void *slot, uint64_t *expected, uint64_t w)
{
    const struct at at = find(slot);

    hardware();
    const uint64_t old = words[at.n][at.i];
    const bool won = old == *expected;
    *expected = old;
    if (won)
        change(at.n, at.i, w);
    return won;
}

/* ----------------------------------------------------------------------------------------------------- hooks ----- */

static void *toy_alloc(void *ctx, size_t bytes, ptw_oa *pa)
{
    const uint8_t n = (uint8_t)(TOY_NODES + given);

    (void)ctx;
    prove(bytes == 64, "a table has 64 bytes");
    if (allocator_fails && any_flag())
        return NULL;
    prove(given < TOY_SPARE, "no more tables are allocated than there are places");
    assume(given < TOY_SPARE);
    given++;
    allocated |= UINT32_C(1) << n;
    table.allocated = table.allocated || n == table.no;
    *pa = (ptw_oa)(n + 1) << TOY_GRANULE;
    return (void *)(uintptr_t)(*pa + TOY_OFFSET);
}

static void toy_free(void *ctx, void *va, ptw_oa pa, size_t bytes)
{
    const uint64_t no = (pa >> TOY_GRANULE) - 1;
    const bool watched = no == table.no;

    (void)ctx;
    prove(bytes == 64 && no < TOY_TABLES && (uint64_t)(uintptr_t)va == pa + TOY_OFFSET, "what is freed is a table");
    assume(no < TOY_TABLES);
    prove((allocated >> no & 1) != 0, "a table is freed once");
    prove(!watched || !table.was_linked || (!is_linked() && table.forgotten),
          "a table is freed when hardware has forgotten it");
    allocated &= ~(UINT32_C(1) << no);
    table.allocated = table.allocated && !watched;
}

/* The levels of entries for [first, last] that it tells of, for all these reasons. STRUCT is about all that is below, too. */
static uint64_t told(const struct ptw_inval *inval, ptw_addr first, ptw_addr last, uint64_t reasons)
{
    const uint64_t below = inval->levels | inval->levels >> 1 | inval->levels >> 2;
    const bool tells = inval->first <= first && last <= inval->last && (inval->reasons & reasons) == reasons;

    return !tells ? 0 : (inval->reasons & PTW_OWED_STRUCT) != 0 ? below : inval->levels;
}

/* Which of the levels it does not tell of. */
static uint8_t left(uint8_t levels, const struct ptw_inval *inval, uint64_t reasons)
{
    return (uint8_t)(levels & ~told(inval, page.at, page.at + (TOY_PAGE - 1), reasons));
}

static void toy_invalidate(void *ctx, const struct ptw_inval *inval)
{
    const ptw_addr span = PTW_BIT(shift_of(table.level + 1U));

    (void)ctx;
    page.gone = left(page.gone, inval, PTW_OWED_TRANSLATION);
    page.table = left(page.table, inval, PTW_OWED_STRUCT);
    page.rights = left(page.rights, inval, PTW_OWED_RIGHTS);
    page.clean = left(page.clean, inval, PTW_OWED_DIRTY);
    page.hole = left(page.hole, inval, PTW_OWED_MAKE);
    table.forgotten =
        table.forgotten ||
        (table.was_linked && !is_linked() &&
         (told(inval, page.at & ~(span - 1), page.at | (span - 1), PTW_OWED_STRUCT) >> (table.level + 1U) & 1) != 0);
}

#endif
