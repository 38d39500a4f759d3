#!/usr/bin/env python3
"""Checks the size of files, of parameter lists and of the target of commands.

usage: scripts/check/shape.py              checks this package; one line for each violation, exit code 1
       scripts/check/shape.py --self-test  checks the check itself on made-up sources
"""
import pathlib
import re
import tempfile

import swiftcode

FOLDERS = ("Sources", "Tests", "scripts")
SUFFIXES = {".swift", ".c", ".h", ".py", ".sh"}
GENERATED = "Sources/System/CWire"
MAXIMUM_LINES = 300

# The kernels' face: products and attention take pointers, strides and counts one by one.
KERNELS = "Sources/Compute"
MANY_PARAMETERS = 7
MAXIMUM_FUNCTIONS = 12

COMMANDS = "Sources/App/Commands"
MAXIMUM_COMMAND_LINES = 3800

FUNCTION = re.compile(r"\b(?:func\s+(`?\w+`?|[-+*/%=<>!&|^~?.]+)|(init)[?!]?)\s*(?=[(<])")


def line_count(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def end_of_generics(code, start):
    """The index after the angle brackets at `start`; an arrow in them closes nothing."""
    depth = 0
    for place in range(start, len(code)):
        if code[place] == "<":
            depth += 1
        elif code[place] == ">" and code[place - 1] != "-":
            depth -= 1
            if depth == 0:
                return place + 1
    return len(code)


def parameter_count(inside):
    """How many parameters stand in a list: those that a colon follows before the next comma of the list itself."""
    count, place, is_named = 0, 0, False
    while place < len(inside):
        if inside[place] in "([{":
            place = swiftcode.end_of_brackets(inside, place)
            continue
        if inside[place] == "," and is_named:
            is_named = False
        elif inside[place] == ":" and not is_named:
            is_named = True
            count += 1
        place += 1
    return count


def functions(source):
    """Line, name and number of parameters of each function and initialiser that is declared."""
    code = swiftcode.code(source)
    for match in FUNCTION.finditer(code):
        # `self.init(` and `super.init(` are calls.
        if code[: match.start()].rstrip().endswith("."):
            continue
        start = match.end()
        if code[start] == "<":
            start = end_of_generics(code, start)
        start = code.find("(", start)
        end = swiftcode.end_of_brackets(code, start)
        line = code.count("\n", 0, match.start()) + 1
        yield line, match[1] or match[2], parameter_count(code[start + 1 : end - 1])


def long_files(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.suffix not in SUFFIXES or not path.is_file() or name.startswith(GENERATED):
                continue
            if (lines := line_count(path)) > MAXIMUM_LINES:
                yield f"{name}: {lines} lines; at most {MAXIMUM_LINES}"


def long_parameter_lists(root):
    found = []
    for path in swiftcode.swift_files(root / "Sources"):
        name = path.relative_to(root).as_posix()
        if not name.startswith(KERNELS + "/"):
            for line, function, count in functions(path.read_text(encoding="utf-8")):
                if count >= MANY_PARAMETERS:
                    found.append(f"{name}:{line}: {function} has {count} parameters")
    if len(found) > MAXIMUM_FUNCTIONS:
        yield from found
        yield f"{len(found)} functions with {MANY_PARAMETERS} parameters or more; at most {MAXIMUM_FUNCTIONS}"


def violations(root):
    """One line for each violation in the package at `root`."""
    yield from long_files(root)
    yield from long_parameter_lists(root)
    lines = sum(line_count(path) for path in swiftcode.swift_files(root / COMMANDS))
    if lines > MAXIMUM_COMMAND_LINES:
        yield f"{COMMANDS}: {lines} lines; at most {MAXIMUM_COMMAND_LINES}"


FUNCTIONS = '''
func none() {}
func one(_ values: [Int: String] = [1: "a, b: c"], /* x: Int, */ ) {}
public init?<A: B, C>(a: (A, C) -> Void = { (x: A, y: C) in f(x, y) }, b: Int) where A: Equatable {
    self.init(a: a, b: b, c: c)
}
func seven(
    a: Int, b: Dictionary<Int, Int>, c: Int, d: (x: Int, y: Int), e: Int = g(1, b: 2), f: () -> (Int),
    g: inout Int  // h: Int
) async throws {}
static func < (left: Self, right: Self) -> Bool { left.initialise(a: 1) }
'''
COUNTS = [(2, "none", 0), (3, "one", 1), (4, "init", 2), (7, "seven", 7), (11, "<", 2)]


def self_test():
    swiftcode.compare("shape.py", list(functions(FUNCTIONS)), COUNTS)
    wide = "init(a: Int, b: Int, c: Int, d: Int, e: Int, f: Int, g: Int) {}\n"
    sources = {
        "Sources/App/Commands/Long.swift": "\n" * 301,
        "Sources/App/Commands/Fits.swift": "\n" * 300,
        "Sources/System/CWire/generated.c": "\n" * 301,
        "Sources/Compute/Kernels/Face.swift": wide * 20,
        "Sources/Model/GPT2/Wide.swift": wide * (MAXIMUM_FUNCTIONS + 1),
        "Tests/App/Test.swift": "\n" * 301,
        "Tests/Fixtures/data.json": "\n" * 301,
        "scripts/long.py": "\n" * 302,
    } | {f"Sources/App/Commands/{index}.swift": "\n" * 300 for index in range(11)}
    expected = [
        "Sources/App/Commands/Long.swift: 301 lines; at most 300",
        "Tests/App/Test.swift: 301 lines; at most 300",
        "scripts/long.py: 302 lines; at most 300",
        "Sources/App/Commands: 3901 lines; at most 3800",
        "13 functions with 7 parameters or more; at most 12",
    ] + [f"Sources/Model/GPT2/Wide.swift:{line}: init has 7 parameters" for line in range(1, MAXIMUM_FUNCTIONS + 2)]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        swiftcode.write_sources(root, sources)
        swiftcode.compare("shape.py", list(violations(root)), expected)
        # As many as are allowed are none too many.
        swiftcode.write_sources(root, {"Sources/Model/GPT2/Wide.swift": wide * MAXIMUM_FUNCTIONS})
        swiftcode.compare("shape.py", list(long_parameter_lists(root)), [])


if __name__ == "__main__":
    swiftcode.run("shape.py", violations, self_test)
