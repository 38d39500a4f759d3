#!/usr/bin/env python3
"""Writes the reference answers in Tests/Fixtures/tokenizer: more-cases.jsonl, decode-cases.jsonl, pieces.jsonl.

Usage: scripts/make-tokenizer-fixtures.py    (needs tokenizers from PyPI; the committed files were made with 0.23.3)

The reference is Hugging Face's tokenizers with the vocabularies in cluster/gpt2-tokenizer (GPT-2's own) and in
cluster/demo (the demo model's). The texts are random, from a fixed seed, and made of what a byte-level
tokenizer could get wrong.

- more-cases.jsonl: {"vocabulary": "gpt2" or "demo", "allowEndOfText": ..., "text": ..., "ids": [...]}
- decode-cases.jsonl: {"ids": [...], "text": ...}, GPT-2's vocabulary, most of them no valid UTF-8
- pieces.jsonl: {"text": ..., "lengths": [...]}, the lengths in bytes of the pieces a text is cut into before any merge
"""

import json
import pathlib
import random

from tokenizers import ByteLevelBPETokenizer
from tokenizers.pre_tokenizers import ByteLevel

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "Tests/Fixtures/tokenizer"
FOLDERS = {"gpt2": ROOT / "cluster/gpt2-tokenizer", "demo": ROOT / "cluster/demo"}
END_OF_TEXT = "<|endoftext|>"

POOLS = [
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "etaoin shrdlu ",
    "0123456789½²٣४１Ⅷ㉆",
    " ",
    " \t\n\r\v\f\x85\xa0\u1680\u2002\u2009\u2028\u2029\u202f\u3000",
    "\x00\x01\x1b\x1c\x1d\x1e\x1f\x7f\u180e\u200b\u200d\u2060\ufeff\ufffd\uffff",
    "'’\"!?.,;:-_()[]{}<>|/\\@#$%^&*+=~`—…«»",
    "àéîõüßçøåžłŁđĠĊġ",
    "e\u0301a\u0308n\u0303\u0327\u20dd",
    "我你的中文字漢字日本語ひらがなカタカナ한국어조선글",
    "абвгдежзДЖЗ αβγδΩ אבגד ابتثج हिन्दी ไทย አማርኛ ქართული",
    "😀😂👍🏽👩‍👩‍👧🇩🇪❤️🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "𝒜𝔅𐌰𐐷𠀀𱍐\U00010ffff",
]
SNIPPETS = [
    "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'LL", "'r", "'l", "'v", "''s", " 's", "’s",
    "the", " and", " of", "ing", "tion", "don't", "    ", "\n\n", "\r\n", " \n ", "3.14", "1,000", "2024-05-06",
    "http://example.org/?q=a&b=c", "<|endoftext|", "|>", "def f(x):\n    return x", "ﬁ", "İ", "ǆ", "ſ",
]


def random_text(generator):
    parts = []
    for _ in range(generator.randint(1, 14)):
        kind = generator.random()
        if kind < 0.3:
            parts.append(generator.choice(SNIPPETS))
        elif kind < 0.9:
            pool = generator.choice(POOLS)
            parts.append("".join(generator.choice(pool) for _ in range(generator.randint(1, 8))))
        else:
            parts.append(chr(random_code_point(generator)))
    return "".join(parts)


def random_code_point(generator):
    while True:
        code_point = generator.randrange(generator.choice([0x800, 0x3000, 0x10000, 0x20000, 0x110000]))
        if not 0xD800 <= code_point < 0xE000:
            return code_point


def long_words(generator):
    """Words of a hundred bytes and more, which are merged by another algorithm than short ones."""
    for length in (30, 47, 48, 49, 50, 64, 100, 257, 1000):
        yield "a" * length
        yield " " * length + "x"
        yield "=" * length
        yield "".join(generator.choice("etaoinshr") for _ in range(length))
        yield "".join(generator.choice("etaoinshrdluETAOINSHRDLU") for _ in range(length))
        yield "".join(generator.choice("中文字漢日本") for _ in range(length // 3))
    for _ in range(10):
        yield "".join(generator.choice(["ing", "tion", "the", "er", "un", "ly", "est", "qu", "z"]) for _ in range(60))


def class_boundaries(pre_tokenizer):
    """The code points on both sides of every place where letters, numbers, white space and the rest meet."""
    previous_class = None
    previous = None
    for code_point in range(0x110000):
        if 0xD800 <= code_point < 0xE000:
            continue
        code_point_class = tuple(len(pre_tokenizer.pre_tokenize_str(other + chr(code_point))) for other in "a1!")
        if code_point_class != previous_class:
            if previous is not None:
                yield previous
            yield code_point
        previous_class, previous = code_point_class, code_point
    yield previous


def write(name, cases):
    with open(FIXTURES / name, "w", encoding="ascii") as file:
        for case in cases:
            file.write(json.dumps(case) + "\n")


def main():
    generator = random.Random(20240506)
    plain, special = {}, {}
    for name, folder in FOLDERS.items():
        files = str(folder / "vocab.json"), str(folder / "merges.txt")
        plain[name] = ByteLevelBPETokenizer(*files)
        special[name] = ByteLevelBPETokenizer(*files)
        special[name].add_special_tokens([END_OF_TEXT])

    def case(vocabulary, text, allow=False):
        tokenizer = (special if allow else plain)[vocabulary]
        return {"vocabulary": vocabulary, "allowEndOfText": allow, "text": text, "ids": tokenizer.encode(text).ids}

    cases = [case("gpt2", random_text(generator)) for _ in range(400)]
    cases += [case("demo", random_text(generator)) for _ in range(150)]
    cases += [case(name, text) for name in FOLDERS for text in long_words(generator)]
    for _ in range(40):
        texts = [random_text(generator) for _ in range(generator.randint(1, 4))]
        text = generator.choice(["", END_OF_TEXT]) + END_OF_TEXT.join(texts) + generator.choice(["", END_OF_TEXT])
        cases += [case(name, text, allow) for name in FOLDERS for allow in (False, True)]
    write("more-cases.jsonl", cases)

    decode_cases = []
    for number in range(200):
        # Ids below 256 are single bytes; ids up to 700 are many of the short pieces of characters.
        bound = (256, 700, 50257)[number % 3]
        ids = [generator.randrange(bound) for _ in range(generator.randint(0, 30))]
        decode_cases.append({"ids": ids, "text": plain["gpt2"].decode(ids, skip_special_tokens=False)})
    write("decode-cases.jsonl", decode_cases)

    pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=True)
    texts = [random_text(generator) for _ in range(200)]
    boundaries = sorted(set(class_boundaries(pre_tokenizer)))
    for start in range(0, len(boundaries), 64):
        texts.append("".join(f"a{c}1{c}!{c}" for c in map(chr, boundaries[start:start + 64])))
    pieces = []
    for text in texts:
        # One character of a piece stands for one byte.
        lengths = [len(piece) for piece, _ in pre_tokenizer.pre_tokenize_str(text)]
        pieces.append({"text": text, "lengths": lengths})
    write("pieces.jsonl", pieces)


if __name__ == "__main__":
    main()
