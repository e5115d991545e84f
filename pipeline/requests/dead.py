"""What people ask about records that a stage could not handle: to put them back on their streams."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from pipeline.core.feeds.seed import site_key
from pipeline.core.wording import Text, words_of
from pipeline.log.streams import OWNERS, RECORDS, without_delay
from pipeline.ports import Log
from pipeline.records import Dead, Feed, Request, decode
from pipeline.requests.asking import CONTROL, Person, publish
from pipeline.stage import Out

MOST = 64 << 20  # bytes of an original; a message holds 1 MB


async def replay(
    log: Log, person: Person, at: datetime, dead: Mapping[int, Dead], numbers: Iterable[int]
) -> dict[int, str]:
    """Put the dead records with these numbers back; return why some could not be. Twice is harmless.

    Raises Unavailable; what was put back by then stays.
    """
    refused, done = {}, []
    for number in numbers:
        try:
            outs = [original(dead[number]), Out(CONTROL, f"dead/{number}", Request(replayed=number))]
            await log.publish(outs)
        except ValueError as error:
            refused[number] = words_of(error)
        else:
            done.append(str(number))
    if done:
        await publish(log, person, at, "replay", done, [])
    return refused


def original(dead: Dead) -> Out:
    """The original record, to publish again. Raises ValueError if it was cut, this version cannot read it, or only a
    stage may publish it."""
    if dead.cut:
        raise ValueError(Text("it was too large to be kept whole"))
    stream = without_delay(dead.stream)  # a delayed item is due now
    if stream in OWNERS:
        raise ValueError(
            Text("it is state, which only the stage {} publishes; the stage works without it", OWNERS[stream])
        )
    if stream not in RECORDS:
        raise ValueError(Text("there is no stream {}", stream))
    record = decode(RECORDS[stream], unpacked(dead.value))
    return Out(stream, _key(dead), record, by=site_key(record) if isinstance(record, Feed) else None)


def _key(dead: Dead) -> str:
    try:
        return unpacked(dead.raw_key).decode() if dead.raw_key else dead.key
    except UnicodeDecodeError:
        raise ValueError(Text("its key is not UTF-8")) from None


def unpacked(packed: bytes) -> bytes:
    """The original bytes. Raises ValueError."""
    try:
        return zlib.decompressobj().decompress(packed, MOST)
    except zlib.error as error:
        raise ValueError(Text("the original is damaged: {}", error)) from None
