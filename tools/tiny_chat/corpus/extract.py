"""Pulling fields out of a text as JSON: the texts, the requests and the answers.

An item is held out when the hash of its answer's values says so (one in 40), and made-up proper names
are split as well, so that held-out items hold names that training never shows.
"""

import json

from . import domains, domain_texts, framed, values, vocab
from .grammar import capital, pick, say, weighted
from .requests import request
from .values import Number
from .words import ADJECTIVES, ATTRIBUTES, NOUNS, OBJECTS, made_up, made_up_name

HELD_VALUES_ONE_IN = 40

EVENTS = """party|concert|meeting|workshop|lecture|festival|exhibition|garden party|book fair|chess club|
bake sale|team lunch|yoga class|science fair|flea market|poetry evening|wedding|reunion|job interview|
dance class|film night|city marathon|board meeting|press conference|art class|choir practice|picnic|
school play|product launch|charity run|birthday party|staff training|conference|webinar|quiz night|
dentist appointment|parents' evening|budget review|open day|cooking course""".replace("\n", "").split("|")
VENUES = """room {1|2|12|204|B7}|the {town hall|library|old barn|city park|main hall|school gym|museum|garden|
community center|blue room|red room|station cafe|church|theater|market square}|[x] {Hall|Center|Park|House|Theater|
Stadium|Square|School|Hotel}|Hall {A|B|C|3}|the [x] {Hotel|Museum|Library}""".replace("\n", "")
HOMES = """flat|apartment|house|studio|cottage|villa|loft|cabin|{two|three|four}-room flat|small house|
garden apartment|country house|holiday home|office|attic flat|town house""".replace("\n", "")
STATUSES = "shipped|delayed|paid|pending|cancelled|delivered|complete|open|lost|on hold|ready|unpaid".split("|")
FOODS = "carrots|tuna|chicken|hay|lettuce|cheese|apples|rice|bread|fish|nuts|seeds|corn|oats|turkey|salmon".split("|")
SHOPS = "bakery|bookshop|restaurant|cafe|garage|toy shop|flower shop|hotel|law firm|software company|bank|shoe shop|brewery|gym|school|clinic|farm|print shop|barber shop|startup".split("|")

_extra = {
    "event": lambda rng, split: values._same(pick(rng, EVENTS) if rng.random() < 0.5 else vocab.thing(rng, split)),
    "thing": lambda rng, split: values._same(vocab.thing(rng, split)),
    "place": lambda rng, split: values._same(say(rng, "{" + VENUES + "}", {"x": made_up_name(rng, split)})),
    "home": lambda rng, split: values._same(say(rng, "{" + HOMES + "}")),
    "status": lambda rng, split: values._same(pick(rng, STATUSES)),
    "food": lambda rng, split: values._same(pick(rng, FOODS) if rng.random() < 0.5 else vocab.things(rng, split)),
    "kind": lambda rng, split: values._same(pick(rng, SHOPS)),
    "noun": lambda rng, split: values._same(pick(rng, [n for n in NOUNS if n[-1] not in "syxh"])),
    "pet": lambda rng, split: values._same(values.first_name(rng, split)),
    "team": lambda rng, split: values._same(pick(rng, ["", "FC ", "Red ", "United "]) + made_up_name(rng, split) +
                                            pick(rng, ["", " Rovers", " Tigers", " United", " City", " Bears"])),
}


def value_of(kind, rng, split):
    kind = kind.rstrip("2")
    maker = _extra.get(kind) or getattr(values, kind)
    return maker(rng, split)


class Field:
    def __init__(self, line):
        kind, keys, third, *rest = [part.strip() for part in line.split("::")]
        self.kind = kind
        self.keys = [k.strip() for k in keys.split(",")]
        self.third = [p.strip() for p in third.split(";")]
        first = rest[0] if rest else "-"
        self.first = None if first == "-" else [p.strip() for p in first.split(";")]
        self.apposition = [p.strip() for p in rest[1].split(";")] if len(rest) > 1 else []


