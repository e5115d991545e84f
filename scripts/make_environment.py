"""Makes a virtual environment from a lock file: `make_environment.py LOCK FOLDER`. Called by scripts/environment.

Several calls at once are safe: one makes the environment, the others wait for it. The copy of the lock file in it is
written last, so an environment without that copy is unfinished and is made again. Older environments beside it are
deleted, except those that a process runs from. Needs nothing but the standard library.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMP = "made-from.lock"
NETWORK = 75  # exit code: the packages could not be downloaded, and another Python will not change that
NO_NETWORK = "could not download the packages: check the network (or pip's proxy and index settings) and run this again"
#: Compiled packages, so that a wheel that does not load on this machine shows here.
TRIAL = ("fasttext", "lxml.etree", "msgspec", "numpy", "rensa", "tantivy")


def main(lock: Path, folder: Path, build: Callable[[Path, Path], None] | None = None) -> int:
    """Make the environment `folder` if it is not there yet, by `build`. Returns an exit code."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with only_one(folder):
        if not is_made(lock, folder):
            try:
                (build or install)(lock, folder)
            except subprocess.CalledProcessError as error:
                print(*error.stdout.strip().splitlines()[-3:], sep="\n", file=sys.stderr)
                if re.search(r"connection|resolution|timed out|proxy", error.stdout, re.IGNORECASE):
                    print(f"almenara: {NO_NETWORK}", file=sys.stderr)
                    return NETWORK
                return 1
            stamp(lock, folder)
    delete_unused(folder)
    return 0


@contextmanager
def only_one(folder: Path, wait: bool = True) -> Iterator[None]:
    """Hold the lock of an environment. The system releases it when this process ends, however that happens.

    Raises BlockingIOError if another process holds it and this one is not to wait.
    """
    with (folder.parent / f".{folder.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


def is_made(lock: Path, folder: Path) -> bool:
    """Whether the environment is finished, from this lock file, and its interpreter still starts."""
    stamp, python = folder / STAMP, folder / "bin" / "python"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        return False
    try:
        return subprocess.run([python, "-c", ""], capture_output=True).returncode == 0
    except OSError:
        return False


def install(lock: Path, folder: Path) -> None:
    """Create the environment and install what the lock file lists. Raises CalledProcessError, with the output."""
    python = folder / "bin" / "python"
    call(sys.executable, "-m", "venv", "--clear", folder)
    call(
        python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:",
        "--require-hashes", "-r", lock,
    )  # fmt: skip
    packages = call(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    (Path(packages) / "almenara.pth").write_text(f"{ROOT}\n")  # the checkout itself is imported from where it is
    if re.search(r"^lxml==", lock.read_text(), re.MULTILINE):
        call(python, "-c", f"import {', '.join(TRIAL)}")


def stamp(lock: Path, folder: Path) -> None:
    """Mark the environment as finished."""
    unfinished = folder / f"{STAMP}.unfinished"
    unfinished.write_bytes(lock.read_bytes())
    unfinished.replace(folder / STAMP)


def call(*command: str | Path) -> str:
    return subprocess.run(
        [str(part) for part in command], check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ).stdout


def delete_unused(folder: Path) -> None:
    """Delete the environments of the same purpose from other lock files, if no process runs from them."""
    purpose = folder.name.rpartition("-")[0]
    try:
        running = call("ps", "-axww", "-o", "args=")
    except (OSError, subprocess.CalledProcessError):
        return  # without `ps`, nothing says what is in use
    for old in folder.parent.glob(f"{purpose}-*"):
        if old == folder or f"{old}{os.sep}" in running:
            continue
        with suppress(BlockingIOError), only_one(old, wait=False):  # else it is being made
            shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).absolute()))
