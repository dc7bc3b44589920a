"""Sums and differences, worked digit by digit inside <think> before the answer.

A pair of operands is the unordered pair whatever the operation. One pair in 10 is held out, if
both numbers have two digits or more: the smaller ones are the column steps of all others.
"""

from .grammar import in_heldout, pick, say, weighted
from .words import ANIMALS, BOYS, GIRLS, NOUNS, made_up_name

PLACES = ["ones", "tens", "hundreds", "thousands", "ten thousands", "hundred thousands"]
HELD_PAIRS_ONE_IN = 10


# Pairs of the questions in heldout/natural.jsonl and of the first commands that the documentation shows.
RESERVED = {(38, 47), (12, 99), (28, 64), (350, 475), (19, 23), (27, 56), (46, 81), (37, 100), (18, 90), (29, 72), (19, 84),
            (33, 67), (75, 250), (123, 500), (15, 86), (34, 90), (25, 37), (48, 48), (21, 34)}


def pair_key(a, b):
    return f"{min(a, b)},{max(a, b)}"


def pair_is_held(a, b):
    return min(a, b) > 9 and in_heldout("pair", pair_key(a, b), HELD_PAIRS_ONE_IN)


def may_use(split, a, b):
    """True if text on this side of the split may work with the pair."""
    return pair_is_held(a, b) == split.heldout and (min(a, b), max(a, b)) not in RESERVED


def _digits(number):
    return [int(ch) for ch in reversed(str(number))]


def add_steps(a, b):
    """The working of a + b, one line for each column."""
    x, y = _digits(a), _digits(b)
    lines, written, carry = [f"{a} + {b}"], [], 0
    for i in range(max(len(x), len(y))):
        p = x[i] if i < len(x) else 0
        q = y[i] if i < len(y) else 0
        total = p + q + carry
        terms = f"{p} + {q}" + (f" + {carry}" if carry else "")
        line = f"{PLACES[i]}: {terms} = {total}, write {total % 10}"
        carry = total // 10
        written.append(str(total % 10))
        lines.append(line + (f", carry {carry}" if carry else ""))
    if carry:
        lines.append(f"{PLACES[len(written)]}: write {carry}")
    lines.append(f"{a} + {b} = {a + b}")
    return lines


def sub_steps(a, b):
    """The working of a - b for any a and b that are not negative."""
    if a < b:
        lines = [f"{a} - {b}", f"{a} is less than {b}, so the answer is below zero"]
        return lines + sub_steps(b, a) + [f"{a} - {b} = {a - b}"]
    x, y = _digits(a), _digits(b)
    lines, borrow = [f"{a} - {b}"], 0
    for i in range(len(x)):
        p, q = x[i], (y[i] if i < len(y) else 0)
        taken = f" - {borrow}" if borrow else ""
        if p - q - borrow < 0:
            value = p + 10 - q - borrow
            line = f"{p} - {q}{taken} needs a borrow, {p + 10} - {q}{taken} = {value}, write {value}"
            borrow = 1
            line += ", borrow 1"
        else:
            value = p - q - borrow
            line = f"{p} - {q}{taken} = {value}, write {value}"
            borrow = 0
        lines.append(f"{PLACES[i]}: {line}")
    lines.append(f"{a} - {b} = {a - b}")
    return lines


_ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen""".split()
_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def in_words(number):
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + ("-" + _ONES[number % 10] if number % 10 else "")
    if number < 1000:
        rest = number % 100
        return _ONES[number // 100] + " hundred" + (" and " + in_words(rest) if rest else "")
    rest = number % 1000
    return in_words(number // 1000) + " thousand" + (" " + in_words(rest) if rest else "")


ADD_FORMS = [
    "[a] + [b]", "[a] + [b]{?| =| = ?|=?|=}", "[a]+[b]{|?|=|=?}", "[a] +[b]", "[a]+ [b]{|=}",
    "{What is|What's|what is|whats|what's|What does} [a] + [b]{?||  ?}",
    "{What is|What's|what is|whats} [a]+[b]{?|}",
    "{What is|What's|what is|How much is|how much is} [a] {plus|and|added to} [b]{?|}",
    "{What is|What's|Find|Give me|Tell me|find|Work out|Compute|Calculate} the {sum|total} of [a] and [b]{?|.|}",
    "{Add|add|Please add|Can you add|Could you add|Can you please add|I want to add} [a] {and|to|with} [b]{.|?||, please|  please.}",
    "{Compute|Calculate|compute|calculate|Solve|solve|Work out|Evaluate|Find|Do}{:|} [a] + [b]{.||?}",
    "{Hi|Hello|Hey|hi|hey}{,|!|} {what is|what's|can you tell me|how much is} [a] {+|plus} [b]{?|}",
    "{Can|Could} you {compute|calculate|work out|tell me|help me with|do|solve} [a] {+|plus} [b]{ for me|}{?| please?|, please?}",
    "{I need|I want} the {sum|total} of [a] and [b]{.|, please.|}",
    "{What do I get|What do you get|What happens|What will I get} {if I add|when I add|when you add|by adding|adding} [a] {and|to} [b]{?|}",
    "[a] plus [b]{?|||. }", "{Sum|sum|Total}{:|} [a]{,| and| +} [b]", "[a] and [b] {makes|make|is} what{?|}",
    "If {I|you} {have|start with} [a] and {add|get} [b]{ more|}, {how many|what} {do I have|is that|do you get}{?|}",
    "{Quick:|Quick question:|Math:|Question:|Q:|Maths question:|Homework:} {what is |}[a] + [b]{?|}",
    "{Please|please} {tell me what|say what} [a] {+|plus} [b] {is|equals|makes}{.|}",
    "How much {is|are|do} [a] and [b]{ together| in total| altogether| add up to|}?",
    "Add these {two |}numbers{:|} [a]{,| and} [b]{.|}", "Do you know {what|how much} [a] {+|plus} [b] is?",
    "{Show me|Explain|Show your work for|Solve step by step:|Think and answer:} [a] + [b]{.|}",
    "{Let's do a sum|Let's do some math|Time for a sum|Help me with my homework|A sum}{.|:|!} [a] + [b]{?|}",
    "x = [a] + [b]{. What is x?|, what is x?|, find x}", "{What number is|Which number is} [b] more than [a]?",
    "{Increase|increase} [a] by [b]{.|}", "[a] + [b] {equals|is|makes} {what?|?|...}"]

SUB_FORMS = [
    "[a] - [b]", "[a] - [b]{?| =| = ?|=?|=}", "[a]-[b]{|?|=|=?}", "[a] -[b]", "[a] − [b]{|?}", "[a] – [b]",
    "{What is|What's|what is|whats|what's} [a] - [b]{?||  ?}", "{What is|What's|what is} [a]-[b]{?|}",
    "{What is|What's|what is|How much is|how much is} [a] {minus|less|take away} [b]{?|}",
    "{Subtract|subtract|Please subtract|Can you subtract|Take|take|Deduct} [b] from [a]{.|?||, please}",
    "{Compute|Calculate|compute|calculate|Solve|Work out|Evaluate|Find|Do}{:|} [a] - [b]{.||?}",
    "{Hi|Hello|Hey|hi|hey}{,|!|} {what is|what's|can you tell me|how much is} [a] {-|minus} [b]{?|}",
    "{Can|Could} you {compute|calculate|work out|tell me|help me with|do|solve} [a] {-|minus} [b]{ for me|}{?| please?|, please?}",
    "{What do I get|What is left|What remains|What do you get} {if I take|when I take|when you take} [b] {away from|from} [a]{?|}",
    "[a] minus [b]{?||}", "[a] take away [b]{?|}", "If {I|you} {have|start with} [a] and {take away|lose|remove} [b], {how many are left|what is left|what remains}{?|}",
    "{Quick:|Quick question:|Math:|Question:|Q:|Homework:} {what is |}[a] - [b]{?|}",
    "{Please|please} {tell me what|say what} [a] {-|minus} [b] {is|equals|makes}{.|}",
    "{Show me|Explain|Show your work for|Solve step by step:|Think and answer:} [a] - [b]{.|}",
    "x = [a] - [b]{. What is x?|, what is x?|, find x}", "{What number is|Which number is} [b] less than [a]?",
    "{Decrease|Reduce|decrease} [a] by [b]{.|}", "[a] - [b] {equals|is|makes} {what?|?|...}",
    "Do you know {what|how much} [a] {-|minus} [b] is?"]

DIFF_FORMS = [
    "{What is|What's|Find|Give me|Tell me|Calculate|Compute|Work out} the difference {between|of} [a] and [b]{?|.|}",
    "{How much {more|bigger|larger} is [hi] than [lo]|How much {less|smaller} is [lo] than [hi]}{?|}",
    "How far apart are [a] and [b]?", "difference between [a] and [b]"]

PLURALS = """apples|pears|plums|books|coins|stamps|marbles|shells|cookies|candles|buttons|eggs|cards|
pencils|stickers|balloons|flowers|stones|oranges|lemons|cups|keys|beads|carrots|tickets|photos|toys|
muffins|cakes|letters|nuts|acorns|seeds|roses|chairs|bottles|boxes|berries|peaches|tomatoes""".replace(
    "\n", "").split("|")
PLURALS = PLURALS + [n + "s" for n in ANIMALS + NOUNS
                     if n[-1] not in "syxfhz" and n not in ("fish", "sheep", "deer", "moose", "goose",
                                                            "mouse", "bread", "butter", "milk", "rice",
                                                            "pasta", "flour", "sugar", "honey", "knife")]

ADD_STORIES = [
    "[n] has [a] [t]{ and|. [^p] then|. Then [p]} {buys|gets|finds|collects|picks|is given|adds} [b] more{ [t]|}. How many [t] does [n] have {now|in total|in all|altogether}?",
    "[n] {has|owns|keeps} [a] [t] and [m] has [b]{ [t]|}. How many [t] {do they have|are there} {together|in total|in all|altogether}?",
    "There are [a] [t] in {one|the first} {box|bag|basket|room|shop} and [b] in {the other|another|the second}. How many [t] {are there|is that} {in total|in all|altogether}?",
    "[n] {bought|found|collected|picked|sold|counted|made} [a] [t] on {Monday|Saturday|the first day} and [b] {on Tuesday|on Sunday|on the second day|the next day}. How many [t] is that{ in total| altogether|}?",
    "A {shop|farm|school|market|box|shelf} has [a] [t]. {It gets|Someone brings} [b] more. How many [t] {are there|does it have} now?"]
SUB_STORIES = [
    "[n] has [a] [t]{ and|. [^p]|. Then [p]} {gives away|loses|sells|eats|uses|breaks|drops} [b]{ of them|}. How many [t] {does [n] have left|are left|remain}?",
    "There {are|were} [a] [t] in the {box|bag|basket|room|shop|garden}. [n] {takes|took} [b]{ of them| away|}. How many [t] are left?",
    "A {shop|farm|school|market} {has|had} [a] [t] and {sells|sold} [b]{ of them|}. How many [t] {are left|remain|does it have left}?",
    "[n] {needs|wants} [hi] [t] and has [lo]. How many more [t] does [p] need?"]


def choose_pair(rng, split):
    """Operands of a spread of sizes, on this side of the split."""
    sizes = weighted(rng, [(50, (10, 99, 10, 99)), (6, (0, 9, 0, 9)), (8, (10, 99, 0, 9)),
                           (19, (100, 999, 100, 999)), (8, (100, 999, 0, 99)),
                           (6, (1000, 9999, 1000, 9999)), (3, (1000, 9999, 0, 999))])
    while True:
        a, b = rng.randint(*sizes[:2]), rng.randint(*sizes[2:])
        if rng.random() < 0.08:
            b = max(0, a + rng.randint(-12, 12))
        if rng.random() < 0.3:
            a, b = b, a
        if may_use(split, a, b):
            return a, b


def _shown(rng, number):
    if number >= 1000 and rng.random() < 0.3:
        return f"{number:,}"
    return str(number)


def _people(rng, split):
    girl = rng.random() < 0.5
    first = pick(rng, GIRLS if girl else BOYS)
    if rng.random() < 0.3:
        first = made_up_name(rng, split)
    return {"n": first, "m": pick(rng, BOYS if girl else GIRLS), "p": "she" if girl else "he",
            "t": pick(rng, PLURALS)}


def problem(rng, split, op=None, pair=None, words=None):
    """One question. Returns dict(user, assistant, a, b, op, answer)."""
    a, b = pair or choose_pair(rng, split)
    op = op or ("+" if rng.random() < 0.55 else "-")
    words = rng.random() < 0.16 if words is None else words
    spelled = rng.random() < 0.06 and max(a, b) <= 999
    unit = ""
    if op == "-" and (words or rng.random() < 0.68):
        a, b = max(a, b), min(a, b)
    env = {"a": _shown(rng, a), "b": _shown(rng, b)}
    if spelled:
        env = {"a": in_words(a), "b": in_words(b)}
    env["hi"], env["lo"] = (env["a"], env["b"]) if a >= b else (env["b"], env["a"])
    if words:
        env.update(_people(rng, split))
        user = say(rng, ADD_STORIES if op == "+" else SUB_STORIES, env)
        unit = " " + env["t"]
    elif op == "-" and rng.random() < 0.22:
        user = say(rng, DIFF_FORMS, env)
        a, b = max(a, b), min(a, b)
    else:
        forms = ADD_FORMS if op == "+" else SUB_FORMS
        user = say(rng, forms[0] if rng.random() < 0.05 else forms, env).rstrip(" ")
    result = a + b if op == "+" else a - b
    steps = add_steps(a, b) if op == "+" else sub_steps(a, b)
    answer = f"{a} {op} {b} = {result}"
    if unit:
        answer = f"{result}{unit}"
    return {"user": user, "assistant": "<think>\n" + "\n".join(steps) + "\n</think>\n" + answer,
            "a": a, "b": b, "op": op, "answer": result}


THREE_FORMS = ["{What is|What's|Calculate|Compute||Add up|How much is|Solve} [a] + [b] + [c]{?||.}", "{Add|Please add|Sum} [a], [b] and [c]{.||?}", "{What is the|Find the|The} {sum|total} of [a], [b] and [c]{?|.|}", "[a]+[b]+[c]{|=|?}", "[a] plus [b] plus [c]{?|}"]


def three(rng, split):
    """A sum of three numbers, worked as two sums, all of whose pairs may be used; not for the held-out side."""
    while True:
        a, b, c = (rng.randint(1, pick(rng, [9, 99, 99, 300])) for _ in range(3))
        if all(may_use(split, x, y) for x, y in ((a, b), (b, c), (a, c), (a + b, c), (a, b + c), (b, a + c))):
            break
    user = say(rng, THREE_FORMS, {"a": str(a), "b": str(b), "c": str(c)}).strip()
    steps = add_steps(a, b) + add_steps(a + b, c)
    return {"user": user, "assistant": "<think>\n" + "\n".join(steps) + f"\n</think>\n{a} + {b} + {c} = {a + b + c}",
            "a": a + b, "b": c, "op": "+", "answer": a + b + c}


def single(rng, split):
    return three(rng, split) if rng.random() < 0.05 else problem(rng, split)


FOLLOW_ADD = ["{And|and|Now|What about|Ok, and|Thanks, and|How about} [a] + [b]{?|}", "{Now add|And add|now add|Then add|Add} [b]{ more| to that| to it|}{.|}",
              "{plus|Plus|and plus|now plus} [b]{?|}"]
FOLLOW_SUB = ["{And|and|Now|What about|Ok, and|Thanks, and|How about} [a] - [b]{?|}", "{Now|Then|And} {take away|subtract} [b]{ from that| from it|}{.|}",
              "{minus|Minus|now minus|and minus} [b]{?|}"]


def follow_up(rng, split, last):
    """A next question on the last result, or None if the split does not allow one."""
    for _ in range(20):
        a, b = last, rng.randint(1, 99)
        op = "+" if rng.random() < 0.55 or b > a else "-"
        if a < 0 or split.heldout or not may_use(split, a, b):
            continue
        user = say(rng, FOLLOW_ADD if op == "+" else FOLLOW_SUB, {"a": str(a), "b": str(b)})
        item = problem(rng, split, op, (a, b), False)
        item["user"] = user
        if (item["a"], item["b"]) == (a, b):
            return item
    return None
