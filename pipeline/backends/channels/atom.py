"""Keeps Atom feeds in a folder, one for each rule and one of everything; a web server gives them to feed readers."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from pipeline.backends.channels.alone import alone
from pipeline.backends.channels.thread import ChannelThread
from pipeline.core.feeds.write_atom import Entry, feed_with
from pipeline.core.messages.form import Limit, Medium, Voice
from pipeline.core.messages.write import written
from pipeline.ports import SendFailed
from pipeline.records import Alert, Message

ALL = "all.xml"


class AtomChannel:
    """An entry is written once: its id follows from that of the alert. Files are replaced as a whole."""

    def __init__(self, folder: Path, most: int = 100, voice: Voice | None = None) -> None:
        """`most`: entries of a feed."""
        self.folder, self._most, self._voice = folder, most, voice or Voice()
        self._thread = ChannelThread()

    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        try:
            return await self._thread.run(self._add, message)
        except OSError as error:
            raise SendFailed(f"{self.folder}: {error.strerror or type(error).__name__}") from error

    def changed(self) -> bool:
        return False

    async def close(self) -> None:
        self._thread.close()

    def _add(self, message: Message) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        with alone(self.folder):
            return self._write(message)

    def _write(self, message: Message) -> str:
        rules: dict[str, tuple[str, list[Entry]]] = {}
        for rule, name, entry in self._entries(message):
            rules.setdefault(rule, (name, []))[1].append(entry)
        everything = [entry for _, entries in rules.values() for entry in entries]
        for rule, (name, entries) in rules.items():
            if rule:
                self._update(file_name(rule), f"rule/{rule}", f"Almenara: {name}", entries)
        self._update(ALL, "all", "Almenara: all alerts", everything)
        return f"written to {self.folder}"

    def _entries(self, message: Message) -> list[tuple[str, str, Entry]]:
        """Key and name of the rule, and the entry: one for each alert, or one for a message that has none."""
        if not message.alerts:
            return [(message.rule, message.name, self._entry(message, None))]
        found = []
        for alert in message.alerts:
            alone = msgspec.structs.replace(
                message, id=alert.id, kind="alert", rule=alert.rule, name=alert.name, severity=alert.severity,
                alerts=(alert,), reported=(), covers=(), held_back=0, grown=None, text="",
                story=message.story if len(message.alerts) == 1 else None,
                changes=message.changes if len(message.alerts) == 1 else (),
            )  # fmt: skip
            found.append((alert.rule, alert.name, self._entry(alone, alert)))
        return found

    def _entry(self, message: Message, alert: Alert | None) -> Entry:
        (part,) = written(message, Medium.HTML, Limit(title=250, parts=1), self._voice)
        labels = (("rule", message.name), ("severity", message.severity), ("kind", message.kind))
        if alert is None:
            return Entry(f"message/{message.id}", part.title, part.body, message.at, "Almenara", categories=labels)
        return Entry(
            f"alert/{alert.id}", part.title, part.body, message.at, alert.source, alert.url,
            alert.published.value if alert.published else None,
            labels + tuple(("topic", topic) for topic in alert.topics),
        )  # fmt: skip

    def _update(self, file: str, name: str, title: str, entries: Sequence[Entry]) -> None:
        path = self.folder / file
        before = path.read_bytes() if path.exists() else None
        after = feed_with(before, name, title, entries, self._most)
        if after is not None:
            _replace(path, after)


def file_name(rule: str) -> str:
    """The file of a rule, by its key: readable, and different for each rule."""
    plain = unicodedata.normalize("NFKD", rule).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return f"{slug or 'rule'}-{hashlib.sha256(rule.encode()).hexdigest()[:8]}.xml"


def _replace(path: Path, content: bytes) -> None:
    """Put a whole new file in place of the old one, durably: a reader sees either."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)  # mkstemp makes it private; a web server must read it
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
