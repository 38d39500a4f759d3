#!/usr/bin/env python3
"""Checks that a type's state belongs to one file.

usage: scripts/check/splits.py              checks this package; one line for each violation, exit code 1
       scripts/check/splits.py --self-test  checks the check itself on made-up sources

An extension in another file of the target must not use a stored variable that any file of the target may change. Public
and package variables are a type's interface, what is private(set) changes in one file, and constants are no state.
"""
import pathlib
import re
import tempfile

import swiftcode

# Target and type: why its state may be shared between files.
EXEMPT = {("Coordinator", "Membership"): "composed anew together with what it does when workers fail"}

TYPE = re.compile(r"\b(?:struct|class|enum|actor)\s+(\w+)")
EXTENSION = re.compile(r"\bextension\s+(\w+)")
VARIABLE = re.compile(r"^([^\n{}]*?)\bvar\s+(\w+)([^\n]*)$", re.MULTILINE)
NOT_SHARED = re.compile(r"\b(?:public|package|private|fileprivate|static)\b")
SET_INSIDE = re.compile(r"\binternal\(set\)")


def bodies(code, declaration):
    """Name and body of each declaration at the top level of a file."""
    for match in declaration.finditer(swiftcode.top_level(code)):
        start = code.find("{", match.end())
        yield match[1], code[start + 1 : swiftcode.end_of_brackets(code, start) - 1]


def shared_variables(body):
    """The stored variables of a type that all files of its target may change."""
    for match in VARIABLE.finditer(swiftcode.top_level(body)):
        modifiers, name, rest = match.groups()
        is_computed = "=" not in rest.split("{")[0] and rest.rstrip().endswith(("{", "}"))
        if not is_computed and (SET_INSIDE.search(modifiers) or not NOT_SHARED.search(modifiers)):
            yield name


def uses(body, name):
    """Whether code names the variable, as itself or through self, and not as a label or a member of something else."""
    return bool(re.search(rf"(?:(?<![\w.])|\bself\.){name}\b(?!\s*:)", body))


def violations(root):
    """One line for each extension that uses a variable of another file."""
    for target, paths in swiftcode.targets(root):
        files = {path.name: swiftcode.code(path.read_text(encoding="utf-8")) for path in paths}
        state = {}
        for file, code in files.items():
            for name, body in bodies(code, TYPE):
                state[name] = (file, sorted(shared_variables(body)))
        for file, code in files.items():
            for name, body in bodies(code, EXTENSION):
                owner, variables = state.get(name, (file, []))
                used = [variable for variable in variables if uses(body, variable)]
                if owner != file and used and (target, name) not in EXEMPT:
                    yield f"{target}: {file} uses {', '.join(used)} of {name}, whose state belongs to {owner}"


def self_test():
    pump = """struct Pump {
    var level = 0
    private(set) var speed = 1
    public var name = ""
    package internal(set) var count: Int
    let size = 3
    var isFull: Bool { level > 9 }
    var sum: Int {
        var total = 0
        return total
    }
}
"""
    text = """extension Pump {
    var text: String { "\\(name) \\(speed) \\(isFull)" }
    func f(level: Int, total: Tank) -> Int { total.count }
}
"""
    sources = {
        "Sources/One/Two/Pump.swift": pump,
        "Sources/One/Two/Pump+Filling.swift": "extension Pump { mutating func fill() { level += size; count = 1 } }\n",
        "Sources/One/Two/PumpText.swift": text,
        "Sources/One/Three/Pump.swift": "extension Pump { func g() { level = 1 } }\n",
    }
    expected = ["Two: Pump+Filling.swift uses count, level of Pump, whose state belongs to Pump.swift"]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        swiftcode.write_sources(root, sources)
        swiftcode.compare("splits.py", list(violations(root)), expected)


if __name__ == "__main__":
    swiftcode.run("splits.py", violations, self_test)
