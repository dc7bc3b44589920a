"""What the references say about a model directory.

The reference is mlx-lm's model code run in float32 over weights that are dequantized in float32;
transformers gives a second opinion where it has the same definition. Keys that mlx-lm ignores
(rope_parameters, qwen2's head_dim) are given to it in a form that it understands.
"""

import glob
from importlib import import_module
from pathlib import Path

import mlx.core as mx
import mlx.nn as nn
import numpy as np
from mlx_lm.models.cache import make_prompt_cache
from mlx_lm.models.switch_layers import SwitchLinear
from mlx_lm.utils import load_config, load_model

GAP = 2e-3  # a top-2 gap below which two correct programs may pick different tokens


class _Kinds(list):
    """Layer kinds whose index() does not throw: mlx-lm needs a full-attention layer to exist."""

    def index(self, value):
        return super().index(value) if value in self else 0


def normal_config(directory):
    """config.json with rope_parameters rewritten as rope_theta and rope_scaling."""
    config = load_config(Path(directory))
    parameters = config.pop("rope_parameters", None)
    if parameters:
        config["rope_theta"] = parameters["rope_theta"]
        kind = parameters.get("rope_type", "default")
        scaling = {k: v for k, v in parameters.items() if k != "rope_theta"}
        config["rope_scaling"] = None if kind == "default" else scaling
    if config.get("layer_types"):
        config["layer_types"] = _Kinds(config["layer_types"])
    return config


def _as_llama(config):
    """qwen2 with a head_dim of its own, as the llama that it equals (o_proj's bias being zero)."""
    return config | {"model_type": "llama", "attention_bias": True}


def _needs_llama(config):
    return config["model_type"] == "qwen2" and bool(config.get("head_dim"))


def has_experts(config):
    return bool(config.get("num_local_experts") or config.get("num_experts"))


def stacked_width(config):
    """The key of an expert's width."""
    return "intermediate_size" if config["model_type"] == "mixtral" else "moe_intermediate_size"


