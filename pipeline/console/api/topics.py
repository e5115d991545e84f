"""The API of topics, and of authorisations of foreign forces."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta
from starlette.exceptions import HTTPException

from pipeline.console.api.articles import ArticleHit, hit_answered
from pipeline.console.api.operation import Answer, Call, Limit, Operation, Parameters
from pipeline.console.daily import BACK
from pipeline.console.pages.watch import authorisations, today_of
from pipeline.console.sections import N_
from pipeline.core.query.search import Search
from pipeline.core.query.tree import Equal
from pipeline.core.stories.threads import Thread, to_watch
from pipeline.core.topics.rules import TopicRule


class TopicRow(Answer, frozen=True, kw_only=True):
    """A topic. `title`: by language; `languages`: in which it can be found; `articles`: found in 30 days."""

    id: str
    title: dict[str, str]
    description: dict[str, str]
    languages: tuple[str, ...]
    articles: int


class TopicList(Answer, frozen=True, kw_only=True):
    """The topics of the rules in force. `rules`: their hash, which documents name."""

    topics: tuple[TopicRow, ...]
    rules: str


class TopicWanted(Parameters, frozen=True, kw_only=True):
    """How many of its articles."""

    limit: Limit = 20


class OneTopic(Answer, frozen=True, kw_only=True):
    """A topic with its newest articles, and how many there are by language and country."""

    topic: TopicRow
    total: int
    articles: tuple[ArticleHit, ...]
    languages: dict[str, int]
    countries: dict[str, int]


class WatchWanted(Parameters, frozen=True, kw_only=True):
    """Which authorisations. `all`: also what is over."""

    host: Annotated[str, Meta(pattern="^([A-Z]{2})?$", description="code of the country that admits them")] = ""
    all: bool = False


class Authorisations(Answer, frozen=True, kw_only=True):
    """Those with a date to watch first. `today`: in the time zone of the configuration."""

    today: date
    authorisations: tuple[Thread, ...]


async def listed(call: Call) -> TopicList:
    """Every topic."""
    desk = call.desk
    rules, index = desk.configuration().rules, await desk.index()
    counted = (await index.search(Search(None, desk.clock() - BACK, limit=0, facets=("topic",)))).facets["topic"]
    rows = tuple(_row(rule, counted.get(rule.id, 0)) for rule in rules.rules.topics)
    return TopicList(topics=rows, rules=rules.hash)


async def one(call: Call) -> OneTopic:
    """One topic."""
    desk = call.desk
    try:
        rule = desk.configuration().rules.rule(call.path["topic"])
    except KeyError:
        raise HTTPException(404, N_("There is no such topic.")) from None
    index = await desk.index()
    topic = Equal("topic", rule.id)
    newest = await index.search(Search(topic, sort="time", limit=call.query.limit, facets=("language", "country")))
    lately = await index.search(Search(topic, desk.clock() - BACK, limit=0))
    return OneTopic(
        topic=_row(rule, lately.total), total=newest.total, articles=tuple(map(hit_answered, newest.hits)),
        languages=dict(newest.facets["language"]), countries=dict(newest.facets["country"]),
    )  # fmt: skip


async def watch(call: Call) -> Authorisations:
    """The authorisations by their life cycle."""
    query, desk = call.query, call.desk
    found = to_watch(await authorisations(desk), query.host, query.all)
    return Authorisations(today=today_of(desk), authorisations=tuple(found))


def _row(rule: TopicRule, articles: int) -> TopicRow:
    return TopicRow(
        id=rule.id, title=dict(rule.title), description=dict(rule.description), languages=tuple(sorted(rule.languages)),
        articles=articles,
    )  # fmt: skip


OPERATIONS = (
    Operation("topics.list", "GET", "/topics", "Topics with what they found", listed, TopicList),
    Operation("topics.one", "GET", "/topics/{topic}", "One topic with its newest articles", one, OneTopic,
              query=TopicWanted, path_words={"topic": "id of a topic"}),
    Operation("watch.list", "GET", "/watch", "Authorisations of foreign forces by life cycle", watch, Authorisations,
              query=WatchWanted),
)  # fmt: skip
