"""Trains tiny-chat. The schedule follows the clock (--seconds) or a number of steps (--steps).

Muon for the matrices of the layers, AdamW for the embedding and the norms. The learning rate warms up,
stays, and falls to zero; meanwhile the weights move onto MLX's 4-bit grid and stay there.
"""

import argparse
import csv
import json
import os
import threading
import time
from queue import Queue

from data import WEIGHT_STEP, Batches

CONFIG = {"vocab_size": 4096, "hidden_size": 384, "intermediate_size": 1152, "num_hidden_layers": 10,
          "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 64, "rope_theta": 10000.0, "rms_norm_eps": 1e-5}


def parse():
    p = argparse.ArgumentParser()
    p.add_argument("--tokenizer", required=True)
    p.add_argument("--heldout", help="folder of held-out items: kept out of training, and scored at the end")
    p.add_argument("--out", required=True)
    p.add_argument("--seconds", type=float, default=0, help="end of training, counted from the start of the program")
    p.add_argument("--steps", type=int, default=0)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--length", type=int, default=1024)
    p.add_argument("--workers", type=int, default=14)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--muon", type=float, default=0.02)
    p.add_argument("--adam", type=float, default=0.003)
    p.add_argument("--hold", type=float, default=0.55, help="fraction of the run before the rate falls")
    p.add_argument("--grid", type=float, default=0.45, help="fraction of the run at which the grid sets in")
    p.add_argument("--resume", help="folder with the weights to start from")
    p.add_argument("--toy", action="store_true")
    return p.parse_args()


def orthogonal(g):
    """Newton-Schulz iteration: the nearest matrix with all singular values near one, for a stack."""
    x = g.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(5):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return (x.mT if tall else x).float()


class Muon:
    def __init__(self, weights, torch, momentum=0.95, decay=0.05):
        self.torch, self.momentum, self.decay, self.groups = torch, momentum, decay, {}
        for w in weights:
            self.groups.setdefault(tuple(w.shape), []).append(w)
        self.state = {s: torch.zeros(len(ws), *s, device=ws[0].device) for s, ws in self.groups.items()}

    def step(self, rate):
        torch = self.torch
        with torch.no_grad():
            for shape, weights in self.groups.items():
                grads, state = torch.stack([w.grad for w in weights]), self.state[shape]
                state.mul_(self.momentum).add_(grads, alpha=1 - self.momentum)
                update = orthogonal(grads.mul_(1 - self.momentum).add_(state, alpha=self.momentum))
                update.mul_(max(1.0, shape[0] / shape[1]) ** 0.5)
                torch._foreach_mul_(weights, 1 - rate * self.decay)
                torch._foreach_add_(weights, list(update.unbind(0)), alpha=-rate)


def save(model, folder, safetensors_save):
    """bfloat16 weights in three files of less than 16 MiB."""
    import torch
    named = [(n, w.detach().to(torch.bfloat16).cpu().contiguous()) for n, w in model.named_weights()]
    third, part, size, files = sum(w.numel() for _, w in named) / 3 + 1, {}, 0, []
    for name, w in named:
        part[name] = w
        size += w.numel()
        if size >= third:
            files.append(part)
            part, size = {}, 0
    if part:
        files.append(part)
    for i, part in enumerate(files):
        safetensors_save(part, os.path.join(folder, f"weights-{i}.safetensors"))


def load(model, folder, safetensors_load):
    import torch
    found = {}
    for name in sorted(os.listdir(folder)):
        if name.startswith("weights-") and name.endswith(".safetensors"):
            found.update(safetensors_load(os.path.join(folder, name)))
    with torch.no_grad():
        for name, w in model.named_weights():
            w.copy_(found[name].float())


def main():
    start, args = time.time(), parse()
    os.makedirs(args.out, exist_ok=True)
    batches = Batches(args.tokenizer, args.seed, args.length, args.batch, args.workers, args.heldout, block=min(16, args.batch))
    import torch
    from safetensors.torch import load_file, save_file
    from model import TinyLlama

    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(args.seed)
    torch.set_float32_matmul_precision("high")
    config = dict(CONFIG, num_hidden_layers=2, intermediate_size=256) if args.toy else CONFIG
    model = TinyLlama(config).to(device)
    if args.resume:
        load(model, args.resume, load_file)
    matrices = [w for n, w in model.named_weights() if w.ndim == 2 and "embed" not in n]
    others = [w for n, w in model.named_weights() if w.ndim == 1 or "embed" in n]
    print("parameters", sum(w.numel() for _, w in model.named_weights()), device, flush=True)
    muon = Muon(matrices, torch)
    adam = torch.optim.AdamW(others, lr=args.adam, betas=(0.9, 0.95), weight_decay=0.0, fused=device == "cuda")
    if device == "cuda":
        model.compile_parts()

    ready = Queue(maxsize=4)

    def feed():
        while True:
            try:
                tokens, weights = batches.next()
            except RuntimeError as error:
                ready.put(error)
                return
            t = torch.from_numpy(tokens.astype("int32"))
            w = torch.from_numpy(weights)
            if device == "cuda":
                t, w = t.pin_memory(), w.pin_memory()
            ready.put((t, w))

    threading.Thread(target=feed, daemon=True).start()
    log = open(os.path.join(args.out, "loss.csv"), "w", newline="")
    writer = csv.writer(log)
    writer.writerow(["step", "seconds", "tokens", "loss", "rate", "grid"])
    step, began, saved, recent, waited = 0, None, time.time(), [], 0.0
    amount = torch.zeros((), device=device)
    while True:
        if began is None and step == 3:
            began = time.time()
            print(f"compiled after {began - start:.0f} s", flush=True)
        if args.steps:
            part = step / args.steps
        else:
            part = 0.0 if began is None else (time.time() - began) / max(1.0, args.seconds - (began - start))
        if part >= 1:
            break
        scale = min(1.0, (step + 1) / 200 if not args.resume else (step + 1) / 50)
        if part > args.hold:
            scale *= max(0.0, (1 - part) / (1 - args.hold))
        amount.fill_(min(1.0, max(0.0, (part - args.grid) / 0.05)))
        t0 = time.time()
        batch = ready.get()
        if isinstance(batch, RuntimeError):
            print(f"training ends early: {batch}", flush=True)
            break
        tokens, weights = batch
        waited += time.time() - t0
        tokens = tokens.to(device, non_blocking=True).long()
        weights = weights.to(device, non_blocking=True).float() * WEIGHT_STEP
        with torch.autocast(device_type=device, dtype=torch.bfloat16):
            loss = model(tokens[:, :-1], tokens[:, 1:], weights[:, 1:], amount)
        loss.backward()
        muon.step(args.muon * scale)
        for group in adam.param_groups:
            group["lr"] = args.adam * scale
        adam.step()
        model.zero_grad(set_to_none=True)
        recent.append(loss.detach())
        step += 1
        if step % 50 == 0 or args.toy:
            mean = torch.stack(recent).mean().item()
            recent = []
            writer.writerow([step, f"{time.time() - start:.1f}", step * args.batch * args.length, f"{mean:.4f}", f"{scale:.4f}", f"{amount.item():.2f}"])
            log.flush()
            if step % 250 == 0 or args.toy:
                print(step, f"{time.time() - start:.0f} s", f"loss {mean:.4f} scale {scale:.3f} grid {amount.item():.2f} waited {waited:.1f}", flush=True)
        if time.time() - saved > 120:
            save(model, args.out, save_file)
            saved = time.time()
    batches.stop()
    written, left_out = batches.checked()
    save(model, args.out, save_file)
    with open(os.path.join(args.out, "train.json"), "w") as file:
        json.dump({"steps": step, "tokens": step * args.batch * args.length, "conversations": written,
                   "left_out_as_held_out": left_out, "seconds": round(time.time() - start, 1), "arguments": vars(args), "config": config}, file, indent=1)
    print("trained", step, "steps", f"{time.time() - start:.0f} s", flush=True)
    if args.heldout:
        from score_torch import score
        score(model, args.tokenizer, args.heldout, os.path.join(args.out, "answers.jsonl"), device, 8 if args.toy else 10000)
        print(f"scored {time.time() - start:.0f} s", flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
