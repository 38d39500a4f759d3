#!/usr/bin/env python3
"""Checks that targets import, and name as dependencies, only what the design allows.

usage: scripts/check/imports.py              checks this package; one line for each violation, exit code 1
       scripts/check/imports.py --self-test  checks the check itself on a made-up package
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import swiftcode

# Floors from the ground up, with what each target may import of ours: targets of its own floor or of one before it.
# docs/ARCHITECTURE.md has the same table with its reasons.
FLOORS = {
    "System": {
        "CZeroMQ": [],
        "CProtobufC": [],
        "CWire": ["CProtobufC"],
        "CSIMD": [],
        "CEmbedded": [],
        "CDescriptors": [],
        "CEdit": [],
    },
    "Compute": {
        "KernelsPortable": ["CSIMD"],
        "KernelsAVX2": ["CSIMD"],
        "KernelsAVX512": ["CSIMD"],
        "Kernels": ["KernelsPortable", "KernelsAVX2", "KernelsAVX512", "CSIMD"],
    },
    "Model": {
        "Embedded": ["CEmbedded"],
        "JSON": [],
        "ModelFiles": ["Embedded", "JSON", "Kernels"],
        "Tokenizer": ["Embedded", "JSON"],
        "Sampling": ["Kernels"],
        "GPT2": ["Kernels", "ModelFiles"],
    },
    "Serving": {
        "Messages": [],
        "Scheduling": [],
        "Planning": ["Scheduling"],
        "Simulation": ["Scheduling"],
        "Engine": ["Messages", "Scheduling", "Planning", "Tokenizer"],
        "StageExecution": ["Messages", "GPT2", "Sampling"],
    },
    "Cluster": {
        "Wire": ["CWire", "Messages"],
        "Transport": ["CZeroMQ"],
        "Worker": ["ModelFiles", "GPT2", "StageExecution", "Messages", "Wire", "Transport"],
        "Coordinator": ["Engine", "Scheduling", "Planning", "Messages", "Wire", "Transport"],
    },
    "Clients": {
        "Sessions": ["Messages"],
        "Client": ["Sessions", "Messages", "Wire", "Transport"],
        "Observe": ["Sessions", "Messages"],
    },
    "App": {
        "Console": ["CDescriptors", "CEdit"],
        "Supervisor": ["Console"],
        "Reports": ["GPT2", "ModelFiles", "Messages", "Scheduling", "Planning", "Observe", "Console"],
        # No Transport, and so no socket library.
        "InProcess": [
            "Kernels", "ModelFiles", "GPT2", "Tokenizer", "Messages", "Scheduling", "Planning", "Engine",
            "StageExecution",
            "Sessions",
        ],
        "Capacity": ["Kernels", "ModelFiles", "GPT2", "Messages", "Scheduling", "Planning", "Simulation"],
        "Bench": [
            "Kernels", "ModelFiles", "GPT2", "Sampling", "Messages", "Scheduling", "Transport", "Sessions", "Client",
            "Observe",
            "InProcess", "Supervisor",
        ],
        "Commands": [
            "Embedded", "Kernels", "GPT2", "Sampling", "Tokenizer", "ModelFiles", "Messages", "Scheduling", "Planning",
            "Engine", "StageExecution", "Transport", "Worker", "Coordinator", "Sessions",
            "Client", "Observe", "Console", "Reports", "Supervisor", "InProcess", "Capacity", "Bench",
        ],
    },
}

# Target: the products of other packages that it may import, beside those that are free to all but the kernels.
PRODUCTS = {
    "ModelFiles": ["Crypto"],
    "Tokenizer": ["Crypto"],
    "Coordinator": ["DequeModule"],
    "Scheduling": ["DequeModule", "OrderedCollections"],
    "Simulation": ["HeapModule"],
    "Worker": ["DequeModule"],
    "Sessions": ["DequeModule"],
    "Supervisor": ["ServiceLifecycle"],
    "InProcess": ["DequeModule"],
    "Capacity": ["Yams"],
    "Commands": ["ArgumentParser", "ServiceLifecycle"],
}
FREE_PRODUCTS = {"Logging"}

SYSTEM = {"Swift", "Synchronization", "Glibc", "Dispatch"}
FOUNDATION = {"Foundation", "FoundationEssentials"}
KERNELS = {"KernelsPortable", "KernelsAVX2", "KernelsAVX512", "Kernels"}
# Nothing of ours imports these, so they may import what they like.
FREE_TYPES = {"executable", "test", "plugin", "macro"}
# Of the tests only: nothing that ships may import it.
TEST_SUPPORT = {"TestSupport", "ObserveSupport", "SchedulingSupport", "ServingSupport", "ClusterSupport"}

TABLE = "the table of scripts/check/imports.py"

IMPORT = re.compile(
    r"(?:^|;)[ \t]*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:typealias|struct|class|enum|protocol|actor|let|var|func)\s+)?(\w+)",
    re.MULTILINE,
)


def imports(source):
    """Line number and module of each import."""
    code = swiftcode.code(source)
    for match in IMPORT.finditer(code):
        yield code.count("\n", 0, match.start(1)) + 1, match[1]


def dependencies(target):
    """Names of a target's dependencies in `swift package dump-package`'s words."""
    for dependency in target["dependencies"]:
        for kind in ("byName", "target", "product"):
            if kind in dependency:
                yield dependency[kind][0]


def table_violations(floors):
    """One line for each row of the table that goes against the order of the floors."""
    reachable = set()
    for floor, targets in floors.items():
        reachable |= set(targets)
        for name, imported in targets.items():
            for module in sorted(set(imported) - reachable):
                yield f"{TABLE}: {name} is on floor {floor}, and {module} is not on it or below"


def violations(root, manifest, floors):
    """One line for each violation in the package at `root`."""
    yield from table_violations(floors)
    places = {name: floor for floor, targets in floors.items() for name in targets}
    for name in sorted(set(places) - {target["name"] for target in manifest["targets"]}):
        yield f"{TABLE}: there is no target {name}"
    for target in sorted(manifest["targets"], key=lambda target: target["name"]):
        name = target["name"]
        if target["type"] in FREE_TYPES or name in TEST_SUPPORT:
            continue
        if name not in places:
            yield f"Package.swift: target {name} is not in {TABLE}"
            continue
        allowed = {*floors[places[name]][name], *PRODUCTS.get(name, [])}
        if name not in KERNELS:
            allowed |= FREE_PRODUCTS
        named = set(dependencies(target))
        for dependency in sorted(named - allowed):
            yield f"Package.swift: {name} may not depend on {dependency}"
        free = SYSTEM if name in KERNELS else SYSTEM | FOUNDATION
        folder = root / f"Sources/{places[name]}/{name}"
        if target.get("path") != str(folder.relative_to(root)):
            yield f"Package.swift: {name} belongs in {folder.relative_to(root)}"
        for file in swiftcode.swift_files(folder):
            for line, module in imports(file.read_text(encoding="utf-8")):
                place = f"{file.relative_to(root)}:{line}"
                if module in free or module == name:
                    continue
                if module not in allowed:
                    yield f"{place}: {name} may not import {module}"
                elif module not in named:
                    yield f"{place}: {name} imports {module}, which Package.swift does not name for it"


MADE_UP_FLOORS = {
    "System": {"CWire": [], "CSIMD": []},
    "Compute": {"KernelsAVX2": ["CSIMD"], "Kernels": ["KernelsAVX2", "CSIMD"]},
    "Model": {"Upstairs": ["Wire"], "Nowhere": ["Missing"], "Demolished": []},
    "Serving": {"Scheduling": ["Planning"], "Planning": []},
    "Cluster": {"Wire": ["CWire"], "Transport": []},
    "Clients": {"Client": ["Wire", "Transport"]},
}
MADE_UP_SOURCES = {
    "Sources/Compute/Kernels/Team.swift": "import Foundation\nimport Glibc\nimport CSIMD\nimport Logging\n",
    "Sources/Compute/KernelSources/Product.swift": "import CSIMD\nimport Kernels\n",
    "Sources/Cluster/Wire/Frame.swift": "import CWire\n\n@_exported import Transport\n",
    "Sources/Clients/Client/Client.swift": "import struct Worker.Stage\npublic import Wire\npackage import Sampling\n",
    "Sources/Clients/Client/Deep/Link.swift": "internal import Transport; import Logging\nimport Foundation\n",
    "Sources/Serving/Scheduling/Plan.swift": "// import Wire\n/* import Wire\nimport Wire\n*/\n"
    'let text = """\nimport Wire\n"""\n'
    "import DequeModule\n@preconcurrency import Dispatch\nlet important = 1\n",
    "Sources/Surprise/Surprise.swift": "import Wire\n",
    "Sources/App/paceline/Main.swift": "import Commands\nimport Wire\n",
    "Tests/Support/Random.swift": "import Wire\n",
    "Tests/Cluster/WireTests/Test.swift": "@testable import Wire\nimport Worker\n",
}
# Target: its path, and what it depends on.
MADE_UP_TARGETS = {
    "CWire": ("Sources/System/CWire", []),
    "CSIMD": ("Sources/System/CSIMD", []),
    "KernelsAVX2": ("Sources/Compute/KernelsAVX2", ["CSIMD"]),
    "Kernels": ("Sources/Compute/Kernels", ["CSIMD", "GPT2"]),
    "Upstairs": ("Sources/Model/Upstairs", []),
    "Nowhere": ("Sources/Model/Nowhere", []),
    "Scheduling": ("Sources/Serving/Scheduling", ["DequeModule"]),
    "Planning": ("Sources/Planning", []),
    "Wire": ("Sources/Cluster/Wire", ["CWire"]),
    "Transport": (None, []),
    "Client": ("Sources/Clients/Client", ["Wire"]),
    "Surprise": ("Sources/Surprise", ["Wire"]),
    "TestSupport": ("Tests/Support", ["Wire"]),
}
EXPECTED = [
    f"{TABLE}: Upstairs is on floor Model, and Wire is not on it or below",
    f"{TABLE}: Nowhere is on floor Model, and Missing is not on it or below",
    f"{TABLE}: there is no target Demolished",
    "Package.swift: Planning belongs in Sources/Serving/Planning",
    "Package.swift: Transport belongs in Sources/Cluster/Transport",
    "Package.swift: Kernels may not depend on GPT2",
    f"Package.swift: target Surprise is not in {TABLE}",
    "Sources/Clients/Client/Client.swift:1: Client may not import Worker",
    "Sources/Clients/Client/Client.swift:3: Client may not import Sampling",
    "Sources/Clients/Client/Deep/Link.swift:1: Client imports Transport, which Package.swift does not name for it",
    "Sources/Clients/Client/Deep/Link.swift:1: Client imports Logging, which Package.swift does not name for it",
    "Sources/Compute/Kernels/Team.swift:1: Kernels may not import Foundation",
    "Sources/Compute/Kernels/Team.swift:4: Kernels may not import Logging",
    "Sources/Compute/KernelsAVX2/Shared/Product.swift:2: KernelsAVX2 may not import Kernels",
    "Sources/Cluster/Wire/Frame.swift:3: Wire may not import Transport",
]


def self_test():
    """Builds a package with one violation of each kind, and some code that only looks like one."""
    targets = [
        {"name": name, "type": "regular", "path": path, "dependencies": [{"byName": [entry, None]} for entry in names]}
        for name, (path, names) in MADE_UP_TARGETS.items()
    ]
    for target in targets:
        if target["name"] == "Scheduling":
            target["dependencies"] = [{"product": ["DequeModule", "swift-collections", None, None]}]
    targets += [
        {"name": "paceline", "type": "executable", "dependencies": []},
        {"name": "WireTests", "type": "test", "dependencies": []},
    ]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        swiftcode.write_sources(root, MADE_UP_SOURCES)
        root.joinpath("Sources/Compute/KernelsAVX2").mkdir()
        root.joinpath("Sources/Compute/KernelsAVX2/Shared").symlink_to("../KernelSources")
        found = list(violations(root, {"targets": targets}, MADE_UP_FLOORS))
    swiftcode.compare("imports.py", found, EXPECTED)


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if sys.argv[1:]:
        sys.exit("usage: scripts/check/imports.py [--self-test]")
    root = swiftcode.ROOT
    dump = subprocess.run(["swift", "package", "dump-package"], cwd=root, stdout=subprocess.PIPE, check=False)
    if dump.returncode != 0:
        sys.exit("imports.py: swift package dump-package failed")
    lines = list(violations(root, json.loads(dump.stdout), FLOORS))
    for line in lines:
        print(line)
    sys.exit(1 if lines else 0)


if __name__ == "__main__":
    main()
