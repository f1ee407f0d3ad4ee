/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tests/make_image.c - crafts memory images with hand-made page tables for the tests of the tool.
 *
 *   make_image FILE raw PA+BYTES       [WORDS ...]        one raw image that starts at PA
 *   make_image FILE elf PA+BYTES,...   [WORDS ...]        an ELF64 core with a PT_LOAD segment for each PA+BYTES
 *   make_image FILE elf,skew=N ...                        the same, contents N bytes behind their page boundary
 *
 * WORDS is PA=WORD, one little-endian 64-bit word at PA, or PA*COUNT=WORD, or PA*COUNT=WORD+STEP: each STEP higher. All
 * else is zero. Numbers are as strtoull() takes them.
 */
#include <elf.h>
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
    add_segments(&image, argv[3]);
    for (int i = 4; i < argc; i++)
        store_words(&image, argv[i]);
    write_image(&image, argv[1]);
    for (size_t i = 0; i < image.segments; i++)
        free(image.segment[i].data);
    return 0;
}
