/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fuzz_config.c - any configuration of any format, then calls with any arguments. What is refused must have changed
 * nothing; what is accepted must leave a table that verify has nothing to say against, and no leak.
 *
 * Memory is scarce on purpose (TABLES_MAX): a senseless range then ends in NOMEM instead of never.
 */
#include "input.h"

#include <inttypes.h>
#include <string.h>

#define TABLES_MAX 12U
#define BITMAP_WORDS 32U
#define CALLS_MAX 64U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool refused(ptw_status status)
{
    return status == PTW_INVAL || status == PTW_RANGE || status == PTW_UNSUPPORTED;
}

/* ------------------------------------------------------------------------------------- configurations --- */

static void check_geometry(const struct ptw_geometry *g)
{
    const struct ptw_encoder *e = g->encoder;

    must(e != NULL && g->top <= e->max_level && g->top >= e->min_top, "the root is at a level that cannot be");
    must(g->max_leaf <= g->top && e->leaf_orders(g->max_leaf) != 0, "the largest leaf is at a level without leaves");
    must(g->ia_mask >> ptw_level_shift(e, g->top) < PTW_BIT(g->root_bits), "the root is too small for the input");
    must((g->ia_mask & (g->ia_mask + 1)) == 0 && (g->oa_last & (g->oa_last + 1)) == 0, "a width that is no mask");
    must(g->ia_mask == ptw_low_mask(g->ia_bits) && g->oa_last == ptw_low_mask(g->oa_bits), "a mask of another width");
}

/* ---------------------------------------------------------------------------------------------- calls --- */

struct digest {
    uint64_t hash;
};

static bool digest_entry(void *ctx, const struct hardware_leaf *leaf)
{
    struct digest *d = ctx;
    d->hash =
        (d->hash ^ leaf->addr ^ leaf->word * UINT64_C(0x9e3779b97f4a7c15) ^ leaf->level) * UINT64_C(1099511628211);
    return true;
}

/* What a refused call must leave alone. */
static uint64_t state_of(struct fixture *f)
{
    struct digest d = {f->memory.allocs * 31 + f->memory.frees};

    d.hash = d.hash * 31 + f->g.inval.reasons;
    d.hash = d.hash * 31 + f->g.retired;
    d.hash = d.hash * 31 + f->hardware.invalidations;
    hardware_visit(&f->hardware, &f->t, digest_entry, &d);
    return d.hash;
}

static void nothing(struct ptw_sink *sink, const struct ptw_leaf *leaf)
{
    (void)sink;
    (void)leaf;
}

static struct ptw_result round_of(struct fixture *f, struct input *in, uint8_t code, ptw_addr addr, uint64_t size,
                                  uint64_t flags)
{
    uint64_t words[BITMAP_WORDS + 1] = {0};
    struct ptw_bitmap bitmap = {.words = (code & 32) != 0 ? words : NULL};

    bitmap.bits = take_number(in) % (64 * BITMAP_WORDS + 1);
    bitmap.base = take_number(in);
    bitmap.shift = take_byte(in) & 127;
    struct ptw_result r = (code & 16) != 0 ? ptw_dirty(&f->t, addr, size, flags, &bitmap, &f->g)
                                           : ptw_age(&f->t, addr, size, flags, &bitmap, &f->g);
    bool beyond = words[BITMAP_WORDS] != 0;
    for (uint64_t i = bitmap.bits; i < (uint64_t)64 * BITMAP_WORDS; i++)
        beyond = beyond || (words[i / 64] >> (i % 64) & 1) != 0;
    must(!beyond, "a bit beyond the bitmap was set");
    must(r.status == PTW_OK || (bitmap.found == 0 && words[0] == 0), "a refused round reports pages");
    return r;
}

static struct ptw_result map_of(struct fixture *f, struct input *in, uint8_t code, ptw_addr addr, uint64_t size,
                                uint64_t flags)
{
    ptw_oa oa = take_number(in);
    ptw_attr attr = (code & 128) != 0 ? take_raw(in) : fixture_attr(f) & ~(ptw_attr)(take_byte(in) << 1);

    struct ptw_result r = ptw_map(&f->t, addr, oa, size, attr, flags & ~PTW_ALL, &f->g);
    must(fixture_legal(f, attr) || refused(r.status), "attributes that cannot be expressed were mapped");
    return r;
}

static struct ptw_result protect_of(struct fixture *f, struct input *in, uint8_t code, ptw_addr addr, uint64_t size,
                                    uint64_t flags)
{
    ptw_attr add = (code & 16) != 0 ? take_number(in) : take_byte(in) & 7U;
    ptw_attr remove = (code & 16) != 0 ? take_number(in) : take_byte(in) & 7U;

    return ptw_protect(&f->t, addr, size, add, remove, flags, &f->g);
}

