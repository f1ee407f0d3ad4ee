/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * nx1.c - a page-table format of one's own in one file, outside of the library: the MMU of the NX-1, an accelerator
 * that does not exist. docs/porting-a-format.md goes through this file. In place of this line, name the manual.
 *
 *   45         36 35         26 25         16 15               0
 *  +-------------+-------------+-------------+------------------+    tables: 1024 entries of 8 bytes, 8 KiB
 *  |   level 2   |   level 1   |   level 0   |      offset      |    leaves: 64 KiB at level 0, 64 MiB at level 1
 *  +-------------+-------------+-------------+------------------+    root: at level 2, or at level 1
 *
 *   63:60 59:56 55:46 45:26   25:16   15:13 12 11:10  9:8 7 6 5 4 3 2 1:0
 *     0   soft    0   address address   0   0    0    MT  G D A X W R  3     leaf at level 0
 *     0   soft    0   address    0      0   0    0    MT  0 D A X W R  3     leaf at level 1
 *     0     0     0   address address addr. 0    0     0  0 0 0 0 0 0  2     table, at level 1 or 2
 *     .     .     .      .       .      .   .    .     .  . . . . . .  1     hole: the MMU looks no further
 *     .     .     .      .       .      .   .    .     .  . . . . . .  0     fault "memory that nobody has filled"
 *
 * Hence an empty entry is 1, not 0. R must be 1. MT: 0 snooped, 1 not snooped, 2 device, 3 reserved. G: one of 16
 * neighbours, aligned, with consecutive addresses and equal bits, that the MMU may take for one leaf of 1 MiB.
 */
#include "nx1.h"

#include "walk/configure.h"
#include "walk/ops.h"

/* The bits: each is named once. */
#define NX1_TYPE PTW_BITS(1, 0)
#define NX1_HOLE UINT64_C(1)
#define NX1_TABLE UINT64_C(2)
#define NX1_LEAF UINT64_C(3)
#define NX1_R PTW_BIT(2)
#define NX1_W PTW_BIT(3)
#define NX1_X PTW_BIT(4)
#define NX1_RWX (NX1_R | NX1_W | NX1_X)
#define NX1_A PTW_BIT(5)
#define NX1_D PTW_BIT(6)
#define NX1_GROUP PTW_BIT(7)
#define NX1_MT_SHIFT 8U
#define NX1_MT PTW_BITS(9, 8)
#define NX1_ADDRESS PTW_BITS(45, 16)
#define NX1_TABLE_ADDRESS PTW_BITS(45, 13)
#define NX1_SOFT PTW_BITS(59, 56)
#define NX1_RESERVED (PTW_BITS(63, 60) | PTW_BITS(55, 46) | PTW_BITS(15, 10)) /* of every leaf */

/* Where this file keeps marks: in holes the MMU looks at bits 1:0 only. */
#define NX1_MARK_TYPE PTW_BITS(11, 8)
#define NX1_MARK_PAYLOAD PTW_BITS(63, 12)

/* From attributes to bits, all rights, A with D, and all software bits in one shift each. */
#define NX1_RIGHTS (PTW_R | PTW_W | PTW_X)
#define NX1_RIGHTS_UP 2
#define NX1_AD_DOWN 1
#define NX1_SOFT_UP 40

/* Memory types, a nibble each: PTW_MT number -> MT (15: none), and back; the reserved 3 reads as UC. */
#define NX1_MT_ENCODE UINT64_C(0xfffffffffff21ff0)
#define NX1_MT_DECODE UINT64_C(0x4430)

#define NX1_GROUP_ORDER 4U

/* ------------------------------------------------------------------------------------- what an entry is --- */

static inline ptw_word nx1_empty(unsigned level)
{
    (void)level;
    return NX1_HOLE;
}

/* Type 0, and type 2 where nothing is below, fault as holes do: somebody else's holes. */
static inline enum ptw_kind nx1_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    if ((w & NX1_TYPE) == NX1_LEAF)
        return PTW_LEAF;
    if ((w & NX1_TYPE) == NX1_TABLE && level > 0)
        return PTW_TABLE;
    return w == nx1_empty(level) ? PTW_EMPTY : PTW_MARKED;
}