class Domain:
    def __init__(self, name, kind, keys, phrases, lines, labels):
        self.name, self.subject, self.phrases, self.labels = name, Field(f"{kind} :: {keys} :: -"), phrases, labels
        self.fields = [Field(line) for line in lines.strip().split("\n")]
        self.texts = domain_texts.TEXTS[name]


DOMAINS = [
    (30, Domain("person", "person", "name, name, name, full_name, person, person_name", ["[v]"], domains.PERSON_FIELDS, "they")),
    (12, Domain("product", "product", "product, item, product_name, name", ["{The|This|Our|The new|That} [v]"], domains.THING_FIELDS, "it")),
    (9, Domain("event", "event", "event, title, event_name, name", ["{The|Our|This year's|The next} [v]"], domains.EVENT_FIELDS, "it")),
    (6, Domain("work", "title", "title, book, name, work", ["{|The book |The film |The album }[v]", "\"[v]\""], domains.WORK_FIELDS, "it")),
    (6, Domain("trip", "flight", "flight, flight_number", ["Flight [v]", "{The flight|My flight|Our plane,} [v]", "[v]"], domains.TRIP_FIELDS, "it")),
    (5, Domain("home", "home", "type, home, property", ["{The|This|Our} [v]"], domains.HOME_FIELDS, "it")),
    (10, Domain("order", "code", "order, order_number, order_id, id, invoice, number", ["{Order|Order number|Order no.|Invoice|Order #|Your order} [v]"], domains.ORDER_FIELDS, "it")),
    (5, Domain("pet", "pet", "name, pet, pet_name", ["[v]", "{My|Our|The|Her|His} {pet|friend} [v]"], domains.PET_FIELDS, "it")),
    (4, Domain("team", "team", "team, club, name, team_name", ["[v]", "{The team|The club} [v]"], domains.TEAM_FIELDS, "it")),
    (8, Domain("business", "company", "company, name, business, company_name", ["[v]", "{The company|The firm} [v]"], domains.BUSINESS_FIELDS, "it")),
]

class _Used(dict):
    """The fields a whole-text template has used."""

    def __init__(self, base):
        super().__init__(base)
        self.used = []

    def __getitem__(self, key):
        if key not in self.used:
            self.used.append(key)
        return dict.__getitem__(self, key)


def _draw(domain, rng, split, fields):
    """Field -> (text, value), the subject first."""
    drawn = {domain.subject: value_of(domain.subject.kind, rng, split)}
    for field in fields:
        drawn[field] = value_of(field.kind, rng, split)
    return drawn


def _phrase(rng, options, shown):
    return say(rng, pick(rng, options), {"v": shown})


def _join(rng, parts):
    if len(parts) == 1:
        return parts[0]
    link = pick(rng, [" and ", " and ", ", and ", ", "])
    return ", ".join(parts[:-1]) + link + parts[-1]


