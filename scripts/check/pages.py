#!/usr/bin/env python3
"""Checks that what the pages name is there: links, paths, targets, types and fields.

usage: scripts/check/pages.py              checks this package; one line for each violation, exit code 1
       scripts/check/pages.py --self-test  checks the check itself on made-up pages

Names are code spans that look like a type (RequestEngine, also with a member), or like a field of proto/ (batch_id).
They must stand somewhere in the sources. CHANGELOG and the lab notebook tell of the past and may name what is gone.
"""
import pathlib
import re
import tempfile

import imports
import swiftcode

PAST = {"CHANGELOG.md", "docs/lab-notebook.md"}
MAP = "docs/ARCHITECTURE.md"
FOLDERS = ("Sources/", "Tests/", "docs/", "scripts/", "proto/", "cluster/")
SOURCES = {".swift", ".proto", ".py", ".sh", ".h", ".c", ".yaml"}

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```[\s\S]*?^```", re.MULTILINE)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
TYPE = re.compile(r"[A-Z]\w*[a-z]\w*(?:\.\w+(?:\([\w:]*\))?)*")
FIELD = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
WORD = re.compile(r"[A-Za-z_]\w*")


def line_of(text, place):
    return text.count("\n", 0, place) + 1


def anchors(text):
    """The anchors that headings get: lowercase words with hyphens, without punctuation and links."""
    for match in HEADING.finditer(FENCE.sub("", text)):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match[1]).lower()
        yield re.sub(r"[^\w\- ]", "", heading).replace(" ", "-")


def broken_links(root, page, text):
    for match in LINK.finditer(text):
        path, _, anchor = match[1].partition("#")
        if "://" in match[1]:
            continue
        target = (root / page).parent / path if path else root / page
        if not target.exists():
            yield f"{page}:{line_of(text, match.start())}: {match[1]} leads nowhere"
        elif anchor and anchor not in anchors(target.read_text(encoding="utf-8")):
            yield f"{page}:{line_of(text, match.start())}: {match[1]}: there is no such heading"


def words_of_sources(root):
    words = set()
    for folder in ("Sources", "Tests", "proto", "scripts"):
        for path in (root / folder).rglob("*"):
            if path.suffix in SOURCES and path.is_file():
                words |= set(WORD.findall(path.read_text(encoding="utf-8")))
    # JSON has fields by the names of properties: firstLayer as first_layer.
    words |= {re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", word).lower() for word in words}
    words |= {path.stem for path in (root / "Sources").rglob("*") if path.is_dir() or path.suffix == ".swift"}
    return words


def wrong_names(root, page, text, words):
    """Paths that are not there, and names that no source has."""
    for match in SPAN.finditer(text):
        span, place = match[1], f"{page}:{line_of(text, match.start())}"
        path = span.split()[0] if span.startswith(FOLDERS) else ""
        if path:
            if not re.search(r"[*…<]", path) and not (root / path).exists():
                yield f"{place}: there is no {path}"
        elif page not in PAST and (TYPE.fullmatch(span) or FIELD.fullmatch(span)):
            for word in WORD.findall(span):
                if word not in words:
                    yield f"{place}: no source has the name {word}"


def violations(root, floors):
    """One line for each violation in the pages at `root`."""
    words = words_of_sources(root)
    for path in sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")]):
        page, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        yield from broken_links(root, page, text)
        yield from wrong_names(root, page, FENCE.sub(lambda match: swiftcode.blank(match[0]), text), words)
    spans = set(SPAN.findall((root / MAP).read_text(encoding="utf-8")))
    for name in (name for targets in floors.values() for name in targets):
        if name not in spans:
            yield f"{MAP}: target {name} is not in it"


def self_test():
    pages = {
        "README.md": "[a](docs/ARCHITECTURE.md#a-word-or-two) [b](docs/none.md) [c](docs/ARCHITECTURE.md#three)\n"
        "[d](https://example.org/x) [e](#top)\n\n# Top\n",
        "docs/ARCHITECTURE.md": "# A word, or two\n`Wire` `Motor` `Motor.start(with:)` `Motor.stop()` `Gone` `MODEL`\n"
        "`Sources/System/Wire/` `Sources/Gone/` `Sources/…/Motor.swift` `batch_id` `gone_id`\n",
        "docs/lab-notebook.md": "`Gone`\n```\n# three\n`Gone`\n```\n",
        "proto/message.proto": "uint64 batch_id = 1;\n",
        "Sources/System/Wire/Motor.swift": "struct Motor { func start(with: Int) {} }\n",
    }
    expected = [
        "README.md:1: docs/none.md leads nowhere",
        "README.md:1: docs/ARCHITECTURE.md#three: there is no such heading",
        "docs/ARCHITECTURE.md:2: no source has the name stop",
        "docs/ARCHITECTURE.md:2: no source has the name Gone",
        "docs/ARCHITECTURE.md:3: there is no Sources/Gone/",
        "docs/ARCHITECTURE.md:3: no source has the name gone_id",
        "docs/ARCHITECTURE.md: target Attic is not in it",
    ]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        swiftcode.write_sources(root, pages)
        swiftcode.compare("pages.py", list(violations(root, {"System": {"Wire": [], "Attic": []}})), expected)


if __name__ == "__main__":
    swiftcode.run("pages.py", lambda root: violations(root, imports.FLOORS), self_test)
