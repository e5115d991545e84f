"""Keeps what is remembered of an alert small: there may be hundreds of thousands, and few are looked at again."""

from __future__ import annotations

import zlib
from datetime import datetime
from sys import intern

import msgspec

from pipeline.records import Alert, AlertState, Traits

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(AlertState)

#: `why` of a held alert -> the lane in which it waits.
LANES = {
    "story": "story", "change": "change", "throttle": "open", "quiet": "open", "budget": "digest", "digest": "digest",
    "backlog": "backlog", "flood": "backlog",
}  # fmt: skip


class Entry:
    """One alert with a state. `reported`: a message reports it. `body`: the alert, while it waits and is one of
    the first.

    What decides is at hand, the rest is packed.
    """

    __slots__ = (
        "_packed",
        "article",
        "at",
        "body",
        "country",
        "id",
        "kind",
        "language",
        "merged",
        "message",
        "moved",
        "number",
        "original",
        "reported",
        "rule",
        "score",
        "source",
        "status",
        "story",
        "version",
        "why",
    )  # fmt: skip

    def __init__(self, state: AlertState) -> None:
        self.id, self.number, self.version, self.at, self.score = (
            state.id, state.number, state.version, state.at, state.score,
        )  # fmt: skip
        self.rule, self.status, self.why, self.kind = map(intern, (state.rule, state.status, state.why, state.kind))
        self.article, self.story, self.merged = state.article, state.story, state.merged
        self.original = self.article if state.original == state.article else state.original
        self.source, self.country, self.language = (
            intern(state.source), intern(state.country or ""), intern(state.language or ""),
        )  # fmt: skip
        self.reported = state.status == "reported"
        self.message = state.message
        self.moved = state.moved if state.status == "held" else None
        self.body: Alert | None = state.alert if state.status == "held" else None
        self._packed: bytes | AlertState = state

    def state(self) -> AlertState:
        """The record, without the alert itself."""
        if isinstance(self._packed, bytes):
            return _decoder.decode(zlib.decompress(self._packed))
        return msgspec.structs.replace(self._packed, alert=None)

    def pack(self) -> Entry:
        """Make it small, to be kept."""
        if not isinstance(self._packed, bytes):
            self._packed = zlib.compress(_encoder.encode(self.state()), 1)
        return self

    @property
    def traits(self) -> Traits | None:
        return self.state().traits

    @property
    def waits(self) -> bool:
        """Whether it is held and no message reports it."""
        return self.status == "held" and not self.reported

    @property
    def group(self) -> tuple[str, str]:
        """The story of the rule that it belongs to. What is about no article belongs to none, and so only to itself."""
        return self.rule, self.story or f"/{self.id}"

    @property
    def lane(self) -> tuple[str, str, str]:
        """Rule, lane and story, of one that is held."""
        lane = LANES[self.why]
        return self.rule, lane, self.story if lane in ("story", "change") else ""

    def since(self, now: datetime) -> datetime:
        """When it came into its lane; at the latest `now`: a clock may have been wrong."""
        return min(max(self.at, self.moved or self.at), now)
