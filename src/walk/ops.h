/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * src/walk/ops.h - the engine as one set of functions, for one encoder.
 *
 * PTW_DEFINE_OPS(name, encoder) writes the wrappers of struct ptw_ops: each calls the always-inline engine with
 * `encoder`. Where that is the address of a constant encoder the compiler folds everything that the format says, and no
 * indirect call is left; src/walk/runtime.c uses the same lines with the encoder of the table `t`. A hot form that did
 * not apply goes on in a function of its own, so that the hot one stays small; so does one with flags, from the start. The
 * macro hides nothing but repetition.
 */
#ifndef WALK_OPS_H
#define WALK_OPS_H

#include "walk/leaves.h"
#include "walk/map.h"
#include "walk/relax.h"
#include "walk/translate.h"
#include "walk/unmap.h"

#define PTW_DEFINE_OPS(name, encoder)                                                                                  \
    static PTW_NOINLINE ptw_status name##_translate_any(const struct ptw_table *t, ptw_addr addr,                      \
                                                        struct ptw_leaf *leaf)                                         \
    {                                                                                                                  \
        return ptw_translate_any(encoder, t, addr, leaf);                                                              \
    }                                                                                                                  \
                                                                                                                       \
    static ptw_status name##_translate(const struct ptw_table *t, ptw_addr addr, struct ptw_leaf *leaf)                \
    {                                                                                                                  \
        if (PTW_LIKELY(ptw_translate_hot(encoder, t, addr, leaf)))                                                     \
            return PTW_OK;                                                                                             \
        return name##_translate_any(t, addr, leaf);                                                                    \
    }                                                                                                                  \
                                                                                                                       \
    static PTW_NOINLINE struct ptw_result name##_map_range(struct ptw_table *t, ptw_addr addr, ptw_oa oa,              \
                                                           uint64_t size, ptw_attr attr, uint64_t flags,               \
                                                           struct ptw_gather *g)                                       \
    {                                                                                                                  \
        uint64_t made = ptw_map_run(encoder, t, addr, oa, size, attr, flags, g);                                       \
        if (PTW_LIKELY(made == size && size != 0))                                                                     \
            return ptw_done(PTW_OK, addr);                                                                             \
        return ptw_map_range(encoder, t, addr, oa, size, attr, flags, made, g);                                        \
    }                                                                                                                  \
                                                                                                                       \
    PTW_INLINE struct ptw_result name##_map_flags(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size,        \
                                                  ptw_attr attr, uint64_t flags, struct ptw_gather *g)                 \
    {                                                                                                                  \
        if (PTW_UNLIKELY(flags != PTW_SHARED || !ptw_is_leaf_size(encoder, size, 0)))                                  \
            return name##_map_range(t, addr, oa, size, attr, flags, g);                                                \
        if (PTW_LIKELY(ptw_map_single(encoder, t, addr, oa, attr, 0, true, g)))                                        \
            return ptw_done(PTW_OK, addr);                                                                             \
        return name##_map_range(t, addr, oa, ptw_span(encoder, 0), attr, PTW_SHARED, g);                               \
    }                                                                                                                  \
                                                                                                                       \
    static struct ptw_result name##_map(struct ptw_table *t, ptw_addr addr, ptw_oa oa, uint64_t size, ptw_attr attr,   \
                                        uint64_t flags, struct ptw_gather *g)                                          \
    {                                                                                                                  \
        if (PTW_UNLIKELY(flags != 0))                                                                                  \
            return name##_map_flags(t, addr, oa, size, attr, flags, g);                                                \
        if (PTW_LIKELY(ptw_is_leaf_size(encoder, size, 0))) {                                                          \
            if (PTW_LIKELY(ptw_map_single(encoder, t, addr, oa, attr, 0, false, g)))                                   \
                return ptw_done(PTW_OK, addr);                                                                         \
            return name##_map_range(t, addr, oa, ptw_span(encoder, 0), attr, 0, g);                                    \
        }                                                                                                              \
        if (ptw_map_hot_large(encoder, t, addr, oa, size, attr, g))                                                    \
            return ptw_done(PTW_OK, addr);                                                                             \
        return name##_map_range(t, addr, oa, size, attr, 0, g);                                                        \
    }                                                                                                                  \
                                                                                                                       \
    static PTW_NOINLINE struct ptw_result name##_unmap_range(struct ptw_table *t, ptw_addr addr, uint64_t size,        \
                                                             uint64_t flags, struct ptw_sink *sink,                    \
                                                             struct ptw_gather *g)                                     \
    {                                                                                                                  \
        if (PTW_LIKELY(ptw_unmap_run(encoder, t, addr, size, flags, sink, g)))                                         \
            return ptw_done(PTW_OK, addr);                                                                             \
        return ptw_unmap_range(encoder, t, addr, size, flags, sink, g);                                                \
    }                                                                                                                  \
                                                                                                                       \
    static PTW_NOINLINE struct ptw_result name##_unmap_flags(struct ptw_table *t, ptw_addr addr, uint64_t size,        \
                                                             uint64_t flags, struct ptw_sink *sink,                    \
                                                             struct ptw_gather *g)                                     \
    {                                                                                                                  \
        if (PTW_UNLIKELY(sink != NULL || flags != PTW_SHARED || !ptw_is_leaf_size(encoder, size, 0)))                  \
            return name##_unmap_range(t, addr, size, flags, sink, g);                                                  \
        if (PTW_LIKELY(ptw_unmap_single(encoder, t, addr, 0, true, g)))                                                \
            return ptw_done(PTW_OK, addr);                                                                             \
        return name##_unmap_range(t, addr, ptw_span(encoder, 0), PTW_SHARED, NULL, g);                                 \
    }                                                                                                                  \
                                                                                                                       \
    static struct ptw_result name##_unmap(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,           \
                                          struct ptw_sink *sink, struct ptw_gather *g)                                 \
    {                                                                                                                  \
        if (PTW_UNLIKELY((flags & (PTW_ALL | PTW_SHARED)) != 0))                                                       \
            return name##_unmap_flags(t, addr, size, flags, sink, g);                                                  \
        if (PTW_LIKELY(ptw_unmap_hot(encoder, t, addr, size, sink, g)))                                                \
            return ptw_done(PTW_OK, addr);                                                                             \
        return name##_unmap_range(t, addr, size, flags, sink, g);                                                      \
    }                                                                                                                  \
                                                                                                                       \
    static struct ptw_result name##_protect(struct ptw_table *t, ptw_addr addr, uint64_t size, ptw_attr add,           \
                                            ptw_attr remove, uint64_t flags, struct ptw_gather *g)                     \
    {                                                                                                                  \
        return ptw_protect_range(encoder, t, addr, size, add, remove, flags, g);                                       \
    }                                                                                                                  \
                                                                                                                       \
    static struct ptw_result name##_dirty(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,           \
                                          struct ptw_bitmap *bitmap, struct ptw_gather *g)                             \
    {                                                                                                                  \
        if ((flags & PTW_WRITE_PROTECT) != 0)                                                                          \
            return ptw_harvest_range(encoder, t, PTW_HARVEST_WRITABLE, addr, size, flags, bitmap, g);                  \
        return ptw_harvest_range(encoder, t, PTW_HARVEST_DIRTY, addr, size, flags, bitmap, g);                         \
    }                                                                                                                  \
                                                                                                                       \
    static struct ptw_result name##_age(struct ptw_table *t, ptw_addr addr, uint64_t size, uint64_t flags,             \
                                        struct ptw_bitmap *bitmap, struct ptw_gather *g)                               \
    {                                                                                                                  \
        return ptw_harvest_range(encoder, t, PTW_HARVEST_ACCESSED, addr, size, flags, bitmap, g);                      \
    }                                                                                                                  \
                                                                                                                       \
    static ptw_status name##_relax(struct ptw_table *t, ptw_addr addr, ptw_attr add, ptw_attr ceiling)                 \
    {                                                                                                                  \
        if (PTW_LIKELY(ptw_relax_hot(encoder, t, addr, add, ceiling)))                                                 \
            return PTW_OK;                                                                                             \
        return ptw_relax_any(t, addr, add, ceiling);                                                                   \
    }                                                                                                                  \
                                                                                                                       \
    static PTW_NOINLINE ptw_status name##_cursor_translate_else(struct ptw_cursor *c, ptw_addr addr,                   \
                                                                struct ptw_leaf *leaf)                                 \
    {                                                                                                                  \
        struct ptw_table *t = c->t;                                                                                    \
        (void)t;                                                                                                       \
        ptw_hold(encoder, c, addr);                                                                                    \
        return name##_translate(t, addr, leaf);                                                                        \
    }                                                                                                                  \
                                                                                                                       \
    static ptw_status name##_cursor_translate(struct ptw_cursor *c, ptw_addr addr, struct ptw_leaf *leaf)              \
    {                                                                                                                  \
        struct ptw_table *t = c->t;                                                                                    \
        (void)t;                                                                                                       \
        if (PTW_LIKELY(ptw_cursor_translate_hot(encoder, c, addr, leaf)))                                              \
            return PTW_OK;                                                                                             \
        return name##_cursor_translate_else(c, addr, leaf);                                                            \
    }                                                                                                                  \
                                                                                                                       \
    static PTW_NOINLINE ptw_status name##_cursor_map_else(struct ptw_cursor *c, ptw_addr addr, ptw_oa oa,              \
                                                          ptw_attr attr, struct ptw_gather *g)                         \
    {                                                                                                                  \
        struct ptw_table *t = c->t;                                                                                    \
        (void)t;                                                                                                       \
        ptw_status status = name##_map(t, addr, oa, ptw_span(encoder, 0), attr, 0, g).status;                          \
        ptw_hold(encoder, c, addr);                                                                                    \
        return status;                                                                                                 \
    }                                                                                                                  \
                                                                                                                       \
    static ptw_status name##_cursor_map(struct ptw_cursor *c, ptw_addr addr, ptw_oa oa, ptw_attr attr,                 \
                                        struct ptw_gather *g)                                                          \
    {                                                                                                                  \
        struct ptw_table *t = c->t;                                                                                    \
        (void)t;                                                                                                       \
        if (PTW_LIKELY(ptw_cursor_map_hot(encoder, c, addr, oa, attr, g)))                                             \
            return PTW_OK;                                                                                             \
        return name##_cursor_map_else(c, addr, oa, attr, g);                                                           \
    }                                                                                                                  \
                                                                                                                       \
    static PTW_NOINLINE ptw_status name##_cursor_unmap_else(struct ptw_cursor *c, ptw_addr addr, struct ptw_gather *g) \
    {                                                                                                                  \
        struct ptw_table *t = c->t;                                                                                    \
        (void)t;                                                                                                       \
        ptw_status status = name##_unmap(t, addr, ptw_span(encoder, 0), 0, NULL, g).status;                            \
        ptw_hold(encoder, c, addr);                                                                                    \
        return status;                                                                                                 \
    }                                                                                                                  \
                                                                                                                       \
    static ptw_status name##_cursor_unmap(struct ptw_cursor *c, ptw_addr addr, struct ptw_gather *g)                   \
    {                                                                                                                  \
        struct ptw_table *t = c->t;                                                                                    \
        (void)t;                                                                                                       \
        if (PTW_LIKELY(ptw_cursor_unmap_hot(encoder, c, addr, g)))                                                     \
            return PTW_OK;                                                                                             \
        return name##_cursor_unmap_else(c, addr, g);                                                                   \
    }                                                                                                                  \
                                                                                                                       \
    static const struct ptw_ops name = {                                                                               \
        .translate = name##_translate,                                                                                 \
        .map = name##_map,                                                                                             \
        .unmap = name##_unmap,                                                                                         \
        .protect = name##_protect,                                                                                     \
        .dirty = name##_dirty,                                                                                         \
        .age = name##_age,                                                                                             \
        .relax = name##_relax,                                                                                         \
        .cursor_translate = name##_cursor_translate,                                                                   \
        .cursor_map = name##_cursor_map,                                                                               \
        .cursor_unmap = name##_cursor_unmap,                                                                           \
    };

#endif
