"""Reads one alert rule by itself: as it is in force, from another file, or with another query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.config.folder import lists_of
from pipeline.config.read_settings import check_exists
from pipeline.config.read_toml import read_toml
from pipeline.core.alerts.firing import AlertSet
from pipeline.core.alerts.read_rules import parse_alerts
from pipeline.core.faults import Fault, Faults, did_you_mean
from pipeline.core.toml_reader import TomlFile

DRAFT = "draft"  # name of a rule that is only a query


def tested_rule(folder: Path, name: str, file: Path | None, query: str) -> tuple[AlertSet, AlertSet | None]:
    """The rule to try, and the one in force to compare it with, if it is another. Each set has only that rule.

    `name`: name or id of a rule; "": a new one. `file`: has the rule to try; None: alerts.toml. `query`: instead of
    that of the rule; "": its own. Raises Faults.
    """
    check_exists(folder)
    ours = _toml(folder / "alerts.toml")
    source = read_toml(file) if file else ours
    table = _table(source, name) if name else {"name": DRAFT}
    if not name and not query:
        raise Faults((Fault("", "", "name a rule, or give a query with --query"),))
    draft = table | ({"query": query} if query else {})
    tested = _alone(source, draft, folder, "--query" if query else source.name)
    if not file and not query:
        return tested, None
    known = [one for one in _tables(ours) if _is(one, str(table.get("id", name))) or _is(one, name)] if name else []
    return tested, _alone(ours, known[0], folder, ours.name) if known else None


def _toml(file: Path) -> TomlFile:
    return read_toml(file) if file.exists() else TomlFile(file.name, {})


def _tables(file: TomlFile) -> list[Mapping[str, Any]]:
    tables = file.data.get("alert")
    return [table for table in tables if isinstance(table, dict)] if isinstance(tables, list) else []


def _is(table: Mapping[str, Any], name: str) -> bool:
    """Whether the table is of the rule with this id or name."""
    return name.casefold() in {str(table[key]).casefold() for key in ("id", "name") if key in table}


def _table(file: TomlFile, name: str) -> dict[str, Any]:
    found = [table for table in _tables(file) if _is(table, name)]
    if found:
        return dict(found[0])
    names = [str(table["name"]) for table in _tables(file) if "name" in table]
    hint = did_you_mean(name, names, f"rules: {', '.join(names[:20])}" if names else "the file has no rules")
    raise Faults((Fault(file.name, "alert", f"there is no rule {name!r}", hint),))


def _alone(file: TomlFile, table: Mapping[str, Any], folder: Path, called: str) -> AlertSet:
    """The set with only the rule of `table`, switched on."""
    channels = file.data.get("channels") or {"terminal": {"type": "terminal"}}
    whole = {"channels": list(channels)[:1], **table}
    data = {**file.data, "channels": channels, "alert": [whole]}
    alerts, _ = parse_alerts(TomlFile(called, data), lists=lists_of(folder))
    return AlertSet([replace(rule, enabled=True) for rule in alerts.rules], alerts.channels, alerts.reader)