static uint64_t take_flags(struct input *in)
{
    uint64_t flags = take_byte(in) & 0x3fU;

    if ((take_byte(in) & 15) == 0)
        flags |= PTW_MAX_LEVEL(take_byte(in) & 7);
    return flags;
}

static struct ptw_result call(struct fixture *f, struct input *in, uint8_t code)
{
    /* Most ranges are aligned, or nothing would ever get through. */
    uint64_t keep = (code & 64) == 0 ? ~UINT64_C(0xfff) : ~UINT64_C(0);
    ptw_addr addr = take_number(in) & keep;
    uint64_t size = take_number(in) & keep;
    uint64_t flags = take_flags(in);
    struct ptw_sink sink = {.leaf = nothing};
    struct ptw_run run;
    struct ptw_leaf leaf;

    switch (code & 15) {
    case 0:
    case 1:
    case 2:
        return map_of(f, in, code, addr, size, flags);
    case 3:
        return ptw_unmap(&f->t, addr, size, flags, (code & 16) != 0 ? &sink : NULL, &f->g);
    case 4:
    case 5:
        return protect_of(f, in, code, addr, size, flags);
    case 6:
        return ptw_cut(&f->t, addr, 0, &f->g);
    case 7:
        return ptw_split_to(&f->t, addr, size, flags, &f->g);
    case 8:
        return ptw_merge(&f->t, addr, size, flags, &f->g);
    case 9:
    case 10:
        return round_of(f, in, code, addr, size, flags);
    case 11:
        return (struct ptw_result){ptw_translate(&f->t, addr, &leaf), addr};
    case 12:
        return (struct ptw_result){ptw_next_run(&f->t, addr, size, &run), addr};
    case 13:
        f->memory.fail_after = take_byte(in) & 7;
        return (struct ptw_result){PTW_OK, addr};
    default:
        ptw_gather_sync(&f->g);
        return (struct ptw_result){PTW_OK, addr};
    }
}

/* The one thing about an output address that map does not look at: VT-d's interrupts are not memory. */
static bool is_callers_mistake(const struct ptw_finding *finding)
{
    return strstr(finding->why, "interrupt range") != NULL;
}

static void play(struct fixture *f, struct input *in)
{
    ptw_oa scratch[8];
    struct ptw_finding finding;

    f->memory.limit = TABLES_MAX;
    for (unsigned i = 0; i < CALLS_MAX && in->left != 0; i++) {
        uint64_t before = state_of(f);
        uint8_t code = take_byte(in);
        struct ptw_result r = call(f, in, code);
        must(r.status < PTW_STATUSES, "a status that is none");
        must(r.status != PTW_FAULTED, "a table of our own reads as broken");
        must(!refused(r.status) || state_of(f) == before || (code & 15) >= 13, "a refused call did something");
    }
    f->memory.fail_after = -1;
    if (ptw_verify(&f->t, scratch, 8, f->memory.outstanding, &finding) != PTW_OK && !is_callers_mistake(&finding)) {
        fprintf(stderr, "fuzz: %s: 0x%" PRIx64 ", level %u, entry %u, word 0x%" PRIx64 ": %s\n", f->format->name,
                finding.entry.addr, finding.entry.level, finding.entry.index, finding.entry.word, finding.why);
        must(false, "verify finds something");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    static const char no_keys[] = "";
    const uint8_t number = take_byte(&in);
    const struct ptw_format *format = format_of(number);
    static struct fixture f;
    struct ptw_geometry geo;
    const char *why = NULL;

    const struct format_case kase = {"any", format, no_keys, false, false, (number & 128) != 0 ? PTW_SIM_VA_HOOK : 0};
    struct ptw_config config;
    take_config(&in, format, &config);
    ptw_status status = ptw_configure(format, &config, &geo, &why);
    if (status != PTW_OK) {
        must((status == PTW_INVAL || status == PTW_UNSUPPORTED) && why != NULL && *why != '\0',
             "a refusal without a reason");
        return 0;
    }
    check_geometry(&geo);
    ptw_sim_memory_init(&f.memory, PTW_SIM_BLOCK_MAX, kase.memory_options);
    f.kase = &kase;
    f.format = format;
    f.config = config;
    if (fixture_reopen(&f) == PTW_OK) {
        play(&f, &in);
        const char *wrong = fixture_finish(&f);
        must(wrong == NULL, wrong == NULL ? "" : wrong);
    }
    fixture_close(&f);
    return 0;
}
