#!/usr/bin/env python3
"""Builds random-weight model directories in the MLX format.

Each directory holds config.json, model.safetensors (or shards with their index), tokenizer.json,
tokenizer_config.json and nothing else. Weights come from a seed that depends on the model's name
alone. They are scaled so that the logits have a standard deviation of about 3, that every block
adds about as much to the residual stream as is there, and that a few channels are larger than the
rest, as in trained models.

    python3 tools/golden/make_models.py --out DIR [--set full|committed] [--only NAME]... [--list]
"""

import argparse
import json
from pathlib import Path

import mlx.core as mx
import numpy as np

from golden_io import DTYPES, save_json, save_safetensors
from model_specs import committed, full_matrix, matching

LOGIT_STD = 3.0


def byte_symbols():
    """GPT-2's printable stand-in for each of the 256 bytes, ASCII's printable ones first."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [b for b in range(256) if b not in printable]
    space = rest.index(0x20)
    symbols = [chr(b) for b in printable] + [chr(256 + i) for i in range(len(rest))]
    symbols.insert(0, symbols.pop(len(printable) + space))
    return symbols


def write_tokenizer(directory, vocab_size):
    """A byte-level BPE without merges: two special tokens, the bytes, then fillers. A vocabulary
    of fewer than 258 entries lacks the rarer bytes."""
    special = ["<s>", "</s>"]
    symbols = (special + byte_symbols())[:vocab_size]
    symbols += [f"<extra_{i}>" for i in range(vocab_size - len(symbols))]
    flags = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
    byte_level = {
        "type": "ByteLevel",
        "add_prefix_space": False,
        "trim_offsets": False,
        "use_regex": True,
    }
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, "content": text, **flags} for i, text in enumerate(special)],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {text: i for i, text in enumerate(symbols)},
            "merges": [],
        },
    }
    text = json.dumps(tokenizer, separators=(",", ":"), ensure_ascii=False)
    (directory / "tokenizer.json").write_text(text + "\n", encoding="utf-8")
    save_json(
        directory / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<s>",
            "eos_token": "</s>",
            "clean_up_tokenization_spaces": False,
        },
    )


def module_shapes(spec):
    """[(module path, rows, in, has bias)] of every linear and of the embedding: rows is out, or
    (experts, out) where a module stacks the matrices of experts."""
    dim = spec.real_head_dim
    qkv_bias = spec.attention_bias or spec.arch == "qwen2"
    rows = [("model.embed_tokens", spec.vocab, spec.hidden, False)]
    for i in range(spec.layers):
        attention, mlp = f"model.layers.{i}.self_attn.", f"model.layers.{i}.mlp."
        inter, hidden, width = spec.inter, spec.hidden, spec.inter
        if spec.has_experts(i):
            if spec.arch == "mixtral":
                mlp = f"model.layers.{i}.block_sparse_moe."
            rows.append((mlp + "gate", spec.experts, spec.hidden, False))
            mlp += "switch_mlp."
            width = spec.expert_width
            inter, hidden = (spec.experts, width), (spec.experts, spec.hidden)
        rows += [
            (attention + "q_proj", spec.heads * dim, spec.hidden, qkv_bias),
            (attention + "k_proj", spec.kv_heads * dim, spec.hidden, qkv_bias),
            (attention + "v_proj", spec.kv_heads * dim, spec.hidden, qkv_bias),
            (attention + "o_proj", spec.hidden, spec.heads * dim, spec.attention_bias),
            (mlp + "gate_proj", inter, spec.hidden, spec.mlp_bias),
            (mlp + "up_proj", inter, spec.hidden, spec.mlp_bias),
            (mlp + "down_proj", hidden, width, spec.mlp_bias),
        ]
    if not spec.tied:
        rows.append(("lm_head", spec.vocab, spec.hidden, False))
    return rows


def dense_weights(spec):
    """The unquantized float32 numpy weights."""
    rng = np.random.default_rng(spec.seed)
    weights = {}
    # Standard deviation of a weight, times sqrt(in): keys and queries large enough that attention
    # is neither flat nor one-hot; down_proj makes up for silu(a) * b being about 0.35 in size.
    gains = {"q_proj": 1.3, "k_proj": 1.3, "v_proj": 1.0, "o_proj": 1.5}
    gains |= {"gate_proj": 1.2, "up_proj": 1.2, "down_proj": 2.0}
    gains |= {"gate": 2.0}  # of a router: neither one expert alone nor all alike
    gains |= {"embed_tokens": LOGIT_STD if spec.tied else spec.hidden**0.5, "lm_head": LOGIT_STD}
    for path, rows, columns, bias in module_shapes(spec):
        gain = gains[path.rsplit(".", 1)[-1]]
        weights[path + ".weight"] = (
            rng.standard_normal((*np.atleast_1d(rows), columns)) * gain / columns**0.5
        )
        if bias:
            weights[path + ".bias"] = rng.standard_normal(rows) * 0.3
    norms = [f"model.layers.{i}.input_layernorm" for i in range(spec.layers)]
    norms += [f"model.layers.{i}.post_attention_layernorm" for i in range(spec.layers)]
    for path in [*norms, "model.norm"]:
        values = 1.0 + 0.15 * rng.standard_normal(spec.hidden)
        if path != "model.norm":
            values[rng.integers(0, spec.hidden, 2)] *= 2.5
        weights[path + ".weight"] = values
    for i in range(spec.layers if spec.arch.startswith("qwen3") else 0):
        for name in ("q_norm", "k_norm"):  # so that attention is neither flat nor one-hot
            values = 1.3 + 0.2 * rng.standard_normal(spec.real_head_dim)
            weights[f"model.layers.{i}.self_attn.{name}.weight"] = values
    return {name: value.astype(np.float32) for name, value in weights.items()}


def quantization(bits, group_size, mode="affine"):
    """What a config says of that quantization: MLX leaves out the affine mode's name."""
    entry = {"group_size": group_size, "bits": bits}
    return entry if mode == "affine" else entry | {"mode": mode}


