"""Rebuilds an index with the current templates and puts it in place of the old one, while reads and writes continue.

For each month: copy the old index; copy what was written meanwhile, until only little is left; block writes to the old
index, which waits for those in progress; copy the rest; swap the aliases in one step; delete the old index. Writers see
the block for about a second and retry, and then write to the new index through the same alias. Elasticsearch gives each
write to a shard a sequence number, which shows what was written meanwhile. A run that is killed leaves a new index
without aliases, and perhaps the block: the next run continues from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from pipeline.backends.index_elastic.bulk import Bulk, Rejected, Write
from pipeline.backends.index_elastic.cluster import Cluster, Refused
from pipeline.backends.index_elastic.months import KINDS, Month, Months
from pipeline.backends.index_elastic.search import KEPT
from pipeline.failpoints import point
from pipeline.ports import Progress
from pipeline.stage import Unavailable

PAGE = 500  # records copied at a time
LITTLE = 1_000  # records that may be copied while writers wait
PASSES = 20  # at most so many copies before writers have to wait
GRACE = 1.0  # seconds after which no search that started before the swap is still running

Rewrite = Callable[[str, dict[str, Any]], Write]


class Rebuild:
    """One run. Raises Unavailable, also if another run or retention interferes."""

    def __init__(self, cluster: Cluster, months: Months, bulk: Bulk, rewrite: Rewrite) -> None:
        self._cluster, self._months, self._bulk, self._rewrite = cluster, months, bulk, rewrite
        self._client = cluster.client("reindex")
        self._progress: Callable[[int], None] = lambda copied: None

    async def run(self, outdated: list[Month], progress: Progress) -> int:
        """Rebuild the outdated indices; return how many records they have."""
        await self._sweep()
        counts = {old.index: await self.count(old) for old in outdated}
        total, done = sum(counts.values()), 0
        for old in outdated:
            before = done
            self._progress = lambda copied, before=before: progress(min(before + copied, total), total)  # type: ignore[misc]
            try:
                await self._replace(old)
            except (Refused, Rejected) as error:
                raise Unavailable(f"{old.index} was not rebuilt and stays in use: {error}") from error
            done += counts[old.index]
        progress(total, total)
        return total

    async def count(self, month: Month) -> int:
        """How many records searches can find in an index."""
        with self._cluster.failures():
            return int((await self._client.count(index=month.index))["count"])

    async def _sweep(self) -> None:
        """Delete what an earlier run left behind: indices that a newer one has replaced."""
        for kind in KINDS:
            months = await self._months.all(kind)
            serving = {one.month: one.generation for one in months if one.serving}
            current = self._months.current(kind)
            await self._months.drop([
                one for one in months
                if not one.serving and (one.generation < serving.get(one.month, 0) or one.made != current)
            ])  # fmt: skip

    async def _replace(self, old: Month) -> None:
        new = await self._months.create(old.kind, old.month, old.generation + 1, serving=False)
        point("reindex.made")
        copied: dict[int, int] = {}
        for _ in range(PASSES):
            if await self._copy(old, new, copied) <= LITTLE:
                break
        point("reindex.copied")
        await self._block(old.index, True)
        try:
            point("reindex.blocked")
            await self._copy(old, new, copied)
            await self._compare(old, new)
            await self._months.swap(old, new)
        except BaseException:
            await self._block(old.index, False)
            raise
        point("reindex.swapped")
        await asyncio.sleep(GRACE)
        await self._months.drop([old])

    async def _copy(self, old: Month, new: str, copied: dict[int, int]) -> int:
        """Copy what was written to the old index since `copied` (shard -> sequence number), and update that."""
        reached = await self._reached(old.index)
        with self._cluster.failures():
            await self._client.indices.refresh(index=old.index)
        total = 0
        for shard, end in reached.items():
            after = copied.get(shard, -1)
            while page := await self._page(old.index, shard, after):
                await self._bulk.write([self._rewrite(old.kind, hit["_source"]) for hit in page], index=new)
                after = page[-1]["sort"][0]
                total += len(page)
                self._progress(total)
            copied[shard] = end  # not `after`: a write with a lower number may still have been in progress
        return total

    async def _page(self, index: str, shard: int, after: int) -> list[dict[str, Any]]:
        with self._cluster.failures():
            answer = await self._client.search(
                index=index, preference=f"_shards:{shard}", size=PAGE, sort=[{"_seq_no": "asc"}],
                query={"range": {"_seq_no": {"gt": after}}}, source=KEPT,
                allow_partial_search_results=False, track_total_hits=False,
            )  # fmt: skip
        hits: list[dict[str, Any]] = answer["hits"]["hits"]
        return hits

    async def _reached(self, index: str) -> dict[int, int]:
        """Shard -> the sequence number up to which all writes are complete."""
        with self._cluster.failures():
            answer = await self._client.indices.stats(index=index, level="shards")
        reached: dict[int, int] = {}
        for shard, copies in answer["indices"][index]["shards"].items():
            reached[int(shard)] = min(copy["seq_no"]["local_checkpoint"] for copy in copies)
        return reached

    async def _block(self, index: str, on: bool) -> None:
        with self._cluster.failures():
            if on:
                await self._client.indices.add_block(index=index, block="write")
            else:
                await self._client.indices.put_settings(
                    index=index, settings={"index.blocks.write": None}, ignore_unavailable=True
                )

    async def _compare(self, old: Month, new: str) -> None:
        """Raise Unavailable if the new index lacks records: the last check before the old one is deleted."""
        with self._cluster.failures():
            await self._client.indices.refresh(index=[old.index, new])
            before = (await self._client.count(index=old.index))["count"]
            after = (await self._client.count(index=new))["count"]
        if before != after:
            raise Unavailable(
                f"{new} has {after} of the {before} records of {old.index}, which stays in use: try again"
            )
