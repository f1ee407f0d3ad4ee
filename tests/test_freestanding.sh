#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The core needs no run time: compiled freestanding, optimised in any way and with general registers only,
# all of it linked together wants no symbol from anywhere (compilers like to make memcpy and memset out of loops).
set -eu
# shellcheck source=tests/core.sh
. "$PTW_SOURCE/tests/core.sh"

case $(uname -m) in
x86_64 | aarch64) ;;
*)
    echo "SKIP: -mgeneral-regs-only is not for $(uname -m)"
    exit 77
    ;;
esac

for compiler in $(core_compilers); do
    for level in -Og -Os "-O2 -DNDEBUG"; do
        # shellcheck disable=SC2086 # two flags in one word
        core "$compiler" $level
        find "$core" -name '*.o' -exec ld -r -o "$work/whole.o" {} +
        wanted=$(nm --undefined-only "$work/whole.o")
        [ -z "$wanted" ] || fail "$compiler $level: the core wants $wanted"
        echo "ok: $compiler $level"
    done
done

# The check sees a symbol if there is one.
echo 'void *memset(void *, int, unsigned long); void ptw_x(char *p) { memset(p, 1, 123456); }' >"$work/wants.c"
"$PTW_CC" -ffreestanding -c "$work/wants.c" -o "$work/wants.o"
ld -r -o "$work/whole.o" "$work/wants.o"
[ -n "$(nm --undefined-only "$work/whole.o")" ] || fail "the check does not see an undefined symbol"
