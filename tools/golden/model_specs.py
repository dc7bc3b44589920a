"""What random-weight models exist: the full matrix, and the few of them that are committed.

A ModelSpec holds every choice that make_models.py needs; its name is the directory's name.
"""

from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

BITS = (2, 3, 4, 5, 6, 8)
GROUP_SIZES = (32, 64, 128)

LINEAR_2 = {"type": "linear", "factor": 2.0}
LLAMA3_8 = {
    "rope_type": "llama3",
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}


@dataclass(frozen=True)
class ModelSpec:
    """One model. quant is (bits, group size, mode) or None, the mode affine where it is left out;
    overrides maps module paths to the value that config.json lists for them; unlisted maps module
    paths to what quant holds, which config.json does not mention. rope_style: "theta" writes
    rope_theta + rope_scaling, "parameters" writes transformers 5's rope_parameters. experts: how many
    a mixture has (0: there are none), top_k of which a token uses; their width is moe_inter, or
    inter in mixtral. normalized, sparse_step and mlp_only are qwen3_moe's norm_topk_prob,
    decoder_sparse_step and mlp_only_layers; no_rope_layers and no_rope_interval are smollm3's
    no_rope_layers and no_rope_layer_interval, left out where they are None. peer tells whether
    transformers has the same definition, and stores it under the same names."""

    name: str
    arch: str = "llama"
    dtype: str = "float32"
    layers: int = 2
    hidden: int = 64
    inter: int = 96
    heads: int = 4
    kv_heads: int = 2
    head_dim: int | None = None
    vocab: int = 131
    tied: bool = True
    theta: float = 10000.0
    rope_scaling: dict | None = None
    rope_style: str = "theta"
    traditional: bool = False
    attention_bias: bool = False
    mlp_bias: bool = False
    quant: tuple | None = None
    overrides: dict = field(default_factory=dict)
    unlisted: dict = field(default_factory=dict)
    shards: int = 1
    layer_types: tuple | None = None
    sliding_window: int | None = None
    experts: int = 0
    top_k: int = 2
    moe_inter: int = 64
    normalized: bool = True
    sparse_step: int = 1
    mlp_only: tuple = ()
    no_rope_layers: tuple | None = None
    no_rope_interval: int | None = None
    peer: bool = True

    @property
    def real_head_dim(self):
        return self.head_dim or self.hidden // self.heads

    @property
    def expert_width(self):
        return self.inter if self.arch == "mixtral" else self.moe_inter

    def has_experts(self, layer):
        chosen = (layer + 1) % self.sparse_step == 0 and layer not in self.mlp_only
        return self.experts > 0 and chosen

    @property
    def seed(self):
        """A seed that depends on the name alone, so that adding models changes no other one."""
        value = 2166136261
        for byte in self.name.encode():
            value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
        return value


def matching(names, patterns):
    """The names that one of the shell patterns matches; all of them where there are no patterns."""
    return [n for n in names if not patterns or any(fnmatchcase(n, p) for p in patterns)]


