"""Golden cases of indexing, shape changes and creation."""

import mlx.core as mx

from golden_io import DTYPES
from ops_case import Family, integers, normal

DATA = ("float32", "bfloat16", "int32", "uint8", "bool")


def _data(name, *shape):
    return integers(1, 0, 100, *shape, dtype=DTYPES[name])


def index():
    family = Family("index")
    for name in DATA:
        x = _data(name, 4, 3, 5)
        for axis, ids in (
            (0, [3, 0, 0, 1]),
            (-1, [[4, 0], [2, 2]]),
            (1, [-1, 0]),
            (None, [7, 59, 0]),
        ):
            family.add("take", [x, mx.array(ids)], {"axis": axis})
        order = mx.argsort(normal(3, 4, 3, 5), axis=-1)
        family.add("take_along_axis", [x, order], {"axis": -1})
        family.add("put_along_axis", [x, order, _data(name, 3, 5)[::-1]], {"axis": -1})
        condition = integers(5, 0, 2, 3, 1, dtype=mx.bool_)
        family.add("where", [condition, x, _data(name, 5)])
    for kind in (mx.uint32, mx.int64, mx.uint8):
        x = _data("float32", 4, 3, 5)
        family.add("take", [x, mx.array([2, 1], kind)], {"axis": 1})
    x = _data("float32", 4, 3)
    family.add("take", [x, mx.array(2)], {"axis": 0})
    family.add("take", [x, mx.zeros((0,), mx.int32)], {"axis": 0})
    family.add("take_along_axis", [x, mx.array([[1], [0], [2], [1]])], {"axis": 1})
    family.add("take_along_axis", [x, mx.array([11, 0, 5])], {"axis": None})
    family.add("where", [mx.array([1, 0, 2]), mx.array([1.0, 2.0, 3.0]), mx.array([7, 8, 9])])
    family.add("where", [mx.array(True), x, mx.array(0.0, mx.float16)])
    args = {"axis": 1}
    order = mx.array([[2, 0], [1, 2], [0, 1], [2, 1]])
    family.add("put_along_axis", [x, order, mx.zeros((4, 2))], args)
    _puts(family, x)
    _slices(family)
    family.throws("take_along_axis", [x, mx.array([0, 1])], {"axis": 0})
    return family


def _puts(family, x):
    for kind in (mx.uint32, mx.int64, mx.uint8):
        family.add("put_along_axis", [x, mx.array([[2], [0]], kind), mx.array(7.5)], {"axis": 0})
    row, column = mx.array([[-1, 0, 1]]), mx.array([[0], [2], [-3], [1]])
    family.add("put_along_axis", [x, row, mx.array([[7], [8]])], {"axis": -2})
    family.add("put_along_axis", [x, mx.array([[0, 1, 0]]), mx.array([1.0, 2.0, 3.0])], {"axis": 1})
    family.add("put_along_axis", [x, column, integers(3, 0, 9, 4, 1)], {"axis": 1})
    family.add("put_along_axis", [x[:1], column, mx.array(2.0)], {"axis": 1})
    family.add("put_along_axis", [x, row[:, :1], mx.arange(4)[:, None]], {"axis": 1})
    family.add("put_along_axis", [x, row, mx.ones((1, 1, 2, 3))], {"axis": 0})
    family.add("put_along_axis", [x, mx.array([11, 0, 5]), mx.array([1, 2, 3])], {"axis": None})
    family.add("put_along_axis", [x[:1], mx.zeros((4, 0), mx.int32), mx.array(1)], {"axis": 1})
    family.add("put_along_axis", [x, column, mx.zeros((0,))], {"axis": 1})
    whole = mx.arange(3, dtype=mx.int32)
    family.add("put_along_axis", [whole, mx.array([1]), mx.array([-2.75])], {"axis": 0})
    for indices, values, axis in (
        (mx.array([0, 1]), mx.array(1.0), 0),
        (column, mx.array(1.0), 2),
        (column.astype(mx.float32), mx.array(1.0), 1),
        (mx.zeros((5, 1), mx.int32), mx.array(1.0), 1),
        (mx.zeros((4, 2), mx.int32), mx.zeros((3,)), 1),
        (column, mx.ones((2, 1, 1)), 1),
    ):
        family.throws("put_along_axis", [x, indices, values], {"axis": axis})


