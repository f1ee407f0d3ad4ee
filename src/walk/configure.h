/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* src/walk/configure.h - the part of a geometry that follows from a format's shape, the same for every format. */
#ifndef WALK_CONFIGURE_H
#define WALK_CONFIGURE_H

#include <ptw/ptw.h>

/* What a format knows of its shape before a user has chosen anything. */
struct ptw_shape {
    const struct ptw_encoder *encoder;
    const struct ptw_ops *ops;
    unsigned root_bits; /* log2 of the root's entries */
    unsigned ia_max, oa_max;
    unsigned leaf_top;  /* the highest level that can hold leaves */
    bool sign_extended; /* inputs are canonical: two halves. Then, and with ia_exact, ia is what the levels give */
    bool ia_exact;
    bool has_c_bit; /* the format's configure() looks at c_bit */
};

/* Checks the keys that all formats share and fills the geometry; attr_legal (but its software bits), rwx_legal and
 * leaf_or are the format's.
 * `c` has its defaults filled in, and its levels are within the format's bounds. */
ptw_status ptw_configure_shape(const struct ptw_shape *shape, const struct ptw_config *c, struct ptw_geometry *g,
                               const char **why);

#endif
