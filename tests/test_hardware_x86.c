/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Registers and structures that point x86 hardware at tables: golden words (ids as in the format pages), the way from a
 * table to its words and back, and what is refused on either way.
 */
#include "conformance.h"

#include <ptw/x86.h>

#define ROOT UINT64_C(0x102000)

/* ----------------------------------------------------------------------------------------------- tables of no use --- */

/* Wherever a root is looked for, there is this. */
static _Alignas(4096) unsigned char any_page[4096];

static void *any_va(void *ctx, ptw_oa pa)
{
    (void)ctx, (void)pa;
    return any_page;
}

static const struct ptw_mem anywhere = {.va = any_va};

/* A table at `pa`. */
static struct ptw_table table_at(const struct ptw_format *format, const char *keys, ptw_oa pa)
{
    struct ptw_config config = format->defaults;
    struct ptw_table t;

    assert_true(format_config(format, keys, &config));
    assert_int_equal(ptw_open(&t, format, &config, &anywhere, NULL, pa), PTW_OK);
    return t;
}

/* ------------------------------------------------------------------------------------------------- golden words --- */

static void same(const char *id, uint64_t got, uint64_t want)
{
    if (got != want)
        fail_msg("%s: 0x%016" PRIx64 ", wanted 0x%016" PRIx64, id, got, want);
}

static void words_of_processors_are_exact(void **state)
{
    const struct ptw_table x86 = table_at(&ptw_x86_64, "oa=46", ROOT);
    const struct ptw_table x86_5 = table_at(&ptw_x86_64, "oa=46,levels=5,nx=0,cet=1,c-bit=51", ROOT);
    const struct ptw_table pae = table_at(&ptw_x86_pae, "", UINT64_C(0xfffff020));
    const struct ptw_table x32 = table_at(&ptw_x86_32, "", ROOT);
    const struct ptw_table npt = table_at(&ptw_npt, "oa=46,c-bit=51", ROOT);
    const struct ptw_table ept4 = table_at(&ptw_ept, "ad=1", ROOT), ept5 = table_at(&ptw_ept, "ad=1,levels=5", ROOT);
    const struct ptw_table sss = table_at(&ptw_ept, "sss=1,exec-only=1,mbec=1,spp=1,pw=1,vgp=1,leaf=0x200000", ROOT);
    struct ptw_x86_registers r;
    struct ptw_ept_registers e;
    uint64_t pointer;

    (void)state;
    assert_int_equal(ptw_x86_cr3(&x86, NULL, &r), PTW_OK);
    same("CR3", r.cr3, ROOT);
    same("CR0", r.cr0, 0x80010001);
    same("CR4", r.cr4, 0x20);
    same("EFER", r.efer, 0xd00);
    assert_int_equal(ptw_x86_cr3(&x86, &(struct ptw_x86_cr3){.pwt = true, .pcd = true}, &r), PTW_OK);
    same("CR3 uncached", r.cr3, 0x102018);
    assert_int_equal(ptw_x86_cr3(&x86_5, &(struct ptw_x86_cr3){.pcide = true, .pcid = 0xabc, .keep = true}, &r),
                     PTW_OK);
    same("CR3 with C-bit and PCID", r.cr3, 0x8008000000102abc);
    same("CR4 of five levels, PCIDs, shadow stacks", r.cr4, 0x821020);
    same("EFER without NX", r.efer, 0x500);
    assert_int_equal(ptw_x86_cr3(&pae, NULL, &r), PTW_OK);
    same("CR3 of PAE", r.cr3, 0xfffff020);
    same("CR4 of PAE", r.cr4, 0x20);
    same("EFER of PAE", r.efer, 0x800);
    assert_int_equal(ptw_x86_cr3(&x32, NULL, &r), PTW_OK);
    same("CR3 of 32-bit paging", r.cr3, ROOT);
    same("CR4 of 32-bit paging", r.cr4, 0x10);
    same("EFER of 32-bit paging", r.efer, 0);

    assert_int_equal(ptw_npt_ncr3(&npt, &r), PTW_OK);
    same("N-08", r.cr3, 0x0008000000102000);

    assert_int_equal(ptw_ept_eptp(&ept4, PTW_MT_WB, &e), PTW_OK);
    same("E-12", e.eptp, 0x000000000010205e);
    same("its capabilities", e.cap, 0x234040);
    assert_int_equal(ptw_ept_eptp(&ept5, PTW_MT_WB, &e), PTW_OK);
    same("E-13", e.eptp, 0x0000000000102066);
    same("its capabilities", e.cap, 0x234080);
    assert_int_equal(ptw_ept_eptp(&sss, PTW_MT_UC, &e), PTW_OK);
    same("EPTP with SSS, uncached", e.eptp, 0x0000000000102098);
    same("its capabilities", e.cap, 0x810141);
    same("its secondary controls", e.secondary, 0xc00000);
    same("its tertiary controls", e.tertiary, 0xc);
    assert_int_equal(ptw_tdx_shared_eptp(&ept4, &pointer), PTW_OK);
    same("SHARED_EPT_POINTER", pointer, ROOT);
}

