"""The API of stories: lists as on the page Now, one story, and what people decide about it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta
from starlette.exceptions import HTTPException

from pipeline.console.api.lists import parameters_of, view_of
from pipeline.console.api.operation import Accepted, Answer, Body, Call, Id, Operation
from pipeline.console.asked import asked_of
from pipeline.console.pages import now
from pipeline.console.pages.story import named_story
from pipeline.console.views.kinds import NOW
from pipeline.core.documents.story_facets import STORY_FACETS
from pipeline.core.stories.growth import Phase
from pipeline.records import Story, StoryArticle
from pipeline.reports.cards import Card, card_of
from pipeline.reports.front import front
from pipeline.requests import stories
from pipeline.requests.names import severities_of

Parameters = parameters_of(NOW, "StoriesWanted")
MOVED = 500  # articles taken out at once
NOTE = "the stage relate does it within seconds while it runs"


class RuleMatched(Answer, frozen=True, kw_only=True):
    """An alert rule that articles of the story matched, and when the last one did."""

    rule: str
    severity: str
    at: datetime


class FactValues(Answer, frozen=True, kw_only=True):
    """The values that reports give for a fact, the most common first."""

    field: str
    values: tuple[str, ...]
    differs: bool


class StoryCard(Answer, frozen=True, kw_only=True):
    """A story as in a list. `first`: the first report; `importance`: in doublings (docs/stories.md)."""

    id: str
    title: str
    opened: datetime
    changed: datetime
    first: StoryArticle | None
    size: int
    copies: int
    independent: int
    sources: tuple[str, ...]
    countries: tuple[str, ...]
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    phase: Phase
    importance: float
    differs: tuple[str, ...]
    facts: tuple[FactValues, ...]
    rules: tuple[RuleMatched, ...]


class StoryList(Answer, frozen=True, kw_only=True):
    """A page of stories. `next`: address of the next one. `complete` false: more articles match than were looked at."""

    total: int
    stories: tuple[StoryCard, ...]
    facets: dict[str, dict[str, int]]
    complete: bool
    next: str | None


class OneStory(Answer, frozen=True, kw_only=True):
    """A story with its whole record: articles, timeline, facts and who says them."""

    card: StoryCard
    story: Story


class Split(Body, frozen=True, kw_only=True):
    """Articles to take out of the story, to `into` or a story of their own."""

    articles: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=MOVED)]
    into: Id | None = None


class Merge(Body, frozen=True, kw_only=True):
    """The story that becomes part of this one."""

    other: Id


async def listed(call: Call) -> StoryList:
    """A page of stories."""
    desk, request = call.desk, call.request
    view = view_of(NOW, call.query)
    state = now.State(view, asked_of(view.query, desk), call.person.name)
    if state.asked.error is not None:
        raise HTTPException(400, f"q, column {state.asked.column}: {state.asked.error}")
    wanted = now.wanted(request, state, tuple(STORY_FACETS), call.query.limit)
    found = await front(
        await desk.index(), wanted, desk.matched, severities_of(call.desk.configuration().alerts), desk.clock()
    )
    return StoryList(
        total=found.total, stories=tuple(_answered(card) for card in found.cards), complete=found.complete,
        facets={name: dict(counts) for name, counts in found.facets.items()}, next=call.next_page(found.total),
    )  # fmt: skip


async def one(call: Call) -> OneStory:
    """The story; an id that was merged, or that of an article, leads to it."""
    desk = call.desk
    story = await named_story(await desk.index(), call.path["story"])
    card = card_of(story, desk.clock(), desk.matched.of(story), severities_of(call.desk.configuration().alerts))
    return OneStory(card=_answered(card), story=story)


async def split(call: Call) -> Accepted:
    """Ask relate to take articles out."""
    desk, index, body = call.desk, await call.desk.index(), call.body
    story = await named_story(index, call.path["story"])
    into = await named_story(index, body.into) if body.into else None
    moved = await stories.split(desk.log, call.person, desk.clock(), story, body.articles, into)
    return Accepted(about=(story.id, *moved), note=NOTE)


async def merge(call: Call) -> Accepted:
    """Ask relate to merge another story into this one."""
    desk, index = call.desk, await call.desk.index()
    story, other = await named_story(index, call.path["story"]), await named_story(index, call.body.other)
    await stories.merge(desk.log, call.person, desk.clock(), other, story)
    return Accepted(about=(other.id, story.id), note=NOTE)


def _answered(card: Card) -> StoryCard:
    story = card.story
    names = ("id", "title", "opened", "changed", "first", "size", "copies", "independent", "sources", "countries",
             "languages", "topics")  # fmt: skip
    values: dict[str, Any] = {name: getattr(story, name) for name in names}
    return StoryCard(
        **values, phase=card.grows.phase, importance=round(card.importance.whole, 3), differs=card.differs,
        facts=tuple(FactValues(field=one.field, values=one.values, differs=one.differs) for one in card.facts),
        rules=tuple(RuleMatched(rule=match.rule, severity=severity, at=match.at) for match, severity in card.rules),
    )  # fmt: skip


WORDS = {"story": "id of a story, also one that was merged, or of an article in it"}
OPERATIONS = (
    Operation("stories.list", "GET", "/stories", "Stories, the most important or the newest first", listed, StoryList,
              query=Parameters),
    Operation("stories.one", "GET", "/stories/{story}", "One story with its record", one, OneStory, path_words=WORDS),
    Operation("stories.split", "POST", "/stories/{story}/split", "Take articles out of a story", split, Accepted,
              body=Split, editors=True, status=202, path_words=WORDS),
    Operation("stories.merge", "POST", "/stories/{story}/merge", "Merge another story into this one", merge, Accepted,
              body=Merge, editors=True, status=202, path_words=WORDS),
)  # fmt: skip
