"""A backtest says what the stages would have sent: both run over the same articles, for every option of a rule."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pipeline.backends.index_tantivy import TantivyIndex
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.alerts.rules import Reader
from pipeline.core.calendar.local import local_day
from pipeline.core.notification.planning.planner import plan_of
from pipeline.core.toml_reader import TomlFile
from pipeline.records import AlertRequest, Dated, Document, Message
from pipeline.reports.backtest import Backtest, run_backtest
from pipeline.stage import Emit, Position
from pipeline.stages.alert import Alert as AlertStage
from tests.builders import SEEN
from tests.contracts.indices import numbered
from tests.fakes import MemoryChannel
from tests.stages.notify.daemon import Daemon

DAYS = 12
READER = Reader(zone="Europe/Madrid", quiet=("mon-fri 22:00-07:00", "sat-sun"), digest="daily 08:00")
OPTIONS: dict[str, dict[str, Any]] = {
    "default": {},
    "alone": {"group": "none"},
    "story": {"trigger": "story"},
    "never": {"follow_up": "never"},
    "soon": {"follow_up": "10m"},
    "throttle": {"throttle": "45m"},
    "budget": {"budget": 4},
    "small budget": {"budget": 2, "group": "none", "quiet": "none"},
    "digest": {"send": "digest", "digest": "daily 08:00,18:00"},
    "weekly": {"send": "digest", "digest": "weekly mon 08:00"},
    "awake": {"quiet": "none"},
    "growth": {"trigger": ["story", "growth"], "growth": {"sources": 2, "countries": 2}},
    "copies": {"copies": "alert"},
    "old": {"old": "skip"},
    "quiet": {"quiet": ["12:00-18:00"], "throttle": "2h", "budget": 5},
}  # fmt: skip


def rule(**keys: Any) -> AlertSet:
    table = {"name": "Troops", "query": "troops", "channels": ["one"], **keys}
    data = {"channels": {"one": {"type": "terminal"}}, "alert": [table]}
    found, _ = parse_alerts(TomlFile("alerts.toml", data))
    return AlertSet(found.rules, found.channels, READER)


def documents(seed: int) -> list[Document]:
    """Some hundred articles in stories, with copies, old ones and some that a pause held up."""
    random, made = Random(seed), list[Document]()
    moment = SEEN
    for n in range(300):
        moment += timedelta(minutes=random.expovariate(1 / (DAYS * 24 * 60 / 300)), microseconds=n)
        story = f"s{random.randrange(max(1, n // 3), n + 2)}"
        others = [one for one in made[-20:] if one.relation.story_id == story]
        original = others[0].article.id if others and random.random() < 0.3 else None
        age = timedelta(days=9) if random.random() < 0.1 else timedelta(minutes=5)
        made.append(
            numbered(
                n, "Troops arrive" if random.random() < 0.4 else f"News {n}",
                random.choice(["Troops came to the town.", "Soldiers and troops left.", "Rain fell."]),
                seq=n + 1, first_seen=moment, seen=moment, story_id=story, duplicate_of=original,
                source=f"Outlet {random.randrange(9)}", country=random.choice(["PE", "ES", "FR"]),
                backlog=random.random() < 0.1, published=Dated(value=moment - age, raw="", source="feed"),
            )
        )  # fmt: skip
    return made


async def live(found: list[Document], rules: AlertSet) -> list[Message]:
    """What the stages alert and notify send, each article when it came, and each tick when it is due."""
    channel = MemoryChannel()
    daemon = Daemon({"one": channel})
    daemon.plan = plan_of(rules)
    daemon.now = SEEN
    daemon.stage = daemon._made()
    await daemon.start()
    stage = AlertStage(rules)
    await daemon.give(AlertRequest(at=SEEN, started="Troops"))
    for document in found:
        await _until(daemon, document.relation.first_seen)
        outcome = await stage.step(document, Position("documents", 0, document.relation.seq))
        assert isinstance(outcome, Emit)
        await daemon.give(*(out.record for out in outcome.outs))  # type: ignore[arg-type]
    await _until(daemon, SEEN + timedelta(days=DAYS + 2))
    await daemon.die()
    return channel.sent


async def _until(daemon: Daemon, moment: Any) -> None:
    while (due := daemon.stage.next_tick()) is not None and due <= moment:
        daemon.now = max(due, daemon.now)
        await daemon.settle()
    daemon.now = moment


async def rehearsed(found: list[Document], rules: AlertSet, folder: Path) -> Backtest:
    index = TantivyIndex.open(folder, write=True)
    await index.put(found)
    try:
        return await run_backtest(index, rules, None, SEEN, SEEN + timedelta(days=DAYS + 2))
    finally:
        await index.close()


@pytest.mark.slow
@pytest.mark.parametrize("option", OPTIONS)
async def test_a_backtest_sends_what_the_stages_send(option: str, tmp_path: Path) -> None:
    found, rules = documents(7), rule(**OPTIONS[option])
    sent = await live(found, rules)
    tried = await rehearsed(found, rules, tmp_path / "index")
    assert tried.messages == Counter(message.kind for message in sent)
    assert tried.messages.total() > 0
    per_day = {day: one.messages for day, one in tried.days.items() if one.messages}
    assert per_day == Counter(local_day(message.at, READER.zone) for message in sent)
