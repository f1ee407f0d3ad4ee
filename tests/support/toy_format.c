/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tests/support/toy_format.c - the toy MMU as a format of the library: see toy.h. */
#include "support/toy.h"

#include "walk/configure.h"

#define TOY_VALID UINT64_C(1)
#define TOY_LEAF UINT64_C(2)
#define TOY_R PTW_BIT(2)
#define TOY_W PTW_BIT(3)
#define TOY_X PTW_BIT(4)
#define TOY_A PTW_BIT(5)
#define TOY_D PTW_BIT(6)
#define TOY_G PTW_BIT(7)
#define TOY_ORDER 2 /* of a group */
#define TOY_SOFT PTW_BIT(8)
#define TOY_ADDRESS PTW_BITS(47, 12)
#define TOY_TABLE_ADDRESS PTW_BITS(47, 6)
#define TOY_TYPE_SHIFT 8
#define TOY_TYPE PTW_BITS(11, TOY_TYPE_SHIFT)
#define TOY_PAYLOAD_SHIFT 12
#define TOY_PAYLOAD PTW_BITS(47, TOY_PAYLOAD_SHIFT)

/* From attributes to bits, rights, A with D, and the software bit in one shift each. */
#define TOY_RIGHTS (PTW_R | PTW_W | PTW_X)
#define TOY_RIGHTS_UP 2
#define TOY_AD_DOWN 1
#define TOY_SOFT_DOWN 8

static ptw_word toy_empty(unsigned level)
{
    (void)level;
    return 0;
}

static enum ptw_kind toy_kind(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    if ((w & TOY_VALID) == 0)
        return w == 0 ? PTW_EMPTY : PTW_MARKED;
    return (w & TOY_LEAF) != 0 ? PTW_LEAF : level > 0 ? PTW_TABLE : PTW_MARKED;
}

static ptw_word toy_table_hint(unsigned level)
{
    (void)level;
    return TOY_VALID;
}

static ptw_word toy_leaf_hint(unsigned level)
{
    (void)level;
    return TOY_VALID | TOY_LEAF;
}

static ptw_word toy_leaf_orders(unsigned level)
{
    return level <= 1 ? 1 : 0;
}

static ptw_word toy_group_orders(unsigned level)
{
    return level == 0 ? PTW_BIT(TOY_ORDER) | 1 : toy_leaf_orders(level);
}

static bool toy_bits(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order, ptw_word *bits)
{
    (void)level;
    if ((attr & ~g->attr_legal) != 0 || (g->rwx_legal >> (attr & PTW_RWX) & 1) == 0)
        return false;
    *bits = TOY_VALID | TOY_LEAF | (attr & TOY_RIGHTS) << TOY_RIGHTS_UP | (attr & PTW_AD) >> TOY_AD_DOWN |
            (attr & PTW_SOFT(1)) >> TOY_SOFT_DOWN | (order != 0 ? TOY_G : 0);
    return true;
}

static ptw_word toy_leaf(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order)
{
    (void)g, (void)level, (void)order;
    return oa | bits;
}

static ptw_oa toy_oa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g;
    return w & TOY_ADDRESS & ~UINT64_C(0) << (12 + 3 * level + ((w & TOY_G) != 0 ? TOY_ORDER : 0));
}

static unsigned toy_order(ptw_word w, unsigned level)
{
    return level == 0 && (w & TOY_G) != 0 ? TOY_ORDER : 0;
}

static ptw_attr toy_attr(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return (w >> TOY_RIGHTS_UP & TOY_RIGHTS) | (w & (TOY_A | TOY_D)) << TOY_AD_DOWN | (w & TOY_SOFT) << TOY_SOFT_DOWN;
}

static ptw_word toy_carry(ptw_word w, unsigned level, unsigned to_level, unsigned to_order)
{
    (void)level, (void)to_level;
    return (w & ~(TOY_ADDRESS | TOY_G)) | (to_order != 0 ? TOY_G : 0);
}

static ptw_word toy_table(const struct ptw_geometry *g, ptw_oa pa, unsigned level)
{
    (void)g, (void)level;
    return pa | TOY_VALID;
}

static ptw_oa toy_table_pa(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)level;
    return w & TOY_TABLE_ADDRESS;
}

static ptw_attr toy_limits(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    (void)g, (void)w, (void)level;
    return PTW_RIGHTS;
}

static ptw_word toy_dirty(ptw_word w)
{
    return w & TOY_D;
}

static ptw_word toy_accessed(ptw_word w)
{
    return w & TOY_A;
}

static struct ptw_update toy_clean_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){.keep = ~TOY_D, .set = 0};
}

static struct ptw_update toy_old_op(ptw_word w)
{
    (void)w;
    return (struct ptw_update){.keep = ~TOY_A, .set = 0};
}

static ptw_word toy_ad_mask(ptw_word w)
{
    (void)w;
    return TOY_A | TOY_D;
}

