"""After training: exports the model, writes its card and keeps the loss curve and the scores.

  python3 finish.py --weights DIR --tokenizer DIR --model ../../models/tiny-chat [--first DIR]

DIR is what train.py wrote; --first names that of the run which this one resumed. Needs mlx.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = {"extract": "fields of a text as JSON, every field of the item equal", "sums": "sums of two and three digits",
         "differences": "differences of two and three digits", "natural": "JSON and sums, questions written by hand after the generators were finished",
         "chat": "questions about itself and the program, worded by hand (used in development; the short ones also stand in training)",
         "probes": "JSON and sums, questions written by hand and used in development"}


def tally(path):
    found = {}
    with open(path) as file:
        for line in file:
            answer = json.loads(line)
            name = answer["file"].removesuffix(".jsonl")
            if answer["ok"] is not None:
                right, total = found.get(name, (0, 0))
                found[name] = (right + bool(answer["ok"]), total + 1)
    return found


def summary(folder):
    """What a run was, without the names of its files."""
    with open(os.path.join(folder, "train.json")) as file:
        run = json.load(file)
    del run["config"]
    run["arguments"] = {k: v for k, v in run["arguments"].items() if k not in ("out", "tokenizer", "heldout", "resume", "toy")}
    return run


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--first", help="folder of the run that this one resumed")
    args = parser.parse_args()
    subprocess.run([sys.executable, os.path.join(HERE, "export.py"), "--weights", args.weights, "--tokenizer", args.tokenizer,
                    "--out", args.model], check=True)
    results = os.path.join(HERE, "results")
    os.makedirs(results, exist_ok=True)
    shutil.copy(os.path.join(args.weights, "loss.csv"), os.path.join(results, "loss.csv"))
    runs = []
    if args.first:
        shutil.copy(os.path.join(args.first, "loss.csv"), os.path.join(results, "loss_first_part.csv"))
        runs.append(summary(args.first))
    runs.append(summary(args.weights))
    scores = tally(os.path.join(args.weights, "answers.jsonl"))
    with open(os.path.join(results, "run.json"), "w") as file:
        json.dump({"runs": runs, "scores": {n: {"right": r, "of": t} for n, (r, t) in scores.items()}}, file, indent=1)
        file.write("\n")
    rows = "".join(f"| {NAMES.get(n, n)} | {r} of {t} |\n" for n, (r, t) in sorted(scores.items()))
    with open(os.path.join(HERE, "card.md")) as file:
        card = file.read().replace("SCORES\n", rows)
    with open(os.path.join(args.model, "README.md"), "w") as file:
        file.write(card)


if __name__ == "__main__":
    main()
