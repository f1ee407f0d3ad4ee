/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * arch/x86/x86.h - the formats whose words are those of x86-64: one engine (x86_64.c) serves them all, and a variant is
 * what their configurations differ in.
 */
#ifndef ARCH_X86_X86_H
#define ARCH_X86_X86_H

#include <ptw/x86.h>

#include "walk/configure.h"

/* Rules of a variant that illegal() and attr() look at: bits of ptw_geometry.options that no user can set. */
#define X86_NX_IGNORED PTW_BIT(60)         /* bit 63 means nothing, rather than being reserved without "nx" */
#define X86_TABLE_G_RESERVED PTW_BIT(61)   /* bit 8 of the two highest levels' table entries is reserved */
#define X86_NO_INTERRUPT_RANGE PTW_BIT(62) /* no leaf may lead to 0xfee00000 ... 0xfeefffff */

struct x86_variant {
    ptw_attr attr;  /* attributes besides R, W, X, A and D */
    uint64_t rules; /* of those above */
    bool user;      /* U/S is set in every entry */
    bool sign_extended;
    bool has_c_bit;
};

/* Checks what these formats have in common, and makes the geometry. */
ptw_status ptw_x86_configure(const struct x86_variant *variant, const struct ptw_config *c, struct ptw_geometry *g,
                             const char **why);

/* The engine for tables of processors with shadow stacks (x86_cet.c). */
void ptw_x86_cet_engine(struct ptw_shape *shape);

#endif
