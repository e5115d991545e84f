"""Channels that fail: noted with since when, logged once, and cleared when they work, or are no longer ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from structlog.testing import capture_logs

from agents.health import Health
from pipeline.core.notification.delivery.attempt import ChannelHealth
from pipeline.monitoring.channels import ChannelWatch

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BAD = ChannelHealth(failures=1, error="HTTP 500", since=NOW, blocked=NOW + timedelta(minutes=1))


def test_a_failing_channel_is_a_problem_until_it_works() -> None:
    health, channels = Health(lambda: NOW + timedelta(hours=1)), {"mail": BAD, "chat": ChannelHealth(sent=3)}
    watch = ChannelWatch(health, lambda: channels)
    with capture_logs() as logs:
        watch.once()
        watch.once()
        [problem] = health.problems()
        assert (problem.part, problem.state, problem.why) == ("channel mail", "failing", "HTTP 500")
        assert (problem.since, problem.next_try) == (BAD.since, BAD.blocked)
        channels["mail"] = ChannelHealth(sent=1)
        watch.once()
        watch.once()
    assert health.problems() == ()
    assert [line["event"] for line in logs] == ["channel failed", "channel recovered"]


def test_a_channel_that_another_worker_serves_now_or_nobody_is_no_problem_here() -> None:
    health, channels = Health(lambda: NOW), {"mail": BAD}
    watch = ChannelWatch(health, lambda: channels)
    watch.once()
    channels.clear()
    with capture_logs() as logs:
        watch.once()
    assert health.problems() == ()
    assert logs == []
