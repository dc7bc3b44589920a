"""The shapes of shapes.def, and model directories of them in MLX's format with random weights."""

import ast
import dataclasses
import json
import os
import pathlib
import random
import re
import shutil
import struct

HERE = pathlib.Path(__file__).resolve().parent
POOL = 1 << 24  # bytes of random words that the matrices are cut from


@dataclasses.dataclass(frozen=True)
class Shape:
    name: str
    architecture: str
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocab: int
    tied: bool
    rope_base: int


def read_shapes():
    text = (HERE / "shapes.def").read_text(encoding="utf-8")
    lines = re.findall(r"^SHAPE(\(.*\))$", text, re.MULTILINE)
    shapes = (Shape(*ast.literal_eval(re.sub(r"\b(true|false)\b", lambda m: m[0].title(), line))) for line in lines)
    return {shape.name: shape for shape in shapes}


def matrices(shape):
    """Name, rows and columns of each matrix."""
    q, kv = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    yield "model.embed_tokens", shape.vocab, shape.hidden
    if not shape.tied:
        yield "lm_head", shape.vocab, shape.hidden
    for i in range(shape.layers):
        layer = f"model.layers.{i}."
        yield layer + "self_attn.q_proj", q, shape.hidden
        yield layer + "self_attn.k_proj", kv, shape.hidden
        yield layer + "self_attn.v_proj", kv, shape.hidden
        yield layer + "self_attn.o_proj", shape.hidden, q
        yield layer + "mlp.gate_proj", shape.intermediate, shape.hidden
        yield layer + "mlp.up_proj", shape.intermediate, shape.hidden
        yield layer + "mlp.down_proj", shape.hidden, shape.intermediate


def vectors(shape):
    """Name, size and value of each vector."""
    yield "model.norm.weight", shape.hidden, 1.0
    for i in range(shape.layers):
        layer = f"model.layers.{i}."
        yield layer + "input_layernorm.weight", shape.hidden, 1.0
        yield layer + "post_attention_layernorm.weight", shape.hidden, 1.0
        if shape.architecture == "qwen2":
            for part, heads in (("q", shape.heads), ("k", shape.kv_heads), ("v", shape.kv_heads)):
                yield layer + f"self_attn.{part}_proj.bias", heads * shape.head_dim, 0.0


def weight_bytes(shape, bits, group):
    """Bytes of the matrices that one token reads: all layers and the head."""
    return sum(
        rows * (columns * bits // 8 + columns // group * 4)
        for name, rows, columns in matrices(shape)
        if shape.tied or name != "model.embed_tokens"
    )


def bf16(value):
    return struct.pack("<f", value)[2:]


def config(shape, bits, group):
    return {
        "model_type": shape.architecture,
        "architectures": ["Qwen2ForCausalLM" if shape.architecture == "qwen2" else "LlamaForCausalLM"],
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head_dim,
        "intermediate_size": shape.intermediate,
        "vocab_size": shape.vocab,
        "max_position_embeddings": 131072,
        "rms_norm_eps": 1e-5,
        "rope_theta": shape.rope_base,
        "tie_word_embeddings": shape.tied,
        "quantization": {"group_size": group, "bits": bits},
    }


def tensors(shape, bits, group):
    """Name, type, dimensions and the kind of bytes of each tensor: a pattern to repeat, or None for random words."""
    for name, rows, columns in matrices(shape):
        scale = 2 / (2**bits - 1) / (columns / 3) ** 0.5
        yield name + ".weight", "U32", [rows, columns * bits // 32], None
        yield name + ".scales", "BF16", [rows, columns // group], bf16(scale)
        yield name + ".biases", "BF16", [rows, columns // group], bf16(-scale * (2**bits - 1) / 2)
    for name, size, value in vectors(shape):
        yield name, "BF16", [size], bf16(value)


def write_model(folder, shape, bits, group):
    """Writes config.json and model.safetensors unless they are there; affine weights, scales in bfloat16."""
    folder = pathlib.Path(folder)
    target = folder / "model.safetensors"
    if target.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    header, size, parts = {}, 0, []
    for name, kind, dimensions, pattern in tensors(shape, bits, group):
        count = (4 if kind == "U32" else 2) * dimensions[0] * (dimensions[1] if len(dimensions) > 1 else 1)
        header[name] = {"dtype": kind, "shape": dimensions, "data_offsets": [size, size + count]}
        parts.append((count, pattern))
        size += count
    free = shutil.disk_usage(folder).free
    if free < size:
        raise OSError(f"{folder} has room for {free >> 20} MiB, the model needs {size >> 20} MiB; name another with --dir")
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    pool = os.urandom(POOL)
    part = target.with_suffix(".part")
    with open(part, "wb") as out:
        out.write(struct.pack("<Q", len(head)) + head)
        for count, pattern in parts:
            if pattern:
                out.write(pattern * (count // len(pattern)))
            while not pattern and count > 0:
                start = random.randrange(POOL // 2)
                count -= out.write(pool[start : start + min(count, POOL // 2)])
        out.flush()
        os.fsync(out.fileno())
    (folder / "config.json").write_text(json.dumps(config(shape, bits, group), indent=2))
    part.rename(target)
    return folder
