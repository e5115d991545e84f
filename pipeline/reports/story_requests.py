"""Asks relate to merge and split stories, after checking what will come of it."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.ports import Log
from pipeline.records import Story, StoryRequest
from pipeline.stage import Out

REQUESTS = "story-requests"


class CannotAsk(ValueError):
    """The request would change nothing, or cannot be done. The text says what to do."""


async def ask(log: Log, request: StoryRequest) -> None:
    """Publish a request; durable on return, also if relate does not run. Raises Unavailable."""
    await log.publish([Out(REQUESTS, request.story, request)])


def check_merge(story: Story, into: Story) -> None:
    """Raises CannotAsk if the two are one story already."""
    if story.id == into.id:
        raise CannotAsk(f"both are the story {into.id} already")


def check_split(story: Story, articles: Sequence[str], into: Story | None) -> None:
    """Raises CannotAsk if an article is not in the story, or nothing would be left."""
    there = {one.id for one in story.articles}
    if missing := [id for id in articles if id not in there]:
        raise CannotAsk(
            f"not in the story {story.id}: {', '.join(missing)}; `almenara stories show {story.id}` lists its articles"
        )
    if len(set(articles)) == story.size:
        hint = (
            f"use `almenara stories merge {story.id} {into.id}`" if into else "name only those that do not belong to it"
        )
        raise CannotAsk(f"these are all articles of the story {story.id}: {hint}")
    if into and into.id == story.id:
        raise CannotAsk(f"the articles are in the story {into.id} already")
