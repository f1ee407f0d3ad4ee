/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/ptw.h - the walker: build, read and change one page table of any format.
 *
 *   struct ptw_table  t;     one table: its root, its geometry, where its memory comes from
 *   struct ptw_gather g;     what is owed after changes: one invalidation, and tables waiting to be freed
 *
 *   ptw_init(&t, &ptw_ept, NULL, &mem, &hw);
 *   ptw_gather_init(&g, &t);
 *   ptw_map(&t, gpa, hpa, size, PTW_R | PTW_W | PTW_MT_WB, 0, &g);
 *   ptw_unmap(&t, gpa, size, 0, NULL, &g);
 *   ptw_gather_sync(&g);     only now is the memory behind the unmapped range yours again
 *   ptw_destroy(&t);
 *
 * What every operation keeps to:
 *
 *   Ranges    [addr, addr + size), both multiples of the format's smallest leaf; addr + size may be 2^64. A range that
 *             holds an address which the table cannot translate (a canonical hole too) is PTW_RANGE. With the flag
 *             PTW_ALL, addr and size are ignored and the range is everything that the table can translate.
 *   Results   {status, next}. On PTW_OK all of the range is done and `next` means nothing. Otherwise [addr, next) is
 *             done, the rest is as it was, and `next` is where to call again. PTW_INVAL, PTW_RANGE and
 *             PTW_UNSUPPORTED are found before the first write: they change nothing and `next` is addr (but for groups
 *             in hitless tables with PTW_SHARED).
 *   Sync      Where a comment says "owed", the caller must ptw_gather_sync() before it relies on the change: before
 *             it frees or reuses an unmapped page, before it trusts that a right is gone, before it copies pages that
 *             a dirty round reported. Several operations may share a gather and one sync.
 *   Budget    A gather may have a budget of entries: an operation on a range stops with PTW_YIELD when it is spent.
 *   Mode      EXCLUSIVE: one thread at a time works on a table, while hardware may walk it and set A and D in it at
 *             any moment. Const functions (translate, next_run, cursor, stats) may run side by side with each other.
 *             With the flag PTW_SHARED many threads work on one table at the same time: see ptw_share().
 *   Failure   A call that fails leaves a consistent table, leaks nothing and loops never. Empty tables that it had
 *             linked and leaves that it had cut may stay: they change no translation.
 *
 * No function here allocates but through struct ptw_mem, recurses, or uses floating point.
 */
#ifndef PTW_PTW_H
#define PTW_PTW_H

#include <ptw/format.h>
#include <ptw/reclaim.h>

#define PTW_VERSION_MAJOR 0
#define PTW_VERSION_MINOR 1
#define PTW_VERSION_PATCH 0
#define PTW_VERSION (PTW_VERSION_MAJOR * 10000 + PTW_VERSION_MINOR * 100 + PTW_VERSION_PATCH)

/* The PTW_VERSION that the library was built as, and the same as text ("0.1.0"). */
unsigned ptw_version(void);
const char *ptw_version_text(void);

/* ------------------------------------------------------------------------------------------------ statuses --- */

/* A full word wide, so that a result travels in two registers and is never stored narrow and read back wide. */
typedef uint64_t ptw_status;
enum {
    PTW_OK = 0,      /* all of it is done */
    PTW_SPURIOUS,    /* nothing to do: it was so already */
    PTW_NOMEM,       /* the memory hook gave no table */
    PTW_BISECT,      /* a leaf sticks out of the range and the flags (or a hitless table) forbid to cut it */
    PTW_EXISTS,      /* something else is mapped, or marked, there */
    PTW_NOENT,       /* nothing is mapped there */
    PTW_DENIED,      /* the leaf's owner has not allowed it: software bits are missing */
    PTW_YIELD,       /* the gather's budget is spent: call again from next */
    PTW_AGAIN,       /* the entry changed under the call, or somebody has it LOCKED: try again */
    PTW_FAULTED,     /* the table itself is broken or its memory cannot be reached */
    PTW_INVAL,       /* misaligned, empty, or attributes that the format cannot express */
    PTW_RANGE,       /* an address outside of what the table translates or can put out */
    PTW_UNSUPPORTED, /* this format or configuration has no such thing */
    PTW_STATUSES
};

/* "OK", "NOMEM", ...; "?" for a number that is none. */
const char *ptw_status_name(ptw_status status);

struct ptw_result {
    ptw_status status;
    ptw_addr next;
};

/* --------------------------------------------------------------------------------------------------- hooks --- */

/*
 * Where tables live. A table is a power of two bytes, aligned to its size: one granule in most formats, but a root may
 * be larger (RISC-V G-stage 16 KiB, concatenated Arm stage 2 up to 64 KiB) or smaller.
 *
 *   alloc   gives `bytes` of memory and its address as hardware sees it in *pa, or NULL (the operation then answers
 *           PTW_NOMEM, as if it had none when *pa is more than an entry can hold). The content does not matter.
 *   free    takes it back. Called only after the sync that the table was owed.
 *   va      how the library reaches the table at `pa`. NULL: it is at (void *)(uintptr_t)(pa + offset), the fast way.
 *           A hook may answer NULL for an address where no table can be; the walk then ends in PTW_FAULTED.
 *   clean   NULL: hardware walks coherently with this processor. Otherwise called after entries were written and
 *           before anything points at them or relies on them, to write the lines of [va, va + bytes) back.
 */
struct ptw_mem {
    void *(*alloc)(void *ctx, size_t bytes, ptw_oa *pa);
    void (*free)(void *ctx, void *va, ptw_oa pa, size_t bytes);
    void *(*va)(void *ctx, ptw_oa pa);
    void (*clean)(void *ctx, void *va, size_t bytes);
    void *ctx;
    uint64_t offset;
};

/* Why an invalidation is owed. TRANSLATION and STRUCT must not be dropped; AGE alone may be. */
#define PTW_OWED_TRANSLATION PTW_BIT(0) /* a translation is gone or another one */
#define PTW_OWED_WRITE PTW_BIT(1)       /* W is gone */
#define PTW_OWED_DIRTY PTW_BIT(2)       /* D was cleared: a TLB that remembers D would not set it again */
#define PTW_OWED_AGE PTW_BIT(3)         /* A was cleared: the same for A */
#define PTW_OWED_STRUCT PTW_BIT(4)      /* a table was unlinked: walk caches too, not only leaves */
#define PTW_OWED_MAKE PTW_BIT(5)   /* a hole was filled, and this hardware remembers holes (RISC-V without Svvptc) */
#define PTW_OWED_EXEC PTW_BIT(6)   /* X or UX is gone */
#define PTW_OWED_ACCESS PTW_BIT(7) /* another right is gone */
#define PTW_OWED_RIGHTS (PTW_OWED_WRITE | PTW_OWED_EXEC | PTW_OWED_ACCESS)

