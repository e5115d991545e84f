"""New rules: what they would have found in the last day becomes backlog on the log, once notify can take it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pipeline.assembly.new_rules import NewRules
from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.backends.log_sqlite import SqliteLog
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.notification.planning.planner import Planner, plan_of
from pipeline.core.toml_reader import TomlFile
from pipeline.ports import Ack, Index, Stream
from pipeline.records import Alert, AlertRequest, Message, decode
from pipeline.requests.alerts import REQUESTS
from pipeline.stage import Out
from tests.builders import SEEN, document
from tests.contracts.indices import numbered

NOW = SEEN + timedelta(days=1)
STREAMS = {
    stream.name: stream for stream in (Stream("documents", partitions=2), Stream("alerts"), Stream("alert-requests"))
}


def rules(*queries: str) -> AlertSet:
    tables = [{"name": f"Rule {query}", "query": query, "channels": ["t"]} for query in queries]
    data = {"channels": {"t": {"type": "terminal"}}, "alert": tables}
    return parse_alerts(TomlFile("alerts.toml", data))[0]


@dataclass
class World:
    """A log and an index, and what notify knows."""

    log: SqliteLog
    index: TantivyIndex
    rules: AlertSet
    known: set[str] = field(default_factory=set)
    now: datetime = NOW
    opened: int = 0

    def new_rules(self, settle: float = 0.0) -> NewRules:
        async def give() -> Index | None:
            self.opened += 1
            return self.index

        async def close(index: Index) -> None:
            self.opened -= 1

        return NewRules(
            self.log, give, close, lambda: tuple(rule.key for rule in self.rules.rules if rule.key not in self.known),
            lambda: self.rules, lambda: self.now, 86400.0, settle,
        )  # fmt: skip

    async def read(self, stream: str) -> list[Alert] | list[AlertRequest]:
        kind = Alert if stream == "alerts" else AlertRequest
        async with aclosing(self.log.replay(stream)) as messages:
            return [decode(kind, message.value or b"") async for message in messages]  # type: ignore[return-value]

    async def done(self, group: str, stream: str) -> None:
        """The group has done all of the stream."""
        ends = [(place, end) for place, end in (await self.log.ends()).items() if place[0] == stream]
        await self.log.commit([], {}, [Ack(group, *place, end) for place, end in ends])


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Articles of two days, every second one with troops."""
    log = SqliteLog(tmp_path / "log.sqlite", tuple(STREAMS.values()), lambda: NOW)
    index = TantivyIndex.open(tmp_path / "index", write=True)
    await index.put([
        numbered(n, f"Title {n}", "Troops came." if n % 2 else "Rain fell.", first_seen=NOW - timedelta(hours=48 - n))
        for n in range(48)
    ])  # fmt: skip
    yield World(log, index, rules("troops"))
    await index.close()
    await log.close()


async def test_the_last_day_is_published_as_backlog(world: World) -> None:
    looking = world.new_rules()
    await looking.look()
    alerts = await world.read("alerts")
    assert [alert.article for alert in alerts if isinstance(alert, Alert)] == [f"a{n}" for n in range(25, 48, 2)]
    assert all(alert.backlog and alert.rules == world.rules.hash for alert in alerts if isinstance(alert, Alert))
    assert await world.read(REQUESTS) == []
    await looking.look()
    assert await world.read(REQUESTS) == []  # notify has not taken the alerts
    await world.done("notify", "alerts")
    await looking.look()
    assert [one.started for one in await world.read(REQUESTS) if isinstance(one, AlertRequest)] == ["Rule troops"]
    for _ in range(3):  # notify has not taken the request
        await looking.look()
    world.known.add("Rule troops")
    await world.done("notify", REQUESTS)
    for _ in range(3):
        await looking.look()
    assert len(await world.read("alerts")) == 12
    assert len(await world.read(REQUESTS)) == 1
    assert world.opened == 0


