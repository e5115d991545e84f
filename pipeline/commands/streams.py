"""`almenara streams …`: the log's streams on a broker. The embedded log makes its own."""

from __future__ import annotations

import asyncio
import json as json_format
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from pipeline.assembly.backends import load_for, on_kafka, open_kafka
from pipeline.stage import Unavailable
from pipeline.terminal.tables import columns_of

if TYPE_CHECKING:
    from pipeline.backends.log_kafka import KafkaLog
    from pipeline.ports import Stream

T = TypeVar("T")


def create(config: Path, grow: bool) -> None:
    """Make the streams what the settings say. Raises Unavailable, also when something is left that this cannot mend."""

    async def act(log: KafkaLog) -> list[str]:
        done = await log.create(grow)
        for line in done:
            print(line)
        await log.check()
        return done

    if not _on_kafka(config, act):
        print("all streams are as they should be")


def list_streams(config: Path, as_json: bool) -> None:
    """Every stream as it is on the broker. Exit code 3 when the stages cannot work with them. Raises Unavailable."""

    async def act(log: KafkaLog) -> tuple[list[dict[str, object]], tuple[str, ...]]:
        faults, begins, ends = await log.faults(), await log.begins(), await log.ends()
        partitions = Counter(stream for stream, _ in ends)
        spans: Counter[str] = Counter()
        for (stream, place), end in ends.items():
            spans[stream] += end - begins.get((stream, place), 0)
        return [_row(stream, partitions[name], spans[name]) for name, stream in log.streams.items()], faults

    rows, faults = _on_kafka(config, act)
    if as_json:
        for row in rows:
            print(json_format.dumps(row))
    else:
        columns_of(
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


def _on_kafka(config: Path, act: Callable[[KafkaLog], Awaitable[T]]) -> T:
    settings = load_for(config)
    if not on_kafka(settings):
        raise Unavailable("streams are made on a broker, and log_url names none: set log_url = kafka://HOST:PORT")

    async def run() -> T:
        log = await open_kafka(settings)
        try:
            return await act(log)
        finally:
            await log.close()

    return asyncio.run(run())
