"""One story as people look at it: its reports with the copies under them, a table of facts by outlet, its places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pipeline.core.query.search import Search
from pipeline.core.query.tree import Equal, Or
from pipeline.core.stories.record import reported
from pipeline.ports import Index, StoryList
from pipeline.records import Said, Story, StoryArticle, StoryFact
from pipeline.reports.versions import Version, read_versions

OUTLETS = 12  # columns of the table of facts
PLACED = 60  # articles whose places are shown
DIFFERING = 20  # articles whose versions are compared
NEAR = 12  # other stories that are offered for a merge


@dataclass(frozen=True, slots=True)
class Report:
    """An article of a story that copies none of its others. `lag`: after the first report; `versions`: later ones."""

    article: StoryArticle
    at: datetime
    lag: timedelta
    first: bool
    copies: tuple[StoryArticle, ...] = ()
    versions: tuple[Version, ...] = ()


def reports_of(story: Story) -> list[Report]:
    """The reports in the order in which they were there for readers, each with the copies of it. A copy of something
    that is not in the story stands for itself."""
    there = {one.id: one for one in story.articles}
    copies: dict[str, list[StoryArticle]] = {}
    own = []
    for one in story.articles:
        root = _root(one, there)
        if root is one:
            own.append(one)
        else:
            copies.setdefault(root.id, []).append(one)
    own.sort(key=lambda one: (reported(one), one.seq))
    begin = reported(own[0]) if own else story.opened
    return [
        Report(one, at, at - begin, n == 0, tuple(sorted(copies.get(one.id, ()), key=reported)))
        for n, one in enumerate(own) for at in (reported(one),)
    ]  # fmt: skip


def _root(article: StoryArticle, there: dict[str, StoryArticle]) -> StoryArticle:
    """The article of the story that it copies in the end; itself if it copies no other one, or in a circle."""
    seen = {article.id}
    while (original := there.get(article.copy_of or "")) and original.id not in seen:
        article = original
        seen.add(article.id)
    return article


async def with_versions(index: Index, reports: Sequence[Report]) -> list[Report]:
    """The reports with their later versions and what changed in each; of many changed ones the last. Raises
    Unavailable."""
    changed = [one.article.id for one in reports if one.article.version > 1][-DIFFERING:]
    found = {id: tuple(version for version in await read_versions(index, id) if version.document.relation.version > 1)
             for id in changed}  # fmt: skip
    return [replace(one, versions=found.get(one.article.id, ())) for one in reports]


# -- facts ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """What one outlet says of a fact. `differs`: it is to be marked, because others say what excludes it."""

    said: tuple[Said, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A fact. `cells`: in the order of the columns; None where the outlet does not say it."""

    topic: str
    field: str
    differs: bool
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class FactTable:
    """Facts as rows, outlets as columns. `left_out`: outlets beyond OUTLETS."""

    outlets: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: int = 0


def fact_table(facts: Iterable[StoryFact]) -> FactTable:
    """The table: outlets that state most facts first, facts that differ first."""
    facts = sorted(facts, key=lambda fact: not fact.differs)
    stated = Counter(said.source for fact in facts for said in {one.source: one for one in fact.said}.values())
    outlets = sorted(stated, key=lambda source: (-stated[source], source))
    shown = tuple(outlets[:OUTLETS])
    rows = (Row(fact.topic, fact.field, fact.differs, _cells(fact, shown)) for fact in facts)
    return FactTable(shown, tuple(rows), len(outlets) - len(shown))


def _cells(fact: StoryFact, outlets: Sequence[str]) -> tuple[Cell | None, ...]:
    """Where a fact differs, cells unlike what most outlets say are marked; without a majority, all are."""
    said = {one: tuple(said for said in fact.said if said.source == one) for one in outlets}
    values = {one: {said.value for said in found} for one, found in said.items() if found}
    outlets_of = Counter(value for found in values.values() for value in found)
    usual = {value for value, n in outlets_of.items() if 2 * n > len(values)}
    return tuple(
        Cell(found, fact.differs and not (len(values[one]) == 1 and values[one] <= usual)) if found else None
        for one, found in said.items()
    )


# -- places -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """A place. `articles`: how many of those looked at name it."""

    name: str
    country: str
    lat: float
    lon: float
    articles: int


async def places_of(index: Index, story: Story) -> list[Named]:
    """The places that the story's own articles name, the most frequent first. Raises Unavailable."""
    own = [one.id for one in story.articles if one.copy_of is None] or [one.id for one in story.articles]
    if not own:
        return []
    wanted = own[-PLACED:]
    query = Or(tuple(Equal("id", id) for id in wanted)) if len(wanted) > 1 else Equal("id", wanted[0])
    results = await index.search(Search(query, sort="time", limit=PLACED))
    counts, known = Counter[int](), dict[int, Named]()
    for hit in results.hits:
        for place in {one.geoname: one for one in hit.document.tags.places if not one.ambiguous}.values():
            counts[place.geoname] += 1
            known[place.geoname] = Named(place.name, place.country, place.lat, place.lon, 0)
    return [replace(known[id], articles=n) for id, n in counts.most_common()]


async def near(index: Index, story: Story) -> list[Story]:
    """Other stories, the newest, about the same country or topic: what people may want to merge. Raises Unavailable."""
    where = {"country": story.countries[:2]} if story.countries else {"topic": story.topics[:2]}
    if not any(where.values()):
        return []
    page = await index.list_stories(StoryList(where=where, limit=NEAR + 1))
    return [one for one in page.stories if one.id != story.id][:NEAR]
