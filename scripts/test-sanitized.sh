#!/usr/bin/env bash
# Runs the tests over malformed files, messages and sockets under AddressSanitizer, which the suite itself is too short
# for. Takes some ten minutes, most of them for building. Arguments go on to `swift test`, for example another --filter.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

if (($# == 0)); then
    set -- --filter 'ModelFilesTests|WireTests|TransportTests|TokenizerTests|GPT2Tests'
fi
# XCTest's own runner, which has no tests here, leaks at its exit.
ASAN_OPTIONS=detect_leaks=0 swift test -c release --sanitize=address --scratch-path .build-sanitized "$@"
