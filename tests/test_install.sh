#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# What `cmake --install` leaves works after the prefix was moved: by find_package, by pkg-config, and the installed
# headers and pkg-config file agree on the version.
set -eu
# shellcheck source=tests/core.sh
. "$PTW_SOURCE/tests/core.sh"

for tool in cmake pkg-config; do
    command -v $tool >/dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done

cmake --install "$PTW_BUILD" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"
PKG_CONFIG_PATH=$(dirname "$(find "$work/moved" -name ptw.pc)")
export PKG_CONFIG_PATH

cat >"$work/main.c" <<'EOF'
#include <ptw/ptw.h>
#include <stdio.h>

int main(void)
{
    printf("%s\n", ptw_version_text());
    return ptw_version() == PTW_VERSION && ptw_formats[0] != NULL ? 0 : 1;
}
EOF

# shellcheck disable=SC2086,SC2046 # flags
"$PTW_CC" $PTW_CFLAGS "$work/main.c" $(pkg-config --cflags --libs ptw) -o "$work/by-pkg-config"
version=$("$work/by-pkg-config") || fail "the program built by pkg-config fails"
[ "$version" = "$(pkg-config --modversion ptw)" ] || fail "the library is $version, ptw.pc $(pkg-config --modversion ptw)"

# What simulates hardware is a library of its own.
cat >"$work/sim.c" <<'EOS'
#include <ptw/sim_mmu.h>
#include <ptw/sim_x86.h>

int main(void)
{
    struct ptw_sim_memory m;

    ptw_sim_memory_init(&m, 0, 0);
    ptw_sim_memory_fini(&m);
    return ptw_sim_ept.start == 0;
}
EOS
# shellcheck disable=SC2086,SC2046 # flags
"$PTW_CC" $PTW_CFLAGS "$work/sim.c" $(pkg-config --cflags --libs ptw-sim) -o "$work/sim"
"$work/sim" || fail "the program with ptw-sim"

mkdir "$work/project"
cat >"$work/project/CMakeLists.txt" <<EOF
cmake_minimum_required(VERSION 3.21)
project(user C)
find_package(ptw $version REQUIRED)
add_executable(by-cmake ../main.c)
target_link_libraries(by-cmake ptw::ptw)
add_executable(sim ../sim.c)
target_link_libraries(sim ptw::sim)
EOF
cmake -S "$work/project" -B "$work/project/build" -DCMAKE_PREFIX_PATH="$work/moved" -DCMAKE_C_COMPILER="$PTW_CC" \
    -DCMAKE_C_FLAGS="$PTW_CFLAGS" >"$work/log" 2>&1 || { cat "$work/log"; fail "find_package"; }
cmake --build "$work/project/build" >"$work/log" 2>&1 || { cat "$work/log"; fail "the build with find_package"; }
[ "$("$work/project/build/by-cmake")" = "$version" ] || fail "the program built by find_package"
echo "ok: ptw $version"
