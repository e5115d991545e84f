"""Finds where a word, phrase or pair of near words is in a document: what the positional operators mean.

docs/queries.md describes them for people.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from pipeline.core.query.document_view import BLOCK, DocumentView, Interval
from pipeline.core.query.names import Part, hashtag
from pipeline.core.query.slop import every, sloppy
from pipeline.core.query.tree import Apart, InList, Near, Node, Or, Phrase, Prefix, Stem, Word
from pipeline.core.text.stems import stem_token

#: The places of the words of one occurrence, in order; they do not overlap. Words side by side are one interval.
Occurrence = tuple[Interval, ...]


def occurrences(node: Node, field: str, view: DocumentView) -> Iterable[Occurrence]:
    """Every occurrence of a located node (or an Or of these) in one text field, in order of place."""
    match node:
        case Word() | Prefix() | Stem():
            return ((place,) for place in _words(node, field, view))
        case Phrase(parts, slop):
            units = [_unit(part, field, view) for part in parts]
            return sloppy(units, slop) if slop else ((place,) for place in _tagged(parts, chained(units), field, view))
        case InList(names):
            first = [name for token in view.tokens(field) & names.by_token.keys() for name in names.by_token[token]]
            found = {place for parts in first for place in chained([_unit(part, field, view) for part in parts])}
            return ((place,) for place in sorted(found))
        case Or(parts):
            return sorted(set(chain.from_iterable(occurrences(part, field, view) for part in parts)))
        case Near():
            return _pairs(node, field, view)
        case Apart():
            return _alone(node, field, view)
    raise TypeError(f"{type(node).__name__} has no places")


def _tagged(parts: tuple[Part, ...], found: Sequence[Interval], field: str, view: DocumentView) -> Sequence[Interval]:
    """The occurrences of a phrase with those where it is written as a hashtag."""
    tag = hashtag(parts)
    tags = view.occurrences(field, tag) if tag is not None else ()
    return sorted({*found, *tags}) if tags else found


def _words(node: Word | Prefix | Stem, field: str, view: DocumentView) -> Sequence[Interval]:
    match node:
        case Word(word):
            return view.occurrences(field, word)
        case Prefix(prefix):
            found = {place for word in view.starting(field, prefix) for place in view.occurrences(field, word)}
            return sorted(found)
        case Stem(word):
            return view.stemmed(field, stem_token(word, view.language))


def _unit(part: Part, field: str, view: DocumentView) -> Sequence[Interval]:
    """Where any alternative of a part of a phrase is."""
    if len(part) == 1 and len(part[0]) == 1:
        return view.occurrences(field, part[0][0])
    found = (chained([view.occurrences(field, token) for token in alternative]) for alternative in part)
    return sorted(set(chain.from_iterable(found)))


def chained(units: Sequence[Sequence[Interval]]) -> Sequence[Interval]:
    """Where all of `units` are side by side in this order."""
    if not all(units):
        return ()
    found = units[0]
    for unit in units[1:]:
        lasts: dict[int, list[int]] = {}
        for first, last in unit:
            lasts.setdefault(first, []).append(last)
        found = [(first, last) for first, middle in found for last in lasts.get(middle + 1, ())]
    return found


# -- pairs


def _pairs(node: Near, field: str, view: DocumentView) -> Iterator[Occurrence]:
    rights = _Places(_operand(node.right, field, view))
    if not rights.found:
        return
    seen = set()
    for left in _operand(node.left, field, view):
        for right in rights.beside(left, node.distance):
            if _near(node, left, right, field, view):
                pair = tuple(sorted(left + right))
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def _alone(node: Apart, field: str, view: DocumentView) -> Iterator[Occurrence]:
    rights = _Places(_operand(node.right, field, view))
    for left in _operand(node.left, field, view):
        if not any(_near(node, left, right, field, view) for right in rights.beside(left, node.distance)):
            yield left


def _operand(node: Node, field: str, view: DocumentView) -> Iterable[Occurrence]:
    """Every occurrence of an operand of nearness; `occurrences` has not all those of a phrase with moves."""
    match node:
        case Phrase(parts, slop) if slop:
            return every([_unit(part, field, view) for part in parts], slop)
        case Or(parts):
            return sorted(set(chain.from_iterable(_operand(part, field, view) for part in parts)))
    return occurrences(node, field, view)


class _Places:
    """Occurrences by their first word."""

    def __init__(self, found: Iterable[Occurrence]) -> None:
        self.found = sorted(found)
        self._firsts = [occurrence[0][0] for occurrence in self.found]
        self._width = max((_last(occurrence) - occurrence[0][0] for occurrence in self.found), default=0)

    def beside(self, left: Occurrence, distance: int | None) -> Sequence[Occurrence]:
        """Those that may be within `distance` of `left`; without distance, those in its block."""
        first, last = left[0][0], _last(left)
        if distance is None:
            low, high = first >> BLOCK << BLOCK, (last >> BLOCK) + 1 << BLOCK
        else:
            low, high = first - distance - self._width, last + distance + 1
        return self.found[bisect_left(self._firsts, low) : bisect_left(self._firsts, high)]


def _near(node: Near | Apart, left: Occurrence, right: Occurrence, field: str, view: DocumentView) -> bool:
    """Whether this pair is what `node` asks for."""
    first, last = min(left[0][0], right[0][0]), max(_last(left), _last(right))
    if first >> BLOCK != last >> BLOCK:
        return False
    after, before = right[0][0] - _last(left), left[0][0] - _last(right)
    if node.ordered and after <= 0:
        return False
    if node.distance is not None and max(after, before) > node.distance:
        return False
    if after <= 0 and before <= 0 and _overlap(left, right):
        return False
    return node.within == "paragraph" or view.sentence(field, first) == view.sentence(field, last)


def _overlap(left: Occurrence, right: Occurrence) -> bool:
    return any(a[0] <= b[1] and b[0] <= a[1] for a in left for b in right)


def _last(occurrence: Occurrence) -> int:
    """The position of the last word; the intervals are in order and do not overlap."""
    return occurrence[-1][1]
