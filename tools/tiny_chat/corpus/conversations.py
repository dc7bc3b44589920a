"""Whole conversations: single questions of every kind, and several turns that refer to each other.

A conversation is a list of messages {"role", "content"}; "given" marks an answer without its working,
as clients send it back, which is context and no example. `document` turns it into text segments with
the weight of each in the training loss.
"""

from . import extract, program, smalltalk, stories, sums
from .extract import dumps
from .grammar import pick, say, weighted
from .words import made_up_name, GIRLS, BOYS

SYSTEMS = ["You are a helpful assistant.", "You are tiny-chat.", "You are a friendly assistant.", "Be kind and brief.", "You are a helpful, honest assistant.", "Answer briefly.",
           "You are a storyteller.", "You are a patient teacher.", "You are a small and friendly robot.", "Be polite.", "You are a helpful assistant. Answer in English.", "You are an assistant for MLX Anywhere.",
           "You are a calculator and a storyteller.", "You help people.", "Think before you answer.", "You are a chatbot that runs on a small computer."]
PROMPT_WEIGHT = 0.15


def _turns(*pairs):
    messages = []
    for user, assistant in pairs:
        messages += [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]
    return messages


def _pair(made):
    return made["user"], made["assistant"]


def _extraction(rng, split):
    made = extract.item(rng, split)
    messages = _turns(_pair(made))
    if made["system"]:
        messages.insert(0, {"role": "system", "content": made["system"]})
    return messages


def _story_talk(rng, split):
    made = stories.item(rng, split)
    spec = made["spec"]
    env = dict(spec, title=_title(spec))
    pairs = [_pair(made)]
    questions = [("{What is|What was|Tell me} the {name of the [h]|hero's name|[h]'s name|name of the hero}{|?}", "The [h]'s name is [N]."), ("{Who|who} {is|was} [N]{|?}", "[N] is the [h] in the story."), ("{Give it|Give the story|Can you give it|What is} a {good |}title{|?}", "[title]"),
                 ("{What is it called|What is the title|A title, please|And the title}{|?}", "[title]"), ("{What is the story about|What was it about|Who is the story about}{|?}", "It is about [a:h] named [N].")]
    if spec["plot"] not in ("make",) and f"{spec['F']}" in made["assistant"]:
        questions += [("{Who|who} {is|was} [F]{|?}", "[F] is the [f] in the story."), ("{Who|who} {helped|met|was with|was the friend of} [N]{|?}", "It was [F], the [f].")]
    if spec["plot"] in ("learn", "journey"):
        questions.append(("{What did|What does} [N] want to do{|?}", "[N] wanted to [v]."))
    for _ in range(rng.randint(0, 2)):
        ask, answer = pick(rng, questions)
        pairs.append((say(rng, ask, env), say(rng, answer, env)))
    if rng.random() < 0.4:
        again = stories.item(rng, split)
        if again["named"] and rng.random() < 0.5:
            what = again["user"]
        else:
            again["user"] = what = say(rng, "{Another one|Another story|One more|Tell me another one|Again|One more story|Next story|Another}{|, please|!|.}", {})
        pairs.append((what, again["assistant"]))
    if rng.random() < 0.25:
        pairs.append(_pair(smalltalk.talk(rng, split)))
    return _turns(*pairs)


def _title(spec):
    if spec["plot"] in ("learn", "journey"):
        return f"{spec['N']}, the {spec['h'].title()} Who Wanted to {spec['v'].title()}"
    if spec["plot"] in ("find", "lose", "share", "make"):
        return f"{spec['N']} and the {spec['o'].title()}"
    return f"{spec['N']} and {spec['F']}"


def _sum_talk(rng, split):
    made = sums.problem(rng, split)
    pairs, last = [_pair(made)], made["answer"]
    for _ in range(rng.randint(1, 3)):
        follow = sums.follow_up(rng, split, last) if rng.random() < 0.6 else sums.problem(rng, split)
        if follow is None:
            break
        pairs.append(_pair(follow))
        last = follow["answer"]
    return _turns(*pairs)


