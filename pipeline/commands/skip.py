"""`almenara skip`: passes over a record that blocks its partition."""

from __future__ import annotations

from contextlib import aclosing
from typing import Annotated

import typer

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import deployment_for
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, Config
from pipeline.log.groups import READS, groups_of
from pipeline.log.reading import dead_positions, read_all
from pipeline.log.streams import OWNERS, RECORDS
from pipeline.ports import Log
from pipeline.records import OtherSchema, Request, SchemaError, decode
from pipeline.requests.asking import CONTROL, publish, this_user
from pipeline.stage import Message, Out, Position
from pipeline.terminal.tables import shortened

SHOWN = 200  # characters of a record that are shown


def skip(
    record: Annotated[str, typer.Argument(metavar="STREAM/PARTITION/OFFSET", help="As `almenara status` names it.")],
    config: Config = CONFIG,
) -> None:
    """Pass over a record that blocks its partition.

    For example one that a newer version of the program wrote.

    Each stage that waits for the record makes it a dead record within seconds, or at its next start, and goes on. If
    several stages read the stream, all that have not handled the record pass over it. Exits with code 1 if there is no
    such record, or if nothing can wait for it.

    Example: almenara skip items/0/1207
    """
    at = _position(record)

    async def act(log: Log) -> str:
        message = await _message(log, at)
        said = await _waiting(log, message)
        requests, _ = await read_all(log, CONTROL, Request)
        if str(at) in {request.skip for request in requests.values()}:
            return f"{said}\nthis was asked for before"
        asked = Out(CONTROL, f"skip/{at}", Request(skip=str(at)))
        await publish(log, this_user(), clock(), "skip", [str(at)], [asked])
        return said

    print(deployment_for(config).with_log(act, write=True))


def _position(text: str) -> Position:
    try:
        at = Position.parse(text)
    except ValueError:
        raise CommandError(f"{text!r} is not STREAM/PARTITION/OFFSET, for example items/0/1207") from None
    readable = {*OWNERS, *(stream for reads in READS.values() for stream in reads)}
    if at.stream not in readable:
        raise CommandError(
            f"no stage waits for records of {at.stream!r}; those they read: {', '.join(sorted(readable))}"
        )
    if at.partition < 0 or at.offset < 0:
        raise CommandError(f"{at}: partition and offset are 0 or more")
    return at


async def _message(log: Log, at: Position) -> Message:
    """The message there. Raises CommandError if the stream has no message there."""
    end = (await log.ends()).get((at.stream, at.partition))
    if end is None or at.offset >= end:
        there = (
            "has no such partition, or nothing in it" if end is None else f"ends before offset {end} in this partition"
        )
        raise CommandError(f"there is no record at {at}: the stream {there}")
    async with aclosing(log.replay(at.stream, at.offset, [at.partition])) as messages:
        async for message in messages:
            if message.at == at:
                return message
            break
    raise CommandError(f"there is no record at {at} any more: retention or compaction deleted it")


async def _waiting(log: Log, message: Message) -> str:
    """What is passed over, and by whom. Raises CommandError if nothing can wait for it."""
    at, why = message.at, _fault(message)
    stages = await _undone(log, at)
    if not stages and at.stream not in {*OWNERS, "feeds"}:
        raise CommandError(f"{at} was handled by every stage that reads {at.stream}; see `almenara dead list`")
    if not stages:
        stages = [OWNERS.get(at.stream, "poll")]
        if not isinstance(why, OtherSchema):
            reason = (
                f"is not a record ({why}), so it blocks nothing and becomes dead by itself" if why else "can be read"
            )
            raise CommandError(f"{at} {reason}; see `almenara status` for what blocks a stage")
        done, _ = await dead_positions(log, stages[0], 0)
        if at in done:
            raise CommandError(f"{at} is in `almenara dead list` already")
    kind = RECORDS[at.stream].__name__
    what = f"{at}: {kind}, key {message.key!r}, written {message.written:%Y-%m-%d %H:%M:%S} UTC"
    text = shortened((message.value or b"").decode(errors="backslashreplace"), SHOWN)
    if why is None:
        note = f"this program can read it; it is passed over only while {' or '.join(stages)} waits for it"
    else:
        note = shortened(str(why), SHOWN)
    end = (
        f"{' and '.join(stages)} will make it a dead record within seconds, or at the next start: `almenara dead list`"
    )
    return "\n".join((what, text, note, end))


def _fault(message: Message) -> Exception | None:
    """Why this program cannot read the message."""
    if message.fault:
        return SchemaError(message.fault)
    try:
        if message.value is not None:
            decode(RECORDS[message.at.stream], message.value)
    except SchemaError as error:
        return error
    return None


async def _undone(log: Log, at: Position) -> list[str]:
    """The stages that read the record as input and have not done it. In the embedded log, the group of a stage has its
    name; on a broker there are several."""
    done = await log.groups()
    return [
        stage
        for stage, reads in READS.items()
        for group, streams in groups_of(stage, reads).items()
        if at.stream in streams
        and max(done.get((name, at.stream, at.partition), 0) for name in (group, stage)) <= at.offset
    ]
