#!/usr/bin/env python3
"""Writes tests/golden/models: small model directories, each with what the references say of it.

Beside the model's own files a directory gets
- reference.json: prompt_ids; greedy_tokens and greedy_gaps (the reference's top-2 gap at each
  step); mlx_error, upstream MLX's CPU run of the stored model against the float32 reference
  (relative L2 of the last logits; null where it cannot load the model); sim_error, the same for a
  float32 run with int8 activations in groups of 32; peer_error, the same for transformers (all
  positions; null where it has no such model);
- reference.safetensors: all_logits [prompt, vocabulary] and last_logits [vocabulary], float32.

    python3 tools/golden/make_model_goldens.py [--out tests/golden/models] [--only PATTERN]...
"""

import argparse
import shutil
from pathlib import Path

import mlx.core as mx

from golden_io import save_json, save_safetensors
from make_models import build
from model_specs import committed, matching
from reference import reference, relative_error, transformers_logits

ROOT = Path(__file__).resolve().parents[2]
PROMPT, STEPS = 16, 32
PEER_LIMIT = 1e-5


def build_with_reference(spec, directory, prompt, steps):
    """Writes the model, reference.json and reference.safetensors; returns reference.json's dict."""
    build(spec, directory)
    result = reference(directory, spec.seed, prompt, steps)
    arrays = {key: mx.array(result.pop(key)) for key in ("all_logits", "last_logits")}
    result["peer_error"] = None
    if spec.peer:
        peer = transformers_logits(directory, result["prompt_ids"])
        result["peer_error"] = relative_error(peer, arrays["all_logits"])
        assert result["peer_error"] < PEER_LIMIT, (spec.name, result["peer_error"])
    for key in ("mlx_error", "sim_error", "peer_error"):
        result[key] = None if result[key] is None else float(f"{result[key]:.4g}")
    result["greedy_gaps"] = [round(gap, 5) for gap in result["greedy_gaps"]]
    save_json(directory / "reference.json", dict(sorted(result.items())))
    save_safetensors(directory / "reference.safetensors", arrays)
    return result


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=ROOT / "tests/golden/models")
    parser.add_argument("--only", action="append", help="only models of this pattern (repeatable)")
    args = parser.parse_args()
    mx.set_default_device(mx.cpu)
    if not args.only:
        shutil.rmtree(args.out, ignore_errors=True)
    specs = committed()
    for name in matching(specs, args.only):
        shutil.rmtree(args.out / name, ignore_errors=True)
        result = build_with_reference(specs[name], args.out / name, PROMPT, STEPS)
        errors = {key: result[key] for key in ("mlx_error", "sim_error", "peer_error")}
        print(f"{name:34s} smallest gap {min(result['greedy_gaps']):.4f} {errors}")


if __name__ == "__main__":
    main()