/* One owed invalidation: inclusive bounds of all that changed, why, and at which levels (bit l: level l; with STRUCT
 * everything below, too; with MAKE where holes were: a leaf and each new table above it). */
struct ptw_inval {
    ptw_addr first, last;
    uint64_t reasons; /* PTW_OWED_... */
    uint64_t levels;
    uint64_t rest; /* so many more follow in the same sync (see ptw_gather_apart) */
};

/* What makes hardware forget. invalidate() returns when no TLB and no walk cache uses anything that `inval` covers, or, while
 * inval->rest is not 0, leaves the waiting to the last of them; it must not call back into the library. A NULL hook: no
 * hardware walks this table. */
struct ptw_hw {
    void (*invalidate)(void *ctx, const struct ptw_inval *inval);
    void *ctx;
};

/* --------------------------------------------------------------------------------------------------- table --- */

/* One page table. Made by ptw_init; the fields are for reading. Hooks are copied. */
struct ptw_table {
    const struct ptw_ops *ops;
    void *root;
    struct ptw_geometry geo;
    struct ptw_mem mem;
    struct ptw_hw hw;
    ptw_oa root_pa;      /* what hardware is pointed at */
    bool plain;          /* memory is at an offset and coherent: no hook is on the way */
    bool marked;         /* ptw_annotate made marks here; set it by hand for a table of others whose marks must stay */
    bool shared;         /* ptw_share() was called ... */
    bool plain_shared;   /* ... and `plain`: one question for the hot forms */
    bool sleeps;         /* ... and the invalidate hook may sleep */
    unsigned long owing; /* with assertions: gathers that owe something, and subtrees in gathers */
    unsigned long generation; /* grows whenever a table is unlinked: cursors that were held over it start again */
    struct ptw_reclaim reclaim;
    const struct ptw_format *format;
};

/*
 * Checks a configuration and makes the geometry (ptw_init and ptw_open do this themselves). `config` NULL: the
 * format's defaults. PTW_OK, or PTW_INVAL / PTW_UNSUPPORTED with one clause in *why (if why is not NULL).
 */
ptw_status ptw_configure(const struct ptw_format *format, const struct ptw_config *config, struct ptw_geometry *geo,
                         const char **why);

/* Sets the key of a configuration by name: the struct's own keys and the format's options. PTW_OK, PTW_NOENT (no such
 * key), PTW_INVAL (an option is 0 or 1). The value is checked by ptw_configure. */
ptw_status ptw_config_set(const struct ptw_format *format, struct ptw_config *config, const char *key, uint64_t value);

/*
 * Makes an empty table: allocates the root and fills it with the format's empty word. `hw` may be NULL.
 * PTW_OK; PTW_INVAL or PTW_UNSUPPORTED (configuration); PTW_NOMEM. On failure nothing is left behind.
 */
ptw_status ptw_init(struct ptw_table *t, const struct ptw_format *format, const struct ptw_config *config,
                    const struct ptw_mem *mem, const struct ptw_hw *hw);

/*
 * The same for a table that exists already, whose root is at `root_pa`: for readers of tables that others built.
 * PTW_FAULTED if the root cannot be reached; PTW_INVAL if it is misaligned. Needs no ptw_destroy.
 */
ptw_status ptw_open(struct ptw_table *t, const struct ptw_format *format, const struct ptw_config *config,
                    const struct ptw_mem *mem, const struct ptw_hw *hw, ptw_oa root_pa);

/* A table as registers and structures of hardware name it: what ptw_open needs. Each ISA's header has a function that
 * makes it out of register words, and one that makes the words for a table. */
struct ptw_root {
    const struct ptw_format *format;
    struct ptw_config config;
    ptw_oa pa;
};

/*
 * Puts one level above the root, for a table that begins at 0 and whose root is a whole table (AMD IOMMU v1, EPT): `config`
 * is that of the table, but for one level and as many input bits more. Translations stay, and so does the old root: hardware
 * that is pointed at it sees them until it is pointed at the new one, with the new number of levels, in one step. That comes
 * before any unmap, merge or trim, which may give the old root back. Held cursors start again; those on their way end where
 * the old table did.
 * Nobody else may be inside, readers neither: see ptw_grow_over().
 * PTW_OK; PTW_NOMEM; PTW_INVAL (a configuration that is none); PTW_UNSUPPORTED (not this table with one level more).
 */
ptw_status ptw_grow_top(struct ptw_table *t, const struct ptw_config *config);

/*
 * The same among other threads: *grown is a second struct for the table, with one level more over the root of *t. Both lead to
 * the same pages, and both may be used at the same time, with PTW_SHARED, until nobody uses *t any more:
 *
 *   Publish   All threads load the pointer to the struct inside of their read sections. Who has grown it publishes *grown
 *             by a compare-exchange of that pointer; who loses calls ptw_grow_undo() and goes on with the winner's.
 *   *t        Whoever has loaded it goes on. On PTW_AGAIN he leaves his section and loads the pointer again: somebody may
 *             have taken the old root out. A grace period after it was published nobody has *t, and, once gathers and queues
 *             of *t are synced, its memory is free. No ptw_destroy(): the tables are those of *grown.
 *   Cursors   are of one struct. None of *grown outlives its section before that grace period is over.
 *   Hardware  as above: it is pointed at the new root before anything is unmapped, detached, merged or trimmed through *grown.
 *
 * Statuses as ptw_grow_top(); a failure leaves nothing behind.
 */
ptw_status ptw_grow_over(struct ptw_table *t, const struct ptw_config *config, struct ptw_table *grown);
void ptw_grow_undo(struct ptw_table *grown);

