"""Training rows, written by worker processes while the model trains."""

import multiprocessing
import os
import random
from queue import Empty

import numpy as np
from tokenizers import Tokenizer

from corpus.conversations import conversation, document
from corpus.grammar import Split
from guard import Guard

WEIGHT_STEP = 0.05  # weights travel as bytes, in these steps


def encode(tokenizer, messages):
    tokens, weights = [], []
    for text, weight in document(messages):
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        tokens += ids
        weights += [round(weight / WEIGHT_STEP)] * len(ids)
    return tokens, weights


def rows(tokenizer, seed, length, guard=None, counts=None):
    """Endless (tokens, weights) rows of length + 1, each packed with whole conversations.

    counts[0] grows with every conversation, counts[1] with every one that the guard finds a held-out item
    in, which is left out.
    """
    rng, split = random.Random(seed), Split(False)
    pool = []
    while True:
        room, tokens, weights = length + 1, [], []
        while True:
            while len(pool) < 48:
                messages = conversation(rng, split)[1]
                if guard:
                    counts[0] += 1
                    if guard.hits(messages):
                        counts[1] += 1
                        continue
                made = encode(tokenizer, messages)
                if len(made[0]) <= length:
                    pool.append(made)
            best = 0 if not tokens else max(range(len(pool)), key=lambda i: len(pool[i][0]) if len(pool[i][0]) <= room else -1)
            if len(pool[best][0]) > room:
                break
            piece = pool.pop(best) if tokens else pool.pop(0)
            tokens += piece[0]
            weights += piece[1]
            room -= len(piece[0])
        yield tokens + [0] * room, weights + [0] * room


def _work(path, seed, length, block, heldout, counts, queue):
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.nice(5)
    source = rows(Tokenizer.from_file(path), seed, length, Guard(heldout) if heldout else None, counts)
    while True:
        made = [next(source) for _ in range(block)]
        queue.put((np.array([m[0] for m in made], dtype=np.uint16), np.array([m[1] for m in made], dtype=np.uint8)))


class Batches:
    """Blocks from the workers in a fixed order, so that a seed fixes the data. Start before CUDA does."""

    def __init__(self, tokenizer_path, seed, length, batch, workers, heldout=None, block=16):
        self.batch, self.block, self.at = batch, block, 0
        self.queues = [multiprocessing.Queue(maxsize=6) for _ in range(workers)]
        self.counts = [multiprocessing.Array("q", 2, lock=False) for _ in range(workers)]
        self.processes = [multiprocessing.Process(target=_work, daemon=True, args=(tokenizer_path, seed * 1000 + i, length, block, heldout, self.counts[i], q))
                          for i, q in enumerate(self.queues)]
        for process in self.processes:
            process.start()

    def next(self):
        parts = []
        for _ in range(self.batch // self.block):
            worker = self.at % len(self.queues)
            while True:
                try:
                    parts.append(self.queues[worker].get(timeout=5))
                    break
                except Empty:
                    if not self.processes[worker].is_alive():
                        raise RuntimeError(f"worker {worker} has died") from None
            self.at += 1
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def checked(self):
        """(conversations written and searched for held-out items, conversations left out for one)."""
        return sum(c[0] for c in self.counts), sum(c[1] for c in self.counts)

    def stop(self):
        for process in self.processes:
            process.terminate()
