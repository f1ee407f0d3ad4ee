/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tests/proof/toy.h - a small page table for proofs of the walker: TOY_LEVELS levels, tables of 2^TOY_INDEX entries,
 * pages of 64 bytes, so few of them that every table there can be is one.
 *
 *   15:13 12   11:6     5 4 3 2 1 0
 *   0     G    address  S D A W 1 1   leaf; G is 1 above level 0 and 0 at level 0
 *   0     0    address  0 0 0 0 0 1   table
 *   0     0    0        0 0 0 0 1 0   empty: not zero, and not a mark
 *   mark type  payload  0 0 0 0 0 0   mark
 */
#ifndef PROOF_TOY_H
#define PROOF_TOY_H

#include <ptw/ptw.h>

#define TOY_P PTW_BIT(0)
#define TOY_L PTW_BIT(1)
#define TOY_W PTW_BIT(2)
#define TOY_A PTW_BIT(3)
#define TOY_D PTW_BIT(4)
#define TOY_S PTW_BIT(5)
#define TOY_ADDRESS PTW_BITS(11, 6)
#define TOY_G PTW_BIT(12)
#define TOY_MARK_TYPE PTW_BITS(15, 12)
#define TOY_BITS 16U /* all others are 0 */

#define TOY_GRANULE 6U
#define TOY_PAGE PTW_BIT(TOY_GRANULE)
#define TOY_OA_BITS 12U
#define TOY_ENTRIES (1U << TOY_INDEX)
#define TOY_TOP (TOY_LEVELS - 1U)
#define TOY_IA_BITS (TOY_GRANULE + TOY_LEVELS * TOY_INDEX)
#define TOY_ATTR (PTW_R | PTW_W | PTW_AD | PTW_SOFT(1))

static inline ptw_word toy_empty(unsigned level)
{
    (void)level;
    return TOY_L;
}

static inline enum ptw_kind toy_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    if ((w & TOY_P) == 0)
        return w == TOY_L ? PTW_EMPTY : PTW_MARKED;
    return (w & TOY_L) != 0 ? PTW_LEAF : PTW_TABLE;
}

static inline ptw_word toy_table_hint(unsigned level)
{
    (void)level;
    return TOY_P;
}

static inline ptw_word toy_leaf_hint(unsigned level)
{
    (void)level;
    return TOY_P | TOY_L;
}

static inline ptw_word toy_leaf_orders(unsigned level)
{
    (void)level;
    return 1;
}

static inline bool toy_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order, ptw_word *bits)
{
    (void)g, (void)order;
    if ((attr & ~TOY_ATTR) != 0 || (attr & PTW_R) == 0)
        return false;
    *bits = TOY_P | TOY_L | (level == 0 ? 0 : TOY_G) | (attr & PTW_W) << 1 | (attr & PTW_AD) >> 3 |
            (attr & PTW_SOFT(1)) >> 11;
    return true;
}

static inline ptw_word toy_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order)
{
    (void)g, (void)level, (void)order;
    return oa | bits;
}

static inline ptw_oa toy_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    return w & TOY_ADDRESS & (~UINT64_C(0) << (TOY_GRANULE + TOY_INDEX * level));
}

static inline unsigned toy_order(ptw_word w, unsigned level)
{
    (void)w, (void)level;
    return 0;
}

static inline ptw_attr toy_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return PTW_R | (w & TOY_W) >> 1 | (w & (TOY_A | TOY_D)) << 3 | (w & TOY_S) << 11;
}

static inline ptw_word toy_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    (void)level, (void)to_order;
    return (w & ~(TOY_ADDRESS | TOY_G)) | (to_level == 0 ? 0 : TOY_G);
}

static inline ptw_word toy_table(const struct ptw_geometry *g, ptw_oa pa, unsigned level)
{
    (void)g, (void)level;
    return pa | TOY_P;
}

static inline ptw_oa toy_table_pa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return w & TOY_ADDRESS;
}

static inline ptw_attr toy_limits(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)w, (void)level;
    return PTW_RIGHTS;
}

static inline ptw_word toy_dirty(ptw_word w)
{
    return w & TOY_D;
}

static inline ptw_word toy_accessed(ptw_word w)
{
    return w & TOY_A;
}

static inline struct ptw_update toy_clean_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~TOY_D, 0};
}

static inline struct ptw_update toy_old_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~TOY_A, 0};
}

static inline ptw_word toy_ad_mask(ptw_word w)
{
    (void)w;
    return TOY_A | TOY_D;
}

static inline ptw_word toy_ad_join(ptw_word bits, ptw_word w)
{
    return bits | (w & (TOY_A | TOY_D));
}

