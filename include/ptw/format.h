/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * ptw/format.h - the encoder contract: what a page-table format must say so that the walker can work on it.
 *
 * A format speaks of ONE entry at ONE level. It has no loop over levels, no loop over a group, no allocation, no
 * memory access and no state. The walker (src/walk/) does everything else and knows no architecture.
 *
 *   struct ptw_encoder   constants and small functions for one entry             arch/.../<format>.h
 *   struct ptw_geometry  the run-time shape of one table, made by configure()    levels, widths, root, OR-bits
 *   struct ptw_format    what a user names: encoder, configuration, bit names    arch/.../<format>.c
 *
 * docs/porting-a-format.md goes through all of it with an example, examples/custom-format.
 *
 * Words used throughout (docs/words.md has them all):
 *
 *        root = highest level            an input address, cut into slots of the levels:
 *       +---+---+---+---+               63        47      39 38      30 29      21 20      12 11         0
 *       | o |   | x |   |  level 3     +-----------+--------+----------+----------+----------+------------+
 *       +-|-+---+-|-+---+              | not input |level 3 | level 2  | level 1  | level 0  |   offset   |
 *         |       hole                 +-----------+--------+----------+----------+----------+------------+
 *       +-v-+---+---+---+
 *       |   | o | L |   |  level 2     entry  one slot of a table: EMPTY, MARKED, TABLE or LEAF
 *       +---+-|-+---+---+              leaf   (L) translates; at level 2 it covers 1 GiB here
 *             |                        table  (o) points down to a table of the next lower level
 *            ...           level 0     hole   neither: EMPTY (the level's one empty word) or MARKED (carries a payload)
 *
 * Level 0 holds the smallest leaves and the root is the highest level, in every format: only encoders know an
 * architecture's own numbering (Arm's level 3 is level 0 here; x86 "L1" is level 0).
 *
 * How it gets fast: the walker's engine takes `const struct ptw_encoder *` and is inlined whole into each format's
 * object with the address of that format's own `static const` encoder, so that the compiler folds every constant and
 * every function pointer below. An encoder that is plugged in at run time is served by the same engine, compiled once.
 */
#ifndef PTW_FORMAT_H
#define PTW_FORMAT_H

#include <ptw/port.h>

typedef uint64_t ptw_addr; /* an input address: VA, IPA, GPA, IOVA */
typedef uint64_t ptw_oa;   /* an output address: PA, HPA */
typedef uint64_t ptw_word; /* the value of one entry, zero-extended from the format's entry width, native byte order */
typedef uint64_t ptw_attr; /* everything of a leaf that is not an address: the PTW_R ... bits below */

/* No format here has more levels than this (x86-64 with LA57, Sv57x4: five; AMD IOMMU v1: six). */
#define PTW_LEVELS_MAX 6U

/*
 * Attributes. A format refuses what it cannot express (bits() below) instead of rounding it.
 *
 * A and D are the accessed and dirty state, however a format spells them. A format in which a writable leaf cannot be
 * clean reads it back as dirty: more D than given is legal, less never is.
 */
#define PTW_R PTW_BIT(0)      /* reads are allowed */
#define PTW_W PTW_BIT(1)      /* writes are allowed (whether or not the first one has to set D) */
#define PTW_X PTW_BIT(2)      /* instruction fetches are allowed: privileged ones, where PTW_UX is an attribute */
#define PTW_UX PTW_BIT(3)     /* unprivileged instruction fetches are allowed, in formats that tell them apart */
#define PTW_USER PTW_BIT(4)   /* unprivileged accesses are allowed: stage-1 formats only */
#define PTW_GLOBAL PTW_BIT(5) /* the translation is the same in every address space: stage-1 formats only */
#define PTW_A PTW_BIT(6)      /* accessed */
#define PTW_D PTW_BIT(7)      /* dirty */

