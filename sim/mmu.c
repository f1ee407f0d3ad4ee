/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/mmu.c - accesses through a TLB: see ptw/sim_mmu.h.
 *
 * The walker is only ever asked what it makes of words. What may be remembered, and for whom, is found out by asking it
 * again with the remembered words: so this file knows no rights, no A and no D.
 */
#include "sim/mmu.h"

#include <string.h>

void mmu_complain(struct ptw_sim_cores *c, const char *what)
{
    const char *none = NULL;

    (void)__atomic_compare_exchange_n(&c->violation, &none, what, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/* -------------------------------------------------------------------------------------------------- walks --- */

void mmu_start(struct mmu_path *p, const struct ptw_sim_cores *c, uint64_t addr, unsigned access)
{
    p->outcome = ptw_sim_walk_start(&p->walk, &c->mmu, addr, access);
    p->words = 0;
    p->change = 0;
    p->changes = false;
}

void mmu_step(struct mmu_path *p, uint64_t word)
{
    p->outcome = ptw_sim_walk_step(&p->walk, word);
    p->change = ((word & ~p->walk.clear) | p->walk.set) ^ word;
    p->changes = p->changes || p->change != 0;
    p->word[p->words++] = word ^ p->change;
    if (p->outcome == PTW_SIM_ENTRY && p->words == PTW_SIM_PATH) {
        p->outcome = PTW_SIM_RESERVED;
        p->walk.why = "more levels than there can be";
    }
}

void mmu_replay(struct mmu_path *p, const struct ptw_sim_cores *c, uint64_t addr, unsigned access, const uint64_t *word,
                unsigned words)
{
    mmu_start(p, c, addr, access);
    for (unsigned i = 0; i < words && p->outcome == PTW_SIM_ENTRY; i++)
        mmu_step(p, word[i]);
}

void *mmu_entry(struct ptw_sim_cores *c, struct mmu_path *p)
{
    void *entry = c->memory->behind != NULL ? ptw_sim_memory_behind(c->memory, p->walk.entry)
                                            : ptw_sim_memory_at(c->memory, p->walk.entry);

    if (entry != NULL)
        return entry;
    mmu_complain(c, "a walk reads memory that is no table");
    p->outcome = PTW_SIM_ABSENT;
    p->walk.why = "the entry is in no live memory";
    return NULL;
}

/* Native order <-> the order in memory. */
static uint64_t in_order(const struct ptw_sim_walk *w, uint64_t word)
{
    if (w->big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))
        return word;
    return w->entry_bytes == 8 ? __builtin_bswap64(word) : __builtin_bswap32((uint32_t)word);
}

uint64_t mmu_load(const struct mmu_path *p, const void *entry)
{
    ptw_sim_point(entry, false);
    return in_order(&p->walk, p->walk.entry_bytes == 8 ? __atomic_load_n((const uint64_t *)entry, __ATOMIC_ACQUIRE)
                                                       : __atomic_load_n((const uint32_t *)entry, __ATOMIC_ACQUIRE));
}

static bool exchange(const struct ptw_sim_walk *w, void *entry, uint64_t old, uint64_t word)
{
    old = in_order(w, old);
    word = in_order(w, word);
    if (w->entry_bytes == 8)
        return __atomic_compare_exchange_n((uint64_t *)entry, &old, word, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
    uint32_t narrow = (uint32_t)old;
    return __atomic_compare_exchange_n((uint32_t *)entry, &narrow, (uint32_t)word, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

/* Sets A and D where the walk was last. What a walker that does not snoop writes to memory, processors see, too. */
static bool change_entry(const struct ptw_sim_cores *c, const struct mmu_path *p, void *entry)
{
    const uint64_t now = p->word[p->words - 1], old = now ^ p->change;

    ptw_sim_point(entry, true);
    if (!exchange(&p->walk, entry, old, now))
        return false;
    if (c->memory->behind != NULL)
        (void)exchange(&p->walk, c->memory->arena + ((unsigned char *)entry - c->memory->behind), old, now);
    return true;
}

struct ptw_sim_answer mmu_answer(const struct mmu_path *p)
{
    return (struct ptw_sim_answer){.outcome = p->outcome,
                                   .addr = p->walk.addr,
                                   .out = p->walk.out,
                                   .access = p->walk.access,
                                   .rights = p->walk.rights,
                                   .level = p->walk.at_level,
                                   .type = p->walk.type,
                                   .global = p->walk.global,
                                   .why = p->walk.why};
}

/* ---------------------------------------------------------------------------------------- what is remembered --- */

static void forget(struct ptw_sim_core *core, unsigned i)
{
    core->used--;
    memmove(&core->seen[i], &core->seen[i + 1], (core->used - i) * sizeof(core->seen[0]));
}

/* Takes the place of what was known of the same entry. */
static void remember(struct ptw_sim_core *core, const struct ptw_sim_seen *s)
{
    unsigned place = core->used;

    for (unsigned i = 0; i < core->used; i++) {
        if (core->cores->break_before_make && mmu_contradict(core->cores, &core->seen[i], s))
            mmu_complain(core->cores, MMU_TWO_SIZES);
        if (core->seen[i].kind == s->kind && core->seen[i].level == s->level && core->seen[i].first == s->first &&
            core->seen[i].last == s->last)
            place = i;
    }
    if (place == PTW_SIM_TLB) {
        forget(core, 0);
        place = core->used;
    }
    core->seen[place] = *s;
    if (place == core->used)
        core->used++;
}

static void remember_path(struct ptw_sim_core *core, const struct mmu_path *p, enum ptw_sim_seen_kind kind)
{
    const struct ptw_sim_walk *w = &p->walk;
    struct ptw_sim_seen s = {.kind = kind,
                             .level = w->at_level,
                             .first = w->first,
                             .last = w->last,
                             .words = p->words,
                             .addr = w->addr,
                             .access = w->access,
                             .next = w->entry};

    memcpy(s.word, p->word, sizeof(s.word));
    if (kind == PTW_SIM_SEEN_LEAF) {
        s.out = w->out - (w->addr - w->first);
        s.type = w->type;
        s.rights = w->rights;
        s.global = w->global;
    }
    for (unsigned i = 0; kind == PTW_SIM_SEEN_LEAF && i < MMU_KINDS; i++) {
        struct mmu_path other;
        mmu_replay(&other, core->cores, w->addr, mmu_access(i), p->word, p->words);
        if (other.outcome == PTW_SIM_LEAF && !other.changes)
            s.grants |= 1U << i;
    }
    remember(core, &s);
}

/* What answers the access without a walk. */
static const struct ptw_sim_seen *find(const struct ptw_sim_core *core, uint64_t addr, unsigned access)
{
    for (unsigned i = 0; i < core->used; i++) {
        const struct ptw_sim_seen *s = &core->seen[i];
        if (mmu_overlaps(s, addr, addr) &&
            (s->kind == PTW_SIM_SEEN_HOLE ||
             (s->kind == PTW_SIM_SEEN_LEAF && (s->grants >> ptw_sim_kind_of(access) & 1U) != 0)))
            return s;
    }
    return NULL;
}

/* Begins below the deepest table that is remembered and lets the access through; at the root, if there is none. */
static void start_deep(const struct ptw_sim_core *core, struct mmu_path *p, uint64_t addr, unsigned access)
{
    const struct ptw_sim_seen *deepest = NULL;

    for (unsigned i = 0; i < core->used; i++) {
        const struct ptw_sim_seen *s = &core->seen[i];
        if (s->kind == PTW_SIM_SEEN_TABLE && mmu_overlaps(s, addr, addr) &&
            (deepest == NULL || s->words > deepest->words))
            deepest = s;
    }
    if (deepest != NULL) {
        mmu_replay(p, core->cores, addr, access, deepest->word, deepest->words);
        if (p->outcome == PTW_SIM_ENTRY && p->words == deepest->words && !p->changes)
            return;
    }
    mmu_start(p, core->cores, addr, access);
}

/* -------------------------------------------------------------------------------------------------- accesses --- */

/* False: somebody changed an entry at the same moment, and the walk has to begin again. */
static bool walk(struct ptw_sim_core *core, struct mmu_path *p, uint64_t addr, unsigned access)
{
    struct ptw_sim_cores *c = core->cores;

    start_deep(core, p, addr, access);
    while (p->outcome == PTW_SIM_ENTRY) {
        void *entry = mmu_entry(c, p);
        if (entry == NULL)
            return true;
        mmu_step(p, mmu_load(p, entry));
        if (p->change != 0 && !change_entry(c, p, entry))
            return false;
        if (p->outcome == PTW_SIM_ENTRY)
            remember_path(core, p, PTW_SIM_SEEN_TABLE);
    }
    if (p->outcome == PTW_SIM_LEAF)
        remember_path(core, p, PTW_SIM_SEEN_LEAF);
    else if (p->outcome == PTW_SIM_ABSENT && p->words != 0 && c->mmu.walker->remembers_holes)
        remember_path(core, p, PTW_SIM_SEEN_HOLE);
    return true;
}

static struct ptw_sim_answer from_memory(struct ptw_sim_core *core, uint64_t addr, unsigned access)
{
    struct mmu_path p;

    core->walks++;
    while (!walk(core, &p, addr, access))
        core->lost++;
    return mmu_answer(&p);
}

static struct ptw_sim_answer from_seen(struct ptw_sim_core *core, const struct ptw_sim_seen *s, uint64_t addr,
                                       unsigned access)
{
    struct ptw_sim_answer answer = {.addr = addr, .access = access, .level = s->level, .remembered = true};

    core->hits++;
    if (s->kind == PTW_SIM_SEEN_HOLE) {
        answer.outcome = PTW_SIM_ABSENT;
        answer.why = "a hole that is remembered";
        return answer;
    }
    answer.outcome = PTW_SIM_LEAF;
    answer.out = s->out + (addr - s->first);
    answer.rights = s->rights;
    answer.type = s->type;
    answer.global = s->global;
    return answer;
}

struct ptw_sim_answer ptw_sim_access(struct ptw_sim_core *core, uint64_t addr, unsigned access)
{
    const struct ptw_sim_cores *c = core->cores;
    const struct ptw_sim_seen *s;
    struct ptw_sim_answer answer;

    ptw_sim_lock_take(&core->lock);
    s = find(core, addr, access);
    answer = s != NULL ? from_seen(core, s, addr, access) : from_memory(core, addr, access);
    if (c->did != NULL)
        c->did(c->ctx, core, &answer);
    ptw_sim_lock_give(&core->lock);
    return answer;
}

/* ---------------------------------------------------------------------------------------------- forgetting --- */

static bool covers(const struct ptw_inval *inval, const struct ptw_sim_seen *s)
{
    uint64_t reasons = inval->reasons & ~PTW_OWED_STRUCT;

    if (!mmu_overlaps(s, inval->first, inval->last))
        return false;
    if ((inval->reasons & PTW_OWED_STRUCT) != 0 && inval->levels >> s->level != 0)
        return true;
    reasons &= s->kind == PTW_SIM_SEEN_HOLE ? PTW_OWED_MAKE : s->kind == PTW_SIM_SEEN_LEAF ? ~PTW_OWED_MAKE : 0;
    return reasons != 0 && (inval->levels >> s->level & 1U) != 0;
}

void ptw_sim_invalidate(void *cores, const struct ptw_inval *inval)
{
    struct ptw_sim_cores *c = cores;

    __atomic_add_fetch(&c->invalidations, 1, __ATOMIC_RELAXED);
    __atomic_or_fetch(&c->reasons, inval->reasons, __ATOMIC_RELAXED);
    if (inval->reasons == 0)
        mmu_complain(c, "an invalidation without a reason");
    if (inval->first > inval->last)
        mmu_complain(c, "an invalidation whose bounds are upside down");
    for (unsigned n = 0; n < c->n; n++) {
        struct ptw_sim_core *core = &c->core[n];
        ptw_sim_lock_take(&core->lock);
        for (unsigned i = core->used; i > 0; i--)
            if (covers(inval, &core->seen[i - 1]))
                forget(core, i - 1);
        ptw_sim_lock_give(&core->lock);
    }
}

void ptw_sim_forget(struct ptw_sim_core *core, uint64_t seed)
{
    ptw_sim_lock_take(&core->lock);
    for (unsigned i = core->used; i > 0; i--) {
        uint64_t random = (seed + i) * UINT64_C(0x9e3779b97f4a7c15);
        if (seed == 0 || (random ^ random >> 29) >> 32 & 1U)
            forget(core, i - 1);
    }
    ptw_sim_lock_give(&core->lock);
}
