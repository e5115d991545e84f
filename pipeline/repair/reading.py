"""Reads the log and the index for a rebuild."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from typing import TypeVar

from pipeline.ports import Log
from pipeline.records import Document, Record, SchemaError, decode, encode
from pipeline.stage import Message

BATCH = 500  # records read from the index at once

R = TypeVar("R", bound=Record)


async def records_of(log: Log, stream: str, kind: type[R]) -> AsyncIterator[tuple[Message, R]]:
    """The records of a stream that can be read; others are reported by the stage that reads them."""
    async for message in log.replay(stream):
        if message.value is not None and not message.stale and not message.fault:
            with suppress(SchemaError):
                yield message, decode(kind, message.value)


async def documents_of(log: Log) -> AsyncIterator[Document]:
    """The documents on the log, in order of seq."""
    found: list[tuple[int, bytes]] = []
    async for _, document in records_of(log, "documents", Document):
        found.append((document.relation.seq, zlib.compress(encode(document), 1)))
    for _, packed in sorted(found):
        yield decode(Document, zlib.decompress(packed))


async def scanned(records: Iterator[R]) -> AsyncIterator[R]:
    """The records of a scan of the index, which may be read only from the thread that began it."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as thread:
        while batch := await loop.run_in_executor(thread, lambda: list(islice(records, BATCH))):
            for record in batch:
                yield record
