#!/usr/bin/env python3
"""Measures a cluster on hosts of its own, made of network namespaces, beside what `paceline simulate` says of it.

usage: scripts/measure/hosts.py --model DIR [options]     as root; build with `swift build -c release` first

Makes a namespace with a bridge, and on it one host for the coordinator and one for each worker: a namespace with an
address of its own and a link whose rate `tc tbf` limits, both ways. Latency is added by a proxy on each host,
scripts/measure/delay-proxy.py, whose address the host's process advertises: what is sent to a host arrives
--latency-ms later, and a little more, which is measured before the load. All hosts share this machine's cores. Prints
one JSON object. Everything it made is gone when it ends.

example: scripts/measure/hosts.py --model models/gpt2-xl-int8 --rate 1gbit --latency-ms 0.5 --streams 1,8
"""
import argparse
import contextlib
import itertools
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile

from namespaces import PROXY, Host, listening_ports, make_network, run, start, start_proxy, wait

PACELINE = pathlib.Path(__file__).resolve().parents[2] / ".build/release/paceline"
WORKER_PORT = 6000
READY_SECONDS = 900


def start_cluster(stack, options, hosts, folder, log):
    """Starts coordinator and workers, and waits until they are ready; returns the endpoint for clients."""
    proxied = options.latency_ms > 0
    endpoints = folder / "endpoints.json"
    common = ["--insecure", "--stop-with-parent", "--log-level", "warning", "--model", options.model]
    arguments = ["--workers", options.workers, "--bind", hosts[0].address, "--endpoints-file", endpoints]
    coordinator = start(stack, hosts[0].command(PACELINE, "coordinator", *arguments, *options.types, *common), log)
    processes = [coordinator]
    wait("the coordinator", READY_SECONDS, endpoints.exists, processes)
    clients = json.loads(endpoints.read_text())["clients"]
    control = json.loads(endpoints.read_text())["control"]
    if proxied:
        # Also that for results, which workers dial at the host at which they dial the coordinator.
        start_proxy(stack, hosts[0], listening_ports(coordinator.pid), options.latency_ms, log)
        control = control.replace(hosts[0].address, hosts[0].proxied)
    for number, host in enumerate(hosts[1:], start=1):
        if proxied:
            start_proxy(stack, host, [WORKER_PORT], options.latency_ms, log)
        reached = host.proxied if proxied else host.address
        arguments = ["--coordinator", control, "--threads", options.threads, "--name", f"worker-{number}"]
        arguments += ["--bind", host.address, "--port", WORKER_PORT, "--advertise", reached]
        processes.append(start(stack, host.command(PACELINE, "worker", *arguments, *common), log))

    def ready():
        done = run(*hosts[0].command(PACELINE, "status", "--json", "--coordinator", clients), check=False)
        status = json.loads(done.stdout) if done.returncode == 0 else {}
        measured = all(worker["speeds"] for worker in status.get("workers", []) if "stage" in worker)
        return status if status.get("ready") and measured else None

    return clients, wait("the cluster", READY_SECONDS, ready, processes)


def measure_latency(hosts):
    """Milliseconds of one way, the proxy's own included: from the coordinator's host to the last worker's."""
    done = run(*hosts[0].command(sys.executable, PROXY, "--ping", hosts[-1].proxied))
    return float(done.stdout)


def bench(options, host, clients, streams, repeat):
    """The streams of `paceline bench cluster` from the coordinator's host."""
    arguments = ["--coordinator", clients, "--streams", streams, "--prompt", options.prompt]
    arguments += ["--decode", options.decode, "--repeat", repeat, "--json"]
    done = run(*host.command(PACELINE, "bench", "cluster", *arguments))
    return json.loads(done.stdout)["results"][0]


def observe(options, host, clients, streams):
    """What a batch with a token of each stream takes each stage, in milliseconds: from a trace of a run before the one
    that is measured."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "trace.json"
        command = host.command(PACELINE, "trace", "--coordinator", clients, "-o", file, "--seconds", 600)
        trace = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            bench(options, host, clients, streams, 1)
        finally:
            trace.send_signal(signal.SIGINT)
            trace.wait(timeout=60)
        events = json.loads(file.read_text(encoding="utf-8"))
    events = events if isinstance(events, list) else events["traceEvents"]
    times = {}
    for event in events:
        if event.get("ph") == "X" and event["tid"] >= 11000 and event["args"].get("decode_rows") == streams:
            times.setdefault(event["tid"] - 11000, []).append(event["dur"] / 1000)
    return {stage: statistics.median(found) for stage, found in times.items()}


def interpolate(speeds, key, rows):
    """What so many rows take, on straight lines between those that were measured."""
    known = sorted(speeds)
    for low, high in itertools.pairwise(known):
        if rows <= high:
            share = max(0, rows - low) / (high - low)
            return speeds[low][key] + share * (speeds[high][key] - speeds[low][key])
    return speeds[known[-1]][key] * rows / known[-1]


def simulate(options, status, streams, observed):
    """What `paceline simulate --json` expects of the same cluster, by what its stages took in a run before.

    All workers have one host there, for they share this machine's cores and memory."""
    rate = float(options.rate.removesuffix("gbit")) if options.rate.endswith("gbit") else 10.0
    workers = []
    for worker in status["workers"]:
        speeds = {speed["rows"]: speed for speed in worker["speeds"]}
        heads = [speed.get("head_milliseconds") for speed in speeds.values()]
        measured = [worker["layer_count"] * interpolate(speeds, "milliseconds_per_layer", streams)]
        measured += [] if None in heads else [interpolate(speeds, "head_milliseconds", streams)]
        # What workers measured of themselves at the start, times what batches took under this load.
        factor = observed.get(worker["stage"], sum(measured)) / sum(measured)
        workers.append({
            "name": worker["name"], "host": "this-machine", "threads": worker["threads"],
            "ms_per_layer": {rows: factor * speed["milliseconds_per_layer"] for rows, speed in speeds.items()},
            "latency_ms": options.latency_ms_measured, "gigabits_per_second": rate,
            "layers": f"{worker['first_layer']}-{worker['first_layer'] + worker['layer_count'] - 1}",
        } | ({} if None in heads else {"head_ms": {r: factor * s["head_milliseconds"] for r, s in speeds.items()}}))
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"workers": workers}, file)
        file.flush()
        done = run(
            PACELINE, "simulate", "--workers", file.name, "--model", options.model, *options.types, "--json",
            "--streams", streams, "--prompt", options.prompt, "--decode", options.decode, check=False)
    return json.loads(done.stdout)["results"][0] if done.returncode == 0 else {"error": done.stderr.strip()}


