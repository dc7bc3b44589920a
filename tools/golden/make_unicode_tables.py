#!/usr/bin/env python3
"""Writes src/text/tokenizer/unicode_tables.h: where the reference tokenizer's Unicode data differs
from the libraries that the C++ code uses.

Needs the PyPI package `tokenizers` and a Python whose unicodedata is Unicode 14 (3.11), the version
of PCRE2 10.42. The general categories are read off the reference itself, by asking its regular
expressions about every code point.

    make_unicode_tables.py > src/text/tokenizer/unicode_tables.h
"""
import sys
import unicodedata

from tokenizers import Regex, normalizers, pre_tokenizers

CATEGORIES = ("Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp "
              "Cc Cf Co").split()
ALL = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def members(pattern):
    splitter = pre_tokenizers.Split(Regex(pattern), "removed")
    found = set(ALL)
    for start in range(0, len(ALL), 4096):
        text = "".join(map(chr, ALL[start:start + 4096]))
        for piece, _ in splitter.pre_tokenize_str(text):
            found.difference_update(map(ord, piece))
    return found


def ranges(values):
    out = []
    for value in sorted(values):
        if out and out[-1][1] == value - 1:
            out[-1][1] = value
        else:
            out.append([value, value])
    return out


def print_ranges(name, comment, values):
    print(f"\n{comment}\ninline constexpr CodePointRange {name}[] = {{")
    for first, last in ranges(values):
        print(f"    {{{first:#x}, {last:#x}}},")
    print("};")


def is_inert(c):
    """True if the reference's normal forms do not know the properties that Unicode 14 gives c."""
    char, combining = chr(c), unicodedata.combining(chr(c))
    if unicodedata.decomposition(char) and normalizers.NFKD().normalize_str(char) == char:
        return True
    if combining == 0:
        return False
    pair = "\u0301" + char if combining == 1 else char + "\u0334"  # classes 230 and 1
    return normalizers.NFD().normalize_str("a" + pair) == "a" + pair


def main():
    if unicodedata.unidata_version != "14.0.0":
        sys.exit("this program needs a Python with Unicode 14 (3.11)")
    category = {}
    for name in CATEGORIES:
        for c in members(r"\p{%s}" % name):
            category[c] = name
    changed = {c: name for c, name in category.items() if unicodedata.category(chr(c)) != name}

    rows = []
    for c in sorted(changed):
        if rows and rows[-1][1] == c - 1 and rows[-1][2] == changed[c]:
            rows[-1][1] = c
        else:
            rows.append([c, c, changed[c]])
    print("// Written by tools/golden/make_unicode_tables.py. Do not edit.")
    print("#pragma once\n\nnamespace mlxa::tok {\n")
    print("struct CodePointRange {\n  char32_t first, last;\n};\n")
    print("struct CategoryRange {\n  char32_t first, last;\n  char category[3];\n};\n")
    print("// General categories of Unicode 16 where they differ from Unicode 14.")
    print("inline constexpr CategoryRange kRecentCategories[] = {")
    for first, last, name in rows:
        print(f'    {{{first:#x}, {last:#x}, "{name}"}},')
    print("};")

    splitter = pre_tokenizers.Punctuation()
    is_punctuation = {c for c in ALL if len(splitter.pre_tokenize_str("a" + chr(c) + "a")) > 1}
    by_category = {c for c, name in category.items() if name[0] == "P"}
    ascii_symbols = {ord(c) for c in "$+<=>^`|~"}
    print_ranges("kPunctuationNotYet",
                 "// Punctuation that is newer than the data of the reference's pre-tokenizers.",
                 by_category - is_punctuation)
    print_ranges("kPunctuationNoMore", "// Was punctuation in that data.",
                 is_punctuation - by_category - ascii_symbols)

    strip = normalizers.StripAccents()
    stripped = {c for c in ALL if strip.normalize_str("a" + chr(c)) == "a"}
    marks = {c for c, name in category.items() if name[0] == "M"}
    print_ranges("kMarkNotYet", "// Marks that are newer than the data of the reference's StripAccents.",
                 marks - stripped)
    print_ranges("kMarkNoMore", "// Were marks in that data.", stripped - marks)
    inert = {c for c in ALL if is_inert(c)}
    for c in list(inert):
        parts = unicodedata.decomposition(chr(c))
        if parts and not parts.startswith("<"):
            inert.update(int(part, 16) for part in parts.split())
    print_ranges("kNormalFormNotYet",
                 "// What the reference's normal forms leave alone although Unicode 14 does not.",
                 inert)
    print("\n}  // namespace mlxa::tok")


if __name__ == "__main__":
    main()