/*
 * Allows operations with PTW_SHARED on this table: many threads at the same time, each with a gather of its own. Entries
 * then change by compare-exchange alone; whoever loses looks again.
 *
 *   Read sections  A thread is inside of one (of `reclaim`: RCU, ptw/epoch.h, ...) from before an operation or a look at the
 *                  table until after it, ptw_translate, ptw_next_run, ptw_relax and held cursors included; outside of one when
 *                  it calls ptw_gather_sync(), which waits for the others before it frees what was unlinked. `reclaim`
 *                  NULL: it does not wait, for callers who know that nobody is inside by then.
 *   PTW_AGAIN      Somebody is at work at `next`, or on a table around it: call again from there. He needs no lock and no
 *                  memory to finish, and does not sleep.
 *   PTW_YIELD      Also, whatever the mode: the gather is full. Sync it, and call again from next. An EXCLUSIVE unmap leaf by
 *                  leaf leaves the tables that there is no room for to ptw_trim.
 *   Who gets what  Each page ends as if the operations on it had been done one after the other. A range of pages does not:
 *                  who needs that locks ranges (ptw/range_lock.h). Nobody may map again what another has unmapped before
 *                  that one's sync.
 *   Owed           is more than in EXCLUSIVE, even with PTW_SPURIOUS: what others did and may not have paid for yet.
 *   Tables         in the way of a large leaf stay even if they are empty: smaller leaves go into them.
 *   Groups         are made by map alone, in new tables that it fills whole. On a hitless table a change of rights of a group
 *                  is PTW_UNSUPPORTED, with next at the group, and a cut of one PTW_BISECT: it would fault for a moment.
 *   Merge          needs memory, for one table at a time (PTW_NOMEM). PTW_UNSUPPORTED on hitless tables.
 *   Remap          and PTW_REPLACE have a few dozen leaves LOCKED, pay, and make the new ones: nothing but MAKE is owed then.
 *                  PTW_UNSUPPORTED on hitless tables.
 *   Leaves         taken out with their table go to an unmap's sink at the sync, when their A and D are final, table by
 *                  table in no order; the sink must live until then. PTW_FREEZE: before the call returns. What was put
 *                  into such a table by somebody who was inside counts as put there before the unmap.
 *   Hooks          alloc, free, clean and invalidate are called by many threads at once. invalidate is called while an entry
 *                  is locked by: cut, split_to, and what cuts, where the format must break before it makes; trim; merge;
 *                  remap and PTW_REPLACE.
 *                  If it may sleep say so by PTW_SHARE_SLEEPS: these are PTW_UNSUPPORTED then.
 *   EXCLUSIVE      operations need all others outside, but for those that only read.
 *
 *   Marks          of one's own (ptw_annotate with PTW_SHARED) need PTW_SHARE_MARKS: an unmap must know that there may be some
 *                  in a table that it takes out.
 *
 * PTW_OK; PTW_UNSUPPORTED (a format without marks).
 */
#define PTW_SHARE_SLEEPS PTW_BIT(0)
#define PTW_SHARE_MARKS PTW_BIT(1)
ptw_status ptw_share(struct ptw_table *t, const struct ptw_reclaim *reclaim, uint64_t flags);

/* Frees every table, the root included. No hardware and no other thread may be able to reach the root any more, and
 * gathers of this table are synced: nothing is invalidated here. */
void ptw_destroy(struct ptw_table *t);

/* The same in steps: frees about `budget` tables, at least one. PTW_YIELD: there are more; nothing but this call may be done
 * with the table any more. PTW_OK: all are gone. */
ptw_status ptw_destroy_step(struct ptw_table *t, uint64_t budget);

/* The first and the last input address of the table's range; for sign-extended formats the last of the upper half. */
ptw_addr ptw_first(const struct ptw_table *t);
ptw_addr ptw_last(const struct ptw_table *t);

/* -------------------------------------------------------------------------------------------------- gather --- */

#define PTW_GATHER_TABLES 32
#define PTW_GATHER_RANGES 8
struct ptw_reserve;
struct ptw_sink;
#define PTW_NO_ATTR (~UINT64_C(0)) /* no format can express these attributes: bit 63 is none */

/*
 * What is owed. Linear: init, operations, sync. It holds a few ranges to invalidate and a few unlinked subtrees; an operation
 * that finds it full of subtrees syncs it first, by itself. Many can be paid later and together (ptw/queue.h). Lives on the
 * caller's stack; not cleared as a whole.
 */
struct ptw_gather {
    struct ptw_table *t;
    struct ptw_inval inval;      /* reasons 0: nothing owed */
    uint64_t apart;              /* what is owed besides, in `more`: so many ranges */
    uint64_t gap;                /* see ptw_gather_apart */
    ptw_addr window_first;       /* an address with which `inval` may be widened, if it is not more than ... */
    ptw_addr window_last;        /* ... this behind it */
    uint64_t retired;            /* subtrees in `table` */
    uint64_t budget;             /* see ptw_gather_budget */
    struct ptw_reserve *reserve; /* see ptw_gather_commit; NULL: tables come from the memory hook */
    uint64_t owner;              /* the payload of entries that operations with this gather have locked: who it is */
    uint64_t quiet;              /* so many of `table` have had their grace period */
    ptw_attr attr;               /* the attributes of the last map, and their bits at each level, ... */
    ptw_word bits[PTW_LEVELS_MAX];
    ptw_oa oa_end; /* ... for leaves that begin below; 0: there are no bits */
    struct ptw_inval more[PTW_GATHER_RANGES - 1];
    struct {
        void *va;
        ptw_oa pa;
        uint64_t level;        /* the level of the table itself */
        ptw_addr first;        /* the place where it began */
        struct ptw_sink *sink; /* gets the leaves in it, or NULL */
    } table[PTW_GATHER_TABLES];
};

void ptw_gather_init(struct ptw_gather *g, struct ptw_table *t);

/*
 * What operations and syncs with this gather may spend from now on, for callers that must not work long at a time: one
 * for each entry that is looked at and each table that is freed. An operation on a range stops with PTW_YIELD when it is
 * spent, and goes over it by no more than one table; it does something every time, even with a budget of 0: loops end.
 * Operations on a page or a single leaf do not ask. A merge stops only behind a leaf of the largest size that it may make,
 * and does not fold the marks and the empty tables of a slot above that in which it stopped. An unmap leaf by leaf (with a
 * sink, or of a table with marks) that stops leaves empty tables to ptw_trim. What stopped with PTW_ALL goes on without it,
 * from next to ptw_last() (sign-extended: to the end of each half): with it, it would begin anew.
 * ~0, as after ptw_gather_init: no limit.
 */
PTW_INLINE void ptw_gather_budget(struct ptw_gather *g, uint64_t entries)
{
    g->budget = entries;
}

