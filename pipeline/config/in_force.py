"""Remembers in the data folder which configuration was last in force there, and what was accepted to be lost.

So a file that was emptied by mistake is also refused after a restart. Each configuration folder has its own past. The
daemon alone writes the one file, `almenara accept` the other.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from pipeline.config.contents import Contents, FileContents
from pipeline.config.losses import Loss, losses
from pipeline.core.faults import Fault

T = TypeVar("T", bound=msgspec.Struct)


class _Past(msgspec.Struct, frozen=True):
    folder: str
    number: int  # rises with each change: what was accepted holds for one change only
    files: dict[str, FileContents]


class _Accepted(msgspec.Struct, frozen=True):
    number: int  # of the past from which something is lost
    files: dict[str, str]  # file -> hash of its new content


class InForce:
    """The past of one configuration folder in one data folder. Another path of the folder is another past."""

    def __init__(self, data: Path, folder: Path) -> None:
        self.folder = Path(os.path.abspath(folder))  # not resolved: `current` may lead to another folder tomorrow
        key = hashlib.blake2b(str(self.folder).encode(), digest_size=4).hexdigest()
        self._file, self.accepted_file = data / f"in-force-{key}.json", data / f"accepted-{key}.json"

    def past(self) -> Contents | None:
        """What was last in force; None if nothing was, or if that cannot be read."""
        found = _read(self._file, _Past)
        return found.files if found else None

    def losses(self, now: Contents) -> tuple[Loss, ...]:
        """What `now` has lost and nobody accepted."""
        past, accepted = _read(self._file, _Past), _read(self.accepted_file, _Accepted)
        if past is None:
            return ()
        known = accepted.files if accepted and accepted.number == past.number else {}
        return tuple(loss for loss in losses(past.files, now) if known.get(loss.file) != loss.hash)

    def refusals(self, now: Contents) -> tuple[Fault, ...]:
        """The same as faults."""
        return tuple(loss.fault() for loss in self.losses(now))

    def accept(self, accepted: Iterable[Loss]) -> None:
        """Remember that this may be lost, with exactly these contents. Raises OSError."""
        past, known = _read(self._file, _Past), _read(self.accepted_file, _Accepted)
        if past is None:
            return
        files = dict(known.files) if known and known.number == past.number else {}
        files |= {loss.file: loss.hash for loss in accepted}
        _write(self.accepted_file, _Accepted(past.number, files))

    def keep(self, now: Contents) -> None:
        """Remember that `now` is in force. Raises OSError."""
        past = _read(self._file, _Past)
        if past is None or past.files != now:
            _write(self._file, _Past(str(self.folder), past.number + 1 if past else 1, dict(now)))


def _read(file: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _write(file: Path, record: msgspec.Struct) -> None:
    """Write the whole file or nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".new-")
    try:
        with open(descriptor, "wb") as out:
            out.write(msgspec.json.encode(record))
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, file)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        raise
