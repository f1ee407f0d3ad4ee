/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/configure.c - from a user's configuration to a checked geometry; keys by name. */
#include "walk/configure.h"

#define OA_MIN 32U

static bool same(const char *a, const char *b)
{
    while (*a != 0 && *a == *b)
        a++, b++;
    return *a == *b;
}

static ptw_status refuse(const char **why, const char *reason)
{
    *why = reason;
    return PTW_INVAL;
}

/* Which leaves may be made: all that the format has, groups only on request, none larger than what `c` asks for. False:
 * there is no such leaf size. */
static bool choose_leaves(const struct ptw_shape *shape, const struct ptw_config *c, unsigned top,
                          struct ptw_geometry *g)
{
    const struct ptw_encoder *e = shape->encoder;
    const unsigned highest = shape->leaf_top < top ? shape->leaf_top : top;
    bool found = c->leaf == 0;

    for (unsigned level = 0; level < PTW_LEVELS_MAX; level++)
        g->orders[level] = 0;
    for (unsigned level = 0; level <= highest; level++) {
        ptw_word orders = e->leaf_orders(level) & ((c->options & PTW_OPT_GROUPS) != 0 ? ~UINT64_C(0) : 1U);
        for (unsigned order = 0; orders >> order != 0; order++) {
            uint64_t size = UINT64_C(1) << (ptw_level_shift(e, level) + order);
            if ((orders >> order & 1U) == 0 || (c->leaf != 0 && size > c->leaf))
                continue;
            g->orders[level] = (uint16_t)(g->orders[level] | 1U << order);
            g->max_leaf = level;
            found = found || size == c->leaf;
        }
    }
    return found;
}

ptw_status ptw_configure_shape(const struct ptw_shape *shape, const struct ptw_config *c, struct ptw_geometry *g,
                               const char **why)
{
    const struct ptw_encoder *e = shape->encoder;
    unsigned top = c->levels - 1;
    unsigned shift = ptw_level_shift(e, top);
    unsigned full = shift + shape->root_bits < shape->ia_max ? shift + shape->root_bits : shape->ia_max;
    unsigned ia = c->ia == 0 ? full : c->ia;

    if (c->granule != 0 && c->granule != UINT64_C(1) << e->granule)
        return refuse(why, "granule: not the smallest leaf of this format");
    if (ia <= shift || ia > full)
        return refuse(why, "ia: not what this number of levels can translate");
    if (c->c_bit != 0 && !shape->has_c_bit)
        return refuse(why, "c-bit: this format has none");
    if ((shape->sign_extended || shape->ia_exact) && ia != full)
        return refuse(why, "ia: fixed by the number of levels");
    if (c->oa < OA_MIN || c->oa > shape->oa_max)
        return refuse(why, "oa: at least 32, at most what the format's address field holds");
    if (!choose_leaves(shape, c, top, g))
        return refuse(why, "leaf: not a leaf size of this format and number of levels");

    g->encoder = e;
    g->ops = shape->ops;
    g->top = top;
    g->root_bits = shape->root_bits;
    g->ia_bits = ia;
    g->oa_bits = c->oa;
    g->ia_mask = ptw_low_mask(ia);
    g->ia_sign = shape->sign_extended ? UINT64_C(1) << (ia - 1U) : 0;
    g->ia_bias = (c->options & PTW_OPT_UPPER) != 0 ? UINT64_C(1) << ia : g->ia_sign;
    g->oa_last = ptw_low_mask(c->oa);
    g->options = c->options;
    g->attr_legal |= PTW_SOFT(ptw_low_mask(e->soft_bits));
    return PTW_OK;
}

/* Options that the format does not offer. */
static uint64_t unknown_options(const struct ptw_format *format, uint64_t options)
{
    for (const struct ptw_option *o = format->options; o->key != NULL; o++)
        options &= ~o->bit;
    return options;
}

/* The combinations of R, W, X and UX that can be added to each legal one. */
static uint16_t growing_rights(const struct ptw_geometry *g)
{
    unsigned grows = 0;

    for (unsigned add = 0; add <= PTW_RWX; add++) {
        bool legal = (add & ~g->attr_legal) == 0;
        for (unsigned from = 0; from <= PTW_RWX; from++)
            legal = legal && ((g->rwx_legal >> from & 1U) == 0 || (g->rwx_legal >> (from | add) & 1U) != 0);
        grows |= (legal ? 1U : 0U) << add;
    }
    return (uint16_t)grows;
}

ptw_status ptw_configure(const struct ptw_format *format, const struct ptw_config *config, struct ptw_geometry *geo,
                         const char **why)
{
    struct ptw_config c = config == NULL ? format->defaults : *config;
    const char *unread;
    const char **reason = why == NULL ? &unread : why;
    ptw_status status;

    if (c.levels == 0)
        c.levels = format->defaults.levels;
    if (c.ia == 0)
        c.ia = format->defaults.ia;
    if (c.oa == 0)
        c.oa = format->defaults.oa;
    if (c.levels != 0 && (c.levels < format->levels_min || c.levels > format->levels_max))
        return refuse(reason, "levels: not a number of levels of this format");
    if (unknown_options(format, c.options) != 0)
        return refuse(reason, "options: one that this format does not have");
    geo->attr_legal = 0;
    geo->leaf_or = 0;
    geo->table_or = 0;
    geo->rwx_legal = 0;
    status = format->configure(&c, geo, reason);
    if (status != PTW_OK)
        return status;
    PTW_ASSERT(!geo->encoder->zero_extended || geo->ia_bias == 0);
    geo->rwx_grows = growing_rights(geo);
    *reason = "";
    return PTW_OK;
}

static ptw_status set_number(unsigned *field, uint64_t value)
{
    if (value > 64)
        return PTW_INVAL;
    *field = (unsigned)value;
    return PTW_OK;
}

ptw_status ptw_config_set(const struct ptw_format *format, struct ptw_config *config, const char *key, uint64_t value)
{
    if (same(key, "levels"))
        return set_number(&config->levels, value);
    if (same(key, "ia") || same(key, "ipa"))
        return set_number(&config->ia, value);
    if (same(key, "oa"))
        return set_number(&config->oa, value);
    if (same(key, "c-bit"))
        return set_number(&config->c_bit, value);
    if (same(key, "granule") || same(key, "leaf")) {
        *(key[0] == 'g' ? &config->granule : &config->leaf) = value;
        return PTW_OK;
    }
    for (const struct ptw_option *o = format->options; o->key != NULL; o++) {
        if (!same(key, o->key))
            continue;
        if (value > 1)
            return PTW_INVAL;
        config->options = (config->options & ~o->bit) | (value != 0 ? o->bit : 0);
        return PTW_OK;
    }
    return PTW_NOENT;
}

const struct ptw_format *ptw_format_find(const char *name)
{
    for (const struct ptw_format *const *f = ptw_formats; *f != NULL; f++)
        if (same((*f)->name, name))
            return *f;
    return NULL;
}