/*
 * Ranges that are owed and lie at most `gap` bytes apart are invalidated as one, from the first to the last of them; others
 * one by one, up to PTW_GATHER_RANGES of them, in no order (ptw_inval.rest says how many follow). If there are more, unmap and
 * protect pay for those that there are first; what else finds no room makes the nearest one wider. To be set on an empty
 * gather. ~0, as after ptw_gather_init: always one range.
 */
void ptw_gather_apart(struct ptw_gather *g, uint64_t gap);

/* Pays: invalidates, waits for the readers of a shared table, then frees the unlinked tables. PTW_OK: the gather is empty and
 * may be used again. PTW_YIELD: all is paid, but the budget is spent and tables are left to free: call again. */
ptw_status ptw_gather_sync(struct ptw_gather *g);

/* Forgets what is owed without telling hardware, and frees the unlinked tables: when no hardware and no other thread can reach
 * the table any more, or all of it has been invalidated otherwise since. */
void ptw_gather_abandon(struct ptw_gather *g);

/* True if nothing is owed. Dropping a gather for which this is false is a bug: with assertions (no NDEBUG) the table counts what
 * its gathers owe, and ptw_destroy() of a table that is still owed something traps (PTW_ASSERT). */
PTW_INLINE bool ptw_gather_empty(const struct ptw_gather *g)
{
    return g->inval.reasons == 0 && g->retired == 0;
}

/* ------------------------------------------------------------------------------------------------- reserve --- */

/*
 * Tables set aside, so that later operations cannot fail for memory and do not call the hook's alloc: for those that work
 * where nothing may be allocated.
 *
 *   ptw_reserve_init(&r, &t);
 *   ptw_reserve(&r, gpa, size, PTW_RESERVE_MAP);     may fail: PTW_NOMEM, and nothing is lost
 *   ptw_gather_commit(&g, &r);                        from here on
 *   ptw_map(&t, gpa, hpa, size, attr, 0, &g);         no PTW_NOMEM
 *   ptw_gather_commit(&g, NULL);
 *   ptw_reserve_release(&r);                          what is left goes back
 */
struct ptw_reserve {
    struct ptw_table *t;
    /* By level, the next table to be given. Its first two words name the one after it. */
    void *first[PTW_LEVELS_MAX];
    ptw_oa pa[PTW_LEVELS_MAX];
    uint64_t count[PTW_LEVELS_MAX];
};

/*
 * What is reserved for one range, as much as the worst case needs, whatever is mapped already with leaves that this table's
 * configuration has:
 *
 *   EDGES   for what one unmap or protect, or two cuts, cut: two tables for each level below a leaf
 *   MAP     for one operation of any kind: a table for each slot above level 0 that the range touches
 */
#define PTW_RESERVE_EDGES 0U
#define PTW_RESERVE_MAP 1U

void ptw_reserve_init(struct ptw_reserve *r, struct ptw_table *t);

/* How many tables at `level` that is. 0: the range is none of the table's. */
uint64_t ptw_reserve_count(const struct ptw_table *t, ptw_addr addr, uint64_t size, unsigned what, unsigned level);

/* Adds them. PTW_OK; PTW_NOMEM (nothing is added), PTW_INVAL, PTW_RANGE. */
ptw_status ptw_reserve(struct ptw_reserve *r, ptw_addr addr, uint64_t size, unsigned what);

/* Gives back what is left. */
void ptw_reserve_release(struct ptw_reserve *r);

/* Operations with this gather take tables from `r` and from nowhere else, until it is called with NULL. */
PTW_INLINE void ptw_gather_commit(struct ptw_gather *g, struct ptw_reserve *r)
{
    g->reserve = r;
}

/* --------------------------------------------------------------------------------------------------- flags --- */

#define PTW_ALL PTW_BIT(0) /* the range is all that the table translates */

/* What happens to a leaf that sticks out of the range. The default cuts it: the neighbours keep their translation. */
#define PTW_STRICT PTW_BIT(1) /* stop there with PTW_BISECT */
#define PTW_WIDEN PTW_BIT(2)  /* take the whole leaf */

/* map: what is done about what is mapped already. The default accepts the same translation. */
#define PTW_IF_EMPTY PTW_BIT(6) /* map, annotate: stop at whatever is not empty with PTW_EXISTS */
#define PTW_REPLACE PTW_BIT(7)  /* map: other leaves give way */

/*
 * map, unmap, protect: if it cannot be done whole, no translation changes, whatever the budget, which is not asked. `next` of
 * a map that is refused is what stands in the way. Leaves at the ends of the range may have been cut.
 *
 *   map       looks at all that is in the range first, and sets aside the tables that it needs, no more. PTW_UNSUPPORTED with
 *             PTW_REPLACE. With PTW_SHARED only out of holes (PTW_IF_EMPTY; else PTW_UNSUPPORTED), which are holes again if it
 *             does not get on: others may have seen leaves meanwhile (owed), and must not work on the range. Without it, of
 *             a shared table: PTW_YIELD if the gather has no room for the empty tables in the way, PTW_UNSUPPORTED if an
 *             empty one has not.
 *   unmap,    cut at both ends first; then nothing fails but a broken table, and of a shared table stops only where the gather
 *   protect   is full (PTW_YIELD: go on from next). PTW_UNSUPPORTED with PTW_SHARED.
 */
#define PTW_ALL_OR_NOTHING PTW_BIT(26)

/* Others may work on the same table meanwhile: see ptw_share(). map, unmap, detach, protect, remap, dirty, age, cut, split_to,
 * merge, trim, annotate. PTW_UNSUPPORTED: the table is not shared; marks without PTW_SHARE_MARKS. */
#define PTW_SHARED PTW_BIT(24)
/* unmap with PTW_SHARED, detach: the sink has had every leaf, with its final D, when the call returns: entries of tables that were
 * taken out whole are made dead one by one. */
#define PTW_FREEZE PTW_BIT(25)

/* map: no leaf above level n. split_to: the level to reach. merge: no leaf above it. */
#define PTW_MAX_LEVEL(n) (((uint64_t)(n) + 1U) << 8U)

/* dirty: how writes are noticed. The default is the D bit. */
#define PTW_WRITE_PROTECT PTW_BIT(3)
/* dirty, age: what is done about it. The default only reports. */
#define PTW_CLEAR PTW_BIT(4) /* take it away, so that the next access is noticed again; an invalidation is owed */
#define PTW_PEEK PTW_BIT(5)  /* stop at the first one found: is there any at all? */

