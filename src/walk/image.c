/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/image.c - a table as a stream of numbers, and back: ptw/image.h describes them.
 *
 * Both ways are one walk over slots in order, with one step a level on a path and no recursion. An import stores only
 * leaves and marks that it has looked at, and links only tables that it allocated: whatever the bytes say, what stands
 * in memory is at each moment a tree that can be walked, and given back.
 */
#include <ptw/image.h>

#include "walk/descent.h"

#define MAGIC UINT64_C(0x6567616d69777470) /* "ptwimage" */
#define BATCH 64U                          /* numbers that go through a hook at once */

enum { NAME = 2, NAME_NUMBERS = 4, SHAPE = NAME + NAME_NUMBERS, HEADER_NUMBERS = SHAPE + 5 };
enum { ITEM_EMPTY, ITEM_WORDS, ITEM_TABLE, ITEM_KINDS = 4 };

/* A table on the way down, and its next slot. */
struct step {
    unsigned char *table;
    uint64_t index;
};

/* One to one in both arguments: a single number that changed is always found. */
static uint64_t sum_of(uint64_t sum, uint64_t number)
{
    sum = (sum ^ number) * UINT64_C(0x9e3779b97f4a7c15);
    return sum ^ sum >> 32U;
}

static void header_of(const struct ptw_table *t, uint64_t header[HEADER_NUMBERS])
{
    const struct ptw_geometry *geo = &t->geo;
    const char *name = t->format->name;

    header[0] = MAGIC;
    header[1] = PTW_IMAGE_VERSION;
    for (unsigned i = 0; i < NAME_NUMBERS; i++) {
        header[NAME + i] = 0;
        for (unsigned bit = 0; bit < 64 && *name != '\0'; bit += 8)
            header[NAME + i] |= (uint64_t)(unsigned char)*name++ << bit;
    }
    header[SHAPE] = geo->top | geo->root_bits << 8U | geo->max_leaf << 16U | (uint64_t)geo->ia_bits << 24U |
                    (uint64_t)geo->oa_bits << 32U | (uint64_t)geo->encoder->word_bytes << 40U |
                    (uint64_t)geo->encoder->granule << 48U;
    header[SHAPE + 1] = geo->options;
    header[SHAPE + 2] = geo->leaf_or;
    header[SHAPE + 3] = geo->table_or;
    header[SHAPE + 4] = geo->attr_legal;
}

static bool is_transient(const struct ptw_encoder *e, ptw_word w, unsigned level)
{
    const unsigned type = e->mark_type(w, level);

    return type == PTW_MARK_LOCKED || type == PTW_MARK_DEAD;
}

/* ------------------------------------------------------------------------------------------------ export --- */

struct exporter {
    const struct ptw_table *t;
    struct ptw_image_writer *w;
    uint64_t sum;
    size_t used;
    bool refused;
    unsigned level;
    struct step path[PTW_LEVELS_MAX];
    unsigned char bytes[8 * BATCH];
};

static void flush(struct exporter *x)
{
    if (x->used != 0 && !x->refused)
        x->refused = !x->w->write(x->w, x->bytes, x->used);
    x->used = 0;
}

static void put(struct exporter *x, uint64_t number)
{
    for (unsigned bit = 0; bit < 64; bit += 8)
        x->bytes[x->used++] = (unsigned char)(number >> bit);
    x->sum = sum_of(x->sum, number);
    if (x->used == sizeof(x->bytes))
        flush(x);
}

static void put_item(struct exporter *x, unsigned kind, uint64_t n)
{
    put(x, n * ITEM_KINDS + kind);
}

/* The table that the entry `w` points to is the next one. */
static ptw_status export_table(struct exporter *x, ptw_word w)
{
    const struct ptw_table *t = x->t;
    const struct ptw_encoder *e = t->geo.encoder;
    const ptw_attr taken = ~e->limits(&t->geo, w, x->level) & t->geo.attr_legal & PTW_RIGHTS;
    const unsigned below = ptw_child_level(e, w, x->level);
    void *child;

    if (below >= x->level)
        return PTW_FAULTED;
    if (below != x->level - 1U || taken != 0)
        return PTW_UNSUPPORTED;
    child = ptw_child(t, e, w, x->level);
    if (child == NULL)
        return PTW_FAULTED;
    put_item(x, ITEM_TABLE, 1);
    x->path[x->level].index++;
    x->path[below].table = child;
    x->path[below].index = 0;
    x->level = below;
    return PTW_OK;
}

