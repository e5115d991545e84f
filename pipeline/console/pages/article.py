"""The page of an article: its text with what matched, the origin of each value, versions; and why it has a topic."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from urllib.parse import urlencode

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.console import words
from pipeline.console.asked import Asked, asked_of
from pipeline.console.marks import Mark, paragraphs
from pipeline.console.pages.kept import keeping
from pipeline.console.rendering import desk_of, is_fragment, page, person_of, titles_of
from pipeline.console.sections import N_
from pipeline.console.views.view import LONGEST_QUERY, clean
from pipeline.core.query.document_view import DocumentView
from pipeline.core.query.match import match
from pipeline.ports import Index
from pipeline.records import Document
from pipeline.reports.reasons import leaves, reasons_of
from pipeline.reports.stories import Lookup
from pipeline.reports.versions import Version, read_versions

KINDS = ("word", "evidence", "fact")  # of marks, which can be hidden
LONGEST_ID = 2_000


async def show(request: Request) -> Response:
    """The page of one version, the newest unless the address names one."""
    index = await desk_of(request).index()
    named = str(request.path_params["article"])
    versions = await versions_of(index, named)
    document = _chosen(versions, request.query_params.get("version", "")).document
    if document.article.id != named:  # it was asked for by its address
        return RedirectResponse(f"/article/{document.article.id}", 303)
    story = await Lookup(index).of(document)
    asked = asked_of(clean(request.query_params.get("q", ""))[:LONGEST_QUERY], desk_of(request))
    hidden = [kind for kind in request.query_params.getlist("hide") if kind in KINDS]
    marks = [mark for mark in _marks(document, asked) if mark[1].kind not in hidden]
    article, user = document.article, person_of(request).name
    return page(request, "article.html", {
        "kept": keeping(desk_of(request), user), "here": f"/article/{article.id}",
        "document": document, "article": article, "versions": versions, "newest": versions[-1].document, "story": story,
        "title": paragraphs(article.title.value, [mark for field, mark in marks if field == "title"]),
        "text": paragraphs(article.text, [mark for field, mark in marks if field == "text"]),
        "facts": [(facts.topic, list(leaves(facts))) for facts in document.tags.facts], "asked": asked,
        "hidden": hidden, "kinds": KINDS, "words": words, "url": _addresses(request, document, asked, hidden),
    })  # fmt: skip


async def why(request: Request) -> Response:
    """Why the article has its topics by the rules in force, or lacks the one that is named."""
    desk = desk_of(request)
    versions = await versions_of(await desk.index(), str(request.path_params["article"]))
    article, rules = versions[-1].document.article, desk.configuration().rules
    known = titles_of(request)
    topic = request.query_params.get("topic", "")
    found, refused = await asyncio.to_thread(reasons_of, article, rules, topic if topic in known else "")
    values = {
        "article": article, "reasons": found, "refused": refused, "topics": known, "topic": topic, "words": words,
        "changed": versions[-1].document.tags.rules != rules.hash,
    }  # fmt: skip
    return page(request, "_why.html" if is_fragment(request) else "why.html", values)


async def record(request: Request) -> Response:
    """The document as JSON, as it is on the log."""
    versions = await versions_of(await desk_of(request).index(), str(request.path_params["article"]))
    document = _chosen(versions, request.query_params.get("version", "")).document
    return Response(msgspec.json.format(msgspec.json.encode(document), indent=2), media_type="application/json")


async def versions_of(index: Index, named: str) -> list[Version]:
    """The versions of the article with this id or address. Raises HTTPException, Unavailable."""
    try:
        found = await read_versions(index, named) if 0 < len(named) <= LONGEST_ID else []
    except ValueError:
        found = []
    if not found:
        raise HTTPException(404, N_("There is no such article."))
    return found


def _chosen(versions: list[Version], number: str) -> Version:
    return next((one for one in versions if str(one.document.relation.version) == number), versions[-1])


def _marks(document: Document, asked: Asked) -> Iterator[tuple[str, Mark]]:
    """What is marked in title and text: words of the query, evidence of topics, facts."""
    matched = match(asked.node, DocumentView(document)) if asked.node is not None else None
    for span in matched.spans if matched else ():
        yield span.field, Mark(span.start, span.end, "word")
    for topic in document.tags.topics:
        for one in topic.evidence:
            yield one.field, Mark(one.start, one.end, "evidence", f"{topic.id}: {one.concept}")
    for facts in document.tags.facts:
        for name, stated in leaves(facts):
            yield stated.field, Mark(stated.start, stated.end, "fact", f"{name}: {stated.value}")


def _addresses(request: Request, document: Document, asked: Asked, hidden: list[str]) -> dict[str, str]:
    """For each kind of mark the address that hides it, or shows it again."""
    version = request.query_params.get("version", "")[:9]
    kept = [(name, value) for name, value in (("q", asked.text), ("version", version)) if value]

    def address(hides: set[str]) -> str:
        query = urlencode([*kept, *(("hide", kind) for kind in KINDS if kind in hides)])
        return f"/article/{document.article.id}{'?' if query else ''}{query}"

    return {kind: address({*hidden} ^ {kind}) for kind in KINDS}
