#!/usr/bin/env python3
"""Makes Tests/Fixtures/checkpoint: small model files by the reference writers, and what they hold.

Needs torch, safetensors and transformers from PyPI:

    python scripts/make-checkpoint-fixtures.py

`types/` has a tensor of every type torch can save, by safetensors; `sharded/` is a tiny random GPT-2 saved by
transformers in several files. `expected.json` lists, for both, each tensor's type, shape and SHA-256 of its bytes as
safetensors' own reader gives them, and the digest over all tensors in the order and form that Checkpoint documents.
"""

import hashlib
import json
import pathlib
import shutil
import struct

import safetensors.torch
import torch
import transformers

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "checkpoint"
TYPES = {
    "bool": torch.bool, "u8": torch.uint8, "i8": torch.int8, "f8_e4m3": torch.float8_e4m3fn,
    "f8_e5m2": torch.float8_e5m2, "f8_e4m3fnuz": torch.float8_e4m3fnuz, "f8_e5m2fnuz": torch.float8_e5m2fnuz,
    "i16": torch.int16, "u16": torch.uint16, "f16": torch.float16, "bf16": torch.bfloat16, "i32": torch.int32,
    "u32": torch.uint32, "f32": torch.float32, "c64": torch.complex64, "f64": torch.float64, "i64": torch.int64,
    "u64": torch.uint64,
}


def make_types(folder):
    values = torch.arange(15).reshape(3, 5) - 7
    tensors = {f"type.{name}": (values.abs() if name[0] == "u" else values).to(type) for name, type in TYPES.items()}
    tensors["scalar"] = torch.tensor(0.1)
    tensors["empty"] = torch.empty(0, 4, dtype=torch.float16)
    tensors["deep"] = torch.ones(1, 2, 1, 2, 1, 1, 1, 2)
    tensors["name with \"quotes\", ä, 語 and \\"] = torch.tensor([1.5, -2.5], dtype=torch.bfloat16)
    safetensors.torch.save_file(tensors, folder / "model.safetensors", metadata={"made by": "safetensors"})


def make_sharded(folder):
    torch.manual_seed(1)
    config = transformers.GPT2Config(n_embd=8, n_layer=2, n_head=2, n_positions=8, vocab_size=32)
    transformers.GPT2LMHeadModel(config).to(torch.bfloat16).save_pretrained(folder, max_shard_size="2KB")
    for other in ("config.json", "generation_config.json"):
        (folder / other).unlink()


def field(text):
    return struct.pack("<Q", len(text)) + text


def describe(folder):
    tensors, records = {}, {}
    for file in sorted(folder.glob("*.safetensors")):
        for name, entry in safetensors.deserialize(file.read_bytes()):
            data = bytes(entry["data"])
            tensors[name] = {
                "dtype": entry["dtype"], "shape": entry["shape"], "file": file.name,
                "sha256": hashlib.sha256(data).hexdigest(),
            }
            plain = name.removeprefix("transformer.").encode()
            shape = struct.pack(f"<{1 + len(entry['shape'])}Q", len(entry["shape"]), *entry["shape"])
            records[plain] = field(plain) + field(entry["dtype"].encode()) + shape + data
    whole = b"".join(records[name] for name in sorted(records))
    return {"tensors": dict(sorted(tensors.items())), "digest": hashlib.sha256(whole).hexdigest()}


def main():
    expected = {}
    for name, make in (("types", make_types), ("sharded", make_sharded)):
        folder = FOLDER / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make(folder)
        expected[name] = describe(folder)
    for file in FOLDER.rglob("*.safetensors"):
        file.chmod(0o644)
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


main()
