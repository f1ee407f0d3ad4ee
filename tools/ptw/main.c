/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * tools/ptw/main.c - the command line `ptw`: a table of subcommands, `ptw --help`, `ptw --version`, `ptw help COMMAND`.
 */
#include <signal.h>
#include <string.h>

#include "cli.h"
#include "image.h"

static const struct cli_command commands[] = {
    {"decode", "name every bit of one page-table entry", cmd_decode},
    {"dump", "print every leaf of a page table in a memory image or ELF core", cmd_dump},
    {"formats", "list the page-table formats and their configuration keys", cmd_formats},
    {"replay", "live a recorded guest's page faults on a table and check every answer", cmd_replay},
    {"walk", "look addresses up, entry by entry, with the reason where there is no answer", cmd_walk},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *out)
{
    (void)fputs("usage: ptw COMMAND [OPTION ...] [ARGUMENT ...]\n\n", out);
    (void)fputs("ptw reads, explains and exercises page tables of any format it knows.\n\n", out);
    for (size_t i = 0; i < COMMANDS; i++)
        (void)fprintf(out, "  %-8s  %s\n", commands[i].name, commands[i].summary);
    (void)fputs(
        "\nptw COMMAND --help, or ptw help COMMAND, shows a command's options.\n"
        "ptw --version shows what is compiled in.\n\n"
        "Levels count from 0, which holds the smallest leaves, in every format. Numbers may be written as 4096,\n"
        "0x1000, 0xdead_beef or 4K (also M, G, T). Exit status: 0 all is well; 1 something was found (an address\n"
        "is not mapped, a replay does not match); 2 bad input or a broken table, after one line on stderr.\n",
        out);
}

static int print_version(void)
{
    (void)printf("ptw %d.%d.%d\nlibrary %s\nELF cores: %s\n", PTW_VERSION_MAJOR, PTW_VERSION_MINOR, PTW_VERSION_PATCH,
                 ptw_version_text(), image_has_elf() ? "yes, libelf is compiled in" : "no, built without libelf");
    return CLI_OK;
}

static const struct cli_command *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    (void)cli_fail("there is no command '%s'; ptw --help lists the commands", name);
    return NULL;
}

static int help(const char *name)
{
    char option[] = "--help";
    char self[32];
    const struct cli_command *command = NULL;

    if (name == NULL) {
        print_help(stdout);
        return CLI_OK;
    }
    command = find(name);
    if (command == NULL)
        return CLI_BAD;
    (void)snprintf(self, sizeof(self), "%s", command->name);
    return command->run(2, (char *[]){self, option, NULL});
}

static int run(int argc, char **argv)
{
    const struct cli_command *command = NULL;

    if (argc < 2) {
        print_help(stderr);
        return CLI_BAD;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help(NULL);
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
        return print_version();
    if (strcmp(argv[1], "help") == 0)
        return help(argc > 2 ? argv[2] : NULL);
    command = find(argv[1]);
    return command != NULL ? command->run(argc - 1, argv + 1) : CLI_BAD;
}

int main(int argc, char **argv)
{
    /* A reader that goes away is an error of write() like any other, with its line and status. */
    (void)signal(SIGPIPE, SIG_IGN);
    return cli_finish(run(argc, argv));
}
