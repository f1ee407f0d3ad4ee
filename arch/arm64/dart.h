/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/arm64/dart.h - Apple DART, one entry at one level, for the granule 2^DART_GRANULE: 14, or 12 with the entries of
 * t8020 only.
 *
 *   63:52     51:40   39:36 35:12     8       7        1       0
 *   SP_START  SP_END  0     PA 35:12  NO_READ NO_WRITE SP_DIS  valid   t8020
 *
 *   63:52     51:40   39:38 37:10     3       2        1        0
 *   SP_START  SP_END  0     PA 41:14  NO_READ NO_WRITE NO_CACHE valid  t6000 and t8110
 *
 * A leaf stands at level 0 only, a table is an address and valid; drivers differ in SP_DIS of t8020's tables. A page is
 * translated from subpage SP_START to SP_END: all of it is 0 to 0xfff. NO_WRITE, NO_READ: seen in one source; another
 * driver has another name for NO_CACHE.
 */
#ifndef ARCH_ARM64_DART_H
#define ARCH_ARM64_DART_H

#include <ptw/arm.h>

#include "walk/configure.h"

#define DART_VALID PTW_BIT(0)
#define DART_SP_DIS PTW_BIT(1)   /* t8020 */
#define DART_NO_CACHE PTW_BIT(1) /* t6000 */
#define DART_SP_END PTW_BITS(51, 40)
#define DART_SP_START PTW_BITS(63, 52)
#define DART_FIELD PTW_BITS(39, 10) /* where addresses can be: those of a generation and what is above them */

#define DART_T8020_NO_WRITE PTW_BIT(7)
#define DART_T8020_NO_READ PTW_BIT(8)
#define DART_T8020_ADDRESS PTW_BITS(35, 12)
#define DART_T8020_OVER PTW_BITS(39, 36)

#define DART_T6000_NO_WRITE PTW_BIT(2)
#define DART_T6000_NO_READ PTW_BIT(3)
#define DART_T6000_ADDRESS PTW_BITS(37, 10)
#define DART_T6000_SHIFT 4U
#define DART_T6000_OVER PTW_BITS(39, 38)

/* How hardware treats the other bits of a hole is documented nowhere; drivers write 0. */
#define DART_MARK_TYPE PTW_BITS(15, 12)
#define DART_MARK_PAYLOAD PTW_BITS(63, 16)

/* Not an option that can be given: configure() sets it for the entries of t6000 and t8110. */
#define DART_T6000 PTW_OPT_OWN(0)

/* The 4K engine's part of a configuration, for dart.c. */
extern const struct ptw_shape ptw_dart_4k_shape;

static inline bool dart_t6000(const struct ptw_geometry *g)
{
    return DART_GRANULE == 14 && (g->options & DART_T6000) != 0;
}

static inline ptw_word dart_empty(unsigned level)
{
    (void)level;
    return 0;
}

static inline enum ptw_kind dart_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    if ((w & DART_VALID) == 0)
        return w == 0 ? PTW_EMPTY : PTW_MARKED;
    return level == 0 ? PTW_LEAF : PTW_TABLE;
}

static inline ptw_word dart_table_hint(unsigned level)
{
    (void)level;
    return DART_VALID;
}

static inline ptw_word dart_leaf_hint(unsigned level)
{
    return level == 0 ? DART_VALID : ~UINT64_C(0);
}

static inline ptw_word dart_leaf_orders(unsigned level)
{
    return level == 0 ? 1 : 0;
}

static inline ptw_word dart_no_write(const struct ptw_geometry *g)
{
    return dart_t6000(g) ? DART_T6000_NO_WRITE : DART_T8020_NO_WRITE;
}

static inline ptw_word dart_no_read(const struct ptw_geometry *g)
{
    return dart_t6000(g) ? DART_T6000_NO_READ : DART_T8020_NO_READ;
}

static inline bool dart_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order,
                             ptw_word *bits)
{
    ptw_attr type = attr & PTW_MT_MASK;

    (void)level, (void)order;
    if ((attr & ~g->attr_legal) != 0 || (g->rwx_legal >> (attr & PTW_RWX) & 1) == 0 ||
        (type != PTW_MT_WB && type != PTW_MT_NC))
        return false;
    *bits = DART_VALID | DART_SP_END | (dart_t6000(g) ? 0 : DART_SP_DIS) | (type == PTW_MT_NC ? DART_NO_CACHE : 0) |
            ((attr & PTW_W) == 0 ? dart_no_write(g) : 0) | ((attr & PTW_R) == 0 ? dart_no_read(g) : 0);
    return true;
}

static inline ptw_word dart_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order)
{
    (void)level, (void)order;
    return (dart_t6000(g) ? oa >> DART_T6000_SHIFT : oa) | bits;
}

/* The address as it is in an entry, with the bits above the field and below the granule that must be 0. */
static inline ptw_oa dart_address(const struct ptw_geometry *g, ptw_word w)
{
    return dart_t6000(g) ? (w & (DART_T6000_ADDRESS | DART_T6000_OVER)) << DART_T6000_SHIFT
                         : w & (DART_T8020_ADDRESS | DART_T8020_OVER);
}

static inline ptw_oa dart_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)level;
    return dart_t6000(g) ? (w & DART_T6000_ADDRESS) << DART_T6000_SHIFT
                         : w & DART_T8020_ADDRESS & ~ptw_low_mask(DART_GRANULE);
}