async def test_the_ids_are_those_of_alerts_that_came_in_time(world: World) -> None:
    await world.new_rules().look()
    live = world.rules.fire(numbered(47, "Title 47", "Troops came."))
    assert [alert.id for alert in await world.read("alerts") if isinstance(alert, Alert)][-1] == live[0].id


async def test_after_a_kill_the_same_is_published_again(world: World) -> None:
    await world.new_rules().look()
    await world.new_rules().look()
    alerts = [alert for alert in await world.read("alerts") if isinstance(alert, Alert)]
    assert len(alerts) == 24
    assert len({alert.id for alert in alerts}) == 12


async def test_documents_that_old_rules_judged_are_waited_for(world: World) -> None:
    await world.log.publish([Out("documents", "a99", document("Troops", "Troops.", id="a99"))])
    looking = world.new_rules()
    await looking.look()
    assert await world.read("alerts") == []
    await world.index.put([numbered(99, "Troops", "Troops.", first_seen=NOW)])
    await world.done("index", "documents")
    await looking.look()
    alerts = await world.read("alerts")
    assert len(alerts) == 13


async def test_other_workers_get_time_to_use_the_rules_too(world: World) -> None:
    looking = world.new_rules(settle=30.0)
    await looking.look()
    assert await world.read("alerts") == []
    world.now += timedelta(seconds=30)
    await looking.look()
    assert len(await world.read("alerts")) > 0


async def test_a_rule_that_is_known_is_not_looked_up(world: World) -> None:
    world.known.add("Rule troops")
    await world.new_rules().look()
    assert await world.read("alerts") == []
    assert await world.read(REQUESTS) == []


async def test_of_several_rules_only_the_new_one_is_looked_up(world: World) -> None:
    world.rules, world.known = rules("troops", "rain"), {"Rule troops"}
    await world.new_rules().look()
    alerts = await world.read("alerts")
    assert {alert.rule for alert in alerts if isinstance(alert, Alert)} == {"Rule rain"}


async def test_many_new_rules_at_once(world: World) -> None:
    world.rules = rules("troops", *(f"word{n}" for n in range(200)))
    looking = world.new_rules()
    await looking.look()
    await world.done("notify", "alerts")
    await looking.look()
    assert len(await world.read("alerts")) == 12
    assert len(await world.read(REQUESTS)) == 201


async def test_an_empty_index_has_nothing(world: World) -> None:
    world.now = NOW + timedelta(days=30)
    looking = world.new_rules()
    await looking.look()
    assert await world.read("alerts") == []
    assert [one.started for one in await world.read(REQUESTS) if isinstance(one, AlertRequest)] == ["Rule troops"]


async def test_notify_reports_them_once_in_one_summary_however_often_they_came(world: World) -> None:
    await world.new_rules().look()
    await world.new_rules().look()  # killed before notify knew
    planner = Planner(plan_of(world.rules))
    (live,) = world.rules.fire(numbered(47, "Title 47", "Troops came."))
    sent = [record for _, _, record in planner.take(live, NOW).records if isinstance(record, Message)]  # in time
    for alert in await world.read("alerts"):
        assert isinstance(alert, Alert)
        sent += [record for _, _, record in planner.take(alert, NOW).records if isinstance(record, Message)]
    planner.ask(AlertRequest(at=NOW, started="Rule troops"), NOW)
    assert planner.unstarted() == ()
    while (due := planner.next_due()) and due < NOW + timedelta(hours=1):
        sent += [record for _, _, record in planner.due(due).records if isinstance(record, Message)]
    counted = [(one.kind, len(one.alerts) + one.held_back) for one in sent if one.kind != "follow_up"]
    assert counted == [("alert", 1), ("summary", 11)]
    reported = [alert.id for message in sent for alert in message.alerts]
    assert len(reported) == len(set(reported))


async def test_what_was_indexed_gets_time_to_be_found(world: World) -> None:
    looking = replace(world.new_rules(), visible=5.0)
    await looking.look()
    assert await world.read("alerts") == []
    world.now += timedelta(seconds=5)
    await looking.look()
    assert len(await world.read("alerts")) > 0