/* Memory types: four bits. The names say what the memory does, not what one architecture calls it. */
#define PTW_MT_SHIFT 8U
#define PTW_MT_MASK PTW_BITS(11, 8)
#define PTW_MT(n) ((ptw_attr)(n) << PTW_MT_SHIFT)
#define PTW_MT_WB PTW_MT(0)        /* normal, write-back: x86 WB, Arm Normal WB, RISC-V "as the PMAs say" */
#define PTW_MT_WT PTW_MT(1)        /* normal, write-through: x86 WT, Arm Normal WT */
#define PTW_MT_WP PTW_MT(2)        /* x86 write-protected caching */
#define PTW_MT_NC PTW_MT(3)        /* normal, not cached: x86 WC, Arm Normal NC, RISC-V NC */
#define PTW_MT_UC PTW_MT(4)        /* strongest device: x86 UC, Arm Device-nGnRnE, RISC-V IO */
#define PTW_MT_UC_MINUS PTW_MT(5)  /* x86 UC-: like UC, but an MTRR may say WC */
#define PTW_MT_DEV_NGNRE PTW_MT(6) /* Arm Device-nGnRE */
#define PTW_MT_DEV_NGRE PTW_MT(7)  /* Arm Device-nGRE */
#define PTW_MT_DEV_GRE PTW_MT(8)   /* Arm Device-GRE */
#define PTW_MT_INHERIT PTW_MT(9)   /* stage 2 leaves the type to stage 1 */

/* Software bits: the caller's, never read by hardware, kept by every operation. A format offers the lowest n. */
#define PTW_SOFT_SHIFT 16U
#define PTW_SOFT_MASK PTW_BITS(31, 16)
#define PTW_SOFT(n) ((ptw_attr)(n) << PTW_SOFT_SHIFT)

/* Bits 32 and up belong to each format; its public header (ptw/x86.h, ...) names them. */
#define PTW_OWN_SHIFT 32U

#define PTW_RIGHTS (PTW_R | PTW_W | PTW_X | PTW_UX | PTW_USER | PTW_GLOBAL)
#define PTW_RWX (PTW_R | PTW_W | PTW_X | PTW_UX)
#define PTW_AD (PTW_A | PTW_D)

/* What an entry is. MARKED is a hole with a payload: LOCKED, DEAD, or a typed annotation of the table's user. */
enum ptw_kind { PTW_EMPTY, PTW_MARKED, PTW_TABLE, PTW_LEAF };

/* Types of marks. FOREIGN is what a hole reads as that this library did not write (an operating system's swap entry). */
enum ptw_mark_type {
    PTW_MARK_FOREIGN = 0,
    PTW_MARK_LOCKED = 1, /* someone will publish here soon */
    PTW_MARK_DEAD = 2,   /* this table is unlinked: start again at the root */
    PTW_MARK_USER = 3,   /* 3 ... 15 are the user's */
    PTW_MARK_TYPES = 16
};

/* An update of an entry that never depends on its other bits: new = (old & keep) | set. */
struct ptw_update {
    ptw_word keep;
    ptw_word set;
};

struct ptw_geometry;

/*
 * One entry at one level. Arguments: `w` is an entry's word, `level` the level of the table that it stands in,
 * `g` the geometry of the table: of it an encoder reads what the configuration allows (options, attr_legal, rwx_legal,
 * leaf_or, table_or, oa_last; illegal() max_leaf as well), never the shape. Functions without `g` mean the same under
 * every configuration. "Asked of leaves" means words of kind LEAF, legal or not, also those that others wrote. Every
 * function but table_level must be there, of rights and rights_at one. All are called for each entry: no loop, no memory
 * access, few branches.
 */
struct ptw_encoder {
    const char *name;

    /* Shape of tables. A table has 2^index_bits entries (2^index_bits0 at level 0; the root's number is geometry). */
    unsigned granule;     /* log2 of the bytes that a level-0 leaf covers */
    unsigned index_bits0; /* log2 of the entries of a table at level 0; a table need not be as large as a page */
    unsigned index_bits;  /* the same above level 0 */
    unsigned max_level;   /* the highest level that a root can have */
    unsigned min_top;     /* the lowest level that a root can have */
    unsigned word_bytes;  /* bytes of one entry: 4 or 8 */
    unsigned root_align;  /* log2 of the alignment of a root; 0: its size, and at least 64 bytes */
    bool big_endian;      /* byte order of an entry in memory; words here are in native order all the same */

