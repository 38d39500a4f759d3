#!/usr/bin/env python3
"""Writes Sources/Tokenizer/ScalarClassRanges.swift: which code points GPT-2's pre-tokenizer takes for letters, numbers
and white space.

Usage: scripts/make-scalar-classes.py    (needs tokenizers from PyPI; the committed file was made with 0.23.3)

The classes are not taken from a Unicode database but asked, one code point at a time, of the reference itself, Hugging
Face's byte-level pre-tokenizer. Version 0.23.3 answers as Unicode 16 does; the tables of Python, of the regex package
and of the Swift runtime follow other versions and would cut the letters of newer scripts in other places.
"""

import pathlib
import textwrap

import tokenizers
from tokenizers.pre_tokenizers import ByteLevel

OUTPUT = pathlib.Path(__file__).resolve().parent.parent / "Sources/Tokenizer/ScalarClassRanges.swift"

HEADER = '''\
// Made by scripts/make-scalar-classes.py with tokenizers {version}; do not edit.

/// The code points of each class as the reference pre-tokenizer sees them: hexadecimal, sorted, `first-last` or a
/// single one; whatever is in none of the lists belongs to ``ScalarClass/other``.
enum ScalarClassRanges {{
'''


def classify(pre_tokenizer, code_point):
    """A code point's class shows in what it can share a piece with."""
    for class_name, neighbour in (("letter", "a"), ("number", "1"), ("other", "!")):
        if len(pre_tokenizer.pre_tokenize_str(neighbour + chr(code_point))) == 1:
            return class_name
    return "whitespace"


def main():
    pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=True)
    ranges = {"letter": [], "number": [], "whitespace": []}
    for code_point in range(0x110000):
        if 0xD800 <= code_point < 0xE000:
            continue
        found = ranges.get(classify(pre_tokenizer, code_point))
        if found is None:
            continue
        if found and found[-1][1] == code_point - 1:
            found[-1][1] = code_point
        else:
            found.append([code_point, code_point])

    blocks = []
    for class_name, found in ranges.items():
        words = [f"{first:X}" if first == last else f"{first:X}-{last:X}" for first, last in found]
        lines = textwrap.wrap(" ".join(words), width=110, break_on_hyphens=False, break_long_words=False)
        body = " \\\n".join("        " + line for line in lines)
        blocks.append(f'    static let {class_name} = """\n{body}\n        """\n')
    OUTPUT.write_text(HEADER.format(version=tokenizers.__version__) + "\n".join(blocks) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