def _told(domain, rng, drawn):
    """Sentences about the subject, from phrases of its fields in any order."""
    fields = [f for f in drawn if f is not domain.subject]
    rng.shuffle(fields)
    name = drawn[domain.subject][0]
    person = domain.name == "person"
    if person and rng.random() < 0.25 and all(f.first for f in fields):
        opener = say(rng, "{My name is|I'm|I am|Hi, I'm|Hello, I am|Hi! My name is|Hello! I'm|Name's} [v]", {"v": name})
        parts = [_phrase(rng, f.first, drawn[f][0]) for f in fields]
        if rng.random() < 0.4:
            return opener + pick(rng, [", I ", " and I ", ". I "]) + _join(rng, parts) + "."
        return opener + ". " + " ".join(say(rng, "I {|||also } [v].", {"v": p}).replace("  ", " ") for p in parts)
    subject = _phrase(rng, domain.phrases, name)
    pronoun = pick(rng, ["he", "she", "he", "she", "they"]) if person else pick(rng, ["it", "it", "he", "she"]) \
        if domain.name == "pet" else "it"
    lead, rest = "", fields
    if rng.random() < 0.45 and fields[0].apposition:
        count = 1 if rng.random() < 0.7 else 2
        chosen = [f for f in fields if f.apposition][:count]
        rest = [f for f in fields if f not in chosen]
        forms = [_phrase(rng, f.apposition, drawn[f][0]) for f in chosen]
        if not rest or rng.random() < 0.12:
            ending = [_phrase(rng, f.apposition, drawn[f][0]) for f in rest if f.apposition]
            rest = [f for f in rest if not f.apposition]
            line = subject + pick(rng, [", ", " - ", ": ", ", "]) + ", ".join(forms + ending) + "."
            return line + "".join(" " + capital(pronoun if pronoun != "they" else "she") + " " + _phrase(rng, f.third, drawn[f][0]) + "." for f in rest)
        lead = ", " + ", ".join(forms) + ","
        if rng.random() < 0.25:
            lead = " (" + ", ".join(forms) + ")"
    parts = [_phrase(rng, f.third, drawn[f][0]) for f in rest]
    if pronoun == "they":
        pronoun = pick(rng, ["he", "she"])
    if rng.random() < 0.5 or len(parts) == 1:
        return subject + lead + " " + _join(rng, parts) + "."
    head = parts[: rng.randint(1, 2)]
    lines = [subject + lead + " " + _join(rng, head) + "."]
    for part in parts[len(head):]:
        who = pick(rng, [pronoun, pronoun, pronoun, subject if person else pronoun])
        lines.append(capital(who) + pick(rng, [" ", " ", " ", " also "]) + part + ".")
    return " ".join(lines)


def _label(key):
    return key.replace("_", " ")


def _listed(rng, pairs):
    """Label and value lines, as in forms and signatures."""
    style = pick(rng, ["%s: %s", "%s: %s", "%s: %s", "%s = %s", "%s - %s", "%s=%s", "%s:%s"])
    case = pick(rng, [str.lower, capital, capital, str.title, str.upper])
    between = pick(rng, ["\n", "\n", ", ", "; ", " | ", ". ", " / "])
    return between.join(style % (case(_label(k)), text) for k, text in pairs)


FILLERS = """Thanks for your help.|The weather was lovely.|Please get back to me soon.|We had a good time.|That is all for now.|
Everybody was happy about it.|I hope this helps.|More news soon.|It was a long day.|Nothing else is known.|Please keep this private.|
Many people asked about it.|The rest will follow later.|Have a nice day!|Thank you very much.|I am looking forward to it.|
It rained all morning.|This was confirmed today.|Call me if anything is unclear.|It is very popular.|Let me know what you think.|
As you may have heard, there is news.|Good morning!|Hello there.|Here is the update.|A quick note.|For your information:|Hi team,|
I wanted to tell you something.|Here are the details.|Some news from the office.|We talked for two hours.""".replace("\n", "").split("|")


def _decorated(rng, text):
    roll = rng.random()
    if roll < 0.1:
        text = text + " " + say(rng, FILLERS)
    elif roll < 0.18:
        text = say(rng, FILLERS) + " " + text
    elif roll < 0.22:
        text = text.rstrip(".")
    elif roll < 0.25:
        text = text.rstrip(".") + "!"
    return text


