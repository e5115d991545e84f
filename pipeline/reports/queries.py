"""Looks queries up in an index: how often each matches, and what about them can hardly be intended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.core.query.doubts import located
from pipeline.core.query.search import Search
from pipeline.core.query.tree import Equal, Exists, Node, Prefix, Range
from pipeline.ports import Index
from pipeline.reports.stories import followed_query

Seconds = Callable[[], float]  # a clock that only goes forward

COMMON_PREFIX = 10_000  # words; a prefix with more was hardly meant
COMPARED = 500  # articles of a query, up to which it is compared with others
ALL = 1.0


@dataclass(frozen=True, slots=True)
class Count:
    """How many articles match. Not `exact`: at most so many."""

    articles: int
    exact: bool = True

    def __str__(self) -> str:
        return f"{self.articles:,}" if self.exact else f"at most {self.articles:,}"


@dataclass(slots=True)
class Findings:
    """What an index of `articles` says of queries, each by its name; some are missing if time was short."""

    articles: int
    counts: dict[str, Count] = field(default_factory=dict)
    warnings: dict[str, list[str]] = field(default_factory=dict)

    def warn(self, name: str, message: str) -> None:
        self.warnings.setdefault(name, []).append(message)


async def look_up(index: Index, queries: Mapping[str, Node], now: Seconds, limit: float) -> Findings:
    """Count the articles of each query, for at most about `limit` seconds by `now`. Raises Unavailable."""
    until = now() + limit
    findings = Findings(await index.count())
    if not findings.articles:
        return findings
    unfilled: dict[str, bool] = {}
    common: dict[str, int] = {}
    for name, node in queries.items():
        if now() > until:
            break
        try:
            found = await index.search(Search(await followed_query(index, node), limit=0))
        except ValueError as error:  # nested deeper than the index allows
            findings.warn(name, str(error))
            continue
        findings.counts[name] = Count(found.total, found.exact)
        for leaf in located(node):
            await _check_field(index, leaf, name, unfilled, findings)
            await _check_prefix(index, leaf, name, common, findings)
    for names in _suspects(findings.counts):
        if now() > until:
            break
        await _compare(index, {name: queries[name] for name in names}, findings)
    return findings


async def _check_field(index: Index, leaf: Node, name: str, unfilled: dict[str, bool], findings: Findings) -> None:
    if not isinstance(leaf, Equal | Range | Exists):
        return
    if leaf.field not in unfilled:
        unfilled[leaf.field] = not (await index.search(Search(Exists(leaf.field), limit=0))).total
    if unfilled[leaf.field]:
        findings.warn(name, f"no article of the index has {leaf.field}")


async def _check_prefix(index: Index, leaf: Node, name: str, common: dict[str, int], findings: Findings) -> None:
    if not isinstance(leaf, Prefix):
        return
    if leaf.prefix not in common:
        common[leaf.prefix] = await index.words_starting(leaf.prefix, COMMON_PREFIX)
    if common[leaf.prefix] > COMMON_PREFIX:
        message = f"more than {COMMON_PREFIX:,} words of the index start with {leaf.prefix}: write more of it"
        findings.warn(name, message)


def _suspects(counts: Mapping[str, Count]) -> Iterable[Sequence[str]]:
    """Queries with the same number of articles, few enough to compare."""
    same: dict[int, list[str]] = {}
    for name, count in counts.items():
        if count.exact and 1 < count.articles <= COMPARED:
            same.setdefault(count.articles, []).append(name)
    return [names for names in same.values() if len(names) > 1]


async def _compare(index: Index, queries: Mapping[str, Node], findings: Findings) -> None:
    """Warn of queries that find the same articles."""
    first: dict[frozenset[str], str] = {}
    for name, node in queries.items():
        found = await index.search(Search(await followed_query(index, node), sort="time", limit=COMPARED))
        articles = frozenset(hit.document.article.id for hit in found.hits)
        other = first.setdefault(articles, name)
        if other != name:
            findings.warn(name, f"found the same {len(articles)} articles as {other!r}")
