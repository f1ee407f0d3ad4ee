/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* arch/x86/hardware.h - what the makers and readers of registers (hardware.c) and of structures of IOMMUs share. */
#ifndef ARCH_X86_HARDWARE_H
#define ARCH_X86_HARDWARE_H

#include <ptw/x86.h>

#define HW_ADDRESS PTW_BITS(51, 12) /* no root lies higher, and all but that of PAE are aligned to 4 KiB */
#define HW_OA_MIN 32U
#define HW_OA_MAX 52U
#define HW_DOMAIN_MAX 0xffffU
#define HW_PASID_MAX 0xfffffU

/* The clause goes to *why. */
static inline ptw_status hw_refuse(const char **why, ptw_status status, const char *reason)
{
    if (why != NULL)
        *why = reason;
    return status;
}

/* Field by field: copies of structs become calls of memcpy, which nobody has. Fields of 0 mean the format's default. */
static inline ptw_status hw_found(struct ptw_root *root, const char **why, const struct ptw_format *format,
                                  const struct ptw_config *config, ptw_oa pa)
{
    root->format = format;
    root->config.levels = config->levels;
    root->config.ia = config->ia;
    root->config.oa = config->oa;
    root->config.granule = 0;
    root->config.leaf = config->leaf;
    root->config.c_bit = config->c_bit;
    root->config.options = config->options;
    root->pa = pa;
    if (why != NULL)
        *why = "";
    return PTW_OK;
}

static inline bool hw_is(const struct ptw_table *t, const struct ptw_format *format)
{
    return t->format == format;
}

static inline bool hw_has(const struct ptw_table *t, uint64_t option)
{
    return (t->geo.options & option) != 0;
}

static inline uint64_t hw_field(uint64_t word, unsigned hi, unsigned lo)
{
    return (word & PTW_BITS(hi, lo)) >> lo;
}

static inline uint64_t hw_if(bool condition, uint64_t bits)
{
    return condition ? bits : 0;
}

/* An address for a field of bits 51:12. */
static inline bool hw_is_address(ptw_oa pa)
{
    return (pa & ~HW_ADDRESS) == 0;
}

/* A width of physical addresses that a register says, 0 for "not known", fits a configuration. */
static inline bool hw_is_width(unsigned bits)
{
    return bits == 0 || (bits >= HW_OA_MIN && bits <= HW_OA_MAX);
}

static inline unsigned hw_width(unsigned bits)
{
    return bits == 0 ? HW_OA_MAX : bits;
}

#endif
