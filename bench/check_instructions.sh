#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# Counts the instructions that the hot operations take (callgrind: exact, unlike nanoseconds; without the bench's loop)
# and compares them with instructions.tsv: many operations on EPT, also with PTW_SHARED, and four on every format and engine. More than 3 % and
# one instruction above the record (a twentieth of one where entries are counted) is a failure, and so is a row without a
# record: --update makes it. The record is kept by compiler and major version.
#
#   check_instructions.sh [--update] [PTW-BENCH...]    without programs: builds them with gcc and with clang
#
# With --update the floors are counted, too, and printed.
#
# Exit status: 0 as recorded or better, 1 worse, 2 it can't be built or run, 77 nothing to compare with.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
record=$here/instructions.tsv
rows="map-4k unmap-4k map-2m cursor-map cursor-unmap map-256 unmap-256 translate-random dirty-none"
shared="map-4k-shared unmap-4k-shared relax-4k map-256-shared unmap-256-shared dirty-none-shared" # among other threads
update=no
if [ "${1-}" = --update ]; then
    update=yes
    shift
fi
case ${1-} in
-*)
    echo "usage: check_instructions.sh [--update] [PTW-BENCH...]" >&2
    exit 2
    ;;
esac

if ! command -v valgrind >/dev/null; then
    echo "SKIP: valgrind is not there (Debian: valgrind)"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build COMPILER: the release build of the bench; its path.
build()
{
    if ! { cmake -S "$here/.." -B "$work/$1" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER="$1" &&
        cmake --build "$work/$1" --target ptw-bench -j2; } >"$work/log" 2>&1; then
        tail -n 20 "$work/log" >&2
        echo "check_instructions: can't build with $1" >&2
        exit 2
    fi
    echo "$work/$1/ptw-bench"
}

# per_operation BENCH ROW [--floor|--loop]: instructions of some rounds of the row's work, by the operations in them.
per_operation()
{
    if ! valgrind --tool=callgrind --toggle-collect=bench_measured --callgrind-out-file=/dev/null \
        "$1" ${3+"$3"} --instructions "$2" 4 >"$work/out" 2>"$work/err"; then
        cat "$work/err" >&2
        exit 2
    fi
    sed -n 's/.*Collected : *\([0-9]*\).*/\1/p' "$work/err" | cat - "$work/out" |
        awk 'NR == 1 { n = $1 } NR == 2 { printf "%.2f\n", n / $2 }'
}

# each_format BENCH: lines of a table and its row, and instructions per operation. Each call of bench_measured() leaves a
# file with its count, and a line that names it.
each_format()
{
    rm -f "$work"/dump*
    if ! valgrind --tool=callgrind --toggle-collect=bench_measured --dump-after=bench_measured \
        --callgrind-out-file="$work/dump" "$1" --each-format >"$work/out" 2>"$work/err"; then
        cat "$work/err" >&2
        exit 2
    fi
    n=0
    while read -r table row whose operations; do
        n=$((n + 1))
        echo "$table $row $whose $operations $(sed -n 's/^totals: //p' "$work/dump.$n")"
    done <"$work/out" | awk '
        { per[$1 " " $2, $3] = $5 / $4 }
        $3 == "ptw" { name[++names] = $1 " " $2 }
        END { for (i = 1; i <= names; i++) printf "%s\t%.2f\n", name[i], per[name[i], "ptw"] - per[name[i], "loop"] }'
}

# judge COMPILER ROW FLOOR COUNT: notes the count and compares it with the record.
judge()
{
    printf '%s\t%s\t%s\n' "$1" "$2" "$4" >>"$work/counts"
    was=$(awk -F'\t' -v c="$1" -v r="$2" '$1 == c && $2 == r { print $3 }' "$record" 2>/dev/null || true)
    case $2 in
    *map-256 | *map-256-shared | dirty-none* | *' dirty') slack=0.05 ;;
    *) slack=1 ;;
    esac
    verdict=$(awk -v n="$4" -v was="${was:-0}" -v slack=$slack \
        'BEGIN { print (was == 0 ? "new" : (n > was * 1.03 + slack) ? "WORSE" : (n < was) ? "better" : "") }')
    printf '%-10s %-34s %8s %8s %8s %s\n' "$1" "$2" "$3" "$4" "${was:--}" "$verdict"
    case $verdict in
    WORSE) worse=yes ;;
    new) [ $update = yes ] || worse=yes ;;
    esac
}

if [ $# -eq 0 ]; then
    for compiler in gcc clang; do
        if command -v "$compiler" >/dev/null; then
            bench=$(build "$compiler")
            set -- "$@" "$bench"
        else
            echo "$compiler is not there: not counted"
        fi
    done
fi

compared=no
worse=no
: >"$work/counts"
for bench in "$@"; do
    compiler=$("$bench" --compiler)
    if [ $update = no ] && ! grep -q "^$compiler	" "$record" 2>/dev/null; then
        echo "SKIP: no record for $compiler in instructions.tsv (make one with --update)"
        continue
    fi
    compared=yes
    printf '%-10s %-34s %8s %8s %8s\n' "$compiler" row floor ptw record
    for row in $rows $shared; do
        loop=$(per_operation "$bench" "$row" --loop)
        floor=-
        if [ $update = yes ]; then
            floor=$(per_operation "$bench" "$row" --floor | awk -v loop="$loop" '{ printf "%.2f\n", $1 - loop }')
        fi
        count=$(per_operation "$bench" "$row" | awk -v loop="$loop" '{ printf "%.2f\n", $1 - loop }')
        judge "$compiler" "$row" "$floor" "$count"
    done
    each_format "$bench" >"$work/each"
    while IFS='	' read -r row count; do
        judge "$compiler" "$row" - "$count"
    done <"$work/each"
done

if [ $update = yes ]; then
    {
        echo "# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only"
        echo "# compiler, row, instructions per operation or entry: made by check_instructions.sh --update, release; without a table: EPT"
        { grep -v '^#' "$record" 2>/dev/null || true; } |
            awk -F'\t' 'NR == FNR { new[$1] = 1; next } !($1 in new)' "$work/counts" -
        cat "$work/counts"
    } >"$work/record"
    cp "$work/record" "$record"
    echo "recorded in $record"
    exit 0
fi
if [ $worse = yes ]; then exit 1; fi
if [ $compared = no ]; then exit 77; fi
