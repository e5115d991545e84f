"""`almenara query`: explains a query."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from pipeline.assembly.deployment import Deployment, deployment_for
from pipeline.assembly.query_body import elasticsearch_body
from pipeline.assembly.result_of import result_of
from pipeline.commands.arguments import CONFIG, AsJson, Config
from pipeline.commands.search import parsed_query, plain_results, show_results
from pipeline.core.query.doubts import dead_branches, impossible
from pipeline.core.query.outline import outline, plain
from pipeline.core.query.search import Results, Search
from pipeline.core.query.sentence import sentence
from pipeline.core.query.tree import Node
from pipeline.core.query.written import to_text
from pipeline.reports.stories import followed
from pipeline.stage import Unavailable


def query(
    expression: Annotated[str, typer.Argument(help="The query, as for `search` and in alerts.toml.")],
    config: Config = CONFIG,
    limit: Annotated[int, typer.Option(min=0, max=100, help="How many articles to show.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Explain a query: how it is read, and what it finds.

    Shows it as a sentence and as a tree, warnings, the body of a search in Elasticsearch, and the first articles of the
    index that match. The language is described in docs/queries.md.

    Example: almenara query 'troops NEAR/5 congress -kind:copy'
    """
    parsed = parsed_query(expression, config)
    node = parsed.node
    reason = impossible(node)
    doubts = [f"can never match: {reason}"] if reason else list(dead_branches(node))
    try:
        body: dict[str, Any] | None = elasticsearch_body(node)
    except ValueError as error:  # nested too deep
        body, doubts = None, [*doubts, str(error)]
    results = _results(deployment_for(config), node, limit)
    if as_json:
        warnings = [{"column": w.column, "message": w.message, "hint": w.hint} for w in parsed.warnings]
        warnings += [{"column": None, "message": doubt, "hint": ""} for doubt in doubts]
        shown = {
            "query": expression, "read_as": to_text(node), "sentence": sentence(node), "warnings": warnings,
            "tree": plain(node), "elasticsearch": body, "results": results and plain_results(results),
        }  # fmt: skip
        print(json.dumps(shown, ensure_ascii=False))
        return
    for warning in (*parsed.warnings, *doubts):
        typer.echo(f"note: {warning}", err=True)
    print(sentence(node))
    print(f"read as: {to_text(node)}", "", *outline(node), sep="\n")
    print("", "in Elasticsearch:", json.dumps(body, ensure_ascii=False, indent=2), "", sep="\n")
    if results is not None:
        show_results(results, 0)


def _results(deployment: Deployment, node: Node, limit: int) -> Results | None:
    """The first articles that match; None without an index, with a note if it fails."""
    if not deployment.index.exists():
        return None

    async def find() -> Results:
        index = await deployment.open_index()
        try:
            return await index.search(await followed(index, Search(node, limit=limit)))
        finally:
            await index.close()

    try:
        return result_of(find())
    except (Unavailable, ValueError) as error:
        typer.echo(f"note: not searched: {error}", err=True)
        return None
