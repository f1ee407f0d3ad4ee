/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* script.c - plays scripts on a table and on the oracle, prints them, shrinks them, makes them up: see script.h. */
#include "script.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define COMPARE_EVERY 100U /* steps between two comparisons of the whole table */

const char *script_say(struct script_player *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(p->message, sizeof(p->message), format, args);
    va_end(args);
    return p->message;
}

/* -------------------------------------------------------------------------------------------- printing --- */

static void print_step(const struct script_player *p, size_t number, const struct script_step *s)
{
    FILE *out = p->trace;

    fprintf(out, "%4zu  %-16s 0x%" PRIx64 " + 0x%" PRIx64, number, script_name_of(s->code), s->addr, s->size);
    if (s->code == SCRIPT_MAP || s->code == SCRIPT_CURSOR_MAP || s->code == SCRIPT_REMAP)
        fprintf(out, " -> 0x%" PRIx64, s->oa);
    if (s->attr != 0 || s->remove != 0)
        fprintf(out, " attr 0x%" PRIx64, s->attr);
    if (s->remove != 0)
        fprintf(out, " remove 0x%" PRIx64, s->remove);
    if (s->flags != 0)
        fprintf(out, "%s%s%s%s%s%s%s%s%s%s", (s->flags & PTW_SHARED) != 0 ? " SHARED" : "",
                (s->flags & PTW_FREEZE) != 0 ? " FREEZE" : "", (s->flags & PTW_ALL) != 0 ? " ALL" : "",
                (s->flags & PTW_IF_EMPTY) != 0 ? " IF_EMPTY" : "", (s->flags & PTW_REPLACE) != 0 ? " REPLACE" : "",
                (s->flags & PTW_STRICT) != 0 ? " STRICT" : "", (s->flags & PTW_WIDEN) != 0 ? " WIDEN" : "",
                (s->flags & PTW_WRITE_PROTECT) != 0 ? " WRITE_PROTECT" : "",
                (s->flags & PTW_CLEAR) != 0 ? " CLEAR" : "", (s->flags & PTW_PEEK) != 0 ? " PEEK" : "");
    if ((s->flags >> 8U & 0xffU) != 0)
        fprintf(out, " MAX_LEVEL(%u)", (unsigned)(s->flags >> 8U & 0xffU) - 1U);
    if (s->bitmap_bits != 0)
        fprintf(out, " bitmap 0x%" PRIx64 ", %" PRIu64 " bits of 2^%u", s->bitmap_base, s->bitmap_bits,
                s->bitmap_shift);
    if (s->sink)
        fputs(" sink", out);
    if (s->code == SCRIPT_ANNOTATE || s->code == SCRIPT_FAIL_ALLOC)
        fprintf(out, " %u", s->number);
    if (s->wrong != SCRIPT_RIGHT)
        fputs(" (wrong on purpose)", out);
    fputc('\n', out);
}

void script_print(struct script_player *p, const struct script_op *ops, size_t n, FILE *out)
{
    bool thorough = p->thorough;

    p->trace = out;
    p->thorough = true;
    const char *why = script_play(p, ops, n);
    fprintf(out, "  => %s\n", why == NULL ? "right" : why);
    p->trace = NULL;
    p->thorough = thorough;
}

/* --------------------------------------------------------------------------------------------- playing --- */

void script_player_init(struct script_player *p, struct fixture *f)
{
    memset(p, 0, sizeof(*p));
    p->f = f;
    oracle_init(&p->o, f);
}

void script_player_fini(struct script_player *p)
{
    oracle_fini(&p->o);
    invariants_fini(&p->rules);
    for (unsigned i = 0; i < SCRIPT_SINKS; i++)
        oracle_fini(&p->sink[i].left);
}

/* I9: what the oracle and the table do not say alike. */
static const char *pages_differ(struct script_player *p, const char *why)
{
    return invariants_say(&p->rules, INVARIANT_PAGES, why);
}

/* The edges of the step's range and their neighbours, and where the oracle changes near them. */
static const char *probe(struct script_player *p, const struct script_step *s)
{
    const ptw_addr page = UINT64_C(1) << p->f->t.geo.encoder->granule;
    const struct oracle_run *run = oracle_next(&p->o, s->addr);
    ptw_addr at[] = {s->addr,
                     s->addr - page,
                     s->last,
                     s->last + 1,
                     s->addr + page,
                     s->addr + (s->last - s->addr) / 2,
                     s->last - page,
                     s->addr ^ UINT64_C(1) << 21,
                     run == NULL ? 0 : run->first,
                     run == NULL ? 0 : run->last + 1};

    for (unsigned i = 0; i < COUNT(at); i++) {
        const char *why = pages_differ(p, oracle_compare_translate(&p->o, p->f, at[i]));
        if (why != NULL)
            return why;
    }
    return NULL;
}