static void words_of_vtd_are_exact(void **state)
{
    const struct ptw_table ss = table_at(&ptw_vtd_ss, "", ROOT), ad = table_at(&ptw_vtd_ss, "ad=1", ROOT);
    const struct ptw_table fs5 = table_at(&ptw_vtd_fs, "levels=5", ROOT), ea = table_at(&ptw_vtd_fs, "ea=1", ROOT);
    const struct ptw_vtd_scalable_context scalable = {
        .directory = 0x20000, .directory_bits = 7, .device_tlb = true, .pasid = true};
    const struct ptw_vtd_scalable_context full = {.directory = 0x20000,
                                                  .directory_bits = 14,
                                                  .rid_pasid = 0xfffff,
                                                  .rid_privileged = true,
                                                  .page_requests = true,
                                                  .quiet = true};
    const struct ptw_vtd_pasid first = {.supervisor = true, .write_protection = true};
    const struct ptw_vtd_pasid nested = {.domain = 7, .snoop_pages = true, .quiet = true};
    uint64_t w[8];

    (void)state;
    assert_int_equal(ptw_vtd_rtaddr(0x30000, true, w), PTW_OK);
    same("RTADDR scalable", w[0], 0x30400);
    assert_int_equal(ptw_vtd_rtaddr(0x30000, false, w), PTW_OK);
    same("RTADDR legacy", w[0], 0x30000);
    assert_int_equal(ptw_vtd_root_entry(0x30000, w), PTW_OK);
    same("root entry", w[0], 0x30001);
    same("root entry hi", w[1], 0);
    assert_int_equal(ptw_vtd_scalable_root_entry(PTW_VTD_NONE, 0x31000, w), PTW_OK);
    same("scalable root entry", w[0], 0);
    same("scalable root entry hi", w[1], 0x31001);

    assert_int_equal(ptw_vtd_context(&ss, &(struct ptw_vtd_context){.domain = 5}, w), PTW_OK);
    same("V-09", w[0], 0x0000000000102001);
    same("V-10", w[1], 0x0000000000000502);
    assert_int_equal(ptw_vtd_context(&ss, &(struct ptw_vtd_context){.device_tlb = true, .quiet = true}, w), PTW_OK);
    same("TT = 1 and FPD", w[0], 0x0000000000102007);
    assert_int_equal(ptw_vtd_context(NULL, &(struct ptw_vtd_context){.domain = 5, .levels = 5}, w), PTW_OK);
    same("V-11", w[0], 0x0000000000000009);
    same("V-11 hi", w[1], 0x0000000000000503);

    assert_int_equal(ptw_vtd_scalable_context(&scalable, w), PTW_OK);
    same("V-12", w[0], 0x000000000002000d);
    same("V-12 qword 1", w[1] | w[2] | w[3], 0);
    assert_int_equal(ptw_vtd_scalable_context(&full, w), PTW_OK);
    same("a full context entry", w[0], 0x20e13);
    same("a full context entry, qword 1", w[1], 0x1fffff);
    assert_int_equal(ptw_vtd_pasid_directory(0x40000, true, w), PTW_OK);
    same("PASID directory", w[0], 0x40003);

    assert_int_equal(ptw_vtd_pasid(NULL, &ad, &(struct ptw_vtd_pasid){.domain = 5, .snoop_walks = true}, w), PTW_OK);
    same("V-13", w[0], 0x0000000000102289);
    same("V-14", w[1], 0x0000000000800005);
    same("the rest", w[2] | w[3] | w[4] | w[5] | w[6] | w[7], 0);
    assert_int_equal(ptw_vtd_pasid(&fs5, NULL, &first, w), PTW_OK);
    same("F-07", w[0], 0x0000000000000041);
    same("F-08", w[2], 0x0000000000102015);
    assert_int_equal(ptw_vtd_pasid(&ea, &ss, &nested, w), PTW_OK);
    same("nested", w[0], 0x00000000001020cb);
    same("nested, qword 1", w[1], 0x0000000001000007);
    same("nested, qword 2", w[2], 0x0000000000102080);
    assert_int_equal(ptw_vtd_pasid(NULL, NULL, &(struct ptw_vtd_pasid){.levels = 4}, w), PTW_OK);
    same("pass-through", w[0], 0x109);
}

static void words_of_the_amd_iommu_are_exact(void **state)
{
    const struct ptw_table host = table_at(&ptw_amdv1, "levels=3", ROOT),
                           ad = table_at(&ptw_amdv1, "levels=3,ad=1", ROOT);
    const struct ptw_table guest = table_at(&ptw_amdv2, "", ROOT),
                           secret = table_at(&ptw_amdv2, "oa=46,c-bit=51", ROOT);
    const struct ptw_amd_dte rw = {.rights = PTW_R | PTW_W}, features = {.iotlb = true, .ppr = true, .rights = PTW_W};
    const struct ptw_amd_dte v2 = {
        .domain = 5, .rights = PTW_R | PTW_W, .guest_levels = 5, .gcr3 = UINT64_C(0x1234567000), .giov = true};
    const struct ptw_amd_dte whole_gcr3 = {.guest_levels = 4, .gcr3 = PTW_BITS(51, 12), .glx = 2, .gprp = true};
    uint64_t w[4];

    (void)state;
    assert_int_equal(ptw_amd_dte(&host, &rw, w), PTW_OK);
    same("A-13", w[0], 0x6000000000102603);
    same("the rest", w[1] | w[2] | w[3], 0);
    assert_int_equal(ptw_amd_dte(&ad, &rw, w), PTW_OK);
    same("A-14", w[0], 0x6000000000102783);
    assert_int_equal(ptw_amd_dte(NULL, &features, w), PTW_OK);
    same("no table, write only, page requests", w[0], 0x4010000000000003);
    same("IOTLB", w[1], 0x0000000100000000);
    assert_int_equal(ptw_amd_dte(NULL, &v2, w), PTW_OK);
    same("G-07", w[0], 0x7cc0000000000003);
    same("G-08", w[1], 0x0001200068ac0005);
    same("G-09", w[2], 0x0040000000000000);
    assert_int_equal(ptw_amd_dte(&host, &whole_gcr3, w), PTW_OK);
    same("a GCR3 root of ones below a host table", w[0], 0x1ea0000000102603);
    same("its other bits", w[1], 0xfffff800ffff0000);
    same("four levels", w[2], 0);
    assert_int_equal(ptw_amd_gcr3(&guest, w), PTW_OK);
    same("G-06", w[0], 0x0000000000102001);
    assert_int_equal(ptw_amd_gcr3(&secret, w), PTW_OK);
    same("G-06 with a C-bit", w[0], 0x0008000000102001);
    assert_int_equal(ptw_amd_gcr3_table(0x50000, w), PTW_OK);
    same("a GCR3 table", w[0], 0x50001);
}

/* ------------------------------------------------------------------------------------------------- and back again --- */

/* One way from a table to words and back. */
typedef ptw_status there_and_back(const struct ptw_table *t, struct ptw_root *root);

static ptw_status by_cr3(const struct ptw_table *t, struct ptw_root *root)
{
    struct ptw_x86_registers r;

    assert_int_equal(ptw_x86_cr3(t, NULL, &r), PTW_OK);
    r.cr4 |= PTW_BIT(22); /* PKE */
    return ptw_x86_root(&r, root, NULL);
}

