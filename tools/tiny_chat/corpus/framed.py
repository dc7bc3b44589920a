"""Turns the sentences of frames.py into extraction cases."""

import re

from . import more_frames, values, vocab
from .frames import AFTER, BEFORE, FRAMES
from .grammar import capital, parsed, pick, say
from .values import Number
from .words import letters


def _number(rng, split):
    n = pick(rng, [str(rng.randint(1, 999)), f"{rng.randint(1, 99)}.{rng.randint(10, 99)}", str(rng.randint(1000, 9999))])
    return n, Number(n)


def _bignum(rng, split):
    n = rng.randint(30, 9_000_000) if rng.random() < 0.5 else rng.randint(30, 99_999)
    return (f"{n:,}" if rng.random() < 0.7 else str(n)), Number(n)


def _titled(rng, split):
    return values._same(pick(rng, ["Dr. ", "Dr. ", "Doctor ", "Professor ", "Prof. ", "Ms. ", "Mr. ", "Mrs. "]) + values.surname(rng, split))


def _zip(rng, split):
    d = lambda n: "".join(pick(rng, "0123456789") for _ in range(n))
    return values._same(pick(rng, [d(5), d(5), d(4), d(6), letters(rng, 2, 2).upper() + d(1) + " " + d(1) + letters(rng, 2, 2).upper(), d(5) + "-" + d(4)]))


def _agenum(rng, split):
    n = rng.randint(8, 99)
    return str(n), Number(n)


def _version(rng, split):
    return values._same(f"{rng.randint(0, 12)}.{rng.randint(0, 20)}" + pick(rng, [".0", ".1", f".{rng.randint(2, 30)}"]))


def _any(rng, split):
    return pick(rng, [values.price, values.measure])(rng, split)


def _longdate(rng, split):
    """A date, a weekday, or both."""
    date, day = values.date(rng, split)[0], pick(rng, values.DAYS)
    return values._same(pick(rng, [date, date, day, f"{day}, {date}", f"{day}, {date}", f"{day} {date}"]))


def _place_name(rng, split):
    """A hotel, a museum, a restaurant: words that belong to the name on either side."""
    name, noun = vocab.proper(rng, split), vocab.noun(rng).capitalize()
    return values._same(pick(rng, [name, f"{name} {noun}", f"Grand {name}", f"{pick(rng, ['Museum', 'House', 'Hall', 'Theater', 'Hotel', 'Library', 'School'])} of {vocab.plural(noun)}",
                                   f"{name} {pick(rng, ['Museum', 'Hotel', 'Inn', 'Cafe', 'Theater', 'Gallery', 'Park'])}", f"{noun} & {name}", f"Old {noun} {pick(rng, ['House', 'Inn', 'Mill', 'Bridge'])}"]))


def _car(rng, split):
    return values._same(vocab.made_up_name(rng, split) + " " + pick(rng, [vocab.noun(rng).capitalize(), vocab.made_up_name(rng, split), str(rng.randint(2, 900)), "GT"]))


def _gerund(rng, split):
    if rng.random() < 0.3:
        return values.hobby(rng, split)
    act = pick(rng, "mending building painting collecting reading writing making watching fixing growing drawing selling carving cleaning restoring studying racing".split())
    return values._same(act + " " + pick(rng, ["", "", "old ", "small "]) + vocab.things(rng, split))


