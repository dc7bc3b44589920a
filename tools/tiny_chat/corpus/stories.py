"""Short stories and the prompts that ask for them.

Free choices lean on what the story is about: a hero's kind and the things of the story belong to one of
ten styles each, and a style prefers certain names, places and turns. So greedy decoding, which always
takes the likeliest choice, still tells different stories for different prompts.

The key of a prompt is the sorted set of the things that it names; one key in 25 is held out.
"""

from functools import lru_cache
from hashlib import blake2b

from . import story_parts as parts
from .grammar import article, capital, pick, say, weighted
from .story_plots import PLOTS
from .vocab import plural
from .words import ANIMALS, BEINGS, OBJECTS, made_up, made_up_name

HELD_PROMPTS_ONE_IN = 25
HEROES = ANIMALS + BEINGS * 2

ASK = ["{Tell me|Write|Write me|Please write|Please tell me|Can you tell me|Can you write|Could you write|I want|I would like|I'd like|Give me|Make up|Tell us|Create|Compose|tell me|write} [a:kind] story {about|about|about|of} [x]{.||?|, please.| please}",
       "{Tell|Write|Give} me [a:kind] story {about|with} [x]{.||, please.|!}", "[^kind] story about [x]{.||, please.}", "{A|Another} story about [x]{.|, please.|}", "{Story|story|Short story|Prompt|Topic}: [x]",
       "{I'd love to hear|Let me hear|I want to hear|May I hear|I feel like} [a:kind] story about [x]{.||!}", "{Do you know|Have you got} [a:kind] story about [x]?", "{My daughter|My son|My little brother|The class} {wants|would like} [a:kind] story about [x]."]
ASK_OPEN = ["{Tell|Write|Read} me [a:kind] story{.||, please.|!}", "{Can|Could} you {tell|write} {me |}[a:kind] story?", "[^kind] story{, please|}{.||!}", "{I want|I would like} [a:kind] story{.||, please.}", "{Once upon a time|Tell me something nice|Make something up}{.|...|}"]
KINDS = ["short", "short", "short", "short", "little", "", "", "bedtime", "funny", "sweet", "very short", "nice", "happy", "children's", "tiny", "magical", "good"]

PRONOUNS = {"she": ("she", "her", "her", "herself"), "he": ("he", "him", "his", "himself"), "it": ("it", "it", "its", "itself")}


STYLES = 10
LONGEST = 940  # characters
LEANING = 0.62


@lru_cache(maxsize=None)
def _point(key):
    """A number in [0, 1) that depends on the key alone."""
    return int.from_bytes(blake2b(key.encode(), digest_size=6).digest(), "big") / 2**48


def _style(word):
    return int(_point("style/" + word) * STYLES)


class Leaning:
    """A source of choices that often takes the one its key prefers."""

    def __init__(self, rng, key="", leaning=LEANING):
        self.rng, self.leaning = rng, leaning
        self.about(key)

    def about(self, key):
        self.key, self.count = key, 0
        return self

    def random(self):
        self.count += 1
        free = self.rng.random()
        return _point(f"{self.key}/{self.count}") if self.rng.random() < self.leaning else free


def _thing(rng):
    return made_up(rng, 1, 2) if rng.random() < 0.06 else pick(rng, OBJECTS)


def _being(rng):
    return made_up(rng, 1, 2) if rng.random() < 0.05 else pick(rng, HEROES)


_PLURALS = {"mouse": "mice", "goose": "geese", "wolf": "wolves", "leaf": "leaves", "scarf": "scarves", "box": "boxes",
            "calf": "calves", "fish": "fish", "sheep": "sheep", "deer": "deer", "moose": "moose", "bison": "bison", "shrimp": "shrimp"}


def _plural(noun):
    return _PLURALS.get(noun) or plural(noun)


def _pronoun(rng, kind):
    if kind in parts.GIRL_KINDS:
        return "she"
    if kind in parts.BOY_KINDS:
        return "he"
    lean = Leaning(rng, "pronoun/" + kind, 0.7)
    if kind in parts.IT_KINDS and lean.random() < 0.5:
        return "it"
    return "she" if lean.random() < 0.5 else "he"


