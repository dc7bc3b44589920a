"""Finds held-out items in training conversations, without trusting the split of the generators.

It reads the finished messages: prompts, the operands of every sum and difference, and the values of every
JSON answer. In a sum of several terms every two terms count as a pair, and so does each running total with
the term that is added to it.
"""

import json
import os
import re

KINDS = ("extract", "sums", "differences", "stories", "natural", "probes")
CHAIN = re.compile(r"(?<![\d./])\d+(?: [+-] \d+)+(?![\d/]|\.\d)")
NUMBER = re.compile(r"\d[\d,]*")


def normal(text):
    return re.sub(r"[^\w+-]+", " ", text.lower()).strip()


def value_set(answer):
    return tuple(sorted(json.dumps(v) for v in answer.values()))


def pairs_of(numbers):
    return {tuple(sorted((a, b))) for i, a in enumerate(numbers) for b in numbers[i + 1:]}


def chain_pairs(text):
    """The pairs of every sum and difference that is written out in the text."""
    found = set()
    for chain in CHAIN.findall(text):
        first, *rest = chain.split(" ")
        numbers, total = [int(first)], int(first)
        for sign, number in zip(rest[::2], map(int, rest[1::2])):
            found.add(tuple(sorted((total, number))))
            total += number if sign == "+" else -number
            numbers.append(number)
        found |= pairs_of(numbers)
    return found


def is_working(text):
    return text.startswith("<think>") or CHAIN.match(text) is not None


class Guard:
    def __init__(self, folder):
        self.prompts, self.pairs, self.values = set(), set(), set()
        for kind in KINDS:
            with open(os.path.join(folder, kind + ".jsonl")) as file:
                for line in file:
                    self._add(json.loads(line))

    def _add(self, item):
        prompt = item["messages"][-1]["content"]
        self.prompts.add(normal(prompt))
        if item["kind"] == "extract":
            self.values.add(value_set(item["expected"]))
        if item["kind"] in ("sums", "differences"):
            numbers = item.get("operands") or [int(n.replace(",", "")) for n in NUMBER.findall(prompt)]
            self.pairs |= pairs_of(numbers)

    def hits(self, messages):
        """What these messages share with held-out items: a list of words, empty if nothing."""
        found = []
        for message, after in zip(messages, messages[1:] + [{"content": ""}]):
            text = message["content"]
            pairs = set()
            if message["role"] == "assistant" and (" + " in text or " - " in text):
                pairs = chain_pairs(text)
            if message["role"] == "user":
                if normal(text) in self.prompts:
                    found.append("prompt: " + text)
                if is_working(after["content"]):
                    pairs = chain_pairs(text)
                    numbers = [int(n.replace(",", "")) for n in NUMBER.findall(text)]
                    pairs |= pairs_of(numbers[:6])
            found += [f"operands {a} and {b}: {text}" for a, b in sorted(pairs & self.pairs)]
            if message["role"] == "assistant" and text.startswith("{") and value_set(json.loads(text)) in self.values:
                found.append("values: " + text)
        return found
