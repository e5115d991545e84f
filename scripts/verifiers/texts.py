"""The labelled texts that a verifier learns from, and what it sees of each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pipeline.commands.evaluate import read_labels
from pipeline.core.text.languages import base_code
from pipeline.core.text.reading import read
from pipeline.core.topics.features import BEGINNING, sign_names
from pipeline.core.topics.judge import RuleSet, inputs, match_topic
from pipeline.core.topics.rules import TopicRule
from pipeline.core.topics.verifier import SCALES, knows
from scripts.logistic import Matrix
from scripts.verifiers.vectors import Vectors

SETS = ("development", "short", "wild/open", "leads")
EXAMPLES = "examples"  # of the rule
SETS_FOLDER = Path("tests/gate")


class Text(NamedTuple):
    """A labelled text."""

    id: str
    group: str  # its set
    language: str | None
    published: date | None
    title: str
    text: str

    @property
    def key(self) -> tuple[str, str]:
        """What tells the text from all others."""
        return self.group, self.id

    @property
    def family(self) -> str:
        """Texts that were written as variations of each other have one; it stays together in validation."""
        return self.id.rstrip("abcdefghij") if self.group == "leads" else self.id


@dataclass(frozen=True)
class Sample:
    """What the verifier of one topic sees of a labelled text. `right`: the text has the topic. `accepted`: by the
    patterns. `candidate`: it fills the slots, or is accepted. `terms`: the topic has terms in its language."""

    text: Text
    right: bool
    accepted: bool
    candidate: bool
    terms: bool
    signs: Matrix
    opening: str
    vectors: Mapping[str, Matrix]  # of the opening, by part: BEGINNING if it was asked for; meanings.py adds MEANING


def samples(
    ruleset: RuleSet, rules: Sequence[TopicRule], sets: Sequence[str], vectors: Vectors | None
) -> dict[str, list[Sample]]:
    """The samples of each topic, by its id: the examples of its rule, then the articles of each set."""
    found: dict[str, list[Sample]] = {rule.id: [] for rule in rules}
    for rule in rules:
        for number, one in enumerate(rule.examples):
            text = Text(f"{rule.id}-{number}", EXAMPLES, one.language, one.published, one.title, one.text)
            _add(ruleset, [(rule, one.matches)], text, found, vectors)
    for group in sets:
        folder = SETS_FOLDER / group if (SETS_FOLDER / group).is_dir() else Path(group)
        for article in sorted(read_labels(folder, ruleset), key=lambda article: article.id):
            text = Text(article.id, group, article.language, article.published, article.title, article.text)
            _add(ruleset, [(rule, rule.id in article.topics) for rule in rules], text, found, vectors)
    return found


def _add(
    ruleset: RuleSet, judged: Sequence[tuple[TopicRule, bool]], text: Text, found: Mapping[str, list[Sample]],
    vectors: Vectors | None,
) -> None:  # fmt: skip
    """Add a text to the samples of each topic."""
    reading = read(text.title, text.text, text.language)
    hits = ruleset.topic_lexicon(text.language).hits(reading, text.published)
    made: Mapping[str, Matrix] | None = None
    for rule, right in judged:
        match = match_topic(rule, reading, hits)
        seen = inputs(match, reading, hits)
        made = vectors_of(seen.opening, text.language, vectors) if made is None else made
        signs = np.array([seen.signs.get(name, 0.0) for name in names_of(rule)])
        candidate, terms = match.filling is not None or match.reaches, rule.has_terms(base_code(text.language))
        found[rule.id].append(Sample(text, right, match.reaches, candidate, terms, signs, seen.opening, made))


def vectors_of(opening: str, language: str | None, vectors: Vectors | None) -> dict[str, Matrix]:
    """The vector of an opening by the encoder of stories, where that knows the language."""
    if vectors is None or not opening or not knows(language):
        return {}
    return {BEGINNING: vectors.of(opening) / SCALES[BEGINNING]}


def names_of(rule: TopicRule) -> list[str]:
    """The names of the signs of a topic, in the order of its weights."""
    assert rule.verifier is not None
    return sign_names([slot.name for slot in rule.slots], rule.verifier.concepts)


def digest(own: Sequence[Sample]) -> str:
    """A short name of all that a verifier was trained on, but for the vectors, which the openings decide."""
    seen = hashlib.sha256()
    for one in own:
        seen.update(f"{one.text.group}\n{one.text.language}\n{one.right} {one.terms}\n{one.opening}\n".encode())
        seen.update(np.rint(one.signs * 1000).astype(np.int32).tobytes())
    return seen.hexdigest()[:16]
