"""Writes the MLX model directory from trained weights, as mlx-lm would save it: 4 bits, groups of 64."""

import argparse
import json
import os
import shutil

import mlx.core as mx
from safetensors import safe_open

QUANTIZATION = {"group_size": 64, "bits": 4, "mode": "affine"}


def weights_of(folder):
    found = {}
    for name in sorted(os.listdir(folder)):
        if name.startswith("weights-") and name.endswith(".safetensors"):
            found.update(mx.load(os.path.join(folder, name)))
    return found


def quantized(weights):
    result = {}
    for name, w in weights.items():
        w = w.astype(mx.bfloat16)
        if w.ndim == 1:
            result[name] = w
            continue
        q, scales, biases = mx.quantize(w, group_size=QUANTIZATION["group_size"], bits=QUANTIZATION["bits"])
        result[name] = q
        result[name.replace(".weight", ".scales")] = scales
        result[name.replace(".weight", ".biases")] = biases
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", required=True, help="folder that train.py wrote")
    parser.add_argument("--tokenizer", required=True, help="folder that train_tokenizer.py wrote")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    with open(os.path.join(args.weights, "train.json")) as file:
        shape = json.load(file)["config"]
    result = quantized(weights_of(args.weights))
    path = os.path.join(args.out, "model.safetensors")
    mx.save_safetensors(path, result, metadata={"format": "mlx"})
    config = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "attention_bias": False, "mlp_bias": False,
              "hidden_act": "silu", "bos_token_id": None, "eos_token_id": [2, 0], "pad_token_id": 0,
              "max_position_embeddings": 2048, "tie_word_embeddings": True, "torch_dtype": "bfloat16",
              "rope_scaling": None, "quantization": QUANTIZATION, "quantization_config": QUANTIZATION, **shape}
    with open(os.path.join(args.out, "config.json"), "w") as file:
        json.dump(dict(sorted(config.items())), file, indent=4)
        file.write("\n")
    with open(os.path.join(args.out, "generation_config.json"), "w") as file:
        json.dump({"do_sample": False, "eos_token_id": [2, 0], "pad_token_id": 0, "max_length": 2048}, file, indent=4)
        file.write("\n")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(os.path.join(args.tokenizer, name), os.path.join(args.out, name))
    with safe_open(path, framework="numpy") as file:
        assert file.metadata() == {"format": "mlx"}
    print("bytes", sum(os.path.getsize(os.path.join(args.out, n)) for n in os.listdir(args.out)))


if __name__ == "__main__":
    main()
