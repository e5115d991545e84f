"""`almenara dead …`: lists, shows and replays records that a stage could not handle."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, NoReturn

import msgspec
import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import deployment_for
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.core.text.tidy import CONTROL
from pipeline.log.reading import Unreadable
from pipeline.ports import Log
from pipeline.reports.dead import read_dead
from pipeline.requests.asking import this_user
from pipeline.requests.dead import replay, unpacked
from pipeline.stage import Position, readable
from pipeline.terminal.tables import print_table, shortened

LISTED = 20  # records of `dead` and `control` that cannot be read, named one by one


def list_dead(config: Config = CONFIG, as_json: AsJson = False) -> None:
    """List records that a stage could not handle, oldest first.

    Example: almenara dead list
    """
    found = deployment_for(config).with_log(read_dead)
    if as_json:
        listed = []
        for number, record in found.kept.items():
            fields = {"number": number, "replayed": number in found.replayed, "value": None, "raw_key": None}
            listed.append(msgspec.to_builtins(record) | fields)
        print(json.dumps(listed, ensure_ascii=False))
    elif found.kept:
        rows = []
        for number, record in found.kept.items():
            put_back = "yes" if number in found.replayed else ""
            at = Position(record.stream, record.partition, record.offset)
            rows.append(
                (str(number), f"{record.at:%m-%d %H:%M}", record.stage, put_back, record.error, str(at), record.key)
            )
        print_table(("no", "at", "stage", "replayed", "error", "record", "key"), rows, spare=("record",))
    else:
        print("no dead records")
    _name(found.unreadable)


def _name(unreadable: Sequence[Unreadable]) -> None:
    for one in unreadable[:LISTED]:
        typer.echo(f"! {one.at} cannot be read: {shortened(one.why, 200)}", err=True)
    if len(unreadable) > LISTED:
        typer.echo(f"! {len(unreadable) - LISTED} more records cannot be read", err=True)


def show_dead(
    number: Annotated[int, typer.Argument(help="From `almenara dead list`.")], config: Config = CONFIG
) -> None:
    """Show a dead record: its error, its origin, and the record itself.

    Example: almenara dead show 0
    """
    dead = deployment_for(config).with_log(read_dead).kept
    if number not in dead:
        _fail(number)
    record = dead[number]
    at = Position(record.stream, record.partition, record.offset)
    head = f"stage {record.stage}, {at}, key {record.key}, at {record.at:%Y-%m-%d %H:%M:%S}"
    print(shortened(head, 1000))
    print(_printable(record.detail))
    try:
        print(_printable(_pretty(unpacked(record.value))))
    except ValueError as error:
        print(error)


def _pretty(original: bytes) -> str:
    """JSON with indents; anything else as it is, with escapes for bytes that are not UTF-8."""
    try:
        return json.dumps(json.loads(original), ensure_ascii=False, indent=1)
    except (ValueError, RecursionError):
        return original.decode(errors="backslashreplace")


def _printable(text: str) -> str:
    """Several lines without control characters, which could control the terminal."""
    return "\n".join(CONTROL.sub(" ", line) for line in readable(text).split("\n"))


def replay_dead(
    numbers: Annotated[list[int] | None, typer.Argument(help="From `almenara dead list`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Replay all that were not replayed yet.")] = False,
    config: Config = CONFIG,
) -> None:
    """Replay dead records on their streams, after the cause is fixed.

    Replaying a record twice is harmless. Exits with code 1 if one could not be replayed; the others still are.

    Example: almenara dead replay 0 3, or: almenara dead replay --all
    """

    async def act(log: Log) -> tuple[int, dict[int, str]]:
        found = await read_dead(log)
        wanted = (
            [n for n in found.kept if n not in found.replayed] if everything else list(dict.fromkeys(numbers or []))
        )
        for number in wanted:
            if number not in found.kept:
                _fail(number)
        return len(wanted), await replay(log, this_user(), clock(), found.kept, wanted)

    wanted, refused = deployment_for(config).with_log(act, write=True)
    for number, why in refused.items():
        typer.echo(f"{number}: cannot be replayed: {shortened(why, 300)}", err=True)
    print(f"{wanted - len(refused)} replayed")
    if refused:
        raise typer.Exit(1)


def _fail(number: int) -> NoReturn:
    raise CommandError(f"no dead record {number}; see `almenara dead list`")
