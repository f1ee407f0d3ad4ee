#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# `ptw dump -o json` and `-o dot`: JSON is valid and says what tsv says, marks and errors included; a graph has a record
# for each table and an edge for each way between them, and obeys the grammar. On hand-made tables and on those of Linux.
# Whether JSON is valid asks python3, else jq; for the graph dot, if it is there, and in any case a small check.
# shellcheck disable=SC2086,SC2046,SC2015 # lists of words are meant to be split; A && B || fail says what it should
set -eu

: "${PTW:?the path of the tool}" "${PTW_MAKE_IMAGE:?the path of make_image}" "${PTW_SOURCE:?the root of the sources}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
checks=0
at="-F x86-64 -r 0x1000"

fail() {
    echo "FAIL: $1"
    shift
    for file; do
        [ ! -s "$file" ] || sed 's/^/    /' "$file" | head -n 20
    done
    exit 1
}

ok() {
    checks=$((checks + 1))
    echo "ok: $1"
}

image() { "$PTW_MAKE_IMAGE" "$@"; }

# run STATUS SENTENCE ARGUMENT...   the tool ends so, with nothing on stderr or, with status 2, exactly one line
run() {
    want=$1 sentence=$2
    shift 2
    status=0
    timeout 120 "$PTW" "$@" >out 2>err || status=$?
    [ "$status" -eq "$want" ] || fail "$sentence: status $status instead of $want from ptw $*" out err
    [ "$(wc -l <err)" -eq $((want == 2)) ] || fail "$sentence: the wrong number of lines on stderr" err
}

has() {
    grep -q -e "$2" out || fail "$1: no '$2'" out
    ok "$1"
}

has_line() {
    grep -q -x -F -e "$2" out || fail "$1: no line '$2'" out
    ok "$1"
}

# ------------------------------------------------------------------------------------------------------ checkers ---

valid_json() {
    if command -v python3 >/dev/null; then
        python3 -m json.tool <out >tool.log 2>&1 || fail "$1: no JSON, says python3" tool.log out
    elif command -v jq >/dev/null; then
        jq . <out >tool.log 2>&1 || fail "$1: no JSON, says jq" tool.log out
    fi
    ok "$1: is JSON"
}

# The leaves or runs as tsv has them. One object a line is promised here, not to users.
rows() {
    sed -n 's/^    {"va": "\([^"]*\)", "oa": "\([^"]*\)", "size": "\([^"]*\)".*"rights": "\([^"]*\)", "type": "\([^"]*\)", "attrs": \[\(.*\)\], "accessed": \(.*\), "dirty": \([a-z]*\)}.*/\1 \2 \3 \4 \5 \7 \8 \6/p' |
        awk '{
            words = ""
            for (i = 8; i <= NF; i++)
                words = words "," $i
            gsub(/"|,,*$/, "", words); gsub(/,,*/, ",", words)
            ux = sub(/^,ux/, "", words) ? ",ux" : ""
            print $1 "\t" $2 "\t" $3 "\t" $4 "\t" $5 ux ($6 == "true" ? ",a" : "") ($7 == "true" ? ",d" : "") words
        }'
}

# json_is_tsv SENTENCE ARGUMENT...   valid, and the same rows
json_is_tsv() {
    sentence=$1
    shift
    "$PTW" "$@" -o tsv >expected 2>tsv.err || true
    run "${want_status:-0}" "$sentence" "$@" -o json
    valid_json "$sentence"
    rows <out >leaves
    [ -s leaves ] || fail "$sentence: there are no rows" out
    cmp -s expected leaves || { diff expected leaves >difference || true; fail "$sentence: tsv (<) and json (>) differ" difference; }
    cmp -s tsv.err err || fail "$sentence: another line on stderr than with tsv" err tsv.err
    ok "$sentence: the rows are those of tsv"
}

