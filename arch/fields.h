/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/fields.h - short names for the columns of a format's struct ptw_field table: which kinds, which levels. */
#ifndef ARCH_FIELDS_H
#define ARCH_FIELDS_H

#include <ptw/format.h>

#define LEAF (1U << PTW_LEAF)
#define TABLE (1U << PTW_TABLE)
#define HOLE (1U << PTW_EMPTY | 1U << PTW_MARKED)

#define LEVELS_0 0x01
#define LEVELS_1 0x02
#define LEVELS_2 0x04
#define LEVELS_UP 0xfe /* all above level 0 */

#endif
