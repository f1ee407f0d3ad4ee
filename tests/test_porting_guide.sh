#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# docs/porting-a-format.md is true: each of its C blocks stands, line by line, in the example or in one of its tests; the
# CMake block and the command build the example against an installed library, and it prints the text block.
set -eu
# shellcheck source=tests/core.sh
. "$PTW_SOURCE/tests/core.sh"

for tool in cmake pkg-config; do
    command -v $tool >/dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done

cd "$PTW_SOURCE"
example=examples/custom-format
sources="$example/nx1.c $example/main.c tests/test_golden_nx1.c tests/test_encoders_nx1.c tests/support/formats.c"

# block LANGUAGE N   the content of the Nth fenced block of that language
block()
{
    awk -v fence="\`\`\`$1" -v wanted="$2" '
        $0 == fence { inside = ++seen == wanted; next }
        /^```/ { inside = 0 }
        inside' docs/porting-a-format.md
}

# stands_in PIECE FILE   true if the lines of PIECE stand in FILE, one after the other
stands_in()
{
    awk 'NR == FNR { piece = piece $0 "\n"; next }
         { whole = whole $0 "\n" }
         END { exit index("\n" whole, "\n" piece) == 0 }' "$1" "$2"
}

n=1
while block c $n >"$work/piece" && [ -s "$work/piece" ]; do
    found=
    for source in $sources; do
        if stands_in "$work/piece" "$source"; then
            found=$source
        fi
    done
    [ -n "$found" ] || fail "C block $n is in none of $sources:
$(cat "$work/piece")"
    echo "ok: C block $n is in $found"
    n=$((n + 1))
done
[ $n -gt 1 ] || fail "there is no C block"

block text 1 >"$work/expected"
[ -s "$work/expected" ] || fail "there is no text block"

# expect HOW   the program `driver` of the present directory prints what the page says
expect()
{
    ./driver >printed || fail "the example built by $1 fails"
    diff -u "$work/expected" printed || fail "the example built by $1 prints something else than the page says"
    echo "ok: $1"
}

cmake --install "$PTW_BUILD" --prefix "$work/prefix" >/dev/null
PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name ptw-engine.pc)")
export PKG_CONFIG_PATH

mkdir "$work/project"
cp $example/* "$work/project"
{
    echo "cmake_minimum_required(VERSION 3.21)"
    echo "project(user C)"
    block cmake 1
} >"$work/project/CMakeLists.txt"
cmake -S "$work/project" -B "$work/project/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_C_COMPILER="$PTW_CC" \
    -DCMAKE_C_FLAGS="$PTW_CFLAGS" >"$work/log" 2>&1 || { cat "$work/log"; fail "the CMake block"; }
cmake --build "$work/project/build" >"$work/log" 2>&1 || { cat "$work/log"; fail "the build of the CMake block"; }
(cd "$work/project/build" && expect find_package)

# The page says cc.
cc()
{
    # shellcheck disable=SC2086 # flags
    "$PTW_CC" $PTW_CFLAGS "$@"
}
block sh 1 >"$work/project/command"
cd "$work/project"
# shellcheck source=/dev/null
. ./command
expect pkg-config
