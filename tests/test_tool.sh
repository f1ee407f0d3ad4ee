#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# The command line as its users meet it: every message for bad input and broken tables (one line on stderr that names
# file, address, level and entry; status 2), every way to a right answer, numbers, help, versions. The images are made
# by make_image: x86-64 tables at 0x1000 (root), 0x2000, 0x3000, 0x4000, unless a check says otherwise.
# shellcheck disable=SC2086,SC2046,SC2015 # lists of words are meant to be split; A && B || fail says what it should
set -eu

: "${PTW:?the path of the tool}" "${PTW_MAKE_IMAGE:?the path of make_image}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
checks=0

fail() {
    echo "FAIL: $1"
    shift
    for file; do
        [ ! -s "$file" ] || sed 's/^/    /' "$file" | head -n 20
    done
    exit 1
}

# run ARGUMENT...   the tool, with its answer in out, err and $status; what takes two minutes counts as endless.
run() {
    status=0
    timeout 120 "$PTW" "$@" >out 2>err || status=$?
}

# gives STATUS SENTENCE PATTERN ARGUMENT...   the tool ends so, says nothing on stderr, and its output has the pattern
gives() {
    want=$1 sentence=$2 pattern=$3
    shift 3
    run "$@"
    [ "$status" -eq "$want" ] || fail "$sentence: status $status instead of $want from ptw $*" out err
    [ ! -s err ] || fail "$sentence: said something on stderr" err
    grep -q -e "$pattern" out || fail "$sentence: no '$pattern' in the output of ptw $*" out
    checks=$((checks + 1))
    echo "ok: $sentence"
}

# refuses SENTENCE PATTERN ARGUMENT...   status 2 and exactly one line on stderr, which starts with "ptw: " and has the
# pattern
refuses() {
    sentence=$1 pattern=$2
    shift 2
    run "$@"
    [ "$status" -eq 2 ] || fail "$sentence: status $status instead of 2 from ptw $*" out err
    [ "$(wc -l <err)" -eq 1 ] || fail "$sentence: not exactly one line on stderr" err
    grep -q -e '^ptw: ' err || fail "$sentence: the line does not start with 'ptw: '" err
    grep -q -e "$pattern" err || fail "$sentence: no '$pattern' in the line" err
    checks=$((checks + 1))
    echo "ok: $sentence"
}

# same SENTENCE FILE FILE
same() {
    cmp -s "$2" "$3" || { diff "$2" "$3" >difference || true; fail "$1" difference; }
    checks=$((checks + 1))
    echo "ok: $1"
}

tab=$(printf '\t')
image() { "$PTW_MAKE_IMAGE" "$@"; }
at="-F x86-64 -r 0x1000"
has_elf=no
if "$PTW" --version | grep -q '^ELF cores: yes'; then has_elf=yes; fi

# A table with a leaf of each size: 4K at 0 and 0x1000, 2M at 0x200000, 1G at 0x40000000, and one in the upper half.
good='0x1000=0x2027 0x2000=0x3027 0x3000=0x4027 0x4000=0x0000000000123063 0x4008=0x8000000000124125
      0x3008=0x80000000004000a3 0x2008=0x00000000800000e1 0x1800=0x2027'
image good raw 0x1000+0x4000 $good

# ------------------------------------------------------------------------------------------ help and versions ---

gives 0 "ptw --help lists the commands" '^  decode ' --help
commands=$(sed -n 's/^  \([a-z]*\)  .*/\1/p' out)
[ "$(echo "$commands" | wc -l)" -eq 5 ] || fail "ptw --help does not list five commands" out
gives 0 "ptw -h is the same" '^  walk ' -h
gives 0 "ptw help is the same" '^  walk ' help
for command in $commands; do
    gives 0 "ptw $command --help shows how it is used" "^usage: ptw $command" "$command" --help
    cp out long
    gives 0 "ptw help $command shows it, too" "^usage: ptw $command" help "$command"
    same "ptw help $command and ptw $command --help are the same" out long
    refuses "ptw $command refuses an unknown option" '--senseless' "$command" --senseless
done
gives 0 "ptw --version names the version" '^ptw [0-9]*\.[0-9]*\.[0-9]*$' --version
gives 0 "ptw --version names the library's version" '^library [0-9]*\.[0-9]*\.[0-9]*$' --version
gives 0 "ptw -V says whether ELF cores can be read" '^ELF cores: \(yes\|no\)' -V
refuses "an unknown command is named" "no command 'frobnicate'" frobnicate
refuses "help for an unknown command is refused" "no command 'frobnicate'" help frobnicate
run
[ "$status" -eq 2 ] && grep -q '^usage:' err || fail "ptw alone does not show its usage on stderr with status 2" out err
refuses "an option without its value is named" "option -F needs a value" dump -F
refuses "an unknown short option is named" "no option -Z" dump -Z
refuses "a value for an option that takes none is refused" "takes no value" dump --merge=yes
refuses "dump takes no arguments" "no argument 'surplus'" dump surplus

# ---------------------------------------------------------------------------------------------------- formats ---

for format in $("$PTW" formats | awk '{ print $1 }'); do
    gives 0 "ptw formats lists $format, name first" "^$format  *levels [1-9].* in [0-9].* out [0-9].* pages [0-9].* A/D " \
        formats
    gives 0 "ptw formats $format shows its configuration keys" '^  hitless .*0 or 1' formats "$format"
done
gives 0 "sizes of leaves are listed" '^ept .* pages 4K,2M,1G  ' formats
gives 0 "groups are sizes, too" '^riscv-sv48 .* pages 4K,64K,2M,1G,512G  ' formats
gives 0 "tables of 1024 entries have leaves of 4M" '^riscv-sv32 .* pages 4K,4M  ' formats
gives 0 "ptw formats lists vtd-ss" '^vtd-ss  *levels 3-5 .4.  in 31-57 .48.  out 52  pages 4K,2M,1G ' formats
gives 0 "ptw formats lists amdv1, whose leaves are every power of two" \
    '^amdv1  *levels 1-6 .4.  in 13-64 .48.  out 52  pages 4K-256G ' formats
