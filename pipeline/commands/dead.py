"""`almenara dead …`: lists, shows and replays records that a stage could not handle."""

from __future__ import annotations

import json
import zlib
from typing import Annotated, NoReturn

import msgspec
import typer

from pipeline.assembly.deployment import deployment_for
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.core.feeds.seed import site_key
from pipeline.log.streams import RECORDS, without_delay
from pipeline.ports import Log
from pipeline.records import Dead, Feed, Request, decode
from pipeline.reports.dead import read_dead
from pipeline.stage import Out, Position
from pipeline.terminal.tables import print_table


def list_dead(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """List records that a stage could not handle, oldest first.

    Example: almenara dead list
    """
    dead, replayed = deployment_for(config).with_log(read_dead)
    if as_json:
        for number, record in dead.items():
            line = msgspec.to_builtins(record) | {"number": number, "replayed": number in replayed, "value": None}
            print(json.dumps(line, ensure_ascii=False))
        return
    if not dead:
        print("no dead records")
        return
    rows = []
    for number, record in dead.items():
        put_back = "yes" if number in replayed else ""
        rows.append((str(number), f"{record.at:%m-%d %H:%M}", record.stage, put_back, record.error, record.key))
    print_table(("no", "at", "stage", "replayed", "error", "key"), rows)


def show_dead(
    number: Annotated[int, typer.Argument(help="From `almenara dead list`.")], config: Config = CONFIG
) -> None:
    """Show a dead record: its error, its origin, and the record itself.

    Example: almenara dead show 0
    """
    dead, _ = deployment_for(config).with_log(read_dead)
    if number not in dead:
        _fail(number)
    record = dead[number]
    at = Position(record.stream, record.partition, record.offset)
    print(f"stage {record.stage}, {at}, key {record.key}, at {record.at:%Y-%m-%d %H:%M:%S}")
    print(record.detail)
    original = zlib.decompressobj().decompress(record.value)
    try:
        print(json.dumps(json.loads(original), ensure_ascii=False, indent=1))
    except ValueError:
        print(original.decode(errors="replace"))


def replay_dead(
    numbers: Annotated[list[int] | None, typer.Argument(help="From `almenara dead list`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Replay all that were not replayed yet.")] = False,
    config: Config = CONFIG,
) -> None:
    """Replay dead records on their streams, after the cause is fixed.

    Replaying a record twice is harmless. Exits with code 1 if one could not be replayed; the others still are.

    Example: almenara dead replay 0 3, or: almenara dead replay --all
    """

    async def act(log: Log) -> tuple[int, int]:
        dead, replayed = await read_dead(log)
        wanted = [n for n in dead if n not in replayed] if everything else numbers or []
        outs: list[Out] = []
        for number in dict.fromkeys(wanted):
            if number not in dead:
                _fail(number)
            try:
                outs += [_original(dead[number]), Out("control", f"dead/{number}", Request(replayed=number))]
            except ValueError as error:
                typer.echo(f"{number}: cannot be replayed: {error}", err=True)
        await log.publish(outs)
        return len(outs) // 2, len(wanted)

    done, wanted = deployment_for(config).with_log(act, write=True)
    print(f"{done} replayed")
    if done < wanted:
        raise typer.Exit(1)


def _original(dead: Dead) -> Out:
    """The original record, to publish again. Raises ValueError if it was cut or this version cannot read it."""
    if dead.cut:
        raise ValueError("it was too large to be kept whole")
    stream = without_delay(dead.stream)  # a delayed item is due now
    record = decode(RECORDS[stream], zlib.decompress(dead.value))
    return Out(stream, dead.key, record, by=site_key(record) if isinstance(record, Feed) else None)


def _fail(number: int) -> NoReturn:
    raise CommandError(f"no dead record {number}; see `almenara dead list`")
