/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * recorded.h - one hash for each case of the format table, in a file of tests/data: what a build is compared with, on
 * whatever host it runs.
 *
 *   PTW_RECORD=1   writes the hashes of this run to the file instead of comparing (with PTW_CASE, only those)
 */
#ifndef TEST_RECORDED_H
#define TEST_RECORDED_H

#include "conformance.h"

#define RECORDED_MAX 512U

struct recorded_line {
    char name[64];
    uint64_t hash;
};

struct recorded {
    const char *program; /* "test_images" */
    const char *file;    /* where in PTW_TEST_DATA */
    bool recording;
    size_t n;
    struct recorded_line line[RECORDED_MAX];
};

#define HASH_START UINT64_C(0xcbf29ce484222325)

/* FNV-1a. */
static inline uint64_t hash_bytes(uint64_t hash, const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static inline struct recorded_line *recorded_line_of(struct recorded *r, const char *name)
{
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->line[i].name, name) == 0)
            return &r->line[i];
    return NULL;
}

static inline void recorded_compare(struct recorded *r, const char *name, uint64_t hash)
{
    struct recorded_line *line = recorded_line_of(r, name);

    if (r->recording) {
        if (line == NULL) {
            assert_true(r->n < RECORDED_MAX);
            line = &r->line[r->n++];
            (void)snprintf(line->name, sizeof(line->name), "%s", name);
        }
        line->hash = hash;
    } else if (line == NULL) {
        fail_msg("%s: tests/data/%s has no line for it; PTW_RECORD=1 build/dev/tests/%s writes it", name, r->file,
                 r->program);
    } else if (line->hash != hash) {
        fail_msg("%s: the hash is 0x%016" PRIx64 ", recorded is 0x%016" PRIx64
                 "; if the change is meant, PTW_RECORD=1 build/dev/tests/%s writes it anew",
                 name, hash, line->hash, r->program);
    }
}

static inline FILE *recorded_file(const struct recorded *r, const char *mode)
{
    char path[1024];
    const int n = snprintf(path, sizeof(path), "%s/%s", PTW_TEST_DATA, r->file);

    return n > 0 && (size_t)n < sizeof(path) ? fopen(path, mode) : NULL;
}

static inline bool recorded_read(struct recorded *r)
{
    FILE *file = recorded_file(r, "r");
    char text[128];

    r->recording = getenv("PTW_RECORD") != NULL;
    if (file == NULL)
        return r->recording;
    while (r->n < RECORDED_MAX && fgets(text, sizeof(text), file) != NULL) {
        struct recorded_line *line = &r->line[r->n];
        const size_t n = strcspn(text, "\t");

        if (text[0] == '#' || text[n] != '\t' || n >= sizeof(line->name))
            continue;
        memcpy(line->name, text, n);
        line->name[n] = '\0';
        line->hash = strtoull(text + n, NULL, 0);
        r->n++;
    }
    return fclose(file) == 0;
}

/* In the order of the format table; lines of cases that are no more go. */
static inline bool recorded_write(struct recorded *r)
{
    FILE *file = recorded_file(r, "w");

    if (file == NULL)
        return false;
    fprintf(file,
            "# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only\n"
            "# What %s.c compares the tables of each case with; it also says how this file is written.\n",
            r->program);
    for (size_t i = 0; i < format_cases_count; i++) {
        const struct recorded_line *line = recorded_line_of(r, format_cases[i].name);

        if (line != NULL)
            fprintf(file, "%s\t0x%016" PRIx64 "\n", line->name, line->hash);
    }
    return fclose(file) == 0;
}

/* Runs the tests between reading and, if it is to be recorded, writing the file. 0, or the program failed. */
static inline int recorded_run(struct recorded *r, const char *group, const struct format_test *tests, size_t n)
{
    int failed;

    if (!recorded_read(r)) {
        fprintf(stderr, "%s: cannot read tests/data/%s\n", r->program, r->file);
        return 1;
    }
    failed = formats_run(group, tests, n);
    for (size_t i = 0; i < r->n && !r->recording; i++)
        if (format_case_find(r->line[i].name) == NULL) {
            fprintf(stderr, "%s: tests/data/%s: there is no case %s\n", r->program, r->file, r->line[i].name);
            failed++;
        }
    if (r->recording && failed == 0 && !recorded_write(r)) {
        fprintf(stderr, "%s: cannot write tests/data/%s\n", r->program, r->file);
        return 1;
    }
    return failed != 0;
}

#endif
