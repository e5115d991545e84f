"""A relate stage with its log, and articles for it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from msgspec.structs import replace

from pipeline.backends.state_sqlite import ArchiveSqlite
from pipeline.core.stories.copies import text_row
from pipeline.core.stories.features import row_of
from pipeline.core.stories.place import Score
from pipeline.core.stories.relate import Options
from pipeline.core.stories.steps import assembled
from pipeline.core.stories.traits import traits
from pipeline.core.text.prose import body
from pipeline.core.urls import article_id
from pipeline.ports import StateCache
from pipeline.records import (
    Article,
    Document,
    Fingerprint,
    Known,
    Relation,
    Sourced,
    Story,
    StoryRequest,
    Tagged,
    Tags,
    decode,
    encode,
)
from pipeline.stage import Drop, Emit, Message, Out, Outcome, Position
from pipeline.stages.relate import Existing, Relate
from pipeline.stages.tag import NONE
from tests.contracts.test_state_cache import CacheMemory
from tests.options import SETTINGS
from tests.reading import state_of

T0 = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

FERRY = (
    "The harbour council of Valmora voted 31 to 12 on Tuesday to reopen the old ferry line to Isla Brenta. "
    "Council leader Irene Sandoval said the first boat would sail in spring with room for 1,250 passengers. "
    "The line was given up nine years ago when the bridge at Puerto Calma was finished, and has been missed since."
)
RAIN = (
    "Heavy rain closed three roads around Norberg on Monday night, and the fire brigade pumped out 140 cellars. "
    "The weather service expects another 40 millimetres before the front moves off to the east on Wednesday. "
    "Schools in the valley of the Lind stay closed, said the mayor, Tobias Ekholm, after a meeting of the district."
)
QUAKE = (
    "A quake of magnitude 5.4 shook the coast near Puerto Calma at 6.12 in the morning and cracked 30 houses. "
    "Nobody was hurt, said the civil defence of the province, and the harbour went back to work before noon. "
    "It was the strongest since the one of 1987, which had destroyed the old church of San Telmo in Valmora."
)


class MemoryLog:
    """State topics in memory. `known` and `stories` are compacted at each write, as the embedded log does."""

    def __init__(self) -> None:
        self.messages: dict[str, list[Message]] = {}
        self.ends: dict[str, int] = {}
        self.now = T0

    def publish(self, outs: Sequence[Out]) -> None:
        for out in outs:
            offset = self.ends.get(out.stream, 0)
            self.ends[out.stream] = offset + 1
            stored = self.messages.setdefault(out.stream, [])
            if out.stream in ("known", "stories"):
                stored[:] = [message for message in stored if message.key != out.key]
            value = encode(out.record) if out.record else None
            stored.append(Message(Position(out.stream, 0, offset), out.key, value, self.now))

    async def replay(self, stream: str, since: int = 0) -> AsyncIterator[Message]:
        for message in list(self.messages.get(stream, [])):
            if message.at.offset >= since:
                yield message


def tagged(
    url: str, text: str = FERRY, *, title: str = "Ferry line to reopen", seen: datetime = T0, vector: str | None = None,
    source: str | None = None, aliases: Sequence[str] = (), removed: str = "",
    agency: tuple[str, ...] = (), **more: Any,
) -> Tagged:  # fmt: skip
    """An article as tag hands it on. Articles with one word as `vector` are near each other, with two they are not."""
    article = Article(
        id=article_id(url), url=url, feed="f", source=source or url.split("/")[2], text=text, seen=seen, language="en",
        title=Sourced(value=title, source="feed"), aliases=tuple(map(article_id, aliases)),
        content_hash=hashlib.sha256(f"{title}\n{text}".encode()).hexdigest(), **more,
    )  # fmt: skip
    if removed:  # as clean makes it
        article = replace(article, text="", content_hash="", removed=removed, aliases=())
        return Tagged(article=article, tags=Tags(rules="r"), fingerprint=NONE)
    tags = Tags(rules="r", agency=agency)
    return Tagged(article=article, tags=tags, fingerprint=prints(article, vector or text, agency))


def prints(article: Article, vector: str, agency: tuple[str, ...] = ()) -> Fingerprint:
    prose = body(article.text)
    seed = hashlib.sha256(vector.encode()).digest()[:4]
    steps = np.random.default_rng(list(seed)).integers(-60, 60, 512).astype(np.int8).tobytes()
    found = traits(article.title.value, prose, "en")
    return Fingerprint(
        features=row_of(article, Tags(rules="r"), prose, steps), text=text_row(article, agency, prose, found),
        traits=found,
    )  # fmt: skip


class House:
    """A relate stage with its log, fed one input after the other."""

    def __init__(self, options: Options | None = None, absorb_every: int = 3, score: Score | None = None) -> None:
        self.options, self.absorb_every, self.score = options, absorb_every, score
        self.asked = 0
        self.log, self.cache, self.offset = MemoryLog(), CacheMemory(Known), 0
        self.archive: StateCache[Known] = ArchiveSqlite(":memory:")
        self.existing: Existing | None = None
        self.page, self.looked = 2, 3
        self.stories = CacheMemory(Story)
        self.stage = self._new()

    def _new(self) -> Relate:
        return Relate(
            self.cache, self.archive, self.stories, SETTINGS.relate.window, self.options, self.absorb_every,
            existing=self.existing, score=self.score, page=self.page, looked=self.looked,
        )  # fmt: skip

    async def restart(self, cache: CacheMemory[Known] | None = None) -> None:
        self.cache = cache or self.cache
        self.stage = self._new()
        await self.stage.restore(state_of(self.stage, self.log.replay))

    async def feed(self, record: Tagged) -> Outcome:
        self.offset += 1
        return await self.take(record, Position("tagged", 0, self.offset - 1))

    async def ask(self, request: StoryRequest) -> Outcome:
        self.asked += 1
        return await self.take(request, Position("story-requests", 0, self.asked - 1))

    async def take(self, record: Tagged | StoryRequest, at: Position) -> Outcome:
        outcome = await self.stage.step(record, at)
        assert isinstance(outcome, Emit | Drop)
        self.log.publish(outcome.outs)
        await self.stage.settled(outcome.outs)
        return outcome

    async def archive_old(self, ticks: int = 1000, days: float = 20) -> int:
        """Days pass; move what is old to the archive, in at most so many ticks. Returns how many there were."""
        self.log.now += timedelta(days=days)
        for number in range(ticks):
            emit = await self.stage.tick(self.log.now + number * timedelta(minutes=2))
            if emit is None:
                return number
            self.log.publish(emit.outs)
            await self.stage.settled(emit.outs)
        return ticks

    def values(self, stream: str) -> list[bytes]:
        """What is on a stream, in order."""
        return [message.value for message in self.log.messages.get(stream, []) if message.value]


def records_of(house: House) -> dict[str, Story]:
    """The records of stories on the log, by id, with their steps put together."""
    messages = house.log.messages.get("stories", [])
    found = {message.key: decode(Story, message.value) for message in messages if message.value}

    def get(keys: Sequence[str]) -> dict[str, Story]:
        return {key: found[key] for key in keys if key in found}

    return {id: replace(assembled(one, get), steps=0) for id, one in found.items() if one.after is None}


def document(outcome: Outcome) -> Document:
    assert isinstance(outcome, Emit), outcome
    found = outcome.outs[0].record
    assert isinstance(found, Document)
    return found


def relation(outcome: Outcome) -> Relation:
    return document(outcome).relation


def reason(outcome: Outcome) -> str:
    assert isinstance(outcome, Drop), outcome
    return outcome.reason


A, B, C = "https://a.example/ferry", "https://b.example/ferry", "https://c.example/boats"
