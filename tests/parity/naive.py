"""Decides as plainly as possible whether an article matches a query: the expected answers of the parity test.

Written from docs/queries.md alone. It shares no code with the program (a test checks that), splits and folds words in
another way, and takes the query as text and the article as a plain dict. It is slow and clear; it supports only queries
that the language accepts, and refuses what it does not understand.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.parity.places import Text, occurrences
from tests.parity.reading import TEXTS, Leaf, Pair, Tree, read
from tests.parity.splitting import fold, split

KEYWORDS = ("id", "source", "feed", "language", "country", "outlet_country", "topic", "place", "author", "section",
            "story", "duplicate_of", "kind", "site", "outcome", "host", "sender", "instrument", "armed",
            "weapon", "agency")  # fmt: skip


class Reader:
    """One article, split into words once."""

    def __init__(self, article: dict[str, Any]) -> None:
        count = sum(1 for word in split(article["text"]) if word)
        self.article = article | {"word_count": count}
        self.texts = {field: Text(article[field], article["language"]) for field in TEXTS}
        self.known: dict[Leaf, bool] = {}
        self.values = {field: [fold(v.strip()) for v in _values(article, field)] for field in KEYWORDS}

    def matches(self, tree: Tree) -> bool:
        """Whether the article is a hit."""
        if isinstance(tree, Leaf):
            if tree not in self.known:
                self.known[tree] = self._leaf(tree)
            return self.known[tree]
        if isinstance(tree, Pair):
            return self._leaf(tree)
        kind, parts = tree
        if kind == "not":
            return not self.matches(parts[0])
        return (all if kind == "and" else any)(self.matches(part) for part in parts)

    def _leaf(self, leaf: Leaf | Pair) -> bool:
        if isinstance(leaf, Leaf) and leaf.field and leaf.kind in ("within", "equals", "exists"):
            if leaf.kind == "within":
                return _within(self.article[leaf.field], leaf)
            if leaf.kind == "equals":
                return leaf.words[0] in self.values[leaf.field]
            return self._filled(leaf.field)
        return any(occurrences(leaf, self.texts[field]) for field in ([leaf.field] if leaf.field else TEXTS))

    def _filled(self, field: str) -> bool:
        if field in TEXTS:
            return bool(self.texts[field].places)
        return bool(self.values[field]) if field in KEYWORDS else self.article[field] not in (None, ())


def _values(article: dict[str, Any], field: str) -> list[str]:
    if field == "site":
        labels = article["url"].split("/")[2].split(":")[0].removeprefix("www.").split(".")
        return [".".join(labels[n:]) for n in range(len(labels))]
    value = article[field]
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _within(value: Any, leaf: Leaf) -> bool:
    values: tuple[datetime | int, ...] = value if isinstance(value, tuple) else () if value is None else (value,)
    compare: dict[str, Callable[[Any, Any], bool]] = {
        ">": lambda a, b: a > b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
    }  # fmt: skip
    return any(all(compare[sign](one, end) for sign, end in leaf.ends) for one in values)


def hits(query: str, articles: list[Reader], now: datetime) -> list[str]:
    """Ids of the articles that `query` finds, in order."""
    tree = read(query, now).tree
    return [reader.article["id"] for reader in articles if reader.matches(tree)]
