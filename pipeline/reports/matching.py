"""Finds in an index the articles that alert rules match, by the evaluator of the stage alert."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from pipeline.core.alerts.rules import AlertRule
from pipeline.core.query.search import Search
from pipeline.core.query.tree import And, Node, Or
from pipeline.ports import Index
from pipeline.records import Document
from pipeline.reports.stories import Lookup, followed_query, stories_in

BLOCK = 200  # candidates that are evaluated before the others get a turn
SEVERAL = 20  # rules up to which the index searches candidates; for more, every article is evaluated

T = TypeVar("T")


async def matching(
    index: Index, rules: Iterable[AlertRule], judge: Callable[[Document], T | None], since: datetime, until: datetime,
    looked: Callable[[int, int], None],
) -> AsyncGenerator[T, None]:  # fmt: skip
    """What `judge` makes, if it makes something, of the newest version of each article first seen from `since` to
    before `until`, in order of arrival.

    The index finds candidates for the rules; each is judged once, in a thread, as an article of the story in which it
    is now. Memory holds a block of them. `looked` is called with how many candidates were judged, of about how many.
    Raises Unavailable.
    """
    rules = list(rules)
    node = candidates(rules)
    wanted = Search(None if node is None else await followed_query(index, node), since, until)
    follows = any(True for rule in rules for _ in stories_in(rule.node))
    found = index.arrivals(wanted)
    last, done = since, 0

    def judged(documents: Iterable[Document]) -> list[T]:
        return [one for one in map(judge, documents) if one is not None]

    loop, thread = asyncio.get_running_loop(), ThreadPoolExecutor(1, "matching")  # one: it holds a connection
    try:
        while True:
            block = await loop.run_in_executor(thread, lambda: list(islice(found, BLOCK)))
            placed = await moved(index, block) if follows else block
            for one in await loop.run_in_executor(thread, judged, placed):
                yield one
            last = block[-1].relation.first_seen if block else until
            done += len(block)
            passed = max((last - since) / (until - since), 0.0) if until > since else 1.0
            looked(done, max(done, round(done / passed)) if passed else done)
            if len(block) < BLOCK:
                break
        looked(done, done)
    finally:
        thread.submit(_close, found)
        thread.shutdown(wait=True)


async def moved(index: Index, documents: Sequence[Document]) -> list[Document]:
    """The documents as if they came now: in the stories in which their articles are. Raises Unavailable."""
    lookup = Lookup(index)
    await lookup.read(document.relation.story_id for document in documents)
    return [lookup.moved(document) for document in documents]


async def first_article(index: Index, since: datetime, until: datetime) -> datetime:
    """When the first article of the index in this time was seen, to the hour before; `until` without any.

    Raises Unavailable.
    """

    async def is_there(end: datetime) -> bool:
        return (await index.search(Search(None, since, end, limit=1))).total > 0

    low, high = since, until
    if not await is_there(high):
        return until
    while high - low > timedelta(hours=1):
        middle = low + (high - low) / 2
        low, high = (low, middle) if await is_there(middle) else (middle, high)
    return low


def candidates(rules: Iterable[AlertRule]) -> Node | None:
    """A query that every article has which one of the enabled rules matches; None: any article can."""
    nodes = [rule.node for rule in rules if rule.enabled]
    if len(nodes) > SEVERAL or And(()) in nodes:
        return None
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _close(found: Iterable[Document]) -> None:
    if close := getattr(found, "close", None):
        close()