gives 0 "ptw formats lists arm64-s1" '^arm64-s1  *levels 1-5 .4.  in 25-48 .48.  out 48  pages 4K,64K,2M,32M,1G,16G ' formats
gives 0 "the descriptors of VMSAv8-32 have no A/D by hardware" '^arm-lpae-s1 .*A/D never$' formats
gives 0 "A/D of x86-64 is always on" '^x86-64 .*A/D always$' formats
gives 0 "A/D of EPT is an option" '^ept .*A/D ad=0|1 \[0\]$' formats
refuses "formats names an unknown format and the known ones" "unknown format 'vax'.*ept.*x86-64" formats vax

# ----------------------------------------------------------------------------------------------------- decode ---

gives 0 "decode names a set bit with its place" '^  63 .*NX .*0x1 ' decode x86-64 1 0x80000000004000e3
gives 0 "decode names the kind, level and size" '^entry .*leaf at level 1 (2M) of x86-64' decode x86-64 1 0x4000e3
gives 0 "decode gives the output address" '^output .*0x0000000000400000$' decode x86-64 1 0x4000e3
gives 0 "decode gives the rights" '^rights .*rwx-$' decode x86-64 1 0x4000e3
gives 0 "decode gives the attributes" '^attrs .*wb,a,d$' decode x86-64 1 0x4000e3
gives 0 "decode lists unset bits compactly" '^  not set .*US\[2\]' decode x86-64 1 0x4000e3
gives 0 "decode gives the address of a table" '^table at .*0x0000000000002000$' decode x86-64 3 0x2027
gives 0 "decode says what the word breaks" '^illegal .*reserved' decode x86-64 1 0x4020e3
gives 0 "decode says so if nothing is broken" '^legal ' decode x86-64 1 0x4000e3
gives 0 "decode follows the configuration" '^illegal .*NXE' decode x86-64 0 0x8000000000001001 --config nx=0
gives 0 "decode reaches level 4 with five levels" '^entry .*level 4' decode x86-64 4 0x1027 -c levels=5
gives 0 "decode has 8 digits for a word of 32 bits" '^word  *0xfffffcc7$' decode riscv-sv32 0 0xfffffcc7
refuses "decode refuses a word wider than an entry" "too wide: an entry of riscv-sv32 has 32 bits" \
    decode riscv-sv32 0 0x1000004c7
gives 0 "decode masks the marker of a group" '^output .*0x0000000080010000$' \
    decode riscv-sv39 0 0x80000000200060c7 -c groups=1
gives 0 "decode says what groups may not be" '^illegal .*1000' decode riscv-sv39 0 0x80000000200040c7 -c groups=1
gives 0 "decode says what leaves the configuration leaves out" '^illegal .*size' \
    decode riscv-sv39 1 0x200000cf -c leaf=0x1000
gives 0 "decode says it of short descriptors, too" '^illegal .*size' decode arm-v7s 1 0x80131c0e -c leaf=0x1000
gives 0 "decode gives the rights of a shadow stack" '^rights .*rw-u$' decode riscv-sv39 0 0x200004d5 -c zicfiss=1
gives 0 "decode knows an empty entry" '^entry .*empty at level 0' decode x86-64 0 0
gives 0 "decode knows another format's own attributes by the bit's name" '^attrs .*wb,ipat$' decode ept 0 0x1077
gives 0 "decode knows user execution" '^attrs .*wb,ux$' decode ept 0 0x5431 -c mbec=1
gives 0 "decode knows a shadow stack" '^attrs .*wb,a,d,shadow-stack$' decode x86-64 0 0x8000000000007065 -c cet=1
gives 0 "decode knows a shared page" '^attrs .*wb,a,d,shared$' decode npt 0 0x3067 -c oa=47,c-bit=47
gives 0 "decode takes the C-bit out of the address" '^output .*0x0000000000003000$' decode amdv2 0 0x800000003067 -c oa=47,c-bit=47
gives 0 "decode reads entries of four bytes" '^word .* 0x404060e7$' decode x86-32 1 0x404060e7
gives 0 "decode reads PSE-36 addresses" '^output .*0x0000000340400000$' decode x86-32 1 0x404060e7
refuses "decode refuses what no entry of four bytes can be" "too wide" decode x86-32 1 0x1404060e7
gives 0 "decode knows software bits" '^attrs .*soft=0x1' decode ept 0 0x10000000001037
gives 0 "decode knows entries of four bytes" '^word  *0x80131c0e$' decode arm-v7s 1 0x80131c0e
refuses "decode refuses a word wider than the entry" 'too wide: an entry of arm-v7s has 32 bits' \
    decode arm-v7s 1 0x180131c0e