def measure_pair(options, host, clients, status, streams):
    """A measured run, and what the simulator says of it: by a trace of a run just before, for the machine changes."""
    expected = simulate(options, status, streams, observe(options, host, clients, streams))
    result = bench(options, host, clients, streams, 1)
    rate = result["cluster"].get("decode_tokens_per_second")
    if rate and "decode_tokens_per_second" in expected:
        expected["measured_over_simulated"] = rate / expected["decode_tokens_per_second"]
    return result, expected


def median_pair(pairs):
    """The pair of median ratio, with the ratios of all; one of which a side failed, where there is such a one."""
    failed = [(result, expected) for result, expected in pairs if "measured_over_simulated" not in expected]
    ranked = failed or sorted(pairs, key=lambda pair: pair[1]["measured_over_simulated"])
    result, expected = ranked[(len(ranked) - 1) // 2]
    return result, expected | {"ratios": [expected.get("measured_over_simulated") for _, expected in pairs]}


def check(options):
    if os.geteuid() != 0:
        sys.exit("hosts.py: network namespaces need root: run it with sudo")
    if not PACELINE.exists():
        sys.exit(f"hosts.py: {PACELINE} is not there: swift build -c release --product paceline")
    if not 1 <= options.workers <= 16:
        sys.exit("hosts.py: --workers must be between 1 and 16")
    if not 1 <= options.repeat <= 100:
        sys.exit("hosts.py: --repeat must be between 1 and 100")
    if not 0 <= options.latency_ms <= 1_000:
        sys.exit("hosts.py: --latency-ms must be between 0 and 1000")
    for tool in ("ip", "tc"):
        if run("sh", "-c", f"command -v {tool}", check=False).returncode != 0:
            sys.exit(f"hosts.py: {tool} is not there: apt-get install iproute2")


def parse():
    usage = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usage.add_argument("--model", default=str(PACELINE.parents[2] / "cluster/demo"), help="default: the demo model")
    usage.add_argument("--type", help="how weights are kept, as for paceline coordinator")
    usage.add_argument("--workers", type=int, default=3, help="each on a host of its own; default 3")
    usage.add_argument("--threads", type=int, default=1, help="of each worker; default 1")
    usage.add_argument("--rate", default="1gbit", help="of each link, in tc's words; empty: no limit; default 1gbit")
    usage.add_argument("--latency-ms", type=float, default=0.5, help="of each way; 0: no proxies; default 0.5")
    usage.add_argument("--streams", default="1,8", help="default 1,8")
    usage.add_argument("--prompt", type=int, default=100, help="tokens; default 100")
    usage.add_argument("--decode", type=int, default=48, help="tokens; default 48")
    usage.add_argument("--repeat", type=int, default=3, help="pairs of runs, of which the median counts; default 3")
    options = usage.parse_args()
    options.types = ["--type", options.type] if options.type else []
    options.model = str(pathlib.Path(options.model).resolve())
    return options


def main():
    options = parse()
    check(options)
    # So that what was made is taken away then, too.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit("hosts.py: told to end"))
    prefix = f"paceline-{os.getpid()}"
    hosts = [Host(prefix, number) for number in range(options.workers + 1)]
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        log = stack.enter_context(open(folder / "log", "w", encoding="utf-8"))
        stack.callback(lambda: sys.stderr.write((folder / "log").read_text(encoding="utf-8")))
        make_network(stack, hosts, prefix, options.rate)
        clients, status = start_cluster(stack, options, hosts, folder, log)
        options.latency_ms_measured = measure_latency(hosts) if options.latency_ms > 0 else 0
        keys = ("model", "workers", "threads", "rate", "latency_ms", "latency_ms_measured", "prompt", "decode")
        report = {key: getattr(options, key) for key in keys} | {"measured": [], "simulated": []}
        for streams in map(int, options.streams.split(",")):
            pairs = [measure_pair(options, hosts[0], clients, status, streams) for _ in range(options.repeat)]
            result, expected = median_pair(pairs)
            report["measured"].append(result)
            report["simulated"].append(expected)
        report["workers_status"] = status["workers"]
        print(json.dumps(report))


if __name__ == "__main__":
    main()
