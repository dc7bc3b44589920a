#!/usr/bin/env python3
"""Writes tests/golden/ops: inputs and reference outputs of array ops, one pair of files a family.

    python3 tools/golden/make_ops.py [--out tests/golden/ops] [--only FAMILY]...

README.md beside this file describes the form.
"""

import argparse
from pathlib import Path

import mlx.core as mx

import ops_elementwise
import ops_fast
import ops_matmul
import ops_quantized_floats
import ops_random
import ops_reduce
import ops_shape

ROOT = Path(__file__).resolve().parents[2]
FAMILIES = {
    "unary": ops_elementwise.unary,
    "binary": ops_elementwise.binary,
    "cast": ops_elementwise.cast,
    "reduce": ops_reduce.reduce,
    "scan": ops_reduce.scan,
    "sort": ops_reduce.sort,
    "index": ops_shape.index,
    "shape": ops_shape.shape,
    "create": ops_shape.create,
    "matmul": ops_matmul.matmul,
    "quantized": ops_matmul.quantized,
    "quantized_floats": ops_quantized_floats.quantized_floats,
    "fast": ops_fast.fast,
    "attention": ops_fast.attention,
    "random": ops_random.random,
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=ROOT / "tests/golden/ops")
    parser.add_argument("--only", action="append", choices=list(FAMILIES))
    args = parser.parse_args()
    mx.set_default_device(mx.cpu)
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.only or FAMILIES:
        family = FAMILIES[name]()
        family.save(args.out)
        size = sum((args.out / f"{name}{end}").stat().st_size for end in (".json", ".safetensors"))
        print(f"{name:10s} {len(family.rows):5d} cases {size / 1000:8.1f} kB")


if __name__ == "__main__":
    main()
