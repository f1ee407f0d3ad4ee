#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# `ptw replay`: the recorded guest lives without a mismatch on every format with both kinds of dirty rounds, what is
# broken on purpose is found, traces that no guest can have lived are refused with their offset, and the picture is
# well-formed and always the same.
set -eu

: "${PTW:?the path of the tool}" "${PTW_SOURCE:?the root of the sources}"
trace=$PTW_SOURCE/tests/data/faults-boot-x86_64.trace
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
cases=0

failed()
{
    echo "FAIL: $*"
    sed 's/^/    /' "$work/out" "$work/err"
    failures=$((failures + 1))
}

# run STATUS ARGUMENT...   runs the tool; false, with a line, if it ends with another status.
run()
{
    want=$1
    shift
    cases=$((cases + 1))
    status=0
    "$PTW" replay "$@" >"$work/out" 2>"$work/err" || status=$?
    [ "$status" -eq "$want" ] && return 0
    failed "replay $*: status $status, not $want"
    return 1
}

# lives FAULTS ROUNDS ARGUMENT...   the run's last line says so many faults and rounds, checks, and no mismatch.
lives()
{
    line="replay: $1 faults, $2 rounds, [1-9][0-9]* checks, 0 mismatches"
    shift 2
    run 0 "$@" || return 0
    tail -n 1 "$work/out" | grep -qx "$line" || failed "replay $*: the last line is not '$line'"
}

# says PATTERN   the last run's output has such a line.
says()
{
    grep -q "$1" "$work/out" || failed "no line has '$1'"
}

# record OP FRAME MICROSECONDS   one record of a trace.
record()
{
    value=$(($2 | $1 << 32 | $3 << 36))
    for shift in 0 8 16 24 32 40 48 56; do
        # shellcheck disable=SC2059 # the format is the byte
        printf "\\$(printf '%03o' $((value >> shift & 255)))"
    done
}

# refused OFFSET PATTERN FILE   a bad trace: status 2 and one line with the file, the offset and the reason.
refused()
{
    run 2 "$3" --format ept || return 0
    [ "$(wc -l <"$work/err")" -eq 1 ] || failed "$3: not one line"
    grep -q "^ptw: $3: offset $1: .*$2" "$work/err" || failed "$3: no offset $1 with '$2'"
    [ ! -s "$work/out" ] || failed "$3: a refused trace is not reported on"
}

# refused_line PATTERN ARGUMENT...   a bad command line: status 2 and one line.
refused_line()
{
    pattern=$1
    shift
    run 2 "$@" || return 0
    [ "$(wc -l <"$work/err")" -eq 1 ] || failed "replay $*: not one line"
    grep -q "^ptw: .*$pattern" "$work/err" || failed "replay $*: no '$pattern'"
}

every_format_lives_both_kinds_of_rounds()
{
    head -c $((60000 * 8)) "$trace" >"$work/short"
    for format in $("$PTW" formats | awk '{ print $1 }'); do
        if ! "$PTW" formats "$format" | grep -q ' pages 4K'; then
            refused_line 'has no 4K leaves' "$work/short" --format "$format"
            continue
        fi
        large='[1-9][0-9]*'
        if "$PTW" formats "$format" | grep -q ' pages 4K '; then large=0; fi
        for dirty in wp dbit; do
            if [ $dirty = dbit ] && "$PTW" formats "$format" | grep -q 'A/D never$'; then continue; fi
            lives 59993 7 "$work/short" --format "$format" --dirty "$dirty"
            says "^large leaves  $large split, $large merged\$"
            lives 59993 7 "$work/short" -F "$format" -d "$dirty" -l 4k
            says '^large leaves  0 split, 0 merged$'
        done
        "$PTW" formats "$format" | grep -q ',1G' || continue
        lives 59993 7 "$work/short" -F "$format" --memory 1g --leaf 1g
        says '^262144 pages of RAM in 1 slots: 1 of 1G$'
    done
}

the_whole_guest_lives()
{
    lives 230463 45 "$trace" --format ept --svg "$work/ept.svg"
    says '^178515 pages of RAM in 4 slots: 344 of 2M 2387 of 4K$'
    says '^(16 of 46 rows; --verbose prints all)$'
    [ ! -s "$work/err" ] || failed "no progress belongs into a file"
    lives 230463 45 "$trace" --format arm64-s2 --dirty dbit --verbose
    [ "$(grep -c '^ *[0-9][0-9]* .*|.*|' "$work/out")" -eq 45 ] || failed "not every round has its row"
}

