#!/usr/bin/env python3
"""Measures llama.cpp: tokens a second of one prompt, and of several sequences that are continued together.

usage: llama_run.py MODEL.gguf PROMPT STEPS SEQUENCES...     prints one JSON object

Run by llama-cpp.py, in its environment with llama-cpp-python. Threads: the cores this process may use.
"""
import json
import os
import sys
import time

import llama_cpp as llama


def fill(batch, rows):
    """Rows of (token, position, sequence, whether its logits are wanted)."""
    batch.n_tokens = len(rows)
    for index, (token, position, sequence, logits) in enumerate(rows):
        batch.token[index] = token
        batch.pos[index] = position
        batch.n_seq_id[index] = 1
        batch.seq_id[index][0] = sequence
        batch.logits[index] = logits


class Run:
    def __init__(self, path, prompt, steps, sequences):
        llama.llama_log_set(SILENT, None)
        self.model = llama.llama_model_load_from_file(path.encode(), llama.llama_model_default_params())
        settings = llama.llama_context_default_params()
        settings.n_ctx = sequences * (prompt + steps + 32)
        settings.n_batch = settings.n_ubatch = 512
        settings.n_seq_max = sequences
        settings.n_threads = settings.n_threads_batch = len(os.sched_getaffinity(0))
        self.context = llama.llama_init_from_model(self.model, settings)
        if not self.context:
            sys.exit(f"llama_run.py: {path}: llama.cpp does not load it")
        self.batch = llama.llama_batch_init(512, 0, 1)
        self.prompt, self.steps, self.sequences = prompt, steps, sequences

    def decode(self, rows):
        fill(self.batch, rows)
        if llama.llama_decode(self.context, self.batch):
            sys.exit("llama_run.py: llama.cpp could not compute a batch")

    def prefill(self, sequence):
        """Seconds for a prompt of made-up tokens."""
        start = time.perf_counter()
        tokens = [(7919 * (index + 1) + sequence) % 50_000 for index in range(self.prompt)]
        for first in range(0, self.prompt, 512):
            part = range(first, min(first + 512, self.prompt))
            self.decode([(tokens[index], index, sequence, index == self.prompt - 1) for index in part])
        llama.llama_get_logits(self.context)
        return time.perf_counter() - start

    def measure(self):
        """Tokens a second of the first prompt, and of all sequences' steps."""
        self.decode([(0, 0, 0, True)])
        llama.llama_memory_clear(llama.llama_get_memory(self.context), True)
        prefill = [self.prefill(sequence) for sequence in range(self.sequences)]
        start = time.perf_counter()
        for step in range(self.steps):
            position = self.prompt + step
            self.decode([(position * 31 % 50_000, position, sequence, True) for sequence in range(self.sequences)])
            llama.llama_get_logits(self.context)
        seconds = time.perf_counter() - start
        return self.prompt / min(prefill), self.sequences * self.steps / seconds


@llama.llama_log_callback
def SILENT(_level, _text, _data):
    pass


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    path, prompt, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    results = []
    for sequences in map(int, sys.argv[4:]):
        prefill, decode = Run(path, prompt, steps, sequences).measure()
        results.append({"sequences": sequences, "prefill": prefill, "decode": decode})
    print(json.dumps({"version": llama.__version__, "results": results}))


if __name__ == "__main__":
    main()
