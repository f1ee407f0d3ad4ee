/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/dump_dot.c - `ptw dump -o dot`: the tables as a graph for Graphviz, a record a table.
 *
 *   t1 [label="level 2 (1G)|0x2000|1 table, 511 holes|<i000> 0x000: table 0x3000|0x001-0x1ff: 511 holes"];
 *   t1:i000 -> t2 [label="0x000 rwxu"];
 *
 * Runs of equal neighbours are one line of a record, and one edge. A leaf shows its own rights, an edge those that its
 * entries leave to what is below. A table that is linked twice is drawn once, so that the graph is as large as the memory
 * that the tables take. First all tables are found, level by level; nothing is printed if they are too many.
 */
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"

/* The kinds of runs: those of entries, and one more. */
enum { BROKEN = PTW_LEAF + 1, KINDS };

/* A table, or what --range leaves of it. It is the same as another if the first four are. */
struct node {
    ptw_oa pa;
    unsigned level;
    uint64_t offset, bytes; /* of the addresses drawn: behind the table's first, and how many less one */
    bool all;               /* the root, without --range */

    ptw_addr first; /* the addresses drawn, by one of the ways that lead here */
    uint64_t id;
    uint64_t count[KINDS]; /* entries by kind */
    struct node *next;
};

struct dot {
    struct dump *d;
    void *found; /* a tree of the nodes, by their table (tsearch) */
    struct node *nodes, **end;
    uint64_t tables;
    bool full; /* no more nodes: there are as many as --limit, or memory is out */
};

/* Equal neighbours in one table. */
struct run {
    unsigned kind;
    unsigned first, last; /* indices */
    uint64_t entries;     /* 0: no run. A group is one entry */
    ptw_oa oa, next_oa;   /* LEAF; TABLE: oa is the table pointed to */
    ptw_attr attr;        /* LEAF: its own; TABLE: the limits */
    unsigned type;        /* MARKED: the mark's type */
    const struct node *child;
    char why[ENTRY_WHY_CHARS]; /* BROKEN */
};

typedef void emit_fn(struct dot *dot, struct node *node, const struct run *run);

/* ------------------------------------------------------------------------------------------ finding tables --- */

static int compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_nodes(const void *left, const void *right)
{
    const struct node *a = left;
    const struct node *b = right;
    int order = compare_numbers(a->pa, b->pa);

    order = order != 0 ? order : compare_numbers(a->level, b->level);
    order = order != 0 ? order : compare_numbers(a->offset, b->offset);
    return order != 0 ? order : compare_numbers(a->bytes, b->bytes);
}

/* The node like `wanted`, at the end of the list if it is new. NULL: there may be no more. */
static struct node *find_or_add(struct dot *dot, const struct node *wanted)
{
    struct node *const *known = tfind(wanted, &dot->found, compare_nodes);
    struct node *node = NULL;

    if (known != NULL)
        return *known;
    if (dot->tables < dot->d->limit)
        node = malloc(sizeof(*node));
    if (node != NULL)
        *node = *wanted;
    if (node == NULL || tsearch(node, &dot->found, compare_nodes) == NULL) {
        free(node);
        dot->full = true;
        return NULL;
    }
    node->id = dot->tables++;
    *dot->end = node;
    dot->end = &node->next;
    return node;
}

static void free_nodes(struct dot *dot)
{
    for (struct node *node = dot->nodes; node != NULL; node = dot->nodes) {
        dot->nodes = node->next;
        (void)tdelete(node, &dot->found, compare_nodes);
        free(node);
    }
}

/* The table that an entry of `node` points to, as far as it is in the range; NULL if nothing of it is. */
static const struct node *child_of(struct dot *dot, const struct node *node, const struct ptw_entry *e, unsigned below)
{
    const struct ptw_geometry *geo = &dot->d->args.table.geo;
    const uint64_t span = UINT64_C(1) << ptw_level_shift(geo->encoder, below + 1U);
    const ptw_addr last = node->first + node->bytes;
    struct node child = {
        .pa = geo->encoder->table_pa(geo, e->word, e->level), .level = below, .first = e->addr, .bytes = span - 1U};

    if (!node->all && node->first > child.first) {
        child.offset = node->first - child.first;
        if (child.offset >= span)
            return NULL;
        child.first = node->first;
        child.bytes -= child.offset;
    }
    if (!node->all && last - child.first < child.bytes)
        child.bytes = last - child.first;
    return find_or_add(dot, &child);
}