    /* Capabilities. */
    bool break_before_make; /* a valid entry must not change to another translation or size without a hole in between */
    bool break_groups;      /* the same for the slots of a group that become single slots, or single slots a group */
    bool negative_caching;  /* hardware may remember holes: a hole that is filled is owed an invalidation */
    bool zero_extended;     /* every table's input addresses begin at 0: no sign, no upper end of the space */
    /* leaf(g, oa + n, bits, level, 0) = leaf(g, oa, bits, level, 0) + leaf(g, n, 0, level, 0) while oa and oa + n are
     * equal above bit linear_bits - 1. 64: always; 0: never. */
    unsigned linear_bits;
    /* W, A and D are single bits: dirty(), accessed() and the W of attr() may be asked of the OR of eight entries of a
     * level-0 table, and say yes if they do for one of them. Bits that are 0 when they hold (Arm stage 1, AP[2]) are in
     * `inverted`: the walker turns them over before the OR and back after it. */
    bool positive;
    ptw_word inverted;

    unsigned soft_bits; /* how many PTW_SOFT bits a leaf has */

    /*
     * Hints for hot paths: a mask and a compare. They are one-sided: a "yes" is the truth, a "no" says
     * nothing (kind() decides then), but costs time: what table() makes should be a yes, unless the address has bits
     * outside table_address. ~0 is a leaf_hint that always says no.
     *   table_hint   (w & table_hint_mask) == table_hint(level): w, at a level above 0, is a TABLE that points one
     *                level down
     *   table_address  where the table hint says yes, table_pa is (w & table_address) << table_address_shift, less the
     *                  bits that it leaves out of every entry of the table (a C-bit, bits above oa_last); 0: it is not
     *                  that simple
     *   leaf_hint    (w & mask) == mask:  w is a LEAF. Holds for all of eight words if it holds for their AND. ~0: there
     *                is no such mask
     */
    ptw_word table_hint_mask;
    ptw_word (*table_hint)(unsigned level);
    ptw_word table_address;
    unsigned table_address_shift;
    ptw_word (*leaf_hint)(unsigned level);

    /* The level's one empty word. Not always zero, so holes are compared with it and new tables are filled with it. */
    ptw_word (*empty)(unsigned level);

    /* EMPTY, MARKED, TABLE or LEAF, for every one of the 2^64 words. EMPTY is empty(level) and nothing else, any other
     * word on which hardware faults as on a hole is MARKED. A word that hardware calls reserved is what its marker bits
     * say, and illegal() has the objection; a LEAF may stand where leaf_orders() has none, a TABLE never at level 0. */
    enum ptw_kind (*kind)(const struct ptw_geometry *g, ptw_word w, unsigned level);

    /* Bit k: a leaf of 2^k slots, a group if k > 0, exists at this level under some configuration. 0: no leaves here.
     * Bit 0 alone: single slots only. Which of them are made says ptw_geometry.orders. */
    ptw_word (*leaf_orders)(unsigned level);

    /*
     * bits: everything of a leaf's word that is not its address (leaf_or included), or false if the format cannot
     * express `attr`, which can be any 64 bits: refuse what is not in attr_legal, and R, W, X, UX as rwx_legal says,
     * because protect looks there. The verdict is the same at every level and order that has leaves, so that one call
     * before the first write is enough. 0 can be a legal value. A and D are taken from `attr`.
     */
    bool (*bits)(const struct ptw_geometry *g, ptw_attr attr, unsigned level, unsigned order, ptw_word *bits);

    /*
     * leaf   the word of one slot from the output address of that slot (aligned to the level) and the bits. In a group
     *        each slot is asked for with its own address, whether the copies are equal (NAPOT) or count up (Arm).
     * oa     the output address of the leaf's first byte: in a group, of the group, whichever slot `w` stands in.
     * order  log2 of the slots of the leaf that `w` is part of. Asked of leaves only.
     */
    ptw_word (*leaf)(const struct ptw_geometry *g, ptw_oa oa, ptw_word bits, unsigned level, unsigned order);
    ptw_oa (*oa)(const struct ptw_geometry *g, ptw_word w, unsigned level);
    unsigned (*order)(ptw_word w, unsigned level);
    ptw_attr (*attr)(const struct ptw_geometry *g, ptw_word w, unsigned level);

