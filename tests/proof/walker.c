/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tests/proof/walker.c - one operation of the walker on any toy table with any arguments: each page translates as ptw/ptw.h
 * promises, what is owed is noted, no table leaks. The table that comes out is again one of those that can go in, so
 * that what is proved of one operation holds for every sequence of them. Each function proof_NAME is one proof.
 */
#include "toy_memory.h"

const struct ptw_format *const ptw_formats[] = {&toy, NULL};

static struct ptw_table t;
static struct ptw_gather g;

/* ----------------------------------------------------------------------------------------------- any table ------- */

/* Entry i of table n: empty, a mark, a leaf, or the table whose place that is. */
static ptw_word any_entry(unsigned n, unsigned i, unsigned level)
{
    const unsigned child = n * TOY_ENTRIES + i + 1;
    const ptw_word w = any() & ptw_low_mask(TOY_BITS);

    assume(!is_table(w) || (level > 0 && w == (((ptw_word)(child + 1) << TOY_GRANULE) | TOY_P)));
    assume(!is_leaf(w) || toy_illegal(NULL, w, level) == NULL);
    return w;
}

/* What the allocator gives has any content, but entries that look like tables: those would have to be told from links. */
static ptw_word any_content(void)
{
    const ptw_word w = any() & ptw_low_mask(TOY_BITS);

    assume(!is_table(w));
    return w;
}

#if !TOY_PLAIN
static void *toy_va(void *ctx, ptw_oa pa)
{
    (void)ctx;
    return (void *)(uintptr_t)(pa + TOY_OFFSET);
}
#endif

static void any_table(void)
{
    const struct ptw_mem mem = {
        .alloc = toy_alloc,
        .free = toy_free,
#if TOY_PLAIN
        .offset = TOY_OFFSET
#else
        .va = toy_va
#endif
    };
    const struct ptw_hw hw = {.invalidate = toy_invalidate};

    for (unsigned n = 0; n < TOY_TABLES; n++)
        for (unsigned i = 0; i < TOY_ENTRIES; i++)
            words[n][i] = (uint16_t)(n < TOY_NODES ? any_entry(n, i,
                                                               n == 0             ? TOY_TOP
                                                               : n <= TOY_ENTRIES ? TOY_TOP - 1
                                                                                  : TOY_TOP - 2)
                                                   : any_content());
    page.at = (uint16_t)((any() & (TOY_PAGES - 1)) << TOY_GRANULE);
    for (unsigned level = 0; level <= TOY_TOP; level++)
        page.index[level] = (uint8_t)(page.at >> shift_of(level) & (TOY_ENTRIES - 1));
    page.path[TOY_TOP] = 0;
    page.access_pending = any_flag();
    table.no = (uint8_t)any();
    assume(table.no < TOY_TABLES);
    allocator_fails = any_flag();
    allocated = linked_tables();
    page.first = look();
    table.allocated = table.was_linked || table.no == 0;
    assume(table.allocated || table.no >= TOY_NODES);
    table.level = (uint8_t)(table.no == 0 ? TOY_TOP : table.level);
    (void)ptw_open(&t, &toy, NULL, &mem, &hw, TOY_PAGE);
    ptw_gather_init(&g, &t);
}

/* ------------------------------------------------------------------------------------------- what must hold ------ */

/* [addr, end): of an operation that was stopped, what is done. */
struct range {
    ptw_addr addr, end;
};

static bool is_in(struct range r)
{
    return r.addr <= page.at && page.at < r.end;
}

static struct range any_range(void)
{
    struct range r = {(any() & (TOY_PAGES - 1)) << TOY_GRANULE, 0};

    r.end = r.addr + TOY_PAGE + ((any() & (TOY_PAGES - 1)) << TOY_GRANULE);
    assume(r.end <= TOY_PAGES << TOY_GRANULE);
#ifdef TOY_RANGE_PAGES
    assume(r.end <= r.addr + TOY_RANGE_PAGES * TOY_PAGE);
#endif
    return r;
}

static struct range done_of(struct range r, struct ptw_result result)
{
    if (result.status != PTW_OK && result.status != PTW_SPURIOUS) {
        prove(r.addr <= result.next && result.next < r.end, "next is in the range");
        r.end = result.next;
    }
    return r;
}

/* The translation is the same; A and D may only have grown. */
static bool is_same(struct seen a, struct seen b)
{
    if (!is_mapped(a))
        return b.w == a.w;
    return is_mapped(b) && oa_of(a) == oa_of(b) && ((attr_of(a) ^ attr_of(b)) & ~PTW_AD) == 0 &&
           (attr_of(a) & ~attr_of(b)) == 0;
}

/* A write by hardware is seen in the leaf. */
static void prove_dirt_is_kept(struct seen after)
{
    prove(!page.wrote || (attr_of(after) & PTW_D) != 0, "D that hardware set is not lost");
}

