"""A small template language, and the split between training and held-out items.

Templates are plain text with three extras:
  {a|b|c}   one of the alternatives, which may nest and may be empty
  [slot]    env["slot"]; [^slot] with a capital first letter; [a:slot] with "a" or "an" before it;
            [?slot] the text after it up to the end of this alternative only if env["slot"] is set
  [@table]  one template of TABLES["table"], expanded in the same environment
Parsed templates are cached, so that one expansion costs a few microseconds.
"""

import zlib

TABLES = {}
_cache = {}

_VOWELS = set("aeiouAEIOU")
_AN_EXCEPTIONS = ("uni", "use", "one", "ukulele", "euro", "unu")
_AN_SILENT = ("hour", "honest", "heir")


def article(phrase):
    """The phrase with its indefinite article."""
    low = phrase.lower()
    if low.startswith(_AN_SILENT):
        return "an " + phrase
    if low[:1] in _VOWELS and not low.startswith(_AN_EXCEPTIONS):
        return "an " + phrase
    return "a " + phrase


def capital(text):
    return text[:1].upper() + text[1:]


def _parse(text, pos, nested):
    """Returns (sequence, position after it); a sequence is a list of strings and tuples."""
    seq, start = [], pos
    while pos < len(text):
        ch = text[pos]
        if ch not in "{[|}":
            pos += 1
            continue
        if ch in "|}" and not nested:
            pos += 1
            continue
        if pos > start:
            seq.append(text[start:pos])
        if ch in "|}":
            return seq, pos
        if ch == "{":
            options = []
            while True:
                option, pos = _parse(text, pos + 1, True)
                options.append(option)
                if pos >= len(text):
                    raise ValueError("unclosed { in " + text)
                if text[pos] == "}":
                    break
            seq.append(("or", options))
            pos += 1
        else:
            end = text.index("]", pos)
            name = text[pos + 1 : end]
            if name[0] in "^@":
                seq.append((name[0], name[1:]))
            elif name.startswith("a:"):
                seq.append(("a", name[2:]))
            elif name.startswith("A:"):
                seq.append(("A", name[2:]))
            else:
                seq.append(("slot", name))
            pos = end + 1
        start = pos
    if pos > start:
        seq.append(text[start:pos])
    return seq, pos


def _expand(out, seq, env, rng):
    for part in seq:
        if part.__class__ is str:
            out.append(part)
            continue
        kind, arg = part
        if kind == "or":
            _expand(out, arg[int(rng.random() * len(arg))], env, rng)
        elif kind == "slot":
            out.append(env[arg])
        elif kind == "^":
            out.append(capital(env[arg]))
        elif kind == "a":
            out.append(article(env[arg]))
        elif kind == "A":
            out.append(capital(article(env[arg])))
        else:
            table = TABLES[arg]
            _expand(out, parsed(table[int(rng.random() * len(table))]), env, rng)


def parsed(template):
    seq = _cache.get(template)
    if seq is None:
        seq = _cache[template] = _parse(template, 0, False)[0]
    return seq


def say(rng, template, env=None):
    """One expansion of a template, or of one template of a list."""
    if not isinstance(template, str):
        template = template[int(rng.random() * len(template))]
    out = []
    _expand(out, parsed(template), env or {}, rng)
    return "".join(out)


def pick(rng, items):
    return items[int(rng.random() * len(items))]


def weighted(rng, table):
    """table: list of (weight, item)."""
    point = rng.random() * sum(weight for weight, _ in table)
    for weight, item in table:
        point -= weight
        if point < 0:
            return item
    return table[-1][1]


def in_heldout(kind, key, one_in):
    """True for the keys of this kind that only held-out items may use."""
    return zlib.crc32(f"{kind}/{key}".encode()) % one_in == 0


class Split:
    """Which side of the split a generator is writing for."""

    def __init__(self, heldout):
        self.heldout = heldout

    def allows(self, kind, key, one_in):
        return in_heldout(kind, key, one_in) == self.heldout