static inline unsigned dart_order(ptw_word w, unsigned level)
{
    (void)w, (void)level;
    return 0;
}

static inline ptw_attr dart_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)level;
    return PTW_AD | ((w & dart_no_read(g)) == 0 ? PTW_R : 0) | ((w & dart_no_write(g)) == 0 ? PTW_W : 0) |
           (dart_t6000(g) && (w & DART_NO_CACHE) != 0 ? PTW_MT_NC : PTW_MT_WB);
}

static inline ptw_word dart_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    (void)level, (void)to_level, (void)to_order;
    return w & ~DART_FIELD;
}

static inline ptw_word dart_table(const struct ptw_geometry *g, ptw_oa pa, unsigned level)
{
    return dart_leaf(g, pa, DART_VALID, level, 0);
}

static inline ptw_oa dart_table_pa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)level;
    return dart_t6000(g) ? (w & DART_T6000_ADDRESS) << DART_T6000_SHIFT : w & DART_T8020_ADDRESS;
}

static inline ptw_attr dart_limits(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)w, (void)level;
    return PTW_RIGHTS;
}

/* Every leaf is accessed and dirty. */
static inline ptw_word dart_present(ptw_word w)
{
    return w & DART_VALID;
}

static inline struct ptw_update dart_keep(ptw_word w)
{
    (void)w;
    return (struct ptw_update){~UINT64_C(0), 0};
}

static inline ptw_word dart_none(ptw_word w)
{
    (void)w;
    return 0;
}

static inline ptw_word dart_ad_join(ptw_word bits, ptw_word w)
{
    (void)w;
    return bits;
}

static inline ptw_word dart_denied(const struct ptw_geometry *g, ptw_attr rights)
{
    return ((rights & PTW_R) != 0 ? dart_no_read(g) : 0) | ((rights & PTW_W) != 0 ? dart_no_write(g) : 0);
}

/* W alone, from which W is taken, must not become a leaf without rights. */
static inline ptw_word dart_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    ptw_word all = dart_denied(g, PTW_R | PTW_W), changed = (w | dart_denied(g, remove)) & ~dart_denied(g, add);

    return (changed & all) != all ? changed : w;
}

static inline unsigned dart_payload_bits(unsigned level)
{
    (void)level;
    return 48;
}

static inline ptw_word dart_mark(unsigned type, uint64_t payload, unsigned level)
{
    (void)level;
    return (ptw_word)type << 12 | payload << 16;
}

static inline unsigned dart_mark_type(ptw_word w, unsigned level)
{
    (void)level;
    return (w & ~(DART_MARK_TYPE | DART_MARK_PAYLOAD)) != 0 ? (unsigned)PTW_MARK_FOREIGN
                                                            : (unsigned)((w & DART_MARK_TYPE) >> 12);
}

static inline uint64_t dart_mark_payload(ptw_word w, unsigned level)
{
    (void)level;
    return (w & DART_MARK_PAYLOAD) >> 16;
}

static inline const char *dart_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    bool whole = (w & (DART_SP_START | DART_SP_END)) == DART_SP_END;

    if ((dart_address(g, w) & ~g->oa_last) != 0)
        return "an address bit above the output address width";
    if ((dart_address(g, w) & ptw_low_mask(DART_GRANULE)) != 0)
        return "an address that is no multiple of the page";
    if (level != 0)
        return NULL;
    if ((dart_attr(g, w, level) & (PTW_R | PTW_W)) == 0)
        return "neither readable nor writable";
    return !whole && (dart_t6000(g) || (w & DART_SP_DIS) == 0) ? "a subpage range that does not cover the page" : NULL;
}

static const struct ptw_encoder dart_encoder = {
    .name = DART_GRANULE == 12 ? "dart-4k" : "dart-16k",
    .granule = DART_GRANULE,
    .index_bits0 = DART_GRANULE - 3,
    .index_bits = DART_GRANULE - 3,
    .max_level = DART_GRANULE == 12 ? 1 : 2,
    .min_top = 1,
    .word_bytes = 8,
    .root_align = DART_GRANULE,
    .break_before_make = true, /* the driver never changes a leaf in place: seen in one source */
    .linear_bits = 64,
    .zero_extended = true,
    .positive = true,
    .inverted = DART_T8020_NO_WRITE | (DART_GRANULE == 12 ? 0 : DART_T6000_NO_WRITE),
    .table_hint_mask = DART_VALID,
    .table_hint = dart_table_hint,
    .table_address = DART_GRANULE == 12 ? DART_T8020_ADDRESS : 0,
    .leaf_hint = dart_leaf_hint,
    .empty = dart_empty,
    .kind = dart_kind,
    .leaf_orders = dart_leaf_orders,
    .bits = dart_bits,
    .leaf = dart_leaf,
    .oa = dart_oa,
    .order = dart_order,
    .attr = dart_attr,
    .carry = dart_carry,
    .table = dart_table,
    .table_pa = dart_table_pa,
    .limits = dart_limits,
    .dirty = dart_present,
    .accessed = dart_present,
    .clean_op = dart_keep,
    .old_op = dart_keep,
    .ad_mask = dart_none,
    .ad_join = dart_ad_join,
    .volatile_loss = dart_none,
    .rights = dart_rights,
    .payload_bits = dart_payload_bits,
    .mark = dart_mark,
    .mark_type = dart_mark_type,
    .mark_payload = dart_mark_payload,
    .illegal = dart_illegal,
};

#endif