    /*
     * carry: the bits of leaf `w`, re-encoded for a leaf at another level or order, without losing one: rights,
     * memory type, software bits, A, D, and bits that hardware ignores. Only the address goes, and what says the size:
     * the markers of a level or a group become those of the new leaf. leaf(g, oa, carry(...), ...) is the new word. It is
     * a part of the old leaf, or has that as a part: address bits that two such leaves share may stay (Arm's bits 51:50,
     * which stand where others have SH).
     * cut and merge use nothing else. Bits of geometry.leaf_or inside the address field (a C-bit) are lost here:
     * ptw_carry() below keeps them, and is what everybody calls.
     */
    ptw_word (*carry)(ptw_word w, unsigned level, unsigned to_level, unsigned to_order);

    /* The word of a table entry at `level` that points to the table at `pa` (table_or included), and the way back. */
    ptw_word (*table)(const struct ptw_geometry *g, ptw_oa pa, unsigned level);
    ptw_oa (*table_pa)(const struct ptw_geometry *g, ptw_word w, unsigned level);

    /* NULL, or the level of the table that a TABLE entry points to, for formats that can leave levels out (the index bits
     * left out must be 0 in an address). The library reads such tables and never makes them. An answer that is not
     * below `level` is a broken entry. */
    unsigned (*table_level)(ptw_word w, unsigned level);

    /* The rights that a TABLE entry leaves to what is below it: a mask of PTW_RIGHTS. Tables of this library leave all
     * those of attr_legal; rights that the configuration does not have say nothing. */
    ptw_attr (*limits)(const struct ptw_geometry *g, ptw_word w, unsigned level);

    /*
     * dirty, accessed: not zero means yes. Asked of any word, of a table with PTW_OPT_AD; own holes and marks have
     * neither. What always reads as dirty and accessed, because the format has no such option, may be a no here.
     */
    ptw_word (*dirty)(ptw_word w);
    ptw_word (*accessed)(ptw_word w);
    struct ptw_update (*clean_op)(ptw_word w); /* takes D away from a leaf; the next write sets it again */
    struct ptw_update (*old_op)(ptw_word w);   /* takes A away from a leaf */

    /* ad_mask: the bits in which A and D live; two words that differ in nothing else translate alike.
     * ad_join: `bits` of a leaf with the A and D of leaf `w`, or of several leaves joined (ORed, with the bits of `inverted`
     * turned over before and after), added. */
    ptw_word (*ad_mask)(ptw_word w);
    ptw_word (*ad_join)(ptw_word bits, ptw_word w);

    /* The bits that hardware may change in `w` at this moment and whose loss would matter (D of a writable clean leaf;
     * never A). Zero means that a plain store is legal; a bit too many, as in a table whose hardware sets none, costs
     * time. */
    ptw_word (*volatile_loss)(ptw_word w);

    /* Leaf `w` with rights and software bits added and removed (masks of PTW_RIGHTS and PTW_SOFT). A and D survive, in
     * whatever spelling. No bit is in both masks. The caller has made sure that a legal leaf stays legal; an illegal
     * one must stay a LEAF of its size. */
    ptw_word (*rights)(const struct ptw_geometry *g, ptw_word w, ptw_attr add, ptw_attr remove);
    /* The same for formats in which rights stand in other bits at other levels: asked instead of rights(); else NULL. */
    ptw_word (*rights_at)(const struct ptw_geometry *g, ptw_word w, unsigned level, ptw_attr add, ptw_attr remove);