/* ------------------------------------------------------------------------------------- reading one address --- */

/* A leaf, or the hole where a walk ended. */
struct ptw_leaf {
    ptw_addr addr;  /* the first input address of the leaf (or of the hole's slot) */
    ptw_oa oa;      /* where addr goes; an address a inside goes to oa + (a - addr). 0 for a hole */
    ptw_word word;  /* the entry */
    uint32_t level; /* the level it stands at; the leaf covers ptw_leaf_size() bytes */
    uint32_t order; /* log2 of its slots there: 0, or it is a group, and the word has A and D of all its slots */
};

PTW_INLINE uint64_t ptw_leaf_size(const struct ptw_table *t, const struct ptw_leaf *leaf)
{
    return UINT64_C(1) << (ptw_level_shift(t->geo.encoder, leaf->level) + leaf->order);
}

/* The attributes of a leaf's own word (rights of the tables above it are not joined: see ptw_cursor). */
PTW_INLINE ptw_attr ptw_leaf_attr(const struct ptw_table *t, const struct ptw_leaf *leaf)
{
    return t->geo.encoder->attr(&t->geo, leaf->word, leaf->level);
}

/* A public operation costs one indirect call, to the engine of the table's format; nothing below it has another. */
struct ptw_bitmap;
struct ptw_cursor;
struct ptw_ops {
    ptw_status (*translate)(const struct ptw_table *t, ptw_addr addr, struct ptw_leaf *leaf);
    struct ptw_result (*map)(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size, ptw_attr attr,
                             uint64_t flags, struct ptw_gather *g);
    struct ptw_result (*unmap)(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags, struct ptw_sink *sink,
                               struct ptw_gather *g);
    struct ptw_result (*protect)(struct ptw_table *t, ptw_addr addr, uint64_t size, ptw_attr add, ptw_attr remove,
                                 uint64_t flags, struct ptw_gather *g);
    struct ptw_result (*dirty)(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,
                               struct ptw_bitmap *bitmap, struct ptw_gather *g);
    struct ptw_result (*age)(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,
                             struct ptw_bitmap *bitmap, struct ptw_gather *g);
    ptw_status (*relax)(struct ptw_table *t, ptw_addr addr, ptw_attr add, ptw_attr ceiling);
    ptw_status (*cursor_translate)(struct ptw_cursor *c, ptw_addr addr, struct ptw_leaf *leaf);
    ptw_status (*cursor_map)(struct ptw_cursor *c, ptw_addr addr, ptw_oa oa, ptw_attr attr, struct ptw_gather *g);
    ptw_status (*cursor_unmap)(struct ptw_cursor *c, ptw_addr addr, struct ptw_gather *g);
};

/*
 * Looks an address up. PTW_OK: *leaf is the leaf that translates it. PTW_NOENT: *leaf is the hole. PTW_RANGE: not an
 * address of this table, *leaf is untouched. PTW_FAULTED: an entry that points where no table can be, or a leaf at a
 * level that has none; *leaf names it. PTW_AGAIN: somebody else is at work there (ptw_share()). Writes nothing, sets no A.
 */
PTW_INLINE ptw_status ptw_translate(const struct ptw_table *t, ptw_addr addr, struct ptw_leaf *leaf)
{
    return t->ops->translate(t, addr, leaf);
}

/* A maximal run: every address of [addr, addr + size) is translated, output addresses are consecutive, and the
 * attributes but A and D are the same. Leaf sizes may differ. */
struct ptw_run {
    ptw_addr addr;
    uint64_t size;
    ptw_oa oa;
    ptw_attr attr; /* without A and D */
};

/*
 * Finds the first run at or after `addr` and not beyond `last` (inclusive); the run is clipped to [addr, last], which
 * need not be aligned. PTW_OK: *run. PTW_NOENT: nothing is mapped up to `last`. PTW_RANGE, PTW_FAULTED as translate.
 */
ptw_status ptw_next_run(const struct ptw_table *t, ptw_addr addr, ptw_addr last, struct ptw_run *run);

/* ------------------------------------------------------------------------------------------ map and unmap --- */

/*
 * Maps [addr, addr + size) to [oa, oa + size) with the largest leaves that both alignments, the length, the
 * configuration and PTW_MAX_LEVEL allow. New leaves have the A and D that `attr` says.
 *
 *   over holes               the leaf is made. Nothing is owed, unless the hardware remembers holes (PTW_OWED_MAKE).
 *   over the same            nothing is written, whatever the leaf sizes; PTW_SPURIOUS if all of the range was so.
 *                            A and D do not count and are kept.
 *   over the same oa and     the rights and software bits become `attr`'s, in place; a leaf that sticks out of the
 *   memory type              range is cut first. Owed if a right is gone. A and D are joined.
 *   over anything else       PTW_EXISTS, next is the first such address. Marks are "anything else". With PTW_REPLACE
 *                            leaves give way as in ptw_remap, and get `attr`; they keep their sizes (ptw_merge), whatever
 *                            PTW_MAX_LEVEL says.
 *   with PTW_IF_EMPTY        PTW_EXISTS at everything that is not a hole without a mark.
 *   over an empty table      a large leaf replaces it; owed. A table of empty tables is not empty: smaller leaves go
 *                            into it.
 *   over what was unmapped   with this gather and is not synced yet: formats that must break before they make sync the
 *                            gather first. With two gathers that is the caller's duty.
 *
 * Also: PTW_INVAL (alignment, size 0, attributes, PTW_ALL), PTW_RANGE (input or output), PTW_UNSUPPORTED (PTW_REPLACE on
 * hitless tables of break-before-make formats), PTW_NOMEM, PTW_BISECT (PTW_STRICT, or the same tables), PTW_YIELD,
 * PTW_FAULTED.
 */
PTW_INLINE struct ptw_result ptw_map(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size, ptw_attr attr,
                                     uint64_t flags, struct ptw_gather *g)
{
    return t->ops->map(t, addr, oa, size, attr, flags, g);
}

/* Receives every leaf that an unmap removes, in order of address, with its final A and D: the word is the one that an
 * atomic exchange returned where hardware could still have changed it. What the leaf protected stays protected until
 * the gather's sync: note it here, release it after. */
struct ptw_sink {
    void (*leaf)(struct ptw_sink *sink, const struct ptw_leaf *leaf);
};

