"""Whatever happens, and wherever it is killed: the same messages, and every alert is reported or counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.core.alerts.rules import Growth
from pipeline.core.notification.planning.planner import Decision, Plan, Planner
from pipeline.core.notification.streams import ALERT_STATE, MESSAGES
from pipeline.records import AlertRequest, Message, Mute, Record
from tests.builders import SEEN
from tests.core.notification.world import found, newest, plan, restored, rule

Op = Callable[[Planner, datetime], Decision]
Log = list[tuple[str, str, Record | None]]

RULES: dict[str, list[dict[str, Any]]] = {
    "one": [
        {}, {"channels": ("file", "mail")}, {"follow_up": None}, {"group": "none"},
        {"triggers": ("article", "growth"), "growth": Growth(sources=2)},
        {"triggers": ("article", "growth", "change"), "growth": Growth(sources=3), "throttle": 600.0},
    ],
    "two": [
        {"throttle": 600.0, "group": "none"}, {"budget": 2}, {"send": "digest"}, {"quiet": ("12:00-15:00",)},
        {"enabled": False}, {"channels": ("file",)}, {"budget": 1, "digest": "hourly"},
        {"budget": 1, "throttle": 600.0, "quiet": ("13:00-14:00",)},
    ],
    "three": [
        {"triggers": ("growth", "change"), "growth": Growth(sources=2)}, {"triggers": ("story",)},
        {"triggers": ("change",)}, {"send": "digest", "digest": "hourly"}, {"old": "skip", "copies": "alert"},
    ],
}  # fmt: skip

alerts = st.builds(
    lambda number, article, version, value, story, source, old, backlog, copy: found(
        f"a{article}", value, rule=("one", "two", "three")[number], version=version, story_id=f"s{story}",
        source=f"S{source}", old=old, backlog=backlog, duplicate_of=f"a{copy}" if copy not in (-1, article) else None,
        channels=("file", "mail"),
    ),
    st.integers(0, 2), st.integers(0, 6), st.integers(1, 4), st.sampled_from("345"), st.integers(0, 2),
    st.integers(0, 3), st.sampled_from([False] * 4 + [True]), st.sampled_from([False] * 4 + [True]),
    st.sampled_from([-1] * 6 + [0, 1]),
)  # fmt: skip
mutes = st.builds(
    lambda id, **what: ("mute", id, what),
    st.sampled_from("mn"), rule=st.sampled_from(["", "one"]), story=st.sampled_from(["", "s1"]),
    source=st.sampled_from(["", "S1"]),
)  # fmt: skip
plans = st.tuples(*(st.sampled_from(variants) for variants in RULES.values())).map(
    lambda chosen: plan(*(rule(name, **changes) for name, changes in zip(RULES, chosen, strict=True)))
)
steps = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.5, 20.0, 400.0, 3600.0, 25_000.0, 90_000.0]),
        st.one_of(alerts, alerts, alerts, st.just("tick"), st.just("tick"), mutes, plans, st.just("unmute")),
    ),
    max_size=30,
)


def act(planner: Planner, step: Any, now: datetime) -> Decision:
    if isinstance(step, Plan):
        planner.reload(step, now)
        return Decision()
    if step == "tick":
        return planner.due(now)
    if step == "unmute":
        return planner.ask(AlertRequest(at=now, unmute="m"), now)
    if isinstance(step, tuple):
        _, id, what = step
        mute = Mute(id=id, at=now, until=now + timedelta(hours=3), **what)
        return planner.ask(AlertRequest(at=now, mute=mute), now)
    return planner.take(step, now)


def messages(log: Log) -> dict[str, Message]:
    return {key: record for stream, key, record in log if stream == MESSAGES and isinstance(record, Message)}


def differences(one: dict[str, dict[str, Record]], other: dict[str, dict[str, Record]]) -> list[tuple[Any, ...]]:
    return [
        (key, name, getattr(one[stream].get(key), name, None), getattr(other[stream].get(key), name, None))
        for stream in other
        for key in {*one[stream], *other[stream]}
        if one[stream].get(key) != other[stream].get(key)
        for name in (other[stream].get(key) or one[stream][key]).__struct_fields__
        if getattr(one[stream].get(key), name, None) != getattr(other[stream].get(key), name, None)
    ]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(start=plans, steps=steps, data=st.data())
def test_a_restart_anywhere_changes_nothing(start: Plan, steps: list[Any], data: st.DataObject) -> None:
    planner, now, plan_now = Planner(start), SEEN, start
    other, log, other_log = Planner(start), [], []  # type: ignore[var-annotated]
    for wait, step in steps:
        now += timedelta(seconds=wait)
        decision = act(planner, step, now)
        log += decision.records
        if data.draw(st.booleans()):
            done = act(other, step, now)
            durable = data.draw(st.integers(0, len(done.records)))
            other_log += done.records[:durable]
            other = restored(plan_now, other_log)
        plan_now = step if isinstance(step, Plan) else plan_now
        other_log += act(other, step, now).records
        assert messages(other_log) == messages(log)
    for _ in range(3):  # what a message reported is written into the states by the next ticks
        log += planner.due(now).records
        other_log += other.due(now).records
    assert differences(newest(other_log), newest(log)) == []


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(start=plans, steps=steps)
def test_every_alert_is_reported_once_or_counted(start: Plan, steps: list[Any]) -> None:
    """Also if the clock jumps back in between."""
    planner, now, log = Planner(start), SEEN, []  # type: ignore[var-annotated]
    arrived: set[str] = set()
    dropped: set[str] = set()
    for wait, step in steps:
        now += timedelta(seconds=wait if wait != 90_000.0 else -500_000.0)
        decision = act(planner, step, now)
        log += decision.records
        if not isinstance(step, Plan | tuple | str):
            arrived.add(step.id)
            if decision.drop and decision.drop != "repeat":
                dropped.add(step.id)
    planner.reload(plan(*(rule(name) for name in RULES)), now)
    for _ in range(1000):
        due = planner.next_due()
        if due is None or due > now + timedelta(days=40):
            break
        now = max(now, due)
        log += planner.due(now).records
    states = newest(log)[ALERT_STATE]
    assert arrived == set(states) | dropped
    named = Counter(id for message in messages(log).values() for id in message.reported)
    assert not [id for id, times in named.items() if times > 1]
    for state in states.values():
        assert state.status != "held"  # type: ignore[attr-defined]
        if state.status == "reported":  # type: ignore[attr-defined]
            assert state.message in messages(log)  # type: ignore[attr-defined]
    shown = Counter(one.id for message in messages(log).values() if is_for_readers(message) for one in message.alerts)
    assert not [id for id, times in shown.items() if times > 1]
    assert all(message.held_back >= 0 for message in messages(log).values())


def is_for_readers(message: Message) -> bool:
    return bool(message.reported or message.covers)
