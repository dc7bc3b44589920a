"""Golden cases of the fused ops: norms, rotary embedding, attention."""

import math

import mlx.core as mx
import numpy as np

from ops_case import Family, integers, normal

FLOATS = (mx.float32, mx.float16, mx.bfloat16)
NEAR = {mx.float32: (1e-5, 1e-5), mx.float16: (1.05e-3, 5e-4), mx.bfloat16: (8.2e-3, 1e-3)}


def fast():
    family = Family("fast")
    for dtype in FLOATS:
        for k, shape in enumerate(((2, 7), (1, 64), (2, 1, 100), (5, 1), (1, 1030), (33,), (0, 8))):
            if k == 4 and dtype != mx.float32:
                continue
            x = normal(k, *shape, dtype=dtype, scale=2.0)
            weight = normal(k + 10, shape[-1], dtype=dtype)
            bias = normal(k + 20, shape[-1], dtype=dtype)
            for eps in (1e-5, 1e-2) if k == 0 else (1e-6,):
                for w in (weight, None):
                    family.add(
                        "rms_norm",
                        [x, w],
                        {"eps": eps},
                        call=_rms(eps),
                        wide=True,
                        tolerance=NEAR[dtype],
                    )
                for w, b in ((weight, bias), (weight, None), (None, None)):
                    family.add(
                        "layer_norm",
                        [x, w, b],
                        {"eps": eps},
                        call=_layer(eps),
                        wide=True,
                        tolerance=NEAR[dtype],
                    )
    zeros = mx.zeros((2, 5))
    family.add(
        "rms_norm", [zeros, None], {"eps": 1e-5}, call=_rms(1e-5), tolerance=NEAR[mx.float32]
    )
    family.throws("rms_norm", [mx.zeros((2, 5)), mx.zeros((4,))], {"eps": 1e-5}, call=_rms(1e-5))
    family.throws(
        "layer_norm",
        [mx.zeros((2, 5)), mx.zeros((5,)), mx.zeros((4,))],
        {"eps": 1e-5},
        call=_layer(1e-5),
    )
    _ropes(family)
    return family


def _rms(eps):
    return lambda x, w: mx.fast.rms_norm(x, w, eps)


def _layer(eps):
    return lambda x, w, b: mx.fast.layer_norm(x, w, b, eps)


def _rope(family, x, dims, traditional, base, scale, offset, freqs=None):
    """inputs: x, the offset (int32, a scalar or one for each batch), freqs or null."""
    args = {"dims": dims, "traditional": traditional, "base": base, "scale": scale}
    family.add(
        "rope",
        [x, offset, freqs],
        args,
        call=lambda a, o, f: mx.fast.rope(a, **args, offset=o if o.ndim else o.item(), freqs=f),
        wide=True,
        tolerance=NEAR[x.dtype],
    )


def _ropes(family):
    zero, seven = mx.array(0), mx.array(7)
    for dtype in FLOATS:
        x = normal(1, 2, 2, 3, 16, dtype=dtype)
        for traditional in (False, True):
            for dims, base, scale, offset in (
                (16, 10000.0, 1.0, zero),
                (16, 500000.0, 1.0, seven),
                (8, 10000.0, 0.5, seven),
                (16, 10000.0, 1.0, mx.array([3, 11])),
                (12, 1e6, 0.25, mx.array([0, 250])),
            ):
                _rope(family, x, dims, traditional, base, scale, offset)
            freqs = mx.array((10000.0 ** (np.arange(8) / 8) * 1.5).astype(np.float32))
            _rope(family, x, 16, traditional, None, 1.0, seven, freqs)
            _rope(family, x, 8, traditional, None, 2.0, mx.array([1, 2]), freqs[::2])
    x = normal(2, 1, 2, 1, 64)
    _rope(family, x, 64, False, 10000.0, 1.0, mx.array(100))
    _rope(family, normal(3, 3, 4, 8), 8, False, 10000.0, 1.0, seven)
    _rope(family, normal(3, 4, 1, 1, 8), 8, True, 10000.0, 1.0, mx.array([0, 5, 9, 100]))
    unlimited = mx.array([1.0, 10.0, math.inf, math.inf])
    _rope(family, normal(4, 1, 2, 3, 8), 8, False, None, 1.0, seven, unlimited)
    family.throws(
        "rope",
        [x, zero, mx.ones((3,))],
        {"dims": 64, "traditional": False, "base": None, "scale": 1.0},
        call=lambda a, o, f: mx.fast.rope(
            a, 64, traditional=False, base=None, scale=1.0, offset=0, freqs=f
        ),
    )


def _attend(family, q, k, v, scale, mask=None, sinks=None):
    """inputs: q, k, v, the mask array or null, sinks or null; args: scale, mask ("", "causal",
    "array")."""
    kind = mask if isinstance(mask, str) else ("" if mask is None else "array")
    array = mask if kind == "array" else None

    def call(q, k, v, m, s):
        # An array mask has to have the type of the queries, or bool.
        m = m.astype(q.dtype) if m is not None and m.dtype != mx.bool_ else m
        return mx.fast.scaled_dot_product_attention(
            q, k, v, scale=scale, mask="causal" if kind == "causal" else m, sinks=s
        )

    args = {"scale": scale, "mask": kind}
    family.add(
        "scaled_dot_product_attention",
        [q, k, v, array, sinks],
        args,
        call=call,
        wide=True,
        tolerance=NEAR[q.dtype],
    )


def attention():
    family = Family("attention")
    for dtype in FLOATS:
        for heads, kv_heads, queries, keys, dim in (
            (4, 2, 4, 7, 16),
            (4, 1, 1, 9, 16),
            (3, 3, 6, 6, 8),
            (2, 2, 1, 1, 40),
            (6, 2, 1, 33, 24),
            (2, 1, 3, 40, 12),
        ):
            if dtype != mx.float32 and keys > 9:
                continue
            q = normal(1, 2, heads, queries, dim, dtype=dtype)
            k = normal(2, 2, kv_heads, keys, dim, dtype=dtype)
            v = normal(3, 2, kv_heads, keys, dim, dtype=dtype)
            scale = dim**-0.5
            _attend(family, q, k, v, scale)
            _attend(family, q, k, v, scale, "causal")
            allowed = integers(4, 0, 2, 2, 1, queries, keys, dtype=mx.bool_)
            allowed = allowed | (mx.arange(keys) == 0)
            _attend(family, q, k, v, scale, allowed)
            _attend(family, q, k, v, scale, allowed[0, 0])
            additive = mx.where(allowed, normal(5, heads, queries, keys), -math.inf).astype(dtype)
            _attend(family, q, k, v, scale, additive)
            sinks = normal(6, heads, dtype=dtype)
            _attend(family, q, k, v, 0.3, "causal", sinks)
            _attend(family, q, k, v, 0.3, allowed, sinks)
    q, k = normal(7, 1, 2, 3, 16), normal(8, 1, 2, 5, 16)
    _attend(family, q, k, normal(9, 1, 2, 5, 24), 0.25)  # values wider than keys
    _attend(family, q * 30, k * 30, k, 1.0)  # scores beyond exp's range
    attend = lambda a, b, c: mx.fast.scaled_dot_product_attention(a, b, c, scale=1.0)  # noqa: E731
    family.throws(
        "scaled_dot_product_attention", [q, k[..., :8], k], {"scale": 1.0, "mask": ""}, attend
    )
    three = normal(1, 1, 3, 5, 16)
    family.throws(
        "scaled_dot_product_attention", [q, three, three], {"scale": 1.0, "mask": ""}, attend
    )
    return family