# valid_dot SENTENCE   each line is what the graph may be made of; each record's fields are balanced and have no letter
# that wants a backslash; each edge leads from a port that was defined to a node that was, and each port has one.
valid_dot() {
    if command -v dot >/dev/null; then
        dot -Tplain <out >tool.log 2>&1 || fail "$1: dot refuses it" tool.log out
    fi
    awk '
        function wrong(why) { print NR ": " why ": " $0; bad = 1 }
        NR == 1 { if ($0 != "digraph ptw {") wrong("the first line"); next }
        ended { wrong("behind the end") }
        /^}$/ { ended = 1; next }
        /^    (label="[^"\\]*"|rankdir=LR|node \[shape=record, fontname="monospace"\]);$/ { next }
        /^    t[0-9]+ \[(color=red, )?label="([^"\\]|\\.)*"\];$/ {
            text = $0
            sub(/^[^"]*"/, "", text); sub(/"\];$/, "", text)
            gsub(/\\[{}|<>"\\l]/, "", text)
            if (split(text, field, "|") < 4)
                wrong("too few fields")
            for (i in field) {
                if (sub(/^<i[0-9a-f]+> /, "", field[i]))
                    ports++
                if (field[i] ~ /[{}<>"\\]/ || field[i] == "")
                    wrong("field \"" field[i] "\"")
            }
            defined[$1] = 1
            text = $0
            while (match(text, /<i[0-9a-f]+>/)) {
                port[$1 ":" substr(text, RSTART + 1, RLENGTH - 2)] = 1
                text = substr(text, RSTART + RLENGTH)
            }
            next
        }
        /^    t[0-9]+:i[0-9a-f]+ -> t[0-9]+ \[label="0x[0-9a-f]+(-0x[0-9a-f]+)? [r-][w-][x-][u-]"\];$/ {
            if (!($1 in port))
                wrong("no such port")
            delete port[$1]
            target[$3] = 1
            edges++
            next
        }
        { wrong("no such line") }
        END {
            if (!ended) wrong("no end")
            for (t in target) if (!(t in defined)) wrong("no table " t)
            for (t in defined) if (t != "t0" && !(t in target)) wrong("no way to " t)
            if (edges != ports) wrong(edges " edges, " ports " ports")
            exit bad
        }' out >graph.log || fail "$1: not a graph as it should be" graph.log
    ok "$1: is a graph"
}

tables() { grep -c '^    t[0-9]* \[' out || true; }
edges() { grep -c ' -> t' out || true; }

# -------------------------------------------------------------------------------------------------------- images ---

# A leaf of each size, two ways to the same tables, and a table of 512 leaves in two runs.
image good raw 0x1000+0x5000 0x1000=0x2027 0x1800=0x2025 0x2000=0x3027 0x3000=0x4027 '0x4000*256=0x200063+0x1000' \
    '0x4800*256=0x500063+0x1000' 0x3008=0x80000000004000a3 0x2008=0x800000e1 0x2010=0x5027
# Marks: another's, and one of the library's type 3 with a payload of 0x77; then a leaf that users may execute.
image marks raw 0x1000+0x4000 0x1000=0x2407 0x2000=0x3407 0x3000=0x4407 0x4000=0x123037 0x4008=0x5000 \
    0x4010=0x8000000000077030 0x4018=0x5431

# ---------------------------------------------------------------------------------------------------------- json ---

json_is_tsv "JSON of a table" dump -i good@0x1000 $at
has_line "JSON names the format" '  "format": "x86-64",'
has "JSON names the configuration" '^  "config": {"levels": 4, "ia": 48, "oa": 52, "granule": "0x1000", .*"nx": true.*}},$'
has_line "JSON names the root" '  "root": "0x1000",'
has_line "JSON has a leaf on a line" \
    '    {"va": "0x0000000000200000", "oa": "0x0000000000400000", "size": "0x200000", "level": 1, "rights": "rw--", "type": "wb", "attrs": [], "accessed": true, "dirty": false},'
has_line "a table without marks has an empty array" '  "marks": []'
json_is_tsv "JSON of runs" dump -i good@0x1000 $at --merge
has '512 leaves are two runs' '"size": "0x100000", "leaves": 256,'
has_line "runs are called so" '  "runs": ['
json_is_tsv "JSON of a range" dump -i good@0x1000 $at --range 0x1ff000-0x200000
[ "$(wc -l <leaves)" -eq 2 ] || fail "the range does not have two leaves" leaves
has_line "JSON names the range" '  "last": "0x0000000000200000",'
run 0 "JSON of nothing" dump -i good@0x1000 $at -o json --range 0x7f0000000000-0x7f0000000fff
valid_json "JSON of nothing"
has_line "no leaves are an empty array" '  "leaves": [],'
image arm raw 0x1000+0x4000 0x1000=0x2003 0x2000=0x3003 0x3000=0x4003 '0x4080*16=0x70000000010703+0x1000'
run 0 "JSON of a group" dump -i arm@0x1000 -F arm64-s1 -r 0x1000 -o json
valid_json "JSON of a group"
has "a group has an order" '"size": "0x10000", "level": 0, "order": 4, '

run 0 "JSON of marks" dump -i marks@0x1000 -F ept -r 0x1000 -o json
valid_json "JSON of marks"
has_line "a mark of others is of type 0, and its payload is the entry" \
    '    {"va": "0x0000000000001000", "size": "0x1000", "level": 0, "type": 0, "payload": "0x5000"},'
has_line "a mark of the library has its type and payload" \
    '    {"va": "0x0000000000002000", "size": "0x1000", "level": 0, "type": 3, "payload": "0x77"}'
[ "$(grep -c '"payload"' out)" -eq 2 ] || fail "holes are marks" out
json_is_tsv "JSON of user execution" dump -i marks@0x1000 -F ept -r 0x1000 -c mbec=1

# --------------------------------------------------------------------------------------------- json, broken tables ---

image broken raw 0x1000+0x4000 0x1000=0x2027 0x2000=0x3027 0x3000=0x4027 0x4000=0x5063 0x4008=0x6000 0x3008=0x4020e3 \
    0x3010=0x4000e3
want_status=2
json_is_tsv "JSON of a broken table" dump -i broken@0x1000 $at
json_is_tsv "JSON of runs of a broken table" dump -i broken@0x1000 $at --merge
has "the error names file, address, level, entry and place" \
    '^  "error": {"file": "broken", "va": "0x0000000000200000", "level": 1, "entry": "0x00000000004020e3", "at": "0x3008", "why": ".*bits 20:13.*"}$'
has "marks before the broken entry are there" '"level": 0, "type": 0, "payload": "0x6000"}$'
name=$(printf 'a "\\ \t\303\244\377\355\240\200 b')
cp broken "$name"
json_is_tsv "JSON with a file name of everything" dump -i "$name@0x1000" $at
has "a file name is escaped" '"file": "a \\"\\\\ \\u0009.*\\ufffd\\ufffd\\ufffd\\ufffd b"'
json_is_tsv "JSON that meets the limit" dump -i good@0x1000 $at --limit 5
has "the limit is an error" '"why": "more than 5 tables visited'
want_status=0
run 2 "JSON of no table" dump -i good@0x1000 -F x86-64 -r 0x1008 -o json
[ ! -s out ] || fail "something was printed of a table that cannot be opened" out
ok "a table that cannot be opened prints nothing"

# ----------------------------------------------------------------------------------------------------------- dot ---

run 0 "the graph of a table" dump -i good@0x1000 $at -o dot
valid_dot "the graph of a table"
[ "$(tables) $(edges)" = "5 5" ] || fail "not 5 tables and 5 edges: $(tables) $(edges)" out
ok "a table that is linked twice is drawn once"
has "a record has level, size, address and counts" '^    t0 \[label="level 3 (512G)|0x1000|2 tables, 510 holes|<i000> 0x000: table 0x2000\\l|'
has_line "an edge has index and rights" '    t0:i100 -> t1 [label="0x100 r-xu"];'
has "leaves are summed up as runs" '|0x000-0x0ff: 256 leaves -\\> 0x200000 rwx- wb,a,d\\l|0x100-0x1ff: 256 leaves -\\> 0x500000 '
run 0 "the graph of a range" dump -i good@0x1000 $at -o dot --range 0x100000-0x280000
valid_dot "the graph of a range"
[ "$(tables) $(edges)" = "4 3" ] || fail "not 4 tables and 3 edges: $(tables) $(edges)" out
has "only the leaves of the range are drawn" '|256 leaves|0x100-0x1ff: 256 leaves'
run 0 "the graph of marks" dump -i marks@0x1000 -F ept -r 0x1000 -o dot
valid_dot "the graph of marks"
has "marks are drawn with their type" '|0x001: 1 mark of type 0\\l|0x002: 1 mark of type 3\\l|'
run 0 "the graph of a group" dump -i arm@0x1000 -F arm64-s1 -r 0x1000 -o dot
valid_dot "the graph of a group"
has "a group has its indices" '|0x010-0x01f: 1 leaf -\\> 0x10000 '
image bomb raw 0x1000+0x4000 '0x1000*512=0x2027' '0x2000*512=0x3027' '0x3000*512=0x4027'
run 0 "the graph of shared tables" dump -i bomb@0x1000 $at -o dot
valid_dot "the graph of shared tables"
[ "$(tables) $(edges)" = "4 3" ] || fail "not 4 tables and 3 edges: $(tables) $(edges)" out
has_line "512 ways to the same table are one edge" '    t0:i000 -> t1 [label="0x000-0x1ff rwxu"];'

run 2 "the graph of a broken table" dump -i broken@0x1000 $at -o dot
valid_dot "the graph of a broken table"
has "a broken entry is drawn, and so is what follows it" 'color=red, .*|0x001: broken: .*20:13.*|0x002: 1 leaf -\\> 0x400000 '
grep -q '^ptw: broken: address 0x0000000000200000, level 1, ' err || fail "the broken entry is not named" err
run 0 "a graph of as many tables as there may be" dump -i good@0x1000 $at -o dot --limit 5
run 2 "a graph of one table too many" dump -i good@0x1000 $at -o dot --limit 4
[ ! -s out ] && grep -q '^ptw: more than 4 tables to draw; see --limit and --range$' err || fail "no such line" err out
ok "a graph of too many tables is refused before any output"
image wide raw 0x0+0x400000 '0x1000*512=0x2027+0x1000' '0x2000*65536=0x210027+0x1000' '0x210000=0x0'
run 2 "a graph of a thousand tables" dump -i wide $at -o dot
[ ! -s out ] && grep -q 'more than 1000 tables' err || fail "no such line" err out
ok "without --limit a thousand tables are the most"

# -------------------------------------------------------------------------------------------------- what there is ---

run 2 "an unknown output" dump -o yaml
grep -q "no output 'yaml'; there are text, tsv, json and dot$" err || fail "the outputs are not listed" err
ok "an unknown output is refused, and dump's four are listed"
run 2 "an output that walk does not have" walk -o json
grep -q "no output 'json'; there are text and tsv$" err || fail "the outputs are not listed" err
ok "walk has two outputs"
if [ -c /dev/full ]; then
    for output in json dot; do
        status=0
        "$PTW" dump -i good@0x1000 $at -o $output >/dev/full 2>err || status=$?
        [ $status -eq 2 ] && grep -q 'No space left' err && [ "$(wc -l <err)" -eq 1 ] || fail "$output: a full disk" err
        ok "$output: a full disk is status 2 with one line"
    done
fi

# ------------------------------------------------------------------------------------------------ tables of Linux ---

if "$PTW" --version | grep -q '^ELF cores: yes'; then
    while read -r core table; do
        json_is_tsv "JSON of $core" dump -i "$PTW_SOURCE/tests/data/$core.core" $table
        json_is_tsv "JSON of runs of $core" dump -i "$PTW_SOURCE/tests/data/$core.core" $table --merge
        run 0 "the graph of $core" dump -i "$PTW_SOURCE/tests/data/$core.core" $table -o dot
        valid_dot "the graph of $core"
        [ "$(tables)" -gt 10 ] || fail "the graph of $core has $(tables) tables" out
    done <<'END'
linux-x86_64-4level -F x86-64 -r 0x3c5e000
linux-arm64-4k -F arm64-s1 -c ad=1,linux-mair=1,upper=1 -r 0x4157b000
END
else
    echo "without libelf: the cores of Linux are left out"
fi

# ------------------------------------------------------------------------------------------- strangers' tables ---

# Entries that point further down, now and then up, or are senseless: whatever the answer, both outputs are well formed.
# words SEED TABLE   entries whose low bits are TABLE
words() {
    awk -v seed="$1" -v table="$2" 'BEGIN {
        srand(seed)
        for (i = 0; i < 24; i++) {
            page = i < 4 ? 4 : 8 + int(rand() * 8)
            child = rand() < .9 ? 8 + int(rand() * 9) : int(rand() * 20)
            word = sprintf("%x%s", child, table)
            if (rand() < .1)
                word = sprintf("%x", rand() * 1000000000)
            printf "0x%x=0x%s ", page * 4096 + 8 * int(rand() * 6), word
        }
    }'
}
round=0
echo '["strangers"' >all.json # one array, for one start of python3
while [ $round -lt 6 ]; do
    round=$((round + 1))
    for format in ept:007 amdv1:001 amdv1:401 x86-64:027 arm64-s2:003 arm64-s1:003; do
        image stranger raw 0x4000+0xd000 $(words $round "${format#*:}")
        for output in json dot; do
            status=0
            "$PTW" dump -i stranger@0x4000 -F "${format%:*}" -r 0x4000 -o $output >out 2>err || status=$?
            { [ $status -eq 0 ] && [ ! -s err ]; } || { [ $status -eq 2 ] && [ "$(wc -l <err)" -eq 1 ]; } ||
                fail "round $round, $format, $output: status $status" err
            if [ $output = dot ]; then
                valid_dot "round $round, $format"
            else
                { echo , && cat out; } >>all.json
                echo "round $round, $format: line $(wc -l <all.json)"
            fi >>strangers
        done
    done
done
echo ']' >>all.json
cp all.json out
valid_json "all of JSON about strangers' tables"
ok "of $(wc -l <strangers) dumps of strangers' tables all are well formed"

echo "$checks checks passed"
