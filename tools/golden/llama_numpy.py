"""The definition of a llama in float32 numpy: the reference where mlx-lm on a CPU takes minutes.

Plain rope, no biases: what divergence.py's models are.
"""

import numpy as np


def _rms_norm(x, weight, eps):
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(eps)) * weight


def _rope(x, theta):
    """[length, heads, dim], position p at row p: pairs are half a head apart."""
    length, _, dim = x.shape
    periods = theta ** (-np.arange(0, dim, 2) / dim)
    angles = np.arange(length)[:, None] * periods
    cos, sin = (f(angles)[:, None, :].astype(np.float32) for f in (np.cos, np.sin))
    a, b = x[..., : dim // 2], x[..., dim // 2 :]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


def _attention(q, k, v):
    """Causal, [length, heads, dim]; several query heads share a key head."""
    length, heads, dim = q.shape
    later = np.triu(np.ones((length, length), bool), 1)
    out = np.empty_like(q)
    for head in range(heads):
        shared = head * k.shape[1] // heads
        scores = q[:, head] @ k[:, shared].T * np.float32(dim**-0.5)
        scores[later] = -np.inf
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        out[:, head] = scores / scores.sum(axis=-1, keepdims=True) @ v[:, shared]
    return out.reshape(length, heads * dim)


def _round_to_int8(x, group):
    """x with each group along the last axis replaced by int8 multiples of its absmax / 127."""
    groups = x.reshape(*x.shape[:-1], -1, group)
    scale = np.abs(groups).max(axis=-1, keepdims=True) / np.float32(127)
    return (np.rint(groups / np.where(scale == 0, 1, scale)) * scale).reshape(x.shape)


class Llama:
    """Weights by name, float32 numpy, and the config.json that they belong to. `int8_groups`, by
    module path: so many elements of what a product takes share a scale when they are rounded to
    int8; where there is no path or None, nothing is rounded."""

    def __init__(self, config, weights, int8_groups=()):
        self.config, self.weights = config, weights
        self.int8_groups = dict(int8_groups)

    def logits(self, ids):
        """float32 [len(ids), vocabulary]."""
        config, weights = self.config, self.weights
        heads = config["num_attention_heads"]
        dim = config.get("head_dim") or config["hidden_size"] // heads
        eps = config["rms_norm_eps"]

        def product(x, path):
            group = self.int8_groups.get(path)
            if group:
                x = _round_to_int8(x, group)
            return x @ weights[path + ".weight"].T

        x = weights["model.embed_tokens.weight"][list(ids)]
        for i in range(config["num_hidden_layers"]):
            layer = f"model.layers.{i}."
            h = _rms_norm(x, weights[layer + "input_layernorm.weight"], eps)
            q, k, v = (
                product(h, layer + f"self_attn.{name}_proj").reshape(len(ids), -1, dim)
                for name in "qkv"
            )
            theta = config["rope_theta"]
            mixed = _attention(_rope(q, theta), _rope(k, theta), v)
            x = x + product(mixed, layer + "self_attn.o_proj")
            h = _rms_norm(x, weights[layer + "post_attention_layernorm.weight"], eps)
            gate = product(h, layer + "mlp.gate_proj")
            gate = gate / (1 + np.exp(-gate)) * product(h, layer + "mlp.up_proj")
            x = x + product(gate, layer + "mlp.down_proj")
        x = _rms_norm(x, weights["model.norm.weight"], eps)
        return product(x, "model.embed_tokens" if config["tie_word_embeddings"] else "lm_head")
