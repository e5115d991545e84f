"""What was configured, as the planner asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.rules import AlertRule, ChannelSpec, Reader


@dataclass(frozen=True, slots=True)
class Plan:
    """What was configured. `rules` by key."""

    rules: Mapping[str, AlertRule] = field(default_factory=dict)
    channels: Mapping[str, ChannelSpec] = field(default_factory=dict)
    reader: Reader = field(default_factory=Reader)

    def rule(self, key: str) -> AlertRule | None:
        """The rule, if it is in force."""
        rule = self.rules.get(key)
        return rule if rule and rule.enabled else None

    def quiet(self, rule: AlertRule | None) -> tuple[str, ...]:
        return self.reader.quiet if rule is None or rule.quiet is None else rule.quiet

    def digest(self, rule: AlertRule | None) -> str:
        """The schedule of the digest that a rule is part of."""
        return (rule.digest if rule else None) or self.reader.digest

    def keepers(self, channels: Iterable[str]) -> tuple[str, ...]:
        """Those of the channels that keep records: every alert at once and alone."""
        return tuple(name for name in channels if (spec := self.channels.get(name)) and spec.records)

    def readers(self, channels: Iterable[str]) -> tuple[str, ...]:
        """The other channels, which people read."""
        return tuple(name for name in channels if not ((spec := self.channels.get(name)) and spec.records))

    def instead(self, channels: Iterable[str]) -> tuple[str, ...]:
        """For people, of `channels` those that are configured; without any, all that are: a rule went, its alerts
        stay."""
        there = [name for name in channels if name in self.channels]
        return self.readers(there) or self.readers(self.channels) or tuple(there) or tuple(self.channels)


def plan_of(alerts: AlertSet) -> Plan:
    """The plan of what alerts.toml says."""
    return Plan({rule.key: rule for rule in alerts.rules}, alerts.channels, alerts.reader)