/* How many of the next slots are leaves or marks before one is not. 0: the first is a mark of somebody at work. */
static uint64_t words_ahead(const struct exporter *x, uint64_t left)
{
    const struct ptw_table *t = x->t;
    const struct ptw_encoder *e = t->geo.encoder;
    const struct step *s = &x->path[x->level];
    uint64_t n = 0;

    for (; n < left; n++) {
        const ptw_word w = ptw_load(e, ptw_slot(e, s->table, s->index + n));
        const enum ptw_kind kind = e->kind(&t->geo, w, x->level);

        if (kind != PTW_LEAF && (kind != PTW_MARKED || is_transient(e, w, x->level)))
            break;
    }
    return n;
}

static ptw_status export_item(struct exporter *x, uint64_t left)
{
    const struct ptw_table *t = x->t;
    const struct ptw_encoder *e = t->geo.encoder;
    struct step *s = &x->path[x->level];
    uint64_t n = ptw_empty_slots(t, s->table, x->level, s->index, left);
    ptw_word w;

    if (n != 0) {
        put_item(x, ITEM_EMPTY, n);
        s->index += n;
        return PTW_OK;
    }
    w = ptw_load(e, ptw_slot(e, s->table, s->index));
    if (e->kind(&t->geo, w, x->level) == PTW_TABLE)
        return export_table(x, w);
    n = words_ahead(x, left);
    if (n == 0)
        return PTW_AGAIN;
    put_item(x, ITEM_WORDS, n);
    for (; n != 0; n--)
        put(x, ptw_load(e, ptw_slot(e, s->table, s->index++)));
    return PTW_OK;
}

static ptw_status export_slots(struct exporter *x)
{
    const struct ptw_table *t = x->t;
    ptw_status status = PTW_OK;

    while (status == PTW_OK && !x->refused) {
        const uint64_t left = ptw_entries(t, t->geo.encoder, x->level) - x->path[x->level].index;

        if (left != 0)
            status = export_item(x, left);
        else if (x->level == t->geo.top)
            break;
        else
            x->level++;
    }
    return status;
}

ptw_status ptw_export(const struct ptw_table *t, struct ptw_image_writer *w)
{
    uint64_t header[HEADER_NUMBERS];
    struct exporter x;
    ptw_status status;

    x.t = t; /* field by field: of a whole one compilers make a call */
    x.w = w;
    x.sum = 0;
    x.used = 0;
    x.refused = false;
    x.level = t->geo.top;
    x.path[x.level].table = t->root;
    x.path[x.level].index = 0;
    header_of(t, header);
    for (unsigned i = 0; i < HEADER_NUMBERS; i++)
        put(&x, header[i]);
    put(&x, t->marked);
    status = export_slots(&x);
    put(&x, x.sum);
    flush(&x);
    return status == PTW_OK && x.refused ? PTW_NOMEM : status;
}

/* ------------------------------------------------------------------------------------------------ import --- */

struct importer {
    struct ptw_table *t;
    struct ptw_image_reader *r;
    const char *why;
    uint64_t sum;
    ptw_oa from, to; /* where the leaf went that was relocated last, and goes now */
    unsigned level;
    struct step path[PTW_LEVELS_MAX];
    unsigned char bytes[8 * BATCH];
};

static ptw_status refuse(struct importer *m, const char *why)
{
    m->why = why;
    return PTW_INVAL;
}

/* Number `i` of those that were read last. */
static uint64_t number(const struct importer *m, uint64_t i)
{
    const unsigned char *bytes = &m->bytes[8 * i];
    uint64_t value = 0;

    for (unsigned byte = 8; byte-- != 0;)
        value = value << 8U | bytes[byte];
    return value;
}

/* Reads the next n numbers, BATCH at most. */
static ptw_status take(struct importer *m, uint64_t n)
{
    if (!m->r->read(m->r, m->bytes, (size_t)(8 * n)))
        return refuse(m, "the image ends too early");
    for (uint64_t i = 0; i < n; i++)
        m->sum = sum_of(m->sum, number(m, i));
    return PTW_OK;
}

static ptw_status import_header(struct importer *m, bool *marked)
{
    uint64_t header[HEADER_NUMBERS];
    ptw_status status = take(m, HEADER_NUMBERS + 1U);

    if (status != PTW_OK)
        return status;
    header_of(m->t, header);
    if (number(m, 0) != header[0])
        return refuse(m, "this is no image");
    if (number(m, 1) != header[1])
        return refuse(m, "an image of another version");
    for (unsigned i = NAME; i < SHAPE; i++)
        if (number(m, i) != header[i])
            return refuse(m, "an image of another format");
    for (unsigned i = SHAPE; i < HEADER_NUMBERS; i++)
        if (number(m, i) != header[i])
            return refuse(m, "an image of another configuration");
    if (number(m, HEADER_NUMBERS) > 1)
        return refuse(m, "the header is no header");
    *marked = number(m, HEADER_NUMBERS) != 0;
    return PTW_OK;
}

