"""Proves on generated text that no held-out item occurs in training.

It does not trust the hash split: it writes training conversations as train.py's workers do and compares
their texts with the held-out files: prompts, pairs of operands, sets of field values, and story prompts.
"""

import argparse
import json
import os
import random
import re

from corpus.conversations import conversation
from corpus.grammar import Split

HERE = os.path.dirname(os.path.abspath(__file__))
SUM = re.compile(r"(?<![\d.])(\d+) ([+-]) (\d+)(?= = |$)", re.M)


def held(folder):
    prompts, pairs, values = set(), set(), set()
    for kind in ("extract", "sums", "differences", "stories"):
        with open(os.path.join(folder, kind + ".jsonl")) as file:
            for line in file:
                item = json.loads(line)
                prompts.add(normal(item["messages"][-1]["content"]))
                if "operands" in item:
                    pairs.add(tuple(sorted(item["operands"])))
                if kind == "extract":
                    values.add(value_set(item["expected"]))
    return prompts, pairs, values


def normal(text):
    return re.sub(r"[^\w+-]+", " ", text.lower()).strip()


def value_set(answer):
    return tuple(sorted(json.dumps(v) for v in answer.values()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", default=os.path.join(HERE, "heldout"))
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(2000, 2015)), help="the workers' seeds")
    parser.add_argument("--count", type=int, default=20000, help="conversations of each seed")
    args = parser.parse_args()
    prompts, pairs, values = held(args.items)
    bad = seen = 0
    for seed in args.seeds:
        rng, split = random.Random(seed), Split(False)
        for _ in range(args.count):
            seen += 1
            for message in conversation(rng, split)[1]:
                text = message["content"]
                if message["role"] == "user" and normal(text) in prompts:
                    bad += 1
                    print("prompt:", text)
                if message["role"] != "assistant":
                    continue
                for a, _, b in SUM.findall(text):
                    if tuple(sorted((int(a), int(b)))) in pairs:
                        bad += 1
                        print("operands:", text)
                if text.startswith("{") and value_set(json.loads(text)) in values:
                    bad += 1
                    print("values:", text)
    print(f"{seen} conversations, {len(prompts)} held-out prompts, {len(pairs)} pairs, {len(values)} value sets: {bad} in common")
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
