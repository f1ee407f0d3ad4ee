/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/bitmap.c - reports of pages: into a bitmap whose granule is a power of two, coarser or finer than pages. */
#include "walk/slot.h"

ptw_status ptw_bitmap_check(const struct ptw_bitmap *bitmap)
{
    if (bitmap == NULL || bitmap->words == NULL)
        return PTW_OK;
    if (bitmap->shift > 63 || (bitmap->base & (ptw_low_mask(bitmap->shift))) != 0)
        return PTW_INVAL;
    return PTW_OK;
}

/* The last address that the bitmap covers; it has at least one bit. */
static ptw_addr bitmap_last(const struct ptw_bitmap *bitmap)
{
    uint64_t room = (~bitmap->base) >> bitmap->shift; /* the index of the last bit that an address can have */

    if (bitmap->bits - 1U >= room)
        return ~UINT64_C(0);
    return bitmap->base + (bitmap->bits << bitmap->shift) - 1U;
}

/* Pages that the bitmap covers only in part are left out: a bit that stands for a page's part would be a lie. */
bool ptw_bitmap_clip(const struct ptw_table *t, const struct ptw_bitmap *bitmap, struct ptw_span_of *span)
{
    const uint64_t page = ptw_span(t->geo.encoder, 0) - 1U;
    ptw_addr first = ptw_addr_of(&t->geo, span->first);
    ptw_addr last = ptw_addr_of(&t->geo, span->last);

    if (bitmap == NULL || bitmap->words == NULL)
        return true;
    if (bitmap->bits == 0)
        return false;
    if (bitmap->base > ~page) /* not even the last page of all is covered whole */
        return false;
    ptw_addr from = (bitmap->base + page) & ~page;
    ptw_addr to = bitmap_last(bitmap);
    if ((to & page) != page) {
        if (to < page)
            return false;
        to = (to & ~page) - 1U;
    }
    first = first > from ? first : from;
    last = last < to ? last : to;
    if (t->geo.ia_sign == 0 && first > last)
        return false;
    if (first + t->geo.ia_bias > t->geo.ia_mask) /* in the hole between the halves: from the upper half on */
        first = ptw_addr_of(&t->geo, t->geo.ia_sign);
    if (last + t->geo.ia_bias > t->geo.ia_mask)
        last = t->geo.ia_sign - 1U;
    if (first > last)
        return false;
    span->first = ptw_place_of(&t->geo, first);
    span->last = ptw_place_of(&t->geo, last);
    return true;
}

static void set_bits(uint64_t *words, uint64_t first, uint64_t last)
{
    for (uint64_t word = first / 64U; word <= last / 64U; word++) {
        unsigned low = word == first / 64U ? (unsigned)(first % 64U) : 0;
        unsigned high = word == last / 64U ? (unsigned)(last % 64U) : 63U;
        words[word] |= PTW_BITS(high, low);
    }
}

void ptw_report(const struct ptw_table *t, struct ptw_bitmap *bitmap, ptw_addr first, ptw_addr last)
{
    const ptw_addr from = ptw_addr_of(&t->geo, first) - bitmap->base;
    const ptw_addr to = ptw_addr_of(&t->geo, last) - bitmap->base;

    bitmap->found += (last - first + 1U) >> ptw_level_shift(t->geo.encoder, 0);
    if (bitmap->words != NULL)
        set_bits(bitmap->words, from >> bitmap->shift, to >> bitmap->shift);
}
