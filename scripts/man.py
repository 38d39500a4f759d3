#!/usr/bin/env python3
"""Writes a manual page for each command: paceline.1, paceline-generate.1, paceline-model-pack.1 and so on.

usage: scripts/man.py PROGRAM DIRECTORY    for example: scripts/man.py .build/release/paceline ~/.local/share/man/man1

The text is what the program says of itself (--experimental-dump-help), with the values and defaults of each option.
"""
import json
import pathlib
import re
import subprocess
import sys

ENVIRONMENT = [
    ("PACELINE_COORDINATOR", "The clients' --coordinator, as tcp://HOST:PORT or HOST. A worker takes its host."),
    ("PACELINE_MODEL", "The model for --model."),
    ("PACELINE_LOG", "The level for --log-level."),
    ("PACELINE_ISA", "The kernels that compute: portable, avx2, avx512. (default: the fastest of this processor)"),
]
EXIT = [
    ("0", "Done."),
    ("1", "The request failed, or was cancelled."),
    ("2", "Wrong usage."),
    ("69", "No coordinator there."),
]
ESCAPES = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "^": "\\(ha", "~": "\\(ti"}


def roff(text):
    """Text as it is: no request, no escape, no hyphen that a terminal shows as something else."""
    escaped = "".join(ESCAPES.get(c, c if ord(c) < 128 else f"\\[u{ord(c):04X}]") for c in text)
    return re.sub(r"(?m)^\.", r"\\&.", escaped)


def paragraphs(text):
    """Paragraphs filled, and lines that are indented, as examples are, left alone."""
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.split("\n")
        yield ".PP"
        while lines:
            example = lines[0].startswith(" ")
            count = next((i for i, line in enumerate(lines) if line.startswith(" ") != example), len(lines))
            if example:
                yield from [".nf", *(".B " + roff(line.strip()).replace('"', "\\(dq") for line in lines[:count]), ".fi"]
            else:
                yield roff(" ".join(line.strip() for line in lines[:count]))
            lines = lines[count:]


def spelled(argument, names=None):
    """An option's or argument's spelling, with its value."""
    value = f"\\fI{roff(argument['valueName'])}\\fR"
    if argument["kind"] == "positional":
        return value
    dashed = [("--" if name["kind"] == "long" else "-") + name["name"] for name in names or argument["names"]]
    shown = ", ".join(f"\\fB{roff(name)}\\fR" for name in dashed)
    return shown if argument["kind"] == "flag" else f"{shown} {value}"


def arguments(command):
    return [a for a in command.get("arguments", []) if a.get("shouldDisplay", True)]


def synopsis(command, path):
    words = [f"\\fB{roff(' '.join(path))}\\fR"]
    for argument in arguments(command):
        word = spelled(argument, [argument["preferredName"]] if "preferredName" in argument else None)
        word += " ..." if argument["isRepeating"] else ""
        words.append(f"[{word}]" if argument["isOptional"] else word)
    if command.get("subcommands"):
        words = words[:1] + ["\\fIcommand\\fR"]
    return "\n".join(words)


def described(argument):
    """What an option is for, with its values and its default where its words do not say them already."""
    text = " ".join(argument.get("abstract", "").split())
    values = argument.get("allValues") or []
    if values and not all(value in text for value in values):
        text += f" Values: {', '.join(values)}."
    if argument.get("defaultValue") and "(default:" not in text:
        text += f" (default: {argument['defaultValue']})"
    return roff(text)


def page(command, path, version):
    name = "-".join(path)
    yield f'.TH "{name.upper()}" "1" "" "paceline {version}" "Paceline"'
    yield from [".SH NAME", f"{roff(name)} \\- {roff(command['abstract'].rstrip('.'))}"]
    yield from [".SH SYNOPSIS", synopsis(command, path)]
    if command.get("discussion"):
        yield from [".SH DESCRIPTION", *paragraphs(command["discussion"])]
    for title, kinds in [("ARGUMENTS", ["positional"]), ("OPTIONS", ["option", "flag"])]:
        shown = [a for a in arguments(command) if a["kind"] in kinds]
        if shown:
            yield f".SH {title}"
        for argument in shown:
            yield from [".TP", spelled(argument), described(argument)]
    inner = [c for c in command.get("subcommands", []) if c["commandName"] != "help"]
    if inner:
        yield ".SH COMMANDS"
    for child in inner:
        yield from [".TP", f"\\fB{roff(child['commandName'])}\\fR", roff(child["abstract"])]
    for title, rows in [("ENVIRONMENT", ENVIRONMENT), ('"EXIT STATUS"', EXIT)]:
        yield f".SH {title}"
        for key, words in rows:
            yield from [".TP", f"\\fB{key}\\fR", roff(words)]
    related = [path + [child["commandName"]] for child in inner] or [path[:-1]]
    yield ".SH SEE ALSO"
    yield ",\n".join(f"\\fB{roff('-'.join(other))}\\fR(1)" for other in related)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, directory = sys.argv[1], pathlib.Path(sys.argv[2])

    def output(option):
        return subprocess.run([program, option], check=True, capture_output=True, text=True).stdout

    version = output("--version").strip()
    directory.mkdir(parents=True, exist_ok=True)
    waiting = [(json.loads(output("--experimental-dump-help"))["command"], [])]
    while waiting:
        command, parents = waiting.pop()
        path = [*parents, command["commandName"]]
        (directory / f"{'-'.join(path)}.1").write_text("\n".join(page(command, path, version)) + "\n")
        waiting += [(child, path) for child in command.get("subcommands", []) if child["commandName"] != "help"]


main()
