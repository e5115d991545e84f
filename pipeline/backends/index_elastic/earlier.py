"""Keeps the earlier versions of documents, each under its own id, in indices by month like those of documents.

Before a new version replaces the stored document, that one is written here. Both writes may be repeated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.backends.index_elastic.bulk import Bulk, Write
from pipeline.backends.index_elastic.cluster import Cluster
from pipeline.backends.index_elastic.months import Months
from pipeline.backends.index_elastic.search import KEPT
from pipeline.core.documents.ecs import document_of, month
from pipeline.core.documents.old_versions import version_id, version_of, version_source
from pipeline.records import Document


class EarlierVersions:
    """Reads and writes earlier versions. Methods raise Unavailable."""

    def __init__(self, cluster: Cluster, months: Months, bulk: Bulk) -> None:
        self._cluster, self._months, self._bulk = cluster, months, bulk

    async def of(self, documents: Sequence[Document]) -> dict[str, Document]:
        """By article, the stored documents that some of `documents` replace or add a note to."""
        wanted = [
            {"_index": self._months.write("documents", month(one.relation.first_seen)), "_id": one.article.id,
             "_source": KEPT}
            for one in documents if one.relation.noted or one.relation.version > 1
        ]  # fmt: skip
        found = (document_of(source) for source in await self._get(wanted))
        return {document.article.id: document for document in found}

    async def keep(self, documents: Sequence[Document], stored: Mapping[str, Document]) -> None:
        """Keep the `stored` documents that `documents` replace by a later version."""
        replaced = [
            before for document in documents
            if (before := stored.get(document.article.id)) and before.relation.version < document.relation.version
        ]  # fmt: skip
        if replaced:
            await self._bulk.write([version_write(document) for document in replaced])

    async def versions(self, article: str, newest: int) -> list[Document]:
        """The versions of the article before the `newest`, oldest first."""
        if newest == 1:
            return []
        client = self._cluster.client("versions")
        with self._cluster.failures():
            answer = await client.search(
                index=self._months.read("versions"),
                query={"term": {"article": article}},
                sort=["version"],
                size=1000,
                ignore_unavailable=True,
            )
        found = [version_of(hit["_source"]) for hit in answer["hits"]["hits"]]
        return [document for document in found if document.relation.version < newest]

    async def _get(self, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The sources of what is there."""
        if not wanted:
            return []
        with self._cluster.failures():
            answer = await self._cluster.client("versions").mget(docs=wanted)
        return [one["_source"] for one in answer["docs"] if one.get("found")]


def version_write(document: Document) -> Write:
    """The write of an earlier version."""
    source, seen = version_source(document), document.relation.first_seen
    return Write.of("versions", month(seen), version_id(document), document.relation.seq, source)
