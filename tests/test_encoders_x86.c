/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the manuals say of the x86 formats: see laws.h. The masks are those of the tables of reserved bits. */
#include "laws.h"

#include <ptw/x86.h>

#define X86_TYPES (TYPE(PTW_MT_WB) | TYPE(PTW_MT_WT) | TYPE(PTW_MT_UC_MINUS) | TYPE(PTW_MT_UC))
#define EPT_TYPES (TYPE(PTW_MT_WB) | TYPE(PTW_MT_WT) | TYPE(PTW_MT_WP) | TYPE(PTW_MT_NC) | TYPE(PTW_MT_UC))

#define X86_FLAGS (PTW_USER | PTW_GLOBAL | PTW_X86_PAT_HIGH | PTW_X86_PKEY_MASK)
#define EPT_FLAGS (PTW_EPT_IPAT | PTW_EPT_SUPPRESS_VE)
#define EPT_FEATURES (PTW_EPT_VERIFY_PAGING | PTW_EPT_PAGING_WRITE | PTW_EPT_SHADOW_STACK | PTW_EPT_SUBPAGE)
#define EPT_FEATURE_BITS (PTW_BITS(58, 57) | PTW_BITS(61, 60))
#define NX PTW_BIT(63)
#define OVER(m) PTW_BITS(51, m) /* address bits above a physical width of m */
#define PS PTW_BIT(7)           /* reserved where no leaf can stand */
#define ALL (~UINT64_C(0))

#define EPT_COMMON(m)                                                                                                  \
    .types = EPT_TYPES, .oa = (m), .single = ~PTW_BITS(5, 3), .hole_zero = 0x707, .always_protects = true,             \
    .hole_set = NX, .unknown = ept_unknown
#define EPT_LAW(m)                                                                                                     \
    EPT_COMMON(m), .flags = EPT_FLAGS, .leaf_never = PTW_BIT(10) | EPT_FEATURE_BITS, .table_never = PTW_BIT(10),       \
                   .present = ept_present
#define MBEC_LAW(m) EPT_COMMON(m), .present = mbec_present
#define EPT_TABLE(over)                                                                                                \
    {                                                                                                                  \
        0, (over) | 0x78, (over) | 0x78, (over) | 0xf8, (over) | 0xf8                                                  \
    }
#define X86_LAW(m) .types = X86_TYPES, .oa = (m), .single = ALL, .hole_zero = 0x67, .sets_d = 0x40
#define X86_LEAF(over)                                                                                                 \
    {                                                                                                                  \
        (over), (over) | 0x1fe000, (over) | 0x3fffe000                                                                 \
    }
#define X86_TABLE(over)                                                                                                \
    {                                                                                                                  \
        0, (over), (over), (over) | PS, (over) | PS                                                                    \
    }

/* With shadow stacks: a leaf that is one is read-only and always dirty; bit 58 is D, too. */
#define CET_LAW(m)                                                                                                     \
    .types = X86_TYPES, .oa = (m), .single = ALL, .hole_zero = 0x67 | PTW_BIT(58), .sets_d = 0x40,                     \
    .always_protects = true, .exclusive = PTW_W | PTW_X86_SHADOW_STACK, .stays_dirty = PTW_X86_SHADOW_STACK,           \
    .table_never = 0x100

/* Devices: no memory types, no G. */
#define IOMMU_LAW(m, never)                                                                                            \
    .types = TYPE(PTW_MT_WB), .oa = (m), .single = ALL, .hole_zero = 0x67, .sets_d = 0x40,                             \
    .leaf_never = 0x118 | (never), .table_never = 0x118

/* PAE: nothing above the address but NX; the root has less than other tables. */
#define PAE_OVER(m) (PTW_BITS(62, 52) | PTW_BITS(51, m))
#define PAE_ROOT(m) (NX | PAE_OVER(m) | 0x1e6)

/* EPT has no present bit, and ignores bit 7 at level 0. */
static bool ept_present(ptw_word w, unsigned level)
{
    (void)level;
    return (w & 7) != 0;
}

static bool mbec_present(ptw_word w, unsigned level)
{
    (void)level;
    return (w & 0x407) != 0;
}

static ptw_word ept_unknown(unsigned level)
{
    return level == 0 ? 0x80 : 0;
}

