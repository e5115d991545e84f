"""The pages of topics: what each found, in which languages it can, and near misses."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pipeline.console.atom_links import feed_of
from pipeline.console.charts.spark import sparkline
from pipeline.console.daily import BACK, counted, daily
from pipeline.console.language import Reader
from pipeline.console.rendering import desk_of, is_fragment, page, reader_for, title_of
from pipeline.console.sections import N_
from pipeline.core.query.search import Search
from pipeline.core.query.tree import Equal, Not
from pipeline.core.topics.rules import TopicRule
from pipeline.ports import Index
from pipeline.reports.near_misses import near_misses

FOUND = 20  # articles of a topic that are shown
TRIED = 80  # newest articles without the topic that are judged again for near misses
DENIALS = {"past": N_("the event is of an earlier year"), "own forces": N_("the forces are the country's own")}


async def show(request: Request) -> Response:
    """Every topic with how much it found."""
    desk, reader = desk_of(request), reader_for(request)
    index, since = await desk.index(), desk.clock() - BACK
    rules = desk.configuration().rules.rules.topics
    counted = (await index.search(Search(None, since, limit=0, facets=("topic",)))).facets["topic"]
    rows = [(rule, title_of(rule, reader), counted.get(rule.id, 0)) for rule in rules]
    rows.sort(key=lambda row: (-row[2], row[1]))
    return page(request, "topics.html", {
        "rows": rows, "curves": {rule.id: await _curve(index, rule.id, reader) for rule, _, n in rows if n},
        "sparkline": sparkline, "days": BACK.days, "unknown": {
            name: n for name, n in counted.items() if name not in {rule.id for rule in rules}
        },
    })  # fmt: skip


async def _curve(index: Index, topic: str, reader: Reader) -> list[int]:
    return [one.count for one in await counted(index, Equal("topic", topic), reader)]


async def show_one(request: Request) -> Response:
    """The newest articles of a topic and its languages; near misses are looked for when they are asked for."""
    rule = rule_of(request)
    index = await desk_of(request).index()
    if is_fragment(request) or request.query_params.get("near") == "1":
        return await _near(request, rule)
    return page(request, "topic.html", await _one(request, index, rule))


async def _one(request: Request, index: Index, rule: TopicRule) -> dict[str, Any]:
    asked, reader = Equal("topic", rule.id), reader_for(request)
    results = await index.search(Search(asked, sort="time", limit=FOUND, facets=("language", "country")))
    found = results.facets["language"]
    by_count = sorted(rule.languages, key=lambda code: (-found.get(code, 0), code))
    return {
        "rule": rule, "title": title_of(rule, reader), "by_day": await daily(index, asked, reader), "days": BACK.days,
        "feed": feed_of(f"topics/{rule.id}"), "results": results, "misses": None,
        "tried": TRIED, "denials": DENIALS, "spoken": [(code, found.get(code, 0)) for code in by_count],
    }  # fmt: skip


async def _near(request: Request, rule: TopicRule) -> Response:
    """Judge the newest articles without the topic again, in a thread."""
    desk = desk_of(request)
    index, rules = await desk.index(), desk.configuration().rules
    others = await index.search(Search(Not(Equal("topic", rule.id)), sort="time", limit=TRIED))
    documents = [hit.document for hit in others.hits]
    misses = await asyncio.to_thread(near_misses, documents, rules, rule.id)
    if is_fragment(request):
        return page(request, "_near.html", {"misses": misses, "tried": TRIED, "denials": DENIALS, "rule": rule})
    return page(request, "topic.html", {**await _one(request, index, rule), "misses": misses})


def rule_of(request: Request) -> TopicRule:
    """The topic at the path. Raises HTTPException if it does not exist."""
    rules, named = desk_of(request).configuration().rules, str(request.path_params["topic"])
    try:
        return rules.rule(named)
    except KeyError:
        raise HTTPException(404, N_("There is no such topic.")) from None
