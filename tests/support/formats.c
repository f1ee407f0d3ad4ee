/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* formats.c - the table of formats that every conformance test runs over: see formats.h. */
#include "formats.h"

#include "examples/custom-format/nx1.h"
#include "walk/runtime.h"

#include <ptw/arm.h>
#include <ptw/arm64.h>
#include <ptw/riscv.h>
#include <ptw/s390.h>
#include <ptw/x86.h>

#include <stdlib.h>
#include <string.h>

const struct format_case format_cases[] = {
    {"ept-4", &ptw_ept, "ad=1", false, true, 0},
    {"x86-64-4", &ptw_x86_64, "", false, true, 0},
    {"arm64-s2-40", &ptw_arm64_s2, "ipa=40,ad=1", false, true, 0},
    {"sv48x4", &ptw_riscv_sv48x4, "ad=1", false, true, 0},

    {"ept-5", &ptw_ept, "ad=1,levels=5", false, false, 0},
    {"ept-4-noad", &ptw_ept, "exec-only=1", false, false, 0},
    {"ept-2m", &ptw_ept, "ad=1,leaf=0x200000", false, false, 0},
    {"x86-64-5", &ptw_x86_64, "levels=5", false, false, 0},
    {"npt-4", &ptw_npt, "", false, false, 0},
    {"arm64-s2-48", &ptw_arm64_s2, "ipa=48,levels=4", false, false, 0},
    {"arm64-s2-39", &ptw_arm64_s2, "ipa=39,levels=3,ad=1", false, false, 0},
    {"arm64-s2-34", &ptw_arm64_s2, "ipa=34,levels=2,ad=1", false, false, 0},
    {"arm64-s2-30", &ptw_arm64_s2, "ipa=30,levels=2", false, false, 0},
    {"arm64-s2-31", &ptw_arm64_s2, "ipa=31,levels=3,ad=1", false, false, 0},
    {"arm64-s2-hitless", &ptw_arm64_s2, "ipa=40,ad=1,hitless=1", false, false, 0},
    {"arm64-s2-bbm2", &ptw_arm64_s2, "ipa=40,ad=1,bbm2=1", false, false, 0},
    {"arm64-s2-hitless-bbm2", &ptw_arm64_s2, "ipa=40,ad=1,hitless=1,bbm2=1", false, false, 0},
    {"sv39x4", &ptw_riscv_sv39x4, "ad=1", false, false, 0},
    {"sv39x4-noad", &ptw_riscv_sv39x4, "pbmt=1", false, false, 0},
    {"sv57x4", &ptw_riscv_sv57x4, "ad=1", false, false, 0},
    {"ept-va-hook", &ptw_ept, "ad=1", false, false, PTW_SIM_VA_HOOK},
    {"sv48x4-incoherent", &ptw_riscv_sv48x4, "ad=1", false, false, PTW_SIM_INCOHERENT},

    {"vtd-ss-3", &ptw_vtd_ss, "levels=3,ad=1", false, false, 0},
    {"vtd-ss-4", &ptw_vtd_ss, "ad=1,snp=1,tm=1", false, false, 0},
    {"vtd-ss-4-noad", &ptw_vtd_ss, "leaf=0x200000,oa=46", false, false, 0},
    {"vtd-ss-5", &ptw_vtd_ss, "levels=5,ad=1", false, false, PTW_SIM_INCOHERENT},
    {"amdv1-1", &ptw_amdv1, "levels=1", false, false, 0},
    {"amdv1-3", &ptw_amdv1, "levels=3,ad=1", false, false, 0},
    {"amdv1-4", &ptw_amdv1, "ad=1", false, false, 0},
    {"amdv1-6", &ptw_amdv1, "levels=6,ad=1,leaf=0x1000000000000", false, false, 0},
    {"amdv1-1-groups", &ptw_amdv1, "levels=1,groups=1,ad=1", false, false, 0},
    {"amdv1-3-groups", &ptw_amdv1, "levels=3,groups=1", false, false, 0},
    {"amdv1-4-groups", &ptw_amdv1, "groups=1,ad=1", false, false, 0},
    {"amdv1-6-groups", &ptw_amdv1, "levels=6,groups=1,ad=1,leaf=0x10000000000000", false, false, 0},
    {"sv39", &ptw_riscv_sv39, "ad=1", false, false, 0},
    {"sv39-noad", &ptw_riscv_sv39, "", false, false, 0},
    {"sv48", &ptw_riscv_sv48, "pbmt=1", false, false, 0},
    {"sv48-groups", &ptw_riscv_sv48, "ad=1,groups=1", false, false, 0},
    {"sv57", &ptw_riscv_sv57, "ad=1,pbmt=1,rsw60=1", false, false, 0},
    {"sv32", &ptw_riscv_sv32, "ad=1", false, false, 0},
    {"sv32-noad", &ptw_riscv_sv32, "", false, false, 0},
    {"sv32-incoherent", &ptw_riscv_sv32, "ad=1", false, false, PTW_SIM_INCOHERENT},
    {"sv32x4", &ptw_riscv_sv32x4, "ad=1", false, false, 0},
    {"sv39x4-groups", &ptw_riscv_sv39x4, "ad=1,groups=1", false, false, 0},
    {"ept-mbec", &ptw_ept, "ad=1,mbec=1,exec-only=1,sss=1", false, false, 0},
    {"x86-64-cet", &ptw_x86_64, "cet=1", false, false, 0},
    {"x86-64-c-bit", &ptw_x86_64, "cet=1,levels=5,oa=51,c-bit=51", false, false, 0},
    {"npt-c-bit", &ptw_npt, "oa=47,c-bit=47", false, false, 0},
    {"vtd-fs", &ptw_vtd_fs, "", false, false, 0},
    {"vtd-fs-incoherent", &ptw_vtd_fs, "levels=5", false, false, PTW_SIM_INCOHERENT},
    {"amdv2", &ptw_amdv2, "", false, false, 0},
    {"amdv2-giov", &ptw_amdv2, "giov=1,levels=5", false, false, 0},
    {"x86-pae", &ptw_x86_pae, "", false, false, 0},
    {"x86-32", &ptw_x86_32, "", false, false, 0},
    {"arm64-s1-4k", &ptw_arm64_s1, "ad=1", false, false, 0},
    {"arm64-s1-4k-noad", &ptw_arm64_s1, "ia=31,bti=1", false, false, 0},
    {"arm64-s1-upper", &ptw_arm64_s1, "upper=1,ad=1", false, false, 0},
    {"arm64-s1-el2", &ptw_arm64_s1, "el2=1,ia=42,ad=1", false, false, 0},
    {"arm64-s1-hitless", &ptw_arm64_s1, "ad=1,hitless=1", false, false, 0},
    {"arm64-s1-16k", &ptw_arm64_s1, "granule=0x4000,ad=1", false, false, 0},
    {"arm64-s1-64k", &ptw_arm64_s1, "granule=0x10000,ad=1", false, false, 0},
    {"arm64-s1-4k-lpa2", &ptw_arm64_s1, "lpa2=1,ia=52,oa=52,ad=1", false, false, 0},
    {"arm64-s1-16k-lpa2", &ptw_arm64_s1, "granule=0x4000,lpa2=1,ia=52,oa=52,ad=1", false, false, 0},
    {"arm64-s1-64k-lpa", &ptw_arm64_s1, "granule=0x10000,ia=52,oa=52,ad=1", false, false, 0},
    {"arm64-s2-4k-lpa2", &ptw_arm64_s2, "lpa2=1,ipa=52,oa=52,levels=5,ad=1", false, false, 0},
    {"arm64-s2-16k", &ptw_arm64_s2, "granule=0x4000,ipa=40,ad=1", false, false, 0},
    {"arm64-s2-16k-lpa2", &ptw_arm64_s2, "granule=0x4000,lpa2=1,ipa=51,oa=52,ad=1", false, false, 0},
    {"arm64-s2-64k", &ptw_arm64_s2, "granule=0x10000,ipa=44,ad=1", false, false, 0},
    {"arm64-s2-64k-one-level", &ptw_arm64_s2, "granule=0x10000,ipa=33,levels=1,ad=1", false, false, 0},
    {"arm-lpae-s1-hyp", &ptw_arm_lpae_s1, "el2=1", false, false, 0},
    {"arm-lpae-s2", &ptw_arm_lpae_s2, "ipa=39", false, false, 0},
    {"arm64-s1-4k-groups", &ptw_arm64_s1, "ad=1,groups=1", false, false, 0},
    {"arm64-s1-16k-groups", &ptw_arm64_s1, "granule=0x4000,ad=1,groups=1", false, false, 0},
    {"arm64-s1-16k-groups-bbm2", &ptw_arm64_s1, "granule=0x4000,ad=1,groups=1,bbm2=1", false, false, 0},
    {"arm64-s1-64k-groups", &ptw_arm64_s1, "granule=0x10000,ad=1,groups=1", false, false, 0},
    {"arm64-s2-4k-groups", &ptw_arm64_s2, "ipa=40,ad=1,groups=1", false, false, 0},
    {"arm64-s2-16k-groups", &ptw_arm64_s2, "granule=0x4000,ipa=40,ad=1,groups=1", false, false, 0},
    {"arm64-s2-64k-groups", &ptw_arm64_s2, "granule=0x10000,ipa=40,ad=1,groups=1", false, false, 0},

    {"arm-v7s", &ptw_arm_v7s, "", false, false, 0},
    {"arm-v7s-ns", &ptw_arm_v7s, "ns=1,leaf=0x1000", false, false, PTW_SIM_VA_HOOK},
    {"arm-v7s-hitless", &ptw_arm_v7s, "hitless=1", false, false, 0},
    {"arm-v7s-groups", &ptw_arm_v7s, "groups=1", false, false, 0},
    {"arm-v7s-mtk-groups", &ptw_arm_v7s, "mtk=1,ia=33,groups=1", false, false, 0},
    {"arm-v7s-mtk", &ptw_arm_v7s, "mtk=1", false, false, PTW_SIM_INCOHERENT},
    {"dart-t8020-16k", &ptw_dart_t8020, "", false, false, 0},
    {"dart-t8020-4k", &ptw_dart_t8020, "granule=4096,ia=32", false, false, 0},
    {"dart-t6000", &ptw_dart_t6000, "ia=33", false, false, 0},
    {"dart-t8110-3", &ptw_dart_t8110, "levels=3,oa=36", false, false, PTW_SIM_INCOHERENT},
    {"s390-zpci-2", &ptw_s390_zpci, "levels=2", false, false, 0},
    {"s390-zpci-3", &ptw_s390_zpci, "frame1m=1", false, false, 0},
    {"s390-zpci-4", &ptw_s390_zpci, "levels=4,frame1m=1", false, false, PTW_SIM_INCOHERENT},
    {"s390-zpci-5", &ptw_s390_zpci, "levels=5", false, false, 0},

    {"ept-run-time", &ptw_ept, "ad=1", true, false, 0},
    {"x86-64-run-time", &ptw_x86_64, "", true, false, 0},
    {"arm64-s2-run-time", &ptw_arm64_s2, "ipa=40,ad=1", true, false, 0},
    {"sv48x4-run-time", &ptw_riscv_sv48x4, "ad=1", true, false, 0},
    {"sv32-run-time", &ptw_riscv_sv32, "ad=1", true, false, 0},

    {"nx1", &nx1, "ad=1", false, false, 0},
    {"nx1-2-levels", &nx1, "levels=2", false, false, 0},
    {"nx1-groups", &nx1, "ad=1,groups=1", false, false, 0},
    {"nx1-run-time", &nx1_run_time, "ad=1", false, false, 0},
};
const size_t format_cases_count = sizeof(format_cases) / sizeof(format_cases[0]);

