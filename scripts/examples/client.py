#!/usr/bin/env python3
"""Streams a continuation from a coordinator; docs/PROTOCOL.md explains the exchange.

    pip install pyzmq protobuf; apt-get install protobuf-compiler
    scripts/examples/client.py "Once upon a time" --max-tokens 40 --temperature 0.8 --seed 7
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

import zmq

parser = argparse.ArgumentParser(description="Stream a continuation of a prompt.")
parser.add_argument("prompt")
parser.add_argument("--coordinator", default="tcp://127.0.0.1:5571")
parser.add_argument("--max-tokens", type=int, default=128)
parser.add_argument("--temperature", type=float, help="default: the model's own, else 1")
parser.add_argument("--special-tokens", action="store_true", help="their spellings in the prompt mean the tokens")
parser.add_argument("--seed", type=int)
parser.add_argument("--proto", default=pathlib.Path(__file__).resolve().parents[2] / "proto", help="folder of *.proto")
options = parser.parse_args()

with tempfile.TemporaryDirectory() as generated:
    sources = map(str, pathlib.Path(options.proto).glob("*.proto"))
    subprocess.run(["protoc", f"--proto_path={options.proto}", f"--python_out={generated}", *sources], check=True)
    sys.path.insert(0, generated)
    import client_pb2
    from message_pb2 import Message

socket = zmq.Context().socket(zmq.DEALER)
socket.linger = 200
socket.connect(options.coordinator)


def send(**body):
    socket.send(Message(protocol=1, incarnation=0, epoch=0, **body).SerializeToString())


generate = client_pb2.Generate(request_id=1, maximum_tokens=options.max_tokens, credit=16)
generate.prompt.text = options.prompt.encode()
generate.prompt.special_tokens = options.special_tokens
if options.temperature is not None:
    generate.parameters.temperature = options.temperature
if options.seed is not None:
    generate.parameters.seed = options.seed
send(generate=generate)
last_heard, next_beat = time.monotonic(), time.monotonic() + 1
while True:
    if time.monotonic() > next_beat:
        send(heartbeat={})
        next_beat = time.monotonic() + 1
    if time.monotonic() - last_heard > 5:
        sys.exit(f"client.py: nothing heard from {options.coordinator} for 5 s")
    if not socket.poll(200):
        continue
    message = Message.FromString(socket.recv_multipart()[0])
    last_heard = time.monotonic()
    if message.HasField("accepted"):
        for warning in message.accepted.warnings:
            print(f"client.py: {warning}", file=sys.stderr)
    elif message.HasField("piece"):
        sys.stdout.buffer.write(message.piece.text)
        sys.stdout.flush()
        send(credit={"request_id": 1, "pieces": 1})
    elif message.HasField("done"):
        reason = client_pb2.FinishReason.Name(message.done.reason).lower()
        print(f"\n{reason}: {message.done.generated_tokens} tokens, seed {message.done.seed}", file=sys.stderr)
        sys.exit(0)
    elif message.HasField("failure"):
        sys.exit(f"client.py: {message.failure.message}")
