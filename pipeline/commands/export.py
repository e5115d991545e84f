"""`almenara export`: writes documents as CSV or JSON lines."""

from __future__ import annotations

import asyncio
import sys
from contextlib import ExitStack
from enum import StrEnum
from typing import Annotated, TextIO

import typer

from pipeline.assembly.deployment import Deployment, deployment_for
from pipeline.commands.arguments import CONFIG, Config, Output, Since, Until
from pipeline.commands.search import search_of
from pipeline.core.documents.export import csv_lines, json_lines
from pipeline.core.query.search import Search
from pipeline.reports.stories import followed, stories_in


class Format(StrEnum):
    """The formats of an export."""

    csv = "csv"
    jsonl = "jsonl"


def export(
    query: Annotated[str, typer.Option(help="Only documents that match this query. Default: all.")] = "",
    form: Annotated[Format, typer.Option("--format", help="csv for spreadsheets, jsonl for programs.")] = Format.jsonl,
    output: Output = None,
    since: Since = None,
    until: Until = None,
    config: Config = CONFIG,
) -> None:
    """Write documents as CSV or JSON lines.

    To standard output or a file, in the order they were read. The form is described in docs/documents.md.

    Example: almenara export --query 'topic:elections' --since 2026-03-01 --format csv -o elections.csv
    """
    wanted = search_of(query, since, until, config)
    deployment = deployment_for(config)
    asyncio.run(deployment.require_documents())
    if wanted.query is not None and any(True for _ in stories_in(wanted.query)):
        wanted = asyncio.run(_led(deployment, wanted))
    index = asyncio.run(deployment.open_index())
    everything = not query.strip() and since is None and until is None
    try:
        documents = index.scan(None if everything else wanted)
        with ExitStack() as stack:
            out: TextIO = sys.stdout
            if output:
                encoding = "utf-8-sig" if form is Format.csv else "utf-8"  # spreadsheets need the byte order mark
                out = stack.enter_context(output.open("w", encoding=encoding, newline=""))
            lines = csv_lines(documents) if form is Format.csv else (line.decode() for line in json_lines(documents))
            out.writelines(lines)
    finally:
        asyncio.run(index.close())


async def _led(deployment: Deployment, wanted: Search) -> Search:
    """The search with the stories that it names followed. Connections belong to an event loop, so all end with it."""
    index = await deployment.open_index()
    try:
        return await followed(index, wanted)
    finally:
        await index.close()