const struct format_case *format_case_find(const char *name)
{
    for (size_t i = 0; i < format_cases_count; i++) {
        if (strcmp(format_cases[i].name, name) == 0)
            return &format_cases[i];
    }
    return NULL;
}

bool format_config(const struct ptw_format *format, const char *keys, struct ptw_config *config)
{
    while (*keys != '\0') {
        char key[32];
        size_t n = strcspn(keys, "=");
        if (n >= sizeof(key) || keys[n] != '=')
            return false;
        memcpy(key, keys, n);
        key[n] = '\0';
        char *end;
        unsigned long long value = strtoull(keys + n + 1, &end, 0);
        if (ptw_config_set(format, config, key, value) != PTW_OK)
            return false;
        keys = *end == ',' ? end + 1 : end;
    }
    return true;
}

/* ----------------------------------------------------------------------------------------------- fixture --- */

static unsigned rwx_legal = ~0U; /* of the fixture that was opened last */

ptw_attr fixture_fit(ptw_attr attr)
{
    if ((rwx_legal >> (attr & PTW_RWX) & 1U) != 0)
        return attr;
    return (rwx_legal >> ((attr | PTW_X) & PTW_RWX) & 1U) != 0 ? attr | PTW_X : attr & ~PTW_X;
}

static ptw_status make_table(struct fixture *f)
{
    hardware_init(&f->hardware, &f->memory, &f->g);
    f->watched = (struct watched){0};
    ptw_status status = ptw_init(&f->t, f->format, &f->config, &f->memory.hooks, &f->hardware.hooks);
    if (f->kase->run_time) { /* as if configure() had named no engine */
        f->t.geo.ops = NULL;
        f->t.ops = ptw_runtime_ops();
    }
    if (status == PTW_OK)
        ptw_gather_init(&f->g, &f->t);
    rwx_legal = f->t.geo.rwx_legal;
    return status;
}

