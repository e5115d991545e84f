"""A backtest as values of JSON, for commands and the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pipeline.records import Alert
from pipeline.reports.backtest import Backtest, Difference


def plain(found: Backtest) -> dict[str, Any]:
    """The result as values of JSON."""
    rule = found.rule
    return {
        "rule": rule.key, "name": rule.name, "query": rule.query, "since": _iso(found.since),
        "until": _iso(found.until), "first": _iso(found.first or found.since), "zone": found.zone,
        "note": "; ".join(found.notes),
        "evaluated": found.evaluated,
        "articles": found.articles, "stories": len(found.stories), "messages": sum(found.messages.values()),
        "kinds": dict(found.messages), "outcomes": outcomes(found), "held": dict(found.held),
        "in_digests": found.summed_up, "waiting": found.waiting,
        "days": [{"day": str(day), "articles": one.articles, "messages": one.messages}
                 for day, one in sorted(found.days.items())],
        "samples": [_article(alert) for alert in found.samples],
        "new": _difference(found.only_draft), "gone": _difference(found.only_in_force),
        "in_force": None if found.messages_in_force is None else {
            "messages": found.messages_in_force.total(), "kinds": dict(found.messages_in_force),
        },
    }  # fmt: skip


def outcomes(found: Backtest) -> dict[str, int]:
    """How many alerts had each status when they arrived."""
    statuses: dict[str, int] = {}
    for fate, n in found.fates.items():
        name = fate.why if fate.status == "passed over" else fate.status
        statuses[name] = statuses.get(name, 0) + n
    return statuses


def _difference(found: Difference | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"articles": found.articles, "some": [_article(alert) for alert in found.some]}


def _article(alert: Alert) -> dict[str, Any]:
    return {
        "article": alert.article, "title": alert.title, "source": alert.source, "url": alert.url,
        "language": alert.language, "first_seen": _iso(alert.first_seen), "story": alert.story_id,
        "quotes": [quote.text for quote in alert.quotes],
    }  # fmt: skip


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
