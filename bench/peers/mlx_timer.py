"""Times upstream MLX on a model directory; runs in the virtual environment that bench/peers/run makes.

Answers the requests of llama_timer --serve: "prefill N" and "decode N CONTEXT", one JSON object a line.
"""

import argparse
import importlib.metadata
import json
import pathlib
import sys
import time

import mlx.core as mx
from mlx_lm.models.cache import make_prompt_cache
from mlx_lm.utils import load_model


class Timer:
    def __init__(self, folder, dtype):
        self.model, self.config = load_model(pathlib.Path(folder))
        self.dtype = getattr(mx, dtype)
        self.model.set_dtype(self.dtype)
        mx.eval(self.model.parameters())

    def step(self, tokens, cache):
        mx.eval(self.model(tokens, cache=cache)[:, -1])

    def prefill(self, count, _context):
        tokens = mx.array([[i * 37 % self.config["vocab_size"] for i in range(count)]])
        cache = make_prompt_cache(self.model)
        start = time.perf_counter()
        self.step(tokens, cache)
        return time.perf_counter() - start

    def filled_cache(self, context):
        """A cache that holds so many positions of random keys and values."""
        cache = make_prompt_cache(self.model)
        shape = (1, self.config["num_key_value_heads"], context, self.config["head_dim"])
        for layer in cache:
            keys, values = (mx.random.normal(shape).astype(self.dtype) for _ in range(2))
            mx.eval(layer.update_and_fetch(keys, values))
        return cache

    def decode(self, count, context):
        cache = self.filled_cache(context)
        token = mx.array([[7]])
        self.step(token, cache)  # not counted: it makes room in the cache
        start = time.perf_counter()
        for _ in range(count):
            self.step(token, cache)
        return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--dtype", default="float32")
    options = parser.parse_args()
    mx.set_default_device(mx.cpu)
    timer = Timer(options.model, options.dtype)
    versions = {name: importlib.metadata.version(name) for name in ("mlx", "mlx-lm")}
    print(json.dumps({"engine": "MLX", "dtype": options.dtype, **versions}), flush=True)
    for line in sys.stdin:
        kind, *numbers = line.split()
        count, context = (int(number) for number in numbers)
        seconds = {"prefill": timer.prefill, "decode": timer.decode}[kind](count, context)
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
