/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/image.c - physical memory from files (image.h). Files are mapped, not read: a dump of a 64 GiB core touches
 * only the pages that hold tables.
 */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

#define PAGE UINT64_C(4096)

int image_open(struct image *image, size_t files_max)
{
    memset(image, 0, sizeof(*image));
    image->file = calloc(files_max, sizeof(*image->file));
    image->files_max = files_max;
    return image->file != NULL ? CLI_OK : cli_fail("out of memory");
}

void image_close(struct image *image)
{
    for (size_t i = 0; i < image->segments; i++) {
        if (image->segment[i].copy != NULL)
            (void)munmap(image->segment[i].copy, image->segment[i].copy_bytes);
        if (image->segment[i].copied != NULL)
            (void)munmap(image->segment[i].copied, image->segment[i].copied_bytes);
    }
    for (size_t i = 0; i < image->files; i++) {
        if (image->file[i].map != NULL)
            (void)munmap(image->file[i].map, image->file[i].bytes);
        free(image->file[i].name);
    }
    free(image->segment);
    free(image->file);
    memset(image, 0, sizeof(*image));
}

int image_add_segment(struct image *image, ptw_oa first, const unsigned char *data, uint64_t bytes, const char *file)
{
    struct image_segment *s = NULL;

    if (image->segments == image->room) {
        const size_t room = image->room == 0 ? 16 : 2 * image->room;

        s = realloc(image->segment, room * sizeof(*s));
        if (s == NULL)
            return cli_fail("out of memory");
        image->segment = s;
        image->room = room;
    }
    s = &image->segment[image->segments++];
    memset(s, 0, sizeof(*s));
    s->first = first;
    s->last = first + (bytes - 1U);
    s->data = data;
    s->file = file;
    return CLI_OK;
}

/* Splits FILE@PA. A file whose whole name exists is meant whole; without @PA, `*placed` is false. */
static int split_spec(char *spec, ptw_oa *pa, bool *placed)
{
    char *at = strrchr(spec, '@');

    *placed = false;
    *pa = 0;
    if (at == NULL || at == spec || access(spec, F_OK) == 0)
        return CLI_OK;
    if (!cli_number_or_fail(at + 1, "the physical address of an image", pa))
        return CLI_BAD;
    *at = '\0';
    *placed = true;
    return CLI_OK;
}

static int map_file(struct image_file *file, int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return cli_fail("%s: cannot read: %s", file->name, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return cli_fail("%s: not a regular file", file->name);
    if (st.st_size == 0)
        return cli_fail("%s: the file is empty", file->name);
    file->map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (file->map == MAP_FAILED) {
        (void)cli_fail("%s: cannot map: %s", file->name, strerror(errno));
        file->map = NULL;
        return CLI_BAD;
    }
    file->bytes = (size_t)st.st_size;
    return CLI_OK;
}

/* Containers that look raw but are not: taking them for memory would give wrong answers without a word. */
static const char *container_name(const struct image_file *file)
{
    static const struct {
        const char *magic, *name;
    } containers[] = {
        {"EMiL", "a LiME dump"},
        {"KDUMP   ", "a compressed kdump file"},
        {"makedumpfile", "a flattened kdump file"},
        {"\x28\xb5\x2f\xfd", "zstd-compressed"},
        {"\x1f\x8b", "gzip-compressed"},
    };

    for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++) {
        const size_t n = strlen(containers[i].magic);

        if (file->bytes >= n && memcmp(file->map, containers[i].magic, n) == 0)
            return containers[i].name;
    }
    return NULL;
}

static int add_raw(struct image *image, const struct image_file *file, ptw_oa pa)
{
    if (file->bytes - 1U > UINT64_MAX - pa)
        return cli_fail("%s: %zu bytes at 0x%" PRIx64 " end beyond the last physical address", file->name, file->bytes,
                        pa);
    return image_add_segment(image, pa, file->map, file->bytes, file->name);
}

static int add_mapped(struct image *image, const struct image_file *file, int fd, ptw_oa pa, bool placed)
{
    const char *container = container_name(file);

    if (placed)
        return add_raw(image, file, pa);
    if (file->bytes >= 4 && memcmp(file->map, "\177ELF", 4) == 0)
        return image_add_elf(image, file, fd);
    if (container != NULL)
        return cli_fail("%s: the file is %s, which is not read here: convert it to an ELF core or a raw image",
                        file->name, container);
    return add_raw(image, file, 0);
}

