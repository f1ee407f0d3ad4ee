/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* formats_run.c - CMocka around the table of formats: each test runs once for each case, in a fixture of its own. Alone in
 * its file, so that programs without CMocka (the fuzzing harnesses) can use the rest. */
#include "formats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct job {
    const struct format_test *test;
    const struct format_case *kase;
    struct fixture f;
    char name[128];
};

static int setup(void **state)
{
    struct job *job = *state;
    ptw_status status = fixture_open(&job->f, job->kase);
    if (status != PTW_OK)
        print_error("%s: ptw_init answers %s\n", job->name, ptw_status_name(status));
    return status == PTW_OK ? 0 : -1;
}

static void run(void **state)
{
    struct job *job = *state;
    job->test->run(&job->f);
    const char *why = fixture_finish(&job->f);
    if (why != NULL)
        fail_msg("%s", why);
}

static int teardown(void **state)
{
    struct job *job = *state;
    fixture_close(&job->f);
    return 0;
}

/* Is the test for this format at all? One that does not open is: its setup then fails. */
static bool wanted(const struct format_test *test, const struct format_case *kase)
{
    struct fixture *f = calloc(1, sizeof(*f));
    bool answer;

    if (f == NULL)
        abort();
    answer = test->wants == NULL || fixture_open(f, kase) != PTW_OK || test->wants(f);
    if (test->wants != NULL)
        fixture_close(f);
    free(f);
    return answer;
}

/* Is the case among those that PTW_CASE names, with commas between them? */
static bool named(const struct format_case *kase, const char *names)
{
    size_t n = strlen(kase->name);

    for (const char *at = names; at != NULL; at = strchr(at, ',') == NULL ? NULL : strchr(at, ',') + 1)
        if (strncmp(at, kase->name, n) == 0 && (at[n] == ',' || at[n] == '\0'))
            return true;
    return names == NULL;
}

int formats_run(const char *group, const struct format_test *tests, size_t n)
{
    return formats_run_over(group, tests, n, format_cases, format_cases_count);
}

int formats_run_over(const char *group, const struct format_test *tests, size_t n, const struct format_case *cases,
                     size_t cases_n)
{
    const char *only = getenv("PTW_CASE");
    struct job *jobs = calloc(n * cases_n, sizeof(*jobs));
    struct CMUnitTest *units = calloc(n * cases_n, sizeof(*units));
    size_t count = 0;

    if (jobs == NULL || units == NULL)
        abort();
    for (size_t i = 0; i < n * cases_n; i++) {
        struct job *job = &jobs[count];
        job->test = &tests[i / cases_n];
        job->kase = &cases[i % cases_n];
        if (!named(job->kase, only) || !wanted(job->test, job->kase))
            continue;
        if (strstr(job->kase->keys, "upper=1") != NULL && strcmp(group, "random") != 0 &&
            strncmp(group, "image", 5) != 0)
            continue; /* other tests name addresses from 0 on */
        snprintf(job->name, sizeof(job->name), "%s [%s]", job->test->name, job->kase->name);
        units[count++] = (struct CMUnitTest){job->name, run, setup, teardown, job};
    }
    int failed = _cmocka_run_group_tests(group, units, count, NULL, NULL);
    free(units);
    free(jobs);
    return failed;
}
