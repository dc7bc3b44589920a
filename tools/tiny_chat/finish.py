"""After training: exports the model, writes its card and keeps the loss curve and the scores.

  python3 finish.py --weights DIR --tokenizer DIR --model ../../models/tiny-chat [--first-loss loss.csv]

DIR is what train.py wrote. Needs mlx.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = {"extract": "fields of a text as JSON, every field of the item equal", "sums": "sums of two and three digits",
         "differences": "differences of two and three digits", "natural": "JSON and sums, questions written by hand, none seen in development",
         "chat": "questions about itself and the program, worded by hand (short ones also stand in training)",
         "probes": "JSON questions written by hand, used in development"}


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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--first-loss", help="loss.csv of the run that this one resumed")
    args = parser.parse_args()
    subprocess.run([sys.executable, os.path.join(HERE, "export.py"), "--weights", args.weights, "--tokenizer", args.tokenizer,
                    "--out", args.model], check=True)
    results = os.path.join(HERE, "results")
    os.makedirs(results, exist_ok=True)
    shutil.copy(os.path.join(args.weights, "loss.csv"), os.path.join(results, "loss.csv"))
    if args.first_loss:
        shutil.copy(args.first_loss, os.path.join(results, "loss_first_part.csv"))
    with open(os.path.join(args.weights, "train.json")) as file:
        run = json.load(file)
    kept = {k: v for k, v in run["arguments"].items() if k not in ("out", "tokenizer", "heldout", "resume", "toy")}
    scores = tally(os.path.join(args.weights, "answers.jsonl"))
    with open(os.path.join(results, "run.json"), "w") as file:
        json.dump({"steps": run["steps"], "tokens": run["tokens"], "conversations": run["conversations"],
                   "left_out_as_held_out": run["left_out_as_held_out"], "seconds": run["seconds"], "arguments": kept,
                   "scores": {n: {"right": r, "of": t} for n, (r, t) in scores.items()}}, file, indent=1)
        file.write("\n")
    rows = "".join(f"| {NAMES.get(n, n)} | {r} of {t} |\n" for n, (r, t) in sorted(scores.items()))
    with open(os.path.join(HERE, "card.md")) as file:
        card = file.read().replace("SCORES\n", rows)
    with open(os.path.join(args.model, "README.md"), "w") as file:
        file.write(card)


if __name__ == "__main__":
    main()
