"""A newsroom whose articles form stories, and what must hold of its stories whatever killed the processes.

What relate decided is compared with what a stage decides that is never killed, from the same inputs in the same order.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from pipeline.core.stories.steps import continued
from pipeline.ports import Log
from pipeline.records import Decided, Document, Story, StoryRequest, Tagged, decode
from pipeline.stage import Position
from tests.agents.machines import Desk
from tests.agents.newsroom import Newsroom
from tests.stages.relate.house import House

REPORTS = 3  # of each event
SYLLABLES = ("ka", "ro", "mel", "tin", "su", "vor", "bel", "na", "dri", "osk", "lun", "pa", "fer", "gat", "wi", "hol")
EVENTS = (
    ("ferry", "ran aground", "passengers", "was taken off the rocks by tugs", "harbour office"),
    ("paper mill", "burned down", "workers", "was searched by firefighters with dogs", "fire brigade"),
    ("library", "was flooded", "readers", "was pumped dry by volunteers", "town council"),
    ("cable car", "stood still", "tourists", "was emptied with ropes by climbers", "mountain rescue"),
)


REPORT = (
    (
        "The {what} {ship} {happened} in {town}",
        "The {what} {ship} in {town} {happened} at {hour} o'clock on Tuesday with {count} {people}.",
        "It {end}, said {person} of the {office} of {town}.",
        "Nobody was hurt, and {street} Street was closed until noon.",
    ),
    (
        "{town}: {count} {people} safe after the {what} {ship} {happened}",
        "All {count} {people} are safe after the {what} {ship} {happened} on Tuesday, the {office} of {town} reported.",
        "{person}, who led the work near {street} Street, praised the calm of everybody there.",
        "By noon it {end}.",
    ),
    (
        "{person} of {town} explains why the {what} {ship} {happened}",
        "Why the {what} {ship} {happened} on Tuesday is what {person} now wants to find out.",
        "The {office} of {town} counted {count} {people}, all unharmed, and opened {street} Street again later.",
        "What had begun at {hour} o'clock surprised the whole of {town}: it {end}.",
    ),
)


def article(number: int) -> tuple[str, str]:
    """Title and text number `number`: of two events by turns, each of which has REPORTS reports. Each text has the word
    `sentinel`."""
    event, report = 2 * (number // (2 * REPORTS)) + number % 2, number // 2 % REPORTS
    pick = random.Random(event)

    def name() -> str:
        return "".join(pick.choice(SYLLABLES) for _ in range(3)).capitalize()

    what, happened, people, end, office = EVENTS[event % len(EVENTS)]
    words = {
        "what": what, "happened": happened, "people": people, "end": end, "office": office, "town": name(),
        "street": name(), "person": f"{name()} {name()}", "ship": name(), "count": pick.randrange(30, 900),
        "hour": pick.randrange(2, 11),
    }  # fmt: skip
    title, *sentences = (line.format(**words) for line in REPORT[report])
    return title, "\n".join([*sentences, f"The sentinel has this as number {number}."])


class StoryRoom(Newsroom):
    """Publishes reports of events instead of articles that have nothing in common."""

    article = staticmethod(article)


class StoryDesk(Desk):
    """The same on two sites with many feeds."""

    article = staticmethod(article)


# -- what must hold -----------------------------------------------------------------------------------------------


async def check_stories(log: Log, stories: Sequence[Story], documents: Sequence[Document], articles: int) -> None:
    """Nothing is lost, nothing doubled, and relate decided as if nothing had happened. `stories` and `documents`: all
    of the index."""
    decided = await _decided(log)
    kept = await _newest(log)
    assert {story.id: replace(story, steps=0) for story in stories} == kept
    _each_once(stories, documents, articles)
    house = await _undisturbed(log, decided)
    assert [decode(Decided, value) for value in house.values("fingerprints")] == decided
    assert _put_together(decode(Story, value) for value in house.values("stories")) == kept


def _each_once(stories: Iterable[Story], documents: Sequence[Document], articles: int) -> None:
    """Every article has one document and is in one story, and the sizes are exact."""
    ids = sorted(document.article.id for document in documents)
    listed = [one.id for story in stories for one in story.articles]
    assert len(ids) == articles
    assert sorted(listed) == ids
    assert sum(story.size for story in stories) == articles
    assert all(bool(story.redirect) != bool(story.articles) for story in stories)


async def _decided(log: Log) -> list[Decided]:
    """The decisions in their order, each once. A repeated one must be the same."""
    found: dict[tuple[str, int], Decided] = {}
    async for message in log.replay("fingerprints"):
        if message.value:
            one = decode(Decided, message.value)
            assert found.setdefault((one.stream, one.offset), one) == one
    return list(found.values())


async def _newest(log: Log) -> dict[str, Story]:
    return _put_together([decode(Story, message.value) async for message in log.replay("stories") if message.value])


def _put_together(records: Iterable[Story]) -> dict[str, Story]:
    """The newest record of each story, after the steps that follow it. How many these are depends on the kills."""
    found: dict[str, Story] = {}
    for one in sorted(records, key=lambda record: (record.seq, record.after is not None, record.steps)):
        before = found.get(one.id)
        whole = one if one.after is None else before and continued(before, one)
        if whole:
            found[one.id] = whole
    return {id: replace(story, steps=0) for id, story in found.items()}


async def _undisturbed(log: Log, decided: Sequence[Decided]) -> House:
    """A stage that gets the inputs of these decisions, and is never killed."""
    inputs: dict[tuple[str, int], Tagged | StoryRequest] = {}
    kinds: Mapping[str, type[Tagged | StoryRequest]] = {"tagged": Tagged, "story-requests": StoryRequest}
    for stream, kind in kinds.items():
        async for message in log.replay(stream):
            inputs[stream, message.at.offset] = decode(kind, message.value or b"")
    house = House(absorb_every=500)
    await house.restart()
    for one in decided:
        place = Position(one.stream, one.partition, one.offset)
        await house.take(inputs[one.stream, one.offset], place)
    return house
