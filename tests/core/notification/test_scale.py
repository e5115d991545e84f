"""Memory and time: a burst of one rule, a month with ten rules, many states."""

from __future__ import annotations

import random
import tracemalloc
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from msgspec.structs import replace

from pipeline.core.notification.planning.arriving import BODIES
from pipeline.core.notification.planning.gates import FLOOD
from pipeline.core.notification.streams import ALERT_STATE, MESSAGES
from pipeline.records import Alert, Message, Quote, Traits
from tests.builders import SEEN
from tests.core.notification.world import World, found, newest, plan, restored, rule

TEXT = "The parliament said on Tuesday that the soldiers may enter the country from May until December. "


def whole(number: int, **changes: Any) -> Alert:
    """An alert as large as they are."""
    fields: dict[str, Any] = {
        "story_id": f"s{number}", "title": f"{number} {TEXT[:80]}", "source": f"Outlet {number % 40}",
        "quotes": tuple(Quote(field="text", text=f"{number} {n} {TEXT * 2}") for n in range(4)),
        "traits": Traits(title=TEXT, words=str(number), numbers=tuple(f"{number}{n}" for n in range(12)),
                         names=tuple(f"Name{n}" for n in range(20))),
    }  # fmt: skip
    return found(f"article-{number}", **fields | changes)


@pytest.mark.slow
def test_fifty_thousand_alerts_of_one_rule_need_little_memory_and_come_out_as_one_summary() -> None:
    world = World(rule())
    world.take(whole(-1))
    tracemalloc.start()
    sent: list[Message] = []
    for number in range(50_000):
        decision = world.planner.take(whole(number), SEEN + timedelta(milliseconds=number))
        sent += [record for _, _, record in decision.records if isinstance(record, Message)]
    held = world.planner.waiting()
    used, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    kept = sum(entry.body is not None for entry in world.planner._state.entries.values())
    assert (len(sent), held, kept) == (FLOOD - 1, 50_000 - FLOOD + 1, BODIES)
    print(f"{used / 1e6:.0f} MB, {used / 50_000:.0f} bytes an alert, at most {peak / 1e6:.0f} MB")
    assert used < 120e6
    world.now = SEEN + timedelta(milliseconds=50_000)
    begin = perf_counter()
    [summary] = world.run(600)
    assert perf_counter() - begin < 30
    assert (summary.kind, len(summary.alerts) + summary.held_back) == ("summary", held)
    assert world.planner.waiting() == 0


@pytest.mark.slow
def test_a_month_with_ten_rules_takes_seconds() -> None:
    rules = [
        rule(f"r{n}", throttle=600.0 * (n % 2), budget=10 if n % 3 == 0 else None, send="digest" if n == 9 else "now")
        for n in range(10)
    ]
    world = World(*rules, zone="Europe/Madrid", quiet=("22:00-07:00",))
    chance = random.Random(1)
    begin = perf_counter()
    messages = 0
    for number in range(6_000):
        messages += len(world.run(until=SEEN + timedelta(days=30) * number / 6_000))
        story = f"s{int(number / 60 + chance.expovariate(0.2))}"
        messages += len(world.take(whole(number, rule=f"r{number % 10}", story_id=story)))
    messages += len(world.run(days=2))
    took = perf_counter() - begin
    print(f"{took:.1f} s, {messages} messages about 6,000 alerts")
    assert took < 20
    assert world.planner.waiting() == 0
    assert messages < 4_000


@pytest.mark.slow
def test_a_decision_costs_the_same_among_many_states() -> None:
    costs = {}
    for size in (2_000, 100_000):
        world = World(*(rule(f"r{n}") for n in range(10)))
        model = World(rule("r0"))  # its state is copied under other names
        model.take(whole(1, rule="r0"))
        [first] = model.states().values()
        for n in range(size):
            state = replace(
                first, id=f"i{n}", rule=f"r{n % 10}", number=n, article=f"b{n}", original=f"b{n}", story=f"t{n // 5}",
                status="held" if n % 5 == 4 else "reported", why="story" if n % 5 == 4 else "",
                at=SEEN + timedelta(seconds=n / size),
            )  # fmt: skip
            world.planner.put(ALERT_STATE, state.id, state)
        world.planner.next_due()
        times = []
        for n in range(300):
            begin = perf_counter()
            world.planner.take(whole(n, rule=f"r{n % 10}"), SEEN + timedelta(seconds=2))
            world.planner.due(SEEN + timedelta(seconds=2))
            world.planner.next_due()
            times.append(perf_counter() - begin)
        costs[size] = median(times)
    print({size: f"{cost * 1e3:.2f} ms" for size, cost in costs.items()})
    assert costs[100_000] < 5 * costs[2_000] + 0.002


def test_restoring_reads_each_record_once() -> None:
    world = World(rule(), rule("two", send="digest"))
    for number in range(200):
        world.take(whole(number, rule=("Troops", "two")[number % 2], story_id=f"s{number // 10}"), after=60)
    planner = restored(plan(rule(), rule("two", send="digest")), world.log)
    assert planner.waiting() == world.planner.waiting() > 100
    assert planner.next_due() == world.planner.next_due()
    assert len(newest(world.log)[MESSAGES]) < 150