/* log2 of the slots that leaf `w` says it has. */
static unsigned order_of(const struct ptw_encoder *e, ptw_word w, unsigned level)
{
    return e->leaf_orders(level) > 1 ? e->order(w, level) : 0;
}

static bool is_output(const struct ptw_table *t, ptw_oa oa, uint64_t size)
{
    return (oa & (size - 1U)) == 0 && oa <= t->geo.oa_last && size - 1U <= t->geo.oa_last - oa;
}

/* NULL, or why leaf `w` is none that this table could have. */
static const char *objection(const struct ptw_table *t, ptw_word w, unsigned level)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const char *why;
    unsigned order;
    ptw_word bits;

    if (level > t->geo.max_leaf || e->leaf_orders(level) == 0)
        return "a leaf at a level that has none";
    why = e->illegal(&t->geo, w, level);
    if (why != NULL)
        return why;
    order = order_of(e, w, level);
    if ((t->geo.orders[level] >> order & 1U) == 0 || UINT64_C(1) << order > ptw_entries(t, e, level))
        return "a group of a size that this configuration does not make";
    if (!e->bits(&t->geo, e->attr(&t->geo, w, level), level, order, &bits))
        return "attributes that this configuration does not have";
    if (!is_output(t, e->oa(&t->geo, w, level), ptw_span(e, level) << order))
        return "an output address that is misaligned or too wide";
    return NULL;
}

/* Sends the leaf where the hook says, every slot of a group with the first. */
static ptw_status relocate(struct importer *m, ptw_word *w)
{
    const struct ptw_table *t = m->t;
    const struct ptw_encoder *e = t->geo.encoder;
    const unsigned order = order_of(e, *w, m->level);
    const uint64_t size = ptw_span(e, m->level) << order;
    const uint64_t at = m->path[m->level].index & ptw_low_mask(order);
    const ptw_oa oa = e->oa(&t->geo, *w, m->level);
    const char *why;

    if (at == 0 || oa != m->from) {
        m->from = oa;
        m->to = oa;
        if (!m->r->relocate(m->r, &m->to, size))
            return refuse(m, "an output address that the caller refuses");
    }
    if (m->to == oa)
        return PTW_OK;
    if (!is_output(t, m->to, size))
        return refuse(m, "a relocated output address that is misaligned or too wide");
    *w = e->leaf(&t->geo, m->to + (at << ptw_level_shift(e, m->level)),
                 ptw_carry(e, &t->geo, *w, m->level, m->level, order), m->level, order);
    why = objection(t, *w, m->level);
    return why == NULL ? PTW_OK : refuse(m, why);
}

static ptw_status import_leaf(struct importer *m, ptw_word *w)
{
    const char *why = objection(m->t, *w, m->level);

    if (why != NULL)
        return refuse(m, why);
    return m->r->relocate == NULL ? PTW_OK : relocate(m, w);
}

/* Puts word `w` into the next slot. */
static ptw_status import_word(struct importer *m, ptw_word w)
{
    const struct ptw_encoder *e = m->t->geo.encoder;
    struct step *s = &m->path[m->level];
    ptw_status status = PTW_OK;

    if ((w & ~ptw_low_mask(8 * e->word_bytes)) != 0)
        return refuse(m, "a word that is wider than an entry");
    switch (e->kind(&m->t->geo, w, m->level)) {
    case PTW_LEAF:
        status = import_leaf(m, &w);
        break;
    case PTW_MARKED:
        if (is_transient(e, w, m->level))
            status = refuse(m, "a mark of somebody at work");
        break;
    case PTW_EMPTY:
    case PTW_TABLE:
    default:
        return refuse(m, "a word that is neither leaf nor mark");
    }
    if (status == PTW_OK)
        ptw_store(e, ptw_slot(e, s->table, s->index++), w);
    return status;
}

static ptw_status import_words(struct importer *m, uint64_t n)
{
    const struct ptw_encoder *e = m->t->geo.encoder;
    struct step *s = &m->path[m->level];
    void *first = ptw_slot(e, s->table, s->index);
    const uint64_t all = n;
    ptw_status status = PTW_OK;

    while (n != 0 && status == PTW_OK) {
        const uint64_t batch = n < BATCH ? n : BATCH;

        status = take(m, batch);
        for (uint64_t i = 0; i < batch && status == PTW_OK; i++)
            status = import_word(m, number(m, i));
        n -= batch;
    }
    if (status == PTW_OK)
        ptw_clean(m->t, e, first, all);
    return status;
}

