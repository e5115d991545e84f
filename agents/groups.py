"""The stages of pipeline/flow.py as Faust agents: which streams each agent reads, in which consumer group.

    async for event in stream.noack().events(): window.take(message(event))

An agent does nothing else. Every stage has a group of its own, so that one that waits holds up no other, and old news
(streams that end in -backfill) has groups of its own beside the new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agents.app import App, Broker, make_app
from agents.in_order import Window
from agents.later import Later
from pipeline.core.timing.delays import STREAM as LATER
from pipeline.stage import Message, Position, Stage

BACKFILL = "-backfill"


@dataclass(frozen=True)
class Lane:
    """A stage, the streams that it reads in one consumer group, and whether the stage's state belongs to it."""

    group: str
    stage: Stage
    streams: tuple[str, ...]

    @property
    def owns(self) -> bool:
        return self.stage.anchor in self.streams


def lanes(stages: Iterable[Stage]) -> Iterator[Lane]:
    """The consumer groups of these stages."""
    for stage in stages:
        new = tuple(stream for stream in stage.reads if stream != LATER and not stream.endswith(BACKFILL))
        old = tuple(stream for stream in stage.reads if stream.endswith(BACKFILL))
        yield Lane(stage.name, stage, new)
        if old:
            yield Lane(stage.name + BACKFILL, stage, old)
        if LATER in stage.reads:
            yield Lane("later", Later(), (LATER,))


def agent(lane: Lane, broker: Broker, window: Window) -> App:
    """The app that brings the lane's messages to its window."""
    app = make_app(lane.group, broker)
    names = [broker.prefix + stream for stream in lane.streams]
    source = app.topic(*names, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    @app.agent(source, name=lane.group)
    async def take(stream: Any) -> None:
        async for event in stream.noack().events():
            window.take(message(event.message, broker.prefix))

    return app


def message(raw: Any, prefix: str) -> Message:
    """A message as the stages know it."""
    headers = dict(raw.headers or ())
    due = headers.get("due")
    return Message(
        Position(raw.topic.removeprefix(prefix), raw.partition, raw.offset),
        (raw.key or b"").decode(),
        raw.value,
        datetime.fromtimestamp(raw.timestamp, UTC),
        datetime.fromtimestamp(int(due) / 1000, UTC) if due else None,
    )
