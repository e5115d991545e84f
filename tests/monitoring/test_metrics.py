"""The metrics: what they count, over real HTTP, and that docs/metrics.md describes them all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import yaml
from msgspec.structs import replace

from pipeline.core.notification.delivery.attempt import ChannelHealth
from pipeline.monitoring.endpoints import endpoints
from pipeline.monitoring.gauges import gauges
from pipeline.monitoring.metrics import Metrics
from pipeline.monitoring.state import RUNNING, State
from pipeline.ports import Lag
from pipeline.records import Dated, FeedState, Problem
from pipeline.stage import Message, Out, Position, StepResult
from pipeline.stages.poll import Polled, Report
from pipeline.web.server import listen, serving, url_of
from tests import builders
from tests.builders import alert, document
from tests.monitoring.pages import DOCS, Exposed, documented, read

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOWN = Problem(part="index", state="unavailable", why="no connection", since=NOW - timedelta(minutes=5), next_try=NOW)


def message(stream: str) -> Message:
    return Message(Position(stream, 0, 0), "key", b"{}", NOW)


def sample(metrics: Metrics) -> None:
    """Let one of everything happen."""
    published = Dated(NOW - timedelta(seconds=90), "feed", "")
    new = document("Copper is dear", "They say.", first_seen=NOW - timedelta(seconds=40))
    new = replace(new, article=replace(new.article, published=published))
    metrics.ended("relate", StepResult((Out("documents", "a", new),), "ok", seconds=0.2), message("tagged"))
    metrics.ended("index", StepResult((), "ok", seconds=0.02), message("documents"))
    metrics.ended("index", StepResult((), "drop.stale", seconds=0.02), message("documents"))
    metrics.ended("clean", StepResult((), "dead", seconds=3.0), message("items"))
    sent = replace(alert("a1"), first_seen=NOW - timedelta(seconds=41), published=published, severity="high")
    metrics.ended("alert", StepResult((Out("alerts", "a1", sent),), "ok"), message("documents"))
    metrics.delivered("mail", builders.message(sent), None)
    metrics.delivered("mail", builders.message(sent), "refused")
    metrics.delivered("mail", builders.message(sent), "refused")
    counts = {("poll", "fetch.ok"): 1, ("poll", "entry.item"): 7, ("poll", "entry.drop.no_link"): 2}
    state = FeedState(feed="f", polled_at=NOW, next_at=NOW, interval=900.0)
    metrics.polled(Polled(state, (), counts, Report("f", "F", "ok", 7, 9, NOW)))
    metrics.ended("relate", StepResult((), "dead"), message("known"))
    metrics.called(True)


@asynccontextmanager
async def served(*problems: Problem, **more: Any) -> AsyncIterator[tuple[str, Metrics]]:
    """The endpoints of a process, and its metrics."""
    state = State(
        "w1", ("poll", "clean"), NOW - timedelta(hours=1), lambda: problems, lambda: "c0ffee", lambda: {"ok": 3},
        lambda: {"clean": 2}, max_lag=600.0, phase=RUNNING,
        channels=lambda: {"mail": ChannelHealth(waiting=3)}, **more,
    )  # fmt: skip
    metrics = Metrics(lambda: NOW)
    metrics.add(lambda: gauges(state, NOW))
    listener = listen("127.0.0.1", 0)
    async with serving(endpoints(state, metrics, lambda: NOW), listener):
        yield url_of(listener), metrics


LAG = {
    ("clean", "items", 0): Lag(waiting=2, oldest=NOW - timedelta(seconds=30)),
    ("clean", "items", 1): Lag(waiting=3, oldest=NOW - timedelta(seconds=10)),
    ("clean", "items-later", 0): Lag(planned=9),
}


async def ask(url: str) -> Exposed:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{url}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return read(answer.text)


async def test_everything_that_happens_is_counted() -> None:
    async with served(lag=LAG) as (url, metrics):
        sample(metrics)
        exposed = await ask(url)
    assert exposed.value("almenara_records_total", stage="index", outcome="ok") == 1
    assert exposed.value("almenara_records_total", stage="clean", outcome="dead") == 1
    assert exposed.value("almenara_index_documents_total", result="written") == 1
    assert exposed.value("almenara_index_documents_total", result="stale") == 1
    assert exposed.value("almenara_quarantined_records_total", stream="known") == 1
    assert exposed.value("almenara_step_duration_seconds_count", stage="relate") == 1
    assert exposed.value("almenara_polls_total", outcome="ok") == 1
    assert exposed.value("almenara_entries_total", outcome="item") == 7
    assert exposed.value("almenara_entries_total", outcome="no_link") == 2
    assert exposed.value("almenara_alerts_total", severity="high") == 1
    assert exposed.value("almenara_channel_messages_total", channel="mail", result="sent") == 1
    assert exposed.value("almenara_channel_messages_total", channel="mail", result="failed") == 2
    assert exposed.value("almenara_step_duration_seconds_sum", stage="relate") == 0.2
    assert exposed.value("almenara_document_delay_seconds_sum", since="seen") == 40
    assert exposed.value("almenara_document_delay_seconds_sum", since="published") == 90
    assert exposed.value("almenara_alert_delay_seconds_sum", since="seen") == 41
    assert exposed.value("almenara_alert_delay_seconds_count", since="seen") == 1
    assert exposed.value("almenara_waiting_records", group="clean", stream="items") == 5
    assert exposed.value("almenara_oldest_waiting_seconds", group="clean", stream="items") == 30
    assert exposed.value("almenara_channel_waiting_messages", channel="mail") == 3
    assert exposed.value("almenara_planned_records", group="clean", stream="items-later") == 9
    assert exposed.value("almenara_partitions_held", group="clean") == 2
    assert exposed.value("almenara_ready") == 1


async def test_old_news_says_nothing_about_delays() -> None:
    async with served() as (url, metrics):
        old = document("Copper", "Dear.", first_seen=NOW - timedelta(hours=9))
        old = replace(old, article=replace(old.article, backlog=True))
        later = replace(old, relation=replace(old.relation, version=2), article=replace(old.article, backlog=False))
        outs = (Out("documents", "a", old), Out("documents", "b", later))
        metrics.ended("relate", StepResult(outs, "ok"), message("tagged"))
        metrics.delivered("mail", builders.message(replace(alert("a1"), backlog=True)), None)
        exposed = await ask(url)
    assert not exposed.has("almenara_document_delay_seconds_sum")
    assert not exposed.has("almenara_alert_delay_seconds_sum")


async def test_what_is_wrong_is_shown_by_part() -> None:
    async with served(DOWN) as (url, _):
        exposed = await ask(url)
        async with httpx.AsyncClient() as client:
            ready = await client.get(f"{url}/health/ready")
            live = await client.get(f"{url}/health/live")
    assert exposed.value("almenara_problem", part="index", state="unavailable") == 1
    since = exposed.value("almenara_problem_since_timestamp_seconds", part="index", state="unavailable")
    assert since == DOWN.since.timestamp()
    assert exposed.value("almenara_ready") == 0
    assert (ready.status_code, live.status_code) == (503, 200)
    assert ready.json()["not_ready"] == [
        {
            "part": "index", "state": "unavailable", "why": "no connection", "since": "2026-03-01T11:55:00+00:00",
            "next_try": "2026-03-01T12:00:00+00:00",
        }
    ]  # fmt: skip
    assert ready.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/health/live", 200), ("HEAD", "/metrics", 200), ("GET", "/health/ready", 200),
        ("POST", "/metrics", 405),
        ("DELETE", "/health/live", 405), ("OPTIONS", "/metrics", 405), ("GET", "/", 404),
        ("GET", "/../etc/passwd", 404),
    ],
)  # fmt: skip
async def test_only_reading_is_allowed(method: str, path: str, status: int) -> None:
    async with served() as (url, _), httpx.AsyncClient() as client:
        answer = await client.request(method, f"{url}{path}", headers={"Origin": "https://evil.example"})
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


async def test_the_page_describes_every_metric_and_no_other() -> None:
    async with served(DOWN, lag=LAG) as (url, metrics):
        sample(metrics)
        exposed = await ask(url)
    assert exposed.described() == documented()


async def test_the_alert_rules_use_metrics_that_exist() -> None:
    async with served(DOWN, lag=LAG) as (url, metrics):
        sample(metrics)
        exposed = await ask(url)
    rules = yaml.safe_load((DOCS / "prometheus-rules.yml").read_text())["groups"][0]["rules"]
    page = (DOCS / "metrics.md").read_text()
    for rule in rules:
        assert f"| `{rule['alert']}` |" in page
        used = exposed.names_in(rule["expr"])
        assert used or rule["alert"] == "AlmenaraDown"
        for name, labels in used:
            assert exposed.has(name), name
            assert labels <= exposed.labels(name), rule["expr"]
