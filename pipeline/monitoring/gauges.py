"""The metrics that are computed at each request, from the state of this process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric

from pipeline import __version__
from pipeline.monitoring.readiness import not_ready
from pipeline.monitoring.state import State


def gauges(state: State, now: datetime) -> Iterator[Metric]:
    """All gauges of the process at `now`."""
    info = {
        "version": __version__, "instance_name": state.instance, "stages": ",".join(state.stages),
        "configuration": state.configuration(),
    }  # fmt: skip
    yield InfoMetricFamily("almenara_process", "What this process is.", info)
    yield _gauge("start_time_seconds", "When this process started, in Unix time.", state.started.timestamp())
    yield _gauge("ready", "1 if /health/ready answers 200, otherwise 0.", not not_ready(state, now))
    yield from _problems(state)
    yield from _lag(state, now)
    yield _labelled("feeds", "Feeds that this process polls, by state.", "state", dict(state.feeds()))
    channels = state.channels()
    waiting = {name: channel.waiting for name, channel in channels.items()}
    lost = {name: channel.lost for name, channel in channels.items()}
    yield _labelled("channel_waiting_messages", "Messages that wait for the channel.", "channel", waiting)
    yield _labelled("channel_lost_messages", "Messages that did not arrive, since the start.", "channel", lost)
    held = dict(state.held())
    yield _labelled("partitions_held", "Partitions that this worker has on the broker.", "group", held)


def _problems(state: State) -> Iterator[Metric]:
    present = GaugeMetricFamily("almenara_problem", "1 for each thing that is wrong now.", labels=["part", "state"])
    since = GaugeMetricFamily(
        "almenara_problem_since_timestamp_seconds", "When it began, in Unix time.", labels=["part", "state"]
    )
    for problem in state.problems():
        present.add_metric([problem.part, problem.state], 1)
        since.add_metric([problem.part, problem.state], problem.since.timestamp())
    yield from (present, since)


def _lag(state: State, now: datetime) -> Iterator[Metric]:
    waiting: dict[tuple[str, str], int] = {}
    planned: dict[tuple[str, str], int] = {}
    age: dict[tuple[str, str], float] = {}
    for (group, stream, _), lag in sorted(state.lag.items()):
        key = (group, stream)
        waiting[key] = waiting.get(key, 0) + lag.waiting
        planned[key] = planned.get(key, 0) + lag.planned
        oldest = max(0.0, (now - lag.oldest).total_seconds()) if lag.oldest else 0.0
        age[key] = max(age.get(key, 0.0), oldest)
    for name, text, values in (
        ("waiting_records", "Records that wait and could be handled now; on items-later those overdue.", waiting),
        ("planned_records", "Records that are not due yet, such as revisits and later tries.", planned),
        ("oldest_waiting_seconds", "For how long the oldest of the waiting records waits.", age),
    ):
        family = GaugeMetricFamily(f"almenara_{name}", text, labels=["group", "stream"])
        for labels, value in values.items():
            family.add_metric(labels, value)
        yield family


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"almenara_{name}", text, value=value)


def _labelled(name: str, text: str, label: str, values: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(f"almenara_{name}", text, labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([value], number)
    return family
