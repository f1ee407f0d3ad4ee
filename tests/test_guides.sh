#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# docs/sim.md and docs/locks.md are true: the C block of each compiles, runs, and prints exactly its text block.
set -eu
# shellcheck source=tests/core.sh
. "$PTW_SOURCE/tests/core.sh"

# block LANGUAGE PAGE   the content of the first fenced block of that language
block()
{
    awk -v fence="\`\`\`$1" '
        $0 == fence { inside = !seen++; next }
        /^```/ { inside = 0 }
        inside' "$PTW_SOURCE/docs/$2"
}

for page in sim.md locks.md; do
    block c $page >"$work/example.c"
    block text $page >"$work/expected"
    if ! [ -s "$work/example.c" ] || ! [ -s "$work/expected" ]; then
        fail "docs/$page has no C block or no text block"
    fi
    # shellcheck disable=SC2086 # flags
    "$PTW_CC" -std=c11 -Wall -Wextra -Werror $PTW_CFLAGS -I"$PTW_SOURCE/include" "$work/example.c" \
        "$PTW_BUILD/libptw-sim.a" "$PTW_BUILD/libptw.a" -pthread -o "$work/example"
    "$work/example" >"$work/printed"
    diff -u "$work/expected" "$work/printed" || fail "the example prints something else than docs/$page says"
    echo "ok: the example of docs/$page"
done
