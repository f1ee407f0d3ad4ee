/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * script.h - operation scripts: eight bytes an operation, played on a table and on the oracle at the same time.
 *
 *   bytes -> script_op -> script_step (addresses, attributes: for this table) -> the operation, and its check
 *
 * The random test makes the bytes up, the fuzzer mutates them, the shrinker throws them away one after the other; all
 * bytes are legal. Addresses lie around a few anchors - the ends of the space and of its halves, boundaries between
 * slots of several levels, between concatenated roots - so that ranges meet each other often.
 */
#ifndef TEST_SCRIPT_H
#define TEST_SCRIPT_H

#include "formats.h"
#include "invariants.h"
#include "oracle.h"

#include <stdio.h>

struct script_op {
    uint8_t code, anchor, from, to, attr, oa, flags, extra;
};

enum script_code {
    SCRIPT_MAP,
    SCRIPT_UNMAP,
    SCRIPT_PROTECT,
    SCRIPT_CUT,
    SCRIPT_SPLIT_TO,
    SCRIPT_MERGE,
    SCRIPT_DIRTY,
    SCRIPT_AGE,
    SCRIPT_TRANSLATE,
    SCRIPT_NEXT_RUN,
    SCRIPT_CURSOR_TRANSLATE,
    SCRIPT_CURSOR_MAP,
    SCRIPT_CURSOR_UNMAP,
    SCRIPT_ACCESS,
    SCRIPT_SYNC,
    SCRIPT_ANNOTATE,
    SCRIPT_AUDIT,
    SCRIPT_FAIL_ALLOC,
    SCRIPT_REMAP,
    SCRIPT_RELAX,
    SCRIPT_TRIM,
    SCRIPT_CODES
};

/* What is wrong with a step on purpose; such a call must be refused and must change nothing. */
enum script_wrong {
    SCRIPT_RIGHT,
    SCRIPT_ADDR_MISALIGNED,
    SCRIPT_SIZE_MISALIGNED,
    SCRIPT_SIZE_ZERO,
    SCRIPT_ADDR_OUTSIDE,
    SCRIPT_SIZE_OUTSIDE,
    SCRIPT_ATTR_ILLEGAL,
    SCRIPT_OA_MISALIGNED,
    SCRIPT_OA_OUTSIDE
};

/* An operation as it is for one table. */
struct script_step {
    enum script_code code;
    enum script_wrong wrong;
    ptw_addr addr, last; /* last: inclusive; for PTW_ALL the whole space */
    uint64_t size;
    ptw_oa oa;
    ptw_attr attr;        /* map: attributes; protect, relax: added; access: the right that is needed */
    ptw_attr remove;      /* protect; relax: the ceiling */
    uint64_t payload;     /* annotate */
    uint64_t flags;       /* of the operation */
    bool sink;            /* unmap */
    uint64_t bitmap_bits; /* dirty, age: 0 is no bitmap */
    ptw_addr bitmap_base;
    unsigned bitmap_shift;
    bool no_bitmap;  /* dirty, age: NULL, not even counting */
    unsigned number; /* fail: allocations that still work; annotate: the type */
};

#define SCRIPT_SINKS 4U

/* A sink whose leaves may come long after the unmap: with the sync. */
struct script_sink {
    struct ptw_sink sink; /* first: the callback gets its address */
    struct script_player *p;
    struct oracle left; /* what it has still to get */
    bool under_way;     /* of the step that is played: what hardware writes meanwhile it gets, too */
    bool ordered;
    bool any;        /* it got one ... */
    ptw_addr behind; /* ... and the next one may not begin before this */
};

/* Is the table shared: then steps with PTW_SHARED and without take turns on it. */
enum script_sharing { SCRIPT_EXCLUSIVE, SCRIPT_SHARED, SCRIPT_RECLAIMED };

struct script_player {
    struct fixture *f;
    struct oracle o;
    struct invariants rules;
    enum script_sharing sharing;
    struct script_sink sink[SCRIPT_SINKS];
    const char *sink_why;       /* what went wrong in one */
    bool stopped;               /* the last call had to be made in parts: the gather was full */
    struct oracle_run late[16]; /* leaves that busy hardware wrote to during the step */
    unsigned lates;
    struct ptw_cursor cursor;   /* lives for the whole script: it must notice by itself what other operations do */
    const struct fixture *peer; /* NULL, or a second table on which every step must mean the same */
    bool busy;                  /* hardware writes during the steps of this script */
    bool thorough;              /* compare the whole table after each step instead of now and then */
    FILE *trace;                /* NULL, or where each step and its result are printed */
    uint64_t results;           /* a digest of all statuses */
    uint64_t steps;             /* played, ever */
    size_t failed_at;           /* step of the last failure */
    char message[512];
};

/* The fixture is open and stays the caller's; each play empties it. */
void script_player_init(struct script_player *p, struct fixture *f);
void script_player_fini(struct script_player *p);

/* NULL, or what went wrong first and where. */
const char *script_play(struct script_player *p, const struct script_op *ops, size_t n);

/* Throws steps away for as long as the rest still fails in the same way; answers how many are left (0: it does not). */
size_t script_shrink(struct script_player *p, struct script_op *ops, size_t n);

/* The same for any property of a script: it holds for `ops` now and for what is left. */
typedef bool script_predicate(void *ctx, const struct script_op *ops, size_t n);
size_t script_shrink_while(script_predicate *fails, void *ctx, struct script_op *ops, size_t n);

/* Plays with a trace: one readable line a step. */
void script_print(struct script_player *p, const struct script_op *ops, size_t n, FILE *out);

/* `n` operations, the same for the same seed; *seed moves on. */
void script_random(uint64_t *seed, struct script_op *ops, size_t n);

/* Eight bytes an operation; a rest is dropped. */
size_t script_from_bytes(const uint8_t *bytes, size_t size, struct script_op *ops, size_t room);

/* script_decode.c: the operation's code (the byte has many values for frequent operations, few for others), and all of
 * it as a step for the player's table. */
enum script_code script_code_of(const struct script_op *op);
uint8_t script_byte_of(enum script_code code);
const char *script_name_of(enum script_code code);
void script_decode(const struct script_player *p, const struct script_op *op, struct script_step *s);

/* script_shared.c: the sinks. One that takes what is mapped in [first, last]; what it has not got is to come with the sync.
 * NULL or what is wrong, after an operation or a sync: it must have had everything, unless its tables are still owed. */
struct script_sink *script_sink_new(struct script_player *p, ptw_addr first, ptw_addr last, bool ordered);
void script_sink_wrote(struct script_player *p, ptw_addr first, ptw_addr last);
void script_sinks_rest(struct script_player *p); /* the step is over */
const char *script_sinks_check(struct script_player *p);
void script_sinks_reset(struct script_player *p);

/* script_steps.c: plays one step and checks its result. NULL or what is wrong. */
const char *script_step_play(struct script_player *p, struct script_step *s);

/* Puts a message together in p->message. */
__attribute__((format(printf, 2, 3))) const char *script_say(struct script_player *p, const char *format, ...);

#endif
