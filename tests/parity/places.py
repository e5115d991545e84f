"""Finds where words are in one text, for the naive evaluator: phrases, moves, nearness, sentences.

Written from docs/queries.md and docs/decisions/0033-queries.md alone. Everything is tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise, product
from typing import Any

import Stemmer

from tests.parity.splitting import cut, fold, split
from tests.parity.ways import ways

APART = 100_000  # positions between paragraphs: nothing reaches from one to the next
Span = tuple[int, int]  # first and last word
Found = tuple[Span, ...]  # one occurrence: the words of it, in order
Tree = Any  # of reading.py

STEMMERS = {
    code: name
    for code, name in {
        "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
        "es": "spanish", "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian", "id": "indonesian",
        "it": "italian", "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
        "ru": "russian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
    }.items()
    if name in Stemmer.algorithms()
}  # fmt: skip
_END = re.compile("[.!?…]+[\"'”’»)]*(?=\\s)|[。！？।॥።፧၊။។؟۔]+")


def stem(word: str, language: str | None) -> str:
    """The stem of a word as written, by the stemmer of the language if there is one."""
    if language not in STEMMERS:
        return fold(word)
    lower = (word.replace("I", "ı").replace("İ", "i") if language == "tr" else word).lower()
    return fold(_stemmer(STEMMERS[language]).stemWord(lower))


_stemmer = cache(Stemmer.Stemmer)


class Text:
    """A title or text, cut into words once."""

    def __init__(self, text: str, language: str | None) -> None:
        self.language = language
        self.places: dict[str, list[Span]] = {}
        self.stems: dict[str, list[Span]] | None = None
        self.text = text
        self.starts = [number * APART + at for number, line in enumerate(text.split("\n")) for at in _starts(line)]
        for number, line in enumerate(text.split("\n")):
            base, found = number * APART, list(ways(line))
            hidden = {n for way in found if not way.word for n in range(way.first, way.last + 1)}
            spans = {(n, n, word) for n, word in enumerate(split(line)) if n not in hidden}
            spans |= {(way.first, way.last, way.word) for way in found}
            for first, last, word in sorted(spans):
                if word:
                    self.places.setdefault(word, []).append((base + first, base + last))

    def stemmed(self, stem_: str) -> list[Span]:
        if self.stems is None:
            self.stems = {}
            for number, line in enumerate(self.text.split("\n")):
                hidden = {n for way in ways(line) if not way.word for n in range(way.first, way.last + 1)}
                for n, word in enumerate(cut(line)):
                    if fold(word) and n not in hidden and len(word) <= 255:
                        place = number * APART + n
                        self.stems.setdefault(stem(word, self.language), []).append((place, place))
        return self.stems.get(stem_, [])

    def sentence(self, place: int) -> int:
        return sum(start <= place for start in self.starts)


def _starts(line: str) -> Iterator[int]:
    """The number of the first word of each sentence of a paragraph."""
    yield 0
    for end in _END.finditer(line):
        after = line[end.end() :].lstrip()
        before = line[: end.start()]
        initial = end[0] == "." and re.search(r"(?<!\w)(?:\w\.)*\w$|UU$", before)
        if not (end[0][0] in ".!?…" and (after[:1].islower() or initial)):
            yield len(split(line[: end.end()]))


def occurrences(tree: Tree, text: Text) -> set[Found]:
    """Every occurrence of a word, phrase, list, pair, or an OR of these."""
    if isinstance(tree, tuple):
        return set().union(*(occurrences(part, text) for part in tree[1]))
    match tree.kind:
        case "prefix":
            return {(span,) for word, spans in text.places.items() if word.startswith(tree.words) for span in spans}
        case "stem":
            return {(span,) for span in text.stemmed(stem(tree.words[0], text.language))}
        case "list":
            return set().union(*(_phrase(parts, 0, text) for parts in tree.names))
        case "pair":
            return set(_pairs(tree, text))
        case _:
            return _phrase(tree.parts, tree.slop, text)


def _phrase(parts: Any, slop: int, text: Text) -> set[Found]:
    found: set[Found] = set()
    if all(any(all(word in text.places for word in way) for way in part) for part in parts):
        found = set(arrangements([_units(part, text.places) for part in parts], slop))
    if slop == 0 and (tag := _tag(parts)) in text.places:
        found |= {(span,) for span in text.places[tag]}
    return found


@cache
def _tag(parts: Any) -> str:
    """The hashtag of two to six words; "" for others."""
    words = [word for part in parts for word in split(" ".join(_longest(part)))]
    several = len(parts) > 1 or len(parts[0]) > 1
    return "#" + "".join(words) if several and 1 < len(words) <= 6 and all(map(str.isalnum, words)) else ""


def _longest(ways: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return max(ways, key=len)


def _units(part: Any, places: dict[str, list[Span]]) -> list[Span]:
    """Where any way to write one part of a phrase is."""
    found = set()
    for way in part:
        for spans in product(*(places.get(word, ()) for word in way)):
            if all(one[1] + 1 == other[0] for one, other in pairwise(spans)):
                found.add((spans[0][0], spans[-1][1]))
    return sorted(found)


def arrangements(units: list[list[Span]], slop: int) -> Iterator[Found]:
    """Every way to give each part of a phrase its own place, with at most `slop` moves in all.

    Moves are counted like Lucene (PhraseQuery: "an edit distance between respective positions"): in an exact match all
    words are shifted equally; the moves are the difference between the largest and the smallest shift.
    """

    def further(chosen: Found, low: int, high: int, width: int) -> Iterator[Found]:
        if len(chosen) == len(units):
            yield tuple(sorted(chosen))
            return
        for first, last in units[len(chosen)]:
            shift = first - width
            least, most = (min(low, shift), max(high, shift)) if chosen else (shift, shift)
            if most - least <= slop and not any(first <= b and a <= last for a, b in chosen):
                yield from further((*chosen, (first, last)), least, most, width + last - first + 1)

    return further((), 0, 0, 0)


def _pairs(pair: Tree, text: Text) -> Iterator[Found]:
    rights = occurrences(pair.right, text)
    for left in occurrences(pair.left, text):
        partners = [right for right in rights if _near(pair, left, right, text)]
        if pair.negated and not partners:
            yield left
        elif not pair.negated:
            yield from (tuple(sorted(left + right)) for right in partners)


def _near(pair: Tree, left: Found, right: Found, text: Text) -> bool:
    after, before = right[0][0] - left[-1][1], left[0][0] - right[-1][1]
    first, last = min(left[0][0], right[0][0]), max(left[-1][1], right[-1][1])
    if first // APART != last // APART or (pair.ordered and after <= 0):
        return False
    if pair.distance is not None and max(after, before) > pair.distance:
        return False
    if any(a <= d and c <= b for a, b in left for c, d in right):
        return False
    return pair.scope != "sentence" or text.sentence(first) == text.sentence(last)
