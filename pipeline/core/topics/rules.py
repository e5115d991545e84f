"""Topic rules as data. docs/topics.md describes the format.

read_rules.py reads the files, judge.py judges an article.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import msgspec

from pipeline.core.faults import Fault

#: Data from which a concept can take terms: names of states, demonyms ("peruano"), years near the article's.
SOURCES = ("countries", "demonyms", "years")
#: The year of articles without a date. Those are examples of the rules, and all shipped ones are of this year.
UNDATED = 2026
WITHIN = ("sentence", "document")
WHERE = ("anywhere", "lead", "headline")
ANY = "any"  # terms under this key apply in every language
OTHER_FILES = ("topic.toml", "concepts.toml", "verifier.toml")  # of a folder; the rest are language files
EXAMPLES = ("must_match", "must_not_match")
MOST_CONCEPTS = 6  # maximum in one pattern
WIDEST_GAP = 9


Kind = Literal["exact", "prefix", "inner", "stem", "capital", "cased"]


class Piece(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One word of a term, folded. `kind`: exact, prefix, inner (a part of the word), stem (any form of the word; `word`
    is the stem), capital (not in small letters), cased (as `written`)."""

    kind: Kind
    word: str
    written: str = ""


class Ref(msgspec.Struct, frozen=True, tag="concept", gc=False):
    """A hit of the concept with this key."""

    concept: str


class Gap(msgspec.Struct, frozen=True, tag="gap", gc=False):
    """Up to `words` arbitrary words."""

    words: int


Part = tuple[Piece, ...] | Ref | Gap  # consecutive words are one part


@dataclass(frozen=True, slots=True)
class Concept:
    """A set of terms, by language. `key` is unique in the rules: `name` if the concept is shared, else `topic/name`."""

    key: str
    name: str
    terms: Mapping[str, tuple[tuple[Part, ...], ...]]
    unless: Mapping[str, tuple[tuple[Part, ...], ...]]  # a hit that overlaps one of these does not count
    source: str | None = None
    years: tuple[int, int] | None = None  # of the source "years": from and to, counted from the article's year

    def needs(self) -> set[str]:
        """Keys of the concepts that its terms refer to."""
        groups = [*self.terms.values(), *self.unless.values()]
        return {part.concept for group in groups for term in group for part in term if isinstance(part, Ref)}


def concept_name(key: str) -> str:
    """The name of the concept with this key."""
    return key.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Concepts that must occur together. `within`: "sentence", "document", or a number of words in one sentence."""

    name: str
    all: tuple[str, ...]
    weight: float
    within: str | int = "sentence"
    where: str = "anywhere"
    ordered: bool = False
    times: int = 1  # in at least this many different sentences
    every: int | None = None  # and in at least one of this many sentences of the article
    unless: tuple[str, ...] = ()  # in the same sentence (or, within the document, anywhere)
    unless_anywhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """A part that the title and lead of an article on the topic have, in whatever sentence. `fillers`: each fills it;
    one of several concepts only if all of them are there. `required`: without it the verifier is not asked."""

    name: str
    fillers: tuple[tuple[str, ...], ...]
    required: bool = True

    @property
    def concepts(self) -> frozenset[str]:
        return frozenset(concept for filler in self.fillers for concept in filler)


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression. `signs`: the weight of each sign. `vectors`: by the part of the article whose vector it
    multiplies, a scale and 8-bit weights."""

    bias: float
    signs: Mapping[str, float]
    vectors: Mapping[str, tuple[float, bytes]]


@dataclass(frozen=True, slots=True)
class Verifier:
    """Decides about articles that fill the required slots. `concepts`: those it looks for besides the slots. `veto`: it
    refuses what the patterns accept below this probability. `propose`: it also decides about articles whose opening is
    on the topic with this probability, whatever slots they fill; 0 is never. `doubt`: below this probability by signs
    and the vector that stories use, the opening is not encoded again for its meaning. `alone`: in languages in which
    the topic has no terms, the meaning of the opening alone accepts it from this probability; 0 is never.
    `sure`: facts do not remove the topic from this probability; 0 is always.

    `with_meaning`: its weights; `with_opening`: those by which it decides first in the languages that the encoder of
    stories knows; `opening`: those by which the vector of that encoder proposes the topic there; `meaning`: those by
    which the other one does so in other languages, and decides alone where there are no terms."""

    threshold: float
    veto: float
    propose: float
    doubt: float
    alone: float
    sure: float
    concepts: tuple[str, ...]
    with_meaning: Weights
    with_opening: Weights
    meaning: Weights
    opening: Weights


@dataclass(frozen=True, slots=True)
class FactRules:
    """How the facts of a topic are found. `roles`: role -> key of its concept. `outcomes`: each pattern with the
    outcome it indicates; the outcome with the highest weight is the event's."""

    roles: Mapping[str, str]
    outcomes: tuple[tuple[str, Pattern], ...]
    own_forces: float = 0.0  # added to the score if the forces are the deciding country's own


@dataclass(frozen=True, slots=True)
class Example:
    """An article that must have the topic, or must not. `file`, `key` and `line`: its place, for faults."""

    file: str
    key: str
    title: str
    text: str
    language: str | None
    matches: bool
    line: int | None = None
    published: date | None = None

    def fault(self, reason: str, hint: str) -> Fault:
        """A fault at this example."""
        return Fault(self.file, self.key, reason, hint, self.line)


@dataclass(frozen=True, slots=True)
class TopicRule:
    """The rule of one topic."""

    id: str
    version: int
    title: Mapping[str, str]
    description: Mapping[str, str]
    links: Mapping[str, str]
    threshold: float
    patterns: tuple[Pattern, ...]
    examples: tuple[Example, ...]
    facts: FactRules | None = None  # most topics have none
    slots: tuple[Slot, ...] = ()
    verifier: Verifier | None = None  # of a topic with slots
    languages: tuple[str, ...] = ()  # those with terms enough to find the topic

    def has_terms(self, code: str | None) -> bool:
        """Whether words can show the topic in the language with this code; None is matched with all terms."""
        return code is None or code in self.languages


@dataclass(frozen=True, slots=True)
class Rules:
    """A valid set of rules. `concepts` are in order, each after those it refers to."""

    hash: str
    topics: tuple[TopicRule, ...]
    concepts: Mapping[str, Concept]
    languages: tuple[str, ...]
