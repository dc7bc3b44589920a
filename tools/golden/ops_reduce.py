"""Golden cases of reductions, softmax, scans and sorting."""

import math

import mlx.core as mx
import numpy as np

from ops_case import Family, integers, normal

FLOATS = (mx.float32, mx.float16, mx.bfloat16)
AXES = (None, 0, -1, 1, [0, 2], [-1, 0], [0, 1, 2])
LOOSE = {mx.float32: (1e-5, 1e-5), mx.float16: (1.1e-3, 1e-3), mx.bfloat16: (8.2e-3, 8e-3)}


def _tolerance(op, array):
    if op in ("max", "min", "all", "any", "argmax", "argmin"):
        return (0.0, 0.0)
    return LOOSE.get(array.dtype, (1e-6, 0.0) if op in ("mean", "var", "std") else (0.0, 0.0))


def reduce():
    family = Family("reduce")
    wide_ops = ("sum", "prod", "mean", "var", "std", "logsumexp")
    for op in ("sum", "mean", "prod", "max", "min", "all", "any", "var", "std", "logsumexp"):
        for dtype in FLOATS:
            x = normal(2, 3, 5, 4, dtype=dtype)
            x = mx.where(x > 0.3, x, mx.array(0, dtype)) if op in ("all", "any") else x
            for axis in AXES if dtype == mx.float32 else (None, -1, [0, 2]):
                for keepdims in (False, True) if axis in (None, -1) else (axis == 0,):
                    args = {"axis": axis, "keepdims": keepdims}
                    family.add(op, [x], args, wide=op in wide_ops, tolerance=_tolerance(op, x))
        for dtype in (mx.int32, mx.uint8, mx.bool_):
            if dtype == mx.bool_ and op in ("var", "std"):
                continue
            x = integers(4, 0, 3, 3, 5, dtype=dtype)
            for axis in (None, 1):
                args = {"axis": axis, "keepdims": False}
                loose = op in ("mean", "var", "std", "logsumexp")
                # Over several axes MLX subtracts the maximum in the integer type, which wraps.
                call = (lambda a: mx.logsumexp(a.astype(mx.float32), **args)) if op == "logsumexp" else None
                tolerance = (1e-6, 1e-6) if loose else (0.0, 0.0)
                family.add(op, [x], args, call=call, tolerance=tolerance)
        if op not in ("max", "min", "logsumexp"):
            loose = (1e-6, 1e-6)
            family.add(op, [mx.zeros((0, 3))], {"axis": 0, "keepdims": False}, tolerance=loose)
            family.add(
                op, [mx.zeros((2, 0, 3))], {"axis": [0, 2], "keepdims": True}, tolerance=loose
            )
        family.add(op, [mx.array(1.5)], {"axis": None, "keepdims": False}, tolerance=(1e-6, 0.0))
        family.throws(op, [mx.zeros((2, 3))], {"axis": 2})
    for op in ("max", "min", "logsumexp"):
        family.throws(op, [mx.zeros((0, 3))], {"axis": 0})
    for op in ("max", "min"):
        x = mx.array([[1.0, math.nan, 3.0], [math.inf, 2.0, -math.inf]])
        family.add(op, [x], {"axis": -1, "keepdims": False})
    for op in ("var", "std"):
        x = normal(3, 4, 6)
        args = {"axis": -1, "keepdims": False, "ddof": 1}
        family.add(op, [x], args, tolerance=(1e-5, 1e-6))
    x = mx.array([[-math.inf, -math.inf], [1.0, -math.inf], [1000.0, 1001.0]])
    family.add("logsumexp", [x], {"axis": -1, "keepdims": False}, tolerance=(1e-6, 1e-6))
    # Long rows, whose sums show how a program accumulates.
    for dtype in FLOATS:
        x = mx.abs(normal(5, 1, 2001, dtype=dtype))
        for op in ("sum", "mean"):
            args = {"axis": -1, "keepdims": False}
            family.add(op, [x], args, wide=True, tolerance=LOOSE[dtype])
    _argument_reductions(family)
    return family


def _argument_reductions(family):
    for op in ("argmax", "argmin"):
        for dtype in (*FLOATS, mx.int32, mx.uint8):
            x = integers(8, 0, 5, 4, 7, dtype=dtype)  # with ties: the first one counts
            for axis, keepdims in ((None, False), (0, False), (-1, True)):
                family.add(op, [x], {"axis": axis, "keepdims": keepdims})
        family.add(op, [normal(9, 3, 5, 2)], {"axis": 1, "keepdims": False})
        family.add(op, [normal(9, 1, 300)], {"axis": -1, "keepdims": False})
        family.throws(op, [mx.zeros((0, 3))], {"axis": 0})