static ptw_status by_cr3_with_pcid(const struct ptw_table *t, struct ptw_root *root)
{
    struct ptw_x86_registers r;

    assert_int_equal(ptw_x86_cr3(t, &(struct ptw_x86_cr3){.pcide = true, .pcid = 4095, .keep = true}, &r), PTW_OK);
    r.cr4 |= PTW_BIT(24); /* PKS */
    return ptw_x86_root(&r, root, NULL);
}

static ptw_status by_ncr3(const struct ptw_table *t, struct ptw_root *root)
{
    struct ptw_x86_registers r;

    assert_int_equal(ptw_npt_ncr3(t, &r), PTW_OK);
    return ptw_npt_root(&r, root, NULL);
}

static ptw_status by_eptp(const struct ptw_table *t, struct ptw_root *root)
{
    struct ptw_ept_registers r;

    assert_int_equal(ptw_ept_eptp(t, PTW_MT_WB, &r), PTW_OK);
    return ptw_ept_root(&r, root, NULL);
}

#define CAP_ALL (~PTW_BITS(21, 16) | UINT64_C(38) << 16) /* inputs of 39 bits */

static ptw_status by_context(const struct ptw_table *t, struct ptw_root *root)
{
    const struct ptw_vtd_registers regs = {.cap = t->geo.ia_bits == 39 ? CAP_ALL : 0, .ecap = 1, .haw = t->geo.oa_bits};
    uint64_t w[2];

    assert_int_equal(ptw_vtd_context(t, &(struct ptw_vtd_context){.domain = 0xffff}, w), PTW_OK);
    return ptw_vtd_context_root(w, &regs, root, NULL);
}

static ptw_status by_pasid_second(const struct ptw_table *t, struct ptw_root *root)
{
    const struct ptw_vtd_registers regs = {.haw = t->geo.oa_bits};
    uint64_t w[8];

    assert_int_equal(ptw_vtd_pasid(NULL, t, &(struct ptw_vtd_pasid){.domain = 0xffff}, w), PTW_OK);
    return ptw_vtd_pasid_root(w, 2, &regs, root, NULL);
}

static ptw_status by_nested_first(const struct ptw_table *t, struct ptw_root *root)
{
    const struct ptw_vtd_registers regs = {.haw = t->geo.oa_bits};
    const struct ptw_table second = table_at(&ptw_vtd_ss, "levels=3", ROOT);
    uint64_t w[8];

    assert_int_equal(ptw_vtd_pasid(t, &second, &(struct ptw_vtd_pasid){.domain = 0xffff}, w), PTW_OK);
    return ptw_vtd_pasid_root(w, 1, &regs, root, NULL);
}

static ptw_status by_dte(const struct ptw_table *t, struct ptw_root *root)
{
    uint64_t w[4];

    assert_int_equal(ptw_amd_dte(t, &(struct ptw_amd_dte){.domain = 0xffff, .rights = PTW_R | PTW_W}, w), PTW_OK);
    return ptw_amd_root(w, root, NULL);
}

static ptw_status by_gcr3(const struct ptw_table *t, struct ptw_root *root)
{
    const struct ptw_amd_dte how = {.guest_levels = t->geo.top + 1, .gcr3 = 0x50000, .giov = t->geo.ia_sign == 0};
    uint64_t w[4], entry;

    assert_int_equal(ptw_amd_dte(NULL, &how, w), PTW_OK);
    assert_int_equal(ptw_amd_gcr3(t, &entry), PTW_OK);
    return ptw_amd_guest_root(w, entry, 0, t->geo.table_or != 0 ? ptw_low_bit(t->geo.table_or) : 0, root, NULL);
}

/* `keys` are those that the words can say, so that the configuration comes back whole. */
static const struct {
    const struct ptw_format *format;
    const char *keys;
    there_and_back *way;
    ptw_addr addr;
    ptw_attr attr;
} ways[] = {
    {&ptw_x86_64, "oa=46", by_cr3, 0xffff800012345000, PTW_R | PTW_W | PTW_AD},
    {&ptw_x86_64, "oa=46,levels=5,nx=0", by_cr3_with_pcid, 0xff00000012345000, PTW_R | PTW_W | PTW_X | PTW_AD},
    {&ptw_x86_64, "oa=46,c-bit=47,cet=1", by_cr3, 0x12345000, PTW_R | PTW_AD | PTW_X86_SHADOW_STACK},
    {&ptw_x86_pae, "oa=36", by_cr3, 0xc0000000, PTW_R | PTW_W | PTW_AD},
    {&ptw_x86_pae, "oa=36,nx=0", by_cr3, 0xc0000000, PTW_R | PTW_W | PTW_X | PTW_AD},
    {&ptw_x86_32, "", by_cr3, 0xfffff000, PTW_R | PTW_W | PTW_X | PTW_AD},
    {&ptw_x86_32, "pse=0,pse36=0", by_cr3, 0xfffff000, PTW_R | PTW_W | PTW_X | PTW_AD},
    {&ptw_npt, "oa=46", by_ncr3, 0x12345000, PTW_R | PTW_W | PTW_AD},
    {&ptw_npt, "oa=46,levels=5,nx=0,c-bit=51", by_ncr3, 0x12345000, PTW_R | PTW_W | PTW_X | PTW_AD},
    {&ptw_ept, "oa=46", by_eptp, 0x12345000, PTW_R | PTW_W | PTW_X},
    {&ptw_ept, "levels=5,ad=1,exec-only=1,leaf=0x200000", by_eptp, 0x1000012345000, PTW_X | PTW_A},
    {&ptw_ept, "sss=1,mbec=1,pw=1,vgp=1,spp=1,leaf=0x1000", by_eptp, 0x12345000, PTW_R | PTW_UX | PTW_EPT_SHADOW_STACK},
    {&ptw_vtd_ss, "oa=46,levels=3", by_context, 0x12345000, PTW_R | PTW_W},
    {&ptw_vtd_ss, "oa=46,levels=5", by_context, 0x12345000, PTW_R},
    {&ptw_vtd_ss, "oa=46,ad=1,snp=1,tm=1", by_pasid_second, 0x12345000, PTW_R | PTW_W | PTW_VTD_SNP},
    {&ptw_vtd_fs, "oa=46", by_nested_first, 0x12345000, PTW_R | PTW_W | PTW_X | PTW_AD},
    {&ptw_vtd_fs, "oa=46,levels=5,ea=1", by_nested_first, 0x12345000, PTW_R | PTW_X | PTW_AD},
    {&ptw_amdv1, "levels=1", by_dte, 0x5000, PTW_R | PTW_W},
    {&ptw_amdv1, "levels=4,ad=1", by_dte, 0x12345000, PTW_R | PTW_AMDV1_FC},
    {&ptw_amdv1, "levels=6", by_dte, 0xf000000012345000, PTW_W},
    {&ptw_amdv2, "", by_gcr3, 0xffff800012345000, PTW_R | PTW_W | PTW_AD},
    {&ptw_amdv2, "levels=5,giov=1,oa=47,c-bit=47", by_gcr3, 0x100000012345000, PTW_R | PTW_W | PTW_AD},
};

