/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/cli.h - what the subcommands of the ptw tool share: exit statuses, messages, numbers, options that
 * describe a table. Each subcommand is one file with one cmd_NAME function and its own --help text.
 */
#ifndef PTW_TOOL_CLI_H
#define PTW_TOOL_CLI_H

#include <stdio.h>

#include <ptw/ptw.h>

/* Exit statuses of every subcommand. */
enum { CLI_OK = 0, CLI_FINDING = 1, CLI_BAD = 2 };

/* One subcommand: name, one line for `ptw --help`, and the function, called with argv[0] = name. */
struct cli_command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
};

int cmd_decode(int argc, char **argv);
int cmd_dump(int argc, char **argv);
int cmd_formats(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_walk(int argc, char **argv);

/* Prints "ptw: " and one formatted line to stderr, after what stdout still holds; returns CLI_BAD, so that
 * `return cli_fail(...)` reads well. */
int cli_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The line for what getopt_long() answered with ':' or '?' (opterr is 0 and the short options start with ':'). */
int cli_option_error(int answer, char **argv, const char *command);

/* The exit status, if all of stdout could be written; otherwise prints the line and returns CLI_BAD. main() does this
 * for every subcommand; one with long output asks ferror(stdout) now and then, too, so as to stop early. */
int cli_finish(int status);

/* A number: decimal or 0x..., underscores between digits, suffix K, M, G or T (powers of 1024). False if `text` is not
 * one, or does not fit 64 bits. */
bool cli_number(const char *text, uint64_t *value);

/* The number that `what` is to be, or false after one line. */
bool cli_number_or_fail(const char *text, const char *what, uint64_t *value);

/* Applies "k=v,k=v,..." to a configuration. On failure it has printed the line, naming the key and what keys there
 * are, and returns CLI_BAD; otherwise CLI_OK. */
int cli_config(const struct ptw_format *format, const char *text, struct ptw_config *config);

/* The geometry of a configuration; CLI_BAD after one line that says what the format objects to. */
int cli_configure(const struct ptw_format *format, const struct ptw_config *config, struct ptw_geometry *geo);

/* The format of that name, or NULL after one line that lists the names. */
const struct ptw_format *cli_format(const char *name);

/* "r", "w", "x", "u" at their places or "-": 4 letters and a zero. */
void cli_rights(ptw_attr attr, char out[5]);

/* The memory type's name: "wb", "uc", ... */
const char *cli_memory_type(ptw_attr attr);

/* A size for people: "4K", "2M", "1028K". */
#define CLI_SIZE_CHARS 24
void cli_size(uint64_t bytes, char out[CLI_SIZE_CHARS]);

#endif
