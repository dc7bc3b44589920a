"""How people ask for fields as JSON: the wording, the list of keys, and where the text stands."""

from .grammar import pick, say
from .values import Number

ASK = ["{Extract|Pull out|Get|Find|Give me|Return|Collect|Read|Take|Pull|Fetch|Parse|Identify|List} {the |}[k]{ from {this|the} {text|sentence|message|note|line}| from the following {text|sentence|message}|} {as JSON|as a JSON object|in JSON|in JSON format|as json|into JSON|and return JSON|and answer in JSON}",
       "{Extract|Pull out|Get|Find|Give me|Return|Parse} {the |}[k] as {JSON|a JSON object|json}",
       "{Extract|Pull out|Get|Find|Give me|Return} {the |}[k] as {JSON|a JSON object|json}",
       "{Please |Can you |Could you |please |}{extract|pull out|find|give me|return|get|pick out} {the |}[k]{ from {this|the text|this sentence|the message below|the following}|} {as JSON|in JSON|as a JSON object|as json}",
       "{Extract JSON|JSON|json|Return JSON|Make JSON|Give JSON|Output JSON|Return a JSON object|Answer with JSON} with {the |}{fields|keys} [k]{ from {this|this text|the sentence|the following}|}",
       "{What are|What is|Tell me} the [k]{ in this {text|sentence|message}| here|}? {Answer|Reply|Respond} {in|with|as} JSON",
       "{I need|I want} the [k] {from this {text|sentence|message} |from the following |}{as JSON|in JSON}",
       "{Turn|Convert|Change|Put} this {text|sentence|message|note|} into JSON with {the |}{fields|keys|} [k]",
       "{Turn|Convert} {the following|this} {text |sentence |}{to|into} {a JSON object|JSON} {with|having|containing} {the |}{keys |fields |}[k]",
       "{Fields|Keys|fields|Extract|JSON|Extract to JSON|Wanted}: [k]", "{Fill in|Create|Write|Build|Produce} {a JSON object|JSON} with [k]{ from {this|the text|the following}|}",
       "From {this|the following} {text|sentence|message}, {extract|get|find|return|take} {the |}[k] {as JSON|in JSON format|as a JSON object}"]

ASK_AFTER = ["{Extract|Get|Find|Return|Give me|Pull out} {the |}[k] {as JSON|in JSON|as a JSON object} {from this|from the text above|from that|from it|}",
             "{What are|Tell me} the [k]? {Answer|Reply} {in|with} JSON", "{Extract|Return|Give me|Get} [k] as JSON", "JSON with [k]", "{Keys|Fields}: [k]",
             "{Please |Now |}{extract|return|give me|list} the [k] as JSON", "{Put|Turn} {it|this|that} into JSON with [k]"]

ASK_SHAPE = ["{Fill in|Fill|Complete|Fill out} {this|the} JSON{ from the {text|sentence}| template| object|}: [k]", "{Return|Answer with|Give me|Write|Output|Reply with} JSON {like|in the form|of the form|in this format|shaped like}{:|} [k]",
             "{Extract|Parse|Convert} {the data|the fields|the information|the details|this}{ from the text| from this sentence|} {as|into|to} [k]", "{Extract|Pull out} {the information|the details|the facts|the values} {as|into} JSON{ with this shape|}: [k]",
             "{Use|Follow} {this format|this schema|this template}: [k]"]

OPEN_ENDS = [". ", ": ", ":\n", ".\n", ":\n\n", ".\n\n", "\n", ": ", ": ", "\n\n"]
TEXT_LABELS = ["", "", "", "", "", "Text: ", "Sentence: ", "Input: ", "Message: ", "text: ", "Here is the text: ", "Text:\n", "Note: ", "Sentence:\n"]
ENDINGS = ["", "", "", "", "", "", " Answer with JSON only.", " Return only the JSON.", " Only JSON, please.", "\nJSON:", " No other text.", "\nOutput:", "\nAnswer:", " Reply with JSON and nothing else."]
QUOTES = [("", "")] * 8 + [('"', '"')] * 4 + [("'", "'"), ('"""', '"""'), ("```\n", "\n```"), ("“", "”"), ("<text>", "</text>"), ("> ", ""), ('"""\n', '\n"""'), ("---\n", "\n---")]

SYSTEMS = ["{You extract|You are a tool that extracts|Your job is to extract} [k] from {text|messages|what the user writes}{.| and return| as} JSON{.| only.}",
           "{Extract|Return|Always return} [k] as JSON{.| from each message.| and nothing else.}",
           "{You are an extraction assistant.|You turn text into JSON.|You only speak JSON.} {Keys|Fields|The keys are}: [k]{.|}"]
PLAIN_SYSTEMS = ["You are a helpful assistant.", "You extract data as JSON.", "You only answer with JSON.", "You are a careful assistant that answers in JSON.", "Return valid JSON only."]


def _camel(key):
    head, *tail = key.split("_")
    return head + "".join(part.capitalize() for part in tail)


