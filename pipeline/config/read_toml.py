"""Reads files of the configuration from disk; whatever keeps them from being read is one clear fault."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from pipeline.core.faults import Fault, Faults
from pipeline.core.toml_reader import TomlFile

LARGEST = 200_000_000  # bytes
DEEPEST = 5  # folders inside each other; links may lead in a circle
READABLE = "check that the file exists and is readable"


def read_bytes(file: Path, name: str = "") -> bytes:
    """The bytes of a file, called `name` in faults. Raises Faults if it cannot be read."""
    try:
        found = file.stat()
        if stat.S_ISDIR(found.st_mode):
            raise _fault(name or file.name, "is a folder, not a file", "move it away, or write a file")
        if not stat.S_ISREG(found.st_mode):  # reading a pipe would wait for ever
            raise _fault(name or file.name, "is no ordinary file", "write a file")
        if found.st_size > LARGEST:
            raise _fault(name or file.name, f"has {found.st_size:,} bytes, at most {LARGEST:,} are read", "split it")
        return file.read_bytes()
    except OSError as error:
        raise _fault(name or file.name, *_why(file, error)) from error


def _why(file: Path, error: OSError) -> tuple[str, str]:
    if error.errno in (errno.ENOENT, errno.ELOOP) and file.is_symlink():
        return f"is a link to {os.readlink(file)}, which cannot be read", "correct the link, or put a file there"
    return error.strerror or str(error), READABLE


def read_toml(file: Path, name: str = "") -> TomlFile:
    """The parsed file, called `name` in faults. Raises Faults if it cannot be read or is not TOML."""
    name = name or file.name
    content = read_bytes(file, name)
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        reason = "has a NUL byte: it was not written to its end, or is not text"
        raise _fault(name, reason, "put back a copy of the file", line)
    return TomlFile.parse(name, content)


def is_there(file: Path) -> bool:
    """Whether something has this name, be it a link that leads nowhere, which is a fault and no missing file."""
    return os.path.lexists(file)


def files_in(folder: Path, patterns: Iterable[str]) -> list[str]:
    """The names, from `folder`, of the files that match a pattern: "alerts.toml", "lists/*.txt", "topics/**/*.toml".
    Hidden files are left out.

    Raises Faults for a folder that cannot be listed: it must not look as if it were empty.
    """
    found: list[str] = []
    for pattern in patterns:
        if "*" not in pattern:
            found += [pattern] if is_there(folder / pattern) else []
            continue
        deep, last = "**" in pattern, pattern.rpartition("/")[2]
        top = pattern.partition("*")[0].rstrip("/")
        names = _walk(folder / top, top, DEEPEST if deep else 0)
        found += sorted(name for name in names if fnmatch(name.rpartition("/")[2], last))
    return found


def _walk(place: Path, name: str, depth: int) -> Iterator[str]:
    try:
        entries = list(os.scandir(place))
    except FileNotFoundError:
        if place.is_symlink():
            raise _fault(name, f"is a link to {os.readlink(place)}, which is not there", "correct the link") from None
        return
    except OSError as error:
        raise _fault(name, error.strerror or str(error), "check that the folder is readable") from error
    for entry in entries:
        if entry.name.startswith("."):  # what editors and Kubernetes put beside the files
            continue
        inner = f"{name}/{entry.name}" if name else entry.name
        if not entry.is_dir():
            yield inner
        elif depth:
            yield from _walk(place / entry.name, inner, depth - 1)


def read_toml_folder(folder: Path, pattern: str) -> list[TomlFile]:
    """The files of a folder that match `pattern`, by name; names are relative to it. Raises Faults of all of them."""
    parsed: list[TomlFile] = []
    faults: list[Fault] = []
    for name in files_in(folder, (pattern,)):
        try:
            parsed.append(read_toml(folder / name, name))
        except Faults as error:
            faults += error.faults
    if faults:
        raise Faults(tuple(faults))
    return parsed


def _fault(name: str, reason: str, hint: str, line: int | None = None) -> Faults:
    return Faults((Fault(name, "", reason, hint, line),))