static void same_config(const char *id, const struct ptw_config *got, const struct ptw_table *t)
{
    struct ptw_geometry geo;

    assert_int_equal(ptw_configure(t->format, got, &geo, NULL), PTW_OK);
    same(id, geo.top, t->geo.top);
    same(id, geo.ia_bits, t->geo.ia_bits);
    same(id, geo.ia_bias, t->geo.ia_bias);
    same(id, geo.oa_bits, t->geo.oa_bits);
    same(id, geo.options, t->geo.options);
    same(id, geo.max_leaf, t->geo.max_leaf);
    same(id, geo.table_or, t->geo.table_or);
}

static void what_a_table_says_of_itself_leads_back_to_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ways); i++) {
        struct ptw_config config = ways[i].format->defaults;
        struct ptw_table t, again;
        struct ptw_gather g;
        struct ptw_root root = {0};
        struct ptw_leaf leaf;
        struct ptw_sim_memory memory;

        ptw_sim_memory_init(&memory, 1 << 20, 0);
        assert_true(format_config(ways[i].format, ways[i].keys, &config));
        assert_int_equal(ptw_init(&t, ways[i].format, &config, &memory.hooks, NULL), PTW_OK);
        ptw_gather_init(&g, &t);
        assert_int_equal(t.ops->map(&t, ways[i].addr, 0x7000, 0x1000, ways[i].attr, 0, &g).status, PTW_OK);

        assert_int_equal(ways[i].way(&t, &root), PTW_OK);
        assert_ptr_equal(root.format, ways[i].format);
        same(ways[i].keys, root.pa, t.root_pa);
        same_config(ways[i].keys, &root.config, &t);
        assert_int_equal(ptw_open(&again, root.format, &root.config, &memory.hooks, NULL, root.pa), PTW_OK);
        assert_int_equal(again.ops->translate(&again, ways[i].addr, &leaf), PTW_OK);
        same(ways[i].keys, leaf.oa, 0x7000);
        same(ways[i].keys, ptw_leaf_attr(&again, &leaf), ways[i].attr);

        ptw_gather_sync(&g);
        ptw_destroy(&t);
        ptw_sim_memory_fini(&memory);
    }
}

/* ------------------------------------------------------------------------------------------- what is not known --- */

static void registers_that_are_not_known_are_long_mode(void **state)
{
    const uint64_t la57 = PTW_BIT(12), pae = PTW_BIT(5);
    struct ptw_x86_registers only_cr3 = {.cr3 = ROOT | 0x18}, cr4 = {.cr3 = ROOT, .cr4 = la57 | pae},
                             legacy = {.cr0 = 0x80000001, .cr3 = 0x102020, .cr4 = pae},
                             pse = {.cr3 = ROOT, .cr4 = 0x10};
    struct ptw_ept_registers ept = {.eptp = 0x10205e};
    struct ptw_root root;
    const char *why = NULL;

    (void)state;
    assert_int_equal(ptw_x86_root(&only_cr3, &root, &why), PTW_OK);
    assert_string_equal(why, "");
    assert_ptr_equal(root.format, &ptw_x86_64);
    same("pa", root.pa, ROOT);
    same("levels", root.config.levels, 4);
    same("options", root.config.options, ptw_x86_64.defaults.options);
    assert_int_equal(ptw_x86_root(&cr4, &root, &why), PTW_OK);
    same("levels", root.config.levels, 5);
    same("NX, but no keys", root.config.options, PTW_OPT_AD | PTW_OPT_X86_NX);
    assert_int_equal(ptw_npt_root(&cr4, &root, &why), PTW_OK);
    same("levels", root.config.levels, 5);
    assert_int_equal(ptw_x86_root(&legacy, &root, &why), PTW_OK);
    assert_ptr_equal(root.format, &ptw_x86_pae);
    same("pa", root.pa, 0x102020);
    same("no NX", root.config.options, PTW_OPT_AD);
    assert_int_equal(ptw_x86_root(&pse, &root, &why), PTW_OK);
    assert_ptr_equal(root.format, &ptw_x86_32);
    assert_int_equal(ptw_ept_root(&ept, &root, &why), PTW_OK);
    same("execute-only", root.config.options, PTW_OPT_AD | PTW_OPT_EPT_EXEC_ONLY);
}

/* ------------------------------------------------------------------------------------------------------ refusals --- */

#define PG PTW_BIT(31)
#define PAE PTW_BIT(5)
#define LMA PTW_BIT(10)

