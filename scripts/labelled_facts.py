"""Reads what facts are fitted to: labelled articles of the sets in tests/gate, with the facts found in them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from pipeline.commands.evaluate import read_labels
from pipeline.core.evaluation.labels import LabelledArticle, LabelledFacts
from pipeline.core.facts import FoundFacts
from pipeline.core.tagging.judged import assume_topics
from pipeline.core.toml_reader import TomlFile
from pipeline.core.topics.judge import RuleSet

TOPIC = "foreign-troop-authorization"
SETS_FOLDER = Path("tests/gate")
LEADS, LEAD_FACTS = "leads", SETS_FOLDER / "lead_facts.toml"
#: The sets that weights are fitted to, and one that only checks them.
FIT, CHECK = ("development", "decisions", "answers", "wild/open", LEADS), ("press/open",)
#: How many articles one of a set counts as; others count once.
COUNTS = {"development": 0.6, "decisions": 0.6, "answers": 0.3}
PARTS = 5  # of a cross-validation
_NUMBER = re.compile(r"-([a-z]+)(\d+)")
_BY_EVENT = ("leads", "wild/open")  # sets in which articles of one number, in several languages, may be of one event


class Labelled(NamedTuple):
    """An article with one labelled event. `facts`: what is labelled; of a lead only outcome, host and senders, "" for
    an outcome that is not. `part`: of the cross-validation; articles on one event are in the same."""

    group: str
    article: LabelledArticle
    facts: LabelledFacts
    found: FoundFacts
    part: int

    @property
    def weight(self) -> float:
        """How many articles it counts as."""
        return COUNTS.get(self.group, 1.0)


def labelled(rules: RuleSet, groups: Sequence[str]) -> Iterator[Labelled]:
    """The articles of sets that are on the topic and have one labelled event, as if the topic was found."""
    leads = _lead_facts()
    for group in groups:
        for article in read_labels(SETS_FOLDER / group, rules):
            facts = (leads[article.id],) if group == LEADS and article.id in leads else article.facts
            if TOPIC not in article.topics or len(facts) != 1:
                continue
            found = facts_of(rules, article)
            if found is not None:
                part = zlib.crc32(event_of(group, article.id).encode()) % PARTS
                yield Labelled(group, article, facts[0], found, part)


def facts_of(rules: RuleSet, article: LabelledArticle) -> FoundFacts | None:
    """The facts of an article that is taken to have the topic."""
    judged = assume_topics(rules, [TOPIC], article.title, article.text, article.language, article.published)
    return judged.topics[0].found


def _lead_facts() -> dict[str, LabelledFacts]:
    file = TomlFile.parse(LEAD_FACTS.name, LEAD_FACTS.read_bytes())
    return {name: msgspec.convert({"outcome": "", **facts}, LabelledFacts) for name, facts in file.data.items()}


def event_of(group: str, name: str) -> str:
    """The set and the event of the article with this name, as far as the name says which."""
    number = _NUMBER.search(name)
    return f"{group} {number.group(1)[-1] + number.group(2) if number and group in _BY_EVENT else name}"
