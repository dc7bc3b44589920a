#!/usr/bin/env python3
"""Runs the program on broken model directories and arguments, and in broken surroundings.

    hostile_inputs.py --program PROGRAM [--only WORDS]

Each input must end within seconds in one line on stderr that names a remedy, with a documented exit
code that is neither 0 nor a signal's, and in bounded memory. Standard library only.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time

SECONDS = 60  # far above what any needs, also under a sanitizer
MEMORY = 4 << 30  # measured, not limited: sanitizers reserve terabytes of address space
CODES = {2, 3, 4, 5, 6, 7, 8}
SMALL = "llama-f32-q4-g128"
FLOATS = "llama-f32-mxfp4"
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden" / "models"

cases = []


def case(name, *arguments, codes=CODES, base=SMALL, environment=None):
    """Registers a function that breaks a copy of a model directory. `arguments` replace the default ones; those
    that begin with bench are the whole command."""
    def register(change):
        cases.append((name, change, list(arguments), set(codes), base, environment or {}))
        return change
    return register


def edit_json(directory, file, change):
    path = directory / file
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def config(name, key, value, codes=CODES, base=SMALL):
    def change(directory):
        edit_json(directory, "config.json", lambda c: c.__setitem__(key, value))
    case(f"config: {name}", codes=codes, base=base)(change)


def write(file, data):
    def change(directory):
        (directory / file).write_bytes(data if isinstance(data, bytes) else data.encode())
    return change


def read_header(directory):
    data = (directory / "model.safetensors").read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8:8 + size]), data[8 + size:]


def header(name, change, codes=(4,), base=SMALL):
    def apply(directory):
        tensors, data = read_header(directory)
        changed = change(tensors)
        text = json.dumps(tensors if changed is None else changed).encode()
        (directory / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    case(f"safetensors: {name}", codes=codes, base=base)(apply)


def tensor(name, key, value, codes=(4,)):
    """Sets one field of the norm's entry, which is dense and float32."""
    header(name, lambda t: t["model.norm.weight"].__setitem__(key, value), codes)


def tokenizer(name, change):
    case(f"tokenizer: {name}", "--prompt", "some text", codes={4, 5})(lambda d: edit_json(d, "tokenizer.json", change))


def template(name, text):
    def change(directory):
        edit_json(directory, "tokenizer_config.json", lambda c: c.__setitem__("chat_template", text))
    case(f"template: {name}", "--prompt", "hello", codes={2, 4, 5})(change)


def define_odd_files():
    """What is no readable regular file where a regular file belongs."""
    def fifo(path):
        path.unlink(missing_ok=True)
        os.mkfifo(path)

    def folder(path):
        path.unlink(missing_ok=True)
        path.mkdir()

    def link_to_nothing(path):
        path.unlink(missing_ok=True)
        path.symlink_to("nowhere")

    def link_to_itself(path):
        path.unlink(missing_ok=True)
        path.symlink_to(path.name)

    def device(path):
        path.unlink(missing_ok=True)
        path.symlink_to("/dev/zero")

    def huge(path):  # sparse: takes no disk
        with open(path, "ab") as file:
            file.truncate(1 << 40)

    files = ("config.json", "model.safetensors", "model.safetensors.index.json", "tokenizer.json",
             "tokenizer_config.json", "generation_config.json", "chat_template.jinja")
    for file in files:
        for put in (fifo, folder, link_to_nothing, link_to_itself, device, huge):
            if put is huge and file == "model.safetensors":
                continue  # what the header does not list is not read
            case(f"{file} is {put.__name__}", "--prompt", "x", codes={3, 4, 8})(
                lambda d, put=put, file=file: put(d / file))
    case("all zero", codes={4})(lambda d: [(d / "model.safetensors").unlink(), huge(d / "model.safetensors")])
    case("the directory is a file", codes={3})(lambda d: [shutil.rmtree(d), d.write_text("")])


