#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The first C block of the README compiles, runs, and prints exactly the first text block.
set -eu
# shellcheck source=tests/core.sh
. "$PTW_SOURCE/tests/core.sh"

# block LANGUAGE   the first fenced block of that language
block()
{
    awk -v fence="\`\`\`$1" '$0 == fence && !done { inside = 1; next } /^```/ { done = done || inside; inside = 0 } inside' \
        "$PTW_SOURCE/README.md"
}

block c >"$work/example.c"
block text >"$work/expected"
if ! [ -s "$work/example.c" ] || ! [ -s "$work/expected" ]; then
    fail "README.md has no C block or no text block"
fi

# shellcheck disable=SC2086 # flags
"$PTW_CC" -std=c11 -Wall -Wextra -Wno-unused-parameter -Werror $PTW_CFLAGS -I"$PTW_SOURCE/include" "$work/example.c" \
    "$PTW_BUILD/libptw.a" -o "$work/example"
"$work/example" >"$work/printed"
diff -u "$work/expected" "$work/printed" || fail "the example prints something else than the README says"
