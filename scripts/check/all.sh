#!/usr/bin/env bash
# What needs no build: format and lint, the shape of the sources, and generated code that is what proto/ makes. All
# checks run, also where one fails. Call scripts/install-dependencies.sh --python --tests first.
set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit

failed=()
check() {
    "$@" || failed+=("$*")
}

swift_format() {
    if ! swift format lint --strict --parallel --recursive Package.swift Sources Tests; then
        echo "all.sh: the format is off in the lines above; swift format -i -r Package.swift Sources Tests mends most" >&2
        return 1
    fi
}

shell_scripts() {
    git ls-files -z -- '*.sh' .ci/run | xargs -0 shellcheck
}

generated_code() {
    scripts/generate-proto.sh || return
    local untracked
    untracked=$(git ls-files --others --exclude-standard -- Sources/System/CWire)
    if ! git diff --exit-code --stat -- Sources/System/CWire >&2 || [[ -n $untracked ]]; then
        echo "all.sh: Sources/System/CWire was not what proto/ makes, and is now; git add it" >&2
        return 1
    fi
}

check swift_format
check shell_scripts
check .build-python/bin/ruff check --quiet scripts
for name in imports cycles shape splits given words pages; do
    check "scripts/check/$name.py" --self-test
    check "scripts/check/$name.py"
done
check generated_code

if ((${#failed[@]} > 0)); then
    printf 'all.sh: failed: %s\n' "${failed[@]}" >&2
    exit 1
fi
