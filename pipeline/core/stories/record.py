"""Makes the record of a story: a fold over its documents, in the order of `seq`.

The record is the whole state of the fold, so it can be continued after a restart. Each function may be repeated with
what is in the record already: that changes nothing. Titles are that of the first report.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from pipeline.core.stories import consolidated
from pipeline.core.stories.independent import independent_articles
from pipeline.records import Correction, Document, Story, StoryArticle, StoryHour

FIRST, NEWEST = 20, 180  # articles that are listed of a story with more
HOURS = 720  # of the timeline that are kept, the newest
SOURCES = 500  # outlets that are listed
BELIEVED = timedelta(days=14)  # before it was first seen, that an article is taken to be published; else it is an error
_MIDNIGHT = re.compile(r"(?<![\d:])0?0:00(?::00(?:\.0+)?)?(?![\d:])(?!\s*[ap]\.?m)", re.I)
SEVERAL = 12  # countries and topics that are listed
MERGED, MOVED, KEPT = 200, 400, 100  # the newest ids, articles and decisions that a record remembers; older ids lead on
KEPT_ARTICLES = 1000  # articles that the decisions name, all together


def with_document(story: Story | None, document: Document) -> Story:
    """The record with a document in it; `story` None: the document opens it."""
    relation = document.relation
    story = story or Story(id=relation.story_id, seq=0, changed=document.article.seen, opened=relation.first_seen)
    if relation.seq <= story.seq:
        return story
    known = next((one for one in story.articles if one.id == document.article.id), None)
    own = listed(document, known)
    grown = replace(
        story, seq=relation.seq, changed=document.article.seen,
        articles=(*(one for one in story.articles if one.id != own.id), own),
    )  # fmt: skip
    if not relation.noted:
        grown = replace(grown, facts=consolidated.with_facts(story.facts, document, reported(own, document)))
    whole = known is None and story.size == len(story.articles)  # a first version that is not kept any more
    if (relation.version == 1 or whole) and not relation.noted:
        grown = replace(
            grown, size=story.size + 1, copies=story.copies + (own.copy_of is not None),
            timeline=_hours(story.timeline, [own]),
        )  # fmt: skip
    return completed(grown)


def listed(document: Document, known: StoryArticle | None = None) -> StoryArticle:
    """A document as an article of its story; `known`: as it was listed before."""
    article, relation = document.article, document.relation
    if known and relation.noted:  # it has no text of its own
        return replace(known, seq=relation.seq, removed=relation.noted == "removed")
    # A time that was changed or added afterwards says nothing about who was first.
    published = _to_the_minute(document) if relation.version == 1 else known.published if known else None
    return StoryArticle(
        id=article.id, seq=relation.seq, version=relation.version, seen=relation.first_seen, published=published,
        source=article.source, country=article.country, language=article.language,
        title=article.title.value, url=article.url, copy_of=relation.duplicate_of, agency=document.tags.agency,
        topics=tuple(topic.id for topic in document.tags.topics[:SEVERAL]), countries=document.tags.countries[:5],
    )  # fmt: skip


def _to_the_minute(document: Document) -> datetime | None:
    """When the outlet says that it published; None if it only gives the day, or its midnight, from which no order
    follows."""
    published = document.article.published
    return published.value if published and ":" in published.raw and not _MIDNIGHT.search(published.raw) else None


def reported(article: StoryArticle, version: Document | None = None) -> datetime:
    """When an article was there for its readers: as its outlet says, else when it was first seen. Of a later version,
    when that was seen."""
    if version and version.relation.version > 1:
        return version.article.seen
    published = article.published
    return published if published and article.seen - BELIEVED <= published <= article.seen else article.seen


# -- corrections ------------------------------------------------------------------------------------------------------


def merged(into: Story, other: Story, seq: int, at: datetime) -> tuple[Story, Story]:
    """`into` with all of `other`, and what is left of `other`: a redirect."""
    redirect = Story(id=other.id, seq=seq, changed=at, opened=other.opened, redirect=into.id)
    there = {one.id for one in into.articles}
    come = [one for one in other.articles if one.id not in there]
    if other.id in into.merged and (not come or len(into.articles) == FIRST + NEWEST):
        return into, redirect
    grown = replace(
        into, seq=seq, changed=at, articles=(*into.articles, *come), size=into.size + other.size,
        copies=into.copies + other.copies, timeline=_joined((*into.timeline, *other.timeline)),
        facts=consolidated.joined((*into.facts, *other.facts)),
        merged=tuple(dict.fromkeys((*other.merged, *into.merged, other.id)))[-MERGED:],
        kept=_kept((*into.kept, *other.kept)),
        sources=tuple(dict.fromkeys((*into.sources, *other.sources))),
        moved=_newest({
            id: to for id, to in (other.moved | into.moved).items() if to not in (into.id, other.id, *other.merged)
        }),
    )  # fmt: skip
    return completed(grown), redirect


def split(
    story: Story, articles: Collection[str], into: Story | None, new: str, seq: int, at: datetime
) -> tuple[Story, Story]:
    """`story` without the listed ones of `articles`, and the story that has them: `into`, or a new one with the id
    `new`. A story that loses all of them becomes a redirect."""
    taken = [one for one in story.articles if one.id in articles]
    if into is None:
        # If `new` was merged into this story once: what came with it and stays is not looked for there again.
        stay = {one.id: story.id for one in story.articles if one.id not in articles and new in story.merged}
        into = Story(id=new, seq=0, changed=at, opened=min((one.seen for one in taken), default=at), moved=stay)
    there = {one.id for one in into.articles}
    come = [one for one in taken if one.id not in there]
    if come and into.seq in (0, seq) and into.size <= 1:  # it opens with this
        into = replace(into, split_from=story.id)
    moving = consolidated.without(story.facts, {one.id for one in story.articles} - {one.id for one in come})
    rest = consolidated.without(story.facts, {one.id for one in taken})
    left = replace(
        story, seq=seq, changed=at, articles=tuple(one for one in story.articles if one.id not in articles),
        size=story.size - len(taken), copies=story.copies - sum(one.copy_of is not None for one in taken),
        timeline=_hours(story.timeline, taken, -1), sources=(), facts=consolidated.joined(rest),
        merged=tuple(id for id in story.merged if id != into.id),
        moved=_newest(story.moved | {one.id: into.id for one in taken}),
    )  # fmt: skip
    grown = replace(
        into, seq=seq, changed=at, articles=(*into.articles, *come), size=into.size + len(come),
        copies=into.copies + sum(one.copy_of is not None for one in come), timeline=_hours(into.timeline, come),
        facts=consolidated.joined((*into.facts, *moving)),
        moved={one: to for one, to in into.moved.items() if one not in articles},
    )  # fmt: skip
    if not left.articles:
        redirect = Story(id=story.id, seq=seq, changed=at, opened=story.opened, redirect=grown.id)
        merged = tuple(dict.fromkeys((*story.merged, *grown.merged, story.id)))[-MERGED:]
        moved = _newest(grown.moved | left.moved)
        return redirect, completed(replace(grown, merged=merged, moved=moved, split_from=None))
    return completed(left), completed(grown)


def keeping(story: Story, correction: Correction) -> Story:
    """The record with what a person decided about it, or a split."""
    bare = replace(correction, articles=())
    known = any(_same(correction if correction.by == "person" else bare, one) for one in story.kept)
    return story if known else replace(story, kept=_kept((*story.kept, correction)))


def _kept(corrections: Iterable[Correction]) -> tuple[Correction, ...]:
    """The newest decisions, each once; the articles that they name only of people's, and not of too many."""
    found: list[Correction] = []
    named = 0
    for one in reversed(list(corrections)[-10 * KEPT :]):
        named += len(one.articles) if one.by == "person" else 0
        bare = one if one.by == "person" and named <= KEPT_ARTICLES else replace(one, articles=())
        if not any(_same(bare, other) for other in found):
            found.append(bare)
    return tuple(reversed(found[:KEPT]))


