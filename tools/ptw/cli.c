/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* tools/ptw/cli.c - messages, numbers, configurations and names that all subcommands share (cli.h). */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int cli_fail(const char *format, ...)
{
    va_list args;

    (void)fflush(stdout); /* a terminal shows what led here first; cli_finish() reports if this failed */
    va_start(args, format);
    (void)fputs("ptw: ", stderr);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    return CLI_BAD;
}

int cli_option_error(int answer, char **argv, const char *command)
{
    const char *text = argv[optind - 1];

    if (answer == ':')
        return cli_fail("option %s needs a value; ptw %s --help shows the options", text, command);
    if (optopt != 0 && strncmp(text, "--", 2) == 0)
        return cli_fail("option %s takes no value; ptw %s --help shows the options", text, command);
    if (optopt != 0)
        return cli_fail("there is no option -%c; ptw %s --help shows the options", optopt, command);
    return cli_fail("there is no option %s; ptw %s --help shows the options", text, command);
}

int cli_finish(int status)
{
    const bool flushed = fflush(stdout) == 0;

    if (flushed && ferror(stdout) == 0)
        return status;
    return cli_fail("cannot write the output: %s", errno != 0 ? strerror(errno) : "it was cut short");
}

static bool suffix_shift(char letter, unsigned *shift)
{
    static const char letters[] = "KMGT";
    const char *at = strchr(letters, toupper((unsigned char)letter));

    if (letter == '\0' || at == NULL)
        return false;
    *shift = 10U * (unsigned)(at - letters + 1);
    return true;
}

static bool digit_value(char c, unsigned base, unsigned *digit)
{
    if (c >= '0' && c <= '9')
        *digit = (unsigned)(c - '0');
    else if (base == 16 && isxdigit((unsigned char)c))
        *digit = (unsigned)(tolower((unsigned char)c) - 'a') + 10U;
    else
        return false;
    return true;
}

bool cli_number(const char *text, uint64_t *value)
{
    const bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const unsigned base = hex ? 16 : 10;
    const char *p = hex ? text + 2 : text;
    uint64_t v = 0;
    unsigned digit = 0;
    unsigned shift = 0;

    if (!digit_value(*p, base, &digit))
        return false;
    while (digit_value(*p, base, &digit)) {
        if (v > (UINT64_MAX - digit) / base)
            return false;
        v = v * base + digit;
        p++;
        if (*p == '_' && digit_value(p[1], base, &digit))
            p++;
    }
    if (suffix_shift(*p, &shift))
        p++;
    if (*p != '\0' || v > UINT64_MAX >> shift)
        return false;
    *value = v << shift;
    return true;
}

bool cli_number_or_fail(const char *text, const char *what, uint64_t *value)
{
    if (cli_number(text, value))
        return true;
    (void)cli_fail("bad number '%s' for %s: 4096, 0x1000, 0xdead_beef and 4K are numbers", text, what);
    return false;
}

static int unknown_key(const struct ptw_format *format, const char *key)
{
    char keys[512] = "levels, ia (or ipa), oa, granule, leaf";
    size_t used = strlen(keys);

    for (const struct ptw_option *o = format->options; o->key != NULL && used < sizeof(keys); o++)
        used += (size_t)snprintf(keys + used, sizeof(keys) - used, ", %s", o->key);
    return cli_fail("format %s has no key '%s'; its keys are %s", format->name, key, keys);
}

/* Applies one "key=value", of `length` characters. */
static int config_pair(const struct ptw_format *format, const char *text, size_t length, struct ptw_config *config)
{
    char pair[96];
    char *value = NULL;
    uint64_t number = 0;
    ptw_status status = PTW_OK;

    if (length >= sizeof(pair))
        return cli_fail("'%.20s...' in the configuration is too long to be key=value", text);
    memcpy(pair, text, length);
    pair[length] = '\0';
    value = strchr(pair, '=');
    if (value == NULL || value == pair)
        return cli_fail("'%s' in the configuration is not key=value", pair);
    *value++ = '\0';
    if (!cli_number_or_fail(value, pair, &number))
        return CLI_BAD;
    status = ptw_config_set(format, config, pair, number);
    if (status == PTW_NOENT)
        return unknown_key(format, pair);
    if (status != PTW_OK)
        return cli_fail("format %s: %s=%s is not possible: an option is 0 or 1, levels and bits are at most 64",
                        format->name, pair, value);
    return CLI_OK;
}

int cli_config(const struct ptw_format *format, const char *text, struct ptw_config *config)
{
    for (;;) {
        const size_t length = strcspn(text, ",");
        const int status = config_pair(format, text, length, config);

        if (status != CLI_OK || text[length] == '\0')
            return status;
        text += length + 1;
    }
}

int cli_configure(const struct ptw_format *format, const struct ptw_config *config, struct ptw_geometry *geo)
{
    const char *why = NULL;
    const ptw_status status = ptw_configure(format, config, geo, &why);

    if (status == PTW_OK)
        return CLI_OK;
    return cli_fail("format %s: %s", format->name, why != NULL ? why : ptw_status_name(status));
}

const struct ptw_format *cli_format(const char *name)
{
    const struct ptw_format *format = ptw_format_find(name);
    char names[1024] = "";
    size_t used = 0;

    if (format != NULL)
        return format;
    for (size_t i = 0; ptw_formats[i] != NULL && used < sizeof(names); i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i == 0 ? "" : ", ", ptw_formats[i]->name);
    (void)cli_fail("unknown format '%s'; there are %s", name, names);
    return NULL;
}

void cli_rights(ptw_attr attr, char out[5])
{
    out[0] = (attr & PTW_R) != 0 ? 'r' : '-';
    out[1] = (attr & PTW_W) != 0 ? 'w' : '-';
    out[2] = (attr & PTW_X) != 0 ? 'x' : '-';
    out[3] = (attr & PTW_USER) != 0 ? 'u' : '-';
    out[4] = '\0';
}

const char *cli_memory_type(ptw_attr attr)
{
    static const char *const names[16] = {"wb",  "wt",      "wp",   "nc",   "uc",   "uc-",  "ngnre", "ngre",
                                          "gre", "inherit", "mt10", "mt11", "mt12", "mt13", "mt14",  "mt15"};

    return names[(attr & PTW_MT_MASK) >> PTW_MT_SHIFT];
}

void cli_size(uint64_t bytes, char out[CLI_SIZE_CHARS])
{
    static const char units[] = "KMGTPE";
    unsigned unit = 0;

    while (bytes != 0 && bytes % 1024 == 0 && unit + 1U < sizeof(units)) {
        bytes /= 1024;
        unit++;
    }
    if (unit == 0)
        (void)snprintf(out, CLI_SIZE_CHARS, "%" PRIu64, bytes);
    else
        (void)snprintf(out, CLI_SIZE_CHARS, "%" PRIu64 "%c", bytes, units[unit - 1U]);
}
