"""When a failing channel is reported through the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.notification.delivery.attempt import ChannelHealth
from pipeline.core.notification.delivery.episodes import Episodes
from pipeline.records import Delivery
from tests.builders import message

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SPECS = {name: ChannelSpec(name, "mail") for name in ("one", "two", "three")}


def health(minutes: float, **changes: object) -> dict[str, ChannelHealth]:
    since = NOW - timedelta(minutes=minutes)
    values: dict[str, object] = {"failures": 3, "error": "HTTP 500", "since": since, "waiting": 2}
    return {"one": ChannelHealth(**(values | changes))}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (health(4), False),
        (health(5), True),
        (health(0, broken=True), True),
        (health(9, waiting=0), False),  # nothing is affected
        (health(9, failures=0), True),  # it asks to wait, again and again
        (health(9, error=None), False),
    ],
)
def test_a_channel_is_reported_when_it_has_failed_for_minutes_or_is_broken(
    seen: dict[str, ChannelHealth], said: bool
) -> None:
    reports = Episodes().due(seen, SPECS, NOW)
    assert [report.channels for report in reports] == [("two", "three")] * said


def test_a_report_has_the_time_of_its_reader() -> None:
    (report,) = Episodes().due(health(9), SPECS, NOW, "America/Lima")
    assert report.text.startswith("Channel one has taken no message since 2 Mar 2026, 06:51 UTC-5: HTTP 500. ")
    assert "sent when it works again, within 7 days. " in report.text


def test_without_another_channel_nothing_is_reported() -> None:
    assert Episodes().due(health(9), {"one": SPECS["one"]}, NOW) == []


def test_lost_messages_are_reported_at_once_and_then_hourly_but_not_reports() -> None:
    episodes, well = Episodes(), health(0, error=None, failures=0)

    def lose(status: str, id: str = "m1") -> None:
        episodes.lost([Delivery(message=id, channel="one", status=status, at=NOW)])

    lose("sent")
    lose("refused", "report-failing-two-20260302T110000")
    assert episodes.due(well, SPECS, NOW) == []
    lose("refused")
    (first,) = episodes.due(well, SPECS, NOW)
    assert "1 refused for good" in first.text
    lose("given_up")
    lose("given_up", "m2")
    assert episodes.due(well, SPECS, NOW + timedelta(minutes=59)) == []
    (second,) = episodes.due(well, SPECS, NOW + timedelta(minutes=60))
    assert "2 given up" in second.text


def test_a_channel_that_fails_every_hour_is_not_reported_every_hour() -> None:
    for broken in (False, True):
        episodes, said = Episodes(), []
        for n in range(3 * 24 * 6):  # three days in steps of ten minutes
            now = NOW + timedelta(minutes=10 * n)
            bad = health(0, since=now - timedelta(minutes=6 if n % 3 else 0), broken=broken)
            good = health(0, error=None, failures=0, since=None, sent=1)
            said += episodes.due(good if n % 6 == 0 else bad, SPECS, now)
        assert 2 <= len(said) <= 12, (broken, len(said))


def test_messages_refused_all_the_time_are_said_a_few_times_a_day_and_all_are_counted() -> None:
    episodes, said = Episodes(), []
    for n in range(3 * 24 * 6):
        now = NOW + timedelta(minutes=10 * n)
        episodes.lost([Delivery(message=f"m{n}", channel="one", status="refused", at=now)])
        said += episodes.due(health(0, error=None), SPECS, now)
    assert len(said) <= 15
    assert sum(int(report.text.split("arrive: ")[1].split()[0]) for report in said) > 3 * 24 * 6 - 12 * 6 * 2


def test_what_was_lost_before_a_restart_is_said_after_it_once() -> None:
    first = Episodes()
    states = [
        Delivery(message=f"m{n}", channel="one", status="refused", at=NOW + timedelta(minutes=n)) for n in range(3)
    ]
    first.lost(states[:1])
    (report,) = first.due(health(0, error=None), SPECS, NOW)
    first.lost(states[1:])
    again = Episodes()
    again.lost(states)
    again.put(report)
    (second,) = again.due(health(0, error=None), SPECS, NOW + timedelta(hours=1))
    assert "2 refused" in second.text
    assert again.due(health(0, error=None), SPECS, NOW + timedelta(hours=9)) == []


@pytest.mark.parametrize("id", ["x", "report", "report-failing-one-", "report-failing-one-20269999T999999", "\0"])
def test_a_report_that_nobody_wrote_is_passed_over(id: str) -> None:
    episodes = Episodes()
    episodes.put(message(id=id, kind="report", name="one"))
    assert len(episodes.due(health(9), SPECS, NOW)) == 1
