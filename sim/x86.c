/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * sim/x86.c - 64-bit paging with four or five levels, and AMD's nested paging: the same words, read under the host's
 * registers, in which every access is a user's.
 *
 * Intel SDM vol 3A, "4-level and 5-level paging", "Protection keys"; AMD APM vol 2, 15.25.
 */
#include "x86_paging.h"

/* Without MAXPHYADDR bits; a CR3 that has them is refused. */
static uint64_t too_wide(const struct ptw_sim_walk *w, uint64_t c_bit)
{
    return x86_above(x86_physical_width(w)) & ~c_bit;
}

static uint64_t c_bit(const struct ptw_sim_walk *w)
{
    const unsigned n = (unsigned)(x86_reg(w, PTW_SIM_X86_CPU) / PTW_SIM_X86_C_BIT(1)) & 0xffU;

    return n == 0 || n > 51 ? 0 : PTW_BIT(n);
}

static struct x86_rules rules_of(const struct ptw_sim_walk *w)
{
    const uint64_t c = c_bit(w);

    return (struct x86_rules){
        .max_leaf = x86_has(w, PTW_SIM_X86_CPU, PTW_SIM_X86_NO_1G) ? 1 : 2,
        .reserved = too_wide(w, c) | x86_no_xd(w),
        .reserved_top = X86_PS | (x86_has(w, PTW_SIM_X86_CPU, PTW_SIM_X86_AMD) ? X86_G : 0),
        .no_address = c,
        .used = X86_A,
    };
}

static enum ptw_sim_outcome start(struct ptw_sim_walk *w, unsigned levels)
{
    const uint64_t cr3 = x86_reg(w, PTW_SIM_X86_CR3), c = c_bit(w);

    if ((cr3 & too_wide(w, c)) != 0)
        return step_refuse(w, "the root lies above the physical width");
    return x86_start(w, cr3 & X86_ADDRESS & ~c, levels);
}

/* -------------------------------------------------------------------------------------- 64-bit paging ------ */

/*
 * What the key of a leaf takes away: bit 2n of the register all data accesses, bit 2n + 1 writes - the supervisor's with
 * CR0.WP only. (Where the keys stand and when they count is on record in two sources; these two bits are from memory.)
 */
static unsigned key_takes(const struct ptw_sim_walk *w, bool user_page, uint64_t leaf)
{
    const bool on = x86_has(w, PTW_SIM_X86_CR4, user_page ? CR4_PKE : CR4_PKS);
    const uint64_t keys = x86_reg(w, user_page ? PTW_SIM_X86_PKRU : PTW_SIM_X86_PKRS);
    const unsigned bits = on ? (unsigned)(keys >> 2U * (leaf >> 59 & 15U)) & 3U : 0;
    unsigned taken = 0;

    if ((bits & 1U) != 0)
        taken |= step_both(PTW_SIM_R | PTW_SIM_W);
    if ((bits & 2U) != 0)
        taken |= PTW_SIM_UW | (x86_has(w, PTW_SIM_X86_CR0, CR0_WP) ? PTW_SIM_W : 0);
    return taken;
}

static unsigned granted(const struct ptw_sim_walk *w, uint64_t walk, uint64_t leaf)
{
    return x86_paging_rights(w, walk) & ~key_takes(w, (walk & X86_US) != 0, leaf);
}

static enum ptw_sim_outcome x86_64_start(struct ptw_sim_walk *w)
{
    const unsigned levels = x86_has(w, PTW_SIM_X86_CR4, CR4_LA57) ? 5 : 4;

    if (!x86_has(w, PTW_SIM_X86_CR0, CR0_PG) || !x86_has(w, PTW_SIM_X86_CR4, CR4_PAE) || !x86_long_mode(w))
        return step_refuse(w, "CR0.PG, CR4.PAE and EFER.LME are not all set: no 64-bit paging");
    if (!x86_canonical(w->addr, 12 + 9 * levels))
        return step_fault(w, PTW_SIM_BEYOND, "the address is not canonical");
    return start(w, levels);
}

static enum ptw_sim_outcome x86_64_step(struct ptw_sim_walk *w, uint64_t word)
{
    struct x86_rules rules = rules_of(w);

    rules.granted = granted;
    const enum ptw_sim_outcome outcome = x86_step(w, word, &rules);
    w->global = outcome == PTW_SIM_LEAF && (word & X86_G) != 0 && x86_has(w, PTW_SIM_X86_CR4, CR4_PGE);
    return outcome;
}

static const char *const x86_registers[] = {"CR0", "CR3", "CR4", "EFER", "CPU", "PKRU", "PKRS", "RFLAGS", NULL};
_Static_assert(sizeof(x86_registers) / sizeof(x86_registers[0]) == PTW_SIM_X86_REGISTERS + 1,
               "a name for each register");
_Static_assert((int)PTW_SIM_X86_REGISTERS <= PTW_SIM_REGISTERS, "registers");

const struct ptw_sim_walker ptw_sim_x86 = {
    .name = "x86-64",
    .manual = "Intel SDM vol 3A, Paging; AMD APM vol 2, chapter 5",
    .registers = x86_registers,
    .start = x86_64_start,
    .step = x86_64_step,
};

/* -------------------------------------------------------------------------------------- nested paging ------ */

/* U/S is wanted in each entry, and CR0.WP counts as 1. */
static unsigned npt_granted(const struct ptw_sim_walk *w, uint64_t walk, uint64_t leaf)
{
    (void)w, (void)leaf;
    if ((walk & X86_US) == 0)
        return 0;
    return step_both(PTW_SIM_R | ((walk & X86_RW) != 0 ? PTW_SIM_W : 0) | ((walk & X86_XD) != 0 ? PTW_SIM_X : 0));
}

/* With a host outside of long mode the tables have other forms: nobody has one of those any more. */
static enum ptw_sim_outcome npt_start(struct ptw_sim_walk *w)
{
    const unsigned levels = x86_has(w, PTW_SIM_X86_CR4, CR4_LA57) ? 5 : 4;

    if (!x86_long_mode(w))
        return step_refuse(w, "the host is not in long mode");
    if (w->addr >> (12 + 9 * levels) != 0)
        return step_fault(w, PTW_SIM_BEYOND, "the guest physical address is wider than the tables");
    return start(w, levels);
}

static enum ptw_sim_outcome npt_step(struct ptw_sim_walk *w, uint64_t word)
{
    struct x86_rules rules = rules_of(w);

    rules.reserved_top = X86_PS | X86_G;
    rules.granted = npt_granted;
    return x86_step(w, word, &rules);
}

static const char *const npt_registers[] = {"CR0", "nCR3", "CR4", "EFER", "CPU", "PKRU", "PKRS", "RFLAGS", NULL};

const struct ptw_sim_walker ptw_sim_npt = {
    .name = "npt",
    .manual = "AMD APM vol 2, 15.25",
    .registers = npt_registers,
    .start = npt_start,
    .step = npt_step,
};
