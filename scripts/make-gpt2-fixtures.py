#!/usr/bin/env python3
"""Makes Tests/Fixtures/gpt2: small GPT-2 models and what Hugging Face transformers computes from them.

    python scripts/make-gpt2-fixtures.py

needs torch, transformers and safetensors from PyPI; the committed files were made with torch 2.15.0, transformers
5.23.0 and safetensors 0.8.0 on an x86-64 CPU.

A random model is drawn from normal distributions much wider than a fresh model's (so that attention is far from uniform
and logits are spread), rounded to the type it is stored in, and computed from those rounded weights in f32 by
GPT2LMHeadModel with eager attention. A folder holds config.json and the weights, but for "demo", whose model is
cluster/demo, and

  reference.json  "prompt": token ids; "greedy": the 100 tokens (fewer where the context ends) that follow by argmax;
                  "positions": indices into prompt + greedy whose logits are given; "versions"
  logits.f32      those logits, little-endian f32, [positions, vocabulary]

Where the two greatest logits come closer than 5e-3 on the way, rounding could decide; then the next seed is taken, or
for "demo" the next piece of its held-out text.
"""

import json
import shutil
from pathlib import Path

import numpy
import safetensors
import safetensors.torch
import torch
import transformers

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "Tests" / "Fixtures" / "gpt2"
LEAST_GAP = 5e-3
TYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}

# What each model is there for shows in its name and options.
MODELS = {
    "one-head": dict(
        n_layer=1, n_embd=48, n_head=1, n_positions=33, vocab_size=257, n_inner=100, type="f32", prompt=5,
        legacy_context=True),
    "five-heads-erf": dict(
        n_layer=3, n_embd=80, n_head=5, n_positions=150, vocab_size=257, n_inner=150, type="f16", prompt=37,
        activation_function="gelu"),
    "thirteen-layers-sharded": dict(
        n_layer=13, n_embd=24, n_head=2, n_positions=128, vocab_size=300, type="bf16", prompt=17, shards=3),
    "untied-old-names": dict(
        n_layer=2, n_embd=40, n_head=4, n_positions=120, vocab_size=521, type="f32", prompt=20, untied=True,
        old_names=True),
    "wide-head-mixed-types": dict(
        n_layer=2, n_embd=68, n_head=1, n_positions=129, vocab_size=259, n_inner=33, type="mixed", prompt=29,
        activation_function="gelu", layer_norm_epsilon=1e-3),
}


def random_weights(model, generator):
    """Draws every parameter in place, wider than a fresh model's."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            values = torch.randn(parameter.shape, generator=generator)
            if ".ln_" in name or "ln_f" in name:
                values = 1 + 0.3 * values if name.endswith("weight") else 0.2 * values
            elif name.endswith("bias"):
                values = 0.2 * values
            elif "wpe" in name:
                pass  # As wide as can be, or the continuation soon repeats itself.
            elif "wte" in name or "lm_head" in name:
                values = 0.3 * values
            else:
                values = values * (2.5 / parameter.shape[0] ** 0.5)
            parameter.copy_(values)


def round_weights(model, kind):
    """Rounds every parameter to its stored type and returns the tensors to store, by transformers' names."""
    stored = {}
    with torch.no_grad():
        for index, (name, parameter) in enumerate(model.named_parameters()):
            kind_here = list(TYPES)[index % 3] if kind == "mixed" else kind
            stored[name] = parameter.detach().to(TYPES[kind_here]).contiguous()
            parameter.copy_(stored[name].float())
    return stored


def greedy(model, prompt, count):
    """Tokens by argmax, and the least distance between the two greatest logits on the way."""
    tokens, least = list(prompt), float("inf")
    with torch.no_grad():
        for _ in range(count):
            top = model(torch.tensor([tokens])).logits[0, -1].topk(2)
            least = min(least, float(top.values[0] - top.values[1]))
            tokens.append(int(top.indices[0]))
    return tokens[len(prompt):], least


