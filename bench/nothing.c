/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* bench/nothing.c - operations that do nothing and succeed: what is counted with them is the bench's own loop. */
#include "bench.h"

static ptw_status no_translate(const struct ptw_table *t, ptw_addr addr, struct ptw_leaf *leaf)
{
    (void)t, (void)addr, (void)leaf;
    return PTW_OK;
}

static struct ptw_result no_map(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size, ptw_attr attr,
                                uint64_t flags, struct ptw_gather *g)
{
    (void)t, (void)oa, (void)size, (void)attr, (void)flags, (void)g;
    return (struct ptw_result){PTW_OK, addr};
}

static struct ptw_result no_unmap(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,
                                  struct ptw_sink *sink, struct ptw_gather *g)
{
    (void)t, (void)size, (void)flags, (void)sink, (void)g;
    return (struct ptw_result){PTW_OK, addr};
}

static struct ptw_result no_dirty(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,
                                  struct ptw_bitmap *bitmap, struct ptw_gather *g)
{
    (void)t, (void)size, (void)flags, (void)bitmap, (void)g;
    return (struct ptw_result){PTW_OK, addr};
}

static ptw_status no_relax(struct ptw_table *t, ptw_addr addr, ptw_attr add, ptw_attr ceiling)
{
    (void)t, (void)addr, (void)add, (void)ceiling;
    return PTW_OK;
}

static ptw_status no_cursor_translate(struct ptw_cursor *c, ptw_addr addr, struct ptw_leaf *leaf)
{
    (void)c, (void)addr, (void)leaf;
    return PTW_OK;
}

static ptw_status no_cursor_map(struct ptw_cursor *c, ptw_addr addr, ptw_oa oa, ptw_attr attr, struct ptw_gather *g)
{
    (void)c, (void)addr, (void)oa, (void)attr, (void)g;
    return PTW_OK;
}

static ptw_status no_cursor_unmap(struct ptw_cursor *c, ptw_addr addr, struct ptw_gather *g)
{
    (void)c, (void)addr, (void)g;
    return PTW_OK;
}

const struct ptw_ops bench_nothing = {.translate = no_translate,
                                      .map = no_map,
                                      .unmap = no_unmap,
                                      .dirty = no_dirty,
                                      .relax = no_relax,
                                      .cursor_translate = no_cursor_translate,
                                      .cursor_map = no_cursor_map,
                                      .cursor_unmap = no_cursor_unmap};
