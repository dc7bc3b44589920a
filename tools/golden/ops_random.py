"""Golden cases of random numbers with explicit keys.

mlx's Python module has no bits(): those cases come from a threefry-2x32 of numpy integers, which
this file checks against split() and uniform().
"""

import mlx.core as mx
import numpy as np

from golden_io import DTYPES
from ops_case import Family, normal

NORMAL = {"float32": (2e-5, 2e-5), "float16": (2e-3, 2e-3), "bfloat16": (1.6e-2, 8e-3)}
SEEDS = (0, 1, 42, 2**32 + 5, 2**64 - 1)
SHAPES = ([], [1], [4], [7], [2, 3], [5, 0], [3, 5, 7])
_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))


def _threefry(key, c0, c1):
    """The 20-round threefry-2x32 hash of pairs of 32-bit counters."""
    keys = [int(key[0]), int(key[1])]
    keys.append(keys[0] ^ keys[1] ^ 0x1BD11BDA)
    mask = np.uint64(0xFFFFFFFF)
    a = (c0.astype(np.uint64) + np.uint64(keys[0])) & mask
    b = (c1.astype(np.uint64) + np.uint64(keys[1])) & mask
    for group in range(5):
        for turn in _ROTATIONS[group % 2]:
            a = (a + b) & mask
            b = ((b << np.uint64(turn)) | (b >> np.uint64(32 - turn))) & mask
            b ^= a
        a = (a + np.uint64(keys[(group + 1) % 3])) & mask
        b = (b + np.uint64(keys[(group + 2) % 3] + group + 1)) & mask
    return a.astype(np.uint32), b.astype(np.uint32)


def random_bits(key, shape, width):
    """width bytes for each element: words i and i + ceil(n / 2) are the two halves of hash i."""
    count = int(np.prod(shape, dtype=np.int64))
    words = -(-count * width // 4)
    half, odd = words // 2, words % 2
    out = np.zeros(words, np.uint32)
    low = np.arange(half, dtype=np.uint32)
    first, second = _threefry(key, low, low + np.uint32(half + odd))
    out[:half], out[half + odd :] = first, second
    if odd:
        out[half] = _threefry(key, np.array([half]), np.array([0]))[0][0]
    data = out.view({1: np.uint8, 2: np.uint16, 4: np.uint32}[width])[:count]
    return mx.array(data.reshape(shape))


def _check_threefry():
    for seed in SEEDS:
        key = mx.random.key(seed)
        for n in (1, 2, 5):
            want = mx.random.split(key, n)
            assert mx.array_equal(random_bits(np.array(key), (n, 2), 4), want).item(), seed
        for shape in ((7,), (3, 5, 7)):
            words = np.array(random_bits(np.array(key), shape, 4)).astype(np.float32)
            unit = np.minimum(words / np.float32(2**32 - 1), np.float32(1 - 2**-24))
            assert np.array_equal(np.array(mx.random.uniform(shape=shape, key=key)), unit), seed


def random():
    _check_threefry()
    family = Family("random")
    for seed in SEEDS:
        args = {"seed": str(seed)}
        family.row("key", [], [mx.random.key(seed)], args)
    keys = [mx.random.key(seed) for seed in SEEDS]
    for key in keys:
        for n in (2, 1, 5):
            family.row("split", [key], [mx.random.split(key, n)], {"num": n})
    for key in keys[:3]:
        for shape in SHAPES:
            for width in (4, 2, 1):
                bits = random_bits(np.array(key), tuple(shape), width)
                family.row("bits", [key], [bits], {"shape": shape, "width": width})
    _continuous(family, keys[2])
    _discrete(family, keys[2])
    return family


def _continuous(family, key):
    for name, tolerance in NORMAL.items():
        dtype = DTYPES[name]
        for shape in SHAPES:
            args = {"low": 0.0, "high": 1.0, "shape": shape, "dtype": name}
            family.row("uniform", [key], [mx.random.uniform(0, 1, shape, dtype, key)], args)
            args = {"shape": shape, "dtype": name, "loc": 0.0, "scale": 1.0}
            want = mx.random.normal(shape, dtype, key=key)
            family.row("normal", [key], [want], args, tolerance)
        args = {"low": -2.0, "high": 5.0, "shape": [3, 5], "dtype": name}
        want = mx.random.uniform(-2, 5, [3, 5], dtype, key)
        family.row("uniform", [key], [want], args, (tolerance[0], tolerance[0] * 7))
        args = {"shape": [3, 5], "dtype": name, "loc": 3.0, "scale": 0.5}
        want = mx.random.normal([3, 5], dtype, 3.0, 0.5, key)
        family.row("normal", [key], [want], args, (tolerance[0], tolerance[0] * 4))
        args = {"shape": [4, 3], "dtype": name}
        want = mx.random.gumbel([4, 3], dtype, key)
        # Half precision doubles the rounding: -log(-log u) is formed in that dtype.
        loose = tolerance if name == "float32" else (4 * tolerance[0], 4 * tolerance[1])
        family.row("gumbel", [key], [want], args, loose)
    args = {"lower": -1.0, "upper": 0.5, "shape": [9], "dtype": "float32"}
    want = mx.random.truncated_normal(-1.0, 0.5, [9], mx.float32, key)
    family.row("truncated_normal", [key], [want], args, (2e-5, 2e-5))
    args = {"shape": [9], "dtype": "float32", "loc": 0.0, "scale": 1.0}
    family.row(
        "laplace", [key], [mx.random.laplace([9], mx.float32, 0.0, 1.0, key)], args, (2e-5, 2e-5)
    )


def _discrete(family, key):
    for low, high, name in ((0, 10, "int32"), (-5, 6, "int32"), (0, 200, "uint8"), (3, 4, "int64")):
        for shape in ([7], [2, 3], []):
            args = {"low": low, "high": high, "shape": shape, "dtype": name}
            want = mx.random.randint(low, high, shape, DTYPES[name], key)
            family.row("randint", [key], [want], args)
    for p, shape in ((0.5, [9]), (0.1, [2, 3]), (1.0, [4]), (0.0, [4])):
        args = {"shape": shape}
        p = mx.array(p)
        family.row("bernoulli", [p, key], [mx.random.bernoulli(p, shape, key)], args)
    logits = normal(1, 4, 11, scale=2.0)
    for x in (logits, logits.astype(mx.bfloat16), logits[0], mx.transpose(logits)):
        for axis in (-1, 0):
            want = mx.random.categorical(x, axis, key=key)
            family.row("categorical", [x, key], [want], {"axis": axis})
        want = mx.random.categorical(x, -1, num_samples=6, key=key)
        family.row("categorical", [x, key], [want], {"axis": -1, "num_samples": 6})
    want = mx.random.categorical(logits, -1, shape=[3, 4], key=key)
    family.row("categorical", [logits, key], [want], {"axis": -1, "shape": [3, 4]})
    want = mx.random.categorical(logits[0], -1, shape=[3, 4], key=key)
    family.row("categorical", [logits[0], key], [want], {"axis": -1, "shape": [3, 4]})
    for n in (1, 10):
        family.row("permutation", [key], [mx.random.permutation(n, key=key)], {"n": n})
    x = mx.arange(12).reshape(3, 4)
    for axis in (0, 1):
        want = mx.random.permutation(x, axis, key)
        family.row("permutation", [x, key], [want], {"axis": axis})
