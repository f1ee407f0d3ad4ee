/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/x86/interrupts.h - what VT-d's translations may not reach: interrupts. Seen in one source. */
#ifndef ARCH_X86_INTERRUPTS_H
#define ARCH_X86_INTERRUPTS_H

#include <ptw/format.h>

#define X86_INTERRUPTS UINT64_C(0xfee00000)
#define X86_INTERRUPTS_SHIFT 20U

/* The objection to a leaf of `level` at `oa`, or NULL: it lies in them, or they lie in it. */
static inline const char *x86_interrupts_illegal(ptw_oa oa, unsigned level)
{
    const unsigned shift = 12 + 9 * level;
    const bool meets = (oa ^ X86_INTERRUPTS) >> (shift < X86_INTERRUPTS_SHIFT ? X86_INTERRUPTS_SHIFT : shift) == 0;

    return meets ? "the output overlaps the interrupt range 0xfee00000 ... 0xfeefffff" : NULL;
}

#endif