def _same(one: Correction, other: Correction) -> bool:
    bare = not one.articles or one.articles == other.articles
    return bare and (one.kind, one.story, one.into, one.by) == (other.kind, other.story, other.into, other.by)


def _newest(moved: Mapping[str, str]) -> dict[str, str]:
    return dict(list(moved.items())[-MOVED:])


def leads(moved: Mapping[str, str], after: Story) -> list[Story]:
    """Records of their own for the articles that `after` does not remember any more as `moved`: each leads to the story
    that it came to."""
    if len(after.moved) < MOVED:
        return []
    gone = moved.keys() - after.moved.keys() - {one.id for one in after.articles}
    return [
        Story(id=lead_key(after.id, id), seq=after.seq, changed=after.changed, opened=after.opened, redirect=to)
        for id, to in moved.items() if id in gone
    ]  # fmt: skip


def lead_key(story: str, article: str) -> str:
    """The id of the record that leads to the story of an article that was moved long ago."""
    return f"{story}/{article}"


# -- what follows from the articles -----------------------------------------------------------------------------------


def completed(story: Story) -> Story:
    """The record with what follows from its articles, which are brought into order and cut."""
    ordered = sorted(story.articles, key=lambda one: (one.seen, one.seq))
    kept = ordered if len(ordered) <= FIRST + NEWEST else [*ordered[:FIRST], *ordered[-NEWEST:]]
    first = min(kept, key=lambda one: (reported(one), one.seq), default=None)
    found = independent_articles(kept) if kept else 0
    cut = story.size > len(kept)  # what the list lacks is remembered
    ids = {one.id for one in ordered}
    return replace(
        story, articles=tuple(kept), first=first, title=first.title if first else "",
        independent=max(found, story.independent) if cut else found,
        moved={id: to for id, to in story.moved.items() if id not in ids},
        sources=tuple(dict.fromkeys((*story.sources, *(one.source for one in kept))))[:SOURCES],
        languages=_often(kept, lambda one: (one.language,) if one.language else ()),
        countries=_often(kept, lambda one: one.countries), topics=_often(kept, lambda one: one.topics),
        hosts=tuple(sorted({str(said.value) for fact in story.facts if fact.field == "host" for said in fact.said})),
    )  # fmt: skip


