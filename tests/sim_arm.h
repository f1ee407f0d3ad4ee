/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim_arm.h - for the tests of the Arm family's simulated walks: entries written by hand, fed to a walk one after the
 * other, and what must come of them.
 */
#ifndef TEST_SIM_ARM_H
#define TEST_SIM_ARM_H

#define TEST_LITERAL_RIGHTS
#include "conformance.h"

#include <ptw/sim_arm64.h>

#define READ PTW_SIM_READ
#define WRITE PTW_SIM_WRITE
#define FETCH PTW_SIM_FETCH
#define USER PTW_SIM_USER

/* Rights, as in the tables of the tests. */
#define S_R PTW_SIM_R
#define S_RW (PTW_SIM_R | PTW_SIM_W)
#define S_X PTW_SIM_X
#define U_R PTW_SIM_UR
#define U_RW (PTW_SIM_UR | PTW_SIM_UW)
#define U_X PTW_SIM_UX

/* One walk: the entries that it reads (no entry is 0 but the last), and its end. `set` and `clear` are of the last
 * entry. */
struct hand {
    const char *id;
    const struct ptw_sim_mmu *mmu;
    uint64_t addr;
    unsigned access;
    unsigned steps;
    uint64_t word[5];
    enum ptw_sim_outcome outcome;
    uint64_t out;
    unsigned rights;
    uint64_t set, clear;
};

static inline const char *outcome_name(enum ptw_sim_outcome outcome)
{
    static const char *const names[] = {"ENTRY", "LEAF", "ABSENT", "DENIED", "UNSET", "RESERVED", "BEYOND"};
    return names[outcome];
}

/* Feeds the words; *w is the walk at its end. */
static inline enum ptw_sim_outcome feed(struct ptw_sim_walk *w, const struct hand *h)
{
    enum ptw_sim_outcome outcome = ptw_sim_walk_start(w, h->mmu, h->addr, h->access);
    unsigned step = 0;

    for (; outcome == PTW_SIM_ENTRY && step < h->steps; step++)
        outcome = ptw_sim_walk_step(w, h->word[step]);
    if (step != h->steps)
        fail_msg("%s: ends with %s after %u entries: %s", h->id, outcome_name(outcome), step,
                 w->why != NULL ? w->why : "");
    return outcome;
}

static inline void expect_number(const char *id, const char *what, uint64_t got, uint64_t want)
{
    if (got != want)
        fail_msg("%s: %s 0x%" PRIx64 ", wanted 0x%" PRIx64, id, what, got, want);
}

static inline void check_hand(const struct hand *h)
{
    struct ptw_sim_walk w;
    const enum ptw_sim_outcome outcome = feed(&w, h);
    const bool fault = outcome != PTW_SIM_LEAF && outcome != PTW_SIM_ENTRY;

    if (outcome != h->outcome)
        fail_msg("%s: %s (%s), wanted %s", h->id, outcome_name(outcome), w.why != NULL ? w.why : "",
                 outcome_name(h->outcome));
    if (fault != (w.why != NULL))
        fail_msg("%s: a fault has a reason, and nothing else has", h->id);
    expect_number(h->id, "set", w.set, h->set);
    expect_number(h->id, "clear", w.clear, h->clear);
    if (outcome != PTW_SIM_LEAF)
        return;
    expect_number(h->id, "output", w.out, h->out);
    expect_number(h->id, "rights", w.rights, h->rights);
}

static inline void check_hands(const struct hand *h, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_hand(&h[i]);
}

#endif