/* What hardware may believe wrongly is owed, and is paid by the sync; then no table is left over. The table is as any_table()
 * makes them, but for the places of its tables. */
static void prove_owed_and_paid(struct seen after)
{
    prove(left(page.gone, &g.inval, PTW_OWED_TRANSLATION) == 0, "a translation that is gone is owed");
    prove(left(page.table, &g.inval, PTW_OWED_STRUCT) == 0, "a table that is gone is owed");
    prove(left(page.rights, &g.inval, PTW_OWED_RIGHTS) == 0, "a right that is gone is owed");
    prove(left(page.clean, &g.inval, PTW_OWED_DIRTY) == 0, "a D that is gone is owed");
    prove(!TOY_NEGATIVE || left(page.hole, &g.inval, PTW_OWED_MAKE) == 0, "a hole that is filled is owed");
    ptw_gather_sync(&g);
    prove(ptw_gather_empty(&g), "after the sync nothing is owed");
    prove(allocated == linked_tables(), "no table is left over and none is missing");
    prove(!is_mapped(after) || toy_illegal(NULL, after.w, after.level) == NULL, "what the page ends in is legal");
}

/* ---------------------------------------------------------------------------------------------- operations ------- */

static bool is_locked(struct seen s)
{
    const unsigned type = toy_mark_type(s.w, s.level);

    return toy_kind(NULL, s.w, s.level) == PTW_MARKED && (type == PTW_MARK_LOCKED || type == PTW_MARK_DEAD);
}

/* A lookup finds what the tables say. */
void proof_translate(void)
{
    struct ptw_leaf leaf;

    any_table();
    const struct seen seen = page.first;
    const ptw_status status = ptw_translate(&t, page.at + (any() & (TOY_PAGE - 1)), &leaf);

    prove(!stored, "a lookup writes nothing");
    prove(status == (is_mapped(seen)   ? PTW_OK
                     : is_locked(seen) ? PTW_AGAIN
                                       : PTW_NOENT),
          "a lookup says whether the page is mapped");
    prove(leaf.word == seen.w && leaf.level == seen.level, "a lookup gives the entry");
    prove(status != PTW_OK || leaf.oa + (page.at - leaf.addr) == oa_of(seen), "a lookup gives the address");
    prove((leaf.addr & (PTW_BIT(shift_of(seen.level)) - 1)) == 0 && leaf.addr <= page.at,
          "a lookup says where it begins");
    reached();
}

/* Leaves appear where there was a hole; rights change where the translation is the same; all else stops it. */
void proof_map(void)
{
    const ptw_oa oa = (any() & 63) << TOY_GRANULE;
    const ptw_attr attr = any();
    const uint64_t flags = (any_flag() ? PTW_STRICT : 0) | (any_flag() ? PTW_MAX_LEVEL(any() & 3) : 0);
    ptw_word bits;

    any_table();
    const struct range range = any_range();
    const struct seen before = page.first;
    const ptw_oa want = oa + (page.at - range.addr);
    const bool empty = before.w == toy_empty(0);
    const bool fits = empty || (is_mapped(before) && oa_of(before) == want);

    assume(toy_bits(NULL, attr, 0, 0, &bits) && oa + (range.end - range.addr) <= PTW_BIT(TOY_OA_BITS));
    page.has_wanted = is_in(range);
    page.wanted = (uint16_t)want;
    const struct ptw_result r = ptw_map(&t, range.addr, oa, range.end - range.addr, attr, flags, &g);
    const struct range done = done_of(range, r);
    const struct seen after = look();

    prove(r.status == PTW_OK || r.status == PTW_SPURIOUS || r.status == PTW_EXISTS || r.status == PTW_NOMEM ||
              r.status == PTW_BISECT,
          "map answers what it promises");
    prove(r.status != PTW_NOMEM || allocator_fails, "NOMEM: the allocator gave no table");
    prove(r.status != PTW_BISECT || (flags & PTW_STRICT) != 0, "BISECT: cutting was forbidden");
    prove(r.status != PTW_EXISTS || page.at != r.next || !fits, "EXISTS: something else is there");
    prove(r.status != PTW_SPURIOUS || !stored, "SPURIOUS: nothing was written");
    if (is_in(done)) {
        prove(fits, "nothing else was mapped there");
        prove(is_mapped(after) && oa_of(after) == want && ((attr_of(after) ^ attr) & ~PTW_AD) == 0,
              "the page is mapped");
        prove(((empty ? attr : attr_of(before)) & ~attr_of(after) & PTW_AD) == 0, "A and D are kept");
    } else {
        prove(is_same(before, after), "other pages are as they were");
    }
    prove_dirt_is_kept(after);
    prove_owed_and_paid(after);
    reached();
}

static unsigned reports; /* of the page */
static struct ptw_leaf reported;