static ptw_word toy_ad_join(ptw_word bits, ptw_word w)
{
    return bits | (w & (TOY_A | TOY_D));
}

static ptw_word toy_volatile_loss(ptw_word w)
{
    return (w & (TOY_W | TOY_D)) == TOY_W ? TOY_D : 0;
}

static ptw_word toy_rights(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove)
{
    (void)g;
    return (w & ~((remove & TOY_RIGHTS) << TOY_RIGHTS_UP) & ~((remove & PTW_SOFT(1)) >> TOY_SOFT_DOWN)) |
           (add & TOY_RIGHTS) << TOY_RIGHTS_UP | (add & PTW_SOFT(1)) >> TOY_SOFT_DOWN;
}

static unsigned toy_payload_bits(unsigned level)
{
    (void)level;
    return 36;
}

static ptw_word toy_mark(unsigned type, uint64_t payload, unsigned level)
{
    (void)level;
    return (ptw_word)type << TOY_TYPE_SHIFT | payload << TOY_PAYLOAD_SHIFT;
}

static unsigned toy_mark_type(ptw_word w, unsigned level)
{
    (void)level;
    return (w & ~(TOY_TYPE | TOY_PAYLOAD)) != 0 ? PTW_MARK_FOREIGN : (unsigned)((w & TOY_TYPE) >> TOY_TYPE_SHIFT);
}

static uint64_t toy_mark_payload(ptw_word w, unsigned level)
{
    (void)level;
    return (w & TOY_PAYLOAD) >> TOY_PAYLOAD_SHIFT;
}

static const char *toy_illegal(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    if ((w & TOY_VALID) == 0)
        return NULL;
    if (w >> 48 != 0)
        return "bits 63:48 are reserved";
    if (toy_kind(g, w, level) == PTW_TABLE)
        return (w & ~(TOY_TABLE_ADDRESS | TOY_VALID)) != 0 ? "bits 5:1 of a table entry are 0" : NULL;
    return level > 1 || (w & TOY_ADDRESS & ptw_low_mask(12 + 3 * level)) != 0 || (w & TOY_R) == 0 ||
                   (level != 0 && (w & TOY_G) != 0)
               ? "a reserved leaf"
               : NULL;
}

static const struct ptw_encoder toy_encoder = {
    .name = "toy",
    .granule = 12,
    .index_bits0 = 3,
    .index_bits = 3,
    .max_level = 2,
    .min_top = 1,
    .word_bytes = 8,
    .soft_bits = 1,
    .big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
    .linear_bits = 64,
    .positive = true,
    .table_hint_mask = TOY_VALID | TOY_LEAF,
    .table_hint = toy_table_hint,
    .table_address = TOY_TABLE_ADDRESS,
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

static const struct ptw_option toy_options[] = {
    {"ad", PTW_OPT_AD, "hardware sets A and D"},
    {"hitless", PTW_OPT_HITLESS, "a mapped page must not fault, not for a moment"},
    {"bbm2", PTW_OPT_BBM2, "sizes may meet, even with breaks"},
    {"groups", PTW_OPT_GROUPS, "four pages side by side may be one leaf"},
    {"breaks", TOY_BREAKS, "break before make"},
    {"holes", TOY_HOLES, "hardware remembers holes"},
    {NULL, 0, NULL},
};

static const struct ptw_field toy_fields[] = {{NULL, 0, 0, 0, 0, NULL}};

/* What an architecture demands is constant in an encoder: there is one for each combination. */
static const struct ptw_encoder *encoder_for(uint64_t options)
{
    static struct ptw_encoder made[8];
    struct ptw_encoder *e = &made[((options & TOY_BREAKS) != 0 ? 1 : 0) + ((options & TOY_HOLES) != 0 ? 2 : 0) +
                                  ((options & PTW_OPT_GROUPS) != 0 ? 4 : 0)];

    *e = toy_encoder;
    e->break_before_make = (options & TOY_BREAKS) != 0;
    e->negative_caching = (options & TOY_HOLES) != 0;
    if ((options & PTW_OPT_GROUPS) != 0)
        e->leaf_orders = toy_group_orders;
    return e;
}

static ptw_status configure(const struct ptw_config *c, struct ptw_geometry *g, const char **why)
{
    const struct ptw_shape shape = {
        .encoder = encoder_for(c->options), .root_bits = 3, .ia_max = 21, .oa_max = 48, .leaf_top = 1};

    g->attr_legal = TOY_RIGHTS | PTW_AD;
    g->rwx_legal = 0xaa; /* R, RW, RX, RWX */
    return ptw_configure_shape(&shape, c, g, why);
}

const struct ptw_format toy_format = {
    .name = "toy",
    .summary = "an MMU with tables of eight entries; tests/support/toy.h",
    .defaults = {.levels = 3, .oa = 48},
    .levels_min = 2,
    .levels_max = 3,
    .options = toy_options,
    .fields = toy_fields,
    .configure = configure,
};