/* -------------------------------------------------------------------------------------------------- runs --- */

/* What one entry is, as a run by itself. */
static struct run run_of(struct dot *dot, const struct node *node, const struct entry_path *path,
                         const struct ptw_entry *e)
{
    struct dump *d = dot->d;
    const struct ptw_geometry *geo = &d->args.table.geo;
    const struct ptw_encoder *encoder = geo->encoder;
    struct run run = {.kind = e->kind,
                      .first = e->index,
                      .last = e->index + (1U << e->order) - 1U,
                      .entries = 1,
                      .why = "it cannot be read"};
    const unsigned below = e->kind == PTW_TABLE ? entry_child_level(geo, e) : e->level;
    uint64_t payload = 0;

    if (entry_objection(&d->args, path, e, run.why)) {
        run.kind = BROKEN;
    } else if (e->kind == PTW_TABLE) {
        run.oa = encoder->table_pa(geo, e->word, e->level);
        run.attr = encoder->limits(geo, e->word, e->level) & geo->attr_legal;
        run.child = child_of(dot, node, e, below);
    } else if (e->kind == PTW_LEAF) {
        run.oa = ptw_entry_oa(&d->args.table, e);
        run.next_oa = run.oa + (UINT64_C(1) << (ptw_level_shift(encoder, e->level) + e->order));
        run.attr = encoder->attr(geo, e->word, e->level);
    } else if (e->kind == PTW_MARKED) {
        run.type = dump_mark_at(d, e, &payload);
        run.kind = run.type != PTW_MARK_TYPES ? PTW_MARKED : PTW_EMPTY;
    }
    if (run.kind == BROKEN)
        dump_note_broken(d, e, run.why);
    return run;
}

static bool continues(const struct run *run, const struct run *next)
{
    if (run->entries == 0 || run->kind != next->kind || run->last + 1U != next->first)
        return false;
    switch (run->kind) {
    case PTW_MARKED:
        return run->type == next->type;
    case PTW_TABLE:
        return run->child == next->child && run->oa == next->oa && run->attr == next->attr;
    case PTW_LEAF:
        return run->next_oa == next->oa && run->attr == next->attr;
    case BROKEN:
        return strcmp(run->why, next->why) == 0;
    default:
        return true;
    }
}

/* Emits the runs of one table in order. The cursor comes down from the root each time; what it passes on its way was
 * examined when the table was found. */
static void scan(struct dot *dot, struct node *node, emit_fn *emit)
{
    const uint64_t flags = PTW_VISIT_HOLES | PTW_VISIT_MIN_LEVEL(node->level) | (node->all ? PTW_ALL : 0);
    struct entry_path path = {{0}, 0};
    struct ptw_cursor c;
    struct ptw_entry e;
    struct run run = {.entries = 0};

    if (ptw_cursor_init(&c, &dot->d->args.table, node->first, node->bytes + 1U, flags) != PTW_OK)
        return;
    while (ptw_cursor_next(&c, &e) == PTW_OK) {
        struct run next;

        entry_path_note(&path, &e);
        if (e.level != node->level)
            continue;
        next = run_of(dot, node, &path, &e);
        if (continues(&run, &next)) {
            run.last = next.last;
            run.next_oa = next.next_oa;
            run.entries++;
            continue;
        }
        if (run.entries != 0)
            emit(dot, node, &run);
        run = next;
    }
    if (run.entries != 0)
        emit(dot, node, &run);
}

static void count_run(struct dot *dot, struct node *node, const struct run *run)
{
    (void)dot;
    node->count[run->kind] += run->entries;
}

/* ----------------------------------------------------------------------------------------------- drawing --- */

/* Text of a record's line. */
static void put_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("{}|<>\"\\", *text) != NULL)
            (void)putchar('\\');
        (void)putchar(*text);
    }
}

static void put_indices(const struct run *run)
{
    (void)printf("0x%03x", run->first);
    if (run->last != run->first)
        (void)printf("-0x%03x", run->last);
}

static void put_count(const char *before, uint64_t n, const char *one, const char *more)
{
    (void)printf("%s%" PRIu64 " %s", before, n, n == 1 ? one : more);
}

