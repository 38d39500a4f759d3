#!/usr/bin/env python3
"""Measures how soon a worker is ready, and how much memory it takes.

usage: scripts/measure/start.py MODEL [RUNS]     MODEL: a directory, as for --model

Build with `swift build -c release` first.

Starts a coordinator and then a worker that carries all of the model, on free ports of this machine, and stops both. The
model's files should be in the system's page cache: the first run, which sees to that, does not count.
"""
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

PACELINE = pathlib.Path(__file__).resolve().parents[2] / ".build/release/paceline"
DEADLINE = 600


def status(clients):
    command = [PACELINE, "status", "--coordinator", clients, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def wait(condition, seconds=DEADLINE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.005)
    sys.exit("start.py: nothing happened within the deadline")


def resident(process):
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1]) << 10


def run(model, folder):
    """Seconds from the worker's start until the coordinator says its plan is live; resident bytes; bytes of weights."""
    endpoints, log = folder / "endpoints.json", folder / "log"
    endpoints.unlink(missing_ok=True)
    ports = ["--control-port", "0", "--client-port", "0", "--endpoints-file", endpoints]
    with open(log, "w") as errors:
        coordinator = subprocess.Popen([PACELINE, "coordinator", "--model", model, *ports], stderr=errors)
    worker = None
    try:
        wait(endpoints.exists)
        found = json.loads(endpoints.read_text())
        start = time.monotonic()
        worker = subprocess.Popen(
            [PACELINE, "worker", "--model", model, "--coordinator", found["control"]], stderr=subprocess.DEVNULL)
        wait(lambda: "is live" in log.read_text())
        seconds = time.monotonic() - start
        # Once its speed is measured, all of the weights have been used.
        weights = wait(lambda: next((w["weight_bytes"] for w in status(found["clients"])["workers"] if w["speeds"]), 0))
        return seconds, resident(worker), weights
    finally:
        for process in filter(None, (worker, coordinator)):
            process.terminate()
            process.wait()


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    runs = int(sys.argv[2]) if len(sys.argv) == 3 else 3
    with tempfile.TemporaryDirectory() as folder:
        measured = [run(sys.argv[1], pathlib.Path(folder)) for _ in range(runs + 1)][1:]
    seconds, memory, weights = (statistics.median(column) for column in zip(*measured, strict=True))
    print(f"ready after {seconds:.2f} s; resident {memory / 1e6:.0f} MB, weights {weights / 1e6:.0f} MB, "
          f"the rest {(memory - weights) / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
