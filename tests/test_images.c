/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The bytes that hardware reads are the same whatever processor the library runs on: for every format of the format
 * table one fixed script is played, and after each of its steps all tables are hashed as they stand in memory, in the
 * format's own byte order. tests/data/images.tsv has the hash of each case; 64-bit, 32-bit and big-endian builds are
 * compared with the same file.
 *
 * Hashes change when the script does, when a table gets another place, or when an entry gets another bit:
 *
 *   PTW_RECORD=1   writes the hashes of this run to the file instead of comparing (with PTW_CASE, only those)
 */
#include "recorded.h"

static struct recorded recorded = {.program = "test_images", .file = "images.tsv"};

/* --------------------------------------------------------------------------------------------- the hash ------ */

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
    unsigned char bytes[8];

    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(number >> 8U * i);
    return hash_bytes(hash, bytes, sizeof(bytes));
}

/* All tables in order of address: where, how large, and every byte. */
static uint64_t hash_tables(uint64_t hash, const struct ptw_sim_memory *m)
{
    for (uint32_t i = 0; i < m->blocks; i++) {
        const struct ptw_sim_block *b = &m->block[i];

        if (!b->live)
            continue;
        hash = hash_number(hash, b->offset);
        hash = hash_number(hash, b->bytes);
        hash = hash_bytes(hash, m->arena + b->offset, b->bytes);
    }
    return hash;
}

/* ------------------------------------------------------------------------------------------- the script ------ */

/* Pages of the first part of the table, below the first block at level 1, in which most steps work. */
#define GROUPED 16U /* mapped as large as the format allows: groups, if it has them */
#define KINDS 80U   /* one page of each memory type, attribute, combination of rights */
#define MARKED 144U /* marks */
#define HELD 160U   /* through a held cursor */
#define SMALL_END 192U

struct play {
    struct fixture *f;
    uint64_t hash;
    ptw_attr attr; /* read, write, and a software bit */
};

static ptw_addr at(const struct play *p, uint64_t pages)
{
    return ptw_first(&p->f->t) + pages * page(p->f);
}

/* A step may be more than a format can do (cut a leaf of a hitless table; the last page may be in the largest block), but
 * nothing else may be wrong. The tables are looked at when nothing is owed. */
static void step(struct play *p, const char *what, struct ptw_result r)
{
    if (r.status != PTW_OK && r.status != PTW_SPURIOUS && r.status != PTW_BISECT && r.status != PTW_EXISTS &&
        r.status != PTW_UNSUPPORTED)
        fail_msg("%s: %s answers %s", p->f->kase->name, what, ptw_status_name(r.status));
    ptw_gather_sync(&p->f->g);
    p->hash = hash_tables(p->hash, &p->f->memory);
}

/* One leaf at each level that has them: far from each other, and far out. */
static void map_blocks(struct play *p)
{
    struct fixture *f = p->f;

    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++)
        step(p, "map of a block",
             ptw_map(&f->t, ptw_first(&f->t) + input_for(f, level), output_for(f, level), span(f, level), p->attr, 0,
                     &f->g));
    step(p, "map of the last page",
         ptw_map(&f->t, ptw_last(&f->t) - (page(f) - 1), f->t.geo.oa_last - (page(f) - 1), page(f), RW, 0, &f->g));
}

static void map_pages(struct play *p)
{
    struct fixture *f = p->f;

    step(p, "map of pages",
         ptw_map(&f->t, at(p, 1), 3 * page(f), 9 * page(f), has_read_only(f) ? RO : RW, PTW_MAX_LEVEL(0), &f->g));
    step(p, "map of groups",
         ptw_map(&f->t, at(p, GROUPED), 4 * GROUPED * page(f), (KINDS - GROUPED) * page(f), p->attr, 0, &f->g));
}

static void map_kinds(struct play *p)
{
    struct fixture *f = p->f;
    uint64_t n = KINDS;

    for (unsigned type = 0; type < 16; type++)
        if (fixture_legal(f, FIT(PTW_R | PTW_W | PTW_MT(type)))) {
            step(p, "map with a memory type",
                 ptw_map(&f->t, at(p, n), n * page(f), page(f), FIT(PTW_R | PTW_W | PTW_MT(type)), 0, &f->g));
            n++;
        }
    for (unsigned bit = 4; bit < 64; bit = bit == 5 ? PTW_OWN_SHIFT : bit + 1) /* user, global, the format's own */
        if (fixture_legal(f, RW | PTW_BIT(bit))) {
            step(p, "map with another attribute",
                 ptw_map(&f->t, at(p, n), n * page(f), page(f), RW | PTW_BIT(bit), 0, &f->g));
            n++;
        }
    for (ptw_attr rights = 0; rights <= PTW_RWX; rights++)
        if (fixture_legal(f, rights | PTW_MT_WB)) {
            step(p, "map with rights", ptw_map(&f->t, at(p, n), n * page(f), page(f), rights | PTW_MT_WB, 0, &f->g));
            n++;
        }
    assert_true(n <= MARKED);
}

/* Marks in holes at level 0, and where the walk for a far address ends. */
static void mark(struct play *p)
{
    const struct ptw_encoder *e = p->f->t.geo.encoder;
    const ptw_addr far = ptw_last(&p->f->t) - (ptw_last(&p->f->t) - ptw_first(&p->f->t)) / 4;
    struct hardware_leaf hole;

    for (unsigned i = 0; i <= 4; i++) {
        const ptw_addr addr = i < 4 ? at(p, MARKED + i) : far;

        if (hardware_walk(&p->f->hardware, &p->f->t, addr, &hole) != HARDWARE_ABSENT ||
            e->payload_bits(hole.level) == 0)
            continue;
        plant(p->f, addr,
              e->mark(PTW_MARK_USER + i, UINT64_C(0x123456789abcdef) & ptw_low_mask(e->payload_bits(hole.level)),
                      hole.level));
    }
    step(p, "a mark", (struct ptw_result){PTW_OK, 0});
}

