#!/usr/bin/env python3
"""Has one `mlxa chat` answer many short requests, each a conversation of its own, and watches its memory.

    soak.py --program PROGRAM --model DIR [--requests N]

Resident memory may grow by less than 5 MB after the first hundred requests. Standard library only.
"""

import argparse
import subprocess
import sys
import time

WARM_UP = 100
LIMIT = 5_000_000
END = b"The conversation is forgotten.\n"
QUESTIONS = ("What is {} + 7?", "Tell me a story about {} robots.", "Is {} a prime number?", "Count from {} up.")


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    raise RuntimeError("the system does not tell resident memory")


def ask(chat, number):
    """One request: the answer is all that comes before the line that /reset prints."""
    question = QUESTIONS[number % len(QUESTIONS)].format(number)
    chat.stdin.write(f"{question}\n/reset\n".encode())
    chat.stdin.flush()
    answer = b""
    for line in chat.stdout:
        if line == END:
            return answer
        answer += line
    raise RuntimeError(f"the program ended at request {number}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--requests", type=int, default=10_000)
    options = parser.parse_args()
    if options.requests <= WARM_UP:
        parser.error(f"--requests must be above {WARM_UP}")
    chat = subprocess.Popen([options.program, "chat", "--model", options.model, "--max-tokens", "8"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    begin = time.monotonic()
    for number in range(options.requests):
        if number == WARM_UP:
            base = highest = resident(chat.pid)
        if len(ask(chat, number)) < 2:
            print(f"no answer to request {number}")
            return 1
        if number % 50 == 0 and number > WARM_UP:
            highest = max(highest, resident(chat.pid))
    grown = max(highest, resident(chat.pid)) - base
    chat.stdin.close()
    code = chat.wait(timeout=60)
    print(f"{options.requests} requests in {time.monotonic() - begin:.0f} s, resident memory {base / 1e6:.1f} MB after "
          f"the first {WARM_UP}, grown by at most {grown / 1e6:.2f} MB since, exit code {code}")
    return 0 if code == 0 and grown < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
