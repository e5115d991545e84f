"""Brings a document, and the corrections that follow from it, into the records of the stories concerned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from pipeline.core.stories import record
from pipeline.records import Correction, Document, Story

Get = Callable[[Sequence[str]], Mapping[str, Story]]

LED = 20  # ids of merged stories that a document carries, the newest
MOST = 10_000  # steps that are followed: as many stories may have been merged one into the next; a circle ends here


def changed_by(document: Document, get: Get) -> list[Story]:
    """The records that a document changes, in the order in which they are to be written. `get` looks records up.

    A repeated document gives the records as they are.
    """
    relation, seen = document.relation, document.article.seen
    own = record.with_document(_home_of(document, get), document)
    found = {own.id: own}  # first the document: its seq says whether it is in a record
    for correction in relation.corrections:
        for story in corrected(correction, found, get, relation.seq, seen):
            found.pop(story.id, None)
            found[story.id] = story
    # What grows comes before what shrinks, so that a kill in between loses nothing.
    return sorted(found.values(), key=lambda story: story.redirect is not None)


def story_of(article: str, id: str, stories: Sequence[Story]) -> Story | None:
    """Of these records the one that has the article, else the one with this id: a large story does not list all."""
    listing = (one for one in stories if any(listed.id == article for listed in one.articles))
    return next(listing, next((one for one in stories if one.id == id), None))


def corrected(correction: Correction, found: Mapping[str, Story], get: Get, seq: int, at: datetime) -> list[Story]:
    """The records that a correction changes: first the story that grows. `found`: records newer than those of `get`."""
    story = _record(correction.story, found, get)
    free = correction.kind == "split" and _free(_record(correction.into, found, get), seq, correction.by == "person")
    into = None if free else resolved(correction.into, found, get)
    if story is None or (into and into.id == story.id):
        return []
    if free and not any(one.id in correction.articles for one in story.articles):  # they are elsewhere by now
        return []
    if max(story.seq, into.seq if into else 0) > seq:  # a later document is in them, so this is too
        return [into, story] if into else [story]
    if story.redirect or (into is None and correction.kind == "merge"):  # done, or nothing to merge into
        return [into, story] if into else []
    if correction.kind == "merge" and into:
        changed = record.merged(into, story, seq, at)
    else:
        left, grown = record.split(story, correction.articles, into, correction.into, seq, at)
        changed = (grown, left)
    found_leads = [lead for one in changed for lead in record.leads(_moved_before(one, story, into), one)]
    if correction.by == "person" or correction.kind == "split":
        return [*(one if one.redirect else record.keeping(one, correction) for one in changed), *found_leads]
    return [*changed, *found_leads]


def _moved_before(one: Story, story: Story, into: Story | None) -> Mapping[str, str]:
    """What the records that `one` was made of remembered as moved."""
    if one.id == story.id:
        return story.moved
    return {**(story.moved if story.id in one.merged else {}), **(into.moved if into else {})}


def moved_to(article: str, story: Story, get: Get) -> str | None:
    """The story that an article came to when it was taken out of this one; None if it was not."""
    if article in story.moved:
        return story.moved[article]
    if len(story.moved) < record.MOVED or any(one.id == article for one in story.articles):
        return None
    found = get([record.lead_key(one, article) for one in (story.id, *reversed(story.merged))])
    return next((lead.redirect for lead in found.values()), None)


def _home_of(document: Document, get: Get) -> Story | None:
    """The record that a document belongs to; None if it opens a story, maybe with the id of one that was merged."""
    relation = document.relation
    if relation.version == 1 and not relation.noted:
        opens = any(one.kind == "split" and one.into == relation.story_id for one in relation.corrections)
        if opens and _free(get([relation.story_id]).get(relation.story_id), relation.seq):
            return None
    return home(document.article.id, relation.story_id, {}, get)


def _free(story: Story | None, seq: int, asked: bool = False) -> bool:
    """Whether the story with this record was merged before the document `seq`, so that a split may open it again.
    `asked`: by a person, whose requests have the seq of the document before."""
    return story is not None and story.redirect is not None and (story.seq < seq or (asked and story.seq == seq))


def resolved(id: str, found: Mapping[str, Story], get: Get) -> Story | None:
    """The record that an id leads to, over redirects; None if it leads nowhere."""
    story = _record(id, found, get)
    for _ in range(MOST):
        if story is None or story.redirect is None:
            return story
        story = _record(story.redirect, found, get)
    return None


def home(article: str, id: str, found: Mapping[str, Story], get: Get) -> Story | None:
    """The record of the story in which an article is now, that was in story `id` once."""
    story = resolved(id, found, get)
    for _ in range(MOST):
        to = moved_to(article, story, get) if story else None
        if to is None:
            return story
        story = resolved(to, found, get)
    return None


def _record(id: str, found: Mapping[str, Story], get: Get) -> Story | None:
    return found.get(id) or get([id]).get(id)
