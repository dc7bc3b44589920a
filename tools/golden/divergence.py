#!/usr/bin/env python3
"""Measures how far the program's distributions are from those of a float32 run.

For every position of some prompts: KL(reference || program) of the next token, in nats. The
reference is numpy in float32 over weights that mlx dequantizes in float32 (llama_numpy.py); on the
first tokens of each model it must agree with mlx-lm in float32 (reference.py). "Rounding" is the
same run with activations rounded to int8 as fast mode does, all else in float32. The models are
the bundled tiny-chat, on text of the kind that it was trained on but did not see, and random-weight
models of model_specs.divergence() on random tokens, whose logits are scaled to a standard deviation
of 3 on both sides. Prints a Markdown table of mean and 99th percentile in both modes, and which
means are not below their limits; the exit status tells only whether everything ran.

    python3 tools/golden/divergence.py --program build/release/mlxa [--only NAME]... [--work DIR]
"""

import argparse
import random
import sys
import tempfile
from pathlib import Path

import mlx.core as mx
import numpy as np
from tokenizers import Tokenizer

from compare_models import ROOT, Failure, run
from llama_numpy import Llama
from make_models import LOGIT_STD, build
from model_specs import divergence, matching
from reference import (
    dense_float32,
    float32_model,
    normal_config,
    prompt_logits,
    random_prompt,
    relative_error,
)

sys.path.insert(0, str(ROOT / "tools/tiny_chat"))
from corpus.conversations import conversation, document  # noqa: E402
from corpus.grammar import Split  # noqa: E402

TINY_CHAT = "tiny-chat"
PROMPTS, LENGTH = 4, 504  # 2016 positions
SEED = 11
CHECKED, AGREEMENT = 12, 1e-5  # tokens on which the references are compared, relative L2
MODES = {"fast": (), "exact": ("--exact",)}
LIMITS = {"fast": {True: 1e-3, False: 2e-3}, "exact": {True: 1e-5, False: 1e-5}}  # tiny-chat?


def text_prompts(directory):
    """Whole conversations one after the other, as in training, of its generators' held-out side."""
    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    rng, ids = random.Random(SEED), []
    while len(ids) < PROMPTS * LENGTH:
        for text, _ in document(conversation(rng, Split(True))[1]):
            ids += tokenizer.encode(text, add_special_tokens=False).ids
    return [ids[k * LENGTH : (k + 1) * LENGTH] for k in range(PROMPTS)]


def log_softmax(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def divergences(want, got, scale):
    """KL(want || got) of each row of logits, both times scale."""
    p, q = (log_softmax(scale * logits.astype(np.float64)) for logits in (want, got))
    return (np.exp(p) * (p - q)).sum(axis=-1)


def deviation(logits):
    """The standard deviation of a position's logits, over all positions."""
    return float(np.sqrt(logits.var(axis=-1, dtype=np.float64).mean()))


def reference_models(directory, ids):
    """(the reference, the same with int8 activations), checked on the first of these ids."""
    config = normal_config(directory)
    stored, paths = dense_float32(directory)
    weights = {name: np.array(value) for name, value in stored.items()}
    reference = Llama(config, weights)
    ids = ids[:CHECKED]
    error = relative_error(reference.logits(ids), prompt_logits(float32_model(directory)[0], ids))
    if not error <= AGREEMENT:
        raise Failure(f"the two references differ by {error:.1e}")
    return reference, Llama(config, weights, paths)


def measure(program, directory, prompts, trained, scratch):
    """{"rounding" or mode: divergences of all positions}."""
    reference, rounded = reference_models(directory, prompts[0])
    wanted = [reference.logits(ids) for ids in prompts]
    scale = 1.0 if trained else LOGIT_STD / deviation(np.concatenate(wanted))
    sources = {"rounding": rounded.logits}
    for mode, flags in MODES.items():
        sources[mode] = lambda ids, flags=flags: run(
            program, directory, ids, 1, scratch, "--all-positions", *flags
        )[0].reshape(len(ids), -1)
    return {
        name: np.concatenate(
            [divergences(want, source(ids), scale) for ids, want in zip(prompts, wanted)]
        )
        for name, source in sources.items()
    }


def show(name, what, found):
    cells = [name, what, f"{found['rounding'].mean():.1e}"]
    for mode in MODES:
        values = found[mode]
        cells += [f"{values.mean():.1e}", f"{np.percentile(values, 99):.1e}"]
    print("| " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--program", required=True, help="path of mlxa")
    parser.add_argument("--only", action="append", help="only models of this pattern (repeatable)")
    parser.add_argument("--work", type=Path, help="keep and reuse the models in this folder")
    args = parser.parse_args()
    mx.set_default_device(mx.cpu)
    specs = divergence()
    names = matching([TINY_CHAT, *specs], args.only)
    if not names:
        parser.error("no such model")
    program = str(Path(args.program).resolve())
    missed = []
    print(f"KL in nats over {PROMPTS * LENGTH} positions; rounding: mean of the int8 simulation\n")
    print("| model | weights | rounding | fast: mean | 99 % | exact: mean | 99 % |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for name in names:
            trained = name == TINY_CHAT
            if trained:
                directory, what = ROOT / "models" / TINY_CHAT, "4 bits g64"
                prompts = text_prompts(directory)
            else:
                spec = specs[name]
                directory = (args.work or Path(scratch)) / name
                if not (directory / "model.safetensors").exists():
                    build(spec, directory)
                bits, group, *mode = spec.quant
                what = mode[0] if mode else f"{bits} bits g{group}"
                prompts = [random_prompt(SEED, k, LENGTH, spec.vocab) for k in range(PROMPTS)]
            try:
                found = measure(program, directory, prompts, trained, scratch)
            except Failure as failure:
                sys.exit(f"{name}: {failure}")
            show(name, what, found)
            for mode in MODES:
                if found[mode].mean() >= LIMITS[mode][trained]:
                    missed.append(f"{name} in {mode} mode: {found[mode].mean():.1e}")
    print("\nmean KL over its limit: " + ("; ".join(missed) if missed else "none"))


if __name__ == "__main__":
    main()
