"""Reads Swift sources for the checks of this folder: code without comments and texts, identifiers, brackets."""
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

_OPENING = re.compile(r'//[^\n]*|/\*|(#*)("""|")')
_COMMENT_EDGE = re.compile(r"/\*|\*/")
IDENTIFIER = re.compile(r"(?<![\w@#\\])`?([A-Za-z_]\w*)`?")
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def swift_files(folder):
    """All Swift sources below a folder, also in folders that are linked into it."""
    for parent, _, names in sorted(os.walk(folder, followlinks=True)):
        for name in sorted(names):
            if name.endswith(".swift"):
                yield pathlib.Path(parent, name)


def targets(root):
    """Name and sources of each target: the folders of Sources/FLOOR/."""
    for folder in sorted(pathlib.Path(root).glob("Sources/*/*")):
        files = list(swift_files(folder))
        # KernelSources is no target; it is linked into three.
        if files and folder.name != "KernelSources":
            yield folder.name, files


def blank(text):
    """Spaces in place of a text; its line breaks stay."""
    return re.sub(r"[^\n]", " ", text)


def _end_of_comment(source, start):
    """The index after a block comment, which may contain others."""
    depth, place = 1, start + 2
    while depth > 0:
        edge = _COMMENT_EDGE.search(source, place)
        if not edge:
            return len(source)
        depth += 1 if edge[0] == "/*" else -1
        place = edge.end()
    return place


def _end_of_interpolation(source, start):
    """The index of the parenthesis that closes the interpolation whose code begins at `start`."""
    depth, place = 1, start
    while place < len(source):
        if opening := _OPENING.match(source, place):
            place = _end_of_opening(source, opening)
            continue
        depth += {"(": 1, ")": -1}.get(source[place], 0)
        if depth == 0:
            return place
        place += 1
    return place


def _text_pieces(source, opening):
    """The end of a string literal, and where the code of its interpolations lies."""
    hashes, quotes = opening[1], opening[2]
    edge = re.compile(rf'\\{hashes}\(|\\{hashes}[^(]|{quotes}{hashes}')
    place, code = opening.end(), []
    while found := edge.search(source, place):
        place = found.end()
        if found[0] == quotes + hashes:
            return place, code
        if found[0].endswith("("):
            end = _end_of_interpolation(source, place)
            code.append((place, end))
            place = end
    return len(source), code


def _end_of_opening(source, opening):
    """The index after the comment or string literal that begins with a match of _OPENING."""
    if opening[0].startswith("//"):
        return opening.end()
    if opening[0] == "/*":
        return _end_of_comment(source, opening.start())
    return _text_pieces(source, opening)[0]


def code(source):
    """The source with spaces in place of comments and texts; interpolated code stays. Lines and columns stay, too."""
    parts, place = [], 0
    while opening := _OPENING.search(source, place):
        parts.append(source[place : opening.start()])
        end = _end_of_opening(source, opening)
        if opening[2]:
            inner = opening.start()
            for first, last in _text_pieces(source, opening)[1]:
                parts += [blank(source[inner:first]), code(source[first:last])]
                inner = last
            parts.append(blank(source[inner:end]))
        else:
            parts.append(blank(source[opening.start() : end]))
        place = end
    parts.append(source[place:])
    return "".join(parts)


def end_of_brackets(text, start):
    """The index after the bracket that closes the one at `start`."""
    closing, place = [], start
    for place in range(start, len(text)):
        character = text[place]
        if character in _PAIRS:
            closing.append(_PAIRS[character])
        elif closing and character == closing[-1]:
            closing.pop()
            if not closing:
                return place + 1
    return len(text)


def top_level(text):
    """The text with spaces in place of all that stands between braces."""
    parts, place = [], 0
    while (opening := text.find("{", place)) >= 0:
        end = end_of_brackets(text, opening)
        parts += [text[place : opening + 1], blank(text[opening + 1 : end])]
        place = end
    parts.append(text[place:])
    return "".join(parts)


def compare(name, found, expected):
    """Ends the program where a check's self test found something else than it should."""
    for line in expected:
        if line not in found:
            raise SystemExit(f"{name} --self-test: not found: {line}")
    for line in found:
        if line not in expected:
            raise SystemExit(f"{name} --self-test: found for no reason: {line}")


def write_sources(root, sources):
    """Writes made-up sources, by path, for a self test."""
    for path, text in sources.items():
        root.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
        root.joinpath(path).write_text(text, encoding="utf-8")


def run(name, violations, self_test):
    """The command line of a check: prints one line for each violation, exit code 1 where there is one."""
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if sys.argv[1:]:
        sys.exit(f"usage: scripts/check/{name} [--self-test]")
    lines = list(violations(ROOT))
    for line in lines:
        print(line)
    sys.exit(1 if lines else 0)
