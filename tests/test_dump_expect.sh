#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# `ptw dump` of page tables that Linux built equals the emulator's own list of them, leaf by leaf: address, physical
# address, size, and every attribute that the emulator lists.
#
# A core is tests/data/NAME.core, its list NAME.expect, whose header has the registers: the tool finds the table by them.
# For each, one function brings the list, and one the dump, into the same form; what else must hold is the same for all.
# The list of the arm64 core is a sample of addresses and where the emulator's MMU says that they go.
set -eu

: "${PTW:?the path of the tool}" "${PTW_SOURCE:?the root of the sources}"

if ! "$PTW" --version | grep -q '^ELF cores: yes'; then
    echo "SKIP: the tool was built without libelf (Debian: libelf-dev), the input is an ELF core"
    exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail()
{
    echo "FAIL: $name: $*"
    exit 1
}

# on COMMAND ARGUMENT...   the tool's command on the core, as tab-separated lines; the table is the one that $table says.
on()
{
    command=$1
    shift
    # shellcheck disable=SC2086 # $table is several words
    "$PTW" "$command" -i "$PTW_SOURCE/tests/data/$name.core" $table -o tsv "$@"
}

total() { awk -F '\t' '{ sub(/^0x/, "", $3); n = 0; for (i = 1; i <= length($3); i++)
    n = n * 16 + index("0123456789abcdef", substr($3, i, 1)) - 1; sum += n } END { printf "%d\n", sum / 4096 }' "$1"; }

# dumped REGISTERS PLAIN   the dump of the table that these registers name, which is the one that -F and -r name.
dumped()
{
    table=$2
    on dump >"$work/plain"
    table=$1
    on dump >"$work/dump"
    cmp "$work/plain" "$work/dump" || fail "$table is another table than $2"
    echo "$name: $(wc -l <"$work/dump") leaves, by $table as by $2"
}

# Other ways to read the table give what its dump has.
reads_alike()
{
    # Merged rows say the same: cut into the smallest pages they are as many bytes at the same addresses.
    on dump --merge >"$work/merged"
    [ "$(total "$work/dump")" -eq "$(total "$work/merged")" ] || fail "--merge loses or adds bytes"
    [ "$(wc -l <"$work/merged")" -lt "$(wc -l <"$work/dump")" ] || fail "--merge merges nothing"
    echo "$name: merged to $(wc -l <"$work/merged") rows over the same $(total "$work/dump") pages"

    # A walk of an address inside of every 97th leaf gives the same output address and attributes as the dump.
    awk -F '\t' 'NR % 97 == 1 { print $1 }' "$work/dump" >"$work/addresses"
    # shellcheck disable=SC2046 # one argument a line is meant
    on walk $(cat "$work/addresses") >"$work/walked"
    awk -F '\t' 'NR % 97 == 1' "$work/dump" | cmp - "$work/walked" || fail "walk and dump differ"
    echo "$name: walk agrees with dump on $(wc -l <"$work/walked") addresses"
}

# same NAME ROWS FORM REGISTERS PLAIN   the list and the dump are equal in this FORM, and so are other ways to read.
same()
{
    name=$1 rows=$2 form=$3
    list=$PTW_SOURCE/tests/data/$name.expect

    dumped "$4" "$5"
    "list_of_$form" <"$list" | sort >"$work/expected"
    "dump_like_$form" <"$work/dump" | sort >"$work/dumped"
    diff "$work/expected" "$work/dumped" >"$work/diff" || {
        head -n 20 "$work/diff"
        fail "the dump (>) differs from the emulator's list (<)"
    }
    [ "$(wc -l <"$work/expected")" -eq "$rows" ] || fail "the list does not have $rows rows"
    echo "$name: all $rows rows are as the emulator lists them"

    reads_alike
}

# ---------------------------------------------------------------------------------------------------- x86-64 ---

# The emulator's flags, in place: X no-execute, G global, P large, D, A, C and T cache bits, U user, W write.
list_of_x86()
{
    awk '!/^#/ {
        f = $3
        size = substr(f, 3, 1) == "P" ? "large" : "small"
        right = "r" (f ~ /W$/ ? "w" : "-") (f ~ /^X/ ? "-" : "x") (substr(f, 8, 1) == "U" ? "u" : "-")
        cache = substr(f, 6, 2)
        type = cache == "--" ? "wb" : cache == "-T" ? "wt" : cache == "C-" ? "uc-" : "uc"
        print "0x" $1, "0x" $2, size, right, type (f ~ /A/ ? ",a" : "") (f ~ /D/ ? ",d" : "") (f ~ /G/ ? ",g" : "")
    }'
}

dump_like_x86()
{
    awk -F '\t' '{ print $1, $2, $3 == "0x1000" ? "small" : "large", $4, $5 }' | sed 's/,soft=0x[0-9a-f]*//'
}