def _slices(family):
    x = integers(9, 0, 1000, 5, 6, 7)
    for start, stop, strides in (
        ([0, 0, 0], [5, 6, 7], [1, 1, 1]),
        ([1, 2, 3], [4, 5, 6], [1, 1, 1]),
        ([0, 1, 0], [5, 6, 7], [2, 3, 4]),
        ([-2, 0, -3], [5, -1, 7], [1, 1, 1]),
        ([3, 0, 0], [3, 6, 7], [1, 1, 1]),
        ([4, 5, 6], [-6, -7, -8], [-1, -2, -3]),
        ([0, 0, 0], [99, 99, 99], [1, 1, 1]),
    ):
        args = {"start": start, "stop": stop, "strides": strides}

        def part(a, rows=tuple(zip(start, stop, strides)), shape=x.shape):
            # A stop of -n - 1 with a negative stride means "to the first element".
            slices = [
                slice(b, None if s < 0 and e < -n else e, s) for (b, e, s), n in zip(rows, shape)
            ]
            return tuple(slices)

        where = part(x)
        family.add("slice", [x], args, call=lambda a, w=where: a[w])
        update = integers(4, 0, 1000, *x[where].shape)

        def updated(a, u, w=where):
            result = mx.array(a)
            result[w] = u
            return result

        family.add("slice_update", [x, update], args, call=updated)
    args = {"start": [0, 2, 0], "stop": [5, 4, 7], "strides": [1, 1, 1]}

    def broadcast(a, u):
        result = mx.array(a)
        result[:, 2:4] = u
        return result

    family.add("slice_update", [x, integers(6, 0, 9, 2, 1)], args, call=broadcast)


def shape():
    family = Family("shape")
    for name in DATA:
        a, b, c = _data(name, 2, 3), _data(name, 2, 1), _data(name, 2, 4)
        family.add("concatenate", [a, b, c], {"axis": -1}, call=lambda *xs: mx.concatenate(xs, -1))
        family.add(
            "stack",
            [a, a + 1 if name != "bool" else a],
            {"axis": -2},
            call=lambda *xs: mx.stack(xs, -2),
        )
        family.add("tile", [a], {"reps": [2, 1, 3]}, call=lambda x: mx.tile(x, [2, 1, 3]))
        family.add("repeat", [a], {"repeats": 3, "axis": 1})
        family.add("split", [_data(name, 4, 6)], {"indices_or_sections": 3, "axis": -1})
        family.add("split", [_data(name, 4, 6)], {"indices_or_sections": [1, 3], "axis": 0})
        for op, args in (
            ("transpose", {"axes": [2, 0, 1]}),
            ("swapaxes", {"axis1": 0, "axis2": -1}),
            ("moveaxis", {"source": 0, "destination": 2}),
            ("flatten", {"start_axis": 1, "end_axis": -1}),
            ("reshape", {"shape": [4, -1]}),
            ("expand_dims", {"axis": [0, -1]}),
            ("roll", {"shift": 2, "axis": -1}),
        ):
            family.add(op, [_data(name, 2, 3, 4)], args)
    a, b = _data("int32", 3), _data("float32", 2)
    family.add("concatenate", [a, b], {"axis": 0}, call=lambda *xs: mx.concatenate(xs, 0))
    family.add(
        "concatenate",
        [mx.zeros((0, 2)), mx.ones((3, 2))],
        {"axis": 0},
        call=lambda *xs: mx.concatenate(xs, 0),
    )
    family.throws(
        "concatenate",
        [mx.zeros((2, 2)), mx.zeros((3, 3))],
        {"axis": 0},
        call=lambda *xs: mx.concatenate(xs, 0),
    )
    family.throws("split", [mx.zeros((5,))], {"indices_or_sections": 2, "axis": 0})
    family.throws("reshape", [mx.zeros((2, 3))], {"shape": [4, 2]})
    family.add("reshape", [mx.zeros((0, 3))], {"shape": [3, 0]})
    family.add("squeeze", [mx.zeros((1, 3, 1))], {"axis": -1})
    family.add("squeeze", [mx.zeros((1, 3, 1))], {"axis": None})
    family.throws("squeeze", [mx.zeros((1, 3, 1))], {"axis": 1})
    family.add("broadcast_to", [mx.array([[1], [2]])], {"shape": [3, 2, 4]})
    family.throws("broadcast_to", [mx.zeros((3,))], {"shape": [4]})
    family.add("repeat", [_data("int32", 2, 3)], {"repeats": 2, "axis": None})
    family.add("tile", [mx.array([1, 2])], {"reps": [3]}, call=lambda x: mx.tile(x, [3]))
    family.add("unflatten", [mx.arange(12)], {"axis": 0, "shape": [2, -1]})
    _pads(family)
    return family