/* Links a new table in the next slot; it is the next one to be filled. */
static ptw_status import_table(struct importer *m)
{
    struct ptw_table *t = m->t;
    const struct ptw_encoder *e = t->geo.encoder;
    struct step *s = &m->path[m->level];
    ptw_oa pa = 0;
    void *table;

    if (m->level == 0)
        return refuse(m, "a table below the lowest level");
    table = ptw_table_new(t, NULL, m->level - 1U, &pa);
    if (table == NULL) {
        m->why = "no memory for a table";
        return PTW_NOMEM;
    }
    ptw_put(t, e, ptw_slot(e, s->table, s->index++), e->table(&t->geo, pa, m->level));
    m->level--;
    m->path[m->level].table = table;
    m->path[m->level].index = 0;
    return PTW_OK;
}

static ptw_status import_item(struct importer *m, uint64_t left)
{
    const ptw_status status = take(m, 1);
    uint64_t item, n;

    if (status != PTW_OK)
        return status;
    item = number(m, 0);
    n = item / ITEM_KINDS;
    if (n == 0 || n > left)
        return refuse(m, "an item of none or of too many slots");
    switch (item % ITEM_KINDS) {
    case ITEM_EMPTY:
        m->path[m->level].index += n;
        return PTW_OK;
    case ITEM_WORDS:
        return import_words(m, n);
    case ITEM_TABLE:
        return n == 1 ? import_table(m) : refuse(m, "a table of several slots");
    default:
        return refuse(m, "an item of an unknown kind");
    }
}

static ptw_status import_slots(struct importer *m)
{
    const struct ptw_table *t = m->t;
    ptw_status status = PTW_OK;

    while (status == PTW_OK) {
        const uint64_t left = ptw_entries(t, t->geo.encoder, m->level) - m->path[m->level].index;

        if (left != 0)
            status = import_item(m, left);
        else if (m->level == t->geo.top)
            break;
        else
            m->level++;
    }
    return status;
}

static ptw_status import_sum(struct importer *m)
{
    const uint64_t sum = m->sum;
    const ptw_status status = take(m, 1);

    if (status != PTW_OK)
        return status;
    return number(m, 0) == sum ? PTW_OK : refuse(m, "the sum is wrong");
}

/* Each slot was looked at by itself: do those of a group belong together? */
static ptw_status check_groups(struct importer *m)
{
    const struct ptw_encoder *e = m->t->geo.encoder;
    struct ptw_cursor c;
    struct ptw_entry entry;

    if (!ptw_has_groups(e))
        return PTW_OK;
    (void)ptw_cursor_init(&c, m->t, 0, 0, PTW_ALL);
    while (ptw_cursor_next(&c, &entry) == PTW_OK)
        if (entry.kind == PTW_LEAF && e->leaf_orders(entry.level) > 1 && !ptw_is_one_leaf(m->t, &entry))
            return refuse(m, "the slots of a group disagree");
    return PTW_OK;
}

static void empty_again(struct ptw_table *t)
{
    const struct ptw_encoder *e = t->geo.encoder;
    const unsigned top = t->geo.top;
    const uint64_t n = ptw_entries(t, e, top);

    for (uint64_t i = 0; i < n; i++) {
        void *slot = ptw_slot(e, t->root, i);
        const ptw_word w = ptw_load(e, slot);
        uint64_t budget = ~UINT64_C(0);

        if (e->kind(&t->geo, w, top) == PTW_TABLE)
            (void)ptw_subtree_free(t,
                                   &(struct ptw_subtree){.table = ptw_child(t, e, w, top),
                                                         .pa = e->table_pa(&t->geo, w, top),
                                                         .level = top - 1U},
                                   &budget);
        ptw_store(e, slot, e->empty(top));
    }
    ptw_clean(t, e, t->root, n);
    PTW_COUNT_UP(&t->generation);
}

static ptw_status import_all(struct importer *m, bool *marked)
{
    ptw_status status = import_header(m, marked);

    if (status == PTW_OK)
        status = import_slots(m);
    if (status == PTW_OK)
        status = import_sum(m);
    return status == PTW_OK ? check_groups(m) : status;
}

ptw_status ptw_import(struct ptw_table *t, struct ptw_image_reader *r, const char **why)
{
    struct importer m;
    bool marked = false;
    ptw_status status = PTW_EXISTS;

    m.t = t;
    m.r = r;
    m.why = "";
    m.sum = 0;
    m.from = 0;
    m.to = 0;
    m.level = t->geo.top;
    m.path[m.level].table = t->root;
    m.path[m.level].index = 0;
    if (!ptw_table_is_empty(t, t->root, m.level))
        m.why = "the table is not empty";
    else
        status = import_all(&m, &marked);
    if (status == PTW_OK)
        t->marked = marked;
    else if (status != PTW_EXISTS)
        empty_again(t);
    if (why != NULL)
        *why = m.why;
    return status;
}
