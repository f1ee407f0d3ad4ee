/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * replay_main.c - runs a fuzzing harness over files: for compilers without libFuzzer, for valgrind, for coverage.
 *
 *   fuzz_ops FILE-OR-DIRECTORY...     each file, and each file of a directory, is one input
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The content, or NULL. */
static uint8_t *read_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(size + 1);

    if (file != NULL && data != NULL && fread(data, 1, size, file) == size) {
        fclose(file);
        return data;
    }
    if (file != NULL)
        fclose(file);
    free(data);
    return NULL;
}

static int replay_file(const char *path, size_t size)
{
    uint8_t *data = read_file(path, size);

    if (data == NULL) {
        perror(path);
        return -1;
    }
    (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

/* How many inputs were run; -1 if one could not be read. */
static int replay(const char *path)
{
    struct stat st;
    struct dirent *entry;
    int runs = 0;
    DIR *directory;

    if (stat(path, &st) != 0) {
        perror(path);
        return -1;
    }
    if (!S_ISDIR(st.st_mode))
        return replay_file(path, (size_t)st.st_size);
    directory = opendir(path);
    if (directory == NULL) {
        perror(path);
        return -1;
    }
    while (runs >= 0 && (entry = readdir(directory)) != NULL) {
        char name[4096];
        if (entry->d_name[0] == '.')
            continue;
        int length = snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (length < 0 || (size_t)length >= sizeof(name) || stat(name, &st) != 0 || !S_ISREG(st.st_mode))
            continue;
        runs = replay_file(name, (size_t)st.st_size) < 0 ? -1 : runs + 1;
    }
    closedir(directory);
    return runs;
}

int main(int argc, char **argv)
{
    int runs = 0;

    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE-OR-DIRECTORY...\n", argv[0]);
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        int n = replay(argv[i]);
        if (n < 0)
            return 1;
        runs += n;
    }
    printf("%d inputs, no failure\n", runs);
    return runs == 0;
}
