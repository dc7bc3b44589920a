"""The form of the golden cases of array ops: see README.md, "Array ops"."""

import mlx.core as mx

from golden_io import dtype_name, save_json, save_safetensors, tensor_bytes

HALVES = (mx.float16, mx.bfloat16)
EXACT = (0.0, 0.0)
# One unit in the last place of the dtype, and for float32 what a good approximation needs.
UNIT = {mx.float32: 4e-6, mx.float16: 1.05e-3, mx.bfloat16: 8.2e-3}
TINY = {mx.float32: 1e-6, mx.float16: 1e-6, mx.bfloat16: 1e-6}


def is_half(array):
    return array is not None and array.dtype in HALVES


class Family:
    """Cases that share one pair of files, <name>.json and <name>.safetensors."""

    def __init__(self, name):
        self.name = name
        self.rows = []
        self.tensors = {}
        self.known = {}

    def tensor(self, array):
        """The tensor's name in the file; equal tensors are stored once."""
        if array is None:
            return None
        key = (dtype_name(array.dtype), tuple(array.shape), tensor_bytes(array))
        if key not in self.known:
            self.known[key] = f"t{len(self.known)}"
            self.tensors[self.known[key]] = array
        return self.known[key]

    def row(self, op, inputs, outputs, args=None, tolerance=EXACT, compare=None):
        """Adds a case whose outputs are known."""
        row = {
            "op": op,
            "args": args or {},
            "inputs": [self.tensor(a) for a in inputs],
            "outputs": [self.tensor(a) for a in outputs],
            "rtol": tolerance[0],
            "atol": tolerance[1],
        }
        if compare:
            row["compare"] = compare
        self.rows.append(row)

    def add(self, op, inputs, args=None, *, call=None, tolerance=None, wide=False, compare=None):
        """Adds a case computed by mlx; call defaults to mlx.core.<op>(*inputs, **args).

        wide computes 16-bit floats in float32 and rounds at the end, which is the definition;
        MLX's CPU rounds on the way. tolerance None means exact, or with wide one unit of the
        output's dtype."""
        args = args or {}
        call = call or (lambda *xs: getattr(mx, op)(*xs, **args))
        outputs = _as_list(call(*inputs))
        if wide and any(is_half(a) for a in inputs):
            wider = [a.astype(mx.float32) if is_half(a) else a for a in inputs]
            raised = _as_list(call(*wider))
            outputs = [w.astype(o.dtype) for w, o in zip(raised, outputs)]
        if tolerance is None:
            dtype = outputs[0].dtype
            tolerance = (UNIT[dtype], TINY[dtype]) if wide and dtype in UNIT else EXACT
        self.row(op, inputs, outputs, args, tolerance, compare)

    def throws(self, op, inputs, args=None, call=None):
        """Adds a case that mlx refuses (and checks that it does)."""
        call = call or (lambda *xs: getattr(mx, op)(*xs, **(args or {})))
        try:
            mx.eval(call(*inputs))
        except Exception:  # mlx throws ValueError, TypeError or RuntimeError here
            names = [self.tensor(a) for a in inputs]
            self.rows.append({"op": op, "args": args or {}, "inputs": names, "throws": True})
            return
        raise AssertionError(f"mlx accepts {op} {args} {[a.shape for a in inputs]}")

    def save(self, directory):
        save_safetensors(directory / f"{self.name}.safetensors", self.tensors)
        document = {"family": self.name, "reference": f"mlx {mx.__version__}", "cases": self.rows}
        save_json(directory / f"{self.name}.json", document, "cases")


def _as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def normal(seed, *shape, dtype=mx.float32, scale=1.0):
    """Standard normal values of numpy's generator, rounded to the dtype."""
    import numpy as np

    values = np.random.default_rng(seed).standard_normal(shape) * scale
    return mx.array(values.astype(np.float32)).astype(dtype)


def integers(seed, low, high, *shape, dtype=mx.int32):
    import numpy as np

    return mx.array(np.random.default_rng(seed).integers(low, high, shape)).astype(dtype)
