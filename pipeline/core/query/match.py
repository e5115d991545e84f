"""Does a document match a query, where, and by which branch: the exact judge that alerts and search share.

No parsing, no index. `fields` is the one place that says what each field of the query language is in a document.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pipeline.core.query import moments
from pipeline.core.query.tree import (
    DATE_FIELDS,
    TEXT_FIELDS,
    And,
    Equal,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Word,
)
from pipeline.core.text.words import fold, spans, words
from pipeline.records import Document, Span, Stated

SPANS = 100  # kept of one match
SPANS_PER_LEAF = 8


def fields(document: Document) -> dict[str, Any]:
    """Every field of the query language: text fields a str, keyword fields a tuple of str (compare with `keyword`),
    dates an aware datetime or None, numbers an int.

    `site` is the host and everything it belongs to (news.example.co.uk, example.co.uk, co.uk, uk).
    """
    article, tags, relation = document.article, document.tags, document.relation
    return {
        "title": article.title.value,
        "text": article.text,
        "id": (article.id,),
        "source": (article.source,),
        "feed": (article.feed,),
        "language": _one(article.language),
        "country": tags.countries,
        "outlet_country": _one(article.country),
        "topic": tuple(topic.id for topic in tags.topics),
        "place": tuple(dict.fromkeys(place.name for place in tags.places)),
        "outcome": _values(facts.outcome for facts in tags.facts),
        "host": _values(facts.host for facts in tags.facts),
        "sender": _values(sender for facts in tags.facts for sender in facts.senders),
        "author": _one(article.author.value if article.author else None),
        "section": _one(article.section),
        "story": (relation.story_id,),
        "duplicate_of": _one(relation.duplicate_of),
        "kind": (relation.kind,),
        "site": sites(article.url),
        "published": article.published.value if article.published else None,
        "first_seen": relation.first_seen,
        "version": relation.version,
        "seq": relation.seq,
    }


def _values(stated: Iterable[Stated | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(one.value) for one in stated if one is not None))


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def sites(url: str) -> tuple[str, ...]:
    """The host of `url` without www., and every domain above it."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").removeprefix("www.")
    except ValueError:
        return ()
    labels = host.split(".")
    if host.replace(".", "").isdigit() or ":" in host:
        return _one(host)
    return tuple(".".join(labels[n:]) for n in range(len(labels))) if host else ()


def keyword(value: str) -> str:
    """A keyword as it is compared: letter case and accents aside."""
    return fold(value.strip())


