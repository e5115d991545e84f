"""Environments are made once, by one process, and never changed or deleted while a process runs from them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts import make_environment
from scripts.make_environment import NETWORK, STAMP, main


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock file without packages, so that nothing is downloaded."""
    path = tmp_path / "requirements.lock"
    path.write_text("# first\n")
    return path


def build(lock: Path, folder: Path) -> None:
    """An environment that has only an interpreter, and counts how often it was made."""
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    (folder / "bin" / "python").unlink(missing_ok=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "built").write_text(
        (folder / "built").read_text() + "again\n" if (folder / "built").exists() else "once\n"
    )


@contextmanager
def running_from(environment: Path) -> Iterator[None]:
    command = [str(environment / "bin" / "python"), "-c", "import time; print(flush=True); time.sleep(60)"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    try:
        yield
    finally:
        process.kill()
        process.communicate()


def test_an_environment_in_use_is_left_alone(lock: Path, tmp_path: Path) -> None:
    first, second, third, other = (tmp_path / ".venv" / name for name in ("run-1", "run-2", "run-3", "test-1"))
    other.mkdir(parents=True)
    assert main(lock, first, build) == 0
    with running_from(first):
        lock.write_text("# second\n")
        assert main(lock, second, build) == 0
        assert (first / STAMP).read_text() == "# first\n"
    lock.write_text("# third\n")
    assert main(lock, third, build) == 0
    assert not first.exists()
    assert not second.exists()
    assert other.exists()


def test_an_environment_that_another_process_makes_is_left_alone(lock: Path, tmp_path: Path) -> None:
    first, second = (tmp_path / ".venv" / name for name in ("run-1", "run-2"))
    assert main(lock, first, build) == 0
    with make_environment.only_one(first):
        assert main(lock, second, build) == 0
    assert first.exists()


def test_an_unfinished_environment_is_made_again_and_a_finished_one_is_not(lock: Path, tmp_path: Path) -> None:
    folder = tmp_path / ".venv" / "run-1"
    build(lock, folder)
    for _ in range(2):
        assert main(lock, folder, build) == 0
        assert (folder / STAMP).read_bytes() == lock.read_bytes()
        assert (folder / "built").read_text() == "once\nagain\n"
    (folder / "bin" / "python").unlink()  # the system's Python was replaced
    (folder / "bin" / "python").symlink_to(tmp_path / "gone")
    assert main(lock, folder, build) == 0
    assert (folder / "built").read_text() == "once\nagain\nagain\n"


@pytest.mark.parametrize(
    ("output", "code"), [("ERROR: Connection refused", NETWORK), ("ERROR: no matching distribution", 1)]
)
def test_what_went_wrong_is_reported(
    lock: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], output: str, code: int
) -> None:
    def fail(lock: Path, folder: Path) -> None:
        raise subprocess.CalledProcessError(1, "pip", output)

    folder = tmp_path / ".venv" / "run-1"
    assert main(lock, folder, fail) == code
    assert output in capsys.readouterr().err
    assert not (folder / STAMP).exists()


@pytest.mark.slow
def test_two_at_once_make_one_that_works(lock: Path, tmp_path: Path) -> None:
    folder = tmp_path / ".venv" / "run-1"
    makers = [subprocess.Popen([sys.executable, make_environment.__file__, lock, folder]) for _ in range(2)]
    assert [maker.wait() for maker in makers] == [0, 0]
    code = "import pipeline, sys; print(pipeline.__file__, sys.prefix)"
    shown = subprocess.run(
        [folder / "bin" / "python", "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path, env={}
    )
    assert shown.stdout.split() == [str(make_environment.ROOT / "pipeline" / "__init__.py"), str(folder)]