def _dense():
    """Unquantized models: every option of every architecture at least once, in three dtypes."""
    big = dict(hidden=128, inter=192, layers=3, vocab=300)
    yield ModelSpec("llama-f32-mha-untied", kv_heads=4, tied=False)
    yield ModelSpec("llama-f32-gqa-tied", vocab=97)
    yield ModelSpec("llama-f32-mqa-tied", kv_heads=1, layers=4, vocab=250)
    yield ModelSpec("llama-f32-wide-heads", head_dim=32, vocab=101)
    # transformers refuses a hidden size that is no multiple of the heads; the format does not.
    yield ModelSpec(
        "llama-f32-narrow-heads", head_dim=8, heads=6, kv_heads=3, tied=False, peer=False
    )
    yield ModelSpec("llama-f32-odd-sizes", hidden=72, inter=100, heads=3, kv_heads=3, vocab=99)
    yield ModelSpec("llama-f32-linear", rope_scaling=LINEAR_2, vocab=100)
    yield ModelSpec("llama-f32-llama3", rope_scaling=LLAMA3_8, theta=500000.0, **big)
    yield ModelSpec("llama-f32-parameters", rope_style="parameters", theta=1e6)
    yield ModelSpec(
        "llama-f32-llama3-parameters",
        rope_scaling=LLAMA3_8,
        rope_style="parameters",
        theta=500000.0,
        head_dim=32,
        heads=2,
        kv_heads=1,
        vocab=98,
    )
    yield ModelSpec(
        "llama-f32-linear-parameters",
        rope_scaling={"rope_type": "linear", "factor": 4.0},
        rope_style="parameters",
    )
    yield ModelSpec("llama-f32-traditional", traditional=True)
    yield ModelSpec("llama-f32-biases", attention_bias=True, mlp_bias=True, vocab=103)
    yield ModelSpec("llama-f32-attention-bias", attention_bias=True, tied=False, **big)
    yield ModelSpec("llama-f32-mlp-bias", mlp_bias=True)
    yield ModelSpec("llama-f32-shards3", shards=3, tied=False, layers=3)
    yield ModelSpec("mistral-f32-gqa", arch="mistral", tied=False, theta=1e6)
    window = dict(arch="llama", sliding_window=8, peer=False)
    kinds = ("sliding_attention", "full_attention")
    yield ModelSpec("llama-f32-some-sliding", layer_types=kinds, **window)
    yield ModelSpec("llama-f32-all-sliding", layer_types=kinds[:1] * 2, **window)
    yield ModelSpec("qwen2-f32-tied", arch="qwen2", theta=1e6, vocab=102)
    yield ModelSpec("qwen2-f32-untied-mha", arch="qwen2", tied=False, kv_heads=4, layers=4)
    yield ModelSpec("qwen2-f32-parameters", arch="qwen2", rope_style="parameters", theta=1e6)
    yield ModelSpec("qwen2-f32-head-dim", arch="qwen2", head_dim=32, theta=1e6)
    yield ModelSpec("qwen2-f32-linear", arch="qwen2", rope_scaling=LINEAR_2, **big)
    qwen3 = dict(arch="qwen3", head_dim=20, kv_heads=1, theta=1e6)
    yield ModelSpec("qwen3-f32-tied", heads=2, vocab=67, **qwen3)
    yield ModelSpec("qwen3-f32-untied-mha", tied=False, layers=4, **qwen3 | {"kv_heads": 4})
    yield ModelSpec("qwen3-f32-narrow-heads", arch="qwen3", heads=8, head_dim=4, theta=1e6)
    yield ModelSpec("qwen3-f32-parameters", rope_style="parameters", tied=False, **qwen3)
    yield ModelSpec("qwen3-f32-linear", rope_scaling=LINEAR_2, **qwen3)
    yield ModelSpec("qwen3-f32-shards3", shards=3, tied=False, layers=3, **qwen3)
    for dtype, short in (("float16", "f16"), ("bfloat16", "bf16")):
        yield ModelSpec(f"qwen3-{short}-tied", dtype=dtype, layers=4, **qwen3)
        yield ModelSpec(f"qwen3-{short}-untied", dtype=dtype, tied=False, heads=2, vocab=60, **qwen3)
    smollm3 = dict(arch="smollm3", theta=5e6)
    yield ModelSpec("smollm3-f32-tied", no_rope_layers=(0, 1), vocab=89, **smollm3)
    yield ModelSpec("smollm3-f32-untied-defaults", layers=5, tied=False, **smollm3)
    yield ModelSpec("smollm3-f32-interval3", layers=4, kv_heads=1, no_rope_interval=3, **smollm3)
    yield ModelSpec("smollm3-f32-no-positions", no_rope_layers=(0, 0), tied=False, **smollm3)
    some = smollm3 | {"no_rope_interval": 2}
    yield ModelSpec("smollm3-f32-biases", attention_bias=True, mlp_bias=True, head_dim=24, **some)
    yield ModelSpec("smollm3-f32-llama3", rope_scaling=LLAMA3_8, **some, **big)
    yield ModelSpec("smollm3-f32-parameters", rope_style="parameters", **some)
    yield ModelSpec("smollm3-f32-shards3", shards=3, tied=False, **some)
    yield ModelSpec("smollm3-f32-some-sliding", layer_types=kinds, **window | smollm3 | some)
    for dtype, short in (("float16", "f16"), ("bfloat16", "bf16")):
        yield ModelSpec(f"smollm3-{short}-tied", dtype=dtype, layers=4, **some)
        yield ModelSpec(f"smollm3-{short}-untied", dtype=dtype, tied=False, vocab=60, **some)
    for dtype, short in (("float16", "f16"), ("bfloat16", "bf16")):
        yield ModelSpec(f"llama-{short}-gqa-tied", dtype=dtype, vocab=97)
        yield ModelSpec(f"llama-{short}-mha-untied", dtype=dtype, kv_heads=4, tied=False, **big)
        yield ModelSpec(f"llama-{short}-llama3", dtype=dtype, rope_scaling=LLAMA3_8, theta=5e5)
        yield ModelSpec(
            f"llama-{short}-biases", dtype=dtype, attention_bias=True, mlp_bias=True, head_dim=24
        )
        yield ModelSpec(f"qwen2-{short}-tied", arch="qwen2", dtype=dtype, theta=1e6, layers=4)
        yield ModelSpec(
            f"qwen2-{short}-untied-shards2", arch="qwen2", dtype=dtype, tied=False, shards=2
        )


