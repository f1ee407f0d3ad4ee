#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The engine is specialised by inlining: at -O2 neither gcc nor clang leaves an indirect call or jump in a format's
# object, where an encoder's function pointers would be called for each entry: neither in the library's own nor in one
# outside of it (examples/custom-format). The same counter must find some in the engine that is compiled once for encoders
# known only at run time; else it counts nothing.
set -eu
# shellcheck source=tests/core.sh
. "$PTW_SOURCE/tests/core.sh"

case $(uname -m) in
x86_64) indirect='[[:space:]](bnd |notrack )*(call|jmp)q?[[:space:]]+\*' ;;
aarch64) indirect='[[:space:]](blr|br)[[:space:]]' ;;
*)
    echo "SKIP: the indirect calls of $(uname -m) are not known here"
    exit 77
    ;;
esac

# Prints "FUNCTION: INSTRUCTION" for each one.
indirect_calls()
{
    objdump --disassemble --no-show-raw-insn "$1" |
        awk -v indirect="$indirect" '/^[0-9a-f]+ <.*>:$/ { name = $2 } $0 ~ indirect { print name, $0 }'
}

for compiler in $(core_compilers); do
    core "$compiler" -O2 -DNDEBUG
    "$compiler" -std=c11 -O2 -DNDEBUG -I"$PTW_SOURCE/include" -I"$PTW_SOURCE/src" \
        -c "$PTW_SOURCE/examples/custom-format/nx1.c" -o "$work/nx1.o"
    objects=0
    for object in "$core"/arch/*/*.o "$work/nx1.o"; do
        found=$(indirect_calls "$object")
        [ -z "$found" ] || fail "$compiler left indirect calls in ${object#"$core"/}:
$found"
        objects=$((objects + 1))
    done
    [ "$objects" -gt 0 ] || fail "no format was compiled"

    found=$(indirect_calls "$core/src/walk/runtime.o")
    [ -n "$found" ] || fail "$compiler: the counter finds nothing in the run-time engine either"
    echo "ok: $compiler, $objects objects"
done
