"""Made-up documents and alert rules. The rules are made of the words of documents, so that a given share matches."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Generic, TypeVar

from pipeline.core.matching.matcher import Matcher
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.tree import And, Node, Not, Or, Prefix, Word, phrase
from pipeline.core.text.words import words
from pipeline.records import Article, Document, Relation, Sourced, Tags

T = TypeVar("T")
SEEN = datetime(2026, 3, 2, tzinfo=UTC)
LENGTH = 5_000  # characters of a document
SHARE = 0.005  # of the rules that match a document
_SYLLABLES = [a + b for a in (*"bcdfglmnprstv", "tr", "st", "ch") for b in (*"aeiou", "an", "en", "er", "in", "on")]


def documents(count: int) -> list[str]:
    """Texts of words without meaning, as frequent as words are (Zipf), in paragraphs."""
    pick = random.Random(11)
    known = dict.fromkeys(
        "".join(pick.choices(_SYLLABLES, k=1 if n < 60 else 2 if n < 4_000 else 3 if n < 30_000 else 4))
        for n in range(80_000)
    )
    vocabulary = list(known)
    return [_document(vocabulary, pick) for _ in range(count)]


def _document(vocabulary: Sequence[str], pick: random.Random) -> str:
    lines, length = list[str](), 0
    while length < LENGTH:
        lines.append(" ".join(_sentence(vocabulary, pick) for _ in range(3)))
        length += len(lines[-1]) + 1
    return "\n".join(lines)


def _sentence(vocabulary: Sequence[str], pick: random.Random) -> str:
    found = [vocabulary[int(len(vocabulary) ** pick.random()) - 1] for _ in range(20)]
    found[0], found[7] = found[0].capitalize(), found[7].capitalize()
    if pick.random() < 0.15:
        found[12] = str(pick.randrange(2_000))
    return " ".join(found) + "."


class Rules:
    """Makes rules of words of `texts`. The shapes: `7 words`, `120 words`, `20 prefixes`."""

    def __init__(self, texts: Sequence[str]) -> None:
        cut = [[words(line) for line in text.split("\n")] for text in texts]
        self._documents = len(texts)
        self._words = _ByCount(Counter(w for text in cut for w in {w for line in text for w in line if len(w) > 1}))
        starts = Counter(s for text in cut for s in {w[:n] for line in text for w in line for n in (4, 5, 6) if w[n:]})
        self._starts = _ByCount(starts)
        beside = Counter(p for text in cut for p in {p for line in text for p in pairwise(line) if all(p)})
        self._pairs = _ByCount(Counter({pair: count for pair, count in beside.items() if count > 1}))

    def make(self, shape: str, count: int, texts: Sequence[str]) -> list[Node]:
        """So many rules, of which about SHARE match one of `texts` by trial on some of them."""
        build = {"7 words": self._seven, "120 words": self._many, "20 prefixes": self._prefixes}[shape]
        low, high = 0.2, 5.0
        for _ in range(7):
            scale = (low * high) ** 0.5
            matched = _share([build(scale, random.Random(n)) for n in range(400)], texts[:50])
            low, high = (scale, high) if matched < SHARE else (low, scale)
        return [build(scale, random.Random(n)) for n in range(count)]

    def _seven(self, scale: float, pick: random.Random) -> Node:
        left = Or(tuple(self._word(0.02 * scale, pick) for _ in range(3)))
        right = (self._word(0.03 * scale, pick), phrase(self._pairs.near(0.01 * self._documents, pick)))
        return And((left, Or(right), Not(self._word(0.02, pick))))

    def _many(self, scale: float, pick: random.Random) -> Node:
        halves = (tuple(self._word(0.001 * scale, pick) for _ in range(60)) for _ in range(2))
        return And(tuple(map(Or, halves)))

    def _prefixes(self, scale: float, pick: random.Random) -> Node:
        halves = (
            tuple(Prefix(self._starts.near(0.007 * scale * self._documents, pick)) for _ in range(10)) for _ in range(2)
        )
        return And(tuple(map(Or, halves)))

    def _word(self, share: float, pick: random.Random) -> Word:
        """A word that about this share of the documents has."""
        return Word(self._words.near(share * self._documents, pick))


class _ByCount(Generic[T]):
    """Words, beginnings or pairs by the number of documents they are in."""

    def __init__(self, counts: Mapping[T, int]) -> None:
        self._sorted = sorted(counts, key=lambda one: (counts[one], str(one)))
        self._counts = [counts[one] for one in self._sorted]

    def near(self, count: float, pick: random.Random) -> T:
        """One in about `count` documents: from a third to three times as many."""
        wanted = max(1, round(count * 3 ** pick.uniform(-1, 1)))
        first = bisect_left(self._counts, wanted)
        last = max(bisect_right(self._counts, wanted), first + 10)
        return self._sorted[pick.randrange(min(first, len(self._sorted) - 10), min(last, len(self._sorted)))]


def _share(nodes: Sequence[Node], texts: Sequence[str]) -> float:
    matcher = Matcher(nodes)
    return sum(len(matcher.matches(view_of(text))) for text in texts) / len(nodes) / len(texts)


def view_of(text: str) -> DocumentView:
    """The document with this text, as the alert stage sees it."""
    article = Article(
        id="a", url="https://news.example.org/1", feed="example", source="Example", text=text, content_hash="0",
        seen=SEEN, title=Sourced(value="", source="feed"), language="en",
    )  # fmt: skip
    relation = Relation(kind="new", first_seen=SEEN, seq=1, version=1, story_id="s")
    return DocumentView(Document(article=article, tags=Tags(rules="r"), relation=relation))
