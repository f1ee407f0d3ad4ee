/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * fuzz_ops.c - bytes are an operation script: the first byte chooses the format, each eight more are one operation. The
 * script is played on a table and on the flat oracle (tests/support/script.h); any disagreement ends the program after
 * the script was printed in readable lines.
 */
#include "support/script.h"

#include <stdlib.h>

#define OPS_MAX 256U
#define CASES_MAX 64U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One fixture a format, made when it is wanted first and kept: its memory is large. */
static struct script_player *player_of(size_t number)
{
    static struct script_player *players[CASES_MAX];

    if (players[number] == NULL) {
        struct fixture *f = calloc(1, sizeof(*f));
        players[number] = calloc(1, sizeof(*players[number]));
        if (f == NULL || players[number] == NULL || fixture_open(f, &format_cases[number]) != PTW_OK)
            abort();
        script_player_init(players[number], f);
    }
    return players[number];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script_op ops[OPS_MAX];

    if (size == 0)
        return 0;
    struct script_player *p = player_of(data[0] % format_cases_count % CASES_MAX);
    size_t n = script_from_bytes(data + 1, size - 1, ops, OPS_MAX);
    p->sharing = n == 0 ? SCRIPT_EXCLUSIVE : (enum script_sharing)((ops[0].extra >> 1U) % 3U);
    const char *why = script_play(p, ops, n);
    if (why == NULL)
        return 0;
    fprintf(stderr, "%s: %s\n", p->f->kase->name, why);
    script_print(p, ops, n, stderr);
    abort();
}