def _name(rng, split, kind, pronoun, half):
    """Heroes take names from one half of the list and friends from the other."""
    if rng.random() < 0.12:
        return made_up_name(rng, split)
    lean = Leaning(rng, f"name/{kind}")
    while True:
        name = pick(lean, parts.NAMES[half::2])
        if not (pronoun == "he" and name in parts.GIRL_NAMES or pronoun == "she" and name in parts.BOY_NAMES):
            return name


_THING_PLOTS = ["find", "lose", "share", "help", "make"]


def make_spec(rng, split):
    """What a story is about: plot, hero, friend, object, skill, place."""
    plot = weighted(rng, [(26, "learn"), (11, "find"), (9, "lose"), (9, "fear"), (13, "friends"),
                          (9, "share"), (9, "help"), (9, "make"), (10, "journey"), (5, "night")])
    spec = {"plot": plot, "h": _being(rng), "o": _thing(rng)}
    lean = Leaning(rng, "friend/" + spec["h"], 0.5)
    spec["f"] = pick(lean, HEROES)
    while spec["f"] == spec["h"] or spec["f"] in parts.IMMOBILE and rng.random() < 0.9:
        spec["f"] = pick(rng, HEROES)
    if plot in _THING_PLOTS and rng.random() < 0.6:
        plot = spec["plot"] = _THING_PLOTS[(3 * _style(spec["h"]) + _style(spec["o"])) % len(_THING_PLOTS)]
    while plot == "make" and spec["o"] not in parts.MAKEABLE:
        spec["o"] = pick(rng, OBJECTS)
    spec["he"], spec["fhe"] = _pronoun(rng, spec["h"]), _pronoun(rng, spec["f"])
    spec["N"] = _name(rng, split, spec["h"], spec["he"], 0)
    spec["F"] = _name(rng, split, spec["f"], spec["fhe"], 1)
    while spec["F"] == spec["N"]:
        spec["F"] = _name(rng, split, "", spec["fhe"], 1)
    while plot not in ("make", "learn", "journey") and spec["o"] in parts.TOO_BIG:
        spec["o"] = _thing(rng)
    spec["trait"] = pick(rng, parts.TRAITS) if rng.random() < 0.75 else ""
    if spec["h"].split()[0] in ("little", "old", "young"):
        spec["trait"] = ""
    if plot == "learn":
        if rng.random() < 0.75:
            spec["skill"] = pick(Leaning(rng, "skill/" + spec["h"], 0.4), parts.SKILLS)
        else:
            base, gerund = pick(rng, parts.MORE_SKILLS)
            spec["skill"] = (base, gerund) + pick(Leaning(rng, "generic/" + base), GENERIC)
        spec["v"] = spec["skill"][0]
    if plot == "journey":
        spec["goal"] = pick(rng, parts.GOALS)
        spec["v"] = spec["goal"][0]
    if plot == "fear":
        spec["o"] = pick(rng, parts.FEARS) if rng.random() < 0.8 else _plural(pick(rng, OBJECTS + ANIMALS))
    return spec


GENERIC = parts.GENERIC_SKILL

EVENTS = {
    "learn": ["{who|that} {learns|learned|wants to learn|wanted|wants|is learning|tries} to [v]", "{who|that} {cannot|could not|can't} [v]", "learning to [v]", "{who|that} {loves|dreams of} [ving]"],
    "find": ["{who|that} {finds|found|discovers|discovered} [a:o]", "{finding|who stumbles upon|who picks up} [a:o]"],
    "lose": ["{who|that} {loses|lost|has lost|can't find} {his|her|its|a|the} [o]", "looking for {his|her|a} [o]"],
    "fear": ["{who|that} {is|was} {afraid|scared} of [o]", "afraid of [o]"],
    "friends": ["{who|that} {meets|met|makes friends with|befriends} [a:f]"],
    "share": ["{who|that} {shares|learns to share|doesn't want to share} {his|her|a|the} [o]", "{with|who has|and} [a:o]"],
    "help": ["{who|that} {helps|saves|rescues} [a:f]", "{and|who saves a friend with|with} [a:o]"],
    "make": ["{who|that} {makes|builds} [a:o]", "{who|that} {makes|builds} [a:o] for {a friend|[a:f]}"],
    "journey": ["{who|that} {wants|wanted|longs|tries} to [v]", "{who|that} {goes|went} on a journey to [v]"],
    "night": ["{who|that} {cannot|can't|could not} sleep", "{and|talking to|who meets} [a:f] {at night|in the moonlight}"],
}


