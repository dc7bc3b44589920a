#!/usr/bin/env python3
"""Writes how the reference cuts texts at regular expressions, for the translation to PCRE2.

Needs the PyPI package `tokenizers`.

    make_split_patterns.py > tests/golden/tokenizer/patterns.jsonl

First line: the texts. Then one line per pattern: [pattern, pieces of text 0, ...], the pieces of a
text joined by U+0000.
"""
import json

from tokenizers import Regex, pre_tokenizers

import tokenizer_families as families

TEXTS = [
    "don't DON'T I'LL we'Re it'\u017f x 'S",
    "abcABC xyz019 ab2\u00b2\u00bd \u2177 \u24b6\u09f4 _a-b",
    "a\n\nb \r\n c\t\td  \n   e   ",
    "\u00a0a\u1680b\u180ec\u2003d\u2028e\u3000f\u200bg\x85h\x0bi\x1cj",
    "e\u0301 n\u0303a\u093e\u0928 \u0e01\u0e34\u0301 A\u0301b",
    "\u6f22\u5b57\u304b\u306a\u30ab\u30ca\u30fc\u3005 \ud55c\uae00 abc\u4e2d\u6587def \U0002ebf0\U00031350",
    "\u0391\u03b2\u03a3\u03c2 \u0410\u0411\u0432 \u0639\u0631\u0628 \u05d0 \u1f88 \u01c5\u02b0",
    "x+y=z; $5.00 != #10% <a|b> \u00a7\u20ac\u2192\u2260 \u00ab\u201cq\u201d\u00bb \u2014 !?",
    "1234567 \u0661\u0662\u0663 3.14 0x1F 1,000,000",
    "\U0001f469\u200d\U0001f680\u2764\ufe0f \U0001f1e9\U0001f1ea \ue000\u0378\U00010d40\u1c89",
    "aaaaaab bbac ]a[ {x} a{2}",
    "",
]
PATTERNS = [
    families.LLAMA3, families.QWEN2, families.O200K, families.TEKKEN, families.HAN_AWARE,
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    r"[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|"
    r" ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", r" ?[^(\s|[.,!?\u2026\u3002])]+",
    r"(?=(\d{3})+(?!\d))", r"\d{1,3}(?=(?:\d{3})*\b)",
    r"\s", r"\S+", r"\w+", r"\W", r"[\w]+", r"[^\w]+", r"\d+", r"\D", r"\h+", r"[\h]", r"\H+", r"\b",
    r"\B", r"\v", r"\R", r"\N+", r"\O", r".", r"(?m:.)+",
    r"[[:alpha:]]+", r"[[:^alpha:]]+", r"[[:punct:]]", r"[[:space:]]+", r"[[:alnum:]]+", r"[[:upper:]]",
    r"[[:lower:]]+", r"[[:digit:]]+", r"[[:word:]]+", r"[[:blank:]]", r"[[:xdigit:]]+",
    r"\p{Alpha}+", r"\p{Punct}", r"\p{^Lu}+", r"\P{^L}", r"[\P{L}]+", r"[^\P{L}]+", r"\pL",
    r"\p{Uppercase_Letter}\p{ll}*", r"\p{Han}+", r"[\p{Latin}\p{Greek}]+", r"\p{Hiragana}+", r"\p{So}",
    r"[a-w&&[^c-g]z]+", r"[\w&&[^\d_]]+", r"[^a-d&&b-z]+", r"[a[bc]]+", r"[[^a]&&[^b]]+", r"[]a]+",
    r"[a-]+", r"[\w-]+", r"[\]\[]", r"[^\S\n]+", r"[.^$]", r"[&&a]",
    r"a{1,3}+b", r"a{2}?", r"a{,2}", r"a{3,1}", r"a{2}{3}", r"a{2,}+a", r"a{2,3}?", r"a{x}", r"a**b",
    r"a?+?", r"a+?b", r"(?:a|b)++c", r"(?>a+)b", r"(a)\1", r"(?<n>a)\k<n>", r"(?<=a)b", r"(?<!a)b",
    r"a(?i)b|c", r"(?i)b|c", r"(?i:B)a", r"(?i-m:a.)", r"(?#note)a", r"^a", r"\s$", r"\s++$", r"a\Z",
    r"\A.", r"a\Kb", r"\Ga", r"", r"|a", r"\x41", r"\x{1F600}|\x{4e2d}", r"\u4e2d", r"[\u3040-\u30ff]+",
    r"\Q.00\E", r"\j", r"\.", r"\{x\}", r"{", r"]",
]


def main():
    print(json.dumps(TEXTS))
    for pattern in PATTERNS:
        splitter = pre_tokenizers.Split(Regex(pattern), "isolated")
        pieces = [[piece for piece, _ in splitter.pre_tokenize_str(text)] for text in TEXTS]
        joined = ["\x00".join(parts) for parts in pieces]
        print(json.dumps([pattern] + joined, separators=(",", ":"), ensure_ascii=False))


if __name__ == "__main__":
    main()