gives 0 "decode says what a DART misses" '^illegal .*neither readable nor writable' decode dart-t8020 0 0xfff0800004183
gives 0 "decode knows an empty word that is not zero" '^entry .*empty at level 1 (1M) of s390-zpci' decode s390-zpci 1 0x20
gives 0 "decode knows the size of a group" '^entry .*leaf at level 0 (1M) of amdv1' decode amdv1 0 0x600000001237fe01
gives 0 "decode gives the output address of a group" '^output .*0x0000000012300000$' decode amdv1 0 0x600000001237fe01
gives 0 "decode knows VT-d's own attributes" '^attrs .*wb,snp$' decode vtd-ss 1 0x40000883 -c snp=1
gives 0 "decode calls set bits without a name unknown" '^  62 .*unknown ' decode riscv-sv39x4 0 0x4000000000000000
gives 0 "decode follows the granule" '^output .*0x000f000012340000$' decode arm64-s1 0 0x004000001234f703 -c granule=64K,oa=52
gives 0 "decode follows LPA2" '^output .*0x000d000000001000$' decode arm64-s2 0 0x00010000000017ff -c lpa2=1,oa=52
gives 0 "decode gives the rights that a table leaves" '^rights .*r--u at most' decode arm64-s1 1 0x4800000812345003
gives 0 "decode says that a monitor's state is no mark of the library" '^mark .*foreign' decode arm64-s2 0 0xa -c realm=1
refuses "decode wants three arguments" "FORMAT LEVEL WORD" decode ept 0
refuses "decode refuses a level that is not there" "no level 4.* 0 ... 3" decode x86-64 4 0
refuses "decode refuses a bad level" "bad number 'one' for the level" decode ept one 0
refuses "decode refuses a word beyond 64 bits" "bad number '0x10000000000000000'" decode ept 0 0x10000000000000000
refuses "decode refuses an unknown format" "unknown format 'vax'" decode vax 0 0

# ---------------------------------------------------------------------------------------------------- numbers ---

# number TEXT VALUE   through decode, which prints the word that it was given
number() {
    gives 0 "the number $1 is $2" "^word .*0x0*$2\$" decode ept 0 "$1"
}
number 4096 1000
number 0x1000 1000
number 0XABCDEF abcdef
number 0xdead_beef deadbeef
number 1_000 3e8
number 4K 1000
number 4k 1000
number 2M 200000
number 1G 40000000
number 1T 10000000000
number 0x10K 4000
number 18446744073709551615 ffffffffffffffff
number 16777215T ffffff0000000000
for text in '' x 0x 12q 1__0 _1 1_ 0x_1 0x1_ K 4KB 4KK -1 +1 ' 1' 1.5 18446744073709551616 16777216T 0xg; do
    refuses "'$text' is not a number" "bad number '$text'" decode ept 0 -- "$text"
done

# --------------------------------------------------------------------------------------------- configurations ---

refuses "an unknown key is named, with the keys there are" "no key 'colour'.*levels.*leaf.*nx" \
    dump -i good@0x1000 $at -c colour=1
refuses "a key without a value is refused" "'levels' in the configuration is not key=value" \
    dump -i good@0x1000 $at -c levels
refuses "a value that is no number is refused" "bad number 'many' for levels" dump -i good@0x1000 $at -c levels=many
refuses "an option other than 0 and 1 is refused" "nx=2 is not possible" dump -i good@0x1000 $at -c nx=2
refuses "what the format objects to is said" "format x86-64: levels" dump -i good@0x1000 $at -c levels=9
refuses "an empty piece of the configuration is refused" "not key=value" dump -i good@0x1000 $at -c nx=1,
refuses "a senselessly long piece of the configuration is refused" "too long" \
    dump -i good@0x1000 $at -c "$(printf '%0200d' 0)=1"
gives 0 "several configurations add up" '0x0000000000000000' dump -i good@0x1000 $at -c nx=1,levels=4 -c oa=48

# ----------------------------------------------------------------------------------- what dump and walk need ---

refuses "dump wants an image" 'give -i' dump $at
refuses "dump wants a format" 'give -F' dump -i good@0x1000 -r 0x1000
refuses "dump wants a root" 'give -r' dump -i good@0x1000 -F x86-64
refuses "walk wants an address" 'needs an ADDRESS' walk -i good@0x1000 $at
refuses "an unknown format is named, with the formats there are" "unknown format 'vax'.*arm64-s2.*ept" dump -F vax
refuses "a bad root is refused" "bad number 'here' for the root" dump -r here
refuses "a bad physical address of an image is refused" "bad number '0x10zz' for the physical address" dump -i good@0x10zz
refuses "an unknown output is refused" "no output 'yaml'" dump -o yaml
refuses "a bad address is refused before any output" "bad number 'there' for an address" \
    walk -i good@0x1000 $at 0x0 there
[ ! -s out ] || fail "walk printed something before it found the bad address" out

# ------------------------------------------------------------------------------------------------------- dump ---

cat >expected <<EOF
0x0000000000000000${tab}0x0000000000123000${tab}0x1000${tab}rwx-${tab}wb,a,d
0x0000000000001000${tab}0x0000000000124000${tab}0x1000${tab}r--u${tab}wb,a,g
0x0000000000200000${tab}0x0000000000400000${tab}0x200000${tab}rw--${tab}wb,a
0x0000000040000000${tab}0x0000000080000000${tab}0x40000000${tab}r-x-${tab}wb,a,d
EOF
sed -n 's/^0x00000\([0-9a-f]*\)/0xffff8\1/p' expected >upper
cat upper >>expected
run dump -i good@0x1000 $at -o tsv
same "dump -o tsv prints every leaf, tab-separated, in both halves of the address space" out expected
[ "$status" -eq 0 ] && [ ! -s err ] || fail "dump of a good image does not end with status 0 and silence" err
run dump --image good@0x1000 --format x86-64 --root 4K --config nx=1 --output tsv
same "long options are the same as short ones" out expected
gives 0 "dump as text has a heading" '^va  *oa  *size  *rights  *attrs$' dump -i good@0x1000 $at
gives 0 "dump as text writes sizes for people" '  2M  rw--    wb,a$' dump -i good@0x1000 $at

image runs raw 0x1000+0x4000 0x1000=0x2027 0x2000=0x3027 0x3000=0x4027 '0x4000*512=0x200063+0x1000' 0x3008=0x4000e3 \
    0x3010=0x80000000006000e3
printf '%s\t%s\t%s\t%s\t%s\n' 0x0000000000000000 0x0000000000200000 0x400000 rwx- wb,a,d \
    0x0000000000400000 0x0000000000600000 0x200000 rw-- wb,a,d >expected
