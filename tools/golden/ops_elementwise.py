"""Golden cases of element-wise ops: unary, binary, casts."""

import math

import mlx.core as mx
import numpy as np

from ops_case import EXACT, TINY, UNIT, Family, integers, normal

FLOATS = (mx.float32, mx.float16, mx.bfloat16)
INTEGERS = (mx.int32, mx.uint8)
INF, NAN = math.inf, math.nan

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-4, 3.0, INF, -INF, NAN]
# Values inside the domain of each function, where the special ones do not do.
POSITIVE = [0.0, 1.0, 2.0, 0.25, 1e-3, 7.5, 100.0, 3.25, 10.0, 0.9, 1.1, INF, NAN, 5e2]
UNIT_INTERVAL = [0.0, 1.0, -1.0, 0.5, -0.5, 0.99, -0.99, 0.1, -0.1, 1e-3, 0.75, -0.3, NAN, 0.6]
MODERATE = [0.0, -0.0, 0.1, -0.1, 1.0, -1.0, 3.1, -3.1, 6.3, -12.5, 30.0, 1e-3, NAN, 2.0]


def _erfinv(values):
    import torch

    return torch.special.erfinv(torch.tensor(np.asarray(values))).numpy()


def _sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def _erf(x):
    return np.vectorize(math.erf, otypes=[np.float64])(x)


# name: (inputs, the function in float64). Rounding the true value is a better reference than any
# float32 approximation, MLX's included; make_ops.py checks that MLX agrees.
TRANSCENDENTAL = {
    "exp": (SPECIAL, np.exp),
    "expm1": (SPECIAL, np.expm1),
    "log": (POSITIVE, np.log),
    "log2": (POSITIVE, np.log2),
    "log10": (POSITIVE, np.log10),
    "log1p": (POSITIVE, np.log1p),
    "sin": (MODERATE, np.sin),
    "cos": (MODERATE, np.cos),
    "tan": (UNIT_INTERVAL, np.tan),
    "tanh": (SPECIAL, np.tanh),
    "sinh": (MODERATE, np.sinh),
    "cosh": (MODERATE, np.cosh),
    "arcsin": (UNIT_INTERVAL, np.arcsin),
    "arccos": (UNIT_INTERVAL, np.arccos),
    "arctan": (SPECIAL, np.arctan),
    "arcsinh": (MODERATE, np.arcsinh),
    "arccosh": ([1.0, 1.5, 2.0, 10.0, 100.0, 7.0, NAN], np.arccosh),
    "arctanh": ([0.0, 0.5, -0.5, 0.9, -0.9, 0.1, NAN], np.arctanh),
    "sigmoid": (SPECIAL, _sigmoid),
    "erf": (MODERATE, _erf),
    "erfinv": (UNIT_INTERVAL, _erfinv),
    "rsqrt": (POSITIVE[1:], lambda x: 1.0 / np.sqrt(x)),
}
EXACT_UNARY = ("abs", "negative", "sign", "floor", "ceil", "square", "sqrt", "reciprocal")
PREDICATES = ("isnan", "isinf", "isfinite", "isposinf", "isneginf", "logical_not")


def _array(values, dtype):
    return mx.array(np.array(values, np.float32)).astype(dtype)


def _float_input(values, dtype, seed):
    """The given values followed by random ones in their range, as 3 rows."""
    finite = [v for v in values if math.isfinite(v)]
    random = np.random.default_rng(seed).uniform(min(finite), max(finite), 28)
    data = (list(values) + list(random))[: 3 * 7 if len(values) <= 14 else 3 * 9]
    return _array(data, dtype).reshape(3, -1)


def _rounded(values, dtype):
    """float64 values rounded once to float32, and from there to the dtype."""
    with np.errstate(all="ignore"):
        return mx.array(np.asarray(values).astype(np.float32)).astype(dtype)


def unary():
    family = Family("unary")
    for seed, (op, (values, truth)) in enumerate(TRANSCENDENTAL.items()):
        for dtype in FLOATS:
            x = _float_input(values, dtype, seed)
            exact_input = np.array(x.astype(mx.float32)).astype(np.float64)
            with np.errstate(all="ignore"):
                want = _rounded(truth(exact_input), dtype)
            tolerance = (UNIT[dtype], TINY[dtype])
            got = getattr(mx, op)(x)
            close = mx.allclose(
                got.astype(mx.float32),
                want.astype(mx.float32),
                rtol=max(tolerance[0], 2e-5),
                atol=1e-5,
                equal_nan=True,
            )
            if not close.item():
                print(f"note: mlx's {op} {dtype} differs from the true values by more than 2e-5")
            family.row(op, [x], [want], None, tolerance)
        x = integers(seed, 0 if values is POSITIVE else -3, 4, 5)
        if op not in ("arccosh", "arctanh", "erfinv", "arcsin", "arccos", "log", "log2", "log10"):
            if op == "rsqrt":
                x = mx.abs(x) + 1
            family.add(op, [x], tolerance=(UNIT[mx.float32], TINY[mx.float32]))
        family.add(op, [mx.zeros((0, 3))])
    _exact_unary(family)
    return family


