"""Manages the indices: one per kind and month, with an alias to write each and an alias to read all.

The month is that of first_seen, of a story that in which it opened.

    PREFIX-documents                      alias to read every month
    PREFIX-documents-2026.03              alias to write the month
    PREFIX-documents-2026.03-001          the index; every rebuild raises the number (rebuild.py)

Writers use only the aliases, so they do not notice when an index is replaced.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pipeline.backends.index_elastic.cluster import Cluster, Refused
from pipeline.records import SCHEMA, refusal
from pipeline.stage import Unavailable

Kind = Literal["documents", "versions", "alerts", "stories"]
KINDS: tuple[Kind, ...] = ("documents", "versions", "alerts", "stories")


@dataclass(frozen=True, slots=True)
class Month:
    """One index. `made`: what it was created with (`Months.current`); `serving`: the read alias includes it."""

    kind: Kind
    month: str
    generation: int
    index: str
    made: dict[str, Any]
    serving: bool


class Months:
    """Lists, creates and deletes indices. Every method raises Unavailable."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._prefix = cluster.options.prefix
        self._hashes = {kind: _hash(cluster.options.templates[kind]) for kind in KINDS}

    def read(self, kind: Kind) -> str:
        """The alias to read every month."""
        return f"{self._prefix}-{kind}"

    def write(self, kind: Kind, month: str) -> str:
        """The alias to write one month."""
        return f"{self._prefix}-{kind}-{month}"

    def current(self, kind: Kind) -> dict[str, Any]:
        """What an index would be created with now. If that has changed, it is outdated, and `reindex` rebuilds it."""
        options = self._cluster.options
        return {"schema": SCHEMA, "template": self._hashes[kind], "shards": options.shards}

    async def outdated(self) -> list[Month]:
        """The indices in use that were created with other settings than `current`.

        Raises Unavailable if one has data of another schema, which cannot be read.
        """
        found = [month for kind in KINDS for month in await self.all(kind)]
        for month in found:
            if (schema := month.made.get("schema", 1)) != SCHEMA:
                remedy = f"delete the indices {self._prefix}-*, or set another elasticsearch.prefix,"
                raise Unavailable(refusal(f"the index {month.index}", schema, remedy))
        return [month for month in found if month.serving and month.made != self.current(month.kind)]

    async def all(self, kind: Kind) -> list[Month]:
        """Every index, in order of month and generation."""
        client = self._cluster.client("months")
        with self._cluster.failures():
            found = await client.indices.get(
                index=f"{self._prefix}-{kind}-*", allow_no_indices=True, filter_path="*.aliases,*.mappings._meta"
            )
        name = re.compile(rf"{re.escape(self._prefix)}-{kind}-(\d{{4}}\.\d\d)-(\d{{3,}})")
        months = []
        for index, about in found.items():
            if parts := name.fullmatch(index):
                made = about.get("mappings", {}).get("_meta", {}).get("made", {})
                serving = self.read(kind) in about.get("aliases", {})
                months.append(Month(kind, parts[1], int(parts[2]), index, made, serving))
        return sorted(months, key=lambda month: (month.month, month.generation))

    async def create(self, kind: Kind, month: str, generation: int = 1, *, serving: bool = True) -> str:
        """Create an index from the current template; an existing one is left as it is.

        The aliases are added last: a search would fail on an index whose shards have not started.
        """
        await self._put_template(kind)
        write = self.write(kind, month)
        index = f"{write}-{generation:03}"
        client, options = self._cluster.client("months"), self._cluster.options
        try:
            with self._cluster.failures():
                await client.indices.create(
                    index=index,
                    settings={"number_of_shards": options.shards, "number_of_replicas": options.replicas},
                    mappings={"_meta": {"made": self.current(kind)}},
                )
        except Refused as error:
            if error.type != "resource_already_exists_exception":  # which means that another worker was faster
                raise Unavailable(f"the index {index} could not be created: {error}") from error
        with self._cluster.failures():
            await client.options(ignore_status=408).cluster.health(index=index, wait_for_status="yellow", timeout="10s")
            if serving:
                await client.indices.update_aliases(actions=[
                    {"add": {"index": index, "alias": self.read(kind)}},
                    {"add": {"index": index, "alias": write, "is_write_index": True}},
                ])  # fmt: skip
        return index

    async def swap(self, old: Month, index: str) -> None:
        """Move the aliases of `old` to `index`, for readers and writers in one step."""
        read, write = self.read(old.kind), self.write(old.kind, old.month)
        client = self._cluster.client("reindex")
        with self._cluster.failures():
            await client.indices.update_aliases(actions=[
                {"remove": {"index": old.index, "alias": read, "must_exist": True}},
                {"remove": {"index": old.index, "alias": write}},
                {"add": {"index": index, "alias": read}},
                {"add": {"index": index, "alias": write, "is_write_index": True}},
            ])  # fmt: skip

    async def drop(self, months: list[Month]) -> None:
        client = self._cluster.client("months")
        for month in months:
            with self._cluster.failures():
                await client.indices.delete(index=month.index, ignore_unavailable=True)

    async def delete_templates(self) -> None:
        """Delete the templates."""
        client = self._cluster.client("templates")
        with self._cluster.failures():
            for kind in KINDS:
                await client.options(ignore_status=404).indices.delete_index_template(name=self.read(kind))

    async def _put_template(self, kind: Kind) -> None:
        """Install the template before each index is created, so that a lost or changed one is restored."""
        with self._cluster.failures():
            await self._cluster.client("templates").indices.put_index_template(
                name=self.read(kind),
                index_patterns=[f"{self.read(kind)}-*"],
                priority=500,
                template=self._cluster.options.templates[kind],
                meta={"managed_by": "almenara", "description": "The fields are described in docs/fields.md."},
            )


def ended_before(month: str, moment: datetime) -> bool:
    """Whether the month ended before `moment`."""
    year, number = (int(part) for part in month.split("."))
    following = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return following <= moment


def _hash(template: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:12]