# ---------------------------------------------------------------------------------------------------- RISC-V ---

# Rows are neighbours of the same size, with equal rwxugad and consecutive physical addresses. These have bit 61 of the
# entry (PBMT is NC), too, as bit 63. Software bits are not looked at.
list_of_riscv()
{
    awk '!/^#/ { print $1, $2, $3, $4 }'
}

# Sums up to 2^48 are exact; the sign of an address is not needed to see that it is the next.
dump_like_riscv()
{
    sed 's/0x//g' | awk -F '\t' '
        function number(hex, i, n) {
            for (i = length(hex) > 12 ? length(hex) - 11 : 1; i <= length(hex); i++)
                n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
            return n
        }
        function put() {
            if (size > 0)
                printf "%s %s %08x%08x %s\n", va, pa, int(size / 4294967296), size % 4294967296, flags
        }
        {
            words = $5 ","
            f = $4 (words ~ /,g,/ ? "g" : "-") (words ~ /,a,/ ? "a" : "-") (words ~ /,d,/ ? "d" : "-")
            if (words ~ /^nc,/)
                $2 = "8" substr($2, 2)
            if (f == flags && $3 == leaf && number($1) == number(va) + size && number($2) == number(pa) + size) {
                size += number($3)
                next
            }
            put()
            va = $1; pa = $2; leaf = $3; size = number($3); flags = f
        }
        END { put() }'
}

# ------------------------------------------------------------------------------------------------------------

# ---------------------------------------------------------------------------------------------------- arm64 ----

# samples LIST   the list's addresses and where they go, or -, are those of the dump: each is sought in the leaves.
# Sorted by address, an address is behind the leaf that it is in.
samples()
{
    { sed 's/^0x/ /; s/\t0x/ /g; s/\t/ /g; s/^ //' "$work/dump" | awk '{ print $1, 0, $2, $3 }'
      awk '!/^#/ { print $1, 1, $2 }' "$1"; } | sort | awk '
        function number(hex, i, n) {
            for (i = length(hex) > 12 ? length(hex) - 11 : 1; i <= length(hex); i++)
                n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
            return n
        }
        $2 == 0 { first = number($1); oa = number($3); size = number($4); next }
        {
            at = number($1) - first
            got = at < size ? oa + at : "-"
            if (got != ($3 == "-" ? "-" : number($3)))
                print $1, "goes to", got, "and not to", $3
            n++
        }
        END { print n, "addresses" }'
}

# sampled NAME COUNT REGISTERS PLAIN   the emulator's own translations are those of the table.
sampled()
{
    name=$1
    dumped "$3" "$4"
    if [ "$2" -gt 0 ]; then
        samples "$PTW_SOURCE/tests/data/$name.expect" >"$work/samples"
        [ "$(cat "$work/samples")" = "$2 addresses" ] || {
            head -n 20 "$work/samples"
            fail "the dump differs from the emulator's translations"
        }
        echo "$name: $2 addresses go where the emulator says"
    fi
    reads_alike
}

# ------------------------------------------------------------------------------------------------------------

# header NAME PATTERN   what the PATTERN's group matches in the list's header.
header()
{
    sed -n "s/^# .*$2.*/\\1/p" "$PTW_SOURCE/tests/data/$1.expect"
}

# register NAME REGISTER   its value in the list's header.
register()
{
    header "$1" "$2=\\(0x[0-9a-f]*\\)"
}

x86=linux-x86_64-4level
cr3=$(register $x86 CR3)
same $x86 8447 x86 "--cr3 $cr3 --cr4 $(register $x86 CR4) --cr0 $(register $x86 CR0) --efer $(register $x86 EFER)" \
    "-F x86-64 -r $cr3"

# The low 44 bits of satp are the root's page number. This machine has Svpbmt.
riscv=linux-riscv64-sv48
page=$(header $riscv 'satp=0x[0-9a-f]\{5\}\([0-9a-f]\{11\}\),')
same $riscv 227 riscv "--satp $(register $riscv satp) -c pbmt=1" "-F riscv-sv48 -r 0x${page}000 -c pbmt=1"

# The low 48 bits of TTBR are the root, but for bit 0 (CnP). The list has addresses of TTBR1's range alone.
arm=linux-arm64-4k
tcr="--tcr $(register $arm TCR_EL1) --mair $(register $arm MAIR_EL1)"
plain="-F arm64-s1 -c ad=1,linux-mair=1"
sampled $arm 6289 "--ttbr1 $(register $arm TTBR1_EL1) $tcr" "$plain,upper=1 -r 0x4157b000"
sampled $arm 0 "--ttbr0 $(register $arm TTBR0_EL1) $tcr" "$plain -r 0x42007000"