def _json_talk(rng, split):
    while True:
        made = extract.item(rng, split)
        if made["system"] is None and len(made["keys"]) > 1:
            break
    pairs = [_pair(made)]
    for _ in range(rng.randint(1, 2)):
        key = pick(rng, made["keys"])
        value = made["answer"][key]
        if not isinstance(value, str):
            continue
        label = key.replace("_", " ")
        if rng.random() < 0.5 and split.allows("values", extract.value_key({key: value}), extract.HELD_VALUES_ONE_IN):
            pairs.append((say(rng, "{Only|Just|Now only|Give me only} the [k]{|, please|.| as JSON}", {"k": label}), dumps([(key, value)])))
        else:
            pairs.append((say(rng, "{What is|What was|And what is|Tell me} the [k]{?|}", {"k": label}), f"The {label} is {value}."))
    if rng.random() < 0.4:
        follow = extract.item(rng, split)
        if follow["system"] is None:
            pairs.append(_pair(follow))
    return _turns(*pairs)


def _named(rng, split):
    """A user's name, or a persona's, that a later turn asks for."""
    name = made_up_name(rng, split) if rng.random() < 0.6 else pick(rng, GIRLS + BOYS)
    env = {"name": name}
    if rng.random() < 0.4:
        system = say(rng, "{You are|Your name is|You are an assistant named|You are a robot called} [name]{.|, a helpful assistant.|. Be kind.| and you like stories.}", env)
        ask = say(rng, "{Who are you|What is your name|What's your name|Your name|Tell me your name|who are you}{?|}")
        return [{"role": "system", "content": system}] + _turns((ask, f"I am {name}, a very small model. What shall we do?"))
    pairs = [(say(rng, "{My name is|I am|I'm|Call me} [name]{.||!}", env), f"Nice to meet you, {name}! What shall we do: a story, a sum, or some JSON?")]
    if rng.random() < 0.6:
        pairs.append(_pair(_any(rng, split)))
    pairs.append((say(rng, "{What is|What's|Do you remember|Tell me} my name{?|}"), f"Your name is {name}."))
    return _turns(*pairs)


def _any(rng, split):
    while True:
        made = weighted(rng, [(10, smalltalk.talk), (6, smalltalk.beyond), (8, program.item), (12, sums.problem), (6, stories.item), (8, extract.item)])(rng, split)
        if not made.get("system"):
            return made


def _mixed(rng, split):
    pairs = [_pair(smalltalk.talk(rng, split))] if rng.random() < 0.5 else []
    for _ in range(rng.randint(1, 4)):
        pairs.append(_pair(_any(rng, split)))
    return _turns(*pairs)


KINDS = [(19, "story"), (46, "extract"), (15, "sum"), (6, "program"), (3.5, "talk"), (4.5, "beyond"), (0.7, "rhyme"),
         (1.5, "story_talk"), (1.5, "sum_talk"), (1.3, "json_talk"), (0.7, "named"), (2.2, "mixed")]
_SINGLE = {"story": stories.item, "sum": sums.single, "program": program.item, "talk": smalltalk.talk,
           "beyond": smalltalk.beyond, "rhyme": smalltalk.rhyme}
_MULTI = {"extract": _extraction, "story_talk": _story_talk, "sum_talk": _sum_talk, "json_talk": _json_talk,
          "named": _named, "mixed": _mixed}


def _without_thought(content):
    return content.split("</think>\n", 1)[-1]


def conversation(rng, split):
    """(kind, messages)."""
    kind = weighted(rng, KINDS)
    if kind in _SINGLE:
        messages = _turns(_pair(_SINGLE[kind](rng, split)))
    else:
        messages = _MULTI[kind](rng, split)
    if messages[0]["role"] != "system" and rng.random() < 0.1:
        messages.insert(0, {"role": "system", "content": pick(rng, SYSTEMS)})
    if len(messages) > 3 and rng.random() < 0.4:
        for message in messages[:-1]:
            if message["role"] == "assistant" and "</think>" in message["content"]:
                message["content"] = _without_thought(message["content"])
                message["given"] = True
    return kind, messages


def document(messages):
    """[(text, loss weight)], exactly what the chat template renders, then the end-of-text token."""
    parts = []
    for message in messages:
        if message["role"] == "assistant":
            parts.append(("<|im_start|>assistant\n", 0.0))
            parts.append((message["content"] + "<|im_end|>", 0.0 if message.get("given") else 1.0))
            parts.append(("\n", 0.0))
        else:
            parts.append((f"<|im_start|>{message['role']}\n{message['content']}<|im_end|>\n", PROMPT_WEIGHT))
    parts.append(("<|endoftext|>", PROMPT_WEIGHT))
    return parts