#define VTD_LAW(m)                                                                                                     \
    .rwx = 0x0e, .types = TYPE(PTW_MT_WB), .oa = (m), .single = ALL, .leaf_never = PTW_BITS(6, 3),                     \
    .table_never = PTW_BITS(6, 3), .hole_zero = 0x307, .sets_d = 0x200, .always_protects = true,                       \
    .present = vtd_present, .unknown = ept_unknown

/* Nor has VT-d; bit 2 is not ignored. */
static bool vtd_present(ptw_word w, unsigned level)
{
    (void)level;
    return (w & 7) != 0;
}

#define TM PTW_BIT(62)
#define SC UINT64_C(0x800)

#define AMDV1_LAW(m)                                                                                                   \
    .rwx = 0x0f, .types = TYPE(PTW_MT_WB), .flags = PTW_AMDV1_FC, .oa = (m), .single = ~PTW_BITS(51, 9),               \
    .leaf_never = PTW_BIT(59), .hole_zero = 0x6000000000000061, .sets_d = 0x40, .always_protects = true,               \
    .orders = {0x1ff, 0x1ff, 0x1ff, 0x1ff, 0x1f}
#define AMDV1_LEAF PTW_BITS(58, 52)
#define AMDV1_TABLE PTW_BITS(60, 52)