static void put_leaves(const struct dump *d, const struct node *node, const struct run *run)
{
    char rights[5];
    char words[ENTRY_ATTRS_CHARS];

    put_count("", run->entries, "leaf", "leaves");
    cli_rights(run->attr, rights);
    entry_attrs(d->args.format, &d->args.table.geo, run->attr, run->attr, node->level, words);
    (void)printf(" -\\> 0x%" PRIx64 " %s ", run->oa, rights);
    put_text(words);
}

/* One line of a record. */
static void draw_line(struct dot *dot, struct node *node, const struct run *run)
{
    (void)putchar('|');
    if (run->child != NULL)
        (void)printf("<i%03x> ", run->first);
    put_indices(run);
    (void)fputs(": ", stdout);
    switch (run->kind) {
    case PTW_TABLE:
        if (run->entries != 1)
            (void)printf("%" PRIu64 " times ", run->entries);
        (void)printf("table 0x%" PRIx64 "%s", run->oa, run->child == NULL ? ", out of the range" : "");
        break;
    case PTW_LEAF:
        put_leaves(dot->d, node, run);
        break;
    case PTW_MARKED:
        put_count("", run->entries, "mark", "marks");
        (void)printf(" of type %u", run->type);
        break;
    case BROKEN:
        (void)fputs("broken: ", stdout);
        put_text(run->why);
        break;
    default:
        put_count("", run->entries, "hole", "holes");
    }
    (void)fputs("\\l", stdout);
}

static void draw_edge(struct dot *dot, struct node *node, const struct run *run)
{
    char rights[5];

    (void)dot;
    if (run->child == NULL)
        return;
    cli_rights(run->attr, rights);
    (void)printf("    t%" PRIu64 ":i%03x -> t%" PRIu64 " [label=\"", node->id, run->first, run->child->id);
    put_indices(run);
    (void)printf(" %s\"];\n", rights);
}

static void draw_table(struct dot *dot, struct node *node)
{
    static const char *const names[KINDS][2] = {[PTW_LEAF] = {"leaf", "leaves"},
                                                [PTW_TABLE] = {"table", "tables"},
                                                [PTW_EMPTY] = {"hole", "holes"},
                                                [PTW_MARKED] = {"mark", "marks"},
                                                [BROKEN] = {"broken entry", "broken entries"}};
    char size[CLI_SIZE_CHARS];
    const char *before = "";

    cli_size(UINT64_C(1) << ptw_level_shift(dot->d->args.table.geo.encoder, node->level), size);
    (void)printf("    t%" PRIu64 " [%slabel=\"level %u (%s)|0x%" PRIx64 "|", node->id,
                 node->count[BROKEN] != 0 ? "color=red, " : "", node->level, size, node->pa);
    for (unsigned kind = KINDS; kind-- > 0;) {
        if (node->count[kind] == 0)
            continue;
        put_count(before, node->count[kind], names[kind][0], names[kind][1]);
        before = ", ";
    }
    scan(dot, node, draw_line);
    (void)fputs("\"];\n", stdout);
    scan(dot, node, draw_edge);
}

static void draw(struct dot *dot)
{
    const struct table_args *args = &dot->d->args;

    (void)printf("digraph ptw {\n    label=\"%s, root 0x%" PRIx64 ", 0x%" PRIx64 " - 0x%" PRIx64 "\";\n",
                 args->format->name, args->root, dot->d->first, dot->d->last);
    (void)fputs("    rankdir=LR;\n    node [shape=record, fontname=\"monospace\"];\n", stdout);
    for (struct node *node = dot->nodes; node != NULL && ferror(stdout) == 0; node = node->next)
        draw_table(dot, node);
    (void)fputs("}\n", stdout);
}

int dump_dot(struct dump *d)
{
    const struct node root = {.pa = d->args.root,
                              .level = d->args.table.geo.top,
                              .all = d->range_text == NULL,
                              .first = d->first,
                              .bytes = d->last - d->first};
    struct dot dot = {.d = d, .end = &dot.nodes};
    int status = CLI_OK;

    (void)find_or_add(&dot, &root);
    for (struct node *node = dot.nodes; node != NULL && !dot.full; node = node->next)
        scan(&dot, node, count_run);
    if (dot.full && dot.tables < d->limit)
        status = cli_fail("out of memory");
    else if (dot.full)
        status = cli_fail("more than %" PRIu64 " tables to draw; see --limit and --range", d->limit);
    else
        draw(&dot);
    free_nodes(&dot);
    return status;
}
