#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# tests/conformance.txt: each line is a requirement and who checks it, each of them is there, and runs: a function that its
# program registers, a planted bug, a fuzzing harness with seeds, a shell test.
set -eu

: "${PTW_SOURCE:?the root of the sources}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$PTW_SOURCE"
list=${1:-tests/conformance.txt}

# source_of FILE   the file and the headers of tests/ that it includes, theirs too, one blank between words
source_of() {
    cat "$1"
    sed -n 's/^#include "\([a-z_]*\.h\)"$/tests\/\1/p' "$1" | while read -r header; do
        [ ! -f "$header" ] || source_of "$header"
    done
}

# function_runs PROGRAM FUNCTION   the program defines it, and hands it to CMocka or to the table of formats
function_runs() {
    [ -f "tests/$1.c" ] || { echo "there is no tests/$1.c"; return 1; }
    [ -f "$work/$1" ] || source_of "tests/$1.c" | tr -s '\n\t ' '   ' >"$work/$1"
    grep -q "static \(inline \)\{0,1\}void $2(" "$work/$1" || { echo "$1 has no $2"; return 1; }
    grep -q -e "cmocka_unit_test[a-z_]*($2[,)]" -e "{\"$2\", $2," "$work/$1" || { echo "$1 does not run $2"; return 1; }
}

# is_there REFERENCE   or why not
is_there() {
    case $1 in
    mutations:*)
        grep -q -x "mutation ${1#*:}" tests/mutations/*.txt || { echo "no planted bug is called ${1#*:}"; return 1; }
        ;;
    fuzz_*:*)
        grep -q "^int ${1#*:}(" "fuzz/${1%%:*}.c" || { echo "there is no harness ${1%%:*}"; return 1; }
        [ -d "fuzz/corpora/${1%%:*}" ] || [ -d "fuzz/corpora/$(echo "${1%%:*}" | sed 's/^fuzz_//')" ] ||
            { echo "${1%%:*} has no seeds"; return 1; }
        ;;
    test_*:*) function_runs "${1%%:*}" "${1#*:}" ;;
    test_*.sh) [ -f "tests/$1" ] || { echo "there is no tests/$1"; return 1; } ;;
    *)
        echo "what is '$1'?"
        return 1
        ;;
    esac
}

# look LIST   prints what is wrong with it, and how many requirements it has
look() {
    sed 's/^#.*//; /^$/d' "$1" >"$work/lines"
    cut -d ' ' -f 1 "$work/lines" | sort | uniq -d | sed 's/.*/wrong: & is there twice/'
    while read -r name references; do
        expr "$name" : '[a-z][a-z0-9_]*$' >/dev/null || echo "wrong: '$name' is no name"
        [ -n "$references" ] || echo "wrong: nothing checks $name"
        for reference in $references; do
            why=$(is_there "$reference") || echo "wrong: $name: $why"
        done
    done <"$work/lines"
    echo "ok: $(wc -l <"$work/lines") requirements"
}

look "$list" >"$work/found"
if grep '^wrong' "$work/found"; then
    exit 1
fi
cat "$work/found"

# It finds what it is for.
cat >"$work/bad" <<END
twice test_map:map_idempotent
twice test_map:map_idempotent
No_name test_map:map_idempotent
nothing
no_program test_of_nothing:map_idempotent
no_function test_map:nobody
no_test test_map:has_no_halves
no_bug mutations:m0_nothing
no_harness fuzz_nothing:LLVMFuzzerTestOneInput
no_script test_nothing.sh
no_reference map_idempotent
END
look "$work/bad" >"$work/found" 2>"$work/errors"
found=$(grep -c '^wrong' "$work/found")
[ "$found" -eq 10 ] || { echo "FAIL: of ten mistakes $found are found:"; cat "$work/found" "$work/errors"; exit 1; }
echo "ok: ten kinds of mistakes are found"
