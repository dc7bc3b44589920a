#!/usr/bin/env python3
"""Writes src/text/template/case_tables.h: what utf8proc lacks of Python's str methods.

utf8proc knows the categories and the one-to-one case mappings. The characters whose upper or title
case has several code points, and the classes that categories do not tell, come from Python's own
Unicode database.
"""

import sys
import unicodedata

HEADER = """// Case mappings to several code points, and classes that categories do not tell.
// Written by tools/text/make_case_tables.py from Unicode {version}.
#pragma once

namespace mlxa::jinja {{

struct CaseMapping {{
  char32_t from;
  char32_t to[3];  // ends at 0
}};

struct CodePointRange {{
  char32_t first, last;
}};
"""


def characters():
    return (chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000)


def mappings(name, convert):
    rows = []
    for c in characters():
        if len(convert(c)) > 1:
            row = [f"0x{ord(x):X}" for x in convert(c)]
            rows.append("{0x%X, {%s}}" % (ord(c), ", ".join(row)))
    return f"\ninline constexpr CaseMapping {name}[] = {{{', '.join(rows)}}};\n"


def ranges(name, belongs):
    found = []
    for code in map(ord, filter(belongs, characters())):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    rows = ", ".join("{0x%X, 0x%X}" % (a, b) for a, b in found)
    return f"\ninline constexpr CodePointRange {name}[] = {{{rows}}};\n"


def main():
    category = unicodedata.category
    out = HEADER.format(version=unicodedata.unidata_version)
    out += mappings("kUpperMappings", str.upper)
    out += mappings("kTitleMappings", str.title)
    out += ranges("kOtherLower", lambda c: c.islower() and category(c) != "Ll")
    out += ranges("kOtherUpper", lambda c: c.isupper() and category(c) != "Lu")
    out += ranges("kOtherDigit", lambda c: c.isdigit() and category(c) != "Nd")
    out += ranges("kOtherNumeric", lambda c: c.isnumeric() and category(c)[0] != "N")
    print(out + "\n}  // namespace mlxa::jinja")


if __name__ == "__main__":
    main()