def module_quantization(spec, path, columns):
    """The config's entry for a module, as if listed; None where it stays dense."""
    if spec.quant is None:
        return None
    if path in spec.unlisted:
        return quantization(*spec.unlisted[path])
    value = spec.overrides.get(path)
    if value is False:
        return None
    if isinstance(value, dict):
        return value
    return quantization(*spec.quant) if columns % spec.quant[1] == 0 else None


def stored_weights(spec):
    """The tensors as the files hold them."""
    dtype = DTYPES[spec.dtype]
    weights = {name: mx.array(v).astype(dtype) for name, v in dense_weights(spec).items()}
    for path, _, columns, _ in module_shapes(spec):
        entry = module_quantization(spec, path, columns)
        if entry:
            packed = mx.quantize(weights[path + ".weight"], **entry)
            for name, value in zip(("weight", "scales", "biases"), packed):
                weights[f"{path}.{name}"] = value
    return weights


def config(spec):
    """config.json as a converter writes it."""
    arch = {"qwen3_moe": "Qwen3Moe", "smollm3": "SmolLM3"}.get(spec.arch, spec.arch.capitalize())
    result = {
        "architectures": [arch + "ForCausalLM"],
        "model_type": spec.arch,
        "hidden_size": spec.hidden,
        "intermediate_size": spec.inter,
        "num_hidden_layers": spec.layers,
        "num_attention_heads": spec.heads,
        "num_key_value_heads": spec.kv_heads,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-5,
        "vocab_size": spec.vocab,
        "max_position_embeddings": 512,
        "tie_word_embeddings": spec.tied,
        "bos_token_id": 0,
        "eos_token_id": 1,
        "torch_dtype": spec.dtype,
    }
    if spec.arch == "mixtral":
        result |= {"num_local_experts": spec.experts, "num_experts_per_tok": spec.top_k}
    if spec.arch == "qwen3_moe":
        result |= {
            "num_experts": spec.experts,
            "num_experts_per_tok": spec.top_k,
            "moe_intermediate_size": spec.moe_inter,
            "norm_topk_prob": spec.normalized,
            "decoder_sparse_step": spec.sparse_step,
            "mlp_only_layers": list(spec.mlp_only),
        }
    if spec.no_rope_layers is not None:
        result["no_rope_layers"] = list(spec.no_rope_layers)
    if spec.no_rope_interval is not None:
        result["no_rope_layer_interval"] = spec.no_rope_interval
    if spec.head_dim or spec.arch.startswith("qwen3"):
        result["head_dim"] = spec.real_head_dim
    if spec.rope_style == "parameters":
        scaling = spec.rope_scaling or {"rope_type": "default"}
        result["rope_parameters"] = {"rope_theta": spec.theta, **scaling}
    else:
        result |= {"rope_theta": spec.theta, "rope_scaling": spec.rope_scaling}
    if spec.traditional:
        result["rope_traditional"] = True
    if spec.attention_bias:
        result["attention_bias"] = True
    if spec.mlp_bias:
        result["mlp_bias"] = True
    if spec.layer_types:
        result |= {"layer_types": list(spec.layer_types), "sliding_window": spec.sliding_window}
    if spec.quant:
        result["quantization"] = quantization(*spec.quant) | spec.overrides
        result["quantization_config"] = result["quantization"]
    return result


def build(spec, directory):
    """Writes the model directory."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    save_json(directory / "config.json", config(spec))
    write_tokenizer(directory, spec.vocab)
    weights = stored_weights(spec)
    metadata = {"format": "mlx"}
    if spec.shards == 1:
        save_safetensors(directory / "model.safetensors", weights, metadata)
        return
    # Dealt out in turn, so that the parts of one module lie in different shards.
    names = sorted(weights)
    places = {}
    for k in range(spec.shards):
        file = f"model-{k + 1:05d}-of-{spec.shards:05d}.safetensors"
        part = {name: weights[name] for name in names[k :: spec.shards]}
        places |= {name: file for name in part}
        save_safetensors(directory / file, part, metadata)
    total = sum(weights[name].nbytes for name in names)
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(places.items()))}
    save_json(directory / "model.safetensors.index.json", index)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="the folder that gets one directory per model")
    parser.add_argument("--set", choices=("full", "committed"), default="full")
    parser.add_argument("--only", action="append", help="only models of this pattern (repeatable)")
    parser.add_argument("--list", action="store_true", help="print the names and stop")
    args = parser.parse_args()
    specs = full_matrix() if args.set == "full" else committed()
    specs = {name: specs[name] for name in matching(specs, args.only)}
    if args.list:
        print("\n".join(specs))
        return
    if args.out is None:
        parser.error("--out is needed")
    mx.set_default_device(mx.cpu)
    for name, spec in specs.items():
        build(spec, args.out / name)
    print(f"{len(specs)} models in {args.out}")


if __name__ == "__main__":
    main()
