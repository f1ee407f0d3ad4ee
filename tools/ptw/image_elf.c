/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/image_elf.c - ELF64 files as physical memory: each PT_LOAD segment's file bytes stand at its p_paddr. What
 * a segment has in memory but not in the file (p_memsz beyond p_filesz) was not dumped and is absent. libelf checks
 * the headers; it never sees the contents. With PTW_WITH_ELF 0 the tool reads raw images only.
 */
#include <inttypes.h>

#include "cli.h"
#include "image.h"

#ifndef PTW_WITH_ELF
#define PTW_WITH_ELF 1
#endif

#if !PTW_WITH_ELF

bool image_has_elf(void)
{
    return false;
}

int image_add_elf(struct image *image, const struct image_file *file, int fd)
{
    (void)image;
    (void)fd;
    return cli_fail("%s: an ELF file, but ptw was built without libelf; rebuild with it, or give FILE@PA", file->name);
}

#else

#include <gelf.h>
#include <libelf.h>

bool image_has_elf(void)
{
    return true;
}

/* One PT_LOAD segment; `n` is its index among the program headers. */
static int add_load(struct image *image, const struct image_file *file, size_t n, const GElf_Phdr *p)
{
    if (p->p_offset > file->bytes || p->p_filesz > file->bytes - p->p_offset)
        return cli_fail("%s: truncated: segment %zu (physical address 0x%" PRIx64 ") has 0x%" PRIx64
                        " bytes at offset 0x%" PRIx64 ", but the file ends at 0x%zx",
                        file->name, n, p->p_paddr, p->p_filesz, p->p_offset, file->bytes);
    if (p->p_filesz - 1U > UINT64_MAX - p->p_paddr)
        return cli_fail("%s: segment %zu (physical address 0x%" PRIx64 ", 0x%" PRIx64
                        " bytes) ends beyond the last physical address",
                        file->name, n, p->p_paddr, p->p_filesz);
    return image_add_segment(image, p->p_paddr, (const unsigned char *)file->map + p->p_offset, p->p_filesz,
                             file->name);
}

static int add_segments(struct image *image, const struct image_file *file, Elf *elf)
{
    const size_t before = image->segments;
    GElf_Ehdr header;
    size_t count = 0;

    if (gelf_getehdr(elf, &header) == NULL || elf_getphdrnum(elf, &count) != 0)
        return cli_fail("%s: truncated or broken ELF file: %s", file->name, elf_errmsg(-1));
    if (header.e_phnum != PN_XNUM && count != header.e_phnum)
        return cli_fail("%s: truncated: the file ends inside its %u program headers", file->name,
                        (unsigned)header.e_phnum);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr p;

        if (gelf_getphdr(elf, (int)i, &p) == NULL)
            return cli_fail("%s: truncated or broken ELF file: program header %zu: %s", file->name, i, elf_errmsg(-1));
        if (p.p_type == PT_LOAD && p.p_filesz != 0 && add_load(image, file, i, &p) != CLI_OK)
            return CLI_BAD;
    }
    if (image->segments == before)
        return cli_fail("%s: the ELF file has no PT_LOAD segment with contents", file->name);
    return CLI_OK;
}

int image_add_elf(struct image *image, const struct image_file *file, int fd)
{
    int status = CLI_BAD;
    Elf *elf = NULL;

    if (elf_version(EV_CURRENT) == EV_NONE)
        return cli_fail("%s: libelf is too old: %s", file->name, elf_errmsg(-1));
    elf = elf_begin(fd, ELF_C_READ, NULL);
    if (elf == NULL || elf_kind(elf) != ELF_K_ELF)
        status = cli_fail("%s: truncated or broken ELF file", file->name);
    else if (gelf_getclass(elf) != ELFCLASS64)
        status = cli_fail("%s: not an ELF64 file; give FILE@PA to read it as a raw image", file->name);
    else
        status = add_segments(image, file, elf);
    (void)elf_end(elf);
    return status;
}

#endif