class DocumentView:
    """A document as the evaluator sees it; each field is prepared when first asked for."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self._words: dict[str, list[str]] = {}
        self._places: dict[str, dict[str, list[int]]] = {}
        self._sorted: dict[str, list[str]] = {}
        self._spans: dict[str, list[tuple[int, int]]] = {}
        self._keywords: dict[str, frozenset[str]] = {}

    @classmethod
    def of(cls, document: Document) -> DocumentView:
        return cls(fields(document))

    def words(self, field: str) -> list[str]:
        """The folded words of a text field by position."""
        if field not in self._words:
            self._words[field] = words(self.values[field])
        return self._words[field]

    def places(self, field: str) -> dict[str, list[int]]:
        """Word -> its positions, rising."""
        if field not in self._places:
            found: dict[str, list[int]] = {}
            for position, word in enumerate(self.words(field)):
                found.setdefault(word, []).append(position)
            found.pop("", None)
            self._places[field] = found
        return self._places[field]

    def starting(self, field: str, prefix: str) -> list[str]:
        """The words of a text field that start with `prefix`."""
        if field not in self._sorted:
            self._sorted[field] = sorted(self.places(field))
        vocabulary = self._sorted[field]
        first = bisect_left(vocabulary, prefix)
        found = []
        for word in vocabulary[first:]:
            if not word.startswith(prefix):
                break
            found.append(word)
        return found

    def keywords(self, field: str) -> frozenset[str]:
        if field not in self._keywords:
            self._keywords[field] = frozenset(keyword(value) for value in self.values[field])
        return self._keywords[field]

    def span(self, field: str, first: int, last: int) -> Span:
        """The text from the word at position `first` to the one at `last`."""
        if field not in self._spans:
            self._spans[field] = spans(self.values[field])
        start, end = self._spans[field][first][0], self._spans[field][last][1]
        return Span(field=field, start=start, end=end, text=self.values[field][start:end])


@dataclass(frozen=True, slots=True)
class Match:
    """`spans` in the order title, text, by place; `branch` is the query less what did not match."""

    spans: tuple[Span, ...]
    branch: Node


def match(node: Node, view: DocumentView) -> Match | None:
    """How `node` matches, or None."""
    if not holds(node, view):
        return None
    branch = _branch(node, view)
    found: dict[tuple[int, int, int], Span] = {}
    for leaf in _leaves(branch):
        for span in _leaf_spans(leaf, view):
            found[TEXT_FIELDS.index(span.field), span.start, span.end] = span
    return Match(tuple(found[key] for key in sorted(found))[:SPANS], branch)


def holds(node: Node, view: DocumentView) -> bool:
    """Whether `node` is true of the document."""
    match node:
        case And(parts):
            return all(holds(part, view) for part in parts)
        case Or(parts):
            return any(holds(part, view) for part in parts)
        case Not(part):
            return not holds(part, view)
        case Equal(field, value):
            return keyword(value) in view.keywords(field)
        case Range():
            return _within(node, view)
        case _:
            return any(next(_occurrences(node, field, view), None) is not None for field in _text_fields(node.field))


def _text_fields(field: str | None) -> tuple[str, ...]:
    return TEXT_FIELDS if field is None else (field,)


def _within(node: Range, view: DocumentView) -> bool:
    value: Any = view.values[node.field]
    if value is None:
        return False
    low, high = _limit(node, node.low, view), _limit(node, node.high, view)
    above = low is None or value > low or (node.include_low and value == low)
    return above and (high is None or value < high or (node.include_high and value == high))


def _limit(node: Range, end: str | None, view: DocumentView) -> Any:
    if end is None:
        return None
    if node.field not in DATE_FIELDS:
        return int(end)
    now: datetime = view.values["first_seen"]
    return moments.resolve(end, now)


def _occurrences(leaf: Word | Phrase | Prefix, field: str, view: DocumentView) -> Iterator[tuple[int, ...]]:
    """Positions of the words of each occurrence, in order of place."""
    places = view.places(field)
    match leaf:
        case Word(word):
            return ((position,) for position in places.get(word, ()))
        case Prefix(prefix):
            found = sorted(position for word in view.starting(field, prefix) for position in places[word])
            return ((position,) for position in found)
        case Phrase(sought, slop):
            return near(sought, slop, places)


def near(sought: tuple[str, ...], slop: int, places: dict[str, list[int]]) -> Iterator[tuple[int, ...]]:
    """Occurrences of the words within `slop` total moves, as Lucene counts: with p(i) the position of the i-th word,
    all p(i) - i lie within `slop` of each other. No position serves twice.

    For a lowest value m of p(i) - i, word i must stand in [m + i, m + i + slop]; equal words take the first place free
    in the order of i, which finds an assignment if there is one (earliest deadline first).
    """
    if any(word not in places for word in sought):
        return
    repeated = {word for word, times in Counter(sought).items() if times > 1}
    rarest = min(range(len(sought)), key=lambda i: len(places[sought[i]]))
    tried = -len(sought) - slop - 1
    for position in places[sought[rarest]]:
        for lowest in range(max(tried + 1, position - rarest - slop), position - rarest + 1):
            tried = lowest
            found = _assigned(sought, lowest, slop, places, repeated)
            if found is not None:
                yield found
                tried = max(tried, min(found))
                break


def _assigned(
    sought: tuple[str, ...], lowest: int, slop: int, places: dict[str, list[int]], repeated: set[str]
) -> tuple[int, ...] | None:
    taken: dict[str, int] = {}
    found = []
    for i, word in enumerate(sought):
        at = places[word]
        earliest = lowest + i
        if word in repeated:
            earliest = max(earliest, taken.get(word, -1) + 1)
        n = bisect_left(at, earliest)
        if n == len(at) or at[n] > lowest + i + slop:
            return None
        taken[word] = at[n]
        found.append(at[n])
    return tuple(found)


def _branch(node: Node, view: DocumentView) -> Node:
    """The part of a query that holds, less its negations: what a person is shown as the reason."""
    match node:
        case And(parts):
            kept = [_branch(part, view) for part in parts if not isinstance(part, Not)]
            return _joined(And, kept) if kept else node
        case Or(parts):
            return _joined(Or, [_branch(part, view) for part in parts if holds(part, view)])
        case _:
            return node


def _joined(kind: type[And] | type[Or], parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _leaves(node: Node) -> Iterator[Word | Phrase | Prefix]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _leaves(part)
        case Word() | Phrase() | Prefix():
            yield node


def _leaf_spans(leaf: Word | Phrase | Prefix, view: DocumentView) -> Iterable[Span]:
    """The first occurrences of a leaf; side by side words are one span, words only near each other one each."""
    for field in _text_fields(leaf.field):
        for n, found in enumerate(_occurrences(leaf, field, view)):
            if n == SPANS_PER_LEAF:
                break
            if max(found) - min(found) + 1 == len(found):
                yield view.span(field, min(found), max(found))
            else:
                yield from (view.span(field, position, position) for position in sorted(found))