static const struct {
    const char *id;
    struct ptw_x86_registers regs;
    ptw_status x86, npt;
} registers_refused[] = {
    {"paging is off", {.cr0 = 1, .cr3 = ROOT, .cr4 = PAE}, PTW_NOENT, PTW_NOENT},
    {"long mode without PAE", {.cr0 = PG, .cr3 = ROOT, .efer = LMA}, PTW_INVAL, PTW_INVAL},
    {"bit 46 of 46", {.cr3 = PTW_BIT(46) | ROOT, .maxphyaddr = 46}, PTW_INVAL, PTW_INVAL},
    {"bit 52", {.cr3 = PTW_BIT(52) | ROOT}, PTW_INVAL, PTW_INVAL},
    {"bit 60", {.cr3 = PTW_BIT(60) | ROOT}, PTW_INVAL, PTW_INVAL},
    {"LAM is CR3's alone", {.cr3 = PTW_BIT(61) | ROOT}, PTW_OK, PTW_INVAL},
    {"bit 63 without PCIDs", {.cr3 = PTW_BIT(63) | ROOT, .cr4 = PAE}, PTW_INVAL, PTW_INVAL},
    {"bit 63 with PCIDs", {.cr3 = PTW_BIT(63) | ROOT, .cr4 = PAE | PTW_BIT(17)}, PTW_OK, PTW_INVAL},
    {"a bit above the C-bit", {.cr3 = PTW_BIT(48) | ROOT, .c_bit = 47}, PTW_INVAL, PTW_INVAL},
    {"the C-bit", {.cr3 = PTW_BIT(47) | ROOT, .maxphyaddr = 48, .c_bit = 47}, PTW_OK, PTW_OK},
    {"31 bits", {.cr3 = ROOT, .maxphyaddr = 31}, PTW_INVAL, PTW_INVAL},
    {"53 bits", {.cr3 = ROOT, .maxphyaddr = 53}, PTW_INVAL, PTW_INVAL},
    {"C-bit 31", {.cr3 = ROOT, .c_bit = 31}, PTW_INVAL, PTW_INVAL},
    {"C-bit 52", {.cr3 = ROOT, .c_bit = 52}, PTW_INVAL, PTW_INVAL},
    {"PAE", {.cr0 = PG, .cr3 = ROOT, .cr4 = PAE}, PTW_OK, PTW_UNSUPPORTED},
    {"PAE above 4 GiB", {.cr0 = PG, .cr3 = PTW_BIT(32), .cr4 = PAE}, PTW_INVAL, PTW_UNSUPPORTED},
    {"32-bit paging above 4 GiB", {.cr0 = PG, .cr3 = PTW_BIT(32)}, PTW_INVAL, PTW_UNSUPPORTED},
};

static const struct {
    const char *id;
    struct ptw_ept_registers regs;
} eptps_refused[] = {
    {"memory type 1", {.eptp = ROOT | 0x19}},
    {"memory type 7", {.eptp = ROOT | 0x1f}},
    {"three levels", {.eptp = ROOT | 0x16}},
    {"six levels", {.eptp = ROOT | 0x2e}},
    {"bit 8", {.eptp = ROOT | 0x11e}},
    {"bit 11", {.eptp = ROOT | 0x81e}},
    {"bit 46 of 46", {.eptp = PTW_BIT(46) | 0x1e, .maxphyaddr = 46}},
    {"bit 63", {.eptp = PTW_BIT(63) | 0x1e}},
    {"31 bits", {.eptp = ROOT | 0x1e, .maxphyaddr = 31}},
    {"WB that is not there", {.eptp = ROOT | 0x1e, .cap = 0x140}},
    {"UC that is not there", {.eptp = ROOT | 0x18, .cap = 0x4040}},
    {"four levels that are not there", {.eptp = ROOT | 0x1e, .cap = 0x4080}},
    {"five levels that are not there", {.eptp = ROOT | 0x26, .cap = 0x4040}},
    {"A and D that are not there", {.eptp = ROOT | 0x5e, .cap = 0x4040}},
    {"shadow stacks that are not there", {.eptp = ROOT | 0x9e, .cap = 0x4040}},
};

/* Refused means: a reason, and *root as it was. */
static void refused_at(const char *id, ptw_status got, ptw_status want, const char *why, const struct ptw_root *root)
{
    if (got != want)
        fail_msg("%s: %s, wanted %s", id, ptw_status_name(got), ptw_status_name(want));
    if (want != PTW_OK && (why == NULL || why[0] == '\0' || root->format != NULL || root->pa != 0))
        fail_msg("%s: no reason, or a root all the same", id);
}

static void registers_that_name_no_table_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(registers_refused); i++) {
        struct ptw_root root = {0};
        const char *why = NULL;
        ptw_status status = ptw_x86_root(&registers_refused[i].regs, &root, &why);

        refused_at(registers_refused[i].id, status, registers_refused[i].x86, why, &root);
        root = (struct ptw_root){0};
        status = ptw_npt_root(&registers_refused[i].regs, &root, &why);
        refused_at(registers_refused[i].id, status, registers_refused[i].npt, why, &root);
    }
    for (size_t i = 0; i < COUNT(eptps_refused); i++) {
        struct ptw_root root = {0};
        const char *why = NULL;
        const ptw_status status = ptw_ept_root(&eptps_refused[i].regs, &root, &why);

        refused_at(eptps_refused[i].id, status, PTW_INVAL, why, &root);
    }
}