static const char *check_after(struct script_player *p, const struct script_step *s, size_t number)
{
    bool owed = !ptw_gather_empty(&p->f->g);
    const char *why = NULL;

    if ((s->flags & PTW_ALL) == 0 && s->wrong == SCRIPT_RIGHT)
        why = probe(p, s);
    bool wide = (s->flags & PTW_ALL) != 0 && number % 8 == 0;
    if (why == NULL && (p->thorough || wide || number % COMPARE_EVERY == COMPARE_EVERY - 1))
        why = pages_differ(p, oracle_compare_by_hand(&p->o, p->f));
    if (why == NULL)
        why = invariants_hardware(&p->rules, &p->f->hardware, owed);
    return why;
}

/*
 * Hardware wrote in the middle of a step. That is said to the oracle at once, for what the step finds mapped, and once
 * more after the step, for what it mapped itself.
 */
static void hardware_wrote(void *ctx, ptw_addr first, ptw_addr last)
{
    struct script_player *p = ctx;

    oracle_change(&p->o, first, last, ~(ptw_attr)0, PTW_AD);
    script_sink_wrote(p, first, last);
    if (p->lates < COUNT(p->late))
        p->late[p->lates++] = (struct oracle_run){.first = first, .last = last};
    else
        p->f->hardware.busy = NULL;
}

static const char *play_one(struct script_player *p, struct script_step *s)
{
    /* REPLACE drops the D of what gives way; nobody can say when exactly a write came. */
    hardware_busy(&p->f->hardware, p->busy && (s->flags & PTW_REPLACE) == 0 ? &p->f->t : NULL);
    p->f->hardware.wrote = hardware_wrote;
    p->f->hardware.wrote_ctx = p;
    p->lates = 0;
    const char *why = script_step_play(p, s);
    for (unsigned i = 0; i < p->lates; i++)
        oracle_change(&p->o, p->late[i].first, p->late[i].last, ~(ptw_attr)0, PTW_AD);
    hardware_busy(&p->f->hardware, NULL);
    script_sinks_rest(p);
    return why;
}

static const char *play_all(struct script_player *p, const struct script_op *ops, size_t n)
{
    bool armed = false;

    p->busy = n > 0 && (ops[0].extra & 1) == 0 && p->peer == NULL;
    for (size_t i = 0; i < n; i++) {
        struct script_step s;
        script_decode(p, &ops[i], &s);
        p->failed_at = i;
        p->steps++;
        if (p->trace != NULL)
            print_step(p, i, &s);
        const char *why = play_one(p, &s);
        if (why == NULL && p->peer != NULL) /* when to sync is a format's own matter, and the TLB shows it */
            fixture_sync(p->f);
        if (why == NULL)
            why = script_sinks_check(p);
        if (why == NULL)
            why = check_after(p, &s, i);
        if (why != NULL)
            return why;
        if (armed)
            p->f->memory.fail_after = -1;
        armed = s.code == SCRIPT_FAIL_ALLOC;
    }
    p->f->memory.fail_after = -1;
    struct script_step audit = {.code = SCRIPT_AUDIT};
    const char *why = script_step_play(p, &audit);
    return why != NULL ? why : pages_differ(p, oracle_compare_by_hand(&p->o, p->f));
}

const char *script_play(struct script_player *p, const struct script_op *ops, size_t n)
{
    p->results = 0;
    oracle_reset(&p->o);
    script_sinks_reset(p);
    if (fixture_reopen(p->f) != PTW_OK)
        return script_say(p, "ptw_init fails");
    invariants_init(&p->rules, &p->f->memory, false);
    invariants_begin(&p->rules, &p->f->t);
    p->rules.gather[p->rules.gathers++] = &p->f->g;
    if (ptw_cursor_init(&p->cursor, &p->f->t, 0, 0, PTW_ALL) != PTW_OK)
        return script_say(p, "ptw_cursor_init fails");
    if (p->sharing != SCRIPT_EXCLUSIVE && p->peer == NULL)
        (void)fixture_share(p->f, p->sharing == SCRIPT_RECLAIMED, 0); /* not where there are no marks */
    const char *why = play_all(p, ops, n);
    if (why == NULL)
        why = fixture_finish(p->f);
    return why != NULL ? why : script_sinks_check(p);
}

/* ------------------------------------------------------------------------------------------- shrinking --- */

