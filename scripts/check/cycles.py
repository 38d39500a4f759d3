#!/usr/bin/env python3
"""Checks that the files of a target do not use one another in a circle.

usage: scripts/check/cycles.py              checks this package; one line for each cycle, exit code 1
       scripts/check/cycles.py --self-test  checks the check itself on made-up sources

A file uses another when it names a type, function, variable or protocol that the other declares at its top level, or a
type that the other nests in an extension. An extension uses the file of the type that it extends. Members other than
types are not followed. Enums and structs whose names end in `Error` are left out: an error names its domain, and the
domain throws it.
"""
import pathlib
import re
import tempfile

import swiftcode

TYPE = r"(?:struct|class|enum|protocol|actor|typealias)"
DECLARATION = re.compile(rf"\b({TYPE}|func|let|var)\s+`?(\w+)`?")
EXTENSION = re.compile(r"\bextension\s+([\w.]+)")
NESTED = re.compile(rf"\b{TYPE}\s+(\w+)")
PRIVATE = re.compile(r"\b(?:private|fileprivate)\b[^\n{}]*$")
# A name that no dot precedes, but for the dots of a range.
NAME = re.compile(r"(?:(?<![\w.@#])|(?<=\.\.\.)|(?<=\.\.<))`?([A-Za-z_]\w*)`?")
MEMBER_TYPE = re.compile(r"\b([A-Z]\w*)\.([A-Z]\w*)")
WORD = re.compile(r"\w+")
# Variables, functions, labels and parameters of closures, which hide a lowercase name of the top level.
LOCAL = re.compile(r"\b(?:let|var|func|case|for)\s+`?([a-z_]\w*)`?|\b(\w+)\s*:|\(([\w, ]+)\)\s*(?:->[^{\n]*)?in\b")


def is_private(text, start):
    """Whether the declaration whose keyword is at `start` is for its own file only."""
    return bool(PRIVATE.search(text, text.rfind("\n", 0, start) + 1, start))


class File:
    """What a file declares for others and what it names."""

    def __init__(self, source, module):
        code = swiftcode.code(source)
        outer = swiftcode.top_level(code)
        self.own, self.declared = set(), set()
        for match in DECLARATION.finditer(outer):
            self.own.add(match[2])
            if not is_private(outer, match.start()) and not match[2].endswith("Error"):
                self.declared.add(match[2])
        self.extended, self.nested = set(), set()
        for match in EXTENSION.finditer(outer):
            name = match[1].removeprefix(module + ".").split(".")[0]
            self.extended.add(name)
            body = code[match.end() : swiftcode.end_of_brackets(code, code.find("{", match.end()))]
            members = swiftcode.top_level(body[body.find("{") + 1 :])
            self.nested |= {
                (name, nested[1])
                for nested in NESTED.finditer(members)
                if not is_private(members, nested.start()) and not nested[1].endswith("Error")
            }
        # A member of something is no name of the top level, unless the something is the module.
        names = re.sub(rf"\b{module}\.", "", code)
        self.named = {match[1] for match in NAME.finditer(names)}
        self.members = {(match[1], match[2]) for match in MEMBER_TYPE.finditer(names)}
        found = " ".join(group for match in LOCAL.finditer(code) for group in match.groups() if group)
        self.local = set(WORD.findall(found))

    def names(self, name):
        """Whether the file names what another declares at its top level."""
        if name in self.own:
            return False
        if name[0].isupper():
            return name in self.named
        return name in self.named and name not in self.local

    def use(self, other):
        """A declaration of the other that the file names, or None."""
        inside = self.own | self.extended
        for name in sorted(other.declared):
            if self.names(name):
                return name
        for outer, name in sorted(other.nested):
            if (outer, name) in self.members:
                return f"{outer}.{name}"
            if outer in inside and (outer, name) not in self.nested and name in self.named:
                return f"{outer}.{name}"
        return None


def reachable(graph, start):
    """All that a node leads to."""
    found, waiting = set(), [start]
    while waiting:
        new = set(graph[waiting.pop()]) - found
        found |= new
        waiting += new
    return found


def components(graph):
    """The sets of nodes that lead to one another."""
    leads_to = {node: reachable(graph, node) for node in graph}
    in_circles = [node for node in graph if node in leads_to[node]]
    return sorted({tuple(sorted(other for other in leads_to[node] if node in leads_to[other])) for node in in_circles})


def violations(root):
    """One line for each circle of files, with the uses that make it."""
    for target, paths in swiftcode.targets(root):
        files = {path.name: File(path.read_text(encoding="utf-8"), target) for path in paths}
        if len(files) != len(paths):
            yield f"{target}: two files have one name"
        uses = {
            name: {other: used for other in files if other != name and (used := file.use(files[other]))}
            for name, file in files.items()
        }
        for component in components(uses):
            inside = [
                f"{name} uses {used} of {other}"
                for name in component
                for other, used in uses[name].items()
                if other in component
            ]
            yield f"{target}: {len(component)} files in a cycle: {'; '.join(inside)}"


def self_test():
    sources = {
        # A circle of two, by a type and a function.
        "Sources/One/Two/Engine.swift": "struct Engine { let wheels = makeWheels(4) }\n",
        "Sources/One/Two/Wheels.swift": "func makeWheels(_ count: Int) -> [Int] { [] }\nfunc fit(_ e: Engine) {}\n"
        '// Road\nlet x = "Road"\n',
        # A circle of three; the extension uses the file of its type.
        "Sources/One/Two/Road.swift": "public struct Road { var signs: [Sign] }\n",
        "Sources/One/Two/Sign.swift": "struct Sign { let map: Map.Scale }\n",
        "Sources/One/Two/Map.swift": "extension Road {}\nenum Map { enum Scale {} }\n",
        # No circle: an error that names its domain, members, local names and what is private.
        "Sources/One/Two/Parser.swift": "struct Parser { func parse() throws(ParserError) {} }\n",
        "Sources/One/Two/ParserError.swift": "enum ParserError: Error { case bad(Parser) }\n",
        "Sources/One/Two/Lamp.swift": "struct Lamp { var brightness = 1\n func light(level: Int) -> Int { level } }\n",
        "Sources/One/Two/Level.swift": "let level = Lamp().brightness\nprivate struct Hidden { let lamp: Lamp }\n",
        "Sources/One/Two/Other.swift": "private struct Hidden { let brightness = 1 }\nlet other = Lamp().level\n",
        # A circle by a type that is nested in an extension.
        "Sources/One/Two/Tree.swift": "struct Tree { let leaf: Leaf }\n",
        "Sources/One/Two/Leaf.swift": "extension Tree { struct Leaf {} }\n",
        # Not one, for these are two targets.
        "Sources/One/Three/Bird.swift": "struct Bird { let engine: Engine }\nstruct Wing {}\n",
    }
    expected = [
        "Two: 2 files in a cycle: Engine.swift uses makeWheels of Wheels.swift; "
        "Wheels.swift uses Engine of Engine.swift",
        "Two: 3 files in a cycle: Map.swift uses Road of Road.swift; Road.swift uses Sign of Sign.swift; "
        "Sign.swift uses Map of Map.swift",
        "Two: 2 files in a cycle: Leaf.swift uses Tree of Tree.swift; Tree.swift uses Tree.Leaf of Leaf.swift",
    ]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        swiftcode.write_sources(root, sources)
        swiftcode.compare("cycles.py", list(violations(root)), expected)


if __name__ == "__main__":
    swiftcode.run("cycles.py", violations, self_test)
