"""Which alert rules the articles of stories matched: a fold over `alert-state`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.records import AlertState, Story


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that articles of a story matched: its key, and when the last one did."""

    rule: str
    at: datetime


@dataclass
class Matched:
    """Stories by the ids that alerts name, each with its rules and alerts. `take` may repeat."""

    _of: dict[str, dict[str, dict[str, datetime]]] = field(default_factory=dict)  # story -> rule -> alert -> when
    _where: dict[str, tuple[str, str]] = field(default_factory=dict)  # alert -> story, rule
    _newest: dict[str, dict[str, datetime]] = field(default_factory=dict)  # story -> rule -> when the last one did

    def take(self, key: str, state: AlertState | None) -> None:
        """Take the newest record of an alert; None: it was forgotten."""
        if place := self._where.pop(key, None):
            self._forget(key, *place)
        if state is None or not state.story or state.kind != "article":
            return
        self._where[key] = state.story, state.rule
        alerts = self._of.setdefault(state.story, {}).setdefault(state.rule, {})
        alerts[key] = at = state.seen or state.at
        newest = self._newest.setdefault(state.story, {})
        newest[state.rule] = max(newest.get(state.rule, at), at)

    def _forget(self, key: str, story: str, rule: str) -> None:
        rules = self._of[story]
        rules[rule].pop(key)
        if rules[rule]:
            self._newest[story][rule] = max(rules[rule].values())
        else:
            del rules[rule], self._newest[story][rule]
        if not rules:
            del self._of[story], self._newest[story]

    def of(self, story: Story) -> tuple[Match, ...]:
        """The rules of a story and of those merged into it, the last match first."""
        newest: dict[str, datetime] = {}
        for id in (story.id, *story.merged):
            for rule, at in self._newest.get(id, {}).items():
                newest[rule] = max(newest.get(rule, at), at)
        return tuple(
            Match(rule, at) for rule, at in sorted(newest.items(), key=lambda one: (one[1], one[0]), reverse=True)
        )

    def stories(self, since: datetime | None = None, rules: Iterable[str] = ()) -> list[str]:
        """Ids of stories with a match since then, of one of the rules if some are given, the newest first."""
        wanted = set(rules)
        found: dict[str, datetime] = {}
        for story, newest in self._newest.items():
            times = [at for rule, at in newest.items() if rule in wanted] if wanted else newest.values()
            if times and (since is None or max(times) >= since):
                found[story] = max(times)
        return sorted(found, key=lambda id: (found[id], id), reverse=True)

    def counts(self, since: datetime | None = None) -> dict[str, int]:
        """Rule -> stories with a match since then, the most frequent first."""
        found = Counter(
            rule for newest in self._newest.values() for rule, at in newest.items() if since is None or at >= since
        )
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))
