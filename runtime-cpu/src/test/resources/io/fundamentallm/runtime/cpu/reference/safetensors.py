"""Prints name, shape and the SHA-256 of the values of each tensor, as 32-bit floats."""

import hashlib
import json
import struct
import sys

import numpy

with open(sys.argv[1], "rb") as file:
    content = file.read()
(length,) = struct.unpack("<Q", content[:8])
header = json.loads(content[8 : 8 + length])
data = content[8 + length :]
for name, tensor in sorted(header.items()):
    if name == "__metadata__":
        continue
    assert tensor["dtype"] == "F32"
    begin, end = tensor["data_offsets"]
    values = numpy.frombuffer(data[begin:end], dtype="<f4").reshape(tensor["shape"])
    shape = "x".join(str(size) for size in values.shape)
    print(name, shape, hashlib.sha256(values.tobytes()).hexdigest())
