"""Learns in how many documents each term is, from documents that were read. Guesses until enough is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pipeline.core.matching.vocabulary import Term

EVERY = 8  # of so many documents one is counted
FORGET = 4_096  # counted documents, after which all counts are halved
GUESS = 20  # documents that a guess is worth

#: Rough share of the documents that have a value of a keyword field; other fields: RARE.
RARE = 0.03
_SHARES = {"kind": 0.9, "language": 0.3, "outlet_country": 0.1, "country": 0.1, "site": 0.05, "section": 0.05}


class Frequencies:
    """Counts terms in every EVERY-th document. Recent documents count more. Nothing that matches depends on it."""

    def __init__(self) -> None:
        self.counted = 0.0  # documents, after forgetting
        self.learnt = 0  # documents counted in all
        self._seen = 0
        self._counts = Counter[Term]()

    def turn(self) -> bool:
        """Whether the next document is to be counted."""
        self._seen += 1
        return self._seen % EVERY == 1

    def learn(self, terms: Iterable[Term]) -> None:
        """Count a document with these terms."""
        self._counts.update(terms)
        self.learnt += 1
        self.counted += 1
        if self.counted >= FORGET:
            self.counted /= 2
            self._counts = Counter({term: count / 2 for term, count in self._counts.items() if count > 1})

    def shares(self) -> Shares:
        """The estimated shares of documents that have a term, above 0, as of now."""
        return Shares(self._counts.copy(), self.counted)


class Shares(dict[Term, float]):
    """A term -> the estimated share of documents that have it."""

    def __init__(self, counts: Counter[Term], counted: float) -> None:
        self._counts, self._counted = counts, counted

    def __missing__(self, term: Term) -> float:
        share = (self._counts[term] + GUESS * guess(term)) / (self._counted + GUESS)
        self[term] = share
        return share


def guess(term: Term) -> float:
    """A guess at the share of documents that have a term."""
    if isinstance(term, tuple):
        return 0.3 * min(map(guess, term))
    field, colon, word = term.partition(":")
    if colon and field not in ("title", "text"):
        return _SHARES.get(field, RARE)
    word = word if colon else field
    share = _rarity(word.rstrip("*"))
    return min(0.9, share * 4) if word.endswith("*") else share


def _rarity(token: str) -> float:
    """Short words are common; a Han or Thai character is rarer than a letter."""
    letters = len(token) if token.isascii() else sum(2.5 if char > "\u0dff" else 1 for char in token)
    return float(min(0.9, 8 / max(letters, 1) ** 2.5))
