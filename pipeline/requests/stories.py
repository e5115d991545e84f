"""What people ask of relate: to merge and split stories, after checking what will come of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pipeline.core.wording import Text
from pipeline.ports import Log
from pipeline.records import Story, StoryRequest
from pipeline.requests.asking import Person, Refused, publish
from pipeline.stage import Out

REQUESTS = "story-requests"


async def merge(log: Log, person: Person, at: datetime, story: Story, into: Story) -> None:
    """Merge `story` into another one. Raises Refused if the two are one already, Unavailable."""
    if story.id == into.id:
        raise Refused(Text("both are the story {} already", into.id))
    request = StoryRequest(at=at, kind="merge", story=story.id, into=into.id, by=person.name)
    await publish(log, person, at, "merge", [story.id, into.id], [Out(REQUESTS, story.id, request)])


async def split(
    log: Log, person: Person, at: datetime, story: Story, articles: Sequence[str], into: Story | None
) -> tuple[str, ...]:
    """Move articles out of a story, to `into` or a story of their own; return them, each once.

    Raises Refused if an article is not in the story or nothing would be left of it, Unavailable.
    """
    chosen = tuple(dict.fromkeys(articles))
    _check_split(story, chosen, into)
    request = StoryRequest(
        at=at, kind="split", story=story.id, into=into.id if into else None, articles=chosen, by=person.name
    )
    about = [story.id, *([into.id] if into else []), *chosen]
    await publish(log, person, at, "split", about, [Out(REQUESTS, story.id, request)])
    return chosen


def _check_split(story: Story, articles: Sequence[str], into: Story | None) -> None:
    there = {one.id for one in story.articles}
    if not articles:
        raise Refused("choose the articles that do not belong to the story")
    if missing := [id for id in articles if id not in there]:
        raise Refused(
            Text(
                "not in the story {0}: {1}; `almenara stories show {0}` lists its articles",
                story.id,
                ", ".join(missing),
            )
        )
    if len(articles) == story.size:
        hint = (
            Text("use `almenara stories merge {} {}`", story.id, into.id)
            if into
            else Text("name only those that do not belong to it")
        )
        raise Refused(Text("these are all articles of the story {}: {}", story.id, hint))
    if into and into.id == story.id:
        raise Refused(Text("the articles are in the story {} already", into.id))
