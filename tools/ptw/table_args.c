/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tools/ptw/table_args.c - from -i, -F, -r or registers, and --config to an open table (table_args.h). */
#include "table_args.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int table_args_begin(struct table_args *args, int argc, enum table_output last)
{
    memset(args, 0, sizeof(*args));
    args->last_output = last;
    opterr = 0;
    args->config_text = calloc((size_t)argc + 1U, sizeof(*args->config_text));
    if (args->config_text == NULL)
        return cli_fail("out of memory");
    return image_open(&args->image, (size_t)argc + 1U);
}

void table_args_close(struct table_args *args)
{
    image_close(&args->image);
    free(args->config_text);
}

static int take_output(struct table_args *args, const char *value)
{
    static const char *const name[] = {"text", "tsv", "json", "dot"};
    const unsigned last = args->last_output;
    char names[64] = "text";
    size_t used = strlen(names);

    for (unsigned i = 0; i <= last; i++) {
        args->output = (enum table_output)i;
        if (strcmp(value, name[i]) == 0)
            return CLI_OK;
    }
    for (unsigned i = 1; i <= last; i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i < last ? ", " : " and ", name[i]);
    return cli_fail("there is no output '%s'; there are %s", value, names);
}

int table_args_take(struct table_args *args, int option, const char *value)
{
    if (option >= REGISTER_ARGS_FIRST)
        return register_args_take(&args->registers, option, value);
    switch (option) {
    case 'i':
        return image_add(&args->image, value);
    case 'F':
        args->format = cli_format(value);
        return args->format != NULL ? CLI_OK : CLI_BAD;
    case 'r':
        args->has_root = true;
        return cli_number_or_fail(value, "the root", &args->root) ? CLI_OK : CLI_BAD;
    case 'c':
        args->config_text[args->config_texts++] = value;
        return CLI_OK;
    default:
        return take_output(args, value);
    }
}

static int check_root(const struct table_args *args, const struct ptw_geometry *geo)
{
    const uint64_t bytes = (uint64_t)geo->encoder->word_bytes << geo->root_bits;
    const uint64_t present = image_present(&args->image, args->root, bytes);
    const char *file = image_file_of(&args->image, args->root);

    if (args->root % bytes != 0)
        return cli_fail("%s: root 0x%" PRIx64 " is not aligned to its size, 0x%" PRIx64 " bytes", file, args->root,
                        bytes);
    if (present == 0)
        return cli_fail("%s: root 0x%" PRIx64 " is outside of the file", file, args->root);
    if (present < bytes)
        return cli_fail("%s: root 0x%" PRIx64 " is cut off: the file has 0x%" PRIx64 " of its 0x%" PRIx64 " bytes",
                        file, args->root, present, bytes);
    return CLI_OK;
}

static int check_given(const struct table_args *args)
{
    if (args->image.files == 0)
        return cli_fail("which memory? give -i FILE[@PA]");
    if (args->registers.given != 0 && (args->format != NULL || args->has_root))
        return cli_fail("registers say format and root: give them, or -F and -r, not both");
    if (args->registers.given != 0)
        return CLI_OK;
    if (args->format == NULL)
        return cli_fail("which format? give -F FORMAT; ptw formats lists them");
    if (!args->has_root)
        return cli_fail("where is the root table? give -r ROOT, a physical address");
    return CLI_OK;
}

/* Format, root and the configuration to begin with. */
static int find_table(struct table_args *args)
{
    struct ptw_root root;

    if (args->registers.given == 0) {
        args->config = args->format->defaults;
        return CLI_OK;
    }
    if (register_args_root(&args->registers, &root) != CLI_OK)
        return CLI_BAD;
    args->format = root.format;
    args->config = root.config;
    args->root = root.pa;
    return CLI_OK;
}

static uint64_t largest_table_bytes(const struct ptw_geometry *geo)
{
    const struct ptw_encoder *e = geo->encoder;
    const unsigned bits = e->index_bits > e->index_bits0 ? e->index_bits : e->index_bits0;

    return (uint64_t)e->word_bytes << (geo->root_bits > bits ? geo->root_bits : bits);
}

int table_args_open(struct table_args *args)
{
    const struct ptw_mem mem = {.va = image_va, .ctx = &args->image};
    struct ptw_geometry geo;
    ptw_status status = PTW_OK;

    if (check_given(args) != CLI_OK || find_table(args) != CLI_OK || image_ready(&args->image) != CLI_OK)
        return CLI_BAD;
    for (size_t i = 0; i < args->config_texts; i++) {
        if (cli_config(args->format, args->config_text[i], &args->config) != CLI_OK)
            return CLI_BAD;
    }
    if (cli_configure(args->format, &args->config, &geo) != CLI_OK || check_root(args, &geo) != CLI_OK)
        return CLI_BAD;
    args->image.table_bytes = largest_table_bytes(&geo);
    status = ptw_open(&args->table, args->format, &args->config, &mem, NULL, args->root);
    if (status == PTW_OK)
        return CLI_OK;
    return cli_fail("%s: the table at root 0x%" PRIx64 " cannot be opened: %s", image_file_of(&args->image, args->root),
                    args->root, ptw_status_name(status));
}
