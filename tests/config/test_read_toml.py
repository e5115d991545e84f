"""Whatever keeps a file from being read is one clear fault."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.config.folder import load
from pipeline.core.faults import Faults
from tests.config.test_losses import rules

GOOD = rules("A").encode()


def _link(file: Path, to: str) -> None:
    file.unlink()
    file.symlink_to(to)


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda file: _link(file, "nowhere.toml"), "is a link to nowhere.toml, which cannot be read"),
        (lambda file: _link(file, file.name), "is a link to alerts.toml, which cannot be read"),
        (_folder, "is a folder, not a file"),
        (_pipe, "is no ordinary file"),
        (lambda file: file.write_bytes(GOOD + b"\0\0\0"), "has a NUL byte"),
        (lambda file: file.write_bytes(b"\0" * len(GOOD)), "has a NUL byte"),
        (lambda file: file.write_text(GOOD.decode(), encoding="utf-16"), "not UTF-8"),
        (lambda file: file.write_bytes(GOOD + b'# caf\xe9\n'), "not UTF-8"),
        (lambda file: file.write_bytes(GOOD.replace(b"\n", b"\r")), "not TOML"),
    ],
)  # fmt: skip
def test_one_fault(tmp_path: Path, spoil: Callable[[Path], object], reason: str) -> None:
    (tmp_path / "alerts.toml").write_bytes(GOOD)
    spoil(tmp_path / "alerts.toml")
    with pytest.raises(Faults) as caught:
        load(tmp_path, {})
    (fault,) = caught.value.faults
    assert fault.file == "alerts.toml"
    assert reason in fault.reason
    assert fault.hint


@pytest.mark.parametrize("text", [GOOD, b"\xef\xbb\xbf" + GOOD, GOOD.replace(b"\n", b"\r\n")])
def test_marks_and_line_ends_of_windows_are_read(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "alerts.toml").write_bytes(text)
    assert [rule.name for rule in load(tmp_path, {}).alerts.rules] == ["A"]


def test_links_and_files_of_editors(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_bytes(GOOD)
    (tmp_path / "alerts.toml").symlink_to("real.toml")
    (tmp_path / "topics" / "x").mkdir(parents=True)
    (tmp_path / "topics" / "x" / ".#es.toml").symlink_to("someone@host.123")  # Emacs locks a file so
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / ".names.txt.swp").write_bytes(b"\0")
    assert len(load(tmp_path, {}).alerts.rules) == 1


@pytest.mark.parametrize("place", ["alerts.toml", "topics", "lists"])
def test_what_may_not_be_read_is_no_missing_file(tmp_path: Path, place: str) -> None:
    (tmp_path / "alerts.toml").write_bytes(GOOD)
    for folder in ("topics", "lists"):
        (tmp_path / folder).mkdir()
    (tmp_path / place).chmod(0)
    try:
        if os.access(tmp_path / place, os.R_OK):
            pytest.skip("this user may read everything")
        with pytest.raises(Faults) as caught:
            load(tmp_path, {})
    finally:
        (tmp_path / place).chmod(0o700)
    (fault,) = caught.value.faults
    assert (fault.file, fault.reason) == (place, "Permission denied")
