"""Held-out scores in PyTorch, with the weights on the 4-bit grid."""

import json
import os

from tokenizers import Tokenizer

from model import answer
from scoring import correct

MOST = {"extract": 160, "sums": 130, "differences": 170, "stories": 330}


def prompt_text(messages):
    return "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages) + "<|im_start|>assistant\n"


def score(model, tokenizer_path, folder, out, device, limit):
    tokenizer = Tokenizer.from_file(tokenizer_path)
    stop = tokenizer.token_to_id("<|im_end|>")
    with open(out, "w") as file:
        for name in sorted(os.listdir(folder), key=lambda n: (n.startswith("stories"), n)):
            items = [json.loads(line) for line in open(os.path.join(folder, name))][:limit]
            prompts = [tokenizer.encode(prompt_text(i["messages"]), add_special_tokens=False).ids for i in items]
            found = answer(model, prompts, stop, MOST.get(name.split(".")[0], 170), device)
            right = 0
            for item, ids in zip(items, found):
                text = tokenizer.decode(ids, skip_special_tokens=True)
                ok = correct(item, text)
                right += bool(ok)
                file.write(json.dumps({"file": name, "id": item["id"], "ok": ok, "text": text}, ensure_ascii=False) + "\n")
            print(name, right, "of", len(items), flush=True)