run dump -i runs@0x1000 $at -o tsv --merge
same "dump --merge joins leaves of any size with consecutive output and equal rights, and no others" out expected
run dump -i runs@0x1000 $at -o tsv
[ "$(wc -l <out)" -eq 514 ] || fail "without --merge each leaf has its line" out
gives 0 "dump --range prints the leaf that the first address lies in" '^0x0000000000200000' \
    dump -i runs@0x1000 $at -o tsv --range 0x3ff000-0x3fffff
[ "$(wc -l <out)" -eq 1 ] || fail "dump --range printed more than was asked for" out
for range in 5 5- -5 0x2000-0x1000 0-0xffffffffffffffff; do
    refuses "the range '$range' is refused" "range" dump -i runs@0x1000 $at --range="$range"
done
refuses "a range with addresses that do not exist is refused" "cannot translate" \
    dump -i runs@0x1000 $at --range 0-0x800000000000

image limits raw 0x1000+0x4000 0x1000=0x2005 0x2000=0x3007 0x3000=0x4003 0x4000=0x123037 0x3008=0x4000b7
printf '%s\t%s\t%s\t%s\t%s\n' 0x0000000000000000 0x0000000000123000 0x1000 r--- wb \
    0x0000000000200000 0x0000000000400000 0x200000 r-x- wb >expected
run dump -i limits@0x1000 -F ept -r 0x1000 -o tsv
sed -i 's/wb,d$/wb/' out
same "the rights printed are those that all tables above leave" out expected

image five raw 0x1000+0x5000 0x1000=0x2027 0x1800=0x2027 0x2000=0x3027 0x3000=0x4027 0x4000=0x5027 0x5000=0x123063
gives 0 "five levels reach 57 bits" "^0xff00000000000000${tab}0x0000000000123000${tab}0x1000${tab}rwx-${tab}wb,a,d\$" \
    dump -i five@0x1000 $at -c levels=5 -o tsv
image nested raw 0x1000+0x4000 0x1000=0x2027 0x1800=0x2027 0x2000=0x3027 0x3000=0x4027 0x4000=0x123065
gives 0 "nested tables are not sign-extended, and user is not a right of theirs" \
    "^0x0000800000000000${tab}0x0000000000123000${tab}0x1000${tab}r-x-${tab}wb,a,d\$" dump -i nested@0x1000 -F npt -r 0x1000 -o tsv
image arm raw 0x4000+0x6000 0x4000=0x8003 0x5000=0x8003 0x8000=0x9003 0x9000=0x1237ff 0x9008=0x40000000124457
printf '%s\t%s\t%s\t%s\t%s\n' 0x0000000000000000 0x0000000000123000 0x1000 rwx- wb,a,d \
    0x0000000000001000 0x0000000000124000 0x1000 r--- nc,a,sh=0x0 \
    0x0000008000000000 0x0000000000123000 0x1000 rwx- wb,a,d 0x0000008000001000 0x0000000000124000 0x1000 r--- nc,a,sh=0x0 >expected
run dump -i arm@0x4000 -F arm64-s2 -r 0x4000 -o tsv
same "Arm stage 2, with two tables side by side at the root" out expected
image short raw 0x4000+0x8000 0x4000=0x80131c0e00008001 0x8000=0x80001e7f00000000
printf '%s\t%s\t%s\t%s\t%s\n' 0x0000000000001000 0x0000000080001000 0x1000 r--u wb,a,d \
    0x0000000000100000 0x0000000080100000 0x100000 rwxu wb,a,d >expected
run dump -i short@0x4000 -F arm-v7s -r 0x4000 -o tsv
same "Arm short descriptors: entries of four bytes" out expected
image zpci raw 0x4000+0x8000 0x4000*2048=0x2000000000000000 0x4000=0x0080000000000000 0x8000*256=0x0004000000000000 \
    0x8008=0x0050000003000000 0x8010=0x0052000003000000
printf '%s\t%s\t%s\t%s\t%s\n' 0x0000000000001000 0x0000000300005000 0x1000 rw-- wb,a,d \
    0x0000000000002000 0x0000000300005000 0x1000 r--- wb,a,d >expected
run dump -i zpci@0x4000 -F s390-zpci -c levels=2 -r 0x4000 -o tsv
same "zPCI: big-endian entries, and empty words that are not zero" out expected
image riscv raw 0x4000+0x6000 0x4000=0x2001 0x7ff8=0x2001 0x8000=0x2401 0x9000=0x48cdf 0x8008=0x100053
printf '%s\t%s\t%s\t%s\t%s\n' 0x0000000000000000 0x0000000000123000 0x1000 rwx- wb,a,d \
    0x0000000000200000 0x0000000000400000 0x200000 r--- wb,a \
    0x000001ffc0000000 0x0000000000123000 0x1000 rwx- wb,a,d 0x000001ffc0200000 0x0000000000400000 0x200000 r--- wb,a >expected
run dump -i riscv@0x4000 -F riscv-sv39x4 -r 0x4000 -o tsv
same "RISC-V G-stage, with its root of 16 KiB" out expected

# ------------------------------------------------------------------------------------------------------- walk ---

gives 0 "walk gives the output address of a byte inside a leaf" '=> 0x0000000000400123 .*rights rw--  attrs wb,a$' \
    walk -i good@0x1000 $at 0x200123
for line in 'level 3  *512G  at 0x000000001000: 0x0000000000002027  table  P RW US A$' \
    'level 2  *1G  at 0x000000002000: 0x0000000000003027  table' \
    'level 1  *2M  at 0x000000003008: 0x80000000004000a3  leaf   P RW A PS NX$'; do
    grep -q "$line" out || fail "walk does not show where, value and bits: $line" out
