"""How an answer is judged against a held-out item."""

import json
import re


def after_thought(text):
    return text.split("</think>")[-1].strip()


def correct(item, text):
    """True, False, or None for items that are read by people."""
    kind, expected = item["kind"], item.get("expected")
    if kind == "stories":
        return None
    text = after_thought(text)
    if kind == "extract":
        try:
            return json.loads(text) == expected
        except ValueError:
            return False
    if kind in ("sums", "differences"):
        numbers = re.findall(r"-?\d+", text.replace(" - ", " minus "))
        return bool(numbers) and int(numbers[0] if "=" not in text else numbers[-1]) == expected
    return expected.lower() in text.lower()


def fields_right(expected, text):
    """How many fields of a JSON answer equal the expected ones."""
    try:
        found = json.loads(after_thought(text))
    except ValueError:
        return 0
    return sum(key in found and found[key] == value for key, value in expected.items()) if isinstance(found, dict) else 0
