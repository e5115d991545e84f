"""What feeds, alerts and dead records say is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from pipeline.core.wording import Text, counted, joined
from pipeline.records import Delivery
from pipeline.reports.problems.finding import Finding, Seen
from pipeline.reports.problems.processes import newest

NAMED = 4  # causes that are named
LOST = {
    "refused": Text("refused"),
    "unsure": Text("never confirmed"),
    "given_up": Text("given up"),
}  # by status of a delivery
LOST_FOR = timedelta(days=7)


def feed_problems(seen: Seen) -> Iterator[Finding]:
    """Feeds that fail, as one problem."""
    polled = {id for id, feed in seen.feeds.items() if feed.enabled and not feed.removed}
    failing = [state for id, state in seen.feed_states.items() if state.error and id in polled]
    if failing:
        why = Text(
            "{} of {} feeds fail: {}", len(failing), len(polled), _causes(state.error or "" for state in failing)
        )
        since = min((state.failing_since for state in failing if state.failing_since), default=None)
        yield Finding("feeds", "failing", why, since, next_try=min(state.next_at for state in failing))


def alert_problems(seen: Seen) -> Iterator[Finding]:
    """Messages that not all their channels took; those that were lost count for a week."""
    waiting = [state for state in seen.deliveries if state.status == "waiting" and state.error]
    lost = [state for state in seen.deliveries if state.status in LOST and seen.now - state.at < LOST_FOR]
    if not waiting and not lost:
        return
    parts = []
    if waiting:
        parts.append(
            counted(
                "{} waits for another try: {}",
                "{} wait for another try: {}",
                len(waiting),
                _causes(state.channel for state in waiting),
            )
        )
    if lost:
        ends = _causes(Text("{} {}", state.channel, LOST[state.status]) for state in lost)
        parts.append(Text("{} did not arrive: {}", len(lost), ends))
    since = min(state.since or state.at for state in (*waiting, *lost))
    next_try = min((_next(state, state.due, seen) for state in waiting if state.due), default=None)
    yield Finding("alerts", "undelivered", joined("; ", parts), since, next_try=next_try)


def _next(state: Delivery, due: datetime, seen: Seen) -> datetime:
    """When a message is tried again: when it is due, but not before its channel is."""
    blocked = (
        problem.next_try
        for beat in newest(seen.beats).values()
        for problem in beat.problems
        if problem.part == f"channel {state.channel}" and problem.next_try
    )
    return max([due, *blocked])


def dead_problems(seen: Seen) -> Iterator[Finding]:
    """Dead records that nobody has looked after."""
    if seen.dead:
        causes = _causes(Text("{} in {}", dead.error, dead.stage) for dead in seen.dead)
        why = counted(
            "{} record could not be handled: {}", "{} records could not be handled: {}", len(seen.dead), causes
        )
        yield Finding("dead", "open", why, min(dead.at for dead in seen.dead))


def _causes(causes: Iterable[str]) -> str:
    counts = Counter(causes).most_common()
    named = joined(", ", (Text("{} {}", cause, n) for cause, n in counts[:NAMED]))
    return Text("{} and {} more", named, len(counts) - NAMED) if len(counts) > NAMED else named
