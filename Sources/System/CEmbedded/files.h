// The embedded files: FILE(symbol, path below cluster/). Read by the assembler and by the compiler.
FILE(demo_config, "demo/config.json")
FILE(demo_generation_config, "demo/generation_config.json")
FILE(demo_merges, "demo/merges.txt")
FILE(demo_model, "demo/model.safetensors")
FILE(demo_vocab, "demo/vocab.json")
FILE(gpt2_merges, "gpt2-tokenizer/merges.txt")
FILE(gpt2_vocab, "gpt2-tokenizer/vocab.json")
