#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# `ptw dump` of page tables that Linux built equals the emulator's own list of them, leaf by leaf: address, physical
# address, large or not, write, no-execute, global, user, accessed, dirty, and the cache bits.
set -eu

: "${PTW:?the path of the tool}" "${PTW_SOURCE:?the root of the sources}"
core=$PTW_SOURCE/tests/data/linux-x86_64-4level.core
expect=$PTW_SOURCE/tests/data/linux-x86_64-4level.expect

if ! "$PTW" --version | grep -q '^ELF cores: yes'; then
    echo "SKIP: the tool was built without libelf (Debian: libelf-dev), the input is an ELF core"
    exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

root=$(sed -n 's/^# .*CR3=\(0x[0-9a-f]*\).*/\1/p' "$expect")
echo "the expected list names its root: ${root:?no CR3 in the header}"

# The emulator's flags, in place: X no-execute, G global, P large, D, A, C and T cache bits, U user, W write.
awk '!/^#/ {
    f = $3
    size = substr(f, 3, 1) == "P" ? "large" : "small"
    right = "r" (f ~ /W$/ ? "w" : "-") (f ~ /^X/ ? "-" : "x") (substr(f, 8, 1) == "U" ? "u" : "-")
    cache = substr(f, 6, 2)
    type = cache == "--" ? "wb" : cache == "-T" ? "wt" : cache == "C-" ? "uc-" : "uc"
    print "0x" $1, "0x" $2, size, right, type (f ~ /A/ ? ",a" : "") (f ~ /D/ ? ",d" : "") (f ~ /G/ ? ",g" : "")
}' "$expect" | sort >"$work/expected"

"$PTW" dump -i "$core" -F x86-64 -r "$root" -o tsv >"$work/dump"
awk -F '\t' '{ print $1, $2, $3 == "0x1000" ? "small" : "large", $4, $5 }' "$work/dump" |
    sed 's/,soft=0x[0-9a-f]*//' | sort >"$work/dumped"

leaves=$(wc -l <"$work/expected")
if ! diff "$work/expected" "$work/dumped" >"$work/diff"; then
    echo "FAIL: the dump (>) differs from the emulator's list (<):"
    head -n 20 "$work/diff"
    exit 1
fi
[ "$leaves" -eq 8447 ] || { echo "FAIL: the list has $leaves leaves, not 8447"; exit 1; }
echo "all $leaves leaves are as the emulator lists them"

# Merged rows say the same: cut into the smallest pages they are as many bytes at the same addresses.
total() { awk -F '\t' '{ sub(/^0x/, "", $3); n = 0; for (i = 1; i <= length($3); i++)
    n = n * 16 + index("0123456789abcdef", substr($3, i, 1)) - 1; sum += n } END { printf "%d\n", sum / 4096 }' "$1"; }
"$PTW" dump -i "$core" -F x86-64 -r "$root" -o tsv --merge >"$work/merged"
[ "$(total "$work/dump")" -eq "$(total "$work/merged")" ] || { echo "FAIL: --merge loses or adds bytes"; exit 1; }
[ "$(wc -l <"$work/merged")" -lt "$leaves" ] || { echo "FAIL: --merge merges nothing"; exit 1; }
echo "merged: $(wc -l <"$work/merged") rows over the same $(total "$work/dump") pages"

# A walk of an address inside of every 97th leaf gives the same output address and attributes as the dump.
awk -F '\t' 'NR % 97 == 1 { print $1 }' "$work/dump" >"$work/addresses"
# shellcheck disable=SC2046 # one argument a line is meant
"$PTW" walk -i "$core" -F x86-64 -r "$root" -o tsv $(cat "$work/addresses") >"$work/walked"
awk -F '\t' 'NR % 97 == 1' "$work/dump" | cmp - "$work/walked" || { echo "FAIL: walk and dump differ"; exit 1; }
echo "walk agrees with dump on $(wc -l <"$work/walked") addresses"
