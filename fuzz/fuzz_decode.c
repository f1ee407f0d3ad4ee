/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fuzz_decode.c - any word at any level of any format and configuration: every decoder answers, and the answers agree
 * with each other. What a word that the architecture allows says must be said by the word that is made of it again.
 */
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is being looked at, for the message. */
static const struct ptw_format *format;
static ptw_word word;
static unsigned at;

static void agree(bool holds, const char *what)
{
    if (!holds)
        fprintf(stderr, "fuzz_decode: %s, level %u, word 0x%llx\n", format->name, at, (unsigned long long)word);
    must(holds, what);
}

static void check_mark(const struct ptw_encoder *e, ptw_word w, unsigned level)
{
    unsigned type = e->mark_type(w, level), width = e->payload_bits(level);

    agree(type < PTW_MARK_TYPES, "a mark of a type that there is not");
    if (type == PTW_MARK_FOREIGN)
        return;
    agree(width > 0 && (e->mark_payload(w, level) & ~ptw_low_mask(width)) == 0, "a payload that is too wide");
    agree(e->mark(type, e->mark_payload(w, level), level) == w, "a mark that is not what it says");
}

static void check_table(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    const struct ptw_encoder *e = g->encoder;
    ptw_oa pa = e->table_pa(g, w, level);

    agree(level > 0, "a table entry at the lowest level");
    agree((e->limits(g, w, level) & ~PTW_RIGHTS) == 0, "limits that are no rights");
    if (e->illegal(g, w, level) != NULL)
        return;
    agree(e->table_level == NULL || e->table_level(w, level) < level, "a legal entry that does not lead down");
    agree(e->table_pa(g, e->table(g, pa, level), level) == pa, "the address of a table changes");
}

/* Is `w` what one of the slots of such a leaf has in its address field, as far as oa() can tell? */
static void check_address(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    const struct ptw_encoder *e = g->encoder;
    unsigned order = e->order(w, level);
    ptw_oa oa = e->oa(g, w, level);
    ptw_word bits = ptw_carry(e, g, w, level, level, order);

    agree((e->leaf_orders(level) >> order & 1) != 0, "a legal leaf of a size that there is not");
    agree((oa & ptw_low_mask(ptw_level_shift(e, level) + order)) == 0, "a legal leaf that is misaligned");
    for (uint64_t i = 0; i >> order == 0; i++) {
        ptw_word slot = e->leaf(g, oa + (i << ptw_level_shift(e, level)), bits, level, order);
        agree(e->kind(g, slot, level) == PTW_LEAF && e->oa(g, slot, level) == oa && e->order(slot, level) == order,
              "a slot of the same leaf reads as another leaf");
        agree(e->attr(g, slot, level) == e->attr(g, w, level), "a slot of the same leaf has other attributes");
    }
}

static void check_leaf(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    const struct ptw_encoder *e = g->encoder;
    ptw_attr attr = e->attr(g, w, level);
    struct ptw_update clean = e->clean_op(w), old = e->old_op(w);

    if (e->leaf_orders(level) == 0)
        return;
    (void)e->ad_mask(w);
    (void)e->volatile_loss(w);
    (void)e->oa(g, w, level);
    if (e->illegal(g, w, level) != NULL)
        return;
    if ((g->options & PTW_OPT_AD) != 0) {
        agree((e->dirty(w) != 0) == ((attr & PTW_D) != 0), "dirty() and attr() disagree");
        agree((e->accessed(w) != 0) == ((attr & PTW_A) != 0), "accessed() and attr() disagree");
    }
    agree(e->kind(g, (w & clean.keep) | clean.set, level) == PTW_LEAF, "a clean leaf is no leaf");
    agree(e->kind(g, (w & old.keep) | old.set, level) == PTW_LEAF, "an old leaf is no leaf");
    check_address(g, w, level);
}

static void check_word(const struct ptw_geometry *g, ptw_word w, unsigned level)
{
    const struct ptw_encoder *e = g->encoder;
    enum ptw_kind kind = e->kind(g, w, level);
    ptw_word hint = e->leaf_hint(level);

    agree((kind == PTW_EMPTY) == (w == e->empty(level)), "a second empty word");
    agree(hint == ~UINT64_C(0) || (w & hint) != hint || kind == PTW_LEAF, "the leaf hint lies");
    agree(level == 0 || (w & e->table_hint_mask) != e->table_hint(level) || kind == PTW_TABLE, "the table hint lies");
    if (kind == PTW_MARKED)
        check_mark(e, w, level);
    else if (kind == PTW_TABLE)
        check_table(g, w, level);
    else if (kind == PTW_LEAF)
        check_leaf(g, w, level);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct ptw_geometry g;
    struct ptw_config c;

    format = format_of(take_byte(&in));
    take_config(&in, format, &c);
    if (ptw_configure(format, &c, &g, NULL) != PTW_OK && ptw_configure(format, NULL, &g, NULL) != PTW_OK)
        abort();
    while (in.left >= 9) {
        at = take_byte(&in) % (g.top + 1);
        word = take_raw(&in) & ptw_low_mask(8 * g.encoder->word_bytes);
        check_word(&g, word, at);
    }
    return 0;
}
