"""Values for extraction tasks: each generator returns (text as written, JSON value).

Strings are copied verbatim from the text; ages, prices, counts, years and the like are JSON numbers.
"""

from .grammar import capital, pick, say
from . import vocab
from .sums import in_words
from .words import (ADJECTIVES, ANIMALS, BOYS, CITIES, COLORS, COUNTRIES, GIRLS, JOBS, NOUNS,
                    SURNAMES, letters, made_up, made_up_name, made_up_town)

MONTHS = """January February March April May June July August September October November
December""".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


class Number(str):
    """A JSON number kept as it is to be written."""


def _same(text):
    return text, text


def first_name(rng, split):
    if rng.random() < 0.5:
        return pick(rng, GIRLS if rng.random() < 0.5 else BOYS)
    return made_up_name(rng, split)


def surname(rng, split):
    roll = rng.random()
    if roll < 0.5:
        return pick(rng, SURNAMES)
    if roll < 0.93:
        return made_up_name(rng, split)
    if roll < 0.97:
        return made_up_name(rng, split) + "-" + pick(rng, SURNAMES)
    return pick(rng, ["van ", "de ", "von ", "van der ", "Mc", "O'", "al-"]) + made_up_name(rng, split)


def person(rng, split):
    roll = rng.random()
    if roll < 0.4:
        return _same(first_name(rng, split))
    name = first_name(rng, split) + " " + surname(rng, split)
    if roll > 0.96:
        name = pick(rng, ["Dr. ", "Mr. ", "Mrs. ", "Ms. ", "Prof. "]) + name
    elif roll > 0.92:
        name = name.replace(" ", " " + pick(rng, "ABCDEFGHJKLMNPRSTW") + ". ", 1)
    return _same(name)


def city(rng, split):
    if rng.random() < 0.5:
        return _same(pick(rng, CITIES))
    town = made_up_town(rng, split)
    if rng.random() < 0.15:
        town = pick(rng, ["New ", "Port ", "San ", "Santa ", "East ", "Fort ", "Saint ", "Upper ",
                          "Los ", "El ", "Lake ", "Mount ", "North "]) + town
    return _same(town)


def country(rng, split):
    return _same(pick(rng, COUNTRIES) if rng.random() < 0.75 else made_up_town(rng, split))


def job(rng, split):
    roll = rng.random()
    if roll < 0.5:
        return _same(pick(rng, JOBS))
    if roll < 0.85:
        return _same(vocab.role(rng, split))
    return _same(pick(rng, ["senior ", "junior ", "head ", "night ", "assistant ", "chief "]) + pick(rng, JOBS))


def company(rng, split):
    base = pick(rng, [made_up_name, vocab.proper, surname])(rng, split)
    tail = pick(rng, ["", "", "", " Ltd", " Inc.", " Corp", " GmbH", " Labs", " Foods", " Motors", " & Co",
                      " Systems", " Bank", " Software", " Books", " Energy", " Airlines", " Robotics",
                      " Bakery", " Design", " Studio", " and Sons", " Group", " Media", " Logistics"])
    return _same(base + tail)


def email(rng, split):
    if rng.random() < 0.15:
        desk = pick(rng, "help info support sales contact office hello team press jobs orders desk mail admin service".split())
        return _same(desk + "@" + made_up(rng, 1, 3) + "." + pick(rng, "com org net io co.uk de fr edu info dev".split()))
    user = (first_name(rng, split).lower() if rng.random() < 0.6 else letters(rng, 2, 8))
    if rng.random() < 0.5:
        user += pick(rng, [".", "_", "-", ""]) + made_up_name(rng, split).lower()
    if rng.random() < 0.3:
        user += str(rng.randint(1, 999))
    host = pick(rng, ["example", "mail", "gmail", "post", "inbox", "work", "school"]) \
        if rng.random() < 0.4 else made_up(rng, 1, 2)
    return _same(user.replace("'", "") + "@" + host + "." + pick(rng, "com org net io co.uk de fr edu info dev es it nl in jp".split()))


def phone(rng, split):
    d = lambda n: "".join(pick(rng, "0123456789") for _ in range(n))
    return _same(pick(rng, [
        lambda: f"555-{d(4)}", lambda: f"{d(3)}-{d(3)}-{d(4)}", lambda: f"({d(3)}) {d(3)}-{d(4)}",
        lambda: f"+{rng.randint(1, 99)} {d(3)} {d(3)} {d(3)}", lambda: f"+{rng.randint(1, 99)} {d(2)} {d(4)} {d(4)}",
        lambda: f"0{d(3)} {d(6)}", lambda: f"{d(3)}.{d(3)}.{d(4)}", lambda: f"0{d(9)}",
        lambda: f"+1-{d(3)}-{d(3)}-{d(4)}"])())


def age(rng, split):
    n = rng.randint(1, 99)
    if rng.random() < 0.1:
        return in_words(n), Number(n)
    return str(n), Number(n)


