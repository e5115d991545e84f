"""Appends alerts to a file, one JSON object per line."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pipeline.backends.channels.alone import alone
from pipeline.backends.channels.payload import alert_json, message_json
from pipeline.backends.channels.thread import ChannelThread
from pipeline.core.messages.form import Voice
from pipeline.ports import SendFailed
from pipeline.records import Message

TAIL = 8 * 2**20  # bytes of a file that are read at start to find its alerts; about 4,000 alerts
KEPT = 5  # older files that a channel with max_mb keeps


class JsonLinesChannel:
    """Appends one alert per line: durable when `send` returns, and never the same alert twice. A message without alerts
    is a line, too.

    Where there is a Kibana, a line has the link as `kibana`. At start the ids are read from the end of the file, and a
    line that a crash left incomplete is removed. Several processes of a machine may write to one file, which may be
    moved away at any time. With `max_bytes`, a full file becomes PATH.1, and so on up to PATH.5.
    """

    def __init__(self, path: Path, max_bytes: int | None = None, voice: Voice | None = None) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self._voice = voice or Voice()
        self._thread = ChannelThread()
        self._known: dict[str, None] | None = None

    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        try:
            await self._thread.run(self._append, message)
        except OSError as error:
            raise SendFailed(f"{self.path}: {error.strerror or type(error).__name__}") from error
        return f"written to {self.path}"

    def changed(self) -> bool:
        return False

    async def close(self) -> None:
        self._thread.close()

    def _append(self, message: Message) -> None:
        if self.path.exists() and not self.path.is_file():
            raise OSError(errno.EINVAL, "not a regular file")  # reading from a device may never end
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with alone(self.path.parent):  # what another process is writing looks like a torn line
            if self._known is None:
                _cut_torn_line(self.path)
                self._known = dict.fromkeys(_ids(_numbered(self.path, 1)) + _ids(self.path))
            new = {id: line for id, line in self._lines(message) if id not in self._known}
            if new:
                self._write(b"".join(new.values()))
                self._known.update(dict.fromkeys(new))

    def _write(self, lines: bytes) -> None:
        self._rotate(len(lines))
        with self.path.open("ab", buffering=0) as file:  # a buffer would be written on closing, even after an error
            before = file.seek(0, os.SEEK_END)
            try:
                left = memoryview(lines)
                while left:
                    left = left[file.write(left) :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(before)  # half a line would count as an alert; truncating works on a full disk too
                raise

    def _lines(self, message: Message) -> list[tuple[str, bytes]]:
        """The lines of a message, each with its id."""
        if not message.alerts:
            row = message_json(message, self._voice)
            return [(message.id, msgspec.json.encode({"id": message.id, **row}) + b"\n")]
        rows = ((alert.id, alert_json(alert, self._voice.kibana)) for alert in message.alerts)
        return [(id, msgspec.json.encode(row) + b"\n") for id, row in rows]

    def _rotate(self, more: int) -> None:
        if self.max_bytes is None or not self.path.exists() or self.path.stat().st_size + more <= self.max_bytes:
            return
        for number in range(KEPT, 0, -1):
            older = _numbered(self.path, number - 1)
            if older.exists():
                older.replace(_numbered(self.path, number))


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}") if number else path


def _cut_torn_line(path: Path) -> None:
    """Remove an incomplete last line: the process died while writing it, and it was not recorded as sent."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        end = size
        while end > 0:
            start = max(0, end - 65536)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            if found >= 0:
                end = start + found + 1
                break
            end = start
        if end < size:
            file.truncate(end)


def _ids(path: Path) -> list[str]:
    """Ids of the alerts in the last TAIL bytes. Other lines are skipped."""
    if not path.exists():
        return []
    found = []
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
        for line in file:
            try:
                found.append(msgspec.json.decode(line, type=_Id).id)
            except msgspec.MsgspecError:
                continue
    return found


class _Id(msgspec.Struct):
    id: str
