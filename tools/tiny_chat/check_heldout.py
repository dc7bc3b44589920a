"""Shows on generated text that no held-out item occurs in training.

It writes conversations as train.py's workers do and looks for prompts, operands and values of the held-out
files in them (guard.py). train.py itself does the same with every conversation that it trains on.
"""

import argparse
import os
import random

from corpus.conversations import conversation
from corpus.grammar import Split
from guard import Guard

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", default=os.path.join(HERE, "heldout"))
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(3000, 3015)), help="the workers' seeds")
    parser.add_argument("--count", type=int, default=20000, help="conversations of each seed")
    args = parser.parse_args()
    guard, bad = Guard(args.items), 0
    for seed in args.seeds:
        rng, split = random.Random(seed), Split(False)
        for _ in range(args.count):
            for hit in guard.hits(conversation(rng, split)[1]):
                bad += 1
                print(hit)
    print(f"{len(args.seeds) * args.count} conversations, {len(guard.prompts)} held-out prompts, {len(guard.pairs)} pairs, "
          f"{len(guard.values)} value sets: {bad} in common")
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