static inline ptw_word nx1_table_hint(unsigned level)
{
    (void)level;
    return NX1_TABLE;
}

static inline ptw_word nx1_leaf_hint(unsigned level)
{
    (void)level;
    return NX1_LEAF;
}

static inline ptw_word nx1_leaf_orders(unsigned level)
{
    return level == 0 ? 1U | 1U << NX1_GROUP_ORDER : level == 1;
}

/* ------------------------------------------------------------------------------------------------ leaves --- */

static inline bool nx1_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order, ptw_word *bits)
{
    const ptw_word type = (NX1_MT_ENCODE >> (4 * ((attr & PTW_MT_MASK) >> PTW_MT_SHIFT))) & 15;

    (void)level;
    if ((attr & ~g->attr_legal) != 0 || (g->rwx_legal >> (attr & PTW_RWX) & 1) == 0 || type == 15)
        return false;
    *bits = NX1_LEAF | (attr & NX1_RIGHTS) << NX1_RIGHTS_UP | (attr & PTW_AD) >> NX1_AD_DOWN | type << NX1_MT_SHIFT |
            (attr & PTW_SOFT_MASK) << NX1_SOFT_UP | (order != 0 ? NX1_GROUP : 0);
    return true;
}

static inline ptw_word nx1_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order)
{
    (void)g, (void)level, (void)order;
    return oa | bits;
}

static inline unsigned nx1_order(ptw_word w, unsigned level)
{
    return level == 0 && (w & NX1_GROUP) != 0 ? NX1_GROUP_ORDER : 0;
}

/* Each slot of a group has its own address; the answer is where the group begins. */
static inline ptw_oa nx1_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    return w & NX1_ADDRESS & (~UINT64_C(0) << (16 + 10 * level + nx1_order(w, level)));
}

static inline ptw_attr nx1_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    const ptw_attr type = (NX1_MT_DECODE >> (4 * ((w & NX1_MT) >> NX1_MT_SHIFT))) & 15;

    (void)g, (void)level;
    return (w & NX1_RWX) >> NX1_RIGHTS_UP | (w & (NX1_A | NX1_D)) << NX1_AD_DOWN | type << PTW_MT_SHIFT |
           (w & NX1_SOFT) >> NX1_SOFT_UP;
}

static inline ptw_word nx1_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    (void)level, (void)to_level;
    return (w & ~(NX1_ADDRESS | NX1_GROUP)) | (to_order != 0 ? NX1_GROUP : 0);
}

/* ------------------------------------------------------------------------------------------------ tables --- */

static inline ptw_word nx1_table(const struct ptw_geometry *g, ptw_oa pa, unsigned level)
{
    (void)g, (void)level;
    return pa | NX1_TABLE;
}

static inline ptw_oa nx1_table_pa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return w & NX1_TABLE_ADDRESS;
}

/* Table entries have no rights here. */
static inline ptw_attr nx1_limits(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)w, (void)level;
    return PTW_RIGHTS;
}

/* ------------------------------------------------------------------------------- changes of a live entry --- */

static inline ptw_word nx1_dirty(ptw_word w)
{
    return w & NX1_D;
}

static inline ptw_word nx1_accessed(ptw_word w)
{
    return w & NX1_A;
}

static inline struct ptw_update nx1_clean_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){.keep = ~NX1_D, .set = 0};
}

static inline struct ptw_update nx1_old_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){.keep = ~NX1_A, .set = 0};
}

static inline ptw_word nx1_ad_mask(ptw_word w)
{
    (void)w;
    return NX1_A | NX1_D;
}

static inline ptw_word nx1_ad_join(ptw_word bits, ptw_word w)
{
    return bits | (w & (NX1_A | NX1_D));
}

/* The MMU sets D at the first write through a writable leaf, at any moment. */
static inline ptw_word nx1_volatile_loss(ptw_word w)
{
    return (w & (NX1_W | NX1_D)) == NX1_W ? NX1_D : 0;
}

static inline ptw_word nx1_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    (void)g;
    w &= ~((remove & NX1_RIGHTS) << NX1_RIGHTS_UP | (remove & PTW_SOFT_MASK) << NX1_SOFT_UP);
    return w | (add & NX1_RIGHTS) << NX1_RIGHTS_UP | (add & PTW_SOFT_MASK) << NX1_SOFT_UP;
}

