"""The index in Elasticsearch (`ports.Index` and `ports.AlertIndex`). Any number of processes may read and write.

A write is durable when it returns; searches find it within a second (`refresh_interval`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from pipeline.backends.index_elastic.bulk import Bulk
from pipeline.backends.index_elastic.cluster import Cluster, ElasticOptions, Refused
from pipeline.backends.index_elastic.earlier import EarlierVersions
from pipeline.backends.index_elastic.months import KINDS, Months, ended_before
from pipeline.backends.index_elastic.query import bounded, exact
from pipeline.backends.index_elastic.rebuild import Rebuild
from pipeline.backends.index_elastic.search import (
    BY_ARRIVAL,
    COUNT,
    KEPT,
    WHOLE,
    candidates_of,
    candidates_request,
    documents_of,
    facets_of,
    next_request,
    results_of,
    scan_request,
    search_request,
    times_of,
    wanted_by,
)
from pipeline.backends.index_elastic.stories import StoryRecords
from pipeline.backends.index_elastic.values import values_of, values_request
from pipeline.backends.index_elastic.writes import rewritten, write_of
from pipeline.core.documents.ecs import document_of
from pipeline.core.documents.fields import TEXT_FIELDS, keyword_prefix, query_value
from pipeline.core.documents.notes import with_note
from pipeline.core.query.search import Results, Search, check
from pipeline.core.query.tree import Prefix
from pipeline.core.query.verified import VERIFIED, Verified, matches
from pipeline.core.text.words import words
from pipeline.failpoints import point
from pipeline.ports import IndexStatus, Progress, StoryList, StoryPage
from pipeline.records import Alert, Document, Story
from pipeline.stage import Unavailable

logger = structlog.get_logger()

SAMPLE = 1_000  # articles in which words are counted

#: Settings of an index by which it accepts no writes, and what each says.
BLOCKS = {
    "index.blocks.read_only_allow_delete": "a disk of Elasticsearch is full (flood-stage watermark)",
    "index.blocks.read_only": "someone made them read-only (index.blocks.read_only)",
}


class ElasticIndex:
    """The index. Create it with `open`. Every method may raise Unavailable, with a message that says what to do."""

    def __init__(self, options: ElasticOptions) -> None:
        self._cluster = Cluster(options)
        self._months = Months(self._cluster)
        self._bulk = Bulk(self._cluster, self._months)
        self._earlier = EarlierVersions(self._cluster, self._months, self._bulk)
        self._stories = StoryRecords(self._cluster, self._months)

    @classmethod
    async def open(cls, options: ElasticOptions) -> ElasticIndex:
        """Check the cluster and its indices, and log outdated ones. Raises Unavailable."""
        index = cls(options)
        try:
            await index._cluster.check()
            if old := await index.outdated():
                logger.warning(
                    "index outdated", indices=old, hint="run `almenara reindex`: until then searches may miss articles"
                )
        finally:
            await index.close()  # the caller may continue in another event loop
        return index

    # -- ports.Index and ports.AlertIndex

    async def put(self, documents: Sequence[Document]) -> list[str]:
        """Write; durable on return. "ok" or "stale" for each document; a repeat is "ok".

        Raises Rejected, Unavailable. Some documents may be written then; repeat the whole call.
        """
        kept = await self._earlier.of(documents)
        written = [document if not document.relation.noted else with_note(kept[document.article.id], document)
                   for document in documents if not document.relation.noted or document.article.id in kept]  # fmt: skip
        await self._earlier.keep(written, kept)
        answers = iter(await self._bulk.write([write_of(document) for document in written]))
        point("index.stored")
        given = {document.article.id for document in written}
        return [next(answers) if document.article.id in given else "stale" for document in documents]

    async def put_alerts(self, alerts: Sequence[Alert]) -> list[str]:
        """Write; durable on return. "ok" for each alert, "stale" if one of a later version is stored.

        Raises what `put` raises.
        """
        return await self._bulk.write([write_of(alert) for alert in alerts])

    async def put_stories(self, stories: Sequence[Story]) -> list[str]:
        """Write; durable on return. Raises what `put` raises."""
        return await self._bulk.write([write_of(story) for story in stories])

    async def get_stories(self, ids: Sequence[str]) -> dict[str, Story]:
        return await self._stories.get(ids)

    async def list_stories(self, wanted: StoryList) -> StoryPage:
        return await self._stories.page(wanted)

    def scan_stories(self) -> Iterator[Story]:
        """Every record of a story, in order of `seq`. Blocks: use it in a thread."""
        return self._stories.scan()

    async def search(self, search: Search) -> Results:
        """The results. Raises ValueError for an invalid search."""
        check(search)
        if search.query is None or exact(search.query) or (bounded(search.query) and await self._are_sure(search)):
            return results_of(search, await self._search("documents", **search_request(search)))
        return await self._verified(search)

    async def get(self, article: str) -> Document | None:
        """The newest document of the article."""
        wanted = {"ids": {"values": [article]}}
        answer = await self._search("documents", query=wanted, size=1, source=KEPT, **WHOLE)
        return next((document_of(hit["_source"]) for hit in answer["hits"]["hits"]), None)

    async def close(self) -> None:
        await self._cluster.close()

    async def versions(self, article: str) -> list[Document]:
        """The newest document of each version of the article that is kept, oldest first."""
        newest = await self.get(article)
        return [*await self._earlier.versions(article, newest.relation.version), newest] if newest else []

    # -- not in the protocols

    async def count(self) -> int:
        return int((await self._search("documents", **COUNT))["hits"]["total"]["value"])

    async def values_starting(self, field: str, prefix: str, most: int) -> list[str]:
        folded = keyword_prefix(field, prefix)
        answer = await self._search("documents", **values_request(field, folded))
        return values_of(field, folded, answer)[:most]

    async def words_starting(self, prefix: str, most: int) -> int:
        """How many different words start with `prefix` in the newest articles that have one, at most `most` + 1.

        A cluster lists no terms of a text field.
        """
        found: set[str] = set()
        results = await self.search(Search(Prefix(prefix), sort="time", limit=SAMPLE))
        for hit in results.hits:
            for field in TEXT_FIELDS:
                found.update(word for word in words(query_value(field, hit.document)) if word.startswith(prefix))
        return min(len(found), most + 1)

    async def max_seq(self) -> int:
        highest = {"seq": {"max": {"field": "key.seq"}}}
        answer = await self._search("documents", aggregations=highest, **COUNT)
        return int(answer.get("aggregations", {}).get("seq", {}).get("value") or 0)

    async def status(self) -> IndexStatus:
        return IndexStatus(
            await self.count(), await self.sizes(), await self.health(), outdated=tuple(await self.outdated()),
            blocked=await self.blocked(),
        )  # fmt: skip

    async def backup(self, target: Path) -> None:
        raise Unavailable("save Elasticsearch with its own snapshots; see docs/distributed.md")

    async def health(self) -> str:
        """The health of the cluster: green, yellow or red."""
        with self._cluster.failures():
            return str((await self._cluster.client("health").cluster.health())["status"])

    async def blocked(self) -> tuple[str, ...]:
        """Why indices accept no writes, one line for each reason; a rebuild's own block does not count."""
        client = self._cluster.client("blocks")
        found: dict[str, int] = {}
        for kind in KINDS:
            with self._cluster.failures():
                answer = await client.indices.get_settings(
                    index=f"{self._months.read(kind)}-*", name="index.blocks.*", flat_settings=True,
                    allow_no_indices=True,
                )  # fmt: skip
            for index in answer.body.values():
                for name, value in index["settings"].items():
                    if name in BLOCKS and value == "true":
                        found[BLOCKS[name]] = found.get(BLOCKS[name], 0) + 1
        return tuple(f"{n} indices accept no writes: {why}" for why, n in found.items())

    async def sizes(self) -> dict[str, int]:
        """Bytes on the disks of the cluster, with replicas, by kind of index."""
        client = self._cluster.client("sizes")
        found: dict[str, int] = {}
        for kind in KINDS:
            with self._cluster.failures():
                answer = await client.indices.stats(
                    index=f"{self._months.read(kind)}-*", metric="store", filter_path="_all.total.store.size_in_bytes"
                )
            found[kind] = int(answer.get("_all", {}).get("total", {}).get("store", {}).get("size_in_bytes", 0))
        return found

    async def expire(self, before: datetime) -> int:
        """Delete the months that ended before `before`, with their alerts; returns how many articles they had."""
        total = 0
        for kind in KINDS:
            old = [one for one in await self._months.all(kind) if ended_before(one.month, before)]
            if kind == "documents":
                for one in old:
                    total += await self._rebuild().count(one) if one.serving else 0
            await self._months.drop(old)
        return total

    async def delete(self) -> None:
        """Delete every index and template of this prefix, with all documents and alerts."""
        for kind in KINDS:
            await self._months.drop(await self._months.all(kind))
        await self._months.delete_templates()

    async def outdated(self) -> list[str]:
        """The indices made with other templates or another number of shards; `reindex` rebuilds them."""
        return [one.index for one in await self._months.outdated()]

    async def reindex(self, progress: Progress = lambda done, total: None) -> int:
        """Rebuild outdated indices; returns how many documents and alerts. Reads and writes continue."""
        return await self._rebuild().run(await self._months.outdated(), progress)

    def scan(self, search: Search | None = None) -> Iterator[Document]:
        """Every document that matches, in order of `seq`, a few at a time; ignores sort, limit and offset.

        Blocks: use it in a thread. An article replaced meanwhile may come twice, as two versions.
        """
        sure = search is None or search.query is None or exact(search.query)
        found = self._pages(scan_request(search or Search()))
        yield from (one for one in found if sure or matches(search or Search(), one))

    def arrivals(self, search: Search) -> Iterator[Document]:
        """What may match, in order of `first_seen`. Blocks: use it in a thread, always the same."""
        try:
            request = scan_request(search, BY_ARRIVAL)
        except ValueError:  # nested deeper than Elasticsearch allows: every article may match
            request = scan_request(replace(search, query=None), BY_ARRIVAL)
        yield from self._pages(request)

    def _pages(self, request: dict[str, Any] | None) -> Iterator[Document]:
        with self._cluster.blocking("scan") as client:
            while request is not None:
                with self._cluster.failures():
                    answer = client.search(index=self._months.read("documents"), **request)
                yield from documents_of(answer.body)
                request = next_request(request, answer.body)

    # -- internals

    def _rebuild(self) -> Rebuild:
        return Rebuild(self._cluster, self._months, self._bulk, rewritten)

    async def _are_sure(self, search: Search) -> bool:
        """Whether all that Elasticsearch may find for a search are matches for sure."""
        counts = [await self._search("documents", query=wanted_by(search, upper), **COUNT) for upper in (True, False)]
        return bool(counts[0]["hits"]["total"]["value"] == counts[1]["hits"]["total"]["value"])

    async def _verified(self, search: Search) -> Results:
        verified, request = Verified(search), candidates_request(search)
        answer, looked = dict[str, Any](), 0
        following: dict[str, Any] | None = request
        while following is not None and looked < VERIFIED:
            page = await self._search("documents", **following)
            answer = answer or page
            verified.take(candidates_of(page))
            looked += len(page["hits"]["hits"])
            more_than_checked = answer["hits"]["total"]["value"] > VERIFIED
            following = None if more_than_checked and verified.full else next_request({**request, "from_": 0}, page)
        if looked < (total := answer["hits"]["total"]["value"]):
            times = times_of(search, answer)
            return verified.estimate(total - looked, facets_of(search.facets, answer), over_time=times)
        return verified.results()

    async def _search(self, kind: Any, **request: Any) -> dict[str, Any]:
        client = self._cluster.client("search")
        try:
            with self._cluster.failures():
                body: dict[str, Any] = (await client.search(index=self._months.read(kind), **request)).body
                return body
        except Refused as error:
            if error.status == 400:
                raise ValueError(f"Elasticsearch refuses the query: {error.reason}") from error
            raise