def _domain_case(rng, split):
    """(text, [(key names, text as written, value)], fields that are absent)."""
    domain = weighted(rng, DOMAINS)
    if rng.random() < 0.42:
        drawn = _draw(domain, rng, split, domain.fields)
        env, fields = {}, {}
        for field in drawn:
            shown = drawn[field][0]
            for key in field.keys:
                env.setdefault(key, shown)
                fields.setdefault(key, field)
        for extra, target in (("job_", "job"), ("product_", "product")):
            if target in env:
                env[extra], fields[extra] = capital(env[target]), fields[target]
        env["rival"] = value_of("team", rng, split)[0]
        env["business"], env["kind"] = env.get("company", ""), value_of("kind", rng, split)[0]
        used = _Used(env)
        text = say(rng, domain.texts, used)
        present = []
        for key in used.used:
            if key in ("rival", "kind", "job_", "product_"):
                continue
            field = fields["company" if key == "business" else key]
            if field not in present:
                present.append(field)
    else:
        count = weighted(rng, [(3, 1), (6, 2), (6, 3), (4, 4), (2, 5)])
        chosen = rng.sample(domain.fields, min(count, len(domain.fields)))
        drawn = _draw(domain, rng, split, chosen)
        if rng.random() < 0.17:
            order = list(drawn)
            if rng.random() < 0.4:
                rng.shuffle(order)
            pairs = [(pick(rng, f.keys), drawn[f][0]) for f in order]
            text = _listed(rng, pairs) if rng.random() < 0.8 else pick(rng, [", ", ", ", " | ", "; ", "\n", " - "]).join(v for _, v in pairs)
            return text, [([k], drawn[f][0], drawn[f][1]) for (k, _), f in zip(pairs, order)], domain
        text = _told(domain, rng, drawn)
        present = list(drawn)
    return _decorated(rng, text), [(f.keys, drawn[f][0], drawn[f][1]) for f in present], domain


def _attribute_case(rng, split):
    """A thing with any attributes under any names."""
    names = rng.sample(ATTRIBUTES if rng.random() < 0.4 else vocab.KEY_WORDS, rng.randint(2, 5))
    if rng.random() < 0.2:
        names[0] = made_up(rng)
    if rng.random() < 0.2:
        names[-1] = pick(rng, ADJECTIVES) + "_" + names[-1]
    rows = []
    for name in names:
        kind = pick(rng, ["word", "word", "thing", "thing", "count", "rating", "person", "city", "color", "measure", "product", "company", "date"])
        shown, value = value_of(kind, rng, split)
        if shown.isdigit() and shown[0] != "0":
            value = Number(shown)
        rows.append(([name], shown, value))
    if rng.random() < 0.3:
        return _listed(rng, [(k[0], shown) for k, shown, _ in rows]), rows, None
    subject = say(rng, "{The [n]|This [n]|The [a] [n]|Item {3|7|12|40}|Our [n]|My [n]|The report|The record|The new [n]|Sample {A|B|C}}",
                  {"n": pick(rng, NOUNS + OBJECTS), "a": pick(rng, ADJECTIVES)})
    style, parts = rng.randint(0, 4), []
    for keys, shown, _ in rows:
        env = {"k": _label(keys[0]), "v": shown, "s": subject}
        parts.append(say(rng, [["has [a:k] of [v]"], ["[k] [v]", "[a:k] of [v]"], ["[^k] is [v]."], ["{The|Its} [k] is [v].", "As {the|its} [k] we have [v]."],
                               ["{The|Its} [k] {is|was|was set to|is listed as|is given as} [v]."]][style], env))
    if style == 0:
        return _decorated(rng, subject + " " + _join(rng, parts) + "."), rows, None
    if style == 1:
        return _decorated(rng, subject + pick(rng, [" comes with ", " has ", ": ", " shows ", ", "]) + _join(rng, parts) + "."), rows, None
    opener = pick(rng, ["", subject + " arrived. ", "Here is " + subject[0].lower() + subject[1:] + ". ", "About " + subject[0].lower() + subject[1:] + ": "])
    return _decorated(rng, opener + " ".join(parts)), rows, None