/* ------------------------------------------------------------------------------------------------- marks --- */

static inline unsigned nx1_payload_bits(unsigned level)
{
    (void)level;
    return 52;
}

static inline ptw_word nx1_mark(unsigned type, uint64_t payload, unsigned level)
{
    (void)level;
    return NX1_HOLE | (ptw_word)type << 8 | payload << 12;
}

static inline unsigned nx1_mark_type(ptw_word w, unsigned level)
{
    (void)level;
    return (w & ~(NX1_MARK_TYPE | NX1_MARK_PAYLOAD)) != NX1_HOLE ? (unsigned)PTW_MARK_FOREIGN
                                                                 : (unsigned)((w & NX1_MARK_TYPE) >> 8);
}

static inline uint64_t nx1_mark_payload(ptw_word w, unsigned level)
{
    (void)level;
    return (w & NX1_MARK_PAYLOAD) >> 12;
}

/* ------------------------------------------------------------------------------------------- what faults --- */

static inline const char *nx1_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if ((w & NX1_TABLE_ADDRESS & ~g->oa_last) != 0)
        return "an address bit above the output address width";
    if (nx1_kind(g, w, level) == PTW_TABLE)
        return (w & ~(NX1_TYPE | NX1_TABLE_ADDRESS)) != 0 ? "bits 63:46 and 12:2 of a table entry are reserved" : NULL;
    if (level > 1)
        return "type 3 (a leaf) is reserved at this level";
    if (level > g->max_leaf)
        return "a leaf of a size that the configuration does not have";
    if ((w & NX1_RESERVED) != 0)
        return "bits 63:60, 55:46 and 15:10 of a leaf are reserved";
    if (level == 1 && (w & (PTW_BITS(25, 16) | NX1_GROUP)) != 0)
        return "bits 25:16 and 7 (G) of a 64M leaf are reserved";
    if ((w & NX1_R) == 0)
        return "a leaf without bit 2 (R) is reserved";
    return (w & NX1_MT) == NX1_MT ? "MT (bits 9:8) = 3 is reserved" : NULL;
}

static const struct ptw_encoder nx1_encoder = {
    .name = "nx1",
    .granule = 16,
    .index_bits0 = 10,
    .index_bits = 10,
    .max_level = 2,
    .min_top = 1,
    .word_bytes = 8,
    .linear_bits = 64,
    .positive = true,
    .soft_bits = 4,
    .table_hint_mask = NX1_TYPE,
    .table_hint = nx1_table_hint,
    .table_address = NX1_TABLE_ADDRESS,
    .leaf_hint = nx1_leaf_hint,
    .empty = nx1_empty,
    .kind = nx1_kind,
    .leaf_orders = nx1_leaf_orders,
    .bits = nx1_bits,
    .leaf = nx1_leaf,
    .oa = nx1_oa,
    .order = nx1_order,
    .attr = nx1_attr,
    .carry = nx1_carry,
    .table = nx1_table,
    .table_pa = nx1_table_pa,
    .limits = nx1_limits,
    .dirty = nx1_dirty,
    .accessed = nx1_accessed,
    .clean_op = nx1_clean_op,
    .old_op = nx1_old_op,
    .ad_mask = nx1_ad_mask,
    .ad_join = nx1_ad_join,
    .volatile_loss = nx1_volatile_loss,
    .rights = nx1_rights,
    .payload_bits = nx1_payload_bits,
    .mark = nx1_mark,
    .mark_type = nx1_mark_type,
    .mark_payload = nx1_mark_payload,
    .illegal = nx1_illegal,
};

/* -------------------------------------------------------------------------------- options and bit names --- */

