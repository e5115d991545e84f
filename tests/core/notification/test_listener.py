"""Listening for silences and bursts: outages, many feeds, records and what is said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest

from pipeline.core.alerts.rules import AlertRule
from pipeline.core.notification.rhythms.listener import Finding, Listener
from pipeline.core.query.tree import And
from pipeline.records import Alert
from tests.builders import alert

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WEEKS = 5


def rule(*triggers: str, by: str = "feed") -> AlertRule:
    node = And(())
    return AlertRule(
        name="Feeds", query="", node=node, asked=node, severity="low", channels=("desk",), triggers=triggers, by=by
    )


def article(moment: datetime, feed: str = "a", **more: object) -> Alert:
    plain = msgspec.structs.replace(
        alert(), feed=feed, source=f"The {feed}", seen=moment, first_seen=moment, version=1, backlog=False
    )
    return msgspec.structs.replace(plain, **more)


def run(
    listener: Listener, start: datetime, hours: int, rates: dict[str, float], random: Random, ticks: bool = True
) -> list[Finding]:
    """So many hours with articles of feeds at rates per hour, and a tick every quarter of an hour."""
    found: list[Finding] = []
    for hour in range(hours):
        events: list[tuple[datetime, str]] = []
        for feed, rate in rates.items():
            number = int(rate) + (random.random() < rate % 1)
            events += [(start + (hour + random.random()) * HOUR, feed) for _ in range(number)]
        events += [(start + hour * HOUR + quarter * 15 * MINUTE, "") for quarter in range(4)] if ticks else []
        for moment, feed in sorted(events):
            found += listener.hear(article(moment, feed), moment) if feed else listener.due(moment)
    return found


RATES = {"a": 1.5, "b": 0.5, "c": 2.0}
END = MONDAY + WEEKS * 168 * HOUR


def trained(*triggers: str, by: str = "feed") -> Listener:
    listener = Listener(rule(*triggers, by=by))
    assert run(listener, MONDAY, WEEKS * 168, RATES, Random(1)) == []
    return listener


def kinds(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(finding.kind, finding.key) for finding in findings]


def test_one_feed_that_stops_is_reported_once() -> None:
    listener = trained("silence", "burst")
    found = run(listener, END, 5 * 24, {"a": 1.5, "b": 0.5}, Random(2))
    assert kinds(found) == [("silence", "c")]
    assert found[0].text.startswith("Feed c: no article for ")
    assert "Learned from 5 weeks with " in found[0].text
    assert END - HOUR < found[0].since < END
    assert kinds(run(listener, END + 5 * 24 * HOUR, 3 * 24, RATES, Random(3))) == []
    again = run(listener, END + 8 * 24 * HOUR, 5 * 24, {"a": 1.5, "b": 0.5}, Random(4))
    assert kinds(again) == [("silence", "c")]
    assert again[0].id != found[0].id


def test_a_burst_is_reported_once_and_again_after_its_end() -> None:
    listener = trained("burst")
    random = Random(5)
    found = run(listener, END, 5, {**RATES, "a": 40.0}, random)
    assert kinds(found) == [("burst", "a")]
    assert "articles in the last hour, usually 1." in found[0].text
    assert run(listener, END + 5 * HOUR, 24, RATES, random) == []
    assert kinds(run(listener, END + 29 * HOUR, 3, {**RATES, "a": 40.0}, random)) == [("burst", "a")]


def test_an_outage_of_ours_is_no_silence_and_what_comes_after_it_no_burst() -> None:
    """Nobody calls for three days; then what waited arrives within minutes."""
    listener = trained("silence", "burst")
    back = END + 72 * HOUR
    found = list(listener.due(back))
    for number in range(200):
        found += listener.hear(article(back + number * MINUTE / 10, "a"), back + number * MINUTE / 10)
    found += run(listener, back + HOUR, 24, RATES, Random(6))
    assert kinds(found) == []
    before = {key: pattern.rates().sum() for key, pattern in listener._patterns.items()}
    assert before["a"] == pytest.approx(1.5 * 168, rel=0.1)


def test_articles_that_are_read_late_count_for_the_time_at_which_they_were_found() -> None:
    listener = trained("burst")
    found: list[Finding] = []
    for number in range(60):
        found += listener.hear(article(END - number * HOUR, "b"), END + number * MINUTE / 60)
    assert found == []


def test_if_all_are_silent_one_finding_says_so() -> None:
    listener = trained("silence")
    found = run(listener, END, 3 * 24, {}, Random(7))
    assert kinds(found) == [("silence", "")]
    assert "No article at all" in found[0].text
    assert "3 feeds together" in found[0].text


def test_backlog_and_later_versions_are_not_counted() -> None:
    listener = trained("burst")
    for number in range(100):
        moment = END + number * MINUTE / 10
        assert listener.hear(article(moment, "a", backlog=True) if number % 2 else old_version(moment), moment) == ()


def old_version(moment: datetime) -> Alert:
    return msgspec.structs.replace(article(moment), version=2)


def test_what_was_learned_survives_a_restart() -> None:
    listener = trained("silence", "burst")
    run(listener, END, 12, RATES, Random(8))
    again = Listener(rule("silence", "burst"))
    for record in listener.changed(END):
        again.put(record)
    assert set(again._patterns) == {"", "a", "b", "c"}
    found = run(again, END + 13 * HOUR, 5 * 24, {"a": 1.5, "b": 0.5}, Random(9))
    assert kinds(found) == [("silence", "c")]


def test_records_come_every_few_hours_and_at_once_when_something_begins() -> None:
    listener = trained("burst")
    listener.changed(END)
    records = 0
    for hour in range(12):
        run(listener, END + hour * HOUR, 1, RATES, Random(hour))
        records += len(listener.changed(END + hour * HOUR))
    assert records in range(7, 10)  # 4 rhythms, each every 6 hours
    run(listener, END + 12 * HOUR, 1, {"a": 50.0}, Random(10))
    assert any(record.key == "a" and record.burst for record in listener.changed(END + 13 * HOUR))


@pytest.mark.parametrize(("by", "key"), [("source", "The a"), ("topic", "troops"), ("", "")])
def test_what_is_counted_on_its_own(by: str, key: str) -> None:
    listener = Listener(rule("silence", by=by))
    listener.due(MONDAY)
    listener.hear(article(MONDAY + HOUR, topics=("troops",)), MONDAY + HOUR)
    assert set(listener._patterns) == {"", key}


def test_calls_are_due_often_enough() -> None:
    listener = Listener(rule("silence"))
    assert listener.next_due() is None
    listener.due(MONDAY)
    assert listener.next_due() == MONDAY + 10 * MINUTE