done
gives 0 "walk -o tsv prints one line an address" "^0x0000000000200123${tab}0x0000000000400123${tab}0x200000${tab}rw--" \
    walk -i good@0x1000 $at -o tsv 0x200123
gives 0 "walk takes several addresses" '=> 0x0000000000124fff' walk -i good@0x1000 $at 0xfff 0x1fff 0xffff800000000000
gives 1 "walk says that an entry is not present, and at which level" 'no translation: the level 0 entry is not present' \
    walk -i good@0x1000 $at 0x5000
gives 1 "one address without an answer is status 1, the others are answered" '=> 0x0000000000123000' \
    walk -i good@0x1000 $at 0x5000 0
gives 1 "walk says which addresses are canonical" \
    'not canonical: addresses are 0 ... 0x7fffffffffff and 0xffff800000000000 ... 0xffffffffffffffff' \
    walk -i good@0x1000 $at 0x800000000000
gives 1 "walk says what the input range is" 'outside of the input range: addresses are 0x0 ... 0xffffffffffff' \
    walk -i good@0x1000 -F ept -r 0x1000 0x1000000000000
gives 1 "walk -o tsv gives the reason in place of attributes" "^0x0000000000005000${tab}-${tab}-${tab}----${tab}.*not present" \
    walk -i good@0x1000 $at -o tsv 0x5000
image swapped raw 0x1000+0x1000 0x1000=0x2026
gives 1 "walk says that software uses an entry that is not present" "not present (it holds software's bits)" \
    walk -i swapped@0x1000 $at 0

# -------------------------------------------------------------------------------------------------- registers ---

# named SENTENCE IMAGE@PA ADDRESS PLAIN REGISTERS   dump and walk by registers answer as by -F and -r
named() {
    run dump -i "$2" $4 -o tsv
    [ "$status" -eq 0 ] || fail "$1: dump $4 ended with $status" err
    cp out expected
    run dump -i "$2" $5 -o tsv
    [ "$status" -eq 0 ] || fail "$1: dump $5 ended with $status" err
    same "dump: $1" out expected
    run walk -i "$2" $4 "$3"
    cp out expected
    run walk -i "$2" $5 "$3"
    [ "$status" -eq 0 ] || fail "$1: walk $5 ended with $status" err
    same "walk: $1" out expected
}

named "CR3 alone is x86-64 with four levels" good@0x1000 0x200123 "$at" "--cr3 0x1018"
named "CR4.LA57 is a fifth level" five@0x1000 0xff00000000000123 "$at -c levels=5" \
    "--cr0 0x80050033 --cr3 0x1000 --cr4 0x10a0 --efer 0xd01"
image nested4 raw 0x1000+0x4000 0x1000=0x2007 0x2000=0x3007 0x3000=0x4007 0x4000=0x123037
named "an EPTP" nested4@0x1000 0x123 "-F ept -r 0x1000" "--eptp 0x101e"
named "VTTBR and VTCR with two tables side by side" arm@0x4000 0x8000000000 "-F arm64-s2 -r 0x4000 -c ad=1" \
    "--vttbr 0x5000000004000 --vtcr 0x806d3558"
named "hgatp" riscv@0x4000 0x200123 "-F riscv-sv39x4 -r 0x4000" "--hgatp 0x8000300000000004"
image arm1 raw 0x1000+0x4000 0x1000=0x2003 0x2000=0x3003 0x3000=0x4003 '0x4080*16=0x70000000010703+0x1000' 0x1ff8=0x2003
named "TTBR0 and TCR" arm1@0x1000 0x1f123 "-F arm64-s1 -r 0x1000" "--ttbr0 0x7000000001001 --tcr 0x500803510"
named "TTBR1 and TCR" arm1@0x1000 0xffffff800001f123 "-F arm64-s1 -r 0x1000 -c upper=1" \
    "--ttbr1 0x1000 --tcr 0x5b5103590"
named "MAIR as Linux has it" arm1@0x1000 0x1f123 "-F arm64-s1 -r 0x1000 -c linux-mair=1" \
    "--ttbr0 0x1000 --tcr 0x500803510 --mair 0x40044ffff"
gives 0 "a group is one leaf" "^0x0000000000010000${tab}0x0000000000010000${tab}0x10000${tab}" \
    dump -i arm1@0x1000 -F arm64-s1 -r 0x1000 -R 0x10000-0x1ffff -o tsv
[ "$(wc -l <out)" -eq 1 ] || fail "a group is not one row" out
gives 0 "an address in a group is answered with the group's size" '=> 0x000000000001f123  in a leaf of 64K' \
    walk -i arm1@0x1000 -F arm64-s1 -r 0x1000 0x1f123
image arm31 raw 0x1000+0x1000 0x1000=0x10000400000701 0x1008=0x10000440000701
gives 0 "a group larger than its root is single slots" '=> 0x0000000440000123  in a leaf of 1G' \
    walk -i arm31@0x1000 -F arm64-s1 -r 0x1000 -c ia=31 0x40000123
gives 0 "each slot of such a group has its own output" "^0x0000000040000000${tab}0x0000000440000000${tab}0x40000000${tab}" \
    dump -i arm31@0x1000 -F arm64-s1 -r 0x1000 -c ia=31 -o tsv
image arm2 raw 0x1000+0x4000 0x1000=0x2003 0x2000=0x3003 0x3000=0x4003 0x4000=0x743
named "TCR_EL2 with one range" arm2@0x1000 0x123 "-F arm64-s1 -r 0x1000 -c el2=1" \
    "--ttbr0 0x1000 --tcr-el2 0x80853510"