static const struct law all[] = {
    {&ptw_ept, "oa=46", .rwx = 0xaa, EPT_LAW(46), .leaf = {OVER(46), OVER(46) | 0x1ff000, OVER(46) | 0x3ffff000},
     .table = EPT_TABLE(OVER(46))},
    {&ptw_ept, "levels=5,ad=1,exec-only=1", .rwx = 0xba, EPT_LAW(52), .sets_d = 0x200,
     .leaf = {0, 0x1ff000, 0x3ffff000}, .table = EPT_TABLE(0)},
    {&ptw_ept, "levels=5,oa=46,mbec=1,sss=1,pw=1,vgp=1,spp=1", .rwx = 0xaaaa, MBEC_LAW(46),
     .flags = EPT_FLAGS | EPT_FEATURES, .leaf = {OVER(46), OVER(46) | 0x1ff000, OVER(46) | 0x3ffff000},
     .table = EPT_TABLE(OVER(46))},
    {&ptw_ept, "ad=1,mbec=1,exec-only=1,sss=1", .rwx = 0xbbba, MBEC_LAW(52), .flags = EPT_FLAGS | PTW_EPT_SHADOW_STACK,
     .leaf_never = EPT_FEATURE_BITS & ~PTW_BIT(60), .sets_d = 0x200, .leaf = {0, 0x1ff000, 0x3ffff000},
     .table = EPT_TABLE(0)},
    {&ptw_x86_64, "oa=46", .rwx = 0xaa, X86_LAW(46), .flags = X86_FLAGS, .leaf = X86_LEAF(OVER(46)),
     .table = X86_TABLE(OVER(46)), .table_never = 0x100},
    {&ptw_x86_64, "levels=5,nx=0", .rwx = 0xa0, X86_LAW(52), .flags = X86_FLAGS,
     .leaf = {NX, NX | 0x1fe000, NX | 0x3fffe000}, .table = X86_TABLE(NX), .table_never = 0x100},
    {&ptw_x86_64, "oa=46,cet=1,pkeys=0", .rwx = 0xaa, CET_LAW(46), .leaf = X86_LEAF(OVER(46)),
     .flags = (X86_FLAGS & ~PTW_X86_PKEY_MASK) | PTW_X86_SHADOW_STACK, .leaf_never = PTW_BITS(62, 59),
     .table = X86_TABLE(OVER(46))},
    {&ptw_x86_64, "levels=5,oa=51,c-bit=51,cet=1", .rwx = 0xaa, CET_LAW(51), .leaf = X86_LEAF(0),
     .flags = X86_FLAGS | PTW_X86_SHADOW_STACK | PTW_X86_SHARED, .table = X86_TABLE(0)},
    {&ptw_x86_64, "oa=46,c-bit=47,pkeys=0", .rwx = 0xaa, X86_LAW(46), .leaf = X86_LEAF(OVER(46) & ~PTW_BIT(47)),
     .flags = (X86_FLAGS & ~PTW_X86_PKEY_MASK) | PTW_X86_SHARED, .leaf_never = PTW_BITS(62, 59),
     .table = X86_TABLE(OVER(46) & ~PTW_BIT(47)), .table_never = 0x100},
    {&ptw_npt, "oa=46", .rwx = 0xaa, X86_LAW(46), .flags = PTW_X86_PAT_HIGH,
     .leaf = {OVER(46), OVER(46) | 0x1fe000, OVER(46) | 0x3fffe000},
     .table = {0, OVER(46), OVER(46), OVER(46) | PS | 0x100}},
    {&ptw_npt, "levels=5,nx=0", .rwx = 0xa0, X86_LAW(52), .flags = PTW_X86_PAT_HIGH,
     .leaf = {NX, NX | 0x1fe000, NX | 0x3fffe000}, .table = {0, NX, NX, NX | PS | 0x100, NX | PS | 0x100}},
    {&ptw_vtd_ss, "oa=46", VTD_LAW(46),
     .leaf = {OVER(46) | TM | SC | 4, OVER(46) | TM | SC | 4 | 0x1ff000, OVER(46) | TM | SC | 4 | 0x3ffff000},
     .table = {0, OVER(46) | TM | SC | 4, OVER(46) | TM | SC | 4, OVER(46) | TM | SC | 0x84}},
    {&ptw_vtd_ss, "levels=3,oa=39,ad=1,snp=1", VTD_LAW(39), .flags = PTW_VTD_SNP,
     .leaf = {OVER(39) | TM | 4, OVER(39) | TM | 4 | 0x1ff000, OVER(39) | TM | 4 | 0x3ffff000},
     .table = {0, OVER(39) | TM | SC | 4, OVER(39) | TM | SC | 4}},
    {&ptw_vtd_ss, "levels=5,ad=1,snp=1,tm=1", VTD_LAW(52), .flags = PTW_VTD_SNP | PTW_VTD_TM,
     .leaf = {4, 0x1ff004, 0x3ffff004}, .table = {0, TM | SC | 4, TM | SC | 4, TM | SC | 0x84, TM | SC | 0x84}},
    {&ptw_amdv1, "levels=1,oa=40,groups=1", AMDV1_LAW(40), .leaf = {OVER(40) | AMDV1_LEAF}},
    {&ptw_amdv1, "leaf=0x8000000000,ad=1", AMDV1_LAW(52),
     .leaf = {AMDV1_LEAF, AMDV1_LEAF | 0x1ff000, AMDV1_LEAF | 0x3ffff000, AMDV1_LEAF | 0x7ffffff000},
     .table = {0, AMDV1_TABLE, AMDV1_TABLE, AMDV1_TABLE}},
    /* The size of a group is where a single slot has address bits that must be 0. */
    {&ptw_amdv1, "levels=3,groups=1,ad=1", AMDV1_LAW(52), .leaf = {AMDV1_LEAF, AMDV1_LEAF, AMDV1_LEAF},
     .table = {0, AMDV1_TABLE, AMDV1_TABLE}},
    {&ptw_amdv1, "levels=6,oa=51,groups=1,ad=1,leaf=0x10000000000000", AMDV1_LAW(51),
     .leaf = {OVER(51) | AMDV1_LEAF, OVER(51) | AMDV1_LEAF, OVER(51) | AMDV1_LEAF, OVER(51) | AMDV1_LEAF,
              OVER(51) | AMDV1_LEAF},
     .table = {0, OVER(51) | AMDV1_TABLE, OVER(51) | AMDV1_TABLE, OVER(51) | AMDV1_TABLE, OVER(51) | AMDV1_TABLE,
               OVER(51) | AMDV1_TABLE}},
    {&ptw_npt, "oa=43,c-bit=43", .rwx = 0xaa, X86_LAW(43), .flags = PTW_X86_PAT_HIGH | PTW_X86_SHARED,
     .leaf = X86_LEAF(OVER(44)), .table = {0, OVER(44), OVER(44), OVER(44) | PS | 0x100}},
    {&ptw_vtd_fs, "oa=46", .rwx = 0xa0, IOMMU_LAW(46, NX | 0x400), .leaf = X86_LEAF(OVER(46)),
     .table = X86_TABLE(OVER(46))},
    {&ptw_vtd_fs, "levels=5,ea=1", .rwx = 0xa0, IOMMU_LAW(52, NX), .leaf = X86_LEAF(0),
     .flags = PTW_X86_EXTENDED_ACCESSED, .table = X86_TABLE(0)},
    {&ptw_amdv2, "oa=46", .rwx = 0xaa, IOMMU_LAW(46, 0), .leaf = X86_LEAF(OVER(46)), .table = X86_TABLE(OVER(46))},
    {&ptw_amdv2, "levels=5,giov=1,nx=0,oa=47,c-bit=47", .rwx = 0xa0, IOMMU_LAW(47, 0), .flags = PTW_X86_SHARED,
     .leaf = X86_LEAF(NX | OVER(48)), .table = X86_TABLE(NX | OVER(48))},
    {&ptw_x86_pae, "oa=46", .rwx = 0xaa, X86_LAW(46), .flags = X86_FLAGS & ~PTW_X86_PKEY_MASK,
     .leaf = {PAE_OVER(46), PAE_OVER(46) | 0x1fe000}, .table = {0, PAE_OVER(46), PAE_ROOT(46)}, .table_never = 0x100},
    {&ptw_x86_pae, "nx=0", .rwx = 0xa0, X86_LAW(52), .flags = X86_FLAGS & ~PTW_X86_PKEY_MASK,
     .leaf = {NX | PAE_OVER(52), NX | PAE_OVER(52) | 0x1fe000}, .table = {0, NX | PAE_OVER(52), PAE_ROOT(52)},
     .table_never = 0x100},
    {&ptw_x86_32, "", .rwx = 0xa0, X86_LAW(32), .flags = X86_FLAGS & ~PTW_X86_PKEY_MASK, .bytes = 4,
     .leaf = {0, PTW_BIT(21)}, .table_never = 0x100},
    {&ptw_x86_32, "pse36=0", .rwx = 0xa0, X86_LAW(32), .flags = X86_FLAGS & ~PTW_X86_PKEY_MASK, .bytes = 4,
     .leaf = {0, PTW_BITS(21, 13)}, .table_never = 0x100},
    {&ptw_x86_32, "pse=0", .rwx = 0xa0, X86_LAW(32), .flags = X86_FLAGS & ~PTW_X86_PKEY_MASK, .bytes = 4,
     .orders = {1, 1}, .table_never = 0x180},
};

