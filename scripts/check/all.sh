#!/usr/bin/env bash
# What needs no build: format, imports between targets, and generated code that is what proto/ makes.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! swift format lint --strict --parallel --recursive Package.swift Sources Tests; then
    echo "all.sh: the format is off in the lines above; swift format -i -r Package.swift Sources Tests mends most" >&2
    exit 1
fi

scripts/check/imports.py --self-test
scripts/check/imports.py

scripts/generate-proto.sh
untracked=$(git ls-files --others --exclude-standard -- Sources/System/CWire)
if ! git diff --exit-code --stat -- Sources/System/CWire >&2 || [[ -n $untracked ]]; then
    echo "all.sh: Sources/System/CWire was not what proto/ makes, and is now; git add it" >&2
    exit 1
fi
