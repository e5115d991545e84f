"""Stories as people look at them: found by a query, an id or an article, with what changed in their articles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from pipeline.core.query.search import DEEPEST, Search
from pipeline.core.query.tree import And, Equal, Node, Not, Or
from pipeline.core.stories.growth import Growth
from pipeline.core.stories.importance import rank
from pipeline.core.stories.updates import LED, home, resolved
from pipeline.core.urls import article_id
from pipeline.ports import Index, StoryList
from pipeline.records import Change, Document, Story

LOOKED = 2_000  # articles, the newest that match, whose stories are listed
PAGE = 200
VERSIONS = 40  # articles of a story whose versions are looked up


@dataclass(frozen=True, slots=True)
class Stories:
    """Stories found. `complete` False: there are more articles that match than were looked at."""

    total: int
    found: tuple[Story, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Revision:
    """A later version of an article of a story."""

    article: str
    source: str
    document: Document

    @property
    def changes(self) -> tuple[Change, ...]:
        return self.document.relation.changes


class Lookup:
    """Follows ids to the records of stories, over merges and splits; each is read once."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._known: dict[str, Story] = {}

    async def read(self, ids: Iterable[str]) -> None:
        """Read the records of these stories, and of those that they lead to. Raises Unavailable."""
        wanted = [id for id in dict.fromkeys(ids) if id not in self._known]
        while wanted:
            found = await self._index.get_stories(wanted)
            self._known |= found
            leads = {one.redirect for one in found.values()} | {
                to for one in found.values() for to in one.moved.values()
            }
            wanted = [id for id in leads if id and id not in self._known]

    async def story(self, id: str) -> Story | None:
        """The story that an id leads to."""
        await self.read([id])
        return self.known(id)

    def known(self, id: str) -> Story | None:
        """The same, of what was read."""
        return resolved(id, {}, self._get)

    async def of(self, document: Document) -> Story | None:
        """The story in which the article is now."""
        await self.read([document.relation.story_id])
        return self.now(document)

    def now(self, document: Document) -> Story | None:
        """The same, of what was read."""
        return self.home(document.article.id, document.relation.story_id)

    def home(self, article: str, story: str) -> Story | None:
        """The story in which an article is now that came to `story`. Of what was read."""
        return home(article, story, {}, self._get)

    def moved(self, document: Document) -> Document:
        """The document as if it came now: in the story in which its article is. Of what was read."""
        story = self.now(document)
        if story is None:
            return document
        relation = msgspec.structs.replace(document.relation, story_id=story.id, merged=story.merged[-LED:])
        return msgspec.structs.replace(document, relation=relation)

    def _get(self, ids: Iterable[str]) -> Mapping[str, Story]:
        return {id: self._known[id] for id in ids if id in self._known}


async def find_story(index: Index, named: str) -> Story | None:
    """The story with this id, also one that was merged; or that of an article, by its id or address. Raises ValueError
    for what is no address, Unavailable."""
    lookup = Lookup(index)
    if "://" not in named and (story := await lookup.story(named)):
        return story
    document = await index.get(article_id(named) if "://" in named else named)
    return await lookup.of(document) if document else None


async def followed(index: Index, search: Search) -> Search:
    """The search with each `story:ID` in it leading on, as `followed_query` does. Raises Unavailable."""
    return search if search.query is None else replace(search, query=await followed_query(index, search.query))


async def followed_query(index: Index, query: Node) -> Node:
    """The query with each `story:ID` in it leading on: to all articles of the story that the id leads to now. Raises
    Unavailable."""
    named = set(stories_in(query))
    if not named:
        return query
    lookup = Lookup(index)
    await lookup.read(named)
    return _led(query, {id: one for id in named if (one := lookup.known(id))})


def stories_in(node: Node) -> Iterator[str]:
    """The ids of stories that a query names."""
    match node:
        case Equal("story", value):
            yield value
        case And(parts) | Or(parts):
            for part in parts:
                yield from stories_in(part)
        case Not(part):
            yield from stories_in(part)


def _led(node: Node, found: Mapping[str, Story]) -> Node:
    match node:
        case Equal("story", value) if value in found:
            return _members(found[value])
        case And(parts):
            return And(tuple(_led(part, found) for part in parts))
        case Or(parts):
            return Or(tuple(_led(part, found) for part in parts))
        case Not(part):
            return Not(_led(part, found))
    return node


def _members(story: Story) -> Node:
    """The articles of a story; of a large one, that are not all listed, also those that were ever put into it and not
    taken out."""
    listed = tuple(Equal("id", one.id) for one in story.articles)
    if story.size > len(listed):
        put = tuple(Equal("story", id) for id in (story.id, *story.merged))
        found = Or((*listed, *put))
        gone = tuple(Equal("id", id) for id in story.moved)
        return And((found, Not(Or(gone)))) if gone else found
    return Or(listed) if len(listed) > 1 else listed[0]


async def list_stories(index: Index, search: Search, wanted: StoryList) -> Stories:
    """Stories that have an article that matches; with neither query nor end all of those that `wanted` says."""
    search = await followed(index, search)
    if search.query is None and search.until is None:
        page = await index.list_stories(wanted)
        return Stories(page.total, page.stories)
    lookup, found, looked = Lookup(index), dict[str, Story](), 0
    more = True
    while more and looked < LOOKED:
        results = await index.search(replace(search, sort="time", limit=PAGE, offset=looked))
        documents = [hit.document for hit in results.hits]
        await lookup.read(document.relation.story_id for document in documents)
        stories = [story for document in documents if (story := lookup.now(document))]
        found |= {story.id: story for story in stories if wanted.since is None or story.changed >= wanted.since}
        looked += len(documents)
        more = len(documents) == PAGE
    ordered = sorted(found.values(), key=_by_newest if wanted.sort == "newest" else _by_importance)
    return Stories(len(ordered), tuple(ordered[wanted.offset :][: wanted.limit]), complete=not more)


async def hosted_stories(index: Index) -> list[Story]:
    """Every story about a country that admits foreign forces. Raises Unavailable."""
    found: list[Story] = []
    while True:
        page = await index.list_stories(StoryList(hosted=True, limit=PAGE, offset=len(found)))
        found += page.stories
        if not page.stories or len(found) >= min(page.total, DEEPEST - PAGE):
            return found


def _by_newest(story: Story) -> tuple[int, ...]:
    return (-story.seq,)


def _by_importance(story: Story) -> tuple[int, ...]:
    return (-rank(story), -story.seq)


async def revisions(index: Index, story: Story) -> list[Revision]:
    """The later versions of a story's articles, the newest first. Raises Unavailable."""
    found = []
    changed = [one for one in story.articles if one.version > 1]
    for article in changed[-VERSIONS:]:
        documents = await index.versions(article.id)
        found += [Revision(article.id, article.source, one) for one in documents if one.relation.version > 1]
    return sorted(found, key=lambda one: (one.document.article.seen, one.document.relation.seq), reverse=True)


def plain(story: Story, grows: Growth) -> dict[str, Any]:
    """The record as values of JSON, with its growth."""
    values: dict[str, Any] = msgspec.to_builtins(story)
    values.pop("v")
    return values | {"growth": msgspec.to_builtins(grows)}
