"""The pipelines of the tokenizer families, as their tokenizer.json files have them."""
import dataclasses
import itertools
import typing

LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
          r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
O200K = (rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{CONTRACTION}|"
         rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{CONTRACTION}|"
         r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
TEKKEN = (rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*|"
          r"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
HAN_AWARE = (r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*"
             r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
             r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def token(content, special=True, normalized=False, single_word=False, lstrip=False, rstrip=False):
    return {"content": content, "single_word": single_word, "lstrip": lstrip, "rstrip": rstrip,
            "normalized": normalized, "special": special}


def flagged_tokens():
    """Two tokens for every combination of the five flags: one like a word, one between brackets."""
    out = []
    for number, flags in enumerate(itertools.product([False, True], repeat=5)):
        special, normalized, single_word, lstrip, rstrip = flags
        for form in ("Flag{}é", "<|F {}|>"):
            out.append(token(form.format(number), special, normalized, single_word, lstrip, rstrip))
    return out


COMMON_TOKENS = [
    token("<|user|>"), token("<|end|>", rstrip=True), token("<tool>", special=False),
    token("<tool>\n", special=False), token("Word", special=False, normalized=True, single_word=True),
    token("\n\n\n", special=False), token("  ", special=False, normalized=True),
    token("e\u0301t", special=False, normalized=True), token("[MASK]", lstrip=True),
]


def all_special_texts():
    texts = {t["content"] for recipe in FAMILIES for t in recipe.added}
    return sorted(texts) + ["Word", " Word ", "\u00e9t", "<|user", "word"]


def split(pattern, behavior="Isolated", invert=False):
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": behavior, "invert": invert}


def byte_level(add_prefix_space=False, use_regex=False):
    return {"type": "ByteLevel", "add_prefix_space": add_prefix_space, "trim_offsets": True,
            "use_regex": use_regex}


def sequence(key, *parts):
    return {"type": "Sequence", key: list(parts)}


def template(*pieces):
    """A TemplateProcessing of texts of special tokens around the sequence "$A"."""
    def make(ids):
        def piece(name, sequence_id="A"):
            if name == "$A":
                return {"Sequence": {"id": sequence_id, "type_id": 0}}
            return {"SpecialToken": {"id": name, "type_id": 0}}
        names = [p for p in pieces if p != "$A"]
        return {"type": "TemplateProcessing", "single": [piece(p) for p in pieces],
                "pair": [piece(p) for p in pieces] + [piece(p, "B") for p in pieces],
                "special_tokens": {n: {"id": n, "ids": [ids[n]], "tokens": [n]} for n in names}}
    return make


def replace(text, content):
    return {"type": "Replace", "pattern": {"String": text}, "content": content}


SPM_NORMALIZER = sequence("normalizers", {"type": "Prepend", "prepend": "▁"}, replace(" ", "▁"))
STRIP_FIRST = {"type": "Strip", "content": " ", "start": 1, "stop": 0}
SPM_DECODER = sequence("decoders", replace("▁", " "), {"type": "ByteFallback"}, {"type": "Fuse"},
                       STRIP_FIRST)
GEMMA_DECODER = sequence("decoders", replace("▁", " "), {"type": "ByteFallback"}, {"type": "Fuse"})
BYTE_DECODER = byte_level(True, True)
SPM_TOKENS = [token("<unk>"), token("<s>"), token("</s>")]


@dataclasses.dataclass
class Family:
    name: str
    kind: str                       # how it is trained: spm, byte_level or words
    added: list
    normalizer: typing.Optional[dict] = None
    pre_tokenizer: typing.Optional[dict] = None
    decoder: typing.Optional[dict] = None
    post_processor: typing.Optional[typing.Callable] = None
    model: dict = dataclasses.field(default_factory=dict)
    leading_tokens: list = dataclasses.field(default_factory=list)
    vocab_size: int = 1400
    training_split: bool = True
    merges_as_lines: bool = False
    suffix: typing.Optional[str] = None
    prefix: typing.Optional[str] = None


def after_byte_level(make):
    return lambda ids: sequence("processors", byte_level(True, True), make(ids))


FAMILIES = [
    Family("llama2", "spm", SPM_TOKENS + COMMON_TOKENS + flagged_tokens(), SPM_NORMALIZER, None,
           SPM_DECODER, template("<s>", "$A"), leading_tokens=["<unk>", "<s>", "</s>"],
           merges_as_lines=True),
    Family("phi3", "spm",
           [token("<unk>"), token("<s>"), token("</s>", special=False, rstrip=True),
            token("<|endoftext|>"), token("<|assistant|>", rstrip=True),
            token("<|system|>", rstrip=True), token("<|user|>", rstrip=True),
            token("<|end|>", rstrip=True)],
           SPM_NORMALIZER, None, SPM_DECODER, template("<s>", "$A"),
           leading_tokens=["<unk>", "<s>", "</s>"]),
    Family("mistral", "spm", SPM_TOKENS + [token("[INST]"), token("[/INST]")] + COMMON_TOKENS, None,
           {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False},
           SPM_DECODER, template("<s>", "$A"), leading_tokens=["<unk>", "<s>", "</s>"]),
    Family("metaspace", "spm", SPM_TOKENS + COMMON_TOKENS, None,
           {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
           {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
           template("<s>", "$A", "</s>"), leading_tokens=["<unk>", "<s>", "</s>"],
           model={"byte_fallback": False}),
    Family("gemma", "spm",
           [token("<pad>"), token("<eos>"), token("<bos>"), token("<unk>"),
            token("<start_of_turn>"), token("<end_of_turn>")]
           + [token("\n" * n, special=False) for n in range(2, 6)]
           + [token("▁" * n, special=False) for n in range(2, 6)]
           + [token("<h1>", special=False), token("<unused0>", special=False)],
           replace(" ", "▁"),
           {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious",
            "invert": False},
           GEMMA_DECODER, template("<bos>", "$A"),
           leading_tokens=["<pad>", "<eos>", "<bos>", "<unk>"], training_split=False),
    Family("llama3", "byte_level",
           [token("<|begin_of_text|>"), token("<|end_of_text|>"), token("<|eot_id|>")]
           + COMMON_TOKENS, None,
           sequence("pretokenizers", split(LLAMA3), byte_level()), BYTE_DECODER,
           after_byte_level(template("<|begin_of_text|>", "$A")), model={"ignore_merges": True}),
    Family("qwen2", "byte_level",
           [token("<|endoftext|>"), token("<|im_start|>"), token("<|im_end|>"),
            token("<tool_call>", special=False), token("<think>", special=False)]
           + COMMON_TOKENS + flagged_tokens(),
           {"type": "NFC"}, sequence("pretokenizers", split(QWEN2), byte_level()),
           byte_level(), lambda ids: byte_level(), merges_as_lines=True),
    Family("smollm", "byte_level",
           [token("<|endoftext|>"), token("<|im_start|>"), token("<|im_end|>"),
            token("<repo_name>"), token("<jupyter_code>")], None,
           sequence("pretokenizers", {"type": "Digits", "individual_digits": True},
                    byte_level(False, True)),
           BYTE_DECODER, None, leading_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
           merges_as_lines=True),
    Family("gpt2", "byte_level", [token("<|endoftext|>", normalized=True)], None,
           byte_level(False, True), BYTE_DECODER, lambda ids: byte_level(True, True),
           merges_as_lines=True),
    Family("roberta", "byte_level",
           [token("<s>"), token("<pad>"), token("</s>"), token("<unk>"), token("<mask>", lstrip=True)],
           None, byte_level(True, True), BYTE_DECODER,
           lambda ids: {"type": "RobertaProcessing", "sep": ["</s>", ids["</s>"]],
                        "cls": ["<s>", ids["<s>"]], "trim_offsets": True, "add_prefix_space": True},
           leading_tokens=["<s>", "<pad>", "</s>", "<unk>"]),
    Family("phi2", "byte_level",
           [token("<|endoftext|>")]
           + [token(" " * n, special=False, normalized=True) for n in range(31, 1, -1)]
           + [token("\t" * n, special=False, normalized=True) for n in range(9, 1, -1)], None,
           byte_level(False, True), BYTE_DECODER, lambda ids: byte_level(False, True),
           merges_as_lines=True),
    Family("nemo", "byte_level",
           SPM_TOKENS + [token("[INST]"), token("[/INST]"), token("[TOOL_CALLS]")], None,
           sequence("pretokenizers", split(TEKKEN), byte_level()), BYTE_DECODER,
           template("<s>", "$A"), model={"ignore_merges": True},
           leading_tokens=["<unk>", "<s>", "</s>"]),
    Family("o200k", "byte_level",
           [token("<|startoftext|>"), token("<|endoftext|>"), token("<|start|>"), token("<|message|>"),
            token("<|channel|>")], None,
           sequence("pretokenizers", split(O200K), byte_level()), BYTE_DECODER, None,
           model={"ignore_merges": True}),
    Family("deepseek", "byte_level",
           [token("<｜begin▁of▁sentence｜>"), token("<｜end▁of▁sentence｜>"),
            token("<｜User｜>", special=False), token("<think>", special=False)],
           sequence("normalizers"),
           sequence("pretokenizers", split(r"\p{N}{1,3}"), split("[一-龥\u3040-ゟ゠-ヿ]+"),
                    split(HAN_AWARE), byte_level()),
           BYTE_DECODER, after_byte_level(template("<｜begin▁of▁sentence｜>", "$A"))),
    # Without the token that normalizes to nothing: the reference runs out of memory on it.
    Family("kitchen_sink", "words",
           SPM_TOKENS + [t for t in COMMON_TOKENS if t["content"] != "  "] + flagged_tokens(),
           sequence("normalizers", {"type": "Strip", "strip_left": True, "strip_right": True},
                    {"type": "NFKD"}, {"type": "Lowercase"}, {"type": "StripAccents"},
                    {"type": "Replace", "pattern": {"Regex": r"\s{2,}|[\u2010-\u2015]"},
                     "content": " "}, {"type": "NFC"}),
           sequence("pretokenizers", {"type": "WhitespaceSplit"},
                    {"type": "CharDelimiterSplit", "delimiter": "|"},
                    {"type": "Punctuation", "behavior": "MergedWithPrevious"},
                    {"type": "Digits", "individual_digits": False},
                    split(r"[aeiou]y", "MergedWithNext"), split(r"[\p{Lu}\p{S}]+", "Removed", True)
                    | {"behavior": "Contiguous"}),
           {"type": "BPEDecoder", "suffix": "</w>"},
           lambda ids: {"type": "BertProcessing", "sep": ["</s>", ids["</s>"]],
                        "cls": ["<s>", ids["<s>"]]},
           leading_tokens=["<unk>", "<s>", "</s>"], suffix="</w>", vocab_size=1200),
    Family("bert_like", "words", SPM_TOKENS + COMMON_TOKENS,
           {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
            "strip_accents": None, "lowercase": True},
           {"type": "BertPreTokenizer"}, {"type": "WordPiece", "prefix": "##", "cleanup": True},
           template("<s>", "$A", "</s>"), leading_tokens=["<unk>", "<s>", "</s>"], prefix="##",
           vocab_size=1200, model={"fuse_unk": True}),
]
