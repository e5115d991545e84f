"""The page Search: a query with its sentence, filters with counts, a histogram, hits, exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pipeline.console import words
from pipeline.console.asked import Asked, asked_of
from pipeline.console.atom_links import feed_of
from pipeline.console.charts.histogram import Column, histogram
from pipeline.console.chips import chips_of, choices_of, shown
from pipeline.console.follow import Change, Cursor
from pipeline.console.newly import Judge
from pipeline.console.pages.kept import keeping
from pipeline.console.rendering import desk_of, is_fragment, page, person_of, reader_for, titles_of
from pipeline.console.views.kinds import SEARCH
from pipeline.console.views.view import LONGEST_QUERY, View, clean, parse
from pipeline.core.documents.export import csv_lines, json_lines
from pipeline.core.documents.fields import plain_about
from pipeline.core.query.search import Intervals, Results, Search
from pipeline.core.query.tree import And, Equal, Node, Or
from pipeline.core.query.written import to_text
from pipeline.core.wording import words_of
from pipeline.ports import Index
from pipeline.records import Document
from pipeline.reports.completion import completions, field_at_end
from pipeline.reports.over_time import Stretch, intervals, stretches
from pipeline.reports.stories import followed

PAGE = 20
CLOSER = timedelta(days=10)  # a shorter time is shown in hours, not in days
FORMS = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
CHUNK = 100  # documents of an export that are sent together


async def show(request: Request) -> Response:
    """The page; for a script only the hits, so that it can add more."""
    view, asked = read(request)
    desk = desk_of(request)
    results, columns = Results(0, (), {}), list[Stretch]()
    error = ""
    if asked.error is None:
        search = _search(request, view, asked)
        index = await desk.index()
        try:
            results = await index.search(await followed(index, search))
            columns = await _columns(request, view, search, results)
        except ValueError as refused:  # the page is too deep
            error = words_of(refused)
    values = _values(request, view, asked, results, columns) | {"error": error}
    return page(request, "_hits.html" if is_fragment(request) else "search.html", values)


def newly(request: Request, made: Cursor) -> Judge:
    """The articles that the search would find, new or changed since."""
    view, asked = read(request)

    async def judge(documents: Sequence[Document], _: Sequence[Change]) -> Mapping[str, bool]:
        ids = dict.fromkeys(one.article.id for one in documents if not one.relation.noted)
        if asked.error is not None or not ids:
            return {}
        search = _search(request, view, asked)
        among = Or(tuple(Equal("id", id) for id in ids))
        query = among if search.query is None else And((search.query, among))
        limits = replace(search, query=query, sort="time", limit=len(ids), offset=0, facets=(), over_time=None)
        index = await desk_of(request).index()
        found = await index.search(await followed(index, limits))
        new = {hit.document.article.id for hit in found.hits if hit.document.relation.seq > made.seq}
        return {id: id in new for id in ids}

    return judge


async def complete(request: Request) -> Response:
    """Ways to go on with a query, and what it says so far."""
    text = request.query_params.get("q", "")[:LONGEST_QUERY]
    desk = desk_of(request)
    found, field = await completions(await desk.index(), text), field_at_end(text)
    about = plain_about(field) if field else ""
    values = {"found": found, "asked": asked_of(clean(text), desk), "field": field, "about": about}
    return page(request, "_completions.html", values)


async def export(request: Request) -> Response:
    """All hits as CSV or JSON lines, sent while they are read."""
    view, asked = read(request)
    if asked.error is not None:
        raise HTTPException(400, asked.error)
    index = await desk_of(request).index()
    wanted = await followed(index, replace(_search(request, view, asked), over_time=None, facets=()))
    form = str(request.path_params["form"])
    if form not in FORMS:
        raise HTTPException(404)
    return exported(index, wanted, form)


def exported(index: Index, wanted: Search, form: str) -> Response:
    """All hits in one of FORMS, sent while they are read."""
    documents = index.scan(wanted)
    lines = (line.encode() for line in csv_lines(documents, bom=True)) if form == "csv" else json_lines(documents)
    chunks = iter(lambda: b"".join(islice(lines, CHUNK)), b"")
    disposition = f'attachment; filename="almenara-search.{form}"'
    return StreamingResponse(chunks, media_type=FORMS[form], headers={"Content-Disposition": disposition})


def read(request: Request) -> tuple[View, Asked]:
    """The view that the address asks for, and its query."""
    view = parse(SEARCH, request.query_params.multi_items(), reader_for(request).tz)
    return view, asked_of(view.query, desk_of(request))


def _search(request: Request, view: View, asked: Asked) -> Search:
    now = desk_of(request).clock()
    since = view.start(now)
    return Search(
        narrowed(asked.node, view), since, view.until, view.sort, PAGE, (view.page - 1) * PAGE, view.kind.filters,
        _intervals(request, since, min(view.until or now, now)),
    )  # fmt: skip


def narrowed(node: Node | None, view: View) -> Node | None:
    """The query with the filters of the view."""
    parts = [node] if node is not None else []
    for name, values in view.where:
        equal = tuple(Equal(name, value) for value in values)
        parts.append(Or(equal) if len(equal) > 1 else equal[0])
    return And(tuple(parts)) if len(parts) > 1 else parts[0] if parts else None


async def _columns(request: Request, view: View, search: Search, results: Results) -> list[Stretch]:
    """The columns of the histogram. Hits of a few days of all time are counted once more, in shorter intervals."""
    desk, counts = desk_of(request), results.over_time
    end = min(view.until or desk.clock(), desk.clock())
    if search.since is None and counts and end - min(counts) < CLOSER:
        search = replace(search, since=min(counts), over_time=_intervals(request, min(counts), end))
        index = await desk.index()
        counts = (await index.search(await followed(index, replace(search, limit=0, offset=0, facets=())))).over_time
    assert search.over_time is not None
    return stretches(counts, search.over_time, search.since, end)


def _intervals(request: Request, since: datetime | None, until: datetime) -> Intervals:
    zone = reader_for(request).tz
    return intervals(since, until, until.astimezone(zone).utcoffset() or timedelta(0))


def _values(request: Request, view: View, asked: Asked, results: Results, columns: list[Stretch]) -> dict[str, Any]:
    desk, reader, user = desk_of(request), reader_for(request), person_of(request).name
    named = {"topic": titles_of(request)}
    node = narrowed(asked.node, view)
    labels = [reader.moment(one.begin) for one in columns]
    return {
        "view": view, "asked": asked, "results": results, "words": words, "offset": (view.page - 1) * PAGE,
        "shown": partial(shown, names=named, reader=reader), "chips_in_force": chips_of(view, named, reader),
        "choices": choices_of(view, results.facets), "columns": list(zip(labels, columns, strict=True)),
        "histogram": histogram([
            Column(label, one.count, view.within(one.begin, one.end).url)
            for label, one in zip(labels, columns, strict=True)
        ]),
        "more": view.on_page(view.page + 1) if results.hits and view.page * PAGE < results.total else None,
        "alert": to_text(node) if node is not None else "",
        "views": list(desk.kept.of(user, "view").values()), "kept": keeping(desk, user), "here": view.url,
        "feed": "" if asked.error else feed_of("search", view.text),
    }  # fmt: skip
