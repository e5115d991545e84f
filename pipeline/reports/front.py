"""The front page: which stories are important now, or newest, with what a reader can narrow them down by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pipeline.core.documents.story_facets import STORY_FACETS
from pipeline.core.query.search import Search
from pipeline.core.query.tree import And, Equal, Or
from pipeline.core.stories.importance import importance
from pipeline.ports import Index, StoryList
from pipeline.records import Story
from pipeline.reports.cards import Card, card_of
from pipeline.reports.matched import Matched
from pipeline.reports.stories import LOOKED, Lookup, list_stories

MERGED = 400  # stories up to which those that matched rules are put among the others by their importance
ASKED = 500  # stories that matched rules, the newest, that are looked up


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which stories to show. `stories`: as of the index; `rules`: keys, one of which a story matched; `matched`: any;
    `among`: only these ids, if it is not None; `search`: only stories with an article that matches."""

    stories: StoryList
    rules: tuple[str, ...] = ()
    matched: bool = False
    among: Collection[str] | None = None
    search: Search | None = None


@dataclass(frozen=True, slots=True)
class Front:
    """A page of stories. `facets`: facet -> value -> how many of all that are found. `complete` False: there are more
    articles that match the query than were looked at."""

    total: int
    cards: tuple[Card, ...]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    complete: bool = True


async def front(index: Index, wanted: Wanted, matched: Matched, severities: Mapping[str, str], now: datetime) -> Front:
    """The page. `severities`: of the rules in force, by key. Raises ValueError for an invalid query, Unavailable."""
    if wanted.search is not None:
        every = await list_stories(index, wanted.search, StoryList(since=wanted.stories.since, limit=LOOKED))
        found = await _conditions(wanted, matched, every.found)
        return replace(_front(wanted, found, matched, severities, now), complete=every.complete)
    if wanted.rules or wanted.matched or wanted.among is not None:
        found = await _conditions(wanted, matched, await _named(index, wanted, matched))
        return _front(wanted, found, matched, severities, now)
    return await _of_index(index, wanted.stories, matched, severities, now)


async def listed(
    index: Index, wanted: Wanted, matched: Matched, lookup: Lookup, ids: Collection[str]
) -> tuple[list[Story], list[Story]]:
    """The stories that these ids lead to now, and those of them that the front lists, without regard to its pages.
    Raises ValueError for an invalid query, Unavailable."""
    await lookup.read(ids)
    stories = list({story.id: story for id in ids if (story := lookup.known(id))}.values())
    found = await _conditions(wanted, matched, stories)
    if wanted.search is None or wanted.search.query is None or not found:
        return stories, found
    among = Or(tuple(Equal("story", story.id) for story in found))
    search = replace(wanted.search, query=And((wanted.search.query, among)))
    having = await list_stories(index, search, StoryList(since=wanted.stories.since, limit=LOOKED))
    kept = {story.id for story in having.found}
    return stories, [story for story in found if story.id in kept]


async def _of_index(
    index: Index, wanted: StoryList, matched: Matched, severities: Mapping[str, str], now: datetime
) -> Front:
    """What the index lists; by importance together with those that matched rules, which it does not know."""
    end = wanted.offset + wanted.limit
    if wanted.sort != "importance" or end > MERGED:
        page = await index.list_stories(wanted)
        return Front(page.total, _cards(page.stories, matched, severities, now), page.facets)
    page = await index.list_stories(replace(wanted, offset=0, limit=end))
    asked = Wanted(wanted, matched=True)
    others = await _conditions(asked, matched, await _named(index, asked, matched))
    every = {story.id: story for story in (*page.stories, *others)}
    ordered = _ordered(wanted, list(every.values()), matched, severities)
    return Front(page.total, _cards(ordered[wanted.offset : end], matched, severities, now), page.facets)


async def _named(index: Index, wanted: Wanted, matched: Matched) -> list[Story]:
    """The stories that rules or a reader name, where they are now."""
    since = wanted.stories.since
    named = matched.stories(since, wanted.rules) if wanted.rules or wanted.matched else list(wanted.among or ())
    lookup = Lookup(index)
    await lookup.read(named[:ASKED])
    stories = (lookup.known(id) for id in named[:ASKED])
    return list({story.id: story for story in stories if story}.values())


async def _conditions(wanted: Wanted, matched: Matched, stories: Sequence[Story]) -> list[Story]:
    """Those of the stories that fulfil all conditions."""
    among = None if wanted.among is None else set(wanted.among)
    return [
        story for story in stories
        if _listed(wanted.stories, story)
        and (among is None or not among.isdisjoint((story.id, *story.merged)))
        and _matches(wanted, {match.rule for match in matched.of(story)})
    ]  # fmt: skip


def _listed(wanted: StoryList, story: Story) -> bool:
    """Whether the index would list the story."""
    values = {name: STORY_FACETS[name].get(story) for name in (*wanted.where, *wanted.having)}
    return (
        story.size > 0
        and (wanted.since is None or story.changed >= wanted.since)
        and story.independent >= wanted.independent
        and all(not set(some).isdisjoint(values[name]) for name, some in wanted.where.items())
        and all(values[name] for name in wanted.having)
    )


def _matches(wanted: Wanted, rules: set[str]) -> bool:
    if wanted.rules:
        return not rules.isdisjoint(wanted.rules)
    return bool(rules) or not wanted.matched


def _front(
    wanted: Wanted, found: Sequence[Story], matched: Matched, severities: Mapping[str, str], now: datetime
) -> Front:
    stories = wanted.stories
    counts = {name: Counter(value for story in found for value in set(STORY_FACETS[name].get(story)))
              for name in stories.facets}  # fmt: skip
    facets = {name: dict(sorted(count.items(), key=lambda one: (-one[1], one[0]))) for name, count in counts.items()}
    page = _ordered(stories, found, matched, severities)[stories.offset :][: stories.limit]
    return Front(len(found), _cards(page, matched, severities, now), facets)


def _ordered(
    wanted: StoryList, stories: Sequence[Story], matched: Matched, severities: Mapping[str, str]
) -> list[Story]:
    if wanted.sort == "newest":
        return sorted(stories, key=lambda story: -story.seq)

    def rank(story: Story) -> tuple[float, int]:
        rules = [severities.get(match.rule, "low") for match in matched.of(story)]
        return -importance(story, rules).whole, -story.seq

    return sorted(stories, key=rank)


def _cards(
    stories: Sequence[Story], matched: Matched, severities: Mapping[str, str], now: datetime
) -> tuple[Card, ...]:
    return tuple(card_of(story, now, matched.of(story), severities) for story in stories)