_KINDS = {
    "money": values.price, "number": _number, "bignum": _bignum, "titled": _titled, "zip": _zip, "agenum": _agenum, "version": _version, "any": _any,
    "unitmoney": lambda rng, split: values._same(pick(rng, "euros dollars pounds yen francs kroner USD EUR GBP rupees pesos crowns".split())),
    "score": lambda rng, split: values._same(f"{rng.randint(0, 9)}{pick(rng, ['-', '-', ':', ' to '])}{rng.randint(0, 9)}" if rng.random() < 0.7 else f"{rng.randint(50, 140)}-{rng.randint(50, 140)}"),
    "thing": lambda rng, split: values._same(vocab.thing(rng, split)), "things": lambda rng, split: values._same(vocab.things(rng, split)),
    "proper": lambda rng, split: values._same(vocab.proper(rng, split)), "role": lambda rng, split: values._same(vocab.role(rng, split)),
    "nounw": lambda rng, split: values._same(vocab.noun(rng)), "quality": lambda rng, split: values._same(vocab.quality(rng)),
    "phrase": lambda rng, split: values._same(vocab.phrase(rng, split)), "material": lambda rng, split: values._same(pick(rng, vocab.MATERIALS) if rng.random() < 0.8 else vocab.noun(rng)),
    "longdate": _longdate, "museum": _place_name, "car": _car, "gerund": _gerund,
    "made": lambda rng, split: values._same(vocab.made_up_name(rng, split)),
    "medal": lambda rng, split: values._same(pick(rng, ["gold", "silver", "bronze", "first prize", "second place", "the cup"])),
    "subject": lambda rng, split: values.subject(rng, split) if rng.random() < 0.6 else values._same(vocab.noun(rng)),
    "firstname": lambda rng, split: values._same(values.first_name(rng, split)),
    "hobbyw": lambda rng, split: values.hobby(rng, split) if rng.random() < 0.5 else values._same(vocab.noun(rng) + " " + pick(rng, ["surfing", "collecting", "racing", "painting", "building", "watching", "making"])),
}
_SLOT = re.compile(r"<(\w+):([\w,]+)>")


class Frame:
    """A template with slots s0, s1, ... and what each is."""

    def __init__(self, line):
        self.slots = []

        def keep(match):
            self.slots.append((match.group(1), match.group(2).split(",")))
            return f"[s{len(self.slots) - 1}]"
        self.template = _SLOT.sub(keep, line)
        parsed(self.template)


class _Used(dict):
    def __init__(self, base):
        super().__init__(base)
        self.used = []

    def __getitem__(self, key):
        self.used.append(key)
        return dict.__getitem__(self, key)


_FRAMES = [Frame(line) for line in FRAMES + more_frames.FRAMES]


def _aside(rng, options):
    text = pick(rng, options).replace("<x>", vocab.noun(rng)).replace("<q>", vocab.quality(rng))
    return say(rng, text)


def case(rng, split):
    """(text, [(key names, text as written, value)], None)."""
    frame = pick(rng, _FRAMES)
    drawn = [(_KINDS.get(kind) or getattr(values, kind))(rng, split) for kind, _ in frame.slots]
    env = _Used({f"s{i}": shown for i, (shown, _) in enumerate(drawn)})
    text = say(rng, frame.template, env)
    rows = []
    for name in env.used:
        i = int(name[1:])
        rows.append((frame.slots[i][1], drawn[i][0], drawn[i][1]))
    for _, shown, _ in rows:
        if re.match(r"[aeiou8]", shown) and not shown.startswith(("8.", "uni", "use")):
            text = re.sub(r"\b([Aa]) " + re.escape(shown), r"\1n " + shown.replace("\\", ""), text)
    if text.endswith(".") and rng.random() < 0.1:
        text = text[:-1] + pick(rng, more_frames.TAILS) + "."
    roll = rng.random()
    if roll < 0.03:
        text = pick(rng, more_frames.OPENERS) + " " + (text if text.startswith(rows[0][1]) else text[0].lower() + text[1:])
    elif roll < 0.18:
        before = _aside(rng, BEFORE)
        first = rows[0][1]
        text = before + (text if text.startswith(first) or text[:2] in ("I ", "I'") else text[0].lower() + text[1:])
    elif roll < 0.36:
        text = capital(text) + _aside(rng, AFTER)
    elif roll < 0.4:
        text = text.rstrip(".")
    if text == text.rstrip() and rng.random() < 0.95 and not text.startswith(rows[0][1]):
        text = capital(text)
    return text, rows, None
