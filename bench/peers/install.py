"""Brings the other engines into a folder outside the repository, and makes folders for other machines."""

import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

from engines import PeersError, last_line, progress

# llama_timer uses the API of this version, and knows how it saves keys and values.
LLAMA = "llama-cpp-python==0.3.36"
MLX = ["mlx[cpu]==0.32.4", "mlx-lm==0.32.2"]
HERE = pathlib.Path(__file__).resolve().parent
ISAS = ["native", "avx2", "avx512", "amx"]
BUILD_BYTES = 1 << 30  # sources, objects and the virtual environment


def default_folder():
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(cache) / "mlxa-peers"


def call(command, log, what, remedy):
    """Runs a command; its output goes into a log file, of which an error shows the last line."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "w", encoding="utf-8") as out:
        try:
            code = subprocess.run([str(part) for part in command], stdout=out, stderr=subprocess.STDOUT).returncode
        except OSError as error:
            raise PeersError(f"{what}: cannot start {command[0]} ({error.strerror}); {remedy}")
    if code != 0:
        said = last_line(log.read_text(encoding="utf-8", errors="replace"))
        raise PeersError(f"{what} failed ({said}); {remedy}; all of it is in {log}")


def check_room(folder):
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise PeersError(f"cannot use {folder} ({error.strerror}); name another with --dir")
    if free < BUILD_BYTES:
        raise PeersError(f"{folder} has room for {free >> 20} MiB, {BUILD_BYTES >> 20} are needed; name another with --dir")


def environment(folder):
    """The Python of the virtual environment, made if need be."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        call([sys.executable, "-m", "venv", folder / "venv"], folder / "logs" / "venv.log",
             "making a virtual environment", "install Python's venv (Debian: python3-venv)")
    return python


def install_mlx(folder):
    """Upstream MLX in the virtual environment; returns its Python."""
    python = environment(folder)
    done = folder / "venv" / "peers-mlx"
    wanted = " ".join(MLX)
    if not done.exists() or done.read_text() != wanted:
        check_room(folder)
        progress(f"installing {wanted}")
        call([python, "-m", "pip", "install", *MLX], folder / "logs" / "mlx.log", "pip install",
             "a network with a package index is needed once")
        done.write_text(wanted)
    return python


def llama_source(folder):
    """The unpacked llama.cpp that the source package of llama-cpp-python brings along."""
    unpacked = folder / "sdist" / LLAMA.replace("-", "_").replace("==", "-")
    source = unpacked / "vendor" / "llama.cpp"
    if (source / "include" / "llama.h").exists():
        return source
    check_room(folder)
    progress(f"fetching {LLAMA}")
    download = folder / "sdist" / "download"
    call([environment(folder), "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", "--dest", download, LLAMA],
         folder / "logs" / "download.log", "pip download", "a network with a package index is needed once")
    archives = sorted(download.glob("*.tar.gz"))
    if not archives:
        raise PeersError(f"pip brought no source package of {LLAMA} into {download}")
    with tarfile.open(archives[-1]) as archive:
        archive.extractall(folder / "sdist", **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return source


def build_timer(folder, isa):
    """llama_timer for an instruction set, compiled where it is older than its sources."""
    if (HERE / "llama_timer").exists():
        return prepared_timer(isa)
    check_room(folder)
    if shutil.which("cmake") is None:
        raise PeersError("there is no cmake; install it (Debian: cmake)")
    if shutil.which(os.environ.get("CXX") or "c++") is None:
        raise PeersError("there is no C++ compiler; install one (Debian: g++) or name one in CXX")
    source = llama_source(folder)
    build = folder / ("build-" + isa)
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    configure = ["cmake", *generator, "-S", HERE / "llama", "-B", build, f"-DLLAMA_SOURCE={source}", f"-DPEERS_ISA={isa}"]
    configure.append("-DPEERS_VERSION=" + LLAMA.replace("==", " "))
    call(configure, folder / "logs" / f"configure-{isa}.log", "cmake", "a C and a C++ compiler are needed")
    if not (build / "llama_timer").exists():
        progress(f"compiling llama.cpp for {isa}: this takes minutes")
    jobs = str(len(os.sched_getaffinity(0)))
    call(["nice", "cmake", "--build", build, "--target", "llama_timer", "-j", jobs],
         folder / "logs" / f"build-{isa}.log", "compiling llama.cpp", "see the log")
    return build / "llama_timer"


def prepared_timer(isa):
    """The timer of a folder that prepare() made: it was built elsewhere, for one instruction set."""
    built_for = (HERE / "isa").read_text().strip()
    if isa not in ("native", built_for):
        raise PeersError(f"this folder was prepared for {built_for}, not for {isa}")
    return HERE / "llama_timer"


def prepare(folder, target, isa):
    """Copies what a machine without network and compilers needs into `target`: the timer and these scripts."""
    if isa == "native":
        raise PeersError("--prepare needs --target-isa: avx2, avx512 or amx")
    timer = build_timer(folder, isa)
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy2(timer, target / "llama_timer")
    if shutil.which("strip"):
        subprocess.run(["strip", target / "llama_timer"], check=True)
    for name in ("run", "engines.py", "install.py", "report.py", "shapes.py", "shapes.def", "mlx_timer.py", "README.md"):
        shutil.copy2(HERE / name, target / name)
    (target / "isa").write_text(isa + "\n")
    size = sum(path.stat().st_size for path in target.iterdir() if path.is_file())
    progress(f"{target}: {size / 1e6:.1f} MB")
