"""The engines that take turns: each measures one test and says how many tokens a second it did."""

import dataclasses
import json
import os
import statistics
import subprocess
import sys

SECONDS = 3600  # no single answer takes longer


class PeersError(Exception):
    """One line for the user."""


@dataclasses.dataclass(frozen=True)
class Test:
    kind: str  # "prefill" or "decode"
    tokens: int
    context: int = 0

    def title(self):
        return f"prefill {self.tokens}" if self.kind == "prefill" else f"decode at {self.context}"


class Ours:
    """`mlxa bench`, one process a turn. This class is all that knows how it is called."""

    name = "mlxa"

    def __init__(self, options):
        self.program = options.mlxa
        if not os.access(self.program, os.X_OK):
            raise PeersError(f"{self.program} is not there; build it (ninja -C build/release mlxa) or name it with --mlxa")
        self.model = ["--shape", options.shape, "--bits", str(options.bits), "--group-size", str(options.group_size)]
        self.model += ["--mode", "affine", "--threads", str(options.threads), "--pairs", str(options.repeats)]
        if options.exact:
            self.model.append("--exact")
        self.environment = dict(os.environ)
        if options.isa in ("avx2", "avx512"):
            self.environment["MLXA_ISA"] = options.isa
        self.about = {"engine": "mlxa", "isa": options.isa, "weights": f"{options.bits}-bit g{options.group_size}"}

    def measure(self, test):
        if test.kind == "prefill":
            work = ["-p", str(test.tokens)]
        else:
            work = ["-n", str(test.tokens), "--ctx", str(test.context)]
        command = [str(self.program), "bench", *self.model, *work, "--json"]
        try:
            done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise PeersError(f"{' '.join(command)} took more than {SECONDS} s")
        if done.returncode != 0:
            raise PeersError(f"{' '.join(command)} failed: {last_line(done.stderr)}")
        try:
            return float(json.loads(done.stdout)["rows"][0]["tokens_per_second"]["median"])
        except (ValueError, LookupError, TypeError):
            raise PeersError(f"{' '.join(command)} answered what this script cannot read: {done.stdout[:200]!r}")

    def close(self):
        pass


class Server:
    """A child process that holds a model and answers one request a line with one JSON object a line."""

    def __init__(self, command, environment=None):
        self.command = command
        try:
            self.child = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
            )
        except OSError as error:
            raise PeersError(f"cannot start {command[0]}: {error.strerror}")
        self.about = self.answer()

    def answer(self):
        line = self.child.stdout.readline()
        if not line:
            said = last_line(self.child.stderr.read())
            raise PeersError(f"{self.command[0]} ended: {said or 'exit status ' + str(self.child.wait())}")
        return json.loads(line)

    def ask(self, request):
        try:
            self.child.stdin.write(request + "\n")
            self.child.stdin.flush()
        except BrokenPipeError:
            pass  # answer() tells why it ended
        return self.answer()

    def close(self):
        self.child.stdin.close()
        self.child.wait()


class Llama(Server):
    """llama_timer; whether flash attention is on is chosen for each test, by trying both."""

    name = "llama.cpp"

    def __init__(self, timer, options, tests):
        command = [timer, "--serve", "--shape", options.shape, "--type", options.type, "--dir", options.dir / "models"]
        command += ["--threads", options.threads, "--ubatch", options.ubatch, "--flash", "on"]
        for test in tests:
            command += ["--prefill", test.tokens] if test.kind == "prefill" else ["--ctx", test.context]
        super().__init__(command)
        self.repeats = options.repeats
        self.choice = options.flash
        self.current = True
        self.chosen = {}

    def set_flash(self, on):
        if on != self.current:
            self.ask(f"flash {'on' if on else 'off'}")
            self.current = on

    def once(self, test):
        return test.tokens / self.ask(f"{test.kind} {test.tokens} {test.context}")["seconds"]

    def try_both(self, test):
        speeds = {}
        for on in (True, False):
            self.set_flash(on)
            self.once(dataclasses.replace(test, tokens=min(test.tokens, 16)))
            speeds[on] = self.once(test)
        return speeds[True] >= speeds[False]

    def measure(self, test):
        if test not in self.chosen:
            self.chosen[test] = self.try_both(test) if self.choice == "best" else self.choice == "on"
        self.set_flash(self.chosen[test])
        self.once(dataclasses.replace(test, tokens=min(test.tokens, 16)))
        return statistics.median(self.once(test) for _ in range(self.repeats))

    def remark(self, test):
        return f"flash attention {'on' if self.chosen[test] else 'off'}"


class Mlx(Server):
    """mlx_timer.py in the virtual environment. It is slow: one run a turn, and a short prompt."""

    name = "MLX"

    def __init__(self, python, model, options):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mlx_timer.py")
        super().__init__([python, script, "--model", model, "--dtype", options.mlx_dtype])
        self.prompt = options.mlx_prompt
        self.tokens = options.mlx_tokens

    def measure(self, test):
        tokens = min(test.tokens, self.prompt if test.kind == "prefill" else self.tokens)
        return tokens / self.ask(f"{test.kind} {tokens} {test.context}")["seconds"]

    def remark(self, test):
        if test.kind == "prefill":
            return f"a prompt of {min(test.tokens, self.prompt)}"
        return f"{min(test.tokens, self.tokens)} tokens a turn"


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def progress(text):
    print(text, file=sys.stderr, flush=True)
