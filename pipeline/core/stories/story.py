"""The stories of the last days: finds that of an article, and keeps what was decided.

It is rebuilt from the decisions on the log, in their order, and then decides as if it had never been away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pipeline.core.stories import regroup
from pipeline.core.stories.columns import Texts, together
from pipeline.core.stories.copies import likely
from pipeline.core.stories.features import Rows
from pipeline.core.stories.id_table import id_key
from pipeline.core.stories.independent import independent_sources
from pipeline.core.stories.place import Options, Score, claims
from pipeline.core.stories.updates import Get
from pipeline.core.stories.window import Entry, Window
from pipeline.records import Correction, StoryRequest

LIKELY = 64  # texts that are compared with a new one: those that share most with it
FIRST, NEWEST = 20, 480  # articles of a story whose sources are counted


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
        rows = self.window.around(rows[np.lexsort((rows, -shared))][:LIKELY], seen)
        columns = self.window.columns
        rows = rows[likely(text[0], columns.of("text", rows))]
        stories = [self.window.stories.id(self.window.story_number(row)) for row in rows.tolist()]
        articles = [self.window.article(row) for row in rows.tolist()]
        copied = columns.of("original", rows) != 0
        found = zip(articles, stories, columns.of("seq", rows).tolist(), copied.tolist(), strict=True)
        return [Near(*one, kept) for one, kept in zip(found, columns.of("text", rows), strict=True)]

    def independent(self, place: Place, article: str, text: Texts, original: str | None) -> int:
        """How many independent sources the story at `place` has in the window, with `article`, whose text is the row
        `text`. Of very many articles the first and the newest are counted."""
        rows = [row for row in self._after(place) if self.window.article(row) != article]
        columns, listed = self.window.columns, np.array(rows, np.int64)
        texts = together(columns.of("text", listed), text)
        ids = [*(id_key(self.window.article(row)) for row in rows), id_key(article)]
        originals = [*columns.of("original", listed).tolist(), id_key(original) if original else 0]
        return independent_sources(texts, ids, originals)

    def _after(self, place: Place) -> list[int]:
        """The rows of the story once the corrections are made."""
        stories, rows = self.window.stories, set[int]()
        moved = {id for correction in place.corrections for id in correction.articles}
        for story in (place.story, *(correction.story for correction in place.corrections)):
            if (number := stories.number(story)) >= 0:
                rows.update(stories.ends(number, FIRST, NEWEST).tolist())
        if moved:
            leaves = place.story == place.corrections[-1].into
            rows = {row for row in rows if (self.window.article(row) in moved) == leaves}
        return sorted(rows)

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

    def note(self, seen: float, corrections: Sequence[Correction], kept: Kept | None, cell: int | None = None) -> None:
        """Note a decision: its corrections, then its article, if it has one."""
        regroup.apply(corrections, self.window)
        if kept:
            self.window.add(kept.entry, kept.features, kept.text, cell)
        self.window.see(seen)

    def note_all(self, noted: Sequence[Noted]) -> None:
        """Note decisions in their order; many at once take half the time."""
        rows = [one.kept.features for one in noted if one.kept]
        cells = iter(self.window.cells_of(together(*rows)) if rows else ())
        for one in noted:
            self.note(one.seen, one.corrections, one.kept, next(cells) if one.kept else None)