def _in_prose(rng, names):
    words = [n.replace("_", " ") if rng.random() < 0.8 else n for n in names]
    if rng.random() < 0.04:
        words[0] = pick(rng, "person's customer's author's dog's cat's team's product's company's city's speaker's child's event's writer's animal's".split()) + " " + words[0]
    roll = rng.random()
    if len(words) == 1:
        return words[0]
    if roll < 0.06:
        return words[0] + "".join(", the " + w for w in words[1:-1]) + pick(rng, [" and the ", ", the ", " and "]) + words[-1]
    if roll < 0.5:
        return ", ".join(words[:-1]) + pick(rng, [" and ", " and ", ", and "]) + words[-1]
    if roll < 0.6:
        return ", ".join(words[:-1]) + pick(rng, [" and the ", ", and the "]) + words[-1]
    if roll < 0.9:
        return ", ".join(words)
    return pick(rng, [" / ", "/", " + ", " & ", "; "]).join(words)


def _in_code(rng, names):
    mark = pick(rng, ['"', '"', "'", "`", "`"])
    quoted = [mark + n + mark for n in names]
    if len(quoted) > 1 and rng.random() < 0.5:
        return ", ".join(quoted[:-1]) + " and " + quoted[-1]
    listed = ", ".join(quoted)
    return pick(rng, ["[%s]", "(%s)", "%s", "%s"]) % listed


def _shape(rng, pairs):
    fill = pick(rng, ["...", '""', '"..."', "null", '"?"', "typed", "typed", '"<%s>"', '"string"'])
    parts = []
    for key, value in pairs:
        mark = fill
        if fill == "typed":
            mark = "0" if isinstance(value, Number) else "[]" if isinstance(value, list) else '""'
        elif "%s" in fill:
            mark = fill % key
        parts.append(f'"{key}": {mark}')
    return "{" + ", ".join(parts) + "}"


def _bullets(rng, names):
    mark = pick(rng, ["- ", "* ", "1", "- ", ""])
    return "\n" + "\n".join((f"{i}. " if mark == "1" else mark) + n for i, n in enumerate(names, 1)) + "\n"


def request(rng, text, pairs, subject):
    """(system or None, user, pairs with the keys that the answer must use)."""
    style = rng.random()
    names = [k for k, _ in pairs]
    if style < 0.56:
        keys, asks = _in_prose(rng, names), ASK
    elif style < 0.74:
        if rng.random() < 0.25:
            names = [_camel(n) for n in names]
        elif rng.random() < 0.12:
            names = [n.replace("_", " ").title().replace(" ", pick(rng, [" ", ""])) for n in names]
        elif rng.random() < 0.06:
            names = [n.replace("_", " ") for n in names]
        keys, asks = _in_code(rng, names), ASK
    elif style < 0.9:
        if rng.random() < 0.15:
            names = [_camel(n) for n in names]
        keys, asks = _shape(rng, list(zip(names, (v for _, v in pairs)))), ASK_SHAPE
    else:
        keys, asks = _bullets(rng, names), ["{Extract|Return|Find|Get} these {fields|keys|values} as JSON:[k]", "{Return|Give me|Write} JSON with {these|the} {keys|fields}:[k]"]
    pairs = list(zip(names, (v for _, v in pairs)))
    opening, closing = pick(rng, QUOTES)
    quoted = opening + text + closing
    if rng.random() < 0.07:
        user = quoted if rng.random() < 0.5 else text
        return say(rng, SYSTEMS, {"k": keys.replace("\n", " ").strip()}), user, pairs
    if style < 0.74 and rng.random() < 0.22:
        direct = say(rng, "{Extract|Extract|Extract|Get|Return|Give me|Please extract|Find} {the |the |}[k] {as JSON|as JSON|in JSON|as a JSON object|as JSON from this}{:|:|:|.} ", {"k": keys})
        return None, direct + (f'"{text}"' if rng.random() < 0.25 else text), pairs
    system = pick(rng, PLAIN_SYSTEMS) if rng.random() < 0.06 else None
    if style >= 0.9:
        user = say(rng, asks, {"k": keys}) + pick(rng, ["", "\n", "\n"]) + pick(rng, TEXT_LABELS) + quoted
    elif rng.random() < 0.18 and style < 0.74:
        user = pick(rng, TEXT_LABELS) + quoted + pick(rng, ["\n", "\n\n", " ", "\n"]) + say(rng, ASK_AFTER, {"k": keys}).strip() + pick(rng, [".", "", "."])
    else:
        ask = say(rng, asks, {"k": keys})
        if subject and style < 0.56 and rng.random() < 0.5:
            ask += pick(rng, [" about ", " for "]) + subject
        if rng.random() < 0.15:
            ask = ask[0].lower() + ask[1:]
        user = ask + pick(rng, OPEN_ENDS) + pick(rng, TEXT_LABELS) + quoted + pick(rng, ENDINGS)
    return system, user, pairs