    /*
     * Marks. payload_bits says how wide a payload is at this level, 60 at most (possibly 0: no marks). mark() gets
     * types from 1 up; mark_type() answers PTW_MARK_FOREIGN for what mark() does not make. A marked word is 0 in every
     * bit that any configuration could read as present, in which hardware could set A or D, and that clean_op or old_op
     * clears, so that neither hardware nor a late fetch-and of theirs changes it; nor one that takes W away, where that is
     * done by clearing bits. Bits of other rights may be part of a mark.
     */
    unsigned (*payload_bits)(unsigned level);
    ptw_word (*mark)(unsigned type, uint64_t payload, unsigned level);
    unsigned (*mark_type)(ptw_word w, unsigned level);
    uint64_t (*mark_payload)(ptw_word w, unsigned level);

    /* NULL, or one clause that says which rule of the architecture a present word breaks ("bit 12 of a 2M leaf is
     * reserved"). For readers of tables that this library did not write, and for verify. What leaf() and table() make
     * breaks none, unless no translation may lead to that output address (VT-d's interrupts): map does not look.
     * A leaf of others may be legal and above oa_last if smaller leaves do not reach as far: it is read, but not cut. */
    const char *(*illegal)(const struct ptw_geometry *g, ptw_word w, unsigned level);
};

/* Options that mean the same in every format. A format's own start at PTW_OPT_OWN. */
#define PTW_OPT_AD PTW_BIT(0) /* "ad": hardware sets A and D */
#define PTW_OPT_HITLESS                                                                                                \
    PTW_BIT(1) /* "hitless": a device uses the table; a mapped page must not fault, not for a moment */
#define PTW_OPT_UPPER PTW_BIT(2)  /* "upper": the inputs are the highest 2^ia addresses, not the lowest */
#define PTW_OPT_GROUPS PTW_BIT(3) /* "groups": several slots may be made one leaf (contiguous hint, NAPOT, ...) */
#define PTW_OPT_BBM2                                                                                                   \
    PTW_BIT(4) /* "bbm2": hardware bears two sizes of one translation side by side, whatever the format says */
#define PTW_OPT_OWN(n) PTW_BIT(8U + (n))

/*
 * What the user of a table chooses. Start from the format's defaults (`struct ptw_config c = ptw_ept.defaults;`); a
 * number that is 0 means the format's default, too. ptw_config_set() takes the same by name, as command lines do.
 */
struct ptw_config {
    unsigned levels;  /* "levels": number of levels */
    unsigned ia;      /* "ia" or "ipa": input address bits */
    unsigned oa;      /* "oa": output address bits */
    uint64_t granule; /* "granule": bytes of the smallest leaf */
    uint64_t leaf;    /* "leaf": bytes of the largest leaf that hardware offers */
    unsigned c_bit;   /* "c-bit": number of the memory-encryption bit in entries (AMD SME and SEV); 0: none */
    uint64_t options; /* PTW_OPT_... and the format's own; each has a key of its own, 0 or 1 */
};

/* An option's key, so that a command line can name it. */
struct ptw_option {
    const char *key;
    uint64_t bit;
    const char *help;
};

/* The run-time shape of one table. configure() makes it; nobody changes it afterwards. */
struct ptw_geometry {
    const struct ptw_encoder *encoder;
    const struct ptw_ops *ops; /* NULL: the run-time engine */
    unsigned top;              /* level of the root: levels - 1 */
    unsigned root_bits;        /* log2 of the root's entries; the root is one piece of 2^root_bits entries */
    unsigned max_leaf;         /* highest level at which leaves may be made */
    unsigned ia_bits;          /* input bits that the table translates */
    unsigned oa_bits;          /* output bits */

    /*
     * Which input addresses exist. `a` is one if a + ia_bias <= ia_mask; its place in the table is a & ia_mask, and
     * the way back is ((place ^ ia_sign) - ia_bias). Zero-extended: bias 0, sign 0. Sign-extended: both 2^(n-1). The
     * upper end of the space: bias 2^n, sign 0.
     */
    ptw_addr ia_mask, ia_bias, ia_sign;