image sv48 raw 0x1000+0x4000 0x1000=0x801 0x2000=0xc01 0x3000=0x1001 0x4000=0x48cdf
named "satp" sv48@0x1000 0x123 "-F riscv-sv48 -r 0x1000" "--satp 0x9000500000000001"
image sv32 raw,words=4 0x1000+0x2000 0x1000=0x801 0x2000=0x48cdf 2>/dev/null ||
    image sv32 raw 0x1000+0x2000 0x1000=0x801 0x2000=0x48cdf
named "satp of RV32" sv32@0x1000 0x123 "-F riscv-sv32 -r 0x1000" "--satp 0x81400001 --xlen 32"

gives 0 "what registers do not say, -c does" '^ ' walk -i sv48@0x1000 --satp 0x9000500000000001 -c pbmt=1 0
refuses "registers or -F and -r, not both" 'not both' dump -i good@0x1000 --cr3 0x1000 -F ept
refuses "registers of two tables are refused" 'satp does not belong' dump -i good@0x1000 --cr3 0x1000 --satp 5
refuses "a register twice is refused" 'cr3 is given twice' dump -i good@0x1000 --cr3 0x1000 --cr3 0x1000
refuses "TTBR0 without TCR is refused" 'ttbr0 needs --tcr or --tcr-el2' dump -i good@0x1000 --ttbr0 0x1000
refuses "VTTBR without VTCR is refused" 'vttbr needs --vtcr' dump -i good@0x1000 --vttbr 0x1000
refuses "TCR without TTBR is refused" 'tcr alone names no table' dump -i good@0x1000 --tcr 0x1000
refuses "a register that is no number is refused" "bad number 'x' for --cr3" dump -i good@0x1000 --cr3 x
refuses "an EPTP that VM entry refuses" 'EPTP' dump -i good@0x1000 --eptp 0x1000
refuses "a TCR that can't be" 'TCR: T0SZ' dump -i good@0x1000 --ttbr0 0x1000 --tcr 0x500803501
refuses "a TCR that turns TTBR1 off" 'TCR: EPD' dump -i good@0x1000 --ttbr1 0x1000 --tcr 0x500803510
refuses "a VTTBR of half a root" 'VTTBR_EL2: the base is not aligned' \
    dump -i good@0x1000 --vttbr 0x880001000 --vtcr 0x800a3558
refuses "a VTCR whose levels are too few" 'VTCR_EL2: the start level' dump -i good@0x1000 --vttbr 0 --vtcr 0x800a3518
refuses "a satp without a table" 'satp: MODE is Bare' dump -i good@0x1000 --satp 0
refuses "a satp of RV32 with more than 32 bits" 'satp: with XLEN 32' dump -i good@0x1000 --satp 0x100000000 --xlen 32
refuses "an hgatp that is not aligned" 'hgatp: PPN\[1:0\]' dump -i good@0x1000 --hgatp 0x8000300000088005
refuses "a root by registers that is not in the file" 'root 0x900000 is outside' dump -i good@0x1000 --cr3 0x900000

# ---------------------------------------------------------------------------------------------- broken tables ---

# broken SENTENCE PATTERN ADDRESS IMAGE OPTION...   dump and walk both say it, on stderr; walk as its answer, too
broken() {
    rule=$1 why=$2 address=$3 file=$4
    shift 4
    refuses "dump: $rule" "^ptw: $file: address 0x[0-9a-f]*, level [0-9], entry 0x[0-9a-f]* at 0x[0-9a-f]*: .*$why" \
        dump -i "$file@0x1000" "$@"
    refuses "walk: $rule" "^ptw: $file: address 0x[0-9a-f]*, level [0-9], entry 0x[0-9a-f]* at 0x[0-9a-f]*: .*$why" \
        walk -i "$file@0x1000" "$@" "$address"
    grep -q "no translation: the level [0-9] entry: .*$why" out || fail "walk does not give it as its answer" out
}

image reserved raw 0x1000+0x4000 0x1000=0x2027 0x2000=0x3027 0x3000=0x4027 0x4000=0x5063 0x3008=0x4020e3
broken "a reserved bit of a large leaf is named" "bits 20:13" 0x200000 reserved $at
grep -q "address 0x0000000000200000, level 1, entry 0x00000000004020e3 at 0x3008" err ||
    fail "the line does not name address, level, entry and place" err
"$PTW" dump -i reserved@0x1000 $at -o tsv 2>/dev/null | grep -q '^0x0000000000000000' ||
    fail "dump did not print the leaves before the broken entry"
image high raw 0x1000+0x1000 0x1000=0x20e3
broken "a leaf at a level that has none" "no leaf can stand here" 0 high $at
image misconfigured raw 0x1000+0x4000 0x1000=0x2007 0x2000=0x3007 0x3000=0x4007 0x4000=0x5032
broken "EPT writes without reads" "W) without bit 0 (R)" 0 misconfigured -F ept -r 0x1000
image wide raw 0x1000+0x1000 0x1000=0x8000000002027
broken "an address beyond the physical width" "physical address width" 0 wide $at -c oa=48
image outside raw 0x1000+0x2000 0x1000=0x2027 0x2000=0x7777027
broken "a table outside of the file" "0x7777000, which is outside of the file" 0 outside $at
image cut raw 0x1000+0x1800 0x1000=0x2027
broken "a table that is cut off" \
    "of level 2 at 0x2000, which is cut off by the end of the image: that has 0x800 of its 0x1000 bytes" 0 cut $at
# Tables of one format need not be of one size: the root of arm-v7s has 16 KiB, others 1 KiB.
image end raw 0x4000+0x4400 0x4000=0x8001 0x8000=0x80001e7f00000000
gives 0 "a table that ends with the image is read" '^0x0000000000001000.0x0000000080001000' \
    walk -i end@0x4000 -F arm-v7s -r 0x4000 -o tsv 0x1000
image end raw 0x4000+0x43f0 0x4000=0x8001
refuses "a small table that is cut off" \
    "of level 0 at 0x8000, which is cut off by the end of the image: that has 0x3f0 of its 0x400 bytes" \
    dump -i end@0x4000 -F arm-v7s -r 0x4000