static const struct ptw_option nx1_options[] = {
    {"ad", PTW_OPT_AD, "the MMU sets A and D (MMU_CTRL.AD)"},
    {"groups", PTW_OPT_GROUPS, "make 1 MiB leaves of 16 neighbours (bit G)"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {NULL, 0, NULL},
};

#define LEAF (1U << PTW_LEAF)
#define TABLE (1U << PTW_TABLE)
#define HOLE (1U << PTW_EMPTY | 1U << PTW_MARKED)
#define LEVEL_0 0x01
#define LEVELS_UP 0xfe

static const struct ptw_field nx1_fields[] = {
    {"type", 1, 0, PTW_FIELD_ANY, PTW_FIELD_ANY, "0 fault, 1 hole, 2 points to a table, 3 is a leaf"},
    {"R", 2, 2, PTW_FIELD_ANY, LEAF, "read; must be 1"},
    {"W", 3, 3, PTW_FIELD_ANY, LEAF, "write"},
    {"X", 4, 4, PTW_FIELD_ANY, LEAF, "execute"},
    {"A", 5, 5, PTW_FIELD_ANY, LEAF, "accessed"},
    {"D", 6, 6, PTW_FIELD_ANY, LEAF, "dirty"},
    {"G", 7, 7, LEVEL_0, LEAF, "one of 16 neighbours that make a leaf of 1 MiB"},
    {"reserved", 7, 7, LEVELS_UP, LEAF, "must be 0"},
    {"MT", 9, 8, PTW_FIELD_ANY, LEAF, "memory type: 0 snooped, 1 not snooped, 2 device"},
    {"reserved", 15, 10, PTW_FIELD_ANY, LEAF, "must be 0"},
    {"address", 45, 16, LEVEL_0, LEAF, "output address bits 45:16"},
    {"reserved", 25, 16, LEVELS_UP, LEAF, "must be 0"},
    {"address", 45, 26, LEVELS_UP, LEAF, "output address bits 45:26"},
    {"reserved", 55, 46, PTW_FIELD_ANY, LEAF, "must be 0"},
    {"soft", 59, 56, PTW_FIELD_ANY, LEAF, "software bits"},
    {"reserved", 63, 60, PTW_FIELD_ANY, LEAF, "must be 0"},
    {"reserved", 12, 2, PTW_FIELD_ANY, TABLE, "must be 0"},
    {"table", 45, 13, PTW_FIELD_ANY, TABLE, "address of the next table"},
    {"reserved", 63, 46, PTW_FIELD_ANY, TABLE, "must be 0"},
    {"mark type", 11, 8, PTW_FIELD_ANY, HOLE, "1 locked, 2 dead, 3 ... 15 the user's (software)"},
    {"mark payload", 63, 12, PTW_FIELD_ANY, HOLE, "software"},
    {NULL, 0, 0, 0, 0, NULL},
};

/* --------------------------------------------------------------------------------------- plugging it in --- */

static ptw_status configure(const struct ptw_ops *ops, const struct ptw_config *c, struct ptw_geometry *g,
                            const char **why)
{
    const struct ptw_shape shape = {
        .encoder = &nx1_encoder, .ops = ops, .root_bits = 10, .ia_max = 46, .oa_max = 46, .leaf_top = 1};

    g->attr_legal = NX1_RIGHTS | PTW_AD | PTW_MT_MASK;
    g->rwx_legal = 0xaa; /* bits 1, 3, 5, 7: R, RW, RX, RWX */
    return ptw_configure_shape(&shape, c, g, why);
}

/* At build time: an engine of its own, into which the encoder is folded. */
PTW_DEFINE_OPS(nx1_ops, &nx1_encoder)

static ptw_status configure_specialised(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    return configure(&nx1_ops, c, g, why);
}

const struct ptw_format nx1 = {
    .name = "nx1",
    .summary = "NX-1 accelerator MMU; the NX-1 Reference Manual, which nobody has written",
    .defaults = {.levels = 3, .oa = 46},
    .levels_min = 2,
    .levels_max = 3,
    .options = nx1_options,
    .fields = nx1_fields,
    .configure = configure_specialised,
};

/* At run time: without ops, the engine that the library has for any encoder. */
static ptw_status configure_run_time(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    return configure(NULL, c, g, why);
}

const struct ptw_format nx1_run_time = {
    .name = "nx1-run-time",
    .summary = "NX-1 accelerator MMU, served by the run-time engine",
    .defaults = {.levels = 3, .oa = 46},
    .levels_min = 2,
    .levels_max = 3,
    .options = nx1_options,
    .fields = nx1_fields,
    .configure = configure_run_time,
};
