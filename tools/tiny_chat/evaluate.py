"""Scores held-out items through a program that answers one conversation at a time.

  python3 evaluate.py --model ../../models/tiny-chat -- ../../build/release/mlxa generate --temp 0 --json

Each item becomes a file of messages; the command is called with --model, --messages and --max-tokens and
must print one JSON document with "text". Stories are printed for reading.
"""

import argparse
import json
import os
import subprocess
import tempfile

from scoring import correct

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = ["extract", "sums", "differences", "stories", "natural", "chat", "probes"]


def ask(command, model, messages, most):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(messages, file)
        file.flush()
        done = subprocess.run(command + ["--model", model, "--messages", file.name, "--max-tokens", str(most)],
                              capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["text"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--items", default=os.path.join(HERE, "heldout"))
    parser.add_argument("--limit", type=int, default=10000, help="items of each file")
    parser.add_argument("--only", nargs="*", default=FILES)
    parser.add_argument("--out", help="write every answer here, as JSON lines")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    out = open(args.out, "w") if args.out else None
    for name in args.only:
        with open(os.path.join(args.items, name + ".jsonl")) as file:
            items = [json.loads(line) for line in file][: args.limit]
        right = 0
        for item in items:
            text = ask(command, args.model, item["messages"], 420)
            ok = correct(item, text)
            right += bool(ok)
            if out:
                out.write(json.dumps({"file": name + ".jsonl", "id": item["id"], "ok": ok, "text": text}, ensure_ascii=False) + "\n")
            if ok is None:
                print("#", item["messages"][-1]["content"] + "\n" + text + "\n")
            elif not ok:
                print(item["id"], "expected", json.dumps(item["expected"], ensure_ascii=False), "got", text)
        if items[0]["kind"] != "stories":
            print(f"{name}: {right} of {len(items)} ({100 * right / len(items):.1f} %)", flush=True)


if __name__ == "__main__":
    main()
