/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * script_steps.h - between the files that play the steps of a script: what their checks share, and the steps themselves.
 *
 * Each play function is the contract of one operation of ptw.h, written once more as a check: it calls the walker, asks
 * the oracle what must come out, and answers NULL or what is wrong. Where leaf sizes matter (which leaf sticks out, how
 * far a D reaches) they are read by hand before the call.
 */
#ifndef TEST_SCRIPT_STEPS_H
#define TEST_SCRIPT_STEPS_H

#include "script.h"

#define STEP_LEAVES 300000U /* more leaves in one range are a mistake of the script's sizes */

/* What an operation must leave alone when it says that it did nothing. */
struct step_quiet {
    struct ptw_inval inval;
    uint64_t retired, allocs, failures, invalidations;
};

struct step_quiet step_quiet_now(const struct script_player *p);
bool step_quiet_since(const struct script_player *p, const struct step_quiet *before);
/* The same when it says that all was so already. */
bool step_spurious_since(const struct script_player *p, const struct script_step *s, const struct step_quiet *before);

const char *step_unexpected(struct script_player *p, const char *what, struct ptw_result got, struct ptw_result want);
const char *step_wrong_status(struct script_player *p, const char *what, ptw_status got, ptw_status want);

/* Is this a hitless table whose leaves may not change their sizes, because the format must break; their outputs? */
bool step_keeps_sizes(const struct script_player *p);
bool step_keeps_outputs(const struct script_player *p);
/* Must no leaf be sent elsewhere? Among other threads it is LOCKED meanwhile. */
bool step_must_not_move(const struct script_player *p, const struct script_step *s);

/* The entry at `addr`, by hand; and whether that is a leaf that sticks out of [first, last]. */
struct hardware_leaf step_look(struct script_player *p, ptw_addr addr);
bool step_sticks_out(const struct hardware_leaf *leaf, ptw_addr first, ptw_addr last);

/*
 * How far an operation reaches that takes leaves whole, cuts them or stops at them. Afterwards [s->addr, *last] is
 * what it must have done (WIDEN moves both), or nothing is (*any false), and *want the answer but for NOMEM.
 */
void step_reach(struct script_player *p, const struct script_step *s, ptw_addr *first, ptw_addr *last, bool *any,
                struct ptw_result *want);

/* Did it stop early for want of memory, or because it must not break? Then: is that so, and where? On NULL, `any` says
 * whether anything before r.next must be done. */
bool step_stopped(struct ptw_result r);
const char *step_check_stop(struct script_player *p, const char *what, const struct script_step *s, struct ptw_result r,
                            const struct step_quiet *before, bool *any);

/* The call was wrong on purpose: the right refusal, and nothing happened. */
const char *step_check_refusal(struct script_player *p, const char *what, const struct script_step *s,
                               struct ptw_result r, const struct step_quiet *before);

/*
 * Where valid entries must be broken first, an unmap is not over before its sync: the TLB may still hold what a map
 * would now change. That sync is the owner's duty, and paid here before a map.
 */
void step_break_before_map(struct script_player *p, const struct script_step *s);

bool step_is_shared(const struct script_step *s);
bool step_is_whole(const struct script_step *s); /* PTW_ALL_OR_NOTHING */

/* There is no such operation; and nothing happened. */
const char *step_check_unsupported(struct script_player *p, const char *what, struct ptw_result r,
                                   const struct step_quiet *before);

/*
 * Calls an operation on the range of the step; while it answers YIELD, because the gather is full, syncs and calls it again
 * for the rest. `with` is for the call. *s stays as it is.
 */
typedef struct ptw_result step_call(struct script_player *p, const struct script_step *s, void *with);
struct ptw_result step_again(struct script_player *p, const struct script_step *s, step_call *call, void *with);

typedef const char *step_play(struct script_player *p, struct script_step *s);
step_play step_map, step_unmap, step_protect;                        /* script_ranges.c */
step_play step_cut, step_split_to, step_merge;                       /* script_shape.c */
step_play step_round, step_translate, step_next_run, step_audit;     /* script_reports.c */
step_play step_cursor_translate, step_cursor_map, step_cursor_unmap; /* script_steps.c, and these: */
step_play step_access, step_sync, step_fail_alloc;
step_play step_remap, step_relax, step_annotate, step_trim; /* script_changes.c */

#endif
