#!/usr/bin/env python3
"""Checks that identifiers use the words of docs/ARCHITECTURE.md.

usage: scripts/check/words.py              checks this package; one line for each violation, exit code 1
       scripts/check/words.py --self-test  checks the check itself on made-up sources

Identifiers are those of Swift sources, of proto/, and of code in docs/ and the pages of the top folder. They are split
where a capital or an underscore begins a word. Sentences may use any word.
"""
import pathlib
import re
import tempfile

import swiftcode

# Retired word: what to say in its place.
RETIRED = {
    "husk": "cancelled batch",
    "flight": "inFlight",
    "hungry": "waiting",
    "earnest": "",
    "abandon": "cancel",
    "abandons": "cancels",
    "abandoned": "cancelled",
    "abandoning": "cancelling",
    "drawn": "sampled",
    "drew": "sampled",
    "draw": "sample",
    "draws": "samples",
    "room": "scratch",
    "roomy": "",
}
RETIRED |= {f"{word}s": words for word, words in RETIRED.items() if word in ("husk", "flight", "room")}

# Words before a retired one that make it the field's own: batches in flight.
PAIRS = {("in", "flight")}
# Files about pictures and screens, where lines are drawn.
PICTURES = re.compile(r"SVG|Chart|Picture|Canvas|Screen|StatusWatch")

NAME = re.compile(r"(?<!\w)[A-Za-z_]\w*")
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
PROTO_COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*[\s\S]*?\*/|"[^"\n]*"')
FENCE = re.compile(r"^```(\w*)\n[\s\S]*?^```", re.MULTILINE)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def retired(identifier):
    """The retired words of an identifier."""
    words = [word.lower() for word in WORD.findall(identifier)]
    for before, word in zip(["", *words], words, strict=False):
        if word in RETIRED and (before, word) not in PAIRS:
            yield word


def violations_in(name, text):
    """One line for each identifier of the text with a retired word; each identifier once a file."""
    seen = set()
    for match in NAME.finditer(text):
        for word in retired(match[0]):
            if (match[0], word) not in seen:
                seen.add((match[0], word))
                say = f"; say {RETIRED[word]}" if RETIRED[word] else ""
                yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]} has the retired word {word}{say}"


def code_of_page(text):
    """A page's code spans and blocks, with spaces in place of its sentences and diagrams."""
    kept = list(swiftcode.blank(text))
    for match in FENCE.finditer(text):
        if match[1] != "mermaid":
            kept[match.start() : match.end()] = match[0]
    for match in SPAN.finditer(text):
        kept[match.start(1) : match.end(1)] = match[1]
    return "".join(kept)


def violations(root):
    """One line for each violation in the package at `root`."""
    for folder in ("Sources", "Tests"):
        for path in sorted((root / folder).rglob("*.swift")):
            if PICTURES.search(path.stem):
                continue
            name = path.relative_to(root).as_posix()
            for word in retired(path.stem):
                yield f"{name}: the file's name has the retired word {word}"
            yield from violations_in(name, swiftcode.code(path.read_text(encoding="utf-8")))
    for path in sorted((root / "proto").glob("*.proto")):
        text = PROTO_COMMENT_OR_STRING.sub(lambda match: swiftcode.blank(match[0]), path.read_text(encoding="utf-8"))
        yield from violations_in(path.relative_to(root).as_posix(), text)
    for path in sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")]):
        yield from violations_in(path.relative_to(root).as_posix(), code_of_page(path.read_text(encoding="utf-8")))


def self_test():
    sources = {
        "Sources/Model/One/Husk.swift": "let isHusk = drawnTokens + roomColumns // flight\n"
        'let text = "husk"\n',
        "Sources/Model/One/Fine.swift": "let batchesInFlight = inFlightLimit + in_flight\n// draw a room\n"
        "let withdraw = drawer + bedroom\n",
        "Sources/Model/One/LinesSVG.swift": "func draw() {}\n",
        "Tests/Model/OneTests/Test.swift": 'func testFlightLimits() { "\\(hungry)" }\n',
        "proto/message.proto": "// abandon\nmessage Abandon {\n  uint32 flight_limit = 1;\n}\n// draw\n"
        "message Other { uint32 batches_in_flight = 2; }\n",
        "docs/design/page.md": "A husk, and `isHusk`.\n\n```swift\nlet room = 1\n```\n\n"
        "```mermaid\ndraw --> room\n```\n",
    }
    expected = [
        "Sources/Model/One/Husk.swift: the file's name has the retired word husk",
        "Sources/Model/One/Husk.swift:1: isHusk has the retired word husk; say cancelled batch",
        "Sources/Model/One/Husk.swift:1: drawnTokens has the retired word drawn; say sampled",
        "Sources/Model/One/Husk.swift:1: roomColumns has the retired word room; say scratch",
        "Tests/Model/OneTests/Test.swift:1: testFlightLimits has the retired word flight; say inFlight",
        "Tests/Model/OneTests/Test.swift:1: hungry has the retired word hungry; say waiting",
        "proto/message.proto:2: Abandon has the retired word abandon; say cancel",
        "proto/message.proto:3: flight_limit has the retired word flight; say inFlight",
        "docs/design/page.md:1: isHusk has the retired word husk; say cancelled batch",
        "docs/design/page.md:4: room has the retired word room; say scratch",
    ]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        swiftcode.write_sources(root, sources)
        swiftcode.compare("words.py", list(violations(root)), expected)


if __name__ == "__main__":
    swiftcode.run("words.py", violations, self_test)
