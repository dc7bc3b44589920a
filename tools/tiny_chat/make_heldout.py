"""Writes the held-out items: keys of the split that training never uses."""

import argparse
import json
import os
import random

from corpus import extract, stories, sums
from corpus.grammar import Split


def write(folder, kind, items):
    with open(os.path.join(folder, kind + ".jsonl"), "w") as file:
        for i, item in enumerate(items):
            file.write(json.dumps({"id": f"{kind}-{i}", "kind": kind, **item}, ensure_ascii=False) + "\n")


def arithmetic(rng, split, op, low, high):
    while True:
        a, b = rng.randint(low, high), rng.randint(low, high)
        if sums.pair_is_held(a, b):
            made = sums.problem(rng, split, op, (a, b))
            return {"messages": [{"role": "user", "content": made["user"]}], "expected": made["answer"], "operands": [made["a"], made["b"]]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=2024)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    split, found = Split(True), []
    rng = random.Random(f"{args.seed}/extract")
    while len(found) < 400:
        made = extract.item(rng, split)
        messages = [{"role": "user", "content": made["user"]}]
        if made["system"]:
            messages.insert(0, {"role": "system", "content": made["system"]})
        found.append({"messages": messages, "expected": made["answer"]})
    write(args.out, "extract", found)
    rng = random.Random(f"{args.seed}/arithmetic")
    write(args.out, "sums", [arithmetic(rng, split, "+", 10, 99 if i < 300 else 999) for i in range(400)])
    write(args.out, "differences", [arithmetic(rng, split, "-", 10, 99 if i < 140 else 999) for i in range(200)])
    told, rng = [], random.Random(f"{args.seed}/stories")
    while len(told) < 50:
        made = stories.item(rng, split)
        told.append({"messages": [{"role": "user", "content": made["user"]}], "named": sorted(set(made["named"]))})
    write(args.out, "stories", told)


if __name__ == "__main__":
    main()
