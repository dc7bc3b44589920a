#!/usr/bin/env python3
"""Makes small tokenizers of every family, and reference ids and texts for them.

Needs the PyPI package `tokenizers`, which is the reference.

    make_tokenizers.py OUT              writes OUT/lines.jsonl, OUT/<family>/tokenizer.json and
                                        OUT/<family>/sample.jsonl
    make_tokenizers.py OUT --live "PROGRAM tokenize" [--count N] [--family F] [--extra DIR]...
                                        runs N fresh lines per family of OUT (and per model directory
                                        DIR) through PROGRAM and compares with the reference

Line i of sample.jsonl belongs to line i of lines.jsonl: ids; "text" is the decoded text without
special tokens if it differs from the line, "all" the one with them if it differs from "text".
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

import tokenizer_texts as texts
from tokenizer_families import FAMILIES, all_special_texts

SAMPLE_LINES = 500
BYTE_TOKENS = [f"<0x{byte:02X}>" for byte in range(256)]


def train(recipe, lines):
    """The model part of a tokenizer.json, trained on `lines`."""
    if recipe.kind == "spm":
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
        if recipe.training_split:
            tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
        else:
            lines = [line[:60].replace(" ", "▁") for line in lines]
        trainer = trainers.BpeTrainer(
            vocab_size=recipe.vocab_size, limit_alphabet=220, show_progress=False,
            special_tokens=recipe.leading_tokens + BYTE_TOKENS, max_token_length=16)
    elif recipe.kind == "byte_level":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        trainer = trainers.BpeTrainer(
            vocab_size=recipe.vocab_size, show_progress=False, special_tokens=recipe.leading_tokens,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    else:
        affixes = {key: value for key, value in (("end_of_word_suffix", recipe.suffix),
                                                 ("continuing_subword_prefix", recipe.prefix))
                   if value}
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>", **affixes))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        trainer = trainers.BpeTrainer(
            vocab_size=recipe.vocab_size, limit_alphabet=150, show_progress=False,
            special_tokens=recipe.leading_tokens, **affixes)
    tokenizer.train_from_iterator(lines, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    model.update(recipe.model)
    if recipe.merges_as_lines:
        model["merges"] = [" ".join(pair) for pair in model["merges"]]
    return model


def build(recipe):
    model = train(recipe, texts.training_lines(recipe.name, 3000))
    ids = dict(model["vocab"])
    added = []
    for token in recipe.added:
        identifier = ids.setdefault(token["content"], len(ids))
        added.append({"id": identifier, **token})
    post = recipe.post_processor(ids) if recipe.post_processor else None
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
            "normalizer": recipe.normalizer, "pre_tokenizer": recipe.pre_tokenizer,
            "post_processor": post, "decoder": recipe.decoder, "model": model}


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write_samples(out):
    lines = texts.fuzzed_lines("sample", SAMPLE_LINES, all_special_texts())
    out.mkdir(parents=True, exist_ok=True)
    (out / "lines.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for recipe in FAMILIES:
        folder = out / recipe.name
        folder.mkdir(exist_ok=True)
        (folder / "tokenizer.json").write_text(dump(build(recipe)) + "\n")
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        rows = []
        for line, encoding in zip(lines, tokenizer.encode_batch(lines)):
            row = {"ids": encoding.ids}
            text = tokenizer.decode(encoding.ids)
            if text != line:
                row["text"] = text
            everything = tokenizer.decode(encoding.ids, skip_special_tokens=False)
            if everything != text:
                row["all"] = everything
            rows.append(json.dumps(row, separators=(",", ":")) + "\n")
        (folder / "sample.jsonl").write_text("".join(rows))


def run(command, values):
    result = subprocess.run(command, input="".join(json.dumps(v) + "\n" for v in values),
                            capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: {result.stderr.strip()}")
    answers = [json.loads(line) for line in result.stdout.split("\n") if line]
    if len(answers) != len(values):
        sys.exit(f"{' '.join(command)}: {len(answers)} answers to {len(values)} lines")
    return answers


def random_ids(rng, size, count):
    """Id sequences that no text need have; some ids do not exist."""
    return [[rng.randrange(size + 3) if rng.random() < 0.7 else rng.randrange(min(size, 300))
             for _ in range(rng.randint(0, 12))] for _ in range(count)]


def compare(name, what, inputs, expected, got):
    wrong = [i for i, (a, b) in enumerate(zip(expected, got)) if a != b]
    print(f"{name}: {what}: {len(inputs) - len(wrong)} of {len(inputs)} equal", flush=True)
    for i in sorted(wrong, key=lambda i: len(inputs[i]))[:3]:
        print(f"  input    {json.dumps(inputs[i])}\n  expected {json.dumps(expected[i])}\n"
              f"  got      {json.dumps(got[i])}")
    return len(wrong)


def live(folder, program, count):
    command = program + ["--model", str(folder)]
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    own = [token.content for token in tokenizer.get_added_tokens_decoder().values()]
    lines = texts.fuzzed_lines(f"live {folder.name}", count, own[:100] + all_special_texts())
    name, wrong = folder.name, 0
    ids = [encoding.ids for encoding in tokenizer.encode_batch(lines)]
    wrong += compare(name, "ids", lines, ids, run(command, lines))
    plain = [e.ids for e in tokenizer.encode_batch(lines, add_special_tokens=False)]
    wrong += compare(name, "ids without special tokens", lines, plain,
                     run(command + ["--no-special"], lines))
    size = max(tokenizer.get_vocab().values()) + 1
    sequences = ids + random_ids(random.Random(name), size, count // 4)
    decoded = [tokenizer.decode(sequence) for sequence in sequences]
    wrong += compare(name, "text", sequences, decoded, run(command + ["--decode"], sequences))
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--live", metavar="PROGRAM")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--family", action="append")
    parser.add_argument("--extra", type=pathlib.Path, action="append", default=[])
    arguments = parser.parse_args()
    if not arguments.live:
        write_samples(arguments.out)
        return
    names = arguments.family if arguments.family is not None else [r.name for r in FAMILIES]
    folders = [arguments.out / name for name in names if name] + arguments.extra
    wrong = sum(live(folder, arguments.live.split(), arguments.count)
                for folder in folders)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
