/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tests/make_image.c - crafts memory images with hand-made page tables for the tests of the tool.
 *
 *   make_image FILE raw PA+BYTES       [WORDS ...]        one raw image that starts at PA
 *   make_image FILE elf PA+BYTES,...   [WORDS ...]        an ELF64 core with a PT_LOAD segment for each PA+BYTES
 *   make_image FILE elf,skew=N ...                        the same, contents N bytes behind their page boundary
 *   make_image FILE table NUMBER                          one raw image with a table of the library's, of a case of the
 *                                                         format table; says what the tool must be told, and its leaves
 *
 * WORDS is PA=WORD, one little-endian 64-bit word at PA, or PA*COUNT=WORD, or PA*COUNT=WORD+STEP: each STEP higher. All
 * else is zero. Numbers are as strtoull() takes them.
 */
#include "support/formats.h"

#include <elf.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENTS_MAX 32
#define PAGE 4096U
#define HOST_DATA (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB)

struct segment {
    uint64_t pa;
    size_t bytes;
    unsigned char *data;
};

struct image {
    struct segment segment[SEGMENTS_MAX];
    size_t segments;
    size_t skew;
    bool elf;
};

static void die(const char *what, const char *text)
{
    (void)fprintf(stderr, "make_image: %s: %s\n", what, text);
    exit(2);
}

/* The number at *p, which must end at `end`; *p moves behind that character. */
static uint64_t number(const char **p, char end)
{
    char *rest = NULL;
    const uint64_t value = strtoull(*p, &rest, 0);

    if (rest == *p || *rest != end)
        die("bad number", *p);
    *p = end == '\0' ? rest : rest + 1;
    return value;
}

static void add_segments(struct image *image, const char *text)
{
    while (*text != '\0') {
        struct segment *s = &image->segment[image->segments++];

        if (image->segments > SEGMENTS_MAX)
            die("too many segments", text);
        s->pa = number(&text, '+');
        s->bytes = (size_t)number(&text, strchr(text, ',') != NULL ? ',' : '\0');
        s->data = calloc(1, s->bytes);
        if (s->data == NULL)
            die("out of memory", "");
    }
}

static void store_word(struct image *image, uint64_t pa, uint64_t word)
{
    for (size_t i = 0; i < image->segments; i++) {
        struct segment *s = &image->segment[i];

        if (pa < s->pa || pa - s->pa > s->bytes - sizeof(word))
            continue;
        for (unsigned byte = 0; byte < sizeof(word); byte++)
            s->data[pa - s->pa + byte] = (unsigned char)(word >> (8U * byte));
        return;
    }
    die("a word outside of the image", "");
}

static void store_words(struct image *image, const char *text)
{
    const bool many = strchr(text, '*') != NULL;
    const bool steps = strchr(text, '+') != NULL;
    const uint64_t pa = number(&text, many ? '*' : '=');
    const uint64_t count = many ? number(&text, '=') : 1;
    const uint64_t word = number(&text, steps ? '+' : '\0');
    const uint64_t step = steps ? number(&text, '\0') : 0;

    for (uint64_t i = 0; i < count; i++)
        store_word(image, pa + i * sizeof(word), word + i * step);
}

static void put(FILE *out, const void *bytes, size_t n)
{
    if (fwrite(bytes, 1, n, out) != n)
        die("cannot write", "the image");
}

/* Where the contents of the first segment start: behind the headers, and skew bytes behind a page. */
static size_t contents_offset(const struct image *image)
{
    return PAGE + image->skew;
}

static void put_headers(FILE *out, const struct image *image)
{
    static const unsigned char zeros[2 * PAGE];
    uint64_t offset = contents_offset(image);
    Elf64_Ehdr header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, HOST_DATA, EV_CURRENT},
                         .e_type = ET_CORE,
                         .e_machine = EM_X86_64,
                         .e_version = EV_CURRENT,
                         .e_phoff = sizeof(Elf64_Ehdr),
                         .e_ehsize = sizeof(Elf64_Ehdr),
                         .e_phentsize = sizeof(Elf64_Phdr),
                         .e_phnum = (Elf64_Half)image->segments};

    put(out, &header, sizeof(header));
    for (size_t i = 0; i < image->segments; i++) {
        const Elf64_Phdr p = {.p_type = PT_LOAD,
                              .p_flags = PF_R,
                              .p_offset = offset,
                              .p_paddr = image->segment[i].pa,
                              .p_filesz = image->segment[i].bytes,
                              .p_memsz = image->segment[i].bytes};

        put(out, &p, sizeof(p));
        offset += p.p_filesz;
    }
    put(out, zeros, contents_offset(image) - sizeof(header) - image->segments * sizeof(Elf64_Phdr));
}

