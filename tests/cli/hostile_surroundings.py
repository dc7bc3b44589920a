#!/usr/bin/env python3
"""Runs the program where files shrink, streams are closed or full, and permissions lack.

    hostile_surroundings.py --program PROGRAM

What is asked of each end is what hostile_inputs.py asks. Standard library only.
"""

import argparse
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

from hostile_inputs import GOLDEN, SECONDS, SMALL, verdict, without_core

BUNDLED = pathlib.Path(__file__).resolve().parents[2] / "models" / "tiny-chat"
NOBODY = 65534

scenes = []


class Skip(Exception):
    """Why a scene cannot be played here."""


def scene(function):
    """Registers a function of the program and an empty folder, which returns what went wrong, or nothing."""
    scenes.append(function)
    return function


def start(command, **streams):
    return subprocess.Popen([str(part) for part in command], stderr=subprocess.PIPE, preexec_fn=without_core, **streams)


def end(process, codes):
    """Waits for the end and judges it."""
    try:
        errors = process.communicate(timeout=SECONDS)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return f"still runs after {SECONDS} s"
    return verdict(process.returncode, errors, codes)


def copy(folder, model):
    shutil.copytree(model, folder / "model")
    return folder / "model"


def align(weights):
    """Pads the header, so that the tensors lie where they can be used in place: others are copied at loading."""
    data = weights.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = data[8:8 + size] + b" " * (-size % 8)
    weights.write_bytes(struct.pack("<Q", len(header)) + header + data[8 + size:])


def verbs(program):
    """Commands that write to stdout, and what they read."""
    yield [program, "--help"], b""
    yield [program, "env"], b""
    yield [program, "info", BUNDLED], b""
    yield [program, "generate", "--model", BUNDLED, "--prompt", "Hello!", "--max-tokens", "4"], b""
    yield [program, "chat", "--model", BUNDLED, "--max-tokens", "4"], b"Hello!\n"
    yield [program, "tokenize", "--model", BUNDLED], b'"Hello!"\n'
    yield [program, "template", "--model", BUNDLED], b'{"messages": [{"role": "user", "content": "Hello!"}]}'


def write_to(program, stdout):
    """The first problem of the verbs that write to this stdout: a way to open it, or None to close it."""
    for command, text in verbs(program):
        if stdout is None:  # a shell closes a stream where subprocess would replace it
            command = ["sh", "-c", 'exec "$0" "$@" >&-', *command]
        with tempfile.TemporaryFile() as given, open(stdout or os.devnull, "wb") as out:
            given.write(text)
            given.seek(0)
            problem = end(start(command, stdin=given, stdout=out), {8})
        if problem:
            return f"{[str(part) for part in command]}: {problem}"
    return None


@scene
def full_stdout(program, _):
    if not os.path.exists("/dev/full"):
        raise Skip("there is no /dev/full")
    return write_to(program, "/dev/full")


@scene
def closed_stdout(program, _):
    return write_to(program, None)


@scene
def reader_that_leaves(program, _):
    command = [program, "generate", "--model", BUNDLED, "--prompt", "Tell me a story.", "--ignore-eos"]
    process = start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    process.stdout.read(1)
    process.stdout.close()
    process.stdout = None
    return end(process, {8})


@scene
def weights_cut_while_chat_waits(program, folder):
    model = copy(folder, BUNDLED)
    chat = start([program, "chat", "--model", model, "--max-tokens", "4"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    chat.stdin.write(b"Hello!\n/reset\n")
    chat.stdin.flush()
    while not chat.stdout.readline().startswith(b"The conversation"):
        if chat.poll() is not None:
            return f"the first answer failed: {chat.stderr.read()}"
    os.truncate(model / "model.safetensors", 4096)
    chat.stdin.write(b"And now?\n")
    chat.stdin.flush()
    return end(chat, {4})


@scene
def weights_cut_during_an_answer(program, folder):
    model = copy(folder, BUNDLED)
    align(model / "model.safetensors")
    process = start([program, "generate", "--model", model, "--prompt", "Tell me a story.", "--ignore-eos",
                     "--max-tokens", "100000"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    process.stdout.read(1)
    os.truncate(model / "model.safetensors", 4096)
    return end(process, {4})


@scene
def weights_replaced_while_chat_waits(program, folder):
    """A smaller file under the same name is no damage: the mapped one is still there."""
    model = copy(folder, BUNDLED)
    chat = start([program, "chat", "--model", model, "--max-tokens", "4"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    chat.stdin.write(b"Hello!\n")
    chat.stdin.flush()
    chat.stdout.readline()
    (model / "other").write_bytes(b"short")
    os.replace(model / "other", model / "model.safetensors")
    errors = chat.communicate(b"And now?\n", timeout=SECONDS)[1]
    return None if chat.returncode == 0 and not errors else f"exit code {chat.returncode}: {errors}"


@scene
def cache_of_links(program, folder):
    """Files that are links to blobs in another directory, as the Hugging Face cache has them, do work."""
    blobs, snapshot = folder / "blobs", folder / "snapshots" / "abc"
    blobs.mkdir()
    snapshot.mkdir(parents=True)
    for number, file in enumerate(sorted((GOLDEN / "qwen2-f32-q4-shards3").iterdir())):
        if file.name.startswith("reference"):
            continue
        shutil.copy(file, blobs / str(number))
        (snapshot / file.name).symlink_to(f"../../blobs/{number}")
    (folder / "model").symlink_to("snapshots/abc")
    for directory in (snapshot, folder / "model"):
        done = subprocess.run([program, "generate", "--model", str(directory), "--prompt-ids", "5,6", "--max-tokens", "2"],
                              capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0 or done.stderr:
            return f"exit code {done.returncode}: {done.stderr}"
    return None


def without_rights(command):
    """The command as a user who may do little: root may read what nobody may."""
    if os.geteuid() != 0:
        return command
    setpriv = shutil.which("setpriv")
    if not setpriv:
        raise Skip("root reads everything, and there is no setpriv to be someone else")
    as_nobody = [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    if subprocess.run([*as_nobody, command[0], "--version"], capture_output=True, check=False).returncode != 0:
        raise Skip("an unprivileged user cannot run the program here")
    return as_nobody + command


@scene
def no_permission(program, folder):
    model = copy(folder, GOLDEN / SMALL)
    folder.chmod(0o755)
    command = without_rights([program, "generate", "--model", str(model), "--prompt", "x", "--max-tokens", "2"])
    for path, mode in ((model / "config.json", 0), (model / "model.safetensors", 0), (model / "tokenizer.json", 0),
                       (model / "tokenizer_config.json", 0), (model, 0), (model, 0o111), (model, 0o444)):
        usual = path.stat().st_mode
        path.chmod(mode)
        problem = end(start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE), {8})
        path.chmod(usual)
        if problem:
            return f"{path.name} with mode {mode:o}: {problem}"
    command = without_rights([program, "generate", "--model", str(model), "--prompt-ids", "5", "--logits",
                              str(model / "logits.npy")])
    model.chmod(0o555)
    return end(start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE), {8})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    program = os.path.abspath(parser.parse_args().program)
    failed = 0
    for play in scenes:
        with tempfile.TemporaryDirectory() as folder:
            try:
                problem = play(program, pathlib.Path(folder))
            except Skip as reason:
                print(f"{play.__name__} is skipped: {reason}")
                continue
        if problem:
            failed += 1
            print(f"{play.__name__}: {problem}")
    print(f"{len(scenes)} scenes, {failed} ended badly")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
