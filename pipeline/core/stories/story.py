"""The stories of the last days: finds that of an article, and keeps what was decided.

It is rebuilt from the decisions on the log, in their order, and then decides as if it had never been away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.core.stories import regroup
from pipeline.core.stories.columns import Numbers, Texts, together
from pipeline.core.stories.copies import likely
from pipeline.core.stories.features import Rows
from pipeline.core.stories.id_table import id_key
from pipeline.core.stories.independent import independent_sources
from pipeline.core.stories.place import Options, Score, claims
from pipeline.core.stories.updates import Get
from pipeline.core.stories.window import Entry, Window
from pipeline.records import Correction, StoryRequest

LIKELY = 24  # texts that are compared with a new one: those that share most with it, and what they are copies of
FIRST, NEWEST = 20, 180  # articles of a story whose sources are counted


class Place(NamedTuple):
    """The story that an article joins or, with its own id, opens; and the corrections that follow."""

    story: str
    corrections: tuple[Correction, ...] = ()


class Kept(NamedTuple):
    """What the window keeps of an article."""

    entry: Entry
    features: Rows
    text: Texts


class Noted(NamedTuple):
    """What a decision means for the window: the time that it advances to, corrections, and the article, if any."""

    seen: float
    corrections: tuple[Correction, ...]
    kept: Kept | None = None


class Near(NamedTuple):
    """An article whose text may be the same."""

    article: str
    story: str
    seq: int
    copy: bool  # of another article
    text: np.void


class Stories:
    """The window with the rules by which stories are formed. `get` looks up records of stories."""

    def __init__(self, window: Window, score: Score, get: Get, options: Options | None = None) -> None:
        self.window, self._score, self._get = window, score, get
        self._options = options or Options()

    # -- questions ------------------------------------------------------------------------------

    def current(self, article: str, story: str) -> str:
        """The story in which an article is now, that was in `story` once."""
        return regroup.current(article, story, self.window, self._get)

    def near_texts(self, text: Texts, seen: float) -> list[Near]:
        """The articles whose texts share most with `text`, one row."""
        rows, shared = self.window.same_text(text["sample"][0])
        rows = rows[np.lexsort((rows, -shared))][:LIKELY]
        rows = np.unique(np.concatenate((rows, self.window.originals(rows))))
        rows = rows[self.window.around(rows, seen)]
        columns = self.window.columns
        texts = columns.texts(rows)
        near = likely(text[0], texts)
        rows, texts = rows[near], texts[near]
        stories = [self.window.stories.id(self.window.story_number(row)) for row in rows.tolist()]
        articles = [self.window.article(row) for row in rows.tolist()]
        copied = columns.of("original", rows) != 0
        found = zip(articles, stories, columns.of("seq", rows).tolist(), copied.tolist(), strict=True)
        return [Near(*one, kept) for one, kept in zip(found, texts, strict=True)]

    def independent(self, place: Place, article: str, text: Texts, original: str | None) -> int:
        """How many independent sources the story at `place` has in the window, with `article`, whose text is the row
        `text`. Of very many articles the first and the newest are counted."""
        columns, rows = self.window.columns, self._after(place)
        rows = rows[self.window.keys(rows) != np.uint64(id_key(article))]
        texts = together(columns.texts(rows), text)
        ids = [*self.window.keys(rows).tolist(), id_key(article)]
        originals = [*columns.of("original", rows).tolist(), id_key(original) if original else 0]
        return independent_sources(texts, ids, originals)

    def _after(self, place: Place) -> Numbers:
        """The rows of the story once the corrections are made."""
        stories = self.window.stories
        named = dict.fromkeys((place.story, *(correction.story for correction in place.corrections)))
        ends = [stories.ends(number, FIRST, NEWEST) for story in named if (number := stories.number(story)) >= 0]
        rows = np.unique(np.concatenate([*ends, np.empty(0, np.int64)]))
        moved = [id_key(id) for correction in place.corrections for id in correction.articles]
        if moved:
            leaves = place.story == place.corrections[-1].into
            rows = rows[np.isin(self.window.keys(rows), np.array(moved, np.uint64)) == leaves]
        return rows

    def place(self, article: str, features: Rows, seen: float) -> Place:
        """The story of a new article that is no copy, and what follows for other stories."""
        window, score, options = self.window, self._score, self._options
        found = claims(features, seen, window, score, options)
        if not found or found[0].probability < score.threshold:
            return Place(article)
        merges = regroup.merges(found, window, score, options, self._get)
        if merges:
            return Place(merges[-1].into, merges)
        best = found[0].story
        split, away = regroup.split(best, article, features, window, score, options, self._get)
        if split:
            return Place(split.into if away else split.story, (split,))
        return Place(window.stories.id(best))

    def requested(self, request: StoryRequest) -> Correction | str:
        """The correction that a person asked for, or why it cannot be made."""
        return regroup.requested(request, self.window, self._get)

    # -- what was decided ---------------------------------------------------------------------------------

    def note(self, noted: Noted) -> None:
        """Note a decision: its corrections, then its article, if it has one."""
        self.note_all([noted])

    def note_all(self, noted: Sequence[Noted]) -> None:
        """Note decisions in their order; many at once take a fraction of the time."""
        waiting: list[Kept] = []
        for one in noted:
            if one.corrections:
                self.window.add_all(waiting)
                waiting.clear()
                regroup.apply(one.corrections, self.window)
            if one.kept:
                waiting.append(one.kept)
        self.window.add_all(waiting)
        self.window.see(max((one.seen for one in noted), default=float("-inf")))