static inline ptw_word toy_volatile_loss(ptw_word w)
{
    return (w & (TOY_P | TOY_W | TOY_D)) == (TOY_P | TOY_W) ? TOY_D : 0;
}

static inline ptw_word toy_right_bits(ptw_attr rights)
{
    return (rights & PTW_W) << 1 | (rights & PTW_SOFT(1)) >> 11;
}

static inline ptw_word toy_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    (void)g;
    return (w & ~toy_right_bits(remove)) | toy_right_bits(add);
}

static inline unsigned toy_payload_bits(unsigned level)
{
    (void)level;
    return 6;
}

static inline ptw_word toy_mark(unsigned type, uint64_t payload, unsigned level)
{
    (void)level;
    return (ptw_word)type << 12 | payload << 6;
}

static inline unsigned toy_mark_type(ptw_word w, unsigned level)
{
    (void)level;
    return (w & ~(TOY_MARK_TYPE | TOY_ADDRESS)) != 0 ? (unsigned)PTW_MARK_FOREIGN
                                                     : (unsigned)((w & TOY_MARK_TYPE) >> 12);
}

static inline uint64_t toy_mark_payload(ptw_word w, unsigned level)
{
    (void)level;
    return (w & TOY_ADDRESS) >> 6;
}

static inline const char *toy_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if (w >> 13 != 0)
        return "bits above 12 are reserved";
    if (toy_kind(g, w, level) == PTW_TABLE)
        return level == 0 || (w & (TOY_G | TOY_S | TOY_D | TOY_A | TOY_W)) != 0 ? "no table entry" : NULL;
    if (((w & TOY_G) != 0) != (level != 0))
        return "G is 1 above level 0";
    return (w & TOY_ADDRESS) != toy_oa(g, w, level) ? "a misaligned leaf" : NULL;
}

static const struct ptw_encoder toy_encoder = {
    .name = "toy",
    .granule = TOY_GRANULE,
    .index_bits0 = TOY_INDEX,
    .index_bits = TOY_INDEX,
    .max_level = TOY_TOP,
    .min_top = TOY_TOP,
    .word_bytes = 8,
    .break_before_make = TOY_BREAKS,
    .break_groups = TOY_BREAKS,
    .negative_caching = TOY_NEGATIVE,
    .linear_bits = 64,
    .positive = true,
    .soft_bits = 1,
    .table_hint_mask = TOY_P | TOY_L,
    .table_hint = toy_table_hint,
    .table_address = TOY_ADDRESS,
    .leaf_hint = toy_leaf_hint,
    .empty = toy_empty,
    .kind = toy_kind,
    .leaf_orders = toy_leaf_orders,
    .bits = toy_bits,
    .leaf = toy_leaf,
    .oa = toy_oa,
    .order = toy_order,
    .attr = toy_attr,
    .carry = toy_carry,
    .table = toy_table,
    .table_pa = toy_table_pa,
    .limits = toy_limits,
    .dirty = toy_dirty,
    .accessed = toy_accessed,
    .clean_op = toy_clean_op,
    .old_op = toy_old_op,
    .ad_mask = toy_ad_mask,
    .ad_join = toy_ad_join,
    .volatile_loss = toy_volatile_loss,
    .rights = toy_rights,
    .payload_bits = toy_payload_bits,
    .mark = toy_mark,
    .mark_type = toy_mark_type,
    .mark_payload = toy_mark_payload,
    .illegal = toy_illegal,
};

static uint64_t toy_configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    (void)c, (void)why;
    *g = (struct ptw_geometry){
        .encoder = &toy_encoder,
        .ops = NULL, /* the run-time engine */
        .top = TOY_TOP,
        .root_bits = TOY_INDEX,
        .max_leaf = TOY_TOP,
        .ia_bits = TOY_IA_BITS,
        .oa_bits = TOY_OA_BITS,
        .ia_mask = (UINT64_C(1) << TOY_IA_BITS) - 1,
        .oa_last = (UINT64_C(1) << TOY_OA_BITS) - 1,
        .options = PTW_OPT_AD,
        .attr_legal = TOY_ATTR,
        .rwx_legal = 0xa, /* R, RW */
    };
    for (unsigned level = 0; level <= TOY_TOP; level++)
        g->orders[level] = 1;
    return PTW_OK;
}

static const struct ptw_option toy_options[] = {{"ad", PTW_OPT_AD, ""}, {NULL, 0, NULL}};

static const struct ptw_format toy = {
    .name = "toy",
    .defaults = {.levels = TOY_LEVELS, .options = PTW_OPT_AD},
    .levels_min = TOY_LEVELS,
    .levels_max = TOY_LEVELS,
    .options = toy_options,
    .configure = toy_configure,
};

#endif
