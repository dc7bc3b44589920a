#!/usr/bin/env python3
"""Tests what bench/peers computes and says without the engines that it installs: programs that answer the same
protocol stand in for them.

    peers_test.py --program MLXA
"""

import argparse
import json
import os
import pathlib
import stat
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
PEERS = pathlib.Path(__file__).resolve().parents[2] / "bench" / "peers"
sys.path.insert(0, str(PEERS))

import report
import shapes

PROGRAM = None

# Takes its speeds from a list and notes the order of calls: "o" for ours, "t" for theirs.
FAKE_OURS = """#!{python}
import json, pathlib, sys
calls = pathlib.Path({calls!r})
calls.write_text((calls.read_text() if calls.exists() else "") + "o")
turn = calls.read_text().count("o")
print(json.dumps({{"rows": [{{"tokens_per_second": {{"median": 100.0 * turn}}}}]}}))
"""
FAKE_TIMER = """#!{python}
import json, pathlib, sys
calls = pathlib.Path({calls!r})
print(json.dumps({{"engine": "llama.cpp"}}), flush=True)
flash = "--flash off" not in " ".join(sys.argv)
for line in sys.stdin:
    verb, *rest = line.split()
    if verb == "flash":
        flash = rest[0] == "on"
        print(json.dumps({{"flash": flash}}), flush=True)
        continue
    calls.write_text((calls.read_text() if calls.exists() else "") + ("t" if int(rest[0]) > 16 else ""))
    print(json.dumps({{"seconds": int(rest[0]) / (50.0 if flash else 40.0)}}), flush=True)
"""


def script(path, text):
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def run_peers(*arguments, folder=PEERS, **surroundings):
    command = [sys.executable, folder / "run", *arguments]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120, **surroundings)


class Turns(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.folder = pathlib.Path(self.place.name)

    def prepared(self):
        """A folder as --prepare makes it, with programs that stand in for both engines."""
        names = {"python": sys.executable, "calls": str(self.folder / "calls")}
        for name in ("run", "engines.py", "install.py", "report.py", "shapes.py", "shapes.def"):
            (self.folder / name).write_bytes((PEERS / name).read_bytes())
        (self.folder / "isa").write_text("avx2\n")
        script(self.folder / "llama_timer", FAKE_TIMER.format(**names))
        return script(self.folder / "mlxa", FAKE_OURS.format(**names))

    def test_turns_alternate_and_ratios_are_taken_pair_by_pair(self):
        ours = self.prepared()
        done = run_peers("--mlxa", ours, "--shape", "tiny", "--decode", 0, "--pairs", 3, "--repeats", 1, "--json",
                         "--dir", self.folder, folder=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        row = json.loads(done.stdout)["rows"][0]
        # The first turn is not counted, and the other engine tries both of its ways in it.
        self.assertEqual((self.folder / "calls").read_text(), "o" + "tt" + "t" + "ot" * 3)
        self.assertEqual(row["ours"]["all"], [200, 300, 400])
        self.assertEqual(row["theirs"]["all"], [50, 50, 50])
        self.assertEqual(row["ratio"]["all"], [4, 6, 8])
        self.assertEqual((row["ratio"]["q1"], row["ratio"]["median"], row["ratio"]["q3"]), (5, 6, 7))
        self.assertEqual(row["remark"], "flash attention on")

    def test_the_table_holds_the_medians(self):
        ours = self.prepared()
        done = run_peers("--mlxa", ours, "--shape", "tiny", "--prefill", 0, "--ctx", 64, "--pairs", 1, "--dir",
                         self.folder, folder=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("| decode at 64 | 200.0 (200.0 to 200.0) | llama.cpp | 50.0 ", done.stdout)

    def fails(self, expected, *arguments, **surroundings):
        done = run_peers("--dir", self.folder / "data", *arguments, **surroundings)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        self.assertIn(expected, done.stderr)

    def test_what_is_missing_is_told_in_one_line(self):
        self.fails("missing/mlxa is not there; build it", "--mlxa", self.folder / "missing" / "mlxa")
        self.fails("there is no cmake", "--install-only", env={**os.environ, "PATH": str(self.folder)})
        script(self.folder / "cmake", "#!/bin/false\n")
        self.fails("there is no C++ compiler", "--install-only", env={"PATH": str(self.folder)})
        self.fails("--prepare needs --target-isa", "--prepare", self.folder / "out")
        (self.folder / "file").write_text("")
        self.fails("name another with --dir", "--install-only", "--dir", self.folder / "file" / "below")

    def test_a_prepared_folder_is_for_one_instruction_set(self):
        ours = self.prepared()
        done = run_peers("--mlxa", ours, "--isa", "avx512", "--dir", self.folder, folder=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("prepared for avx2, not for avx512", done.stderr)

    def test_an_engine_that_ends_is_told_with_its_last_words(self):
        ours = self.prepared()
        script(self.folder / "llama_timer", "#!/bin/sh\necho first >&2\necho 'no room' >&2\nexit 1\n")
        done = run_peers("--mlxa", ours, "--dir", self.folder, folder=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "llama_timer ended: no room\n$")

    def test_the_model_directory_is_what_its_shape_says(self):
        for name in ("tiny", "0.5b"):
            shape = shapes.read_shapes()[name]
            small = {"layers": 2, "vocab": 512}
            shape = shapes.dataclasses.replace(shape, **small)
            model = shapes.write_model(self.folder / name, shape, 4, 64)
            with open(model / "model.safetensors", "rb") as weights:
                header = json.loads(weights.read(struct.unpack("<Q", weights.read(8))[0]))
            sizes = [end - start for start, end in (tensor["data_offsets"] for tensor in header.values())]
            matrices = sum(size for size, tensor in zip(sizes, header.values()) if len(tensor["shape"]) == 2)
            self.assertEqual(matrices, shapes.weight_bytes(shape, 4, 64))
            done = subprocess.run([PROGRAM, "info", model], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)


class Numbers(unittest.TestCase):
    def test_bytes_of_published_shapes(self):
        # The published counts of parameters without their norms, and without an untied embedding.
        parameters = {"360m": 361758720, "1b": 1235746816, "8b": 8029995008 - 128256 * 4096}
        known = shapes.read_shapes()
        for name, count in parameters.items():
            self.assertEqual(shapes.weight_bytes(known[name], 4, 64), count * 9 // 16)

    def test_quartiles(self):
        self.assertEqual(report.quartiles([5]), [5, 5, 5])
        self.assertEqual(report.quartiles([4, 1, 2, 3, 5]), [2, 3, 4])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    PROGRAM, rest = (lambda known: (known[0].program, known[1]))(parser.parse_known_args())
    unittest.main(argv=[sys.argv[0], *rest])
