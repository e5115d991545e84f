"""The indices: one a month of first_seen and kind, behind an alias each to write by and one alias to read them all.

    PREFIX-documents                      reads every month
    PREFIX-documents-2026.03              writes the month, whatever index stands behind it
    PREFIX-documents-2026.03-001          the index; a new number with every new mapping (rebuild.py)

Whoever writes names the alias only, so an index can be put in the place of another without the writers knowing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pipeline.backends.index_elastic.cluster import Cluster, ElasticOptions, Refused
from pipeline.stage import Unavailable

Kind = Literal["documents", "alerts"]
KINDS: tuple[Kind, ...] = ("documents", "alerts")


@dataclass(frozen=True, slots=True)
class Month:
    """One index. `made` is what it was made with (see `Months.current`); `serving`: the read alias leads to it."""

    kind: Kind
    month: str
    generation: int
    index: str
    made: dict[str, Any]
    serving: bool


class Months:
    """Lists, makes and drops indices. Every method raises Unavailable."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._prefix = cluster.options.prefix

    def read(self, kind: Kind) -> str:
        """The alias that leads to every month."""
        return f"{self._prefix}-{kind}"

    def write(self, kind: Kind, month: str) -> str:
        """The alias that one month is written by."""
        return f"{self._prefix}-{kind}-{month}"

    def current(self) -> dict[str, Any]:
        """What an index would be made with now; one that was made with something else is outdated."""
        return {"templates": templates_hash(self._cluster.options.templates), "shards": self._cluster.options.shards}

    async def all(self, kind: Kind) -> list[Month]:
        """Every index there is, in order of month and generation."""
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
        """Make an index from the templates as they are now; one that is there already is left as it is.

        The aliases come last: a search that met an index whose shards have not begun would fail.
        """
        await self._put_templates()
        write = self.write(kind, month)
        index = f"{write}-{generation:03}"
        client, options = self._cluster.client("months"), self._cluster.options
        try:
            with self._cluster.failures():
                await client.indices.create(
                    index=index,
                    settings={"number_of_shards": options.shards, "number_of_replicas": options.replicas},
                    mappings={"_meta": {"made": self.current()}},
                )
        except Refused as error:
            if error.type != "resource_already_exists_exception":  # else another worker was quicker
                raise Unavailable(f"the index {index} is not made: {error}") from error
        with self._cluster.failures():
            await client.options(ignore_status=408).cluster.health(index=index, wait_for_status="yellow", timeout="10s")
            if serving:
                await client.indices.update_aliases(actions=[
                    {"add": {"index": index, "alias": self.read(kind)}},
                    {"add": {"index": index, "alias": write, "is_write_index": True}},
                ])  # fmt: skip
        return index

    async def swap(self, old: Month, index: str) -> None:
        """Put `index` in the place of `old`, for readers and writers in one step, and drop the old one."""
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

    async def forget(self) -> None:
        """Delete the templates."""
        client, options = self._cluster.client("templates"), self._cluster.options
        with self._cluster.failures():
            for name, _ in _templates(options, "index"):
                await client.options(ignore_status=404).indices.delete_index_template(name=name)
            for name, _ in _templates(options, "component"):
                await client.options(ignore_status=404).cluster.delete_component_template(name=name)

    async def _put_templates(self) -> None:
        """Before each index that is made, which is seldom: so a template that was lost or changed is mended."""
        client, options = self._cluster.client("templates"), self._cluster.options
        with self._cluster.failures():
            for name, body in _templates(options, "component"):
                await client.cluster.put_component_template(name=name, body=body)
            for name, body in _templates(options, "index"):
                await client.indices.put_index_template(name=name, body=body)


def ended_before(month: str, moment: datetime) -> bool:
    """Whether the whole month lies before `moment`."""
    year, number = (int(part) for part in month.split("."))
    following = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return following <= moment


@cache
def templates_hash(folder: Path) -> str:
    """Changes with everything that decides how something is indexed."""
    files = sorted(folder.glob("*/*.json"))
    if not files:
        raise Unavailable(f"the index templates are missing: {folder} should hold component/ and index/")
    return hashlib.sha256(b"\0".join(file.name.encode() + file.read_bytes() for file in files)).hexdigest()[:12]


def _templates(options: ElasticOptions, folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and body; the files are written for the prefix "almenara"."""
    for file in sorted((options.templates / folder).glob("*.json")):
        text = file.read_text(encoding="utf-8").replace('"almenara-', f'"{options.prefix}-')
        yield options.prefix + file.stem.removeprefix("almenara"), json.loads(text)