/* Are two messages of one kind, that is equal but for their numbers? */
static bool same_kind(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        size_t digits_a = strspn(a, "0123456789abcdefx"), digits_b = strspn(b, "0123456789abcdefx");
        bool number = *a >= '0' && *a <= '9' && *b >= '0' && *b <= '9';
        if (!number && *a != *b)
            return false;
        a += number ? digits_a : 1;
        b += number ? digits_b : 1;
    }
    return *a == *b;
}

struct failure {
    struct script_player *p;
    char like[sizeof(((struct script_player *)0)->message)];
};

static bool fails_alike(void *ctx, const struct script_op *ops, size_t n)
{
    struct failure *f = ctx;
    const char *why = script_play(f->p, ops, n);
    return why != NULL && same_kind(why, f->like);
}

/* Tries the script without ops [at, at + chunk); keeps it if it still fails. */
static bool without(script_predicate *fails, void *ctx, struct script_op *ops, size_t *n, size_t at, size_t chunk,
                    struct script_op *scratch)
{
    chunk = chunk < *n - at ? chunk : *n - at;
    memcpy(scratch, ops, at * sizeof(*ops));
    memcpy(scratch + at, ops + at + chunk, (*n - at - chunk) * sizeof(*ops));
    if (!fails(ctx, scratch, *n - chunk))
        return false;
    *n -= chunk;
    memcpy(ops, scratch, *n * sizeof(*ops));
    return true;
}

/* Tries simpler bytes for what is left: zero is the plainest value of every byte. */
static void simplify(script_predicate *fails, void *ctx, struct script_op *ops, size_t n)
{
    for (size_t i = 0; i < n * sizeof(*ops); i++) {
        uint8_t *byte = (uint8_t *)ops + i, old = *byte;
        if (i % sizeof(*ops) == 0 || old == 0)
            continue;
        *byte = 0;
        if (!fails(ctx, ops, n))
            *byte = old;
    }
}

size_t script_shrink_while(script_predicate *fails, void *ctx, struct script_op *ops, size_t n)
{
    struct script_op *scratch = calloc(n + 1, sizeof(*scratch));

    if (scratch == NULL)
        abort();
    for (size_t chunk = (n + 1) / 2; n > 1 && chunk > 0;) {
        bool shorter = false;
        for (size_t at = 0; at < n;) {
            if (n > 1 && chunk < n && without(fails, ctx, ops, &n, at, chunk, scratch))
                shorter = true;
            else
                at += chunk;
        }
        if (!shorter || chunk > 1)
            chunk /= 2;
    }
    simplify(fails, ctx, ops, n);
    free(scratch);
    return n;
}

size_t script_shrink(struct script_player *p, struct script_op *ops, size_t n)
{
    struct failure f = {.p = p};
    bool thorough = p->thorough;
    const char *why;

    p->thorough = true;
    why = script_play(p, ops, n);
    if (why == NULL)
        return 0;
    snprintf(f.like, sizeof(f.like), "%s", why);
    if (p->failed_at + 1 < n && fails_alike(&f, ops, p->failed_at + 1))
        n = p->failed_at + 1;
    n = script_shrink_while(fails_alike, &f, ops, n);
    p->thorough = thorough;
    return n;
}

/* --------------------------------------------------------------------------------------- where they come from --- */

static uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Uniform bytes but for the range: round numbers and short lengths are what operations meet at. */
static uint8_t random_coordinate(uint64_t r)
{
    static const uint8_t keep[] = {0x3f, 0x3c, 0x30, 0x0f, 0x03, 0x7f, 0x3c, 0x00};
    return (uint8_t)((r & keep[(r >> 8) & 7]) | (r & 0x80));
}

void script_random(uint64_t *seed, struct script_op *ops, size_t n)
{
    uint64_t few = random_next(seed); /* a script stays near one or two anchors */

    for (size_t i = 0; i < n; i++) {
        uint64_t a = random_next(seed), b = random_next(seed);
        ops[i].code = (uint8_t)a;
        ops[i].anchor = (uint8_t)(few >> 8 * ((a >> 8) % 3));
        ops[i].from = random_coordinate(a >> 16);
        ops[i].to = random_coordinate(a >> 32);
        ops[i].attr = (uint8_t)(a >> 48);
        ops[i].oa = (uint8_t)b;
        ops[i].flags = (uint8_t)(b >> 8);
        ops[i].extra = (uint8_t)(b >> 16);
    }
}

size_t script_from_bytes(const uint8_t *bytes, size_t size, struct script_op *ops, size_t room)
{
    size_t n = size / sizeof(*ops) < room ? size / sizeof(*ops) : room;

    memcpy(ops, bytes, n * sizeof(*ops));
    return n;
}
