"""Writes the records of stories to the index: puts steps together (core/stories/steps.py), and of records of a story
that wait together writes only the last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from pipeline.core.stories.steps import continued
from pipeline.ports import IndexWriter
from pipeline.records import Story
from pipeline.stage import Unavailable

PATIENCE = 10.0  # seconds that a step waits for the record before it, if no write that failed may still bring it
LOOKS = 10  # in this time: an index may show what was written only a second later
RECENT = 256  # stories whose last records are kept here, so that the next step need not look them up


@dataclass(eq=False)
class _Entry:
    story: Story
    answer: asyncio.Future[str]
    timer: asyncio.TimerHandle | None = None
    until: float | None = None  # time of the loop at which the step before is given up

    def end(self, answer: str | Exception) -> None:
        if self.timer:
            self.timer.cancel()
        if self.answer.done():
            return
        if isinstance(answer, str):
            self.answer.set_result(answer)
        else:
            self.answer.set_exception(answer)


@dataclass
class _Line:
    """The records of one story that are not written. `held`: steps whose record before is not there yet."""

    waiting: list[_Entry] = field(default_factory=list)
    held: list[_Entry] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


class StoryWriter:
    """Writes in the order of the records. `put`: writes one record, and returns "ok" or "stale" when it is durable."""

    def __init__(self, index: IndexWriter, put: Callable[[Story], Awaitable[str]], patience: float = PATIENCE) -> None:
        self._index, self._put, self._patience = index, put, patience
        self._lines: dict[str, _Line] = {}
        self._recent: dict[str, Story] = {}  # the last ones written, the newest last
        self._failed: dict[str, set[tuple[int, int]]] = {}  # story -> records whose writes failed and are tried again

    async def write(self, story: Story) -> str:
        """Write a record, or what follows from a step; "stale" if the index has a later one, or lacks the one before
        and no write of an earlier one is tried again. Raises what the index raises."""
        line = self._lines.setdefault(story.id, _Line())
        entry = _Entry(story, asyncio.get_running_loop().create_future())
        line.waiting.append(entry)
        if line.task is None:
            line.task = asyncio.create_task(self._work(story.id, line))
        place = (story.seq, story.steps)
        try:
            answer = await entry.answer
        except Unavailable:
            self._failed.setdefault(story.id, set()).add(place)
            raise
        except Exception:
            self._ended(story.id, place)
            raise
        self._ended(story.id, place)
        return answer

    def _ended(self, id: str, place: tuple[int, int]) -> None:
        failed = self._failed.get(id, set())
        failed.discard(place)
        if not failed:
            self._failed.pop(id, None)

    async def _work(self, id: str, line: _Line) -> None:
        while line.waiting:
            taken = sorted([*line.held, *line.waiting], key=lambda one: (one.story.seq, one.story.steps))
            line.waiting, line.held = [], []
            try:
                await self._write(id, line, [one for one in taken if not one.answer.done()])
            except Exception as error:
                for one in taken:
                    one.end(error)
        line.task = None
        self._forget(id, line)

    async def _write(self, id: str, line: _Line, taken: Sequence[_Entry]) -> None:
        newest: Story | None = None
        written = []
        for one in taken:
            story = one.story
            if story.after is not None and newest is None:
                newest = await self._before(story)
            whole = story if story.after is None else newest and continued(newest, story)
            if whole is not None:
                newest = whole
                written.append(one)
            elif newest is not None and newest.seq >= story.seq:
                one.end("stale")
            else:
                self._hold(id, line, one)
        if newest is not None and written:
            answer = await self._put(newest)
            self._remember(newest, answer)
            for one in written:
                one.end(answer)

    async def _before(self, step: Story) -> Story | None:
        """The newest record known of the story of a step: of those written here, or of the index."""
        recent = self._recent.get(step.id)
        if recent is not None and (recent.seq >= step.seq or continued(recent, step)):
            return recent
        found = (await self._index.get_stories([step.id])).get(step.id)
        both = [one for one in (recent, found) if one is not None]
        return max(both, key=lambda one: (one.seq, one.steps), default=None)

    def _remember(self, story: Story, answer: str) -> None:
        self._recent.pop(story.id, None)
        if answer == "ok":
            self._recent[story.id] = story
            if len(self._recent) > RECENT:
                del self._recent[next(iter(self._recent))]

    def _hold(self, id: str, line: _Line, one: _Entry) -> None:
        loop = asyncio.get_running_loop()
        line.held.append(one)
        if one.until is None:
            one.until = loop.time() + self._patience
        one.timer = loop.call_later(self._patience / LOOKS, self._look_again, id, line, one, one.until)

    def _look_again(self, id: str, line: _Line, one: _Entry, until: float) -> None:
        if one not in line.held:
            return
        line.held.remove(one)
        place = (one.story.seq, one.story.steps)
        comes = any(failed < place for failed in self._failed.get(id, ()))
        if not comes and asyncio.get_running_loop().time() >= until:
            one.end("stale")
            self._forget(id, line)
            return
        line.waiting.append(one)
        if line.task is None:
            line.task = asyncio.create_task(self._work(id, line))

    def _forget(self, id: str, line: _Line) -> None:
        if line.task is None and not line.held and not line.waiting and self._lines.get(id) is line:
            del self._lines[id]
