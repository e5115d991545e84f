"""Tests of the importance of a story."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.stories.importance import HALF_LIFE, RANKS, WORTH, importance, rank
from pipeline.records import Story, StoryHour
from tests.builders import SEEN

HOUR = timedelta(hours=1)


def story(*hours: tuple[int, int], independent: int = 1) -> Story:
    """A story with so many own reports in each hour after SEEN."""
    timeline = tuple(StoryHour(at=SEEN + at * HOUR, articles=n, own=n) for at, n in hours)
    return Story(
        id="s1", seq=1, changed=SEEN, opened=SEEN, timeline=timeline, independent=independent, size=max(1, len(hours))
    )


@pytest.mark.parametrize(
    ("more", "less"),
    [
        (story((0, 1), independent=3), story((0, 1), independent=2)),
        (story((0, 3)), story((0, 2))),
        (story((1, 1)), story((0, 1))),
        (story((0, 1), (1, 1)), story((1, 1))),
        (story((13, 1)), story((0, 2))),
        (story((0, 3)), story((12, 1))),
        (story((0, 1)), Story(id="s1", seq=1, changed=SEEN, opened=SEEN - HOUR)),
    ],
    ids=["sources", "reports", "newer", "older ones count", "newer than two", "three weigh 12 hours", "no timeline"],
)
def test_what_is_more_important(more: Story, less: Story) -> None:
    assert importance(more).whole > importance(less).whole
    assert rank(more) > rank(less)


def test_half_life_weighs_a_doubling() -> None:
    hours = round(HALF_LIFE / HOUR)
    assert importance(story((0, 2))).whole == pytest.approx(importance(story((hours, 1))).whole)
    assert rank(story((0, 4))) - rank(story((0, 2))) == RANKS


def test_rules_add_what_their_severity_is_worth() -> None:
    one = story((0, 1))
    worth = [importance(one, [severity]).rules for severity in ("info", "low", "medium", "high", "critical")]
    assert worth == sorted(WORTH.values())
    assert importance(one, ["low", "high"]).rules == WORTH["high"] + 0.25
    assert importance(one, ["unheard of"]).rules == 0.0
    assert importance(one).rules == 0.0


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(-3, 50)), max_size=20), st.integers(0, 1000))
def test_every_record_has_a_rank_and_more_sources_never_lower_it(hours: list[tuple[int, int]], sources: int) -> None:
    few, many = story(*hours, independent=sources), story(*hours, independent=sources + 1)
    assert rank(few) <= rank(many)
    assert importance(few).growth == importance(many).growth
