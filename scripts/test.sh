#!/usr/bin/env bash
# Builds and passes every test. Arguments go on to `swift test`, for example --filter SchedulingTests.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install-dependencies.sh --python --tests
scripts/check/all.sh
# A release build: the suite runs the code that ships, and the model's arithmetic would take minutes without optimisation.
swift build -c release --build-tests
scripts/check/registers.py --self-test
scripts/check/registers.py
# One at a time: tests that compute would starve those that talk to real processes.
swift test -c release --skip-build --no-parallel "$@"
