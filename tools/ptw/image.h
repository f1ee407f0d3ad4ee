/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/image.h - physical memory from files: raw images placed at an address (FILE@PA) and ELF64 files, whose
 * PT_LOAD segments say where they belong (p_paddr). Several files make one memory; what none of them holds is absent.
 *
 *   image_open(&image, n)     room for n files
 *   image_add(&image, spec)   once for each file
 *   image_ready(&image)       sorts; refuses overlaps
 *   image_at, image_va        read
 */
#ifndef PTW_TOOL_IMAGE_H
#define PTW_TOOL_IMAGE_H

#include <ptw/ptw.h>

/* Consecutive physical addresses whose contents are consecutive in one file. */
struct image_segment {
    ptw_oa first, last; /* inclusive */
    const unsigned char *data;
    const char *file;

    /* Where `data` is not aligned as entries must be (cores with odd notes): pages are copied here when asked for.
     * NULL: `data` is used as it is. */
    unsigned char *copy;
    unsigned char *copied; /* one byte a page */
    size_t copy_bytes, copied_bytes;
};

struct image_file {
    char *name;
    void *map;
    size_t bytes;
};

struct image {
    struct image_segment *segment;
    size_t segments, room;
    struct image_file *file;
    size_t files, files_max;
    uint64_t table_bytes; /* of the largest table */
};

/* True if ELF files can be read. */
bool image_has_elf(void);

/* Each of these answers CLI_OK, or CLI_BAD after one line. image_close() is due in any case. */
int image_open(struct image *image, size_t files_max);
int image_add(struct image *image, const char *spec);
int image_ready(struct image *image);
void image_close(struct image *image);

/* How many of `bytes` bytes from `pa` on the image holds without a gap: 0 ... bytes. */
uint64_t image_present(const struct image *image, ptw_oa pa, uint64_t bytes);

/* The bytes [pa, pa + bytes), aligned for entries, or NULL if not all of them are there. */
void *image_at(const struct image *image, ptw_oa pa, uint64_t bytes);

/* struct ptw_mem's hook; ctx is the image. It does not know how large the table at `pa` is: whoever goes into a table has
 * seen that all of it is there (check_root, entry_objection). NULL: nothing is there. */
void *image_va(void *ctx, ptw_oa pa);

/* The name of the file that holds `pa`; if none does, of the only file, or "image" if there are several. */
const char *image_file_of(const struct image *image, ptw_oa pa);

/* For the readers of file formats: the contents of [first, first + bytes); bytes is not 0 and does not wrap. */
int image_add_segment(struct image *image, ptw_oa first, const unsigned char *data, uint64_t bytes, const char *file);

/* Adds the PT_LOAD segments of an ELF64 file (image_elf.c). */
int image_add_elf(struct image *image, const struct image_file *file, int fd);

#endif
