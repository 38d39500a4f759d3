#!/usr/bin/env bash
# Makes Sources/System/CWire from proto/ with protoc-c. Run it after every change to proto/ and commit what it writes; Debian
# 12's protoc-c 1.4.1 writes the same bytes every time.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v protoc-c >/dev/null; then
    echo "generate-proto.sh: protoc-c is missing: apt-get install protobuf-c-compiler" >&2
    exit 1
fi

sources=Sources/System/CWire
mkdir -p "$sources/include"
rm -f "$sources"/*.pb-c.c "$sources"/include/*.pb-c.h
protoc-c --proto_path=proto --c_out="$sources" proto/*.proto
mv "$sources"/*.pb-c.h "$sources/include/"