def _placed(rng, spec, text, named, always=False):
    """The request, now and then with a place at its end, which the story then has too."""
    if not always and rng.random() > 0.1:
        return text, named
    spec["pl_prompt"], spec["pl_text"] = pick(rng, parts.SETTINGS)
    return text + " " + spec["pl_prompt"], named + [spec["pl_prompt"]]


def _about(rng, split, spec):
    """(what the prompt asks for, the things it names); fixes in spec what the prompt says."""
    plot, named = spec["plot"], [spec["h"]]
    env = dict(spec)
    if plot == "learn":
        env["ving"] = spec["skill"][1]
    hero = spec["h"]
    roll = rng.random()
    if spec["trait"] and rng.random() < 0.35:
        hero = spec["trait"] + " " + hero
    elif rng.random() < 0.6:
        spec["trait"] = spec["trait"] if rng.random() < 0.7 else ""
    hero = article(hero) if rng.random() < 0.97 else "the " + hero
    if rng.random() < 0.27:
        if rng.random() < 0.4:
            spec["N"] = made_up_name(rng, split)
        hero = pick(rng, [hero + " named [N]", hero + " named [N]", hero + " named [N]", hero + " called [N]", f"my {spec['h']} [N]", f"[N] the {spec['h']}",
                          f"[N], {article(spec['h'])}"]).replace("[N]", spec["N"])
    if roll < 0.13:
        return _placed(rng, spec, hero, named, always=True)
    if roll < 0.21:
        return hero, named
    if roll < 0.26 and plot in parts.THEMES:
        theme = pick(rng, parts.THEMES[plot])
        if rng.random() < 0.5:
            return theme, [theme]
        return hero + " and " + theme, [spec["h"], theme]
    if roll < 0.52 and plot in ("find", "lose", "share", "make", "help"):
        thing = article(spec["o"]) if rng.random() < 0.8 else "the " + spec["o"]
        if rng.random() < 0.08:
            return spec["o"] + " and " + article(spec["h"]), named + [spec["o"]]
        if rng.random() < 0.25:
            return f"{hero}, {article(spec['f'])} and {thing}", named + [spec["f"], spec["o"]]
        return _placed(rng, spec, hero + pick(rng, [" and ", " and ", " with "]) + thing, named + [spec["o"]])
    if roll < 0.5 and plot in ("friends", "night", "help"):
        friend = article(spec["f"])
        if rng.random() < 0.25:
            if rng.random() < 0.4:
                spec["F"] = made_up_name(rng, split)
            friend += " named " + spec["F"]
        return _placed(rng, spec, hero + " and " + friend, named + [spec["f"]])
    template = pick(rng, EVENTS[plot])
    for slot in ("o", "f", "v", "ving"):
        if f"[{slot}]" in template or f"[a:{slot}]" in template:
            named.append(spec["v"] if slot == "ving" else spec[slot])
    if "[" not in template:
        named.append(plot)
    return _placed(rng, spec, hero + " " + say(rng, template, env), named)


def words_prompt(rng, spec):
    listed = [spec["h"], spec["o"]] + ([spec["f"]] if spec["plot"] not in ("fear",) and rng.random() < 0.6 else [])
    rng.shuffle(listed)
    quote = pick(rng, ["", "", "'", '"'])
    shown = [quote + w + quote for w in listed]
    text = ", ".join(shown[:-1]) + pick(rng, [" and ", ", ", ", and "]) + shown[-1]
    ask = say(rng, "{Write|Tell me|Make up|Please write|Can you write} [a:kind] story {with|using|that uses|that contains|containing} {the words|these words:|the following words:|} [x].",
              {"kind": pick(rng, KINDS[:6]), "x": text}).replace("  ", " ").replace("a story", "a story")
    return ask, listed


