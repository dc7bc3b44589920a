"""After training: exports the model, writes its card and keeps the loss curve and the scores.

  python3 finish.py --weights DIR --tokenizer DIR --model ../../models/tiny-chat [--first DIR]
                    [--evaluated "HEADING=answers.jsonl" ...]

DIR is what train.py wrote; --first names that of the run which this one resumed. --evaluated adds a column
of scores from the answers that evaluate.py wrote. Needs mlx.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys

from scoring import correct, fields_right

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS = [("extract", "extract", "fields of a text as JSON: whole items"), ("extract", "fields", "fields of a text as JSON: single fields"),
        ("sums", "sums", "sums of two and three digits"), ("differences", "differences", "differences of two and three digits"),
        ("natural", "extract", "written by hand after the generators were finished, JSON: whole items"),
        ("natural", "fields", "the same: single fields"), ("natural", "sums", "written by hand after the generators were finished, sums and differences"),
        ("probes", "extract", "written by hand and used in development, JSON: whole items"), ("probes", "sums", "written by hand and used in development, sums and differences"),
        ("chat", "contains", "questions about itself and the program (used in development; the short ones also stand in training)")]


def tally(path):
    """{(file, kind of item): (right, of)}; the kind "fields" counts the fields of JSON items."""
    items, found = {}, {}
    for name in {file for file, _, _ in ROWS}:
        with open(os.path.join(HERE, "heldout", name + ".jsonl")) as file:
            items.update((item["id"], item) for item in map(json.loads, file))
    with open(path) as file:
        for answer in map(json.loads, file):
            item = items.get(answer["id"])
            if item is None:
                continue
            name = answer["file"].removesuffix(".jsonl")
            counts = [(item["kind"], bool(correct(item, answer["text"])), 1)]
            if item["kind"] == "extract":
                counts.append(("fields", fields_right(item["expected"], answer["text"]), len(item["expected"])))
            for kind, right, total in counts:
                before = found.get((name, kind), (0, 0))
                found[name, kind] = (before[0] + right, before[1] + total)
    return found


def table(columns):
    """A Markdown table; columns is a list of (heading, tally)."""
    lines = ["| held-out items | " + " | ".join(heading for heading, _ in columns) + " |", "| --- |" + " --- |" * len(columns)]
    for name, kind, title in ROWS:
        cells = ["{} of {}".format(*found[name, kind]) for _, found in columns]
        lines.append("| " + " | ".join([title] + cells) + " |")
    return "\n".join(lines) + "\n"


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
    parser.add_argument("--evaluated", nargs="*", default=[], help="HEADING=FILE: answers that evaluate.py wrote")
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
    columns = [("PyTorch", tally(os.path.join(args.weights, "answers.jsonl")))]
    for evaluated in args.evaluated:
        heading, path = evaluated.split("=", 1)
        columns.append((heading, tally(path)))
    scores = {heading: {f"{n} {k}": {"right": r, "of": t} for (n, k), (r, t) in sorted(found.items())} for heading, found in columns}
    with open(os.path.join(results, "run.json"), "w") as file:
        json.dump({"runs": runs, "scores": scores}, file, indent=1)
        file.write("\n")
    with open(os.path.join(HERE, "card.md")) as file:
        card = file.read().replace("SCORES\n", table(columns))
    with open(os.path.join(args.model, "README.md"), "w") as file:
        file.write(card)


if __name__ == "__main__":
    main()
