"""Alerts for tests of what is done with them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pipeline.core.alerts.ruleset import alert_id
from pipeline.records import Alert, Span

SEEN = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def alert(article: str = "a1", rule: str = "Troops", **changes: Any) -> Alert:
    """An alert of `rule` for version 1 of `article`."""
    version = changes.pop("version", 1)
    whole: dict[str, Any] = {
        "id": alert_id(article, version, rule),
        "rule": rule,
        "rule_hash": "r",
        "rules": "s",
        "severity": "high",
        "channels": ("one",),
        "article": article,
        "version": version,
        "story_id": "s1",
        "duplicate_of": None,
        "title": f"Title of {article}",
        "url": f"https://news.example.org/{article}",
        "source": "The Example",
        "language": "en",
        "published": None,
        "first_seen": SEEN,
        "query": "troops",
        "branch": "troops",
        "matched": (Span(field="text", start=4, end=10, text="troops"),),
        "snippet": "The \x02troops\x03 came",
    }
    return Alert(**(whole | changes))
