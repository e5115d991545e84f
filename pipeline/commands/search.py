"""`almenara search`: searches the indexed articles."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from pipeline.assembly.backends import clock
from pipeline.assembly.deployment import deployment_for
from pipeline.assembly.result_of import result_of
from pipeline.commands import CommandError
from pipeline.commands.arguments import CONFIG, AsJson, Config, Since, Until
from pipeline.config.folder import lists_of
from pipeline.core.documents.fields import FACETS
from pipeline.core.documents.flat import flat
from pipeline.core.query.parse import Parsed, parse
from pipeline.core.query.remarks import QueryError
from pipeline.core.query.search import Hit, Results, Search
from pipeline.core.query.snippets import CLOSE, OPEN
from pipeline.reports.stories import followed

FACET_ROWS = 8


class Sort(StrEnum):
    """Orders of hits."""

    relevance = "relevance"
    time = "time"


def search(
    query: Annotated[
        str, typer.Argument(help='What to find, for example `"foreign troops"~5 topic:foreign-troop-authorization`.')
    ] = "",
    config: Config = CONFIG,
    since: Since = None,
    until: Until = None,
    sort: Annotated[Sort, typer.Option(help="Best hits first, or newest first.")] = Sort.relevance,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many hits to show.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="How many hits to skip.")] = 0,
    facets: Annotated[bool, typer.Option("--facets", help=f"Count by {', '.join(FACETS)}.")] = False,
    as_json: AsJson = False,
) -> None:
    """Search the articles that were read.

    The query language is described in docs/queries.md; alerts use the same one.

    Example: almenara search '"foreign troops"~5 country:PE' --since 2026-03-01 --facets
    """
    counted = tuple(FACETS) if facets else ()
    wanted = search_of(query, since, until, config, sort=sort.value, limit=limit, offset=offset, facets=counted)
    deployment = deployment_for(config)

    async def find() -> Results:
        index = await deployment.open_index()
        try:
            results = await index.search(await followed(index, wanted))
        finally:
            await index.close()
        if not results.total:
            await deployment.require_documents()
        return results

    try:
        results = result_of(find())
    except ValueError as error:  # the page is too deep
        raise CommandError(str(error)) from None
    if as_json:
        print(json.dumps(plain_results(results), ensure_ascii=False))
    else:
        show_results(results, offset)


def plain_results(results: Results) -> dict[str, Any]:
    """The results as values of JSON."""
    hits = [flat(hit.document) | {"score": hit.score, "snippet": hit.snippet} for hit in results.hits]
    return {
        "total": results.total, "exact": results.exact, "missing": results.missing, "hits": hits,
        "facets": {name: dict(counts) for name, counts in results.facets.items()},
    }  # fmt: skip


def search_of(
    query: str, since: datetime | None, until: datetime | None, config: Path, *, sort: str = "time", limit: int = 20,
    offset: int = 0, facets: tuple[str, ...] = (),
) -> Search:  # fmt: skip
    """Parse the query; warnings go to standard error. Raises CommandError, showing the column, for an invalid one."""
    node = None
    if query.strip():
        parsed = parsed_query(query, config)
        for warning in parsed.warnings:
            typer.echo(f"note: {warning}", err=True)
        node = parsed.node
    return Search(node, _utc(since), _utc(until), sort, limit, offset, facets)


def parsed_query(query: str, config: Path) -> Parsed:
    """The query with its warnings. Raises CommandError, showing the column, for an invalid one."""
    try:
        return parse(query, now=clock(), lists=lists_of(config) if "@" in query else None)
    except QueryError as error:
        raise CommandError(f"{query}\n{' ' * (error.column - 1)}^ {error}") from None


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def show_results(results: Results, offset: int) -> None:
    """Print the results; `offset` of them came before."""
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
    if relation.removed_at:
        notes.append(f"removed {relation.removed_at:%Y-%m-%d} ({relation.removed})")
    text.append(" · ".join(notes) + "\n   ", "dim")
    return text + _marked(hit.snippet, "") + Text(f"\n   {article.url}\n", "blue")


def _marked(snippet: str, style: str) -> Text:
    """The snippet with its matched words highlighted."""
    text = Text(style=style)
    for piece in snippet.replace("\n", " ").split(OPEN):
        found, mark, rest = piece.partition(CLOSE)
        text.append(found, "bold yellow" if mark else "")
        text.append(rest)
    return text
