"""The records of stories that relate writes and reads back: whole, or in steps (core/stories/steps.py).

A record that was not written for the length of the window is deleted from the stream once the index has the same. If a
decision needs it again, the index is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from msgspec.structs import replace

from pipeline.core.stories.steps import assembled, story_of_key, written
from pipeline.failpoints import point
from pipeline.ports import AgeingCache
from pipeline.records import Story, encode
from pipeline.stage import Emit, Message, Out
from pipeline.stages.ageing import Ageing, Owns
from pipeline.stages.cached import Cached

ASSEMBLED = 512  # records of large stories that are kept put together
LOOKED = 200  # old records that are looked up in the index together; about 300 kB
AGAIN = timedelta(days=1)  # after which old records that the index lacked are looked up again

T = TypeVar("T")


class IndexedStories(Protocol):
    """The records of stories in the index."""

    async def stories(self, ids: Sequence[str]) -> Mapping[str, Story]:
        """Those of `ids` that are there. Raises Unavailable."""
        ...


class StoryRecords(Cached[Story]):
    """The newest record of each story; `get` puts steps together."""

    def __init__(
        self, cache: AgeingCache[Story], window: float, index: IndexedStories | None,
        known: Callable[[Sequence[str]], Collection[str]], absorb_every: int, looked: int = LOOKED,
    ) -> None:  # fmt: skip
        """`window`: see Ageing. `index` None: nothing is deleted. `known`: which of some articles are known: a story
        has the id of an article, so only then there may be an old record of it. `looked`: see LOOKED."""
        self._aged, self._index, self._known_of, self._looked = cache, index, known, looked
        self._ageing = Ageing(window)
        super().__init__("stories", cache, absorb_every)

    def forget(self) -> None:
        super().forget()
        self._ageing.forget()
        self._sent: dict[str, Out] = {}  # by story, what was published last and is not in the cache yet
        self._made: dict[str, tuple[Out, Story]] = {}  # what `outs` made of each, not published yet
        self._assembled: dict[str, Story] = {}
        self._old: dict[str, Story | None] = {}  # what the index has of those that the stream lacks, for one decision
        self._lacking: list[str] = []  # ids that were looked up and are in neither
        self._passed = ""  # key of the last record that is old and had to stay
        self._ended: datetime | None = None  # when all had been looked at once

    def asks(self, owns: Owns) -> None:
        self._ageing.asks(owns)

    def outs(self, stories: Sequence[Story]) -> tuple[Out, ...]:
        """What to publish for these records, in their order. Raises Unavailable."""
        made = []
        before = self._on_stream([story.id for story in stories])
        for story in stories:
            known = before.get(story.id)
            key, record, now = written(known if known != story else None, story)
            made.append(Out(self.stream, key, record))
            self._made[story.id] = made[-1], now
        return tuple(made)

    def sent(self, outs: Sequence[Out], kind: type[Story] = Story) -> None:
        for out in outs:
            if out.stream == self.stream and isinstance(out.record, kind):
                made, now = self._made.get(out.record.id, (None, out.record))
                self._unabsorbed[out.record.id] = now if made is out else out.record
                self._sent[out.record.id] = out
        self._made.clear()

    # -- looking up -------------------------------------------------------------------------------------------------

    def get(self, ids: Sequence[str]) -> dict[str, Story]:
        """The records of `ids` that are there; of those that only the index has, what `complete` found."""
        found = self._on_stream(ids)
        missing = [id for id in ids if id not in found]
        self._lacking += [id for id in missing if id not in self._old]
        return found | {id: old for id in missing if (old := self._old.get(id))}

    def _on_stream(self, ids: Sequence[str]) -> dict[str, Story]:
        found = {id: self._unabsorbed[id] for id in ids if id in self._unabsorbed}
        found |= {id: self._assembled[id] for id in ids if id in self._assembled and id not in found}
        for id, story in super().get([id for id in ids if id not in found]).items():
            found[id] = assembled(story, lambda keys: self._guarded(lambda: self._cache.get(keys)))
            if found[id].steps:
                self._keep(found[id])
        return found

    def _keep(self, story: Story) -> None:
        if len(self._assembled) >= ASSEMBLED:
            self._assembled.pop(next(iter(self._assembled)))
        self._assembled[story.id] = story

    async def complete(self, make: Callable[[], T], new: Collection[str] = ()) -> T:
        """What `make` returns when `get` has given it every record that there is. It is called again with those of the
        index, and must change nothing. `new`: ids of articles that are not known yet. Raises Unavailable."""
        self._old = {}
        while True:
            self._lacking = []
            made = make()
            lacking = [id for id in dict.fromkeys(self._lacking) if id not in new]
            if not lacking or self._index is None:
                return made
            known = self._known_of([_article(id) for id in lacking])
            wanted = [id for id in lacking if _article(id) in known]
            found = await self._index.stories(wanted) if wanted else {}
            point("relate.asked")
            self._old |= {id: replace(found[id], steps=0) if id in found else None for id in lacking}
            if not found:
                return made

    # -- reading back -----------------------------------------------------------------------------------------------

    def _absorb(self, batch: Sequence[Message]) -> None:
        self._cache.absorb(batch)
        for message in batch:
            id = story_of_key(message.key)
            self._assembled.pop(id, None)
            sent = self._sent.get(id)
            same = sent and sent.record and sent.key == message.key and encode(sent.record) == message.value
            if same and not message.stale:
                del self._sent[id], self._unabsorbed[id]

    def cleared(self) -> None:
        self._assembled.clear()

    # -- deleting what is old ---------------------------------------------------------------------------------------

    async def tick(self, now: datetime) -> Emit | None:
        """Delete some of what is old from the stream; None if there was nothing. All that was sent must be durable, and
        what this returns must be read back before the next record is written."""
        if self._read is None or self._index is None:
            return None
        return await self._ageing.tick(now, self._deleted)

    async def _deleted(self, before: datetime) -> Sequence[Out] | None:
        await self.settled(now=True)
        if self._ended and before - self._ended >= AGAIN:
            self._passed, self._ended = "", None
        due = self._guarded(lambda: self._aged.due(before, self._looked, self._passed))
        whole = [key for key, record in due.items() if record.after is None]
        # Others are left of a story that was deleted before its steps were; or the cache was filled by an earlier
        # version, and does not say which these are.
        others = {key: record.id for key, record in due.items() if record.after is not None}
        there = self._guarded(lambda: self._cache.get(list(others.values()))) if others else {}
        steps = [key for key, id in others.items() if id not in there]
        gone = await self._indexed(whole, before)
        steps += self._guarded(lambda: self._aged.leading(gone)) if gone else ()
        self._passed = next((key for key in reversed(due) if key not in gone and key not in steps), self._passed)
        full = len(due) == self._looked
        if not full:
            self._ended = self._ended or before
        # First the whole record: without it, its steps mean nothing.
        return [Out(self.stream, key, None) for key in (*gone, *steps)] or (() if full else None)

    async def _indexed(self, ids: Sequence[str], before: datetime) -> list[str]:
        """Those of these stories that did not change since `before` and are the same in the index. Raises
        Unavailable."""
        assert self._index
        stories = {
            id: replace(story, steps=0) for id, story in self._on_stream(ids).items()
            if story.changed < before and id not in self._unabsorbed
        }  # fmt: skip
        found = await self._index.stories(list(stories)) if stories else {}
        point("relate.old")
        return [id for id, story in stories.items() if id in found and replace(found[id], steps=0) == story]


def _article(id: str) -> str:
    """The article that a story has its id from; `id` may be that of a record that leads on (`record.lead_key`)."""
    return id.partition("/")[0]