def _exact_unary(family):
    for op in EXACT_UNARY + PREDICATES:
        for dtype in FLOATS:
            values = POSITIVE if op in ("sqrt",) else SPECIAL
            x = _float_input(values, dtype, 99)
            family.add(op, [x], tolerance=EXACT)
        for dtype in (*INTEGERS, mx.bool_):
            x = integers(7, 0, 9, 2, 5, dtype=dtype)
            x = mx.where(x == 0, mx.array(1, dtype), x) if op == "reciprocal" else x
            if dtype == mx.int32 and op in ("abs", "negative", "sign", "square"):
                x = x - 4
            if dtype == mx.bool_ and op == "negative":
                family.throws(op, [x])
                continue
            family.add(op, [x])
        family.add(op, [mx.array(0.75)])
        family.add(op, [mx.zeros((2, 0))])
    for decimals in (0, 1, 2, -1):
        for dtype in FLOATS if decimals == 0 else (mx.float32,):
            x = _array([0.5, 1.5, 2.5, -0.5, -1.5, 12.345, -7.685, 1234.5, 0.0, 15.0], dtype)
            family.add("round", [x], {"decimals": decimals}, tolerance=(1e-6, 0.0))
    family.add("round", [integers(3, -50, 50, 6)], {"decimals": 0})
    for dtype in (mx.int32, mx.uint8, mx.uint32, mx.bool_):
        family.add("bitwise_invert", [integers(5, 0, 200, 7).astype(dtype)])
    family.throws("bitwise_invert", [mx.array([1.0])])
    x = _array([NAN, INF, -INF, 1.0], mx.float32)
    family.add("nan_to_num", [x], {"nan": 2.0, "posinf": 5.0, "neginf": -6.0})
    family.add("nan_to_num", [x.astype(mx.bfloat16)], {"nan": 0.0})
    x = normal(1, 3, 5)
    family.add("clip", [x, mx.array(-0.5), mx.array(0.5)])
    family.add("clip", [x, None, mx.array([0.0, 0.1, 0.2, 0.3, 0.4])])
    family.add("clip", [x.astype(mx.float16), mx.array(0.25, mx.float16), None])
    family.add("degrees", [x], tolerance=(1e-6, 0.0))
    family.add("radians", [x], tolerance=(1e-6, 0.0))


SHAPES = (((3, 5), (3, 5)), ((3, 1), (1, 4)), ((2, 1, 3), (4, 1)), ((), (5,)), ((0, 3), (1, 3)))
ARITHMETIC = ("add", "subtract", "multiply", "divide", "maximum", "minimum")
COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")


def _pair(dtype, shapes, seed):
    """Two inputs; integers stay small and the second one is never zero."""
    if dtype in FLOATS:
        a, b = (normal(seed + i, *s, dtype=dtype, scale=2.0) for i, s in enumerate(shapes))
        return a, b
    low = -6 if dtype == mx.int32 else 0
    a = integers(seed, low, 7, *shapes[0], dtype=dtype)
    b = integers(seed + 1, 1, 5, *shapes[1], dtype=dtype)
    return a, (-b if dtype == mx.int32 and seed % 2 else b)


def binary():
    family = Family("binary")
    for op in ARITHMETIC + COMPARISONS:
        for k, shapes in enumerate(SHAPES):
            for dtype in (*FLOATS, *INTEGERS, mx.bool_):
                if k > 1 and dtype not in (mx.float32, mx.bfloat16):
                    continue
                if dtype == mx.bool_ and op == "subtract":
                    continue
                family.add(op, _pair(dtype, shapes, 10 + k))
        special = _array(SPECIAL, mx.float32)
        family.add(op, [special[:, None], special[None]])
    for op in ("add", "multiply", "less", "maximum", "divide"):
        kinds = (mx.float32, mx.float16, mx.bfloat16, mx.int32, mx.uint8, mx.bool_, mx.int64)
        for i, first in enumerate(kinds):
            for second in kinds[i + 1 :]:
                a, b = integers(1, 1, 5, 4, dtype=first), integers(2, 1, 5, 4, dtype=second)
                family.add(op, [a, b])
    family.throws("add", [mx.zeros((3,)), mx.zeros((4,))])
    _rounding_binary(family)
    _integer_binary(family)
    return family


