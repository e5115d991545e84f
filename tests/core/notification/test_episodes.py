"""When a failing channel is reported through the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.core.alerts.rules import ChannelSpec
from pipeline.core.notification.attempt import ChannelHealth
from pipeline.core.notification.episodes import Episodes
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
        (health(9, failures=0), True),  # it asks to wait all the time
        (health(9, error=None), False),
    ],
)
def test_a_channel_is_reported_when_it_has_failed_for_minutes_or_is_broken(
    seen: dict[str, ChannelHealth], said: bool
) -> None:
    reports = Episodes().due(seen, SPECS, NOW)
    assert [report.channels for report in reports] == [("two", "three")] * said


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


@pytest.mark.parametrize("id", ["x", "report", "report-failing-one-", "report-failing-one-20269999T999999", "\0"])
def test_a_report_that_nobody_wrote_is_passed_over(id: str) -> None:
    episodes = Episodes()
    episodes.put(message(id=id, kind="report", name="one"))
    assert len(episodes.due(health(9), SPECS, NOW)) == 1
