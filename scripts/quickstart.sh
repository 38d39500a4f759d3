#!/usr/bin/env bash
# From a fresh clone to text: installs what is missing, builds, starts a coordinator and three workers on the embedded
# model, streams a continuation to standard output, and stops what it started. All else goes to standard error.
#
# usage: scripts/quickstart.sh "Once upon a time" [options of paceline generate]
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

if (($# == 0)) || [[ $1 == --help || $1 == -h ]]; then
    echo 'usage: scripts/quickstart.sh "Once upon a time" [options of paceline generate]' >&2
    exit 2
fi

say() {
    echo "quickstart.sh: $*" >&2
}

is_taken() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

started=()
log=$(mktemp)
# shellcheck disable=SC2317  # called by the trap
stop() {
    local process
    for process in "${started[@]}"; do
        kill -TERM "$process" 2>/dev/null || true
    done
    # It stops its workers before it ends.
    for process in "${started[@]}"; do
        wait "$process" 2>/dev/null || true
    done
    rm -f "$log"
}
trap stop EXIT

scripts/install-dependencies.sh
say "building (a few minutes the first time)"
swift build -c release --product paceline >&2
paceline=$(swift build -c release --show-bin-path)/paceline

control_port=5570
while is_taken "$control_port" || is_taken "$((control_port + 1))"; do
    control_port=$((control_port + 2))
done
client_port=$((control_port + 1))
coordinator=tcp://127.0.0.1:$client_port

say "starting a coordinator and three workers"
# In a session of its own: ^C is for the request; the cluster is stopped when that has ended.
setsid "$paceline" up --workers 3 --control-port "$control_port" --client-port "$client_port" </dev/null >"$log" 2>&1 &
cluster=$!
started+=("$cluster")
"$paceline" status --wait 60 --coordinator "$coordinator" </dev/null >/dev/null 2>&1 &
ready=$!
started+=("$ready")

# Whichever ends first: the cluster must not, and the wait for it must end well.
ended=
if ! wait -n -p ended "$cluster" "$ready" || [[ $ended == "$cluster" ]]; then
    tail -n 20 "$log" >&2
    say "the cluster did not come up; the lines above are its log"
    exit 1
fi
started=("$cluster")

code=0
"$paceline" generate --coordinator "$coordinator" "$@" || code=$?
exit "$code"
