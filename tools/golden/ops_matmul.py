"""Golden cases of matrix products, dense and quantized."""

import mlx.core as mx
import numpy as np

from model_specs import BITS, GROUP_SIZES
from ops_case import Family, integers, normal

FLOATS = (mx.float32, mx.float16, mx.bfloat16)
# Sums of a few hundred products of size one, accumulated in float32 in any order.
SUMS = {mx.float32: (1e-5, 2e-5), mx.float16: (1.05e-3, 1e-3), mx.bfloat16: (8.2e-3, 1e-3)}

SHAPES = (
    ((3, 4), (4, 5)),
    ((5,), (5, 3)),
    ((3, 5), (5,)),
    ((6,), (6,)),
    ((2, 3, 4), (4, 5)),
    ((2, 1, 3, 4), (1, 3, 4, 2)),
    ((4,), (2, 4, 3)),
    ((2, 3, 4), (4,)),
    ((1, 1), (1, 1)),
    ((17, 33), (33, 19)),
    ((1, 130), (130, 7)),
    ((3, 0), (0, 2)),
    ((0, 3), (3, 2)),
)


def matmul():
    family = Family("matmul")
    for k, (a, b) in enumerate(SHAPES):
        for dtype in FLOATS:
            pair = [normal(2 * k, *a, dtype=dtype), normal(2 * k + 1, *b, dtype=dtype)]
            family.add("matmul", pair, wide=True, tolerance=SUMS[dtype])
    mixed = [normal(1, 3, 4, dtype=mx.float16), normal(2, 4, 2)]
    family.add("matmul", mixed, wide=True, tolerance=SUMS[mx.float32])
    family.throws("matmul", [mx.zeros((3, 4)), mx.zeros((5, 3))])
    family.throws("matmul", [mx.array(1.0), mx.zeros((1, 3))])
    for k, c in enumerate(((3, 5), (5,), (3, 1), ())):
        for dtype in FLOATS:
            inputs = [normal(k, *c, dtype=dtype), normal(20, 3, 4, dtype=dtype)]
            inputs.append(normal(21, 4, 5, dtype=dtype))
            for alpha, beta in ((1.0, 1.0), (0.5, -2.0)):
                args = {"alpha": alpha, "beta": beta}
                family.add("addmm", inputs, args, wide=True, tolerance=SUMS[dtype])
    for op, a, b in (("inner", (2, 4), (3, 4)), ("outer", (3,), (4,))):
        family.add(op, [normal(1, *a), normal(2, *b)], tolerance=SUMS[mx.float32])
    a, b = normal(3, 4, 2, 5), normal(4, 3, 5, 6)
    left, right = mx.array([[0, 3], [1, 1]]), mx.array([[2, 0], [1, 2]])
    for lhs, rhs in ((left, right), (left, None), (None, right), (None, mx.array([2, 0, 1, 1]))):
        lhs = lhs.astype(mx.uint32) if lhs is not None else None
        rhs = rhs.astype(mx.uint32) if rhs is not None else None
        if lhs is None and rhs is not None and rhs.ndim == 2:
            continue  # the default indices have a's batch shape, (4,), which must broadcast
        if lhs is not None and rhs is None:
            continue
        family.add(
            "gather_mm",
            [a, b, lhs, rhs],
            {"sorted_indices": False},
            call=lambda x, y, i, j: mx.gather_mm(x, y, lhs_indices=i, rhs_indices=j),
            tolerance=SUMS[mx.float32],
        )
    ordered = mx.array([0, 0, 1, 2], mx.uint32)
    family.add(
        "gather_mm",
        [a[:, :1], b, None, ordered],
        {"sorted_indices": True},
        call=lambda x, y, i, j: mx.gather_mm(x, y, rhs_indices=j, sorted_indices=True),
        tolerance=SUMS[mx.float32],
    )
    _hadamard(family)
    return family


def _hadamard(family):
    op = "hadamard_transform"
    for k, shape in enumerate(((2, 1), (3, 2), (2, 2, 8), (5, 12), (1, 20), (2, 28), (24,), (2, 64))):
        for dtype in FLOATS:
            x = normal(k, *shape, dtype=dtype)
            family.add(op, [x], wide=True, tolerance=SUMS[dtype])
    x = normal(9, 3, 56)
    family.add(op, [x], {"scale": 0.5}, tolerance=SUMS[mx.float32])
    family.add(op, [mx.array(2.0)], {"scale": 3.0})
    family.add(op, [integers(1, -9, 9, 2, 8)], tolerance=SUMS[mx.float32])
    family.add(op, [mx.array([True, False, True, True])], tolerance=SUMS[mx.float32])
    family.add(op, [mx.array([[7], [-3]])])  # length 1: not transformed, keeps its type
    for bad in (3, 6):  # of 108 = 12 * 9 MLX 0.32.4 writes beyond its buffer
        family.throws(op, [mx.zeros((2, bad))])
    family.throws(op, [mx.zeros((0, 4))])


def _weights(columns):
    """Seven rows whose groups are ordinary, all positive, all negative, constant, zero, tiny, with
    an outlier."""
    w = np.random.default_rng(5).standard_normal((7, columns)).astype(np.float32)
    w[1] = np.abs(w[1])
    w[2] = -np.abs(w[2])
    w[3] = 0.75
    w[4] = 0.0
    w[5] *= 1e-5
    w[6, 3] = 40.0
    return mx.array(w)