def _often(articles: Sequence[StoryArticle], get: Callable[[StoryArticle], Sequence[str]]) -> tuple[str, ...]:
    counts = Counter(value for one in articles for value in get(one))
    return tuple(sorted(counts, key=lambda value: (-counts[value], value)))[:SEVERAL]


def _hours(timeline: Iterable[StoryHour], articles: Iterable[StoryArticle], sign: int = 1) -> tuple[StoryHour, ...]:
    more = [
        StoryHour(at=_hour(one.seen), articles=1, own=int(one.copy_of is None)) for one in articles
    ]  # fmt: skip
    return _joined(timeline, more, sign)


def _joined(timeline: Iterable[StoryHour], more: Iterable[StoryHour] = (), sign: int = 1) -> tuple[StoryHour, ...]:
    """The hours with those that are added, or taken away, in order; empty ones are left out."""
    articles, own = Counter[datetime](), Counter[datetime]()
    for hours, factor in ((timeline, 1), (more, sign)):
        for hour in hours:
            articles[hour.at] += factor * hour.articles
            own[hour.at] += factor * hour.own
    kept = [
        StoryHour(at=at, articles=n, own=max(0, own[at])) for at, n in sorted(articles.items()) if n > 0
    ]  # fmt: skip
    return bounded(kept)


def bounded(timeline: Sequence[StoryHour]) -> tuple[StoryHour, ...]:
    """As many hours as are kept."""
    return tuple(timeline[-HOURS:])


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
