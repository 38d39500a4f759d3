#!/usr/bin/env python3
"""Checks that state machines and handlers make no clock, random number or socket: they are given them.

usage: scripts/check/given.py              checks this package; one line for each violation, exit code 1
       scripts/check/given.py --self-test  checks the check itself on made-up sources

So a simulation can run a whole cluster with the program's own handlers.
"""
import pathlib
import re
import tempfile

import swiftcode

FOLDERS = ("Sources/Serving", "Sources/Cluster/Wire", "Sources/Cluster/Worker", "Sources/Cluster/Coordinator")
FOLDERS += ("Sources/Clients/Client",)

MADE = re.compile(
    r"\b(?:ContinuousClock|SuspendingClock|Date|SystemRandomNumberGenerator|ZeroMQSockets)\(|\bclock_gettime\("
    r"|(?<=\.)(?:random|randomElement|shuffled|shuffle)\("
)


def violations(root):
    """One line for each clock, random number or socket that is made in the folders."""
    for folder in FOLDERS:
        for path in swiftcode.swift_files(root / folder):
            code = swiftcode.code(path.read_text(encoding="utf-8"))
            for match in MADE.finditer(code):
                call = code[match.start() : swiftcode.end_of_brackets(code, match.end() - 1)]
                if not re.search(r"\busing:", call):
                    line = code.count("\n", 0, match.start()) + 1
                    yield f"{path.relative_to(root)}:{line}: {match[0].rstrip('(')} is made here and should be given"


def self_test():
    sources = {
        "Sources/Serving/Engine/Engine.swift": "let clock = ContinuousClock()\nlet time: Date\n// Date()\n"
        "let given: Int = .random(in: 0...f(1), using: &numbers)\nlet made = Int.random(in: 0...f(1))\n",
        "Sources/Clients/Client/Client.swift": "let sockets = try ZeroMQSockets(limits: limits)\n",
        "Sources/App/Commands/Bench.swift": "let clock = ContinuousClock()\n",
    }
    expected = [
        "Sources/Serving/Engine/Engine.swift:1: ContinuousClock is made here and should be given",
        "Sources/Serving/Engine/Engine.swift:5: random is made here and should be given",
        "Sources/Clients/Client/Client.swift:1: ZeroMQSockets is made here and should be given",
    ]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        swiftcode.write_sources(root, sources)
        swiftcode.compare("given.py", list(violations(root)), expected)


if __name__ == "__main__":
    swiftcode.run("given.py", violations, self_test)
