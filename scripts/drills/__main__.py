"""Drills: causes every kind of trouble on real servers; measures what is lost and doubled, and whether it is shown.

    ./test python -m scripts.drills [--articles 2000] [--only kill-relate,kafka] [--small] [--list]
                                    [--seed 1] [--limit 1500] [--keep DIR] [--json FILE]

Starts its own Kafka broker and Elasticsearch node (docs/testing.md), workers that share the stages, a news site, a file
and a web hook for alerts. Each drill publishes its share of the articles before, during and after its trouble. Prints a
Markdown table; docs/reliability.md explains it. Exit code 1 if an aim was missed: 0 lost, 0 doubled, `almenara audit`
consistent, visible within 10 s.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path

from scripts.drills.course import Course, Plan, chosen, on_daemon, on_workers, run
from scripts.drills.drill import Result
from scripts.drills.report import table


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./test python -m scripts.drills",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--articles", type=int, default=2000, help="over all drills on workers together")
    parser.add_argument("--only", default="", help="names of drills, separated by commas; * for any letters")
    parser.add_argument("--small", action="store_true", help="only the drills that CI runs")
    parser.add_argument("--list", action="store_true", help="list the drills")
    parser.add_argument("--limit", type=float, default=1400, help="seconds for all; drills that do not fit are missed")
    parser.add_argument("--seed", type=int, default=1, help="of what is random: the poison")
    parser.add_argument("--keep", type=Path, help="keep files of servers and workers here; default: delete them")
    parser.add_argument("--json", type=Path, help="also write the results to this file, after each drill")
    given = parser.parse_args(arguments)
    plan = Plan(chosen(on_workers(), given.only, given.small), chosen(on_daemon(), given.only, given.small))
    if given.list:
        print("\n".join(f"{name:24} {title}" for name, title in plan.titles().items()))
        return 0
    signal.signal(signal.SIGTERM, _interrupt)  # so that it cleans up then, too
    folder = given.keep or Path(tempfile.mkdtemp(prefix="almenara-drills-"))
    results: list[Result] = []
    try:
        course = Course(
            folder, plan.share(given.articles), time.monotonic() + given.limit,
            partial(_done, results, given.json), given.seed,
        )  # fmt: skip
        asyncio.run(run(plan, course))
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(table(results))
    return int(any(result.faults for result in results))


def _interrupt(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # one more would interrupt the cleaning up
    raise KeyboardInterrupt


def _done(results: list[Result], file: Path | None, result: Result) -> None:
    results.append(result)
    line = "; ".join(result.faults) or f"visible {result.in_status}, {result.in_health}; works {result.working}"
    print(f"{time.strftime('%H:%M:%S')} {result.name} ({result.seconds:.0f} s): {line}", file=sys.stderr, flush=True)
    if file:
        file.write_text(json.dumps([asdict(one) for one in results], indent=1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