ptw_status fixture_open_as(struct fixture *f, const struct format_case *kase, const struct ptw_format *format,
                           unsigned memory_options)
{
    memset(f, 0, sizeof(*f));
    f->kase = kase;
    f->format = format;
    f->config = format->defaults;
    ptw_sim_memory_init(&f->memory, 0, kase->memory_options | memory_options);
    if (!format_config(format, kase->keys, &f->config))
        return PTW_INVAL;
    return make_table(f);
}

ptw_status fixture_open(struct fixture *f, const struct format_case *kase)
{
    return fixture_open_as(f, kase, kase->format, 0);
}

ptw_status fixture_reopen(struct fixture *f)
{
    ptw_sim_memory_reset(&f->memory);
    return make_table(f);
}

const char *fixture_finish(struct fixture *f)
{
    fixture_sync(f);
    f->watched.on = false;
    const char *why = hardware_check(&f->hardware, &f->t, false);
    if (why == NULL)
        why = ptw_sim_memory_uncleaned(&f->memory);
    f->hardware.seen = 0;
    ptw_destroy(&f->t);
    if (why == NULL)
        why = hardware_violation(&f->hardware);
    if (why == NULL && f->memory.outstanding != 0)
        why = "tables leaked: not all were freed by ptw_destroy";
    return why;
}