static const struct limits of_others[] = {
    {&ptw_ept, 0x1001, PTW_RIGHTS & ~(PTW_W | PTW_X | PTW_UX)},
    {&ptw_ept, 0x1003, PTW_RIGHTS & ~(PTW_X | PTW_UX)},
    {&ptw_ept, 0x1007, PTW_RIGHTS & ~PTW_UX},
    {&ptw_ept, 0x1403, PTW_RIGHTS & ~PTW_X},
    {&ptw_ept, 0x102507, PTW_RIGHTS},
    {&ptw_x86_64, 0x1025, PTW_RIGHTS & ~PTW_W},
    {&ptw_x86_64, 0x1023, PTW_RIGHTS & ~PTW_USER},
    {&ptw_x86_64, 0x8000000000001027, PTW_RIGHTS & ~PTW_X},
    {&ptw_npt, 0x8000000000001025, PTW_RIGHTS & ~(PTW_W | PTW_X)},
    {&ptw_vtd_ss, 0x1001, PTW_RIGHTS & ~PTW_W},
    {&ptw_vtd_ss, 0x1002, PTW_RIGHTS & ~PTW_R},
    {&ptw_amdv1, 0x2000000000001201, PTW_RIGHTS & ~PTW_W},
    {&ptw_amdv1, 0x4000000000001201, PTW_RIGHTS & ~PTW_R},
    {&ptw_amdv1, 0x1201, PTW_RIGHTS & ~(PTW_R | PTW_W)},
    {&ptw_x86_pae, 0x8000000000001025, PTW_RIGHTS & ~(PTW_W | PTW_X)},
    {&ptw_x86_32, 0x1025, PTW_RIGHTS & ~PTW_W},
    {&ptw_x86_32, 0x1023, PTW_RIGHTS & ~PTW_USER},
};

int main(void)
{
    return laws_run(all, COUNT(all), of_others, COUNT(of_others));
}