def define():
    def remove(*files):
        return lambda d: [shutil.rmtree(d)] if not files else [(d / f).unlink() for f in files]

    case("no such directory", codes={3})(remove())
    case("empty directory", codes={3})(lambda d: [shutil.rmtree(d), d.mkdir()])
    case("no config", codes={3})(remove("config.json"))
    case("no weights", codes={3})(remove("model.safetensors"))
    case("no tokenizer", "--prompt", "x", codes={3})(remove("tokenizer.json"))
    case("weights are a directory")(lambda d: [(d / "model.safetensors").unlink(), (d / "model.safetensors").mkdir()])
    define_odd_files()
    sharded = "qwen2-f32-q4-shards3"
    case("missing shard", codes={3}, base=sharded)(remove("model-00002-of-00003.safetensors"))

    def shard_name(name):
        def change(d):
            def rename(index):
                for key in index["weight_map"]:
                    index["weight_map"][key] = name
            edit_json(d, "model.safetensors.index.json", rename)
        return change

    for name in ("/etc/passwd", "../model.safetensors", "a/../../x.safetensors", "", "\0", 7, None):
        case(f"shard name {name!r}", base=sharded)(shard_name(name))
    case("index is no JSON", base=sharded)(write("model.safetensors.index.json", "{"))
    case("index without a map", base=sharded)(write("model.safetensors.index.json", "{}"))

    for size in (0, 1, 7, 8, 9, 100, 60000):
        def cut(d, size=size):
            path = d / "model.safetensors"
            path.write_bytes(path.read_bytes()[:size])
        case(f"weights of {size} bytes", codes={4})(cut)
    for length in (1 << 60, (1 << 64) - 1, 0, 200_000_000):
        def lengthen(d, length=length):
            path = d / "model.safetensors"
            path.write_bytes(struct.pack("<Q", length) + path.read_bytes()[8:])
        case(f"header of {length} bytes", codes={4})(lengthen)
    for name, text in (("no JSON", b"nonsense"), ("an array", b"[]"), ("nested deep", b"[" * 300_000),
                       ("nested objects", b'{"a":' * 300_000), ("no UTF-8", b'{"\xff": 1}')):
        case(f"header is {name}", codes={4})(write("model.safetensors", struct.pack("<Q", len(text)) + text))
    header("missing tensor", lambda t: {k: v for k, v in t.items() if k != "model.norm.weight"})
    header("left-over tensor", lambda t: t.__setitem__("model.extra", t["model.norm.weight"]))
    header("empty", lambda t: {})
    tensor("reversed range", "data_offsets", [512, 0])
    tensor("negative range", "data_offsets", [-512, 0])
    tensor("overflowing range", "data_offsets", [(1 << 64) - 1, 511])
    tensor("range beyond the file", "data_offsets", [1 << 40, (1 << 40) + 512])
    tensor("range of fractions", "data_offsets", [0.5, 512.5])
    tensor("range of one number", "data_offsets", [0])
    tensor("overlapping range", "data_offsets", [0, 512])
    tensor("unknown dtype", "dtype", "F13", codes={4, 5})
    tensor("dtype of other size", "dtype", "F64", codes={4, 5})
    tensor("dtype is a number", "dtype", 5)
    tensor("wrong shape", "shape", [64])
    tensor("negative shape", "shape", [-128])
    tensor("overflowing shape", "shape", [1 << 62, 1 << 62, 1 << 62])
    tensor("shape of text", "shape", "128")
    tensor("packed weight as norm", "dtype", "U32")

    for name, data in (("empty", b""), ("no JSON", b"{"), ("no UTF-8", b'{"model_type": "\xff\xfe"}'),
                       ("nested deep", b'{"a":' * 100_000), ("an array", b"[1]"), ("null", b"null")):
        case(f"config is {name}", codes={4})(write("config.json", data))
    config("unknown architecture", "model_type", "nosuch", codes={5})
    config("architecture is a list", "model_type", ["llama"], codes={4})
    for key in ("hidden_size", "num_attention_heads", "num_hidden_layers", "vocab_size", "intermediate_size",
                "num_key_value_heads", "max_position_embeddings"):
        for value in (0, -1, 1 << 31, 1 << 62, "4", 1.5):
            config(f"{key} = {value!r}", key, value)
    config("head_dim 3", "head_dim", 3)
    config("rms_norm_eps is text", "rms_norm_eps", "tiny")
    config("rope_scaling of an unknown kind", "rope_scaling", {"rope_type": "nosuch", "factor": 2.0})
    config("rope_scaling is a number", "rope_scaling", 4)
    config("rope_theta 0", "rope_theta", 0)
    config("bits 7", "quantization", {"group_size": 128, "bits": 7})
    config("group size 0", "quantization", {"group_size": 0, "bits": 4})
    config("bits of a module that its shapes contradict", "quantization",
           {"group_size": 128, "bits": 4, "model.layers.0.mlp.up_proj": {"group_size": 128, "bits": 8}})
    config("quantization is text", "quantization", "4bit")
    for mode, codes in (("nf4", {5}), ("", {5}), ("MXFP4", {5}), (4, {4}), ("x" * 100_000, {5})):
        config(f"mode {str(mode)[:20]!r}", "quantization", {"group_size": 32, "bits": 4, "mode": mode}, codes, FLOATS)
    for mode, group, bits in (("mxfp4", 64, 4), ("mxfp4", 32, 8), ("mxfp8", 32, 4), ("nvfp4", 32, 4), ("nvfp4", 16, 8)):
        config(f"mode {mode} of {bits} bits in groups of {group}", "quantization",
               {"group_size": group, "bits": bits, "mode": mode}, {4}, FLOATS)
    for listed in ({"group_size": 16, "bits": 4, "mode": "nvfp4"}, {"group_size": 32, "bits": 8, "mode": "mxfp8"},
                   {"group_size": 32, "bits": 4}, {"mode": "mxfp4", "bits": 3}):
        config(f"module listed as {listed}", "quantization",
               {"group_size": 32, "bits": 4, "mode": "mxfp4", "model.layers.0.mlp.up_proj": listed}, {4}, FLOATS)
    config("affine module listed as mxfp4", "quantization",
           {"group_size": 128, "bits": 4, "model.layers.0.mlp.up_proj": {"mode": "mxfp4"}}, {4})
    up = "model.layers.0.mlp.up_proj"
    header("biases of a mode that has none", lambda t: t.__setitem__(f"{up}.biases", t.pop("model.norm.weight")),
           base=FLOATS)
    header("no scales", lambda t: t.__setitem__("model.extra", t.pop(f"{up}.scales")), base=FLOATS)
    header("signed scales", lambda t: t[f"{up}.scales"].__setitem__("dtype", "I8"), base=FLOATS)
    header("scales of other groups", lambda t: t[f"{up}.scales"].__setitem__("shape", [32, 4]), base=FLOATS)
    header("scales of one row", lambda t: t[f"{up}.scales"].__setitem__("shape", [128]), base=FLOATS)
    header("codes of bytes", lambda t: t[f"{up}.weight"].update(dtype="U8", shape=[64, 32]), base=FLOATS)

    for name, data in (("empty", b""), ("no JSON", b"]"), ("nested deep", b"[" * 200_000)):
        case(f"tokenizer is {name}", "--prompt", "x", codes={4})(write("tokenizer.json", data))
    tokenizer("unknown model", lambda t: t["model"].__setitem__("type", "Nosuch"))
    tokenizer("merge of unknown tokens", lambda t: t["model"].__setitem__("merges", [["qqqq", "zzzz"]]))
    tokenizer("id of 2^40", lambda t: t["model"]["vocab"].__setitem__("huge", 1 << 40))
    tokenizer("negative id", lambda t: t["model"]["vocab"].__setitem__("minus", -4))
    tokenizer("added id of 2^40", lambda t: t["added_tokens"].append({"id": 1 << 40, "content": "<x>"}))
    tokenizer("vocabulary is a list", lambda t: t["model"].__setitem__("vocab", []))

    template("loops for ever", "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}")
    template("huge range", "{% for a in range(10 ** 18) %}x{% endfor %}")
    template("doubles a string", "{% set ns = namespace(s='ab') %}{% for i in range(100) %}"
                                 "{% set ns.s = ns.s + ns.s %}{% endfor %}{{ ns.s }}")
    template("multiplies a string", "{{ 'x' * 10 ** 12 }}")
    template("recurses", "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}")
    template("recurses between macros", "{% macro f(x) %}{{ g(x) }}{% endmacro %}"
                                        "{% macro g(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}")
    template("grows a list", "{% set ns = namespace(l=[1]) %}{% for i in range(100) %}"
                             "{% set ns.l = ns.l + ns.l %}{% endfor %}{{ ns.l | length }}")
    template("replaces to double", "{% set ns = namespace(s='a') %}{% for i in range(100) %}"
                                   "{% set ns.s = ns.s | replace('a', 'aa') %}{% endfor %}")
    template("nested parentheses", "{{ " + "(" * 100_000 + "1" + ")" * 100_000 + " }}")
    template("does not parse", "{% if %}")
    template("is never closed", "{% for m in messages %}")
    template("raises", "{{ raise_exception('not today') }}")
    template("divides by zero", "{{ 1 // 0 }}")

    def nothing(_):
        pass

    for arguments in (["--prompt-ids", "1,999999"], ["--prompt-ids", "-1"], ["--prompt-ids", "1,,2"],
                      ["--prompt-ids", "99999999999999999999"], ["--prompt-ids", ""],
                      ["--prompt-ids", ",".join(["5"] * 600)], ["--prompt-ids", "5", "--temp", "nan"],
                      ["--prompt-ids", "5", "--temp", "-1"], ["--prompt-ids", "5", "--top-p", "2"],
                      ["--prompt-ids", "5", "--top-k", "-3"], ["--prompt-ids", "5", "--min-p", "inf"],
                      ["--prompt-ids", "5", "--repetition-penalty", "0"],
                      ["--prompt-ids", "5", "--max-tokens", "-2"], ["--prompt-ids", "5", "--threads", "0"],
                      ["--prompt-ids", "5", "--nosuch"], ["--prompt", "a", "--prompt-ids", "5"], ["--prompt"],
                      ["--prompt-ids", "5", "--temp", "inf"], ["--prompt-ids", "5", "--top-p", "nan"],
                      ["--prompt-ids", "5", "--min-p", "-1"], ["--prompt-ids", "5", "--repetition-penalty", "nan"],
                      ["--prompt-ids", "5", "--max-tokens", "99999999999"],
                      ["--prompt-ids", "5", "--prefill-chunk", "0"], ["--prompt-ids", "5", "--kv-bits", "7"],
                      ["--prompt-ids", "5", "--kv-bits", "8", "--exact"], ["--prompt-ids", "5", "--kv-bits", "x"],
                      ["--prompt", "word " * 5000],
                      ["--prompt-ids", "5", "--logits", "/dev/full"], ["--messages", "/dev/null"], ["--messages", "/"],
                      ["--messages", "/dev/null/x"], ["--prompt-ids", "5", "--logits", "/dev/null/x.npy"]):
        case("arguments " + " ".join(arguments)[:40], *arguments)(nothing)

    def messages(name, text):
        def change(d):
            (d / "chat.json").write_text(text)
            edit_json(d, "tokenizer_config.json", lambda c: c.__setitem__("chat_template", "{{ messages | length }}"))
        case(f"messages: {name}", "--messages", "MODEL/chat.json", codes={2})(change)

    messages("nested deep", '[{"role": "user", "content": ' + "[" * 300_000 + "]" * 300_000 + "}]")
    messages("no JSON", "hello")
    messages("text", '"hello"')
    messages("numbers", "[1, 2]")

    def bench(words, codes=(2,), memory=None):
        case(f"bench {words}", "bench", *words.split(), codes=codes,
             environment={"MLXA_MEMORY_LIMIT": memory} if memory else {})(nothing)

    for words in ("--shape 9b", "--shape", "--bits 7", "--bits 0", "--bits -4", "--group-size 0", "--group-size 48",
                  "--shape 360m --group-size 128", "--mode nosuch", "--mode mxfp4 --bits 8",
                  "--mode mxfp8 --group-size 16", "--mode nvfp4 --group-size 64", "--dtype int8", "--mode dense --dtype bf16",
                  "-p 0", "-p -1", "-p 99999999999", "-p 9000", "-n 0", "-n x", "-b 0", "-b 2000", "--ctx -1",
                  "--ctx 9000", "--shape 8b --ctx 131072", "--ctx 8192 -n 1", "--pairs 0", "--threads 0", "--kv-bits 7", "--kv-bits 8 --exact",
                  "--json --markdown", "--model MODEL --bits 4", "--model MODEL --shape tiny", "--nosuch"):
        bench(words if "--shape" in words or "--model" in words else "--shape tiny " + words)
    bench("--model /nowhere", codes=(3,))
    bench("--shape tiny", codes=(6,), memory="100K")  # the weights
    bench("--shape 8b", codes=(6,), memory="1G")
    bench("--shape tiny -n 4", codes=(6,), memory="100M")  # the read probe
    bench("--shape tiny -n 4", codes=(6,), memory="1G")  # and the weights beside it
    bench("--shape tiny -n 4 -b 1024 --ctx 8000", codes=(6,), memory="2G")  # keys and values

    for limit_text, codes in (("1", {6}), ("100K", {6}), ("0", {2}), ("-1", {2}), ("lots", {2}), ("9" * 30, {2})):
        case(f"MLXA_MEMORY_LIMIT={limit_text}", codes=codes, environment={"MLXA_MEMORY_LIMIT": limit_text})(nothing)
    case("weights that do not fit", "--prompt-ids", "5", "--no-mmap", codes={6},
         environment={"MLXA_MEMORY_LIMIT": "100K"})(nothing)



