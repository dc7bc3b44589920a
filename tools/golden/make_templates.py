#!/usr/bin/env python3
"""Makes tests/golden/template, or compares a program with the reference.

Needs transformers and jinja2.

  make_templates.py                      writes expected.json and cases.json
  make_templates.py --live PROGRAM       renders the same, and --count random templates, with PROGRAM

PROGRAM gets a template file as its last argument, or a directory with chat_template.jinja where it
says {dir}; the context comes on standard input as JSON, the text is expected on standard output.
"""

import argparse
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

import template_cases
import template_fuzz
import template_reference

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "tests" / "golden" / "template"


def conversations():
    return json.loads((GOLDEN / "conversations.json").read_text())


def templates():
    return {path.stem: path.read_text() for path in sorted(GOLDEN.glob("*.jinja"))}


def template_results():
    """Yields (template name, source, conversation name, context, result)."""
    for name, source in templates().items():
        for title, context in conversations().items():
            yield name, source, title, context, template_reference.render(source, context)


def case_results():
    """Yields (source, result) for the table of small cases, which share one context."""
    for source in template_cases.CASES:
        yield source, template_reference.render(source, template_fuzz.CONTEXT)


def save(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def write():
    expected = {}
    for name, _, title, _, result in template_results():
        expected.setdefault(name, {})[title] = result
    save(GOLDEN / "expected.json", expected)
    rows = [{"template": source, **result} for source, result in case_results()]
    save(GOLDEN / "cases.json", {"context": template_fuzz.CONTEXT, "cases": rows})
    kinds = {}
    for results in expected.values():
        for result in results.values():
            kind = result.get("error", "text")
            kinds[kind] = kinds.get(kind, 0) + 1
    print(f"{len(expected)} templates {kinds}, {len(rows)} cases")


class Program:
    """The program under comparison."""

    def __init__(self, command, directory):
        self.file = pathlib.Path(directory) / "chat_template.jinja"
        self.command = [part.replace("{dir}", str(directory)) for part in shlex.split(command)]
        if "{dir}" not in command:
            self.command.append(str(self.file))

    def render(self, source, context):
        self.file.write_bytes(source.encode())
        done = subprocess.run(
            self.command, input=json.dumps(context).encode(), capture_output=True, timeout=60
        )
        if done.returncode < 0:
            return {"error": "crash", "message": f"signal {-done.returncode}"}
        if done.returncode != 0:
            return {"error": "other", "message": done.stderr.decode(errors="replace").strip()}
        return {"text": done.stdout.decode(errors="replace")}


def agrees(reference, ours):
    if "error" in reference:
        raised = reference["error"] == "raised"
        return ours.get("error") == "other" and (not raised or reference["message"] in ours["message"])
    if " at 0x" in reference["text"]:  # addresses of Python objects
        return True
    return ours.get("text") == reference["text"]


def is_refusal(ours):
    """Things that are said not to be supported count apart."""
    return "unsupported:" in ours.get("message", "")


def live(command, count, seed):
    compared = refused = different = 0
    with tempfile.TemporaryDirectory() as directory:
        program = Program(command, directory)

        def compare(what, source, context, reference):
            nonlocal compared, refused, different
            ours = program.render(source, context)
            compared += 1
            if agrees(reference, ours):
                return
            if is_refusal(ours):
                refused += 1
                return
            different += 1
            print(f"--- {what}\n{source}\n  reference: {reference}\n  program:   {ours}", flush=True)

        for name, source, title, context, reference in template_results():
            compare(f"{name} with {title}", source, context, reference)
        for source, reference in case_results():
            compare("case", source, template_fuzz.CONTEXT, reference)
        for number in range(count):
            source = template_fuzz.Fuzzer(seed + number).template()
            reference = template_reference.render(source, template_fuzz.CONTEXT)
            compare(f"random {seed + number}", source, template_fuzz.CONTEXT, reference)
    print(f"{compared} compared, {different} different, {refused} not supported")
    return 1 if different else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--live", metavar="PROGRAM", help="compare this program with the reference")
    parser.add_argument("--count", type=int, default=2000, help="random templates to compare")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.live:
        return live(arguments.live, arguments.count, arguments.seed)
    write()
    return 0


if __name__ == "__main__":
    sys.exit(main())
