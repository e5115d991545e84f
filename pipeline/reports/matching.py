"""Finds in an index the articles that alert rules match, by the evaluator of the stage alert."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.core.alerts.rules import AlertRule
from pipeline.core.query.search import Search
from pipeline.core.query.tree import And, Node, Or
from pipeline.ports import Index
from pipeline.records import Alert, Document

WINDOW = 2_000  # candidates whose alerts are in memory at once
SHORTEST = timedelta(minutes=1)  # of a window, however many candidates it has
SEVERAL = 20  # rules up to which the index searches candidates; for more, every article is evaluated


Fire = Callable[[Document], Iterable[Alert]]


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time, and how many candidates arrived in it at most; `unbuilt`: searches do not see all of them."""

    since: datetime
    until: datetime
    candidates: int
    unbuilt: bool


async def matching(
    index: Index, node: Node | None, fire: Fire, since: datetime, until: datetime, looked: Callable[[int, int], None]
) -> AsyncIterator[Alert]:
    """The alerts that `fire` makes of the newest version of each article first seen from `since` to before `until`, in
    order of arrival; those of one article follow each other.

    The index finds candidates for `node`, `fire` decides. Memory holds the alerts of a short span of time only.
    `looked` is called with how many candidates were evaluated, of how many. Raises Unavailable.
    """
    spans = [await _span(index, node, since, until)]
    done, total = 0, spans[0].candidates
    while spans:
        span = spans.pop()
        if span.candidates > WINDOW and span.until - span.since > SHORTEST:
            middle = span.since + (span.until - span.since) / 2
            spans += [await _span(index, node, middle, span.until), await _span(index, node, span.since, middle)]
            continue
        if span.candidates or span.unbuilt:
            for alert in await asyncio.to_thread(_fired, index, fire, Search(node, span.since, span.until)):
                yield alert
        done += span.candidates
        looked(done, max(done, total))


def candidates(rules: Iterable[AlertRule]) -> Node | None:
    """A query that every article has which one of the enabled rules matches; None: any article can."""
    nodes = [rule.node for rule in rules if rule.enabled]
    if len(nodes) > SEVERAL or And(()) in nodes:
        return None
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


async def _span(index: Index, node: Node | None, since: datetime, until: datetime) -> Span:
    found = await index.search(Search(node, since, until, limit=0))
    return Span(since, until, found.total, bool(found.missing))


def _fired(index: Index, fire: Fire, search: Search) -> list[Alert]:
    """Blocks: runs in a thread. An article that is replaced meanwhile comes twice, as two versions: the last counts."""
    found: dict[tuple[str, str], Alert] = {}
    for document in index.scan(search):
        for alert in fire(document):
            found[alert.rule, alert.article] = alert
    return sorted(found.values(), key=lambda alert: (alert.first_seen, alert.article, alert.rule))
