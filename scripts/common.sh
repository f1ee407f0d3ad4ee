# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#
# What the scripts share: the source root as the working directory, and Debian packages: installed when missing, or of
# another suite or architecture, unpacked beside the system.

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

# debian_codename   the suite that this machine is.
debian_codename()
{
    # shellcheck source=/dev/null
    (. /etc/os-release && echo "${VERSION_CODENAME:-}")
}

# fetch_packages DIR SUITE ARCHITECTURE PACKAGE...   unpacks packages of any suite and architecture into DIR/root and
# installs nothing. They come from the mirror that this machine takes its own from, with a state of apt's own in DIR, and
# are verified as its own are. Fails if they cannot be had; DIR/root is then not there.
fetch_packages()
{
    local dir=$1 suite=$2 architecture=$3 codename mirror key package
    shift 3
    codename=$(debian_codename)
    mirror=$(apt-get --print-uris update 2>/dev/null |
        sed -n "s|^'\(.*\)/dists/$codename/\(In\)\{0,1\}Release' .*|\1|p" | head -n 1)
    [ -n "$codename" ] && [ -n "$mirror" ] || return 1
    echo "Downloading $* of Debian $suite ($architecture) into $dir (log: $dir/apt.log)"

    rm -rf "$dir"
    mkdir -p "$dir/state/lists/partial" "$dir/archives/partial" "$dir/deb" "$dir/unpacked"
    key=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -r "$key" ] && key="[signed-by=$key] " || key=
    echo "deb $key$mirror $suite main" >"$dir/sources.list"
    cat >"$dir/apt.conf" <<CONF
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
APT::Sandbox::User "";
Dir::State "$PWD/$dir/state";
Dir::State::status "/dev/null";
Dir::Cache "$PWD/$dir";
Dir::Etc::sourcelist "$PWD/$dir/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none";
CONF
    (
        export APT_CONFIG=$PWD/$dir/apt.conf
        cd "$dir/deb" || exit 1
        apt-get update && apt-get download "$@"
    ) >"$dir/apt.log" 2>&1 </dev/null || return 1
    for package in "$dir"/deb/*.deb; do
        dpkg-deb -x "$package" "$dir/unpacked" || return 1
    done
    rm -rf "$dir/deb" "$dir/state" "$dir/archives" "$dir"/*.bin
    mv "$dir/unpacked" "$dir/root"
}

# What every build of the library and the tool needs.
# shellcheck disable=SC2034 # for the scripts that read this file
build_packages=(gcc=gcc libc6-dev=pkg make=make cmake=cmake pkg-config=pkg-config libelf-dev=pc:libelf)
