"""`almenara streams …`: creates and lists the log's streams on a broker. The embedded log creates its own."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from pipeline.assembly.deployment import deployment_for
from pipeline.assembly.repairing import StillRunning
from pipeline.assembly.repairing import repair_streams as repair
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.log.incarnations import REPAIR, created_again, remember
from pipeline.log.kinds import BrokerLog
from pipeline.ports import Stream
from pipeline.terminal.tables import print_table

T = TypeVar("T")


def create_streams(
    grow: Annotated[
        bool, typer.Option("--grow", help="Add partitions where there are too few. Stop all workers first.")
    ] = False,
    config: Config = CONFIG,
) -> None:
    """Create missing streams, and update the others to match the settings.

    Prints what it changed; a second run changes nothing. Exits with code 3 if it cannot fix everything.

    Example: almenara streams create
    """

    async def act(log: BrokerLog) -> list[str]:
        done = await log.create(grow)
        for line in done:
            print(line)
        await log.check()
        await remember(log)
        for name in await created_again(log):
            print(f"stream {name} was deleted and created again: {REPAIR}")
        return done

    if not _on_broker(config, act):
        print("all streams are as they should be")


def repair_streams(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is wrong, and change nothing.")] = False,
    config: Config = CONFIG,
) -> None:
    """Bring back what was on streams that were deleted or cut off.

    Creates missing streams, makes groups read new streams from the beginning, and publishes what was lost again: from
    the stream before it, or from what the stages remember. Nothing is doubled: records keep their ids. Stop the workers
    of the groups concerned first; otherwise it changes nothing and exits with code 1. If it is interrupted, run it
    again.

    Example: almenara streams repair --dry-run
    """
    try:
        findings = asyncio.run(repair(deployment_for(config), dry_run, print))
    except StillRunning as error:
        raise CommandError(str(error)) from error
    if not findings.lines():
        print("nothing to repair")
    elif not dry_run:
        print("repaired; start the workers")


def list_streams(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """List the streams with their partitions and what is wrong with them.

    Exits with code 3 if a stream must be fixed before the stages can run.

    Example: almenara streams list
    """

    async def act(log: BrokerLog) -> tuple[list[dict[str, object]], tuple[str, ...]]:
        faults, starts, ends = await log.faults(), await log.starts(), await log.ends()
        partitions = Counter(stream for stream, _ in ends)
        spans: Counter[str] = Counter()
        for (stream, place), end in ends.items():
            spans[stream] += end - starts.get((stream, place), 0)
        return [_row(stream, partitions[name], spans[name]) for name, stream in log.streams.items()], faults

    rows, faults = _on_broker(config, act)
    if as_json:
        print(json.dumps({"streams": rows, "faults": list(faults)}, ensure_ascii=False))
    else:
        print_table(
            ("stream", "partitions", "offsets in use", "days kept", "compacted"),
            [tuple("" if cell is None else str(cell) for cell in row.values()) for row in rows],
        )
    for fault in faults:
        typer.echo(fault, err=True)
    if faults:
        raise typer.Exit(3)


def _row(stream: Stream, partitions: int, span: int) -> dict[str, object]:
    return {
        "stream": stream.name,
        "partitions": partitions,
        "span": span,
        "keep_days": None if stream.keep is None else round(stream.keep / 86400, 1),
        "compacted": "yes" if stream.compacted else None,
    }


def _on_broker(config: Path, act: Callable[[BrokerLog], Awaitable[T]]) -> T:
    deployment = deployment_for(config)

    async def run() -> T:
        log = await deployment.open_broker()
        try:
            return await act(log)
        finally:
            await log.close()

    return asyncio.run(run())
