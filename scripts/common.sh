# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# What the scripts share: the source root as the working directory, and Debian packages installed when missing.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# True if the package is not needed any more: the command or the pkg-config module that it is for is there.
have_package()
{
    case $2 in
    pc:*) pkg-config --exists "${2#pc:}" 2>/dev/null ;;
    pkg) [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ] ;;
    *) command -v "$2" >/dev/null ;;
    esac
}

# ensure_packages PACKAGE=PROBE...   installs what is missing in one go. A probe is a command, pc:MODULE, or `pkg` (ask
# dpkg). Fails, having said what to install, if something is missing and may not be installed.
ensure_packages()
{
    local entry missing=() sudo=()
    for entry in "$@"; do
        have_package "${entry%%=*}" "${entry#*=}" || missing+=("${entry%%=*}")
    done
    [ ${#missing[@]} -eq 0 ] && return 0

    if [ "$(id -u)" -ne 0 ]; then
        sudo=(sudo)
        [ -t 0 ] || sudo+=(-n)
    fi
    if ! command -v apt-get >/dev/null || { [ ${#sudo[@]} -gt 0 ] && ! "${sudo[@]}" true 2>/dev/null; }; then
        echo "Missing, and I may not install it here. As root: apt-get install ${missing[*]}" >&2
        return 1
    fi
    echo "Installing ${missing[*]}"
    local log
    log=$(mktemp)
    if ! { "${sudo[@]}" apt-get update &&
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } \
        >"$log" 2>&1 </dev/null; then
        tail -n 15 "$log" >&2
        rm -f "$log"
        echo "apt-get failed. As root: apt-get install ${missing[*]}" >&2
        return 1
    fi
    rm -f "$log"
}

# What every build of the library and the tool needs.
# shellcheck disable=SC2034 # for the scripts that read this file
build_packages=(gcc=gcc libc6-dev=pkg make=make cmake=cmake pkg-config=pkg-config libelf-dev=pc:libelf)
