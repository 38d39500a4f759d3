#!/usr/bin/env bash
# Builds paceline as one file, with Swift's libraries and the embedded files in it, and prints its path. It runs on any
# Debian 12 with libzmq5 and libprotobuf-c1.
#
# usage: scripts/build-one-file.sh
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

if (($# > 0)); then
    echo "usage: scripts/build-one-file.sh" >&2
    exit 2
fi

scripts/install-dependencies.sh
# In a folder of its own: code that is linked statically is compiled in another way.
build=(swift build -c release --product paceline --static-swift-stdlib -Xlinker -s --scratch-path .build-static)
"${build[@]}" >&2
echo "$("${build[@]}" --show-bin-path)/paceline"