/*
 * Removes every leaf of [addr, addr + size). Holes and marks are skipped. A leaf that sticks out is cut (the default),
 * stopped at (PTW_STRICT: PTW_BISECT) or taken whole (PTW_WIDEN). Tables that the range covers whole go to the gather,
 * without a sink unread; tables at the edges stay, even empty (ptw_trim gives them back). In a table in which marks were
 * made (`marked`) those that hold marks stay, too, and all of them are read.
 * Owed: TRANSLATION, and STRUCT for tables.
 *
 * PTW_OK, PTW_NOMEM (only when a leaf must be cut), PTW_BISECT, PTW_INVAL, PTW_RANGE, PTW_FAULTED.
 */
PTW_INLINE struct ptw_result ptw_unmap(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,
                                       struct ptw_sink *sink, struct ptw_gather *g)
{
    return t->ops->unmap(t, addr, size, flags, sink, g);
}

/*
 * Takes the table out that the entry of `level` over `addr` (which need not be aligned) points to, with everything below it,
 * marks included, unread and in one step, whatever its size: one large leaf can be mapped there next. A leaf, a hole or a mark
 * in its place stays. Tables go to the gather; the sink, which may be NULL and must live until then, gets every leaf at
 * the sync, in no order, when A and D are final; with PTW_FREEZE before the call returns (PTW_UNSUPPORTED unless the table
 * is shared). Owed: TRANSLATION and STRUCT.
 *
 * PTW_OK, PTW_SPURIOUS (there is no table), PTW_AGAIN, PTW_YIELD (the gather is full), PTW_INVAL (level 0, or above the
 * root's), PTW_RANGE, PTW_UNSUPPORTED, PTW_FAULTED; `next` is addr.
 */
struct ptw_result ptw_detach(struct ptw_table *t, ptw_addr addr, unsigned level, uint64_t flags, struct ptw_sink *sink,
                             struct ptw_gather *g);

/*
 * Adds and removes rights and software bits (masks of PTW_RIGHTS | PTW_SOFT_MASK) on every leaf of the range. Output
 * address, memory type, A and D stay. Holes are skipped; a leaf that sticks out is treated as unmap treats it.
 * Refused with PTW_INVAL if it could turn any legal combination of rights into an illegal one (removing R but not W
 * from EPT leaves), whatever is mapped, and if it adds PTW_GLOBAL where the architecture wants break-before-make for
 * that (Arm): unmap and map anew. Owed: RIGHTS if a right went; nothing if rights were only added (a stale TLB entry
 * then costs one spurious fault; formats of devices, which may go on faulting, say so). PTW_OK, PTW_SPURIOUS (no leaf
 * changed), PTW_NOMEM, PTW_BISECT, ...
 */
PTW_INLINE struct ptw_result ptw_protect(struct ptw_table *t, ptw_addr addr, uint64_t size, ptw_attr add,
                                         ptw_attr remove, uint64_t flags, struct ptw_gather *g)
{
    return t->ops->protect(t, addr, size, add, remove, flags, g);
}

/*
 * Sends [addr, addr + size) to [oa, oa + size), all of which must be mapped: each leaf keeps its size, its attributes, A
 * and D. A leaf is cut first if it sticks out (PTW_STRICT: PTW_BISECT) or if its size does not fit the new address. Leaves
 * are taken out, synced, a few dozen at a time, and made anew: until then they do not translate. What was dirty is no more
 * to be learned than by an unmap with a sink. A hitless table gets the new leaf in one step. Owed: TRANSLATION; MAKE.
 *
 * PTW_OK, PTW_SPURIOUS (it goes there already), PTW_NOENT (a hole or mark at next), PTW_NOMEM, PTW_BISECT, PTW_INVAL,
 * PTW_RANGE, PTW_UNSUPPORTED (a hitless table, if the format must break or with PTW_SHARED), PTW_FAULTED.
 */
struct ptw_result ptw_remap(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size, uint64_t flags,
                            struct ptw_gather *g);

/*
 * Adds rights (of PTW_RIGHTS), PTW_A and PTW_D to the one leaf that translates `addr`, which need not be aligned: what a
 * fault handler does. The leaf must have all the software bits of `ceiling`, by which its owner says what may be granted;
 * nothing is ever taken away, output address, size and software bits stay. Every try is one compare-exchange. Nothing is
 * owed, but the processor that faulted may have to drop what it remembers of `addr` to see the new rights.
 *
 * PTW_OK, PTW_SPURIOUS (the leaf has it all), PTW_DENIED, PTW_NOENT (a hole or mark), PTW_AGAIN (LOCKED, or lost four times),
 * PTW_INVAL (not rights or not software bits; illegal for this leaf; PTW_GLOBAL where that must break), PTW_RANGE, PTW_FAULTED.
 */
PTW_INLINE ptw_status ptw_relax(struct ptw_table *t, ptw_addr addr, ptw_attr add, ptw_attr ceiling)
{
    return t->ops->relax(t, addr, add, ceiling);
}

/* -------------------------------------------------------------------------------------------------- marks --- */

/*
 * Puts a mark of the user's `type` (PTW_MARK_USER ... PTW_MARK_TYPES - 1) with a payload into every hole of the range, at
 * the highest level whose slots the range covers whole and whose payload is wide enough. Type 0 takes marks away, whoever
 * made them, and leaves leaves alone; with PTW_ALL the table is not `marked` any more.
 *
 *   over leaves    they give way, and are owed TRANSLATION; one that sticks out is cut (PTW_STRICT: PTW_BISECT),
 *                  as is one that stands where the payload has no room
 *   over marks     they give way; a mark that covers more is copied to the slots that it keeps
 *   PTW_IF_EMPTY   stops with PTW_EXISTS at the first leaf or mark
 *
 * Marks are holes for hardware. map does not go over them, unmap keeps them, merge makes one of a whole table of equal ones.
 * PTW_OK, PTW_SPURIOUS, PTW_EXISTS (or a mark that cannot be copied: not made here), PTW_NOMEM, PTW_BISECT, PTW_AGAIN (a mark of
 * somebody at work), PTW_INVAL (type, or a payload that level 0 has no room for), PTW_RANGE, PTW_UNSUPPORTED (no marks in
 * this format), PTW_FAULTED.
 */
struct ptw_result ptw_annotate(struct ptw_table *t, ptw_addr addr, uint64_t size, unsigned type, uint64_t payload,
                               uint64_t flags, struct ptw_gather *g);