def write_reference(folder, model, prompt, continuation, every):
    """Writes reference.json and logits.f32 for every so many positions and the last one."""
    tokens = prompt + continuation
    with torch.no_grad():
        logits = model(torch.tensor([tokens])).logits[0].numpy().astype("<f4")
    positions = sorted({*range(0, len(tokens), every), len(prompt) - 1, len(tokens) - 1})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "logits.f32").write_bytes(numpy.ascontiguousarray(logits[positions]).tobytes())
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    versions["safetensors"] = safetensors.__version__
    reference = {"prompt": prompt, "greedy": continuation, "positions": positions, "versions": versions}
    (folder / "reference.json").write_text(json.dumps(reference) + "\n")


def write_model(folder, config, stored, options):
    """Writes config.json and the weights in the way the options ask for."""
    fields = json.loads(config.to_json_string(use_diff=False))
    keep = ["activation_function", "model_type", "n_embd", "n_head", "n_inner", "n_layer", "n_positions", "vocab_size"]
    keep += ["layer_norm_epsilon", "scale_attn_weights", "eos_token_id", "tie_word_embeddings"]
    fields = {name: fields[name] for name in keep if name in fields}
    if options.get("legacy_context"):
        fields["n_ctx"] = fields.pop("n_positions")
    (folder / "config.json").write_text(json.dumps(fields, indent=2) + "\n")
    if options.get("old_names"):
        stored = {name.removeprefix("transformer."): tensor for name, tensor in stored.items()}
        size = config.n_positions
        for layer in range(config.n_layer):
            mask = torch.tril(torch.ones(size, size, dtype=torch.uint8)).view(1, 1, size, size)
            stored[f"h.{layer}.attn.bias"] = mask
            stored[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    shards = options.get("shards", 1)
    if shards == 1:
        safetensors.torch.save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
        return
    names = list(stored)
    places = {}
    for shard in range(shards):
        part = names[len(names) * shard // shards:len(names) * (shard + 1) // shards]
        file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        safetensors.torch.save_file({name: stored[name] for name in part}, folder / file, metadata={"format": "pt"})
        places.update({name: file for name in part})
    total = sum(tensor.numel() * tensor.element_size() for tensor in stored.values())
    index = {"metadata": {"total_size": total}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")


def make_random(name, options):
    names = ["n_layer", "n_embd", "n_head", "n_positions", "vocab_size", "n_inner", "activation_function"]
    shape = {key: options[key] for key in names + ["layer_norm_epsilon"] if key in options}
    config = transformers.GPT2Config(
        **shape, bos_token_id=0, eos_token_id=options["vocab_size"] - 1, attn_implementation="eager",
        tie_word_embeddings=not options.get("untied", False))
    for seed in range(1, 100):
        generator = torch.Generator().manual_seed(seed)
        model = transformers.GPT2LMHeadModel(config).eval().float()
        random_weights(model, generator)
        stored = round_weights(model, options["type"])
        prompt = torch.randint(0, config.vocab_size, (options["prompt"],), generator=generator).tolist()
        continuation, gap = greedy(model, prompt, min(100, config.n_positions - len(prompt)))
        if gap > LEAST_GAP:
            break
    folder = FIXTURES / name
    write_reference(folder, model, prompt, continuation, 5)
    write_model(folder, config, stored, options)
    print(f"{name}: seed {seed}, least gap {gap:.4f}, {len(set(continuation))} different tokens in {len(continuation)}")


def make_demo():
    directory = ROOT / "cluster" / "demo"
    model = transformers.GPT2LMHeadModel.from_pretrained(
        directory, dtype=torch.float32, attn_implementation="eager").eval()
    tokenizer = transformers.GPT2Tokenizer(str(directory / "vocab.json"), str(directory / "merges.txt"))
    text = (directory / "heldout.txt").read_text(encoding="utf-8")
    for start in range(10_000, 20_000, 100):
        prompt = tokenizer(text[start:start + 300])["input_ids"]
        continuation, gap = greedy(model, prompt, 100)
        if gap > LEAST_GAP:
            break
    write_reference(FIXTURES / "demo", model, prompt, continuation, 20)
    print(f"demo: text at {start}, {len(prompt)} tokens, least gap {gap:.4f}, {len(set(continuation))} different tokens in {len(continuation)}")


def main():
    shutil.rmtree(FIXTURES, ignore_errors=True)
    torch.set_num_threads(1)
    for name, options in MODELS.items():
        make_random(name, options)
    make_demo()


if __name__ == "__main__":
    main()
