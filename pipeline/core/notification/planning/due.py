"""Computes when the alerts of a lane are due, whatever the hour: quiet hours and limits come on top."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.core.alerts.rules import AlertRule
from pipeline.core.calendar.digests import next_digest
from pipeline.core.calendar.quiet import quiet_until
from pipeline.core.notification.planning.entry import LANES, Entry
from pipeline.core.notification.planning.gates import CHANGES
from pipeline.core.notification.planning.lanes import Lane, LaneKey
from pipeline.core.notification.planning.plan import Plan
from pipeline.core.notification.planning.state import State

QUIET, MOST = timedelta(seconds=30), timedelta(minutes=10)  # a summary of many: after this without another; at most
FOLLOW_UP, DAY = timedelta(hours=1), timedelta(days=1)  # of a rule that is gone; the longest
DOUBLINGS = 16  # more would be longer than any time


def due(plan: Plan, state: State, lane: Lane, now: datetime) -> datetime | None:
    """When the lane is due; None: it has nothing to say. Times in the future are taken as `now`."""
    first = first_current(state, lane)
    if first is None:
        return None
    key, kind, _ = lane.key
    came = first.since(now)
    rule = plan.rule(key)
    if rule is None or not plan.readers(rule.channels):
        return came if plan.channels else None  # else nobody is there to whom it could be said
    if kind in ("story", "change"):
        return _of_story(plan.rules[key], state, lane.key, came, now)
    if kind == "digest":
        return next_digest(plan.digest(rule), came, plan.reader.zone)
    if kind == "backlog":
        return min(min(lane.latest or came, now) + QUIET, came + MOST)
    return came


def expected(plan: Plan, state: State, rule: AlertRule, why: str, story: str, now: datetime) -> datetime | None:
    """When an alert that is held from now on is going to be reported, for people; None: not known yet."""
    kind = LANES[why]
    if kind == "digest":
        return next_digest(plan.digest(rule), now, plan.reader.zone)
    if kind != "story" or rule.send == "digest":
        return None
    moment = _of_story(rule, state, (rule.key, kind, story), now, now)
    return quiet_until(plan.quiet(rule), moment, plan.reader.zone) or moment


def is_due(plan: Plan, state: State, lane: Lane, now: datetime) -> bool:
    """Whether the lane is due, because of what is in it now."""
    planned = due(plan, state, lane, now)
    return planned is not None and planned <= now


def _of_story(rule: AlertRule, state: State, key: LaneKey, came: datetime, now: datetime) -> datetime:
    group = state.groups.get((key[0], key[2]))
    if group is None:
        return came
    if key[1] == "change":
        return max(came, min(group.changed, now) + CHANGES) if group.changed else came
    if group.last is None:
        return came
    wait = FOLLOW_UP if rule.follow_up is None else timedelta(seconds=rule.follow_up)
    longest = max(DAY, wait)
    for _ in range(min(group.follow_ups, DOUBLINGS)):
        wait = min(2 * wait, longest)
    return max(came, min(group.last, now) + wait)


def first_current(state: State, lane: Lane) -> Entry | None:
    """The first alert of the lane about the newest known version of its article."""
    return next((entry for entry in lane if is_current(state, entry)), None)


def is_current(state: State, entry: Entry) -> bool:
    known = state.versions.get((entry.rule, entry.article), ())
    return not entry.article or all(other.version <= entry.version for other in known)
