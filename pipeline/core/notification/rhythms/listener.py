"""Listens to the articles of a rule with the trigger silence or burst, and finds what its rhythm does not explain.

Only watched time counts: time in which `due` and `hear` are called at least every half hour. So an outage of ours is
neither a silence nor learned. After one, and after the start, an hour passes in which articles end pauses but nothing
is learned or judged: what waited meanwhile arrives at once. Where each feed, topic or source is counted alone, all
together are counted, too: if all are silent the fault is here or in the network, and one finding says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zlib import crc32

from pipeline.core.alerts.rules import AlertRule, hash_of
from pipeline.core.notification.rhythms.rhythm import CELLS, Pattern, cell_of
from pipeline.core.query.written import to_text
from pipeline.records import Alert, AlertRhythm

PATIENCE = timedelta(minutes=30)  # between two calls while time is watched
SETTLING = timedelta(hours=1)
STEP = timedelta(minutes=10)  # between two calls of `due`
MOST = 5000  # feeds, topics or sources that a rule counts on their own; further ones are not judged
_HOUR = timedelta(hours=1)
_PUBLISHED = 6  # hours between two records of one rhythm
_ALL = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A silence or a burst. `id` follows from rule, key, kind and beginning. `text`: a sentence for people."""

    id: str
    kind: str  # silence, burst
    rule: str
    key: str  # feed, topic or source; "": what the rule matches, or all together
    since: datetime
    text: str