/* How wide a payload may be, in bits, in any mark of this table; 0: there are no marks in this format. */
unsigned ptw_mark_bits(const struct ptw_table *t);

/* Of a hole that ptw_translate or a cursor found: the type of its mark, and *payload; PTW_MARK_TYPES: it is empty. */
unsigned ptw_mark_at(const struct ptw_table *t, ptw_word word, unsigned level, uint64_t *payload);

/* ------------------------------------------------------------------------------------------- dirty and age --- */

/*
 * Where dirty or age reports go. Bit i (bit i % 64 of words[i / 64]) covers [base + i * 2^shift, + 2^shift): a bit
 * coarser than the pages is their OR, a finer one is set for each part of a page. Bits are only ever set; what lies
 * outside of the bitmap, a page that it covers in part included, is not reported (and not lost: it keeps its D, but for
 * a leaf that sticks out and is taken whole with PTW_WIDEN).
 * `base` must be a multiple of 2^shift (PTW_INVAL otherwise).
 */
struct ptw_bitmap {
    uint64_t *words; /* NULL: only count, over all of the range */
    uint64_t bits;   /* how many */
    ptw_addr base;
    unsigned shift;
    uint64_t found; /* out, added to: smallest-leaf pages reported */
};

/*
 * Which pages of [addr, addr + size) were written since D (or W) was last taken away.
 *
 *   default            a leaf is dirty if its D is set. PTW_CLEAR takes it away: the next write after the sync sets it.
 *   PTW_WRITE_PROTECT  a leaf is dirty if it is writable. PTW_CLEAR takes W away: the next write after the sync
 *                      faults, and the owner gives W back: ptw_protect, naming R with W, as formats that know X
 *                      alone need it.
 *   PTW_PEEK           stops at the first dirty leaf; found is then not 0. If that is a smallest one, dirty ones among
 *                      the next seven may be reported with it. PTW_CLEAR takes away nothing that is not reported.
 *
 * A leaf that sticks out of the range is reported for the part inside and keeps its D or W, unless PTW_WIDEN (then
 * it is taken away); ptw_cut first to be exact. `bitmap` may be NULL: nothing is reported. Everything else stays, but
 * an A that hardware sets at the same moment may be lost. D is never lost: what hardware sets during the call is either
 * in this report or in the next. Owed with PTW_CLEAR: DIRTY or RIGHTS.
 *
 * PTW_OK (`found` says how many), PTW_INVAL, PTW_RANGE, PTW_UNSUPPORTED (the D bit, of a table that has none),
 * PTW_FAULTED.
 */
PTW_INLINE struct ptw_result ptw_dirty(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,
                                       struct ptw_bitmap *bitmap, struct ptw_gather *g)
{
    return t->ops->dirty(t, addr, size, flags, bitmap, g);
}

/*
 * Which pages were accessed since A was last taken away; flags and edges as ptw_dirty without PTW_WRITE_PROTECT. A may
 * be lost in a race, D never. Owed with PTW_CLEAR: AGE, which the caller may decide not to pay. PTW_UNSUPPORTED for a
 * table without "ad".
 */
PTW_INLINE struct ptw_result ptw_age(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,
                                     struct ptw_bitmap *bitmap, struct ptw_gather *g)
{
    return t->ops->age(t, addr, size, flags, bitmap, g);
}

/* ------------------------------------------------------------------------------------------- cut and merge --- */

/*
 * cut: makes `addr` a boundary between leaves without changing any translation: a leaf that has addr inside is replaced
 * by a table of smaller ones, level by level. The table is complete before it is published; where the format demands
 * break-before-make, and the table has no "bbm2", the old leaf is taken away and synced first. A and D go to every part.
 * Owed: TRANSLATION.
 * PTW_OK, PTW_SPURIOUS (already a boundary), PTW_NOMEM (nothing lost), PTW_BISECT (hitless where the format must
 * break; a group of others whose slots have not all the same rights), PTW_INVAL, PTW_RANGE, PTW_FAULTED.
 */
struct ptw_result ptw_cut(struct ptw_table *t, ptw_addr addr, uint64_t flags, struct ptw_gather *g);

/* split_to: no leaf of the range is above PTW_MAX_LEVEL(n) (default: level 0). Leaves that stick out are split whole.
 * PTW_OK, PTW_SPURIOUS, and the rest as cut. */
struct ptw_result ptw_split_to(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags, struct ptw_gather *g);

/*
 * merge: every table inside the range whose entries are all leaves with consecutive, aligned output addresses and
 * equal attributes becomes one leaf, every table of equal marks one mark, and every table without a leaf or mark a hole, from the
 * bottom up, never above PTW_MAX_LEVEL(n). A table of others stays if its entry takes away a right that the leaves have. A and D of the
 * new leaf are the OR of the parts, read after the old table was taken out and synced (the call syncs the gather for
 * each few tables; until then the range does not translate). On a hitless table nothing is taken out: a new leaf that
 * hardware may be making dirty is dirty; formats that must break answer PTW_UNSUPPORTED, but with "bbm2".
 * Owed: what remains in the gather. PTW_OK, PTW_SPURIOUS (nothing to merge), PTW_INVAL, PTW_RANGE, PTW_FAULTED.
 */
struct ptw_result ptw_merge(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags, struct ptw_gather *g);

/*
 * Gives back the tables with a slot in the range that have neither leaf nor mark nor table, from the bottom up: what
 * unmaps leave at the edges of their ranges. Owed: TRANSLATION and STRUCT. PTW_OK, PTW_SPURIOUS (there was none), PTW_INVAL,
 * PTW_RANGE, PTW_FAULTED.
 */
struct ptw_result ptw_trim(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags, struct ptw_gather *g);

/* -------------------------------------------------------------------------------------------------- cursor --- */

/* One entry that a cursor delivers. */
struct ptw_entry {
    ptw_addr addr; /* the first input address of the slot, of a group of its first slot */
    ptw_word word; /* of a group: with A and D of all its slots */
    enum ptw_kind kind;
    unsigned level;
    unsigned order;  /* log2 of the slots: not 0 for a group, which is one entry */
    void *slot;      /* where it stands, in this program's memory; valid until the table is changed */
    ptw_oa table_pa; /* the table that it stands in, as hardware sees it */
    unsigned index;  /* and its index there */
    bool post;       /* second visit of a TABLE, after all that is below it */
    ptw_attr limits; /* the rights that the tables above leave; a leaf grants attr & (limits | ~PTW_RIGHTS) */
};

