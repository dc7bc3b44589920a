"""Files shared by the golden programs: a deterministic safetensors writer and a JSON writer.

The writer sorts tensors by name, pads the header to eight bytes and puts no date or random value
anywhere, so that running a program twice gives the same bytes.
"""

import json
import struct
from pathlib import Path

import mlx.core as mx
import numpy as np

_NAMES = {
    mx.bool_: "BOOL",
    mx.uint8: "U8",
    mx.int8: "I8",
    mx.uint16: "U16",
    mx.int16: "I16",
    mx.uint32: "U32",
    mx.int32: "I32",
    mx.uint64: "U64",
    mx.int64: "I64",
    mx.float16: "F16",
    mx.bfloat16: "BF16",
    mx.float32: "F32",
}

DTYPES = {
    "bool": mx.bool_,
    "uint8": mx.uint8,
    "int8": mx.int8,
    "uint16": mx.uint16,
    "int16": mx.int16,
    "uint32": mx.uint32,
    "int32": mx.int32,
    "uint64": mx.uint64,
    "int64": mx.int64,
    "float16": mx.float16,
    "bfloat16": mx.bfloat16,
    "float32": mx.float32,
}


def dtype_name(dtype):
    """The name ("float32") of an mlx dtype."""
    return next(name for name, value in DTYPES.items() if value == dtype)


def tensor_bytes(array):
    """The row-major little-endian bytes of an mlx array."""
    if array.size == 0:
        return b""
    array = mx.contiguous(array)
    if array.dtype == mx.bfloat16:
        array = array.view(mx.uint16) if array.ndim else array.reshape(1).view(mx.uint16)
    return np.array(array).tobytes()


def save_safetensors(path, tensors, metadata=None):
    """Writes a dict of mlx arrays as a safetensors file with a deterministic layout."""
    header = {"__metadata__": metadata} if metadata else {}
    blobs = []
    offset = 0
    for name in sorted(tensors):
        blob = tensor_bytes(tensors[name])
        header[name] = {
            "dtype": _NAMES[tensors[name].dtype],
            "shape": list(tensors[name].shape),
            "data_offsets": [offset, offset + len(blob)],
        }
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)))
        out.write(text)
        for blob in blobs:
            out.write(blob)


def save_json(path, value, rows_key=None):
    """Writes a JSON object, one line for each key, or for each element of value[rows_key]."""
    lines = []
    for key, item in value.items():
        text = json.dumps(item)
        if key == rows_key:
            text = "[\n" + ",\n".join("  " + json.dumps(row) for row in item) + "\n ]"
        lines.append(f' "{key}": {text}')
    Path(path).write_text("{\n" + ",\n".join(lines) + "\n}\n")