what_is_broken_is_found()
{
    for dirty in wp dbit; do
        for fault in oa dirty leak; do
            run 1 "$work/short" --format ept --dirty $dirty --self-test-fault $fault || continue
            tail -n 1 "$work/out" | grep -qx 'replay: 59993 faults, 7 rounds, [0-9]* checks, [1-9][0-9]* mismatches' ||
                failed "self test $fault with $dirty: the last line has no mismatches"
            grep -q '^ptw: replay: mismatch in round 4: ' "$work/err" || failed "self test $fault: not said when"
        done
    done
}

the_picture_is_well_formed_and_always_the_same()
{
    "$PTW" replay "$trace" --format ept --svg "$work/again.svg" >/dev/null
    cmp "$work/ept.svg" "$work/again.svg" || failed "the same run draws another picture"
    for text in '<title>' 'prefers-color-scheme:dark' '>2M</text>' '>4K</text>' '0 mismatches'; do
        grep -q "$text" "$work/ept.svg" || failed "the picture has no $text"
    done
    if command -v xmllint >/dev/null; then
        xmllint --noout "$work/ept.svg" || failed "the picture is not well-formed"
    else
        echo "not checked: whether the picture is well-formed XML, for want of xmllint (Debian: libxml2-utils)"
    fi
    refused_line 'nowhere/x.svg: No such file' "$work/short" -F ept --svg "$work/nowhere/x.svg"
}

small_traces_live()
{
    record 0 5 7 >"$work/read"
    lives 1 0 "$work/read" --format ept
    { record 3 0 0; record 1 4294967295 1; record 3 0 2; record 2 4294967295 3; record 3 0 3; } >"$work/last"
    lives 2 3 "$work/last" --format riscv-sv48x4
    refused_line 'frame 0xffffffff is beyond the table.s 40 input bits' "$work/last" --format arm64-s2
    refused_line 'beyond the table.s 32 output bits' "$work/read" --format arm64-s2 --config ipa=32,oa=32 --memory 4g
    lives 1 0 - --format ept <"$work/read"
}

bad_traces_are_refused_with_their_offset()
{
    good=$(record 1 5 10 | wc -c)
    [ "$good" -eq 8 ] || failed "a record has $good bytes"
    : >"$work/empty"
    refused 0 'no records' "$work/empty"
    head -c 1003 "$trace" >"$work/cut"
    refused 0x3e8 'truncated, 3 of a record' "$work/cut"
    { record 1 5 10; record 4 6 11; } >"$work/op"
    refused 0x8 'operations 0 to 3 only' "$work/op"
    { record 1 5 10; record 1 6 10; record 1 7 9; } >"$work/time"
    refused 0x10 'time runs backwards' "$work/time"
    { record 1 5 10; record 3 1 11; } >"$work/mark"
    refused 0x8 'round mark has frame 0' "$work/mark"
    { record 0 5 10; record 1 5 11; } >"$work/twice"
    refused 0x8 'first touch of a page that was touched before' "$work/twice"
    { record 0 5 10; record 2 6 11; } >"$work/untouched"
    refused 0x8 'never touched' "$work/untouched"
    { record 0 5 10; record 2 5 11; record 2 5 12; } >"$work/again"
    refused 0x10 'written in this round already' "$work/again"
}

bad_command_lines_are_refused()
{
    record 3 0 0 >"$work/marks"
    refused_line 'no record touches a page' "$work/marks" --format ept
    refused_line 'No such file' "$work/nothing" --format ept
    refused_line 'Is a directory' "$work" --format ept
    refused_line "unknown format 'epd'" "$work/short" --format epd
    refused_line '--format is missing' "$work/short"
    refused_line 'one trace file is wanted, not 0' --format ept
    refused_line 'one trace file is wanted, not 2' "$work/short" "$work/short" --format ept
    refused_line "wp or dbit, not 'pml'" "$work/short" --format ept --dirty pml
    refused_line 'has no D bit' "$work/short" --format ept --dirty dbit --config ad=0
    refused_line 'no leaves of 3m; it has 4K, 2M, 1G' "$work/short" --format ept --leaf 3m
    refused_line 'multiple of 4K' "$work/short" --format ept --memory 5000
    refused_line "no key 'colour'" "$work/short" --format ept --config colour=1
    refused_line 'oa, dirty or leak' "$work/short" --format ept --self-test-fault all
    refused_line 'there is no option --fast' "$work/short" --format ept --fast
}

run 0 --help && says '^usage: ptw replay'
every_format_lives_both_kinds_of_rounds
the_whole_guest_lives
what_is_broken_is_found
the_picture_is_well_formed_and_always_the_same
small_traces_live
bad_traces_are_refused_with_their_offset
bad_command_lines_are_refused

echo "$cases runs, $failures failures"
[ "$failures" -eq 0 ]