LISTS = [("items, products, things, shopping_list, groceries", "product", "{I need to buy|Please buy|Don't forget|We ordered|She packed|The box holds|They sell|We are out of|I bought} [v]."),
         ("names, people, attendees, guests, members, participants", "person", "[v] {came to the party|were there|joined the call|signed up|are invited|attended the meeting|will be at dinner}."),
         ("cities, places, stops, locations", "city", "{We visited|The train stops in|The tour goes through|They have offices in|I have lived in|We will see} [v]."),
         ("colors, colours", "color", "{The flag is|It comes in|She painted it in|The scarf is available in|They used} [v]."),
         ("animals, pets, species", "animal", "{We saw|The farm has|In the picture there are|The story is about} [v]."),
         ("hobbies, interests", "hobby", "{I like|He enjoys|Her hobbies are|They love|She is into} [v]."),
         ("languages", "language", "{She speaks|The guide speaks|We translate|He is learning} [v]."),
         ("emails, email_addresses, addresses", "email", "{Write to|Send it to|Please copy|Forward this to} [v]."),
         ("subjects, courses", "subject", "{She studies|This year I take|He teaches|They offer} [v]."),
         ("codes, orders, ids", "code", "{Please check|These are missing:|We shipped|Cancel} [v].")]


def _list_case(rng, split):
    keys, kind, template = pick(rng, LISTS)
    found = []
    while len(found) < rng.randint(2, 4):
        shown = value_of(kind, rng, split)[1]
        if shown not in found:
            found.append(shown)
    text = say(rng, template, {"v": ", ".join(found[:-1]) + pick(rng, [" and ", ", and "]) + found[-1]})
    return capital(text), [([k.strip() for k in keys.split(",")], "", found)], None


def dumps(pairs):
    """One-line JSON that keeps numbers as they were written."""
    def one(value):
        return str(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)
    return "{" + ", ".join(json.dumps(k, ensure_ascii=False) + ": " + one(v) for k, v in pairs) + "}"


def value_key(answer):
    """What must not repeat between training and held-out items: the sorted values of an answer."""
    return "|".join(sorted(json.dumps(v, ensure_ascii=False) for v in answer.values()))


def item(rng, split):
    """One task. Returns dict(system or None, user, assistant, answer, text, keys)."""
    while True:
        text, rows, domain = weighted(rng, [(38, _domain_case), (42, framed.case), (16, _attribute_case), (4, _list_case)])(rng, split)
        asked, pairs, shown_text = [], [], text
        lower = rng.random() < 0.05 and not any(v.__class__ is list for _, _, v in rows)
        order = list(rows)
        if rng.random() < 0.5:
            rng.shuffle(order)
        most = len(order) if rng.random() < 0.65 else rng.randint(1, len(order))
        for keys, _, value in order[:most]:
            key = keys[0] if rng.random() < 0.5 else pick(rng, keys)
            if key in asked:
                continue
            if lower and value.__class__ is str:
                value = value.lower()
            asked.append(key)
            pairs.append((key, value))
        if domain is not None and rng.random() < 0.02:
            taken = {k for keys, _, _ in rows for k in keys}
            kinds = {f.kind.rstrip("2") for f in [domain.subject] + domain.fields if f.keys and set(f.keys) & taken}
            spare = [f for f in domain.fields if not set(f.keys) & taken and f.kind.rstrip("2") not in kinds]
            if spare:
                at = rng.randint(0, len(pairs))
                pairs.insert(at, (pick(rng, spare).keys[0], None))
        if lower:
            shown_text = text.lower()
        if not pairs or sum(len(k) for k, _ in pairs) > 90:
            continue
        subject = rows[0][1] if domain is not None and domain.name == "person" and rng.random() < 0.1 else None
        system, user, pairs = request(rng, shown_text, pairs, subject)
        answer = dumps(pairs)
        parsed = json.loads(answer)
        if split.allows("values", value_key(parsed), HELD_VALUES_ONE_IN):
            return {"system": system, "user": user, "assistant": answer, "answer": parsed,
                    "text": shown_text, "keys": [k for k, _ in pairs]}
