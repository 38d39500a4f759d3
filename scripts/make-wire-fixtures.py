#!/usr/bin/env python3
"""Writes Tests/Fixtures/wire/*.bin with Google's own protobuf, from the messages in messages.json beside them.

messages.json maps a name to a paceline.Message in protobuf's JSON form (`bytes` in base64). The tests decode the files
and compare them with the same messages built in Swift. Needs protoc (apt-get install protobuf-compiler) and the Python
package protobuf.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent
fixtures = root / "Tests" / "Fixtures" / "wire"

with tempfile.TemporaryDirectory() as generated:
    sources = sorted(str(path) for path in (root / "proto").glob("*.proto"))
    subprocess.run(["protoc", f"--proto_path={root / 'proto'}", f"--python_out={generated}", *sources], check=True)
    sys.path.insert(0, generated)
    import message_pb2
    from google.protobuf import json_format

for stale in fixtures.glob("*.bin"):
    stale.unlink()
for name, fields in json.loads((fixtures / "messages.json").read_text()).items():
    message = json_format.ParseDict(fields, message_pb2.Message())
    (fixtures / f"{name}.bin").write_bytes(message.SerializeToString(deterministic=True))