    ptw_oa oa_last;                  /* the highest output address */
    uint64_t options;                /* PTW_OPT_... */
    ptw_word leaf_or;                /* for bits(): set in every leaf (NPT: U/S) */
    ptw_word table_or;               /* for table(): set in every table entry (C-bit) */
    ptw_attr attr_legal;             /* the bits of ptw_attr that this configuration can express at all */
    uint16_t rwx_legal;              /* bit i: the combination i of PTW_R, PTW_W, PTW_X, PTW_UX is legal */
    uint16_t rwx_grows;              /* bit i: the rights i exist, and can be added to every legal one */
    uint16_t orders[PTW_LEVELS_MAX]; /* bit k: leaves of 2^k slots may be made at this level */
};

/* One named bit field of an entry, for `ptw decode`: which levels and kinds it is for, and what its values mean. */
struct ptw_field {
    const char *name;
    uint8_t hi, lo;
    uint8_t levels; /* bit l: the field exists at level l */
    uint8_t kinds;  /* bit k: for entries of enum ptw_kind k */
    const char *meaning;
};
#define PTW_FIELD_ANY 0xff

/* The name of an own attribute that is no field by itself (a leaf without the C-bit). Others have their field's name. */
struct ptw_attr_name {
    const char *name;
    ptw_attr attr;
};

/* What a user names when he makes a table. */
struct ptw_format {
    const char *name;
    const char *summary; /* one line: what walks it, and the manual */
    struct ptw_config defaults;
    unsigned levels_min, levels_max;
    const struct ptw_option *options;       /* the format's keys, PTW_OPT_AD and so on included; ends with a NULL key */
    const struct ptw_field *fields;         /* every bit of every kind of entry; ends with a NULL name */
    const struct ptw_attr_name *attr_names; /* NULL, or names of own attributes; ends with a NULL name */

    /*
     * Checks `c` and makes the geometry. Sets attr_legal (software bits are added), rwx_legal and, if there are any,
     * leaf_or and table_or, which are 0 before; leaves the rest to ptw_configure_shape() (walk/configure.h). levels, ia
     * and oa that were 0 in `c` have become the defaults; levels is within the bounds, options are the format's. On
     * failure `*why` says which key is wrong, in one clause, and the answer, a ptw_status, is PTW_INVAL or
     * PTW_UNSUPPORTED.
     */
    uint64_t (*configure)(const struct ptw_config *c, struct ptw_geometry *g, const char **why);
};

/* The lowest input bit that indexes a table at `level`; a leaf there covers 2^this bytes. */
PTW_INLINE unsigned ptw_level_shift(const struct ptw_encoder *e, unsigned level)
{
    return level == 0 ? e->granule : e->granule + e->index_bits0 + (level - 1U) * e->index_bits;
}

/* Must hardware have forgotten a live translation before it changes its size? Its output is another matter: that is
 * break_before_make, with PTW_OPT_BBM2 as without. */
PTW_INLINE bool ptw_breaks_sizes(const struct ptw_geometry *g)
{
    return g->encoder->break_before_make && (g->options & PTW_OPT_BBM2) == 0;
}

/* The same for groups that become single slots, and single slots that become groups. */
PTW_INLINE bool ptw_breaks_groups(const struct ptw_geometry *g)
{
    return (g->encoder->break_before_make || g->encoder->break_groups) && (g->options & PTW_OPT_BBM2) == 0;
}

/* carry(), with what `w` has of the bits that every leaf of this table should have. */
PTW_INLINE ptw_word ptw_carry(const struct ptw_encoder *e, const struct ptw_geometry *g, ptw_word w, unsigned level,
                              unsigned to_level, unsigned to_order)
{
    return e->carry(w, level, to_level, to_order) | (w & g->leaf_or);
}

/* log2 of the entries of a table at `level` that is not the root. */
PTW_INLINE unsigned ptw_level_bits(const struct ptw_encoder *e, unsigned level)
{
    return level == 0 ? e->index_bits0 : e->index_bits;
}

/* rights() or rights_at(), whichever the format has. */
PTW_INLINE ptw_word ptw_change_rights(const struct ptw_geometry *g, const struct ptw_encoder *e, ptw_word w,
                                      unsigned level, ptw_attr add, ptw_attr remove)
{
    return e->rights_at == NULL ? e->rights(g, w, add, remove) : e->rights_at(g, w, level, add, remove);
}

#endif