image self raw 0x1000+0x2000 0x1000=0x2027 0x2000=0x2027
broken "a table that points to itself" "a cycle: it points back to the table 0x2000 of level 2" 0 self $at
image loop raw 0x1000+0x4000 0x1000=0x2027 0x2000=0x3027 0x3000=0x1027
broken "a table that points to the root" "a cycle: it points back to the table 0x1000 of level 3" 0 loop $at
image inside raw 0x1000+0x7000 0x4000=0x1401
broken "a table inside of a larger root" "a cycle: it points back to the table 0x4000 of level 2" 0 inside \
    -F riscv-sv39x4 -r 0x4000
image below raw 0x1000+0x7000 0x4000=0x801 0x2000=0xc01 0x3000=0x1
broken "a table below level 0" "at level 0" 0 below -F riscv-sv39x4 -r 0x4000

image shared raw 0x1000+0x4000 0x1000=0x2027 0x1008=0x2027 0x2000=0x3027 0x2008=0x3027 0x3000=0x4027 0x4000=0x123063
gives 0 "tables that are shared without a cycle are followed each time" '^0x0000008040000000' dump -i shared@0x1000 $at -o tsv
[ "$(wc -l <out)" -eq 4 ] || fail "four ways lead to the shared leaf" out
# The second way leaves level 2 out, and leads to the table that the first way had there.
image skipped raw 0x1000+0x3000 0x1000=0x6000000000002601 0x1008=0x6000000000003401 0x2008=0x6000000040000001 \
    0x3000=0x6000000000002201
gives 0 "a table of another way down is no cycle where a level is left out" '^0x0000008000001000' \
    dump -i skipped@0x1000 -F amdv1 -r 0x1000 -c levels=4 -o tsv
image bomb raw 0x1000+0x4000 '0x1000*512=0x2027' '0x2000*512=0x3027' '0x3000*512=0x4027'
refuses "tables that are shared without end meet a limit" "^ptw: bomb: address 0x.*: more than 1048576 tables visited" \
    dump -i bomb@0x1000 $at
refuses "the limit can be chosen" "level 1, .*: more than 1000 tables visited" dump -i bomb@0x1000 $at --limit 1000
gives 0 "the limit counts tables, the root included" '123000' dump -i good@0x1000 $at --limit 7
refuses "one table more than the limit is too much" "more than 6 tables" dump -i good@0x1000 $at --limit 6
refuses "a bad limit is refused" "bad number 'few' for the limit" dump -i good@0x1000 $at --limit few

# ----------------------------------------------------------------------------------------------- roots, files ---

refuses "a misaligned root is refused" "good: root 0x1008 is not aligned" dump -i good@0x1000 -F x86-64 -r 0x1008
refuses "a root is aligned to all of its size" "0x4000 bytes" dump -i good@0x1000 -F riscv-sv39x4 -r 0x1000
refuses "a root outside of the file is refused" "good: root 0x900000 is outside of the file" \
    dump -i good@0x1000 -F x86-64 -r 0x900000
refuses "a root that is cut off is refused" "root 0x4000 is cut off: the file has 0x1000 of its 0x4000 bytes" \
    dump -i good@0x1000 -F riscv-sv39x4 -r 0x4000
refuses "a file that is not there is refused" "absent: cannot open" dump -i absent $at
refuses "a folder is refused" "not a regular file" dump -i / $at
: >empty
refuses "an empty file is refused" "empty: the file is empty" dump -i empty $at
refuses "a raw image beyond the last address is refused" "beyond the last physical address" \
    dump -i good@0xffffffffffffe000 $at
refuses "a file that overlaps another is refused" "overlaps good at physical address 0x2000" \
    dump -i good@0x1000 -i runs@0x2000 $at
printf 'EMiL%4096s' '' >lime
refuses "a container that is not memory is named" "lime: the file is a LiME dump" dump -i lime -F x86-64 -r 0
cp good 'good@home'
gives 0 "a file whose name has an @ is found" '123000' dump -i good@home@0x1000 $at
image low raw 0x0+0x5000 $good
run dump -i good@0x1000 $at -o tsv
cp out expected
run dump -i low $at -o tsv
same "without @PA a raw image starts at physical address 0" out expected
dd if=good of=first bs=4096 count=2 2>dd.log && dd if=good of=second bs=4096 skip=2 2>dd.log
run dump -i second@0x3000 -i first@0x1000 $at -o tsv
same "several images make one memory" out expected
{ printf 'four' && cat good; } >odd
run dump -i odd@0xffc $at -o tsv
same "an image that lies oddly in its file is read all the same" out expected

# -------------------------------------------------------------------------------------------------- ELF cores ---

if [ $has_elf = no ]; then
    image core elf 0x1000+0x4000
    refuses "without libelf, an ELF core is refused by name" "built without libelf" dump -i core $at