/* stage 0: a context entry. CAP and ECAP 0: not known. */
static const struct {
    const char *id;
    unsigned stage;
    ptw_status want;
    struct ptw_vtd_registers regs;
    uint64_t w[8];
} vtd_refused[] = {
    {"context entry not present", 0, PTW_NOENT, {0}, {ROOT, 2}},
    {"V-11: pass-through", 0, PTW_NOENT, {0}, {0x9, 2}},
    {"TT 3", 0, PTW_INVAL, {0}, {ROOT | 0xd, 2}},
    {"AW 0", 0, PTW_INVAL, {0}, {ROOT | 1, 0}},
    {"AW 4", 0, PTW_INVAL, {0}, {ROOT | 1, 4}},
    {"AW 7", 0, PTW_INVAL, {0}, {ROOT | 1, 7}},
    {"bit 4", 0, PTW_INVAL, {0}, {ROOT | 0x11, 2}},
    {"bit 11", 0, PTW_INVAL, {0}, {ROOT | 0x801, 2}},
    {"bit 71", 0, PTW_INVAL, {0}, {ROOT | 1, 0x82}},
    {"bit 88", 0, PTW_INVAL, {0}, {ROOT | 1, 0x1000002}},
    {"ignored bits", 0, PTW_OK, {0}, {ROOT | 1, 0x7a}},
    {"bit 46 of 46", 0, PTW_INVAL, {.haw = 46}, {PTW_BIT(46) | 1, 2}},
    {"bit 63", 0, PTW_INVAL, {0}, {PTW_BIT(63) | 1, 2}},
    {"53 bits", 0, PTW_INVAL, {.haw = 53}, {ROOT | 1, 2}},
    {"an AW that is not there", 0, PTW_INVAL, {.cap = 0x2f0200}, {ROOT | 1, 2}},
    {"an AW that is there", 0, PTW_OK, {.cap = 0x2f0400}, {ROOT | 1, 2}},
    {"a root with one entry", 0, PTW_UNSUPPORTED, {.cap = 0x260400}, {ROOT | 1, 2}},
    {"PASID entry not present", 2, PTW_NOENT, {0}, {ROOT | 0x88}},
    {"stage 0 of a PASID entry", 3, PTW_INVAL, {0}, {ROOT | 0x89}},
    {"PGTT 0", 2, PTW_INVAL, {0}, {ROOT | 0x09}},
    {"PGTT 5", 2, PTW_INVAL, {0}, {ROOT | 0x149}},
    {"pass-through", 2, PTW_NOENT, {0}, {ROOT | 0x109}},
    {"no first stage", 1, PTW_NOENT, {0}, {ROOT | 0x89}},
    {"no second stage", 2, PTW_NOENT, {0}, {ROOT | 0x49, 0, ROOT}},
    {"bit 10", 2, PTW_INVAL, {0}, {ROOT | 0x489}},
    {"bit 511", 2, PTW_INVAL, {0}, {ROOT | 0x89, 0, 0, 0, 0, 0, 0, PTW_BIT(63)}},
    {"AW 0 of a PASID entry", 2, PTW_INVAL, {0}, {ROOT | 0x81}},
    {"SSADE that is not there", 2, PTW_INVAL, {.ecap = 1}, {ROOT | 0x289}},
    {"FSPM 2", 1, PTW_INVAL, {0}, {0x41, 0, ROOT | 0x8}},
    {"FSPM 1 that is not there", 1, PTW_INVAL, {.cap = 1}, {0x41, 0, ROOT | 0x4}},
    {"bit 139", 1, PTW_INVAL, {0}, {0x41, 0, ROOT | 0x800}},
    {"bit 46 of 46 in FSPTPTR", 1, PTW_INVAL, {.haw = 46}, {0x41, 0, PTW_BIT(46)}},
    {"31 bits", 1, PTW_INVAL, {.haw = 31}, {0x41, 0, ROOT}},
};

static void vtd_entries_that_name_no_table_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(vtd_refused); i++) {
        struct ptw_root root = {0};
        const char *why = NULL;
        const uint64_t *w = vtd_refused[i].w;
        const unsigned stage = vtd_refused[i].stage;
        const ptw_status status = stage == 0 ? ptw_vtd_context_root(w, &vtd_refused[i].regs, &root, &why)
                                             : ptw_vtd_pasid_root(w, stage, &vtd_refused[i].regs, &root, &why);

        refused_at(vtd_refused[i].id, status, vtd_refused[i].want, why, &root);
    }
}

#define GV PTW_BIT(55)

/* With a GCR3 entry, or 0: the host table. */
static const struct {
    const char *id;
    ptw_status want;
    uint64_t dte[4], gcr3;
    unsigned pasid, c_bit;
} amd_refused[] = {
    {"V is 0", PTW_NOENT, {0x602}, 0, 0, 0},
    {"TV is 0", PTW_NOENT, {0x601}, 0, 0, 0},
    {"Mode 0", PTW_NOENT, {0x3}, 0, 0, 0},
    {"Mode 7", PTW_INVAL, {0xe03}, 0, 0, 0},
    {"bit 2", PTW_INVAL, {0x607}, 0, 0, 0},
    {"bit 6", PTW_INVAL, {0x643}, 0, 0, 0},
    {"bit 63", PTW_INVAL, {PTW_BIT(63) | 0x603}, 0, 0, 0},
    {"bit 106", PTW_INVAL, {0x603, PTW_BIT(42)}, 0, 0, 0},
    {"HAD 1", PTW_UNSUPPORTED, {0x683}, 0, 0, 0},
    {"HAD 2", PTW_UNSUPPORTED, {0x703}, 0, 0, 0},
    {"interrupt remapping is not looked at", PTW_OK, {0x603, 0, 0x3f, ~UINT64_C(0)}, 0, 0, 0},
    {"GV is 0", PTW_NOENT, {0x3}, 0x102001, 0, 0},
    {"V is 0 with GV", PTW_NOENT, {GV | 2}, 0x102001, 0, 0},
    {"GLX 3", PTW_INVAL, {GV | PTW_BITS(57, 56) | 3}, 0x102001, 0, 0},
    {"PASID 512 of 512", PTW_INVAL, {GV | 3}, 0x102001, 512, 0},
    {"PASID 511 of 512", PTW_OK, {GV | 3}, 0x102001, 511, 0},
    {"PASID 2^18 of 2^18", PTW_INVAL, {GV | PTW_BIT(56) | 3}, 0x102001, 1U << 18, 0},
    {"PASID 2^20 - 1", PTW_OK, {GV | PTW_BIT(57) | 3}, 0x102001, 0xfffff, 0},
    {"PASID 2^20", PTW_INVAL, {GV | PTW_BIT(57) | 3}, 0x102001, 1U << 20, 0},
    {"guest paging mode 2", PTW_INVAL, {GV | 3, 0, PTW_BIT(55)}, 0x102001, 0, 0},
    {"C-bit 31", PTW_INVAL, {GV | 3}, 0x102001, 0, 31},
    {"C-bit 52", PTW_INVAL, {GV | 3}, 0x102001, 0, 52},
    {"GCR3 entry not valid", PTW_NOENT, {GV | 3}, 0x102000, 0, 0},
    {"bit 1 of a GCR3 entry", PTW_INVAL, {GV | 3}, 0x102003, 0, 0},
    {"bit 52 of a GCR3 entry", PTW_INVAL, {GV | 3}, PTW_BIT(52) | 0x102001, 0, 0},
    {"a bit above the C-bit", PTW_INVAL, {GV | 3}, PTW_BIT(48) | 0x102001, 0, 47},
};

static void amd_entries_that_name_no_table_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(amd_refused); i++) {
        struct ptw_root root = {0};
        const char *why = NULL;
        const uint64_t *dte = amd_refused[i].dte, gcr3 = amd_refused[i].gcr3;
        const ptw_status status =
            gcr3 == 0 ? ptw_amd_root(dte, &root, &why)
                      : ptw_amd_guest_root(dte, gcr3, amd_refused[i].pasid, amd_refused[i].c_bit, &root, &why);

        refused_at(amd_refused[i].id, status, amd_refused[i].want, why, &root);
    }
}