static void change_rights(struct play *p)
{
    struct fixture *f = p->f;
    const ptw_attr soft = within(f, PTW_SOFT(2));

    step(p, "protect: soft bits", ptw_protect(&f->t, at(p, 2), 40 * page(f), soft, within(f, PTW_SOFT(1)), 0, &f->g));
    if (has_read_only(f))
        step(p, "protect: without W",
             ptw_protect(&f->t, at(p, GROUPED + 3), 11 * page(f), instead_of_w(f), PTW_W, 0, &f->g));
}

static void track(struct play *p)
{
    struct fixture *f = p->f;
    const uint64_t pages = SMALL_END;
    uint64_t words[SMALL_END / 64] = {0};
    struct ptw_bitmap bitmap = {
        .words = words, .bits = pages, .base = at(p, 0), .shift = ptw_level_shift(f->t.geo.encoder, 0)};

    if (has_read_only(f))
        step(p, "dirty by write protection",
             ptw_dirty(&f->t, at(p, 20), 30 * page(f), PTW_WRITE_PROTECT | PTW_CLEAR, &bitmap, &f->g));
    if (fixture_has_ad(f)) {
        for (uint64_t i = GROUPED; i < KINDS; i += 3)
            (void)hardware_mark_ad(&f->hardware, &f->t, at(p, i), PTW_AD);
        step(p, "A and D by hardware", (struct ptw_result){PTW_OK, 0});
        step(p, "dirty", ptw_dirty(&f->t, at(p, 0), 48 * page(f), PTW_CLEAR, &bitmap, &f->g));
        step(p, "age", ptw_age(&f->t, at(p, 32), 40 * page(f), PTW_CLEAR, &bitmap, &f->g));
    }
    for (size_t i = 0; i < COUNT(words); i++)
        p->hash = hash_number(p->hash, words[i]);
}

/* A page out of each block, a boundary in it, other rights in a part of it. */
static void cut_blocks(struct play *p)
{
    struct fixture *f = p->f;

    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++) {
        const ptw_addr block = ptw_first(&f->t) + input_for(f, level);
        const uint64_t size = span(f, level);

        step(p, "unmap in a block", ptw_unmap(&f->t, block + size / 2, page(f), 0, NULL, &f->g));
        step(p, "cut", ptw_cut(&f->t, block + size / 4, 0, &f->g));
        step(p, "protect in a block",
             ptw_protect(&f->t, block + size / 4 + page(f), page(f), within(f, PTW_SOFT(2)), within(f, PTW_SOFT(1)), 0,
                         &f->g));
    }
}

static void unmap_and_split(struct play *p)
{
    struct fixture *f = p->f;

    step(p, "unmap of pages", ptw_unmap(&f->t, at(p, 5), 14 * page(f), 0, NULL, &f->g));
    step(p, "split", ptw_split_to(&f->t, at(p, 48), 8 * page(f), PTW_MAX_LEVEL(0), &f->g));
}

/* What was cut becomes whole again at level 1: with the page that went, and the same rights. */
static void merge_blocks(struct play *p)
{
    struct fixture *f = p->f;

    for (unsigned level = 1; level <= f->t.geo.max_leaf; level++) {
        const ptw_addr block = ptw_first(&f->t) + input_for(f, level);
        const uint64_t size = span(f, level);

        if (!can_cut(f))
            continue;
        step(p, "protect of a block",
             ptw_protect(&f->t, block, size, within(f, PTW_SOFT(1)), within(f, PTW_SOFT(2)), 0, &f->g));
        step(p, "map into a block",
             ptw_map(&f->t, block + size / 2, output_for(f, level) + size / 2, page(f), p->attr, 0, &f->g));
    }
    step(p, "merge", ptw_merge(&f->t, 0, 0, PTW_ALL, &f->g));
}

static void hold_a_cursor(struct play *p)
{
    struct fixture *f = p->f;
    struct ptw_cursor c;

    expect_status(ptw_cursor_init(&c, &f->t, 0, 0, PTW_ALL), PTW_OK);
    for (uint64_t i = HELD; i < SMALL_END; i++)
        expect_status(ptw_cursor_map(&c, at(p, i), i * page(f), RW, &f->g), PTW_OK);
    for (uint64_t i = HELD; i < SMALL_END; i += 5)
        expect_status(ptw_cursor_unmap(&c, at(p, i), &f->g), PTW_OK);
    step(p, "a held cursor", (struct ptw_result){PTW_OK, 0});
}

static void tables_are_the_same_bytes_everywhere(struct fixture *f)
{
    struct play p = {.f = f, .hash = HASH_START, .attr = within(f, RW | PTW_SOFT(1))};

    map_blocks(&p);
    map_pages(&p);
    map_kinds(&p);
    mark(&p);
    change_rights(&p);
    track(&p);
    cut_blocks(&p);
    unmap_and_split(&p);
    merge_blocks(&p);
    hold_a_cursor(&p);
    step(&p, "unmap of the rest", ptw_unmap(&f->t, at(&p, 100), SMALL_END * page(f), PTW_STRICT, NULL, &f->g));
    recorded_compare(&recorded, f->kase->name, p.hash);
}

int main(void)
{
    static const struct format_test tests[] = {
        {"tables_are_the_same_bytes_everywhere", tables_are_the_same_bytes_everywhere, NULL},
    };
    return recorded_run(&recorded, "images", tests, COUNT(tests));
}