int image_add(struct image *image, const char *spec)
{
    struct image_file *file = &image->file[image->files];
    ptw_oa pa = 0;
    bool placed = false;
    int status = CLI_BAD;
    int fd = -1;

    if (image->files == image->files_max)
        return cli_fail("too many images");
    file->name = strdup(spec);
    if (file->name == NULL)
        return cli_fail("out of memory");
    image->files++;
    if (split_spec(file->name, &pa, &placed) != CLI_OK)
        return CLI_BAD;
    fd = open(file->name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return cli_fail("%s: cannot open: %s", file->name, strerror(errno));
    if (map_file(file, fd) == CLI_OK)
        status = add_mapped(image, file, fd, pa, placed);
    (void)close(fd);
    return status;
}

static int compare_segments(const void *a, const void *b)
{
    const struct image_segment *x = a;
    const struct image_segment *y = b;

    return x->first < y->first ? -1 : x->first > y->first;
}

/* Entries are read as words of up to eight bytes. Bytes that lie otherwise in the file are copied, page by page. */
static int prepare_copy(struct image_segment *s)
{
    const uint64_t pages = s->last / PAGE - s->first / PAGE + 1U;
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

    if (((uintptr_t)s->data - s->first) % PTW_WORD_BYTES_MAX == 0)
        return CLI_OK;
    s->copy_bytes = (size_t)(pages * PAGE);
    s->copied_bytes = (size_t)pages;
    s->copy = mmap(NULL, s->copy_bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (s->copy == MAP_FAILED) {
        s->copy = NULL;
        return cli_fail("%s: cannot map %zu bytes: %s", s->file, s->copy_bytes, strerror(errno));
    }
    s->copied = mmap(NULL, s->copied_bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (s->copied == MAP_FAILED) {
        s->copied = NULL;
        return cli_fail("%s: cannot map %zu bytes: %s", s->file, s->copied_bytes, strerror(errno));
    }
    return CLI_OK;
}

/* True if `next` continues `s`, or repeats a part of it, with the same bytes of the same file: cores list a page once
 * for each virtual range that shows it. */
static bool same_bytes(const struct image_segment *s, const struct image_segment *next)
{
    return s->file == next->file && next->data - s->data == (ptrdiff_t)(next->first - s->first) &&
           (next->first <= s->last || next->first == s->last + 1U);
}

int image_ready(struct image *image)
{
    size_t kept = 0;

    qsort(image->segment, image->segments, sizeof(*image->segment), compare_segments);
    for (size_t i = 1; i < image->segments; i++) {
        struct image_segment *s = &image->segment[kept];
        const struct image_segment *next = &image->segment[i];

        if (same_bytes(s, next))
            s->last = next->last > s->last ? next->last : s->last;
        else if (next->first <= s->last)
            return cli_fail("%s: overlaps %s at physical address 0x%" PRIx64, next->file,
                            next->file == s->file ? "itself" : s->file, next->first);
        else
            image->segment[++kept] = *next;
    }
    image->segments = kept + 1U;
    for (size_t i = 0; i < image->segments; i++) {
        if (prepare_copy(&image->segment[i]) != CLI_OK)
            return CLI_BAD;
    }
    return CLI_OK;
}

static const struct image_segment *find_segment(const struct image *image, ptw_oa pa)
{
    size_t low = 0;
    size_t high = image->segments;

    while (low < high) {
        const size_t middle = low + (high - low) / 2U;

        if (image->segment[middle].last < pa)
            low = middle + 1U;
        else
            high = middle;
    }
    return low < image->segments && image->segment[low].first <= pa ? &image->segment[low] : NULL;
}

uint64_t image_present(const struct image *image, ptw_oa pa, uint64_t bytes)
{
    const struct image_segment *s = find_segment(image, pa);

    if (s == NULL)
        return 0;
    return s->last - pa >= bytes - 1U ? bytes : s->last - pa + 1U;
}

static void copy_page(const struct image_segment *s, uint64_t page)
{
    const ptw_oa base = s->first - s->first % PAGE + page * PAGE;
    const ptw_oa first = base > s->first ? base : s->first;
    const ptw_oa last = s->last - base >= PAGE ? base + PAGE - 1U : s->last;

    memcpy(s->copy + page * PAGE + first % PAGE, s->data + (first - s->first), (size_t)(last - first + 1U));
    s->copied[page] = 1;
}

void *image_at(const struct image *image, ptw_oa pa, uint64_t bytes)
{
    const struct image_segment *s = find_segment(image, pa);

    if (s == NULL || s->last - pa < bytes - 1U)
        return NULL;
    if (s->copy == NULL)
        return (void *)(uintptr_t)(s->data + (pa - s->first));
    for (uint64_t page = pa / PAGE; page <= (pa + (bytes - 1U)) / PAGE; page++) {
        if (s->copied[page - s->first / PAGE] == 0)
            copy_page(s, page - s->first / PAGE);
    }
    return s->copy + (pa - s->first / PAGE * PAGE);
}

void *image_va(void *ctx, ptw_oa pa)
{
    const struct image *image = ctx;
    const uint64_t present = image_present(image, pa, image->table_bytes);

    return present != 0 ? image_at(image, pa, present) : NULL;
}

const char *image_file_of(const struct image *image, ptw_oa pa)
{
    const struct image_segment *s = find_segment(image, pa);

    if (s != NULL)
        return s->file;
    return image->files == 1 ? image->file[0].name : "image";
}
