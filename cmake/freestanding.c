/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A program without a run time: it is linked with the whole library and -nostdlib, never run. What the library would
 * silently take from libc or libgcc (memcpy, a 64-bit division, an atomic) shows as an undefined symbol.
 */
#include <ptw/ptw.h>

void ptw_freestanding_start(void);

void ptw_freestanding_start(void)
{
    const struct ptw_format *format = ptw_formats[0];
    struct ptw_geometry geometry;
    (void)ptw_configure(format, &format->defaults, &geometry, NULL);
    for (;;) {
    }
}
