"""What a stage is, and the ways in which a step can end.

    a record, several, or none   Emit        counted `ok`, published
    not needed                   Drop        counted `drop.<reason>`
    not now                      Later       counted `later`, published to `items-later`, due at `not_before`
    our own service is down      Unavailable retried in place; the partition waits
    another version wrote it     Blocked     the partition waits, until a program that can read the record runs here or
                                             a person skips it
    anything else                exception   counted `dead`, published to `dead` with the original bytes

`run` never raises for a bad record: Faust acknowledges a message whose agent raised, so it would be lost.
"""

from __future__ import annotations

import traceback
import zlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Protocol, TypeVar

from pipeline.records import Dead, OtherSchema, Record, decode

DEAD_LIMIT = 700_000  # bytes of the compressed original kept in a dead record; a Kafka message holds 1 MB
KEY_LIMIT = 500  # characters of a key that a dead record shows; the bytes of a longer one are kept too

T = TypeVar("T")


class Unavailable(Exception):
    """Our broker, index, disk or network is down. A site that does not answer is Later instead."""


class Blocked(Unavailable):
    """The record at `at` was written by another version: it is good, but this program cannot read it."""

    def __init__(self, at: Position, why: str) -> None:
        super().__init__(f"{at}: {why}. Or pass it over: `almenara skip {at}`")
        self.at = at


class Skipped(Exception):
    """A person asked to pass the record over (`almenara skip`)."""

    reason = "skipped"


class BadMessage(ValueError):
    """The key or the headers of a message are not what a program of ours writes."""

    reason = "bad_message"


class Stalled(Exception):
    """Records wait, nothing is reported unavailable, and none is finished: the process must be restarted."""


class StreamLost(Stalled):
    """A stream on the broker was deleted, created again or cut off: the process must be restarted."""


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a record on the log; as text "stream/partition/offset"."""

    stream: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.stream}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> Position:
        """Parse the text form. Raises ValueError."""
        stream, partition, offset = text.split("/")
        return cls(stream, int(partition), int(offset))


@dataclass(frozen=True, slots=True)
class Message:
    """A record on the log. `value` None is a tombstone; its partition waits until `due`."""

    at: Position
    key: str
    value: bytes | None
    written: datetime
    due: datetime | None = None
    stale: bool = False  # on a state stream: written by a process that had already lost the partition to another
    fault: str = ""  # what is wrong with its key or headers; such a message cannot be handled
    raw_key: bytes | None = None  # the key, if it is not UTF-8; `key` then shows its bytes


@dataclass(frozen=True, slots=True)
class Out:
    """A record to publish; None deletes the key on a compacted stream.

    Its partition is `partition` if given, otherwise it follows from the hash of `by`, or of the key.
    """

    stream: str
    key: str
    record: Record | None
    due: datetime | None = None
    partition: int | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Emit:
    """Publish `outs`, in order; there may be none."""

    outs: tuple[Out, ...] = ()


@dataclass(frozen=True, slots=True)
class Drop:
    """Drop the record. `reason` becomes a counter, `detail` is for people; `outs` is state only."""

    reason: str
    detail: str = ""
    outs: tuple[Out, ...] = ()


@dataclass(frozen=True, slots=True)
class Later:
    """Handle the record later: `out` goes to a delay partition of `items-later` (core/timing/delays.py)."""

    out: Out
    reason: str = ""


Outcome = Emit | Drop | Later


Apply = Callable[[Message, Any], None]  # a message with its record; None: a tombstone


class ReadState(Protocol):
    """Reads a state stream from the offset `since` up to the end at the time of the call."""

    async def __call__(self, stream: str, apply: Apply, since: int = 0) -> int:
        """Pass each message with its record to `apply`, in order; return the offset after the last message.

        A message that is no record, or for which `apply` raises anything but Unavailable, is passed over and becomes
        dead: `apply` must change nothing before it raises. Raises Unavailable.
        """
        ...

    async def peek(self, at: Position, limit: int) -> list[Record]:
        """The records of an input among the `limit` messages from `at` on, without what cannot be read."""
        ...


class Stage:
    """One step of the flow. Subclasses declare what they read and write, and implement `step`."""

    name: ClassVar[str]
    reads: ClassVar[dict[str, type[Record]]]  # stream -> record type
    writes: ClassVar[tuple[str, ...]] = ()
    anchor: ClassVar[str] = ""  # of a stage with state: the input whose owner also owns the same partitions of `owns`
    owns: ClassVar[dict[str, type[Record]]] = {}  # state streams, written by this stage alone -> record type
    standby: ClassVar[bool] = False  # whether a worker that does not own the state follows it, to take over at once
    forgets: ClassVar[bool] = False  # whether it is restored at each assignment, even if nobody else wrote its state
    window: int = 1  # records processed at once in one partition; 1: strictly one by one
    ahead: int = 64  # if `window` is 1: records that may be finished before the last commit covers them
    pause: float = 1.0  # seconds between ticks

    async def restore(self, read: ReadState) -> None:
        """Read the stage's state from the log. Called before the first step, and after a partition is assigned."""

    async def follow(self, read: ReadState) -> None:
        """Read what another worker has added to the state since. Called regularly after `restore`."""

    async def step(self, record: Any, at: Position) -> Outcome:
        """Handle one record. May raise Unavailable; any other exception makes the record dead."""
        raise NotImplementedError

    async def gone(self, key: str, at: Position) -> Outcome:
        """Handle the deletion of the record under `key` from a compacted stream."""
        return Drop("tombstone")

    async def tick(self, now: datetime) -> Emit | None:
        """Do what is due by time. Its outputs are published in one transaction; None when nothing was due."""
        return None

    def next_tick(self) -> datetime | None:
        """When `tick` will next have work; None if that is not known."""
        return None

    def wakes(self, wake: Callable[[], None]) -> None:
        """Take a function that makes the driver call `tick` at once; the stage may call it at any time."""

    def asks(self, owns: Callable[[], Awaitable[bool]]) -> None:
        """Take a function that says whether this process still owns the stage's state: one that was stopped for a while
        may have lost it without knowing."""

    async def settled(self, outs: Sequence[Out]) -> None:
        """Called when these outputs of steps or of a tick are durable."""

    async def suspend(self, patience: float) -> bool:
        """Stop what goes on beside steps and ticks, in at most `patience` seconds: the partitions are taken away, or
        the process ends. `restore` starts it again. Returns whether a last `tick` has results to publish."""
        return False

    async def close(self) -> None:
        """Release what the stage holds."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """How a record ended: what to publish, the counter to increment (`ending`), and how long it took."""

    outs: tuple[Out, ...]
    ending: str
    detail: str = ""
    seconds: float = field(default=0.0, compare=False)  # that the last try took


#: Prefixes of counters that do not count how records ended: ticks, what poll fetches (stages/poll.py), and records of
#: state streams that could not be read (agents/state.py).
_NO_ENDINGS = ("tick", "fetch.", "entry.", "state.")


def is_ending(counter: str) -> bool:
    """Whether a counter says how records ended; the sum of a stage's endings is the number of records it took."""
    return not counter.startswith(_NO_ENDINGS)


