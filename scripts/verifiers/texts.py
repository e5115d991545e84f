"""The labelled texts that a verifier learns from, and what it sees of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.commands.evaluate import read_labels
from pipeline.core.text.encoder import DIMENSIONS
from pipeline.core.text.reading import read
from pipeline.core.topics.features import BEGINNING, PARTS, Inputs, opening_of, sign_names
from pipeline.core.topics.judge import RuleSet, candidate_inputs, match_topic
from pipeline.core.topics.rules import TopicRule
from pipeline.core.topics.verifier import knows, vector_of

SETS = ("development", "short", "wild/open", "leads")
EXAMPLES = "examples"  # of the rule
SETS_FOLDER = Path("tests/gate")

Matrix = NDArray[np.float64]


class Text(NamedTuple):
    """A labelled text."""

    id: str
    group: str  # its set
    language: str | None
    published: date | None
    title: str
    text: str

    @property
    def family(self) -> str:
        """Texts that were written as variations of each other have one; it stays together in validation."""
        return self.id.rstrip("abcdefghij") if self.group == "leads" else self.id


@dataclass(frozen=True)
class Candidate:
    """A labelled text that fills the slots of a topic, or that its opening proposes. `right`: it has the topic.
    `accepted`: by the patterns."""

    text: Text
    right: bool
    accepted: bool
    signs: Matrix
    vectors: Matrix  # of all parts; empty if the encoder does not know the language
    proposed: bool = False

    def vector(self, part: str) -> Matrix:
        """The vector of one part."""
        first = PARTS.index(part) * DIMENSIONS
        return self.vectors[first : first + DIMENSIONS]

    @property
    def opening(self) -> Matrix:
        """The vector of the opening."""
        return self.vector(BEGINNING)


class Other(NamedTuple):
    """A labelled text that is no candidate."""

    text: Text
    right: bool
    opening: Matrix  # empty if the encoder does not know the language


@dataclass
class Candidates:
    """The candidates for a topic in a fixed order, and the other texts."""

    found: list[Candidate] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)

    @property
    def opened(self) -> list[Candidate | Other]:
        """All texts whose opening has a vector."""
        every: list[Candidate | Other] = [*self.found, *self.others]
        return [one for one in every if len(one.opening)]


def candidates(
    ruleset: RuleSet, rules: Sequence[TopicRule], sets: Sequence[str], *, encoded: bool = True
) -> dict[str, Candidates]:
    """The candidates of each topic, by its id: among the examples of its rule, then among the articles of each set.
    Without `encoded` they have no vectors, which take nearly all of the time."""
    found = {rule.id: Candidates() for rule in rules}
    for rule in rules:
        for number, one in enumerate(rule.examples):
            text = Text(f"{EXAMPLES}-{number}", EXAMPLES, one.language, one.published, one.title, one.text)
            _add(ruleset, [(rule, one.matches)], text, found, encoded)
    for group in sets:
        folder = SETS_FOLDER / group if (SETS_FOLDER / group).is_dir() else Path(group)
        for article in sorted(read_labels(folder, ruleset), key=lambda article: article.id):
            text = Text(article.id, group, article.language, article.published, article.title, article.text)
            _add(ruleset, [(rule, rule.id in article.topics) for rule in rules], text, found, encoded)
    return found


def _add(
    ruleset: RuleSet, judged: Sequence[tuple[TopicRule, bool]], text: Text, found: Mapping[str, Candidates],
    encoded: bool,
) -> None:  # fmt: skip
    """Add a text to the candidates, or to the others, of each topic."""
    reading = read(text.title, text.text, text.language)
    hits = ruleset.topic_lexicon(text.language).hits(reading, text.published)
    for rule, right in judged:
        match, own = match_topic(rule, reading, hits), found[rule.id]
        inputs = candidate_inputs(match, reading, hits)
        if inputs is None:
            known = encoded and knows(text.language)
            own.others.append(Other(text, right, vector_of((opening_of(reading),)) if known else np.zeros(0)))
        else:
            signs, vectors = rows_of(inputs, names_of(rule), text.language if encoded else None)
            own.found.append(Candidate(text, right, match.reaches, signs, vectors))


def names_of(rule: TopicRule) -> list[str]:
    """The names of the signs of a topic, in the order of its weights."""
    assert rule.verifier is not None
    return sign_names([slot.name for slot in rule.slots], rule.verifier.concepts)


def rows_of(inputs: Inputs, names: Sequence[str], language: str | None) -> tuple[Matrix, Matrix]:
    """Signs and vectors of one candidate as numbers."""
    signs = np.array([inputs.signs.get(name, 0.0) for name in names])
    if not knows(language):
        return signs, np.zeros(0)
    return signs, np.concatenate([vector_of(tuple(inputs.texts[part])) for part in PARTS])