def tell(rng, spec):
    """The story of a spec."""
    env = {"N": spec["N"], "F": spec["F"], "h": spec["h"], "f": spec["f"], "o": spec["o"], "plot": spec["plot"]}
    env["he"], env["him"], env["his"], env["self"] = PRONOUNS[spec["he"]]
    env["fhe"], env["fhim"], env["fhis"], _ = PRONOUNS[spec["fhe"]]
    env["H"] = (spec["trait"] + " " + spec["h"]).strip()
    h, o = _style(spec["h"]), _style(spec.get("v") or spec["o"] if spec["plot"] not in ("friends", "night") else spec["f"])
    lean = Leaning(rng, "place/" + spec["h"])
    places = parts.SEA_PLACES if spec["h"] in parts.SEA_KINDS else parts.SKY_PLACES if spec["h"] in parts.SKY_KINDS else \
        parts.TREE_PLACES if spec["h"] in parts.TREE_KINDS and rng.random() < 0.8 else parts.PLACES
    env["pl"] = spec.get("pl_text") or say(lean, places)
    if spec["plot"] == "learn":
        base, gerund, tool, bad, good = spec["skill"]
        where = parts.PLACE_TOOLS.get(tool)
        env.update(v=base, ving=gerund, v0=gerund, bad=capital(say(rng, bad, env)))
        env["with"] = f"{where or 'with'} {tool}"
        env["gets"] = say(lean, "{found|chose|went to}" if where else "{found|borrowed|got hold of}") + " " + tool
        env["good"] = f"{spec['N']} did {good}" if good.startswith(("it ", "everything")) else good
        env["good"] = say(rng, env["good"], env)
    if spec["plot"] == "journey":
        env.update(v=spec["goal"][0], goal=say(rng, spec["goal"][2], env))
    paragraphs = []
    for p, paragraph in enumerate(PLOTS[spec["plot"]]):
        lines = []
        for n, line in enumerate(paragraph):
            options = _top_alternatives(line)
            lean.about(f"{spec['plot']}/{p}/{n}/{(h, o, h + o)[(p + n) % 3] % STYLES}")
            lines.append(say(lean, pick(lean, options), env))
        paragraphs.append(" ".join(line for line in lines if line))
    return "\n\n".join(capital(p) for p in paragraphs)


_split_cache = {}


def _top_alternatives(line):
    """The alternatives that a bar outside all braces separates."""
    found = _split_cache.get(line)
    if found is None:
        found, depth, start = [], 0, 0
        for i, ch in enumerate(line):
            depth += (ch == "{") - (ch == "}")
            if ch == "|" and depth == 0:
                found.append(line[start:i])
                start = i + 1
        found.append(line[start:])
        _split_cache[line] = found
    return found


def brief(rng, spec):
    """A story that fits, if twelve attempts find one, the usual limit of an answer, 256 tokens."""
    for _ in range(12):
        story = tell(rng, spec)
        if len(story) <= LONGEST:
            break
    return story


def prompt_key(named):
    return ",".join(sorted(set(named)))


def item(rng, split):
    """Returns dict(user, assistant, spec, named): named is what the prompt must see again."""
    while True:
        spec = make_spec(rng, split)
        roll = rng.random()
        if roll < 0.04 and not split.heldout:
            user = say(rng, ASK_OPEN, {"kind": pick(rng, KINDS)}).replace("a  story", "a story")
            named = []
        elif roll < 0.12 and spec["plot"] in ("find", "lose", "share", "make", "help"):
            user, named = words_prompt(rng, spec)
        else:
            about, named = _about(rng, split, spec)
            user = say(rng, ASK, {"kind": pick(rng, KINDS), "x": about})
        if named and not split.allows("story", prompt_key(named), HELD_PROMPTS_ONE_IN):
            continue
        story = brief(rng, spec)
        if len(story) > LONGEST:
            continue
        user = " ".join(user.split()).replace(" .", ".")
        return {"user": capital(user) if rng.random() < 0.9 else user, "assistant": story,
                "spec": spec, "named": named}
