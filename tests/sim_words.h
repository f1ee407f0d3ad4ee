/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim_words.h - simulated page walks, one word at a time: entries written out by hand from the architecture manuals, and what
 * hardware does with each. The table entries above the word are the setup's; nothing is in memory, and no encoder is asked.
 */
#ifndef TEST_SIM_WORDS_H
#define TEST_SIM_WORDS_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ptw/sim.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define R PTW_SIM_R
#define W PTW_SIM_W
#define X PTW_SIM_X
#define UR PTW_SIM_UR
#define UW PTW_SIM_UW
#define UX PTW_SIM_UX
#define BOTH(rights) ((rights) | (rights) << 3)

/* A walker, its registers, and a table entry for each level that takes nothing away. */
struct setup {
    struct ptw_sim_mmu mmu;
    uint64_t table[PTW_LEVELS_MAX];
};

/* One word at one level. For a leaf: where its first byte goes, what it grants, what an access sets, log2 of its bytes. For a
 * table entry: where the table is, and what a walk sets. Faults need nothing. */
struct word {
    const char *id;
    const struct setup *setup;
    unsigned level;
    uint64_t word;
    enum ptw_sim_outcome outcome;
    uint64_t out;
    unsigned rights;
    uint64_t a, d;
    unsigned shift;
    uint64_t type;
};

#define TABLE PTW_SIM_ENTRY
#define LEAF PTW_SIM_LEAF
#define ABSENT PTW_SIM_ABSENT
#define UNSET PTW_SIM_UNSET
#define RESERVED PTW_SIM_RESERVED

static const unsigned all_accesses[] = {PTW_SIM_READ,
                                        PTW_SIM_WRITE,
                                        PTW_SIM_FETCH,
                                        PTW_SIM_READ | PTW_SIM_USER,
                                        PTW_SIM_WRITE | PTW_SIM_USER,
                                        PTW_SIM_FETCH | PTW_SIM_USER};

/* Walks down to the entry at `level` without reading it. */
static inline void reach(const char *id, const struct setup *s, uint64_t addr, unsigned access, unsigned level,
                         struct ptw_sim_walk *w)
{
    enum ptw_sim_outcome outcome = ptw_sim_walk_start(w, &s->mmu, addr, access);

    while (outcome == PTW_SIM_ENTRY && w->level > level)
        outcome = ptw_sim_walk_step(w, s->table[w->level]);
    if (outcome != PTW_SIM_ENTRY || w->level != level)
        fail_msg("%s: the walk ends above level %u: %s", id, level, w->why == NULL ? "?" : w->why);
}

static inline void equal(const char *id, const char *what, uint64_t got, uint64_t want)
{
    if (got != want)
        fail_msg("%s: %s is 0x%" PRIx64 ", wanted 0x%" PRIx64, id, what, got, want);
}

static inline void check_outcome(const struct word *c, const struct ptw_sim_walk *w, unsigned access,
                                 enum ptw_sim_outcome got, enum ptw_sim_outcome want)
{
    if (got != want)
        fail_msg("%s: access %u ends with %d (%s), wanted %d", c->id, access, (int)got,
                 w->why == NULL ? "no fault" : w->why, (int)want);
    if (want != PTW_SIM_ENTRY && want != PTW_SIM_LEAF && w->why == NULL)
        fail_msg("%s: a fault without a reason", c->id);
}

static inline void check_leaf(const struct word *c, const struct ptw_sim_walk *w, unsigned access,
                              enum ptw_sim_outcome outcome)
{
    const unsigned user = (access & PTW_SIM_USER) != 0 ? 3 : 0, need = (access & 7U) << user;
    const bool allowed = (c->rights & need) != 0;
    const uint64_t low = (UINT64_C(1) << c->shift) - 1;

    check_outcome(c, w, access, outcome, allowed ? PTW_SIM_LEAF : PTW_SIM_DENIED);
    equal(c->id, "rights", w->rights, c->rights);
    equal(c->id, "first", w->first, w->addr & ~low);
    equal(c->id, "last", w->last, w->addr | low);
    equal(c->id, "set", w->set, !allowed ? 0 : c->a | ((access & PTW_SIM_WRITE) != 0 ? c->d : 0));
    equal(c->id, "clear", w->clear, 0);
    if (!allowed)
        return;
    equal(c->id, "out", w->out, c->out + (w->addr & low));
    equal(c->id, "type", w->type, c->type);
}

static inline void check_word(const struct word *c)
{
    const uint64_t addr = 0xabc; /* index 0 at every level */

    for (size_t i = 0; i < COUNT(all_accesses); i++) {
        struct ptw_sim_walk w;

        reach(c->id, c->setup, addr, all_accesses[i], c->level, &w);
        enum ptw_sim_outcome outcome = ptw_sim_walk_step(&w, c->word);
        if (c->outcome == PTW_SIM_LEAF) {
            check_leaf(c, &w, all_accesses[i], outcome);
            continue;
        }
        check_outcome(c, &w, all_accesses[i], outcome, c->outcome);
        equal(c->id, "set", w.set, c->outcome == PTW_SIM_ENTRY ? c->a : 0);
        if (c->outcome == PTW_SIM_ENTRY)
            equal(c->id, "the entry below", w.entry, c->out);
    }
}

static inline void check_words(const struct word *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_word(&words[i]);
}

/* The setup with another value in one register. */
static inline struct setup with(const struct setup *s, unsigned reg, uint64_t value)
{
    struct setup changed = *s;

    changed.mmu.reg[reg] = value;
    return changed;
}

/* A walk that ends before it has read anything. */
static inline void refuses(const char *id, const struct setup *s, uint64_t addr, enum ptw_sim_outcome want)
{
    struct ptw_sim_walk w;
    enum ptw_sim_outcome got = ptw_sim_walk_start(&w, &s->mmu, addr, PTW_SIM_READ);

    if (got != want || w.why == NULL)
        fail_msg("%s: the walk starts with %d (%s), wanted %d", id, (int)got, w.why == NULL ? "no fault" : w.why,
                 (int)want);
}

/* A walk that starts, at this entry. */
static inline void starts(const char *id, const struct setup *s, uint64_t addr, uint64_t entry, unsigned level)
{
    struct ptw_sim_walk w;
    enum ptw_sim_outcome got = ptw_sim_walk_start(&w, &s->mmu, addr, PTW_SIM_READ);

    if (got != PTW_SIM_ENTRY)
        fail_msg("%s: the walk does not start: %s", id, w.why);
    equal(id, "the first entry", w.entry, entry);
    equal(id, "level", w.level, level);
}

/* What the leaf `word` at `level` grants if the entry of the level above it is `above`. */
static inline unsigned rights_below(const char *id, const struct setup *s, unsigned level, uint64_t word,
                                    uint64_t above)
{
    struct setup changed = *s;
    struct ptw_sim_walk w;

    changed.table[level + 1] = above;
    reach(id, &changed, 0, 0, level, &w);
    if (ptw_sim_walk_step(&w, word) != PTW_SIM_LEAF)
        fail_msg("%s: no leaf: %s", id, w.why);
    return w.rights;
}

#endif