static void sink_leaf(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    (void)sink;
    if (leaf->addr > page.at || (page.at - leaf->addr) >> shift_of((unsigned)leaf->level) != 0)
        return;
    reports++;
    reported = *leaf;
}

/* Leaves disappear, their last word goes to the sink; neighbours stay. */
static void prove_unmap(struct ptw_sink *sink)
{
    const uint64_t flags = any_flag() ? 0 : any_flag() ? PTW_STRICT : PTW_WIDEN;

    any_table();
    const struct range range = any_range();
    const struct seen before = page.first;
    const ptw_addr leaf_first = page.at & ~(PTW_BIT(shift_of(before.level)) - 1);
    const ptw_addr leaf_end = leaf_first + PTW_BIT(shift_of(before.level));
    const struct ptw_result r = ptw_unmap(&t, range.addr, range.end - range.addr, flags, sink, &g);
    const struct range done = done_of(range, r);
    const struct seen after = look();

    prove(r.status == PTW_OK || r.status == PTW_NOMEM || r.status == PTW_BISECT, "unmap answers what it promises");
    prove(r.status != PTW_NOMEM || (allocator_fails && flags == 0), "NOMEM: a table was needed for a cut");
    prove(r.status != PTW_BISECT || flags == PTW_STRICT, "BISECT: cutting was forbidden");
    if (is_in(done)) {
        prove(!is_mapped(after), "the page is not mapped");
        prove(after.w == toy_empty(0) || after.w == before.w, "the page is empty, or its mark is as it was");
    } else if (flags == PTW_WIDEN && is_mapped(before) && leaf_first < done.end && leaf_end > done.addr) {
        prove(after.w == toy_empty(0), "a leaf that sticks out is taken whole");
    } else {
        prove(is_same(before, after), "other pages are as they were");
        prove_dirt_is_kept(after);
    }
    if (sink != NULL) {
        prove(reports == (is_mapped(before) && !is_mapped(after) ? 1 : 0), "the sink gets each leaf once");
        prove(reports == 0 || reported.oa + (page.at - reported.addr) == oa_of(before), "the sink gets the address");
        prove(reports == 0 || (attr_of(before) & ~toy_attr(NULL, reported.word, 0)) == 0,
              "the sink gets the attributes, A and D too");
        prove(reports == 0 || !page.wrote || (reported.word & TOY_D) != 0, "D that hardware set goes to the sink");
    }
    prove_owed_and_paid(after);
    reached();
}

void proof_unmap(void)
{
    prove_unmap(NULL);
}

void proof_unmap_sink(void)
{
    struct ptw_sink sink = {sink_leaf};

    prove_unmap(&sink);
}

/* No translation changes; the address is where a leaf begins. */
void proof_cut(void)
{
    const ptw_addr addr = (any() & (TOY_PAGES - 1)) << TOY_GRANULE;

    any_table();
    const struct seen before = page.first;
    page.hitless = !TOY_BREAKS && is_mapped(before);
    const struct ptw_result r = ptw_cut(&t, addr, 0, &g);
    const struct seen after = look();

    prove(r.status == PTW_OK || r.status == PTW_SPURIOUS || r.status == PTW_NOMEM, "cut answers what it promises");
    prove(r.status != PTW_NOMEM || allocator_fails, "NOMEM: the allocator gave no table");
    prove(r.status != PTW_SPURIOUS || !stored, "SPURIOUS: nothing was written");
    prove(is_same(before, after), "no translation changes");
    prove(r.status == PTW_NOMEM || page.at != addr || !is_mapped(after) ||
              (addr & (PTW_BIT(shift_of(after.level)) - 1)) == 0,
          "a leaf begins at the address");
    prove_dirt_is_kept(after);
    prove_owed_and_paid(after);
    reached();
}

/* No translation changes. */
void proof_merge(void)
{
    const uint64_t flags = any_flag() ? PTW_MAX_LEVEL(any() & 3) : 0;

    any_table();
    const struct range range = any_range();
    const struct seen before = page.first;
    const struct ptw_result r = ptw_merge(&t, range.addr, range.end - range.addr, flags, &g);
    const struct seen after = look();

    prove(r.status == PTW_OK || r.status == PTW_SPURIOUS, "merge answers what it promises");
    prove(r.status != PTW_SPURIOUS || !stored, "SPURIOUS: nothing was written");
    prove(is_same(before, after), "no translation changes");
    prove(after.level >= before.level, "no leaf becomes smaller");
    prove_dirt_is_kept(after);
    prove_owed_and_paid(after);
    reached();
}

/* Everything is freed, once. */
void proof_destroy(void)
{
    any_table();
    page.path[table.level] = NONE; /* no hardware, nothing is owed */
    table.forgotten = true;
    ptw_destroy(&t);
    prove(allocated == 0, "destroy frees every table");
    reached();
}
