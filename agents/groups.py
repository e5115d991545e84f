"""Defines the consumer groups of the stages: which streams each group reads, with a Faust agent.

The agent only passes each message to the window of its stage. Every stage has its own group, so that a stage that waits
does not block the others; backfill streams have their own groups too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from agents.app import App, Broker, make_app
from agents.later import Later
from pipeline.log.claims import is_claim
from pipeline.log.groups import LATER, groups_of
from pipeline.log.messages import read_message
from pipeline.stage import Message, Position, Stage


@dataclass(frozen=True)
class ConsumerGroup:
    """A stage and the streams that it reads in one consumer group."""

    name: str
    stage: Stage
    streams: tuple[str, ...]

    @property
    def owns_state(self) -> bool:
        """Whether the stage's state belongs to this group: it moves with the partitions of its anchor."""
        return self.stage.anchor in self.streams


def consumer_groups(stages: Iterable[Stage]) -> Iterator[ConsumerGroup]:
    """The consumer groups of these stages."""
    for stage in stages:
        for name, streams in groups_of(stage.name, stage.reads).items():
            yield ConsumerGroup(name, Later() if name == LATER else stage, streams)


def group_app(group: ConsumerGroup, broker: Broker, take: Callable[[Message], None]) -> App:
    """The Faust app that passes the messages of the group to `take`."""
    app = make_app(group.name, broker)
    names = [broker.prefix + stream for stream in group.streams]
    source = app.topic(*names, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    @app.agent(source, name=group.name)
    async def agent(stream: Any) -> None:
        async for event in stream.noack().events():
            take(message_of(event.message, broker.prefix))

    return app


def message_of(raw: Any, prefix: str) -> Message:
    """The message of Faust in the form that stages use. Never raises: Faust would skip the message.

    A claim on a state stream that the stage only reads becomes a tombstone: it is acknowledged, and has no record.
    """
    at = Position(raw.topic.removeprefix(prefix), raw.partition, raw.offset)
    written = None if raw.timestamp is None else round(raw.timestamp * 1000)
    message = read_message(at, raw.key, raw.value, written, raw.headers or ())
    return replace(message, value=None) if is_claim(message) else message
