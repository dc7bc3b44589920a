"""The llama architecture in PyTorch, with weights that can stand on MLX's 4-bit grid while training."""

import torch
import torch.nn.functional as F
from torch import nn

GROUP, LEVELS = 64, 15


def mlx_grid(weight):
    """(codes, scales, biases) of MLX's affine quantization with 4 bits and groups of 64.

    weight is taken as bfloat16; the arithmetic is float32; scales and biases are rounded to bfloat16 only
    after the codes have been chosen.
    """
    groups = weight.bfloat16().float().unflatten(-1, (-1, GROUP))
    high, low = groups.amax(-1, keepdim=True), groups.amin(-1, keepdim=True)
    low_edge = low.abs() > high.abs()
    scale = ((high - low) / LEVELS).clamp(min=1e-7)
    scale = torch.where(low_edge, scale, -scale)
    edge = torch.where(low_edge, low, high)
    zero = torch.round(edge / scale)
    has_zero = zero != 0
    scale = torch.where(has_zero, edge / torch.where(has_zero, zero, 1.0), scale)
    bias = torch.where(has_zero, edge, torch.zeros_like(edge))
    codes = torch.round((groups - bias) / scale).clamp(0, LEVELS)
    return codes, scale.bfloat16(), bias.bfloat16()


def on_grid(weight):
    codes, scale, bias = mlx_grid(weight)
    return (codes * scale.float() + bias.float()).flatten(-2)


class Rounded(nn.Module):
    """A weight matrix that moves from free (amount 0) to the 4-bit grid (amount 1); gradients pass through."""

    def __init__(self, rows, columns, std):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(rows, columns) * std)

    def forward(self, amount):
        return self.weight + amount * (on_grid(self.weight.detach()) - self.weight.detach())


def _rope(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), dim=-1)


class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        h, d = c["hidden_size"], c["head_dim"]
        self.heads, self.kv_heads, self.head_dim, self.eps = c["num_attention_heads"], c["num_key_value_heads"], d, c["rms_norm_eps"]
        out_std = 0.02 / (2 * c["num_hidden_layers"]) ** 0.5
        self.q_proj = Rounded(self.heads * d, h, 0.02)
        self.k_proj = Rounded(self.kv_heads * d, h, 0.02)
        self.v_proj = Rounded(self.kv_heads * d, h, 0.02)
        self.o_proj = Rounded(h, self.heads * d, out_std)
        self.gate_proj = Rounded(c["intermediate_size"], h, 0.02)
        self.up_proj = Rounded(c["intermediate_size"], h, 0.02)
        self.down_proj = Rounded(h, c["intermediate_size"], out_std)
        self.input_layernorm = nn.Parameter(torch.ones(h))
        self.post_attention_layernorm = nn.Parameter(torch.ones(h))

    def forward(self, x, cos, sin, amount):
        batch, length, width = x.shape
        y = F.rms_norm(x, (width,), self.input_layernorm, self.eps)
        q = F.linear(y, self.q_proj(amount)).view(batch, length, self.heads, self.head_dim).transpose(1, 2)
        k = F.linear(y, self.k_proj(amount)).view(batch, length, self.kv_heads, self.head_dim).transpose(1, 2)
        v = F.linear(y, self.v_proj(amount)).view(batch, length, self.kv_heads, self.head_dim).transpose(1, 2)
        q, k = _rope(q, cos, sin), _rope(k, cos, sin)
        repeat = self.heads // self.kv_heads
        k, v = k.repeat_interleave(repeat, dim=1), v.repeat_interleave(repeat, dim=1)
        y = F.scaled_dot_product_attention(q.to(v.dtype), k.to(v.dtype), v, is_causal=True)
        x = x + F.linear(y.transpose(1, 2).reshape(batch, length, -1), self.o_proj(amount))
        y = F.rms_norm(x, (width,), self.post_attention_layernorm, self.eps)
        return x + F.linear(F.silu(F.linear(y, self.gate_proj(amount))) * F.linear(y, self.up_proj(amount)), self.down_proj(amount))


class TinyLlama(nn.Module):
    """config is a dictionary with the names of config.json."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embed_tokens = Rounded(config["vocab_size"], config["hidden_size"], 0.02)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))
        self.norm = nn.Parameter(torch.ones(config["hidden_size"]))

    def hidden(self, tokens, amount):
        d, length = self.config["head_dim"], tokens.shape[1]
        steps = torch.arange(0, d, 2, device=tokens.device, dtype=torch.float32) / d
        angles = torch.arange(length, device=tokens.device, dtype=torch.float32)[:, None] / self.config["rope_theta"] ** steps
        table = self.embed_tokens(amount)
        x = F.embedding(tokens, table)
        cos, sin = angles.cos(), angles.sin()
        for layer in self.layers:
            x = layer(x, cos, sin, amount)
        return F.rms_norm(x, (x.shape[-1],), self.norm, self.config["rms_norm_eps"]), table

    def forward(self, tokens, targets, weights, amount):
        """The weighted mean cross-entropy."""
        x, table = self.hidden(tokens, amount)
        return self.loss_head(x, table, targets, weights)

    @staticmethod
    def loss_head(x, table, targets, weights):
        logits = F.linear(x, table).float()
        losses = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
        return (losses * weights.flatten()).sum() / weights.sum().clamp(min=1.0)

    def compile_parts(self, **options):
        """Compiles one layer, which serves all, and the loss: far quicker to compile than the whole."""
        for layer in self.layers:
            layer.compile(**options)
        self.loss_head = torch.compile(self.loss_head, **options)
        self.embed_tokens.compile(**options)

    def named_weights(self):
        """(name in an MLX or transformers file, parameter)."""
        yield "model.embed_tokens.weight", self.embed_tokens.weight
        for i, layer in enumerate(self.layers):
            for part in ("q_proj", "k_proj", "v_proj", "o_proj"):
                yield f"model.layers.{i}.self_attn.{part}.weight", getattr(layer, part).weight
            for part in ("gate_proj", "up_proj", "down_proj"):
                yield f"model.layers.{i}.mlp.{part}.weight", getattr(layer, part).weight
            for part in ("input_layernorm", "post_attention_layernorm"):
                yield f"model.layers.{i}.{part}.weight", getattr(layer, part)
        yield "model.norm.weight", self.norm


@torch.no_grad()
def answer(model, prompts, stop, most, device, batch=256):
    """Greedy continuations of lists of token ids, on the 4-bit grid, without a key-value cache."""
    found = [None] * len(prompts)
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    amount = torch.ones((), device=device)
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        lengths = torch.tensor([len(prompts[i]) for i in chosen], device=device)
        tokens = torch.zeros(len(chosen), int(lengths.max()) + most, dtype=torch.long, device=device)
        for row, i in enumerate(chosen):
            tokens[row, : len(prompts[i])] = torch.tensor(prompts[i])
        first, rows = lengths.clone(), torch.arange(len(chosen), device=device)
        done = torch.zeros(len(chosen), dtype=torch.bool, device=device)
        for step in range(most):
            with torch.autocast(device_type=device.split(":")[0], dtype=torch.bfloat16):
                x, table = model.hidden(tokens[:, : int(lengths.max())], amount)
                logits = F.linear(x[rows, lengths - 1], table)
            following = logits.float().argmax(-1)
            tokens[rows, lengths] = torch.where(done, 0, following)
            done |= following == stop
            lengths = torch.where(done, lengths, lengths + 1)
            if bool(done.all()):
                break
        for row, i in enumerate(chosen):
            found[i] = tokens[row, int(first[row]) : int(lengths[row])].tolist()
    return found