def _pads(family):
    x = _data("float32", 3, 4)
    for mode, width in (
        ("constant", [[1, 2], [0, 3]]),
        ("edge", [[2, 1], [1, 1]]),
        ("reflect", [[1, 2], [3, 0]]),
        ("symmetric", [[1, 2], [3, 0]]),
    ):
        args = {"pad_width": width, "mode": mode}
        pairs = [tuple(w) for w in width]
        family.add("pad", [x], args, call=lambda a, p=pairs, m=mode: mx.pad(a, p, mode=m))
    args = {"pad_width": [[1, 1]], "mode": "constant"}
    for name in ("int32", "float16"):
        value = mx.array(7, DTYPES[name])
        family.add(
            "pad",
            [_data(name, 4), value],
            args,
            call=lambda a, v: mx.pad(a, [(1, 1)], constant_values=v),
        )
    family.throws(
        "pad",
        [x],
        {"pad_width": [[-1, 0], [0, 0]], "mode": "constant"},
        call=lambda a: mx.pad(a, [(-1, 0), (0, 0)]),
    )


def create():
    family = Family("create")
    for start, stop, step in (
        (0, 7, 1),
        (2, 17, 4),
        (5, -3, -2),
        (0.0, 1.0, 0.3),
        (3, 3, 1),
        (4, 2, 1),
    ):
        for name in ("int32", "float32", "float16", "bfloat16"):
            if name == "int32" and isinstance(start, float):
                continue
            args = {"start": start, "stop": stop, "step": step, "dtype": name}
            exact = not isinstance(start, float)
            family.add(
                "arange",
                [],
                args,
                tolerance=(0.0, 0.0) if exact else (8e-3, 1e-6),
                call=lambda a=args: mx.arange(a["start"], a["stop"], a["step"], DTYPES[a["dtype"]]),
            )
    for start, stop, num in (
        (0.0, 1.0, 5),
        (-3.0, 9.0, 7),
        (2.0, 2.0, 3),
        (0.0, 1.0, 1),
        (5.0, -5.0, 0),
    ):
        args = {"start": start, "stop": stop, "num": num, "dtype": "float32"}
        family.add(
            "linspace",
            [],
            args,
            tolerance=(1e-6, 1e-6),
            call=lambda a=args: mx.linspace(a["start"], a["stop"], a["num"]),
        )
    for n, m, k in ((3, 3, 0), (2, 5, 1), (4, 2, -1), (3, 3, 5)):
        for name in ("float32", "int32", "bfloat16"):
            args = {"n": n, "m": m, "k": k, "dtype": name}
            for op in ("eye", "tri"):
                family.add(
                    op,
                    [],
                    args,
                    call=lambda a=args, f=getattr(mx, op): f(
                        a["n"], a["m"], a["k"], DTYPES[a["dtype"]]
                    ),
                )
    for op in ("tril", "triu"):
        for k in (0, 2, -1):
            family.add(op, [_data("int32", 2, 4, 5)], {"k": k})
        family.add(op, [normal(1, 3, 3, dtype=mx.float16)], {"k": 0})
    for name in DATA:
        family.add(
            "full",
            [mx.array(3, DTYPES[name])],
            {"shape": [2, 3], "dtype": name},
            call=lambda v, d=DTYPES[name]: mx.full((2, 3), v, d),
        )
    family.add("diag", [mx.arange(3)], {"k": 1})
    family.add("diag", [_data("float32", 3, 4)], {"k": -1})
    family.add("diagonal", [_data("float32", 2, 3, 4)], {"offset": 1, "axis1": 0, "axis2": 2})
    return family
