"""Decides what a rule's triggers make of an alert: a message, part of a follow-up, or only a count."""

from __future__ import annotations

from typing import Literal

from pipeline.core.alerts.rules import AlertRule
from pipeline.core.notification.planning.entry import Entry
from pipeline.core.notification.planning.judging import Judgement
from pipeline.core.notification.planning.stories import Group

#: article, growth, change: a message because of it; follow_up: it waits for the next one about its story; none: it is
#: counted.
Outcome = Literal["article", "growth", "change", "follow_up", "none"]


def outcome(rule: AlertRule, group: Group, entry: Entry, judged: Judgement) -> Outcome:
    """What follows from `entry`, which is not yet in its `group`."""
    if judged.verdict == "changed":
        return "change" if {"article", "change"} & set(rule.triggers) else "none"
    if "growth" in rule.triggers and grown(rule, group, entry):
        return "growth"
    if "article" in rule.triggers:
        if rule.group == "none" or not group.started:
            return "article"
        return "follow_up" if rule.follow_up is not None else "none"
    if "story" in rule.triggers and not any(known.reported or known.waits for known in group.entries):
        return "article"
    return "change" if "change" in rule.triggers and judged.changes else "none"


def grown(rule: AlertRule, group: Group, entry: Entry) -> bool:
    """Whether the story has passed another threshold since the last message about it."""
    return group.found.level(rule.growth, entry) > group.reported.level(rule.growth)