def _dequantized(packed, bits, group):
    w, scales, biases = packed
    wide = (scales.astype(mx.float32), biases.astype(mx.float32))
    return mx.dequantize(w, *wide, group_size=group, bits=bits)


def _product(family, x, packed, bits, group, transpose):
    """A quantized product, the reference being a dense product in float32."""
    weights = _dequantized(packed, bits, group)
    want = x.astype(mx.float32) @ (mx.swapaxes(weights, -1, -2) if transpose else weights)
    want = want.astype(x.dtype)
    args = {"transpose": transpose, "group_size": group, "bits": bits}
    got = mx.quantized_matmul(x, *packed, **args)
    assert got.dtype == want.dtype
    # MLX's CPU sums 16-bit products in 16 bits: only float32 is worth comparing.
    assert x.dtype != mx.float32 or mx.allclose(got, want, rtol=1e-4, atol=1e-3).item()
    family.row("quantized_matmul", [x, *packed], [want], args, SUMS[x.dtype])


def quantized():
    family = Family("quantized")
    for bits in BITS:
        for group in GROUP_SIZES:
            w = _weights(256 if group == 128 else 128)
            args = {"group_size": group, "bits": bits}
            packed = mx.quantize(w, **args)
            family.row("quantize", [w], packed, args)
            want = _dequantized(packed, bits, group)
            # scale * q rounded or not (a fused multiply-add does not): biases reach 40.
            family.row("dequantize", packed, [want], args, (1e-6, 4e-6))
            for rows in ((), (1,), (3,), (2, 3)):
                if rows in ((), (2, 3)) and group != 64:
                    continue
                _product(family, normal(len(rows), *rows, w.shape[-1]), packed, bits, group, True)
            for rows in (1, 2):
                _product(family, normal(rows, rows, 7), packed, bits, group, False)
    for dtype in FLOATS[1:]:
        for bits, group in ((2, 32), (3, 64), (4, 64), (5, 32), (6, 64), (8, 64)):
            args = {"group_size": group, "bits": bits}
            w = _weights(2 * max(group, 64))
            narrow = w.astype(dtype)
            packed = mx.quantize(narrow, **args)
            family.row("quantize", [narrow], packed, args)
            want = _dequantized(packed, bits, group).astype(dtype)
            family.row("dequantize", packed, [want], args, (SUMS[dtype][0], 1e-6))
            for rows in (1, 3):
                _product(
                    family, normal(rows, rows, w.shape[-1], dtype=dtype), packed, bits, group, True
                )
            _product(family, normal(1, 1, 7, dtype=dtype), packed, bits, group, False)
    w = _weights(128)
    # One set of weights for each of several left-hand matrices.
    stacked = mx.quantize(mx.stack([w, w[::-1]]), group_size=64, bits=4)
    _product(family, normal(8, 2, 3, 128), stacked, 4, 64, True)
    family.throws("quantize", [mx.zeros((2, 100))], {"group_size": 64, "bits": 4})
    family.throws("quantize", [mx.zeros((2, 128))], {"group_size": 64, "bits": 7})
    family.throws("quantize", [mx.zeros((2, 128))], {"group_size": 48, "bits": 4})
    family.throws("quantize", [mx.zeros((128,))], {"group_size": 64, "bits": 4})
    packed = mx.quantize(w, group_size=64, bits=4)
    args = {"transpose": True, "group_size": 64, "bits": 4}
    family.throws("quantized_matmul", [mx.zeros((2, 100)), *packed], args)
    _gather(family)
    return family


def _gather(family):
    w = mx.stack([_weights(128), _weights(128)[::-1], normal(3, 7, 128)])
    for bits, group in ((4, 64), (8, 32), (3, 32), (6, 128), (2, 64), (5, 64)):
        packed = mx.quantize(w, group_size=group, bits=bits)
        dense = _dequantized(packed, bits, group)
        for transpose, width in ((True, 128), (False, 7)):
            x = normal(1, 4, 2, width)
            left = mx.array([[0, 3], [1, 2], [0, 0]], mx.uint32)
            right = mx.array([[2, 0], [1, 2], [0, 1]], mx.uint32)
            args = {"transpose": transpose, "group_size": group, "bits": bits}
            matrices = dense[right]
            matrices = mx.swapaxes(matrices, -1, -2) if transpose else matrices
            want = x[left] @ matrices
            got = mx.gather_qmm(x, *packed, lhs_indices=left, rhs_indices=right, **args)
            assert mx.allclose(got, want, rtol=1e-4, atol=1e-3).item()
            inputs = [x, *packed, left, right]
            family.row("gather_qmm", inputs, [want], args, SUMS[mx.float32])
            # Without left indices, row i of the batch meets the matrix right[i].
            right = integers(2, 0, 3, 4).astype(mx.uint32)
            matrices = mx.swapaxes(dense[right], -1, -2) if transpose else dense[right]
            inputs = [x, *packed, None, right]
            family.row("gather_qmm", inputs, [x @ matrices], args, SUMS[mx.float32])