def count(rng, split):
    n = rng.randint(2, pick(rng, [9, 12, 60, 500, 5000]))
    if n < 21 and rng.random() < 0.3:
        return in_words(n), Number(n)
    if n >= 1000 and rng.random() < 0.5:
        return f"{n:,}", Number(n)
    return str(n), Number(n)


def _amount(rng):
    roll = rng.random()
    if roll < 0.5:
        return f"{rng.randint(0, pick(rng, [9, 99, 999]))}.{rng.randint(0, 99):02d}"
    if roll < 0.9:
        return str(rng.randint(1, pick(rng, [20, 99, 999, 9999])))
    return f"{rng.randint(1000, 99999)}"


def price(rng, split):
    n = _amount(rng)
    shown = f"{int(n):,}" if "." not in n and int(n) >= 1000 and rng.random() < 0.7 else n
    text = pick(rng, ["$%s", "$%s", "$%s", "€%s", "£%s", "%s dollars", "%s euros", "%s pounds", "USD %s", "%s USD",
                      "%s EUR", "%s€", "$%s", "₹%s", "%s kr", "%s yen"]) % shown
    return text, Number(n)


def year(rng, split):
    n = rng.randint(1850, 2035)
    return str(n), Number(n)


def date(rng, split):
    day, month, yr = rng.randint(1, 28), rng.randint(0, 11), rng.randint(1950, 2035)
    name, nth = MONTHS[month], f"{day}{'st' if day in (1, 21) else 'nd' if day in (2, 22) else 'rd' if day in (3, 23) else 'th'}"
    return _same(pick(rng, [f"{name} {day}, {yr}", f"{day} {name} {yr}", f"{yr}-{month + 1:02d}-{day:02d}",
                            f"{name} {day}", f"{name} {nth}", f"{day} {name}", f"{month + 1:02d}/{day:02d}/{yr}",
                            f"{day:02d}.{month + 1:02d}.{yr}", f"{name[:3]} {day}", f"{nth} of {name}",
                            f"{name} {nth}, {yr}", f"{day}/{month + 1}/{yr}", f"{yr}-{month + 1:02d}-{day:02d}"]))


def weekday(rng, split):
    return _same(pick(rng, DAYS))


def time(rng, split):
    h, m = rng.randint(1, 12), rng.choice([0, 15, 30, 45, rng.randint(0, 59)])
    return _same(pick(rng, [f"{h}:{m:02d} pm", f"{h}:{m:02d} am", f"{h} pm", f"{h} am", f"{h + 8}:{m:02d}",
                            f"{h:02d}:{m:02d}", f"{h}pm", f"{h}:{m:02d} PM", f"{h}:{m:02d}", f"{h} a.m.", f"{h} o'clock", "noon"]))


def color(rng, split):
    c = pick(rng, COLORS)
    return _same(pick(rng, ["dark ", "midnight ", "deep ", "forest ", "soft ", "stone ", "neon ", "light ", "pale ", "bright ", "sky ", "matte "]) + c if rng.random() < 0.15 else c)


def product(rng, split):
    roll = rng.random()
    if rng.random() < 0.4:
        return _same(vocab.thing(rng, split))
    noun = pick(rng, NOUNS)
    if roll < 0.25:
        return _same(noun)
    if roll < 0.55:
        return _same(pick(rng, ADJECTIVES) + " " + noun)
    if roll < 0.65:
        return _same(pick(rng, NOUNS) + " " + noun)
    if roll < 0.75:
        return _same(made_up(rng))
    brand = made_up_name(rng, split)
    return _same(brand + " " + pick(rng, [noun, noun.capitalize(), str(rng.randint(1, 999)), pick(rng, "XZSQPTV") + str(rng.randint(1, 90)),
                                          "Pro", "Mini", "Max", "Air", "Plus " + str(rng.randint(2, 9)), noun + " " + str(rng.randint(2, 9))]))


def title(rng, split):
    env = {"adj": vocab.quality(rng), "n": vocab.noun(rng), "a": pick(rng, ANIMALS),
           "p": made_up_name(rng, split), "t": made_up_town(rng, split)}
    text = say(rng, ["The [adj] [n]", "[n] of [t]", "The [a]'s [n]", "The [n] and the [a]", "A [adj] [a]", "[p]'s [n]",
                     "The Last [a]", "[adj] [n]s", "The Road to [t]", "Under the [adj] [n]", "Return to [t]", "[p]",
                     "Night of the [a]", "Beyond the [n]", "My [adj] [a]", "[p] and [t]", "Letters from [t]"], env)
    return _same(" ".join(w if w in ("of", "and", "the", "from", "to") and i else capital(w)
                          for i, w in enumerate(text.split())))


