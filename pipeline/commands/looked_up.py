"""Looks the alert rules up in the index, for the commands that show them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import typer

from pipeline.assembly.deployment import Deployment
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.rules import AlertRule
from pipeline.core.alerts.when_sentence import when_sentence
from pipeline.core.query.sentence import sentence
from pipeline.reports.queries import Findings, look_up
from pipeline.stage import Unavailable

SECONDS = 10.0  # for all rules together
SPARE = 5.0  # seconds until an index that does not answer is left alone


def looked_up(deployment: Deployment, rules: Sequence[AlertRule]) -> Findings | None:
    """What the index says of the rules that are switched on; None without an index, with a note if it fails."""
    if not rules or not deployment.index.exists():
        return None

    async def look() -> Findings:
        index = await deployment.open_index()
        try:
            queries = {rule.name: rule.node for rule in rules if rule.enabled and rule.query}
            return await look_up(index, queries, time.monotonic, SECONDS)
        finally:
            await index.close()

    async def bounded() -> Findings:
        return await asyncio.wait_for(look(), SECONDS + SPARE)

    try:
        return asyncio.run(bounded())
    except TimeoutError:
        typer.echo("note: the index does not answer in time, so articles are not counted", err=True)
    except Unavailable as error:
        typer.echo(f"note: articles are not counted: {error}", err=True)
    return None


def matched(findings: Findings | None, rule: AlertRule) -> str:
    """How often a rule matched, as the end of its sentence; "" if that is not known."""
    if findings is None or not findings.articles or not rule.query:
        return ""
    count = findings.counts.get(rule.name)
    if count is None:
        return "not counted: switched off, or time was short" if not rule.enabled else "not counted in time"
    return f"matches {count} of {findings.articles:,} articles in the index"


def explained(rule: AlertRule, alerts: AlertSet, findings: Findings | None) -> dict[str, Any]:
    """A rule as values of JSON: what it finds, when it reports, how often it is in the index (null: not counted), and
    warnings."""
    count = findings.counts.get(rule.name) if findings else None
    return {
        "name": rule.name, "query": rule.query, "sentence": asks(rule),
        "when": when_sentence(rule, alerts.reader, alerts.channels),
        "articles": count and count.articles, "exact": count.exact if count else None,
        "warnings": findings.warnings.get(rule.name, []) if findings else [],
    }  # fmt: skip


def asks(rule: AlertRule) -> str:
    """What a rule finds, in words."""
    return sentence(rule.node) if rule.query else "all articles"


def print_rules(alerts: AlertSet, findings: Findings | None) -> None:
    """Print what each rule finds, how often in the index, when it reports, and its warnings from the index."""
    for rule in alerts.rules:
        count = matched(findings, rule)
        off = "" if rule.enabled else " (off)"
        print(f"{rule.name}{off}: {asks(rule)}" + (f" ({count})" if count else ""))
        print(f"    {when_sentence(rule, alerts.reader, alerts.channels)}")
        for warning in findings.warnings.get(rule.name, ()) if findings else ():
            typer.echo(f'note: alert "{rule.name}": {warning}', err=True)