/* Where the first byte of a LEAF goes. (An encoder's oa() is that of the whole group. Slots of a group that others wrote
 * may contradict each other, or be more than the table has: then they are delivered one by one, with order 0.) */
PTW_INLINE ptw_oa ptw_entry_oa(const struct ptw_table *t, const struct ptw_entry *e)
{
    const struct ptw_encoder *enc = t->geo.encoder;
    const unsigned order = enc->leaf_orders(e->level) > 1 ? enc->order(e->word, e->level) : 0;
    const uint64_t slots = (UINT64_C(1) << order) - (UINT64_C(1) << e->order);

    return enc->oa(&t->geo, e->word, e->level) + (e->addr & t->geo.ia_mask & slots << ptw_level_shift(enc, e->level));
}

#define PTW_VISIT_HOLES PTW_BIT(16) /* deliver EMPTY and MARKED entries too */
#define PTW_VISIT_POST PTW_BIT(17)  /* deliver each TABLE that was gone through again, after its children */
#define PTW_VISIT_MIN_LEVEL(n) ((uint64_t)(n) << 20U) /* do not descend below level n */

/*
 * A cursor walks entries in order of address, a TABLE before what is below it, without recursion and without a limit
 * on the table's size: at most one entry per slot, because levels only go down. Each entry is read once, when it is
 * delivered, and read again before the cursor goes on: a TABLE that the caller put there in between is gone through, one
 * that he took away is not. It may also be held to work on one page after the other (cursor_translate and so on): the last table is remembered.
 */
struct ptw_cursor {
    struct ptw_table *t;
    unsigned long generation;
    void *held;          /* a level-0 table, or NULL */
    ptw_addr held_first; /* the place where it begins */

    ptw_addr place, last; /* as places: address & ia_mask */
    uint64_t flags;
    ptw_addr resume; /* after a restart: entries at this place from resume_level up were delivered */
    unsigned level, min_level, resume_level;
    bool resumed, resume_post;
    uint8_t state, order; /* the order of the entry at `place` */
    struct {
        void *table;
        ptw_oa pa;
        ptw_attr limits;
        unsigned above; /* the level of the entry that points to it */
    } path[PTW_LEVELS_MAX];
};

/* Starts over [addr, addr + size), or PTW_ALL. PTW_OK, PTW_RANGE, PTW_INVAL (size 0). Alignment does not matter: the
 * entry that addr lies in comes first. */
ptw_status ptw_cursor_init(struct ptw_cursor *c, struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags);

/* The next entry. PTW_OK, PTW_NOENT (the end), PTW_FAULTED (*e points where no table can be; the next call goes on
 * behind it). */
ptw_status ptw_cursor_next(struct ptw_cursor *c, struct ptw_entry *e);

/* After a TABLE was delivered: do not go down there. */
void ptw_cursor_skip(struct ptw_cursor *c);

/* Forget the path; go on from the root with the first entry not yet delivered. Needed after the caller has unlinked
 * tables; each entry is still delivered once, second (POST) visits included. */
void ptw_cursor_restart(struct ptw_cursor *c);

/*
 * One smallest-leaf page after the other with a held cursor, for callers that work on neighbours one at a time (init
 * it with PTW_ALL). Answers are those of ptw_translate, ptw_map and ptw_unmap on one page.
 */
PTW_INLINE ptw_status ptw_cursor_translate(struct ptw_cursor *c, ptw_addr addr, struct ptw_leaf *leaf)
{
    return c->t->ops->cursor_translate(c, addr, leaf);
}

PTW_INLINE ptw_status ptw_cursor_map(struct ptw_cursor *c, ptw_addr addr, ptw_oa oa, ptw_attr attr,
                                     struct ptw_gather *g)
{
    return c->t->ops->cursor_map(c, addr, oa, attr, g);
}

PTW_INLINE ptw_status ptw_cursor_unmap(struct ptw_cursor *c, ptw_addr addr, struct ptw_gather *g)
{
    return c->t->ops->cursor_unmap(c, addr, g);
}

/* What a visitor wants next. */
enum ptw_visit { PTW_VISIT_ON, PTW_VISIT_SKIP, PTW_VISIT_RESTART, PTW_VISIT_STOP };

struct ptw_visitor {
    enum ptw_visit (*entry)(struct ptw_visitor *v, const struct ptw_entry *e);
};

/* Calls the visitor for every entry that a cursor with these flags delivers. PTW_OK, or with PTW_VISIT_STOP or a fault
 * {PTW_SPURIOUS or PTW_FAULTED, address of the entry}. Restarts cannot make it endless: no entry comes twice. */
struct ptw_result ptw_visit(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags, struct ptw_visitor *v);

/* -------------------------------------------------------------------------------------------------- audits --- */

struct ptw_stats {
    uint64_t leaves[PTW_LEVELS_MAX]; /* by level; a group is one */
    uint64_t groups[PTW_LEVELS_MAX]; /* those of them that are groups */
    uint64_t marks;
    uint64_t tables;      /* the root counts as one */
    uint64_t table_bytes; /* the root with its true size */
};

/* Counts. PTW_OK or PTW_FAULTED (what can be reached is counted). */
ptw_status ptw_stats(struct ptw_table *t, struct ptw_stats *stats);

/* What verify found first. */
struct ptw_finding {
    struct ptw_entry entry;
    const char *why; /* one clause */
};

/*
 * Audits the whole table: every present word obeys the architecture (reserved bits, attributes), leaves stand at
 * levels that have them and inside the output width, tables are aligned and can be reached, no table is linked twice
 * (a cycle is a special case of that), no transient mark is left behind.
 *
 * `scratch` is room for `n` addresses (n >= 2), used to find tables linked twice: the walk is repeated once for each
 * n - 1 tables. `tables` bounds how many tables may be found (as many as the allocator gave out); more is a finding.
 * PTW_OK; PTW_FAULTED with *finding; PTW_INVAL (n too small). Changes nothing.
 */
ptw_status ptw_verify(struct ptw_table *t, ptw_oa *scratch, size_t n, uint64_t tables, struct ptw_finding *finding);

/* The list of all formats of this build, made from arch/ at build time; ends with NULL. */
extern const struct ptw_format *const ptw_formats[];

/* The format of that name, or NULL. */
const struct ptw_format *ptw_format_find(const char *name);

#endif
