"""The index of the slots finds the same topics in labelled articles as trying each."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.commands.evaluate import read_labels
from pipeline.core.text.reading import read
from pipeline.core.topics.slots import fill
from tests.gate.shipped import shipped

pytestmark = pytest.mark.slow


def test_the_same_slots_are_filled() -> None:
    ruleset, filled = shipped(), 0
    for group in ("development", "wild/open"):
        for article in read_labels(Path("tests/gate") / group, ruleset):
            reading = read(article.title, article.text, article.language)
            lexicon = ruleset.topic_lexicon(article.language)
            found = ruleset.slots.filled(reading, lexicon.hits(reading, article.published))
            again = lexicon.hits(reading, article.published)
            each = [n for n, rule in enumerate(ruleset.rules.topics) if fill(rule.slots, reading, again) is not None]
            assert sorted(found) == each, article.id
            filled += len(each)
    assert filled > 1000
