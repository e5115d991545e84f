"""Reads the records of stories, which have indices by month like documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.backends.index_elastic.cluster import Cluster
from pipeline.backends.index_elastic.months import Months
from pipeline.backends.index_elastic.search import counted, facets_of
from pipeline.core.documents.fields import micros
from pipeline.core.documents.story_ecs import story_of
from pipeline.core.documents.story_facets import STORY_FACETS, check
from pipeline.ports import StoryList, StoryPage
from pipeline.records import Story

AT_ONCE = 500  # records of one request
ORDERS: dict[str, list[dict[str, str]]] = {
    "newest": [{"event.sequence": "desc"}],
    "importance": [{"key.rank": "desc"}, {"event.sequence": "desc"}],
}
RECORD = {"includes": ["record"]}


class StoryRecords:
    """The stories in Elasticsearch. Methods raise Unavailable."""

    def __init__(self, cluster: Cluster, months: Months) -> None:
        self._cluster, self._months = cluster, months

    async def get(self, ids: Sequence[str]) -> dict[str, Story]:
        """The records of these stories that are there."""
        found: dict[str, Story] = {}
        for first in range(0, len(ids), AT_ONCE):
            wanted = {"ids": {"values": list(ids[first : first + AT_ONCE])}}
            for story in _stories(await self._search(query=wanted, size=AT_ONCE)):
                found[story.id] = story
        return found

    async def page(self, wanted: StoryList) -> StoryPage:
        """How many stories there are, a page of them, and the values that they have. Raises ValueError for an unknown
        facet."""
        check((*wanted.where, *wanted.having, *wanted.facets))
        facets = counted({name: STORY_FACETS[name].elastic for name in wanted.facets})
        answer = await self._search(
            query={"bool": {"filter": _filters(wanted)}}, sort=ORDERS[wanted.sort], size=wanted.limit,
            from_=wanted.offset, track_total_hits=True, **({"aggregations": facets} if facets else {}),
        )  # fmt: skip
        total = int(answer["hits"]["total"]["value"])
        return StoryPage(total, tuple(_stories(answer)), facets_of(wanted.facets, answer))

    def scan(self) -> Iterator[Story]:
        """Every record, in order of seq."""
        after: dict[str, Any] = {}
        with self._cluster.blocking("scan") as client:
            while True:
                with self._cluster.failures():
                    answer = client.search(
                        index=self._months.read("stories"), query={"match_all": {}}, size=AT_ONCE, source=RECORD,
                        sort=[{"event.sequence": "asc"}, {"event.id": "asc"}], ignore_unavailable=True, **after,
                    ).body  # fmt: skip
                hits = answer["hits"]["hits"]
                if not hits:
                    return
                yield from _stories(answer)
                after = {"search_after": hits[-1]["sort"]}

    async def _search(self, **request: Any) -> dict[str, Any]:
        client = self._cluster.client("stories")
        with self._cluster.failures():
            answer = await client.search(
                index=self._months.read("stories"), source=RECORD, ignore_unavailable=True, **request
            )
        body: dict[str, Any] = answer.body
        return body


def _filters(wanted: StoryList) -> list[dict[str, Any]]:
    filters: list[dict[str, Any]] = [{"range": {"news.story.articles": {"gt": 0}}}]
    if wanted.since:
        filters.append({"range": {"key.changed": {"gte": micros(wanted.since)}}})
    if wanted.hosted:
        filters.append({"exists": {"field": "news.story.hosts"}})
    if wanted.independent > 1:
        filters.append({"range": {"news.story.independent": {"gte": wanted.independent}}})
    filters += [{"exists": {"field": STORY_FACETS[name].elastic}} for name in wanted.having]
    filters += [{"terms": {STORY_FACETS[name].elastic: list(some)}} for name, some in wanted.where.items()]
    return filters


def _stories(answer: dict[str, Any]) -> list[Story]:
    return [story_of(hit["_source"]) for hit in answer["hits"]["hits"]]