else
    image core elf 0x2000+0x1000,0x1000+0x1000,0x3000+0x2000 $good
    run dump -i core $at -o tsv
    same "an ELF core gives the same leaves as the raw image" out expected
    for skew in 1 4 8 2047; do
        image skewed elf,skew=$skew 0x1000+0x1000,0x2000+0x1000,0x3000+0x2000 $good
        run dump -i skewed $at -o tsv
        same "an ELF core whose contents lie $skew bytes behind a page gives the same" out expected
    done
    image skewed elf,skew=1 0x4000+0x4000 0x7ff8=0x100000df
    gives 0 "a root of several pages may lie oddly in its file, too" '^0x000001ffc0000000.0x0000000040000000' \
        dump -i skewed -F riscv-sv39x4 -r 0x4000 -o tsv
    size=$(wc -c <core)
    for bytes in 4 5 16 20 63 64 65 119 120 176 231 232 4096 4097 $((size - 4096)) $((size - 1)); do
        head -c "$bytes" core >short
        refuses "an ELF core of which $bytes bytes are left is refused" "^ptw: short: truncated" dump -i short $at
    done
    refuses "the line on a truncated core names the segment" \
        "segment 2 (physical address 0x3000) has 0x2000 bytes at offset 0x3000, but the file ends at 0x4fff" dump -i short $at
    for bytes in 1 3; do
        head -c "$bytes" core >short
        refuses "$bytes bytes are no ELF core, but no root either" "root 0x1000 is outside" dump -i short $at
    done
    image gap elf 0x1000+0x1000,0x2000+0x800 $good 2>gap.log || image gap elf 0x1000+0x1000,0x2000+0x800 0x1000=0x2027
    refuses "a table that a core holds a part of is refused" "gap: address .*which is cut off" dump -i gap $at
    image twice elf 0x1000+0x2000,0x2000+0x1000 0x1000=0x2027
    refuses "segments with different contents for one address are refused" "twice: overlaps itself at physical address 0x2000" \
        dump -i twice $at
    image last elf 0xfffffffffffff000+0x2000
    refuses "a segment beyond the last address is refused" "last: segment 0 .*beyond the last physical address" dump -i last $at
    { head -c 64 core && printf '\004' && tail -c +66 core; } >notes
    { head -c 120 notes && printf '\004' && tail -c +122 notes; } >notes2
    { head -c 176 notes2 && printf '\004' && tail -c +178 notes2; } >notes3
    refuses "a core without memory is refused" "notes3: the ELF file has no PT_LOAD" dump -i notes3 $at
    { head -c 4 core && printf '\001' && tail -c +6 core; } >narrow
    refuses "an ELF32 file is refused" "narrow: not an ELF64 file" dump -i narrow $at
    printf '\177ELFgarbage and more garbage, long enough to be a header of some kind, which it is not' >garbage
    refuses "an ELF file of garbage is refused" "garbage: " dump -i garbage $at
fi

# ----------------------------------------------------------------------------------------------------- output ---

if [ -c /dev/full ]; then
    for command in "dump -i runs@0x1000 $at" "dump -i good@0x1000 $at" "walk -i good@0x1000 $at 0" formats --help; do
        status=0
        "$PTW" $command >/dev/full 2>err || status=$?
        [ $status -eq 2 ] && grep -q '^ptw: cannot write the output: No space left' err && [ "$(wc -l <err)" -eq 1 ] ||
            fail "ptw $command: a full disk is not status 2 with one line" err
        checks=$((checks + 1))
        echo "ok: ptw $command: a full disk is status 2 with one line"
    done
fi
image many raw 0x1000+0x4000 0x1000=0x2027 '0x2000*512=0x3027' '0x3000*512=0x4027' '0x4000*512=0x200063+0x1000'
{ "$PTW" dump -i many@0x1000 $at 2>err || echo $? >status; } | head -n 1 >out
[ "$(cat status)" = 2 ] && grep -q '^ptw: cannot write the output: Broken pipe' err ||
    fail "a reader that goes away is not status 2 with one line" err
checks=$((checks + 1))
echo "ok: a reader that goes away ends a dump of 2^27 leaves at once, with status 2 and one line"

# ------------------------------------------------------------------------------------------- strangers' tables ---

# A root at 0x4000 and eight tables from 0x8000 on, whose entries point further down, now and then up, or are senseless:
# whatever it is, the tool says one line and 2, or ends well. Both must happen.
# words SEED TABLE   entries whose low bits are TABLE; 001 means RISC-V, whose page number starts two bits lower
words() {
    awk -v seed="$1" -v table="$2" 'BEGIN {
        srand(seed)
        for (i = 0; i < 20; i++) {
            page = i < 4 ? 4 : 8 + int(rand() * 8)
            down = page == 4 ? 8 : page + 1
            child = rand() < .96 ? down + int(rand() * (17 - down)) : int(rand() * 20)
            word = table == "001" ? sprintf("%x", child * 1024 + 1) : sprintf("%x%s", child, table)
            if (rand() < .04)
                word = sprintf("%x", rand() * 1000000000)
            printf "0x%x=0x%s ", page * 4096 + 8 * int(rand() * 6), word
        }
    }'
}
round=0 well=0 bad=0
while [ $round -lt 50 ]; do
    round=$((round + 1))
    for format in ept:007 vtd-ss:003 amdv1:001 x86-64:027 npt:027 arm64-s1:003 arm64-s2:003 riscv-sv39x4:001 riscv-sv48x4:001 \
        riscv-sv48:001 riscv-sv32:001; do
        image stranger raw 0x4000+0xd000 $(words $round "${format#*:}")
        format=${format%:*}
        run dump -i stranger@0x4000 -F "$format" -r 0x4000 -o tsv
        case $status in
        0)
            [ ! -s err ] || fail "round $round, $format: status 0, but a line" err
            well=$((well + 1))
            ;;
        2)
            [ "$(wc -l <err)" -eq 1 ] || fail "round $round, $format: status 2 without exactly one line" err
            bad=$((bad + 1))
            ;;
        *) fail "round $round, $format: status $status" err ;;
        esac
        run walk -i stranger@0x4000 -F "$format" -r 0x4000 0 0x1000 0x200000 0x40000000
        case $status in
        0 | 1 | 2) ;;
        *) fail "round $round, $format: walk ended with status $status" err ;;
        esac
        checks=$((checks + 2))
    done
done
[ $well -gt 30 ] && [ $bad -gt 30 ] || fail "$well dumps of strangers' tables end well, $bad do not: try other words"
echo "ok: of strangers' tables $well dumps end well, $bad with one line"

echo "$checks checks passed"
