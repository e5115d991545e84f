"""Measures a burst: many alerts at once through the real notify stage on the embedded log, one channel hanging.

    ./test python -m scripts.burst_alerts [--alerts 50000] [--stories 40000] [--rules 20]

The alerts are on the log before the stage starts. One channel takes each message at once; another never answers. It
prints the time until every alert is decided and the first channel has all its messages, the resident memory before and
at most, and what was sent. The log is in a temporary folder.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agents.embedded import Embedded
from pipeline.assembly.backends import open_sqlite
from pipeline.config.settings import Settings
from pipeline.core.alerts.firing import alert_id
from pipeline.core.alerts.rules import AlertRule, ChannelSpec
from pipeline.core.notification.planning.planner import Plan
from pipeline.core.query.tree import And
from pipeline.records import Alert, Message, Quote, Traits
from pipeline.stage import Out
from pipeline.stages.notify import Notify

BATCH = 1_000
QUIET = 1.0  # seconds without a new message after which the burst is over
CHANNELS = ("desk", "hanging")


class Desk:
    """Takes every message at once, and counts."""

    def __init__(self) -> None:
        self.messages, self.shown, self.last = 0, 0, time.monotonic()

    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        self.messages, self.last = self.messages + 1, time.monotonic()
        self.shown += len(message.alerts)
        return "taken"

    def changed(self) -> bool:
        return False

    async def close(self) -> None:
        pass


class Hanging(Desk):
    """Never answers."""

    async def send(self, message: Message, key: str, taken: Sequence[int] = ()) -> str:
        await asyncio.Event().wait()
        raise AssertionError


def alerts(number: int, stories: int, rules: int) -> Iterator[Alert]:
    """As large as real ones: four sentences, traits, places."""
    start = datetime.now(UTC) - timedelta(minutes=5)
    for n in range(number):
        rule, article = f"rule {n % rules}", f"{n:032x}"
        quotes = tuple(
            Quote(field="text", text=f"Sentence {part} of {n} has the \x02word\x03 " + "and more " * 15)
            for part in range(4)
        )
        yield Alert(
            id=alert_id(article, 1, rule), rule=rule, name=rule, rule_hash="r", rules="s", severity="high",
            channels=CHANNELS, article=article, version=1, story_id=f"{n % stories:032x}", title=f"Title of {n} " * 4,
            url=f"https://site{n % 500}.example/{n}", source=f"Site {n % 500}", outlet_country="PE", language="es",
            first_seen=start, seen=start, query="word", branch="word", quotes=quotes, countries=("PE", "US"),
            places=("Lima", "Cusco"), traits=Traits(title=f"t{n}", words=f"w{n}", amounts=("5", "7"), names=("A", "B")),
        )  # fmt: skip


def plan(rules: int) -> Plan:
    made = [
        AlertRule(f"rule {n}", "word", And(()), And(()), "high", CHANNELS) for n in range(rules)
    ]  # fmt: skip
    return Plan({rule.key: rule for rule in made}, {name: ChannelSpec(name, "apprise") for name in CHANNELS})


def resident() -> float:
    """MB in memory now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


async def measure(folder: Path, number: int, stories: int, rules: int) -> None:
    log = open_sqlite(Settings(data=folder))
    batch: list[Out] = []
    for one in alerts(number, stories, rules):
        batch.append(Out("alerts", one.rule, one))
        if len(batch) == BATCH:
            await log.publish(batch)
            batch = []
    await log.publish(batch)
    desk, hanging = Desk(), Hanging()
    stage = Notify(plan(rules), {"desk": desk, "hanging": hanging}, lambda: datetime.now(UTC), lambda: 0.5)
    driver = Embedded(log, log.streams, (stage,), None, lambda: datetime.now(UTC))
    before, began, most = resident(), time.monotonic(), 0.0
    decided = 0.0
    async with driver.running():
        while not decided or time.monotonic() - desk.last < QUIET:
            await asyncio.sleep(0.05)
            most = max(most, resident())
            if not decided and await log.committed("notify", "alerts", 0) >= number:
                decided = time.monotonic() - began
    print(f"{number:,} alerts of {stories:,} stories and {rules} rules")
    print(f"decided in {decided:.1f} s ({number / decided:,.0f}/s), all messages sent after {desk.last - began:.1f} s")
    print(f"memory {before:.0f} MB before, {most:.0f} MB at most")
    print(f"sent {desk.messages:,} messages that show {desk.shown:,} alerts; held {stage.planner.waiting():,}")
    print(f"waiting for the hanging channel {len(stage.senders.queue.line('hanging').waiting):,}")
    print(f"log {sum(size for _, size in log.stored().values()) / 1e6:.0f} MB")
    await log.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--alerts", type=int, default=50_000)
    parser.add_argument("--stories", type=int, default=40_000)
    parser.add_argument("--rules", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), options.alerts, options.stories, options.rules))


if __name__ == "__main__":
    main()