def _rounding_binary(family):
    for op in ("arctan2", "logaddexp", "power", "remainder", "floor_divide"):
        for k, shapes in enumerate(SHAPES):
            for dtype in FLOATS if k < 2 else (mx.float32,):
                a, b = _pair(dtype, shapes, 30 + k)
                a = mx.abs(a) if op == "power" else a
                exact = op == "floor_divide"
                family.add(op, [a, b], wide=not exact)
    a = _array([5.5, -5.5, 5.5, -5.5, 6.0, -6.0, 0.0, 7.25], mx.float32)
    b = _array([2.0, 2.0, -2.0, -2.0, 3.0, 3.0, 3.0, -0.5], mx.float32)
    for op in ("remainder", "floor_divide"):
        family.add(op, [a, b])
        family.add(op, [mx.array([7, -7, 7, -7, 6]), mx.array([3, 3, -3, -3, 2])])
        family.add(op, [mx.array([7, 255, 0], mx.uint8), mx.array([3, 2, 9], mx.uint8)])
    family.add(
        "logaddexp",
        [_array([-INF, -INF, 0.0], mx.float32), _array([-INF, 1.0, 0.0], mx.float32)],
        wide=True,
    )
    family.add(
        "power",
        [_array([2.0, -2.0, 0.0, 4.0], mx.float32), _array([3.0, 3.0, 0.0, -0.5], mx.float32)],
        wide=True,
    )
    family.add("power", [mx.array([2, -3, 5, 0]), mx.array([10, 3, 0, 4])])


def _integer_binary(family):
    for op in ("bitwise_and", "bitwise_or", "bitwise_xor"):
        for dtype in (mx.int32, mx.uint8, mx.bool_, mx.uint32):
            a, b = integers(1, 0, 120, 2, 3), integers(2, 0, 120, 1, 3)
            family.add(op, [a.astype(dtype), b.astype(dtype)])
        family.throws(op, [mx.array([1.0]), mx.array([1.0])])
    for op in ("left_shift", "right_shift"):
        for dtype in (mx.int32, mx.uint8, mx.uint32):
            a, b = integers(3, 0, 120, 6, dtype=dtype), integers(4, 0, 7, 6, dtype=dtype)
            family.add(op, [a, b])
    family.add("right_shift", [mx.array([-8, -1]), mx.array([1, 3])])
    for op in ("logical_and", "logical_or"):
        for dtype in (mx.bool_, mx.float32, mx.int32):
            family.add(
                op, [integers(5, 0, 2, 2, 3, dtype=dtype), integers(6, 0, 2, 3, dtype=dtype)]
            )


def cast():
    family = Family("cast")
    ties = [1.0 + 2**-8, 1.0 + 3 * 2**-8, 1.0 + 2**-11, 1.0 + 3 * 2**-11, 65519.0, 65520.0]
    small = [6e-8, 3e-8, 2.9e-8, 1e-40, 3.3895e38, -3.4e38, 0.1, -1.7, 2.5]
    x = _array(ties + small + [INF, -INF, NAN, 0.0, -0.0], mx.float32)
    for dtype in (mx.float16, mx.bfloat16, mx.bool_):
        family.add(
            "astype",
            [x],
            {"dtype": str(dtype).split(".")[-1].rstrip("_")},
            call=lambda a, d=dtype: a.astype(d),
        )
    ranged = _array([0.0, 0.9, 1.0, 1.5, 99.7, 127.0], mx.float32)
    names = (
        "float32",
        "float16",
        "bfloat16",
        "int8",
        "uint8",
        "int16",
        "uint16",
        "int32",
        "uint32",
        "int64",
        "uint64",
        "bool",
    )
    kinds = dict(
        zip(
            names,
            (
                mx.float32,
                mx.float16,
                mx.bfloat16,
                mx.int8,
                mx.uint8,
                mx.int16,
                mx.uint16,
                mx.int32,
                mx.uint32,
                mx.int64,
                mx.uint64,
                mx.bool_,
            ),
        )
    )
    for source in kinds.values():
        for name, target in kinds.items():
            family.add(
                "astype",
                [ranged.astype(source)],
                {"dtype": name},
                call=lambda a, d=target: a.astype(d),
            )
    wrap = mx.array([-1, -129, 255, 256, 70000, 2**31 - 1])
    for name in ("int8", "uint8", "int16", "uint16", "uint32", "float32", "float16"):
        family.add("astype", [wrap], {"dtype": name}, call=lambda a, d=kinds[name]: a.astype(d))
    family.add(
        "view", [_array(SPECIAL, mx.float32)], {"dtype": "uint32"}, call=lambda a: a.view(mx.uint32)
    )
    family.add(
        "view",
        [mx.arange(8, dtype=mx.uint8)],
        {"dtype": "uint16"},
        call=lambda a: a.view(mx.uint16),
    )
    return family
