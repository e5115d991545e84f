"""What the first look refuses, the verifier would refuse: the same topics are found without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from pipeline.commands.evaluate import read_labels
from pipeline.core.text.reading import Reading, read
from pipeline.core.topics.first_look import FirstLook
from pipeline.core.topics.hits import Hits
from pipeline.core.topics.judge import RuleSet, judge
from tests.gate.shipped import shipped

EVERY = 12  # of the labelled articles one in so many: each candidate is encoded


class NoLook(FirstLook):
    """Refuses nothing, and counts what it was asked about."""

    def __init__(self) -> None:
        super().__init__(())
        self.asked = 0

    def likely(
        self, numbers: Sequence[int], most: Mapping[int, float], reading: Reading, language: str | None, hits: Hits
    ) -> list[int]:
        self.asked += len(numbers)
        return list(numbers)


@pytest.mark.slow
def test_the_same_topics_are_found_without_it() -> None:
    rules, passed = shipped(), 0
    without, looking = RuleSet(rules.rules), NoLook()
    object.__setattr__(without, "first_look", looking)
    groups = ("development", "short", "wild/open", "leads")
    articles = [one for group in groups for one in read_labels(Path("tests/gate") / group, rules)]
    for one in articles[::EVERY]:
        reading = read(one.title, one.text, one.language)
        hits = rules.topic_lexicon(one.language).hits(reading, one.published)
        found, wanted = (judge(which, reading, one.language, hits) for which in (rules, without))
        assert [(match.rule.id, match.score, match.verdict) for match in found] == [
            (match.rule.id, match.score, match.verdict) for match in wanted
        ], one.id
        filled = rules.slots.filled(reading, hits)
        passed += len(rules.first_look.likely(filled, rules.patterns.most(hits), reading, one.language, hits))
    assert passed < 0.8 * looking.asked  # it refuses what it can
