"""Decides as plainly as possible whether an article matches a query: the expected answers of the parity test.

Written from docs/queries.md alone. It shares no code with the program (a test checks that), splits and folds words in
another way, and takes the query as text and the article as a plain dict. It is slow and clear; it supports only queries
that the language accepts, and refuses what it does not understand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from tests.parity.reading import Leaf, Tree, read
from tests.parity.splitting import fold, split
from tests.parity.ways import ways

APART = 100_000  # positions between paragraphs: nothing reaches from one to the next


class Reader:
    """One article, split into words once."""

    def __init__(self, article: dict[str, Any]) -> None:
        count = sum(1 for word in split(article["text"]) if word)
        self.article = article | {"word_count": count}
        self.places: dict[str, dict[str, list[int]]] = {"title": {}, "text": {}}
        for field, places in self.places.items():
            for number, paragraph in enumerate(article[field].split("\n")):
                for position, word in _words(paragraph):
                    places.setdefault(word, []).append(number * APART + position)
        self.values = {field: [fold(v.strip()) for v in _values(article, field)] for field in KEYWORDS}

    def matches(self, tree: Tree) -> bool:
        """Whether the article is a hit."""
        if isinstance(tree, Leaf):
            return self._leaf(tree)
        kind, parts = tree
        if kind == "not":
            return not self.matches(parts[0])
        return (all if kind == "and" else any)(self.matches(part) for part in parts)

    def _leaf(self, leaf: Leaf) -> bool:
        if leaf.kind == "within":
            assert leaf.field
            return _within(self.article[leaf.field], leaf)
        if leaf.kind == "equals":
            assert leaf.field
            return leaf.words[0] in self.values[leaf.field]
        return any(self._in(leaf, self.places[field]) for field in ([leaf.field] if leaf.field else ["title", "text"]))

    def _in(self, leaf: Leaf, places: dict[str, list[int]]) -> bool:
        if leaf.kind == "prefix":
            return any(word.startswith(leaf.words) for word in places)
        return next(arrangements(leaf.words, places, leaf.slop), None) is not None


def _words(paragraph: str) -> list[tuple[int, str]]:
    """Every word of a paragraph and every other way to write it, in order of place."""
    more = list(ways(paragraph))
    hidden = {position for position, word in more if not word}
    words = {(n, word) for n, word in enumerate(split(paragraph)) if n not in hidden} | set(more)
    return sorted((n, word) for n, word in words if word)


KEYWORDS = ("id", "source", "feed", "language", "country", "outlet_country", "topic", "place", "author", "section",
            "story", "duplicate_of", "kind", "site", "outcome", "host", "sender")  # fmt: skip


def _values(article: dict[str, Any], field: str) -> list[str]:
    if field == "site":
        labels = article["url"].split("/")[2].split(":")[0].removeprefix("www.").split(".")
        return [".".join(labels[n:]) for n in range(len(labels))]
    value = article[field]
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def arrangements(words: tuple[str, ...], places: dict[str, list[int]], slop: int) -> Iterator[tuple[int, ...]]:
    """Every way to give each word of a phrase its own position, with at most `slop` moves in all.

    Moves are counted like Lucene (PhraseQuery: "an edit distance between respective positions"): in an exact match all
    words are shifted equally; the moves are the difference between the largest and the smallest shift.
    """

    def further(chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        shifts = [place - n for n, place in enumerate(chosen)]
        if chosen and max(shifts) - min(shifts) > slop:  # more words can only add moves
            return
        if len(chosen) == len(words):
            yield chosen
            return
        for place in places.get(words[len(chosen)], ()):
            if place not in chosen:
                yield from further((*chosen, place))

    return further(())


def _within(value: datetime | int | None, leaf: Leaf) -> bool:
    if value is None:
        return False
    compare: dict[str, Callable[[Any, Any], bool]] = {
        ">": lambda a, b: a > b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    }  # fmt: skip
    return all(compare[sign](value, end) for sign, end in leaf.ends)


def hits(query: str, articles: list[Reader], now: datetime) -> list[str]:
    """Ids of the articles that `query` finds, in order."""
    tree = read(query, now).tree
    return [reader.article["id"] for reader in articles if reader.matches(tree)]