static void write_image(const struct image *image, const char *file)
{
    FILE *out = fopen(file, "wb");

    if (out == NULL)
        die("cannot create", file);
    if (image->elf)
        put_headers(out, image);
    for (size_t i = 0; i < image->segments; i++)
        put(out, image->segment[i].data, image->segment[i].bytes);
    if (fclose(out) != 0)
        die("cannot write", file);
}

/* ------------------------------------------------------------------------------------- tables of the library --- */

static void map_leaf(struct fixture *f, ptw_addr addr, ptw_oa oa, uint64_t size)
{
    if (ptw_map(&f->t, addr, oa, size, fixture_attr(f), 0, &f->g).status != PTW_OK)
        die("cannot map in a table of", f->kase->name);
}

/* Two pages, a leaf of each larger size, and the last page of all. */
static void map_leaves(struct fixture *f)
{
    const struct ptw_geometry *g = &f->t.geo;
    const ptw_addr first = ptw_first(&f->t), half = g->ia_sign != 0 ? g->ia_sign - 1 : g->ia_mask;
    const uint64_t page = UINT64_C(1) << g->encoder->granule;

    map_leaf(f, first + 3 * page, 5 * page, 2 * page);
    for (unsigned level = 1; level <= g->max_leaf; level++) {
        const uint64_t size = UINT64_C(1) << ptw_level_shift(g->encoder, level);

        if (2 * size - 1 < half && 2 * size - 1 <= g->oa_last)
            map_leaf(f, first + size, size, size);
    }
    map_leaf(f, ptw_last(&f->t) - page + 1, page, page);
}

static bool print_leaf(void *ctx, const struct hardware_leaf *leaf)
{
    (void)ctx;
    printf("0x%016" PRIx64 "\t0x%016" PRIx64 "\t0x%" PRIx64 "\n", leaf->addr, leaf->oa, leaf->last - leaf->addr + 1);
    return true;
}

/* What is not a table is zero: the arena may not be looked at there. The image ends with the last table. */
static void copy_tables(const struct fixture *f, struct image *image)
{
    struct segment *s = &image->segment[image->segments++];

    *s = (struct segment){.pa = PTW_SIM_PA};
    for (uint32_t i = 0; i < f->memory.blocks; i++) {
        const struct ptw_sim_block *b = &f->memory.block[i];

        if (b->live && b->offset + b->bytes > s->bytes)
            s->bytes = b->offset + b->bytes;
    }
    s->data = calloc(1, s->bytes);
    if (s->data == NULL)
        die("out of memory", "");
    for (uint32_t i = 0; i < f->memory.blocks; i++) {
        const struct ptw_sim_block *b = &f->memory.block[i];

        if (b->live)
            memcpy(s->data + b->offset, f->memory.arena + b->offset, b->bytes);
    }
}

/* First a line with the format, the configuration (or "default=") and the root, then the leaves. */
static void make_table(struct image *image, const char *text)
{
    const uint64_t n = number(&text, '\0');
    struct fixture f;

    if (n >= format_cases_count)
        exit(1); /* no more */
    if (fixture_open(&f, &format_cases[n]) != PTW_OK)
        die("cannot make a table of", format_cases[n].name);
    map_leaves(&f);
    copy_tables(&f, image);
    printf("%s %s 0x%" PRIx64 "\n", f.format->name, f.kase->keys[0] != '\0' ? f.kase->keys : "default=", f.t.root_pa);
    (void)hardware_visit(&f.hardware, &f.t, print_leaf, NULL);
    fixture_close(&f);
}

int main(int argc, char **argv)
{
    struct image image = {.elf = false};

    if (argc < 4)
        die("usage", "make_image FILE raw|elf[,skew=N] PA+BYTES[,...] [PA[*COUNT]=WORD[+STEP] ...]");
    image.elf = strncmp(argv[2], "elf", 3) == 0;
    if (strncmp(argv[2], "elf,skew=", 9) == 0) {
        const char *skew = argv[2] + 9;

        image.skew = (size_t)number(&skew, '\0') % PAGE;
    }
    if (strcmp(argv[2], "table") == 0)
        make_table(&image, argv[3]);
    else
        add_segments(&image, argv[3]);
    for (int i = 4; i < argc; i++)
        store_words(&image, argv[i]);
    write_image(&image, argv[1]);
    for (size_t i = 0; i < image.segments; i++)
        free(image.segment[i].data);
    return 0;
}
