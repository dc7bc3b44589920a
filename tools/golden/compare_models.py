#!/usr/bin/env python3
"""Runs the program over random-weight models and judges its logits and tokens.

Without --full it takes the committed models and their stored references (numpy is enough, no
virtual environment of references). With --full it builds the whole matrix and asks the references
live. For every model the program runs

    PROGRAM generate --model DIR --prompt-ids 1,2,3 --max-tokens N --ignore-eos --temp 0 --json
            --logits FILE [--exact] [--threads N] [--prefill-chunk N]

and must satisfy
  exact  relative L2 of the last logits at most 1e-4; 1e-3 for affine weights of 16-bit files, whose
         products keep 16 bits of the activations;
  fast   at most max(2e-2, 1.75 x the float32 simulation with int8 activations);
  greedy the tokens of float32 files in exact mode equal the reference's, where no top-2 gap of the
         reference is below 2e-3;
  same   logits and tokens are bit-identical for one and two threads and for every prefill chunk,
         in exact and in fast mode.

The exit status is 0 if all of that holds, else 1.

    python3 tools/golden/compare_models.py --program build/release/mlxa [--full] [--work DIR]
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from model_specs import full_matrix, matching

ROOT = Path(__file__).resolve().parents[2]
PROMPT, STEPS = 40, 96
EXACT_LIMIT, EXACT_LIMIT_IN_PARTS = 1e-4, 1e-3
FAST_FLOOR, FAST_FACTOR, GAP = 2e-2, 1.75, 2e-3
TIMEOUT_S = 120
VARIANTS = (("--threads", "2"), ("--prefill-chunk", "7"), ("--prefill-chunk", "1"))


class Failure(Exception):
    """The program did not do what was asked; the message says what it said."""


def read_tensor(path, name):
    """One float32 tensor of a safetensors file."""
    data = Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    entry = json.loads(data[8 : 8 + size])[name]
    begin, end = (8 + size + offset for offset in entry["data_offsets"])
    return np.frombuffer(data[begin:end], np.float32).reshape(entry["shape"])


def run(program, directory, ids, steps, scratch, *options):
    """(last logits, tokens) of one run."""
    logits = Path(scratch) / "logits.npy"
    logits.unlink(missing_ok=True)
    prompt = ",".join(map(str, ids))
    command = [program, "generate", "--model", str(directory), "--prompt-ids", prompt]
    command += ["--max-tokens", str(steps), "--ignore-eos", "--temp", "0", "--json"]
    command += ["--logits", str(logits), *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise Failure(f"no answer in {TIMEOUT_S} s") from None
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["(nothing on stderr)"])[-1]
        raise Failure(f"exit status {done.returncode}: {said}")
    try:
        values = np.load(logits)
        tokens = json.loads(done.stdout)["token_ids"]
    except (OSError, ValueError, KeyError) as error:
        raise Failure(f"no usable answer: {error!r}") from None
    if values.dtype != np.float32:
        raise Failure(f"logits are {values.dtype}, not float32")
    return values.reshape(-1), tokens


def relative_error(got, want):
    if got.shape != want.shape:
        raise Failure(f"{got.size} logits instead of {want.size}")
    if not np.isfinite(got).all():
        return float("inf")
    want = want.astype(np.float64)
    return float(np.linalg.norm(got - want) / np.linalg.norm(want))


def compare(program, directory, scratch):
    """The row of one model: its figures and a list of what is wrong."""
    config = json.loads((directory / "config.json").read_text())
    wanted = json.loads((directory / "reference.json").read_text())
    last = read_tensor(directory / "reference.safetensors", "last_logits")
    ids, steps = wanted["prompt_ids"], len(wanted["greedy_tokens"])
    dtype = config["torch_dtype"]
    row = {"name": directory.name, "dtype": dtype, "mlx": wanted["mlx_error"], "wrong": []}
    quantization = config.get("quantization")
    affine = quantization is not None and quantization.get("mode", "affine") == "affine"
    row["limit"] = {
        "exact": EXACT_LIMIT_IN_PARTS if affine and dtype != "float32" else EXACT_LIMIT,
        "fast": max(FAST_FLOOR, FAST_FACTOR * wanted["sim_error"]),
    }
    for mode, flags in (("exact", ["--exact"]), ("fast", [])):
        logits, tokens = run(program, directory, ids, steps, scratch, *flags, "--threads", "1")
        row[mode] = relative_error(logits, last)
        if not row[mode] <= row["limit"][mode]:
            row["wrong"].append(f"{mode} error {row[mode]:.2e} > {row['limit'][mode]:.2e}")
        if len(tokens) != steps:
            row["wrong"].append(f"{mode}: {len(tokens)} tokens instead of {steps}")
        if mode == "exact" and dtype == "float32" and min(wanted["greedy_gaps"]) > GAP:
            equal = [a == b for a, b in zip(tokens, wanted["greedy_tokens"])]
            row["greedy"] = all(equal)
            if not all(equal):
                row["wrong"].append(f"greedy token {equal.index(False)} differs")
        for option in VARIANTS:
            other, other_tokens = run(program, directory, ids, steps, scratch, *flags, *option)
            if other.tobytes() != logits.tobytes() or other_tokens != tokens:
                what = "logits" if other.tobytes() != logits.tobytes() else "tokens"
                row["wrong"].append(f"{mode}: {what} change with {' '.join(option)}")
    return row


def prepare_full(work, only):
    """Builds the matrix with its references in work; what is there already is kept."""
    import mlx.core as mx

    from make_model_goldens import build_with_reference
    mx.set_default_device(mx.cpu)
    matrix = full_matrix()
    specs = {name: matrix[name] for name in matching(matrix, only)}
    for k, (name, spec) in enumerate(specs.items()):
        if not (work / name / "reference.safetensors").exists():
            print(f"\rreference {k + 1}/{len(specs)} {name:36s}", end="", file=sys.stderr)
            build_with_reference(spec, work / name, PROMPT, STEPS)
    print(file=sys.stderr)
    return [work / name for name in specs]


def show(row):
    if "exact" not in row or "fast" not in row:
        return f"{row['name']:34s} {'; '.join(row['wrong'])}"
    upstream = "       -" if row["mlx"] is None else f"{row['mlx']:8.1e}"
    greedy = {True: "equal", False: "DIFFER", None: "-"}[row.get("greedy")]
    limits = row["limit"]
    return (
        f"{row['name']:34s} {row['exact']:8.1e} <= {limits['exact']:.0e} {upstream} "
        f"{row['fast']:8.1e} <= {limits['fast']:7.1e}  {greedy:6s} {'; '.join(row['wrong'])}"
    )


def verdict(rows):
    """Prints the summary; true if everything holds."""
    for dtype in sorted({row["dtype"] for row in rows}):
        errors = [row["exact"] for row in rows if row["dtype"] == dtype and "exact" in row]
        if errors:
            median = statistics.median(errors)
            print(f"median exact error of {len(errors)} {dtype} models: {median:.1e}")
    good = all(not row["wrong"] for row in rows)
    bad = sum(bool(row["wrong"]) for row in rows)
    print(f"{len(rows)} models, {bad} with findings: {'PASS' if good else 'FAIL'}")
    return good


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--program", required=True, help="path of mlxa")
    parser.add_argument("--full", action="store_true", help="the whole matrix, references live")
    parser.add_argument("--work", type=Path, help="keep and reuse the full matrix in this folder")
    parser.add_argument("--only", action="append", help="only models of this pattern (repeatable)")
    args = parser.parse_args()
    program = str(Path(args.program).resolve())
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        if args.full:
            directories = prepare_full(args.work or Path(scratch) / "models", args.only)
        else:
            folder = ROOT / "tests/golden/models"
            names = sorted(d.name for d in folder.iterdir())
            directories = [folder / name for name in matching(names, args.only)]
        if not directories:
            parser.error("no such model")
        print(f"{'model':34s} {'exact':>8s} {'':8s} {'upstream':>8s} {'fast':>8s} {'':10s}  greedy")
        for directory in directories:
            try:
                row = compare(program, directory, scratch)
            except Failure as failure:
                dtype = json.loads((directory / "config.json").read_text())["torch_dtype"]
                row = {"name": directory.name, "dtype": dtype, "mlx": None, "wrong": [str(failure)]}
            rows.append(row)
            print(show(row), flush=True)
    sys.exit(0 if verdict(rows) else 1)


if __name__ == "__main__":
    main()
