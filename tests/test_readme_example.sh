#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The README's examples are true: its first C block compiles, runs, and prints exactly the first text block; each
# console block is one command of the tool and exactly what it prints.
set -eu
# shellcheck source=tests/core.sh
. "$PTW_SOURCE/tests/core.sh"

# block LANGUAGE N   the content of the Nth fenced block of that language
block()
{
    awk -v fence="\`\`\`$1" -v wanted="$2" '
        $0 == fence { inside = ++seen == wanted; next }
        /^```/ { inside = 0 }
        inside' "$PTW_SOURCE/README.md"
}

block c 1 >"$work/example.c"
block text 1 >"$work/expected"
if ! [ -s "$work/example.c" ] || ! [ -s "$work/expected" ]; then
    fail "README.md has no C block or no text block"
fi
# shellcheck disable=SC2086 # flags
"$PTW_CC" -std=c11 -Wall -Wextra -Wno-unused-parameter -Werror $PTW_CFLAGS -I"$PTW_SOURCE/include" "$work/example.c" \
    "$PTW_BUILD/libptw.a" -o "$work/example"
"$work/example" >"$work/printed"
diff -u "$work/expected" "$work/printed" || fail "the example prints something else than the README says"
echo "ok: the example"

"$PTW" --version | grep -q '^ELF cores: yes' || exit 0 # the console blocks read one

cd "$PTW_SOURCE"
n=1
while block console $n >"$work/console" && [ -s "$work/console" ]; do
    read -r prompt program arguments <"$work/console"
    [ "$prompt $program" = "\$ build/ptw" ] || fail "console block $n does not begin with \$ build/ptw"
    # shellcheck disable=SC2086 # words
    "$PTW" $arguments >"$work/printed"
    tail -n +2 "$work/console" | diff -u - "$work/printed" || fail "build/ptw $arguments prints something else"
    echo "ok: build/ptw $arguments"
    n=$((n + 1))
done
[ $n -gt 1 ] || fail "README.md has no console block"
