#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Every global symbol of the library begins with ptw_, so that it links into any kernel, and every header can be
# included alone.
set -eu
# shellcheck source=tests/core.sh
. "$PTW_SOURCE/tests/core.sh"

core "$(readlink -f "$(command -v "$PTW_CC")")" -O2 -DNDEBUG
find "$core" -name '*.o' -exec nm --extern-only --defined-only {} + | awk 'NF == 3 { print $3 }' >"$work/symbols"
grep -qx ptw_formats "$work/symbols" || fail "the list of symbols lacks ptw_formats: nm was misread"
if grep -v '^ptw_' "$work/symbols"; then
    fail "these global symbols do not begin with ptw_"
fi
echo "ok: $(wc -l <"$work/symbols") global symbols"

for header in "$PTW_SOURCE"/include/ptw/*.h; do
    name=ptw/$(basename "$header")
    printf '#include <%s>\n#include <%s>\nint ptw_x;\n' "$name" "$name" >"$work/alone.c"
    "$PTW_CC" -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I"$PTW_SOURCE/include" -c "$work/alone.c" \
        -o "$work/alone.o" || fail "$name cannot be included alone"
done
