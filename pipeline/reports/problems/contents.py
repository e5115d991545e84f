"""What feeds, alerts and dead records say is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from pipeline.reports.problems.finding import Finding, Seen

NAMED = 4  # causes that are named


def feed_problems(seen: Seen) -> Iterator[Finding]:
    """Feeds that fail, as one problem."""
    polled = {id for id, feed in seen.feeds.items() if feed.enabled and not feed.removed}
    failing = [state for id, state in seen.feed_states.items() if state.error and id in polled]
    if failing:
        why = f"{len(failing)} of {len(polled)} feeds fail: {_causes(state.error or '' for state in failing)}"
        since = min((state.failing_since for state in failing if state.failing_since), default=None)
        yield Finding("feeds", "failing", why, since, next_try=min(state.next_at for state in failing))


def alert_problems(seen: Seen) -> Iterator[Finding]:
    """Alerts that not all their channels took."""
    pending = [state for state in seen.alerts if state.status == "pending"]
    failed = [state for state in seen.alerts if state.status == "failed"]
    if not pending and not failed:
        return
    parts = []
    if pending:
        channels = _causes(channel for state in pending for channel in state.pending)
        parts.append(f"{len(pending)} wait for another try: {channels}")
    if failed:
        channels = _causes(channel for state in failed for channel in state.pending)
        parts.append(f"{len(failed)} were given up: {channels}")
    since = min((state.alert.first_seen if state.alert else state.at for state in (*pending, *failed)), default=None)
    next_try: datetime | None = min((state.due for state in pending if state.due), default=None)
    yield Finding("alerts", "undelivered", "; ".join(parts), since, next_try=next_try)


def dead_problems(seen: Seen) -> Iterator[Finding]:
    """Dead records that nobody has looked after."""
    if seen.dead:
        causes = _causes(f"{dead.error} in {dead.stage}" for dead in seen.dead)
        why = f"{len(seen.dead)} records could not be handled: {causes}"
        yield Finding("dead", "open", why, min(dead.at for dead in seen.dead))


def _causes(causes: Iterable[str]) -> str:
    counts = Counter(causes).most_common()
    named = ", ".join(f"{cause} {n}" for cause, n in counts[:NAMED])
    return named + (f" and {len(counts) - NAMED} more" if len(counts) > NAMED else "")
