"""Golden cases of the quantization modes without biases: mxfp4, mxfp8 and nvfp4.

What a code or a scale means is written out here; MLX must agree. In one thing the definition
decides alone: MLX's GPU kernels round halfway cases to even and keep the sign of zero in E2M1
codes, which its CPU does not."""

import mlx.core as mx
import numpy as np

from ops_case import Family, integers, normal
from ops_matmul import FLOATS, SUMS, _weights

MODES = {"mxfp4": (32, 4), "mxfp8": (32, 8), "nvfp4": (16, 4)}
E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6])


def _e4m3():
    """The values of codes 0 to 126; 127 is NaN."""
    exponent, mantissa = np.divmod(np.arange(127), 8)
    normal_ = (1 + mantissa / 8) * 2.0 ** (exponent - 7)
    return np.where(exponent == 0, mantissa / 8 * 2.0**-6, normal_)


E4M3 = _e4m3()


def _nearest(x, values):
    """Indices of the values nearest to |x|, of two equally near ones the even index."""
    size = np.minimum(np.abs(x), values[-1])
    above = np.clip(np.searchsorted(values, size), 1, len(values) - 1)
    low, high = size - values[above - 1], values[above] - size
    odd = (above - 1) % 2 == 1
    return np.where((low > high) | ((low == high) & odd), above, above - 1)


def _encode(w, mode):
    """(codes, scales) of a float64 matrix by the definition."""
    group, bits = MODES[mode]
    groups = w.reshape(*w.shape[:-1], -1, group)
    target = (np.abs(groups).max(-1).astype(np.float32) / np.float32(E2M1[-1] if bits == 4 else 448))
    if mode == "nvfp4":
        scales = _nearest(target, E4M3)
        step = E4M3[scales]
    else:  # the smallest power of two that is not below; 1 for a group of zeros
        exponent = np.ceil(np.log2(np.where(target == 0, 1, target).astype(np.float64)))
        exponent = np.clip(exponent, -127, 127)
        scales = exponent + 127
        step = 2.0**exponent
    ratio = groups / np.where(step == 0, np.inf, step)[..., None]
    codes = _nearest(ratio, E2M1 if bits == 4 else E4M3)
    sign = 8 if bits == 4 else 128
    codes = codes + sign * (ratio < 0 if bits == 4 else np.signbit(groups))
    return codes.reshape(w.shape).astype(np.uint8), scales.astype(np.uint8)


def _pack(codes, bits):
    if bits == 4:
        codes = codes[..., ::2] | codes[..., 1::2] << 4
    return mx.array(np.ascontiguousarray(codes)).view(mx.uint32)


def _quantized(w, mode):
    """[packed, scales] of an mlx matrix by the definition, checked against MLX."""
    _, bits = MODES[mode]
    wide = np.array(w.astype(mx.float32)).astype(np.float64)
    codes, scales = _encode(wide, mode)
    packed = [_pack(codes, bits), mx.array(scales)]
    theirs = mx.quantize(w.astype(mx.float32), mode=mode)
    assert mx.array_equal(theirs[1], packed[1]).item(), mode
    # Weights halfway between two codes aside, both are the same.
    off = [
        np.abs(np.array(mx.dequantize(*p, mode=mode, dtype=mx.float32)).astype(np.float64) - wide)
        for p in (packed, theirs)
    ]
    assert np.array_equal(*off), mode
    return packed


def _rows(columns, mode):
    """_weights and a row of halfway cases."""
    w = np.concatenate([np.array(_weights(columns)), np.zeros((1, columns), np.float32)])
    ties = (np.array(E2M1)[1:] + np.array(E2M1)[:-1]) / 2 if mode != "mxfp8" else [17, 19, 30, 2.0**-10]
    ties = np.concatenate([ties, -np.array(ties)])
    w[7, : len(ties)] = ties
    w[7, 15::16] = 6 if mode != "mxfp8" else 448
    return mx.array(w)


def _args(mode):
    group, bits = MODES[mode]
    return {"group_size": group, "bits": bits, "mode": mode}


def _product(family, x, packed, mode, transpose):
    """A product, the reference being a dense one in float32."""
    weights = mx.dequantize(*packed, mode=mode, dtype=mx.float32)
    want = x.astype(mx.float32) @ (mx.swapaxes(weights, -1, -2) if transpose else weights)
    want = want.astype(x.dtype)
    args = {"transpose": transpose, **_args(mode)}
    got = mx.quantized_matmul(x, *packed, **args)
    assert got.dtype == want.dtype
    # MLX's CPU sums 16-bit products in 16 bits: only float32 is worth comparing.
    assert x.dtype != mx.float32 or mx.allclose(got, want, rtol=1e-4, atol=1e-3).item()
    family.row("quantized_matmul", [x, *packed, None], [want], args, SUMS[x.dtype])