/* ------------------------------------------------------------------------------------- refusals of the way there --- */

/* What a refusal must leave alone. */
static uint64_t out[8];
static struct ptw_x86_registers out_x86;
static struct ptw_ept_registers out_ept;

static void nothing_was_written(void)
{
    const struct ptw_x86_registers x86 = {0};
    const struct ptw_ept_registers ept = {0};

    for (size_t i = 0; i < COUNT(out); i++)
        assert_int_equal(out[i], 0);
    assert_memory_equal(&out_x86, &x86, sizeof(x86));
    assert_memory_equal(&out_ept, &ept, sizeof(ept));
}

static void tables_of_other_formats_are_refused(void **state)
{
    (void)state;
    for (const struct ptw_format *const *f = ptw_formats; *f != NULL; f++) {
        const struct ptw_table t = table_at(*f, "", 0x100000);
        const bool cr3 = *f == &ptw_x86_64 || *f == &ptw_x86_pae || *f == &ptw_x86_32;
        const struct ptw_amd_dte dte = {.domain = 0};

        if (!cr3)
            assert_int_equal(ptw_x86_cr3(&t, NULL, &out_x86), PTW_UNSUPPORTED);
        if (*f != &ptw_npt)
            assert_int_equal(ptw_npt_ncr3(&t, &out_x86), PTW_UNSUPPORTED);
        if (*f != &ptw_ept) {
            assert_int_equal(ptw_ept_eptp(&t, PTW_MT_WB, &out_ept), PTW_UNSUPPORTED);
            assert_int_equal(ptw_tdx_shared_eptp(&t, out), PTW_UNSUPPORTED);
        }
        if (*f != &ptw_vtd_ss) {
            assert_int_equal(ptw_vtd_context(&t, &(struct ptw_vtd_context){0}, out), PTW_UNSUPPORTED);
            assert_int_equal(ptw_vtd_pasid(NULL, &t, &(struct ptw_vtd_pasid){0}, out), PTW_UNSUPPORTED);
        }
        if (*f != &ptw_vtd_fs)
            assert_int_equal(ptw_vtd_pasid(&t, NULL, &(struct ptw_vtd_pasid){0}, out), PTW_UNSUPPORTED);
        if (*f != &ptw_amdv1)
            assert_int_equal(ptw_amd_dte(&t, &dte, out), PTW_UNSUPPORTED);
        if (*f != &ptw_amdv2)
            assert_int_equal(ptw_amd_gcr3(&t, out), PTW_UNSUPPORTED);
    }
    nothing_was_written();
}

static void parameters_out_of_bounds_are_refused(void **state)
{
    const struct ptw_table x86 = table_at(&ptw_x86_64, "", ROOT), pae = table_at(&ptw_x86_pae, "", ROOT);
    const struct ptw_table ept = table_at(&ptw_ept, "", ROOT), ss = table_at(&ptw_vtd_ss, "", ROOT);
    const struct ptw_x86_cr3 cr3[] = {{.pcid = 1},
                                      {.keep = true},
                                      {.pcide = true, .pcid = 4096},
                                      {.pcide = true, .pwt = true},
                                      {.pcide = true, .pcd = true}};
    const struct ptw_vtd_pasid pasid[] = {
        {.domain = 0x10000}, {.supervisor = true}, {.write_protection = true}, {.snoop_pages = true}};
    const struct ptw_vtd_scalable_context scalable[] = {
        {.directory = 0x20010, .directory_bits = 7},
        {.directory = PTW_BIT(52), .directory_bits = 7},
        {.directory_bits = 6},
        {.directory_bits = 15},
        {.directory_bits = 7, .rid_pasid = 0x100000},
    };
    const struct ptw_amd_dte dte[] = {
        {.domain = 0x10000}, {.rights = PTW_X},
        {.gcr3 = 0x1000},    {.giov = true},
        {.gprp = true},      {.glx = 1},
        {.guest_levels = 3}, {.guest_levels = 4, .glx = 3},
        {.guest_levels = 6}, {.guest_levels = 4, .gcr3 = 0x10},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cr3); i++)
        assert_int_equal(ptw_x86_cr3(&x86, &cr3[i], &out_x86), PTW_INVAL);
    assert_int_equal(ptw_x86_cr3(&pae, &(struct ptw_x86_cr3){.pcide = true}, &out_x86), PTW_INVAL);
    assert_int_equal(ptw_ept_eptp(&ept, PTW_MT_WT, &out_ept), PTW_INVAL);
    assert_int_equal(ptw_vtd_rtaddr(0x10, false, out), PTW_INVAL);
    assert_int_equal(ptw_vtd_root_entry(PTW_VTD_NONE, out), PTW_INVAL);
    assert_int_equal(ptw_vtd_scalable_root_entry(0x1010, PTW_VTD_NONE, out), PTW_INVAL);
    assert_int_equal(ptw_vtd_scalable_root_entry(PTW_VTD_NONE, 0x1010, out), PTW_INVAL);
    assert_int_equal(ptw_vtd_pasid_directory(0x1010, false, out), PTW_INVAL);
    assert_int_equal(ptw_vtd_context(&ss, &(struct ptw_vtd_context){.domain = 0x10000}, out), PTW_INVAL);
    assert_int_equal(ptw_vtd_context(NULL, &(struct ptw_vtd_context){.levels = 2}, out), PTW_INVAL);
    assert_int_equal(ptw_vtd_context(NULL, &(struct ptw_vtd_context){.levels = 6}, out), PTW_INVAL);
    assert_int_equal(ptw_vtd_context(NULL, &(struct ptw_vtd_context){.levels = 4, .device_tlb = true}, out), PTW_INVAL);
    for (size_t i = 0; i < COUNT(pasid); i++)
        assert_int_equal(ptw_vtd_pasid(NULL, &ss, &pasid[i], out), PTW_INVAL);
    assert_int_equal(ptw_vtd_pasid(NULL, NULL, &(struct ptw_vtd_pasid){0}, out), PTW_INVAL);
    for (size_t i = 0; i < COUNT(scalable); i++)
        assert_int_equal(ptw_vtd_scalable_context(&scalable[i], out), PTW_INVAL);
    for (size_t i = 0; i < COUNT(dte); i++)
        assert_int_equal(ptw_amd_dte(NULL, &dte[i], out), PTW_INVAL);
    assert_int_equal(ptw_amd_gcr3_table(0x1010, out), PTW_INVAL);
    nothing_was_written();
}

