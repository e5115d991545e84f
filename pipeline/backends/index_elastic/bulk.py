"""Bulk writes: whole records by id and version, as many at once as Elasticsearch accepts, each with its own outcome.

A record is "ok", "stale" (a higher version is stored), or retried (its month has no index yet, or Elasticsearch is too
busy). A record that Elasticsearch will never accept raises Rejected; a failure that concerns all of them, Unavailable.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from pipeline.backends.index_elastic.cluster import Cluster, Refused, blocked, in_rebuild
from pipeline.backends.index_elastic.months import Kind, Months
from pipeline.stage import Unavailable

DOCUMENTS, BYTES = 1_000, 8_000_000  # of one request at most; requests that are too large for a proxy are halved
PAUSES = (0.2, 0.4, 0.8, 1.6, 3.0, 3.0, 3.0)  # seconds before each retry; then it is Unavailable

_encoder = msgspec.json.Encoder()


class Rejected(Exception):
    """Elasticsearch will never accept this record: the mapping does not allow it."""

    reason = "index_rejected"


@dataclass(frozen=True, slots=True)
class Write:
    """One record to write. A version lower than the stored one is stale. `source` is encoded JSON."""

    kind: Kind
    month: str
    id: str
    version: int
    source: bytes

    @classmethod
    def of(cls, kind: Kind, month: str, id: str, version: int, source: dict[str, Any]) -> Write:
        return cls(kind, month, id, version, _encoder.encode(source))


class Bulk:
    """Writes through the aliases of the months, with at most `writers` concurrent requests."""

    def __init__(self, cluster: Cluster, months: Months) -> None:
        self._cluster, self._months = cluster, months
        self._permits = asyncio.Semaphore(cluster.options.writers)

    async def write(self, writes: Sequence[Write], index: str | None = None) -> list[str]:
        """Write to `index` if given, otherwise to the month's; durable on return. "ok" or "stale" for each write.

        Raises Unavailable and Rejected; some may be written then, and writing them again is harmless.
        """
        parts = list(_parts(writes, self._cluster.options.writers))
        answers = await asyncio.gather(*(self._write(part, index) for part in parts), return_exceptions=True)
        errors = [answer for answer in answers if isinstance(answer, BaseException)]
        for error in sorted(errors, key=lambda error: isinstance(error, Rejected)):
            raise error
        return [outcome for answer in answers if not isinstance(answer, BaseException) for outcome in answer]

    async def _write(self, writes: Sequence[Write], index: str | None) -> list[str]:
        """Send one request, and repeat it for the writes that are to be retried."""
        answers = [""] * len(writes)
        rejected: list[Rejected] = []
        left, again = list(range(len(writes))), dict[int, _Retry]()
        for pause in (0.0, *PAUSES):
            await asyncio.sleep(pause * random.uniform(0.7, 1.0))
            items = await self._send([writes[n] for n in left], index)
            again = {}
            for n, item in zip(left, items, strict=True):
                match _verdict(writes[n], item, self._cluster.url):
                    case _Retry() as trouble:
                        again[n] = trouble
                    case Rejected() as error:
                        rejected.append(error)
                    case answer:
                        answers[n] = answer
            left = list(again)
            if not left:
                break
            for kind, month in {(writes[n].kind, writes[n].month) for n in left if again[n].missing}:
                await self._months.create(kind, month)
        if left:
            reason = again[left[0]].reason
            raise Unavailable(f"{self._cluster.url}: {len(left)} of {len(writes)} records not written: {reason}")
        if rejected:
            raise rejected[0]
        return answers

    async def _send(self, writes: Sequence[Write], index: str | None) -> list[dict[str, Any]]:
        """Elasticsearch's answer for each write."""
        operations: list[Any] = []  # encoded already
        for write in writes:
            operations += (self._action(write, index), write.source)
        client, options = self._cluster.client("write"), self._cluster.options
        try:
            async with self._permits:
                with self._cluster.failures():
                    answer = await client.bulk(
                        operations=operations, require_alias=index is None, refresh=options.refresh,
                        timeout=f"{max(1, int(options.timeout / 2))}s",
                        filter_path="items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by",
                    )  # fmt: skip
        except Refused as error:
            if error.status != 413:
                raise
            if len(writes) == 1:
                return [{"status": 400, "error": {"reason": "too large to be sent (http.max_content_length)"}}]
            half = len(writes) // 2
            return await self._send(writes[:half], index) + await self._send(writes[half:], index)
        return [item["index"] for item in answer["items"]]

    def _action(self, write: Write, index: str | None) -> bytes:
        action = {
            "_index": index or self._months.write(write.kind, write.month),
            "_id": write.id,
            "version": write.version,
            "version_type": "external_gte",
        }
        return _encoder.encode({"index": action})


@dataclass(frozen=True, slots=True)
class _Retry:
    """A write to retry; if `missing`, after its month has been created."""

    reason: str
    missing: bool = False


def _verdict(write: Write, item: dict[str, Any], url: str) -> str | Rejected | _Retry:
    """The outcome of a write, from its `item` of the answer. Raises Unavailable if retrying soon is pointless."""
    status, error = item["status"], item.get("error", {})
    reason = error.get("reason", "")
    if status < 300:
        return "ok"
    if status == 409:
        return "stale"
    if status == 404:
        return _Retry(reason, missing=True)
    if error.get("type") == "cluster_block_exception":
        if in_rebuild(reason):  # another index replaces it within seconds
            return _Retry(blocked(reason))
        raise Unavailable(f"{url}: {blocked(reason)}")
    if status == 429 or status >= 500:
        return _Retry(f"{status}: {reason}")
    if status == 400 and "no write index" not in reason:
        cause = error.get("caused_by", {}).get("reason", "")
        return Rejected(f"{write.kind} {write.id}: {reason}" + (f": {cause}" if cause else ""))
    raise Unavailable(f"{url}: {status}: {reason}")


def _parts(writes: Sequence[Write], writers: int) -> Iterator[Sequence[Write]]:
    """Split the writes, in order, among the concurrent writers, if the requests stay large enough."""
    most = min(DOCUMENTS, max(250, -(-len(writes) // writers)))
    start = size = 0
    for n, write in enumerate(writes):
        if n > start and (n - start == most or size + len(write.source) > BYTES):
            yield writes[start:n]
            start, size = n, 0
        size += len(write.source)
    if len(writes) > start:
        yield writes[start:]
