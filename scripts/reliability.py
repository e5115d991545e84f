"""Kills workers of the distributed pipeline again and again; measures what is lost, duplicated and repeated.

    ./test python scripts/reliability.py --articles 5000 --rounds 3 --kills 20

Starts its own Kafka broker and Elasticsearch node (docs/testing.md), four workers that share the stages, and a news
site. Kills the workers at every failpoint (once per round) and at random, stops and starts the servers, lets a worker
join and leave. Then measures how long work is interrupted by a kill: with the same instance id, and when another worker
has to take over. Prints a table for docs/reliability.md, or JSON. Exit code 1 if anything was lost or duplicated.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.agents.cluster import Cluster, numbers
from tests.agents.machines import POINTS, SENDS_AGAIN, STAGES, Desk, Machine
from tests.services.servers import Elasticsearch, Kafka, Server

WATCHDOG = 10.0  # seconds, of the worker that writes to Elasticsearch, whose outage is longer
OUTAGE = 15.0
PATIENCE = 1800.0  # seconds for everything to be done at the end
SETTLE = 8.0  # seconds of undisturbed work before each timed kill
SESSION = 10.0  # seconds of silence after which the broker counts a worker as gone: the default of the settings
GIVE_UP = 120.0  # seconds for work to resume after a timed kill


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1, help="kills at each failpoint")
    parser.add_argument("--kills", type=int, default=3, help="random kills of each of the four workers")
    parser.add_argument("--resumes", type=int, default=5, help="timed kills of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--keep", type=Path, help="keep the files of servers and workers in this folder; default: delete them"
    )
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="almenara-reliability-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with Kafka(folder / "kafka") as kafka, Elasticsearch(folder / "elasticsearch") as elasticsearch:
            figures = asyncio.run(_measure(given, folder, kafka, elasticsearch))
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(figures, indent=1) if given.json else _table(figures))
    return int(any(figures[name] for name in ("lost", "doubled_index", "doubled_alerts", "faults")))


async def _measure(given: Any, folder: Path, kafka: Kafka, elasticsearch: Elasticsearch) -> dict[str, Any]:
    began, load = time.monotonic(), os.getloadavg()[0]
    figures = await _kills(given, folder / "kills", kafka, elasticsearch)
    figures |= await _resumes(given, folder / "resumes", kafka, elasticsearch)
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}", "python": platform.python_version(), "cores": os.cpu_count(),
        "load": [round(load, 1), round(os.getloadavg()[0], 1)], "seconds": round(time.monotonic() - began),
        **figures,
    }  # fmt: skip


# -- nothing lost, nothing duplicated ---------------------------------------------------------------------------


async def _kills(given: Any, folder: Path, kafka: Kafka, elasticsearch: Elasticsearch) -> dict[str, Any]:
    dice = random.Random(given.seed)
    async with Desk() as desk:
        cluster = Cluster(folder, kafka.url, elasticsearch.url, f"k{secrets.token_hex(4)}.", desk, patience=300)
        machines = [cluster.machine("-".join(only), only, WATCHDOG if "index" in only else 120.0) for only in POINTS]
        try:
            await cluster.open()
            cluster.publish(given.articles)
            await asyncio.gather(*(_torture(cluster, machine, given, dice) for machine in machines))
            _log(f"killed {len(list(cluster.kills()))} times, {desk.published} articles published")
            guest = cluster.machine("guest", ("poll", "clean", "tag", "relate"))
            await guest.start()
            await cluster.at_work()
            await _away(kafka, 5)
            await cluster.at_work()
            await _away(elasticsearch, OUTAGE)
            await guest.stop()
            await cluster.quiet(given.articles, PATIENCE)
            code, report = await machines[0].ask("audit")
            found = numbers(await cluster.indexed())
            for machine in machines:
                await machine.stop()
        finally:
            await cluster.close()
    sent, kills = cluster.alerted(), Counter(point or "at random" for _, point in cluster.kills())
    return {
        "articles": given.articles, "kills": sum(kills.values()), "places": len(kills) - ("at random" in kills),
        "kills_at_random": kills["at random"], "outages": {"kafka": 5, "elasticsearch": OUTAGE},
        "lost": len(set(range(given.articles)) - set(found)), "doubled_index": len(found) - len(set(found)),
        "doubled_alerts": report["found"].get("another time it was sent than before", 0) if code else 0,
        "faults": sum(report["found"].values()) + (code != 0),
        "ended_by_themselves": Counter(code for machine in cluster.machines for code in machine.ends),
        "alerts_sent_again": sum(sent.values()) - len(sent),
        "kills_before_a_send_was_recorded": sum(kills[point] for point in SENDS_AGAIN),
        "handled": sum(stage["taken"] for stage in report["stages"].values()),
        "handled_again": sum(stage["repeated"] for stage in report["stages"].values()),
        "published_again": report["repeated"],
    }  # fmt: skip


async def _torture(cluster: Cluster, machine: Machine, given: Any, dice: random.Random) -> None:
    for _ in range(given.rounds):
        await machine.stop()
        await cluster.kill_everywhere(machine, dice)
    await cluster.kill_at_random(machine, given.kills, dice)


async def _away(server: Server, seconds: float) -> None:
    await asyncio.to_thread(server.stop)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(server.start)


# -- how long work is interrupted -------------------------------------------------------------------------------

Place = tuple[str, str, int]  # stage, stream, partition


async def _resumes(given: Any, folder: Path, kafka: Kafka, elasticsearch: Elasticsearch) -> dict[str, Any]:
    """Kill workers that run all stages, while articles keep arriving."""
    dice = random.Random(given.seed)
    async with Desk() as desk:
        cluster = Cluster(folder, kafka.url, elasticsearch.url, f"r{secrets.token_hex(4)}.", desk, session=SESSION)
        one, other = cluster.machine("one"), cluster.machine("other")
        try:
            await cluster.open()
            await one.start()
            cluster.publish(10**9, batch=4)
            same, gone = [], []
            for _ in range(given.resumes):
                same.append(await _timed(cluster, one, dice, again=True))
            await other.start()
            for number in range(given.resumes):
                killed = (one, other)[number % 2]
                times = await _timed(cluster, killed, dice, again=False)
                # The broker reassigns no partition sooner: what resumed earlier was already the other worker's.
                gone.append({place: seconds for place, seconds in times.items() if seconds > SESSION / 2})
                await killed.start()
        finally:
            await cluster.close()
    return {"resume_same_id": _summary(same), "resume_machine_gone": _summary(gone)}


async def _timed(cluster: Cluster, killed: Machine, dice: random.Random, again: bool) -> dict[Place, float]:
    """Seconds from the kill of a worker to the first finished record in each place that had work."""
    busy = await _busy(cluster)
    await asyncio.sleep(dice.uniform(0, 3))
    await killed.kill()
    moment = time.time()
    if again:
        await killed.start()
    ended = await _ended(cluster, moment, busy)
    found = {place: ended[place] - moment for place in busy}
    times = ", ".join(f"{stage} {stream}/{n} {found[stage, stream, n]:.1f}" for stage, stream, n in sorted(found))
    _log(f"{killed.folder.name} killed: {times}")
    return found


async def _busy(cluster: Cluster) -> set[Place]:
    """The places where records keep finishing, once all stages are working."""
    end = time.monotonic() + GIVE_UP
    while time.monotonic() < end:
        await asyncio.sleep(SETTLE)
        found = set(await cluster.ended_since(time.time() - SETTLE))
        if set(STAGES) <= {stage for stage, *_ in found}:
            return {place for place in found if place[0] in STAGES and place[0] != "poll"}
    raise AssertionError(f"not all stages work after {GIVE_UP:.0f} s, only {sorted(found)}")


async def _ended(cluster: Cluster, moment: float, places: set[Place]) -> dict[Place, float]:
    end = time.monotonic() + GIVE_UP
    while time.monotonic() < end:
        ended = await cluster.ended_since(moment)
        if places <= set(ended):
            return ended
        await asyncio.sleep(0.5)
    raise AssertionError(f"no work within {GIVE_UP:.0f} s in {sorted(places - set(ended))}")


def _summary(kills: list[dict[Place, float]]) -> dict[str, Any]:
    """Over the kills: seconds to the first finished record, to the first of each stage, to work in every place."""
    columns = {"first": [min(kill.values()) for kill in kills if kill]}
    for stage in ("clean", "relate"):
        columns[stage] = [at for kill in kills for (name, *_), at in kill.items() if name == stage]
    columns["all"] = [max(kill.values()) for kill in kills if kill]
    return {
        name: {"median": round(statistics.median(times), 1), "worst": round(max(times), 1), "times": len(times)}
        for name, times in columns.items()
        if times
    }


# -- output -----------------------------------------------------------------------------------------------------


def _table(figures: dict[str, Any]) -> str:
    rows = [(name.replace("_", " "), value) for name, value in figures.items() if not name.startswith("resume")]
    lines = ["| figure | value |", "|---|---|", *(f"| {name} | {_words(value)} |" for name, value in rows)]
    lines += ["", "| seconds from the kill to | same instance id, median (worst) | machine gone, median (worst) |"]
    lines += ["|---|---|---|"]
    names = {"first": "the first finished record", "clean": "the first page read", "relate": "the first document",
             "all": "work in every stage"}  # fmt: skip
    for name, words in names.items():
        cells = [figures[kind].get(name) for kind in ("resume_same_id", "resume_machine_gone")]
        shown = [f"{cell['median']} ({cell['worst']})" if cell else "" for cell in cells]
        lines.append(f"| {words} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _log(line: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