static void what_a_structure_cannot_have_is_refused(void **state)
{
    const struct ptw_table ad = table_at(&ptw_vtd_ss, "ad=1", ROOT);
    struct ptw_table high = table_at(&ptw_x86_pae, "", ROOT);

    (void)state;
    assert_int_equal(ptw_vtd_context(&ad, &(struct ptw_vtd_context){0}, out), PTW_UNSUPPORTED);
    high.root_pa = PTW_BIT(32);
    assert_int_equal(ptw_x86_cr3(&high, NULL, &out_x86), PTW_RANGE);
    high = table_at(&ptw_x86_32, "", ROOT);
    high.root_pa = PTW_BIT(32);
    assert_int_equal(ptw_x86_cr3(&high, NULL, &out_x86), PTW_RANGE);
    high.root_pa = PTW_BIT(52);
    high.format = &ptw_npt;
    assert_int_equal(ptw_npt_ncr3(&high, &out_x86), PTW_RANGE);
    high.format = &ptw_ept;
    assert_int_equal(ptw_ept_eptp(&high, PTW_MT_WB, &out_ept), PTW_RANGE);
    assert_int_equal(ptw_tdx_shared_eptp(&high, out), PTW_RANGE);
    high.format = &ptw_vtd_ss;
    high.geo.options = 0;
    assert_int_equal(ptw_vtd_context(&high, &(struct ptw_vtd_context){0}, out), PTW_RANGE);
    assert_int_equal(ptw_vtd_pasid(NULL, &high, &(struct ptw_vtd_pasid){0}, out), PTW_RANGE);
    high.format = &ptw_vtd_fs;
    assert_int_equal(ptw_vtd_pasid(&high, NULL, &(struct ptw_vtd_pasid){0}, out), PTW_RANGE);
    high.format = &ptw_amdv1;
    assert_int_equal(ptw_amd_dte(&high, &(struct ptw_amd_dte){0}, out), PTW_RANGE);
    high.format = &ptw_amdv2;
    assert_int_equal(ptw_amd_gcr3(&high, out), PTW_RANGE);
    nothing_was_written();
}

/* ------------------------------------------------------------------------------------------------- any words at all --- */

static uint64_t state_of_random;

static uint64_t some(void)
{
    state_of_random = state_of_random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return state_of_random ^ state_of_random >> 29;
}

/* Words in which the fields are as often right as wrong: few bits, or low ones, or all. */
static uint64_t some_word(void)
{
    const uint64_t w = some();

    switch (some() % 4) {
    case 0:
        return w & some() & some() & some();
    case 1:
        return w & PTW_BITS(40, 0);
    case 2:
        return w & PTW_BITS(12, 0);
    }
    return w & 1;
}

static void opens(ptw_status status, const struct ptw_root *root, const char *why, unsigned *found)
{
    struct ptw_table t;

    if (status != PTW_OK) {
        assert_true(why != NULL && why[0] != '\0');
        return;
    }
    assert_int_equal(ptw_open(&t, root->format, &root->config, &anywhere, NULL, root->pa), PTW_OK);
    ++*found;
}

static void what_is_not_refused_can_be_opened(void **state)
{
    unsigned found[7] = {0};

    (void)state;
    for (unsigned i = 0; i < 100000; i++) {
        const unsigned width = (unsigned)(some() % 80), c_bit = (unsigned)(some() % 80);
        const struct ptw_x86_registers x86 = {.cr0 = some_word(),
                                              .cr3 = some_word(),
                                              .cr4 = some_word(),
                                              .efer = some_word(),
                                              .maxphyaddr = width > 55 ? 0 : width,
                                              .c_bit = c_bit > 55 ? 0 : c_bit};
        const struct ptw_ept_registers ept = {some_word(), some_word(), some(), some(), width > 55 ? 0 : width};
        const struct ptw_vtd_registers vtd = {some_word(), some_word(), width > 55 ? 0 : width};
        const uint64_t sparse = some();
        uint64_t w[8] = {some_word() | (sparse & 3), some_word()};
        struct ptw_root root;
        const char *why = NULL;
        ptw_status status;

        status = ptw_x86_root(&x86, &root, &why);
        opens(status, &root, why, &found[0]);
        status = ptw_npt_root(&x86, &root, &why);
        opens(status, &root, why, &found[1]);
        status = ptw_ept_root(&ept, &root, &why);
        opens(status, &root, why, &found[2]);
        status = ptw_vtd_context_root(w, &vtd, &root, &why);
        opens(status, &root, why, &found[3]);
        status = ptw_amd_root(w, &root, &why);
        opens(status, &root, why, &found[4]);
        w[2] = some_word();
        status = ptw_vtd_pasid_root(w, (unsigned)(1 + some() % 2), &vtd, &root, &why);
        opens(status, &root, why, &found[5]);
        w[0] |= sparse & (GV | 3);
        w[2] = 0;
        status =
            ptw_amd_guest_root(w, some_word() & ~UINT64_C(0xffe), (unsigned)(some() % 600), x86.c_bit, &root, &why);
        opens(status, &root, why, &found[6]);
    }
    for (size_t i = 0; i < COUNT(found); i++)
        if (found[i] < 20)
            fail_msg("way %zu: only %u tables were found", i, found[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_processors_are_exact),
        cmocka_unit_test(words_of_vtd_are_exact),
        cmocka_unit_test(words_of_the_amd_iommu_are_exact),
        cmocka_unit_test(what_a_table_says_of_itself_leads_back_to_it),
        cmocka_unit_test(registers_that_are_not_known_are_long_mode),
        cmocka_unit_test(registers_that_name_no_table_are_refused),
        cmocka_unit_test(vtd_entries_that_name_no_table_are_refused),
        cmocka_unit_test(amd_entries_that_name_no_table_are_refused),
        cmocka_unit_test(tables_of_other_formats_are_refused),
        cmocka_unit_test(parameters_out_of_bounds_are_refused),
        cmocka_unit_test(what_a_structure_cannot_have_is_refused),
        cmocka_unit_test(what_is_not_refused_can_be_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