def _all_codes(family, mode):
    """Every code and every scale that has a number."""
    group, bits = MODES[mode]
    codes = np.arange(256 if bits == 8 else 16, dtype=np.uint8)
    codes = np.resize(codes, (2 if bits == 4 else 8, 32))
    e4m3_scales = mode == "nvfp4"
    one = 0x38 if e4m3_scales else 127
    packed = [_pack(codes, bits), mx.full((len(codes), 32 // group), one, mx.uint8)]
    want = mx.dequantize(*packed, mode=mode, dtype=mx.float32)
    table = E2M1 if bits == 4 else np.append(E4M3, np.nan)
    table = np.concatenate([table, -table])
    assert np.array_equal(np.array(want), table[codes], equal_nan=True)
    family.row("dequantize", [*packed, None], [want], {"dtype": "float32", **_args(mode)})
    # Scales from 2^120 on overflow in mxfp8's products.
    count = 256 if e4m3_scales else 255 if bits == 4 else 247
    scales = mx.arange(count).astype(mx.uint8).reshape(count, 1)
    ones = mx.full((count, group * bits // 32), 0x22222222 if bits == 4 else 0x38383838, mx.uint32)
    want = mx.dequantize(ones, scales, mode=mode, dtype=mx.float32)
    family.row("dequantize", [ones, scales, None], [want], {"dtype": "float32", **_args(mode)})


def quantized_floats():
    family = Family("quantized_floats")
    for mode in MODES:
        for dtype in FLOATS:
            w = _rows(96, mode).astype(dtype)
            packed = _quantized(w, mode)
            family.row("quantize", [w], packed, _args(mode))
            for name in ("bfloat16", "float16", "float32"):
                want = mx.dequantize(*packed, mode=mode, dtype=mx.float32)
                want = want.astype(getattr(mx, name))
                args = {"dtype": name, **_args(mode)}
                family.row("dequantize", [*packed, None], [want], args)
            args = _args(mode)
            want = mx.dequantize(*packed, mode=mode)
            assert want.dtype == mx.bfloat16
            family.row("dequantize", [*packed, None], [want], args)
            for rows in ((), (1,), (3,), (2, 3)):
                _product(family, normal(len(rows), *rows, 96, dtype=dtype), packed, mode, True)
            for rows in (1, 2):
                _product(family, normal(rows, rows, 8, dtype=dtype), packed, mode, False)
        w = _rows(64, mode)
        stacked = _quantized(mx.stack([w, w + 0.1]), mode)
        _product(family, normal(8, 2, 3, 64), stacked, mode, True)
        _all_codes(family, mode)
        _gather(family, mode)
    _global_scales(family)
    _refused(family)
    return family


def _global_scales(family):
    w = _weights(64)
    for value in (1.0, 3.5):
        scale = mx.array(value)
        packed = _quantized(w * np.float32(448 * 6 / value), "nvfp4")
        theirs = mx.quantize(w, mode="nvfp4", global_scale=scale)
        assert mx.array_equal(theirs[1], packed[1]).item()
        family.row("quantize", [w, scale], packed, _args("nvfp4"))
        want = mx.dequantize(*packed, mode="nvfp4", global_scale=scale)
        family.row("dequantize", [*packed, None, scale], [want], _args("nvfp4"), (1e-6, 0))


def _gather(family, mode):
    w = mx.stack([_weights(64), _weights(64)[::-1], normal(3, 7, 64)])
    packed = mx.quantize(w, mode=mode)
    dense = mx.dequantize(*packed, mode=mode, dtype=mx.float32)
    for transpose, width in ((True, 64), (False, 7)):
        x = normal(1, 4, 2, width)
        left = mx.array([[0, 3], [1, 2], [0, 0]], mx.uint32)
        right = mx.array([[2, 0], [1, 2], [0, 1]], mx.uint32)
        args = {"transpose": transpose, **_args(mode)}
        matrices = dense[right]
        matrices = mx.swapaxes(matrices, -1, -2) if transpose else matrices
        want = x[left] @ matrices
        got = mx.gather_qmm(x, *packed, lhs_indices=left, rhs_indices=right, **args)
        assert mx.allclose(got, want, rtol=1e-4, atol=1e-3).item()
        inputs = [x, *packed, None, left, right]
        family.row("gather_qmm", inputs, [want], args, SUMS[mx.float32])
        right = integers(2, 0, 3, 4).astype(mx.uint32)
        matrices = mx.swapaxes(dense[right], -1, -2) if transpose else dense[right]
        inputs = [x, *packed, None, None, right]
        family.row("gather_qmm", inputs, [x @ matrices], args, SUMS[mx.float32])


def _refused(family):
    w = mx.zeros((2, 64))
    for mode, (group, bits) in MODES.items():
        packed = mx.quantize(w, mode=mode)
        biases = mx.zeros(packed[1].shape)
        product = {"transpose": True, **_args(mode)}
        family.throws("quantize", [w], {"mode": mode, "group_size": 64, "bits": bits})
        family.throws("quantize", [w], {"mode": mode, "group_size": group, "bits": 6})
        family.throws("quantize", [mx.zeros((2, 40))], _args(mode))
        family.throws("dequantize", [*packed, biases], _args(mode))
        family.throws("dequantize", [packed[0], packed[1].astype(mx.float32)], _args(mode))
        family.throws("quantized_matmul", [w, *packed, biases], product)
        wrong = {**product, "group_size": 64}
        family.throws("quantized_matmul", [w, *packed], wrong)
        family.throws("quantized_matmul", [w.astype(mx.int32), *packed], product)
        if mode != "nvfp4":
            call = lambda x, s: mx.quantize(x, global_scale=s, **_args(mode))
            family.throws("quantize", [w, mx.array(2.0)], _args(mode), call=call)
    for mode in ("", "MXFP4", "nf4"):
        family.throws("quantize", [w], {"mode": mode, "group_size": 32, "bits": 4})
    call = lambda x, s: mx.quantize(x, mode="nvfp4", global_scale=s)
    for scale in (mx.array([1.0, 2.0]), mx.array(2)):
        family.throws("quantize", [w, scale], _args("nvfp4"), call=call)
