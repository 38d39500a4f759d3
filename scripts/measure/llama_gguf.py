#!/usr/bin/env python3
"""Writes a GPT-2 in safetensors files, with its tokenizer, as GGUF files for llama.cpp.

usage: llama_gguf.py MODEL OUTPUT TYPE...     TYPE: F16, Q8_0, Q4_0; writes OUTPUT-TYPE.gguf

Run by llama-cpp.py, in its environment with numpy and gguf.
"""
import itertools
import json
import pathlib
import sys

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType, quants

NAMES = {
    "wte.weight": "token_embd.weight", "wpe.weight": "position_embd.weight",
    "ln_f.weight": "output_norm.weight", "ln_f.bias": "output_norm.bias",
}
LAYER_NAMES = {
    "ln_1": "attn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "ln_2": "ffn_norm",
    "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
}
FILE_TYPES = {
    "F16": LlamaFileType.MOSTLY_F16, "Q8_0": LlamaFileType.MOSTLY_Q8_0, "Q4_0": LlamaFileType.MOSTLY_Q4_0,
}


def tensors(path):
    """Name and values of each tensor, mapped."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    kinds = {"F16": np.float16, "F32": np.float32}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            kind = np.dtype(kinds[entry["dtype"]])
            count = (end - begin) // kind.itemsize
            values = np.memmap(path, kind, "r", 8 + size + begin, count)
            yield name.removeprefix("transformer."), values.reshape(entry["shape"])


def new_name(name):
    if name in NAMES:
        return NAMES[name]
    _, layer, rest = name.split(".", 2)
    part, kind = rest.rsplit(".", 1)
    return f"blk.{layer}.{LAYER_NAMES[part]}.{kind}"


def write_settings(writer, config, file_type):
    width = config["n_embd"]
    writer.add_block_count(config["n_layer"])
    writer.add_context_length(config["n_positions"])
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(config.get("n_inner") or 4 * width)
    writer.add_head_count(config["n_head"])
    writer.add_layer_norm_eps(config["layer_norm_epsilon"])
    writer.add_file_type(file_type)


def write_tokenizer(writer, model, config):
    ids = json.loads((model / "vocab.json").read_text())
    tokens = sorted(ids, key=ids.get)
    merges = [line for line in (model / "merges.txt").read_text().splitlines() if line and not line.startswith("#v")]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [TokenType.CONTROL if token == "<|endoftext|>" else TokenType.NORMAL for token in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_eos_token_id(config["eos_token_id"])


def write(model, config, path, kind):
    """Matrices in the type, as [out, in]; everything else and the positions in f32."""
    writer = GGUFWriter(path, "gpt2")
    write_settings(writer, config, FILE_TYPES[kind])
    write_tokenizer(writer, model, config)
    quantized = GGMLQuantizationType[kind]
    for name, values in itertools.chain.from_iterable(map(tensors, sorted(model.glob("*.safetensors")))):
        if values.ndim == 2 and name != "wpe.weight":
            matrix = values.T if name.startswith("h.") else values
            data = quants.quantize(np.ascontiguousarray(matrix, np.float32), quantized)
            writer.add_tensor(new_name(name), data, raw_dtype=quantized)
        else:
            writer.add_tensor(new_name(name), values.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    model = pathlib.Path(sys.argv[1])
    config = json.loads((model / "config.json").read_text())
    for kind in sys.argv[3:]:
        write(model, config, f"{sys.argv[2]}-{kind}.gguf", kind)


if __name__ == "__main__":
    main()
