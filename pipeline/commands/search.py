"""`almenara search` and `almenara export`: the index, for people and for programs."""

from __future__ import annotations

import asyncio
import json as json_format
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import typer
from rich.console import Console
from rich.text import Text

from pipeline.assembly.backends import clock, load_for, open_index
from pipeline.core.documents.export import csv_lines, json_lines
from pipeline.core.documents.flat import flat
from pipeline.core.query.parse import QueryError, parse
from pipeline.core.query.snippets import CLOSE, OPEN
from pipeline.ports import Hit, Results, Search

FACETS = ("topic", "source", "language", "country", "day")
FACET_ROWS = 8


def search(
    config: Path, query: str, *, since: datetime | None, until: datetime | None, sort: str, limit: int, offset: int,
    facets: bool, as_json: bool,
) -> None:  # fmt: skip
    """Print what matches. Exit code 1 for a query that means nothing."""
    wanted = understand(query, since, until, sort=sort, limit=limit, offset=offset, facets=FACETS if facets else ())
    settings = load_for(config)

    async def find() -> Results:
        index = await open_index(settings, write=False)
        try:
            return await index.search(wanted)
        finally:
            await index.close()

    try:
        results = asyncio.run(find())
    except ValueError as error:  # a page too deep
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if as_json:
        hits = [flat(hit.document) | {"score": hit.score, "snippet": hit.snippet} for hit in results.hits]
        answer = {
            "total": results.total, "exact": results.exact, "missing": results.missing, "hits": hits,
            "facets": {name: dict(counts) for name, counts in results.facets.items()},
        }  # fmt: skip
        print(json_format.dumps(answer, ensure_ascii=False))
    else:
        _show(results, offset)


def understand(
    query: str, since: datetime | None, until: datetime | None, *, sort: str = "time", limit: int = 20, offset: int = 0,
    facets: tuple[str, ...] = (),
) -> Search:  # fmt: skip
    """The search that was asked for; warnings go to standard error. Exit code 1 for a query that means nothing."""
    node = None
    if query.strip():
        try:
            parsed = parse(query, now=clock())
        except QueryError as error:
            typer.echo(f"{query}\n{' ' * (error.column - 1)}^ {error}", err=True)
            raise typer.Exit(1) from None
        for warning in parsed.warnings:
            typer.echo(f"note: {warning}", err=True)
        node = parsed.node
    return Search(node, _utc(since), _utc(until), sort, limit, offset, facets)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _show(results: Results, offset: int) -> None:
    console = Console(highlight=False)
    for number, hit in enumerate(results.hits, offset + 1):
        console.print(_line(number, hit), soft_wrap=True)
    shown = f"{offset + 1} to {offset + len(results.hits)} of " if results.hits else ""
    total = str(results.total) if results.exact else f"at most {results.total}"
    console.print(f"{shown}{total} found", style="bold")
    if results.missing:
        console.print(f"{results.missing} documents are still being indexed and were not searched", style="yellow")
    for name, counts in results.facets.items():
        rows = ", ".join(f"{value} {n}" for value, n in list(counts.items())[:FACET_ROWS])
        console.print(Text.assemble((f"{name}: ", "bold"), rows), soft_wrap=True)


def _line(number: int, hit: Hit) -> Text:
    article, relation = hit.document.article, hit.document.relation
    text = Text.assemble((f"{number}. ", "dim"), _marked(hit.title, "bold"), "\n   ")
    notes = [article.source, f"{relation.first_seen:%Y-%m-%d %H:%M}", article.language or "?"]
    notes += [topic.id for topic in hit.document.tags.topics]
    if relation.duplicate_of:
        notes.append("copy")
    if relation.version > 1:
        notes.append(f"version {relation.version}")
    text.append(" · ".join(notes) + "\n   ", "dim")
    return text + _marked(hit.snippet, "") + Text(f"\n   {article.url}\n", "blue")


def _marked(snippet: str, style: str) -> Text:
    """The snippet with its matched words emphasised."""
    text = Text(style=style)
    for piece in snippet.replace("\n", " ").split(OPEN):
        found, mark, rest = piece.partition(CLOSE)
        text.append(found, "bold yellow" if mark else "")
        text.append(rest)
    return text


def export(
    config: Path, query: str, form: str, output: Path | None, *, since: datetime | None, until: datetime | None
) -> None:
    """Write the documents out, without holding them all in memory."""
    wanted = understand(query, since, until)
    index = asyncio.run(open_index(load_for(config), write=False))
    everything = not query.strip() and since is None and until is None
    try:
        documents = index.scan(None if everything else wanted)
        with ExitStack() as stack:
            out: TextIO = sys.stdout
            if output:
                out = stack.enter_context(
                    output.open("w", encoding="utf-8-sig" if form == "csv" else "utf-8", newline="")
                )
            lines = csv_lines(documents) if form == "csv" else (line.decode() for line in json_lines(documents))
            out.writelines(lines)
    finally:
        asyncio.run(index.close())