def _width(config, path):
    if path.endswith("down_proj"):
        stacked = path.endswith("switch_mlp.down_proj")
        return config[stacked_width(config) if stacked else "intermediate_size"]
    if path.endswith("o_proj"):
        heads = config["num_attention_heads"]
        return heads * (config.get("head_dim") or config["hidden_size"] // heads)
    return config["hidden_size"]


def dense_float32(directory):
    """(weights, {path of a quantized module: elements that share a scale where its products round
    activations to int8, None where they do not}), every weight in float32 and dequantized."""
    config = normal_config(directory)
    stored = {}
    for file in sorted(glob.glob(str(Path(directory) / "model*.safetensors"))):
        stored.update(mx.load(file))
    paths = {name[: -len(".scales")]: 32 for name in stored if name.endswith(".scales")}
    weights = {}
    for name, value in stored.items():
        path, _, leaf = name.rpartition(".")
        if path in paths and leaf in ("scales", "biases"):
            continue
        if path in paths and leaf == "weight":
            scales = stored[path + ".scales"]
            width = _width(config, path)
            how = dict(group_size=width // scales.shape[-1], bits=value.shape[-1] * 32 // width)
            if scales.dtype == mx.uint8:
                mode = "nvfp4" if how["group_size"] == 16 else f"mxfp{how['bits']}"
                paths[path] = {"mxfp4": 32, "mxfp8": None, "nvfp4": 16}[mode]
                value = mx.dequantize(value, scales, mode=mode, dtype=mx.float32, **how)
            else:
                biases = stored[path + ".biases"].astype(mx.float32)
                value = mx.dequantize(value, scales.astype(mx.float32), biases, **how)
        weights[name] = value.astype(mx.float32)
    return weights, paths


def float32_model(directory):
    """(mlx-lm model in float32, quantized modules as dense_float32 gives them)."""
    config = normal_config(directory)
    weights, paths = dense_float32(directory)
    if _needs_llama(config):
        config = _as_llama(config)
        for i in range(config["num_hidden_layers"]):
            zeros = mx.zeros((config["hidden_size"],))
            weights[f"model.layers.{i}.self_attn.o_proj.bias"] = zeros
    kind = {"mistral": "llama"}.get(config["model_type"], config["model_type"])
    module = import_module(f"mlx_lm.models.{kind}")
    model = module.Model(module.ModelArgs.from_dict(config))
    model.load_weights(list(weights.items()), strict=True)
    mx.eval(model.parameters())
    return model, paths


def prompt_logits(model, ids):
    """float32 numpy logits [len(ids), vocabulary] of one pass without a cache."""
    logits = model(mx.array([list(ids)]))[0].astype(mx.float32)
    return np.array(logits)


def upstream_logits(directory, ids):
    """The last position's logits of mlx-lm run as users run it (stored dtype, quantized products,
    with a cache), or None where mlx-lm cannot load the model."""
    config = normal_config(directory)
    dense_half = "quantization" not in config and config["torch_dtype"] != "float32"
    if _needs_llama(config) or dense_half and has_experts(config):  # its gather_mm is float32 only
        return None
    # load_config is applied again inside: only the keys that mlx-lm would miss are handed over.
    keys = ("rope_theta", "rope_scaling", "layer_types")
    model, _ = load_model(
        Path(directory), model_config={k: config[k] for k in keys if config.get(k) is not None}
    )
    cache = make_prompt_cache(model)
    return np.array(model(mx.array([list(ids)]), cache=cache)[0, -1].astype(mx.float32))


def round_to_int8(x, group):
    """x with each group along the last axis replaced by int8 multiples of its absmax / 127."""
    groups = x.reshape(*x.shape[:-1], -1, group)
    scale = mx.max(mx.abs(groups), axis=-1, keepdims=True) / 127.0
    rounded = mx.round(groups / mx.where(scale == 0, 1.0, scale)) * scale
    return rounded.reshape(x.shape)


class _Int8Linear(nn.Linear):
    def __call__(self, x):
        return super().__call__(round_to_int8(x, self.int8_group))


class _Int8SwitchLinear(SwitchLinear):
    def __call__(self, x, indices, sorted_indices=False):
        return super().__call__(round_to_int8(x, self.int8_group), indices, sorted_indices)


class _Int8Embedding(nn.Embedding):
    def as_linear(self, x):
        return super().as_linear(round_to_int8(x, self.int8_group))


_INT8 = {
    nn.Linear: _Int8Linear,
    nn.Embedding: _Int8Embedding,
    SwitchLinear: _Int8SwitchLinear,
}


def int8_simulation(directory, ids):
    """Last logits in float32 where the input of each quantized product is rounded to int8, but
    for routers of experts; the look-up of embeddings is not a product."""
    model, paths = float32_model(directory)
    for path, module in model.named_modules():
        if paths.get(path) and not path.endswith(".gate"):
            module.int8_group = paths[path]
            module.__class__ = _INT8[type(module)]
    return prompt_logits(model, ids)[-1]


def transformers_logits(directory, ids):
    """float32 logits [len(ids), vocabulary] of transformers, on the dequantized weights.

    rope_traditional is served by reordering the rows of q_proj and k_proj."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    config = load_config(Path(directory))
    for key in ("quantization", "quantization_config", "torch_dtype", "layer_types"):
        config.pop(key, None)
    traditional = config.pop("rope_traditional", False)
    kind = config.pop("model_type")
    config.setdefault("pad_token_id", None)  # smollm3's default lies beyond a small vocabulary
    hf_config = AutoConfig.for_model(kind, **config)
    weights, _ = dense_float32(directory)
    state = {name: torch.tensor(np.array(value)) for name, value in weights.items()}
    if traditional:
        dim = config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]
        order = torch.cat([torch.arange(0, dim, 2), torch.arange(1, dim, 2)])
        for name, value in state.items():
            if ".q_proj." in name or ".k_proj." in name:
                heads = value.reshape(-1, dim, *value.shape[1:])
                state[name] = heads[:, order].reshape(value.shape)
    torch.set_num_threads(1)
    with torch.no_grad():
        model = AutoModelForCausalLM.from_config(hf_config, dtype=torch.float32).eval()
        missing, unexpected = model.load_state_dict(state, strict=False)
        wanted = ["lm_head.weight"] if config["tie_word_embeddings"] else []
        assert sorted(missing) in (wanted, []) and not unexpected, (missing, unexpected)
        model.tie_weights()
        return model(torch.tensor([list(ids)])).logits[0].numpy()


def greedy(model, ids, count):
    """(tokens, top-2 gaps) of count greedy steps in float32 with a cache."""
    cache = make_prompt_cache(model)
    logits = model(mx.array([list(ids)]), cache=cache)[0, -1]
    tokens, gaps = [], []
    for _ in range(count):
        row = np.array(logits)
        best = int(row.argmax())
        top = np.partition(row, -2)[-2:]
        tokens.append(best)
        gaps.append(float(top[1] - top[0]))
        logits = model(mx.array([[best]]), cache=cache)[0, -1]
    return tokens, gaps


def relative_error(got, expected):
    """Relative L2 distance."""
    expected = np.asarray(expected, np.float64)
    return float(np.linalg.norm(np.asarray(got, np.float64) - expected) / np.linalg.norm(expected))


def random_prompt(seed, attempt, length, vocab):
    return [int(t) for t in np.random.default_rng([seed, attempt]).integers(2, vocab, length)]


def reference(directory, seed, prompt_length, steps, attempts=12):
    """Everything that a comparison needs, as a dict of Python values and numpy arrays.

    The prompt is the first of `attempts` random ones whose greedy continuation has no gap below
    GAP, or else the one with the largest smallest gap."""
    config = load_config(Path(directory))
    model, paths = float32_model(directory)
    best = None
    for attempt in range(attempts):
        ids = random_prompt(seed, attempt, prompt_length, config["vocab_size"])
        tokens, gaps = greedy(model, ids, steps)
        if best is None or min(gaps) > min(best[2]):
            best = (ids, tokens, gaps)
        if min(gaps) > GAP:
            break
    ids, tokens, gaps = best
    logits = prompt_logits(model, ids)
    upstream = upstream_logits(directory, ids)
    simulated = int8_simulation(directory, ids)[:] if paths else logits[-1]
    return {
        "prompt_ids": ids,
        "all_logits": logits,
        "last_logits": logits[-1],
        "mlx_error": None if upstream is None else relative_error(upstream, logits[-1]),
        "sim_error": relative_error(simulated, logits[-1]),
        "greedy_tokens": tokens,
        "greedy_gaps": gaps,
    }