def _quantized():
    """Every bit width and group size in float32 and in one 16-bit dtype."""
    halves = (("float16", "f16"), ("bfloat16", "bf16"))
    for i, bits in enumerate(BITS):
        for j, group in enumerate(GROUP_SIZES):
            shape = dict(
                hidden=128 if group == 128 or (i + j) % 2 else 64,
                inter=256 if group == 128 else 192,
                kv_heads=(4, 2, 1)[(i + j) % 3],
                tied=(i + j) % 2 == 0,
                vocab=131 + 17 * i + j,
                quant=(bits, group),
            )
            arch = "qwen2" if (i + 2 * j) % 5 == 4 else "llama"
            yield ModelSpec(f"{arch}-f32-q{bits}-g{group}", arch=arch, **shape)
            dtype, short = halves[(i + j) % 2]
            yield ModelSpec(f"{arch}-{short}-q{bits}-g{group}", arch=arch, dtype=dtype, **shape)
    wide = dict(hidden=128, inter=256)
    smollm3 = dict(arch="smollm3", no_rope_interval=2, theta=5e6)
    for i, bits in enumerate(BITS):
        for j, group in enumerate(GROUP_SIZES):
            name, k = f"f32-q{bits}-g{group}", i + j
            base = dict(vocab=131 + 17 * i + j, quant=(bits, group), **wide)
            qwen3 = dict(arch="qwen3", head_dim=32 if k % 2 else 64, tied=k % 3 == 0)
            yield ModelSpec(f"qwen3-{name}", **qwen3, **base)
            heads = dict(kv_heads=(4, 2, 1)[k % 3], tied=k % 2 == 0)
            yield ModelSpec(f"smollm3-{name}", **smollm3, **heads, **base)
        dtype, short = halves[i % 2]
        name = f"{short}-q{bits}-g{GROUP_SIZES[i % 3]}"
        base = dict(dtype=dtype, quant=(bits, GROUP_SIZES[i % 3]), **wide)
        yield ModelSpec(f"qwen3-{name}", arch="qwen3", head_dim=32, **base)
        yield ModelSpec(f"smollm3-{name}", **smollm3, **base)
    for dtype, short in halves:
        for bits in (4, 8):
            yield ModelSpec(
                f"llama-{short}-q{bits}-deep",
                dtype=dtype,
                quant=(bits, 64),
                layers=4,
                hidden=256,
                inter=512,
                heads=8,
                kv_heads=2,
                vocab=517,
                rope_scaling=LLAMA3_8,
                theta=5e5,
            )


def _mixed():
    """Quantized models whose modules differ from one another."""
    overrides = {
        "model.layers.0.mlp.down_proj": {"group_size": 32, "bits": 8},
        "model.layers.1.self_attn.v_proj": {"group_size": 64, "bits": 6},
        "model.layers.1.self_attn.o_proj": False,
        "lm_head": {"group_size": 32, "bits": 8},
        "model.layers.0.self_attn.q_proj": True,
    }
    tied = {"model.embed_tokens": {"group_size": 32, "bits": 8}}
    dense_embedding = {"model.embed_tokens": False, "model.layers.0.mlp.gate_proj": False}
    unlisted = {
        "model.layers.0.self_attn.k_proj": (8, 32),
        "model.layers.1.mlp.up_proj": (3, 64),
        "model.embed_tokens": (6, 32),
    }
    q4 = dict(quant=(4, 64), inter=192)
    for dtype, short in (("float32", "f32"), ("bfloat16", "bf16")):
        base = dict(dtype=dtype, **q4)
        yield ModelSpec(f"llama-{short}-overrides", overrides=overrides, tied=False, **base)
        yield ModelSpec(f"llama-{short}-overrides-tied", overrides=tied, **base)
        yield ModelSpec(f"llama-{short}-dense-embedding", overrides=dense_embedding, **base)
        yield ModelSpec(f"llama-{short}-unlisted", unlisted=unlisted, **base)
        yield ModelSpec(f"qwen2-{short}-q4-shards3", arch="qwen2", shards=3, tied=False, **base)
    # 96 is no multiple of 64: down_proj stays dense and only the tensors say so.
    yield ModelSpec("llama-f32-partly-quantized", quant=(4, 64), inter=96)
    yield ModelSpec(
        "llama-f32-q4-everything",
        quant=(4, 32),
        inter=160,
        head_dim=32,
        attention_bias=True,
        mlp_bias=True,
        rope_scaling=LLAMA3_8,
        rope_style="parameters",
        theta=5e5,
        vocab=333,
        shards=2,
        tied=False,
        layers=3,
        unlisted={"lm_head": (8, 64)},
    )
    yield ModelSpec("mistral-f16-q4-g64", arch="mistral", dtype="float16", tied=False, **q4)
    yield ModelSpec("llama-f32-q4-traditional", traditional=True, **q4)


