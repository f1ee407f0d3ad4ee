#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# `ptw dump` of a table of every configuration that the conformance tests run over: each leaf where hardware finds it, as text,
# tsv, JSON and graph. What they look like in detail says test_dump_outputs.sh.
set -eu

: "${PTW:?the path of the tool}" "${PTW_MAKE_IMAGE:?the path of make_image}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "FAIL: $format $keys: $1"
    shift
    head -n 20 "$@" /dev/null
    exit 1
}

# dump OUTPUT   the image, whole; what is not the default configuration is said
dump() {
    if [ "$keys" = default= ]; then
        "$PTW" dump -i image@0x40000000 -F "$format" -r "$root" -o "$1"
    else
        "$PTW" dump -i image@0x40000000 -F "$format" -r "$root" -c "$keys" -o "$1"
    fi
}

"$PTW" formats | awk '{ print $1 }' >known
number=0
tables=0
while "$PTW_MAKE_IMAGE" image table "$number" >made; do
    number=$((number + 1))
    read -r format keys root <made
    sed 1d made >expected
    grep -q -x "$format" known || continue # a format of the tests alone
    dump tsv >out 2>err || fail "dump -o tsv fails" err
    cut -f 1-3 out >leaves
    cmp -s expected leaves || fail "made, and dumped:" expected leaves
    dump text >out 2>err || fail "dump -o text fails" err
    [ "$(wc -l <out)" -eq $(($(wc -l <expected) + 1)) ] || fail "another number of leaves as text" out
    dump json >out 2>err || fail "dump -o json fails" err
    [ "$(grep -c '"va"' out)" -eq "$(wc -l <expected)" ] || fail "another number of leaves as JSON" out
    dump dot >out 2>err || fail "dump -o dot fails" err
    grep -q '^}$' out || fail "a graph without an end" out
    tables=$((tables + 1))
done
[ "$tables" -gt 80 ] || { echo "FAIL: $tables tables only"; exit 1; }
echo "ok: $tables tables"
