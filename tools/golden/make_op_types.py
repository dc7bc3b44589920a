#!/usr/bin/env python3
"""Writes tests/golden/op_types.json: the result type of each op for each operand type, as MLX has it.

    python3 tools/golden/make_op_types.py

A row is one letter per type of TYPES (for two operands: per pair, the second running faster), "-"
where MLX refuses. Operands are ones: integer division by zero stops the MLX process.
"""

import json
from pathlib import Path

import mlx.core as mx

ROOT = Path(__file__).resolve().parents[2]
TYPES = {
    "b": mx.bool_, "c": mx.uint8, "d": mx.uint16, "e": mx.uint32, "f": mx.uint64, "g": mx.int8,
    "h": mx.int16, "i": mx.int32, "j": mx.int64, "k": mx.float16, "l": mx.bfloat16,
    "m": mx.float32,
}  # fmt: skip
LETTERS = {dtype: letter for letter, dtype in TYPES.items()}

UNARY = """abs sign negative floor ceil round square sqrt rsqrt reciprocal exp expm1 log log2 log10
log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh degrees radians sigmoid
erf erfinv logical_not bitwise_invert isnan isinf isfinite isposinf isneginf nan_to_num sum prod max
min mean var std median all any logsumexp argmax argmin cumsum cumprod cummax cummin logcumsumexp
sort argsort hadamard_transform""".split()
BINARY = """add subtract multiply divide floor_divide remainder power maximum minimum arctan2
logaddexp equal not_equal less less_equal greater greater_equal logical_and logical_or bitwise_and
bitwise_or bitwise_xor left_shift right_shift isclose outer matmul inner""".split()


def letter(call):
    try:
        out = call()
        mx.eval(out)
    except Exception:  # ValueError, RuntimeError or TypeError, by op
        return "-"
    return LETTERS[out.dtype]


def main():
    mx.set_default_device(mx.cpu)
    ones = {name: mx.ones((2, 2), dtype) for name, dtype in TYPES.items()}
    unary = {op: "".join(letter(lambda: getattr(mx, op)(a)) for a in ones.values()) for op in UNARY}
    unary["softmax"] = "".join(letter(lambda: mx.softmax(a, axis=-1)) for a in ones.values())
    binary = {
        op: "".join(letter(lambda: getattr(mx, op)(a, b)) for a in ones.values() for b in ones.values())
        for op in BINARY
    }
    names = [str(dtype).removeprefix("mlx.core.") for dtype in TYPES.values()]
    document = {"types": dict(zip(TYPES, names)), "unary": unary, "binary": binary}
    path = ROOT / "tests/golden/op_types.json"
    path.write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
