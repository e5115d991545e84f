"""Cached files: what is damaged, or others could have written, is ignored."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.config.file_cache import FileCache, program_key

DATA = b"some data" * 100


@pytest.fixture
def cache(tmp_path: Path) -> FileCache:
    found = FileCache(tmp_path / "cache")
    assert found.write("rules", "1", DATA)
    return found


def test_what_was_written_is_read(cache: FileCache) -> None:
    assert cache.read("rules", "1") == DATA
    assert cache.has("rules", "1")
    assert cache.read("rules", "2") is None
    assert not cache.has("rules", "2")
    assert not list(cache.folder.glob(".new-*"))


def test_nobody_else_can_read_or_write_it(cache: FileCache) -> None:
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert (cache.folder / "rules-1").stat().st_mode & 0o777 == 0o600


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)


def _link(file: Path) -> None:
    file.rename(file.with_name("other"))
    file.symlink_to("other")


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(DATA),
        _cut,
        _flip,
        _link,
        lambda file: file.chmod(0o620),
        lambda file: file.chmod(0o602),
        lambda file: file.parent.chmod(0o777),
        lambda file: (file.unlink(), file.mkdir()),
    ],
)
def test_a_damaged_or_foreign_file_is_ignored(cache: FileCache, change: Callable[[Path], object]) -> None:
    change(cache.folder / "rules-1")
    assert cache.read("rules", "1") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give a file away")
def test_a_file_of_another_user_is_ignored(cache: FileCache) -> None:
    os.chown(cache.folder / "rules-1", 12345, -1)
    assert cache.read("rules", "1") is None


def test_what_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not FileCache(tmp_path / "file" / "cache").write("rules", "1", DATA)
    assert not FileCache(tmp_path / "cache").write("rules", "no/such/folder", DATA)
    assert list((tmp_path / "cache").iterdir()) == []


def test_old_files_of_a_kind_are_removed(cache: FileCache) -> None:
    for number in range(2, 7):
        cache.write("rules", str(number), DATA)
        os.utime(cache.folder / f"rules-{number}", (number, number))
    cache.write("places", "1", DATA)
    assert {file.name for file in cache.folder.iterdir()} == {"rules-1", "rules-5", "rules-6", "places-1"}


def test_the_key_of_the_program_is_the_same_for_every_call() -> None:
    assert program_key() == program_key.__wrapped__()
