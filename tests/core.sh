# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# For the tests of what the compiler made of the core: builds it apart from the build that is being tested, because
# sanitizers and coverage counters would add symbols and calls of their own. Sets `work`, a directory that is removed.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The compilers to try: the build's own, and the two that the project promises to serve.
core_compilers()
{
    for compiler in "$PTW_CC" gcc clang; do
        command -v "$compiler"
    done | while read -r path; do
        readlink -f "$path"
    done | sort -u
}

# core COMPILER FLAG...   sets `core`: where all of the core is, compiled so. Tests that want the same share it; they may run side by
# side.
core()
{
    core=$PTW_BUILD/core/$(echo "$*" | tr -c '[:alnum:]\n' _)
    mkdir -p "$PTW_BUILD/core"
    (
        flock 9
        [ -e "$core/done" ] && [ -z "$(find "$PTW_SOURCE"/include "$PTW_SOURCE"/src "$PTW_SOURCE"/arch \
            "$PTW_SOURCE"/tests/core.sh "$PTW_SOURCE"/scripts/formats -newer "$core/done")" ] && exit
        rm -rf "$core"
        build_core "$core" "$@" && touch "$core/done"
    ) 9>"$core.lock"
}

# build_core DIR COMPILER FLAG...   compiles it into DIR/arch/.../*.o, DIR/src/.../*.o and DIR/formats.o.
build_core()
{
    dir=$1
    compiler=$2
    shift 2
    mkdir -p "$dir"
    sh "$PTW_SOURCE/scripts/formats" "$PTW_SOURCE"/arch/*/*.c >"$dir/formats.c" || return 1
    for source in "$dir/formats.c" "$PTW_SOURCE"/arch/*/*.c "$PTW_SOURCE"/src/*/*.c; do
        object=${source#"$PTW_SOURCE"/}
        object=$dir/${object#"$dir"/}
        mkdir -p "$(dirname "$object")"
        "$compiler" -std=c11 -ffreestanding -nostdlib -mgeneral-regs-only -I"$PTW_SOURCE/include" -I"$PTW_SOURCE" \
            -I"$PTW_SOURCE/src" "$@" -c "$source" -o "${object%.c}.o" || return 1
    done
}

fail()
{
    echo "FAIL: $*"
    exit 1
}
