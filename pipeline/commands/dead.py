"""`almenara dead …`: look at records that a stage could not handle, and put them back."""

from __future__ import annotations

import json as json_format
import zlib
from pathlib import Path
from typing import NoReturn

import msgspec
import typer

from pipeline.backends.log_sqlite import SqliteLog
from pipeline.commands.screen import columns_of
from pipeline.records import Dead, Replayed, decode
from pipeline.stage import Out
from pipeline.topology import RECORDS
from pipeline.wiring import load_for, with_log


def list_dead(config: Path, as_json: bool) -> None:
    """All dead records, oldest first, with whether they were replayed."""
    dead, replayed = with_log(load_for(config), read_dead)
    if as_json:
        for number, one in dead.items():
            line = msgspec.to_builtins(one) | {"number": number, "replayed": number in replayed, "value": None}
            print(json_format.dumps(line, ensure_ascii=False))
        return
    if not dead:
        print("no dead records")
        return
    rows = (
        (str(number), f"{one.at:%m-%d %H:%M}", one.stage, "yes" if number in replayed else "", one.error, one.key)
        for number, one in dead.items()
    )
    columns_of(("no", "at", "stage", "replayed", "error", "key"), rows)


def show_dead(config: Path, number: int) -> None:
    """One dead record, whole."""
    dead, _ = with_log(load_for(config), read_dead)
    if number not in dead:
        _fail(number)
    one = dead[number]
    print(f"stage {one.stage}, {one.topic}/{one.partition}/{one.offset}, key {one.key}, at {one.at:%Y-%m-%d %H:%M:%S}")
    print(one.detail)
    original = zlib.decompressobj().decompress(one.value)
    try:
        print(json_format.dumps(json_format.loads(original), ensure_ascii=False, indent=1))
    except ValueError:
        print(original.decode(errors="replace"))


def replay_dead(config: Path, numbers: list[int], everything: bool) -> None:
    """Publish the originals on the topics they came from, and note that it was done, in one transaction."""

    async def act(log: SqliteLog) -> list[int]:
        dead, replayed = await read_dead(log)
        wanted = [n for n in dead if n not in replayed] if everything else numbers
        outs = []
        for number in wanted:
            if number not in dead:
                _fail(number)
            one = dead[number]
            if one.cut:
                typer.echo(f"{number}: too large to have been kept whole, cannot be replayed", err=True)
                continue
            topic = one.topic.removesuffix("-later")  # what waited there is due now
            record = decode(RECORDS[topic], zlib.decompress(one.value))
            outs += [Out(topic, one.key, record), Out("control", f"dead/{number}", Replayed(dead=number))]
        await log.commit(outs)
        return wanted

    print(f"{len(with_log(load_for(config), act))} replayed")


async def read_dead(log: SqliteLog) -> tuple[dict[int, Dead], set[int]]:
    """Number -> dead record, and the numbers of those that were put back."""
    dead = {message.at.offset: decode(Dead, message.value) async for message in log.replay("dead") if message.value}
    acts = [decode(Replayed, message.value) async for message in log.replay("control") if message.value]
    return dead, {act.dead for act in acts}


def _fail(number: int) -> NoReturn:
    typer.echo(f"no dead record {number}; see `almenara dead list`", err=True)
    raise typer.Exit(1)
