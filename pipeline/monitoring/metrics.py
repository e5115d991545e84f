"""The metrics of this process, in a registry of their own. docs/metrics.md describes each of them.

Labels have few values: stages, streams, channels, outcomes and reasons; never URLs, feeds or articles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import Metric

from pipeline.log.streams import OWNERS
from pipeline.ports import Clock
from pipeline.records import Alert, Dated, Document
from pipeline.records import Message as Notice
from pipeline.stage import Message, StepResult

if TYPE_CHECKING:
    from pipeline.stages.poll import Polled

# It would add a series for each one, with the time at which it began, which nothing here needs.
disable_created_metrics()  # type: ignore[no-untyped-call]

#: Upper bounds of the histograms, in seconds.
STEPS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
DELAYS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 24 * 3600)

_DROP = "drop."
_FETCH, _ENTRY = "fetch.", "entry."


class Metrics:
    """Counts what happens in this process; gauges come from the collectors that are added."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.registry = registry = CollectorRegistry(auto_describe=False)
        ProcessCollector(registry=registry)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"almenara_{name}", text, labels, registry=registry)

        def delays(name: str, text: str) -> Histogram:
            return Histogram(f"almenara_{name}_delay_seconds", text, ["since"], buckets=DELAYS, registry=registry)

        self._records = counter("records", "Records that ended in a stage, by outcome.", "stage", "outcome")
        self._steps = Histogram(
            "almenara_step_duration_seconds", "Time that a stage took for one record.", ["stage"], buckets=STEPS,
            registry=registry,
        )  # fmt: skip
        self._polls = counter("polls", "Polls of feeds, by outcome.", "outcome")
        self._entries = counter("entries", "Entries of polled feeds: items, or why they were dropped.", "outcome")
        self._indexed = counter("index_documents", "Documents that the index stage wrote, or found stale.", "result")
        self._alerts = counter(
            "alerts", "Versions of articles that match an alert rule, without rules that only count.", "severity"
        )
        self._sends = counter("channel_messages", "Messages that a channel accepted or refused.", "channel", "result")
        self._quarantined = counter("quarantined_records", "State records that could not be read.", "stream")
        self._calls = counter("heartbeat_calls", "Calls of health.heartbeat_url.", "result")
        self._documents = delays("document", "Time until the first document of an article that is not old news.")
        self._delivered = delays("alert", "Time until a channel accepted an alert, without held ones and old news.")
        for result in ("written", "stale"):
            self._indexed.labels(result)

    def add(self, collect: Callable[[], Iterable[Metric]]) -> None:
        """Add metrics that are computed at each request."""
        self.registry.register(_Collected(collect))

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)

    # -- what happens ---------------------------------------------------------------------------------------------

    def ended(self, stage: str, result: StepResult, message: Message) -> None:
        """Count a record that ended in a stage, or a record of its state that could not be read."""
        if message.at.stream in OWNERS:
            self._quarantined.labels(message.at.stream).inc()
            return
        self._records.labels(stage, result.ending).inc()
        self._steps.labels(stage).observe(result.seconds)
        if stage == "index" and message.at.stream == "documents" and result.ending in ("ok", f"{_DROP}stale"):
            self._indexed.labels("written" if result.ending == "ok" else "stale").inc()
        for out in result.outs:
            if isinstance(out.record, Document):
                self._document(out.record)
            elif isinstance(out.record, Alert) and not out.record.counted:
                self._alerts.labels(out.record.severity).inc()

    def polled(self, polled: Polled) -> None:
        """Count a poll and the entries of its feed."""
        for (_, name), number in polled.counts.items():
            if name.startswith(_FETCH):
                self._polls.labels(name.removeprefix(_FETCH)).inc(number)
            elif name.startswith(_ENTRY):
                self._entries.labels(name.removeprefix(_ENTRY).removeprefix(_DROP)).inc(number)

    def delivered(self, channel: str, message: Notice, error: str | None) -> None:
        """Count a message that a channel accepted, or did not for the reason `error`."""
        self._sends.labels(channel, "failed" if error else "sent").inc()
        for alert in message.alerts if message.kind == "alert" else ():  # others were held on purpose
            if not error and not alert.backlog:
                self._observe(self._delivered, alert.published, alert.first_seen)

    def called(self, succeeded: bool) -> None:
        """Count a call of the heartbeat URL."""
        self._calls.labels("ok" if succeeded else "failed").inc()

    def _document(self, document: Document) -> None:
        if document.relation.version == 1 and not document.article.backlog:
            self._observe(self._documents, document.article.published, document.relation.first_seen)

    def _observe(self, histogram: Histogram, published: Dated | None, seen: datetime) -> None:
        now = self._clock()
        histogram.labels("seen").observe(max(0.0, (now - seen).total_seconds()))
        if published is not None and published.value + timedelta(days=30) > now:
            histogram.labels("published").observe(max(0.0, (now - published.value).total_seconds()))


class _Collected:
    def __init__(self, collect: Callable[[], Iterable[Metric]]) -> None:
        self.collect = collect

    def describe(self) -> Iterable[Metric]:
        return ()