def _experts():
    """Mixtures of experts. transformers stores their matrices under other names."""
    mixtral = dict(arch="mixtral", experts=4, tied=False, theta=1e6, peer=False)
    qwen3 = dict(arch="qwen3_moe", experts=8, head_dim=20, tied=False, theta=1e6, peer=False)
    yield ModelSpec("mixtral-f32-untied", **mixtral)
    yield ModelSpec("mixtral-f32-tied", **mixtral | {"tied": True, "experts": 8, "vocab": 101})
    yield ModelSpec("mixtral-f32-top1", top_k=1, **mixtral | {"experts": 3})
    yield ModelSpec("mixtral-f32-all", top_k=5, **mixtral | {"experts": 5})
    yield ModelSpec("mixtral-f32-parameters", rope_style="parameters", **mixtral)
    yield ModelSpec("qwen3_moe-f32-normalized", **qwen3)
    yield ModelSpec("qwen3_moe-f32-shares-of-all", normalized=False, top_k=3, vocab=97, **qwen3)
    some = dict(layers=4, sparse_step=2, mlp_only=(3,))
    yield ModelSpec("qwen3_moe-f32-some-dense", normalized=False, **some, **qwen3)
    yield ModelSpec("qwen3_moe-f32-no-experts", **qwen3 | {"experts": 0})
    yield ModelSpec("qwen3_moe-f32-many", top_k=8, **qwen3 | {"experts": 64})
    halves = (("float16", "f16"), ("bfloat16", "bf16"))
    quants = [(bits, group) for bits in BITS for group in GROUP_SIZES] + list(MODES.values())
    for base in (mixtral, qwen3):
        for dtype, short in halves:
            yield ModelSpec(f"{base['arch']}-{short}-untied", dtype=dtype, **base)
        for i, quant in enumerate(quants):
            name = quant[2] if len(quant) > 2 else f"q{quant[0]}-g{quant[1]}"
            shape = base | dict(hidden=128, inter=128, moe_inter=128, vocab=131 + i, quant=quant)
            if base is qwen3:
                shape["head_dim"] = 32
            if base is qwen3 and len(quant) == 2:  # as mlx-lm converts it
                gate = {"group_size": 64, "bits": 8}
                shape["overrides"] = {f"model.layers.{n}.mlp.gate": gate for n in range(2)}
            yield ModelSpec(f"{base['arch']}-f32-{name}", **shape)
            if i % 4 == 3:
                dtype, short = halves[i // 4 % 2]
                yield ModelSpec(f"{base['arch']}-{short}-{name}", dtype=dtype, **shape)


MODES = {"mxfp4": (4, 32, "mxfp4"), "mxfp8": (8, 32, "mxfp8"), "nvfp4": (4, 16, "nvfp4")}


def _modes():
    """Quantization modes without biases. transformers sees dequantized weights alone: nothing new."""
    shape = dict(hidden=128, inter=192, vocab=149, peer=False)
    for i, (mode, quant) in enumerate(MODES.items()):
        for dtype, short in (("float32", "f32"), ("float16", "f16"), ("bfloat16", "bf16")):
            for arch in ("llama", "smollm3", "qwen2", "qwen3"):
                yield ModelSpec(
                    f"{arch}-{short}-{mode}",
                    arch=arch,
                    dtype=dtype,
                    quant=quant,
                    head_dim=32 if arch == "qwen3" else None,
                    no_rope_interval=2 if arch == "smollm3" else None,
                    tied=(i + len(arch) + len(short)) % 2 == 0,
                    **shape,
                )
    overrides = {
        "model.embed_tokens": {"group_size": 32, "bits": 8, "mode": "mxfp8"},
        "model.layers.0.mlp.down_proj": {"group_size": 16, "bits": 4, "mode": "nvfp4"},
        "model.layers.1.self_attn.v_proj": {"group_size": 64, "bits": 6},
        "model.layers.1.self_attn.o_proj": False,
        "model.layers.0.self_attn.q_proj": True,
    }
    unlisted = {"model.layers.0.mlp.gate_proj": MODES["nvfp4"], "lm_head": (8, 64)}
    for mode in ("mxfp4", "nvfp4"):
        mixed = dict(quant=MODES[mode], overrides=overrides, unlisted=unlisted, tied=False)
        yield ModelSpec(f"llama-f32-{mode}-mixed", **mixed, **shape)


def full_matrix():
    """All models of the live comparison, by name."""
    specs = {}
    for spec in (*_dense(), *_quantized(), *_mixed(), *_modes(), *_experts()):
        assert spec.name not in specs, spec.name
        specs[spec.name] = spec
    return specs


def divergence():
    """Models that divergence.py measures, by name: three shapes in 4 bits, and the middle one in
    every other format. The vocabulary is large enough that no token rules the distribution."""
    shapes = {
        "h256-l2": dict(hidden=256, inter=768, layers=2, heads=4, kv_heads=2, vocab=1024),
        "h512-l4": dict(hidden=512, inter=1408, layers=4, heads=8, kv_heads=2, vocab=2048),
        "h1024-l2": dict(hidden=1024, inter=2816, layers=2, heads=16, kv_heads=4, vocab=2048),
    }
    formats = {f"q{bits}-g64": (bits, 64) for bits in BITS} | MODES
    return {
        f"{shape}-{name}": ModelSpec(
            f"{shape}-{name}", dtype="bfloat16", tied=False, quant=quant, **shapes[shape]
        )
        for shape in shapes
        for name, quant in formats.items()
        if shape == "h512-l4" or name == "q4-g64"
    }


_COMMITTED = (
    "llama-f32-mha-untied llama-f32-wide-heads llama-f32-linear llama-f32-llama3-parameters "
    "llama-f32-biases llama-f32-traditional llama-f32-all-sliding qwen2-f32-tied "
    "llama-f16-gqa-tied llama-bf16-llama3 qwen2-bf16-untied-shards2 "
    "llama-f32-q2-g32 llama-f32-q3-g64 qwen2-f32-q4-g64 llama-f32-q5-g32 llama-f32-q6-g64 "
    "llama-f32-q8-g32 llama-f32-q4-g128 qwen2-bf16-q4-g64 llama-f16-q8-g64 "
    "llama-f32-overrides llama-f32-unlisted llama-f32-dense-embedding qwen2-f32-q4-shards3 "
    "llama-bf16-q3-g32 qwen3-f32-tied qwen3-f32-q4-g64 qwen3-bf16-untied "
    "smollm3-f32-tied smollm3-f32-q4-g64 smollm3-bf16-untied "
    "llama-f32-mxfp4 llama-f32-mxfp8 llama-f32-nvfp4 qwen2-bf16-mxfp4 qwen3-f32-nvfp4 "
    "llama-f16-mxfp8 llama-f32-mxfp4-mixed "
    "mixtral-f32-untied mixtral-f32-q4-g64 mixtral-bf16-q4-g64 mixtral-f32-mxfp4 "
    "qwen3_moe-f32-some-dense qwen3_moe-f32-q4-g64"
).split()


def committed():
    """The models of tests/golden/models: two layers and so narrow that each is 20 to 150 KB."""
    everything = full_matrix()
    result = {}
    for name in _COMMITTED:
        spec = everything[name]
        if spec.quant is None:
            hidden, inter = 32 if spec.dtype == "float32" else 64, 32 if spec.experts else 64
        else:
            hidden, inter = (128, 128) if spec.quant[1] == 128 else (64, 64)
        vocab = min(spec.vocab, 163)
        result[name] = replace(
            spec, layers=2, hidden=hidden, inter=inter, moe_inter=inter, vocab=vocab
        )
    return result
