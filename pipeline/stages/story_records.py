"""The records of stories that relate writes and reads back: whole, or in steps (core/stories/steps.py)."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.stories.steps import assembled, story_of_key, written
from pipeline.ports import StateCache
from pipeline.records import Story, encode
from pipeline.stage import Message, Out
from pipeline.stages.cached import Cached

ASSEMBLED = 512  # records of large stories that are kept put together


class StoryRecords(Cached[Story]):
    """The newest record of each story; `get` puts steps together."""

    def __init__(self, cache: StateCache[Story], absorb_every: int) -> None:
        super().__init__("stories", cache, absorb_every)

    def forget(self) -> None:
        super().forget()
        self._sent: dict[str, Out] = {}  # by story, what was published last and is not in the cache yet
        self._made: dict[str, tuple[Out, Story]] = {}  # what `outs` made of each, not published yet
        self._assembled: dict[str, Story] = {}

    def outs(self, stories: Sequence[Story]) -> tuple[Out, ...]:
        """What to publish for these records, in their order. Raises Unavailable."""
        made = []
        before = self.get([story.id for story in stories])
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

    def get(self, ids: Sequence[str]) -> dict[str, Story]:
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