Wait = Callable[[Unavailable, int], Awaitable[None]]


async def run(
    stage: Stage,
    message: Message,
    now: Callable[[], datetime],
    wait: Wait,
    turn: AbstractAsyncContextManager[Any] | None = None,
) -> StepResult:
    """Process one message in a stage. Raises nothing but cancellation.

    `wait(error, attempt)` is awaited between tries while the message is blocked or something that the stage needs is
    unavailable; it may raise Skipped. `turn`: entered for the step itself, not while the message is blocked.
    """
    try:
        record = await _retried(partial(_read, stage, message), wait)
        async with turn or nullcontext():
            return await _retried(partial(_step, stage, message, record, now), wait)
    except Exception as error:
        return StepResult((dead_letter(stage.name, message, error, now()),), "dead", _words(error))


async def _retried(action: Callable[[], Awaitable[T]], wait: Wait) -> T:
    attempt = 0
    while True:
        try:
            return await action()
        except Unavailable as error:
            attempt += 1
            await wait(error, attempt)


async def _read(stage: Stage, message: Message) -> Record | None:
    if message.fault:
        raise BadMessage(message.fault)
    return read_record(stage.reads[message.at.stream], message)


def read_record(kind: type[Record], message: Message) -> Record | None:
    """The record of a message; None for a tombstone. Raises SchemaError, and Blocked if another version wrote it."""
    try:
        return None if message.value is None else decode(kind, message.value)
    except OtherSchema as error:
        raise Blocked(message.at, str(error)) from error


async def _step(stage: Stage, message: Message, record: Record | None, now: Callable[[], datetime]) -> StepResult:
    started = now()
    outcome = await (stage.gone(message.key, message.at) if record is None else stage.step(record, message.at))
    return replace(result_of(outcome), seconds=(now() - started).total_seconds())


def result_of(outcome: Outcome) -> StepResult:
    """The outcome as outputs and a counter."""
    match outcome:
        case Emit(outs):
            return StepResult(outs, "ok")
        case Drop(reason, detail, outs):
            return StepResult(outs, f"drop.{reason}", detail)
        case Later(out, reason):
            return StepResult((out,), "later", reason)


def dead_letter(stage: str, message: Message, error: Exception, at: datetime) -> Out:
    """The dead record of a message that `stage` failed on; it always fits on the log."""
    position, key = message.at, readable(message.key)
    raw_key = message.raw_key
    if raw_key is None and len(key) > KEY_LIMIT:
        raw_key = message.key.encode(errors="backslashreplace")
    packed_key = b"" if raw_key is None else zlib.compress(raw_key, 6)
    packed = zlib.compress(message.value or b"", 6)
    room = max(0, DEAD_LIMIT - len(packed_key))
    dead = Dead(
        stage=stage, stream=position.stream, partition=position.partition, offset=position.offset, key=key[:KEY_LIMIT],
        error=readable(str(getattr(error, "reason", type(error).__name__)))[:100],
        detail=readable("".join(traceback.format_exception(error)))[-4000:], at=at,
        value=packed[:room], raw_key=packed_key[:DEAD_LIMIT],
        cut=len(packed) > room or len(packed_key) > DEAD_LIMIT,
    )  # fmt: skip
    return Out("dead", str(position), dead)


def readable(text: str) -> str:
    """The text as valid Unicode: lone surrogates, which no record can hold, are written as escapes."""
    return text.encode(errors="backslashreplace").decode()


def _words(error: Exception) -> str:
    try:
        return repr(error)
    except Exception:  # a library's exception may be broken
        return type(error).__name__