def scan():
    family = Family("scan")
    for dtype in FLOATS:
        for shape, axes in (
            ((3, 5), (0, -1)),
            ((2, 33), (-1,)),
            ((7,), (0,)),
            ((2, 3, 4), ([0, 2],)),
        ):
            x = normal(1, *shape, dtype=dtype, scale=3.0)
            for axis in axes:
                for precise in (False, True):
                    args = {"axis": axis, "precise": precise}
                    family.add("softmax", [x], args, wide=True)
    x = mx.array([[-math.inf, 0.0, 1.0], [1e4, 1e4, -1e4]])
    family.add("softmax", [x], {"axis": -1, "precise": False}, tolerance=(2e-6, 1e-7))
    family.add(
        "softmax", [mx.array([[1, 2, 3]])], {"axis": -1, "precise": False}, tolerance=(2e-6, 0.0)
    )
    family.add("softmax", [mx.zeros((0, 3))], {"axis": -1, "precise": False})
    for op in ("cumsum", "cumprod", "cummax", "cummin", "logcumsumexp"):
        for dtype in (*FLOATS, mx.int32):
            if dtype == mx.int32 and op == "logcumsumexp":
                continue
            x = integers(3, 1, 4, 3, 6) if dtype == mx.int32 else normal(3, 3, 6, dtype=dtype)
            for axis, reverse, inclusive in (
                (None, False, True),
                (0, False, True),
                (-1, True, True),
                (-1, False, False),
                (1, True, False),
            ):
                args = {"axis": axis, "reverse": reverse, "inclusive": inclusive}
                wide = dtype != mx.int32 and op not in ("cummax", "cummin")
                family.add(op, [x], args, wide=wide, tolerance=LOOSE[dtype] if wide else None)
    family.add(
        "cumsum", [mx.array([True, True, False])], {"axis": 0, "reverse": False, "inclusive": True}
    )
    return family


def _unique(seed, *shape, dtype=mx.float32):
    values = np.random.default_rng(seed).permutation(int(np.prod(shape))) - 20
    return mx.array(values.reshape(shape)).astype(dtype)


def sort():
    family = Family("sort")
    for dtype in (*FLOATS, mx.int32, mx.uint8):
        x = integers(1, 0, 20, 3, 9, dtype=dtype)
        for axis in (None, 0, -1):
            family.add("sort", [x], {"axis": axis})
    x = mx.array([[3.0, math.nan, -math.inf, 1.0], [math.inf, 2.0, -0.5, math.nan]])
    family.add("sort", [x], {"axis": -1})
    for dtype in (mx.float32, mx.bfloat16, mx.int32):
        x = _unique(2, 4, 11, dtype=dtype)
        for axis in (None, 0, -1):
            family.add("argsort", [x], {"axis": axis})
    for dtype in (mx.float32, mx.int32):
        x = _unique(3, 3, 10, dtype=dtype)
        for axis, kth in ((-1, 4), (0, 1), (None, 7), (-1, -2)):
            args = {"axis": axis, "kth": kth}
            ordered = mx.sort(x, axis=axis)
            family.row("partition", [x], [ordered], args, compare="partition")
            family.row("argpartition", [x], [ordered], args, compare="argpartition")
        for axis, k in ((-1, 3), (0, 2), (None, 5), (-1, 10), (-1, 1)):
            args = {"axis": axis, "k": k}
            call = lambda a, k=k, axis=axis: mx.sort(
                mx.topk(a, k, axis=axis), axis=axis
            )  # noqa: E731
            family.add("topk", [x], args, call=call, compare="sorted")
    family.throws("topk", [x], {"axis": -1, "k": 11})
    x = mx.array([1.0, 2.0, 2.0, 5.0, 9.0])
    values = mx.array([0.0, 2.0, 9.0, 9.5])
    family.add(
        "searchsorted",
        [x, values],
        {"side": "left"},
        call=lambda a, v: mx.searchsorted(a, v, side="left"),
    )
    family.add(
        "searchsorted",
        [x, values],
        {"side": "right"},
        call=lambda a, v: mx.searchsorted(a, v, side="right"),
    )
    return family