def without_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def verdict(code, stderr, codes):
    """What is wrong with an end, or nothing."""
    lines = stderr.decode(errors="replace").splitlines()
    if code not in codes:
        return f"exit code {code}, expected one of {sorted(codes)}: {lines[:3]}"
    if len(lines) != 1 or not lines[0].startswith("error: ") or len(lines[0]) > 1000:
        return f"expected one line of error, got {lines[:3]}"
    if not lines[0].rstrip().endswith("."):
        return f"no remedy: {lines[0]}"
    return None


def surroundings(environment):
    """AddressSanitizer's memmem checks the rest of the text at each call, which makes a replacement quadratic."""
    options = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "intercept_memmem=0")))
    return {**os.environ, "ASAN_OPTIONS": options, **environment}


def run(program, change, arguments, codes, base, environment):
    with tempfile.TemporaryDirectory() as folder:
        directory = pathlib.Path(folder) / "model"
        shutil.copytree(GOLDEN / base, directory)
        change(directory)
        arguments = [argument.replace("MODEL", str(directory)) for argument in arguments]
        command = [program, "generate", "--model", str(directory), "--max-tokens", "4",
                   *(arguments or ["--prompt-ids", "5,6,7"])]
        if arguments[:1] == ["bench"]:
            command = [program, *arguments]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, preexec_fn=without_core, check=False,
                                  stdin=subprocess.DEVNULL, env=surroundings(environment))
        except subprocess.TimeoutExpired:
            return f"still runs after {SECONDS} s"
    return verdict(done.returncode, done.stderr, codes)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    options = parser.parse_args()
    define()
    failed = count = slowest = 0
    for name, *one in cases:
        if options.only not in name:
            continue
        count += 1
        begin = time.monotonic()
        problem = run(options.program, *one)
        slowest = max(slowest, time.monotonic() - begin)
        if problem:
            failed += 1
            print(f"{name}: {problem}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(f"{count} broken inputs, {failed} ended badly, slowest {slowest:.1f} s, largest memory {peak >> 20} MiB")
    if peak > MEMORY:
        failed += 1
        print(f"more than {MEMORY >> 20} MiB of memory")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
