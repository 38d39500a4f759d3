#!/usr/bin/env bash
# Installs what Paceline needs beside Swift on Debian 12, if anything of it is missing. Other scripts call it first.
#
# usage: scripts/install-dependencies.sh [--python] [--tests]
#   --python  also what scripts/examples/ needs, in .build-python/
#   --tests   also what scripts/test.sh needs: older processors, emulated; a disassembler; linters, of Python in
#             .build-python/
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(
    # What Swift's own tools run and link with.
    git ca-certificates gcc libstdc++-12-dev libcurl4 libsqlite3-0 libxml2
    # What the package links with.
    libzmq3-dev libprotobuf-c-dev pkg-config
    # From proto/ to C and to Python; checks and the Python example.
    protobuf-c-compiler protobuf-compiler python3 python3-venv
)
test_packages=(qemu-user binutils shellcheck libedit2)
swift_url=https://download.swift.org/swift-6.3.1-release/debian12/swift-6.3.1-RELEASE/swift-6.3.1-RELEASE-debian12.tar.gz
# protoc 3.21 writes Python code that the runtime accepts from version 4 on (tried: 4, 5, 6, 7).
python_packages=("pyzmq==27.*" "protobuf==6.*")
# One minor version, for the rules change with it.
linter="ruff==0.17.*"

say() {
    echo "install-dependencies.sh: $*" >&2
}

require_swift() {
    local version
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1) || true
    if [[ -n $version && $(printf '%s\n' 6.3 "$version" | sort -V | head -n 1) == 6.3 ]]; then
        return
    fi
    say "Swift 6.3 is needed, and there is ${version:-none}. This installs it into /usr/local:"
    echo "curl -fsSL $swift_url | ${as_root[*]:+${as_root[*]} }tar xz -C /usr/local --strip-components=2" >&2
    exit 1
}

missing_packages() {
    local package
    for package in "${packages[@]}"; do
        if [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
            echo "$package"
        fi
    done
}

install_packages() {
    local log install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@")
    say "installing $*"
    log=$(mktemp)
    # The package lists may be missing or old: fetched only when it does not work without.
    if ! "${install[@]}" >"$log" 2>&1 &&
        ! { "${as_root[@]}" apt-get update && "${install[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        say "apt-get could not install $*"
        exit 1
    fi
    rm -f "$log"
}

python_is_ready() {
    .build-python/bin/python -c 'import google.protobuf, sys, zmq
sys.exit(not (zmq.__version__.startswith("27.") and google.protobuf.__version__.startswith("6.")))' 2>/dev/null
}

linter_is_ready() {
    [[ $(.build-python/bin/ruff --version 2>/dev/null) == "ruff "${linter#*==} ]]
}

# Installs Python packages into .build-python, which is made first where it is missing.
install_python() {
    say "preparing .build-python with $*"
    # Debian's own interpreter, for python3-venv belongs to it.
    if { ! .build-python/bin/pip --version >/dev/null 2>&1 && ! /usr/bin/python3 -m venv --clear .build-python >&2; } ||
        ! .build-python/bin/pip install --quiet --disable-pip-version-check "$@" >&2; then
        say "pip could not install $* into .build-python"
        exit 1
    fi
}

with_python=false
with_tests=false
for argument in "$@"; do
    case "$argument" in
        --python) with_python=true ;;
        --tests)
            with_tests=true
            packages+=("${test_packages[@]}")
            ;;
        *)
            echo "usage: scripts/install-dependencies.sh [--python] [--tests]" >&2
            exit 2
            ;;
    esac
done

as_root=()
if [[ $(id -u) != 0 ]]; then
    as_root=(sudo)
fi
if ! command -v apt-get >/dev/null; then
    say "there is no apt-get here; Paceline is built on Debian 12"
    exit 1
fi
if ! command -v swift >/dev/null; then
    require_swift
fi
mapfile -t missing < <(missing_packages)
if ((${#missing[@]} > 0)); then
    if [[ ${#as_root[@]} -gt 0 ]] && ! command -v sudo >/dev/null; then
        say "run this as root: apt-get install ${missing[*]}"
        exit 1
    fi
    install_packages "${missing[@]}"
fi
require_swift
if $with_python && ! python_is_ready; then
    install_python "${python_packages[@]}"
fi
if $with_tests && ! linter_is_ready; then
    install_python "$linter"
fi
