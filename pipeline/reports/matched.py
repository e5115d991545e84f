"""Which alert rules the articles of stories matched: a fold over `alert-state`."""

from __future__ import annotations

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

    def take(self, key: str, state: AlertState | None) -> None:
        """Take the newest record of an alert; None: it was forgotten."""
        if place := self._where.pop(key, None):
            self._forget(key, *place)
        if state is None or not state.story or state.kind != "article":
            return
        self._where[key] = state.story, state.rule
        self._of.setdefault(state.story, {}).setdefault(state.rule, {})[key] = state.seen or state.at

    def _forget(self, key: str, story: str, rule: str) -> None:
        rules = self._of[story]
        rules[rule].pop(key)
        if not rules[rule]:
            del rules[rule]
        if not rules:
            del self._of[story]

    def of(self, story: Story) -> tuple[Match, ...]:
        """The rules of a story and of those merged into it, the last match first."""
        newest: dict[str, datetime] = {}
        for id in (story.id, *story.merged):
            for rule, alerts in self._of.get(id, {}).items():
                newest[rule] = max(newest.get(rule, (at := max(alerts.values()))), at)
        return tuple(
            Match(rule, at) for rule, at in sorted(newest.items(), key=lambda one: (one[1], one[0]), reverse=True)
        )

    def stories(self, since: datetime | None = None, rules: Iterable[str] = ()) -> list[str]:
        """Ids of stories with a match since then, of one of the rules if some are given, the newest first."""
        wanted = set(rules)
        found: dict[str, datetime] = {}
        for story, matched in self._of.items():
            times = [max(alerts.values()) for rule, alerts in matched.items() if not wanted or rule in wanted]
            if times and (since is None or max(times) >= since):
                found[story] = max(times)
        return sorted(found, key=lambda id: (found[id], id), reverse=True)

    def counts(self, since: datetime | None = None) -> dict[str, int]:
        """Rule -> stories with a match since then, the most frequent first."""
        found: dict[str, int] = {}
        for matched in self._of.values():
            for rule, alerts in matched.items():
                if since is None or max(alerts.values()) >= since:
                    found[rule] = found.get(rule, 0) + 1
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))
