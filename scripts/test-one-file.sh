#!/usr/bin/env bash
# Builds paceline as one file and runs it on a Debian 12 that has only libzmq5 and libprotobuf-c1 besides its base, in a
# chroot that is made for it and taken away. Needs root; takes a few minutes.
#
# usage: scripts/test-one-file.sh
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() {
    echo "test-one-file.sh: $*" >&2
}

if ((EUID != 0)); then
    say "needs root, for debootstrap and chroot"
    exit 2
fi
if ! command -v debootstrap >/dev/null; then
    env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends debootstrap >&2
fi

program=$(scripts/build-one-file.sh)
root=$(mktemp -d)
# shellcheck disable=SC2317  # called by the trap
clean() {
    umount "$root/proc" 2>/dev/null || true
    rm -rf "$root"
}
trap clean EXIT

say "making a Debian 12 in $root"
debootstrap --variant=minbase --include=libzmq5,libprotobuf-c1 bookworm "$root" >&2
# Swift reads a program's arguments from there.
mount -t proc proc "$root/proc"
mkdir "$root/empty"
cp "$program" "$root/empty/paceline"

inside() {
    chroot "$root" env -i HOME=/root PATH=/usr/bin:/bin timeout 120 bash -euo pipefail -c "cd /empty; $1"
}

say "version and a text from one process"
inside './paceline --version'
text=$(inside './paceline generate --local "Once upon a time" --seed 1 --max-tokens 20')
[[ -n $text ]]

say "the same text from a cluster of three processes"
# shellcheck disable=SC2016  # expanded in the chroot
other=$(inside '
    ./paceline up --workers 2 --control-port 0 --client-port 0 --endpoints-file endpoints.json 2>log & up=$!
    trap "kill $up; wait $up || true" EXIT
    for _ in $(seq 100); do [[ -s endpoints.json ]] && break; sleep 0.1; done
    clients=$(sed -E "s/.*\"clients\":\"([^\"]*)\".*/\1/" endpoints.json)
    ./paceline status --wait 60 --coordinator "$clients" >/dev/null
    ./paceline generate --coordinator "$clients" "Once upon a time" --seed 1 --max-tokens 20')
[[ $text == "$other" ]] || { say "another text: $other"; exit 1; }

say "a model with random weights"
inside './paceline model synth --size small --layers 1 -o model && ./paceline tokenize --model model "Hello world"'
say "passed: $text"
