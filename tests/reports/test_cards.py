"""Tests of stories as cards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.records import Said, Story, StoryArticle, StoryFact, StoryHour
from pipeline.reports.cards import COLUMNS, FactLine, card_of, curve, fact_lines
from pipeline.reports.matched import Match
from tests.builders import SEEN

HOUR = timedelta(hours=1)


def story(*hours: tuple[int, int], **changes: object) -> Story:
    timeline = tuple(StoryHour(at=SEEN + at * HOUR, articles=n, own=n) for at, n in hours)
    fields: dict[str, object] = {"id": "s", "seq": 1, "changed": SEEN, "opened": SEEN, "timeline": timeline}
    return Story(**fields | changes)  # type: ignore[arg-type]


def test_the_curve_ends_now() -> None:
    found = curve(story((0, 2), (3, 1)), SEEN + 3.5 * HOUR)
    assert found.hours == 1
    assert found.counts[-4:] == (2, 0, 0, 1)
    assert sum(found.counts) == 3


@pytest.mark.parametrize(("age", "hours"), [(0, 1), (23, 1), (24, 2), (47, 2), (48, 3), (24 * 30, 31)])
def test_older_stories_have_longer_stretches(age: int, hours: int) -> None:
    found = curve(story((0, 5)), SEEN + age * HOUR)
    assert (found.hours, sum(found.counts)) == (hours, 5)


@given(st.dictionaries(st.integers(0, 400), st.integers(0, 9), max_size=30), st.integers(0, 500))
def test_no_report_up_to_now_is_missing_from_the_curve(hours: dict[int, int], later: int) -> None:
    found = curve(story(*sorted(hours.items())), SEEN + (max(hours, default=0) + later) * HOUR)
    assert len(found.counts) == COLUMNS
    assert sum(found.counts) == sum(hours.values())


def said(source: str, value: str | int) -> Said:
    return Said(article=source, source=source, at=SEEN, value=value, sentence="")


def test_facts_that_differ_come_first() -> None:
    facts = [
        StoryFact(topic="t", field="host", said=(said("A", "LV"),)),
        StoryFact(topic="t", field="vote", said=tuple(said("A", n) for n in (1, 2, 2, 3, 4)), differs=True),
    ]
    assert fact_lines(facts) == (FactLine("vote", ("1", "2", "3"), True, 1), FactLine("host", ("LV",), False))


def test_a_card_says_which_outlets_reported_themselves_and_what_matched() -> None:
    articles = tuple(
        StoryArticle(id=name, seq=1, seen=SEEN, source=name, title=name, url="", copy_of="A" if name == "B" else None)
        for name in ("A", "B", "C")
    )
    matched = (Match("one", SEEN), Match("gone", SEEN))
    card = card_of(story((0, 1), articles=articles), SEEN, matched, {"one": "high"})
    assert card.outlets == ("A", "C")
    assert [severity for _, severity in card.rules] == ["high", "low"]
    assert card.severity == "high"
    assert card.importance.rules > card_of(story((0, 1)), SEEN).importance.rules == 0
    assert card_of(story((0, 1)), SEEN).severity == ""