void fixture_close(struct fixture *f)
{
    ptw_sim_memory_fini(&f->memory);
}

bool fixture_has_ad(const struct fixture *f)
{
    return (f->t.geo.options & PTW_OPT_AD) != 0;
}

bool fixture_legal(const struct fixture *f, ptw_attr attr)
{
    ptw_word bits;
    return f->t.geo.encoder->bits(&f->t.geo, attr, 0, 0, &bits);
}

ptw_attr fixture_added_ad(const struct fixture *f, ptw_attr attr)
{
    const struct ptw_encoder *e = f->t.geo.encoder;
    ptw_word bits;

    if (!e->bits(&f->t.geo, attr, 0, 0, &bits))
        return 0;
    return e->attr(&f->t.geo, e->leaf(&f->t.geo, 0, bits, 0, 0), 0) & ~attr & PTW_AD;
}

ptw_attr fixture_blind_ad(const struct fixture *f)
{
    return fixture_added_ad(f, PTW_R) | fixture_added_ad(f, PTW_R | PTW_W);
}

bool fixture_exact_ad(const struct fixture *f)
{
    return fixture_blind_ad(f) == 0;
}

ptw_attr fixture_attr(const struct fixture *f)
{
    return (PTW_R | PTW_W | PTW_X | PTW_MT_WB | PTW_AD) & (f->t.geo.attr_legal | PTW_AD);
}
