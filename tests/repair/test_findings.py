"""What happened to streams, and which groups a repair concerns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.config.settings import Keep
from pipeline.log.groups import all_groups
from pipeline.log.streams import declared_streams
from pipeline.records import Incarnation, encode
from pipeline.repair.findings import READ_AGAIN, STATE_OF, Findings, find, readers_of
from pipeline.stage import Message, Position

NAMES = [stream.name for stream in declared_streams(Keep(), 72 * 3600.0)]
ALL = {name: f"{name}-1" for name in NAMES}
AT = datetime(2026, 3, 1, tzinfo=UTC)


class Broker:
    """A broker with these topics, remembered ones, and committed offsets; every partition ends at 10."""

    def __init__(
        self, now: Mapping[str, str], before: Mapping[str, str], committed: Mapping[str, tuple[int, str]]
    ) -> None:
        self.streams = dict.fromkeys(NAMES)
        self._now, self._before, self._committed = now, before, committed

    async def incarnations(self) -> dict[str, str]:
        return dict(self._now)

    async def positions(self) -> dict[tuple[str, str, int], tuple[int, str]]:
        return {("g", name, 0): at for name, at in self._committed.items()}

    async def ends(self) -> dict[tuple[str, int], int]:
        return {(name, 0): 10 for name in self._now}

    async def replay(self, stream: str) -> AsyncIterator[Message]:
        for number, (name, topic) in enumerate(self._before.items()):
            yield Message(Position(stream, 0, number), name, encode(Incarnation(stream=name, topic=topic)), AT)


def without(*names: str) -> dict[str, str]:
    return {name: topic for name, topic in ALL.items() if name not in names}


@pytest.mark.parametrize(
    ("now", "before", "committed", "found"),
    [
        (ALL, ALL, {}, Findings()),
        ({}, {}, {}, Findings(new=tuple(NAMES))),
        (ALL, without("tagged"), {"tagged": (3, "tagged-1")}, Findings()),
        (without("tagged"), without("tagged"), {}, Findings(new=("tagged",))),
        (without("tagged"), ALL, {}, Findings(missing=("tagged",))),
        (ALL | {"tagged": "2"}, ALL, {}, Findings(created_again=("tagged",))),
        (ALL | {"tagged": "2"}, without("tagged"), {"tagged": (3, "tagged-1")}, Findings(created_again=("tagged",))),
        (ALL, ALL, {"tagged": (11, "tagged-1")}, Findings(cut_off=("tagged",))),
        (ALL, ALL, {"tagged": (10, "")}, Findings()),
        (without("tagged", "incarnations"), {}, {}, Findings(missing=("tagged", "incarnations"))),
    ],
)
async def test_what_happened(
    now: dict[str, str], before: dict[str, str], committed: dict[str, tuple[int, str]], found: Findings
) -> None:
    broker: Any = Broker(now, before, committed)
    assert await find(broker) == found
    assert len(found.lines()) == len(found.lost) + len(found.new)


@pytest.mark.parametrize("stream", NAMES)
def test_the_groups_concerned_read_write_or_remember_the_stream(stream: str) -> None:
    groups = Findings(missing=(stream,)).groups()
    assert groups <= set(all_groups())
    assert {group for group, streams in readers_of().items() if stream in streams} <= groups


def test_what_is_read_again_is_what_the_groups_read() -> None:
    assert set(READ_AGAIN) | set(STATE_OF) <= set(NAMES)
    for groups in READ_AGAIN.values():
        for group, streams in groups.items():
            assert set(streams) <= set(readers_of()[group])
