/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/table_args.h - the options that say which table a subcommand reads, and the table opened from them:
 * -i, -F and -r or registers, --config, -o. Shared by dump and walk.
 */
#ifndef PTW_TOOL_TABLE_ARGS_H
#define PTW_TOOL_TABLE_ARGS_H

#include <getopt.h>

#include "cli.h"
#include "image.h"
#include "register_args.h"

/* -o. A subcommand has those up to the last one that it knows. */
enum table_output { OUTPUT_TEXT, OUTPUT_TSV, OUTPUT_JSON, OUTPUT_DOT };

struct table_args {
    struct image image;
    const struct ptw_format *format;
    struct ptw_config config;
    const char **config_text; /* one for each --config, applied when the format is known */
    size_t config_texts;
    ptw_oa root;
    bool has_root;
    struct register_args registers; /* in place of format and root */
    enum table_output output, last_output;
    struct ptw_table table;
};

#define TABLE_ARGS_SHORT ":i:F:r:c:o:h"
/* clang-format off */
#define TABLE_ARGS_LONG                                                                                                \
    {"image", required_argument, NULL, 'i'}, {"format", required_argument, NULL, 'F'},                                 \
    {"root", required_argument, NULL, 'r'}, {"config", required_argument, NULL, 'c'},                                  \
    {"output", required_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'}, REGISTER_ARGS_LONG
#define TABLE_ARGS_HELP                                                                                                \
    "  -i, --image FILE[@PA]   memory to read: an ELF64 core, or a raw image that starts at physical address PA [0];\n"\
    "                          may be given several times\n"                                                           \
    "  -F, --format FORMAT     what the tables are: a name that `ptw formats` lists\n"                                 \
    "  -r, --root ROOT         physical address of the root table\n"                                                   \
    "  -c, --config K=V,...    configuration: levels=5,leaf=2M,...; `ptw formats FORMAT` lists the keys\n"
/* clang-format on */

/* For every subcommand that opens a table: begin, take each option of the above, open, ..., close. All but close answer
 * CLI_OK, or CLI_BAD after one line; close is due in any case. The help on -o is each subcommand's own. */
int table_args_begin(struct table_args *args, int argc, enum table_output last);
int table_args_take(struct table_args *args, int option, const char *value);
int table_args_open(struct table_args *args);
void table_args_close(struct table_args *args);

#endif
