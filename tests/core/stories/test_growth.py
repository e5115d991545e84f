"""Whether a story grows or fades, against the rhythm of its sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.stories.growth import ACTIVITY, Growth, growth
from pipeline.core.stories.record import with_document
from pipeline.records import Story, StoryArticle, StoryHour
from tests.builders import document

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
COUNTRIES = ("DE", "JP", "US", "IN", "BR", "NZ", "")


def story(
    reports: Mapping[Any, int], countries: Sequence[str] = ("DE",), copies: Mapping[Any, int] | None = None
) -> Story:
    """A story with so many reports so many hours before noon, of outlets of these countries."""
    hours = {NOON - hour * HOUR: n for hour, n in reports.items()}
    more = {NOON - hour * HOUR: n for hour, n in (copies or {}).items()}
    timeline = tuple(
        StoryHour(at=at, articles=hours.get(at, 0) + more.get(at, 0), own=hours.get(at, 0))
        for at in sorted({*hours, *more})
    )
    articles = tuple(
        StoryArticle(id=f"a{n}", seq=n, seen=NOON, source=f"S{n}", country=country or None, title="T", url="u")
        for n, country in enumerate(countries)
    )
    first = min((*hours, *more))
    return Story(id="s", seq=1, changed=NOON, opened=first, timeline=timeline, articles=articles, size=len(articles))


DAYS = dict.fromkeys(range(0, 96, 4), 1)  # one report every four hours, four days long

CASES = [
    ("one report", {0: 1}, NOON, "new"),
    ("two reports in two hours", {2: 1, 0: 1}, NOON, "new"),
    ("many at once", {2: 2, 1: 2, 0: 2}, NOON, "growing"),
    ("the first of yesterday, three now", {24: 1, 2: 1, 1: 1, 0: 1}, NOON, "growing"),
    ("as many as always", DAYS, NOON, "steady"),
    ("twice as many as always", DAYS | {2: 2, 1: 1}, NOON, "growing"),
    ("two more are not enough to grow", {48: 1, 2: 1, 0: 1}, NOON, "steady"),
    ("none for a working day", {hour: n for hour, n in DAYS.items() if hour >= 12}, NOON, "fading"),
    ("many before, one now", dict.fromkeys(range(8, 40), 3) | {1: 1}, NOON, "fading"),
    ("nothing for four days", {96 + hour: 1 for hour in range(0, 24, 2)}, NOON, "over"),
    ("nothing for two days", {48 + hour: 1 for hour in range(0, 24, 2)}, NOON, "fading"),
]  # fmt: skip


@pytest.mark.parametrize(("reports", "now", "phase"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_phases(reports: Mapping[Any, int], now: datetime, phase: str) -> None:
    assert growth(story(reports), now).phase == phase


@pytest.mark.parametrize(("country", "phase"), [("DE", "steady"), ("JP", "fading"), ("US", "fading")])
def test_silence_counts_by_the_time_of_the_outlets(country: str, phase: str) -> None:
    """Nothing came from 19:00 to 05:00 UTC: at night in Germany, by day in Japan, in the evening in America."""
    dawn = NOON.replace(hour=5)
    times = [dawn.replace(hour=hour) - day * 24 * HOUR for day in range(1, 5) for hour in (7, 10, 13, 16, 18, 19)]
    made = story({(NOON - at) / HOUR: 1 for at in times}, (country,))
    assert growth(made, dawn).hours == 10.0
    assert growth(made, dawn).phase == phase


def test_a_story_is_new_for_longer_at_night() -> None:
    """Six hours of usual activity are twenty of the night in which nobody publishes."""
    evening = story({0: 1})
    by_day = [n for n in range(24) if growth(evening, NOON + n * HOUR).phase == "new"]
    asleep = story({0: 1}, ("JP",))
    by_night = [n for n in range(24) if growth(asleep, NOON + n * HOUR).phase == "new"]
    assert by_day == list(range(len(by_day)))
    assert len(by_night) > len(by_day) >= 4


def test_outlets_of_several_zones_have_the_mean_rhythm() -> None:
    """Where outlets of all zones report, night and day are alike: silence counts at the same rate at any hour."""
    around = story({0: 1, 1: 1, 2: 1, 3: 1}, ("DE", "US", "JP", "NZ", "IN", "BR"))
    alone = story({0: 1, 1: 1, 2: 1, 3: 1}, ("DE",))
    until = {one: next(n for n in range(100) if growth(made, NOON + n * HOUR).phase == "over")
             for one, made in (("around", around), ("alone", alone))}  # fmt: skip
    assert 70 <= until["around"] <= 75
    assert abs(until["around"] - until["alone"]) <= 8


def test_copies_and_notes_do_not_count() -> None:
    quiet = story(DAYS)
    noisy = story(DAYS, copies={0.0: 9, 1.0: 9, 2.0: 9})
    assert growth(noisy, NOON) == growth(quiet, NOON)


def test_a_source_with_a_fast_rhythm_needs_more_to_grow() -> None:
    """Three reports within six hours are growth for a story of a weekly paper, and usual for one of news agencies."""
    slow = {170: 1, 100: 1, 40: 1} | {0: 1, 1: 1, 2: 1}
    fast = dict.fromkeys(range(0, 96, 2), 1)
    assert growth(story(slow), NOON).phase == "growing"
    assert growth(story(fast), NOON).phase == "steady"
    assert growth(story(fast | {0: 3, 2: 2, 4: 2}), NOON).phase == "growing"


timelines = st.dictionaries(st.integers(0, 200), st.integers(1, 5), min_size=1, max_size=40)
countries = st.lists(st.sampled_from(COUNTRIES), min_size=1, max_size=6)


@given(timelines, countries, st.integers(0, 59), st.integers(-12, 12))
def test_the_phase_follows_from_the_times_of_records_alone(
    reports: dict[int, int], outlets: list[str], minute: int, zone: int
) -> None:
    """It is the same within an hour, in every zone of the clock, and for outlets in every order."""
    found = growth(story(reports, outlets), NOON)
    local = NOON.astimezone(timezone(timedelta(hours=zone)))
    assert growth(story(reports, outlets), local) == found
    assert growth(story(reports, outlets[::-1]), NOON).phase == found.phase
    later = growth(story(reports, outlets), NOON + minute * timedelta(minutes=1))
    assert (later.phase, later.reports, later.before) == (found.phase, found.reports, found.before)


@given(timelines, countries, st.integers(1, 400))
def test_the_phase_is_the_same_on_every_day(reports: dict[int, int], outlets: list[str], days: int) -> None:
    made = story(reports, outlets)
    moved = [StoryHour(at=hour.at + days * 24 * HOUR, articles=hour.articles, own=hour.own) for hour in made.timeline]
    shifted = Story(
        id="s", seq=1, changed=NOON, opened=made.opened + days * 24 * HOUR, timeline=tuple(moved),
        articles=made.articles, size=made.size,
    )  # fmt: skip
    assert growth(shifted, NOON + days * 24 * HOUR) == growth(made, NOON)


@given(timelines, st.integers(0, 150))
def test_a_story_that_got_no_more_only_fades(reports: dict[int, int], hours: int) -> None:
    """Without a further report it never grows again, and is over in the end."""
    order = ("fading", "over")
    made = story(reports)
    one, other = (growth(made, NOON + n * HOUR).phase for n in (hours, hours + 1))
    if one in order:
        assert other in order[order.index(one) :]
    assert growth(made, NOON + 400 * HOUR).phase == "over"


@given(st.lists(st.integers(0, 90), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_arrival_makes_no_difference(minutes: list[int], dice: object) -> None:
    """Of records folded from documents: those of one hour may come in any order."""
    made: list[Growth] = []
    for order in (sorted(minutes), sorted(minutes, reverse=True)):
        found: Story | None = None
        for n, minute in enumerate(order):
            seen = NOON + minute * timedelta(minutes=1)
            found = with_document(
                found, document("T", id=f"a{n}", seq=n + 1, story_id="a0", source=f"S{n}", seen=seen, first_seen=seen)
            )
        assert found is not None
        made.append(growth(found, NOON + 5 * HOUR))
    assert made[0].phase == made[1].phase
    assert (made[0].reports, made[0].hours) == (made[1].reports, made[1].hours)


def test_a_day_has_its_mean() -> None:
    """The hours are compared with spans of clock hours, so a whole day must count as one."""
    assert sum(ACTIVITY) == pytest.approx(24)