def code(rng, split):
    up = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    d = lambda n: "".join(pick(rng, "0123456789") for _ in range(n))
    L = lambda n: "".join(pick(rng, up) for _ in range(n))
    return _same(pick(rng, [lambda: L(2) + d(3), lambda: L(2) + "-" + d(4), lambda: d(5), lambda: L(1) + d(5),
                            lambda: d(3) + "-" + d(4), lambda: L(3) + d(2), lambda: d(rng.randint(4, 8)),
                            lambda: L(3) + "-" + d(3) + "-" + L(1), lambda: L(2) + d(4), lambda: d(2) + L(2) + d(2)])())


def flight(rng, split):
    up = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    return _same(pick(rng, up) + pick(rng, up) + pick(rng, ["", "", "", " "]) + str(rng.randint(10, 9999)))


def gate(rng, split):
    return _same(pick(rng, "ABCDEFGH") + str(rng.randint(1, 60)))


def room(rng, split):
    n = rng.randint(1, 999)
    return str(n), Number(n)


def small(rng, split):
    n = rng.randint(1, 12)
    return (in_words(n) if rng.random() < 0.35 else str(n)), Number(n)


def rating(rng, split):
    n = pick(rng, [str(rng.randint(1, 10)), f"{rng.randint(1, 9)}.{rng.randint(0, 9)}"])
    return n, Number(n)


def percent(rng, split):
    n = str(rng.randint(1, 99))
    return pick(rng, ["%s%%", "%s%%", "%s percent"]) % n, Number(n)


def measure(rng, split):
    n = pick(rng, [str(rng.randint(1, 999)), f"{rng.randint(0, 99)}.{rng.randint(1, 9)}"])
    unit = pick(rng, "kg g cm m km mm miles pounds inches feet liters ml minutes hours days weeks months watts GB GHz mph volts".split())
    return _same(n + pick(rng, [" ", " ", " ", ""]) + unit)


def duration(rng, split):
    n = rng.randint(2, 90)
    return _same(f"{n} {pick(rng, ['minutes', 'hours', 'days', 'weeks', 'months', 'years'])}")


def degrees(rng, split):
    n = rng.randint(-15, 42)
    return pick(rng, ["%s degrees", "%s°C", "%s°", "%s degrees Celsius", "%s°F"]) % n, Number(n)


def address(rng, split):
    street = pick(rng, [made_up_name(rng, split), pick(rng, "Oak Maple Main River Hill Church Park Mill Elm Lake".split())])
    return _same(f"{rng.randint(1, 999)} {street} " + pick(rng, ["Street", "Road", "Avenue", "Lane", "Drive", "Way", "Court", "St", "Boulevard"]))


def url(rng, split):
    return _same(pick(rng, ["https://", "https://www.", "www.", "http://", ""]) + made_up(rng, 1, 3) + "." +
                 pick(rng, "com org net io dev".split()) + pick(rng, ["", "", "/" + made_up(rng, 1, 2)]))


def handle(rng, split):
    return _same(pick(rng, ["@", ""]) + made_up(rng, 1, 2) + pick(rng, ["", "_", ""]) + pick(rng, ["", str(rng.randint(1, 99))]))


def animal(rng, split):
    return _same(pick(rng, ANIMALS))


def size(rng, split):
    return _same(pick(rng, ["small", "medium", "large", "extra large", "XL", "S", "M", "L", "XXL", str(rng.randint(30, 48))]))


def language(rng, split):
    return _same(pick(rng, """English French German Spanish Italian Polish Dutch Swedish Turkish Arabic Hindi Urdu Bengali
        Japanese Korean Chinese Russian Greek Hungarian Finnish Danish Czech Swahili Welsh""".split()))


def hobby(rng, split):
    return _same(pick(rng, """chess|painting|hiking|photography|gardening|swimming|reading|cycling|cooking|knitting|fishing|
        dancing|singing|running|pottery|skiing|sailing|tennis|football|basketball|climbing|surfing|baking|yoga|
        birdwatching|woodworking|origami|astronomy|juggling|archery|board games|table tennis|folk music""".replace(
        "\n", "").replace("        ", "").split("|")))


def subject(rng, split):
    return _same(pick(rng, """biology|chemistry|physics|history|geography|algebra|geometry|music|art|economics|
        philosophy|literature|statistics|computer science|astronomy|calculus|French|Spanish|drama""".replace(
        "\n", "").replace("        ", "").split("|")))


def word(rng, split):
    """Any short string."""
    roll = rng.random()
    if roll < 0.25:
        return _same(made_up(rng))
    if roll < 0.4:
        return _same(made_up_name(rng, split))
    if roll < 0.6:
        return _same(pick(rng, ADJECTIVES))
    if roll < 0.75:
        return _same(pick(rng, NOUNS))
    if roll < 0.85:
        return _same(pick(rng, ADJECTIVES) + " " + pick(rng, NOUNS))
    return pick(rng, [code, color, measure, letters_word, size])(rng, split)


def letters_word(rng, split):
    return _same(letters(rng, 3, 9))
