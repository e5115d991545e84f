"""Makes the messages: what is shown, what is only counted, and which held alerts are reported by it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from pipeline.core.alerts.rules import SEVERITIES, AlertRule
from pipeline.core.notification.planning.due import is_current
from pipeline.core.notification.planning.entry import Entry
from pipeline.core.notification.planning.lanes import Lane
from pipeline.core.notification.planning.state import State
from pipeline.records import Alert, Change, Covered, Message

SHOWN, SHOWN_AT_ONCE = 40, 10  # alerts shown in a summary or digest; in a message about one story
NAMED = 4  # rules named in the heading of a message about several
TEXTS = {
    "backlog": "Found at a feed's first poll, after a pause of Almenara, or from before the rule was there.",
    "flood": "More articles matched than can be reported one by one.",
    "throttle": "Found while the rule waited between two messages.",
    "quiet": "Found in quiet hours.",
    "removed": "Found before the rule was removed or switched off.",
    "channels": "Found before the channels of the rule changed.",
}


def message_id(*cause: str) -> str:
    """The id of a message, which follows from its cause."""
    return hashlib.sha256("\0".join(cause).encode()).hexdigest()[:32]


def covering_id(covers: Iterable[Covered]) -> str:
    """The id of a message that reports held alerts."""
    return message_id("covers", *(part for c in covers for part in (c.rule, c.lane, c.story, str(c.upto))))


def shown(alert: Alert, changes: tuple[Change, ...]) -> Alert:
    """The alert as it stands in a message: without what only serves to compare versions."""
    return replace(alert, traits=None, changes=changes)


def alone(alert: Alert, name: str, channels: tuple[str, ...], now: datetime) -> Message:
    """The message for channels that keep records. It does not say that readers know of it."""
    return Message(
        id=message_id("each", alert.id), kind="alert", rule=alert.rule, name=name, severity=alert.severity,
        channels=channels, at=now, alerts=(shown(alert, alert.changes),), changes=alert.changes,
    )  # fmt: skip


def at_once(
    state: State, rule: AlertRule, entry: Entry, alert: Alert, channels: tuple[str, ...], now: datetime
) -> Message:
    """The message about an alert that has just come and is not yet in `state`. It takes with it what waits of its
    story."""
    group = state.group(entry.group)
    lane = state.lanes.get((rule.key, "story", entry.story))
    grouped = rule.group == "story"
    covers = (lane.covered(),) if grouped and lane else ()
    along = waiting_of(state, entry) if grouped else []
    held = [e for e in along if e.kind == "article" and e.article != entry.article]
    current = [e for e in held if is_current(state, e)]
    bodies = [] if alert.changes else _bodies(current, {rule.key: rule.name})[: SHOWN_AT_ONCE - 1]
    return Message(
        id=message_id("now", alert.id), kind="follow_up" if bodies else "alert", rule=rule.key, name=rule.name,
        severity=rule.severity, channels=channels, at=now, alerts=(alert, *bodies),
        reported=(entry.id, *(e.id for e in along if e.lane[1] != "story")), covers=covers,
        upto=state.rule(rule.key).number,
        held_back=len(current) - len(bodies), muted=group.muted(),
        story=group.found.so_far(entry.story, entry),
        grown=group.found.beyond(group.reported, entry.story, entry) if grouped and group.started else None,
        changes=alert.changes,
    )  # fmt: skip


def late(
    state: State, rule: AlertRule, entry: Entry, lanes: Sequence[Lane], channels: tuple[str, ...], now: datetime
) -> Message:  # fmt: skip
    """The message about one alert that had to wait; `lanes` have no other."""
    (body,) = _bodies([entry], {rule.key: rule.name})
    group = state.group(entry.group)
    return Message(
        id=message_id("now", entry.id), kind="alert", rule=rule.key, name=rule.name, severity=rule.severity,
        channels=channels, at=now, alerts=(body,), covers=_covers(lanes), upto=state.rule(rule.key).number,
        muted=group.muted(), story=group.found.so_far(entry.story),
        grown=group.found.beyond(group.reported, entry.story) if rule.group == "story" and group.started else None,
        changes=body.changes,
    )  # fmt: skip


def _covers(lanes: Sequence[Lane]) -> tuple[Covered, ...]:
    return tuple(lane.covered() for lane in sorted(lanes, key=lambda lane: lane.key))


def waiting_of(state: State, entry: Entry) -> list[Entry]:
    """What waits of the same story, but for its own summary."""
    return [other for other in state.group(entry.group).entries if other.waits and other.lane[1] != "backlog"]


def about_story(
    state: State, rule: AlertRule, lanes: Sequence[Lane], channels: tuple[str, ...], now: datetime
) -> Message:  # fmt: skip
    """The follow-up about a story, of which all lanes are."""
    covers, story = _covers(lanes), lanes[0].key[2]
    group = state.group((rule.key, story))
    entries = [entry for lane in lanes for entry in lane if is_current(state, entry)]
    bodies = _bodies(entries, {rule.key: rule.name})[:SHOWN_AT_ONCE]
    return Message(
        id=covering_id(covers), kind="follow_up", rule=rule.key, name=rule.name, severity=rule.severity,
        channels=channels, at=now, alerts=tuple(bodies), covers=covers, upto=state.rule(rule.key).number,
        held_back=len(entries) - len(bodies), muted=group.muted(), story=group.found.so_far(story),
        grown=group.found.beyond(group.reported, story),
        changes=bodies[0].changes if len(entries) == len(bodies) == 1 else (),
    )  # fmt: skip


def many(
    state: State, kind: str, rules: Sequence[tuple[str, str, str]], lanes: Sequence[Lane], channels: tuple[str, ...],
    now: datetime, why: str = "",
) -> Message:  # fmt: skip
    """A summary or digest of several lanes. `rules`: key, name and severity of each rule in it."""
    covers = _covers(lanes)
    entries = [entry for lane in lanes for entry in lane if is_current(state, entry)]
    articles = [entry for entry in entries if entry.kind == "article"]
    chosen = _chosen(articles)
    named = {key: name for key, name, _ in rules}
    findings = [entry.state().title for entry in entries if entry.kind != "article"]
    return Message(
        id=covering_id(covers), kind=kind, rule=rules[0][0] if len(rules) == 1 else "",
        name=_names([name for _, name, _ in rules]),
        severity=max((severity for _, _, severity in rules), key=SEVERITIES.index, default="info"), channels=channels,
        at=now, alerts=tuple(_bodies(chosen, named)), covers=covers,
        upto=state.rule(rules[0][0]).number if len(rules) == 1 else 0, held_back=len(articles) - len(chosen),
        by_story=_unshown(articles, chosen),
        by_rule=Counter(named.get(e.rule, e.rule) for e in articles) if len(rules) > 1 else {},
        muted=_muted(state, entries), findings=len(findings),
        text="\n".join([*([TEXTS[why]] if why in TEXTS else ()), *findings]),
    )  # fmt: skip


def _bodies(entries: Iterable[Entry], names: Mapping[str, str]) -> list[Alert]:
    """The alerts that are kept whole, under the name that their rule has now. `names`: by key of the rule."""
    return [replace(e.body, name=names.get(e.rule, e.body.name)) for e in entries if e.body]


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more rules" if len(names) > NAMED + 1 else ""
    return ", ".join(names[:NAMED] if more else names) + more


def _chosen(articles: Sequence[Entry]) -> list[Entry]:
    """What is shown: the best of each story first, so that a story with many reports hides no other; then by score."""
    ranked = sorted((e for e in articles if e.body), key=lambda e: (-e.score, e.number))
    first = {entry.story or entry.article: entry for entry in reversed(ranked)}
    chosen = [entry for entry in ranked if first[entry.story or entry.article] is entry][:SHOWN]
    others = [entry for entry in ranked if first[entry.story or entry.article] is not entry]
    return [*chosen, *others[: SHOWN - len(chosen)]]


def _unshown(articles: Sequence[Entry], chosen: Sequence[Entry]) -> dict[str, int]:
    """Of each story of which an alert is shown, how many articles are not."""
    shown, stories = {e.article for e in chosen}, {e.story for e in chosen}
    hidden = {(e.story, e.article) for e in articles if e.story in stories and e.article not in shown}
    return dict(Counter(story for story, _ in hidden if story))


def _muted(state: State, entries: Iterable[Entry]) -> int:
    """Alerts that were muted before the last of these of their story: those after it are counted next time."""
    last: dict[tuple[str, str], int] = {}
    for entry in entries:
        last[entry.group] = max(last.get(entry.group, 0), entry.number)
    return sum(state.group(group).muted(upto) for group, upto in last.items())


def finding(entry: Entry, rule: AlertRule, channels: tuple[str, ...], now: datetime) -> Message:
    """The message that something is silent, or that there is more of it than usual."""
    return Message(
        id=message_id("now", entry.id), kind=entry.kind, rule=rule.key, name=rule.name, severity=rule.severity,
        channels=channels, at=now, reported=(entry.id,), text=entry.state().title,
    )  # fmt: skip