class Listener:
    """The rhythms of one rule."""

    def __init__(self, rule: AlertRule) -> None:
        self.rule = rule
        self._patterns: dict[str, Pattern] = {}
        self._at: datetime | None = None  # of the last call
        self._settled: datetime | None = None  # from when on time is watched
        self._hour: datetime | None = None  # in progress
        self._seconds = 0.0  # of it that were watched
        self._changed: dict[str, datetime] = {}  # keys with a state that is not published, and its hour
        self._stale: set[str] = set()  # keys of records of what the rule counted before

    # -- state

    def put(self, record: AlertRhythm) -> None:
        """Take a record of the state, on restoring. What the rule counted before it was changed is forgotten."""
        if record.counts == self.counts:
            self._patterns[record.key] = Pattern.of(record)
        else:
            self._stale.add(record.key)

    @property
    def counts(self) -> str:
        """A hash of which articles are counted, and under which keys."""
        return counted_of(self.rule)

    def stale(self) -> tuple[str, ...]:
        """The keys whose records are to be deleted."""
        found = tuple(sorted(self._stale - self._patterns.keys()))
        self._stale.clear()
        return found

    def replaces(self, before: Listener) -> None:
        """Forget what another listener to the same rule has published."""
        self._stale |= before._patterns.keys() | before._stale

    def changed(self, now: datetime) -> tuple[AlertRhythm, ...]:
        """The records to publish: those of what began or ended at once, the others every few hours."""
        hour = _hour_of(now)
        counts = self.counts
        found = tuple(self._patterns[key].record(self.rule.key, key, hour, counts) for key in self._changed)
        self._changed.clear()
        return found

    # -- what happens

    def hear(self, alert: Alert, now: datetime) -> tuple[Finding, ...]:
        """Count the article of an alert, once."""
        findings = list(self._pass_until(now))
        if alert.version > 1 or alert.backlog:
            return tuple(findings)
        watching = self._settled is not None and now >= self._settled
        for key in self._keys(alert):
            pattern = self._pattern(key)
            if pattern is None:
                continue
            if pattern.silent is not None:
                self._changed[key] = now
            if not watching:
                pattern.end_pause()
                pattern.last = now
                continue
            pattern.count(min(alert.seen, now), now)
            if "burst" in self.rule.triggers and (key or not self.rule.by):
                findings += self._burst(key, pattern, alert, now)
        return tuple(findings)

    def due(self, now: datetime) -> tuple[Finding, ...]:
        """Let time pass, and find silences."""
        return tuple(self._pass_until(now))

    def next_due(self) -> datetime | None:
        """When `due` is to be called at the latest, so that time counts as watched."""
        return None if self._at is None else self._at + STEP

    def _keys(self, alert: Alert) -> Iterable[str]:
        by = {"feed": (alert.feed,), "topic": alert.topics, "source": (alert.source,)}.get(self.rule.by, ())
        return dict.fromkeys((_ALL, *(key for key in by if key)))

    def _pattern(self, key: str) -> Pattern | None:
        if key not in self._patterns and len(self._patterns) < MOST:
            self._patterns[key] = Pattern()
        return self._patterns.get(key)

    # -- time

    def _pass_until(self, now: datetime) -> Iterator[Finding]:
        """Count the time since the last call as watched, hour by hour, unless the calls were interrupted."""
        now = now.astimezone(UTC)
        if self._at is None or self._hour is None or now - self._at > PATIENCE:
            self._interrupt(now)
            return
        if now <= self._at:
            return
        while (end := self._hour + _HOUR) <= now:
            self._watch(self._at, end)
            self._at = end
            yield from self._close(end)
        self._watch(self._at, now)
        self._at = now

    def _interrupt(self, now: datetime) -> None:
        self._at, self._hour, self._seconds = now, _hour_of(now), 0.0
        self._settled = now + SETTLING
        for pattern in self._patterns.values():
            pattern.in_hour = 0
            pattern.recent.clear()

    def _watch(self, since: datetime, until: datetime) -> None:
        if self._settled is not None:
            self._seconds += max((until - max(since, self._settled)).total_seconds(), 0.0)

    def _close(self, end: datetime) -> Iterator[Finding]:
        """End the hour in progress for all patterns, and look for silences."""
        share, cell = min(self._seconds / 3600.0, 1.0), cell_of(end - _HOUR)
        self._hour, self._seconds = end, 0.0
        for key, pattern in self._patterns.items():
            pattern.close_hour(cell, share)
            if pattern.burst is not None and pattern.is_usual(end):
                pattern.burst = None
                self._changed[key] = end
            if crc32(key.encode()) % _PUBLISHED == cell % _PUBLISHED:
                self._changed[key] = end
        if "silence" in self.rule.triggers and share > 0:
            yield from self._silences(end)

    def _silences(self, end: datetime) -> Iterator[Finding]:
        together = self._patterns.get(_ALL)
        if self.rule.by and together is not None:
            if together.silent is None and together.is_silence():
                together.silent = together.last or end
                self._changed[_ALL] = end
                yield self._silence(_ALL, together, end)
            if together.silent is not None or together.quiet >= 3.0:
                return  # what is wrong with all of them is not the fault of one
        for key, pattern in self._patterns.items():
            if (key or not self.rule.by) and pattern.silent is None and pattern.is_silence():
                pattern.silent = pattern.last or end
                self._changed[key] = end
                yield self._silence(key, pattern, end)

    # -- findings

    def _silence(self, key: str, pattern: Pattern, end: datetime) -> Finding:
        since = pattern.silent or end
        usual = max(1, round(pattern.expected))
        if self.rule.by and not key:
            text = (
                f"No article at all for {_span(end - since)}, of {len(self._patterns) - 1} {self.rule.by}s together; "
                f"usually {usual} in that time. The fault is probably here or in the network"
            )
        else:
            text = f"{self._subject(key)}: no article for {_span(end - since)}, usually {usual} in that time"
        return self._finding("silence", key, since, f"{text}. {_how_sure(pattern)}")

    def _burst(self, key: str, pattern: Pattern, alert: Alert, now: datetime) -> Iterator[Finding]:
        if pattern.burst is not None or (found := pattern.is_burst(now)) is None:
            return
        hours, number, usual = found
        pattern.burst = min(alert.seen, now)
        self._changed[key] = now
        span = "hour" if hours == 1 else f"{hours} hours"
        text = f"{self._subject(key)}: {number} articles in the last {span}, usually {_about(usual)}"
        text += " at this time of the week"
        yield self._finding("burst", key, pattern.burst, f"{text}. {_how_sure(pattern)}")

    def _finding(self, kind: str, key: str, since: datetime, text: str) -> Finding:
        identity = f"{self.rule.key}/{key}/{kind}/{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
        return Finding(identity, kind, self.rule.key, key, since, text)

    def _subject(self, key: str) -> str:
        return f"{self.rule.by.capitalize()} {key}" if key else self.rule.name


def counted_of(rule: AlertRule) -> str:
    """A hash of which articles a rule counts, and under which keys."""
    return hash_of(rule.by, to_text(rule.node))


def _hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _span(time: timedelta) -> str:
    hours = time.total_seconds() / 3600
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.1f} days"


def _about(number: float) -> str:
    if number >= 10:
        return f"{number:.0f}"
    return f"{number:.1f}" if number >= 0.1 else "almost none"


def _how_sure(pattern: Pattern) -> str:
    weeks = pattern.hours / CELLS
    known = f"Learned from {weeks:.0f} weeks with {pattern.articles} articles"
    return f"{known}, so this is a first estimate." if weeks < 4 else f"{known}."
