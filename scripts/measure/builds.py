#!/usr/bin/env python3
"""Compares the speed of two builds: `bench model` and `bench cluster` of both in turn, and the median of their ratios.

usage: scripts/measure/builds.py OLD NEW --model DIR [--rounds 5]     OLD, NEW: two paceline programs, release builds
example: scripts/measure/builds.py ../old/.build/release/paceline .build/release/paceline --model models/gpt2-small
"""
import argparse
import json
import statistics
import subprocess

MODEL = ["bench", "model", "--prompt", "128", "--decode", "48", "--batch", "1,8", "--threads", "2", "--repeat", "3"]
CLUSTER = [
    "bench", "cluster", "--workers", "2", "--threads", "1", "--streams", "1,8", "--prompt", "32", "--decode", "48",
    "--repeat", "2",
]


def bench(program, arguments, model):
    command = [program, *arguments, "--model", model, "--type", "int8", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=600)
    return json.loads(done.stdout)["results"]


def speeds(program, model):
    """Tokens a second, by what was measured."""
    found = {}
    for result in bench(program, MODEL, model):
        for what in ("prefill", "decode"):
            found[f"model, {what}, batch {result['batch']}"] = result[f"{what}_tokens_per_second"]
    for result in bench(program, CLUSTER, model):
        for what in ("decode", "whole"):
            found[f"cluster, {what}, {result['streams']} streams"] = result["cluster"][f"{what}_tokens_per_second"]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--model", required=True)
    parser.add_argument("--rounds", type=int, default=5, choices=range(1, 101), metavar="1-100")
    options = parser.parse_args()
    ratios = {}
    for _ in range(options.rounds):
        # Old, new, new, old: what drifts evenly cancels out.
        first, second, third, fourth = (
            speeds(program, options.model) for program in (options.old, options.new, options.new, options.old)
        )
        for what in first:
            ratio = (second[what] + third[what]) / (first[what] + fourth[what])
            ratios.setdefault(what, []).append(ratio)
    for what, values in ratios.items():
        spread = f"{min(values):.3f} to {max(values):.3f}"
        print(f"{what}: new ÷ old {statistics.median(values):.3f} ({spread})")


if __name__ == "__main__":
    main()
