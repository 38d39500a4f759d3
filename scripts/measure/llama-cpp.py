#!/usr/bin/env python3
"""Compares Paceline's speed with llama.cpp's on this machine, in one process each, in turn.

usage: scripts/measure/llama-cpp.py [--size xl] [--types int8,int4] [--rounds 3] [--work .build-llama]

Build with `swift build -c release` first. Makes a model with random weights of that size, packs it, converts it for
llama.cpp, and installs llama-cpp-python and gguf from PyPI into a folder of its own (llama.cpp is compiled: half an
hour on two cores; with XL, 10 GB of disk). What is there already is used again. Then, for each round, type and number
of sequences, llama.cpp and Paceline compute the same work after each other. Medians of the rounds are printed as a
table in Markdown.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACELINE = ROOT / ".build/release/paceline"
PACKAGES = ["llama-cpp-python==0.3.*", "gguf==0.*", "numpy==2.*"]
# Without AMX, whose code in llama.cpp ends with an illegal instruction on some virtual machines.
NO_AMX = "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16"
CMAKE_ARGS = f"-DLLAVA_BUILD=OFF -DCMAKE_C_FLAGS='{NO_AMX}' -DCMAKE_CXX_FLAGS='{NO_AMX}'"
TYPES = {"f16": "F16", "int8": "Q8_0", "int4": "Q4_0"}
PROMPT, STEPS, SEQUENCES = 128, 24, (1, 8)


def run(*command):
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def environment(work):
    """The Python that has llama.cpp, installed where it is missing."""
    python = work / "venv/bin/python"
    command = [python, "-c", "import gguf, llama_cpp, numpy"]
    if python.exists() and subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0:
        return python
    subprocess.run(["/usr/bin/python3", "-m", "venv", work / "venv"], check=True)
    install = [python, "-m", "pip", "install", "--quiet", *PACKAGES]
    subprocess.run(install, check=True, env=os.environ | {"CMAKE_ARGS": CMAKE_ARGS})
    return python


def make_models(work, size, types, python):
    model = work / size
    if not (model / "config.json").exists():
        print(f"making {model}", file=sys.stderr)
        run(PACELINE, "model", "synth", "--size", size, "-o", model)
    for type in types:
        packed = work / f"{size}-{type}"
        if not (packed / "config.json").exists():
            print(f"packing {packed}", file=sys.stderr)
            run(PACELINE, "model", "pack", model, "--type", type, "-o", packed)
        converted = work / f"{size}-{TYPES[type]}.gguf"
        if not converted.exists():
            print(f"converting {converted}", file=sys.stderr)
            run(python, ROOT / "scripts/measure/llama_gguf.py", model, work / size, TYPES[type])


def llama(work, size, type, sequences, python):
    script = ROOT / "scripts/measure/llama_run.py"
    file = work / f"{size}-{TYPES[type]}.gguf"
    result = json.loads(run(python, script, file, PROMPT, STEPS, sequences))["results"][0]
    return result["prefill"], result["decode"]


def paceline(work, size, type, sequences):
    counts = ["--prompt", PROMPT, "--decode", STEPS, "--batch", sequences, "--repeat", 1]
    report = json.loads(run(PACELINE, "bench", "model", "--model", work / f"{size}-{type}", *counts, "--json"))
    result = report["results"][0]
    return result["prefill_tokens_per_second"], result["decode_tokens_per_second"]


def measure(options, work, python):
    """For each type and number of sequences: the rounds' (prefill, decode) of llama.cpp and of Paceline."""
    found = {}
    for number in range(options.rounds):
        for type in options.types:
            for sequences in SEQUENCES:
                print(f"round {number + 1} of {options.rounds}: {type}, {sequences} sequences", file=sys.stderr)
                theirs, ours = found.setdefault((type, sequences), ([], []))
                theirs.append(llama(work, options.size, type, sequences, python))
                ours.append(paceline(work, options.size, type, sequences))
    return found


def row(name, theirs, ours):
    theirs, ours = statistics.median(theirs), statistics.median(ours)
    return f"| {name} | {theirs:.1f} | {ours:.1f} | {ours / theirs:.1f} × |"


def table(found):
    lines = ["| tokens a second | llama.cpp | Paceline | |", "|---|---|---|---|"]
    for (type, sequences), (theirs, ours) in found.items():
        name = f"{type} (llama.cpp: {TYPES[type]})"
        if sequences == 1:
            prefill = [[run[0] for run in runs] for runs in (theirs, ours)]
            lines.append(row(f"prompt of {PROMPT} tokens, {name}", *prefill))
        streams = "one text" if sequences == 1 else f"{sequences} texts at once"
        lines.append(row(f"{streams}, {name}", *[[run[1] for run in runs] for runs in (theirs, ours)]))
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="xl")
    parser.add_argument("--types", default="int8,int4", type=lambda text: text.split(","))
    parser.add_argument("--rounds", default=3, type=int)
    parser.add_argument("--work", default=ROOT / ".build-llama", type=pathlib.Path)
    options = parser.parse_args()
    if unknown := [type for type in options.types if type not in TYPES]:
        parser.error(f"--types {','.join(unknown)}: expected some of {','.join(TYPES)}")
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    python = environment(work)
    make_models(work, options.size, options.types, python)
    found = measure(options, work, python)
    print(f"GPT-2 {options.size}, random weights; {len(os.sched_getaffinity(0))} cores; {run('date', '-I').strip()}; "
          f"llama-cpp-python {run(python, '-c', 'import llama_cpp; print(llama_cpp.__version__)').strip()}\n")
    print(table(found))


if __name__ == "__main__":
    main()
