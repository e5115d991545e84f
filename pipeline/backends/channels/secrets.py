"""Reads secrets from files and the environment. A file is read again when it changes: no restart, no reload.

Kubernetes replaces the files of a secret by changing what a symbolic link leads to, so the file itself is looked at:
its inode, its size and when it was changed.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from pipeline.ports import SendFailed

MOST = 65536  # bytes of a file of secrets
_Mark = tuple[int, int, int, int]


class SecretFile:
    """The lines of a file of secrets; empty ones and comments (#) are left out. `key`: its name in alerts.toml."""

    def __init__(self, key: str, path: Path) -> None:
        self.key, self.path = key, path
        self._looked: _Mark | None = None  # of the last look; None: there was no file
        self._read: _Mark | None = None  # of the content that is kept
        self._lines: tuple[str, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """The lines as the file is now, at least one. Raises SendFailed (broken)."""
        try:
            self._looked = None
            self._looked = mark = self._look()
            if mark != self._read:
                self._lines = _lines_of(self.path)
                self._read = mark
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise SendFailed(f"{self.key} {self.path}: {why}", "broken") from None
        if not self._lines:
            raise SendFailed(f"{self.key} {self.path} is empty", "broken")
        return self._lines

    def changed(self) -> bool:
        """Whether the file is another one than at the last look. Cheap: it is not read."""
        try:
            return self._look() != self._looked
        except OSError:
            return self._looked is not None

    def doubt(self) -> str:
        """What is wrong with the file, or "": it cannot be read, is empty, or others than its owner can read it."""
        try:
            self.lines()
            mode = self.path.stat().st_mode
        except SendFailed as error:
            return str(error)
        except OSError as error:
            return f"{self.key} {self.path}: {error.strerror}"
        if mode & (stat.S_IRWXO):
            return f"{self.key} {self.path} can be read by every user of this machine: chmod o-rwx"
        return ""

    def _look(self) -> _Mark:
        found = os.stat(self.path)
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _lines_of(path: Path) -> tuple[str, ...]:
    with path.open("rb") as file:
        content = file.read(MOST + 1)
    if len(content) > MOST:
        raise ValueError("is too large for a file of secrets")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


class Secrets:
    """Values that are written in alerts.toml, or stand in a file. In the former, ${NAME} is read from the environment
    once. Raises ValueError, without a value, if a variable is not set."""

    def __init__(self, written: tuple[str, ...], file: SecretFile | None, environment: Mapping[str, str]) -> None:
        self._written = tuple(filled(text, environment) for text in written)
        self.file = file

    def values(self) -> tuple[str, ...]:
        """The values as they are now. Raises SendFailed (broken)."""
        return self.file.lines() if self.file else self._written

    def changed(self) -> bool:
        return self.file is not None and self.file.changed()


def filled(text: str, environment: Mapping[str, str]) -> str:
    """`text` with ${NAME} replaced by the environment variable. Raises ValueError if that is not set."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in environment:
            raise ValueError(f"the environment variable {found[1]} is not set")
        return environment[found[1]]

    return re.sub(r"\$\{(\w+)\}", value, text)
